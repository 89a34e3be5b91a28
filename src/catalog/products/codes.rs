//! Front-matter values that stand for products.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{ProductId, Products};
use crate::catalog::{CatalogError, Date, Fault, Provenance, Sources, Texts, overlay};

/// A front-matter value that stands for a product.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    pub field: String,
    pub value: String,
    pub denotes: Denotes,
    /// Pages seen with it.
    pub paths: Option<u32>,
    pub seen_from: Option<Date>,
    pub seen_until: Option<Date>,
    #[serde(flatten)]
    pub provenance: Provenance,
}

words! {
    /// Best first.
    Denotes {
        Exact = "exact",
        /// Several products.
        Family = "family",
        /// Often wrong.
        Ambiguous = "ambiguous",
    }
}

impl Products {
    /// The products a front-matter value stands for, exact ones first; known errors are read as
    /// what they mean.
    pub fn by_code(&self, field: &str, value: &str) -> &[(ProductId, Denotes)] {
        self.by_code.get(&key(field.trim(), value.trim())).map_or(&[], Vec::as_slice)
    }

    /// The front-matter keys whose values are codes.
    pub fn code_keys(&self) -> &[String] {
        &self.code_keys
    }
}

fn key(field: &str, value: &str) -> (String, String) {
    (field.to_lowercase(), value.to_lowercase())
}

// Reading.

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CodesFile {
    #[serde(default)]
    keys: Vec<String>,
    #[serde(default)]
    errors: Vec<ErrorRow>,
}

/// A value that is written wrongly.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ErrorRow {
    field: String,
    value: String,
    /// The code it should be; none: it is no code.
    means: Option<String>,
    #[serde(rename = "note")]
    _note: Option<String>,
    source: String,
}

impl Products {
    pub(super) fn add_codes(
        &mut self,
        texts: &Texts,
        sources: &Sources,
    ) -> Result<(), CatalogError> {
        let mut by_code: BTreeMap<_, BTreeMap<ProductId, Denotes>> = BTreeMap::new();
        for (id, product) in self.iter() {
            for code in &product.codes {
                let denotes = by_code
                    .entry(key(&code.field, &code.value))
                    .or_default()
                    .entry(id)
                    .or_insert(code.denotes);
                *denotes = code.denotes.min(*denotes);
            }
        }
        let mut errors = Vec::new();
        for (file, codes) in texts.parse::<CodesFile>("codes.yaml")? {
            let new = codes.keys.into_iter().filter(|key| !self.code_keys.contains(key));
            let new: Vec<_> = new.collect();
            self.code_keys.extend(new);
            errors.push((file, codes.errors));
        }
        let mut meant = Vec::new();
        for row in overlay(errors, |error| format!("{} {}", error.field, error.value))? {
            let error = &row.value;
            row.needs_source(sources, &error.source)?;
            if let Some(means) = &error.means {
                // A code in the wrong field means what it does in its own.
                let own = by_code.get(&key(&error.field, means));
                let any = by_code
                    .iter()
                    .find(|((_, value), _)| *value == means.to_lowercase())
                    .map(|(_, codes)| codes);
                let codes = own.or(any).ok_or_else(|| row.fault(Fault::Code(means.clone())))?;
                meant.push((key(&error.field, &error.value), codes.clone()));
            }
        }
        for (key, codes) in meant {
            by_code.entry(key).or_insert(codes);
        }
        let sorted = |codes: BTreeMap<ProductId, Denotes>| {
            let mut codes: Vec<_> = codes.into_iter().collect();
            codes.sort_by_key(|&(product, denotes)| (denotes, product));
            codes
        };
        self.by_code = by_code.into_iter().map(|(key, codes)| (key, sorted(codes))).collect();
        Ok(())
    }
}
