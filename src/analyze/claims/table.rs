//! Reads tables of places: a row states where the data of its product is, or of its customers.

use std::ops::Range;

use super::clause::{Clause, Frame, Owner, Role};
use super::passage::{Passage, contains};
use super::sentences::{sentences, trim};
use super::{Location, Reader, Reading};
use crate::catalog::languages::{Activity, Category, Cue, Form, Mark};
use crate::model::Block;
use crate::source::Span;

/// What the header of a table and the words above it say for its rows.
pub struct Columns {
    /// Cells that name places of data, with what their headings say of it.
    places: Vec<Column>,
    /// The heading of the first column.
    subject: String,
    /// Whether that column lists services.
    of_services: bool,
    /// Whether the header or the words above it speak of data, not only of data centers.
    of_data: bool,
    frame: Frame,
    lead: Option<Span>,
}

struct Column {
    cell: usize,
    category: Option<Category>,
    /// Whether its heading speaks of data centers.
    of_centers: bool,
    may: bool,
}

impl<'a> Reader<'a> {
    /// Whether a table is about places of data, by its header, the sentence and the headings above.
    pub(super) fn columns(
        &self,
        header: usize,
        before: Option<usize>,
        headings: &[usize],
    ) -> Option<Columns> {
        let block = &self.blocks[header];
        let cell = |i: usize| block.text.plain[block.cells[i].range()].trim().to_owned();
        let own = self.passage(header);
        let about = |passage: &Passage<'a>, range: &Range<usize>| {
            passage.has(Mark::Places, range) || passage.has(Mark::DataCenter, range)
        };
        let places: Vec<Column> = (1..block.cells.len())
            .filter_map(|cell| {
                let (own, range) = (own.as_ref()?, block.cells[cell].range());
                let category = own.categories(&range).first().map(|&(_, category)| category);
                about(own, &range).then(|| Column {
                    cell,
                    category,
                    of_centers: names_data_center(own, &range),
                    may: own.has(Mark::May, &range),
                })
            })
            .collect();
        let sentence = before.and_then(|index| self.last_sentence(index));
        let frame = sentence.as_ref().map(|(passage, range)| {
            Clause::new(passage, range.clone(), Role::Clause, None, self.product.as_ref()).frame()
        });
        // "Use these values for the region:" tells what to do, not where data is.
        if frame.as_ref().is_some_and(|frame| frame.instructs) {
            return None;
        }
        let leads = frame.as_ref().is_some_and(|frame| {
            frame.category.is_some() && frame.activities.iter().any(|activity| keeps(*activity))
        });
        let titled = headings.iter().filter_map(|&index| self.passage(index)).any(|passage| {
            let whole = 0..passage.plain.len();
            passage.has(Mark::Places, &whole) && !passage.categories(&whole).is_empty()
        });
        let keeping = own.as_ref().is_some_and(|own| {
            places.iter().any(|column| {
                let activities = own.activities(&block.cells[column.cell].range());
                column.category.is_some() || activities.iter().any(|(_, activity)| keeps(*activity))
            })
        });
        let headed = keeping || places.iter().any(|column| column.of_centers);
        if places.is_empty() || !(leads || titled || headed) {
            return None;
        }
        let lead = sentence
            .as_ref()
            .map(|(passage, range)| passage.text.file_span(Span::new(range.start, range.end)));
        let of_services =
            own.as_ref().is_some_and(|own| own.has(Mark::Operator, &block.cells[0].range()));
        Some(Columns {
            places,
            subject: cell(0),
            of_services,
            of_data: leads || titled || keeping,
            frame: frame.unwrap_or_default(),
            lead,
        })
    }

    fn last_sentence(&self, index: usize) -> Option<(Passage<'a>, Range<usize>)> {
        let passage = self.passage(index)?;
        let whole = 0..passage.plain.len();
        let last = sentences(passage.text, whole, self.language).pop()?;
        Some((passage, last))
    }

    /// Reads a row: sentences in its cells, and the places of a table of places.
    pub(super) fn row(&mut self, index: usize, table: Option<&Columns>) {
        let block: &'a Block = &self.blocks[index];
        let Some(passage) = self.passage(index) else { return };
        // What a row of a table of places is about states nothing: "customers whose tenant is in …".
        let subject = usize::from(table.is_some());
        for cell in block.cells.iter().skip(subject) {
            for sentence in sentences(passage.text, cell.range(), self.language) {
                self.sentence(&passage, index, sentence, None, None, true);
            }
        }
        if let Some(table) = table {
            self.places(&passage, index, table);
        }
    }

    fn places(&mut self, passage: &Passage<'a>, index: usize, table: &Columns) {
        let block = &self.blocks[index];
        let Some(first) = block.cells.first().map(|cell| cell.range()) else { return };
        let header = passage.plain[first.clone()].trim();
        let named =
            passage.products_in(&first).find(|named| named.range.len() * 3 >= header.len() * 2);
        let is_place = only_places(passage, &first).is_some();
        let owner = match named {
            Some(named) => Some(Owner {
                product: Some(named.product),
                written: passage.plain[named.range.clone()].to_owned(),
            }),
            // A table of services names them in its first column, whether the catalog knows them or
            // not. One that it does not know is a part of what the page is about.
            None if !is_place && table.of_services && !header.is_empty() => {
                let product = self.product.as_ref().and_then(|owner| owner.product);
                Some(Owner { product, written: header.to_owned() })
            }
            None => self.product.clone(),
        };
        let condition =
            (named.is_none() && !header.is_empty()).then(|| format!("{}: {header}", table.subject));
        let mut seen: Vec<Vec<String>> = Vec::new();
        for column in &table.places {
            let Some(cell) = block.cells.get(column.cell) else { continue };
            let Some(codes) = only_places(passage, &cell.range()) else { continue };
            let about_data = table.of_data || column.of_centers;
            if !about_data || seen.contains(&codes) {
                continue;
            }
            seen.push(codes.clone());
            let frame = &table.frame;
            let activity = frame
                .activities
                .iter()
                .copied()
                .find(|&activity| keeps(activity))
                .unwrap_or(Activity::Stores);
            let category = column.category.or(frame.category);
            let activity = match (activity, category) {
                // Where nothing is said of data, a data center is where the service runs.
                (_, None) if !table.of_data => Activity::Operates,
                (Activity::Processes, _) => activity,
                _ => Activity::Stores,
            };
            let category = match activity {
                Activity::Operates => Category::None,
                _ => category.unwrap_or(Category::Data),
            };
            self.readings.push(Reading {
                side: self.side,
                block: index as u32,
                quote: block.span,
                lead: table.lead,
                product: owner.as_ref().and_then(|owner| owner.product),
                product_as_written: owner.clone().map(|owner| owner.written).unwrap_or_default(),
                infrastructure: None,
                activity: activity.as_str().to_owned(),
                category: category.as_str().to_owned(),
                form: Form::AsIs.as_str().to_owned(),
                at_rest: frame.at_rest && frame.activities.contains(&Activity::Stores),
                location: Location::Places(codes),
                relation: Mark::In.as_str().to_owned(),
                modality: if column.may
                    || (frame.may && frame.activities.contains(&Activity::Stores))
                {
                    "may"
                } else {
                    "is"
                }
                .to_owned(),
                negated: false,
                condition: condition.clone(),
                retention: None,
                table_row: true,
                rule: "table".to_owned(),
                confidence: 85,
                misspelt: None,
            });
        }
    }
}

