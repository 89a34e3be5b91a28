//! Findings: a list to narrow, each with its place in the text, and what each code means.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use maud::{Markup, PreEscaped, html};

use super::{Form, Loaded, Refusal, Shared, count, href, layout, made, prose, thousands};
use crate::diag::codes::Code;
use crate::explore::findings::{Filter, Finding, severity};
use crate::explore::page::Node;
use crate::explore::source::{Excerpt, Files, excerpt};
use crate::source::LineIndex;
use crate::store::Graph;
use crate::vocab::stm;

/// Findings on one page.
const LISTED: usize = 25;

pub async fn all(State(app): State<Shared>, headers: HeaderMap, uri: Uri) -> Response {
    made(app, headers, uri, |_, loaded, form| list(loaded, form)).await
}

fn list(loaded: &Loaded, form: &Form) -> Result<Markup, Refusal> {
    let all = &loaded.index.findings;
    let rank = form.get("severity").and_then(|word| (0..3).find(|rank| severity(*rank) == word));
    let filter = Filter {
        code: form.get("code").map(str::to_owned),
        rank,
        locale: form.get("locale").map(str::to_owned),
        text: form.get("q").map(str::to_owned),
        former: form.get("texts") == Some("all"),
    };
    let found = filter.apply(all);
    let facets = filter.facets(all);
    let ranks = facets.ranks.iter().map(|(rank, n)| (severity(*rank).to_owned(), *n)).collect();
    // Files of configuration are in no language.
    let locales = facets.locales.into_iter().filter(|(locale, _)| !locale.is_empty()).collect();
    let from: usize = form.get("from").and_then(|from| from.parse().ok()).unwrap_or(0);
    let from = from.min(found.len().saturating_sub(1));
    let shown: Vec<&Finding> = found.iter().skip(from).take(LISTED).copied().collect();
    let files = Files::of(&loaded.snapshot);
    let graph = Graph { snapshot: &loaded.snapshot };
    let mut items = Vec::new();
    for finding in &shown {
        items.push(item(loaded, &graph, &files, finding)?);
    }
    let page = |from: usize| {
        let base = form.with("/findings", "from", None);
        let join = if base.contains('?') { '&' } else { '?' };
        format!("{base}{join}from={from}")
    };
    let body = html! {
        h1 { "Findings" }
        div.with-side {
            aside #narrow aria-label="Narrow the list" {
                form action="/findings" {
                    label.filter { "Words "
                        input type="search" name="q" value=(form.get("q").unwrap_or_default());
                    }
                    @for (name, value) in form.iter().filter(|(name, _)| *name != "q") {
                        @if name != "from" { input type="hidden" name=(name) value=(value); }
                    }
                }
                @if all.iter().any(|finding| !finding.current) { (texts(form)) }
                (facet(form, "Severity", "severity", ranks))
                (facet(form, "Language", "locale", locales))
                (facet(form, "Code", "code", facets.codes.into_iter().collect()))
            }
            div {
                p.faint {
                    (count(found.len(), "finding"))
                    @if found.len() > LISTED && !shown.is_empty() {
                        ", " (thousands(from + 1)) " to " (thousands(from + shown.len()))
                    }
                    a.narrow href="#narrow" { "Narrow the list" }
                }
                (chosen(form))
                @if shown.is_empty() {
                    p { "Nothing like that was found. "
                        a href="/findings" { "All findings" }
                    }
                }
                @for item in items { (item) }
                nav.pages aria-label="Pages of the list" {
                    @if from > 0 { a href=(page(from.saturating_sub(LISTED))) { "← before" } }
                    @if from + LISTED < found.len() { a href=(page(from + LISTED)) { "next →" } }
                }
            }
        }
    };
    Ok(layout(loaded, "Findings", "/findings", &body))
}

/// What is asked for, each to be taken away.
fn chosen(form: &Form) -> Markup {
    let asked = [("severity", ""), ("locale", ""), ("code", ""), ("q", "with the words ")];
    let asked = asked.iter().filter_map(|(name, what)| Some((*name, *what, form.get(name)?)));
    let asked: Vec<(&str, &str, &str)> = asked.collect();
    html! {
        @if !asked.is_empty() {
            p.chips {
                @for (name, what, value) in asked {
                    a.chip href=(form.with("/findings", name, None)) {
                        (what) (value) span aria-hidden="true" { " ×" } span.sr { ": take away" }
                    }
                }
            }
        }
    }
}

