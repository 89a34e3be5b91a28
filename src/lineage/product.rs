//! A product's names, changes and relations, as the graph has them.
//!
//! The types here are what `--format json` prints.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Graph, local, tail};
use crate::store::StoreError;
use crate::vocab::{dcterms, rdfs, skos, skosxl, stm};

/// A product through time.
#[derive(Debug, Serialize)]
pub struct History {
    /// Always `product`.
    pub kind: &'static str,
    /// IRI.
    pub product: String,
    pub label: String,
    pub product_kind: Option<String>,
    pub status: Option<String>,
    pub comments: Vec<String>,
    /// What came after this day is left out.
    pub as_of: Option<String>,
    /// Official names first, each kind in order of time.
    pub names: Vec<Name>,
    /// In order of time.
    pub changes: Vec<Change>,
    pub relations: Vec<Relation>,
}

#[derive(Debug, Serialize)]
pub struct Name {
    pub iri: String,
    pub text: String,
    pub lang: String,
    pub status: Status,
    /// Numbers of the eras, from 1, in which the product had it.
    pub eras: Vec<u32>,
    /// As the registry has it; a day, a month or a year.
    pub from: Option<String>,
    pub until: Option<String>,
    /// First and last dated text of the inputs that uses it.
    pub first_seen: Option<String>,
    pub last_seen: Option<String>,
    /// `sourced`, `recalled` or `observed`.
    pub confidence: Vec<String>,
    /// Where the registry has it from.
    pub sources: Vec<String>,
    /// Texts of the names that came after it.
    pub replaced_by: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Official,
    Former,
    Abbreviation,
    Localised,
    Mistranslation,
}

#[derive(Debug, Serialize)]
pub struct Change {
    pub iri: String,
    /// `rename`, `merge`, `split`, `replacement` or `acquisition`.
    pub kind: String,
    /// Names, or labels of products.
    pub before: Vec<String>,
    pub after: Vec<String>,
    /// A day, a month or a year, where a source says it.
    pub date: Option<String>,
    /// The bounds of the day: the last on which the old was seen, the first with the new.
    pub earliest: Option<String>,
    pub latest: Option<String>,
    /// `curated` by people, or `observed` on pages.
    pub basis: String,
    pub confidence: Option<String>,
    /// From 0 to 1, of an observed one.
    pub score: Option<f64>,
    /// How many pieces of evidence there are, and by their signal.
    pub evidence: usize,
    pub signals: BTreeMap<String, usize>,
    /// Where a curated one is from.
    pub sources: Vec<String>,
}

#[derive(Debug, Serialize)]
pub struct Relation {
    /// `part of`, `has part`, `code` or `same as`.
    pub relation: &'static str,
    pub iri: String,
    pub label: String,
}

impl Name {
    /// The first day that is known of it.
    pub fn start(&self) -> Option<&str> {
        self.from.as_deref().or(self.first_seen.as_deref())
    }

    pub fn is_official(&self) -> bool {
        matches!(self.status, Status::Official | Status::Former)
    }
}

impl Change {
    pub fn start(&self) -> Option<&str> {
        self.earliest.as_deref().or(self.date.as_deref()).or(self.latest.as_deref())
    }

    /// Its day; of an observed one the first on which it was seen.
    pub fn day(&self) -> Option<&str> {
        self.date.as_deref().or(self.latest.as_deref()).or(self.earliest.as_deref())
    }

    /// Its day, or its bounds.
    pub fn when(&self) -> String {
        match (&self.date, &self.earliest, &self.latest) {
            (Some(date), _, _) => date.clone(),
            (None, Some(earliest), Some(latest)) if earliest == latest => latest.clone(),
            (None, Some(earliest), Some(latest)) => format!("{earliest} to {latest}"),
            (None, Some(earliest), None) => format!("after {earliest}"),
            (None, None, Some(latest)) => format!("by {latest}"),
            (None, None, None) => "undated".to_owned(),
        }
    }

    /// What it happened to and what came of it.
    pub fn ends(&self) -> String {
        format!("{} → {}", self.before.join(", "), self.after.join(", "))
    }

    /// Who says it, and how surely.
    pub fn grounds(&self) -> String {
        let mut parts = vec![self.basis.clone()];
        match self.score {
            Some(score) => parts.push(format!("score {score:.2}")),
            None => parts.extend(self.confidence.clone()),
        }
        if !self.signals.is_empty() {
            let signals: Vec<String> =
                self.signals.iter().map(|(signal, number)| format!("{number} {signal}")).collect();
            let pieces = super::count(self.evidence, "piece");
            parts.push(format!("{pieces} of evidence ({})", signals.join(", ")));
        } else if self.sources.is_empty() && self.evidence > 0 {
            parts.push(format!("{} of evidence", super::count(self.evidence, "piece")));
        }
        // Who recalls it has no other source.
        let said = |source: &&String| self.confidence.as_ref() != Some(&source.to_lowercase());
        parts.extend(self.sources.iter().filter(said).cloned());
        parts.join(" · ")
    }
}

