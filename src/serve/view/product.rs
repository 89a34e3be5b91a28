//! A product: its names through time, what changed, what it stands beside, where its data is said
//! to be, its pages and codes, and who still calls it by a former name.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use maud::{Markup, PreEscaped, html};

use super::{
    Form, Loaded, Refusal, Shared, address, as_of, count, data, encoded, href, label, layout, made,
    scroll, thing,
};
use crate::explore::data as said;
use crate::explore::index::Product;
use crate::explore::product;
use crate::lineage::product::{Change, History, Name, Status, read};
use crate::lineage::{svg, text};
use crate::store::Graph;

mod relations;

/// Pages of a language that are seen at once.
const LISTED: usize = 12;
/// And when more are asked for.
const MORE: usize = 500;

pub async fn all(State(app): State<Shared>, headers: HeaderMap, uri: Uri) -> Response {
    made(app, headers, uri, |_, loaded, _| Ok(list(loaded))).await
}

fn list(loaded: &Loaded) -> Markup {
    let mut products: Vec<_> = loaded.index.products.iter().collect();
    products.sort_by(|a, b| (&a.1.label, a.0).cmp(&(&b.1.label, b.0)));
    let statements = |iri: &str| {
        let is_ours = |claim: &said::Claim| claim.product.as_deref() == Some(iri);
        let current = loaded.index.stated.iter().filter(|stated| stated.current);
        current.filter(|s| loaded.index.claims.get(&s.claim).is_some_and(is_ours)).count()
    };
    let body = html! {
        h1 { "Products" }
        p.faint {
            (count(products.len(), "product"))
            " of the registry; those in bold are mentioned here."
        }
        label.filter { "Filter " input type="search" data-filter="products"; }
        table.lean #products {
            thead { tr {
                th scope="col" { "Product" } th scope="col" { "Also called" }
                th.number scope="col" { "Texts" } th.number scope="col" { "Statements" }
            } }
            tbody {
                @for (iri, product) in products {
                    @let others = others(product);
                    tr {
                        th scope="row" class=[(product.mentions == 0).then_some("plain")] {
                            a href=[href(loaded, iri)] { (product.label) }
                        }
                        td.faint { (others.join(", ")) }
                        td.number { @if product.mentions > 0 { (product.mentions) } }
                        td.number { @let number = statements(iri); @if number > 0 { (number) } }
                    }
                }
            }
        }
    };
    layout(loaded, "Products", "/products", &body)
}

/// Names by which people may know it.
fn others(product: &Product) -> Vec<&str> {
    let is_told = |name: &str, status: &str| {
        name != product.label && ["official", "former", "abbreviation"].contains(&status)
    };
    let names = product.names.iter().filter(|(name, _, status)| is_told(name, status));
    names.map(|(name, ..)| name.as_str()).collect()
}

pub fn page(loaded: &Loaded, graph: &Graph<'_>, iri: &str, form: &Form) -> Result<Markup, Refusal> {
    let index = &loaded.index;
    let path = format!("/{}", address(iri.strip_prefix(loaded.base()).unwrap_or_default()));
    let day = form.day();
    let history = read(graph, iri, day)?;
    let is_ours = |claim: &said::Claim| claim.product.as_deref() == Some(iri);
    let matrix = said::matrix(index, day, |claim| is_ours(claim).then(|| claim.place.clone()));
    let days = said::days(index, is_ours);
    let related = relations::once(product::related(graph, index, iri, day)?);
    let pages = product::pages(graph, index, iri, day)?;
    let outdated = product::outdated(graph, index, &history)?;
    let codes = product::codes(graph, iri)?;
    let newest = loaded.snapshot.meta().modified.as_deref();
    let former = history.names.iter().filter(|name| name.status == Status::Former);
    let former: Vec<&str> = former.map(|name| name.text.as_str()).collect();
    let kind = history.product_kind.as_deref().filter(|kind| *kind != "product");
    let body = html! {
        p.kind {
            span.tag { "product" }
            @if let Some(kind) = kind { span.tag { (kind) } }
            @if let Some(status) = &history.status { span.tag { (status) } }
        }
        h1 { (history.label) }
        @if !former.is_empty() { p.lead { "formerly " (former.join(", ")) } }
        nav.sections aria-label="On this page" {
            a href="#names" { "Names" }
            @if !history.changes.is_empty() { a href="#changes" { "Changes" } }
            @if !related.is_empty() { a href="#relations" { "Relations" } }
            a href="#data" { "Data" }
            a href="#pages" { "Pages" }
            @if !outdated.is_empty() { a href="#former" { "Former names in use" } }
            @if !codes.is_empty() { a href="#codes" { "Codes" } }
        }
        section #names {
            h2 { "Names through time" }
            div.wide { (scroll("Names on a time line", &PreEscaped(svg::names(&history)))) }
            div.narrow { (names(&history)) }
            @if !history.comments.is_empty() {
                details {
                    summary { "What the registry's curator notes" }
                    @for comment in &history.comments { p { (comment) } }
                }
            }
        }
        @if !history.changes.is_empty() {
            section #changes {
                h2 { "Changes" }
                @for change in history.changes.iter().rev() { (changed(loaded, graph, change)?) }
            }
        }
        @if !related.is_empty() {
            section #relations {
                h2 { "Relations" }
                (relations::drawn(loaded, &history.label, &related))
            }
        }
        section #data {
            h2 { "Where its data is said to be" }
            (as_of(&path, form, &days, newest))
            (data::matrix(loaded, &matrix, "Place", "Statements by place and language"))
            @if !matrix.rows.is_empty() { (data::legend()) }
        }
        section #pages {
            h2 { "Pages" }
            div.columns {
                @for (locale, pages) in &pages {
                    div {
                        h3 { (locale) span.count { (pages.len()) } }
                        (listed(loaded, pages.iter().take(LISTED)))
                        @if pages.len() > LISTED {
                            details {
                                summary { (pages.len() - LISTED) " more" }
                                (listed(loaded, pages.iter().skip(LISTED).take(MORE)))
                            }
                        }
                    }
                }
            }
            @if pages.is_empty() { p.faint { "No current page mentions it." } }
        }
        @if !outdated.is_empty() {
            section #former {
                h2 { "Former names in use" }
                @for name in &outdated {
                    details {
                        summary {
                            strong { (name.name) }
                            @if let Some(until) = &name.until { span.faint { " until " (until) } }
                            span.count { (count(name.uses(), "use")) }
                        }
                        @for (locale, pages) in &name.pages {
                            h3 { (locale) }
                            ul.list {
                                @for (page, uses) in pages.iter().take(200) {
                                    li { (thing::link(loaded, page)) span.count { (uses) } }
                                }
                            }
                        }
                    }
                }
            }
        }
        @if !codes.is_empty() {
            section #codes {
                h2 { "Codes in page headers" }
                table.lean { tbody {
                    @for (key, value, iri) in &codes {
                        tr {
                            th scope="row" { code { (key) } }
                            td { a href=[href(loaded, iri)] { code { (value) } } }
                        }
                    }
                } }
            }
        }
        p.more {
            "Ask: "
            @for (query, words) in ASKED {
                @let product = encoded(&history.label);
                a href=(format!("/query?name={query}&product={product}")) { (words) } " "
            }
        }
        (thing::formats(loaded, iri))
    };
    Ok(layout(loaded, &history.label, "/products", &body))
}

