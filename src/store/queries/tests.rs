//! Saved queries: their heads, their values, and what becomes of them.

use std::time::Duration;

use super::super::tests::quads;
use super::*;
use crate::store::{Answer, Limits};

fn ask(snapshot: &Snapshot, query: &str, given: &[(&str, &str)]) -> Result<Vec<String>, String> {
    let catalog = Catalog::builtin().expect("the built-in facts are right");
    let asker = Asker { snapshot, catalog: &catalog };
    let given =
        given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let query = SavedQuery::parse("test", query).map_err(|error| error.to_string())?;
    let query = query
        .prepare(&given, &asker)
        .map_err(|error| format!("{error}; {}", error.hint().unwrap_or_default()))?;
    match snapshot
        .query(&query, Limits { time: Duration::MAX })
        .map_err(|error| error.to_string())?
    {
        Answer::Boolean(value) => Ok(vec![value.to_string()]),
        Answer::Graph(triples) => Ok(triples.map(|triple| triple.unwrap().to_string()).collect()),
        Answer::Solutions { rows, .. } => {
            let show = |term: Option<Term>| term.map_or("-".to_owned(), |term| term.to_string());
            let mut rows: Vec<String> = rows
                .map(|row| row.unwrap().into_iter().map(show).collect::<Vec<_>>().join(" "))
                .map(|row| {
                    row.replace("https://stemma.example/", "")
                        .replace("^^<http://www.w3.org/2001/XMLSchema#", "^<")
                })
                .collect();
            rows.sort();
            Ok(rows)
        }
    }
}

const GRAPH: &str = "
    <> a dcat:Dataset ; dcterms:modified '2021-01-22'^^xsd:date .
    <c1> stm:product product:microsoft-defender-xdr ; dpv:hasLocation loc:US .
    <c2> stm:product product:microsoft-teams ; dpv:hasLocation loc:EU .
    <doc/a/b> a stm:Document ; stm:path 'a/b', 'a/old' .
    <page/sv-SE/a/b> schema:inLanguage 'sv-SE' ; stm:validFrom '2020-05-01'^^xsd:date .
    <page/nl-NL/a/b> schema:inLanguage 'nl-NL' ; stm:validFrom '2021-03-01'^^xsd:date .
";

fn graph() -> Snapshot {
    Snapshot::in_memory(quads(GRAPH)).unwrap()
}

/// Each has a question, an id of its own and an explanation, uses its parameters, and can be asked
/// as it is.
#[test]
fn every_saved_query_can_be_asked() {
    // Defaults that name a page need one that is there.
    let pages = "<doc/a> a stm:Document ; stm:path 'microsoft-365/security/mtp/data-privacy', 'microsoft-365/security/defender/data-privacy' .";
    let snapshot = Snapshot::in_memory(quads(&format!("{GRAPH}{pages}"))).unwrap();
    let catalog = Catalog::builtin().unwrap();
    let asker = Asker { snapshot: &snapshot, catalog: &catalog };
    let mut ids = std::collections::BTreeSet::new();
    for query in all() {
        assert!(!query.title.is_empty() && !query.description.is_empty(), "{}", query.name);
        assert!(ids.insert(query.id.clone().expect("a saved query has an id")), "{}", query.name);
        for param in &query.params {
            assert!(
                query.text.contains(&format!("?{}", param.variable())),
                "{} uses {}",
                query.name,
                param.name
            );
            assert!(!param.help.is_empty(), "{} explains {}", query.name, param.name);
        }
        let prepared = query.prepare(&BTreeMap::new(), &asker);
        assert!(prepared.is_ok(), "{}: {}", query.name, prepared.unwrap_err());
    }
}

#[test]
fn a_head_says_what_the_query_takes() {
    let query = SavedQuery::parse("x", "# What?\n#\n# Rows mean this\n# and that.\n#\n# id: Z9\n# param as-of: date = * -- the day\n# param place: place = \"US\" -- where\nASK {}").unwrap();
    assert_eq!(
        (query.title.as_str(), query.description.as_str(), query.id.as_deref()),
        ("What?", "Rows mean this\nand that.", Some("Z9"))
    );
    assert_eq!(query.params[0].variable(), "asOf");
    assert_eq!(query.params[1].default.as_deref(), Some("US"));
    let wrong = SavedQuery::parse("x", "# param as-of: dat = *\nASK {}").unwrap_err();
    assert_eq!(wrong.to_string(), "the head of `x` cannot be read: param as-of: dat = *");
}

/// A bound variable that is shown stays a column.
#[test]
fn a_product_may_be_called_by_any_of_its_names() {
    let query = "# Q\n# param product: product = * -- which\nSELECT ?product ?place { ?c stm:product ?product ; dpv:hasLocation ?place }";
    let us = "<product/microsoft-defender-xdr> <https://w3id.org/dpv/loc#US>";
    for name in [
        "Microsoft Threat Protection",
        "microsoft 365 defender",
        "microsoft-defender-xdr",
        "product:microsoft-defender-xdr",
    ] {
        assert_eq!(ask(&graph(), query, &[("product", name)]).unwrap(), [us], "{name}");
    }
    assert_eq!(ask(&graph(), query, &[]).unwrap().len(), 2);
    let unknown = ask(&graph(), query, &[("product", "Microsoft Thraet Protection")]).unwrap_err();
    assert!(
        unknown.starts_with("`Microsoft Thraet Protection` is no product; did you mean `Microsoft Threat Protection`"),
        "{unknown}"
    );
}

