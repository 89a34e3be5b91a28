//! Finds UTF-8 that was read as another encoding and saved so, and what it was.
//!
//! Undoing it is exact; the question is when to believe it, since every rare pair of characters is
//! the reading of something. Believed is what cannot stand in a word of any language: a sign, or a
//! capital and a sign, between letters. What stands alone is believed if the page has a certain
//! one.

use std::ops::Range;
use std::sync::LazyLock;

use encoding_rs::Encoding;
use serde::Deserialize;

/// One damaged word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub range: Range<usize>,
    pub instead: String,
    /// The damaged stretches in it, and what each was.
    pub edits: Vec<(Range<usize>, String)>,
    /// What it was read as.
    pub reading: &'static str,
}

/// All damaged words, in the order of the text.
pub fn words(text: &str) -> Vec<Word> {
    let mut runs = runs(text);
    let certain: Vec<bool> = runs.iter().map(|run| run.is_certain(text)).collect();
    let vouched: Vec<&str> = runs
        .iter()
        .zip(&certain)
        .filter(|(_, certain)| **certain)
        .map(|(run, _)| run.reading.name)
        .collect();
    let mut believed = certain.iter();
    runs.retain(|run| {
        let certain = *believed.next().expect("there is a verdict for each run");
        certain || (run.has_lead() && vouched.contains(&run.reading.name) && run.is_plausible(text))
    });
    let mut words: Vec<Word> = Vec::new();
    for run in runs {
        let range = word_around(text, &run.range);
        match words.last_mut() {
            Some(word) if word.range.end >= run.range.start => {
                word.range.end = range.end;
                word.edits.push((run.range, run.instead));
            }
            _ => words.push(Word {
                range,
                instead: String::new(),
                edits: vec![(run.range, run.instead)],
                reading: run.reading.name,
            }),
        }
    }
    for word in &mut words {
        let mut at = word.range.start;
        for (range, instead) in &word.edits {
            word.instead += &text[at..range.start];
            word.instead += instead;
            at = range.end;
        }
        word.instead += &text[at..word.range.end];
    }
    words
}

/// Whether damage may start at a place: quick, for the usual page.
pub fn may_start(text: &str, at: usize) -> bool {
    run_at(text, at).is_some()
}

#[derive(Deserialize)]
struct RawData {
    signs: String,
    closing: String,
    readings: Vec<RawReading>,
}

#[derive(Deserialize)]
struct RawReading {
    name: String,
    label: Option<String>,
    leads: String,
}

struct Data {
    signs: String,
    closing: String,
    readings: Vec<Reading>,
}

/// A wrong encoding, from its characters back to the bytes.
struct Reading {
    name: &'static str,
    /// The characters of the bytes 0x80 to 0xFF, sorted.
    bytes: Vec<(char, u8)>,
    leads: String,
}

static DATA: LazyLock<Data> = LazyLock::new(|| {
    let raw: RawData = serde_yaml::from_str(include_str!("../../../data/encodings.yaml"))
        .expect("data/encodings.yaml is valid");
    Data {
        signs: raw.signs,
        closing: raw.closing,
        readings: raw.readings.into_iter().map(Reading::new).collect(),
    }
});

impl Reading {
    fn new(raw: RawReading) -> Self {
        let encoding = raw.label.map(|label| {
            Encoding::for_label(label.as_bytes())
                .unwrap_or_else(|| panic!("`{label}` is no encoding of the standard"))
        });
        let mut bytes: Vec<(char, u8)> = (0x80..=0xFF)
            .map(|byte: u8| match encoding {
                Some(encoding) => {
                    let raw = [byte];
                    let text = encoding.decode_without_bom_handling(&raw).0;
                    (text.chars().next().expect("in these encodings a byte is a character"), byte)
                }
                None => (char::from(byte), byte),
            })
            .collect();
        bytes.sort_unstable();
        Self { name: raw.name.leak(), bytes, leads: raw.leads }
    }

    fn byte(&self, c: char) -> Option<u8> {
        self.bytes.binary_search_by_key(&c, |(known, _)| *known).ok().map(|i| self.bytes[i].1)
    }

    /// The character whose UTF-8 bytes look like what stands here, and where that ends.
    fn sequence(&self, text: &str, at: usize) -> Option<(char, usize)> {
        let mut chars = text[at..].chars();
        let lead = self.byte(chars.next()?)?;
        let length = match lead {
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            _ => return None,
        };
        let mut bytes = [lead, 0, 0, 0];
        for byte in &mut bytes[1..length] {
            *byte = self.byte(chars.next()?).filter(|byte| (0x80..=0xBF).contains(byte))?;
        }
        let decoded = std::str::from_utf8(&bytes[..length]).ok()?.chars().next()?;
        Some((decoded, text.len() - chars.as_str().len()))
    }

    /// A text that is damaged sequences throughout, undone; none if it is not.
    fn undo(&self, text: &str) -> Option<String> {
        let (mut at, mut undone) = (0, String::new());
        while at < text.len() {
            let (c, end) = self.sequence(text, at)?;
            undone.push(c);
            at = end;
        }
        (!undone.is_empty()).then_some(undone)
    }
}

/// Damaged sequences without anything between them.
struct Run {
    range: Range<usize>,
    instead: String,
    /// How many sequences.
    count: usize,
    lead: char,
    follower: char,
    reading: &'static Reading,
}

