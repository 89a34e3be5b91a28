//! When a product was seen under one name and then under the next.
//!
//! Bounds from dated pages alone: the last day of the old name, the first day of the new one. Which
//! names follow one another is taken from the registry; finding renames without it is another
//! matter.

use std::collections::BTreeMap;

use crate::catalog::{Catalog, NameId, ProductId};

/// A name in a dated version: the day, the version and the segment.
pub type Sighting = (String, usize, u32);

/// The first and the last sighting of a name.
type Seen = (Sighting, Sighting);

/// First and last sighting of each name of each product.
#[derive(Clone, Debug, Default)]
pub struct Sightings {
    names: BTreeMap<(ProductId, NameId), Seen>,
}

impl Sightings {
    pub fn add(&mut self, product: ProductId, name: NameId, sighting: Sighting) {
        let known = self
            .names
            .entry((product, name))
            .or_insert_with(|| (sighting.clone(), sighting.clone()));
        if sighting < known.0 {
            known.0 = sighting.clone();
        }
        // Of one day, the first place is as good a witness as the last.
        if sighting.0 > known.1.0 {
            known.1 = sighting;
        }
    }

    pub fn of(&self, product: ProductId, name: NameId) -> Option<&Seen> {
        self.names.get(&(product, name))
    }

    /// First and last day of a name, whatever it named.
    pub fn days(&self, name: NameId) -> Option<(&str, &str)> {
        let of_name = self.names.iter().filter(|((_, known), _)| *known == name);
        of_name.fold(None, |days, (_, (first, last))| match days {
            None => Some((first.0.as_str(), last.0.as_str())),
            Some((from, until)) => Some((from.min(first.0.as_str()), until.max(last.0.as_str()))),
        })
    }
}

/// A rename that the pages show.
#[derive(Clone, Debug)]
pub struct Observed {
    pub product: ProductId,
    pub before: NameId,
    pub after: NameId,
    pub last: Sighting,
    pub first: Sighting,
}

/// For each two eras of a product that follow one another: the names last and first seen, where the
/// one ended before the other began.
pub fn observed(catalog: &Catalog, sightings: &Sightings) -> Vec<Observed> {
    let mut eras: BTreeMap<(ProductId, u32), Vec<(NameId, &Seen)>> = BTreeMap::new();
    for (&(product, name), seen) in &sightings.names {
        for usage in &catalog.products.name(name).uses {
            // Only English names are dated by what the pages say: translations come later.
            if usage.product == product && catalog.products.name(name).lang == "en" {
                eras.entry((product, usage.era)).or_default().push((name, seen));
            }
        }
    }
    let mut found = Vec::new();
    for (&(product, era), old) in &eras {
        let Some(new) = eras.get(&(product, era + 1)) else { continue };
        let last = old.iter().max_by(|a, b| (&a.1.1, a.0).cmp(&(&b.1.1, b.0)));
        let first = new.iter().min_by(|a, b| (&a.1.0, a.0).cmp(&(&b.1.0, b.0)));
        if let (Some((before, seen_before)), Some((after, seen_after))) = (last, first)
            && before != after
            && seen_before.1.0 < seen_after.0.0
        {
            found.push(Observed {
                product,
                before: *before,
                after: *after,
                last: seen_before.1.clone(),
                first: seen_after.0.clone(),
            });
        }
    }
    found
}
