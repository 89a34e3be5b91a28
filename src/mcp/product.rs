//! One product: names, changes, relations, pages, and where its former names are still used.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Call;
use super::cite::{Citation, joined};
use super::tool::{Refusal, Tool, day};
use crate::explore::product as around;
use crate::lineage::count;
use crate::lineage::product::{self as history, History};
use crate::store::queries::Kind;
use crate::vocab::stm;

pub struct Product;

#[derive(Deserialize, JsonSchema)]
pub struct Arguments {
    /// Any name that it ever had (`MDATP`, `Microsoft Threat Protection`), or its IRI
    /// (`product:microsoft-defender-xdr`)
    product: String,
    /// Tell all this as of this day, YYYY-MM-DD (default: now): names, changes, where names were
    /// seen, statements and pages. `label`, `status` and codes are those of now
    as_of: Option<String>,
}

/// A product through time.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    iri: String,
    label: String,
    /// suite, service, feature, …
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    /// Official names in order of time, then all others
    names: Vec<Name>,
    /// In order of time
    changes: Vec<Change>,
    related: Vec<Related>,
    /// How many current pages speak of it, with some of them
    pages: Vec<InLocale>,
    /// Former names that current pages still use
    outdated: Vec<Outdated>,
    /// Values of page headers that mean it
    codes: Vec<String>,
    /// How many claims about its data are stated now; `claims` tells them
    claims: usize,
}

/// A name, and how it is known.
#[derive(Serialize, JsonSchema)]
pub struct Name {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    lang: Option<String>,
    /// official, former, abbreviation, localised or mistranslation
    status: String,
    /// First day of the name: a day, month or year, as the registry has it
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// The day from which it was not the name any more
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    /// First and last dated text of the pages that uses it
    #[serde(skip_serializing_if = "Option::is_none")]
    first_seen: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen: Option<String>,
    /// What people entered into the registry: from where, and how surely (sourced or recalled)
    #[serde(skip_serializing_if = "Vec::is_empty")]
    registry: Vec<String>,
    /// A place where a page uses it
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Citation>,
}

/// A rename, merge, split, replacement or acquisition.
#[derive(Serialize, JsonSchema)]
pub struct Change {
    iri: String,
    kind: String,
    before: Vec<String>,
    after: Vec<String>,
    /// A day, or its bounds
    when: String,
    /// curated (entered by people) or observed (inferred from dated pages)
    basis: String,
    /// How surely, and by what kind of evidence
    grounds: String,
    /// The first pieces of evidence; of an observed change, with the old name and with the new
    evidence: Vec<Citation>,
    /// Pieces of evidence that are not shown
    more_evidence: usize,
}

#[derive(Serialize, JsonSchema)]
struct Related {
    /// came from, part of, runs on, follows the rules of, became, has part, carries, sets the rules
    /// for, documented together
    how: &'static str,
    label: String,
    iri: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    note: String,
}

#[derive(Serialize, JsonSchema)]
struct InLocale {
    locale: String,
    pages: usize,
    /// IRIs of the first, those that have the name in their title before others
    examples: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct Outdated {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    uses: usize,
    pages: usize,
    /// One of the places
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Citation>,
}

/// More would not be read.
const SHOWN: usize = 3;

impl Tool for Product {
    const NAME: &'static str = "product";
    const TITLE: &'static str = "A product's names, changes and pages";
    type Arguments = Arguments;
    type Answer = Answer;

    fn about() -> String {
        "Tells about one product: what it was called when, renames and merges with their evidence, \
         related products, the pages that speak of it, codes, and where former names are still \
         used. To know what a product was called on a day, give `as_of`."
            .to_owned()
    }

