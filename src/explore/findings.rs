//! Problems of documents, as a list that can be narrowed.

use std::collections::{BTreeMap, BTreeSet};

use super::index::Index;
use super::{local, rows};
use crate::lineage::Graph;
use crate::store::{Snapshot, StoreError};
use crate::vocab::{schema, stm};

#[derive(Clone, Debug)]
pub struct Finding {
    pub iri: String,
    /// 0 an error, 1 a warning, 2 a note.
    pub rank: u8,
    pub code: String,
    pub message: String,
    pub line: Option<u32>,
    /// IRI of the version or the file.
    pub place: String,
    pub locale: String,
    /// Path of the file, or what is left of the place.
    pub path: String,
    /// Not of a text that its page no longer has, nor of another edition of one.
    pub current: bool,
}

/// What to show.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub code: Option<String>,
    pub rank: Option<u8>,
    pub locale: Option<String>,
    /// Words of the message or the path.
    pub text: Option<String>,
    /// Also of texts that are not the current ones.
    pub former: bool,
}

/// How many findings there would be if one more thing were asked for.
#[derive(Debug, Default)]
pub struct Facets {
    pub codes: BTreeMap<String, usize>,
    pub ranks: BTreeMap<u8, usize>,
    pub locales: BTreeMap<String, usize>,
}

const FINDINGS: &str = "SELECT ?place ?finding ?rule ?severity ?message ?line WHERE {
  ?finding a stm:Finding ; stm:rule ?rule ; stm:severity ?severity ; stm:message ?message ;
    stm:inVersion|stm:inFile ?place OPTIONAL { ?finding stm:line ?line } }";

pub fn severity(rank: u8) -> &'static str {
    match rank {
        0 => "error",
        1 => "warning",
        _ => "note",
    }
}

pub fn all(snapshot: &Snapshot, index: &Index) -> Result<Vec<Finding>, StoreError> {
    let graph = Graph { snapshot };
    let base = graph.base();
    let mut known: BTreeMap<String, (String, String, bool)> = BTreeMap::new();
    let mut findings = Vec::new();
    for [place, finding, rule, severity, message, line] in rows(snapshot, FINDINGS)? {
        let place = place.unwrap_or_default();
        if !known.contains_key(&place) {
            let page = graph.value(&place, stm::PAGE)?;
            let page = page.as_ref().and_then(|page| index.pages.get(page));
            let locale = match page {
                Some(page) => page.locale.clone(),
                None => graph.value(&place, schema::IN_LANGUAGE)?.unwrap_or_default(),
            };
            let text = page.and_then(|page| page.current.as_ref());
            let current = text.is_none_or(|text| *text == place);
            let file = graph.value(&place, stm::FILE)?;
            let rest = || place.strip_prefix(base).unwrap_or(&place).to_owned();
            known.insert(place.clone(), (locale, file.unwrap_or_else(rest), current));
        }
        let (locale, path, current) = known[&place].clone();
        findings.push(Finding {
            iri: finding.unwrap_or_default(),
            rank: match severity.as_deref().map(local) {
                Some("Violation") => 0,
                Some("Warning") => 1,
                _ => 2,
            },
            code: rule.unwrap_or_default(),
            message: message.unwrap_or_default(),
            line: line.and_then(|line| line.parse().ok()),
            place,
            locale,
            path,
            current,
        });
    }
    findings.sort_by(|a, b| {
        (a.rank, &a.code, &a.path, a.line, &a.iri).cmp(&(b.rank, &b.code, &b.path, b.line, &b.iri))
    });
    Ok(findings)
}

impl Filter {
    fn takes(&self, finding: &Finding) -> bool {
        let words = self.text.as_deref().map(super::search::folded);
        (self.former || finding.current)
            && self.code.as_ref().is_none_or(|code| finding.code == *code)
            && self.rank.is_none_or(|rank| finding.rank == rank)
            && self.locale.as_ref().is_none_or(|locale| finding.locale == *locale)
            && words.is_none_or(|words| {
                let all = super::search::folded(&format!("{} {}", finding.message, finding.path));
                words.split(' ').all(|word| all.contains(word))
            })
    }

    pub fn apply<'a>(&self, findings: &'a [Finding]) -> Vec<&'a Finding> {
        findings.iter().filter(|finding| self.takes(finding)).collect()
    }

    /// For each property, with what else is asked for.
    pub fn facets(&self, findings: &[Finding]) -> Facets {
        let mut facets = Facets::default();
        let without = |filter: Self| filter;
        let codes = without(Self { code: None, ..self.clone() });
        for finding in findings.iter().filter(|finding| codes.takes(finding)) {
            *facets.codes.entry(finding.code.clone()).or_default() += 1;
        }
        let ranks = without(Self { rank: None, ..self.clone() });
        for finding in findings.iter().filter(|finding| ranks.takes(finding)) {
            *facets.ranks.entry(finding.rank).or_default() += 1;
        }
        let locales = without(Self { locale: None, ..self.clone() });
        for finding in findings.iter().filter(|finding| locales.takes(finding)) {
            *facets.locales.entry(finding.locale.clone()).or_default() += 1;
        }
        facets
    }
}

/// The codes that occur.
pub fn codes(findings: &[Finding]) -> BTreeSet<&str> {
    findings.iter().map(|finding| finding.code.as_str()).collect()
}
