//! What one text says: sentences, statements with their places, links, and who links to it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::index::Index;
use super::local;
use crate::store::{Graph, StoreError};
use crate::vocab::{rdfs, stm};

/// A sentence, heading or cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    pub iri: String,
    pub order: u32,
    pub kind: String,
    pub text: String,
    /// The other side of a bilingual page.
    pub source_text: Option<String>,
    pub line: u32,
    pub start: usize,
    pub end: usize,
    /// The segment of the source that it was made from.
    pub aligned: Option<String>,
}

/// A statement where it stands.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    pub iri: String,
    pub claims: Vec<String>,
    pub quote: String,
    pub segment: String,
    pub line: u32,
    pub start: usize,
    pub end: usize,
    pub product: String,
    pub condition: Option<String>,
    pub read_by: String,
    pub confidence: String,
}

#[derive(Clone, Debug, Default)]
pub struct Link {
    pub label: String,
    pub href: String,
    pub target: Option<String>,
    /// `Ok`, `Redirected`, `Broken`, `BrokenFragment`, `External`, `Opaque`.
    pub status: String,
    pub line: u32,
    pub kind: String,
}

/// What the graph says of a thing, the values of each property sorted.
pub struct Node(BTreeMap<String, Vec<String>>);

impl Node {
    pub fn read(graph: &Graph<'_>, iri: &str) -> Result<Self, StoreError> {
        use oxigraph::model::{NamedNodeRef, Term};
        let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for quad in graph.snapshot.about(NamedNodeRef::new_unchecked(iri)) {
            let quad = quad?;
            let value = match quad.object {
                Term::NamedNode(node) => node.into_string(),
                Term::Literal(literal) => literal.value().to_owned(),
                _ => continue,
            };
            values.entry(quad.predicate.into_string()).or_default().push(value);
        }
        values.values_mut().for_each(|values| values.sort());
        Ok(Self(values))
    }

    pub fn all(&self, term: oxigraph::model::NamedNodeRef<'_>) -> &[String] {
        self.0.get(term.as_str()).map_or(&[], Vec::as_slice)
    }

    pub fn get(&self, term: oxigraph::model::NamedNodeRef<'_>) -> Option<&str> {
        self.all(term).first().map(String::as_str)
    }

    pub fn number(&self, term: oxigraph::model::NamedNodeRef<'_>) -> usize {
        self.get(term).and_then(|number| number.parse().ok()).unwrap_or(0)
    }

    fn text(&self, term: oxigraph::model::NamedNodeRef<'_>) -> String {
        self.get(term).unwrap_or_default().to_owned()
    }

    fn line(&self) -> u32 {
        u32::try_from(self.number(stm::LINE)).unwrap_or(0)
    }

    pub fn is_a(&self, class: oxigraph::model::NamedNodeRef<'_>) -> bool {
        let classes = self.all(oxigraph::model::vocab::rdf::TYPE);
        classes.iter().any(|known| known == class.as_str())
    }
}

/// Everything in a text.
#[derive(Debug, Default)]
pub struct Content {
    pub segments: Vec<Segment>,
    /// Also those that were not asked for.
    pub segments_in_all: usize,
    pub readings: Vec<Reading>,
    pub links: Vec<Link>,
}

pub fn content(graph: &Graph<'_>, version: &str) -> Result<Content, StoreError> {
    content_with(graph, version, 0..usize::MAX)
}

/// What a text says, with these of its segments, counted from 0. A table may have thousands of
/// cells, and to read them takes longer than all the rest.
pub fn content_with(
    graph: &Graph<'_>,
    version: &str,
    segments: Range<usize>,
) -> Result<Content, StoreError> {
    let mut content = Content::default();
    for iri in graph.subjects(stm::IN_VERSION, version)? {
        // The IRI of a segment ends in its number.
        let number = iri.rsplit_once("#s").and_then(|(_, number)| number.parse::<usize>().ok());
        if let Some(number) = number {
            content.segments_in_all += 1;
            if !segments.contains(&number.saturating_sub(1)) {
                continue;
            }
        }
        let node = Node::read(graph, &iri)?;
        let (start, end) = (node.number(stm::BYTE_START), node.number(stm::BYTE_END));
        if node.is_a(stm::SEGMENT) {
            content.segments.push(Segment {
                order: u32::try_from(node.number(stm::ORDER)).unwrap_or(0),
                kind: node.text(stm::KIND),
                text: node.text(stm::TEXT),
                source_text: node.get(stm::SOURCE_TEXT).map(str::to_owned),
                line: node.line(),
                aligned: node.get(stm::ALIGNED_WITH).map(str::to_owned),
                start,
                end,
                iri,
            });
        } else if node.is_a(stm::READING) {
            if node.get(stm::OF_SOURCE_SIDE) == Some("true") {
                continue;
            }
            content.readings.push(Reading {
                claims: node.all(stm::STATES).to_vec(),
                quote: node.text(stm::QUOTE),
                segment: node.text(stm::IN_SEGMENT),
                line: node.line(),
                product: node.text(stm::PRODUCT_AS_WRITTEN),
                condition: node.get(stm::CONDITION).map(str::to_owned),
                read_by: node.text(stm::READ_BY),
                confidence: node.text(stm::CONFIDENCE),
                start,
                end,
                iri,
            });
        } else if node.is_a(stm::LINK) {
            content.links.push(Link {
                label: node.text(rdfs::LABEL),
                href: node.text(stm::HREF),
                target: node.get(stm::TARGET).map(str::to_owned),
                status: local(node.get(stm::LINK_STATUS).unwrap_or_default()).to_owned(),
                line: node.line(),
                kind: node.text(stm::KIND),
            });
        }
    }
    content.segments.sort_by_key(|segment| (segment.order, segment.start));
    content.readings.sort_by(|a, b| (a.start, a.end, &a.iri).cmp(&(b.start, b.end, &b.iri)));
    content.links.sort_by(|a, b| (a.line, &a.href).cmp(&(b.line, &b.href)));
    Ok(content)
}

/// Pages whose current text links to one of these.
pub fn backlinks(
    graph: &Graph<'_>,
    index: &Index,
    targets: &[&str],
) -> Result<Vec<String>, StoreError> {
    let mut pages = BTreeSet::new();
    for target in targets {
        for version in graph.subjects(stm::LINKS_TO, target)? {
            pages.extend(index.page_of_current(&version).map(str::to_owned));
        }
    }
    Ok(pages.into_iter().collect())
}

/// The texts of a page, the newest first: IRI, what it is called, from when.
pub fn versions(
    graph: &Graph<'_>,
    page: &str,
) -> Result<Vec<(String, Option<String>)>, StoreError> {
    let mut versions = Vec::new();
    for version in graph.subjects(stm::PAGE, page)? {
        let node = Node::read(graph, &version)?;
        // Evidence of changes names pages, too.
        if node.is_a(stm::PAGE_VERSION) && node.get(stm::AVAILABLE) != Some("false") {
            versions.push((version, node.get(stm::VALID_FROM).map(str::to_owned)));
        }
    }
    versions.sort_by(|a, b| (&b.1, &a.0).cmp(&(&a.1, &b.0)));
    Ok(versions)
}
