//! What surrounds a product: other products, pages, codes, and who still uses its former names.

use std::collections::{BTreeMap, BTreeSet};

use super::data::Claim;
use super::index::Index;
use crate::lineage::product::{History, Status};
use crate::store::{Graph, StoreError};
use crate::vocab::stm;

/// Another product, and how it stands to this one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Related {
    pub how: How,
    pub iri: String,
    pub label: String,
    /// The day of a change; how often they stand together.
    pub note: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// It came out of the other one.
    Before,
    PartOf,
    /// It is said to run on the other.
    RunsOn,
    /// Where its data is, the other's rules decide.
    RuledBy,
    After,
    HasPart,
    Carries,
    Rules,
    Together,
}

impl How {
    pub fn word(self) -> &'static str {
        match self {
            Self::Before => "came from",
            Self::PartOf => "part of",
            Self::RunsOn => "runs on",
            Self::RuledBy => "follows the rules of",
            Self::After => "became",
            Self::HasPart => "has part",
            Self::Carries => "carries",
            Self::Rules => "sets the rules for",
            Self::Together => "documented together",
        }
    }
}

/// As many as are shown of those that are documented together.
const TOGETHER: usize = 8;
/// Texts that are looked at for them.
const LOOKED_AT: usize = 1500;

/// With a day: as of that day, what came later left out.
pub fn related(
    graph: &Graph<'_>,
    index: &Index,
    product: &str,
    day: Option<&str>,
) -> Result<Vec<Related>, StoreError> {
    let mut related = BTreeSet::new();
    let mut add = |how, iri: &str, note: String| {
        if iri != product
            && let Some(other) = index.products.get(iri)
        {
            let label = other.label.clone();
            related.insert(Related { how, iri: iri.to_owned(), label, note });
        }
    };
    let is_known = |start: Option<&str>| day.is_none_or(|day| start.is_none_or(|s| s <= day));
    let of_it = index.changes.iter().filter(|dated| dated.products.iter().any(|p| p == product));
    for dated in of_it.filter(|dated| is_known(dated.change.start())) {
        let note = || format!("{} {}", dated.change.kind, dated.change.day().unwrap_or_default());
        let before = graph.values(&dated.change.iri, stm::BEFORE)?;
        let after = graph.values(&dated.change.iri, stm::AFTER)?;
        let about = graph.values(&dated.change.iri, stm::PRODUCT)?;
        let is_new = after.iter().any(|iri| iri == product);
        let is_old = before.iter().any(|iri| iri == product);
        for other in &before {
            if is_new || about.iter().any(|iri| iri == product) {
                add(How::Before, other, note());
            }
        }
        for other in after.iter().chain(&about) {
            if is_old {
                add(How::After, other, note());
            }
        }
    }
    for whole in graph.values(product, stm::PART_OF)? {
        add(How::PartOf, &whole, String::new());
    }
    for part in graph.subjects(stm::PART_OF, product)? {
        add(How::HasPart, &part, String::new());
    }
    let is_ours = |claim: &&Claim| claim.product.as_deref() == Some(product);
    let leans = [
        (stm::INFRASTRUCTURE, How::RunsOn, How::Carries),
        (stm::RULE_OF, How::RuledBy, How::Rules),
    ];
    for (term, on, under) in leans {
        for (claim, _) in index.claims.iter().filter(|(_, claim)| is_ours(claim)) {
            for other in graph.values(claim, term)? {
                add(on, &other, String::new());
            }
        }
        for claim in graph.subjects(term, product)? {
            if let Some(user) = index.claims.get(&claim).and_then(|claim| claim.product.as_ref()) {
                add(under, user, String::new());
            }
        }
    }
    let mut together: BTreeMap<String, usize> = BTreeMap::new();
    let mentioning = graph.subjects(stm::MENTIONS, product)?;
    let mut looked_at = 0;
    for version in &mentioning {
        if looked_at == LOOKED_AT || index.page_at(graph, version, day)?.is_none() {
            continue;
        }
        looked_at += 1;
        for other in graph.values(version, stm::MENTIONS)? {
            *together.entry(other).or_default() += 1;
        }
    }
    together.remove(product);
    let mut most: Vec<(String, usize)> = together.into_iter().collect();
    most.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
    let mut known: Vec<Related> = related.iter().cloned().collect();
    for (iri, count) in most.into_iter().take(TOGETHER) {
        let Some(other) = index.products.get(&iri) else { continue };
        let note = format!("{count} page{}", if count == 1 { "" } else { "s" });
        known.push(Related { how: How::Together, label: other.label.clone(), iri, note });
    }
    // One line for a product that stands in one relation several times.
    let mut seen = BTreeSet::new();
    known.retain(|related| seen.insert((related.how, related.iri.clone())));
    Ok(known)
}

