//! Saved queries as addresses, and the document that describes them to programs.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::negotiate::{GRAPHS, TABLES};
use super::protocol::{self, Asked};
use super::reply::{self, Refusal};
use super::{App, Loaded, Shared, origin};
use crate::engine::Format;
use crate::store::queries::{self, AskError, Asker, Kind, SavedQuery};

pub async fn answer(
    State(app): State<Shared>,
    Path(name): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    answered(&app, &name, &uri, &headers).await.unwrap_or_else(Refusal::response)
}

async fn answered(
    app: &App,
    name: &str,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    let (bare, ending) = match name.rsplit_once('.') {
        Some((bare, ending)) if ending != "rq" => (bare, Some(ending.to_owned())),
        _ => (name, None),
    };
    let query = queries::find(bare).map_err(|error| refused(bare, error))?;
    if name.ends_with(".rq") {
        let text = query.text.clone();
        return Ok(reply::whole(StatusCode::OK, "application/sparql-query; charset=utf-8", text));
    }
    let mut format = ending;
    let mut given = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        if name == "format" {
            format = Some(value.into_owned());
        } else if !value.is_empty()
            && given.insert(name.clone().into_owned(), value.into_owned()).is_some()
        {
            return Err(Refusal::bad(format!("the parameter `{name}` has two values"))
                .hint("give one of them"));
        }
    }
    // To a browser the same is shown as a page, with the parameters to change.
    if format.is_none() && protocol::wants_page(headers) {
        let mut page = form_urlencoded::Serializer::new(format!("/query?name={}", query.name));
        // The page has parameters of its own.
        let is_own = |name: &str| query.params.iter().any(|param| param.name == name);
        page.extend_pairs(given.iter().filter(|(name, _)| is_own(name)));
        return Ok(protocol::to_page(&page.finish()));
    }
    let loaded = app.loaded();
    let values = values(app, &loaded, &query, &given)?;
    let asked = Asked { name: &query.name, text: &query.text, values };
    let origin = origin(app, headers)?;
    protocol::answer(app, &loaded, &origin, headers, format.as_deref(), asked).await
}

/// What people wrote, as the query needs it.
pub fn values(
    app: &App,
    loaded: &Loaded,
    query: &SavedQuery,
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Refusal> {
    let asker = Asker { snapshot: &loaded.snapshot, catalog: &app.catalog };
    let values = tokio::task::block_in_place(|| query.values(given, &asker))
        .map_err(|error| refused(&query.name, error))?;
    Ok(values.into_iter().map(|(name, term)| (name, term.to_string())).collect())
}

pub fn refused(name: &str, error: AskError) -> Refusal {
    let hint = match &error {
        AskError::UnknownQuery { near: None, .. } => Some("see them all at `/query`".to_owned()),
        AskError::Value { kind: "product", hint, .. } if hint.starts_with("see them all") => {
            Some("see them all at `/query/do-not-translate`".to_owned())
        }
        error => error.hint(),
    };
    let refusal = match &error {
        AskError::Syntax(error) => Refusal::unreadable(name, error),
        AskError::UnknownQuery { .. } => Refusal::not_found(error.to_string()),
        AskError::Store(_) => Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        _ => Refusal::bad(error.to_string()),
    };
    Refusal { hint, ..refusal }
}

/// The saved queries and the endpoint, as OpenAPI has them.
pub async fn openapi(State(app): State<Shared>, headers: HeaderMap) -> Response {
    match origin(&app, &headers) {
        Ok(origin) => {
            let body = document(&origin);
            let text = serde_json::to_string_pretty(&body).expect("the document is JSON");
            reply::whole(StatusCode::OK, "application/json", text)
        }
        Err(refusal) => refusal.response(),
    }
}

fn document(origin: &str) -> Value {
    let mut paths = serde_json::Map::new();
    for query in queries::all() {
        let is_graph = is_graph(&query);
        let offered = if is_graph { GRAPHS } else { TABLES };
        let mut parameters: Vec<Value> = query.params.iter().map(parameter).collect();
        let names: Vec<&str> = offered.iter().map(|format| format.name()).collect();
        parameters.push(json!({
            "name": "format", "in": "query", "required": false,
            "description": "instead of an `Accept` header",
            "schema": {"type": "string", "enum": names},
        }));
        let operation = json!({
            "operationId": query.name,
            "summary": query.title,
            "description": query.description,
            "tags": ["saved queries"],
            "parameters": parameters,
            "responses": responses(offered),
        });
        paths.insert(format!("/query/{}", query.name), json!({"get": operation}));
    }
    let query = json!({
        "name": "query", "in": "query", "required": true,
        "description": "SPARQL 1.1; the usual prefixes need not be written",
        "schema": {"type": "string", "minLength": 1},
    });
    let all: Vec<Format> = TABLES.iter().chain(GRAPHS).copied().collect();
    paths.insert(
        "/sparql".into(),
        json!({"get": {
            "operationId": "sparql", "summary": "Answers a SPARQL query", "tags": ["SPARQL"],
            "parameters": [query], "responses": responses(&all),
        }}),
    );
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "stemma",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Questions to a knowledge graph of localized, versioned documentation.",
        },
        "servers": [{"url": origin.trim_end_matches('/')}],
        "paths": paths,
    })
}

/// The answer is a graph, not a table.
pub fn is_graph(query: &SavedQuery) -> bool {
    let body = query.text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let mut words = body.flat_map(str::split_whitespace);
    words
        .find(|word| ["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"].contains(word))
        .is_some_and(|verb| matches!(verb, "CONSTRUCT" | "DESCRIBE"))
}

fn parameter(param: &queries::Param) -> Value {
    let mut schema = match param.kind {
        Kind::Integer => json!({"type": "integer"}),
        Kind::Date => json!({"type": "string", "format": "date"}),
        _ => json!({"type": "string"}),
    };
    if let Some(default) = &param.default {
        schema["default"] = json!(default);
    }
    json!({
        "name": param.name, "in": "query", "required": false,
        "description": param.help, "schema": schema,
    })
}

fn responses(offered: &[Format]) -> Value {
    let content: serde_json::Map<String, Value> = offered
        .iter()
        .map(|format| {
            let is_json = format.media_type().ends_with("json");
            let schema = if is_json { json!({}) } else { json!({"type": "string"}) };
            (format.media_type().to_owned(), json!({"schema": schema}))
        })
        .collect();
    let plain = json!({"text/plain": {"schema": {"type": "string"}}});
    let text = |what: &str| json!({"description": what, "content": plain});
    json!({
        "200": {
            "description": "the answer; `Stemma-Truncated` says whether it was cut",
            "headers": {
                "Stemma-Rows": {"schema": {"type": "integer"}},
                "Stemma-Truncated": {"schema": {"type": "string", "enum": ["rows"]}},
            },
            "content": content,
        },
        "304": {"description": "the client has the answer"},
        "400": text("a value or the query cannot be understood"),
        "403": text("the query asks another server"),
        "406": text("no format of the answer is accepted"),
        "500": text("the graph cannot be read"),
        "503": text("too many queries are waiting"),
        "504": text("the answer took too long"),
        "507": text("the answer took too much memory"),
    })
}
