//! What the endpoint can do and what the graph holds, for programs: the service description of
//! SPARQL 1.1, and VoID.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use oxigraph::model::vocab::{rdf, xsd};
use oxigraph::model::{Literal, NamedNode, NamedOrBlankNode, Term, Triple};

use super::negotiate::{GRAPHS, TABLES};
use super::protocol::chosen;
use super::reply::{self, Refusal};
use super::{App, Loaded, Shared, linked, origin};
use crate::engine::Format;
use crate::explore::index::properties;
use crate::store::StoreError;

const SD: &str = "http://www.w3.org/ns/sparql-service-description#";
const VOID: &str = "http://rdfs.org/ns/void#";
const FORMATS: &str = "http://www.w3.org/ns/formats/";

/// How many statements there are, by class and by property.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    triples: u64,
    classes: BTreeMap<String, u64>,
    properties: BTreeMap<String, u64>,
}

impl Counts {
    fn of(loaded: &Loaded) -> Result<Self, StoreError> {
        let number = |count: usize| count as u64;
        let classes = loaded.index.classes.iter();
        let classes = classes.map(|(class, count)| (class.clone(), number(*count))).collect();
        let properties = properties(&loaded.snapshot)?.into_iter();
        let properties: BTreeMap<String, u64> =
            properties.map(|(property, count)| (property, number(count))).collect();
        Ok(Self { triples: properties.values().sum(), classes, properties })
    }
}

/// Statements about ourselves.
struct Description(Vec<Triple>);

impl Description {
    fn add(&mut self, subject: &str, predicate: &str, object: impl Into<Term>) {
        let (subject, predicate) =
            (NamedNode::new_unchecked(subject), NamedNode::new_unchecked(predicate));
        self.0.push(Triple::new(subject, predicate, object));
    }

    fn link(&mut self, subject: &str, predicate: &str, object: &str) {
        self.add(subject, predicate, NamedNode::new_unchecked(object));
    }

    fn number(&mut self, subject: &str, predicate: &str, number: u64) {
        let number = Literal::new_typed_literal(number.to_string(), xsd::INTEGER);
        self.add(subject, predicate, number);
    }
}

/// The description of the endpoint; to a browser, the editor.
pub fn service(
    app: &App,
    loaded: &Loaded,
    origin: &str,
    headers: &HeaderMap,
    format: Option<&str>,
) -> Result<Response, Refusal> {
    let offered: Vec<Format> = GRAPHS.iter().copied().chain([Format::Html]).collect();
    let format = chosen(format, headers, &offered)?;
    if format == Format::Html {
        return Ok(Redirect::to("/query").into_response());
    }
    let endpoint = format!("{origin}sparql");
    let mut about = Description(Vec::new());
    about.link(&endpoint, rdf::TYPE.as_str(), &format!("{SD}Service"));
    about.link(&endpoint, &format!("{SD}endpoint"), &endpoint);
    about.link(&endpoint, &format!("{SD}supportedLanguage"), &format!("{SD}SPARQL11Query"));
    if !app.options.services.is_empty() {
        about.link(&endpoint, &format!("{SD}feature"), &format!("{SD}BasicFederatedQuery"));
    }
    let names = [
        (Format::Json, "SPARQL_Results_JSON"),
        (Format::Xml, "SPARQL_Results_XML"),
        (Format::Csv, "SPARQL_Results_CSV"),
        (Format::Tsv, "SPARQL_Results_TSV"),
        (Format::Turtle, "Turtle"),
        (Format::NTriples, "N-Triples"),
        (Format::NQuads, "N-Quads"),
        (Format::TriG, "TriG"),
        (Format::RdfXml, "RDF_XML"),
        (Format::JsonLd, "JSON-LD"),
    ];
    for (format, name) in names {
        debug_assert!(TABLES.contains(&format) || GRAPHS.contains(&format));
        about.link(&endpoint, &format!("{SD}resultFormat"), &format!("{FORMATS}{name}"));
    }
    let (dataset, graph) = (format!("{endpoint}#dataset"), format!("{endpoint}#graph"));
    about.link(&endpoint, &format!("{SD}defaultDataset"), &dataset);
    about.link(&dataset, rdf::TYPE.as_str(), &format!("{SD}Dataset"));
    about.link(&dataset, &format!("{SD}defaultGraph"), &graph);
    about.link(&graph, rdf::TYPE.as_str(), &format!("{SD}Graph"));
    about.link(&graph, "http://purl.org/dc/terms/source", loaded.base());
    about.link(
        &endpoint,
        "http://www.w3.org/2000/01/rdf-schema#seeAlso",
        &format!("{origin}.well-known/void"),
    );
    Ok(linked::document(about.0, format, origin))
}

