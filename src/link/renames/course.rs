//! How one page went from one name to another: what it had when, and what came of a change.

use super::{Era, Gathered, Text};
use crate::source::Moment;

/// How long a page must have a name, in days, for the name to count.
pub const STAYS: u32 = 60;
/// Within how many days a page that goes back takes its word back.
const YEAR: u32 = 12 * MONTH;
const MONTH: u32 = 31;

/// What came of a page's changes from one name to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It took the new name, and has it still or had it long.
    Stands(Adoption),
    /// It took the new name and went back.
    WentBack,
    /// It had the new name too short a time to tell, and then neither.
    Lapsed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adoption {
    pub from: Moment,
    /// The last moment of the new name; none if the page has it still.
    until: Option<Moment>,
    /// It had the name as long as a name must stay.
    pub lasted: bool,
    /// The old name goes on beside it.
    pub is_partial: bool,
}

impl Adoption {
    /// Whether a piece of evidence of the page is of this change.
    pub fn covers(&self, when: &Moment) -> bool {
        *when >= self.from && self.until.as_ref().is_none_or(|until| when <= until)
    }
}

/// Which of the two names a page has. If both, it is the one that it took last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Old,
    New,
    Neither,
}

/// Texts that follow one another and have the same name.
struct Run {
    side: Side,
    from: Moment,
    until: Option<Moment>,
    days: u32,
    /// Its last text has both names, and does not say that one became the other.
    has_both: bool,
}

impl Gathered<'_> {
    /// What came of a page's changes; none if it never took the new name in the place of the old.
    pub fn outcome(&self, page: usize, before: Era, after: Era) -> Option<Outcome> {
        let changes = |from, to| -> Vec<&Moment> {
            let of_page = self.evidence.get(&(from, to)).and_then(|pages| pages.get(&page));
            let replaced = of_page.into_iter().flatten().filter(|piece| piece.before.is_some());
            replaced.map(|piece| &piece.first).collect()
        };
        let (there, back) = (changes(before, after), changes(after, before));
        if there.is_empty() {
            return None;
        }
        let runs = self.runs(page, (before, after), (&there, &back));
        let known = runs.iter().filter(|run| run.side != Side::Neither).collect::<Vec<_>>();
        let mut outcome = None;
        for (index, run) in known.iter().enumerate() {
            if run.side != Side::New || !there.contains(&&run.from) {
                continue;
            }
            // What the page was settled on: a short time with the old name is part of a try.
            let settled = (0..index).rev().find(|&i| i == 0 || known[i].days >= YEAR);
            if settled.is_some_and(|settled| known[settled].side == Side::New) {
                continue;
            }
            let old_again = known[index..].iter().find(|later| later.side == Side::Old);
            let undone = old_again.is_some_and(|old| days_between(&run.from, &old.from) < YEAR);
            let lasted = run.days >= STAYS;
            outcome = Some(if undone {
                Outcome::WentBack
            } else if lasted || run.until.is_none() {
                let until = run.until.clone();
                let from = run.from.clone();
                Outcome::Stands(Adoption { from, until, lasted, is_partial: run.has_both })
            } else {
                Outcome::Lapsed
            });
        }
        outcome
    }

    fn runs(
        &self,
        page: usize,
        (before, after): (Era, Era),
        (there, back): (&[&Moment], &[&Moment]),
    ) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for text in &self.texts[page] {
            let last = runs.last().map(|run| run.side);
            let side = match (there.contains(&&text.from), back.contains(&&text.from)) {
                (true, false) => Side::New,
                (false, true) => Side::Old,
                _ => match (text.eras.contains(&before), text.eras.contains(&after)) {
                    (true, false) => Side::Old,
                    (false, true) => Side::New,
                    (false, false) => Side::Neither,
                    (true, true) => last.filter(|side| *side != Side::Neither).unwrap_or(Side::Old),
                },
            };
            let names = [before, after];
            let has_both = names.iter().all(|name| text.eras.contains(name))
                && !text.says.contains(&(before, after));
            match runs.last_mut().filter(|run| run.side == side) {
                Some(run) => {
                    run.until.clone_from(&text.until);
                    run.has_both = has_both;
                }
                None => runs.push(Run {
                    side,
                    from: text.from.clone(),
                    until: text.until.clone(),
                    days: 0,
                    has_both,
                }),
            }
        }
        let end = self.end_of(page);
        for run in &mut runs {
            let until = run.until.as_ref().or(end).unwrap_or(&run.from);
            run.days = days_between(&run.from, until);
        }
        runs
    }

    /// Whether a page that has a name from a text on kept it long, or has it still.
    pub fn keeps(&self, page: usize, name: Era, from: &Moment) -> bool {
        let texts = self.texts[page].iter().skip_while(|text| text.from < *from);
        let having = texts.take_while(|text| text.eras.contains(&name));
        having.last().is_some_and(|last| {
            let until = last.until.as_ref();
            until.is_none_or(|until| days_between(from, until) >= STAYS)
        })
    }

    /// Whether a page took a name as its source has it; of what is not known of the source, yes.
    pub fn source_has(&self, page: usize, name: Era, when: &Moment) -> bool {
        let source = self.sources.get(&self.placed.pages[page].document);
        let source = source.filter(|source| **source != page);
        let text = source.and_then(|&source| self.text_at(source, when));
        text.is_none_or(|text| text.eras.contains(&name))
    }

    /// How far the pages of its locale are known.
    pub fn end_of(&self, page: usize) -> Option<&Moment> {
        self.ends.get(&self.placed.pages[page].locale)
    }

    /// The text of a page at a moment, if the page is known so far.
    fn text_at(&self, page: usize, when: &Moment) -> Option<&Text> {
        if self.end_of(page).is_none_or(|end| end < when) {
            return None;
        }
        let mut texts = self.texts[page].iter().filter(|text| text.from <= *when);
        texts.next_back().filter(|text| text.until.as_ref().is_none_or(|until| until > when))
    }

    /// The hash of a version.
    pub fn hash(&self, version: usize) -> &str {
        &self.placed.versions[version].hash
    }

    /// The text that a page has at the end of what is known.
    pub fn current(&self, page: usize) -> Option<&Text> {
        self.texts[page].last().filter(|text| text.until.is_none())
    }
}

/// From one day to a later one; 0 if it is earlier.
pub fn days_between(from: &Moment, until: &Moment) -> u32 {
    days(until.day()).saturating_sub(days(from.day()))
}

/// A number of days that grows as time does: months count as long ones, which is near enough.
fn days(day: &str) -> u32 {
    let number = |range: std::ops::Range<usize>| day[range].parse::<u32>().unwrap_or(0);
    number(0..4) * YEAR + number(5..7) * MONTH + number(8..10)
}