/// Saved questions about a product.
const ASKED: [(&str, &str); 4] = [
    ("names-of-product", "its names"),
    ("data-locations", "where its data may be"),
    ("claim-stability", "how long it was said"),
    ("outdated-names", "who uses an old name"),
];

/// The time line in words.
fn names(history: &History) -> Markup {
    let dates = |name: &Name| match (&name.from, &name.until, &name.first_seen, &name.last_seen) {
        (None, None, Some(first), Some(last)) => format!("seen {first} to {last}"),
        (None, None, ..) => String::new(),
        (Some(from), None, ..) => format!("since {from}"),
        (None, Some(until), ..) => format!("until {until}"),
        (Some(from), Some(until), ..) => format!("{from} to {until}"),
    };
    html! {
        ul.list {
            @for name in &history.names {
                @let when = dates(name);
                li {
                    strong { (text::spoken(name)) }
                    div.faint { (word(name.status)) @if !when.is_empty() { ", " (when) } }
                }
            }
        }
    }
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Official => "official",
        Status::Former => "former",
        Status::Abbreviation => "abbreviation",
        Status::Localised => "localised",
        Status::Mistranslation => "mistranslation",
    }
}

fn listed<'a>(loaded: &Loaded, pages: impl Iterator<Item = &'a String>) -> Markup {
    html! { ul.list { @for page in pages { li { (thing::link(loaded, page)) } } } }
}

/// A change with what shows it.
fn changed(loaded: &Loaded, graph: &Graph<'_>, change: &Change) -> Result<Markup, Refusal> {
    let mut pieces = Vec::new();
    for piece in graph.values(&change.iri, crate::vocab::stm::EVIDENCE)?.into_iter().take(10) {
        let node = crate::explore::page::Node::read(graph, &piece)?;
        let is_source = node.is_a(crate::vocab::stm::SOURCE);
        let quote = node.get(crate::vocab::stm::QUOTE).or(node.get(crate::vocab::stm::TEXT));
        let inside = node.get(crate::vocab::stm::IN_VERSION).map(str::to_owned);
        let signal = node.get(crate::vocab::stm::SIGNAL).map(str::to_owned);
        pieces.push((piece, is_source, quote.map(str::to_owned), inside, signal));
    }
    Ok(html! {
        article.change {
            p {
                time { (change.when()) } " "
                strong { (change.before.join(", ")) " → " (change.after.join(", ")) }
            }
            p.faint { (change.kind) " · " (change.grounds()) }
            @if !pieces.is_empty() {
                details {
                    summary { (count(change.evidence, "piece")) " of evidence" }
                    ul.list {
                        @for (piece, is_source, quote, inside, signal) in &pieces {
                            li {
                                @if let Some(signal) = signal { span.tag { (signal) } " " }
                                @if let Some(quote) = quote { q { (quote) } " " }
                                @match inside {
                                    Some(version) => (thing::link(loaded, version)),
                                    None => a href=[href(loaded, piece)] {
                                        @if *is_source { (label(loaded, piece)) }
                                        @else { "evidence" }
                                    },
                                }
                            }
                        }
                    }
                }
            }
        }
    })
}