pub async fn void(State(app): State<Shared>, headers: HeaderMap, uri: Uri) -> Response {
    voided(&app, &headers, &uri).await.unwrap_or_else(Refusal::response)
}

async fn voided(app: &App, headers: &HeaderMap, uri: &Uri) -> Result<Response, Refusal> {
    let origin = origin(app, headers)?;
    let format = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .find_map(|(name, value)| (name == "format").then(|| value.into_owned()));
    let format = chosen(format.as_deref(), headers, GRAPHS)?;
    let loaded = app.loaded();
    let tag = reply::tag(&[&loaded.id, "void", &origin, format.name()]);
    if reply::is_known(headers, &tag) {
        return Ok(reply::not_modified(&tag));
    }
    // Counting takes seconds: it is done once, whoever waits for it, and also if nobody does.
    let counting = loaded.clone();
    let counted = tokio::spawn(async move {
        let count = async || {
            let loaded = counting.clone();
            let counted = tokio::task::spawn_blocking(move || Counts::of(&loaded)).await;
            counted.expect("counting does not panic")
        };
        counting.counts.get_or_try_init(count).await.cloned()
    });
    let counts = counted.await.expect("counting does not panic")?;
    let base = loaded.base().to_owned();
    let mut about = Description(linked::statements(&loaded, &base)?);
    for layer in ["facts", "links", "evidence", "text"] {
        about.0.extend(linked::statements(&loaded, &format!("{base}dataset/{layer}"))?);
    }
    about.link(&base, &format!("{VOID}sparqlEndpoint"), &format!("{origin}sparql"));
    about.link(
        &base,
        &format!("{VOID}exampleResource"),
        &format!("{base}{}", loaded.index.example()),
    );
    about.number(&base, &format!("{VOID}triples"), counts.triples);
    about.number(&base, &format!("{VOID}classes"), counts.classes.len() as u64);
    about.number(&base, &format!("{VOID}properties"), counts.properties.len() as u64);
    let parts = [
        ("classPartition", "class", "entities", &counts.classes),
        ("propertyPartition", "property", "triples", &counts.properties),
    ];
    for (partition, of, number, known) in parts {
        for (term, count) in known {
            // Two vocabularies may have a term of the same name.
            let name =
                percent_encoding::utf8_percent_encode(term, percent_encoding::NON_ALPHANUMERIC);
            let part = format!("{origin}.well-known/void#{of}-{name}");
            about.link(&base, &format!("{VOID}{partition}"), &part);
            about.link(&part, &format!("{VOID}{of}"), term);
            about.number(&part, &format!("{VOID}{number}"), *count);
        }
    }
    let mut response = linked::document(linked::moved(about.0, &base, &origin), format, &origin);
    reply::set_tag(&mut response, &tag);
    Ok(response)
}

/// Whether something is said of a thing.
pub fn is_known(loaded: &Loaded, iri: &str) -> Result<bool, StoreError> {
    let Ok(node) = NamedNode::new(iri) else { return Ok(false) };
    Ok(loaded.snapshot.about(node.as_ref()).next().transpose()?.is_some())
}

/// A subject as it is written.
pub fn subject(node: NamedOrBlankNode) -> Option<String> {
    match node {
        NamedOrBlankNode::NamedNode(node) => Some(node.into_string()),
        NamedOrBlankNode::BlankNode(_) => None,
    }
}
