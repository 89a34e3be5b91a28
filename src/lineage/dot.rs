//! Drawings for Graphviz: `dot -Tsvg`.

use std::collections::{BTreeMap, BTreeSet};

use super::page::{Proof, Standing, Stemma, Translation};
use super::product::History;
use super::rows::{self, Row};
use super::{count, tail, text};

/// What every drawing begins with.
const HEAD: &str = r#"digraph lineage {
  rankdir=LR
  newrank=true
  fontname="Helvetica"
  node [shape=box, style=rounded, fontname="Helvetica", fontsize=10]
  edge [fontname="Helvetica", fontsize=9]
"#;

pub fn page(stemma: &Stemma, rows: &[Row<'_>]) -> String {
    let mut out = HEAD.to_owned();
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    line(format!("  label={}\n  labelloc=t", quoted(&stemma.title)));
    // A text that came back stands where it first was.
    let mut drawn = BTreeSet::new();
    let mut trunk: Vec<String> = Vec::new();
    line(format!("  subgraph cluster_source {{\n    label={}", quoted(stemma.source_locale())));
    for (index, row) in rows.iter().enumerate() {
        match row {
            Row::Text(station) => {
                let text = &station.source.text;
                let id = quoted(&text.iri);
                if drawn.insert(&text.iri) {
                    let mut label = text::lines(text, station.day());
                    label.extend(station.retitled.map(str::to_owned));
                    let style = match text.standing {
                        Standing::Missing => ", style=\"rounded,dashed\"",
                        Standing::SideBranch => ", style=\"rounded,dotted\"",
                        _ if text.current => ", penwidth=2",
                        _ => "",
                    };
                    line(format!("    {id} [label={}{style}]", quoted(&label.join("\n"))));
                }
                trunk.push(id);
            }
            Row::Run(run) => {
                let id = format!("run{index}");
                let label = format!("{}\n{}", count(run.count, "version"), run.days());
                line(format!("    {id} [label={}, shape=plaintext]", quoted(&label)));
                trunk.push(id);
            }
        }
    }
    for pair in trunk.windows(2) {
        line(format!("    {} -> {} [weight=9, arrowhead=none]", pair[0], pair[1]));
    }
    line("  }".to_owned());

    let mut locales: BTreeMap<&str, Vec<&Translation>> = BTreeMap::new();
    for made in stemma.translations() {
        locales.entry(&made.text.locale).or_default().push(made);
    }
    for (number, (locale, translations)) in locales.into_iter().enumerate() {
        let page = stemma.pages.iter().find(|page| page.locale == locale);
        let state = page.and_then(|page| page.state.as_ref());
        let state = state.map_or(String::new(), |state| format!(", {}", text::state(state)));
        line(format!("  subgraph cluster_{number} {{"));
        line(format!("    label={}", quoted(&format!("{locale}{state}"))));
        for made in translations {
            let mut label = text::lines(&made.text, made.text.start().map(rows::day));
            if !made.bilingual_editions.is_empty() {
                label.push(count(made.bilingual_editions.len(), "bilingual edition"));
            }
            let style = if made.text.current { ", penwidth=2" } else { "" };
            let (id, label) = (quoted(&made.text.iri), quoted(&label.join("\n")));
            line(format!("    {id} [label={label}{style}]"));
        }
        line("  }".to_owned());
    }
    for source in &stemma.sources {
        for made in &source.translations {
            let style = match made.proof {
                Some(Proof::HashAndCommit) => "color=\"#1a7f37\"",
                Some(Proof::HashOnly) => "color=\"#1f6feb\"",
                Some(Proof::Contradicted) => "color=\"#cf222e\", style=dotted",
                _ => "color=\"#9a6700\", style=dashed",
            };
            let (from, to) = (quoted(&source.text.iri), quoted(&made.text.iri));
            let tip = quoted(text::proof(made.proof));
            line(format!("  {from} -> {to} [{style}, tooltip={tip}]"));
        }
    }
    line("}".to_owned());
    out
}

pub fn product(history: &History) -> String {
    let mut out = HEAD.to_owned();
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    line(format!("  label={}\n  labelloc=t", quoted(&history.label)));
    let mut drawn: BTreeSet<&str> = BTreeSet::new();
    for name in history.names.iter().filter(|name| name.is_official()) {
        drawn.insert(&name.text);
        let mut label = vec![name.text.clone()];
        let dates = (name.from.as_deref(), name.until.as_deref());
        if let (Some(from), until) = dates {
            label.push(format!("{from} to {}", until.unwrap_or("now")));
        }
        line(format!("  {} [label={}]", quoted(&name.text), quoted(&label.join("\n"))));
    }
    for change in &history.changes {
        let style = if change.basis == "observed" { ", style=dashed" } else { "" };
        let label = quoted(&format!("{}\n{}", change.kind, change.when()));
        let tip = quoted(&change.grounds());
        for before in &change.before {
            for after in &change.after {
                let (before, after) = (quoted(before), quoted(after));
                line(format!("  {before} -> {after} [label={label}, tooltip={tip}{style}]"));
            }
        }
    }
    let current = history.names.iter().find(|name| name.text == history.label);
    let whole = current.map_or(tail(&history.product), |name| &name.text);
    for relation in &history.relations {
        let label = quoted(&relation.label);
        let (from, to) = match relation.relation {
            "part of" => (quoted(whole), label),
            "has part" => (label, quoted(whole)),
            _ => continue,
        };
        line(format!("  {from} -> {to} [label=\"part of\", color=gray, fontcolor=gray]"));
    }
    line("}".to_owned());
    out
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}
