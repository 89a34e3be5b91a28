//! The values of a snapshot as text, in an order that is always the same: what most readers want.

use oxigraph::model::{NamedNodeRef, NamedOrBlankNode, Term};

use super::{Snapshot, StoreError};

/// Values of the graph as text, in an order that is always the same.
pub struct Graph<'a> {
    pub snapshot: &'a Snapshot,
}

impl Graph<'_> {
    pub fn base(&self) -> &str {
        &self.snapshot.meta().base
    }

    /// IRIs, or what literals say.
    pub fn values(
        &self,
        subject: &str,
        predicate: NamedNodeRef<'_>,
    ) -> Result<Vec<String>, StoreError> {
        let subject = NamedNodeRef::new_unchecked(subject);
        let mut values = Vec::new();
        for quad in self.snapshot.matching(Some(subject), Some(predicate), None) {
            match quad?.object {
                Term::NamedNode(node) => values.push(node.into_string()),
                Term::Literal(literal) => values.push(literal.value().to_owned()),
                _ => {}
            }
        }
        values.sort();
        Ok(values)
    }

    pub fn value(
        &self,
        subject: &str,
        predicate: NamedNodeRef<'_>,
    ) -> Result<Option<String>, StoreError> {
        Ok(self.values(subject, predicate)?.into_iter().next())
    }

    /// What says this of a thing.
    pub fn subjects(
        &self,
        predicate: NamedNodeRef<'_>,
        object: &str,
    ) -> Result<Vec<String>, StoreError> {
        self.saying(predicate, &Term::from(NamedNodeRef::new_unchecked(object)))
    }

    pub fn saying(
        &self,
        predicate: NamedNodeRef<'_>,
        object: &Term,
    ) -> Result<Vec<String>, StoreError> {
        let mut subjects = Vec::new();
        for quad in self.snapshot.matching(None, Some(predicate), Some(object)) {
            if let NamedOrBlankNode::NamedNode(node) = quad?.subject {
                subjects.push(node.into_string());
            }
        }
        subjects.sort();
        Ok(subjects)
    }

    pub fn is_a(&self, thing: &str, class: NamedNodeRef<'_>) -> Result<bool, StoreError> {
        let classes = self.values(thing, oxigraph::model::vocab::rdf::TYPE)?;
        Ok(classes.iter().any(|known| known == class.as_str()))
    }
}
