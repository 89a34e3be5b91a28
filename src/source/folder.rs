//! Inputs on disk: folders of pages, single files, and what a `stemma.yaml` names.
//!
//! A folder named like a known locale (`nl-NL`, `nl-NL-sxs`, `docs.nl-NL`) begins a tree; a date or
//! a commit right below it labels a version and is no part of a page's path.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use walkdir::WalkDir;

use super::config::{self, CommitMap, Config};
use super::git::{self, Repository, Selection};
use super::{Bytes, File, FileKind, Interval, Moment, ReadError, Role, Standing, Tree, publish};

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
    pub repositories: Vec<Archive>,
}

/// A repository whose history was read.
#[derive(Debug)]
pub struct Archive {
    pub repository: Arc<Repository>,
    /// The name of its tree.
    pub name: String,
    /// Commits under the names that pages know them by.
    pub commits: CommitMap,
    pub moves: Vec<git::Move>,
}

/// Lists the files of all inputs. Nothing is read but configuration and how text files begin.
/// `locales` are the tags that a folder can be named like;
/// `selection` is what to read of repositories that no configuration says more of.
pub fn discover(
    inputs: &[PathBuf],
    locales: &[&str],
    selection: &Selection,
) -> Result<Found, ReadError> {
    let mut found = Found::default();
    let mut roots = Vec::new();
    for input in inputs {
        let (input, reference) = at_reference(input);
        let input = &input;
        let metadata = std::fs::metadata(input)
            .map_err(|source| ReadError::Io { path: input.display().to_string(), source })?;
        let config_path =
            if metadata.is_dir() { input.join(config::FILE_NAME) } else { input.clone() };
        let is_config = config_path.file_name().is_some_and(|name| name == config::FILE_NAME);
        if is_config && config_path.is_file() {
            configured(&config_path, selection, &mut found, &mut roots)?;
        } else {
            let name = repository_name(input);
            let tree = Tree { name, ..Tree::default() };
            let mut root = Root::new(input.clone(), tree);
            let selection = Selection { reference, ..selection.clone() };
            let named = selection.reference.is_some() || is_bare(input);
            // A folder of a checkout is read as it lies there, unless more is asked for.
            if named || selection.history {
                root.repository = Repository::open(input).map(|repository| (repository, selection));
            }
            if named && root.repository.is_none() {
                return Err(ReadError::NoRepository { path: shown(input) });
            }
            roots.push(root);
        }
    }
    tell_apart(&mut roots);
    for root in roots {
        if root.repository.is_some() {
            read_repository(root, locales, &mut found)?;
        } else {
            walk(root, locales, &mut found)?;
        }
    }
    if selection.history && found.repositories.is_empty() {
        return Err(ReadError::NoRepository { path: shown(&inputs[0]) });
    }
    if let Some(day) = &selection.as_of {
        found.files.retain_mut(|file| file.standing.is_of(day));
    }
    found.files.sort_by(|a, b| order(a).cmp(&order(b)));
    let mut seen = BTreeSet::new();
    found.files.retain(|file| match &file.bytes {
        Bytes::Disk(path) => seen.insert(path.clone()),
        Bytes::Git(_) => true,
    });
    if found.files.is_empty() {
        let inputs: Vec<_> = inputs.iter().map(|input| shown(input)).collect();
        return Err(ReadError::Empty(inputs.join(", ")));
    }
    publish::name_locales(&mut found.files);
    publish::join_metadata(&mut found.files);
    Ok(found)
}

/// Names first; texts of one name in the order in which they were written.
fn order(file: &File) -> (&str, Option<&Moment>, String) {
    let bytes = match &file.bytes {
        Bytes::Disk(path) => path.to_string_lossy().into_owned(),
        Bytes::Git(blob) => blob.id.to_string(),
    };
    (&file.name, file.standing.seen.as_ref(), bytes)
}

/// A folder, a file or a repository to be read, and what is said of all that is in it.
struct Root {
    at: PathBuf,
    tree: Tree,
    docset_path: Option<String>,
    repository: Option<(Repository, Selection)>,
    commits: CommitMap,
}

