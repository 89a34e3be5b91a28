//! What the pages of a made-up vendor state, one behaviour per test.

use expect_test::{Expect, expect};

use super::PASS;
use crate::analyze::{Context, Facts, Location, Mention, Side};
use crate::catalog::Catalog;
use crate::lower::lower;
use crate::model::{Block, PageVersion};
use crate::source::{FileKind, Span};

/// Reads a page and lists what it states: data, form, activity, location, modality; then the quote.
fn check(locale: &str, page: &str, expect: Expect) {
    expect.assert_eq(&read(locale, page, Side::Page));
}

fn read(locale: &str, text: &str, side: Side) -> String {
    let catalog = Catalog::builtin().expect("the built-in facts are sound");
    let page = lower(text.as_bytes(), FileKind::Markdown, &mut Vec::new());
    let mut facts = Facts { mentions: mentions(&catalog, &page), ..Facts::default() };
    let context = Context { locale, address: None, date: None };
    (PASS.run)(&catalog, context, &page, &mut facts, &mut Vec::new());
    let mut out = String::new();
    for reading in facts.readings.iter().filter(|reading| reading.side == side) {
        let place = match &reading.location {
            Location::Places(codes) => codes.join("+"),
            Location::Rule(rule) => rule.clone(),
            Location::Service => "service".to_owned(),
        };
        let mut words = vec![reading.product_as_written.as_str(), &reading.category];
        words.extend((reading.form != "as-is").then_some(reading.form.as_str()));
        words.push(&reading.activity);
        words.extend(reading.at_rest.then_some("at-rest"));
        words.extend((reading.relation != "in").then_some(reading.relation.as_str()));
        words.push(&place);
        words.extend((reading.modality != "is").then_some(reading.modality.as_str()));
        words.extend(reading.negated.then_some("not"));
        words.extend(reading.retention.as_deref());
        words.extend(reading.table_row.then_some("row"));
        out += &format!("{}: {}\n", words.join(" "), &text[reading.quote.range()]);
        if let Some(lead) = reading.lead {
            out += &format!("    after: {}\n", &text[lead.range()]);
        }
        if let Some(condition) = &reading.condition {
            out += &format!("    given: {condition}\n");
        }
        if let Some((span, word)) = &reading.misspelt {
            out += &format!("    misspelt: {} for {word}\n", &text[span.range()]);
        }
    }
    out
}

/// Every English name of the catalog, longest first at each place: enough for sentences written for
/// tests.
fn mentions(catalog: &Catalog, page: &PageVersion) -> Vec<Mention> {
    let mut found = Vec::new();
    for (side, blocks) in [(Side::Page, &page.blocks), (Side::Source, &page.source_blocks)] {
        for (index, block) in blocks.iter().enumerate() {
            found.extend(names(catalog, side, index as u32, block));
        }
    }
    found
}

fn names(catalog: &Catalog, side: Side, index: u32, block: &Block) -> Vec<Mention> {
    let plain = block.text.plain.as_str();
    let mut found: Vec<Mention> = Vec::new();
    let mut end = 0;
    for (at, _) in plain.char_indices() {
        let whole = |at: usize| !plain[..at].ends_with(char::is_alphanumeric);
        if at < end || !whole(at) {
            continue;
        }
        let longest = catalog
            .products
            .names_by_id()
            .filter(|(_, name)| name.lang == "en" && plain[at..].starts_with(&name.text))
            .filter(|(_, name)| !plain[at + name.text.len()..].starts_with(char::is_alphanumeric))
            .max_by_key(|(_, name)| name.text.len());
        if let Some((id, name)) = longest {
            end = at + name.text.len();
            let span = Span::new(at, end);
            found.push(Mention {
                side,
                block: index,
                plain: span,
                span: block.text.file_span(span),
                name: id,
                product: name.uses[0].product,
            });
        }
    }
    found
}

