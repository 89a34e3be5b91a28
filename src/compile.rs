//! The driver: inputs to a graph on disk.
//!
//! Reads as the pipeline: find, survey, place, compile pages while the store loads them, link.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::catalog::{Catalog, CatalogError};
use crate::diag::{Code, Diagnostic, Place, Problem};
use crate::graph::{self, Batch, Iris};
use crate::link::divergence::Statements;
use crate::link::redirects::Redirects;
use crate::link::renames::Sightings;
use crate::link::targets::{Location, Status, Targets};
use crate::link::{self, Placed};
use crate::object::{self, Compiler, Keys};
use crate::source::folder::{self, Found};
use crate::source::{File, FileKind, ReadError, Span, publish};
use crate::store::{LoadOptions, QuadSink, Snapshot, StoreError};
use crate::survey::{Survey, Surveyed, survey};

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
    pub load: LoadOptions,
    pub progress: &'a dyn Progress,
}

/// What came of a run.
#[derive(Debug)]
pub struct Compilation {
    /// In the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
    pub summary: Summary,
    /// The name of each input in the graph, and its path as given.
    pub roots: Vec<(String, PathBuf)>,
}

/// Counts and times, in the order in which they are shown.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    pub counts: Vec<(&'static str, u64)>,
    pub links: BTreeMap<Status, u64>,
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
            Self::Read(ReadError::Io { .. }) | Self::Catalog(_) => None,
            Self::Store(error) => error.hint(),
        }
    }
}

