//! What translations have lost whose source is not at hand, told by the texts that are near them.
//!
//! Near are other translations of the same source, English texts of the same document from other
//! days, and those under the same heading. Without the source nobody knows which of two is right,
//! save where something is missing: translation loses words, it does not invent them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Divergence, Expected, SourceClaims, Stated, Statements, Witness, add};
use crate::link::Placed;
use crate::link::claims::Claim;

/// A heading with fewer words may stand over many documents.
const LEAST_WORDS: usize = 4;

/// Where translations have lost what a text near them kept.
pub fn losses(
    placed: &Placed,
    statements: &BTreeMap<usize, Statements>,
    sources: &SourceClaims,
) -> Vec<Divergence> {
    let known = Expected::new(placed, sources);
    let near = Near::new(placed, statements);
    let mut found = Vec::new();
    let unknown = |version: &usize| known.of(*version).is_none();
    for (&version, said) in
        statements.iter().filter(|(version, said)| said.read && unknown(version))
    {
        let mut expected: BTreeMap<&Claim, Witness> = BTreeMap::new();
        for other in near.of(placed, version) {
            for stated in &statements[&other].page {
                expected.entry(&stated.claim).or_insert(Witness::of(other, stated));
            }
        }
        for stated in said.page.iter().filter(|stated| !expected.contains_key(&stated.claim)) {
            let lost = expected.iter().find_map(|(claim, witness)| {
                let kind = stated.claim.lost(claim).filter(|kind| is_in_words(kind, stated))?;
                Some(Divergence::of(version, stated, claim, *witness, kind))
            });
            if let Some(lost) = lost {
                add(&mut found, lost);
            }
        }
    }
    found
}

/// Whether the whole sentence has lost it, and not only what was read in it.
fn is_in_words(kind: &str, stated: &Stated) -> bool {
    match kind {
        "at-rest" => !stated.sentence.at_rest,
        "negation" => !stated.sentence.denies,
        _ => true,
    }
}

/// Versions that say nearly the same.
struct Near<'a> {
    statements: &'a BTreeMap<usize, Statements>,
    /// Translations, by the hash of their source.
    by_source: BTreeMap<&'a str, Vec<usize>>,
    /// English texts, by document and by heading.
    by_document: BTreeMap<usize, Vec<usize>>,
    by_heading: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> Near<'a> {
    fn new(placed: &'a Placed, statements: &'a BTreeMap<usize, Statements>) -> Self {
        let mut near = Self {
            statements,
            by_source: BTreeMap::new(),
            by_document: BTreeMap::new(),
            by_heading: BTreeMap::new(),
        };
        for (&version, said) in statements.iter().filter(|(_, said)| said.read) {
            let page = placed.page_of(version);
            if let Some((source, _)) = placed.versions[version].source {
                let hash = placed.versions[source].hash.as_str();
                near.by_source.entry(hash).or_default().push(version);
            } else if page.locale == placed.source_locale {
                near.by_document.entry(page.document).or_default().push(version);
                if let Some(heading) = telling(said) {
                    near.by_heading.entry(heading).or_default().push(version);
                }
            }
        }
        near
    }

    fn of(&self, placed: &Placed, version: usize) -> BTreeSet<usize> {
        let page = placed.page_of(version);
        let Some((source, _)) = placed.versions[version].source else { return BTreeSet::new() };
        let siblings = self.by_source.get(placed.versions[source].hash.as_str());
        let english = self.by_document.get(&page.document);
        let heading = telling(&self.statements[&version]).and_then(|h| self.by_heading.get(h));
        let all = [siblings, english, heading].into_iter().flatten().flatten().copied();
        all.filter(|&other| placed.versions[other].page != placed.versions[version].page).collect()
    }
}

/// The heading, if it tells one document from others.
fn telling(said: &Statements) -> Option<&str> {
    said.heading.as_deref().filter(|heading| heading.split('-').count() >= LEAST_WORDS)
}
