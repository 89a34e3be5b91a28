//! Which product a text means, and what it was called when.

use std::collections::BTreeSet;

use super::*;
use crate::catalog::tests::BUILTIN_CATALOG;

fn slugs(found: Vec<ProductId>) -> Vec<&'static str> {
    found.into_iter().map(|id| BUILTIN_CATALOG.products.get(id).slug.as_str()).collect()
}

/// The product that a text means first.
fn found(text: &str) -> &'static str {
    slugs(BUILTIN_CATALOG.products.find(text)).first().copied().unwrap_or("nothing")
}

fn product(slug: &str) -> ProductId {
    BUILTIN_CATALOG.products.by_slug(slug).unwrap_or_else(|| panic!("no product `{slug}`"))
}

fn name_on(slug: &str, date: &str) -> &'static str {
    let products = &BUILTIN_CATALOG.products;
    &products
        .name(products.name_on(product(slug), date).expect("the product has an official name"))
        .text
}

// Finding a product.

#[test]
fn a_product_is_found_by_any_of_its_names() {
    assert_eq!(found("Microsoft Defender for Endpoint"), "microsoft-defender-for-endpoint");
    assert_eq!(found("MDATP"), "microsoft-defender-for-endpoint");
    assert_eq!(found("microsoft threat protection"), "microsoft-defender-xdr");
    assert_eq!(found("Microsoft Defender voor Eindpunt"), "microsoft-defender-for-endpoint");
    assert_eq!(found("Microsoft Hotskydd"), "microsoft-defender-xdr");
    assert_eq!(found("Defender for Tea"), "nothing");
}

#[test]
fn blanks_and_hyphens_and_case_do_not_matter() {
    assert_eq!(found("microsoft-365-defender"), "microsoft-defender-xdr");
    assert_eq!(found("Microsoft Cloud App-Security"), "microsoft-defender-for-cloud-apps");
    assert_eq!(found("  AZURE   sentinel "), "microsoft-sentinel");
}

#[test]
fn a_code_or_the_end_of_an_iri_finds_the_product() {
    assert_eq!(found("m365d"), "microsoft-defender-xdr");
    assert_eq!(found("product/microsoft-sentinel"), "microsoft-sentinel");
    assert_eq!(
        found("<https://stemma.example/name/microsoft-threat-protection>"),
        "microsoft-defender-xdr"
    );
    assert_eq!(
        found("https://stemma.example/code/ms.technology/mde"),
        "microsoft-defender-for-endpoint"
    );
}

#[test]
fn the_vendor_before_a_name_may_be_left_out_or_added() {
    assert_eq!(
        found("Defender Vulnerability Management"),
        "microsoft-defender-vulnerability-management"
    );
    assert_eq!(found("Microsoft Azure Key Vault"), "azure-key-vault");
}

#[test]
fn the_best_of_several_products_comes_first() {
    // The code is several products' and the name one's: a name says more.
    assert_eq!(slugs(BUILTIN_CATALOG.products.find("m365-security")).len(), 3);
    assert_eq!(found("Compliance Manager"), "purview-compliance-manager");
    // Two products bear this name officially; nothing here can tell them apart.
    assert_eq!(
        slugs(BUILTIN_CATALOG.products.find("Microsoft Copilot")),
        ["microsoft-copilot-consumer", "microsoft-365-copilot-chat"]
    );
}

#[test]
fn office_365_and_microsoft_365_are_not_one_product() {
    assert_eq!(found("Office 365"), "office-365");
    assert_eq!(found("Microsoft 365"), "microsoft-365");
    let products = &BUILTIN_CATALOG.products;
    let (office, microsoft) = (product("office-365"), product("microsoft-365"));
    let joins = |change: &&Change| change.from.product == office && change.to.product == microsoft;
    assert!(!products.changes().iter().any(|change| joins(&change)));
}

// Names in time.

#[test]
fn a_product_has_the_name_of_the_day() {
    assert_eq!(name_on("microsoft-defender-xdr", "2020-06-01"), "Microsoft Threat Protection");
    assert_eq!(name_on("microsoft-defender-xdr", "2021-06-01"), "Microsoft 365 Defender");
    assert_eq!(name_on("microsoft-defender-xdr", "2024-01-01"), "Microsoft Defender XDR");
}

#[test]
fn a_name_begins_on_its_day_and_the_one_before_ends_there() {
    assert_eq!(
        name_on("microsoft-defender-for-endpoint", "2020-09-21"),
        "Microsoft Defender Advanced Threat Protection"
    );
    assert_eq!(
        name_on("microsoft-defender-for-endpoint", "2020-09-22"),
        "Microsoft Defender for Endpoint"
    );
}

#[test]
fn outside_all_dates_the_nearest_name_counts() {
    assert_eq!(name_on("microsoft-defender-xdr", "1999-01-01"), "Microsoft Threat Protection");
    assert_eq!(name_on("azure-defender", "2024-01-01"), "Azure Defender");
}

#[test]
fn a_name_that_came_back_has_both_its_times() {
    assert_eq!(name_on("microsoft-365-copilot", "2023-06-01"), "Microsoft 365 Copilot");
    assert_eq!(name_on("microsoft-365-copilot", "2024-06-01"), "Copilot for Microsoft 365");
    assert_eq!(name_on("microsoft-365-copilot", "2025-06-01"), "Microsoft 365 Copilot");
}

