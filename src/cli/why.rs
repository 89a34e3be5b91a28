//! `stemma why`: every statement about a thing or a line, with its evidence.
//!
//! Quotes are cut out of the files where they are still at hand; else they are those of the graph.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use oxigraph::model::{NamedNode, NamedNodeRef, NamedOrBlankNode, Term};
use serde_json::json;

use super::{Failure, GraphArgs};
use crate::compile;
use crate::source::LineIndex;
use crate::store::{Snapshot, queries, sparql};
use crate::syntax::encoding::variants;
use crate::vocab::stm;

/// Show every statement about a thing or a line, with its evidence
///
/// A thing is an IRI, whole, relative to the graph's base, or with a prefix
/// (`product:microsoft-teams`). A line is a file, or the end of its path, and a number:
/// `data.md:40`.
#[derive(Debug, clap::Args)]
pub struct WhyArgs {
    /// The thing, or FILE:LINE
    #[arg(value_name = "IRI|FILE:LINE")]
    what: String,
    #[command(flatten)]
    graph: GraphArgs,
    /// How many pieces of evidence to show (0: all)
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Form {
    /// For people
    Text,
    /// One JSON object
    Json,
}

impl WhyArgs {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let snapshot = Snapshot::open(&self.graph.graph)?;
        let teller = Teller {
            snapshot: &snapshot,
            roots: super::claims::roots(&snapshot),
            prefixes: sparql::prefixes(&snapshot.meta().base),
        };
        let (things, evidence) = match self
            .what
            .rsplit_once(':')
            .and_then(|(file, line)| Some((file, line.parse().ok()?)))
        {
            Some((file, line)) => (teller.on_line(file, line)?, Vec::new()),
            None => {
                let iri = queries::iri(&self.what, &snapshot.meta().base).map_err(Failure::new)?;
                (vec![iri.clone()], teller.evidence(iri.as_ref())?)
            }
        };
        let known = things.iter().map(|iri| teller.thing(iri)).collect::<Result<Vec<_>, _>>()?;
        let known: Vec<Thing> =
            known.into_iter().filter(|thing| !thing.statements.is_empty()).collect();
        if known.is_empty() {
            return Err(Failure::new(format!("the graph says nothing about `{}`", self.what))
                .hint("name a file as it was given to compile, or an IRI as a query shows it"));
        }
        let shown = if self.limit == 0 { evidence.len() } else { self.limit.min(evidence.len()) };
        let witnesses =
            evidence[..shown].iter().map(|iri| teller.thing(iri)).collect::<Result<Vec<_>, _>>()?;
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        match self.format {
            Form::Json => {
                let all = json!({
                    "things": known.iter().map(Thing::to_json).collect::<Vec<_>>(),
                    "evidence": witnesses.iter().map(Thing::to_json).collect::<Vec<_>>(),
                    "evidence_in_all": evidence.len(),
                });
                serde_json::to_writer_pretty(&mut out, &all).map_err(std::io::Error::from)?;
                writeln!(out)?;
            }
            Form::Text => {
                for thing in &known {
                    thing.write(true, &mut out)?;
                }
                if !evidence.is_empty() {
                    writeln!(out, "evidence ({} of {}):\n", shown, evidence.len())?;
                }
                for thing in &witnesses {
                    thing.write(false, &mut out)?;
                }
            }
        }
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Something the graph speaks of, ready to be shown.
struct Thing {
    name: String,
    /// Predicate and object, short, sorted.
    statements: Vec<(String, String)>,
    place: Option<Stand>,
}

/// Where a thing stands in its file.
struct Stand {
    file: String,
    line: Option<u64>,
    bytes: Option<(u64, u64)>,
    quote: Option<String>,
    /// The quote was cut out of the file as it is now.
    fresh: bool,
}

impl Thing {
    fn write(&self, with_statements: bool, out: &mut dyn Write) -> std::io::Result<()> {
        writeln!(out, "{}", self.name)?;
        if let Some(place) = &self.place {
            let line = place.line.map_or(String::new(), |line| format!(":{line}"));
            let bytes = place
                .bytes
                .map_or(String::new(), |(start, end)| format!(", bytes {start} to {end}"));
            let state = if place.fresh || place.quote.is_none() {
                ""
            } else {
                " (the file is not at hand)"
            };
            writeln!(out, "  at {}{line}{bytes}{state}", place.file)?;
            if let Some(quote) = &place.quote {
                writeln!(out, "  > {}", quote.replace('\n', "\n  > "))?;
            }
        }
        let width = self.statements.iter().map(|(predicate, _)| predicate.len()).max().unwrap_or(0);
        for (predicate, object) in
            self.statements.iter().filter(|(predicate, _)| with_statements || is_telling(predicate))
        {
            writeln!(out, "  {predicate:width$}  {object}")?;
        }
        writeln!(out)
    }

