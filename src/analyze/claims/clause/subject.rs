//! Finds what a clause is about: which data, whose, or which service.

use std::ops::Range;

use super::deed::Deed;
use super::extent::is_comma;
use super::places::{Found, What};
use super::{Clause, FRONT, Owner, Role, SUBJECT_REACH, is_chosen};
use crate::analyze::claims::passage::{Named, contains, overlap};
use crate::analyze::claims::rules::Ruled;
use crate::catalog::languages::{ADPOSITIONS, Activity, Category, Cue, Mark, Rule, VerbOrder};

/// How far from its place a verb may stand whose subject is any word.
const VERB_REACH: usize = 3;
/// How many auxiliaries may stand between a subject and its verb: "does not store or process".
const AUXILIARIES: usize = 4;
/// How many words may stand between a verb of moving and its goal: "to the new".
const GOAL_REACH: usize = 3;

impl<'a> Clause<'_, 'a> {
    /// The owners named before, if the clause goes on about the same thing.
    pub(super) fn handed(&self, without_data: bool) -> Vec<Owner> {
        let goes_on = self.role == Role::Completion || self.continues || without_data;
        self.inherited.filter(|_| goes_on).map(|frame| frame.owners.clone()).unwrap_or_default()
    }

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

    /// Whether a product only says whose subscribers something is for, where the page is about another:
    /// "for Contoso 365 subscribers".
    fn is_of_subscribers(&self, name: &Range<usize>) -> bool {
        let p = self.passage;
        let before = self.main.start.min(name.start)..name.start;
        let who = p.marks(Mark::People, &(name.end..self.quote.end.max(name.end))).next();
        let is_for = p.marks(Mark::Of, &before).last().is_some_and(|of| {
            p.words(before.start..of.start) == 0 && p.words(of.end..name.start) <= AUXILIARIES
        });
        self.product.is_some() && is_for && who.is_some_and(|who| p.words(name.end..who.start) <= 1)
    }

    /// Whether the subject of a clause is the page's product, which the catalog need not know.
    pub(super) fn names_page_product(&self, subject: &Range<usize>) -> bool {
        let p = self.passage;
        let text = &p.plain[subject.clone()];
        self.product.is_some_and(|page| {
            let at = text.find(page.written.as_str()).map(|at| subject.start + at);
            at.is_some_and(|at| {
                let end = at + page.written.len();
                p.words(subject.start..at) <= 1 && p.words(end..subject.end) <= SUBJECT_REACH
            })
        })
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
            .is_some_and(|(data, _)| p.words(verb.end..data.start) <= 1);
        if is_inverted {
            return false;
        }
        let people =
            p.marks(Mark::People, &before).filter(|who| !is_owner(who)).last().map(|who| who.end);
        let things = [Mark::Container, Mark::DataCenter, Mark::Operator]
            .into_iter()
            .filter_map(|mark| p.marks(mark, &before).last().map(|range| range.end));
        let data = p.categories(&before).last().map(|(range, _)| range.end);
        let named = p.products_in(&before).last().map(|named| named.range.end);
        people.is_some() && people > things.chain(data).chain(named).max()
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
        let mut places = self.passage.marks(Mark::DataPlace, &self.main);
        if verb.is_some_and(|verb| places.any(|place| overlap(&place, verb))) {
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

    /// The one product that a clause says something of the data by: "data that Contoso Mail collects
    /// is stored …", "data is stored by Contoso Mail in …".
    fn handles<'n>(
        &self,
        named: &'n [&'n Named],
        data: &Range<usize>,
        verb: Option<&Range<usize>>,
        until: usize,
    ) -> Option<&'n &'n Named> {
        let p = self.passage;
        // "every mailbox and Contoso site" lists what holds content.
        if self.is_content(data) {
            return None;
        }
        let mut others = named.iter().filter(|named| data.end <= named.range.start);
        let only = others.next().filter(|_| others.next().is_none())?;
        let name = &only.range;
        let describes = name.end <= until
            && p.words(data.end..name.start) <= AUXILIARIES
            && p.words(name.end..until) <= AUXILIARIES;
        let is_agent = || {
            verb.is_some_and(|verb| {
                let between = verb.end..name.start.max(verb.end);
                p.words(between.clone()) == 1
                    && !ADPOSITIONS.into_iter().any(|mark| p.has(mark, &between))
            })
        };
        ((describes && !self.is_where(data, name)) || is_agent()).then_some(only)
    }

    fn is_content(&self, data: &Range<usize>) -> bool {
        self.passage.hits(data).any(|hit| hit.cue == Cue::Category(Category::Content))
    }

    /// Whether a product is what data is stored in, and not whose it is: "backups in X in the region".
    fn is_where(&self, data: &Range<usize>, name: &Range<usize>) -> bool {
        let p = self.passage;
        let next = name.end..self.main.end;
        p.begins(Mark::In, &(data.end..name.start)).is_some()
            && p.begins(Mark::In, &next).is_some_and(|at| p.words(next.start..at.start) == 0)
    }

    /// Whose data it is, or which service runs: empty for the page's own product.
    pub(super) fn owners(
        &self,
        rules: &[Ruled<'a>],
        data: Option<&Range<usize>>,
        verb: Option<&Range<usize>>,
        until: usize,
    ) -> Vec<Owner> {
        let p = self.passage;
        let named: Vec<&Named> = p
            .products_in(&self.main)
            .filter(|named| {
                !named.background
                    && !rules.iter().any(|ruled| overlap(&ruled.range, &named.range))
                    && !self.is_of_subscribers(&named.range)
            })
            .collect();
        // The page's own product may be a longer name that begins with a known one.
        let own = |named: &Named| {
            let rest = &p.plain[named.range.start..];
            self.product.filter(|page| {
                page.written.len() > named.range.len() && rest.starts_with(page.written.as_str())
            })
        };
        let owner = |named: &Named| {
            own(named).cloned().unwrap_or_else(|| Owner {
                product: Some(named.product),
                written: p.plain[named.range.clone()].to_owned(),
            })
        };
        if let Some(data) = data {
            let before: Vec<&&Named> = named
                .iter()
                .filter(|named| {
                    named.range.end <= data.start && p.words(named.range.end..data.start) <= 1
                })
                .filter(|named| !p.has(Mark::In, &(named.range.end..data.start)))
                .collect();
            let first = named.iter().position(|named| named.range.start >= data.end);
            let after = first.filter(|&i| {
                let between = data.end..named[i].range.start;
                let of = p.begins(Mark::Of, &between);
                of.is_some_and(|of| p.words(of.end..between.end) == 0)
                    && !self.is_where(data, &named[i].range)
            });
            if let Some(first) = after {
                let mut owners = vec![owner(named[first])];
                for pair in named[first..].windows(2) {
                    if !p.is_join(pair[0].range.end..pair[1].range.start) {
                        break;
                    }
                    owners.push(owner(pair[1]));
                }
                return owners;
            }
            if let Some(last) = before.last() {
                // Several kinds of containers are listed for the page's product, not for each of
                // their owners; "X data and Y data" is that of each.
                let joined = |other: &&&Named| {
                    other.product == last.product
                        || p.is_join(other.range.end..last.range.start)
                        || (last.range.end <= other.range.start
                            && p.is_join(data.end..other.range.start))
                };
                let all: Vec<Owner> = named.iter().filter(joined).map(|n| owner(n)).collect();
                let is_content = self.is_content(data);
                let several = all.iter().any(|other| other.product != Some(last.product));
                return match several {
                    true if is_content => Vec::new(),
                    true => all,
                    false => vec![owner(last)],
                };
            }
            // "X doesn't store customer data outside …": who does it to the data owns it.
            let acts = |named: &&&Named| {
                let is_active = verb.is_some_and(|verb| {
                    named.range.end <= verb.start
                        && verb.end <= data.start
                        && p.words(named.range.end..verb.start) <= AUXILIARIES
                        && p.words(verb.end..data.start) <= AUXILIARIES
                        && !p.plain[verb.end..data.start].contains(is_comma)
                });
                is_active && p.words(self.main.start..named.range.start) <= 1
            };
            // "X delivers services from … with data residency in …": what the clause begins with.
            let leads = |named: &&&Named| {
                let next = p.verbs(&(named.range.end..self.main.end)).into_iter().next();
                p.words(self.main.start..named.range.start) == 0
                    && next.is_some_and(|(next, _)| {
                        next.end <= data.start && p.words(named.range.end..next.start) == 0
                    })
            };
            // "With X, you can keep data in …": what opens the clause, and nothing else is named.
            let opens = |named: &&&Named| {
                let before = self.main.start..named.range.start;
                p.words(before.clone()) == 1
                    && named.range.end <= data.start
                    && p.words(named.range.end..data.start) <= AUXILIARIES
                    && p.products_in(&(named.range.end..data.start)).next().is_none()
                    && p.activities(&(named.range.end..data.start)).len() <= 1
            };
            // "X and Y already provide data residency": each of the names that open the clause.
            let provides = verb.is_some_and(|verb| {
                p.marks(Mark::DataPlace, &self.main).any(|place| overlap(&place, verb))
            });
            if provides
                && named
                    .first()
                    .is_some_and(|first| p.words(self.main.start..first.range.start) <= 1)
            {
                let mut owners = vec![owner(named[0])];
                for pair in named.windows(2) {
                    if !p.is_join(pair[0].range.end..pair[1].range.start) {
                        break;
                    }
                    owners.push(owner(pair[1]));
                }
                return owners;
            }
            let subject = named.iter().find(acts).or_else(|| named.iter().find(leads));
            let subject = subject.or_else(|| named.iter().find(opens));
            let subject = subject.or_else(|| self.handles(&named, data, verb, until));
            return subject.map(|named| vec![owner(named)]).unwrap_or_default();
        }
        let limit = until;
        let directly = |name: &Range<usize>| {
            let before = self.main.start..name.start;
            let near = |mark| {
                let last = p.marks(mark, &before).last();
                last.is_some_and(|range| p.words(range.end..name.start) <= 1)
            };
            [Mark::In, Mark::To, Mark::From, Mark::Via, Mark::Of].into_iter().any(near)
        };
        // "for X and Y": what governs the first of several governs all.
        let governed = |name: &Range<usize>| {
            let before = p.products_in(&(self.main.start..name.start));
            let joined = before.filter(|other| p.is_join(other.range.end..name.start)).last();
            directly(name) || joined.is_some_and(|other| directly(&other.range))
        };
        // "… where the tenant of Widgets was created" only tells which place.
        let described = |name: &Range<usize>| {
            verb.is_none() && p.has(Mark::Relative, &(self.main.start..name.start))
        };
        let free = |named: &&&Named| {
            let name = &named.range;
            name.end <= limit && !governed(name) && !described(name)
        };
        let near = |named: &&&Named| p.words(named.range.end..limit) <= 2 * SUBJECT_REACH;
        // "X is the system for Y and runs in …": what the clause begins with.
        let begins = |named: &&&Named| p.words(self.main.start..named.range.start) == 0;
        let subject = named.iter().filter(free).find(near);
        let subject = subject.or_else(|| named.iter().filter(free).find(begins));
        // In inverted order the subject follows the verb: "runs today the service X in …".
        let inverted = verb.filter(|_| p.language.verb != VerbOrder::First).and_then(|verb| {
            named.iter().find(|named| {
                named.range.start >= verb.end && p.words(verb.end..named.range.start) <= 1
            })
        });
        subject.or(inverted).map(|named| vec![owner(named)]).unwrap_or_default()
    }
}
