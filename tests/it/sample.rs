//! The bundled sample answers every saved question.

use std::path::PathBuf;

use stemma::compile::{self, Options};
use stemma::store::{Snapshot, queries};

use crate::page;

#[test]
fn every_saved_query_returns_something_on_the_sample() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let out = folder.path().join("graph");
    let options = Options::new(out.clone());
    let sample = PathBuf::from("data/sample");
    compile::compile(&[sample], &options).expect("the sample compiles");
    let snapshot = Snapshot::open(&out).expect("the graph can be opened");
    let mut empty = Vec::new();
    for query in queries::all() {
        let text =
            page::csv(page::saved(&snapshot, &query.name, &[]).expect("the query is answered"))
                .expect("rows");
        // A yes-or-no question has an answer whatever it is.
        if text.lines().count() < 2 && !matches!(text.trim(), "true" | "false") {
            empty.push(query.name);
        }
    }
    assert!(empty.is_empty(), "no rows on the sample: {empty:?}");
}
