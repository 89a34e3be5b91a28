//! The registry's facts: products, their names and codes, how they changed, places, and who says
//! so.
//!
//! Curated and observed changes are nodes of their own: one cites a source, the other pages.

use std::collections::BTreeMap;

use oxigraph::model::{NamedNode, NamedNodeRef};

use super::{Batch, Iris, change};
use crate::catalog::products::{Change, ChangeKind, NameKind};
use crate::catalog::{Catalog, Date, NameId};
use crate::link::renames::Sightings;
use crate::vocab::{dcterms, rdfs, schema, skos, skosxl, stm};

pub fn registry(iris: &Iris, catalog: &Catalog, sightings: &Sightings, out: &mut Batch) {
    sources(iris, catalog, out);
    products(iris, catalog, out);
    names(iris, catalog, sightings, out);
    for change in catalog.products.changes() {
        curated(iris, catalog, change, out);
    }
    places(iris, catalog, out);
}

fn sources(iris: &Iris, catalog: &Catalog, out: &mut Batch) {
    for (id, source) in &catalog.sources {
        let iri = iris.source(id);
        out.a(&iri, stm::SOURCE);
        out.text(&iri, rdfs::LABEL, &source.title);
        let texts = [
            (stm::NOTE, &source.note),
            (stm::REPOSITORY, &source.repository),
            (stm::PATH, &source.path),
            (stm::GIT_COMMIT, &source.commit),
        ];
        for (term, text) in texts {
            if let Some(text) = text {
                out.text(&iri, term, text);
            }
        }
        if let Some(url) = &source.url {
            out.text(&iri, schema::URL, url);
        }
        if let Some(date) = &source.date {
            dated(&iri, dcterms::DATE, date, out);
        }
    }
}

fn products(iris: &Iris, catalog: &Catalog, out: &mut Batch) {
    for (id, product) in catalog.products.iter() {
        let iri = iris.product(catalog, id);
        let label = catalog.products.label(id);
        out.a(&iri, stm::PRODUCT_CLASS);
        out.lang(&iri, rdfs::LABEL, label, "en");
        out.lang(&iri, skos::PREF_LABEL, label, "en");
        out.text(&iri, stm::PRODUCT_KIND, product.kind.as_str());
        out.text(&iri, stm::PRODUCT_STATUS, product.status.as_str());
        if let Some(whole) = product.part_of {
            out.add(&iri, stm::PART_OF, iris.product(catalog, whole));
        }
        if let Some(wikidata) = &product.wikidata {
            let entity = format!("http://www.wikidata.org/entity/{}", wikidata.id);
            out.add(&iri, skos::EXACT_MATCH, NamedNode::new_unchecked(entity));
        }
        for comment in [&product.ambiguity, &product.notes].into_iter().flatten() {
            out.lang(&iri, rdfs::COMMENT, comment, "en");
        }
        for &name in &product.names {
            out.add(&iri, stm::NAME, iris.name(catalog, name));
            let form = catalog.products.name(name);
            if form.text == label && form.lang == "en" {
                continue;
            }
            let broken = form.uses.iter().all(|usage| usage.kind == NameKind::MachineTranslation);
            let term = if broken { skos::HIDDEN_LABEL } else { skos::ALT_LABEL };
            out.lang(&iri, term, &form.text, &form.lang);
        }
        for code in &product.codes {
            let node = iris.code(&code.field, &code.value);
            out.a(&node, stm::PRODUCT_CODE);
            out.text(&node, rdfs::LABEL, format!("{}: {}", code.field, code.value));
            out.text(&node, skos::NOTATION, &code.value);
            out.text(&node, stm::CODE_KEY, &code.field);
            out.add(&node, stm::PRODUCT, iri.clone());
            out.text(&node, stm::DENOTES, code.denotes.as_str());
            out.add(&node, dcterms::SOURCE, iris.source(&code.provenance.source));
        }
    }
}

