//! What translations say by what their sources say, sentence by sentence.
//!
//! A statement of the source is expected of each translation at the same place. Whether the
//! translation has a sentence that could say it is found in its text, which is not seen here.

use std::collections::BTreeMap;

use super::Placed;
use super::claims::Claim;
use super::divergence::{Stated, Statements, Witness};
use crate::analyze::claims::through_source::Nth;
use crate::source::Span;

/// One statement that a translation is expected to make.
#[derive(Clone, Debug)]
pub struct Projection {
    /// The segment of the translation, counted from 1.
    pub segment: u32,
    pub nth: Nth,
    /// One for each place.
    pub claims: Vec<Claim>,
    /// The product's name as the source writes it.
    pub written: String,
    /// Where the source says it.
    pub witness: Witness,
    /// The statements that the translation makes in that segment itself.
    pub own: Vec<Span>,
}

/// A statement of a source: which sentence of a segment makes it.
struct Line<'a> {
    nth: Nth,
    claim: &'a Claim,
    written: &'a str,
    witness: Witness,
}

/// What sources say, by source and segment.
pub struct SourceLines<'a> {
    of: BTreeMap<usize, BTreeMap<u32, Vec<Line<'a>>>>,
}

/// For a source that is not at hand: the version that gave it back, and from which segments each
/// of its own was made.
pub type Recovered = BTreeMap<usize, (usize, Vec<Vec<u32>>)>;

impl<'a> SourceLines<'a> {
    pub fn new(
        placed: &Placed,
        statements: &'a BTreeMap<usize, Statements>,
        recovered: &Recovered,
    ) -> Self {
        let mut of: BTreeMap<usize, BTreeMap<u32, Vec<Line<'a>>>> = BTreeMap::new();
        let sources =
            placed.versions.iter().filter_map(|version| version.source).map(|(source, _)| source);
        for source in sources.filter(|&source| placed.versions[source].available()) {
            let said = statements.get(&source).filter(|_| !of.contains_key(&source));
            for stated in said.iter().flat_map(|said| &said.page) {
                let lines = of.entry(source).or_default().entry(stated.segment).or_default();
                lines.push(line(source, stated));
            }
        }
        for (&source, (from, segments)) in recovered {
            let Some(said) = statements.get(from) else { continue };
            for (number, units) in (1..).zip(segments) {
                for stated in &said.source {
                    // Units are sentences.
                    let unit = units.iter().position(|unit| *unit == stated.segment);
                    let Some(unit) = unit else { continue };
                    let nth = match units.len() {
                        1 => stated.nth,
                        of => Nth { sentence: unit as u16, of: of as u16 },
                    };
                    let lines = of.entry(source).or_default().entry(number).or_default();
                    lines.push(Line { nth, ..line(*from, stated) });
                }
            }
        }
        Self { of }
    }

    /// Whether a segment of a source states anything.
    pub fn states(&self, source: usize, segment: u32) -> bool {
        self.of.get(&source).is_some_and(|lines| lines.contains_key(&segment))
    }

    /// What each translation is expected to say. `aligned` are its segments with those of its
    /// source; a bilingual one has its source beside it.
    pub fn projections(
        &self,
        placed: &Placed,
        statements: &BTreeMap<usize, Statements>,
        aligned: &BTreeMap<usize, Vec<(u32, u32)>>,
    ) -> BTreeMap<usize, Vec<Projection>> {
        let mut found = BTreeMap::new();
        for (&version, said) in statements {
            let mut projections = Vec::new();
            let source = placed.versions[version].source.map(|(source, _)| source);
            if !said.source.is_empty() {
                let mut beside: BTreeMap<u32, Vec<Line<'_>>> = BTreeMap::new();
                for stated in &said.source {
                    beside.entry(stated.segment).or_default().push(line(version, stated));
                }
                for (segment, lines) in &beside {
                    projections.extend(expected(*segment, lines, said));
                }
            } else if let (Some(pairs), Some(source)) = (aligned.get(&version), source) {
                for (segment, of) in pairs {
                    let lines = self.of.get(&source).and_then(|lines| lines.get(of));
                    projections.extend(lines.into_iter().flat_map(|l| expected(*segment, l, said)));
                }
            }
            if !projections.is_empty() {
                found.insert(version, projections);
            }
        }
        found
    }
}

fn line(version: usize, stated: &Stated) -> Line<'_> {
    Line {
        nth: stated.nth,
        claim: &stated.claim,
        written: &stated.written,
        witness: Witness::of(version, stated),
    }
}

/// The statements of one segment of the source, as a segment of the translation should make them.
fn expected(segment: u32, lines: &[Line<'_>], said: &Statements) -> Vec<Projection> {
    let in_segment = said.page.iter().filter(|stated| stated.segment == segment);
    let own: Vec<Span> = in_segment.map(|stated| stated.span).collect();
    let mut statements: BTreeMap<(Nth, Witness, Claim, &str), Vec<Claim>> = BTreeMap::new();
    for line in lines {
        let key = (line.nth, line.witness, line.claim.placeless(), line.written);
        statements.entry(key).or_default().push(line.claim.clone());
    }
    statements
        .into_iter()
        .map(|((nth, witness, _, written), mut claims)| {
            claims.sort();
            claims.dedup();
            let written = written.to_owned();
            Projection { segment, nth, claims, written, witness, own: own.clone() }
        })
        .collect()
}
