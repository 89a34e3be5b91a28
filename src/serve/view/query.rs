//! The query editor and its answers: as a table, a chart or a graph. The query lives in the
//! address, so that an answer can be sent to somebody.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use maud::{Markup, html};
use oxigraph::io::{RdfFormat, RdfParser};
use oxigraph::model::{NamedOrBlankNode, Term, vocab::rdf};
use oxigraph::sparql::results::{
    QueryResultsFormat, QueryResultsParser, SliceQueryResultsParserOutput,
};
use spargebra::Query;

use super::{
    Form, Loaded, Refusal, Shared, count, encoded, label, layout, prose, scroll, short, thing,
};
use crate::explore::local;
use crate::serve::protocol::{forget_dataset, unreadable};
use crate::serve::reply;
use crate::serve::saved;
use crate::serve::worker::{End, Request};
use crate::serve::{App, origin};
use crate::store::queries::{self, SavedQuery};
use crate::store::{services, sparql};
use crate::vocab;

/// Rows that a page shows.
const ROWS: usize = 500;
/// Bytes of them.
const BYTES: usize = 8 << 20;
const FIRST: &str = "SELECT ?product ?name ?status WHERE {\n  ?product a stm:Product ; stm:name ?n .\n  \
                     ?n skosxl:literalForm ?name ; stm:nameStatus ?status .\n} LIMIT 20";

