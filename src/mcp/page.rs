//! One page: its text at a time, what it states, its languages, links and problems.

use std::fmt;

use oxigraph::model::Term;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Call;
use super::cite::{Citation, one_line, quoted};
use super::product::section;
use super::tool::{Refusal, Tool, day};
use crate::explore::findings::severity;
use crate::explore::page as read;
use crate::lineage::find::{self, Thing};
use crate::lineage::page::{self as stemma, Stemma, Text};
use crate::lineage::text as words;
use crate::store::Graph;
use crate::store::queries::Kind;

pub struct Page;

#[derive(Deserialize, JsonSchema)]
pub struct Arguments {
    /// Path (`microsoft-365/security/defender/data-privacy`), file (`nl-NL/…/data-privacy.md`), the
    /// end of either, web address, or IRI (`<page/nl-NL/…>`)
    page: String,
    /// Language and country, such as nl-NL (default: what `page` says, else the source's)
    locale: Option<String>,
    /// The text that was the published one on this day, YYYY-MM-DD (default: the current text)
    as_of: Option<String>,
    /// Give the sentences of the text, with their lines (default: headings only)
    #[serde(default)]
    sentences: bool,
    /// With `sentences`: begin at this line of the file (default: the first)
    from_line: Option<u32>,
    /// With `sentences`: how many (default 100, at most 400)
    limit: Option<usize>,
}

/// A page in one language, on one day.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    title: String,
    /// IRI of the document, in all its languages
    document: String,
    /// Every path that it had, the present one first
    paths: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    locale: String,
    /// The day that all this is told of
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<String>,
    /// The exact text: file, IRI, first day
    text: Citation,
    /// SHA-1 of the text with CRLF line ends, as translations name their source
    content_hash: String,
    /// What of it is in the graph in other languages, and how these translations stand
    languages: Vec<Language>,
    /// Headings, or sentences if they were asked for
    sentences: Vec<Sentence>,
    /// Sentences that are not shown; ask again with `from_line`
    more_sentences: usize,
    /// What it says about where data is
    statements: Vec<Statement>,
    /// Links that are broken or lead to a page that has moved
    bad_links: Vec<Link>,
    /// How many links it has
    links: usize,
    /// How many current pages link to it
    linked_from: usize,
    /// Problems of this text
    findings: Vec<Finding>,
}

#[derive(Serialize, JsonSchema)]
struct Language {
    locale: String,
    /// source, or the state of the translation: up to date, stale since when, orphaned, unknown
    state: String,
}

#[derive(Serialize, JsonSchema)]
struct Sentence {
    line: u32,
    /// heading, paragraph, item, row, html, code or include
    kind: String,
    text: String,
    /// The source's sentence beside it, on bilingual pages
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Statement {
    /// The claims in words
    says: Vec<String>,
    /// IRIs of the claims
    claims: Vec<String>,
    line: u32,
    quote: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<String>,
    /// From 0 to 1
    confidence: String,
}

#[derive(Serialize, JsonSchema)]
struct Link {
    line: u32,
    label: String,
    href: String,
    /// Broken, BrokenFragment or Redirected
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Finding {
    /// error, warning or note
    severity: &'static str,
    code: String,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quote: Option<String>,
}

/// Links that are told one by one.
const LINKS: usize = 20;
/// Findings and statements likewise.
const SHOWN: usize = 40;

impl Tool for Page {
    const NAME: &'static str = "page";
    const TITLE: &'static str = "A page: its text, statements, languages and problems";
    type Arguments = Arguments;
    type Answer = Answer;

    fn about() -> String {
        "Tells about one page in one language: title, outline, what it states about where data is \
         (with lines and quotes), how its translations stand, links that do not work, problems. \
         With `sentences` it gives the text itself, line by line; with `as_of`, as it was on a day."
            .to_owned()
    }

