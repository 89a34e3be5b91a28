//! Walks a page's blocks: which headings, lead-ins and columns are open at each.
//!
//! What a block states is read in `prose`, `table` and `listed`.

use super::clause::Owner;
use super::leads::Lead;
use super::{Reader, table};
use crate::catalog::languages::Mark;
use crate::model::{Block, BlockKind};

/// So few statements are said in passing.
const FEW: usize = 2;
/// How much less sure those are, in hundredths.
const LONE: u8 = 10;

/// What is open at a block.
#[derive(Default)]
struct Open {
    /// Lead-ins, the outermost first.
    leads: Vec<Lead>,
    /// With their levels.
    headings: Vec<(u8, usize)>,
    /// The blocks since the last heading, with it, that are neither rows nor code.
    before: Vec<usize>,
    /// What the section before says of a table that its heading parts from it.
    announced: Vec<usize>,
    table: Option<table::Columns>,
}

impl Reader<'_> {
    /// Reads every block.
    pub(super) fn page(&mut self) {
        let mut open = Open::default();
        for (index, block) in self.blocks.iter().enumerate() {
            if !is_row(block) {
                open.table = None;
            }
            match block.kind {
                BlockKind::Heading(level) => self.heading(index, level, &mut open),
                BlockKind::Row { header: true } => {
                    let above: Vec<usize> = open.headings.iter().map(|&(_, at)| at).collect();
                    let parted = open.before.len() == 1 && self.speaks_of_table(&open.announced);
                    let near = if parted { &open.announced } else { &open.before };
                    open.table = self.columns(index, near, &above);
                }
                BlockKind::Row { header: false } => self.data_row(index, &mut open),
                BlockKind::Paragraph | BlockKind::Item | BlockKind::Html => {
                    self.text(index, &mut open);
                }
                BlockKind::Code => {}
            }
        }
        // Where data of a server is, those who run it decide.
        let products = &self.catalog.products;
        let is_theirs = |product| products.get(product).kind.is_on_premises();
        self.readings.retain(|reading| !reading.product.is_some_and(is_theirs));
        self.doubt_lone();
    }

    /// What a page says in passing that is about something else was read right less often: of claims
    /// on random pages half as often.
    fn doubt_lone(&mut self) {
        let mut headings = (0..self.blocks.len())
            .filter(|&at| matches!(self.blocks[at].kind, BlockKind::Heading(_)));
        let is_lone = (1..=FEW).contains(&self.readings.len());
        if is_lone && !headings.any(|at| self.speaks_of_data(at)) {
            for reading in &mut self.readings {
                reading.confidence = reading.confidence.saturating_sub(LONE);
            }
        }
    }

    fn heading(&mut self, index: usize, level: u8, open: &mut Open) {
        let block = &self.blocks[index];
        open.headings.retain(|&(other, _)| other < level);
        open.headings.push((level, index));
        self.above = open.headings.iter().map(|&(_, at)| at).collect();
        let below = open.headings.iter().rev().filter(|&&(level, _)| level > 1);
        self.section = below.into_iter().find_map(|&(_, at)| self.headed(at));
        open.announced = std::mem::replace(&mut open.before, vec![index]);
        if index > 0 && is_row(&self.blocks[index - 1]) {
            open.announced.clear();
        }
        let is_listed = self.blocks.get(index + 1).is_some_and(|b| b.kind == BlockKind::Item);
        open.leads = self.asked(index).into_iter().collect();
        if open.leads.is_empty() && is_listed {
            open.leads.extend(self.headline(index));
        }
        self.antecedent = None;
        let whole = 0..block.text.plain.len();
        self.silent = vec![(index, whole.clone())];
        self.asked = match open.leads.first().filter(|lead| lead.answers) {
            Some(lead) => Some(lead.frame.topic()),
            None if block.text.plain.trim_end().ends_with(['?', '？']) => {
                self.topic(&self.passage_of_any(index), &whole)
            }
            None => None,
        };
    }

    fn data_row(&mut self, index: usize, open: &mut Open) {
        let known = self.readings.len();
        self.row(index, open.table.as_mut());
        let held = open.leads.last().and_then(|lead| lead.held.as_ref());
        if let Some(held) = held.filter(|_| open.table.is_none())
            && self.readings.len() == known
        {
            self.hold(index, held);
        }
    }

    fn text(&mut self, index: usize, open: &mut Open) {
        let block = &self.blocks[index];
        let is_item = block.kind == BlockKind::Item;
        open.leads.retain(|lead| (is_item || lead.answers) && lead.depth <= block.depth);
        let mut lead = open.leads.pop();
        let known = self.readings.len();
        let mut next = self.prose(index, lead.as_ref());
        self.agreed(index, known);
        let mut is_read = self.readings.len() > known || next.is_some();
        if is_item
            && !is_read
            && !lead.as_ref().is_some_and(|lead| lead.tells_how)
            && let Some(above) = self.above_places(index)
        {
            next = self.prose(index, Some(&above));
            is_read = self.readings.len() > known;
            lead = Some(above);
        }
        let held = lead.as_mut().and_then(|lead| lead.held.as_mut());
        if let Some(held) = held.filter(|_| is_item && !is_read)
            && held.holds(block.depth)
        {
            self.hold(index, held);
        }
        // A question has one answer, or a list of them.
        open.leads.extend(lead.filter(|lead| is_item || !lead.answers));
        open.leads.extend(next);
        open.before.push(index);
    }

    /// The product whose name a heading is or begins with: "Widgets – privacy", "Data of Widgets".
    fn headed(&self, index: usize) -> Option<Owner> {
        let heading = self.blocks[index].text.plain.trim();
        let mut all = self.named(index).into_iter().filter(|named| !named.background);
        let named = all.next()?;
        let written = &self.blocks[index].text.plain[named.range];
        // "Widgets – advanced" is a part of Widgets.
        let rest = heading.strip_prefix(written).map(str::trim_start);
        let is_whole =
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['–', '—', ':']));
        let is_only = all.all(|other| other.product == named.product);
        let is_about = || heading.starts_with(written) || heading.ends_with(written);
        let owner = || Owner { product: Some(named.product), written: written.to_owned() };
        (is_whole || (is_only && is_about() && self.speaks_of_data(index))).then(owner)
    }

    /// Whether one of the blocks announces a table or list.
    fn speaks_of_table(&self, blocks: &[usize]) -> bool {
        blocks.iter().any(|&index| {
            let passage = self.passage_of_any(index);
            let prose = !matches!(self.blocks[index].kind, BlockKind::Heading(_));
            prose && passage.has(Mark::Ahead, &(0..passage.plain.len()))
        })
    }
}

fn is_row(block: &Block) -> bool {
    matches!(block.kind, BlockKind::Row { .. })
}
