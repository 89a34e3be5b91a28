//! Products that changed their names, inferred from dated pages alone.
//!
//! Two texts of one page that follow one another are compared. Where one name stands in the place
//! of another, something may have been renamed; but pages are relabelled, reverted, and searched
//! and replaced blindly. So it is asked of each page, and then of all together:
//!
//! - **What is an event?** A page that was settled on the old name takes the new one, on one day.
//!   Its title, text and labels of that day are one event, whatever they add up to.
//! - **Who is a witness?** A document. Its translations follow it, and copies of one text are one.
//! - **What lasts?** A page is counted to the last day on which it had the new name: two months,
//!   or to the end of what is known of it. What was undone within a year was a try, and neither
//!   proves nor dates anything.
//! - **What proves?** Three witnesses for whom it lasted two months; or two that show it in
//!   different ways.
//! - **What speaks against?** Documents that went back, and those that go on with the old name:
//!   fully if they were written again since, less if nobody touched them. And that the new name
//!   was in use before, for then it is another product's.
//! - **Which kind?** The one that sentences say. Else two products that were in use at once and
//!   become one were merged, and one that becomes two was split; what pages follow one after the
//!   other over months is a replacement; a page that left a name of a chain out says nothing; and
//!   all the rest are renames.
//!
//! A brand is put on products and taken off them page by page: it changes if a sentence says so,
//! and if nothing is left of it. Where a name changes only because a brand within it was replaced
//! by the same edit, nothing was said of the product.
//!
//! The registry says which names belong together, never how they followed one another.

use std::collections::{BTreeMap, BTreeSet};

use super::Placed;
use crate::catalog::products::ChangeKind;
use crate::catalog::{Catalog, NameId, ProductId};
use crate::source::{Moment, Span};

mod course;
mod judging;
mod reading;
mod registry;

pub use registry::{Registry, Sightings, registry};

/// A name as a text uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    pub name: NameId,
    pub product: ProductId,
}

/// A block with names: the words around them, and the names in order.
#[derive(Clone, Debug)]
pub struct Frame {
    pub words: u64,
    /// Hardly more than names, as in a list.
    pub is_bare: bool,
    /// Counted from 1.
    pub segment: u32,
    pub line: u32,
    pub span: Span,
    pub is_title: bool,
    pub names: Vec<Named>,
}

/// A link whose label names one product.
#[derive(Clone, Debug)]
pub struct Label {
    /// Digest of the address, without fragment.
    pub target: u64,
    pub named: Named,
    pub segment: u32,
}

/// A sentence that says that one name became another.
#[derive(Clone, Debug)]
pub struct Formerly {
    pub kind: ChangeKind,
    pub before: Named,
    pub after: Named,
    pub segment: u32,
}

/// How a version uses names.
#[derive(Clone, Debug, Default)]
pub struct Usage {
    pub frames: Vec<Frame>,
    pub labels: Vec<Label>,
    pub formerly: Vec<Formerly>,
}

/// What a product is called in one of its times: all its names of that time are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Era {
    pub product: ProductId,
    pub era: u32,
}

/// Where a change shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Signal {
    /// The title of one page.
    Title,
    /// Words that stayed, around a name that changed; or a page that has the one name for the other.
    Text,
    /// The labels of links to one address.
    Label,
    /// A page's address, or a redirect, made of the names.
    Address,
    /// A sentence says it.
    Sentence,
}

impl Signal {
    pub fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Text => "text",
            Self::Label => "label",
            Self::Address => "address",
            Self::Sentence => "sentence",
        }
    }

    /// How much one document proves; a sentence can be rewritten by whoever replaced the names.
    fn weight(self) -> f64 {
        match self {
            Self::Title | Self::Label | Self::Address => 0.5,
            Self::Sentence => 0.6,
            Self::Text => 0.3,
        }
    }
}

/// A place in a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    pub version: usize,
    pub segment: u32,
}

/// One page on which one name took the place of another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// The first moment of the new name; of a sentence or an address, when it was first there.
    pub first: Moment,
    /// The last moment of the old name on the page.
    pub last: Moment,
    pub signal: Signal,
    pub page: usize,
    pub before: Option<At>,
    pub after: At,
}

/// A change that pages show.
#[derive(Clone, Debug)]
pub struct Observed {
    pub kind: ChangeKind,
    pub before: Era,
    pub after: Era,
    pub earliest: Moment,
    pub latest: Moment,
    /// Hundredths.
    pub score: u32,
    /// Documents that show it, without copies.
    pub witnesses: usize,
    /// In the order of time.
    pub evidence: Vec<Evidence>,
}

/// A text of a page while it was the current one.
#[derive(Clone, Debug)]
struct Text {
    version: usize,
    from: Moment,
    until: Option<Moment>,
    eras: BTreeSet<Era>,
    /// Of which names it says that one became the other.
    says: BTreeSet<(Era, Era)>,
}

/// All that points from one name to another, and where names are used.
struct Gathered<'a> {
    placed: &'a Placed,
    /// By page.
    evidence: BTreeMap<(Era, Era), BTreeMap<usize, Vec<Evidence>>>,
    /// Documents that say of a change that it is of a kind.
    kinds: BTreeMap<(Era, Era), BTreeMap<ChangeKind, BTreeSet<usize>>>,
    /// Of each page, in the order of time.
    texts: Vec<Vec<Text>>,
    pages_with: BTreeMap<Era, BTreeSet<usize>>,
    /// By locale, how far its pages are known.
    ends: BTreeMap<String, Moment>,
    /// By document, the page that others are translated from.
    sources: BTreeMap<usize, usize>,
}

impl<'a> Gathered<'a> {
    fn of(placed: &'a Placed) -> Self {
        let pages = placed.pages.iter().enumerate();
        let sources = pages.filter(|(_, page)| page.locale == placed.source_locale);
        Self {
            placed,
            evidence: BTreeMap::new(),
            kinds: BTreeMap::new(),
            texts: vec![Vec::new(); placed.pages.len()],
            pages_with: BTreeMap::new(),
            ends: BTreeMap::new(),
            sources: sources.map(|(index, page)| (page.document, index)).collect(),
        }
    }

    fn add(&mut self, before: Era, after: Era, piece: Evidence) {
        let pages = self.evidence.entry((before, after)).or_default();
        pages.entry(piece.page).or_default().push(piece);
    }
}

/// All changes that the pages show, in the order of what they change.
pub fn observed(
    catalog: &Catalog,
    placed: &Placed,
    usage: &BTreeMap<usize, Usage>,
) -> Vec<Observed> {
    judging::changes(catalog, &reading::gather(catalog, placed, usage))
}
