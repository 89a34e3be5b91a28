//! Reads what one clause says: place or rule, verb, data, and how firmly.

use std::ops::Range;

use self::extent::{has_host, is_blank, quoted};
use self::places::{Found, What};
use super::passage::{Passage, Ruled, contains, overlap};
use super::sentences::trim;
use super::spelling::{self, FormReading};
use crate::analyze::Location;
use crate::catalog::ProductId;
use crate::catalog::languages::{Activity, Adpositions, Category, Form, Mark, Rule, VerbOrder};
use crate::catalog::places::WORLD;
use crate::source::Span;

mod extent;
mod places;
mod subject;
mod verbs;

pub use self::extent::{condition, is_comma};

/// A name and, if the catalog has it, what it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    pub product: Option<ProductId>,
    pub written: String,
}

/// What a clause gives to the words that follow it: bullets, alternatives, the next clause.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    pub activities: Vec<Activity>,
    pub category: Option<Category>,
    pub form: Option<FormReading>,
    pub at_rest: bool,
    pub may: bool,
    pub planned: bool,
    pub negated: bool,
    /// Whether it tells the reader to do something.
    pub instructs: bool,
    pub owners: Vec<Owner>,
    pub condition: Option<String>,
    /// Whether it announces places: "in the following regions:", "is stored in:".
    pub to_places: bool,
    /// Whether those are only places that something is for: "for the following countries:".
    pub for_places: bool,
    /// Whether it names the data itself.
    pub names_data: bool,
    /// Where it stands in its text.
    pub range: Range<usize>,
}

impl Frame {
    /// Whether it announces places of data, and says nothing else of it.
    pub fn announces_data(&self) -> bool {
        let plain = !self.instructs && !self.negated && self.condition.is_none();
        plain && self.to_places && self.names_data
    }

    /// Whether it announces places and says nothing of what is in them: "the regions are:".
    pub fn announces_choices(&self) -> bool {
        let plain = !self.instructs && !self.negated && self.condition.is_none();
        plain && self.to_places && self.category.is_none() && self.activities.is_empty()
    }

    /// Whether it announces the places of something that is no data, and says nothing else of it.
    pub fn announces_regions(&self) -> bool {
        let is_put = |activity: &Activity| {
            matches!(activity, Activity::Stores | Activity::Located | Activity::Operates)
        };
        let plain = !self.instructs && !self.negated && self.condition.is_none();
        plain
            && !self.for_places
            && self.to_places
            && self.category.is_none()
            && !self.activities.is_empty()
            && self.activities.iter().all(is_put)
    }

    /// Whether it says enough for a bullet to complete: a verb, and what it is about.
    fn leads(&self) -> bool {
        let runs =
            self.activities.iter().any(|a| matches!(a, Activity::Operates | Activity::Located));
        let opens = self.to_places && !self.for_places;
        self.category.is_some() || (opens && (runs || !self.owners.is_empty()))
    }
}

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
    Antecedent,
}

/// How a clause takes part in what stands before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Says its own verb.
    Clause,
    /// Completes a lead-in: an alternative or a bullet.
    Completion,
}

/// How far from its verb a subject may stand.
const SUBJECT_REACH: usize = 4;
/// In a language that puts the verb first, a place before the verb opens the clause.
const FRONT: usize = 3;

/// How sure a statement is that nothing speaks against, in hundredths.
const SURE: u8 = 98;
/// How sure a statement is at least, if it is one at all.
const LEAST: u8 = 40;
/// A place that stands farther from its verb, in words, may belong to something else.
const FAR: usize = 4;
/// A clause of more words may have been read wrongly.
const LONG: usize = 35;

/// How much may stand before the location of a bullet that leaves the verb to its lead-in.
const HEAD_REACH: usize = 6;

/// One clause under the reader's eye.
pub struct Clause<'p, 'a> {
    passage: &'p Passage<'a>,
    /// The clause as it is quoted.
    quote: Range<usize>,
    /// Without its condition.
    main: Range<usize>,
    condition: Option<Range<usize>>,
    /// Begins with a word for what stands before it: "…, which".
    continues: bool,
    role: Role,
    inherited: Option<&'p Frame>,
    /// The page's product.
    product: Option<&'p Owner>,
}

