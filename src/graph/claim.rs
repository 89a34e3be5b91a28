//! Claims, the readings that state them, and the words of the claim vocabulary.

use oxigraph::model::{Literal, NamedNode, NamedNodeRef, vocab::xsd};

use super::{Batch, Iris, text};
use crate::analyze::{Reading, Side};
use crate::catalog::Catalog;
use crate::link::claims::{Claim, MANY_PLACES, Place, Subject};
use crate::vocab::{dpv, rdfs, stm};

/// Where a reading stands.
pub struct At<'a> {
    pub version: &'a NamedNode,
    pub number: u32,
    pub line: u32,
    pub segment: u32,
    pub locale: &'a str,
    pub quote: &'a str,
    pub lead: Option<&'a str>,
}

pub fn reading(iris: &Iris, reading: &Reading, claims: &[String], at: &At<'_>, out: &mut Batch) {
    let iri = Iris::reading(at.version, reading.quote, at.number);
    let segment = Iris::part(at.version, 's', at.segment);
    out.a(&iri, stm::READING);
    out.add(&iri, stm::IN_VERSION, at.version.clone());
    out.add(&iri, stm::IN_SEGMENT, segment.clone());
    out.number(&iri, stm::LINE, at.line);
    text::bytes(&iri, reading.quote, out);
    out.lang(&iri, stm::QUOTE, at.quote, at.locale);
    if let (Some(lead), Some(words)) = (reading.lead, at.lead) {
        out.lang(&iri, stm::LEAD, words, at.locale);
        out.number(&iri, stm::LEAD_START, lead.start);
        out.number(&iri, stm::LEAD_END, lead.end);
    }
    if let Some(condition) = &reading.condition {
        out.text(&iri, stm::CONDITION, condition);
    }
    if let Some(retention) = &reading.retention {
        out.text(&iri, stm::RETENTION, retention);
    }
    out.text(&iri, stm::PRODUCT_AS_WRITTEN, &reading.product_as_written);
    out.text(&iri, stm::READ_BY, &reading.rule);
    let confidence = format!("{}.{:02}", reading.confidence / 100, reading.confidence % 100);
    out.add(&iri, stm::CONFIDENCE, Literal::new_typed_literal(confidence, xsd::DECIMAL));
    if reading.side == Side::Source {
        out.flag(&iri, stm::OF_SOURCE_SIDE, true);
    }
    for key in claims {
        let claim = iris.claim(key);
        out.add(&iri, stm::STATES, claim.clone());
        match reading.side {
            Side::Page => {
                out.add(&segment, stm::STATES, claim.clone());
                out.add(at.version, stm::STATES, claim);
            }
            Side::Source => out.add(&segment, stm::SOURCE_STATES, claim),
        }
    }
}

pub fn claim(iris: &Iris, catalog: &Catalog, claim: &Claim, out: &mut Batch) {
    let key = claim.key(catalog);
    let iri = iris.claim(&key);
    out.a(&iri, stm::CLAIM_CLASS);
    out.text(&iri, rdfs::LABEL, label(catalog, claim));
    // A product that the catalog lacks is only named: by the label, and by who states the claim.
    if let Subject::Product(product) = claim.product {
        out.add(&iri, stm::PRODUCT, iris.product(catalog, product));
    }
    out.add(&iri, dpv::HAS_PROCESSING, activity(&claim.activity));
    for data in [category(&claim.category), form(&claim.form)].into_iter().flatten() {
        out.add(&iri, dpv::HAS_DATA, data);
    }
    match &claim.place {
        Place::Place(code) => out.add(&iri, dpv::HAS_LOCATION, iris.place(code)),
        Place::Rule(rule) => out.add(&iri, dpv::HAS_LOCATION, location_rule(rule)),
    }
    out.text(&iri, stm::RELATION, &claim.relation);
    out.add(
        &iri,
        stm::MODALITY,
        match claim.modality.as_str() {
            "may" => stm::POSSIBLE,
            "planned" => stm::PLANNED,
            _ => stm::ASSERTED,
        },
    );
    out.flag(&iri, stm::NEGATED, claim.negated);
    out.flag(&iri, stm::AT_REST, claim.at_rest);
    if let Some(infrastructure) = claim.infrastructure {
        out.add(&iri, stm::INFRASTRUCTURE, iris.product(catalog, infrastructure));
    }
    if let Some(product) = claim.rule_of {
        out.add(&iri, stm::RULE_OF, iris.product(catalog, product));
    }
    for place in &claim.given {
        out.add(&iri, stm::GIVEN_PLACE, iris.place(place));
    }
    if let Some(retention) = &claim.retention {
        out.text(&iri, stm::RETENTION, retention);
    }
}

