//! Phrases: words in order, with room between them, that name the rule for a place.
//!
//! A language has many and a clause few words, so that phrases are found by their words: those that
//! could stand in a text are a small part of all. Whether one stands there is decided in
//! `analyze::claims`.

use std::collections::{BTreeMap, BTreeSet};

use super::{Activity, Rule};

/// A step of a phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Term(u32),
    /// A product other than the page's.
    Product,
}

/// On which side of a noun something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    Before,
    After,
}

/// A way to name the rule that decides a place.
#[derive(Clone, Debug)]
pub struct Phrase {
    pub name: String,
    pub means: Rule,
    /// What is done in the place, where the phrase itself says so: "choose the region for".
    pub does: Option<Activity>,
    /// It is elsewhere, and counts only where that is denied: "isn't moved to another region".
    pub denied: bool,
    /// The side of the noun for a place, of phrases that stand beside one.
    pub beside: Option<Beside>,
    /// Each step with the number of words that may stand before it.
    pub steps: Vec<(usize, Step)>,
}

impl Phrase {
    fn terms(&self) -> impl Iterator<Item = u32> + '_ {
        self.steps.iter().filter_map(|&(_, step)| match step {
            Step::Term(term) => Some(term),
            Step::Product => None,
        })
    }
}

/// Phrases in the order of their sheet.
#[derive(Debug)]
pub struct Phrases {
    all: Vec<Phrase>,
    /// By the term of a phrase that the fewest others have; `None` for those without terms.
    by_rarest: BTreeMap<Option<u32>, Vec<usize>>,
}

impl From<Vec<Phrase>> for Phrases {
    fn from(all: Vec<Phrase>) -> Self {
        let mut uses: BTreeMap<u32, usize> = BTreeMap::new();
        for term in all.iter().flat_map(Phrase::terms) {
            *uses.entry(term).or_default() += 1;
        }
        let mut by_rarest: BTreeMap<Option<u32>, Vec<usize>> = BTreeMap::new();
        for (index, phrase) in all.iter().enumerate() {
            let rarest = phrase.terms().min_by_key(|term| (uses[term], *term));
            by_rarest.entry(rarest).or_default().push(index);
        }
        Self { all, by_rarest }
    }
}

impl Phrases {
    /// Those whose words are all among the terms, in order.
    pub fn among(&self, terms: &BTreeSet<u32>) -> Vec<&Phrase> {
        let keys = terms.iter().copied().map(Some).chain([None]);
        let near = keys.filter_map(|key| self.by_rarest.get(&key)).flatten().copied();
        let mut found: Vec<usize> =
            near.filter(|&index| self.all[index].terms().all(|t| terms.contains(&t))).collect();
        found.sort_unstable();
        found.into_iter().map(|index| &self.all[index]).collect()
    }
}
