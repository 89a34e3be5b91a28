//! The commits that a branch reaches: its line of first parents, and what time each one has.

use std::collections::{BTreeMap, BTreeSet};

use gix::ObjectId;

use super::{Moment, Result, text};

/// The seconds whose days have a year of four digits wherever on Earth one asks.
const TIMES: (i64, i64) = (-62_135_500_000, 253_402_200_000);

pub struct Commit {
    pub id: ObjectId,
    pub parents: Vec<ObjectId>,
    pub when: Moment,
    /// Since 1970, as its clock had it.
    seconds: i64,
}

/// All commits that some branches reach.
pub struct Commits(BTreeMap<ObjectId, Commit>);

impl Commits {
    pub fn reached(
        reader: &gix::Repository,
        tips: impl IntoIterator<Item = ObjectId>,
    ) -> Result<Self> {
        let mut commits = BTreeMap::new();
        for info in reader.rev_walk(tips).all().map_err(text)? {
            let info = info.map_err(text)?;
            // A commit without a time that can be read is older than all others until its line
            // is set.
            let time = info.object().map_err(text)?.time();
            let seconds = time.map_or(TIMES.0, |time| time.seconds.clamp(TIMES.0, TIMES.1));
            let when = Moment { at: utc(seconds), rank: 0, commit: Some(info.id.to_string()) };
            let parents = info.parent_ids.iter().copied().collect();
            commits.insert(info.id, Commit { id: info.id, parents, when, seconds });
        }
        Ok(Self(commits))
    }

    /// Sets the clocks on the line of a branch right: the longest run of commits in the order of
    /// time is believed, and every other one has the time of the one before it.
    pub fn set_clocks(&mut self, tip: ObjectId) {
        let line: Vec<(ObjectId, i64)> =
            self.line(tip, None).iter().map(|commit| (commit.id, commit.seconds)).collect();
        let clocks: Vec<i64> = line.iter().map(|(_, seconds)| *seconds).collect();
        let mut believed = longest_ascending(&clocks).into_iter().peekable();
        let Some(first) = believed.peek() else { return };
        let mut now = clocks[*first];
        for (index, (id, seconds)) in line.into_iter().enumerate() {
            if believed.next_if_eq(&index).is_some() {
                now = seconds;
            }
            let commit = self.0.get_mut(&id).expect("it is of this line");
            commit.when.at = utc(now);
            commit.when.rank = index as u32 + 1;
        }
    }

    /// Gives the commits of a line the times that they have there.
    pub fn follow(&mut self, line: &[&Commit]) {
        for commit in line {
            self.0.entry(commit.id).and_modify(|own| own.when = commit.when.clone());
        }
    }

    /// The commits that were the tip of a branch, oldest first, as far as a day.
    pub fn line(&self, tip: ObjectId, as_of: Option<&str>) -> Vec<&Commit> {
        let parent = |commit: &&Commit| self.0.get(commit.parents.first()?);
        let mut line: Vec<&Commit> = std::iter::successors(self.0.get(&tip), parent).collect();
        line.reverse();
        if let Some(day) = as_of {
            let end = line.iter().rposition(|commit| commit.when.day() <= day);
            line.truncate(end.map_or(0, |last| last + 1));
        }
        line
    }

    /// The commits that are not on a line, as far as a day.
    pub fn beside(&self, line: &[&Commit], as_of: Option<&str>) -> Vec<&Commit> {
        let on_line: BTreeSet<ObjectId> = line.iter().map(|commit| commit.id).collect();
        self.0
            .values()
            .filter(|commit| !on_line.contains(&commit.id))
            .filter(|commit| as_of.is_none_or(|day| commit.when.day() <= day))
            .collect()
    }

    /// The commits that lead to others, and these.
    pub fn leading_to(&self, tips: impl IntoIterator<Item = ObjectId>) -> BTreeSet<ObjectId> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<ObjectId> = tips.into_iter().collect();
        while let Some(id) = open.pop() {
            if let Some(commit) = self.0.get(&id)
                && reached.insert(id)
            {
                open.extend(&commit.parents);
            }
        }
        reached
    }
}

fn utc(seconds: i64) -> String {
    let format = gix::date::time::format::ISO8601_STRICT;
    let time = gix::date::Time::new(seconds, 0).format(format);
    time.expect("years have four digits").replace("+00:00", "Z")
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

#[cfg(test)]
mod tests {
    use super::longest_ascending;

    fn run(numbers: &[i64]) -> Vec<i64> {
        longest_ascending(numbers).into_iter().map(|place| numbers[place]).collect()
    }

    #[test]
    fn clocks_that_agree_are_all_believed() {
        assert_eq!(run(&[1, 2, 2, 3]), [1, 2, 2, 3]);
        assert!(run(&[]).is_empty());
    }

    #[test]
    fn one_clock_that_is_ahead_does_not_outvote_the_others() {
        assert_eq!(run(&[1, 99, 2, 3]), [1, 2, 3]);
        assert_eq!(run(&[1, 2, 3, 0]), [1, 2, 3]);
        assert_eq!(run(&[50, 51, 1, 2, 3]), [1, 2, 3]);
    }
}
