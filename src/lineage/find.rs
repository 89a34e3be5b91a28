//! What a person means: a document, perhaps in one language, or a product.

use std::collections::BTreeSet;
use std::path::PathBuf;

use oxigraph::model::{Literal, Term};

use super::{Graph, LineageError};
use crate::catalog::{Catalog, slug};
use crate::store::{queries, sparql};
use crate::vocab::{rdfs, schema, stm};

/// By its IRI.
#[derive(Debug, PartialEq, Eq)]
pub enum Thing {
    Page { document: String, locale: Option<String> },
    Product(String),
}

/// More candidates than this are counted, not listed.
const LISTED: usize = 12;

pub fn thing(graph: &Graph<'_>, text: &str, data: &[PathBuf]) -> Result<Thing, LineageError> {
    let text = text.trim();
    if let Some(thing) = by_iri(graph, text)? {
        return Ok(thing);
    }
    let (documents, locale) = documents(graph, text)?;
    // Names have no slashes, and reading the facts takes longer than all the rest.
    let products = if text.contains('/') || has_ending(text) {
        Vec::new()
    } else {
        products(graph, text, &Catalog::with_overrides(data)?)?
    };
    match (documents.as_slice(), products.as_slice()) {
        ([document], []) => Ok(Thing::Page { document: document.clone(), locale }),
        ([], [product]) => Ok(Thing::Product(product.clone())),
        ([], []) => Err(unknown(graph, text, data)?),
        _ => Err(ambiguous(graph, text, &documents, &products)?),
    }
}

/// An IRI as queries show it: whole, below the base, or with a prefix.
fn by_iri(graph: &Graph<'_>, text: &str) -> Result<Option<Thing>, LineageError> {
    let Ok(iri) = queries::iri(text, graph.base()) else { return Ok(None) };
    let iri = iri.as_str().split('#').next().unwrap_or_default();
    // A moved page may be called by the path that it has now.
    let elsewhere = graph.elsewhere(iri)?;
    let iri = elsewhere.as_deref().unwrap_or(iri);
    if graph.is_a(iri, stm::PRODUCT_CLASS)? {
        return Ok(Some(Thing::Product(iri.to_owned())));
    }
    if graph.is_a(iri, stm::DOCUMENT)? {
        return Ok(Some(Thing::Page { document: iri.to_owned(), locale: None }));
    }
    let page = match graph.value(iri, stm::PAGE)? {
        Some(page) if graph.is_a(iri, stm::PAGE_VERSION)? => page,
        _ => iri.to_owned(),
    };
    let Some(document) = graph.value(&page, stm::DOCUMENT_OF)? else { return Ok(None) };
    let locale = page.strip_prefix(graph.base()).and_then(|page| page.split('/').nth(1));
    Ok(Some(Thing::Page { document, locale: locale.map(str::to_owned) }))
}

