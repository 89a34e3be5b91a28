//! Finds the header of a page: from `---` to `---`, and what people write instead.

use std::ops::Range;

use super::judge;
use crate::diag::{Code, Problem};
use crate::syntax::View;

/// Where a header stands in a text.
#[derive(Debug, PartialEq, Eq)]
pub struct Header {
    /// The lines between the marks.
    pub yaml: Range<usize>,
    /// Behind the closing mark.
    pub body: usize,
    opening: Opening,
    closing: Closing,
}

#[derive(Debug, PartialEq, Eq)]
enum Opening {
    Right,
    /// What stands before the mark.
    After(Range<usize>),
    /// The line that was meant to be the mark.
    Miswritten(Range<usize>),
    /// Where the mark should be.
    Missing(usize),
}

#[derive(Debug, PartialEq, Eq)]
enum Closing {
    Right,
    Miswritten(Range<usize>),
    Missing(usize),
}

/// The header of a page, if it has one or was meant to have one.
pub fn find(text: &str) -> Option<Header> {
    let (opening, start) = opening(text)?;
    let is_any_mark = |line: &Range<usize>| {
        is_mark(&text[line.clone()]) || is_miswritten_mark(&text[line.clone()])
    };
    if let Some(line) =
        lines(text, start).find(is_any_mark).filter(|line| !swallows_body(text, start..line.start))
    {
        let content = text[line.clone()].trim_end();
        let closing = match is_mark(content) {
            true => Closing::Right,
            false => Closing::Miswritten(line.start..line.start + content.len()),
        };
        return Some(Header {
            yaml: start..line.start,
            body: after_line(text, line.end),
            opening,
            closing,
        });
    }
    // A rule and a paragraph that begins with a word and a colon.
    if opening == Opening::Right && first_line(&text[start..]).trim().is_empty() {
        return None;
    }
    let end = end_of_keys(text, start)?;
    Some(Header { yaml: start..end, body: end, opening, closing: Closing::Missing(end) })
}

/// How a page opens its header, and where the first line of that is.
fn opening(text: &str) -> Option<(Opening, usize)> {
    let first = lines(text, 0).next()?;
    if text[first.clone()].trim_end() == "---" {
        let start = after_line(text, first.end);
        let next = text[start..].trim_start();
        // A page may also begin with a rule; then prose follows.
        let goes_on = is_key_line(next)
            || is_mark(first_line(next))
            || next.starts_with(['#', '<', '-', '"', '\'']);
        return goes_on.then_some((Opening::Right, start));
    }
    let at = after_comments(text);
    let line = first_line(&text[at..]).trim_end();
    let start = after_line(text, at + line.len() + (first_line(&text[at..]).len() - line.len()));
    let has_keys = is_key_line(&text[start..]);
    if line == "---" {
        return has_keys.then_some((Opening::After(0..at), start));
    }
    let is_closed =
        |start| end_of_keys(text, start).is_some_and(|end| is_mark(first_line(&text[end..])));
    if line.ends_with("--") && line.len() <= LONGEST_MARK && !line.contains([' ', '|']) {
        return (has_keys && is_closed(start))
            .then_some((Opening::Miswritten(at..at + line.len()), start));
    }
    let keys = lines(text, at)
        .take_while(|line| !is_mark(&text[line.clone()]))
        .filter(|line| is_key_line(&text[line.clone()]))
        .count();
    (is_key_line(line) && keys >= FEWEST_KEYS && is_closed(at))
        .then_some((Opening::Missing(at), at))
}

/// The longest line that is taken for a miswritten `---`: `&#8310;---` has been seen.
const LONGEST_MARK: usize = 16;

/// A header without its first mark is believed if it has so many keys.
const FEWEST_KEYS: usize = 3;

/// Behind the blanks and HTML comments that a text begins with.
fn after_comments(text: &str) -> usize {
    let mut rest = text.trim_start();
    while let Some((_, after)) =
        rest.strip_prefix("<!--").and_then(|comment| comment.split_once("-->"))
    {
        rest = after.trim_start();
    }
    text.len() - rest.len()
}

fn is_mark(line: &str) -> bool {
    matches!(line.trim_end(), "---" | "...")
}

