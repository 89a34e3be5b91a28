//! Finds the data center that a place of a clause belongs to: "German data centers", "region Norway
//! East", "data centers in Norway".

use std::ops::Range;

use super::Clause;
use super::extent::is_comma;
use super::places::{Found, What};
use crate::catalog::languages::{ADPOSITIONS, Activity, Cue, Mark};

/// How far a data center may stand from the place that describes it.
const CENTRE_REACH: usize = 3;
/// How many words may stand between an adjective of place and its data center: "German Contoso cloud
/// regions".
const MODIFIERS: usize = 2;
/// What stands around words that are a name, whatever they mean.
const QUOTES: [char; 6] = ['"', '“', '”', '„', '«', '»'];

impl<'a> Clause<'_, 'a> {
    /// The data centre that a place stands before.
    pub(super) fn centre(&self, place: &Range<usize>) -> Option<Range<usize>> {
        let p = self.passage;
        // In one word: "EU-datacenter".
        let compound = p.marks(Mark::DataCenter, &self.main).find(|centre| {
            centre.start <= place.start && place.start < centre.end && place.end < centre.end
        });
        let after = p.past_of(place.end, self.main.end);
        compound.or_else(|| {
            p.marks(Mark::DataCenter, &(after..self.main.end)).next().filter(|range| {
                p.words(after..range.start) == 0 || self.modifies(place, after..range.start)
            })
        })
    }

    /// Whether only modifiers stand between an adjective of place and its noun.
    pub(super) fn modifies(&self, place: &Range<usize>, between: Range<usize>) -> bool {
        let p = self.passage;
        let is_adjective =
            p.hits(place).any(|hit| hit.range == *place && matches!(hit.cue, Cue::Adjective(_)));
        let parts = [Mark::People, Mark::Break, Mark::Of, Mark::Join, Mark::Relative, Mark::Not]
            .into_iter()
            .chain(ADPOSITIONS);
        is_adjective
            && p.words(between.clone()) <= MODIFIERS
            && !p.plain[between.clone()].contains(|c| is_comma(c) || matches!(c, ';' | ':' | '('))
            && (p.verbs(&between).is_empty() || p.plain[between.clone()].contains(QUOTES))
            && p.categories(&between).is_empty()
            && !p.has_place(&between)
            && !parts.into_iter().any(|mark| p.has(mark, &between))
    }

    /// Whether a place is the name of the data centre directly before it: "region Norway East".
    pub(super) fn names_centre(&self, place: &Range<usize>) -> bool {
        let p = self.passage;
        let centre = p.marks(Mark::DataCenter, &(self.main.start..place.start)).last();
        centre.is_some_and(|centre| {
            let between = centre.end..place.start;
            let after = p.begins(Mark::Of, &between).map_or(centre.end, |of| of.end);
            p.plain[after..place.start].trim().is_empty() || self.modifies(place, between)
        })
    }

    /// Whether a place is that of a data centre beside it: "the US region", "region Norway East".
    pub(super) fn is_named_centre(&self, place: &Range<usize>) -> bool {
        self.centre(place).is_some()
            || self.names_centre(place)
            || self.passage.has(Mark::DataCenter, place)
    }

    /// Whether something comes from the data centres of a place: "from German data centers", "from
    /// data centers in Germany".
    pub(super) fn is_from_centre(&self, location: &Found<'a>) -> bool {
        let p = self.passage;
        let between = |centre: &Range<usize>| centre.end..location.range.end;
        let is_beside = |centre: &Range<usize>| {
            let is_attribute = |(_, activity): &(_, Activity)| *activity == Activity::Located;
            p.words(between(centre)) <= CENTRE_REACH + p.words(location.range.clone())
                && p.activities(&between(centre)).iter().all(is_attribute)
        };
        let before = p.marks(Mark::DataCenter, &(self.main.start..location.range.start)).last();
        let described = || before.filter(is_beside).and_then(|centre| self.preposition(&centre));
        let is_described = self.centred(&location.range).is_some();
        (location.relation == Mark::From && is_described)
            || described().is_some_and(|(mark, _)| mark == Mark::From)
    }

    /// Whether a place directly follows another one that something is moved from.
    pub(super) fn is_goal(&self, location: &Found<'a>) -> bool {
        let p = self.passage;
        let is_place = matches!(location.what, What::Places(_));
        let before = p.hits(&(self.main.start..location.range.start));
        let origin = before.filter(|hit| matches!(hit.cue, Cue::Place(_))).last();
        is_place
            && location.relation == Mark::To
            && origin.is_some_and(|origin| {
                let is_from = self.preposition(&origin.range).is_none_or(|(m, _)| m == Mark::From);
                is_from && p.words(origin.range.end..location.range.start) <= 1
            })
    }

    /// The data centre that a place describes, in it or soon after: "a worldwide network of data
    /// centers".
    pub(super) fn centred(&self, place: &Range<usize>) -> Option<Range<usize>> {
        let p = self.passage;
        let before = self.main.start..place.start;
        let after = p.marks(Mark::DataCenter, &(place.start..self.main.end)).next();
        let before = p.marks(Mark::DataCenter, &before).last().filter(|centre| {
            let between = centre.end..place.start;
            p.words(between.clone()) <= CENTRE_REACH && p.activities(&between).is_empty()
        });
        after
            .filter(|range| p.words(place.end..range.start.max(place.end)) <= CENTRE_REACH)
            .or(before)
    }
}
