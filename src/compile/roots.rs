//! Where the inputs lie on this machine: beside the graph, never in it.

use std::path::PathBuf;

/// The file beside the store that says it.
pub const FILE: &str = "roots.json";

/// The inputs' names and absolute paths.
pub fn to_json(roots: &[(String, PathBuf)]) -> Vec<u8> {
    let absolute = |path: &PathBuf| std::fs::canonicalize(path).unwrap_or_else(|_| path.clone());
    let roots: Vec<(&str, PathBuf)> =
        roots.iter().map(|(name, path)| (name.as_str(), absolute(path))).collect();
    serde_json::to_vec_pretty(&roots).expect("names and paths are JSON")
}

/// Where a file of the graph lies, by the inputs' names.
pub fn locate(roots: &[(String, PathBuf)], file: &str) -> Option<PathBuf> {
    let root = roots.iter().filter(|(name, _)| {
        file.strip_prefix(name.as_str())
            .is_some_and(|rest| name.is_empty() || rest.is_empty() || rest.starts_with('/'))
    });
    let (name, path) = root.max_by_key(|(name, _)| name.len())?;
    let rest = file[name.len()..].trim_start_matches('/');
    Some(if rest.is_empty() || path.is_file() { path.clone() } else { path.join(rest) })
}
