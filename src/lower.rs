//! Marks to a page: blocks, segments, links, anchors and the header's meaning.
//!
//! Nothing here knows a product, a language or another page.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::diag::{Code, Problem};
use crate::model::{Block, BlockKind, Link, LinkKind, PageVersion, Segment, SourceSide, Text};
use crate::source::{FileKind, LineIndex, Span};
use crate::syntax::bilingual::{self, Take, Unit};
use crate::syntax::front_matter::{self, YamlText};
use crate::syntax::markdown::{self, Parsed, Zone};
use crate::syntax::{View, docfx, encoding};

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
    if let Some(title) = &mut page.title {
        // A header is shown in HTML, and some are written for it.
        title.text = docfx::unescape(&title.text);
    }
    report_links(&page, out);
    page
}

fn markdown_page(view: &View, lines: &LineIndex, out: &mut Vec<Problem>) -> PageVersion {
    let header = front_matter::read(view, out);
    let units = bilingual::units(view, header.body, out);
    let mut page = PageVersion {
        title: header.title,
        front_matter: header.entries,
        bilingual: !units.is_empty(),
        ..PageVersion::default()
    };
    if units.is_empty() {
        append(&mut page, view, header.body, lines);
        return page;
    }
    let target_view = bilingual::side(view, &units, Take::Target);
    let target = markdown::parse(&target_view, header.body);
    let source = markdown::parse(&bilingual::side(view, &units, Take::Source), header.body);
    page.segments = unit_segments(view, &units, &target.blocks, &source.blocks, lines);
    anchor_segments(&mut page.segments, &target.anchors);
    limit_segments(&mut page.segments, &target.zones);
    page.links = links(&target_view, &target, lines);
    label_links(&mut page.links, &source);
    page.anchors = target.anchors.into_iter().map(|(_, anchor)| anchor).collect();
    page.blocks = placed(target.blocks, lines).collect();
    page.source_blocks = placed(source.blocks, lines).collect();
    page
}

/// Reads Markdown in one language and puts what it holds after what the page has.
fn append(page: &mut PageVersion, view: &View, body: usize, lines: &LineIndex) {
    let parsed = markdown::parse(view, body);
    page.links.extend(links(view, &parsed, lines));
    let first = page.blocks.len();
    page.blocks.extend(placed(parsed.blocks, lines));
    let blocks = page.blocks.iter().enumerate().skip(first);
    let mut segments: Vec<Segment> =
        blocks.filter_map(|(i, block)| whole(block, i, lines)).collect();
    let anchors: Vec<_> =
        parsed.anchors.into_iter().map(|(block, anchor)| (first + block, anchor)).collect();
    anchor_segments(&mut segments, &anchors);
    limit_segments(&mut segments, &parsed.zones);
    page.segments.append(&mut segments);
    page.anchors.extend(anchors.into_iter().map(|(_, anchor)| anchor));
}

fn placed(blocks: Vec<Block>, lines: &LineIndex) -> impl Iterator<Item = Block> {
    blocks.into_iter().map(|block| Block { line: lines.line(block.span.start), ..block })
}

/// A block as one segment; none if there is nothing to read in it but the lines between empty
/// cells.
fn whole(block: &Block, index: usize, lines: &LineIndex) -> Option<Segment> {
    let plain = &block.text.plain;
    let is_text = plain.contains(|c: char| c != '|' && !c.is_whitespace());
    (is_text && !block.span.is_empty()).then(|| segment(block, index, block.span, plain, lines))
}

/// Text of a block that is in no unit.
fn segment(block: &Block, index: usize, span: Span, text: &str, lines: &LineIndex) -> Segment {
    Segment {
        kind: block.kind.name(),
        span,
        line: lines.line(span.start),
        text: text.to_owned(),
        source: None,
        unit: None,
        anchors: Vec::new(),
        applies_to: Vec::new(),
        block: index as u32,
    }
}

/// A stretch of the plain text of a block.
#[derive(Clone, Copy)]
struct Stretch {
    block: usize,
    plain: Span,
}

/// For each place in the file, ascending and apart, the stretches of blocks that come from it.
fn stretches(blocks: &[Block], places: &[Span]) -> Vec<Vec<Stretch>> {
    let mut stretches: Vec<Vec<Stretch>> = vec![Vec::new(); places.len()];
    for (block, text) in blocks.iter().map(|block| &block.text).enumerate() {
        for piece in &text.pieces {
            let first = places.partition_point(|place| place.end <= piece.file.start);
            let touched = places
                .iter()
                .enumerate()
                .skip(first)
                .take_while(|(_, place)| place.start < piece.file.end);
            for (i, place) in touched {
                let mut plain = Span { start: piece.plain, end: piece.plain + piece.len };
                if piece.verbatim {
                    plain.start += place.start.saturating_sub(piece.file.start);
                    plain.end -= piece.file.end.saturating_sub(place.end);
                }
                match stretches[i].last_mut().filter(|last| last.block == block) {
                    Some(last) => last.plain.end = plain.end,
                    None => stretches[i].push(Stretch { block, plain }),
                }
            }
        }
    }
    stretches
}

