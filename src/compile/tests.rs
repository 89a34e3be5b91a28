//! What a run does as a whole that no page can show.

use super::*;
use crate::store::{Answer, Limits, sparql};

fn sample() -> Vec<PathBuf> {
    vec![PathBuf::from("data/sample")]
}

fn compiled(catalog: Catalog, out: &std::path::Path) -> Snapshot {
    let options = Options::new(out.to_owned());
    with_catalog(catalog, Clock::start(), &sample(), &options).expect("the sample compiles");
    Snapshot::open(out).expect("there is a graph")
}

/// Everything that the graph says of the changes that pages show, save what it says of the registry.
fn observed(snapshot: &Snapshot) -> Vec<String> {
    let query = "SELECT ?change ?p ?o { ?change stm:basis stm:Observed ; ?p ?o }";
    let query = sparql::parse(query, &snapshot.meta().base).expect("the query is SPARQL");
    let answer = snapshot.query(&query, Limits { time: Duration::MAX }).expect("it is answered");
    let Answer::Solutions { rows, .. } = answer else { panic!("a SELECT has solutions") };
    let mut lines: Vec<String> = rows.map(|row| format!("{:?}", row.expect("a row"))).collect();
    lines.sort();
    lines
}

#[test]
fn no_lineage_edge_is_evidence_of_an_observed_change() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = Catalog::builtin().expect("the built-in facts are right");
    let mut bare = Catalog::builtin().expect("the built-in facts are right");
    bare.products.forget_changes();
    let with_edges = observed(&compiled(whole, &folder.path().join("whole")));
    assert!(!with_edges.is_empty(), "the sample shows renames");
    assert_eq!(observed(&compiled(bare, &folder.path().join("bare"))), with_edges);
}

#[test]
fn a_graph_of_the_same_inputs_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("graph");
    let run = |without_renames| {
        let options = Options { without_renames, ..Options::new(out.clone()) };
        compile(&sample(), &options).expect("the sample compiles")
    };
    let (first, second, other) = (run(false), run(false), run(true));
    assert!(!first.unchanged && second.unchanged && !other.unchanged);
    assert!(!first.diagnostics.is_empty(), "the sample has problems to say again");
    assert_eq!(second.diagnostics, first.diagnostics);
    assert_eq!(second.summary.counts, first.summary.counts);
    assert_eq!(second.summary.links, first.summary.links);
}

#[test]
fn claims_can_be_left_unread() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("graph");
    let run = |without_claims| {
        let options = Options { without_claims, ..Options::new(out.clone()) };
        compile(&sample(), &options).expect("the sample compiles")
    };
    let claims = |compilation: &Compilation| {
        let mut counts = compilation.summary.counts.iter();
        counts.find(|(name, _)| name == "claims").expect("claims are counted").1
    };
    let (whole, bare) = (run(false), run(true));
    assert!(claims(&whole) > 0 && claims(&bare) == 0 && !bare.unchanged);
}

#[test]
fn a_bug_costs_the_file_that_shows_it() {
    let error = contained(|| -> u32 { panic!("there is no such table: {}", 3) });
    let error = error.expect_err("the work panics").to_string();
    assert_eq!(error, "stemma fails on it, which is a bug to report: there is no such table: 3");
    assert_eq!(contained(|| 3).expect("the work ends"), 3);
}
