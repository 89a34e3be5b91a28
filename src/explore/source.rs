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

/// More than this on either side is left out.
const AROUND: usize = 240;

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
    let close = content[end..].iter().position(|byte| *byte == b'\n');
    let close = close.map_or(content.len(), |at| end + at);
    let mut before = text(&content[begin..start]);
    let mut after = text(&content[end..close]);
    // A line may be a whole table: what is near is enough.
    if before.chars().count() > AROUND {
        let cut: String =
            before.chars().rev().take(AROUND).collect::<Vec<_>>().into_iter().rev().collect();
        before = format!("…{cut}");
    }
    if after.chars().count() > AROUND {
        after = after.chars().take(AROUND).chain(['…']).collect();
    }
    let line = lines.line(u32::try_from(begin).ok()?);
    Some(Excerpt { line, before, marked: text(marked), after: after.trim_end().to_owned() })
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
        assert_eq!(excerpt(b"short", &lines, 3, 9), None);
    }
}
