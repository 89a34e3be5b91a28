//! What translation is known to make of words that carry a promise about data: data, checked.
//!
//! Whether a sentence promises anything is decided in `analyze`; here are only the words.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;

use super::languages::fold;
use super::{CatalogError, Texts};

const FILE: &str = "renderings.yaml";

/// A word that a translation has lost by what it wrote for it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rendering {
    /// The word of the source.
    pub meant: String,
    /// By the annotation scheme's name.
    pub kind: String,
    /// One of these stands in the source.
    pub english: Vec<Wording>,
    written: BTreeMap<String, Vec<Wording>>,
}

impl Rendering {
    /// What it must not be in a language, by its tag.
    pub fn written(&self, lang: &str) -> &[Wording] {
        self.written.get(lang).map_or(&[], Vec::as_slice)
    }
}

/// A word that every translation of a statement must have.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    pub meant: String,
    /// The rules for a place that hang on it.
    rules: Vec<String>,
    english: Vec<Wording>,
    written: BTreeMap<String, Vec<Wording>>,
}

impl Kept {
    /// Whether a statement of a place by this rule hangs on the word.
    pub fn matters(&self, rule: &str) -> bool {
        self.rules.iter().any(|known| known == rule)
    }

    /// Whether a folded sentence of the source has it.
    pub fn is_in(&self, english: &str) -> bool {
        self.english.iter().any(|word| word.find(english).is_some())
    }

    /// Whether a folded sentence has it; none for a language that has no words for it here.
    pub fn stands(&self, lang: &str, folded: &str) -> Option<bool> {
        let words = self.written.get(lang)?;
        Some(words.iter().any(|word| word.find(folded).is_some()))
    }
}

/// A denial of two parts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Halves {
    lang: String,
    opens: Vec<Wording>,
    closes: Vec<Wording>,
    closes_after: Vec<Wording>,
    alone: Vec<Wording>,
    unless: Vec<Wording>,
}

/// A word or a few, in lower case; `*` at its end leaves it open.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "String")]
pub struct Wording {
    text: String,
    open: bool,
}

impl From<String> for Wording {
    fn from(text: String) -> Self {
        let bare = text.strip_suffix('*');
        Self { text: fold(bare.unwrap_or(&text)), open: bare.is_some() }
    }
}

impl Wording {
    /// Where it stands in folded text as words of its own, to the end of an open one, in bytes.
    pub fn find(&self, folded: &str) -> Option<Range<usize>> {
        let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let found = folded.match_indices(self.text.as_str()).map(|(at, text)| at..at + text.len());
        let whole = |found: &Range<usize>| {
            let glued =
                letter(self.text.chars().next_back()) && letter(folded[found.end..].chars().next());
            !letter(folded[..found.start].chars().next_back()) && (self.open || !glued)
        };
        let found = found.into_iter().find(whole)?;
        let rest = folded[found.end..].find(|c: char| !c.is_alphanumeric());
        let end = found.end + rest.unwrap_or(folded.len() - found.end);
        Some(found.start..if self.open { end } else { found.end })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sheet {
    #[serde(default)]
    renderings: Vec<Rendering>,
    #[serde(default)]
    keeps: Vec<Kept>,
    #[serde(default)]
    halves: Vec<Halves>,
    #[serde(default)]
    denials: BTreeMap<String, Vec<Wording>>,
    #[serde(default)]
    modals: BTreeMap<String, Vec<Wording>>,
}

/// What is known of wrong renderings, in all languages.
#[derive(Clone, Debug, Default)]
pub struct Renderings {
    all: Vec<Rendering>,
    keeps: Vec<Kept>,
    halves: Vec<Halves>,
    denials: BTreeMap<String, Vec<Wording>>,
    modals: BTreeMap<String, Vec<Wording>>,
}

impl Renderings {
    pub(super) fn read(texts: &Texts) -> Result<Self, CatalogError> {
        let mut read = Self::default();
        for (_, sheet) in texts.parse::<Sheet>(FILE)? {
            read.all.extend(sheet.renderings);
            read.keeps.extend(sheet.keeps);
            read.halves.extend(sheet.halves);
            for (lang, words) in sheet.denials {
                read.denials.entry(lang).or_default().extend(words);
            }
            for (lang, words) in sheet.modals {
                read.modals.entry(lang).or_default().extend(words);
            }
        }
        Ok(read)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Rendering> {
        self.all.iter()
    }

    pub fn keeps(&self) -> impl Iterator<Item = &Kept> {
        self.keeps.iter()
    }

    /// Whether a folded sentence denies something by a word that is no denial of a claim.
    pub fn denies(&self, lang: &str, folded: &str) -> bool {
        self.denials.get(lang).into_iter().flatten().any(|word| word.find(folded).is_some())
    }

    /// Whether a folded sentence leaves open what happens by a word that is never translated away.
    /// Where a language lists none, any word does.
    pub fn leaves_open(&self, lang: &str, folded: &str) -> bool {
        let modals = self.modals.get(lang);
        modals.is_none_or(|words| words.iter().any(|word| word.find(folded).is_some()))
    }

    /// Where a folded sentence has the first half of a denial, with the verb after it, and lost the
    /// other.
    pub fn half_denial(&self, lang: &str, folded: &str) -> Option<Range<usize>> {
        let halves = self.halves.iter().find(|halves| halves.lang == lang)?;
        let has = |words: &[Wording], text: &str| words.iter().any(|w| w.find(text).is_some());
        let opens = halves.opens.iter().filter_map(|word| word.find(folded));
        let first = opens.min_by_key(|found| found.start)?;
        let after = &folded[first.end..];
        let mut words = after.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
        let verb = words.next()?;
        let end = words.next().map_or(folded.len(), |word| offset(folded, word) + word.len());
        let is_whole = has(&halves.closes, folded)
            || has(&halves.closes_after, after)
            || has(&halves.alone, verb)
            || has(&halves.unless, &folded[..first.start]);
        (!is_whole).then_some(first.start..end)
    }
}

/// Where a part of a text stands in it.
fn offset(text: &str, part: &str) -> usize {
    part.as_ptr() as usize - text.as_ptr() as usize
}
