//! Which document a file belongs to: by its path, by redirects that keep the identity, by hashes.

use std::collections::{BTreeMap, BTreeSet};

use super::{Document, Move, Placed};
use crate::catalog::Catalog;
use crate::diag::{Code, Problem};
use crate::link::targets::{self, Location};
use crate::source::{File, Span};
use crate::survey::Surveyed;

/// For each surveyed file its document, and its path if it has one.
pub fn assign(
    catalog: &Catalog,
    files: &[File],
    surveyed: &[Surveyed],
    moves: &[Move],
    placed: &mut Placed,
) -> Vec<(usize, Option<String>)> {
    let paths: Vec<Option<String>> = surveyed
        .iter()
        .map(|page| {
            let file = &files[page.file];
            file.path
                .as_deref()
                .map(|path| Location::of(catalog, file.tree.docset.as_deref(), path).path)
        })
        .collect();
    let mut chains = Chains::of(files, surveyed, &paths, placed);
    chains.moved(moves, placed);
    let mut documents = Vec::with_capacity(surveyed.len());
    let mut by_hash: BTreeMap<&str, usize> = BTreeMap::new();
    for (page, path) in surveyed.iter().zip(&paths) {
        let Some(path) = path else {
            documents.push(usize::MAX);
            continue;
        };
        let document = chains.document(path, placed);
        documents.push(document);
        // What a placed page is, and what it was made from, tells where a loose page belongs.
        for hash in page.hashes.all().chain(page.origin.source_hash.as_deref()) {
            by_hash.entry(hash).or_insert(document);
        }
    }
    for (i, page) in surveyed.iter().enumerate().filter(|(i, _)| paths[*i].is_none()) {
        let known = page.origin.source_hash.as_deref().into_iter().chain(page.hashes.all());
        let known = known.filter_map(|hash| by_hash.get(hash)).next().copied();
        documents[i] = known.unwrap_or_else(|| {
            let slug = page.heading.clone().unwrap_or_else(|| page.hashes.crlf[..12].to_owned());
            placed.file_problems.push((
                page.file,
                Problem::new(
                    Code::PAGE_UNPLACED,
                    Span::default(),
                    "nothing tells which path this page has in its docset",
                )
                .help("name its path with `as:` in stemma.yaml, or give the tree it comes from"),
            ));
            chains.document(&format!("unplaced/{}", targets::path_characters(&slug)), placed)
        });
        if known.is_none() {
            placed.documents[documents[i]].unplaced = true;
        }
    }
    chains.replacements(placed);
    documents.into_iter().zip(paths).collect()
}

/// The moves by which a document got its paths, by document and day. A move to a path that has an
/// identity of its own is none.
pub fn of_moves(moves: Vec<Move>, documents: &[Document]) -> Vec<(usize, Move)> {
    let mut by_path: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, document) in documents.iter().enumerate() {
        by_path.extend(document.paths.iter().map(|path| (path.as_str(), index)));
    }
    let mut of: Vec<(usize, Move)> = moves
        .into_iter()
        .filter_map(|moved| {
            let document = *by_path.get(moved.to.as_str())?;
            (by_path.get(moved.from.as_str()) == Some(&document)).then_some((document, moved))
        })
        .collect();
    of.sort();
    of.dedup();
    of
}

/// Paths that are one document, through redirects that keep its identity.
struct Chains {
    /// The path before a path, where the document moved.
    before: BTreeMap<String, String>,
    /// The same, the other way: the path after a path.
    after: BTreeMap<String, String>,
    documents: BTreeMap<String, usize>,
}

impl Chains {
    fn of(
        files: &[File],
        surveyed: &[Surveyed],
        paths: &[Option<String>],
        placed: &mut Placed,
    ) -> Self {
        // A path that still has a page in the tree whose file redirects it has not moved.
        let live: BTreeSet<(&str, &str)> = surveyed
            .iter()
            .zip(paths)
            .filter(|(page, _)| files[page.file].is_live())
            .filter_map(|(page, path)| {
                Some((files[page.file].tree.name.as_str(), path.as_deref()?))
            })
            .collect();
        let mut before: BTreeMap<String, String> = BTreeMap::new();
        let mut after: BTreeMap<String, String> = BTreeMap::new();
        let mut moves: Vec<_> =
            placed.redirects.leading().filter(|redirect| redirect.keeps_id).collect();
        moves.sort_by_key(|redirect| &redirect.order);
        for redirect in moves {
            let Some(to) = &redirect.to_path else { continue };
            let tree = redirect.file.map(|file| files[file].tree.name.as_str());
            let conflict =
                if tree.is_some_and(|tree| live.contains(&(tree, redirect.from.as_str()))) {
                    Some(format!("`{}` is redirected, but its page is still there", redirect.from))
                } else {
                    before.get(to).map(|first| {
                        format!(
                            "`{to}` already has the identity of `{first}`, so `{}` keeps its own",
                            redirect.from
                        )
                    })
                };
            match conflict {
                Some(message) => placed.file_problems.extend(redirect.file.map(|file| {
                    let problem = Problem::new(Code::REDIRECT_CONFLICT, redirect.span, message);
                    (
                        file,
                        problem.help("set `redirect_document_id` to false for all but one of them"),
                    )
                })),
                None => {
                    before.insert(to.clone(), redirect.from.clone());
                    after.insert(redirect.from.clone(), to.clone());
                }
            }
        }
        Self { before, after, documents: BTreeMap::new() }
    }

    /// Files that became others are one document, where no redirect says otherwise.
    fn moved(&mut self, moves: &[Move], placed: &Placed) {
        for Move { from, to, .. } in moves {
            let redirected = placed.redirects.by_path.get(from);
            let differs = redirected.is_some_and(|redirect| !redirect.keeps_id);
            if !differs && !self.before.contains_key(to) && !self.after.contains_key(from) {
                self.before.insert(to.clone(), from.clone());
                self.after.insert(from.clone(), to.clone());
            }
        }
    }

    /// The document of a path; a new one, with all paths of its chain, if it is the first seen.
    fn document(&mut self, path: &str, placed: &mut Placed) -> usize {
        if let Some(document) = self.documents.get(path) {
            return *document;
        }
        let mut seen = BTreeSet::from([path]);
        let mut paths = chain(&self.before, path, &mut seen);
        paths.reverse();
        paths.push(path.to_owned());
        paths.extend(chain(&self.after, path, &mut seen));
        let index = placed.documents.len();
        for path in &paths {
            self.documents.insert(path.clone(), index);
        }
        placed.documents.push(Document { paths, ..Document::default() });
        index
    }

    /// Redirects without identity: another document took the place.
    fn replacements(&mut self, placed: &mut Placed) {
        let pairs: Vec<(usize, usize)> = placed
            .redirects
            .leading()
            .filter_map(|redirect| {
                let from = *self.documents.get(&redirect.from)?;
                let to = *self.documents.get(redirect.to_path.as_deref()?)?;
                (from != to).then_some((from, to))
            })
            .collect();
        for (from, to) in pairs {
            placed.documents[from].replaced_by.push(to);
        }
    }
}

/// The paths that follow a path, up to one that was seen before.
fn chain<'a>(
    moves: &'a BTreeMap<String, String>,
    path: &'a str,
    seen: &mut BTreeSet<&'a str>,
) -> Vec<String> {
    let mut paths = Vec::new();
    let mut at = path;
    while let Some(next) = moves.get(at).filter(|next| seen.insert(next)) {
        paths.push(next.clone());
        at = next;
    }
    paths
}
