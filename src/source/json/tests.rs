use serde_json::{Value, json};

use super::*;

fn check(text: &str, value: Value, repairs: &[(usize, &str)]) {
    let read = read(text.as_bytes());
    assert_eq!(read.value, value, "{text}");
    let made: Vec<(usize, &str)> =
        read.repairs.iter().map(|repair| (repair.offset as usize, repair.what.as_str())).collect();
    assert_eq!(made, repairs, "{text}");
}

#[test]
fn json_needs_no_repair() {
    check(
        r#"{"a": [1, -2.5, true, null], "b": {"c": "x\u00e9\n"}}"#,
        json!({"a": [1, -2.5, true, null], "b": {"c": "xé\n"}}),
        &[],
    );
    check("[]", json!([]), &[]);
    check("\u{feff}{}\r\n", json!({}), &[]);
}

#[test]
fn values_know_their_places() {
    let read = read(br#"{"redirections": [{"source_path": "a.md"}, {"source_path": "b/c.md"}]}"#);
    let span = read.span("/redirections/1/source_path").expect("the value is there");
    assert_eq!(span, Span::new(59, 67));
    assert_eq!(read.span("/redirections/2"), None);
}

#[test]
fn commas_too_few_and_too_many() {
    check(r#"[{"a": 1} {"a": 2}]"#, json!([{"a": 1}, {"a": 2}]), &[(9, "a comma is missing")]);
    check(r#"{"a": 1 "b": 2}"#, json!({"a": 1, "b": 2}), &[(7, "a comma is missing")]);
    check("[1, 2, ]", json!([1, 2]), &[(6, "a comma before the end of the list")]);
    check("[1,, 2]", json!([1, 2]), &[(4, "a comma too many")]);
    check("[, 1]", json!([1]), &[(2, "a comma too many")]);
}

/// Thousands of them in one real file: one repair, at the first.
#[test]
fn no_break_spaces_between_values() {
    let text = "{\n\u{a0}\u{a0}\"a\": \"b\u{a0}c\",\n\u{a0}\u{a0}\"d\": 1\n}";
    check(
        text,
        json!({"a": "b\u{a0}c", "d": 1}),
        &[(2, "U+00A0 is no white space; it stands 4 times between values")],
    );
}

#[test]
fn brackets_left_open() {
    check(
        r#"{"a": [1, 2"#,
        json!({"a": [1, 2]}),
        &[(11, "`]` is missing"), (11, "`}` is missing")],
    );
    check(
        r#"{"a": [{"b": 1], "c": 2}"#,
        json!({"a": [{"b": 1}], "c": 2}),
        &[(14, "`}` is missing")],
    );
    check(
        r#"[{"a": 1, {"a": 2}]"#,
        json!([{"a": 1}, {"a": 2}]),
        &[(9, "`}` is missing"), (9, "a comma is missing")],
    );
}

#[test]
fn comments_and_loose_words() {
    check("{// why\n\"a\": 1 /* x */}", json!({"a": 1}), &[(1, "a comment"), (15, "a comment")]);
    check(
        "{a: 'b'}",
        json!({"a": "b"}),
        &[(1, "a key without quotes"), (4, "a string in single quotes")],
    );
    check(
        r#"{"a": "b\d"}"#,
        json!({"a": r"b\d"}),
        &[(6, "a string with a backslash that begins no escape")],
    );
}

#[test]
fn what_is_no_json_is_passed_over() {
    check("", Value::Null, &[(0, "there is no value in it")]);
    check("{\"a\": 1}\n}", json!({"a": 1}), &[(9, "the file goes on after its end")]);
    check(
        "[\n<<<<<<< HEAD\n1,\n=======\n2]",
        json!([1, 2]),
        &[(2, "`<<<<<<< HEAD` is no JSON"), (18, "`=======` is no JSON")],
    );
    check("{\"a\": }", json!({}), &[(5, "the value is missing")]);
}

#[test]
fn nothing_makes_it_panic() {
    let text = "\u{feff}{\"a\": [1, 'x', {\"é\": \"\\u00e9\\q\"}], // c\n b: <x>, 0x1F, .5}";
    for end in 0..text.len() {
        read(&text.as_bytes()[..end]);
        read(&text.as_bytes()[end..]);
    }
    read("[".repeat(5000).as_bytes());
}
