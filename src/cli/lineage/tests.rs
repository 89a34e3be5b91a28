//! Stemmata of small graphs: what histories do that the bundled sample does not.

use clap::Parser;
use expect_test::{Expect, expect};
use oxigraph::io::{RdfFormat, RdfParser};
use oxigraph::model::Quad;

use super::*;
use crate::store::{DEFAULT_BASE, sparql};

#[derive(clap::Parser)]
struct Command {
    #[command(flatten)]
    arguments: LineageArgs,
}

fn draw(graph: &Snapshot, arguments: &str) -> Result<String, Failure> {
    let arguments = std::iter::once("lineage").chain(arguments.split(' '));
    Command::parse_from(arguments).arguments.draw(graph, false)
}

fn check(graph: &Snapshot, arguments: &str, expected: &Expect) {
    let drawing = draw(graph, arguments).expect("the page is in the graph");
    let wide = drawing.lines().find(|line| console::measure_text_width(line) > 100);
    assert_eq!(wide, None, "a line is wider than 100 columns");
    expected.assert_eq(&drawing);
}

/// A graph of texts: page, hash, commits and days, and what else is said of each.
#[derive(Default)]
struct Story {
    turtle: String,
}

impl Story {
    fn page(&mut self, locale: &str, path: &str, more: &str) {
        self.turtle.push_str(&format!(
            "<doc/{path}> a stm:Document ; rdfs:label \"A page\" ; stm:path \"{path}\" .
             <page/{locale}/{path}> a stm:Page ; stm:document <doc/{path}> ;
             schema:inLanguage \"{locale}\" {more} .\n"
        ));
        if locale == "en-US" {
            self.turtle
                .push_str(&format!("<doc/{path}> stm:sourcePage <page/{locale}/{path}> .\n"));
        }
    }

    /// `hash` is a letter or two; `spans` are `from..until` in days.
    fn text(&mut self, page: &str, hash: &str, spans: &[&str], more: &str) {
        let hash = hash.repeat(40);
        let hash = &hash[..40];
        let locale = page.split('/').next().unwrap_or_default();
        let iri = format!("page/{page}@{}", &hash[..12]);
        self.turtle.push_str(&format!(
            "<{iri}> a stm:PageVersion ; stm:page <page/{page}> ; stm:contentHash \"{hash}\" ;
             schema:inLanguage \"{locale}\" {more} .\n"
        ));
        for (number, span) in spans.iter().enumerate() {
            let (from, until) = span.split_once("..").expect("a span has two ends");
            let mut ends = format!("stm:validFrom \"{from}\"^^xsd:date");
            if !until.is_empty() {
                ends.push_str(&format!(" ; stm:validUntil \"{until}\"^^xsd:date"));
            }
            let number = number + 1;
            self.turtle.push_str(&format!(
                "<{iri}#v{number}> a stm:Validity ; stm:ofVersion <{iri}> ; {ends} .\n"
            ));
        }
    }

    fn commit(&mut self, id: &str, at: &str) {
        self.turtle.push_str(&format!(
            "<commit/{id}> a stm:Commit ; stm:gitCommit \"{id}\" ; \
             stm:committed \"{at}\"^^xsd:dateTime .\n"
        ));
    }

    fn tell(self) -> Snapshot {
        let prefixes = sparql::prefixes(DEFAULT_BASE);
        let prefixes =
            prefixes.into_iter().map(|(name, iri)| format!("@prefix {name}: <{iri}> .\n"));
        let newest = "<> a dcat:Dataset ; dcterms:modified \"2021-06-01\"^^xsd:date .\n";
        let text = format!(
            "@base <{DEFAULT_BASE}> .\n{}{newest}{}",
            prefixes.collect::<String>(),
            self.turtle
        );
        let parser = RdfParser::from_format(RdfFormat::Turtle).for_slice(&text);
        let quads: Vec<Quad> =
            parser.collect::<Result<_, _>>().expect("the test's Turtle is right");
        Snapshot::in_memory(quads).expect("a graph can be in memory")
    }
}

