//! What a clause gives to the words that follow it: what it is about, what is done, and whether it
//! announces places.
//!
//! Frames are made in `clause`, and used by leads, lists and tables too.

use std::ops::Range;

use crate::analyze::claims::spelling::FormReading;
use crate::catalog::ProductId;
use crate::catalog::languages::{Activity, Category};

/// A name and, if the catalog has it, what it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    pub product: Option<ProductId>,
    pub written: String,
}

/// What a clause gives to the words that follow it: bullets, alternatives, the next clause.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    pub activities: Vec<Activity>,
    pub category: Option<Category>,
    pub form: Option<FormReading>,
    pub at_rest: bool,
    pub may: bool,
    pub planned: bool,
    pub negated: bool,
    /// Whether it tells the reader to do something.
    pub instructs: bool,
    pub owners: Vec<Owner>,
    pub condition: Option<String>,
    /// Whether it announces places: "in the following regions:", "is stored in:".
    pub to_places: bool,
    /// Whether those are only places that something is for: "for the following countries:".
    pub for_places: bool,
    /// Whether it names the data itself.
    pub names_data: bool,
    /// Where it stands in its text.
    pub range: Range<usize>,
}

impl Frame {
    /// What it is about, whatever it says of it.
    pub fn topic(&self) -> Self {
        let (category, owners) = (self.category, self.owners.clone());
        Self { category, owners, names_data: true, ..Self::default() }
    }

    /// Whether it announces places of data, and says nothing else of it.
    pub fn announces_data(&self) -> bool {
        let plain = !self.instructs && !self.negated && self.condition.is_none();
        plain && self.to_places && self.names_data
    }

    /// Whether it announces places and says nothing of what is in them: "the regions are:".
    pub fn announces_choices(&self) -> bool {
        let plain = !self.instructs && !self.negated && self.condition.is_none();
        plain && self.to_places && self.category.is_none() && self.activities.is_empty()
    }

    /// Whether it announces the places of something that is no data, and says nothing else of it.
    pub fn announces_regions(&self) -> bool {
        let is_put = |activity: &Activity| {
            use Activity::{Located, Offers, Operates, Stores};
            matches!(activity, Stores | Located | Operates | Offers)
        };
        let plain = !self.instructs && !self.negated && self.condition.is_none();
        plain
            && !self.for_places
            && self.to_places
            && self.category.is_none()
            && !self.activities.is_empty()
            && self.activities.iter().all(is_put)
    }

    /// Whether it says enough for a bullet to complete: a verb, and what it is about.
    pub(super) fn leads(&self) -> bool {
        let runs =
            self.activities.iter().any(|a| matches!(a, Activity::Operates | Activity::Located));
        let opens = self.to_places && !self.for_places;
        self.category.is_some() || (opens && (runs || !self.owners.is_empty()))
    }
}
