//! Markdown to blocks, links and anchors, each with its bytes in the file.
//!
//! Reads one side of a page: what a bilingual unit is, is not known here.

use std::collections::BTreeMap;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use super::View;
use super::docfx::{self, BracketKind, Marks};
use crate::model::{Block, BlockKind, LinkKind, Piece, Text};
use crate::source::Span;

/// One side of a page, read.
#[derive(Debug, Default)]
pub struct Parsed {
    pub blocks: Vec<Block>,
    pub links: Vec<Link>,
    /// `<a name>`, `<a id>` and the slugs of headings, with the block that follows or holds them.
    pub anchors: Vec<(usize, String)>,
    /// Tabs and other stretches that only some variants of the page show.
    pub zones: Vec<Zone>,
}

/// A stretch that only some variants of the page show.
#[derive(Clone, Debug)]
pub struct Zone {
    /// In the file.
    pub span: Span,
    /// Which variants, as in `model::Segment`.
    pub variant: String,
}

#[derive(Clone, Debug)]
pub struct Link {
    pub kind: LinkKind,
    /// In the view.
    pub range: Range<usize>,
    pub href: String,
    pub label: String,
}

const OPTIONS: Options = Options::ENABLE_TABLES.union(Options::ENABLE_STRIKETHROUGH);

/// What the address of a tab begins with.
pub const TAB: &str = "#tab/";

/// How deep a nest is said to be at most: readers count one deeper than what they see.
const DEEPEST: u32 = u8::MAX as u32 - 1;

/// Reads the body of a page from byte `body` of the view.
pub fn parse(view: &View, body: usize) -> Parsed {
    let text = &view.text[body..];
    let marks = docfx::marks(text, &code(text));
    let masked = marks.mask(text);
    let mut reader = Reader::new(view, body, &marks, &masked);
    for bracket in &marks.brackets {
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
    for image in &marks.images {
        reader.parsed.links.push(Link {
            kind: LinkKind::Image,
            range: body + image.whole.start..body + image.whole.end,
            href: text[image.source.clone()].to_owned(),
            label: text[image.alt.clone()].to_owned(),
        });
    }
    for zone in &marks.zones {
        reader.zone(body + zone.range.start..body + zone.range.end, &zone.variant);
    }
    for (event, range) in Parser::new_ext(&masked, OPTIONS).into_offset_iter() {
        reader.event(&event, body + range.start..body + range.end);
    }
    reader.finish()
}

/// Where a text has code that an author marked as such; what is only indented may stand in a
/// directive.
fn code(text: &str) -> Vec<Range<usize>> {
    let has_marks = text.contains("[!") || text.contains(":::");
    if !has_marks || !text.contains('`') && !text.contains("~~~") {
        return Vec::new();
    }
    let events = Parser::new_ext(text, OPTIONS).into_offset_iter();
    let code = events.filter(|(event, _)| {
        matches!(event, Event::Code(_) | Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))))
    });
    code.map(|(_, range)| range).collect()
}

/// A block being read.
struct Open {
    kind: BlockKind,
    range: Range<usize>,
    text: Text,
    cells: Vec<Span>,
}

impl Open {
    fn is_row(&self) -> bool {
        matches!(self.kind, BlockKind::Row { .. })
    }
}

struct OpenLink {
    kind: LinkKind,
    range: Range<usize>,
    href: String,
    /// Where the label begins in the open block's text.
    start: u32,
    /// What it said in blocks before.
    label: String,
    /// The alternative text of an image, or of the image in a link.
    alt: String,
    /// Written as `<a href>`: it may go over several lines of raw HTML, and only `</a>` ends it.
    html: bool,
}

/// A tab being read.
struct OpenTab {
    start: usize,
    id: String,
    /// How many lists and quotations it stands in.
    depth: u32,
}

/// What is open in raw HTML. A blank line ends a block of it, but no list and no table.
#[derive(Default)]
struct RawHtml {
    lists: u32,
    in_item: bool,
    /// How many rows the table has so far.
    rows: u32,
}

