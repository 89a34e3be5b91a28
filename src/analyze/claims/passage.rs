//! A block's text with everything in it that could matter: cues and products, each with its place.

use std::cell::RefCell;
use std::ops::Range;

use super::rules::Known;
use super::sentences::words;
use crate::catalog::ProductId;
use crate::catalog::languages::{Activity, Category, Cue, Entry, Form, Language, Mark, fold};
use crate::model::Text;
use crate::source::Span;

/// A cue in the text.
#[derive(Clone, Debug)]
pub struct Hit {
    pub range: Range<usize>,
    pub cue: Cue,
}

/// A product in the text.
#[derive(Clone, Debug)]
pub struct Named {
    pub range: Range<usize>,
    pub product: ProductId,
    /// A cloud that others run in, or the vendor: never the owner of data.
    pub background: bool,
}

/// What ends a lead-in.
pub const COLONS: [char; 2] = [':', '：'];

pub struct Passage<'a> {
    pub language: &'a Language,
    pub text: &'a Text,
    pub plain: &'a str,
    /// By start.
    hits: Vec<Hit>,
    /// By start.
    pub products: Vec<Named>,
    /// What was found in a stretch, which is asked for again and again.
    pub(super) ruled: RefCell<Vec<Known<'a>>>,
}

impl<'a> Passage<'a> {
    /// Reads a text for cues; none if nothing in it could name a place or lead to one.
    pub fn read(language: &'a Language, text: &'a Text, products: Vec<Named>) -> Option<Self> {
        Some(Self::read_any(language, text, products)).filter(Self::could_state)
    }

    /// Whether anything in it could name a place or lead to one.
    pub fn could_state(&self) -> bool {
        let is_cue = |hit: &Hit| hit.cue.is_location() || hit.cue == Cue::Mark(Mark::Ahead);
        self.plain.ends_with(COLONS) || self.hits.iter().any(is_cue)
    }

    /// Reads a text for cues, whether there are any or not.
    pub fn read_any(language: &'a Language, text: &'a Text, products: Vec<Named>) -> Self {
        let plain = text.plain.as_str();
        let folded = fold(plain);
        let has_template = plain.contains("{%");
        let mut hits: Vec<Hit> = language
            .search(&folded)
            .filter_map(|(start, end, entry)| hit(language, plain, start, end, entry))
            .filter(|hit| !text.is_code(Span::new(hit.range.start, hit.range.end)))
            .filter(|hit| !(has_template && is_in_template(plain, hit.range.start)))
            // Words inside a name are not cues; a name that is one whole cue is both: a product
            // that holds data.
            .filter(|hit| {
                !products
                    .iter()
                    .any(|named| contains(&named.range, &hit.range) && named.range != hit.range)
            })
            // "Defender for Identity data": data of a product whose name ends like a kind of data.
            .filter(|hit| {
                let is_data = matches!(hit.cue, Cue::Category(_));
                !is_data
                    || !products.iter().any(|named| {
                        overlap(&named.range, &hit.range)
                            && !contains(&hit.range, &named.range)
                            && named.range != hit.range
                    })
            })
            .collect();
        unhide(&mut hits);
        longest(&mut hits);
        // The stop of "U.S." may be that of the sentence.
        for hit in hits.iter_mut().filter(|hit| matches!(hit.cue, Cue::Place(_))) {
            hit.range.end -= usize::from(plain[hit.range.clone()].ends_with('.'));
        }
        Self { language, text, plain, hits, products, ruled: RefCell::default() }
    }