/// Everything about a product, what came after a day left out if one is given.
pub fn read(graph: &Graph<'_>, product: &str, as_of: Option<&str>) -> Result<History, StoreError> {
    let began =
        |start: Option<&str>| as_of.is_none_or(|day| start.is_none_or(|start| start <= day));
    let mut names = Vec::new();
    let mut changes = BTreeSet::new();
    let change_iris = format!("{}change/", graph.base());
    let is_change = |iri: &String| iri.starts_with(&change_iris) && !iri.contains('#');
    for iri in graph.values(product, stm::NAME)? {
        for end in [stm::BEFORE, stm::AFTER] {
            changes.extend(graph.subjects(end, &iri)?.into_iter().filter(is_change));
        }
        names.push(name(graph, &iri)?);
    }
    names.retain(|name| began(name.start()));
    if let Some(day) = as_of {
        for name in &mut names {
            name.look_from(graph, day)?;
        }
    }
    names.sort_by_key(|name| {
        let group = if name.is_official() { Status::Official } else { name.status };
        (group, name.start().is_none(), name.start().map(str::to_owned), name.text.clone())
    });
    for end in [stm::PRODUCT, stm::BEFORE, stm::AFTER] {
        changes.extend(graph.subjects(end, product)?.into_iter().filter(is_change));
    }
    let mut changes: Vec<Change> =
        changes.iter().map(|iri| change(graph, iri)).collect::<Result<_, _>>()?;
    changes.retain(|change| began(change.start()));
    changes.sort_by(|a, b| (a.day(), &a.iri).cmp(&(b.day(), &b.iri)));
    Ok(History {
        kind: "product",
        product: product.to_owned(),
        label: graph.value(product, rdfs::LABEL)?.unwrap_or_else(|| tail(product).to_owned()),
        product_kind: graph.value(product, stm::PRODUCT_KIND)?,
        status: graph.value(product, stm::PRODUCT_STATUS)?,
        comments: graph.values(product, rdfs::COMMENT)?,
        as_of: as_of.map(str::to_owned),
        names,
        changes,
        relations: relations(graph, product)?,
    })
}

impl Name {
    /// As it was known on a day: a name that it had then is no former one, and what was seen later
    /// was not yet seen.
    fn look_from(&mut self, graph: &Graph<'_>, day: &str) -> Result<(), StoreError> {
        if self.until.as_deref().is_some_and(|until| day < until) {
            self.until = None;
            if self.status == Status::Former {
                self.status = Status::Official;
            }
        }
        if self.last_seen.as_deref().is_some_and(|seen| day < seen) {
            let mentions = graph.subjects(stm::OF_NAME, &self.iri)?;
            let versions: BTreeSet<&str> =
                mentions.iter().filter_map(|mention| mention.split('#').next()).collect();
            let mut seen = Vec::new();
            for version in versions {
                for span in graph.subjects(stm::OF_VERSION, version)? {
                    seen.extend(graph.value(&span, stm::VALID_FROM)?);
                }
            }
            seen.retain(|seen| seen.as_str() <= day);
            self.first_seen = self.first_seen.take().filter(|first| first.as_str() <= day);
            self.last_seen = seen.into_iter().max().filter(|_| self.first_seen.is_some());
        }
        Ok(())
    }
}

