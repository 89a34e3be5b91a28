//! Reads a sentence of a translation through what its source says in the same place.
//!
//! The source gives the statement; here only the sentence is found that must say it, and whether
//! it could: it names the same places, or speaks of data and of where it is.

use std::ops::Range;

use super::SOURCE_LOCALE;
use super::passage::Passage;
use super::sentences::sentences;
use crate::analyze::Side;
use crate::catalog::Catalog;
use crate::catalog::languages::{Cue, Language, Mark};
use crate::model::{Block, BlockKind, PageVersion};
use crate::source::Span;

/// Which sentence of its segment something stands in, and of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Nth {
    pub sentence: u16,
    pub of: u16,
}

/// What a sentence must be able to say.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// None where a rule decides the place.
    pub places: &'a [&'a str],
    pub form: &'a str,
    /// Where the page has statements of its own, which go before.
    pub own: &'a [Span],
}

/// What the sentence of a translation says of what is expected of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Echo {
    /// It says it, with these words of its own.
    Says(Span, Own),
    /// It speaks of data, and of no place at all.
    Omits(Span),
    /// It names other places.
    Replaces(Span),
}

impl Echo {
    /// The sentence.
    pub fn span(self) -> Span {
        match self {
            Self::Says(span, _) | Self::Omits(span) | Self::Replaces(span) => span,
        }
    }
}

/// What a sentence says in its own words; where they cannot be read, what the source says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Own {
    pub at_rest: bool,
    pub denied: bool,
}

/// A sentence of a segment, in its block and in the file.
pub(super) struct Sentence<'p> {
    pub block: &'p Block,
    pub plain: Range<usize>,
    pub span: Span,
}

/// Where a statement stands on a page.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    pub catalog: &'a Catalog,
    /// Of the side.
    pub locale: &'a str,
    pub page: &'a PageVersion,
    pub side: Side,
    /// By index.
    pub segment: usize,
    pub span: Span,
}

impl<'a> Site<'a> {
    /// The sentences of its segment.
    pub(super) fn sentences(&self) -> Vec<Sentence<'a>> {
        in_segment(self.catalog, self.locale, self.page, self.side, self.segment)
    }

    /// The sentence of the segment that it stands in.
    pub fn nth(&self) -> Nth {
        let all = self.sentences();
        let before = all.iter().filter(|sentence| sentence.span.start <= self.span.start).count();
        Nth { sentence: before.saturating_sub(1) as u16, of: all.len() as u16 }
    }
}

/// What a translation says of what is expected of a segment, if the sentence can be found.
pub fn echo(
    catalog: &Catalog,
    locale: &str,
    page: &PageVersion,
    segment: usize,
    nth: Nth,
    expected: Expected<'_>,
) -> Option<Echo> {
    let all = in_segment(catalog, locale, page, Side::Page, segment);
    let is_free =
        |sentence: &&Sentence<'_>| !expected.own.iter().any(|own| own.overlaps(sentence.span));
    let says = |sentence: &&Sentence<'_>| could_say(catalog, locale, sentence, expected);
    if all.len() == usize::from(nth.of) {
        let sentence = all.get(usize::from(nth.sentence)).filter(is_free)?;
        if says(&sentence) {
            return Some(Echo::Says(sentence.span, own(catalog, locale, sentence)));
        }
        return silent(catalog, locale, sentence, expected);
    }
    // Sentences were joined or cut: the only one that could say it.
    let mut could = all.iter().filter(says);
    let only = could.next().filter(|_| could.next().is_none())?;
    let all_free = all.iter().all(|sentence| is_free(&sentence));
    all_free.then(|| Echo::Says(only.span, own(catalog, locale, only)))
}

fn own(catalog: &Catalog, locale: &str, sentence: &Sentence<'_>) -> Own {
    let passage = catalog
        .languages
        .get(locale)
        .and_then(|language| Passage::read(language, &sentence.block.text, Vec::new()));
    let has = |mark| passage.as_ref().is_none_or(|passage| passage.has(mark, &sentence.plain));
    Own { at_rest: has(Mark::AtRest), denied: has(Mark::Not) || has(Mark::Outside) }
}

/// Whether a sentence that can be read, and speaks of data, says nothing of the places that are
/// expected, or names others.
fn silent(
    catalog: &Catalog,
    locale: &str,
    sentence: &Sentence<'_>,
    expected: Expected<'_>,
) -> Option<Echo> {
    let language = catalog.languages.get(locale)?;
    let is_prose = !matches!(sentence.block.kind, BlockKind::Row { .. });
    let text = &sentence.block.text;
    let passage = Passage::read_any(language, text, Vec::new());
    let speaks_of_data = !passage.categories(&sentence.plain).is_empty()
        && !passage.activities(&sentence.plain).is_empty();
    let has_word = speaks_of_places(&passage, &sentence.plain);
    let names = passage
        .hits(&sentence.plain)
        .any(|hit| matches!(hit.cue, Cue::Place(_) | Cue::Adjective(_)));
    match (expected.places.is_empty(), names) {
        _ if !speaks_of_data || !is_prose => None,
        (false, true) => Some(Echo::Replaces(sentence.span)),
        (_, false) if !has_word => Some(Echo::Omits(sentence.span)),
        _ => None,
    }
}

