//! Finds what there is by its names, paths and titles.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Call;
use super::cite::{one_line, quoted};
use super::tool::{Refusal, Tool};
use crate::explore::search::{self, Kind};
use crate::vocab::stm;

pub struct Search;

#[derive(Deserialize, JsonSchema)]
pub struct Arguments {
    /// A name or some words of it, in any language and any time; a page's title; a part of a path.
    /// Case and accents do not matter
    query: String,
    /// Look only for these (default: all)
    kind: Option<Sort>,
    /// How many to show (default 10, at most 50)
    limit: Option<usize>,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Sort {
    Product,
    Place,
    Page,
    Path,
}

/// What is called so, the best match first.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    query: String,
    /// How many things match
    total: usize,
    found: Vec<Found>,
}

#[derive(Serialize, JsonSchema)]
struct Found {
    /// product, place, page or path (a document in all its languages)
    kind: &'static str,
    /// The name, title or path that matched
    name: String,
    /// What tells it from others: whose former name it is, locale and path of a page
    note: String,
    iri: String,
    /// Of a page: the file of its current text
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// The tool that tells more, and its argument
    next: String,
}

impl Tool for Search {
    const NAME: &'static str = "search";
    const TITLE: &'static str = "Find products, places and pages";
    type Arguments = Arguments;
    type Answer = Answer;

    fn about() -> String {
        "Finds products (under any name they ever had, in any language), places, pages by title, \
         and documents by path. Call it first when it is not clear what a name means. It looks at \
         names and titles only: for what pages say, use `claims` or `query`."
            .to_owned()
    }

    fn answer(arguments: Arguments, call: &Call<'_>) -> Result<Answer, Refusal> {
        let kind = arguments.kind.map(|kind| match kind {
            Sort::Product => Kind::Product,
            Sort::Place => Kind::Place,
            Sort::Page => Kind::Page,
            Sort::Path => Kind::Document,
        });
        let limit = arguments.limit.unwrap_or(10).clamp(1, 50);
        let (entries, total) = search::search(call.index(), &arguments.query, kind, limit);
        let mut found = Vec::new();
        for entry in entries {
            let iri = call.short(&entry.iri);
            let (tool, argument) = match entry.kind {
                Kind::Product => ("product", "product"),
                Kind::Place => ("claims", "place"),
                Kind::Page | Kind::Document => ("page", "page"),
            };
            let current =
                call.index().pages.get(&entry.iri).and_then(|page| page.current.as_deref());
            let file = match current {
                Some(version) => call.graph().value(version, stm::FILE)?,
                None => None,
            };
            found.push(Found {
                kind: entry.kind.word(),
                name: one_line(&entry.name),
                note: one_line(&entry.note),
                next: format!("{tool} {argument}={iri}"),
                iri,
                file,
            });
        }
        Ok(Answer { query: quoted(&arguments.query), total, found })
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.found.is_empty() {
            return write!(
                f,
                "Nothing is called “{}”.\nnext: try fewer or other words; `query` with \
                 name=things-by-class shows what is in the graph",
                self.query
            );
        }
        for found in &self.found {
            let note = if found.note.is_empty() { "" } else { " · " };
            writeln!(f, "{}: {}{note}{}", found.kind, found.name, found.note)?;
            writeln!(f, "  {}", found.next)?;
        }
        match self.total - self.found.len() {
            0 => Ok(()),
            more => write!(f, "{more} more: narrow the words, or give a higher `limit`"),
        }
    }
}
