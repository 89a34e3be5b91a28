//! Cuts plain text into sentences and finds the alternatives inside one.

use std::ops::Range;

use crate::catalog::languages::{Language, fold};
use crate::model::Text;

pub mod clauses;

const CLOSERS: &[char] = &['"', '”', '’', '\'', ')', '»', ']', '*', '）', '」', '』', '】', '》'];

/// The sentences of a stretch of text, blanks at either end left out.
pub fn sentences(text: &Text, within: Range<usize>, language: &Language) -> Vec<Range<usize>> {
    let pieces = &text.pieces;
    // Two units of a bilingual page may follow each other without a blank.
    let is_seam = |at: usize| {
        pieces.binary_search_by_key(&at, |piece| piece.plain as usize).is_ok_and(|i| {
            let before = i.checked_sub(1).map(|i| pieces[i].file.end);
            before.is_some_and(|end| end < pieces[i].file.start)
        })
    };
    let text = &text.plain[within.clone()];
    let mut found = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        let after = at + c.len_utf8();
        let ends = match c {
            '。' | '！' | '？' => true,
            '!' | '?' => text[after..]
                .trim_start_matches(CLOSERS)
                .chars()
                .next()
                .is_none_or(char::is_whitespace),
            '.' => {
                let seam =
                    is_seam(within.start + after) && text[after..].starts_with(char::is_uppercase);
                seam || full_stop(text, start, at, language)
            }
            _ => false,
        };
        if ends {
            let closers = text[after..].len() - text[after..].trim_start_matches(CLOSERS).len();
            push(&mut found, text, start..after + closers, within.start);
            start = after + closers;
        }
    }
    push(&mut found, text, start..text.len(), within.start);
    found
}

fn push(found: &mut Vec<Range<usize>>, text: &str, range: Range<usize>, offset: usize) {
    let trimmed = trim(text, range, char::is_whitespace);
    if !trimmed.is_empty() {
        found.push(offset + trimmed.start..offset + trimmed.end);
    }
}

fn full_stop(text: &str, start: usize, at: usize, language: &Language) -> bool {
    let rest = text[at + 1..].trim_start_matches(CLOSERS);
    let Some(next) = rest.chars().next() else { return true };
    if !next.is_whitespace() {
        return false;
    }
    if rest.trim_start().chars().next().is_some_and(char::is_lowercase) {
        return false;
    }
    let word = text[start..at].rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or("");
    // "J. Doe", "i.e."; but "i" ends a Swedish sentence, and "a." opens a step.
    let last = word.chars().next_back();
    let initials = match word.chars().rev().nth(1) {
        Some(before) => before == '.' && last.is_some_and(char::is_alphabetic),
        None => last.is_some_and(char::is_uppercase),
    };
    !initials && !language.abbreviations.contains(&fold(word))
}

/// A range without what does not matter at its ends.
pub fn trim(text: &str, range: Range<usize>, blank: impl Fn(char) -> bool + Copy) -> Range<usize> {
    let slice = &text[range.clone()];
    let end = range.start + slice.trim_end_matches(blank).len();
    let start = end - text[range.start..end].trim_start_matches(blank).len();
    start..end
}

/// How alternatives are numbered.
const NUMBERINGS: [[&str; 6]; 3] = [
    ["a", "b", "c", "d", "e", "f"],
    ["i", "ii", "iii", "iv", "v", "vi"],
    ["1", "2", "3", "4", "5", "6"],
];

/// Where `(a)`, `(b)`, … stand, or `(i)`, `(ii)`, …, or `(1)`, `(2)`, …, if they do: in order, from
/// the first; from `(b)` where a translation lost `(a)`.
pub fn markers(text: &str, within: Range<usize>) -> Vec<usize> {
    let labels: Vec<(usize, &str)> = text[within.clone()]
        .match_indices(['(', '（'])
        .filter_map(|(at, _)| {
            let at = within.start + at;
            Some((at, label(&text[at..within.end])?))
        })
        .collect();
    let numbered = |numbering: &[&str]| {
        let mut found = Vec::new();
        let mut expected = 0;
        for &(at, label) in &labels {
            let is_second = found.is_empty() && label == "b" && numbering.contains(&label);
            if numbering.get(expected) == Some(&label) || is_second {
                found.push(at);
                expected = if is_second { 2 } else { expected + 1 };
            }
        }
        found
    };
    let [letters, others @ ..] = &NUMBERINGS;
    let found = numbered(letters);
    if !found.is_empty() {
        return found;
    }
    // A single "(i)" or "(1)" counts nothing.
    let all = others.iter().map(|numbering| numbered(numbering));
    all.into_iter().find(|found| found.len() > 1).unwrap_or_default()
}

/// What a text is marked with: `(a) …`.
fn label(text: &str) -> Option<&str> {
    let inside = text.strip_prefix(['(', '（'])?;
    let label = &inside[..inside.find([')', '）'])?];
    NUMBERINGS.as_flattened().contains(&label).then_some(label)
}

/// How long the marker is that a text begins with, in bytes: 0 if it has none.
pub fn marker(text: &str) -> usize {
    let Some(label) = label(text) else { return 0 };
    let end = label.as_ptr() as usize - text.as_ptr() as usize + label.len();
    end + text[end..].chars().next().map_or(0, char::len_utf8)
}

/// How many words stand in a stretch. Without blanks between words, two letters count as one, and a
/// run of Latin letters as what it is.
pub fn words(text: &str, spaced: bool) -> usize {
    if spaced {
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).count()
    } else {
        let latin = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|run| !run.is_empty());
        let letters = text.chars().filter(|c| c.is_alphanumeric() && !c.is_ascii());
        latin.count() + letters.count().div_ceil(2)
    }
}
