//! What an assistant may read before it writes a query: terms, prefixes, saved queries.

use rmcp::ErrorData;
use rmcp::model::{
    ReadResourceResponse, ReadResourceResult, Resource, ResourceContents, ResourceTemplate,
};

use crate::store::queries::{self, SavedQuery};
use crate::store::sparql::PROLOGUE;

const PREFIXES: &str = "stemma://prefixes";
const TERMS: &str = "stemma://terms";
const QUERIES: &str = "stemma://queries";
/// Before the name of a saved query.
const QUERY: &str = "stemma://query/";
const ONTOLOGY: &str = include_str!("../../ontology/stemma.ttl");

pub fn list() -> Vec<Resource> {
    let text = |uri: &str, name: &str, title: &str, about: &str, kind: &str, size: usize| {
        Resource::new(uri, name)
            .with_title(title)
            .with_description(about)
            .with_mime_type(kind)
            .with_size(size as u64)
    };
    vec![
        text(
            PREFIXES,
            "prefixes",
            "Prefixes of every query",
            "They stand before each query already; IRIs without a scheme are relative to the graph",
            "application/sparql-query",
            PROLOGUE.len(),
        ),
        text(
            TERMS,
            "terms",
            "Terms of the graph",
            "Every class and property that the graph uses, with label, comment, domain and range",
            "text/turtle",
            ONTOLOGY.len(),
        ),
        text(
            QUERIES,
            "queries",
            "Saved queries",
            "Names, questions, what the rows mean, and parameters",
            "text/markdown",
            catalogue().len(),
        ),
    ]
}

pub fn templates() -> Vec<ResourceTemplate> {
    let template = ResourceTemplate::new(format!("{QUERY}{{name}}"), "query")
        .with_title("A saved query")
        .with_description("Its SPARQL, to ask it in another way; names are in stemma://queries")
        .with_mime_type("application/sparql-query");
    vec![template]
}

pub fn read(uri: &str) -> Result<ReadResourceResponse, ErrorData> {
    let (text, kind) = match uri {
        PREFIXES => (PROLOGUE.to_owned(), "application/sparql-query"),
        TERMS => (ONTOLOGY.to_owned(), "text/turtle"),
        QUERIES => (catalogue(), "text/markdown"),
        _ => match uri.strip_prefix(QUERY).map(queries::find) {
            Some(Ok(query)) => (query.text, "application/sparql-query"),
            Some(Err(error)) => {
                let hint = error.hint().unwrap_or_default();
                return Err(ErrorData::resource_not_found(format!("{error}: {hint}"), None));
            }
            None => {
                let known = format!("{PREFIXES}, {TERMS}, {QUERIES} and {QUERY}NAME");
                let message = format!("there is no resource `{uri}`; there are {known}");
                return Err(ErrorData::resource_not_found(message, None));
            }
        },
    };
    let contents = ResourceContents::text(text, uri).with_mime_type(kind);
    Ok(ReadResourceResult::new(vec![contents]).into())
}

/// All saved queries, explained.
fn catalogue() -> String {
    let mut text = String::new();
    for query in queries::all() {
        text.push_str(&format!("## {}\n\n{}\n", query.name, query.title));
        if !query.description.is_empty() {
            text.push_str(&format!("{}\n", query.description));
        }
        for param in &query.params {
            let default = match &param.default {
                Some(default) => format!(" = {default}"),
                None => String::new(),
            };
            let kind = param.kind.name();
            text.push_str(&format!("- `{}` ({kind}){default}: {}\n", param.name, param.help));
        }
        text.push('\n');
    }
    text
}

/// A saved query in one line: `names-of-product(product, as-of): Which names has it had?`.
pub fn line(query: &SavedQuery) -> String {
    let params: Vec<&str> = query.params.iter().map(|param| param.name.as_str()).collect();
    let params = if params.is_empty() { String::new() } else { format!("({})", params.join(", ")) };
    format!("{}{params}: {}", query.name, query.title)
}
