//! Reads what decides a place from what stands beside the noun for it: "the region your tenant calls
//! home", "von Ihnen festgelegten Standort".
//!
//! Phrases say a rule in order; this reads it by its parts, where no phrase stands.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ops::Range;

use super::Ruled;
use crate::analyze::claims::clause::is_comma;
use crate::analyze::claims::passage::{Passage, overlap};
use crate::catalog::ProductId;
use crate::catalog::languages::{Beside, Cue, Language, Mark, VerbOrder};

/// How many words of a noun phrase may stand before its noun, and after it.
const BEFORE: usize = 6;
const AFTER: usize = 9;
/// How many words may stand between the noun and what decides it.
const GAP_BEFORE: usize = 3;
const GAP_AFTER: usize = 2;

/// The rules in a stretch that stand beside nouns for places.
pub fn rules<'a>(
    passage: &Passage<'a>,
    within: &Range<usize>,
    product: Option<ProductId>,
) -> Vec<Ruled<'a>> {
    let language: &'a Language = passage.language;
    let mut nouns: Vec<Range<usize>> = passage
        .hits(within)
        .filter(|hit| matches!(hit.cue, Cue::Term(term) if language.nouns.contains(&term)))
        .map(|hit| hit.range.clone())
        // "geo-replicated"
        .filter(|noun| !passage.plain[noun.end..].starts_with('-'))
        .collect();
    // Of two that begin together the longer is the noun.
    nouns.sort_by_key(|noun| (noun.start, Reverse(noun.end)));
    let mut found: Vec<Ruled<'a>> = Vec::new();
    for noun in nouns {
        let before = start(passage, &noun, within)..noun.start;
        let after = noun.end..end(passage, &noun, within);
        // "the region Norway East" is named, and nothing else decides it.
        let is_named = passage.has_place(&(before.start..after.end));
        if is_named || found.iter().any(|other| overlap(&other.range, &noun)) {
            continue;
        }
        let terms = [&before, &after].map(|side| passage.terms(side));
        let terms: BTreeSet<u32> = terms.into_iter().flatten().collect();
        let decided = language.beside.among(&terms).into_iter().find_map(|phrase| {
            let (side, gap) = match phrase.beside? {
                Beside::Before => (&before, GAP_BEFORE),
                Beside::After => (&after, GAP_AFTER),
            };
            let range = passage.phrase(phrase, side, product)?;
            let near = range.end.min(noun.end)..range.start.max(noun.start);
            (passage.named_words(near) <= gap).then_some((phrase, range))
        });
        if let Some((phrase, beside)) = decided {
            let range = noun.start.min(beside.start)..noun.end.max(beside.end);
            found.push(Ruled { range, rule: phrase.means, phrase });
        }
    }
    found
}

/// Where the noun phrase of a noun begins: after its preposition, never before a verb or comma.
fn start(passage: &Passage<'_>, noun: &Range<usize>, within: &Range<usize>) -> usize {
    let before = within.start..noun.start;
    let last = |mark| passage.marks(mark, &before).last().map(|range| range.end);
    let marks = [Mark::In, Mark::To, Mark::Via, Mark::Outside, Mark::Relative, Mark::Given];
    let comma = passage.plain[before.clone()].rfind(|c| is_comma(c) || matches!(c, ';' | ':'));
    let verb = passage.activities(&before).last().map(|(range, _)| range.end);
    let stops = marks.into_iter().filter_map(last).chain(verb);
    let limit = stops.chain(comma.map(|at| before.start + at)).max().unwrap_or(before.start);
    let limit = limit.max(before.start)..noun.start;
    let mut starts =
        passage.plain[limit.clone()].char_indices().rev().map(|(at, _)| limit.start + at);
    let near = |at: &usize| passage.words(*at..noun.start) <= BEFORE;
    starts.by_ref().take_while(near).last().unwrap_or(noun.start)
}

/// Where it ends: before the next comma or condition. Where the verb can come last, a comma opens the
/// clause that describes the noun.
fn end(passage: &Passage<'_>, noun: &Range<usize>, within: &Range<usize>) -> usize {
    let after = noun.end..within.end;
    let stop = |from: usize| {
        let rest = from..after.end;
        let first = |mark| passage.marks(mark, &rest).next().map(|range| range.start);
        let text = &passage.plain[rest.clone()];
        let comma = text.find(|c| is_comma(c) || matches!(c, ';' | ':' | '(' | '（'));
        let marks = [Mark::Break, Mark::Given].into_iter().filter_map(first);
        marks.chain(comma.map(|at| rest.start + at)).min().unwrap_or(after.end)
    };
    let mut end = stop(after.start);
    let joins = passage.language.verb != VerbOrder::First
        && end < after.end
        && passage.plain[end..].starts_with(is_comma)
        && passage.words(after.start..end) <= 1;
    if joins {
        end = stop(end + passage.plain[end..].chars().next().map_or(0, char::len_utf8));
    }
    let text = &passage.plain[after.start..end];
    let ends = text.char_indices().map(|(at, c)| after.start + at + c.len_utf8());
    let near = |at: &usize| passage.words(after.start..*at) <= AFTER;
    ends.take_while(near).last().unwrap_or(after.start)
}
