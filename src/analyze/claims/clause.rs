//! Reads what one clause says: place or rule, verb, data, and how firmly.

use std::ops::Range;

use self::extent::{has_host, is_blank};
use self::places::{Found, What};
use super::passage::{COLONS, Passage, contains, overlap};
use super::rules::Ruled;
use super::sentences::trim;
use super::spelling;
use crate::catalog::languages::{Activity, Adpositions, Form, Mark, Rule, VerbOrder};

mod activities;
mod adpositions;
mod centres;
mod deciders;
mod deed;
mod extent;
mod firmness;
mod frame;
mod groups;
mod owners;
mod places;
mod runs;
mod statement;
mod subject;
mod verbs;

pub use self::extent::{condition, is_comma, quoted};
pub use self::frame::{Frame, Owner};
pub use self::statement::{Stated, Statement};

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
    /// Only concedes: ", even if your data is in …" is no statement of its own.
    concedes: bool,
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
        let tail = passage.begins(Mark::Tail, &range);
        let continues = tail.is_some();
        let concedes = tail.is_some_and(|tail| {
            let rest = tail.end..range.end;
            // ", so that" opens a purpose.
            let is_there = |(_, done): &(_, Activity)| *done == Activity::Located;
            let only_there = || passage.activities(&rest).iter().all(is_there);
            (passage.has(Mark::Given, &tail)
                || (passage.has(Mark::Condition, &tail) && only_there())
                || [Mark::Given, Mark::Condition]
                    .into_iter()
                    .any(|mark| passage.begins(mark, &rest).is_some()))
                && !passage.plain[rest].contains(is_comma)
        });
        let quote = quoted(passage, range);
        let (condition, main) = condition(passage, &quote);
        let quote =
            if role == Role::Clause { trim(passage.plain, main.clone(), is_blank) } else { quote };
        Self { passage, quote, main, condition, continues, concedes, role, inherited, product }
    }

    /// What the clause hands on.
    pub fn frame(&self) -> Frame {
        let p = self.passage;
        let rules = self.rules();
        // "It is available if your environment is in:" only says when.
        let given = self.given();
        let mut verbs = self.verbs(&rules);
        // What is to be had in places that follow need not run there.
        verbs.retain(|(range, done)| {
            !overlap(&given, range) && (*done != Activity::Offers || !p.has(Mark::Available, range))
        });
        let mut activities: Vec<Activity> = Vec::new();
        if let Some(last) = verbs.last().cloned() {
            activities = self.done(&self.run(&verbs, last));
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
        if self.instructs()
            || self.is_support()
            || led_to_act
            || refers
            || self.concedes
            || self.is_law()
        {
            return Vec::new();
        }
        let rules = self.rules();
        let found = self.locations(&rules);
        let verbs = self.own_verbs(self.verbs(&rules), &found);
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
                            && !location.points_back(other)
                            && other.relation != Mark::From
                            && self.distance(other, &run[0].0) < self.distance(location, &run[0].0)
                            && self.governing(other, &verbs).as_ref() == Some(run)
                    })
                });
            // "in Norway or Sweden, based on the tenant's location": the places say it, the rule only why.
            let is_explained = self.explains(location)
                && found.iter().any(|other| {
                    matches!(other.what, What::Places(_))
                        && other.range.end <= location.range.start
                        && governing.is_some()
                        && self.governing(other, &verbs) == governing
                });
            // "to another region in the same geography" is inside that one.
            let is_narrowed = found.iter().any(|other| self.narrows(other, location));
            if outdone || is_narrowed || is_explained {
                continue;
            }
            let (activities, verb) = match (&governing, self.inherited) {
                (Some(run), _) => (self.done(run), run.first().map(|(r, _)| r.clone())),
                (None, Some(frame))
                    if self.role == Role::Completion
                        && frame.leads()
                        && self.heads(location, &found)
                        // "Primary region: the service stores …" says its own.
                        && !found.iter().any(|other| self.governing(other, &verbs).is_some())
                        // "Europe: eu.contoso.example" is where to connect.
                        && !has_host(&p.plain[self.main.clone()]) =>
                {
                    (frame.activities.clone(), None)
                }
                (None, _) if self.is_place_of_data_itself(&location.range) => {
                    (vec![Activity::Stores], None)
                }
                _ => continue,
            };
            // The other end of a move is not where data is kept.
            let of_data = p.categories(&(self.main.start..location.range.start));
            // "staff access data from …": where they are is where it is accessed.
            let accesses = governing
                .as_ref()
                .is_some_and(|run| run.iter().any(|&(_, done)| done == Activity::Accesses));
            let describes_data = matches!(location.what, What::Places(_))
                && !accesses
                && of_data
                    .last()
                    .is_some_and(|(data, _)| p.words(data.end..location.range.start) == 0);
            // What is offered from a place runs there, whatever else the clause says.
            let offers = governing
                .as_ref()
                .is_some_and(|run| run.iter().any(|&(_, done)| done == Activity::Offers));
            let is_origin = self.comes_from(location)
                && !(accesses && location.relation == Mark::Outside)
                && !offers
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
                    // "werden in dieser Region gespeichert, in einem …": right before a verb that
                    // closes its clause stands what belongs to it.
                    let is_closed = p.language.verb != VerbOrder::First
                        && !location.fronted
                        && matches!(location.what, What::Rule(_))
                        && p.words(self.main.start..location.range.start) > FRONT
                        && p.words(location.range.end..verb.start) == 0;
                    (opens_list && location.fronted)
                        || !is_closed && found.iter().any(|other| other.range.start >= verb.end)
                }
                // "Norway or a data center in …" goes on to another place.
                _ => {
                    let rest = location.range.end..self.main.end;
                    let goes_on = p.begins(Mark::Break, &rest).is_some();
                    let is_last = !found.iter().any(|other| !other.fronted);
                    location.fronted && (opens_list || !(goes_on || is_last))
                }
            };
            if is_origin || is_setting {
                continue;
            }
            let there = self.done_there(location, governing.as_deref());
            let there = there.into_iter().flat_map(|run| {
                let done = self.done(std::slice::from_ref(&run));
                done.into_iter().map(move |activity| (activity, Some(run.0.clone())))
            });
            let here = activities.into_iter().map(|activity| (activity, verb.clone()));
            for (activity, verb) in here.chain(there) {
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

    /// Whether something comes from a location, also from "other regions", which are outside as well.
    fn comes_from(&self, location: &Found<'a>) -> bool {
        let p = self.passage;
        let is_denied = matches!(&location.what, What::Rule(ruled) if ruled.phrase.denied);
        let before =
            || self.preposition(&location.range).is_some_and(|(mark, _)| mark == Mark::From);
        location.relation == Mark::From
            || (is_denied && (p.begins(Mark::From, &location.range).is_some() || before()))
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

    /// Whether the clause tells what a law or a customer wants. "The service must store …" tells of
    /// the service, whatever its name.
    fn is_law(&self) -> bool {
        let p = self.passage;
        let of_product = |law: &Range<usize>| {
            let before = self.main.start..law.start;
            let named = p.products_in(&before).map(|named| named.range.end);
            let acts = p.marks(Mark::Operator, &before).map(|range| range.end);
            let mut subjects = named.chain(acts);
            let of_name = || {
                let name = p.word_before(law, &before);
                !p.language.capital_nouns
                    && name.is_some_and(|name| {
                        name.start > before.start
                            && p.plain[name.clone()].starts_with(char::is_uppercase)
                            && !p.has(Mark::People, &name)
                    })
            };
            p.has(Mark::Duty, law)
                && (subjects.any(|end| p.words(end..law.start) == 0) || of_name())
        };
        p.marks(Mark::Law, &self.main).any(|law| !of_product(&law))
    }

    /// Whether a list completes the clause.
    fn opens_list(&self) -> bool {
        let p = self.passage;
        p.plain[self.main.end..].trim_matches(is_blank).is_empty() && p.announces(&self.main)
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
        // "In the list of regions, select …": where to do it stands first.
        let front = [Mark::In, Mark::Of, Mark::To]
            .into_iter()
            .any(|mark| p.begins(mark, &self.main).is_some());
        let comma = p.plain[self.main.clone()].find(is_comma).filter(|_| front);
        let after = comma.map(|comma| self.main.start + comma..self.main.end);
        let does = after.is_some_and(|rest| p.begins(Mark::Step, &rest).is_some());
        // "**Allow data to flow**: if it is on, data is kept in …": the name of a setting orders nothing.
        let label = p.plain[self.main.clone()].rfind(COLONS).map(|colon| self.main.start + colon);
        let said = label.map(|colon| colon..self.main.end);
        let said = said.filter(|said| !p.activities(said).is_empty()).unwrap_or(self.main.clone());
        let is_order = does || is_framed(p, Mark::Step, &said);
        let orders = is_order && self.auxiliary().is_none();
        self.role == Role::Clause && (orders || is_framed(p, Mark::Pointer, &self.main))
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
        let centre = p.has(Mark::DataCenter, &self.main);
        let comes = p.has(Mark::From, &self.main) && (centre || p.has(Mark::Operator, &self.main));
        // What runs is to be had where it does.
        let runs = centre || p.has(Mark::Facility, &self.main);
        let is_there = |verb: &Range<usize>| {
            runs && p.marks(Mark::Available, &self.main).any(|mark| overlap(&mark, verb))
                && p.activities(&(self.main.start..verb.start)).is_empty()
        };
        let mut verbs = p.verbs(&self.main);
        verbs.extend(self.light_verbs(&verbs));
        verbs.sort_by_key(|(verb, _)| verb.start);
        verbs.retain(|(verb, done)| *done != Activity::Offers || comes || is_there(verb));
        // "performs maintenance in …" does nothing to data; "wordt uitgevoerd op" says of a service
        // that it runs.
        verbs.retain(|(verb, done)| {
            *done == Activity::Operates
                || !self.is_marked(Mark::Performs, verb)
                || !self.nouns_of(verb).is_empty()
        });
        // "… in der Region gespeichert, die Sie gewählt haben": what a comma closes inside a phrase
        // is the clause's.
        let closes = |verb: &Range<usize>, ruled: &Ruled<'_>| {
            let comma = p.plain[verb.end..ruled.range.end].find(is_comma);
            comma.map(|comma| verb.end + comma).is_some_and(|comma| {
                let last = self.last_of_run(verb, comma);
                p.words(last.min(comma)..comma) <= 1
            })
        };
        verbs.retain(|(range, _)| {
            !rules.iter().any(|ruled| {
                contains(&ruled.range, range) && !closes(range, ruled) && !self.names_place(ruled)
            })
        });
        verbs
    }

    /// Verbs that do something only with the nouns beside them: "processing is done in …", "we have
    /// data centers in …".
    fn light_verbs(&self, verbs: &[(Range<usize>, Activity)]) -> Vec<(Range<usize>, Activity)> {
        let p = self.passage;
        let is_new = |light: &Range<usize>| !verbs.iter().any(|(verb, _)| overlap(verb, light));
        let occurs = p.marks(Mark::Occurs, &self.main).filter(is_new);
        let occurs = occurs.filter_map(|light| {
            let done = self.nouns_of(&light).into_iter().next()?;
            Some((light, done))
        });
        let has = p.marks(Mark::Has, &self.main).filter(is_new);
        let has = has.filter(|light| self.has_centres(light));
        occurs.chain(has.map(|light| (light, Activity::Operates))).collect()
    }

    fn outside_rules(&self, mark: Mark, rules: &[Ruled<'a>]) -> bool {
        self.passage
            .marks(mark, &self.main)
            .any(|range| !rules.iter().any(|ruled| contains(&ruled.range, &range)))
    }

    /// Whether a completion begins with its location, or names it after another one that does:
    /// "Norway and/or a data center in …".
    fn heads(&self, location: &Found<'a>, found: &[Found<'a>]) -> bool {
        let p = self.passage;
        let near = |from: usize, to: usize| p.centres(from..to) <= HEAD_REACH;
        let end = |other: &Found<'a>| other.range.end;
        let before: Vec<usize> =
            found.iter().map(end).filter(|&end| end <= location.range.start).collect();
        let mut at = self.main.start;
        for next in before.into_iter().chain([location.range.start]) {
            if !near(at, next) {
                return false;
            }
            at = next;
        }
        true
    }

    /// Without the verbs that describe the place of a completion: "in the region that is nearest to
    /// where the tenant was created".
    fn own_verbs(
        &self,
        mut verbs: Vec<(Range<usize>, Activity)>,
        found: &[Found<'a>],
    ) -> Vec<(Range<usize>, Activity)> {
        let p = self.passage;
        let completes = self.role == Role::Completion && self.inherited.is_some_and(Frame::leads);
        let Some(first) = found.iter().find(|at| self.heads(at, found)).filter(|_| completes)
        else {
            return verbs;
        };
        let after = first.range.start..self.main.end;
        if let Some(relative) = p.marks(Mark::Relative, &after).next() {
            let comma = p.plain[relative.end..self.main.end].find(is_comma);
            let end = comma.map_or(self.main.end, |at| relative.end + at);
            verbs.retain(|(verb, _)| verb.start < relative.end || end <= verb.start);
        }
        verbs
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
