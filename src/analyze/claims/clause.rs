//! Reads what one clause says: place or rule, verb, data, and how firmly.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ops::Range;

use super::passage::{Named, Passage, Ruled, contains, overlap};
use super::sentences::trim;
use super::spelling::{self, FormReading};
use crate::analyze::Location;
use crate::catalog::ProductId;
use crate::catalog::languages::{
    Activity, Adpositions, Category, Cue, Form, Mark, Rule, VerbOrder,
};
use crate::source::Span;

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
    /// Where it stands in its text.
    pub range: Range<usize>,
}

impl Frame {
    /// Whether it says enough for a bullet to complete: a verb, and what it is about.
    fn leads(&self) -> bool {
        self.category.is_some() || (!self.owners.is_empty() && self.to_places)
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
    pub relation: &'static str,
    pub modality: &'static str,
    pub negated: bool,
    pub condition: Option<String>,
    pub retention: Option<String>,
    pub rule: String,
    pub confidence: u8,
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

/// Farther from its verb a place belongs to something else.
const REACH: usize = 12;
/// How far from its verb a negation may stand.
const NEGATION_REACH: usize = 4;
/// How far from its verb a subject may stand.
const SUBJECT_REACH: usize = 4;
/// In a language that puts the verb first, a place before the verb opens the clause.
const FRONT: usize = 3;
/// How far a preposition may stand before its place: "in Contoso cloud data centers in …".
const PREPOSITION_REACH: usize = 5;
/// How far after its place a postposition or the word with the ending may stand.
const POSTPOSITION_REACH: usize = 3;
/// The first that fits at one place counts.
const ADPOSITIONS: [Mark; 5] = [Mark::Outside, Mark::Via, Mark::From, Mark::To, Mark::In];
/// How many auxiliaries may stand between an adverb of place and its verb.
const ADVERB_REACH: usize = 2;
/// How much may stand before the location of a bullet that leaves the verb to its lead-in.
const HEAD_REACH: usize = 6;

struct Found<'a> {
    range: Range<usize>,
    what: What<'a>,
    relation: Mark,
    fronted: bool,
}

enum What<'a> {
    Places(BTreeSet<&'a str>),
    Rule(Ruled<'a>),
}

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
        let verbs = self.verbs(&rules);
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
            may: self.outside_rules(Mark::May, &rules),
            planned: self.outside_rules(Mark::Planned, &rules),
            negated: self.outside_rules(Mark::Not, &rules),
            instructs: self.instructs(),
            condition: self.condition.clone().map(|range| p.plain[range].to_owned()),
            to_places: [Mark::Places, Mark::DataCenter].iter().any(|mark| p.has(*mark, &self.main))
                || p.marks(Mark::In, &self.main).any(|range| range.end == self.quote.end),
            range: self.quote.clone(),
        }
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
        if self.instructs() || refers {
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
                    if self.role == Role::Completion && frame.leads() && self.heads(location) =>
                {
                    (frame.activities.clone(), None)
                }
                _ => continue,
            };
            // The other end of a move is not where data is kept.
            let is_origin = location.relation == Mark::From
                && found.iter().any(|other| other.relation != Mark::From);
            let opens_list = p.plain[self.main.end..].is_empty() && p.plain.ends_with(':');
            let ahead = verb.as_ref().is_some_and(|verb| location.range.end <= verb.start);
            let is_setting = match &verb {
                Some(verb) if ahead => {
                    opens_list || found.iter().any(|other| other.range.start >= verb.end)
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
        if location.relation == Mark::From && is_place && !moves {
            return Vec::new();
        }
        let role =
            if moves || location.relation == Mark::Outside { location.relation } else { Mark::In };
        let own = self.data(rules, verb, Some(&location.range));
        let lead = self.inherited.filter(|_| self.role == Role::Completion);
        let mut data: Vec<(Option<Range<usize>>, Category)> =
            match lead.and_then(|frame| frame.category) {
                Some(category) => vec![(None, category)],
                None => own.into_iter().map(|(range, category)| (Some(range), category)).collect(),
            };
        let contained = data.is_empty() && self.holds(verb);
        if activity == Activity::Located && lead.is_none() && self.is_about_people(verb) {
            return Vec::new();
        }
        let activity = match activity {
            Activity::Located if data.is_empty() && !contained => Activity::Operates,
            Activity::Located => Activity::Stores,
            other => other,
        };
        let first = data.first().and_then(|(range, _)| range.clone());
        let runs = activity == Activity::Operates;
        let owners = self.owners(rules, first.as_ref().filter(|_| !runs), verb);
        if runs {
            // What operates stands before the verb, or is the place's own data centre: "we launched
            // the … region".
            let until = verb.map_or(self.main.end, |verb| verb.start);
            let acts = self.main.start..until.max(self.main.start);
            let near = |mark: Mark| {
                p.marks(mark, &acts)
                    .last()
                    .is_some_and(|range| p.words(range.end..until) <= SUBJECT_REACH)
            };
            let subject = !owners.is_empty()
                || near(Mark::Operator)
                || near(Mark::DataCenter)
                || lead.is_some();
            let vague = matches!(&location.what, What::Places(codes) if codes.contains("x-world"))
                && self.centred(&location.range).is_none();
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
                None if contained => data.push((None, Category::Data)),
                None => return Vec::new(),
            }
        }
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
        let chosen = matches!(&location.what, What::Rule(ruled) if matches!(ruled.rule, Rule::CustomerChoice | Rule::UserPdl));
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
        let retention = (activity == Activity::Stores).then(|| self.retention()).flatten();
        let condition = self
            .condition
            .clone()
            .map(|range| p.plain[range].trim().to_owned())
            .or_else(|| lead.and_then(|frame| frame.condition.clone()));
        let infrastructure =
            p.products_in(&self.main).find(|named| named.background).map(|named| named.product);
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
            if named.is_empty() {
                named.push(self.product.cloned());
            }
            for owner in named {
                let mut confidence = 90_u8;
                if misspelt.is_some() || form == Form::Unclear {
                    confidence -= 20;
                }
                if stated == Stated::Antecedent || owner.is_none() {
                    confidence -= 15;
                }
                if verb.is_none() {
                    confidence -= 5;
                }
                statements.push(Statement {
                    quote: self.quote.clone(),
                    owner,
                    infrastructure,
                    activity,
                    category,
                    form,
                    at_rest: keeps && (frame_at_rest || p.has(Mark::AtRest, &self.main)),
                    location: stated.clone(),
                    relation,
                    modality,
                    negated,
                    condition: condition.clone(),
                    retention: retention.clone(),
                    rule: rule.clone(),
                    confidence,
                    misspelt: misspelt.clone(),
                });
            }
        }
        statements
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