    fn answer(arguments: Arguments, call: &Call<'_>) -> Result<Answer, Refusal> {
        let as_of = day(arguments.as_of.as_deref())?;
        let iri = call.product(&arguments.product)?;
        let graph = call.graph();
        let history = history::read(&graph, &iri, as_of)?;
        let related = around::related(&graph, call.index(), &iri, as_of)?.into_iter();
        let pages = around::pages(&graph, call.index(), &iri, as_of)?.into_iter();
        let mut outdated = Vec::new();
        for name in around::outdated(&graph, call.index(), &history)? {
            outdated.push(Outdated {
                uses: name.uses(),
                pages: name.pages.values().map(std::collections::BTreeMap::len).sum(),
                evidence: call.use_of(&name.iri, true, as_of)?,
                until: name.until,
                name: name.name,
            });
        }
        let (names, changes) = call.history(&history)?;
        let index = call.index();
        let stated = index.stated.iter().filter(|stated| stated.holds(as_of));
        let of_it = |claim: &str| {
            let claim = index.claims.get(claim);
            claim.is_some_and(|claim| claim.product.as_deref() == Some(&iri))
        };
        let claims: std::collections::BTreeSet<&str> =
            stated.map(|stated| stated.claim.as_str()).filter(|claim| of_it(claim)).collect();
        Ok(Answer {
            label: history.label,
            kind: history.product_kind,
            status: history.status,
            names,
            changes,
            related: related
                .map(|related| Related {
                    how: related.how.word(),
                    label: related.label,
                    iri: call.short(&related.iri),
                    note: related.note,
                })
                .collect(),
            pages: pages
                .map(|(locale, pages)| InLocale {
                    locale,
                    pages: pages.len(),
                    examples: pages.iter().take(SHOWN).map(|page| call.short(page)).collect(),
                })
                .collect(),
            outdated,
            codes: around::codes(&graph, &iri)?
                .into_iter()
                .map(|(key, value, _)| format!("{key}: {value}"))
                .collect(),
            claims: claims.len(),
            iri: call.short(&iri),
        })
    }
}

impl Call<'_> {
    /// What somebody means by a product's name.
    pub fn product(&self, text: &str) -> Result<String, Refusal> {
        let named = queries_iri(self, text);
        let graph = self.graph();
        if let Some(iri) = named
            && graph.is_a(&iri, stm::PRODUCT_CLASS)?
        {
            return Ok(iri);
        }
        match self.asker().value(Kind::Product, text)? {
            oxigraph::model::Term::NamedNode(iri) => Ok(iri.into_string()),
            other => Err(Refusal::new(format!("{other} is no product"))),
        }
    }

    /// Names and changes with a place where each is to be seen.
    pub fn history(&self, history: &History) -> Result<(Vec<Name>, Vec<Change>), Refusal> {
        let mut names = Vec::new();
        for name in &history.names {
            let status = serde_json::to_value(name.status).unwrap_or_default();
            let registry = name.sources.iter().chain(&name.confidence).cloned();
            let mut registry: Vec<String> = registry.filter(|from| from != "observed").collect();
            registry.dedup_by(|a, b| a.eq_ignore_ascii_case(b));
            names.push(Name {
                name: name.text.clone(),
                lang: Some(name.lang.clone()).filter(|lang| !lang.is_empty()),
                status: status.as_str().unwrap_or_default().to_owned(),
                from: name.from.clone(),
                until: name.until.clone(),
                first_seen: name.first_seen.clone(),
                last_seen: name.last_seen.clone(),
                registry,
                evidence: match name.first_seen {
                    Some(_) => self.use_of(&name.iri, false, history.as_of.as_deref())?,
                    None => None,
                },
            });
        }
        let mut changes = Vec::new();
        for change in &history.changes {
            let (evidence, more_evidence) = self.evidence_of(&change.iri)?;
            changes.push(Change {
                iri: self.short(&change.iri),
                kind: change.kind.clone(),
                before: change.before.clone(),
                after: change.after.clone(),
                when: change.when(),
                basis: change.basis.clone(),
                grounds: change.grounds(),
                evidence,
                more_evidence,
            });
        }
        Ok((names, changes))
    }

    /// The first place where a text uses a name; of the current ones, or of all until the day.
    fn use_of(
        &self,
        name: &str,
        current: bool,
        day: Option<&str>,
    ) -> Result<Option<Citation>, Refusal> {
        let graph = self.graph();
        for mention in graph.subjects(stm::OF_NAME, name)? {
            let version = mention.split('#').next().unwrap_or_default();
            let is_wanted = match day {
                _ if current => self.index().page_at(&graph, version, day)?.is_some(),
                None => true,
                Some(day) => self.text(version)?.since.is_some_and(|since| since.as_str() <= day),
            };
            if is_wanted {
                return Ok(self.cite(&mention)?);
            }
        }
        Ok(None)
    }

