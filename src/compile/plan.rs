//! Before any page is compiled: find, survey, place.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::Duration;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::{Clock, CompileError, Options};
use crate::catalog::Catalog;
use crate::diag::{Code, Diagnostic, Problem};
use crate::link::redirects::Redirects;
use crate::link::targets::Location;
use crate::link::{self, Move, Placed};
use crate::object;
use crate::source::folder::{self, Found};
use crate::source::{Bytes, File, FileKind, Span};
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
pub(super) fn plan(
    catalog: Catalog,
    mut clock: Clock,
    inputs: &[PathBuf],
    options: &Options<'_>,
) -> Result<Plan, CompileError> {
    let progress = options.progress;
    let locales: Vec<&str> = catalog.locales.iter().map(|locale| locale.tag.as_str()).collect();
    let mut found = folder::discover(inputs, &locales, &options.selection)?;
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
        digest.update(format!("{}\0{:?}\0{:?}\0{hash}\n", file.name, file.tree, file.standing));
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
    for archive in &found.repositories {
        digest.update(format!("{}{:?}{:?}", archive.name, archive.commits, archive.moves));
    }
    let digest = digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    clock.lap("survey");
    let mut redirects = Redirects::default();
    redirects.configure(&catalog, &found.redirects);
    let mut file_problems = Vec::new();
    for (index, file) in
        found.files.iter().enumerate().filter(|(_, file)| file.kind == FileKind::Configuration)
    {
        let mut problems = Vec::new();
        match file.read() {
            Ok(bytes) => redirects.read(&catalog, index, file, &bytes, &mut problems),
            Err(error) => {
                diagnostics.push(unread(file, &error));
                continue;
            }
        };
        file_problems.push((index, problems));
    }
    let count = redirects.by_path.len() as u64;
    name_commits(&mut found, &surveyed);
    let moves = moves(&catalog, &found);
    let placed = link::place(&catalog, &found.files, &surveyed, redirects, moves);
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

/// Tells each file of a history at which of the commits that pages name it has its text.
fn name_commits(found: &mut Found, surveyed: &[Surveyed]) {
    let mut paths: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for page in surveyed {
        if let Some(path) = found.files[page.file].repository_path() {
            for hash in page.hashes.all() {
                paths.entry(hash).or_default().insert(path);
            }
        }
    }
    let mut declared: BTreeSet<(&str, &str)> = BTreeSet::new();
    for page in surveyed {
        let Some(commit) = page.origin.source_commit.as_deref() else { continue };
        // A translation mostly has the path of its source; else the hash says where that lies.
        let file = &found.files[page.file];
        let own = file.repository_path().or(file.path.as_deref());
        let hash = page.origin.source_hash.as_deref();
        let sources = hash.and_then(|hash| paths.get(hash)).into_iter().flatten().copied();
        declared.extend(own.into_iter().chain(sources).map(|path| (path, commit)));
    }
    let mut at_commit: BTreeMap<(&str, String, gix::ObjectId), Vec<String>> = BTreeMap::new();
    for archive in &found.repositories {
        for &(path, commit) in &declared {
            if let Some(blob) = archive.repository.text_at(archive.commits.known(commit), path) {
                let key = (archive.name.as_str(), path.to_owned(), blob);
                at_commit.entry(key).or_default().push(commit.to_owned());
            }
        }
    }
    let named: Vec<(usize, Vec<String>)> = found
        .files
        .iter()
        .enumerate()
        .filter_map(|(index, file)| {
            let Bytes::Git(blob) = &file.bytes else { return None };
            let path = file.repository_path()?;
            let archive =
                found.repositories.iter().find(|archive| file.is_in(&archive.repository))?;
            let commits = at_commit.remove(&(archive.name.as_str(), path.to_owned(), blob.id))?;
            Some((index, commits))
        })
        .collect();
    for (index, commits) in named {
        found.files[index].standing.commits.extend(commits);
    }
}

/// Where files of histories went, as paths of the site, unless they are back where they were.
fn moves(catalog: &Catalog, found: &Found) -> Vec<Move> {
    let mut moves = Vec::new();
    for archive in &found.repositories {
        let files: BTreeMap<&str, &File> = found
            .files
            .iter()
            .filter(|file| file.is_in(&archive.repository))
            .filter_map(|file| Some((file.repository_path()?, file)))
            .collect();
        let live: BTreeSet<&str> = found
            .files
            .iter()
            .filter(|file| file.is_in(&archive.repository) && file.is_live())
            .filter_map(File::repository_path)
            .collect();
        for moved in &archive.moves {
            let place = |path: &str| {
                let file = files.get(path)?;
                let docset = file.tree.docset.as_deref();
                Some(Location::of(catalog, docset, file.path.as_deref()?).path)
            };
            if !live.contains(moved.from.as_str())
                && let (Some(from), Some(to)) = (place(&moved.from), place(&moved.to))
                && from != to
            {
                let locale = files[moved.to.as_str()].tree.locale.clone();
                moves.push(Move { when: moved.when.clone(), locale, from, to });
            }
        }
    }
    moves
}

fn survey_file(index: usize, file: &File) -> (String, Result<Survey, std::io::Error>) {
    if file.kind == FileKind::Resource {
        return (String::new(), Ok(Survey::Other));
    }
    match file.read() {
        Ok(bytes) => {
            let hash = format!("{:x?}", Sha256::digest(&bytes).as_slice());
            let survey = match file.kind {
                FileKind::Configuration => Ok(Survey::Other),
                _ => contained(|| survey(index, file, &bytes)),
            };
            (hash, survey)
        }
        Err(error) => (String::new(), Err(error)),
    }
}

/// Works on one file. A bug that it brings to light costs that file, not the run.
pub(super) fn contained<T>(work: impl FnOnce() -> T) -> std::io::Result<T> {
    // What was half done is dropped with the file.
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let message = panic.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
        let message = message.unwrap_or("it does not say why");
        std::io::Error::other(format!("stemma fails on it, which is a bug to report: {message}"))
    })
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