/// Everything that is known before the pages are compiled.
pub struct Plan {
    pub catalog: Catalog,
    pub found: Found,
    pub surveyed: Vec<Surveyed>,
    pub placed: Placed,
    /// For each surveyed file where it is published.
    pub locations: Vec<Location>,
    /// Files that could not be read, and configuration with problems.
    diagnostics: Vec<Diagnostic>,
    file_problems: Vec<(usize, Vec<Problem>)>,
    digest: String,
    stages: Vec<(&'static str, Duration)>,
    redirects: u64,
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

fn unread(file: &File, error: &std::io::Error) -> Diagnostic {
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

/// Compiles inputs to a graph.
pub fn compile(inputs: &[PathBuf], options: &Options<'_>) -> Result<Compilation, CompileError> {
    let plan = plan(inputs, &options.data, options.progress)?;
    let (_, compilation) = Snapshot::build(&options.out, options.load, |sink| {
        let compilation = write(plan, options.progress, &sink)?;
        let summary = compilation.summary.to_json();
        let roots = roots(&compilation.roots);
        Ok::<_, CompileError>((compilation, vec![("summary.json", summary), (ROOTS, roots)]))
    })?;
    Ok(compilation)
}

/// Where the inputs lie on this machine: beside the graph, never in it.
pub const ROOTS: &str = "roots.json";

fn roots(roots: &[(String, PathBuf)]) -> Vec<u8> {
    let absolute = |path: &PathBuf| std::fs::canonicalize(path).unwrap_or_else(|_| path.clone());
    let roots: Vec<(&str, PathBuf)> =
        roots.iter().map(|(name, path)| (name.as_str(), absolute(path))).collect();
    serde_json::to_vec_pretty(&roots).expect("names and paths are JSON")
}

/// Where a file of the graph lies, by the inputs' names.
pub fn locate(roots: &[(String, PathBuf)], file: &str) -> Option<PathBuf> {
    let root = roots.iter().filter(|(name, _)| {
        file.strip_prefix(name.as_str())
            .is_some_and(|rest| name.is_empty() || rest.is_empty() || rest.starts_with('/'))
    });
    let (name, path) = root.max_by_key(|(name, _)| name.len())?;
    let rest = file[name.len()..].trim_start_matches('/');
    Some(if rest.is_empty() || path.is_file() { path.clone() } else { path.join(rest) })
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
    let pages: Vec<(&str, &str, &Location)> = plan
        .surveyed
        .iter()
        .enumerate()
        .map(|(unit, page)| {
            let locale = plan.placed.page_of(plan.placed.version_of[unit]).locale.as_str();
            (locale, plan.found.files[page.file].tree.name.as_str(), &plan.locations[unit])
        })
        .collect();
    let targets = Targets::new(&plan.catalog, &plan.found.files, &pages, &plan.placed);
    let keys = compile_pages(&plan, &targets, &iris, progress, sink)?;
    clock.lap("pages");
    progress.stage("link", 1);
    let mut compilation = link_pages(&plan, &targets, &iris, keys, sink)?;
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
    let compiler = Compiler { catalog: &plan.catalog, placed: &plan.placed, targets, iris };
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
            let keys = match std::fs::read(&file.at) {
                Ok(bytes) => {
                    let (quads, keys) =
                        compiler.compile(version, file, &plan.locations[unit], &bytes, problems);
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

fn link_pages(
    plan: &Plan,
    targets: &Targets<'_>,
    iris: &Iris,
    keys: Vec<(usize, Keys)>,
    sink: &QuadSink,
) -> Result<Compilation, CompileError> {
    let mut linker = Linker {
        plan,
        iris,
        out: Batch::default(),
        diagnostics: plan.diagnostics.clone(),
        numbers: BTreeMap::new(),
    };
    let mut summary = Summary::default();
    let mut titles = graph::page::Titles::new();
    let mut sightings = Sightings::default();
    let mut statements: BTreeMap<usize, Statements> = BTreeMap::new();
    let mut totals = object::Counts::default();
    let mut fragments = Vec::new();
    let mut anchors: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (version, mut keys) in keys {
        linker.diagnostics.append(&mut keys.diagnostics);
        totals.segments += keys.counts.segments;
        totals.mentions += keys.counts.mentions;
        totals.readings += keys.counts.readings;
        totals.bilingual += keys.counts.bilingual;
        totals.quads += keys.counts.quads;
        for (status, count) in &keys.counts.links {
            *summary.links.entry(*status).or_default() += count;
        }
        if let Some(date) = plan.placed.versions[version].from() {
            for (&(name, product), &segment) in &keys.names {
                sightings.add(product, name, (date.to_owned(), version, segment));
            }
        }
        titles.extend(keys.title.map(|title| (version, title)));
        anchors.entry(plan.placed.versions[version].page).or_default().append(&mut keys.anchors);
        fragments.extend(keys.fragments.into_iter().map(|fragment| (version, fragment)));
        statements.insert(version, keys.statements);
    }
    for anchors in anchors.values_mut() {
        anchors.sort();
        anchors.dedup();
    }
    linker.fragments(&fragments, &anchors, &mut summary);
    for version in 0..plan.placed.versions.len() {
        graph::page::version(
            iris,
            &plan.placed,
            &plan.found.files,
            &plan.surveyed,
            version,
            &mut linker.out,
        );
    }
    totals.quads += linker.out.quads.len() as u64;
    sink.send(std::mem::take(&mut linker.out.quads))?;
    graph::page::documents(iris, &plan.catalog, &plan.placed, &titles, &mut linker.out);
    graph::page::redirects(&plan.catalog, &plan.placed, &mut linker.out);
    let (claims, divergences) = linker.claims(&statements);
    linker.files(targets);
    graph::registry::registry(iris, &plan.catalog, &plan.placed, &sightings, &mut linker.out);
    graph::claim::words(&mut linker.out);
    linker.dataset();
    totals.quads += linker.out.quads.len() as u64;
    sink.send(std::mem::take(&mut linker.out.quads))?;
    let mut diagnostics = linker.diagnostics;
    diagnostics.sort();
    let files = &plan.found.files;
    let of_kind = |kind| files.iter().filter(|file| file.kind == kind).count() as u64;
    let states = plan.placed.versions.iter().filter_map(|version| version.source);
    let lineage = |wanted| states.clone().filter(|(_, lineage)| *lineage == wanted).count() as u64;
    summary.counts = vec![
        ("files", files.len() as u64),
        ("pages read", plan.surveyed.len() as u64),
        ("configuration", of_kind(FileKind::Configuration)),
        (
            "resources",
            files.len() as u64 - plan.surveyed.len() as u64 - of_kind(FileKind::Configuration),
        ),
        ("documents", plan.placed.documents.len() as u64),
        ("pages", plan.placed.pages.len() as u64),
        ("versions", plan.placed.versions.len() as u64),
        ("bilingual versions", totals.bilingual),
        ("redirects", plan.redirects),
        ("segments", totals.segments),
        ("mentions", totals.mentions),
        ("readings", totals.readings),
        ("claims", claims),
        ("divergences", divergences),
        ("proved by hash and commit", lineage(link::Lineage::HashAndCommit)),
        ("proved by hash", lineage(link::Lineage::HashOnly)),
        ("declared only", lineage(link::Lineage::Declared)),
        ("contradicted", lineage(link::Lineage::Contradicted)),
        ("quads made", totals.quads),
    ];
    Ok(Compilation { diagnostics, summary, roots: plan.found.roots.clone() })
}

/// What holds between pages, on its way into the graph.
struct Linker<'a> {
    plan: &'a Plan,
    iris: &'a Iris,
    out: Batch,
    diagnostics: Vec<Diagnostic>,
    /// How many findings of a code a version has got from linking.
    numbers: BTreeMap<(usize, Code), u32>,
}

impl Linker<'_> {
    fn file(&self, version: usize) -> &File {
        &self.plan.found.files[self.plan.surveyed[self.plan.placed.versions[version].units[0]].file]
    }

    fn finding(
        &mut self,
        version: usize,
        problem: &Problem,
        line: u32,
        quote: Option<&str>,
    ) -> oxigraph::model::NamedNode {
        let number = self.numbers.entry((version, problem.code)).or_default();
        *number += 1;
        let number = *number;
        let iri = self.iris.version(&self.plan.placed, version);
        self.diagnostics.push(object::diagnostic(self.file(version), problem, line));
        graph::finding::finding(
            &graph::finding::In::Version(&iri),
            number,
            problem,
            line,
            quote,
            &mut self.out,
        )
    }

    /// Checks fragments of other pages, now that all anchors are known.
    fn fragments(
        &mut self,
        fragments: &[(usize, object::FragmentLink)],
        anchors: &BTreeMap<usize, Vec<String>>,
        summary: &mut Summary,
    ) {
        let placed = &self.plan.placed;
        let mut pages: BTreeMap<(usize, &str), usize> = BTreeMap::new();
        for (index, page) in placed.pages.iter().enumerate() {
            pages.insert((page.document, &page.locale), index);
        }
        for (version, link) in fragments {
            let locale = placed.page_of(*version).locale.as_str();
            let known = [locale, link::SOURCE_LOCALE]
                .iter()
                .find_map(|locale| anchors.get(pages.get(&(link.document, *locale))?));
            // A page without a single anchor is none that fragments could be checked against.
            let broken = known.is_some_and(|known| {
                !known.is_empty() && !object::has_anchor(known, &link.fragment)
            });
            let status = if broken { Status::BrokenFragment } else { link.status };
            *summary.links.entry(status).or_default() += 1;
            let iri = Iris::part(&self.iris.version(placed, *version), 'l', link.number);
            graph::text::status(&iri, status, &mut self.out);
            if broken {
                // Numbers of fragments within a page are those of the page's own findings.
                let problem = object::broken_fragment(link.span, &link.href, &link.fragment);
                let start = link.own_broken;
                self.numbers.entry((*version, problem.code)).or_insert(start);
                self.finding(*version, &problem, link.line, Some(&link.href));
            }
        }
    }

    /// Claims, who states them, and where translations differ from their source.
    fn claims(&mut self, statements: &BTreeMap<usize, Statements>) -> (u64, u64) {
        let placed = &self.plan.placed;
        let catalog = &self.plan.catalog;
        let sources = link::divergence::source_claims(placed, statements);
        let mut claims = std::collections::BTreeSet::new();
        for said in statements.values() {
            claims.extend(said.page.iter().chain(&said.source).map(|stated| stated.claim.clone()));
        }
        for claim in &claims {
            graph::claim::claim(self.iris, catalog, claim, &mut self.out);
        }
        for (&source, stated) in
            sources.iter().filter(|(source, _)| !placed.versions[**source].available())
        {
            let iri = self.iris.version(placed, source);
            self.out.flag(&iri, crate::vocab::stm::CLAIMS_READ, true);
            for claim in stated.keys() {
                self.out.add(&iri, crate::vocab::stm::STATES, self.iris.claim(&claim.key(catalog)));
            }
        }
        let divergences = link::divergence::divergences(placed, statements, &sources);
        for divergence in &divergences {
            self.divergence(divergence);
        }
        (claims.len() as u64, divergences.len() as u64)
    }

    fn divergence(&mut self, divergence: &link::divergence::Divergence) {
        use crate::vocab::stm;
        let catalog = &self.plan.catalog;
        let placed = &self.plan.placed;
        let stated = &divergence.stated;
        let word = |claim: &link::claims::Claim| match divergence.kind {
            "product" => catalog
                .products
                .label(claim.product_that_differs(&stated.claim, &divergence.expected))
                .to_owned(),
            kind => claim.word(kind),
        };
        let (says, expected) = (word(&stated.claim), word(&divergence.expected));
        let again = if divergence.repeated > 0 {
            format!(", here and {} times more", divergence.repeated)
        } else {
            String::new()
        };
        let message = format!("says {says} where the same source says {expected}{again}");
        let problem = Problem::new(Code::CLAIM_DIFFERS, stated.span, message)
            .help("correct the translation: readers who rely on it are told something else");
        let bytes = std::fs::read(&self.file(divergence.version).at).unwrap_or_default();
        let quote = object::text_at(&bytes, stated.span);
        let finding = self.finding(divergence.version, &problem, stated.line, Some(&quote));
        self.out.text(&finding, stm::DIVERGENCE_KIND, divergence.kind);
        self.out.add(&finding, stm::CLAIM, self.iris.claim(&stated.claim.key(catalog)));
        self.out.add(&finding, stm::EXPECTED, self.iris.claim(&divergence.expected.key(catalog)));
        let witness = divergence.witness;
        for (version, segment) in
            [(divergence.version, stated.segment), (witness.version, witness.segment)]
        {
            let version = self.iris.version(placed, version);
            self.out.add(&finding, stm::EVIDENCE, Iris::part(&version, 's', segment));
        }
        if let Some(diagnostic) = self.diagnostics.last_mut()
            && divergence.witness.version != divergence.version
        {
            let file = &self.plan.found.files
                [self.plan.surveyed[placed.versions[divergence.witness.version].units[0]].file];
            let place = Place {
                file: file.shown.clone(),
                line: divergence.witness.line,
                span: divergence.witness.span,
            };
            diagnostic.notes.push((place, format!("says {expected}")));
        }
    }

    /// Files that are no pages, and what is wrong with them.
    fn files(&mut self, targets: &Targets<'_>) {
        let mut problems: BTreeMap<usize, Vec<Problem>> =
            self.plan.file_problems.iter().cloned().collect();
        for redirect in targets.dead_ends(&self.plan.found.files) {
            let Some(file) = redirect.file else { continue };
            let message = format!(
                "`{}` redirects to `{}`, where there is no page",
                redirect.from, redirect.to
            );
            let problem = Problem::new(Code::REDIRECT_TARGET_MISSING, redirect.span, message);
            problems
                .entry(file)
                .or_default()
                .push(problem.help("redirect to a page that is there"));
        }
        for redirect in self.plan.placed.redirects.loops() {
            let Some(file) = redirect.file else { continue };
            let message = format!("the redirect of `{}` comes back to itself", redirect.from);
            let problem = Problem::new(Code::REDIRECT_LOOP, redirect.span, message);
            problems
                .entry(file)
                .or_default()
                .push(problem.help("point one of the redirects at a page"));
        }
        for (file, problem) in &self.plan.placed.file_problems {
            problems.entry(*file).or_default().push(problem.clone());
        }
        for (index, mut problems) in problems {
            let file = &self.plan.found.files[index];
            let iri = self.iris.file(&file.name);
            self.out.a(&iri, crate::vocab::stm::INPUT_FILE);
            self.out.text(&iri, crate::vocab::rdfs::LABEL, &file.name);
            self.out.text(&iri, crate::vocab::stm::FILE, &file.name);
            let bytes = std::fs::read(&file.at).unwrap_or_default();
            let hash = crate::syntax::encoding::variants(&bytes).crlf;
            self.out.text(&iri, crate::vocab::stm::CONTENT_HASH, hash);
            let lines = crate::source::LineIndex::new(&bytes);
            problems.sort();
            let mut numbers: BTreeMap<Code, u32> = BTreeMap::new();
            for problem in &problems {
                let number = numbers.entry(problem.code).or_default();
                *number += 1;
                let line = lines.line(problem.span.start);
                let at = graph::finding::In::File(&iri);
                graph::finding::finding(&at, *number, problem, line, None, &mut self.out);
                self.diagnostics.push(object::diagnostic(file, problem, line));
            }
        }
    }

    fn dataset(&mut self) {
        let mut inputs: BTreeMap<&str, &[String]> = BTreeMap::new();
        for file in &self.plan.found.files {
            inputs.entry(&file.tree.name).or_insert(&file.tree.commits);
        }
        let intervals = self.plan.placed.versions.iter().flat_map(|version| &version.intervals);
        let dates =
            intervals.flat_map(|interval| std::iter::once(&interval.from).chain(&interval.until));
        graph::dataset::dataset(
            self.iris,
            &graph::dataset::Dataset {
                title: self.plan.found.title.as_deref().unwrap_or("stemma knowledge graph"),
                licence: self.plan.found.licence.as_deref(),
                modified: dates.max().map(String::as_str),
                digest: &self.plan.digest,
                inputs: inputs.into_iter().collect(),
            },
            &mut self.out,
        );
    }
}

impl Summary {
    fn to_json(&self) -> Vec<u8> {
        let counts: serde_json::Map<String, serde_json::Value> =
            self.counts.iter().map(|(name, count)| ((*name).to_owned(), (*count).into())).collect();
        serde_json::to_vec_pretty(&counts).expect("counts are JSON")
    }
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
