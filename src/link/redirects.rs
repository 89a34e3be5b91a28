//! `.openpublishing.redirection.json` and the redirects of `stemma.yaml`, as one relation of paths.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::catalog::Catalog;
use crate::diag::{Code, Problem};
use crate::link::targets::{self, Kind, Location};
use crate::source::{File, Role, Span, config, json};

/// Who redirects, in the order of precedence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Authority {
    Configuration,
    SourceLocale,
    Locale(String),
}

impl Authority {
    fn of(catalog: &Catalog, file: &File) -> Self {
        let tree = &file.tree;
        match (&tree.locale, tree.role) {
            (None, _) | (_, Some(Role::Source)) => Self::SourceLocale,
            (Some(locale), None) if *locale == catalog.urls.source_locale => Self::SourceLocale,
            (Some(locale), _) => Self::Locale(locale.clone()),
        }
    }
}

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
    /// Who says so, and how many redirects were read before.
    pub order: (Authority, usize),
    /// Index of the file that says so, and where in it; none for the configuration.
    pub file: Option<usize>,
    pub span: Span,
}

/// Where a chain of redirects leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End<'a> {
    /// Where its last redirect leads.
    At(&'a Redirect),
    /// Round and round.
    Loop,
}

/// All redirects, by where they lead from.
#[derive(Clone, Debug, Default)]
pub struct Redirects {
    pub by_path: BTreeMap<String, Redirect>,
    /// How many were read.
    read: usize,
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
        if file.base_name() == config::FILE_NAME {
            return;
        }
        let parsed = json::read(bytes);
        for repair in &parsed.repairs {
            let span = Span { start: repair.offset, end: repair.offset };
            out.push(
                Problem::new(
                    Code::CONFIG_INVALID,
                    span,
                    format!("not valid JSON: {}", repair.what),
                )
                .help("other readers will lose the whole file: correct it"),
            );
        }
        let Some(list) = parsed.value.get("redirections").and_then(Value::as_array) else { return };
        let folder = file
            .path
            .as_deref()
            .and_then(|path| path.rsplit_once('/'))
            .map_or("", |(folder, _)| folder);
        for (number, entry) in list.iter().enumerate() {
            let text = |key: &str| entry.get(key).and_then(Value::as_str);
            let rooted =
                text("source_path_from_root").map(|source| ("source_path_from_root", source));
            let source = rooted.or_else(|| Some(("source_path", text("source_path")?)));
            let (Some((key, source)), Some(to)) = (source, text("redirect_url")) else { continue };
            let span = parsed.span(&format!("/redirections/{number}/{key}")).unwrap_or_default();
            let from = match rooted {
                Some(_) => source.trim().trim_start_matches('/').to_owned(),
                None => join(folder, source.trim()),
            };
            let from = Location::of(catalog, file.tree.docset.as_deref(), &from);
            let keeps_id =
                entry.get("redirect_document_id").and_then(Value::as_bool).unwrap_or(false);
            self.add(
                catalog,
                &from,
                to.trim(),
                keeps_id,
                Authority::of(catalog, file),
                Some((index, span)),
                out,
            );
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
            self.add(
                catalog,
                &from,
                &to,
                redirect.keep_id,
                Authority::Configuration,
                None,
                &mut Vec::new(),
            );
        }
    }

    /// The first redirect of a path stays, unless a higher authority has another.
    #[expect(clippy::too_many_arguments, reason = "a redirect's parts, each used once")]
    fn add(
        &mut self,
        catalog: &Catalog,
        from: &Location,
        to: &str,
        keeps_id: bool,
        authority: Authority,
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
        // A folder and its index page have one address: that is no way from one to the other.
        let is_folder = |folder: &str| folder == from.path;
        let own_folder = from.base.rsplit_once('/').map_or("", |(folder, _)| folder);
        if to_path.as_ref() == Some(&from.path) && (is_folder(own_folder) || is_folder(&to_folder))
        {
            return;
        }
        self.read += 1;
        let order = (authority, self.read);
        let redirect = Redirect {
            from: from.path.clone(),
            to: reference.address,
            to_path,
            to_folder,
            fragment: reference.fragment,
            keeps_id,
            order,
            file,
            span,
        };
        let Some(known) = self.by_path.get(&redirect.from) else {
            self.by_path.insert(redirect.from.clone(), redirect);
            return;
        };
        if known.to != redirect.to && known.order.0 == redirect.order.0 {
            let message =
                format!("`{}` redirects to `{}` and to `{}`", known.from, known.to, redirect.to);
            let problem = Problem::new(Code::REDIRECT_CONFLICT, span, message);
            out.push(problem.help("keep one of the two; the first is used"));
        }
        if redirect.order < known.order {
            self.by_path.insert(redirect.from.clone(), redirect);
        }
    }

    /// Where a path ends up; none if it is not redirected.
    pub fn follow(&self, path: &str) -> Option<End<'_>> {
        let mut at = self.by_path.get(path)?;
        let mut seen = BTreeSet::new();
        while seen.insert(&at.from) {
            match self.next(at) {
                Some(next) => at = next,
                None => return Some(End::At(at)),
            }
        }
        Some(End::Loop)
    }

    fn next(&self, redirect: &Redirect) -> Option<&Redirect> {
        self.by_path.get(redirect.to_path.as_deref()?)
    }

    /// Redirects that lead somewhere: all but those on a loop.
    pub fn leading(&self) -> impl Iterator<Item = &Redirect> {
        let on_loop = self.on_loop();
        self.by_path.values().filter(move |redirect| !on_loop.contains(redirect.from.as_str()))
    }

    /// Redirects whose chain comes back to themselves.
    pub fn loops(&self) -> Vec<&Redirect> {
        let on_loop = self.on_loop();
        self.by_path.values().filter(|redirect| on_loop.contains(redirect.from.as_str())).collect()
    }

    fn on_loop(&self) -> BTreeSet<&str> {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        let mut on_loop: BTreeSet<&str> = BTreeSet::new();
        for (walk, start) in self.by_path.values().enumerate() {
            let mut next = Some(start);
            while let Some(at) = next {
                // What an earlier walk saw is settled; what this one sees again is on a loop.
                let goes_on = match seen.insert(&at.from, walk) {
                    None => true,
                    Some(last) => last == walk && on_loop.insert(&at.from),
                };
                if !goes_on {
                    break;
                }
                next = self.next(at);
            }
        }
        on_loop
    }
}

fn join(folder: &str, path: &str) -> String {
    let path = path.trim_start_matches("./");
    if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
}
