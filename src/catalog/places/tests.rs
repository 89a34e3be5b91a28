//! Where places lie, and how texts name them.

use super::*;
use crate::catalog::tests::BUILTIN_CATALOG;

#[test]
fn a_place_lies_in_all_that_its_outer_places_lie_in() {
    let places = &BUILTIN_CATALOG.places;
    let within = |code: &str| {
        let id = places.by_code(code).unwrap_or_else(|| panic!("no place `{code}`"));
        let mut codes: Vec<_> =
            places.within(id).iter().map(|&id| places.get(id).code.as_str()).collect();
        codes.sort();
        codes
    };
    assert_eq!(within("DE:frankfurt"), ["DE", "EEA", "EU", "x-emea", "x-europe"]);
    assert_eq!(within("NO"), ["EEA", "x-emea", "x-europe"]);
    // Not since 2020: where it lay before is not asked.
    assert_eq!(within("GB"), ["x-emea", "x-europe"]);
    assert_eq!(within("x-world"), [""; 0]);
}

#[test]
fn places_are_named_in_each_language() {
    let places = &BUILTIN_CATALOG.places;
    let label = |code, lang| places.label(places.by_code(code).expect("a place"), lang);
    assert_eq!(label("US", "nl-NL"), Some("Verenigde Staten"));
    assert_eq!(label("EU", "sv-SE"), Some("Europeiska unionen"));
    assert_eq!(label("x-apac", "en"), Some("Asia Pacific"));
    assert_eq!(label("US", "tlh"), None);
    let named = |text: &str, lang| {
        let found = places.surfaces(lang).find(|(surface, _)| *surface == text);
        found.map(|(_, id)| places.get(id).code.as_str())
    };
    assert_eq!(named("Storbritannien", "sv"), Some("GB"));
    assert_eq!(named("Wenen", "nl"), Some("AT:vienna"));
    // The vendor's geographies are other layers: in plain text, "Europe" is the continent.
    assert_eq!(named("Europe", "en"), Some("x-europe"));
    // "German" names a place only before a data centre.
    assert_eq!(named("German", "en"), None);
    assert!(
        places.adjectives("en").any(|(text, id)| text == "German" && places.get(id).code == "DE")
    );
}

#[test]
fn iris_of_places_tell_whose_they_are() {
    let iri = |code| {
        &BUILTIN_CATALOG.places.get(BUILTIN_CATALOG.places.by_code(code).expect("a place")).iri
    };
    assert_eq!(*iri("NO"), PlaceIri::Loc("NO".into()));
    assert_eq!(*iri("EEA"), PlaceIri::Loc("EEA".into()));
    assert_eq!(*iri("x-europe"), PlaceIri::Place("x-europe".into()));
    assert_eq!(*iri("DE:frankfurt"), PlaceIri::Place("de-frankfurt".into()));
    assert_eq!(*iri("azure:westeurope"), PlaceIri::Geo("azure-westeurope".into()));
}
