//! Changes of products that pages show: what became what, when at the latest, and every place that
//! says so.

use oxigraph::model::{Literal, NamedNode, NamedNodeRef, vocab::xsd};

use super::{Batch, Iris};
use crate::catalog::products::ChangeKind;
use crate::catalog::{Catalog, NameId};
use crate::link::Placed;
use crate::link::renames::{At, Era, Evidence, Observed};
use crate::vocab::{dcterms, rdfs, stm};

/// How a kind of change is called, what the old becomes by it, and its class.
pub fn words(kind: ChangeKind) -> (&'static str, &'static str, NamedNodeRef<'static>) {
    match kind {
        ChangeKind::Renamed => ("rename", "becomes", stm::RENAME),
        ChangeKind::Merged => ("merge", "is merged into", stm::MERGE),
        ChangeKind::Split => ("split", "is split into", stm::SPLIT),
        ChangeKind::Replaced => ("replacement", "is replaced by", stm::REPLACEMENT),
        ChangeKind::Acquired => ("acquisition", "is acquired as", stm::ACQUISITION),
    }
}

pub fn observed(
    iris: &Iris,
    catalog: &Catalog,
    placed: &Placed,
    change: &Observed,
    out: &mut Batch,
) {
    let (before, after) = (name_of(catalog, change.before), name_of(catalog, change.after));
    let (Some(before), Some(after)) = (before, after) else { return };
    let name = |id| catalog.products.name(id);
    let (word, verb, class) = words(change.kind);
    let iri = iris.change(&format!("observed-{word}-{}-{}", name(before).slug, name(after).slug));
    out.a(&iri, stm::PRODUCT_CHANGE);
    out.a(&iri, class);
    let label = format!("{} {verb} {}", name(before).text, name(after).text);
    out.lang(&iri, rdfs::LABEL, label, "en");
    out.add(&iri, stm::PRODUCT, iris.product(catalog, change.after.product));
    out.add(&iri, stm::BEFORE, iris.name(catalog, before));
    out.add(&iri, stm::AFTER, iris.name(catalog, after));
    out.date(&iri, stm::EARLIEST, change.earliest.day());
    out.date(&iri, stm::LATEST, change.latest.day());
    out.add(&iri, stm::BASIS, stm::OBSERVED);
    out.text(&iri, stm::CONFIDENCE, "observed");
    out.add(&iri, stm::SCORE, hundredths(change.score));
    for (number, piece) in (1..).zip(&change.evidence) {
        evidence(iris, placed, &iri, number, piece, out);
    }
}

fn evidence(
    iris: &Iris,
    placed: &Placed,
    change: &NamedNode,
    number: u32,
    piece: &Evidence,
    out: &mut Batch,
) {
    let iri = Iris::part(change, 'e', number);
    out.add(change, stm::EVIDENCE, iri.clone());
    out.a(&iri, stm::CHANGE_EVIDENCE);
    out.text(&iri, stm::SIGNAL, piece.signal.name());
    let page = &placed.pages[piece.page];
    out.add(&iri, stm::PAGE, iris.page(page, &placed.documents[page.document]));
    if let Some(before) = piece.before {
        out.add(&iri, stm::BEFORE, segment(iris, placed, before));
        out.date(&iri, stm::EARLIEST, piece.last.day());
    }
    out.add(&iri, stm::AFTER, segment(iris, placed, piece.after));
    out.date(&iri, stm::LATEST, piece.first.day());
    if let Some(commit) = &piece.first.commit {
        out.add(&iri, dcterms::SOURCE, iris.commit(commit));
    }
}

fn name_of(catalog: &Catalog, era: Era) -> Option<NameId> {
    catalog.products.name_of_era(era.product, era.era)
}

fn segment(iris: &Iris, placed: &Placed, at: At) -> NamedNode {
    Iris::part(&iris.version(placed, at.version), 's', at.segment)
}

fn hundredths(score: u32) -> Literal {
    let text = format!("{}.{:02}", score / 100, score % 100);
    Literal::new_typed_literal(text, xsd::DECIMAL)
}