    fn to_json(&self) -> serde_json::Value {
        let mut statements: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (predicate, object) in &self.statements {
            statements.entry(predicate).or_default().push(object);
        }
        let place = self.place.as_ref().map(|place| {
            json!({
                "file": place.file, "line": place.line, "bytes": place.bytes.map(|(start, end)| [start, end]),
                "quote": place.quote, "fresh": place.fresh,
            })
        });
        json!({"thing": self.name, "place": place, "statements": statements})
    }
}

/// What is worth a line where a thing is only a witness.
fn is_telling(predicate: &str) -> bool {
    [
        "a",
        "stm:ofName",
        "stm:states",
        "stm:sourceStates",
        "stm:message",
        "stm:readBy",
        "stm:href",
        "stm:validFrom",
    ]
    .contains(&predicate)
}

struct Teller<'a> {
    snapshot: &'a Snapshot,
    roots: Vec<(String, PathBuf)>,
    prefixes: Vec<(&'static str, String)>,
}

impl Teller<'_> {
    fn thing(&self, iri: &NamedNode) -> Result<Thing, Failure> {
        let mut statements = BTreeSet::new();
        let mut values: BTreeMap<String, Term> = BTreeMap::new();
        for quad in self.snapshot.about(iri.as_ref()) {
            let quad = quad?;
            statements.insert((self.short(quad.predicate.as_str()), self.show(&quad.object)));
            values.insert(quad.predicate.into_string(), quad.object);
        }
        let place = self.place(&values)?;
        Ok(Thing {
            name: self.short(iri.as_str()),
            statements: statements.into_iter().collect(),
            place,
        })
    }

    /// The nearest version that a thing stands in tells its file.
    fn place(&self, values: &BTreeMap<String, Term>) -> Result<Option<Stand>, Failure> {
        let number =
            |predicate: NamedNodeRef<'_>| text(values.get(predicate.as_str())?)?.parse().ok();
        let bytes = number(stm::BYTE_START).zip(number(stm::BYTE_END));
        let mut line = number(stm::LINE);
        let mut version = values.get(stm::IN_VERSION.as_str()).cloned();
        if let Some(Term::NamedNode(segment)) = values.get(stm::IN_SEGMENT.as_str()) {
            line = line.or(self
                .value(segment, stm::LINE)?
                .as_ref()
                .and_then(text)
                .and_then(|line| line.parse().ok()));
            version = version.or(self.value(segment, stm::IN_VERSION)?);
        }
        let file = match (values.get(stm::FILE.as_str()), &version) {
            (Some(file), _) => Some(file.clone()),
            (None, Some(Term::NamedNode(version))) => self.value(version, stm::FILE)?,
            _ => None,
        };
        let Some(file) = file.as_ref().and_then(text).map(str::to_owned) else { return Ok(None) };
        let content = match &version {
            Some(Term::NamedNode(version)) => self.content(version)?,
            _ => None,
        };
        let from_file = bytes.zip(content).and_then(|((start, end), content): ((u64, u64), _)| {
            Some(String::from_utf8_lossy(content.get(start as usize..end as usize)?).into_owned())
        });
        let from_graph = [stm::QUOTE, stm::TEXT]
            .iter()
            .find_map(|term| text(values.get(term.as_str())?))
            .map(str::to_owned);
        let fresh = from_file.is_some();
        Ok(Some(Stand { file, line, bytes, quote: from_file.or(from_graph), fresh }))
    }

    /// The file of a version, if it is at hand and still has the bytes that were compiled.
    fn content(&self, version: &NamedNode) -> Result<Option<Vec<u8>>, Failure> {
        let file = self.value(version, stm::FILE)?.as_ref().and_then(text).map(str::to_owned);
        let hash =
            self.value(version, stm::CONTENT_HASH)?.as_ref().and_then(text).map(str::to_owned);
        let commit = match self.value(version, stm::FIRST_SEEN_IN)? {
            Some(Term::NamedNode(commit)) => self.value(&commit, stm::GIT_COMMIT)?,
            _ => None,
        };
        let commit = commit.as_ref().and_then(text);
        let content = file.and_then(|file| compile::roots::read(&self.roots, &file, commit));
        Ok(content.filter(|content| Some(variants(content).crlf) == hash))
    }

    fn value(
        &self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
    ) -> Result<Option<Term>, Failure> {
        let quad = self
            .snapshot
            .matching(Some(subject.as_ref()), Some(predicate), None)
            .next()
            .transpose()?;
        Ok(quad.map(|quad| quad.object))
    }

