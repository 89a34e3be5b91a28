//! What is done in a place: whether the place takes part in it at all, how, and to which data.

use std::ops::Range;

use super::places::{Found, What};
use super::{Clause, Frame, Role};
use crate::analyze::claims::passage::{contains, overlap};
use crate::analyze::claims::rules::Ruled;
use crate::catalog::languages::{Activity, Category, Mark, Rule};

/// How many auxiliaries may stand between somebody and where they are.
const AUXILIARIES: usize = 2;

/// What is done in a place, while it is read.
pub(super) struct Deed<'c, 'a> {
    pub location: &'c Found<'a>,
    /// As its verb says it: a thing that is "located" is stored or runs there.
    pub said: Activity,
    pub verb: Option<&'c Range<usize>>,
    /// The lead-in that the clause completes.
    pub lead: Option<&'c Frame>,
    /// How the place takes part.
    pub role: Mark,
    /// Something is offered from there.
    pub offered: bool,
    /// What holds data is there: "the tenant is created in …".
    pub contained: bool,
    /// The words in which its subject stands.
    pub acts: Range<usize>,
}

impl Deed<'_, '_> {
    pub fn is_place(&self) -> bool {
        matches!(self.location.what, What::Places(_))
    }

    /// Whether the place is that of something else, which the reader may have to see to.
    pub fn is_tied(&self) -> bool {
        let tied = [Rule::SameRegion, Rule::OtherService, Rule::NearestDatacenter];
        matches!(&self.location.what, What::Rule(ruled) if tied.contains(&ruled.rule))
    }
}

/// Data with its words, if the clause has them.
pub(super) type Data = (Option<Range<usize>>, Category);

