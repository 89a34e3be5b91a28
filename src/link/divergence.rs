//! Where a translation says something else than its source.
//!
//! Compares claims, not words, and only those of sentences that stand at the same place. A claim
//! that only one side makes is no divergence here: it may be a sentence that could not be read; nor
//! is a difference that may only lie in the reading.

use std::collections::{BTreeMap, BTreeSet};

use super::Placed;
use super::claims::{Claim, Difference};
use crate::catalog::ProductId;
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

/// A claim of the source that the translation does not make.
struct Missing<'a> {
    claim: &'a Claim,
    witness: Witness,
    unit: Option<&'a str>,
    slot: usize,
}

/// Where translations say something else than their sources: for each claim that a translation
/// replaces, what it says instead.
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
        let products = products(said, expected);
        let (extra, mut missing) = unmatched(said, expected, &units);
        for (slot, stated) in extra {
            let Some((differences, i)) = nearest(stated, slot, &missing) else { continue };
            let Missing { claim, witness, .. } = missing.remove(i);
            let is_said = |difference: &&Difference| {
                let named = [stated.claim.product, claim.product];
                let is_swap = named.iter().all(|product| products.contains(product));
                difference.is_said && (difference.kind != "product" || is_swap)
            };
            let Some(difference) = differences.iter().find(is_said) else { continue };
            let kind = difference.kind;
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
    found
}

/// The products that both sides speak of. Of another, one side may not have read the name, and took
/// the statement for one about the page's own product.
fn products(said: &Statements, expected: &BTreeMap<Claim, Witness>) -> BTreeSet<ProductId> {
    let source: BTreeSet<ProductId> = expected.keys().map(|claim| claim.product).collect();
    let page = said.page.iter().map(|stated| stated.claim.product);
    page.filter(|product| source.contains(product)).collect()
}

/// The claim of the source that a statement stands for, and in what it differs.
fn nearest(
    stated: &Stated,
    slot: usize,
    missing: &[Missing<'_>],
) -> Option<(Vec<Difference>, usize)> {
    let limit = |missing: &Missing<'_>| match (stated.unit.as_deref(), missing.unit) {
        // Two sides of one unit speak of one thing, unless they differ in nearly everything.
        (Some(unit), Some(other)) if unit == other => 2,
        (Some(_), Some(_)) => 0,
        // Without units, claims that differ in more than one respect are two claims.
        _ => usize::from(slot == missing.slot),
    };
    let differences = missing
        .iter()
        .enumerate()
        .map(|(i, missing)| (stated.claim.differences(missing.claim), limit(missing), i))
        .filter(|(differences, limit, _)| differences.len() <= *limit);
    differences
        .min_by_key(|(differences, _, i)| (differences.len(), *i))
        .map(|(differences, _, i)| (differences, i))
}

/// What only one side says, in the order of its text, and the slot that it stands in: between which
/// two of the claims that both sides make in the same order.
fn unmatched<'a>(
    said: &'a Statements,
    expected: &'a BTreeMap<Claim, Witness>,
    units: &BTreeMap<(usize, u32), &'a str>,
) -> (Vec<(usize, &'a Stated)>, Vec<Missing<'a>>) {
    let mut page: Vec<&Stated> = said.page.iter().collect();
    page.sort_by_key(|stated| (stated.span, stated.claim.clone()));
    let mut seen = BTreeSet::new();
    page.retain(|stated| seen.insert(&stated.claim));
    let mut source: Vec<(&Claim, Witness)> =
        expected.iter().map(|(claim, witness)| (claim, *witness)).collect();
    source.sort_by_key(|(_, witness)| (witness.version, witness.span));
    let places: BTreeMap<&Claim, usize> =
        source.iter().enumerate().map(|(at, (claim, _))| (*claim, at)).collect();
    let shared: Vec<usize> =
        page.iter().filter_map(|stated| places.get(&stated.claim).copied()).collect();
    let anchors = longest_increasing(&shared);
    let mut slot = 0;
    let mut extra = Vec::new();
    for stated in page {
        match places.get(&stated.claim) {
            Some(at) => slot += usize::from(anchors.binary_search(at).is_ok()),
            None => extra.push((slot, stated)),
        }
    }
    let missing = source
        .into_iter()
        .enumerate()
        .filter(|(_, (claim, _))| !seen.contains(claim))
        .map(|(at, (claim, witness))| Missing {
            claim,
            witness,
            unit: units.get(&(witness.version, witness.segment)).copied(),
            slot: anchors.partition_point(|&anchor| anchor < at),
        })
        .collect();
    (extra, missing)
}

/// The longest part of a sequence of distinct numbers that rises all the way.
fn longest_increasing(numbers: &[usize]) -> Vec<usize> {
    // For each length the position of the smallest number that a rise of that length ends in.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::new();
    for (at, &number) in numbers.iter().enumerate() {
        let length = ends.partition_point(|&end| numbers[end] < number);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(at);
        } else {
            ends[length] = at;
        }
    }
    let mut rise: Vec<usize> = std::iter::successors(ends.last().copied(), |&at| before[at])
        .map(|at| numbers[at])
        .collect();
    rise.reverse();
    rise
}
