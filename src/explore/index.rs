//! What is known of a snapshot as a whole, read once when it is opened.

use std::collections::{BTreeMap, BTreeSet};

use super::data::{Claim, Stated};
use super::findings::Finding;
use super::search::Entry;
use super::{local, rows};
use crate::lineage::Graph;
use crate::lineage::product::{self, Change};
use crate::store::paths::present_first;
use crate::store::{Snapshot, StoreError};
use crate::vocab::{dcat, dcterms, rdfs, stm};

/// Lists in the order in which they are shown.
#[derive(Debug, Default)]
pub struct Index {
    /// Digest of tool, configuration and inputs.
    pub version: String,
    pub title: String,
    pub licence: Option<String>,
    /// Classes with the number of their things.
    pub classes: Vec<(String, usize)>,
    /// By IRI.
    pub products: BTreeMap<String, Product>,
    /// By IRI.
    pub pages: BTreeMap<String, Page>,
    /// Where documents stand or stood, the present path first, by IRI.
    pub paths: BTreeMap<String, Vec<String>>,
    /// Pages of each locale, and how many of them are up to date, stale, other.
    pub locales: BTreeMap<String, Freshness>,
    /// By IRI.
    pub claims: BTreeMap<String, Claim>,
    /// Who states which claim.
    pub stated: Vec<Stated>,
    /// What places and rules are called, by IRI.
    pub places: BTreeMap<String, Place>,
    pub findings: Vec<Finding>,
    /// The latest first.
    pub changes: Vec<Dated>,
    /// Pages whose texts are the newest, with the day, the latest first.
    pub latest: Vec<(String, String)>,
    pub entries: Vec<Entry>,
}

#[derive(Clone, Debug, Default)]
pub struct Product {
    pub label: String,
    pub kind: String,
    /// Text, language, status.
    pub names: Vec<(String, String, String)>,
    /// Texts that mention it.
    pub mentions: usize,
}

#[derive(Clone, Debug, Default)]
pub struct Page {
    pub document: String,
    pub locale: String,
    pub title: String,
    /// IRI of its current version.
    pub current: Option<String>,
    /// `UpToDate`, `Stale`, `Orphaned`, `Unknown`; none of a source.
    pub state: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Freshness {
    pub pages: usize,
    pub up_to_date: usize,
    pub stale: usize,
}

#[derive(Clone, Debug, Default)]
pub struct Place {
    pub label: String,
    /// The code, such as `US`; none of rules.
    pub code: Option<String>,
    pub is_rule: bool,
    /// Areas that it lies in, by IRI.
    pub within: Vec<String>,
}

/// A change and the products that it is about.
#[derive(Debug)]
pub struct Dated {
    pub change: Change,
    pub products: Vec<String>,
}

const PROPERTIES: &str = "SELECT ?p (COUNT(*) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?p";
const CLASSES: &str = "SELECT ?c (COUNT(?s) AS ?n) WHERE { ?s a ?c } GROUP BY ?c";
const PRODUCTS: &str = "SELECT ?p ?label ?kind WHERE { ?p a stm:Product ; rdfs:label ?label
  OPTIONAL { ?p stm:productKind ?kind } }";
const NAMES: &str = "SELECT ?p ?text (LANG(?form) AS ?lang) ?status WHERE {
  ?p a stm:Product ; stm:name ?name . ?name skosxl:literalForm ?form ; stm:nameStatus ?status
  BIND(STR(?form) AS ?text) }";
const MENTIONS: &str = "SELECT ?p (COUNT(?v) AS ?n) WHERE { ?v stm:mentions ?p } GROUP BY ?p";
const PAGES: &str = "SELECT ?page ?document ?locale ?title ?current ?state ?url WHERE {
  ?page a stm:Page ; stm:document ?document ; schema:inLanguage ?locale
  OPTIONAL { ?page rdfs:label ?title } OPTIONAL { ?page stm:currentVersion ?current }
  OPTIONAL { ?page stm:translationState ?state } OPTIONAL { ?page stm:url ?url } }";