/// Where the language has no sheet, sentences end as they do in English.
fn language<'a>(catalog: &'a Catalog, locale: &str) -> Option<&'a Language> {
    catalog.languages.get(locale).or_else(|| catalog.languages.get(SOURCE_LOCALE))
}

pub(super) fn in_segment<'p>(
    catalog: &Catalog,
    locale: &str,
    page: &'p PageVersion,
    side: Side,
    segment: usize,
) -> Vec<Sentence<'p>> {
    let Some(segment) = page.segments.get(segment) else { return Vec::new() };
    let within = match (side, &segment.source) {
        (Side::Source, Some(source)) => source.span,
        _ => segment.span,
    };
    let blocks = side.blocks(page);
    let after = blocks.partition_point(|block| block.span.start <= within.start);
    let near = after.saturating_sub(1)..(after + 1).min(blocks.len());
    let touches = |block: &&Block| block.span.overlaps(within);
    let Some(block) = blocks[near].iter().find(touches) else { return Vec::new() };
    // A row is read as a whole.
    if matches!(block.kind, BlockKind::Row { .. }) {
        return vec![Sentence { block, plain: 0..block.text.plain.len(), span: block.span }];
    }
    let Some(language) = language(catalog, locale) else { return Vec::new() };
    sentences(&block.text, 0..block.text.plain.len(), language)
        .into_iter()
        .map(|plain| {
            let span = block.text.file_span(Span::new(plain.start, plain.end));
            Sentence { block, plain, span }
        })
        .filter(|sentence| within.overlaps(sentence.span))
        .collect()
}

fn could_say(
    catalog: &Catalog,
    locale: &str,
    sentence: &Sentence<'_>,
    expected: Expected<'_>,
) -> bool {
    let wanted = expected.places;
    let most = |found: usize| found * 2 >= wanted.len();
    let Some(language) = catalog.languages.get(locale) else {
        let text = &sentence.block.text.plain[sentence.plain.clone()];
        let names = |code: &&&str| {
            let of = |lang| catalog.places.surfaces(lang);
            let mut names = of(locale).chain(of(SOURCE_LOCALE));
            catalog
                .places
                .by_code(code)
                .is_some_and(|id| names.any(|(name, place)| place == id && stands(text, name)))
        };
        let found = wanted.iter().filter(names).count();
        return found > 0 && most(found) || wanted.is_empty();
    };
    let Some(passage) = Passage::read(language, &sentence.block.text, Vec::new()) else {
        return false;
    };
    let hits = || passage.hits(&sentence.plain);
    let codes: Vec<&str> = hits()
        .filter_map(|hit| match hit.cue {
            Cue::Place(code) | Cue::Adjective(code) => Some(language.codes[code as usize].as_str()),
            _ => None,
        })
        .collect();
    let forms = passage.forms(&sentence.plain);
    let is_form = match expected.form {
        "as-is" => forms.is_empty(),
        form => forms.iter().any(|(_, said)| said.as_str() == form),
    };
    let speaks_of_data = !passage.categories(&sentence.plain).is_empty()
        || !passage.activities(&sentence.plain).is_empty();
    let is_row = matches!(sentence.block.kind, BlockKind::Row { .. });
    let says_where = if wanted.is_empty() {
        codes.is_empty() && speaks_of_places(&passage, &sentence.plain)
    } else {
        let found = wanted.iter().filter(|code| codes.contains(code)).count();
        found > 0 && most(found)
    };
    is_form && says_where && (speaks_of_data || is_row)
}

/// Whether words for places stand in a stretch, named or not.
fn speaks_of_places(passage: &Passage<'_>, within: &Range<usize>) -> bool {
    passage.has(Mark::DataCenter, within)
        || passage.hits(within).any(|hit| matches!(hit.cue, Cue::Term(_)))
}

/// Whether a name stands in a text as a word of its own.
fn stands(text: &str, name: &str) -> bool {
    let latin = |c: char| c.is_alphabetic() && c < '\u{2e80}';
    text.match_indices(name).any(|(at, _)| {
        let ends = at + name.len();
        let glued =
            |c: Option<char>, own: Option<char>| c.is_some_and(latin) && own.is_some_and(latin);
        !glued(text[..at].chars().next_back(), name.chars().next())
            && !glued(text[ends..].chars().next(), name.chars().next_back())
    })
}
