//! Finds where a clause says that something happens: its places and rules, with their prepositions.

use std::collections::BTreeSet;
use std::ops::Range;

use super::extent::is_comma;
use super::{Clause, FRONT, Role};
use crate::analyze::claims::passage::{COLONS, contains, overlap};
use crate::analyze::claims::rules::Ruled;
use crate::analyze::claims::sentences::clauses::is_in_parentheses;
use crate::catalog::languages::{ADPOSITIONS, Adpositions, Cue, Mark, Rule, VerbOrder};
use crate::catalog::places::WORLD;

/// How many words may stand between a place and what says by a clause which one it is.
const DEFINITION: usize = 6;
/// How many auxiliaries may stand between an adverb of place and its verb.
const ADVERB_REACH: usize = 2;

pub struct Found<'a> {
    pub range: Range<usize>,
    pub what: What<'a>,
    pub relation: Mark,
    pub fronted: bool,
}

impl Found<'_> {
    /// Whether its words point back to the user's location that the clause itself names: "reads the
    /// user's location and stores chats in that region".
    pub fn points_back(&self, other: &Found<'_>) -> bool {
        let rule = |found: &Found<'_>| match &found.what {
            What::Rule(ruled) => Some(ruled.rule),
            What::Places(_) => None,
        };
        rule(self) == Some(Rule::Antecedent)
            && rule(other) == Some(Rule::UserPdl)
            && other.range.end <= self.range.start
    }

    /// Whether it is everywhere.
    pub fn is_world(&self) -> bool {
        matches!(&self.what, What::Places(codes) if codes.contains(WORLD))
    }
}

