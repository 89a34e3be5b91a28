//! The page of anything that has no page of its own kind: what is said of it, and who speaks of it.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use maud::{Markup, html};
use oxigraph::model::vocab::rdf;
use oxigraph::model::{NamedNode, NamedNodeRef, Term};

use super::{Loaded, Refusal, Shared, href, label, layout, made, places, short};
use crate::serve::describe::{is_known, subject};

/// More of one sort than this are counted, not listed.
const LISTED: usize = 50;

pub fn page(loaded: &Loaded, iri: &str) -> Result<Markup, Refusal> {
    let node = NamedNodeRef::new_unchecked(iri);
    let mut said: BTreeMap<String, Vec<Term>> = BTreeMap::new();
    for quad in loaded.snapshot.about(node) {
        let quad = quad?;
        said.entry(quad.predicate.into_string()).or_default().push(quad.object);
    }
    let mut by: BTreeMap<String, (usize, Vec<String>)> = BTreeMap::new();
    let object = Term::from(NamedNode::new_unchecked(iri));
    for quad in loaded.snapshot.matching(None, None, Some(&object)) {
        let quad = quad?;
        let (count, subjects) = by.entry(quad.predicate.into_string()).or_default();
        *count += 1;
        if subjects.len() < LISTED {
            subjects.extend(subject(quad.subject));
        }
    }
    let title = label(loaded, iri);
    let kinds = said.remove(rdf::TYPE.as_str()).unwrap_or_default();
    let body = html! {
        p.kind {
            @for kind in &kinds {
                @if let Term::NamedNode(kind) = kind {
                    span.tag { (crate::explore::words(kind.as_str())) }
                }
            }
        }
        h1 { (title) }
        p.iri { code { (iri) } }
        table.facts {
            tbody {
                @for (predicate, objects) in &mut said {
                    tr {
                        th scope="row" title=(predicate) { (short(loaded, predicate)) }
                        td { (terms(loaded, objects)) }
                    }
                }
            }
        }
        @if !by.is_empty() {
            h2 { "What refers to it" }
            table.facts {
                tbody {
                    @for (predicate, (count, subjects)) in &mut by {
                        tr {
                            th scope="row" title=(predicate) {
                                "is " (short(loaded, predicate)) " of"
                                span.count { (count) }
                            }
                            td {
                                ul.plain {
                                    @for subject in sorted(subjects) {
                                        li { (link(loaded, subject)) }
                                    }
                                    @if *count > subjects.len() {
                                        li.faint { "and " (*count - subjects.len()) " more" }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        (formats(loaded, iri))
    };
    Ok(layout(loaded, &title, "", &body))
}

fn sorted(iris: &mut [String]) -> &[String] {
    iris.sort();
    iris
}

const FORMATS: [(&str, &str); 4] =
    [("ttl", "Turtle"), ("nt", "N-Triples"), ("jsonld", "JSON-LD"), ("rdf", "RDF/XML")];

/// The same as data.
pub fn formats(loaded: &Loaded, iri: &str) -> Markup {
    let path = iri.strip_prefix(loaded.base()).unwrap_or_default().split('#').next();
    let path = path.unwrap_or_default();
    html! {
        @if !path.is_empty() {
            p.formats {
                "As data: "
                @for (ending, name) in FORMATS {
                    a href=(format!("/{}.{ending}", super::address(path))) { (name) } " "
                }
            }
        }
    }
}

pub fn link(loaded: &Loaded, iri: &str) -> Markup {
    let name = label(loaded, iri);
    html! {
        @match href(loaded, iri) {
            Some(href) => a href=(href) title=(iri) { (name) },
            None => span title=(iri) { (name) },
        }
    }
}

fn terms(loaded: &Loaded, objects: &mut [Term]) -> Markup {
    objects.sort_by_cached_key(ToString::to_string);
    html! {
        ul.plain {
            @for object in objects.iter().take(LISTED) {
                li { (term(loaded, object)) }
            }
            @if objects.len() > LISTED {
                li.faint { "and " (objects.len() - LISTED) " more" }
            }
        }
    }
}

pub fn term(loaded: &Loaded, term: &Term) -> Markup {
    html! {
        @match term {
            Term::NamedNode(node) => (link(loaded, node.as_str())),
            Term::Literal(literal) => {
                span lang=[literal.language()] { (literal.value()) }
                @if let Some(language) = literal.language().filter(|language| *language != "en") {
                    " " span.lang { (language) }
                }
            }
            other => (other.to_string()),
        }
    }
}

/// A thing whose IRI is not below the base of the graph, such as a country.
pub async fn elsewhere(State(app): State<Shared>, headers: HeaderMap, uri: Uri) -> Response {
    made(app, headers, uri, |_, loaded, form| {
        let iri = form.get("iri").unwrap_or_default();
        if loaded.index.places.contains_key(iri) {
            return places::page(loaded, iri, form);
        }
        if !is_known(loaded, iri)? {
            return Err(Refusal::not_found(format!("the graph says nothing of `{iri}`")));
        }
        page(loaded, iri)
    })
    .await
}
