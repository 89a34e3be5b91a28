//! `stemma diff`: what changed between two graphs, or between two days of a history.
//!
//! What differs is found in `compare`; here it is asked for, written out, and judged by thresholds.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use super::{Failure, GraphArgs};
use crate::compare::{self, Both, Comparison, Scope, State, Threshold, metrics};
use crate::source::config::is_iso_date;
use crate::store::Snapshot;

mod html;
mod json;
mod md;
mod text;

/// Show what changed between two graphs, or between two days of a history
///
/// A and B are folders of graphs, the older first, or two days: then the texts that were published
/// at the end of each day, by the history in `--graph`. Names, claims, regions, pages,
/// translations, links and findings are compared, each with evidence on both sides.
///
/// The summary counts each sort of things `before` and `after`, and how many were `added`,
/// `removed` and, where a thing can stay what it is, `changed`: what changed is neither added nor
/// removed. A metric is the name of a row and a column, such as `claims-removed`; the metrics are
/// listed when an unknown one is named.
#[derive(Debug, clap::Args)]
pub struct DiffArgs {
    /// Folder of the older graph, or the earlier day
    #[arg(value_name = "A")]
    before: String,
    /// Folder of the newer graph, or the later day
    #[arg(value_name = "B")]
    after: String,
    #[command(flatten)]
    graph: GraphArgs,
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
    /// How many changes of a kind to show (0: all)
    #[arg(long, value_name = "N", default_value_t = 10)]
    limit: usize,
    /// Exit with 1 if this holds: a metric, an operator and a number, as in `claims-removed>0`; a
    /// number with `%` is a part of what was there before; may be given several times
    #[arg(long, value_name = "THRESHOLD")]
    fail_on: Vec<Threshold>,
    /// Exit with 1 if more than this part of the products, names, claims, statements, regions,
    /// pages or links that were there before is gone, of any one of them
    #[arg(long, value_name = "PERCENT", value_parser = metrics::percent)]
    max_deleted: Option<f64>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Form {
    /// For people, on a terminal
    Text,
    /// Markdown, for a comment or a wiki
    Md,
    /// One JSON object
    Json,
    /// A page that needs no other file
    Html,
}

/// A comparison, and what is asked of it.
struct Report {
    comparison: Comparison,
    names: Both<String>,
    thresholds: Vec<Verdict>,
}

/// A threshold that was measured.
struct Verdict {
    told: String,
    exceeded: bool,
}

impl DiffArgs {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let report = match (is_iso_date(&self.before), is_iso_date(&self.after)) {
            (true, true) => self.days()?,
            (false, false) => self.graphs()?,
            _ => {
                return Err(Failure::new("a day cannot be compared with a folder")
                    .hint("name two graphs, or two days and the history with `--graph DIR`"));
            }
        };
        let mut out = BufWriter::new(std::io::stdout().lock());
        report.write(self.format, &mut out)?;
        out.flush()?;
        let failed: Vec<&Verdict> =
            report.thresholds.iter().filter(|verdict| verdict.exceeded).collect();
        for verdict in &failed {
            eprintln!("failed: {}", verdict.told);
        }
        Ok(ExitCode::from(u8::from(!failed.is_empty())))
    }

    fn graphs(&self) -> Result<Report, Failure> {
        let before = Snapshot::open(Path::new(&self.before))?;
        let after = Snapshot::open(Path::new(&self.after))?;
        let name = |given: &str, snapshot: &Snapshot| match &snapshot.meta().modified {
            Some(day) => format!("{given} (newest date {day})"),
            None => given.to_owned(),
        };
        let names = Both { before: name(&self.before, &before), after: name(&self.after, &after) };
        let states = Both { before: State::of(&before, None)?, after: State::of(&after, None)? };
        self.report(&states, names)
    }

    fn days(&self) -> Result<Report, Failure> {
        if self.before > self.after {
            return Err(Failure::new(format!("{} is after {}", self.before, self.after))
                .hint("name the earlier day first"));
        }
        let snapshot = Snapshot::open(&self.graph.graph)?;
        let names = Both { before: self.before.clone(), after: self.after.clone() };
        let states = Both {
            before: State::of(&snapshot, Some(&self.before))?,
            after: State::of(&snapshot, Some(&self.after))?,
        };
        self.report(&states, names)
    }

    fn report(&self, states: &Both<State<'_>>, names: Both<String>) -> Result<Report, Failure> {
        let comparison = compare::compare(states, &Scope { limit: self.limit, product: None })?;
        let verdict = |threshold: &Threshold| Verdict {
            told: threshold.told(&comparison.metrics),
            exceeded: threshold.is_exceeded(&comparison.metrics),
        };
        let mut thresholds: Vec<Verdict> = self.fail_on.iter().map(verdict).collect();
        if let Some(percent) = self.max_deleted {
            let deleted: Vec<Verdict> = Threshold::max_deleted(percent)
                .map(|threshold| verdict(&threshold))
                .filter(|verdict| verdict.exceeded)
                .collect();
            if deleted.is_empty() {
                let told = format!("no more than {percent}% of anything is gone");
                thresholds.push(Verdict { told, exceeded: false });
            }
            thresholds.extend(deleted);
        }
        Ok(Report { comparison, names, thresholds })
    }
}

impl Report {
    fn write(&self, form: Form, out: &mut dyn Write) -> std::io::Result<()> {
        match form {
            Form::Text => text::write(self, out),
            Form::Md => md::write(self, out),
            Form::Json => json::write(self, out),
            Form::Html => html::write(self, out),
        }
    }

    /// Sections in which something changed, with the groups in which something did.
    fn sections(&self) -> impl Iterator<Item = (&'static str, Vec<&compare::Group>)> {
        self.comparison.sections.iter().filter_map(|section| {
            let groups: Vec<_> = section.groups.iter().filter(|group| group.total > 0).collect();
            (!groups.is_empty()).then_some((section.title, groups))
        })
    }

    /// What to say where nothing changed.
    fn nothing(&self) -> Option<&'static str> {
        self.comparison.is_identical().then_some("Nothing differs.")
    }
}

/// How much a group tells of: `12 in 8 entries`.
fn counted(group: &compare::Group) -> String {
    match group.total {
        total if total == group.counted => total.to_string(),
        1 => format!("{} in one entry", group.counted),
        total => format!("{} in {total} entries", group.counted),
    }
}

/// Where evidence stands: `path.md:38`.
fn place(evidence: &compare::Evidence) -> Option<String> {
    let file = evidence.file.as_ref()?;
    let line = evidence.line.filter(|line| *line > 0);
    Some(line.map_or(file.clone(), |line| format!("{file}:{line}")))
}

/// Which text it is: `version 577a3244ca12, since 2020-05-20`.
fn edition(evidence: &compare::Evidence) -> Option<String> {
    let version = evidence.version.as_ref().map(|version| format!("version {version}"));
    let since = evidence.since.as_ref().map(|since| match version {
        Some(_) => format!("since {since}"),
        None => since.clone(),
    });
    let parts: Vec<String> = version.into_iter().chain(since).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// A quote of at most so many characters.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most).collect();
    // Not in the middle of a word, if there are words.
    let end = kept.rfind(' ').filter(|end| *end > kept.len() / 2).unwrap_or(kept.len());
    format!("{} …", &kept[..end])
}
