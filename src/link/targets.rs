//! What a link points at: the canonical address, the page it is, and whether it is there.
//!
//! The rules of the site are data (`data/urls.yaml`, `data/docsets.yaml`).

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::{
    AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode,
};
use unicode_normalization::UnicodeNormalization;
use url::Url;

use super::Placed;
use super::redirects::{End, Redirect};
use crate::catalog::Catalog;
use crate::catalog::urls::OpaqueHost;
use crate::source::{File, FileKind, publish};

/// A reference in canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    pub kind: Kind,
    /// The address without fragment, as an IRI.
    pub address: String,
    pub fragment: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A path on the documentation's own site, canonical, without leading `/`; and the folder that
    /// the file would be in, which the path of an index page does not show.
    Site {
        path: String,
        folder: String,
    },
    /// A place in the same page.
    SamePage,
    External,
    /// An address that says nothing of where it leads.
    Opaque,
}

#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub enum Status {
    Ok,
    Redirected,
    Broken,
    BrokenFragment,
    External,
    Opaque,
}

impl Status {
    /// For summaries.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Redirected => "redirected",
            Self::Broken => "broken",
            Self::BrokenFragment => "with a broken fragment",
            Self::External => "external",
            Self::Opaque => "opaque",
        }
    }
}

/// Where a file is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The canonical path of the page.
    pub path: String,
    /// The path that relative references start from: that of an index page ends in `index`.
    pub base: String,
}

impl Location {
    pub fn of(catalog: &Catalog, docset: Option<&str>, path: &str) -> Self {
        let path = path.trim_start_matches('/').replace('\\', "/");
        let published = published(catalog, docset, &path);
        Self { path: clean_path(catalog, &published), base: path_characters(&published) }
    }

    /// Of a page that is known by its canonical path alone.
    pub fn at(path: &str) -> Self {
        Self { path: path.to_owned(), base: path.to_owned() }
    }
}

/// The canonical form of a reference, as written on a page.
pub fn canonical(catalog: &Catalog, from: &Location, href: &str) -> Reference {
    let rules = &catalog.urls;
    let href = href.trim();
    if let Some(fragment) = href.strip_prefix('#') {
        let address = format!("{}/{}", rules.site, from.path);
        return Reference { kind: Kind::SamePage, address, fragment: some(&decode(fragment)) };
    }
    let written = href.replace('\\', "/");
    let base = format!("{}/{}", rules.site, from.base);
    let base = Url::parse(&base).expect("the site and a canonical path are an address");
    // `~/` is the root of the docset, which the first part of the path names.
    let written = match written.strip_prefix("~/") {
        Some(rest) => format!("/{}/{rest}", from.base.split('/').next().unwrap_or("")),
        None => written,
    };
    let Ok(url) = base.join(&written) else {
        return Reference {
            kind: Kind::External,
            address: format!("urn:x-stemma:address:{}", encode(&written)),
            fragment: None,
        };
    };
    canonical_url(catalog, url)
}

