//! Building, replacing and reading graphs on disk.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use oxigraph::io::{RdfFormat, RdfParser};
use oxigraph::model::{Literal, NamedNode, Quad};

use super::*;

const OPTIONS: LoadOptions = LoadOptions { threads: 1, memory_mb: 16 };

/// Quads of a text in Turtle, with the prefixes of every query.
pub(super) fn quads(turtle: &str) -> Vec<Quad> {
    let prefixes = sparql::prefixes(DEFAULT_BASE)
        .into_iter()
        .map(|(name, iri)| format!("@prefix {name}: <{iri}> .\n"));
    let text = format!("@base <{DEFAULT_BASE}> .\n{}{turtle}", prefixes.collect::<String>());
    let parser = RdfParser::from_format(RdfFormat::Turtle).for_slice(&text);
    parser.collect::<Result<_, _>>().expect("the test's Turtle is right")
}

fn build(out: &Path, turtle: &str) -> Result<(Snapshot, usize), StoreError> {
    let quads = quads(turtle);
    Snapshot::build(out, OPTIONS, |sink| {
        let count = quads.len();
        for quad in quads {
            sink.send(vec![quad])?;
        }
        Ok((count, vec![("note.txt", b"beside".to_vec())]))
    })
}

fn labels(snapshot: &Snapshot) -> Vec<String> {
    let mut labels: Vec<String> =
        snapshot.quads().map(|quad| quad.unwrap().object.to_string()).collect();
    labels.sort();
    labels
}

/// Every file below a folder with its size and the time it was last written.
fn listing(dir: &Path) -> BTreeMap<String, (u64, std::time::SystemTime)> {
    let mut files = BTreeMap::new();
    for entry in walkdir::WalkDir::new(dir)
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
    {
        let data = entry.metadata().unwrap();
        files.insert(entry.path().display().to_string(), (data.len(), data.modified().unwrap()));
    }
    files
}

#[test]
fn a_graph_can_be_read_when_it_is_built() {
    let dir = tempfile::tempdir().unwrap();
    let (snapshot, count) =
        build(&dir.path().join("graph"), "<a> rdfs:label 'one', 'two' .").unwrap();
    assert_eq!(count, 2);
    assert_eq!(labels(&snapshot), ["\"one\"", "\"two\""]);
    assert_eq!(snapshot.file("note.txt").unwrap(), b"beside");
}

#[test]
fn many_threads_write_to_one_graph() {
    let dir = tempfile::tempdir().unwrap();
    let (snapshot, ()) = Snapshot::build(dir.path(), OPTIONS, |sink| {
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let sink = sink.clone();
                scope.spawn(move || {
                    for i in 0..100 {
                        let thing = NamedNode::new_unchecked(format!("https://e.org/{thread}/{i}"));
                        let label = crate::vocab::rdfs::LABEL.into_owned();
                        let quad = Quad::new(
                            thing,
                            label,
                            Literal::from(i),
                            oxigraph::model::GraphName::DefaultGraph,
                        );
                        sink.send(vec![quad]).unwrap();
                    }
                });
            }
        });
        Ok::<_, StoreError>(((), vec![]))
    })
    .unwrap();
    assert_eq!(snapshot.quads().count(), 400);
}

#[test]
fn a_new_graph_takes_the_place_of_the_old_one() {
    let dir = tempfile::tempdir().unwrap();
    build(dir.path(), "<a> rdfs:label 'old' .").unwrap();
    build(dir.path(), "<a> rdfs:label 'new' .").unwrap();
    assert_eq!(labels(&Snapshot::open(dir.path()).unwrap()), ["\"new\""]);
}

/// A server that reads a graph is not disturbed by those that are compiled after it.
#[test]
fn a_reader_keeps_its_graph() {
    let dir = tempfile::tempdir().unwrap();
    let (reader, _) = build(dir.path(), "<a> rdfs:label 'first' .").unwrap();
    for label in ["second", "third", "fourth"] {
        build(dir.path(), &format!("<a> rdfs:label '{label}' .")).unwrap();
    }
    assert_eq!(labels(&reader), ["\"first\""]);
    assert!(dir.path().join("snapshot-1/quads").exists());
    drop(reader);
    build(dir.path(), "<a> rdfs:label 'fifth' .").unwrap();
    assert!(!dir.path().join("snapshot-1").exists(), "nobody reads it any more");
}

#[test]
fn a_writer_that_fails_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    build(dir.path(), "<a> rdfs:label 'old' .").unwrap();
    let before = entries(dir.path()).unwrap();
    let failed = Snapshot::build(dir.path(), OPTIONS, |sink| {
        sink.send(quads("<a> rdfs:label 'half' ."))?;
        Err::<((), Vec<Beside>), _>(StoreError::NoGraph("the writer's own failure".into()))
    });
    assert!(matches!(failed, Err(StoreError::NoGraph(_))));
    assert_eq!(entries(dir.path()).unwrap(), before);
    assert_eq!(labels(&Snapshot::open(dir.path()).unwrap()), ["\"old\""]);
}

