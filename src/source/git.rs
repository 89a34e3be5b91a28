//! A git repository as an input: every text that a page ever had, and when it was the current one.
//!
//! Objects are read where they lie, without a checkout; a bare repository does. What a text says
//! is none of this: paths, blobs, commits and their times.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Mutex;

use gix::object::tree::diff::{Action, Change, Platform};
use gix::{ObjectId, ThreadSafeRepository};
use rayon::prelude::*;

use super::{Interval, Moment, ReadError};

/// The branch that the vendor publishes from; without it, the one that `HEAD` names.
const PUBLISHED: &str = "live";

/// What ends the name of the branch that holds the bilingual twins of a branch's pages.
const TWIN: &str = "-sxs";

/// What a clone calls the repository that it was made from.
const ORIGIN: &str = "origin/";

/// The seconds whose days have a year of four digits wherever on Earth one asks.
const TIMES: (i64, i64) = (-62_135_500_000, 253_402_200_000);

/// How alike two files must be, of 1, for one to have become the other: where the name stayed, and
/// where it did not, because pages made from one template are alike without being one.
const SAME_NAME: f32 = 0.5;
const OTHER_NAME: f32 = 0.7;

/// How many files are compared with as many others in one commit.
const TOO_MANY: usize = 1000;

const REWRITES: gix::diff::Rewrites = gix::diff::Rewrites {
    copies: None,
    percentage: Some(SAME_NAME),
    limit: TOO_MANY,
    track_empty: false,
};

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
    /// Since 1970, as its clock had it.
    seconds: i64,
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
        let branches = Branches::of(reader)?;
        let head = || -> Result<String> {
            let name = reader.head_name().map_err(text)?;
            Ok(name.map_or("HEAD".to_owned(), |name| name.shorten().to_string()))
        };
        let published = match &selection.reference {
            Some(name) if name == "HEAD" => head()?,
            Some(name) => name.strip_prefix("refs/heads/").unwrap_or(name).to_owned(),
            None if branches.find(PUBLISHED).is_some() => PUBLISHED.to_owned(),
            None => head()?,
        };
        let tip = match branches.find(&published) {
            Some(tip) => tip,
            None => commit_of(reader, &published)?,
        };
        let twin = branches.find(&format!("{published}{TWIN}"));
        let is_twin = |name: &str| name.ends_with(TWIN);
        let alone = selection.reference.is_some() && selection.continued_by.is_empty();
        let others: BTreeMap<&str, ObjectId> = branches
            .local
            .iter()
            .filter(|(name, _)| !alone && **name != published && !is_twin(name))
            .map(|(name, id)| (name.as_str(), *id))
            .collect();
        let mut commits = commits(reader, std::iter::once(tip).chain(others.values().copied()))?;
        set_clocks(&mut commits, tip);
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
            let mut own = self::commits(reader, std::iter::once(twin))?;
            set_clocks(&mut own, twin);
            for commit in line.iter() {
                own.entry(commit.id).and_modify(|own| own.when = commit.when.clone());
            }
            for event in self.along(&first_parents(&own, twin, selection.as_of.as_deref()))? {
                timeline.saw(event, true);
            }
        }
        (history.texts, history.moves) = timeline.done(&tip);
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
                        options.track_rewrites(moves.then_some(REWRITES));
                    });
                    let known = events.len();
                    let mut read = |events: &mut Vec<Event>, platform: &mut Platform<'_, '_>| {
                        platform
                            .for_each_to_obtain_tree_with_cache(&after, &mut cache, |change| {
                                changed(&change, commit, events);
                                Ok(Action::Continue(()))
                            })
                            .map_err(text)
                    };
                    if read(&mut events, &mut platform).is_err() {
                        // Likeness needs the bytes of both sides, and a repository may lack some.
                        events.truncate(known);
                        platform.options(|options| {
                            options.track_rewrites(None);
                        });
                        read(&mut events, &mut platform)?;
                    }
                    if moves {
                        pair_names(&mut events[known..]);
                    }
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
        Change::Modification { location, previous_entry_mode, entry_mode, id, .. }
            if previous_entry_mode.is_blob() || entry_mode.is_blob() =>
        {
            // What became a link or a submodule is no page any more.
            event(location, entry_mode.is_blob().then(|| id.detach()), None);
        }
        Change::Rewrite {
            source_location, location, entry_mode, id, copy: false, diff, ..
        } if entry_mode.is_blob() => {
            event(source_location, None, None);
            let (old, new) = (source_location.to_string(), location.to_string());
            let needed = if base_name(&old) == base_name(&new) { SAME_NAME } else { OTHER_NAME };
            let is_move = diff.as_ref().is_none_or(|diff| diff.similarity >= needed);
            event(location, Some(id.detach()), is_move.then_some(old));
        }
        _ => {}
    }
}

