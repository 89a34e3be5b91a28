//! What answers are written as. Who gets which is for those who ask to choose.

use oxigraph::io::{JsonLdProfileSet, RdfFormat};
use oxigraph::sparql::results::QueryResultsFormat;

/// What an answer can be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Only for people, who are not shown it by the engine.
    Html,
    Json,
    Xml,
    Csv,
    Tsv,
    Turtle,
    NTriples,
    NQuads,
    TriG,
    RdfXml,
    JsonLd,
}

/// Names, media types that are understood (the first is the one that is sent), and endings.
const FORMATS: &[(Format, &str, &[&str])] = &[
    (Format::Html, "html", &["text/html", "application/xhtml+xml"]),
    (Format::Json, "json", &["application/sparql-results+json", "application/json"]),
    (Format::Xml, "xml", &["application/sparql-results+xml", "application/xml", "text/xml"]),
    (Format::Csv, "csv", &["text/csv"]),
    (Format::Tsv, "tsv", &["text/tab-separated-values"]),
    (
        Format::Turtle,
        "ttl",
        // Turtle is N3, and clients that ask for the one read the other.
        &[
            "text/turtle",
            "application/x-turtle",
            "application/turtle",
            "text/n3",
            "text/rdf+n3",
            "application/n3",
        ],
    ),
    (Format::NTriples, "nt", &["application/n-triples", "text/plain"]),
    (Format::NQuads, "nq", &["application/n-quads"]),
    (Format::TriG, "trig", &["application/trig"]),
    (Format::RdfXml, "rdf", &["application/rdf+xml"]),
    (Format::JsonLd, "jsonld", &["application/ld+json", "application/json"]),
];

impl Format {
    fn entry(self) -> &'static (Self, &'static str, &'static [&'static str]) {
        FORMATS.iter().find(|(format, ..)| *format == self).expect("every format is in the list")
    }

    /// By name or ending: `json`, `ttl`; a media type is understood as well.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.trim().trim_start_matches('.').to_ascii_lowercase();
        let known = FORMATS
            .iter()
            .find(|(_, known, types)| *known == name || types.first() == Some(&name.as_str()));
        known.map(|(format, ..)| *format).or(match name.as_str() {
            "turtle" | "n3" => Some(Self::Turtle),
            "ntriples" => Some(Self::NTriples),
            "rdfxml" => Some(Self::RdfXml),
            "json-ld" => Some(Self::JsonLd),
            _ => None,
        })
    }

    pub fn name(self) -> &'static str {
        self.entry().1
    }

    /// Media types that are understood; the first is the one that is sent.
    pub fn media_types(self) -> &'static [&'static str] {
        self.entry().2
    }

    pub fn media_type(self) -> &'static str {
        self.media_types()[0]
    }

    /// As a header says it.
    pub fn content_type(self) -> String {
        let is_text = self.media_type().starts_with("text/");
        format!("{}{}", self.media_type(), if is_text { "; charset=utf-8" } else { "" })
    }

    pub fn results(self) -> Option<QueryResultsFormat> {
        match self {
            Self::Json => Some(QueryResultsFormat::Json),
            Self::Xml => Some(QueryResultsFormat::Xml),
            Self::Csv => Some(QueryResultsFormat::Csv),
            Self::Tsv => Some(QueryResultsFormat::Tsv),
            _ => None,
        }
    }

    pub fn rdf(self) -> Option<RdfFormat> {
        match self {
            Self::Turtle => Some(RdfFormat::Turtle),
            Self::NTriples => Some(RdfFormat::NTriples),
            Self::NQuads => Some(RdfFormat::NQuads),
            Self::TriG => Some(RdfFormat::TriG),
            Self::RdfXml => Some(RdfFormat::RdfXml),
            Self::JsonLd => Some(RdfFormat::JsonLd { profile: JsonLdProfileSet::empty() }),
            _ => None,
        }
    }
}
