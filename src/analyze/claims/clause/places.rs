//! Finds where a clause says that something happens: its places and rules, with their prepositions.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ops::Range;

use super::extent::is_comma;
use super::{Clause, FRONT, Role};
use crate::analyze::claims::passage::{COLONS, contains, overlap};
use crate::analyze::claims::rules::Ruled;
use crate::analyze::claims::sentences::clauses::is_in_parentheses;
use crate::catalog::languages::{ADPOSITIONS, Activity, Adpositions, Cue, Mark, Rule, VerbOrder};
use crate::catalog::places::WORLD;

/// How far a preposition may stand before its place: "in Contoso cloud data centers in …".
const PREPOSITION_REACH: usize = 5;
/// How far after its place a postposition or the word with the ending may stand.
const POSTPOSITION_REACH: usize = 3;
/// How far a data center may stand from the place that describes it.
const CENTRE_REACH: usize = 3;
/// How many words may stand between an adjective of place and its data center: "German Contoso cloud
/// regions".
const MODIFIERS: usize = 2;
/// What stands around words that are a name, whatever they mean.
const QUOTES: [char; 6] = ['"', '“', '”', '„', '«', '»'];
/// How many words a parenthesis in a list of places may have.
const PARENTHESIS: usize = 4;
/// How many words may stand between "in" and "of" in "in one of the regions".
const ONE_OF: usize = 2;
/// How many words say how many data centers there are: "three", "three more".
const COUNTED: usize = 2;
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
        // "the region Norway East" is no region of something else.
        let names_place = |ruled: &&Ruled<'_>| {
            let after = p.hits(&(ruled.range.end..self.main.end));
            let mut places = after.filter(|hit| matches!(hit.cue, Cue::Place(_)));
            let next = places.next().map(|hit| ruled.range.end..hit.range.start);
            let is_name = |c: char| c.is_alphanumeric() || is_comma(c);
            // "an Azure region in Europe", "across geographies within the EU boundary".
            let is_in = |between: &Range<usize>| {
                p.begins(Mark::In, between).is_some_and(|at| p.words(at.end..between.end) <= 1)
            };
            match ruled.rule {
                // "den norska regionen": what its noun would say, the place says better.
                Rule::SameRegion if self.is_of_place(&ruled.range) => true,
                Rule::SameRegion | Rule::Unrestricted => next
                    .is_some_and(|between| is_in(&between) || !p.plain[between].contains(is_name)),
                _ => false,
            }
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
        let is_kept = |ruled: &&Ruled<'_>| !names_place(ruled) && !is_placed(ruled);
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
        let (What::Rule(ruled), What::Places(_)) = (&first.what, &second.what) else {
            return None;
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
            let is_late = p.words(self.main.start..mark.start) > FRONT || is_of_people();
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

    /// Places, coordinated ones together. An acronym in parentheses stands for what is before it.
    fn place_groups(&self) -> Vec<(Range<usize>, BTreeSet<&'a str>)> {
        let p = self.passage;
        let language = p.language;
        let given = self.given();
        let hits: Vec<_> = p
            .hits(&self.main)
            .filter(|hit| !overlap(&given, &hit.range))
            .filter(|hit| matches!(hit.cue, Cue::Place(_) | Cue::Adjective(_)))
            .filter(|hit| !is_quoted(&p.plain[self.main.start..hit.range.start]))
            .filter(|hit| !self.is_example(&hit.range))
            .collect();
        // "European and American data centers", "centros de datos europeos y asiáticos": of
        // coordinated adjectives one stands beside the noun.
        let joined = |i: usize| p.is_join(hits[i].range.end..hits[i + 1].range.start);
        let mut shares: Vec<bool> = hits
            .iter()
            .map(|hit| self.centre(&hit.range).is_some() || self.names_centre(&hit.range))
            .collect();
        for i in (0..hits.len().saturating_sub(1)).rev() {
            shares[i] |= shares[i + 1] && joined(i);
        }
        for i in 1..hits.len() {
            let is_adjective = matches!(hits[i].cue, Cue::Adjective(_));
            shares[i] |= is_adjective && shares[i - 1] && joined(i - 1);
        }
        let mut groups: Vec<(Range<usize>, BTreeSet<&'a str>)> = Vec::new();
        let mut latest = "";
        for (hit, shares) in hits.into_iter().zip(shares) {
            let (code, adjective) = match hit.cue {
                Cue::Place(code) => (code, false),
                Cue::Adjective(code) => (code, true),
                _ => continue,
            };
            let centre = self.centre(&hit.range);
            // "the Norway-specific plan" is not in Norway.
            let mut next = p.plain[hit.range.end..].chars();
            let compound = next.next() == Some('-')
                && next.next().is_some_and(char::is_alphanumeric)
                && !self.has_ending(&hit.range);
            if (adjective || compound) && !shares {
                continue;
            }
            let code = language.codes[code as usize].as_str();
            let range = hit.range.start..centre.map_or(hit.range.end, |centre| centre.end);
            match groups.last_mut() {
                Some((last, codes)) if self.joins(last, &range) || self.details(last, &range) => {
                    // "Asia Pacific (Japan)", "Asia Pacific: Japan" names the part, "Europe, …
                    // (EMEA)" the whole: either says it better.
                    let opens = p.plain[last.end..range.start].trim_end();
                    if (opens.ends_with(['(', '（']) || opens.ends_with(COLONS)) && code != latest
                    {
                        if code.starts_with("x-") {
                            codes.clear();
                        } else {
                            codes.remove(latest);
                        }
                    }
                    // "Dublin, Ireland" is one place.
                    let is_one = opens == ","
                        && latest.split_once(':').is_some_and(|(country, _)| country == code);
                    if !is_one {
                        codes.insert(code);
                    }
                    last.end = range.end;
                }
                _ => groups.push((range, BTreeSet::from([code]))),
            }
            latest = code;
        }
        groups
    }

    /// Whether two places are coordinated: a short parenthesis does not part them, but "from … to …"
    /// does, and so do people who are in the first.
    fn joins(&self, first: &Range<usize>, second: &Range<usize>) -> bool {
        let p = self.passage;
        let between = first.end..second.start;
        let own = self.preposition(first);
        // "data from the US is kept in …" goes on with another preposition.
        let comes = own.as_ref().is_some_and(|(mark, _)| *mark == Mark::From);
        let turns = (p.has(Mark::To, &between) && (own.is_none() || comes))
            || (p.has(Mark::In, &between) && comes);
        // "Daten von Kunden in … werden in … gespeichert": the first is where they are.
        let start = own.map_or(first.start, |(_, range)| range.start.min(first.start));
        let is_of = |start: usize| {
            let who = p.marks(Mark::People, &(self.main.start..start)).last();
            who.is_some_and(|who| p.words(who.end..start) == 0)
        };
        let of_people = is_of(start) || is_of(first.start);
        if turns || of_people {
            return false;
        }
        let after = self.past_parenthesis(between.start).min(between.end);
        p.is_join(between.clone())
            || self.repeats_centre(first, second)
            || (after > between.start
                && p.words(between.start..after) <= PARENTHESIS
                && p.is_join(after..between.end))
    }

    /// Whether two places are coordinated with the data centers in them: "three data centers in … and
    /// two data centers in …".
    fn repeats_centre(&self, first: &Range<usize>, second: &Range<usize>) -> bool {
        let p = self.passage;
        let between = &(first.end..second.start);
        let centred = p.has(Mark::DataCenter, first) && p.has(Mark::DataCenter, second);
        let beside = [Mark::DataCenter, Mark::Join, Mark::Break, Mark::In, Mark::Of];
        let mut known: Vec<Range<usize>> =
            beside.into_iter().flat_map(|mark| p.marks(mark, between)).collect();
        known.sort_by_key(|range| (range.start, range.end));
        let (mut at, mut others) = (between.start, 0);
        for range in known {
            others += p.words(at..range.start.max(at));
            at = at.max(range.end);
        }
        others += p.words(at..between.end);
        let is_list = p.has(Mark::Break, between) || p.plain[between.clone()].contains(is_comma);
        others <= COUNTED
            && is_list
            && (centred || p.has(Mark::DataCenter, between))
            && p.verbs(between).is_empty()
            && p.categories(between).is_empty()
            && !p.plain[between.clone()].contains([';', '.', ':', '：', '|'])
    }

    /// Whether a bullet names an area and, after a colon, what is in it.
    fn details(&self, area: &Range<usize>, place: &Range<usize>) -> bool {
        let p = self.passage;
        let between = p.plain[area.end..place.start].trim();
        self.role == Role::Completion
            && area.start == self.main.start
            && COLONS.into_iter().any(|colon| between.strip_prefix(colon) == Some(""))
    }

    /// Whether a place stands in a parenthesis that gives an example.
    fn is_example(&self, place: &Range<usize>) -> bool {
        let p = self.passage;
        let open = p.plain[self.main.start..place.start].rfind(['(', '（']);
        open.is_some_and(|open| {
            let inside = self.main.start + open..place.start;
            let is_open = !p.plain[inside.clone()].contains([')', '）']);
            is_open && p.begins(Mark::Example, &inside).is_some()
        })
    }

    /// Whether the hyphen after a place sets off its ending: "EU-ban".
    fn has_ending(&self, place: &Range<usize>) -> bool {
        let p = self.passage;
        let after = place.end + 1..self.main.end;
        p.language.adpositions != Adpositions::Before
            && ADPOSITIONS.into_iter().any(|mark| {
                p.begins(mark, &after).is_some_and(|ending| ending.start == after.start)
            })
    }

    /// What follows a parenthesis that stands directly there.
    fn past_parenthesis(&self, at: usize) -> usize {
        let rest = &self.passage.plain[at..self.main.end];
        if !rest.trim_start().starts_with(['(', '（']) {
            return at;
        }
        let close = rest.char_indices().find(|(_, c)| matches!(c, ')' | '）'));
        close.map_or(at, |(close, c)| at + close + c.len_utf8())
    }

    /// The data centre that a place stands before.
    fn centre(&self, place: &Range<usize>) -> Option<Range<usize>> {
        let p = self.passage;
        // In one word: "EU-datacenter".
        let compound = p.marks(Mark::DataCenter, &self.main).find(|centre| {
            centre.start <= place.start && place.start < centre.end && place.end < centre.end
        });
        let after = p.past_of(place.end, self.main.end);
        compound.or_else(|| {
            p.marks(Mark::DataCenter, &(after..self.main.end)).next().filter(|range| {
                p.words(after..range.start) == 0 || self.modifies(place, after..range.start)
            })
        })
    }

    /// Whether only modifiers stand between an adjective of place and its noun.
    fn modifies(&self, place: &Range<usize>, between: Range<usize>) -> bool {
        let p = self.passage;
        let is_adjective =
            p.hits(place).any(|hit| hit.range == *place && matches!(hit.cue, Cue::Adjective(_)));
        let parts = [Mark::People, Mark::Break, Mark::Of, Mark::Join, Mark::Relative, Mark::Not]
            .into_iter()
            .chain(ADPOSITIONS);
        is_adjective
            && p.words(between.clone()) <= MODIFIERS
            && !p.plain[between.clone()].contains(|c| is_comma(c) || matches!(c, ';' | ':' | '('))
            && (p.verbs(&between).is_empty() || p.plain[between.clone()].contains(QUOTES))
            && p.categories(&between).is_empty()
            && !p.has_place(&between)
            && !parts.into_iter().any(|mark| p.has(mark, &between))
    }

    /// Whether a place is the name of the data centre directly before it: "region Norway East".
    fn names_centre(&self, place: &Range<usize>) -> bool {
        let p = self.passage;
        let centre = p.marks(Mark::DataCenter, &(self.main.start..place.start)).last();
        centre.is_some_and(|centre| {
            let between = centre.end..place.start;
            let after = p.begins(Mark::Of, &between).map_or(centre.end, |of| of.end);
            p.plain[after..place.start].trim().is_empty() || self.modifies(place, between)
        })
    }

    /// Whether a place is that of a data centre beside it: "the US region", "region Norway East".
    pub(super) fn is_named_centre(&self, place: &Range<usize>) -> bool {
        self.centre(place).is_some()
            || self.names_centre(place)
            || self.passage.has(Mark::DataCenter, place)
    }

    /// Whether something comes from the data centres of a place: "from German data centers", "from
    /// data centers in Germany".
    pub(super) fn is_from_centre(&self, location: &Found<'a>) -> bool {
        let p = self.passage;
        let between = |centre: &Range<usize>| centre.end..location.range.end;
        let is_beside = |centre: &Range<usize>| {
            let is_attribute = |(_, activity): &(_, Activity)| *activity == Activity::Located;
            p.words(between(centre)) <= CENTRE_REACH + p.words(location.range.clone())
                && p.activities(&between(centre)).iter().all(is_attribute)
        };
        let before = p.marks(Mark::DataCenter, &(self.main.start..location.range.start)).last();
        let described = || before.filter(is_beside).and_then(|centre| self.preposition(&centre));
        let is_described = self.centred(&location.range).is_some();
        (location.relation == Mark::From && is_described)
            || described().is_some_and(|(mark, _)| mark == Mark::From)
    }

    /// Whether a place directly follows another one that something is moved from.
    pub(super) fn is_goal(&self, location: &Found<'a>) -> bool {
        let p = self.passage;
        let is_place = matches!(location.what, What::Places(_));
        let before = p.hits(&(self.main.start..location.range.start));
        let origin = before.filter(|hit| matches!(hit.cue, Cue::Place(_))).last();
        is_place
            && location.relation == Mark::To
            && origin.is_some_and(|origin| {
                let is_from = self.preposition(&origin.range).is_none_or(|(m, _)| m == Mark::From);
                is_from && p.words(origin.range.end..location.range.start) <= 1
            })
    }

    /// The data centre that a place describes, in it or soon after: "a worldwide network of data
    /// centers".
    pub(super) fn centred(&self, place: &Range<usize>) -> Option<Range<usize>> {
        let p = self.passage;
        let before = self.main.start..place.start;
        let after = p.marks(Mark::DataCenter, &(place.start..self.main.end)).next();
        let before = p.marks(Mark::DataCenter, &before).last().filter(|centre| {
            let between = centre.end..place.start;
            p.words(between.clone()) <= CENTRE_REACH && p.activities(&between).is_empty()
        });
        after
            .filter(|range| p.words(place.end..range.start.max(place.end)) <= CENTRE_REACH)
            .or(before)
    }

    /// How a place takes part in the clause, and where its words begin; none if it only describes
    /// something.
    fn locative(&self, place: &Range<usize>, codes: &BTreeSet<&str>) -> Option<(Mark, usize)> {
        let p = self.passage;
        let after = place.end..self.main.end;
        let of_people = |end: usize| {
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
        // Without blanks a word for belonging ties a place to its data: "data of …", not in it.
        let past = p.past_of(place.end, self.main.end);
        let of_data = || {
            p.categories(&(past..self.main.end)).first().is_some_and(|(data, _)| data.start == past)
        };
        if found.is_none() && past > place.end && of_data() {
            return None;
        }
        if let Some((_, range)) = &found {
            let whose = p.marks(Mark::People, &(self.main.start..range.start)).last();
            if whose.is_some_and(|people| p.words(people.end..range.start) == 0) {
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
            None if self.role == Role::Completion && p.words(self.main.start..place.start) <= 2 => {
                Some((Mark::In, place.start))
            }
            None => None,
        }
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

    /// The nearest preposition of place before a location, with no verb between; where the language
    /// has them after it, the postposition or ending.
    pub(super) fn preposition(&self, location: &Range<usize>) -> Option<(Mark, Range<usize>)> {
        let after = || self.postposition(location);
        match self.passage.language.adpositions {
            Adpositions::Before => self.before(location),
            Adpositions::After => self.beyond(location).or_else(after),
            Adpositions::Both => {
                self.beyond(location).or_else(|| self.before(location)).or_else(after)
            }
        }
    }

    /// The word after a location that says "outside": it counts whatever stands before, and whatever
    /// ending the location itself has.
    fn beyond(&self, location: &Range<usize>) -> Option<(Mark, Range<usize>)> {
        let p = self.passage;
        let until = self.main.end;
        let outside = p.begins(Mark::Outside, &(p.past_of(location.end, until)..until))?;
        (p.language.adpositions != Adpositions::Before)
            .then_some((Mark::Outside, location.start..outside.end))
    }

    /// The ending or postposition that a phrase has inside it, before a clause that describes the
    /// place.
    pub(super) fn inner(&self, phrase: &Range<usize>) -> Option<(Mark, Range<usize>)> {
        let p = self.passage;
        let relative = p.marks(Mark::Relative, phrase).find(|at| at.start > phrase.start)?;
        let noun = phrase.start..relative.start;
        let found = ADPOSITIONS
            .into_iter()
            .find_map(|mark| p.marks(mark, &noun).last().map(|range| (mark, range)));
        found.filter(|_| p.language.adpositions != Adpositions::Before)
    }

    pub(super) fn begins_with_adposition(&self, range: &Range<usize>) -> bool {
        ADPOSITIONS.into_iter().any(|mark| self.passage.begins(mark, range).is_some())
    }

    fn before(&self, location: &Range<usize>) -> Option<(Mark, Range<usize>)> {
        let p = self.passage;
        let before = self.main.start..location.start;
        let (mark, range) = ADPOSITIONS
            .into_iter()
            .filter_map(|mark| p.marks(mark, &before).last().map(|range| (mark, range)))
            .max_by_key(|(mark, range)| (range.end, Reverse(range.start), Reverse(*mark)))?;
        // "in one of the German data centers": where, not where from.
        let one_of = |of: &Range<usize>| {
            let last = |mark| p.marks(mark, &(before.start..of.start)).last().map(|at| (mark, at));
            let whole = [Mark::In, Mark::To].into_iter().filter_map(last);
            let nearest = whole.max_by_key(|(_, at)| at.end);
            nearest.filter(|(_, at)| {
                let between = at.end..of.start;
                (1..=ONE_OF).contains(&p.words(between.clone()))
                    && !p.has_place(&between)
                    && p.categories(&between).is_empty()
                    && p.verbs(&between).is_empty()
            })
        };
        let (mark, range) = match mark {
            Mark::From => one_of(&range).unwrap_or((mark, range)),
            _ => (mark, range),
        };
        let between = range.end..location.start;
        let crossed =
            p.activities(&between).iter().any(|(_, activity)| *activity != Activity::Processes);
        // "in documents, but Austria requires …": the place opens another clause.
        let joins: Vec<_> = p.marks(Mark::Join, &between).collect();
        let parts = p.marks(Mark::Break, &between).any(|or| !joins.contains(&or));
        (p.centres(between) <= PREPOSITION_REACH && !crossed && !parts).then_some((mark, range))
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
            .min_by_key(|(mark, range)| (range.start, Reverse(range.end), Reverse(*mark)))
            .filter(|(_, range)| p.words(location.end..range.start) <= POSTPOSITION_REACH)
            // What the location begins with is its own; the ending belongs to its last word.
            .map(|(mark, range)| (mark, location.start..range.end))
    }
}

/// Whether a text leaves a quotation open: what is in it, somebody else says.
fn is_quoted(before: &str) -> bool {
    // „Norden“ closes with what opens “elsewhere”, and stands around names.
    let is_named = before.contains('„');
    before.matches('"').count() % 2 == 1
        || (!is_named && before.matches('“').count() > before.matches('”').count())
}
