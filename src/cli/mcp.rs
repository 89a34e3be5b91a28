//! `stemma mcp`: the graph as tools of an assistant, over stdio.

use std::process::ExitCode;
use std::time::Duration;

use super::{DataArgs, Failure, GraphArgs};
use crate::engine::Limits;
use crate::mcp::{self, McpError, Options};

/// Answer an assistant: a Model Context Protocol server over stdio
///
/// An assistant starts this command itself. Tell it so in its configuration, where most have
/// `"mcpServers": {"stemma": {"command": "stemma", "args": ["mcp", "--graph", "/path/to/graph"]}}`.
/// It finds the tools `search`, `product`, `page`, `claims`, `lineage`, `diff` and `query`. Every
/// answer cites file, line and quote. Nothing can be changed. A graph that `stemma compile` puts in
/// place meanwhile is picked up.
#[derive(Debug, clap::Args)]
pub struct McpArgs {
    #[command(flatten)]
    graph: GraphArgs,
    /// How long a query may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0, value_parser = super::serve::seconds)]
    timeout: f64,
    /// Rows or statements that the answer of a query may have
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = super::serve::at_least_one)]
    rows: usize,
    /// Memory a query may take, in MB
    #[arg(long, value_name = "MB", default_value_t = 1024, value_parser = super::serve::at_least_one)]
    memory: usize,
    #[command(flatten)]
    data: DataArgs,
}

impl McpArgs {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        mcp::serve(Options {
            graph: self.graph.graph,
            data: self.data.data,
            limits: Limits {
                time: Duration::from_secs_f64(self.timeout),
                rows: self.rows,
                memory: self.memory.saturating_mul(1_000_000),
                at_once: processors,
                waiting: 256,
            },
            program: std::env::current_exe()?,
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

impl From<McpError> for Failure {
    fn from(error: McpError) -> Self {
        let hint = error.hint();
        Self::new(error.to_string()).hints(hint)
    }
}
