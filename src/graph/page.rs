//! Documents, pages, versions and what their headers say.

use std::collections::BTreeMap;

use oxigraph::model::{NamedNode, NamedNodeRef};

use super::{Batch, Iris};
use crate::catalog::Catalog;
use crate::link::targets::Reference;
use crate::link::{Lineage, Placed, State};
use crate::model::PageVersion;
use crate::source::{File, Moment};
use crate::survey::Surveyed;
use crate::vocab::{dcterms, prov, rdfs, schema, skos, stm};

/// What is known of a version without reading it.
pub fn version(
    iris: &Iris,
    placed: &Placed,
    files: &[File],
    surveyed: &[Surveyed],
    index: usize,
    out: &mut Batch,
) {
    let version = &placed.versions[index];
    let page = placed.page_of(index);
    let iri = iris.version(placed, index);
    out.a(&iri, stm::PAGE_VERSION);
    out.add(&iri, stm::PAGE, iris.page(page, placed.document_of(index)));
    out.text(&iri, schema::IN_LANGUAGE, &page.locale);
    out.text(&iri, stm::CONTENT_HASH, &version.hash);
    for variant in &version.variants {
        out.text(&iri, stm::HASH_VARIANT, variant);
    }
    out.flag(&iri, stm::AVAILABLE, version.available());
    let date = version.since().map_or(String::new(), |since| format!(", {}", since.day()));
    let name = placed.document_of(index).path().rsplit('/').next().unwrap_or_default();
    let missing = if version.available() { "" } else { " (not in the inputs)" };
    out.text(&iri, rdfs::LABEL, format!("{} {name}{date}{missing}", page.locale));
    for (number, interval) in (1..).zip(&version.intervals) {
        let node = Iris::part(&iri, 'v', number);
        out.a(&node, stm::VALIDITY);
        out.add(&node, stm::OF_VERSION, iri.clone());
        moment(iris, &node, stm::BEGAN_WITH, &interval.from, out);
        if let Some(until) = &interval.until {
            moment(iris, &node, stm::ENDED_WITH, until, out);
        }
        // With one interval its days are the version's own.
        let subjects = if version.intervals.len() == 1 { vec![&node, &iri] } else { vec![&node] };
        for subject in subjects {
            out.date(subject, stm::VALID_FROM, interval.from.day());
            if let Some(until) = &interval.until {
                out.date(subject, stm::VALID_UNTIL, until.day());
            }
        }
    }
    if let Some(seen) = &version.seen {
        moment(iris, &iri, stm::FIRST_SEEN_IN, seen, out);
    }
    if let Some(previous) = version.previous {
        out.add(&iri, prov::WAS_REVISION_OF, iris.version(placed, previous));
    }
    if let Some(edition) = version.edition_of {
        out.add(&iri, stm::BILINGUAL_EDITION_OF, iris.version(placed, edition));
    }
    for commit in &version.commits {
        out.text(&iri, stm::GIT_COMMIT, commit);
    }
    if let Some(unit) = version.units.first() {
        out.number(&iri, stm::BYTES, surveyed[*unit].bytes);
    }
    for unit in &version.units {
        // The same text with other line ends: byte ranges are those of the file that was compiled.
        let same_bytes = surveyed[*unit].bytes == surveyed[version.units[0]].bytes;
        let term = if same_bytes { stm::FILE } else { stm::OTHER_FILE };
        out.text(&iri, term, &files[surveyed[*unit].file].name);
    }
    if let Some((source, lineage)) = version.source {
        out.add(&iri, stm::TRANSLATED_FROM, iris.version(placed, source));
        let state = match lineage {
            Lineage::HashAndCommit => stm::HASH_AND_COMMIT,
            Lineage::HashOnly => stm::HASH_ONLY,
            Lineage::Declared => stm::DECLARED,
            Lineage::Contradicted => stm::CONTRADICTED,
        };
        out.add(&iri, stm::LINEAGE, state);
    }
}

