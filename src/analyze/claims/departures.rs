//! Where the words of a translated sentence depart from what its source says.
//!
//! Told by the words in the whole sentence, not by what was read in it: a promise of rest is lost
//! only where nothing in the sentence speaks of rest. So what may only lie in the reading is never
//! taken for a fault of the translation. Two sentences are compared where both are at hand; without
//! the source only words are found that are known to be wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::SOURCE_LOCALE;
use super::passage::Passage;
use super::through_source::{Nth, Sentence, Site, in_segment};
use crate::analyze::{Location, Reading, Side};
use crate::catalog::languages::{Cue, Language, Mark, fold};
use crate::catalog::places::WORLD;
use crate::catalog::{Catalog, PlaceId, Places};
use crate::model::{Block, BlockKind, PageVersion, Text};
use crate::source::Span;

/// What a whole sentence speaks of, whatever was read in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    pub at_rest: bool,
    /// It denies something, or speaks of what is outside.
    pub denies: bool,
    pub may: bool,
    pub places: BTreeSet<String>,
    /// Codes of geographies in the cells of a row.
    pub geo_codes: Vec<String>,
    /// In English, words that every translation must have: their position among those known.
    pub kept: Vec<u16>,
}

/// A statement of the source, as the translation must make it.
#[derive(Clone, Debug)]
pub struct Original<'a> {
    pub places: &'a [&'a str],
    /// What decides the place, where a rule does.
    pub rule: Option<&'a str>,
    pub form: &'a str,
    pub at_rest: bool,
    pub negated: bool,
    pub may: bool,
    /// Of the sentence that makes it.
    pub words: &'a Words,
}

/// What was read in the translation itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    pub span: Span,
    pub form: String,
    pub at_rest: bool,
    pub negated: bool,
    pub may: bool,
}

/// Something that the translation says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// By the annotation scheme's name.
    pub kind: &'static str,
    /// The sentence.
    pub span: Span,
    /// What it says instead, for a message.
    pub says: String,
    /// The word of the source that was lost, where it is one.
    pub meant: Option<String>,
}

/// Where a translated sentence is to be looked for: its segment, that of its lead-in, and which
/// sentence it is.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    pub segment: usize,
    pub lead: Option<usize>,
    pub nth: Nth,
}

/// Words known to be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    pub kind: String,
    pub span: Span,
    /// The word of the source that was lost.
    pub meant: String,
    /// The reading in whose sentence it stands, if it does: its position among the page's.
    pub reading: Option<usize>,
}

/// A sentence of a translation, or all of a segment where the sentences of the two sides differ in
/// number.
struct Said<'a> {
    catalog: &'a Catalog,
    language: &'a Language,
    block: &'a Block,
    passage: Passage<'a>,
    plain: Range<usize>,
    folded: String,
    span: Span,
}