    pub fn hits(&self, within: &Range<usize>) -> impl Iterator<Item = &Hit> + '_ {
        let from = self.hits.partition_point(|hit| hit.range.start < within.start);
        let (start, end) = (within.start, within.end);
        self.hits[from..]
            .iter()
            .take_while(move |hit| hit.range.start < end)
            .filter(move |hit| hit.range.start >= start && hit.range.end <= end)
    }

    pub fn marks(
        &self,
        mark: Mark,
        within: &Range<usize>,
    ) -> impl Iterator<Item = Range<usize>> + '_ {
        self.hits(within).filter(move |hit| hit.cue == Cue::Mark(mark)).map(|hit| hit.range.clone())
    }

    pub fn has(&self, mark: Mark, within: &Range<usize>) -> bool {
        self.marks(mark, within).next().is_some()
    }

    pub fn has_place(&self, within: &Range<usize>) -> bool {
        self.hits(within).any(|hit| matches!(hit.cue, Cue::Place(_)))
    }

    /// The mark that a stretch begins with.
    pub fn begins(&self, mark: Mark, within: &Range<usize>) -> Option<Range<usize>> {
        // Hits are in order, so that none beyond the first letter is looked at.
        let text = self.plain.get(within.clone())?;
        let first = text.find(char::is_alphanumeric).map_or(within.end, |at| within.start + at);
        self.hits(within)
            .take_while(|hit| hit.range.start <= first)
            .find(|hit| hit.cue == Cue::Mark(mark))
            .map(|hit| hit.range.clone())
    }

    /// The mark that a stretch ends with.
    pub fn ends(&self, mark: Mark, within: &Range<usize>) -> Option<Range<usize>> {
        let text = self.plain.get(within.clone())?;
        let last = text.trim_end_matches(|c: char| !c.is_alphanumeric()).len() + within.start;
        self.marks(mark, within).find(|range| range.end >= last)
    }

    /// Whether a stretch announces what follows it.
    pub fn announces(&self, within: &Range<usize>) -> bool {
        let after = self.plain[within.end..].trim_start();
        self.plain[within.clone()].ends_with(COLONS)
            || after.starts_with(COLONS)
            || self.has(Mark::Ahead, within)
    }

    /// Where a word for belonging ends that stands directly after a place, and between it and its
    /// noun: Japanese "no". Where words are set apart it may belong to anything.
    pub fn past_of(&self, at: usize, until: usize) -> usize {
        let of = self.begins(Mark::Of, &(at..until)).filter(|_| !self.language.spaced);
        of.filter(|of| of.start == at).map_or(at, |of| of.end)
    }

    /// What is done with data or by a service in a stretch.
    pub fn activities(&self, within: &Range<usize>) -> Vec<(Range<usize>, Activity)> {
        let mut verbs = self.verbs(within);
        verbs.retain(|&(_, activity)| activity != Activity::Offers);
        verbs
    }

    /// Verbs, save those inside a longer word for a place: "data processing center".
    pub fn verbs(&self, within: &Range<usize>) -> Vec<(Range<usize>, Activity)> {
        let places = self.words_for_places(within);
        let is_part = |range: &Range<usize>| {
            places.iter().any(|place| contains(place, range) && place.len() > range.len())
        };
        let hits = self.hits(within);
        hits.filter_map(|h| {
            if let Cue::Activity(a) = h.cue { Some((h.range.clone(), a)) } else { None }
        })
        .filter(|(range, _)| !is_part(range))
        .collect()
    }

    fn words_for_places(&self, within: &Range<usize>) -> Vec<&Range<usize>> {
        self.hits(within)
            .filter(|hit| matches!(hit.cue, Cue::Mark(Mark::DataCenter | Mark::Places)))
            .map(|hit| &hit.range)
            .collect()
    }

    /// Words for data, save those inside a longer word for a place: "data center", "data location".
    pub fn categories(&self, within: &Range<usize>) -> Vec<(Range<usize>, Category)> {
        let places = self.words_for_places(within);
        self.hits(within)
            .filter_map(|hit| {
                if let Cue::Category(category) = hit.cue {
                    Some((hit.range.clone(), category))
                } else {
                    None
                }
            })
            .filter(|(range, _)| !places.iter().any(|place| contains(place, range)))
            .collect()
    }

    pub fn forms(&self, within: &Range<usize>) -> Vec<(Range<usize>, Form)> {
        let hits = self.hits(within);
        hits.filter_map(
            |h| if let Cue::Form(f) = h.cue { Some((h.range.clone(), f)) } else { None },
        )
        .collect()
    }

    pub fn words(&self, between: Range<usize>) -> usize {
        if between.start >= between.end {
            0
        } else {
            words(&self.plain[between], self.language.spaced)
        }
    }

    /// Words, those that name one thing counted as one: "los datos de los clientes".
    pub fn things(&self, between: Range<usize>) -> usize {
        let named = self
            .hits(&between)
            .filter(|hit| matches!(hit.cue, Cue::Category(_) | Cue::Mark(Mark::AtRest)));
        let mut extra = 0;
        let mut at = between.start;
        for hit in named {
            if hit.range.start >= at {
                extra += self.words(hit.range.clone()).saturating_sub(1);
                at = hit.range.end;
            }
        }
        self.words(between) - extra
    }

    /// Words, the name of a product counted as one.
    pub(super) fn named_words(&self, between: Range<usize>) -> usize {
        if between.start >= between.end {
            return 0;
        }
        let names = self.products_in(&between).map(|named| named.range.clone());
        let extra: usize = names.map(|range| self.words(range).saturating_sub(1)).sum();
        self.words(between).saturating_sub(extra)
    }

    /// Words, data centers and those whose they are counted as one.
    pub fn centres(&self, between: Range<usize>) -> usize {
        let centres = self.marks(Mark::DataCenter, &between);
        let owners = self.products_in(&between).filter(|named| named.background);
        let extra: usize = centres
            .chain(owners.map(|named| named.range.clone()))
            .map(|range| self.words(range).saturating_sub(1))
            .sum();
        self.words(between).saturating_sub(extra)
    }

    /// The word that stands directly before a stretch.
    pub fn word_before(&self, of: &Range<usize>, within: &Range<usize>) -> Option<Range<usize>> {
        let before = self.plain[within.start..of.start.max(within.start)].trim_end();
        let length = before.chars().rev().take_while(|c| c.is_alphanumeric());
        let start = before.len() - length.map(char::len_utf8).sum::<usize>();
        let word = within.start + start..within.start + before.len();
        (self.language.spaced && !word.is_empty()).then_some(word)
    }

    /// Whether only joining words, commas and the like stand in a stretch.
    pub fn is_join(&self, between: Range<usize>) -> bool {
        if between.start > between.end {
            return false;
        }
        // "the U.S. and Canada": the stop is the place's own.
        let has_stops = |word: &str| word.trim_end_matches('.').contains('.');
        let word = self.plain[..between.start].split_whitespace().next_back();
        let is_own = self.plain[between.clone()].starts_with('.') && word.is_some_and(has_stops);
        let mut at = between.start + usize::from(is_own);
        let blank = |text: &str| {
            !text.chars().any(|c| c.is_alphanumeric() || matches!(c, ';' | '.' | ':' | '：' | '|'))
        };
        for join in self.marks(Mark::Join, &between).collect::<Vec<_>>() {
            if join.start >= at {
                if !blank(&self.plain[at..join.start]) {
                    return false;
                }
                at = join.end;
            }
        }
        blank(&self.plain[at..between.end])
    }

    /// Whether a comma stands between two coordinated places.
    pub fn parts_places(&self, comma: usize) -> bool {
        let place = |hit: &&Hit| matches!(hit.cue, Cue::Place(_));
        let all = 0..self.plain.len();
        let before = self.hits(&all).filter(place).take_while(|hit| hit.range.end <= comma).last();
        let after = self.hits(&all).filter(place).find(|hit| hit.range.start > comma);
        before.zip(after).is_some_and(|(b, a)| self.is_join(b.range.end..a.range.start))
    }

    pub fn products_in<'p>(
        &'p self,
        within: &Range<usize>,
    ) -> impl Iterator<Item = &'p Named> + 'p {
        let within = within.clone();
        let from = self.products.partition_point(|named| named.range.start < within.start);
        self.products[from..]
            .iter()
            .take_while(move |named| named.range.start < within.end)
            .filter(move |named| named.range.end <= within.end)
    }
}

