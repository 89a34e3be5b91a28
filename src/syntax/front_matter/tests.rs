use super::*;

fn lines(page: &str) -> (FrontMatter, Vec<Problem>) {
    let mut out = Vec::new();
    let header = read(&View::of(page), &mut out);
    (header, out)
}

/// The entries as `key=value|value`, and each problem as its code and the bytes it is at.
fn check(page: &str, entries: &[&str], problems: &[(Code, &str)]) {
    let (header, out) = lines(page);
    assert_eq!(shown(&header.entries), entries, "{page}");
    let found: Vec<_> =
        out.iter().map(|problem| (problem.code, &page[problem.span.range()])).collect();
    assert_eq!(found, problems, "{page}");
    for entry in &header.entries {
        let key = &page[entry.key_span.range()];
        assert!(entry.key.ends_with(key), "`{key}` is the place of `{}`", entry.key);
    }
}

fn shown(entries: &[Entry]) -> Vec<String> {
    let values = |entry: &Entry| {
        entry.values.iter().map(|value| value.text.as_str()).collect::<Vec<_>>().join("|")
    };
    entries.iter().map(|entry| format!("{}={}", entry.key, values(entry))).collect()
}

fn body(page: &str) -> &str {
    &page[lines(page).0.body..]
}

fn repair(page: &str) -> String {
    lines(page).1[0].repair.clone().expect("there is a repair")
}

#[test]
fn keys_with_values() {
    let page = "---\ntitle: Data storage\nms.date: 01/22/2021\nms.custom:\n- one\n- two\n\
        ms.audience: ''\nkeywords: a, b, c\n---\n\n# Data\n";
    check(
        page,
        &[
            "title=Data storage",
            "ms.date=01/22/2021",
            "ms.custom=one|two",
            "ms.audience=",
            "keywords=a, b, c",
        ],
        &[],
    );
    assert_eq!(body(page), "\n# Data\n");
    let (header, _) = lines(page);
    assert_eq!(
        header.title.map(|title| (title.text, title.span)),
        Some(("Data storage".into(), Span::new(11, 23)))
    );
    assert_eq!(&page[header.entries[2].values[1].span.range()], "two");
}

#[test]
fn line_ends_may_be_of_any_kind() {
    check("---\r\ntitle: A\r\nb:\r\n- c\r\n---\r\nText", &["title=A", "b=c"], &[]);
    assert_eq!(body("---\r\ntitle: A\r\n---\r\nText"), "Text");
    check("---\rtitle: A\r---\rText", &["title=A"], &[]);
}

#[test]
fn values_are_as_docfx_sees_them() {
    check(
        "---\na: 'it''s: x'\nb: \"q \\\"r\\\" \\u00e9\"\nc: C# and D #comment\n---\n",
        &["a=it's: x", "b=q \"r\" é", "c=C# and D"],
        &[],
    );
    check(
        "---\na: one\n  two\n\n  three\nb: >\n  four\n  five\nc: |\n  six\n   seven\nd: >-\n  e\n---\n",
        &["a=one two\nthree", "b=four five\n", "c=six\n seven\n", "d=e"],
        &[],
    );
    check("---\na: [x, 'y, z']\nb: {c: d, e: [f]}\n---\n", &["a=x|y, z", "b.c=d", "b.e=f"], &[]);
    check("---\na: null\nb: ~\nc: 'null'\nd: None\n---\n", &["a=", "b=", "c=null", "d=None"], &[]);
}

/// 33 English pages close the quote in the first column, which YAML 1.2 forbids and libyaml takes.
#[test]
fn a_quote_closed_in_the_first_column() {
    check(
        "---\ntitle: A\ndescription: \"Ends here.\n\"\nb: c\n---\n",
        &["title=A", "description=Ends here. ", "b=c"],
        &[],
    );
}

#[test]
fn maps_are_flattened() {
    check(
        "---\na:\n  b: c\n  d:\n  - e\n  - f\ng:\n- h: i\n- h: j\n---\n",
        &["a.b=c", "a.d=e|f", "g=", "g.h=i", "g.h=j"],
        &[],
    );
}

#[test]
fn a_page_need_not_have_a_header() {
    for page in [
        "# Title\n",
        "",
        "<!-- generated -->\n<!-- again -->\n\n## Text\n--- | ---\n",
        "---\n\nA rule, then prose.\n",
        "Note: x\n---\n",
    ] {
        check(page, &[], &[]);
        assert_eq!(lines(page).0.body, 0, "{page}");
    }
    check("---\n---\nText", &[], &[]);
    assert_eq!(body("---\n---\nText"), "Text");
}

