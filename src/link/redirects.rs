//! `.openpublishing.redirection.json` and the redirects of `stemma.yaml`, as one relation of paths.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::catalog::Catalog;
use crate::diag::{Code, Problem};
use crate::link::targets::{self, Kind, Location};
use crate::source::{File, Span, config, json};

/// One redirect, in the form of the site's paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// The canonical path it leads away from, without scheme and host.
    pub from: String,
    /// The canonical address it leads to.
    pub to: String,
    /// The path of `to`, if it is on the same site.
    pub to_path: Option<String>,
    /// The folder of the file that it leads to.
    pub to_folder: String,
    pub fragment: Option<String>,
    pub keeps_id: bool,
    /// Index of the file that says so, and where in it; none for the configuration.
    pub file: Option<usize>,
    pub span: Span,
}

/// All redirects, by where they lead from.
#[derive(Clone, Debug, Default)]
pub struct Redirects {
    pub by_path: BTreeMap<String, Redirect>,
}

impl Redirects {
    /// Reads a redirection file; what is broken in it is repaired where it can be, and reported.
    pub fn read(
        &mut self,
        catalog: &Catalog,
        index: usize,
        file: &File,
        bytes: &[u8],
        out: &mut Vec<Problem>,
    ) {
        let parsed = json::read(bytes);
        for repair in &parsed.repairs {
            let span = Span { start: repair.offset, end: repair.offset };
            out.push(
                Problem::new(Code::CONFIG_INVALID, span, format!("not valid JSON: {}", repair.what))
                    .help("other readers will lose the whole file: correct it"),
            );
        }
        let Some(list) = parsed.value.get("redirections").and_then(Value::as_array) else { return };
        let folder = file.path.as_deref().and_then(|path| path.rsplit_once('/')).map_or("", |(folder, _)| folder);
        let mut at = 0;
        for entry in list {
            let text = |key: &str| entry.get(key).and_then(Value::as_str);
            let source = text("source_path_from_root").or(text("source_path"));
            let (Some(source), Some(to)) = (source, text("redirect_url")) else { continue };
            // Entries come in the order of the file, so each is found after the one before.
            let span = find(bytes, at, source).unwrap_or_default();
            at = at.max(span.end as usize);
            let from = match text("source_path_from_root") {
                Some(path) => path.trim().trim_start_matches('/').to_owned(),
                None => join(folder, source.trim()),
            };
            let from = Location::of(catalog, file.tree.docset.as_deref(), &from);
            let keeps_id = entry.get("redirect_document_id").and_then(Value::as_bool).unwrap_or(false);
            self.add(catalog, &from, to.trim(), keeps_id, Some((index, span)), out);
        }
    }

    pub fn configure(&mut self, catalog: &Catalog, redirects: &[config::Redirect]) {
        for redirect in redirects {
            let from = Location::of(catalog, None, &redirect.from);
            let to = if redirect.to.contains("://") || redirect.to.starts_with('/') {
                redirect.to.clone()
            } else {
                format!("/{}", redirect.to)
            };
            self.add(catalog, &from, &to, redirect.keep_id, None, &mut Vec::new());
        }
    }

    fn add(
        &mut self,
        catalog: &Catalog,
        from: &Location,
        to: &str,
        keeps_id: bool,
        file: Option<(usize, Span)>,
        out: &mut Vec<Problem>,
    ) {
        let reference = targets::canonical(catalog, from, to);
        let (to_path, to_folder) = match reference.kind {
            Kind::Site { path, folder } => (Some(path), folder),
            _ => (None, String::new()),
        };
        let span = file.map_or(Span::default(), |(_, span)| span);
        let file = file.map(|(file, _)| file);
        let from = from.path.clone();
        // An index page redirected to its folder stays where it is.
        if to_path.as_ref() == Some(&from) {
            return;
        }
        let redirect =
            Redirect { from, to: reference.address, to_path, to_folder, fragment: reference.fragment, keeps_id, file, span };
        match self.by_path.get(&redirect.from) {
            Some(known) if known.to == redirect.to && (known.keeps_id || !keeps_id) => {}
            Some(known) if known.to != redirect.to && known.file == file => {
                out.push(
                    Problem::new(
                        Code::REDIRECT_CONFLICT,
                        span,
                        format!("`{}` redirects to `{}` and to `{}`", known.from, known.to, redirect.to),
                    )
                    .help("keep one of the two; the first is used"),
                );
            }
            _ => {
                self.by_path.insert(redirect.from.clone(), redirect);
            }
        }
    }

    /// Where a path ends up: the last redirect of its chain, or none if it is not redirected.
    pub fn follow(&self, path: &str) -> Option<&Redirect> {
        let mut at = self.by_path.get(path)?;
        // No chain on record is longer than three; a loop ends here.
        for _ in 0..16 {
            match at.to_path.as_deref().and_then(|next| self.by_path.get(next)) {
                Some(next) => at = next,
                None => break,
            }
        }
        Some(at)
    }

    /// Paths whose chain comes back to itself.
    pub fn loops(&self) -> Vec<&Redirect> {
        let returns = |redirect: &&Redirect| {
            let mut at = *redirect;
            for _ in 0..self.by_path.len() {
                match at.to_path.as_deref().and_then(|next| self.by_path.get(next)) {
                    Some(next) if next.from == redirect.from => return true,
                    Some(next) => at = next,
                    None => return false,
                }
            }
            false
        };
        self.by_path.values().filter(returns).collect()
    }
}

fn join(folder: &str, path: &str) -> String {
    let path = path.trim_start_matches("./");
    if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
}

fn find(bytes: &[u8], from: usize, text: &str) -> Option<Span> {
    let text = text.as_bytes();
    let at = bytes.get(from..)?.windows(text.len().max(1)).position(|window| window == text)? + from;
    Some(Span::new(at, at + text.len()))
}
