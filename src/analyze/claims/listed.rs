//! Reads lists of data and of services whose lead-in says by itself where they are: "The following
//! data is stored in Norway: logs, permissions".
//!
//! Lists of places complete their lead-in, and are read with it.

use std::ops::Range;

use super::clause;
use super::leads::asks;
use super::passage::{COLONS, Passage};
use super::sentences::sentences;
use super::{Location, Reader, Reading};
use crate::catalog::languages::{Category, Mark};
use crate::model::BlockKind;
use crate::source::Span;

/// How many words may stand between "the following" and what follows.
const NEAR: usize = 2;
/// A list may be less of one kind than its lead-in says: so much less sure, in hundredths.
const LESS_SURE: u8 = 5;

/// What a list holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Things {
    Data,
    Services,
}

/// What a lead-in states of each thing in its list.
pub(super) struct Held {
    things: Things,
    readings: Vec<Reading>,
    lead: Span,
    /// How deep the list is nested: what is deeper only says more of one thing.
    depth: Option<u8>,
}

impl Held {
    /// What a sentence that announces a list says of what it holds; none if it holds places, or
    /// nothing was read in the sentence.
    pub fn by(
        passage: &Passage<'_>,
        sentence: &Range<usize>,
        readings: &[Reading],
    ) -> Option<Self> {
        let things = things(passage, sentence)?;
        Self::of(things, passage, sentence, readings.to_vec())
    }

    /// What a heading says of the data right below it.
    pub fn below(
        passage: &Passage<'_>,
        heading: &Range<usize>,
        readings: Vec<Reading>,
    ) -> Option<Self> {
        Self::of(Things::Data, passage, heading, readings)
    }

    fn of(
        things: Things,
        passage: &Passage<'_>,
        sentence: &Range<usize>,
        mut readings: Vec<Reading>,
    ) -> Option<Self> {
        let none = Category::None.as_str();
        readings.retain(|reading| {
            let is_kept = things == Things::Services || reading.category != none;
            is_kept && reading.location != Location::Service
        });
        let lead = passage.text.file_span(Span::new(sentence.start, sentence.end));
        (!readings.is_empty()).then_some(Self { things, readings, lead, depth: None })
    }

    /// Whether a block at this depth is one of the things.
    pub fn holds(&mut self, depth: u8) -> bool {
        *self.depth.get_or_insert(depth) == depth
    }
}

/// What a sentence says to follow it: "the following data", "these services", "data … includes".
fn things(passage: &Passage<'_>, sentence: &Range<usize>) -> Option<Things> {
    if !passage.announces(sentence) {
        return None;
    }
    let named = |these: Range<usize>| {
        let (before, rest) = (sentence.start..these.start, these.end..sentence.end);
        let near = |noun: &Range<usize>| passage.named_words(these.end..noun.start) <= NEAR;
        let ahead = |noun: &Range<usize>| passage.words(noun.end..these.start) == 0;
        let nouns = |within| passage.categories(within).into_iter().map(|(range, _)| range);
        let listed = |within| passage.marks(Mark::Listed, within);
        // "les données suivantes"
        let data = nouns(&rest).find(near).or_else(|| nouns(&before).find(ahead));
        let services = listed(&rest).find(near).or_else(|| listed(&before).find(ahead));
        // "We keep data for these services in …": whose it is, not what is there.
        let is_subject =
            |noun: &Range<usize>| passage.words(sentence.start..these.start.min(noun.start)) <= 1;
        let services = services.filter(is_subject);
        match (data, services) {
            (Some(data), Some(services)) if services.start < data.start => Some(Things::Services),
            (Some(_), _) => Some(Things::Data),
            (None, Some(_)) => Some(Things::Services),
            (None, None) => None,
        }
    };
    let includes = || passage.ends(Mark::Includes, sentence).is_some();
    let of_data = || !passage.categories(sentence).is_empty();
    passage
        .marks(Mark::These, sentence)
        .find_map(named)
        .or_else(|| (includes() && of_data()).then_some(Things::Data))
}

