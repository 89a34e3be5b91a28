//! `stemma claims`: claims and divergences as JSON Lines, for tools that do not speak RDF.
//!
//! One object a page: `path`, `claims`, `divergences`. Offsets are given in code points and in
//! bytes.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::{DataArgs, Failure, GraphArgs};
use crate::catalog::Catalog;
use crate::compile::{self, Options};
use crate::graph::claim::{ACTIVITIES, CATEGORIES, FORMS, RULES};
use crate::store::Snapshot;
use crate::vocab::{dpv, skos, stm};

/// Print claims and divergences as JSON Lines
///
/// With inputs, compiles them to a temporary place first; without, reads the graph.
#[derive(Debug, clap::Args)]
pub struct ClaimsArgs {
    /// Folders or files to compile first
    #[arg(value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    graph: GraphArgs,
    #[command(flatten)]
    data: DataArgs,
}

impl ClaimsArgs {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        let catalog = Catalog::with_overrides(&self.data.data)?;
        if self.inputs.is_empty() {
            let snapshot = Snapshot::open(&self.graph.graph)?;
            let roots = roots(&snapshot);
            write(
                &snapshot,
                &catalog,
                &|file| (file.to_owned(), compile::roots::locate(&roots, file)),
                &mut out,
            )?;
        } else {
            let folder = tempfile::tempdir()?;
            let place = folder.path().join("graph");
            let options = Options { data: self.data.data, ..Options::new(place.clone()) };
            let roots = compile::compile(&self.inputs, &options)?.roots;
            let as_given = |file: &str| {
                let path = compile::roots::locate(&roots, file);
                (path.as_ref().map_or(file.to_owned(), |path| path.display().to_string()), path)
            };
            write(&Snapshot::open(&place)?, &catalog, &as_given, &mut out)?;
        }
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    }
}

/// What a page states and where it differs from its source, by the byte where it stands.
#[derive(Default)]
struct Lines {
    claims: BTreeMap<(u64, u64, String), Value>,
    divergences: BTreeMap<(u64, u64, String), Value>,
}

/// The inputs' names and paths, as they lie beside a graph.
pub fn roots(snapshot: &Snapshot) -> Vec<(String, PathBuf)> {
    snapshot
        .file(compile::roots::FILE)
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default()
}

/// For a file of the graph: how it is shown, and where it lies.
type Show<'a> = &'a dyn Fn(&str) -> (String, Option<PathBuf>);

fn write(
    snapshot: &Snapshot,
    catalog: &Catalog,
    show: Show<'_>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let graph = Graph { snapshot };
    let mut files: BTreeMap<String, Lines> = BTreeMap::new();
    let mut versions: BTreeMap<String, Version> = BTreeMap::new();
    for reading in graph.of_class(stm::READING)? {
        let node = graph.node(&reading)?;
        if node.text(stm::OF_SOURCE_SIDE).is_some() {
            continue;
        }
        let version = node.need(stm::IN_VERSION);
        let version = graph.version(&mut versions, version)?;
        let claim = claim(&graph, catalog, &node, &version.date)?;
        let key = (node.number(stm::BYTE_START), node.number(stm::BYTE_END), reading);
        for file in &version.files {
            files.entry(file.clone()).or_default().claims.insert(key.clone(), claim.clone());
        }
    }
    for finding in graph.of_class(stm::FINDING)? {
        let node = graph.node(&finding)?;
        let kind = match node.text(stm::RULE) {
            Some("claim-differs") => {
                node.text(stm::DIVERGENCE_KIND).unwrap_or("location").to_owned()
            }
            Some("term-misspelt") => "garbled".to_owned(),
            _ => continue,
        };
        let version = graph.version(&mut versions, node.need(stm::IN_VERSION))?;
        let severity = if kind == "garbled" { "wording" } else { "legal" };
        let line = json!({
            "kind": kind, "severity": severity, "quote": node.text(stm::QUOTE), "note": node.text(stm::MESSAGE),
            "start_byte": node.number(stm::BYTE_START), "end_byte": node.number(stm::BYTE_END),
        });
        let key = (node.number(stm::BYTE_START), node.number(stm::BYTE_END), finding);
        for file in &version.files {
            files.entry(file.clone()).or_default().divergences.insert(key.clone(), line.clone());
        }
    }
    for (file, lines) in files {
        // Code points can only be counted in the file; without it, bytes alone say where.
        let (path, at) = show(&file);
        let bytes = at.and_then(|at| std::fs::read(at).ok());
        let place = |mut line: Value| {
            if let (Some(bytes), Some(fields)) = (&bytes, line.as_object_mut()) {
                for (from, to) in [("start_byte", "start"), ("end_byte", "end")] {
                    let end =
                        fields[from].as_u64().map_or(0, |byte| byte as usize).min(bytes.len());
                    fields.insert(
                        to.into(),
                        String::from_utf8_lossy(&bytes[..end]).chars().count().into(),
                    );
                }
            }
            line
        };
        let claims: Vec<Value> = lines.claims.into_values().map(place).collect();
        let divergences: Vec<Value> = lines.divergences.into_values().map(place).collect();
        serde_json::to_writer(
            &mut *out,
            &json!({"path": path, "claims": claims, "divergences": divergences}),
        )
        .map_err(std::io::Error::from)?;
        writeln!(out)?;
    }
    Ok(())
}

