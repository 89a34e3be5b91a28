//! Reads lists of nothing but places that no sentence with a verb of its own leads to: what stands
//! above says what is there.

use std::ops::Range;

use super::Reader;
use super::clause::Frame;
use super::leads::{self, Lead};
use super::passage::Passage;
use super::sentences::sentences;
use crate::catalog::languages::{Activity, Category, Mark};
use crate::model::{Block, BlockKind};
use crate::source::Span;

/// Fewer places may be listed for any reason.
const ENOUGH: usize = 3;
/// How many words may stand between what holds data and the noun for its place: "tenant location",
/// "the location of your tenant".
const BETWEEN: usize = 3;
/// How many words may open a sentence before what it is about.
const OPENING: usize = 2;

impl<'a> Reader<'a> {
    /// What stands above a list of places, if one begins at a block, and what is there: data that
    /// the text above speaks of, else the service.
    pub(super) fn above_places(&self, first: usize) -> Option<Lead> {
        let above = first.checked_sub(1)?;
        if self.blocks[above].kind == BlockKind::Item || !self.lists_places(first) {
            return None;
        }
        let passage = self.passage_of_any(above);
        let whole = 0..passage.plain.len();
        let announcing = match self.blocks[above].kind {
            BlockKind::Heading(_) => whole.clone(),
            BlockKind::Paragraph => {
                let all = sentences(passage.text, whole.clone(), self.language);
                all.last().filter(|last| passage.announces(last))?.clone()
            }
            _ => return None,
        };
        let of_data = is_of_data(&passage, &announcing)
            || self.above.last().is_some_and(|&heading| {
                let heading = self.passage_of_any(heading);
                is_of_data(&heading, &(0..heading.plain.len()))
            });
        let speaks = |range: &Range<usize>| passage.has(Mark::DataCenter, range);
        let is_other = [Mark::Not, Mark::Outside, Mark::Example, Mark::Law];
        let of_people =
            passage.has(Mark::People, &announcing) || passage.has(Mark::Country, &announcing);
        if !(of_data || (speaks(&whole) && !of_people))
            || is_other.into_iter().any(|mark| passage.has(mark, &announcing))
            || passage.begins(Mark::Step, &announcing).is_some()
            || is_of_part(&passage, &announcing)
        {
            return None;
        }
        let named = |range: &Range<usize>| passage.categories(range).first().map(|&(_, data)| data);
        let around = || named(&whole).filter(|_| !passage.has(Mark::Available, &announcing));
        let category = named(&announcing).or_else(around);
        let category = category.or(of_data.then_some(Category::Data));
        let activity = if category.is_some() { Activity::Stores } else { Activity::Operates };
        let frame = Frame {
            activities: vec![activity],
            category,
            owners: leads::owner(&passage, &announcing).into_iter().collect(),
            to_places: true,
            names_data: category.is_some(),
            range: announcing.clone(),
            ..Frame::default()
        };
        // Without data something has to run there, which the page or the sentence names.
        if category.is_none() && frame.owners.is_empty() && self.product().is_none() {
            return None;
        }
        Some(Lead {
            frame,
            of_places: true,
            opens: true,
            answers: false,
            held: None,
            tells_how: false,
            span: Some(passage.text.file_span(Span::new(announcing.start, announcing.end))),
            depth: self.blocks[first].depth,
        })
    }

    /// Whether most items of the list that begins at a block are places and nothing else.
    fn lists_places(&self, first: usize) -> bool {
        let depth = self.blocks[first].depth;
        let is_item = |block: &Block| block.kind == BlockKind::Item && block.depth == depth;
        let items = (first..self.blocks.len()).take_while(|&at| is_item(&self.blocks[at]));
        let is_bare = |&at: &usize| {
            let passage = self.passage_of_any(at);
            self.bare_places(&passage, 0..passage.plain.len())
        };
        let items: Vec<usize> = items.collect();
        let bare = items.iter().copied().filter(is_bare).count();
        bare >= ENOUGH && 3 * bare >= 2 * items.len()
    }
}

/// Whether words name where data is: "data location", "tenant location".
fn is_of_data(passage: &Passage<'_>, within: &Range<usize>) -> bool {
    let mut places = passage.marks(Mark::Places, within);
    let holds = |place: &Range<usize>| {
        passage.marks(Mark::Container, within).any(|holder| {
            let between = holder.end.min(place.end)..place.start.max(holder.start);
            passage.named_words(between) <= BETWEEN
        })
    };
    passage.has(Mark::DataPlace, within) || places.any(|place| holds(&place))
}

/// Whether what is to be had in places is neither a product nor the places themselves: "support for
/// add-ins is available in these regions".
fn is_of_part(passage: &Passage<'_>, announcing: &Range<usize>) -> bool {
    let Some(available) = passage.marks(Mark::Available, announcing).last() else { return false };
    let before = announcing.start..available.start;
    let opens = |noun: &Range<usize>| passage.words(before.start..noun.start) <= OPENING;
    let mut named = passage.products_in(&before).map(|named| named.range.clone());
    // "Which regions are available?"
    let asks = leads::asks(passage, announcing);
    let mut places = passage.marks(Mark::DataCenter, &before).filter(|_| asks);
    passage.words(before.clone()) > 0 && !named.any(|n| opens(&n)) && !places.any(|p| opens(&p))
}
