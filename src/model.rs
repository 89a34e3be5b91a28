//! A page as every later stage sees it: plain data, no Markdown.
//!
//! Made by `lower`; read by `analyze`, `link` and `graph`.

use crate::source::{File, Span};

/// Readable text with the way back to the bytes of its file.
///
/// Markup is gone, entities and escapes are resolved, no-break and thin spaces are plain spaces,
/// soft line breaks are spaces. Code stays in the text, so that sentences read on, and is listed
/// apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    pub plain: String,
    /// Ascending; each piece maps a stretch of `plain` to bytes of the file.
    pub pieces: Vec<Piece>,
    /// Stretches of `plain` that are code: no names and no statements in them.
    pub code: Vec<Span>,
    /// Stretches of `plain` that are a link's label.
    pub links: Vec<Span>,
    /// Where lines begin that HTML sets apart, as `<br>` and `<li>` do in a cell; ascending.
    pub breaks: Vec<u32>,
}

/// `len` bytes of plain text. Byte for byte the file's when `verbatim`, else standing for all of `file`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    pub plain: u32,
    pub len: u32,
    pub file: Span,
    pub verbatim: bool,
}

impl Text {
    /// The bytes of the file that a stretch of plain text comes from.
    pub fn file_span(&self, plain: Span) -> Span {
        debug_assert!(!plain.is_empty(), "only text has a place");
        let start = self.file_start(plain.start);
        let end = self.file_end(plain.end);
        Span { start, end: end.max(start) }
    }

    fn piece_at(&self, byte: u32) -> Option<&Piece> {
        let after = self.pieces.partition_point(|piece| piece.plain <= byte);
        after.checked_sub(1).map(|i| &self.pieces[i])
    }

    fn file_start(&self, byte: u32) -> u32 {
        match self.piece_at(byte) {
            Some(piece) if piece.verbatim && byte < piece.plain + piece.len => {
                piece.file.start + (byte - piece.plain)
            }
            Some(piece) if byte < piece.plain + piece.len => piece.file.start,
            Some(piece) => piece.file.end,
            None => self.pieces.first().map_or(0, |piece| piece.file.start),
        }
    }

    fn file_end(&self, byte: u32) -> u32 {
        match byte.checked_sub(1).and_then(|last| self.piece_at(last)) {
            Some(piece) if piece.verbatim && byte <= piece.plain + piece.len => {
                piece.file.start + (byte - piece.plain)
            }
            Some(piece) => piece.file.end,
            None => self.pieces.first().map_or(0, |piece| piece.file.start),
        }
    }

    /// Whether a stretch of plain text touches code.
    pub fn is_code(&self, plain: Span) -> bool {
        self.code.iter().any(|code| code.overlaps(plain))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    Heading(u8),
    Paragraph,
    Item,
    /// A row of a table; its cells are in `Block::cells`.
    Row {
        header: bool,
    },
    Html,
    Code,
}

impl BlockKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Heading(_) => "heading",
            Self::Paragraph => "paragraph",
            Self::Item => "item",
            Self::Row { .. } => "row",
            Self::Html => "html",
            Self::Code => "code",
        }
    }
}

/// A leaf of the page's structure: what stands on its own line or lines.
#[derive(Clone, Debug)]
pub struct Block {
    pub kind: BlockKind,
    /// In the file, markup of the block included.
    pub span: Span,
    pub line: u32,
    /// The whole block; of a row, its cells with ` | ` between them.
    pub text: Text,
    /// Of a row: a stretch of `text.plain` per cell.
    pub cells: Vec<Span>,
    /// How deep in lists, 0 outside.
    pub depth: u8,
    /// Counts tables of a page, so that rows find their header; 0 outside tables.
    pub table: u32,
    /// Inside `> [!NOTE]` and its like, or any other quotation.
    pub quoted: bool,
}

/// A unit of translation: a bilingual unit where the page has them, else a block.
#[derive(Clone, Debug)]
pub struct Segment {
    pub kind: &'static str,
    pub span: Span,
    pub line: u32,
    pub text: String,
    /// The other side of a bilingual unit.
    pub source: Option<SourceSide>,
    /// The number that the pipeline gave the unit, without the page's prefix.
    pub unit: Option<String>,
    /// What links can point at: `<a name>`, or the heading's own slug.
    pub anchors: Vec<String>,
    /// The variants of the page that show it, such as `tab:linux`; of several, all must hold. None:
    /// every variant does.
    pub applies_to: Vec<String>,
    /// The block it stands in, by index.
    pub block: u32,
}