impl<'a> Said<'a> {
    fn new(
        catalog: &'a Catalog,
        language: &'a Language,
        sentences: &[Sentence<'a>],
    ) -> Option<Self> {
        let (first, last) = (sentences.first()?, sentences.last()?);
        let block = first.block;
        let plain = first.plain.start..last.plain.end;
        let passage = Passage::read_any(language, &block.text, Vec::new());
        let folded = fold(&block.text.plain[plain.clone()]);
        let span = Span { start: first.span.start, end: last.span.end };
        Some(Self { catalog, language, block, passage, plain, folded, span })
    }

    fn has(&self, mark: Mark) -> bool {
        self.passage.has(mark, &self.plain)
    }

    fn denies(&self) -> bool {
        (self.has(Mark::Not) || self.has(Mark::Outside) || self.has(Mark::NotOnly))
            || self.catalog.renderings.denies(&self.language.tag, &self.folded)
    }

    fn speaks_of_data(&self) -> bool {
        !self.passage.categories(&self.plain).is_empty()
            && !self.passage.activities(&self.plain).is_empty()
    }

    fn is_row(&self) -> bool {
        matches!(self.block.kind, BlockKind::Row { .. })
    }

    /// Places with where they stand.
    fn places(&self) -> Vec<(&Range<usize>, &str)> {
        let hits = self.passage.hits(&self.plain);
        hits.filter_map(|hit| match hit.cue {
            Cue::Place(code) | Cue::Adjective(code) => {
                Some((&hit.range, self.language.codes[code as usize].as_str()))
            }
            _ => None,
        })
        .collect()
    }

    fn words(&self) -> Words {
        let cells = self.block.cells.iter().filter(|_| self.is_row());
        let cells = cells.map(|cell| self.block.text.plain[cell.range()].trim());
        let keeps = (0..).zip(self.catalog.renderings.keeps());
        Words {
            at_rest: self.has(Mark::AtRest),
            denies: self.denies(),
            may: self.has(Mark::May)
                && self.catalog.renderings.leaves_open(&self.language.tag, &self.folded),
            places: self.places().into_iter().map(|(_, code)| code.to_owned()).collect(),
            geo_codes: cells
                .filter(|cell| self.catalog.places.of_geo_code(cell).is_some())
                .map(str::to_owned)
                .collect(),
            kept: keeps
                .filter(|(_, kept)| self.language.tag == SOURCE_LOCALE && kept.is_in(&self.folded))
                .map(|(position, _)| position)
                .collect(),
        }
    }

    /// Whether the places of the sentence are one list that was understood from end to end.
    fn is_list_of_places(&self) -> bool {
        let places = self.places();
        let (Some((first, _)), Some((last, _))) = (places.first(), places.last()) else {
            return false;
        };
        let comma = |c: char| matches!(c, ',' | '，' | '、' | '/');
        let before = self.passage.plain[self.plain.start..first.start].trim_end();
        let after = self.passage.plain[last.end..self.plain.end].trim_start();
        let goes_on = before.ends_with(comma)
            || after.starts_with(comma)
            || self.passage.begins(Mark::Break, &(last.end..self.plain.end)).is_some();
        let mut pairs = places.windows(2);
        places.len() > 1
            && !goes_on
            && pairs.all(|pair| self.passage.is_join(pair[0].0.end..pair[1].0.start))
    }

    /// Whether a cell of the row is this text.
    fn has_cell(&self, text: &str) -> bool {
        let plain = &self.block.text.plain;
        let is_word = |part: &str| part.split(|c: char| !c.is_alphanumeric()).any(|w| w == text);
        self.block.cells.iter().any(|cell| is_word(&plain[cell.range()]))
    }
}

/// What the sentence of a statement speaks of, on its side.
pub fn words(site: &Site<'_>) -> Words {
    let catalog = site.catalog;
    let Some(language) = catalog.languages.get(site.locale) else { return Words::default() };
    let all = site.sentences();
    let touched: Vec<Sentence<'_>> =
        all.into_iter().filter(|sentence| sentence.span.overlaps(site.span)).collect();
    Said::new(catalog, language, &touched).map_or_else(Words::default, |said| said.words())
}

/// The places that a text of the page names, by their codes.
pub fn places(catalog: &Catalog, locale: &str, text: &str) -> BTreeSet<String> {
    let Some(language) = catalog.languages.get(locale) else { return BTreeSet::new() };
    let text = Text { plain: text.to_owned(), ..Text::default() };
    let passage = Passage::read_any(language, &text, Vec::new());
    let code = |cue: Cue| match cue {
        Cue::Place(code) => Some(language.codes[code as usize].clone()),
        _ => None,
    };
    passage.hits(&(0..text.plain.len())).filter_map(|hit| code(hit.cue)).collect()
}

/// Where a translation says something else than a statement of its source.
pub fn departures(
    catalog: &Catalog,
    locale: &str,
    page: &PageVersion,
    at: Stretch,
    original: &Original<'_>,
    own: &[Own],
) -> Vec<Departure> {
    let Some(language) = catalog.languages.get(locale) else { return Vec::new() };
    let all = in_segment(catalog, locale, page, Side::Page, at.segment);
    let one = usize::from(at.nth.sentence)..usize::from(at.nth.sentence) + 1;
    let sentences = all.get(one).filter(|_| all.len() == usize::from(at.nth.of));
    let Some(said) = Said::new(catalog, language, sentences.unwrap_or(&all)) else {
        return Vec::new();
    };
    let lead = at.lead.and_then(|lead| {
        let all = in_segment(catalog, locale, page, Side::Page, lead);
        Said::new(catalog, language, &all)
    });
    let own: Vec<&Own> = own.iter().filter(|own| own.span.overlaps(said.span)).collect();
    if own.is_empty() && !said.speaks_of_data() && !said.is_row() {
        return Vec::new();
    }
    let is_exact = sentences.is_some();
    let compared = Compared { said: &said, lead: lead.as_ref(), is_exact, original, own: &own };
    let checks = [
        compared.rest(),
        compared.denial(),
        compared.modality(),
        compared.form(),
        compared.places(),
        compared.geo_codes(),
        compared.kept(),
    ];
    checks.into_iter().flatten().collect()
}

/// Two sentences, side by side.
struct Compared<'a> {
    said: &'a Said<'a>,
    lead: Option<&'a Said<'a>>,
    /// Whether it is one sentence on either side.
    is_exact: bool,
    original: &'a Original<'a>,
    own: &'a [&'a Own],
}

