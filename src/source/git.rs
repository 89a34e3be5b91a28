//! A git repository as an input: every text that a page ever had, and when it was the current one.
//!
//! Objects are read where they lie, without a checkout; a bare repository does. What a text says
//! is none of this: paths, blobs, commits and their times.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Mutex;

use gix::object::tree::diff::{Action, Change};
use gix::{ObjectId, ThreadSafeRepository};
use rayon::prelude::*;

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

/// What a commit did to a path.
struct Event {
    when: Moment,
    path: String,
    /// None if the file was taken away.
    blob: Option<ObjectId>,
    moved_from: Option<String>,
}

struct Commit {
    id: ObjectId,
    parents: Vec<ObjectId>,
    when: Moment,
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
        self.with_reader(|reader| self.read(reader, selection)).map_err(|error| {
            ReadError::Repository { path: at.display().to_string(), message: error.to_string() }
        })
    }

    fn read(&self, reader: &gix::Repository, selection: &Selection) -> Result<History> {
        let branches = branches(reader)?;
        let published = match &selection.reference {
            Some(name) => name.clone(),
            None if branches.contains_key(PUBLISHED) => PUBLISHED.to_owned(),
            None => match reader.head_name().map_err(text)? {
                Some(name) => name.shorten().to_string(),
                None => "HEAD".to_owned(),
            },
        };
        let tip = match branches.get(&published) {
            Some(tip) => *tip,
            None => commit_of(reader, &published)?,
        };
        let twin = branches.get(&format!("{published}{TWIN}")).copied();
        let is_twin = |name: &str| name.ends_with(TWIN);
        let alone = selection.reference.is_some() && selection.continued_by.is_empty();
        let others: BTreeMap<&str, ObjectId> = branches
            .iter()
            .filter(|(name, _)| !alone && **name != published && !is_twin(name))
            .map(|(name, id)| (name.as_str(), *id))
            .collect();
        let commits = commits(reader, std::iter::once(tip).chain(others.values().copied()))?;
        let line = first_parents(&commits, tip, selection.as_of.as_deref());
        let Some(last) = line.last() else {
            return Ok(History::default());
        };
        let tip = last.when.clone();
        let mut history = History { tip: Some(tip.clone()), ..History::default() };
        history.others =
            tree(reader, last.id)?.into_iter().filter(|(path, _)| !is_page(path)).collect();
        if !selection.history {
            let texts = tree(reader, last.id)?.into_iter().filter(|(path, _)| is_page(path));
            history.texts = texts
                .map(|(path, blob)| Text {
                    path,
                    blob,
                    seen: tip.clone(),
                    current: Vec::new(),
                    twin: false,
                })
                .collect();
            return Ok(history);
        }
        let mut timeline = Timeline::default();
        for event in self.along(&line)? {
            timeline.add(event);
        }
        let on_line: BTreeSet<ObjectId> = line.iter().map(|commit| commit.id).collect();
        let continues = continuing(&commits, &others, &selection.continued_by);
        let beside: Vec<&Commit> = commits
            .values()
            .filter(|commit| !on_line.contains(&commit.id))
            .filter(|commit| selection.as_of.as_deref().is_none_or(|day| commit.when.day() <= day))
            .collect();
        let mut events = self.beside(&beside)?;
        events.sort_by(|a, b| (&a.when, &a.path).cmp(&(&b.when, &b.path)));
        for event in events {
            let commit = event.when.commit.as_deref().unwrap_or_default();
            if event.when > tip && continues.contains(commit) {
                timeline.add(event);
            } else {
                timeline.saw(event, false);
            }
        }
        if let Some(twin) = twin {
            let commits = self::commits(reader, std::iter::once(twin))?;
            for event in self.along(&first_parents(&commits, twin, selection.as_of.as_deref()))? {
                timeline.saw(event, true);
            }
        }
        (history.texts, history.moves) = timeline.done();
        Ok(history)
    }

    /// What each commit of a line did to the one before it, with moves.
    fn along(&self, line: &[&Commit]) -> Result<Vec<Event>> {
        let pairs: Vec<(Option<ObjectId>, &Commit)> = std::iter::once(None)
            .chain(line.iter().map(|commit| Some(commit.id)))
            .zip(line.iter().copied())
            .collect();
        self.changes(&pairs, true)
    }

    /// What commits beside a line wrote: texts that none of their parents had.
    fn beside(&self, commits: &[&Commit]) -> Result<Vec<Event>> {
        let pairs: Vec<(Option<ObjectId>, &Commit)> =
            commits.iter().map(|commit| (commit.parents.first().copied(), *commit)).collect();
        let mut events = self.changes(&pairs, false)?;
        let merges: BTreeMap<&str, &Commit> = commits
            .iter()
            .filter(|commit| commit.parents.len() > 1)
            .map(|commit| (commit.when.commit.as_deref().unwrap_or_default(), *commit))
            .collect();
        events.retain(|event| {
            let merge = merges.get(event.when.commit.as_deref().unwrap_or_default());
            merge.is_none_or(|merge| {
                merge.parents[1..]
                    .iter()
                    .all(|parent| self.text_at(&parent.to_string(), &event.path) != event.blob)
            })
        });
        Ok(events)
    }

    /// In the order of the pairs.
    fn changes(&self, pairs: &[(Option<ObjectId>, &Commit)], moves: bool) -> Result<Vec<Event>> {
        let events: Result<Vec<Vec<Event>>> = pairs
            .par_chunks(32)
            .map(|pairs| {
                let mut reader = self.repository.to_thread_local();
                reader.object_cache_size(Some(64 << 20));
                let mut cache = reader.diff_resource_cache_for_tree_diff().map_err(text)?;
                let mut events = Vec::new();
                for &(before, commit) in pairs {
                    let before = match before {
                        Some(id) => reader.find_commit(id).map_err(text)?.tree().map_err(text)?,
                        None => reader.empty_tree(),
                    };
                    let after =
                        reader.find_commit(commit.id).map_err(text)?.tree().map_err(text)?;
                    let mut platform = before.changes().map_err(text)?;
                    platform.options(|options| {
                        options.track_path();
                        options.track_rewrites(moves.then(gix::diff::Rewrites::default));
                    });
                    platform
                        .for_each_to_obtain_tree_with_cache(&after, &mut cache, |change| {
                            changed(&change, commit, &mut events);
                            Ok(Action::Continue(()))
                        })
                        .map_err(text)?;
                    cache.clear_resource_cache_keep_allocation();
                }
                Ok(events)
            })
            .collect();
        Ok(events?.into_iter().flatten().collect())
    }
}