/// The claim as a sentence: "Microsoft Intune may store customer data at rest in Norway".
fn label(catalog: &Catalog, claim: &Claim) -> String {
    let mut said = format!("{} {}", claim.product.label(catalog), verb(claim));
    match (claim.form.as_str(), claim.category.as_str()) {
        (_, "none") => {}
        ("as-is", category) => said += &format!(" {}", category.replace('-', " ")),
        ("unclear", category) => {
            said += &format!(" {} in an unclear form", category.replace('-', " "));
        }
        (form, category) => said += &format!(" {form} {}", category.replace('-', " ")),
    }
    if claim.at_rest {
        said += " at rest";
    }
    said += &format!(" {}", place(catalog, claim));
    if let Some(product) = claim.rule_of {
        said += &format!(" ({})", catalog.products.label(product));
    }
    if let Some(infrastructure) = claim.infrastructure {
        said += &format!(", on {}", catalog.products.label(infrastructure));
    }
    if let Some(retention) = claim.retention.as_deref() {
        said += &format!(", for {}", duration(retention));
    }
    match claim.given.len() {
        0 => {}
        1..=MANY_PLACES => {
            let given = claim.given.iter().map(|code| place_name(catalog, code));
            said += &format!(" (given {})", given.collect::<Vec<_>>().join(", "));
        }
        many => said += &format!(" (given {many} places)"),
    }
    said
}

/// What is done, as surely as it is said.
fn verb(claim: &Claim) -> String {
    let known = VERBS.iter().find(|(activity, ..)| *activity == claim.activity);
    let (_, does, plain) = known.expect("every activity has a verb");
    match (claim.modality.as_str(), claim.negated) {
        ("may", false) => format!("may {plain}"),
        ("may", true) => format!("might not {plain}"),
        ("planned", false) => format!("is planned to {plain}"),
        ("planned", true) => format!("is planned not to {plain}"),
        (_, true) => format!("does not {plain}"),
        (_, false) => (*does).to_owned(),
    }
}

/// Activities as something that a product does, and as what it may do.
const VERBS: &[(&str, &str, &str)] = &[
    ("operates", "operates", "operate"),
    ("stores", "stores", "store"),
    ("processes", "processes", "process"),
    ("transfers", "transfers", "transfer"),
    ("replicates", "replicates", "replicate"),
    ("backs-up", "backs up", "back up"),
    ("accesses", "gives access to", "give access to"),
];

/// An ISO 8601 duration of one unit in words: "30 days".
fn duration(iso: &str) -> String {
    let parts = || {
        let bare = iso.strip_prefix('P')?;
        let unit = match bare.chars().next_back()? {
            'D' => "day",
            'W' => "week",
            'M' => "month",
            'Y' => "year",
            _ => return None,
        };
        let number: u32 = bare[..bare.len() - 1].parse().ok()?;
        Some(format!("{number} {unit}{}", if number == 1 { "" } else { "s" }))
    };
    parts().unwrap_or_else(|| iso.to_owned())
}

/// Where, in words: "in Norway", "in the tenant's geography", "outside the same region".
fn place(catalog: &Catalog, claim: &Claim) -> String {
    let relation = claim.relation.as_str();
    match &claim.place {
        Place::Place(code) => format!("{relation} {}", place_name(catalog, code)),
        Place::Rule(rule) if rule == "unresolvable" => format!("{relation} a place not understood"),
        Place::Rule(rule) => {
            let label = rule_label(rule);
            let bare = label.strip_prefix("in ").unwrap_or(&label);
            let is_adverb = label.starts_with("where") || label.starts_with("between");
            match relation {
                _ if rule == "between-services" => label,
                "in" if is_adverb => label,
                _ => format!("{relation} {bare}"),
            }
        }
    }
}

fn place_name<'a>(catalog: &'a Catalog, code: &'a str) -> &'a str {
    catalog.places.by_code(code).map_or(code, |id| catalog.places.get(id).name.as_str())
}

fn rule_label(rule: &str) -> String {
    let known = RULES.iter().find(|(word, _)| *word == rule);
    known.map_or(rule.to_owned(), |(word, term)| label_of(word, *term))
}

