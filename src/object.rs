//! One version of one page, compiled: its quads, and the little that linking must know of it.
//!
//! Reads one text and what was placed before; never another page.

use std::collections::{BTreeMap, BTreeSet};

use oxigraph::model::{NamedNode, Quad};

use crate::analyze::claims::departures;
use crate::analyze::claims::through_source::Site;
use crate::analyze::{self, Context, Reading, Side};
use crate::catalog::{Catalog, NameId, ProductId};
use crate::diag::{Code, Diagnostic, Place, Problem};
use crate::graph::{self, Batch, Iris, finding};
use crate::link::alignment::{Roles, Skeleton};
use crate::link::claims::{Around, claims};
use crate::link::divergence::{Broken, Stated, Statements};
use crate::link::renames::Usage;
use crate::link::targets::{self, Kind, Location, Origin, Status, Targets};
use crate::link::{Document, Placed};
use crate::lower;
use crate::model::{BlockKind, LinkKind, PageVersion, Segment};
use crate::source::{File, LineIndex, Moment, Span};
use crate::vocab::stm;

mod projected;
mod skeleton;
mod usage;

pub use projected::{Found, Translated, projected};

/// A link into another page, whose fragment can only be checked when all anchors are known.
#[derive(Clone, Debug)]
pub struct FragmentLink {
    pub number: u32,
    pub status: Status,
    pub document: usize,
    pub fragment: String,
    pub href: String,
    pub span: Span,
    pub line: u32,
    /// How many fragments of its own page the version has that lead nowhere: their findings come
    /// first.
    pub own_broken: u32,
}

/// What linking must know of a version.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    pub title: Option<String>,
    /// Sorted, in lower case.
    pub anchors: Vec<String>,
    pub fragments: Vec<FragmentLink>,
    pub statements: Statements,
    /// Each name that occurs.
    pub names: BTreeSet<NameId>,
    pub usage: Usage,
    /// If it takes part in alignment.
    pub skeleton: Option<Skeleton>,
    /// The source that it gives back.
    pub recovered: Option<(usize, Skeleton, Vec<Vec<u32>>)>,
    pub diagnostics: Vec<Diagnostic>,
    pub counts: Counts,
}

/// What a version holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub segments: u64,
    pub mentions: u64,
    pub readings: u64,
    pub bilingual: u64,
    pub quads: u64,
    /// Problems of texts that are not current any more: in the graph, not in the report.
    pub former: u64,
    /// Links whose status is known without other pages.
    pub links: BTreeMap<Status, u64>,
}

/// All that compiling a page needs besides its bytes.
pub struct Compiler<'a> {
    pub catalog: &'a Catalog,
    pub placed: &'a Placed,
    pub targets: &'a Targets<'a>,
    pub roles: &'a Roles,
    pub iris: &'a Iris,
}

/// A page, read.
struct Read {
    page: PageVersion,
    facts: analyze::Facts,
    problems: Vec<Problem>,
}

/// Reads and analyses the text of one version.
fn read(
    catalog: &Catalog,
    placed: &Placed,
    version: usize,
    file: &File,
    at: &Location,
    bytes: &[u8],
) -> Read {
    let known = &placed.versions[version];
    let locale = &placed.page_of(version).locale;
    let mut problems = Vec::new();
    let mut page = lower::lower(bytes, file.kind, &mut problems);
    page.inherit(file);
    let address = format!("{}/{}", catalog.urls.site.trim_start_matches("https://"), at.path);
    let context = Context { locale, address: Some(&address), date: known.since().map(Moment::day) };
    let mut facts = analyze::analyze(catalog, context, &page, &mut problems);
    let is_nameless = |reading: &Reading| reading.product_as_written.is_empty();
    let is_headed = page.blocks.iter().any(|block| matches!(block.kind, BlockKind::Heading(_)));
    if page.title.is_none() && !is_headed {
        // A part of other pages states what it says under their products.
        facts.readings.retain(|reading| !is_nameless(reading));
    }
    for reading in facts.readings.iter_mut().filter(|reading| is_nameless(reading)) {
        reading.product_as_written = own_name(catalog, &page, placed.document_of(version)).into();
    }
    Read { page, facts, problems }
}

/// What a page that names no product speaks of, for want of better: the service that its header has
/// a code of, else the page by its file. A translation shares both with its source.
fn own_name<'a>(catalog: &Catalog, page: &'a PageVersion, document: &'a Document) -> &'a str {
    let code = catalog.products.code_keys().iter().find_map(|key| page.value(key));
    let mut folders = document.path().rsplit('/').filter(|part| !part.is_empty());
    let file = folders.next().unwrap_or_default();
    let name = file.rsplit_once('.').map_or(file, |(name, _)| name);
    // "index" says nothing; its folder does.
    let is_of_folder = catalog.urls.folder_pages.contains(&name.to_lowercase());
    let folder = folders.next().filter(|_| is_of_folder);
    code.filter(|code| !code.trim().is_empty()).or(folder).unwrap_or(name)
}

