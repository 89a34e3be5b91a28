//! A comparison as Markdown.

use std::io::{self, Write};

use super::{Report, counted, cut, edition, place};
use crate::compare::{Evidence, Witnesses};

const QUOTE: usize = 320;

pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let (before, after) = (escape(&report.names.before), escape(&report.names.after));
    writeln!(out, "# What changed\n\nBefore: {before}  \nAfter: {after}\n")?;
    writeln!(out, "| | before | after | added | removed | changed |")?;
    writeln!(out, "|:---|---:|---:|---:|---:|---:|")?;
    for (row, counts) in report.comparison.metrics.rows() {
        let cell = |count: u64| if count == 0 { "0".into() } else { format!("**{count}**") };
        let changed = if row.changes { cell(counts.changed) } else { String::new() };
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {changed} |",
            row.name,
            counts.before,
            counts.after,
            cell(counts.added),
            cell(counts.removed)
        )?;
    }
    for note in &report.comparison.notes {
        writeln!(out, "\n> {}", escape(note))?;
    }
    if !report.thresholds.is_empty() {
        writeln!(out)?;
    }
    for verdict in &report.thresholds {
        let word = if verdict.exceeded { "**failed**" } else { "passed" };
        writeln!(out, "- {word} `{}`", verdict.told)?;
    }
    if let Some(nothing) = report.nothing() {
        return writeln!(out, "\n{nothing}");
    }
    for (title, groups) in report.sections() {
        writeln!(out, "\n## {title}")?;
        for group in groups {
            writeln!(out, "\n### {} ({})\n", group.title, counted(group))?;
            for item in &group.items {
                let locales = match item.locales.as_slice() {
                    [] => String::new(),
                    locales => format!(" ({})", locales.join(", ")),
                };
                let text = escape(&item.text);
                let colon = if text.is_empty() { "" } else { ": " };
                writeln!(out, "- **{}**{locales}{colon}{text}", escape(&item.subject))?;
                side("before", &item.before, out)?;
                side("after", &item.after, out)?;
            }
            let more = group.total - group.items.len();
            if more > 0 {
                writeln!(out, "- … and {more} more")?;
            }
        }
    }
    Ok(())
}

fn side(word: &str, witnesses: &Witnesses, out: &mut dyn Write) -> io::Result<()> {
    for evidence in &witnesses.shown {
        writeln!(out, "  - {word}: {}", line(evidence))?;
    }
    if witnesses.more > 0 {
        writeln!(out, "  - {word}: … and {} more", witnesses.more)?;
    }
    Ok(())
}

fn line(evidence: &Evidence) -> String {
    let mut parts = Vec::new();
    match (place(evidence), &evidence.locale) {
        (Some(place), _) => parts.push(format!("`{place}`")),
        (None, Some(locale)) => parts.push(locale.clone()),
        (None, None) => {}
    }
    parts.extend(edition(evidence).map(|edition| format!("({edition})")));
    if let Some(note) = &evidence.note {
        parts.push(match &evidence.url {
            Some(url) if evidence.file.is_none() => format!("[{}]({url})", escape(note)),
            _ => escape(note),
        });
    }
    parts.extend(evidence.quote.as_ref().map(|quote| format!("“{}”", escape(&cut(quote, QUOTE)))));
    parts.join(" ")
}

/// What would be markup stays text.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if "\\`*_[]<>|#".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
