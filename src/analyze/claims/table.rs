//! Reads what a table of places says by its header and the words above it, for its rows.
//!
//! A column names places of data if its heading says so; a heading that only says "region" needs a
//! sentence or a heading above the table that speaks of data.

use std::cell::LazyCell;
use std::net::Ipv4Addr;
use std::ops::Range;
use std::rc::Rc;

use super::Reader;
use super::clause::{self, Clause, Frame, Owner, Role};
use super::passage::{COLONS, Passage, contains};
use super::sentences::sentences;
use crate::catalog::languages::{Activity, Category, Mark};
use crate::model::BlockKind;
use crate::source::Span;

mod cells;
mod grid;
mod pairs;
mod row;

/// How many words the noun has, with those before it, that a lead leaves open: "these places".
const NOUN: usize = 2;
/// How many blocks before a table may announce it.
const LOOK_BACK: usize = 3;
/// The share of cells with places that makes a column one of places.
const NEARLY_ALL: f32 = 0.75;
/// The share of cells with places that makes a word in another cell stand for one.
const MOST: f32 = 0.5;

/// What the header of a table and the words above it say for its rows.
pub struct Columns {
    /// Cells that name places of data, with what their headings say of it.
    places: Vec<Column>,
    /// The cell that says what a row is about, and its heading; none if every cell is a place.
    subject: Option<usize>,
    label: String,
    /// Whether that column lists services.
    of_services: bool,
    /// Whether the header or the words above it speak of data, not only of data centers.
    of_data: bool,
    /// Whether the words above it say that something runs in what follows.
    of_running: bool,
    /// Which data, by the heading above.
    category: Option<Category>,
    frame: Frame,
    lead: Option<Span>,
    /// The row whose subject those after it share by leaving theirs out.
    above: Option<usize>,
}

struct Column {
    cell: usize,
    category: Option<Category>,
    activities: Vec<Activity>,
    at_rest: bool,
    may: bool,
    /// Whether the heading says that a service is hosted in its places.
    runs: bool,
    /// A product that the heading names.
    owner: Option<Owner>,
    kind: Kind,
    /// Whether nearly every cell is a place, so that words beside one take nothing away.
    loose: bool,
    /// Whether most cells are places, so that a word that is none stands for one.
    of_places: bool,
    /// Of a grid: the places of the cells that say yes; none if the cells name them.
    ticked: Option<Vec<String>>,
}

/// How much a heading says of its column, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Nothing; the cells are places all the same.
    Mute,
    /// "Region": of what, the words above say.
    Places,
    /// A product, whose places the cells are.
    Product,
    /// "Data center".
    Centers,
    /// "Data location", "stored in".
    Data,
}

/// What the words above a table say of it.
#[derive(Default)]
struct Above {
    frame: Option<Frame>,
    lead: Option<Span>,
    /// Whether a sentence says that data is kept in what follows.
    leads: bool,
    /// Whether it leaves a place open.
    opens: bool,
    /// Whether it says that something runs in what follows, and nothing of data.
    runs: bool,
    /// Whether it tells the reader to do something with places.
    instructs: bool,
    /// Whether a heading speaks of places of data, and of which data.
    titled: bool,
    /// Whether it is the nearest heading.
    closely: bool,
    /// Whether it is nearer than the title of the page.
    in_section: bool,
    category: Option<Category>,
}

