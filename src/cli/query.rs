//! `stemma query`: saved questions and SPARQL, with answers as tables or in the usual formats.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use oxigraph::sparql::results::{QueryResultsFormat, QueryResultsSerializer};

use super::show;
use super::{DataArgs, Failure, GraphArgs};
use crate::catalog::Catalog;
use crate::store::queries::{self, AS_OF, AskError, Asker, Kind, SavedQuery};
use crate::store::sparql::Shortener;
use crate::store::xml::Writable;
use crate::store::{Answer, Limits, QueryError, Rows, Snapshot, Triples, dump};

/// Ask the graph a question
///
/// Saved questions come with stemma: `stemma query --list` shows them, `stemma query NAME
/// --describe` explains one. Your own are SPARQL, with the usual prefixes in place: `stemma query
/// -e 'SELECT ?page { ?page a stm:Page }'`. Exits with 1 if the answer is no.
#[derive(Debug, clap::Args)]
pub struct QueryArgs {
    #[command(flatten)]
    source: Source,
    /// Explain the query and its parameters instead of asking it
    #[arg(long)]
    describe: bool,
    /// Give a parameter its value; may be given several times
    #[arg(long = "param", short = 'p', value_name = "NAME=VALUE", value_parser = param)]
    params: Vec<(String, String)>,
    /// The day to look from, for queries that ask (default: the newest date in the inputs)
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// How the answer is written (default: a table; a graph as Turtle)
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Rows or statements to show at most (default: all)
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// How long to wait for the answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    timeout: u64,
    #[command(flatten)]
    graph: GraphArgs,
    #[command(flatten)]
    data: DataArgs,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Source {
    /// Name or id of a saved query
    name: Option<String>,
    /// A query in SPARQL
    #[arg(short = 'e', long = "expression", value_name = "SPARQL")]
    expression: Option<String>,
    /// A file with a query; its head may declare parameters as those of saved queries do
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// List the saved queries
    #[arg(long)]
    list: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Aligned columns, for people
    Table,
    Csv,
    Tsv,
    /// SPARQL results in JSON
    Json,
    /// SPARQL results in XML
    Xml,
    /// Turtle, for graphs; so are those below
    Ttl,
    /// N-Triples
    Nt,
    /// N-Quads
    Nq,
    /// TriG
    Trig,
    /// RDF/XML
    Rdfxml,
    /// JSON-LD
    Jsonld,
}

impl Format {
    fn results(self) -> Option<QueryResultsFormat> {
        match self {
            Self::Csv => Some(QueryResultsFormat::Csv),
            Self::Tsv => Some(QueryResultsFormat::Tsv),
            Self::Json => Some(QueryResultsFormat::Json),
            Self::Xml => Some(QueryResultsFormat::Xml),
            _ => None,
        }
    }