/// A text that came back, one of a side branch, one that nobody has, one of another page's
/// translation, and a translation that names no source.
fn story() -> Snapshot {
    let mut story = Story::default();
    let now = "; stm:available true ; dcterms:title \"A page\"@en-US";
    story.page("en-US", "docs/a/one", "; stm:currentVersion <page/en-US/docs/a/one@dddddddddddd>");
    story.page(
        "nl-NL",
        "docs/a/one",
        "; stm:currentVersion <page/nl-NL/docs/a/one@333333333333> ;
         stm:translationState stm:Stale ; stm:staleSince \"2021-03-01\"^^xsd:date ;
         stm:versionsBehind 1",
    );
    story.page(
        "sr-Latn-RS",
        "docs/a/one",
        "; stm:currentVersion <page/sr-Latn-RS/docs/a/one@777777777777> ;
         stm:translationState stm:Unknown",
    );
    let one = "en-US/docs/a/one";
    story.text(one, "a", &["2020-01-01..2020-02-01", "2020-03-01..2020-04-01"], now);
    story.text(
        one,
        "b",
        &["2020-02-01..2020-03-01"],
        "; stm:available true ; \
                                                       dcterms:title \"Another title\"@en-US",
    );
    story.commit("c0ffee0000000000000000000000000000000000", "2020-02-10T08:00:00Z");
    story.text(
        one,
        "c",
        &[],
        "; stm:available true ; \
               stm:firstSeenIn <commit/c0ffee0000000000000000000000000000000000>",
    );
    for (number, hash) in ["e", "f", "01", "02"].iter().enumerate() {
        let (from, until) = (number + 4, number + 5);
        story.text(one, hash, &[&format!("2020-0{from}-01..2020-0{until}-01")], now);
    }
    story.text(one, "8", &["2020-08-01..2021-03-01"], now);
    story.text(one, "d", &["2021-03-01.."], now);
    story.text(one, "9", &[], "; stm:available false");

    let from = |hash: &str, state: &str| {
        let source = &hash.repeat(12)[..12];
        format!(
            "; stm:available true ; stm:translatedFrom <page/en-US/docs/a/one@{source}> ; \
             stm:lineage stm:{state}"
        )
    };
    let nl = "nl-NL/docs/a/one";
    story.text(nl, "1", &["2020-01-20..2020-03-15"], &from("a", "HashAndCommit"));
    story.text(nl, "2", &["2020-03-15..2020-10-01"], &from("a", "HashOnly"));
    story.text(nl, "3", &["2020-10-01.."], &from("8", "Contradicted"));
    let edition =
        format!("{} ; stm:bilingualEditionOf <page/{nl}@333333333333>", from("8", "Contradicted"));
    story.text(nl, "4", &[], &edition);
    story.text(nl, "5", &[], "; stm:available true");
    let sr = "sr-Latn-RS/docs/a/one";
    story.text(sr, "6", &["2020-08-15..2020-09-09"], &from("9", "Declared"));
    story.text(sr, "7", &["2020-09-09.."], &from("9", "Declared"));
    story.page("nl-NL", "docs/b/one", "");
    story.text("nl-NL/docs/b/one", "ab", &["2020-02-20.."], &from("b", "HashOnly"));
    story.tell()
}

