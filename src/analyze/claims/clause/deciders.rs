//! Words that make a rule what decides where something is: "the country you choose determines where …".

use std::ops::Range;

use super::extent::is_comma;
use super::places::{Found, What};
use super::{Clause, FRONT, SUBJECT_REACH};
use crate::analyze::claims::passage::contains;
use crate::analyze::claims::rules::Ruled;
use crate::catalog::languages::{Activity, Mark, Rule, VerbOrder};

impl<'a> Clause<'_, 'a> {
    /// The word after a rule that makes it what decides: "the country you choose determines where …".
    pub(super) fn decides(&self, location: &Found<'a>) -> Option<Range<usize>> {
        let p = self.passage;
        let What::Rule(ruled) = &location.what else { return None };
        // "the location is based on the address you gave": the phrase itself says that it decides.
        let inside = p.marks(Mark::Decides, &ruled.range).next();
        // Where the infinitive comes late, more stands before it: "wordt de PDL gebruikt om … te bepalen".
        let is_late = ruled.rule == Rule::UserPdl && p.language.verb != VerbOrder::First;
        let reach = if is_late { 2 * SUBJECT_REACH } else { SUBJECT_REACH };
        let near = |mark: &Range<usize>| p.words(ruled.range.end..mark.start) <= reach;
        let mut after = p.marks(Mark::Decides, &(ruled.range.end..self.main.end));
        // "Data residency is determined by the geography of the tenant": what is decided is ahead.
        let ahead = || {
            let mark = p.marks(Mark::Decides, &(self.main.start..ruled.range.start)).last()?;
            let subject = self.main.start..mark.start;
            let is_beside = p.words(mark.end..ruled.range.start) <= FRONT;
            (is_beside && self.is_place_of_data(&subject)).then_some(mark)
        };
        inside.or_else(|| after.next().filter(near)).or_else(ahead).or_else(|| self.ties(ruled))
    }

    /// The words without a verb that tie a place of data to the rule beside them: "local data residency
    /// based on the location of the tenant".
    fn ties(&self, ruled: &Ruled<'a>) -> Option<Range<usize>> {
        let p = self.passage;
        let last = p.language.verb == VerbOrder::Last;
        let is_beside = |per: &Range<usize>| {
            let between = per.end.min(ruled.range.end)..ruled.range.start.max(per.start);
            p.words(between) <= FRONT
        };
        let is_decided = |per: &Range<usize>| {
            let subject = if last { per.end..self.main.end } else { self.main.start..per.start };
            let place = p.marks(Mark::DataPlace, &subject);
            let place = if last { place.take(1).last() } else { place.last() };
            place.is_some_and(|place| {
                let between = place.end.min(per.end)..per.start.max(place.start);
                p.words(between.clone()) <= FRONT && p.activities(&between).is_empty()
            })
        };
        let mut marks = p.marks(Mark::Per, &self.main);
        marks.find(|per| is_beside(per) && is_decided(per))
    }

    /// Whether a rule only says why data is where it is: "… in Norway, based on the tenant's location".
    pub(super) fn explains(&self, location: &Found<'a>) -> bool {
        let p = self.passage;
        let What::Rule(ruled) = &location.what else { return false };
        let before = self.main.start..ruled.range.start;
        p.language.verb == VerbOrder::First
            && (p.begins(Mark::Per, &ruled.range).is_some()
                || p.marks(Mark::Per, &before)
                    .last()
                    .is_some_and(|per| p.words(per.end..before.end) <= 1))
    }

    /// Whether words name a place of data: a data center, or a place and what holds data.
    fn is_place_of_data(&self, words: &Range<usize>) -> bool {
        let p = self.passage;
        let is_held = || p.has(Mark::Container, words) || !p.categories(words).is_empty();
        !self.ends_with_people(words)
            && (p.has(Mark::DataPlace, words) || (p.has(Mark::DataCenter, words) && is_held()))
    }

    /// Whether words end with what is no place of data though it has one: "the region's time zone",
    /// but not "the region for new tenants".
    fn ends_with_people(&self, words: &Range<usize>) -> bool {
        let p = self.passage;
        p.marks(Mark::People, words).last().is_some_and(|who| {
            let place = [Mark::DataCenter, Mark::Places].into_iter();
            let place = place.filter_map(|mark| p.marks(mark, &(words.start..who.start)).last());
            let from = place.map(|range| range.end).max().unwrap_or(words.start);
            p.words(who.end..words.end) == 0 && !p.has(Mark::Of, &(from..who.start))
        })
    }

    /// What is done in the place that is decided: the verb after it, or what a place is for.
    pub(super) fn decided(
        &self,
        decides: &Range<usize>,
        location: &Found<'a>,
        verbs: &[(Range<usize>, Activity)],
    ) -> Option<Vec<(Range<usize>, Activity)>> {
        let p = self.passage;
        let rest = decides.end..self.main.end;
        // "The storage location depends on the region in which it is used": what describes the
        // place that decides says nothing of what is in it.
        let decided = self.main.start..decides.start.max(self.main.start);
        if decides.end <= location.range.start && p.has(Mark::DataPlace, &decided) {
            let mut done = p.activities(&decided).into_iter().map(|(_, activity)| activity);
            let is_processed = done.any(|activity| activity == Activity::Processes);
            let done = if is_processed { Activity::Processes } else { Activity::Stores };
            return Some(vec![(decides.clone(), done)]);
        }
        if let Some(verb) = verbs.iter().find(|(range, _)| range.start >= decides.end) {
            return Some(self.run(verbs, verb.clone()));
        }
        // "you can decide where it fits" speaks of no place of data.
        let is_inside = contains(&location.range, decides);
        let chooses =
            matches!(&location.what, What::Rule(ruled) if ruled.rule == Rule::CustomerChoice);
        if is_inside && chooses {
            return None;
        }
        // In a passive the place is the subject: "the region … is determined by the country".
        if matches!(&location.what, What::Rule(ruled) if self.ties(ruled).as_ref() == Some(decides))
        {
            return Some(vec![(decides.clone(), Activity::Stores)]);
        }
        let passive = contains(&location.range, decides) || decides.end <= location.range.start;
        let subject = self.main.start..if passive { decides.start } else { location.range.start };
        // "the time zone of a region is determined by …": that is no place of data.
        // Where the verb comes last, what decides stands before it, and is none of its subject.
        let subject_end = match p.language.verb {
            VerbOrder::Last => decides.start.min(location.range.start),
            _ => decides.start,
        };
        let is_theirs = self.ends_with_people(&(self.main.start..subject_end));
        let of_place = !is_theirs
            && [rest, subject]
                .iter()
                .any(|range| p.has(Mark::DataCenter, range) || p.has(Mark::Places, range));
        of_place.then(|| vec![(decides.clone(), Activity::Stores)])
    }

    /// Whether a phrase asks for a place, by its last words: "control where …", "control over which data
    /// centers …".
    fn asks_which(&self, ruled: &Ruled<'a>) -> bool {
        let p = self.passage;
        let last = p.marks(Mark::Relative, &ruled.range).last();
        last.is_some_and(|which| p.words(which.end..ruled.range.end) <= 1)
    }

    /// What is done in a place that somebody chooses: the verb that the phrase leads to, else what the
    /// phrase says by itself.
    pub(super) fn chosen(
        &self,
        location: &Found<'a>,
        verbs: &[(Range<usize>, Activity)],
    ) -> Option<Vec<(Range<usize>, Activity)>> {
        let p = self.passage;
        let What::Rule(ruled) = &location.what else { return None };
        let leads = ruled.rule == Rule::CustomerChoice
            && self.asks_which(ruled)
            && p.begins(Mark::Places, &ruled.range).is_none();
        let mut after = verbs.iter().filter(|(verb, _)| ruled.range.end <= verb.start);
        let next = after.next().filter(|(verb, _)| {
            let between = ruled.range.end..verb.start;
            (leads || ruled.phrase.does.is_some())
                && p.things(between.clone()) <= 2 * SUBJECT_REACH
                && !p.plain[between].contains(is_comma)
        });
        match next {
            Some(verb) => Some(self.run(verbs, verb.clone())),
            None => ruled.phrase.does.map(|does| vec![(ruled.range.clone(), does)]),
        }
    }
}