    fn graph(self) -> Option<dump::Format> {
        match self {
            Self::Ttl => Some(dump::Format::Ttl),
            Self::Nt => Some(dump::Format::Nt),
            Self::Nq => Some(dump::Format::Nq),
            Self::Trig => Some(dump::Format::Trig),
            Self::Rdfxml => Some(dump::Format::Rdfxml),
            Self::Jsonld => Some(dump::Format::Jsonld),
            _ => None,
        }
    }
}

fn param(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

impl QueryArgs {
    pub fn run(self) -> Result<ExitCode, Failure> {
        if self.source.list {
            return list();
        }
        let query = self.source.query()?;
        if self.describe {
            return describe(&query);
        }
        let mut given = BTreeMap::new();
        for (name, value) in
            self.params.into_iter().chain(self.as_of.map(|date| (AS_OF.to_owned(), date)))
        {
            if given.insert(name.clone(), value).is_some() {
                return Err(Failure::new(format!("the parameter `{name}` has two values"))
                    .hint("give one of them"));
            }
        }
        let snapshot = Snapshot::open(&self.graph.graph)?;
        // Reading the facts takes longer than most queries, so only those that ask for a thing by
        // name wait for it.
        let by_name = |kind| matches!(kind, Kind::Product | Kind::Place | Kind::Name);
        let needs_facts = query.params.iter().any(|param| {
            by_name(param.kind) && (param.default.is_some() || given.contains_key(&param.name))
        });
        let catalog = if needs_facts {
            Catalog::with_overrides(&self.data.data)?
        } else {
            Catalog::default()
        };
        let asker = Asker { snapshot: &snapshot, catalog: &catalog };
        let prepared =
            query.prepare(&given, &asker).map_err(|error| failure(&query.name, error))?;
        let answer =
            snapshot.query(&prepared, Limits { time: Duration::from_secs(self.timeout) })?;
        let writing =
            Writing { format: self.format, limit: self.limit, base: &snapshot.meta().base };
        writing.write(answer)
    }
}

impl Source {
    fn query(&self) -> Result<SavedQuery, Failure> {
        if let Some(name) = &self.name {
            return queries::find(name).map_err(|error| failure(name, error));
        }
        let (name, text) = match (&self.expression, &self.file) {
            (Some(text), _) => ("-e".to_owned(), text.clone()),
            (None, Some(path)) => {
                let text = std::fs::read_to_string(path).map_err(|error| {
                    Failure::new(format!("cannot read `{}`: {error}", path.display()))
                })?;
                (path.display().to_string(), text)
            }
            (None, None) => unreachable!("clap asks for a query"),
        };
        SavedQuery::parse(&name, &text).map_err(|error| failure(&name, error))
    }
}

/// A query that cannot be asked, with its place if it has one.
fn failure(name: &str, error: AskError) -> Failure {
    let message = match &error {
        AskError::Syntax(syntax) => {
            let indent = " ".repeat(syntax.line.to_string().len());
            format!(
                "{syntax}\n{indent}--> {name}:{}:{}\n{}",
                syntax.line, syntax.column, syntax.excerpt
            )
        }
        _ => error.to_string(),
    };
    Failure::new(message).hints(error.hint())
}

impl From<QueryError> for Failure {
    fn from(error: QueryError) -> Self {
        Self::new(error.to_string()).hints(error.hint().map(str::to_owned))
    }
}

fn list() -> Result<ExitCode, Failure> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let queries: Vec<SavedQuery> = queries::all().collect();
    let width = queries.iter().map(|query| query.name.len()).max().unwrap_or(0);
    for query in &queries {
        writeln!(out, "{:width$}  {}", query.name, query.title)?;
        if !query.params.is_empty() {
            let params: Vec<String> = query
                .params
                .iter()
                .map(|param| match &param.default {
                    Some(default) => format!("{}={default}", param.name),
                    None => param.name.clone(),
                })
                .collect();
            writeln!(out, "{:width$}  ({})", "", params.join(", "))?;
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn describe(query: &SavedQuery) -> Result<ExitCode, Failure> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let id = query.id.as_ref().map_or(String::new(), |id| format!(" ({id})"));
    writeln!(out, "{}{id}: {}", query.name, query.title)?;
    if !query.description.is_empty() {
        writeln!(out, "\n{}", query.description)?;
    }
    if !query.params.is_empty() {
        let heads: Vec<String> = query
            .params
            .iter()
            .map(|param| {
                let default =
                    param.default.as_ref().map_or(String::new(), |default| format!(" [{default}]"));
                format!("--param {}={}{default}", param.name, param.kind.name().to_uppercase())
            })
            .collect();
        let width = heads.iter().map(String::len).max().unwrap_or(0);
        writeln!(out)?;
        for (head, param) in heads.iter().zip(&query.params) {
            writeln!(out, "  {head:width$}  {}", param.help)?;
        }
    }
    let body: Vec<&str> = query.text.lines().skip_while(|line| line.starts_with('#')).collect();
    writeln!(out, "\n{}", body.join("\n").trim_end())?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

struct Writing<'a> {
    format: Option<Format>,
    limit: Option<usize>,
    base: &'a str,
}

impl Writing<'_> {
    fn write(&self, answer: Answer) -> Result<ExitCode, Failure> {
        let mut out = BufWriter::new(std::io::stdout().lock());
        match answer {
            Answer::Boolean(value) => {
                match self.format.map(|format| format.results().ok_or(format)) {
                    None | Some(Err(Format::Table)) => {
                        writeln!(out, "{}", if value { "yes" } else { "no" })?
                    }
                    Some(Ok(format)) => {
                        QueryResultsSerializer::from_format(format)
                            .serialize_boolean_to_writer(&mut out, value)?;
                    }
                    Some(Err(_)) => return Err(no_graph("yes or no")),
                }
                out.flush()?;
                return Ok(ExitCode::from(u8::from(!value)));
            }
            Answer::Solutions { variables, rows } => self.solutions(&variables, rows, &mut out)?,
            Answer::Graph(triples) => self.graph(triples, &mut out)?,
        }
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    }

    fn solutions(
        &self,
        variables: &[oxigraph::model::Variable],
        rows: Rows,
        out: &mut impl Write,
    ) -> Result<(), Failure> {
        let format = self.format.unwrap_or(Format::Table);
        if let Some(format) = format.results() {
            let serializer = QueryResultsSerializer::from_format(format);
            let to = Writable::new(format == QueryResultsFormat::Xml, &mut *out);
            let mut serializer =
                serializer.serialize_solutions_to_writer(to, variables.to_vec())?;
            self.limited(rows, |row| {
                let bound = variables
                    .iter()
                    .zip(&row)
                    .filter_map(|(variable, term)| Some((variable, term.as_ref()?)));
                Ok(serializer
                    .serialize(bound.map(|(variable, term)| (variable.as_ref(), term.as_ref())))?)
            })?;
            serializer.finish()?;
            if matches!(format, QueryResultsFormat::Json | QueryResultsFormat::Xml) {
                writeln!(out)?;
            }
            return Ok(());
        }
        if format != Format::Table {
            return Err(no_graph("a table"));
        }
        let mut table = Vec::new();
        self.limited(rows, |row| {
            table.push(row);
            Ok(())
        })?;
        if table.is_empty() {
            eprintln!("no rows");
            return Ok(());
        }
        Ok(show::table(variables, &table, &Shortener::new(self.base), show::terminal_width(), out)?)
    }

    fn graph(&self, triples: Triples, out: &mut impl Write) -> Result<(), Failure> {
        let Some(format) = self.format.map_or(Some(dump::Format::Ttl), Format::graph) else {
            let hint = "write it with `--format ttl`, `nt`, `nq`, `trig`, `rdfxml` or `jsonld`";
            return Err(Failure::new("the answer is a graph, not a table").hint(hint));
        };
        // Sorted, so that what belongs together stands together and the same answer has the same
        // bytes.
        let mut all = Vec::new();
        self.limited(triples, |triple| {
            all.push(triple);
            Ok(())
        })?;
        if all.is_empty() {
            eprintln!("no statements");
        }
        all.sort_by_cached_key(ToString::to_string);
        let mut serializer = dump::serializer(format.rdf(), self.base, out);
        for triple in &all {
            serializer.serialize_triple(triple)?;
        }
        serializer.finish()?;
        Ok(())
    }

    /// As many as may be shown. Says so when there are more, for silence would be taken for the
    /// end.
    fn limited<T>(
        &self,
        items: impl Iterator<Item = Result<T, QueryError>>,
        mut each: impl FnMut(T) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        for (count, item) in items.enumerate() {
            if self.limit == Some(count) {
                eprintln!("there is more: these are the first {count}");
                break;
            }
            each(item?)?;
        }
        Ok(())
    }
}

fn no_graph(kind: &str) -> Failure {
    Failure::new(format!("the answer is {kind}, not a graph"))
        .hint("write it with `--format table`, `csv`, `tsv`, `json` or `xml`")
}
