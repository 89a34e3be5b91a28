//! Finds what a clause is about: which data, what holds it, what moves.
//!
//! Whose it is, `owners` finds.

use std::ops::Range;

use super::deed::Deed;
use super::places::{Found, What};
use super::{Clause, FRONT, SUBJECT_REACH, is_chosen};
use crate::analyze::claims::passage::{contains, overlap};
use crate::analyze::claims::rules::Ruled;
use crate::catalog::languages::{Activity, Category, Cue, Mark, Rule, VerbOrder};

/// How far from its place a verb may stand whose subject is any word.
const VERB_REACH: usize = 3;
/// How many auxiliaries may stand between a subject and its verb: "does not store or process".
pub(super) const AUXILIARIES: usize = 4;
/// How many words may stand between a verb and the noun that follows it: "the archived".
const OBJECT: usize = 3;
/// How many words may stand between a verb of moving and its goal: "to the new".
const GOAL_REACH: usize = 3;

impl<'a> Clause<'_, 'a> {
    /// Whether the verb is about something that holds data: "the tenant is created in …". Where the
    /// verb can come after it, the place stands between the two.
    pub(super) fn holds(&self, verb: Option<&Range<usize>>, found: &Found<'a>) -> bool {
        let p = self.passage;
        let location = &found.range;
        // What only is somewhere may as well be run there: "the environment is in …".
        let is_located = |verb: &Range<usize>| {
            let mut verbs = p.activities(&self.main).into_iter();
            verbs.any(|(range, done)| range == *verb && done == Activity::Located)
        };
        let bridges = match p.language.verb {
            VerbOrder::First => false,
            VerbOrder::Last => true,
            VerbOrder::Free | VerbOrder::Bracket => !verb.is_some_and(is_located),
        };
        // Where the verb closes its clause, the subject that opens it may stand far from it.
        let is_opening = |range: &Range<usize>, verb: &Range<usize>| {
            p.language.verb == VerbOrder::Bracket
                && bridges
                && p.words(self.main.start..range.start) <= FRONT
                && range.end <= verb.start
                && location.end <= verb.start
                && p.words(location.end..verb.start) == 0
        };
        let near = |range: Range<usize>| {
            verb.is_some_and(|verb| {
                if is_opening(&range, verb) {
                    return true;
                }
                let between = range.end.min(verb.end)..verb.start.max(range.start);
                let place = Some(location).filter(|at| bridges && contains(&between, at));
                let farther = if range.start > verb.start { SUBJECT_REACH } else { 0 };
                p.words(between)
                    <= SUBJECT_REACH + farther + place.map_or(0, |at| p.words(at.clone()))
            })
        };
        // "an instance of cloud services" runs, and holds nothing.
        let runs = |range: &Range<usize>| {
            let after = range.end..self.main.end;
            p.begins(Mark::Of, &after).is_some_and(|of| {
                let service = p.marks(Mark::Operator, &(of.end..after.end)).next();
                service.is_some_and(|service| p.words(of.end..service.start) == 0)
            })
        };
        p.marks(Mark::Container, &self.main)
            .filter(|range| !self.is_own(range, found) && !runs(range))
            .any(near)
    }

    /// Whether a container is in the clause that tells its own place: "the region where the tenant is".
    fn is_own(&self, container: &Range<usize>, found: &Found<'a>) -> bool {
        let is_chosen = matches!(&found.what, What::Rule(ruled) if is_chosen(ruled));
        !is_chosen && self.relative(found).is_some() && contains(&found.range, container)
    }

    /// Whether the verb of a clause is only that of a container that is in its own place: "connects
    /// to the region where the tenant is hosted".
    pub(super) fn is_in_its_own(&self, verb: Option<&Range<usize>>, found: &Found<'a>) -> bool {
        let follows = self.relative(found).zip(verb).is_some_and(|(at, verb)| at.end <= verb.start);
        // "The country where you enroll determines the geo of your tenant": that is not in it.
        let ahead = found.range.start..verb.map_or(found.range.end, |verb| verb.start);
        let mut containers = self.passage.marks(Mark::Container, &ahead);
        follows && containers.any(|container| self.is_own(&container, found))
    }

    /// Whether something is treated that is no word for data: "new scans are processed in …". What
    /// the place itself belongs to does not count: "regions in … are handled by".
    pub(super) fn treats_something(
        &self,
        activity: Activity,
        verb: Option<&Range<usize>>,
        location: &Found<'a>,
    ) -> bool {
        let p = self.passage;
        // "outside of your region" begins with its preposition.
        let start = self.preposition(&location.range).map(|(_, at)| at.start);
        let location =
            &(start.unwrap_or(location.range.start).min(location.range.start)..location.range.end);
        let is_beside = |verb: &Range<usize>| {
            let between = location.end.min(verb.end)..verb.start.max(location.start);
            let before = self.main.start..verb.start.min(location.start);
            let of_centre = p.marks(Mark::DataCenter, &before).last();
            // "Calls to … are handled": only what the verb closes is ahead of it.
            let is_ahead = location.end <= verb.start && p.language.verb != VerbOrder::Last;
            // "Processing takes place in …" names by itself what is done.
            let has_subject = p.words(before.clone()) > 0 || p.words(verb.clone()) > 1;
            p.words(between) <= if is_ahead { 0 } else { VERB_REACH }
                && has_subject
                && of_centre.is_none_or(|centre| {
                    // "Anfragen werden von Rechenzentren in … bearbeitet": they do it.
                    let does = p.language.verb != VerbOrder::First
                        && p.words(before.start..centre.start) > SUBJECT_REACH - 1;
                    p.words(centre.end..before.end) > 0 || does
                })
        };
        let is_done = match activity {
            Activity::Processes | Activity::Replicates => true,
            Activity::Stores | Activity::Transfers | Activity::BacksUp => {
                verb.is_some_and(|verb| self.is_marked(Mark::Kept, verb))
            }
            _ => false,
        };
        is_done && verb.is_some_and(is_beside) && !self.is_about_people(verb, location)
    }

    /// Whether a place is itself what is treated: "all data centers are searched" for what is in them.
    pub(super) fn treats_place(&self, deed: &Deed<'_, 'a>, activity: Activity) -> bool {
        let p = self.passage;
        let location = &deed.location.range;
        activity == Activity::Processes
            && p.ends(Mark::DataCenter, location).is_some()
            && deed.verb.is_some_and(|verb| {
                let between = location.end..verb.start;
                p.words(between.clone()) <= AUXILIARIES / 2 && p.is_join(between)
            })
    }

    /// Whether a verb is one of a sort.
    pub(super) fn is_marked(&self, mark: Mark, verb: &Range<usize>) -> bool {
        self.passage.marks(mark, &self.main).any(|range| overlap(&range, verb))
    }

    /// Whether a move names nothing that is moved, but two places, "we offer migration from … to …", or
    /// a service and its place: then it is one of customers' data, unless somebody travels.
    pub(super) fn is_migration(&self, verb: Option<&Range<usize>>, location: &Found<'a>) -> bool {
        let p = self.passage;
        let travels = verb.is_some_and(|verb| {
            let who = p.marks(Mark::People, &(self.main.start..verb.start)).last();
            // "Customers will move to the European data centers": nobody travels there.
            who.is_some_and(|who| p.words(who.end..verb.start) == 0)
                && self.centred(&location.range).is_none()
        });
        let is_service = [Mark::People, Mark::Operator, Mark::Container]
            .into_iter()
            .any(|mark| p.has(mark, &self.main));
        // "to another data center that is closer to you": what is moved is their data too.
        let is_nearer = matches!(&location.what, What::Rule(ruled)
            if ruled.rule == Rule::NearestDatacenter && p.has(Mark::DataCenter, &ruled.range));
        let is_goal = self.is_goal(location) || is_nearer || self.is_into_service(verb, location);
        is_goal && is_service && !travels
    }

    /// Whether a move ends in a service that is in a place: "migration to Contoso services in Norway".
    fn is_into_service(&self, verb: Option<&Range<usize>>, location: &Found<'a>) -> bool {
        let p = self.passage;
        let start = verb.map_or(location.range.start, |verb| verb.end);
        let between = start..location.range.start.max(start);
        let goal = p.marks(Mark::To, &between).next().map(|to| to.end..between.end);
        let is_named = |goal: Range<usize>| {
            let named = p.products_in(&goal).next().map(|named| named.range.start);
            named.is_some_and(|named| p.words(goal.start..named) <= 1)
        };
        location.relation == Mark::In && goal.is_some_and(is_named)
    }

    /// Whether a service moves with all that is in it: "we're moving your Contoso Mail users to another
    /// data center", "Contoso Mail will move to the new region".
    pub(super) fn moves_service(&self, deed: &Deed<'_, 'a>) -> bool {
        let p = self.passage;
        let Some(verb) = deed.verb else { return false };
        let is_ahead = |end: usize| p.words(end..deed.acts.end) <= AUXILIARIES;
        let object = verb.end..deed.location.range.start.max(verb.end);
        let mut named = p.products_in(&object).filter(|named| !named.background);
        let is_object = named.any(|named| p.words(object.start..named.range.start) <= AUXILIARIES);
        let mover = p.marks(Mark::Operator, &deed.acts).last();
        let subject = p.products_in(&deed.acts).filter(|named| !named.background).last();
        let is_subject = p.words(object) <= GOAL_REACH
            && deed.role == Mark::To
            && subject.is_some_and(|named| is_ahead(named.range.end));
        let is_centre = p.has(Mark::DataCenter, &deed.location.range)
            || self.centred(&deed.location.range).is_some();
        let is_moved = p.language.verb == VerbOrder::First
            && is_object
            && mover.is_some_and(|mover| is_ahead(mover.end));
        (is_moved || is_subject) && is_centre
    }

    /// Whether the nearest noun before the verb is someone: "users located in …".
    pub(super) fn is_about_people(
        &self,
        verb: Option<&Range<usize>>,
        location: &Range<usize>,
    ) -> bool {
        let p = self.passage;
        let Some(verb) = verb else { return false };
        // A participle stands before its noun: "in Deutschland ansässige Kunden".
        let follows = p.marks(Mark::People, &(verb.end..self.main.end)).next();
        let is_participle = p.language.verb != VerbOrder::First
            && location.end <= verb.start
            && p.words(location.end..verb.start) == 0;
        if is_participle && follows.is_some_and(|who| p.words(verb.end..who.start) <= 1) {
            return true;
        }
        let before = self.main.start..verb.start;
        // "Los archivos de los usuarios se hospedan …": whose the data is, is not where it is.
        let only = p.activities(&self.main).last().is_some_and(|(last, _)| last == verb);
        let is_owner = |who: &Range<usize>| {
            let is_participle = p.has(Mark::Participle, verb);
            let of = p.marks(Mark::Of, &(before.start..who.start)).last();
            of.is_some_and(|of| {
                let governed = p.words(of.end..who.start) <= 1;
                governed && !p.categories(&(before.start..of.start)).is_empty()
            }) && only
                && !is_participle
                && p.language.has_participles
        };
        // "För kunder i Europa finns data i …": the subject follows the verb.
        let subject = verb.end..location.start.max(verb.end);
        let is_inverted = p
            .categories(&subject)
            .first()
            .is_some_and(|(data, _)| p.words(verb.end..data.start) <= OBJECT);
        if is_inverted {
            return false;
        }
        // "am Standort des Benutzers bereitgestellt": whose place it is.
        let is_subject = |who: &Range<usize>| !is_owner(who) && !contains(location, who);
        let people = p.marks(Mark::People, &before).filter(is_subject).last().map(|who| who.end);
        let things = [Mark::Container, Mark::DataCenter, Mark::Operator]
            .into_iter()
            .filter_map(|mark| p.marks(mark, &before).last().map(|range| range.end));
        let data = p.categories(&before).last().map(|(range, _)| range.end);
        let named = p.products_in(&before).last().map(|named| named.range.end);
        people.is_some() && people > things.chain(data).chain(named).max()
    }

    /// Whether a verb is one of having data somewhere by its object: "provides data residency".
    pub(super) fn provides_residency(&self, verb: Option<&Range<usize>>) -> bool {
        let mut places = self.passage.marks(Mark::DataPlace, &self.main);
        verb.is_some_and(|verb| places.any(|place| overlap(&place, verb)))
    }

    /// The data that the clause is about, the one its verb governs; coordinated data together.
    pub(super) fn data(
        &self,
        rules: &[Ruled<'a>],
        verb: Option<&Range<usize>>,
        location: Option<&Range<usize>>,
    ) -> Vec<(Range<usize>, Category)> {
        let mut all = self.passage.categories(&self.main);
        // "choose the location of the mailboxes for each user" says by itself whose.
        let is_in_rule = |ruled: &Ruled<'a>, data: &Range<usize>| {
            let takes_in = ruled.phrase.does.is_none() && ruled.rule != Rule::Service;
            takes_in && overlap(&ruled.range, data)
        };
        all.retain(|(range, _)| !rules.iter().any(|ruled| is_in_rule(ruled, range)));
        // "Exchange and OneDrive provide data residency": services do, whatever they hold.
        if self.provides_residency(verb) {
            let is_service =
                |data: &Range<usize>| self.passage.products_in(data).any(|it| it.range == *data);
            all.retain(|(range, _)| !is_service(range));
        }
        let beside = |location: &Range<usize>| self.data_beside(&all, location);
        if let Some(own) = location.and_then(beside) {
            return vec![own];
        }
        // What another place brings along is not in this one.
        let places = self.passage.hits(&self.main).filter(|hit| matches!(hit.cue, Cue::Place(_)));
        let others: Vec<_> = places.filter_map(|hit| beside(&hit.range)).collect();
        all.retain(|data| !others.contains(data));
        // "these features may send data outside of …": the object of the verb itself.
        let direct = verb.zip(location).and_then(|(verb, location)| {
            let p = self.passage;
            let follows =
                |range: &Range<usize>| range.start >= verb.end && range.end <= location.start;
            let mut objects = all.iter().filter(|(range, _)| follows(range));
            let near = |(range, category): &&(Range<usize>, Category)| {
                *category == Category::Data && p.words(verb.end..range.start) == 0
            };
            objects.next().filter(near).filter(|_| objects.next().is_none())
        });
        if let Some(direct) = direct {
            return vec![direct.clone()];
        }
        // A plain "data" beside a named kind only repeats it.
        if all.iter().any(|(_, category)| *category != Category::Data) {
            all.retain(|(_, category)| *category != Category::Data);
        }
        let subject =
            verb.and_then(|verb| all.iter().position(|(range, _)| range.end <= verb.start));
        // "Logs are stored in mailboxes in …": what stands behind a preposition is where, not what.
        let is_where = |data: &Range<usize>| {
            let before = self.main.start..data.start;
            [Mark::In, Mark::To, Mark::From, Mark::Via].into_iter().any(|mark| {
                let last = self.passage.marks(mark, &before).last();
                last.is_some_and(|range| self.passage.words(range.end..data.start) == 0)
            })
        };
        let object = verb.zip(location).and_then(|(verb, location)| {
            all.iter().position(|(range, _)| {
                range.start >= verb.end
                    && range.end <= location.start
                    && !(subject.is_some() && is_where(range))
            })
        });
        let Some(chosen) = object.or(subject).or((!all.is_empty()).then_some(0)) else {
            return Vec::new();
        };
        let mut taken = vec![all[chosen].clone()];
        for next in &all[chosen + 1..] {
            let last = taken.last().expect("one was taken");
            let between = last.0.end..next.0.start;
            // "customer data, including personal data": what it includes is no other data.
            let is_part = self.passage.has(Mark::Includes, &between);
            if next.1 == last.1 || is_part || !self.passage.is_join(between) {
                break;
            }
            taken.push(next.clone());
        }
        taken
    }

    /// The data of a second place that shares the verb of the first: "content is stored in Norway and
    /// logs in Sweden".
    fn data_beside(
        &self,
        all: &[(Range<usize>, Category)],
        location: &Range<usize>,
    ) -> Option<(Range<usize>, Category)> {
        let p = self.passage;
        let join = p.marks(Mark::Break, &(self.main.start..location.start)).last()?;
        let first = self.main.start..join.start;
        let between = join.end..location.start;
        let (data, category) = all.iter().find(|(data, _)| contains(&between, data))?;
        // "… and the data of customers in Sweden is moved" has a verb of its own, save where it is the
        // one of both that comes last.
        let after = match p.language.verb {
            VerbOrder::First => join.end..self.main.end,
            _ => between.clone(),
        };
        let shares = p.has_place(&first)
            && all.iter().any(|(data, _)| contains(&first, data))
            && p.activities(&after).is_empty()
            && p.words(join.end..data.start) <= 1
            && p.words(data.end..location.start) <= 1;
        shares.then(|| (data.clone(), *category))
    }
}
