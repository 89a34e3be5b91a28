//! `stemma lineage` on the bundled sample.

use std::path::PathBuf;
use std::sync::OnceLock;

use clap::Parser;
use expect_test::{Expect, expect};
use stemma::cli::lineage::LineageArgs;
use stemma::compile::{self, Options};
use stemma::store::Snapshot;

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    arguments: LineageArgs,
}

fn sample() -> &'static Snapshot {
    static SAMPLE: OnceLock<(tempfile::TempDir, Snapshot)> = OnceLock::new();
    let (_, snapshot) = SAMPLE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let out = folder.path().join("graph");
        compile::compile(&[PathBuf::from("data/sample")], &Options::new(out.clone()))
            .expect("the sample compiles");
        let snapshot = Snapshot::open(&out).expect("the graph can be opened");
        (folder, snapshot)
    });
    snapshot
}

fn draw(arguments: &[&str]) -> String {
    let arguments = std::iter::once(&"lineage").chain(arguments);
    let arguments = Command::parse_from(arguments).arguments;
    arguments.draw(sample(), false).unwrap_or_else(|failure| panic!("{failure:?}"))
}

fn check(arguments: &[&str], expected: &Expect) {
    expected.assert_eq(&draw(arguments));
}

const PAGE: &str = "microsoft-365/security/mtp/data-privacy";

