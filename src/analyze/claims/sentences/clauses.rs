//! Cuts a sentence into clauses that can each state something.

use std::ops::Range;

use crate::analyze::claims::clause;
use crate::analyze::claims::passage::{Passage, contains};
use crate::catalog::languages::{Activity, Cue, Mark};

/// The clauses of a sentence: cut where one surely ends, around a parenthesis that states
/// something, and between two that both state something.
pub fn clauses(passage: &Passage<'_>, sentence: Range<usize>) -> Vec<Range<usize>> {
    let mut cuts: Vec<usize> =
        passage.marks(Mark::Tail, &sentence).map(|tail| tail.start).collect();
    cuts.retain(|&cut| {
        !is_inserted(passage, &sentence, cut) && !is_decided(passage, &sentence, cut)
    });
    // ", which you chose" tells one region from another.
    if !cuts.is_empty() {
        let rules = passage.rules(&sentence, None);
        cuts.retain(|&cut| {
            !rules.iter().any(|rule| rule.range.start < cut && cut < rule.range.end)
        });
    }
    let stops = passage.plain[sentence.clone()].match_indices([';', '；']);
    cuts.extend(stops.map(|(at, stop)| sentence.start + at + stop.len()));
    for inside in parentheses(passage.plain, &sentence) {
        if states(passage, &inside) {
            cuts.extend([inside.start, inside.end]);
        }
    }
    cuts.retain(|&cut| cut > sentence.start);
    cuts.push(sentence.end);
    cuts.sort_unstable();
    cuts.dedup();
    // What a condition at its start names, the sentence does not state.
    let stated_from = clause::condition(passage, &sentence).1.start;
    let mut parts = Vec::new();
    let mut start = sentence.start;
    for cut in cuts {
        let mut rest = start..cut;
        for joint in passage.marks(Mark::Break, &rest.clone()).collect::<Vec<_>>() {
            let (left, right) = (rest.start..joint.start, joint.end..rest.end);
            let inside = joins_places(passage, &rest, &joint)
                || is_in_parentheses(&passage.plain[left.clone()]);
            if joint.start > rest.start.max(stated_from)
                && !inside
                && !joins_verbs(passage, &rest, &joint)
                && states(passage, &(left.start.max(stated_from)..left.end))
                && states(passage, &right)
            {
                parts.push(left);
                rest = right;
            }
        }
        parts.push(rest);
        start = cut;
    }
    parts
}

/// Whether what opens there only describes the subject, and its verb is still to come: "the country,
/// which you enter at sign-up, determines where …".
fn is_inserted(passage: &Passage<'_>, sentence: &Range<usize>, tail: usize) -> bool {
    let before = sentence.start..tail;
    let inside = passage.plain[tail..sentence.end].char_indices().skip(1);
    let mut commas = inside.filter(|&(_, c)| clause::is_comma(c)).map(|(at, _)| tail + at);
    passage.activities(&before).is_empty()
        && commas.next().is_some_and(|comma| {
            let rest = comma..sentence.end;
            passage
                .marks(Mark::Decides, &rest)
                .next()
                .is_some_and(|decides| passage.words(comma..decides.start) <= 1)
        })
}

/// Whether what opens there only tells what the place before it decides: "takes the nearest region,
/// which determines where data is stored".
fn is_decided(passage: &Passage<'_>, sentence: &Range<usize>, tail: usize) -> bool {
    let (before, rest) = (sentence.start..tail, tail..sentence.end);
    let decides = passage.begins(Mark::Tail, &rest).and_then(|which| {
        let next = passage.marks(Mark::Decides, &(which.end..rest.end)).next()?;
        (passage.words(which.end..next.start) <= 1).then_some(next)
    });
    decides.is_some_and(|decides| {
        let rest = decides.end..rest.end;
        passage.activities(&before).is_empty()
            && !passage.rules(&before, None).is_empty()
            && !passage.activities(&rest).is_empty()
            && passage.rules(&rest, None).is_empty()
    })
}

/// Whether a conjunction stands between two coordinated places.
fn joins_places(passage: &Passage<'_>, within: &Range<usize>, joint: &Range<usize>) -> bool {
    let places =
        || passage.hits(within).filter(|hit| matches!(hit.cue, Cue::Place(_) | Cue::Adjective(_)));
    let before = places().filter(|hit| hit.range.end <= joint.start).last();
    let after = places().find(|hit| hit.range.start >= joint.end);
    let around = places().any(|hit| hit.range.start < joint.start && joint.end < hit.range.end);
    around || before.zip(after).is_some_and(|(b, a)| passage.is_join(b.range.end..a.range.start))
}

/// Whether a conjunction stands between two coordinated verbs: "stored and processed in …".
fn joins_verbs(passage: &Passage<'_>, within: &Range<usize>, joint: &Range<usize>) -> bool {
    let before = passage.activities(&(within.start..joint.start));
    let after = passage.activities(&(joint.end..within.end));
    // "store and process": the conjunction may be a part of the second verb's cue.
    let all = passage.activities(within);
    if !before.is_empty() && all.iter().any(|(verb, _)| contains(verb, joint)) {
        return true;
    }
    let (before, after) = (before.last(), after.first());
    before.zip(after).is_some_and(|(b, a)| passage.is_join(b.0.end..a.0.start))
}

/// What stands between parentheses, the outermost.
fn parentheses(text: &str, within: &Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open = Vec::new();
    for (at, c) in text[within.clone()].char_indices() {
        match c {
            '(' | '（' => open.push(within.start + at + c.len_utf8()),
            ')' | '）' => {
                if let Some(start) = open.pop().filter(|_| open.is_empty()) {
                    found.push(start..within.start + at);
                }
            }
            _ => {}
        }
    }
    found
}

/// Whether a text leaves a parenthesis open.
pub fn is_in_parentheses(text: &str) -> bool {
    text.matches(['(', '（']).count() > text.matches([')', '）']).count()
}

/// Whether a stretch has a verb and a location of its own: "in countries where Contoso operates" has
/// only the place's.
pub fn states(passage: &Passage<'_>, range: &Range<usize>) -> bool {
    let activities = passage.activities(range);
    if activities.is_empty() {
        return false;
    }
    let rules = passage.rules(range, None);
    let is_places = |(verb, _): &(Range<usize>, Activity)| {
        rules.iter().any(|ruled| ruled.phrase.does.is_none() && contains(&ruled.range, verb))
    };
    let has_location = || {
        passage.has_place(range)
            || passage.hits(range).any(|hit| matches!(hit.cue, Cue::Adjective(_)))
            || !rules.is_empty()
    };
    !activities.iter().all(is_places) && has_location()
}