struct Reader<'a> {
    view: &'a View,
    body: usize,
    marks: &'a Marks,
    masked: &'a str,
    parsed: Parsed,
    open: Option<Open>,
    links: Vec<OpenLink>,
    tabs: Vec<OpenTab>,
    lists: u32,
    quotes: u32,
    tables: u32,
    in_item: bool,
    header: bool,
    cell: Option<u32>,
    /// The lines of raw HTML, without the marks of a quotation before them.
    html: Vec<Range<usize>>,
    raw: RawHtml,
    /// Where `<code>` or `<pre>` begins in the open block's text.
    html_code: Option<u32>,
    pending_anchors: Vec<String>,
    /// How often a slug was given.
    slugs: BTreeMap<String, u32>,
}

impl<'a> Reader<'a> {
    fn new(view: &'a View, body: usize, marks: &'a Marks, masked: &'a str) -> Self {
        Self {
            view,
            body,
            marks,
            masked,
            parsed: Parsed::default(),
            open: None,
            links: Vec::new(),
            tabs: Vec::new(),
            lists: 0,
            quotes: 0,
            tables: 0,
            in_item: false,
            header: false,
            cell: None,
            html: Vec::new(),
            raw: RawHtml::default(),
            html_code: None,
            pending_anchors: Vec::new(),
            slugs: BTreeMap::new(),
        }
    }

    fn event(&mut self, event: &Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(*tag, range),
            Event::Rule => self.close_tabs(range.start),
            Event::Text(text) => self.text(text, range),
            Event::Code(text) => self.code(text, range),
            Event::SoftBreak | Event::HardBreak => self.replaced(" ", range),
            Event::InlineHtml(_) => self.inline_html(range),
            Event::Html(_) => self.html.push(range),
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
            Tag::TableCell => self.start_cell(range.start..range.start),
            Tag::Link { link_type, dest_url, .. } => {
                self.in_block(&range);
                // A reference without a definition is text, not a link.
                let start = self.plain_len();
                let href = match link_type {
                    LinkType::Email => format!("mailto:{dest_url}"),
                    _ => dest_url.to_string(),
                };
                self.links.push(OpenLink {
                    kind: LinkKind::Link,
                    range,
                    href,
                    start,
                    label: String::new(),
                    alt: String::new(),
                    html: false,
                });
            }
            Tag::Image { dest_url, .. } => {
                self.in_block(&range);
                self.links.push(OpenLink {
                    kind: LinkKind::Image,
                    range,
                    href: dest_url.to_string(),
                    start: self.plain_len(),
                    label: String::new(),
                    alt: String::new(),
                    html: false,
                });
            }
            Tag::HtmlBlock => self.close(),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, range: Range<usize>) {
        match tag {
            TagEnd::Heading(_) => {
                self.tab_heading(range.start);
                self.close();
            }
            TagEnd::Paragraph | TagEnd::CodeBlock | TagEnd::TableRow => self.close(),
            TagEnd::TableHead => {
                self.close();
                self.header = false;
            }
            TagEnd::TableCell => self.end_cell(),
            TagEnd::Item => {
                self.close();
                self.close_tabs(range.end);
                self.in_item = false;
            }
            TagEnd::List(_) => {
                self.close();
                self.lists -= 1;
            }
            TagEnd::BlockQuote(_) => {
                self.close();
                self.close_tabs(range.end);
                self.quotes -= 1;
            }
            TagEnd::Link | TagEnd::Image => {
                // A link of raw HTML that began inside cannot go on outside.
                while self.links.last().is_some_and(|link| link.html) {
                    self.close_link();
                }
                self.close_link();
            }
            TagEnd::HtmlBlock => self.html_block(),
            _ => {}
        }
    }

