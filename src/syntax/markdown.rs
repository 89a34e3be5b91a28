//! Markdown to blocks, links and anchors, each with its bytes in the file.
//!
//! Reads one side of a page: what a bilingual unit is, is not known here.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};

use super::docfx::{self, BracketKind};
use super::View;
use crate::model::{Block, BlockKind, LinkKind, Piece, Text};
use crate::source::Span;

/// One side of a page, read.
#[derive(Debug, Default)]
pub struct Parsed {
    pub blocks: Vec<Block>,
    /// Where each block stands in the view.
    pub ranges: Vec<Range<usize>>,
    /// For each block, which stretch of its plain text comes from where in the view; ascending.
    pub origins: Vec<Vec<(u32, Range<usize>)>>,
    pub links: Vec<Link>,
    /// `<a name>`, `<a id>` and the slugs of headings, with the block that follows or holds them.
    pub anchors: Vec<(usize, String)>,
}

#[derive(Clone, Debug)]
pub struct Link {
    pub kind: LinkKind,
    /// In the view.
    pub range: Range<usize>,
    pub href: String,
    pub label: String,
}

/// Reads the body of a page from byte `body` of the view.
pub fn parse(view: &View, body: usize) -> Parsed {
    let text = &view.text[body..];
    let brackets = docfx::brackets(text);
    let (masked, images) = docfx::mask(text, &brackets);
    let mut reader = Reader::new(view, body);
    for bracket in &brackets {
        reader.parsed.links.push(Link {
            kind: match bracket.kind {
                BracketKind::Include => LinkKind::Include,
                BracketKind::Video => LinkKind::Video,
            },
            range: body + bracket.whole.start..body + bracket.whole.end,
            href: text[bracket.target.clone()].to_owned(),
            label: text[bracket.label.clone()].to_owned(),
        });
    }
    for image in &images {
        reader.parsed.links.push(Link {
            kind: LinkKind::Image,
            range: body + image.whole.start..body + image.whole.end,
            href: text[image.source.clone()].to_owned(),
            label: text[image.alt.clone()].to_owned(),
        });
    }
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    for (event, range) in Parser::new_ext(&masked, options).into_offset_iter() {
        reader.event(&event, body + range.start..body + range.end);
    }
    reader.finish()
}

/// A block being read.
struct Open {
    kind: BlockKind,
    range: Range<usize>,
    text: Text,
    origin: Vec<(u32, Range<usize>)>,
    cells: Vec<Span>,
}

struct OpenLink {
    kind: LinkKind,
    range: Range<usize>,
    href: String,
    /// Where the label begins in the open block's text.
    start: u32,
    label: String,
}

struct Reader<'a> {
    view: &'a View,
    body: usize,
    parsed: Parsed,
    open: Option<Open>,
    links: Vec<OpenLink>,
    lists: u8,
    quotes: u8,
    tables: u32,
    in_item: bool,
    header: bool,
    cell: Option<u32>,
    html: Option<Range<usize>>,
    pending_anchors: Vec<String>,
}

impl<'a> Reader<'a> {
    fn new(view: &'a View, body: usize) -> Self {
        Self {
            view,
            body,
            parsed: Parsed::default(),
            open: None,
            links: Vec::new(),
            lists: 0,
            quotes: 0,
            tables: 0,
            in_item: false,
            header: false,
            cell: None,
            html: None,
            pending_anchors: Vec::new(),
        }
    }