#[test]
fn a_place_is_a_code_or_a_name() {
    let query =
        "# Q\n# param place: place = \"US\" -- where\nSELECT ?c { ?c dpv:hasLocation ?place }";
    for (place, claim) in [
        ("US", "<c1>"),
        ("us", "<c1>"),
        ("United States", "<c1>"),
        ("loc:EU", "<c2>"),
        ("EU", "<c2>"),
    ] {
        assert_eq!(ask(&graph(), query, &[("place", place)]).unwrap(), [claim], "{place}");
    }
    assert_eq!(ask(&graph(), query, &[]).unwrap(), ["<c1>"]);
}

#[test]
fn a_page_is_any_path_it_had() {
    let query = "# Q\n# param page: page = * -- which\nSELECT ?page ?p { ?page ?p ?o }";
    for page in [
        "a/b",
        "/a/old.md",
        "doc/a/b",
        "https://stemma.example/doc/a/b",
        "https://learn.microsoft.com/a/old#top",
    ] {
        assert!(
            ask(&graph(), query, &[("page", page)]).unwrap()[0].starts_with("<doc/a/b>"),
            "{page}"
        );
    }
    assert!(
        ask(&graph(), query, &[("page", "sv-se/a/old")]).unwrap()[0]
            .starts_with("<page/sv-SE/a/b>")
    );
    assert!(
        ask(&graph(), query, &[("page", "nowhere")])
            .unwrap_err()
            .starts_with("`nowhere` is no page")
    );
}

/// The day to look from is the newest of the inputs, unless another is given.
#[test]
fn as_of_is_the_newest_date() {
    let query = "# Q\n# param as-of: date = * -- the day\n# param locale: locale = * -- which\nSELECT ?page { ?page stm:validFrom ?from ; schema:inLanguage ?locale . FILTER(?from <= ?asOf) }";
    assert_eq!(ask(&graph(), query, &[]).unwrap(), ["<page/sv-SE/a/b>"]);
    assert_eq!(
        ask(&graph(), query, &[("as-of", "2021-03-01"), ("locale", "NL-nl")]).unwrap(),
        ["<page/nl-NL/a/b>"]
    );
    assert_eq!(
        ask(&graph(), query, &[("as-of", "May")]).unwrap_err(),
        "`May` is no date; write it as 2021-01-22"
    );
}

#[test]
fn a_misspelt_parameter_is_no_free_one() {
    let query = "# Q\n# param locale: locale = * -- which\nASK { ?page schema:inLanguage ?locale }";
    assert_eq!(
        ask(&graph(), query, &[("lokale", "sv-SE")]).unwrap_err(),
        "`test` has no parameter `lokale`; did you mean `locale`?"
    );
}

/// A value holds everywhere, as if it were written there.
#[test]
fn a_value_reaches_every_corner() {
    let value = [("locale", "sv-SE")];
    let head = "# Q\n# param locale: locale = * -- which\n";
    let cases = [
        (
            "SELECT ?p { { ?p schema:inLanguage ?locale } UNION { ?p stm:none ?locale } }",
            "<page/sv-SE/a/b>",
        ),
        (
            "SELECT ?p ?n { ?p stm:validFrom ?f OPTIONAL { ?p schema:inLanguage ?l FILTER(?l = ?locale) BIND(1 AS ?n) } FILTER(BOUND(?n)) }",
            "<page/sv-SE/a/b> \"1\"^<integer>",
        ),
        ("SELECT ?p { { SELECT ?p { ?p schema:inLanguage ?locale } } }", "<page/sv-SE/a/b>"),
        (
            "SELECT ?locale (COUNT(*) AS ?n) { ?p schema:inLanguage ?locale } GROUP BY ?locale",
            "\"sv-SE\" \"1\"^<integer>",
        ),
        (
            "SELECT ?p { ?p stm:validFrom ?f FILTER EXISTS { ?p schema:inLanguage ?locale } }",
            "<page/sv-SE/a/b>",
        ),
        (
            "SELECT ?p { VALUES ?locale { 'sv-SE' 'nl-NL' } ?p schema:inLanguage ?locale }",
            "<page/sv-SE/a/b>",
        ),
        ("SELECT (CONCAT(?locale, '!') AS ?x) { FILTER(BOUND(?locale)) }", "\"sv-SE!\""),
        ("ASK { ?p schema:inLanguage ?locale }", "true"),
        (
            "CONSTRUCT { ?p stm:x ?locale } { ?p schema:inLanguage ?locale }",
            "<https://stemma.example/page/sv-SE/a/b> <https://w3id.org/stemma/ns#x> \"sv-SE\"",
        ),
    ];
    for (query, row) in cases {
        assert_eq!(ask(&graph(), &format!("{head}{query}"), &value).unwrap(), [row], "{query}");
    }
}

#[test]
fn an_iri_may_be_full_prefixed_or_relative() {
    for text in [
        "<https://stemma.example/doc/a>",
        "https://stemma.example/doc/a",
        "doc:a",
        "doc/a",
        "<doc/a>",
    ] {
        assert_eq!(
            iri(text, "https://stemma.example/").unwrap().as_str(),
            "https://stemma.example/doc/a",
            "{text}"
        );
    }
    assert!(iri("no iri", "https://stemma.example/").is_err());
}
