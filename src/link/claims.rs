//! What a reading says, taken apart into claims that can be compared across pages and languages.

use std::fmt::Write;

use sha1::{Digest, Sha1};

use crate::analyze::{Location, Reading};
use crate::catalog::{Catalog, ProductId};

/// One normalised statement with one place. Says nothing of who states it, or whether it is true.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    pub product: ProductId,
    pub activity: String,
    pub category: String,
    pub form: String,
    pub at_rest: bool,
    pub place: Place,
    pub relation: String,
    pub modality: String,
    pub negated: bool,
    pub infrastructure: Option<ProductId>,
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

/// The claims of a reading, one per place; none if nobody knows which product it speaks of.
pub fn claims(reading: &Reading) -> Vec<Claim> {
    let Some(product) = reading.product else { return Vec::new() };
    let places = match &reading.location {
        Location::Places(codes) => codes.iter().cloned().map(Place::Place).collect(),
        Location::Rule(rule) => vec![Place::Rule(rule.clone())],
        Location::Service => vec![Place::Rule("between-services".into())],
    };
    let claim = |place| Claim {
        product,
        activity: reading.activity.clone(),
        category: reading.category.clone(),
        form: reading.form.clone(),
        at_rest: reading.at_rest,
        place,
        relation: reading.relation.clone(),
        modality: reading.modality.clone(),
        negated: reading.negated,
        infrastructure: reading.infrastructure,
    };
    places.into_iter().map(claim).collect()
}

impl Claim {
    /// The name of the claim: readable, and unique through a digest of everything that it means.
    pub fn key(&self, catalog: &Catalog) -> String {
        let slug = |product: ProductId| catalog.products.get(product).slug.as_str();
        let mut key = format!("{}.{}", slug(self.product), self.activity);
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
        let canonical = format!(
            "{}|{}|{}|{}|{}|{}|{}|{}|{}|{}",
            slug(self.product),
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
            _ => "another product".to_owned(),
        }
    }

    /// The product in which two claims differ: the one spoken of, or the one that it runs on.
    pub fn product_that_differs(&self, a: &Self, b: &Self) -> ProductId {
        if a.product == b.product {
            self.infrastructure.unwrap_or(self.product)
        } else {
            self.product
        }
    }

    /// In which respects two claims differ, by the annotation scheme's names.
    pub fn differs(&self, other: &Self) -> Vec<&'static str> {
        let checks = [
            ("product", self.product == other.product),
            ("activity", self.activity == other.activity),
            ("data-category", self.category == other.category),
            ("data-form", self.form == other.form),
            ("at-rest", self.at_rest == other.at_rest),
            (
                if matches!(other.place, Place::Rule(_)) { "location-rule" } else { "location" },
                self.place == other.place,
            ),
            ("location", self.relation == other.relation),
            ("modality", self.modality == other.modality),
            ("negation", self.negated == other.negated),
            ("product", self.infrastructure == other.infrastructure),
        ];
        checks.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect()
    }
}
