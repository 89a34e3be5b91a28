//! Compiles localized, versioned product documentation into a knowledge graph.
//!
//! ```text
//! source → diag → catalog → syntax → model → lower → analyze → survey → link → vocab → graph →
//! object → store → compare → lineage → compile →
//! explore → engine → serve → mcp → cli
//! ```
//!
//! A module uses only those before it; `ARCHITECTURE.md` says what each one knows.

/// What there is to read.
pub mod source;

/// What is wrong in documents.
pub mod diag;

/// What is known before any page is read.
pub mod catalog;

/// A page as every later stage sees it.
pub mod model;

/// Bytes to text, header and marks.
pub mod syntax;

/// Marks to a page.
pub mod lower;

/// What one page says.
pub mod analyze;

/// What must be known of every page before any is placed.
pub mod survey;

/// What holds between pages.
pub mod link;

/// The terms of the graph.
pub mod vocab;

/// Everything to quads.
pub mod graph;

/// One version, compiled.
pub mod object;

/// The graph on disk.
pub mod store;

/// What differs between two states of the pages.
pub mod compare;

/// Where texts and names come from.
pub mod lineage;

/// Inputs to a graph.
pub mod compile;

/// What people look at.
pub mod explore;

/// Queries in processes of their own.
pub mod engine;

/// The graph over HTTP.
pub mod serve;

/// The graph as tools of an assistant.
pub mod mcp;

/// Commands.
pub mod cli;
