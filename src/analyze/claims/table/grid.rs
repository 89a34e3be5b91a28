//! Reads grids: a row, a column, and whether the one is kept in the other.

use super::{Above, Column, Kind, NEARLY_ALL};
use crate::analyze::claims::Reader;
use crate::analyze::claims::passage::Passage;
use crate::catalog::languages::Mark;

impl<'a> Reader<'a> {
    /// The columns of a table whose headings are places and whose cells say yes or no, if the words
    /// above it speak of places of data.
    pub(super) fn grid(
        &self,
        header: usize,
        own: &Passage<'a>,
        above: &Above,
        share: &impl Fn(usize) -> f32,
    ) -> Option<Vec<Column>> {
        if !(above.leads || above.titled && !above.instructs) {
            return None;
        }
        let cells = &self.blocks[header].cells;
        let places = |cell: usize| self.only_places(own, &cells[cell].range());
        let columns: Vec<Column> = (1..cells.len())
            .filter(|&cell| share(cell) == 0.0)
            .filter_map(|cell| {
                Some(Column {
                    cell,
                    category: None,
                    activities: Vec::new(),
                    at_rest: false,
                    may: false,
                    runs: false,
                    owner: None,
                    kind: Kind::Places,
                    loose: false,
                    of_places: false,
                    ticked: Some(places(cell)?),
                })
            })
            .collect();
        let others = cells.len() - 1 - columns.len();
        (columns.len() > 1 && columns.len() > others && share(0) < NEARLY_ALL).then_some(columns)
    }

    /// Whether a cell says yes and nothing else.
    pub(super) fn says_yes(&self, passage: &Passage<'_>, cell: &std::ops::Range<usize>) -> bool {
        let said = [Mark::Tick, Mark::Available].into_iter().find_map(|mark| {
            let mut marks = passage.marks(mark, cell);
            marks.next()
        });
        said.is_some_and(|said| {
            let rest = [cell.start..said.start, said.end..cell.end];
            rest.into_iter().all(|rest| !passage.plain[rest].contains(char::is_alphanumeric))
        })
    }
}
