//! Bytes of a page to text: byte order marks, wrong encodings, characters that were lost on the
//! way.
//!
//! The text is what the author meant, as far as that is certain; every stretch of it knows its
//! bytes. Line ends stay as they are. Also: the hashes under which translations may know a file.

use std::ops::Range;

use encoding_rs::WINDOWS_1252;
use sha1::{Digest, Sha1};

use crate::diag::{Code, Problem};
use crate::source::Span;
use crate::syntax::View;

mod mojibake;

const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Reads a file as text. Each thing that had to be put right is a problem.
pub fn decode(bytes: &[u8], out: &mut Vec<Problem>) -> View {
    if let Some(order) = ByteOrder::of(bytes) {
        out.push(
            Problem::new(
                Code::UTF_16,
                Span::new(0, 2),
                format!("the file is in {}, not in UTF-8", order.name()),
            )
            .help("save the file as UTF-8"),
        );
        return repaired(order.decode(bytes), out);
    }
    let start = if bytes.starts_with(MARK) { MARK.len() } else { 0 };
    if bytes[start..].iter().all(u8::is_ascii_whitespace) {
        out.push(Problem::new(
            Code::EMPTY_FILE,
            Span::new(start, bytes.len()),
            "there is nothing in the file",
        ));
    }
    match std::str::from_utf8(&bytes[start..]) {
        Ok(text) => {
            let mut view = View::default();
            view.push_verbatim(text, start as u32);
            if is_suspicious(text) { repaired(view, out) } else { view }
        }
        Err(_) => repaired(with_invalid_bytes(&bytes[start..], start, out), out),
    }
}

#[derive(Clone, Copy)]
enum ByteOrder {
    Little,
    Big,
}

impl ByteOrder {
    fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xFF, 0xFE, ..] => Some(Self::Little),
            [0xFE, 0xFF, ..] => Some(Self::Big),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Little => "UTF-16LE",
            Self::Big => "UTF-16BE",
        }
    }

    fn decode(self, bytes: &[u8]) -> View {
        let units = bytes[2..].chunks_exact(2).map(|pair| match self {
            Self::Little => u16::from_le_bytes([pair[0], pair[1]]),
            Self::Big => u16::from_be_bytes([pair[0], pair[1]]),
        });
        let (mut view, mut at, mut buffer) = (View::default(), 2, [0; 4]);
        for c in char::decode_utf16(units) {
            let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
            let end = at + 2 * c.len_utf16();
            view.push_replaced(c.encode_utf8(&mut buffer), Span::new(at, end));
            at = end;
        }
        view
    }
}

/// Bytes that are not UTF-8 are read as Windows-1252, one by one: that is what they are on every
/// page seen.
fn with_invalid_bytes(bytes: &[u8], start: usize, out: &mut Vec<Problem>) -> View {
    let mut view = View::default();
    let mut line = InvalidLine::default();
    let mut at = start;
    for chunk in bytes.utf8_chunks() {
        let valid = chunk.valid();
        view.push_verbatim(valid, at as u32);
        at += valid.len();
        match valid.find(['\n', '\r']) {
            Some(_) => out.extend(std::mem::take(&mut line).problem()),
            None => line.text(valid),
        }
        for &byte in chunk.invalid() {
            let c = windows_1252(byte);
            if let Some(c) = c {
                view.push_replaced(c.encode_utf8(&mut [0; 4]), Span::new(at, at + 1));
            }
            line.byte(byte, c, at);
            at += 1;
        }
    }
    out.extend(line.problem());
    view
}

/// The character of a byte; none for the five bytes that have none.
fn windows_1252(byte: u8) -> Option<char> {
    let decoded = WINDOWS_1252.decode_without_bom_handling(&[byte]).0.chars().next();
    decoded.filter(|c| !c.is_control())
}

/// The invalid bytes of one line: one problem, from the first to the last.
#[derive(Default)]
struct InvalidLine {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    repair: String,
    /// Valid text after the last invalid byte: part of the repair if another follows.
    after: String,
    lost: bool,
}

