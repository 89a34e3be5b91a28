//! `stemma compile`: inputs to a graph, with a summary and a report of what is wrong in them.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{DataArgs, Failure};
use crate::compile::{self, Compilation, Options, Progress};
use crate::diag::render::{Format, Report};
use crate::diag::{Diagnostic, Severity};
use crate::source::File;
use crate::source::git::Selection;
use crate::store::LoadOptions;

/// Compile pages into a graph
///
/// Reads folders of Markdown and YAML pages, single files, or what a stemma.yaml names, and puts
/// the graph in place when it is whole: a reader sees the old graph or the new one. A graph of the
/// same inputs, facts and build is left as it is; remove its folder to make it anew.
#[derive(Debug, clap::Args)]
pub struct CompileArgs {
    /// Folders, files, git repositories (`repository@branch`), or a stemma.yaml
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    /// Folder to put the graph in
    #[arg(long, short, value_name = "DIR", default_value = "stemma-graph")]
    out: PathBuf,
    #[command(flatten)]
    data: DataArgs,
    /// Every version of every page, of inputs that are git repositories
    #[arg(long)]
    history: bool,
    /// The state of a day: nothing that was published after it
    #[arg(long, value_name = "DATE", value_parser = super::day)]
    as_of: Option<String>,
    /// Take every name of a product for another product, to judge what is inferred about renames
    #[arg(long)]
    without_renames: bool,
    /// How problems in the pages are reported; json and sarif go to stdout
    #[arg(long, value_enum, default_value_t = Format::Text)]
    message_format: Format,
    /// How many problems of one code the text shows (0: all)
    #[arg(long, value_name = "N", default_value_t = 5)]
    limit: usize,
    /// Exit with 1 if the pages have problems of this severity or worse
    #[arg(long, value_enum, value_name = "SEVERITY")]
    fail_on: Option<FailOn>,
    /// Threads (default: one per processor)
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Memory for loading, in megabytes
    #[arg(long, value_name = "MB")]
    load_memory: Option<usize>,
    /// Show no progress, and no problem below a warning
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Info,
}

impl CompileArgs {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let mut load = LoadOptions::default();
        if let Some(threads) = self.threads.filter(|threads| *threads > 0) {
            load.threads = threads;
            // A pool can be made once a process; commands run one a process.
            rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build_global()
                .map_err(|error| Failure::new(error.to_string()))?;
        }
        load.memory_mb = self.load_memory.unwrap_or(load.memory_mb);
        let bar = Bar::new(self.quiet);
        let selection =
            Selection { history: self.history, as_of: self.as_of, ..Selection::default() };
        let data = self.data.data;
        let options = Options {
            out: self.out.clone(),
            data,
            without_renames: self.without_renames,
            without_claims: false,
            load,
            selection,
            progress: &bar,
        };
        let started = std::time::Instant::now();
        let compilation = compile::compile(&self.inputs, &options)?;
        bar.0.finish_and_clear();
        let shown: Vec<Diagnostic> = compilation
            .diagnostics
            .iter()
            .filter(|diagnostic| !self.quiet || diagnostic.severity() <= Severity::Warning)
            .cloned()
            .collect();
        report(&shown, self.message_format, self.limit)?;
        summarize(&compilation, started.elapsed())?;
        let worst = compilation.diagnostics.iter().map(Diagnostic::severity).min();
        let limit = self.fail_on.map(|fail_on| match fail_on {
            FailOn::Error => Severity::Error,
            FailOn::Warning => Severity::Warning,
            FailOn::Info => Severity::Info,
        });
        let failed = matches!((worst, limit), (Some(worst), Some(limit)) if worst <= limit);
        Ok(ExitCode::from(u8::from(failed)))
    }
}

fn report(diagnostics: &[Diagnostic], format: Format, limit: usize) -> Result<(), Failure> {
    let sources = |shown: &str| File::read_shown(shown);
    let color = std::io::stderr().is_terminal();
    let report = Report { diagnostics, sources: &sources, per_code_limit: limit, color };
    match format {
        // What programs read is data.
        Format::Json | Format::Sarif => report.write(format, &mut std::io::stdout().lock())?,
        Format::Text | Format::Concise => report.write(format, &mut std::io::stderr().lock())?,
    }
    Ok(())
}

fn summarize(compilation: &Compilation, elapsed: std::time::Duration) -> Result<(), Failure> {
    let Compilation { summary, unchanged, .. } = compilation;
    let mut out = std::io::stderr().lock();
    let width = summary.counts.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    writeln!(out)?;
    for (name, count) in &summary.counts {
        writeln!(out, "{name:width$}  {count:>9}")?;
    }
    for (status, count) in &summary.links {
        writeln!(out, "{:width$}  {count:>9}", format!("links {}", status.name()))?;
    }
    let stages: Vec<String> = summary
        .stages
        .iter()
        .map(|(name, time)| format!("{name} {:.2} s", time.as_secs_f64()))
        .collect();
    let done = if *unchanged { "nothing has changed; looked for" } else { "compiled in" };
    writeln!(out, "\n{done} {:.2} s ({})", elapsed.as_secs_f64(), stages.join(", "))?;
    Ok(())
}

/// A bar on a terminal; nothing elsewhere.
struct Bar(ProgressBar);

impl Bar {
    fn new(quiet: bool) -> Self {
        let target =
            if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(None, target);
        let style = ProgressStyle::with_template("{prefix:8} {wide_bar} {pos}/{len}")
            .expect("the template is valid");
        bar.set_style(style);
        Self(bar)
    }
}

impl Progress for Bar {
    fn stage(&self, name: &'static str, total: u64) {
        self.0.set_prefix(name);
        self.0.set_length(total);
        self.0.set_position(0);
    }

    fn advance(&self) {
        self.0.inc(1);
    }
}
