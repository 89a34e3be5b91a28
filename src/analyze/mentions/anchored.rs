//! Reports names of products that were translated or torn apart where only an address tells it: in
//! headings whose anchor, and in labels whose target, has the name as the vendor writes it.
//!
//! For pages without their English beside them. An anchor is the whole English heading; of a target
//! the last part is, and it must be the name and nothing more.

use std::collections::BTreeSet;

use super::translated::{is_translated, problem};
use crate::analyze::Mention;
use crate::catalog::matcher::is_beginning;
use crate::catalog::products::{NameKind, ProductKind};
use crate::catalog::{Catalog, NameId, ProductId, slug};
use crate::diag::Problem;
use crate::model::{BlockKind, Link, LinkKind, PageVersion};
use crate::source::Span;

/// Once per page and name, and none of those that were `reported` before. `own` are the names on
/// the page's side, in order.
pub fn report(
    catalog: &Catalog,
    page: &PageVersion,
    lang: &str,
    own: &[Mention],
    reported: &mut BTreeSet<NameId>,
    out: &mut Vec<Problem>,
) {
    if lang == "en" {
        return;
    }
    let reader = Reader { catalog, page, lang, own };
    for segment in &page.segments {
        let block = segment.block as usize;
        let is_heading = |kind| matches!(kind, BlockKind::Heading(_));
        if segment.anchors.is_empty() || !page.blocks.get(block).is_some_and(|b| is_heading(b.kind))
        {
            continue;
        }
        let names = segment.anchors.iter().filter_map(|anchor| longest_name(catalog, anchor));
        for (name, product) in names.collect::<BTreeSet<_>>() {
            let plain = &page.blocks[block].text.plain;
            let whole = Span::new(0, plain.len());
            if reader.is_lost(block, whole, name, product) && reported.insert(name) {
                let english = &catalog.products.name(name).text;
                let message = format!("the name `{english}` is in the heading's anchor only");
                out.push(problem(page.blocks[block].text.file_span(whole), &message, english));
            }
        }
    }
    for link in page.links.iter().filter(|link| link.kind == LinkKind::Link) {
        if let Some((block, label)) = reader.label(link)
            && let Some((name, product)) = named_by(catalog, &link.href)
            && is_short(catalog, page, block, label, name)
            && reader.is_lost(block, label, name, product)
            && reported.insert(name)
        {
            let text = &page.blocks[block].text;
            let english = &catalog.products.name(name).text;
            let written = &text.plain[label.range()];
            let message =
                format!("the name `{english}`, where the link leads, is `{written}` here");
            out.push(problem(text.file_span(label), &message, english));
        }
    }
}

/// Reads a page's headings and labels against the names in their addresses.
struct Reader<'a> {
    catalog: &'a Catalog,
    page: &'a PageVersion,
    lang: &'a str,
    own: &'a [Mention],
}

impl Reader<'_> {
    /// Whether a stretch of a block has words of a name, but not the product, by any of its names.
    fn is_lost(&self, block: usize, at: Span, name: NameId, product: ProductId) -> bool {
        let products = &self.catalog.products;
        let english = products.name(name);
        let plain = &self.page.blocks[block].text.plain;
        let named: Vec<&Mention> = self.own.iter().filter(|m| m.block as usize == block).collect();
        let is_its = |mention: &Mention| {
            products.name(mention.name).uses.iter().any(|use_| use_.product == product)
        };
        let is_right = |mention: &&Mention| !is_translated(self.catalog, mention);
        if named.iter().any(|mention| is_its(mention) && is_right(mention))
            || has_form(self.catalog, &plain[at.range()], self.lang, product)
        {
            return false;
        }
        words(plain).filter(|(word, _)| at.contains(*word)).any(|(span, word)| {
            let other = named.iter().find(|mention| mention.plain.overlaps(span));
            // The first words of a torn name may be a name of their own.
            let is_part = |other: &&Mention| {
                is_its(other) || is_beginning(&plain[other.plain.range()], &english.text)
            };
            other.is_none_or(is_part) && words(&english.text).any(|(_, its)| is_word_of(word, its))
        })
    }

    /// The block that a link stands in, and its label there.
    fn label(&self, link: &Link) -> Option<(usize, Span)> {
        let after = self.page.blocks.partition_point(|block| block.span.start <= link.span.start);
        let block = after.checked_sub(1)?;
        let text = &self.page.blocks[block].text;
        let is_its = |label: &&Span| link.span.contains(text.file_span(**label));
        Some((block, *text.links.iter().find(is_its)?))
    }
}

/// The longest proper name in an anchor.
pub(in crate::analyze) fn longest_name(
    catalog: &Catalog,
    anchor: &str,
) -> Option<(NameId, ProductId)> {
    let anchor = slug(anchor);
    let words: Vec<&str> = anchor.split('-').collect();
    let mut windows = (2..=words.len()).rev().flat_map(|length| words.windows(length));
    windows.find_map(|window| proper(catalog, &window.join("-")))
}

/// The name that the end of an address is.
fn named_by(catalog: &Catalog, href: &str) -> Option<(NameId, ProductId)> {
    let path = href.split(['#', '?']).next()?;
    let path = catalog.urls.dropped_suffixes.iter().find_map(|suffix| path.strip_suffix(suffix));
    proper(catalog, &slug(path?.rsplit('/').next()?))
}

/// A name of a product that keeps it in every language, as the end of an address has it.
fn proper(catalog: &Catalog, words: &str) -> Option<(NameId, ProductId)> {
    let (name, product) = catalog.products.english_name(words)?;
    keeps_name(catalog.products.get(product).kind).then_some((name, product))
}

/// Whether the vendor leaves such names as they are. Those of features, plans and portals say what
/// the thing is, and are translated.
fn keeps_name(kind: ProductKind) -> bool {
    use ProductKind::*;
    match kind {
        Product | Server | Service | Suite | App => true,
        Feature | Plan | Brand | Portal | Company | Cloud | Program | Api | Family | Codename => {
            false
        }
    }
}

/// Whether a text has a name of the product that people gave it, maybe in a compound.
fn has_form(catalog: &Catalog, text: &str, lang: &str, product: ProductId) -> bool {
    let squeezed = |text: &str| slug(text).replace('-', "");
    let text = squeezed(text);
    let products = &catalog.products;
    products.get(product).names.iter().map(|id| products.name(*id)).any(|name| {
        let is_its = |use_: &crate::catalog::products::NameUse| {
            use_.product == product && use_.kind != NameKind::MachineTranslation
        };
        (name.lang == lang || name.lang == "en")
            && name.uses.iter().any(is_its)
            && text.contains(&squeezed(&name.text))
    })
}

/// A label that goes on after the name says more than a name.
fn is_short(
    catalog: &Catalog,
    page: &PageVersion,
    block: usize,
    label: Span,
    name: NameId,
) -> bool {
    let label = &page.blocks[block].text.plain[label.range()];
    words(label).count() <= words(&catalog.products.name(name).text).count() + 1
}

fn words(text: &str) -> impl Iterator<Item = (Span, &str)> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(move |word| {
        let start = word.as_ptr() as usize - text.as_ptr() as usize;
        (Span::new(start, start + word.len()), word)
    })
}

/// Whether a word is one of a name's, or has its stem: `Automatisch` is of `Automate`.
fn is_word_of(word: &str, its: &str) -> bool {
    const WORD: usize = 3;
    const STEM: usize = 6;
    let (word, its) = (slug(word), slug(its));
    let common = word.chars().zip(its.chars()).take_while(|(a, b)| a == b).count();
    common >= STEM || (word == its && its.chars().count() >= WORD)
}
