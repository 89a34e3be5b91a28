//! Where something is said: file, line and quote.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use super::Call;
use crate::explore::page::Node;
use crate::store::StoreError;
use crate::vocab::{dcterms, rdfs, schema, stm};

/// Where something is said, in the words of the document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Citation {
    /// Path of the file, relative to the compiled inputs; absent if the text is not in the inputs
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Line of the file, from 1
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The quoted words, on one line
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// Language and country of the text, such as nl-NL
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// IRI of the exact text
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The first day on which the text was the published one
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Where the page is published now
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What else a reader should know about this evidence
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl fmt::Display for Citation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if let Some(file) = &self.file {
            parts.push(self.line.map_or(file.clone(), |line| format!("{file}:{line}")));
        }
        let about: Vec<String> = [
            self.locale.clone(),
            self.since.as_ref().map(|since| format!("since {since}")),
            self.note.clone(),
        ]
        .into_iter()
        .flatten()
        .collect();
        if !about.is_empty() {
            parts.push(format!("({})", about.join(", ")));
        }
        parts.extend(self.quote.as_ref().map(|quote| format!("“{quote}”")));
        f.write_str(&parts.join(" "))
    }
}

/// Longer quotes are cut, around what matters in them.
const LONGEST: usize = 400;

/// On one line, and not longer than people read.
pub fn quoted(text: &str) -> String {
    cut(&one_line(text), LONGEST)
}