/// The errors of the library are one type with a chain; a reader needs one line.
fn text(error: impl std::fmt::Display) -> Box<dyn std::error::Error + Send + Sync> {
    error.to_string().into()
}

fn changed(change: &Change<'_, '_, '_>, commit: &Commit, events: &mut Vec<Event>) {
    let mut event = |path: &gix::bstr::BStr, blob: Option<ObjectId>, from: Option<String>| {
        let path = path.to_string();
        if is_page(&path) {
            events.push(Event { when: commit.when.clone(), path, blob, moved_from: from });
        }
    };
    match change {
        Change::Addition { location, entry_mode, id, .. } if entry_mode.is_blob() => {
            event(location, Some(id.detach()), None);
        }
        Change::Deletion { location, entry_mode, .. } if entry_mode.is_blob() => {
            event(location, None, None);
        }
        Change::Modification { location, entry_mode, id, .. } if entry_mode.is_blob() => {
            event(location, Some(id.detach()), None);
        }
        Change::Rewrite { source_location, location, entry_mode, id, copy: false, .. }
            if entry_mode.is_blob() =>
        {
            event(source_location, None, None);
            event(location, Some(id.detach()), Some(source_location.to_string()));
        }
        _ => {}
    }
}

/// Texts of pages are versions; of every other file only the last counts.
fn is_page(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["md", "markdown", "yml", "yaml"].iter().any(|page| extension.eq_ignore_ascii_case(page))
}

fn branches(reader: &gix::Repository) -> Result<BTreeMap<String, ObjectId>> {
    let references = reader.references().map_err(text)?;
    let mut branches = BTreeMap::new();
    for branch in references.local_branches().map_err(text)? {
        let mut branch = branch.map_err(text)?;
        let id = branch.peel_to_id().map_err(text)?.detach();
        branches.insert(branch.name().shorten().to_string(), id);
    }
    Ok(branches)
}

fn commit_of(reader: &gix::Repository, name: &str) -> Result<ObjectId> {
    let id = reader.rev_parse_single(name).map_err(|_| format!("there is no `{name}` in it"))?;
    let commit = id.object().map_err(text)?.peel_to_commit().map_err(text)?;
    Ok(commit.id)
}

