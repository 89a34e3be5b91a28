//! The texts of YAML: what a scalar says, and which bytes say it.

use std::ops::Range;

use super::Scalar;
use crate::syntax::View;

/// A text without quotes that begins at `range.start`. Lines after the first go on with it while
/// they are indented to `column`.
pub fn plain(view: &View, range: Range<usize>, column: usize) -> Scalar {
    let text = &view.text[..range.end];
    let mut said = View::default();
    let mut end = range.start;
    let mut from = range.start;
    let mut breaks = 0;
    loop {
        let stop = line_end(text, from);
        let content = uncommented(&text[from..stop]);
        if !content.is_empty() {
            if breaks > 0 {
                push_fold(&mut said, view, end..from, breaks);
            }
            end = from + content.len();
            said.push_view(view, from..end);
            breaks = 0;
            // A comment ends the text; lines after it do not go on with it.
            if text[end..stop].contains('#') {
                break;
            }
        }
        let Some(next) = after_break(text, stop) else { break };
        let start = next + blanks(&text[next..]);
        let line = uncommented(&text[start..line_end(text, start)]);
        let goes_on = start - next >= column
            && !line.starts_with('#')
            && !line.contains(": ")
            && !line.ends_with(':');
        if start == text.len() || !(line.is_empty() || goes_on) {
            break;
        }
        breaks += 1;
        from = start;
    }
    Scalar { view: said, range: range.start..end, inner: range.start..end }
}

/// A text in quotes, and its length with them; none if it is not closed.
pub fn quoted(view: &View, range: Range<usize>) -> Option<(View, usize)> {
    let text = &view.text[..range.end];
    let quote = text.as_bytes()[range.start];
    let mut said = View::default();
    let mut at = range.start + 1;
    loop {
        let special = text[at..]
            .find(|c: char| c as u32 == u32::from(quote) || matches!(c, '\\' | '\n' | '\r'))?
            + at;
        let byte = text.as_bytes()[special];
        match byte {
            b'\n' | b'\r' => {
                let kept = text[at..special].trim_end_matches([' ', '\t']).len();
                said.push_view(view, at..at + kept);
                let (next, breaks) = fold(text, special);
                push_fold(&mut said, view, at + kept..next, breaks);
                at = next;
            }
            b'\\' if quote == b'"' => {
                said.push_view(view, at..special);
                at = escape(&mut said, view, text, special)?;
            }
            b'\\' => {
                said.push_view(view, at..special + 1);
                at = special + 1;
            }
            _ if quote == b'\'' && text[special + 1..].starts_with('\'') => {
                said.push_view(view, at..special);
                said.push_replaced("'", view.file_span(special..special + 2));
                at = special + 2;
            }
            _ => {
                said.push_view(view, at..special);
                return Some((said, special + 1 - range.start));
            }
        }
    }
}

/// Reads `\n` and its like; returns where it ends.
fn escape(said: &mut View, view: &View, text: &str, start: usize) -> Option<usize> {
    let c = text[start + 1..].chars().next()?;
    let hex = |digits: usize| {
        let code = text.get(start + 2..start + 2 + digits)?;
        Some((char::from_u32(u32::from_str_radix(code, 16).ok()?)?, start + 2 + digits))
    };
    let (c, end) = match c {
        '\n' | '\r' => {
            // The line goes on in the next; blank lines between are breaks.
            let (next, breaks) = fold(text, start + 1);
            said.push_replaced(&"\n".repeat(breaks - 1), view.file_span(start..next));
            return Some(next);
        }
        'x' => hex(2)?,
        'u' => hex(4)?,
        'U' => hex(8)?,
        _ => {
            let meant = match c {
                '0' => '\0',
                'a' => '\u{7}',
                'b' => '\u{8}',
                't' => '\t',
                'n' => '\n',
                'v' => '\u{B}',
                'f' => '\u{C}',
                'r' => '\r',
                'e' => '\u{1B}',
                'N' => '\u{85}',
                '_' => '\u{A0}',
                'L' => '\u{2028}',
                'P' => '\u{2029}',
                c => c,
            };
            (meant, start + 1 + c.len_utf8())
        }
    };
    said.push_replaced(c.encode_utf8(&mut [0; 4]), view.file_span(start..end));
    Some(end)
}

