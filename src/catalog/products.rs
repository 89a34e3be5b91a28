//! Products: what they were called and when, how they followed one another, what else gives them
//! away.
//!
//! A name may be several products' and a product has many names. Which of them a text means is
//! decided in `analyze::mentions`, from everything listed here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde::Deserialize;

use super::matcher::Matcher;
use super::urls::UrlRules;
use super::{CatalogError, Confidence, Date, Fault, Row, Sources, Texts, overlay, slug};

mod addresses;
mod changes;
mod codes;
mod eras;
mod names;

#[cfg(test)]
mod tests;

pub use addresses::TornLabel;
pub use changes::{Change, ChangeKind, End};
pub use codes::{Code, Denotes};
pub use names::{Measured, Name, NameId, NameKind, NameUse, Need, StopPhrase};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProductId(u32);

/// One continuous service, whatever it was called.
#[derive(Clone, Debug, PartialEq)]
pub struct Product {
    /// Stable: it outlives every rename.
    pub slug: String,
    pub kind: ProductKind,
    pub family: String,
    pub part_of: Option<ProductId>,
    pub status: Status,
    pub wikidata: Option<Wikidata>,
    /// When a name of it means something else.
    pub ambiguity: Option<String>,
    pub notes: Option<String>,
    /// All its names, in the order of the file.
    pub names: Vec<NameId>,
    pub codes: Vec<Code>,
}

words! {
    ProductKind {
        Product = "product",
        Service = "service",
        Feature = "feature",
        Plan = "plan",
        App = "app",
        Brand = "brand",
        Suite = "suite",
        Portal = "portal",
        Company = "company",
        Cloud = "cloud",
        Program = "program",
        Api = "api",
        Family = "family",
        /// What customers install and run themselves.
        Server = "server",
        Codename = "codename",
    }
}

impl ProductKind {
    /// A name that products are sold under, itself none.
    pub fn is_brand(self) -> bool {
        matches!(self, Self::Brand | Self::Company | Self::Family)
    }

    /// What keeps data of its own, and is not a part of such a product or a way to it.
    pub fn is_whole(self) -> bool {
        !matches!(self, Self::Portal | Self::Feature | Self::Plan | Self::Program | Self::Api)
    }

    /// Where its data is, its customers decide: a page of it states nothing of its vendor.
    pub fn is_on_premises(self) -> bool {
        self == Self::Server
    }

    /// What others run on or belong to: where both are named, a sentence is about the other.
    pub fn is_background(self) -> bool {
        matches!(self, Self::Cloud | Self::Company)
    }
}

