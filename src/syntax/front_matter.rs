//! The YAML header of a page, key by key with places; and pages that are YAML altogether.
//!
//! libyaml, which docfx reads with, judges whether a header is valid. What is said in it is read by
//! `yaml`, which goes on where libyaml stops: a page with a broken header still has a title and a source.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::de::IgnoredAny;

use crate::diag::{Code, Problem};
use crate::model::{Entry, Origin, Piece, Value};
use crate::source::Span;
use crate::syntax::View;

mod dates;
mod header;
mod yaml;

pub use dates::iso_date;
use yaml::{Member, Node, Scalar};

/// The header of a Markdown page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrontMatter {
    /// In the order of the file; of a key that is given twice, the first.
    pub entries: Vec<Entry>,
    /// Recovered even from a header that is no YAML.
    pub title: Option<Value>,
    /// Where the body begins, in the text of the view.
    pub body: usize,
}

/// One string of a YAML page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlText {
    /// From the root: `sections[0].questions[1].answer`.
    pub path: String,
    /// Without the blanks and line ends behind it.
    pub text: String,
    /// Where each stretch of `text` stands in the file.
    pub pieces: Vec<Piece>,
    /// As written, without quotes.
    pub span: Span,
}

/// Reads the header of a Markdown page. A page need not have one.
pub fn read(view: &View, out: &mut Vec<Problem>) -> FrontMatter {
    let conflict = report_conflicts(view, out);
    let Some(header) = header::find(&view.text) else { return FrontMatter::default() };
    header.report(view, out);
    let verdict = judge(&view.text[header.yaml.clone()]);
    let members = yaml::header(view, header.yaml.clone(), verdict.is_err());
    // The markers of a conflict make keys double and lines strange: one report is enough.
    if !conflict.is_some_and(|at| header.yaml.contains(&at)) {
        report_members(view, &members, out);
        if let Err(error) = verdict {
            report_refusal(view, &header.yaml, &members, &error, out);
        }
    }
    let entries = entries(view, &members);
    dates::report(&entries, out);
    let title = title(&entries).or_else(|| stray_title(view, &header.yaml));
    FrontMatter { entries, title, body: header.body }
}

/// The `metadata:` of a page in YAML, and every string outside it.
pub fn yaml_page(view: &View, out: &mut Vec<Problem>) -> (Vec<Entry>, Vec<YamlText>) {
    let conflict = report_conflicts(view, out);
    let verdict = judge(&view.text);
    let root = yaml::document(view, verdict.is_err());
    if let Err(error) = verdict
        && conflict.is_none()
    {
        let at = error.place(&view.text);
        out.push(
            Problem::new(
                Code::FRONT_MATTER_INVALID,
                view.file_span(at),
                format!("the page is not valid YAML: {}", error.reason),
            )
            .help("correct the page: docfx refuses all of it"),
        );
    }
    let (mut metadata, mut texts) = (Vec::new(), Vec::new());
    if let Node::Map(members) = &root {
        if conflict.is_none() {
            report_duplicates(view, members, out);
        }
        for member in members {
            match &member.value {
                Node::Map(inner) if member.key == "metadata" => metadata = entries(view, inner),
                value => collect_texts(view, &member.key, value, &mut texts),
            }
        }
    } else {
        collect_texts(view, "", &root, &mut texts);
    }
    dates::report(&metadata, out);
    (metadata, texts)
}

fn collect_texts(view: &View, path: &str, node: &Node, texts: &mut Vec<YamlText>) {
    match node {
        Node::Empty => {}
        Node::Scalar(scalar) => {
            let text = scalar.view.text.trim_end();
            texts.push(YamlText {
                path: path.to_owned(),
                pieces: scalar.view.pieces_in(0..text.len()).collect(),
                text: text.to_owned(),
                span: view.file_span(scalar.inner.clone()),
            });
        }
        Node::List(items) => {
            for (i, item) in items.iter().enumerate() {
                collect_texts(view, &format!("{path}[{i}]"), item, texts);
            }
        }
        Node::Map(members) => {
            for member in members {
                let path = if path.is_empty() {
                    member.key.clone()
                } else {
                    format!("{path}.{}", member.key)
                };
                collect_texts(view, &path, &member.value, texts);
            }
        }
    }
}

