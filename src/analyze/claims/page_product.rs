//! Finds what a page is about: the product that "the service" and "we" mean on it.
//!
//! The catalog need not know it: names of other products are found in `unregistered`.

use std::collections::BTreeMap;

use super::Reader;
use super::clause::Owner;
use super::unregistered::names;
use crate::analyze::Mention;
use crate::analyze::mentions::anchored::longest_name;
use crate::catalog::languages::Mark;
use crate::catalog::{Denotes, ProductId, ProductKind, slug};
use crate::model::{Block, BlockKind, PageVersion};

/// A product that a page names so often is what it is about.
pub(super) const OFTEN: usize = 3;

impl Reader<'_> {
    /// The product of the page's title, else of its address, else the one that its header declares,
    /// else the one that its prose names most, whether the catalog knows it or not.
    pub(super) fn main_product(
        &self,
        page: &PageVersion,
        about: Option<ProductId>,
    ) -> Option<Owner> {
        let kind = |mention: &Mention| self.blocks[mention.block as usize].kind;
        let of_kind = |mention: &Mention| self.catalog.products.get(mention.product).kind;
        let mut candidates: Vec<&Mention> = self
            .mentions
            .values()
            .flatten()
            .copied()
            .filter(|mention| {
                !self.is_background(mention) && !matches!(kind(mention), BlockKind::Row { .. })
            })
            .collect();
        // A portal is where to do something with the product that the page is about.
        let is_portal = |mention: &Mention| of_kind(mention) == ProductKind::Portal;
        if !candidates.iter().all(|mention| is_portal(mention)) {
            candidates.retain(|mention| !is_portal(mention));
        }
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
                .or_else(|| self.acting(&titles).filter(|_| most == 0))
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
        // What is only a part of a product is what the page is about if it names little else.
        let usual = || {
            let whole = |mention: &&&Mention| of_kind(mention).is_whole();
            let most_whole = candidates.iter().filter(whole).map(|m| counts[&m.product]).max();
            let whole = candidates
                .iter()
                .filter(whole)
                .find(|mention| Some(counts[&mention.product]) == most_whole)
                .filter(|mention| 2 * counts[&mention.product] >= most);
            whole.or_else(|| candidates.iter().find(|mention| counts[&mention.product] == most))
        };
        let Some(first) = named.or_else(usual) else {
            let unknown = self.often_named().or_else(|| self.titled_once(&titles));
            return unknown.or_else(|| self.of_file());
        };
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

    pub(super) fn written(&self, mention: &Mention) -> &str {
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

    /// The product that the title had in the source, where the translation has no name of it: an
    /// anchor keeps the English words.
    fn of_source_title(&self, page: &PageVersion) -> Option<Owner> {
        let name = |anchor: &String| longest_name(self.catalog, anchor);
        let (_, product) = title_anchors(page).iter().find_map(name)?;
        let written = self.catalog.products.label(product).to_owned();
        Some(Owner { product: Some(product), written })
    }

    /// The product that the name of the page's file has: "microsoft-365-locations".
    fn of_file(&self) -> Option<Owner> {
        let file = self.address?.rsplit('/').next()?;
        let (_, product) = longest_name(self.catalog, file)?;
        let written = self.catalog.products.label(product).to_owned();
        Some(Owner { product: Some(product), written })
    }

    /// How much of an anchor an English name of a product is. A translation keeps the anchors of its
    /// source, which are made of the English headings; they may leave out the brand: "widget-works"
    /// of "Contoso Widget Works".
    fn anchored(&self, product: ProductId, anchors: &[String]) -> usize {
        let products = &self.catalog.products;
        let known = products.get(product);
        let names = known.names.iter().map(|&name| products.name(name));
        let slugs = names.filter(|name| name.lang == "en").map(|name| slug(&name.text));
        let brand = format!("{}-", known.family);
        let slugs = slugs.flat_map(|slug| {
            let rest = slug.strip_prefix(&brand).filter(|rest| rest.contains('-'));
            let rest = rest.map(str::to_owned);
            rest.into_iter().chain([slug])
        });
        let stands = |slug: &String| {
            anchors.iter().any(|anchor| format!("-{anchor}-").contains(&format!("-{slug}-")))
        };
        slugs.filter(stands).map(|slug| slug.len()).max().unwrap_or(0)
    }
}

/// What links to the page's title point at.
fn title_anchors(page: &PageVersion) -> &[String] {
    let is_title = |block: &&Block| block.kind == BlockKind::Heading(1);
    let title = page.blocks.iter().find(is_title);
    let segment = title.and_then(|title| page.segment_at(title.span));
    segment.map_or(&[], |segment| &page.segments[segment].anchors)
}
