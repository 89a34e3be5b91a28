//! The same input makes the same graph, byte for byte, however it is read.

use std::fs;
use std::num::NonZero;
use std::path::PathBuf;

use stemma::compile::{self, Options};
use stemma::store::{LoadOptions, Snapshot};

/// Every statement of the graph of these inputs, as sorted lines of N-Quads.
fn lines(inputs: &[PathBuf], threads: usize) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let out = folder.path().join("graph");
    let load = LoadOptions { threads, memory_mb: 16 };
    let options = Options { load, ..Options::new(out.clone()) };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("threads can be started");
    pool.install(|| compile::compile(inputs, &options)).expect("the input compiles");
    let snapshot = Snapshot::open(&out).expect("the graph can be opened");
    let mut lines: Vec<String> =
        snapshot.quads().map(|quad| quad.expect("the graph can be read").to_string()).collect();
    lines.sort_unstable();
    lines
}

fn assert_same(one: &[String], other: &[String]) {
    assert_eq!(one.len(), other.len());
    let different = one.iter().zip(other).find(|(one, other)| one != other);
    assert_eq!(different, None);
}

fn sample() -> PathBuf {
    PathBuf::from("data/sample")
}

/// At least four threads, so that pages finish in another order than they began.
fn several() -> usize {
    std::thread::available_parallelism().map_or(4, NonZero::get).max(4)
}

#[test]
fn threads_change_nothing() {
    let one = lines(&[sample()], 1);
    assert_same(&one, &lines(&[sample()], several()));
}

#[test]
fn the_order_of_inputs_changes_nothing() {
    let trees = ["en-US", "nl-NL", "nl-NL-sxs", "sv-SE"].map(|tree| sample().join(tree));
    let back: Vec<PathBuf> = trees.iter().rev().cloned().collect();
    assert_same(&lines(&trees, 1), &lines(&back, several()));
}

#[test]
fn the_place_of_the_input_changes_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let copy = folder.path().join("elsewhere/sample");
    for entry in walkdir::WalkDir::new(sample()) {
        let entry = entry.expect("the sample can be listed");
        let to = copy.join(entry.path().strip_prefix(sample()).expect("the file is in the sample"));
        if entry.file_type().is_dir() {
            fs::create_dir_all(&to).expect("a folder can be made");
        } else {
            fs::copy(entry.path(), &to).expect("a file can be copied");
        }
    }
    assert_same(&lines(&[sample()], 1), &lines(&[copy], 1));
}
