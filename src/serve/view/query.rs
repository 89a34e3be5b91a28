//! The query editor and its answers: as a table, a chart or a graph. The query lives in the
//! address, so that an answer can be sent to somebody.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use maud::{Markup, html};
use oxigraph::io::{RdfFormat, RdfParser};
use oxigraph::model::{NamedOrBlankNode, Term};
use oxigraph::sparql::results::{
    QueryResultsFormat, QueryResultsParser, SliceQueryResultsParserOutput,
};

use super::{Form, Loaded, Refusal, Shared, layout, prose, short};
use crate::engine::{End, Format, Kind, Request};
use crate::serve::protocol::understood;
use crate::serve::reply;
use crate::serve::saved;
use crate::serve::{App, origin};
use crate::store::queries::{self, SavedQuery};

mod answer;
mod graph;
mod names;

pub use names::names;

/// Rows that a page shows.
const ROWS: usize = 500;
/// Bytes of them.
const BYTES: usize = 8 << 20;
const FIRST: &str = "\
SELECT ?product ?name ?status WHERE {
  ?product a stm:Product ; stm:name ?n .
  ?n skosxl:literalForm ?name ; stm:nameStatus ?status .
} LIMIT 20";

pub async fn query(State(app): State<Shared>, headers: HeaderMap, uri: Uri) -> Response {
    let loaded = app.loaded();
    let origin = match origin(&app, &headers) {
        Ok(origin) => origin,
        Err(refusal) => return refusal.response(),
    };
    let tag = reply::tag(&[&loaded.id, &uri.to_string(), &origin, "query page"]);
    if reply::is_known(&headers, &tag) {
        return reply::not_modified(&tag);
    }
    if let Some((bytes, _)) = app.cache.get(&tag) {
        let mut response = reply::whole(StatusCode::OK, super::HTML, bytes);
        reply::set_tag(&mut response, &tag);
        return response;
    }
    let form = Form::read(uri.query().unwrap_or_default());
    let asked = Asked::read(&app, &loaded, &form);
    let outcome = match &asked {
        Ok(asked) if asked.is_to_run => Some(run(&app, &loaded, &origin, asked).await),
        Ok(_) => None,
        Err(refusal) => Some(Err(refusal.clone())),
    };
    let status = match &outcome {
        Some(Err(refusal)) => refusal.status,
        _ => StatusCode::OK,
    };
    let page = page(&loaded, &form, asked.ok().as_ref(), outcome.as_ref());
    let bytes = Bytes::from(page.into_string());
    if status == StatusCode::OK && app.options.services.is_empty() {
        app.cache.put(&tag, bytes.clone(), End::default());
    }
    let mut response = reply::whole(status, super::HTML, bytes);
    if status == StatusCode::OK {
        reply::set_tag(&mut response, &tag);
    }
    response
}

/// What is to be asked.
struct Asked {
    saved: Option<SavedQuery>,
    given: BTreeMap<String, String>,
    text: String,
    values: BTreeMap<String, String>,
    is_to_run: bool,
}

impl Asked {
    fn read(app: &App, loaded: &Loaded, form: &Form) -> Result<Self, Refusal> {
        let own = form.get("query").map(str::to_owned);
        let Some(name) = form.get("name").filter(|_| own.is_none()) else {
            // The first is answered, too, so that there is something to look at.
            let is_to_run = true;
            let text = own.unwrap_or_else(|| FIRST.to_owned());
            let (given, values) = (BTreeMap::new(), BTreeMap::new());
            return Ok(Self { saved: None, given, text, values, is_to_run });
        };
        let query = queries::find(name).map_err(|error| saved::refused(name, error))?;
        let given: BTreeMap<String, String> = form
            .iter()
            .filter(|(known, _)| query.params.iter().any(|param| param.name == *known))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let values = saved::values(app, loaded, &query, &given)?;
        let text = query.text.clone();
        Ok(Self { saved: Some(query), given, text, values, is_to_run: true })
    }

    /// The query with the values in it, to go on from.
    fn editable(&self, loaded: &Loaded) -> String {
        let body: Vec<&str> = self
            .text
            .lines()
            .skip_while(|line| self.saved.is_some() && line.starts_with('#'))
            .collect();
        let mut text = body.join("\n");
        if !self.values.is_empty()
            && let Some(at) = text.find("WHERE {").map(|at| at + "WHERE {".len())
        {
            let mut lines = String::new();
            for (name, value) in &self.values {
                let iri = value.strip_prefix('<').and_then(|value| value.strip_suffix('>'));
                let value = iri.map_or(value.clone(), |iri| short(loaded, iri));
                let _ = write!(lines, "\n  VALUES ?{name} {{ {value} }}");
            }
            text.insert_str(at, &lines);
        }
        text.trim().to_owned()
    }
}

/// What came back.
enum Outcome {
    Boolean(bool),
    Table { variables: Vec<String>, rows: Vec<Vec<Option<Term>>>, end: End },
    Graph { triples: Vec<(String, String, Term)>, end: End },
}

