//! Commands: arguments in, data to stdout, everything else to stderr, an exit code.
//!
//! One file a command. Exit codes: 0 done; 1 the documents have problems of the severity asked for,
//! or the answer is no; 2 wrong use, or the world failed; 101 a bug in stemma.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

pub mod claims;
pub mod compile;
pub mod diff;
pub mod dump;
pub mod explain;
pub mod lineage;
pub mod mcp;
pub mod query;
pub mod serve;
pub mod show;
pub mod why;
pub mod worker;

/// Compile product documentation into a knowledge graph, and question it
#[derive(Debug, Parser)]
#[command(name = "stemma", version, max_term_width = 100)]
enum Command {
    Compile(compile::CompileArgs),
    Query(query::QueryArgs),
    Dump(dump::DumpArgs),
    Claims(claims::ClaimsArgs),
    Why(why::WhyArgs),
    Diff(diff::DiffArgs),
    Lineage(lineage::LineageArgs),
    Serve(serve::ServeArgs),
    Mcp(mcp::McpArgs),
    Explain(explain::ExplainArgs),
    #[command(hide = true)]
    Worker(worker::WorkerArgs),
}

/// Runs the command of this process.
pub fn run() -> ExitCode {
    let result = match Command::parse() {
        Command::Compile(arguments) => arguments.run(),
        Command::Query(arguments) => arguments.run(),
        Command::Dump(arguments) => arguments.run(),
        Command::Claims(arguments) => arguments.run(),
        Command::Why(arguments) => arguments.run(),
        Command::Diff(arguments) => arguments.run(),
        Command::Lineage(arguments) => arguments.run(),
        Command::Serve(arguments) => arguments.run(),
        Command::Mcp(arguments) => arguments.run(),
        Command::Explain(arguments) => arguments.run(),
        Command::Worker(arguments) => arguments.run(),
    };
    match result {
        Ok(code) => code,
        // Whoever read our output has had enough.
        Err(failure) if failure.is_broken_pipe => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {}", failure.message);
            for hint in failure.hints {
                eprintln!("hint: {hint}");
            }
            ExitCode::from(2)
        }
    }
}

/// Why a command could not do its work, in the reader's words, and what to do next.
#[derive(Debug, Default)]
pub struct Failure {
    message: String,
    hints: Vec<String>,
    is_broken_pipe: bool,
}

impl Failure {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    fn hints(mut self, hint: Option<String>) -> Self {
        self.hints.extend(hint);
        self
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self {
            is_broken_pipe: error.kind() == std::io::ErrorKind::BrokenPipe,
            ..Self::new(error.to_string())
        }
    }
}

impl From<crate::store::StoreError> for Failure {
    fn from(error: crate::store::StoreError) -> Self {
        Self::new(error.to_string()).hints(error.hint())
    }
}

impl From<crate::compile::CompileError> for Failure {
    fn from(error: crate::compile::CompileError) -> Self {
        Self::new(error.to_string()).hints(error.hint())
    }
}

impl From<crate::catalog::CatalogError> for Failure {
    fn from(error: crate::catalog::CatalogError) -> Self {
        Self::new(error.to_string())
    }
}

/// A day as an argument.
fn day(text: &str) -> Result<String, String> {
    if crate::source::config::is_iso_date(text) {
        Ok(text.to_owned())
    } else {
        Err("write a day as YYYY-MM-DD".to_owned())
    }
}

/// The graph that a command reads.
#[derive(Debug, clap::Args)]
pub struct GraphArgs {
    /// Folder of the graph
    #[arg(long, value_name = "DIR", default_value = "stemma-graph")]
    pub graph: PathBuf,
}

/// Facts that replace or add to the built-in ones.
#[derive(Debug, clap::Args)]
pub struct DataArgs {
    /// Folder with facts of your own (products.yaml, places.yaml, …); may be given several times
    #[arg(long = "data", value_name = "DIR")]
    pub data: Vec<PathBuf>,
}
