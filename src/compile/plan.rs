//! Before any page is compiled: find, survey, place.

use std::path::PathBuf;
use std::time::Duration;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::{Clock, CompileError, Progress};
use crate::catalog::Catalog;
use crate::diag::{Code, Diagnostic, Problem};
use crate::link::redirects::Redirects;
use crate::link::targets::Location;
use crate::link::{self, Placed};
use crate::object;
use crate::source::folder::{self, Found};
use crate::source::{File, FileKind, Span, publish};
use crate::survey::{Survey, Surveyed, survey};

/// Everything that is known before the pages are compiled.
pub struct Plan {
    pub catalog: Catalog,
    pub found: Found,
    pub surveyed: Vec<Surveyed>,
    pub placed: Placed,
    /// For each surveyed file where it is published.
    pub locations: Vec<Location>,
    /// Files that could not be read, and configuration with problems.
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) file_problems: Vec<(usize, Vec<Problem>)>,
    pub(super) digest: String,
    pub(super) stages: Vec<(&'static str, Duration)>,
    pub(super) redirects: u64,
}

/// Finds, surveys and places all pages.
pub fn plan(
    inputs: &[PathBuf],
    data: &[PathBuf],
    progress: &dyn Progress,
) -> Result<Plan, CompileError> {
    let mut clock = Clock::start();
    let catalog = Catalog::with_overrides(data)?;
    clock.lap("catalog");
    let locales: Vec<&str> = catalog.locales.iter().map(|locale| locale.tag.as_str()).collect();
    let mut found = folder::discover(inputs, &locales)?;
    publish::name_locales(&mut found.files);
    clock.lap("find");
    progress.stage("survey", found.files.len() as u64);
    let surveys: Vec<(String, Result<Survey, std::io::Error>)> = found
        .files
        .par_iter()
        .enumerate()
        .map(|(index, file)| {
            let surveyed = survey_file(index, file);
            progress.advance();
            surveyed
        })
        .collect();
    let mut diagnostics = Vec::new();
    let mut surveyed = Vec::new();
    let mut digest = Sha256::new();
    digest.update(env!("CARGO_PKG_VERSION"));
    digest.update(catalog.digest());
    for (file, (hash, survey)) in found.files.iter().zip(surveys) {
        digest.update(format!("{}\0{:?}\0{hash}\n", file.name, file.tree));
        match survey {
            Ok(Survey::Page(page)) => surveyed.push(*page),
            Ok(Survey::Other) => {}
            Err(error) => diagnostics.push(unread(file, &error)),
        }
    }
    digest.update(format!(
        "{:?}{:?}{:?}{:?}",
        found.redirects, found.title, found.base, found.licence
    ));
    let digest = digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    clock.lap("survey");
    let mut redirects = Redirects::default();
    redirects.configure(&catalog, &found.redirects);
    let mut file_problems = Vec::new();
    for (index, file) in
        found.files.iter().enumerate().filter(|(_, file)| file.kind == FileKind::Configuration)
    {
        let mut problems = Vec::new();
        match std::fs::read(&file.at) {
            Ok(bytes) => redirects.read(&catalog, index, file, &bytes, &mut problems),
            Err(error) => {
                diagnostics.push(unread(file, &error));
                continue;
            }
        };
        file_problems.push((index, problems));
    }
    let count = redirects.by_path.len() as u64;
    let placed = link::place(&catalog, &found.files, &surveyed, redirects);
    let locations = surveyed
        .iter()
        .enumerate()
        .map(|(i, page)| published(&catalog, &found.files[page.file], &placed, i))
        .collect();
    clock.lap("place");
    Ok(Plan {
        catalog,
        found,
        surveyed,
        placed,
        locations,
        diagnostics,
        file_problems,
        digest,
        stages: clock.laps,
        redirects: count,
    })
}

fn survey_file(index: usize, file: &File) -> (String, Result<Survey, std::io::Error>) {
    if file.kind == FileKind::Resource {
        return (String::new(), Ok(Survey::Other));
    }
    match std::fs::read(&file.at) {
        Ok(bytes) => {
            let hash = format!("{:x?}", Sha256::digest(&bytes).as_slice());
            let survey = if file.kind == FileKind::Configuration {
                Survey::Other
            } else {
                survey(index, file, &bytes)
            };
            (hash, Ok(survey))
        }
        Err(error) => (String::new(), Err(error)),
    }
}

/// What is said of a file that cannot be read.
pub(super) fn unread(file: &File, error: &std::io::Error) -> Diagnostic {
    let problem = Problem::new(
        Code::FILE_UNREAD,
        Span::default(),
        format!("the file cannot be read: {error}"),
    )
    .help("make it readable, or leave it out of the inputs");
    object::diagnostic(file, &problem, 1)
}

/// Where a file is published: its own path, or that of its document if it has none.
fn published(catalog: &Catalog, file: &File, placed: &Placed, unit: usize) -> Location {
    match &file.path {
        Some(path) => Location::of(catalog, file.tree.docset.as_deref(), path),
        None => Location::at(placed.document_of(placed.version_of[unit]).path()),
    }
}
