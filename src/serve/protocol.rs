//! The SPARQL 1.1 Protocol, for reading: what is asked for, and in which format it is answered.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use url::form_urlencoded;

use super::negotiate::{self, GRAPHS, TABLES};
use super::reply::{self, Pieces, Refusal};
use super::{App, Loaded, Shared, describe, origin};
use crate::engine::{self, Answer, Format, Kind, Question, Request, Unasked, is_ours};

/// What a request says.
#[derive(Debug, Default)]
struct Said {
    query: Vec<String>,
    default_graphs: Vec<String>,
    named_graphs: Vec<String>,
    format: Option<String>,
    is_update: bool,
}

impl Said {
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
    let mut headers = headers;
    if method == Method::POST {
        // What a client knows matters only where it gets.
        headers.remove(header::IF_NONE_MATCH);
    }
    answered(&app, &method, &uri, &headers, &body).await.unwrap_or_else(Refusal::response)
}

async fn answered(
    app: &App,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Response, Refusal> {
    let mut said = Said::default();
    said.read(uri.query().unwrap_or_default().as_bytes());
    if method == Method::POST {
        if headers.contains_key(header::CONTENT_ENCODING) {
            let message = "a query does not come compressed";
            return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
        }
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        match kind.to_ascii_lowercase().as_str() {
            "application/x-www-form-urlencoded" => said.read(body),
            "application/sparql-query" => match std::str::from_utf8(body) {
                Ok(query) => said.query.push(query.to_owned()),
                Err(_) => return Err(Refusal::bad("the query is not UTF-8")),
            },
            "application/sparql-update" => said.is_update = true,
            other => {
                let message = format!("a query does not come as `{other}`");
                return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message).hint(
                    "send `application/sparql-query` or `application/x-www-form-urlencoded`",
                ));
            }
        }
    }
    if said.is_update {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "this graph is for reading")
            .hint("change the pages or the data, and run `stemma compile` again"));
    }
    let loaded = app.loaded();
    let origin = origin(app, headers)?;
    let query = match said.query.as_slice() {
        [query] => query,
        [] if method != Method::POST => {
            return describe::service(app, &loaded, &origin, headers, said.format.as_deref());
        }
        [] => return Err(Refusal::bad("there is no query").hint("send it as `query`")),
        _ => return Err(Refusal::bad("there are several queries").hint("send one of them")),
    };
    // To a browser the same is shown as a page, with the query to change.
    if method != Method::POST && said.format.is_none() && wants_page(headers) {
        let query: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
        return Ok(to_page(&format!("/query?query={query}")));
    }
    let mut others =
        said.default_graphs.iter().filter(|graph| !is_ours(graph, loaded.base(), &origin));
    if let Some(graph) = others.next().or(said.named_graphs.first()) {
        return Err(Unasked::Graph(graph.clone()).into());
    }
    let asked = Asked { name: "query", text: query, values: BTreeMap::new() };
    answer(app, &loaded, &origin, headers, said.format.as_deref(), asked).await
}

/// A query with the values of its variables.
pub struct Asked<'a> {
    /// How errors call it.
    pub name: &'a str,
    pub text: &'a str,
    /// By variable, as N-Triples have them.
    pub values: BTreeMap<String, String>,
}

/// A query that may be asked.
pub fn understood(
    app: &App,
    loaded: &Loaded,
    origin: &str,
    name: &str,
    text: &str,
) -> Result<Question, Refusal> {
    let read = || engine::question(text, loaded.base(), origin, &app.options.services);
    tokio::task::block_in_place(read).map_err(|error| match error {
        Unasked::Syntax(error) => Refusal::unreadable(name, &error),
        other => other.into(),
    })
}

/// Answers a query in the best format for the client.
pub async fn answer(
    app: &App,
    loaded: &Loaded,
    origin: &str,
    headers: &HeaderMap,
    format: Option<&str>,
    asked: Asked<'_>,
) -> Result<Response, Refusal> {
    let Question { kind, text } = understood(app, loaded, origin, asked.name, asked.text)?;
    let offered = match kind {
        Kind::Table | Kind::Boolean => TABLES,
        Kind::Graph => GRAPHS,
    };
    let format = chosen(format, headers, offered)?;
    let values = serde_json::to_string(&asked.values).unwrap_or_default();
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
                values: asked.values,
                format: format.name().to_owned(),
                rows: app.options.limits.rows,
                services: app.options.services.clone(),
            };
            let mut answer = app.pool.ask(request).await?;
            let mut ended = None;
            let reads_trailers = reads_trailers(headers);
            if let Answer::Begun(reader) = &mut answer
                && !reads_trailers
            {
                ended = reader.ended(PATIENCE).await.transpose()?;
                // What takes long need not be long, and is asked again.
                if ended.is_some() && reader.bytes() <= KEPT {
                    let (body, end) = answer.all(usize::MAX).await?;
                    answer = Answer::Whole(body, end);
                }
            }
            match answer {
                Answer::Whole(body, end) => {
                    // Another server may say something else next time.
                    if app.options.services.is_empty() {
                        app.cache.put(&tag, body.clone(), end);
                    }
                    let mut response = reply::whole(StatusCode::OK, &format.content_type(), body);
                    reply::set_end(response.headers_mut(), end);
                    response
                }
                Answer::Begun(reader) => {
                    let pieces = Pieces::new(reader.pieces(), reads_trailers || ended.is_some());
                    let body = Body::new(pieces);
                    let mut response = reply::whole(StatusCode::OK, &format.content_type(), body);
                    match ended {
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

/// Bytes of an answer that is kept, though it did not come soon.
const KEPT: u64 = 2 << 20;

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
