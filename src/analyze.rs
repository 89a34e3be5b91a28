//! What one page says: the passes over a page, in order.
//!
//! A pass sees one page and the catalog. It knows nothing of other pages, other languages or time.

use crate::catalog::languages::Rule;
use crate::catalog::places::WORLD;
use crate::catalog::{Catalog, NameId, ProductId};
use crate::model::{Block, PageVersion};
use crate::source::Span;

pub mod claims;
pub mod mentions;

/// Which of a page's two texts something was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The page as its reader sees it.
    Page,
    /// The English side of a bilingual page.
    Source,
}

impl Side {
    pub fn blocks(self, page: &PageVersion) -> &[Block] {
        match self {
            Self::Page => &page.blocks,
            Self::Source => &page.source_blocks,
        }
    }
}

/// A product's name in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    pub side: Side,
    /// Index into that side's blocks.
    pub block: u32,
    /// In the block's plain text.
    pub plain: Span,
    /// In the file.
    pub span: Span,
    pub name: NameId,
    pub product: ProductId,
}

/// Where a claim says that data is. The codes and rules are those of the annotation scheme.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Location {
    /// Codes such as `US`, `EU`, `DE:frankfurt`, `x-europe`; sorted, unique, never empty.
    Places(Vec<String>),
    /// `tenant-geo`, `other-service`, …
    Rule(String),
    /// Moved between services of the vendor, without a geography.
    Service,
}

impl Location {
    /// Whether it is everywhere.
    pub fn is_world(&self) -> bool {
        matches!(self, Self::Places(codes) if codes.iter().any(|code| code == WORLD))
    }
}

impl From<Rule> for Location {
    fn from(rule: Rule) -> Self {
        Self::Rule(rule.as_str().to_owned())
    }
}

/// One statement about where a product's data is, as one clause makes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    pub side: Side,
    pub block: u32,
    /// The clause, in the file.
    pub quote: Span,
    /// Earlier words that the clause needs: the start of its sentence, or the line before a list.
    pub lead: Option<Span>,
    pub product: Option<ProductId>,
    /// The name on the page, as written.
    pub product_as_written: String,
    pub infrastructure: Option<ProductId>,
    /// `operates`, `stores`, `processes`, `transfers`, `replicates`, `backs-up`, `accesses`.
    pub activity: String,
    /// `customer-data`, `content`, `personal-data`, …, `none`.
    pub category: String,
    /// `as-is`, `pseudonymized`, `anonymized`, `aggregated`, `unclear`.
    pub form: String,
    pub at_rest: bool,
    pub location: Location,
    /// `in`, `outside`, `to`, `from`, `via`.
    pub relation: String,
    /// `is`, `may`, `planned`.
    pub modality: String,
    pub negated: bool,
    pub condition: Option<String>,
    /// ISO 8601 duration.
    pub retention: Option<String>,
    pub table_row: bool,
    /// The rule that read it: its name in the language's data file.
    pub rule: String,
    /// Hundredths: 90 is 0.90.
    pub confidence: u8,
    /// A word that could only be read through its misspelling: where it stands, and what it stands
    /// for.
    pub misspelt: Option<(Span, String)>,
}

/// All that was read from one page.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub mentions: Vec<Mention>,
    pub readings: Vec<Reading>,
    /// Whether the page's language has phrasings: else silence is no statement.
    pub claims_read: bool,
}

/// What is known about a page before it is read.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// As in `schema:inLanguage`: `nl-NL`.
    pub locale: &'a str,
    /// The canonical address without scheme: `learn.microsoft.com/microsoft-365/security/…`.
    pub address: Option<&'a str>,
    /// ISO date from which the text was current.
    pub date: Option<&'a str>,
}

/// One pass over one page.
pub struct Pass {
    pub name: &'static str,
    pub run: fn(&Catalog, Context<'_>, &PageVersion, &mut Facts, &mut Vec<crate::diag::Problem>),
}

/// In this order: claims look at the mentions found before.
pub const PASSES: &[Pass] = &[mentions::PASS, claims::PASS];

pub fn analyze(
    catalog: &Catalog,
    context: Context<'_>,
    page: &PageVersion,
    problems: &mut Vec<crate::diag::Problem>,
) -> Facts {
    let mut facts = Facts::default();
    for pass in PASSES {
        (pass.run)(catalog, context, page, &mut facts, problems);
    }
    facts
}