/// The documents that a path, an address or the name of a file may mean, and the locale in it.
fn documents(graph: &Graph<'_>, text: &str) -> Result<(Vec<String>, Option<String>), LineageError> {
    let path = text
        .split_once("://")
        .map_or(text, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    let path = path.split(['#', '?']).next().unwrap_or_default().replace('\\', "/");
    let path = path.trim_start_matches("./").trim_matches('/');
    let path = path.strip_suffix(".md").or_else(|| path.strip_suffix(".yml")).unwrap_or(path);
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let place = match graph.documents_at(&parts.join("/"))? {
        found if found.is_empty() => parts.iter().position(|part| names_language(graph, part)),
        // A folder may be called as a locale is.
        _ => None,
    };
    let locale = place.map(|place| spelt(parts[place]));
    let rest = place.map_or(&parts[..], |place| &parts[place + 1..]);
    if rest.is_empty() {
        return Ok((Vec::new(), None));
    }
    // As it is; then what is left of it when the folders are taken away that a path on disk begins
    // with; then whatever ends in it.
    for start in 0..rest.len().saturating_sub(1).max(1) {
        let found = graph.documents_at(&rest[start..].join("/"))?;
        if !found.is_empty() {
            return Ok((found, locale));
        }
    }
    let end = format!("/{}", rest.join("/").to_lowercase());
    let mut found = BTreeSet::new();
    for quad in graph.snapshot.matching(None, Some(stm::PATH), None) {
        let quad = quad?;
        if let (Term::NamedNode(node), Term::Literal(path)) = (quad.subject.into(), quad.object)
            && path.value().to_lowercase().ends_with(&end)
        {
            found.insert(node.into_string());
        }
    }
    Ok((only_documents(graph, found.into_iter().collect())?, locale))
}

/// Sources of facts have paths, too.
fn only_documents(graph: &Graph<'_>, found: Vec<String>) -> Result<Vec<String>, LineageError> {
    let mut documents = Vec::new();
    for iri in found {
        if graph.is_a(&iri, stm::DOCUMENT)? {
            documents.push(iri);
        }
    }
    Ok(documents)
}

fn written(text: &str) -> Term {
    Literal::new_simple_literal(text).into()
}

fn has_ending(text: &str) -> bool {
    text.ends_with(".md") || text.ends_with(".yml")
}

/// A locale, and no folder such as `to-do`: one that is written as such, or that the graph knows.
fn names_language(graph: &Graph<'_>, part: &str) -> bool {
    let is_known = || {
        let language = written(&spelt(part));
        graph.snapshot.matching(None, Some(schema::IN_LANGUAGE), Some(&language)).next().is_some()
    };
    is_locale(part) && (part.ends_with(|end: char| end.is_ascii_uppercase()) || is_known())
}

/// `nl-NL`, `sr-Latn-RS`, whatever the case: a language with a country.
fn is_locale(part: &str) -> bool {
    let parts: Vec<&str> = part.split('-').collect();
    let letters = |part: &str, count: std::ops::RangeInclusive<usize>| {
        count.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    match parts.as_slice() {
        [language, country] => letters(language, 2..=3) && letters(country, 2..=2),
        [language, script, country] => {
            letters(language, 2..=3) && letters(script, 4..=4) && letters(country, 2..=2)
        }
        _ => false,
    }
}

/// `SR-latn-rs` is written `sr-Latn-RS`.
fn spelt(locale: &str) -> String {
    let part = |(index, part): (usize, &str)| match (index, part.len()) {
        (0, _) => part.to_lowercase(),
        (_, 2) => part.to_uppercase(),
        _ => part[..1].to_uppercase() + &part[1..].to_lowercase(),
    };
    locale.split('-').enumerate().map(part).collect::<Vec<_>>().join("-")
}

fn products(graph: &Graph<'_>, text: &str, catalog: &Catalog) -> Result<Vec<String>, LineageError> {
    let iri = |slug: &str| format!("{}product/{slug}", graph.base());
    let mut found: Vec<String> = match catalog.products.by_slug(text) {
        Some(_) => vec![iri(text)],
        None => {
            let meant = catalog.products.find(text).into_iter();
            meant.map(|product| iri(&catalog.products.get(product).slug)).collect()
        }
    };
    // A graph may have been compiled with facts that are not at hand now.
    found.push(iri(&slug(text)));
    let mut known = Vec::new();
    for iri in found {
        if !known.contains(&iri) && graph.is_a(&iri, stm::PRODUCT_CLASS)? {
            known.push(iri);
        }
    }
    Ok(known)
}

fn ambiguous(
    graph: &Graph<'_>,
    text: &str,
    documents: &[String],
    products: &[String],
) -> Result<LineageError, LineageError> {
    let mut lines = Vec::new();
    for product in products {
        let label = graph.value(product, rdfs::LABEL)?.unwrap_or_default();
        lines.push(format!("product:{}  {label}", super::tail(product)));
    }
    for document in documents {
        let label = graph.value(document, rdfs::LABEL)?.unwrap_or_default();
        let path = document.strip_prefix(graph.base()).unwrap_or(document);
        lines.push(format!("{path}  {label}"));
    }
    let more = lines.len().saturating_sub(LISTED);
    lines.truncate(LISTED);
    let mut message = format!("`{text}` may be any of these:\n  {}", lines.join("\n  "));
    if more > 0 {
        message.push_str(&format!("\n  and {more} more"));
    }
    Ok(LineageError::not_one(message, "give the one you mean as it stands here"))
}

fn unknown(graph: &Graph<'_>, text: &str, data: &[PathBuf]) -> Result<LineageError, LineageError> {
    let mut known = BTreeSet::new();
    for quad in graph.snapshot.matching(None, Some(stm::PATH), None) {
        if let Term::Literal(path) = quad?.object {
            known.insert(path.value().to_owned());
            known.insert(super::tail(path.value()).to_owned());
        }
    }
    if !text.contains('/') {
        let catalog = Catalog::with_overrides(data)?;
        known.extend(catalog.products.names().iter().map(|name| name.text.clone()));
    }
    let bare = text.strip_suffix(".md").or_else(|| text.strip_suffix(".yml")).unwrap_or(text);
    let near = sparql::nearest(bare, known.iter().map(String::as_str));
    let hint = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "name a page by its path, such as `microsoft-365/security/defender/data-privacy`, \
                 or a product by any of its names"
            .to_owned(),
    };
    Ok(LineageError::not_one(format!("the graph knows no page or product `{text}`"), hint))
}
