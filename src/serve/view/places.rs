//! Products and places as a matrix, as of a day; and the page of one place.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use maud::{Markup, html};

use super::{Form, Loaded, Refusal, Shared, as_of, count, data, href, layout, made, scroll, thing};
use crate::explore::data::{self as said, Claim};
use crate::explore::grid::{self, Cell, Grid, Wanted};
use crate::explore::index::Place;

pub async fn all(State(app): State<Shared>, headers: HeaderMap, uri: Uri) -> Response {
    made(app, headers, uri, |_, loaded, form| Ok(overview(loaded, form))).await
}

fn overview(loaded: &Loaded, form: &Form) -> Markup {
    let index = &loaded.index;
    let with_cities = form.get("cities").is_some();
    let activity = form.get("activity");
    let grid = grid::grid(index, Wanted { day: form.day(), activity, cities: with_cities });
    let activities: BTreeSet<&str> =
        index.claims.values().map(|claim| claim.activity.as_str()).collect();
    let days = said::days(index, |_| true);
    let newest = loaded.snapshot.meta().modified.as_deref();
    let body = html! {
        h1 { "Products and places" }
        p.lead {
            "What texts say about where products run and keep data. A sign leads to the sentences."
        }
        (as_of("/places", form, &days, newest))
        nav.filters aria-label="Activities" {
            a href=(form.with("/places", "activity", None))
                aria-current=[activity.is_none().then_some("true")] { "all" }
            @for other in activities {
                a href=(form.with("/places", "activity", Some(other)))
                    aria-current=[(activity == Some(other)).then_some("true")] {
                    (said::activity(other))
                }
            }
        }
        @if grid.cells.is_empty() {
            p { "On that day no text says anything about this." }
        } @else {
            p.legend {
                @for (class, word) in data::SIGNS {
                    span {
                        span class=(format!("mark {class}")) { (data::sign(class)) }
                        " " (word) @if class == "negated" { ", or it leaves from there" }
                    }
                }
            }
            (scroll("Products and places", &table(loaded, form, &grid)))
            @if grid.cities > 0 {
                p {
                    @if with_cities {
                        a href=(form.with("/places", "cities", None)) { "Without cities" }
                    } @else {
                        a href=(form.with("/places", "cities", Some("yes"))) {
                            "With " (count(grid.cities, "place")) " that are cities"
                        }
                    }
                }
            }
        }
    };
    layout(loaded, "Places", "/places", &body)
}

fn table(loaded: &Loaded, form: &Form, grid: &Grid<'_>) -> Markup {
    let is_rule = |iri: &str| loaded.index.places.get(iri).is_some_and(|place| place.is_rule);
    let first_rule = grid.places.iter().position(|place| is_rule(place));
    let name = |iri: &str| super::label(loaded, iri);
    html! {
        table.matrix.places {
            thead { tr {
                th scope="col" { "Place" }
                @for product in &grid.products {
                    th.slanted scope="col" {
                        div { a href=[href(loaded, product)] { (name(product)) } }
                    }
                }
            } }
            tbody {
                @for (at, place) in grid.places.iter().enumerate() {
                    @if first_rule == Some(at) {
                        tr.group {
                            th colspan=(grid.products.len() + 1) scope="colgroup" { "By a rule" }
                        }
                    }
                    tr {
                        th scope="row" { a href=[href(loaded, place)] { (name(place)) } }
                        @for product in &grid.products {
                            td.cell {
                                @if let Some(cell) = grid.cells.get(&(*product, *place)) {
                                    (sign(loaded, form, product, place, cell))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Leads to what is said of the place on the product's page.
fn sign(loaded: &Loaded, form: &Form, product: &str, place: &str, cell: &Cell) -> Markup {
    let (class, word) = match cell {
        Cell { asserted: 1.., .. } => data::SIGNS[0],
        Cell { possible: 1.., .. } => data::SIGNS[1],
        Cell { planned: 1.., .. } => data::SIGNS[2],
        _ => data::SIGNS[3],
    };
    let (what, at) = (super::label(loaded, product), super::label(loaded, place));
    let day = form.day().map_or(String::new(), |day| format!("?as-of={day}"));
    let page = href(loaded, product).unwrap_or_default();
    html! {
        a class=(format!("mark {class}")) href=(format!("{page}{day}#{}", data::anchor(place)))
            title=(format!("{what}, {at}: {word} ({})", count(cell.all(), "time")))
            aria-label=(format!("{what}, {at}: {word}")) { (data::sign(class)) }
    }
}

/// One place, or one rule that says where.
pub fn page(loaded: &Loaded, iri: &str, form: &Form) -> Result<Markup, Refusal> {
    let index = &loaded.index;
    let Some(place) = index.places.get(iri) else { return thing::page(loaded, iri) };
    let day = form.day();
    let own = said::matrix(index, day, |claim| {
        (claim.place == iri).then(|| claim.product.clone()).flatten()
    });
    let inside: BTreeSet<&str> = inside(index.places.iter(), iri);
    let is_inside = |claim: &Claim| inside.contains(claim.place.as_str());
    let smaller = said::matrix(index, day, |claim| is_inside(claim).then(|| claim.place.clone()));
    let days = said::days(index, |claim| claim.place == iri || is_inside(claim));
    let newest = loaded.snapshot.meta().modified.as_deref();
    let path = href(loaded, iri).unwrap_or_default();
    let (bare, _) = path.split_once('?').unwrap_or((&path, ""));
    let body = html! {
        p.kind {
            span.tag { @if place.is_rule { "rule" } @else { "place" } }
            @if let Some(code) = &place.code { span.tag { (code) } }
        }
        h1 { (place.label) }
        @if !place.within.is_empty() {
            p.lead { "within "
                @for (index, area) in place.within.iter().enumerate() {
                    @if index > 0 { ", " }
                    (thing::link(loaded, area))
                }
            }
        }
        (as_of(bare, form, &days, newest))
        h2 { "Products" }
        (data::matrix(loaded, &own, "Product", "Statements by product and language"))
        @if !smaller.rows.is_empty() {
            h2 { "Places within" }
            (data::matrix(loaded, &smaller, "Place", "Statements by place and language"))
        }
        @if !own.rows.is_empty() || !smaller.rows.is_empty() { (data::legend()) }
        (thing::formats(loaded, iri))
    };
    Ok(layout(loaded, &place.label, "/places", &body))
}

/// Places that lie in an area, however deep.
fn inside<'a>(
    places: impl Iterator<Item = (&'a String, &'a Place)> + Clone,
    area: &str,
) -> BTreeSet<&'a str> {
    let mut inside = BTreeSet::new();
    loop {
        let before = inside.len();
        for (iri, place) in places.clone() {
            let lies = |within: &String| within == area || inside.contains(within.as_str());
            if iri != area && place.within.iter().any(lies) {
                inside.insert(iri.as_str());
            }
        }
        if inside.len() == before {
            return inside;
        }
    }
}
