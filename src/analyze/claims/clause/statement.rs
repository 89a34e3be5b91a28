//! Makes statements of one clause, one place in it and one thing that is done there.

use std::ops::Range;

use super::deed::{Data, Deed};
use super::firmness::Firmness;
use super::places::{Found, What};
use super::{Clause, Frame, Owner};
use crate::analyze::Location;
use crate::analyze::claims::passage::{contains, overlap};
use crate::analyze::claims::rules::{Ruled, names_service};
use crate::analyze::claims::spelling::{self, FormReading};
use crate::catalog::ProductId;
use crate::catalog::languages::{Activity, Category, Form, Mark, Rule};
use crate::source::Span;

/// How sure a statement is that nothing speaks against, in hundredths.
const SURE: u8 = 98;
/// How sure a statement is at least, if it is one at all.
const LEAST: u8 = 40;
/// A place that stands farther from its verb, in words, may belong to something else.
const FAR: usize = 4;
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
    /// Where the words for the location begin.
    pub at: usize,
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

/// What may make a statement less sure.
struct Doubts<'s> {
    location: &'s Stated,
    reading: &'s FormReading,
    owner: Option<&'s Owner>,
    category: Category,
    activity: Activity,
    bare: bool,
    is_page_product: bool,
    unnamed: bool,
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
        // The name of the service that data goes to is no owner.
        let goal = match &location.what {
            What::Rule(ruled) if names_service(ruled.phrase) => Some(ruled.clone()),
            _ => None,
        };
        let rules: Vec<Ruled<'a>> = rules.iter().cloned().chain(goal).collect();
        let stated = || {
            let deed = self.deed(location, said, verb, &rules)?;
            self.stated(&deed, &rules)
        };
        stated().unwrap_or_default()
    }

    fn stated(&self, deed: &Deed<'_, 'a>, rules: &[Ruled<'a>]) -> Option<Vec<Statement>> {
        let p = self.passage;
        let mut data = self.own_data(deed, rules);
        if self.is_beside_data(deed, rules) {
            data.clear();
        }
        let activity = match deed.said {
            Activity::Operates if self.is_run(deed, &data) => Activity::Processes,
            Activity::Located if self.is_sent_there(deed) => Activity::Transfers,
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
        // "… sends data to a service, which may be outside …": the clause before says what is there.
        if let Some(sent) = self.inherited.filter(|_| self.is_sent_there(deed)) {
            quote.start = sent.range.start.min(quote.start);
        }
        if runs {
            // "… to the Contoso Log service (which is hosted in …)": what stands before it runs there.
            let head = if owners.is_empty() { self.head(deed) } else { None };
            if let Some((start, owner)) = head {
                quote.start = start;
                owners.push(owner);
            }
            if owners.is_empty() && p.products_in(&deed.acts).next().is_none() {
                owners = self.listed_names(deed.verb.map_or(deed.acts.start, |verb| verb.start));
            }
            self.running(deed, &mut owners)?;
            data = vec![(None, Category::None)];
        } else if data.is_empty() {
            let (category, guessed) = self.implied(deed, activity)?;
            is_guess = guessed;
            data.push((None, category));
        }
        let unnamed = !runs && data.iter().all(|(range, _)| range.is_none());
        let told = self.told(deed, activity, &data, rules)?;
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
            let reading = self.form_of(deed, range.as_ref(), category);
            let runs_there = runs && self.has_near(deed, Mark::Operator);
            let is_treated =
                || unnamed && self.treats_something(activity, deed.verb, deed.location);
            let in_it = (range.is_some() || deed.contained || runs_there || is_treated())
                && ((deed.role == Mark::Outside && negated) || self.is_in(deed.location, activity));
            for owner in &named {
                let doubts = Doubts {
                    location: &told.location,
                    reading: &reading,
                    owner: owner.as_ref(),
                    category,
                    activity,
                    bare,
                    is_page_product,
                    unnamed,
                };
                statements.push(Statement {
                    quote: quote.clone(),
                    owner: owner.clone(),
                    infrastructure: background.map(|named| named.product),
                    activity,
                    category,
                    form: reading.form,
                    at_rest,
                    location: told.location.clone(),
                    at: deed.location.range.start,
                    in_it,
                    relation: told.relation,
                    modality,
                    negated,
                    condition: condition.clone(),
                    retention: self.retention().filter(|_| activity == Activity::Stores),
                    rule: told.rule.clone(),
                    confidence: self.confidence(deed, &doubts),
                    bare,
                    misspelt: reading.misspelt.clone(),
                });
            }
        }
        Some(statements)
    }

    /// Whether a clause says where the goal is to which the clause before sends data: outside of its
    /// region.
    fn is_sent_there(&self, deed: &Deed<'_, 'a>) -> bool {
        let sends = |frame: &&Frame| {
            frame.activities.contains(&Activity::Transfers) && frame.category.is_some()
        };
        self.continues
            && deed.role == Mark::Outside
            && deed.said == Activity::Located
            && deed.lead.is_none()
            && self.inherited.filter(sends).is_some()
            && self.passage.categories(&self.main).is_empty()
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
                || self.is_residency(location)
                || self.provides_residency(deed.verb)
                || self.is_taken(location)
                || self.takes_over(deed) =>
            {
                Some((Category::Data, false))
            }
            None if self.treats_place(deed, activity) => Some((Category::Content, false)),
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

    /// Whether a location is that of another product by the phrase itself: "the same location used by
    /// Contoso is selected".
    fn is_taken(&self, location: &Found<'a>) -> bool {
        matches!(&location.what, What::Rule(ruled)
            if ruled.rule == Rule::OtherService && ruled.phrase.does.is_some())
    }

    /// How sure a statement is, in hundredths. What stands beside each doubt was measured on pages that
    /// people had read.
    fn confidence(&self, deed: &Deed<'_, 'a>, doubts: &Doubts<'_>) -> u8 {
        let words = deed.verb.map_or(0, |verb| self.distance(deed.location, verb).1);
        let FormReading { form, misspelt } = doubts.reading;
        let doubts = [
            (misspelt.is_some() || *form == Form::Unclear, 20),
            (*doubts.location == Stated::Antecedent, 15),
            (doubts.owner.is_none(), 15),
            (doubts.bare, 15),
            (doubts.category == Category::Data, 8),
            (doubts.activity == Activity::Operates, 6),
            (doubts.activity == Activity::Processes, 8),
            (deed.location.is_world(), 10),
            (doubts.is_page_product, 3),
            (doubts.unnamed, 3),
            (deed.verb.is_none(), 3),
            (words > FAR, 2),
            (words > 2 * FAR, 4),
            (self.passage.words(self.main.clone()) > LONG, 8),
        ];
        let sum: u8 = doubts.iter().filter(|(holds, _)| *holds).map(|(_, by)| by).sum();
        SURE.saturating_sub(sum).max(LEAST)
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

    /// What a location is in this deed; none if it is no place of data.
    fn told(
        &self,
        deed: &Deed<'_, 'a>,
        activity: Activity,
        data: &[Data],
        rules: &[Ruled<'a>],
    ) -> Option<Told> {
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
        // "You can move a user's files to another region": to the one that the customer wants.
        if ruled.phrase.denied && self.is_customers_move(deed, rules) {
            let location = Stated::Known(Location::from(Rule::CustomerChoice));
            return Some(Told { location, relation: Mark::To.as_str(), rule });
        }
        let moves =
            matches!(deed.said, Activity::Transfers | Activity::Accesses | Activity::Replicates);
        let location = match ruled.rule {
            Rule::Service => {
                // "synchronizes data with" Contoso: what the phrase takes in need not go there.
                let is_own = || {
                    let mut ranges = data.iter().filter_map(|(range, _)| range.as_ref());
                    ranges.all(|range| !overlap(range, &ruled.range))
                };
                // "You can migrate your mail to Contoso" is no traffic between services.
                let is_theirs = self.is_theirs(deed, rules);
                let is_told = match activity {
                    Activity::Transfers | Activity::Replicates if names_service(ruled.phrase) => {
                        self.is_sent(deed, rules)
                    }
                    Activity::Transfers => {
                        is_theirs || (is_own() && !self.outside_rules(Mark::May, rules))
                    }
                    Activity::Replicates => is_theirs && is_own(),
                    _ => false,
                };
                let location = Stated::Known(Location::Service);
                return is_told.then_some(Told { location, relation: "to", rule });
            }
            // "can access reports in the central location" says where they are, not who is.
            _ if deed.said == Activity::Accesses && deed.role == Mark::In => return None,
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
            // "local data residency based on …": what follows says where.
            _ if self.is_residency(deed.location)
                && self.passage.has(Mark::Per, &(ruled.range.end..self.main.end)) =>
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
            // nor where the customer can have data.
            Rule::CustomerChoice
                if deed.role != Mark::Outside
                    && !self.is_customers_to_do(rules)
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

    /// Whether the clause tells what somebody can do with data: "you can place mailboxes in …".
    fn is_customers_to_do(&self, rules: &[Ruled<'a>]) -> bool {
        let p = self.passage;
        let is_outside = |may: &Range<usize>| !rules.iter().any(|r| contains(&r.range, may));
        let mut can = p.marks(Mark::May, &self.main).filter(is_outside);
        can.any(|can| p.categories(&(self.main.start..can.start)).is_empty())
    }

    /// Whether the words for a location say by themselves that data is kept there: "local data
    /// residency".
    fn is_residency(&self, location: &Found<'a>) -> bool {
        matches!(&location.what, What::Rule(ruled)
            if ruled.phrase.does.is_some() && self.passage.has(Mark::DataPlace, &ruled.range))
    }

    /// Whether the clause speaks of other places before a location, which may point back to them.
    fn follows_others(&self, location: &Found<'a>) -> bool {
        let before = |ruled: &Ruled<'a>| ruled.range.end <= location.range.start;
        self.rules().iter().any(|ruled| ruled.phrase.denied && before(ruled))
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
            && (p.begins(Mark::In, &location.range).is_some()
                || self.preposition(&location.range).is_some_and(|(mark, at)| {
                    mark == Mark::In && p.words(at.end..location.range.start) == 0
                }))
    }

    /// Whether a location is told by a word that need not be one of geography: "where you want".
    pub(super) fn is_bare(&self, location: &Found<'a>) -> bool {
        let p = self.passage;
        let What::Rule(ruled) = &location.what else { return false };
        let names = |range: Range<usize>| {
            p.words(range.clone()) > 1 || p.plain[range].chars().all(char::is_uppercase)
        };
        if ruled.rule == Rule::Service {
            return true;
        }
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
        let has = |mark| p.has(mark, &ruled.range);
        // "The original storage location" may be a folder, one that is chosen is geography.
        let is_of_data = ruled.rule != Rule::SameRegion && has(Mark::DataPlace);
        let is_geographic = is_of_data
            || has(Mark::DataCenter)
            || has(Mark::Country)
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
