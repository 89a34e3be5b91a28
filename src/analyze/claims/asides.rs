//! What states nothing of data in a paragraph, however it is worded: openings, examples, steps,
//! conditions without a main clause, entries of lists of symptoms.
//!
//! Clauses that state nothing (instructions, laws) are told in `clause`.

use std::ops::Range;

use super::clause::is_comma;
use super::leads::LABEL;
use super::passage::{COLONS, Passage, contains};
use super::sentences::{self, clauses::states};
use crate::catalog::languages::{Activity, Cue, Mark, VerbOrder};

/// A sentence without the words that only open it: "In addition, …", "A. When …".
pub(super) fn without_opener(passage: &Passage<'_>, sentence: Range<usize>) -> Range<usize> {
    let mut body = sentence;
    let text = &passage.plain[body.clone()];
    let mut label = text.chars();
    let is_label = label.next().is_some_and(char::is_uppercase)
        && label.next().is_some_and(|c| matches!(c, '.' | ':'))
        && label.next().is_some_and(char::is_whitespace);
    if is_label {
        body.start = body.end - label.as_str().len();
    }
    while let Some(opener) =
        passage.begins(Mark::Opener, &body).or_else(|| answer_word(passage, &body))
    {
        body = opener.end..body.end;
        body = sentences::trim(passage.plain, body, |c| {
            c.is_whitespace() || matches!(c, ',' | '、' | '，' | '–' | '—')
        });
    }
    body
}

/// The "yes" or "no" that answers a question before the sentence says more.
fn answer_word(passage: &Passage<'_>, sentence: &Range<usize>) -> Option<Range<usize>> {
    let rest = |word: &Range<usize>| passage.plain[word.end..sentence.end].trim_start();
    passage.begins(Mark::Answer, sentence).filter(|word| {
        rest(word).starts_with(|c| is_comma(c) || matches!(c, '.' | '。' | '!' | '–' | '—'))
    })
}

/// Whether a sentence is no more than such a word.
pub(super) fn is_answer_word(passage: &Passage<'_>, sentence: &Range<usize>) -> bool {
    let word = passage.begins(Mark::Answer, sentence);
    word.is_some_and(|word| passage.words(word.end..sentence.end) == 0)
}

/// Whether what is to be had in places is no data, but a feature that has it in its name: "Exact data
/// match is available in these regions:".
pub(super) fn is_of_feature(passage: &Passage<'_>, lead: &Range<usize>) -> bool {
    let Some(available) = passage.marks(Mark::Available, lead).next() else { return false };
    let Some((data, _)) = passage.categories(lead).into_iter().next() else { return true };
    let last = |within: Range<usize>| {
        let named = passage.products_in(&within).last().map(|named| named.range.end);
        passage.words(named.unwrap_or(within.start)..within.end)
    };
    let follows = data.end..available.start.max(data.end);
    let is_predicate = passage.language.verb == VerbOrder::Last || last(follows) <= 1;
    !is_predicate || last(lead.start..data.start) > 1
}

/// Whether a sentence begins an example that the rest of its paragraph tells: "Example: …".
pub(super) fn opens_example(passage: &Passage<'_>, sentence: &Range<usize>) -> bool {
    passage.begins(Mark::Example, sentence).is_some_and(|mark| {
        let after = passage.plain[mark.end..sentence.end].trim_start();
        passage.plain[mark].ends_with(COLONS) || after.starts_with(COLONS)
    })
}

