//! Lists the files of the folders that are open to additions, so that a new language or question is
//! a new file and nothing else; and gives the sources a digest, so that a graph can be told from one
//! that another build made.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Name of the list, folder, ending of its files.
const FOLDERS: &[(&str, &str, &str)] =
    &[("languages", "data/languages", "yaml"), ("queries", "queries", "rq")];

fn main() {
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo names the folder of the package");
    let out = env::var("OUT_DIR").expect("cargo names a folder for what is generated");
    println!("cargo::rerun-if-changed=build.rs");
    for (list, folder, ending) in FOLDERS {
        println!("cargo::rerun-if-changed={folder}");
        let mut files = entries(&Path::new(&root).join(folder));
        files.retain(|path| path.extension().is_some_and(|found| found == *ending));
        let mut text = String::from("&[\n");
        for path in files {
            let name = path.file_stem().expect("a file with an ending has a stem");
            let name = name.to_str().expect("names of data files are UTF-8");
            writeln!(text, "    ({name:?}, include_str!({path:?})),").expect("writing to a string");
        }
        text.push_str("]\n");
        let target = Path::new(&out).join(format!("{list}.rs"));
        fs::write(&target, text).unwrap_or_else(|error| panic!("{}: {error}", target.display()));
    }
    let mut digest = DefaultHasher::new();
    for part in SOURCES {
        println!("cargo::rerun-if-changed={part}");
        add(&Path::new(&root).join(part), &mut digest);
    }
    println!("cargo::rustc-env=STEMMA_BUILD={:016x}", digest.finish());
}

/// What decides what the program does, beside the facts, which have a digest of their own.
const SOURCES: &[&str] = &["src", "ontology", "Cargo.lock"];

fn add(path: &Path, digest: &mut DefaultHasher) {
    if path.is_dir() {
        entries(path).iter().for_each(|entry| add(entry, digest));
    } else {
        digest.write(&fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())));
    }
}

/// What a folder holds, in the order of the names.
fn entries(dir: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(dir)
        .unwrap_or_else(|error| panic!("{}: {error}", dir.display()))
        .map(|entry| entry.expect("a folder that could be opened can be read").path())
        .collect();
    entries.sort();
    entries
}
