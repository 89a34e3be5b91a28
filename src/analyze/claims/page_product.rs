//! Finds what a page is about: the product that "the service" and "we" mean on it.
//!
//! The catalog need not know it: a name that the header declares, or that the title has and the
//! text repeats, is one.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Reader;
use super::clause::Owner;
use super::passage::contains;
use super::sentences::sentences;
use crate::analyze::Mention;
use crate::analyze::mentions::anchored::longest_name;
use crate::catalog::languages::{Cue, Mark, fold};
use crate::catalog::{Denotes, ProductId, slug};
use crate::model::{Block, BlockKind, PageVersion};

/// A product that a page names so often is what it is about.
const OFTEN: usize = 3;
/// How many times as often as any known product the end of a title's name has to stand.
const OUTWEIGHS: usize = 3;
/// How many words a name in a title may have.
const NAME_LENGTH: usize = 5;

impl Reader<'_> {
    /// The product of the page's title, else of its address, else the one that its header declares,
    /// else the one that its prose names most, whether the catalog knows it or not.
    pub(super) fn main_product(
        &self,
        page: &PageVersion,
        about: Option<ProductId>,
    ) -> Option<Owner> {
        let kind = |mention: &Mention| self.blocks[mention.block as usize].kind;
        let candidates: Vec<&Mention> = self
            .mentions
            .values()
            .flatten()
            .copied()
            .filter(|mention| {
                !self.is_background(mention) && !matches!(kind(mention), BlockKind::Row { .. })
            })
            .collect();
        if let Some(owner) = self.named_in_row(&candidates) {
            return Some(owner);
        }
        let mut counts = BTreeMap::new();
        let mut spellings = BTreeMap::new();
        for mention in &candidates {
            *counts.entry(mention.product).or_insert(0_usize) += 1;
            *spellings.entry((mention.product, self.written(mention))).or_insert(0_usize) += 1;
        }
        let most = counts.values().copied().max().unwrap_or(0);
        let title = candidates.iter().find(|mention| kind(mention) == BlockKind::Heading(1));
        if title.is_none()
            && let Some(owner) = self.of_source_title(page)
            && !candidates.iter().any(|mention| Some(mention.product) == owner.product)
        {
            return Some(owner);
        }
        if title.is_none()
            && let Some(cloud) = self.cloud_of_regions()
        {
            return Some(cloud);
        }
        let anchored = || {
            let anchors = title_anchors(page);
            let length = |mention: &Mention| self.anchored(mention.product, anchors);
            let longest = candidates.iter().map(|mention| length(mention)).max()?;
            candidates.iter().find(|mention| longest > 0 && length(mention) == longest)
        };
        let addressed = || candidates.iter().find(|mention| Some(mention.product) == about);
        let named = title.or_else(anchored).or_else(addressed);
        let titles = self.titles(page);
        let unknown = || {
            self.titled(&titles, most)
                .or_else(|| self.declared(page, &titles))
                .or_else(|| self.coded(page).filter(|_| most < OFTEN))
                .or_else(|| self.branded(&titles))
                .or_else(|| self.described(page).filter(|_| most < OFTEN))
                .or_else(|| self.vendor(most))
        };
        let owner = match title {
            Some(title) => self.longer(self.written(title), &titles, counts[&title.product]),
            None if named.is_none() => unknown(),
            None => None,
        };
        if owner.is_some() {
            return owner;
        }
        let usual = || candidates.iter().find(|mention| counts[&mention.product] == most);
        let Some(first) = named.or_else(usual) else { return self.often_named() };
        // A title torn apart by translation has only the beginning of the name.
        let longer = candidates.iter().find(|mention| {
            let whole = self
                .written(mention)
                .strip_prefix(self.written(first))
                .is_some_and(|rest| rest.starts_with(' '));
            whole && counts[&mention.product] >= counts[&first.product]
        });
        let product = longer.unwrap_or(first).product;
        let named = candidates.iter().filter(|mention| mention.product == product);
        let usual =
            named.clone().map(|mention| spellings[&(product, self.written(mention))]).max()?;
        let mention = named
            .into_iter()
            .find(|mention| spellings[&(product, self.written(mention))] == usual)?;
        Some(Owner { product: Some(product), written: self.written(mention).to_owned() })
    }

    fn written(&self, mention: &Mention) -> &str {
        &self.blocks[mention.block as usize].text.plain[mention.plain.range()]
    }

    /// The page's titles: its first heading, what its header calls it, and what it says of it.
    fn titles<'p>(&'p self, page: &'p PageVersion) -> Vec<&'p str> {
        let heading = self.blocks.iter().find(|block| block.kind == BlockKind::Heading(1));
        let header = page.title.as_ref().map(|title| title.text.as_str());
        heading
            .map(|block| block.text.plain.as_str())
            .into_iter()
            .chain(header)
            .chain(page.value("description"))
            .collect()
    }

    /// The name in a title that the header's service ends with: "Business Central" of
    /// `dynamics-365-business-central`.
    fn declared(&self, page: &PageVersion, titles: &[&str]) -> Option<Owner> {
        let keys = self.catalog.products.code_keys();
        let services: Vec<String> =
            keys.iter().filter_map(|key| page.value(key)).map(slug).collect();
        let declares = |name: &str| {
            let name = slug(name);
            services.iter().any(|service| {
                *service == name || (name.contains('-') && service.ends_with(&format!("-{name}")))
            })
        };
        let found = titles.iter().find_map(|title| names(title).find(|name| declares(name)))?;
        let mention = self.mentions.values().flatten().find(|m| self.written(m) == found);
        Some(Owner { product: mention.map(|m| m.product), written: found.to_owned() })
    }

    /// The one product that the header's codes stand for: a text may have its name from includes
    /// alone.
    fn coded(&self, page: &PageVersion) -> Option<Owner> {
        let products = &self.catalog.products;
        let codes = products.code_keys().iter().filter_map(|key| Some((key, page.value(key)?)));
        let mut exact = codes
            .flat_map(|(key, value)| products.by_code(key, value))
            .filter(|(_, denotes)| *denotes == Denotes::Exact)
            .map(|&(product, _)| product);
        let product = exact.next().filter(|first| exact.all(|other| other == *first))?;
        let written = products.label(product).to_owned();
        (!products.get(product).kind.is_background())
            .then_some(Owner { product: Some(product), written })
    }

    /// The one product that the header names in its title or description.
    fn described(&self, page: &PageVersion) -> Option<Owner> {
        let products = &self.catalog.products;
        let header = page.title.as_ref().map(|title| title.text.as_str());
        let mut scratch = String::new();
        header.into_iter().chain(page.value("description")).find_map(|text| {
            let found = products.matcher().find(text, &self.language.tag, |_| false, &mut scratch);
            let mut named: Vec<(ProductId, &str)> = Vec::new();
            for found in &found {
                let uses = found.names.iter().flat_map(|name| &products.name(*name).uses);
                let known = uses.map(|use_| use_.product);
                let known = known.filter(|id| !products.get(*id).kind.is_background());
                named.extend(known.map(|id| (id, &text[found.range.clone()])));
            }
            named.dedup_by_key(|&mut (id, _)| id);
            let &[(product, written)] = named.as_slice() else { return None };
            Some(Owner { product: Some(product), written: written.to_owned() })
        })
    }

    /// The vendor or cloud in the title, else the one named often, where no product is: it says more
    /// than a product that is named in passing.
    fn vendor(&self, most: usize) -> Option<Owner> {
        let vendors = || {
            let all = self.mentions.values().flatten();
            all.filter(|mention| most < OFTEN && self.is_background(mention))
        };
        let in_title =
            |mention: &&&Mention| self.blocks[mention.block as usize].kind == BlockKind::Heading(1);
        let often = |mention: &&&Mention| {
            vendors().filter(|other| other.product == mention.product).count() >= OFTEN
        };
        let vendor = vendors().find(in_title).or_else(|| vendors().find(often))?;
        Some(Owner { product: Some(vendor.product), written: self.written(vendor).to_owned() })
    }

    /// The cloud whose regions the title is about.
    fn cloud_of_regions(&self) -> Option<Owner> {
        let is_title = |block: &Block| block.kind == BlockKind::Heading(1);
        let title = self.blocks.iter().position(is_title)?;
        let text = self.blocks[title].text.plain.as_str();
        let passage = self.passage_of_any(title);
        let whole = 0..text.len();
        let mut named = passage.products_in(&whole);
        let cloud = named.next().filter(|_| passage.has(Mark::DataCenter, &whole))?;
        let written = text[cloud.range.clone()].to_owned();
        Some(Owner { product: Some(cloud.product), written })
    }

    /// A product that the catalog does not know, or knows only the beginning of: capitalised words
    /// of a title that the text uses again and again, and more often than any known product.
    fn titled(&self, titles: &[&str], most: usize) -> Option<Owner> {
        let is_name = |name: &&str| is_proper(name) && self.is_no_term(name);
        let found = titles.iter().find_map(|title| {
            let whole = |name: &&str| is_name(name) && !self.is_cut(title, name);
            names(title).filter(whole).find(|name| self.count(name) > most.max(1))
        });
        // The text may use only the end of the name that the title has in full.
        let shorter = || {
            let often = |name: &&str| {
                let count = self.count(name);
                count >= OFTEN && count > OUTWEIGHS * most
            };
            let ends = titles.iter().flat_map(|title| names(title)).flat_map(endings);
            ends.filter(is_name).find(often)
        };
        Some(Owner { product: None, written: found.or_else(shorter)?.to_owned() })
    }

    /// A product of a known vendor that the catalog does not know: "Azure Widget Works", which its
    /// text need not repeat.
    fn branded(&self, titles: &[&str]) -> Option<Owner> {
        let is_name = |title: &str, name: &str| {
            let mut brands = self.mentions.values().flatten().filter(|m| self.is_background(m));
            let is_brand = brands.any(|brand| {
                let rest = name.strip_prefix(self.written(brand));
                rest.is_some_and(|rest| rest.starts_with(' '))
            });
            let capital = |word: &str| word.starts_with(char::is_uppercase);
            is_brand
                && name.split(' ').all(capital)
                && self.is_no_term(name)
                && !self.is_cut(title, name)
        };
        let found =
            titles.iter().find_map(|title| names(title).find(|name| is_name(title, name)))?;
        Some(Owner { product: None, written: found.to_owned() })
    }

    /// Whether a title goes on with another word of the name, or with a clause that the name has the
    /// beginning of: "Professional Services that …".
    fn is_cut(&self, title: &str, name: &str) -> bool {
        let start = name.as_ptr() as usize - title.as_ptr() as usize;
        let rest = &title[start + name.len()..];
        let last = name.rsplit(' ').next().unwrap_or("");
        if last.starts_with(char::is_lowercase) && rest.starts_with(' ') {
            return true;
        }
        let next = rest.strip_prefix(' ').and_then(|rest| rest.split_whitespace().next());
        let word = next.map(|word| word.trim_end_matches(|c: char| !c.is_alphanumeric()));
        word.is_some_and(|word| word.starts_with(char::is_uppercase) && self.is_no_term(word))
    }

    /// A product of which the catalog knows only the beginning: a longer name in a title, which
    /// most of the known one's mentions are a part of.
    fn longer(&self, known: &str, titles: &[&str], mentioned: usize) -> Option<Owner> {
        let is_longer = |name: &&str| {
            // Where nouns have capitals, a hyphen makes a compound: "Windows-Konfiguration".
            let joint = if self.language.capital_nouns { &[' '][..] } else { &[' ', '-'] };
            let rest = name.strip_prefix(known).filter(|rest| rest.starts_with(joint));
            // "Office 365 services" is no other name.
            let mut words = rest.unwrap_or_default().split_whitespace();
            let goes_on = words.any(|word| word.starts_with(char::is_uppercase));
            let count = self.count(name);
            goes_on && self.is_no_term(name) && count > 1 && 2 * count > mentioned
        };
        let found = titles.iter().find_map(|title| {
            names(title).find(|name| is_longer(name) && !self.is_cut(title, name))
        })?;
        Some(Owner { product: None, written: found.to_owned() })
    }

    /// The title, if a row of the page gives it as a value: "Name | Wonderboard". A known product
    /// may be a part of it.
    fn named_in_row(&self, known: &[&Mention]) -> Option<Owner> {
        let is_title = |block: &&Block| block.kind == BlockKind::Heading(1);
        let title = self.blocks.iter().find(is_title)?.text.plain.trim();
        let values =
            self.blocks.iter().filter(|block| block.kind == BlockKind::Row { header: false });
        let given = values
            .flat_map(|block| {
                block.cells.iter().skip(1).map(|cell| &block.text.plain[cell.range()])
            })
            .any(|value| value.trim() == title);
        let is_known = known.iter().any(|mention| self.written(mention) == title);
        let goes_on = known.iter().any(|mention| title.contains(self.written(mention)));
        let found = given && !is_known && (goes_on || self.is_no_term(title));
        found.then(|| Owner { product: None, written: title.to_owned() })
    }

    /// The name of nothing known that the prose uses most: words that have a capital inside a
    /// sentence. Where nouns have one, it tells nothing.
    fn often_named(&self) -> Option<Owner> {
        if self.language.capital_nouns {
            return None;
        }
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let prose = self.blocks.iter().filter(|block| {
            matches!(block.kind, BlockKind::Paragraph | BlockKind::Item | BlockKind::Html)
        });
        for block in prose {
            let text = block.text.plain.as_str();
            let whole = sentences(&block.text, 0..text.len(), self.language);
            for sentence in whole.into_iter().map(|sentence| &text[sentence]) {
                let first = sentence.split_whitespace().next().unwrap_or("");
                let inside = &sentence[first.len()..];
                let capital = |word: &str| word.starts_with(char::is_uppercase);
                let is_name =
                    |name: &&str| name.chars().count() > 2 && name.split(' ').all(capital);
                for name in names(inside).filter(is_name) {
                    *counts.entry(name).or_default() += 1;
                }
            }
        }
        counts.retain(|name, count| *count >= OFTEN && self.is_no_term(name));
        let most = counts.values().copied().max()?;
        // Of "Contoso" and "Contoso Mail", the longer, if it is nearly as usual.
        let usual = counts.into_iter().filter(|&(_, count)| 2 * count > most);
        let (name, _) = usual.max_by_key(|&(name, count)| (name.split(' ').count(), count))?;
        Some(Owner { product: None, written: name.to_owned() })
    }

    /// How often a name stands below the title, other than as a part of a known one.
    fn count(&self, name: &str) -> usize {
        let below = self.blocks.iter().enumerate();
        let below = below.filter(|(_, block)| block.kind != BlockKind::Heading(1));
        below
            .flat_map(|(index, block)| {
                block.text.plain.match_indices(name).map(move |(at, _)| (index, at))
            })
            .filter(|&(index, at)| !self.is_part(index, at..at + name.len()))
            .count()
    }

    /// Whether a stretch of a block is only a part of a known product's name.
    fn is_part(&self, index: usize, stretch: Range<usize>) -> bool {
        let mentions = self.mentions.get(&(index as u32)).into_iter().flatten();
        mentions
            .map(|mention| mention.plain.range())
            .any(|name| contains(&name, &stretch) && name != stretch)
    }

    /// Whether a name is none of the words that statements about places are made of, nor a vendor.
    fn is_no_term(&self, name: &str) -> bool {
        let background = self
            .mentions
            .values()
            .flatten()
            .any(|mention| self.is_background(mention) && self.written(mention) == name);
        let folded = fold(name);
        let bounded = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        let cues: Vec<(usize, usize, Cue)> = self
            .language
            .search(&folded)
            .filter(|&(start, end, _)| {
                bounded(folded[..start].chars().next_back())
                    && bounded(folded[end..].chars().next())
            })
            .map(|(start, end, entry)| (start, end, entry.cue))
            .collect();
        // "Azure Lab Services" is a name for all its "services".
        let operates = |start: usize, end: usize| {
            cues.iter().any(|&(from, to, cue)| {
                from <= start && end <= to && cue == Cue::Mark(Mark::Operator)
            })
        };
        // At the end of a name stands what it is: "… data", "… customers".
        let is_term = cues.iter().any(|&(start, end, cue)| match cue {
            Cue::Mark(Mark::In | Mark::To | Mark::From | Mark::Of | Mark::Join) => {
                end == name.len()
            }
            Cue::Category(_) | Cue::Place(_) | Cue::Adjective(_) => true,
            Cue::Mark(Mark::DataCenter | Mark::Places | Mark::People | Mark::Law) => true,
            Cue::Term(_) => start == 0 && end == name.len() && !operates(start, end),
            _ => false,
        });
        !background && !is_term
    }

    /// The product that the title had in the source, where the translation has no name of it: an
    /// anchor keeps the English words.
    fn of_source_title(&self, page: &PageVersion) -> Option<Owner> {
        let name = |anchor: &String| longest_name(self.catalog, anchor);
        let (_, product) = title_anchors(page).iter().find_map(name)?;
        let written = self.catalog.products.label(product).to_owned();
        Some(Owner { product: Some(product), written })
    }

    /// How much of an anchor an English name of a product is. A translation keeps the anchors of its
    /// source, which are made of the English headings.
    fn anchored(&self, product: ProductId, anchors: &[String]) -> usize {
        let products = &self.catalog.products;
        let names = products.get(product).names.iter().map(|&name| products.name(name));
        let slugs = names.filter(|name| name.lang == "en").map(|name| slug(&name.text));
        let stands = |slug: &String| {
            anchors.iter().any(|anchor| format!("-{anchor}-").contains(&format!("-{slug}-")))
        };
        slugs.filter(stands).map(|slug| slug.len()).max().unwrap_or(0)
    }
}

