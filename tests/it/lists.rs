//! Lists in the code and the folders they list.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use stemma::diag::Code;
use stemma::vocab;

fn root() -> &'static Path {
    Path::new(".")
}

#[test]
fn the_vocabulary_is_that_of_the_ontology() {
    let ontology =
        fs::read_to_string(root().join("ontology/stemma.ttl")).expect("the ontology can be read");
    let declared: BTreeSet<&str> = ontology
        .lines()
        .filter_map(|line| line.strip_prefix("stm:")?.split_whitespace().next())
        .collect();
    let used: BTreeSet<&str> = vocab::stm::ALL
        .iter()
        .filter_map(|term| term.as_str().strip_prefix(vocab::stm::BASE))
        .collect();
    let missing: Vec<_> = used.difference(&declared).collect();
    assert!(missing.is_empty(), "used, but not in the ontology: {missing:?}");
    let classes: BTreeSet<&str> = Code::ALL.iter().map(|code| code.class()).collect();
    let undeclared: Vec<_> = classes.difference(&declared).collect();
    assert!(
        undeclared.is_empty(),
        "classes of findings that are not in the ontology: {undeclared:?}"
    );
    let unused: Vec<_> =
        declared.difference(&used).filter(|term| !classes.contains(**term)).collect();
    assert!(unused.is_empty(), "in the ontology, but nothing says it: {unused:?}");
}

#[test]
fn a_term_has_the_label_of_the_ontology() {
    let ontology =
        fs::read_to_string(root().join("ontology/stemma.ttl")).expect("the ontology can be read");
    let declared = |term: &str| {
        let start = ontology.find(&format!("\n{term} "))?;
        let block = ontology[start..].split("\n\n").next()?;
        let label = block.split("rdfs:label \"").nth(1)?;
        Some(label.split("\"@en").next()?.to_owned())
    };
    for (term, label) in stemma::graph::claim::labels() {
        let term = term.as_str();
        let name = match term.strip_prefix(vocab::stm::BASE) {
            Some(local) => format!("stm:{local}"),
            None => format!("dpv:{}", term.rsplit(['#', '/']).next().unwrap_or_default()),
        };
        let known = declared(&name);
        assert!(known.as_ref().is_none_or(|known| *known == label), "{name}: {known:?}, {label:?}");
    }
}
