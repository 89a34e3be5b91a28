//! Real pages, where the shared corpus lies beside the checkout. Without it these tests say so and
//! pass.

use std::io::Write;
use std::path::{Path, PathBuf};

use stemma::compile::{self, Compilation, Options};
use stemma::store::Snapshot;

use crate::page;

fn shared() -> Option<PathBuf> {
    let shared = PathBuf::from("../shared");
    if shared.is_dir() {
        return Some(shared);
    }
    // Not `eprintln!`, which a passing test keeps to itself.
    let note = b"skipped: the shared corpus is not beside the checkout\n";
    std::io::stderr().write_all(note).expect("standard error can be written to");
    None
}

fn compiled(input: &Path) -> (tempfile::TempDir, Snapshot, Compilation) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let out = folder.path().join("graph");
    let options = Options::new(out.clone());
    let compilation = compile::compile(&[input.to_owned()], &options).expect("the input compiles");
    let snapshot = Snapshot::open(&out).expect("the graph can be opened");
    (folder, snapshot, compilation)
}

fn rows(snapshot: &Snapshot, query: &str, parameters: &[&str]) -> Vec<String> {
    let answer = page::saved(snapshot, query, parameters).expect("the query is answered");
    let text = page::csv(answer).expect("the answer can be read");
    text.lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn the_seeds_say_what_their_pages_say() {
    if shared().is_none() {
        return;
    }
    let (_folder, snapshot, compilation) = compiled(Path::new("tests/seeds"));
    let count = |query: &str| rows(&snapshot, query, &[]).len();

    // Two translations of a source that is nowhere at hand meet in one node.
    let translations = rows(&snapshot, "T02", &["hash=70a3c881c2f68aacdeac00e615f3d09ed90c9f1e"]);
    assert_eq!(translations.len(), 2, "{translations:?}");
    assert!(translations.iter().all(|row| row.ends_with("Declared")), "{translations:?}");

    assert_eq!(count("T05"), 10, "the Dutch page of 2021 has ten units");
    assert_eq!(count("T07"), 2, "two targets changed their English label");
    assert_eq!(count("T08"), 2, "two sources are declared only");
    assert_eq!(rows(&snapshot, "T09", &[]).len(), 1);
    assert!(rows(&snapshot, "T09", &[])[0].contains("ge√Ødentificeerd"));
    assert_eq!(count("A02"), 3, "three current pages name the United States");
    assert_eq!(count("A09"), 1, "one page says anonymised");
    assert_eq!(count("A10"), 1, "the Swedish and the Dutch sentence stand side by side");

    let divergent = rows(&snapshot, "A03", &[]);
    assert_eq!(divergent.len(), 1, "{divergent:?}");
    assert!(divergent[0].contains("sv-SE") && divergent[0].contains("anonymized"), "{divergent:?}");

    let says: Vec<String> = rows(&snapshot, "A06", &[])
        .iter()
        .map(|row| row.rsplit(',').next().unwrap_or("").to_owned())
        .collect();
    assert_eq!(says, ["true", "false", "true"]);

    let codes: Vec<&str> =
        compilation.diagnostics.iter().map(|diagnostic| diagnostic.code.name()).collect();
    let mut codes: Vec<&str> = codes.into_iter().filter(|code| *code != "commit-differs").collect();
    codes.sort_unstable();
    let expected = [
        "claim-differs",
        "mojibake",
        "product-name-translated",
        "source-not-in-inputs",
        "source-not-in-inputs",
        "term-misspelt",
    ];
    assert_eq!(codes, expected);
}

#[test]
fn no_file_of_the_broken_ones_is_dropped() {
    let Some(shared) = shared() else { return };
    let (_folder, _, compilation) = compiled(&shared.join("corpus/nasty"));
    let count = |name: &str| {
        compilation.summary.counts.iter().find(|(known, _)| *known == name).map_or(0, |(_, n)| *n)
    };
    assert_eq!(count("files"), count("pages read") + count("configuration") + count("resources"));
}
