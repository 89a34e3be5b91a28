//! Reads the dated texts of each page for what points from one name to another.

use std::collections::{BTreeMap, BTreeSet};

use super::{At, Era, Evidence, Frame, Gathered, Named, Signal, Text, Usage};
use crate::catalog::{Catalog, NameId};
use crate::link::Placed;
use crate::source::Interval;

/// Reads every page, and then the addresses.
pub fn gather<'a>(
    catalog: &Catalog,
    placed: &'a Placed,
    usage: &BTreeMap<usize, Usage>,
) -> Gathered<'a> {
    let reader = Reader { catalog, placed, usage };
    let mut gathered = Gathered::of(placed);
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

/// A name where a text has it, in the time of the text.
#[derive(Clone, Copy)]
struct Spot {
    name: NameId,
    era: Era,
    segment: u32,
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

    fn page(&self, page: usize, gathered: &mut Gathered<'_>) {
        let timeline = self.timeline(page);
        let locale = &self.placed.pages[page].locale;
        for &(interval, version) in &timeline {
            let text = self.text(interval, version);
            if gathered.ends.get(locale).is_none_or(|known| known < interval.last()) {
                gathered.ends.insert(locale.clone(), interval.last().clone());
            }
            for &era in &text.eras {
                gathered.pages_with.entry(era).or_default().insert(page);
            }
            gathered.texts[page].push(text);
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

    fn text(&self, interval: &Interval, version: usize) -> Text {
        let mut text = Text {
            version,
            from: interval.from.clone(),
            until: interval.until.clone(),
            eras: BTreeSet::new(),
            says: BTreeSet::new(),
        };
        let Some(usage) = self.usage.get(&version) else { return text };
        let day = interval.from.day();
        let names = usage.frames.iter().flat_map(|frame| &frame.names);
        text.eras.extend(names.filter_map(|&named| self.era(named, day)));
        text.says.extend(
            usage
                .formerly
                .iter()
                .filter_map(|said| Some((self.era(said.before, day)?, self.era(said.after, day)?))),
        );
        text
    }

    /// Compares two texts of a page that follow one another.
    fn step(
        &self,
        page: usize,
        (earlier, old): (&Interval, usize),
        (later, new): (&Interval, usize),
        gathered: &mut Gathered<'_>,
    ) {
        let (Some(was), Some(is)) = (self.usage.get(&old), self.usage.get(&new)) else { return };
        let day = later.from.day();
        let last = earlier.last();
        let mut exchanges: Vec<(Signal, Spot, Spot)> = Vec::new();
        for (old, new) in self.same_places(&was.frames, &is.frames) {
            let (old, new) = (self.spots(old, day), self.spots(new, day));
            for (before, after) in old.iter().zip(&new) {
                // A name that only moved within its block took no other's place.
                let is_gone = new.iter().all(|spot| spot.era != before.era);
                let is_new = old.iter().all(|spot| spot.era != after.era);
                if is_gone && is_new {
                    exchanges.push((Signal::Text, *before, *after));
                }
            }
        }
        let title = |usage: &Usage| {
            let titles = usage.frames.iter().find(|frame| frame.is_title);
            titles.map(|frame| self.spots(frame, day)).unwrap_or_default()
        };
        let exchange = exchanged(&title(was), &title(is));
        exchanges.extend(exchange.map(|(before, after)| (Signal::Title, before, after)));
        let swap = self.swapped(was, is, day);
        exchanges.extend(swap.map(|(before, after)| (Signal::Text, before, after)));
        let labels = |usage: &Usage| {
            let mut by_target: BTreeMap<u64, Vec<Spot>> = BTreeMap::new();
            for label in &usage.labels {
                let spot = self.spot(label.named, label.segment, day);
                by_target.entry(label.target).or_default().extend(spot);
            }
            by_target
        };
        let now = labels(is);
        for (target, was) in labels(was) {
            let exchange = now.get(&target).and_then(|is| exchanged(&was, is));
            exchanges.extend(exchange.map(|(before, after)| (Signal::Label, before, after)));
        }
        let mut found: BTreeMap<(Era, Era, Signal), (u32, u32)> = BTreeMap::new();
        for (signal, before, after) in &exchanges {
            if !self.follows_brand(before, after, &exchanges) {
                found
                    .entry((before.era, after.era, *signal))
                    .or_insert((before.segment, after.segment));
            }
        }
        for ((before, after, signal), (at, to)) in found {
            let piece = Evidence {
                first: later.from.clone(),
                last: last.clone(),
                signal,
                page,
                before: Some(At { version: old, segment: at }),
                after: At { version: new, segment: to },
            };
            gathered.add(before, after, piece);
        }
    }

    /// Blocks of two texts with the same words around other names. Words that stand there several
    /// times are matched in the order of the page, after those whose names stayed.
    fn same_places<'b>(&self, was: &'b [Frame], is: &'b [Frame]) -> Vec<(&'b Frame, &'b Frame)> {
        let by_words = |frames: &'b [Frame]| {
            let mut by_words: BTreeMap<(u64, usize), Vec<&Frame>> = BTreeMap::new();
            for frame in frames {
                by_words.entry((frame.words, frame.names.len())).or_default().push(frame);
            }
            by_words
        };
        let mut now = by_words(is);
        let mut pairs = Vec::new();
        for (key, mut old) in by_words(was) {
            let Some(mut new) = now.remove(&key) else { continue };
            old.retain(|old| {
                let same = new.iter().position(|new| new.names == old.names);
                same.is_none_or(|at| {
                    new.remove(at);
                    false
                })
            });
            let all_same = |frames: &[&Frame]| frames.windows(2).all(|w| w[0].names == w[1].names);
            // If some were added or taken away, nobody can say which became which; nor if a list
            // is in the order of the alphabet, where a new name goes to another line.
            let is_clear = all_same(&old) && all_same(&new);
            let is_sorted = old.iter().any(|frame| frame.is_bare)
                && self.is_sorted(&old)
                && self.is_sorted(&new);
            if is_clear || old.len() == new.len() && !is_sorted {
                pairs.extend(old.into_iter().zip(new));
            }
        }
        pairs
    }

