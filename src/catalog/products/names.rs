//! What products are and were called, in each language, and what must hold before a name counts.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{ProductId, Products};
use crate::catalog::{CatalogError, Date, Fault, Provenance, Row, Sources, Texts, overlay, slug};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameId(u32);

/// One surface form in one language.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    pub text: String,
    pub lang: String,
    /// Unique, for IRIs.
    pub slug: String,
    /// What it names: several products, or one in several eras. Never empty.
    pub uses: Vec<NameUse>,
    /// What must hold before it counts.
    pub needs: Vec<Need>,
}

impl Name {
    pub fn needs_exact_case(&self) -> bool {
        self.needs.contains(&Need::ExactCase)
    }

    /// Whether a code or an address must speak for the product.
    pub fn needs_evidence(&self) -> bool {
        self.needs.iter().any(|need| matches!(need, Need::Code | Need::Url))
    }
}

words! {
    Need {
        /// Capitals as written.
        ExactCase = "exact-case",
        /// A front-matter code of the page speaks for the product; one of this and `Url` is enough.
        Code = "code",
        /// The page's address, or the link around the name, speaks for the product.
        Url = "url",
    }
}

/// What a name stood for, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct NameUse {
    pub product: ProductId,
    /// The period of its official English name, from 1.
    pub era: u32,
    pub kind: NameKind,
    pub from: Option<Date>,
    /// The first day without it.
    pub until: Option<Date>,
    /// Times it was measured in aligned pages, and its share among the forms of that name.
    pub measured: Option<Measured>,
    pub provenance: Provenance,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    pub uses: u32,
    pub share: f64,
    pub from: Date,
    pub until: Date,
}

words! {
    /// Best first.
    NameKind {
        Official = "official",
        Short = "short",
        Acronym = "acronym",
        /// Written, but never official.
        Legacy = "legacy",
        MachineTranslation = "machine-translation",
    }
}

/// A longer text with a name in it that is not meant.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StopPhrase {
    pub text: String,
    pub lang: String,
    pub reason: String,
    pub source: String,
}

impl Products {
    /// English before others; a name's place in it is its id.
    pub fn names(&self) -> &[Name] {
        &self.names
    }

    pub fn names_by_id(&self) -> impl Iterator<Item = (NameId, &Name)> {
        (0..).map(NameId).zip(&self.names)
    }

    pub fn name(&self, id: NameId) -> &Name {
        &self.names[id.0 as usize]
    }

    pub fn stop_phrases(&self) -> &[StopPhrase] {
        &self.stop_phrases
    }

    /// The official English name on an ISO date; before the first one and after the last, that one.
    pub fn name_on(&self, product: ProductId, date: &str) -> Option<NameId> {
        let begun = |use_: &NameUse| use_.from.as_ref().is_none_or(|from| from.as_str() <= date);
        let official = self.official(product);
        let latest =
            official.iter().filter(|(_, use_)| begun(use_)).map(|(_, use_)| use_.era).max();
        let era = latest.or_else(|| official.iter().map(|(_, use_)| use_.era).min())?;
        official.iter().find(|(_, use_)| use_.era == era).map(|(name, _)| *name)
    }

    /// The newest official English name.
    pub fn current_name(&self, product: ProductId) -> Option<NameId> {
        let official = self.official(product);
        let era = official.iter().map(|(_, use_)| use_.era).max()?;
        official.iter().find(|(_, use_)| use_.era == era).map(|(name, _)| *name)
    }

    /// The first official English name of an era.
    pub fn name_of_era(&self, product: ProductId, era: u32) -> Option<NameId> {
        self.official(product).iter().find(|(_, use_)| use_.era == era).map(|(name, _)| *name)
    }

    /// The newest official English name as text, else the slug.
    pub fn label(&self, product: ProductId) -> &str {
        self.current_name(product).map_or(&self.get(product).slug, |name| &self.name(name).text)
    }

    fn official(&self, product: ProductId) -> Vec<(NameId, &NameUse)> {
        let of_name = |&id: &NameId| {
            let name = self.name(id);
            let uses = name.uses.iter().filter(|_| name.lang == "en");
            uses.filter(move |use_| use_.product == product && use_.kind == NameKind::Official)
                .map(move |use_| (id, use_))
        };
        self.get(product).names.iter().flat_map(of_name).collect()
    }
}

// Reading.

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NameRow {
    text: String,
    lang: String,
    kind: NameKind,
    era: u32,
    from: Option<Date>,
    until: Option<Date>,
    // The versions it stays right for, and the English name that it translates, are for curators.
    #[serde(rename = "applies_to")]
    _applies_to: Option<String>,
    applies_source: Option<String>,
    #[serde(rename = "translates")]
    _translates: Option<String>,
    uses: Option<u32>,
    share: Option<f64>,
    seen_from: Option<Date>,
    seen_until: Option<Date>,
    #[serde(flatten)]
    provenance: Provenance,
}