/// The words of the ontology where they are not those of the annotation scheme: a graph beside its
/// ontology has one label for each term.
const LABELS: Values = &[
    ("backs up", stm::BACK_UP),
    ("data", stm::SERVICE_DATA),
    ("aggregated", stm::AGGREGATED_DATA),
    ("pseudonymised", dpv::PSEUDONYMISED_DATA),
    ("anonymised", dpv::ANONYMISED_DATA),
    ("unclear form", stm::UNCLEAR_FORM),
    ("the tenant's geography", stm::TENANT_GEO),
    ("where the customer chooses", stm::CUSTOMER_CHOICE),
    ("where another service keeps it", stm::OTHER_SERVICE),
    ("the country of sign-up", stm::SIGNUP_COUNTRY),
    ("the nearest data center", stm::NEAREST_DATACENTER),
    ("the user's preferred location", stm::USER_PREFERRED_LOCATION),
    ("the same region", stm::SAME_REGION),
    ("in the country", stm::IN_COUNTRY),
    ("wherever the provider has facilities", stm::PROVIDER_FACILITIES),
    ("no place in particular", stm::UNRESTRICTED),
];

fn label_of(word: &str, term: NamedNodeRef<'_>) -> String {
    let known = LABELS.iter().find(|(_, of)| *of == term);
    known.map_or_else(|| word.replace('-', " "), |(label, _)| (*label).to_owned())
}

/// Every term of the claim vocabulary with its label.
pub fn labels() -> impl Iterator<Item = (NamedNodeRef<'static>, String)> {
    let all = [ACTIVITIES, CATEGORIES, FORMS, RULES].into_iter().flatten();
    all.map(|(word, term)| (*term, label_of(word, *term)))
}

type Values = &'static [(&'static str, NamedNodeRef<'static>)];

/// The annotation scheme's words and the terms that stand for them.
pub const ACTIVITIES: Values = &[
    ("operates", stm::OPERATE),
    ("stores", dpv::STORE),
    ("processes", dpv::USE),
    ("transfers", dpv::TRANSFER),
    ("replicates", dpv::COPY),
    ("backs-up", stm::BACK_UP),
    ("accesses", dpv::MAKE_AVAILABLE),
];
pub const CATEGORIES: Values = &[
    ("customer-data", stm::CUSTOMER_DATA),
    ("content", stm::CONTENT),
    ("personal-data", dpv::PERSONAL_DATA),
    ("identity-data", stm::IDENTITY_DATA),
    ("metadata", stm::METADATA),
    ("logs", stm::LOGS),
    ("diagnostic-data", stm::DIAGNOSTIC_DATA),
    ("support-data", stm::SUPPORT_DATA),
    ("keys", stm::KEYS),
    ("data", stm::SERVICE_DATA),
];
pub const FORMS: Values = &[
    ("pseudonymized", dpv::PSEUDONYMISED_DATA),
    ("anonymized", dpv::ANONYMISED_DATA),
    ("aggregated", stm::AGGREGATED_DATA),
    ("unclear", stm::UNCLEAR_FORM),
];
pub const RULES: Values = &[
    ("tenant-geo", stm::TENANT_GEO),
    ("customer-choice", stm::CUSTOMER_CHOICE),
    ("other-service", stm::OTHER_SERVICE),
    ("signup-country", stm::SIGNUP_COUNTRY),
    ("nearest-datacenter", stm::NEAREST_DATACENTER),
    ("user-pdl", stm::USER_PREFERRED_LOCATION),
    ("same-region", stm::SAME_REGION),
    ("in-country", stm::IN_COUNTRY),
    ("provider-facilities", stm::PROVIDER_FACILITIES),
    ("unrestricted", stm::UNRESTRICTED),
    ("unresolvable", stm::UNRESOLVABLE),
    ("between-services", stm::BETWEEN_SERVICES),
];

fn value(values: Values, word: &str) -> Option<NamedNodeRef<'static>> {
    values.iter().find(|(known, _)| *known == word).map(|(_, term)| *term)
}

fn activity(word: &str) -> NamedNodeRef<'static> {
    value(ACTIVITIES, word).expect("the language data is checked against the scheme's activities")
}

fn category(word: &str) -> Option<NamedNodeRef<'static>> {
    value(CATEGORIES, word)
}

fn form(word: &str) -> Option<NamedNodeRef<'static>> {
    value(FORMS, word)
}

fn location_rule(word: &str) -> NamedNodeRef<'static> {
    value(RULES, word).unwrap_or(stm::UNRESOLVABLE)
}

/// The labels of the words, so that every result can be shown.
pub fn words(out: &mut Batch) {
    for (term, label) in labels() {
        out.lang(&term.into_owned(), rdfs::LABEL, label, "en");
    }
    for (_, rule) in RULES {
        out.a(&rule.into_owned(), stm::LOCATION_RULE);
    }
}
