//! Reads tables of pairs: a region and the one that data is copied to.

use super::{Column, Kind, LOOK_BACK, NEARLY_ALL};
use crate::analyze::claims::Reader;
use crate::analyze::claims::passage::Passage;
use crate::catalog::languages::{Activity, Category, Mark};

impl<'a> Reader<'a> {
    /// The columns of a table that lists a region beside the one that it is paired with; none of any
    /// other table. Its headings say so, or the words above it.
    pub(super) fn pairs(
        &self,
        header: usize,
        own: &Passage<'a>,
        before: &[usize],
        headings: &[usize],
    ) -> Vec<Column> {
        let cells = &self.blocks[header].cells;
        let has = |mark, cell: usize| own.has(mark, &cells[cell].range());
        let second = (1..cells.len()).find(|&cell| has(Mark::Secondary, cell));
        let is_headed = second.is_some_and(|second| {
            has(Mark::Places, second) || (0..second).any(|cell| has(Mark::Primary, cell))
        });
        let announced = || {
            let near = before.iter().rev().take(LOOK_BACK).chain(headings.last());
            let mut passages = near.map(|&index| self.passage_of_any(index));
            let says = |passage: &Passage<'_>, mark| passage.has(mark, &(0..passage.plain.len()));
            says(own, Mark::Paired) || passages.any(|passage| says(&passage, Mark::Paired))
        };
        if cells.len() < 2 || !(is_headed || announced()) {
            return Vec::new();
        }
        // Whatever else stands beside a place.
        let shares = self.shares_of_places(header, |p, cell| self.mostly_places(p, cell));
        let of_places: Vec<usize> =
            (0..cells.len()).filter(|&cell| shares[cell] >= NEARLY_ALL).collect();
        // "Geography | Region | Region": of three, the first is what the others lie in.
        let first = match second.filter(|_| is_headed) {
            Some(second) => (0..second).rev().find(|cell| of_places.contains(cell)),
            None => of_places.len().checked_sub(2).map(|at| of_places[at]),
        };
        let Some(first) = first else { return Vec::new() };
        let last = second.filter(|_| is_headed).or(of_places.last().copied());
        let category = cells.iter().flat_map(|cell| own.categories(&cell.range())).next();
        let column = |cell: usize| Column {
            cell,
            category: category.as_ref().map(|&(_, category)| category).or(Some(Category::Data)),
            activities: vec![Activity::Replicates],
            at_rest: false,
            may: false,
            runs: false,
            owner: None,
            kind: Kind::Data,
            loose: true,
            of_places: false,
            ticked: None,
        };
        of_places
            .iter()
            .filter(|&&cell| first <= cell && Some(cell) <= last)
            .map(|&cell| column(cell))
            .collect()
    }
}