    fn open(&mut self, kind: BlockKind, range: Range<usize>) {
        self.close();
        self.open = Some(Open { kind, range, text: Text::default(), cells: Vec::new() });
    }

    fn start_cell(&mut self, range: Range<usize>) {
        if self.open.as_ref().is_some_and(|open| !open.cells.is_empty()) {
            self.replaced(" | ", range);
        }
        self.cell = Some(self.plain_len());
    }

    fn end_cell(&mut self) {
        if let (Some(start), Some(open)) = (self.cell.take(), &mut self.open) {
            open.cells.push(Span { start, end: open.text.plain.len() as u32 });
        }
    }

    fn zone(&mut self, range: Range<usize>, variant: &str) {
        let span = self.view.file_span(range);
        self.parsed.zones.push(Zone { span, variant: variant.to_owned() });
    }

    /// A heading that is nothing but a link to `#tab/…` begins a tab, and ends the one before.
    fn tab_heading(&mut self, start: usize) {
        let said = self.open.as_ref().map(|open| open.text.plain.trim());
        let link = self.parsed.links.last().filter(|link| link.range.start >= start);
        let id = link
            .filter(|link| said == Some(link.label.as_str()))
            .and_then(|link| link.href.strip_prefix(TAB))
            .map(str::to_owned);
        if let Some(id) = id.filter(|id| !id.is_empty()) {
            self.close_tabs(start);
            self.tabs.push(OpenTab { start, id, depth: self.lists + self.quotes });
        }
    }

    /// Ends the tabs that began here or deeper. A rule ends them, a new tab, the item around, and
    /// the end of a zone around before all of these.
    fn close_tabs(&mut self, end: usize) {
        let depth = self.lists + self.quotes;
        while let Some(tab) = self.tabs.pop_if(|tab| tab.depth >= depth) {
            let start = tab.start - self.body;
            let zones = self.marks.zones.iter().filter(|zone| zone.range.contains(&start));
            let end = zones.map(|zone| self.body + zone.range.end).fold(end, usize::min);
            self.zone(tab.start..end, &format!("tab:{}", tab.id));
        }
    }

    /// Text may stand in an item without a paragraph of its own.
    fn in_block(&mut self, range: &Range<usize>) -> &mut Open {
        let kind = if self.lists > 0 { BlockKind::Item } else { BlockKind::Paragraph };
        let in_item = &mut self.in_item;
        let open = self.open.get_or_insert_with(|| {
            *in_item = false;
            Open { kind, range: range.clone(), text: Text::default(), cells: Vec::new() }
        });
        open.range.end = open.range.end.max(range.end);
        open
    }

    fn plain_len(&self) -> u32 {
        self.open.as_ref().map_or(0, |open| open.text.plain.len() as u32)
    }

    fn text(&mut self, text: &str, range: Range<usize>) {
        if let Some(image) = self.links.last_mut().filter(|link| link.kind == LinkKind::Image) {
            image.alt.push_str(text);
            return;
        }
        let (view, marks, body) = (self.view, self.marks, self.body);
        let stands = self.masked.get(range.start - body..range.end - body) == Some(text);
        let open = self.in_block(&range);
        if !stands {
            replaced(open, view, text, range);
            return;
        }
        for part in marks.prose(range.start - body..range.end - body) {
            verbatim(open, view, body + part.start..body + part.end);
        }
    }

