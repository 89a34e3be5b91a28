//! `stemma.yaml`: names what cannot be guessed from folders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use url::Url;

use super::folder::canonical_locale;
use super::{ReadError, Role};

pub const FILE_NAME: &str = "stemma.yaml";

/// The whole file. Unknown keys are refused, so that a typing error is seen.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What the graph is called.
    #[serde(default)]
    pub title: Option<String>,
    /// Where IRIs begin; ends in `/`.
    #[serde(default)]
    pub base: Option<String>,
    /// The licence of the texts, as an address.
    #[serde(default)]
    pub licence: Option<String>,
    #[serde(default)]
    pub sources: Vec<Source>,
    #[serde(default)]
    pub redirects: Vec<Redirect>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// A folder or a file, relative to the configuration.
    pub path: PathBuf,
    #[serde(default)]
    pub locale: Option<String>,
    #[serde(default)]
    pub docset: Option<String>,
    #[serde(default)]
    pub role: Option<Role>,
    /// The docset path of a single file.
    #[serde(default, rename = "as")]
    pub docset_path: Option<String>,
    /// ISO date from which these texts were the current ones.
    #[serde(default)]
    pub from: Option<String>,
    /// ISO date from which they were not any more.
    #[serde(default)]
    pub until: Option<String>,
    /// The commits at which the files have these texts.
    #[serde(default)]
    pub commit: Commits,
    /// The folder holds the whole docset, so that a link to a missing page is broken.
    #[serde(default)]
    pub complete: bool,
    /// Every version that the repository at `path` holds.
    #[serde(default)]
    pub history: bool,
    /// The published branch of a repository, then those that go on where it ends: `side/*`.
    #[serde(default)]
    pub branches: Texts,
    /// Which commits are meant where pages name commits that the repository does not have.
    #[serde(default, rename = "commit-map")]
    pub commit_map: Option<CommitColumns>,
}

impl Source {
    /// Whether more is asked for than the files of a folder.
    pub fn is_repository(&self) -> bool {
        self.history || !self.branches.0.is_empty() || self.commit_map.is_some()
    }
}

/// One text or a list of them.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(from = "OneOrMany")]
pub struct Texts(pub Vec<String>);

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl From<OneOrMany> for Texts {
    fn from(texts: OneOrMany) -> Self {
        Self(match texts {
            OneOrMany::One(text) => vec![text],
            OneOrMany::Many(texts) => texts,
        })
    }
}

/// A table of commits, columns separated by tabs, with a line of titles.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct CommitColumns {
    /// Relative to the configuration.
    pub file: PathBuf,
    /// The column, counted from 1, of commits as pages name them.
    pub named: usize,
    /// The column of the commits of the repository.
    pub known: usize,
}

/// The commits of a repository by the names that pages use; the same, if it is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommitMap(BTreeMap<String, String>);

impl CommitMap {
    pub fn read(path: &Path, columns: &CommitColumns) -> Result<Self, ReadError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ReadError::Io { path: path.display().to_string(), source })?;
        let column = |line: &str, number: usize| {
            line.split('\t')
                .nth(number.wrapping_sub(1))
                .map(|cell| cell.trim().to_ascii_lowercase())
        };
        let pairs = text
            .lines()
            .skip(1)
            .filter_map(|line| Some((column(line, columns.named)?, column(line, columns.known)?)));
        Ok(Self(pairs.filter(|(_, known)| !known.is_empty()).collect()))
    }

    pub fn known<'a>(&'a self, named: &'a str) -> &'a str {
        self.0.get(named).map_or(named, String::as_str)
    }
}

/// One commit or a list of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commits(pub Vec<String>);

impl<'de> Deserialize<'de> for Commits {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(CommitsVisitor)
    }
}

struct CommitsVisitor;

impl<'de> Visitor<'de> for CommitsVisitor {
    type Value = Commits;

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("a commit or a list of commits, each in quotes")
    }

    fn visit_str<E: de::Error>(self, commit: &str) -> Result<Commits, E> {
        Ok(Commits(vec![commit.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Commits, A::Error> {
        let mut commits = Vec::new();
        while let Some(Commits(commit)) = list.next_element()? {
            commits.extend(commit);
        }
        Ok(Commits(commits))
    }
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Redirect {
    pub from: String,
    pub to: String,
    /// The document keeps its identity: it moved.
    #[serde(default)]
    pub keep_id: bool,
}

impl Config {
    pub fn read(path: &Path) -> Result<Self, ReadError> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|source| ReadError::Io { path: shown.clone(), source })?;
        let config: Self = serde_yaml::from_str(&text).map_err(|error| ReadError::Config {
            path: shown.clone(),
            message: error.to_string(),
        })?;
        config.check().map_err(|message| ReadError::Config { path: shown, message })?;
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        for source in &self.sources {
            if let Some(locale) =
                source.locale.as_ref().filter(|locale| canonical_locale(locale).is_none())
            {
                return Err(format!(
                    "`{locale}` is not a locale: write a language and a region, such as nl-NL"
                ));
            }
            for date in [&source.from, &source.until].into_iter().flatten() {
                if !is_iso_date(date) {
                    return Err(format!("`{date}` is not a date: write YYYY-MM-DD"));
                }
            }
            if let (Some(from), Some(until)) = (&source.from, &source.until)
                && from >= until
            {
                return Err(format!(
                    "`{}` ends on {until}, before it begins on {from}",
                    source.path.display()
                ));
            }
            for commit in &source.commit.0 {
                if !(7..=40).contains(&commit.len())
                    || !commit.bytes().all(|b| b.is_ascii_hexdigit())
                {
                    return Err(format!("`{commit}` is not a commit: write 7 to 40 hex digits"));
                }
            }
        }
        let of_source = |source: &&Source| source.role == Some(Role::Source);
        let mut locales: Vec<&String> =
            self.sources.iter().filter(of_source).filter_map(|s| s.locale.as_ref()).collect();
        locales.dedup_by_key(|locale| canonical_locale(locale));
        if let [first, second, ..] = locales.as_slice() {
            return Err(format!(
                "`{first}` and `{second}` both have `role: source`: pages are translated from one"
            ));
        }
        for (key, address) in [("base", &self.base), ("licence", &self.licence)] {
            if let Some(address) = address
                && !is_address(address)
            {
                return Err(format!(
                    "`{key}: {address}` is not an address: write https://…, without blanks"
                ));
            }
        }
        match &self.base {
            Some(base) if !base.ends_with('/') || base.contains(['?', '#']) => {
                Err(format!("`base: {base}` must end in `/`"))
            }
            _ => Ok(()),
        }
    }
}

/// Whether an address of the web can stand in the graph as it is written.
fn is_address(text: &str) -> bool {
    let escapes = |rest: &str| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    (text.starts_with("https://") || text.starts_with("http://"))
        && text.bytes().all(|b| b.is_ascii_graphic() && !b"<>\"{}[]|\\^`".contains(&b))
        && text.split('%').skip(1).all(escapes)
        && Url::parse(text).is_ok()
}

pub fn is_iso_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 10
        && bytes
            .iter()
            .enumerate()
            .all(|(i, b)| if matches!(i, 4 | 7) { *b == b'-' } else { b.is_ascii_digit() })
        && is_day(&text[..4], &text[5..7], &text[8..])
}

fn is_day(year: &str, month: &str, day: &str) -> bool {
    let number = |text: &str| text.parse::<u32>().unwrap_or(0);
    let year = number(year);
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match number(month) {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => 0,
    };
    (1..=days).contains(&number(day))
}