/// The commit of a moment, where it is one.
fn moment(
    iris: &Iris,
    subject: &NamedNode,
    predicate: NamedNodeRef<'_>,
    moment: &Moment,
    out: &mut Batch,
) {
    let Some(id) = &moment.commit else { return };
    let commit = iris.commit(id);
    out.add(subject, predicate, commit.clone());
    out.a(&commit, stm::COMMIT);
    out.text(&commit, stm::GIT_COMMIT, id);
    out.time(&commit, stm::COMMITTED, &moment.at);
    out.text(&commit, rdfs::LABEL, format!("{}, {}", &id[..12], moment.day()));
}

/// What the header of a version says.
pub fn header(iris: &Iris, placed: &Placed, index: usize, page: &PageVersion, out: &mut Batch) {
    let iri = iris.version(placed, index);
    let locale = &placed.page_of(index).locale;
    for entry in &page.front_matter {
        let key = Iris::front_matter(&entry.key);
        for value in &entry.values {
            out.text(&iri, key.as_ref(), &value.text);
        }
    }
    for (key, value) in &page.inherited {
        out.text(&iri, Iris::inherited(key).as_ref(), value);
    }
    if let Some(file) = &page.configuration {
        out.text(&iri, stm::CONFIGURATION, file);
    }
    if let Some(title) = &page.title {
        out.lang(&iri, dcterms::TITLE, &title.text, locale);
    }
    let method = match page.origin.method.as_deref() {
        Some(method) if method.eq_ignore_ascii_case("MT") => Some(stm::MACHINE_TRANSLATION),
        Some(method) if method.eq_ignore_ascii_case("HT") => Some(stm::HUMAN_TRANSLATION),
        _ => None,
    };
    if let Some(method) = method {
        out.add(&iri, stm::TRANSLATION_METHOD, method);
    }
    if let Some(handoff) = &page.origin.handoff {
        out.date(&iri, stm::HANDOFF_DATE, handoff);
    }
}

/// Titles by version, for the labels of pages and documents.
pub type Titles = BTreeMap<usize, String>;

pub fn documents(
    iris: &Iris,
    catalog: &Catalog,
    placed: &Placed,
    titles: &Titles,
    out: &mut Batch,
) {
    let mut labels: BTreeMap<usize, (bool, &str)> = BTreeMap::new();
    for (index, page) in placed.pages.iter().enumerate() {
        let document = &placed.documents[page.document];
        let iri = iris.page(page, document);
        out.a(&iri, stm::PAGE_CLASS);
        out.add(&iri, stm::DOCUMENT_OF, iris.document(document));
        out.text(&iri, schema::IN_LANGUAGE, &page.locale);
        if page.locale == placed.source_locale {
            out.add(&iris.document(document), stm::SOURCE_PAGE, iri.clone());
        }
        if !document.unplaced {
            let site = &catalog.urls.site;
            let path = document.paths.last().expect("a document has a path");
            let address = format!("{site}/{}/{path}", page.locale.to_ascii_lowercase());
            out.add(&iri, stm::URL, NamedNode::new_unchecked(address));
        }
        let titled = page.current.into_iter().chain(page.versions.iter().rev().copied());
        let label = titled.filter_map(|version| titles.get(&version)).next().map(String::as_str);
        let label = label.unwrap_or_else(|| document.path());
        out.lang(&iri, rdfs::LABEL, label, &page.locale);
        let is_source = page.locale == placed.source_locale;
        let known = labels.entry(page.document).or_insert((is_source, label));
        if is_source && !known.0 {
            *known = (true, label);
        }
        if let Some(current) = page.current {
            out.add(&iri, stm::CURRENT_VERSION, iris.version(placed, current));
        }
        match &placed.pages[index].state {
            Some(State::UpToDate) => out.add(&iri, stm::TRANSLATION_STATE, stm::UP_TO_DATE),
            Some(State::Orphaned) => out.add(&iri, stm::TRANSLATION_STATE, stm::ORPHANED),
            Some(State::Unknown) => out.add(&iri, stm::TRANSLATION_STATE, stm::UNKNOWN),
            Some(State::Stale { since, behind }) => {
                out.add(&iri, stm::TRANSLATION_STATE, stm::STALE);
                out.date(&iri, stm::STALE_SINCE, since.day());
                out.number(&iri, stm::VERSIONS_BEHIND, *behind as u32);
            }
            None => {}
        }
    }
    for (index, document) in placed.documents.iter().enumerate() {
        let iri = iris.document(document);
        out.a(&iri, stm::DOCUMENT);
        let label = labels.get(&index).map_or(document.path(), |(_, label)| label);
        out.text(&iri, rdfs::LABEL, label);
        for path in &document.paths {
            out.text(&iri, stm::PATH, path);
        }
        for replacement in &document.replaced_by {
            out.add(&iri, dcterms::IS_REPLACED_BY, iris.document(&placed.documents[*replacement]));
        }
        if !document.unplaced {
            for path in &document.paths {
                let address = address(&format!("{}/{path}", catalog.urls.site));
                out.add(&address, stm::ADDRESS_OF, iri.clone());
                web_address(&address, out);
            }
        }
    }
}