/// `---'`, `----` or an indented `---`.
fn is_miswritten_mark(line: &str) -> bool {
    let content = line.trim();
    content.starts_with("--")
        && content.len() <= 6
        && !content.contains(|c: char| c.is_alphanumeric() || c == ' ')
        && !is_mark(line)
}

/// Whether a line begins with a word and a colon.
fn is_key_line(line: &str) -> bool {
    let line = line.trim_start();
    let word = line
        .trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
    line.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.starts_with(':')
        && !word.starts_with("://")
}

/// Where the lines end that could stand in a header; none if there is no key among them.
fn end_of_keys(text: &str, start: usize) -> Option<usize> {
    let mut end = None;
    for line in lines(text, start) {
        let content = &text[line.clone()];
        if is_key_line(content) {
            end = Some(after_line(text, line.end));
        } else if is_mark(content)
            || !(content.trim().is_empty() || content.starts_with([' ', '\t', '-']))
        {
            break;
        } else if !content.trim().is_empty() {
            end = end.map(|_| after_line(text, line.end));
        }
    }
    end
}

/// Whether a stretch that ends with a mark is a header without a mark, and prose up to a rule.
fn swallows_body(text: &str, yaml: Range<usize>) -> bool {
    let has_heading = lines(&text[yaml.clone()], 0)
        .skip(1)
        .any(|line| text[yaml.start + line.start..].starts_with('#'));
    has_heading
        && judge(&text[yaml.clone()]).is_err()
        && end_of_keys(text, yaml.start)
            .is_some_and(|end| end < yaml.end && judge(&text[yaml.start..end]).is_ok())
}

fn first_line(text: &str) -> &str {
    text.split(['\n', '\r']).next().unwrap_or("")
}

/// The lines from a place on, without their breaks.
fn lines(text: &str, start: usize) -> impl Iterator<Item = Range<usize>> {
    let line = move |at: usize| (at < text.len()).then(|| at..at + first_line(&text[at..]).len());
    std::iter::successors(line(start), move |last| line(after_line(text, last.end)))
}

/// Behind the break that ends a line.
fn after_line(text: &str, end: usize) -> usize {
    match text.as_bytes()[end..] {
        [b'\r', b'\n', ..] => end + 2,
        [_, ..] => end + 1,
        [] => end,
    }
}

impl Header {
    /// Says what is wrong with the marks.
    pub fn report(&self, view: &View, out: &mut Vec<Problem>) {
        let text = &view.text;
        let misplaced = |range: &Range<usize>, message: String| {
            Problem::new(Code::FRONT_MATTER_MISPLACED, view.file_span(range.clone()), message)
        };
        match &self.opening {
            Opening::Right => {}
            Opening::After(range) => {
                let what =
                    if text[range.clone()].trim().is_empty() { "a blank" } else { "a comment" };
                let problem = misplaced(
                    range,
                    format!("{what} stands before the header, so that it is no header"),
                );
                let problem = problem.help("begin the file with `---`");
                out.push(if what == "a blank" { problem.repair("") } else { problem });
            }
            Opening::Miswritten(range) => out.push(
                misplaced(
                    range,
                    format!("the header begins with `{}`, not with `---`", &text[range.clone()]),
                )
                .help("write `---`")
                .repair("---"),
            ),
            Opening::Missing(at) => out.push(
                misplaced(&(*at..*at), "the line `---` is missing before the header".to_owned())
                    .help("begin the file with `---`")
                    .repair("---\n"),
            ),
        }
        let unclosed = |range: Range<usize>, message: String| {
            Problem::new(Code::FRONT_MATTER_UNCLOSED, view.file_span(range), message)
                .help("end the header with a line `---`")
        };
        match &self.closing {
            Closing::Right => {}
            Closing::Miswritten(range) => out.push(
                unclosed(
                    range.clone(),
                    format!("the header ends with `{}`, not with `---`", &text[range.clone()]),
                )
                .repair("---"),
            ),
            Closing::Missing(at) => {
                out.push(unclosed(*at..*at, "the header has no end".to_owned()).repair("---\n"));
            }
        }
    }
}