/// Whether a sentence opens with a condition that no comma ends, and says no more than that something
/// is somewhere: "If your tenant is in the region of the gateway you pay less".
pub(super) fn is_only_condition(passage: &Passage<'_>, sentence: &Range<usize>) -> bool {
    let is_place = |(_, does): &(_, Activity)| *does == Activity::Located;
    let ends = |opening: Range<usize>| passage.plain[opening.end..sentence.end].contains(is_comma);
    let only_places = || {
        passage.activities(sentence).iter().all(is_place) && passage.categories(sentence).is_empty()
    };
    // "When data is sent to the region by:" leaves it to its list to go on.
    let opens_list = || {
        let is_given = passage.begins(Mark::Given, sentence).is_some();
        is_given && passage.plain[sentence.clone()].trim_end().ends_with(COLONS)
    };
    // "If a site is moved to another region its address stays": what is said comes after the place.
    let goes_on = || {
        let is_given = passage.begins(Mark::Given, sentence).is_some();
        let places = passage.hits(sentence).filter(|hit| matches!(hit.cue, Cue::Place(_)));
        let rules = passage.rules(sentence, None);
        let rules = rules.iter().map(|ruled| ruled.range.end);
        let last = places.map(|hit| hit.range.end).chain(rules).max();
        let says = |from: usize| passage.has(Mark::Predicate, &(from..sentence.end));
        is_given && last.is_some_and(says)
    };
    passage.language.verb != VerbOrder::Last
        && passage.begins(Mark::Condition, sentence).is_some_and(|opening| !ends(opening))
        && (only_places() || opens_list() || goes_on())
}

/// Whether a sentence tells the reader to do something after it said where: "Location: select the
/// region …", "In the pane, in the field, select …".
pub(super) fn is_step(passage: &Passage<'_>, sentence: &Range<usize>) -> bool {
    let text = &passage.plain[sentence.clone()];
    let is_cut = |c: char| COLONS.contains(&c) || is_comma(c) || c == '–';
    let is_front =
        [Mark::In, Mark::Of].into_iter().any(|mark| passage.begins(mark, sentence).is_some());
    text.match_indices(is_cut).any(|(at, cut)| {
        let before = sentence.start..sentence.start + at;
        let rest = before.end + cut.len()..sentence.end;
        let is_label = !cut.contains(is_comma) && passage.words(before.clone()) <= LABEL;
        (is_label || is_front)
            && passage.activities(&before).is_empty()
            && passage.begins(Mark::Step, &rest).is_some()
    })
}

/// Whether a sentence is an entry of a list of symptoms, which ends with where to read on: "Replicas
/// are in nearby regions – [solution]".
pub(super) fn is_entry(passage: &Passage<'_>, sentence: &Range<usize>) -> bool {
    let last = passage
        .text
        .links
        .iter()
        .map(|link| link.range())
        .rfind(|link| contains(sentence, link) && passage.words(link.end..sentence.end) == 0);
    last.is_some_and(|link| {
        let before = passage.plain[sentence.start..link.start].trim_end();
        [" -", " –", " —"].into_iter().any(|dash| before.ends_with(dash))
            && passage.words(link.clone()) <= 2
            && !passage.has_place(&link)
    })
}

/// A sentence without the examples at its end; none if it is an invented case. An example in
/// parentheses or between commas is only a part of what it explains.
pub(super) fn without_example(
    passage: &Passage<'_>,
    sentence: Range<usize>,
) -> Option<Range<usize>> {
    let mut body = sentence.clone();
    for mark in passage.marks(Mark::Example, &sentence) {
        let before = sentence.start..mark.start;
        let text = passage.plain[before.clone()].trim_end();
        let is_name = passage.plain[mark.clone()].starts_with(char::is_uppercase);
        if text.ends_with(['(', '（']) {
            continue;
        }
        let rest = mark.end..sentence.end;
        let closed = passage.plain[rest.clone()].find(is_comma).is_some_and(|comma| {
            let inserted = mark.end..mark.end + comma;
            passage.activities(&inserted).is_empty() && !passage.has_place(&inserted)
        });
        if is_name || !text.ends_with(is_comma) {
            return None;
        } else if states(passage, &before) {
            body.end = body.end.min(sentence.start + text.trim_end_matches(is_comma).len());
        } else if !closed {
            return None;
        }
    }
    Some(body)
}
