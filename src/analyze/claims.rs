//! Reads what a page states about where data is kept and processed.
//!
//! Statements are read literally, clause by clause, with the cues and phrases of the page's
//! language. Whether a translation says what its source says is decided in `link`: a page does not
//! know its source.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;

use self::clause::{Clause, Frame, Owner, Role, Stated, Statement};
use self::leads::Lead;
use self::listed::Held;
use self::passage::{Named, Passage};
use super::{Context, Facts, Location, Mention, Pass, Reading, Side};
use crate::catalog::languages::{
    ADPOSITIONS, Activity, Adpositions, Category, Cue, Language, Mark, Rule,
};
use crate::catalog::places::WORLD;
use crate::catalog::{Catalog, ProductId, ProductKind};
use crate::diag::Problem;
use crate::model::{Block, BlockKind, PageVersion};
use crate::source::Span;

mod antecedents;
mod asides;
mod clause;
pub mod departures;
mod leads;
mod listed;
mod noun_phrases;
mod page_product;
mod passage;
mod sentences;
mod spelling;
mod stories;
mod table;
pub mod through_source;
mod unregistered;

#[cfg(test)]
mod tests;

pub const PASS: Pass = Pass { name: "claims", run };

/// In bytes. What is longer is a list or data without stops, and states nothing that a reader could
/// find.
const LONGEST_SENTENCE: usize = 4000;

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