#[test]
fn the_first_of_two_equal_keys_is_taken() {
    check(
        "---\ntitle: A\nb: c\ntitle: D\n---\n",
        &["title=A", "b=c"],
        &[(Code::DUPLICATE_KEY, "title")],
    );
    check(
        "---\nms.technology: a\nMS.technology: b\n---\n",
        &["ms.technology=a", "MS.technology=b"],
        &[],
    );
}

#[test]
fn a_key_without_a_blank() {
    let page = "---\ntitle: A\nms.date:01/23/2020\nb: c\n---\n";
    check(
        page,
        &["title=A", "ms.date=01/23/2020", "b=c"],
        &[(Code::MISSING_SPACE_AFTER_COLON, "ms.date:")],
    );
    assert_eq!(repair(page), "ms.date: ");
    check(
        "---\ntitle:Prepare now: soon\nb: c\n---\n",
        &["title=Prepare now: soon", "b=c"],
        &[(Code::MISSING_SPACE_AFTER_COLON, "title:")],
    );
    check("---\na: b\nhttps://c: d\n---\n", &["a=b", "https://c=d"], &[]);
}

#[test]
fn a_colon_in_a_value() {
    let page = "---\ntitle: Step 2: Directory\nb: c\n---\n";
    check(
        page,
        &["title=Step 2: Directory", "b=c"],
        &[(Code::FRONT_MATTER_INVALID, "Step 2: Directory")],
    );
    assert_eq!(repair(page), "'Step 2: Directory'");
}

#[test]
fn a_quote_left_open_ends_with_its_line() {
    let page = "---\ntitle: \"Anti-spam\nf1.keywords:\n- NOCSH\nb: \"c\"\n---\n";
    check(
        page,
        &["title=Anti-spam", "f1.keywords=NOCSH", "b=c"],
        &[(Code::FRONT_MATTER_INVALID, "\"Anti-spam")],
    );
    check(
        "---\ntitle: \"A\" more\nb: \"c\n d\"\n---\n",
        &["title=\"A\" more", "b=c d"],
        &[(Code::FRONT_MATTER_INVALID, "\"A\" more")],
    );
}

#[test]
fn lines_that_are_nothing() {
    check(
        "---\naudience: Admin\narticle\nb: c\n---\n",
        &["audience=Admin", "b=c"],
        &[(Code::FRONT_MATTER_INVALID, "article")],
    );
    check(
        "---\na: b\n- c: d\n- e\nf: g\n---\n",
        &["a=b", "f=g"],
        &[(Code::FRONT_MATTER_INVALID, "- c: d\n- e")],
    );
    check("---\na: b\n\tc: d\n---\n", &["a=b"], &[(Code::FRONT_MATTER_INVALID, "c: d")]);
    check("---\na: @b\nc: d\n---\n", &["a=@b", "c=d"], &[(Code::FRONT_MATTER_INVALID, "@b")]);
}

#[test]
fn junk_before_the_header() {
    let keys = "title: A\nb: c\n---\nText";
    for (start, at, repair) in [
        ("-0--\n", "-0--", "---"),
        (".---\n", ".---", "---"),
        ("&#8310;---\n", "&#8310;---", "---"),
        ("\n---\n", "\n", ""),
        (" ---\n", " ", ""),
    ] {
        let page = format!("{start}{keys}");
        check(&page, &["title=A", "b=c"], &[(Code::FRONT_MATTER_MISPLACED, at)]);
        assert_eq!((body(&page), self::repair(&page).as_str()), ("Text", repair));
    }
    check(
        &format!("<!-- x -->\n---\n{keys}"),
        &["title=A", "b=c"],
        &[(Code::FRONT_MATTER_MISPLACED, "<!-- x -->\n")],
    );
    check(
        &format!("d: e\n{keys}"),
        &["d=e", "title=A", "b=c"],
        &[(Code::FRONT_MATTER_MISPLACED, "")],
    );
}

#[test]
fn a_header_without_end() {
    check(
        "---\ntitle: A\nb:\n- c\n---'\n\n# Text\n\n---\n",
        &["title=A", "b=c"],
        &[(Code::FRONT_MATTER_UNCLOSED, "---'")],
    );
    check(
        "---\n title: A\n b:\n - c\n ---\n\n# Text\n",
        &["title=A", "b=c"],
        &[(Code::FRONT_MATTER_UNCLOSED, " ---")],
    );
    let page = "---\ntitle: A\nb:\n- c\n\n# Text\n\nMore: text\n";
    check(page, &["title=A", "b=c"], &[(Code::FRONT_MATTER_UNCLOSED, "")]);
    assert_eq!(body(page), "\n# Text\n\nMore: text\n");
    let page = "---\ntitle: A\nb: c\n\n# Text\n\nSome words.\n\n---\n\nMore\n";
    check(page, &["title=A", "b=c"], &[(Code::FRONT_MATTER_UNCLOSED, "")]);
    // A comment in a header is no heading.
    check("---\ntitle: A\n# b: c\nd: e\n---\n", &["title=A", "d=e"], &[]);
}

