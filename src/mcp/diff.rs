//! What changed between two days: of everything, of one product, or of one page.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Call;
use super::cite::{Citation, one_line, quoted};
use super::tool::{Refusal, Tool, day};
use crate::compare::{self, Both, Evidence, Scope, State, Witnesses};
use crate::explore::page as read;
use crate::explore::versions::{self, Kind};
use crate::lineage::page as stemma;

pub struct Diff;

#[derive(Deserialize, JsonSchema)]
pub struct Arguments {
    /// The earlier day, YYYY-MM-DD: what was published at its end
    before: String,
    /// The later day, YYYY-MM-DD
    after: String,
    /// Compare this page alone, sentence by sentence: path, file, web address or IRI
    page: Option<String>,
    /// With `page`: its language, such as nl-NL (default: what `page` says, else the source's)
    locale: Option<String>,
    /// Only changes about this product: its names, and what is stated about it; any name, or IRI
    product: Option<String>,
    /// How many changes of a kind, or sentences, to show (default 5, of a page 50; at most 200)
    limit: Option<usize>,
}

/// What is not the same on two days.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    before: String,
    after: String,
    identical: bool,
    /// How many of each sort of things there were, came, went and changed, where it differs: by
    /// metric, such as `claims-removed`
    counts: BTreeMap<String, u64>,
    changes: Vec<Changes>,
    /// What a reader of this should know
    notes: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct Changes {
    /// Such as claims-added, pages-moved; of a page sentences-added, -removed, -changed
    kind: String,
    title: String,
    /// How many there are
    total: usize,
    items: Vec<Item>,
}

#[derive(Serialize, JsonSchema)]
struct Item {
    /// What it is about
    subject: String,
    /// What changed
    text: String,
    locales: Vec<String>,
    before: Vec<Citation>,
    after: Vec<Citation>,
}

impl Tool for Diff {
    const NAME: &'static str = "diff";
    const TITLE: &'static str = "What changed between two days";
    type Arguments = Arguments;
    type Answer = Answer;

    fn about() -> String {
        "Compares what was published on two days: names, claims, regions, pages, translations, \
         links and problems, each change with evidence on both sides; or, with `page`, the \
         sentences of one page. Days matter only where the graph has dated texts or a history: \
         `lineage` of a page shows on which days its text changed."
            .to_owned()
    }

    fn answer(arguments: Arguments, call: &Call<'_>) -> Result<Answer, Refusal> {
        day(Some(&arguments.before))?;
        day(Some(&arguments.after))?;
        if arguments.before > arguments.after {
            let message = format!("{} is after {}", arguments.before, arguments.after);
            return Err(Refusal::new(message).hint("give the earlier day as `before`"));
        }
        match &arguments.page {
            Some(page) if arguments.product.is_none() => of_page(page, &arguments, call),
            Some(_) => Err(Refusal::new("`page` and `product` cannot be given together")
                .hint("give one of them")),
            None if arguments.locale.is_some() => {
                Err(Refusal::new("`locale` says which language of a page is meant")
                    .hint("give `page`, too, or leave `locale` out"))
            }
            None => of_all(&arguments, call),
        }
    }
}

fn of_all(arguments: &Arguments, call: &Call<'_>) -> Result<Answer, Refusal> {
    let product = arguments.product.as_deref().map(|text| call.product(text)).transpose()?;
    let limit = arguments.limit.unwrap_or(5).clamp(1, 200);
    let snapshot = &call.loaded.snapshot;
    let states = Both {
        before: State::of(snapshot, Some(&arguments.before))?,
        after: State::of(snapshot, Some(&arguments.after))?,
    };
    let compared = compare::compare(&states, &Scope { limit, product })?;
    let groups = compared.sections.iter().flat_map(|section| &section.groups);
    let told = |group: &compare::Group| Changes {
        kind: group.kind.to_owned(),
        title: group.title.to_owned(),
        total: group.total,
        items: group.items.iter().map(item).collect(),
    };
    let changes = groups.filter(|group| group.total > 0).map(told).collect();
    let counts = compared.metrics.rows().filter(|(_, counts)| counts.differ());
    let rows: Vec<&str> = counts.map(|(row, _)| row.name).collect();
    let is_told = |name: &str| {
        rows.iter().any(|row| name.strip_prefix(row).is_some_and(|rest| rest.starts_with('-')))
    };
    Ok(Answer {
        before: arguments.before.clone(),
        after: arguments.after.clone(),
        identical: compared.is_identical(),
        counts: compared
            .metrics
            .values()
            .filter(|(name, value)| is_told(name) && *value > 0)
            .collect(),
        changes,
        notes: compared.notes,
    })
}

fn item(item: &compare::Item) -> Item {
    Item {
        subject: item.subject.clone(),
        text: item.text.clone(),
        locales: item.locales.clone(),
        before: citations(&item.before),
        after: citations(&item.after),
    }
}

fn citations(witnesses: &Witnesses) -> Vec<Citation> {
    let citation = |evidence: &Evidence| Citation {
        file: evidence.file.clone(),
        line: evidence.line.filter(|line| *line > 0),
        quote: evidence.quote.as_deref().map(quoted),
        locale: evidence.locale.clone(),
        version: evidence.version.clone(),
        since: evidence.since.clone(),
        url: evidence.url.clone(),
        note: evidence.note.clone(),
    };
    let mut shown: Vec<Citation> = witnesses.shown.iter().map(citation).collect();
    if let (Some(last), 1..) = (shown.last_mut(), witnesses.more) {
        let more = format!("{} more places", witnesses.more);
        last.note = Some(last.note.take().map_or(more.clone(), |note| format!("{note}; {more}")));
    }
    shown
}

