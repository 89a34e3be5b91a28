//! Reports names of products that were translated although they are names.
//!
//! Only in bilingual pages, where the name stands beside its translation; `anchored` looks at
//! addresses. Not in labels of links: their addresses still say what is meant.

use std::collections::BTreeSet;

use super::label;
use super::units::{Unit, Units};
use crate::analyze::{Mention, Side};
use crate::catalog::matcher::is_beginning;
use crate::catalog::products::{NameKind, TornLabel};
use crate::catalog::{Catalog, NameId, ProductId};
use crate::diag::{Code, Problem};
use crate::model::PageVersion;
use crate::source::Span;

/// Once per page and name; gives the names. `own` are the names on the page's side, in order.
pub fn report(
    catalog: &Catalog,
    page: &PageVersion,
    lang: &str,
    units: &Units,
    own: &[Mention],
    out: &mut Vec<Problem>,
) -> BTreeSet<NameId> {
    let mut reported = BTreeSet::new();
    for mention in own.iter().filter(|mention| is_translated(catalog, mention)) {
        let text = &page.blocks[mention.block as usize].text;
        let unit = units.around(Side::Page, mention.span);
        if let Some(english) = unit.and_then(|unit| english_name(catalog, unit, mention.product))
            && label(text, &mention.plain.range()).is_none()
            && reported.insert(english)
        {
            let english = &catalog.products.name(english).text;
            let written = &text.plain[mention.plain.range()];
            out.push(
                problem(
                    mention.span,
                    &format!("the name `{english}` was translated as `{written}`"),
                    english,
                )
                .repair(english),
            );
        }
    }
    for torn in catalog.products.torn_labels().iter().filter(|torn| torn.lang == lang) {
        for unit in units.iter() {
            if let Some(span) = torn_in(page, unit, torn)
                && !names(catalog, own, unit, torn.product)
                && let Some(english) = english_name(catalog, unit, torn.product)
                && reported.insert(english)
            {
                let english = &catalog.products.name(english).text;
                out.push(problem(
                    span,
                    &format!("the name `{english}` was torn apart in translation"),
                    english,
                ));
            }
        }
    }
    reported
}

pub fn problem(span: Span, message: &str, english: &str) -> Problem {
    Problem::new(Code::PRODUCT_NAME_TRANSLATED, span, message).help(format!("write `{english}`"))
}

/// Whether nobody but a machine calls the product so, in this language and with any capitals.
pub fn is_translated(catalog: &Catalog, mention: &Mention) -> bool {
    let products = &catalog.products;
    let name = products.name(mention.name);
    let kinds = |id: NameId| {
        products
            .name(id)
            .uses
            .iter()
            .filter(|use_| use_.product == mention.product)
            .map(|use_| use_.kind)
    };
    let is_spelling = |id: &NameId| {
        let other = products.name(*id);
        is_beginning(&other.text, &name.text) && is_beginning(&name.text, &other.text)
    };
    name.lang != "en"
        && kinds(mention.name).next().is_some()
        && products
            .get(mention.product)
            .names
            .iter()
            .copied()
            .filter(is_spelling)
            .all(|id| kinds(id).all(|kind| kind == NameKind::MachineTranslation))
}

/// The official or short name by which the English side calls a product.
fn english_name(catalog: &Catalog, unit: &Unit, product: ProductId) -> Option<NameId> {
    let called = unit.named.iter().filter(|(named, _)| *named == product).map(|(_, name)| *name);
    let is_proper = |name: &NameId| {
        let mut uses = catalog.products.name(*name).uses.iter();
        uses.any(|use_| {
            use_.product == product && matches!(use_.kind, NameKind::Official | NameKind::Short)
        })
    };
    called.into_iter().find(is_proper)
}

/// Whether the page's side of a unit calls a product by a name of its own.
fn names(catalog: &Catalog, own: &[Mention], unit: &Unit, product: ProductId) -> bool {
    let first = own.partition_point(|mention| mention.span.start < unit.page.start);
    own[first..].iter().take_while(|mention| mention.span.start < unit.page.end).any(|mention| {
        catalog.products.name(mention.name).uses.iter().any(|use_| use_.product == product)
    })
}

/// Where a unit has a label that is known to be torn.
fn torn_in(page: &PageVersion, unit: &Unit, torn: &TornLabel) -> Option<Span> {
    let segment = &page.segments[unit.segment];
    segment.source.as_ref().filter(|source| source.text == torn.english)?;
    let text = &page.blocks.get(segment.block as usize)?.text;
    let start = text.plain.find(&torn.label)?;
    let range = start..start + torn.label.len();
    label(text, &range).is_none().then(|| text.file_span(Span::new(range.start, range.end)))
}
