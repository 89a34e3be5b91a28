//! Finds names as words of a text, the longest first. Which product a name means there is not
//! decided here.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use daachorse::{CharwiseDoubleArrayAhoCorasick, CharwiseDoubleArrayAhoCorasickBuilder};

use super::products::{Name, NameId, NameKind, Products};

/// All names and stop phrases, ready to be looked for.
#[derive(Clone)]
pub struct Matcher {
    /// None if there is nothing to look for.
    automaton: Option<CharwiseDoubleArrayAhoCorasick<u32>>,
    /// By pattern: what is written so, but for capitals and hyphens.
    patterns: Vec<Vec<Written>>,
    endings: BTreeMap<String, Vec<String>>,
}

#[derive(Clone)]
struct Written {
    text: String,
    lang: String,
    /// None of a stop phrase.
    name: Option<NameId>,
    case: Case,
    /// Whether it takes the endings of the language around it.
    inflects: bool,
    /// Whether it may be the beginning of a longer word.
    compounds: bool,
}

/// How far capitals may differ from those of the name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    /// Not at all.
    Exact,
    /// More capitals after the first word, as in headings.
    Raised,
    /// Any capitals after the first word.
    Tail,
    /// Any capitals.
    Any,
}

/// A stretch of text that is written like these names; neither is ever empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub range: Range<usize>,
    pub names: Vec<NameId>,
}

/// English names are found in every language.
const ENGLISH: &str = "en";

/// The ending of languages that write compounds as one word.
const COMPOUND: &str = "*";

impl Matcher {
    pub(super) fn new(products: &Products, endings: BTreeMap<String, Vec<String>>) -> Self {
        let mut patterns: BTreeMap<String, Vec<Written>> = BTreeMap::new();
        let known: BTreeSet<String> =
            products.names().iter().map(|name| level(&name.text)).collect();
        for (id, name) in products.names_by_id() {
            patterns.entry(level(&name.text)).or_default().push(Written {
                text: name.text.clone(),
                lang: name.lang.clone(),
                name: Some(id),
                case: Case::of(name, &known),
                inflects: name.needs.is_empty() && !is_acronym(name),
                compounds: words(&name.text) > 2,
            });
        }
        for phrase in products.stop_phrases() {
            patterns.entry(level(&phrase.text)).or_default().push(Written {
                text: phrase.text.clone(),
                lang: phrase.lang.clone(),
                name: None,
                case: Case::Any,
                inflects: true,
                compounds: false,
            });
        }
        let (texts, patterns): (Vec<_>, Vec<_>) = patterns.into_iter().unzip();
        let automaton = (!texts.is_empty()).then(|| {
            CharwiseDoubleArrayAhoCorasickBuilder::new()
                .build_with_values(texts.into_iter().zip(0_u32..))
                .expect("names are few, not empty and different from each other")
        });
        Self { automaton, patterns, endings }
    }

    /// The names in a text of a language such as `nl`, in order and apart from each other.
    ///
    /// Nothing that touches a `hidden` range is found. `scratch` is overwritten.
    pub fn find(
        &self,
        text: &str,
        lang: &str,
        hidden: impl Fn(&Range<usize>) -> bool,
        scratch: &mut String,
    ) -> Vec<Found> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        level_into(text, scratch);
        let mut all: Vec<(usize, usize, u32)> = automaton
            .find_overlapping_iter(scratch.as_str())
            .filter(|found| begins_word(text, found.start()))
            .filter(|found| {
                self.patterns[found.value() as usize].iter().any(|written| written.reads(lang))
            })
            .map(|found| (found.start(), found.end(), found.value()))
            .collect();
        all.sort_unstable_by_key(|&(start, end, _)| (start, Reverse(end)));
        let mut found = Vec::new();
        let mut free = 0;
        for (start, end, pattern) in all {
            let range = start..end;
            if start < free || hidden(&range) {
                continue;
            }
            let fitting: Vec<Option<NameId>> = self.patterns[pattern as usize]
                .iter()
                .filter(|written| written.reads(lang) && self.fits(written, text, &range, lang))
                .map(|written| written.name)
                .collect();
            if fitting.is_empty() {
                continue;
            }
            free = end;
            if let Some(names) = fitting.into_iter().collect::<Option<Vec<_>>>() {
                found.push(Found { range, names });
            }
        }
        found
    }

    fn fits(&self, written: &Written, text: &str, range: &Range<usize>, lang: &str) -> bool {
        written.case.allows(&written.text, &text[range.clone()])
            && (ends_word(text, range.end)
                || written.inflects && self.goes_on(written, &text[range.end..], lang))
    }

    fn goes_on(&self, written: &Written, rest: &str, lang: &str) -> bool {
        let ending = &rest[..rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len())];
        // What only looks like a name may go on as it likes: "SMS messages".
        written.name.is_none()
            || self.endings.get(lang).into_iter().flatten().any(|known| match known.as_str() {
                COMPOUND => written.compounds && ending.starts_with(char::is_lowercase),
                known => known == ending,
            })
    }
}