/// A `|` or `>` text; none if what follows the sign is no header of one.
pub fn block(view: &View, range: Range<usize>, column: usize) -> Option<Scalar> {
    let text = &view.text[..range.end];
    let header_end = line_end(text, range.start);
    let header = uncommented(&text[range.start..header_end]);
    let folded = header.starts_with('>');
    let (mut chomp, mut indent) = (Chomp::Clip, None);
    for c in header[1..].chars() {
        match c {
            '-' => chomp = Chomp::Strip,
            '+' => chomp = Chomp::Keep,
            '1'..='9' => indent = Some(column.saturating_sub(1) + c as usize - '0' as usize),
            _ => return None,
        }
    }
    let first = after_break(text, header_end).unwrap_or(text.len());
    let indent = indent.unwrap_or_else(|| first_indent(&text[first..]).max(column));
    let mut lines = Lines {
        view,
        said: View::default(),
        folded,
        pending: None,
        blank_lines: Vec::new(),
        after_indented: false,
    };
    let (mut at, mut end) = (first, range.start + header.len());
    while at < text.len() {
        let stop = line_end(text, at);
        let next = after_break(text, stop).unwrap_or(text.len());
        let depth = text[at..stop].bytes().take_while(|byte| *byte == b' ').count();
        if text[at..stop].len() == depth && depth <= indent {
            lines.blank_lines.push(stop..next);
        } else if depth < indent {
            break;
        } else {
            lines.push(at + indent..stop, stop..next);
            end = stop;
        }
        at = next;
    }
    let inner = first.min(end)..end;
    Some(Scalar { view: lines.finish(&chomp), range: range.start..end, inner })
}

enum Chomp {
    Clip,
    Strip,
    Keep,
}

/// Lines of a block text, joined as libyaml joins them.
struct Lines<'a> {
    view: &'a View,
    said: View,
    folded: bool,
    /// The break after the last line that was not blank.
    pending: Option<Range<usize>>,
    /// The breaks of blank lines since.
    blank_lines: Vec<Range<usize>>,
    after_indented: bool,
}

impl Lines<'_> {
    fn push(&mut self, line: Range<usize>, line_break: Range<usize>) {
        let is_indented = self.view.text[line.clone()].starts_with([' ', '\t']);
        if let Some(pending) = self.pending.take() {
            if !self.folded || self.after_indented || is_indented {
                self.push_break(pending);
            } else if self.blank_lines.is_empty() {
                self.said.push_replaced(" ", self.view.file_span(pending));
            }
        }
        for blank in std::mem::take(&mut self.blank_lines) {
            self.push_break(blank);
        }
        self.said.push_view(self.view, line);
        self.after_indented = is_indented;
        self.pending = Some(line_break);
    }

    fn push_break(&mut self, at: Range<usize>) {
        match &self.view.text[at.clone()] {
            "\n" => self.said.push_view(self.view, at),
            "" => {}
            _ => self.said.push_replaced("\n", self.view.file_span(at)),
        }
    }

    fn finish(mut self, chomp: &Chomp) -> View {
        if !matches!(chomp, Chomp::Strip)
            && let Some(pending) = self.pending.take()
        {
            self.push_break(pending);
        }
        if matches!(chomp, Chomp::Keep) {
            for blank in std::mem::take(&mut self.blank_lines) {
                self.push_break(blank);
            }
        }
        self.said
    }
}

/// How far the first line that is not blank is indented.
fn first_indent(text: &str) -> usize {
    let line = text.split(['\n', '\r']).find(|line| !line.trim_matches(' ').is_empty());
    line.map_or(0, |line| line.bytes().take_while(|byte| *byte == b' ').count())
}

fn line_end(text: &str, at: usize) -> usize {
    text[at..].find(['\n', '\r']).map_or(text.len(), |length| at + length)
}

fn after_break(text: &str, at: usize) -> Option<usize> {
    match text.as_bytes()[at..] {
        [b'\r', b'\n', ..] => Some(at + 2),
        [b'\r' | b'\n', ..] => Some(at + 1),
        _ => None,
    }
}

fn blanks(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\t']).len()
}

/// A line without its comment and the blanks at its end.
fn uncommented(line: &str) -> &str {
    let comment = line
        .match_indices('#')
        .map(|(i, _)| i)
        .find(|&i| i > 0 && line[..i].ends_with([' ', '\t']));
    line[..comment.unwrap_or(line.len())].trim_end_matches([' ', '\t'])
}

/// Goes over a break, and the blank lines and blanks after it; counts the breaks.
fn fold(text: &str, start: usize) -> (usize, usize) {
    let (mut at, mut breaks) = (start, 0);
    while let Some(next) = after_break(text, at) {
        breaks += 1;
        at = next + blanks(&text[next..]);
    }
    (at, breaks)
}

/// One break between words is a blank, more are one less.
fn push_fold(said: &mut View, view: &View, range: Range<usize>, breaks: usize) {
    let text = if breaks == 1 { " ".to_owned() } else { "\n".repeat(breaks - 1) };
    said.push_replaced(&text, view.file_span(range));
}
