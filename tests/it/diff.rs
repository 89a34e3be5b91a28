//! `stemma diff` on small graphs: what it says, and what it exits with.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use expect_test::{Expect, expect};
use stemma::compile::{self, Options};
use stemma::source::git::Selection;
use stemma::store::LoadOptions;

const PRIVACY: &str = "\
---
title: Data privacy
---
# Data privacy in Microsoft 365 Defender

Microsoft 365 Defender operates in Microsoft Azure data centers in the European Union, the \
United Kingdom, and the United States.

Customer data in pseudonymized form may also be stored in the United States.

See [how to turn it on](enable.md) and [what is shared](sharing.md).
";

const ENABLE: &str = "# Turn on Microsoft 365 Defender\n\nOne setting is enough.\n";

const COMPLETE: &str = "\
sources:
- path: en-US
  locale: en-US
  docset: microsoft-365-docs
  role: source
  complete: true
";

/// Compiles pages into the graph `name` of a folder.
fn graph(folder: &Path, name: &str, files: &[(&str, &str)]) {
    let input = folder.join(format!("{name}-input"));
    for (path, text) in files {
        let path = input.join(path);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder");
        fs::write(path, text).expect("the file can be written");
    }
    let load = LoadOptions { threads: 1, memory_mb: 16 };
    let options = Options { load, ..Options::new(folder.join(name)) };
    compile::compile(&[input], &options).expect("the pages compile");
}

