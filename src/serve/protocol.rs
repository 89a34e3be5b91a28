//! The SPARQL 1.1 Protocol, for reading: what is asked for, and in which format it is answered.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use spargebra::Query;
use url::form_urlencoded;

use super::negotiate::{self, BOOLEANS, Format, GRAPHS, TABLES};
use super::pool::Answer;
use super::reply::{self, Pieces, Refusal};
use super::worker::Request;
use super::{App, Loaded, Shared, describe, origin};
use crate::store::services;
use crate::store::sparql::{self, SyntaxError};

/// What a request says.
#[derive(Debug, Default)]
struct Asked {
    query: Vec<String>,
    default_graphs: Vec<String>,
    named_graphs: Vec<String>,
    format: Option<String>,
    is_update: bool,
}

impl Asked {
    fn read(&mut self, form: &[u8]) {
        for (name, value) in form_urlencoded::parse(form) {
            match &*name {
                "query" => self.query.push(value.into_owned()),
                "default-graph-uri" => self.default_graphs.push(value.into_owned()),
                "named-graph-uri" => self.named_graphs.push(value.into_owned()),
                "format" | "output" => self.format = Some(value.into_owned()),
                "update" | "using-graph-uri" | "using-named-graph-uri" => self.is_update = true,
                _ => {}
            }
        }
    }
}

pub async fn sparql(
    State(app): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answered(&app, &method, &uri, &headers, &body).await.unwrap_or_else(Refusal::response)
}

async fn answered(
    app: &App,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Response, Refusal> {
    let mut asked = Asked::default();
    asked.read(uri.query().unwrap_or_default().as_bytes());
    if method == Method::POST {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        match kind.to_ascii_lowercase().as_str() {
            "application/x-www-form-urlencoded" => asked.read(body),
            "application/sparql-query" => match std::str::from_utf8(body) {
                Ok(query) => asked.query.push(query.to_owned()),
                Err(_) => return Err(Refusal::bad("the query is not UTF-8")),
            },
            "application/sparql-update" => asked.is_update = true,
            other => {
                let message = format!("a query does not come as `{other}`");
                return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message).hint(
                    "send `application/sparql-query` or `application/x-www-form-urlencoded`",
                ));
            }
        }
    }
    if asked.is_update {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "this graph is for reading")
            .hint("change the pages or the data, and run `stemma compile` again"));
    }
    let loaded = app.loaded();
    let origin = origin(app, headers)?;
    let query = match asked.query.as_slice() {
        [query] => query,
        [] if method != Method::POST => return describe::service(app, &loaded, &origin, headers),
        [] => return Err(Refusal::bad("there is no query").hint("send it as `query`")),
        _ => return Err(Refusal::bad("there are several queries").hint("send one of them")),
    };
    // To a browser the same is shown as a page, with the query to change.
    if method != Method::POST && asked.format.is_none() && wants_page(headers) {
        let query: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
        return Ok(to_page(&format!("/query?query={query}")));
    }
    for graph in &asked.default_graphs {
        is_ours(graph, &loaded, &origin)?;
    }
    if let Some(graph) = asked.named_graphs.first() {
        return Err(no_graph(graph, &loaded));
    }
    let question = Question { name: "query", text: query, values: BTreeMap::new() };
    answer(app, &loaded, &origin, headers, asked.format.as_deref(), question).await
}

/// What libraries call the default graph when a protocol asks them for a name.
const DEFAULTS: [&str; 3] =
    ["urn:x-rdflib:default", "urn:x-arq:DefaultGraph", "http://www.openrdf.org/schema/sesame#nil"];

/// Everything is in one graph, which is called by its base and is the default.
fn is_ours(graph: &str, loaded: &Loaded, origin: &str) -> Result<(), Refusal> {
    if DEFAULTS.contains(&graph) {
        return Ok(());
    }
    let is_base = |base: &str| graph.trim_end_matches('/') == base.trim_end_matches('/');
    if is_base(loaded.base()) || is_base(origin) { Ok(()) } else { Err(no_graph(graph, loaded)) }
}

