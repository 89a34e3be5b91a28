//! What a page tells of companies that documentation invents: where their offices and servers are
//! says nothing of the product. Sentences that name one are left out where they are read; here are
//! the pages, sections and paragraphs that are about one.

use super::{Location, Reading};
use crate::catalog::Catalog;
use crate::model::{Block, BlockKind};

/// A page is about such a company if so many of its texts name it: one in so many.
const ONE_IN: usize = 4;

/// Leaves out readings of named places that are part of a story. Rules hold for every customer.
pub(super) fn leave_out(
    catalog: &Catalog,
    blocks: &[Block],
    readings: Vec<Reading>,
) -> Vec<Reading> {
    let is_place = |reading: &Reading| matches!(reading.location, Location::Places(_));
    if !readings.iter().any(is_place) {
        return readings;
    }
    let named: Vec<bool> =
        blocks.iter().map(|block| catalog.names_invented_company(&block.text.plain)).collect();
    let all = named.iter().filter(|named| **named).count() * ONE_IN > blocks.len();
    let is_told = |reading: &Reading| {
        let at = reading.block as usize;
        // A host in a row may have an invented name too.
        let is_prose = !matches!(blocks[at].kind, BlockKind::Row { .. });
        let above = || headings(blocks, at).any(|heading| named[heading]);
        is_place(reading) && (all || (named[at] && is_prose) || above())
    };
    readings.into_iter().filter(|reading| !is_told(reading)).collect()
}

/// The headings that a block stands under, the nearest first.
fn headings(blocks: &[Block], at: usize) -> impl Iterator<Item = usize> {
    let mut below = u8::MAX;
    (0..=at).rev().filter(move |&index| match blocks[index].kind {
        BlockKind::Heading(level) if level < below => {
            below = level;
            true
        }
        _ => false,
    })
}