impl InvalidLine {
    fn byte(&mut self, byte: u8, c: Option<char>, at: usize) {
        if self.bytes.is_empty() {
            self.start = at;
            self.after.clear();
        }
        self.bytes.push(byte);
        self.repair += &std::mem::take(&mut self.after);
        self.repair.extend(c);
        self.lost |= c.is_none();
        self.end = at + 1;
    }

    fn text(&mut self, valid: &str) {
        self.after += valid;
    }

    fn problem(self) -> Option<Problem> {
        let bytes: Vec<String> = self.bytes.iter().map(|byte| format!("0x{byte:02X}")).collect();
        let message = match bytes.as_slice() {
            [] => return None,
            [byte] => format!("the byte {byte} is not UTF-8; it is read as Windows-1252"),
            bytes => format!(
                "the bytes {} are not UTF-8; they are read as Windows-1252",
                bytes.join(", ")
            ),
        };
        let problem = Problem::new(Code::INVALID_UTF8, Span::new(self.start, self.end), message)
            .help("save the file as UTF-8");
        Some(if self.lost { problem } else { problem.repair(self.repair) })
    }
}

/// Whether a text has anything to put right, or might. Nearly all have not, so this is one quick
/// look.
fn is_suspicious(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.chunks(64).enumerate().any(|(i, chunk)| {
        // Without branches, so that it runs over many bytes at once.
        let odd = chunk.iter().fold(0, |odd, &byte| {
            odd | u8::from(byte >= 0x7F)
                | u8::from((byte < b' ') & (byte != b'\n') & (byte != b'\r'))
        });
        odd != 0 && chunk.iter().enumerate().any(|(j, &byte)| is_trouble(text, 64 * i + j, byte))
    })
}

fn is_trouble(text: &str, at: usize, byte: u8) -> bool {
    let rest = &text.as_bytes()[at..];
    match byte {
        b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0x80..=0xBF => false,
        0xC2 if rest[1] < 0xA0 => true,
        0xEF if matches!(rest[1..3], [0xBB, 0xBF] | [0xBF, 0xBD]) => true,
        0xC2.. => mojibake::may_start(text, at),
        _ => true,
    }
}

/// Puts right what is wrong with the characters themselves, and reports it.
fn repaired(view: View, out: &mut Vec<Problem>) -> View {
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    for word in mojibake::words(&view.text) {
        let was: Vec<String> = word
            .edits
            .iter()
            .flat_map(|(_, instead)| instead.chars())
            .map(|c| format!("U+{:04X}", c as u32))
            .collect();
        let was = if was.is_empty() { "U+FEFF".to_owned() } else { was.join(", ") };
        let message = format!("UTF-8 bytes of {was} read as {}", word.reading);
        let help = if word.instead.is_empty() {
            "remove it".to_owned()
        } else {
            format!("write `{}`", word.instead)
        };
        out.push(
            Problem::new(Code::MOJIBAKE, view.file_span(word.range), message)
                .help(help)
                .repair(word.instead),
        );
        edits.extend(word.edits);
    }
    let damaged: Vec<Range<usize>> = edits.iter().map(|(range, _)| range.clone()).collect();
    for stray in strays(&view.text) {
        // What a word's repair has put right already.
        let before = damaged.partition_point(|range| range.start <= stray.range.start);
        if before > 0 && damaged[before - 1].end > stray.range.start {
            continue;
        }
        out.push(stray.problem(view.file_span(stray.range.clone())));
        edits.extend(stray.instead.map(|instead| (stray.range, instead)));
    }
    edits.sort_by_key(|(range, _)| range.start);
    let mut repaired = View::default();
    let mut at = 0;
    for (range, instead) in edits {
        repaired.push_view(&view, at..range.start);
        repaired.push_replaced(&instead, view.file_span(range.clone()));
        at = range.end;
    }
    repaired.push_view(&view, at..view.text.len());
    repaired
}

/// Characters that no author wrote, as many as stand together.
struct Stray {
    code: Code,
    range: Range<usize>,
    chars: Vec<char>,
    /// What the text reads there; none where that cannot be known.
    instead: Option<String>,
}

