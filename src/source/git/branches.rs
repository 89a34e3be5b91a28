//! The branches of a repository, by name.

use std::collections::BTreeMap;

use gix::ObjectId;

use super::{Result, text};

/// What a clone calls the repository that it was made from.
const ORIGIN: &str = "origin/";

/// The branches of a repository, and those that it knows of the one it was cloned from.
pub struct Branches {
    pub local: BTreeMap<String, ObjectId>,
    remote: BTreeMap<String, ObjectId>,
}

impl Branches {
    pub fn of(reader: &gix::Repository) -> Result<Self> {
        let references = reader.references().map_err(text)?;
        let mut branches = Self { local: BTreeMap::new(), remote: BTreeMap::new() };
        for (known, found) in [
            (&mut branches.local, references.local_branches().map_err(text)?),
            (&mut branches.remote, references.remote_branches().map_err(text)?),
        ] {
            for branch in found {
                let mut branch = branch.map_err(text)?;
                // A branch without its commits is none, unless it is asked for.
                if let Ok(id) = branch.peel_to_id() {
                    known.insert(branch.name().shorten().to_string(), id.detach());
                }
            }
        }
        Ok(branches)
    }

    /// A clone has most branches under the name of where it was cloned from only.
    pub fn find(&self, name: &str) -> Option<ObjectId> {
        let remote =
            || self.remote.get(name).or_else(|| self.remote.get(&format!("{ORIGIN}{name}")));
        self.local.get(name).or_else(remote).copied()
    }
}

/// The commit that a branch, a tag or the digits of a commit name.
pub fn commit_of(reader: &gix::Repository, name: &str) -> Result<ObjectId> {
    let id = reader.rev_parse_single(name).map_err(|_| format!("there is no `{name}` in it"))?;
    let commit = id.object().map_err(text)?.peel_to_commit().map_err(text)?;
    Ok(commit.id)
}