async fn run(app: &App, loaded: &Loaded, origin: &str, asked: &Asked) -> Result<Outcome, Refusal> {
    let name = asked.saved.as_ref().map_or("query", |query| &query.name);
    let question = understood(app, loaded, origin, name, &asked.text)?;
    let is_graph = question.kind == Kind::Graph;
    let request = Request {
        snapshot: loaded.snapshot.folder().to_owned(),
        query: question.text,
        values: asked.values.clone(),
        format: if is_graph { Format::NTriples } else { Format::Json }.name().to_owned(),
        rows: ROWS.min(app.options.limits.rows),
        services: app.options.services.clone(),
    };
    let (bytes, end) = app.pool.ask(request).await?.all(BYTES).await?;
    let broken = |error: &dyn std::fmt::Display| {
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, format!("the answer is broken: {error}"))
    };
    if is_graph {
        let mut triples = Vec::new();
        for quad in RdfParser::from_format(RdfFormat::NTriples).for_slice(&bytes) {
            let quad = quad.map_err(|error| broken(&error))?;
            if let NamedOrBlankNode::NamedNode(subject) = quad.subject {
                let predicate = quad.predicate.into_string();
                triples.push((subject.into_string(), predicate, quad.object));
            }
        }
        return Ok(Outcome::Graph { triples, end });
    }
    let parser = QueryResultsParser::from_format(QueryResultsFormat::Json);
    match parser.for_slice(&bytes).map_err(|error| broken(&error))? {
        SliceQueryResultsParserOutput::Boolean(value) => Ok(Outcome::Boolean(value)),
        SliceQueryResultsParserOutput::Solutions(solutions) => {
            let variables =
                solutions.variables().iter().map(|name| name.as_str().to_owned()).collect();
            let mut rows = Vec::new();
            for row in solutions {
                let row = row.map_err(|error| broken(&error))?;
                rows.push(row.values().to_vec());
            }
            Ok(Outcome::Table { variables, rows, end })
        }
    }
}

fn page(
    loaded: &Loaded,
    form: &Form,
    asked: Option<&Asked>,
    outcome: Option<&Result<Outcome, Refusal>>,
) -> Markup {
    let saved = asked.and_then(|asked| asked.saved.as_ref());
    let text = match asked {
        Some(asked) => asked.editable(loaded),
        None => form.get("query").unwrap_or(FIRST).to_owned(),
    };
    let title = saved.map_or("Query", |query| query.title.as_str());
    let shown = html! {
                @match outcome {
                    Some(Ok(outcome)) => (answer::shown(loaded, form, asked, outcome)),
                    Some(Err(refusal)) => div.failure role="alert" {
                        pre { (refusal.message) }
                        @if let Some(hint) = &refusal.hint { p.hint { "hint: " (hint) } }
                    },
                    None => {},
                }
    };
    let has_failed = matches!(outcome, Some(Err(_)));
    let editor = html! {
                details.editor open[saved.is_none() || has_failed] {
                    summary { @if saved.is_some() { "Change this query" } @else { "SPARQL" } }
                    form action="/query" {
                        div.code-box {
                            textarea #sparql name="query" rows=(text.lines().count().clamp(8, 24))
                                spellcheck="false" autocapitalize="off" autocomplete="off"
                                aria-label="Query in SPARQL; Control and Enter runs it" { (text) }
                        }
                        p {
                            button { "Run" }
                            span.faint {
                                " The usual prefixes need not be written. "
                                "Ctrl+Space completes, Ctrl+Enter runs."
                            }
                        }
                    }
                }
    };
    let body = html! {
        h1 { (title) }
        div.with-side {
            aside #saved aria-label="Saved queries" { (list(saved)) }
            div {
                p.narrow { a href="#saved" { "Saved queries" } }
                @if let (Some(query), Some(asked)) = (saved, asked) {
                    @if !query.description.is_empty() { p.faint { (prose(&query.description)) } }
                    (parameters(query, &asked.given))
                }
                // A question of one's own is gone on with; a saved one is read.
                @if saved.is_none() { (editor) (shown) } @else { (shown) (editor) }
            }
        }
        script src="/assets/editor.js" type="module" {}
    };
    layout(loaded, title, "/query", &body)
}

/// Saved queries by who asks them.
fn list(open: Option<&SavedQuery>) -> Markup {
    let groups = [('A', "Compliance"), ('T', "Translation and upkeep"), ('R', "Research")];
    let all: Vec<SavedQuery> = queries::all().collect();
    let is_of = |query: &SavedQuery, letter: char| {
        query.id.as_deref().is_some_and(|id| id.starts_with(letter))
    };
    let is_open = |query: &SavedQuery| open.is_some_and(|open| open.name == query.name);
    html! {
        @for (letter, name) in groups {
            details.facet open[open.is_none_or(|query| is_of(query, letter))] {
                summary { (name) }
                ul {
                    @for query in all.iter().filter(|query| is_of(query, letter)) {
                        li {
                            a href=(format!("/query?name={}", query.name))
                                aria-current=[is_open(query).then_some("true")] { (query.title) }
                        }
                    }
                }
            }
        }
    }
}

fn parameters(query: &SavedQuery, given: &BTreeMap<String, String>) -> Markup {
    html! {
        @if !query.params.is_empty() {
            form.parameters action="/query" {
                input type="hidden" name="name" value=(query.name);
                @for param in &query.params {
                    label {
                        span { (param.name) }
                        input name=(param.name) title=(param.help)
                            type=(if param.kind == queries::Kind::Date { "date" } else { "text" })
                            value=(given.get(&param.name).map_or("", String::as_str))
                            placeholder=(param.default.as_deref().unwrap_or("all"));
                    }
                }
                button { "Ask" }
            }
        }
    }
}
