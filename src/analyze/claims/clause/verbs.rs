//! Finds the verb that a location belongs to, those coordinated with it, and whether it is denied.

use std::ops::Range;

use super::extent::is_comma;
use super::places::{Found, What};
use super::{Clause, FRONT, SUBJECT_REACH};
use crate::analyze::claims::passage::{contains, overlap};
use crate::analyze::claims::rules::Ruled;
use crate::catalog::languages::{Activity, Adpositions, Category, Cue, Mark, Rule, VerbOrder};

/// How many auxiliaries may stand between a data center and what is done there.
const AUXILIARIES: usize = 2;
/// Farther from its verb a place belongs to something else.
const REACH: usize = 12;
/// How far before its verb the noun may stand that says what is done.
const NOUN_REACH: usize = 6;
/// How many words of its verb may stand between a place and the clause that describes it.
const CLOSING: usize = 3;
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
                return Some(p.things(verb.end..location.range.start));
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
            (follows && bound).then(|| p.things(between) + 1)
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
            .filter(|verb| !self.is_in_other(verb, location))
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
    fn described(&self, location: &Found<'a>) -> Range<usize> {
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

    /// What is done in a place that somebody chooses: the verb that the phrase leads to, else what the
    /// phrase says by itself.
    fn chosen(
        &self,
        location: &Found<'a>,
        verbs: &[(Range<usize>, Activity)],
    ) -> Option<Vec<(Range<usize>, Activity)>> {
        let p = self.passage;
        let What::Rule(ruled) = &location.what else { return None };
        let leads = ruled.rule == Rule::CustomerChoice
            && p.ends(Mark::Relative, &ruled.range).is_some()
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

    /// The word after a rule that makes it what decides: "the country you choose determines where …".
    pub(super) fn decides(&self, location: &Found<'a>) -> Option<Range<usize>> {
        let p = self.passage;
        let What::Rule(ruled) = &location.what else { return None };
        // "the location is based on the address you gave": the phrase itself says that it decides.
        let inside = p.marks(Mark::Decides, &ruled.range).next();
        let near = |mark: &Range<usize>| p.words(ruled.range.end..mark.start) <= SUBJECT_REACH;
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
    fn decided(
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

    /// Whether a conjunction opens the words of the second of two locations.
    pub(super) fn is_alternative(&self, first: &Found<'a>, second: &Found<'a>) -> bool {
        let p = self.passage;
        let start = self
            .preposition(&second.range)
            .map_or(second.range.start, |(_, at)| at.start.min(second.range.start));
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
            .filter(|_| location.relation == Mark::Outside)
            // "verlaten de regio niet": the verb is outside already, and this denies it.
            .filter(|_| !verb.is_some_and(|verb| p.has(Mark::Outside, verb)));
        let is_outside =
            |not: &Range<usize>| outside.as_ref().is_some_and(|range| contains(range, not));
        p.marks(Mark::Not, &self.main).filter(|not| !is_outside(not)).any(|not| {
            let near = verb.is_none_or(|verb| {
                let between = not.end.min(verb.end)..not.start.max(verb.start);
                // The place itself may stand between: "niet in Duitsland opgeslagen".
                let place = Some(location.range.clone()).filter(|at| contains(&between, at));
                let described = Some(self.described(location)).filter(|at| contains(&between, at));
                let aside = place.map_or(0, |place| p.words(place))
                    + described.map_or(0, |described| p.words(described));
                p.words(between) <= NEGATION_REACH + aside || self.denies(&not, verb)
            });
            // Where the verb itself says "outside", only the place comes after it: "forlader ikke EU".
            let is_own = verb.is_some_and(|verb| overlap(verb, &location.range));
            let until = if is_own { location.range.end } else { location.range.start };
            let ahead = not.end <= until.max(verb.map_or(0, |verb| verb.end));
            let trails = || {
                let end = location.range.end.max(verb.map_or(0, |verb| verb.end));
                matches!(p.language.verb, VerbOrder::Bracket | VerbOrder::Free)
                    && end <= not.start
                    && p.words(end..not.start) <= NEGATION_REACH
                    // "wordt in … bewaard en verlaat het land niet": the other verb is denied.
                    && p.activities(&(end..not.start)).is_empty()
                    && !p.has(Mark::Break, &(end..not.start))
                    && !p.plain[end..not.start].contains([',', ';'])
            };
            (near && (ahead || verb.is_some_and(|verb| self.denies(&not, verb))) || trails())
                && !rules.iter().any(|ruled| contains(&ruled.range, &not))
        })
    }

    /// Whether a word that denies is the end of a verb, where the verb comes last: also of one that is
    /// listed with a part of its ending.
    fn denies(&self, not: &Range<usize>, verb: &Range<usize>) -> bool {
        let p = self.passage;
        let ends = |verb: &Range<usize>| verb.start < not.start && verb.end < not.end;
        let follows = p.language.verb == VerbOrder::Last && ends(verb);
        let verbs = p.activities(&self.main);
        let own = verbs.iter().find(|(range, _)| range == verb).filter(|_| follows);
        own.is_some_and(|own| {
            let run = self.run(&verbs, own.clone());
            let last = run.last().map_or(verb, |(range, _)| range);
            let between = last.end.min(not.start)..not.start;
            ends(last)
                && p.words(between.clone()) <= NEGATION_REACH + 2
                && p.activities(&between).is_empty()
        })
    }

    /// Words between a location and a verb; a location that follows its verb is nearer.
    pub(super) fn distance(&self, location: &Found<'a>, verb: &Range<usize>) -> (bool, usize) {
        let follows = verb.end <= location.range.start;
        let between =
            if follows { verb.end..location.range.start } else { location.range.end..verb.start };
        (!follows && self.passage.language.verb == VerbOrder::First, self.passage.words(between))
    }

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
