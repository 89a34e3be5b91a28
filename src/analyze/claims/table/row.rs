//! Reads rows: what each cell of a column of places says of the row's product or customers, and the
//! sentences in the others.

use std::ops::Range;

use super::cells::{is_measure, is_unknown_word, lines};
use super::{Column, Columns, Kind, handles, names_data_center};
use crate::analyze::claims::clause::{Frame, Owner};
use crate::analyze::claims::leads::Lead;
use crate::analyze::claims::passage::{COLONS, Passage, contains};
use crate::analyze::claims::sentences::sentences;
use crate::analyze::claims::{Location, Reader, Reading};
use crate::catalog::languages::{Activity, Category, Form, Mark, Rule};
use crate::model::Block;
use crate::source::Span;

/// How sure a row is that nothing speaks against, in hundredths. What takes away from it is weighed in
/// `state`: estimated, not fitted.
const SURE: u8 = 95;
/// So many words of a cell are no sentence.
const FEW: usize = 5;

/// What a row is about.
struct Subject {
    owner: Option<Owner>,
    /// The row is about this data.
    category: Option<Category>,
    condition: Option<String>,
}

/// What the header and the words above it say of a statement.
#[derive(Clone, Copy)]
struct Told<'c> {
    kind: Kind,
    lead: Option<Span>,
    condition: Option<&'c String>,
}

impl<'a> Reader<'a> {
    /// Reads a row: sentences in its cells, and the places of a table of places.
    pub(in super::super) fn row(&mut self, index: usize, mut table: Option<&mut Columns>) {
        let block: &'a Block = &self.blocks[index];
        if let Some(table) = table.as_deref_mut() {
            let filled =
                |cell: &Span| block.text.plain[cell.range()].contains(char::is_alphanumeric);
            if table.subject.and_then(|cell| block.cells.get(cell)).is_some_and(filled) {
                table.above = Some(index);
            }
        }
        let table = table.as_deref();
        // In a table of places codes and ticks count, which are none elsewhere.
        let read = match table {
            Some(_) => Some(self.passage_of_any(index)),
            None => self.passage(index),
        };
        let Some(passage) = read else { return };
        // "10.0.1.0 | Contoso | Seattle": a row of samples.
        let is_name = |mark: Range<usize>| passage.plain[mark].starts_with(char::is_uppercase);
        if passage.marks(Mark::Example, &(0..passage.plain.len())).any(is_name) {
            return;
        }
        let subject = table.map(|table| self.subject(table));
        for (i, cell) in block.cells.iter().enumerate() {
            let column = table.and_then(|table| table.places.iter().find(|c| c.cell == i));
            // What a row of a table of places is about states nothing: "customers whose tenant is in …".
            if table.is_some_and(|table| table.subject == Some(i)) {
                continue;
            }
            let is_measure = is_measure(&passage.plain[cell.range()]);
            let headed = match (table, &subject, column) {
                (Some(table), Some(subject), Some(column))
                    if !is_measure
                        && (column.kind == Kind::Data
                            || column.runs
                            || subject.category.is_some()
                            || table.frame.instructs
                            || {
                                column.kind == Kind::Centers && passage.words(cell.range()) <= FEW
                            })
                        && self.places_of(&passage, column, &cell.range()).is_none() =>
                {
                    Some(Lead {
                        frame: table.frame(column, subject),
                        of_places: false,
                        opens: true,
                        answers: false,
                        held: None,
                        tells_how: false,
                        span: table.lead,
                        depth: 0,
                    })
                }
                _ => None,
            };
            // What only names its places says nothing else.
            if column.is_some_and(|column| {
                column.loose && self.places_of(&passage, column, &cell.range()).is_some()
            }) {
                continue;
            }
            let before = self.readings.len();
            self.cell(&passage, index, cell.range(), headed.as_ref());
            // Words that need the heading to say something are quoted with their row.
            if headed.is_some() && passage.activities(&cell.range()).is_empty() {
                self.readings[before..].iter_mut().for_each(|reading| reading.quote = block.span);
            }
        }
        match (table, subject) {
            (Some(table), Some(subject)) => self.places(&passage, index, table, &subject),
            _ => {
                self.property(&passage, index);
                self.centres(&passage, index);
            }
        }
    }

    /// Reads a row with a cell that says no more than that there are data centers in places: "Data
    /// centers in Norway".
    fn centres(&mut self, passage: &Passage<'a>, index: usize) {
        let block: &'a Block = &self.blocks[index];
        let first = self.readings.len();
        let owner = self.product().cloned();
        for cell in block.cells.iter().skip(1).map(|cell| cell.range()) {
            let Some(centre) = passage.begins(Mark::DataCenter, &cell) else { continue };
            let of_centres = names_data_center(passage, &centre)
                && passage.begins(Mark::In, &(centre.end..cell.end)).is_some();
            let places = self.only_places(passage, &cell).filter(|_| of_centres);
            if let Some(places) = places.filter(|_| self.readings.len() == first) {
                let frame = Frame { activities: vec![Activity::Operates], ..Frame::default() };
                let told = Told { kind: Kind::Centers, lead: None, condition: None };
                self.state(index, &frame, Location::Places(places), owner.as_ref(), told);
            }
        }
    }

