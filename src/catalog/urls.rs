//! Where pages are published: rules for addresses, known docsets, locales.
//!
//! Only the facts. Addresses are brought to one form in `link::targets`; pages are placed in
//! `source`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{CatalogError, Confidence, Sources, Texts, overlay};

/// How an address is brought to one form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UrlRules {
    /// Where the docsets are published, without a slash at the end.
    pub site: String,
    /// The locale that others are translated from, where no configuration names one.
    pub source_locale: String,
    /// Other names of a host.
    pub hosts: BTreeMap<String, String>,
    /// Hosts whose path may begin with a locale.
    pub localized: BTreeSet<String>,
    /// Hosts that only forward.
    pub opaque: Vec<OpaqueHost>,
    /// Query parameters that choose a view of the page, in lower case.
    pub dropped_query: BTreeSet<String>,
    /// Hosts where the whole query stays.
    pub keep_query: BTreeSet<String>,
    /// Ends of a path that do not change the page; tried in this order until none fits.
    pub dropped_suffixes: Vec<String>,
    /// Names of files that stand for their folder, in lower case.
    pub folder_pages: BTreeSet<String>,
}

/// A host that forwards to addresses that cannot be known offline.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpaqueHost {
    pub host: String,
    /// The one form of the path; none: the path stays.
    pub path: Option<String>,
    /// The query parameter that stays, in lower case; none: the query goes.
    pub query: Option<String>,
}

/// Which folders of a repository are published where.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Docset {
    /// The repository without its owner and without the ending of a translation.
    pub name: String,
    pub title: String,
    /// How the pipeline hashes a source file; none if unknown.
    pub line_ends: Option<LineEnds>,
    pub folders: Vec<Folder>,
}

words! {
    /// The bytes of a source file that its hash is of.
    LineEnds {
        /// With every line end as CRLF.
        Crlf = "crlf",
        /// As git stores them.
        AsStored = "as-stored",
    }
}

/// A folder of a repository and the path it is published under. No slash at either end.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Folder {
    pub source: String,
    pub site: String,
    /// The source of this fact.
    pub from: String,
    #[serde(default = "super::sourced")]
    pub confidence: Confidence,
}

/// A locale in which the site publishes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocaleEntry {
    /// BCP 47 with its usual capitals: `nl-NL`, `sr-Cyrl-RS`.
    pub tag: String,
    /// The language in English.
    pub language: String,
    /// The language in itself.
    pub own: String,
    pub direction: Direction,
    /// For Lexvo.
    pub iso639_3: String,
    /// For the language authority of the EU.
    pub eu: String,
    /// The language whose sheet it is read with, if that is not its own.
    pub sheet: Option<String>,
    /// Whether a page is in this locale of its language if nothing but the language is known.
    #[serde(default)]
    pub usual: bool,
}

words! {
    /// Of the script.
    Direction {
        LeftToRight = "ltr",
        RightToLeft = "rtl",
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesFile {
    site: Option<String>,
    source_locale: Option<String>,
    #[serde(default)]
    hosts: BTreeMap<String, String>,
    #[serde(default)]
    localized: Vec<String>,
    #[serde(default)]
    opaque: Vec<OpaqueHost>,
    #[serde(default)]
    dropped_query: Vec<String>,
    #[serde(default)]
    keep_query: Vec<String>,
    #[serde(default)]
    dropped_suffixes: Vec<String>,
    #[serde(default)]
    folder_pages: Vec<String>,
}

pub(super) fn rules(texts: &Texts) -> Result<UrlRules, CatalogError> {
    let mut rules = UrlRules::default();
    for (_, file) in texts.parse::<RulesFile>("urls.yaml")? {
        rules.site = file.site.unwrap_or(rules.site);
        rules.source_locale = file.source_locale.unwrap_or(rules.source_locale);
        rules.hosts.extend(file.hosts);
        rules.localized.extend(file.localized);
        for host in file.opaque {
            rules.opaque.retain(|known| known.host != host.host);
            rules.opaque.push(host);
        }
        rules.dropped_query.extend(file.dropped_query.iter().map(|name| name.to_lowercase()));
        rules.keep_query.extend(file.keep_query);
        rules.folder_pages.extend(file.folder_pages.iter().map(|name| name.to_lowercase()));
        for suffix in file.dropped_suffixes {
            if !rules.dropped_suffixes.contains(&suffix) {
                rules.dropped_suffixes.push(suffix);
            }
        }
    }
    Ok(rules)
}

pub(super) fn docsets(texts: &Texts, sources: &Sources) -> Result<Vec<Docset>, CatalogError> {
    let rows = overlay(texts.parse::<Vec<Docset>>("docsets.yaml")?, |docset| docset.name.clone())?;
    for row in &rows {
        for folder in &row.value.folders {
            row.needs_source(sources, &folder.from)?;
        }
    }
    Ok(rows.into_iter().map(|row| row.value).collect())
}

pub(super) fn locales(texts: &Texts) -> Result<Vec<LocaleEntry>, CatalogError> {
    let rows =
        overlay(texts.parse::<Vec<LocaleEntry>>("locales.yaml")?, |locale| locale.tag.clone())?;
    Ok(rows.into_iter().map(|row| row.value).collect())
}
