//! Which segment of its source each segment of a translation was made from.
//!
//! Sees skeletons, made in `object`: of each block a few small numbers and hashes, never a text.
//! What the English side of a bilingual text says, its monolingual twin learns from it; a page
//! without one is matched by its anchors and its structure.

use std::collections::BTreeMap;

use super::Placed;
use crate::survey::Surveyed;

mod matching;
#[cfg(test)]
mod tests;

/// What alignment must know of a text. Segments next to each other in one block are one element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skeleton {
    pub elements: Vec<Element>,
    /// Elements with a hash of each of their fragments, ascending.
    pub anchors: Vec<(u32, u32)>,
}

/// A block, in 24 bytes. A hash is 0 where there is nothing to hash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// How many segments it has.
    pub segments: u32,
    /// In characters, of the English side where there is one; no more than fit.
    pub length: u16,
    pub shape: Shape,
    /// Hash of the letters and digits of the text.
    pub text: u32,
    /// The same of the text in the language of the source, where it is known.
    pub source_text: u32,
    /// A bit for each number, name, piece of code and link: what translation leaves as it is.
    pub sketch: u64,
}

/// What a block is, whatever it says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    pub kind: Kind,
    /// Level of a heading, depth in lists, or number of cells.
    pub level: u8,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    Heading,
    #[default]
    Paragraph,
    Item,
    HeaderRow,
    Row,
    Html,
    Code,
}

impl Shape {
    /// How much two shapes speak for being one block in two languages.
    fn likeness(self, other: Self) -> i32 {
        match (self.kind, other.kind) {
            (a, b) if a == b && self.level == other.level => 10,
            (Kind::Heading, Kind::Heading) => -10,
            (a, b) if a == b => 2,
            // Machine translation loses the mark of an item, or finds one.
            (Kind::Paragraph, Kind::Item | Kind::Html)
            | (Kind::Item | Kind::Html, Kind::Paragraph) => 0,
            (Kind::HeaderRow, Kind::Row) | (Kind::Row, Kind::HeaderRow) => -10,
            _ => -30,
        }
    }
}

/// How a pair was found, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// The unit, or the block that it stands in, has the very words of the source.
    Unit,
    Anchor,
    /// It stands in the same place between others, with the same numbers, names, code or links.
    Content,
    /// It stands in the same place between others.
    Structure,
}

impl Rule {
    pub const ALL: [Self; 4] = [Self::Unit, Self::Anchor, Self::Content, Self::Structure];
}

impl Skeleton {
    fn is_bilingual(&self) -> bool {
        self.elements.iter().any(|element| element.source_text != 0)
    }

    fn fragments(&self, element: usize) -> &[(u32, u32)] {
        let of = |limit: usize| self.anchors.partition_point(|(i, _)| (*i as usize) < limit);
        &self.anchors[of(element)..of(element + 1)]
    }

    fn shares_anchor(&self, element: usize, other: &Self, its: usize) -> bool {
        let theirs = other.fragments(its);
        let is_theirs = |anchor: u32| theirs.iter().any(|(_, other)| *other == anchor);
        !theirs.is_empty() && self.fragments(element).iter().any(|(_, anchor)| is_theirs(*anchor))
    }

    /// The number of the first segment of each element, counted from 1.
    fn numbers(&self) -> Vec<u32> {
        let after = |last: &mut u32, element: &Element| {
            let first = *last + 1;
            *last += element.segments;
            Some(first)
        };
        self.elements.iter().scan(0, after).collect()
    }

    /// Takes over what a bilingual text in the same language says of the source, where both say
    /// the same.
    fn learn(&mut self, bilingual: &Self) {
        let partners = matching::same_words(self, bilingual);
        for (own, partner) in self.elements.iter_mut().zip(partners) {
            let known = partner.map(|partner| bilingual.elements[partner]);
            if let Some(known) = known.filter(|_| own.source_text == 0) {
                *own = Element { segments: own.segments, text: own.text, ..known };
            }
        }
    }
}

/// What each version has to do with alignment.
#[derive(Debug, Default)]
pub struct Roles {
    /// By version: whether it is a translation that can be aligned, or the source of one.
    takes_part: Vec<bool>,
    /// Bilingual versions with the source that is not at hand, and whose text they give back.
    recovers: BTreeMap<usize, usize>,
}

impl Roles {
    pub fn takes_part(&self, version: usize) -> bool {
        self.takes_part[version]
    }

    /// The source whose text this version gives back.
    pub fn recovers(&self, version: usize) -> Option<usize> {
        self.recovers.get(&version).copied()
    }
}

