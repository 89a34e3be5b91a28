//! The home page: search, what is in the graph, what changed last, what should be looked at.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use maud::{Markup, html};

use super::{Form, Loaded, Shared, count, encoded, href, layout, made, thing, thousands};
use crate::explore::findings::severity;
use crate::explore::index::Dated;
use crate::explore::search::{self, Entry, Kind};

const CHANGES: usize = 8;
const PRODUCTS: usize = 14;
const FOUND: usize = 60;

pub fn page(loaded: &Loaded) -> Markup {
    let index = &loaded.index;
    let mut products: Vec<_> = index.products.iter().collect();
    products.sort_by(|a, b| (b.1.mentions, a.0).cmp(&(a.1.mentions, b.0)));
    products.retain(|(_, product)| product.mentions > 0);
    products.truncate(PRODUCTS);
    let [errors, warnings, notes] = index.severities();
    let facts = [
        (index.products.len(), "product", "/products"),
        (index.pages.len(), "page", "/search?kind=page&q=a"),
        (index.count("PageVersion"), "text", "/query?name=things-by-class"),
        (index.locales.len(), "language", "/query?name=freshness"),
        (index.stated.iter().filter(|stated| stated.current).count(), "statement", "/places"),
        (errors + warnings + notes, "finding", "/findings"),
    ];
    let body = html! {
        section.hero {
            h1 { "Where do names, texts and data come from?" }
            form.search action="/search" role="search" {
                input type="search" name="q" autofocus aria-label="Search names, titles and paths"
                    placeholder="A product under any name it ever had, a title, a path, a place" ;
                button { "Search" }
            }
            p.chips {
                @for (iri, product) in &products {
                    a.chip href=[href(loaded, iri)] { (product.label) }
                }
            }
        }
        ul.facts-row aria-label="What is in the graph" {
            @for (number, one, path) in facts {
                li { a href=(path) {
                    strong { (thousands(number)) }
                    span { (one) @if number != 1 { "s" } }
                } }
            }
        }
        div.columns {
            section {
                h2 { "Latest changes" }
                (changes(loaded))
                p { a.more href="/query?name=product-changes" { "All changes of products" } }
            }
            div {
                @if !index.latest.is_empty() {
                    section {
                        h2 { "Latest texts" }
                        (latest(loaded))
                    }
                }
                section {
                    h2 { "Findings" }
                    ul.severities {
                        @for (number, rank) in [(errors, 0), (warnings, 1), (notes, 2)] {
                            li { a href=(format!("/findings?severity={}", severity(rank))) {
                                span class=(format!("dot {}", severity(rank))) {}
                                strong { (thousands(number)) }
                                span { (severity(rank)) @if number != 1 { "s" } }
                            } }
                        }
                    }
                }
                section {
                    h2 { "Languages" }
                    (languages(loaded))
                }
            }
        }
    };
    layout(loaded, "Home", "/", &body)
}

fn languages(loaded: &Loaded) -> Markup {
    let some = |number: usize| match number {
        0 => "–".to_owned(),
        number => thousands(number),
    };
    html! {
        table.lean {
            thead { tr {
                th scope="col" { "Language" }
                th.number scope="col" { "Pages" }
                th.number scope="col" { "Up to date" }
                th.number scope="col" { "Stale" }
            } }
            tbody {
                @for (locale, freshness) in &loaded.index.locales {
                    tr {
                        th scope="row" { (locale) }
                        td.number { (thousands(freshness.pages)) }
                        td.number { (some(freshness.up_to_date)) }
                        td.number { (some(freshness.stale)) }
                    }
                }
            }
        }
    }
}

/// Pages that have had another text last.
fn latest(loaded: &Loaded) -> Markup {
    html! {
        ol.timeline {
            @for (day, page) in &loaded.index.latest {
                @let locale = loaded.index.pages.get(page).map(|page| page.locale.as_str());
                li {
                    time { (day) }
                    div { (thing::link(loaded, page)) " " span.lang { (locale.unwrap_or("")) } }
                }
            }
        }
    }
}

