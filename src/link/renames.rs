//! Products that changed their names, inferred from dated pages alone.
//!
//! Two texts of one page that follow one another are compared: where one name stands in the place
//! of another, something may have been renamed. One such place proves little: pages are relabelled,
//! reverted, and searched and replaced blindly. So places are counted over pages, signals of
//! different kinds are told apart, and what goes on under its old name was not renamed. The
//! registry says which names belong together, never how they followed one another.

use std::collections::{BTreeMap, BTreeSet};

use super::Placed;
use crate::catalog::products::ProductKind;
use crate::catalog::{Catalog, NameId, ProductId};
use crate::source::{Interval, Moment, Span};

/// A name as a text uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    pub name: NameId,
    pub product: ProductId,
}

/// A block with names: the words around them, and the names in order.
#[derive(Clone, Debug)]
pub struct Frame {
    pub words: u64,
    /// There are enough words around the names to know the block again by.
    pub is_telling: bool,
    /// Counted from 1.
    pub segment: u32,
    pub line: u32,
    pub span: Span,
    pub is_title: bool,
    pub names: Vec<Named>,
}

/// A link whose label names one product.
#[derive(Clone, Debug)]
pub struct Label {
    /// Digest of the address, without fragment.
    pub target: u64,
    pub named: Named,
    pub segment: u32,
}

/// A sentence that says that one name became another.
#[derive(Clone, Debug)]
pub struct Formerly {
    pub before: Named,
    pub after: Named,
    pub segment: u32,
}

/// How a version uses names.
#[derive(Clone, Debug, Default)]
pub struct Usage {
    pub frames: Vec<Frame>,
    pub labels: Vec<Label>,
    pub formerly: Vec<Formerly>,
}

/// What a product is called in one of its times: all its names of that time are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Era {
    pub product: ProductId,
    pub era: u32,
}

/// Where a change shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Signal {
    /// The title of one page.
    Title,
    /// Words that stayed, around a name that changed; or a page that has the one name for the other.
    Text,
    /// The labels of links to one address.
    Label,
    /// A page's address, or a redirect, made of the names.
    Address,
    /// A sentence says it.
    Sentence,
}

impl Signal {
    pub fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Text => "text",
            Self::Label => "label",
            Self::Address => "address",
            Self::Sentence => "sentence",
        }
    }

    /// How much one page proves; a sentence can be rewritten by whoever replaced the names.
    fn weight(self) -> f64 {
        match self {
            Self::Title | Self::Label | Self::Address => 0.5,
            Self::Sentence => 0.6,
            Self::Text => 0.3,
        }
    }
}

/// A place in a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    pub version: usize,
    pub segment: u32,
}

/// One page on which one name took the place of another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// The first moment of the new name; of a sentence or an address, when it was first there.
    pub first: Moment,
    /// The last moment of the old name on the page.
    pub last: Moment,
    pub signal: Signal,
    pub page: usize,
    pub before: Option<At>,
    pub after: At,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Rename,
    /// Several products that were used side by side became one.
    Merge,
    /// One became several.
    Split,
}

/// A change that pages show.
#[derive(Clone, Debug)]
pub struct Observed {
    pub kind: Kind,
    pub before: Era,
    pub after: Era,
    pub earliest: Moment,
    pub latest: Moment,
    /// Hundredths.
    pub score: u32,
    /// In the order of time.
    pub evidence: Vec<Evidence>,
}

/// How long a new name must stay, in days, before it counts by itself.
const STAYS: u32 = 60;
/// On how many pages.
const PAGES: usize = 3;
/// How long before a change, in days, a name must not have been in use to be new.
const NEW: u32 = 90;

/// The texts of a page that were published, in the order of time.
type Timeline<'a> = Vec<(&'a Interval, usize)>;

