//! Where a translation says something else than its source.
//!
//! Puts together what was found sentence by sentence, in the texts, with what claims show: those of
//! a translation and of its source, at the same place, and those of texts that are near it where
//! its source is not at hand. A claim that only one side makes is no divergence here: it may be a
//! sentence that could not be read; nor is a difference that may only lie in the reading.

use std::collections::{BTreeMap, BTreeSet};

use super::Placed;
use super::claims::{Claim, Difference, Subject};
use crate::analyze::claims::departures::Words;
use crate::analyze::claims::through_source::Nth;
use crate::source::Span;

pub mod nearby;

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
    /// The segment of those, counted from 1.
    pub lead_segment: Option<u32>,
    pub line: u32,
    /// The segment that it stands in, counted from 1.
    pub segment: u32,
    /// Which sentence of it.
    pub nth: Nth,
    /// What that sentence speaks of, whatever was read in it.
    pub sentence: Words,
    pub is_row: bool,
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
    /// Words of the page that are known to be wrong.
    pub broken: Vec<Broken>,
    /// The page's first heading as an address: translations keep that of their source.
    pub heading: Option<String>,
}

/// A word of a statement that is known to be a wrong rendering.
#[derive(Clone, Debug)]
pub struct Broken {
    pub span: Span,
    pub line: u32,
    /// Counted from 1.
    pub segment: u32,
    pub kind: String,
    /// The word of the source that was lost.
    pub meant: String,
    /// What the statement says all the same; none where nobody knows of which product.
    pub claim: Option<Claim>,
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

/// A sentence of a translation that does not say what its source says.
#[derive(Clone, Debug)]
pub struct Departed {
    pub span: Span,
    pub line: u32,
    /// Counted from 1.
    pub segment: u32,
    pub kind: &'static str,
    /// What it says instead, for a message.
    pub says: String,
    /// The word of the source that was lost, where it is one.
    pub meant: Option<String>,
    /// The claim that it makes instead, if it makes one, with the hash of its words.
    pub claim: Option<(Claim, u32)>,
    pub expected: Claim,
    pub witness: Witness,
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
    /// None where only the words are known to be wrong.
    pub expected: Option<Claim>,
    /// Who states what was expected.
    pub witness: Option<Witness>,
    /// By the annotation scheme's name.
    pub kind: String,
    /// What the words say, for a message, where the claims do not tell.
    pub said: Option<String>,
    /// The word of the source that was lost.
    pub meant: Option<String>,
    /// Hash of the words that say it.
    pub words: Option<u32>,
    pub is_row: bool,
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
            expected: Some(expected.clone()),
            witness: Some(witness),
            kind: kind.to_owned(),
            said: None,
            meant: None,
            words: Some(stated.words),
            is_row: stated.is_row,
            repeated: 0,
        }
    }

    /// Whether it is the same in the same words, or in another row of the table.
    fn is_like(&self, other: &Self) -> bool {
        let word = |claim: &Option<Claim>| claim.as_ref().map(|claim| claim.word(&self.kind));
        (self.version, &self.kind) == (other.version, &other.kind)
            && (self.span == other.span || self.is_row && other.is_row)
            && !matches!(self.kind.as_str(), "location" | "omitted-claim")
            && word(&self.says) == word(&other.says)
            && word(&self.expected) == word(&other.expected)
    }

    /// Whether it tells what another tells, of the same words.
    fn repeats(&self, other: &Self) -> bool {
        let is_place = |kind: &str| matches!(kind, "location" | "location-rule");
        let same = self.kind == other.kind || is_place(&self.kind) && is_place(&other.kind);
        same && self.version == other.version && self.span.overlaps(other.span)
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

/// All divergences, each told once, in the order of versions and of their texts. `departed` were
/// found in the texts of translations, by version.
pub fn all(
    placed: &Placed,
    statements: &BTreeMap<usize, Statements>,
    sources: &SourceClaims,
    departed: &BTreeMap<usize, Vec<Departed>>,
) -> Vec<Divergence> {
    let mut found = in_sentences(departed);
    found.extend(divergences(placed, statements, sources));
    found.extend(nearby::losses(placed, statements, sources));
    let again = repetitions(placed, statements, sources, &found);
    found.extend(again);
    found.extend(in_words(statements));
    let mut told: BTreeMap<usize, Vec<Divergence>> = BTreeMap::new();
    for divergence in found {
        let of = told.entry(divergence.version).or_default();
        match of.iter_mut().find(|known| divergence.repeats(known)) {
            // Where a claim is made instead, it is worth telling.
            Some(known) if known.says.is_none() && divergence.says.is_some() => {
                let span = known.span;
                *known = Divergence { span, ..divergence };
            }
            Some(_) => {}
            None => of.push(divergence),
        }
    }
    let mut all: Vec<Divergence> = told.into_values().flatten().collect();
    all.sort_by(|a, b| (a.version, a.span, &a.kind).cmp(&(b.version, b.span, &b.kind)));
    all
}

/// Where sentences of translations do not say what their sources say.
fn in_sentences(departed: &BTreeMap<usize, Vec<Departed>>) -> Vec<Divergence> {
    let of = |(&version, departed): (&usize, &Vec<Departed>)| {
        let divergence = move |departed: &Departed| Divergence {
            version,
            span: departed.span,
            line: departed.line,
            segment: departed.segment,
            says: departed.claim.as_ref().map(|(claim, _)| claim.clone()),
            expected: Some(departed.expected.clone()),
            witness: Some(departed.witness),
            kind: departed.kind.to_owned(),
            said: departed.claim.is_none().then(|| departed.says.clone()),
            meant: departed.meant.clone(),
            words: departed.claim.as_ref().map(|(_, words)| *words),
            is_row: false,
            repeated: 0,
        };
        let mut seen = BTreeSet::new();
        let first = move |departed: &&Departed| seen.insert((departed.span, departed.kind));
        departed.iter().filter(first).map(divergence).collect::<Vec<_>>()
    };
    departed.iter().flat_map(of).collect()
}

/// Words that are known to be wrong, wherever they stand.
fn in_words(statements: &BTreeMap<usize, Statements>) -> Vec<Divergence> {
    let of = |(&version, said): (&usize, &Statements)| {
        let divergence = move |broken: &Broken| Divergence {
            version,
            span: broken.span,
            line: broken.line,
            segment: broken.segment,
            says: broken.claim.clone(),
            expected: None,
            witness: None,
            kind: broken.kind.clone(),
            said: None,
            meant: Some(broken.meant.clone()),
            words: None,
            is_row: false,
            repeated: 0,
        };
        said.broken.iter().map(divergence).collect::<Vec<_>>()
    };
    statements.iter().flat_map(of).collect()
}

/// What the sentences of statements speak of.
struct Sentences<'a>(BTreeMap<(usize, Span), &'a Words>);

