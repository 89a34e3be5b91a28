//! The same diagnostics in every form, and excerpts of files that are hard to show.

use expect_test::{Expect, expect};

use super::{Format, Report};
use crate::diag::{Code, Diagnostic, Place};
use crate::source::{LineIndex, Span};

const SETUP: &str =
    "# Set up the vault\n\nFirst get [a key](key.md),\nand a ge√Ødentificeerd owner.\n";
const PRIVACY: &[u8] = b"# Integritet\r\n\r\nI anonymiserad form lagras data i USA.\r\n";
const SOURCE: &str = "# Privacy\n\nIn pseudonymized form, data is stored in the US.\n";

fn files(path: &str) -> Option<Vec<u8>> {
    match path {
        "en-us/my setup.md" => Some(SETUP.into()),
        "sv-se/privacy.md" => Some(PRIVACY.into()),
        "en-us/privacy.md" => Some(SOURCE.into()),
        _ => None,
    }
}

fn place(file: &str, words: &str) -> Place {
    let bytes = files(file).expect("the file is one of the test's");
    let start = bytes
        .windows(words.len())
        .position(|window| window == words.as_bytes())
        .expect("the words are in the file");
    let span = Span::new(start, start + words.len());
    Place { file: file.to_owned(), line: LineIndex::new(&bytes).line(span.start), span }
}

fn diagnostic(code: Code, at: Option<Place>, message: &str) -> Diagnostic {
    Diagnostic {
        at,
        code,
        message: message.to_owned(),
        notes: Vec::new(),
        help: Vec::new(),
        repair: None,
    }
}

/// One of each kind: with a note, a repair, a whole file, a file that is not at hand, no place at
/// all.
fn some() -> Vec<Diagnostic> {
    let link = Diagnostic {
        help: vec!["link to the page that took its place, or add a redirect".to_owned()],
        ..diagnostic(
            Code::BROKEN_LINK,
            Some(place("en-us/my setup.md", "key.md")),
            "there is no page at `key.md`",
        )
    };
    let mojibake = Diagnostic {
        repair: Some("geïdentificeerd".to_owned()),
        ..diagnostic(
            Code::MOJIBAKE,
            Some(place("en-us/my setup.md", "ge√Ødentificeerd")),
            "UTF-8 bytes of U+00EF read as Mac Roman",
        )
    };
    let claim = Diagnostic {
        notes: vec![(
            place("en-us/privacy.md", "pseudonymized"),
            "the source says this".to_owned(),
        )],
        help: vec!["compare the two sentences".to_owned()],
        ..diagnostic(
            Code::CLAIM_DIFFERS,
            Some(place("sv-se/privacy.md", "anonymiserad")),
            "says that the data is anonymised",
        )
    };
    let whole = Place { file: "en-us/redirects.json".to_owned(), line: 1, span: Span::default() };
    let absent = Place {
        file: "/srv/nl-nl/setup.md".to_owned(),
        line: 7,
        span: Span { start: 120, end: 126 },
    };
    vec![
        link,
        mojibake,
        claim,
        diagnostic(Code::REDIRECT_LOOP, Some(whole), "`vault/setup` redirects to itself"),
        diagnostic(Code::BROKEN_LINK, Some(absent), "there is no page at `keys.md`"),
        diagnostic(Code::LOCALE_UNKNOWN, None, "no locale is named"),
    ]
}

fn render(
    format: Format,
    diagnostics: &[Diagnostic],
    per_code_limit: usize,
    sources: &dyn Fn(&str) -> Option<Vec<u8>>,
) -> String {
    let mut out = Vec::new();
    let report = Report { diagnostics, sources, per_code_limit, color: false };
    report.write(format, &mut out).expect("memory can be written to");
    String::from_utf8(out).expect("reports are UTF-8")
}

fn check(format: Format, expected: Expect) {
    expected.assert_eq(&render(format, &some(), 5, &files));
}

