//! SARIF 2.1.0: one run, with the rules that were broken and their pages.
//!
//! Results are written as they come, so that a report of a large corpus needs no memory for them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::{Files, Region, Report};
use crate::diag::{Code, Diagnostic, Place, Severity};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Kept in the path of an address.
const PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Value,
    column_kind: &'static str,
    results: Results<'a>,
}

pub fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let diagnostics = report.sorted();
    let mut rules: BTreeMap<Code, usize> =
        diagnostics.iter().map(|diagnostic| (diagnostic.code, 0)).collect();
    for (index, number) in rules.values_mut().enumerate() {
        *number = index;
    }
    let driver = json!({
        "name": "stemma",
        "version": env!("CARGO_PKG_VERSION"),
        "rules": rules.keys().map(|&code| rule(code)).collect::<Vec<_>>(),
    });
    let files = RefCell::new((report.files(), report.files()));
    let run = Run {
        tool: json!({ "driver": driver }),
        column_kind: "unicodeCodePoints",
        results: Results { diagnostics, rules, files },
    };
    serde_json::to_writer_pretty(
        &mut *out,
        &Log { schema: SCHEMA, version: "2.1.0", runs: [run] },
    )?;
    writeln!(out)
}

fn rule(code: Code) -> Value {
    let summary =
        code.page().split("\n\n").nth(1).expect("below its title, a page says what is wrong");
    let tags: Vec<_> = [Some(code.class()), code.issue_type()].into_iter().flatten().collect();
    json!({
        "id": code.name(),
        "shortDescription": { "text": code.title() },
        "fullDescription": { "text": summary },
        "help": { "text": code.page(), "markdown": code.page() },
        "defaultConfiguration": { "level": level(code.severity()) },
        "properties": { "tags": tags },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

struct Results<'a> {
    diagnostics: Vec<&'a Diagnostic>,
    rules: BTreeMap<Code, usize>,
    /// Of the results, and of their notes.
    files: RefCell<(Files<'a>, Files<'a>)>,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.diagnostics.iter().map(|diagnostic| self.result(diagnostic)))
    }
}

impl Results<'_> {
    fn result(&self, diagnostic: &Diagnostic) -> Value {
        let (files, noted) = &mut *self.files.borrow_mut();
        let mut result = json!({
            "ruleId": diagnostic.code.name(),
            "ruleIndex": self.rules[&diagnostic.code],
            "level": level(diagnostic.severity()),
            "message": { "text": message(diagnostic) },
        });
        if let Some(place) = &diagnostic.at {
            let region = files.region(place);
            result["locations"] = json!([{ "physicalLocation": location(place, region) }]);
            if let (Some(repair), Some(region)) = (&diagnostic.repair, region) {
                result["fixes"] = json!([fix(place, region, repair)]);
            }
        }
        if !diagnostic.notes.is_empty() {
            let related = diagnostic.notes.iter().enumerate().map(|(id, (place, text))| {
                let region = noted.region(place);
                json!({ "id": id, "message": { "text": text }, "physicalLocation": location(place, region) })
            });
            result["relatedLocations"] = related.collect();
        }
        result
    }
}

/// The first line is what narrow views show, so help goes below it.
fn message(diagnostic: &Diagnostic) -> String {
    let help = diagnostic.help.iter().map(|order| format!("\nhelp: {order}"));
    std::iter::once(diagnostic.message.clone()).chain(help).collect()
}

fn location(place: &Place, region: Option<Region>) -> Value {
    let mut location = json!({ "artifactLocation": { "uri": uri(&place.file) } });
    if !place.is_whole_file() {
        let mut at = region.map_or_else(|| json!({ "startLine": place.line }), text_region);
        at["byteOffset"] = place.span.start.into();
        at["byteLength"] = place.span.len().into();
        location["region"] = at;
    }
    location
}

fn text_region(Region { start, end }: Region) -> Value {
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

/// A text replaces a region of text: with bytes in the region, it would have to be bytes, too.
fn fix(place: &Place, region: Region, repair: &str) -> Value {
    let replacement =
        json!({ "deletedRegion": text_region(region), "insertedContent": { "text": repair } });
    json!({
        "artifactChanges": [{
            "artifactLocation": { "uri": uri(&place.file) },
            "replacements": [replacement],
        }],
    })
}

/// Paths are relative to where stemma ran, unless they are absolute.
fn uri(path: &str) -> String {
    let scheme = if path.starts_with('/') { "file://" } else { "" };
    format!("{scheme}{}", utf8_percent_encode(path, PATH))
}