#[test]
fn a_merge_conflict_is_reported_once() {
    let page = "---\n<<<<<<< HEAD\ntitle: A\n=======\ntitle: B\n>>>>>>> 1a2b\nc: d\n---\n\n\
        <<<<<<< HEAD\nx\n=======\ny\n>>>>>>> 1a2b\n";
    check(page, &["title=A", "c=d"], &[(Code::MERGE_CONFLICT, "<<<<<<< HEAD")]);
    assert_eq!(lines(page).1[0].message, "2 merge conflicts were left in the page");
    check("Title\n=======\n\n> > > >>>>>>> x <<<<<<< \n", &[], &[]);
}

/// Two Dutch pages of 2020, whose headers went through the translation of prose.
#[test]
fn a_header_of_units_still_has_a_title() {
    let page = "---\n\
        <span data-ttu-id=\"1\">titel: \"Beheren\" trefwoorden:</span><span class=\"sxs-lookup\"><span data-stu-id=\"1\">title: \"Manage\" f1.keywords:</span></span>\n\
        ---\nText";
    let (header, out) = lines(page);
    assert_eq!(
        header.title.map(|title| (title.text, page[title.span.range()].to_owned())),
        Some(("Manage".into(), "Manage".into()))
    );
    assert_eq!(
        out.iter().map(|problem| problem.code).collect::<Vec<_>>(),
        [Code::FRONT_MATTER_INVALID]
    );
    assert_eq!(body(page), "Text");
}

#[test]
fn dates() {
    for (written, iso) in [
        ("01/22/2021", Some("2021-01-22")),
        ("1/2/2021", Some("2021-01-02")),
        ("08/14/19", Some("2019-08-14")),
        ("2021-01-22", Some("2021-01-22")),
        ("22.01.2021", Some("2021-01-22")),
        ("02/29/2020", Some("2020-02-29")),
        ("02/29/2021", None),
        ("22/01/2021", None),
        ("January 2021", None),
        ("01/22/2021/", None),
        ("", None),
    ] {
        assert_eq!(iso_date(written).as_deref(), iso, "{written}");
    }
    check("---\nms.date: 1/2/2021\n---\n", &["ms.date=1/2/2021"], &[]);
    check(
        "---\nms.date: 2021-01-02\n---\n",
        &["ms.date=2021-01-02"],
        &[(Code::DATE_FORMAT, "2021-01-02")],
    );
    assert_eq!(repair("---\nms.date: 08/14/19\n---\n"), "08/14/2019");
    check("---\nms.date: soon\n---\n", &["ms.date=soon"], &[(Code::DATE_FORMAT, "soon")]);
}

#[test]
fn what_a_translation_says_of_its_source() {
    let page = "---\nms.openlocfilehash: 70A3C881c2f68aacdeac00e615f3d09ed90c9f1e\n\
        ms.sourcegitcommit: 855719ee21\nms.translationtype: MT\nms.lasthandoff: 01/22/2021\n\
        ms.locfileid: \"49932044\"\n---\n";
    let mut out = Vec::new();
    let said = origin(&lines(page).0.entries, &mut out);
    assert_eq!(out, []);
    assert_eq!(said.source_hash.as_deref(), Some("70a3c881c2f68aacdeac00e615f3d09ed90c9f1e"));
    assert_eq!(page[said.hash_span.range()].len(), 40);
    assert_eq!(said.source_commit.as_deref(), Some("855719ee21"));
    assert_eq!((said.method.as_deref(), said.handoff.as_deref()), (Some("MT"), Some("2021-01-22")));
    assert_eq!(said.file_id.as_deref(), Some("49932044"));
    let entries = lines("---\nms.openlocfilehash: 70a3\nms.sourcegitcommit: HEAD\n---\n").0.entries;
    assert_eq!(
        origin(&entries, &mut out),
        Origin { hash_span: Span::new(24, 28), ..Origin::default() }
    );
    assert_eq!(out.len(), 2);
}

