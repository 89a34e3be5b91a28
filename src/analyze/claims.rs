//! Reads what a page states about where data is kept and processed.
//!
//! Statements are read literally, clause by clause, with the cues and phrases of the page's
//! language. Whether a translation says what its source says is decided in `link`: a page does not
//! know its source.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use self::clause::{Frame, Owner};
use self::passage::{Named, Passage};
use super::{Context, Facts, Location, Mention, Pass, Reading, Side};
use crate::catalog::Catalog;
use crate::catalog::languages::{Language, Rule};
use crate::diag::Problem;
use crate::model::{Block, PageVersion};

mod answers;
mod antecedents;
mod asides;
mod blocks;
mod clause;
pub mod departures;
mod leads;
mod listed;
mod page_product;
mod passage;
mod place_lists;
mod prose;
mod readings;
mod rules;
mod sentences;
mod spelling;
mod stories;
mod table;
pub mod through_source;
mod unregistered;

#[cfg(test)]
mod tests;

pub const PASS: Pass = Pass { name: "claims", run };

/// How much surer a statement is when the source side says it too, in hundredths.
const CONFIRMED: u8 = 5;

/// The language of the source side of a bilingual page.
const SOURCE_LOCALE: &str = "en";

fn run(
    catalog: &Catalog,
    context: Context<'_>,
    page: &PageVersion,
    facts: &mut Facts,
    _: &mut Vec<Problem>,
) {
    let sides = [(Side::Page, context.locale), (Side::Source, SOURCE_LOCALE)];
    for (side, locale) in sides {
        let Some(language) = catalog.languages.get(locale) else { continue };
        if side == Side::Page {
            facts.claims_read = true;
        }
        let mentions: Vec<&Mention> =
            facts.mentions.iter().filter(|mention| mention.side == side).collect();
        let mut reader = Reader::new(catalog, language, side, page, context.address, &mentions);
        reader.page();
        facts.readings.append(&mut stories::leave_out(catalog, side.blocks(page), reader.readings));
    }
    confirm(page, &mut facts.readings);
}

/// What both sides of a unit say was surely read well. Where a translation only says that it is in a
/// region and its source says which, the words for it were not understood.
fn confirm(page: &PageVersion, readings: &mut [Reading]) {
    let done = |reading: &Reading| {
        let Reading { activity, category, form, relation, negated, .. } = reading.clone();
        (page.segment_at(reading.quote), activity, category, form, relation, negated)
    };
    let of_source = readings.iter().filter(|reading| reading.side == Side::Source);
    let source: Vec<_> = of_source.map(|source| (done(source), source.location.clone())).collect();
    let a_region = Location::from(Rule::SameRegion);
    for reading in readings.iter_mut().filter(|reading| reading.side == Side::Page) {
        let mut said = source.iter().filter(|(what, _)| *what == done(reading));
        if said.clone().any(|(_, location)| *location == reading.location) {
            reading.confidence = (reading.confidence + CONFIRMED).min(99);
        } else if reading.location == a_region
            && let Some((_, location)) = said.next()
            && said.all(|(_, other)| other == location)
        {
            reading.location = location.clone();
        }
    }
}

/// Reads one side of a page.
struct Reader<'a> {
    catalog: &'a Catalog,
    language: &'a Language,
    side: Side,
    version: &'a PageVersion,
    /// Where the page was published.
    address: Option<&'a str>,
    blocks: &'a [Block],
    /// By block, those that were read.
    passages: Vec<OnceCell<Rc<Passage<'a>>>>,
    /// By block.
    mentions: BTreeMap<u32, Vec<&'a Mention>>,
    /// What "the service" and "we" mean: looked for when a sentence needs it, which few pages do.
    product: OnceCell<Option<Owner>>,
    /// What they mean under a heading that is the name of a product.
    section: Option<Owner>,
    readings: Vec<Reading>,
    /// The title's block and those of the headings above.
    above: Vec<usize>,
    /// The last rule or place stated: "such a region" points back to it.
    antecedent: Option<Location>,
    /// The sentences since then that state nothing, with their blocks.
    silent: Vec<(usize, Range<usize>)>,
    /// What the question right before asks about: "it is stored in …" answers it.
    asked: Option<Frame>,
}

impl<'a> Reader<'a> {
    fn new(
        catalog: &'a Catalog,
        language: &'a Language,
        side: Side,
        version: &'a PageVersion,
        address: Option<&'a str>,
        mentions: &[&'a Mention],
    ) -> Self {
        let blocks = side.blocks(version);
        let mut by_block: BTreeMap<u32, Vec<&Mention>> = BTreeMap::new();
        for mention in mentions {
            by_block.entry(mention.block).or_default().push(mention);
        }
        Self {
            catalog,
            language,
            side,
            version,
            address,
            blocks,
            passages: blocks.iter().map(|_| OnceCell::new()).collect(),
            mentions: by_block,
            product: OnceCell::new(),
            section: None,
            readings: Vec::new(),
            above: Vec::new(),
            antecedent: None,
            silent: Vec::new(),
            asked: None,
        }
    }

    /// What the page is about.
    fn product(&self) -> Option<&Owner> {
        let found = || {
            let about = self.address.and_then(|address| self.catalog.products.by_url(address));
            self.main_product(self.version, about)
        };
        self.product.get_or_init(found).as_ref()
    }

    /// A block's text with its cues; none if nothing in it could matter.
    fn passage(&self, index: usize) -> Option<Rc<Passage<'a>>> {
        Some(self.passage_of_any(index)).filter(|passage| passage.could_state())
    }

    /// A block's text with its cues, which several readers ask for.
    fn passage_of_any(&self, index: usize) -> Rc<Passage<'a>> {
        let (language, blocks): (&'a Language, &'a [Block]) = (self.language, self.blocks);
        let read = || Rc::new(Passage::read_any(language, &blocks[index].text, self.named(index)));
        self.passages[index].get_or_init(read).clone()
    }

    fn named(&self, index: usize) -> Vec<Named> {
        let mentions = self.mentions.get(&(index as u32));
        mentions
            .into_iter()
            .flatten()
            .map(|mention| Named {
                range: mention.plain.range(),
                product: mention.product,
                background: self.is_background(mention),
            })
            .collect()
    }

    fn is_background(&self, mention: &Mention) -> bool {
        self.catalog.products.get(mention.product).kind.is_background()
    }
}