/// One reading as one claim, its places as a set.
fn claim(
    graph: &Graph<'_>,
    catalog: &Catalog,
    reading: &Node,
    date: &Option<String>,
) -> Result<Value, Failure> {
    let claims =
        reading.all(stm::STATES).map(|iri| graph.node(iri)).collect::<Result<Vec<_>, _>>()?;
    let first = claims.first();
    let word = |values: &[(&'static str, oxigraph::model::NamedNodeRef<'static>)], term: &str| {
        values.iter().find(|(_, known)| known.as_str() == term).map(|(word, _)| *word)
    };
    let data: Vec<&str> = first.iter().flat_map(|claim| claim.all(dpv::HAS_DATA)).collect();
    let of_data = |values| data.iter().find_map(|term| word(values, term));
    let mut places = Vec::new();
    let mut rule = None;
    for claim in &claims {
        for location in claim.all(dpv::HAS_LOCATION) {
            match word(RULES, location) {
                Some(word) => rule = Some(word),
                None => {
                    let node = graph.node(location)?;
                    places.extend(node.text(skos::NOTATION).map(|code| annotated(catalog, code)));
                }
            }
        }
    }
    places.sort();
    places.dedup();
    let relation = first.and_then(|claim| claim.text(stm::RELATION)).unwrap_or("in");
    let location = match rule {
        Some("between-services") => {
            json!({"kind": "service", "places": [], "rule": null, "relation": "to"})
        }
        Some(rule) => json!({"kind": "rule", "places": places, "rule": rule, "relation": relation}),
        None => json!({"kind": "places", "places": places, "rule": null, "relation": relation}),
    };
    let is = |predicate| first.and_then(|claim| claim.text(predicate)) == Some("true");
    let modality = match first.and_then(|claim| claim.text(stm::MODALITY)) {
        Some(term) if term == stm::POSSIBLE.as_str() => "may",
        Some(term) if term == stm::PLANNED.as_str() => "planned",
        _ => "is",
    };
    let written = reading.text(stm::PRODUCT_AS_WRITTEN).unwrap_or_default();
    let product = first.and_then(|claim| claim.text(stm::PRODUCT));
    let kind = graph.node(reading.need(stm::IN_SEGMENT))?;
    Ok(json!({
        "product": written,
        "product_id": product
            .and_then(|iri| product_id(catalog, iri, written, date.as_deref()))
            .unwrap_or_else(|| crate::catalog::slug(written)),
        "data_category": of_data(CATEGORIES).unwrap_or("none"),
        "data_form": of_data(FORMS).unwrap_or("as-is"),
        "activity": first.and_then(|claim| word(ACTIVITIES, claim.text(dpv::HAS_PROCESSING)?)),
        "at_rest": is(stm::AT_REST),
        "location": location,
        "modality": modality,
        "negation": is(stm::NEGATED),
        "condition": reading.text(stm::CONDITION),
        "retention": reading.text(stm::RETENTION),
        "time": null,
        "table_row": kind.text(stm::KIND) == Some("row"),
        "quote": reading.text(stm::QUOTE),
        "start_byte": reading.number(stm::BYTE_START),
        "end_byte": reading.number(stm::BYTE_END),
        "lead": reading.text(stm::LEAD),
        "rule": reading.text(stm::READ_BY),
        "confidence": reading.text(stm::CONFIDENCE),
    }))
}

