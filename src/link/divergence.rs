//! Where a translation says something else than its source.
//!
//! Compares claims, not words, and only those of sentences that stand at the same place. A claim
//! that only one side makes is no divergence here: it may be a sentence that could not be read; nor
//! is a difference that may only lie in the reading.

use std::collections::{BTreeMap, BTreeSet};

use super::Placed;
use super::claims::{Claim, Difference, Subject};
use crate::analyze::claims::through_source::Nth;
use crate::source::Span;

/// A claim as one version states it.
#[derive(Clone, Debug)]
pub struct Stated {
    pub claim: Claim,
    /// The product's name as it stands there.
    pub written: String,
    /// The clause, in the file.
    pub span: Span,
    /// The words before it that it completes.
    pub lead: Option<Span>,
    pub line: u32,
    /// The segment that it stands in, counted from 1.
    pub segment: u32,
    /// Which sentence of it.
    pub nth: Nth,
    /// The unit of translation, where the page has them.
    pub unit: Option<String>,
    /// Hash of the clause and its lead: equal words of one language were translated alike.
    pub words: u32,
}

/// What one version states, on either side.
#[derive(Clone, Debug, Default)]
pub struct Statements {
    pub read: bool,
    /// How many readings the version has, of which some may state nothing.
    pub readings: u32,
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
    pub fn of(version: usize, stated: &Stated) -> Self {
        Self { version, segment: stated.segment, line: stated.line, span: stated.span }
    }
}

/// A sentence of a translation that should make a claim of its source, and does not.
#[derive(Clone, Debug)]
pub struct Silent {
    pub span: Span,
    pub line: u32,
    /// Counted from 1.
    pub segment: u32,
    pub expected: Claim,
    pub witness: Witness,
    pub names_others: bool,
}

/// A claim that replaces the source's claim in a translation, or is missing there.
#[derive(Clone, Debug)]
pub struct Divergence {
    pub version: usize,
    pub span: Span,
    pub line: u32,
    /// Counted from 1.
    pub segment: u32,
    /// None where the source's claim is not made at all.
    pub says: Option<Claim>,
    pub expected: Claim,
    /// Who states what was expected.
    pub witness: Witness,
    pub kind: &'static str,
    /// Hash of the words that say it.
    pub words: Option<u32>,
    /// How often the version differs in the same way again, as the rows of a table do.
    pub repeated: u32,
}

/// The claims of a source, each with one who states it.
pub type SourceClaims = BTreeMap<usize, BTreeMap<Claim, Witness>>;

impl Divergence {
    fn of(version: usize, stated: &Stated, expected: &Claim, witness: Witness, kind: Kind) -> Self {
        // What a lead-in says for its bullets, it fails to say for them.
        let span = stated.lead.filter(|_| kind == "at-rest").unwrap_or(stated.span);
        Self {
            version,
            span,
            line: stated.line,
            segment: stated.segment,
            says: Some(stated.claim.clone()),
            expected: expected.clone(),
            witness,
            kind,
            words: Some(stated.words),
            repeated: 0,
        }
    }

    fn is_like(&self, other: &Self) -> bool {
        let word = |claim: &Option<Claim>| claim.as_ref().map(|claim| claim.word(self.kind));
        (self.version, self.kind) == (other.version, other.kind)
            && !matches!(self.kind, "location" | "omitted-claim")
            && word(&self.says) == word(&other.says)
            && self.expected.word(self.kind) == other.expected.word(self.kind)
    }
}

/// By the annotation scheme's name.
type Kind = &'static str;

/// Adds what a version says in the same way again to what is known of it.
fn add(found: &mut Vec<Divergence>, new: Divergence) {
    match found.iter_mut().find(|known| known.is_like(&new)) {
        Some(first) => first.repeated += 1,
        None => found.push(new),
    }
}

/// Where sentences of translations say nothing of what their sources say.
pub fn omissions(silent: &BTreeMap<usize, Vec<Silent>>) -> Vec<Divergence> {
    let of = |(&version, silent): (&usize, &Vec<Silent>)| {
        let divergence = move |silent: &Silent| Divergence {
            version,
            span: silent.span,
            line: silent.line,
            segment: silent.segment,
            says: None,
            expected: silent.expected.clone(),
            witness: silent.witness,
            kind: if silent.names_others { "location" } else { "omitted-claim" },
            words: None,
            repeated: 0,
        };
        let mut seen = BTreeSet::new();
        let first = move |silent: &&Silent| seen.insert(silent.span);
        silent.iter().filter(first).map(divergence).collect::<Vec<_>>()
    };
    silent.iter().flat_map(of).collect()
}