#[test]
fn text_shows_the_lines() {
    check(
        Format::Text,
        expect![[r#"
        error[claim-differs]: says that the data is anonymised
         --> sv-se/privacy.md:3:3
          |
        3 | I anonymiserad form lagras data i USA.
          |   ^^^^^^^^^^^^
          |
          = help: compare the two sentences
        note: the source says this
         --> en-us/privacy.md:3:4
          |
        3 | In pseudonymized form, data is stored in the US.
          |    -------------

        warning[mojibake]: UTF-8 bytes of U+00EF read as Mac Roman
         --> en-us/my setup.md:4:7
          |
        4 | and a ge√Ødentificeerd owner.
          |       ^^^^^^^^^^^^^^^^
          |
          = help: write `geïdentificeerd`

        warning[redirect-loop]: `vault/setup` redirects to itself
        --> en-us/redirects.json

        warning[broken-link]: there is no page at `keys.md`
        --> /srv/nl-nl/setup.md:7

        warning[broken-link]: there is no page at `key.md`
         --> en-us/my setup.md:3:19
          |
        3 | First get [a key](key.md),
          |                   ^^^^^^
          |
          = help: link to the page that took its place, or add a redirect

        warning[locale-unknown]: no locale is named

        code            severity  count
        claim-differs   error         1
        mojibake        warning       1
        redirect-loop   warning       1
        broken-link     warning       2
        locale-unknown  warning       1
    "#]],
    );
}

#[test]
fn concise_is_a_line_each() {
    check(
        Format::Concise,
        expect![[r#"
        warning[locale-unknown]: no locale is named
        /srv/nl-nl/setup.md:7: warning[broken-link]: there is no page at `keys.md`
        en-us/my setup.md:3:19: warning[broken-link]: there is no page at `key.md`
        en-us/my setup.md:4:7: warning[mojibake]: UTF-8 bytes of U+00EF read as Mac Roman
        en-us/redirects.json:1:1: warning[redirect-loop]: `vault/setup` redirects to itself
        sv-se/privacy.md:3:3: error[claim-differs]: says that the data is anonymised
    "#]],
    );
}

#[test]
fn json_is_an_object_each() {
    check(
        Format::Json,
        expect![[r#"
        {"code":"locale-unknown","severity":"warning","message":"no locale is named"}
        {"code":"broken-link","severity":"warning","message":"there is no page at `keys.md`","file":"/srv/nl-nl/setup.md","line":7,"byteStart":120,"byteEnd":126}
        {"code":"broken-link","severity":"warning","message":"there is no page at `key.md`","file":"en-us/my setup.md","line":3,"column":19,"byteStart":38,"byteEnd":44,"help":["link to the page that took its place, or add a redirect"]}
        {"code":"mojibake","severity":"warning","message":"UTF-8 bytes of U+00EF read as Mac Roman","file":"en-us/my setup.md","line":4,"column":7,"byteStart":53,"byteEnd":72,"repair":"geïdentificeerd"}
        {"code":"redirect-loop","severity":"warning","message":"`vault/setup` redirects to itself","file":"en-us/redirects.json","line":1,"byteStart":0,"byteEnd":0}
        {"code":"claim-differs","severity":"error","message":"says that the data is anonymised","file":"sv-se/privacy.md","line":3,"column":3,"byteStart":18,"byteEnd":30,"help":["compare the two sentences"],"notes":[{"message":"the source says this","file":"en-us/privacy.md","line":3,"column":4,"byteStart":14,"byteEnd":27}]}
    "#]],
    );
}

#[test]
fn sarif_is_one_log() {
    let text = render(Format::Sarif, &some(), 5, &files);
    let mut log: serde_json::Value = serde_json::from_str(&text).expect("SARIF is JSON");
    // The pages have tests of their own.
    for rule in log["runs"][0]["tool"]["driver"]["rules"].as_array_mut().expect("there are rules") {
        assert!(rule["help"]["text"].as_str().is_some_and(|page| page.starts_with("# ")));
        rule["help"] = "…".into();
    }
    log["runs"][0]["tool"]["driver"]["version"] = "…".into();
    expect![[r#"
        {
          "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
          "runs": [
            {
              "columnKind": "unicodeCodePoints",
              "results": [
                {
                  "level": "warning",
                  "message": {
                    "text": "no locale is named"
                  },
                  "ruleId": "locale-unknown",
                  "ruleIndex": 4
                },
                {
                  "level": "warning",
                  "locations": [
                    {
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "file:///srv/nl-nl/setup.md"
                        },
                        "region": {
                          "byteLength": 6,
                          "byteOffset": 120,
                          "startLine": 7
                        }
                      }
                    }
                  ],
                  "message": {
                    "text": "there is no page at `keys.md`"
                  },
                  "ruleId": "broken-link",
                  "ruleIndex": 2
                },
                {
                  "level": "warning",
                  "locations": [
                    {
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "en-us/my%20setup.md"
                        },
                        "region": {
                          "byteLength": 6,
                          "byteOffset": 38,
                          "endColumn": 25,
                          "endLine": 3,
                          "startColumn": 19,
                          "startLine": 3
                        }
                      }
                    }
                  ],
                  "message": {
                    "text": "there is no page at `key.md`\nhelp: link to the page that took its place, or add a redirect"
                  },
                  "ruleId": "broken-link",
                  "ruleIndex": 2
                },
                {
                  "fixes": [
                    {
                      "artifactChanges": [
                        {
                          "artifactLocation": {
                            "uri": "en-us/my%20setup.md"
                          },
                          "replacements": [
                            {
                              "deletedRegion": {
                                "endColumn": 23,
                                "endLine": 4,
                                "startColumn": 7,
                                "startLine": 4
                              },
                              "insertedContent": {
                                "text": "geïdentificeerd"
                              }
                            }
                          ]
                        }
                      ]
                    }
                  ],
                  "level": "warning",
                  "locations": [
                    {
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "en-us/my%20setup.md"
                        },
                        "region": {
                          "byteLength": 19,
                          "byteOffset": 53,
                          "endColumn": 23,
                          "endLine": 4,
                          "startColumn": 7,
                          "startLine": 4
                        }
                      }
                    }
                  ],
                  "message": {
                    "text": "UTF-8 bytes of U+00EF read as Mac Roman"
                  },
                  "ruleId": "mojibake",
                  "ruleIndex": 0
                },
                {
                  "level": "warning",
                  "locations": [
                    {
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "en-us/redirects.json"
                        }
                      }
                    }
                  ],
                  "message": {
                    "text": "`vault/setup` redirects to itself"
                  },
                  "ruleId": "redirect-loop",
                  "ruleIndex": 1
                },
                {
                  "level": "error",
                  "locations": [
                    {
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "sv-se/privacy.md"
                        },
                        "region": {
                          "byteLength": 12,
                          "byteOffset": 18,
                          "endColumn": 15,
                          "endLine": 3,
                          "startColumn": 3,
                          "startLine": 3
                        }
                      }
                    }
                  ],
                  "message": {
                    "text": "says that the data is anonymised\nhelp: compare the two sentences"
                  },
                  "relatedLocations": [
                    {
                      "id": 0,
                      "message": {
                        "text": "the source says this"
                      },
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "en-us/privacy.md"
                        },
                        "region": {
                          "byteLength": 13,
                          "byteOffset": 14,
                          "endColumn": 17,
                          "endLine": 3,
                          "startColumn": 4,
                          "startLine": 3
                        }
                      }
                    }
                  ],
                  "ruleId": "claim-differs",
                  "ruleIndex": 3
                }
              ],
              "tool": {
                "driver": {
                  "name": "stemma",
                  "rules": [
                    {
                      "defaultConfiguration": {
                        "level": "warning"
                      },
                      "fullDescription": {
                        "text": "A sequence of characters is what UTF-8 looks like when it is read in another encoding, such as Mac Roman or Windows-1252. Where only one reading is possible, the text is used as it must have been."
                      },
                      "help": "…",
                      "id": "mojibake",
                      "properties": {
                        "tags": [
                          "EncodingAnomaly",
                          "characters"
                        ]
                      },
                      "shortDescription": {
                        "text": "characters were decoded with the wrong encoding"
                      }
                    },
                    {
                      "defaultConfiguration": {
                        "level": "warning"
                      },
                      "fullDescription": {
                        "text": "Following the redirects from an address comes back to the same address, in one step or in several. Such a redirect is not followed."
                      },
                      "help": "…",
                      "id": "redirect-loop",
                      "properties": {
                        "tags": [
                          "ConfigurationProblem"
                        ]
                      },
                      "shortDescription": {
                        "text": "a redirect leads back to itself"
                      }
                    },
                    {
                      "defaultConfiguration": {
                        "level": "warning"
                      },
                      "fullDescription": {
                        "text": "The address of a link is in a folder of the inputs, and there is neither a page there, nor another file, nor a redirect. Links to folders that are not in the inputs are not judged, nor are those of pages that may be a sample: without a `docfx.json`, and without `complete: true` in `stemma.yaml`."
                      },
                      "help": "…",
                      "id": "broken-link",
                      "properties": {
                        "tags": [
                          "BrokenLink"
                        ]
                      },
                      "shortDescription": {
                        "text": "a link leads to a page that does not exist"
                      }
                    },
                    {
                      "defaultConfiguration": {
                        "level": "error"
                      },
                      "fullDescription": {
                        "text": "A sentence about what happens to data, and where, was read in the translation and in its source, and the two differ in one thing: the place, the kind or form of the data, the activity, or whether it happens at all. Only languages that can be read are compared."
                      },
                      "help": "…",
                      "id": "claim-differs",
                      "properties": {
                        "tags": [
                          "Divergence",
                          "mistranslation"
                        ]
                      },
                      "shortDescription": {
                        "text": "a translation says something else about data than its source"
                      }
                    },
                    {
                      "defaultConfiguration": {
                        "level": "warning"
                      },
                      "fullDescription": {
                        "text": "Neither a folder such as `nl-nl`, nor the header, nor `stemma.yaml` says which language and region a page is written in. It is read as `en-US`."
                      },
                      "help": "…",
                      "id": "locale-unknown",
                      "properties": {
                        "tags": [
                          "PlacementProblem"
                        ]
                      },
                      "shortDescription": {
                        "text": "the language of a page is not known"
                      }
                    }
                  ],
                  "version": "…"
                }
              }
            }
          ],
          "version": "2.1.0"
        }"#]].assert_eq(&serde_json::to_string_pretty(&log).expect("a value can be written"));
}