fn diff(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stemma"))
        .arg("diff")
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("stemma runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("the output is UTF-8")
}

/// The rows in which something happened, and all that follows the summary. What the registry knows
/// changes with its data.
fn told(output: &Output) -> String {
    let text = stdout(output);
    let (summary, rest) = text.split_once("infos").expect("the summary ends with remarks");
    let is_news = |line: &&str| {
        let counts = line.split_whitespace().skip(3).take(3);
        line.starts_with(|c: char| c.is_ascii_lowercase())
            && counts.filter(|count| count.parse::<u64>().is_ok()).count() > 0
    };
    let rows: Vec<&str> = summary.lines().skip(3).filter(is_news).collect();
    let rest: Vec<&str> = rest.lines().skip(1).collect();
    format!("{}\n{}\n", rows.join("\n"), rest.join("\n"))
}

fn check(output: &Output, expected: &Expect) {
    expected.assert_eq(&told(output));
}

fn two_graphs(folder: &Path) {
    let privacy = "en-US/microsoft-365/security/privacy.md";
    let enable = "en-US/microsoft-365/security/enable.md";
    graph(
        folder,
        "a",
        &[
            ("stemma.yaml", COMPLETE),
            (privacy, PRIVACY),
            (enable, ENABLE),
            ("en-US/microsoft-365/security/old.md", "# Old\n\nNothing more.\n"),
        ],
    );
    let changed = PRIVACY
        .replace(", the United Kingdom, and the", " and the")
        .replace("may also be stored", "is also stored")
        .replace("](enable.md)", "](activate.md), [the rest](rest.md)");
    graph(
        folder,
        "b",
        &[
            ("stemma.yaml", COMPLETE),
            (privacy, &changed),
            (enable, ENABLE),
            ("en-US/microsoft-365/security/sharing.md", "# What is shared\n\nAlerts.\n"),
        ],
    );
}

#[test]
fn claims_links_and_pages_that_changed_have_evidence_on_both_sides() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    two_graphs(folder.path());
    check(
        &diff(folder.path(), &["a", "b"]),
        &expect![[r#"
            claims                         4         3         ·         1         1  claims stated in a language; changed: in one respect
            statements                     4         3         1         2            claims stated on a page
            regions                        3         2         ·         1            places of a product, as stated in a language
            pages                          3         3         1         1         1  pages in a language; changed: another text
            addresses                      3         3         1         1         ·  their addresses; changed: the page moved
            versions                       3         3         2         2            texts of pages, former ones too
            links                          2         3         2         1            targets that a page links to
            broken-links                   1         2         2         1            broken, or with a broken fragment
            findings                       1         2         2         1            problems in pages and configuration
            warnings                       1         2         2         1            of these, warnings

            Claims: no longer stated (1)

              Microsoft Defender XDR [en-US]
                operates in United Kingdom, on Microsoft Azure
                - en-US/microsoft-365/security/privacy.md:6 (version 6486ae96f74d)
                  “Microsoft 365 Defender operates in Microsoft Azure data centers in the European Union, the United Kingdom, and the United States”
                + en-US/microsoft-365/security/privacy.md:6 (version dc2f3f91379b)
                  “Microsoft 365 Defender operates in Microsoft Azure data centers in the European Union and the United States.”

            Claims: stated otherwise (1)

              Microsoft Defender XDR [en-US]
                modality: may store customer data, pseudonymized, in United States → stores customer data, pseudonymized, in United States
                - en-US/microsoft-365/security/privacy.md:8 (version 6486ae96f74d)
                  “Customer data in pseudonymized form may also be stored in the United States”
                + en-US/microsoft-365/security/privacy.md:8 (version dc2f3f91379b)
                  “Customer data in pseudonymized form is also stored in the United States”

            Regions: no longer said to be there (1)

              Microsoft Defender XDR [en-US]
                United Kingdom
                - en-US/microsoft-365/security/privacy.md:6 (version 6486ae96f74d)
                  “Microsoft 365 Defender operates in Microsoft Azure data centers in the European Union, the United Kingdom, and the United States”
                + en-US/microsoft-365/security/privacy.md:6 (version dc2f3f91379b)
                  “Microsoft 365 Defender operates in Microsoft Azure data centers in the European Union and the United States.”

            Pages: removed (1)

              microsoft-365/security/old [en-US]
                - en-US/microsoft-365/security/old.md (version ed397a5322a2)
                + no redirect leads on from its address

            Pages: added (1)

              microsoft-365/security/sharing [en-US]
                + en-US/microsoft-365/security/sharing.md (version 18b575441bac)

            Pages: another text (1)

              microsoft-365/security/privacy [en-US]
                en-US +3 −3 segments
                - en-US/microsoft-365/security/privacy.md (version 6486ae96f74d)
                + en-US/microsoft-365/security/privacy.md (version dc2f3f91379b)

            Links: newly broken (2)

              https://learn.microsoft.com/microsoft-365/security/activate [en-US]
                no link → broken, on 1 page
                - en-US: no such link
                + en-US/microsoft-365/security/privacy.md:10 (version dc2f3f91379b)
                  “[how to turn it on](activate.md)”
              https://learn.microsoft.com/microsoft-365/security/rest [en-US]
                no link → broken, on 1 page
                - en-US: no such link
                + en-US/microsoft-365/security/privacy.md:10 (version dc2f3f91379b)
                  “[the rest](rest.md)”

            Links: repaired (1)

              https://learn.microsoft.com/microsoft-365/security/sharing [en-US]
                broken → ok, on 1 page
                - en-US/microsoft-365/security/privacy.md:10 (version 6486ae96f74d)
                  “[what is shared](sharing.md)”
                + en-US/microsoft-365/security/privacy.md:10 (version dc2f3f91379b)
                  “[what is shared](sharing.md)”
        "#]],
    );
}

#[test]
fn a_threshold_that_is_exceeded_is_named_and_the_exit_code_is_1() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    two_graphs(folder.path());
    let output = diff(folder.path(), &["a", "b", "--fail-on", "claims-removed>0"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "failed: claims-removed>0: 1\n");
    let passing = ["a", "b", "--fail-on", "claims-removed>1", "--max-deleted", "50%"];
    assert_eq!(diff(folder.path(), &passing).status.code(), Some(0));
    let deleted = diff(folder.path(), &["a", "b", "--max-deleted", "45"]);
    assert_eq!(deleted.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&deleted.stderr),
        "failed: statements-removed>45%: 2 of 4, 50.0%\nfailed: links-removed>45%: 1 of 2, 50.0%\n"
    );
}

#[test]
fn a_page_that_moved_without_another_word_has_moved() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let git = |arguments: &[&str], day: &str| {
        let date = format!("{day}T12:00:00Z");
        let done = Command::new("git")
            .args(["-c", "user.name=A", "-c", "user.email=a@example.com", "-C"])
            .arg(folder.path().join("docs"))
            .args(arguments)
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_DATE", &date)
            .output()
            .expect("git is installed");
        assert!(done.status.success(), "{done:?}");
    };
    fs::create_dir(folder.path().join("docs")).expect("a folder");
    fs::write(folder.path().join("docs/vault.md"), "# The vault\n").expect("a page");
    git(&["init", "-q", "-b", "live"], "2020-01-10");
    git(&["add", "."], "2020-01-10");
    git(&["commit", "-qm", "one"], "2020-01-10");
    git(&["mv", "vault.md", "safe.md"], "2020-02-11");
    git(&["commit", "-qm", "two"], "2020-02-11");
    let selection = Selection { history: true, ..Selection::default() };
    let options = Options { selection, ..Options::new(folder.path().join("graph")) };
    compile::compile(&[folder.path().join("docs")], &options).expect("it compiles");
    let days = ["2020-01-20", "2020-03-01", "--graph", "graph", "--format", "json"];
    let output = diff(folder.path(), &days);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!(json["metrics"]["addresses-changed"], 1, "{json:#}");
    assert_eq!(json["metrics"]["pages-changed"], 0, "{json:#}");
}