impl<'p, 'a> Clause<'p, 'a> {
    pub fn new(
        passage: &'p Passage<'a>,
        range: Range<usize>,
        role: Role,
        inherited: Option<&'p Frame>,
        product: Option<&'p Owner>,
    ) -> Self {
        let continues = passage.begins(Mark::Tail, &range).is_some();
        let quote = quoted(passage, range);
        let (condition, main) = condition(passage, &quote);
        let quote =
            if role == Role::Clause { trim(passage.plain, main.clone(), is_blank) } else { quote };
        Self { passage, quote, main, condition, continues, role, inherited, product }
    }

    /// What the clause hands on.
    pub fn frame(&self) -> Frame {
        let p = self.passage;
        let rules = self.rules();
        // "It is available if your environment is in:" only says when.
        let given = self.given();
        let mut verbs = self.verbs(&rules);
        verbs.retain(|(range, _)| !overlap(&given, range));
        let mut activities: Vec<Activity> = Vec::new();
        if let Some(last) = verbs.last().cloned() {
            activities = self.run(&verbs, last).into_iter().map(|(_, activity)| activity).collect();
            activities.dedup();
        }
        let categories = self.data(&rules, verbs.last().map(|(range, _)| range), None);
        let first = categories.first();
        let form = spelling::form(p, first.map(|(range, _)| range), &self.main);
        let form = Some(form).filter(|form| first.is_some() || form.form != Form::AsIs);
        let own = self.owners(
            &rules,
            first.map(|(range, _)| range),
            verbs.last().map(|(range, _)| range),
            verbs.last().map_or(self.main.end, |(range, _)| range.start),
        );
        let handed = self.handed(first.is_none());
        Frame {
            owners: if own.is_empty() { handed } else { own },
            activities,
            category: first
                .map(|&(_, category)| category)
                .or(self.inherited.and_then(|frame| frame.category)),
            form: form.or_else(|| self.inherited.and_then(|frame| frame.form.clone())),
            at_rest: p.has(Mark::AtRest, &self.main),
            // "You can choose": what is chosen is there for certain.
            may: self.outside_rules(Mark::May, &rules) && !rules.iter().any(is_chosen),
            planned: self.outside_rules(Mark::Planned, &rules),
            negated: self.outside_rules(Mark::Not, &rules),
            instructs: self.instructs(),
            condition: self.condition.clone().map(|range| p.plain[range].to_owned()),
            to_places: [Mark::Places, Mark::DataCenter].iter().any(|mark| p.has(*mark, &self.main))
                || p.marks(Mark::In, &self.main).any(|range| range.end == self.quote.end),
            for_places: self.is_for_places(),
            names_data: first.is_some(),
            range: self.quote.clone(),
        }
    }

    /// Whether the places that the clause announces are those that something is for.
    fn is_for_places(&self) -> bool {
        let p = self.passage;
        let marks = [Mark::Country, Mark::Places, Mark::DataCenter].into_iter();
        let last = marks.filter_map(|mark| p.marks(mark, &self.main).last()).map(|at| at.start);
        last.max().is_some_and(|place| {
            let before = self.main.start..place;
            let near = |mark| {
                let last = p.marks(mark, &before).last();
                last.is_some_and(|at| p.words(at.end..place) <= SUBJECT_REACH)
            };
            p.language.adpositions == Adpositions::Before
                && near(Mark::Of)
                && ![Mark::In, Mark::To, Mark::From, Mark::Outside].into_iter().any(near)
        })
    }

