//! Where a quotation begins and ends, and the condition at the start of a clause.

use std::ops::Range;

use crate::analyze::claims::passage::Passage;
use crate::analyze::claims::sentences::{marker, trim};
use crate::catalog::languages::{ADPOSITIONS, Cue, Mark, VerbOrder};

/// How many words may stand between a modal and its verb: "kan de överföra".
const AUXILIARIES: usize = 2;
/// How many words the last two of several things may have.
const LIST_ITEM: usize = 6;

pub fn is_blank(c: char) -> bool {
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

/// Whether a stretch states something before its last comma: then what follows is no condition of
/// the whole.
fn states_before(passage: &Passage<'_>, range: &Range<usize>) -> bool {
    let comma = passage.plain[range.clone()].rfind(is_comma);
    comma.is_some_and(|comma| {
        let before = range.start..range.start + comma;
        let names = passage.hits(&before).any(|hit| matches!(hit.cue, Cue::Place(_)));
        names && !passage.activities(&before).is_empty()
    })
}

/// Whether what a sentence is about stands before a condition in its middle.
fn names_before(passage: &Passage<'_>, range: &Range<usize>) -> bool {
    let comma = passage.plain[range.clone()].rfind(is_comma);
    comma.is_some_and(|comma| {
        let before = range.start..range.start + comma;
        let named = passage.products_in(&before).next().is_some();
        (named || !passage.categories(&before).is_empty()) && passage.activities(&before).is_empty()
    })
}

pub fn is_comma(c: char) -> bool {
    matches!(c, ',' | '，' | '、')
}

/// Whether a text has the name of a host: `eu.api.contoso.com`.
pub fn has_host(text: &str) -> bool {
    let is_host = |word: &str| {
        let labels = word.trim_end_matches('.').split('.');
        let is_label = |label: &str| {
            !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        labels.clone().count() > 2 && labels.clone().all(is_label)
    };
    text.split([' ', '/', ',', '(', ')']).any(is_host)
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
    let marked = marker(text) > 0;
    let open = text.matches('(').count();
    let close = text.matches(')').count();
    if open > close && text.starts_with('(') && !marked {
        quote.start += 1;
    } else if close > open && text.ends_with(')') {
        quote = trim(passage.plain, quote.start..quote.end - 1, is_blank);
    }
    quote
}

/// Whether what a comma opens is the last of several things in a condition, and the statement only
/// follows: "if you share tickets, chats or calls, the data is …".
fn is_in_list(passage: &Passage<'_>, rest: Range<usize>) -> bool {
    let part = |from: usize| {
        let comma = passage.plain[from..rest.end].find(is_comma);
        comma.map(|comma| from..from + comma)
    };
    let Some(item) = part(rest.start) else { return false };
    let after = item.end + passage.plain[item.end..].chars().next().map_or(0, char::len_utf8);
    let next = part(after).unwrap_or(after..rest.end);
    let says = |range: &Range<usize>| !passage.activities(range).is_empty();
    let names = passage.has_place(&item) || !passage.rules(&item, None).is_empty();
    passage.has(Mark::Break, &item)
        && passage.words(item.clone()) <= LIST_ITEM
        && !names
        && !says(&item)
        && says(&next)
}

/// Where the statement begins with its verb, after a condition that no comma ends: "om din adress
/// finns i Norge lagras dina data i Norge". The subject follows the verb, and what the condition is
/// about stands before it.
fn inverted(passage: &Passage<'_>, rest: &Range<usize>) -> Option<usize> {
    let is_subject = |verb: &Range<usize>| {
        let after = verb.end..rest.end;
        let data = passage.categories(&after).into_iter().next().map(|(data, _)| data.start);
        let named = passage.products_in(&after).next().map(|named| named.range.start);
        let pronoun = passage.marks(Mark::Pronoun, &after).next().map(|pronoun| pronoun.start);
        let nearest = [data, named, pronoun].into_iter().flatten().min();
        nearest.is_some_and(|subject| {
            let between = verb.end..subject;
            passage.words(between.clone()) <= 1
                && !ADPOSITIONS.into_iter().any(|mark| passage.has(mark, &between))
        })
    };
    let verbs = passage.activities(rest);
    let last = verbs.iter().rposition(|(verb, _)| is_subject(verb))?;
    // "replikeras och lagras dina data"
    let is_joined = |&at: &usize| passage.is_join(verbs[at].0.end..verbs[at + 1].0.start);
    let first = (0..last).rev().take_while(is_joined).last().unwrap_or(last);
    let verb = verbs[first].0.start;
    // "kan de överföra data"
    let modal = passage.marks(Mark::May, &(rest.start..verb)).last();
    let modal = modal.filter(|may| passage.words(may.end..verb) <= AUXILIARIES);
    let start = modal.map_or(verb, |may| may.start);
    (passage.language.verb == VerbOrder::Free
        && passage.language.spaced
        && passage.words(rest.start..start) > 1)
        .then_some(start)
}

/// A condition at the start of a clause, up to its comma, and what is left. Where the verb comes
/// last the condition ends with its mark.
pub fn condition(
    passage: &Passage<'_>,
    range: &Range<usize>,
) -> (Option<Range<usize>>, Range<usize>) {
    let body = range.start + marker(&passage.plain[range.clone()])..range.end;
    if let Some(opening) = passage.begins(Mark::Condition, &body) {
        let text = &passage.plain[opening.end..body.end];
        let mut depth = 0;
        for (at, c) in text.char_indices() {
            match c {
                '(' | '（' => depth += 1,
                ')' | '）' => depth -= 1,
                _ if is_comma(c)
                    && depth == 0
                    && !passage.parts_places(opening.end + at)
                    && !is_in_list(passage, opening.end + at + c.len_utf8()..body.end) =>
                {
                    let comma = opening.end + at;
                    return (Some(opening.start..comma), comma + c.len_utf8()..body.end);
                }
                _ => {}
            }
        }
    }
    if let Some(opening) = passage.begins(Mark::Condition, &body)
        && let Some(verb) = inverted(passage, &(opening.end..body.end))
    {
        return (Some(opening.start..verb), verb..body.end);
    }
    if passage.language.verb == VerbOrder::Last
        && let Some(end) = passage.marks(Mark::Condition, &body).next()
        && passage.words(end.end..body.end) > 0
        && !states_before(passage, &(body.start..end.start))
        && !names_before(passage, &(body.start..end.start))
    {
        let rest = trim(passage.plain, end.end..body.end, is_blank);
        return (Some(body.start..end.end), rest);
    }
    (None, body)
}
