//! Makes statements of one clause, one place in it and one thing that is done there.

use std::ops::Range;

use super::extent::is_comma;
use super::places::{Found, What};
use super::{Clause, Frame, Owner, Role, is_chosen};
use crate::analyze::Location;
use crate::analyze::claims::passage::{contains, overlap};
use crate::analyze::claims::rules::Ruled;
use crate::analyze::claims::spelling::{self, FormReading};
use crate::catalog::ProductId;
use crate::catalog::languages::{Activity, Adpositions, Category, Form, Mark, Rule, VerbOrder};
use crate::catalog::places::WORLD;
use crate::source::Span;

/// How sure a statement is that nothing speaks against, in hundredths.
const SURE: u8 = 98;
/// How sure a statement is at least, if it is one at all.
const LEAST: u8 = 40;
/// A place that stands farther from its verb, in words, may belong to something else.
const FAR: usize = 4;
/// How many auxiliaries may stand between "may" and its verb.
const AUXILIARIES: usize = 2;
/// How many steps a phrase has that only says that a place was chosen.
const CHOSEN: usize = 2;
/// A clause of more words may have been read wrongly.
const LONG: usize = 35;

/// One statement, still in its block's text.
#[derive(Clone, Debug)]
pub struct Statement {
    pub quote: Range<usize>,
    pub owner: Option<Owner>,
    pub infrastructure: Option<ProductId>,
    pub activity: Activity,
    pub category: Category,
    pub form: Form,
    pub at_rest: bool,
    pub location: Stated,
    /// The clause itself says which data is in it or never leaves it, not what is moved to it.
    pub in_it: bool,
    pub relation: &'static str,
    pub modality: &'static str,
    pub negated: bool,
    pub condition: Option<String>,
    pub retention: Option<String>,
    pub rule: String,
    /// In hundredths, the page left aside.
    pub confidence: u8,
    /// It could as well be about a folder or a deed: what its page is about decides.
    pub bare: bool,
    /// In the file, because it may stand in the lead.
    pub misspelt: Option<(Span, String)>,
}

/// A location as a clause has it: "such a region" is not one yet.
#[derive(Clone, Debug, PartialEq)]
pub enum Stated {
    Known(Location),
    /// The one that was chosen: by the customer, if nothing before it says by whom.
    Chosen(Location),
    Antecedent,
}

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
type Data = (Option<Range<usize>>, Category);

/// How firmly something is said.
struct Firmness {
    modality: &'static str,
    negated: bool,
}

/// A location as it is told: what it is, how it takes part, and what read it.
struct Told {
    location: Stated,
    relation: &'static str,
    rule: String,
}