#[test]
fn a_page() {
    check(
        &[PAGE],
        &expect![[r#"
            Data privacy in Microsoft 365 Defender
            microsoft-365/security/defender/data-privacy · once microsoft-365/security/mtp/data-privacy
            https://learn.microsoft.com/en-us/microsoft-365/security/defender/data-privacy · as of 2021-04-14

              en-US  4 versions, 2019-12-04 to 2021-03-24 · 1 not in the inputs
              nl-NL  2 versions, 2020-05-04 to 2021-01-22 · state unknown
              sv-SE  2 versions, 2020-05-21 to 2021-01-22 · state unknown

             2019-12-04  ●  99a8050c96f6          151 days  48e97710
                         │  “Data privacy in Microsoft Threat Protection”
             2020-05-03  ●  d3886f082c33           17 days  4ae1671f481b
             2020-05-04  ├─ nl-NL  e7015f1e5353   263 days  proved by hash and commit
             2020-05-20  ●  e1f97132ccc1          125 days  37f671962d11
             2020-05-21  ├─ sv-SE  c1feb67dc607   246 days  proved by hash
            ≤2021-01-22  ○  062a4c9656dc                    not in the inputs
             2021-01-22  ├─ nl-NL  0290af32d7f0    82 days  declared · current · state unknown
             2021-01-22  ├─ sv-SE  c95a7ca1fa85    82 days  declared · current · state unknown
             2021-03-24  ●  214ef84a9095           21 days  79658e6680ae · current
                            “Data privacy in Microsoft 365 Defender”

              ○ known from translations only; its day is that of the first
        "#]],
    );
}

#[test]
fn a_page_that_is_up_to_date() {
    check(
        &["m365d-enable.md"],
        &expect![[r#"
        Turn on Microsoft 365 Defender
        microsoft-365/security/defender/m365d-enable · once microsoft-365/security/mtp/mtp-enable
        https://learn.microsoft.com/en-us/microsoft-365/security/defender/m365d-enable · as of 2021-04-14

          en-US  1 version, 2021-03-24
          nl-NL  1 version, 2021-04-14 · 1 bilingual edition · up to date

         2021-03-24  ●  2b425cbe9060           21 days  79658e6680ae · current
                     │  “Turn on Microsoft 365 Defender”
         2021-04-14  ╰─ nl-NL  247279f149b3     <1 day  proved by hash and commit · current · up to date
                                                        bilingual 9a70e906342e
    "#]],
    );
}

#[test]
fn a_page_on_an_earlier_day() {
    check(
        &[PAGE, "--as-of", "2020-05-20"],
        &expect![[r#"
            Data privacy in Microsoft Threat Protection
            microsoft-365/security/defender/data-privacy · once microsoft-365/security/mtp/data-privacy
            https://learn.microsoft.com/en-us/microsoft-365/security/defender/data-privacy · as of 2020-05-20

              en-US  3 versions, 2019-12-04 to 2020-05-20
              nl-NL  1 version, 2020-05-04 · stale since 2020-05-20, 1 version behind
              sv-SE  none yet

             2019-12-04  ●  99a8050c96f6          151 days  48e97710
                         │  “Data privacy in Microsoft Threat Protection”
             2020-05-03  ●  d3886f082c33           17 days  4ae1671f481b
             2020-05-04  ├─ nl-NL  e7015f1e5353    16 days  proved by hash and commit · current
                         │                                  stale since 2020-05-20, 1 version behind
             2020-05-20  ●  e1f97132ccc1            <1 day  37f671962d11 · current
        "#]],
    );
}

#[test]
fn a_product() {
    check(
        &["Microsoft 365 Defender"],
        &expect![[r#"
            Microsoft Defender XDR
            product:microsoft-defender-xdr · suite · active
            between 2021-05 and 2023-11 the string "Microsoft 365 Defender" names both the suite and the portal

            names                          from        until       confidence   2019  2020  2021 2022  2023
              Microsoft Threat Protection  2018-09-24  2020-09-22  recalled    ━━━━━━━━━━━┄┄┄┄
              Microsoft 365 Defender       2020-09-22  2023-11-15  sourced                ━━━━━━━━━━━━━━━━━━
              Microsoft Defender XDR       2023-11-15              sourced                                  ━━━▶

            abbreviations
              MTP                          2018-09-24  2020-09-22  recalled    ━━━━━━━━━━━
              M365 Defender                2020-09-22  2023-11-15  sourced                ━━━━━━━━━━━━━━━━━━
              M365D                        2020-09-22  2023-11-15  sourced                ━━━━━━━━━━━━━━━━━━
              Defender XDR                 2023-11-15              sourced                                  ━━━▶

            mistranslated
              Microsoft Hotskydd (sv)      2020-05-21  2020-05-21  seen                 ┄
              undated:  Microsoft-bedreigingsbeveiliging (nl), Protection Microsoft contre les menaces (fr)

            changes
              rename  2020-09-22
                Microsoft Threat Protection → Microsoft 365 Defender
                curated · sourced
                www.generation-nt.com: microsoft-securite-defender-azure-xdr-siem-actualite-1980334.html
              rename  2020-05-21 to 2021-01-22
                Microsoft Threat Protection → Microsoft 365 Defender
                observed · score 0.90 · 13 pieces of evidence (5 address, 2 sentence, 3 text, 3 title)
              rename  2023-11-15
                Microsoft 365 Defender → Microsoft Defender XDR
                curated · sourced · third-party notes

            parts     Microsoft Defender for Cloud Apps, Microsoft Defender for Endpoint
                      Microsoft Defender for Identity, Microsoft Defender for Office 365

            codes     ms.prod: m365-security, ms.service: Microsoft Threat Protection, ms.service: defender-xdr
                      ms.technology: m365d
        "#]],
    );
}

#[test]
fn a_page_as_data() {
    check(
        &["m365d-enable", "--format", "json"],
        &expect![[r#"
            {
              "kind": "page",
              "document": "https://stemma.example/doc/microsoft-365/security/mtp/mtp-enable",
              "title": "Turn on Microsoft 365 Defender",
              "paths": [
                "microsoft-365/security/defender/m365d-enable",
                "microsoft-365/security/mtp/mtp-enable"
              ],
              "url": "https://learn.microsoft.com/en-us/microsoft-365/security/defender/m365d-enable",
              "as_of": "2021-04-14",
              "replaced_by": [],
              "pages": [
                {
                  "iri": "https://stemma.example/page/en-US/microsoft-365/security/mtp/mtp-enable",
                  "locale": "en-US",
                  "is_source": true,
                  "url": "https://learn.microsoft.com/en-us/microsoft-365/security/defender/m365d-enable",
                  "current": "2b425cbe906097eccd7abfbcef96f3955933250e"
                },
                {
                  "iri": "https://stemma.example/page/nl-NL/microsoft-365/security/mtp/mtp-enable",
                  "locale": "nl-NL",
                  "is_source": false,
                  "url": "https://learn.microsoft.com/nl-nl/microsoft-365/security/defender/m365d-enable",
                  "current": "247279f149b3279b6320350befc9e15c898db956",
                  "state": "up-to-date"
                }
              ],
              "sources": [
                {
                  "iri": "https://stemma.example/page/en-US/microsoft-365/security/mtp/mtp-enable@2b425cbe9060",
                  "locale": "en-US",
                  "content_hash": "2b425cbe906097eccd7abfbcef96f3955933250e",
                  "title": "Turn on Microsoft 365 Defender",
                  "standing": "published",
                  "current": true,
                  "spans": [
                    {
                      "from": {
                        "at": "2021-03-24",
                        "commit": null
                      },
                      "until": null,
                      "days": 21
                    }
                  ],
                  "first_seen": null,
                  "known_by": null,
                  "commits": [
                    "79658e6680ae7c425efac1721ef0051dd7fe18ef"
                  ],
                  "translations": [
                    {
                      "iri": "https://stemma.example/page/nl-NL/microsoft-365/security/mtp/mtp-enable@247279f149b3",
                      "locale": "nl-NL",
                      "content_hash": "247279f149b3279b6320350befc9e15c898db956",
                      "title": "Microsoft 365 Defender inschakelen",
                      "standing": "published",
                      "current": true,
                      "spans": [
                        {
                          "from": {
                            "at": "2021-04-14",
                            "commit": null
                          },
                          "until": null,
                          "days": 0
                        }
                      ],
                      "first_seen": null,
                      "known_by": null,
                      "commits": [],
                      "of_other_page": null,
                      "proof": "hash-and-commit",
                      "handoff": "2021-04-14",
                      "method": "machine",
                      "bilingual_editions": [
                        {
                          "iri": "https://stemma.example/page/nl-NL/microsoft-365/security/mtp/mtp-enable@9a70e906342e",
                          "locale": "nl-NL",
                          "content_hash": "9a70e906342e2c53237b9f0d39a21044a93c0993",
                          "title": "Microsoft 365 Defender inschakelen",
                          "standing": "undated",
                          "current": false,
                          "spans": [],
                          "first_seen": null,
                          "known_by": null,
                          "commits": []
                        }
                      ]
                    }
                  ]
                }
              ],
              "unsourced": []
            }
        "#]],
    );
}

#[test]
fn a_product_as_data() {
    let data: serde_json::Value =
        serde_json::from_str(&draw(&["MTP", "--format", "json"])).expect("it is JSON");
    let names = data["names"].as_array().expect("there are names");
    let name = &names[0];
    assert_eq!(name["text"], "Microsoft Threat Protection");
    assert_eq!((&name["from"], &name["until"]), (&"2018-09-24".into(), &"2020-09-22".into()));
    let changes = data["changes"].as_array().expect("there are changes");
    assert!(changes.iter().any(|change| change["basis"] == "curated"));
    assert!(changes.iter().all(|change| change["evidence"].as_u64() > Some(0)));
}

#[test]
fn a_page_for_graphviz() {
    check(
        &["m365d-enable", "--format", "dot"],
        &expect![[r##"
        digraph lineage {
          rankdir=LR
          newrank=true
          fontname="Helvetica"
          node [shape=box, style=rounded, fontname="Helvetica", fontsize=10]
          edge [fontname="Helvetica", fontsize=9]
          label="Turn on Microsoft 365 Defender"
          labelloc=t
          subgraph cluster_source {
            label="en-US"
            "https://stemma.example/page/en-US/microsoft-365/security/mtp/mtp-enable@2b425cbe9060" [label="2021-03-24\n2b425cbe9060\n21 days, current\nTurn on Microsoft 365 Defender", penwidth=2]
          }
          subgraph cluster_0 {
            label="nl-NL, up to date"
            "https://stemma.example/page/nl-NL/microsoft-365/security/mtp/mtp-enable@247279f149b3" [label="2021-04-14\n247279f149b3\n<1 day, current\n1 bilingual edition", penwidth=2]
          }
          "https://stemma.example/page/en-US/microsoft-365/security/mtp/mtp-enable@2b425cbe9060" -> "https://stemma.example/page/nl-NL/microsoft-365/security/mtp/mtp-enable@247279f149b3" [color="#1a7f37", tooltip="proved by hash and commit"]
        }
    "##]],
    );
}

#[test]
fn a_page_for_mermaid() {
    check(
        &[PAGE, "--format", "mermaid"],
        &expect![[r#"
            flowchart TB
              s1["Data privacy in Microsoft Threat Protection<br/>2019-12-04<br/>99a8050c96f6<br/>151 days"]
              s2["2020-05-03<br/>d3886f082c33<br/>17 days"]
              s3["2020-05-20<br/>e1f97132ccc1<br/>125 days"]
              s4["≤2021-01-22<br/>062a4c9656dc<br/>not in the inputs"]
              s5["Data privacy in Microsoft 365 Defender<br/>2021-03-24<br/>214ef84a9095<br/>21 days, current"]
              s1 --- s2 --- s3 --- s4 --- s5
              t1["nl-NL<br/>2020-05-04<br/>e7015f1e5353<br/>263 days"]
              s2 -->|proved by hash and commit| t1
              t2["sv-SE<br/>2020-05-21<br/>c1feb67dc607<br/>246 days"]
              s3 -->|proved by hash| t2
              t3["nl-NL<br/>2021-01-22<br/>0290af32d7f0<br/>82 days, current<br/>state unknown"]
              s4 -.->|declared| t3
              t4["sv-SE<br/>2021-01-22<br/>c95a7ca1fa85<br/>82 days, current<br/>state unknown"]
              s4 -.->|declared| t4
              classDef current stroke-width:3px
              class s5,t3,t4 current
              classDef missing stroke-dasharray:5 4
              class s4 missing
        "#]],
    );
}

#[test]
fn a_product_for_mermaid() {
    check(
        &["microsoft-defender-for-office-365", "--format", "mermaid"],
        &expect![[r#"
        timeline
          title Microsoft Defender for Office 365
          2015-04-08 : Exchange Online Advanced Threat Protection
          2016 : Office 365 Advanced Threat Protection : rename (curated), Exchange Online Advanced Threat Protection → Office 365 Advanced Threat Protection
          2020-09-22 : Microsoft Defender for Office 365 : rename (curated), Office 365 Advanced Threat Protection → Microsoft Defender for Office 365
    "#]],
    );
}

#[test]
fn pictures_are_whole() {
    for what in [PAGE, "m365d-enable", "Microsoft 365 Defender", "Microsoft Intune"] {
        let picture = draw(&[what, "--format", "svg"]);
        assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"));
        for tag in ["svg", "g", "text", "title", "style"] {
            let open = picture.matches(&format!("<{tag}>")).count()
                + picture.matches(&format!("<{tag} ")).count();
            assert_eq!(open, picture.matches(&format!("</{tag}>")).count(), "{what}: {tag}");
        }
        assert!(!picture.contains("NaN") && !picture.contains("inf\""), "{what}");
    }
}
