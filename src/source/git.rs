//! A git repository as an input: every text that a page ever had, and when it was the current one.
//!
//! Objects are read where they lie, without a checkout; a bare repository does. What a text says
//! is none of this: paths, blobs, commits and their times.
mod branches;
mod changes;
mod commits;
mod timeline;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use gix::{ObjectId, ThreadSafeRepository};

use self::branches::{Branches, commit_of};
use self::commits::Commits;
use self::timeline::Timeline;
use super::{Interval, Moment, ReadError};

/// The branch that the vendor publishes from; without it, the one that `HEAD` names.
const PUBLISHED: &str = "live";

/// What ends the name of the branch that holds the bilingual twins of a branch's pages.
const TWIN: &str = "-sxs";

/// A repository whose objects any thread may read.
#[derive(Debug)]
pub struct Repository {
    repository: ThreadSafeRepository,
    /// One for each thread that reads at this moment, with what it has unpacked.
    readers: Mutex<Vec<gix::Repository>>,
}

/// Bytes that lie in a repository.
#[derive(Clone, Debug)]
pub struct Blob {
    pub repository: std::sync::Arc<Repository>,
    pub id: ObjectId,
    /// Inside the repository.
    pub path: String,
}

/// What to read of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The published branch, tag or commit.
    pub reference: Option<String>,
    /// Branches whose commits go on where the published one ends; `side/*` are all that begin so.
    pub continued_by: Vec<String>,
    /// Every version, not only the last.
    pub history: bool,
    /// Nothing after this day.
    pub as_of: Option<String>,
}

impl Selection {
    /// One branch that was named, and nothing besides it.
    fn is_alone(&self) -> bool {
        self.reference.is_some() && self.continued_by.is_empty()
    }

    fn is_continued_by(&self, branch: &str) -> bool {
        self.continued_by.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(start) => branch.starts_with(start),
            None => branch == pattern,
        })
    }
}

/// One text at one path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text {
    pub path: String,
    pub blob: ObjectId,
    /// The commit that brought it.
    pub seen: Moment,
    /// When the published branch had it; empty if it never did.
    pub current: Vec<Interval>,
    pub twin: bool,
}

impl Text {
    /// The texts of one commit, of which nothing is known but that they were there.
    fn all_of(files: Vec<(String, ObjectId)>, seen: &Moment) -> Vec<Self> {
        let texts = files.into_iter().map(|(path, blob)| Self {
            path,
            blob,
            seen: seen.clone(),
            current: Vec::new(),
            twin: false,
        });
        texts.collect()
    }
}

/// A file that became another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    pub when: Moment,
    pub from: String,
    pub to: String,
}

/// All that a repository says of its pages.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// By path, then by the commit that brought it.
    pub texts: Vec<Text>,
    /// Every other file of the last commit.
    pub others: Vec<(String, ObjectId)>,
    pub moves: Vec<Move>,
    /// The last commit of the published branch.
    pub tip: Option<Moment>,
}

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

impl Repository {
    /// Opens a repository, bare or not; none if the folder is no repository.
    pub fn open(at: &Path) -> Option<Self> {
        let options = gix::open::Options::isolated();
        let repository = ThreadSafeRepository::open_opts(at, options).ok()?;
        Some(Self { repository, readers: Mutex::default() })
    }

    fn with_reader<T>(&self, read: impl FnOnce(&gix::Repository) -> Result<T>) -> Result<T> {
        let idle = self.readers.lock().expect("no reader panics").pop();
        let reader = idle.unwrap_or_else(|| {
            let mut reader = self.repository.to_thread_local();
            reader.object_cache_size(Some(16 << 20));
            reader
        });
        let result = read(&reader);
        self.readers.lock().expect("no reader panics").push(reader);
        result
    }

    pub fn bytes(&self, id: ObjectId) -> std::io::Result<Vec<u8>> {
        self.with_reader(|reader| Ok(reader.find_blob(id).map_err(text)?.take_data()))
            .map_err(std::io::Error::other)
    }

    /// The text that a path had at a commit, of which the first digits may be enough; none if there
    /// is no such commit or path.
    pub fn text_at(&self, commit: &str, path: &str) -> Option<ObjectId> {
        let found = self.with_reader(|reader| {
            let id = match ObjectId::from_hex(commit.as_bytes()) {
                Ok(id) => id,
                Err(_) => reader.rev_parse_single(commit).map_err(text)?.detach(),
            };
            let tree = reader.find_commit(id).map_err(text)?.tree().map_err(text)?;
            Ok(tree.lookup_entry_by_path(path).map_err(text)?.map(|entry| entry.object_id()))
        });
        found.ok().flatten()
    }