fn canonical_url(catalog: &Catalog, mut url: Url) -> Reference {
    let rules = &catalog.urls;
    let fragment = url.fragment().and_then(some).map(|fragment| decode(&fragment));
    url.set_fragment(None);
    if !matches!(url.scheme(), "http" | "https") {
        let kind = if url.scheme() == "mailto" { Kind::External } else { Kind::Opaque };
        return Reference { kind, address: iri(url.as_str()), fragment };
    }
    let host = url.host_str().unwrap_or("").to_ascii_lowercase();
    let written_host = host;
    let host = rules.hosts.get(&written_host).unwrap_or(&written_host).clone();
    let mut path: Vec<String> =
        url.path_segments().into_iter().flatten().map(str::to_owned).collect();
    let localized = rules.localized.contains(&host) || rules.localized.contains(&written_host);
    let is_locale =
        |part: &String| catalog.locales.iter().any(|locale| locale.tag.eq_ignore_ascii_case(part));
    if localized && path.first().is_some_and(is_locale) {
        path.remove(0);
    }
    if let Some(rule) = rules.opaque.iter().find(|rule| rule.host == host) {
        return Reference { kind: Kind::Opaque, address: opaque(rule, &path, &url), fragment };
    }
    if format!("https://{host}") == rules.site {
        let written = decode(&path.join("/"));
        // What stands after the last `/` is the file.
        let folder = written.rsplit_once('/').map_or("", |(folder, _)| folder);
        let folder = path_characters(folder.trim_matches('/'));
        let path = clean_path(catalog, &written);
        let address = format!("{}/{path}", rules.site);
        return Reference { kind: Kind::Site { path, folder }, address, fragment };
    }
    let path = path.join("/");
    let path = path.trim_end_matches('/');
    let keeps_query = rules.keep_query.contains(&host);
    let query: Vec<String> = url
        .query_pairs()
        .filter(|(key, _)| keeps_query || !rules.dropped_query.contains(&key.to_lowercase()))
        .map(|(key, value)| {
            if value.is_empty() {
                encode(&key)
            } else {
                format!("{}={}", encode(&key), encode(&value))
            }
        })
        .collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    let port = url.port().map_or(String::new(), |port| format!(":{port}"));
    // Brackets stand for themselves around an IPv6 address, and nowhere else.
    let host = if host.starts_with('[') { host } else { iri(&host) };
    let rest = iri(&format!("{port}/{path}{query}"));
    Reference { kind: Kind::External, address: format!("https://{host}{rest}"), fragment }
}

/// An address that only forwards, in its one form: `/fwlink/p/?LinkId=1` is `/fwlink/?linkid=1`.
fn opaque(rule: &OpaqueHost, path: &[String], url: &Url) -> String {
    let path = rule
        .path
        .clone()
        .unwrap_or_else(|| format!("/{}", path.join("/").trim_end_matches('/').to_lowercase()));
    let kept = rule.query.as_deref().and_then(|query| {
        let value = url
            .query_pairs()
            .find(|(key, _)| key.eq_ignore_ascii_case(query))
            .map(|(_, value)| value)?;
        Some(format!("?{query}={}", encode(&value)))
    });
    iri(&format!("https://{}{path}{}", rule.host, kept.unwrap_or_default()))
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// What is not unreserved (RFC 3986) is percent-encoded.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// An address as an IRI: what browsers let pass and IRIs do not is percent-encoded, and so is a `%`
/// that encodes nothing.
fn iri(address: &str) -> String {
    const FORBIDDEN: &AsciiSet = &CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'<')
        .add(b'>')
        .add(b'[')
        .add(b'\\')
        .add(b']')
        .add(b'^')
        .add(b'`')
        .add(b'{')
        .add(b'|')
        .add(b'}');
    let escaped = utf8_percent_encode(address, FORBIDDEN).to_string();
    let mut parts = escaped.split('%');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_code = part.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
        out.push_str(if is_code { "%" } else { "%25" });
        out.push_str(part);
    }
    out
}

/// Where a path of a known docset is published; of others, the path itself.
fn published(catalog: &Catalog, docset: Option<&str>, path: &str) -> String {
    let name = docset.map(|name| name.rsplit_once('.').map_or(name, |(name, _)| name));
    let name = name.map(|name| name.strip_suffix("-pr").unwrap_or(name));
    let known = catalog
        .docsets
        .iter()
        .find(|docset| name.is_some_and(|name| docset.name.eq_ignore_ascii_case(name)));
    let folder = known.into_iter().flat_map(|docset| &docset.folders).filter(|folder| {
        let (start, rest) = path.split_at_checked(folder.source.len()).unwrap_or(("", ""));
        start.eq_ignore_ascii_case(&folder.source) && rest.starts_with('/')
    });
    match folder.max_by_key(|folder| folder.source.len()) {
        Some(folder) => format!("{}{}", folder.site, &path[folder.source.len()..]),
        None => path.to_owned(),
    }
}