#[test]
fn what_a_killed_compile_left_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    build(dir.path(), "<a> rdfs:label 'old' .").unwrap();
    fs::create_dir_all(dir.path().join("snapshot-2/quads")).unwrap();
    fs::write(dir.path().join("CURRENT.new"), "snapshot-2\n").unwrap();
    assert_eq!(labels(&Snapshot::open(dir.path()).unwrap()), ["\"old\""]);
    build(dir.path(), "<a> rdfs:label 'new' .").unwrap();
    assert_eq!(labels(&Snapshot::open(dir.path()).unwrap()), ["\"new\""]);
    assert_eq!(entries(dir.path()).unwrap(), ["CURRENT", "LOCK", "snapshot-1", "snapshot-2"]);
}

/// Half a first graph is ours to overwrite, though there is no whole one yet.
#[test]
fn a_killed_first_compile_is_no_obstacle() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("snapshot-1/quads")).unwrap();
    fs::write(dir.path().join("LOCK"), "").unwrap();
    build(dir.path(), "<a> rdfs:label 'new' .").unwrap();
    assert_eq!(labels(&Snapshot::open(dir.path()).unwrap()), ["\"new\""]);
}

#[test]
fn a_folder_with_other_files_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("thesis.md"), "years of work").unwrap();
    let refused = build(dir.path(), "<a> rdfs:label 'new' .").err().unwrap();
    assert!(matches!(refused, StoreError::NotOurs(_)));
    assert!(refused.hint().is_some());
    assert_eq!(entries(dir.path()).unwrap(), ["thesis.md"]);
}

#[test]
fn one_compile_writes_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let place = Place::claim(dir.path()).unwrap();
    assert!(matches!(build(dir.path(), "<a> rdfs:label 'b' ."), Err(StoreError::Busy(_))));
    drop(place);
    build(dir.path(), "<a> rdfs:label 'b' .").unwrap();
}

#[test]
fn reading_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    build(dir.path(), "<a> rdfs:label 'one' .").unwrap();
    let before = listing(dir.path());
    let readers: Vec<Snapshot> = (0..3).map(|_| Snapshot::open(dir.path()).unwrap()).collect();
    assert!(readers.iter().all(|reader| labels(reader) == ["\"one\""]));
    drop(readers);
    assert_eq!(listing(dir.path()), before);
}

#[test]
fn where_there_is_no_graph_the_hint_says_how_to_get_one() {
    let dir = tempfile::tempdir().unwrap();
    let missing = Snapshot::open(&dir.path().join("nothing")).err().unwrap();
    assert!(matches!(missing, StoreError::NoGraph(_)));
    assert!(missing.hint().unwrap().contains("stemma compile"));
}

#[test]
fn a_graph_knows_its_base_and_its_newest_date() {
    let turtle = "<> a dcat:Dataset ; dcterms:modified '2021-01-22'^^xsd:date .";
    let meta = Snapshot::in_memory(quads(turtle)).unwrap().meta().clone();
    assert_eq!(meta, Meta { base: DEFAULT_BASE.into(), modified: Some("2021-01-22".into()) });
    let empty = Snapshot::in_memory([]).unwrap().meta().clone();
    assert_eq!(empty, Meta { base: DEFAULT_BASE.into(), modified: None });
}

/// The engine would sort a product of 27 million rows; nobody waits for that.
#[test]
fn a_query_takes_no_longer_than_it_may() {
    let turtle: String = (0..300).map(|i| format!("<{i}> rdfs:label 'thing' .\n")).collect();
    let snapshot = Snapshot::in_memory(quads(&turtle)).unwrap();
    let query =
        "SELECT ?a ?b ?c { ?a rdfs:label ?x . ?b rdfs:label ?y . ?c rdfs:label ?z } ORDER BY ?z ?a";
    let query = sparql::parse(query, DEFAULT_BASE).unwrap();
    let started = std::time::Instant::now();
    // A sort is done before the first row, whether the engine does it early or late.
    let failed = match snapshot.query(&query, Limits { time: Duration::from_millis(200) }) {
        Ok(Answer::Solutions { mut rows, .. }) => {
            let first = rows.next();
            assert_eq!(rows.next(), None, "nothing follows an error");
            first.and_then(Result::err)
        }
        Ok(_) => panic!("a SELECT has solutions"),
        Err(error) => Some(error),
    };
    assert_eq!(failed, Some(QueryError::Timeout(0)));
    assert!(started.elapsed() < Duration::from_secs(2));
}

/// Rows come in batches: none is lost where one batch ends and the next begins.
#[test]
fn every_row_arrives() {
    let turtle: String = (0..1300).map(|i| format!("<{i}> rdfs:label 'thing' .\n")).collect();
    let snapshot = Snapshot::in_memory(quads(&turtle)).unwrap();
    let query = sparql::parse("SELECT ?a { ?a rdfs:label ?x }", DEFAULT_BASE).unwrap();
    let Ok(Answer::Solutions { rows, .. }) = snapshot.query(&query, Limits { time: Duration::MAX })
    else {
        panic!("a SELECT has solutions")
    };
    assert_eq!(rows.map(Result::unwrap).count(), 1300);
}
