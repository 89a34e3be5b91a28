//! Finds things by what they are called, in any language and any time, or by where they stand.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::index::Index;
use super::local;

/// A thing under one of its names.
#[derive(Clone, Debug)]
pub struct Entry {
    /// As it is compared: small letters without marks.
    key: String,
    pub iri: String,
    pub kind: Kind,
    /// The name that was found.
    pub name: String,
    /// What else helps to tell it from others.
    pub note: String,
    /// A path that is not the present one.
    once: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Product,
    Place,
    Page,
    Document,
}

impl Kind {
    pub fn word(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Place => "place",
            Self::Page => "page",
            Self::Document => "path",
        }
    }
}

pub fn entries(index: &Index) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut add = |iri: &str, kind, name: &str, note: String| {
        let key = folded(name);
        if !key.is_empty() {
            let (iri, name) = (iri.to_owned(), name.to_owned());
            entries.push(Entry { key, iri, kind, name, note, once: false });
        }
    };
    for (iri, product) in &index.products {
        add(iri, Kind::Product, &product.label, product.kind.clone());
        for (name, lang, status) in &product.names {
            if *name != product.label {
                let lang = if lang.is_empty() { String::new() } else { format!(" ({lang})") };
                let note = format!("{status} name{lang} of {}", product.label);
                add(iri, Kind::Product, name, note);
            }
        }
    }
    for (iri, place) in index.places.iter().filter(|(_, place)| !place.is_rule) {
        add(iri, Kind::Place, &place.label, place.code.clone().unwrap_or_default());
    }
    let mut pages: BTreeMap<&str, Vec<(&str, &str, &str)>> = BTreeMap::new();
    for (iri, page) in &index.pages {
        let note = format!("{} · {}", page.locale, index.path(&page.document));
        add(iri, Kind::Page, &page.title, note);
        let of = pages.entry(&page.document).or_default();
        of.push((iri, &page.locale, &page.title));
    }
    for (document, paths) in &index.paths {
        let pages = pages.get(document.as_str()).map_or(&[][..], Vec::as_slice);
        let locales: Vec<&str> = pages.iter().map(|(_, locale, _)| *locale).collect();
        for (place, path) in paths.iter().enumerate() {
            let now = if place == 0 { String::new() } else { format!(", now {}", paths[0]) };
            let mut add = |iri: &str, name: String, note: String| {
                let (key, iri, kind) = (folded(&name), iri.to_owned(), Kind::Document);
                entries.push(Entry { key, iri, kind, name, note, once: place > 0 });
            };
            add(document, path.clone(), format!("{}{now}", locales.join(", ")));
            for (iri, locale, title) in pages {
                add(iri, format!("{locale}/{path}"), format!("{title}{now}"));
            }
        }
    }
    entries
}

/// Names have fewer words than this.
const WORDS: usize = 20;

/// How well the name fits, what it is, whether it is there no more, how few texts mention it, how
/// long the name is.
type Rank = (u8, Kind, bool, usize, usize);

/// The best matches first, each thing once, and how many there are in all.
pub fn search<'a>(
    index: &'a Index,
    text: &str,
    kind: Option<Kind>,
    most: usize,
) -> (Vec<&'a Entry>, usize) {
    let wanted = folded(&place(text));
    let words: BTreeSet<&str> = wanted.split_whitespace().take(WORDS).collect();
    let words: Vec<&str> = words.into_iter().collect();
    if words.is_empty() {
        return (Vec::new(), 0);
    }
    let mut found: Vec<(Rank, &Entry)> = index
        .entries
        .iter()
        .filter(|entry| kind.is_none_or(|kind| entry.kind == kind))
        .filter_map(|entry| {
            let rank = rank(&entry.key, &wanted, &words)?;
            let mentions = index.products.get(&entry.iri).map_or(0, |product| product.mentions);
            let rank = (rank, entry.kind, entry.once, usize::MAX - mentions, entry.key.len());
            Some((rank, entry))
        })
        .collect();
    found.sort_by(|a, b| (a.0, &a.1.name, &a.1.iri).cmp(&(b.0, &b.1.name, &b.1.iri)));
    let mut known = BTreeSet::new();
    found.retain(|(_, entry)| known.insert(&entry.iri));
    // A path is found where nothing else of its document is, and once.
    let document = |entry: &Entry| match index.pages.get(&entry.iri) {
        Some(page) => page.document.clone(),
        None => entry.iri.clone(),
    };
    let titles = found.iter().filter(|(_, entry)| entry.kind == Kind::Page);
    let mut told: BTreeSet<String> = titles.map(|(_, entry)| document(entry)).collect();
    found.retain(|(_, entry)| entry.kind != Kind::Document || told.insert(document(entry)));
    let all = found.len();
    (found.into_iter().take(most).map(|(_, entry)| entry).collect(), all)
}

/// What is left of an address or a file's name when everything is taken away but where it stands.
fn place(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if !text.contains(['/', '\\']) {
        return text.into();
    }
    let path = match text.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => text,
    };
    let path = path.split(['#', '?']).next().unwrap_or_default().replace('\\', "/");
    let path = path.trim_start_matches("./").trim_matches('/');
    let path = ["page/", "doc/"].iter().find_map(|start| path.strip_prefix(start)).unwrap_or(path);
    let path = path.strip_suffix(".md").or_else(|| path.strip_suffix(".yml")).unwrap_or(path);
    path.to_owned().into()
}

/// The whole name, its beginning, the beginning of a word, all words somewhere.
fn rank(key: &str, wanted: &str, words: &[&str]) -> Option<u8> {
    if key == wanted {
        return Some(0);
    }
    if key.starts_with(wanted) {
        return Some(1);
    }
    let begins = |word: &str| {
        key.match_indices(word)
            .any(|(at, _)| !key[..at].chars().next_back().is_some_and(char::is_alphanumeric))
    };
    if words.iter().all(|word| begins(word)) {
        return Some(2);
    }
    words.iter().all(|word| key.contains(word)).then_some(3)
}

/// Small letters without marks, so that nobody has to know how a name is accented.
pub fn folded(text: &str) -> String {
    let letters = text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    let plain: String = letters.collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The name of a locale's folder in an IRI of a page.
pub fn locale_of<'a>(page: &'a str, base: &str) -> Option<&'a str> {
    page.strip_prefix(base)?.strip_prefix("page/")?.split('/').next()
}

/// The slug of a product.
pub fn slug(iri: &str) -> &str {
    local(iri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_case_do_not_matter() {
        assert_eq!(folded("  Säkerhet  É"), "sakerhet e");
        assert_eq!(rank("microsoft defender xdr", "defender", &["defender"]), Some(2));
        assert_eq!(rank("data-privacy", "priv", &["priv"]), Some(2));
        assert_eq!(rank("abc", "bc", &["bc"]), Some(3));
        assert_eq!(rank("abc", "x", &["x"]), None);
    }
}
