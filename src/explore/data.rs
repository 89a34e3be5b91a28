//! Where data is said to be: claims, who states them, and since when.

use std::collections::{BTreeMap, BTreeSet};

use super::index::Index;
use super::{local, rows};
use crate::lineage::Graph;
use crate::store::{Snapshot, StoreError};
use crate::vocab::{schema, stm};

/// What may be stated, in the words of its vocabulary.
#[derive(Clone, Debug, Default)]
pub struct Claim {
    pub label: String,
    /// IRI, if the product is known.
    pub product: Option<String>,
    /// `Store`, `Operate`, ….
    pub activity: String,
    /// IRI of the place or rule.
    pub place: String,
    /// What kinds of data, and in which form.
    pub data: BTreeSet<String>,
    /// `in`, `to`, `from`, `outside`, ….
    pub relation: String,
    /// `Asserted`, `Possible`, `Planned`.
    pub modality: String,
    pub negated: bool,
    pub at_rest: bool,
}

/// A version that states a claim.
#[derive(Clone, Debug)]
pub struct Stated {
    pub claim: String,
    pub version: String,
    pub page: String,
    pub locale: String,
    /// When the version was the current one: days, half-open.
    pub spans: Vec<(String, Option<String>)>,
    /// It is its page's current version.
    pub current: bool,
}

impl Stated {
    /// Whether it holds on a day; without a day, whether it is current.
    pub fn holds(&self, day: Option<&str>) -> bool {
        let Some(day) = day else { return self.current };
        if self.spans.is_empty() {
            return self.current;
        }
        self.spans.iter().any(|(from, until)| {
            from.as_str() <= day && until.as_deref().is_none_or(|until| day < until)
        })
    }

    pub fn since(&self) -> Option<&str> {
        self.spans.first().map(|(from, _)| from.as_str())
    }
}

impl Claim {
    /// It affirms that data is there, rather than denies it or tells where it comes from.
    pub fn affirms(&self) -> bool {
        !self.negated && ["in", "to", "via"].contains(&self.relation.as_str())
    }

    /// Kinds and forms of data in words: `customer data, pseudonymised`.
    pub fn data_words(&self, labels: &BTreeMap<String, String>) -> String {
        let words: Vec<String> = self
            .data
            .iter()
            .map(|data| labels.get(data).cloned().unwrap_or_else(|| super::words(data)))
            .collect();
        if words.is_empty() { "unnamed data".to_owned() } else { words.join(", ") }
    }
}

const CLAIMS: &str = "SELECT ?claim ?label ?product ?activity ?place ?relation ?modality ?negated
  ?rest WHERE { ?claim a stm:Claim ; rdfs:label ?label ; dpv:hasProcessing ?activity ;
    dpv:hasLocation ?place ; stm:relation ?relation ; stm:modality ?modality ;
    stm:negated ?negated ; stm:atRest ?rest OPTIONAL { ?claim stm:product ?product } }";
const DATA: &str = "SELECT ?claim ?data WHERE { ?claim a stm:Claim ; dpv:hasData ?data }";
const STATED: &str = "SELECT ?version ?claim WHERE { ?claim a stm:Claim .
  ?version stm:states ?claim ; a stm:PageVersion }";

/// Fills the index with claims and who states them.
pub fn read(snapshot: &Snapshot, index: &mut Index) -> Result<(), StoreError> {
    let graph = Graph { snapshot };
    for [claim, label, product, activity, place, relation, modality, negated, rest] in
        rows(snapshot, CLAIMS)?
    {
        let word = |iri: Option<String>| local(&iri.unwrap_or_default()).to_owned();
        let known = Claim {
            label: label.unwrap_or_default(),
            product,
            activity: word(activity),
            place: place.unwrap_or_default(),
            data: BTreeSet::new(),
            relation: relation.unwrap_or_default(),
            modality: word(modality),
            negated: negated.as_deref() == Some("true"),
            at_rest: rest.as_deref() == Some("true"),
        };
        index.claims.insert(claim.unwrap_or_default(), known);
    }
    for [claim, data] in rows(snapshot, DATA)? {
        if let Some(claim) = index.claims.get_mut(&claim.unwrap_or_default()) {
            claim.data.extend(data);
        }
    }
    let mut versions: BTreeMap<String, (String, String, Vec<_>, bool)> = BTreeMap::new();
    for [version, claim] in rows(snapshot, STATED)? {
        let (version, claim) = (version.unwrap_or_default(), claim.unwrap_or_default());
        if !versions.contains_key(&version) {
            let page = graph.value(&version, stm::PAGE)?.unwrap_or_default();
            let locale = graph.value(&version, schema::IN_LANGUAGE)?.unwrap_or_default();
            let current =
                graph.value(&page, stm::CURRENT_VERSION)?.as_deref() == Some(version.as_str());
            let mut spans = Vec::new();
            for span in graph.subjects(stm::OF_VERSION, &version)? {
                if let Some(from) = graph.value(&span, stm::VALID_FROM)? {
                    spans.push((from, graph.value(&span, stm::VALID_UNTIL)?));
                }
            }
            spans.sort();
            versions.insert(version.clone(), (page, locale, spans, current));
        }
        let (page, locale, spans, current) = versions[&version].clone();
        index.stated.push(Stated { claim, version, page, locale, spans, current });
    }
    Ok(())
}