    /// What a change is known from: the first pieces, and how many more there are.
    fn evidence_of(&self, change: &str) -> Result<(Vec<Citation>, usize), Refusal> {
        let graph = self.graph();
        let pieces = graph.values(change, stm::EVIDENCE)?;
        let mut found = Vec::new();
        for piece in pieces.iter().take(SHOWN) {
            if !graph.is_a(piece, stm::CHANGE_EVIDENCE)? {
                found.extend(self.cite(piece)?);
                continue;
            }
            for (end, what) in [(stm::BEFORE, "before"), (stm::AFTER, "after")] {
                for place in graph.values(piece, end)?.into_iter().take(1) {
                    found.extend(self.cite(&place)?.map(|citation| {
                        let notes = std::iter::once(what.to_owned()).chain(citation.note);
                        Citation { note: joined(notes), ..citation }
                    }));
                }
            }
        }
        let mut known = Vec::new();
        for citation in found {
            if !known.contains(&citation) {
                known.push(citation);
            }
        }
        Ok((known, pieces.len().saturating_sub(SHOWN)))
    }
}

/// An IRI, if it is written as one.
pub fn queries_iri(call: &Call<'_>, text: &str) -> Option<String> {
    let text = text.trim();
    let is_iri = text.starts_with('<') || text.contains(':');
    let iri = crate::store::queries::iri(text, &call.loaded.snapshot.meta().base).ok()?;
    is_iri.then(|| iri.into_string())
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lang = self.lang.as_ref().map_or(String::new(), |lang| format!(" ({lang})"));
        write!(f, "{}{lang} · {}", self.name, self.status)?;
        match (&self.from, &self.until) {
            (Some(from), Some(until)) => write!(f, " · {from} to {until}")?,
            (Some(from), None) => write!(f, " · since {from}")?,
            (None, Some(until)) => write!(f, " · until {until}")?,
            (None, None) => {}
        }
        if let (Some(first), Some(last)) = (&self.first_seen, &self.last_seen) {
            write!(f, " · seen {first} to {last}")?;
        }
        if !self.registry.is_empty() {
            write!(f, " · registry: {}", self.registry.join(", "))?;
        }
        match &self.evidence {
            Some(evidence) => write!(f, "\n    {evidence}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, after) = (self.before.join(", "), self.after.join(", "));
        write!(f, "{} {}: {before} → {after} · {}", self.when, self.kind, self.grounds)?;
        for evidence in &self.evidence {
            write!(f, "\n    {evidence}")?;
        }
        match self.more_evidence {
            0 => Ok(()),
            more => write!(f, "\n    {more} more: query name=product-changes"),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let about: Vec<&str> =
            [&self.kind, &self.status].into_iter().flatten().map(|s| &**s).collect();
        writeln!(f, "{} · {} · {}", self.label, self.iri, about.join(", "))?;
        section(f, "Names", &self.names)?;
        section(f, "Changes", &self.changes)?;
        if !self.related.is_empty() {
            writeln!(f, "\nRelated:")?;
            for related in &self.related {
                let note = if related.note.is_empty() { "" } else { " · " };
                writeln!(
                    f,
                    "- {} {} · {}{note}{}",
                    related.how, related.label, related.iri, related.note
                )?;
            }
        }
        if !self.outdated.is_empty() {
            writeln!(f, "\nFormer names on current pages:")?;
            for name in &self.outdated {
                writeln!(
                    f,
                    "- {}: {} on {}",
                    name.name,
                    count(name.uses, "use"),
                    count(name.pages, "page")
                )?;
                if let Some(evidence) = &name.evidence {
                    writeln!(f, "    {evidence}")?;
                }
            }
        }
        if !self.pages.is_empty() {
            writeln!(f, "\nCurrent pages:")?;
            for pages in &self.pages {
                let examples = pages.examples.join(", ");
                writeln!(f, "- {}: {}, such as {examples}", pages.locale, pages.pages)?;
            }
        }
        if !self.codes.is_empty() {
            writeln!(f, "\nCodes: {}", self.codes.join(", "))?;
        }
        match self.claims {
            0 => write!(f, "\nNo claims about its data."),
            claims => {
                let claims = count(claims, "claim");
                write!(f, "\n{claims} about its data: claims product={}", self.iri)
            }
        }
    }
}

/// A heading and a list, if there is anything in it.
pub fn section<T: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    title: &str,
    list: &[T],
) -> fmt::Result {
    if list.is_empty() {
        return Ok(());
    }
    writeln!(f, "\n{title}:")?;
    for item in list {
        writeln!(f, "- {item}")?;
    }
    Ok(())
}