/// Changes of products in the time of the texts, the latest first. The registry knows later ones,
/// and those of which nobody knows the day.
fn changes(loaded: &Loaded) -> Markup {
    let changes = &loaded.index.changes;
    let newest = loaded.snapshot.meta().modified.as_deref();
    let is_later = |dated: &&Dated| match (dated.change.day(), newest) {
        (Some(day), Some(newest)) => day > newest,
        _ => false,
    };
    let later = changes.iter().filter(is_later).count();
    let shown = changes.iter().filter(|dated| !is_later(dated)).take(CHANGES);
    html! {
        ol.timeline {
            @for dated in shown {
                li {
                    time { (dated.change.when()) }
                    div {
                        p {
                            (dated.change.before.join(", ")) " → "
                            strong { (dated.change.after.join(", ")) }
                        }
                        p.faint {
                            (dated.change.kind) ", " (dated.change.basis)
                            @for product in &dated.products {
                                " · "
                                a href=[href(loaded, product)] { (super::label(loaded, product)) }
                            }
                        }
                    }
                }
            }
        }
        @if later > 0 {
            p.faint { (count(later, "later change")) " known to the registry" }
        }
    }
}

pub async fn search(State(app): State<Shared>, headers: HeaderMap, uri: Uri) -> Response {
    made(app, headers, uri, |_, loaded, form| Ok(found(loaded, form))).await
}

fn found(loaded: &Loaded, form: &Form) -> Markup {
    let text = form.get("q").unwrap_or_default();
    let kinds = [Kind::Product, Kind::Place, Kind::Page, Kind::Document];
    let kind = kinds.into_iter().find(|kind| Some(kind.word()) == form.get("kind"));
    let (entries, all) = search::search(&loaded.index, text, kind, FOUND);
    let body = html! {
        h1 { "Search" }
        form.search action="/search" role="search" {
            input type="search" name="q" value=(text) aria-label="Search names, titles and paths";
            button { "Search" }
        }
        nav.filters aria-label="Kinds" {
            a href=(form.with("/search", "kind", None))
                aria-current=[kind.is_none().then_some("true")] { "all" }
            @for other in kinds {
                a href=(form.with("/search", "kind", Some(other.word())))
                    aria-current=[(kind == Some(other)).then_some("true")] { (other.word()) "s" }
            }
        }
        @if text.is_empty() {
            p.faint { "Write a name, a title, a path, or a place." }
        } @else if entries.is_empty() {
            p { "Nothing in the graph is called " strong { (text) } "." }
            p.faint { "In full texts: "
                a href=(format!("/query?query={}", encoded(&full_text(text)))) {
                    "look for it with a query"
                }
            }
        } @else {
            p.faint {
                (thousands(all)) " found"
                @if all > entries.len() { ", the first " (entries.len()) }
            }
            ol.found { @for entry in entries { (found_entry(loaded, entry)) } }
        }
    };
    layout(loaded, &format!("Search {text}"), "/search", &body)
}

fn found_entry(loaded: &Loaded, entry: &Entry) -> Markup {
    let label = loaded.index.label(&entry.iri);
    html! {
        li {
            span.tag { (entry.kind.word()) }
            div {
                a href=[href(loaded, &entry.iri)] { (entry.name) }
                @if let Some(label) = label.filter(|label| *label != entry.name) {
                    " → " strong { (label) }
                }
                @if !entry.note.is_empty() { p.faint { (entry.note) } }
            }
        }
    }
}

/// A query for a word in sentences.
fn full_text(text: &str) -> String {
    let word: String = text.chars().filter(|c| !"\"\\\n\r".contains(*c)).collect();
    let word = word.to_lowercase();
    format!(
        "SELECT ?version ?line ?text WHERE {{
  ?segment stm:text ?text ; stm:inVersion ?version ; stm:line ?line .
  FILTER(CONTAINS(LCASE(?text), \"{word}\"))
}} LIMIT 50"
    )
}