fn name(graph: &Graph<'_>, iri: &str) -> Result<Name, StoreError> {
    let subject = oxigraph::model::NamedNodeRef::new_unchecked(iri);
    let form = graph.snapshot.matching(Some(subject), Some(skosxl::LITERAL_FORM), None).next();
    let (text, lang) = match form.transpose()?.map(|quad| quad.object) {
        Some(oxigraph::model::Term::Literal(form)) => {
            (form.value().to_owned(), form.language().unwrap_or_default().to_owned())
        }
        _ => (tail(iri).to_owned(), String::new()),
    };
    let precision = graph.value(iri, stm::DATE_PRECISION)?;
    let date = |date: Option<String>| date.map(|date| coarse(date, precision.as_deref()));
    let mut replaced_by = Vec::new();
    for next in graph.values(iri, dcterms::IS_REPLACED_BY)? {
        replaced_by.extend(graph.value(&next, skosxl::LITERAL_FORM)?);
    }
    let eras = graph.values(iri, stm::ERA)?;
    Ok(Name {
        iri: iri.to_owned(),
        text,
        lang,
        status: match graph.value(iri, stm::NAME_STATUS)?.as_deref().map(local) {
            Some("Official") => Status::Official,
            Some("Abbreviation") => Status::Abbreviation,
            Some("Localised") => Status::Localised,
            Some("Mistranslation") => Status::Mistranslation,
            _ => Status::Former,
        },
        eras: eras.iter().filter_map(|era| era.parse().ok()).collect(),
        from: date(graph.value(iri, stm::VALID_FROM)?),
        until: date(graph.value(iri, stm::VALID_UNTIL)?),
        first_seen: graph.value(iri, stm::FIRST_SEEN)?,
        last_seen: graph.value(iri, stm::LAST_SEEN)?,
        confidence: graph.values(iri, stm::CONFIDENCE)?,
        sources: labels(graph, graph.values(iri, dcterms::SOURCE)?)?,
        replaced_by,
    })
}

pub fn change(graph: &Graph<'_>, iri: &str) -> Result<Change, StoreError> {
    let kinds = graph.values(iri, oxigraph::model::vocab::rdf::TYPE)?;
    let kind = kinds.iter().find(|kind| **kind != stm::PRODUCT_CHANGE.as_str());
    let precision = graph.value(iri, stm::DATE_PRECISION)?;
    let ends = |predicate| -> Result<Vec<String>, StoreError> {
        labels(graph, graph.values(iri, predicate)?)
    };
    let mut signals = BTreeMap::new();
    let mut sources = Vec::new();
    let evidence = graph.values(iri, stm::EVIDENCE)?;
    for piece in &evidence {
        if let Some(signal) = graph.value(piece, stm::SIGNAL)? {
            *signals.entry(signal).or_insert(0) += 1;
        } else if graph.is_a(piece, stm::SOURCE)? {
            sources.push(piece.clone());
        }
    }
    Ok(Change {
        iri: iri.to_owned(),
        kind: kind.map_or("change", |kind| local(kind)).to_lowercase(),
        before: ends(stm::BEFORE)?,
        after: ends(stm::AFTER)?,
        date: graph.value(iri, stm::DATE)?.map(|date| coarse(date, precision.as_deref())),
        earliest: graph.value(iri, stm::EARLIEST)?,
        latest: graph.value(iri, stm::LATEST)?,
        basis: graph
            .value(iri, stm::BASIS)?
            .map_or(String::new(), |basis| local(&basis).to_lowercase()),
        confidence: graph.value(iri, stm::CONFIDENCE)?,
        score: graph.value(iri, stm::SCORE)?.and_then(|score| score.parse().ok()),
        evidence: evidence.len(),
        signals,
        sources: labels(graph, sources)?,
    })
}

/// What things are called: the form of a name, the label of all else.
fn labels(graph: &Graph<'_>, iris: Vec<String>) -> Result<Vec<String>, StoreError> {
    let label = |iri: String| -> Result<String, StoreError> {
        let form = match graph.value(&iri, skosxl::LITERAL_FORM)? {
            Some(form) => Some(form),
            None => graph.value(&iri, rdfs::LABEL)?,
        };
        Ok(form.unwrap_or_else(|| tail(&iri).to_owned()))
    };
    iris.into_iter().map(label).collect()
}

fn relations(graph: &Graph<'_>, product: &str) -> Result<Vec<Relation>, StoreError> {
    let codes = format!("{}code/", graph.base());
    let codes: Vec<String> = graph
        .subjects(stm::PRODUCT, product)?
        .into_iter()
        .filter(|c| c.starts_with(&codes))
        .collect();
    let groups = [
        ("part of", graph.values(product, stm::PART_OF)?),
        ("has part", graph.subjects(stm::PART_OF, product)?),
        ("code", codes),
        ("same as", graph.values(product, skos::EXACT_MATCH)?),
    ];
    let mut relations = Vec::new();
    for (relation, iris) in groups {
        for (iri, label) in iris.clone().into_iter().zip(labels(graph, iris)?) {
            relations.push(Relation { relation, iri, label });
        }
    }
    Ok(relations)
}

/// A coarser date stands as its first day in the graph.
fn coarse(date: String, precision: Option<&str>) -> String {
    match precision {
        Some("year") if date.ends_with("-01-01") => date[..4].to_owned(),
        Some("month") if date.ends_with("-01") => date[..7].to_owned(),
        _ => date,
    }
}