/// What could be names in a title, the longest first: words from a capital on.
fn names(title: &str) -> impl Iterator<Item = &str> {
    let words: Vec<Range<usize>> = title
        .split_whitespace()
        .map(|word| {
            let start = word.as_ptr() as usize - title.as_ptr() as usize;
            start..start + word.trim_end_matches(|c: char| !c.is_alphanumeric()).len()
        })
        .filter(|word| !word.is_empty())
        .collect();
    let capital = |word: &Range<usize>| title[word.clone()].starts_with(char::is_uppercase);
    let mut found = Vec::new();
    for length in (1..=NAME_LENGTH.min(words.len())).rev() {
        for first in 0..=words.len() - length {
            // The end of a longer name is another one.
            let begins = capital(&words[first]) && (first == 0 || !capital(&words[first - 1]));
            let name = &title[words[first].start..words[first + length - 1].end];
            if begins && !name.contains([':', '|', ',', '?', '(']) {
                found.push(name);
            }
        }
    }
    found.into_iter()
}

/// Whether a name is more than a word that begins a title: "Zone redundancy" is none.
fn is_proper(name: &str) -> bool {
    name.split(' ').filter(|word| word.starts_with(char::is_uppercase)).count() > 1
}

/// What a name of capitalised words ends with, the longest first.
fn endings(name: &str) -> impl Iterator<Item = &str> {
    let capital = |rest: &&str| rest.split(' ').all(|word| word.starts_with(char::is_uppercase));
    name.match_indices(' ').map(|(at, blank)| &name[at + blank.len()..]).filter(capital)
}

/// What links to the page's title point at.
fn title_anchors(page: &PageVersion) -> &[String] {
    let is_title = |block: &&Block| block.kind == BlockKind::Heading(1);
    let title = page.blocks.iter().find(is_title);
    let segment = title.and_then(|title| page.segment_at(title.span));
    segment.map_or(&[], |segment| &page.segments[segment].anchors)
}