/// The code of a place as annotators write it.
fn annotated(catalog: &Catalog, code: &str) -> String {
    let place = catalog.places.by_code(code).map(|place| catalog.places.get(place));
    place.and_then(|place| place.annotated.as_deref()).unwrap_or(code).to_owned()
}

/// The slug of the English name of the era that the page speaks in.
fn product_id(catalog: &Catalog, iri: &str, written: &str, date: Option<&str>) -> Option<String> {
    let products = &catalog.products;
    let product = products.by_slug(iri.rsplit('/').next()?)?;
    let of_written = products.get(product).names.iter().find_map(|&name| {
        let name = products.name(name);
        let usage = name.uses.iter().find(|usage| usage.product == product)?;
        name.text.eq_ignore_ascii_case(written).then_some(usage.era)
    });
    let name = match of_written {
        Some(era) => products.name_of_era(product, era),
        None => date.and_then(|date| products.name_on(product, date)),
    };
    let text = name.map_or(products.label(product), |name| &products.name(name).text);
    Some(crate::catalog::slug(text))
}

/// A version's files, and the day from which it was current.
struct Version {
    files: Vec<String>,
    date: Option<String>,
}

struct Graph<'a> {
    snapshot: &'a Snapshot,
}

impl Graph<'_> {
    fn of_class(&self, class: oxigraph::model::NamedNodeRef<'_>) -> Result<Vec<String>, Failure> {
        let a = oxigraph::model::vocab::rdf::TYPE;
        let class = oxigraph::model::Term::from(class);
        let mut found = Vec::new();
        for quad in self.snapshot.matching(None, Some(a), Some(&class)) {
            if let oxigraph::model::NamedOrBlankNode::NamedNode(node) = quad?.subject {
                found.push(node.into_string());
            }
        }
        found.sort();
        Ok(found)
    }

    fn node(&self, iri: &str) -> Result<Node, Failure> {
        let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for quad in self.snapshot.about(oxigraph::model::NamedNodeRef::new_unchecked(iri)) {
            let quad = quad?;
            let value = match quad.object {
                oxigraph::model::Term::NamedNode(node) => node.into_string(),
                oxigraph::model::Term::Literal(literal) => literal.value().to_owned(),
                _ => continue,
            };
            values.entry(quad.predicate.into_string()).or_default().push(value);
        }
        values.values_mut().for_each(|values| values.sort());
        Ok(Node(values))
    }

    fn version<'v>(
        &self,
        known: &'v mut BTreeMap<String, Version>,
        iri: &str,
    ) -> Result<&'v Version, Failure> {
        if !known.contains_key(iri) {
            let node = self.node(iri)?;
            let files = node.all(stm::FILE).map(str::to_owned).collect();
            known.insert(
                iri.to_owned(),
                Version { files, date: node.text(stm::VALID_FROM).map(str::to_owned) },
            );
        }
        Ok(&known[iri])
    }
}

/// What the graph says of one thing: for each predicate the values as text, sorted.
struct Node(BTreeMap<String, Vec<String>>);

impl Node {
    fn all(&self, predicate: oxigraph::model::NamedNodeRef<'_>) -> impl Iterator<Item = &str> {
        self.0.get(predicate.as_str()).into_iter().flatten().map(String::as_str)
    }

    fn text(&self, predicate: oxigraph::model::NamedNodeRef<'_>) -> Option<&str> {
        self.all(predicate).next()
    }

    /// What the graph always says of such a thing.
    fn need(&self, predicate: oxigraph::model::NamedNodeRef<'_>) -> &str {
        self.text(predicate).unwrap_or_default()
    }

    fn number(&self, predicate: oxigraph::model::NamedNodeRef<'_>) -> u64 {
        self.text(predicate).and_then(|text| text.parse().ok()).unwrap_or(0)
    }
}