#[test]
fn slugs_of_names_are_unique_and_english_has_the_plain_one() {
    let products = &BUILTIN_CATALOG.products;
    let all: BTreeSet<_> = products.names().iter().map(|name| &name.slug).collect();
    assert_eq!(all.len(), products.names().len());
    let slug_of = |text: &str, lang: &str| {
        let name = products.names().iter().find(|name| name.text == text && name.lang == lang);
        name.expect("the name is known").slug.clone()
    };
    assert_eq!(slug_of("Microsoft PowerApps", "en"), "microsoft-powerapps");
    assert_eq!(slug_of("Microsoft PowerApps", "nl"), "microsoft-powerapps-nl");
    assert_eq!(slug_of("Microsoft 365 security center", "en"), "microsoft-365-security-center");
    assert_eq!(slug_of("Microsoft 365 Security Center", "en"), "microsoft-365-security-center-2");
}

#[test]
fn words_that_are_also_names_need_more_than_letters() {
    let name = |text: &str, lang: &str| {
        let names = BUILTIN_CATALOG.products.names();
        names.iter().find(|name| name.text == text && name.lang == lang).expect("the name is known")
    };
    assert!(name("Teams", "en").needs_exact_case() && !name("Teams", "en").needs_evidence());
    assert!(name("SMS", "en").needs_evidence());
    assert!(name("Vormen", "nl").needs_evidence());
    // Every acronym needs its capitals.
    assert!(name("MDATP", "en").needs_exact_case());
    assert!(name("Microsoft Teams", "en").needs.is_empty());
}

// Codes and addresses.

#[test]
fn a_code_names_its_products_exact_ones_first() {
    let by_code = |field, value| {
        let codes = BUILTIN_CATALOG.products.by_code(field, value).iter();
        codes
            .map(|&(id, denotes)| (BUILTIN_CATALOG.products.get(id).slug.as_str(), denotes))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        by_code("ms.technology", "mde"),
        [("microsoft-defender-for-endpoint", Denotes::Exact)]
    );
    assert_eq!(by_code("MS.technology", "MDE"), by_code("ms.technology", "mde"));
    assert_eq!(
        by_code("ms.service", "virtual-desktop"),
        [("azure-virtual-desktop", Denotes::Exact), ("test-base", Denotes::Ambiguous)]
    );
    assert!(
        by_code("ms.prod", "m365-security").iter().all(|(_, denotes)| *denotes == Denotes::Family)
    );
    assert!(by_code("ms.service", "tea").is_empty());
}

#[test]
fn a_known_mistake_is_read_as_the_code_it_should_be() {
    let products = &BUILTIN_CATALOG.products;
    let right = products.by_code("ms.prod", "microsoft-365-enterprise");
    assert_eq!(products.by_code("ms.service", "icrosoft-365-enterprise"), right);
    assert_eq!(products.by_code("ms.service", "microsoft-365-enterprise"), right);
    assert!(!right.is_empty());
}

#[test]
fn the_longest_prefix_of_an_address_decides() {
    let by_url = |url: &str| {
        let products = &BUILTIN_CATALOG.products;
        products.by_url(url).map(|id| products.get(id).slug.as_str())
    };
    let learn = |path: &str| by_url(&format!("learn.microsoft.com/{path}"));
    assert_eq!(
        learn("microsoft-365/security/defender/data-privacy"),
        Some("microsoft-defender-xdr")
    );
    assert_eq!(
        learn("microsoft-365/security/Defender-Endpoint/"),
        Some("microsoft-defender-for-endpoint")
    );
    assert_eq!(learn("azure/sentinel/overview?tabs=a#b"), Some("microsoft-sentinel"));
    assert_eq!(learn("azure/unheard-of"), Some("microsoft-azure"));
    // A prefix ends where a part of the path ends: this is no Azure page.
    assert_eq!(learn("azure-unheard-of"), None);
    // Some pages go on after a hyphen.
    assert_eq!(
        learn("microsoft-365/compliance/compliance-manager-faq"),
        Some("purview-compliance-manager")
    );
    assert_eq!(by_url("example.org/azure"), None);
}

#[test]
fn a_host_is_the_portals_before_the_products() {
    let host = BUILTIN_CATALOG
        .products
        .by_url("security.microsoft.com/alerts")
        .expect("the host is known");
    assert_eq!(BUILTIN_CATALOG.products.get(host).slug, "microsoft-defender-portal");
}

#[test]
fn a_forwarding_link_is_known_by_its_labels() {
    let by_id = |id| {
        BUILTIN_CATALOG
            .products
            .by_fwlink(id)
            .map(|id| BUILTIN_CATALOG.products.get(id).slug.as_str())
    };
    assert_eq!(by_id("2154037"), Some("microsoft-defender-for-endpoint"));
    // This one leads to a document, not to a product.
    assert_eq!(by_id("2127420"), None);
}

#[test]
fn keys_of_codes_are_known() {
    let products = &BUILTIN_CATALOG.products;
    assert!(products.code_keys().iter().any(|key| key == "ms.prod"));
    let keys: BTreeSet<_> = products.code_keys().iter().collect();
    for (_, product) in products.iter() {
        for code in &product.codes {
            assert!(keys.contains(&code.field), "{}", code.field);
        }
    }
}
