//! How firmly something is said: it is so, may be, is planned, is denied.

use std::ops::Range;

use super::deed::Deed;
use super::extent::is_comma;
use super::places::{Found, What};
use super::{Clause, SUBJECT_REACH, is_chosen};
use crate::analyze::claims::passage::{Named, contains, overlap};
use crate::analyze::claims::rules::Ruled;
use crate::catalog::languages::{Activity, Adpositions, Mark, VerbOrder};

/// How many auxiliaries may stand between "may" and its verb.
const AUXILIARIES: usize = 2;
/// How far from its verb a negation may stand.
const NEGATION_REACH: usize = 4;

/// How firmly something is said.
pub(super) struct Firmness {
    pub modality: &'static str,
    pub negated: bool,
}

impl<'a> Clause<'_, 'a> {
    /// How firmly a deed is said; none if its location counts only where it is denied, or the denial
    /// leaves it open.
    pub(super) fn firmness(&self, deed: &Deed<'_, 'a>, rules: &[Ruled<'a>]) -> Option<Firmness> {
        let location = deed.location;
        let ruled = match &location.what {
            What::Rule(ruled) => Some(ruled),
            What::Places(_) => None,
        };
        let chosen = ruled.is_some_and(is_chosen);
        let ruling = deed.lead.or(self.auxiliary());
        let may = self.may(deed, rules) || (!chosen && ruling.is_some_and(|frame| frame.may));
        let planned =
            self.outside_rules(Mark::Planned, rules) || ruling.is_some_and(|frame| frame.planned);
        let modality = match (planned, may) {
            (true, _) => "planned",
            (_, true) => "may",
            _ => "is",
        };
        let negated = self.negated(deed.verb, location, rules)
            || deed.lead.is_some_and(|frame| frame.negated);
        let denies = negated && modality == "is";
        // "may not be in the same region" leaves it open.
        let is_open =
            ruled.is_some() && negated && modality == "may" && location.relation != Mark::Outside;
        let counts = denies || (self.moves_data(deed, rules) && self.is_theirs(deed, rules));
        let is_undenied = !counts
            && ruled.is_some_and(|ruled| ruled.phrase.denied)
            && !self.stays(deed, rules)
            && !self.is_customers_move(deed, rules);
        (!is_undenied && !is_open).then_some(Firmness { modality, negated })
    }

    /// Whether somebody else than the service may move data to another place: "you can move a user's
    /// files to another region".
    pub(super) fn is_customers_move(&self, deed: &Deed<'_, 'a>, rules: &[Ruled<'a>]) -> bool {
        let p = self.passage;
        deed.said == Activity::Transfers
            && deed.role == Mark::Outside
            && deed.location.relation == Mark::Outside
            && self.outside_rules(Mark::May, rules)
            && !p.has(Mark::Not, &self.main)
            && self.own_data(deed, rules).iter().any(|(range, _)| range.is_some())
            && !self.is_theirs(deed, rules)
    }

    /// Whether data is kept in another place, where one word says "in" and "to": Japanese "ni".
    fn stays(&self, deed: &Deed<'_, 'a>, rules: &[Ruled<'a>]) -> bool {
        let language = self.passage.language;
        let is_at = || {
            self.preposition(&deed.location.range).is_some_and(|(mark, _)| mark == Mark::In)
                || (language.verb != VerbOrder::First
                    && self.passage.begins(Mark::In, &deed.location.range).is_some())
        };
        let is_either =
            language.verb == VerbOrder::Last && language.adpositions == Adpositions::After;
        (is_either || is_at())
            && matches!(deed.said, Activity::Stores | Activity::Located | Activity::Processes)
            && !self.is_bare(deed.location)
            && self.own_data(deed, rules).iter().any(|(range, _)| range.is_some())
    }

    /// Whether data that the clause names is moved: "is sent to another region" leaves its own, "a copy
    /// in another region" is anywhere.
    fn moves_data(&self, deed: &Deed<'_, 'a>, rules: &[Ruled<'a>]) -> bool {
        matches!(deed.said, Activity::Transfers | Activity::Replicates)
            && self.own_data(deed, rules).iter().any(|(range, _)| range.is_some())
    }

    /// Whether the service does it, not its customer: "data might go to …", but not "you can move your
    /// data to …".
    pub(super) fn is_theirs(&self, deed: &Deed<'_, 'a>, rules: &[Ruled<'a>]) -> bool {
        let data = self.own_data(deed, rules).into_iter().find_map(|(range, _)| range);
        // Where an object can stand before its verb, a subject opens the clause.
        let p = self.passage;
        let is_subject = data.zip(deed.verb).is_some_and(|(data, verb)| {
            let opens = p.words(self.main.start..data.start) <= 1;
            data.end <= verb.start && (opens || p.language.verb == VerbOrder::First)
        });
        // "Contoso kann Daten zum Schutz vor … nach … senden": it opens the clause.
        let opens = || {
            let acts = p.marks(Mark::Operator, &self.main).next();
            let named = p.products_in(&self.main).next().map(|named| named.range.clone());
            acts.into_iter().chain(named).any(|acts| {
                p.words(self.main.start..acts.start) == 0
                    && deed.verb.is_some_and(|verb| acts.end <= verb.start)
            })
        };
        // "… kopiëren we gegevens naar …": where something else opens the clause, it follows its verb.
        let follows = || {
            let rest = deed.verb.map(|verb| verb.end..self.main.end);
            p.language.verb != VerbOrder::First
                && rest.is_some_and(|rest| p.begins(Mark::Operator, &rest).is_some())
        };
        is_subject || self.has_near(deed, Mark::Operator) || opens() || follows()
    }

    /// Whether a clause is about data that goes to a named service, or about who sends it: "logs are
    /// sent to Contoso Mail", "Contoso sends logs to …". What else it mentions need not go there:
    /// "files uploaded to …". What comes to the page's own product comes from another one.
    pub(super) fn is_sent(&self, deed: &Deed<'_, 'a>, rules: &[Ruled<'a>]) -> bool {
        let p = self.passage;
        let goal = &deed.location.range;
        let mut data = self.own_data(deed, rules).into_iter().filter_map(|(range, _)| range);
        // "shares data" is a verb that takes in its object.
        let object = || p.categories(&(self.main.start..goal.start)).pop().map(|(range, _)| range);
        let data = data.find(|range| !overlap(range, goal)).or_else(object);
        let Some((data, verb)) = data.zip(deed.verb) else { return false };
        let is_own =
            |named: &Named| self.product.is_some_and(|page| page.product == Some(named.product));
        let mut others = p.products_in(&(self.main.start..goal.start));
        if p.products_in(goal).any(is_own) && others.all(is_own) {
            return false;
        }
        let opens = |range: &Range<usize>| p.words(self.main.start..range.start) <= AUXILIARIES;
        let near = |from: usize, to: usize| {
            let between = from..to.max(from);
            p.named_words(between.clone()) < SUBJECT_REACH && !p.plain[between].contains(is_comma)
        };
        let until = verb.start.min(goal.start);
        if opens(&data) && data.end <= until {
            // "Files sent to …" are some files; "logs can be sent to …" by somebody.
            let is_finite = p.words(data.end..until) > 0
                || p.words(verb.clone()) > 1
                || p.language.verb != VerbOrder::First;
            return is_finite && near(data.end, until) && !self.outside_rules(Mark::May, rules);
        }
        let acts = p.marks(Mark::Operator, &self.main).next();
        let named = p.products_in(&self.main).next().map(|named| named.range.clone());
        let sends = |acts: Range<usize>| {
            let between = acts.end..verb.start.max(acts.end);
            opens(&acts)
                && acts.end <= verb.start
                && p.words(between.clone()) <= SUBJECT_REACH
                && p.ends(Mark::To, &between).is_none()
        };
        verb.start < data.start
            && near(self.last_of_run(verb, goal.start), data.start)
            && acts.into_iter().chain(named).any(sends)
    }

    /// Whether the deed only may be done. "You can choose where data is stored": it is stored there;
    /// "data can be stored where you choose": it may be, if data is what can.
    fn may(&self, deed: &Deed<'_, 'a>, rules: &[Ruled<'a>]) -> bool {
        let p = self.passage;
        let chosen = matches!(&deed.location.what, What::Rule(ruled) if is_chosen(ruled));
        let is_outside = |may: &Range<usize>| !rules.iter().any(|r| contains(&r.range, may));
        let governs = |may: &Range<usize>| {
            let data = p.categories(&(self.main.start..may.start)).last().map(|(data, _)| data.end);
            deed.verb.is_some_and(|verb| {
                p.language.verb == VerbOrder::First
                    && may.end <= verb.start
                    && p.words(may.end..verb.start) <= AUXILIARIES
            }) && data.is_some_and(|data| p.words(data..may.start) == 0)
        };
        // "…, which users can delete, are stored in …": said of something else.
        let is_inserted = |may: &Range<usize>| {
            self.continues
                && deed.verb.is_some_and(|verb| {
                    may.end <= verb.start && p.plain[may.end..verb.start].contains(is_comma)
                })
        };
        // "is kept there, though it can be shared": said of what is done elsewhere.
        let is_apart = |may: &Range<usize>| {
            let said = deed.verb.map_or(0, |verb| verb.end).max(deed.location.range.end);
            p.language.verb != VerbOrder::Last
                && deed.verb.is_some()
                && said <= may.start
                && p.plain[said..may.start].contains(is_comma)
        };
        // "can't"
        let denies = |may: &Range<usize>| {
            p.marks(Mark::Not, &self.main).any(|not| contains(&not, may) && not != *may)
        };
        p.marks(Mark::May, &self.main)
            .filter(|may| is_outside(may) && !is_inserted(may) && !is_apart(may) && !denies(may))
            .any(|may| !chosen || deed.role == Mark::Outside || governs(&may))
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
}
