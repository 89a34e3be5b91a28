//! The explorer: pages for people, made here and complete without scripts.
//!
//! What documents say is hostile until it is escaped, which `maud` does wherever a value stands.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::protocol;
use super::reply::{self, Refusal};
use super::{App, Loaded, Shared};
use crate::store::Graph;
use crate::store::sparql::Shortener;
use crate::vocab::stm;

mod data;
mod findings;
mod home;
mod page;
mod places;
mod product;
mod query;
mod thing;

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/assets/{name}", get(asset))
        .route("/search", get(home::search))
        .route("/products", get(product::all))
        .route("/places", get(places::all))
        .route("/findings", get(findings::all))
        .route("/explain/{code}", get(findings::explained))
        .route("/thing", get(thing::elsewhere))
        .route("/query", get(query::query))
        .route("/names.json", get(query::names))
}

/// What a form says: values by name, empty ones left out.
#[derive(Clone, Debug, Default)]
pub struct Form(BTreeMap<String, String>);

/// Characters of what somebody looks for.
const LONGEST: usize = 200;

impl Form {
    pub fn read(query: &str) -> Self {
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        let given = pairs.filter(|(_, value)| !value.trim().is_empty());
        let whole = given.map(|(name, value)| {
            let most = if name == "query" { usize::MAX } else { LONGEST };
            (name.into_owned(), value.chars().take(most).collect())
        });
        Self(whole.collect())
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A day, if it is one.
    pub fn day(&self) -> Option<&str> {
        self.get("as-of").filter(|day| crate::source::config::is_iso_date(day))
    }

    /// Where a long list begins, counted from 0.
    pub fn from(&self, list: &str) -> usize {
        self.get(list).and_then(|from| from.parse().ok()).unwrap_or(0)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The address of the same page with one thing otherwise; none leaves it out.
    pub fn with(&self, path: &str, name: &str, value: Option<&str>) -> String {
        let mut pairs: Vec<String> = self
            .iter()
            .filter(|(known, _)| *known != name && *known != "from")
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect();
        pairs.extend(value.map(|value| format!("{}={}", encoded(name), encoded(value))));
        if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
    }
}

/// Makes a page that depends on nothing but the graph and its address, once.
async fn made(
    app: Shared,
    headers: HeaderMap,
    uri: Uri,
    make: impl FnOnce(&App, &Loaded, &Form) -> Result<Markup, Refusal> + Send + 'static,
) -> Response {
    let made = tokio::task::spawn_blocking(move || {
        let loaded = app.loaded();
        let tag = reply::tag(&[&loaded.id, &uri.to_string(), "page"]);
        if reply::is_known(&headers, &tag) {
            return reply::not_modified(&tag);
        }
        let made = app.cache.get_or_make(&tag, || {
            let form = Form::read(uri.query().unwrap_or_default());
            make(&app, &loaded, &form).map(|page| Bytes::from(page.into_string()))
        });
        let bytes = match made {
            Ok(bytes) => bytes,
            Err(refusal) => return refused(&app, &headers, refusal),
        };
        let mut response = reply::whole(StatusCode::OK, HTML, bytes);
        reply::set_tag(&mut response, &tag);
        response
    });
    made.await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

/// Files that pages load: their name, type and content.
const ASSETS: &[(&str, &str, &str)] = &[
    ("explorer.css", "text/css; charset=utf-8", include_str!("assets/explorer.css")),
    ("explorer.js", "text/javascript; charset=utf-8", include_str!("assets/explorer.js")),
    ("editor.js", "text/javascript; charset=utf-8", include_str!("assets/editor.js")),
    ("icon.svg", "image/svg+xml", include_str!("assets/icon.svg")),
];

async fn asset(Path(name): Path<String>) -> Response {
    match ASSETS.iter().find(|(known, ..)| *known == name) {
        Some((_, kind, content)) => {
            let mut response = reply::whole(StatusCode::OK, kind, *content);
            let age = HeaderValue::from_static("public, max-age=3600");
            response.headers_mut().insert(header::CACHE_CONTROL, age);
            response
        }
        None => Refusal::not_found("there is no such file").response(),
    }
}

/// The page of a thing, as its class has it.
pub fn thing(
    app: &App,
    loaded: &Loaded,
    iri: &str,
    query: &str,
    tag: &str,
) -> Result<Response, Refusal> {
    let bytes = app.cache.get_or_make(tag, || {
        let form = Form::read(query);
        let path = iri.strip_prefix(loaded.base()).unwrap_or_default();
        let kind = path.split('/').next().unwrap_or_default();
        let graph = Graph { snapshot: &loaded.snapshot };
        let page = match kind {
            "" => home::page(loaded),
            "product" => product::page(loaded, &graph, iri, &form)?,
            "page" | "doc" => page::page(loaded, &graph, iri, &form)?,
            "place" | "geo" => places::page(loaded, iri, &form)?,
            _ => thing::page(loaded, iri)?,
        };
        Ok::<_, Refusal>(Bytes::from(page.into_string()))
    })?;
    Ok(reply::whole(StatusCode::OK, HTML, bytes))
}

pub const HTML: &str = "text/html; charset=utf-8";

/// A refusal as a page, to a browser; in plain words, to all others.
pub fn refused(app: &App, headers: &HeaderMap, refusal: Refusal) -> Response {
    if !protocol::wants_page(headers) {
        return refusal.response();
    }
    let body = html! {
        h1 { (refusal.status.as_u16()) " " (refusal.status.canonical_reason().unwrap_or_default()) }
        div.failure { pre { (refusal.message) } }
        @if let Some(hint) = &refusal.hint { p.hint { (hint) } }
        p { a href="/" { "Home" } }
    };
    let title = refusal.status.canonical_reason().unwrap_or("Refused");
    let page = layout(&app.loaded(), title, "", &body);
    reply::whole(refusal.status, HTML, page.into_string())
}

/// What all pages have around their content.
pub fn layout(loaded: &Loaded, title: &str, here: &str, body: &Markup) -> Markup {
    let tabs = [
        ("/", "Home"),
        ("/products", "Products"),
        ("/places", "Places"),
        ("/findings", "Findings"),
        ("/query", "Query"),
    ];
    // Two of these have a larger field of their own.
    let search = here != "/" && here != "/search";
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · " (loaded.index.title) }
                link rel="stylesheet" href="/assets/explorer.css";
                link rel="icon" type="image/svg+xml" href="/assets/icon.svg";
                script src="/assets/explorer.js" type="module" {}
            }
            body {
                a.skip href="#content" { "Skip to content" }
                header.bar {
                    a.brand href="/" {
                        (PreEscaped(include_str!("assets/icon.svg")))
                        span { "stemma" }
                    }
                    nav aria-label="Views" {
                        @for (path, name) in tabs {
                            a href=(path) aria-current=[(path == here).then_some("page")] { (name) }
                        }
                    }
                    @if search {
                        form.find action="/search" role="search" {
                            input type="search" name="q" aria-label="Search names, titles and paths"
                                placeholder="Search";
                        }
                    }
                }
                main #content { (body) }
                footer.bar {
                    span { (loaded.index.title) }
                    @if let Some(day) = &loaded.snapshot.meta().modified { span { "as of " (day) } }
                    a href="/.well-known/void" { "VoID" }
                    a href="/openapi.json" { "OpenAPI" }
                    a href="/sparql" { "SPARQL" }
                    span.faint { "stemma " (env!("CARGO_PKG_VERSION")) }
                }
            }
        }
    }
}

