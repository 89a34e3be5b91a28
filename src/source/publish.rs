//! How a docset is published: the locale of a tree whose folders do not say it, and the metadata
//! that pages get from the configuration.
//!
//! `.openpublishing.publish.config.json` names the locale, `docfx.json` the metadata. What a page
//! says itself wins, which `model` sees to.

use std::collections::BTreeMap;
use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};
use serde_json::Value;

use super::folder::canonical_locale;
use super::json::{self, Json};
use super::{File, FileKind};

pub const FILE_NAME: &str = ".openpublishing.publish.config.json";

const DOCFX: &str = "docfx.json";

/// Names the locale of every tree that has such a file and no other word on its locale.
pub fn name_locales(files: &mut [File]) {
    let mut locales: BTreeMap<String, String> = BTreeMap::new();
    for file in files.iter().filter(|file| file.tree.locale.is_none()) {
        if file.base_name() == FILE_NAME
            && let Ok(bytes) = file.read()
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

/// What a `docfx.json` says of the pages beside and below it.
#[derive(Debug)]
pub struct Metadata {
    /// The configuration, as the graph calls it.
    pub file: String,
    /// The folder it stands in, with the slash at the end.
    folder: String,
    /// The weakest first.
    settings: Vec<Setting>,
}

#[derive(Debug)]
struct Setting {
    key: String,
    values: Vec<String>,
    /// The paths that it is for; all, if it is global.
    paths: Option<GlobMatcher>,
}

/// Joins every page to the nearest `docfx.json` above it.
pub fn join_metadata(files: &mut [File]) {
    let mut docsets: BTreeMap<String, Arc<Metadata>> = BTreeMap::new();
    for file in files.iter().filter(|file| file.base_name() == DOCFX) {
        if let Ok(bytes) = file.read() {
            let metadata = Metadata::read(&file.name, &json::read(&bytes));
            docsets.insert(metadata.folder.clone(), Arc::new(metadata));
        }
    }
    if docsets.is_empty() {
        return;
    }
    let is_page = |file: &&mut File| matches!(file.kind, FileKind::Markdown | FileKind::Yaml);
    for file in files.iter_mut().filter(is_page) {
        let slashes = file.name.rmatch_indices('/').map(|(slash, _)| slash + 1);
        let mut folders = slashes.chain([0]).map(|end| &file.name[..end]);
        file.metadata = folders.find_map(|folder| docsets.get(folder)).cloned();
    }
}

impl Metadata {
    fn read(file: &str, json: &Json) -> Self {
        let mut settings = Vec::new();
        for (key, value) in members(json, "/build/globalMetadata") {
            set(key, value, None, &mut settings);
        }
        for (key, _) in members(json, "/build/fileMetadata") {
            let pointer = format!("/build/fileMetadata/{}", json::escape(key));
            for (pattern, value) in members(json, &pointer) {
                // Without a pattern that can be read it is for no page.
                let glob = GlobBuilder::new(pattern)
                    .case_insensitive(true)
                    .literal_separator(true)
                    .build();
                if let Ok(glob) = glob {
                    set(key, value, Some(&glob.compile_matcher()), &mut settings);
                }
            }
        }
        let folder = file.strip_suffix(DOCFX).unwrap_or_default().to_owned();
        Self { file: file.to_owned(), folder, settings }
    }

    /// The keys and values for a page, in the order of the keys. Of several settings of a key the
    /// last counts, as docfx has it.
    pub fn of(&self, file: &File) -> BTreeMap<&str, &[String]> {
        let path = file.name.strip_prefix(&self.folder).unwrap_or(&file.name);
        let fits =
            |setting: &&Setting| setting.paths.as_ref().is_none_or(|paths| paths.is_match(path));
        let settings = self.settings.iter().filter(fits);
        settings.map(|setting| (setting.key.as_str(), setting.values.as_slice())).collect()
    }
}

/// The members of an object, in the order of the file.
fn members<'a>(json: &'a Json, pointer: &str) -> Vec<(&'a str, &'a Value)> {
    let object = json.value.pointer(pointer).and_then(Value::as_object);
    let mut members: Vec<(&str, &Value)> =
        object.into_iter().flatten().map(|(key, value)| (key.as_str(), value)).collect();
    members.sort_by_key(|(key, _)| json.span(&format!("{pointer}/{}", json::escape(key))));
    members
}

/// One setting for each key; those of an object are `outer.inner`, as in a header.
fn set(key: &str, value: &Value, paths: Option<&GlobMatcher>, settings: &mut Vec<Setting>) {
    if let Value::Object(members) = value {
        for (inner, value) in members {
            set(&format!("{key}.{inner}"), value, paths, settings);
        }
        return;
    }
    let mut values = Vec::new();
    collect(value, &mut values);
    settings.push(Setting { key: key.to_owned(), values, paths: paths.cloned() });
}

/// Values as texts: a list has any number, nothing has none.
fn collect(value: &Value, values: &mut Vec<String>) {
    match value {
        Value::Null | Value::Object(_) => {}
        Value::String(text) if text.is_empty() => {}
        Value::String(text) => values.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, values)),
        Value::Bool(_) | Value::Number(_) => values.push(value.to_string()),
    }
}
