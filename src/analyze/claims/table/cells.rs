//! Tells what a cell holds: places and little else, a word that is none, lines.
//!
//! What that says of the row is decided in `row`.

use std::ops::Range;

use crate::analyze::claims::Reader;
use crate::analyze::claims::passage::{Passage, contains};
use crate::analyze::claims::sentences::{trim, words as count_words};
use crate::catalog::languages::{Cue, Mark};
use crate::catalog::places::WORLD;
use crate::model::Text;

/// So many words beside a place can be a part of its name.
const OF_NAME: usize = 3;

impl Reader<'_> {
    /// The places of a cell that holds little else: those in parentheses are the narrower ones.
    pub(in super::super) fn only_places(
        &self,
        passage: &Passage<'_>,
        cell: &Range<usize>,
    ) -> Option<Vec<String>> {
        self.cell_places(passage, cell, 0)
    }

    /// The places of a cell in a column of places, where a few other words are a part of the name:
    /// "US Gov Iowa".
    pub(super) fn mostly_places(
        &self,
        passage: &Passage<'_>,
        cell: &Range<usize>,
    ) -> Option<Vec<String>> {
        let found = self.cell_places(passage, cell, OF_NAME);
        // "North America (the data centers are in …)": what stands in parentheses is where in it.
        let is_aside = |verb: &Range<usize>| {
            let before = &passage.plain[cell.start..verb.start];
            before.contains(['(', '（']) && !before.contains([')', '）'])
        };
        found.filter(|_| passage.activities(cell).iter().all(|(verb, _)| is_aside(verb)))
    }

    /// The places of a cell that holds at most so many other words for each of them and beyond.
    fn cell_places(
        &self,
        passage: &Passage<'_>,
        cell: &Range<usize>,
        beyond: usize,
    ) -> Option<Vec<String>> {
        let cell = trim(passage.plain, cell.clone(), char::is_whitespace);
        let mut codes: Vec<(usize, &str)> = Vec::new();
        let mut at = cell.start;
        let mut others = 0;
        for hit in passage.hits(&cell) {
            let Cue::Place(code) = hit.cue else { continue };
            // The text of a link is the title of another page.
            let is_titled = passage.text.links.iter().map(|link| link.range()).any(|link| {
                contains(&link, &hit.range)
                    && passage.words(link) > passage.words(hit.range.clone()) + 1
            });
            if is_titled || is_of_name(passage, &hit.range) {
                continue;
            }
            others += unjoined(passage, &cell, at..hit.range.start);
            codes.push((hit.range.start, &passage.language.codes[code as usize]));
            at = hit.range.end;
        }
        if codes.is_empty() {
            let is_global = passage.marks(Mark::Global, &cell).any(|mark| {
                let rest = [cell.start..mark.start, mark.end..cell.end];
                rest.into_iter().all(|rest| !passage.plain[rest].contains(char::is_alphabetic))
            });
            if is_global {
                return Some(vec![WORLD.to_owned()]);
            }
            let code = geo_code(&passage.plain[cell])?;
            let place = self.catalog.places.of_geo_code(code)?;
            return Some(vec![self.catalog.places.get(place).code.clone()]);
        }
        others += unjoined(passage, &cell, at..cell.end);
        if (others > 0 && is_measure(&passage.plain[cell.clone()]))
            || others > codes.len() + beyond
            || passage.has(Mark::Not, &cell)
        {
            return None;
        }
        // "Europe (Dublin, Ireland)": what stands in parentheses is where in it.
        let wider = |i: usize| {
            let rest = codes[i + 1..].iter().take_while(|(start, _)| {
                let between = &passage.plain[codes[i].0..*start];
                between.contains(['(', '（']) && !between.contains([')', '）'])
            });
            rest.into_iter().any(|(_, code)| self.is_within(code, codes[i].1))
        };
        // "Dublin, Ireland" is one place.
        let of_city = |i: usize| {
            let beside = [i.checked_sub(1), Some(i + 1)].into_iter().flatten();
            let mut beside = beside.filter_map(|other| Some((other, codes.get(other)?.1)));
            beside.any(|(other, code)| {
                let between = &passage.plain[codes[i.min(other)].0..codes[i.max(other)].0];
                code.contains(':') && between.contains(',') && self.is_within(code, codes[i].1)
            })
        };
        let mut taken: Vec<String> = (0..codes.len())
            .filter(|&i| !wider(i) && !of_city(i))
            .map(|i| codes[i].1.to_owned())
            .collect();
        taken.sort();
        taken.dedup();
        // A country with one of its cities is that country.
        let whole: Vec<String> = taken.iter().filter(|code| !code.contains(':')).cloned().collect();
        taken.retain(|code| {
            let country = code.split_once(':').map(|(country, _)| country);
            country.is_none_or(|country| !whole.iter().any(|other| other == country))
        });
        Some(taken)
    }

    fn is_within(&self, inner: &str, outer: &str) -> bool {
        let places = &self.catalog.places;
        let (inner, outer) = (places.by_code(inner), places.by_code(outer));
        inner
            .zip(outer)
            .is_some_and(|(inner, outer)| inner != outer && places.within(inner).contains(&outer))
    }
}

