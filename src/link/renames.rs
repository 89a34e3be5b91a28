//! Products that changed their names, inferred from dated pages alone.
//!
//! Two texts of one page that follow one another are compared: where one name stands in the place
//! of another, something may have been renamed. One such place proves little: pages are relabelled,
//! reverted, and searched and replaced blindly. So places are counted over pages, signals of
//! different kinds are told apart, and what goes on under its old name was not renamed. The
//! registry says which names belong together, never how they followed one another.

use std::collections::BTreeMap;

use super::Placed;
use crate::catalog::products::ChangeKind;
use crate::catalog::{Catalog, NameId, ProductId};
use crate::source::{Moment, Span};

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
    /// There are enough words around the names to know the block again by.
    pub is_telling: bool,
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

    /// How much one page proves; a sentence can be rewritten by whoever replaced the names.
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
    /// In the order of time.
    pub evidence: Vec<Evidence>,
}

/// When a page had a name.
#[derive(Clone, Debug)]
struct Use {
    first: Moment,
    /// The page's last text has it.
    goes_on: bool,
}

/// All that points from one name to another, and where names are used.
#[derive(Default)]
struct Gathered {
    evidence: BTreeMap<(Era, Era), Vec<Evidence>>,
    /// How many pages say of a change that it is of a kind.
    kinds: BTreeMap<(Era, Era), BTreeMap<ChangeKind, usize>>,
    uses: BTreeMap<Era, BTreeMap<usize, Use>>,
    /// When the last text of each page began.
    last_text: BTreeMap<usize, Moment>,
    end: Option<Moment>,
}

/// All changes that the pages show, in the order of what they change.
pub fn observed(
    catalog: &Catalog,
    placed: &Placed,
    usage: &BTreeMap<usize, Usage>,
) -> Vec<Observed> {
    judging::changes(catalog, &reading::gather(catalog, placed, usage))
}