pub fn contains(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

pub fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// A match of the automaton as a cue, if it stands as whole words and in the right case.
fn hit(language: &Language, plain: &str, start: usize, end: usize, entry: &Entry) -> Option<Hit> {
    let before = plain[..start].chars().next_back();
    let after = plain[end..].chars().next();
    // Without blanks between words only Latin letters hold together.
    let joins =
        |c: char| if language.spaced { c.is_alphanumeric() } else { c.is_ascii_alphanumeric() };
    let first = plain[start..].chars().next().filter(|&c| joins(c));
    let last = plain[..end].chars().next_back().filter(|&c| joins(c));
    let glued_before = first.is_some() && before.is_some_and(joins);
    let glued_after = last.is_some() && after.is_some_and(joins);
    if (glued_before && !entry.open_start) || (glued_after && !entry.open_end) {
        return None;
    }
    if let Some(cased) = &entry.cased {
        let found = &plain[start..end];
        let name = cased.chars().any(char::is_lowercase);
        let capital = |text: &str| text.chars().next().is_some_and(char::is_uppercase);
        if (!name && found != cased) || (capital(cased) && !capital(found)) {
            return None;
        }
    }
    if matches!(entry.cue, Cue::Place(_)) && is_in_identifier(plain, start, end) {
        return None;
    }
    let start = if glued_before { plain[..start].trim_end_matches(joins).len() } else { start };
    let end =
        if glued_after { plain.len() - plain[end..].trim_start_matches(joins).len() } else { end };
    Some(Hit { range: start..end, cue: entry.cue })
}

/// Whether words stand in the tag of a template: `{% data variables.name %}`.
fn is_in_template(plain: &str, at: usize) -> bool {
    let before = &plain[..at];
    before.rfind("{%").is_some_and(|open| !before[open..].contains("%}"))
}

/// Whether a name of a place is a part of an identifier: `Func_Austria_Tax`, `en-US`.
fn is_in_identifier(plain: &str, start: usize, end: usize) -> bool {
    let (before, after) = (&plain[..start], &plain[end..]);
    let is_locale = before.strip_suffix('-').is_some_and(|language| {
        let word = language.len() - language.trim_end_matches(char::is_alphanumeric).len();
        word == 2 && language.ends_with(|c: char| c.is_ascii_lowercase())
    });
    let is_code = plain[start..end].chars().all(|c| c.is_ascii_uppercase());
    before.ends_with('_') || after.starts_with('_') || (is_locale && is_code)
}

/// Drops the hits inside words that hide them, and those words.
fn unhide(hits: &mut Vec<Hit>) {
    let mut hides: Vec<Hit> = Vec::new();
    hits.retain(|hit| {
        let hides_others = hit.cue == Cue::Hide;
        if hides_others {
            hides.push(hit.clone());
        }
        !hides_others
    });
    longest(&mut hides);
    hits.retain(|hit| {
        let before = hides.partition_point(|hide| hide.range.start <= hit.range.start);
        let hide = before.checked_sub(1).map(|i| &hides[i].range);
        hide.is_none_or(|hide| !contains(hide, &hit.range) || *hide == hit.range)
    });
}

/// Drops hits inside longer ones of the same group.
fn longest(hits: &mut Vec<Hit>) {
    hits.sort_by_key(|hit| {
        (hit.cue.group(), hit.range.start, std::cmp::Reverse(hit.range.end), hit.cue)
    });
    let mut last: Option<((u8, u32), Range<usize>)> = None;
    hits.retain(|hit| {
        let inside = last
            .as_ref()
            .is_some_and(|(group, range)| *group == hit.cue.group() && hit.range.start < range.end);
        if !inside {
            last = Some((hit.cue.group(), hit.range.clone()));
        }
        !inside
    });
    hits.sort_by_key(|hit| (hit.range.start, hit.range.end, hit.cue));
}