fn clean_path(catalog: &Catalog, path: &str) -> String {
    let lower: String = path.nfc().flat_map(char::to_lowercase).collect();
    let mut path = lower.trim_matches('/').trim_end_matches(' ');
    while let Some(shorter) =
        catalog.urls.dropped_suffixes.iter().find_map(|suffix| path.strip_suffix(suffix.as_str()))
    {
        path = shorter;
    }
    path_characters(path.trim_end_matches('/'))
}

/// Lower case, NFC; `[a-z0-9._~-/]` kept, all else percent-encoded.
pub fn path_characters(path: &str) -> String {
    const KEPT: &AsciiSet = &RESERVED.remove(b'/');
    let lower: String = path.nfc().flat_map(char::to_lowercase).collect();
    utf8_percent_encode(&lower, KEPT).to_string()
}

/// A reference, followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    pub status: Status,
    pub document: Option<usize>,
    /// The page of the same locale, else none.
    pub page: Option<usize>,
    /// The path that a redirect ends at.
    pub redirected_to: Option<String>,
}

/// Where a link stands.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    pub locale: &'a str,
    /// The name of the tree: only it is expected to hold what a link of its pages points at.
    pub tree: &'a str,
    /// Whether the text may be the current one: then it must lead to pages that are still there.
    pub live: bool,
}

/// A text that links can point at.
#[derive(Clone, Copy, Debug)]
pub struct Published<'a> {
    pub locale: &'a str,
    /// The name of the tree.
    pub tree: &'a str,
    pub at: &'a Location,
    /// Whether it may be the current text of its page.
    pub live: bool,
}

/// All that links can point at.
#[derive(Debug)]
pub struct Targets<'a> {
    placed: &'a Placed,
    documents: BTreeMap<&'a str, usize>,
    /// Paths at which a file stands or stood, by locale, and whether one still stands there.
    known: BTreeMap<&'a str, BTreeMap<&'a str, bool>>,
    pages: BTreeMap<(usize, &'a str), usize>,
    resources: BTreeSet<String>,
    /// Folders that hold at least one page, by tree; only of trees with the root of a docset.
    folders: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// Top folders of complete docsets, by tree.
    complete: BTreeMap<&'a str, BTreeSet<String>>,
}