impl Root {
    fn new(at: PathBuf, tree: Tree) -> Self {
        Self { at, tree, docset_path: None, repository: None, commits: CommitMap::default() }
    }
}

/// `repository@reference`, where there is no file of that name.
fn at_reference(input: &Path) -> (PathBuf, Option<String>) {
    let text = input.to_string_lossy();
    match text.rsplit_once('@') {
        Some((path, reference)) if !input.exists() && Path::new(path).exists() => {
            (PathBuf::from(path), Some(reference.to_owned()))
        }
        _ => (input.to_owned(), None),
    }
}

fn is_bare(at: &Path) -> bool {
    at.join("HEAD").is_file() && at.join("objects").is_dir() && at.join("refs").is_dir()
}

/// How an input is called: its last folder, of a bare repository without `.git`.
fn repository_name(at: &Path) -> String {
    let name = at.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
    name.strip_suffix(".git").map(str::to_owned).unwrap_or(name)
}

fn configured(
    path: &Path,
    selection: &Selection,
    found: &mut Found,
    roots: &mut Vec<Root>,
) -> Result<(), ReadError> {
    let config = Config::read(path)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    for source in &config.sources {
        let at = folder.join(&source.path);
        if source.docset_path.is_some() && at.is_dir() {
            let message = format!(
                "`as` names the path of one page, and `{}` is a folder",
                source.path.display()
            );
            return Err(ReadError::Config { path: path.display().to_string(), message });
        }
        let tree = Tree {
            name: shown(&source.path),
            locale: source.locale.as_deref().and_then(canonical_locale),
            docset: source.docset.clone(),
            role: source.role,
            complete: source.complete,
            standing: Standing {
                current: source
                    .from
                    .iter()
                    .map(|from| Interval {
                        from: Moment::of_day(from),
                        until: source.until.as_ref().map(Moment::of_day),
                        seen: None,
                    })
                    .collect(),
                commits: source.commit.0.iter().map(|commit| commit.to_ascii_lowercase()).collect(),
                ..Standing::default()
            },
        };
        let mut root = Root::new(at, tree);
        root.docset_path.clone_from(&source.docset_path);
        if source.is_repository() || is_bare(&root.at) {
            let repository = Repository::open(&root.at)
                .ok_or_else(|| ReadError::NoRepository { path: shown(&root.at) })?;
            let (reference, continued_by) = match source.branches.0.split_first() {
                Some((first, others)) => (Some(first.clone()), others.to_vec()),
                None => (None, Vec::new()),
            };
            let selection = Selection {
                reference,
                continued_by,
                history: source.history || selection.history,
                as_of: selection.as_of.clone(),
            };
            root.repository = Some((repository, selection));
            if let Some(map) = &source.commit_map {
                root.commits = CommitMap::read(&folder.join(&map.file), map)?;
            }
            root.tree.name =
                shown(&source.path).trim_end_matches(".git").trim_end_matches('/').to_owned();
        }
        roots.push(root);
    }
    found.title = found.title.take().or(config.title);
    found.base = found.base.take().or(config.base);
    found.licence = found.licence.take().or(config.licence);
    found.redirects.extend(config.redirects);
    Ok(())
}