#[test]
fn nothing_to_report_is_nothing_in_text() {
    assert_eq!(render(Format::Text, &[], 5, &files), "");
    assert_eq!(render(Format::Concise, &[], 5, &files), "");
    assert_eq!(render(Format::Json, &[], 5, &files), "");
    let log: serde_json::Value =
        serde_json::from_str(&render(Format::Sarif, &[], 5, &files)).expect("SARIF is JSON");
    assert_eq!(log["runs"][0]["results"], serde_json::json!([]));
}

#[test]
fn order_is_that_of_places_not_of_finding() {
    let (some, mut reversed) = (some(), some());
    reversed.reverse();
    for format in [Format::Text, Format::Concise, Format::Json, Format::Sarif] {
        assert_eq!(render(format, &some, 1, &files), render(format, &reversed, 1, &files));
    }
}

#[test]
fn more_of_a_code_than_the_limit_are_counted() {
    let absent = |line| Place {
        file: "a.md".to_owned(),
        line,
        span: Span { start: 10 * line, end: 10 * line },
    };
    let many: Vec<_> = (1..=9)
        .map(|line| diagnostic(Code::EMPTY_LINK_TARGET, Some(absent(line)), "goes nowhere"))
        .collect();
    expect![[r#"
        warning[empty-link-target]: goes nowhere
        --> a.md:1

        warning[empty-link-target]: goes nowhere
        --> a.md:2

        … and 7 more empty-link-target (show all with `--limit 0`, or see `stemma explain empty-link-target`)

        code               severity  count
        empty-link-target  warning       9
    "#]]
    .assert_eq(&render(Format::Text, &many, 2, &files));
    assert_eq!(render(Format::Text, &many, 0, &files).matches("-->").count(), 9);
    assert_eq!(render(Format::Concise, &many, 2, &files).lines().count(), 9);
}

/// The excerpt of one file, without the table.
fn excerpt(bytes: &[u8], range: std::ops::Range<usize>) -> String {
    let line = LineIndex::new(bytes).line(range.start.min(bytes.len()) as u32);
    let span = Span { start: range.start as u32, end: range.end as u32 };
    let at = Place { file: "a.md".to_owned(), line, span };
    let text = render(Format::Text, &[diagnostic(Code::MOJIBAKE, Some(at), "look")], 5, &|_| {
        Some(bytes.to_vec())
    });
    text.split("\n\n").next().unwrap_or_default().to_owned()
}

#[test]
fn invalid_bytes_are_shown_as_characters() {
    expect![[r#"
        warning[mojibake]: look
         --> a.md:1:9
          |
        1 | See the �Keys� section.
          |         ^^^^^^"#]]
    .assert_eq(&excerpt(b"See the \x93Keys\x94 section.\n", 8..14));
}

#[test]
fn a_span_may_cut_characters() {
    expect![[r#"
        warning[mojibake]: look
         --> a.md:1:3
          |
        1 | d��j�� vu
          |   ^^^"#]]
    .assert_eq(&excerpt("déjà vu".as_bytes(), 2..5));
}

#[test]
fn a_byte_order_mark_has_no_column() {
    expect![[r#"
        warning[mojibake]: look
         --> a.md:1:5
          |
        1 | # A �key
          |     ^"#]]
    .assert_eq(&excerpt("\u{feff}# A \u{feff}key\n".as_bytes(), 7..10));
}

#[test]
fn every_kind_of_line_end_ends_a_line() {
    expect![[r#"
        warning[mojibake]: look
         --> a.md:3:1
          |
        3 | / three
        4 | | four
          | |____^"#]]
    .assert_eq(&excerpt(b"one\rtwo\r\nthree\nfour", 9..19));
}

#[test]
fn the_end_of_the_file_can_be_pointed_at() {
    expect![[r#"
        warning[mojibake]: look
         --> a.md:3:1
          |
        3 |
          | ^"#]]
    .assert_eq(&excerpt(b"---\ntitle: x\n", 13..13));
    expect![[r#"
        warning[mojibake]: look
         --> a.md:2:9
          |
        2 | title: x
          |         ^"#]]
    .assert_eq(&excerpt(b"---\ntitle: x", 12..12));
}

#[test]
fn a_long_line_is_shown_around_the_span() {
    let line = "word ".repeat(4000);
    let shown = excerpt(line.as_bytes(), 10_000..10_004);
    expect![[r#"
        warning[mojibake]: look
         --> a.md:1:10001
          |
        1 | ...rd word word word word word word word word word word word word word word word word word wo...
          |                                               ^^^^"#]]
    .assert_eq(&shown);
    assert!(shown.lines().all(|line| line.chars().count() < 120));
}

#[test]
fn a_long_span_in_a_long_line_is_cut() {
    let line = "word ".repeat(4000);
    expect![[r#"
        warning[mojibake]: look
         --> a.md:1:10001
          |
        1 | ...word word word word word word word word word word word word word word word word word word ...
          |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]]
    .assert_eq(&excerpt(line.as_bytes(), 10_000..19_000));
}

#[test]
fn a_span_over_long_lines_shows_its_first() {
    let text = format!("first\n{}\nlast\n", "word ".repeat(4000));
    expect![[r#"
        warning[mojibake]: look
         --> a.md:1:3
          |
        1 | first
          |   ^^^"#]]
    .assert_eq(&excerpt(text.as_bytes(), 2..20_008));
}

#[test]
fn a_span_over_many_lines_is_folded() {
    let text = "key: value\n".repeat(30);
    expect![[r#"
        warning[mojibake]: look
          --> a.md:1:1
           |
         1 | / key: value
         2 | | key: value
         3 | | key: value
         4 | | key: value
        ...  |
        29 | | key: value
        30 | | key: value
           | |__________^"#]]
    .assert_eq(&excerpt(text.as_bytes(), 0..text.len()));
}

#[test]
fn a_file_that_changed_since_is_no_reason_to_fail() {
    expect![[r#"
        warning[mojibake]: look
         --> a.md:1:6
          |
        1 | short
          |      ^"#]]
    .assert_eq(&excerpt(b"short", 900..950));
}

#[test]
fn utf_16_has_no_lines() {
    expect![[r#"
        warning[mojibake]: look
        --> a.md:1"#]]
    .assert_eq(&excerpt(b"\xff\xfe#\x00 \x00A\x00", 0..2));
}

#[test]
fn control_characters_cannot_move_the_cursor() {
    expect![[r#"
        warning[mojibake]: look
         --> a.md:1:4
          |
        1 | a    b␛[31mc�2Jd�e
          |       ^"#]]
    .assert_eq(&excerpt("a\tb\u{1b}[31mc\u{9b}2Jd\u{2028}e".as_bytes(), 3..4));
}

#[test]
fn no_bytes_and_no_span_make_it_fail() {
    // Every span of every one of these, so that a change of the library is noticed here.
    let files: [&[u8]; 5] = [
        b"",
        b"\n",
        b"a\r\nb\rc\n\n\xffd\xe2\x82",
        "\u{feff}é\t日本\u{200d}\u{1f600}\r\n\u{202e}x\n".as_bytes(),
        b"\0\x01\n\x80\x80\n",
    ];
    for file in files {
        for start in 0..=file.len() {
            for end in start..=file.len() + 1 {
                let _ = excerpt(file, start..end);
            }
        }
    }
}