    /// Everything the clause states, in the order of its places.
    pub fn statements(&self) -> Vec<Statement> {
        let p = self.passage;
        // "for data in …, see [there]" tells where to read on.
        let refers = p.marks(Mark::Pointer, &self.main).any(|pointer| {
            p.text.links.iter().any(|link| {
                let link = link.range();
                link.start >= pointer.end && p.words(pointer.end..link.start) == 0
            })
        });
        let led_to_act =
            self.role == Role::Completion && self.inherited.is_some_and(|frame| frame.instructs);
        // ", even if your data is in …" is no statement of its own.
        let concedes = self.continues
            && p.begins(Mark::Tail, &self.main).is_some_and(|tail| {
                let rest = tail.end..self.main.end;
                [Mark::Given, Mark::Condition]
                    .into_iter()
                    .any(|mark| p.has(mark, &tail) || p.begins(mark, &rest).is_some())
                    && !p.plain[rest].contains(is_comma)
            });
        if self.instructs()
            || self.is_support()
            || led_to_act
            || refers
            || concedes
            || p.has(Mark::Law, &self.main)
        {
            return Vec::new();
        }
        let rules = self.rules();
        let verbs = self.verbs(&rules);
        let found = self.locations(&rules);
        let mut statements: Vec<Statement> = Vec::new();
        for location in &found {
            let governing = self.governing(location, &verbs);
            // A verb has one rule: the nearest that it can govern.
            let outdone = matches!(location.what, What::Rule(_))
                && governing.as_ref().is_some_and(|run| {
                    found.iter().any(|other| {
                        matches!(other.what, What::Rule(_))
                            && !self.narrows(location, other)
                            && !self.is_alternative(other, location)
                            && other.relation != Mark::From
                            && self.distance(other, &run[0].0) < self.distance(location, &run[0].0)
                            && self.governing(other, &verbs).as_ref() == Some(run)
                    })
                });
            if outdone {
                continue;
            }
            let (activities, verb) = match (&governing, self.inherited) {
                (Some(run), _) => (
                    run.iter().map(|&(_, activity)| activity).collect::<Vec<_>>(),
                    run.first().map(|(r, _)| r.clone()),
                ),
                (None, Some(frame))
                    if self.role == Role::Completion
                        && frame.leads()
                        && self.heads(location)
                        // "Europe: eu.contoso.example" is where to connect.
                        && !has_host(&p.plain[self.main.clone()]) =>
                {
                    (frame.activities.clone(), None)
                }
                _ => continue,
            };
            // The other end of a move is not where data is kept.
            let of_data = p.categories(&(self.main.start..location.range.start));
            let describes_data = matches!(location.what, What::Places(_))
                && of_data
                    .last()
                    .is_some_and(|(data, _)| p.words(data.end..location.range.start) == 0);
            let is_origin = location.relation == Mark::From
                && (describes_data
                    || found.iter().any(|other| {
                        other.relation != Mark::From && self.governing(other, &verbs).is_some()
                    }));
            let opens_list = self.opens_list();
            let ahead = verb.as_ref().is_some_and(|verb| location.range.end <= verb.start);
            let is_setting = match &verb {
                // Where every place is ahead of its verb, a setting opens the clause.
                Some(verb) if ahead && p.language.verb == VerbOrder::Last => {
                    let between = location.range.end..verb.start;
                    location.fronted && found.iter().any(|other| contains(&between, &other.range))
                }
                Some(verb) if ahead => {
                    (opens_list && location.fronted)
                        || found.iter().any(|other| other.range.start >= verb.end)
                }
                _ => location.fronted && (opens_list || found.iter().any(|other| !other.fronted)),
            };
            if is_origin || is_setting {
                continue;
            }
            for activity in activities {
                for statement in self.state(location, activity, verb.as_ref(), &rules) {
                    let known = statements.iter().any(|other| {
                        other.activity == statement.activity
                            && other.location == statement.location
                            && other.owner == statement.owner
                            && other.category == statement.category
                    });
                    if !known {
                        statements.push(statement);
                    }
                }
            }
        }
        statements
    }