fn runs(text: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut at = 0;
    while let Some(next) = text.as_bytes()[at..].iter().position(|byte| !byte.is_ascii()) {
        at += next;
        if let Some(run) = run_at(text, at) {
            at = run.range.end;
            runs.push(run);
        } else {
            at += char_len(text, at);
        }
    }
    runs
}

/// The run that starts at a character, if it can be damage at all.
fn run_at(text: &str, at: usize) -> Option<Run> {
    let follower = text.as_bytes().get(at + char_len(text, at))?;
    if follower.is_ascii() {
        return None;
    }
    DATA.readings
        .iter()
        .find_map(|reading| run(reading, text, at).filter(|run| run.has_lead() || run.count >= 3))
}

fn char_len(text: &str, at: usize) -> usize {
    match text.as_bytes()[at] {
        0..0xC0 => 1,
        0xC0..0xE0 => 2,
        0xE0..0xF0 => 3,
        _ => 4,
    }
}

fn run(reading: &'static Reading, text: &str, start: usize) -> Option<Run> {
    let (mut at, mut count, mut instead) = (start, 0, String::new());
    while let Some((c, end)) = reading.sequence(text, at).filter(|(c, _)| is_text(*c)) {
        instead.push(c);
        at = end;
        count += 1;
    }
    let mut chars = text[start..at].chars();
    let (lead, follower) = (chars.next()?, chars.next()?);
    // What was damaged twice is damaged still after the first repair.
    while let Some(undone) = reading.undo(&instead) {
        instead = undone;
    }
    instead.retain(|c| c != '\u{feff}');
    Some(Run { range: start..at, instead, count, lead, follower, reading })
}

impl Run {
    fn has_lead(&self) -> bool {
        self.reading.leads.contains(self.lead)
    }

    fn is_certain(&self, text: &str) -> bool {
        if self.count >= 3 && self.is_one_script() {
            return true;
        }
        if !self.has_lead() || !self.is_plausible(text) {
            return false;
        }
        // Three signs that are one character: nobody writes that.
        if text[self.range.clone()].chars().count() > 2 * self.count {
            return true;
        }
        let before = text[..self.range.start].chars().next_back().unwrap_or(' ');
        let after = text[self.range.end..].chars().next().unwrap_or(' ');
        let proves_nothing = DATA.closing.contains(self.follower);
        if !self.instead.chars().all(char::is_alphabetic) {
            return before.is_lowercase()
                || before.is_ascii_digit()
                || !before.is_alphabetic() && !proves_nothing;
        }
        if before.is_lowercase() || !before.is_alphabetic() {
            return before.is_lowercase() || self.count > 1 && !proves_nothing;
        }
        // In a word of capitals a capital is nothing strange, but a sign is.
        !self.lead.is_alphabetic() || after.is_alphabetic() && !self.follower.is_alphabetic()
    }

    /// Whether the repaired word has its capitals where words have them: all, none, or the first.
    fn is_plausible(&self, text: &str) -> bool {
        if !self.instead.chars().all(|c| is_latin(c) || is_sign(c)) {
            return false;
        }
        let word = word_around(text, &self.range);
        let before = text[word.start..self.range.start].chars();
        let follows_one = before.clone().count() <= 1;
        let after = text[self.range.end..word.end].chars().next();
        let letters: Vec<char> = before
            .last()
            .into_iter()
            .chain(self.instead.chars())
            .chain(after)
            .filter(|c| c.is_alphabetic())
            .collect();
        letters.windows(2).enumerate().all(|(i, pair)| {
            match (pair[0].is_uppercase(), pair[1].is_uppercase()) {
                (true, false) => i == 0 && follows_one,
                (false, true) => false,
                _ => true,
            }
        })
    }

    fn is_one_script(&self) -> bool {
        let mut scripts = self.instead.chars().map(script);
        let first = scripts.next().flatten();
        first.is_some() && scripts.all(|script| script == first)
    }
}

/// The alphanumeric characters around a stretch.
fn word_around(text: &str, range: &Range<usize>) -> Range<usize> {
    let before: usize = text[..range.start]
        .chars()
        .rev()
        .take_while(|c| c.is_alphanumeric())
        .map(char::len_utf8)
        .sum();
    let after: usize =
        text[range.end..].chars().take_while(|c| c.is_alphanumeric()).map(char::len_utf8).sum();
    range.start - before..range.end + after
}

fn is_text(c: char) -> bool {
    is_sign(c) || script(c).is_some()
}

fn is_sign(c: char) -> bool {
    DATA.signs.contains(c) || ('\u{1F300}'..='\u{1FAFF}').contains(&c)
}

fn is_latin(c: char) -> bool {
    script(c) == Some(Script::Latin)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Hebrew,
    Arabic,
    Thai,
    EastAsian,
}

/// The script of a letter, as far as pages of this kind are written in it.
fn script(c: char) -> Option<Script> {
    let script = match c {
        'À'..='ɏ' | 'Ḁ'..='ỿ' => Script::Latin,
        '\u{370}'..='\u{3FF}' => Script::Greek,
        '\u{400}'..='\u{4FF}' => Script::Cyrillic,
        '\u{5D0}'..='\u{5EA}' => Script::Hebrew,
        '\u{620}'..='\u{6FF}' => Script::Arabic,
        '\u{E00}'..='\u{E7F}' => Script::Thai,
        '\u{3001}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' | '\u{FF01}'..='\u{FF9F}' => {
            Script::EastAsian
        }
        _ => return None,
    };
    // Thai vowel signs are no letters to Unicode, and × and ÷ are none at all.
    (script != Script::Latin || c.is_alphabetic()).then_some(script)
}
