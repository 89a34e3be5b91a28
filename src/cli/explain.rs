//! `stemma explain`: what a diagnostic code means.

use std::io::Write;
use std::process::ExitCode;

use super::Failure;
use crate::diag::Code;

/// Explain a diagnostic code
///
/// Says what is wrong, why it matters, and what to do, with an example. Without a code, lists them
/// all.
#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    /// The code, as in `warning[broken-link]`
    code: Option<String>,
}

impl ExplainArgs {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let mut out = std::io::stdout().lock();
        match self.code {
            Some(name) => {
                let code = Code::parse(&name).map_err(|error| Failure::new(error.to_string()))?;
                writeln!(out, "{}", code.page().trim_end())?;
            }
            None => {
                let width = Code::ALL.iter().map(|code| code.name().len()).max().unwrap_or(0);
                for code in Code::ALL {
                    writeln!(out, "{:width$}  {}", code.name(), code.title())?;
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
