//! Where texts and names come from: the stemma of a page, a product's names through time.
//!
//! `find` says what is meant; `page` and `product` read it from the graph into plain data; `rows`
//! decides what a drawing of a page shows. The others draw. What is asked for, and how it is shown
//! to whom, is for others to say.

use crate::catalog::CatalogError;
pub use crate::store::Graph;
use crate::store::StoreError;

pub mod dot;
pub mod find;
pub mod mermaid;
pub mod page;
pub mod product;
pub mod rows;
pub mod svg;
pub mod text;

/// Why nothing can be drawn.
#[derive(Debug, thiserror::Error)]
pub enum LineageError {
    /// What was asked for is not in the graph, or may be several things.
    #[error("{message}")]
    NotOne { message: String, hint: String },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Catalog(#[from] CatalogError),
}

impl LineageError {
    fn not_one(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::NotOne { message: message.into(), hint: hint.into() }
    }

    /// What to do next, as an order.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotOne { hint, .. } => Some(hint.clone()),
            Self::Store(error) => error.hint(),
            Self::Catalog(_) => None,
        }
    }
}

/// `1 version`, `2 versions`.
pub fn count(number: usize, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}

/// As much of a hash or a commit as people compare.
pub fn short(hash: &str) -> &str {
    &hash[..hash.len().min(12)]
}

/// What stands after the last `/`.
pub fn tail(iri: &str) -> &str {
    iri.rsplit('/').next().unwrap_or(iri)
}

/// What stands after the last `#` or `/`.
pub fn local(iri: &str) -> &str {
    iri.rsplit(['#', '/']).next().unwrap_or(iri)
}
