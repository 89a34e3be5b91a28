//! Every IRI of the graph under the address of this server: a page for people, statements for
//! programs, with the base of the graph replaced by that address.

use std::collections::BTreeSet;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use oxigraph::io::RdfSerializer;
use oxigraph::model::{NamedNode, NamedNodeRef, NamedOrBlankNode, Term, Triple};
use percent_encoding::percent_decode_str;

use super::describe::is_known;
use super::negotiate::THINGS;
use super::protocol::chosen;
use super::reply::{self, Refusal};
use super::{App, Loaded, Shared, origin, view};
use crate::engine::Format;
use crate::store::xml::Writable;
use crate::store::{Graph, StoreError, sparql};
use crate::vocab::stm;

pub async fn thing(State(app): State<Shared>, request: Request) -> Response {
    let method = request.method().clone();
    if method != Method::GET && method != Method::HEAD {
        let refusal = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "things are for reading");
        let mut response = refusal.response();
        let methods = HeaderValue::from_static("GET, HEAD, OPTIONS");
        response.headers_mut().insert(header::ALLOW, methods);
        return response;
    }
    let (path, query) = (request.uri().path().to_owned(), request.uri().query().map(str::to_owned));
    let headers = request.headers().clone();
    let shown = tokio::task::spawn_blocking(move || {
        show(&app, &path, query.as_deref().unwrap_or_default(), &headers)
            .unwrap_or_else(|refusal| view::refused(&app, &headers, refusal))
    });
    shown.await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

fn show(app: &App, path: &str, query: &str, headers: &HeaderMap) -> Result<Response, Refusal> {
    let loaded = app.loaded();
    let origin = origin(app, headers)?;
    let Some((iri, ending)) = find(&loaded, path)? else {
        let bare = path.trim_matches('/');
        if path.ends_with('/') && find(&loaded, bare)?.is_some() {
            return Ok(Redirect::permanent(&format!("/{bare}")).into_response());
        }
        if let Some(place) = elsewhere(&loaded, path)? {
            let query = if query.is_empty() { String::new() } else { format!("?{query}") };
            // A longer history may know an earlier path, so this holds for now.
            return Ok(Redirect::temporary(&format!("{place}{query}")).into_response());
        }
        return Err(Refusal::not_found(format!("there is nothing at `{path}`"))
            .hint(other_languages(&loaded, path)?));
    };
    let format = match ending {
        Some(format) => format,
        None => {
            let wanted = url::form_urlencoded::parse(query.as_bytes());
            let wanted = wanted.into_iter().find(|(name, _)| name == "format");
            chosen(wanted.as_ref().map(|(_, value)| &**value), headers, THINGS)?
        }
    };
    let tag = reply::tag(&[&loaded.id, &iri, query, &origin, format.name()]);
    if reply::is_known(headers, &tag) {
        return Ok(reply::not_modified(&tag));
    }
    let mut response = if format == Format::Html {
        view::thing(app, &loaded, &iri, query, &tag)?
    } else {
        let statements = moved(described(&loaded, &iri)?, loaded.base(), &origin);
        document(statements, format, &origin)
    };
    reply::set_tag(&mut response, &tag);
    let headers = response.headers_mut();
    let others = THINGS.iter().filter(|other| **other != format && **other != Format::NQuads);
    let local = iri.strip_prefix(loaded.base()).unwrap_or_default();
    let links: Vec<String> = others
        .filter(|_| !local.is_empty())
        .map(|other| {
            let address = format!("/{local}.{}", other.name());
            format!("<{address}>; rel=\"alternate\"; type=\"{}\"", other.media_type())
        })
        .collect();
    if !links.is_empty() {
        headers.insert(header::LINK, reply::value(&links.join(", ")));
    }
    Ok(response)
}

/// The thing that a path means, and the format if the path says it.
fn find(loaded: &Loaded, path: &str) -> Result<Option<(String, Option<Format>)>, StoreError> {
    let written = path.trim_start_matches('/');
    // Clients encode what an IRI may have as it is.
    let decoded = percent_decode_str(written).decode_utf8_lossy();
    for path in [written, &*decoded] {
        let iri = format!("{}{path}", loaded.base());
        if is_known(loaded, &iri)? {
            return Ok(Some((iri, None)));
        }
        let Some((bare, ending)) = iri.rsplit_once('.') else { continue };
        let format = Format::named(ending).filter(|format| THINGS.contains(format));
        if format.is_some() && is_known(loaded, bare)? {
            return Ok(Some((bare.to_owned(), format)));
        }
    }
    Ok(None)
}