/// Roots of one name take the folders above them into it, as many as it needs; a root that is
/// given twice is walked once.
fn tell_apart(roots: &mut Vec<Root>) {
    let absolute =
        |root: &Root| std::fs::canonicalize(&root.at).unwrap_or_else(|_| root.at.clone());
    let branch = |root: &Root| {
        root.repository.as_ref().and_then(|(_, selection)| selection.reference.clone())
    };
    let mut seen: BTreeMap<PathBuf, Vec<Option<String>>> = BTreeMap::new();
    roots.retain_mut(|root| {
        let (branches, branch) = (seen.entry(absolute(root)).or_default(), branch(root));
        if branches.contains(&branch) {
            return false;
        }
        // Another branch of a repository is another input.
        if !branches.is_empty() {
            let branch = branch.as_deref().unwrap_or("HEAD");
            root.tree.name = format!("{}@{branch}", root.tree.name);
        }
        branches.push(branch);
        true
    });
    let mut above: Vec<Vec<String>> =
        roots
            .iter()
            .map(|root| {
                let mut parts: Vec<String> = absolute(root).components().filter_map(part).collect();
                parts.truncate(parts.len().saturating_sub(
                    Path::new(&root.tree.name).components().filter_map(part).count(),
                ));
                parts
            })
            .collect();
    loop {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for root in roots.iter() {
            *counts.entry(root.tree.name.clone()).or_default() += 1;
        }
        let mut changed = false;
        for (root, above) in
            roots.iter_mut().zip(&mut above).filter(|(root, _)| counts[&root.tree.name] > 1)
        {
            if let Some(folder) = above.pop() {
                root.tree.name = join(&folder, &root.tree.name);
                changed = true;
            }
        }
        if !changed {
            return;
        }
    }
}

fn walk(root: Root, locales: &[&str], found: &mut Found) -> Result<(), ReadError> {
    let Root { at, tree: given, docset_path, .. } = root;
    found.roots.push((given.name.clone(), at.clone()));
    let mut trees: BTreeMap<String, Arc<Tree>> = BTreeMap::new();
    let is_file = at.is_file();
    for entry in WalkDir::new(&at)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| entry.file_name() != ".git")
    {
        let entry = entry.map_err(|error| ReadError::Io {
            path: error.path().map_or_else(|| shown(&at), shown),
            source: error
                .into_io_error()
                .unwrap_or_else(|| std::io::Error::other("the folders form a loop")),
        })?;
        if entry.file_type().is_dir() {
            continue;
        }
        let relative = entry.path().strip_prefix(&at).unwrap_or(entry.path());
        let parts: Vec<String> = relative.components().filter_map(part).collect();
        let layout = Layout::of(&at, &parts, is_file, locales);
        let kind = kind(entry.path());
        let path = docset_path.clone().or_else(|| layout.path(&parts, &given, is_file));
        let path = path.map(|path| match kind {
            FileKind::Markdown => published(path),
            _ => path,
        });
        let name = join(&given.name, &parts[..layout.start].join("/"));
        let tree = trees.entry(name).or_insert_with_key(|name| Arc::new(layout.tree(name, &given)));
        found.files.push(File {
            tree: tree.clone(),
            shown: shown(entry.path()),
            name: join(&given.name, &parts.join("/")),
            kind,
            path,
            metadata: None,
            standing: tree.standing.clone(),
            bytes: Bytes::Disk(entry.path().to_owned()),
        });
    }
    Ok(())
}

/// Lists what a repository holds: each text of each page, and the other files of its last commit.
fn read_repository(root: Root, locales: &[&str], found: &mut Found) -> Result<(), ReadError> {
    let Root { at, tree: given, repository, commits, .. } = root;
    let (repository, selection) = repository.expect("it is a repository");
    let history = repository.history(&at, &selection)?;
    let repository = Arc::new(repository);
    found.roots.push((given.name.clone(), at.clone()));
    // Folders above a repository name its locale as those above a folder of pages do.
    let named = at.with_file_name(repository_name(&at));
    let mut trees: BTreeMap<(String, bool), Arc<Tree>> = BTreeMap::new();
    let mut add = |path: &str, id: gix::ObjectId, twin: bool, standing: Standing| {
        let parts: Vec<String> = path.split('/').map(str::to_owned).collect();
        let layout = Layout::of(&named, &parts, false, locales);
        let name = join(&given.name, &parts[..layout.start].join("/"));
        let tree = trees.entry((name, twin)).or_insert_with_key(|(name, twin)| {
            let mut tree = layout.tree(name, &given);
            if *twin {
                tree.role = Some(Role::Bilingual);
            }
            Arc::new(tree)
        });
        // What has no commit of its own is as the last one has it.
        let seen = standing.seen.as_ref().or(history.tip.as_ref());
        let commit = seen.and_then(|seen| seen.commit.as_deref());
        let commit = commit.map_or(String::new(), |commit| format!("@{}", &commit[..12]));
        found.files.push(File {
            tree: tree.clone(),
            shown: format!("{}{commit}:{path}", shown(&at)),
            name: join(&given.name, path),
            kind: kind(Path::new(path)),
            path: Some(parts[layout.start..].join("/")),
            metadata: None,
            standing,
            bytes: Bytes::Git(git::Blob {
                repository: repository.clone(),
                id,
                path: path.to_owned(),
            }),
        });
    };
    for text in history.texts {
        let standing = if selection.history {
            Standing {
                unpublished: text.current.is_empty(),
                current: if text.twin { Vec::new() } else { text.current },
                seen: Some(text.seen),
                commits: Vec::new(),
            }
        } else {
            Standing { commits: text.seen.commit.into_iter().collect(), ..Standing::default() }
        };
        add(&text.path, text.blob, text.twin, standing);
    }
    for (path, id) in history.others {
        add(&path, id, false, Standing::default());
    }
    let name = given.name;
    found.repositories.push(Archive { repository, name, commits, moves: history.moves });
    Ok(())
}

