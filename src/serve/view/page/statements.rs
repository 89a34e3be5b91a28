//! What a text says about data, each statement with its line and the very bytes marked.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::super::findings::quoted;
use super::super::{Loaded, Part, Refusal, href, label};
use super::Subject;
use crate::explore::page::{Content, Reading, Segment};
use crate::explore::source::{Files, excerpt};
use crate::source::LineIndex;

/// Every statement with the line that it was read from, the very bytes marked.
pub fn statements(
    loaded: &Loaded,
    subject: &Subject,
    content: &Content,
    part: &Part<'_>,
) -> Result<Markup, Refusal> {
    let files = Files::of(&loaded.snapshot);
    let bytes = match &subject.version {
        Some(version) => files.content(version)?,
        None => None,
    };
    let lines = LineIndex::new(bytes.as_deref().unwrap_or_default());
    let segments: BTreeMap<&str, &Segment> =
        content.segments.iter().map(|segment| (segment.iri.as_str(), segment)).collect();
    let mut known: Vec<&str> = Vec::new();
    let mut items = Vec::new();
    for (index, reading) in content.readings.iter().enumerate() {
        let mut anchors = Vec::new();
        for claim in &reading.claims {
            // A statement may be made twice; it is found where it is made first.
            if !known.contains(&claim.as_str()) {
                known.push(claim);
                anchors.push(claim.rsplit('/').next().unwrap_or_default());
            }
        }
        // Who comes for a statement finds it, however many there are.
        let is_sought = part.from() == 0 && !anchors.is_empty();
        if !part.range().contains(&index) && !is_sought {
            continue;
        }
        let shown =
            bytes.as_ref().and_then(|bytes| excerpt(bytes, &lines, reading.start, reading.end));
        items.push(html! {
            article.statement {
                @for anchor in &anchors { span.anchor id=(anchor) {} }
                ul.claims {
                    @for claim in &reading.claims {
                        li { a href=[href(loaded, claim)] { (said(loaded, claim)) } }
                    }
                }
                @match &shown {
                    Some(excerpt) => (quoted(excerpt)),
                    None => (in_segment(reading, segments.get(reading.segment.as_str()).copied())),
                }
                p.faint {
                    "line " (reading.line) ", bytes " (reading.start) "–" (reading.end)
                    " · read by " (reading.read_by) ", " (reading.confidence)
                    @if let Some(condition) = &reading.condition { " · " (condition) }
                    @if shown.is_none() { " · the file is not at hand" }
                }
            }
        });
    }
    Ok(html! {
        @for item in items { (item) }
        (part.ways(content.readings.len()))
    })
}

/// A claim in words, without what its IRI adds.
fn said(loaded: &Loaded, claim: &str) -> String {
    let known = loaded.index.claims.get(claim).map(|claim| claim.label.clone());
    known.unwrap_or_else(|| label(loaded, claim))
}

/// The quote in its sentence, as the graph has both.
fn in_segment(reading: &Reading, segment: Option<&Segment>) -> Markup {
    let text = segment.map_or("", |segment| segment.text.as_str());
    html! {
        blockquote {
            @match text.split_once(&reading.quote).filter(|_| !reading.quote.is_empty()) {
                Some((before, after)) => { (before) mark { (reading.quote) } (after) },
                None => mark { (reading.quote) },
            }
        }
    }
}