pub async fn query(State(app): State<Shared>, headers: HeaderMap, uri: Uri) -> Response {
    let loaded = app.loaded();
    let tag = reply::tag(&[&loaded.id, &uri.to_string(), "query page"]);
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
        Ok(asked) if asked.is_to_run => Some(run(&app, &loaded, &headers, asked).await),
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
            let is_to_run = own.is_some();
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

async fn run(
    app: &App,
    loaded: &Loaded,
    headers: &HeaderMap,
    asked: &Asked,
) -> Result<Outcome, Refusal> {
    let name = asked.saved.as_ref().map_or("query", |query| &query.name);
    let mut query =
        sparql::parse(&asked.text, loaded.base()).map_err(|error| unreadable(name, &error))?;
    if let Some(service) = services::forbidden(&query, &app.options.services) {
        let message = format!("the query asks another server, which is not allowed: {service}");
        return Err(Refusal::new(StatusCode::FORBIDDEN, message));
    }
    forget_dataset(&mut query);
    let is_graph = matches!(query, Query::Construct { .. } | Query::Describe { .. });
    let (own, base) = (origin(app, headers)?, loaded.base().to_owned());
    let text = sparql::replace_iris(&asked.text, |iri| {
        iri.strip_prefix(own.as_str()).filter(|_| own != base).map(|path| format!("{base}{path}"))
    });
    let request = Request {
        snapshot: loaded.snapshot.folder().to_owned(),
        query: text,
        values: asked.values.clone(),
        format: if is_graph { "nt" } else { "json" }.to_owned(),
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
    let body = html! {
        h1 { (title) }
        div.with-side {
            aside aria-label="Saved queries" { (list(saved)) }
            div {
                @if let (Some(query), Some(asked)) = (saved, asked) {
                    @if !query.description.is_empty() { p.faint { (prose(&query.description)) } }
                    (parameters(query, &asked.given))
                }
                @match outcome {
                    Some(Ok(outcome)) => (answered(loaded, form, asked, outcome)),
                    Some(Err(refusal)) => div.failure role="alert" {
                        pre { (refusal.message) }
                        @if let Some(hint) = &refusal.hint { p.hint { "hint: " (hint) } }
                    },
                    None => {},
                }
                details.editor open[saved.is_none() || matches!(outcome, Some(Err(_)))] {
                    summary { @if saved.is_some() { "Change this query" } @else { "SPARQL" } }
                    form action="/query" {
                        div.code-box {
                            textarea #sparql name="query" rows=(text.lines().count().clamp(8, 24))
                                spellcheck="false" autocapitalize="off" autocomplete="off"
                                aria-label="Query in SPARQL; Control and Enter runs it" { (text) }
                        }
                        p {
                            button { "Run" }
                            span.faint { " The usual prefixes need not be written. Ctrl+Space completes, Ctrl+Enter runs." }
                        }
                    }
                }
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
    html! {
        @for (letter, name) in groups {
            details.facet open[open.is_none_or(|query| query.id.as_deref().is_some_and(|id| id.starts_with(letter)))] {
                summary { (name) }
                ul {
                    @for query in all.iter().filter(|query| query.id.as_deref().is_some_and(|id| id.starts_with(letter))) {
                        li {
                            a href=(format!("/query?name={}", query.name)) title=(query.title)
                                aria-current=[open.is_some_and(|open| open.name == query.name).then_some("true")]
                            { (query.title) }
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

fn answered(loaded: &Loaded, form: &Form, asked: Option<&Asked>, outcome: &Outcome) -> Markup {
    let view = form.get("view");
    match outcome {
        Outcome::Boolean(value) => html! { p.boolean { @if *value { "Yes" } @else { "No" } } },
        Outcome::Table { variables, rows, end } => {
            let bars = chart(variables, rows);
            let edges = edges_of(rows);
            let view = match view {
                Some("chart") if bars.is_some() => "chart",
                Some("graph") if !edges.is_empty() => "graph",
                _ => "table",
            };
            html! {
                div.answer {
                    p.bar {
                        span { (count(rows.len(), "row")) @if end.truncated { ", and more: these are the first" } }
                        (views(form, view, bars.is_some(), !edges.is_empty()))
                        (downloads(asked, &["csv", "tsv", "json", "xml"]))
                    }
                    @match view {
                        "chart" => (bars.unwrap_or_default()),
                        "graph" => (scroll("The answer as a graph", &drawn(loaded, &edges))),
                        _ => (scroll("The answer", &table(loaded, variables, rows))),
                    }
                }
            }
        }
        Outcome::Graph { triples, end } => {
            let edges: Vec<Edge> = triples
                .iter()
                .filter(|(_, predicate, _)| *predicate != rdf::TYPE.as_str())
                .filter_map(|(subject, predicate, object)| match object {
                    Term::NamedNode(object) => {
                        Some((subject.clone(), predicate.clone(), object.as_str().to_owned()))
                    }
                    _ => None,
                })
                .collect();
            let view = if view == Some("table") || edges.is_empty() { "table" } else { "graph" };
            let variables = ["subject", "predicate", "object"].map(str::to_owned);
            let rows: Vec<Vec<Option<Term>>> = triples
                .iter()
                .map(|(subject, predicate, object)| {
                    let node = |iri: &String| {
                        Some(Term::from(oxigraph::model::NamedNode::new_unchecked(iri.clone())))
                    };
                    vec![node(subject), node(predicate), Some(object.clone())]
                })
                .collect();
            html! {
                div.answer {
                    p.bar {
                        span { (count(triples.len(), "statement")) @if end.truncated { ", and more: these are the first" } }
                        (views(form, view, false, !edges.is_empty()))
                        (downloads(asked, &["ttl", "nt", "jsonld", "rdf"]))
                    }
                    @if view == "graph" { (scroll("The answer as a graph", &drawn(loaded, &edges))) }
                    @else { (scroll("The answer", &table(loaded, &variables, &rows))) }
                }
            }
        }
    }
}

fn views(form: &Form, view: &str, has_chart: bool, has_graph: bool) -> Markup {
    html! {
        span.views[has_chart || has_graph] {
            @for (name, is_there) in [("table", true), ("chart", has_chart), ("graph", has_graph)] {
                @if is_there && (has_chart || has_graph) {
                    a href=(form.with("/query", "view", Some(name)))
                        aria-current=[(name == view).then_some("true")] { (name) }
                }
            }
        }
    }
}

fn downloads(asked: Option<&Asked>, formats: &[&str]) -> Markup {
    let address = |format: &str| match asked {
        Some(Asked { saved: Some(query), given, .. }) => {
            let pairs: Vec<String> = given
                .iter()
                .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
                .collect();
            format!("/query/{}.{format}?{}", query.name, pairs.join("&"))
        }
        Some(asked) => format!("/sparql?query={}&format={format}", encoded(&asked.text)),
        None => "/sparql".to_owned(),
    };
    html! {
        span.downloads { @for format in formats { a href=(address(format)) { (format) } } }
    }
}

fn table(loaded: &Loaded, variables: &[String], rows: &[Vec<Option<Term>>]) -> Markup {
    let is_number = |column: usize| {
        rows.iter().all(|row| match row.get(column).and_then(Option::as_ref) {
            Some(Term::Literal(literal)) => literal.value().parse::<f64>().is_ok(),
            None => true,
            Some(_) => false,
        })
    };
    let numbers: Vec<bool> = (0..variables.len()).map(is_number).collect();
    // Each thing is looked up once.
    let mut names: BTreeMap<&str, Markup> = BTreeMap::new();
    for term in rows.iter().flatten().flatten() {
        if let Term::NamedNode(node) = term {
            names.entry(node.as_str()).or_insert_with(|| named(loaded, node.as_str()));
        }
    }
    html! {
        table.results {
            thead { tr {
                @for (variable, number) in variables.iter().zip(&numbers) {
                    th.number[*number] scope="col" { (variable) }
                }
            } }
            tbody {
                @for row in rows {
                    tr {
                        @for (term, number) in row.iter().zip(&numbers) {
                            td.number[*number] {
                                @match term {
                                    Some(Term::NamedNode(node)) => (names[node.as_str()]),
                                    Some(term) => (thing::term(loaded, term)),
                                    None => {},
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// An IRI in a table: what queries call it, which tells more than a label when rows are compared.
fn named(loaded: &Loaded, iri: &str) -> Markup {
    let known = loaded.index.label(iri).map(str::to_owned);
    let text = known.unwrap_or_else(|| {
        let short = short(loaded, iri);
        short.trim_start_matches('<').trim_end_matches('>').to_owned()
    });
    html! {
        @match super::href(loaded, iri) {
            Some(href) => a href=(href) title=(iri) { (text) },
            None => span title=(iri) { (text) },
        }
    }
}

/// Bars, if a column has numbers to draw.
fn chart(variables: &[String], rows: &[Vec<Option<Term>>]) -> Option<Markup> {
    let number = |term: &Option<Term>| match term {
        Some(Term::Literal(literal)) => literal.value().parse::<f64>().ok(),
        _ => None,
    };
    let column = (0..variables.len()).rev().find(|column| {
        !rows.is_empty() && rows.iter().all(|row| number(&row[*column]).is_some())
    })?;
    let values: Vec<f64> = rows.iter().filter_map(|row| number(&row[column])).collect();
    let most = values.iter().copied().fold(0.0, f64::max);
    if most <= 0.0 || values.iter().any(|value| *value < 0.0) {
        return None;
    }
    let name = |row: &Vec<Option<Term>>| {
        let others = row.iter().enumerate().filter(|(other, _)| *other != column);
        let words: Vec<String> = others
            .filter_map(|(_, term)| match term.as_ref()? {
                Term::NamedNode(node) => Some(local(node.as_str()).to_owned()),
                Term::Literal(literal) => Some(literal.value().to_owned()),
                other => Some(other.to_string()),
            })
            .collect();
        words.join(", ")
    };
    Some(html! {
        div.chart role="img" aria-label=(format!("{} by row", variables[column])) {
            @for (row, value) in rows.iter().zip(&values).take(60) {
                span.name { (name(row)) }
                span.bar-box { svg preserveAspectRatio="none" viewBox="0 0 100 10" aria-hidden="true" {
                    rect width=(format!("{:.2}", (value / most * 100.0).max(0.4))) height="10" rx="1" {}
                } }
                span.value { (value) }
            }
        }
    })
}

/// Subject, predicate, object, as IRIs.
type Edge = (String, String, String);

/// Two columns with things make edges.
fn edges_of(rows: &[Vec<Option<Term>>]) -> Vec<Edge> {
    let edges = rows.iter().filter_map(|row| {
        let nodes: Vec<&str> = row
            .iter()
            .filter_map(|term| match term {
                Some(Term::NamedNode(node)) => Some(node.as_str()),
                _ => None,
            })
            .collect();
        match nodes.as_slice() {
            [from, to] => Some(((*from).to_owned(), String::new(), (*to).to_owned())),
            [from, by, to, ..] => Some(((*from).to_owned(), (*by).to_owned(), (*to).to_owned())),
            _ => None,
        }
    });
    edges.collect()
}

/// More things than this nobody can read.
const NODES: usize = 70;

/// Things and what holds between them, laid out by springs. The same answer gives the same picture.
fn drawn(loaded: &Loaded, edges: &[Edge]) -> Markup {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let mut kept: Vec<&Edge> = Vec::new();
    for edge in edges {
        let new = [edge.0.as_str(), edge.2.as_str()];
        if names.len() + 2 > NODES && !new.iter().all(|name| names.contains(name)) {
            continue;
        }
        names.extend(new);
        kept.push(edge);
    }
    let names: Vec<&str> = names.into_iter().collect();
    let place = |iri: &str| names.binary_search(&iri).expect("edges end at things");
    let pairs: BTreeSet<(usize, usize)> =
        kept.iter().map(|edge| (place(&edge.0), place(&edge.2))).collect();
    let places = layout_of(names.len(), &pairs);
    let (width, height) = (1100.0, (300.0 + 11.0 * names.len() as f64).min(900.0));
    let at = |index: usize| {
        let (x, y) = places[index];
        (110.0 + x * (width - 220.0), 30.0 + y * (height - 60.0))
    };
    html! {
        @if kept.len() < edges.len() { p.faint { "The first " (kept.len()) " of " (edges.len()) " relations." } }
        svg.graph xmlns="http://www.w3.org/2000/svg" role="group"
            aria-label=(format!("The answer as a graph of {} things", names.len())) width=(width) height=(height)
            viewBox=(format!("0 0 {width} {height}"))
        {
            @for edge in &kept {
                @let ((x1, y1), (x2, y2)) = (at(place(&edge.0)), at(place(&edge.2)));
                g {
                    line x1=(format!("{x1:.1}")) y1=(format!("{y1:.1}")) x2=(format!("{x2:.1}")) y2=(format!("{y2:.1}")) {}
                    title { (label(loaded, &edge.0)) " – " (crate::explore::words(&edge.1)) " – " (label(loaded, &edge.2)) }
                }
            }
            @for (index, iri) in names.iter().enumerate() {
                @let (x, y) = at(index);
                a href=[super::href(loaded, iri)] {
                    circle cx=(format!("{x:.1}")) cy=(format!("{y:.1}")) r="5" {}
                    text x=(format!("{x:.1}")) y=(format!("{:.1}", y - 9.0)) text-anchor="middle" { (cut(&label(loaded, iri))) }
                }
            }
        }
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= 34 {
        return text.to_owned();
    }
    text.chars().take(33).chain(['…']).collect()
}

/// Places from 0 to 1: what is connected draws near, all else keeps away.
fn layout_of(count: usize, pairs: &BTreeSet<(usize, usize)>) -> Vec<(f64, f64)> {
    let mut places: Vec<(f64, f64)> = (0..count)
        .map(|index| {
            let angle = index as f64 * 2.399_963;
            let radius = (index as f64 + 0.5).sqrt();
            (radius * angle.cos(), radius * angle.sin())
        })
        .collect();
    let spring = 1.6;
    for round in 0..220 {
        let heat = 0.6 * (1.0 - f64::from(round) / 220.0);
        let mut moves = vec![(0.0_f64, 0.0_f64); count];
        for a in 0..count {
            for b in a + 1..count {
                let (dx, dy) = (places[a].0 - places[b].0, places[a].1 - places[b].1);
                let square = (dx * dx + dy * dy).max(0.01);
                let push = spring * spring / square;
                moves[a] = (moves[a].0 + dx * push, moves[a].1 + dy * push);
                moves[b] = (moves[b].0 - dx * push, moves[b].1 - dy * push);
            }
        }
        for (a, b) in pairs {
            let (dx, dy) = (places[*a].0 - places[*b].0, places[*a].1 - places[*b].1);
            let pull = (dx * dx + dy * dy).sqrt() / spring * 0.5;
            moves[*a] = (moves[*a].0 - dx * pull, moves[*a].1 - dy * pull);
            moves[*b] = (moves[*b].0 + dx * pull, moves[*b].1 + dy * pull);
        }
        for (place, (dx, dy)) in places.iter_mut().zip(&moves) {
            let length = (dx * dx + dy * dy).sqrt().max(0.001);
            let step = length.min(heat);
            *place = (place.0 + dx / length * step, place.1 + dy / length * step);
        }
    }
    let bounds = |pick: fn(&(f64, f64)) -> f64| {
        let low = places.iter().map(pick).fold(f64::INFINITY, f64::min);
        let high = places.iter().map(pick).fold(f64::NEG_INFINITY, f64::max);
        (low, (high - low).max(0.001))
    };
    let ((left, width), (top, height)) = (bounds(|place| place.0), bounds(|place| place.1));
    places.iter().map(|(x, y)| ((x - left) / width, (y - top) / height)).collect()
}

/// Terms and products, for completion: how they are written, and what they are.
pub async fn names(State(app): State<Shared>) -> Response {
    let loaded = app.loaded();
    let mut names: Vec<(String, String)> = Vec::new();
    let lists = [
        vocab::stm::ALL,
        vocab::dpv::ALL,
        vocab::dcterms::ALL,
        vocab::prov::ALL,
        vocab::schema::ALL,
        vocab::skos::ALL,
        vocab::skosxl::ALL,
        vocab::rdfs::ALL,
        vocab::sh::ALL,
        vocab::dcat::ALL,
        vocab::void::ALL,
    ];
    let comments = comments();
    for term in lists.into_iter().flatten() {
        let comment = comments.get(term.as_str()).cloned().unwrap_or_default();
        names.push((short(&loaded, term.as_str()), comment));
    }
    for (iri, product) in &loaded.index.products {
        names.push((short(&loaded, iri), product.label.clone()));
    }
    for (iri, place) in &loaded.index.places {
        names.push((short(&loaded, iri), place.label.clone()));
    }
    names.sort();
    let text = serde_json::to_string(&names).expect("names are JSON");
    reply::whole(StatusCode::OK, "application/json", text)
}

/// What the ontology says of its terms.
fn comments() -> BTreeMap<String, String> {
    let mut comments = BTreeMap::new();
    let ontology = include_str!("../../../ontology/stemma.ttl");
    for quad in RdfParser::from_format(RdfFormat::Turtle).for_slice(ontology).flatten() {
        let is_comment = quad.predicate == vocab::rdfs::COMMENT;
        if let (NamedOrBlankNode::NamedNode(term), Term::Literal(text), true) =
            (quad.subject, quad.object, is_comment)
        {
            comments.insert(term.into_string(), text.value().to_owned());
        }
    }
    comments
}