/// Whether a hyphen makes a place a part of a name: "US-Sales", but not "US-East".
fn is_of_name(passage: &Passage<'_>, place: &Range<usize>) -> bool {
    let Some(rest) = passage.plain[place.end..].strip_prefix('-') else { return false };
    let word = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
    let word = place.end + 1..place.end + 1 + word;
    let goes_on = [Mark::Join, Mark::Places, Mark::DataCenter, Mark::In, Mark::To]
        .into_iter()
        .any(|mark| passage.begins(mark, &word).is_some());
    let is_name = passage.plain[word.clone()].starts_with(char::is_uppercase);
    is_name && !goes_on && !passage.has_place(&word)
}

/// Whether a cell holds one word, which says nothing that a cell beside places could say: where a
/// country stood before it was translated.
pub(super) fn is_unknown_word(passage: &Passage<'_>, cell: &Range<usize>) -> bool {
    let cell = trim(passage.plain, cell.clone(), char::is_whitespace);
    let is_said = |cue: Cue| match cue {
        Cue::Activity(_) | Cue::Category(_) | Cue::Form(_) | Cue::Adjective(_) => true,
        Cue::Mark(mark) => [
            Mark::Not,
            Mark::Answer,
            Mark::Available,
            Mark::Tick,
            Mark::Planned,
            Mark::Places,
            Mark::DataCenter,
            Mark::People,
        ]
        .contains(&mark),
        _ => false,
    };
    let text = &passage.plain[cell.clone()];
    !text.is_empty()
        && text.chars().all(char::is_alphabetic)
        && !passage.hits(&cell).any(|hit| is_said(hit.cue))
        && passage.products_in(&cell).next().is_none()
}

/// Whether a cell begins with a number: "~40 ms (via Norway)" is no place.
pub(super) fn is_measure(cell: &str) -> bool {
    cell.chars().find(|c| c.is_alphanumeric()).is_some_and(char::is_numeric)
}

/// The code that a cell holds, which a note's number may follow: "EUR1".
fn geo_code(cell: &str) -> Option<&str> {
    let end = cell.find(|c: char| !c.is_ascii_uppercase()).unwrap_or(cell.len());
    (end > 2 && !cell[end..].contains(char::is_alphabetic)).then_some(&cell[..end])
}

/// The lines of a cell, which HTML sets apart.
pub(super) fn lines(text: &Text, cell: Range<usize>) -> Vec<Range<usize>> {
    let breaks = text.breaks.iter().map(|&at| at as usize);
    let inside = breaks.filter(|&at| cell.start < at && at < cell.end);
    let starts: Vec<usize> = std::iter::once(cell.start).chain(inside).collect();
    let ends = starts[1..].iter().copied().chain([cell.end]);
    starts.iter().zip(ends).map(|(&start, end)| start..end).collect()
}

/// Words between places that are neither places nor joins: "East US 2" has none. What stands in
/// parentheses says more of the place before it.
fn unjoined(passage: &Passage<'_>, cell: &Range<usize>, between: Range<usize>) -> usize {
    if between.is_empty() || passage.is_join(between.clone()) {
        return 0;
    }
    // "data centers in Norway": what they are is not beside the point.
    let centres: Vec<Range<usize>> = [Mark::DataCenter, Mark::Places, Mark::Join, Mark::In]
        .into_iter()
        .flat_map(|mark| passage.marks(mark, &between).collect::<Vec<_>>())
        .collect();
    let is_centre = |at: usize| centres.iter().any(|centre| centre.contains(&at));
    let mut depth = 0_i32;
    let mut outside = String::new();
    for (at, c) in passage.plain[cell.start..between.end].char_indices() {
        match c {
            '(' | '（' => depth += 1,
            ')' | '）' => depth -= 1,
            _ if depth <= 0 && cell.start + at >= between.start => {
                outside.push(if is_centre(cell.start + at) { ' ' } else { c });
            }
            _ => {}
        }
    }
    let words = outside.split(|c: char| !c.is_alphanumeric());
    let is_number = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit());
    count_words(&outside, passage.language.spaced).saturating_sub(words.filter(is_number).count())
}
