//! Reads a page of the suite into tests, and asks graphs what the tests ask.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use stemma::catalog::Catalog;
use stemma::store::queries::{self, Asker};
use stemma::store::{Answer, Limits, Snapshot, sparql};

/// A page: one test for each heading that something is expected under.
pub struct Page {
    pub tests: Vec<Test>,
}

#[derive(Default)]
pub struct Test {
    pub title: String,
    pub files: Vec<Input>,
    pub expectations: Vec<Expectation>,
}

pub struct Input {
    pub path: String,
    pub content: Content,
}

pub enum Content {
    Bytes(Vec<u8>),
    /// Where a symbolic link points.
    Link(String),
    /// Commits of a repository, as `repository` writes them.
    Git(String),
}

pub struct Expectation {
    /// The word after the fence: `ttl`, `query NAME k=v`, …
    pub kind: String,
    pub text: String,
}

impl Test {
    /// Puts the input files below a folder.
    pub fn write(&self, folder: &Path) -> std::io::Result<()> {
        for file in &self.files {
            let path = folder.join(&file.path);
            fs::create_dir_all(path.parent().expect("a file is in a folder"))?;
            match &file.content {
                Content::Bytes(bytes) => fs::write(path, bytes)?,
                Content::Link(to) => std::os::unix::fs::symlink(to, path)?,
                Content::Git(commits) => repository(&path, commits)?,
            }
        }
        Ok(())
    }
}

/// Makes a bare repository. `commit BRANCH WHEN [from BRANCH|merge BRANCH]` begins a commit; below
/// it a path with its indented text, `- PATH` for a file taken away, `PATH > PATH` for one moved.
fn repository(at: &Path, commits: &str) -> std::io::Result<()> {
    let mut stream = String::new();
    let mut lines = commits.lines().peekable();
    while let Some(line) = lines.next() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["commit", branch, when, parent @ ..] => {
                let when =
                    if when.len() == 10 { format!("{when}T12:00:00Z") } else { (*when).into() };
                let _ = writeln!(stream, "commit refs/heads/{branch}");
                let _ = writeln!(stream, "committer author <author@example.com> {when}\ndata 0\n");
                if let [word, other] = parent {
                    let _ = writeln!(stream, "{word} refs/heads/{other}");
                }
            }
            ["-", path] => {
                let _ = writeln!(stream, "D {path}");
            }
            [from, ">", to] => {
                let _ = writeln!(stream, "R {from} {to}");
            }
            [path] => {
                let mut text = String::new();
                while let Some(line) =
                    lines.next_if(|line| line.is_empty() || line.starts_with("    "))
                {
                    text.push_str(line.strip_prefix("    ").unwrap_or(line));
                    text.push('\n');
                }
                let _ = writeln!(stream, "M 100644 inline {path}\ndata {}\n{text}", text.len());
            }
            _ => return Err(std::io::Error::other(format!("what is `{line}`?"))),
        }
    }
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).spawn()
    };
    let path = at.to_string_lossy();
    git(&["init", "--quiet", "--bare", "--initial-branch=live", &path])?.wait()?;
    let mut import = git(&["-C", &path, "fast-import", "--quiet", "--date-format=rfc2822"])?;
    import.stdin.take().expect("it is piped").write_all(stream.as_bytes())?;
    if import.wait()?.success() {
        Ok(())
    } else {
        Err(std::io::Error::other("git could not make the repository"))
    }
}

impl Page {
    pub fn read(text: &str) -> Self {
        let mut tests = sections(text);
        tests.retain(|test| !test.expectations.is_empty());
        Self { tests }
    }
}

/// What stands under each heading, and before the first.
pub fn sections(text: &str) -> Vec<Test> {
    let mut tests = Vec::new();
    let mut test = Test::default();
    let mut path: Option<String> = None;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("## ") {
            tests.push(std::mem::replace(
                &mut test,
                Test { title: title.to_owned(), ..Test::default() },
            ));
        } else if let Some(name) = line.strip_prefix('`').and_then(|line| line.strip_suffix("`:")) {
            path = Some(name.to_owned());
        } else if let Some(ticks) = fence(line) {
            let kind = line[ticks..].trim().to_owned();
            let mut body = String::new();
            for line in lines.by_ref().take_while(|line| !is_end(line, ticks)) {
                body.push_str(line);
                body.push('\n');
            }
            match path.take() {
                Some(path) => test.files.push(Input { path, content: content(&kind, &body) }),
                None => test.expectations.push(Expectation { kind, text: body }),
            }
        }
    }
    tests.push(test);
    tests
}

