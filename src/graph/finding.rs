//! Findings: the diagnostics of a compile as nodes, so that they can be asked for.

use oxigraph::model::{NamedNode, NamedNodeRef};

use super::{Batch, Iris, text};
use crate::diag::{Problem, Severity};
use crate::vocab::{itsrdf, sh, stm};

/// Where a finding stands: in a version, or in a file that is no page.
pub enum In<'a> {
    Version(&'a NamedNode),
    File(&'a NamedNode),
}

/// Writes a finding and gives back its IRI, for what only some findings say.
pub fn finding(
    at: &In<'_>,
    number: u32,
    problem: &Problem,
    line: u32,
    quote: Option<&str>,
    out: &mut Batch,
) -> NamedNode {
    let (of, predicate) = match at {
        In::Version(version) => (*version, stm::IN_VERSION),
        In::File(file) => (*file, stm::IN_FILE),
    };
    let iri = Iris::finding(of, problem.code.name(), number);
    out.a(&iri, stm::FINDING);
    let class = format!("{}{}", stm::BASE, problem.code.class());
    out.a(&iri, NamedNodeRef::new_unchecked(&class));
    out.add(&iri, predicate, of.clone());
    out.text(&iri, stm::RULE, problem.code.name());
    out.add(
        &iri,
        stm::SEVERITY,
        match problem.code.severity() {
            Severity::Error => sh::VIOLATION,
            Severity::Warning => sh::WARNING,
            Severity::Info => sh::INFO,
        },
    );
    out.text(&iri, stm::MESSAGE, &problem.message);
    out.number(&iri, stm::LINE, line);
    if !problem.span.is_empty() {
        text::bytes(&iri, problem.span, out);
    }
    if let Some(quote) = quote {
        out.text(&iri, stm::QUOTE, quote);
    }
    if let Some(repair) = &problem.repair {
        out.text(&iri, stm::REPAIR, repair);
    }
    if let Some(issue) = problem.code.issue_type() {
        out.text(&iri, itsrdf::LOC_QUALITY_ISSUE_TYPE, issue);
    }
    iri
}