impl Compiler<'_> {
    /// Compiles the text of a version. `at` is where its file is published, `placing` what was
    /// found wrong with it before it was read.
    pub fn compile(
        &self,
        version: usize,
        file: &File,
        at: &Location,
        bytes: &[u8],
        placing: Vec<Problem>,
    ) -> (Vec<Quad>, Keys) {
        let Read { page, facts, mut problems } =
            read(self.catalog, self.placed, version, file, at, bytes);
        problems.extend(placing);
        let iri = self.iris.version(self.placed, version);
        let locale = self.placed.page_of(version).locale.as_str();
        let mut out = Batch::default();
        let mut keys =
            Keys { title: page.title.as_ref().map(|title| title.text.clone()), ..Keys::default() };
        graph::page::header(self.iris, self.placed, version, &page, &mut out);
        graph::page::codes(self.iris, self.catalog, &page, &mut out);
        for (i, segment) in page.segments.iter().enumerate() {
            graph::text::segment(self.placed, &iri, i as u32 + 1, segment, locale, &mut out);
        }
        for mention in &facts.mentions {
            let segment = segment_of(&page, mention.span);
            graph::text::mention(self.iris, self.catalog, &iri, mention, segment, &mut out);
            keys.names.insert(mention.name);
        }
        keys.usage = usage::usage(self.catalog, at, &page, &facts);
        self.alignment(&iri, version, at, &page, &mut keys, &mut out);
        let lines = LineIndex::new(bytes);
        let mut anchors: Vec<String> =
            page.anchors.iter().map(|anchor| anchor.to_lowercase()).collect();
        anchors.sort();
        anchors.dedup();
        self.links(&iri, version, file, at, &page, &anchors, &mut keys, &mut problems, &mut out);
        self.readings(
            &iri,
            locale,
            &page,
            &facts,
            bytes,
            &lines,
            &mut keys,
            &mut problems,
            &mut out,
        );
        out.flag(&iri, stm::CLAIMS_READ, facts.claims_read);
        keys.counts = Counts {
            segments: page.segments.len() as u64,
            mentions: facts.mentions.len() as u64,
            readings: facts.readings.len() as u64,
            bilingual: u64::from(page.bilingual),
            quads: 0,
            former: 0,
            links: std::mem::take(&mut keys.counts.links),
        };
        keys.anchors = anchors;
        problems.sort();
        problems.dedup();
        findings(&iri, file, &problems, bytes, &lines, &mut keys, &mut out);
        keys.counts.quads = out.quads.len() as u64;
        (out.quads, keys)
    }

    /// What aligning the version will need, and the source text that it gives back.
    fn alignment(
        &self,
        iri: &NamedNode,
        version: usize,
        at: &Location,
        page: &PageVersion,
        keys: &mut Keys,
        out: &mut Batch,
    ) {
        if self.roles.takes_part(version) {
            keys.skeleton = Some(skeleton::skeleton(self.catalog, at, page));
        }
        if let Some(source) = self.roles.recovers(version) {
            let (segments, skeleton) = skeleton::recovered(self.catalog, at, page);
            let source_iri = self.iris.version(self.placed, source);
            graph::text::recovered(self.placed, &source_iri, iri, &segments, out);
            let from = segments.into_iter().map(|segment| segment.from).collect();
            keys.recovered = Some((source, skeleton, from));
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a page's parts, each used once")]
    fn links(
        &self,
        iri: &NamedNode,
        version: usize,
        file: &File,
        at: &Location,
        page: &PageVersion,
        anchors: &[String],
        keys: &mut Keys,
        problems: &mut Vec<Problem>,
        out: &mut Batch,
    ) {
        let locale = self.placed.page_of(version).locale.as_str();
        let from = Origin { locale, tree: &file.tree.name, live: file.is_live() };
        for (i, link) in page.links.iter().enumerate().filter(|(_, link)| !link.href.is_empty()) {
            let number = i as u32 + 1;
            let reference = targets::canonical(self.catalog, at, &link.href);
            let mut resolved = self.targets.resolve(from, &reference);
            let mut settled = true;
            if let Some(fragment) = &reference.fragment
                && link.kind == LinkKind::Link
            {
                match (&reference.kind, resolved.document) {
                    (Kind::SamePage, _) if !has_anchor(anchors, fragment) => {
                        resolved.status = Status::BrokenFragment;
                        problems.push(broken_fragment(link.span, &link.href, fragment));
                    }
                    (Kind::Site { .. }, Some(document)) => {
                        settled = false;
                        keys.fragments.push(FragmentLink {
                            number,
                            status: resolved.status,
                            document,
                            fragment: fragment.clone(),
                            href: link.href.clone(),
                            span: link.span,
                            line: link.line,
                            own_broken: 0,
                        });
                    }
                    _ => {}
                }
            }
            if settled {
                *keys.counts.links.entry(resolved.status).or_default() += 1;
            }
            problems.extend(link_problem(link, &resolved));
            let occurrence = graph::text::Occurrence {
                number,
                link,
                reference: &reference,
                resolved: &resolved,
                settled,
            };
            graph::text::link(self.iris, self.placed, iri, &occurrence, locale, out);
        }
        let own_broken =
            problems.iter().filter(|problem| problem.code == Code::BROKEN_FRAGMENT).count() as u32;
        for link in &mut keys.fragments {
            link.own_broken = own_broken;
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a page's parts, each used once")]
    fn readings(
        &self,
        iri: &NamedNode,
        locale: &str,
        page: &PageVersion,
        facts: &analyze::Facts,
        bytes: &[u8],
        lines: &LineIndex,
        keys: &mut Keys,
        problems: &mut Vec<Problem>,
        out: &mut Batch,
    ) {
        keys.statements.read = facts.claims_read;
        keys.statements.readings = facts.readings.len() as u32;
        for (i, reading) in facts.readings.iter().enumerate() {
            let segment = segment_of(page, reading.quote);
            let line = lines.line(reading.quote.start);
            let language = match reading.side {
                Side::Source => &self.placed.source_locale,
                Side::Page => locale,
            };
            let quote = text_at(bytes, reading.quote);
            let lead = reading.lead.map(|lead| text_at(bytes, lead));
            let claims = claims(reading, &around(self.catalog, language, facts, reading));
            problems.extend(misspelling(reading));
            let claim_keys: Vec<String> =
                claims.iter().map(|claim| claim.key(self.catalog)).collect();
            let at = graph::claim::At {
                version: iri,
                number: i as u32 + 1,
                line,
                segment,
                locale: language,
                quote: &quote,
                lead: lead.as_deref(),
            };
            graph::claim::reading(self.iris, reading, &claim_keys, &at, out);
            let site = Site {
                catalog: self.catalog,
                locale: language,
                page,
                side: reading.side,
                segment: segment as usize - 1,
                span: reading.quote,
            };
            let nth = site.nth();
            let unit =
                page.segments.get(segment as usize - 1).and_then(|segment| segment.unit.clone());
            let sentence = departures::words(&site);
            let stated = claims.into_iter().map(|claim| Stated {
                claim,
                written: reading.product_as_written.clone(),
                span: reading.quote,
                lead: reading.lead,
                lead_segment: reading.lead.map(|lead| segment_of(page, lead)),
                line,
                segment,
                nth,
                sentence: sentence.clone(),
                is_row: reading.table_row,
                unit: unit.clone(),
                words: skeleton::hash(&format!("{}{quote}", lead.as_deref().unwrap_or_default())),
            });
            match reading.side {
                Side::Page => keys.statements.page.extend(stated),
                Side::Source => keys.statements.source.extend(stated),
            }
        }
        let broken = departures::broken(self.catalog, locale, page, &facts.readings);
        keys.statements.broken = broken
            .into_iter()
            .map(|broken| Broken {
                span: broken.span,
                line: lines.line(broken.span.start),
                segment: segment_of(page, broken.span),
                kind: broken.kind,
                meant: broken.meant,
                claim: broken
                    .reading
                    .map(|reading| &facts.readings[reading])
                    .map(|reading| (around(self.catalog, locale, facts, reading), reading))
                    .and_then(|(around, reading)| claims(reading, &around).into_iter().next()),
            })
            .collect();
        keys.statements.heading = heading(page);
    }
}

/// What the words around a statement add to its claims.
fn around(catalog: &Catalog, locale: &str, facts: &analyze::Facts, reading: &Reading) -> Around {
    let places = |condition: &String| departures::places(catalog, locale, condition);
    let named = facts.mentions.iter().filter(|mention| {
        mention.side == reading.side
            && mention.span.overlaps(reading.quote)
            && !catalog.products.get(mention.product).kind.is_background()
            && Some(mention.product) != reading.product
            && Some(mention.product) != reading.infrastructure
    });
    let others: BTreeSet<ProductId> = named.map(|mention| mention.product).collect();
    let is_of_another = reading.location == analyze::Location::Rule(OTHER_SERVICE.to_owned());
    Around {
        given: reading.condition.as_ref().map_or_else(BTreeSet::new, places),
        // Of several nobody knows which one is meant.
        rule_of: others.first().copied().filter(|_| is_of_another && others.len() == 1),
    }
}

/// The rule that leaves the place to another product.
const OTHER_SERVICE: &str = "other-service";

/// The first heading as an address: a translation names that of its source.
fn heading(page: &PageVersion) -> Option<String> {
    let of_heading = |segment: &&Segment| {
        matches!(page.blocks[segment.block as usize].kind, BlockKind::Heading(_))
    };
    let first = page.segments.iter().find(of_heading)?;
    first.anchors.first().map(|anchor| anchor.to_lowercase())
}

fn segment_of(page: &PageVersion, span: Span) -> u32 {
    page.segment_at(span).map_or(1, |segment| segment as u32 + 1)
}

/// The bytes of a span as text; what is no UTF-8 shows as U+FFFD.
pub fn text_at(bytes: &[u8], span: Span) -> String {
    String::from_utf8_lossy(bytes.get(span.range()).unwrap_or_default()).into_owned()
}

/// Fragments are compared as the site does: without case. The anchors are sorted and in lower case.
pub fn has_anchor(anchors: &[String], fragment: &str) -> bool {
    let fragment = fragment.to_lowercase();
    fragment == "top" || anchors.binary_search(&fragment).is_ok()
}

pub fn broken_fragment(span: Span, href: &str, fragment: &str) -> Problem {
    Problem::new(
        Code::BROKEN_FRAGMENT,
        span,
        format!("`{href}` points at `#{fragment}`, which the page does not have"),
    )
    .help("point at a heading that is there, or restore its anchor")
}

fn link_problem(link: &crate::model::Link, resolved: &targets::Resolved) -> Option<Problem> {
    match (resolved.status, link.kind) {
        (Status::Broken, LinkKind::Include) => Some(
            Problem::new(
                Code::BROKEN_INCLUDE,
                link.span,
                format!("there is nothing to include at `{}`", link.href),
            )
            .help("restore the file, or remove the include"),
        ),
        (Status::Broken, _) => Some(
            Problem::new(
                Code::BROKEN_LINK,
                link.span,
                format!("there is no page at `{}`", link.href),
            )
            .help("link to the page that took its place, or add a redirect"),
        ),
        (Status::Redirected, LinkKind::Link) => {
            let to = resolved.redirected_to.as_deref().unwrap_or_default();
            Some(
                Problem::new(
                    Code::REDIRECTED_LINK,
                    link.span,
                    format!("`{}` is redirected to `{to}`", link.href),
                )
                .help("link to where it leads"),
            )
        }
        _ => None,
    }
}

fn misspelling(reading: &Reading) -> Option<Problem> {
    let (span, meant) = reading.misspelt.as_ref()?;
    (reading.side == Side::Page).then(|| {
        Problem::new(
            Code::TERM_MISSPELT,
            *span,
            format!("a term of the statement is misspelt: `{meant}` is meant"),
        )
        .help("correct the word: readers may take it for another")
        .repair(meant.clone())
    })
}

/// Codes whose findings show the words that are wrong.
const QUOTED: &[Code] = &[
    Code::MOJIBAKE,
    Code::TERM_MISSPELT,
    Code::PRODUCT_NAME_TRANSLATED,
    Code::INVALID_UTF8,
    Code::CONTROL_CHARACTER,
    Code::BROKEN_LINK,
    Code::BROKEN_FRAGMENT,
    Code::REDIRECTED_LINK,
    Code::BROKEN_INCLUDE,
];

fn findings(
    iri: &NamedNode,
    file: &File,
    problems: &[Problem],
    bytes: &[u8],
    lines: &LineIndex,
    keys: &mut Keys,
    out: &mut Batch,
) {
    let mut numbers: BTreeMap<Code, u32> = BTreeMap::new();
    for problem in problems {
        let number = numbers.entry(problem.code).or_default();
        *number += 1;
        let line = lines.line(problem.span.start);
        let quote = QUOTED.contains(&problem.code).then(|| text_at(bytes, problem.span));
        finding::finding(&finding::In::Version(iri), *number, problem, line, quote.as_deref(), out);
        // What is wrong with a former text stays in the graph; nobody can correct it.
        if file.is_live() {
            keys.diagnostics.push(diagnostic(file, problem, line));
        } else {
            keys.counts.former += 1;
        }
    }
}

pub fn diagnostic(file: &File, problem: &Problem, line: u32) -> Diagnostic {
    Diagnostic {
        at: Some(Place { file: file.shown.clone(), line, span: problem.span }),
        code: problem.code,
        message: problem.message.clone(),
        notes: Vec::new(),
        help: problem.help.clone(),
        repair: problem.repair.clone(),
    }
}
