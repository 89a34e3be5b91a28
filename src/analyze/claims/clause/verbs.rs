//! Finds the verb that a location belongs to, those coordinated with it, and whether it is denied.

use std::ops::Range;

use super::places::{Found, What};
use super::{Clause, FRONT, SUBJECT_REACH};
use crate::analyze::claims::passage::{Ruled, contains};
use crate::catalog::languages::{Activity, Mark, Rule, VerbOrder};

/// Farther from its verb a place belongs to something else.
const REACH: usize = 12;
/// How far from its verb a negation may stand.
const NEGATION_REACH: usize = 4;

impl<'a> Clause<'_, 'a> {
    /// The verb of a location with those coordinated with it.
    pub(super) fn governing(
        &self,
        location: &Found<'a>,
        verbs: &[(Range<usize>, Activity)],
    ) -> Option<Vec<(Range<usize>, Activity)>> {
        let p = self.passage;
        let opens = p.words(self.main.start..location.range.start) <= FRONT;
        let cost = |verb: &Range<usize>| {
            if verb.end <= location.range.start {
                return Some(p.words(verb.end..location.range.start));
            }
            let between = location.range.end..verb.start.max(location.range.end);
            let relative = p.has(Mark::Relative, &(location.range.start..between.end));
            let follows = p.language.verb != VerbOrder::First || opens || relative;
            // A rule ahead of its verb has a preposition, unless it is itself what decides.
            let bound = match &location.what {
                What::Rule(ruled)
                    if ruled.rule != Rule::UserPdl
                        && !p.has(Mark::Relative, &ruled.range)
                        && p.begins(Mark::In, &ruled.range).is_none() =>
                {
                    self.preposition(&location.range)
                        .is_some_and(|(_, at)| p.words(at.end..location.range.start) <= 2)
                }
                _ => true,
            };
            (follows && bound).then(|| p.words(between) + 1)
        };
        let best = verbs
            .iter()
            .filter_map(|verb| Some((cost(&verb.0)?, verb)))
            .min_by_key(|(cost, _)| *cost);
        // What decides the place may stand far from the verb: "the … determines where sites … are
        // created".
        let decides = matches!(&location.what, What::Rule(ruled) if ruled.rule == Rule::UserPdl);
        let reach = if decides { REACH + SUBJECT_REACH } else { REACH };
        best.filter(|(cost, _)| *cost <= reach).map(|(_, verb)| self.run(verbs, verb.clone()))
    }

    /// Whether the verb of a statement is denied, before its place.
    pub(super) fn negated(
        &self,
        verb: Option<&Range<usize>>,
        location: &Found<'a>,
        rules: &[Ruled<'a>],
    ) -> bool {
        let p = self.passage;
        // "not in …" is outside, and denies nothing else.
        let outside = p
            .marks(Mark::Outside, &self.main)
            .take_while(|range| range.start <= location.range.start)
            .last()
            .filter(|_| location.relation == Mark::Outside);
        let is_outside =
            |not: &Range<usize>| outside.as_ref().is_some_and(|range| contains(range, not));
        p.marks(Mark::Not, &self.main).filter(|not| !is_outside(not)).any(|not| {
            let near = verb.is_none_or(|verb| {
                let between = not.end.min(verb.end)..not.start.max(verb.start);
                p.words(between) <= NEGATION_REACH
            });
            near && not.end <= location.range.start.max(verb.map_or(0, |verb| verb.end))
                && !rules.iter().any(|ruled| contains(&ruled.range, &not))
        })
    }

    /// Words between a location and a verb; a location that follows its verb is nearer.
    pub(super) fn distance(&self, location: &Found<'a>, verb: &Range<usize>) -> (bool, usize) {
        let follows = verb.end <= location.range.start;
        let between =
            if follows { verb.end..location.range.start } else { location.range.end..verb.start };
        (!follows && self.passage.language.verb == VerbOrder::First, self.passage.words(between))
    }

    /// A verb with those coordinated with it: "stored, processed and …".
    pub(super) fn run(
        &self,
        verbs: &[(Range<usize>, Activity)],
        of: (Range<usize>, Activity),
    ) -> Vec<(Range<usize>, Activity)> {
        let at =
            verbs.iter().position(|verb| *verb == of).expect("the verb is one of the clause's");
        let joined = |i: usize| self.passage.is_join(verbs[i].0.end..verbs[i + 1].0.start);
        let mut from = at;
        while from > 0 && joined(from - 1) {
            from -= 1;
        }
        let mut to = at;
        while to + 1 < verbs.len() && joined(to) {
            to += 1;
        }
        verbs[from..=to].to_vec()
    }
}
