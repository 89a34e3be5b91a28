//! What translations say by what their sources say, sentence by sentence.
//!
//! A statement of the source is expected of each translation at the same place. Whether the
//! translation has a sentence that could say it is found in its text, which is not seen here.

use std::collections::{BTreeMap, BTreeSet};

use super::Placed;
use super::claims::Claim;
use super::divergence::{Stated, Statements, Witness};
use crate::analyze::claims::departures::Words;
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
    /// What the sentence there speaks of.
    pub sentence: Words,
    /// The segment of the translation that has the source's lead-in, counted from 1.
    pub lead: Option<u32>,
    /// The statements that the translation makes in that segment itself.
    pub own: Vec<OwnClaim>,
}

/// What a translation says itself where it is expected to say what its source says.
#[derive(Clone, Debug)]
pub struct OwnClaim {
    pub claim: Claim,
    pub span: Span,
    pub lead: Option<Span>,
    /// Hash of the clause and its lead.
    pub words: u32,
}

/// A statement of a source: which sentence of a segment makes it.
struct Line<'a> {
    nth: Nth,
    claim: &'a Claim,
    written: &'a str,
    witness: Witness,
    sentence: &'a Words,
    lead: Option<u32>,
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
                    let within = |lead: u32| {
                        let holds = |units: &Vec<u32>| units.contains(&lead);
                        segments.iter().position(holds).map(|at| at as u32 + 1)
                    };
                    let lead = stated.lead_segment.and_then(within);
                    let lines = of.entry(source).or_default().entry(number).or_default();
                    lines.push(Line { nth, lead, ..line(*from, stated) });
                }
            }
        }
        Self { of }
    }

    /// Whether a segment of a source states anything, or leads in to what does.
    pub fn needs(&self, source: usize, segment: u32) -> bool {
        let leads = |line: &Line<'_>| line.lead == Some(segment);
        let lines = self.of.get(&source);
        lines.is_some_and(|lines| {
            lines.contains_key(&segment) || lines.values().flatten().any(leads)
        })
    }

    /// Whether a source states what the English side of its translation does. That side may have
    /// been edited; where the source is not at hand, it speaks for it.
    fn confirms(&self, source: Option<usize>, stated: &Stated) -> bool {
        let lines = source.and_then(|source| self.of.get(&source));
        lines.is_none_or(|lines| lines.values().flatten().any(|line| *line.claim == stated.claim))
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
                for stated in said.source.iter().filter(|stated| self.confirms(source, stated)) {
                    beside.entry(stated.segment).or_default().push(line(version, stated));
                }
                for (segment, lines) in &beside {
                    projections.extend(expected(*segment, lines, said, Some));
                }
            } else if let (Some(pairs), Some(source)) = (aligned.get(&version), source) {
                let own = |of: u32| Some(pairs.iter().find(|(_, source)| *source == of)?.0);
                for (segment, of) in pairs {
                    let lines = self.of.get(&source).and_then(|lines| lines.get(of));
                    let lines = lines.into_iter();
                    projections.extend(lines.flat_map(|l| expected(*segment, l, said, own)));
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
        sentence: &stated.sentence,
        lead: stated.lead_segment,
    }
}

/// The statements of one segment of the source, as a segment of the translation should make them.
/// `own_segment` gives the segment of the translation for one of the source.
fn expected(
    segment: u32,
    lines: &[Line<'_>],
    said: &Statements,
    own_segment: impl Fn(u32) -> Option<u32>,
) -> Vec<Projection> {
    let in_segment = said.page.iter().filter(|stated| stated.segment == segment);
    let own = in_segment.map(|stated| OwnClaim {
        claim: stated.claim.clone(),
        span: stated.span,
        lead: stated.lead,
        words: stated.words,
    });
    let own: Vec<OwnClaim> = own.collect();
    let mut statements: BTreeMap<(Nth, Witness, Claim, &str), Vec<&Line<'_>>> = BTreeMap::new();
    for line in lines {
        let key = (line.nth, line.witness, line.claim.placeless(), line.written);
        statements.entry(key).or_default().push(line);
    }
    statements
        .into_iter()
        .map(|((nth, witness, _, written), lines)| {
            let claims: BTreeSet<&Claim> = lines.iter().map(|line| line.claim).collect();
            Projection {
                segment,
                nth,
                claims: claims.into_iter().cloned().collect(),
                written: written.to_owned(),
                witness,
                sentence: lines[0].sentence.clone(),
                lead: lines[0].lead.and_then(&own_segment),
                own: own.clone(),
            }
        })
        .collect()
}
