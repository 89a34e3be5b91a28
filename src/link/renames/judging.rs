//! Whether what points from one name to another proves a change, and which kind of change it is.

use std::collections::{BTreeMap, BTreeSet};

use super::course::{Adoption, Outcome, STAYS, days_between};
use super::{Era, Evidence, Gathered, Observed, Signal};
use crate::catalog::Catalog;
use crate::catalog::products::{ChangeKind, ProductKind};
use crate::source::Moment;

/// For how many documents a change must last before it counts by itself.
const PAGES: usize = 3;
/// How long before a change, in days, a name must not have been in use to be new.
const NEW: u32 = 90;
/// What a document that goes on with the old name weighs if nobody wrote it again since.
const UNTOUCHED: f64 = 0.25;
/// The middle half of the documents follows a rename within so many days; a replacement takes as
/// long as its users do.
const AT_ONCE: u32 = 150;

/// What is proved, in the order of what changes.
pub fn changes(catalog: &Catalog, gathered: &Gathered<'_>) -> Vec<Observed> {
    let pairs = gathered.evidence.keys();
    let judged = pairs.filter_map(|&(before, after)| {
        let case = Case::of(gathered, before, after)?;
        case.judge(catalog)
    });
    let mut found = judged.collect();
    tell_apart(&mut found, gathered);
    found
}

/// What all documents say of one change.
struct Case<'a> {
    gathered: &'a Gathered<'a>,
    before: Era,
    after: Era,
    /// What stands, in the order of time.
    evidence: Vec<Evidence>,
    witnesses: Vec<Witness>,
    /// Documents that went back to the old name.
    gone_back: usize,
    remain: Remain,
    /// Documents that had the new name long before.
    known_before: usize,
}

/// Documents that go on with the old name, by whether they were written again since.
struct Remain {
    written: usize,
    untouched: usize,
}

/// A document with the change; copies of it are not counted.
struct Witness {
    signals: BTreeSet<Signal>,
    /// When it took the new name; none if it only speaks of the change.
    from: Option<Moment>,
    lasted: bool,
    /// The old name goes on beside the new one.
    is_partial: bool,
}

impl Witness {
    fn of(shown: &Shown) -> Self {
        let adoptions = &shown.adoptions;
        Self {
            signals: shown.evidence.iter().map(|piece| piece.signal).collect(),
            from: adoptions.iter().map(|adoption| &adoption.from).min().cloned(),
            lasted: adoptions.iter().any(|adoption| adoption.lasted),
            is_partial: !adoptions.is_empty() && adoptions.iter().all(|a| a.is_partial),
        }
    }

    /// It proves as much as the strongest of what it shows.
    fn strongest(&self) -> Signal {
        let strongest = self.signals.iter().max_by(|a, b| a.weight().total_cmp(&b.weight()));
        *strongest.expect("a witness shows something")
    }
}

/// What the pages of one document show.
#[derive(Default)]
struct Shown {
    evidence: Vec<Evidence>,
    adoptions: Vec<Adoption>,
    went_back: bool,
}

impl<'a> Case<'a> {
    fn of(gathered: &'a Gathered<'a>, before: Era, after: Era) -> Option<Self> {
        let mut documents: BTreeMap<usize, Shown> = BTreeMap::new();
        for (&page, pieces) in &gathered.evidence[&(before, after)] {
            let shown = documents.entry(gathered.placed.pages[page].document).or_default();
            let outcome = gathered.outcome(page, before, after);
            shown.went_back |= outcome == Some(Outcome::WentBack);
            let adoption = match outcome {
                Some(Outcome::Stands(adoption))
                    if gathered.source_has(page, after, &adoption.from) =>
                {
                    Some(adoption)
                }
                _ => None,
            };
            let stands = |piece: &&Evidence| match &adoption {
                Some(adoption) if piece.before.is_some() => adoption.covers(&piece.first),
                None if piece.before.is_some() => false,
                _ => gathered.keeps(page, after, &piece.first),
            };
            shown.evidence.extend(pieces.iter().filter(stands).cloned());
            shown.adoptions.extend(adoption);
        }
        let adopted: BTreeSet<usize> = documents
            .iter()
            .filter(|(_, shown)| !shown.adoptions.is_empty())
            .map(|(&document, _)| document)
            .collect();
        let gone_back =
            documents.values().filter(|s| s.went_back && s.adoptions.is_empty()).count();
        let adoptions = documents.values().flat_map(|shown| &shown.adoptions);
        let start = adoptions.map(|adoption| &adoption.from).min()?;
        let remain = gathered.remain((before, after), start, &adopted);
        let known_before = gathered.known_before((before, after), start, &adopted);
        let mut texts: BTreeSet<&str> = BTreeSet::new();
        let mut witnesses = Vec::new();
        let mut evidence = Vec::new();
        for shown in documents.into_values() {
            // Copies of a text were changed by one hand: they are one witness.
            let hashes = shown.evidence.iter().map(|piece| gathered.hash(piece.after.version));
            let hashes: BTreeSet<&str> = hashes.collect();
            if !shown.evidence.is_empty() && texts.is_disjoint(&hashes) {
                witnesses.push(Witness::of(&shown));
            }
            texts.extend(hashes);
            evidence.extend(shown.evidence);
        }
        evidence.sort();
        Some(Self { gathered, before, after, evidence, witnesses, gone_back, remain, known_before })
    }

