//! What the pages of a made-up vendor state, one behaviour per test.

use expect_test::{Expect, expect};

use super::PASS;
use crate::analyze::{Context, Facts, Location, Mention, Side};
use crate::catalog::Catalog;
use crate::lower::lower;
use crate::model::{Block, PageVersion};
use crate::source::{FileKind, Span};

/// Reads a page and lists what it states: data, form, activity, location, modality; then the quote.
fn check(locale: &str, page: &str, expect: Expect) {
    expect.assert_eq(&read(locale, page, Side::Page));
}

fn read(locale: &str, text: &str, side: Side) -> String {
    let catalog = Catalog::builtin().expect("the built-in facts are sound");
    let page = lower(text.as_bytes(), FileKind::Markdown, &mut Vec::new());
    let mut facts = Facts { mentions: mentions(&catalog, &page), ..Facts::default() };
    let context = Context { locale, address: None, date: None };
    (PASS.run)(&catalog, context, &page, &mut facts, &mut Vec::new());
    let mut out = String::new();
    for reading in facts.readings.iter().filter(|reading| reading.side == side) {
        let place = match &reading.location {
            Location::Places(codes) => codes.join("+"),
            Location::Rule(rule) => rule.clone(),
            Location::Service => "service".to_owned(),
        };
        let mut words = vec![reading.product_as_written.as_str(), &reading.category];
        words.extend((reading.form != "as-is").then_some(reading.form.as_str()));
        words.push(&reading.activity);
        words.extend(reading.at_rest.then_some("at-rest"));
        words.extend((reading.relation != "in").then_some(reading.relation.as_str()));
        words.push(&place);
        words.extend((reading.modality != "is").then_some(reading.modality.as_str()));
        words.extend(reading.negated.then_some("not"));
        words.extend(reading.retention.as_deref());
        words.extend(reading.table_row.then_some("row"));
        out += &format!("{}: {}\n", words.join(" "), &text[reading.quote.range()]);
        if let Some(lead) = reading.lead {
            out += &format!("    after: {}\n", &text[lead.range()]);
        }
        if let Some(condition) = &reading.condition {
            out += &format!("    given: {condition}\n");
        }
        if let Some((span, word)) = &reading.misspelt {
            out += &format!("    misspelt: {} for {word}\n", &text[span.range()]);
        }
    }
    out
}

/// Every English name of the catalog, longest first at each place: enough for sentences written for tests.
fn mentions(catalog: &Catalog, page: &PageVersion) -> Vec<Mention> {
    let mut found = Vec::new();
    for (side, blocks) in [(Side::Page, &page.blocks), (Side::Source, &page.source_blocks)] {
        for (index, block) in blocks.iter().enumerate() {
            found.extend(names(catalog, side, index as u32, block));
        }
    }
    found
}

fn names(catalog: &Catalog, side: Side, index: u32, block: &Block) -> Vec<Mention> {
    let plain = block.text.plain.as_str();
    let mut found: Vec<Mention> = Vec::new();
    let mut end = 0;
    for (at, _) in plain.char_indices() {
        let whole = |at: usize| !plain[..at].ends_with(char::is_alphanumeric);
        if at < end || !whole(at) {
            continue;
        }
        let longest = catalog
            .products
            .names_by_id()
            .filter(|(_, name)| name.lang == "en" && plain[at..].starts_with(&name.text))
            .filter(|(_, name)| !plain[at + name.text.len()..].starts_with(char::is_alphanumeric))
            .max_by_key(|(_, name)| name.text.len());
        if let Some((id, name)) = longest {
            end = at + name.text.len();
            let span = Span::new(at, end);
            found.push(Mention {
                side,
                block: index,
                plain: span,
                span: block.text.file_span(span),
                name: id,
                product: name.uses[0].product,
            });
        }
    }
    found
}

#[test]
fn debug() {
    if let Ok(path) = std::env::var("PAGE") {
        let (locale, path) = path.split_once('=').unwrap();
        eprintln!("{}", read(locale, &std::fs::read_to_string(path).unwrap(), Side::Page));
    }
}
