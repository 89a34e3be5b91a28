//! After all pages are compiled: what holds between them, on its way into the graph.
//!
//! What holds is found in `link`, how it is said in `graph`; here the two meet, and findings of
//! linking get their numbers.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{Compilation, CompileError, Plan, Summary};
use crate::diag::{Code, Diagnostic, Place, Problem};
use crate::graph::{self, Batch, Iris};
use crate::link::alignment::{Aligned, Skeletons};
use crate::link::divergence::{Departed, Statements};
use crate::link::projection::{Projection, Recovered, SourceLines};
use crate::link::renames::{self, Era, Observed, Registry, Sightings, Usage};
use crate::link::targets::{Status, Targets};
use crate::link::{self, Placed};
use crate::object::{self, Keys};
use crate::source::{File, FileKind, Moment, Span};
use crate::store::{QuadSink, StoreError};

/// Puts together what was learnt of each version, and hands the rest of the graph to the store.
pub(super) fn link(
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
    let mut usage = BTreeMap::new();
    let mut statements: BTreeMap<usize, Statements> = BTreeMap::new();
    let mut totals = object::Counts::default();
    let mut fragments = Vec::new();
    let mut skeletons = Skeletons::default();
    let mut recovered = Recovered::new();
    let mut anchors: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (version, mut keys) in keys {
        linker.diagnostics.append(&mut keys.diagnostics);
        totals.former += keys.counts.former;
        totals.segments += keys.counts.segments;
        totals.mentions += keys.counts.mentions;
        totals.readings += keys.counts.readings;
        totals.bilingual += keys.counts.bilingual;
        totals.quads += keys.counts.quads;
        for (status, count) in &keys.counts.links {
            *summary.links.entry(*status).or_default() += count;
        }
        for interval in &plan.placed.versions[version].intervals {
            for &name in &keys.names {
                sightings.add(name, interval.from.day());
                sightings.add(name, interval.last().day());
            }
        }
        usage.insert(version, keys.usage);
        titles.extend(keys.title.map(|title| (version, title)));
        anchors.entry(plan.placed.versions[version].page).or_default().append(&mut keys.anchors);
        fragments.extend(keys.fragments.into_iter().map(|fragment| (version, fragment)));
        skeletons.of.extend(keys.skeleton.map(|skeleton| (version, skeleton)));
        if let Some((source, skeleton, from)) = keys.recovered {
            skeletons.recovered.insert(source, (version, skeleton));
            recovered.insert(source, (version, from));
        }
        statements.insert(version, keys.statements);
    }
    for anchors in anchors.values_mut() {
        anchors.sort();
        anchors.dedup();
    }
    let lines = SourceLines::new(&plan.placed, &statements, &recovered);
    let (aligned, pairs, quads) = align(&plan.placed, iris, skeletons, &lines, sink)?;
    totals.quads += quads;
    let projections = lines.projections(&plan.placed, &statements, &pairs);
    let (departed, projected, quads) = project(plan, iris, &mut statements, &projections, sink)?;
    totals.quads += quads;
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
    graph::page::moves(iris, &plan.placed, &mut linker.out);
    graph::page::redirects(&plan.catalog, &plan.placed, &mut linker.out);
    let (claims, divergences) = linker.claims(&statements, &departed);
    linker.files(targets);
    let changes = renames::observed(&plan.catalog, &plan.placed, &usage);
    graph::registry::registry(iris, &plan.catalog, &sightings, &mut linker.out);
    for change in &changes {
        graph::change::observed(iris, &plan.catalog, &plan.placed, change, &mut linker.out);
        linker.against_registry(change, &usage);
    }
    graph::claim::words(&mut linker.out);
    if aligned > 0 {
        graph::text::rules(&mut linker.out);
    }
    linker.dataset();
    totals.quads += linker.out.quads.len() as u64;
    sink.send(std::mem::take(&mut linker.out.quads))?;
    let mut diagnostics = linker.diagnostics;
    diagnostics.sort();
    let files = &plan.found.files;
    let of_kind = |kind| files.iter().filter(|file| file.kind == kind).count() as u64;
    let states = plan.placed.versions.iter().filter_map(|version| version.source);
    let lineage = |wanted| states.clone().filter(|(_, lineage)| *lineage == wanted).count() as u64;
    let counts = [
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
        ("aligned segments", aligned),
        ("recovered sources", recovered.len() as u64),
        ("mentions", totals.mentions),
        ("readings", totals.readings),
        ("projected readings", projected),
        ("claims", claims),
        ("divergences", divergences),
        ("observed changes", changes.len() as u64),
        ("proved by hash and commit", lineage(link::Lineage::HashAndCommit)),
        ("proved by hash", lineage(link::Lineage::HashOnly)),
        ("declared only", lineage(link::Lineage::Declared)),
        ("contradicted", lineage(link::Lineage::Contradicted)),
        ("problems of former texts", totals.former),
        ("quads made", totals.quads),
    ];
    summary.counts = counts.map(|(name, count)| (name.into(), count)).to_vec();
    let roots = plan.found.roots.clone();
    Ok(Compilation { diagnostics, summary, roots, unchanged: false })
}

