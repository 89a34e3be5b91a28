//! The units of a bilingual page: which stretch of English stands beside which stretch of the
//! translation.

use crate::analyze::{Mention, Side};
use crate::catalog::{NameId, ProductId};
use crate::model::PageVersion;
use crate::source::Span;

/// A unit, and what its English side names.
#[derive(Clone, Debug)]
pub struct Unit {
    pub page: Span,
    pub source: Span,
    /// Index into the page's segments.
    pub segment: usize,
    /// Without repetitions.
    pub named: Vec<(ProductId, NameId)>,
}

/// All units with words on both sides, in the order of the file. Units do not overlap.
#[derive(Clone, Debug, Default)]
pub struct Units(Vec<Unit>);

impl Units {
    pub fn of(page: &PageVersion) -> Self {
        let unit = |(segment, of): (usize, &crate::model::Segment)| {
            let source = of.source.as_ref().filter(|source| !source.text.is_empty())?;
            Some(Unit { page: of.span, source: source.span, segment, named: Vec::new() })
        };
        Self(page.segments.iter().enumerate().filter_map(unit).collect())
    }

    pub fn iter(&self) -> impl Iterator<Item = &Unit> {
        self.0.iter()
    }

    /// The unit that a place is in.
    pub fn around(&self, side: Side, span: Span) -> Option<&Unit> {
        self.index(side, span).map(|i| &self.0[i])
    }

    /// Notes a name of the English side.
    pub fn add(&mut self, mention: &Mention) {
        if let Some(i) = self.index(mention.side, mention.span) {
            let named = &mut self.0[i].named;
            if !named.contains(&(mention.product, mention.name)) {
                named.push((mention.product, mention.name));
            }
        }
    }

    fn index(&self, side: Side, span: Span) -> Option<usize> {
        let on = |unit: &Unit| match side {
            Side::Page => unit.page,
            Side::Source => unit.source,
        };
        let before = self.0.partition_point(|unit| on(unit).start <= span.start).checked_sub(1)?;
        on(&self.0[before]).contains(span).then_some(before)
    }
}