/// The labels of the words for data and activities.
pub fn labels() -> BTreeMap<String, String> {
    crate::graph::claim::labels().map(|(term, label)| (term.as_str().to_owned(), label)).collect()
}

/// What is said of one product or one place: for each place or product, data and locale, the
/// statements that hold on a day.
#[derive(Debug, Default)]
pub struct Matrix {
    /// IRI of the place (or the product), its label.
    pub rows: Vec<(String, String)>,
    pub locales: Vec<String>,
    /// Activity and data in words.
    pub groups: Vec<Group>,
}

#[derive(Debug, Default)]
pub struct Group {
    /// Of a row: `stores customer data`, how sure, and by locale the statements.
    pub row: String,
    /// The verb, as its term.
    pub activity: String,
    /// What it is done to.
    pub data: String,
    pub modality: String,
    pub negated: bool,
    pub relation: String,
    pub by_locale: BTreeMap<String, Vec<Stated>>,
}

/// `about` says for a claim which row it belongs to: the IRI of a place or a product.
pub fn matrix(
    index: &Index,
    day: Option<&str>,
    about: impl Fn(&Claim) -> Option<String>,
) -> Matrix {
    let labels = labels();
    let mut groups: BTreeMap<(String, String, String, bool, String), Group> = BTreeMap::new();
    let mut locales = BTreeSet::new();
    for stated in index.stated.iter().filter(|stated| stated.holds(day)) {
        let Some(claim) = index.claims.get(&stated.claim) else { continue };
        let Some(row) = about(claim) else { continue };
        let data = if claim.data.is_empty() && claim.activity == "Operate" {
            String::new()
        } else {
            format!(" {}", claim.data_words(&labels))
        };
        let rest = if claim.at_rest { " at rest" } else { "" };
        let data = format!("{data}{rest}");
        let key = (
            row.clone(),
            activity(&claim.activity).to_owned() + &data,
            claim.modality.clone(),
            claim.negated,
            claim.relation.clone(),
        );
        let group = groups.entry(key).or_insert_with(|| Group {
            row,
            activity: claim.activity.clone(),
            data,
            modality: claim.modality.clone(),
            negated: claim.negated,
            relation: claim.relation.clone(),
            by_locale: BTreeMap::new(),
        });
        let known = group.by_locale.entry(stated.locale.clone()).or_default();
        if !known.iter().any(|other| other.version == stated.version) {
            known.push(stated.clone());
        }
        locales.insert(stated.locale.clone());
    }
    let mut rows: Vec<(String, String)> = Vec::new();
    for group in groups.values() {
        if !rows.iter().any(|(iri, _)| *iri == group.row) {
            let label = index.label(&group.row).map(str::to_owned);
            rows.push((group.row.clone(), label.unwrap_or_else(|| super::words(&group.row))));
        }
    }
    rows.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
    Matrix { rows, locales: locales.into_iter().collect(), groups: groups.into_values().collect() }
}

impl Group {
    /// `stores customer data`, `may not store customer data at rest`.
    pub fn says(&self) -> String {
        let (third, plain) = (activity(&self.activity), infinitive(&self.activity));
        let verb = match (self.modality.as_str(), self.negated) {
            ("Possible", false) => format!("may {plain}"),
            ("Possible", true) => format!("possibly does not {plain}"),
            ("Planned", false) => format!("is planned to {plain}"),
            ("Planned", true) => format!("is planned not to {plain}"),
            (_, false) => third.to_owned(),
            (_, true) => format!("does not {plain}"),
        };
        verb + &self.data
    }
}

/// An activity as a verb after `to`.
fn infinitive(term: &str) -> &'static str {
    match term {
        "Operate" => "operate",
        "Store" => "store",
        "Use" => "process",
        "Transfer" => "transfer",
        "Copy" => "replicate",
        "BackUp" => "back up",
        "MakeAvailable" => "give access to",
        _ => "handle",
    }
}

/// An activity as a verb.
pub fn activity(term: &str) -> &'static str {
    match term {
        "Operate" => "operates",
        "Store" => "stores",
        "Use" => "processes",
        "Transfer" => "transfers",
        "Copy" => "replicates",
        "BackUp" => "backs up",
        "MakeAvailable" => "gives access to",
        _ => "handles",
    }
}

/// Days on which something that is stated began or ended: what an as-of control offers.
pub fn days(index: &Index, of: impl Fn(&Claim) -> bool) -> Vec<String> {
    let mut days = BTreeSet::new();
    for stated in &index.stated {
        if index.claims.get(&stated.claim).is_some_and(&of) {
            for (from, until) in &stated.spans {
                days.insert(from.clone());
                days.extend(until.clone());
            }
        }
    }
    days.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_a_sentence() {
        let says = |modality: &str, negated| {
            let (activity, modality) = ("Store".to_owned(), modality.to_owned());
            let data = " customer data at rest".to_owned();
            Group { activity, data, modality, negated, ..Group::default() }.says()
        };
        assert_eq!(says("Asserted", false), "stores customer data at rest");
        assert_eq!(says("Asserted", true), "does not store customer data at rest");
        assert_eq!(says("Possible", false), "may store customer data at rest");
        assert_eq!(says("Planned", true), "is planned not to store customer data at rest");
    }
}