const PATHS: &str = "SELECT ?document ?path WHERE { ?document a stm:Document ; stm:path ?path }";
const PLACES: &str = "SELECT DISTINCT ?place ?label ?code ?rule WHERE {
  { SELECT DISTINCT ?place WHERE { ?claim dpv:hasLocation ?place } }
  OPTIONAL { ?place rdfs:label ?label FILTER(LANG(?label) = 'en' || LANG(?label) = '') }
  OPTIONAL { ?place skos:notation ?code }
  OPTIONAL { ?place a stm:LocationRule BIND(true AS ?rule) } }";
const LATEST: &str = "SELECT ?from ?page WHERE { ?page stm:currentVersion ?version .
  ?validity stm:ofVersion ?version ; stm:validFrom ?from } ORDER BY DESC(?from) ?page LIMIT 8";
const CHANGES: &str = "SELECT ?change WHERE { ?change a stm:ProductChange }";

impl Index {
    pub fn read(snapshot: &Snapshot) -> Result<Self, StoreError> {
        let graph = Graph { snapshot };
        let base = graph.base();
        let mut index = Self {
            version: graph.value(base, dcat::VERSION)?.unwrap_or_default(),
            title: graph.value(base, rdfs::LABEL)?.unwrap_or_else(|| "stemma".to_owned()),
            licence: graph.value(base, dcterms::LICENSE)?,
            ..Self::default()
        };
        for [class, count] in rows(snapshot, CLASSES)? {
            index.classes.push((text(class), number(count)));
        }
        index.classes.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        index.read_products(snapshot)?;
        let mut urls: BTreeMap<String, String> = BTreeMap::new();
        for [page, document, locale, title, current, state, url] in rows(snapshot, PAGES)? {
            let page_of = Page {
                document: text(document),
                locale: text(locale),
                title: title.unwrap_or_default(),
                current,
                state: state.map(|state| local(&state).to_owned()),
            };
            let freshness = index.locales.entry(page_of.locale.clone()).or_default();
            freshness.pages += 1;
            match page_of.state.as_deref() {
                Some("UpToDate") => freshness.up_to_date += 1,
                Some("Stale") => freshness.stale += 1,
                _ => {}
            }
            if let Some(url) = url {
                urls.entry(page_of.document.clone()).or_insert(url);
            }
            index.pages.insert(text(page), page_of);
        }
        for [place, label, code, rule] in rows(snapshot, PLACES)? {
            let place = text(place);
            let within = graph.values(&place, stm::WITHIN)?;
            let label = label.unwrap_or_else(|| super::words(&place));
            let known = index.places.entry(place).or_default();
            known.within = within;
            known.label = label;
            known.is_rule |= rule.is_some();
            known.code = code.or(known.code.take());
        }
        super::data::read(snapshot, &mut index)?;
        index.findings = super::findings::all(snapshot, &index)?;
        index.read_changes(&graph)?;
        for [day, page] in rows(snapshot, LATEST)? {
            index.latest.push((text(day), text(page)));
        }
        index.latest.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        for [document, path] in rows(snapshot, PATHS)? {
            index.paths.entry(text(document)).or_default().push(text(path));
        }
        for (document, paths) in &mut index.paths {
            present_first(paths, urls.get(document).map(String::as_str));
        }
        index.entries = super::search::entries(&index);
        Ok(index)
    }

    fn read_products(&mut self, snapshot: &Snapshot) -> Result<(), StoreError> {
        for [product, label, kind] in rows(snapshot, PRODUCTS)? {
            let (label, kind) = (text(label), kind.unwrap_or_default());
            self.products.insert(text(product), Product { label, kind, ..Product::default() });
        }
        for [product, name, lang, status] in rows(snapshot, NAMES)? {
            if let Some(product) = self.products.get_mut(&text(product)) {
                let status = local(&text(status)).to_lowercase();
                product.names.push((text(name), text(lang), status));
            }
        }
        for [product, count] in rows(snapshot, MENTIONS)? {
            if let Some(product) = self.products.get_mut(&text(product)) {
                product.mentions = number(count);
            }
        }
        Ok(())
    }

