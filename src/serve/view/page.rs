//! A page: its stemma, what one of its texts says and at which bytes, two texts side by side, its
//! links and who links to it.

use std::collections::BTreeSet;

use maud::{Markup, PreEscaped, html};

use super::{
    Form, Loaded, Part, Refusal, as_of, count, encoded, href, layout, prose, scroll, thing,
};
use crate::explore::findings::severity;
use crate::explore::page::{self, Content, Node, Segment};
use crate::lineage::page::{Stemma, read};
use crate::lineage::{LineageError, rows, svg};
use crate::store::Graph;
use crate::vocab::{dcterms, schema, stm};

mod compared;
mod links;
mod statements;
mod texts;

/// Links, sentences, statements and findings that are listed at once.
const LISTED: usize = 400;
/// Texts to compare with that are seen at once.
const CHOICES: usize = 6;

/// What is looked at: a document, perhaps in one language, perhaps one text of it.
struct Subject {
    document: String,
    page: String,
    version: Option<String>,
}

fn subject(graph: &Graph<'_>, iri: &str) -> Result<Option<Subject>, Refusal> {
    if let Some(page) = graph.value(iri, stm::PAGE)? {
        let document = graph.value(&page, stm::DOCUMENT_OF)?.unwrap_or_default();
        return Ok(Some(Subject { document, page, version: Some(iri.to_owned()) }));
    }
    if let Some(document) = graph.value(iri, stm::DOCUMENT_OF)? {
        let version = graph.value(iri, stm::CURRENT_VERSION)?;
        return Ok(Some(Subject { document, page: iri.to_owned(), version }));
    }
    let source = graph.value(iri, stm::SOURCE_PAGE)?;
    let any = graph.subjects(stm::DOCUMENT_OF, iri)?.into_iter().next();
    let Some(page) = source.or(any) else { return Ok(None) };
    let version = graph.value(&page, stm::CURRENT_VERSION)?;
    Ok(Some(Subject { document: iri.to_owned(), page, version }))
}

fn refused(error: LineageError) -> Refusal {
    let hint = error.hint();
    let refusal = match &error {
        LineageError::NotOne { .. } => Refusal::not_found(error.to_string()),
        _ => Refusal::new(axum::http::StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    };
    Refusal { hint, ..refusal }
}

pub fn page(loaded: &Loaded, graph: &Graph<'_>, iri: &str, form: &Form) -> Result<Markup, Refusal> {
    let Some(subject) = subject(graph, iri)? else { return thing::page(loaded, iri) };
    let stemma = read(graph, &subject.document, None, form.day()).map_err(refused)?;
    let locale = graph.value(&subject.page, schema::IN_LANGUAGE)?.unwrap_or_default();
    let node = match &subject.version {
        Some(version) => Some(Node::read(graph, version)?),
        None => None,
    };
    let here =
        href(loaded, subject.version.as_deref().unwrap_or(&subject.page)).unwrap_or_default();
    let part = |list| Part { list, path: &here, form, most: LISTED };
    let shown = part("text").range();
    let content = match &subject.version {
        // What is compared is read as a whole.
        Some(version) if form.get("with").is_some() => page::content(graph, version)?,
        Some(version) => page::content_with(graph, version, shown.clone())?,
        None => Content::default(),
    };
    let is_shown = |segment: &&Segment| shown.contains(&(segment.order.max(1) as usize - 1));
    let title = node
        .as_ref()
        .and_then(|node| node.get(dcterms::TITLE))
        .map(str::to_owned)
        .or_else(|| loaded.index.label(&subject.page).map(str::to_owned))
        .filter(|title| !title.is_empty())
        .unwrap_or_else(|| stemma.title.clone());
    let is_current = subject
        .version
        .as_deref()
        .is_some_and(|version| loaded.index.page_of_current(version).is_some());
    let backlinks = page::backlinks(graph, &loaded.index, &[&subject.page, &subject.document])?;
    let findings: Vec<_> = loaded
        .index
        .findings
        .iter()
        .filter(|finding| subject.version.as_ref() == Some(&finding.place))
        .collect();
    let others = compared::comparable(loaded, graph, &subject)?;
    let with = form.get("with").map(|path| format!("{}{path}", loaded.base()));
    let compared = match (&with, &subject.version) {
        (Some(with), Some(version)) => Some(compared::comparison(graph, with, version, &content)?),
        _ => None,
    };
    let rows = rows::rows(&stemma, form.get("all").is_some());
    let all_drawn = format!("{here}?all=yes#stemma");
    let has_runs = rows.iter().any(|row| matches!(row, rows::Row::Run(_)));
    let body = html! {
        p.kind {
            span.tag { "page" } span.tag { (locale) }
            @if !is_current && subject.version.is_some() {
                span.tag.warn { "not the current text" }
            }
            @if let Some(known) = stemma.pages.iter().find(|page| page.iri == subject.page)
                && let Some(state) = &known.state
            { span.tag { (crate::lineage::text::state(state)) } }
        }
        h1 lang=(locale) { (title) }
        p.lead {
            @if let Some(path) = stemma.paths.first() { code { (path) } }
            @if let Some(url) = &stemma.url && url.starts_with("https://") {
                " · " a href=(url) rel="noopener" { "published page" }
            }
        }
        @if stemma.paths.len() > 1 {
            p.faint {
                "Also known as "
                @for (index, path) in stemma.paths.iter().skip(1).enumerate() {
                    @if index > 0 { ", " }
                    code { (path) }
                }
            }
        }
        p.chips {
            @for other in &stemma.pages {
                a.chip href=[href(loaded, &other.iri)]
                    aria-current=[(other.iri == subject.page).then_some("true")] {
                    (other.locale) @if other.is_source { " (source)" }
                }
            }
        }
        nav.sections aria-label="On this page" {
            @if compared.is_some() { a href="#compared" { "Side by side" } }
            a href="#stemma" { "Stemma" }
            @if !content.readings.is_empty() { a href="#statements" { "Statements" } }
            @if !findings.is_empty() { a href="#findings" { "Findings" } }
            a href="#compare" { "Compare" }
            a href="#links" { "Links" }
            a href="#text" { "Text" }
        }
        @if let (Some(pairs), Some(with), Some(version)) = (&compared, &with, &subject.version) {
            (compared::side_by_side(loaded, with, version, pairs, &part("compared")))
        }
        section #stemma {
            h2 { "Stemma" }
            (as_of(&here, form, &days(&stemma), loaded.snapshot.meta().modified.as_deref()))
            @let drawing = PreEscaped(svg::below_title(&stemma, &rows));
            (scroll("Texts of the source and translations made from them", &drawing))
            @if has_runs { p { a href=(all_drawn) { "Draw every text" } } }
            (texts::texts(loaded, &stemma))
        }
        @if !content.readings.is_empty() {
            section #statements {
                h2 { "What it says about data" span.count { (content.readings.len()) } }
                (statements::statements(loaded, &subject, &content, &part("statements"))?)
            }
        }
        @if !findings.is_empty() {
            section #findings {
                h2 { "Findings" span.count { (findings.len()) } }
                ul.list {
                    @for finding in findings.iter().skip(form.from("findings")).take(LISTED) {
                        li {
                            span class=(format!("dot {}", severity(finding.rank))) {}
                            a.code href=(format!("/explain/{}", finding.code)) { (finding.code) }
                            " " (prose(&finding.message))
                            @if let Some(line) = finding.line { span.faint { " line " (line) } }
                        }
                    }
                }
                (part("findings").ways(findings.len()))
            }
        }
        section #compare {
            h2 { "Compare" }
            @if others.is_empty() { p.faint { "There is no other text to put beside it." } }
            (choices(loaded, &here, &others[..others.len().min(CHOICES)]))
            @if others.len() > CHOICES {
                details {
                    summary { (others.len() - CHOICES) " more" }
                    (choices(loaded, &here, &others[CHOICES..]))
                }
            }
        }
        section #links {
            h2 { "Links" span.count { (content.links.len()) } }
            (links::links(loaded, &content.links, &part("links")))
            h3 { "Pages that link here" span.count { (backlinks.len()) } }
            @if backlinks.is_empty() { p.faint { "None in the graph." } }
            ul.list {
                @for page in backlinks.iter().take(60) {
                    li { (thing::link(loaded, page)) }
                }
                @if backlinks.len() > 60 { li.faint { "and " (backlinks.len() - 60) " more" } }
            }
        }
        section #text {
            h2 { "Text" }
            (facts(loaded, &subject, node.as_ref()))
            details open[form.get("text").is_some()] {
                summary { (count(content.segments_in_all, "segment")) }
                div.text lang=(locale) {
                    @for segment in content.segments.iter().filter(is_shown) {
                        p.segment.(kind_class(&segment.kind)) { (segment.text) }
                    }
                }
                (part("text").ways(content.segments_in_all))
            }
        }
        (thing::formats(loaded, iri))
    };
    Ok(layout(loaded, &title, "", &body))
}