impl std::fmt::Debug for Matcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Matcher").field("patterns", &self.patterns.len()).finish_non_exhaustive()
    }
}

impl Written {
    fn reads(&self, lang: &str) -> bool {
        self.lang == ENGLISH || self.lang == lang
    }
}

impl Case {
    fn of(name: &Name, known: &BTreeSet<String>) -> Self {
        let words = words(&name.text);
        if words == 1 || name.needs_exact_case() || is_acronym(name) {
            Self::Exact
        } else if words > 2 || begins_with_a_name(&name.text, known) {
            Self::Tail
        } else {
            Self::Raised
        }
    }

    /// Whether a name may be written so. Both have the same letters in the same order.
    fn allows(self, name: &str, found: &str) -> bool {
        let mut in_tail = false;
        name.chars().zip(found.chars()).all(|(name, found)| {
            in_tail |= is_joint(name);
            name == found
                || is_joint(name)
                || match self {
                    Self::Exact => false,
                    Self::Raised => in_tail && found.is_uppercase(),
                    Self::Tail => in_tail,
                    Self::Any => true,
                }
        })
    }
}

fn is_acronym(name: &Name) -> bool {
    name.uses.iter().all(|use_| use_.kind == NameKind::Acronym)
}

fn words(name: &str) -> usize {
    name.split(is_joint).count()
}

/// What stands between the words of a name: translators write one for the other.
fn is_joint(c: char) -> bool {
    matches!(c, ' ' | '-')
}

/// A text without capitals and hyphens; every byte keeps its place.
fn level(text: &str) -> String {
    let mut leveled = String::new();
    level_into(text, &mut leveled);
    leveled
}

fn level_into(text: &str, leveled: &mut String) {
    let mut bytes = std::mem::take(leveled).into_bytes();
    bytes.clear();
    bytes.extend_from_slice(text.as_bytes());
    bytes.make_ascii_lowercase();
    for byte in bytes.iter_mut().filter(|byte| **byte == b'-') {
        *byte = b' ';
    }
    if !text.is_ascii() {
        for (at, char) in text.char_indices().filter(|(_, char)| !char.is_ascii()) {
            let mut lower = char.to_lowercase();
            if let (Some(lower), None) = (lower.next(), lower.next())
                && lower.len_utf8() == char.len_utf8()
            {
                lower.encode_utf8(&mut bytes[at..at + char.len_utf8()]);
            }
        }
    }
    *leveled =
        String::from_utf8(bytes).expect("letters were exchanged for letters of the same length");
}

/// Whether a name is written like another, or like its first words.
pub fn is_beginning(name: &str, of: &str) -> bool {
    level(of)
        .strip_prefix(level(name).as_str())
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// Whether the first words of a name are a name themselves: then what follows is no chance.
fn begins_with_a_name(text: &str, known: &BTreeSet<String>) -> bool {
    let text = level(text);
    text.match_indices(' ').any(|(at, _)| known.contains(&text[..at]))
}

fn begins_word(text: &str, at: usize) -> bool {
    match text[..at].chars().next_back() {
        // The rest of an address, a path or an identifier.
        Some('.' | '\\' | '@' | '_') => false,
        Some(before) => !is_letter(before) || !text[at..].starts_with(is_letter),
        None => true,
    }
}

fn ends_word(text: &str, at: usize) -> bool {
    let mut rest = text[at..].chars();
    match rest.next() {
        Some('\\' | '@' | '_') => false,
        // `teams.microsoft.com`, but not the end of a sentence.
        Some('.') => !rest.next().is_some_and(|next| next.is_lowercase() || next.is_numeric()),
        Some(after) => !is_letter(after) || !text[..at].ends_with(is_letter),
        None => true,
    }
}

/// A letter or digit of a script that sets words apart by blanks.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric() && !is_unspaced(c)
}

/// Thai and its neighbours, Chinese, Japanese, Korean: there are no blanks around names, or
/// particles cling to them.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}'
        | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ffdc}'
        | '\u{20000}'..='\u{3ffff}')
}