fn text(blocks: &[Block], stretches: &[Stretch]) -> String {
    let parts: Vec<&str> = stretches
        .iter()
        .map(|stretch| blocks[stretch.block].text.plain[stretch.plain.range()].trim())
        .collect();
    parts.join(" ")
}

fn unit_segments(
    view: &View,
    units: &[Unit],
    target: &[Block],
    source: &[Block],
    lines: &LineIndex,
) -> Vec<Segment> {
    let places = |side: fn(&Unit) -> &Range<usize>| -> Vec<Span> {
        units.iter().map(|unit| view.file_span(side(unit).clone())).collect()
    };
    let (target_places, source_places) = (places(|unit| &unit.target), places(|unit| &unit.source));
    let target_stretches = stretches(target, &target_places);
    let source_stretches = stretches(source, &source_places);
    let mut segments = Vec::new();
    for (i, unit) in units.iter().enumerate() {
        let text_of_target = text(target, &target_stretches[i]);
        let text_of_source = text(source, &source_stretches[i]);
        if text_of_target.is_empty() && text_of_source.is_empty() {
            continue;
        }
        let span = if unit.target.is_empty() {
            view.file_span(unit.whole.clone())
        } else {
            target_places[i]
        };
        // A unit without words of its own belongs to the block before or around it.
        let before =
            || target.partition_point(|block| block.span.start <= span.start).saturating_sub(1);
        let block = target_stretches[i].first().map_or_else(before, |stretch| stretch.block);
        segments.push(Segment {
            kind: target.get(block).map_or("paragraph", |block| block.kind.name()),
            span,
            line: lines.line(span.start),
            text: text_of_target,
            source: (!unit.source.is_empty())
                .then(|| SourceSide { span: source_places[i], text: text_of_source }),
            unit: Some(unit.number().to_owned()),
            anchors: Vec::new(),
            applies_to: Vec::new(),
            block: block as u32,
        });
    }
    let mut covered: Vec<Vec<Span>> = vec![Vec::new(); target.len()];
    for stretch in target_stretches.iter().flatten() {
        covered[stretch.block].push(stretch.plain);
    }
    for (i, block) in target.iter().enumerate() {
        if covered[i].is_empty() {
            segments.extend(whole(block, i, lines));
        } else {
            segments.extend(uncovered(block, &covered[i]).map(|plain| {
                let text = &block.text.plain[plain.range()];
                segment(block, i, block.text.file_span(plain), text, lines)
            }));
        }
    }
    segments.sort_by_key(|segment| (segment.span.start, segment.span.end));
    segments
}

/// What of a block is in no unit, cell by cell, if there is a letter or a digit in it.
fn uncovered<'a>(block: &'a Block, covered: &'a [Span]) -> impl Iterator<Item = Span> + 'a {
    let plain = block.text.plain.as_str();
    let cells = if block.cells.is_empty() {
        vec![Span { start: 0, end: plain.len() as u32 }]
    } else {
        block.cells.clone()
    };
    cells.into_iter().flat_map(move |cell| {
        let within = covered.iter().filter(move |span| span.overlaps(cell));
        let starts = std::iter::once(cell.start).chain(within.clone().map(|span| span.end));
        let ends = within.map(|span| span.start).chain([cell.end]);
        starts.zip(ends).filter(|(start, end)| start < end).filter_map(move |(start, end)| {
            let text = &plain[start as usize..end as usize];
            let from = start + (text.len() - text.trim_start().len()) as u32;
            let span = Span { start: from, end: from + text.trim().len() as u32 };
            text.contains(char::is_alphanumeric).then_some(span)
        })
    })
}

/// Joins anchors to the first segment of their block.
fn anchor_segments(segments: &mut [Segment], anchors: &[(usize, String)]) {
    let mut first = BTreeMap::new();
    for (i, segment) in segments.iter().enumerate() {
        first.entry(segment.block as usize).or_insert(i);
    }
    for (block, anchor) in anchors {
        if let Some(i) = first.get(block)
            && !segments[*i].anchors.contains(anchor)
        {
            segments[*i].anchors.push(anchor.clone());
        }
    }
}

/// Says of segments in a zone which variants show them.
fn limit_segments(segments: &mut [Segment], zones: &[Zone]) {
    for segment in segments {
        let start = segment.span.start;
        let around = zones.iter().filter(|zone| zone.span.range().contains(&(start as usize)));
        segment.applies_to = around.map(|zone| zone.variant.clone()).collect();
    }
}