fn join(name: &str, path: &str) -> String {
    if name.is_empty() || path.is_empty() {
        format!("{name}{path}")
    } else {
        format!("{name}/{path}")
    }
}

/// A name that is not UTF-8 is shown as well as can be; files are read by their paths.
fn part(component: Component<'_>) -> Option<String> {
    match component {
        Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
        _ => None,
    }
}

/// Paths are shown with `/` whatever the system, and without `./`.
fn shown(path: &Path) -> String {
    let parts: Vec<_> = path
        .components()
        .filter(|c| *c != Component::CurDir)
        .map(|c| c.as_os_str().to_string_lossy())
        .collect();
    parts.join("/").replacen("//", "/", 1)
}

/// Where in a path the locale stands, and where the docset's own path begins.
#[derive(Default)]
struct Layout {
    locale: Option<(String, bool)>,
    /// The part before the locale: a repository's or docset's folder.
    docset: Option<String>,
    /// Dates and commits right below the locale.
    labels: Vec<String>,
    /// Index of the first part of the docset path.
    start: usize,
}

impl Layout {
    /// The first locale inside the input counts, else the last above it.
    fn of(at: &Path, parts: &[String], is_file: bool, locales: &[&str]) -> Self {
        let mut folders: Vec<String> = at.components().filter_map(part).collect();
        let inside = if is_file {
            folders.pop();
            folders.len()
        } else {
            let inside = folders.len();
            folders.extend_from_slice(&parts[..parts.len().saturating_sub(1)]);
            inside
        };
        let is_locale = |folder: &String| locale(folder, locales).is_some();
        let below = folders[inside..].iter().position(is_locale).map(|i| inside + i);
        let Some(i) = below.or_else(|| folders[..inside].iter().rposition(is_locale)) else {
            return Self::default();
        };
        let labels: Vec<String> = folders[i + 1..]
            .iter()
            .take_while(|folder| is_version_label(folder))
            .cloned()
            .collect();
        Self {
            locale: locale(&folders[i], locales),
            docset: docset_of(&folders[i])
                .or_else(|| i.checked_sub(1).map(|before| folders[before].clone())),
            start: (i + 1 + labels.len()).saturating_sub(inside),
            labels,
        }
    }

    /// A file given by itself has a path only if the folders above it tell one.
    fn path(&self, parts: &[String], given: &Tree, is_file: bool) -> Option<String> {
        // Text files are pages cut from their tree: without a locale above them their folders say
        // nothing.
        let loose = self.locale.is_none()
            && given.docset.is_none()
            && parts.last().is_some_and(|name| name.ends_with(".txt"));
        if is_file || loose { None } else { Some(parts[self.start..].join("/")) }
    }

