//! JSON as people write it: configuration files that other tools accept, or should.
//!
//! What has to be put right is listed with its place; whether that is worth a diagnostic, and what
//! the keys mean, is for the caller to say.

use std::collections::BTreeMap;

use jsonc_parser::tokens::Token;
use jsonc_parser::{Scanner, ScannerOptions};
use serde_json::{Map, Value};

use crate::source::Span;

/// What could be read of a JSON file.
#[derive(Clone, Debug, Default)]
pub struct Json {
    /// `null` if nothing could be read.
    pub value: Value,
    /// What was put right on the way, in the order of the file; empty for JSON.
    pub repairs: Vec<Repair>,
    places: BTreeMap<String, Span>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Repair {
    /// A byte of the file.
    pub offset: u32,
    /// What is wrong, for the reader.
    pub what: String,
}

impl Json {
    /// Where a value stands, by its JSON pointer: `/redirections/3/source_path`.
    pub fn span(&self, pointer: &str) -> Option<Span> {
        self.places.get(pointer).copied()
    }
}

/// A key as it stands in a JSON pointer.
pub fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Configuration is never nested deeper; what is, is no configuration.
const MAX_DEPTH: usize = 64;

/// Reads as much as can be read. A byte order mark is no fault: every reader of these files skips
/// it.
pub fn read(bytes: &[u8]) -> Json {
    let mut repairs = Vec::new();
    let text = text(bytes, &mut repairs);
    let tokens = tokens(&text, &mut repairs);
    let mut reader =
        Reader { tokens: &tokens, at: 0, end: text.len(), repairs, places: BTreeMap::new() };
    let value = reader.value("", 0).unwrap_or_default();
    if reader.places.is_empty() {
        reader.repair("there is no value in it");
    } else if reader.peek().is_some() {
        reader.repair("the file goes on after its end");
    }
    let mut repairs = reader.repairs;
    repairs.sort();
    Json { value, repairs, places: reader.places }
}

/// The file as text of the same length, so that places stay.
fn text(bytes: &[u8], repairs: &mut Vec<Repair>) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            repairs.push(Repair {
                offset: text.len() as u32,
                what: "these bytes are not UTF-8".into(),
            });
            text.extend(std::iter::repeat_n('?', chunk.invalid().len()));
        }
    }
    if text.starts_with('\u{feff}') {
        text.replace_range(..'\u{feff}'.len_utf8(), "   ");
    }
    text
}

struct Placed<'a> {
    token: Token<'a>,
    span: Span,
}

/// Cuts into tokens. Comments, foreign blanks and stray characters are left out, and noted.
fn tokens<'a>(text: &'a str, repairs: &mut Vec<Repair>) -> Vec<Placed<'a>> {
    let mut tokens: Vec<Placed> = Vec::new();
    let mut blanks = Blanks::default();
    let (mut base, mut last_end) = (0, 0);
    // Strings mean what JSON says they mean; a `\d` is a path that somebody forgot to escape.
    let options =
        ScannerOptions { allow_extended_string_escapes: false, ..ScannerOptions::default() };
    let mut scanner = Scanner::new(text, &options);
    loop {
        let scanned = scanner.scan();
        let start = base + scanner.token_start();
        blanks.look_at(&text[last_end..start], last_end);
        let end = match scanned {
            Ok(None) => break,
            Ok(Some(token)) => {
                let end = base + scanner.token_end();
                let span = Span::new(start, end);
                match token {
                    Token::CommentLine(_) | Token::CommentBlock(_) => {
                        note(repairs, start, "a comment")
                    }
                    token => {
                        if text[start..].starts_with('\'') {
                            note(repairs, start, "a string in single quotes");
                        }
                        tokens.push(Placed { token, span });
                    }
                }
                end
            }
            Err(_) => {
                let end = match raw_string(text, start) {
                    Some(end) => {
                        note(repairs, start, "a string with a backslash that begins no escape");
                        let token = Token::String(text[start + 1..end - 1].into());
                        tokens.push(Placed { token, span: Span::new(start, end) });
                        end
                    }
                    None => {
                        let line = text[start..]
                            .find(['\n', '\r'])
                            .map_or(text.len(), |length| start + length);
                        note(
                            repairs,
                            start,
                            &format!("`{}` is no JSON", text[start..line].trim_end()),
                        );
                        line
                    }
                };
                base = end;
                scanner = Scanner::new(&text[base..], &options);
                end
            }
        };
        last_end = end;
    }
    repairs.extend(blanks.repair());
    tokens
}

fn note(repairs: &mut Vec<Repair>, offset: usize, what: &str) {
    repairs.push(Repair { offset: offset as u32, what: what.to_owned() });
}

/// The end of a string on one line whose escapes are not to be understood.
fn raw_string(text: &str, start: usize) -> Option<usize> {
    let inside = text[start..].strip_prefix('"')?;
    let line = inside.split(['\n', '\r']).next()?;
    let close = line.match_indices('"').map(|(i, _)| i).find(|&i| !line[..i].ends_with('\\'))?;
    Some(start + 1 + close + 1)
}

/// Blanks that JSON does not know. They come by the thousand, so they are one repair.
#[derive(Default)]
struct Blanks {
    first: Option<(usize, char)>,
    count: usize,
}

