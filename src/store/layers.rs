//! Which layer of the graph a statement belongs to, so that people can take only what they need.
//!
//! `facts` stands alone; `links`, `evidence` and `text` add to it. The four together are the graph, each statement once.

use oxigraph::model::{NamedOrBlankNodeRef, Term, TermRef, TripleRef, vocab::rdf};
use sha2::{Digest, Sha256};

use super::{Snapshot, StoreError};
use crate::vocab::stm;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Layer {
    /// Documents, pages, versions, products, names, places, claims
    Facts,
    /// Links, web addresses, redirects, includes
    Links,
    /// Mentions, readings, findings, and the segments they point at
    Evidence,
    /// All other segments
    Text,
}

impl Layer {
    pub const ALL: [Self; 4] = [Self::Facts, Self::Links, Self::Evidence, Self::Text];

    pub fn name(self) -> &'static str {
        match self {
            Self::Facts => "facts",
            Self::Links => "links",
            Self::Evidence => "evidence",
            Self::Text => "text",
        }
    }
}

/// Tells the layers of a snapshot apart.
pub struct Layers {
    /// Digests of the segments that something points at or that state a claim, sorted.
    pointed_at: Vec<u128>,
}

impl Layers {
    pub fn of(snapshot: &Snapshot) -> Result<Self, StoreError> {
        let mut pointed_at = Vec::new();
        for predicate in [stm::IN_SEGMENT, stm::EVIDENCE, stm::BEFORE, stm::AFTER] {
            for quad in snapshot.matching(None, Some(predicate), None) {
                if let Term::NamedNode(segment) = quad?.object {
                    pointed_at.push(digest(segment.as_str()));
                }
            }
        }
        for predicate in [stm::STATES, stm::SOURCE_STATES] {
            for quad in snapshot.matching(None, Some(predicate), None) {
                if let NamedOrBlankNodeRef::NamedNode(segment) = quad?.subject.as_ref() {
                    pointed_at.push(digest(segment.as_str()));
                }
            }
        }
        pointed_at.sort_unstable();
        pointed_at.dedup();
        Ok(Self { pointed_at })
    }

    /// The layer of everything that is said about a thing, except where its predicate says
    /// otherwise.
    pub fn of_subject<'a>(&self, about: impl IntoIterator<Item = TripleRef<'a>>) -> Layer {
        for triple in about {
            if triple.predicate != rdf::TYPE {
                continue;
            }
            let TermRef::NamedNode(class) = triple.object else { continue };
            if class == stm::LINK || class == stm::WEB_ADDRESS {
                return Layer::Links;
            }
            if [stm::MENTION, stm::READING, stm::FINDING, stm::CHANGE_EVIDENCE].contains(&class) {
                return Layer::Evidence;
            }
            if class == stm::SEGMENT {
                let NamedOrBlankNodeRef::NamedNode(segment) = triple.subject else {
                    return Layer::Text;
                };
                let is_evidence = self.pointed_at.binary_search(&digest(segment.as_str())).is_ok();
                return if is_evidence { Layer::Evidence } else { Layer::Text };
            }
        }
        Layer::Facts
    }

    /// The layer of one statement about a thing.
    pub fn of_triple(triple: TripleRef<'_>, subject: Layer) -> Layer {
        let is_link = [stm::LINKS_TO, stm::INCLUDES, stm::REDIRECTS_TO].contains(&triple.predicate);
        if is_link { Layer::Links } else { subject }
    }
}

/// Half of a digest, so that millions of segments fit in memory.
fn digest(iri: &str) -> u128 {
    let digest = Sha256::digest(iri.as_bytes());
    u128::from_be_bytes(digest[..16].try_into().expect("a SHA-256 has more than 16 bytes"))
}