    /// Whether what points from one name to another proves a change.
    fn judge(self, catalog: &Catalog) -> Option<Observed> {
        let kind = |era: Era| catalog.products.get(era.product).kind;
        let is_brand = kind(self.before).is_brand();
        if !comparable(kind(self.before), kind(self.after)) || !self.is_proved() {
            return None;
        }
        let mut adopted: Vec<&Moment> =
            self.witnesses.iter().filter_map(|witness| witness.from.as_ref()).collect();
        adopted.sort();
        let is_slow = is_slow(&adopted);
        let was_known = self.known_before * 4 > adopted.len();
        let said = self.said();
        let needed = match said {
            None if is_brand => return None,
            Some(_) if is_brand => 0.9,
            // What is replaced goes on beside what replaces it.
            Some(ChangeKind::Replaced) => 0.2,
            // Only if all leave the one for the other, and not in one edit, does it say something.
            None if was_known && !is_slow => return None,
            None if was_known => 0.9,
            _ => 0.5,
        };
        let share = self.share(adopted.len(), if is_brand { 1.0 } else { UNTOUCHED });
        if share <= needed {
            return None;
        }
        let (earliest, latest) = self.bounds()?;
        Some(Observed {
            kind: said.unwrap_or(match is_slow {
                true => ChangeKind::Replaced,
                false => ChangeKind::Renamed,
            }),
            before: self.before,
            after: self.after,
            earliest,
            latest,
            score: ((1.0 - self.doubt()) * share * 100.0).round() as u32,
            witnesses: self.witnesses.len(),
            evidence: self.evidence,
        })
    }

    /// Several documents for which it lasted, or two that show it in different ways.
    fn is_proved(&self) -> bool {
        let lasting = self.witnesses.iter().filter(|witness| witness.lasted).count();
        let signals: BTreeSet<_> = self.witnesses.iter().flat_map(|w| &w.signals).collect();
        lasting >= PAGES || self.witnesses.len() > 1 && signals.len() > 1
    }

    /// Of the documents that have a say, those that took the new name.
    fn share(&self, adopted: usize, untouched: f64) -> f64 {
        let partial = self.witnesses.iter().filter(|witness| witness.is_partial).count();
        let against = (self.gone_back + partial + self.remain.written) as f64
            + self.remain.untouched as f64 * untouched;
        adopted as f64 / (adopted as f64 + against)
    }

    /// How likely all witnesses are wrong: each time there are twice as many of a kind, once more.
    fn doubt(&self) -> f64 {
        let mut by_signal: BTreeMap<Signal, f64> = BTreeMap::new();
        for witness in &self.witnesses {
            *by_signal.entry(witness.strongest()).or_default() += 1.0;
        }
        let doubts = by_signal.iter();
        doubts.map(|(signal, count)| (1.0 - signal.weight()).powf(1.0 + count.log2())).product()
    }

    /// The last moment of the old name and the first of the new one, where it took its place.
    fn bounds(&self) -> Option<(Moment, Moment)> {
        let replaced = || self.evidence.iter().filter(|piece| piece.before.is_some());
        let first = replaced().min_by_key(|p| (&p.first, std::cmp::Reverse(&p.last)))?;
        // The old name may have been seen elsewhere nearer to the first day of the new one.
        let seen = replaced().map(|piece| &piece.last).filter(|last| **last <= first.first);
        Some((seen.max().unwrap_or(&first.last).clone(), first.first.clone()))
    }

    /// The kind that most documents with a sentence about it say.
    fn said(&self) -> Option<ChangeKind> {
        if !self.evidence.iter().any(|piece| piece.signal == Signal::Sentence) {
            return None;
        }
        let kinds = self.gathered.kinds.get(&(self.before, self.after))?.iter();
        let most = kinds.max_by_key(|(kind, who)| (who.len(), std::cmp::Reverse(**kind)));
        most.map(|(kind, _)| *kind)
    }
}