impl Reader<'_> {
    /// Reads a bullet or row as one of the things that a lead-in speaks of.
    pub(super) fn hold(&mut self, index: usize, held: &Held) {
        let block = &self.blocks[index];
        let is_row = matches!(block.kind, BlockKind::Row { .. });
        let passage = self.passage_of_any(index);
        let whole = block
            .cells
            .first()
            .filter(|_| is_row)
            .map_or(0..passage.plain.len(), |cell| cell.range());
        let Some(first) = sentences(passage.text, whole, self.language).into_iter().next() else {
            return;
        };
        let quote = clause::quoted(&passage, first.clone());
        let is_title = || {
            let mut links = passage.text.links.iter().map(|link| link.range());
            links.any(|link| link == quote) && held.things == Things::Data
        };
        let tells = [Mark::Pointer, Mark::Step].into_iter();
        if quote.is_empty()
            || asks(&passage, &first)
            || passage.has(Mark::Not, &first)
            || passage.has_place(&first)
            || tells.into_iter().any(|mark| clause::is_framed(&passage, mark, &first))
            || is_title()
        {
            return;
        }
        let own = kind(&passage, &quote).filter(|_| held.things == Things::Data);
        // "Widgets messages" are those of Widgets; a service is the thing itself.
        let named = passage.products_in(&quote).find(|named| named.range.start == quote.start);
        let named = named.filter(|named| {
            let after = passage.categories(&(named.range.end..quote.end)).into_iter().next();
            let holds =
                after.is_some_and(|(data, _)| passage.words(named.range.end..data.start) <= 1);
            !named.background && (held.things == Things::Services || holds)
        });
        let named = named.map(|named| (named.product, named.range.clone()));
        let span = if is_row { block.span } else { self.quoted(&passage, index, &quote) };
        let mut found: Vec<Reading> = Vec::new();
        for reading in &held.readings {
            let mut reading = Reading {
                block: index as u32,
                quote: span,
                lead: Some(held.lead),
                table_row: is_row,
                confidence: reading.confidence.saturating_sub(LESS_SURE),
                ..reading.clone()
            };
            if let Some(category) = own.filter(|_| is_general(&reading.category)) {
                reading.category = category.as_str().to_owned();
            }
            let owner = match &named {
                Some((product, range)) => Some((Some(*product), range.clone())),
                None if held.things == Things::Services => Some((None, name(&passage, &quote))),
                None => None,
            };
            if let Some((product, written)) = owner {
                reading.product = product;
                reading.product_as_written = passage.plain[written].to_owned();
            }
            let said = |other: &Reading| {
                let key = |of: &Reading| (of.activity.clone(), of.category.clone());
                key(other) == key(&reading) && other.location == reading.location
            };
            if !found.iter().any(said) {
                found.push(reading);
            }
        }
        self.readings.append(&mut found);
    }
}

/// Whether a kind of data says so little that a thing of the list says it better.
fn is_general(category: &str) -> bool {
    [Category::Data, Category::CustomerData, Category::Content]
        .into_iter()
        .any(|general| general.as_str() == category)
}

/// Where the name of a thing ends that goes on to explain itself.
fn name(passage: &Passage<'_>, thing: &Range<usize>) -> Range<usize> {
    let text = &passage.plain[thing.clone()];
    let stop = |c: char| {
        clause::is_comma(c) || COLONS.contains(&c) || matches!(c, '(' | '（' | ';' | '–' | '—')
    };
    let end = text.find(stop).map_or(text.len(), |at| text[..at].trim_end().len());
    thing.start..thing.start + end
}

/// The kind of data that a thing is: the last noun of its name, before what only belongs to it.
fn kind(passage: &Passage<'_>, thing: &Range<usize>) -> Option<Category> {
    let name = name(passage, thing);
    let first = passage.categories(&name).into_iter().next()?;
    let rest = first.0.end..name.end;
    let parts = [Mark::Of, Mark::In, Mark::From, Mark::To, Mark::Relative, Mark::Break];
    let end =
        parts.into_iter().filter_map(|mark| passage.marks(mark, &rest).next()).map(|at| at.start);
    let head = name.start..end.min().unwrap_or(name.end);
    let kinds = passage.categories(&head).into_iter().map(|(_, category)| category);
    kinds.rev().find(|category| *category != Category::Data)
}