impl<'a> Sentences<'a> {
    fn new(statements: &'a BTreeMap<usize, Statements>) -> Self {
        let of = |(&version, said): (&usize, &'a Statements)| {
            let both = said.page.iter().chain(&said.source);
            both.map(move |stated| ((version, stated.span), &stated.sentence))
        };
        Self(statements.iter().flat_map(of).collect())
    }

    /// Whether the two sentences differ in a respect, and not only what was read in them.
    fn differ(&self, kind: Kind, stated: &Stated, expected: &Claim, witness: Witness) -> bool {
        let own = &stated.sentence;
        let Some(source) = self.0.get(&(witness.version, witness.span)) else { return true };
        let (lost, own, source) = match kind {
            "at-rest" => (expected.at_rest, own.at_rest, source.at_rest),
            "negation" => (expected.negated, own.denies, source.denies),
            "modality" => (expected.modality == "may", own.may, source.may),
            _ => return true,
        };
        // What a lead-in promised is looked for in the lead-in, where the texts are at hand.
        if lost { source && !own } else { own && !source }
    }
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
fn divergences(
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
    let sentences = Sentences::new(statements);
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
                difference.is_said
                    && (difference.kind != "product" || is_swap)
                    && sentences.differ(difference.kind, stated, claim, witness)
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
fn repetitions(
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
            for divergence in elsewhere {
                let mut again = (*divergence).clone();
                (again.version, again.repeated) = (version, 0);
                (again.span, again.line) = (stated.span, stated.line);
                again.segment = stated.segment;
                add(&mut found, again);
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
