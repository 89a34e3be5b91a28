//! What people and their assistants look at, as plain data: the explorer's pages and the tools of
//! `mcp` show it, each in its way.
//!
//! `index` is read once when a snapshot is opened: what every page needs, and what would be slow
//! to count each time. The others read one thing at a time, from few statements.

use oxigraph::model::Term;

use crate::store::{Answer, Limits, Snapshot, StoreError, sparql};

pub mod data;
pub mod findings;
pub mod grid;
pub mod index;
pub mod page;
pub mod product;
pub mod search;
pub mod source;
pub mod versions;

pub use index::Index;

/// The rows of one of our own queries, as text.
fn rows<const N: usize>(
    snapshot: &Snapshot,
    query: &str,
) -> Result<Vec<[Option<String>; N]>, StoreError> {
    let query = sparql::parse(query, &snapshot.meta().base).expect("our own queries are SPARQL");
    let mut all = Vec::new();
    let limits = Limits { time: std::time::Duration::MAX };
    if let Answer::Solutions { rows, .. } = snapshot.query(&query, limits)? {
        for row in rows {
            let mut cells = row?.into_iter().map(|term| {
                term.map(|term| match term {
                    Term::NamedNode(node) => node.into_string(),
                    Term::Literal(literal) => literal.value().to_owned(),
                    other => other.to_string(),
                })
            });
            all.push(std::array::from_fn(|_| cells.next().flatten()));
        }
    }
    all.sort();
    Ok(all)
}

/// What stands after the last `#` or `/`.
pub fn local(iri: &str) -> &str {
    iri.rsplit(['#', '/']).next().unwrap_or(iri)
}

/// A class or a word of a vocabulary as people say it: `PageVersion` is `page version`.
pub fn words(term: &str) -> String {
    let mut words = String::new();
    for c in local(term).chars() {
        if c.is_ascii_uppercase() && !words.is_empty() && !words.ends_with(' ') {
            words.push(' ');
        }
        words.extend(if c == '-' { ' '.to_lowercase() } else { c.to_lowercase() });
    }
    words
}
