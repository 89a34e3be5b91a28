//! What stands at a path. A document keeps the IRI of its first path, and may be asked for under
//! any that it has or had.

use oxigraph::model::{Literal, Term};

use super::{Graph, StoreError};
use crate::vocab::{schema, stm};

impl Graph<'_> {
    /// Documents that stand at a path or stood there once; without locale and ending.
    pub fn documents_at(&self, path: &str) -> Result<Vec<String>, StoreError> {
        let path = Term::from(Literal::new_simple_literal(path.to_lowercase()));
        let mut documents = Vec::new();
        for iri in self.saying(stm::PATH, &path)? {
            // Sources of facts have paths, too.
            if self.is_a(&iri, stm::DOCUMENT)? {
                documents.push(iri);
            }
        }
        Ok(documents)
    }

    /// The IRI of the document, page or text that is meant by one which says another of its paths:
    /// `…/page/nl-NL/new/path@80b4893b7350` is `…/page/nl-NL/old/path@80b4893b7350`.
    pub fn elsewhere(&self, iri: &str) -> Result<Option<String>, StoreError> {
        let base = self.base();
        let Some(below) = iri.strip_prefix(base) else { return Ok(None) };
        if let Some(path) = below.strip_prefix("doc/") {
            return Ok(self.documents_at(path)?.into_iter().next());
        }
        let Some((locale, path)) = below.strip_prefix("page/").and_then(|at| at.split_once('/'))
        else {
            return Ok(None);
        };
        let (path, text) = path.rsplit_once('@').unwrap_or((path, ""));
        for document in self.documents_at(path)? {
            for page in self.subjects(stm::DOCUMENT_OF, &document)? {
                let spelt = self.value(&page, schema::IN_LANGUAGE)?.unwrap_or_default();
                if !spelt.eq_ignore_ascii_case(locale) {
                    continue;
                }
                if text.is_empty() {
                    return Ok(Some(page));
                }
                let version = format!("{page}@{text}");
                if self.value(&version, stm::PAGE)?.is_some() {
                    return Ok(Some(version));
                }
            }
        }
        Ok(None)
    }

    /// Every path that a document has or had, the present one first if the address tells it.
    pub fn paths(&self, document: &str, url: Option<&str>) -> Result<Vec<String>, StoreError> {
        let mut paths = self.values(document, stm::PATH)?;
        present_first(&mut paths, url);
        Ok(paths)
    }
}

/// Puts the path first under which a document is published.
pub fn present_first(paths: &mut [String], url: Option<&str>) {
    if let Some(url) = url {
        paths.sort_by_key(|path| !url.ends_with(&format!("/{path}")));
    }
}
