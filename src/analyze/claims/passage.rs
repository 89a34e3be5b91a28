//! A block's text with everything in it that could matter: cues and products, each with its place.

use std::ops::Range;

use super::sentences::words;
use crate::catalog::ProductId;
use crate::catalog::languages::{
    Activity, Category, Cue, Entry, Form, Language, Mark, Phrase, Rule, Step, fold,
};
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

/// A phrase that names the rule for a place.
#[derive(Clone, Debug)]
pub struct Ruled<'a> {
    pub range: Range<usize>,
    pub rule: Rule,
    pub phrase: &'a Phrase,
}

pub struct Passage<'a> {
    pub language: &'a Language,
    pub text: &'a Text,
    pub plain: &'a str,
    /// By start.
    hits: Vec<Hit>,
    /// By start.
    pub products: Vec<Named>,
}

impl<'a> Passage<'a> {
    /// Reads a text for cues; none if nothing in it could name a place or lead to one.
    pub fn read(language: &'a Language, text: &'a Text, products: Vec<Named>) -> Option<Self> {
        let plain = text.plain.as_str();
        let folded = fold(plain);
        let mut hits: Vec<Hit> = language
            .search(&folded)
            .filter_map(|(start, end, entry)| hit(language, plain, start, end, entry))
            .filter(|hit| !text.is_code(Span::new(hit.range.start, hit.range.end)))
            // Words inside a name are not cues; a name that is one whole cue is both: a product
            // that holds data.
            .filter(|hit| {
                !products
                    .iter()
                    .any(|named| contains(&named.range, &hit.range) && named.range != hit.range)
            })
            .collect();
        let leads = plain.ends_with(':');
        if !leads && !hits.iter().any(|hit| hit.cue.is_location()) {
            return None;
        }
        longest(&mut hits);
        Some(Self { language, text, plain, hits, products })
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

    /// The mark that a stretch begins with.
    pub fn begins(&self, mark: Mark, within: &Range<usize>) -> Option<Range<usize>> {
        self.marks(mark, within)
            .find(|range| !self.plain[within.start..range.start].contains(char::is_alphanumeric))
    }

    pub fn activities(&self, within: &Range<usize>) -> Vec<(Range<usize>, Activity)> {
        let hits = self.hits(within);
        hits.filter_map(|h| {
            if let Cue::Activity(a) = h.cue { Some((h.range.clone(), a)) } else { None }
        })
        .collect()
    }

    /// Words for data, save those inside a longer word for a place: "data center", "data location".
    pub fn categories(&self, within: &Range<usize>) -> Vec<(Range<usize>, Category)> {
        let places: Vec<&Range<usize>> = self
            .hits(within)
            .filter(|hit| matches!(hit.cue, Cue::Mark(Mark::DataCenter | Mark::Places)))
            .map(|hit| &hit.range)
            .collect();
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
        let mut at = between.start;
        let blank = |text: &str| {
            !text.chars().any(|c| c.is_alphanumeric() || matches!(c, ';' | '.' | ':' | '|'))
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

    /// The phrases in a stretch that name a rule, the stronger first.
    pub fn rules(&self, within: &Range<usize>, product: Option<ProductId>) -> Vec<Ruled<'a>> {
        let language: &'a Language = self.language;
        let mut found: Vec<Ruled<'a>> = Vec::new();
        for phrase in &language.phrases {
            let mut rest = within.clone();
            while let Some(range) = self.phrase(phrase, &rest, product) {
                rest.start = range.end;
                found.push(Ruled { range, rule: phrase.means, phrase });
            }
        }
        found.sort_by_key(|ruled| {
            (ruled.rule, std::cmp::Reverse(ruled.range.len()), ruled.range.start)
        });
        let mut kept: Vec<Ruled<'a>> = Vec::new();
        for ruled in found {
            if !kept.iter().any(|other| overlap(&other.range, &ruled.range)) {
                kept.push(ruled);
            }
        }
        kept
    }

    /// The first place where a phrase stands.
    fn phrase(
        &self,
        phrase: &Phrase,
        within: &Range<usize>,
        product: Option<ProductId>,
    ) -> Option<Range<usize>> {
        let starts = self.step(phrase.steps[0].1, within, product);
        starts.into_iter().find_map(|start| {
            let mut at = start.clone();
            for &(gap, step) in &phrase.steps[1..] {
                let next = self.step(step, &(at.end..within.end), product);
                at = next.into_iter().find(|range| self.words(at.end..range.start) <= gap)?;
            }
            Some(start.start..at.end)
        })
    }

    fn step(
        &self,
        step: Step,
        within: &Range<usize>,
        product: Option<ProductId>,
    ) -> Vec<Range<usize>> {
        match step {
            Step::Term(term) => self
                .hits(within)
                .filter(|hit| hit.cue == Cue::Term(term))
                .map(|hit| hit.range.clone())
                .collect(),
            Step::Product => self
                .products_in(within)
                .filter(|named| Some(named.product) != product && !named.background)
                .map(|named| named.range.clone())
                .collect(),
        }
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
    let start = if glued_before { plain[..start].trim_end_matches(joins).len() } else { start };
    let end =
        if glued_after { plain.len() - plain[end..].trim_start_matches(joins).len() } else { end };
    Some(Hit { range: start..end, cue: entry.cue })
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
