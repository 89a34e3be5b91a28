//! What a run leaves beside its graph, so that the next can tell that nothing has changed and say
//! again what was found.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Compilation, Summary, roots};
use crate::diag::Diagnostic;
use crate::store::Snapshot;

pub const FILE: &str = "run.json";

/// Another build may make another graph of the same inputs.
const BUILD: &str = env!("STEMMA_BUILD");

#[derive(Serialize, Deserialize)]
pub struct Kept {
    build: String,
    /// Of facts, inputs and configuration.
    digest: String,
    pub summary: Summary,
    pub diagnostics: Vec<Diagnostic>,
}

pub fn to_json(digest: &str, compilation: &Compilation) -> Vec<u8> {
    let kept = Kept {
        build: BUILD.to_owned(),
        digest: digest.to_owned(),
        summary: compilation.summary.clone(),
        diagnostics: compilation.diagnostics.clone(),
    };
    serde_json::to_vec(&kept).expect("counts and diagnostics are JSON")
}

/// What the graph in a folder was made of, if this build would make the same again of inputs that
/// lie at the same places.
pub fn of(out: &Path, digest: &str, roots: &[u8]) -> Option<Kept> {
    let snapshot = Snapshot::open(out).ok()?;
    let kept: Kept = serde_json::from_slice(&snapshot.file(FILE)?).ok()?;
    let is_same = kept.build == BUILD && kept.digest == digest;
    (is_same && snapshot.file(roots::FILE)? == roots).then_some(kept)
}
