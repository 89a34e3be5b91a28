//! `stemma worker`: the process that answers queries, which `serve` and `mcp` start for themselves.

use std::process::ExitCode;

use super::Failure;
use crate::engine::worker;

/// Answer queries from stdin: what `stemma serve` and `stemma mcp` start for themselves
#[derive(Debug, clap::Args)]
pub struct WorkerArgs {}

impl WorkerArgs {
    pub fn run(self) -> Result<ExitCode, Failure> {
        worker::run(std::io::stdin(), std::io::stdout().lock())?;
        Ok(ExitCode::SUCCESS)
    }
}
