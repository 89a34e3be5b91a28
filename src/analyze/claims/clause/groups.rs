//! Finds which places of a clause are named together: coordinated ones are one set.
//!
//! How a set takes part in what the clause says is found in `places`.

use std::collections::BTreeSet;
use std::ops::Range;

use super::extent::is_comma;
use super::{Clause, Role};
use crate::analyze::claims::passage::{COLONS, overlap};
use crate::catalog::languages::{ADPOSITIONS, Adpositions, Cue, Mark, VerbOrder};

/// How many words a parenthesis in a list of places may have.
const PARENTHESIS: usize = 4;
/// How many words say how many data centers there are: "three", "three more".
const COUNTED: usize = 2;

impl<'a> Clause<'_, 'a> {
    /// Places, coordinated ones together. An acronym in parentheses stands for what is before it.
    pub(super) fn place_groups(&self) -> Vec<(Range<usize>, BTreeSet<&'a str>)> {
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
    pub(super) fn joins(&self, first: &Range<usize>, second: &Range<usize>) -> bool {
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
        if turns || of_people || self.is_of_containers(first, second) {
            return false;
        }
        let after = self.past_parenthesis(between.start).min(between.end);
        p.is_join(between.clone())
            || self.skips_unknown(first, &between)
            || self.repeats_centre(first, second)
            || (after > between.start
                && p.words(between.start..after) <= PARENTHESIS
                && p.is_join(after..between.end))
    }

    /// Whether a place only tells whose data another one holds, where the verb can come last: "Daten von
    /// Mandanten in … werden in … gespeichert".
    pub(super) fn is_of_containers(&self, place: &Range<usize>, next: &Range<usize>) -> bool {
        let p = self.passage;
        let Some((Mark::In, preposition)) = self.preposition(place) else { return false };
        let before = self.main.start..preposition.start.max(self.main.start);
        let holder = p.marks(Mark::Container, &before).last();
        let between = place.end.min(next.start)..next.start;
        let turn = p.marks(Mark::In, &between).next();
        p.language.verb != VerbOrder::First
            && holder.is_some_and(|holder| p.words(holder.end..before.end) == 0)
            && turn.is_some_and(|turn| p.words(between.start..turn.start) > 0)
            && !p.has(Mark::Break, &between)
            && !p.plain[between].contains(is_comma)
    }

    /// Whether only one item stands between a list of places and another one, as one may be unknown or
    /// misspelt: "Norway, Sweden, the Unted Kingdom and Finland".
    fn skips_unknown(&self, list: &Range<usize>, between: &Range<usize>) -> bool {
        let p = self.passage;
        if !p.plain[list.clone()].contains(is_comma) {
            return false;
        }
        let cut: Vec<usize> = p.plain[between.clone()]
            .match_indices(is_comma)
            .map(|(at, comma)| between.start + at + comma.len())
            .collect();
        let (Some(&from), last) = (cut.first(), cut.get(1)) else { return false };
        let join = || p.marks(Mark::Break, &(from..between.end)).last().map(|join| join.start);
        let Some(until) = last.copied().or_else(join) else { return false };
        let item = from..until;
        let is_name =
            p.plain[item.clone()].split_whitespace().any(|w| w.starts_with(char::is_uppercase));
        p.words(between.start..from) == 0
            && p.is_join(until..between.end)
            && is_name
            && p.words(item.clone()) <= PARENTHESIS
            && p.activities(&item).is_empty()
            && p.categories(&item).is_empty()
            && p.products_in(&item).next().is_none()
            && ![Mark::In, Mark::To, Mark::From, Mark::People, Mark::Not, Mark::Relative]
                .into_iter()
                .any(|mark| p.has(mark, &item))
    }

    /// Whether two places are coordinated with the data centers in them: "three data centers in … and
    /// two data centers in …".
    pub(super) fn repeats_centre(&self, first: &Range<usize>, second: &Range<usize>) -> bool {
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
    pub(super) fn details(&self, area: &Range<usize>, place: &Range<usize>) -> bool {
        let p = self.passage;
        let between = p.plain[area.end..place.start].trim();
        self.role == Role::Completion
            && area.start == self.main.start
            && COLONS.into_iter().any(|colon| between.strip_prefix(colon) == Some(""))
    }

    /// Whether a place stands in a parenthesis that gives an example.
    pub(super) fn is_example(&self, place: &Range<usize>) -> bool {
        let p = self.passage;
        let open = p.plain[self.main.start..place.start].rfind(['(', '（']);
        open.is_some_and(|open| {
            let inside = self.main.start + open..place.start;
            let is_open = !p.plain[inside.clone()].contains([')', '）']);
            is_open && p.begins(Mark::Example, &inside).is_some()
        })
    }

    /// Whether the hyphen after a place sets off its ending: "EU-ban".
    pub(super) fn has_ending(&self, place: &Range<usize>) -> bool {
        let p = self.passage;
        let after = place.end + 1..self.main.end;
        p.language.adpositions != Adpositions::Before
            && ADPOSITIONS.into_iter().any(|mark| {
                p.begins(mark, &after).is_some_and(|ending| ending.start == after.start)
            })
    }

    /// What follows a parenthesis that stands directly there.
    pub(super) fn past_parenthesis(&self, at: usize) -> usize {
        let rest = &self.passage.plain[at..self.main.end];
        if !rest.trim_start().starts_with(['(', '（']) {
            return at;
        }
        let close = rest.char_indices().find(|(_, c)| matches!(c, ')' | '）'));
        close.map_or(at, |(close, c)| at + close + c.len_utf8())
    }
}

/// Whether a text leaves a quotation open: what is in it, somebody else says.
fn is_quoted(before: &str) -> bool {
    // „Norden“ closes with what opens “elsewhere”, and stands around names.
    let is_named = before.contains('„');
    before.matches('"').count() % 2 == 1
        || (!is_named && before.matches('“').count() > before.matches('”').count())
}
