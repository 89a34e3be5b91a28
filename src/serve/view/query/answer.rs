//! What a query gave, as a table, a chart or a graph, and as files to download.

use std::collections::BTreeMap;

use maud::{Markup, html};
use oxigraph::model::{Term, vocab::rdf};

use super::super::{Form, Loaded, count, encoded, href, scroll, short, thing};
use super::graph::{self, Edge};
use super::{Asked, Outcome};
use crate::engine::End;
use crate::explore::local;

pub fn shown(loaded: &Loaded, form: &Form, asked: Option<&Asked>, outcome: &Outcome) -> Markup {
    let view = form.get("view");
    match outcome {
        Outcome::Boolean(value) => html! { p.boolean { @if *value { "Yes" } @else { "No" } } },
        Outcome::Table { variables, rows, end } => {
            let bars = chart(variables, rows);
            let edges = graph::edges(rows);
            let view = match view {
                Some("chart") if bars.is_some() => "chart",
                Some("graph") if !edges.is_empty() => "graph",
                _ => "table",
            };
            html! {
                div.answer {
                    p.bar {
                        span { (counted(rows.len(), "row", end)) }
                        (views(form, view, bars.is_some(), !edges.is_empty()))
                        (downloads(asked, &["csv", "tsv", "json", "xml"]))
                    }
                    @match view {
                        "chart" => (bars.unwrap_or_default()),
                        "graph" => (scroll("The answer as a graph", &graph::drawn(loaded, &edges))),
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
                        span { (counted(triples.len(), "statement", end)) }
                        (views(form, view, false, !edges.is_empty()))
                        (downloads(asked, &["ttl", "nt", "jsonld", "rdf"]))
                    }
                    @if view == "graph" {
                        (scroll("The answer as a graph", &graph::drawn(loaded, &edges)))
                    } @else {
                        (scroll("The answer", &table(loaded, &variables, &rows)))
                    }
                }
            }
        }
    }
}

fn counted(number: usize, one: &str, end: &End) -> String {
    let more = if end.truncated { ", and more: these are the first" } else { "" };
    count(number, one) + more
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
        @match href(loaded, iri) {
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
                span.bar-box {
                    @let width = format!("{:.2}", (value / most * 100.0).max(0.4));
                    svg preserveAspectRatio="none" viewBox="0 0 100 10" aria-hidden="true" {
                        rect width=(width) height="10" rx="1" {}
                    }
                }
                span.value { (value) }
            }
        }
    })
}
