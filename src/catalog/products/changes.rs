//! How one product or name followed another.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Name, NameId, ProductId, Products};
use crate::catalog::{CatalogError, Date, Fault, Provenance, Row, Sources, Texts, overlay};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub id: String,
    pub kind: ChangeKind,
    pub from: End,
    pub to: End,
    pub date: Option<Date>,
    pub provenance: Provenance,
}

words! {
    ChangeKind {
        /// The same thing under a new name.
        Renamed = "renamed",
        /// `from` was folded into `to`.
        Merged = "merged",
        /// `to` was cut out of `from`.
        Split = "split",
        /// `from` was discontinued in favour of `to`.
        Replaced = "replaced",
        /// `from` was bought and became `to`.
        Acquired = "acquired",
    }
}

/// One side of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    pub product: ProductId,
    pub era: u32,
    pub name: Option<NameId>,
}

impl Products {
    /// By id.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Takes every lineage edge away.
    #[cfg(test)]
    pub(crate) fn forget_changes(&mut self) {
        self.changes.clear();
    }
}

// Reading.

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeRow {
    id: String,
    kind: ChangeKind,
    from: EndRow,
    to: EndRow,
    date: Option<Date>,
    #[serde(rename = "notes")]
    _notes: Option<String>,
    #[serde(flatten)]
    provenance: Provenance,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EndRow {
    product: String,
    era: u32,
    name: Option<String>,
}

impl Products {
    pub(super) fn add_changes(
        &mut self,
        texts: &Texts,
        sources: &Sources,
    ) -> Result<(), CatalogError> {
        let rows =
            overlay(texts.parse::<Vec<ChangeRow>>("changes.yaml")?, |change| change.id.clone())?;
        for row in &rows {
            let change = &row.value;
            row.needs_source(sources, &change.provenance.source)?;
            if !texts.renames && change.kind == ChangeKind::Renamed {
                continue;
            }
            self.changes.push(Change {
                id: change.id.clone(),
                kind: change.kind,
                from: self.end(row, &change.from)?,
                to: self.end(row, &change.to)?,
                date: change.date.clone(),
                provenance: change.provenance.clone(),
            });
        }
        if let Some((i, circle)) = self.circle() {
            return Err(rows[i].fault(Fault::Circle(circle)));
        }
        self.changes.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(())
    }

    fn end(&self, row: &Row<ChangeRow>, end: &EndRow) -> Result<End, CatalogError> {
        // Without renames every era but the newest is a product of its own.
        let apart = self.by_slug(&super::eras::of_era(&end.product, end.era));
        let product = apart.map_or_else(|| self.product(row, &end.product), Ok)?;
        let uses = |name: &Name| {
            name.uses.iter().any(|use_| use_.product == product && use_.era == end.era)
        };
        let of_era: Vec<_> =
            self.get(product).names.iter().filter(|&&id| uses(self.name(id))).collect();
        if of_era.is_empty() {
            return Err(row.fault(Fault::Era { product: end.product.clone(), era: end.era }));
        }
        let Some(text) = &end.name else {
            return Ok(End { product, era: end.era, name: self.name_of_era(product, end.era) });
        };
        let english =
            |id: &&&NameId| self.name(***id).text == *text && self.name(***id).lang == "en";
        let Some(&&name) = of_era.iter().find(english) else {
            let fault =
                Fault::NameOf { product: end.product.clone(), era: end.era, name: text.clone() };
            return Err(row.fault(fault));
        };
        Ok(End { product, era: end.era, name: Some(name) })
    }

    /// A change that closes a circle over products in their eras, and the circle in words.
    fn circle(&self) -> Option<(usize, String)> {
        let node = |end: &End| (end.product, end.era);
        let mut next: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (i, change) in self.changes.iter().enumerate() {
            next.entry(node(&change.from)).or_default().push(i);
        }
        let mut done = BTreeSet::new();
        for &start in next.keys() {
            // Depth first; a step is a node with how many of its changes were followed.
            let mut path = vec![(start, 0)];
            while let Some((at, followed)) = path.last_mut() {
                let change = next.get(at).and_then(|changes| changes.get(*followed)).copied();
                *followed += 1;
                let Some(i) = change else {
                    done.insert(*at);
                    path.pop();
                    continue;
                };
                let to = node(&self.changes[i].to);
                if let Some(first) = path.iter().position(|(at, _)| *at == to) {
                    let steps = path[first..].iter().map(|(at, _)| *at).chain([to]);
                    let words: Vec<_> = steps
                        .map(|(product, era)| format!("{} (era {era})", self.get(product).slug))
                        .collect();
                    return Some((i, words.join(" → ")));
                }
                if !done.contains(&to) {
                    path.push((to, 0));
                }
            }
        }
        None
    }
}