impl<'a> Targets<'a> {
    pub fn new(
        catalog: &Catalog,
        files: &'a [File],
        pages: &[Published<'a>],
        placed: &'a Placed,
    ) -> Self {
        let mut targets = Self {
            placed,
            documents: BTreeMap::new(),
            known: BTreeMap::new(),
            pages: BTreeMap::new(),
            resources: BTreeSet::new(),
            folders: BTreeMap::new(),
            complete: BTreeMap::new(),
        };
        for (index, document) in placed.documents.iter().enumerate() {
            for path in &document.paths {
                targets.documents.insert(path, index);
            }
        }
        for (index, page) in placed.pages.iter().enumerate() {
            targets.pages.insert((page.document, &page.locale), index);
        }
        let roots: BTreeSet<&str> = files
            .iter()
            .filter(|file| is_docset_root(file))
            .map(|file| file.tree.name.as_str())
            .collect();
        for &Published { locale, tree, at, live } in pages {
            let known = targets.known.entry(locale).or_default();
            *known.entry(&at.path).or_default() |= live;
            let unplaced = targets
                .documents
                .get(at.path.as_str())
                .is_some_and(|&document| placed.documents[document].unplaced);
            if roots.contains(tree) && !unplaced {
                let folder = at.base.rsplit_once('/').map_or("", |(folder, _)| folder);
                targets.folders.entry(tree).or_default().insert(folder);
            }
        }
        for file in files {
            let Some(path) = file
                .path
                .as_deref()
                .filter(|_| file.kind == FileKind::Resource || file.tree.complete)
            else {
                continue;
            };
            let site = Location::of(catalog, file.tree.docset.as_deref(), path).path;
            if file.tree.complete {
                let top = site.split('/').next().unwrap_or("").to_owned();
                targets.complete.entry(&file.tree.name).or_default().insert(top);
            }
            if file.kind == FileKind::Resource {
                targets.resources.insert(site);
            }
        }
        targets
    }

    /// Follows a reference. Fragments are checked later, when all anchors are known.
    pub fn resolve(&self, from: Origin<'_>, reference: &Reference) -> Resolved {
        let none = |status| Resolved { status, document: None, page: None, redirected_to: None };
        let (path, folder) = match &reference.kind {
            Kind::Site { path, folder } => (path, folder),
            Kind::SamePage => return none(Status::Ok),
            Kind::External => return none(Status::External),
            Kind::Opaque => return none(Status::Opaque),
        };
        let stands = self.stands(from.locale, path);
        if stands == Some(true) || (stands.is_some() && !from.live) {
            let document = self.documents.get(path.as_str()).copied();
            return Resolved {
                status: Status::Ok,
                document,
                page: self.page(from.locale, document),
                redirected_to: None,
            };
        }
        match self.placed.redirects.follow(path) {
            Some(End::At(redirect)) => {
                let document =
                    redirect.to_path.as_deref().and_then(|path| self.documents.get(path).copied());
                return Resolved {
                    status: Status::Redirected,
                    document,
                    page: self.page(from.locale, document),
                    redirected_to: Some(redirect.to.clone()),
                };
            }
            Some(End::Loop) => return none(Status::Broken),
            None => {}
        }
        if stands.is_some() {
            return none(Status::Broken);
        }
        // The address of a document whose file stands at an older path leads there all the same.
        if let Some(&document) = self.documents.get(path.as_str())
            && let Some(page) = self
                .page(from.locale, Some(document))
                .or_else(|| self.page(&self.placed.source_locale, Some(document)))
            && !self.placed.pages[page].versions.is_empty()
        {
            let page = self.page(from.locale, Some(document));
            return Resolved {
                status: Status::Ok,
                document: Some(document),
                page,
                redirected_to: None,
            };
        }
        if self.resources.contains(path) {
            return none(Status::Ok);
        }
        none(if self.is_covered(from.tree, path, folder) {
            Status::Broken
        } else {
            Status::External
        })
    }

    /// Redirects of a tree that end where the tree should have a page and has none.
    pub fn dead_ends(&self, files: &[File]) -> Vec<&'a Redirect> {
        let is_dead = |redirect: &&Redirect| {
            let (Some(path), Some(file)) = (&redirect.to_path, redirect.file) else { return false };
            let tree = &files[file].tree;
            self.is_covered(&tree.name, path, &redirect.to_folder)
                && self
                    .stands(tree.locale.as_deref().unwrap_or(&self.placed.source_locale), path)
                    .is_none()
                && !self.placed.redirects.by_path.contains_key(path)
                && !self.resources.contains(path)
        };
        self.placed.redirects.by_path.values().filter(is_dead).collect()
    }

    fn page(&self, locale: &str, document: Option<usize>) -> Option<usize> {
        self.pages.get(&(document?, locale)).copied()
    }

    /// Whether a page stands at a path; none if there never was one.
    fn stands(&self, locale: &str, path: &str) -> Option<bool> {
        let at = |locale: &str| self.known.get(locale)?.get(path).copied();
        [locale, &self.placed.source_locale].into_iter().filter_map(at).max()
    }

    /// Whether a tree would hold a page of this path, if there were one: the tree is said to be
    /// complete, or is that of a docset and holds other pages of the folder.
    fn is_covered(&self, tree: &str, path: &str, folder: &str) -> bool {
        let top = path.split('/').next().unwrap_or("");
        let last = path.rsplit('/').next().unwrap_or("");
        // Pictures and downloads are often left out of the inputs; only pages are missed.
        let is_page = !last.contains('.');
        self.complete.get(tree).is_some_and(|complete| complete.contains(top))
            || (is_page
                && !folder.is_empty()
                && self.folders.get(tree).is_some_and(|folders| folders.contains(folder)))
    }
}

/// Whether a file marks its tree as one that a docset is published from, not a sample of it.
fn is_docset_root(file: &File) -> bool {
    ["docfx.json", publish::FILE_NAME].contains(&file.base_name())
}
