//! What alignment must know of a text, and the source text that a bilingual page gives back.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Catalog;
use crate::graph::text::Recovered;
use crate::link::alignment::{Element, Kind, Shape, Skeleton};
use crate::link::targets::{self, Location};
use crate::model::{Block, BlockKind, PageVersion};
use crate::source::Span;
use crate::syntax::docfx;

/// The blocks of a segment: on the page's own side, and on the English side.
type Home = (u32, Option<usize>);

fn homes(page: &PageVersion) -> Vec<Home> {
    // A block starts with its first word, its unit with the marks before that.
    let english = |span: Span| {
        let after = page.source_blocks.partition_point(|block| block.span.start <= span.start);
        let before = after.checked_sub(1);
        let mut near = before.into_iter().chain([after]);
        near.find(|&block| page.source_blocks.get(block).is_some_and(|b| b.span.overlaps(span)))
            .or(before)
    };
    let segments = page.segments.iter();
    segments
        .map(|segment| {
            let span = segment.source.as_ref().map_or(segment.span, |side| side.span);
            (segment.block, english(span))
        })
        .collect()
}

/// The page as alignment sees it.
pub fn skeleton(catalog: &Catalog, at: &Location, page: &PageVersion) -> Skeleton {
    let homes = homes(page);
    let mut skeleton = Skeleton::default();
    let mut element_of: BTreeMap<u32, usize> = BTreeMap::new();
    for (i, home) in homes.iter().enumerate() {
        if i > 0 && homes[i - 1] == *home {
            let last = skeleton.elements.last_mut().expect("a segment before had one");
            last.segments += 1;
        } else {
            let own = &page.blocks[home.0 as usize];
            let mut element = match home.1 {
                Some(english) => {
                    let mut element = element(&page.source_blocks[english]);
                    element.source_text = element.text;
                    element
                }
                None => element(own),
            };
            element.text = hash(&own.text.plain);
            skeleton.elements.push(element);
        }
        element_of.entry(home.0).or_insert(skeleton.elements.len() - 1);
        for anchor in &page.segments[i].anchors {
            let element = skeleton.elements.len() as u32 - 1;
            skeleton.anchors.push((element, hash(&anchor.to_lowercase())));
        }
    }
    add_links(catalog, at, page, &element_of, &mut skeleton);
    skeleton.elements.shrink_to_fit();
    skeleton.anchors.shrink_to_fit();
    skeleton
}

/// The source text that a bilingual page gives back, and its skeleton as if it were at hand.
pub fn recovered<'a>(
    catalog: &Catalog,
    at: &Location,
    page: &'a PageVersion,
) -> (Vec<Recovered<'a>>, Skeleton) {
    let homes = homes(page);
    let mut from: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    for (number, (_, english)) in (1..).zip(&homes) {
        if let Some(block) = english {
            from.entry(*block).or_default().push(number);
        }
    }
    let is_text = |text: &str| text.contains(|c: char| c != '|' && !c.is_whitespace());
    let mut recovered = Vec::new();
    let mut skeleton = Skeleton::default();
    let mut slugs = BTreeSet::new();
    let mut element_of = BTreeMap::new();
    for (block, from) in from {
        let block = &page.source_blocks[block];
        let text = block.text.plain.as_str();
        if !is_text(text) {
            continue;
        }
        let index = skeleton.elements.len();
        skeleton.elements.push(element(block));
        for number in &from {
            element_of.entry(homes[*number as usize - 1].0).or_insert(index);
        }
        if matches!(block.kind, BlockKind::Heading(_)) {
            let slug = docfx::slug(text);
            let numbered = (1..).map(|count| format!("{slug}-{count}"));
            let slug = std::iter::once(slug.clone()).chain(numbered).find(|s| !slugs.contains(s));
            let slug = slug.expect("numbers do not end");
            skeleton.anchors.push((index as u32, hash(&slug)));
            slugs.insert(slug);
        }
        recovered.push(Recovered { kind: block.kind.name(), text, from });
    }
    add_links(catalog, at, page, &element_of, &mut skeleton);
    (recovered, skeleton)
}