impl Compared<'_> {
    fn departure(&self, kind: &'static str, says: &str) -> Option<Departure> {
        Some(Departure { kind, span: self.said.span, says: says.to_owned(), meant: None })
    }

    /// Rest that the source promises, in the sentence or in its lead-in, and the translation does
    /// not.
    fn rest(&self) -> Option<Departure> {
        let is_lost = self.original.at_rest && !self.own.iter().any(|own| own.at_rest);
        let promised = if self.original.words.at_rest { Some(self.said) } else { self.lead };
        let promised = promised.filter(|said| is_lost && !said.has(Mark::AtRest))?;
        // A lead-in that was not understood says nothing of what it lost.
        let speaks =
            promised.speaks_of_data() || !self.own.is_empty() || self.original.words.at_rest;
        speaks.then(|| Departure {
            kind: "at-rest",
            span: promised.span,
            says: "nothing of rest".to_owned(),
            meant: None,
        })
    }

    fn denial(&self) -> Option<Departure> {
        let words = self.original.words;
        let renderings = &self.said.catalog.renderings;
        let half = renderings.half_denial(&self.said.language.tag, &self.said.folded).is_some();
        if self.original.negated && words.denies && (!self.said.denies() || half) {
            return self.departure("negation", "so");
        }
        let invented = self.is_exact
            && !self.original.negated
            && !words.denies
            && self.said.has(Mark::Not)
            && !self.own.is_empty()
            && self.own.iter().all(|own| own.negated);
        invented.then(|| self.departure("negation", "not")).flatten()
    }

    fn modality(&self) -> Option<Departure> {
        let may = self.original.may;
        let is_said = self.is_exact
            && may == self.original.words.may
            && self.said.has(Mark::May) != may
            && !self.own.is_empty()
            && self.own.iter().all(|own| own.may != may);
        is_said.then(|| self.departure("modality", if may { "is" } else { "may" })).flatten()
    }

    /// Pseudonyms, or no names at all, that the source promises.
    fn form(&self) -> Option<Departure> {
        let promised = self.original.form;
        let forms = self.said.passage.forms(&self.said.plain);
        let has = |form: &str| forms.iter().any(|(_, said)| said.as_str() == form);
        let others: Vec<&str> = self.own.iter().map(|own| own.form.as_str()).collect();
        let is_lost = matches!(promised, "pseudonymized" | "anonymized")
            && !has(promised)
            && !others.contains(&promised);
        let says = others.first().copied().or_else(|| Some(forms.first()?.1.as_str()))?;
        is_lost.then(|| self.departure("data-form", says)).flatten()
    }

    /// Places named instead of those of the source, or left out of a list that was understood.
    fn places(&self) -> Option<Departure> {
        let said = self.said.places();
        let places = &self.said.catalog.places;
        let is_near = |a: &str, b: &str| is_near(places, a, b);
        let names = |code: &str| said.iter().any(|(_, other)| is_near(code, other));
        let expected = self.original.places.iter().copied().filter(|_| self.is_exact);
        let missing: Vec<&str> = expected.filter(|code| !names(code)).collect();
        let is_source = |code: &str| self.original.words.places.iter().any(|of| is_near(of, code));
        let others: BTreeSet<&str> =
            said.iter().map(|(_, code)| *code).filter(|code| !is_source(code)).collect();
        let is_other = !missing.is_empty() && !others.is_empty();
        let is_shorter = !missing.is_empty() && others.is_empty() && self.said.is_list_of_places();
        let named = others.into_iter().collect::<Vec<_>>().join(", ");
        match (is_other, is_shorter) {
            (true, _) => self.departure("location", &named),
            (_, true) => self.departure("location", &format!("nothing of {}", missing.join(", "))),
            _ => None,
        }
    }

    /// Words that the statement hangs on.
    fn kept(&self) -> Option<Departure> {
        let rule = self.original.rule?;
        let words = &self.original.words.kept;
        let mut keeps = (0..).zip(self.said.catalog.renderings.keeps());
        let (_, lost) = keeps.find(|(position, kept)| {
            words.contains(position)
                && kept.matters(rule)
                && kept.stands(&self.said.language.tag, &self.said.folded) == Some(false)
        })?;
        let departure = self.departure("location-rule", "")?;
        Some(Departure { meant: Some(lost.meant.clone()), ..departure })
    }

    /// Codes of a row: for whom the row is true.
    fn geo_codes(&self) -> Option<Departure> {
        let lost = |code: &&String| !self.said.has_cell(code);
        let lost = self.original.words.geo_codes.iter().find(lost)?;
        self.departure("condition", &format!("nothing of {lost}"))
    }
}

