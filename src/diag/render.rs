//! Reports of diagnostics: one text, four forms.
//!
//! A form is a file. Here is what they share: the order, and where bytes stand in lines and
//! columns.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::ops::Range;

use super::{Diagnostic, Place};
use crate::source::{LineIndex, Span};

mod concise;
mod json;
mod sarif;
mod text;

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people: with the lines in question
    #[default]
    Text,
    /// One line each, as editors and `grep` like it
    Concise,
    /// One JSON object per line
    Json,
    /// SARIF 2.1.0, for code scanning services
    Sarif,
}

impl std::str::FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        clap::ValueEnum::from_str(name, false)
    }
}

/// What is to be reported, and how much of it.
pub struct Report<'a> {
    /// In any order: a report sorts them.
    pub diagnostics: &'a [Diagnostic],
    /// The bytes of a file, by its path as shown; none if they are not at hand.
    pub sources: &'a dyn Fn(&str) -> Option<Vec<u8>>,
    /// How many of one code the text shows; 0 shows all. The other forms always do.
    pub per_code_limit: usize,
    pub color: bool,
}

impl<'a> Report<'a> {
    pub fn write(&self, format: Format, out: &mut dyn io::Write) -> io::Result<()> {
        match format {
            Format::Text => text::write(self, out),
            Format::Concise => concise::write(self, out),
            Format::Json => json::write(self, out),
            Format::Sarif => sarif::write(self, out),
        }
    }

    /// All diagnostics, by place.
    fn sorted(&self) -> Vec<&'a Diagnostic> {
        let mut sorted: Vec<_> = self.diagnostics.iter().collect();
        sorted.sort();
        sorted
    }

    fn files(&self) -> Files<'a> {
        Files { read: self.sources, last: None }
    }
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report").field("diagnostics", &self.diagnostics).finish_non_exhaustive()
    }
}

/// The files of a report. Diagnostics come file by file, so only the last one is kept.
struct Files<'a> {
    read: &'a dyn Fn(&str) -> Option<Vec<u8>>,
    last: Option<(String, Option<Content>)>,
}

impl Files<'_> {
    /// None if there are no bytes, or none that have lines and columns.
    fn content(&mut self, path: &str) -> Option<&Content> {
        if self.last.as_ref().is_none_or(|(last, _)| last != path) {
            self.last = Some((path.to_owned(), (self.read)(path).and_then(Content::of)));
        }
        self.last.as_ref().and_then(|(_, content)| content.as_ref())
    }

    /// Where a place begins and ends; none if it is the file as a whole or the file is not at hand.
    fn region(&mut self, place: &Place) -> Option<Region> {
        let content = self.content(&place.file).filter(|_| !place.is_whole_file())?;
        Some(content.region(place.span))
    }
}

impl Place {
    /// No bytes at the very beginning: a problem of the file as a whole.
    fn is_whole_file(&self) -> bool {
        self.span == Span::default()
    }
}

/// A file that has lines.
struct Content {
    bytes: Vec<u8>,
    lines: LineIndex,
}

/// A line and a column, both from 1. A column is a character; a byte that is none counts as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Position {
    line: u32,
    column: usize,
}

/// From the first character to the one after the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Region {
    start: Position,
    end: Position,
}

impl Content {
    fn of(bytes: Vec<u8>) -> Option<Self> {
        let is_utf_16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
        let lines = LineIndex::new(&bytes);
        (!is_utf_16).then_some(Self { bytes, lines })
    }

    /// The bytes of a line (from 1) without its end, and without the byte order mark of the file.
    fn line(&self, line: u32) -> Range<usize> {
        let start = self.lines.start(line) as usize;
        let length = self.bytes[start..].iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let end = length.map_or(self.bytes.len(), |length| start + length);
        let mark = if start == 0 && self.bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        start + mark..end
    }

    /// The span, cut to the file: what was diagnosed may have changed since.
    fn clamped(&self, span: Span) -> Range<usize> {
        let end = span.range().end.min(self.bytes.len());
        span.range().start.min(end)..end
    }

    fn region(&self, span: Span) -> Region {
        let range = self.clamped(span);
        Region { start: self.position(range.start), end: self.position(range.end) }
    }

    fn position(&self, byte: usize) -> Position {
        let line = self.lines.line(byte as u32);
        let content = self.line(line);
        let before = content.start..byte.clamp(content.start, content.end);
        Position { line, column: String::from_utf8_lossy(&self.bytes[before]).chars().count() + 1 }
    }
}

/// Text from a document on one line of a report: no control characters, and not too long.
fn one_line(text: &str) -> Cow<'_, str> {
    const LONGEST: usize = 400;
    if text.len() <= LONGEST && !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let mut line: String =
        text.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.len() < text.len() {
        line.push('…');
    }
    Cow::Owned(line)
}

#[cfg(test)]
mod tests;