/// Adds where links lead to the sketches of the elements that their blocks are.
fn add_links(
    catalog: &Catalog,
    at: &Location,
    page: &PageVersion,
    element_of: &BTreeMap<u32, usize>,
    skeleton: &mut Skeleton,
) {
    for link in &page.links {
        let after = page.blocks.partition_point(|block| block.span.start <= link.span.start);
        let Some(block) = after.checked_sub(1) else { continue };
        let is_inside = page.blocks[block].span.overlaps(link.span);
        let Some(&element) = element_of.get(&(block as u32)).filter(|_| is_inside) else {
            continue;
        };
        let reference = targets::canonical(catalog, at, &link.href);
        let fragment = reference.fragment.unwrap_or_default();
        // The page itself may have moved since its source was written.
        let address = match reference.kind {
            targets::Kind::SamePage => String::new(),
            _ => reference.address,
        };
        skeleton.elements[element].sketch |= bit(&format!("{address}#{fragment}"));
    }
}

fn element(block: &Block) -> Element {
    let text = hash(&block.text.plain);
    let length = block.text.plain.chars().count().min(usize::from(u16::MAX)) as u16;
    Element {
        segments: 1,
        length,
        shape: shape(block),
        text,
        source_text: 0,
        sketch: sketch(block),
    }
}

fn shape(block: &Block) -> Shape {
    let cells = block.cells.len().min(usize::from(u8::MAX)) as u8;
    let (kind, level) = match block.kind {
        BlockKind::Heading(level) => (Kind::Heading, level),
        BlockKind::Paragraph => (Kind::Paragraph, block.depth),
        BlockKind::Item => (Kind::Item, block.depth),
        BlockKind::Row { header: true } => (Kind::HeaderRow, cells),
        BlockKind::Row { header: false } => (Kind::Row, cells),
        BlockKind::Html => (Kind::Html, 0),
        BlockKind::Code => (Kind::Code, 0),
    };
    Shape { kind, level }
}

/// What translation mostly leaves as it is: words in code or with a digit in them, and words with
/// a capital that does not only begin a sentence.
fn sketch(block: &Block) -> u64 {
    let text = &block.text;
    let mut sketch = 0;
    let mut begins = true;
    let mut at = 0;
    for word in text.plain.split_inclusive(|c: char| !c.is_alphanumeric()) {
        let start = at;
        at += word.len();
        let bare = word.trim_end_matches(|c: char| !c.is_alphanumeric());
        if bare.is_empty() {
            begins |= ends_sentence(word);
            continue;
        }
        let span = Span { start: start as u32, end: (start + bare.len()) as u32 };
        let mut capitals = bare.char_indices().filter(|(_, c)| c.is_uppercase()).map(|(i, _)| i);
        let is_name = capitals.any(|i| i > 0 || !begins);
        if is_name || bare.contains(|c: char| c.is_ascii_digit()) || text.is_code(span) {
            sketch |= bit(&bare.to_lowercase());
        }
        begins = ends_sentence(word);
    }
    sketch
}

fn ends_sentence(word: &str) -> bool {
    word.ends_with(['.', '?', '!', ':', '|', '\n', '。', '：'])
}

fn bit(word: &str) -> u64 {
    1 << (fnv(word.bytes()).wrapping_mul(0x9e37_79b1) >> 26)
}

/// Letters and digits only: marks and blanks differ where nothing else does. Never 0.
pub fn hash(text: &str) -> u32 {
    let mut buffer = [0; 4];
    let mut letters = String::with_capacity(text.len());
    for letter in text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase) {
        letters.push_str(letter.encode_utf8(&mut buffer));
    }
    let bytes = if letters.is_empty() { text } else { &letters };
    fnv(bytes.bytes()).max(1)
}

/// FNV-1a: the same on every machine.
fn fnv(bytes: impl Iterator<Item = u8>) -> u32 {
    bytes.fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