/// A source that is not at hand is given back by one bilingual text that was made from it: of
/// several the newest, which a later pipeline made.
pub fn roles(placed: &Placed, surveyed: &[Surveyed]) -> Roles {
    let versions = &placed.versions;
    let mut best: BTreeMap<usize, usize> = BTreeMap::new();
    for (index, version) in versions.iter().enumerate() {
        let Some((source, _)) = version.source else { continue };
        let is_bilingual = version.units.first().is_some_and(|unit| surveyed[*unit].bilingual);
        if versions[source].available() || !is_bilingual {
            continue;
        }
        let since = |version: usize| (versions[version].since(), std::cmp::Reverse(version));
        let known = best.entry(source).or_insert(index);
        if since(index) > since(*known) {
            *known = index;
        }
    }
    let mut takes_part = vec![false; versions.len()];
    for (index, version) in versions.iter().enumerate().filter(|(_, v)| v.available()) {
        let Some((source, _)) = version.source else { continue };
        let available = versions[source].available();
        if available || best.contains_key(&source) {
            takes_part[index] = true;
            takes_part[source] |= available;
        }
    }
    Roles { takes_part, recovers: best.into_iter().map(|(source, from)| (from, source)).collect() }
}

/// A segment of a translation with that of its source, both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aligned {
    pub segment: u32,
    pub source_segment: u32,
    pub rule: Rule,
}

/// A translation, aligned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alignment {
    pub pairs: Vec<Aligned>,
    /// How many segments the translation has.
    pub segments: u32,
}

/// The skeletons of all versions that take part.
#[derive(Debug, Default)]
pub struct Skeletons {
    pub of: BTreeMap<usize, Skeleton>,
    /// Of sources that are not at hand, with the version that gave them back.
    pub recovered: BTreeMap<usize, (usize, Skeleton)>,
}

/// A version with the source that it was made from.
#[derive(Clone, Debug)]
pub struct Translation {
    pub version: usize,
    pub source: usize,
    /// Bilingual texts of the same page that were made from the same source: its own twin first.
    bridges: Vec<usize>,
}

impl Skeletons {
    pub fn translations(&self, placed: &Placed) -> Vec<Translation> {
        let source = |version: usize| placed.versions[version].source.map(|(source, _)| source);
        let mut bilingual: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for (&version, _) in self.of.iter().filter(|(_, skeleton)| skeleton.is_bilingual()) {
            if let Some(source) = source(version) {
                let page = placed.versions[version].page;
                bilingual.entry((page, source)).or_default().push(version);
            }
        }
        let translations = self.of.keys().filter_map(|&version| Some((version, source(version)?)));
        translations
            .map(|(version, source)| {
                let page = placed.versions[version].page;
                let mut bridges = bilingual.get(&(page, source)).cloned().unwrap_or_default();
                bridges.sort_by_key(|&bridge| placed.versions[bridge].edition_of != Some(version));
                Translation { version, source, bridges }
            })
            .collect()
    }

    /// Whether its source was recovered from this very text.
    pub fn recovered_from(&self, translation: &Translation) -> bool {
        self.recovered
            .get(&translation.source)
            .is_some_and(|(from, _)| *from == translation.version)
    }

    /// Aligns a translation with its source, if that is at hand or was recovered.
    pub fn align(&self, translation: &Translation) -> Option<Alignment> {
        let recovered = || self.recovered.get(&translation.source).map(|(_, skeleton)| skeleton);
        let source = self.of.get(&translation.source).or_else(recovered)?;
        let own = &self.of[&translation.version];
        if own.is_bilingual() || translation.bridges.is_empty() {
            return Some(align(own, source));
        }
        let mut taught = own.clone();
        for bridge in &translation.bridges {
            if taught.elements.iter().any(|element| element.source_text == 0) {
                taught.learn(&self.of[bridge]);
            }
        }
        Some(align(&taught, source))
    }
}

/// Every segment of an element goes with the first of its partner.
fn align(translation: &Skeleton, source: &Skeleton) -> Alignment {
    let partners = matching::matched(translation, source);
    let numbers = source.numbers();
    let mut pairs = Vec::new();
    let mut next = 1;
    for (element, partner) in translation.elements.iter().zip(partners) {
        if let Some((partner, rule)) = partner {
            let source_segment = numbers[partner];
            pairs.extend((next..next + element.segments).map(|segment| Aligned {
                segment,
                source_segment,
                rule,
            }));
        }
        next += element.segments;
    }
    Alignment { pairs, segments: next - 1 }
}