/// When documents got their paths, where a history shows it.
pub fn moves(iris: &Iris, placed: &Placed, out: &mut Batch) {
    for of in placed.moves.chunk_by(|(a, _), (b, _)| a == b) {
        let document = iris.document(&placed.documents[of[0].0]);
        for (number, (_, moved)) in (1..).zip(of) {
            let iri = Iris::part(&document, 'm', number);
            out.a(&iri, stm::MOVE);
            out.add(&iri, stm::DOCUMENT_OF, document.clone());
            out.text(&iri, stm::MOVED_FROM, &moved.from);
            out.text(&iri, stm::MOVED_TO, &moved.to);
            let locale = moved.locale.as_ref().unwrap_or(&placed.source_locale);
            out.text(&iri, schema::IN_LANGUAGE, locale);
            out.date(&iri, stm::DATE, moved.when.day());
            moment(iris, &iri, dcterms::SOURCE, &moved.when, out);
            out.text(
                &iri,
                rdfs::LABEL,
                format!("{} → {}, {}", moved.from, moved.to, moved.when.day()),
            );
        }
    }
}

pub fn redirects(catalog: &Catalog, placed: &Placed, out: &mut Batch) {
    for redirect in placed.redirects.leading() {
        let from = address(&format!("{}/{}", catalog.urls.site, redirect.from));
        let to = address(&redirect.to);
        web_address(&from, out);
        web_address(&to, out);
        out.add(&from, stm::REDIRECTS_TO, to);
    }
}

/// A web address is a node whose IRI is the address.
pub fn web_address(iri: &NamedNode, out: &mut Batch) {
    out.a(iri, stm::WEB_ADDRESS);
    out.text(iri, rdfs::LABEL, iri.as_str());
}

pub fn address(canonical: &str) -> NamedNode {
    NamedNode::new_unchecked(canonical)
}

pub fn target(reference: &Reference) -> NamedNode {
    address(&reference.address)
}

/// A product code of the header, as a node with the products that it denotes.
pub fn codes(iris: &Iris, catalog: &Catalog, page: &PageVersion, out: &mut Batch) {
    for key in catalog.products.code_keys() {
        for (_, value) in page.metadata().filter(|(own, _)| own.eq_ignore_ascii_case(key)) {
            let iri = iris.code(key, value);
            out.a(&iri, stm::PRODUCT_CODE);
            out.text(&iri, rdfs::LABEL, format!("{key}: {value}"));
            out.text(&iri, skos::NOTATION, value);
            out.text(&iri, stm::CODE_KEY, key);
            for (product, _) in catalog.products.by_code(key, value) {
                out.add(&iri, stm::PRODUCT, iris.product(catalog, *product));
            }
        }
    }
}