impl<'a> Clause<'_, 'a> {
    /// What is stated of one place and one verb, by data and by owner.
    pub(super) fn state(
        &self,
        location: &Found<'a>,
        said: Activity,
        verb: Option<&Range<usize>>,
        rules: &[Ruled<'a>],
    ) -> Vec<Statement> {
        let stated = || {
            let deed = self.deed(location, said, verb, rules)?;
            self.stated(&deed, rules)
        };
        stated().unwrap_or_default()
    }

    fn deed<'c>(
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
        let is_duty = self.passage.has(Mark::Duty, &self.main) && (!names_data || deed.is_tied());
        // "uses the region you chose" may be of anything.
        let is_vague = self.takes_over(&deed)
            && !matches!(&location.what, What::Rule(ruled) if ruled.rule == Rule::OtherService);
        (!of_people && !is_aside && !is_duty && !is_vague).then_some(deed)
    }

    /// Whether it is not the data of the clause that is in a place, but staff or servers that do
    /// something else to it: "the media servers are in Spain and keep no content".
    fn is_beside_data(&self, deed: &Deed<'_, 'a>, rules: &[Ruled<'a>]) -> bool {
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
    fn own_data(&self, deed: &Deed<'_, 'a>, rules: &[Ruled<'a>]) -> Vec<Data> {
        let own = self.data(rules, deed.verb, Some(&deed.location.range));
        // A bullet with a verb of its own may also be about other data than its lead-in.
        let names_own =
            deed.verb.is_some() && own.iter().any(|(_, category)| *category != Category::Data);
        match deed.lead.filter(|_| !names_own).and_then(|frame| frame.category) {
            Some(category) => vec![(None, category)],
            None => own.into_iter().map(|(range, category)| (Some(range), category)).collect(),
        }
    }

    fn stated(&self, deed: &Deed<'_, 'a>, rules: &[Ruled<'a>]) -> Option<Vec<Statement>> {
        let p = self.passage;
        let mut data = self.own_data(deed, rules);
        if self.is_beside_data(deed, rules) {
            data.clear();
        }
        let activity = match deed.said {
            Activity::Operates if self.is_run(deed, &data) => Activity::Processes,
            // "uses the region set in X": where that is, data is kept.
            _ if self.takes_over(deed) => Activity::Stores,
            said if self.is_provisioned(deed, said, &data, rules) => Activity::Operates,
            Activity::Located if data.is_empty() && !deed.contained && !self.is_kept(deed) => {
                Activity::Operates
            }
            Activity::Offers => Activity::Operates,
            // "Backups are kept in …".
            Activity::Located | Activity::Stores if self.is_backup(&data) => Activity::BacksUp,
            Activity::Located => Activity::Stores,
            other => other,
        };
        let first = data.first().and_then(|(range, _)| range.clone());
        let runs = activity == Activity::Operates;
        let mut owners =
            self.owners(rules, first.as_ref().filter(|_| !runs), deed.verb, deed.acts.end);
        let mut is_guess = false;
        let mut quote = self.quote.clone();
        if runs {
            // "… to the Contoso Log service (which is hosted in …)": what stands before it runs there.
            let head = if owners.is_empty() { self.head(deed) } else { None };
            if let Some((start, owner)) = head {
                quote.start = start;
                owners.push(owner);
            }
            self.running(deed, &mut owners)?;
            data = vec![(None, Category::None)];
        } else if data.is_empty() {
            let (category, guessed) = self.implied(deed, activity)?;
            is_guess = guessed;
            data.push((None, category));
        }
        let unnamed = !runs && data.iter().all(|(range, _)| range.is_none());
        let told = self.told(deed, activity, &data)?;
        let Firmness { modality, negated } = self.firmness(deed, rules)?;
        let is_plain = |&(_, category): &Data| {
            matches!(category, Category::Data | Category::Content | Category::Logs)
        };
        let bare = is_guess
            || (self.is_bare(deed.location)
                && data.iter().any(is_plain)
                && !(deed.role == Mark::Outside && negated));
        let keeps = matches!(activity, Activity::Stores | Activity::Replicates | Activity::BacksUp);
        let led_at_rest = deed.lead.is_some_and(|frame| frame.at_rest);
        let at_rest = keeps && (led_at_rest || p.has(Mark::AtRest, &self.main));
        let condition = self
            .condition
            .clone()
            .map(|range| p.plain[range].trim().to_owned())
            .or_else(|| deed.lead.and_then(|frame| frame.condition.clone()));
        let background = p.products_in(&self.main).find(|named| named.background);
        let mut named: Vec<Option<Owner>> = owners.into_iter().map(Some).collect();
        if named.is_empty() {
            named.extend(self.handed(first.is_none()).into_iter().map(Some));
        }
        let is_page_product = named.is_empty();
        if is_page_product {
            named.push(self.product.cloned());
        }
        let mut statements = Vec::new();
        for (range, category) in data {
            let FormReading { form, misspelt } = self.form_of(deed, range.as_ref(), category);
            let runs_there = runs && self.has_near(deed, Mark::Operator);
            let is_treated =
                || unnamed && self.treats_something(activity, deed.verb, deed.location);
            let in_it = (range.is_some() || deed.contained || runs_there || is_treated())
                && ((deed.role == Mark::Outside && negated) || self.is_in(deed.location, activity));
            for owner in &named {
                let words = deed.verb.map_or(0, |verb| self.distance(deed.location, verb).1);
                let is_world = matches!(&deed.location.what,
                    What::Places(codes) if codes.contains(WORLD));
                // What stands beside each was measured on pages that people had read.
                let doubts = [
                    (misspelt.is_some() || form == Form::Unclear, 20),
                    (told.location == Stated::Antecedent, 15),
                    (owner.is_none(), 15),
                    (bare, 15),
                    (category == Category::Data, 8),
                    (runs, 6),
                    (activity == Activity::Processes, 8),
                    (is_world, 10),
                    (is_page_product, 3),
                    (unnamed, 3),
                    (deed.verb.is_none(), 3),
                    (words > FAR, 2),
                    (words > 2 * FAR, 4),
                    (p.words(self.main.clone()) > LONG, 8),
                ];
                let sum: u8 = doubts.iter().filter(|(holds, _)| *holds).map(|(_, by)| by).sum();
                statements.push(Statement {
                    quote: quote.clone(),
                    owner: owner.clone(),
                    infrastructure: background.map(|named| named.product),
                    activity,
                    category,
                    form,
                    at_rest,
                    location: told.location.clone(),
                    in_it,
                    relation: told.relation,
                    modality,
                    negated,
                    condition: condition.clone(),
                    retention: self.retention().filter(|_| activity == Activity::Stores),
                    rule: told.rule.clone(),
                    confidence: SURE.saturating_sub(sum).max(LEAST),
                    bare,
                    misspelt: misspelt.clone(),
                });
            }
        }
        Some(statements)
    }

    /// Whether a verb leaves it to its nouns what is done: "storage takes place in …".
    fn is_light(&self, verb: Option<&Range<usize>>) -> bool {
        verb.is_some_and(|verb| {
            self.is_marked(Mark::Occurs, verb) && !self.nouns_of(verb).is_empty()
        })
    }

    /// Whether a service has no region of its own but takes that of another one; "it maintains data
    /// in the region" says what it has there.
    fn takes_over(&self, deed: &Deed<'_, 'a>) -> bool {
        let p = self.passage;
        let has = |verb: &&Range<usize>| p.marks(Mark::Has, &self.main).any(|h| h == **verb);
        let keeps = |verb: &Range<usize>| {
            let object = verb.end..deed.location.range.start.max(verb.end);
            deed.said == Activity::Stores && !p.categories(&object).is_empty()
        };
        !deed.is_place() && deed.verb.filter(has).is_some_and(|verb| !keeps(verb))
    }

    /// Whether something that no sheet knows is kept in a data center of a place: "new networks are in
    /// the Norwegian region". What is no service holds data.
    fn is_kept(&self, deed: &Deed<'_, 'a>) -> bool {
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

    /// Whether the data is a copy kept for restoring.
    fn is_backup(&self, data: &[Data]) -> bool {
        let p = self.passage;
        data.iter().any(|(range, category)| {
            let copies =
                |range| p.marks(Mark::Backup, &self.main).any(|mark| overlap(&mark, range));
            *category == Category::Data && range.as_ref().is_some_and(copies)
        })
    }

    /// The data that a clause means without naming it, and whether that is a guess.
    fn implied(&self, deed: &Deed<'_, 'a>, activity: Activity) -> Option<(Category, bool)> {
        let p = self.passage;
        // "When a file is created, it is stored in …": the condition names the data.
        let conditional = self
            .condition
            .as_ref()
            .and_then(|range| p.categories(range).first().map(|&(_, category)| category));
        let inherited = self.inherited.and_then(|frame| frame.category);
        let location = deed.location;
        // "These items are stored in …:" lists the data.
        let lists = || {
            activity == Activity::Stores
                && self.opens_list()
                && deed.verb.is_some_and(|verb| verb.end <= location.range.start)
        };
        match conditional.or(inherited) {
            Some(category) => Some((category, false)),
            None if deed.contained
                || self.decides(location).is_some()
                || lists()
                || self.is_light(deed.verb)
                || self.is_kept(deed)
                || self.takes_over(deed) =>
            {
                Some((Category::Data, false))
            }
            None if self.treats_something(activity, deed.verb, location) => {
                Some((Category::Data, !p.has(Mark::DataCenter, &self.main)))
            }
            None if activity == Activity::Transfers && self.is_migration(deed.verb, location) => {
                Some((Category::CustomerData, false))
            }
            None if activity == Activity::Transfers && self.moves_service(deed) => {
                Some((Category::Data, false))
            }
            None => None,
        }
    }

    /// What a location is in this deed; none if it is no place of data.
    fn told(&self, deed: &Deed<'_, 'a>, activity: Activity, data: &[Data]) -> Option<Told> {
        let relation = relation(deed.role);
        let ruled = match &deed.location.what {
            What::Places(codes) => {
                let codes = codes.iter().map(|&code| code.to_owned()).collect();
                let location = Stated::Known(Location::Places(codes));
                return Some(Told { location, relation, rule: "place".to_owned() });
            }
            What::Rule(ruled) => ruled,
        };
        let rule = ruled.phrase.name.clone();
        let moves =
            matches!(deed.said, Activity::Transfers | Activity::Accesses | Activity::Replicates);
        let location = match ruled.rule {
            Rule::Service => {
                let goes = matches!(activity, Activity::Transfers | Activity::Replicates);
                let location = Stated::Known(Location::Service);
                return goes.then_some(Told { location, relation: "to", rule });
            }
            // "copied from the primary region" does not say where to.
            // and "pushed from any region" where somebody is.
            Rule::SameRegion | Rule::Unrestricted if moves && deed.role == Mark::From => {
                return None;
            }
            // "wait until the preferred location is synchronized": the setting is, no data.
            Rule::UserPdl
                if matches!(activity, Activity::Processes | Activity::Replicates)
                    && deed.role != Mark::Outside =>
            {
                return None;
            }
            _ if self.is_folder(ruled, data) => return None,
            // "Requests from other regions are handled in those regions": they are none that were
            // named.
            Rule::Antecedent if self.follows_others(deed.location) => {
                Stated::Known(Location::from(Rule::SameRegion))
            }
            Rule::Antecedent => Stated::Antecedent,
            // "the specified region", and not "the region you choose for the workspace".
            Rule::CustomerChoice
                if deed.role != Mark::Outside
                    && ruled.phrase.steps.len() <= CHOSEN
                    && ![Mark::Relative, Mark::People]
                        .into_iter()
                        .any(|mark| self.passage.has(mark, &ruled.range)) =>
            {
                Stated::Chosen(Location::from(ruled.rule))
            }
            rule => Stated::Known(Location::from(rule)),
        };
        Some(Told { location, relation, rule })
    }

    /// Whether the clause speaks of other places before a location, which may point back to them.
    fn follows_others(&self, location: &Found<'a>) -> bool {
        let before = |ruled: &Ruled<'a>| ruled.range.end <= location.range.start;
        self.rules().iter().any(|ruled| ruled.phrase.denied && before(ruled))
    }

    /// How firmly a deed is said; none if its location counts only where it is denied, or the denial
    /// leaves it open.
    fn firmness(&self, deed: &Deed<'_, 'a>, rules: &[Ruled<'a>]) -> Option<Firmness> {
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
            && !self.stays(deed, rules);
        (!is_undenied && !is_open).then_some(Firmness { modality, negated })
    }

    /// Whether data is kept in another place, where one word says "in" and "to": Japanese "ni".
    fn stays(&self, deed: &Deed<'_, 'a>, rules: &[Ruled<'a>]) -> bool {
        let language = self.passage.language;
        language.verb == VerbOrder::Last
            && language.adpositions == Adpositions::After
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
    fn is_theirs(&self, deed: &Deed<'_, 'a>, rules: &[Ruled<'a>]) -> bool {
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
        is_subject || self.has_near(deed, Mark::Operator) || opens()
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
        // "can't"
        let denies = |may: &Range<usize>| {
            p.marks(Mark::Not, &self.main).any(|not| contains(&not, may) && not != *may)
        };
        p.marks(Mark::May, &self.main)
            .filter(|may| is_outside(may) && !is_inserted(may) && !denies(may))
            .any(|may| !chosen || deed.role == Mark::Outside || governs(&may))
    }

    /// The form of data: that of its own words, else of the lead-in.
    fn form_of(
        &self,
        deed: &Deed<'_, 'a>,
        data: Option<&Range<usize>>,
        category: Category,
    ) -> FormReading {
        let own = spelling::form(self.passage, data, &self.main);
        match deed.lead.and_then(|frame| frame.form.clone()) {
            _ if category == Category::None => FormReading::AS_IS,
            Some(led) if own.form == Form::AsIs => led,
            _ => own,
        }
    }

    /// Whether data is kept or processed in the location itself: "stored in that region".
    fn is_in(&self, location: &Found<'a>, activity: Activity) -> bool {
        let p = self.passage;
        matches!(activity, Activity::Stores | Activity::Processes | Activity::Operates)
            && self.preposition(&location.range).is_some_and(|(mark, at)| {
                mark == Mark::In && p.words(at.end..location.range.start) == 0
            })
    }

    /// Whether a location is told by a word that need not be one of geography: "where you want".
    fn is_bare(&self, location: &Found<'a>) -> bool {
        let p = self.passage;
        let What::Rule(ruled) = &location.what else { return false };
        let names = |range: Range<usize>| {
            p.words(range.clone()) > 1 || p.plain[range].chars().all(char::is_uppercase)
        };
        matches!(ruled.rule, Rule::CustomerChoice | Rule::Antecedent | Rule::SameRegion)
            && ![Mark::DataCenter, Mark::Country, Mark::DataPlace]
                .into_iter()
                .any(|mark| p.has(mark, &self.main))
            && !p.marks(Mark::Places, &self.main).any(names)
            && !p.has_place(&self.main)
    }

    /// Whether a place for files is a folder: "saved to the location you choose" is no geography.
    fn is_folder(&self, ruled: &Ruled<'a>, data: &[(Option<Range<usize>>, Category)]) -> bool {
        let p = self.passage;
        let is_of_files =
            data.iter().all(|(_, category)| matches!(category, Category::Content | Category::Logs));
        let is_geographic =
            [Mark::DataCenter, Mark::Country].into_iter().any(|mark| p.has(mark, &ruled.range))
                || p.marks(Mark::Places, &ruled.range).any(|range| {
                    p.words(range.clone()) > 1 || p.plain[range].chars().all(char::is_uppercase)
                });
        // "the location of the user who asked" is somebody's, and no folder.
        let is_anybodys = match ruled.rule {
            Rule::UserPdl => !p.has(Mark::People, &ruled.range),
            rule => matches!(rule, Rule::CustomerChoice | Rule::SameRegion),
        };
        is_of_files && is_anybodys && !is_geographic
    }

    /// "for 30 days" as `P30D`.
    fn retention(&self) -> Option<String> {
        let p = self.passage;
        [(Mark::Days, 'D'), (Mark::Months, 'M'), (Mark::Years, 'Y')].into_iter().find_map(
            |(mark, unit)| {
                let range = p.marks(mark, &self.main).next()?;
                let number = p.plain[..range.start]
                    .trim_end()
                    .rsplit(|c: char| !c.is_ascii_digit())
                    .next()?;
                number.parse::<u16>().ok().map(|number| format!("P{number}{unit}"))
            },
        )
    }
}

fn relation(mark: Mark) -> &'static str {
    match mark {
        Mark::Outside => "outside",
        Mark::To => "to",
        Mark::From => "from",
        Mark::Via => "via",
        _ => "in",
    }
}
