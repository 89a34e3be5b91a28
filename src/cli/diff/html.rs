//! A comparison as a web page that needs no other file.

use std::io::{self, Write};

use super::{Report, counted, cut, edition, place};
use crate::compare::{Evidence, Item, Witnesses};

const STYLE: &str = include_str!("page.css");
const QUOTE: usize = 600;

pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let (before, after) = (escape(&report.names.before), escape(&report.names.after));
    writeln!(out, "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">")?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width\">")?;
    writeln!(out, "<meta name=\"color-scheme\" content=\"light dark\">")?;
    writeln!(out, "<title>What changed: {before} to {after}</title>\n<style>\n{STYLE}</style>")?;
    writeln!(out, "<h1>What changed</h1>\n<p>Before: {before}<br>After: {after}</p>")?;
    table(report, out)?;
    for note in &report.comparison.notes {
        writeln!(out, "<p class=\"note\">{}</p>", escape(note))?;
    }
    if !report.thresholds.is_empty() {
        writeln!(out, "<ul class=\"verdicts\">")?;
        for verdict in &report.thresholds {
            let word = if verdict.exceeded { "failed" } else { "passed" };
            let told = escape(&verdict.told);
            writeln!(out, "<li class=\"{word}\"><b>{word}</b> <code>{told}</code></li>")?;
        }
        writeln!(out, "</ul>")?;
    }
    if let Some(nothing) = report.nothing() {
        writeln!(out, "<p>{nothing}</p>")?;
    } else {
        contents(report, out)?;
    }
    for (title, groups) in report.sections() {
        writeln!(out, "<h2>{title}</h2>")?;
        for group in groups {
            let count = counted(group);
            writeln!(out, "<h3 id=\"{}\">{} ({count})</h3>", group.kind, group.title)?;
            for one in &group.items {
                item(one, out)?;
            }
            let more = group.total - group.items.len();
            if more > 0 {
                writeln!(out, "<p class=\"more\">… and {more} more</p>")?;
            }
        }
    }
    writeln!(out, "</html>")
}

fn table(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<table>\n<tr><th><th>before<th>after<th>added<th>removed<th>changed</tr>")?;
    for (row, counts) in report.comparison.metrics.rows() {
        let cell = |count: u64, class: &str| match count {
            0 => "<td class=\"zero\">0".to_owned(),
            count => format!("<td class=\"{class}\">{count}"),
        };
        let changed = if row.changes { cell(counts.changed, "changed") } else { "<td>".into() };
        writeln!(
            out,
            "<tr><th title=\"{}\">{}<td>{}<td>{}{}{}{changed}</tr>",
            escape(row.about),
            row.name,
            counts.before,
            counts.after,
            cell(counts.added, "added"),
            cell(counts.removed, "removed"),
        )?;
    }
    writeln!(out, "</table>")
}

fn contents(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<nav><ul>")?;
    for (title, groups) in report.sections() {
        let links: Vec<String> = groups
            .iter()
            .map(|group| {
                format!("<a href=\"#{}\">{}</a> {}", group.kind, group.title, group.counted)
            })
            .collect();
        writeln!(out, "<li>{title}: {}</li>", links.join(", "))?;
    }
    writeln!(out, "</ul></nav>")
}

fn item(item: &Item, out: &mut dyn Write) -> io::Result<()> {
    let locales: String =
        item.locales.iter().map(|locale| format!(" <span>{}</span>", escape(locale))).collect();
    let subject = if item.subject.contains("://") {
        link(&item.subject, &escape(&item.subject))
    } else {
        escape(&item.subject)
    };
    writeln!(out, "<article>\n<h4>{subject}{locales}</h4>")?;
    if !item.text.is_empty() {
        writeln!(out, "<p>{}</p>", escape(&item.text))?;
    }
    writeln!(out, "<div class=\"sides\">")?;
    side("before", &item.before, out)?;
    side("after", &item.after, out)?;
    writeln!(out, "</div>\n</article>")
}

fn side(word: &str, witnesses: &Witnesses, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<section class=\"{word}\"><h5>{word}</h5>")?;
    for evidence in &witnesses.shown {
        writeln!(out, "<div>{}</div>", entry(evidence))?;
    }
    if witnesses.more > 0 {
        writeln!(out, "<div class=\"more\">… and {} more</div>", witnesses.more)?;
    }
    writeln!(out, "</section>")
}

fn entry(evidence: &Evidence) -> String {
    let mut parts = Vec::new();
    match (place(evidence), &evidence.locale) {
        (Some(place), _) => {
            let code = format!("<code>{}</code>", escape(&place));
            parts.push(evidence.url.as_ref().map_or(code.clone(), |url| link(url, &code)));
        }
        (None, Some(locale)) => parts.push(escape(locale)),
        (None, None) => {}
    }
    parts.extend(edition(evidence).map(|edition| format!("<small>{}</small>", escape(&edition))));
    if let Some(note) = &evidence.note {
        let note = escape(note);
        parts.push(match &evidence.url {
            Some(url) if evidence.file.is_none() => link(url, &note),
            _ => format!("<i>{note}</i>"),
        });
    }
    let quote = evidence.quote.as_ref();
    let quote =
        quote.map(|quote| format!("<blockquote>{}</blockquote>", escape(&cut(quote, QUOTE))));
    parts.extend(quote);
    parts.join(" ")
}

/// Only to the web: an address in a page may be anything.
fn link(url: &str, label: &str) -> String {
    if url.starts_with("https://") || url.starts_with("http://") {
        format!("<a href=\"{}\">{label}</a>", escape(url))
    } else {
        label.to_owned()
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
