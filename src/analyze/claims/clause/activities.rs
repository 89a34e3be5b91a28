//! What is done in a place: by its verbs, by nouns around a verb that says little itself, by the clause
//! that describes the place.

use std::ops::Range;

use super::Clause;
use super::places::{Found, What};
use crate::catalog::languages::{Activity, Category, Mark, VerbOrder};

/// How far before its verb the noun may stand that says what is done.
const NOUN_REACH: usize = 6;
/// How many words of its verb may stand between a place and the clause that describes it.
const CLOSING: usize = 3;

impl<'a> Clause<'_, 'a> {
    /// What the verbs of a run do: what the nouns around say, where a verb leaves it to them, as in
    /// "storage and processing occur".
    pub(super) fn done(&self, run: &[(Range<usize>, Activity)]) -> Vec<Activity> {
        let p = self.passage;
        let mut activities = Vec::new();
        for (verb, activity) in run {
            let nouns = self.nouns_of(verb);
            let mut light =
                p.marks(Mark::Occurs, &self.main).chain(p.marks(Mark::Performs, &self.main));
            let is_light = light.any(|light| light == *verb);
            activities.extend(nouns.into_iter().filter(|_| is_light));
            if !is_light || activities.is_empty() {
                activities.push(*activity);
            }
        }
        activities
    }

    /// The activities that the nouns around a verb name, its subjects, or the objects of one that
    /// performs them.
    pub(super) fn nouns_of(&self, verb: &Range<usize>) -> Vec<Activity> {
        let p = self.passage;
        let named = [
            (Mark::Storage, Activity::Stores),
            (Mark::Processing, Activity::Processes),
            (Mark::Backup, Activity::BacksUp),
        ];
        let ahead = self.main.start..verb.start;
        let behind = verb.end..self.main.end;
        let is_subject = |mark: Mark| {
            let before = p.marks(mark, &ahead).last();
            let after = p.marks(mark, &behind).next();
            before.is_some_and(|noun| p.words(noun.end..verb.start) <= NOUN_REACH)
                || ((p.language.verb != VerbOrder::First || self.is_marked(Mark::Performs, verb))
                    && after.is_some_and(|noun| p.words(verb.end..noun.start) <= 1))
        };
        // "storage of content and processing": what is joined to a subject is one.
        let near: Vec<_> = named.iter().filter(|(mark, _)| is_subject(*mark)).collect();
        let joined = |mark: Mark| {
            let nouns = |mark| p.marks(mark, &ahead).last();
            near.iter().filter_map(|(other, _)| nouns(*other)).any(|other| {
                nouns(mark)
                    .is_some_and(|noun| noun.end <= other.start && p.is_join(noun.end..other.start))
            })
        };
        let is_done = |mark: Mark| near.iter().any(|(other, _)| *other == mark) || joined(mark);
        named.iter().filter(|(mark, _)| is_done(*mark)).map(|&(_, done)| done).collect()
    }

    /// What a clause that describes a place says is done there: "is sent to Norway, where it is
    /// stored and processed".
    pub(super) fn done_there(
        &self,
        location: &Found<'a>,
        governing: Option<&[(Range<usize>, Activity)]>,
    ) -> Vec<(Range<usize>, Activity)> {
        let p = self.passage;
        // "wird nach Norwegen gesendet, wo …": the verb may close its clause before.
        let last = governing.and_then(|run| run.last()).map_or(0, |(verb, _)| verb.end);
        let closes = p.language.verb != VerbOrder::First
            && location.range.end <= last
            && p.words(location.range.end..last) <= CLOSING;
        let from = if closes { last } else { location.range.end };
        let rest = from.min(self.main.end)..self.main.end;
        let relative = p.begins(Mark::Relative, &rest).filter(|_| last <= from);
        let is_place = matches!(location.what, What::Places(_));
        let Some(relative) = relative.filter(|_| is_place) else {
            let from = location.range.end.max(last)..self.main.end;
            return if is_place { self.pointed_there(from) } else { Vec::new() };
        };
        let inside = relative.end..rest.end;
        let light = p.marks(Mark::Occurs, &inside).map(|verb| (verb, Activity::Processes));
        let light = light.filter(|(verb, _)| !self.nouns_of(verb).is_empty());
        let is_own = |(_, activity): &(Range<usize>, Activity)| {
            matches!(activity, Activity::Stores | Activity::Processes | Activity::Replicates)
        };
        let own = p.activities(&inside);
        let Some(first) = own.first().cloned().filter(is_own).or(light.min_by_key(|v| v.0.start))
        else {
            return Vec::new();
        };
        let subject = relative.end..first.0.start;
        let is_same = p.words(subject.clone()) <= NOUN_REACH
            && p.products_in(&subject).next().is_none()
            && ![Mark::People, Mark::Operator, Mark::DataCenter]
                .into_iter()
                .any(|mark| p.has(mark, &subject))
            && p.categories(&subject).iter().all(|(_, category)| *category == Category::Data)
            && !p.has(Mark::Not, &inside);
        match own.contains(&first) {
            _ if !is_same => Vec::new(),
            true => self.run(&own, first),
            false => vec![first],
        }
    }

    /// What the words after a place say is done "there": "is sent to Norway and stored there".
    fn pointed_there(&self, after: Range<usize>) -> Vec<(Range<usize>, Activity)> {
        let p = self.passage;
        let verbs = p.activities(&after);
        let is_beside = |verb: &Range<usize>| {
            p.marks(Mark::There, &after).any(|there| {
                let between = there.end.min(verb.end)..verb.start.max(there.start);
                p.words(between) <= 1
            })
        };
        let is_done = |(verb, activity): &&(Range<usize>, Activity)| {
            matches!(activity, Activity::Stores | Activity::Processes | Activity::Replicates)
                && is_beside(verb)
        };
        let Some(found) = verbs.iter().find(is_done) else { return Vec::new() };
        let between = after.start..found.0.start;
        let goes_on = p.begins(Mark::Break, &between).is_some()
            && p.words(between.clone()) <= NOUN_REACH
            && !p.has_place(&between)
            && ![Mark::People, Mark::Operator, Mark::Not].into_iter().any(|m| p.has(m, &between));
        if goes_on { self.run(&verbs, found.clone()) } else { Vec::new() }
    }
}
