//! Finds the verb that a location belongs to, and those coordinated with it.

use std::ops::Range;

use super::extent::is_comma;
use super::places::{Found, What};
use super::{Clause, FRONT, SUBJECT_REACH};
use crate::analyze::claims::passage::{contains, overlap};
use crate::catalog::languages::{ADPOSITIONS, Activity, Adpositions, Cue, Mark, Rule, VerbOrder};

/// How many auxiliaries may stand between a data center and what is done there.
const AUXILIARIES: usize = 2;
/// Farther from its verb a place belongs to something else.
const REACH: usize = 12;

impl<'a> Clause<'_, 'a> {
    /// The verb of a location with those coordinated with it.
    pub(super) fn governing(
        &self,
        location: &Found<'a>,
        verbs: &[(Range<usize>, Activity)],
    ) -> Option<Vec<(Range<usize>, Activity)>> {
        let p = self.passage;
        if let Some(decides) = self.decides(location) {
            return self.decided(&decides, location, verbs);
        }
        if let Some(chosen) = self.chosen(location, verbs) {
            return Some(chosen);
        }
        let opens = p.words(self.main.start..location.range.start) <= FRONT;
        let cost = |verb: &Range<usize>| {
            // "leaves the European Union", "moved outside the region": the verb itself says how the
            // place takes part.
            if overlap(verb, &location.range) {
                return Some(0);
            }
            if verb.end <= location.range.start {
                return Some(self.between(verb.end..location.range.start));
            }
            let between = location.range.end..verb.start.max(location.range.end);
            let relative = p.has(Mark::Relative, &(location.range.start..between.end));
            let follows = p.language.verb != VerbOrder::First || opens || relative;
            // A rule ahead of its verb has a preposition, unless it is itself what decides, or the data
            // center that does it: "local data centers host your data".
            let is_centre = p.ends(Mark::DataCenter, &location.range).is_some()
                && p.words(between.clone()) <= if opens { 2 * AUXILIARIES } else { 0 };
            let bound = match &location.what {
                _ if is_centre => true,
                What::Rule(ruled)
                    if ruled.rule != Rule::UserPdl
                        && !p.has(Mark::Relative, &ruled.range)
                        && !self.begins_with_adposition(&ruled.range)
                        && self.inner(&ruled.range).is_none() =>
                {
                    self.preposition(&location.range)
                        .is_some_and(|(_, at)| p.words(at.end..location.range.start) <= 2)
                }
                _ => true,
            };
            // "Norway is the only country in which data is kept": the clause after it is its own.
            let defined = self.definition(&location.range);
            let opening = defined.filter(|relative| relative.end <= between.end);
            let between = opening.map_or(between.start, |relative| relative.end)..between.end;
            (follows && bound).then(|| self.between(between) + 1)
        };
        // Where the verb comes last, one before the place describes something else.
        let last = p.language.verb == VerbOrder::Last;
        let closed = p.language.verb == VerbOrder::Bracket
            && verbs.iter().any(|(verb, _)| self.completes(location, verb));
        let describes = |verb: &Range<usize>| {
            (last && verb.end <= location.range.start)
                || (closed && !self.completes(location, verb))
        };
        // What decides the place may stand far from the verb: "the … determines where sites … are
        // created".
        let decides = matches!(&location.what, What::Rule(ruled) if ruled.rule == Rule::UserPdl);
        let reach = if decides { REACH + SUBJECT_REACH } else { REACH };
        // "kept in the region from which it was moved": what follows is the region's own.
        // So does what follows a comma inside of it: "in die Region verschoben, die näher bei … liegt".
        let goes_into = |range: &Range<usize>| {
            p.language.verb != VerbOrder::First && p.plain[range.clone()].contains(is_comma)
        };
        let is_relative = matches!(&location.what, What::Rule(ruled)
            if goes_into(&ruled.range))
            || self.relative(location).is_some();
        let opened = verbs.iter().any(|(verb, _)| {
            verb.end <= location.range.start && cost(verb).is_some_and(|cost| cost <= reach)
        });
        let is_own = |(verb, activity): &(Range<usize>, Activity)| {
            let is_there = location.relation == Mark::To && *activity == Activity::Located;
            (is_relative || is_there) && opened && location.range.end <= verb.start
        };
        // "… is offered to users, and benefits from data centers in …".
        let is_apart = |(verb, activity): &(Range<usize>, Activity)| {
            let between = verb.end..location.range.start.max(verb.end);
            let joins_names = |join: &Range<usize>| {
                let named = p.products_in(&(join.end..between.end)).next();
                named.is_some_and(|named| p.words(join.end..named.range.start) == 0)
            };
            let parts = p.marks(Mark::Break, &between).any(|join| !joins_names(&join));
            *activity == Activity::Offers && parts
        };
        // "in der Region, in der Sie es bereitstellen, nicht gespeichert": what describes the place
        // says nothing of what is done there, if something else does.
        let described = self.described(location);
        let goes_on = verbs.iter().any(|(verb, _)| verb.start >= described.end);
        let is_inside = |verb: &Range<usize>| goes_on && contains(&described, verb);
        let available = self.available_before(location);
        let is_only_had = |verb: &Range<usize>| {
            available.as_ref().is_some_and(|available| {
                verb.end <= available.start && !p.is_join(verb.end..available.start)
            })
        };
        // "processed in data centers located in …": another verb goes before an attribute.
        verbs
            .iter()
            .filter(|verb| !is_apart(verb) && !is_inside(&verb.0) && !is_only_had(&verb.0))
            .filter(|verb| !self.is_in_other(verb, location) && !self.is_used(&verb.0, location))
            .filter_map(|verb| Some((cost(&verb.0)?, verb)))
            .filter(|(cost, verb)| {
                *cost <= reach || (*cost <= 2 * reach && self.closes(location, verb))
            })
            .min_by_key(|(cost, verb)| {
                let is_attribute = is_own(verb) || self.is_attribute(verb, location);
                (
                    opened && self.is_parted(location, &verb.0),
                    is_attribute,
                    describes(&verb.0),
                    *cost,
                )
            })
            .map(|(_, verb)| self.run(verbs, verb.clone()))
    }

    /// Whether a verb that could come last begins what is joined to the clause of a location: "steht in
    /// Norwegen und speichert …".
    fn is_parted(&self, location: &Found<'a>, verb: &Range<usize>) -> bool {
        let p = self.passage;
        let between = location.range.end..verb.start.max(location.range.end);
        p.language.verb == VerbOrder::Bracket
            && p.ends(Mark::Break, &between).is_some_and(|join| {
                p.words(location.range.end..join.start) == 0 && p.words(join.end..verb.start) == 0
            })
    }

    /// Words between a verb and a place, without those in parentheses: "keeps logs (of calls, too) in
    /// …".
    fn between(&self, between: Range<usize>) -> usize {
        let p = self.passage;
        let text = &p.plain[between.clone()];
        let aside = text.find(['(', '（']).and_then(|open| {
            let close = open + text[open..].find([')', '）'])?;
            Some(between.start + open..between.start + close)
        });
        p.things(between).saturating_sub(aside.map_or(0, |aside| p.things(aside)))
    }

    /// Whether a user's location is only what another verb uses: "regionally hosted meetings use the
    /// location to …".
    fn is_used(&self, verb: &Range<usize>, location: &Found<'a>) -> bool {
        let p = self.passage;
        let is_users = matches!(&location.what, What::Rule(ruled) if ruled.rule == Rule::UserPdl);
        let before = verb.end..location.range.start.max(verb.end);
        is_users
            && p.marks(Mark::Has, &before)
                .last()
                .is_some_and(|has| p.words(has.end..before.end) <= AUXILIARIES)
    }

    /// Whether a verb has its preposition in it, and what follows that is no place: "are in preview".
    fn is_in_other(
        &self,
        (verb, activity): &(Range<usize>, Activity),
        location: &Found<'a>,
    ) -> bool {
        let p = self.passage;
        let has_in = p.marks(Mark::In, &self.main).any(|mark| contains(verb, &mark));
        let between = verb.end..location.range.start.max(verb.end);
        let holds = [Mark::DataCenter, Mark::Places, Mark::Facility, Mark::Container];
        let follows = verb.end <= location.range.start
            && (p.words(between.clone()) == 0
                || holds.into_iter().any(|mark| p.has(mark, &between))
                || !p.categories(&(self.main.start..verb.start)).is_empty());
        *activity == Activity::Located
            && has_in
            && p.language.adpositions == Adpositions::Before
            && !follows
            && !overlap(verb, &location.range)
    }

    /// The word that says of a place that something is to be had there, whatever is done elsewhere in
    /// the clause: "moving files is available in …".
    fn available_before(&self, location: &Found<'a>) -> Option<Range<usize>> {
        let p = self.passage;
        // Places begin with their preposition already.
        let start = match &location.what {
            What::Places(_) => location.range.start,
            What::Rule(_) => {
                self.preposition(&location.range).map_or(location.range.start, |(_, at)| at.start)
            }
        };
        let before = self.main.start..start.min(location.range.start);
        let after = || {
            let mark = p.marks(Mark::Available, &(location.range.end..self.main.end)).next()?;
            let between = location.range.end..mark.start;
            let is_next = p.words(between.clone()) <= AUXILIARIES
                && p.activities(&between).is_empty()
                && !p.has(Mark::Break, &between)
                && !p.plain[between.clone()].contains(is_comma);
            // "The service is available in …", said in this order, is where it runs.
            let runs = matches!(location.what, What::Places(_))
                && !p.has(Mark::Not, &between)
                && p.categories(&(self.main.start..location.range.start)).is_empty();
            (p.language.verb != VerbOrder::First && is_next && !runs).then_some(mark)
        };
        p.ends(Mark::Available, &before).or_else(after)
    }

    /// The word that ties a rule's place to the clause after it: "the region where the tenant is".
    pub(super) fn relative(&self, location: &Found<'a>) -> Option<Range<usize>> {
        let What::Rule(ruled) = &location.what else { return None };
        self.passage.marks(Mark::Relative, &ruled.range).last()
    }

    /// Whether a place is only the goal of something that is no data: "connects to the data center
    /// where the tenant is hosted" says which one, and its only verb says nothing else.
    pub(super) fn is_goal_of_others(
        &self,
        location: &Found<'a>,
        verb: Option<&Range<usize>>,
    ) -> bool {
        let is_own = self.relative(location).zip(verb);
        self.passage.language.verb == VerbOrder::First
            && matches!(location.relation, Mark::To | Mark::From)
            && is_own.is_some_and(|(relative, verb)| relative.end <= verb.start)
    }

    /// The clause between commas that describes the noun of a location, where the verb can come last;
    /// empty if there is none.
    pub(super) fn described(&self, location: &Found<'a>) -> Range<usize> {
        let p = self.passage;
        let rest = location.range.start..self.main.end;
        let none = rest.end..rest.end;
        let comma = |from: usize| p.plain[from..rest.end].find(is_comma).map(|at| from + at);
        let Some(open) = comma(rest.start).filter(|_| p.language.verb != VerbOrder::First) else {
            return none;
        };
        let after = p.plain[open..].chars().next().map_or(0, char::len_utf8);
        let inside = open + after..rest.end;
        let is_relative =
            p.words(rest.start..open) <= FRONT + 1 && p.begins(Mark::Relative, &inside).is_some();
        comma(inside.start).filter(|_| is_relative).map_or(none, |close| open..close)
    }

    /// Whether a verb follows a location in the same clause.
    fn completes(&self, location: &Found<'a>, verb: &Range<usize>) -> bool {
        let p = self.passage;
        let between = location.range.end..verb.start;
        location.range.end <= verb.start
            && !p.plain[between.clone()].contains([',', ';', ':'])
            && !p.has(Mark::Break, &between)
    }

    /// Whether a verb closes the clause of a location: where the verb comes last, long names stand
    /// before it.
    fn closes(&self, location: &Found<'a>, (verb, _): &(Range<usize>, Activity)) -> bool {
        let p = self.passage;
        let between = location.range.end..verb.start;
        p.language.verb == VerbOrder::Last
            && location.range.end <= verb.start
            && p.activities(&between).is_empty()
            && !p.hits(&between).any(|hit| matches!(hit.cue, Cue::Place(_)))
    }

    /// Whether a conjunction opens the words of the second of two locations.
    pub(super) fn is_alternative(&self, first: &Found<'a>, second: &Found<'a>) -> bool {
        let p = self.passage;
        let begins = ADPOSITIONS.into_iter().any(|mark| p.begins(mark, &second.range).is_some());
        let before = self.preposition(&second.range).filter(|_| !begins);
        let start = before.map_or(second.range.start, |(_, at)| at.start.min(second.range.start));
        first.range.end <= start
            && p.marks(Mark::Break, &(first.range.end..start))
                .last()
                .is_some_and(|or| p.words(or.end..start) == 0)
    }

    /// Whether a verb only says where the data centre beside it is.
    fn is_attribute(
        &self,
        (verb, activity): &(Range<usize>, Activity),
        location: &Found<'a>,
    ) -> bool {
        let p = self.passage;
        let before = p.marks(Mark::DataCenter, &(self.main.start..verb.start)).last();
        let after = p.begins(Mark::DataCenter, &(verb.end..self.main.end));
        let beside = before.as_ref().is_some_and(|centre| {
            // "… die zich in de VS bevinden": the place itself may stand before the verb.
            let until = verb.start.min(location.range.start.max(centre.end));
            let governed = p.activities(&(self.main.start..centre.start)).last().is_some();
            let is_clause = governed || p.plain[centre.end..until].starts_with(is_comma);
            p.words(centre.end..until) <= if is_clause { 2 } else { 0 }
                && p.words(location.range.end..verb.start) == 0
        });
        // "in data centers spread across the world"
        let spreads = *activity == Activity::Operates
            && before.is_some_and(|centre| p.words(centre.end..verb.start) == 0);
        let is_located = *activity == Activity::Located;
        // Where the verb comes last, one after the noun closes the clause.
        let beside = beside && p.language.verb != VerbOrder::Last;
        spreads || (is_located && (beside || after.is_some() || self.ends_object(verb)))
    }

    /// Whether a verb describes what another one governs, or who does that: "sent to servers located
    /// in …", "accessed by staff located in …".
    fn ends_object(&self, verb: &Range<usize>) -> bool {
        let p = self.passage;
        let before = p.activities(&(self.main.start..verb.start));
        before.last().is_some_and(|(other, activity)| {
            let between = other.end..verb.start;
            let governs = |mark| p.begins(mark, &between).is_some();
            let is_done_by = p.has(Mark::Operator, &between);
            // "has two clusters based in …": its object is what is there.
            let is_held = p.has(Mark::Has, other);
            *activity != Activity::Located
                && p.words(between.clone()) <= SUBJECT_REACH
                && (is_done_by
                    || is_held
                    || [Mark::To, Mark::In, Mark::Via].into_iter().any(governs))
                && !p.has(Mark::Break, &between)
                && !p.plain[between.clone()].contains(is_comma)
                && p.categories(&between).is_empty()
        })
    }

    /// Words between a location and a verb; a location that follows its verb is nearer.
    pub(super) fn distance(&self, location: &Found<'a>, verb: &Range<usize>) -> (bool, usize) {
        let follows = verb.end <= location.range.start;
        let between =
            if follows { verb.end..location.range.start } else { location.range.end..verb.start };
        (!follows && self.passage.language.verb == VerbOrder::First, self.passage.words(between))
    }

    /// Where the last of several coordinated verbs before a stretch ends: "processes, and shares …".
    pub(super) fn last_of_run(&self, verb: &Range<usize>, until: usize) -> usize {
        let p = self.passage;
        let next = p.activities(&self.main).into_iter().map(|(next, _)| next);
        let next = next.filter(|next| verb.end <= next.start && next.start < until);
        // "shares data" takes in its object.
        next.fold(
            verb.end,
            |end, next| {
                if p.is_join(end..next.start) { next.end.min(until) } else { end }
            },
        )
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
        // "…, die in Contoso gespeichert sind, verlassen …": a comma alone joins no two verbs.
        let between = verbs[from].0.end..verbs[to].0.start.max(verbs[from].0.end);
        if to == from + 1
            && self.passage.plain[between.clone()].contains(is_comma)
            && !self.passage.has(Mark::Break, &between)
        {
            return vec![of];
        }
        verbs[from..=to].to_vec()
    }
}
