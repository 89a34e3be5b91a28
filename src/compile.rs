//! The driver: inputs to a graph on disk.
//!
//! Reads as the pipeline: find, survey, place, compile pages while the store loads them, link. If
//! nothing has changed since the graph was made, it stays.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::catalog::{Catalog, CatalogError};
use crate::diag::{Diagnostic, Problem};
use crate::graph::Iris;
use crate::link::alignment;
use crate::link::targets::{Published, Status, Targets};
use crate::object::{Compiler, Keys};
use crate::source::ReadError;
use crate::source::git::Selection;
use crate::store::{LoadOptions, QuadSink, Snapshot, StoreError};

mod kept;
mod linked;
pub mod plan;
pub mod roots;
#[cfg(test)]
mod tests;

pub use plan::Plan;
use plan::{contained, unread};

/// Sees how far a run has come.
pub trait Progress: Sync {
    fn stage(&self, _name: &'static str, _total: u64) {}
    fn advance(&self) {}
}

/// For those who do not watch.
pub struct Silent;

impl Progress for Silent {}

pub struct Options<'a> {
    /// The folder that the graph is put in.
    pub out: PathBuf,
    /// Folders with facts that replace or add to the built-in ones.
    pub data: Vec<PathBuf>,
    /// Leave out of the facts which names of a product followed one another.
    pub without_renames: bool,
    /// Leave unread what pages state about data, to measure what reading it costs.
    pub without_claims: bool,
    pub load: LoadOptions,
    /// What to read of repositories.
    pub selection: Selection,
    pub progress: &'a dyn Progress,
}

impl Options<'_> {
    /// The graph in a folder, from the inputs as they are, with nobody watching.
    pub fn new(out: PathBuf) -> Self {
        Self {
            out,
            data: Vec::new(),
            without_renames: false,
            without_claims: false,
            load: LoadOptions::default(),
            selection: Selection::default(),
            progress: &Silent,
        }
    }
}

/// What came of a run.
#[derive(Debug)]
pub struct Compilation {
    /// In the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
    pub summary: Summary,
    /// The name of each input in the graph, and its path as given.
    pub roots: Vec<(String, PathBuf)>,
    /// Nothing had changed since the graph was made.
    pub unchanged: bool,
}

/// Counts and times, in the order in which they are shown.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Summary {
    pub counts: Vec<(Cow<'static, str>, u64)>,
    pub links: BTreeMap<Status, u64>,
    #[serde(skip)]
    pub stages: Vec<(&'static str, Duration)>,
}

/// Why there is no graph.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl CompileError {
    /// What to do next, as an order.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Read(ReadError::Empty(_)) => {
                Some("name a folder with Markdown pages, or a stemma.yaml".into())
            }
            Self::Read(ReadError::Config { .. }) => {
                Some("compare with the example in the README".into())
            }
            Self::Read(ReadError::NoRepository { .. }) => {
                Some("name a git repository, bare or not, or leave --history and @ out".into())
            }
            Self::Read(ReadError::Shallow { .. }) => {
                Some("fetch the rest with `git fetch --unshallow`, or leave `--history` and `--as-of` out".into())
            }
            Self::Read(ReadError::Repository { .. }) => {
                Some("check the branch, and `git fsck` if objects are missing".into())
            }
            Self::Read(ReadError::Io { .. }) | Self::Catalog(_) => None,
            Self::Store(error) => error.hint(),
        }
    }
}

/// Compiles inputs to a graph, or leaves the one that is there if it is of the same inputs.
pub fn compile(inputs: &[PathBuf], options: &Options<'_>) -> Result<Compilation, CompileError> {
    let mut clock = Clock::start();
    let catalog = if options.without_renames {
        Catalog::without_renames(&options.data)?
    } else {
        Catalog::with_overrides(&options.data)?
    };
    let catalog = if options.without_claims { catalog.without_languages() } else { catalog };
    clock.lap("catalog");
    with_catalog(catalog, clock, inputs, options)
}