/// Texts to put beside this one.
fn choices(loaded: &Loaded, here: &str, others: &[(String, String)]) -> Markup {
    html! {
        ul.list {
            @for (version, what) in others {
                @let path = version.strip_prefix(loaded.base()).unwrap_or(version);
                @let digits = version.rsplit('@').next().and_then(|digits| digits.get(..8));
                li {
                    a href=(format!("{here}?with={}#compared", encoded(path))) { (what) }
                    @if let Some(digits) = digits { " " code.faint { (digits) } }
                }
            }
        }
    }
}

/// A class of a kind that may be anything.
fn kind_class(kind: &str) -> &'static str {
    if kind.starts_with("heading") || kind.starts_with("title") { "heading" } else { "plain" }
}

fn facts(loaded: &Loaded, subject: &Subject, node: Option<&Node>) -> Markup {
    let (Some(node), Some(version)) = (node, &subject.version) else { return html! {} };
    let row = |name: &str, value: Markup| html! { tr { th scope="row" { (name) } td { (value) } } };
    let code = |text: &str| html! { code { (text) } };
    html! {
        table.facts { tbody {
            (row("Text", code(version.rsplit('@').next().unwrap_or_default())))
            @if let Some(file) = node.get(stm::FILE) { (row("File", code(file))) }
            @if let Some(from) = node.get(stm::VALID_FROM) {
                @let until = node.get(stm::VALID_UNTIL).unwrap_or("now");
                (row("Current", html! { (from) " to " (until) }))
            }
            @if let Some(commit) = node.get(stm::GIT_COMMIT) { (row("Commit", code(commit))) }
            @if let Some(source) = node.get(stm::TRANSLATED_FROM) {
                (row("Translated from", thing::link(loaded, source)))
            }
        } }
    }
}

/// When a text became the current one.
fn days(stemma: &Stemma) -> Vec<String> {
    let sources = stemma.sources.iter().map(|source| &source.text);
    let texts = sources.chain(stemma.translations().map(|translation| &translation.text));
    let days: BTreeSet<String> =
        texts.flat_map(|text| &text.spans).map(|span| span.from.day().to_owned()).collect();
    days.into_iter().collect()
}