/// Texts of pages are versions; of every other file only the last counts.
fn is_page(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["md", "markdown", "yml", "yaml"].iter().any(|page| extension.eq_ignore_ascii_case(page))
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Moves that likeness did not find, because there were too many to compare: a file that went and
/// one that came, where nothing else of that name did.
fn pair_names(events: &mut [Event]) {
    let mut named: BTreeMap<String, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    let paired: BTreeSet<String> = events.iter().filter_map(|e| e.moved_from.clone()).collect();
    for (index, event) in events.iter().enumerate().filter(|(_, e)| !paired.contains(&e.path)) {
        let (gone, come) = named.entry(base_name(&event.path).to_owned()).or_default();
        match (event.blob, &event.moved_from) {
            (None, _) => gone.push(index),
            (Some(_), None) => come.push(index),
            _ => {}
        }
    }
    let count = |of: fn(&(Vec<usize>, Vec<usize>)) -> usize| named.values().map(of).sum::<usize>();
    if count(|(gone, _)| gone.len()) * count(|(_, come)| come.len()) <= TOO_MANY * TOO_MANY {
        return;
    }
    for (gone, come) in named.into_values() {
        if let ([gone], [come]) = (gone.as_slice(), come.as_slice()) {
            events[*come].moved_from = Some(events[*gone].path.clone());
        }
    }
}

/// The branches of a repository, and those that it knows of the one it was cloned from.
struct Branches {
    local: BTreeMap<String, ObjectId>,
    remote: BTreeMap<String, ObjectId>,
}

impl Branches {
    fn of(reader: &gix::Repository) -> Result<Self> {
        let references = reader.references().map_err(text)?;
        let mut local = BTreeMap::new();
        for branch in references.local_branches().map_err(text)? {
            let mut branch = branch.map_err(text)?;
            // A branch without its commits is none, unless it is asked for.
            if let Ok(id) = branch.peel_to_id() {
                local.insert(branch.name().shorten().to_string(), id.detach());
            }
        }
        let mut remote = BTreeMap::new();
        for branch in references.remote_branches().map_err(text)? {
            let mut branch = branch.map_err(text)?;
            if let Ok(id) = branch.peel_to_id() {
                remote.insert(branch.name().shorten().to_string(), id.detach());
            }
        }
        Ok(Self { local, remote })
    }

    /// A clone has most branches under the name of where it was cloned from only.
    fn find(&self, name: &str) -> Option<ObjectId> {
        let remote =
            || self.remote.get(name).or_else(|| self.remote.get(&format!("{ORIGIN}{name}")));
        self.local.get(name).or_else(remote).copied()
    }
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
        // A commit without a time that can be read is older than all others until its line is set.
        let time = info.object().map_err(text)?.time();
        let seconds = time.map_or(TIMES.0, |time| time.seconds.clamp(TIMES.0, TIMES.1));
        let when = Moment { at: utc(seconds), rank: 0, commit: Some(info.id.to_string()) };
        let parents = info.parent_ids.iter().copied().collect();
        commits.insert(info.id, Commit { id: info.id, parents, seconds, when });
    }
    Ok(commits)
}

fn utc(seconds: i64) -> String {
    let format = gix::date::time::format::ISO8601_STRICT;
    let time = gix::date::Time::new(seconds, 0).format(format);
    time.expect("years have four digits").replace("+00:00", "Z")
}

/// Sets the clocks on the line of a branch right: the longest run of commits in the order of time
/// is believed, and every other one has the time of the one before it.
fn set_clocks(commits: &mut BTreeMap<ObjectId, Commit>, tip: ObjectId) {
    let line: Vec<(ObjectId, i64)> =
        first_parents(commits, tip, None).iter().map(|c| (c.id, c.seconds)).collect();
    let believed = longest_ascending(&line.iter().map(|(_, seconds)| *seconds).collect::<Vec<_>>());
    let Some(first) = believed.first() else { return };
    let mut now = line[*first].1;
    let mut believed = believed.into_iter().peekable();
    for (index, (id, seconds)) in line.into_iter().enumerate() {
        if believed.next_if_eq(&index).is_some() {
            now = seconds;
        }
        let commit = commits.get_mut(&id).expect("it is of this line");
        commit.when.at = utc(now);
        commit.when.rank = index as u32 + 1;
    }
}

/// The places of a longest run of numbers none of which is smaller than the one before it.
fn longest_ascending(numbers: &[i64]) -> Vec<usize> {
    // For each length the run of that length that ends with the smallest number.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(numbers.len());
    for (index, number) in numbers.iter().enumerate() {
        let length = ends.partition_point(|&end| numbers[end] <= *number);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(index);
        } else {
            ends[length] = index;
        }
    }
    let mut run: Vec<usize> =
        std::iter::successors(ends.last().copied(), |&index| before[index]).collect();
    run.reverse();
    run
}

/// The commits that were the tip of a branch, oldest first, as far as a day.
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
        let when = event.when.clone();
        self.now = Some(when.clone());
        if self.current.get(&event.path).map(|(blob, _)| *blob) == event.blob {
            return;
        }
        if let Some((blob, from)) = self.current.remove(&event.path) {
            let text = self.texts.get_mut(&(event.path.clone(), blob)).expect("it was seen");
            text.current.push(Interval { from, until: Some(when.clone()), seen: None });
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

    /// `tip` is the last commit, whether or not it wrote a page.
    fn done(mut self, tip: &Moment) -> (Vec<Text>, Vec<Move>) {
        let seen = self.now.filter(|now| now > tip).unwrap_or_else(|| tip.clone());
        for (path, (blob, from)) in self.current {
            let text = self.texts.get_mut(&(path, blob)).expect("it was seen");
            text.current.push(Interval { from, until: None, seen: Some(seen.clone()) });
        }
        let mut texts: Vec<Text> = self.texts.into_values().collect();
        texts.sort_by(|a, b| (&a.path, &a.seen, a.blob).cmp(&(&b.path, &b.seen, b.blob)));
        self.moves.sort();
        (texts, self.moves)
    }
}
