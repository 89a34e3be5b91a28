//! A located reader of the YAML that pages are written in: where each key and each text stands.
//!
//! Block maps and lists, flow collections, and scalars of all five styles. Whether a text is valid
//! is not decided here (libyaml does that, as in docfx); of an invalid one it keeps what it can.

use std::ops::Range;

use crate::syntax::View;

mod scalar;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    Empty,
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<Member>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// What it says, with the way back to the file.
    pub view: View,
    /// As written, quotes included, in the text that was read.
    pub range: Range<usize>,
    /// Without its quotes.
    pub inner: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub key: String,
    pub key_range: Range<usize>,
    pub value: Node,
    /// From the start of its first line to where the next begins.
    pub range: Range<usize>,
    /// Lines after it that are neither keys nor part of a value.
    pub strays: Vec<Range<usize>>,
    /// Whether white space follows the colon, as it must.
    pub spaced: bool,
}

/// Reads a whole document.
pub fn document(view: &View, mending: bool) -> Node {
    let mut reader = Reader::new(view, 0..view.text.len(), mending);
    reader.skip_blanks();
    if reader.rest().starts_with("---") {
        reader.at += 3;
    }
    reader.node(0)
}

/// Reads the keys of a header. What stands between them is left to the key before, and lost before
/// the first.
pub fn header(view: &View, range: Range<usize>, mending: bool) -> Vec<Member> {
    let end = range.end;
    let mut reader = Reader::new(view, range, mending);
    reader.in_header = true;
    let mut members: Vec<Member> = Vec::new();
    loop {
        reader.skip_blanks();
        if reader.at == reader.end {
            break;
        }
        if reader.key().is_some() {
            members.extend(reader.members(reader.column()));
        } else {
            let stray = reader.skip_line();
            if let Some(last) = members.last_mut() {
                last.strays.push(stray);
            }
        }
    }
    let starts: Vec<usize> = members.iter().skip(1).map(|member| member.range.start).collect();
    for (member, next) in members.iter_mut().zip(starts.into_iter().chain([end])) {
        member.range.end = next;
    }
    members
}

struct Reader<'a> {
    view: &'a View,
    text: &'a str,
    at: usize,
    /// Where the line of `at` begins.
    line: usize,
    end: usize,
    /// The text is not valid: a quote left open ends with its line, not with the next quote.
    mending: bool,
    /// A key may be followed by its value without a blank: a mistake that only headers make.
    in_header: bool,
}

struct Key {
    range: Range<usize>,
    text: String,
    /// Behind the colon.
    end: usize,
    spaced: bool,
}

impl<'a> Reader<'a> {
    fn new(view: &'a View, range: Range<usize>, mending: bool) -> Self {
        Self {
            view,
            text: &view.text,
            at: range.start,
            line: range.start,
            end: range.end,
            mending,
            in_header: false,
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..self.end]
    }

    fn column(&self) -> usize {
        self.at - self.line
    }

    /// The end of the line of a place, before its break.
    fn line_end(&self, at: usize) -> usize {
        self.text[at..self.end].find(['\n', '\r']).map_or(self.end, |length| at + length)
    }

    /// Goes behind a line break, if one is here.
    fn eat_break(&mut self) -> bool {
        let length = match self.rest().as_bytes() {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => return false,
        };
        self.at += length;
        self.line = self.at;
        true
    }

    /// Goes to the end of the line and behind it; returns what was passed, less the blanks around.
    fn skip_line(&mut self) -> Range<usize> {
        let end = self.line_end(self.at);
        let passed = self.at..self.at + self.text[self.at..end].trim_end().len();
        self.at = end;
        self.eat_break();
        passed
    }

