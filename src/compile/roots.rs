//! Where the inputs lie on this machine: beside the graph, never in it.

use std::path::{Path, PathBuf};

use crate::source::git::Repository;

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
    let (root, rest) = root_of(roots, file)?;
    Some(if rest.is_empty() || root.is_file() { root.to_owned() } else { root.join(rest) })
}

/// The bytes of a file of the graph as they lie there now, or, in a repository, as they were at a
/// commit.
pub fn read(roots: &[(String, PathBuf)], file: &str, commit: Option<&str>) -> Option<Vec<u8>> {
    let (root, rest) = root_of(roots, file)?;
    match commit {
        Some(commit) => Repository::open(root)?.bytes_at(commit, rest),
        None => std::fs::read(locate(roots, file)?).ok(),
    }
}

/// The input that a file is of, and the path in it.
fn root_of<'a>(roots: &'a [(String, PathBuf)], file: &'a str) -> Option<(&'a Path, &'a str)> {
    let root = roots.iter().filter(|(name, _)| {
        file.strip_prefix(name.as_str())
            .is_some_and(|rest| name.is_empty() || rest.is_empty() || rest.starts_with('/'))
    });
    let (name, path) = root.max_by_key(|(name, _)| name.len())?;
    Some((path, file[name.len()..].trim_start_matches('/')))
}