impl NameRow {
    pub(super) fn era(&self) -> u32 {
        self.era
    }

    pub(super) fn check<T>(&self, row: &Row<T>, sources: &Sources) -> Result<(), CatalogError> {
        row.needs_source(sources, &self.provenance.source)?;
        if let Some(source) = &self.applies_source {
            row.needs_source(sources, source)?;
        }
        row.needs_order(self.from.as_ref(), self.until.as_ref())?;
        row.needs_order(self.seen_from.as_ref(), self.seen_until.as_ref())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StopFile {
    #[serde(default)]
    exact_case: Vec<NameKind>,
    #[serde(default)]
    phrases: Vec<StopPhrase>,
    #[serde(default)]
    names: Vec<NeedRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NeedRow {
    text: String,
    lang: String,
    needs: Vec<Need>,
    #[serde(rename = "reason")]
    _reason: String,
    source: String,
}

impl Products {
    pub(super) fn add_names(&mut self, names: Names) {
        let mut ids = BTreeMap::new();
        for ((text, lang), name) in names.with_slugs() {
            let id = NameId(self.names.len() as u32);
            ids.insert((text, lang), id);
            self.names.push(name);
        }
        for (product, key) in names.order {
            let id = ids[&key];
            let names = &mut self.products[product.0 as usize].names;
            if !names.contains(&id) {
                names.push(id);
            }
        }
    }

    pub(super) fn add_needs(
        &mut self,
        texts: &Texts,
        sources: &Sources,
    ) -> Result<(), CatalogError> {
        let (mut kinds, mut phrases, mut needs) = (BTreeSet::new(), Vec::new(), Vec::new());
        for (file, stop) in texts.parse::<StopFile>("stop-phrases.yaml")? {
            kinds.extend(stop.exact_case);
            phrases.push((file.clone(), stop.phrases));
            needs.push((file, stop.names));
        }
        let phrases = overlay(phrases, |phrase| format!("{} ({})", phrase.text, phrase.lang))?;
        for row in phrases {
            row.needs_source(sources, &row.value.source)?;
            self.stop_phrases.push(row.value);
        }
        for name in &mut self.names {
            if name.uses.iter().all(|use_| kinds.contains(&use_.kind)) {
                name.needs.push(Need::ExactCase);
            }
        }
        for row in overlay(needs, |need| format!("{} ({})", need.text, need.lang))? {
            row.needs_source(sources, &row.value.source)?;
            let NeedRow { text, lang, needs, .. } = &row.value;
            let Some(name) =
                self.names.iter_mut().find(|name| name.text == *text && name.lang == *lang)
            else {
                return Err(row.fault(Fault::Name { text: text.clone(), lang: lang.clone() }));
            };
            name.needs.clone_from(needs);
        }
        Ok(())
    }
}

/// Names as they are collected: one per text and language.
#[derive(Default)]
pub(super) struct Names {
    uses: BTreeMap<(String, String), Vec<NameUse>>,
    order: Vec<(ProductId, (String, String))>,
}

impl Names {
    pub(super) fn add(&mut self, product: ProductId, row: NameRow) {
        let measured = match (row.uses, row.share, row.seen_from, row.seen_until) {
            (Some(uses), Some(share), Some(from), Some(until)) => {
                Some(Measured { uses, share, from, until })
            }
            _ => None,
        };
        let key = (row.text, row.lang);
        self.order.push((product, key.clone()));
        self.uses.entry(key).or_default().push(NameUse {
            product,
            era: row.era,
            kind: row.kind,
            from: row.from,
            until: row.until,
            measured,
            provenance: row.provenance,
        });
    }

    /// English first and official first, so that these get the plain slugs.
    fn with_slugs(&self) -> Vec<((String, String), Name)> {
        let mut sorted: Vec<_> = self.uses.iter().collect();
        sorted.sort_by_key(|((text, lang), uses)| {
            let best = uses.iter().map(|use_| use_.kind).min();
            (lang != "en", best, text.as_str(), lang.as_str())
        });
        let mut taken: BTreeMap<String, &str> = BTreeMap::new();
        let mut names = Vec::new();
        for ((text, lang), uses) in sorted {
            let mut free = slug(text);
            if taken.get(&free).is_some_and(|other| other != lang) {
                free = format!("{free}-{lang}");
            }
            let plain = free.clone();
            for n in 2.. {
                if !taken.contains_key(&free) {
                    break;
                }
                free = format!("{plain}-{n}");
            }
            taken.insert(free.clone(), lang);
            let name = Name {
                text: text.clone(),
                lang: lang.clone(),
                slug: free,
                uses: uses.clone(),
                needs: Vec::new(),
            };
            names.push(((text.clone(), lang.clone()), name));
        }
        names
    }
}
