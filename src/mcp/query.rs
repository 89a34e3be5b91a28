//! Saved queries and SPARQL, for everything that the other tools do not tell.
//!
//! A query has a process of its own, which ends when it takes too much or nobody waits any more.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Call;
use super::cite::{Citation, cut, one_line};
use super::resources;
use super::tool::{Refusal, Tool};
use crate::engine::{self, End, Failed, Format, Kind, Request, Unasked};
use crate::store::queries::{self, AskError, SavedQuery};

pub struct Query;

#[derive(Deserialize, JsonSchema)]
pub struct Arguments {
    /// Name of a saved query (the description of this tool lists them); give this or `sparql`
    name: Option<String>,
    /// Values of the saved query's parameters, by name: {"product": "MDATP", "as-of": "2021-01-22"}.
    /// Products, places and pages are given as for the other tools
    #[serde(default)]
    parameters: BTreeMap<String, Scalar>,
    /// A query of your own in SPARQL 1.1: SELECT, ASK, CONSTRUCT or DESCRIBE
    sparql: Option<String>,
    /// How many rows to give (default 50, at most 1000)
    limit: Option<usize>,
}

/// Numbers are understood as the words that they are.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
enum Scalar {
    Text(String),
    Number(serde_json::Number),
    Bool(bool),
}

/// A table, yes or no, or a graph.
#[derive(Default, Serialize, JsonSchema)]
pub struct Answer {
    /// What was asked: the saved query's question
    #[serde(skip_serializing_if = "Option::is_none")]
    question: Option<String>,
    /// Of ASK
    #[serde(skip_serializing_if = "Option::is_none")]
    yes: Option<bool>,
    /// Names of the variables
    columns: Vec<String>,
    /// A cell for each column: IRIs as `prefix:name` or `<relative>`, literals as they are, null for
    /// nothing
    rows: Vec<Vec<Option<String>>>,
    /// Of CONSTRUCT and DESCRIBE: statements in Turtle
    #[serde(skip_serializing_if = "Option::is_none")]
    graph: Option<String>,
    /// There is more than is given
    truncated: bool,
    /// Where the things stand that the first rows name, if they stand somewhere
    citations: Vec<Cited>,
}

#[derive(Serialize, JsonSchema)]
struct Cited {
    iri: String,
    citation: Citation,
}

/// Rows without being asked for more.
const ROWS: usize = 50;
/// Longer cells are cut: an assistant reads them all.
const CELL: usize = 2000;
/// A graph likewise.
const GRAPH: usize = 60_000;
/// Things whose place is looked up.
const CITED: usize = 20;

impl Tool for Query {
    const NAME: &'static str = "query";
    const TITLE: &'static str = "Saved questions and SPARQL";
    type Arguments = Arguments;
    type Answer = Answer;

    fn about() -> String {
        let saved: Vec<String> =
            queries::all().map(|query| format!("- {}", resources::line(&query))).collect();
        format!("{}\nSaved queries, with their parameters:\n{}", ABOUT, saved.join("\n"))
    }

    fn answer(arguments: Arguments, call: &Call<'_>) -> Result<Answer, Refusal> {
        let query = match (&arguments.name, &arguments.sparql) {
            (Some(name), None) => queries::find(name)?,
            (None, Some(text)) => SavedQuery::parse("sparql", text)?,
            (Some(_), Some(_)) => {
                return Err(
                    Refusal::new("`name` and `sparql` are two queries").hint("give one of them")
                );
            }
            (None, None) => {
                return Err(Refusal::new("there is no query").hint(
                    "give the `name` of a saved query, such as `data-locations`, or `sparql`",
                ));
            }
        };
        let given = arguments.parameters.into_iter().map(|(name, value)| {
            let text = match value {
                Scalar::Text(text) => text,
                Scalar::Number(number) => number.to_string(),
                Scalar::Bool(value) => value.to_string(),
            };
            (name, text)
        });
        let given = given.filter(|(_, text)| !text.is_empty()).collect();
        let values = query.values(&given, &call.asker())?.into_iter();
        let values = values.map(|(name, term)| (name, term.to_string())).collect();
        let base = &call.loaded.snapshot.meta().base;
        let question = engine::question(&query.text, base, base, &[])?;
        let is_graph = question.kind == Kind::Graph;
        let format = if is_graph { Format::Turtle } else { Format::Json };
        let limit = arguments.limit.unwrap_or(ROWS).clamp(1, call.desk.pool.limits.rows.max(1));
        let request = Request {
            snapshot: call.loaded.snapshot.folder().to_owned(),
            query: question.text,
            values,
            format: format.name().to_owned(),
            rows: limit,
            services: Vec::new(),
        };
        let (bytes, end) = call.asked(request)?;
        let mut answer = Answer {
            question: Some(query.title).filter(|_| arguments.name.is_some()),
            truncated: end.truncated,
            ..Answer::default()
        };
        if is_graph {
            let text = prefixes_in_use(&String::from_utf8_lossy(&bytes));
            answer.truncated |= text.chars().count() > GRAPH;
            answer.graph = Some(cut(&text, GRAPH));
        } else {
            answer.read(&bytes, call)?;
        }
        Ok(answer)
    }
}