fn no_graph(graph: &str, loaded: &Loaded) -> Refusal {
    let hint = format!("all statements are in the default graph, `{}`", loaded.base());
    Refusal::bad(format!("there is no graph `{graph}`")).hint(hint)
}

/// `FROM` and the protocol name the only graph there is, so nothing is lost.
pub fn forget_dataset(query: &mut Query) {
    let (Query::Select { dataset, .. }
    | Query::Construct { dataset, .. }
    | Query::Describe { dataset, .. }
    | Query::Ask { dataset, .. }) = query;
    *dataset = None;
}

/// A query with the values of its variables.
pub struct Question<'a> {
    /// How errors call it.
    pub name: &'a str,
    pub text: &'a str,
    /// By variable, as N-Triples have them.
    pub values: BTreeMap<String, String>,
}

/// A query that may be asked, and its text as the engine needs it.
pub fn understood(
    app: &App,
    loaded: &Loaded,
    origin: &str,
    name: &str,
    text: &str,
) -> Result<(Query, String), Refusal> {
    let base = loaded.base();
    let mut query = tokio::task::block_in_place(|| sparql::parse(text, base))
        .map_err(|error| unreadable(name, &error))?;
    if let Some(service) = services::forbidden(&query, &app.options.services) {
        let message = format!("the query asks another server, which is not allowed: {service}");
        return Err(Refusal::new(StatusCode::FORBIDDEN, message)
            .hint("ask the other server separately, or start with `--allow-service HOST`"));
    }
    if let Some(dataset) = query.dataset() {
        for graph in &dataset.default {
            is_ours(graph.as_str(), loaded, origin)?;
        }
        if let Some(graph) = dataset.named.iter().flatten().next() {
            return Err(no_graph(graph.as_str(), loaded));
        }
    }
    forget_dataset(&mut query);
    // What a client read here, it may ask for here: our own address means the base.
    let text = if origin == base {
        text.to_owned()
    } else {
        sparql::replace_iris(text, |iri| {
            iri.strip_prefix(origin).map(|path| format!("{base}{path}"))
        })
    };
    Ok((query, text))
}

/// Answers a query in the best format for the client.
pub async fn answer(
    app: &App,
    loaded: &Loaded,
    origin: &str,
    headers: &HeaderMap,
    format: Option<&str>,
    question: Question<'_>,
) -> Result<Response, Refusal> {
    let (query, text) = understood(app, loaded, origin, question.name, question.text)?;
    let offered = match query {
        Query::Select { .. } => TABLES,
        Query::Ask { .. } => BOOLEANS,
        Query::Construct { .. } | Query::Describe { .. } => GRAPHS,
    };
    let format = chosen(format, headers, offered)?;
    let values = serde_json::to_string(&question.values).unwrap_or_default();
    let tag = reply::tag(&[&loaded.id, &text, &values, format.name(), &app.options.tag()]);
    if reply::is_known(headers, &tag) {
        return Ok(reply::not_modified(&tag));
    }
    let mut response = match app.cache.get(&tag) {
        Some((body, end)) => {
            let mut response = reply::whole(StatusCode::OK, &format.content_type(), body);
            reply::set_end(response.headers_mut(), end);
            response
        }
        None => {
            let request = Request {
                snapshot: loaded.snapshot.folder().to_owned(),
                query: text,
                values: question.values,
                format: format.name().to_owned(),
                rows: app.options.limits.rows,
                services: app.options.services.clone(),
            };
            match app.pool.ask(request).await? {
                Answer::Whole(body, end) => {
                    // Another server may say something else next time.
                    if app.options.services.is_empty() {
                        app.cache.put(&tag, body.clone(), end);
                    }
                    let mut response = reply::whole(StatusCode::OK, &format.content_type(), body);
                    reply::set_end(response.headers_mut(), end);
                    response
                }
                Answer::Begun(mut reader) => {
                    let reads_trailers = reads_trailers(headers);
                    let ended = if reads_trailers { None } else { reader.ended(PATIENCE).await };
                    let end = ended.transpose()?;
                    let pieces = Pieces::new(reader.pieces(), reads_trailers || end.is_some());
                    let body = Body::new(pieces);
                    let mut response = reply::whole(StatusCode::OK, &format.content_type(), body);
                    match end {
                        Some(end) => reply::set_end(response.headers_mut(), end),
                        None => {
                            let names = HeaderValue::from_static("stemma-rows, stemma-truncated");
                            response.headers_mut().insert(header::TRAILER, names);
                        }
                    }
                    response
                }
            }
        }
    };
    response.headers_mut().insert(reply::ROW_LIMIT, app.options.limits.rows.into());
    reply::set_tag(&mut response, &tag);
    Ok(response)
}

