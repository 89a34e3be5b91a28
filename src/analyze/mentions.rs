//! Finds the names of products in a page, and says which product each one means there.
//!
//! How a name is spelt is known in `catalog::matcher`; what names mean on a given day, and how
//! products became one another, is none of this.

use std::collections::BTreeSet;
use std::ops::Range;

use super::{Context, Facts, Mention, Pass, Side};
use crate::catalog::Catalog;
use crate::catalog::ProductId;
use crate::catalog::matcher::Found;
use crate::diag::Problem;
use crate::model::{BlockKind, LinkKind, PageVersion, Text};
use crate::source::Span;

pub(super) mod anchored;
mod evidence;
mod translated;
mod units;

#[cfg(test)]
mod tests;

use evidence::{Evidence, Surroundings};
use units::Units;

pub const PASS: Pass = Pass { name: "mentions", run };

/// The English side goes first: there names are as the vendor writes them, and the page's side must
/// agree.
fn run(
    catalog: &Catalog,
    context: Context<'_>,
    page: &PageVersion,
    facts: &mut Facts,
    out: &mut Vec<Problem>,
) {
    let evidence = Evidence::new(catalog, context, page);
    let mut units = Units::of(page);
    let english = Reader {
        catalog,
        page,
        evidence: &evidence,
        units: &units,
        side: Side::Source,
        lang: "en",
    }
    .read();
    for mention in &english {
        units.add(mention);
    }
    let lang = evidence::language(context.locale);
    let own =
        Reader { catalog, page, evidence: &evidence, units: &units, side: Side::Page, lang }.read();
    let mut reported = translated::report(catalog, page, lang, &units, &own, out);
    anchored::report(catalog, page, lang, &own, &mut reported, out);
    facts.mentions.extend(english);
    facts.mentions.extend(own);
    facts.mentions.sort_by_key(|mention| (mention.span, mention.side));
}

/// Reads one side of a page.
struct Reader<'a> {
    catalog: &'a Catalog,
    page: &'a PageVersion,
    evidence: &'a Evidence<'a>,
    units: &'a Units,
    side: Side,
    lang: &'a str,
}

impl Reader<'_> {
    fn read(&self) -> Vec<Mention> {
        let matcher = self.catalog.products.matcher();
        let mut scratch = String::new();
        let mut mentions = Vec::new();
        let mut undecided = Vec::new();
        let nothing = BTreeSet::new();
        for (block, text) in self.texts() {
            for found in matcher.find(
                &text.plain,
                self.lang,
                |range| touches(&text.code, range),
                &mut scratch,
            ) {
                match self.mention(block, text, &found, &nothing) {
                    Some(mention) => mentions.push(mention),
                    None => undecided.push((block, text, found)),
                }
            }
        }
        // A short name that could be anything means the product that the page names in full
        // elsewhere.
        let named: BTreeSet<ProductId> = mentions.iter().map(|mention| mention.product).collect();
        mentions.extend(
            undecided
                .iter()
                .filter_map(|(block, text, found)| self.mention(*block, text, found, &named)),
        );
        mentions.sort_by_key(|mention| mention.span);
        mentions
    }

    fn texts(&self) -> impl Iterator<Item = (usize, &Text)> {
        let blocks = self.side.blocks(self.page).iter().enumerate();
        blocks.filter(|(_, block)| block.kind != BlockKind::Code).map(|(i, block)| (i, &block.text))
    }

    fn mention(
        &self,
        block: usize,
        text: &Text,
        found: &Found,
        named: &BTreeSet<ProductId>,
    ) -> Option<Mention> {
        let plain = Span::new(found.range.start, found.range.end);
        let span = text.file_span(plain);
        let label = label(text, &found.range);
        let surroundings = Surroundings {
            written: &text.plain[found.range.clone()],
            unit: self.units.around(self.side, span).filter(|_| self.side == Side::Page),
            href: label.as_ref().and_then(|label| self.href(span, &text.plain[label.clone()])),
            is_label: label
                .is_some_and(|label| text.plain[label].trim().len() == found.range.len()),
            begins_sentence: begins_sentence(&text.plain, &found.range),
        };
        let (name, product) = self.evidence.decide(found, &surroundings, named)?;
        Some(Mention { side: self.side, block: block as u32, plain, span, name, product })
    }

    /// The address of the link whose label, or whose English label, stands at a place.
    fn href(&self, span: Span, label: &str) -> Option<&str> {
        let links = &self.page.links;
        let after = links.partition_point(|link| link.span.start <= span.start);
        // An image in the label lies between the link and the name.
        let around = links[..after]
            .iter()
            .rev()
            .take(3)
            .find(|link| link.kind == LinkKind::Link && link.span.contains(span));
        let around = around.or_else(|| {
            let unit = self.units.around(self.side, span).filter(|_| self.side == Side::Source)?;
            let first = links.partition_point(|link| link.span.start < unit.page.start);
            let inside = links[first..].iter().take_while(|link| link.span.start < unit.page.end);
            let mut inside = inside.filter(|link| link.kind == LinkKind::Link);
            inside.find(|link| link.source_label.as_deref() == Some(label.trim()))
        });
        around.map(|link| link.href.as_str())
    }
}

/// The label of a link that a stretch of text stands in.
fn label(text: &Text, range: &Range<usize>) -> Option<Range<usize>> {
    let first = text.links.partition_point(|label| (label.end as usize) < range.end);
    let label = text.links.get(first)?.range();
    (label.start <= range.start).then_some(label)
}

/// Whether one of the spans, which are in order, shares bytes with a range.
fn touches(spans: &[Span], range: &Range<usize>) -> bool {
    let first = spans.partition_point(|span| span.end as usize <= range.start);
    spans.get(first).is_some_and(|span| (span.start as usize) < range.end)
}

/// Whether any word would have a capital here. A name alone in its block or cell begins no
/// sentence.
fn begins_sentence(text: &str, range: &Range<usize>) -> bool {
    let before = text[..range.start].trim_end_matches([' ', '"', '“', '„', '«', '(', '‘', '\'']);
    let after = text[range.end..].trim_start();
    let starts_cell = before.is_empty() || before.ends_with('|');
    let ends_cell = after.is_empty() || after.starts_with('|');
    (starts_cell && !ends_cell) || before.ends_with(['.', '!', '?', ':'])
}
