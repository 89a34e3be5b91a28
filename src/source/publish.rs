//! `.openpublishing.publish.config.json`: the locale of a tree whose folders do not say it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::folder::canonical_locale;
use super::{File, json};

pub const FILE_NAME: &str = ".openpublishing.publish.config.json";

/// Names the locale of every tree that has such a file and no other word on its locale.
pub fn name_locales(files: &mut [File]) {
    let mut locales: BTreeMap<String, String> = BTreeMap::new();
    for file in files.iter().filter(|file| file.tree.locale.is_none()) {
        if file.at.ends_with(FILE_NAME)
            && let Ok(bytes) = std::fs::read(&file.at)
            && let Some(locale) = locale(&json::read(&bytes).value)
        {
            locales.entry(file.tree.name.clone()).or_insert(locale);
        }
    }
    for file in files {
        if let Some(locale) = locales.get(&file.tree.name)
            && file.tree.locale.is_none()
        {
            Arc::make_mut(&mut file.tree).locale = Some(locale.clone());
        }
    }
}

fn locale(config: &Value) -> Option<String> {
    let docsets = config.get("docsets_to_publish")?.as_array()?;
    docsets.iter().filter_map(|docset| docset.get("locale")?.as_str()).find_map(canonical_locale)
}