#[test]
fn an_unknown_metric_is_refused_with_all_that_there_are() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let output = diff(folder.path(), &["a", "b", "--fail-on", "claims-lost>0"]);
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(message.contains("there is no metric `claims-lost`"), "{message}");
    assert!(
        message.contains("claims-before claims-after claims-added claims-removed"),
        "{message}"
    );
}

#[test]
fn of_equal_graphs_it_says_that_nothing_differs() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    two_graphs(folder.path());
    let output = diff(folder.path(), &["a", "a", "--fail-on", "pages-removed>0"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).ends_with("\nNothing differs.\n"));
}

#[test]
fn every_form_tells_the_same() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    two_graphs(folder.path());
    let written = |form| stdout(&diff(folder.path(), &["a", "b", "--format", form]));
    let json: serde_json::Value =
        serde_json::from_str(&written("json")).expect("the output is JSON");
    assert_eq!(json["identical"], false);
    assert_eq!(json["metrics"]["claims-removed"], 1);
    assert_eq!(json["changes"]["claims-removed"]["counted"], 1);
    let removed = &json["changes"]["claims-removed"]["items"][0];
    assert_eq!(removed["before"]["evidence"][0]["line"], 6);
    for form in ["md", "html"] {
        let text = written(form);
        assert!(text.contains("operates in United Kingdom"), "{form}: {text}");
        assert!(text.contains("no longer stated"), "{form}: {text}");
    }
    let limited = stdout(&diff(folder.path(), &["a", "b", "--limit", "1"]));
    assert!(limited.contains("… and 1 more"), "{limited}");
}

const DATED: &str = "\
sources:
- path: one
  locale: en-US
  docset: microsoft-365-docs
  role: source
  from: 2020-01-01
  until: 2020-03-01
- path: two
  locale: en-US
  docset: microsoft-365-docs
  role: source
  from: 2020-03-01
- path: dutch
  locale: nl-NL
  docset: microsoft-365-docs
  role: translation
  from: 2020-02-01
";

/// A history of an English page with a rename, and one Dutch translation of the first text.
fn history(folder: &Path) {
    let first = "# Privacy\n\nMicrosoft Threat Protection operates in the European Union.\n";
    let second = first.replace("Microsoft Threat Protection", "Microsoft 365 Defender");
    // The hash is that of the first text with CRLF line ends.
    let hash = stemma::syntax::encoding::variants(first.as_bytes()).crlf;
    let dutch = format!(
        "---\nms.openlocfilehash: {hash}\nms.lasthandoff: 02/01/2020\n---\n# Privacy\n\n\
         Microsoft Threat Protection is actief in de Europese Unie.\n"
    );
    graph(
        folder,
        "graph",
        &[
            ("stemma.yaml", DATED),
            ("one/microsoft-365/privacy.md", first),
            ("two/microsoft-365/privacy.md", &second),
            ("dutch/microsoft-365/privacy.md", &dutch),
        ],
    );
}