fn strays(text: &str) -> Vec<Stray> {
    let mut strays: Vec<Stray> = Vec::new();
    for (at, c) in text.char_indices() {
        let (code, instead) = match c {
            '\t' | '\n' | '\r' => continue,
            '\u{FEFF}' => (Code::INNER_BYTE_ORDER_MARK, Some(String::new())),
            char::REPLACEMENT_CHARACTER => (Code::REPLACEMENT_CHARACTER, None),
            // The line and page breaks of word processors.
            '\u{B}' | '\u{C}' => (Code::CONTROL_CHARACTER, Some(" ".to_owned())),
            '\u{80}'..='\u{9F}' => (
                Code::CONTROL_CHARACTER,
                Some(windows_1252(c as u8).map(String::from).unwrap_or_default()),
            ),
            c if c.is_control() => (Code::CONTROL_CHARACTER, Some(String::new())),
            _ => continue,
        };
        let end = at + c.len_utf8();
        match strays.last_mut() {
            Some(last) if last.range.end == at && last.code == code => {
                last.range.end = end;
                last.chars.push(c);
                if let (Some(whole), Some(instead)) = (&mut last.instead, instead) {
                    whole.push_str(&instead);
                }
            }
            _ => strays.push(Stray { code, range: at..end, chars: vec![c], instead }),
        }
    }
    strays
}

impl Stray {
    fn problem(&self, span: Span) -> Problem {
        let first = format!("U+{:04X}", self.chars[0] as u32);
        let problem = |message: String| Problem::new(self.code, span, message);
        match &self.instead {
            None => problem("a character was lost here before the file was saved".into())
                .help("restore it from the source text"),
            Some(instead) if self.code == Code::INNER_BYTE_ORDER_MARK => {
                problem("there is a byte order mark in the middle of the text".into())
                    .help("remove it")
                    .repair(instead)
            }
            Some(instead) if instead.trim().is_empty() => {
                problem(format!("control character {first} in the text"))
                    .help("remove it")
                    .repair(instead)
            }
            Some(instead) => problem(format!(
                "control character {first}: a byte of Windows-1252 that became a character"
            ))
            .help(format!("write `{instead}`"))
            .repair(instead),
        }
    }
}

/// The names under which translations may know a file: SHA-1 in 40 lower-case hex digits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hashes {
    /// With every line end as CRLF, byte order mark kept.
    pub crlf: String,
    /// The other variants, as far as they differ: as stored, and both without the mark.
    pub others: Vec<String>,
}

impl Hashes {
    pub fn all(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.crlf).chain(&self.others).map(String::as_str)
    }
}

/// Hashes a file as each checkout that a translation pipeline may have had.
pub fn variants(bytes: &[u8]) -> Hashes {
    let (crlf, stored) = (sha1_crlf(bytes), sha1(bytes));
    let mut others = vec![stored];
    if let Some(unmarked) = bytes.strip_prefix(MARK) {
        others.extend([sha1_crlf(unmarked), sha1(unmarked)]);
    }
    others.dedup();
    others.retain(|hash| *hash != crlf);
    Hashes { crlf, others }
}

fn sha1(bytes: &[u8]) -> String {
    hex(&Sha1::digest(bytes))
}

/// Hashes with each LF that follows no CR as CRLF.
fn sha1_crlf(bytes: &[u8]) -> String {
    let mut hasher = Sha1::new();
    // Lines are short and the hasher likes long pieces, so they are gathered; never the whole text.
    let mut gathered = Vec::with_capacity(GATHERED);
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        if gathered.len() + line.len() >= GATHERED {
            hasher.update(&gathered);
            gathered.clear();
        }
        match line {
            [.., b'\r', b'\n'] => gathered.extend_from_slice(line),
            [text @ .., b'\n'] => {
                gathered.extend_from_slice(text);
                gathered.extend_from_slice(b"\r\n");
            }
            text => gathered.extend_from_slice(text),
        }
    }
    hasher.update(&gathered);
    hex(&hasher.finalize())
}

const GATHERED: usize = 16 * 1024;

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