    fn replaced(&mut self, text: &str, range: Range<usize>) {
        let view = self.view;
        if self.links.last().is_some_and(|link| link.kind == LinkKind::Image) {
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
        let label = match (&mut self.open, link.kind) {
            (Some(open), LinkKind::Link) => label(open, &link),
            _ => link.label,
        };
        let label = if label.is_empty() { link.alt } else { label };
        if link.kind == LinkKind::Image
            && let Some(around) = self.links.last_mut()
            && around.alt.is_empty()
        {
            around.alt.clone_from(&label);
        }
        self.parsed.links.push(Link { kind: link.kind, range: link.range, href: link.href, label });
    }

    /// Ends the block and, with it, every link.
    fn close(&mut self) {
        while !self.links.is_empty() {
            self.close_link();
        }
        self.end_block();
    }

    /// Ends the block. A link of raw HTML goes on in the next one, with what it says so far.
    fn end_block(&mut self) {
        let Some(mut open) = self.open.take() else { return };
        for link in self.links.iter_mut().filter(|link| link.kind == LinkKind::Link) {
            link.label = label(&mut open, link);
            link.start = 0;
        }
        if let Some(start) = self.html_code.take() {
            open.text.code.push(Span { start, end: open.text.plain.len() as u32 });
        }
        trim(&mut open);
        if open.kind == BlockKind::Code {
            open.text.code = vec![Span { start: 0, end: open.text.plain.len() as u32 }];
        }
        if matches!(open.kind, BlockKind::Heading(_)) && !open.text.plain.is_empty() {
            let slug = self.slug(&open.text.plain);
            self.pending_anchors.push(slug);
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
            span: self.view.file_span(range),
            line: 0,
            text: open.text,
            cells: open.cells,
            depth: (self.lists + self.raw.lists).min(DEEPEST) as u8,
            table: if matches!(open.kind, BlockKind::Row { .. }) { self.tables } else { 0 },
            quoted: self.quotes > 0,
        });
    }

    /// The fragment of a heading; the site numbers those that come again.
    fn slug(&mut self, heading: &str) -> String {
        let base = docfx::slug(heading);
        let mut slug = base.clone();
        while self.slugs.contains_key(&slug) {
            let count = self.slugs.entry(base.clone()).or_default();
            *count += 1;
            slug = format!("{base}-{count}");
        }
        self.slugs.insert(slug.clone(), 0);
        slug
    }

    fn inline_html(&mut self, range: Range<usize>) {
        let view = self.view;
        for tag in docfx::tags(&view.text[range.clone()]) {
            self.tag(&tag, range.start + tag.range.start..range.start + tag.range.end);
        }
    }

    fn tag(&mut self, tag: &docfx::Tag<'_>, range: Range<usize>) {
        match (tag.name.as_str(), tag.closing) {
            ("br", _) => {
                self.replaced(" ", range);
                self.line_break();
            }
            ("p" | "div" | "ul" | "ol" | "li", _) => {
                let text = self.open.as_ref().map(|open| open.text.plain.as_str());
                if text.is_some_and(|text| !text.is_empty() && !text.ends_with(' ')) {
                    self.replaced(" ", range);
                }
                self.line_break();
            }
            ("sup", false) if self.is_footnote(range.end) => self.replaced(" ", range),
            ("a", true) if self.links.last().is_some_and(|link| link.html) => {
                self.close_link();
                if let Some(link) = self.parsed.links.last_mut() {
                    link.range.end = range.end;
                }
            }
            ("img", false) => {
                if let Some(href) = tag.attribute("src") {
                    let label = docfx::unescape(tag.attribute("alt").unwrap_or(""));
                    if let Some(around) = self.links.last_mut().filter(|link| link.alt.is_empty()) {
                        around.alt.clone_from(&label);
                    }
                    self.parsed.links.push(Link {
                        kind: LinkKind::Image,
                        range,
                        href: docfx::unescape(href),
                        label,
                    });
                }
            }
            ("code" | "pre", closing) => self.code_tag(closing),
            (_, false) => {
                for name in ["name", "id"] {
                    if let Some(anchor) = tag.attribute(name).filter(|anchor| !anchor.is_empty()) {
                        self.pending_anchors.push(docfx::unescape(anchor));
                    }
                }
                if tag.name == "a"
                    && let Some(href) = tag.attribute("href")
                {
                    let start = self.plain_len();
                    self.links.push(OpenLink {
                        kind: LinkKind::Link,
                        range,
                        href: docfx::unescape(href),
                        start,
                        label: String::new(),
                        alt: String::new(),
                        html: true,
                    });
                }
            }
            _ => {}
        }
    }

