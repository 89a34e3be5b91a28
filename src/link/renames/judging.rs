//! Whether what points from one name to another proves a change, and which kind of change it is.

use std::collections::{BTreeMap, BTreeSet};

use super::{Era, Evidence, Gathered, Observed, Signal};
use crate::catalog::Catalog;
use crate::catalog::products::{ChangeKind, ProductKind};
use crate::source::Moment;

/// What is proved, in the order of what changes.
pub fn changes(catalog: &Catalog, gathered: &Gathered) -> Vec<Observed> {
    let pairs = gathered.evidence.keys();
    let judged = pairs.filter_map(|&(before, after)| gathered.judge(catalog, before, after));
    let mut found = judged.collect();
    tell_apart(&mut found, gathered);
    found
}

/// How long a new name must stay, in days, before it counts by itself.
const STAYS: u32 = 60;
/// On how many pages.
const PAGES: usize = 3;
/// How long before a change, in days, a name must not have been in use to be new.
const NEW: u32 = 90;

impl Gathered {
    /// The kind that most pages with a sentence about it say; without a word, a rename.
    fn said(&self, before: Era, after: Era) -> ChangeKind {
        let kinds = self.kinds.get(&(before, after)).into_iter().flatten();
        let most = kinds.max_by_key(|(kind, pages)| (**pages, std::cmp::Reverse(**kind)));
        most.map_or(ChangeKind::Renamed, |(kind, _)| *kind)
    }

    /// Whether what points from one name to another proves a change.
    fn judge(&self, catalog: &Catalog, before: Era, after: Era) -> Option<Observed> {
        let kind = |era: Era| catalog.products.get(era.product).kind;
        if !comparable(kind(before), kind(after)) {
            return None;
        }
        let mut evidence = self.evidence[&(before, after)].clone();
        evidence.sort();
        let back = self.evidence.get(&(after, before)).map_or(&[][..], Vec::as_slice);
        let replaced_in = |evidence: &[Evidence]| -> BTreeMap<usize, Moment> {
            let mut pages = BTreeMap::new();
            for piece in evidence.iter().filter(|piece| piece.before.is_some()) {
                pages.insert(piece.page, piece.first.clone());
            }
            pages
        };
        let (there, again) = (replaced_in(&evidence), replaced_in(back));
        // A page that went back to the old name proves nothing.
        let stays: BTreeMap<usize, Moment> = there
            .into_iter()
            .filter(|(page, when)| again.get(page).is_none_or(|back| back < when))
            .collect();
        let gone_back = again.keys().filter(|page| !stays.contains_key(page)).count();
        let start = stays.values().min()?.clone();
        let end = self.end.as_ref()?;
        let long = stays
            .values()
            .filter(|when| days(end.day()).saturating_sub(days(when.day())) >= STAYS)
            .count();
        // Pages that were written again since, and go on with the old name.
        let remain = self.uses.get(&before).into_iter().flatten().filter(|(page, used)| {
            used.goes_on
                && !stays.contains_key(page)
                && self.last_text.get(page).is_some_and(|last| *last >= start)
        });
        let remain = remain.count();
        let known_before = self
            .uses
            .get(&after)
            .into_iter()
            .flatten()
            .filter(|(_, used)| days(used.first.day()) + NEW < days(start.day()));
        let known_before = known_before.count();
        let signals: BTreeSet<Signal> = evidence
            .iter()
            .filter(|piece| piece.before.is_none() || stays.contains_key(&piece.page))
            .map(|piece| piece.signal)
            .collect();
        // Where the new name stood before the old one, a name came back.
        let first_use = |era, page| self.uses.get(&era).and_then(|uses| uses.get(page));
        let returns =
            stays.keys().filter(|page| match (first_use(after, page), first_use(before, page)) {
                (Some(after), Some(before)) => after.first < before.first,
                _ => false,
            });
        let returns = returns.count();
        let share = stays.len() as f64 / (stays.len() + remain + gone_back) as f64;
        // A label is part of a text: two signals are two only in different places.
        let counted = evidence
            .iter()
            .filter(|piece| piece.before.is_none() || stays.contains_key(&piece.page));
        let counted: Vec<&Evidence> = counted.collect();
        let several = counted.iter().any(|one| {
            let apart = |other: &&&Evidence| {
                other.signal != one.signal && (other.page, other.after) != (one.page, one.after)
            };
            counted.iter().any(|other| apart(&other))
        });
        // Pages are relabelled from brand to brand in passing; only all of them together say more.
        let is_brand = class(kind(before)) == BRAND;
        let is_proved = long >= PAGES || several && !is_brand;
        let needed = if is_brand { 0.9 } else { 0.5 };
        if !is_proved
            || share < needed
            || known_before > stays.len() / 5
            || returns * 2 > stays.len()
        {
            return None;
        }
        let doubt: f64 = signals
            .iter()
            .map(|signal| {
                let pages = evidence.iter().filter(|piece| piece.signal == *signal);
                let pages: BTreeSet<usize> = pages.map(|piece| piece.page).collect();
                (1.0 - signal.weight()).powf(1.0 + (pages.len() as f64).log2())
            })
            .product();
        let first = evidence.iter().filter(|p| p.before.is_some() && stays.contains_key(&p.page));
        let first = first.min_by_key(|piece| (&piece.first, std::cmp::Reverse(&piece.last)))?;
        // The old name may have been seen elsewhere nearer to the first day of the new one.
        let latest = first.first.clone();
        let seen = evidence.iter().filter(|p| p.before.is_some() && p.last <= latest);
        let earliest = seen.map(|piece| &piece.last).max().unwrap_or(&first.last).clone();
        Some(Observed {
            kind: self.said(before, after),
            before,
            after,
            earliest,
            latest,
            score: ((1.0 - doubt) * share * 100.0).round() as u32,
            evidence,
        })
    }
}