/// Where one of two translations of one source has lost what the other kept. Without the source
/// nobody knows which of two is right, save where something is missing: translation loses words, it
/// does not invent them.
pub fn losses(
    placed: &Placed,
    statements: &BTreeMap<usize, Statements>,
    sources: &SourceClaims,
) -> Vec<Divergence> {
    let sources = Expected::new(placed, sources);
    let mut siblings: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (&version, _) in statements.iter().filter(|(_, said)| said.read) {
        if let Some((source, _)) = placed.versions[version].source
            && sources.of(version).is_none()
        {
            siblings.entry(placed.versions[source].hash.as_str()).or_default().push(version);
        }
    }
    let mut found = Vec::new();
    for versions in siblings.values() {
        for &version in versions {
            let others = versions
                .iter()
                .filter(|&&other| placed.versions[other].page != placed.versions[version].page);
            let mut expected: BTreeMap<Claim, Witness> = BTreeMap::new();
            for &other in others {
                for stated in &statements[&other].page {
                    let witness = Witness::of(other, stated);
                    expected.entry(stated.claim.clone()).or_insert(witness);
                }
            }
            let stated = statements[&version].page.iter();
            for stated in stated.filter(|stated| !expected.contains_key(&stated.claim)) {
                let lost = expected.iter().find_map(|(claim, witness)| {
                    let kind = stated.claim.lost(claim)?;
                    Some(Divergence::of(version, stated, claim, *witness, kind))
                });
                if let Some(lost) = lost {
                    add(&mut found, lost);
                }
            }
        }
    }
    found
}

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
    let sources = Expected::new(placed, sources);
    let mut found: Vec<Divergence> = Vec::new();
    for (&version, said) in statements.iter().filter(|(_, said)| said.read) {
        let Some(expected) = sources.of(version) else { continue };
        let expected = &beside(version, said, expected);
        let products = products(said, expected);
        let (extra, mut missing) = unmatched(said, expected, &units);
        for (slot, stated) in extra {
            let Some((differences, i)) = nearest(stated, slot, &missing) else { continue };
            let Missing { claim, witness, .. } = missing.remove(i);
            let is_said = |difference: &&Difference| {
                let named = [&stated.claim.product, &claim.product];
                let is_swap = named.iter().all(|product| products.contains(*product));
                difference.is_said && (difference.kind != "product" || is_swap)
            };
            let Some(difference) = differences.iter().find(is_said) else { continue };
            let new = Divergence::of(version, stated, claim, witness, difference.kind);
            add(&mut found, new);
        }
    }
    found
}

/// What a source says, witnessed by the English side of its own translation where that says it:
/// there a unit tells which sentence it became.
fn beside(
    version: usize,
    said: &Statements,
    expected: &BTreeMap<Claim, Witness>,
) -> BTreeMap<Claim, Witness> {
    let mut beside = expected.clone();
    for stated in said.source.iter().rev() {
        if let Some(witness) = beside.get_mut(&stated.claim) {
            *witness = Witness::of(version, stated);
        }
    }
    beside
}

/// What sources say, under whatever path a source is known.
struct Expected<'a> {
    placed: &'a Placed,
    sources: &'a SourceClaims,
    by_hash: BTreeMap<&'a str, usize>,
}

impl<'a> Expected<'a> {
    fn new(placed: &'a Placed, sources: &'a SourceClaims) -> Self {
        let hash = |&source: &usize| (placed.versions[source].hash.as_str(), source);
        Self { placed, sources, by_hash: sources.keys().rev().map(hash).collect() }
    }

    /// What a version was made from says.
    fn of(&self, version: usize) -> Option<&'a BTreeMap<Claim, Witness>> {
        let (source, _) = self.placed.versions[version].source?;
        let same = || self.by_hash.get(self.placed.versions[source].hash.as_str());
        self.sources.get(&source).or_else(|| self.sources.get(same()?))
    }
}

/// Divergences of versions whose source is not known, by the very words that are known to diverge
/// in another version of the same language.
pub fn repetitions(
    placed: &Placed,
    statements: &BTreeMap<usize, Statements>,
    sources: &SourceClaims,
    known: &[Divergence],
) -> Vec<Divergence> {
    let sources = Expected::new(placed, sources);
    let mut by_words: BTreeMap<(&str, u32, &Claim), Vec<&Divergence>> = BTreeMap::new();
    for divergence in known {
        if let (Some(claim), Some(words)) = (&divergence.says, divergence.words) {
            let locale = placed.page_of(divergence.version).locale.as_str();
            by_words.entry((locale, words, claim)).or_default().push(divergence);
        }
    }
    let mut found = Vec::new();
    let unknown = |version: &usize| sources.of(*version).is_none();
    for (&version, said) in statements.iter().filter(|(version, _)| unknown(version)) {
        let locale = placed.page_of(version).locale.as_str();
        for stated in &said.page {
            let same = by_words.get(&(locale, stated.words, &stated.claim));
            let elsewhere = same.into_iter().flatten().filter(|known| known.version != version);
            for Divergence { expected, witness, kind, .. } in elsewhere {
                add(&mut found, Divergence::of(version, stated, expected, *witness, kind));
            }
        }
    }
    found
}

/// The products that both sides speak of. Of another, one side may not have read the name, and took
/// the statement for one about the page's own product.
fn products(said: &Statements, expected: &BTreeMap<Claim, Witness>) -> BTreeSet<Subject> {
    let source: BTreeSet<Subject> = expected.keys().map(|claim| claim.product.clone()).collect();
    let page = said.page.iter().map(|stated| stated.claim.product.clone());
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
