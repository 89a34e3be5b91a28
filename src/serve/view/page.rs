//! A page: its stemma, what one of its texts says and at which bytes, two texts side by side, its
//! links and who links to it.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, PreEscaped, html};

use super::findings::quoted;
use super::{
    Form, Loaded, Refusal, as_of, count, encoded, href, label, layout, prose, scroll, thing,
};
use crate::explore::findings::severity;
use crate::explore::page::{self, Content, Link, Node, Reading, Segment};
use crate::explore::source::{Files, excerpt};
use crate::explore::versions::{self, Kind, Pair, Words};
use crate::lineage::page::{Stemma, read};
use crate::lineage::{LineageError, rows, svg};
use crate::source::LineIndex;
use crate::store::Graph;
use crate::vocab::{dcterms, prov, schema, stm};

/// Links and sentences that are listed at most.
const LISTED: usize = 400;

/// What is looked at: a document, perhaps in one language, perhaps one text of it.
struct Subject {
    document: String,
    page: String,
    version: Option<String>,
}

fn subject(graph: &Graph<'_>, iri: &str) -> Result<Option<Subject>, Refusal> {
    if let Some(page) = graph.value(iri, stm::PAGE)? {
        let document = graph.value(&page, stm::DOCUMENT_OF)?.unwrap_or_default();
        return Ok(Some(Subject { document, page, version: Some(iri.to_owned()) }));
    }
    if let Some(document) = graph.value(iri, stm::DOCUMENT_OF)? {
        let version = graph.value(iri, stm::CURRENT_VERSION)?;
        return Ok(Some(Subject { document, page: iri.to_owned(), version }));
    }
    let source = graph.value(iri, stm::SOURCE_PAGE)?;
    let any = graph.subjects(stm::DOCUMENT_OF, iri)?.into_iter().next();
    let Some(page) = source.or(any) else { return Ok(None) };
    let version = graph.value(&page, stm::CURRENT_VERSION)?;
    Ok(Some(Subject { document: iri.to_owned(), page, version }))
}