/// Sentences of one page.
fn of_page(page: &str, arguments: &Arguments, call: &Call<'_>) -> Result<Answer, Refusal> {
    let (document, locale) = call.document(page, arguments.locale.as_deref())?;
    let graph = call.graph();
    let limit = arguments.limit.unwrap_or(50).clamp(1, 200);
    let on = |day: &str| -> Result<_, Refusal> {
        let stemma = stemma::read(&graph, &document, None, Some(day))?;
        let (_, text) = super::page::current(&stemma, locale.as_deref(), Some(day))?;
        Ok((read::content(&graph, &text.iri)?.segments, call.text(&text.iri)?))
    };
    let (old, before) = on(&arguments.before)?;
    let (new, after) = on(&arguments.after)?;
    let kinds = [
        (Kind::Changed, "sentences-changed", "Changed sentences"),
        (Kind::Removed, "sentences-removed", "Removed sentences"),
        (Kind::Added, "sentences-added", "Added sentences"),
    ];
    let pairs = versions::compared(&old, &new);
    let mut changes = Vec::new();
    for (kind, word, title) in kinds {
        let of_kind: Vec<_> = pairs.iter().filter(|pair| pair.kind == kind).collect();
        let told = |pair: &&versions::Pair| {
            let place = |side: &Option<read::Segment>, text: &Citation| {
                let cited = |segment: &read::Segment| Citation {
                    line: Some(segment.line),
                    quote: Some(quoted(&segment.text)),
                    ..text.clone()
                };
                side.iter().map(cited).collect::<Vec<_>>()
            };
            Item {
                subject: document.strip_prefix(graph.base()).unwrap_or(&document).to_owned(),
                text: marked(pair),
                locales: before.locale.iter().cloned().collect(),
                before: place(&pair.left, &before),
                after: place(&pair.right, &after),
            }
        };
        if !of_kind.is_empty() {
            changes.push(Changes {
                kind: word.to_owned(),
                title: title.to_owned(),
                total: of_kind.len(),
                items: of_kind.iter().take(limit).map(told).collect(),
            });
        }
    }
    let is_same = before.version == after.version;
    let note = is_same.then(|| "the text is the same on both days".to_owned());
    Ok(Answer {
        before: arguments.before.clone(),
        after: arguments.after.clone(),
        identical: changes.is_empty(),
        counts: changes.iter().map(|of| (of.kind.clone(), of.total as u64)).collect(),
        changes,
        notes: note.into_iter().collect(),
    })
}

/// The words that went, and those that came; nothing of a sentence that is quite another one.
fn marked(pair: &versions::Pair) -> String {
    let (Some(left), Some(right)) = (&pair.left, &pair.right) else { return String::new() };
    let (old, new) = versions::words(&left.text, &right.text);
    let length = |words: &versions::Words, changed: bool| -> usize {
        words.iter().filter(|(is, _)| *is == changed).map(|(_, word)| word.len()).sum()
    };
    if length(&new, true).max(length(&old, true)) > length(&new, false) {
        return String::new();
    }
    let told = |what: &str, words: versions::Words| {
        let changed = words.iter().filter(|(changed, word)| *changed && !word.trim().is_empty());
        let changed: Vec<String> = changed.map(|(_, word)| format!("“{}”", quoted(word))).collect();
        (!changed.is_empty()).then(|| format!("{what} {}", changed.join(", ")))
    };
    let parts = [told("gone:", old), told("new:", new)];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// A line for each sort of things: `claims 2 → 12, 11 added, 1 removed`.
fn summary(counts: &BTreeMap<String, u64>) -> Vec<String> {
    let rows: BTreeSet<&str> =
        counts.keys().filter_map(|name| Some(name.rsplit_once('-')?.0)).collect();
    let line = |row: &str| {
        let get = |column: &str| counts.get(&format!("{row}-{column}")).copied().unwrap_or(0);
        let parts = ["added", "removed", "changed"].map(|column| (get(column), column));
        let parts = parts.iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = parts.map(|(count, what)| format!("{count} {what}")).collect();
        let ends = match (get("before"), get("after")) {
            (0, 0) => String::new(),
            (before, after) => format!("{before} → {after}, "),
        };
        format!("{row}: {ends}{}", parts.join(", "))
    };
    rows.into_iter().map(line).collect()
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.identical {
            writeln!(f, "Nothing differs between {} and {}.", self.before, self.after)?;
        } else {
            writeln!(f, "{} to {}:", self.before, self.after)?;
        }
        for line in summary(&self.counts) {
            writeln!(f, "{line}")?;
        }
        for changes in &self.changes {
            writeln!(f, "\n{} ({}):", changes.title, changes.total)?;
            for item in &changes.items {
                write!(f, "- {}", item.subject)?;
                if !item.locales.is_empty() {
                    write!(f, " [{}]", item.locales.join(", "))?;
                }
                let space = if item.text.is_empty() { "" } else { " " };
                writeln!(f, "{space}{}", one_line(&item.text))?;
                for place in &item.before {
                    writeln!(f, "    before: {place}")?;
                }
                for place in &item.after {
                    writeln!(f, "    after: {place}")?;
                }
            }
            if changes.total > changes.items.len() {
                let more = changes.total - changes.items.len();
                writeln!(f, "  {more} more: give a higher `limit`")?;
            }
        }
        for note in &self.notes {
            writeln!(f, "note: {note}")?;
        }
        Ok(())
    }
}
