//! The registry without its renames: every product in each of its eras is a product of its own.
//!
//! For judging what is inferred about renames: nothing then says that two names are of one thing.

use std::collections::{BTreeMap, BTreeSet};

use super::{ProductRow, names::NameRow};
use crate::catalog::Row;

/// Takes products apart. The newest era keeps the id, the codes and the addresses.
pub fn apart(rows: Vec<Row<ProductRow>>) -> Vec<Row<ProductRow>> {
    rows.into_iter().flat_map(apart_row).collect()
}

fn apart_row(mut row: Row<ProductRow>) -> Vec<Row<ProductRow>> {
    let eras: BTreeSet<u32> = row.value.names.iter().map(NameRow::era).collect();
    let Some(&newest) = eras.last() else { return vec![row] };
    let mut names: BTreeMap<u32, Vec<NameRow>> = BTreeMap::new();
    for name in std::mem::take(&mut row.value.names) {
        names.entry(name.era()).or_default().push(name);
    }
    row.value.names = names.remove(&newest).expect("the newest era has names");
    let older = names.into_iter().map(|(era, names)| {
        let id = of_era(&row.key, era);
        let product = &row.value;
        let value = ProductRow {
            id: id.clone(),
            kind: product.kind,
            family: product.family.clone(),
            part_of: product.part_of.clone(),
            status: product.status,
            ended: None,
            wikidata: None,
            ambiguity: None,
            notes: None,
            names,
            codes: Vec::new(),
            urls: Vec::new(),
            hosts: Vec::new(),
        };
        Row { file: row.file.clone(), key: id, value }
    });
    let mut rows: Vec<Row<ProductRow>> = older.collect();
    rows.push(row);
    rows
}

/// What a product is called in an era that is not its newest.
pub fn of_era(id: &str, era: u32) -> String {
    format!("{id}-era-{era}")
}
