//! What a reading says, taken apart into claims that can be compared across pages and languages.

use std::collections::BTreeSet;
use std::fmt::Write;

use sha1::{Digest, Sha1};

use crate::analyze::{Location, Reading};
use crate::catalog::{Catalog, ProductId};

/// What a claim is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Product(ProductId),
    /// A product that the catalog does not know, as the page names it, or the page itself, where it
    /// names none.
    Named(String),
}

impl Subject {
    pub fn label<'a>(&'a self, catalog: &'a Catalog) -> &'a str {
        match self {
            Self::Product(product) => catalog.products.label(*product),
            Self::Named(name) => name,
        }
    }

    fn slug(&self, catalog: &Catalog) -> String {
        match self {
            Self::Product(product) => catalog.products.get(*product).slug.clone(),
            Self::Named(name) => crate::catalog::slug(name),
        }
    }
}

/// One normalised statement with one place. Says nothing of who states it, or whether it is true.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    pub product: Subject,
    pub activity: String,
    pub category: String,
    pub form: String,
    pub at_rest: bool,
    pub place: Place,
    pub relation: String,
    pub modality: String,
    pub negated: bool,
    pub infrastructure: Option<ProductId>,
    /// The other product whose rules decide the place, where the page names it.
    pub rule_of: Option<ProductId>,
    /// Codes of the places that its condition names: for whom it holds. The words of a condition
    /// are those of one language, and stay with the reading.
    pub given: BTreeSet<String>,
    /// An ISO 8601 duration.
    pub retention: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A code: `US`, `EU`, `DE:frankfurt`, `x-europe`.
    Place(String),
    /// A rule: `tenant-geo`, or `between-services` for moves without a geography.
    Rule(String),
}

impl Place {
    pub fn code(&self) -> &str {
        match self {
            Self::Place(code) | Self::Rule(code) => code,
        }
    }
}

/// So many places of a condition are named one by one; of more, their number is told.
pub const MANY_PLACES: usize = 3;

/// What a claim takes from the words around it besides what was read.
#[derive(Clone, Debug, Default)]
pub struct Around {
    /// Codes of the places that the condition names.
    pub given: BTreeSet<String>,
    /// The other product that the clause names, where its rules decide the place.
    pub rule_of: Option<ProductId>,
}

/// The claims of a reading, one per place.
pub fn claims(reading: &Reading, around: &Around) -> Vec<Claim> {
    let product = match reading.product {
        Some(product) => Subject::Product(product),
        None => Subject::Named(reading.product_as_written.clone()),
    };
    let places = match &reading.location {
        Location::Places(codes) => codes.iter().cloned().map(Place::Place).collect(),
        Location::Rule(rule) => vec![Place::Rule(rule.clone())],
        Location::Service => vec![Place::Rule("between-services".into())],
    };
    let claim = |place| Claim {
        product: product.clone(),
        activity: reading.activity.clone(),
        category: reading.category.clone(),
        form: reading.form.clone(),
        at_rest: reading.at_rest,
        place,
        relation: reading.relation.clone(),
        modality: reading.modality.clone(),
        negated: reading.negated,
        infrastructure: reading.infrastructure,
        rule_of: around.rule_of,
        given: around.given.clone(),
        retention: reading.retention.clone(),
    };
    places.into_iter().map(claim).collect()
}

impl Claim {
    /// The claim wherever it is: equal for the places of one statement.
    pub fn placeless(&self) -> Self {
        let place = match &self.place {
            Place::Place(_) => Place::Place(String::new()),
            rule @ Place::Rule(_) => rule.clone(),
        };
        Self { place, ..self.clone() }
    }