/// Whether one place is the other, or a part of it: a city of its country; or both are areas that
/// overlap. A sentence that names the world besides says nothing else by it.
fn is_near(places: &Places, a: &str, b: &str) -> bool {
    let city = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| rest.starts_with(':'));
    let is_area = |code: &str| code.starts_with("x-");
    let overlap = || {
        let (Some(a), Some(b)) = (places.by_code(a), places.by_code(b)) else { return false };
        places.iter().any(|(_, place)| place.within.contains(&a) && place.within.contains(&b))
    };
    a == b
        || city(a, b)
        || city(b, a)
        || is_area(a) && is_area(b) && overlap()
        || [a, b].contains(&WORLD)
}

/// Words in the sentences of statements that are known to be wrong renderings, and codes in rows.
pub fn broken(
    catalog: &Catalog,
    locale: &str,
    page: &PageVersion,
    readings: &[Reading],
) -> Vec<Broken> {
    let Some(language) = catalog.languages.get(locale).filter(|l| l.tag != SOURCE_LOCALE) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (index, reading) in readings.iter().enumerate().filter(|(_, r)| r.side == Side::Page) {
        for at in reading.lead.into_iter().chain([reading.quote]) {
            let Some(segment) = page.segment_at(at) else { continue };
            let all = in_segment(catalog, locale, page, Side::Page, segment);
            let sentences: Vec<Sentence<'_>> =
                all.into_iter().filter(|sentence| sentence.span.overlaps(at)).collect();
            let Some(said) = Said::new(catalog, language, &sentences) else { continue };
            let source = page.segments[segment].source.as_ref();
            let source = source.map(|side| fold(&side.text));
            found.extend(in_words(&said, source.as_deref(), reading, index));
        }
    }
    found.extend(in_tables(catalog, language, page, readings));
    found.sort_by(|a, b| (a.span, &a.kind, a.reading).cmp(&(b.span, &b.kind, b.reading)));
    found.dedup_by(|a, b| (a.span, &a.kind) == (b.span, &b.kind));
    found
}

/// Wrong renderings and half denials of a sentence. `source` is its English, where the page has it.
fn in_words(said: &Said<'_>, source: Option<&str>, of: &Reading, reading: usize) -> Vec<Broken> {
    let renderings = &said.catalog.renderings;
    let broken = |found: Range<usize>, kind: &str, meant: &str| {
        let plain = Span::new(said.plain.start + found.start, said.plain.start + found.end);
        let span = said.block.text.file_span(plain);
        let (kind, meant) = (kind.to_owned(), meant.to_owned());
        Broken { kind, span, meant, reading: Some(reading) }
    };
    let known = renderings.iter().filter_map(|rendering| {
        let is_meant = |source: &str| rendering.english.iter().any(|e| e.find(source).is_some());
        // A rule is broken where a rule is read, and rest where none is read.
        let matters = match rendering.kind.as_str() {
            "location-rule" => matches!(of.location, Location::Rule(_)),
            "at-rest" => !of.at_rest,
            _ => true,
        };
        let written = rendering.written(&said.language.tag).iter();
        let found = written.filter_map(|word| word.find(&said.folded)).min_by_key(|f| f.start)?;
        (matters && source.is_none_or(is_meant))
            .then(|| broken(found, &rendering.kind, &rendering.meant))
    });
    let half = renderings.half_denial(&said.language.tag, &said.folded);
    let half = half.filter(|_| of.negated).map(|found| broken(found, "negation", "not"));
    known.chain(half).collect()
}