#[test]
fn two_days_of_a_history_are_compared_by_what_was_published_then() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    history(folder.path());
    let output = diff(folder.path(), &["2020-02-15", "2020-03-15", "--graph", "graph"]);
    check(
        &output,
        &expect![[r#"
        products                       2         2         ·         ·         1  products named in a language; changed: mostly called otherwise
        names                          2         2         1         1            names used for a product in a language
        pages                          2         2         ·         ·         1  pages in a language; changed: another text
        versions                       2         3         1         ·            texts of pages, former ones too
        translations                   1         1         ·         ·         1  translations; changed: in state
        stale-translations             0         1         1         ·         ·  of a former source text; changed: further behind

        Products and names: mostly called otherwise (1)

          Microsoft Defender XDR [en-US]
            “Microsoft 365 Defender” now on 1 page, “Microsoft Threat Protection” no longer on 1 page
            - one/microsoft-365/privacy.md:3 (version 2ed7ae967578, since 2020-01-01)
              “Microsoft Threat Protection operates in the European Union.”
            + two/microsoft-365/privacy.md:3 (version a85ec6905744, since 2020-03-01)
              “Microsoft 365 Defender operates in the European Union.”

        Pages: another text (1)

          microsoft-365/privacy [en-US]
            en-US +1 −1 segments
            - one/microsoft-365/privacy.md (version 2ed7ae967578, since 2020-01-01)
            + two/microsoft-365/privacy.md (version a85ec6905744, since 2020-03-01)

        Translations: became stale (1)

          microsoft-365/privacy [nl-NL]
            up to date → stale since 2020-03-01, 1 version behind
            - dutch/microsoft-365/privacy.md — made from 2ed7ae967578 of 2020-01-01 (version 249a7616dabb, since 2020-02-01)
            + dutch/microsoft-365/privacy.md — made from 2ed7ae967578 of 2020-01-01 (version 249a7616dabb, since 2020-02-01)
            + two/microsoft-365/privacy.md — what the source says now (version a85ec6905744, since 2020-03-01)
    "#]],
    );
}

#[test]
fn days_come_in_order_and_not_beside_folders() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    for arguments in [["2020-03-15", "2020-02-15"], ["2020-02-15", "graph"]] {
        assert_eq!(diff(folder.path(), &arguments).status.code(), Some(2));
    }
}

#[test]
fn a_page_that_moved_keeps_its_claims_and_a_claim_that_others_state_is_not_lost() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let said = "# One\n\nMicrosoft 365 Defender operates in the European Union.\n";
    let moved = "# Where it is\n\nMicrosoft Teams operates in the European Union.\n";
    graph(
        folder.path(),
        "a",
        &[
            ("stemma.yaml", COMPLETE),
            ("en-US/microsoft-365/one.md", said),
            ("en-US/microsoft-365/two.md", &said.replace("One", "Two")),
            ("en-US/microsoft-365/here.md", moved),
        ],
    );
    graph(
        folder.path(),
        "b",
        &[
            ("stemma.yaml", COMPLETE),
            ("en-US/microsoft-365/one.md", said),
            ("en-US/microsoft-365/two.md", "# Two\n\nIt operates.\n"),
            ("en-US/microsoft-365/there.md", moved),
        ],
    );
    check(
        &diff(folder.path(), &["a", "b"]),
        &expect![[r#"
        statements                     3         2         ·         1            claims stated on a page
        pages                          3         3         ·         ·         1  pages in a language; changed: another text
        addresses                      3         3         ·         ·         1  their addresses; changed: the page moved
        versions                       3         3         2         2            texts of pages, former ones too

        Claims: still stated, but not on these pages (1)

          Microsoft Defender XDR [en-US]
            operates in European Union
            - en-US/microsoft-365/two.md:3 (version 9e922d3ff957)
              “Microsoft 365 Defender operates in the European Union”
            + en-US/microsoft-365/two.md — nothing like it is said (version e05b0acbbab7)

        Pages: moved (1)

          microsoft-365/there [en-US]
            was microsoft-365/here (the same text; no redirect keeps the document)
            - en-US/microsoft-365/here.md (version b45f185716f2)
            + en-US/microsoft-365/there.md (version b45f185716f2)

        Pages: another text (1)

          microsoft-365/two [en-US]
            en-US +1 −1 segments
            - en-US/microsoft-365/two.md (version 9e922d3ff957)
            + en-US/microsoft-365/two.md (version e05b0acbbab7)
    "#]],
    );
}
