//! Finds what names the rule for a place: phrases of the language's sheet, and what stands beside
//! nouns for places.
//!
//! Which of them the clause says something of is decided in `clause`.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ops::Range;

use super::passage::{Passage, contains, overlap};
use crate::catalog::ProductId;
use crate::catalog::languages::{Cue, Mark, Phrase, Rule, Step, VerbOrder};

mod noun_phrases;

/// How far behind the word that decides it a place stands.
const DECIDED_REACH: usize = 2;

/// A phrase that names the rule for a place.
#[derive(Clone, Debug)]
pub struct Ruled<'a> {
    pub range: Range<usize>,
    pub rule: Rule,
    pub phrase: &'a Phrase,
}

/// The rules of a stretch, with the product whose own name decides nothing.
#[derive(Debug)]
pub struct Known<'a> {
    within: Range<usize>,
    product: Option<ProductId>,
    rules: Vec<Ruled<'a>>,
}

impl<'a> Passage<'a> {
    /// The phrases in a stretch that name a rule, the stronger first.
    pub fn rules(&self, within: &Range<usize>, product: Option<ProductId>) -> Vec<Ruled<'a>> {
        let terms = self.terms(within);
        if terms.is_empty() {
            return Vec::new();
        }
        let is_it = |known: &&Known<'a>| known.within == *within && known.product == product;
        if let Some(known) = self.ruled.borrow().iter().find(is_it) {
            return known.rules.clone();
        }
        let rules = self.find_rules(&terms, within, product);
        let known = Known { within: within.clone(), product, rules: rules.clone() };
        self.ruled.borrow_mut().push(known);
        rules
    }

    /// The terms of phrases in a stretch.
    pub(super) fn terms(&self, within: &Range<usize>) -> BTreeSet<u32> {
        self.hits(within)
            .filter_map(|hit| if let Cue::Term(term) = hit.cue { Some(term) } else { None })
            .collect()
    }

    fn find_rules(
        &self,
        terms: &BTreeSet<u32>,
        within: &Range<usize>,
        product: Option<ProductId>,
    ) -> Vec<Ruled<'a>> {
        let mut found: Vec<Ruled<'a>> = Vec::new();
        for phrase in self.language.phrases.among(terms) {
            if names_service(phrase) {
                continue;
            }
            let mut rest = within.clone();
            while let Some(range) = self.phrase(phrase, &rest, product) {
                rest.start = range.end;
                found.push(Ruled { range, rule: phrase.means, phrase });
            }
        }
        // What points back says more than its noun: "the new region", "that is also the region where
        // data is kept".
        let points_back: Vec<(Range<usize>, bool)> = found
            .iter()
            .filter(|ruled| ruled.rule == Rule::Antecedent)
            .map(|ruled| (ruled.range.clone(), self.ends(Mark::Relative, &ruled.range).is_some()))
            .collect();
        found.retain(|ruled| {
            let is_part = |(back, opens): &(Range<usize>, bool)| {
                let is_inside = contains(back, &ruled.range) && back.len() > ruled.range.len();
                let goes_on =
                    *opens && overlap(back, &ruled.range) && back.start < ruled.range.start;
                is_inside || goes_on
            };
            ruled.rule != Rule::SameRegion || !points_back.iter().any(is_part)
        });
        // "in another country where we have facilities" says more than "in another country".
        let others: Vec<Range<usize>> = found
            .iter()
            .filter(|ruled| ruled.rule > Rule::SameRegion)
            .map(|ruled| ruled.range.clone())
            .collect();
        let is_part = |range: &Range<usize>| {
            others.iter().any(|other| contains(other, range) && other.len() > range.len())
        };
        found.retain(|ruled| ruled.rule != Rule::SameRegion || !is_part(&ruled.range));
        found.sort_by_key(|ruled| (ruled.rule, Reverse(ruled.range.len()), ruled.range.start));
        let mut kept: Vec<Ruled<'a>> = Vec::new();
        for ruled in found {
            if !kept.iter().any(|other| overlap(&other.range, &ruled.range)) {
                kept.push(ruled);
            }
        }
        for ruled in noun_phrases::rules(self, within, product) {
            // What only says "the region" does not say whose.
            let is_plain =
                |other: &Ruled<'_>| other.rule == Rule::SameRegion && ruled.rule < Rule::SameRegion;
            let mut beside = kept.iter().filter(|other| overlap(&other.range, &ruled.range));
            if beside.all(is_plain) {
                kept.retain(|other| !overlap(&other.range, &ruled.range));
                kept.push(ruled);
            }
        }
        // "The country you choose determines the primary location": that is decided already.
        let decided: Vec<Range<usize>> = self
            .marks(Mark::Decides, within)
            .filter(|mark| kept.iter().any(|ruled| ruled.range.end <= mark.start))
            .collect();
        kept.retain(|ruled| {
            ruled.rule != Rule::SameRegion
                || !decided.iter().any(|mark| {
                    let between = mark.end..ruled.range.start;
                    between.start <= between.end && self.words(between) <= DECIDED_REACH
                })
        });
        kept
    }

    /// The named services that something in a stretch goes to: "to Contoso Mail".
    pub fn goals(&self, within: &Range<usize>) -> Vec<Ruled<'a>> {
        let phrases = self.language.phrases.among(&self.terms(within));
        phrases
            .into_iter()
            .filter(|phrase| names_service(phrase))
            .filter_map(|phrase| {
                let range = self.phrase(phrase, within, None)?;
                Some(Ruled { range, rule: phrase.means, phrase })
            })
            .collect()
    }

    /// The first place where a phrase stands.
    pub(super) fn phrase(
        &self,
        phrase: &Phrase,
        within: &Range<usize>,
        product: Option<ProductId>,
    ) -> Option<Range<usize>> {
        let starts = self.step(phrase.steps[0].1, within, product);
        let mut found = starts.into_iter().filter_map(|start| {
            let end = self.follow(&phrase.steps[1..], start.end..within.end, product)?;
            Some(start.start..end)
        });
        let first = found.next()?;
        // "The data location is determined by the region you select": the place that decides.
        let is_decided = self.has(Mark::Decides, &first);
        let mut nearer = found.take_while(|range| range.end == first.end);
        let other = nearer.find(|range| is_decided && !self.has(Mark::Decides, range));
        Some(other.unwrap_or(first))
    }

    /// Where the steps of a phrase end that follow one another from the start of a stretch. A word that
    /// fits a step may not lead on, where a later one does: "the country or region where …". No gap
    /// reaches into a condition.
    fn follow(
        &self,
        steps: &[(usize, Step)],
        within: Range<usize>,
        product: Option<ProductId>,
    ) -> Option<usize> {
        let Some((&(gap, step), rest)) = steps.split_first() else { return Some(within.start) };
        let next = self.step(step, &within, product);
        next.into_iter()
            .filter(|range| {
                let between = within.start..range.start;
                self.named_words(between.clone()) <= gap
                    && (gap == 0
                        || self.language.verb == VerbOrder::Last
                        || !self.has(Mark::Given, &between))
            })
            .find_map(|range| self.follow(rest, range.end..within.end, product))
    }

    fn step(
        &self,
        step: Step,
        within: &Range<usize>,
        product: Option<ProductId>,
    ) -> Vec<Range<usize>> {
        match step {
            Step::Term(term) => self
                .hits(within)
                .filter(|hit| hit.cue == Cue::Term(term))
                .map(|hit| hit.range.clone())
                .collect(),
            Step::Product => self
                .products_in(within)
                .filter(|named| Some(named.product) != product && !named.background)
                .map(|named| named.range.clone())
                .collect(),
        }
    }
}

/// Whether a phrase is nothing but the name of a service that data goes to.
pub fn names_service(phrase: &Phrase) -> bool {
    let names = phrase.steps.iter().filter(|(_, step)| *step == Step::Product).count();
    phrase.means == Rule::Service && names == 1
}
