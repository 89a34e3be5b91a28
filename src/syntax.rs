//! Bytes of a page to text, header and marks, each with its place in the file. Never fails.
//!
//! What the marks mean for the page is decided in `lower`.

use crate::model::Piece;
use crate::source::Span;

pub mod bilingual;
pub mod docfx;
pub mod encoding;
pub mod front_matter;
pub mod markdown;

/// An edited text of a file: every stretch knows the bytes it comes from.
///
/// Decoding, repairs and taking one side of a bilingual page are edits; places stay those of the
/// file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    pub text: String,
    pieces: Vec<Piece>,
}

impl View {
    /// The file as it is, read as UTF-8.
    pub fn of(text: &str) -> Self {
        let mut view = Self::default();
        view.push_verbatim(text, 0);
        view
    }

    /// Appends text that stands byte for byte in the file.
    pub fn push_verbatim(&mut self, text: &str, file_start: u32) {
        let file = Span { start: file_start, end: file_start + text.len() as u32 };
        self.push(text, file, true);
    }

    /// Appends text that stands for other bytes of the file.
    pub fn push_replaced(&mut self, text: &str, file: Span) {
        self.push(text, file, false);
    }

    fn push(&mut self, text: &str, file: Span, verbatim: bool) {
        if text.is_empty() {
            return;
        }
        if let Some(last) = self.pieces.last_mut()
            && verbatim
            && last.verbatim
            && last.file.end == file.start
        {
            last.len += text.len() as u32;
            last.file.end = file.end;
        } else {
            self.pieces.push(Piece {
                plain: self.text.len() as u32,
                len: text.len() as u32,
                file,
                verbatim,
            });
        }
        self.text.push_str(text);
    }

    /// Appends a stretch of another view, with its places.
    pub fn push_view(&mut self, other: &View, range: std::ops::Range<usize>) {
        let (start, end) = (range.start as u32, range.end as u32);
        let first = other.pieces.partition_point(|piece| piece.plain + piece.len <= start);
        for piece in other.pieces[first..].iter().take_while(|piece| piece.plain < end) {
            let from = piece.plain.max(start);
            let to = (piece.plain + piece.len).min(end);
            let text = &other.text[from as usize..to as usize];
            if piece.verbatim {
                self.push_verbatim(text, piece.file.start + (from - piece.plain));
            } else {
                self.push_replaced(text, piece.file);
            }
        }
    }

    /// The bytes of the file that a stretch of this text comes from.
    pub fn file_span(&self, range: std::ops::Range<usize>) -> Span {
        let start = self.file_start(range.start as u32);
        let end = if range.is_empty() { start } else { self.file_end(range.end as u32) };
        Span { start, end: end.max(start) }
    }

    /// The pieces that overlap a stretch, cut to it: what `model::Text` is made of.
    pub fn pieces_in(&self, range: std::ops::Range<usize>) -> impl Iterator<Item = Piece> + '_ {
        let (start, end) = (range.start as u32, range.end as u32);
        let first = self.pieces.partition_point(|piece| piece.plain + piece.len <= start);
        self.pieces[first..].iter().take_while(move |piece| piece.plain < end).map(move |piece| {
            let from = piece.plain.max(start);
            let to = (piece.plain + piece.len).min(end);
            let file = if piece.verbatim {
                Span {
                    start: piece.file.start + (from - piece.plain),
                    end: piece.file.start + (to - piece.plain),
                }
            } else {
                piece.file
            };
            Piece { plain: from, len: to - from, file, verbatim: piece.verbatim }
        })
    }

    fn file_start(&self, byte: u32) -> u32 {
        let after = self.pieces.partition_point(|piece| piece.plain + piece.len <= byte);
        match self.pieces.get(after) {
            Some(piece) if piece.verbatim => piece.file.start + (byte - piece.plain),
            Some(piece) => piece.file.start,
            None => self.pieces.last().map_or(0, |piece| piece.file.end),
        }
    }

    fn file_end(&self, byte: u32) -> u32 {
        let after = self.pieces.partition_point(|piece| piece.plain + piece.len < byte);
        match self.pieces.get(after) {
            Some(piece) if piece.verbatim => piece.file.start + (byte - piece.plain),
            Some(piece) => piece.file.end,
            None => self.pieces.last().map_or(0, |piece| piece.file.end),
        }
    }
}
