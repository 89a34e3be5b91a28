//! Inputs on disk: folders of pages, single files, and what a `stemma.yaml` names.
//!
//! A folder named like a locale (`nl-NL`, `nl-NL-sxs`, `docs.nl-NL`) begins a tree; a date or a
//! commit right below it labels a version and is no part of a page's path.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use walkdir::WalkDir;

use super::config::{self, Config};
use super::{File, FileKind, ReadError, Role, Tree};

/// Everything that was found, in the order of the names.
#[derive(Debug, Default)]
pub struct Found {
    pub files: Vec<File>,
    /// The name of each input, and its path as given.
    pub roots: Vec<(String, PathBuf)>,
    pub title: Option<String>,
    pub base: Option<String>,
    pub licence: Option<String>,
    pub redirects: Vec<config::Redirect>,
}

/// Lists the files of all inputs. Nothing but configuration is read.
pub fn discover(inputs: &[PathBuf]) -> Result<Found, ReadError> {
    let mut found = Found::default();
    for input in inputs {
        let metadata = std::fs::metadata(input)
            .map_err(|source| ReadError::Io { path: input.display().to_string(), source })?;
        let config_path = if metadata.is_dir() { input.join(config::FILE_NAME) } else { input.clone() };
        let is_config = config_path.file_name().is_some_and(|name| name == config::FILE_NAME);
        if is_config && config_path.is_file() {
            configured(&config_path, &mut found)?;
        } else {
            let name = input.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
            walk(input, &name, &Arc::new(Tree { name: name.clone(), ..Tree::default() }), None, &mut found)?;
        }
    }
    found.files.sort_by(|a, b| (&a.name, &a.at).cmp(&(&b.name, &b.at)));
    found.files.dedup_by(|a, b| a.at == b.at);
    if found.files.is_empty() {
        let inputs: Vec<_> = inputs.iter().map(|input| shown(input)).collect();
        return Err(ReadError::Empty(inputs.join(", ")));
    }
    Ok(found)
}

fn configured(path: &Path, found: &mut Found) -> Result<(), ReadError> {
    let config = Config::read(path)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    for source in &config.sources {
        let at = folder.join(&source.path);
        let name = shown(&source.path);
        let tree = Tree {
            name: name.clone(),
            locale: source.locale.clone(),
            docset: source.docset.clone(),
            site: source.site.clone(),
            role: source.role,
            from: source.from.clone(),
            until: source.until.clone(),
            commits: source.commit.0.iter().map(|commit| commit.to_ascii_lowercase()).collect(),
            complete: source.complete,
        };
        walk(&at, &name, &Arc::new(tree), source.docset_path.as_deref(), found)?;
    }
    found.title = found.title.take().or(config.title);
    found.base = found.base.take().or(config.base);
    found.licence = found.licence.take().or(config.licence);
    found.redirects.extend(config.redirects);
    Ok(())
}

fn walk(
    at: &Path,
    name: &str,
    given: &Arc<Tree>,
    docset_path: Option<&str>,
    found: &mut Found,
) -> Result<(), ReadError> {
    found.roots.push((name.to_owned(), at.to_owned()));
    let mut trees: Vec<Arc<Tree>> = Vec::new();
    let is_file = at.is_file();
    for entry in WalkDir::new(at).sort_by_file_name().into_iter().filter_entry(|entry| entry.file_name() != ".git") {
        let entry = entry.map_err(|error| ReadError::Io {
            path: error.path().map_or_else(|| shown(at), shown),
            source: error.into_io_error().unwrap_or_else(|| std::io::Error::other("the folders form a loop")),
        })?;
        if entry.file_type().is_dir() {
            continue;
        }
        let relative = entry.path().strip_prefix(at).unwrap_or(entry.path());
        let parts: Vec<&str> = relative.components().filter_map(part).collect();
        let layout = Layout::of(at, &parts, is_file);
        let path = docset_path.map(str::to_owned).or_else(|| layout.path(&parts, given, is_file));
        let tree = layout.tree(&parts, given);
        let tree = match trees.iter().find(|known| ***known == tree) {
            Some(known) => known.clone(),
            None => {
                trees.push(Arc::new(tree));
                trees[trees.len() - 1].clone()
            }
        };
        found.files.push(File {
            tree,
            shown: shown(entry.path()),
            name: join(name, &parts.join("/")),
            kind: kind(entry.path()),
            path,
            at: entry.path().to_owned(),
        });
    }
    Ok(())
}

fn join(name: &str, path: &str) -> String {
    if name.is_empty() || path.is_empty() { format!("{name}{path}") } else { format!("{name}/{path}") }
}

fn part(component: Component<'_>) -> Option<&str> {
    match component {
        Component::Normal(part) => part.to_str(),
        _ => None,
    }
}