    fn answer(arguments: Arguments, call: &Call<'_>) -> Result<Answer, Refusal> {
        let as_of = day(arguments.as_of.as_deref())?;
        let (document, locale) = call.document(&arguments.page, arguments.locale.as_deref())?;
        let graph = call.graph();
        let stemma = stemma::read(&graph, &document, None, as_of)?;
        let (locale, text) = current(&stemma, locale.as_deref(), as_of)?;
        let content = read::content(&graph, &text.iri)?;
        let page = stemma.pages.iter().find(|page| page.locale == locale);
        let from = arguments.from_line.unwrap_or(0);
        let limit = arguments.limit.unwrap_or(100).clamp(1, 400);
        let wanted = content.segments.iter().filter(|segment| {
            if arguments.sentences { segment.line >= from } else { segment.kind == "heading" }
        });
        let wanted: Vec<_> = wanted.collect();
        let sentence = |segment: &&read::Segment| Sentence {
            line: segment.line,
            kind: segment.kind.clone(),
            text: one_line(&segment.text),
            source: segment.source_text.as_deref().map(quoted),
        };
        let statement = |reading: &read::Reading| Statement {
            says: reading.claims.iter().map(|claim| call.claim_label(claim)).collect(),
            claims: reading.claims.iter().map(|claim| call.short(claim)).collect(),
            line: reading.line,
            quote: quoted(&reading.quote),
            condition: reading.condition.clone(),
            confidence: reading.confidence.clone(),
        };
        let link = |link: &read::Link| Link {
            line: link.line,
            label: quoted(&link.label),
            href: link.href.clone(),
            status: link.status.clone(),
            target: link.target.clone(),
        };
        let is_bad = |link: &&read::Link| {
            ["Broken", "BrokenFragment", "Redirected"].contains(&link.status.as_str())
        };
        let mut findings = Vec::new();
        let here = call.index().findings.iter().filter(|finding| finding.place == text.iri);
        for finding in here.take(SHOWN) {
            let quote = call.cite(&finding.iri)?.and_then(|place| place.quote);
            findings.push(Finding {
                severity: severity(finding.rank),
                code: finding.code.clone(),
                message: finding.message.clone(),
                line: finding.line,
                quote,
            });
        }
        let mut targets: Vec<&str> = page.iter().map(|page| page.iri.as_str()).collect();
        targets.push(&document);
        Ok(Answer {
            title: one_line(text.title.as_ref().unwrap_or(&stemma.title)),
            document: call.short(&document),
            paths: stemma.paths.clone(),
            url: page.and_then(|page| page.url.clone()),
            locale,
            as_of: stemma.as_of.clone(),
            text: call.text(&text.iri)?,
            content_hash: text.content_hash.clone(),
            languages: languages(&stemma),
            more_sentences: wanted.len().saturating_sub(limit),
            sentences: wanted.iter().take(limit).map(sentence).collect(),
            statements: content.readings.iter().take(SHOWN).map(statement).collect(),
            links: content.links.len(),
            bad_links: content.links.iter().filter(is_bad).take(LINKS).map(link).collect(),
            linked_from: read::backlinks(&graph, call.index(), &targets)?.len(),
            findings,
        })
    }
}

fn languages(stemma: &Stemma) -> Vec<Language> {
    let language = |page: &stemma::Page| Language {
        locale: page.locale.clone(),
        state: match &page.state {
            _ if page.is_source => "source".to_owned(),
            Some(state) => words::state(state),
            None => "state unknown".to_owned(),
        },
    };
    stemma.pages.iter().map(language).collect()
}

/// The text of a page that a stemma shows as the present one: in the language asked for, else in
/// the source's, else in any whose text is at hand.
pub fn current<'a>(
    stemma: &'a Stemma,
    locale: Option<&str>,
    as_of: Option<&str>,
) -> Result<(String, &'a Text), Refusal> {
    let sources = stemma.sources.iter().map(|source| &source.text);
    let texts = || sources.clone().chain(stemma.translations().map(|made| &made.text));
    let of = |locale: &str| texts().find(|text| text.current && text.locale == locale);
    if let Some(locale) = locale {
        if let Some(text) = of(locale) {
            return Ok((locale.to_owned(), text));
        }
        let known: Vec<&str> = stemma.pages.iter().map(|page| page.locale.as_str()).collect();
        let on = as_of.map_or(String::new(), |day| format!(" on {day}"));
        return Err(Refusal::new(format!("the page has no text in `{locale}`{on}")).hint(format!(
            "it is in the graph in {}; `lineage` tells since when",
            known.join(", ")
        )));
    }
    let at_hand = |text: &&Text| text.standing != stemma::Standing::Missing;
    let own = of(stemma.source_locale()).filter(at_hand);
    let any = || texts().find(|text| text.current && at_hand(text));
    // Without dates nobody says which is current.
    let last = || texts().filter(at_hand).max_by_key(|text| (text.start(), &text.iri));
    let text = own.or_else(any).or_else(|| last().filter(|_| as_of.is_none()));
    text.map(|text| (text.locale.clone(), text)).ok_or_else(|| {
        Refusal::new("the graph has no text of this page for that day")
            .hint("`lineage` tells which texts there are; leave `as_of` out for the newest")
    })
}

impl Call<'_> {
    /// The document that is meant, and the language if one is named.
    pub fn document(
        &self,
        page: &str,
        locale: Option<&str>,
    ) -> Result<(String, Option<String>), Refusal> {
        let graph: Graph<'_> = self.graph();
        match find::thing(&graph, page, &self.desk.data)? {
            Thing::Page { document, locale: named } => {
                let given = locale.map(|locale| self.locale(locale)).transpose()?;
                Ok((document, given.or(named)))
            }
            Thing::Product(product) => {
                let message = format!("`{page}` is a product, not a page");
                let hint = format!("ask `product` about {}", self.short(&product));
                Err(Refusal::new(message).hint(hint))
            }
        }
    }