fn with_catalog(
    catalog: Catalog,
    clock: Clock,
    inputs: &[PathBuf],
    options: &Options<'_>,
) -> Result<Compilation, CompileError> {
    let mut plan = plan::plan(catalog, clock, inputs, options)?;
    let digest = plan.digest.clone();
    let roots = roots::to_json(&plan.found.roots);
    if let Some(kept) = kept::of(&options.out, &digest, &roots) {
        let summary = Summary { stages: std::mem::take(&mut plan.stages), ..kept.summary };
        let (diagnostics, roots) = (kept.diagnostics, plan.found.roots);
        return Ok(Compilation { diagnostics, summary, roots, unchanged: true });
    }
    let (_, compilation) = Snapshot::build(&options.out, options.load, |sink| {
        let compilation = write(plan, options.progress, &sink)?;
        let kept = kept::to_json(&digest, &compilation);
        Ok::<_, CompileError>((compilation, vec![(kept::FILE, kept), (roots::FILE, roots)]))
    })?;
    Ok(compilation)
}

/// Compiles the planned pages and links them, handing every quad to the store as soon as it is
/// made.
fn write(
    mut plan: Plan,
    progress: &dyn Progress,
    sink: &QuadSink,
) -> Result<Compilation, CompileError> {
    let mut clock = Clock { laps: std::mem::take(&mut plan.stages), since: Instant::now() };
    let iris = Iris::new(plan.found.base.as_deref().unwrap_or(crate::store::DEFAULT_BASE));
    let pages: Vec<Published<'_>> = plan
        .surveyed
        .iter()
        .enumerate()
        .map(|(unit, page)| {
            let file = &plan.found.files[page.file];
            let locale = plan.placed.page_of(plan.placed.version_of[unit]).locale.as_str();
            let (at, live) = (&plan.locations[unit], file.is_live());
            Published { locale, tree: &file.tree.name, at, live }
        })
        .collect();
    let targets = Targets::new(&plan.catalog, &plan.found.files, &pages, &plan.placed);
    let keys = compile_pages(&plan, &targets, &iris, progress, sink)?;
    clock.lap("pages");
    progress.stage("link", 1);
    let mut compilation = linked::link(&plan, &targets, &iris, keys, sink)?;
    clock.lap("link");
    compilation.summary.stages = clock.laps;
    Ok(compilation)
}

/// One version at a time, on all threads; what linking needs comes back in the order of the
/// versions.
fn compile_pages(
    plan: &Plan,
    targets: &Targets<'_>,
    iris: &Iris,
    progress: &dyn Progress,
    sink: &QuadSink,
) -> Result<Vec<(usize, Keys)>, CompileError> {
    let roles = alignment::roles(&plan.placed, &plan.surveyed);
    let (catalog, placed) = (&plan.catalog, &plan.placed);
    let compiler = Compiler { catalog, placed, targets, roles: &roles, iris };
    let mut placing: BTreeMap<usize, Vec<Problem>> = BTreeMap::new();
    for (version, problem) in &plan.placed.problems {
        placing.entry(*version).or_default().push(problem.clone());
    }
    let versions: Vec<usize> = (0..plan.placed.versions.len())
        .filter(|&version| plan.placed.versions[version].available())
        .collect();
    progress.stage("pages", versions.len() as u64);
    versions
        .par_iter()
        .map(|&version| {
            let unit = plan.placed.versions[version].units[0];
            let file = &plan.found.files[plan.surveyed[unit].file];
            let problems = placing.get(&version).cloned().unwrap_or_default();
            let compiled = file.read().and_then(|bytes| {
                contained(|| {
                    compiler.compile(version, file, &plan.locations[unit], &bytes, problems)
                })
            });
            let keys = match compiled {
                Ok((quads, keys)) => {
                    sink.send(quads)?;
                    keys
                }
                // It could be read a moment ago: the world changed under our feet.
                Err(error) => Keys { diagnostics: vec![unread(file, &error)], ..Keys::default() },
            };
            progress.advance();
            Ok((version, keys))
        })
        .collect()
}

/// Times of stages, for the summary only: nothing in the graph hangs on them.
struct Clock {
    laps: Vec<(&'static str, Duration)>,
    since: Instant,
}

impl Clock {
    fn start() -> Self {
        Self { laps: Vec::new(), since: Instant::now() }
    }

    fn lap(&mut self, name: &'static str) {
        let now = Instant::now();
        self.laps.push((name, now - self.since));
        self.since = now;
    }
}
