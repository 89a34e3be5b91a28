//! What a drawing of a page shows, from top to bottom or from left to right: the source's texts
//! each time they became current, and runs that are left out because nobody translated them.

use super::page::{Source, Standing, Stemma, Translation};

/// A stretch of the source's history.
pub enum Row<'a> {
    Text(Station<'a>),
    Run(Run<'a>),
}

/// A text of the source at the moment when it became current, or came.
pub struct Station<'a> {
    pub source: &'a Source,
    /// Which of its spans this is.
    pub span: Option<usize>,
    /// The title, where it is not that of the text before.
    pub retitled: Option<&'a str>,
    /// Made from it, until it became current again.
    pub translations: Vec<&'a Translation>,
}

/// Texts that are left out: how many, and when the first and the last of them began.
pub struct Run<'a> {
    pub count: usize,
    pub first: &'a str,
    pub last: &'a str,
}

impl Run<'_> {
    pub fn days(&self) -> String {
        format!("{} to {}", day(self.first), day(self.last))
    }
}

impl<'a> Station<'a> {
    /// When it began, as exactly as is known.
    pub fn at(&self) -> Option<&'a str> {
        match self.span {
            Some(span) => Some(&self.source.text.spans[span].from.at),
            None => self.source.text.start(),
        }
    }

    pub fn day(&self) -> Option<&'a str> {
        self.at().map(day)
    }

    pub fn days(&self) -> Option<i64> {
        self.source.text.spans.get(self.span?)?.days
    }

    /// It is current, and not for the last time that it was.
    pub fn is_current(&self) -> bool {
        let is_last = self.span.is_none_or(|span| span + 1 == self.source.text.spans.len());
        self.source.text.current && is_last
    }

    pub fn is_return(&self) -> bool {
        self.span.is_some_and(|span| span > 0)
    }

    fn is_plain(&self) -> bool {
        self.translations.is_empty()
            && self.retitled.is_none()
            && !self.is_current()
            && !self.is_return()
            && self.at().is_some()
    }
}

/// The day of a moment.
pub fn day(at: &str) -> &str {
    &at[..at.len().min(10)]
}

/// Shorter runs than this are drawn.
const RUN: usize = 3;

pub fn rows(stemma: &Stemma, all: bool) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    let mut run: Vec<Station<'_>> = Vec::new();
    let stations = stations(stemma);
    let last = stations.len().saturating_sub(1);
    for (index, station) in stations.into_iter().enumerate() {
        if !all && index != 0 && index != last && station.is_plain() {
            run.push(station);
            continue;
        }
        end(&mut run, &mut rows);
        rows.push(Row::Text(station));
    }
    end(&mut run, &mut rows);
    rows
}

fn end<'a>(run: &mut Vec<Station<'a>>, rows: &mut Vec<Row<'a>>) {
    if let ([first, .., last], RUN..) = (run.as_slice(), run.len()) {
        let (first, last) = first.at().zip(last.at()).expect("a plain station has a moment");
        rows.push(Row::Run(Run { count: run.len(), first, last }));
        run.clear();
    }
    rows.extend(run.drain(..).map(Row::Text));
}

fn stations(stemma: &Stemma) -> Vec<Station<'_>> {
    let mut stations = Vec::new();
    for source in &stemma.sources {
        let spans = source.text.spans.len();
        let numbers = (0..spans).map(Some).chain((spans == 0).then_some(None));
        let mut own: Vec<Station<'_>> = numbers
            .map(|span| Station { source, span, retitled: None, translations: Vec::new() })
            .collect();
        for translation in &source.translations {
            let start = translation.text.start();
            let place = own.iter().rposition(|station| station.at() <= start);
            own[place.unwrap_or(0)].translations.push(translation);
        }
        stations.extend(own);
    }
    stations.sort_by_key(|station| {
        let text = &station.source.text;
        (station.at().is_none(), station.at(), text.standing != Standing::Missing, &text.iri)
    });
    let mut known = None;
    for station in &mut stations {
        let title = station.source.text.title.as_deref();
        // What never was published may have any title.
        if title.is_some() && title != known && station.source.text.standing == Standing::Published
        {
            station.retitled = title;
            known = title;
        }
    }
    stations
}
