//! What is known before any page is read: products, places, addresses, languages, and who says so.
//!
//! Facts are data in `data/`, built in and extended by folders of the user's. They are read and
//! checked here, once; what a name or an address means on a page is decided in `analyze` and
//! `link`.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// An enum whose variants are words of the data files.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
        pub enum $name { $($(#[$of])* #[serde(rename = $word)] $variant,)+ }

        impl $name {
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

pub mod languages;
pub mod matcher;
pub mod name_changes;
pub mod places;
pub mod products;
pub mod renderings;
pub mod urls;

#[cfg(test)]
mod tests;

pub use languages::Languages;
pub use name_changes::NameChanges;
pub use places::{PlaceId, Places};
pub use products::{Denotes, NameId, ProductId, ProductKind, Products};
pub use renderings::Renderings;
pub use urls::{Docset, LocaleEntry, UrlRules};

/// The built-in facts, in the order of the digest.
const BUILTIN: &[(&str, &str)] = &[
    ("sources.yaml", include_str!("../data/sources.yaml")),
    ("products.yaml", include_str!("../data/products.yaml")),
    ("changes.yaml", include_str!("../data/changes.yaml")),
    ("codes.yaml", include_str!("../data/codes.yaml")),
    ("addresses.yaml", include_str!("../data/addresses.yaml")),
    ("stop-phrases.yaml", include_str!("../data/stop-phrases.yaml")),
    ("name-changes.yaml", include_str!("../data/name-changes.yaml")),
    ("endings.yaml", include_str!("../data/endings.yaml")),
    ("places.yaml", include_str!("../data/places.yaml")),
    ("renderings.yaml", include_str!("../data/renderings.yaml")),
    ("urls.yaml", include_str!("../data/urls.yaml")),
    ("docsets.yaml", include_str!("../data/docsets.yaml")),
    ("locales.yaml", include_str!("../data/locales.yaml")),
    ("invented-companies.yaml", include_str!("../data/invented-companies.yaml")),
];

/// Facts that are read elsewhere: a digest of all facts covers them too.
const ELSEWHERE: &[(&str, &str)] = &[
    ("encodings.yaml", include_str!("../data/encodings.yaml")),
    ("yaml-pages.yaml", include_str!("../data/yaml-pages.yaml")),
];

/// All facts, checked: every reference in them leads somewhere.
#[derive(Debug, Default)]
pub struct Catalog {
    pub sources: BTreeMap<String, Source>,
    pub products: Products,
    pub places: Places,
    pub languages: Languages,
    pub name_changes: NameChanges,
    pub renderings: Renderings,
    pub urls: UrlRules,
    pub docsets: Vec<Docset>,
    pub locales: Vec<LocaleEntry>,
    /// In lower case.
    invented_companies: Arc<[String]>,
    digest: String,
}

impl Catalog {
    pub fn builtin() -> Result<Self, CatalogError> {
        Self::with_overrides(&[])
    }

    /// Built-in facts, then each folder in order; an entry with the same id replaces, others add.
    pub fn with_overrides(dirs: &[PathBuf]) -> Result<Self, CatalogError> {
        Self::read(dirs, true)
    }

    /// The same, but nothing says that one name of a product followed another: each era of a
    /// product is a product of its own.
    pub fn without_renames(dirs: &[PathBuf]) -> Result<Self, CatalogError> {
        Self::read(dirs, false)
    }

    /// The same facts, but no language can be read: what pages state about data stays unread.
    #[must_use]
    pub fn without_languages(mut self) -> Self {
        self.languages = Languages::default();
        self.digest = Sha256::digest(format!("{} without languages", self.digest))
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        self
    }

    fn read(dirs: &[PathBuf], renames: bool) -> Result<Self, CatalogError> {
        let texts = Texts { renames, ..Texts::read(dirs)? };
        let sheets = sheets(dirs)?;
        let sources = sources(&texts)?;
        let urls = urls::rules(&texts)?;
        let locales = urls::locales(&texts)?;
        let invented_companies = invented_companies(&texts)?;
        // Products are half of the text, and know nothing of places.
        let (products, places) = std::thread::scope(|scope| {
            let products = scope.spawn(|| Products::read(&texts, &sources, &urls));
            let places = Places::read(&texts, &sources).and_then(|places| {
                let languages =
                    Languages::read(&sheets, read_as(&locales), &invented_companies, |tag| {
                        surfaces(&places, tag)
                    })?;
                Ok((places, languages))
            });
            (products.join().expect("reading products does not panic"), places)
        });
        let products = products?;
        let (places, languages) = places?;
        Ok(Self {
            docsets: urls::docsets(&texts, &sources)?,
            locales,
            name_changes: name_changes(&texts)?,
            renderings: Renderings::read(&texts)?,
            invented_companies,
            digest: texts.digest(&sheets),
            sources,
            products,
            places,
            languages,
            urls,
        })
    }

    /// Whether a text names a company that documentation invents for its examples.
    pub fn names_invented_company(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.invented_companies.iter().any(|name| text.contains(name))
    }

    /// Digest of all facts, for fingerprints: lower-case hex SHA-256 of the texts in order.
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

fn name_changes(texts: &Texts) -> Result<NameChanges, CatalogError> {
    const FILE: &str = "name-changes.yaml";
    let files = texts.parse::<name_changes::Phrases>(FILE)?;
    NameChanges::of(files.into_iter().map(|(_, file)| file))
        .map_err(|message| CatalogError::Syntax { file: FILE.to_owned(), message })
}

fn invented_companies(texts: &Texts) -> Result<Arc<[String]>, CatalogError> {
    let files = texts.parse::<Vec<String>>("invented-companies.yaml")?;
    Ok(files.into_iter().flat_map(|(_, names)| names).map(|name| name.to_lowercase()).collect())
}

/// The folder of the language sheets, in `data/` and in folders of the user's.
const LANGUAGES: &str = "languages";

/// The text of each language's sheet, by tag.
type Sheets = BTreeMap<String, Cow<'static, str>>;

/// The built-in sheets; a user's sheet of the same tag replaces one, others add.
fn sheets(dirs: &[PathBuf]) -> Result<Sheets, CatalogError> {
    let mut sheets: Sheets = languages::SHEETS
        .iter()
        .map(|(tag, text)| ((*tag).to_owned(), Cow::Borrowed(*text)))
        .collect();
    for dir in dirs.iter().map(|dir| dir.join(LANGUAGES)).filter(|dir| dir.is_dir()) {
        let failed = |source| CatalogError::Read { path: dir.display().to_string(), source };
        for entry in std::fs::read_dir(&dir).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if let Some(tag) = path.file_stem().and_then(|stem| stem.to_str())
                && path.extension().is_some_and(|extension| extension == "yaml")
            {
                sheets.insert(tag.to_owned(), Cow::Owned(read(&path)?));
            }
        }
    }
    Ok(sheets)
}

/// Languages that are read with the sheet of another.
fn read_as(locales: &[LocaleEntry]) -> BTreeMap<String, String> {
    let language = |tag: &str| tag.split('-').next().unwrap_or(tag).to_ascii_lowercase();
    let sheet = |locale: &LocaleEntry| Some((language(&locale.tag), locale.sheet.clone()?));
    locales.iter().filter_map(sheet).collect()
}

/// What a language needs to know of places.
fn surfaces(places: &Places, tag: &str) -> Vec<languages::Surface> {
    let surface = |adjective| {
        move |(text, place): (&str, PlaceId)| languages::Surface {
            text: text.to_owned(),
            code: places.get(place).code.clone(),
            adjective,
        }
    };
    let names = places.surfaces(tag).map(surface(false));
    names.chain(places.adjectives(tag).map(surface(true))).collect()
}

/// Where a fact comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub title: String,
    pub note: Option<String>,
    pub repository: Option<String>,
    pub branch: Option<String>,
    pub path: Option<String>,
    pub commit: Option<String>,
    pub url: Option<String>,
    pub date: Option<Date>,
    /// Repository and path were inferred from the text, not seen with it.
    #[serde(default)]
    pub inferred: bool,
}

words! {
    /// How far a fact can be trusted.
    #[derive(Default)]
    Confidence {
        /// Its source says so.
        Sourced = "sourced",
        /// It was measured in texts.
        Observed = "observed",
        /// Known without a source at hand.
        #[default]
        Recalled = "recalled",
    }
}

words! {
    /// How far the day of a fact can be trusted, apart from the fact.
    DateConfidence {
        Sourced = "sourced",
        ObservedOrRecalled = "observed-or-recalled",
        Recalled = "recalled",
    }
}

/// Who says a fact, and how far they can be trusted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Provenance {
    pub source: String,
    #[serde(default = "sourced")]
    pub confidence: Confidence,
    /// None if the day is as sure as the fact.
    pub date_confidence: Option<DateConfidence>,
}

impl Provenance {
    fn sourced(source: &str) -> Self {
        Self { source: source.to_owned(), confidence: sourced(), date_confidence: None }
    }
}

/// Facts of a file with a source are as it says.
fn sourced() -> Confidence {
    Confidence::Sourced
}

/// A year, month or day of ISO 8601: as precise as it is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(String);

impl Date {
    /// None if it is no `YYYY`, `YYYY-MM` or `YYYY-MM-DD` of the calendar.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = |part: &str, len: usize| {
            let good = part.len() == len && part.bytes().all(|b| b.is_ascii_digit());
            good.then(|| part.parse::<u32>().expect("few digits are a number"))
        };
        let mut parts = text.split('-');
        let year = digits(parts.next()?, 4)?;
        if let Some(part) = parts.next() {
            let month = digits(part, 2).filter(|month| (1..=12).contains(month))?;
            if let Some(part) = parts.next() {
                digits(part, 2).filter(|day| (1..=days(year, month)).contains(day))?;
            }
        }
        parts.next().is_none().then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `year`, `month` or `day`.
    pub fn precision(&self) -> &'static str {
        match self.0.len() {
            4 => "year",
            7 => "month",
            _ => "day",
        }
    }

    /// The first day that it may mean, `YYYY-MM-DD`.
    pub fn earliest(&self) -> String {
        match self.0.len() {
            4 => format!("{}-01-01", self.0),
            7 => format!("{}-01", self.0),
            _ => self.0.clone(),
        }
    }

    /// The last day that it may mean, `YYYY-MM-DD`.
    pub fn latest(&self) -> String {
        match self.0.len() {
            4 => format!("{}-12-31", self.0),
            7 => {
                let number = |range: std::ops::Range<usize>| {
                    self.0[range].parse().expect("a date was checked")
                };
                format!("{}-{:02}", self.0, days(number(0..4), number(5..7)))
            }
            _ => self.0.clone(),
        }
    }
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "`{text}` is no date; write '2020', '2020-09' or '2020-09-22', in quotes"
            ))
        })
    }
}

