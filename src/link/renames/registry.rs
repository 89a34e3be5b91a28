//! What the registry says of changes that pages show, and when its names were seen.

use std::collections::{BTreeMap, BTreeSet};

use super::{Era, Observed};
use crate::catalog::{Catalog, NameId};

/// What the registry says of a change that pages show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Registry {
    Agrees,
    /// It knows no change from the one to the other.
    Silent,
    /// It has them the other way round.
    Reversed,
    /// It has a later day.
    Later(String),
}

/// Compares a change that pages show with the registry's changes.
pub fn registry(catalog: &Catalog, change: &Observed) -> Registry {
    let steps = |from: Era| {
        let known = catalog.products.changes().iter();
        known.filter(move |known| known.from.product == from.product && known.from.era == from.era)
    };
    let leads = |from: Era, to: Era| {
        let mut seen = BTreeSet::from([from]);
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            for known in steps(at) {
                let next = Era { product: known.to.product, era: known.to.era };
                if next == to {
                    return true;
                }
                if seen.insert(next) {
                    open.push(next);
                }
            }
        }
        false
    };
    let direct = steps(change.before)
        .find(|known| known.to.product == change.after.product && known.to.era == change.after.era);
    if let Some(date) = direct.and_then(|known| known.date.as_ref())
        && change.latest.day() < &*date.earliest()
    {
        return Registry::Later(date.as_str().to_owned());
    }
    if direct.is_some() || leads(change.before, change.after) {
        Registry::Agrees
    } else if leads(change.after, change.before) {
        Registry::Reversed
    } else {
        Registry::Silent
    }
}

/// First and last day on which each name was seen in a dated text.
#[derive(Clone, Debug, Default)]
pub struct Sightings {
    days: BTreeMap<NameId, (String, String)>,
}

impl Sightings {
    pub fn add(&mut self, name: NameId, day: &str) {
        let (first, last) =
            self.days.entry(name).or_insert_with(|| (day.to_owned(), day.to_owned()));
        if day < first.as_str() {
            day.clone_into(first);
        }
        if day > last.as_str() {
            day.clone_into(last);
        }
    }

    pub fn days(&self, name: NameId) -> Option<(&str, &str)> {
        self.days.get(&name).map(|(first, last)| (first.as_str(), last.as_str()))
    }
}
