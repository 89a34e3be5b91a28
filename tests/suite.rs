//! Runs the pages of `tests/suite`: every heading with an expectation is a test.
//!
//! A path in backticks and a colon before a fence names an input file, or a repository if the fence
//! is `git`. Fences without a path say
//! what must hold: `ttl` (a pattern that the graph has), `not-ttl` (one that it has not), `count`
//! (how many things of a class), `query NAME k=v` (its rows as CSV), `diagnostics` (all of them, in
//! the short form); or, alone, `error` (why there is no graph). `UPDATE_EXPECT=1` rewrites `query`,
//! `diagnostics` and `error` fences.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use libtest_mimic::{Arguments, Failed, Trial};
use stemma::compile::{self, Compilation, Options};
use stemma::store::{Answer, LoadOptions, Snapshot};

#[path = "suite/page.rs"]
mod page;
use page::{Expectation, Page, Test};

fn main() {
    let arguments = Arguments::from_args();
    let root = Path::new("tests/suite");
    let mut trials = Vec::new();
    for path in markdown_files(root) {
        let text = fs::read_to_string(&path).expect("a page of the suite can be read");
        let name = path.strip_prefix(root).expect("pages are below the root").with_extension("");
        for test in Page::read(&text).tests {
            let title = format!("{}: {}", name.display(), test.title);
            let path = path.clone();
            trials.push(Trial::test(title, move || run(&path, &test)));
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn markdown_files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.expect("the suite can be listed").into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    files.sort();
    files
}

fn run(page: &Path, test: &Test) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let input = folder.path().join("input");
    test.write(&input)?;
    let out = folder.path().join("graph");
    let options =
        Options { load: LoadOptions { threads: 1, memory_mb: 16 }, ..Options::new(out.clone()) };
    let compiled = compile::compile(std::slice::from_ref(&input), &options);
    if let [expected] = test.expectations.as_slice()
        && expected.kind == "error"
    {
        let actual = compiled.map_or_else(|error| error.to_string(), |_| "no error".to_owned());
        let actual = actual
            .replace(&format!("{}/", input.display()), "")
            .replace(&input.display().to_string(), "input");
        return settle(page, test, expected, &actual);
    }
    let compilation = compiled?;
    let snapshot = Snapshot::open(&out)?;
    for expectation in &test.expectations {
        check(page, test, expectation, &snapshot, &compilation, &input)?;
    }
    Ok(())
}

fn check(
    page: &Path,
    test: &Test,
    expected: &Expectation,
    snapshot: &Snapshot,
    compilation: &Compilation,
    input: &Path,
) -> Result<(), Failed> {
    let mut words = expected.kind.split_whitespace();
    let actual = match words.next() {
        Some("ttl") => return holds(snapshot, &expected.text, true),
        Some("not-ttl") => return holds(snapshot, &expected.text, false),
        Some("count") => return counts(snapshot, &expected.text),
        Some("query") => rows(snapshot, &words.collect::<Vec<_>>())?,
        Some("diagnostics") => diagnostics(compilation, input),
        _ => return Err(format!("no such expectation: `{}`", expected.kind).into()),
    };
    settle(page, test, expected, &actual)
}

fn settle(page: &Path, test: &Test, expected: &Expectation, actual: &str) -> Result<(), Failed> {
    if actual.trim_end() == expected.text.trim_end() {
        return Ok(());
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        return Ok(update(page, test, expected, actual)?);
    }
    Err(format!("expected:\n{}\nactual:\n{actual}", expected.text).into())
}

/// Puts what came out in the place of what was expected, one fence of one test at a time.
fn update(page: &Path, test: &Test, expected: &Expectation, actual: &str) -> std::io::Result<()> {
    static ONE: Mutex<()> = Mutex::new(());
    let _guard = ONE.lock().expect("no test panics while it writes");
    let text = fs::read_to_string(page)?;
    let start =
        text.find(&format!("## {}\n", test.title)).expect("the page has the test's heading");
    let fence = |body: &str| format!("`{}\n{body}```", expected.kind);
    let rest = text[start..].replacen(
        &fence(&expected.text),
        &fence(&format!("{}\n", actual.trim_end())),
        1,
    );
    fs::write(page, format!("{}{rest}", &text[..start]))
}

fn holds(snapshot: &Snapshot, pattern: &str, wanted: bool) -> Result<(), Failed> {
    let ask = format!("ASK {{ {pattern} }}");
    match answer(snapshot, &ask)? {
        Answer::Boolean(found) if found == wanted => Ok(()),
        _ => {
            let word = if wanted { "lacks" } else { "has" };
            Err(format!("the graph {word} this:\n{pattern}").into())
        }
    }
}

fn counts(snapshot: &Snapshot, text: &str) -> Result<(), Failed> {
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (class, wanted) =
            line.trim().rsplit_once(' ').ok_or("a count is a class and a number")?;
        let rows =
            table(snapshot, &format!("SELECT (COUNT(*) AS ?n) WHERE {{ ?x a {} }}", class.trim()))?;
        let counted = rows.lines().nth(1).unwrap_or("0");
        if counted != wanted {
            return Err(format!("{class}: expected {wanted}, counted {counted}").into());
        }
    }
    Ok(())
}

fn answer(snapshot: &Snapshot, sparql: &str) -> Result<Answer, Failed> {
    Ok(page::ask(snapshot, sparql)?)
}

fn table(snapshot: &Snapshot, sparql: &str) -> Result<String, Failed> {
    Ok(page::csv(answer(snapshot, sparql)?)?)
}

fn rows(snapshot: &Snapshot, words: &[&str]) -> Result<String, Failed> {
    let (name, parameters) = words.split_first().ok_or("a query has a name")?;
    Ok(page::csv(page::saved(snapshot, name, parameters)?)?)
}

fn diagnostics(compilation: &Compilation, input: &Path) -> String {
    let root = format!("{}/", input.display());
    let lines = compilation.diagnostics.iter().map(|diagnostic| {
        let place = diagnostic
            .at
            .as_ref()
            .map_or(String::new(), |at| format!("{}:{}: ", at.file.replace(&root, ""), at.line));
        format!("{place}{}: {}\n", diagnostic.code.name(), diagnostic.message.replace(&root, ""))
    });
    lines.collect()
}
