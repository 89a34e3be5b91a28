//! Drawings for Mermaid, which GitHub and others show in Markdown.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::page::{Proof, Standing, Stemma};
use super::product::History;
use super::rows::{self, Row};
use super::{count, text};

/// A flow chart: the source's texts from top to bottom, beside each what was made from it.
pub fn page(stemma: &Stemma, rows: &[Row<'_>]) -> String {
    let mut out = String::from("flowchart TB\n");
    let mut line = |text: String| {
        out.push_str("  ");
        out.push_str(&text);
        out.push('\n');
    };
    let numbers: BTreeMap<&str, usize> =
        stemma.sources.iter().zip(1..).map(|(source, n)| (source.text.iri.as_str(), n)).collect();
    let mut drawn = BTreeSet::new();
    let mut trunk = Vec::new();
    let mut classes: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate() {
        match row {
            Row::Text(station) => {
                let text = &station.source.text;
                let number = numbers[text.iri.as_str()];
                let id = format!("s{number}");
                if drawn.insert(number) {
                    let lines = text::lines(text, station.day()).join("\n");
                    let title = station.retitled.map(|title| format!("{title}\n"));
                    let text_lines = format!("{}{lines}", title.unwrap_or_default());
                    line(format!("{id}[\"{}\"]", label(&text_lines)));
                    let class = match text.standing {
                        Standing::Missing => Some("missing"),
                        Standing::SideBranch => Some("side"),
                        _ => text.current.then_some("current"),
                    };
                    classes.entry(class.unwrap_or_default()).or_default().push(id.clone());
                }
                trunk.push(id);
            }
            Row::Run(run) => {
                let id = format!("r{index}");
                let text = format!("{}\n{}", count(run.count, "version"), run.days());
                line(format!("{id}([\"{}\"])", label(&text)));
                trunk.push(id);
            }
        }
    }
    if trunk.len() > 1 {
        line(trunk.join(" --- "));
    }
    let made = stemma.sources.iter().flat_map(|source| {
        let number = numbers[source.text.iri.as_str()];
        source.translations.iter().map(move |made| (Some(number), made))
    });
    let made = made.chain(stemma.unsourced.iter().map(|made| (None, made)));
    for (number, (source, made)) in (1..).zip(made) {
        let id = format!("t{number}");
        let text = &made.text;
        let mut lines = vec![text.locale.clone()];
        lines.extend(text::lines(text, text.start().map(rows::day)));
        if !made.bilingual_editions.is_empty() {
            lines.push(count(made.bilingual_editions.len(), "bilingual edition"));
        }
        if text.current {
            let page = stemma.pages.iter().find(|page| page.locale == text.locale);
            lines.extend(page.and_then(|page| page.state.as_ref()).map(text::state));
            classes.entry("current").or_default().push(id.clone());
        }
        line(format!("{id}[\"{}\"]", label(&lines.join("\n"))));
        if let Some(source) = source {
            let arrow = match made.proof {
                Some(Proof::HashAndCommit | Proof::HashOnly) => "-->",
                _ => "-.->",
            };
            line(format!("s{source} {arrow}|{}| {id}", text::proof(made.proof)));
        }
    }
    for (class, style) in [
        ("current", "stroke-width:3px"),
        ("missing", "stroke-dasharray:5 4"),
        ("side", "stroke-dasharray:1 3"),
    ] {
        if let Some(ids) = classes.get(class) {
            line(format!("classDef {class} {style}"));
            line(format!("class {} {class}", ids.join(",")));
        }
    }
    out
}

/// A time line: names when they began, and what changed.
pub fn product(history: &History) -> String {
    let mut out = format!("timeline\n  title {}\n", event(&history.label));
    let mut events: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for name in history.names.iter().filter(|name| name.is_official()) {
        if let Some(start) = name.start() {
            events.entry(start).or_default().push(name.text.clone());
        }
    }
    for change in &history.changes {
        if let Some(start) = change.day() {
            let text = format!("{} ({}), {}", change.kind, change.basis, change.ends());
            events.entry(start).or_default().push(text);
        }
    }
    for (day, texts) in events {
        let texts: Vec<String> = texts.iter().map(|text| event(text)).collect();
        let _ = writeln!(out, "  {day} : {}", texts.join(" : "));
    }
    out
}

fn label(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('"', "&quot;");
    text.replace('<', "&lt;").replace('>', "&gt;").replace('\n', "<br/>")
}

/// A time line has no quotes: a colon would begin another event, a semicolon another line.
fn event(text: &str) -> String {
    text.replace('&', "and").replace([':', ';', '#', '<', '>', '"'], " ")
}