/// Codes of geographies that translation took for words. They tell for whom a row is true.
fn in_tables(
    catalog: &Catalog,
    language: &Language,
    page: &PageVersion,
    readings: &[Reading],
) -> Vec<Broken> {
    let is_row = |block: &&Block| matches!(block.kind, BlockKind::Row { header: false });
    let is_code = |text: &str| {
        catalog.places.of_geo_code(text).is_some()
            || catalog.places.corruptions(&language.tag).any(|known| known.written == text)
    };
    let has_code = |block: &&Block| {
        block.cells.iter().any(|cell| is_code(block.text.plain[cell.range()].trim()))
    };
    // Few tables have codes; places are looked for only there.
    let tables: BTreeSet<u32> =
        page.blocks.iter().filter(is_row).filter(has_code).map(|block| block.table).collect();
    let rows: Vec<(u32, Row<'_>)> = (0..)
        .zip(&page.blocks)
        .filter(|(_, block)| is_row(block) && tables.contains(&block.table))
        .map(|(at, block)| (at, Row::new(catalog, language, block)))
        .collect();
    let mut columns: BTreeMap<(u32, usize), usize> = BTreeMap::new();
    for (_, row) in &rows {
        for column in (0..row.block.cells.len()).filter(|column| row.has_code(catalog, *column)) {
            *columns.entry((row.block.table, column)).or_default() += 1;
        }
    }
    let mut found = Vec::new();
    for (at, row) in &rows {
        for column in 0..row.block.cells.len() {
            let codes = columns.get(&(row.block.table, column)).copied().unwrap_or(0);
            let Some(meant) = row.lost_code(catalog, language, column, codes) else { continue };
            let of_row = |reading: &Reading| reading.side == Side::Page && reading.block == *at;
            found.push(Broken {
                kind: "condition".to_owned(),
                span: row.block.text.file_span(row.block.cells[column]),
                meant,
                reading: readings.iter().position(of_row),
            });
        }
    }
    found
}

/// In so many rows a column has the code of the place that the row is about, if it is a column of
/// codes.
const CODES: usize = 3;

/// A row of a table with the places that its cells name.
struct Row<'a> {
    block: &'a Block,
    /// By cell.
    places: Vec<Vec<PlaceId>>,
}

impl<'a> Row<'a> {
    fn new(catalog: &Catalog, language: &Language, block: &'a Block) -> Self {
        let passage = Passage::read_any(language, &block.text, Vec::new());
        let named = |cell: &Span| {
            let hits = passage.hits(&cell.range());
            let places = hits.filter_map(|hit| match hit.cue {
                Cue::Place(code) => catalog.places.by_code(&language.codes[code as usize]),
                _ => None,
            });
            places.collect()
        };
        Self { block, places: block.cells.iter().map(named).collect() }
    }

    fn cell(&self, column: usize) -> &str {
        self.block.text.plain[self.block.cells[column].range()].trim()
    }

    /// The places that the cells before a column name.
    fn about(&self, column: usize) -> impl Iterator<Item = PlaceId> + '_ {
        self.places[..column].iter().flatten().copied()
    }

    /// Whether a cell is the code of what the row is about.
    fn has_code(&self, catalog: &Catalog, column: usize) -> bool {
        let meant = catalog.places.of_geo_code(self.cell(column));
        meant.is_some_and(|meant| self.about(column).any(|place| place == meant))
    }

    /// The code that stood in a cell, where another text does now. `codes` are the codes in the
    /// other rows.
    fn lost_code(
        &self,
        catalog: &Catalog,
        language: &Language,
        column: usize,
        codes: usize,
    ) -> Option<String> {
        let written = self.cell(column);
        if written.is_empty() || catalog.places.of_geo_code(written).is_some() {
            return None;
        }
        let known = catalog.places.corruptions(&language.tag).find(|corruption| {
            let meant = catalog.places.by_code(&corruption.place);
            corruption.written == written && self.about(column).any(|place| Some(place) == meant)
        });
        let code = || self.about(column).find_map(|place| catalog.places.geo_code(place));
        let meant = known.map(|corruption| corruption.stands_for.as_str());
        meant.or_else(|| code().filter(|_| codes >= CODES)).map(str::to_owned)
    }
}