/// Breaks and runs of blanks become one blank; what would steer a terminal goes.
pub fn one_line(text: &str) -> String {
    let visible = |c: char| !c.is_control() || c.is_whitespace();
    let text: String = text.chars().filter(|c| visible(*c)).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most so many characters.
pub fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

/// The words around the first place where a name stands.
fn around(text: &str, name: &str) -> String {
    let line = one_line(text);
    let at = line.find(name).unwrap_or(0);
    if line.chars().count() <= LONGEST || line[..at].chars().count() < LONGEST / 2 {
        return cut(&line, LONGEST);
    }
    let start = line[..at].char_indices().rev().nth(LONGEST / 2 - 1).map_or(0, |(start, _)| start);
    format!("…{}", cut(&line[start..], LONGEST))
}

/// Notes as one.
pub fn joined(notes: impl Iterator<Item = String>) -> Option<String> {
    let notes: Vec<String> = notes.collect();
    (!notes.is_empty()).then(|| notes.join("; "))
}

impl Call<'_> {
    /// An exact text as such.
    pub fn text(&self, version: &str) -> Result<Citation, StoreError> {
        let graph = self.graph();
        let node = Node::read(&graph, version)?;
        let mut since = node.get(stm::VALID_FROM).map(str::to_owned);
        if since.is_none() {
            for span in graph.subjects(stm::OF_VERSION, version)? {
                since = graph.value(&span, stm::VALID_FROM)?.into_iter().chain(since).min();
            }
        }
        let url = match node.get(stm::PAGE) {
            Some(page) => graph.value(page, stm::URL)?,
            None => None,
        };
        let file = node.get(stm::FILE).map(str::to_owned);
        Ok(Citation {
            note: file.is_none().then(|| "the text itself is not in the inputs".to_owned()),
            file,
            locale: node.get(schema::IN_LANGUAGE).map(str::to_owned),
            version: Some(self.short(version)),
            since,
            url,
            ..Citation::default()
        })
    }

    /// Where to look for a thing: where it stands, or else where it comes from: a sentence that
    /// states a claim, the file of a text or of a page's current one, the evidence of a change, the
    /// source of a name. None of what many places made, such as a product.
    pub fn trace(&self, iri: &str) -> Result<Option<Citation>, StoreError> {
        let graph = self.graph();
        let node = Node::read(&graph, iri)?;
        if node.is_a(stm::PAGE_VERSION) {
            return self.text(iri).map(Some);
        }
        if let Some(current) = node.get(stm::CURRENT_VERSION) {
            return self.text(current).map(Some);
        }
        if node.is_a(stm::CLAIM_CLASS) {
            return self.stated(iri);
        }
        if let Some(piece) = node.get(stm::EVIDENCE).or(node.get(dcterms::SOURCE)) {
            return self.cite(piece);
        }
        self.cite(iri)
    }

    /// Where a claim is stated: in a current text, if one does.
    fn stated(&self, claim: &str) -> Result<Option<Citation>, StoreError> {
        let graph = self.graph();
        let mut stating = graph.subjects(stm::STATES, claim)?;
        // Texts state it, too; what stands in them has a fragment.
        stating.retain(|iri| iri.contains('#'));
        let version = |iri: &String| iri.split('#').next().unwrap_or_default().to_owned();
        stating.sort_by_cached_key(|iri| {
            (self.index().page_of_current(&version(iri)).is_none(), iri.clone())
        });
        for iri in &stating {
            let node = Node::read(&graph, iri)?;
            if node.is_a(stm::READING) && node.get(stm::OF_SOURCE_SIDE).is_none() {
                return self.cite(iri);
            }
        }
        stating.first().map_or(Ok(None), |iri| self.cite(iri))
    }

    /// Something that stands somewhere: a sentence, a reading, a mention, a link, a finding; or a
    /// source of the registry. None of anything else.
    pub fn cite(&self, iri: &str) -> Result<Option<Citation>, StoreError> {
        let graph = self.graph();
        let node = Node::read(&graph, iri)?;
        if node.is_a(stm::SOURCE) {
            let label = node.get(rdfs::LABEL).unwrap_or_default();
            let note = node.get(stm::NOTE).map_or(String::new(), |note| format!(": {note}"));
            let date = node.get(dcterms::DATE).map_or(String::new(), |date| format!(", {date}"));
            return Ok(Some(Citation {
                note: Some(format!("registry, from {label}{note}{date}")),
                url: node.get(schema::URL).map(str::to_owned),
                ..Citation::default()
            }));
        }
        if let (Some(segment), true) = (node.get(stm::IN_SEGMENT), node.is_a(stm::MENTION)) {
            let name = match node.get(stm::OF_NAME) {
                Some(name) => graph.value(name, crate::vocab::skosxl::LITERAL_FORM)?,
                None => None,
            };
            let of = Node::read(&graph, segment)?;
            let name = name.unwrap_or_default();
            // On bilingual pages the name may stand on the side of the source alone.
            let sides = [stm::TEXT, stm::SOURCE_TEXT].map(|side| of.get(side).unwrap_or_default());
            let side = sides.iter().find(|side| side.contains(&name)).unwrap_or(&sides[0]);
            let place = self.cite(segment)?;
            return Ok(place.map(|place| Citation { quote: Some(around(side, &name)), ..place }));
        }
        let Some(inside) = node.get(stm::IN_VERSION).or(node.get(stm::IN_FILE)) else {
            return Ok(None);
        };
        let quote = node.get(stm::QUOTE).or(node.get(stm::TEXT)).map(quoted);
        let link = || Some(format!("[{}]({})", node.get(rdfs::LABEL)?, node.get(stm::HREF)?));
        let line = u32::try_from(node.number(stm::LINE)).ok().filter(|line| *line > 0);
        // What a clause takes from elsewhere belongs to what it says.
        let also =
            |term, what: &str| node.get(term).map(|said| format!("{what} “{}”", quoted(said)));
        let side = (node.get(stm::OF_SOURCE_SIDE) == Some("true"))
            .then(|| "the English side of a bilingual page".to_owned());
        let notes = [side, also(stm::LEAD, "after"), also(stm::CONDITION, "if")];
        let text = self.text(inside)?;
        Ok(Some(Citation {
            line,
            quote: quote.or_else(link),
            note: joined(text.note.clone().into_iter().chain(notes.into_iter().flatten())),
            ..text
        }))
    }
}
