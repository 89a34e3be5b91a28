//! The very bytes that a statement was read from, where the file is still at hand.

use std::path::PathBuf;

use crate::compile;
use crate::source::LineIndex;
use crate::store::{Graph, Snapshot, StoreError};
use crate::syntax::encoding::variants;
use crate::vocab::stm;

/// The files of a graph, as they lie on this machine.
pub struct Files<'a> {
    graph: Graph<'a>,
    roots: Vec<(String, PathBuf)>,
}

/// A stretch of a file with what stands around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// Number of the first line that is shown.
    pub line: u32,
    pub before: String,
    pub marked: String,
    pub after: String,
}

/// Bytes that are shown on either side.
const AROUND: usize = 300;

impl<'a> Files<'a> {
    pub fn of(snapshot: &'a Snapshot) -> Self {
        let roots = snapshot
            .file(compile::roots::FILE)
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        Self { graph: Graph { snapshot }, roots }
    }

    /// The bytes of a version, if they are still those that were compiled.
    pub fn content(&self, version: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let graph = &self.graph;
        let Some(file) = graph.value(version, stm::FILE)? else { return Ok(None) };
        let hash = graph.value(version, stm::CONTENT_HASH)?;
        let commit = match graph.value(version, stm::FIRST_SEEN_IN)? {
            Some(commit) => graph.value(&commit, stm::GIT_COMMIT)?,
            None => None,
        };
        let content = compile::roots::read(&self.roots, &file, commit.as_deref());
        Ok(content.filter(|content| Some(variants(content).crlf) == hash))
    }
}

/// Bytes `start` to `end` of a text with their surroundings; none if it has no such bytes.
pub fn excerpt(content: &[u8], lines: &LineIndex, start: usize, end: usize) -> Option<Excerpt> {
    let marked = content.get(start..end.max(start))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let begin = content[..start].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    // A line may be a whole table: what is near is enough, in whole letters.
    let is_inside = |at: usize| content.get(at).is_some_and(|byte| byte & 0xC0 == 0x80);
    let mut near = begin.max(start.saturating_sub(AROUND));
    while is_inside(near) {
        near += 1;
    }
    let rest = &content[end..content.len().min(end + AROUND)];
    let close = rest.iter().position(|byte| *byte == b'\n');
    let mut far = end + close.unwrap_or(rest.len());
    while is_inside(far) {
        far -= 1;
    }
    let mut before = text(&content[near..start.max(near)]);
    if near > begin {
        before.insert(0, '…');
    }
    let mut after = text(&content[end..far.max(end)]).trim_end().to_owned();
    if close.is_none() && far < content.len() {
        after.push('…');
    }
    let line = lines.line(u32::try_from(begin).ok()?);
    Some(Excerpt { line, before, marked: text(marked), after })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_around_the_bytes_is_shown() {
        let content = b"one\ntwo three four\nfive\n";
        let lines = LineIndex::new(content);
        let found = excerpt(content, &lines, 8, 13).expect("the bytes are there");
        assert_eq!(
            found,
            Excerpt {
                line: 2,
                before: "two ".into(),
                marked: "three".into(),
                after: " four".into()
            }
        );
        let long = "é".repeat(400) + "x" + &"é".repeat(400);
        let found = excerpt(long.as_bytes(), &LineIndex::new(long.as_bytes()), 800, 801);
        let found = found.expect("the bytes are there");
        assert!(found.before.starts_with("…é") && found.after.ends_with("é…"), "{found:?}");
        assert_eq!(excerpt(b"short", &lines, 3, 9), None);
    }
}