    fn event(&mut self, event: &Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(*tag, range),
            Event::Text(text) if self.html.is_none() => self.text(text, range),
            Event::Code(text) => self.code(text, range),
            Event::SoftBreak | Event::HardBreak => self.replaced(" ", range),
            Event::InlineHtml(_) => self.inline_html(range),
            Event::Html(_) => match &mut self.html {
                Some(html) => html.end = range.end,
                None => self.html = Some(range),
            },
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::Heading { level, .. } => self.open(BlockKind::Heading(*level as u8), range),
            Tag::Paragraph => {
                let kind = if self.in_item { BlockKind::Item } else { BlockKind::Paragraph };
                self.in_item = false;
                self.open(kind, range);
            }
            Tag::CodeBlock(_) => self.open(BlockKind::Code, range),
            Tag::List(_) => {
                self.close();
                self.lists += 1;
            }
            Tag::Item => {
                self.close();
                self.in_item = true;
            }
            Tag::BlockQuote(_) => {
                self.close();
                self.quotes += 1;
            }
            Tag::Table(_) => self.tables += 1,
            Tag::TableHead => {
                self.header = true;
                self.open(BlockKind::Row { header: true }, range);
            }
            Tag::TableRow => self.open(BlockKind::Row { header: false }, range),
            Tag::TableCell => {
                if self.open.as_ref().is_some_and(|open| !open.cells.is_empty()) {
                    self.replaced(" | ", range.start..range.start);
                }
                self.cell = Some(self.plain_len());
            }
            Tag::Link { link_type, dest_url, .. } => {
                self.in_block(&range);
                // A reference without a definition is text, not a link.
                let start = self.plain_len();
                let href = match link_type {
                    LinkType::Email => format!("mailto:{dest_url}"),
                    _ => dest_url.to_string(),
                };
                self.links.push(OpenLink { kind: LinkKind::Link, range, href, start, label: String::new() });
            }
            Tag::Image { dest_url, .. } => {
                self.in_block(&range);
                self.links.push(OpenLink {
                    kind: LinkKind::Image,
                    range,
                    href: dest_url.to_string(),
                    start: self.plain_len(),
                    label: String::new(),
                });
            }
            Tag::HtmlBlock => {
                self.close();
                self.html = Some(range.start..range.start);
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, range: Range<usize>) {
        match tag {
            TagEnd::Heading(_) | TagEnd::Paragraph | TagEnd::CodeBlock | TagEnd::TableRow => self.close(),
            TagEnd::TableHead => {
                self.close();
                self.header = false;
            }
            TagEnd::TableCell => {
                if let (Some(start), Some(open)) = (self.cell.take(), &mut self.open) {
                    open.cells.push(Span { start, end: open.text.plain.len() as u32 });
                }
            }
            TagEnd::Item => {
                self.close();
                self.in_item = false;
            }
            TagEnd::List(_) => {
                self.close();
                self.lists -= 1;
            }
            TagEnd::BlockQuote(_) => {
                self.close();
                self.quotes -= 1;
            }
            TagEnd::Link | TagEnd::Image => self.close_link(),
            TagEnd::HtmlBlock => {
                if let Some(html) = self.html.take() {
                    self.html_block(html.start..html.end.max(range.start));
                }
            }
            _ => {}
        }
    }

    fn open(&mut self, kind: BlockKind, range: Range<usize>) {
        self.close();
        self.open =
            Some(Open { kind, range, text: Text::default(), origin: Vec::new(), cells: Vec::new() });
    }

    /// Text may stand in an item without a paragraph of its own.
    fn in_block(&mut self, range: &Range<usize>) -> &mut Open {
        if self.open.is_none() {
            let kind = if self.lists > 0 { BlockKind::Item } else { BlockKind::Paragraph };
            self.in_item = false;
            self.open(kind, range.clone());
        }
        let open = self.open.as_mut().expect("a block was just opened");
        open.range.end = open.range.end.max(range.end);
        open
    }

    fn plain_len(&self) -> u32 {
        self.open.as_ref().map_or(0, |open| open.text.plain.len() as u32)
    }

    fn text(&mut self, text: &str, range: Range<usize>) {
        if let Some(image) = self.links.last_mut().filter(|link| link.kind == LinkKind::Image) {
            image.label.push_str(text);
            return;
        }
        let view = self.view;
        let open = self.in_block(&range);
        if view.text.get(range.clone()) == Some(text) {
            verbatim(open, view, range);
        } else {
            replaced(open, view, text, range);
        }
    }

    fn replaced(&mut self, text: &str, range: Range<usize>) {
        let view = self.view;
        if self.links.last().is_some_and(|link| link.kind == LinkKind::Image) || self.html.is_some() {
            return;
        }
        let open = self.in_block(&range);
        replaced(open, view, text, range);
    }

    fn code(&mut self, text: &str, range: Range<usize>) {
        let view = self.view;
        let open = self.in_block(&range);
        let start = open.text.plain.len() as u32;
        let ticks = view.text[range.clone()].bytes().take_while(|&byte| byte == b'`').count();
        let inside = range.start + ticks..range.end - ticks;
        match view.text[inside.clone()].find(text) {
            Some(offset) => {
                let from = inside.start + offset;
                verbatim(open, view, from..from + text.len());
            }
            None => replaced(open, view, text, range),
        }
        open.text.code.push(Span { start, end: open.text.plain.len() as u32 });
    }

    fn close_link(&mut self) {
        let Some(link) = self.links.pop() else { return };
        let label = match (&self.open, link.kind) {
            (Some(open), LinkKind::Link) => {
                let end = open.text.plain.len() as u32;
                let label = open.text.plain.get(link.start as usize..).unwrap_or("").trim().to_owned();
                if link.start < end {
                    let span = Span { start: link.start, end };
                    if let Some(open) = &mut self.open {
                        open.text.links.push(span);
                    }
                }
                if label.is_empty() { link.label } else { label }
            }
            _ => link.label,
        };
        if link.kind == LinkKind::Image
            && let Some(around) = self.links.last_mut()
            && around.label.is_empty()
        {
            around.label.clone_from(&label);
        }
        self.parsed.links.push(Link { kind: link.kind, range: link.range, href: link.href, label });
    }

    fn close(&mut self) {
        // A link cannot outlive its block; an HTML one without an end tag is closed here.
        while !self.links.is_empty() {
            self.close_link();
        }
        let Some(mut open) = self.open.take() else { return };
        trim(&mut open);
        if open.kind == BlockKind::Code {
            open.text.code = vec![Span { start: 0, end: open.text.plain.len() as u32 }];
        }
        if matches!(open.kind, BlockKind::Heading(_)) && !open.text.plain.is_empty() {
            self.pending_anchors.push(docfx::slug(&open.text.plain));
        }
        let index = self.parsed.blocks.len();
        if open.text.plain.is_empty() {
            return;
        }
        for anchor in self.pending_anchors.drain(..) {
            self.parsed.anchors.push((index, anchor));
        }
        let trimmed = self.view.text[open.range.clone()].trim_end();
        let range = open.range.start..open.range.start + trimmed.len();
        self.parsed.blocks.push(Block {
            kind: open.kind,
            span: self.view.file_span(range.clone()),
            line: 0,
            text: open.text,
            cells: open.cells,
            depth: self.lists,
            table: if matches!(open.kind, BlockKind::Row { .. }) { self.tables } else { 0 },
            quoted: self.quotes > 0,
        });
        self.parsed.ranges.push(range);
        self.parsed.origins.push(open.origin);
    }

    fn inline_html(&mut self, range: Range<usize>) {
        let view = self.view;
        for tag in docfx::tags(&view.text[range.clone()]) {
            self.tag(&tag, range.start + tag.range.start..range.start + tag.range.end);
        }
    }

    fn tag(&mut self, tag: &docfx::Tag<'_>, range: Range<usize>) {
        match (tag.name.as_str(), tag.closing) {
            ("br", _) => self.replaced(" ", range),
            ("a", true) if self.links.last().is_some_and(|link| link.kind == LinkKind::Link) => {
                self.close_link();
                if let Some(link) = self.parsed.links.last_mut() {
                    link.range.end = range.end;
                }
            }
            ("img", false) => {
                if let Some(href) = tag.attribute("src") {
                    let label = tag.attribute("alt").unwrap_or("").to_owned();
                    self.parsed.links.push(Link { kind: LinkKind::Image, range, href: href.to_owned(), label });
                }
            }
            (_, false) => {
                for name in ["name", "id"] {
                    if let Some(anchor) = tag.attribute(name).filter(|anchor| !anchor.is_empty()) {
                        self.pending_anchors.push(anchor.to_owned());
                    }
                }
                if tag.name == "a"
                    && let Some(href) = tag.attribute("href")
                {
                    let start = self.plain_len();
                    self.links.push(OpenLink {
                        kind: LinkKind::Link,
                        range,
                        href: href.to_owned(),
                        start,
                        label: String::new(),
                    });
                }
            }
            _ => {}
        }
    }

    /// Raw HTML: its text in blocks of their own, cut where a browser would start a new line.
    fn html_block(&mut self, range: Range<usize>) {
        const ROWS: [&str; 2] = ["tr", "th"];
        const CELLS: [&str; 2] = ["td", "th"];
        const LINES: [&str; 16] = [
            "p", "li", "ul", "ol", "div", "dt", "dd", "dl", "summary", "details", "table", "h1", "h2", "h3", "h4",
            "center",
        ];
        let view = self.view;
        let html = &view.text[range.clone()];
        let mut at = 0;
        let mut in_script = false;
        for tag in docfx::tags(html) {
            if !in_script {
                self.html_text(range.start + at..range.start + tag.range.start);
            }
            at = tag.range.end;
            let name = tag.name.as_str();
            if matches!(name, "script" | "style") {
                in_script = !tag.closing;
            }
            if ROWS[0] == name || LINES.contains(&name) {
                self.close();
            } else if CELLS.contains(&name) && !tag.closing && self.open.is_some() {
                self.replaced_html(" | ", range.start + tag.range.start..range.start + tag.range.end);
            }
            self.tag(&tag, range.start + tag.range.start..range.start + tag.range.end);
        }
        self.html_text(range.start + at..range.end);
        self.close();
    }

    fn replaced_html(&mut self, text: &str, range: Range<usize>) {
        let view = self.view;
        if let Some(open) = &mut self.open {
            replaced(open, view, text, range);
        }
    }

    fn html_text(&mut self, range: Range<usize>) {
        let view = self.view;
        let text = &view.text[range.clone()];
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return;
        }
        let start = range.start + (text.len() - text.trim_start().len());
        if self.open.is_none() {
            self.open(BlockKind::Html, start..start);
        }
        let open = self.open.as_mut().expect("a block was just opened");
        open.range.end = start + trimmed.len();
        if !open.text.plain.is_empty() && text.starts_with(char::is_whitespace) {
            replaced(open, view, " ", range.start..start);
        }
        verbatim(open, view, start..start + trimmed.len());
        if text.ends_with(char::is_whitespace) {
            replaced(open, view, " ", start + trimmed.len()..range.end);
        }
    }

