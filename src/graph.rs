//! Everything to quads: the only place that chooses terms and mints IRIs.
//!
//! Every node has an IRI made from content. There are no blank nodes and no named graphs.

use oxigraph::model::{
    GraphName, Literal, NamedNode, NamedNodeRef, Quad, Term, vocab::rdf, vocab::xsd,
};

pub mod change;
pub mod claim;
pub mod dataset;
pub mod finding;
pub mod iri;
pub mod page;
pub mod registry;
pub mod text;

pub use iri::Iris;

/// Quads on their way to the store.
#[derive(Debug, Default)]
pub struct Batch {
    pub quads: Vec<Quad>,
}

impl Batch {
    pub fn add(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        object: impl Into<Term>,
    ) {
        self.quads.push(Quad {
            subject: subject.clone().into(),
            predicate: predicate.into_owned(),
            object: object.into(),
            graph_name: GraphName::DefaultGraph,
        });
    }

    pub fn a(&mut self, subject: &NamedNode, class: NamedNodeRef<'_>) {
        self.add(subject, rdf::TYPE, class);
    }

    pub fn text(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        text: impl Into<String>,
    ) {
        self.add(subject, predicate, Literal::new_simple_literal(text));
    }

    /// A text in a language; the tag in lower case, as the store keeps it.
    pub fn lang(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        text: impl Into<String>,
        locale: &str,
    ) {
        let literal =
            Literal::new_language_tagged_literal_unchecked(text, locale.to_ascii_lowercase());
        self.add(subject, predicate, literal);
    }

    pub fn number(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        number: impl Into<i64>,
    ) {
        self.add(subject, predicate, Literal::from(number.into()));
    }

    pub fn flag(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, flag: bool) {
        self.add(subject, predicate, Literal::from(flag));
    }

    /// A time in UTC, `YYYY-MM-DDThh:mm:ssZ`.
    pub fn time(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, time: &str) {
        self.add(subject, predicate, Literal::new_typed_literal(time, xsd::DATE_TIME));
    }

    /// A day, `YYYY-MM-DD`.
    pub fn date(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, date: &str) {
        self.add(subject, predicate, Literal::new_typed_literal(date, xsd::DATE));
    }
}
