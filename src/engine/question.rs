//! What must hold of a query before it is asked, whoever asks it.

use spargebra::Query;

use crate::store::services;
use crate::store::sparql::{self, SyntaxError};

/// A query that may be asked.
pub struct Question {
    pub kind: Kind,
    /// As the engine needs it.
    pub text: String,
}

/// What its answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Table,
    Boolean,
    Graph,
}

/// Why a query may not be asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unasked {
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    #[error("the query asks another server, which is not allowed: {0}")]
    Service(String),
    #[error("there is no graph `{0}`")]
    Graph(String),
}

/// Reads a query. `address` is what the base of the graph is called where it is asked, so what was
/// read there may be asked for there.
pub fn question(
    text: &str,
    base: &str,
    address: &str,
    services: &[String],
) -> Result<Question, Unasked> {
    let query = sparql::parse(text, base)?;
    if let Some(service) = services::forbidden(&query, services) {
        return Err(Unasked::Service(service));
    }
    if let Some(dataset) = query.dataset() {
        let unknown = dataset.default.iter().find(|graph| !is_ours(graph.as_str(), base, address));
        if let Some(graph) = unknown.or(dataset.named.iter().flatten().next()) {
            return Err(Unasked::Graph(graph.as_str().to_owned()));
        }
    }
    let kind = match &query {
        Query::Select { .. } => Kind::Table,
        Query::Ask { .. } => Kind::Boolean,
        Query::Construct { .. } | Query::Describe { .. } => Kind::Graph,
    };
    let text = if address == base {
        text.to_owned()
    } else {
        sparql::replace_iris(text, |iri| {
            iri.strip_prefix(address).map(|path| format!("{base}{path}"))
        })
    };
    Ok(Question { kind, text })
}

/// What libraries call the default graph when a protocol asks them for a name.
const DEFAULTS: [&str; 3] =
    ["urn:x-rdflib:default", "urn:x-arq:DefaultGraph", "http://www.openrdf.org/schema/sesame#nil"];

/// Everything is in one graph, which is called by its base and is the default.
pub fn is_ours(graph: &str, base: &str, address: &str) -> bool {
    let is = |base: &str| graph.trim_end_matches('/') == base.trim_end_matches('/');
    DEFAULTS.contains(&graph) || is(base) || is(address)
}

/// `FROM` and the protocol name the only graph there is, so nothing is lost.
pub fn forget_dataset(query: &mut Query) {
    let (Query::Select { dataset, .. }
    | Query::Construct { dataset, .. }
    | Query::Describe { dataset, .. }
    | Query::Ask { dataset, .. }) = query;
    *dataset = None;
}
