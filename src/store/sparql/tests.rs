//! What people get to read when a query is wrong.

use expect_test::{Expect, expect};

use super::*;

fn check(query: &str, expect: Expect) {
    let error = parse(query, "https://stemma.example/").expect_err("the query is wrong");
    let hint = error.hint.map_or(String::new(), |hint| format!("\nhint: {hint}"));
    expect.assert_eq(&format!(
        "{}:{}: {}\n{}{hint}",
        error.line, error.column, error.message, error.excerpt
    ));
}

#[test]
fn the_prologue_is_not_counted() {
    assert!(parse("SELECT ?page { ?page a stm:Page }", "https://stemma.example/").is_ok());
    check(
        "SELECT ?page\nWHERE { ?page a stm:Page } LIMIT ten",
        expect![[r#"
            2:34: expected a number here
            2 | WHERE { ?page a stm:Page } LIMIT ten
              |                                  ^
            hint: a triple pattern is `subject predicate object .`, a filter `FILTER(…)`, a variable `?name`"#]],
    );
}

#[test]
fn an_unknown_prefix() {
    check(
        "SELECT ?x { # stn:Comment\n  ?x a stn:Page }",
        expect![[r#"
            2:8: there is no prefix `stn:`
            2 |   ?x a stn:Page }
              |        ^^^
            hint: did you mean `stm:`?"#]],
    );
}

#[test]
fn a_dot_for_a_colon() {
    check(
        "SELECT ?x { ?x dpv.hasLocation ?y }",
        expect![[r#"
            1:16: `dpv.hasLocation` is no name
            1 | SELECT ?x { ?x dpv.hasLocation ?y }
              |                ^^^^^^^^^^^^^^^
            hint: did you mean `dpv:hasLocation`?"#]],
    );
}

#[test]
fn a_bracket_that_is_missing() {
    check(
        "SELECT ?x {\n\t?x stm:line ?y FILTER(?y = 3 }",
        expect![[r#"
            2:31: `}` stands where `)` should
            2 | 	?x stm:line ?y FILTER(?y = 3 }
              | 	                             ^
            hint: did you forget `)`?"#]],
    );
    check(
        "SELECT ?x { ?x a stm:Page",
        expect![[r#"
            1:11: `{` is never closed
            1 | SELECT ?x { ?x a stm:Page
              |           ^
            hint: did you forget `}`?"#]],
    );
}

#[test]
fn a_text_without_end() {
    check(
        "SELECT ?x { ?x rdfs:label \"größer }",
        expect![[r#"
            1:27: this text has no end
            1 | SELECT ?x { ?x rdfs:label "größer }
              |                           ^^^^^^^^^
            hint: did you forget the closing quotation mark?"#]],
    );
}

#[test]
fn what_is_no_query() {
    check(
        "SELCT ?x {}",
        expect![[r#"
            1:1: a query begins with `SELECT`, `ASK`, `CONSTRUCT` or `DESCRIBE`
            1 | SELCT ?x {}
              | ^^^^^
            hint: did you mean `SELECT`?"#]],
    );
    check(
        "PREFIX a: <b> DELETE { ?s ?p ?o }",
        expect![[r#"
            1:15: a query cannot change the graph
            1 | PREFIX a: <b> DELETE { ?s ?p ?o }
              |               ^^^^^^
            hint: change the pages or the data, and run `stemma compile` again"#]],
    );
}

#[test]
fn grouped_but_not_counted() {
    check(
        "SELECT ?x (COUNT(*) AS ?n) { ?x ?p ?o }",
        expect![[r#"
            1:1: the query groups, but shows a variable that is neither grouped by nor counted
            1 | SELECT ?x (COUNT(*) AS ?n) { ?x ?p ?o }
              | ^^^^^^
            hint: add it to `GROUP BY`, or show `(SAMPLE(?x) AS ?y)`"#]],
    );
}

/// Brackets are parsed by recursion: a few thousand would end the program, not the query.
#[test]
fn brackets_without_end() {
    let deep = format!("ASK {}{}", "{".repeat(5000), "}".repeat(5000));
    assert_eq!(
        parse(&deep, "https://stemma.example/").unwrap_err().message,
        "brackets are nested deeper than 128"
    );
}

/// So are chains of operators and patterns; what a query may have of them fits any thread's stack.
#[test]
fn chains_without_end() {
    let chains = [
        ("ASK { FILTER(", "!", "true) }"),
        ("ASK { ?s ", "stm:x/", "stm:x ?o }"),
        ("ASK { {} ", "UNION {} ", "}"),
        ("ASK { ", "MINUS {} ", "}"),
        ("ASK { ", "OPTIONAL {} ", "}"),
        ("ASK { FILTER(true", " || true", ") }"),
        ("ASK { FILTER(1", "+1", " > 0) }"),
        ("ASK { ?s ?p 1", ",1", " }"),
    ];
    for (start, part, end) in chains {
        let query = |parts| format!("{start}{}{end}", part.repeat(parts));
        let error = parse(&query(60_000), "https://stemma.example/").unwrap_err();
        assert_eq!(error.message, "the query has more than 1000 parts");
        // That this comes back is what is tested: a stack that is too small ends the program.
        let query = query(450);
        let parse = move || parse(&query, "https://stemma.example/").is_ok();
        let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(parse);
        let is_query = thread.expect("a thread can be made").join().expect("it ends");
        assert!(is_query || part == "!", "{start}{part}");
    }
}

/// Brackets, quotation marks and colons inside of texts, IRIs and comments are only letters.
#[test]
fn what_looks_wrong_but_is_not() {
    for query in [
        "SELECT ?x { ?x stm:text '{ x:y \\'' # ) }\n }",
        "SELECT ?x { ?x stm:href <https://e.org/(x> FILTER(?x < 3 && ?x > 1) }",
        "SELECT ?x { ?x stm:text \"\"\"a \" b\n{\"\"\" ; stm:inVersion/stm:page ?p }",
        "PREFIX my: <https://e.org/> SELECT ?x { ?x my:p _:b }",
    ] {
        assert_eq!(parse(query, "https://stemma.example/").map(|_| ()), Ok(()), "{query}");
    }
}

#[test]
fn the_nearest_word_is_near() {
    assert_eq!(nearest("stroed-in", ["stored-in", "data-map"]), Some("stored-in"));
    assert_eq!(nearest("weather", ["stored-in", "data-map"]), None);
}

#[test]
fn an_iri_is_written_as_a_query_may_write_it() {
    let short = Shortener::new("https://stemma.example/");
    assert_eq!(short.iri("https://w3id.org/stemma/ns#Page"), "stm:Page");
    assert_eq!(
        short.iri("https://stemma.example/product/microsoft-defender-xdr"),
        "product:microsoft-defender-xdr"
    );
    assert_eq!(short.iri("https://stemma.example/page/nl-NL/a/b"), "<page/nl-NL/a/b>");
    assert_eq!(short.iri("https://learn.microsoft.com/a"), "<https://learn.microsoft.com/a>");
}
