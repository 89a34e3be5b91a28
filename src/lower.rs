//! Marks to a page: blocks, segments, links, anchors and the header's meaning.
//!
//! Nothing here knows a product, a language or another page.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::diag::{Code, Problem};
use crate::model::{Block, BlockKind, Link, LinkKind, PageVersion, Segment, SourceSide, Text};
use crate::source::{FileKind, LineIndex, Span};
use crate::syntax::bilingual::{self, Take, Unit};
use crate::syntax::front_matter;
use crate::syntax::markdown::{self, Parsed};
use crate::syntax::{View, encoding};

/// Reads one file as a page. Every problem goes to `out`; there is always a page.
pub fn lower(bytes: &[u8], kind: FileKind, out: &mut Vec<Problem>) -> PageVersion {
    let view = encoding::decode(bytes, out);
    let lines = LineIndex::new(bytes);
    let mut page = match kind {
        FileKind::Yaml => yaml_page(&view, &lines, out),
        _ => markdown_page(&view, &lines, out),
    };
    page.origin = front_matter::origin(&page.front_matter, out);
    page.locale = page.value("ms.contentlocale").map(str::to_owned);
    if page.title.is_none() {
        let title = page.values("title").next().cloned();
        page.title = title;
    }
    page.title = page.title.take().filter(|title| !title.text.trim().is_empty());
    report_links(&page, out);
    page
}

fn markdown_page(view: &View, lines: &LineIndex, out: &mut Vec<Problem>) -> PageVersion {
    let header = front_matter::read(view, out);
    let units = bilingual::units(view, out);
    let mut page = PageVersion {
        title: header.title,
        front_matter: header.entries,
        bilingual: !units.is_empty(),
        ..PageVersion::default()
    };
    if units.is_empty() {
        let parsed = markdown::parse(view, header.body);
        page.segments = parsed.blocks.iter().enumerate().filter_map(|(i, block)| whole(block, i, lines)).collect();
        anchor_segments(&mut page.segments, &parsed);
        page.links = links(view, &parsed, lines);
        take_blocks(&mut page, parsed, lines);
        return page;
    }
    let (target_view, target_places) = bilingual::side(view, &units, Take::Target);
    let (source_view, source_places) = bilingual::side(view, &units, Take::Source);
    let target = markdown::parse(&target_view, header.body);
    let source = markdown::parse(&source_view, header.body);
    page.segments = unit_segments(view, &units, &Side { parsed: &target, places: &target_places }, &Side {
        parsed: &source,
        places: &source_places,
    }, lines);
    anchor_segments(&mut page.segments, &target);
    page.links = links(&target_view, &target, lines);
    label_links(&mut page.links, &source);
    take_blocks(&mut page, target, lines);
    page.source_blocks = source.blocks;
    for block in &mut page.source_blocks {
        block.line = lines.line(block.span.start);
    }
    page
}

fn take_blocks(page: &mut PageVersion, parsed: Parsed, lines: &LineIndex) {
    page.anchors = parsed.anchors.into_iter().map(|(_, anchor)| anchor).collect();
    page.blocks = parsed.blocks;
    for block in &mut page.blocks {
        block.line = lines.line(block.span.start);
    }
}

/// A block as one segment; none if there is nothing to read in it.
fn whole(block: &Block, index: usize, lines: &LineIndex) -> Option<Segment> {
    (!block.span.is_empty()).then(|| Segment {
        kind: block.kind.name(),
        span: block.span,
        line: lines.line(block.span.start),
        text: block.text.plain.clone(),
        source: None,
        unit: None,
        anchors: Vec::new(),
        block: index as u32,
    })
}

/// One side of a bilingual page, and where its units stand.
struct Side<'a> {
    parsed: &'a Parsed,
    places: &'a [Range<usize>],
}

impl Side<'_> {
    /// For each unit the stretches of blocks that are its text.
    fn stretches(&self) -> Vec<Vec<(usize, Span)>> {
        let mut stretches = vec![Vec::new(); self.places.len()];
        for (index, range) in self.parsed.ranges.iter().enumerate() {
            let first = self.places.partition_point(|place| place.end <= range.start);
            for (unit, place) in self.places.iter().enumerate().skip(first).take_while(|(_, place)| place.start < range.end) {
                if let Some(span) = self.stretch(index, place) {
                    stretches[unit].push((index, span));
                }
            }
        }
        stretches
    }

    fn stretch(&self, block: usize, place: &Range<usize>) -> Option<Span> {
        let plain = &self.parsed.blocks[block].text.plain;
        let origins = &self.parsed.origins[block];
        let mut span: Option<Span> = None;
        for (i, (start, view)) in origins.iter().enumerate() {
            if view.end <= place.start || view.start >= place.end {
                continue;
            }
            let next = origins.get(i + 1).map_or(plain.len() as u32, |(next, _)| *next).min(plain.len() as u32);
            // Within a verbatim stretch, places in the view and in the text run in step.
            let offset = place.start.saturating_sub(view.start) as u32;
            let cut = view.end.saturating_sub(place.end) as u32;
            let in_step = view.len() as u32 == next.saturating_sub(*start);
            let (from, to) = if in_step { (start + offset, next - cut) } else { (*start, next) };
            let (from, to) = (from.min(plain.len() as u32), to.min(plain.len() as u32));
            if from < to {
                span = Some(span.map_or(Span { start: from, end: to }, |span| Span { start: span.start, end: to }));
            }
        }
        span
    }

    fn text(&self, stretches: &[(usize, Span)]) -> String {
        let parts: Vec<&str> =
            stretches.iter().map(|(block, span)| self.parsed.blocks[*block].text.plain[span.range()].trim()).collect();
        parts.join(" ")
    }
}

