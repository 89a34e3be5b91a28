//! The explorer: pages for people, made here and complete without scripts.
//!
//! What documents say is hostile until it is escaped, which `maud` does wherever a value stands.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::reply::{self, Refusal};
use super::worker::End;
use super::{App, Loaded, Shared};
use crate::store::Graph;
use crate::store::sparql::Shortener;
use crate::vocab::stm;

mod thing;

pub fn router() -> Router<Shared> {
    Router::new().route("/assets/{name}", get(asset))
}

/// Files that pages load: their name, type and content.
const ASSETS: &[(&str, &str, &str)] = &[
    ("explorer.css", "text/css; charset=utf-8", include_str!("assets/explorer.css")),
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
    if let Some((body, _)) = app.cache.get(tag) {
        return Ok(reply::whole(StatusCode::OK, HTML, body));
    }
    let _ = query;
    let page = thing::page(loaded, iri)?;
    let bytes = axum::body::Bytes::from(page.into_string());
    app.cache.put(tag, bytes.clone(), End::default());
    Ok(reply::whole(StatusCode::OK, HTML, bytes))
}

pub const HTML: &str = "text/html; charset=utf-8";

/// A refusal as a page, to a browser; in plain words, to all others.
pub fn refused(app: &App, headers: &HeaderMap, refusal: Refusal) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if !accept.is_some_and(|accept| accept.contains("text/html")) {
        return refusal.response();
    }
    let body = html! {
        h1 { (refusal.status.as_u16()) " " (refusal.status.canonical_reason().unwrap_or_default()) }
        pre.error { (refusal.message) }
        @if let Some(hint) = &refusal.hint { p.hint { (hint) } }
        p { a href="/" { "Home" } }
    };
    let page = layout(&app.loaded(), "Not found", "", &body);
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
    let search = here != "/";
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
        return Some(format!("/{}", utf8_percent_encode(path, ADDRESS)));
    }
    (iri.starts_with("https://") || iri.starts_with("http://"))
        .then(|| utf8_percent_encode(iri, ADDRESS).to_string())
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
