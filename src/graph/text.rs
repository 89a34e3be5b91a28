//! Segments, mentions and links: what stands where in a version.

use oxigraph::model::{Literal, NamedNode, NamedNodeRef, vocab::xsd};

use super::{Batch, Iris, page};
use crate::analyze::Mention;
use crate::catalog::Catalog;
use crate::link::Placed;
use crate::link::alignment::{Aligned, Alignment, Rule};
use crate::link::targets::{Reference, Resolved, Status};
use crate::model::{Link, LinkKind, Segment};
use crate::source::Span;
use crate::vocab::{prov, rdfs, stm};

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

/// A segment of a source that is not at hand, put together from a bilingual version.
pub struct Recovered<'a> {
    pub kind: &'static str,
    pub text: &'a str,
    /// The segments that show its words, counted from 1.
    pub from: Vec<u32>,
}

/// What a bilingual version gives back of its source. The segments have no place: there is no file.
pub fn recovered(
    placed: &Placed,
    source: &NamedNode,
    bilingual: &NamedNode,
    segments: &[Recovered<'_>],
    out: &mut Batch,
) {
    out.add(source, stm::RECOVERED_FROM, bilingual.clone());
    for (number, segment) in (1..).zip(segments) {
        let iri = Iris::part(source, 's', number);
        out.a(&iri, stm::SEGMENT);
        out.add(&iri, stm::IN_VERSION, source.clone());
        out.number(&iri, stm::ORDER, number);
        out.text(&iri, stm::KIND, segment.kind);
        out.lang(&iri, stm::TEXT, segment.text, &placed.source_locale);
        for &from in &segment.from {
            out.add(&iri, prov::WAS_DERIVED_FROM, Iris::part(bilingual, 's', from));
        }
    }
}

/// The segments of a translation with those of its source.
pub fn aligned(
    translation: &NamedNode,
    source: &NamedNode,
    alignment: &Alignment,
    out: &mut Batch,
) {
    for &Aligned { segment, source_segment, rule } in &alignment.pairs {
        let iri = Iris::part(translation, 's', segment);
        out.add(&iri, stm::ALIGNED_WITH, Iris::part(source, 's', source_segment));
        out.add(&iri, stm::ALIGNED_BY, rule_term(rule));
    }
}

/// The share of a translation's segments that go with one of the source.
pub fn coverage(translation: &NamedNode, alignment: &Alignment, out: &mut Batch) {
    if alignment.segments > 0 {
        let share = alignment.pairs.len() as f64 / f64::from(alignment.segments);
        let share = Literal::new_typed_literal(format!("{share:.3}"), xsd::DECIMAL);
        out.add(translation, stm::ALIGNMENT_COVERAGE, share);
    }
}

/// How sure a pair is, by the rule that found it: the share of right ones where translations were
/// matched with a later text than the one that they were made from, and their bilingual twins said
/// what is right. With its own source hardly a segment is matched wrongly.
pub fn rules(out: &mut Batch) {
    for rule in Rule::ALL {
        let (label, confidence) = match rule {
            Rule::Unit => ("by unit", "0.999"),
            Rule::Anchor => ("by anchor", "0.999"),
            Rule::Content => ("by content", "0.998"),
            Rule::Structure => ("by structure", "0.98"),
        };
        let iri = rule_term(rule).into_owned();
        out.a(&iri, stm::ALIGNMENT_RULE);
        out.lang(&iri, rdfs::LABEL, label, "en");
        let confidence = Literal::new_typed_literal(confidence, xsd::DECIMAL);
        out.add(&iri, stm::CONFIDENCE, confidence);
    }
}

fn rule_term(rule: Rule) -> NamedNodeRef<'static> {
    match rule {
        Rule::Unit => stm::BY_UNIT,
        Rule::Anchor => stm::BY_ANCHOR,
        Rule::Content => stm::BY_CONTENT,
        Rule::Structure => stm::BY_STRUCTURE,
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
