//! What words like "that region" point back to: the place or rule that was named last.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Location;
use super::passage::Passage;
use crate::catalog::ProductId;
use crate::catalog::languages::{Cue, Rule};

/// What a stretch names before the words that point back.
pub fn named(
    passage: &Passage<'_>,
    within: &Range<usize>,
    product: Option<ProductId>,
) -> Option<Location> {
    let places = || {
        let language = passage.language;
        let codes = passage.hits(within).filter_map(|hit| match hit.cue {
            Cue::Place(code) => Some(language.codes[code as usize].clone()),
            _ => None,
        });
        let codes: BTreeSet<String> = codes.collect();
        (!codes.is_empty()).then(|| Location::Places(codes.into_iter().collect()))
    };
    places().or_else(|| ruled(passage, within, product))
}

/// The rule that a stretch names, whether it says what is in the place or not: "select a region".
pub fn ruled(
    passage: &Passage<'_>,
    within: &Range<usize>,
    product: Option<ProductId>,
) -> Option<Location> {
    let is_choice = || {
        let choices = passage.language.choices.among(&passage.terms(within));
        choices.into_iter().any(|choice| passage.phrase(choice, within, product).is_some())
    };
    // "The same region" is none that words could point back to.
    let is_definite = |rule: &Rule| {
        matches!(
            rule,
            Rule::TenantGeo
                | Rule::CustomerChoice
                | Rule::SignupCountry
                | Rule::NearestDatacenter
                | Rule::UserPdl
                | Rule::OtherService
        )
    };
    let rules = || {
        let rules = passage.rules(within, product).into_iter();
        let last = rules.filter(|ruled| is_definite(&ruled.rule)).max_by_key(|at| at.range.end);
        last.map(|ruled| ruled.rule)
    };
    let rule = if is_choice() { Some(Rule::CustomerChoice) } else { rules() };
    rule.map(Location::from)
}