    /// Whether the clause tells the reader to do something, or where to read on.
    fn instructs(&self) -> bool {
        let begins = |mark| self.passage.begins(mark, &self.main).is_some();
        let orders = begins(Mark::Step) && self.auxiliary().is_none();
        self.role == Role::Clause && (orders || begins(Mark::Pointer))
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

    /// The owners named before, if the clause goes on about the same thing.
    fn handed(&self, without_data: bool) -> Vec<Owner> {
        let goes_on = self.role == Role::Completion || self.continues || without_data;
        self.inherited.filter(|_| goes_on).map(|frame| frame.owners.clone()).unwrap_or_default()
    }

    /// Whether the verb is about something that holds data: "the tenant is created in …".
    fn holds(&self, verb: Option<&Range<usize>>) -> bool {
        let p = self.passage;
        let near = |range: Range<usize>| {
            verb.is_some_and(|verb| {
                let between = range.end.min(verb.end)..verb.start.max(range.start);
                p.words(between)
                    <= SUBJECT_REACH + if range.start > verb.start { SUBJECT_REACH } else { 0 }
            })
        };
        p.marks(Mark::Container, &self.main).any(near)
    }

    /// Whether the nearest noun before the verb is someone: "users located in …".
    fn is_about_people(&self, verb: Option<&Range<usize>>) -> bool {
        let p = self.passage;
        let Some(verb) = verb else { return false };
        let before = self.main.start..verb.start;
        let people = p.marks(Mark::People, &before).last().map(|range| range.end);
        let things = [Mark::Container, Mark::DataCenter, Mark::Operator]
            .into_iter()
            .filter_map(|mark| p.marks(mark, &before).last().map(|range| range.end));
        let data = p.categories(&before).last().map(|(range, _)| range.end);
        let named = p.products_in(&before).last().map(|named| named.range.end);
        people.is_some() && people > things.chain(data).chain(named).max()
    }

    fn rules(&self) -> Vec<Ruled<'a>> {
        self.passage.rules(&self.main, self.product.and_then(|owner| owner.product))
    }