    /// Reads a row whose first cell asks or names where data is, and another one the place.
    fn property(&mut self, passage: &Passage<'a>, index: usize) {
        let block: &'a Block = &self.blocks[index];
        let Some((first, others)) = block.cells.split_first() else { return };
        let first = first.range();
        // "Country as in the company information" is nobody's place of data.
        let countries: Vec<Range<usize>> = passage.marks(Mark::Country, &first).collect();
        let names_places = passage
            .marks(Mark::Places, &first)
            .any(|place| !countries.iter().any(|country| contains(country, &place)));
        let asks = passage.has(Mark::DataPlace, &first)
            || (names_places && !passage.categories(&first).is_empty());
        if !asks || passage.has(Mark::Available, &first) {
            return;
        }
        let place = |cell: &&Span| self.only_places(passage, &cell.range()).is_some();
        let Some(cell) = others.iter().position(|cell| place(&cell)) else { return };
        // "If it stores or processes data, where is that kept?" asks for what it says last.
        let activities = passage.activities(&first).into_iter().map(|(_, activity)| activity);
        let activity = activities.rev().find(|&activity| handles(activity));
        let category = passage.categories(&first).first().map(|&(_, category)| category);
        let frame = Frame {
            activities: vec![activity.unwrap_or(Activity::Stores)],
            category: Some(category.unwrap_or(Category::Data)),
            at_rest: passage.has(Mark::AtRest, &first),
            ..Frame::default()
        };
        let named = passage.products_in(&first).find(|named| !named.background);
        let owner = named.map(|named| Owner {
            product: Some(named.product),
            written: passage.plain[named.range.clone()].to_owned(),
        });
        let owner = owner.or_else(|| self.product().cloned());
        let place = self.only_places(passage, &others[cell].range()).unwrap_or_default();
        let told = Told { kind: Kind::Places, lead: None, condition: None };
        self.state(index, &frame, Location::Places(place), owner.as_ref(), told);
    }

    /// Reads what a cell says in words, line by line. Under a heading that says where data is, words
    /// without a verb complete that.
    fn cell(
        &mut self,
        passage: &Passage<'a>,
        index: usize,
        cell: Range<usize>,
        headed: Option<&Lead>,
    ) {
        let mut lead: Option<Lead> = None;
        for line in lines(passage.text, cell) {
            let all = sentences(passage.text, line.clone(), self.language);
            for (i, sentence) in all.iter().enumerate() {
                let led = lead.as_ref().or(headed).filter(|_| i == 0);
                let frame = self.sentence(passage, index, sentence.clone(), led, None, true);
                if passage.plain[sentence.clone()].ends_with(COLONS) {
                    let span = passage.text.file_span(Span::new(sentence.start, sentence.end));
                    lead = frame.filter(|frame| !frame.activities.is_empty()).map(|frame| Lead {
                        frame,
                        of_places: false,
                        opens: true,
                        answers: false,
                        held: None,
                        tells_how: false,
                        span: Some(span),
                        depth: 0,
                    });
                }
            }
        }
    }

    /// What a row is about: its own first cell, or that of the row above that it leaves out.
    fn subject(&self, table: &Columns) -> Subject {
        let page = || self.product().cloned();
        let Some((index, subject)) = table.above.zip(table.subject) else {
            return Subject { owner: page(), category: None, condition: None };
        };
        let passage = self.passage_of_any(index);
        let cell = self.blocks[index].cells[subject].range();
        let words = passage.plain[cell.clone()].trim();
        let named =
            passage.products_in(&cell).find(|named| named.range.len() * 3 >= words.len() * 2);
        let is_place = self.only_places(&passage, &cell).is_some();
        let category = passage.categories(&cell).first().map(|&(_, category)| category);
        let category = category.filter(|_| named.is_none() && !is_place && !table.of_services);
        let owner = match named {
            Some(named) => Some(Owner {
                product: Some(named.product),
                written: passage.plain[named.range.clone()].to_owned(),
            }),
            // A table of services names them in its first column, whether the catalog knows them or
            // not. One that it does not know is a part of what the page is about.
            None if !is_place && table.of_services && !words.is_empty() => {
                let product = self.product().and_then(|owner| owner.product);
                Some(Owner { product, written: words.to_owned() })
            }
            None => page(),
        };
        let condition = named.is_none().then(|| format!("{}: {words}", table.label));
        Subject { owner, category, condition }
    }