impl Gathered<'_> {
    /// Documents, without copies, that go on with the old name and do not say that it changed.
    fn remain(
        &self,
        (before, after): (Era, Era),
        start: &Moment,
        adopted: &BTreeSet<usize>,
    ) -> Remain {
        let mut texts: BTreeMap<usize, (bool, &str)> = BTreeMap::new();
        for &page in self.pages_with.get(&before).into_iter().flatten() {
            let document = self.placed.pages[page].document;
            let is_known = |page| self.end_of(page).is_some_and(|end| end >= start);
            // Where the source is known, translations only follow it.
            let source = self
                .sources
                .get(&document)
                .filter(|&&source| is_known(source) && self.current(source).is_some());
            let is_heard = source.is_none_or(|&source| source == page);
            if adopted.contains(&document) || !is_known(page) || !is_heard {
                continue;
            }
            let goes_on = self.current(page).filter(|text| {
                text.eras.contains(&before) && !text.says.contains(&(before, after))
            });
            if let Some(text) = goes_on {
                let known = texts.entry(document).or_insert((false, self.hash(text.version)));
                known.0 |= text.from >= *start;
            }
        }
        let mut seen = BTreeSet::new();
        let distinct = texts.into_values().filter(|(_, hash)| seen.insert(*hash));
        let (written, untouched): (Vec<_>, Vec<_>) = distinct.partition(|(written, _)| *written);
        Remain { written: written.len(), untouched: untouched.len() }
    }

    /// Documents that had the new name long before the change; of those that changed, with both.
    fn known_before(
        &self,
        (before, after): (Era, Era),
        start: &Moment,
        adopted: &BTreeSet<usize>,
    ) -> usize {
        let mut documents = BTreeSet::new();
        for &page in self.pages_with.get(&after).into_iter().flatten() {
            let document = self.placed.pages[page].document;
            let changed =
                adopted.contains(&document) || self.outcome(page, before, after).is_some();
            let mut early = self.texts[page]
                .iter()
                .take_while(|text| days_between(&text.from, start) > NEW)
                .filter(|text| text.eras.contains(&after));
            if early.any(|text| !changed || text.eras.contains(&before)) {
                documents.insert(document);
            }
        }
        documents.len()
    }

    /// The first and the last moment of a name.
    fn in_use(&self, name: Era) -> Option<(&Moment, &Moment)> {
        let pages = self.pages_with.get(&name)?.iter();
        let having = pages.flat_map(|&page| {
            let texts = self.texts[page].iter().filter(|text| text.eras.contains(&name));
            texts.map(move |text| (page, text))
        });
        let first = having.clone().map(|(_, text)| &text.from).min()?;
        let last = having.filter_map(|(page, text)| text.until.as_ref().or(self.end_of(page)));
        Some((first, last.max()?))
    }

    fn side_by_side(&self, a: Era, b: Era) -> bool {
        match (self.in_use(a), self.in_use(b)) {
            (Some(a), Some(b)) => days_between(a.0.max(b.0), a.1.min(b.1)) >= STAYS,
            _ => false,
        }
    }
}

/// A portal is not its product, nor a brand what is sold under it, whatever labels say.
fn comparable(before: ProductKind, after: ProductKind) -> bool {
    let class = |kind: ProductKind| (kind == ProductKind::Portal, kind.is_brand());
    class(before) == class(after)
}

/// Whether documents took the new name one after the other, as the users of a product do. Their
/// moments are in the order of time.
fn is_slow(adopted: &[&Moment]) -> bool {
    let count = adopted.len();
    let half = |from: usize, to: usize| days_between(adopted[from], adopted[to]);
    count > PAGES && half(count / 4, (count * 3).div_ceil(4) - 1) > AT_ONCE
}

/// Several changes of one name: what others explain, or are much stronger than, is none; the rest
/// are splits or merges, where both products were in use at once and no page says what it is.
fn tell_apart(found: &mut Vec<Observed>, gathered: &Gathered<'_>) {
    let is_overruled = |weak: &Observed| {
        found.iter().any(|strong| {
            let rivals = (strong.before == weak.before) != (strong.after == weak.after);
            rivals && weak.witnesses * 4 < strong.witnesses
        })
    };
    let kept: Vec<Observed> = found.iter().filter(|one| !is_overruled(one)).cloned().collect();
    let is_chain = |long: &Observed| {
        kept.iter().any(|first| {
            let starts = first.before == long.before && first.after != long.after;
            starts && first.latest <= long.latest && leads(&kept, first.after, long.after)
        })
    };
    *found = kept.iter().filter(|one| !is_chain(one)).cloned().collect();
    let ends: Vec<(Era, Era)> = found.iter().map(|change| (change.before, change.after)).collect();
    for change in found.iter_mut().filter(|change| change.kind == ChangeKind::Renamed) {
        let is_merge = ends.iter().any(|&(before, after)| {
            after == change.after
                && before != change.before
                && gathered.side_by_side(before, change.before)
        });
        let is_split = ends.iter().any(|&(before, after)| {
            before == change.before
                && after != change.after
                && gathered.side_by_side(after, change.after)
        });
        if is_merge {
            change.kind = ChangeKind::Merged;
        } else if is_split {
            change.kind = ChangeKind::Split;
        }
    }
}

/// Whether changes lead from one name to another.
fn leads(changes: &[Observed], from: Era, to: Era) -> bool {
    let mut seen = BTreeSet::from([from]);
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        for change in changes.iter().filter(|change| change.before == at) {
            if change.after == to {
                return true;
            }
            if seen.insert(change.after) {
                open.push(change.after);
            }
        }
    }
    false
}
