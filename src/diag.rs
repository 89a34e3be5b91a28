//! Problems in documents: what is wrong, where, and what to do about it.
//!
//! A diagnostic never stops a run. Failures of the world (a disk, a network) are errors of their
//! modules.

use serde::{Deserialize, Serialize};

use crate::source::Span;

pub mod codes;
pub mod render;

pub use codes::Code;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
    Info,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// Where a problem is: a file, and bytes in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The path as a reader would type it.
    pub file: String,
    pub line: u32,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Diagnostic {
    pub at: Option<Place>,
    pub code: Code,
    pub message: String,
    /// Other places that matter, each with what to see there.
    pub notes: Vec<(Place, String)>,
    /// What to do next, as orders.
    pub help: Vec<String>,
    /// What should stand there instead, where that is certain.
    pub repair: Option<String>,
}

impl Diagnostic {
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

/// A problem of one page, before it is known where the page stands among the others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    pub span: Span,
    pub code: Code,
    pub message: String,
    pub help: Vec<String>,
    /// What should stand there instead, where that is certain.
    pub repair: Option<String>,
}

impl Problem {
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self { span, code, message: message.into(), help: Vec::new(), repair: None }
    }

    #[must_use]
    pub fn help(mut self, order: impl Into<String>) -> Self {
        self.help.push(order.into());
        self
    }

    #[must_use]
    pub fn repair(mut self, instead: impl Into<String>) -> Self {
        self.repair = Some(instead.into());
        self
    }
}