/// Whether former texts are looked at, too.
fn texts(form: &Form) -> Markup {
    let chosen = form.get("texts");
    html! {
        details.facet open {
            summary { "Texts" }
            ul {
                @for (value, words) in [(None, "current"), (Some("all"), "current and former")] {
                    li {
                        a href=(form.with("/findings", "texts", value))
                            aria-current=[(chosen == value).then_some("true")] { (words) }
                    }
                }
            }
        }
    }
}

fn facet(form: &Form, title: &str, name: &str, values: Vec<(String, usize)>) -> Markup {
    let chosen = form.get(name);
    html! {
        @if !values.is_empty() {
            details.facet open {
                summary { (title) }
                ul {
                    @if chosen.is_some() {
                        li { a href=(form.with("/findings", name, None)) { "all" } }
                    }
                    @for (value, number) in &values {
                        li {
                            a href=(form.with("/findings", name, Some(value)))
                                aria-current=[(chosen == Some(value)).then_some("true")] { (value) }
                            span.count { (thousands(*number)) }
                        }
                    }
                }
            }
        }
    }
}

fn item(
    loaded: &Loaded,
    graph: &Graph<'_>,
    files: &Files<'_>,
    finding: &Finding,
) -> Result<Markup, Refusal> {
    let node = Node::read(graph, &finding.iri)?;
    let bytes = (node.number(stm::BYTE_START), node.number(stm::BYTE_END));
    let shown = match bytes {
        (0, 0) => None,
        (start, end) => files
            .content(&finding.place)?
            .and_then(|content| excerpt(&content, &LineIndex::new(&content), start, end)),
    };
    let line = finding.line.map_or(String::new(), |line| format!(":{line}"));
    Ok(html! {
        article.finding {
            p.head {
                span class=(format!("dot {}", severity(finding.rank))) {}
                span.sr { (severity(finding.rank)) ": " }
                a.code href=(format!("/explain/{}", finding.code)) { (finding.code) }
            }
            p { (prose(&finding.message)) }
            @match &shown {
                Some(excerpt) => (quoted(excerpt)),
                None => @if let Some(quote) = node.get(stm::QUOTE) {
                    blockquote { mark { (quote) } }
                },
            }
            p.faint.where {
                a href=[href(loaded, &finding.place)] { (finding.path) (line) }
                @if !finding.locale.is_empty() { " · " (finding.locale) }
                @if let Some(repair) = node.get(stm::REPAIR) { " · should be " q { (repair) } }
            }
        }
    })
}

/// The bytes that are meant, in their line.
pub fn quoted(excerpt: &Excerpt) -> Markup {
    html! {
        pre.source {
            span.line { (excerpt.line) }
            code { (excerpt.before) mark { (excerpt.marked) } (excerpt.after) }
        }
    }
}

pub async fn explained(
    State(app): State<Shared>,
    Path(code): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    made(app, headers, uri, move |_, loaded, _| explanation(loaded, &code)).await
}

fn explanation(loaded: &Loaded, code: &str) -> Result<Markup, Refusal> {
    let code = Code::parse(code).map_err(|error| Refusal::not_found(error.to_string()))?;
    // Our own words, from the source of stemma: their examples are code, so nothing in them runs.
    let parser = pulldown_cmark::Parser::new(code.page());
    let mut page = String::new();
    pulldown_cmark::html::push_html(&mut page, parser);
    let current = loaded.index.findings.iter().filter(|finding| finding.current);
    let number = current.filter(|finding| finding.code == code.name()).count();
    let body = html! {
        p.kind { span.tag { (code.name()) } }
        p {
            a href=(format!("/findings?code={}", code.name())) { (count(number, "finding")) }
            " in current texts"
        }
        div.prose { (PreEscaped(page)) }
    };
    Ok(layout(loaded, code.name(), "/findings", &body))
}
