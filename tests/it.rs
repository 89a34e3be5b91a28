//! Tests that are not pages of the suite: the command line, the documents, the layers.

#[path = "suite/page.rs"]
#[allow(dead_code, reason = "the suite uses all of it")]
mod page;

#[path = "it/architecture.rs"]
mod architecture;
#[path = "it/codes.rs"]
mod codes;
#[path = "it/corpus.rs"]
mod corpus;
#[path = "it/determinism.rs"]
mod determinism;
#[path = "it/diff.rs"]
mod diff;
#[path = "it/lineage.rs"]
mod lineage;
#[path = "it/lists.rs"]
mod lists;
#[path = "it/mcp.rs"]
mod mcp;
#[path = "it/sample.rs"]
mod sample;
#[path = "it/serve.rs"]
mod serve;
#[path = "it/serve_browser.rs"]
mod serve_browser;