/// Keys with their values, maps flattened to `outer.inner`; a key that comes again is left out.
fn entries(view: &View, members: &[Member]) -> Vec<Entry> {
    let mut entries = Vec::new();
    collect_entries(view, "", members, &mut entries);
    entries
}

fn collect_entries(view: &View, outer: &str, members: &[Member], entries: &mut Vec<Entry>) {
    let mut seen = BTreeSet::new();
    for member in members.iter().filter(|member| seen.insert(&member.key)) {
        let key = format!("{outer}{}", member.key);
        if let Node::Map(inner) = &member.value {
            collect_entries(view, &format!("{key}."), inner, entries);
            continue;
        }
        let mut values = Vec::new();
        let mut maps = Vec::new();
        collect_values(view, &member.value, &mut values, &mut maps);
        entries.push(Entry {
            key: key.clone(),
            key_span: view.file_span(member.key_range.clone()),
            values,
        });
        for map in maps {
            collect_entries(view, &format!("{key}."), map, entries);
        }
    }
}

fn collect_values<'a>(
    view: &View,
    node: &'a Node,
    values: &mut Vec<Value>,
    maps: &mut Vec<&'a [Member]>,
) {
    match node {
        Node::Empty => {}
        Node::Scalar(scalar) => values.extend(value(view, scalar)),
        Node::List(items) => items.iter().for_each(|item| collect_values(view, item, values, maps)),
        Node::Map(members) => maps.push(members),
    }
}

/// What a scalar says; nothing if it says that there is nothing.
fn value(view: &View, scalar: &Scalar) -> Option<Value> {
    let is_plain = scalar.range == scalar.inner;
    let is_nothing = scalar.view.text.is_empty()
        || is_plain && matches!(scalar.view.text.as_str(), "~" | "null");
    (!is_nothing).then(|| Value {
        text: scalar.view.text.clone(),
        span: view.file_span(scalar.inner.clone()),
    })
}

fn title(entries: &[Entry]) -> Option<Value> {
    let entry = entries.iter().find(|entry| entry.key.eq_ignore_ascii_case("title"))?;
    entry.values.first().filter(|title| !title.text.trim().is_empty()).cloned()
}

/// `title:` in the middle of a line, as when a translation pipeline took the header for prose.
fn stray_title(view: &View, yaml: &Range<usize>) -> Option<Value> {
    let text = &view.text[yaml.clone()];
    let start = yaml.start + text.find("title:")? + "title:".len();
    let line = view.text[start..yaml.end].split(['\n', '\r', '<']).next()?;
    let start = start + line.len() - line.trim_start().len();
    let line = line.trim();
    let (start, title) = match line.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
        Some((quoted, _)) => (start + 1, quoted),
        None => {
            // Without quotes the next key ends it.
            let next = line.find(": ").map(|colon| line[..colon].rfind(' ').unwrap_or(colon));
            (start, line[..next.unwrap_or(line.len())].trim_end())
        }
    };
    let span = view.file_span(start..start + title.len());
    (!title.is_empty()).then(|| Value { text: title.to_owned(), span })
}

/// Why libyaml refuses a text.
#[derive(Debug)]
struct Refusal {
    reason: String,
    /// In characters from the start of the text, as libyaml counts.
    index: Option<usize>,
}

impl Refusal {
    /// The rest of the line in which libyaml stopped.
    fn place(&self, text: &str) -> Range<usize> {
        let at = self
            .index
            .and_then(|index| text.char_indices().nth(index))
            .map_or(text.trim_end().len(), |(at, _)| at);
        let line = text[at..].split(['\n', '\r']).next().unwrap_or("");
        at..at + line.trim_end().len()
    }
}