/// What both sides of a unit say was surely read well.
fn confirm(page: &PageVersion, readings: &mut [Reading]) {
    let said = |reading: &Reading| {
        let Reading { activity, category, form, location, relation, negated, .. } = reading.clone();
        (page.segment_at(reading.quote), activity, category, form, location, relation, negated)
    };
    let source: Vec<_> =
        readings.iter().filter(|reading| reading.side == Side::Source).map(said).collect();
    for reading in readings.iter_mut().filter(|reading| reading.side == Side::Page) {
        if source.contains(&said(reading)) {
            reading.confidence = (reading.confidence + CONFIRMED).min(99);
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
            blocks: side.blocks(version),
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

    fn page(&mut self) {
        // The lead-ins that are open, the outermost first.
        let mut leads: Vec<Lead> = Vec::new();
        let mut headings: Vec<(u8, usize)> = Vec::new();
        // The blocks since the last heading, with it, that are neither rows nor code.
        let mut before: Vec<usize> = Vec::new();
        // What the section before says of a table that its heading parts from it.
        let mut announced: Vec<usize> = Vec::new();
        let mut table: Option<table::Columns> = None;
        for (index, block) in self.blocks.iter().enumerate() {
            let is_row = |block: &Block| matches!(block.kind, BlockKind::Row { .. });
            if !is_row(block) {
                table = None;
            }
            let is_past = index > 0 && is_row(&self.blocks[index - 1]);
            match block.kind {
                BlockKind::Heading(level) => {
                    headings.retain(|&(other, _)| other < level);
                    headings.push((level, index));
                    self.above = headings.iter().map(|&(_, at)| at).collect();
                    let below = headings.iter().rev().filter(|&&(level, _)| level > 1);
                    self.section = below.into_iter().find_map(|&(_, at)| self.headed(at));
                    announced = std::mem::replace(&mut before, vec![index]);
                    if is_past {
                        announced.clear();
                    }
                    let is_listed =
                        self.blocks.get(index + 1).is_some_and(|b| b.kind == BlockKind::Item);
                    leads = self.asked(index).into_iter().collect();
                    if leads.is_empty() && is_listed {
                        leads.extend(self.headline(index));
                    }
                    self.antecedent = None;
                    let whole = 0..block.text.plain.len();
                    self.silent = vec![(index, whole.clone())];
                    self.asked = match leads.first().filter(|lead| lead.answers) {
                        Some(lead) => Some(lead.frame.topic()),
                        None if block.text.plain.trim_end().ends_with(['?', '？']) => {
                            self.topic(&self.passage_of_any(index), &whole)
                        }
                        None => None,
                    };
                }
                BlockKind::Row { header: true } => {
                    let above: Vec<usize> = headings.iter().map(|&(_, at)| at).collect();
                    let parted = before.len() == 1 && self.speaks_of_table(&announced);
                    let near = if parted { &announced } else { &before };
                    table = self.columns(index, near, &above);
                }
                BlockKind::Row { header: false } => {
                    let known = self.readings.len();
                    self.row(index, table.as_mut());
                    let held = leads.last().and_then(|lead| lead.held.as_ref());
                    if let Some(held) = held.filter(|_| table.is_none())
                        && self.readings.len() == known
                    {
                        self.hold(index, held);
                    }
                }
                BlockKind::Paragraph | BlockKind::Item | BlockKind::Html => {
                    let is_item = block.kind == BlockKind::Item;
                    leads.retain(|lead| (is_item || lead.answers) && lead.depth <= block.depth);
                    let mut lead = leads.pop();
                    let known = self.readings.len();
                    let next = self.prose(index, lead.as_ref());
                    let is_read = self.readings.len() > known || next.is_some();
                    let held = lead.as_mut().and_then(|lead| lead.held.as_mut());
                    if let Some(held) = held.filter(|_| is_item && !is_read)
                        && held.holds(block.depth)
                    {
                        self.hold(index, held);
                    }
                    // A question has one answer, or a list of them.
                    leads.extend(lead.filter(|lead| is_item || !lead.answers));
                    leads.extend(next);
                    before.push(index);
                }
                BlockKind::Code => {}
            }
        }
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

    /// What a sentence is about that names nothing else: what its heading names, unless the place is
    /// told by that as by another product.
    fn about(&self, passage: &Passage<'a>, sentence: &Range<usize>) -> Option<Owner> {
        let page = self.product();
        let is_other = |owner: &&Owner| {
            let mut named = passage.products_in(sentence);
            let rules = || passage.rules(sentence, page.and_then(|page| page.product));
            named.any(|named| {
                let is_it = Some(named.product) == owner.product;
                is_it && rules().iter().any(|ruled| passage::contains(&ruled.range, &named.range))
            })
        };
        self.section.as_ref().filter(|owner| !is_other(owner)).or(page).cloned()
    }

    /// Whether one of the blocks announces a table or list.
    fn speaks_of_table(&self, blocks: &[usize]) -> bool {
        blocks.iter().any(|&index| {
            let passage = self.passage_of_any(index);
            let prose = !matches!(self.blocks[index].kind, BlockKind::Heading(_));
            prose && passage.has(Mark::Ahead, &(0..passage.plain.len()))
        })
    }

    /// Reads a paragraph or bullet; gives the lead-in that it ends with.
    fn prose(&mut self, index: usize, lead: Option<&Lead>) -> Option<Lead> {
        let block = &self.blocks[index];
        let topic = self.asked.take();
        let passage = self.passage(index)?;
        let whole = 0..passage.plain.len();
        let sentences = sentences::sentences(passage.text, whole.clone(), self.language);
        // "Yes. It is stored in …"
        let is_word = |sentence: &&Range<usize>| asides::is_answer_word(&passage, sentence);
        let first = sentences.iter().take_while(is_word).count();
        // Under a lead that leaves no place open, a bullet needs a verb or a preposition of its own.
        let has_own = || {
            let is_step = passage.begins(Mark::Step, &whole).is_some();
            let says = !passage.activities(&whole).is_empty() && !is_step;
            says || ADPOSITIONS.into_iter().any(|mark| passage.begins(mark, &whole).is_some())
        };
        let completes = |lead: &&Lead| {
            let range = if lead.answers { sentences.get(first).cloned()? } else { whole.clone() };
            // "Our data centers are located in …" is no answer to where data is, but says its own.
            let verb = passage.activities(&range).into_iter().next();
            let is_own = lead.answers
                && verb.is_some_and(|(verb, _)| {
                    passage.has(Mark::DataCenter, &(range.start..verb.start))
                });
            let is_item = block.kind == BlockKind::Item;
            let is_places = !lead.of_places
                || (!is_own
                    && self.bare_places(&passage, range.clone())
                    && (!lead.answers || is_item || leads::only_says_where(&passage, &range)));
            (is_places && (lead.opens || has_own())).then_some(())
        };
        let lead = lead.filter(|lead| completes(lead).is_some());
        let (mut last, mut announced, mut asked) = (None, None, None);
        let mut held: Option<Held> = None;
        let mut chosen: Option<Frame> = None;
        let mut lists_choices = false;
        let mut is_story = false;
        for (i, sentence) in sentences.iter().enumerate() {
            is_story |= asides::opens_example(&passage, sentence);
            if is_story {
                continue;
            }
            let led = lead.filter(|_| i == first).or(asked.as_ref());
            if i < first {
                continue;
            }
            // "It is stored in …": what it is, the sentence before says.
            let refers =
                passage.has(Mark::Pronoun, sentence) && passage.categories(sentence).is_empty();
            let about = last.take().or_else(|| topic.clone().filter(|_| i == first));
            let spoken = about.filter(|_| refers);
            if self.labelled(&passage, index, sentence) {
                continue;
            }
            let known = self.readings.len();
            last = self.sentence(&passage, index, sentence.clone(), led, spoken.as_ref(), false);
            let asks = leads::asks(&passage, sentence);
            if asks {
                last = self.topic(&passage, sentence);
                self.asked.clone_from(&last.clone().filter(|_| i + 1 == sentences.len()));
            }
            let next =
                sentences.get(i + 1).filter(|next| self.bare_places(&passage, (*next).clone()));
            asked = next.filter(|_| asks).and_then(|_| self.question(&passage, sentence.clone()));
            // A remark may stand between what announces a list and the list.
            if passage.announces(sentence) {
                held = Held::by(&passage, sentence, &self.readings[known..]);
                announced = last.clone();
                let plain = announced.as_mut().filter(|frame| frame.announces_choices());
                if let Some((frame, chosen)) = plain.zip(chosen.as_ref()) {
                    *frame = Frame { range: frame.range.clone(), ..chosen.clone() };
                    lists_choices = true;
                }
            }
            if self.readings.len() == known {
                self.silent.push((index, sentence.clone()));
            }
            let is_choice = |reading: &Reading| {
                reading.location == Location::Rule(Rule::CustomerChoice.as_str().to_owned())
            };
            if self.readings[known..].iter().any(is_choice) {
                chosen = last.clone();
            }
        }
        let last = sentences.last().filter(|last| leads::asks(&passage, last));
        if let Some(asked) = last.and_then(|last| self.question(&passage, last.clone())) {
            return Some(asked);
        }
        let mut frame = announced?;
        // "Data is available in these regions:" says that it is kept there, if places follow.
        let lists_data = frame.activities.is_empty()
            && frame.announces_data()
            && !asides::is_of_feature(&passage, &frame.range);
        // "X can be deployed in these regions:" says that it runs there, if places follow.
        let lists_regions = frame.announces_regions();
        // "X has these data regions:" names places of data.
        let names_regions = frame.activities.is_empty()
            && frame.announces_choices()
            && passage.has(Mark::DataPlace, &frame.range);
        let of_places = lists_data || lists_regions || lists_choices || names_regions;
        if lists_data {
            frame.activities.push(Activity::Stores);
        } else if lists_regions {
            frame.activities = vec![Activity::Operates];
            frame.may = false;
        } else if names_regions {
            frame.activities = vec![Activity::Stores];
            frame.category = frame.category.or(Some(Category::Data));
        }
        if frame.activities.is_empty() && held.is_none() {
            return None;
        }
        // A lead-in is quoted with its colon, which is what makes it one.
        let start = frame.range.start;
        let span = block.text.file_span(Span::new(start, passage.plain.len()));
        let is_before = self.language.adpositions == Adpositions::Before;
        // What has its place is only completed by what has another one.
        let opens = held.is_none() && (!is_before || table::opens(&passage, &frame.range, &frame));
        Some(Lead {
            frame,
            of_places,
            opens,
            answers: false,
            held,
            span: Some(span),
            depth: block.depth + u8::from(block.kind == BlockKind::Item),
        })
    }

    /// The place or rule that was named last: one may be named without saying what is there, "select
    /// a region".
    fn last_named(&self) -> Option<Location> {
        let product = self.product().and_then(|owner| owner.product);
        let mut silent = self.silent.iter().rev();
        let named = silent.find_map(|(index, sentence)| {
            antecedents::ruled(&self.passage_of_any(*index), sentence, product)
        });
        named.or_else(|| self.antecedent.clone())
    }

    /// Reads a sentence; gives what its last clause hands on.
    fn sentence(
        &mut self,
        passage: &Passage<'a>,
        index: usize,
        sentence: Range<usize>,
        lead: Option<&Lead>,
        spoken: Option<&Frame>,
        in_table: bool,
    ) -> Option<Frame> {
        if sentence.len() > LONGEST_SENTENCE
            || leads::asks(passage, &sentence)
            || clause::is_framed(passage, Mark::Pointer, &sentence)
            || asides::is_only_condition(passage, &sentence)
            || asides::is_step(passage, &sentence)
            || asides::is_entry(passage, &sentence)
        {
            return None;
        }
        let body = asides::without_example(passage, asides::without_opener(passage, sentence))?;
        let markers = sentences::markers(passage.plain, body.clone());
        let head = body.start..markers.first().copied().unwrap_or(body.end);
        let is_marked_bullet = !markers.is_empty() && head.is_empty();
        let mut frame = None;
        if !head.is_empty() {
            let bounds = clauses(passage, head);
            let role = if lead.is_some() { Role::Completion } else { Role::Clause };
            for (i, bound) in bounds.into_iter().enumerate() {
                let product = self.about(passage, &body);
                let (role, inherited) = match (i, lead) {
                    (0, Some(lead)) => (role, Some(&lead.frame)),
                    (0, None) => (role, spoken),
                    _ => (Role::Clause, frame.as_ref()),
                };
                let clause = Clause::new(passage, bound, role, inherited, product.as_ref());
                let mut next = clause.frame();
                next.instructs |= i > 0 && frame.as_ref().is_some_and(|frame| frame.instructs);
                let from = lead.filter(|_| role == Role::Completion).and_then(|lead| lead.span);
                self.take(passage, index, clause.statements(), from, in_table);
                frame = Some(next);
            }
        }
        let led = frame.clone();
        let inherited = if is_marked_bullet { lead.map(|lead| &lead.frame) } else { led.as_ref() };
        for (i, &start) in markers.iter().enumerate() {
            let end = markers.get(i + 1).copied().unwrap_or(body.end);
            let product = self.about(passage, &body);
            let from = if is_marked_bullet {
                lead.and_then(|lead| lead.span)
            } else {
                led.as_ref().map(|frame| {
                    passage.text.file_span(Span::new(frame.range.start, frame.range.end))
                })
            };
            // ", except in Norway, where …" says its own.
            let mut before: Option<Frame> = None;
            for bound in clauses(passage, start..end) {
                let (role, from, inherited) = match &before {
                    None => (Role::Completion, from, inherited),
                    Some(before) => (Role::Clause, None, Some(before)),
                };
                let clause = Clause::new(passage, bound, role, inherited, product.as_ref());
                let next = clause.frame();
                self.take(passage, index, clause.statements(), from, in_table);
                before = Some(next);
            }
        }
        frame
    }

    /// Keeps statements as readings, with their places in the file.
    fn take(
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
            let location = match statement.location.clone() {
                Stated::Known(location) => location,
                // "The specified region" is the user's where places are decided for each user.
                Stated::Chosen(chosen) => {
                    let last = named().or_else(|| self.last_named());
                    last.filter(|last| *last == by_user()).unwrap_or(chosen)
                }
                Stated::Antecedent => match named().or_else(|| self.last_named()) {
                    Some(location) => location,
                    // Which region is meant was not read; it is one of the page's own.
                    None if statement.in_it => Location::Rule(Rule::SameRegion.as_str().to_owned()),
                    None => continue,
                },
            };
            // "That region" is never the whole world.
            let is_world =
                matches!(&location, Location::Places(codes) if codes.iter().any(|c| c == WORLD));
            if location != Location::Service && !is_world {
                self.antecedent = Some(location.clone());
                self.silent.clear();
            }
            let span = |range: &Range<usize>| self.quoted(passage, index, range);
            let owner = statement.owner;
            let product = owner.as_ref().and_then(|owner| owner.product);
            let kind = product.map(|product| self.catalog.products.get(product).kind);
            if kind.is_some_and(ProductKind::is_on_premises) {
                continue;
            }
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

    /// Whether the title or a heading above speaks of data and its protection.
    fn is_about_data(&self) -> bool {
        self.above.iter().any(|&at| self.speaks_of_data(at))
    }

    fn speaks_of_data(&self, index: usize) -> bool {
        let text = &self.blocks[index].text;
        let passage = Passage::read_any(self.language, text, Vec::new());
        let whole = 0..passage.plain.len();
        let marks = [Mark::Topic, Mark::DataPlace, Mark::DataCenter];
        let is_data = |category| !matches!(category, Category::Content | Category::Data);
        marks.into_iter().any(|mark| passage.has(mark, &whole))
            || passage.categories(&whole).into_iter().any(|(_, category)| is_data(category))
    }

    /// Where a stretch of a block stands in the file: an item that is one link is quoted with it.
    fn quoted(&self, passage: &Passage<'a>, index: usize, range: &Range<usize>) -> Span {
        let block = &self.blocks[index];
        let is_link = passage.text.links.iter().any(|link| link.range() == *range);
        if is_link && block.kind == BlockKind::Item && range.len() == passage.plain.trim().len() {
            return block.span;
        }
        passage.text.file_span(Span::new(range.start, range.end))
    }

    /// A block's text with its cues; none if nothing in it could matter.
    fn passage(&self, index: usize) -> Option<Passage<'a>> {
        let language: &'a Language = self.language;
        let block: &'a Block = &self.blocks[index];
        Passage::read(language, &block.text, self.named(index))
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

fn by_user() -> Location {
    Location::Rule(Rule::UserPdl.as_str().to_owned())
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

/// The clauses of a sentence: cut where one surely ends, around a parenthesis that states
/// something, and between two that both state something.
fn clauses(passage: &Passage<'_>, sentence: Range<usize>) -> Vec<Range<usize>> {
    let mut cuts: Vec<usize> =
        passage.marks(Mark::Tail, &sentence).map(|tail| tail.start).collect();
    cuts.retain(|&cut| !is_inserted(passage, &sentence, cut));
    // ", which you chose" tells one region from another.
    if !cuts.is_empty() {
        let rules = passage.rules(&sentence, None);
        cuts.retain(|&cut| {
            !rules.iter().any(|rule| rule.range.start < cut && cut < rule.range.end)
        });
    }
    let stops = passage.plain[sentence.clone()].match_indices([';', '；']);
    cuts.extend(stops.map(|(at, stop)| sentence.start + at + stop.len()));
    for inside in parentheses(passage.plain, &sentence) {
        if states(passage, &inside) {
            cuts.extend([inside.start, inside.end]);
        }
    }
    cuts.retain(|&cut| cut > sentence.start);
    cuts.push(sentence.end);
    cuts.sort_unstable();
    cuts.dedup();
    // What a condition at its start names, the sentence does not state.
    let stated_from = clause::condition(passage, &sentence).1.start;
    let mut parts = Vec::new();
    let mut start = sentence.start;
    for cut in cuts {
        let mut rest = start..cut;
        for joint in passage.marks(Mark::Break, &rest.clone()).collect::<Vec<_>>() {
            let (left, right) = (rest.start..joint.start, joint.end..rest.end);
            let inside = joins_places(passage, &rest, &joint)
                || is_in_parentheses(&passage.plain[left.clone()]);
            if joint.start > rest.start.max(stated_from)
                && !inside
                && !joins_verbs(passage, &rest, &joint)
                && states(passage, &(left.start.max(stated_from)..left.end))
                && states(passage, &right)
            {
                parts.push(left);
                rest = right;
            }
        }
        parts.push(rest);
        start = cut;
    }
    parts
}

/// Whether what opens there only describes the subject, and its verb is still to come: "the country,
/// which you enter at sign-up, determines where …".
fn is_inserted(passage: &Passage<'_>, sentence: &Range<usize>, tail: usize) -> bool {
    let before = sentence.start..tail;
    let inside = passage.plain[tail..sentence.end].char_indices().skip(1);
    let mut commas = inside.filter(|&(_, c)| clause::is_comma(c)).map(|(at, _)| tail + at);
    passage.activities(&before).is_empty()
        && commas.next().is_some_and(|comma| {
            let rest = comma..sentence.end;
            passage
                .marks(Mark::Decides, &rest)
                .next()
                .is_some_and(|decides| passage.words(comma..decides.start) <= 1)
        })
}

/// Whether a conjunction stands between two coordinated places.
fn joins_places(passage: &Passage<'_>, within: &Range<usize>, joint: &Range<usize>) -> bool {
    let places =
        || passage.hits(within).filter(|hit| matches!(hit.cue, Cue::Place(_) | Cue::Adjective(_)));
    let before = places().filter(|hit| hit.range.end <= joint.start).last();
    let after = places().find(|hit| hit.range.start >= joint.end);
    let around = places().any(|hit| hit.range.start < joint.start && joint.end < hit.range.end);
    around || before.zip(after).is_some_and(|(b, a)| passage.is_join(b.range.end..a.range.start))
}

/// Whether a conjunction stands between two coordinated verbs: "stored and processed in …".
fn joins_verbs(passage: &Passage<'_>, within: &Range<usize>, joint: &Range<usize>) -> bool {
    let before = passage.activities(&(within.start..joint.start));
    let after = passage.activities(&(joint.end..within.end));
    let (before, after) = (before.last(), after.first());
    before.zip(after).is_some_and(|(b, a)| passage.is_join(b.0.end..a.0.start))
}

/// What stands between parentheses, the outermost.
fn parentheses(text: &str, within: &Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open = Vec::new();
    for (at, c) in text[within.clone()].char_indices() {
        match c {
            '(' | '（' => open.push(within.start + at + c.len_utf8()),
            ')' | '）' => {
                if let Some(start) = open.pop().filter(|_| open.is_empty()) {
                    found.push(start..within.start + at);
                }
            }
            _ => {}
        }
    }
    found
}

/// Whether a text leaves a parenthesis open.
fn is_in_parentheses(text: &str) -> bool {
    text.matches(['(', '（']).count() > text.matches([')', '）']).count()
}

/// Whether a stretch has a verb and a location of its own.
fn states(passage: &Passage<'_>, range: &Range<usize>) -> bool {
    let has_location = || {
        passage.has_place(range)
            || passage.hits(range).any(|hit| matches!(hit.cue, Cue::Adjective(_)))
            || !passage.rules(range, None).is_empty()
    };
    !passage.activities(range).is_empty() && has_location()
}