#[test]
fn a_service_operates_in_coordinated_places() {
    check(
        "en",
        "# Where services run\n\nMicrosoft Sentinel runs in Microsoft Azure data centers in Norway, the United Kingdom, and Japan.\n",
        expect![[r#"
            Microsoft Sentinel none operates GB+JP+NO: Microsoft Sentinel runs in Microsoft Azure data centers in Norway, the United Kingdom, and Japan
        "#]],
    );
}

#[test]
fn a_verb_and_a_place_state_where_data_is() {
    check(
        "en",
        "# Microsoft Intune\n\nTelemetry is stored at rest in Germany. Audit logs are kept in France for 90 days.\n",
        expect![[r#"
            Microsoft Intune diagnostic-data stores at-rest DE: Telemetry is stored at rest in Germany
            Microsoft Intune logs stores FR P90D: Audit logs are kept in France for 90 days
        "#]],
    );
    check(
        "sv",
        "# Microsoft Intune\n\nKunddata lagras i vila i Norge och får överföras till Tyskland.\n",
        expect![[r#"
        Microsoft Intune customer-data stores at-rest NO: Kunddata lagras i vila i Norge
        Microsoft Intune customer-data transfers to DE may: får överföras till Tyskland
    "#]],
    );
    check(
        "nl",
        "# Microsoft Intune\n\nIn Duitsland worden klantgegevens opgeslagen en verwerkt.\n",
        expect![[r#"
        Microsoft Intune customer-data stores DE: In Duitsland worden klantgegevens opgeslagen en verwerkt
        Microsoft Intune customer-data processes DE: In Duitsland worden klantgegevens opgeslagen en verwerkt
    "#]],
    );
}

#[test]
fn coordinated_verbs_are_one_statement_each() {
    check(
        "en",
        "# Microsoft Intune\n\nYour data is stored, processed and replicated in Canada.\n",
        expect![[r#"
        Microsoft Intune customer-data stores CA: Your data is stored, processed and replicated in Canada
        Microsoft Intune customer-data processes CA: Your data is stored, processed and replicated in Canada
        Microsoft Intune customer-data replicates CA: Your data is stored, processed and replicated in Canada
    "#]],
    );
}

#[test]
fn clauses_that_each_have_a_place_are_read_apart() {
    check(
        "en",
        "# Microsoft Intune\n\nMailboxes are located in Austrian data centers, and messages are routed through the EU.\n",
        expect![[r#"
            Microsoft Intune content stores AT: Mailboxes are located in Austrian data centers
            Microsoft Intune content transfers via EU: messages are routed through the EU
        "#]],
    );
}

#[test]
fn alternatives_share_their_beginning() {
    check(
        "en",
        "# Microsoft Intune\n\nPersonal data is stored at rest in (a) the region of the tenant or, (b) if another service \
         handles it, the region as defined by the data storage rules of that other service.\n",
        expect![[r#"
            Microsoft Intune personal-data stores at-rest tenant-geo: (a) the region of the tenant
                after: Personal data is stored at rest in
            Microsoft Intune personal-data stores at-rest other-service: (b) if another service handles it, the region as defined by the data storage rules of that other service
                after: Personal data is stored at rest in
                given: if another service handles it
        "#]],
    );
}

#[test]
fn bullets_complete_their_lead_in() {
    check(
        "en",
        "# Microsoft Intune\n\nFurther, customer data will be stored in:\n\n- Norway\n- Finland, which it may leave\n\n\
         That is all. Germany is nice.\n",
        expect![[r#"
            Microsoft Intune customer-data stores NO: Norway
                after: customer data will be stored in:
            Microsoft Intune customer-data stores FI: Finland
                after: customer data will be stored in:
        "#]],
    );
}

#[test]
fn a_table_of_places_states_a_place_per_cell() {
    check(
        "en",
        "# Where Microsoft 365 customer data is stored\n\nCustomer data is stored at rest as follows:\n\n\
         | Service | Location |\n|---|---|\n| Exchange Online | France |\n| Sway | Ireland (Dublin), Austria |\n| Total | 2 |\n",
        expect![[r#"
            Exchange Online customer-data stores at-rest FR row: | Exchange Online | France |
                after: Customer data is stored at rest as follows:
            Sway customer-data stores at-rest AT+IE:dublin row: | Sway | Ireland (Dublin), Austria |
                after: Customer data is stored at rest as follows:
        "#]],
    );
    check(
        "en",
        "# Microsoft Intune\n\n| Office | Phone |\n|---|---|\n| Norway | 123 |\n| Japan | Germany |\n",
        expect![""],
    );
}

#[test]
fn a_rule_can_stand_for_a_place() {
    check(
        "en",
        "# Microsoft Intune\n\nFiles are stored in the region that you've chosen.\n",
        expect![[r#"
        Microsoft Intune content stores customer-choice: Files are stored in the region that you've chosen
    "#]],
    );
    check(
        "en",
        "# Microsoft Intune\n\nLogs are kept in the region you selected for your Microsoft Sentinel data. \
         We will not move them outside such region.\n",
        expect![[r#"
            Microsoft Intune logs stores other-service: Logs are kept in the region you selected for your Microsoft Sentinel data
            Microsoft Intune logs transfers outside other-service not: We will not move them outside such region
        "#]],
    );
    check(
        "sv",
        "# Microsoft Intune\n\nLoggar lagras i klientens region.\n",
        expect![[r#"
        Microsoft Intune logs stores tenant-geo: Loggar lagras i klientens region
    "#]],
    );
    check(
        "nl",
        "# Microsoft Intune\n\nBestanden worden bewaard in de regio van de tenant.\n",
        expect![[r#"
        Microsoft Intune content stores tenant-geo: Bestanden worden bewaard in de regio van de tenant
    "#]],
    );
}

#[test]
fn data_moves_between_services_without_a_place() {
    check(
        "en",
        "# Microsoft Intune\n\nYour data may be transferred from other Microsoft services.\n",
        expect![[r#"
        Microsoft Intune customer-data transfers to service may: Your data may be transferred from other Microsoft services
    "#]],
    );
    // Where data goes back to stands too far from the verb; where it comes from says enough.
    check(
        "en",
        "# Microsoft Intune\n\nThe service transfers customer data from other Microsoft enterprise \
         online services into Intune and from Intune back to those Microsoft enterprise online \
         services.\n",
        expect![[r#"
            Intune customer-data transfers to service: The service transfers customer data from other Microsoft enterprise online services into Intune and from Intune back to those Microsoft enterprise online services
        "#]],
    );
}

#[test]
fn data_goes_to_a_service_by_name() {
    check(
        "en",
        "# Privacy in Desktop Analytics\n\n\
         Teams collects, processes, and shares data to Desktop Analytics.\n\n\
         Snapshots are then copied to the appropriate Azure Log Analytics workspace.\n\n\
         Files uploaded to OneDrive for Business are kept.\n\n\
         Your data is sent to Desktop Analytics.\n\n\
         You can send your data to Azure Monitor.\n",
        expect![[r#"
            Teams data transfers to service: Teams collects, processes, and shares data to Desktop Analytics
            Desktop Analytics data transfers to service: Snapshots are then copied to the appropriate Azure Log Analytics workspace
        "#]],
    );
    check(
        "sv",
        "# Sekretess i Desktop Analytics\n\nData kopieras sedan till din Azure Log Analytics-arbetsyta.\n",
        expect![[r#"
            Desktop Analytics data transfers to service: Data kopieras sedan till din Azure Log Analytics-arbetsyta
        "#]],
    );
}

#[test]
fn a_form_is_read_as_it_stands() {
    check(
        "sv",
        "# Microsoft Intune\n\nKunddata i anonymiserad form kan lagras i USA.\n",
        expect![[r#"
        Microsoft Intune customer-data anonymized stores US may: Kunddata i anonymiserad form kan lagras i USA
    "#]],
    );
    check(
        "nl",
        "# Microsoft Intune\n\nKlantgegevens in gepseudonimiserde vorm worden opgeslagen in Japan.\n",
        expect![[r#"
        Microsoft Intune customer-data pseudonymized stores JP: Klantgegevens in gepseudonimiserde vorm worden opgeslagen in Japan
            misspelt: gepseudonimiserde for gepseudonimiseerde
    "#]],
    );
    check(
        "nl",
        "# Microsoft Intune\n\nKlantgegevens in een vrolijke vorm worden opgeslagen in Japan.\n",
        expect![[r#"
        Microsoft Intune customer-data unclear stores JP: Klantgegevens in een vrolijke vorm worden opgeslagen in Japan
    "#]],
    );
    check(
        "nl",
        "# Microsoft Intune\n\nKlantgegevens in versleutelde vorm worden opgeslagen in Japan.\n",
        expect![[r#"
        Microsoft Intune customer-data stores JP: Klantgegevens in versleutelde vorm worden opgeslagen in Japan
    "#]],
    );
}

#[test]
fn damaged_letters_inside_words_do_not_matter() {
    check(
        "nl",
        "# Microsoft Intune\n\nDe ge√Ødentificeerde klantgegevens zijn opgeslagen in Japan.\n",
        expect![[r#"
        Microsoft Intune customer-data stores JP: De ge√Ødentificeerde klantgegevens zijn opgeslagen in Japan
    "#]],
    );
}

#[test]
fn denials_are_statements() {
    check(
        "en",
        "# Microsoft Intune\n\nWe will never transfer customer data outside of Switzerland.\n",
        expect![[r#"
        Microsoft Intune customer-data transfers outside CH not: We will never transfer customer data outside of Switzerland
    "#]],
    );
}

#[test]
fn much_that_names_a_place_states_nothing() {
    let silent = [
        "Is customer data stored in Norway?",
        "For example, customer data is stored in Norway.",
        "Contoso stores customer data in Norway.",
        "See [where customer data is stored in Norway](a.md).",
        "For customer data stored in Norway, see [this page](a.md).",
        "Customers in Norway store their data.",
        "Store your customer data in Norway.",
        "Customer data is stored in the tenant.",
        "Customer data is stored in Microsoft Azure.",
        "The feature is available in Norway.",
        "Customer data is stored in `Norway`.",
        "Users who are located in Norway see this.",
        "Customer data is stored if you are in Norway.",
    ];
    for sentence in silent {
        assert_eq!(
            read("en", &format!("# Microsoft Intune\n\n{sentence}\n"), Side::Page),
            "",
            "{sentence}"
        );
    }
    check(
        "en",
        "# Customer data is stored in Norway\n\n```\nCustomer data is stored in Norway.\n```\n",
        expect![""],
    );
}

#[test]
fn owners_are_named_beside_the_data() {
    check(
        "en",
        "# Microsoft 365\n\nCustomer data for Sway and Microsoft Intune is stored in Ireland.\n",
        expect![[r#"
        Sway customer-data stores IE: Customer data for Sway and Microsoft Intune is stored in Ireland
        Microsoft Intune customer-data stores IE: Customer data for Sway and Microsoft Intune is stored in Ireland
    "#]],
    );
    check(
        "en",
        "# Microsoft 365\n\nExchange Online mailboxes are located in Ireland.\n",
        expect![[r#"
        Exchange Online content stores IE: Exchange Online mailboxes are located in Ireland
    "#]],
    );
}

#[test]
fn both_sides_of_a_bilingual_page_are_read() {
    let page = "# Microsoft Intune\n\n<span data-ttu-id=\"a-1\">Kunddata lagras i Norge.</span><span class=\"sxs-lookup\">\
                <span data-stu-id=\"a-1\">Customer data is stored in Sweden.</span></span>\n";
    expect![[r#"
        Microsoft Intune customer-data stores NO: Kunddata lagras i Norge
    "#]]
    .assert_eq(&read("sv", page, Side::Page));
    expect![[r#"
        Microsoft Intune customer-data stores SE: Customer data is stored in Sweden
    "#]]
    .assert_eq(&read("sv", page, Side::Source));
}

#[test]
fn sheets_have_the_same_lists() {
    let sheets = crate::catalog::languages::SHEETS;
    let keys = |text: &str| {
        let sheet: serde_json::Value = serde_yaml::from_str(text).expect("a sheet is YAML");
        let mut keys = Vec::new();
        for list in ["activities", "categories", "forms", "marks"] {
            keys.extend(
                sheet[list]
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(key, _)| format!("{list}: {key}")),
            );
        }
        keys.sort();
        keys
    };
    let english = sheets.iter().find(|(tag, _)| *tag == "en").map(|(_, text)| keys(text));
    for (tag, text) in sheets {
        assert_eq!(Some(keys(text)), english, "{tag}.yaml has the lists of en.yaml");
    }
}