/// Paths are shown with `/` whatever the system, and without `./`.
fn shown(path: &Path) -> String {
    let parts: Vec<_> = path.components().filter(|c| *c != Component::CurDir).map(|c| c.as_os_str().to_string_lossy()).collect();
    parts.join("/").replacen("//", "/", 1)
}

/// Where in a path the locale stands, and where the docset's own path begins.
struct Layout {
    locale: Option<(String, bool)>,
    /// The part before the locale: a repository's or docset's folder.
    docset: Option<String>,
    /// Index of the first part of the docset path.
    start: usize,
}

impl Layout {
    fn of(at: &Path, parts: &[&str], is_file: bool) -> Self {
        let folders = if is_file { &[] } else { &parts[..parts.len().saturating_sub(1)] };
        if let Some(i) = folders.iter().position(|part| locale(part).is_some()) {
            let labels = folders[i + 1..].iter().take_while(|part| is_version_label(part)).count();
            return Self {
                locale: locale(folders[i]),
                docset: i.checked_sub(1).map(|before| folders[before].to_owned()).or_else(|| docset_of(folders[i])),
                start: i + 1 + labels,
            };
        }
        let above: Vec<&str> = at.components().filter_map(part).collect();
        let above = if is_file { &above[..above.len().saturating_sub(1)] } else { &above[..] };
        let at = above.iter().rposition(|part| locale(part).is_some());
        Self {
            locale: at.and_then(|i| locale(above[i])),
            docset: at.and_then(|i| i.checked_sub(1).map(|before| above[before].to_owned()).or_else(|| docset_of(above[i]))),
            start: 0,
        }
    }

    /// A file given by itself has a path only if the folders above it tell one.
    fn path(&self, parts: &[&str], given: &Tree, is_file: bool) -> Option<String> {
        // Text files are pages cut from their tree: without a locale above them their folders say nothing.
        let loose = self.locale.is_none() && given.docset.is_none() && parts.last().is_some_and(|name| name.ends_with(".txt"));
        if is_file || loose { None } else { Some(parts[self.start..].join("/")) }
    }

    fn tree(&self, parts: &[&str], given: &Tree) -> Tree {
        let mut tree = given.clone();
        if let Some((locale, bilingual)) = &self.locale {
            tree.locale = tree.locale.or_else(|| Some(locale.clone()));
            if *bilingual {
                tree.role = tree.role.or(Some(Role::Bilingual));
            }
        }
        tree.docset = tree.docset.or_else(|| self.docset.clone());
        if self.start > 0 {
            tree.name = join(&given.name, &parts[..self.start].join("/"));
        }
        tree
    }
}

/// `docs.nl-NL` is the Dutch edition of `docs`.
fn docset_of(folder: &str) -> Option<String> {
    folder.rsplit_once('.').map(|(name, _)| name.to_owned())
}

/// Reads `nl-NL`, `nl-NL-sxs`, `zh-Hant-TW`, `repo.nl-NL`: the locale in canonical case, and
/// whether it is the bilingual edition.
fn locale(folder: &str) -> Option<(String, bool)> {
    let name = folder.rsplit_once('.').map_or(folder, |(_, locale)| locale);
    let (name, bilingual) = match name.strip_suffix("-sxs") {
        Some(name) => (name, true),
        None => (name, false),
    };
    canonical_locale(name).map(|locale| (locale, bilingual))
}

/// The tag in canonical case, if it has a region: `nl-nl` is `nl-NL`, `nl` is none.
pub fn canonical_locale(tag: &str) -> Option<String> {
    let letters = |part: &str| part.bytes().all(|b| b.is_ascii_alphabetic());
    let mut parts = tag.split('-');
    let language = parts.next().filter(|part| (2..=3).contains(&part.len()) && letters(part))?;
    let mut canonical = language.to_ascii_lowercase();
    let mut region = parts.next()?;
    if region.len() == 4 && letters(region) {
        canonical.push('-');
        canonical.push_str(&region[..1].to_ascii_uppercase());
        canonical.push_str(&region[1..].to_ascii_lowercase());
        region = parts.next()?;
    }
    let is_region = (region.len() == 2 && letters(region))
        || (region.len() == 3 && region.bytes().all(|b| b.is_ascii_digit()));
    if !is_region || parts.next().is_some() {
        return None;
    }
    canonical.push('-');
    canonical.push_str(&region.to_ascii_uppercase());
    Some(canonical)
}

fn is_version_label(folder: &str) -> bool {
    config::is_iso_date(folder)
        || ((7..=40).contains(&folder.len())
            && folder.bytes().all(|b| b.is_ascii_hexdigit())
            && folder.bytes().any(|b| b.is_ascii_digit()))
}

fn kind(path: &Path) -> FileKind {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("").to_ascii_lowercase();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension {
        "md" | "markdown" | "txt" => FileKind::Markdown,
        "yml" | "yaml" => FileKind::Yaml,
        "json" if name == "docfx.json" || name.starts_with(".openpublishing.") => FileKind::Configuration,
        _ => FileKind::Resource,
    }
}
