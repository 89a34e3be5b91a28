//! What the registry answers, and what it refuses.
//!
//! Facts are asked for only where a behaviour shows in them: how many there are is their own
//! affair.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::LazyLock;

use super::*;

pub(super) static BUILTIN_CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| Catalog::builtin().unwrap_or_else(|error| panic!("{error}")));

/// Loads the registry with one folder over it, made of files and their texts.
fn with_files(files: &[(&str, &str)]) -> Result<Catalog, CatalogError> {
    let dir = tempfile::tempdir().expect("a folder can be made");
    for (name, text) in files {
        let file = dir.path().join(name);
        std::fs::create_dir_all(file.parent().expect("it is in the folder"))
            .expect("it can be made");
        std::fs::write(file, text).expect("a file can be written");
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

// Slugs and dates.

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
    let message = refusal("products.yaml", &VAULT.replace("source:", "sauce: tomato, source:"));
    assert!(message.contains("sauce"), "{message}");
}

#[test]
fn a_phrase_that_joins_a_word_and_a_term_is_refused() {
    let (_, sheet) = languages::SHEETS.iter().find(|(tag, _)| *tag == "fr").expect("it is there");
    let message = refusal(
        "languages/fr.yaml",
        &sheet.replace("de l' {place} {where}", "de l'{place} {where}"),
    );
    assert!(message.contains("put a space before the brace"), "{message}");
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
    let message =
        refusal("codes.yaml", "errors: [{field: ms.prod, value: a, means: b, source: recalled}]");
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

#[test]
fn every_built_in_sheet_can_be_read() {
    for (tag, _) in languages::SHEETS {
        assert!(BUILTIN_CATALOG.languages.get(tag).is_some(), "there is no language `{tag}`");
    }
}