/// Asks libyaml.
fn judge(text: &str) -> Result<(), Refusal> {
    match serde_yaml::from_str::<IgnoredAny>(text) {
        Ok(_) => Ok(()),
        Err(_) if text.trim().is_empty() => Ok(()),
        Err(error) => {
            let message = error.to_string();
            // The place is shown by other means, and what was being read there helps nobody.
            let reason =
                message.split(" at line ").next().unwrap_or_default().split(", while ").next();
            Err(Refusal {
                reason: reason.unwrap_or_default().to_owned(),
                index: error.location().map(|location| location.index()),
            })
        }
    }
}

/// What is wrong with keys as such, whatever libyaml says.
fn report_members(view: &View, members: &[Member], out: &mut Vec<Problem>) {
    for member in members.iter().filter(|member| !member.spaced) {
        let colon = member.key_range.end;
        out.push(
            Problem::new(
                Code::MISSING_SPACE_AFTER_COLON,
                view.file_span(member.key_range.start..colon + 1),
                format!("a blank is missing after `{}:`", member.key),
            )
            .help(format!("write `{}: `", member.key))
            .repair(format!("{}: ", member.key)),
        );
    }
    report_duplicates(view, members, out);
}

fn report_duplicates(view: &View, members: &[Member], out: &mut Vec<Problem>) {
    let mut seen = BTreeSet::new();
    for member in members {
        if !seen.insert(member.key.as_str()) {
            out.push(
                Problem::new(
                    Code::DUPLICATE_KEY,
                    view.file_span(member.key_range.clone()),
                    format!(
                        "`{}` is given twice; docfx refuses the page, here the first is taken",
                        member.key
                    ),
                )
                .help(format!("remove one of the two lines `{}:`", member.key)),
            );
        }
        report_inner_duplicates(view, &member.value, out);
    }
}

fn report_inner_duplicates(view: &View, node: &Node, out: &mut Vec<Problem>) {
    match node {
        Node::Map(members) => report_duplicates(view, members, out),
        Node::List(items) => items.iter().for_each(|item| report_inner_duplicates(view, item, out)),
        Node::Scalar(_) | Node::Empty => {}
    }
}

/// Says which keys make libyaml refuse a header, by asking about each alone.
fn report_refusal(
    view: &View,
    yaml: &Range<usize>,
    members: &[Member],
    whole: &Refusal,
    out: &mut Vec<Problem>,
) {
    let before = out.len();
    for member in members {
        if let (Some(first), Some(last)) = (member.strays.first(), member.strays.last()) {
            let message = format!(
                "`{}` is neither a key nor part of a value",
                shortened(&view.text[first.clone()])
            );
            out.push(
                Problem::new(
                    Code::FRONT_MATTER_INVALID,
                    view.file_span(first.start..last.end),
                    message,
                )
                .help("give it a key, or remove the line"),
            );
        }
        if member.strays.is_empty()
            && member.spaced
            && let Err(refusal) = judge(&view.text[member.range.clone()])
        {
            out.push(refused_member(view, member, &refusal));
        }
    }
    let explained = out.len() > before || members.iter().any(|member| !member.spaced);
    if !explained {
        let text = &view.text[yaml.clone()];
        let at = whole.place(text);
        let message = format!("the header is not valid YAML: {}", whole.reason);
        out.push(
            Problem::new(
                Code::FRONT_MATTER_INVALID,
                view.file_span(yaml.start + at.start..yaml.start + at.end),
                message,
            )
            .help("write one `key: value` on each line"),
        );
    }
}

fn refused_member(view: &View, member: &Member, refusal: &Refusal) -> Problem {
    let message = format!("the value of `{}` is not valid YAML: {}", member.key, refusal.reason);
    let Node::Scalar(scalar) = &member.value else {
        let at = member.key_range.clone();
        return Problem::new(Code::FRONT_MATTER_INVALID, view.file_span(at), message)
            .help("correct the value");
    };
    let problem =
        Problem::new(Code::FRONT_MATTER_INVALID, view.file_span(scalar.range.clone()), message);
    let inner = scalar.view.text.trim_matches('"');
    let quoted = format!("'{}'", inner.replace('\'', "''"));
    // What quotes can mend is mended with quotes; the rest is for a person.
    if judge(&format!("x: {quoted}")).is_ok() && !inner.contains(['\n', '\r']) {
        problem.help(format!("put the value in quotes: `{}`", shortened(&quoted))).repair(quoted)
    } else {
        problem.help("put the value in quotes")
    }
}

fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{}…", text[..cut].trim_end()),
        None => text.to_owned(),
    }
}

/// Reports what a merge left in a page, once; returns where the first marker is.
fn report_conflicts(view: &View, out: &mut Vec<Problem>) -> Option<usize> {
    let text = &view.text;
    let first = find_line(text, 0, b"<<<<<<< ")?;
    let last = find_line(text, first, b">>>>>>> ")?;
    let (mut count, mut at) = (1, first + 1);
    while let Some(next) = find_line(text, at, b"<<<<<<< ")
        .filter(|next| *next < last || find_line(text, *next, b">>>>>>> ").is_some())
    {
        count += 1;
        at = next + 1;
    }
    let end = first + text[first..].split(['\n', '\r']).next().unwrap_or("").trim_end().len();
    let message = match count {
        1 => "a merge conflict was left in the page".to_owned(),
        count => format!("{count} merge conflicts were left in the page"),
    };
    out.push(
        Problem::new(Code::MERGE_CONFLICT, view.file_span(first..end), message)
            .help("decide for one side, and remove the markers `<<<<<<<`, `=======` and `>>>>>>>`"),
    );
    Some(first)
}

/// A line that begins with a marker of seven equal bytes and a blank.
fn find_line(text: &str, from: usize, marker: &[u8; 8]) -> Option<usize> {
    let bytes = text.as_bytes();
    // Seven in a row cannot hide between every seventh byte.
    let hits = (from..bytes.len()).step_by(7).filter(|&i| bytes[i] == marker[0]);
    hits.map(|i| {
        let run = bytes[from..i].iter().rev().take_while(|byte| **byte == marker[0]).count();
        i - run
    })
    .find(|&start| {
        bytes[start..].starts_with(marker)
            && (start == 0 || matches!(bytes[start - 1], b'\n' | b'\r'))
    })
}

/// What a page says of the text that it was translated from.
pub fn origin(entries: &[Entry], out: &mut Vec<Problem>) -> Origin {
    let value = |key: &str| {
        let entry = entries.iter().find(|entry| entry.key.eq_ignore_ascii_case(key))?;
        entry.values.first().map(|value| (value.text.trim(), value.span))
    };
    let mut origin = Origin::default();
    if let Some((hash, span)) = value("ms.openlocfilehash") {
        origin.hash_span = span;
        if hash.len() == 40 && is_hex(hash) {
            origin.source_hash = Some(hash.to_ascii_lowercase());
        } else {
            out.push(
                Problem::new(
                    Code::FRONT_MATTER_INVALID,
                    span,
                    format!("`{hash}` is no SHA-1: it should be 40 hex digits"),
                )
                .help("restore the value that the translation pipeline wrote"),
            );
        }
    }
    if let Some((commit, span)) = value("ms.sourcegitcommit") {
        if (7..=40).contains(&commit.len()) && is_hex(commit) {
            origin.source_commit = Some(commit.to_ascii_lowercase());
        } else {
            out.push(
                Problem::new(
                    Code::FRONT_MATTER_INVALID,
                    span,
                    format!("`{commit}` is no git commit: it should be 7 to 40 hex digits"),
                )
                .help("restore the value that the translation pipeline wrote"),
            );
        }
    }
    origin.handoff = value("ms.lasthandoff").and_then(|(date, _)| iso_date(date));
    origin.method = value("ms.translationtype").map(|(method, _)| method.to_ascii_uppercase());
    origin.file_id = value("ms.locfileid").map(|(id, _)| id.to_owned());
    origin
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests;