    /// The name of the claim: readable, and unique through a digest of everything that it means.
    pub fn key(&self, catalog: &Catalog) -> String {
        let slug = |product: ProductId| catalog.products.get(product).slug.as_str();
        let mut key = format!("{}.{}", self.product.slug(catalog), self.activity);
        if self.category != "none" {
            write!(key, ".{}", self.category).expect("writing to a string");
        }
        if self.form != "as-is" {
            write!(key, ".{}", self.form).expect("writing to a string");
        }
        if self.relation != "in" {
            write!(key, ".{}", self.relation).expect("writing to a string");
        }
        write!(key, ".{}", self.place.code().to_ascii_lowercase().replace(':', "-"))
            .expect("writing to a string");
        match self.modality.as_str() {
            "may" | "planned" => write!(key, ".{}", self.modality).expect("writing to a string"),
            _ => {}
        }
        if self.negated {
            key.push_str(".not");
        }
        let given: Vec<&str> = self.given.iter().map(String::as_str).collect();
        let given = given.join("+");
        if let Some(product) = self.rule_of {
            write!(key, ".of-{}", slug(product)).expect("writing to a string");
        }
        match self.given.len() {
            0 => {}
            1..=MANY_PLACES => {
                let places = given.to_ascii_lowercase().replace([':', '+'], "-");
                write!(key, ".given-{places}").expect("writing to a string");
            }
            many => write!(key, ".given-{many}-places").expect("writing to a string"),
        }
        if let Some(retention) = &self.retention {
            write!(key, ".{}", retention.to_ascii_lowercase()).expect("writing to a string");
        }
        let mut canonical = format!(
            "{}|{}|{}|{}|{}|{}|{}|{}|{}|{}",
            self.product.slug(catalog),
            self.activity,
            self.category,
            self.form,
            self.at_rest,
            self.place.code(),
            self.relation,
            self.modality,
            self.negated,
            self.infrastructure.map_or("", slug),
        );
        // What few claims have does not change the names of the others.
        let rare = [
            ("of", self.rule_of.map(slug)),
            ("given", Some(given.as_str())),
            ("retention", self.retention.as_deref()),
        ];
        for (name, value) in rare {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                write!(canonical, "|{name}={value}").expect("writing to a string");
            }
        }
        let digest = Sha1::digest(canonical.as_bytes());
        key.push('-');
        for byte in &digest[..4] {
            write!(key, "{byte:02x}").expect("writing to a string");
        }
        key
    }

    /// What the claim says in one respect, as a word for a message.
    pub fn word(&self, respect: &str) -> String {
        match respect {
            "activity" => self.activity.clone(),
            "data-category" => self.category.clone(),
            "data-form" => self.form.clone(),
            "at-rest" => if self.at_rest { "at rest" } else { "nothing of rest" }.to_owned(),
            "location" | "location-rule" => format!("{} {}", self.relation, self.place.code()),
            "modality" => self.modality.clone(),
            "negation" => if self.negated { "not" } else { "so" }.to_owned(),
            "condition" => match self.given.len() {
                0 => "for nobody in particular".to_owned(),
                _ => format!("for {}", self.given.iter().cloned().collect::<Vec<_>>().join(", ")),
            },
            _ => "another product".to_owned(),
        }
    }

    /// The product in which two claims differ: the one spoken of, or the one that it runs on.
    pub fn product_that_differs(&self, a: &Self, b: &Self) -> Subject {
        match self.infrastructure {
            Some(product) if a.product == b.product => Subject::Product(product),
            _ => self.product.clone(),
        }
    }

    /// What this claim has lost of another that is the same otherwise.
    pub fn lost(&self, whole: &Self) -> Option<&'static str> {
        let restored = Self {
            at_rest: whole.at_rest,
            negated: whole.negated,
            form: whole.form.clone(),
            // A name that one side did not know is no loss.
            rule_of: whole.rule_of,
            ..self.clone()
        };
        let is_lost = [
            ("at-rest", whole.at_rest && !self.at_rest),
            ("negation", whole.negated && !self.negated),
            (
                "data-form",
                FORMS_BY_LOSS.iter().position(|form| *form == whole.form)
                    < FORMS_BY_LOSS.iter().position(|form| *form == self.form),
            ),
        ];
        let mut lost = is_lost.into_iter().filter(|(_, is_lost)| *is_lost).map(|(kind, _)| kind);
        let first = lost.next()?;
        (restored == *whole && lost.next().is_none()).then_some(first)
    }

    /// In which respects two claims differ.
    pub fn differences(&self, other: &Self) -> Vec<Difference> {
        let is_rule = |claim: &Self| matches!(claim.place, Place::Rule(_));
        let outside = |claim: &Self| claim.relation == "outside";
        let infrastructure = (self.infrastructure, other.infrastructure);
        let checks = [
            ("product", self.product == other.product, true),
            (
                "activity",
                self.activity == other.activity,
                DISTINCT_ACTIVITIES.contains(&self.activity.as_str())
                    && DISTINCT_ACTIVITIES.contains(&other.activity.as_str()),
            ),
            (
                "data-category",
                self.category == other.category,
                !takes_in(&self.category, &other.category)
                    && !takes_in(&other.category, &self.category),
            ),
            (
                "data-form",
                self.form == other.form,
                !LOOSE_FORMS.contains(&self.form.as_str())
                    || !LOOSE_FORMS.contains(&other.form.as_str()),
            ),
            ("at-rest", self.at_rest == other.at_rest, true),
            (
                if is_rule(other) { "location-rule" } else { "location" },
                self.place == other.place,
                !is_rule(self)
                    && !is_rule(other)
                    && !is_part(self.place.code(), other.place.code())
                    && !is_part(other.place.code(), self.place.code()),
            ),
            ("location", self.relation == other.relation, outside(self) || outside(other)),
            ("modality", self.modality == other.modality, true),
            (
                "condition",
                self.given == other.given,
                !self.given.is_empty()
                    && !other.given.is_empty()
                    && self.given.is_disjoint(&other.given),
            ),
            ("retention", self.retention == other.retention, false),
            ("negation", self.negated == other.negated, true),
            (
                "product",
                infrastructure.0 == infrastructure.1,
                infrastructure.0.is_some() && infrastructure.1.is_some(),
            ),
        ];
        checks
            .into_iter()
            .filter(|(_, same, _)| !same)
            .map(|(kind, _, is_said)| Difference { kind, is_said })
            .collect()
    }
}

/// One respect in which two claims differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// By the annotation scheme's name.
    pub kind: &'static str,
    /// The words of the two sides exclude each other. Else one side may only have been read less
    /// closely: a rule that no phrase matched, data by a broader name.
    pub is_said: bool,
}

/// What a form becomes when a translation does not understand its word.
const FORMS_BY_LOSS: [&str; 4] = ["pseudonymized", "anonymized", "unclear", "as-is"];

/// Activities whose words are never used of one another. A copy can be read as a move, and what is
/// somewhere as stored there.
const DISTINCT_ACTIVITIES: [&str; 4] = ["stores", "processes", "transfers", "accesses"];

/// Forms that a language has so many words for that one of them may have been missed.
const LOOSE_FORMS: [&str; 2] = ["as-is", "aggregated"];

/// Whether a category takes in another, so that who names it does not contradict who names the
/// other.
fn takes_in(broad: &str, narrow: &str) -> bool {
    broad == "data" || (broad == "customer-data" && narrow == "content")
}

/// Whether a place is a city of another: `DE:frankfurt` of `DE`.
fn is_part(code: &str, of: &str) -> bool {
    code.strip_prefix(of).is_some_and(|rest| rest.starts_with(':'))
}