/// Turtle without the prefixes that nothing in it begins with.
fn prefixes_in_use(turtle: &str) -> String {
    let prefix =
        |line: &str| line.strip_prefix("@prefix ")?.split_once(' ').map(|(p, _)| p.to_owned());
    let body: Vec<&str> = turtle.lines().filter(|line| prefix(line).is_none()).collect();
    let body = body.join("\n");
    let is_used = |line: &&str| prefix(line).is_some_and(|prefix| body.contains(&prefix));
    let mut text: String = turtle.lines().filter(is_used).map(|line| format!("{line}\n")).collect();
    text.push_str(&body);
    text
}

const ABOUT: &str = include_str!("query.md");

impl From<Unasked> for Refusal {
    fn from(unasked: Unasked) -> Self {
        match unasked {
            Unasked::Syntax(error) => AskError::from(error).into(),
            Unasked::Service(_) => Self::new(unasked.to_string()).hint("leave `SERVICE` out"),
            Unasked::Graph(_) => Self::new(unasked.to_string())
                .hint("leave `FROM` out: all statements are in the default graph"),
        }
    }
}

impl Call<'_> {
    /// The whole answer. Dropping what asks for it ends the query's process.
    fn asked(&self, request: Request) -> Result<(Bytes, End), Refusal> {
        let ask = async { self.desk.pool.ask(request).await?.all(usize::MAX).await };
        let mut waited_for = self.waited_for.clone();
        let result = tokio::runtime::Handle::current().block_on(async {
            tokio::select! {
                result = ask => result,
                // Nothing is ever sent: this ends when nobody waits.
                _ = waited_for.changed() => Err(Failed::Process("nobody waits for it".into())),
            }
        });
        result.map_err(|error| {
            let hint = match &error {
                Failed::Time(_) | Failed::Memory(_) | Failed::Long => {
                    "ask for less: name a product, page or locale in the pattern, or count instead \
                     of listing"
                }
                Failed::Busy => "ask again when the other queries have ended",
                Failed::Graph => "compile it again: `stemma compile`",
                Failed::Query(_) | Failed::Process(_) | Failed::Gone => "ask in another way",
            };
            Refusal::new(error.to_string()).hint(hint)
        })
    }
}

impl Answer {
    /// From the results in JSON.
    fn read(&mut self, bytes: &[u8], call: &Call<'_>) -> Result<(), Refusal> {
        let results: Value = serde_json::from_slice(bytes)
            .map_err(|error| Refusal::new(format!("the answer cannot be read: {error}")))?;
        if let Some(value) = results["boolean"].as_bool() {
            self.yes = Some(value);
            return Ok(());
        }
        let names = results["head"]["vars"].as_array().into_iter().flatten();
        self.columns = names.filter_map(Value::as_str).map(str::to_owned).collect();
        let mut things = Vec::new();
        for binding in results["results"]["bindings"].as_array().into_iter().flatten() {
            let cell = |name: &String| {
                let term = &binding[name];
                let value = term["value"].as_str()?;
                Some(match term["type"].as_str() {
                    Some("uri") => call.short(value),
                    _ => cut(value, CELL),
                })
            };
            self.rows.push(self.columns.iter().map(cell).collect());
            let iris = self.columns.iter().filter(|name| binding[*name]["type"] == "uri");
            let iris = iris.filter_map(|name| binding[name]["value"].as_str());
            things.extend(iris.map(str::to_owned));
        }
        let mut known = std::collections::BTreeSet::new();
        things.retain(|iri| known.insert(iri.clone()));
        for iri in things {
            if self.citations.len() == CITED {
                break;
            }
            if let Some(citation) = call.trace(&iri)? {
                self.citations.push(Cited { iri: call.short(&iri), citation });
            }
        }
        Ok(())
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(question) = &self.question {
            writeln!(f, "{question}")?;
        }
        if let Some(yes) = self.yes {
            return write!(f, "{}", if yes { "yes" } else { "no" });
        }
        if let Some(graph) = &self.graph {
            writeln!(f, "{graph}")?;
        } else if self.rows.is_empty() {
            return write!(
                f,
                "no rows\nnext: ask without one of the conditions or parameters, or look a name up \
                 with `search`"
            );
        } else {
            writeln!(f, "{}", self.columns.join(" | "))?;
            for row in &self.rows {
                // On one line, so that a row is a line.
                let cell = |cell: &Option<String>| {
                    one_line(cell.as_deref().unwrap_or_default()).replace('|', "\\|")
                };
                writeln!(f, "{}", row.iter().map(cell).collect::<Vec<_>>().join(" | "))?;
            }
        }
        if self.truncated {
            writeln!(f, "There is more: give a higher `limit`, or ask for less.")?;
        }
        if !self.citations.is_empty() {
            writeln!(f, "\nWhere these stand:")?;
        }
        for cited in &self.citations {
            writeln!(f, "- {}: {}", cited.iri, cited.citation)?;
        }
        Ok(())
    }
}