pub enum What<'a> {
    Places(BTreeSet<&'a str>),
    Rule(Ruled<'a>),
}

impl<'a> Clause<'_, 'a> {
    /// The places and rules of the clause that can be where something happens.
    pub(super) fn locations(&self, rules: &[Ruled<'a>]) -> Vec<Found<'a>> {
        let p = self.passage;
        let mut found: Vec<Found<'a>> = Vec::new();
        let given = self.given();
        // What decides for each user may itself be the condition: "when you set the …".
        // and so may its first word belong to a phrase: "the region you picked when …".
        let is_said = |ruled: &&Ruled<'_>| {
            let reaches_in = p.language.verb != VerbOrder::Last && ruled.range.start < given.start;
            !overlap(&given, &ruled.range) || reaches_in || ruled.rule == Rule::UserPdl
        };
        // The text of a link names another page.
        let is_linked = |ruled: &&Ruled<'_>| {
            let links = p.text.links.iter().map(|link| link.range());
            let mut around = links.filter(|link| contains(link, &ruled.range));
            // "its metadata is [replicated to the paired region](…)" speaks of what is outside of it.
            let is_said = |link: &Range<usize>| {
                !p.categories(&(self.main.start..link.start)).is_empty()
                    && !p.has(Mark::Pointer, &self.main)
            };
            around.any(|link| {
                let mut verbs = p.activities(&self.main).into_iter();
                verbs.all(|(verb, _)| contains(&link, &verb)) && !is_said(&link)
            })
        };
        let groups = self.place_groups();
        // "the local German data centers": the country says it better.
        let is_placed = |ruled: &&Ruled<'_>| {
            ruled.rule == Rule::InCountry
                && groups.iter().any(|(range, _)| overlap(&ruled.range, range))
        };
        let is_kept = |ruled: &&Ruled<'_>| !self.names_place(ruled) && !is_placed(ruled);
        let rules: Vec<_> = rules.iter().filter(is_kept).collect();
        let said = rules.iter().copied().filter(is_said).filter(|ruled| !is_linked(ruled));
        for ruled in said {
            // "outside the tenant but within the region": such a phrase has its own preposition.
            let own = ADPOSITIONS
                .into_iter()
                .find_map(|mark| Some((mark, p.begins(mark, &ruled.range)?)));
            let (relation, _) = self
                .inner(&ruled.range)
                .or_else(|| self.beyond(&ruled.range))
                .or(own)
                .or_else(|| self.preposition(&ruled.range))
                .unwrap_or((Mark::In, 0..0));
            let is_outside = ruled.phrase.denied || self.is_other_than(&ruled.range);
            let relation = if is_outside { Mark::Outside } else { relation };
            found.push(Found {
                range: ruled.range.clone(),
                what: What::Rule(ruled.clone()),
                relation,
                fronted: false,
            });
        }
        for (range, codes) in groups {
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
        // "sent to Contoso Mail" tells no place; a place beside it tells more.
        let said = found.is_empty().then(|| p.goals(&self.main)).into_iter().flatten();
        for ruled in said.filter(|ruled| is_said(&ruled) && !is_linked(&ruled)) {
            let range = ruled.range.clone();
            found.push(Found {
                range,
                what: What::Rule(ruled),
                relation: Mark::To,
                fronted: false,
            });
        }
        found.sort_by_key(|location| location.range.start);
        // By their ends: places begin with their preposition, "in the selected location (Europe)".
        let of_pair = |first: &Found<'a>| {
            let later = found.iter().filter(|second| first.range.end < second.range.end);
            later.filter_map(|second| self.aside(first, second)).collect::<Vec<_>>()
        };
        let aside: Vec<Range<usize>> = found.iter().flat_map(of_pair).collect();
        found.retain(|location| !aside.contains(&location.range));
        found
    }

    /// Whether a place beside a phrase says better where it is: "the region Norway East" is no region of
    /// something else.
    pub(super) fn names_place(&self, ruled: &Ruled<'_>) -> bool {
        let p = self.passage;
        let after = p.hits(&(ruled.range.end..self.main.end));
        let mut places = after.filter(|hit| matches!(hit.cue, Cue::Place(_)));
        let next = places.next().map(|hit| ruled.range.end..hit.range.start);
        let is_name = |c: char| c.is_alphanumeric() || is_comma(c);
        // "an Azure region in Europe", "across geographies within the EU boundary", "la región de
        // Canadá".
        let is_in = |between: &Range<usize>| {
            [Mark::In, Mark::Of].into_iter().any(|mark| {
                p.begins(mark, between).is_some_and(|at| p.words(at.end..between.end) <= 1)
            })
        };
        match ruled.rule {
            // "den norska regionen": what its noun would say, the place says better.
            Rule::SameRegion if self.is_of_place(&ruled.range) => true,
            Rule::SameRegion | Rule::Unrestricted => {
                next.is_some_and(|between| is_in(&between) || !p.plain[between].contains(is_name))
            }
            _ => false,
        }
    }

    /// Whether a place stands inside a phrase, or right before one that is a mere noun.
    fn is_of_place(&self, phrase: &Range<usize>) -> bool {
        let p = self.passage;
        let is_place = |cue| matches!(cue, Cue::Place(_) | Cue::Adjective(_));
        let is_noun = p.words(phrase.clone()) == 1;
        let mut hits = p.hits(&(self.main.start..phrase.end)).filter(|hit| is_place(hit.cue));
        hits.any(|hit| {
            let beside = hit.range.end <= phrase.start
                && p.plain[hit.range.end..phrase.start].trim().is_empty();
            contains(phrase, &hit.range) || (is_noun && beside)
        })
    }

    /// Whether a phrase tells a place by what it is not: "a region other than where the tenant is".
    fn is_other_than(&self, phrase: &Range<usize>) -> bool {
        let p = self.passage;
        let relative = p.marks(Mark::Relative, phrase).last();
        relative.is_some_and(|relative| {
            let mut outside = p.marks(Mark::Outside, &(phrase.start..relative.start));
            outside.any(|at| p.words(at.end..relative.start) <= 1)
        })
    }

    /// Of a rule and places after it the one that only describes the other.
    fn aside(&self, first: &Found<'a>, second: &Found<'a>) -> Option<Range<usize>> {
        let p = self.passage;
        let (ruled, second) = match (&first.what, &second.what) {
            (What::Rule(ruled), What::Places(_)) => (ruled, second),
            // "in the US or any country where Contoso has facilities": the place is one of those.
            (What::Places(_), What::Rule(ruled)) if ruled.rule == Rule::ProviderFacilities => {
                let is_one = p.is_join(first.range.end..ruled.range.start.max(first.range.end));
                return is_one.then(|| first.range.clone());
            }
            _ => return None,
        };
        let place = p.hits(&second.range).find(|hit| matches!(hit.cue, Cue::Place(_)))?;
        let between = first.range.end..place.range.start.max(first.range.end);
        match ruled.rule {
            // "a location of your choice (Europe or Asia)": the places are what is to be chosen from.
            Rule::CustomerChoice => {
                let inside = first.range.end..second.range.end.max(first.range.end);
                is_in_parentheses(&p.plain[inside]).then(|| second.range.clone())
            }
            // "in-country for Australia and Canada": the countries say it better.
            Rule::InCountry => (p.words(between) <= 1).then(|| first.range.clone()),
            _ => None,
        }
    }

    /// What a condition inside the clause takes in: empty if it has none.
    pub(super) fn given(&self) -> Range<usize> {
        let p = self.passage;
        let mut marks = p.marks(Mark::Given, &self.main);
        if p.language.verb == VerbOrder::Last {
            // A condition in the middle is left in the clause, after its topic.
            let middle = || {
                let mut conditions = p.marks(Mark::Condition, &self.main);
                conditions.find(|mark| {
                    let before = &p.plain[self.main.start..mark.start];
                    before.contains(is_comma) && p.words(mark.end..self.main.end) > 0
                })
            };
            let mark = marks.next().or_else(middle);
            return mark.map_or(self.main.end..self.main.end, |mark| {
                let before = &p.plain[self.main.start..mark.start];
                let comma = before.rfind(is_comma).map_or(0, |at| at + 1);
                self.main.start + comma..mark.end
            });
        }
        let given = marks.find_map(|mark| {
            let inserted = self.inserted(&mark);
            // "This applies to customers in …" has nothing else to say.
            let is_of_people = || {
                let rest = mark.end..self.main.end;
                let who = p.marks(Mark::People, &rest).next();
                who.is_some_and(|who| p.words(rest.start..who.start) == 0)
                    && p.words(self.main.start..mark.start) > 0
                    && !p.plain[rest].contains(is_comma)
            };
            // "(a) Norway, if your tenant is in …": a place is all that completes a lead-in.
            let before = self.main.start..mark.start;
            let completes = self.role == Role::Completion && p.has_place(&before);
            let is_late = completes || p.words(before) > FRONT || is_of_people();
            // "The country you enter when you buy it determines where …" goes on after it.
            let decides = p.marks(Mark::Decides, &(mark.end..self.main.end)).next();
            let end = inserted.or(decides.map(|at| at.start)).unwrap_or(self.main.end);
            (is_late || inserted.is_some()).then_some(mark.start..end)
        });
        given.unwrap_or(self.main.end..self.main.end)
    }

    /// Where a condition ends that is inserted between commas: "we may, if you are …, store …".
    fn inserted(&self, given: &Range<usize>) -> Option<usize> {
        let p = self.passage;
        let before = p.plain[self.main.start..given.end].trim_end();
        let opens = before[..before.len() - p.plain[given.clone()].trim_end().len()]
            .trim_end()
            .ends_with(is_comma)
            || p.plain[given.clone()].starts_with(is_comma);
        let commas = p.plain[given.end..self.main.end].match_indices(is_comma);
        let mut ends = commas.map(|(at, _)| given.end + at).filter(|&at| !p.parts_places(at));
        ends.next().filter(|&end| {
            let rest = end..self.main.end;
            let names = p.hits(&rest).any(|hit| matches!(hit.cue, Cue::Place(_) | Cue::Term(_)));
            opens && names && !p.activities(&rest).is_empty()
        })
    }

    /// How a place takes part in the clause, and where its words begin; none if it only describes
    /// something.
    fn locative(&self, place: &Range<usize>, codes: &BTreeSet<&str>) -> Option<(Mark, usize)> {
        let p = self.passage;
        let after = place.end..self.main.end;
        // "US customers" are those of a place; "in Norwegen Kunden" only stands beside them.
        let stands_beside = |end: usize| {
            p.language.capital_nouns
                && !p.hits(place).any(|hit| matches!(hit.cue, Cue::Adjective(_)))
                && p.begins(Mark::People, &(end..self.main.end))
                    .is_some_and(|who| p.plain[who].starts_with(char::is_uppercase))
        };
        let of_people = |end: usize| {
            if stands_beside(end) {
                return false;
            }
            let past = self.past_parenthesis(end);
            let past = p.past_of(past, self.main.end)..self.main.end;
            p.begins(Mark::People, &past).is_some()
        };
        let found = self.preposition(place);
        let framed = found.as_ref().map_or(place.end, |(_, at)| at.end.max(place.end));
        if of_people(place.end) || of_people(framed) {
            return None;
        }
        if found
            .as_ref()
            .is_some_and(|(mark, at)| *mark == Mark::In && self.is_of_container(place, at))
        {
            return None;
        }
        let next = p.hits(&after).find(|hit| matches!(hit.cue, Cue::Place(_)));
        if next.is_some_and(|next| self.is_of_containers(place, &next.range)) {
            return None;
        }
        // Without blanks a word for belonging ties a place to its data: "data of …", not in it.
        let past = p.past_of(place.end, self.main.end);
        let of_data = || {
            p.categories(&(past..self.main.end)).first().is_some_and(|(data, _)| data.start == past)
        };
        if found.is_none() && past > place.end && of_data() {
            return None;
        }
        if let Some((_, range)) = &found {
            // "in Norway for Norwegian users, in Sweden for others": a comma parts them.
            let whose = p.marks(Mark::People, &(self.main.start..range.start)).last();
            if whose.is_some_and(|people| {
                let between = people.end..range.start;
                p.words(between.clone()) == 0 && !p.plain[between].contains(is_comma)
            }) {
                return None;
            }
        }
        let centred = self.centre(place).is_some()
            || p.has(Mark::DataCenter, place)
            || self.names_centre(place);
        if codes.contains(WORLD) {
            let ends = p.plain[after.clone()]
                .trim_start()
                .chars()
                .next()
                .is_none_or(|c| !c.is_alphanumeric())
                || p.begins(Mark::Join, &after).is_some()
                || (match p.language.verb {
                    VerbOrder::First => false,
                    VerbOrder::Free | VerbOrder::Bracket => true,
                    VerbOrder::Last => found.is_some(),
                } && self.is_before_verb(place));
            return (self.centred(place).is_some() || ends).then(|| {
                found.map_or((Mark::In, place.start), |(mark, range)| (mark, range.start))
            });
        }
        match found {
            // "the data centers of the US": where they are, not where data comes from.
            Some((Mark::From, _)) if self.names_centre(place) => Some((Mark::In, place.start)),
            Some((mark, range)) => Some((mark, range.start)),
            None if centred || self.is_listed(place) || self.is_place_of_data_itself(place) => {
                Some((Mark::In, place.start))
            }
            None if self.is_left(place) || self.definition(place).is_some() => {
                Some((Mark::In, place.start))
            }
            None if self.role == Role::Completion
                && p.words(self.main.start..place.start) <= 2
                && !self.opens_name(place) =>
            {
                Some((Mark::In, place.start))
            }
            None => None,
        }
    }

    /// Whether a place only opens the name of something else, where none was announced: "Norway
    /// Passport Number".
    fn opens_name(&self, place: &Range<usize>) -> bool {
        let p = self.passage;
        let announced = self.inherited.is_some_and(|frame| frame.to_places);
        let rest = place.end..self.main.end;
        let text = &p.plain[rest.clone()];
        let next = place.end + text.len() - text.trim_start().len();
        let is_word = p.plain[next..rest.end].starts_with(char::is_alphanumeric);
        let is_known = p.hits(&rest).next().is_some_and(|hit| hit.range.start == next);
        p.language.spaced && !announced && is_word && !is_known
    }

    /// Whether a place only tells one container from another: "scans in the Norway project can be
    /// read", but not what "runs in the Norway project".
    fn is_of_container(&self, place: &Range<usize>, preposition: &Range<usize>) -> bool {
        let p = self.passage;
        let noun = p.begins(Mark::Container, &(place.end..self.main.end));
        let verbs = p.activities(&(self.main.start..preposition.start));
        let done = verbs.last().is_some_and(|(verb, _)| p.words(verb.end..preposition.start) == 0);
        p.language.verb == VerbOrder::First
            && noun.is_some_and(|noun| p.plain[place.end..noun.start].trim().is_empty())
            && !done
    }

    /// Whether a colon announces the place: "stored in one of three regions: …".
    fn is_listed(&self, place: &Range<usize>) -> bool {
        let p = self.passage;
        let before = self.main.start..place.start;
        p.plain[before.clone()].trim_end().ends_with(COLONS)
            && !p.activities(&before).is_empty()
            && (p.has(Mark::DataCenter, &before) || p.has(Mark::Places, &before))
    }

    /// Whether a place is said to be the place of data: "the location of your data is Germany".
    pub(super) fn is_place_of_data_itself(&self, place: &Range<usize>) -> bool {
        let p = self.passage;
        let Some(named) = p.marks(Mark::DataPlace, &(self.main.start..place.start)).last() else {
            return false;
        };
        let between = named.end..place.start;
        let data = p.categories(&between).last().map_or(named.end, |(data, _)| data.end);
        let copula = data..place.start;
        let is_copula = match p.words(copula.clone()) {
            0 => p.plain[copula.clone()].contains([':', '：', '–', '—']),
            words => {
                words == 1
                    && p.plain[copula.clone()]
                        .chars()
                        .all(|c| c.is_alphanumeric() || c.is_whitespace())
            }
        };
        is_copula
            && p.activities(&between).is_empty()
            && !ADPOSITIONS.into_iter().any(|mark| p.has(mark, &copula))
            && !p.has(Mark::People, &between)
    }

    /// The word that opens what is done in a place, where the clause says by it what the place is:
    /// "Norway is the only country in which data is kept".
    pub(super) fn definition(&self, place: &Range<usize>) -> Option<Range<usize>> {
        let p = self.passage;
        let after = self.past_parenthesis(place.end)..self.main.end;
        let relative = p.marks(Mark::Relative, &after).next()?;
        let copula = after.start..relative.start;
        let crosses = ADPOSITIONS.into_iter().any(|mark| p.has(mark, &copula));
        let is_copula = p.language.verb != VerbOrder::Last
            && p.language.adpositions == Adpositions::Before
            && p.words(self.main.start..place.start) <= 1
            && (1..=DEFINITION).contains(&p.words(copula.clone()))
            && !p.plain[copula.clone()].contains(is_comma)
            && !crosses
            && p.activities(&copula).is_empty()
            && p.categories(&copula).is_empty();
        is_copula.then_some(relative)
    }

    /// Whether the verb after a place leaves it: "gegevens kunnen de EU verlaten".
    fn is_left(&self, place: &Range<usize>) -> bool {
        let p = self.passage;
        let verbs = p.activities(&(place.end..self.main.end));
        verbs.first().is_some_and(|(verb, _)| {
            p.language.verb != VerbOrder::First
                && p.words(place.end..verb.start) == 0
                && p.marks(Mark::Outside, &self.main).any(|mark| overlap(&mark, verb))
        })
    }

    /// Whether a place is an adverb of the verb after it: "data kan overal worden bewaard".
    fn is_before_verb(&self, place: &Range<usize>) -> bool {
        let p = self.passage;
        let verbs = p.activities(&(place.end..self.main.end));
        verbs.first().is_some_and(|(verb, _)| p.words(place.end..verb.start) <= ADVERB_REACH)
    }
}
