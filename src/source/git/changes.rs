//! What commits did to the files of pages, and which files became others.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use gix::ObjectId;
use gix::object::tree::diff::Change;
use rayon::prelude::*;

use super::commits::Commit;
use super::{Moment, Repository, Result, is_page, text};

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

/// What a commit did to a path.
pub struct Event {
    pub commit: ObjectId,
    pub when: Moment,
    pub path: String,
    /// None if the file was taken away.
    pub blob: Option<ObjectId>,
    pub moved_from: Option<String>,
}

impl Repository {
    /// What each commit of a line did to the one before it, with moves.
    pub(super) fn along(&self, line: &[&Commit]) -> Result<Vec<Event>> {
        let pairs: Vec<(Option<ObjectId>, &Commit)> = std::iter::once(None)
            .chain(line.iter().map(|commit| Some(commit.id)))
            .zip(line.iter().copied())
            .collect();
        self.changes(&pairs, true)
    }

    /// What commits beside a line wrote: texts that none of their parents had.
    pub(super) fn beside(&self, commits: &[&Commit]) -> Result<Vec<Event>> {
        let pairs: Vec<(Option<ObjectId>, &Commit)> =
            commits.iter().map(|commit| (commit.parents.first().copied(), *commit)).collect();
        let mut events = self.changes(&pairs, false)?;
        let merges: BTreeMap<ObjectId, &[ObjectId]> = commits
            .iter()
            .filter(|commit| commit.parents.len() > 1)
            .map(|commit| (commit.id, &commit.parents[1..]))
            .collect();
        events.retain(|event| {
            let merged = merges.get(&event.commit).copied().unwrap_or_default();
            let had = |parent: &ObjectId| self.text_at(&parent.to_string(), &event.path);
            merged.iter().all(|parent| had(parent) != event.blob)
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
                    events.append(&mut between(&reader, &mut cache, before, commit, moves)?);
                    cache.clear_resource_cache_keep_allocation();
                }
                Ok(events)
            })
            .collect();
        Ok(events?.into_iter().flatten().collect())
    }
}

fn between(
    reader: &gix::Repository,
    cache: &mut gix::diff::blob::Platform,
    before: Option<ObjectId>,
    commit: &Commit,
    moves: bool,
) -> Result<Vec<Event>> {
    let tree = |id| reader.find_commit(id).map_err(text)?.tree().map_err(text);
    let before = before.map_or_else(|| Ok(reader.empty_tree()), tree)?;
    let after = tree(commit.id)?;
    let mut read = |rewrites: Option<gix::diff::Rewrites>| -> Result<Vec<Event>> {
        let mut platform = before.changes().map_err(text)?;
        platform.options(|options| {
            options.track_path().track_rewrites(rewrites);
        });
        let mut events = Vec::new();
        platform
            .for_each_to_obtain_tree_with_cache(&after, cache, |change| {
                changed(&change, commit, &mut events);
                Ok(ControlFlow::Continue(()))
            })
            .map_err(text)?;
        Ok(events)
    };
    if !moves {
        return read(None);
    }
    // Likeness needs the bytes of both sides, and a repository may lack some.
    let mut events = read(Some(REWRITES)).or_else(|_| read(None))?;
    pair_names(&mut events);
    Ok(events)
}

fn changed(change: &Change<'_, '_, '_>, commit: &Commit, events: &mut Vec<Event>) {
    let mut event = |path: &gix::bstr::BStr, blob: Option<ObjectId>, from: Option<String>| {
        let path = path.to_string();
        if is_page(&path) {
            events.push(Event {
                commit: commit.id,
                when: commit.when.clone(),
                path,
                blob,
                moved_from: from,
            });
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
