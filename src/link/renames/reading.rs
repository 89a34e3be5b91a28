//! Reads the dated texts of each page for what points from one name to another.

use std::collections::{BTreeMap, BTreeSet};

use super::{At, Era, Evidence, Frame, Gathered, Named, Signal, Usage, Use};
use crate::catalog::Catalog;
use crate::link::Placed;
use crate::source::Interval;

/// Reads every page, and then the addresses.
pub fn gather(catalog: &Catalog, placed: &Placed, usage: &BTreeMap<usize, Usage>) -> Gathered {
    let reader = Reader { catalog, placed, usage };
    let mut gathered = Gathered::default();
    for page in 0..placed.pages.len() {
        reader.page(page, &mut gathered);
    }
    reader.addresses(&mut gathered);
    gathered
}

struct Reader<'a> {
    catalog: &'a Catalog,
    placed: &'a Placed,
    usage: &'a BTreeMap<usize, Usage>,
}

/// The texts of a page that were published, in the order of time.
type Timeline<'a> = Vec<(&'a Interval, usize)>;

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
            let kinds = gathered.kinds.entry((before, after)).or_default();
            *kinds.entry(sentence.kind).or_default() += 1;
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
