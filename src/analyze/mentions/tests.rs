//! Pages to read: what stands on them, and which products they name.

use std::fmt::Write;
use std::sync::LazyLock;

use expect_test::{Expect, expect};

use crate::analyze::{Context, Facts, Side};
use crate::catalog::Catalog;
use crate::model::{Entry, PageVersion, Value};
use crate::source::{FileKind, Span};

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| Catalog::builtin().expect("the built-in facts are right"));

/// A page and what is known before it is read.
struct Page<'a> {
    text: String,
    locale: &'a str,
    address: Option<&'a str>,
    date: Option<&'a str>,
    code: Option<(&'a str, &'a str)>,
}

fn page<'a>(locale: &'a str, text: impl Into<String>) -> Page<'a> {
    Page { text: text.into(), locale, address: None, date: None, code: None }
}

impl Page<'_> {
    fn read(&self) -> (PageVersion, Facts, Vec<crate::diag::Problem>) {
        let mut page =
            crate::lower::lower(self.text.as_bytes(), FileKind::Markdown, &mut Vec::new());
        page.front_matter.extend(self.code.map(|(key, value)| Entry {
            key: key.to_owned(),
            key_span: Span::default(),
            values: vec![Value { text: value.to_owned(), span: Span::default() }],
        }));
        let (mut facts, mut problems) = (Facts::default(), Vec::new());
        let context = Context { locale: self.locale, address: self.address, date: self.date };
        (super::PASS.run)(&CATALOG, context, &page, &mut facts, &mut problems);
        (page, facts, problems)
    }

    /// A line per mention: the bytes of the file, and the product.
    fn names(&self, expected: Expect) {
        let (_, facts, _) = self.read();
        let mut shown = String::new();
        for mention in &facts.mentions {
            let side = if mention.side == Side::Source { "en: " } else { "" };
            let written = &self.text[mention.span.range()];
            writeln!(shown, "{side}{written} = {}", CATALOG.products.get(mention.product).slug)
                .expect("strings grow");
        }
        expected.assert_eq(&shown);
    }

    fn problems(&self, expected: Expect) {
        let (_, _, problems) = self.read();
        let mut shown = String::new();
        for problem in &problems {
            let written = &self.text[problem.span.range()];
            writeln!(shown, "{written}: {}; {}", problem.message, problem.help.join("; "))
                .expect("strings grow");
        }
        expected.assert_eq(&shown);
    }
}

/// A unit of a bilingual page.
fn unit(number: u32, page: &str, english: &str) -> String {
    format!(
        "<span data-ttu-id=\"0a1b2-{number}\">{page}</span><span class=\"sxs-lookup\"><span data-stu-id=\"0a1b2-{number}\">{english}</span></span>"
    )
}