/// What an address must not have as it is.
const ADDRESS: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'{').add(b'}').add(b'\\');
/// What a value in a query must not have as it is.
const VALUE: &AsciiSet = &ADDRESS.add(b'&').add(b'+').add(b'#').add(b'=').add(b'?').add(b'%');

/// Where an IRI leads: to its page here, if it is one of the graph's; elsewhere only by an address
/// of the web. Never a script.
pub fn href(loaded: &Loaded, iri: &str) -> Option<String> {
    if let Some(path) = iri.strip_prefix(loaded.base()) {
        // Two slashes lead to another host.
        let path = path.trim_start_matches('/');
        return Some(format!("/{}", utf8_percent_encode(path, ADDRESS)));
    }
    let is_web = iri.starts_with("https://") || iri.starts_with("http://");
    let known = loaded.index.places.contains_key(iri);
    // Places of other vocabularies have a page here, too.
    known
        .then(|| format!("/thing?iri={}", encoded(iri)))
        .or_else(|| is_web.then(|| utf8_percent_encode(iri, ADDRESS).to_string()))
}

/// A value in an address.
pub fn encoded(value: &str) -> String {
    utf8_percent_encode(value, VALUE).to_string()
}

/// What a thing is called: by its label, or else by what its IRI ends in.
pub fn label(loaded: &Loaded, iri: &str) -> String {
    if let Some(label) = loaded.index.label(iri) {
        return label.to_owned();
    }
    let graph = Graph { snapshot: &loaded.snapshot };
    let known = [crate::vocab::rdfs::LABEL, crate::vocab::skosxl::LITERAL_FORM, stm::MESSAGE];
    for term in known {
        if let Ok(Some(label)) = graph.value(iri, term) {
            return label;
        }
    }
    short(loaded, iri)
}