    /// The bytes that a path had at a commit.
    pub fn bytes_at(&self, commit: &str, path: &str) -> Option<Vec<u8>> {
        self.bytes(self.text_at(commit, path)?).ok()
    }

    /// Reads what is selected. The error names what could not be read.
    pub fn history(
        &self,
        at: &Path,
        selection: &Selection,
    ) -> std::result::Result<History, ReadError> {
        let path = at.display().to_string();
        let looks_back = selection.history || selection.as_of.is_some();
        self.with_reader(|reader| {
            let is_cut = looks_back && reader.is_shallow().map_err(text)?;
            if is_cut { Ok(None) } else { self.read(reader, selection).map(Some) }
        })
        .map_err(|error| ReadError::Repository { path: path.clone(), message: error.to_string() })?
        .ok_or(ReadError::Shallow { path })
    }

    fn read(&self, reader: &gix::Repository, selection: &Selection) -> Result<History> {
        let as_of = selection.as_of.as_deref();
        let branches = Branches::of(reader)?;
        let published = published(reader, &branches, selection)?;
        let tip = match branches.find(&published) {
            Some(tip) => tip,
            None => commit_of(reader, &published)?,
        };
        let others: BTreeMap<&str, ObjectId> = if selection.is_alone() {
            BTreeMap::new()
        } else {
            let names = branches.local.iter().map(|(name, id)| (name.as_str(), *id));
            names.filter(|(name, _)| *name != published && !name.ends_with(TWIN)).collect()
        };
        let tips = std::iter::once(tip).chain(others.values().copied());
        let mut commits = Commits::reached(reader, tips)?;
        commits.set_clocks(tip);
        let line = commits.line(tip, as_of);
        let Some(last) = line.last() else {
            return Ok(History::default());
        };
        let (pages, files) =
            tree(reader, last.id)?.into_iter().partition(|(path, _)| is_page(path));
        let mut history =
            History { tip: Some(last.when.clone()), others: files, ..History::default() };
        if !selection.history {
            history.texts = Text::all_of(pages, &last.when);
            return Ok(history);
        }
        let mut timeline = Timeline::default();
        for event in self.along(&line)? {
            timeline.add(event);
        }
        let continuing = others.iter().filter(|(name, _)| selection.is_continued_by(name));
        let continuing = commits.leading_to(continuing.map(|(_, id)| *id));
        let mut events = self.beside(&commits.beside(&line, as_of))?;
        events.sort_by(|a, b| (&a.when, &a.path).cmp(&(&b.when, &b.path)));
        for event in events {
            if event.when > last.when && continuing.contains(&event.commit) {
                timeline.add(event);
            } else {
                timeline.saw(event, false);
            }
        }
        if let Some(twin) = branches.find(&format!("{published}{TWIN}")) {
            let mut own = Commits::reached(reader, [twin])?;
            own.set_clocks(twin);
            own.follow(&line);
            for event in self.along(&own.line(twin, as_of))? {
                timeline.saw(event, true);
            }
        }
        (history.texts, history.moves) = timeline.done(&last.when);
        Ok(history)
    }
}

/// The name of the branch, tag or commit that is the published one.
fn published(
    reader: &gix::Repository,
    branches: &Branches,
    selection: &Selection,
) -> Result<String> {
    let head = || -> Result<String> {
        let name = reader.head_name().map_err(text)?;
        Ok(name.map_or("HEAD".to_owned(), |name| name.shorten().to_string()))
    };
    match selection.reference.as_deref() {
        Some("HEAD") => head(),
        Some(name) => Ok(name.strip_prefix("refs/heads/").unwrap_or(name).to_owned()),
        None if branches.find(PUBLISHED).is_some() => Ok(PUBLISHED.to_owned()),
        None => head(),
    }
}

/// The errors of the library are one type with a chain; a reader needs one line.
fn text(error: impl std::fmt::Display) -> Box<dyn std::error::Error + Send + Sync> {
    error.to_string().into()
}

/// Texts of pages are versions; of every other file only the last counts.
fn is_page(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["md", "markdown", "yml", "yaml"].iter().any(|page| extension.eq_ignore_ascii_case(page))
}

/// All files of a commit.
fn tree(reader: &gix::Repository, commit: ObjectId) -> Result<Vec<(String, ObjectId)>> {
    let tree = reader.find_commit(commit).map_err(text)?.tree().map_err(text)?;
    let entries = tree.traverse().breadthfirst.files().map_err(text)?;
    Ok(entries
        .into_iter()
        .filter(|entry| entry.mode.is_blob())
        .map(|entry| (entry.filepath.to_string(), entry.oid))
        .collect())
}