    fn places(&mut self, passage: &Passage<'a>, index: usize, table: &Columns, subject: &Subject) {
        let block = &self.blocks[index];
        let first = self.readings.len();
        for column in &table.places {
            let Some(cell) = block.cells.get(column.cell) else { continue };
            let cell = cell.range();
            let named = self.places_of(passage, column, &cell).map(Location::Places);
            let unknown = || {
                let stands_for_one = (table.of_data || !table.frame.activities.is_empty())
                    && table.lead.is_some()
                    && column.of_places
                    && is_unknown_word(passage, &cell);
                stands_for_one.then(|| Location::from(Rule::Unresolvable))
            };
            let Some(location) = named.or_else(unknown) else { continue };
            let owner = column.owner.as_ref().or(subject.owner.as_ref());
            let frame = table.frame(column, subject);
            let condition = subject.condition.as_ref();
            let told = Told { kind: column.kind, lead: table.lead, condition };
            self.state(index, &frame, location, owner, told);
        }
        // Equal cells of a row say one thing.
        let mut said = self.readings.split_off(first);
        let key = |reading: &Reading| {
            let Reading { location, activity, category, .. } = reading.clone();
            (location, activity, category, reading.product_as_written.clone())
        };
        let mut seen = Vec::new();
        said.retain(|reading| {
            let is_new = !seen.contains(&key(reading));
            seen.push(key(reading));
            is_new
        });
        self.readings.append(&mut said);
    }

    /// The places that a cell names or, in a grid, says yes to.
    fn places_of(
        &self,
        passage: &Passage<'_>,
        column: &Column,
        cell: &Range<usize>,
    ) -> Option<Vec<String>> {
        match &column.ticked {
            Some(codes) => Some(codes.clone()).filter(|_| self.says_yes(passage, cell)),
            None if column.loose => self.mostly_places(passage, cell),
            None => self.only_places(passage, cell),
        }
    }

    /// Keeps what a row states of one location: a reading for each thing that is done there.
    fn state(
        &mut self,
        index: usize,
        frame: &Frame,
        location: Location,
        owner: Option<&Owner>,
        Told { kind, lead, condition }: Told<'_>,
    ) {
        let is_topic = self.is_about_data();
        for &activity in &frame.activities {
            let category = match activity {
                Activity::Operates => Category::None,
                _ => frame.category.unwrap_or(Category::Data),
            };
            let doubts = [
                (kind == Kind::Mute, 20),
                (kind == Kind::Places, 6),
                (lead.is_none() && kind < Kind::Data, 6),
                (owner.is_none_or(|owner| owner.product.is_none()), 5),
                (category == Category::Data, 5),
                (location.is_world(), 5),
                (location == Location::from(Rule::Unresolvable), 20),
                (!is_topic, 15),
            ];
            let sum: u8 = doubts.iter().filter(|(holds, _)| *holds).map(|(_, by)| by).sum();
            self.readings.push(Reading {
                side: self.side,
                block: index as u32,
                quote: self.blocks[index].span,
                lead,
                product: owner.and_then(|owner| owner.product),
                product_as_written: owner.map(|owner| owner.written.clone()).unwrap_or_default(),
                infrastructure: None,
                activity: activity.as_str().to_owned(),
                category: category.as_str().to_owned(),
                form: Form::AsIs.as_str().to_owned(),
                at_rest: frame.at_rest && activity == Activity::Stores,
                location: location.clone(),
                relation: Mark::In.as_str().to_owned(),
                modality: if frame.may { "may" } else { "is" }.to_owned(),
                negated: false,
                condition: condition.cloned(),
                retention: None,
                table_row: true,
                rule: "table".to_owned(),
                confidence: SURE - sum,
                misspelt: None,
            });
        }
    }
}

impl Columns {
    /// What the heading of a column, the row and the words above the table say of a cell.
    fn frame(&self, column: &Column, subject: &Subject) -> Frame {
        let lead = &self.frame;
        let category = column.category.or(subject.category).or(lead.category).or(self.category);
        let runs = column.runs || self.of_running && column.kind < Kind::Data;
        let orders = lead.instructs && !lead.activities.is_empty();
        let of_data = (self.of_data || category.is_some() || orders) && !runs;
        // Where nothing is said of data, a data center is where the service runs.
        let located = if of_data { Activity::Stores } else { Activity::Operates };
        let done = |activities: &[Activity]| -> Vec<Activity> {
            let handled = activities.iter().filter_map(|&activity| match activity {
                Activity::Located => Some(located),
                other => handles(other).then_some(other),
            });
            let mut done: Vec<Activity> = handled.collect();
            done.dedup();
            done
        };
        // What is moved to follow the table's places says less than that it is kept there, unless it is
        // all that somebody sets them for.
        let led: Vec<Activity> = lead
            .activities
            .iter()
            .copied()
            .filter(|activity| {
                lead.instructs || !matches!(activity, Activity::Transfers | Activity::Accesses)
            })
            .collect();
        let (headed, led) = (done(&column.activities), done(&led));
        let activities = if !headed.is_empty() {
            headed
        } else if led.is_empty() || !of_data {
            vec![located]
        } else {
            led
        };
        let stores = lead.activities.contains(&Activity::Stores);
        Frame {
            activities,
            category: category.or(of_data.then_some(Category::Data)),
            at_rest: column.at_rest || (lead.at_rest && stores),
            may: column.may || (lead.may && stores),
            to_places: true,
            owners: column.owner.iter().chain(&subject.owner).take(1).cloned().collect(),
            ..Frame::default()
        }
    }
}