#[test]
fn a_history_is_drawn_with_all_that_happens_in_one() {
    check(
        &story(),
        "docs/a/one",
        &expect![[r#"
        A page
        docs/a/one
        as of 2021-06-01

          en-US       8 versions, 2020-01-01 to 2021-03-01 · 1 on side branches only · 1 not in the inputs
          nl-NL       4 versions, 2020-01-20 to 2020-10-01 · 1 bilingual edition
                      stale since 2021-03-01, 1 version behind
          sr-Latn-RS  2 versions, 2020-08-15 to 2020-09-09 · state unknown

         2020-01-01  ●  aaaaaaaaaaaa                31 days
                     │  “A page”
         2020-01-20  ├─ nl-NL       111111111111    55 days  proved by hash and commit
         2020-02-01  ●  bbbbbbbbbbbb                29 days
                     │  “Another title”
         2020-02-20  ├─ nl-NL       abababababab   467 days  proved by hash · of nl-NL/docs/b/one
         2020-02-10  ◇  cccccccccccc                         only on a side branch · c0ffee000000
         2020-03-01  ●  aaaaaaaaaaaa                31 days  again
                     │  “A page”
         2020-03-15  ├─ nl-NL       222222222222   200 days  proved by hash
                     ┊  … 4 versions, 2020-04-01 to 2020-07-01
         2020-08-01  ●  888888888888               212 days
         2020-10-01  ├─ nl-NL       333333333333   243 days  contradicted · current
                     │                                       stale since 2021-03-01, 1 version behind
                     │                                       bilingual 444444444444
        ≤2020-08-15  ○  999999999999                         not in the inputs
         2020-08-15  ├─ sr-Latn-RS  666666666666    25 days  declared
         2020-09-09  ├─ sr-Latn-RS  777777777777   265 days  declared · current · state unknown
         2021-03-01  ●  dddddddddddd                92 days  current

        These name no source:
                     ╰─ nl-NL       555555555555             names no source · undated

          ◇ seen on a side branch only · ○ known from translations only; its day is that of the first
          ┊ not translated: `--all` shows them
    "#]],
    );
}

#[test]
fn runs_that_nobody_translated_are_drawn_when_asked_for() {
    let drawing = draw(&story(), "docs/a/one --all").expect("the page is in the graph");
    assert!(!drawing.contains('┊'));
    assert_eq!(drawing.matches("  ●  ").count(), 9, "{drawing}");
}

#[test]
fn an_earlier_day_is_looked_at_as_it_was() {
    check(
        &story(),
        "docs/a/one --as-of 2020-04-10",
        &expect![[r#"
        A page
        docs/a/one
        as of 2020-04-10

          en-US       3 versions, 2020-01-01 to 2020-04-01 · 1 on side branches only
          nl-NL       3 versions, 2020-01-20 to 2020-03-15 · stale since 2020-04-01, 1 version behind
          sr-Latn-RS  none yet

         2020-01-01  ●  aaaaaaaaaaaa           31 days
                     │  “A page”
         2020-01-20  ├─ nl-NL  111111111111    55 days  proved by hash and commit
         2020-02-01  ●  bbbbbbbbbbbb           29 days
                     │  “Another title”
         2020-02-20  ├─ nl-NL  abababababab    50 days  proved by hash · of nl-NL/docs/b/one
         2020-02-10  ◇  cccccccccccc                    only on a side branch · c0ffee000000
         2020-03-01  ●  aaaaaaaaaaaa           31 days  again
                     │  “A page”
         2020-03-15  ├─ nl-NL  222222222222    26 days  proved by hash · current
                     │                                  stale since 2020-04-01, 1 version behind
         2020-04-01  ●  eeeeeeeeeeee            9 days  current

        These name no source:
                     ╰─ nl-NL  555555555555             names no source · undated

          ◇ seen on a side branch only
    "#]],
    );
}

#[test]
fn a_language_can_be_asked_for_alone() {
    let graph = story();
    for what in ["sr-latn-rs/docs/a/one", "page/sr-Latn-RS/docs/a/one"] {
        let drawing = draw(&graph, what).expect("the page is in the graph");
        assert!(drawing.contains("sr-Latn-RS") && !drawing.contains("nl-NL"), "{drawing}");
    }
    let all = draw(&graph, "docs/a/one").expect("the page is in the graph");
    for what in [
        "en-US/docs/a/one.md",
        "https://learn.microsoft.com/en-us/docs/a/one?view=x#y",
        "/home/me/en-US/2020-01-01/docs/a/one.md",
        "doc:docs/a/one",
        "a/one",
    ] {
        assert_eq!(draw(&graph, what).expect("the page is in the graph"), all, "{what}");
    }
}

#[test]
fn what_may_be_several_things_lists_them() {
    let failure = draw(&story(), "one.md").expect_err("two pages end so");
    expect![[r#"
        `one.md` may be any of these:
          doc/docs/a/one  A page
          doc/docs/b/one  A page"#]]
    .assert_eq(&failure.message);
    let failure = draw(&story(), "docs/a/ona.md").expect_err("no page ends so");
    assert_eq!(failure.hints, ["did you mean `docs/a/one`?"]);
    let failure = draw(&story(), "de-DE/docs/a/one").expect_err("nobody made one");
    assert_eq!(failure.message, "the page is not in the graph in `de-DE`");
}

#[test]
fn no_label_of_a_picture_hides_another() {
    let graph = story();
    for arguments in ["docs/a/one", "docs/a/one --all", "docs/b/one"] {
        let picture = draw(&graph, &format!("{arguments} --format svg")).expect("it is drawn");
        assert_eq!(svg::tests::overlap(&picture), None, "{arguments}");
    }
}

#[test]
fn days_are_counted() {
    let days =
        |from, until| page::day_number(until).zip(page::day_number(from)).map(|(a, b)| a - b);
    assert_eq!(days("2020-02-28", "2020-03-01"), Some(2));
    assert_eq!(days("1999-12-31", "2001-01-01"), Some(367));
    assert_eq!(days("x", "2001-01-01"), None);
}
