//! Keeps statements as readings: their places in the file, what words like "that region" mean, and
//! how sure they are.

use std::ops::Range;

use super::antecedents;
use super::clause::{Stated, Statement};
use super::passage::{self, Passage};
use super::sentences;
use super::{Location, Reader, Reading};
use crate::catalog::ProductId;
use crate::catalog::languages::{Category, Mark, Rule};
use crate::model::BlockKind;
use crate::source::Span;

impl<'a> Reader<'a> {
    /// Keeps statements as readings, with their places in the file.
    pub(super) fn take(
        &mut self,
        passage: &Passage<'a>,
        index: usize,
        statements: Vec<Statement>,
        lead: Option<Span>,
        in_table: bool,
    ) {
        if statements.is_empty() {
            return;
        }
        let is_topic = self.is_about_data();
        for statement in statements {
            // Without a word of geography only a page about data speaks of where it is.
            if statement.bare && !is_topic {
                continue;
            }
            // "If your tenant is in …, data is stored in that location": the sentence itself says it.
            let page = self.product().and_then(|owner| owner.product);
            let named = || named_before(passage, &statement.quote, page);
            // "reads the user's preferred location and keeps chats in that region".
            let own = || {
                let before = statement.quote.start.min(statement.at)..statement.at;
                antecedents::named(passage, &before, page)
                    .filter(|own| *own == Location::from(Rule::UserPdl))
            };
            let location = match statement.location.clone() {
                Stated::Known(location) => location,
                // "The specified region" is the user's where places are decided for each user.
                Stated::Chosen(chosen) => {
                    let last = named().or_else(|| self.last_named());
                    last.filter(|last| *last == Location::from(Rule::UserPdl)).unwrap_or(chosen)
                }
                Stated::Antecedent => match self
                    .around_the_world(passage, index, &statement.quote)
                    .or_else(own)
                    .or_else(named)
                    .or_else(|| self.last_named())
                {
                    Some(location) => location,
                    // Which region is meant was not read; it is one of the page's own.
                    None if statement.in_it => Location::from(Rule::SameRegion),
                    None => continue,
                },
            };
            // "That region" is never the whole world.
            if location != Location::Service && !location.is_world() {
                self.antecedent = Some(location.clone());
                self.silent.clear();
            }
            let span = |range: &Range<usize>| self.quoted(passage, index, range);
            let owner = statement.owner;
            let product = owner.as_ref().and_then(|owner| owner.product);
            let doubts = [(!is_topic, 10), (product.is_none(), 5)];
            let sum: u8 = doubts.iter().filter(|(holds, _)| *holds).map(|(_, by)| by).sum();
            self.readings.push(Reading {
                side: self.side,
                block: index as u32,
                quote: span(&statement.quote),
                lead,
                product,
                product_as_written: owner.map(|owner| owner.written).unwrap_or_default(),
                // A cloud does not run on itself.
                infrastructure: statement.infrastructure.filter(|on| Some(*on) != product),
                activity: statement.activity.as_str().to_owned(),
                category: statement.category.as_str().to_owned(),
                form: statement.form.as_str().to_owned(),
                at_rest: statement.at_rest,
                location,
                relation: statement.relation.to_owned(),
                modality: statement.modality.to_owned(),
                negated: statement.negated,
                condition: statement.condition,
                retention: statement.retention,
                table_row: in_table,
                rule: statement.rule,
                confidence: statement.confidence - sum,
                misspelt: statement.misspelt,
            });
        }
    }

    /// The whole world, if that is where the last places of the block are and "these data centers" points
    /// back to them; no other words do.
    fn around_the_world(
        &self,
        passage: &Passage<'a>,
        index: usize,
        quote: &Range<usize>,
    ) -> Option<Location> {
        let before = self.readings.iter().rev();
        let last = before
            .take_while(|last| last.block == index as u32)
            .find(|last| matches!(last.location, Location::Places(_)))?;
        let points = passage
            .marks(Mark::These, quote)
            .any(|these| passage.begins(Mark::DataCenter, &(these.end..quote.end)).is_some());
        (last.location.is_world() && points).then(|| last.location.clone())
    }

    /// The place or rule that was named last: one may be named without saying what is there, "select
    /// a region".
    pub(super) fn last_named(&self) -> Option<Location> {
        let product = self.product().and_then(|owner| owner.product);
        let mut silent = self.silent.iter().rev();
        let named = silent.find_map(|(index, sentence)| {
            antecedents::ruled(&self.passage_of_any(*index), sentence, product)
        });
        named.or_else(|| self.antecedent.clone())
    }

    /// Whether the title or a heading above speaks of data and its protection.
    pub(super) fn is_about_data(&self) -> bool {
        self.above.iter().any(|&at| self.speaks_of_data(at))
    }

    pub(super) fn speaks_of_data(&self, index: usize) -> bool {
        let text = &self.blocks[index].text;
        let passage = Passage::read_any(self.language, text, Vec::new());
        let whole = 0..passage.plain.len();
        let marks = [Mark::Topic, Mark::DataPlace, Mark::DataCenter];
        let is_data = |category| !matches!(category, Category::Content | Category::Data);
        marks.into_iter().any(|mark| passage.has(mark, &whole))
            || passage.categories(&whole).into_iter().any(|(_, category)| is_data(category))
    }

    /// Where a stretch of a block stands in the file: an item that is one link is quoted with it.
    pub(super) fn quoted(&self, passage: &Passage<'a>, index: usize, range: &Range<usize>) -> Span {
        let block = &self.blocks[index];
        let is_link = passage.text.links.iter().any(|link| link.range() == *range);
        if is_link && block.kind == BlockKind::Item && range.len() == passage.plain.trim().len() {
            return block.span;
        }
        passage.text.file_span(Span::new(range.start, range.end))
    }
}

/// What a sentence names before a stretch.
fn named_before(
    passage: &Passage<'_>,
    stretch: &Range<usize>,
    product: Option<ProductId>,
) -> Option<Location> {
    let whole = sentences::sentences(passage.text, 0..passage.plain.len(), passage.language);
    let sentence = whole.into_iter().find(|sentence| passage::contains(sentence, stretch))?;
    antecedents::named(passage, &(sentence.start..stretch.start), product)
}
