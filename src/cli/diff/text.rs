//! A comparison for a terminal.

use std::io::{self, Write};

use console::style;

use super::{Report, counted, cut, edition, place};
use crate::compare::{Counts, Evidence, Item, Witnesses};

const QUOTE: usize = 220;

pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "before  {}\nafter   {}\n", report.names.before, report.names.after)?;
    table(report, out)?;
    for note in &report.comparison.notes {
        writeln!(out, "\nnote: {note}")?;
    }
    if !report.thresholds.is_empty() {
        writeln!(out)?;
    }
    for verdict in &report.thresholds {
        let word = if verdict.exceeded { style("failed").red() } else { style("passed").green() };
        writeln!(out, "{word}  {}", verdict.told)?;
    }
    if let Some(nothing) = report.nothing() {
        return writeln!(out, "\n{nothing}");
    }
    for (title, groups) in report.sections() {
        for group in groups {
            let heading = format!("{title}: {} ({})", group.title, counted(group));
            writeln!(out, "\n{}\n", style(heading).bold())?;
            for one in &group.items {
                item(one, out)?;
            }
            let more = group.total - group.items.len();
            if more > 0 {
                writeln!(out, "  … and {more} more (`--limit 0` shows all)")?;
            }
        }
    }
    Ok(())
}

fn table(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<_> = report.comparison.metrics.rows().collect();
    let width = rows.iter().map(|(row, _)| row.name.len()).max().unwrap_or(0);
    let head = format!(
        "{:width$}  {:>9} {:>9} {:>9} {:>9} {:>9}",
        "", "before", "after", "added", "removed", "changed"
    );
    writeln!(out, "{}", style(head).dim())?;
    for (row, counts) in rows {
        let Counts { before, after, added, removed, changed } = counts;
        // Where nothing happened, nothing should catch the eye.
        let cell = |count: u64| {
            let text = if count == 0 { "·".to_owned() } else { count.to_string() };
            format!("{text:>9}")
        };
        let changed = if row.changes { cell(changed) } else { String::new() };
        writeln!(
            out,
            "{:width$}  {before:>9} {after:>9} {} {} {changed:>9}  {}",
            row.name,
            cell(added),
            cell(removed),
            style(row.about).dim()
        )?;
    }
    Ok(())
}

fn item(item: &Item, out: &mut dyn Write) -> io::Result<()> {
    let locales = match item.locales.as_slice() {
        [] => String::new(),
        locales => format!(" [{}]", locales.join(", ")),
    };
    writeln!(out, "  {}{}", style(&item.subject).bold(), style(locales).dim())?;
    if !item.text.is_empty() {
        writeln!(out, "    {}", item.text)?;
    }
    side("-", &item.before, out)?;
    side("+", &item.after, out)
}

fn side(sign: &str, witnesses: &Witnesses, out: &mut dyn Write) -> io::Result<()> {
    let sign = if sign == "-" { style(sign).red() } else { style(sign).green() };
    for evidence in &witnesses.shown {
        writeln!(out, "    {sign} {}", line(evidence))?;
        if let Some(quote) = &evidence.quote {
            writeln!(out, "      “{}”", cut(quote, QUOTE))?;
        }
    }
    if witnesses.more > 0 {
        writeln!(out, "    {sign} … and {} more", witnesses.more)?;
    }
    Ok(())
}

/// Place, version and note on one line.
fn line(evidence: &Evidence) -> String {
    let edition = edition(evidence).map(|edition| style(format!("({edition})")).dim().to_string());
    let first = place(evidence).or_else(|| {
        let locale = evidence.locale.as_ref().filter(|_| evidence.note.is_some())?;
        Some(format!("{locale}:"))
    });
    let note = evidence.note.as_ref().map(|note| match place(evidence) {
        Some(_) => format!("— {note}"),
        None => note.clone(),
    });
    let url = evidence.url.clone().filter(|_| evidence.file.is_none());
    let parts: Vec<String> = [first, note, edition, url].into_iter().flatten().collect();
    parts.join(" ")
}
