//! What there is to read: inputs, the files in them, and places in those files.
//!
//! Which page a file belongs to is guessed here from its path and the configuration;
//! what can only be known by reading pages (hashes, moves) is decided in `link`.

use std::sync::Arc;

pub mod config;
pub mod folder;
pub mod git;
pub mod json;
pub mod publish;

/// Bytes of a file, end exclusive: the evidence for everything that is said about it.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Debug,
    Default,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end, "a span starts before it ends");
        Self { start: start as u32, end: end as u32 }
    }

    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    pub fn overlaps(self, other: Span) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// Finds the line of a byte. Lines end in LF, CRLF or a lone CR.
#[derive(Clone, Debug, Default)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    pub fn new(bytes: &[u8]) -> Self {
        let mut starts = vec![0];
        for (i, &byte) in bytes.iter().enumerate() {
            let ends = byte == b'\n' || (byte == b'\r' && bytes.get(i + 1) != Some(&b'\n'));
            if ends {
                starts.push(i as u32 + 1);
            }
        }
        Self { starts }
    }

    /// The line of a byte, counted from 1.
    pub fn line(&self, byte: u32) -> u32 {
        self.starts.partition_point(|&start| start <= byte) as u32
    }

    /// Where a line (counted from 1) begins.
    pub fn start(&self, line: u32) -> u32 {
        self.starts[line as usize - 1]
    }
}

/// When a text began or ceased to be the current one. Sorts by time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// A day, `YYYY-MM-DD`, or a commit's time, `YYYY-MM-DDThh:mm:ssZ`.
    pub at: String,
    /// Of commits of one time, which came first: the place on the line of a branch, from 1.
    pub rank: u32,
    /// 40 hex digits.
    pub commit: Option<String>,
}

impl Moment {
    pub fn of_day(day: impl Into<String>) -> Self {
        Self { at: day.into(), rank: 0, commit: None }
    }

    pub fn day(&self) -> &str {
        &self.at[..10]
    }
}

/// Time during which a text was the current one: from a moment, until but without another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval {
    pub from: Moment,
    pub until: Option<Moment>,
    /// Of one without an end: the last moment at which it is known to have been the current one.
    /// Nothing that came earlier ended it.
    pub seen: Option<Moment>,
}

impl Interval {
    /// From a moment on; nobody says for how long.
    pub fn since(from: Moment) -> Self {
        Self { from, until: None, seen: None }
    }

    /// The last moment at which the text is known to have been there.
    pub fn last(&self) -> &Moment {
        match (&self.seen, &self.until) {
            (Some(seen), _) => seen,
            // Only a commit says to the moment when a text ended.
            (None, Some(until)) if self.from.commit.is_some() && until.commit.is_some() => until,
            _ => &self.from,
        }
    }
}

/// Where the bytes of a file are.
#[derive(Clone, Debug)]
pub enum Bytes {
    Disk(std::path::PathBuf),
    Git(git::Blob),
}

/// What is known of a file's text through time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// When it was the current text; empty if nobody says.
    pub current: Vec<Interval>,
    /// Seen in a history, but never published: on a side branch, or as the bilingual twin.
    pub unpublished: bool,
    /// The commit that brought it.
    pub seen: Option<Moment>,
    /// Commits at which the file has this text, in lower case.
    pub commits: Vec<String>,
}

impl Standing {
    /// Whether the text was known on a day; what came after the day is forgotten.
    pub fn is_of(&mut self, day: &str) -> bool {
        let known = self.seen.iter().chain(self.current.first().map(|first| &first.from)).min();
        let is_known = known.is_none_or(|known| known.day() <= day);
        self.current.retain(|interval| interval.from.day() <= day);
        for interval in &mut self.current {
            if interval.until.as_ref().is_some_and(|until| until.day() > day) {
                interval.until = None;
                interval.seen = Some(Moment::of_day(day));
            }
        }
        is_known
    }
}

/// What a source's pages are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The language that others are translated from.
    Source,
    #[default]
    Translation,
    /// The twin edition of a translation, with the source beside each unit: evidence, not another
    /// page.
    Bilingual,
}

/// A tree of files that share a locale and a docset.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tree {
    /// How the tree is called in the graph: the input's name and the folders above the docset's
    /// own.
    pub name: String,
    pub locale: Option<String>,
    pub docset: Option<String>,
    pub role: Option<Role>,
    pub complete: bool,
    /// What is said of all its files at once.
    pub standing: Standing,
}

/// What a file is, by its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub enum FileKind {
    /// Markdown, or text that is read as Markdown.
    Markdown,
    /// A page, table of contents or landing page in YAML.
    Yaml,
    /// Configuration that redirects, names locales or sets metadata.
    Configuration,
    /// Anything else: known to exist, never read.
    Resource,
}

/// One file of one tree.
#[derive(Clone, Debug)]
pub struct File {
    pub tree: Arc<Tree>,
    /// The path as a reader would type it: the input as given, then the path inside it.
    pub shown: String,
    /// The path in the graph: the input's name, then the path inside it. The same wherever the
    /// input lies.
    pub name: String,
    /// The path inside the docset, `/` between parts; none for a loose file.
    pub path: Option<String>,
    /// What the docset's configuration says of its pages.
    pub metadata: Option<Arc<publish::Metadata>>,
    pub kind: FileKind,
    pub standing: Standing,
    pub bytes: Bytes,
}

impl File {
    pub fn read(&self) -> std::io::Result<Vec<u8>> {
        match &self.bytes {
            Bytes::Disk(path) => std::fs::read(path),
            Bytes::Git(blob) => blob.repository.bytes(blob.id),
        }
    }

    /// The bytes of a file that is known only as it is shown: a path, or
    /// `REPOSITORY@COMMIT:PATH`.
    pub fn read_shown(shown: &str) -> Option<Vec<u8>> {
        std::fs::read(shown).ok().or_else(|| {
            let (repository, path) = shown.rsplit_once(':')?;
            let (repository, commit) = repository.rsplit_once('@')?;
            git::Repository::open(repository.as_ref())?.bytes_at(commit, path)
        })
    }

    /// The path inside its repository; none on disk.
    pub fn repository_path(&self) -> Option<&str> {
        match &self.bytes {
            Bytes::Disk(_) => None,
            Bytes::Git(blob) => Some(&blob.path),
        }
    }

    /// Whether it lies in a repository.
    pub fn is_in(&self, repository: &Arc<git::Repository>) -> bool {
        matches!(&self.bytes, Bytes::Git(blob) if Arc::ptr_eq(&blob.repository, repository))
    }

    /// The last part of its path.
    pub fn base_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }

    /// Whether its text may be the current one still.
    pub fn is_live(&self) -> bool {
        match self.standing.current.last() {
            Some(interval) => interval.until.is_none(),
            None => !self.standing.unpublished,
        }
    }
}

/// Why an input could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("cannot read `{path}`: {source}")]
    Io { path: String, source: std::io::Error },
    #[error("cannot read the repository `{path}`: {message}")]
    Repository { path: String, message: String },
    /// The days of its first texts would be those of the cut.
    #[error("the history of `{path}` is cut off: it is a shallow clone")]
    Shallow { path: String },
    #[error("`{path}` is no git repository")]
    NoRepository { path: String },
    #[error("`{path}` is not a valid stemma.yaml: {message}")]
    Config { path: String, message: String },
    #[error("no pages found in {0}")]
    Empty(String),
}
