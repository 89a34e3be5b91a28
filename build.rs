//! Lists the files of the folders that are open to additions, so that a new language or question is
//! a new file and nothing else.

use std::fmt::Write as _;
use std::path::Path;
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
        let dir = Path::new(&root).join(folder);
        let mut files: Vec<_> = fs::read_dir(&dir)
            .unwrap_or_else(|error| panic!("{}: {error}", dir.display()))
            .map(|entry| entry.expect("a folder that could be opened can be read").path())
            .filter(|path| path.extension().is_some_and(|found| found == *ending))
            .collect();
        files.sort();
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
}