    fn skip_inline_blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t']).len();
    }

    /// Goes to the next thing that is neither blank nor comment.
    fn skip_blanks(&mut self) {
        loop {
            self.skip_inline_blanks();
            let after_blank = self.at == self.line || self.text[..self.at].ends_with([' ', '\t']);
            if after_blank && self.rest().starts_with('#') {
                self.at = self.line_end(self.at);
            }
            if !self.eat_break() {
                return;
            }
        }
    }

    /// Whether a list item begins here.
    fn is_dash(&self) -> bool {
        self.rest()
            .strip_prefix('-')
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']))
    }

    /// The key that begins here, if a colon follows on the line.
    fn key(&self) -> Option<Key> {
        let line = &self.text[self.at..self.line_end(self.at)];
        let first = line.chars().next()?;
        if matches!(first, '"' | '\'') {
            let (view, length) = scalar::quoted(self.view, self.at..self.at + line.len())?;
            let rest = &line[length..];
            let colon = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            let after = rest[colon..].strip_prefix(':')?;
            let range = self.at + 1..self.at + length - 1;
            return (after.is_empty() || after.starts_with([' ', '\t'])).then(|| Key {
                range,
                text: view.text,
                end: self.at + length + colon + 1,
                spaced: true,
            });
        }
        // No key of a header is a tag: there a translation pipeline took the header for prose.
        if self.is_dash() || "[]{},#&*!|>%@`".contains(first) || self.in_header && first == '<' {
            return None;
        }
        let key = |colon: usize, spaced| {
            let text = line[..colon].trim_end();
            Key {
                range: self.at..self.at + text.len(),
                text: text.to_owned(),
                end: self.at + colon + 1,
                spaced,
            }
        };
        if self.in_header
            && let Some(colon) = unspaced_key(line)
        {
            return Some(key(colon, false));
        }
        let bytes = line.as_bytes();
        for (i, &byte) in bytes.iter().enumerate() {
            match byte {
                b':' if matches!(bytes.get(i + 1), None | Some(b' ' | b'\t')) => {
                    return Some(key(i, true));
                }
                b'#' if i > 0 && matches!(bytes[i - 1], b' ' | b'\t') => return None,
                _ => {}
            }
        }
        None
    }

    /// The value that begins at the next content, if that stands at a column or right of it.
    fn node(&mut self, column: usize) -> Node {
        self.skip_blanks();
        if self.at == self.end || self.column() < column {
            Node::Empty
        } else if self.is_dash() {
            self.list(self.column())
        } else if self.key().is_some() {
            Node::Map(self.members(self.column()))
        } else {
            self.value(column)
        }
    }

    fn list(&mut self, column: usize) -> Node {
        let mut items = Vec::new();
        while self.at < self.end && self.column() == column && self.is_dash() {
            self.at += 1;
            items.push(self.node(column + 1));
            self.skip_blanks();
        }
        Node::List(items)
    }

    fn members(&mut self, column: usize) -> Vec<Member> {
        let mut members: Vec<Member> = Vec::new();
        while self.at < self.end && self.column() >= column {
            match self.key().filter(|_| self.column() == column) {
                Some(key) => members.push(self.member(key, column)),
                None => {
                    let stray = self.skip_line();
                    if let Some(last) = members.last_mut() {
                        last.strays.push(stray);
                    }
                }
            }
            self.skip_blanks();
        }
        members
    }

    fn member(&mut self, key: Key, column: usize) -> Member {
        let start = self.line;
        self.at = key.end;
        self.skip_inline_blanks();
        let value = if self.rest().starts_with(['\n', '\r', '#']) || self.at == self.end {
            self.skip_blanks();
            // A list may stand as far left as the key that it belongs to.
            if self.column() == column && self.is_dash() {
                self.list(column)
            } else {
                self.node(column + 1)
            }
        } else {
            self.value(column + 1)
        };
        Member {
            key: key.text,
            key_range: key.range,
            value,
            range: start..self.at,
            strays: Vec::new(),
            spaced: key.spaced,
        }
    }

    /// A scalar or a flow collection. Lines that belong to it stand at `column` or right of it.
    fn value(&mut self, column: usize) -> Node {
        let rest = self.rest();
        if rest.starts_with(['[', '{'])
            && let Some((node, end)) = self.flow(self.at)
        {
            self.go_to(end);
            return node;
        }
        let start = self.at;
        let found = match rest.as_bytes().first() {
            Some(b'|' | b'>') => scalar::block(self.view, start..self.end, column),
            Some(b'"' | b'\'') => self.quoted(),
            _ => None,
        };
        let found = found.unwrap_or_else(|| scalar::plain(self.view, start..self.end, column));
        self.go_to(found.range.end);
        Node::Scalar(found)
    }

    /// A text in quotes, with nothing but a comment behind it.
    fn quoted(&self) -> Option<Scalar> {
        let closed = scalar::quoted(self.view, self.at..self.end).filter(|(_, length)| {
            !(self.mending && has_key_line(&self.text[self.at..self.at + length]))
        });
        let Some((view, length)) = closed else {
            // The quote is left open; what stands on the line is the text.
            let line = self.text[self.at..self.line_end(self.at)].trim_end();
            let inner = self.at + 1..self.at + line.len();
            let mut view = View::default();
            view.push_view(self.view, inner.clone());
            return Some(Scalar { view, range: self.at..inner.end, inner });
        };
        let close = self.at + length;
        let behind = self.text[close..self.line_end(close)].trim_start();
        let range = self.at..close;
        (behind.is_empty() || behind.starts_with('#')).then(|| Scalar {
            view,
            range,
            inner: self.at + 1..close - 1,
        })
    }

    /// Goes to a place further on, which may be on a later line.
    fn go_to(&mut self, at: usize) {
        if let Some(last) = self.text[self.at..at].rfind(['\n', '\r']) {
            self.line = self.at + last + 1;
        }
        self.at = at;
    }

    /// `[a, b]` or `{a: b}`, and where it ends; none if it is not closed.
    fn flow(&self, start: usize) -> Option<(Node, usize)> {
        let is_map = self.text[start..].starts_with('{');
        let close = if is_map { '}' } else { ']' };
        let (mut items, mut members) = (Vec::new(), Vec::new());
        let mut at = start + 1;
        loop {
            at = self.flow_blanks(at);
            let rest = &self.text[at..self.end];
            if rest.starts_with(close) {
                let node = if is_map { Node::Map(members) } else { Node::List(items) };
                return Some((node, at + 1));
            }
            if rest.starts_with(',') {
                at += 1;
                continue;
            }
            let from = at;
            let (node, end) = self.flow_value(at)?;
            at = self.flow_blanks(end);
            if !self.text[at..self.end].starts_with(':') {
                items.push(node);
                continue;
            }
            let Node::Scalar(key) = node else { return None };
            at = self.flow_blanks(at + 1);
            let value = match self.text[at..self.end].starts_with([',', close]) {
                true => Node::Empty,
                false => {
                    let (value, end) = self.flow_value(at)?;
                    at = end;
                    value
                }
            };
            members.push(Member {
                key: key.view.text,
                key_range: key.inner,
                value,
                range: from..at,
                strays: Vec::new(),
                spaced: true,
            });
        }
    }

    fn flow_blanks(&self, at: usize) -> usize {
        let rest = &self.text[at..self.end];
        at + rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len()
    }

    fn flow_value(&self, at: usize) -> Option<(Node, usize)> {
        let rest = &self.text[at..self.end];
        match rest.as_bytes().first()? {
            b'[' | b'{' => self.flow(at),
            b'"' | b'\'' => {
                let (view, length) = scalar::quoted(self.view, at..self.end)?;
                let range = at..at + length;
                let inner = at + 1..at + length - 1;
                Some((Node::Scalar(Scalar { view, range, inner }), at + length))
            }
            _ => {
                let bytes = rest.as_bytes();
                let ends = |i: usize| match bytes[i] {
                    b',' | b'[' | b']' | b'{' | b'}' => true,
                    b':' => matches!(
                        bytes.get(i + 1),
                        None | Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b']' | b'}')
                    ),
                    _ => false,
                };
                let length = (0..bytes.len()).find(|&i| ends(i)).filter(|&length| length > 0)?;
                let scalar = scalar::plain(self.view, at..at + length, 0);
                Some((Node::Scalar(scalar), at + length))
            }
        }
    }
}

/// Whether a later line looks as if it began with a key: then the quote before it was never closed.
fn has_key_line(text: &str) -> bool {
    text.split(['\n', '\r']).skip(1).any(|line| {
        let word = line.len()
            - line
                .trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'))
                .len();
        word > 0 && (line[word..] == *":" || line[word..].starts_with(": "))
    })
}

/// The colon of `ms.date:01/23/2020`: a word of a key's characters, a colon, and no blank. An
/// address is no key.
fn unspaced_key(line: &str) -> Option<usize> {
    let colon =
        line.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')))?;
    let is_word = line.starts_with(|c: char| c.is_ascii_alphabetic());
    let after = line[colon..].strip_prefix(':')?;
    (is_word && !after.is_empty() && !after.starts_with([' ', '\t', '/', '\\', ':']))
        .then_some(colon)
}