    /// A locale as it is spelt.
    pub fn locale(&self, text: &str) -> Result<String, Refusal> {
        match self.asker().value(Kind::Locale, text)? {
            Term::Literal(locale) => Ok(locale.value().to_owned()),
            _ => Ok(text.to_owned()),
        }
    }

    /// A claim in words.
    pub fn claim_label(&self, claim: &str) -> String {
        let known = self.index().claims.get(claim);
        known.map_or_else(|| self.short(claim), |known| known.label.clone())
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} · {}", self.title, self.locale)?;
        writeln!(f, "{}", self.text)?;
        writeln!(f, "{}", self.paths.join(", once "))?;
        if let Some(url) = &self.url {
            writeln!(f, "{url}")?;
        }
        let of = |l: &Language| format!("{} ({})", l.locale, l.state);
        let languages: Vec<String> = self.languages.iter().map(of).collect();
        writeln!(f, "languages: {}", languages.join(", "))?;
        writeln!(
            f,
            "text {} · {} links · linked from {} current pages",
            self.content_hash, self.links, self.linked_from
        )?;
        section(f, "Text", &self.sentences)?;
        if self.more_sentences > 0 {
            let last = self.sentences.last().map_or(0, |sentence| sentence.line);
            writeln!(f, "{} more: ask again with from_line={}", self.more_sentences, last + 1)?;
        }
        section(f, "Statements about data", &self.statements)?;
        section(f, "Links that do not lead where they say", &self.bad_links)?;
        section(f, "Findings", &self.findings)
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, {}: {}", self.line, self.kind, self.text)?;
        match &self.source {
            Some(source) => write!(f, "\n    source: {source}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}\n    “{}”", self.line, self.says.join("; "), self.quote)?;
        if let Some(condition) = &self.condition {
            write!(f, "\n    if: {condition}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {} [{}]({})", self.line, self.status, self.label, self.href)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line.map_or(String::new(), |line| format!("line {line}: "));
        write!(f, "{line}{}[{}] {}", self.severity, self.code, self.message)?;
        match &self.quote {
            Some(quote) => write!(f, "\n    “{quote}”"),
            None => Ok(()),
        }
    }
}
