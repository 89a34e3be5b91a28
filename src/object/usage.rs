//! How one version uses names: what inferring renames must know of it, without its text.

use sha2::{Digest, Sha256};

use crate::analyze::{Facts, Mention, Side};
use crate::catalog::Catalog;
use crate::link::renames::{Formerly, Frame, Label, Named, Usage};
use crate::link::targets::{self, Kind, Location};
use crate::model::{BlockKind, LinkKind, PageVersion};

/// Reads the names of the page's own side.
pub fn usage(catalog: &Catalog, at: &Location, page: &PageVersion, facts: &Facts) -> Usage {
    let mentions: Vec<&Mention> =
        facts.mentions.iter().filter(|mention| mention.side == Side::Page).collect();
    let mut usage = Usage::default();
    for run in mentions.chunk_by(|a, b| a.block == b.block) {
        let block = &page.blocks[run[0].block as usize];
        let named = |mention: &Mention| Named { name: mention.name, product: mention.product };
        let segment = page.segment_at(run[0].span).map_or(1, |segment| segment as u32 + 1);
        let (words, count) = words(&block.text.plain, run);
        usage.frames.push(Frame {
            words,
            is_bare: count < TELLING,
            segment,
            line: block.line,
            span: run[0].span,
            is_title: block.kind == BlockKind::Heading(1),
            names: run.iter().map(|mention| named(mention)).collect(),
        });
        for pair in run.windows(2) {
            let range = pair[0].plain.end as usize..pair[1].plain.start as usize;
            let between = block.text.plain.get(range).unwrap_or_default();
            if let Some(said) = catalog.name_changes.between(between) {
                let (first, second) = (named(pair[0]), named(pair[1]));
                let (before, after) =
                    if said.old_first { (first, second) } else { (second, first) };
                usage.formerly.push(Formerly { kind: said.kind, before, after, segment });
            }
        }
    }
    for link in page.links.iter().filter(|link| link.kind == LinkKind::Link) {
        let within: Vec<&&Mention> =
            mentions.iter().filter(|mention| link.span.contains(mention.span)).collect();
        // A label with two names says of neither that it is what the link leads to.
        let [mention] = within.as_slice() else { continue };
        let reference = targets::canonical(catalog, at, &link.href);
        if matches!(reference.kind, Kind::SamePage) {
            continue;
        }
        let segment = page.segment_at(mention.span).map_or(1, |segment| segment as u32 + 1);
        usage.labels.push(Label {
            target: digest([reference.address.as_str()]),
            named: Named { name: mention.name, product: mention.product },
            segment,
        });
    }
    usage
}

/// Words around names that tell a block from a line of a list.
const TELLING: usize = 3;

/// The words of a block around its names: the same for two texts that differ in names alone; and
/// how many.
fn words(plain: &str, mentions: &[&Mention]) -> (u64, usize) {
    let mut at = 0;
    let mut stretches = Vec::with_capacity(mentions.len() + 1);
    for mention in mentions {
        let range = at..(mention.plain.start as usize).max(at);
        stretches.push(plain.get(range).unwrap_or_default());
        at = mention.plain.end as usize;
    }
    stretches.push(plain.get(at..).unwrap_or_default());
    let count = stretches.iter().flat_map(|stretch| words_of(stretch)).count();
    (digest(stretches), count)
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

fn digest<'a>(texts: impl IntoIterator<Item = &'a str>) -> u64 {
    let mut digest = Sha256::new();
    for text in texts {
        for word in words_of(text) {
            digest.update(word.to_lowercase());
            digest.update([b' ']);
        }
        digest.update([0]);
    }
    let bytes = digest.finalize();
    u64::from_be_bytes(bytes[..8].try_into().expect("a digest has eight bytes"))
}