impl<'a> Clause<'_, 'a> {
    pub(super) fn deed<'c>(
        &'c self,
        location: &'c Found<'a>,
        said: Activity,
        verb: Option<&'c Range<usize>>,
        rules: &[Ruled<'a>],
    ) -> Option<Deed<'c, 'a>> {
        let comes = self.comes(location, verb);
        let offered = said == Activity::Offers || (said == Activity::Operates && comes);
        if offered && !comes && !self.is_offered_in(location, verb) {
            return None;
        }
        if self.is_goal_of_others(location, verb) {
            return None;
        }
        let lead = self.inherited.filter(|_| self.role == Role::Completion);
        let role = self.part(location, said, verb)?;
        // What is ahead of its verb stands between that and the subject, unless it opens the clause of
        // both: "the region where the service is hosted".
        let opens = matches!(&location.what, What::Rule(ruled)
            if self.passage.ends(Mark::Relative, &ruled.range).is_some());
        let start = self.main.start;
        let acts = match verb {
            Some(verb) if location.range.end <= verb.start && opens => {
                location.range.end..verb.start
            }
            Some(verb) if location.range.end <= verb.start => {
                start..location.range.start.max(start)
            }
            Some(verb) => start..verb.start.max(start),
            None => start..self.main.end,
        };
        let mut deed = Deed { location, said, verb, lead, role, offered, contained: false, acts };
        let names_data = !self.own_data(&deed, rules).is_empty();
        let is_about_people =
            said == Activity::Located && self.is_about_people(verb, &location.range);
        // "You can choose the region your organization is hosted in": its data is.
        let chooses = matches!(&location.what, What::Rule(ruled) if ruled.phrase.does.is_some());
        let holds = self.holds(verb, location) || (is_about_people && chooses);
        if !names_data && !holds && self.is_in_its_own(verb, location) {
            return None;
        }
        deed.contained = !names_data && holds;
        let of_people = is_about_people && lead.is_none() && !chooses;
        // "Staff located outside the EU have no access to data" says nothing of where data is.
        let is_aside = self.is_beside_data(&deed, rules) && !self.has_near(&deed, Mark::Facility);
        // What the reader has to put in a region is not said to be there.
        let is_duty = self.passage.has(Mark::Duty, &self.main)
            && (!names_data || deed.is_tied() || self.is_duty_of_people(&deed));
        // "uses the region you chose" may be of anything.
        let is_vague = self.takes_over(&deed)
            && !matches!(&location.what, What::Rule(ruled) if ruled.rule == Rule::OtherService);
        let is_said = !self.is_presupposed(&deed);
        (!of_people && !is_aside && !is_duty && !is_vague && is_said).then_some(deed)
    }

    /// Whether where something is only tells which one the clause speaks of: "sites hosted in another
    /// region will open in a new window". Places by name are worth telling even so.
    fn is_presupposed(&self, deed: &Deed<'_, 'a>) -> bool {
        let p = self.passage;
        let Some(verb) = deed.verb.filter(|verb| verb.end <= deed.location.range.start) else {
            return false;
        };
        let before = self.main.start..verb.start;
        let describes = p.words(before.clone()) > 0 && !p.has(Mark::Predicate, &before);
        let rest = deed.location.range.end..self.main.end;
        !deed.is_place()
            && deed.lead.is_none()
            && matches!(deed.said, Activity::Stores | Activity::Located)
            && describes
            && p.begins(Mark::Predicate, &rest).is_some()
    }

    /// Whether it is not the data of the clause that is in a place, but staff or servers that do
    /// something else to it: "the media servers are in Spain and keep no content".
    pub(super) fn is_beside_data(&self, deed: &Deed<'_, 'a>, rules: &[Ruled<'a>]) -> bool {
        let p = self.passage;
        let data = self.data(rules, deed.verb, Some(&deed.location.range));
        // "audio and video servers": what they serve is part of their name.
        let is_served = |data: &Range<usize>| {
            p.marks(Mark::Facility, &deed.acts).any(|servers| {
                let between = servers.end.min(data.end)..servers.start.max(data.start);
                let between = p.plain[between].trim();
                between.is_empty() || between.ends_with(['/', '-'])
            })
        };
        deed.said == Activity::Located
            && deed.is_place()
            && deed.lead.is_none()
            && !data.is_empty()
            && self.has_near(deed, Mark::Operator)
            && data.iter().all(|(data, _)| data.start >= deed.location.range.end || is_served(data))
    }

    /// Whether it is people who have to do it: "the administrator must set the location".
    fn is_duty_of_people(&self, deed: &Deed<'_, 'a>) -> bool {
        let p = self.passage;
        // "Users must have a location, so that the service knows where to …" says what is done there.
        let is_ahead = deed.verb.is_some_and(|verb| deed.location.range.end <= verb.start);
        if is_ahead || self.decides(deed.location).is_some() {
            return false;
        }
        p.marks(Mark::Duty, &self.main).any(|duty| {
            let subject = p.marks(Mark::People, &(self.main.start..duty.start)).last();
            subject.is_some_and(|people| p.words(people.end..duty.start) == 0)
        })
    }

    /// How a place takes part in what is done; none if nothing is done there.
    fn part(
        &self,
        location: &Found<'a>,
        said: Activity,
        verb: Option<&Range<usize>>,
    ) -> Option<Mark> {
        let p = self.passage;
        let moves = matches!(said, Activity::Transfers | Activity::Accesses | Activity::Replicates);
        // "delivered from German data centers": that is where it runs.
        let runs = matches!(said, Activity::Operates | Activity::Located | Activity::Offers);
        let runs_there = runs && self.centred(&location.range).is_some();
        let is_place = matches!(location.what, What::Places(_));
        // "by changing the user's location" says how, not where.
        let is_users = matches!(&location.what, What::Rule(ruled) if ruled.rule == Rule::UserPdl);
        if location.relation == Mark::Via && is_users {
            return None;
        }
        // "operated from Ireland"
        let runs_from = matches!(said, Activity::Operates | Activity::Offers)
            && verb.is_some_and(|verb| p.words(verb.end..location.range.start) == 0);
        if location.relation == Mark::From && is_place && !moves && !runs_there && !runs_from {
            return None;
        }
        // "is moved from data centers in Norway to …": where it was.
        let leaves_centre = matches!(said, Activity::Transfers | Activity::Replicates)
            && location.relation == Mark::In
            && self.is_from_centre(location)
            && p.marks(Mark::To, &(location.range.end..self.main.end)).next().is_some();
        if leaves_centre {
            return None;
        }
        if said == Activity::Transfers && self.is_of_recipients(location) {
            return None;
        }
        // "operated out of data centers in …": where it runs, and not what it is outside of.
        let runs_out = matches!(said, Activity::Operates | Activity::Offers)
            && verb.is_some_and(|verb| {
                let mut marks = p.marks(Mark::Outside, &self.main);
                marks.any(|mark| contains(verb, &mark) && mark.start > verb.start)
            });
        if runs_out {
            return Some(Mark::In);
        }
        // "leaves the data center in …": the verb says "outside", however far its place stands.
        let leaves = matches!(location.relation, Mark::In | Mark::From)
            && verb.is_some_and(|verb| {
                p.marks(Mark::Outside, &self.main).any(|mark| overlap(&mark, verb))
            });
        Some(match location.relation {
            _ if leaves => Mark::Outside,
            Mark::Outside => Mark::Outside,
            relation if moves => relation,
            _ => Mark::In,
        })
    }

    /// Whether a place is that of who is sent something: "to the authorities in your country".
    fn is_of_recipients(&self, location: &Found<'a>) -> bool {
        let p = self.passage;
        let own = p.begins(Mark::In, &location.range).filter(|at| at.start == location.range.start);
        let found = self.preposition(&location.range).filter(|(mark, _)| *mark == Mark::In);
        let Some(at) = own.or(found.map(|(_, at)| at)) else { return false };
        let before = self.main.start..at.start;
        let Some(who) = p.marks(Mark::People, &before).last() else { return false };
        let to = p.marks(Mark::To, &(before.start..who.start)).last();
        p.words(who.end..at.start) == 0
            && to.is_some_and(|to| p.words(to.end..who.start) <= AUXILIARIES)
    }

    /// The data that the clause names, or its lead-in.
    pub(super) fn own_data(&self, deed: &Deed<'_, 'a>, rules: &[Ruled<'a>]) -> Vec<Data> {
        let own = self.data(rules, deed.verb, Some(&deed.location.range));
        // A bullet with a verb of its own may also be about other data than its lead-in.
        let names_own =
            deed.verb.is_some() && own.iter().any(|(_, category)| *category != Category::Data);
        match deed.lead.filter(|_| !names_own).and_then(|frame| frame.category) {
            Some(category) => vec![(None, category)],
            None => own.into_iter().map(|(range, category)| (Some(range), category)).collect(),
        }
    }

    /// Whether a verb leaves it to its nouns what is done: "storage takes place in …".
    pub(super) fn is_light(&self, verb: Option<&Range<usize>>) -> bool {
        verb.is_some_and(|verb| {
            self.is_marked(Mark::Occurs, verb) && !self.nouns_of(verb).is_empty()
        })
    }

    /// Whether a service has no region of its own but takes that of another one; "it maintains data
    /// in the region" says what it has there.
    pub(super) fn takes_over(&self, deed: &Deed<'_, 'a>) -> bool {
        let p = self.passage;
        let has = |verb: &&Range<usize>| p.marks(Mark::Has, &self.main).any(|h| h == **verb);
        let keeps = |verb: &Range<usize>| {
            let object = verb.end..deed.location.range.start.max(verb.end);
            deed.said == Activity::Stores && !p.categories(&object).is_empty()
        };
        // "It operates local data centers" says where it runs.
        let is_own = matches!(&deed.location.what,
            What::Rule(ruled) if ruled.rule == Rule::InCountry)
            && p.has(Mark::DataCenter, &self.main);
        // "uses an endpoint in the default region": it runs there.
        let serves = |verb: &Range<usize>| {
            let object = verb.end..deed.location.range.start.max(verb.end);
            p.has(Mark::Facility, &object) && !deed.is_tied()
        };
        let takes = |verb: &Range<usize>| !keeps(verb) && !serves(verb);
        !deed.is_place() && !is_own && deed.verb.filter(has).is_some_and(takes)
    }

    /// Whether something that no sheet knows is kept in a data center of a place: "new networks are in
    /// the Norwegian region". What is no service holds data.
    pub(super) fn is_kept(&self, deed: &Deed<'_, 'a>) -> bool {
        let p = self.passage;
        let subject = &deed.acts;
        let runs = [Mark::Operator, Mark::DataCenter, Mark::Facility, Mark::Listed, Mark::People];
        matches!(deed.said, Activity::Located | Activity::Stores)
            && deed.is_place()
            && deed.lead.is_none()
            && deed.verb.is_some()
            && deed.location.relation == Mark::In
            && !p.has(Mark::Via, &self.main)
            && self.is_named_centre(&deed.location.range)
            && p.words(subject.clone()) > 0
            && !runs.into_iter().any(|mark| p.has(mark, subject))
            && p.products_in(subject).next().is_none()
            && !self.names_page_product(subject)
    }
}