    fn state(
        &self,
        location: &Found<'a>,
        activity: Activity,
        verb: Option<&Range<usize>>,
        rules: &[Ruled<'a>],
    ) -> Vec<Statement> {
        let p = self.passage;
        let moves =
            matches!(activity, Activity::Transfers | Activity::Accesses | Activity::Replicates);
        let is_place = matches!(location.what, What::Places(_));
        // "delivered from German data centers": that is where it runs.
        let runs = matches!(activity, Activity::Operates | Activity::Located | Activity::Offers);
        let runs_there = runs && self.centred(&location.range).is_some();
        let comes = is_place && self.is_from_centre(location);
        let offered = activity == Activity::Offers || (activity == Activity::Operates && comes);
        if offered && !comes {
            return Vec::new();
        }
        if location.relation == Mark::From && is_place && !moves && !runs_there {
            return Vec::new();
        }
        // "leaves the data center in …": the verb says "outside", however far its place stands.
        let leaves = matches!(location.relation, Mark::In | Mark::From)
            && verb.is_some_and(|verb| {
                p.marks(Mark::Outside, &self.main).any(|mark| overlap(&mark, verb))
            });
        let role = match location.relation {
            _ if leaves => Mark::Outside,
            Mark::Outside => Mark::Outside,
            relation if moves => relation,
            _ => Mark::In,
        };
        let own = self.data(rules, verb, Some(&location.range));
        let lead = self.inherited.filter(|_| self.role == Role::Completion);
        // A bullet with a verb of its own may also be about other data than its lead-in.
        let names_own =
            verb.is_some() && own.iter().any(|(_, category)| *category != Category::Data);
        let mut is_guess = false;
        let mut data: Vec<(Option<Range<usize>>, Category)> =
            match lead.filter(|_| !names_own).and_then(|frame| frame.category) {
                Some(category) => vec![(None, category)],
                None => own.into_iter().map(|(range, category)| (Some(range), category)).collect(),
            };
        let contained = data.is_empty() && self.holds(verb, &location.range);
        if activity == Activity::Located
            && lead.is_none()
            && self.is_about_people(verb, &location.range)
        {
            return Vec::new();
        }
        // What is ahead of its verb stands between that and the subject.
        let until = verb.map_or(self.main.end, |verb| {
            let is_ahead = location.range.end <= verb.start;
            if is_ahead { location.range.start } else { verb.start }
        });
        // What the reader has to put in a region is not said to be there.
        let is_tied = matches!(&location.what, What::Rule(ruled) if matches!(ruled.rule, Rule::SameRegion | Rule::OtherService | Rule::NearestDatacenter));
        if p.has(Mark::Duty, &self.main) && (data.is_empty() || is_tied) {
            return Vec::new();
        }
        let acts = self.main.start..until.max(self.main.start);
        let near = |mark: Mark| {
            // "in the chosen region … runs": the rule's own words are no subject.
            let is_rule = |at: &Range<usize>| !is_place && overlap(&location.range, at);
            p.marks(mark, &acts)
                .filter(|range| !is_rule(range))
                .last()
                .is_some_and(|range| p.words(range.end..until) <= SUBJECT_REACH)
        };
        // A service that is provisioned in data centers runs there, and so does what it runs on.
        let provisions = activity == Activity::Stores
            && data.is_empty()
            && !contained
            && lead.is_none()
            && verb.is_some()
            && ((near(Mark::Operator) && (is_place || is_tied))
                || (is_place
                    && p.has(Mark::DataCenter, &self.main)
                    && !self.owners(rules, None, verb, until).is_empty()));
        let plainly_runs = activity == Activity::Operates;
        let activity = match activity {
            _ if provisions => Activity::Operates,
            Activity::Located if data.is_empty() && !contained => Activity::Operates,
            Activity::Offers => Activity::Operates,
            Activity::Located => Activity::Stores,
            other => other,
        };
        let first = data.first().and_then(|(range, _)| range.clone());
        let runs = activity == Activity::Operates;
        let mut owners = self.owners(rules, first.as_ref().filter(|_| !runs), verb, until);
        if runs {
            // What operates stands before the verb, or is the place's own data centre: "we launched
            // the … region".
            // "The cloud X is delivered from …": clouds own no data, but they run somewhere.
            let cloud = p.products_in(&acts).next().filter(|named| {
                named.background
                    && p.words(acts.start..named.range.start) <= 1
                    && p.words(named.range.end..until) <= SUBJECT_REACH
            });
            if owners.is_empty()
                && let Some(cloud) = cloud
                && !p.has(Mark::Operator, &cloud.range)
            {
                let written = p.plain[cloud.range.clone()].to_owned();
                owners.push(Owner { product: Some(cloud.product), written });
            }
            // "… to the service, which is hosted in …".
            let stands_before = || {
                let before = 0..self.quote.start;
                let last = p.marks(Mark::Operator, &before).map(|mark| mark.end);
                let named = p.products_in(&before).map(|named| named.range.end);
                last.chain(named).max().is_some_and(|end| p.words(end..before.end) == 0)
            };
            // "operamos centros de datos en …": who does is in the verb.
            let runs_centres = || {
                verb.is_some_and(|verb| {
                    let object = verb.end..location.range.start.max(verb.end);
                    p.begins(Mark::DataCenter, &object).is_some()
                })
            };
            let subject = offered
                || !owners.is_empty()
                || (self.continues && stands_before())
                || runs_centres()
                || near(Mark::Operator)
                || near(Mark::DataCenter)
                || self.names_page_product(&acts)
                || lead.is_some();
            // "available worldwide" is no place where anything runs.
            let vague = !plainly_runs
                && matches!(&location.what, What::Places(codes) if codes.contains(WORLD))
                && self.centred(&location.range).is_none()
                && !near(Mark::DataCenter);
            if !subject || vague {
                return Vec::new();
            }
            data = vec![(None, Category::None)];
        } else if data.is_empty() {
            // "When a file is created, it is stored in …": the condition names the data.
            let conditional = self
                .condition
                .as_ref()
                .and_then(|range| p.categories(range).first().map(|&(_, c)| c));
            let inherited = self.inherited.and_then(|frame| frame.category);
            match conditional.or(inherited) {
                Some(category) => data.push((None, category)),
                None if contained || self.decides(location).is_some() => {
                    data.push((None, Category::Data));
                }
                // "These items are stored in …:" lists the data.
                None if activity == Activity::Stores
                    && self.opens_list()
                    && verb.is_some_and(|verb| verb.end <= location.range.start) =>
                {
                    data.push((None, Category::Data));
                }
                None if self.treats_something(activity, verb, location) => {
                    is_guess = !p.has(Mark::DataCenter, &self.main);
                    data.push((None, Category::Data));
                }
                None if activity == Activity::Transfers && self.is_migration(verb, location) => {
                    data.push((None, Category::CustomerData));
                }
                None => return Vec::new(),
            }
        }
        let unnamed =
            activity != Activity::Operates && data.iter().all(|(range, _)| range.is_none());
        let (stated, relation, rule) = match &location.what {
            What::Places(codes) => {
                let codes = codes.iter().map(|&code| code.to_owned()).collect();
                (Stated::Known(Location::Places(codes)), relation(role), "place".to_owned())
            }
            What::Rule(ruled) => {
                let stated = match ruled.rule {
                    Rule::Service
                        if matches!(activity, Activity::Transfers | Activity::Replicates) =>
                    {
                        Stated::Known(Location::Service)
                    }
                    Rule::Service => return Vec::new(),
                    // "copied from the primary region" does not say where to.
                    // and "pushed from any region" where somebody is.
                    Rule::SameRegion | Rule::Unrestricted if moves && role == Mark::From => {
                        return Vec::new();
                    }
                    // "wait until the preferred location is synchronized": the setting is, no data.
                    Rule::UserPdl
                        if matches!(activity, Activity::Processes | Activity::Replicates) =>
                    {
                        return Vec::new();
                    }
                    _ if self.is_folder(ruled, &data) => return Vec::new(),
                    Rule::Antecedent => Stated::Antecedent,
                    rule => Stated::Known(Location::Rule(rule.as_str().to_owned())),
                };
                let word = if ruled.rule == Rule::Service { "to" } else { relation(role) };
                (stated, word, ruled.phrase.name.clone())
            }
        };
        let frame_at_rest = lead.is_some_and(|frame| frame.at_rest);
        let keeps = matches!(activity, Activity::Stores | Activity::Replicates | Activity::BacksUp);
        let chosen = matches!(&location.what, What::Rule(ruled) if is_chosen(ruled));
        let ruling = lead.or(self.auxiliary());
        let may = self.outside_rules(Mark::May, rules) || ruling.is_some_and(|frame| frame.may);
        let planned =
            self.outside_rules(Mark::Planned, rules) || ruling.is_some_and(|frame| frame.planned);
        let modality = match (planned, may && !chosen) {
            (true, _) => "planned",
            (_, true) => "may",
            _ => "is",
        };
        let negated =
            self.negated(verb, location, rules) || lead.is_some_and(|frame| frame.negated);
        let denies = negated && modality == "is";
        if !denies && matches!(&location.what, What::Rule(ruled) if ruled.phrase.denied) {
            return Vec::new();
        }
        // "may not be in the same region" leaves it open.
        let is_open = matches!(&location.what, What::Rule(ruled) if ruled.rule == Rule::SameRegion);
        if is_open && negated && modality == "may" && location.relation != Mark::Outside {
            return Vec::new();
        }
        let retention = (activity == Activity::Stores).then(|| self.retention()).flatten();
        let condition = self
            .condition
            .clone()
            .map(|range| p.plain[range].trim().to_owned())
            .or_else(|| lead.and_then(|frame| frame.condition.clone()));
        let infrastructure =
            p.products_in(&self.main).find(|named| named.background).map(|named| named.product);
        let is_plain = |&(_, category): &(_, Category)| {
            matches!(category, Category::Data | Category::Content | Category::Logs)
        };
        let bare = self.is_bare(location)
            && data.iter().any(is_plain)
            && !(role == Mark::Outside && negated);
        let words = verb.map_or(0, |verb| self.distance(location, verb).1);
        let mut statements = Vec::new();
        for (range, category) in data {
            let own = spelling::form(p, range.as_ref(), &self.main);
            let led = lead.and_then(|frame| frame.form.clone());
            let FormReading { form, misspelt } = match led {
                _ if category == Category::None => FormReading::AS_IS,
                Some(led) if own.form == Form::AsIs => led,
                _ => own,
            };
            let mut named: Vec<Option<Owner>> = owners.iter().cloned().map(Some).collect();
            if named.is_empty() {
                named.extend(self.handed(first.is_none()).into_iter().map(Some));
            }
            let is_page_product = named.is_empty();
            if is_page_product {
                named.push(self.product.cloned());
            }
            for owner in named {
                // What stands beside each was measured on pages that people had read.
                let is_world =
                    matches!(&location.what, What::Places(codes) if codes.contains(WORLD));
                let doubts = [
                    (misspelt.is_some() || form == Form::Unclear, 20),
                    (stated == Stated::Antecedent, 15),
                    (owner.is_none(), 15),
                    (is_guess || bare, 15),
                    (category == Category::Data, 8),
                    (activity == Activity::Operates, 6),
                    (activity == Activity::Processes, 8),
                    (is_world, 10),
                    (is_page_product, 3),
                    (unnamed, 3),
                    (verb.is_none(), 3),
                    (words > FAR, 2),
                    (words > 2 * FAR, 4),
                    (p.words(self.main.clone()) > LONG, 8),
                ];
                let sum: u8 = doubts.iter().filter(|(holds, _)| *holds).map(|(_, by)| by).sum();
                let confidence = SURE.saturating_sub(sum).max(LEAST);
                statements.push(Statement {
                    quote: self.quote.clone(),
                    owner,
                    infrastructure,
                    activity,
                    category,
                    form,
                    at_rest: keeps && (frame_at_rest || p.has(Mark::AtRest, &self.main)),
                    location: stated.clone(),
                    in_it: (range.is_some() || contained)
                        && ((role == Mark::Outside && negated) || self.is_in(location, activity)),
                    relation,
                    modality,
                    negated,
                    condition: condition.clone(),
                    retention: retention.clone(),
                    rule: rule.clone(),
                    confidence,
                    bare: is_guess || bare,
                    misspelt: misspelt.clone(),
                });
            }
        }
        statements
    }

    /// Whether a location says where inside the other one: "to another region in the same …".
    fn narrows(&self, location: &Found<'a>, other: &Found<'a>) -> bool {
        let p = self.passage;
        let own = |mark| p.begins(mark, &location.range).is_some();
        let before = self.preposition(&location.range);
        matches!(&other.what, What::Rule(ruled) if ruled.phrase.denied)
            && other.range.end <= location.range.start
            && (own(Mark::In) || before.is_some_and(|(_, at)| at.start >= other.range.end))
    }

    /// Whether a list completes the clause.
    fn opens_list(&self) -> bool {
        let p = self.passage;
        p.plain[self.main.end..].trim_matches(is_blank).is_empty() && p.announces(&self.main)
    }

    /// Whether data is kept or processed in the location itself: "stored in that region".
    fn is_in(&self, location: &Found<'a>, activity: Activity) -> bool {
        let p = self.passage;
        matches!(activity, Activity::Stores | Activity::Processes)
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
        let is_geographic = p.has(Mark::DataCenter, &ruled.range)
            || p.marks(Mark::Places, &ruled.range).any(|range| {
                p.words(range.clone()) > 1 || p.plain[range].chars().all(char::is_uppercase)
            });
        let is_anybodys =
            matches!(ruled.rule, Rule::CustomerChoice | Rule::UserPdl | Rule::SameRegion);
        is_of_files && is_anybodys && !is_geographic
    }

    /// Whether the clause only says whether something is to be had for what is somewhere: "accounts
    /// hosted in … aren't supported".
    fn is_support(&self) -> bool {
        let p = self.passage;
        let is_attribute = |verb: &Range<usize>| {
            let noun = |range: Range<usize>| {
                range.end <= verb.start && p.words(range.end..verb.start) == 0
            };
            p.marks(Mark::Container, &self.main).any(noun)
                || p.categories(&self.main).into_iter().any(|(range, _)| noun(range))
        };
        let mut verbs = p.activities(&self.main).into_iter().map(|(verb, _)| verb);
        let only = verbs.next().filter(|_| verbs.next().is_none());
        self.role == Role::Clause
            && p.language.verb == VerbOrder::First
            && only.is_some_and(|verb| {
                is_attribute(&verb) && p.has(Mark::Available, &(verb.end..self.main.end))
            })
    }

    /// Whether the clause tells the reader to do something, or where to read on.
    fn instructs(&self) -> bool {
        let p = self.passage;
        let is_framed = |mark| is_framed(p, mark, &self.main);
        // "In the list of regions, select …": where to do it stands first.
        let front =
            [Mark::In, Mark::Of].into_iter().any(|mark| p.begins(mark, &self.main).is_some());
        let comma = p.plain[self.main.clone()].find(is_comma).filter(|_| front);
        let after = comma.map(|comma| self.main.start + comma..self.main.end);
        let does = after.is_some_and(|rest| p.begins(Mark::Step, &rest).is_some());
        let orders = (does || is_framed(Mark::Step)) && self.auxiliary().is_none();
        self.role == Role::Clause && (orders || is_framed(Mark::Pointer))
    }

    /// The clause before, whose auxiliary rules the verb that this one begins with: "… may move, and
    /// store …".
    fn auxiliary(&self) -> Option<&Frame> {
        let p = self.passage;
        let follows = p
            .marks(Mark::Break, &(0..self.main.start))
            .last()
            .is_some_and(|join| p.words(join.end..self.main.start) == 0);
        let ruled =
            self.role == Role::Clause && follows && p.begins(Mark::Step, &self.main).is_some();
        self.inherited.filter(|frame| ruled && !frame.instructs)
    }

    fn rules(&self) -> Vec<Ruled<'a>> {
        self.passage.rules(&self.main, self.product.and_then(|owner| owner.product))
    }