/// All commits that the tips reach.
fn commits(
    reader: &gix::Repository,
    tips: impl Iterator<Item = ObjectId>,
) -> Result<BTreeMap<ObjectId, Commit>> {
    let mut commits = BTreeMap::new();
    for info in reader.rev_walk(tips.collect::<Vec<_>>()).all().map_err(text)? {
        let info = info.map_err(text)?;
        let time = info.object().map_err(text)?.time().map_err(text)?;
        let when = Moment { at: utc(time.seconds), commit: Some(info.id.to_string()) };
        let parents = info.parent_ids.iter().copied().collect();
        commits.insert(info.id, Commit { id: info.id, parents, when });
    }
    Ok(commits)
}

fn utc(seconds: i64) -> String {
    let format = gix::date::time::format::ISO8601_STRICT;
    let text = gix::date::Time::new(seconds, 0).format(format).expect("a commit has a real time");
    text.replace("+00:00", "Z")
}

/// The commits that were the tip of a branch, oldest first, as far as a day. A clock that went
/// back is set right: a commit is not older than the one before it.
fn first_parents<'a>(
    commits: &'a BTreeMap<ObjectId, Commit>,
    tip: ObjectId,
    as_of: Option<&str>,
) -> Vec<&'a Commit> {
    let mut line = Vec::new();
    let mut at = commits.get(&tip);
    while let Some(commit) = at {
        line.push(commit);
        at = commit.parents.first().and_then(|parent| commits.get(parent));
    }
    line.reverse();
    if let Some(day) = as_of {
        let end = line.iter().rposition(|commit| commit.when.day() <= day);
        line.truncate(end.map_or(0, |last| last + 1));
    }
    line
}

/// The commits of the branches that go on where the published one ends.
fn continuing(
    commits: &BTreeMap<ObjectId, Commit>,
    branches: &BTreeMap<&str, ObjectId>,
    patterns: &[String],
) -> BTreeSet<String> {
    let chosen = |name: &str| {
        patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == pattern,
        })
    };
    let mut reached = BTreeSet::new();
    let mut open: Vec<ObjectId> =
        branches.iter().filter(|(name, _)| chosen(name)).map(|(_, id)| *id).collect();
    while let Some(id) = open.pop() {
        if let Some(commit) = commits.get(&id)
            && reached.insert(id.to_string())
        {
            open.extend(&commit.parents);
        }
    }
    reached
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

/// Which text each path has, as events come in the order of time.
#[derive(Default)]
struct Timeline {
    /// The text that a path has now, and since when.
    current: BTreeMap<String, (ObjectId, Moment)>,
    texts: HashMap<(String, ObjectId), Text>,
    moves: Vec<Move>,
    /// The time of the last event.
    now: Option<Moment>,
}

impl Timeline {
    fn add(&mut self, event: Event) {
        // A clock that went back is set right: nothing ends before it began.
        let mut when = event.when.clone();
        if let Some(now) = self.now.as_ref().filter(|now| now.at > when.at) {
            when.at.clone_from(&now.at);
        }
        self.now = Some(when.clone());
        if self.current.get(&event.path).map(|(blob, _)| *blob) == event.blob {
            return;
        }
        if let Some((blob, from)) = self.current.remove(&event.path) {
            let text = self.texts.get_mut(&(event.path.clone(), blob)).expect("it was seen");
            text.current.push(Interval { from, until: Some(when.clone()) });
        }
        if let Some(blob) = event.blob {
            self.current.insert(event.path.clone(), (blob, when.clone()));
        }
        if let Some(from) = &event.moved_from {
            self.moves.push(Move { when, from: from.clone(), to: event.path.clone() });
        }
        self.saw(event, false);
    }

    /// A text that was not the published one.
    fn saw(&mut self, event: Event, twin: bool) {
        let Some(blob) = event.blob else { return };
        let key = (event.path, blob);
        let path = key.0.clone();
        let known = self.texts.entry(key).or_insert_with(|| Text {
            path,
            blob,
            seen: event.when.clone(),
            current: Vec::new(),
            twin,
        });
        known.twin &= twin;
        if event.when < known.seen {
            known.seen = event.when;
        }
    }

    fn done(mut self) -> (Vec<Text>, Vec<Move>) {
        for (path, (blob, from)) in self.current {
            let text = self.texts.get_mut(&(path, blob)).expect("it was seen");
            text.current.push(Interval { from, until: None });
        }
        let mut texts: Vec<Text> = self.texts.into_values().collect();
        texts.sort_by(|a, b| (&a.path, &a.seen, a.blob).cmp(&(&b.path, &b.seen, b.blob)));
        self.moves.sort();
        (texts, self.moves)
    }
}
