//! The IRIs of things, as the ontology's table gives them.

use oxigraph::model::NamedNode;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::catalog::places::{Place, PlaceIri};
use crate::catalog::{Catalog, NameId, ProductId};
use crate::link::{Document, Page, Placed};
use crate::source::Span;
use crate::vocab;

/// What may stand in one part of an IRI: no `/`, so that it also works as a prefixed name.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'_').remove(b'~').remove(b'-');
const PATH: &AsciiSet = &PART.remove(b'/');

/// Mints IRIs below one base.
#[derive(Clone, Debug)]
pub struct Iris {
    base: String,
}

impl Iris {
    /// `base` ends in `/`.
    pub fn new(base: &str) -> Self {
        Self { base: base.to_owned() }
    }

    pub fn base(&self) -> NamedNode {
        NamedNode::new_unchecked(self.base.clone())
    }

    fn at(&self, path: &str) -> NamedNode {
        NamedNode::new_unchecked(format!("{}{path}", self.base))
    }

    pub fn document(&self, document: &Document) -> NamedNode {
        self.at(&format!("doc/{}", document.path()))
    }

    pub fn page(&self, page: &Page, document: &Document) -> NamedNode {
        self.at(&format!("page/{}/{}", page.locale, document.path()))
    }

    pub fn version(&self, placed: &Placed, version: usize) -> NamedNode {
        let page = self.page(placed.page_of(version), placed.document_of(version));
        NamedNode::new_unchecked(format!(
            "{}@{}",
            page.as_str(),
            &placed.versions[version].hash[..12]
        ))
    }

    /// `version#s3` and its like.
    pub fn part(version: &NamedNode, kind: char, number: u32) -> NamedNode {
        NamedNode::new_unchecked(format!("{}#{kind}{number}", version.as_str()))
    }

    pub fn mention(version: &NamedNode, span: Span) -> NamedNode {
        NamedNode::new_unchecked(format!("{}#m{}-{}", version.as_str(), span.start, span.end))
    }

    pub fn reading(version: &NamedNode, span: Span, number: u32) -> NamedNode {
        NamedNode::new_unchecked(format!(
            "{}#c{}-{}-{number}",
            version.as_str(),
            span.start,
            span.end
        ))
    }

    pub fn finding(of: &NamedNode, code: &str, number: u32) -> NamedNode {
        NamedNode::new_unchecked(format!("{}#f-{code}-{number}", of.as_str()))
    }

    pub fn product(&self, catalog: &Catalog, product: ProductId) -> NamedNode {
        self.at(&format!("product/{}", catalog.products.get(product).slug))
    }

    pub fn name(&self, catalog: &Catalog, name: NameId) -> NamedNode {
        self.at(&format!("name/{}", catalog.products.name(name).slug))
    }

    pub fn code(&self, key: &str, value: &str) -> NamedNode {
        self.at(&format!(
            "code/{}/{}",
            utf8_percent_encode(key, PART),
            utf8_percent_encode(value, PART)
        ))
    }

    pub fn commit(&self, id: &str) -> NamedNode {
        self.at(&format!("commit/{id}"))
    }

    pub fn change(&self, slug: &str) -> NamedNode {
        self.at(&format!("change/{slug}"))
    }

    pub fn source(&self, id: &str) -> NamedNode {
        self.at(&format!("source/{}", utf8_percent_encode(id, PART)))
    }

    pub fn claim(&self, key: &str) -> NamedNode {
        self.at(&format!("claim/{key}"))
    }

    pub fn file(&self, shown: &str) -> NamedNode {
        self.at(&format!(
            "file/{}",
            utf8_percent_encode(shown.trim_start_matches(['/', '.']), PATH)
        ))
    }

    pub fn input(&self, name: &str) -> NamedNode {
        self.at(&format!("input/{}", utf8_percent_encode(name.trim_matches(['/', '.']), PATH)))
    }

    pub fn compile(&self, digest: &str) -> NamedNode {
        self.at(&format!("compile/{digest}"))
    }

    pub fn layer(&self, name: &str) -> NamedNode {
        self.at(&format!("dataset/{name}"))
    }

    pub fn tool(&self) -> NamedNode {
        self.at(concat!("tool/stemma-", env!("CARGO_PKG_VERSION")))
    }

    /// A place by its code: `US` and `EU` are those of the Data Privacy Vocabulary, the rest are
    /// ours.
    pub fn place(&self, code: &str) -> NamedNode {
        let is_country = code.len() <= 3 && code.bytes().all(|b| b.is_ascii_uppercase());
        if is_country {
            return NamedNode::new_unchecked(format!("{}{code}", vocab::LOC));
        }
        if let Some(geo) = code.strip_prefix("geo:") {
            return self.at(&format!("geo/{}", utf8_percent_encode(geo, PART)));
        }
        self.at(&format!(
            "place/{}",
            utf8_percent_encode(&code.to_ascii_lowercase().replace(':', "-"), PART)
        ))
    }

    /// A place of the registry.
    pub fn known_place(&self, place: &Place) -> NamedNode {
        match &place.iri {
            PlaceIri::Loc(code) | PlaceIri::Place(code) => self.place(code),
            PlaceIri::Geo(slug) => self.place(&format!("geo:{slug}")),
        }
    }

    /// `fm:key`: the key of a front matter entry, as written.
    pub fn front_matter(key: &str) -> NamedNode {
        NamedNode::new_unchecked(format!("{}{}", vocab::FM, utf8_percent_encode(key, PART)))
    }

    /// `inherited:key`: the key of a value from the configuration, as written.
    pub fn inherited(key: &str) -> NamedNode {
        NamedNode::new_unchecked(format!("{}{}", vocab::INHERITED, utf8_percent_encode(key, PART)))
    }
}