fn names(iris: &Iris, catalog: &Catalog, sightings: &Sightings, out: &mut Batch) {
    let replaced = replacements(catalog);
    for (id, name) in catalog.products.names_by_id() {
        let iri = iris.name(catalog, id);
        out.a(&iri, stm::NAME_CLASS);
        out.a(&iri, skosxl::LABEL);
        out.lang(&iri, skosxl::LITERAL_FORM, &name.text, &name.lang);
        let best = name.uses.iter().min_by_key(|usage| (usage.kind, std::cmp::Reverse(usage.era)));
        let best = best.expect("a name names something");
        let is_current =
            name.uses.iter().any(|usage| catalog.products.current_name(usage.product) == Some(id));
        out.add(
            &iri,
            stm::NAME_STATUS,
            match best.kind {
                NameKind::MachineTranslation => stm::MISTRANSLATION,
                _ if name.lang != "en" => stm::LOCALISED,
                NameKind::Official if is_current => stm::OFFICIAL,
                NameKind::Official | NameKind::Legacy => stm::FORMER,
                NameKind::Short | NameKind::Acronym => stm::ABBREVIATION,
            },
        );
        for usage in &name.uses {
            out.number(&iri, stm::ERA, usage.era);
            out.add(&iri, dcterms::SOURCE, iris.source(&usage.provenance.source));
            out.text(&iri, stm::CONFIDENCE, usage.provenance.confidence.as_str());
        }
        // Of a name that came back or names several things, no single interval holds.
        if let [usage] = name.uses.as_slice() {
            for (date, term) in [(&usage.from, stm::VALID_FROM), (&usage.until, stm::VALID_UNTIL)] {
                if let Some(date) = date {
                    dated(&iri, term, date, out);
                }
            }
        }
        if let Some((first, last)) = sightings.days(id) {
            out.date(&iri, stm::FIRST_SEEN, first);
            out.date(&iri, stm::LAST_SEEN, last);
        }
        for next in replaced.get(&id).into_iter().flatten() {
            out.add(&iri, dcterms::IS_REPLACED_BY, iris.name(catalog, *next));
        }
    }
}

fn replacements(catalog: &Catalog) -> BTreeMap<NameId, Vec<NameId>> {
    let mut replaced: BTreeMap<NameId, Vec<NameId>> = BTreeMap::new();
    for change in
        catalog.products.changes().iter().filter(|change| change.kind == ChangeKind::Renamed)
    {
        if let (Some(before), Some(after)) =
            (end_name(catalog, change, true), end_name(catalog, change, false))
            && before != after
        {
            replaced.entry(before).or_default().push(after);
        }
    }
    replaced
}

fn end_name(catalog: &Catalog, change: &Change, before: bool) -> Option<NameId> {
    let end = if before { &change.from } else { &change.to };
    end.name.or_else(|| catalog.products.name_of_era(end.product, end.era))
}

fn curated(iris: &Iris, catalog: &Catalog, change: &Change, out: &mut Batch) {
    let (_, word, class) = change::words(change.kind);
    let iri = iris.change(&format!("curated-{}", change.id));
    out.a(&iri, stm::PRODUCT_CHANGE);
    out.a(&iri, class);
    let text = |before| {
        let end = if before { &change.from } else { &change.to };
        match end_name(catalog, change, before) {
            Some(name) => catalog.products.name(name).text.clone(),
            None => catalog.products.label(end.product).to_owned(),
        }
    };
    out.lang(&iri, rdfs::LABEL, format!("{} {word} {}", text(true), text(false)), "en");
    out.add(&iri, stm::PRODUCT, iris.product(catalog, change.to.product));
    for (term, before) in [(stm::BEFORE, true), (stm::AFTER, false)] {
        let end = if before { &change.from } else { &change.to };
        match end_name(catalog, change, before).filter(|_| change.kind == ChangeKind::Renamed) {
            Some(name) => out.add(&iri, term, iris.name(catalog, name)),
            None => out.add(&iri, term, iris.product(catalog, end.product)),
        }
    }
    if let Some(date) = &change.date {
        dated(&iri, stm::DATE, date, out);
        out.date(&iri, stm::EARLIEST, &date.earliest());
        out.date(&iri, stm::LATEST, &date.latest());
    }
    out.add(&iri, stm::BASIS, stm::CURATED);
    out.add(&iri, stm::EVIDENCE, iris.source(&change.provenance.source));
    out.text(&iri, stm::CONFIDENCE, change.provenance.confidence.as_str());
}

fn places(iris: &Iris, catalog: &Catalog, out: &mut Batch) {
    for (_, place) in catalog.places.iter() {
        let iri = iris.known_place(place);
        out.a(&iri, stm::PLACE);
        if !place.kind.is_plain() {
            out.a(&iri, stm::GEO);
        }
        out.lang(&iri, rdfs::LABEL, &place.name, "en");
        out.text(&iri, skos::NOTATION, &place.code);
        for whole in &place.within {
            out.add(&iri, stm::WITHIN, iris.known_place(catalog.places.get(*whole)));
        }
        if let Some(wikidata) = &place.wikidata {
            let entity = format!("http://www.wikidata.org/entity/{wikidata}");
            out.add(&iri, skos::EXACT_MATCH, NamedNode::new_unchecked(entity));
        }
        if let Some(available) = &place.available {
            dated(&iri, stm::VALID_FROM, &available.date, out);
        }
        out.add(&iri, dcterms::SOURCE, iris.source(&place.provenance.source));
    }
}

/// A fact's date as a day, so that all dates compare; a coarser one is its first day, and says so.
fn dated(iri: &NamedNode, term: NamedNodeRef<'_>, date: &Date, out: &mut Batch) {
    out.date(iri, term, &date.earliest());
    if date.precision() != "day" {
        out.text(iri, stm::DATE_PRECISION, date.precision());
    }
}