/// The address of a document, page or text that is asked for by another of its paths: that of its
/// IRI with the path of today, or that of the published page.
fn elsewhere(loaded: &Loaded, path: &str) -> Result<Option<String>, StoreError> {
    let graph = Graph { snapshot: &loaded.snapshot };
    let base = loaded.base();
    let known = |path: &str| -> Result<Option<String>, StoreError> {
        for folder in ["", "page/", "doc/"] {
            if let Some(iri) = graph.elsewhere(&format!("{base}{folder}{path}"))? {
                return Ok(view::href(loaded, &iri));
            }
        }
        Ok(None)
    };
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    let path = decoded.trim_matches('/');
    if let Some(place) = known(path)? {
        return Ok(Some(place));
    }
    let Some((bare, ending)) = path.rsplit_once('.') else { return Ok(None) };
    let format = Format::named(ending).filter(|format| THINGS.contains(format));
    let place = if format.is_some() { known(bare)? } else { None };
    Ok(place.map(|place| format!("{place}.{ending}")))
}

/// Where a page is that is not in the language asked for.
fn other_languages(loaded: &Loaded, path: &str) -> Result<String, StoreError> {
    let graph = Graph { snapshot: &loaded.snapshot };
    let page = path.strip_prefix("/page/").and_then(|page| page.split_once('/'));
    let path = page.map_or("", |(_, path)| path);
    let documents = graph.documents_at(path)?;
    let of = |document: &String| documents.contains(document);
    let pages = loaded.index.pages.values().filter(|page| of(&page.document));
    let locales: Vec<&str> = pages.map(|page| page.locale.as_str()).collect();
    Ok(match locales.as_slice() {
        [] => "look for it on the home page".to_owned(),
        locales => format!("the graph has this page in {}", locales.join(", ")),
    })
}

/// What is said of a thing, and nothing else.
pub fn statements(loaded: &Loaded, iri: &str) -> Result<Vec<Triple>, StoreError> {
    let quads = loaded.snapshot.about(NamedNodeRef::new_unchecked(iri));
    quads.map(|quad| quad.map(Triple::from)).collect()
}

/// What is said of a thing and of its parts, which are dereferenced with it: an IRI with a
/// fragment is asked for without it.
fn described(loaded: &Loaded, iri: &str) -> Result<Vec<Triple>, StoreError> {
    let mut things = BTreeSet::from([iri.to_owned()]);
    let mut within = vec![iri.to_owned()];
    while let Some(whole) = within.pop() {
        let object = Term::from(NamedNode::new_unchecked(&*whole));
        for inside in [stm::IN_VERSION, stm::IN_FILE, stm::IN_SEGMENT, stm::OF_VERSION] {
            for quad in loaded.snapshot.matching(None, Some(inside), Some(&object)) {
                let NamedOrBlankNode::NamedNode(part) = quad?.subject else { continue };
                let is_part = part.as_str().strip_prefix(iri).is_some_and(|x| x.starts_with('#'));
                if is_part && things.insert(part.as_str().to_owned()) {
                    within.push(part.into_string());
                }
            }
        }
    }
    let mut all = Vec::new();
    for thing in things {
        all.extend(statements(loaded, &thing)?);
    }
    Ok(all)
}

/// Statements with another address in the place of the base.
pub fn moved(statements: Vec<Triple>, base: &str, origin: &str) -> Vec<Triple> {
    if base == origin {
        return statements;
    }
    let node = |node: NamedNode| match node.as_str().strip_prefix(base) {
        Some(path) => NamedNode::new_unchecked(format!("{origin}{path}")),
        None => node,
    };
    let moved = statements.into_iter().map(|triple| {
        let subject = match triple.subject {
            NamedOrBlankNode::NamedNode(subject) => node(subject).into(),
            other => other,
        };
        let object = match triple.object {
            Term::NamedNode(object) => node(object).into(),
            other => other,
        };
        Triple { subject, predicate: node(triple.predicate), object }
    });
    moved.collect()
}

/// Statements as a file, sorted, so that the same thing has the same bytes.
pub fn document(mut statements: Vec<Triple>, format: Format, base: &str) -> Response {
    statements.sort_by_cached_key(ToString::to_string);
    statements.dedup();
    let rdf = format.rdf().expect("the format is one for graphs");
    let mut bytes = Vec::new();
    let mut serializer = RdfSerializer::from_format(rdf);
    for (prefix, namespace) in sparql::prefixes(base) {
        // A document of a few lines should not begin with thirty prefixes.
        if statements.iter().any(|statement| mentions(statement, &namespace)) {
            serializer = serializer.with_prefix(prefix, namespace).expect("namespaces are IRIs");
        }
    }
    let mut serializer = serializer.for_writer(Writable::new(format == Format::RdfXml, &mut bytes));
    for statement in &statements {
        serializer.serialize_triple(statement).expect("a list takes all bytes");
    }
    serializer.finish().expect("a list takes all bytes");
    reply::whole(StatusCode::OK, &format.content_type(), bytes)
}

fn mentions(statement: &Triple, namespace: &str) -> bool {
    let is_in = |iri: &str| iri.starts_with(namespace);
    is_in(statement.predicate.as_str())
        || matches!(&statement.subject, NamedOrBlankNode::NamedNode(node) if is_in(node.as_str()))
        || match &statement.object {
            Term::NamedNode(node) => is_in(node.as_str()),
            Term::Literal(literal) => is_in(literal.datatype().as_str()),
            _ => false,
        }
}