fn refused(error: LineageError) -> Refusal {
    let hint = error.hint();
    let refusal = match &error {
        LineageError::NotOne { .. } => Refusal::not_found(error.to_string()),
        _ => Refusal::new(axum::http::StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    };
    Refusal { hint, ..refusal }
}

pub fn page(loaded: &Loaded, graph: &Graph<'_>, iri: &str, form: &Form) -> Result<Markup, Refusal> {
    let Some(subject) = subject(graph, iri)? else { return thing::page(loaded, iri) };
    let stemma = read(graph, &subject.document, None, form.day()).map_err(refused)?;
    let locale = graph.value(&subject.page, schema::IN_LANGUAGE)?.unwrap_or_default();
    let node = match &subject.version {
        Some(version) => Some(Node::read(graph, version)?),
        None => None,
    };
    let content = match &subject.version {
        Some(version) => {
            // Side by side, all of it is shown; else the beginning.
            let most = if form.get("with").is_some() { usize::MAX } else { LISTED };
            page::content_with(graph, version, most)?
        }
        None => Content::default(),
    };
    let title = node
        .as_ref()
        .and_then(|node| node.get(dcterms::TITLE))
        .map(str::to_owned)
        .or_else(|| loaded.index.label(&subject.page).map(str::to_owned))
        .filter(|title| !title.is_empty())
        .unwrap_or_else(|| stemma.title.clone());
    let is_current = subject
        .version
        .as_deref()
        .is_some_and(|version| loaded.index.page_of_current(version).is_some());
    let backlinks = page::backlinks(graph, &loaded.index, &[&subject.page, &subject.document])?;
    let findings: Vec<_> = loaded
        .index
        .findings
        .iter()
        .filter(|finding| subject.version.as_ref() == Some(&finding.place))
        .collect();
    let others = comparable(loaded, graph, &subject)?;
    let with = form.get("with").map(|path| format!("{}{path}", loaded.base()));
    let compared = match (&with, &subject.version) {
        (Some(with), Some(version)) => Some(comparison(graph, with, version, &content)?),
        _ => None,
    };
    let here =
        href(loaded, subject.version.as_deref().unwrap_or(&subject.page)).unwrap_or_default();
    let rows = rows::rows(&stemma, form.get("all").is_some());
    let all_drawn = format!("{here}?all=yes#stemma");
    let has_runs = rows.iter().any(|row| matches!(row, rows::Row::Run(_)));
    let body = html! {
        p.kind {
            span.tag { "page" } span.tag { (locale) }
            @if !is_current && subject.version.is_some() { span.tag.warn { "not the current text" } }
            @if let Some(known) = stemma.pages.iter().find(|page| page.iri == subject.page)
                && let Some(state) = &known.state
            { span.tag { (crate::lineage::text::state(state)) } }
        }
        h1 lang=(locale) { (title) }
        p.lead {
            @for (index, path) in stemma.paths.iter().take(1).enumerate() { @if index > 0 { ", " } code { (path) } }
            @if let Some(url) = &stemma.url && url.starts_with("https://") { " · " a href=(url) rel="noopener" { "published page" } }
        }
        @if stemma.paths.len() > 1 {
            p.faint { "Also known as " @for (i, path) in stemma.paths.iter().skip(1).enumerate() { @if i > 0 { ", " } code { (path) } } }
        }
        p.chips {
            @for other in &stemma.pages {
                a.chip href=[href(loaded, &other.iri)] aria-current=[(other.iri == subject.page).then_some("true")] {
                    (other.locale) @if other.is_source { " (source)" }
                }
            }
        }
        nav.sections aria-label="On this page" {
            @if compared.is_some() { a href="#compared" { "Side by side" } }
            a href="#stemma" { "Stemma" }
            @if !content.readings.is_empty() { a href="#statements" { "Statements" } }
            @if !findings.is_empty() { a href="#findings" { "Findings" } }
            a href="#compare" { "Compare" }
            a href="#links" { "Links" }
            a href="#text" { "Text" }
        }
        @if let (Some(pairs), Some(with), Some(version)) = (&compared, &with, &subject.version) {
            (side_by_side(loaded, with, version, pairs))
        }
        section #stemma {
            h2 { "Stemma" }
            (as_of(&here, form, &days(&stemma), loaded.snapshot.meta().modified.as_deref()))
            (scroll("Texts of the source and translations made from them", &PreEscaped(svg::below_title(&stemma, &rows))))
            @if has_runs { p { a href=(all_drawn) { "Draw every text" } } }
        }
        @if !content.readings.is_empty() {
            section #statements {
                h2 { "What it says about data" span.count { (content.readings.len()) } }
                (statements(loaded, &subject, &content)?)
            }
        }
        @if !findings.is_empty() {
            section #findings {
                h2 { "Findings" span.count { (findings.len()) } }
                ul.list {
                    @for finding in findings.iter().take(LISTED) {
                        li {
                            span class=(format!("dot {}", severity(finding.rank))) {}
                            a.code href=(format!("/explain/{}", finding.code)) { (finding.code) }
                            " " (prose(&finding.message))
                            @if let Some(line) = finding.line { span.faint { " line " (line) } }
                        }
                    }
                }
            }
        }
        section #compare {
            h2 { "Compare" }
            @if others.is_empty() { p.faint { "There is no other text to put beside it." } }
            ul.list {
                @for (version, what) in others.iter().take(40) {
                    li { a href=(format!("{here}?with={}#compared", encoded(version.strip_prefix(loaded.base()).unwrap_or(version)))) { (what) } }
                }
            }
        }
        section #links {
            h2 { "Links" span.count { (content.links.len()) } }
            (links(loaded, &content.links))
            h3 { "Pages that link here" span.count { (backlinks.len()) } }
            @if backlinks.is_empty() { p.faint { "None in the graph." } }
            ul.list {
                @for page in backlinks.iter().take(60) {
                    li { (thing::link(loaded, page)) }
                }
                @if backlinks.len() > 60 { li.faint { "and " (backlinks.len() - 60) " more" } }
            }
        }
        section #text {
            h2 { "Text" }
            (facts(loaded, &subject, node.as_ref()))
            details {
                summary { (count(content.segments_in_all, "segment")) }
                div.text lang=(locale) {
                    @for segment in content.segments.iter().take(LISTED) {
                        p class=(format!("segment {}", kind_class(&segment.kind))) { (segment.text) }
                    }
                    @if content.segments_in_all > LISTED { p.faint { "and " (content.segments_in_all - LISTED) " more" } }
                }
            }
        }
        (thing::formats(loaded, iri))
    };
    Ok(layout(loaded, &title, "", &body))
}

/// A class of a kind that may be anything.
fn kind_class(kind: &str) -> &'static str {
    if kind.starts_with("heading") || kind.starts_with("title") { "heading" } else { "plain" }
}

fn facts(loaded: &Loaded, subject: &Subject, node: Option<&Node>) -> Markup {
    html! {
        @if let (Some(node), Some(version)) = (node, &subject.version) {
            table.facts { tbody {
                tr { th scope="row" { "Text" } td { code { (version.rsplit('@').next().unwrap_or_default()) } } }
                @if let Some(file) = node.get(stm::FILE) { tr { th scope="row" { "File" } td { code { (file) } } } }
                @if let Some(from) = node.get(stm::VALID_FROM) {
                    tr { th scope="row" { "Current" } td { (from) " to " (node.get(stm::VALID_UNTIL).unwrap_or("now")) } }
                }
                @if let Some(commit) = node.get(stm::GIT_COMMIT) { tr { th scope="row" { "Commit" } td { code { (commit) } } } }
                @if let Some(source) = node.get(stm::TRANSLATED_FROM) {
                    tr { th scope="row" { "Translated from" } td { (thing::link(loaded, source)) } }
                }
            } }
        }
    }
}