fn unit_segments(view: &View, units: &[Unit], target: &Side<'_>, source: &Side<'_>, lines: &LineIndex) -> Vec<Segment> {
    let target_stretches = target.stretches();
    let source_stretches = source.stretches();
    let mut segments = Vec::new();
    let mut has_units = vec![false; target.parsed.blocks.len()];
    for (i, unit) in units.iter().enumerate() {
        let text = target.text(&target_stretches[i]);
        let source_text = source.text(&source_stretches[i]);
        if text.is_empty() && source_text.is_empty() {
            continue;
        }
        for (block, _) in &target_stretches[i] {
            has_units[*block] = true;
        }
        let block = target_stretches[i].first().map_or(0, |(block, _)| *block);
        let span = if unit.target.is_empty() { unit.whole.clone() } else { unit.target.clone() };
        let span = view.file_span(span);
        segments.push(Segment {
            kind: target.parsed.blocks.get(block).map_or("paragraph", |block| block.kind.name()),
            span,
            line: lines.line(span.start),
            text,
            source: (!unit.source.is_empty())
                .then(|| SourceSide { span: view.file_span(unit.source.clone()), text: source_text }),
            unit: Some(unit.number().to_owned()),
            anchors: Vec::new(),
            block: block as u32,
        });
    }
    let untouched = target.parsed.blocks.iter().enumerate().filter(|(i, _)| !has_units[*i]);
    segments.extend(untouched.filter_map(|(i, block)| whole(block, i, lines)));
    segments.sort_by_key(|segment| (segment.span.start, segment.span.end));
    segments
}

fn anchor_segments(segments: &mut [Segment], parsed: &Parsed) {
    for (block, anchor) in &parsed.anchors {
        if let Some(segment) = segments.iter_mut().find(|segment| segment.block as usize == *block)
            && !segment.anchors.contains(anchor)
        {
            segment.anchors.push(anchor.clone());
        }
    }
}

fn links(view: &View, parsed: &Parsed, lines: &LineIndex) -> Vec<Link> {
    let links = parsed.links.iter().filter(|link| !link.href.starts_with("#tab/"));
    links
        .map(|link| {
            let span = view.file_span(link.range.clone());
            Link {
                span,
                line: lines.line(span.start),
                href: link.href.clone(),
                label: link.label.clone(),
                source_label: None,
                kind: link.kind,
            }
        })
        .collect()
}

/// Both sides of a page have the same links in the same number, if not in the same order.
fn label_links(links: &mut [Link], source: &Parsed) {
    let mut labels: BTreeMap<(LinkKind, &str), std::collections::VecDeque<&str>> = BTreeMap::new();
    for link in &source.links {
        labels.entry((link.kind, &link.href)).or_default().push_back(&link.label);
    }
    for link in links {
        let label = labels.get_mut(&(link.kind, link.href.as_str())).and_then(std::collections::VecDeque::pop_front);
        link.source_label = label.filter(|label| !label.is_empty()).map(str::to_owned);
    }
}

fn report_links(page: &PageVersion, out: &mut Vec<Problem>) {
    for link in page.links.iter().filter(|link| link.kind == LinkKind::Link) {
        if link.href.is_empty() {
            out.push(
                Problem::new(Code::EMPTY_LINK_TARGET, link.span, format!("the link `{}` goes nowhere", link.label))
                    .help("write the address between the parentheses"),
            );
        } else if link.label.is_empty() {
            let problem = Problem::new(Code::EMPTY_LINK_LABEL, link.span, format!("nobody can see the link to `{}`", link.href));
            out.push(match &link.source_label {
                Some(label) => problem.help(format!("translate the label: the source says `{label}`")),
                None => problem.help("write a label between the brackets"),
            });
        }
    }
}

/// A page in YAML: every text in it is a block of its own.
fn yaml_page(view: &View, lines: &LineIndex, out: &mut Vec<Problem>) -> PageVersion {
    let (front_matter, texts) = front_matter::yaml_page(view, out);
    let mut page = PageVersion { front_matter, ..PageVersion::default() };
    let mut label = (String::new(), String::new());
    for text in texts {
        let (parent, key) = text.path.rsplit_once('.').unwrap_or(("", &text.path));
        let line = lines.line(text.span.start);
        let key = key.to_ascii_lowercase();
        if key == "href" || key == "url" || key.ends_with("href") {
            let name = if label.0 == parent { label.1.clone() } else { String::new() };
            page.links.push(Link {
                span: text.span,
                line,
                href: text.text,
                label: name,
                source_label: None,
                kind: LinkKind::Link,
            });
            continue;
        }
        if !matches!(key.as_str(), "title" | "name" | "text" | "summary" | "description" | "question" | "answer" | "note") {
            continue;
        }
        if matches!(key.as_str(), "title" | "name" | "text") {
            label = (parent.to_owned(), text.text.clone());
        }
        let kind = if matches!(key.as_str(), "title" | "question") { BlockKind::Heading(2) } else { BlockKind::Paragraph };
        if text.text.trim().is_empty() || text.span.is_empty() {
            continue;
        }
        // A line end is a blank to a reader; of one byte, it moves nothing.
        let plain = text.text.replace(['\n', '\t', '\r'], " ");
        let block = Block {
            kind,
            span: text.span,
            line,
            text: Text { plain, pieces: text.pieces, ..Text::default() },
            cells: Vec::new(),
            depth: 0,
            table: 0,
            quoted: false,
        };
        page.segments.extend(whole(&block, page.blocks.len(), lines));
        page.blocks.push(block);
    }
    page.links.sort_by_key(|link| link.span.start);
    page
}