/// An IRI as a query may write it.
pub fn short(loaded: &Loaded, iri: &str) -> String {
    Shortener::new(loaded.base()).iri(iri)
}

/// A path in an address.
pub fn address(path: &str) -> String {
    utf8_percent_encode(path, ADDRESS).to_string()
}

/// Something that may be wider than the window.
pub fn scroll(name: &str, content: &Markup) -> Markup {
    html! { div.scroll role="region" aria-label=(name) tabindex="0" { (content) } }
}

/// A part of a list that is too long for one page.
pub struct Part<'a> {
    /// What the list is called in the address, which is also the section where it stands.
    pub list: &'a str,
    pub path: &'a str,
    pub form: &'a Form,
    /// How many are shown at once.
    pub most: usize,
}

impl Part<'_> {
    pub fn from(&self) -> usize {
        self.form.from(self.list)
    }

    pub fn range(&self) -> std::ops::Range<usize> {
        let from = self.from();
        from..from.saturating_add(self.most)
    }

    /// What is shown of how many, and the way to the rest.
    pub fn ways(&self, all: usize) -> Markup {
        let from = self.from();
        let to = |place: usize| {
            let place = (place > 0).then(|| place.to_string());
            let address = self.form.with(self.path, self.list, place.as_deref());
            format!("{address}#{}", self.list)
        };
        html! {
            @if all > self.most || from > 0 {
                p.pages {
                    span.faint {
                        (thousands(all.min(from.saturating_add(1)))) " to "
                        (thousands(all.min(from.saturating_add(self.most)))) " of " (thousands(all))
                    }
                    @if from > 0 {
                        a href=(to(from.saturating_sub(self.most))) rel="prev" { "← before" }
                    }
                    @if from.saturating_add(self.most) < all {
                        a href=(to(from + self.most)) rel="next" { "more →" }
                    }
                }
            }
        }
    }
}

/// `1 page`, `2 pages`; thousands apart.
pub fn count(number: usize, one: &str) -> String {
    format!("{} {one}{}", thousands(number), if number == 1 { "" } else { "s" })
}

pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// The day to look from.
pub fn as_of(path: &str, form: &Form, days: &[String], newest: Option<&str>) -> Markup {
    let day = form.day();
    html! {
        form.as-of action=(path) {
            label { "As of "
                input type="date" name="as-of" value=[day.or(newest)] list="days";
            }
            datalist #days { @for day in days { option value=(day) {} } }
            @for (name, value) in form.iter().filter(|(name, _)| *name != "as-of") {
                input type="hidden" name=(name) value=(value);
            }
            button { "Show" }
            @if day.is_some() { " " a href=(form.with(path, "as-of", None)) { "now" } }
            @if !days.is_empty() {
                span.days {
                    @for other in some_of(days) {
                        a href=(form.with(path, "as-of", Some(other)))
                            aria-current=[(day == Some(other)).then_some("true")] { (other) }
                    }
                }
            }
        }
    }
}

/// The first, the last, and some between.
fn some_of(days: &[String]) -> Vec<&String> {
    const SHOWN: usize = 6;
    let last = days.len().saturating_sub(1);
    let steps = last.clamp(1, SHOWN - 1);
    let mut places: Vec<usize> = (0..=steps).map(|step| step * last / steps).collect();
    places.dedup();
    places.into_iter().filter_map(|place| days.get(place)).collect()
}

/// Our own sentences, with names in backticks.
pub fn prose(text: &str) -> Markup {
    html! {
        @for (index, part) in text.split('`').enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_days_some_are_offered_from_first_to_last() {
        let days = |count: usize| (0..count).map(|day| day.to_string()).collect::<Vec<_>>();
        let offered = |count| some_of(&days(count)).into_iter().cloned().collect::<Vec<_>>();
        assert_eq!(offered(0), [""; 0]);
        assert_eq!(offered(1), ["0"]);
        assert_eq!(offered(3), ["0", "1", "2"]);
        assert_eq!(offered(21), ["0", "4", "8", "12", "16", "20"]);
    }
}