    /// Verbs of the clause; those inside a rule's phrase belong to the phrase.
    fn verbs(&self, rules: &[Ruled<'a>]) -> Vec<(Range<usize>, Activity)> {
        let p = self.passage;
        // What is offered somewhere need not run there, only what is offered from there.
        let comes = p.has(Mark::From, &self.main) && p.has(Mark::DataCenter, &self.main);
        let mut verbs = if comes { p.verbs(&self.main) } else { p.activities(&self.main) };
        // "… in der Region gespeichert, die Sie gewählt haben": what a comma closes inside a phrase
        // is the clause's.
        let closes = |verb: &Range<usize>, ruled: &Ruled<'_>| {
            let comma = p.plain[verb.end..ruled.range.end].find(is_comma);
            comma.is_some_and(|comma| p.words(verb.end..verb.end + comma) <= 1)
        };
        verbs.retain(|(range, _)| {
            !rules.iter().any(|ruled| contains(&ruled.range, range) && !closes(range, ruled))
        });
        verbs
    }

    fn outside_rules(&self, mark: Mark, rules: &[Ruled<'a>]) -> bool {
        self.passage
            .marks(mark, &self.main)
            .any(|range| !rules.iter().any(|ruled| contains(&ruled.range, &range)))
    }

    /// Whether a completion begins with its location.
    fn heads(&self, location: &Found<'a>) -> bool {
        self.passage.words(self.main.start..location.range.start) <= HEAD_REACH
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

fn is_chosen(ruled: &Ruled<'_>) -> bool {
    matches!(ruled.rule, Rule::CustomerChoice | Rule::UserPdl)
}

/// Whether a stretch begins with a mark; where the verb comes last, also whether it ends with it.
pub fn is_framed(passage: &Passage<'_>, mark: Mark, within: &Range<usize>) -> bool {
    let ends = || passage.ends(mark, within).is_some();
    passage.begins(mark, within).is_some() || (passage.language.verb == VerbOrder::Last && ends())
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