impl<'a> Reader<'a> {
    /// What a table is about, if it is about places of data: by its header, the blocks before it and
    /// the headings above it.
    pub(super) fn columns(
        &self,
        header: usize,
        before: &[usize],
        headings: &[usize],
    ) -> Option<Columns> {
        let block = &self.blocks[header];
        let own = self.passage_of_any(header);
        let above = self.above(before, headings);
        let cells: Vec<Range<usize>> = block.cells.iter().map(|cell| cell.range()).collect();
        if cells.is_empty() {
            return None;
        }
        // Most tables need not be read for it.
        let shares =
            LazyCell::new(|| self.shares_of_places(header, |p, cell| self.only_places(p, cell)));
        let share = |cell: usize| shares[cell];
        let mut places: Vec<Column> = (1..cells.len())
            .filter_map(|cell| self.column(header, &own, cell, &above, &share))
            .collect();
        let pairs = self.pairs(header, &own, before, headings);
        let is_paired = !pairs.is_empty();
        if is_paired {
            places = pairs;
        }
        let grid = if places.is_empty() { self.grid(header, &own, &above, &share) } else { None };
        let is_grid = grid.is_some();
        places.extend(grid.into_iter().flatten());
        if !is_paired && !is_grid {
            stronger(&mut places);
        }
        // "Data location | Data stored there", "Region | Address": the places come first.
        let first =
            if is_paired || is_grid { None } else { self.column(header, &own, 0, &above, &share) };
        let first = first.filter(|column| {
            cells.len() > 1
                && column.kind >= Kind::Places
                && (column.kind == Kind::Data
                    || names_only_centers(&own, &cells[0])
                    || above.leads
                    || above.in_section)
                && share(0) >= NEARLY_ALL
                && places.iter().all(|column| share(column.cell) == 0.0)
        });
        let subject = match first {
            Some(first) => {
                places = vec![first];
                Some(1)
            }
            None => places.iter().all(|column| column.cell > 0).then_some(0),
        };
        let of_data = places.iter().any(|column| column.kind == Kind::Data);
        // Where to connect in the region of a data center says nothing of data by itself.
        let is_first = places.iter().all(|column| column.cell == 0);
        let runs = (subject == Some(0) || is_first)
            && places.iter().any(|column| column.kind == Kind::Centers)
            && !self.lists_addresses(header);
        let headed = of_data || runs;
        let instructs = above.instructs;
        // "Use these values for the region:" tells what to do, not where data is; a column that says
        // it all the same is believed.
        let leads = above.leads || above.runs;
        let frame = above.frame.map(led).unwrap_or_default();
        // "Use these values to change where exports go:" tells where they do.
        let orders = instructs && !frame.activities.is_empty();
        if places.is_empty() || !(leads || above.titled && !instructs || headed || orders) {
            return None;
        }
        Some(Columns {
            places,
            subject,
            label: subject
                .map_or("", |cell| block.text.plain[cells[cell].clone()].trim())
                .to_owned(),
            of_services: subject == Some(0) && own.has(Mark::Listed, &cells[0]),
            of_data: of_data || above.leads || (above.titled && !above.runs),
            of_running: above.runs,
            category: above.category,
            frame,
            lead: above.lead,
            above: None,
        })
    }

    /// Whether the first row of a table has an address to connect to.
    fn lists_addresses(&self, header: usize) -> bool {
        self.blocks
            .get(header + 1)
            .is_some_and(|row| row.text.plain.contains("://") || has_address(&row.text.plain))
    }