    /// Verbs of the clause; those inside a rule's phrase belong to the phrase.
    fn verbs(&self, rules: &[Ruled<'a>]) -> Vec<(Range<usize>, Activity)> {
        let mut verbs = self.passage.activities(&self.main);
        verbs.retain(|(range, _)| !rules.iter().any(|ruled| contains(&ruled.range, range)));
        verbs
    }

    fn outside_rules(&self, mark: Mark, rules: &[Ruled<'a>]) -> bool {
        self.passage
            .marks(mark, &self.main)
            .any(|range| !rules.iter().any(|ruled| contains(&ruled.range, &range)))
    }

    /// The data that the clause is about, the one its verb governs; coordinated data together.
    fn data(
        &self,
        rules: &[Ruled<'a>],
        verb: Option<&Range<usize>>,
        location: Option<&Range<usize>>,
    ) -> Vec<(Range<usize>, Category)> {
        let mut all = self.passage.categories(&self.main);
        all.retain(|(range, _)| !rules.iter().any(|ruled| overlap(&ruled.range, range)));
        // A plain "data" beside a named kind only repeats it.
        if all.iter().any(|(_, category)| *category != Category::Data) {
            all.retain(|(_, category)| *category != Category::Data);
        }
        let object = verb.zip(location).and_then(|(verb, location)| {
            all.iter().position(|(range, _)| range.start >= verb.end && range.end <= location.start)
        });
        let subject =
            verb.and_then(|verb| all.iter().position(|(range, _)| range.end <= verb.start));
        let Some(chosen) = object.or(subject).or((!all.is_empty()).then_some(0)) else {
            return Vec::new();
        };
        let mut taken = vec![all[chosen].clone()];
        for next in &all[chosen + 1..] {
            let last = taken.last().expect("one was taken");
            if next.1 == last.1 || !self.passage.is_join(last.0.end..next.0.start) {
                break;
            }
            taken.push(next.clone());
        }
        taken
    }

    /// The places and rules of the clause that can be where something happens.
    fn locations(&self, rules: &[Ruled<'a>]) -> Vec<Found<'a>> {
        let p = self.passage;
        let mut found: Vec<Found<'a>> = Vec::new();
        let said = self.said();
        // What decides for each user may itself be the condition: "when you set the …".
        let is_said =
            |ruled: &&Ruled<'_>| contains(&said, &ruled.range) || ruled.rule == Rule::UserPdl;
        for ruled in rules.iter().filter(is_said) {
            // "outside the tenant but within the region": such a phrase has its own preposition.
            let own = p.begins(Mark::In, &ruled.range).map(|range| (Mark::In, range));
            let (relation, _) =
                own.or_else(|| self.preposition(&ruled.range)).unwrap_or((Mark::In, 0..0));
            found.push(Found {
                range: ruled.range.clone(),
                what: What::Rule(ruled.clone()),
                relation,
                fronted: false,
            });
        }
        for (range, codes) in self.place_groups() {
            if rules.iter().any(|ruled| overlap(&ruled.range, &range))
                || p.text.links.iter().any(|link| {
                    let link = link.range();
                    contains(&link, &range) && p.words(link) > p.words(range.clone()) + 1
                })
            {
                continue;
            }
            if let Some((relation, start)) = self.locative(&range, &codes) {
                let fronted = p.words(self.main.start..start) <= 1;
                found.push(Found {
                    range: start..range.end,
                    what: What::Places(codes),
                    relation,
                    fronted,
                });
            }
        }
        found.sort_by_key(|location| location.range.start);
        found
    }

    /// The clause up to a condition that ends it.
    fn said(&self) -> Range<usize> {
        let p = self.passage;
        let given = p
            .marks(Mark::Given, &self.main)
            .find(|range| p.words(self.main.start..range.start) > FRONT);
        self.main.start..given.map_or(self.main.end, |range| range.start)
    }

    /// Places, coordinated ones together. An acronym in parentheses stands for what is before it.
    fn place_groups(&self) -> Vec<(Range<usize>, BTreeSet<&'a str>)> {
        let p = self.passage;
        let language = p.language;
        let said = self.said();
        let hits: Vec<_> = p
            .hits(&said)
            .filter(|hit| matches!(hit.cue, Cue::Place(_) | Cue::Adjective(_)))
            .filter(|hit| !is_quoted(&p.plain[self.main.start..hit.range.start]))
            .collect();
        let mut groups: Vec<(Range<usize>, BTreeSet<&'a str>)> = Vec::new();
        for hit in hits {
            let (code, adjective) = match hit.cue {
                Cue::Place(code) => (code, false),
                Cue::Adjective(code) => (code, true),
                _ => continue,
            };
            let centre = self.centre(&hit.range);
            // "the Norway-specific plan" is not in Norway.
            let mut next = p.plain[hit.range.end..].chars();
            let compound =
                next.next() == Some('-') && next.next().is_some_and(char::is_alphanumeric);
            if (adjective || compound) && centre.is_none() {
                continue;
            }
            let code = language.codes[code as usize].as_str();
            let range = hit.range.start..centre.map_or(hit.range.end, |centre| centre.end);
            match groups.last_mut() {
                Some((last, codes)) if p.is_join(last.end..range.start) => {
                    // "Asia Pacific (Japan)" names the part, "Europe, … (EMEA)" the whole: either
                    // says it better.
                    if p.plain[last.end..range.start].trim_end().ends_with('(') {
                        codes.clear();
                    }
                    codes.insert(code);
                    last.end = range.end;
                }
                _ => groups.push((range, BTreeSet::from([code]))),
            }
        }
        groups
    }

    /// The data centre that a place stands before.
    fn centre(&self, place: &Range<usize>) -> Option<Range<usize>> {
        let p = self.passage;
        p.marks(Mark::DataCenter, &(place.end..self.main.end))
            .next()
            .filter(|range| p.words(place.end..range.start) == 0)
    }

    /// The data centre that a place describes, in it or soon after: "a worldwide network of data
    /// centers".
    fn centred(&self, place: &Range<usize>) -> Option<Range<usize>> {
        let p = self.passage;
        p.marks(Mark::DataCenter, &(place.start..self.main.end))
            .next()
            .filter(|range| p.words(place.end..range.start.max(place.end)) <= 3)
    }

    /// How a place takes part in the clause, and where its words begin; none if it only describes
    /// something.
    fn locative(&self, place: &Range<usize>, codes: &BTreeSet<&str>) -> Option<(Mark, usize)> {
        let p = self.passage;
        let after = place.end..self.main.end;
        if p.begins(Mark::People, &after).is_some() {
            return None;
        }
        let found = self.preposition(place);
        if let Some((_, range)) = &found {
            let whose = p.marks(Mark::People, &(self.main.start..range.start)).last();
            if whose.is_some_and(|people| p.words(people.end..range.start) == 0) {
                return None;
            }
        }
        let centred = self.centre(place).is_some() || p.has(Mark::DataCenter, place);
        if codes.contains("x-world") {
            let ends = p.plain[after.clone()]
                .trim_start()
                .chars()
                .next()
                .is_none_or(|c| !c.is_alphanumeric())
                || p.begins(Mark::Join, &after).is_some()
                || (p.language.verb == VerbOrder::Free && self.is_before_verb(place));
            return (self.centred(place).is_some() || ends).then(|| {
                found.map_or((Mark::In, place.start), |(mark, range)| (mark, range.start))
            });
        }
        match found {
            Some((mark, range)) => Some((mark, range.start)),
            None if centred => Some((Mark::In, place.start)),
            None if self.role == Role::Completion && p.words(self.main.start..place.start) <= 2 => {
                Some((Mark::In, place.start))
            }
            None => None,
        }
    }

    /// Whether a place is an adverb of the verb after it: "data kan overal worden bewaard".
    fn is_before_verb(&self, place: &Range<usize>) -> bool {
        let p = self.passage;
        let verbs = p.activities(&(place.end..self.main.end));
        verbs.first().is_some_and(|(verb, _)| p.words(place.end..verb.start) <= ADVERB_REACH)
    }

    /// The nearest preposition of place before a location, with no verb between; where the language
    /// has them after it, the postposition or ending.
    fn preposition(&self, location: &Range<usize>) -> Option<(Mark, Range<usize>)> {
        let after = || self.postposition(location);
        match self.passage.language.adpositions {
            Adpositions::Before => self.before(location),
            Adpositions::After => after(),
            Adpositions::Both => self.before(location).or_else(after),
        }
    }

    fn before(&self, location: &Range<usize>) -> Option<(Mark, Range<usize>)> {
        let p = self.passage;
        let before = self.main.start..location.start;
        let (mark, range) = ADPOSITIONS
            .into_iter()
            .filter_map(|mark| p.marks(mark, &before).last().map(|range| (mark, range)))
            .max_by_key(|(mark, range)| (range.end, Reverse(range.start), Reverse(*mark)))?;
        let between = range.end..location.start;
        let crossed =
            p.activities(&between).iter().any(|(_, activity)| *activity != Activity::Processes);
        (p.words(between) <= PREPOSITION_REACH && !crossed).then_some((mark, range))
    }

    fn postposition(&self, location: &Range<usize>) -> Option<(Mark, Range<usize>)> {
        let p = self.passage;
        let after = location.start..self.main.end;
        ADPOSITIONS
            .into_iter()
            .filter_map(|mark| {
                let mut ranges = p.marks(mark, &after);
                ranges.find(|range| range.end >= location.end).map(|range| (mark, range))
            })
            .min_by_key(|(mark, range)| (range.start, Reverse(range.end), *mark))
            .filter(|(_, range)| p.words(location.end..range.start) <= POSTPOSITION_REACH)
            // What the location begins with is its own; the ending belongs to its last word.
            .map(|(mark, range)| (mark, location.start..range.end))
    }

    /// The verb of a location with those coordinated with it.
    fn governing(
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
    fn negated(
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
    fn distance(&self, location: &Found<'a>, verb: &Range<usize>) -> (bool, usize) {
        let follows = verb.end <= location.range.start;
        let between =
            if follows { verb.end..location.range.start } else { location.range.end..verb.start };
        (!follows && self.passage.language.verb == VerbOrder::First, self.passage.words(between))
    }

    /// A verb with those coordinated with it: "stored, processed and …".
    fn run(
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

    /// Whether a completion begins with its location.
    fn heads(&self, location: &Found<'a>) -> bool {
        self.passage.words(self.main.start..location.range.start) <= HEAD_REACH
    }

    /// Whose data it is, or which service runs: empty for the page's own product.
    fn owners(
        &self,
        rules: &[Ruled<'a>],
        data: Option<&Range<usize>>,
        verb: Option<&Range<usize>>,
    ) -> Vec<Owner> {
        let p = self.passage;
        let named: Vec<&Named> = p
            .products_in(&self.main)
            .filter(|named| {
                !named.background && !rules.iter().any(|ruled| overlap(&ruled.range, &named.range))
            })
            .collect();
        let owner = |named: &Named| Owner {
            product: Some(named.product),
            written: p.plain[named.range.clone()].to_owned(),
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
                p.words(between.clone()) == 1 && p.begins(Mark::Of, &between).is_some()
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
                // their owners.
                let several = named.iter().any(|other| {
                    other.product != last.product
                        && (p.is_join(other.range.end..last.range.start)
                            || (last.range.end <= other.range.start
                                && p.is_join(data.end..other.range.start)))
                });
                return if several { Vec::new() } else { vec![owner(last)] };
            }
            return Vec::new();
        }
        let limit = verb.map_or(self.main.end, |verb| verb.start);
        let subject = named.iter().find(|named| {
            let before = self.main.start..named.range.start;
            let governed =
                [Mark::In, Mark::To, Mark::From, Mark::Via, Mark::Of].into_iter().any(|mark| {
                    p.marks(mark, &before)
                        .last()
                        .is_some_and(|range| p.words(range.end..named.range.start) <= 1)
                });
            let near =
                named.range.end <= limit && p.words(named.range.end..limit) <= 2 * SUBJECT_REACH;
            near && !governed
        });
        // In inverted order the subject follows the verb: "runs today the service X in …".
        let inverted = verb.filter(|_| p.language.verb != VerbOrder::First).and_then(|verb| {
            named.iter().find(|named| {
                named.range.start >= verb.end && p.words(verb.end..named.range.start) <= 1
            })
        });
        subject.or(inverted).map(|named| vec![owner(named)]).unwrap_or_default()
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

fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '.' | ','
                | ';'
                | ':'
                | '!'
                | '。'
                | '、'
                | '，'
                | '；'
                | '：'
                | '|'
                | '*'
                | '-'
                | '–'
                | '—'
                | '"'
                | '“'
                | '”'
        )
}

/// A stretch without what does not belong to a quotation: stops, and conjunctions at its end.
pub fn quoted(passage: &Passage<'_>, range: Range<usize>) -> Range<usize> {
    let mut quote = trim(passage.plain, range, is_blank);
    while let Some(join) =
        passage.marks(Mark::Break, &quote).last().filter(|join| join.end == quote.end)
    {
        quote = trim(passage.plain, quote.start..join.start, is_blank);
    }
    let text = &passage.plain[quote.clone()];
    let marker = text.as_bytes().get(2) == Some(&b')');
    let open = text.matches('(').count();
    let close = text.matches(')').count();
    if open > close && text.starts_with('(') && !marker {
        quote.start += 1;
    } else if close > open && text.ends_with(')') {
        quote = trim(passage.plain, quote.start..quote.end - 1, is_blank);
    }
    quote
}

/// Whether a text leaves a quotation open: what is in it, somebody else says.
fn is_quoted(before: &str) -> bool {
    before.matches('"').count() % 2 == 1
        || before.matches('“').count() > before.matches('”').count()
}

/// A condition at the start of a clause, up to its comma, and what is left.
pub fn condition(
    passage: &Passage<'_>,
    range: &Range<usize>,
) -> (Option<Range<usize>>, Range<usize>) {
    let marker = passage.plain[range.clone()].as_bytes();
    let body = match marker {
        [b'(', _, b')', ..] => range.start + 3..range.end,
        _ => range.clone(),
    };
    if let Some(opening) = passage.begins(Mark::Condition, &body) {
        let text = &passage.plain[opening.end..body.end];
        let mut depth = 0;
        for (at, c) in text.char_indices() {
            match c {
                '(' | '（' => depth += 1,
                ')' | '）' => depth -= 1,
                ',' | '，' | '、' if depth == 0 => {
                    let comma = opening.end + at;
                    return (Some(opening.start..comma), comma + c.len_utf8()..body.end);
                }
                _ => {}
            }
        }
    }
    (None, body)
}