    fn tree(&self, name: &str, given: &Tree) -> Tree {
        let mut tree = Tree { name: name.to_owned(), ..given.clone() };
        if let Some((locale, bilingual)) = &self.locale {
            tree.locale = tree.locale.or_else(|| Some(locale.clone()));
            if *bilingual {
                tree.role = tree.role.or(Some(Role::Bilingual));
            }
        }
        tree.docset = tree.docset.or_else(|| self.docset.clone());
        let (dates, commits): (Vec<_>, Vec<_>) =
            self.labels.iter().partition(|label| day(label).is_some());
        // A bilingual edition is never the current text, so it has no dates.
        let standing = &mut tree.standing;
        if tree.role != Some(Role::Bilingual) && standing.current.is_empty() {
            let from = dates.first().and_then(|date| day(date)).map(Moment::of_day);
            standing.current.extend(from.map(Interval::since));
        }
        if standing.commits.is_empty() {
            standing.commits = commits.iter().map(|commit| commit.to_ascii_lowercase()).collect();
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
fn locale(folder: &str, locales: &[&str]) -> Option<(String, bool)> {
    let name = folder.rsplit_once('.').map_or(folder, |(_, locale)| locale);
    let (name, bilingual) = match name.strip_suffix("-sxs") {
        Some(name) => (name, true),
        None => (name, false),
    };
    // Only a list tells `nl-nl` from `how-to`.
    let known = locales.iter().find(|known| known.eq_ignore_ascii_case(name));
    known.map(|locale| ((*locale).to_owned(), bilingual))
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

/// The day that a folder names in one of the forms of ISO 8601: `2021-01-22`, `20210122`.
fn day(folder: &str) -> Option<String> {
    let is_basic = folder.len() == 8 && folder.bytes().all(|byte| byte.is_ascii_digit());
    let day = match is_basic {
        true => format!("{}-{}-{}", &folder[..4], &folder[4..6], &folder[6..]),
        false => folder.to_owned(),
    };
    config::is_iso_date(&day).then_some(day)
}

fn is_version_label(folder: &str) -> bool {
    day(folder).is_some()
        || ((7..=40).contains(&folder.len())
            && folder.bytes().all(|b| b.is_ascii_hexdigit())
            && folder.bytes().any(|b| b.is_ascii_digit()))
}

fn kind(path: &Path) -> FileKind {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension {
        _ if name == config::FILE_NAME => FileKind::Configuration,
        "md" | "markdown" => FileKind::Markdown,
        "txt" if is_page(path) => FileKind::Markdown,
        "yml" | "yaml" => FileKind::Yaml,
        "json" if name == "docfx.json" || name.starts_with(".openpublishing.") => {
            FileKind::Configuration
        }
        _ => FileKind::Resource,
    }
}

/// Whether a text file begins as a page does. One that cannot be read may be one.
fn is_page(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(6).read_to_end(&mut start));
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start);
    read.is_err() || text.starts_with(b"---") || text.starts_with(b"# ")
}

/// The path of a page that is passed around as a text file.
fn published(path: String) -> String {
    let extension = path.len().checked_sub(".txt".len());
    match extension.and_then(|at| path.split_at_checked(at)) {
        Some((page, extension)) if extension.eq_ignore_ascii_case(".txt") => page.to_owned(),
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_of_one_name_are_told_apart_by_the_folders_above() {
        let root = |at: &str| {
            let at = PathBuf::from(at);
            let name = at.file_name().expect("an input has a name").to_string_lossy().into_owned();
            Root::new(at, Tree { name, ..Tree::default() })
        };
        let mut roots: Vec<Root> =
            ["a/docs/nl-NL", "b/docs/nl-NL", "b/site/nl-NL", "b/docs/nl-NL", "en-US"]
                .map(root)
                .into();
        tell_apart(&mut roots);
        let names: Vec<&str> = roots.iter().map(|root| root.tree.name.as_str()).collect();
        assert_eq!(names, ["a/docs/nl-NL", "b/docs/nl-NL", "site/nl-NL", "en-US"]);
    }
}