    /// What a heading says of its column; none if the column names no places of data.
    fn column(
        &self,
        header: usize,
        own: &Passage<'a>,
        cell: usize,
        above: &Above,
        share: &impl Fn(usize) -> f32,
    ) -> Option<Column> {
        let range = self.blocks[header].cells[cell].range();
        // "More information": where to read on.
        if own.begins(Mark::Pointer, &range).is_some() {
            return None;
        }
        let category = own.categories(&range).first().map(|&(_, category)| category);
        let mut activities: Vec<Activity> =
            own.activities(&range).into_iter().map(|(_, activity)| activity).collect();
        activities.dedup();
        if !activities.iter().any(|activity| handles(*activity)) {
            activities.extend(noun(own, &range));
        }
        let at_rest = own.has(Mark::AtRest, &range);
        // A column of countries has those of customers, if nothing says more of it.
        let countries: Vec<Range<usize>> = own.marks(Mark::Country, &range).collect();
        let about = [Mark::Places, Mark::DataCenter].into_iter().any(|mark| {
            let mut places = own.marks(mark, &range);
            places.any(|place| !countries.iter().any(|country| contains(country, &place)))
        });
        let handles = activities.iter().any(|activity| handles(*activity));
        let of_data = category.is_some() || at_rest || own.has(Mark::DataPlace, &range) || handles;
        let located = about && activities.contains(&Activity::Located);
        let owner = own.products_in(&range).find(|named| !named.background).map(|named| Owner {
            product: Some(named.product),
            written: own.plain[named.range.clone()].to_owned(),
        });
        let heading = own.plain[range.clone()].trim();
        let kind = if of_data && (about || share(cell) > 0.0) {
            Kind::Data
        } else if located
            || names_data_center(own, &range)
            || (about && self.is_of_service(own, &range) && share(cell) > MOST)
        {
            Kind::Centers
        } else if own.has(Mark::Available, &range)
            || (about && own.has(Mark::People, &range) && !own.has_place(&range))
        {
            // Where somebody is says nothing of where data is, unless the heading tells that itself:
            // "Location for customers with an address in Norway".
            return None;
        } else if about {
            Kind::Places
        } else if !(above.leads || above.titled) || share(cell) < NEARLY_ALL {
            return None;
        } else if owner.is_some() {
            Kind::Product
        } else if !(above.opens || above.closely && countries.is_empty())
            || own.has(Mark::People, &range)
        {
            return None;
        } else {
            Kind::Mute
        };
        // A heading that is a name and begins with a known one is a part that nobody knows.
        let is_name = kind == Kind::Product
            && heading.split_whitespace().all(|word| word.starts_with(char::is_uppercase));
        let owner = owner.map(|known| {
            let is_known = known.written.len() == heading.len() || !is_name;
            if is_known { known } else { Owner { product: None, written: heading.to_owned() } }
        });
        let may = own.has(Mark::May, &range);
        let loose = share(cell) >= NEARLY_ALL;
        let of_places = share(cell) > MOST;
        let is_hosted = activities
            .iter()
            .any(|activity| matches!(activity, Activity::Operates | Activity::Located));
        let runs = is_hosted && !of_data && self.is_of_service(own, &range);
        Some(Column {
            cell,
            category,
            activities,
            at_rest,
            may,
            runs,
            owner,
            kind,
            loose,
            of_places,
            ticked: None,
        })
    }

    /// Whether a heading speaks of where a service is, and not of where it is to be had.
    fn is_of_service(&self, own: &Passage<'_>, heading: &Range<usize>) -> bool {
        let named = || own.products_in(heading).any(|named| !named.background);
        (own.has(Mark::Operator, heading) || named())
            && ![Mark::Available, Mark::People].into_iter().any(|mark| own.has(mark, heading))
    }

