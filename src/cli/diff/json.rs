//! A comparison as one JSON object.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::Report;
use crate::compare::{Evidence, Group, Item, Witnesses};

pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let metrics: Map<String, Value> =
        report.comparison.metrics.values().map(|(name, value)| (name, value.into())).collect();
    let thresholds: Vec<Value> = report
        .thresholds
        .iter()
        .map(|verdict| json!({"threshold": verdict.told, "exceeded": verdict.exceeded}))
        .collect();
    // Empty groups too: whoever reads a field should find it.
    let groups: Map<String, Value> = report
        .comparison
        .sections
        .iter()
        .flat_map(|section| &section.groups)
        .map(|of_kind| (of_kind.kind.to_owned(), group(of_kind)))
        .collect();
    let all = json!({
        "before": report.names.before,
        "after": report.names.after,
        "identical": report.comparison.is_identical(),
        "metrics": metrics,
        "thresholds": thresholds,
        "notes": report.comparison.notes,
        "changes": groups,
    });
    serde_json::to_writer_pretty(&mut *out, &all)?;
    writeln!(out)
}

fn group(group: &Group) -> Value {
    json!({
        "title": group.title,
        "counted": group.counted,
        "entries": group.total,
        "items": group.items.iter().map(item).collect::<Vec<_>>(),
    })
}

fn item(item: &Item) -> Value {
    json!({
        "subject": item.subject,
        "text": item.text,
        "locales": item.locales,
        "iris": item.things,
        "before": side(&item.before),
        "after": side(&item.after),
    })
}

fn side(witnesses: &Witnesses) -> Value {
    let shown: Vec<Value> = witnesses.shown.iter().map(evidence).collect();
    json!({"evidence": shown, "more": witnesses.more})
}

fn evidence(evidence: &Evidence) -> Value {
    let fields = [
        ("locale", evidence.locale.clone().map(Value::from)),
        ("file", evidence.file.clone().map(Value::from)),
        ("line", evidence.line.filter(|line| *line > 0).map(Value::from)),
        ("quote", evidence.quote.clone().map(Value::from)),
        ("version", evidence.version.clone().map(Value::from)),
        ("since", evidence.since.clone().map(Value::from)),
        ("url", evidence.url.clone().map(Value::from)),
        ("note", evidence.note.clone().map(Value::from)),
    ];
    let known = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(known.collect())
}