    fn line_break(&mut self) {
        let links = self.links.last();
        if let Some(open) =
            self.open.as_mut().filter(|_| links.is_none_or(|l| l.kind == LinkKind::Link))
        {
            open.text.breaks.push(open.text.plain.len() as u32);
        }
    }

    /// Whether what is raised is the mark of a footnote, which is no part of the word before it.
    fn is_footnote(&self, at: usize) -> bool {
        let raised = self.view.text[at..].split('<').next().unwrap_or("").trim();
        let is_mark =
            |c: char| c.is_ascii_digit() || matches!(c, '*' | ',' | ' ' | '†' | '‡' | '[' | ']');
        !raised.is_empty() && raised.chars().all(is_mark)
    }

    /// What is code in raw HTML is code. An end without a start, and a start in a start, say
    /// nothing.
    fn code_tag(&mut self, closing: bool) {
        let here = self.plain_len();
        if !closing {
            self.html_code.get_or_insert(here);
        } else if let (Some(start), Some(open)) = (self.html_code.take(), &mut self.open)
            && start < here
        {
            open.text.code.push(Span { start, end: here });
        }
    }

    /// Raw HTML: its text in blocks of their own, cut where a browser would start a new line.
    fn html_block(&mut self) {
        let lines = std::mem::take(&mut self.html);
        let Some(base) = lines.first().map(|line| line.start) else { return };
        // A tag may go over several lines: blanks stand for what is no HTML between them.
        let mut html = String::new();
        for line in &lines {
            html.extend(std::iter::repeat_n(' ', line.start - base - html.len()));
            html.push_str(&self.masked[line.start - self.body..line.end - self.body]);
        }
        let mut at = base;
        let mut in_script = false;
        for tag in docfx::tags(&html) {
            let range = base + tag.range.start..base + tag.range.end;
            if !in_script {
                self.html_text(&lines, at..range.start);
            }
            at = range.end;
            let name = tag.name.as_str();
            if matches!(name, "script" | "style") {
                in_script = !tag.closing;
            }
            self.line_tag(name, tag.closing, range.clone());
            self.tag(&tag, range);
        }
        self.html_text(&lines, at..base + html.len());
        self.close();
    }

    /// A tag of raw HTML where a browser would start a new line or cell, if it is one.
    fn line_tag(&mut self, name: &str, closing: bool, range: Range<usize>) {
        const LINES: [&str; 12] =
            ["p", "div", "dt", "dd", "dl", "summary", "details", "h1", "h2", "h3", "h4", "center"];
        match name {
            "table" => {
                self.end_block();
                self.tables += u32::from(!closing);
                self.raw.rows = 0;
            }
            "tr" => {
                self.end_cell();
                if let Some(row) = self.open.as_mut().filter(|open| closing && open.is_row()) {
                    row.range.end = range.end;
                }
                self.end_block();
                if !closing {
                    // Whether its cells are marked as such or not, the first row names the columns.
                    let header = self.raw.rows == 0;
                    self.raw.rows += 1;
                    self.open(BlockKind::Row { header }, range);
                }
            }
            _ if self.open.as_ref().is_some_and(Open::is_row) => {
                if matches!(name, "td" | "th") {
                    self.end_cell();
                    if !closing {
                        self.start_cell(range);
                    }
                }
            }
            "ul" | "ol" => {
                self.end_block();
                let lists = self.raw.lists;
                self.raw.lists = if closing { lists.saturating_sub(1) } else { lists + 1 };
                self.raw.in_item &= self.raw.lists > 0;
            }
            "li" => {
                self.end_block();
                self.raw.in_item = !closing;
            }
            name if LINES.contains(&name) => self.end_block(),
            _ => {}
        }
    }

