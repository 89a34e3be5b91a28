//! ARCHITECTURE.md and the order of the layers, held to the code.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(".")
}

/// The modules of `lib.rs`, lowest first.
fn layers() -> Vec<String> {
    let text = fs::read_to_string(root().join("src/lib.rs")).expect("lib.rs can be read");
    let modules = text.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    modules.map(str::to_owned).collect()
}

/// Every Rust file below `src` with its text, tests left out.
fn sources() -> BTreeMap<PathBuf, String> {
    let files = walkdir::WalkDir::new(root().join("src"))
        .into_iter()
        .map(|entry| entry.expect("src can be listed"));
    files
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "rs"))
        .filter(|entry| entry.file_name() != "tests.rs")
        .map(|entry| {
            let text = fs::read_to_string(entry.path()).expect("a source can be read");
            (entry.path().strip_prefix(root().join("src")).expect("below src").to_owned(), text)
        })
        .collect()
}

#[test]
fn a_module_uses_only_those_before_it() {
    let layers = layers();
    let rank = |module: &str| layers.iter().position(|layer| layer == module);
    let mut upward = Vec::new();
    for (path, text) in sources() {
        let first = path
            .components()
            .next()
            .expect("a path has a part")
            .as_os_str()
            .to_string_lossy()
            .into_owned();
        let Some(own) = rank(first.trim_end_matches(".rs")) else { continue };
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            for used in line.split("crate::").skip(1) {
                let module: String =
                    used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if rank(&module).is_some_and(|used| used > own) {
                    upward.push(format!("{}: {}", path.display(), line.trim()));
                }
            }
        }
    }
    assert!(upward.is_empty(), "these look up in the order of lib.rs:\n{}", upward.join("\n"));
}

#[test]
fn rdf_is_known_from_vocab_upwards_and_the_store_to_store_alone() {
    let layers = layers();
    let vocab = layers.iter().position(|layer| layer == "vocab").expect("there is a vocab");
    for (path, text) in sources() {
        let first = path
            .components()
            .next()
            .expect("a path has a part")
            .as_os_str()
            .to_string_lossy()
            .into_owned();
        let module = first.trim_end_matches(".rs");
        let below = layers.iter().position(|layer| layer == module).is_some_and(|own| own < vocab);
        assert!(
            !(below && text.contains("oxigraph")),
            "{} lies below vocab and knows RDF",
            path.display()
        );
        assert!(
            module == "store" || !text.contains("oxigraph::store"),
            "{} knows the store",
            path.display()
        );
    }
}

#[test]
fn every_module_has_its_paragraph_and_every_paragraph_its_module() {
    let text =
        fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md can be read");
    let described: Vec<String> = text
        .lines()
        .filter_map(|line| Some(line.strip_prefix("### `")?.strip_suffix('`')?.to_owned()))
        .collect();
    assert_eq!(described, layers(), "the code map lists the modules of lib.rs, in their order");
}

#[test]
fn every_dependency_is_justified() {
    let text =
        fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md can be read");
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml can be read");
    let section = manifest.split("[dependencies]").nth(1).expect("there are dependencies");
    let section = section.split("\n[").next().expect("a section has a text");
    for name in section.lines().filter_map(|line| Some(line.split_once(" = ")?.0)) {
        assert!(
            text.contains(&format!("`{name}`")),
            "ARCHITECTURE.md gives no reason for `{name}`"
        );
    }
}

#[test]
fn names_in_backticks_exist() {
    let text =
        fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md can be read");
    let code: String = sources().into_values().collect();
    let map = text
        .split("## Code map")
        .nth(1)
        .expect("there is a code map")
        .split("\n## ")
        .next()
        .expect("a section");
    for name in map.split('`').skip(1).step_by(2) {
        let is_type = name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.chars().all(char::is_alphanumeric);
        assert!(
            !is_type || code.contains(name),
            "ARCHITECTURE.md names `{name}`, which is nowhere in src"
        );
    }
}