/// Letters and digits of a text in lower case without marks, joined by single hyphens.
pub fn slug(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.nfkd().filter(|char| !is_combining_mark(*char)).flat_map(char::to_lowercase) {
        if char.is_alphanumeric() {
            out.push(char);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    if out.ends_with('-') {
        out.pop();
    }
    out
}

/// Why the facts cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    #[error("cannot read `{path}`: {source}")]
    Read { path: String, source: std::io::Error },
    #[error(
        "`{0}` holds no facts; its files must be named as the built-in ones, such as products.yaml"
    )]
    NoFacts(String),
    #[error("`{file}` cannot be understood: {message}")]
    Syntax { file: String, message: String },
    #[error("`{file}`, entry `{entry}`: {fault}")]
    Entry { file: String, entry: String, fault: Fault },
    #[error(transparent)]
    Language(#[from] languages::LanguageError),
}

/// What is wrong with an entry, and what to do about it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("the entry stands here twice; join the two, or give one another id")]
    Twice,
    #[error("there is no source `{0}`; add it to sources.yaml, or name one that is there")]
    Source(String),
    #[error("there is no product `{0}`; add it to products.yaml, or correct its id")]
    Product(String),
    #[error(
        "product `{product}` has no era {era}; give one of its names that era, or correct the number"
    )]
    Era { product: String, era: u32 },
    #[error(
        "product `{product}` has no name `{name}` in era {era}; add it there, or correct the text"
    )]
    NameOf { product: String, era: u32, name: String },
    #[error(
        "there is no name `{text}` in language `{lang}`; add it to a product, or correct the text"
    )]
    Name { text: String, lang: String },
    #[error("there is no place `{0}`; add it to places.yaml, or correct its code")]
    Place(String),
    #[error("there is no code `{0}`; give it to a product, or correct the value")]
    Code(String),
    #[error("from {from} is after until {until}; exchange or correct them")]
    Backwards { from: String, until: String },
    #[error("address `{url}` belongs to `{other}` already; take it from one of the two")]
    Address { url: String, other: String },
    #[error("it closes a circle: {0}; one of these steps is wrong")]
    Circle(String),
}