    /// Text between two tags.
    fn html_text(&mut self, lines: &[Range<usize>], range: Range<usize>) {
        let first = lines.partition_point(|line| line.end <= range.start);
        for line in lines[first..].iter().take_while(|line| line.start < range.end) {
            let (start, end) = (line.start.max(range.start), line.end.min(range.end));
            for part in self.marks.prose(start - self.body..end - self.body) {
                self.html_line(self.body + part.start..self.body + part.end);
            }
        }
    }

    fn html_line(&mut self, range: Range<usize>) {
        let view = self.view;
        let text = &view.text[range.clone()];
        let trimmed = text.trim();
        let start = range.start + (text.len() - text.trim_start().len());
        let end = start + trimmed.len();
        if let Some(open) = &mut self.open
            && start > range.start
            && !open.text.plain.ends_with(' ')
        {
            replaced(open, view, " ", range.start..start);
        }
        if trimmed.is_empty() {
            return;
        }
        let kind = if self.raw.in_item { BlockKind::Item } else { BlockKind::Html };
        let open = self.open.get_or_insert_with(|| Open {
            kind,
            range: start..end,
            text: Text::default(),
            cells: Vec::new(),
        });
        open.range.end = end;
        let mut at = start;
        for (offset, _) in trimmed.match_indices('&') {
            if let Some((character, length)) = docfx::entity(&trimmed[offset..]) {
                verbatim(open, view, at..start + offset);
                at = start + offset + length;
                replaced(open, view, &character, start + offset..at);
            }
        }
        verbatim(open, view, at..end);
        if end < range.end {
            replaced(open, view, " ", end..range.end);
        }
    }

    fn finish(mut self) -> Parsed {
        self.close();
        self.close_tabs(self.view.text.len());
        self.parsed.zones.sort_by(|a, b| (a.span, &a.variant).cmp(&(b.span, &b.variant)));
        let last = self.parsed.blocks.len().saturating_sub(1);
        for anchor in self.pending_anchors.drain(..) {
            self.parsed.anchors.push((last, anchor));
        }
        self.parsed.links.sort_by_key(|link| (link.range.start, link.range.end));
        self.parsed
    }
}

/// What a link says: what it said in blocks before, and its part of this one.
fn label(open: &mut Open, link: &OpenLink) -> String {
    let end = open.text.plain.len() as u32;
    if link.start < end {
        open.text.links.push(Span { start: link.start, end });
    }
    let here = open.text.plain.get(link.start as usize..).unwrap_or("").trim();
    format!("{} {here}", link.label).trim().to_owned()
}

fn is_blank(c: char) -> bool {
    matches!(
        c,
        '\u{a0}'
            | '\u{2002}'
            | '\u{2003}'
            | '\u{202f}'
            | '\u{2009}'
            | '\u{2007}'
            | '\n'
            | '\r'
            | '\t'
    )
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
    for piece in view.pieces_in(range.clone()) {
        let offset = piece.plain - range.start as u32;
        open.text.pieces.push(Piece { plain: plain + offset, ..piece });
    }
    open.text.plain.push_str(&view.text[range]);
}

fn replaced(open: &mut Open, view: &View, text: &str, range: Range<usize>) {
    let text = &text.replace(is_blank, " ");
    let plain = open.text.plain.len() as u32;
    open.text.pieces.push(Piece {
        plain,
        len: text.len() as u32,
        file: view.file_span(range),
        verbatim: false,
    });
    open.text.plain.push_str(text);
}

/// Drops blanks at the end of a block's text. Those at its start never get in: blocks start at
/// text.
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
        for span in open.text.code.iter_mut().chain(&mut open.text.links).chain(&mut open.cells) {
            span.start = span.start.saturating_sub(shift);
            span.end = span.end.saturating_sub(shift);
        }
        for at in &mut open.text.breaks {
            *at = at.saturating_sub(shift);
        }
    }
    let end = open.text.plain.len() as u32;
    open.text.breaks.retain(|&at| 0 < at && at < end);
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
