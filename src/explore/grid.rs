//! Which product is said to be in which place: a cell for each pair of which something is said.

use std::collections::BTreeMap;

use super::data::Claim;
use super::index::Index;

/// Products and places with what is said of both, those with most cells first.
#[derive(Debug, Default)]
pub struct Grid<'a> {
    pub products: Vec<&'a str>,
    /// Places first, then rules that say where without naming a place.
    pub places: Vec<&'a str>,
    pub cells: BTreeMap<(&'a str, &'a str), Cell>,
    /// Places that are cities, whether they are shown or not.
    pub cities: usize,
}

/// How often something is said of a product and a place, by how surely.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cell {
    pub asserted: usize,
    pub possible: usize,
    pub planned: usize,
    pub denied: usize,
}

impl Cell {
    fn add(&mut self, claim: &Claim) {
        match (claim.affirms(), claim.modality.as_str()) {
            (false, _) => self.denied += 1,
            (_, "Possible") => self.possible += 1,
            (_, "Planned") => self.planned += 1,
            _ => self.asserted += 1,
        }
    }

    pub fn all(&self) -> usize {
        self.asserted + self.possible + self.planned + self.denied
    }
}

/// What holds on a day, or is current without one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    pub day: Option<&'a str>,
    /// `Store`, `Operate`, …; all without.
    pub activity: Option<&'a str>,
    /// Cities stand beside their countries.
    pub cities: bool,
}

pub fn grid<'a>(index: &'a Index, wanted: Wanted<'_>) -> Grid<'a> {
    let mut grid = Grid::default();
    for stated in index.stated.iter().filter(|stated| stated.holds(wanted.day)) {
        let Some(claim) = index.claims.get(&stated.claim) else { continue };
        let Some(product) = &claim.product else { continue };
        if wanted.activity.is_none_or(|activity| activity == claim.activity) {
            grid.cells.entry((product, &claim.place)).or_default().add(claim);
        }
    }
    let mut products: BTreeMap<&str, usize> = BTreeMap::new();
    let mut places = products.clone();
    for (product, place) in grid.cells.keys() {
        *products.entry(product).or_default() += 1;
        *places.entry(place).or_default() += 1;
    }
    let label = |iri: &str| index.label(iri).unwrap_or(iri).to_owned();
    let of = |iri: &str| index.places.get(iri);
    // A city's code begins with that of its country.
    let is_city = |iri: &str| {
        of(iri).and_then(|place| place.code.as_deref()).is_some_and(|c| c.contains(':'))
    };
    let is_rule = |iri: &str| of(iri).is_some_and(|place| place.is_rule);
    grid.cities = places.keys().filter(|iri| is_city(iri)).count();
    grid.products = products.keys().copied().collect();
    grid.products.sort_by_cached_key(|iri| (usize::MAX - products[iri], label(iri)));
    grid.places = places.keys().copied().filter(|iri| wanted.cities || !is_city(iri)).collect();
    grid.places.sort_by_cached_key(|iri| (is_rule(iri), usize::MAX - places[iri], label(iri)));
    grid
}

#[cfg(test)]
mod tests {
    use super::super::data::Stated;
    use super::super::index::Place;
    use super::*;

    #[test]
    fn a_city_is_told_when_it_is_asked_for_and_a_text_on_its_days() {
        let mut index = Index::default();
        for (claim, place, code) in [("c1", "place:de", "DE"), ("c2", "place:berlin", "DE:berlin")]
        {
            let known = Claim {
                product: Some("product:a".to_owned()),
                place: place.to_owned(),
                relation: "in".to_owned(),
                ..Claim::default()
            };
            index.claims.insert(claim.to_owned(), known);
            let code = Some(code.to_owned());
            index.places.insert(place.to_owned(), Place { code, ..Place::default() });
            index.stated.push(Stated {
                claim: claim.to_owned(),
                version: String::new(),
                page: String::new(),
                locale: "en-US".to_owned(),
                spans: vec![("2020-01-01".to_owned(), Some("2020-06-01".to_owned()))],
                current: false,
            });
        }
        let on = |day, cities| grid(&index, Wanted { day: Some(day), cities, activity: None });
        assert_eq!(on("2020-03-01", false).places, ["place:de"]);
        assert_eq!(on("2020-03-01", true).places, ["place:berlin", "place:de"]);
        assert_eq!(on("2020-03-01", false).cities, 1);
        assert!(on("2020-06-01", true).cells.is_empty());
        assert!(grid(&index, Wanted::default()).cells.is_empty());
    }
}