    fn finish(mut self) -> Parsed {
        self.close();
        let last = self.parsed.blocks.len().saturating_sub(1);
        for anchor in self.pending_anchors.drain(..) {
            self.parsed.anchors.push((last, anchor));
        }
        self.parsed.links.sort_by_key(|link| (link.range.start, link.range.end));
        debug_assert!(self.parsed.ranges.iter().all(|range| range.start >= self.body));
        self.parsed
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{202f}' | '\u{2009}' | '\u{2007}' | '\n' | '\r' | '\t')
}

/// Appends view text as it stands; blanks that only typographers see become plain ones.
fn verbatim(open: &mut Open, view: &View, range: Range<usize>) {
    let mut at = range.start;
    for (offset, blank) in view.text[range.clone()].match_indices(is_blank) {
        let start = range.start + offset;
        push(open, view, at..start);
        replaced(open, view, " ", start..start + blank.len());
        at = start + blank.len();
    }
    push(open, view, at..range.end);
}

fn push(open: &mut Open, view: &View, range: Range<usize>) {
    if range.is_empty() {
        return;
    }
    let plain = open.text.plain.len() as u32;
    open.origin.push((plain, range.clone()));
    for piece in view.pieces_in(range.clone()) {
        let offset = piece.plain - range.start as u32;
        open.text.pieces.push(Piece { plain: plain + offset, ..piece });
    }
    open.text.plain.push_str(&view.text[range]);
}

fn replaced(open: &mut Open, view: &View, text: &str, range: Range<usize>) {
    let text = &text.replace(is_blank, " ");
    let plain = open.text.plain.len() as u32;
    open.origin.push((plain, range.clone()));
    open.text.pieces.push(Piece {
        plain,
        len: text.len() as u32,
        file: view.file_span(range),
        verbatim: false,
    });
    open.text.plain.push_str(text);
}

/// Drops blanks at the end of a block's text. Those at its start never get in: blocks start at text.
fn trim(open: &mut Open) {
    let length = open.text.plain.trim_end().len();
    let leading = open.text.plain.len() - open.text.plain.trim_start().len();
    open.text.plain.truncate(length);
    if leading > 0 && leading <= length {
        let shift = leading as u32;
        open.text.plain.drain(..leading);
        open.text.pieces.retain(|piece| piece.plain + piece.len > shift);
        for piece in &mut open.text.pieces {
            let cut = shift.saturating_sub(piece.plain);
            piece.len -= cut;
            if piece.verbatim {
                piece.file.start += cut;
            }
            piece.plain = piece.plain.saturating_sub(shift);
        }
        for (plain, _) in &mut open.origin {
            *plain = plain.saturating_sub(shift);
        }
        for span in
            open.text.code.iter_mut().chain(&mut open.text.links).chain(&mut open.cells)
        {
            span.start = span.start.saturating_sub(shift);
            span.end = span.end.saturating_sub(shift);
        }
    }
    let end = open.text.plain.len() as u32;
    open.text.pieces.retain(|piece| piece.plain < end);
    if let Some(last) = open.text.pieces.last_mut() {
        let cut = (last.plain + last.len).saturating_sub(end);
        last.len -= cut;
        if last.verbatim {
            last.file.end -= cut;
        }
    }
    for span in open.text.code.iter_mut().chain(&mut open.text.links).chain(&mut open.cells) {
        span.end = span.end.min(end);
        span.start = span.start.min(span.end);
    }
}
