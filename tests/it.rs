//! Tests that are not pages of the suite: the command line, the documents, the layers.

#[path = "it/architecture.rs"]
mod architecture;
#[path = "it/corpus.rs"]
mod corpus;
#[path = "it/lists.rs"]
mod lists;