#[test]
fn pages_in_yaml() {
    let page = "### YamlMime:FAQ\r\nmetadata:\r\n  title: T\r\n  f1.keywords:\r\n  - NOCSH\r\n\
        title: Questions\r\nsections:\r\n- name: General\r\n  questions:\r\n  - question: >\r\n      How\r\n      so?\r\n    answer: |\r\n      1. One\r\n\
        \r\n      2. Two\r\n";
    let mut out = Vec::new();
    let (metadata, texts) = yaml_page(&View::of(page), &mut out);
    assert_eq!(out, []);
    assert_eq!(shown(&metadata), ["title=T", "f1.keywords=NOCSH"]);
    let found: Vec<_> = texts.iter().map(|text| (text.path.as_str(), text.text.as_str())).collect();
    assert_eq!(
        found,
        [
            ("title", "Questions"),
            ("sections[0].name", "General"),
            ("sections[0].questions[0].question", "How so?"),
            ("sections[0].questions[0].answer", "1. One\n\n2. Two"),
        ]
    );
    for piece in texts.iter().flat_map(|text| {
        text.pieces.iter().filter(|piece| piece.verbatim).map(move |piece| (text, piece))
    }) {
        let (text, piece) = piece;
        assert_eq!(
            page[piece.file.range()],
            text.text[piece.plain as usize..(piece.plain + piece.len) as usize]
        );
    }
}

#[test]
fn tables_of_contents() {
    let (metadata, texts) = yaml_page(
        &View::of("- name: A\n  href: a.md\n  items:\n  - name: B\n    href: b.md\n"),
        &mut Vec::new(),
    );
    assert_eq!(metadata, []);
    let paths: Vec<_> = texts.iter().map(|text| text.path.as_str()).collect();
    assert_eq!(paths, ["[0].name", "[0].href", "[0].items[0].name", "[0].items[0].href"]);
}

#[test]
fn a_page_in_yaml_that_is_none() {
    let mut out = Vec::new();
    let page = "### YamlMime:Hub\ntitle: A: b\nsummary: c\n";
    let (_, texts) = yaml_page(&View::of(page), &mut out);
    assert_eq!(texts.iter().map(|text| text.text.as_str()).collect::<Vec<_>>(), ["A: b", "c"]);
    assert_eq!(
        out.iter().map(|problem| (problem.code, &page[problem.span.range()])).collect::<Vec<_>>(),
        [(Code::FRONT_MATTER_INVALID, ": b")]
    );
}

/// What is read here is what libyaml reads, wherever libyaml reads it.
#[test]
fn scalars_agree_with_libyaml() {
    let texts = [
        "plain",
        "two words  and more",
        "a\n  b",
        "a\n\n\n  b\n   c",
        "'a  \n   b'",
        "'a\n\n b'",
        "\"a \\\n   b\"",
        "\"a\\n\\tb\\x41\\u00e9\\\\ \\/\"",
        "\"a\n\n\n b \\\n\n c\"",
        ">\n  a\n  b\n\n  c\n",
        ">\n  a\n   b\n   c\n  d\n\n\n",
        ">-\n\n  a\n  b\n\n",
        ">+\n  a\n\n\n",
        "|\n  a\n   b\n\n  c\n\n",
        "|-\n  a\n",
        "|+\n  a\n\n",
        "|2\n   a\n  b\n",
        "# no\n  yes",
        "a # no",
        "a#b",
        "'#a' # no",
        "|\n  # yes\n",
        "-a",
        "a: b".trim_end_matches(": b"),
        ">\n\n\n",
        "''",
        "\"\"",
    ];
    for text in texts {
        for end in ["\n", "\r\n"] {
            let page = format!("key: {text}\nnext: x\n").replace('\n', end);
            let Ok(value) = serde_yaml::from_str::<serde_yaml::Value>(&page) else {
                panic!("{page:?} is no YAML")
            };
            let members = yaml::header(&View::of(&page), 0..page.len(), false);
            let Node::Scalar(scalar) = &members[0].value else { panic!("{page:?} has no value") };
            assert_eq!(Some(scalar.view.text.as_str()), value["key"].as_str(), "{page:?}");
            assert_eq!(members.len(), 2, "{page:?}");
        }
    }
}

#[test]
fn nothing_makes_it_panic() {
    let page = "\n---\r\ntitle: \"é: \\u00e9\n b\"\n'k': [a, {b: c}, \"d\"]\nx: |2-\n   é\ny:z\n\
        <<<<<<< a\n- q: 'r\n>>>>>>> b\n ---\n# T\n";
    for (i, _) in page.char_indices() {
        for part in [&page[..i], &page[i..], &page[i..].replace('\n', "\r")] {
            read(&View::of(part), &mut Vec::new());
            yaml_page(&View::of(part), &mut Vec::new());
        }
    }
}
