//! Terms, products and places for the editor to complete.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use oxigraph::io::{RdfFormat, RdfParser};
use oxigraph::model::{NamedOrBlankNode, Term};

use super::super::{Shared, short};
use crate::serve::reply;
use crate::vocab;

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
    let ontology = include_str!("../../../../ontology/stemma.ttl");
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
