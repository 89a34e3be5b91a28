//! Finds the word that says how a location takes part in its clause: "in", "to", "outside", before it or
//! after it.

use std::cmp::Reverse;
use std::ops::Range;

use super::Clause;
use crate::catalog::languages::{ADPOSITIONS, Activity, Adpositions, Mark};

/// How far a preposition may stand before its place: "in Contoso cloud data centers in …".
const PREPOSITION_REACH: usize = 5;
/// How far after its place a postposition or the word with the ending may stand.
const POSTPOSITION_REACH: usize = 3;
/// How many words may stand between "in" and "of" in "in one of the regions".
const ONE_OF: usize = 2;

impl<'a> Clause<'_, 'a> {
    /// The nearest preposition of place before a location, with no verb between; where the language
    /// has them after it, the postposition or ending.
    pub(super) fn preposition(&self, location: &Range<usize>) -> Option<(Mark, Range<usize>)> {
        let after = || self.postposition(location);
        match self.passage.language.adpositions {
            Adpositions::Before => self.before(location),
            Adpositions::After => self.beyond(location).or_else(after),
            Adpositions::Both => {
                self.beyond(location).or_else(|| self.before(location)).or_else(after)
            }
        }
    }

    /// The word after a location that says "outside": it counts whatever stands before, and whatever
    /// ending the location itself has.
    pub(super) fn beyond(&self, location: &Range<usize>) -> Option<(Mark, Range<usize>)> {
        let p = self.passage;
        let until = self.main.end;
        let outside = p.begins(Mark::Outside, &(p.past_of(location.end, until)..until))?;
        (p.language.adpositions != Adpositions::Before)
            .then_some((Mark::Outside, location.start..outside.end))
    }

    /// The ending or postposition that a phrase has inside it, before a clause that describes the
    /// place.
    pub(super) fn inner(&self, phrase: &Range<usize>) -> Option<(Mark, Range<usize>)> {
        let p = self.passage;
        let relative = p.marks(Mark::Relative, phrase).find(|at| at.start > phrase.start)?;
        let noun = phrase.start..relative.start;
        let found = ADPOSITIONS
            .into_iter()
            .find_map(|mark| p.marks(mark, &noun).last().map(|range| (mark, range)));
        found.filter(|_| p.language.adpositions != Adpositions::Before)
    }

    pub(super) fn begins_with_adposition(&self, range: &Range<usize>) -> bool {
        ADPOSITIONS.into_iter().any(|mark| self.passage.begins(mark, range).is_some())
    }

    pub(super) fn before(&self, location: &Range<usize>) -> Option<(Mark, Range<usize>)> {
        let p = self.passage;
        let before = self.main.start..location.start;
        let (mark, range) = ADPOSITIONS
            .into_iter()
            .filter_map(|mark| p.marks(mark, &before).last().map(|range| (mark, range)))
            .max_by_key(|(mark, range)| (range.end, Reverse(range.start), Reverse(*mark)))?;
        // "in one of the German data centers": where, not where from.
        let one_of = |of: &Range<usize>| {
            let last = |mark| p.marks(mark, &(before.start..of.start)).last().map(|at| (mark, at));
            let whole = [Mark::In, Mark::To].into_iter().filter_map(last);
            let nearest = whole.max_by_key(|(_, at)| at.end);
            nearest.filter(|(_, at)| {
                let between = at.end..of.start;
                (1..=ONE_OF).contains(&p.words(between.clone()))
                    && !p.has_place(&between)
                    && p.categories(&between).is_empty()
                    && p.verbs(&between).is_empty()
            })
        };
        let (mark, range) = match mark {
            Mark::From => one_of(&range).unwrap_or((mark, range)),
            _ => (mark, range),
        };
        let between = range.end..location.start;
        let crossed =
            p.activities(&between).iter().any(|(_, activity)| *activity != Activity::Processes);
        // "in documents, but Austria requires …": the place opens another clause.
        let joins: Vec<_> = p.marks(Mark::Join, &between).collect();
        let parts = p.marks(Mark::Break, &between).any(|or| !joins.contains(&or));
        (p.centres(between) <= PREPOSITION_REACH && !crossed && !parts).then_some((mark, range))
    }

    pub(super) fn postposition(&self, location: &Range<usize>) -> Option<(Mark, Range<usize>)> {
        let p = self.passage;
        let after = location.start..self.main.end;
        ADPOSITIONS
            .into_iter()
            .filter_map(|mark| {
                let mut ranges = p.marks(mark, &after);
                ranges.find(|range| range.end >= location.end).map(|range| (mark, range))
            })
            .min_by_key(|(mark, range)| (range.start, Reverse(range.end), Reverse(*mark)))
            .filter(|(_, range)| p.centres(location.end..range.start) <= POSTPOSITION_REACH)
            // What the location begins with is its own; the ending belongs to its last word.
            .map(|(mark, range)| (mark, location.start..range.end))
    }
}