/// Aligns every translation with its source. The pairs of each go to the store at once: those of
/// all together would be large. How many segments were aligned, those of each translation whose
/// source states something, and the quads for all.
fn align(
    placed: &Placed,
    iris: &Iris,
    skeletons: Skeletons,
    lines: &SourceLines<'_>,
    sink: &QuadSink,
) -> Result<(u64, Pairs, u64), CompileError> {
    let each = skeletons
        .translations(placed)
        .par_iter()
        .map(|translation| {
            let Some(alignment) = skeletons.align(translation) else { return Ok(None) };
            let mut out = Batch::default();
            let iri = iris.version(placed, translation.version);
            // What a source was recovered from is bound to it already.
            if !skeletons.recovered_from(translation) {
                let source = iris.version(placed, translation.source);
                graph::text::aligned(&iri, &source, &alignment, &mut out);
            }
            graph::text::coverage(&iri, &alignment, &mut out);
            let quads = out.quads.len() as u64;
            sink.send(out.quads)?;
            let needed = |pair: &&Aligned| lines.needs(translation.source, pair.source_segment);
            let pairs = alignment.pairs.iter().filter(needed);
            let pairs = pairs.map(|pair| (pair.segment, pair.source_segment)).collect();
            Ok(Some((alignment.pairs.len() as u64, (translation.version, pairs), quads)))
        })
        .collect::<Result<Vec<Option<(u64, (usize, Vec<(u32, u32)>), u64)>>, StoreError>>()?;
    let mut sum = (0, Pairs::new(), 0);
    for (aligned, (version, pairs), quads) in each.into_iter().flatten() {
        sum.0 += aligned;
        sum.1.insert(version, pairs);
        sum.2 += quads;
    }
    Ok(sum)
}

/// By translation: segments with those of the source.
type Pairs = BTreeMap<usize, Vec<(u32, u32)>>;

/// By version: its sentences that do not say what the source says.
type DepartedBy = BTreeMap<usize, Vec<Departed>>;