    fn read_changes(&mut self, graph: &Graph<'_>) -> Result<(), StoreError> {
        for [change] in rows(graph.snapshot, CHANGES)? {
            let change = text(change);
            let mut products = BTreeSet::new();
            for term in [stm::PRODUCT, stm::BEFORE, stm::AFTER] {
                products.extend(graph.values(&change, term)?);
            }
            products.retain(|product| self.products.contains_key(product));
            let change = product::change(graph, &change)?;
            self.changes.push(Dated { change, products: products.into_iter().collect() });
        }
        self.changes
            .sort_by(|a, b| (b.change.day(), &a.change.iri).cmp(&(a.change.day(), &b.change.iri)));
        Ok(())
    }

    /// The page of a version, if that is the current one.
    pub fn page_of_current(&self, version: &str) -> Option<&str> {
        let (page, _) = version.rsplit_once('@')?;
        let (page, known) = self.pages.get_key_value(page)?;
        (known.current.as_deref() == Some(version)).then_some(page)
    }

    /// The page of a version, if that is the current one, or was on a day.
    pub fn page_at(
        &self,
        graph: &Graph<'_>,
        version: &str,
        day: Option<&str>,
    ) -> Result<Option<&str>, StoreError> {
        let Some(day) = day else { return Ok(self.page_of_current(version)) };
        let page = version.rsplit_once('@').and_then(|(page, _)| self.pages.get_key_value(page));
        let Some((page, _)) = page else { return Ok(None) };
        let spans = graph.subjects(stm::OF_VERSION, version)?;
        for span in &spans {
            let from = graph.value(span, stm::VALID_FROM)?;
            let until = graph.value(span, stm::VALID_UNTIL)?;
            if from.is_some_and(|from| from.as_str() <= day)
                && until.is_none_or(|until| day < until.as_str())
            {
                return Ok(Some(page));
            }
        }
        // A text without a date counts as current on any day, as for statements.
        Ok(if spans.is_empty() { self.page_of_current(version) } else { None })
    }

    /// What something is called, if the index knows it.
    pub fn label(&self, iri: &str) -> Option<&str> {
        let product = self.products.get(iri).map(|product| product.label.as_str());
        let page = || self.pages.get(iri).map(|page| page.title.as_str());
        let place = || self.places.get(iri).map(|place| place.label.as_str());
        product.or_else(page).or_else(place).filter(|label| !label.is_empty())
    }

    /// Where a document stands now.
    pub fn path(&self, document: &str) -> &str {
        self.paths.get(document).and_then(|paths| paths.first()).map_or("", String::as_str)
    }

    pub fn count(&self, class: &str) -> usize {
        let known = self.classes.iter().find(|(known, _)| local(known) == class);
        known.map_or(0, |(_, count)| *count)
    }

    /// The path of a thing that is worth a look: the product that most texts mention.
    pub fn example(&self) -> String {
        let most = self.products.iter().max_by_key(|(iri, product)| (product.mentions, *iri));
        most.map_or(String::new(), |(iri, _)| format!("product/{}", local(iri)))
    }

    /// Findings in current texts by severity: errors, warnings, notes.
    pub fn severities(&self) -> [usize; 3] {
        let current = || self.findings.iter().filter(|finding| finding.current);
        let count = |rank| current().filter(|finding| finding.rank == rank).count();
        [count(0), count(1), count(2)]
    }
}

/// Properties with the number of their statements: reads them all, which takes seconds.
pub fn properties(snapshot: &Snapshot) -> Result<Vec<(String, usize)>, StoreError> {
    let counted = rows(snapshot, PROPERTIES)?.into_iter();
    Ok(counted.map(|[property, count]| (text(property), number(count))).collect())
}

fn text(cell: Option<String>) -> String {
    cell.unwrap_or_default()
}

fn number(cell: Option<String>) -> usize {
    cell.and_then(|number| number.parse().ok()).unwrap_or(0)
}