/// How many backticks open a fence here, if one does.
fn fence(line: &str) -> Option<usize> {
    let ticks = line.bytes().take_while(|&byte| byte == b'`').count();
    (ticks >= 3).then_some(ticks)
}

fn is_end(line: &str, ticks: usize) -> bool {
    fence(line) == Some(ticks) && line.trim_end().len() == ticks
}

/// In a fence marked `bytes`, `\xNN` stands for one byte and a line end for itself; in one marked
/// `crlf`, lines end in CRLF; in one marked `open`, the last line has no end. One marked `link` is
/// a symbolic link to the path that it names.
fn content(kind: &str, body: &str) -> Content {
    let mut body = body.to_owned();
    let marks: Vec<&str> = kind.split_whitespace().skip(1).collect();
    if marks.contains(&"link") {
        return Content::Link(body.trim_end().to_owned());
    }
    if kind == "git" {
        return Content::Git(body);
    }
    if marks.contains(&"open") {
        body.pop();
    }
    if marks.contains(&"crlf") {
        body = body.replace('\n', "\r\n");
    }
    if !marks.contains(&"bytes") {
        return Content::Bytes(body.into_bytes());
    }
    let mut bytes = Vec::new();
    let mut rest = body.as_str();
    while let Some(at) = rest.find("\\x") {
        bytes.extend(rest[..at].bytes());
        bytes.push(
            u8::from_str_radix(&rest[at + 2..at + 4], 16)
                .expect("`\\x` is followed by two hex digits"),
        );
        rest = &rest[at + 4..];
    }
    bytes.extend(rest.bytes());
    Content::Bytes(bytes)
}

const LIMITS: Limits = Limits { time: Duration::from_secs(20) };

/// Asks a written query.
pub fn ask(snapshot: &Snapshot, text: &str) -> Result<Answer, String> {
    let query = sparql::parse(text, &snapshot.meta().base)
        .map_err(|error| format!("{}\nin {text}", error.message))?;
    snapshot.query(&query, LIMITS).map_err(|error| error.to_string())
}

/// Asks a saved query, with parameters as `name=value`; `_` stands for a blank.
pub fn saved(snapshot: &Snapshot, name: &str, parameters: &[&str]) -> Result<Answer, String> {
    let catalog = Catalog::builtin().map_err(|error| error.to_string())?;
    let given: BTreeMap<String, String> = parameters
        .iter()
        .filter_map(|parameter| parameter.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.replace('_', " ")))
        .collect();
    let query = queries::find(name).map_err(|error| error.to_string())?;
    let query = query
        .prepare(&given, &Asker { snapshot, catalog: &catalog })
        .map_err(|error| error.to_string())?;
    snapshot.query(&query, LIMITS).map_err(|error| error.to_string())
}

/// An answer as text: rows with commas, IRIs below the base without it.
pub fn csv(answer: Answer) -> Result<String, String> {
    let mut out = String::new();
    match answer {
        Answer::Boolean(value) => writeln!(out, "{value}").expect("writing to a string"),
        Answer::Graph(triples) => {
            let mut lines = Vec::new();
            for triple in triples {
                lines.push(triple.map_err(|error| error.to_string())?.to_string());
            }
            lines.sort();
            out = lines.join("\n");
        }
        Answer::Solutions { variables, rows } => {
            let names: Vec<&str> = variables.iter().map(|variable| variable.as_str()).collect();
            writeln!(out, "{}", names.join(",")).expect("writing to a string");
            for row in rows {
                let row = row.map_err(|error| error.to_string())?;
                let cells: Vec<String> =
                    row.iter().map(|term| term.as_ref().map_or(String::new(), cell)).collect();
                writeln!(out, "{}", cells.join(",")).expect("writing to a string");
            }
        }
    }
    Ok(out)
}

fn cell(term: &oxigraph::model::Term) -> String {
    match term {
        oxigraph::model::Term::NamedNode(node) => {
            let iri = node.as_str();
            let short = iri
                .strip_prefix("https://stemma.example/")
                .or_else(|| iri.strip_prefix("https://w3id.org/stemma/ns#"));
            short.unwrap_or(iri).to_owned()
        }
        oxigraph::model::Term::Literal(literal) => literal.value().to_owned(),
        other => other.to_string(),
    }
}