/// All changes that the pages show, in the order of what they change.
pub fn observed(
    catalog: &Catalog,
    placed: &Placed,
    usage: &BTreeMap<usize, Usage>,
) -> Vec<Observed> {
    let reader = Reader { catalog, placed, usage };
    let mut gathered = Gathered::default();
    for page in 0..placed.pages.len() {
        reader.page(page, &mut gathered);
    }
    reader.addresses(&mut gathered);
    let mut found: Vec<Observed> = gathered
        .evidence
        .keys()
        .filter_map(|&(before, after)| gathered.judge(catalog, before, after))
        .collect();
    tell_apart(&mut found, &gathered);
    found
}

struct Reader<'a> {
    catalog: &'a Catalog,
    placed: &'a Placed,
    usage: &'a BTreeMap<usize, Usage>,
}

/// When a page had a name.
#[derive(Clone, Debug)]
struct Use {
    first: Moment,
    /// The page's last text has it.
    goes_on: bool,
}

#[derive(Default)]
struct Gathered {
    evidence: BTreeMap<(Era, Era), Vec<Evidence>>,
    uses: BTreeMap<Era, BTreeMap<usize, Use>>,
    /// When the last text of each page began.
    last_text: BTreeMap<usize, Moment>,
    end: Option<Moment>,
}