    /// How many cells of each column hold places, of those that hold anything.
    fn shares_of_places(
        &self,
        header: usize,
        places: impl Fn(&Passage<'a>, &Range<usize>) -> Option<Vec<String>>,
    ) -> Vec<f32> {
        let table = self.blocks[header].table;
        let mut counts = vec![(0_u16, 0_u16); self.blocks[header].cells.len()];
        let rows = (header + 1..self.blocks.len()).take_while(|&row| {
            let block = &self.blocks[row];
            block.table == table && block.kind == BlockKind::Row { header: false }
        });
        for row in rows {
            let block = &self.blocks[row];
            let passage = self.passage_of_any(row);
            for (cell, (filled, of_places)) in block.cells.iter().zip(&mut counts) {
                let cell = cell.range();
                if block.text.plain[cell.clone()].contains(char::is_alphanumeric) {
                    let place = places(&passage, &cell);
                    *filled = filled.saturating_add(1);
                    *of_places = of_places.saturating_add(u16::from(place.is_some()));
                }
            }
        }
        let share =
            |&(filled, of_places): &(u16, u16)| f32::from(of_places) / f32::from(filled.max(1));
        counts.iter().map(share).collect()
    }

    /// What the blocks before a table and the headings above it say of it.
    fn above(&self, before: &[usize], headings: &[usize]) -> Above {
        let mut above = Above::default();
        for &index in headings.iter().rev() {
            let passage = self.passage_of_any(index);
            let whole = 0..passage.plain.len();
            let places = passage.has(Mark::Places, &whole);
            let categories = passage.categories(&whole);
            if places && (!categories.is_empty() || passage.has(Mark::DataPlace, &whole)) {
                above.titled = true;
                above.closely = headings.last() == Some(&index);
                above.in_section = above.closely || self.level(index) > 1;
                above.category = categories.first().map(|&(_, category)| category);
                break;
            }
            // What says where something is to be had is not about data because its page is.
            let is_section = |&&other: &&usize| other < index && self.level(other) > 1;
            if passage.has(Mark::Available, &whole)
                && headings.iter().filter(is_section).count() == 0
            {
                break;
            }
        }
        let Some((passage, range)) = self.announcing(before) else { return above };
        let clause = Clause::new(&passage, range.clone(), Role::Clause, None, self.product());
        let frame = clause.frame();
        above.lead = Some(passage.text.file_span(Span::new(range.start, range.end)));
        // "Click to expand" has nothing to do with places.
        let of_places = frame.to_places || passage.announces(&range);
        above.instructs = frame.instructs && of_places;
        above.leads = !frame.instructs && leads(&passage, &range, &frame);
        let is_open = opens(&passage, &range, &frame);
        above.opens = above.leads && is_open;
        above.runs = !frame.instructs && !frame.negated && is_open && runs_only(&frame);
        above.frame = Some(frame);
        above
    }

    /// The sentence that announces a table: the last one before it, or the one that says where data
    /// is, if those after it say nothing of their own.
    fn announcing(&self, before: &[usize]) -> Option<(Rc<Passage<'a>>, Range<usize>)> {
        let mut last = None;
        for &index in before.iter().rev().take(LOOK_BACK) {
            let passage = self.passage_of_any(index);
            let whole = 0..passage.plain.len();
            let mut all = sentences(passage.text, whole, self.language);
            let mut available = false;
            while let Some(range) = all.pop() {
                // "Note that the table also shows …": what it shows first, the sentence before says.
                if passage.begins(Mark::Opener, &range).is_some() && !all.is_empty() {
                    continue;
                }
                let clause =
                    Clause::new(&passage, range.clone(), Role::Clause, None, self.product());
                let frame = clause.frame();
                available |= passage.has(Mark::Available, &range);
                let found = leads(&passage, &range, &frame) && !(available && keeps_only(&frame));
                if found || last.is_none() {
                    last = Some((passage.clone(), range.clone()));
                }
                // "Supported regions:" is what the table holds, whatever stands above it.
                let is_title = passage.plain[..range.end].ends_with(COLONS)
                    && passage.has(Mark::Available, &range);
                let is_neutral =
                    frame.activities.is_empty() && !passage.has_place(&range) && !is_title;
                if found || !is_neutral {
                    return last;
                }
            }
        }
        last
    }

    fn level(&self, heading: usize) -> u8 {
        match self.blocks[heading].kind {
            BlockKind::Heading(level) => level,
            _ => 0,
        }
    }
}

/// What says less than another column and stands before it is about the row: "Country" before "Data
/// location".
fn stronger(places: &mut Vec<Column>) {
    let strongest = places.iter().map(|column| column.kind).max().unwrap_or(Kind::Mute);
    if strongest == Kind::Places {
        places.retain(|column| column.kind == Kind::Places);
    } else if let Some(first) = places.iter().position(|column| column.kind > Kind::Places) {
        places.drain(..first);
        places.retain(|column| column.kind != Kind::Mute);
    }
}

/// Whether a sentence says that data is kept or handled in places, or announces places of data, and
/// leaves open which: only then a table fills them in.
fn leads(passage: &Passage<'_>, sentence: &Range<usize>, frame: &Frame) -> bool {
    let kept = |activity: &Activity| {
        !matches!(activity, Activity::Operates | Activity::Transfers | Activity::Accesses)
    };
    let is_other = passage.has(Mark::Example, sentence)
        || frame.negated
        || clause::is_framed(passage, Mark::Pointer, sentence);
    let is_open = opens(passage, sentence, frame) || passage.announces(sentence);
    let is_kept = frame.activities.iter().any(kept) && !is_other && is_open;
    // "to which geography environment databases are deployed".
    let holds = || {
        let put = [Activity::Stores, Activity::Located];
        frame.activities.iter().any(|activity| put.contains(activity))
            && passage.has(Mark::Container, sentence)
            && [Mark::Relative, Mark::Ahead].into_iter().any(|mark| passage.has(mark, sentence))
    };
    (is_kept && (frame.category.is_some() || holds()))
        || (passage.has(Mark::DataPlace, sentence) && passage.announces(sentence))
}

/// Whether a sentence speaks of places, or ends where one has to follow. A verb that is also a word
/// for a place ("stored") is none, and neither are places that something is only for.
pub(super) fn opens(passage: &Passage<'_>, sentence: &Range<usize>, frame: &Frame) -> bool {
    let verbs = passage.verbs(sentence);
    let names = |mark| {
        let mut places = passage.marks(mark, sentence);
        places.any(|place| !verbs.iter().any(|(verb, _)| contains(verb, &place)))
    };
    // "is stored in", "is stored in these places".
    let ends = || {
        [Mark::In, Mark::To, Mark::Ahead].into_iter().any(|mark| {
            let last = passage.marks(mark, sentence).last();
            last.is_some_and(|at| {
                let noun = at.end..sentence.end;
                passage.words(noun.clone()) <= NOUN && passage.categories(&noun).is_empty()
            })
        })
    };
    let of_places = [Mark::Places, Mark::DataCenter, Mark::Relative].into_iter().any(names);
    (of_places && !frame.for_places) || ends()
}

/// Whether a sentence says only that something runs.
fn runs_only(frame: &Frame) -> bool {
    let is_run = |activity: &Activity| *activity == Activity::Operates;
    frame.category.is_none() && !frame.activities.is_empty() && frame.activities.iter().all(is_run)
}

/// Whether a sentence says no more than that data is kept or processed.
fn keeps_only(frame: &Frame) -> bool {
    let keeps = [Activity::Stores, Activity::Processes, Activity::Located];
    frame.activities.iter().all(|activity| keeps.contains(activity))
}

/// What a sentence hands on to the table it leads. "Use these values to control where searches run" is
/// an order, which says no more than what is done there: what runs where content is, treats it.
fn led(frame: Frame) -> Frame {
    if !frame.instructs {
        return frame;
    }
    let is_done =
        |activity: &Activity| matches!(activity, Activity::Processes | Activity::Transfers);
    let treats = |activity: Activity| match activity {
        Activity::Operates if frame.category.is_some() => Activity::Processes,
        other => other,
    };
    let mut activities: Vec<Activity> = frame.activities.into_iter().map(treats).collect();
    activities.retain(is_done);
    activities.dedup();
    let category = frame.category.filter(|_| !activities.is_empty());
    Frame { activities, category, instructs: true, ..Frame::default() }
}

/// What a noun says is done: "Processing", "Backup region".
pub(super) fn noun(passage: &Passage<'_>, range: &Range<usize>) -> Option<Activity> {
    let nouns = [
        (Mark::Backup, Activity::BacksUp),
        (Mark::Processing, Activity::Processes),
        (Mark::Storage, Activity::Stores),
    ];
    nouns.into_iter().find(|&(mark, _)| passage.has(mark, range)).map(|(_, activity)| activity)
}

/// Whether a heading speaks of data centers; regions alone may be those of anything.
fn names_data_center(passage: &Passage<'_>, range: &Range<usize>) -> bool {
    let mut centers = passage.marks(Mark::DataCenter, range);
    centers.any(|center| !passage.marks(Mark::Places, range).any(|place| contains(&place, &center)))
}

/// Whether a heading speaks of data centers and not of the regions that they are in.
fn names_only_centers(passage: &Passage<'_>, range: &Range<usize>) -> bool {
    names_data_center(passage, range) && !passage.has(Mark::Places, range)
}

/// Whether something is done with data in a place, rather than something being there.
fn handles(activity: Activity) -> bool {
    !matches!(activity, Activity::Operates | Activity::Located)
}

/// Whether a text has an IPv4 address.
fn has_address(text: &str) -> bool {
    let mut words = text.split(|c: char| !(c.is_ascii_digit() || c == '.'));
    words.any(|word| word.trim_matches('.').parse::<Ipv4Addr>().is_ok())
}