fn links(view: &View, parsed: &Parsed, lines: &LineIndex) -> Vec<Link> {
    let links = parsed.links.iter().filter(|link| !link.href.starts_with(markdown::TAB));
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
        let label = labels
            .get_mut(&(link.kind, link.href.as_str()))
            .and_then(std::collections::VecDeque::pop_front);
        link.source_label = label.filter(|label| !label.is_empty()).map(str::to_owned);
    }
}

fn report_links(page: &PageVersion, out: &mut Vec<Problem>) {
    for link in page.links.iter().filter(|link| link.kind == LinkKind::Link) {
        if link.href.is_empty() {
            // A heading that is a link is how a table of contents names what has no page.
            let after = page.blocks.partition_point(|block| block.span.start <= link.span.start);
            let around = after.checked_sub(1).map(|i| &page.blocks[i]);
            if around.is_some_and(|block| {
                matches!(block.kind, BlockKind::Heading(_)) && block.text.plain == link.label
            }) {
                continue;
            }
            out.push(
                Problem::new(
                    Code::EMPTY_LINK_TARGET,
                    link.span,
                    format!("the link `{}` goes nowhere", link.label),
                )
                .help("write the address between the parentheses"),
            );
        } else if link.label.is_empty() {
            let problem = Problem::new(
                Code::EMPTY_LINK_LABEL,
                link.span,
                format!("nobody can see the link to `{}`", link.href),
            );
            out.push(match &link.source_label {
                Some(label) => {
                    problem.help(format!("translate the label: the source says `{label}`"))
                }
                None => problem.help("write a label between the brackets"),
            });
        }
    }
}

/// What the keys of a page in YAML hold, in lower case.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YamlKeys {
    headings: Vec<String>,
    texts: Vec<String>,
    markdown: Vec<String>,
    addresses: Vec<String>,
    labels: Vec<String>,
}

static YAML_KEYS: LazyLock<YamlKeys> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../data/yaml-pages.yaml"))
        .expect("data/yaml-pages.yaml is valid")
});

impl YamlKeys {
    fn is_address(&self, key: &str) -> bool {
        self.addresses.iter().any(|address| match address.strip_prefix('*') {
            Some(end) => key.ends_with(end),
            None => key == address,
        })
    }
}

/// A page in YAML: every text in it is a block of its own, and those that may hold Markdown are
/// read as such.
fn yaml_page(view: &View, lines: &LineIndex, out: &mut Vec<Problem>) -> PageVersion {
    let (front_matter, texts) = front_matter::yaml_page(view, out);
    let mut page = PageVersion { front_matter, ..PageVersion::default() };
    let keys = &*YAML_KEYS;
    let mut labels = BTreeMap::new();
    for (text, (parent, key)) in texts.iter().map(|text| (text, place(text))) {
        if keys.labels.contains(&key) {
            labels.entry(parent).or_insert(text.text.as_str());
        }
    }
    for text in &texts {
        let (parent, key) = place(text);
        let line = lines.line(text.span.start);
        if text.text.trim().is_empty() || text.span.is_empty() {
            // A node of a table of contents need not have a page.
            continue;
        }
        if keys.is_address(&key) {
            page.links.push(Link {
                span: text.span,
                line,
                href: text.text.clone(),
                label: labels.get(parent).map_or_else(String::new, |label| (*label).to_owned()),
                source_label: None,
                kind: LinkKind::Link,
            });
            continue;
        }
        if keys.markdown.contains(&key) {
            append(&mut page, &markdown_in(text), 0, lines);
            continue;
        }
        let kind = if keys.headings.contains(&key) {
            BlockKind::Heading(2)
        } else if keys.texts.contains(&key) {
            BlockKind::Paragraph
        } else {
            continue;
        };
        // A line end is a blank to a reader; of one byte, it moves nothing.
        let plain = text.text.replace(['\n', '\t', '\r'], " ");
        let block = Block {
            kind,
            span: text.span,
            line,
            text: Text { plain, pieces: text.pieces.clone(), ..Text::default() },
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

/// The path of what holds a text, and the text's own key in lower case.
fn place(text: &YamlText) -> (&str, String) {
    let (parent, key) = text.path.rsplit_once('.').unwrap_or(("", &text.path));
    (parent, key.to_ascii_lowercase())
}

/// A text of a YAML page as a page of Markdown, at its place in the file.
fn markdown_in(text: &YamlText) -> View {
    let mut view = View::default();
    for piece in &text.pieces {
        let stretch = &text.text[piece.plain as usize..(piece.plain + piece.len) as usize];
        if piece.verbatim {
            view.push_verbatim(stretch, piece.file.start);
        } else {
            view.push_replaced(stretch, piece.file);
        }
    }
    view
}