impl Reader<'_> {
    fn era(&self, named: Named, day: &str) -> Option<Era> {
        let uses = self.catalog.products.name(named.name).uses.iter();
        let of_product = uses.filter(|usage| usage.product == named.product);
        // A name that came back is that of the time in which it is read.
        let nearest = of_product.min_by_key(|usage| {
            let begun = usage.from.as_ref().is_none_or(|from| from.as_str() <= day);
            let over = usage.until.as_ref().is_some_and(|until| until.as_str() <= day);
            (usage.kind, !begun || over, std::cmp::Reverse(usage.era))
        });
        nearest.map(|usage| Era { product: named.product, era: usage.era })
    }

    fn timeline(&self, page: usize) -> Timeline<'_> {
        let mut timeline: Timeline<'_> = self.placed.pages[page]
            .versions
            .iter()
            .copied()
            .filter(|&version| {
                let known = &self.placed.versions[version];
                known.available() && known.edition_of.is_none() && !known.unpublished
            })
            .flat_map(|version| {
                self.placed.versions[version].intervals.iter().map(move |i| (i, version))
            })
            .collect();
        timeline.sort();
        timeline
    }

    fn page(&self, page: usize, gathered: &mut Gathered) {
        let timeline = self.timeline(page);
        let Some(&(last, _)) = timeline.last() else { return };
        gathered.last_text.insert(page, last.from.clone());
        let newest = last.until.as_ref().unwrap_or(&last.from);
        gathered.end = gathered.end.take().max(Some(newest.clone()));
        for (position, &(interval, version)) in timeline.iter().enumerate() {
            let Some(usage) = self.usage.get(&version) else { continue };
            let is_last = position + 1 == timeline.len();
            for frame in &usage.frames {
                for &named in &frame.names {
                    let Some(era) = self.era(named, interval.from.day()) else { continue };
                    let known = gathered.uses.entry(era).or_default().entry(page);
                    let known = known
                        .or_insert_with(|| Use { first: interval.from.clone(), goes_on: false });
                    known.goes_on |= is_last;
                }
            }
        }
        let mut said = BTreeSet::new();
        if let Some(&(interval, version)) = timeline.first() {
            self.sentences(page, interval, version, None, &mut said, gathered);
        }
        for pair in timeline.windows(2) {
            let [(earlier, old), (later, new)] = pair else { continue };
            if old != new {
                self.step(page, (earlier, *old), (later, *new), gathered);
                self.sentences(page, later, *new, Some(*old), &mut said, gathered);
            }
        }
    }

    /// Compares two texts of a page that follow one another.
    fn step(
        &self,
        page: usize,
        (earlier, old): (&Interval, usize),
        (later, new): (&Interval, usize),
        gathered: &mut Gathered,
    ) {
        let (Some(was), Some(is)) = (self.usage.get(&old), self.usage.get(&new)) else { return };
        let day = later.from.day();
        let first = later.from.clone();
        // Only a commit says to the moment when a text ended; else it was last seen when it began.
        let last = match &earlier.until {
            Some(until) if until.commit.is_some() => until.clone(),
            _ => earlier.from.clone(),
        };
        let mut found: BTreeMap<(Era, Era, Signal), (u32, u32)> = BTreeMap::new();
        let mut note = |before: Named, after: Named, signal, segments: (u32, u32)| {
            if let (Some(before), Some(after)) = (self.era(before, day), self.era(after, day))
                && before != after
            {
                found.entry((before, after, signal)).or_insert(segments);
            }
        };
        let mut frames: BTreeMap<u64, Vec<&Frame>> = BTreeMap::new();
        for frame in &was.frames {
            frames.entry(frame.words).or_default().push(frame);
        }
        for frame in is.frames.iter().filter(|frame| frame.is_telling) {
            let same_words = frames.get(&frame.words).map_or(&[][..], Vec::as_slice);
            let same_shape = |old: &&&Frame| old.names.len() == frame.names.len();
            // The same text may stand there several times, changed in one place alone.
            let Some(old) = same_words.iter().filter(same_shape).min_by_key(|old| {
                old.names.iter().zip(&frame.names).filter(|(a, b)| a != b).count()
            }) else {
                continue;
            };
            for (&before, &after) in old.names.iter().zip(&frame.names) {
                note(before, after, Signal::Text, (old.segment, frame.segment));
            }
        }
        // Of lines that are hardly more than a name, one must have changed and no other.
        let bare = |usage: &Usage| {
            let mut by_words: BTreeMap<u64, Vec<(Named, u32)>> = BTreeMap::new();
            for frame in usage.frames.iter().filter(|frame| !frame.is_telling) {
                let names = frame.names.iter().map(|&named| (named, frame.segment));
                by_words.entry(frame.words).or_default().extend(names);
            }
            by_words
        };
        let now = bare(is);
        for (words, was) in bare(was) {
            let Some(is) = now.get(&words) else { continue };
            if let Some((before, after)) = exchanged(&names_of(&was), &names_of(is)) {
                let at = |named: &[(Named, u32)], name| {
                    named.iter().find(|(n, _)| *n == name).map_or(1, |(_, segment)| *segment)
                };
                note(before, after, Signal::Text, (at(&was, before), at(is, after)));
            }
        }
        let title = |usage: &Usage| {
            usage.frames.iter().find(|frame| frame.is_title).map(|f| (f.names.clone(), f.segment))
        };
        if let (Some((was, at)), Some((is, to))) = (title(was), title(is))
            && let Some((before, after)) = exchanged(&was, &is)
        {
            note(before, after, Signal::Title, (at, to));
        }
        let names = |usage: &Usage| {
            let all = usage.frames.iter().flat_map(|frame| &frame.names).copied();
            all.collect::<Vec<Named>>()
        };
        if let Some((before, after)) = self.swapped(&names(was), &names(is), day) {
            let at = |usage: &Usage, named| {
                let has = |frame: &&Frame| frame.names.contains(&named);
                usage.frames.iter().find(has).map_or(1, |frame| frame.segment)
            };
            note(before, after, Signal::Text, (at(was, before), at(is, after)));
        }
        let labels = |usage: &Usage| {
            let mut by_target: BTreeMap<u64, Vec<(Named, u32)>> = BTreeMap::new();
            for label in &usage.labels {
                by_target.entry(label.target).or_default().push((label.named, label.segment));
            }
            by_target
        };
        let now = labels(is);
        for (target, was) in labels(was) {
            let Some(is) = now.get(&target) else { continue };
            if let Some((before, after)) = exchanged(&names_of(&was), &names_of(is)) {
                note(before, after, Signal::Label, (was[0].1, is[0].1));
            }
        }
        for ((before, after, signal), (at, to)) in found {
            gathered.evidence.entry((before, after)).or_default().push(Evidence {
                first: first.clone(),
                last: last.clone(),
                signal,
                page,
                before: Some(At { version: old, segment: at }),
                after: At { version: new, segment: to },
            });
        }
    }

    /// The one name that went from a page for good, and the one that came, if both are used often.
    fn swapped(&self, was: &[Named], is: &[Named], day: &str) -> Option<(Named, Named)> {
        let count = |names: &[Named]| {
            let mut counts: BTreeMap<Era, (usize, Named)> = BTreeMap::new();
            for &named in names {
                if let Some(era) = self.era(named, day) {
                    counts.entry(era).or_insert((0, named)).0 += 1;
                }
            }
            counts
        };
        let (was, is) = (count(was), count(is));
        let gone: Vec<_> = was.iter().filter(|(era, _)| !is.contains_key(era)).collect();
        let come: Vec<_> = is.iter().filter(|(era, _)| !was.contains_key(era)).collect();
        match (gone.as_slice(), come.as_slice()) {
            ([(_, (before_count, before))], [(_, (after_count, after))])
                if *before_count > 1 && *after_count > 1 =>
            {
                Some((*before, *after))
            }
            _ => None,
        }
    }

    /// What sentences of a text say that those before it did not.
    fn sentences(
        &self,
        page: usize,
        interval: &Interval,
        version: usize,
        previous: Option<usize>,
        said: &mut BTreeSet<(Era, Era)>,
        gathered: &mut Gathered,
    ) {
        let Some(usage) = self.usage.get(&version) else { return };
        let day = interval.from.day();
        for sentence in &usage.formerly {
            let (Some(before), Some(after)) =
                (self.era(sentence.before, day), self.era(sentence.after, day))
            else {
                continue;
            };
            if before == after || !said.insert((before, after)) {
                continue;
            }
            // A sentence about other names, in which names were replaced, says nothing true.
            let words =
                usage.frames.iter().find(|f| f.segment == sentence.segment).map(|f| f.words);
            let was_there =
                previous.and_then(|previous| self.usage.get(&previous)).is_some_and(|previous| {
                    previous.frames.iter().any(|frame| Some(frame.words) == words)
                });
            if was_there {
                continue;
            }
            gathered.evidence.entry((before, after)).or_default().push(Evidence {
                first: interval.from.clone(),
                last: interval.from.clone(),
                signal: Signal::Sentence,
                page,
                before: None,
                after: At { version, segment: sentence.segment },
            });
        }
    }

    /// Addresses made of names: redirects from one to the other, and pages that keep an old one.
    fn addresses(&self, gathered: &mut Gathered) {
        let mut by_slug: BTreeMap<&str, BTreeSet<Era>> = BTreeMap::new();
        for (_, name) in self.catalog.products.names_by_id().filter(|(_, name)| name.lang == "en") {
            for usage in &name.uses {
                let era = Era { product: usage.product, era: usage.era };
                by_slug.entry(&name.slug).or_default().insert(era);
            }
        }
        let in_path = |path: &str| -> BTreeSet<Era> {
            path.split('/').filter_map(|part| by_slug.get(part)).flatten().copied().collect()
        };
        let pairs: Vec<(Era, Era)> = gathered.evidence.keys().copied().collect();
        for (index, page) in self.placed.pages.iter().enumerate() {
            let document = &self.placed.documents[page.document];
            let eras: Vec<BTreeSet<Era>> =
                document.paths.iter().map(|path| in_path(path)).collect();
            let timeline = self.timeline(index);
            let Some(&(interval, version)) = timeline.last() else { continue };
            let Some(usage) = self.usage.get(&version) else { continue };
            let Some(title) = usage.frames.iter().find(|frame| frame.is_title) else { continue };
            let day = interval.from.day();
            let titled: BTreeSet<Era> =
                title.names.iter().filter_map(|&named| self.era(named, day)).collect();
            for &(before, after) in &pairs {
                // The address still has the old name, or had it before it got the new one.
                let keeps = titled.contains(&after)
                    && eras.iter().any(|path| path.contains(&before) && !path.contains(&after));
                if keeps {
                    let since = timeline.iter().find(|(_, version)| {
                        self.usage.get(version).is_some_and(|usage| {
                            let mut titles = usage.frames.iter().filter(|frame| frame.is_title);
                            titles.any(|frame| {
                                let names = frame.names.iter();
                                names.filter_map(|&n| self.era(n, day)).any(|era| era == after)
                            })
                        })
                    });
                    let (since, version) = since.copied().unwrap_or((interval, version));
                    gathered.evidence.entry((before, after)).or_default().push(Evidence {
                        first: since.from.clone(),
                        last: since.from.clone(),
                        signal: Signal::Address,
                        page: index,
                        before: None,
                        after: At { version, segment: title.segment },
                    });
                }
            }
        }
    }
}