/// Whether a heading speaks of data centers; regions alone may be those of anything.
fn names_data_center(passage: &Passage<'_>, range: &Range<usize>) -> bool {
    let mut centers = passage.marks(Mark::DataCenter, range);
    centers.any(|center| !passage.marks(Mark::Places, range).any(|place| contains(&place, &center)))
}

fn keeps(activity: Activity) -> bool {
    matches!(activity, Activity::Stores | Activity::Located | Activity::Processes)
}

/// The places of a cell that holds little else: those in parentheses are the narrower ones.
fn only_places(passage: &Passage<'_>, cell: &Range<usize>) -> Option<Vec<String>> {
    let cell = trim(passage.plain, cell.clone(), char::is_whitespace);
    let mut codes: Vec<(usize, &str)> = Vec::new();
    let mut at = cell.start;
    let mut others = 0;
    for hit in passage.hits(&cell) {
        let Cue::Place(code) = hit.cue else { continue };
        others += unjoined(passage, at..hit.range.start);
        codes.push((hit.range.start, &passage.language.codes[code as usize]));
        at = hit.range.end;
    }
    others += unjoined(passage, at..cell.end);
    if codes.is_empty() || others > codes.len() {
        return None;
    }
    let wider = |i: usize| {
        let narrower =
            codes.get(i + 1).filter(|(_, code)| code.starts_with(codes[i].1) && code.contains(':'));
        narrower.is_some_and(|&(start, _)| passage.plain[codes[i].0..start].contains(['(', '（']))
    };
    let mut taken: Vec<String> =
        (0..codes.len()).filter(|&i| !wider(i)).map(|i| codes[i].1.to_owned()).collect();
    taken.sort();
    taken.dedup();
    Some(taken)
}

/// Words between places that are neither places nor joins.
fn unjoined(passage: &Passage<'_>, between: Range<usize>) -> usize {
    if passage.is_join(between.clone()) { 0 } else { passage.words(between) }
}
