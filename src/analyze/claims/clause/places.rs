//! Finds where a clause says that something happens: its places and rules, with their prepositions.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ops::Range;

use super::{Clause, FRONT, Role};
use crate::analyze::claims::passage::{Ruled, contains, overlap};
use crate::catalog::languages::{Activity, Adpositions, Cue, Mark, Rule, VerbOrder};

/// How far a preposition may stand before its place: "in Contoso cloud data centers in …".
const PREPOSITION_REACH: usize = 5;
/// How far after its place a postposition or the word with the ending may stand.
const POSTPOSITION_REACH: usize = 3;
/// The first that fits at one place counts.
const ADPOSITIONS: [Mark; 5] = [Mark::Outside, Mark::Via, Mark::From, Mark::To, Mark::In];
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
    pub(super) fn said(&self) -> Range<usize> {
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
    pub(super) fn centred(&self, place: &Range<usize>) -> Option<Range<usize>> {
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
    pub(super) fn preposition(&self, location: &Range<usize>) -> Option<(Mark, Range<usize>)> {
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
}

/// Whether a text leaves a quotation open: what is in it, somebody else says.
fn is_quoted(before: &str) -> bool {
    before.matches('"').count() % 2 == 1
        || before.matches('“').count() > before.matches('”').count()
}