#[test]
fn the_longest_name_counts() {
    page("en-US", "Azure AD Connect syncs with Azure AD, which is a part of Azure.").names(
        expect![[r#"
        Azure AD Connect = entra-connect
        Azure AD = microsoft-entra-id
        Azure = microsoft-azure
    "#]],
    );
    page("en-US", "Defender for Cloud Apps is not Defender for Cloud.").names(expect![[r#"
        Defender for Cloud Apps = microsoft-defender-for-cloud-apps
        Defender for Cloud = microsoft-defender-for-cloud
    "#]]);
}

#[test]
fn of_a_longer_word_the_shorter_name_counts() {
    page("en-US", "With Azure AD Connectivity comes Azureus.").names(expect![[r#"
        Azure AD = microsoft-entra-id
    "#]]);
}

#[test]
fn marks_inside_a_name_do_not_part_it() {
    page("nl-NL", "Gebruik Microsoft **Defender** voor [eindpunt-API's](api.md).").names(expect![
        [r#"
        Microsoft **Defender** voor [eindpunt = microsoft-defender-for-endpoint
    "#]
    ]);
    page("en-US", "Buy Microsoft\u{a0}Teams\nor Exchange\nOnline.").names(expect![[r#"
        Microsoft Teams = microsoft-teams
        Exchange
        Online = exchange-online
    "#]]);
}

#[test]
fn code_names_nothing() {
    page("en-US", "Type `Exchange Online` here.\n\n```\nExchange Online\n```\n").names(expect![""]);
}

#[test]
fn the_suffix_is_not_part_of_the_name() {
    page("nl-NL", "Azure-datacenters, Defender for Endpoint-service en Teams's agenda.").names(
        expect![[r#"
        Azure = microsoft-azure
        Defender for Endpoint = microsoft-defender-for-endpoint
        Teams = microsoft-teams
    "#]],
    );
    page("sv-SE", "Azures portal och Microsoft 365 Defender-portalens sida.").names(expect![[r#"
        Azure = microsoft-azure
        Microsoft 365 Defender-portal = microsoft-defender-portal
    "#]]);
}

#[test]
fn endings_are_those_of_the_language() {
    page(
        "nl-NL",
        "Microsoft Defender voor eindpunten en voor Microsoft Defender voor eindpuntapparaten.",
    )
    .names(expect![[r#"
        Microsoft Defender voor eindpunt = microsoft-defender-for-endpoint
        Microsoft Defender voor eindpunt = microsoft-defender-for-endpoint
    "#]]);
    page("fr-FR", "Azures et Exchanges").names(expect![""]);
}

#[test]
fn the_tail_of_a_long_name_may_be_in_lower_case() {
    page("nl-NL", "Defender voor eindpunt, skype voor bedrijven.").names(expect![[r#"
        Defender voor eindpunt = microsoft-defender-for-endpoint
    "#]]);
    page("en-US", "Your Compliance score; the Power automate.").names(expect![""]);
}

#[test]
fn hyphens_and_blanks_are_alike() {
    page("nl-NL", "Het Microsoft 365 beheercentrum en het Microsoft 365-beheercentrum.").names(
        expect![[r#"
        Microsoft 365 beheercentrum = microsoft-365-admin-center
        Microsoft 365-beheercentrum = microsoft-365-admin-center
    "#]],
    );
}

#[test]
fn addresses_and_paths_are_not_words() {
    page("en-US", r"Go to Azure.com, Contoso.Azure, my@Azure or C:\Azure\bin. This is Azure.")
        .names(expect![[r#"
        Azure = microsoft-azure
    "#]]);
}

#[test]
fn only_names_of_the_page_s_language_and_english_are_read() {
    page("nl-NL", "Formulär und Microsoft Defender för Slutpunkt").names(expect![[r#"
        Microsoft Defender = microsoft-defender
    "#]]);
}

#[test]
fn scripts_without_blanks_end_names() {
    page("ja-JP", "組織でMicrosoft Teamsを使用し、Azureに保存します。").names(expect![[r#"
        Microsoft Teams = microsoft-teams
        Azure = microsoft-azure
    "#]]);
    page("ko-KR", "Exchange Online에서 Yammer와 함께").names(expect![[r#"
        Exchange Online = exchange-online
        Yammer = viva-engage
    "#]]);
}

#[test]
fn a_longer_phrase_that_is_no_name_hides_it() {
    page(
        "en-US",
        "Turn on Directory-Based Edge Blocking, not the browser Edge. Use the Internet Explorer.",
    )
    .names(expect![[r#"
        Edge = microsoft-edge
    "#]]);
    page("en-US", "Set up Microsoft 365 Insider risk management; read SMS messages.")
        .names(expect![""]);
    page("en-US", "Join Microsoft 365 Insider.").names(expect![[r#"
        Microsoft 365 Insider = microsoft-365-insider
    "#]]);
}

#[test]
fn a_common_word_needs_its_capital() {
    page("en-US", "The teams stream their forms at the edge, and use Teams.").names(expect![[r#"
        Teams = microsoft-teams
    "#]]);
}

#[test]
fn a_capital_at_the_start_of_a_sentence_says_nothing() {
    page("en-US", "Teams of nurses fill it in. Forms are on paper.").names(expect![""]);
    page("en-US", "Teams is open. Share it in Teams.").names(expect![[r#"
        Teams = microsoft-teams
        Teams = microsoft-teams
    "#]]);
}

#[test]
fn alone_in_a_cell_a_word_begins_no_sentence() {
    page("en-US", "| Service | Place |\n| --- | --- |\n| Sway | Ireland |\n| Whiteboard | |\n")
        .names(expect![[r#"
        Sway = sway
        Whiteboard = microsoft-whiteboard
    "#]]);
}

#[test]
fn an_acronym_of_many_things_needs_the_product_beside_it() {
    page("en-US", "You get a code by SMS. The ATA report is short.").names(expect![""]);
    page("en-US", "The ATA sensor belongs to Advanced Threat Analytics.").names(expect![[r#"
        ATA = advanced-threat-analytics
        Advanced Threat Analytics = advanced-threat-analytics
    "#]]);
}

#[test]
fn the_link_decides_between_products_of_one_name() {
    let portal =
        "See the [Windows Defender Security Center](https://securitycenter.windows.com/alerts).";
    page("en-US", portal).names(expect![[r#"
        Windows Defender Security Center = microsoft-defender-security-center
    "#]]);
    // The link beats the day, on which the app was called so.
    Page { date: Some("2017-11-01"), ..page("en-US", portal) }.names(expect![[r#"
        Windows Defender Security Center = microsoft-defender-security-center
    "#]]);
}

#[test]
fn the_day_decides_where_nothing_else_does() {
    let text = "Ask Microsoft Copilot today.";
    Page { date: Some("2024-01-15"), ..page("en-US", text) }.names(expect![[r#"
        Microsoft Copilot = microsoft-365-copilot-chat
    "#]]);
    Page { date: Some("2025-06-01"), ..page("en-US", text) }.names(expect![[r#"
        Microsoft Copilot = microsoft-copilot-consumer
    "#]]);
}

#[test]
fn a_name_long_out_of_date_is_still_one() {
    Page { date: Some("2024-05-01"), ..page("en-US", "Windows Defender ATP was renamed.") }.names(
        expect![[r#"
        Windows Defender ATP = microsoft-defender-for-endpoint
    "#]],
    );
}

#[test]
fn a_portal_can_hide_behind_the_name_of_its_product() {
    page(
        "en-US",
        "In [Microsoft 365 Defender](https://security.microsoft.com) or in Microsoft 365 Defender.",
    )
    .names(expect![[r#"
        Microsoft 365 Defender = microsoft-defender-portal
        Microsoft 365 Defender = microsoft-defender-xdr
    "#]]);
}

#[test]
fn a_brand_alone_in_a_label_is_the_product_linked_to() {
    let label = "[Microsoft Defender](https://docs.microsoft.com/en-us/microsoft-365/security/defender-endpoint/api.md)";
    page("en-US", format!("See {label}.")).names(expect![[r#"
        Microsoft Defender = microsoft-defender-for-endpoint
    "#]]);
    let relative = "[Microsoft Defender](../defender-endpoint/api.md)";
    let address = Some("learn.microsoft.com/microsoft-365/security/defender/overview");
    Page { address, ..page("en-US", format!("See {relative}.")) }.names(expect![[r#"
        Microsoft Defender = microsoft-defender-for-endpoint
    "#]]);
}

#[test]
fn a_link_to_the_wrong_product_does_not_change_the_name() {
    let href = "https://docs.microsoft.com/windows/security/threat-protection/microsoft-defender-atp/overview";
    page("en-US", format!("See [Azure ATP]({href}).")).names(expect![[r#"
        Azure ATP = microsoft-defender-for-identity
    "#]]);
}

#[test]
fn both_sides_of_a_bilingual_page_are_read_in_the_order_of_the_file() {
    page("sv-SE", unit(1, "Molnappsäkerhetsportal i Azure", "Cloud App Security portal in Azure"))
        .names(expect![[r#"
        Molnappsäkerhetsportal = microsoft-defender-for-cloud-apps
        Azure = microsoft-azure
        en: Cloud App Security = microsoft-defender-for-cloud-apps
        en: Azure = microsoft-azure
    "#]]);
}

#[test]
fn a_word_is_a_name_only_if_the_english_side_has_it() {
    let invented = unit(1, "Vormen op papier.", "Shapes on paper.");
    let translated = unit(2, "Open Vormen in de browser.", "Open Forms in the browser.");
    page("nl-NL", format!("{invented}\n\n{translated}")).names(expect![[r#"
        Vormen = microsoft-forms
        en: Forms = microsoft-forms
    "#]]);
    page(
        "nl-NL",
        unit(1, "Edge-blokkering in Exchange Online", "Edge blocking in Exchange Online"),
    )
    .names(expect![[r#"
        Exchange Online = exchange-online
        en: Exchange Online = exchange-online
    "#]]);
}

#[test]
fn the_beginning_of_a_torn_name_means_the_whole() {
    let torn = unit(
        1,
        "Microsoft Defender onderzoeken voor eindpunt",
        "Investigate Microsoft Defender for Endpoint",
    );
    page("nl-NL", torn).names(expect![[r#"
        Microsoft Defender = microsoft-defender-for-endpoint
        en: Microsoft Defender for Endpoint = microsoft-defender-for-endpoint
    "#]]);
}

#[test]
fn a_translated_name_is_reported_once() {
    let first = unit(1, "Microsoft Hotskydd", "Microsoft Threat Protection");
    let second = unit(2, "Slå på Microsoft Hotskydd.", "Turn on Microsoft Threat Protection.");
    page("sv-SE", format!("{first}\n\n{second}")).problems(expect![[r#"
        Microsoft Hotskydd: the name `Microsoft Threat Protection` was translated as `Microsoft Hotskydd`; write `Microsoft Threat Protection`
    "#]]);
}

#[test]
fn official_translations_are_names() {
    // Other capitals than the official form has are no translation.
    let official = unit(1, "Microsoft Defender voor Eindpunt", "Microsoft Defender for Endpoint");
    let lower = unit(2, "Microsoft Defender voor eindpunt", "Microsoft Defender for Endpoint");
    page("nl-NL", format!("{official}\n\n{lower}")).problems(expect![""]);
}

#[test]
fn without_the_english_side_nothing_is_reported() {
    page("sv-SE", "Microsoft Hotskydd").problems(expect![""]);
}

#[test]
fn in_the_label_of_a_link_the_address_still_tells() {
    let label = unit(1, "Microsoft Hotskydd", "Microsoft Threat Protection");
    page("sv-SE", format!("Se [{label}](../mtp/overview.md).")).problems(expect![""]);
}

#[test]
fn a_torn_label_is_reported_unless_the_name_was_already() {
    let torn = unit(
        1,
        "Microsofts dataskyddsdatasäkerhet och sekretess",
        "Microsoft Threat Protection data security and privacy",
    );
    page("sv-SE", format!("# {torn}")).problems(expect![[r#"
        Microsofts dataskyddsdatasäkerhet och sekretess: the name `Microsoft Threat Protection` was torn apart in translation; write `Microsoft Threat Protection`
    "#]]);
    let translated = unit(2, "Microsoft Hotskydd", "Microsoft Threat Protection");
    page("sv-SE", format!("# {torn}\n\n{translated}")).problems(expect![[r#"
        Microsoft Hotskydd: the name `Microsoft Threat Protection` was translated as `Microsoft Hotskydd`; write `Microsoft Threat Protection`
    "#]]);
}

#[test]
fn a_code_speaks_for_a_doubtful_name() {
    let text = "The Explorer shows it.";
    page("en-US", text).names(expect![""]);
    Page { code: Some(("ms.technology", "mdo")), ..page("en-US", text) }.names(expect![[r#"
        Explorer = threat-explorer
    "#]]);
}