impl Blanks {
    fn look_at(&mut self, gap: &str, offset: usize) {
        for (i, blank) in gap.char_indices().filter(|(_, c)| !matches!(c, ' ' | '\t' | '\n' | '\r'))
        {
            self.first.get_or_insert((offset + i, blank));
            self.count += 1;
        }
    }

    fn repair(&self) -> Option<Repair> {
        let (offset, blank) = self.first?;
        let what = format!(
            "U+{:04X} is no white space; it stands {} times between values",
            blank as u32, self.count
        );
        Some(Repair { offset: offset as u32, what })
    }
}

struct Reader<'a> {
    tokens: &'a [Placed<'a>],
    at: usize,
    end: usize,
    repairs: Vec<Repair>,
    places: BTreeMap<String, Span>,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<&'a Token<'a>> {
        self.tokens.get(self.at).map(|placed| &placed.token)
    }

    fn offset(&self) -> usize {
        self.tokens.get(self.at).map_or(self.end, |placed| placed.span.start as usize)
    }

    /// The end of the token before, where something is missing.
    fn last_end(&self) -> usize {
        self.at.checked_sub(1).map_or(0, |last| self.tokens[last].span.end as usize)
    }

    fn repair(&mut self, what: &str) {
        let offset = self.offset();
        note(&mut self.repairs, offset, what);
    }

    fn missing(&mut self, what: &str) {
        let offset = self.last_end();
        note(&mut self.repairs, offset, what);
    }

    /// The value that begins here; none, and nothing read, if none does.
    fn value(&mut self, pointer: &str, depth: usize) -> Option<Value> {
        let start = self.offset();
        let value = match self.peek()? {
            Token::OpenBrace if depth < MAX_DEPTH => self.object(pointer, depth),
            Token::OpenBracket if depth < MAX_DEPTH => self.array(pointer, depth),
            token => {
                let value = scalar(token)?;
                self.at += 1;
                value
            }
        };
        self.places.insert(pointer.to_owned(), Span::new(start, self.last_end()));
        Some(value)
    }

    fn array(&mut self, pointer: &str, depth: usize) -> Value {
        let mut items = Vec::new();
        self.at += 1;
        loop {
            match self.separator(&Token::CloseBracket, items.is_empty()) {
                Next::End => return Value::Array(items),
                Next::Member => {}
            }
            match self.value(&format!("{pointer}/{}", items.len()), depth + 1) {
                Some(item) => items.push(item),
                None => self.skip(),
            }
        }
    }

    fn object(&mut self, pointer: &str, depth: usize) -> Value {
        let mut members = Map::new();
        self.at += 1;
        loop {
            match self.separator(&Token::CloseBrace, members.is_empty()) {
                Next::End => return Value::Object(members),
                Next::Member => {}
            }
            let key = match self.peek() {
                Some(Token::String(key)) => key.to_string(),
                Some(Token::Word(key)) => {
                    self.repair("a key without quotes");
                    (*key).to_owned()
                }
                // The next member of the list around: this one was not closed.
                Some(Token::OpenBrace) => {
                    self.missing("`}` is missing");
                    return Value::Object(members);
                }
                _ => {
                    self.skip();
                    continue;
                }
            };
            self.at += 1;
            if self.peek() == Some(&Token::Colon) {
                self.at += 1;
            } else {
                self.missing("a colon is missing after the key");
            }
            let pointer = format!("{pointer}/{}", escape(&key));
            match self.value(&pointer, depth + 1) {
                Some(value) => {
                    members.insert(key, value);
                }
                None => self.missing("the value is missing"),
            }
        }
    }

    /// Goes past the comma between two members, or past the end of them all.
    fn separator(&mut self, close: &Token, first: bool) -> Next {
        let mut commas = 0;
        while self.peek() == Some(&Token::Comma) {
            commas += 1;
            self.at += 1;
        }
        match self.peek() {
            Some(token) if token == close => {
                if commas > 0 {
                    self.missing("a comma before the end of the list");
                }
                self.at += 1;
                Next::End
            }
            // The bracket of an outer list, or the end of the file: the list was not closed.
            None | Some(Token::CloseBrace | Token::CloseBracket) => {
                self.missing(&format!("`{}` is missing", close.as_str()));
                Next::End
            }
            Some(_) => {
                if commas == 0 && !first {
                    self.missing("a comma is missing");
                } else if commas > usize::from(!first) {
                    self.missing("a comma too many");
                }
                Next::Member
            }
        }
    }

    fn skip(&mut self) {
        let what = format!("`{}` is out of place", self.peek().map_or("", Token::as_str));
        self.repair(&what);
        self.at += 1;
    }
}

enum Next {
    Member,
    End,
}

fn scalar(token: &Token) -> Option<Value> {
    match token {
        Token::String(text) => Some(Value::String(text.to_string())),
        Token::Boolean(truth) => Some(Value::Bool(*truth)),
        Token::Null => Some(Value::Null),
        // Numbers that only JSON5 knows are kept as they are written.
        Token::Number(number) => Some(
            serde_json::from_str(number).unwrap_or_else(|_| Value::String((*number).to_owned())),
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