/// How long the headers of an answer wait for its end, for a client that reads no trailers.
const PATIENCE: Duration = Duration::from_secs(10);

fn reads_trailers(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::TE).iter().filter_map(|accepted| accepted.to_str().ok());
    accepted.flat_map(|list| list.split(',')).any(|one| one.trim().eq_ignore_ascii_case("trailers"))
}

/// A page is liked better than everything that a program would read.
pub fn wants_page(headers: &HeaderMap) -> bool {
    let mut offered: Vec<Format> = TABLES.iter().chain(GRAPHS).copied().collect();
    offered.push(Format::Html);
    let accept = accept(headers);
    accept.is_some() && negotiate::best(accept.as_deref(), &offered) == Some(Format::Html)
}

/// Elsewhere for a client that wants a page.
pub fn to_page(address: &str) -> Response {
    let mut response = Redirect::to(address).into_response();
    reply::set_vary(&mut response);
    response
}

fn accept(headers: &HeaderMap) -> Option<String> {
    let accepted: Vec<&str> =
        headers.get_all(header::ACCEPT).iter().filter_map(|accept| accept.to_str().ok()).collect();
    (!accepted.is_empty()).then(|| accepted.join(","))
}

/// The format asked for by name, or else by the header.
pub fn chosen(
    format: Option<&str>,
    headers: &HeaderMap,
    offered: &[Format],
) -> Result<Format, Refusal> {
    let names = || offered.iter().map(|format| format.name()).collect::<Vec<_>>().join(", ");
    if let Some(name) = format.filter(|name| !name.is_empty()) {
        // In a URL, a plus sign is easily read as a blank.
        let name = name.replace(' ', "+");
        if name.contains('/')
            && let Some(found) = negotiate::best(Some(&name), offered)
        {
            return Ok(found);
        }
        let found = Format::named(&name).map(|format| match format {
            // Clients ask for the one before they know whether the answer is a table or a graph.
            Format::Xml if !offered.contains(&Format::Xml) => Format::RdfXml,
            Format::Json if !offered.contains(&Format::Json) => Format::JsonLd,
            format => format,
        });
        return found.filter(|format| offered.contains(format)).ok_or_else(|| {
            let message = format!("this answer is not written as `{name}`");
            Refusal::new(StatusCode::NOT_ACCEPTABLE, message)
                .hint(format!("write it as one of {}", names()))
        });
    }
    negotiate::best(accept(headers).as_deref(), offered).ok_or_else(|| {
        let types: Vec<&str> = offered.iter().map(|format| format.media_type()).collect();
        Refusal::new(StatusCode::NOT_ACCEPTABLE, "this answer has none of the formats you accept")
            .hint(format!("accept one of {}", types.join(", ")))
    })
}

/// As `stemma query` prints it.
pub fn unreadable(name: &str, error: &SyntaxError) -> Refusal {
    let indent = " ".repeat(error.line.to_string().len());
    let message =
        format!("{error}\n{indent}--> {name}:{}:{}\n{}", error.line, error.column, error.excerpt);
    Refusal { hint: error.hint.clone(), ..Refusal::bad(message) }
}
