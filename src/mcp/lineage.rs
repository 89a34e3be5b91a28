//! Where a text comes from, or a product's name: what `stemma lineage` draws, with its proof.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Call;
use super::cite::{Citation, quoted};
use super::product::{Change, Name, section};
use super::tool::{Refusal, Tool, day};
use crate::explore::source::Files;
use crate::lineage::find::{self, Thing};
use crate::lineage::page::{self as stemma, Stemma, Text, Translation};
use crate::lineage::{product, rows, text as drawing};

pub struct Lineage;

#[derive(Deserialize, JsonSchema)]
pub struct Arguments {
    /// A page (path, file, the end of either, web address, IRI), or a product (any name, IRI)
    of: String,
    /// Of a page: show this translation alone, such as nl-NL (default: all)
    locale: Option<String>,
    /// The day to look from, YYYY-MM-DD (default: the newest date of the pages)
    as_of: Option<String>,
    /// Also the source's texts that nobody translated (default: they are counted)
    #[serde(default)]
    all: bool,
}

/// The stemma of a page, or a product's names through time.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// page or product
    kind: &'static str,
    iri: String,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<String>,
    /// Of a page: its languages, and how each stands to the source
    languages: Vec<Language>,
    /// Of a page: the source's texts in order of time, each with the translations made from it
    sources: Vec<Source>,
    /// Of a page: translations that do not say what they were made from
    unsourced: Vec<Made>,
    /// Texts of the source that nobody translated and that are not shown
    left_out: usize,
    /// Of a product
    names: Vec<Name>,
    /// Of a product
    changes: Vec<Change>,
    /// For people; the text of the answer
    #[serde(skip)]
    #[schemars(skip)]
    drawing: String,
}

#[derive(Serialize, JsonSchema)]
struct Language {
    locale: String,
    /// source, up to date, stale since when, orphaned or unknown
    state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

/// One exact text.
#[derive(Serialize, JsonSchema)]
struct Exact {
    version: String,
    /// SHA-1 of the text with CRLF line ends
    content_hash: String,
    /// published, side-branch, undated or missing (known from translations only)
    standing: String,
    current: bool,
    /// When it was the published text: from and until (not that day any more)
    spans: Vec<(String, Option<String>)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// Absent if the text is not in the inputs
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Source {
    #[serde(flatten)]
    text: Exact,
    translations: Vec<Made>,
}

#[derive(Serialize, JsonSchema)]
struct Made {
    locale: String,
    #[serde(flatten)]
    text: Exact,
    /// How far it is proved what it was made from: proved by hash and commit, proved by hash,
    /// declared (the source is not in the inputs), contradicted
    proof: &'static str,
    /// machine or human, as the page says
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'static str>,
    /// Day of the handoff, as the page says
    #[serde(skip_serializing_if = "Option::is_none")]
    handoff: Option<String>,
    /// The line of its header that names the source's hash
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Citation>,
}

impl Tool for Lineage {
    const NAME: &'static str = "lineage";
    const TITLE: &'static str = "Which text was made from which";
    type Arguments = Arguments;
    type Answer = Answer;

    fn about() -> String {
        "Of a page: the source's texts through time, and on each the translations that were made \
         from it, with the proof (a translation names the hash of its source), and which \
         translations are stale since when. Of a product: its names and changes through time."
            .to_owned()
    }