fn names_of(named: &[(Named, u32)]) -> Vec<Named> {
    named.iter().map(|(named, _)| *named).collect()
}

/// The one name that is not there any more, and the one that is new.
fn exchanged(was: &[Named], is: &[Named]) -> Option<(Named, Named)> {
    let only = |these: &[Named], those: &[Named]| -> Option<Named> {
        let mut names: Vec<Named> =
            these.iter().filter(|named| !those.contains(named)).copied().collect();
        names.sort();
        names.dedup();
        match names.as_slice() {
            [named] => Some(*named),
            _ => None,
        }
    };
    Some((only(was, is)?, only(is, was)?))
}

impl Gathered {
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
            kind: Kind::Rename,
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

/// Several changes of one name: the strongest holds, or it is a split or a merge.
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
        if others.count() > 0 {
            change.kind = Kind::Merge;
        } else if parts.count() > 0 {
            change.kind = Kind::Split;
        }
    }
}

/// What the registry says of a change that pages show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Registry {
    Agrees,
    /// It knows no change from the one to the other.
    Silent,
    /// It has them the other way round.
    Reversed,
    /// It has a later day.
    Later(String),
}

/// Compares a change that pages show with the registry's changes.
pub fn registry(catalog: &Catalog, change: &Observed) -> Registry {
    let steps = |from: Era| {
        let known = catalog.products.changes().iter();
        known.filter(move |known| known.from.product == from.product && known.from.era == from.era)
    };
    let leads = |from: Era, to: Era| {
        let mut seen = BTreeSet::from([from]);
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            for known in steps(at) {
                let next = Era { product: known.to.product, era: known.to.era };
                if next == to {
                    return true;
                }
                if seen.insert(next) {
                    open.push(next);
                }
            }
        }
        false
    };
    let direct = steps(change.before)
        .find(|known| known.to.product == change.after.product && known.to.era == change.after.era);
    if let Some(date) = direct.and_then(|known| known.date.as_ref())
        && change.latest.day() < &*date.earliest()
    {
        return Registry::Later(date.as_str().to_owned());
    }
    if direct.is_some() || leads(change.before, change.after) {
        Registry::Agrees
    } else if leads(change.after, change.before) {
        Registry::Reversed
    } else {
        Registry::Silent
    }
}

/// First and last day on which each name was seen in a dated text.
#[derive(Clone, Debug, Default)]
pub struct Sightings {
    days: BTreeMap<NameId, (String, String)>,
}

impl Sightings {
    pub fn add(&mut self, name: NameId, day: &str) {
        let (first, last) =
            self.days.entry(name).or_insert_with(|| (day.to_owned(), day.to_owned()));
        if day < first.as_str() {
            day.clone_into(first);
        }
        if day > last.as_str() {
            day.clone_into(last);
        }
    }

    pub fn days(&self, name: NameId) -> Option<(&str, &str)> {
        self.days.get(&name).map(|(first, last)| (first.as_str(), last.as_str()))
    }
}
