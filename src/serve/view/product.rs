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
use crate::explore::product::{self, How, Related};
use crate::lineage::product::{Change, read};
use crate::lineage::svg;
use crate::store::Graph;

/// More pages of a language than this are counted, not listed.
const LISTED: usize = 12;

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
        p.faint { (count(products.len(), "product")) " of the registry; those in bold are mentioned here." }
        label.filter { "Filter " input type="search" data-filter="products"; }
        table.lean #products {
            thead { tr {
                th scope="col" { "Product" } th scope="col" { "Also called" }
                th.number scope="col" { "Texts" } th.number scope="col" { "Statements" }
            } }
            tbody {
                @for (iri, product) in products {
                    @let others: Vec<&str> = product.names.iter()
                        .filter(|(name, _, status)| *name != product.label && (status == "former" || status == "abbreviation" || status == "official"))
                        .map(|(name, ..)| name.as_str()).collect();
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

pub fn page(loaded: &Loaded, graph: &Graph<'_>, iri: &str, form: &Form) -> Result<Markup, Refusal> {
    let index = &loaded.index;
    let path = format!("/{}", address(iri.strip_prefix(loaded.base()).unwrap_or_default()));
    let day = form.day();
    let history = read(graph, iri, day)?;
    let is_ours = |claim: &said::Claim| claim.product.as_deref() == Some(iri);
    let matrix = said::matrix(index, day, |claim| is_ours(claim).then(|| claim.place.clone()));
    let days = said::days(index, is_ours);
    let related = product::related(graph, index, iri)?;
    let pages = product::pages(graph, index, iri)?;
    let outdated = product::outdated(graph, index, &history)?;
    let codes = product::codes(graph, iri)?;
    let newest = loaded.snapshot.meta().modified.as_deref();
    let former: Vec<&str> = history
        .names
        .iter()
        .filter(|name| name.status == crate::lineage::product::Status::Former)
        .map(|name| name.text.as_str())
        .collect();
    let body = html! {
        p.kind {
            span.tag { "product" }
            @if let Some(kind) = history.product_kind.as_ref().filter(|kind| *kind != "product") { span.tag { (kind) } }
            @if let Some(status) = &history.status { span.tag { (status) } }
        }
        h1 { (history.label) }
        @if !former.is_empty() { p.lead { "formerly " (former.join(", ")) } }
        @for comment in &history.comments { p { (comment) } }
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
            (scroll("Names on a time line", &PreEscaped(svg::names(&history))))
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
                (scroll("Relations to other products", &drawn(loaded, &history.label, &related)))
            }
        }
        section #data {
            h2 { "Where its data is said to be" }
            (as_of(&path, form, &days, newest))
            (data::matrix(loaded, &matrix, "Place", "Statements by place and language"))
        }
        section #pages {
            h2 { "Pages" }
            div.columns {
                @for (locale, pages) in &pages {
                    div {
                        h3 { (locale) span.count { (pages.len()) } }
                        ul.list {
                            @for page in pages.iter().take(LISTED) { li { (thing::link(loaded, page)) } }
                        }
                        @if pages.len() > LISTED {
                            details {
                                summary { (pages.len() - LISTED) " more" }
                                ul.list { @for page in pages.iter().skip(LISTED).take(500) { li { (thing::link(loaded, page)) } } }
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
                            h4 { (locale) }
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
                        tr { th scope="row" { code { (key) } } td { a href=[href(loaded, iri)] { code { (value) } } } }
                    }
                } }
            }
        }
        p { a href=(format!("/query?name=names-of-product&product={}", encoded(&history.label))) { "Ask about it" } }
        (thing::formats(loaded, iri))
    };
    Ok(layout(loaded, &history.label, "/products", &body))
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
            p { time { (change.when()) } " " strong { (change.before.join(", ")) " → " (change.after.join(", ")) } }
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
                                        @if *is_source { (label(loaded, piece)) } @else { "evidence" }
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

const ROW: usize = 34;
const LEFT: usize = 330;
const WIDTH: usize = 1000;

/// The product in the middle, what it came from and rests on to the left, what came of it and rests
/// on it to the right.
fn drawn(loaded: &Loaded, label: &str, related: &[Related]) -> Markup {
    let is_left = |how| matches!(how, How::Before | How::PartOf | How::ReliesOn);
    let left: Vec<&Related> = related.iter().filter(|r| is_left(r.how)).take(16).collect();
    let right: Vec<&Related> = related.iter().filter(|r| !is_left(r.how)).take(24).collect();
    let height = ROW * left.len().max(right.len()).max(2) + 30;
    let middle = height / 2;
    let offset = |count: usize| (height - count * ROW) / 2;
    let side = |list: &[&Related], is_left: bool| {
        let top = offset(list.len());
        html! {
            @for (index, related) in list.iter().enumerate() {
                @let y = top + index * ROW + ROW / 2;
                @let (x, end) = if is_left { (LEFT, LEFT + 70) } else { (WIDTH - LEFT, WIDTH - LEFT - 70) };
                path class=(format!("edge {}", class(related.how)))
                    d=(format!("M{x} {y} C{end} {y} {end} {middle} {} {middle}", if is_left { 430 } else { 570 })) {}
                a href=[href(loaded, &related.iri)] {
                    text class="node" x=(if is_left { x - 8 } else { x + 8 }) y=(y - 1) text-anchor=(if is_left { "end" } else { "start" }) {
                        (related.label)
                    }
                }
                text class="how" x=(if is_left { x - 8 } else { x + 8 }) y=(y + 12) text-anchor=(if is_left { "end" } else { "start" }) {
                    (related.how.word()) @if !related.note.is_empty() { ", " (related.note) }
                }
            }
        }
    };
    html! {
        svg.relations xmlns="http://www.w3.org/2000/svg" role="group" aria-label=(format!("Relations of {label}")) width=(WIDTH) height=(height)
            viewBox=(format!("0 0 {WIDTH} {height}"))
        {
            (side(&left, true))
            (side(&right, false))
            rect class="centre" x="415" y=(middle - 24) width="170" height="48" rx="10" {}
            @for (index, line) in wrapped(label, 22).iter().enumerate() {
                @let lines = wrapped(label, 22).len();
                text class="own" x="500" y=(middle + 5 + index * 15 - (lines - 1) * 7) text-anchor="middle" { (line) }
            }
        }
    }
}

fn class(how: How) -> &'static str {
    match how {
        How::Before | How::After => "change",
        How::PartOf | How::HasPart => "part",
        How::ReliesOn | How::ReliedOnBy => "rule",
        How::Together => "together",
    }
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.last_mut().expect("there is a line");
        if !last.is_empty() && last.chars().count() + word.chars().count() >= width {
            lines.push(word.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}
