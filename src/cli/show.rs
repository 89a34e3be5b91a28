//! Terms and tables as people read them.

use std::io::{self, Write};

use oxigraph::model::{Term, TermRef, Variable};

use crate::store::sparql::Shortener;

/// A term in a cell: texts as they are, on one line.
fn cell(shortener: &Shortener, term: TermRef<'_>) -> String {
    match term {
        TermRef::NamedNode(iri) => shortener.iri(iri.as_str()),
        TermRef::BlankNode(node) => node.to_string(),
        TermRef::Literal(literal) => one_line(literal.value()),
    }
}

/// Breaks and runs of blanks become one blank.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Narrower than this, a column says nothing.
const NARROWEST: usize = 8;
const GAP: &str = "  ";

/// Rows in aligned columns, cut to a width if one is given.
pub fn table(
    variables: &[Variable],
    rows: &[Vec<Option<Term>>],
    shortener: &Shortener,
    width: Option<usize>,
    out: &mut impl Write,
) -> io::Result<()> {
    let cell = |term: &Option<Term>| {
        term.as_ref().map_or(String::new(), |term| cell(shortener, term.as_ref()))
    };
    let mut lines: Vec<Vec<String>> =
        vec![variables.iter().map(|variable| variable.as_str().to_owned()).collect()];
    lines.extend(rows.iter().map(|row| row.iter().map(cell).collect()));
    let columns = variables.len();
    let mut widths: Vec<usize> = (0..columns)
        .map(|column| {
            lines.iter().map(|line| console::measure_text_width(&line[column])).max().unwrap_or(0)
        })
        .collect();
    if let Some(width) = width {
        fit(&mut widths, width.saturating_sub(GAP.len() * columns.saturating_sub(1)));
    }
    let numbers: Vec<bool> =
        (0..columns).map(|column| rows.iter().all(|row| is_number(row[column].as_ref()))).collect();
    let rule = widths.iter().map(|width| "─".repeat(*width)).collect();
    lines.insert(1, rule);
    for line in &lines {
        let mut text = String::new();
        for (column, cell) in line.iter().enumerate() {
            let cell = console::truncate_str(cell, widths[column], "…");
            let side =
                if numbers[column] { console::Alignment::Right } else { console::Alignment::Left };
            text.push_str(&console::pad_str(&cell, widths[column], side, None));
            text.push_str(GAP);
        }
        writeln!(out, "{}", text.trim_end())?;
    }
    Ok(())
}

fn is_number(term: Option<&Term>) -> bool {
    match term {
        None => true,
        Some(Term::Literal(literal)) => literal.value().parse::<f64>().is_ok(),
        Some(_) => false,
    }
}

/// Takes from the widest columns first, until all fit.
fn fit(widths: &mut [usize], room: usize) {
    while widths.iter().sum::<usize>() > room {
        let over = widths.iter().sum::<usize>() - room;
        let widest = *widths.iter().max().expect("columns that do not fit are columns");
        if widest <= NARROWEST {
            return;
        }
        let next = widths
            .iter()
            .copied()
            .filter(|width| *width < widest)
            .max()
            .unwrap_or(0)
            .max(NARROWEST);
        let count = widths.iter().filter(|width| **width == widest).count();
        let cut = (widest - next).min(over.div_ceil(count));
        widths.iter_mut().filter(|width| **width == widest).for_each(|width| *width -= cut);
    }
}

/// The width to cut tables to: that of the terminal, none elsewhere.
pub fn terminal_width() -> Option<usize> {
    console::Term::stdout().size_checked().map(|(_, columns)| usize::from(columns))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_columns_give_way_first() {
        let mut widths = [10, 80, 60];
        fit(&mut widths, 90);
        assert_eq!(widths, [10, 40, 40]);
        fit(&mut widths, 5);
        assert_eq!(widths, [8, 8, 8]);
    }
}