    fn is_sorted(&self, frames: &[&Frame]) -> bool {
        let text = |frame: &&Frame| {
            let name = self.catalog.products.name(frame.names[0].name);
            name.text.to_lowercase()
        };
        frames.iter().map(text).is_sorted()
    }

    fn spot(&self, named: Named, segment: u32, day: &str) -> Option<Spot> {
        Some(Spot { name: named.name, era: self.era(named, day)?, segment })
    }

    fn spots(&self, frame: &Frame, day: &str) -> Vec<Spot> {
        frame.names.iter().filter_map(|&named| self.spot(named, frame.segment, day)).collect()
    }

    /// Whether one name differs from the other by a brand alone, which the same edit replaced on
    /// its own too: whoever did that did not speak of the product.
    fn follows_brand(&self, before: &Spot, after: &Spot, all: &[(Signal, Spot, Spot)]) -> bool {
        let text = |spot: &Spot| self.catalog.products.name(spot.name).text.as_str();
        let is_brand = |spot: &Spot| self.catalog.products.get(spot.era.product).kind.is_brand();
        all.iter().any(|(_, old, new)| {
            is_brand(old)
                && is_brand(new)
                && old.era != before.era
                && text(before).replace(text(old), text(new)) == text(after)
        })
    }

    /// The one name that went from a page for good, and the one that came, if both are used often.
    fn swapped(&self, was: &Usage, is: &Usage, day: &str) -> Option<(Spot, Spot)> {
        let count = |usage: &Usage| {
            let mut counts: BTreeMap<Era, (usize, Spot)> = BTreeMap::new();
            for spot in usage.frames.iter().flat_map(|frame| self.spots(frame, day)) {
                counts.entry(spot.era).or_insert((0, spot)).0 += 1;
            }
            counts
        };
        let (was, is) = (count(was), count(is));
        let mut gone = was.iter().filter(|(era, _)| !is.contains_key(era));
        let mut come = is.iter().filter(|(era, _)| !was.contains_key(era));
        match (gone.next(), gone.next(), come.next(), come.next()) {
            (Some((_, (before, old))), None, Some((_, (after, new))), None)
                if *before > 1 && *after > 1 =>
            {
                Some((*old, *new))
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
        gathered: &mut Gathered<'_>,
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
            let document = self.placed.pages[page].document;
            kinds.entry(sentence.kind).or_default().insert(document);
            let piece = Evidence {
                first: interval.from.clone(),
                last: interval.from.clone(),
                signal: Signal::Sentence,
                page,
                before: None,
                after: At { version, segment: sentence.segment },
            };
            gathered.add(before, after, piece);
        }
    }

    /// Addresses made of names: redirects from one to the other, and pages that keep an old one.
    fn addresses(&self, gathered: &mut Gathered<'_>) {
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
                    let piece = Evidence {
                        first: since.from.clone(),
                        last: since.from.clone(),
                        signal: Signal::Address,
                        page: index,
                        before: None,
                        after: At { version, segment: title.segment },
                    };
                    gathered.add(before, after, piece);
                }
            }
        }
    }
}

/// The one name that is not there any more, and the one that is new.
fn exchanged(was: &[Spot], is: &[Spot]) -> Option<(Spot, Spot)> {
    let only = |these: &[Spot], those: &[Spot]| -> Option<Spot> {
        let mut alone = these.iter().filter(|spot| those.iter().all(|s| s.era != spot.era));
        let first = alone.next()?;
        alone.all(|spot| spot.era == first.era).then_some(*first)
    };
    Some((only(was, is)?, only(is, was)?))
}