#[derive(Clone, Debug)]
pub struct SourceSide {
    pub span: Span,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// From the label's bracket to the closing parenthesis.
    pub span: Span,
    pub line: u32,
    pub href: String,
    pub label: String,
    /// The label on the English side of a bilingual page.
    pub source_label: Option<String>,
    pub kind: LinkKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkKind {
    Link,
    Image,
    Include,
    Video,
}

/// One key of the front matter, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub key: String,
    pub key_span: Span,
    /// Scalars have one value, lists any number; an empty value has none.
    pub values: Vec<Value>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    pub text: String,
    pub span: Span,
}

/// What a translated page says of its source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// `ms.openlocfilehash`: 40 lower-case hex digits.
    pub source_hash: Option<String>,
    /// `ms.sourcegitcommit`: 7 to 40 hex digits.
    pub source_commit: Option<String>,
    /// `ms.lasthandoff` as an ISO date.
    pub handoff: Option<String>,
    /// `ms.translationtype`: `MT` or `HT`.
    pub method: Option<String>,
    /// `ms.locfileid`.
    pub file_id: Option<String>,
    pub hash_span: Span,
}

/// One text of one page.
#[derive(Clone, Debug, Default)]
pub struct PageVersion {
    pub title: Option<Value>,
    pub front_matter: Vec<Entry>,
    /// Keys and values that the docset's configuration gives, because the header lacks the key.
    pub inherited: Vec<(String, String)>,
    /// That configuration, as the graph calls it.
    pub configuration: Option<String>,
    pub origin: Origin,
    /// `ms.contentlocale`, if the page says it.
    pub locale: Option<String>,
    /// The page as its reader sees it: the translated side of a bilingual page.
    pub blocks: Vec<Block>,
    /// The English side of a bilingual page; empty elsewhere.
    pub source_blocks: Vec<Block>,
    pub segments: Vec<Segment>,
    pub links: Vec<Link>,
    /// Everything a fragment can name.
    pub anchors: Vec<String>,
    pub bilingual: bool,
}

impl PageVersion {
    /// The values of a key, without regard to case: `MS.technology` is `ms.technology`.
    pub fn values(&self, key: &str) -> impl Iterator<Item = &Value> {
        self.front_matter
            .iter()
            .filter(move |entry| entry.key.eq_ignore_ascii_case(key))
            .flat_map(|entry| &entry.values)
    }

    pub fn value(&self, key: &str) -> Option<&str> {
        self.values(key).next().map(|value| value.text.as_str())
    }

    /// Takes from the configuration of the page's docset what the header does not say.
    pub fn inherit(&mut self, file: &File) {
        let Some(metadata) = &file.metadata else { return };
        let has = |key: &str| self.front_matter.iter().any(|e| e.key.eq_ignore_ascii_case(key));
        let given = metadata.of(file).into_iter().filter(|(key, _)| !has(key));
        self.inherited = given
            .flat_map(|(key, values)| values.iter().map(|value| (key.to_owned(), value.clone())))
            .collect();
        self.configuration = (!self.inherited.is_empty()).then(|| metadata.file.clone());
    }

    /// The effective metadata, as the site has it: keys and values of the header, and those that
    /// are inherited.
    pub fn metadata(&self) -> impl Iterator<Item = (&str, &str)> {
        let own = self.front_matter.iter().flat_map(|entry| {
            entry.values.iter().map(|value| (entry.key.as_str(), value.text.as_str()))
        });
        own.chain(self.inherited.iter().map(|(key, value)| (key.as_str(), value.as_str())))
    }

    /// The first segment that shares bytes with a span, else the last before it.
    pub fn segment_at(&self, span: Span) -> Option<usize> {
        let touches = |segment: &Segment| {
            segment.span.overlaps(span)
                || segment.source.as_ref().is_some_and(|side| side.span.overlaps(span))
        };
        // Segments are in file order, and a span starts in or after the segment before the first
        // that starts later.
        let after = self.segments.partition_point(|segment| segment.span.start <= span.start);
        let from = after.saturating_sub(2);
        self.segments[from..]
            .iter()
            .take(4)
            .position(touches)
            .map(|i| from + i)
            .or(after.checked_sub(1))
    }
}
