//! Products and places as a matrix, as of a day; and the page of one place.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use maud::{Markup, html};

use super::{Form, Loaded, Refusal, Shared, as_of, count, data, href, layout, made, scroll, thing};
use crate::explore::data::{self as said, Claim};
use crate::explore::index::Place;

pub async fn all(State(app): State<Shared>, headers: HeaderMap, uri: Uri) -> Response {
    made(app, headers, uri, |_, loaded, form| Ok(overview(loaded, form))).await
}

/// Of one product and one place: how surely something is said.
#[derive(Default)]
struct Cell {
    asserted: usize,
    possible: usize,
    planned: usize,
    denied: usize,
}

impl Cell {
    fn sign(&self) -> (&'static str, &'static str) {
        match self {
            Self { asserted: 1.., .. } => ("asserted", "said"),
            Self { possible: 1.., .. } => ("possible", "may be"),
            Self { planned: 1.., .. } => ("planned", "planned"),
            _ => ("negated", "denied"),
        }
    }

    fn all(&self) -> usize {
        self.asserted + self.possible + self.planned + self.denied
    }
}

fn overview(loaded: &Loaded, form: &Form) -> Markup {
    let index = &loaded.index;
    let day = form.day();
    let activity = form.get("activity");
    let mut cells: BTreeMap<(&str, &str), Cell> = BTreeMap::new();
    for stated in index.stated.iter().filter(|stated| stated.holds(day)) {
        let Some(claim) = index.claims.get(&stated.claim) else { continue };
        let Some(product) = &claim.product else { continue };
        if activity.is_some_and(|wanted| wanted != claim.activity) {
            continue;
        }
        let cell = cells.entry((product, &claim.place)).or_default();
        match (claim.affirms(), claim.modality.as_str()) {
            (false, _) => cell.denied += 1,
            (_, "Possible") => cell.possible += 1,
            (_, "Planned") => cell.planned += 1,
            _ => cell.asserted += 1,
        }
    }
    let weight = |pick: &dyn Fn(&(&str, &str)) -> String| {
        let mut weights: BTreeMap<String, usize> = BTreeMap::new();
        for key in cells.keys() {
            *weights.entry(pick(key)).or_default() += 1;
        }
        weights
    };
    let by_product = weight(&|key| key.0.to_owned());
    let by_place = weight(&|key| key.1.to_owned());
    let mut products: Vec<&String> = by_product.keys().collect();
    products.sort_by_key(|iri| (usize::MAX - by_product[*iri], super::label(loaded, iri)));
    // A city's code begins with that of its country.
    let is_city = |iri: &str| {
        index
            .places
            .get(iri)
            .and_then(|place| place.code.as_deref())
            .is_some_and(|c| c.contains(':'))
    };
    let cities = by_place.keys().filter(|iri| is_city(iri)).count();
    let with_cities = form.get("cities").is_some();
    let mut places: Vec<&String> =
        by_place.keys().filter(|iri| with_cities || !is_city(iri)).collect();
    let is_rule = |iri: &str| index.places.get(iri).is_some_and(|place| place.is_rule);
    places
        .sort_by_key(|iri| (is_rule(iri), usize::MAX - by_place[*iri], super::label(loaded, iri)));
    let activities: BTreeSet<&str> =
        index.claims.values().map(|claim| claim.activity.as_str()).collect();
    let days = said::days(index, |_| true);
    let newest = loaded.snapshot.meta().modified.as_deref();
    let table = html! {
        table.matrix.places {
            thead { tr {
                th scope="col" { "Place" }
                @for product in &products {
                    th.slanted scope="col" { div { a href=[href(loaded, product)] { (super::label(loaded, product)) } } }
                }
            } }
            tbody {
                @for (index, place) in places.iter().enumerate() {
                    @if is_rule(place) && index.checked_sub(1).is_none_or(|before| !is_rule(places[before])) {
                        tr.group { th colspan=(products.len() + 1) scope="colgroup" { "By a rule" } }
                    }
                    tr {
                        th scope="row" { a href=[href(loaded, place)] { (super::label(loaded, place)) } }
                        @for product in &products {
                            td.cell {
                                @if let Some(cell) = cells.get(&(product.as_str(), place.as_str())) {
                                    @let (class, word) = cell.sign();
                                    a class=(format!("mark {class}"))
                                        href=(format!("{}#data", href(loaded, product).unwrap_or_default()))
                                        title=(format!("{}, {}: {word} ({})", super::label(loaded, product), super::label(loaded, place), count(cell.all(), "time")))
                                        aria-label=(format!("{}: {word}", super::label(loaded, product))) { (data::sign(class)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    };
    let body = html! {
        h1 { "Products and places" }
        p.lead { "What current texts say about where products run and keep data. A sign leads to the sentences." }
        (as_of("/places", form, &days, newest))
        nav.filters aria-label="Activities" {
            a href=(form.with("/places", "activity", None)) aria-current=[activity.is_none().then_some("true")] { "all" }
            @for other in activities {
                a href=(form.with("/places", "activity", Some(other)))
                    aria-current=[(activity == Some(other)).then_some("true")] { (said::activity(other)) }
            }
        }
        @if cells.is_empty() {
            p.faint { "Nothing is said on that day." }
        } @else {
            (scroll("Products and places", &table))
            @if cities > 0 {
                p {
                    @if with_cities { a href=(form.with("/places", "cities", None)) { "Without cities" } }
                    @else { a href=(form.with("/places", "cities", Some("yes"))) { "With " (cities) " cities" } }
                }
            }
            p.legend {
                @for (class, word) in [("asserted", "said"), ("possible", "may be"), ("planned", "planned"), ("negated", "denied, or it leaves from there")] {
                    span { span class=(format!("mark {class}")) { (data::sign(class)) } " " (word) }
                }
            }
        }
    };
    layout(loaded, "Places", "/places", &body)
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
                @for (i, area) in place.within.iter().enumerate() { @if i > 0 { ", " } (thing::link(loaded, area)) }
            }
        }
        (as_of(bare, form, &days, newest))
        h2 { "Products" }
        (data::matrix(loaded, &own, "Product", "Statements by product and language"))
        @if !smaller.rows.is_empty() {
            h2 { "Places within" }
            (data::matrix(loaded, &smaller, "Place", "Statements by place and language"))
        }
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