/// Current pages that speak of a product, or those that did on a day, by locale; those that say its
/// name in their title first.
pub fn pages(
    graph: &Graph<'_>,
    index: &Index,
    product: &str,
    day: Option<&str>,
) -> Result<BTreeMap<String, Vec<String>>, StoreError> {
    let names: Vec<String> = index
        .products
        .get(product)
        .iter()
        .flat_map(|product| &product.names)
        .map(|(name, ..)| super::search::folded(name))
        .collect();
    let mut pages: BTreeMap<String, Vec<(bool, String, String)>> = BTreeMap::new();
    for version in graph.subjects(stm::MENTIONS, product)? {
        let Some(page) = index.page_at(graph, &version, day)? else { continue };
        let Some(known) = index.pages.get(page) else { continue };
        let title = super::search::folded(&known.title);
        let is_named = names.iter().any(|name| title.contains(name.as_str()));
        let entry = (!is_named, known.title.clone(), page.to_owned());
        pages.entry(known.locale.clone()).or_default().push(entry);
    }
    let sorted = |mut list: Vec<(bool, String, String)>| {
        list.sort();
        list.into_iter().map(|(_, _, page)| page).collect()
    };
    Ok(pages.into_iter().map(|(locale, list)| (locale, sorted(list))).collect())
}

/// A name that is not the product's any more, where current pages still use it.
#[derive(Debug)]
pub struct Outdated {
    pub name: String,
    pub iri: String,
    pub until: Option<String>,
    /// Pages by locale, with how often they use it.
    pub pages: BTreeMap<String, BTreeMap<String, usize>>,
}

impl Outdated {
    pub fn uses(&self) -> usize {
        self.pages.values().flat_map(BTreeMap::values).sum()
    }
}

/// As of the day of the history, if it has one.
pub fn outdated(
    graph: &Graph<'_>,
    index: &Index,
    history: &History,
) -> Result<Vec<Outdated>, StoreError> {
    let mut all = Vec::new();
    for name in history.names.iter().filter(|name| name.status == Status::Former) {
        let mut pages: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
        for mention in graph.subjects(stm::OF_NAME, &name.iri)? {
            let version = mention.split('#').next().unwrap_or_default();
            if let Some(page) = index.page_at(graph, version, history.as_of.as_deref())?
                && let Some(known) = index.pages.get(page)
            {
                let of_locale = pages.entry(known.locale.clone()).or_default();
                *of_locale.entry(page.to_owned()).or_default() += 1;
            }
        }
        if !pages.is_empty() {
            all.push(Outdated {
                name: name.text.clone(),
                iri: name.iri.clone(),
                until: name.until.clone(),
                pages,
            });
        }
    }
    Ok(all)
}

/// Codes of the header that mean a product: key, value, IRI.
pub fn codes(
    graph: &Graph<'_>,
    product: &str,
) -> Result<Vec<(String, String, String)>, StoreError> {
    let start = format!("{}code/", graph.base());
    let mut codes = Vec::new();
    for iri in graph.subjects(stm::PRODUCT, product)? {
        if let Some(rest) = iri.strip_prefix(&start)
            && let Some((key, value)) = rest.split_once('/')
        {
            let decoded = |text: &str| {
                percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
            };
            codes.push((decoded(key), decoded(value), iri.clone()));
        }
    }
    for iri in graph.subjects(stm::DENOTES, product)? {
        if let Some(rest) = iri.strip_prefix(&start)
            && let Some((key, value)) = rest.split_once('/')
        {
            codes.push((key.to_owned(), value.to_owned(), iri.clone()));
        }
    }
    codes.sort();
    codes.dedup();
    Ok(codes)
}