/// Reads in translations what their sources say, where they were not read themselves, and adds it
/// to what they state: where they do not say it, how many readings that gave, and the quads for
/// them.
fn project(
    plan: &Plan,
    iris: &Iris,
    statements: &mut BTreeMap<usize, Statements>,
    projections: &BTreeMap<usize, Vec<Projection>>,
    sink: &QuadSink,
) -> Result<(DepartedBy, u64, u64), CompileError> {
    let placed = &plan.placed;
    let each = projections
        .par_iter()
        .map(|(&version, projections)| {
            let file = &plan.found.files[plan.surveyed[placed.versions[version].units[0]].file];
            // It could be read a moment ago: then its problem was reported.
            let bytes = file.read().unwrap_or_default();
            let next = statements[&version].readings + 1;
            let of = object::Translated { catalog: &plan.catalog, placed, iris, version, next };
            let mut found = object::projected(&of, file, &bytes, projections);
            let made = found.quads.len() as u64;
            sink.send(std::mem::take(&mut found.quads))?;
            Ok((version, found, made))
        })
        .collect::<Result<Vec<(usize, object::Found, u64)>, StoreError>>()?;
    let mut sum = (DepartedBy::new(), 0, 0);
    for (version, found, made) in each {
        let said = statements.get_mut(&version).expect("a projection is of what was read");
        said.page.extend(found.statements);
        sum.0.insert(version, found.departed);
        sum.1 += found.readings;
        sum.2 += made;
    }
    Ok(sum)
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

    /// Whether a history shows that the text is not the current one.
    fn is_former(&self, version: usize) -> bool {
        !self.file(version).is_live()
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
        if !self.is_former(version) {
            self.diagnostics.push(object::diagnostic(self.file(version), problem, line));
        }
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
            let known = [locale, placed.source_locale.as_str()]
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
    fn claims(
        &mut self,
        statements: &BTreeMap<usize, Statements>,
        departed: &DepartedBy,
    ) -> (u64, u64) {
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
        let divergences = link::divergence::all(placed, statements, &sources, departed);
        for divergence in &divergences {
            self.divergence(divergence);
        }
        (claims.len() as u64, divergences.len() as u64)
    }

    /// Reports what pages show and the registry does not say.
    fn against_registry(&mut self, change: &Observed, usage: &BTreeMap<usize, Usage>) {
        let catalog = &self.plan.catalog;
        let text = |era: Era| {
            let name = catalog.products.name_of_era(era.product, era.era);
            name.map_or("?", |name| catalog.products.name(name).text.as_str())
        };
        let (before, after) = (text(change.before), text(change.after));
        let day = change.latest.day();
        let (code, message, help) = match renames::registry(catalog, change) {
            Registry::Agrees => return,
            Registry::Silent => (
                Code::CHANGE_NOT_IN_REGISTRY,
                format!("pages show that {before} became {after}, by {day}"),
                "add the change to changes.yaml, if it is one",
            ),
            Registry::Reversed => (
                Code::REGISTRY_CONTRADICTED,
                format!(
                    "pages show that {before} became {after}, by {day}; the registry has it the \
                     other way round"
                ),
                "correct changes.yaml, or look at the pages that went back",
            ),
            Registry::Later(date) => (
                Code::REGISTRY_CONTRADICTED,
                format!("{before} is {after} here on {day}, before the {date} of the registry"),
                "look for an earlier source, or for pages that were written ahead",
            ),
        };
        let Some(piece) = change.evidence.iter().find(|piece| piece.first == change.latest) else {
            return;
        };
        let frames = usage.get(&piece.after.version).map_or(&[][..], |usage| &usage.frames);
        let frame = frames.iter().find(|frame| frame.segment == piece.after.segment);
        let (span, line) = frame.map_or((Span::default(), 1), |frame| (frame.span, frame.line));
        let problem = Problem::new(code, span, message).help(help);
        self.finding(piece.after.version, &problem, line, Some(after));
        // Whoever keeps the registry must hear of it, however old the text is.
        if self.is_former(piece.after.version) {
            let file = self.file(piece.after.version);
            self.diagnostics.push(object::diagnostic(file, &problem, line));
        }
    }

    fn divergence(&mut self, divergence: &link::divergence::Divergence) {
        use crate::vocab::stm;
        let catalog = &self.plan.catalog;
        let placed = &self.plan.placed;
        let kind = divergence.kind.as_str();
        let says = divergence.says.as_ref();
        let expected_claim = divergence.expected.as_ref();
        let word = |claim: &link::claims::Claim| match (kind, says.or(expected_claim)) {
            ("product", Some(says)) => {
                let other = if claim == says { expected_claim.unwrap_or(says) } else { says };
                claim.product_that_differs(claim, other).label(catalog).to_owned()
            }
            ("omitted-claim", _) => claim.word("location"),
            _ => claim.word(kind),
        };
        let expected = expected_claim.map(word).unwrap_or_default();
        let again = if divergence.repeated > 0 {
            format!(", here and {} times more", divergence.repeated)
        } else {
            String::new()
        };
        let said = || divergence.said.clone().or_else(|| says.map(word)).unwrap_or_default();
        let message = match (&divergence.meant, kind) {
            (Some(meant), _) if expected_claim.is_none() => {
                format!("is no rendering of `{meant}`, which the source says here")
            }
            (Some(meant), _) => format!("leaves out `{meant}`, which the same source says"),
            (_, "omitted-claim") if says.is_none() => {
                format!("says nothing of it where the same source says {expected}")
            }
            (_, "condition") => format!("says {} where the same source has it{again}", said()),
            _ => format!("says {} where the same source says {expected}{again}", said()),
        };
        let problem = Problem::new(Code::CLAIM_DIFFERS, divergence.span, message)
            .help("correct the translation: readers who rely on it are told something else");
        let bytes = self.file(divergence.version).read().unwrap_or_default();
        let quote = object::text_at(&bytes, divergence.span);
        let finding = self.finding(divergence.version, &problem, divergence.line, Some(&quote));
        self.out.text(&finding, stm::DIVERGENCE_KIND, kind);
        if let Some(claim) = says {
            self.out.add(&finding, stm::CLAIM, self.iris.claim(&claim.key(catalog)));
        }
        if let Some(claim) = expected_claim {
            self.out.add(&finding, stm::EXPECTED, self.iris.claim(&claim.key(catalog)));
        }
        if let Some(meant) = &divergence.meant {
            self.out.text(&finding, stm::MEANT, meant);
        }
        let own = (divergence.version, divergence.segment);
        let witness = divergence.witness;
        let there = witness.map(|witness| (witness.version, witness.segment));
        for (version, segment) in [own].into_iter().chain(there) {
            let version = self.iris.version(placed, version);
            self.out.add(&finding, stm::EVIDENCE, Iris::part(&version, 's', segment));
        }
        if let Some(witness) = witness.filter(|witness| witness.version != divergence.version)
            && !self.is_former(divergence.version)
        {
            let file = self.file(witness.version).shown.clone();
            let place = Place { file, line: witness.line, span: witness.span };
            let note = (place, format!("says {expected}"));
            if let Some(diagnostic) = self.diagnostics.last_mut() {
                diagnostic.notes.push(note);
            }
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
            let bytes = file.read().unwrap_or_default();
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
            inputs.entry(&file.tree.name).or_insert(&file.tree.standing.commits);
        }
        let intervals = self.plan.placed.versions.iter().flat_map(|version| &version.intervals);
        let moments =
            intervals.flat_map(|interval| std::iter::once(&interval.from).chain(&interval.until));
        graph::dataset::dataset(
            self.iris,
            &graph::dataset::Dataset {
                title: self.plan.found.title.as_deref().unwrap_or("stemma knowledge graph"),
                licence: self.plan.found.licence.as_deref(),
                modified: moments.map(Moment::day).max(),
                digest: &self.plan.digest,
                inputs: inputs.into_iter().collect(),
            },
            &mut self.out,
        );
    }
}