    /// What points at a thing and stands somewhere, and what the thing names as its evidence.
    fn evidence(&self, iri: NamedNodeRef<'_>) -> Result<Vec<NamedNode>, Failure> {
        let mut found = BTreeSet::new();
        for quad in self.snapshot.matching(None, None, Some(&Term::from(iri))) {
            if let NamedOrBlankNode::NamedNode(subject) = quad?.subject
                && (self.value(&subject, stm::BYTE_START)?.is_some()
                    || subject.as_str().contains('#'))
            {
                found.insert(subject.into_string());
            }
        }
        for quad in self.snapshot.matching(Some(iri), Some(stm::EVIDENCE), None) {
            if let Term::NamedNode(node) = quad?.object {
                found.insert(node.into_string());
            }
        }
        Ok(found.into_iter().map(NamedNode::new_unchecked).collect())
    }

    /// Everything that stands on a line of a file.
    fn on_line(&self, file: &str, line: u64) -> Result<Vec<NamedNode>, Failure> {
        let mut versions = BTreeSet::new();
        for quad in self.snapshot.matching(None, Some(stm::FILE), None) {
            let quad = quad?;
            let Some(known) = text(&quad.object) else { continue };
            // As the graph calls it, the end of that, or as it was given to compile.
            let is_end = |whole: &str, end: &str| {
                whole.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
            };
            if (is_end(known, file) || is_end(file, known))
                && let NamedOrBlankNode::NamedNode(subject) = quad.subject
            {
                versions.insert(subject.into_string());
            }
        }
        if versions.is_empty() {
            return Err(Failure::new(format!("no page was read from `{file}`"))
                .hint("name the file as it was given to compile"));
        }
        let mut found = BTreeSet::new();
        for version in versions {
            let version = NamedNode::new_unchecked(version);
            // A paragraph may have begun on an earlier line; without the file, only its first line
            // is known.
            let content = self.content(&version)?.unwrap_or_default();
            let lines = LineIndex::new(&content);
            let inside = [stm::IN_VERSION, stm::IN_FILE];
            for quad in inside.iter().flat_map(|term| {
                self.snapshot.matching(None, Some(*term), Some(&Term::from(version.clone())))
            }) {
                let NamedOrBlankNode::NamedNode(subject) = quad?.subject else { continue };
                let number = |term: NamedNodeRef<'_>| -> Result<Option<u64>, Failure> {
                    Ok(self
                        .value(&subject, term)?
                        .as_ref()
                        .and_then(text)
                        .and_then(|number| number.parse().ok()))
                };
                let Some(first) = number(stm::LINE)? else { continue };
                let last = match number(stm::BYTE_END)? {
                    Some(end) if !content.is_empty() => {
                        u64::from(lines.line((end as u32).saturating_sub(1)))
                    }
                    _ => first,
                };
                if (first..=last).contains(&line) {
                    for mention in self.snapshot.matching(
                        None,
                        Some(stm::IN_SEGMENT),
                        Some(&Term::from(subject.clone())),
                    ) {
                        if let NamedOrBlankNode::NamedNode(mention) = mention?.subject {
                            found.insert(mention.into_string());
                        }
                    }
                    found.insert(subject.into_string());
                }
            }
        }
        Ok(found.into_iter().map(NamedNode::new_unchecked).collect())
    }

    fn show(&self, term: &Term) -> String {
        match term {
            Term::NamedNode(node) => self.short(node.as_str()),
            Term::Literal(literal) => match literal.language() {
                Some(language) => format!("{:?}@{language}", literal.value()),
                None => literal.value().to_owned(),
            },
            other => other.to_string(),
        }
    }

    /// With the prefix that leaves the shortest rest, if one fits.
    fn short(&self, iri: &str) -> String {
        if iri == oxigraph::model::vocab::rdf::TYPE.as_str() {
            return "a".to_owned();
        }
        let known = self.prefixes.iter().filter_map(|(prefix, namespace)| {
            Some((prefix, iri.strip_prefix(namespace.as_str())?))
        });
        let best =
            known.filter(|(_, rest)| !rest.contains(['/', '#'])).min_by_key(|(_, rest)| rest.len());
        match best {
            Some((prefix, rest)) => format!("{prefix}:{rest}"),
            None => {
                format!("<{}>", iri.strip_prefix(self.snapshot.meta().base.as_str()).unwrap_or(iri))
            }
        }
    }
}

fn text(term: &Term) -> Option<&str> {
    match term {
        Term::Literal(literal) => Some(literal.value()),
        _ => None,
    }
}
