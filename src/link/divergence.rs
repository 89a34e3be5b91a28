//! Where a translation says something else than its source.
//!
//! Compares claims, not words. A claim that only one side makes is no divergence here: it may be
//! a sentence that could not be read.

use std::collections::{BTreeMap, BTreeSet};

use super::Placed;
use super::claims::Claim;
use crate::source::Span;

/// A claim as one version states it.
#[derive(Clone, Debug)]
pub struct Stated {
    pub claim: Claim,
    /// The clause, in the file.
    pub span: Span,
    pub line: u32,
    /// The segment that it stands in, counted from 1.
    pub segment: u32,
    /// The unit of translation, where the page has them.
    pub unit: Option<String>,
}

/// What one version states, on either side.
#[derive(Clone, Debug, Default)]
pub struct Statements {
    pub read: bool,
    pub page: Vec<Stated>,
    pub source: Vec<Stated>,
}

/// Who states a claim, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Witness {
    pub version: usize,
    pub segment: u32,
    pub line: u32,
    pub span: Span,
}

impl Witness {
    fn of(version: usize, stated: &Stated) -> Self {
        Self { version, segment: stated.segment, line: stated.line, span: stated.span }
    }
}

/// A claim that replaces the source's claim in a translation.
#[derive(Clone, Debug)]
pub struct Divergence {
    pub version: usize,
    pub stated: Stated,
    pub expected: Claim,
    /// Who states what was expected.
    pub witness: Witness,
    pub kind: &'static str,
    /// How often the version differs in the same way again, as the rows of a table do.
    pub repeated: u32,
}

/// The claims of a source, each with one who states it.
pub type SourceClaims = BTreeMap<usize, BTreeMap<Claim, Witness>>;

/// For each source version the claims that its own text, or the English side of its bilingual
/// translations, makes, each with a witness.
pub fn source_claims(placed: &Placed, statements: &BTreeMap<usize, Statements>) -> SourceClaims {
    let mut claims = SourceClaims::new();
    for (&version, said) in statements {
        for stated in &said.page {
            claims
                .entry(version)
                .or_default()
                .entry(stated.claim.clone())
                .or_insert(Witness::of(version, stated));
        }
    }
    // Its own text speaks for a source; only a source without a text is spoken for by others.
    for (&version, said) in statements {
        let Some((source, _)) = placed.versions[version].source else { continue };
        if placed.versions[source].available() {
            continue;
        }
        for stated in &said.source {
            claims
                .entry(source)
                .or_default()
                .entry(stated.claim.clone())
                .or_insert(Witness::of(version, stated));
        }
    }
    claims
}

pub fn divergences(
    placed: &Placed,
    statements: &BTreeMap<usize, Statements>,
    sources: &SourceClaims,
) -> Vec<Divergence> {
    let mut units: BTreeMap<(usize, u32), &str> = BTreeMap::new();
    for (&version, said) in statements {
        for stated in said.page.iter().chain(&said.source) {
            units.extend(stated.unit.as_deref().map(|unit| ((version, stated.segment), unit)));
        }
    }
    let mut found: Vec<Divergence> = Vec::new();
    for (&version, said) in statements.iter().filter(|(_, said)| said.read) {
        let Some((source, _)) = placed.versions[version].source else { continue };
        let Some(expected) = sources.get(&source) else { continue };
        let stated: BTreeSet<&Claim> = said.page.iter().map(|stated| &stated.claim).collect();
        let mut missing: Vec<(&Claim, Witness)> = expected
            .iter()
            .filter(|(claim, _)| !stated.contains(claim))
            .map(|(claim, witness)| (claim, *witness))
            .collect();
        let mut extra: Vec<&Stated> =
            said.page.iter().filter(|stated| !expected.contains_key(&stated.claim)).collect();
        extra.sort_by_key(|stated| (stated.span, stated.claim.clone()));
        let mut seen = BTreeSet::new();
        extra.retain(|stated| seen.insert(&stated.claim));
        for stated in extra {
            let nearest = missing
                .iter()
                .enumerate()
                .map(|(i, (claim, witness))| (stated.claim.differs(claim), witness, i))
                .filter(|(differences, witness, _)| {
                    match (&stated.unit, units.get(&(witness.version, witness.segment))) {
                        // Two sides of one unit speak of one thing, unless they differ in nearly
                        // everything.
                        (Some(unit), Some(other)) => unit == *other && differences.len() <= 2,
                        // Without units, claims that differ in more than one respect are two
                        // claims.
                        _ => differences.len() == 1,
                    }
                })
                .min_by_key(|(differences, _, i)| (differences.len(), *i))
                .map(|(differences, _, i)| (differences, i));
            if let Some((differences, i)) = nearest {
                let (claim, witness) = missing.remove(i);
                let kind = differences.first().copied().unwrap_or("location");
                let same = |other: &&mut Divergence| {
                    other.version == version
                        && other.kind == kind
                        && kind != "location"
                        && other.stated.claim.word(kind) == stated.claim.word(kind)
                        && other.expected.word(kind) == claim.word(kind)
                };
                match found.iter_mut().find(same) {
                    Some(first) => first.repeated += 1,
                    None => found.push(Divergence {
                        version,
                        stated: stated.clone(),
                        expected: claim.clone(),
                        witness,
                        kind,
                        repeated: 0,
                    }),
                }
            }
        }
    }
    found
}
