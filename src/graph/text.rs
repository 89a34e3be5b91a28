//! Segments, mentions and links: what stands where in a version.

use oxigraph::model::NamedNode;

use super::{Batch, Iris, page};
use crate::analyze::Mention;
use crate::catalog::Catalog;
use crate::link::Placed;
use crate::link::targets::{Reference, Resolved, Status};
use crate::model::{Link, LinkKind, Segment};
use crate::source::Span;
use crate::vocab::{rdfs, stm};

fn place(iri: &NamedNode, version: &NamedNode, line: u32, span: Span, out: &mut Batch) {
    out.add(iri, stm::IN_VERSION, version.clone());
    out.number(iri, stm::LINE, line);
    bytes(iri, span, out);
}

pub fn bytes(iri: &NamedNode, span: Span, out: &mut Batch) {
    out.number(iri, stm::BYTE_START, span.start);
    out.number(iri, stm::BYTE_END, span.end);
}

/// `number` counts the segments of the version from 1.
pub fn segment(
    placed: &Placed,
    version: &NamedNode,
    number: u32,
    segment: &Segment,
    locale: &str,
    out: &mut Batch,
) {
    let iri = Iris::part(version, 's', number);
    out.a(&iri, stm::SEGMENT);
    place(&iri, version, segment.line, segment.span, out);
    out.number(&iri, stm::ORDER, number);
    out.text(&iri, stm::KIND, segment.kind);
    out.lang(&iri, stm::TEXT, &segment.text, locale);
    if let Some(source) = &segment.source {
        out.lang(&iri, stm::SOURCE_TEXT, &source.text, &placed.source_locale);
    }
    if let Some(unit) = &segment.unit {
        out.text(&iri, stm::UNIT, unit);
    }
    for anchor in &segment.anchors {
        out.text(&iri, stm::ANCHOR, anchor);
    }
    for variant in &segment.applies_to {
        out.text(&iri, stm::APPLIES_TO, variant);
    }
}

pub fn mention(
    iris: &Iris,
    catalog: &Catalog,
    version: &NamedNode,
    mention: &Mention,
    segment: u32,
    out: &mut Batch,
) {
    let iri = Iris::mention(version, mention.span);
    out.a(&iri, stm::MENTION);
    out.add(&iri, stm::IN_SEGMENT, Iris::part(version, 's', segment));
    out.add(&iri, stm::OF_NAME, iris.name(catalog, mention.name));
    out.add(&iri, stm::OF_PRODUCT, iris.product(catalog, mention.product));
    bytes(&iri, mention.span, out);
    out.add(version, stm::MENTIONS, iris.product(catalog, mention.product));
}

/// One link of a version; its status may still become `BrokenFragment` when all anchors are known.
pub struct Occurrence<'a> {
    pub number: u32,
    pub link: &'a Link,
    pub reference: &'a Reference,
    pub resolved: &'a Resolved,
    /// The status is known already.
    pub settled: bool,
}

pub fn link(
    iris: &Iris,
    placed: &Placed,
    version: &NamedNode,
    occurrence: &Occurrence<'_>,
    locale: &str,
    out: &mut Batch,
) {
    let Occurrence { number, link, reference, resolved, settled } = occurrence;
    let target = match resolved.page {
        Some(index) => {
            let linked = &placed.pages[index];
            iris.page(linked, &placed.documents[linked.document])
        }
        None => page::target(reference),
    };
    if link.kind == LinkKind::Include {
        out.add(version, stm::INCLUDES, target.clone());
    } else {
        out.add(version, stm::LINKS_TO, target);
    }
    let iri = Iris::part(version, 'l', *number);
    out.a(&iri, stm::LINK);
    place(&iri, version, link.line, link.span, out);
    out.text(&iri, stm::KIND, kind(link.kind));
    out.lang(&iri, rdfs::LABEL, &link.label, locale);
    if let Some(label) = &link.source_label {
        out.lang(&iri, stm::SOURCE_LABEL, label, &placed.source_locale);
    }
    out.text(&iri, stm::HREF, &link.href);
    let address = page::target(reference);
    page::web_address(&address, out);
    out.add(&iri, stm::TARGET, address);
    if let Some(fragment) = &reference.fragment {
        out.text(&iri, stm::FRAGMENT, fragment);
    }
    if *settled {
        status(&iri, resolved.status, out);
    }
}

pub fn status(link: &NamedNode, status: Status, out: &mut Batch) {
    let term = match status {
        Status::Ok => stm::OK,
        Status::Redirected => stm::REDIRECTED,
        Status::Broken => stm::BROKEN,
        Status::BrokenFragment => stm::BROKEN_FRAGMENT,
        Status::External => stm::EXTERNAL,
        Status::Opaque => stm::OPAQUE,
    };
    out.add(link, stm::LINK_STATUS, term);
}

fn kind(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Link => "link",
        LinkKind::Image => "image",
        LinkKind::Include => "include",
        LinkKind::Video => "video",
    }
}
