//! All pages to what holds between them: documents, versions, lineage, targets.
//!
//! The only place where two pages meet. Sees keys and facts, never texts.

use crate::diag::Diagnostic;
use crate::source::{File, Interval, Moment, Role};
use crate::survey::Surveyed;

pub mod alignment;
pub mod claims;
pub mod divergence;
pub mod documents;
pub mod projection;
pub mod redirects;
pub mod renames;
pub mod targets;
pub mod versions;

/// A document, whatever its language, version or address.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// Every path it ever had, oldest first; the first is its identity.
    pub paths: Vec<String>,
    /// Documents that took its place without taking its identity.
    pub replaced_by: Vec<usize>,
    /// No path is known: the identity is its first heading.
    pub unplaced: bool,
}

impl Document {
    pub fn path(&self) -> &str {
        &self.paths[0]
    }
}

/// A document in one locale.
#[derive(Clone, Debug)]
pub struct Page {
    pub document: usize,
    pub locale: String,
    /// In the order of time, as far as dates tell; then by hash.
    pub versions: Vec<usize>,
    pub current: Option<usize>,
    pub state: Option<State>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    UpToDate,
    Stale {
        since: Moment,
        /// How many source versions later the source is.
        behind: usize,
    },
    /// The source was taken away: its address leads elsewhere.
    Orphaned,
    Unknown,
}

/// How far it was checked what a translation was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lineage {
    HashAndCommit,
    HashOnly,
    Declared,
    Contradicted,
}

/// One text of one page.
#[derive(Clone, Debug, Default)]
pub struct Version {
    pub page: usize,
    /// SHA-1 with CRLF line ends, 40 hex digits.
    pub hash: String,
    pub variants: Vec<String>,
    /// Indices into the surveyed files with these bytes; none if the text is only declared.
    pub units: Vec<usize>,
    /// When it was the current text, in the order of time: a text that comes back has several.
    pub intervals: Vec<Interval>,
    /// Seen in a history, but never the published text.
    pub unpublished: bool,
    /// The commit that first brought it.
    pub seen: Option<Moment>,
    pub previous: Option<usize>,
    /// The monolingual version that this is the bilingual edition of.
    pub edition_of: Option<usize>,
    pub source: Option<(usize, Lineage)>,
    pub commits: Vec<String>,
}

impl Version {
    /// The beginning of it.
    pub fn from(&self) -> Option<&Moment> {
        self.intervals.first().map(|interval| &interval.from)
    }

    /// When it ceased to be current for the last time; none while it is, or without dates.
    pub fn until(&self) -> Option<&Moment> {
        self.intervals.last().and_then(|interval| interval.until.as_ref())
    }

    /// The first that is known of it: published, or at least written.
    pub fn since(&self) -> Option<&Moment> {
        self.from().or(self.seen.as_ref())
    }

    pub fn available(&self) -> bool {
        !self.units.is_empty()
    }
}

/// A file of a history that got another path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    pub when: Moment,
    pub locale: Option<String>,
    /// Paths of the site.
    pub from: String,
    pub to: String,
}

/// Where every page belongs.
#[derive(Debug, Default)]
pub struct Placed {
    /// The locale that others are translated from.
    pub source_locale: String,
    pub documents: Vec<Document>,
    pub pages: Vec<Page>,
    pub versions: Vec<Version>,
    /// For each surveyed file its version.
    pub version_of: Vec<usize>,
    pub redirects: redirects::Redirects,
    /// By document.
    pub moves: Vec<(usize, Move)>,
    /// Problems found while placing: of versions, and of files that are no pages.
    pub problems: Vec<(usize, crate::diag::Problem)>,
    pub file_problems: Vec<(usize, crate::diag::Problem)>,
    pub diagnostics: Vec<Diagnostic>,
}

impl Placed {
    pub fn page_of(&self, version: usize) -> &Page {
        &self.pages[self.versions[version].page]
    }

    pub fn document_of(&self, version: usize) -> &Document {
        &self.documents[self.page_of(version).document]
    }
}

/// Gives every page its document, its version and its source. `moves` are in the order of each
/// history.
pub fn place(
    catalog: &crate::catalog::Catalog,
    files: &[File],
    surveyed: &[Surveyed],
    redirects: redirects::Redirects,
    moves: Vec<Move>,
) -> Placed {
    let source_locale = source_locale(catalog, files).to_owned();
    let mut placed = Placed { source_locale, redirects, ..Placed::default() };
    let documents = documents::assign(catalog, files, surveyed, &moves, &mut placed);
    placed.moves = documents::of_moves(moves, &placed.documents);
    versions::assign(catalog, files, surveyed, &documents, &mut placed);
    placed
}

/// The locale of the tree that is said to be the source; without such a word, that of the site.
fn source_locale<'a>(catalog: &'a crate::catalog::Catalog, files: &'a [File]) -> &'a str {
    let mut trees = files.iter().map(|file| &file.tree);
    let source = trees.find(|tree| tree.role == Some(Role::Source) && tree.locale.is_some());
    source.and_then(|tree| tree.locale.as_deref()).unwrap_or(&catalog.urls.source_locale)
}
