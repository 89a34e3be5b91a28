//! What the registry answers, and what it refuses.
//!
//! Facts are asked for only where a behaviour shows in them: how many there are is their own
//! affair.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::LazyLock;

use super::*;

static BUILTIN_CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| Catalog::builtin().unwrap_or_else(|error| panic!("{error}")));

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

/// Loads the registry with one folder over it, made of files and their texts.
fn with_files(files: &[(&str, &str)]) -> Result<Catalog, CatalogError> {
    let dir = tempfile::tempdir().expect("a folder can be made");
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).expect("a file can be written");
    }
    Catalog::with_overrides(&[dir.path().to_owned()])
}

/// What the registry says against a file of that name, without the folder.
fn refusal(name: &str, text: &str) -> String {
    let error =
        with_files(&[(name, text)]).err().unwrap_or_else(|| panic!("`{name}` was accepted"));
    let message = error.to_string();
    let at = message.find(name).unwrap_or_else(|| panic!("the file is not named: {message}"));
    message[at..].to_owned()
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
    let joins = |change: &&products::Change| {
        change.from.product == office && change.to.product == microsoft
    };
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
fn a_slug_keeps_letters_and_digits() {
    for (text, expected) in [
        ("Microsoft Defender för Slutpunkt", "microsoft-defender-for-slutpunkt"),
        ("  Threat & Vulnerability  Management ", "threat-vulnerability-management"),
        ("Viva Insights (personal)", "viva-insights-personal"),
        ("Tiếng Việt", "tieng-viet"),
        ("中文", "中文"),
        ("--", ""),
    ] {
        assert_eq!(slug(text), expected);
    }
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

// Places.

#[test]
fn a_place_lies_in_all_that_its_outer_places_lie_in() {
    let places = &BUILTIN_CATALOG.places;
    let within = |code: &str| {
        let id = places.by_code(code).unwrap_or_else(|| panic!("no place `{code}`"));
        let mut codes: Vec<_> =
            places.within(id).iter().map(|&id| places.get(id).code.as_str()).collect();
        codes.sort();
        codes
    };
    assert_eq!(within("DE:frankfurt"), ["DE", "EEA", "EU", "x-emea", "x-europe"]);
    assert_eq!(within("NO"), ["EEA", "x-emea", "x-europe"]);
    // Not since 2020: history is in the memberships.
    assert_eq!(within("GB"), ["x-emea", "x-europe"]);
    assert_eq!(within("x-world"), [""; 0]);
    let gb = places.get(places.by_code("GB").expect("a country"));
    assert_eq!(gb.memberships[0].until.as_ref().map(Date::as_str), Some("2020-02-01"));
}

#[test]
fn places_are_named_in_each_language() {
    let places = &BUILTIN_CATALOG.places;
    let label = |code, lang| places.label(places.by_code(code).expect("a place"), lang);
    assert_eq!(label("US", "nl-NL"), Some("Verenigde Staten"));
    assert_eq!(label("EU", "sv-SE"), Some("Europeiska unionen"));
    assert_eq!(label("x-apac", "en"), Some("Asia Pacific"));
    assert_eq!(label("US", "tlh"), None);
    let named = |text: &str, lang| {
        let found = places.surfaces(lang).find(|(surface, _)| *surface == text);
        found.map(|(_, id)| places.get(id).code.as_str())
    };
    assert_eq!(named("Storbritannien", "sv"), Some("GB"));
    assert_eq!(named("Wenen", "nl"), Some("AT:vienna"));
    // The vendor's geographies are other layers: in plain text, "Europe" is the continent.
    assert_eq!(named("Europe", "en"), Some("x-europe"));
    // "German" names a place only before a data centre.
    assert_eq!(named("German", "en"), None);
    assert!(
        places.adjectives("en").any(|(text, id)| text == "German" && places.get(id).code == "DE")
    );
}

#[test]
fn iris_of_places_tell_whose_they_are() {
    let iri = |code| {
        &BUILTIN_CATALOG.places.get(BUILTIN_CATALOG.places.by_code(code).expect("a place")).iri
    };
    assert_eq!(*iri("NO"), places::PlaceIri::Loc("NO".into()));
    assert_eq!(*iri("EEA"), places::PlaceIri::Loc("EEA".into()));
    assert_eq!(*iri("x-europe"), places::PlaceIri::Place("x-europe".into()));
    assert_eq!(*iri("DE:frankfurt"), places::PlaceIri::Place("de-frankfurt".into()));
    assert_eq!(*iri("azure:westeurope"), places::PlaceIri::Geo("azure-westeurope".into()));
}

#[test]
fn translation_can_make_a_country_of_a_code() {
    let vietnam = BUILTIN_CATALOG
        .places
        .corruptions()
        .iter()
        .find(|corruption| corruption.written == "Vietnam");
    let vietnam = vietnam.expect("a known corruption");
    assert_eq!((vietnam.stands_for.as_str(), vietnam.lang.as_str()), ("NAM", "sv"));
    assert_eq!(BUILTIN_CATALOG.places.get(vietnam.place).code, "x-north-america");
}

// Dates.

#[test]
fn a_date_is_as_precise_as_it_is_written() {
    for (text, precision, earliest, latest) in [
        ("2020", "year", "2020-01-01", "2020-12-31"),
        ("2020-02", "month", "2020-02-01", "2020-02-29"),
        ("2020-02-29", "day", "2020-02-29", "2020-02-29"),
    ] {
        let date = Date::parse(text).expect("a date");
        assert_eq!(
            (date.precision(), &*date.earliest(), &*date.latest()),
            (precision, earliest, latest)
        );
    }
    for wrong in
        ["", "20", "2020-13", "2021-02-29", "2020-9-22", "2020-09-22T00", "22-09-2020", "+020"]
    {
        assert_eq!(Date::parse(wrong), None, "{wrong}");
    }
}

// Facts of the user's.

const VAULT: &str = "
- id: contoso-vault
  kind: service
  family: contoso
  status: active
  names:
  - {text: Contoso Vault, lang: en, kind: official, era: 1, from: '2020-01', until: '2022-06-01', source: recalled}
  - {text: Contoso Keep, lang: en, kind: official, era: 2, from: '2022-06-01', source: recalled}
";

#[test]
fn an_entry_with_a_new_id_is_added() {
    let catalog = with_files(&[("products.yaml", VAULT)]).expect("the file is right");
    let vault = catalog.products.find("contoso vault");
    assert_eq!(catalog.products.get(vault[0]).slug, "contoso-vault");
    assert!(catalog.products.by_slug("microsoft-sentinel").is_some());
}

#[test]
fn an_entry_with_a_known_id_replaces() {
    let text = VAULT.replace("contoso-vault", "microsoft-365-insider");
    let changes = "
- {id: office-insider-to-microsoft-365-insider, kind: renamed, date: '2022-06', source: recalled,
   from: {product: microsoft-365-insider, era: 1}, to: {product: microsoft-365-insider, era: 2}}
";
    let catalog = with_files(&[("products.yaml", &text), ("changes.yaml", changes)])
        .expect("the files are right");
    let products = &catalog.products;
    let insider = products.by_slug("microsoft-365-insider").expect("replaced, not removed");
    assert_eq!(products.label(insider), "Contoso Keep");
    assert!(products.find("Office Insider").is_empty());
    let change = products
        .changes()
        .iter()
        .find(|change| change.to.product == insider)
        .expect("replaced, not removed");
    assert_eq!(change.to.name, products.current_name(insider));
    assert_eq!(products.iter().count(), BUILTIN_CATALOG.products.iter().count());
}

#[test]
fn later_folders_win() {
    let folder = |name| {
        let dir = tempfile::tempdir().expect("a folder can be made");
        let text = VAULT.replace("Contoso Keep", name);
        std::fs::write(dir.path().join("products.yaml"), text).expect("a file can be written");
        dir
    };
    let (first, second) = (folder("Contoso Chest"), folder("Contoso Drawer"));
    let paths = [first.path().to_owned(), second.path().to_owned()];
    let catalog = Catalog::with_overrides(&paths).expect("the files are right");
    assert!(catalog.products.find("Contoso Chest").is_empty());
    assert_eq!(catalog.products.find("Contoso Drawer").len(), 1);
}

#[test]
fn facts_make_the_digest() {
    let again = Catalog::builtin().expect("built-in facts are right");
    assert_eq!(again.digest(), BUILTIN_CATALOG.digest());
    let vault = with_files(&[("products.yaml", VAULT)]).expect("the file is right");
    let spaced =
        with_files(&[("products.yaml", &format!("{VAULT}\n"))]).expect("the file is right");
    assert_ne!(vault.digest(), again.digest());
    assert_ne!(vault.digest(), spaced.digest());
    assert_eq!(again.digest().len(), 64);
}

#[test]
fn all_of_a_file_may_be_left_out() {
    let files = [
        ("sources.yaml", "my-notes: {title: My notes}"),
        (
            "places.yaml",
            "cities: [{code: 'SE:gavle', name: Gävle, within: [SE], source: my-notes}]",
        ),
        ("urls.yaml", "hosts: {docs.contoso.example: learn.microsoft.com}"),
        (
            "docsets.yaml",
            "[{name: contoso-docs, title: Contoso, folders: [{source: docs, site: contoso, from: my-notes}]}]",
        ),
        (
            "stop-phrases.yaml",
            "phrases: [{text: Vault of Tea, lang: en, reason: a shop, source: my-notes}]",
        ),
        ("addresses.yaml", "fwlinks: [{id: '1', product: microsoft-sentinel, source: my-notes}]"),
    ];
    let catalog = with_files(&files).expect("the files are right");
    let gavle = catalog.places.by_code("SE:gavle").expect("a new city");
    assert!(
        catalog.places.within(gavle).contains(&catalog.places.by_code("EU").expect("a grouping"))
    );
    assert!(catalog.urls.hosts.len() > 1 && catalog.urls.site == BUILTIN_CATALOG.urls.site);
    assert!(catalog.products.by_fwlink("1").is_some());
    assert_eq!(catalog.docsets.last().map(|docset| docset.name.as_str()), Some("contoso-docs"));
}

// What is refused.

#[test]
fn an_unknown_source_is_refused() {
    let text =
        VAULT.replace("era: 2, from: '2022-06-01', source: recalled", "era: 2, source: hearsay");
    assert_eq!(
        refusal("products.yaml", &text),
        "products.yaml`, entry `contoso-vault`: there is no source `hearsay`; \
         add it to sources.yaml, or name one that is there"
    );
}

#[test]
fn the_same_id_twice_in_a_file_is_refused() {
    let message = refusal("products.yaml", &format!("{VAULT}{VAULT}"));
    assert!(message.contains("entry `contoso-vault`: the entry stands here twice"), "{message}");
    let message = refusal("sources.yaml", "a: {title: A}\na: {title: B}");
    assert!(message.contains("entry `a`: the entry stands here twice"), "{message}");
}

#[test]
fn a_date_that_is_none_is_refused() {
    let message = refusal("products.yaml", &VAULT.replace("'2020-01'", "'2020-31-01'"));
    assert!(
        message.contains(
            "`2020-31-01` is no date; write '2020', '2020-09' or '2020-09-22', in quotes"
        ),
        "{message}"
    );
    let message = refusal("products.yaml", &VAULT.replace("'2020-01'", "'2023-01'"));
    assert!(message.contains("from 2023-01 is after until 2022-06-01"), "{message}");
}

#[test]
fn a_word_that_is_not_in_the_list_is_refused() {
    let message = refusal("products.yaml", &VAULT.replace("kind: service", "kind: servise"));
    assert!(message.contains("servise"), "{message}");
    let message = refusal("products.yaml", &VAULT.replace("family:", "familly:"));
    assert!(message.contains("familly"), "{message}");
}

#[test]
fn a_reference_that_leads_nowhere_is_refused() {
    let message =
        refusal("products.yaml", &VAULT.replace("status:", "part_of: contoso-cloud\n  status:"));
    assert!(message.contains("there is no product `contoso-cloud`"), "{message}");
    let message = refusal(
        "changes.yaml",
        "[{id: x, kind: merged, source: recalled, from: {product: aorato, era: 1}, to: {product: microsoft-sentinel, era: 7}}]",
    );
    assert!(message.contains("product `microsoft-sentinel` has no era 7"), "{message}");
    let message =
        refusal("places.yaml", "cities: [{code: 'XX:y', name: Y, within: [XX], source: recalled}]");
    assert!(message.contains("entry `XX:y`: there is no place `XX`"), "{message}");
    let message = refusal("codes.yaml", "[{field: ms.prod, value: a, means: b, source: recalled}]");
    assert!(message.contains("there is no code `b`"), "{message}");
}

#[test]
fn an_address_of_two_products_is_refused() {
    let urls = "urls: [{prefix: learn.microsoft.com/azure/sentinel, source: recalled}]";
    let message = refusal("products.yaml", &VAULT.replace("names:", &format!("{urls}\n  names:")));
    assert!(message.contains("belongs to `microsoft-sentinel` already"), "{message}");
}

#[test]
fn a_circle_of_changes_is_refused() {
    // Over products alone two of the built-in changes make a circle; over products in their eras
    // they must not.
    let back = "
- {id: back, kind: replaced, source: recalled,
   from: {product: microsoft-defender-xdr, era: 3}, to: {product: microsoft-defender-xdr, era: 1}}
";
    let message = refusal("changes.yaml", back);
    assert!(message.contains("it closes a circle: "), "{message}");
    assert!(
        message.contains("microsoft-defender-xdr (era 2) → microsoft-defender-xdr (era 3)"),
        "{message}"
    );
}

#[test]
fn a_folder_without_facts_is_refused() {
    let message = with_files(&[("product.yaml", VAULT)]).expect_err("a misspelt file").to_string();
    assert!(message.contains("holds no facts"), "{message}");
}

// The folder of the built-in facts.

fn data() -> PathBuf {
    PathBuf::from("data")
}

#[test]
fn every_file_of_facts_is_built_in() {
    let yaml_in = |folder: &str| {
        let files = std::fs::read_dir(data().join(folder)).expect("the facts are here");
        let names = files
            .map(|file| file.expect("it can be listed").file_name().to_string_lossy().into_owned());
        names
            .filter(|name| name.ends_with(".yaml"))
            .map(|name| format!("{folder}{name}"))
            .collect::<BTreeSet<_>>()
    };
    let mut known: BTreeSet<String> =
        BUILTIN.iter().chain(ELSEWHERE).map(|(name, _)| (*name).to_owned()).collect();
    known.extend(languages::SHEETS.iter().map(|(tag, _)| format!("languages/{tag}.yaml")));
    // For curators; nothing is compiled from it.
    known.insert("observations.yaml".into());
    let there: BTreeSet<String> = yaml_in("").into_iter().chain(yaml_in("languages/")).collect();
    assert_eq!(there, known);
}

#[test]
fn observations_are_of_known_names() {
    #[derive(serde::Deserialize)]
    struct Observations {
        names: BTreeMap<String, serde::de::IgnoredAny>,
    }
    let text =
        std::fs::read_to_string(data().join("observations.yaml")).expect("the facts are here");
    let observed: Observations = serde_yaml::from_str(&text).expect("the file is right");
    let products = &BUILTIN_CATALOG.products;
    let names = products.names().iter().map(|name| &name.text);
    let known: BTreeSet<_> =
        names.chain(products.torn_labels().iter().map(|torn| &torn.label)).collect();
    let unknown: Vec<_> = observed.names.keys().filter(|name| !known.contains(name)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
