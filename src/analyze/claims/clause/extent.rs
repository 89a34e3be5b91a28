//! Where a quotation begins and ends, and the condition at the start of a clause.

use std::ops::Range;

use crate::analyze::claims::passage::Passage;
use crate::analyze::claims::sentences::trim;
use crate::catalog::languages::Mark;

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

/// A stretch without what does not belong to a quotation: stops, and conjunctions at its end.
pub fn quoted(passage: &Passage<'_>, range: Range<usize>) -> Range<usize> {
    let mut quote = trim(passage.plain, range, is_blank);
    while let Some(join) =
        passage.marks(Mark::Break, &quote).last().filter(|join| join.end == quote.end)
    {
        quote = trim(passage.plain, quote.start..join.start, is_blank);
    }
    let text = &passage.plain[quote.clone()];
    let marker = text.as_bytes().get(2) == Some(&b')');
    let open = text.matches('(').count();
    let close = text.matches(')').count();
    if open > close && text.starts_with('(') && !marker {
        quote.start += 1;
    } else if close > open && text.ends_with(')') {
        quote = trim(passage.plain, quote.start..quote.end - 1, is_blank);
    }
    quote
}

/// A condition at the start of a clause, up to its comma, and what is left.
pub fn condition(
    passage: &Passage<'_>,
    range: &Range<usize>,
) -> (Option<Range<usize>>, Range<usize>) {
    let marker = passage.plain[range.clone()].as_bytes();
    let body = match marker {
        [b'(', _, b')', ..] => range.start + 3..range.end,
        _ => range.clone(),
    };
    if let Some(opening) = passage.begins(Mark::Condition, &body) {
        let text = &passage.plain[opening.end..body.end];
        let mut depth = 0;
        for (at, c) in text.char_indices() {
            match c {
                '(' | '（' => depth += 1,
                ')' | '）' => depth -= 1,
                ',' | '，' | '、' if depth == 0 => {
                    let comma = opening.end + at;
                    return (Some(opening.start..comma), comma + c.len_utf8()..body.end);
                }
                _ => {}
            }
        }
    }
    (None, body)
}