/// When a text became the current one.
fn days(stemma: &Stemma) -> Vec<String> {
    let sources = stemma.sources.iter().map(|source| &source.text);
    let texts = sources.chain(stemma.translations().map(|translation| &translation.text));
    let days: BTreeSet<String> =
        texts.flat_map(|text| &text.spans).map(|span| span.from.day().to_owned()).collect();
    days.into_iter().collect()
}

/// Every statement with the line that it was read from, the very bytes marked.
fn statements(loaded: &Loaded, subject: &Subject, content: &Content) -> Result<Markup, Refusal> {
    let files = Files::of(&loaded.snapshot);
    let bytes = match &subject.version {
        Some(version) => files.content(version)?,
        None => None,
    };
    let lines = LineIndex::new(bytes.as_deref().unwrap_or_default());
    let segments: BTreeMap<&str, &Segment> =
        content.segments.iter().map(|segment| (segment.iri.as_str(), segment)).collect();
    let mut known: Vec<&str> = Vec::new();
    let mut items = Vec::new();
    let mut left_out = 0;
    for (index, reading) in content.readings.iter().enumerate() {
        let mut anchors = Vec::new();
        for claim in &reading.claims {
            // A statement may be made twice; it is found where it is made first.
            if !known.contains(&claim.as_str()) {
                known.push(claim);
                anchors.push(claim.rsplit('/').next().unwrap_or_default());
            }
        }
        // Who comes for a statement finds it, however many there are.
        if index >= LISTED && anchors.is_empty() {
            left_out += 1;
            continue;
        }
        let shown =
            bytes.as_ref().and_then(|bytes| excerpt(bytes, &lines, reading.start, reading.end));
        items.push(html! {
            article.statement {
                @for anchor in &anchors { span.anchor id=(anchor) {} }
                ul.claims {
                    @for claim in &reading.claims {
                        li { a href=[href(loaded, claim)] { (said(loaded, claim)) } }
                    }
                }
                @match &shown {
                    Some(excerpt) => (quoted(excerpt)),
                    None => (in_segment(reading, segments.get(reading.segment.as_str()).copied())),
                }
                p.faint {
                    "line " (reading.line) ", bytes " (reading.start) "–" (reading.end)
                    " · read by " (reading.read_by) ", " (reading.confidence)
                    @if let Some(condition) = &reading.condition { " · " (condition) }
                    @if shown.is_none() { " · the file is not at hand" }
                }
            }
        });
    }
    Ok(html! {
        @for item in items { (item) }
        @if left_out > 0 { p.faint { "and " (left_out) " times more what is said above" } }
    })
}

/// A claim in words, without what its IRI adds.
fn said(loaded: &Loaded, claim: &str) -> String {
    let known = loaded.index.claims.get(claim).map(|claim| claim.label.clone());
    known.unwrap_or_else(|| label(loaded, claim))
}

/// The quote in its sentence, as the graph has both.
fn in_segment(reading: &Reading, segment: Option<&Segment>) -> Markup {
    let text = segment.map_or("", |segment| segment.text.as_str());
    html! {
        blockquote {
            @match text.split_once(&reading.quote).filter(|_| !reading.quote.is_empty()) {
                Some((before, after)) => { (before) mark { (reading.quote) } (after) },
                None => mark { (reading.quote) },
            }
        }
    }
}

/// Texts to put beside one: its source, its earlier texts, its siblings.
fn comparable(
    loaded: &Loaded,
    graph: &Graph<'_>,
    subject: &Subject,
) -> Result<Vec<(String, String)>, Refusal> {
    let Some(version) = &subject.version else { return Ok(Vec::new()) };
    let mut others: Vec<(String, String)> = Vec::new();
    let name = |iri: &str| label(loaded, iri);
    let at_hand = |iri: &str| -> Result<bool, Refusal> {
        Ok(graph.value(iri, stm::AVAILABLE)?.as_deref() != Some("false"))
    };
    for source in graph.values(version, stm::TRANSLATED_FROM)? {
        if at_hand(&source)? {
            let what = format!("its source, {}", name(&source));
            others.push((source, what));
        }
    }
    for before in graph.values(version, prov::WAS_REVISION_OF)? {
        if at_hand(&before)? {
            let what = format!("the text before it, {}", name(&before));
            others.push((before, what));
        }
    }
    for (other, _) in page::versions(graph, &subject.page)? {
        if other != *version && !others.iter().any(|(known, _)| *known == other) {
            let what = format!("another text of the page, {}", name(&other));
            others.push((other, what));
        }
    }
    for translation in graph.subjects(stm::TRANSLATED_FROM, version)? {
        let what = format!("a translation, {}", name(&translation));
        others.push((translation, what));
    }
    Ok(others)
}

