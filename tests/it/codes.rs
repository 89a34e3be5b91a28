//! The pages of the codes: an example raises its code and no other, and what is fixed does not
//! raise it.

use std::collections::BTreeSet;

use stemma::compile::{self, Options};
use stemma::diag::Code;
use stemma::store::LoadOptions;

use crate::page::{self, Test};

/// The codes that the files of a section raise.
fn raised(section: &Test) -> BTreeSet<&'static str> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let input = folder.path().join("input");
    section.write(&input).expect("the example can be written");
    let load = LoadOptions { threads: 1, memory_mb: 16 };
    let options = Options { load, ..Options::new(folder.path().join("graph")) };
    let compilation = compile::compile(&[input], &options).expect("the example compiles");
    compilation.diagnostics.iter().map(|diagnostic| diagnostic.code.name()).collect()
}

fn section(code: Code, title: &str) -> Test {
    let mut sections = page::sections(code.page()).into_iter();
    sections.find(|section| section.title == title).expect("the page of a code has its parts")
}

#[test]
fn an_example_raises_its_code_and_no_other() {
    let examples = Code::ALL.iter().map(|&code| (code.name(), raised(&section(code, "Example"))));
    let wrong: Vec<_> =
        examples.filter(|(code, raised)| *raised != BTreeSet::from([*code])).collect();
    assert!(wrong.is_empty(), "examples and what they raise: {wrong:#?}");
}

#[test]
fn what_is_fixed_does_not_raise_the_code() {
    let fixed = Code::ALL.iter().map(|&code| (code.name(), raised(&section(code, "Fixed"))));
    let wrong: Vec<_> = fixed.filter(|(code, raised)| raised.contains(code)).collect();
    assert!(wrong.is_empty(), "fixed examples and what they raise: {wrong:#?}");
}