/// Texts of all data files: per file the built-in one, then the user's.
pub(crate) struct Texts {
    files: BTreeMap<&'static str, Vec<InFile<Cow<'static, str>>>>,
    /// Which names of a product followed one another is known.
    pub renames: bool,
}

/// What was read from a file, with the file's name.
pub(crate) type InFile<T> = (Arc<str>, T);

impl Texts {
    fn read(dirs: &[PathBuf]) -> Result<Self, CatalogError> {
        let mut all = BTreeMap::new();
        for &(name, text) in BUILTIN {
            all.insert(name, vec![(Arc::from(name), Cow::Borrowed(text))]);
        }
        for dir in dirs {
            let mut found = dir.join(LANGUAGES).is_dir();
            for (name, texts) in &mut all {
                let path = dir.join(name);
                if path.exists() {
                    found = true;
                    texts.push((path.display().to_string().into(), Cow::Owned(read(&path)?)));
                }
            }
            if !found {
                return Err(CatalogError::NoFacts(dir.display().to_string()));
            }
        }
        Ok(Self { files: all, renames: true })
    }

    /// The files of one name, parsed.
    pub(crate) fn parse<T: DeserializeOwned>(
        &self,
        name: &str,
    ) -> Result<Vec<InFile<T>>, CatalogError> {
        let texts = self.files.get(name).expect("only built-in files are asked for");
        let parse = |(file, text): &InFile<Cow<'static, str>>| {
            serde_yaml::from_str(text).map(|parsed| (file.clone(), parsed)).map_err(|error| {
                CatalogError::Syntax { file: file.to_string(), message: error.to_string() }
            })
        };
        texts.iter().map(parse).collect()
    }

    fn digest(&self, sheets: &Sheets) -> String {
        let files = self
            .files
            .iter()
            .flat_map(|(&name, texts)| texts.iter().map(move |(_, text)| (name, &**text)));
        let mut sum = Sha256::new();
        sum.update([u8::from(self.renames)]);
        let sheets = sheets.iter().map(|(tag, text)| (tag.as_str(), &**text));
        for (name, text) in files.chain(ELSEWHERE.iter().copied()).chain(sheets) {
            for part in [name, text] {
                sum.update((part.len() as u64).to_le_bytes());
                sum.update(part);
            }
        }
        sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn read(path: &Path) -> Result<String, CatalogError> {
    std::fs::read_to_string(path)
        .map_err(|source| CatalogError::Read { path: path.display().to_string(), source })
}

/// An entry of a data file, and the file it stands in.
#[derive(Clone, Debug)]
pub(crate) struct Row<T> {
    pub file: Arc<str>,
    pub key: String,
    pub value: T,
}

impl<T> Row<T> {
    pub(crate) fn fault(&self, fault: Fault) -> CatalogError {
        CatalogError::Entry { file: self.file.to_string(), entry: self.key.clone(), fault }
    }

    pub(crate) fn needs_source(&self, known: &Sources, source: &str) -> Result<(), CatalogError> {
        if known.contains_key(source) {
            Ok(())
        } else {
            Err(self.fault(Fault::Source(source.to_owned())))
        }
    }

    pub(crate) fn needs_order(
        &self,
        from: Option<&Date>,
        until: Option<&Date>,
    ) -> Result<(), CatalogError> {
        if let (Some(from), Some(until)) = (from, until)
            && from.earliest() > until.latest()
        {
            let fault = Fault::Backwards { from: from.0.clone(), until: until.0.clone() };
            return Err(self.fault(fault));
        }
        Ok(())
    }
}

pub(crate) type Sources = BTreeMap<String, Source>;

/// Lays the user's entries over the built-in ones: the same key replaces, others follow.
pub(crate) fn overlay<T>(
    files: impl IntoIterator<Item = InFile<Vec<T>>>,
    key: impl Fn(&T) -> String,
) -> Result<Vec<Row<T>>, CatalogError> {
    let mut rows: Vec<Row<T>> = Vec::new();
    let mut at: BTreeMap<String, usize> = BTreeMap::new();
    for (file, values) in files {
        let mut here = BTreeSet::new();
        for value in values {
            let row = Row { file: file.clone(), key: key(&value), value };
            if !here.insert(row.key.clone()) {
                return Err(row.fault(Fault::Twice));
            }
            match at.get(&row.key) {
                Some(&i) => rows[i] = row,
                None => {
                    at.insert(row.key.clone(), rows.len());
                    rows.push(row);
                }
            }
        }
    }
    Ok(rows)
}

fn sources(texts: &Texts) -> Result<Sources, CatalogError> {
    let files = texts.parse::<Pairs<Source>>("sources.yaml")?;
    let rows =
        overlay(files.into_iter().map(|(file, pairs)| (file, pairs.0)), |(id, _)| id.clone())?;
    Ok(rows.into_iter().map(|row| row.value).collect())
}

/// A mapping as it is written, so that a key written twice is noticed.
struct Pairs<T>(Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor<T>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>> serde::de::Visitor<'de> for Visitor<T> {
            type Value = Pairs<T>;

            fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str("a mapping from ids to entries")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }

        from.deserialize_map(Visitor(std::marker::PhantomData))
    }
}