/// A portal is not its product, nor a brand what is sold under it, whatever labels say.
fn comparable(before: ProductKind, after: ProductKind) -> bool {
    class(before) == class(after)
}

const BRAND: u8 = 2;

fn class(kind: ProductKind) -> u8 {
    match kind {
        ProductKind::Portal => 1,
        ProductKind::Brand | ProductKind::Company | ProductKind::Family => BRAND,
        _ => 0,
    }
}

/// A number of days that grows as time does: months count as long ones, which is near enough.
fn days(day: &str) -> u32 {
    let number = |range: std::ops::Range<usize>| day[range].parse::<u32>().unwrap_or(0);
    number(0..4) * 372 + number(5..7) * 31 + number(8..10)
}

/// Several changes of one name: the strongest holds, or it is a split or a merge where no
/// page says what it is.
fn tell_apart(found: &mut Vec<Observed>, gathered: &Gathered) {
    let strength = |change: &Observed| {
        let pages: BTreeSet<usize> = change.evidence.iter().map(|piece| piece.page).collect();
        pages.len()
    };
    let side_by_side = |a: Era, b: Era| {
        let pages = |era| gathered.uses.get(&era).map(|uses| uses.keys().collect::<BTreeSet<_>>());
        match (pages(a), pages(b)) {
            (Some(a), Some(b)) => a.intersection(&b).count() >= PAGES,
            _ => false,
        }
    };
    let mut weak = BTreeSet::new();
    for i in 0..found.len() {
        for j in 0..found.len() {
            let (a, b) = (&found[i], &found[j]);
            if i == j || (a.before != b.before && a.after != b.after) {
                continue;
            }
            if strength(b) * 4 < strength(a) {
                weak.insert(j);
            }
        }
    }
    let mut index = 0;
    found.retain(|_| {
        index += 1;
        !weak.contains(&(index - 1))
    });
    let ends: Vec<(Era, Era)> = found.iter().map(|change| (change.before, change.after)).collect();
    for change in found.iter_mut() {
        let others = ends.iter().filter(|(before, after)| {
            *after == change.after
                && *before != change.before
                && side_by_side(*before, change.before)
        });
        let parts = ends.iter().filter(|(before, after)| {
            *before == change.before && *after != change.after && side_by_side(*after, change.after)
        });
        if change.kind != ChangeKind::Renamed {
            continue;
        }
        if others.count() > 0 {
            change.kind = ChangeKind::Merged;
        } else if parts.count() > 0 {
            change.kind = ChangeKind::Split;
        }
    }
}