fn comparison(
    graph: &Graph<'_>,
    with: &str,
    version: &str,
    content: &Content,
) -> Result<Vec<Pair>, Refusal> {
    let other = page::content(graph, with)?;
    if other.segments.is_empty() {
        return Err(Refusal::not_found("there is no such text to compare with"));
    }
    let (here, there) = (&content.segments, &other.segments);
    let language = |iri: &str| graph.value(iri, schema::IN_LANGUAGE);
    Ok(if language(with)? == language(version)? {
        versions::compared(there, here)
    } else if there.iter().any(|segment| segment.aligned.is_some()) {
        // The other one is the translation: it stands right, its source left.
        versions::translated(here, there)
    } else {
        versions::translated(there, here)
    })
}

fn side_by_side(loaded: &Loaded, with: &str, version: &str, pairs: &[Pair]) -> Markup {
    let changed = pairs.iter().filter(|pair| !matches!(pair.kind, Kind::Same | Kind::Translated));
    let has_left = |iri: &str| {
        pairs.iter().find_map(|pair| pair.left.as_ref()).is_some_and(|s| s.iri.starts_with(iri))
    };
    let (left, right) = if has_left(with) { (with, version) } else { (version, with) };
    let locale = |iri: &str| {
        crate::explore::search::locale_of(iri, loaded.base()).unwrap_or_default().to_owned()
    };
    let table = html! {
        table.compared {
            thead { tr {
                th scope="col" { (thing::link(loaded, left)) }
                th scope="col" { (thing::link(loaded, right)) }
            } }
            tbody {
                @for pair in pairs.iter().take(2 * LISTED) {
                    @let (before, after) = sides(pair);
                    tr class=(class(pair.kind)) {
                        td lang=(locale(left)) { (shown(&before, pair.left.is_some())) }
                        td lang=(locale(right)) { (shown(&after, pair.right.is_some())) }
                    }
                }
            }
        }
    };
    html! {
        section #compared {
            h2 { "Side by side" span.count { (count(changed.count(), "difference")) } }
            (scroll("Two texts side by side", &table))
        }
    }
}

fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Same => "same",
        Kind::Changed => "changed",
        Kind::Removed => "removed",
        Kind::Added => "added",
        Kind::Translated => "translated",
    }
}

fn sides(pair: &Pair) -> (Words, Words) {
    let text = |side: &Option<Segment>| side.as_ref().map_or(String::new(), |s| s.text.clone());
    let (left, right) = (text(&pair.left), text(&pair.right));
    match pair.kind {
        Kind::Changed => versions::words(&left, &right),
        _ => (vec![(false, left)], vec![(false, right)]),
    }
}

fn shown(words: &Words, is_there: bool) -> Markup {
    html! {
        @if is_there {
            @for (changed, text) in words { @if *changed { mark { (text) } } @else { (text) } }
        }
    }
}

fn links(loaded: &Loaded, links: &[Link]) -> Markup {
    let mut sorted: Vec<&Link> = links.iter().collect();
    let rank = |link: &Link| match link.status.as_str() {
        "Broken" | "BrokenFragment" => 0,
        "Redirected" => 1,
        _ => 2,
    };
    sorted.sort_by_key(|link| (rank(link), link.line));
    let table = html! {
        table.lean {
            thead { tr { th.number scope="col" { "Line" } th scope="col" { "Label" } th scope="col" { "Target" } th scope="col" { "Status" } } }
            tbody {
                @for link in sorted.iter().take(LISTED) {
                    tr {
                        td.number { (link.line) }
                        td { (link.label) @if link.kind != "link" { " " span.lang { (link.kind) } } }
                        td { @match link.target.as_deref().and_then(|target| href(loaded, target)) {
                            Some(target) => a href=(target) rel="noopener" { code { (link.href) } },
                            None => code { (link.href) },
                        } }
                        td { span class=(format!("status r{}", rank(link))) { (crate::explore::words(&link.status)) } }
                    }
                }
            }
        }
    };
    html! {
        @if links.is_empty() { p.faint { "It has no links." } }
        @else {
            @let bad = links.iter().filter(|link| rank(link) < 2).count();
            details open[links.len() <= 12 || bad > 0] {
                summary { (count(links.len(), "link")) @if bad > 0 { ", " (bad) " to look at" } }
                (scroll("Links", &table))
            }
        }
    }
}