words! {
    Status {
        Active = "active",
        Renamed = "renamed",
        Retired = "retired",
        Replaced = "replaced",
        Merged = "merged",
        Split = "split",
        Acquired = "acquired",
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wikidata {
    pub id: String,
    #[serde(default)]
    pub confidence: Confidence,
}

/// Everything known about products, with the ways to find one.
#[derive(Clone, Debug, Default)]
pub struct Products {
    products: Vec<Product>,
    names: Vec<Name>,
    stop_phrases: Vec<StopPhrase>,
    changes: Vec<Change>,
    code_keys: Vec<String>,
    torn_labels: Vec<TornLabel>,
    by_slug: BTreeMap<String, ProductId>,
    by_words: BTreeMap<String, Vec<ProductId>>,
    by_english: BTreeMap<String, (NameId, ProductId)>,
    by_code: BTreeMap<(String, String), Vec<(ProductId, Denotes)>>,
    by_url: BTreeMap<String, addresses::Prefix>,
    by_fwlink: BTreeMap<String, ProductId>,
    /// How words may end where a language goes on after a name.
    endings: BTreeMap<String, Vec<String>>,
    matcher: OnceLock<Matcher>,
}

impl Products {
    pub fn iter(&self) -> impl Iterator<Item = (ProductId, &Product)> {
        (0..).map(ProductId).zip(&self.products)
    }

    pub fn get(&self, id: ProductId) -> &Product {
        &self.products[id.0 as usize]
    }

    pub fn by_slug(&self, slug: &str) -> Option<ProductId> {
        self.by_slug.get(slug).copied()
    }

    /// The products that a text may mean, best first: by id, name, code or the end of an IRI,
    /// whatever its case, its blanks and its hyphens.
    pub fn find(&self, text: &str) -> Vec<ProductId> {
        let text = text.trim().trim_matches(['<', '>']);
        let tail = if text.contains(['/', ':']) {
            text.rsplit(['/', '#', ':']).next().unwrap_or(text)
        } else {
            text
        };
        let words = slug(tail);
        let found = |words: &str| self.by_words.get(words).cloned();
        found(&words)
            .or_else(|| found(words.strip_prefix("microsoft-")?))
            .or_else(|| found(&format!("microsoft-{words}")))
            .unwrap_or_default()
    }

    /// The product whose official or short English name, of several words, an address writes so.
    pub fn english_name(&self, slug: &str) -> Option<(NameId, ProductId)> {
        self.by_english.get(slug).copied()
    }

    /// Finds names in texts; made when it is first asked for.
    pub fn matcher(&self) -> &Matcher {
        self.matcher.get_or_init(|| Matcher::new(self, self.endings.clone()))
    }
}

// Reading.

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProductRow {
    id: String,
    kind: ProductKind,
    family: String,
    part_of: Option<String>,
    status: Status,
    ended: Option<Ended>,
    wikidata: Option<Wikidata>,
    ambiguity: Option<String>,
    notes: Option<String>,
    names: Vec<names::NameRow>,
    #[serde(default)]
    codes: Vec<Code>,
    #[serde(default)]
    urls: Vec<addresses::UrlRow>,
    /// Portals of the product.
    #[serde(default)]
    hosts: Vec<String>,
}

/// For curators.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ended {
    #[serde(rename = "date")]
    _date: Date,
    source: String,
}

impl Products {
    pub(super) fn read(
        texts: &Texts,
        sources: &Sources,
        urls: &UrlRules,
    ) -> Result<Self, CatalogError> {
        let rows = overlay(texts.parse::<Vec<ProductRow>>("products.yaml")?, |row| row.id.clone())?;
        let rows = if texts.renames { rows } else { eras::apart(rows) };
        let mut all = Self {
            by_slug: rows.iter().map(|row| row.key.clone()).zip((0..).map(ProductId)).collect(),
            ..Self::default()
        };
        for row in &rows {
            all.check(row, sources)?;
        }
        all.add_addresses(&rows, urls)?;
        let mut names = names::Names::default();
        for (i, row) in (0..).zip(rows) {
            all.add_product(ProductId(i), row.value, &mut names);
        }
        all.add_names(names);
        all.add_needs(texts, sources)?;
        all.add_codes(texts, sources)?;
        all.add_labels(texts, sources)?;
        all.add_changes(texts, sources)?;
        for (_, endings) in texts.parse::<BTreeMap<_, _>>("endings.yaml")? {
            all.endings.extend(endings);
        }
        all.index_words();
        Ok(all)
    }

    fn check(&self, row: &Row<ProductRow>, sources: &Sources) -> Result<(), CatalogError> {
        let product = &row.value;
        if let Some(whole) = &product.part_of {
            self.product(row, whole)?;
        }
        if let Some(ended) = &product.ended {
            row.needs_source(sources, &ended.source)?;
        }
        product.names.iter().try_for_each(|name| name.check(row, sources))?;
        for code in &product.codes {
            row.needs_source(sources, &code.provenance.source)?;
            row.needs_order(code.seen_from.as_ref(), code.seen_until.as_ref())?;
        }
        let mut urls = product.urls.iter();
        urls.try_for_each(|url| row.needs_source(sources, &url.provenance.source))
    }

    fn product<T>(&self, row: &Row<T>, slug: &str) -> Result<ProductId, CatalogError> {
        self.by_slug(slug).ok_or_else(|| row.fault(Fault::Product(slug.to_owned())))
    }

    fn add_product(&mut self, id: ProductId, row: ProductRow, names: &mut names::Names) {
        for name in row.names {
            names.add(id, name);
        }
        self.products.push(Product {
            part_of: row.part_of.and_then(|slug| self.by_slug(&slug)),
            slug: row.id,
            kind: row.kind,
            family: row.family,
            status: row.status,
            wikidata: row.wikidata,
            ambiguity: row.ambiguity,
            notes: row.notes,
            names: Vec::new(),
            codes: row.codes,
        });
    }

    fn index_words(&mut self) {
        let mut ranked: BTreeMap<String, BTreeSet<(u8, bool, ProductId)>> = BTreeMap::new();
        let mut add = |words: String, rank: u8, past: bool, product: ProductId| {
            ranked.entry(words).or_default().insert((rank, past, product));
        };
        for (id, product) in self.iter() {
            add(slug(&product.slug), 0, false, id);
            for code in &product.codes {
                let rank = 5 + code.denotes as u8;
                add(slug(&code.value), rank, false, id);
            }
        }
        for name in &self.names {
            for use_ in &name.uses {
                let rank = match use_.kind {
                    NameKind::MachineTranslation => 9,
                    kind => 1 + kind as u8,
                };
                add(slug(&name.text), rank, use_.until.is_some(), use_.product);
                add(name.slug.clone(), rank, use_.until.is_some(), use_.product);
            }
        }
        let mut english = BTreeMap::new();
        for (id, name) in self.names_by_id().filter(|(_, name)| name.lang == "en") {
            let is_proper =
                |use_: &&NameUse| matches!(use_.kind, NameKind::Official | NameKind::Short);
            let words = slug(&name.text);
            if words.contains('-')
                && let Some(use_) = name.uses.iter().find(is_proper)
            {
                english.entry(words).or_insert((id, use_.product));
            }
        }
        self.by_english = english;
        let best_first = |found: BTreeSet<(u8, bool, ProductId)>| {
            let mut products = Vec::new();
            for (_, _, product) in found {
                if !products.contains(&product) {
                    products.push(product);
                }
            }
            products
        };
        self.by_words =
            ranked.into_iter().map(|(words, found)| (words, best_first(found))).collect();
    }
}