    fn answer(arguments: Arguments, call: &Call<'_>) -> Result<Answer, Refusal> {
        let as_of = day(arguments.as_of.as_deref())?;
        let graph = call.graph();
        match find::thing(&graph, &arguments.of, &call.desk.data)? {
            Thing::Product(iri) => {
                let history = product::read(&graph, &iri, as_of)?;
                let (names, changes) = call.history(&history)?;
                Ok(Answer {
                    kind: "product",
                    iri: call.short(&iri),
                    title: history.label.clone(),
                    as_of: history.as_of.clone(),
                    drawing: drawing::product(&history, drawing::Pen { colors: false }),
                    names,
                    changes,
                    languages: Vec::new(),
                    sources: Vec::new(),
                    unsourced: Vec::new(),
                    left_out: 0,
                })
            }
            Thing::Page { document, locale } => {
                let given = arguments.locale.as_deref().map(|text| call.locale(text));
                let locale = given.transpose()?.or(locale);
                let stemma = stemma::read(&graph, &document, locale.as_deref(), as_of)?;
                page(&stemma, arguments.all, call)
            }
        }
    }
}

fn page(stemma: &Stemma, all: bool, call: &Call<'_>) -> Result<Answer, Refusal> {
    let rows = rows::rows(stemma, all);
    let mut sources: Vec<Source> = Vec::new();
    let mut left_out = 0;
    for row in &rows {
        match row {
            rows::Row::Run(run) => left_out += run.count,
            rows::Row::Text(station) => {
                let version = call.short(&station.source.text.iri);
                // A text that came back is drawn again, but it is the same.
                if sources.iter().any(|source| source.text.version == version) {
                    continue;
                }
                let made = station.source.translations.iter();
                sources.push(Source {
                    text: exact(&station.source.text, call)?,
                    translations: made
                        .map(|made| translation(made, call))
                        .collect::<Result<_, _>>()?,
                });
            }
        }
    }
    let unsourced = stemma.unsourced.iter().map(|made| translation(made, call));
    let language = |page: &stemma::Page| Language {
        locale: page.locale.clone(),
        state: match &page.state {
            _ if page.is_source => "source".to_owned(),
            Some(state) => drawing::state(state),
            None => "state unknown".to_owned(),
        },
        url: page.url.clone(),
    };
    Ok(Answer {
        kind: "page",
        iri: call.short(&stemma.document),
        title: stemma.title.clone(),
        as_of: stemma.as_of.clone(),
        languages: stemma.pages.iter().map(language).collect(),
        sources,
        unsourced: unsourced.collect::<Result<_, _>>()?,
        left_out,
        names: Vec::new(),
        changes: Vec::new(),
        drawing: drawing::page(stemma, &rows, drawing::Pen { colors: false }),
    })
}

fn exact(text: &Text, call: &Call<'_>) -> Result<Exact, Refusal> {
    let standing = serde_json::to_value(text.standing).unwrap_or_default();
    let last = text.spans.len().checked_sub(1);
    Ok(Exact {
        version: call.short(&text.iri),
        content_hash: text.content_hash.clone(),
        standing: standing.as_str().unwrap_or_default().to_owned(),
        current: text.current,
        spans: text
            .spans
            .iter()
            .map(|span| {
                let until = span.until.as_ref().map(|until| until.day().to_owned());
                (span.from.day().to_owned(), until)
            })
            .collect(),
        commit: text.commit(last).map(str::to_owned),
        title: text.title.clone(),
        file: call.text(&text.iri)?.file,
    })
}

fn translation(made: &Translation, call: &Call<'_>) -> Result<Made, Refusal> {
    Ok(Made {
        locale: made.text.locale.clone(),
        text: exact(&made.text, call)?,
        proof: drawing::proof(made.proof),
        method: made.method,
        handoff: made.handoff.clone(),
        evidence: header(&made.text.iri, call)?,
    })
}

/// The key of a header that names the hash of the source.
const KEY: &str = "ms.openlocfilehash";

/// The line of a text's header that names its source; the file alone, if it is not at hand.
fn header(version: &str, call: &Call<'_>) -> Result<Option<Citation>, Refusal> {
    let text = call.text(version)?;
    if text.file.is_none() {
        return Ok(None);
    }
    let content = Files::of(&call.loaded.snapshot).content(version)?.unwrap_or_default();
    let content = String::from_utf8_lossy(&content);
    let line = content.lines().zip(1..).find(|(line, _)| line.trim_start().starts_with(KEY));
    Ok(Some(match line {
        Some((line, number)) => Citation { line: Some(number), quote: Some(quoted(line)), ..text },
        None => text,
    }))
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.drawing)?;
        section(f, "Names", &self.names)?;
        section(f, "Changes", &self.changes)?;
        let made = self.sources.iter().flat_map(|source| &source.translations);
        let proofs: Vec<String> = made
            .chain(&self.unsourced)
            .filter_map(|made| Some(format!("{}: {}", made.proof, made.evidence.as_ref()?)))
            .collect();
        section(f, "What the translations say of their source", &proofs)
    }
}
