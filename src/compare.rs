//! What differs between two states of the pages: those of two graphs, or of one graph on two days.
//!
//! Things are matched by what they are: documents by their paths, texts by their bytes, claims,
//! products and names by their IRIs, links by their target, findings by what they say. Pages are
//! read some hundreds at a time and only keys are kept; evidence is looked up last, for what is
//! shown.

use crate::store::StoreError;

pub mod claims;
pub mod evidence;
pub mod findings;
pub mod links;
pub mod metrics;
pub mod names;
pub mod pages;
pub mod state;
pub mod translations;

pub use evidence::{Evidence, Witnesses};
pub use metrics::{Counts, Metrics, Threshold};
pub use state::State;

/// The same of both sides.
#[derive(Clone, Copy, Debug, Default)]
pub struct Both<T> {
    pub before: T,
    pub after: T,
}

/// All that differs, counted, and the first of each kind with evidence.
#[derive(Debug)]
pub struct Comparison {
    pub metrics: Metrics,
    pub sections: Vec<Section>,
    /// What a reader of the numbers should know.
    pub notes: Vec<String>,
}

/// Changes of one sort of things.
#[derive(Debug)]
pub struct Section {
    pub title: &'static str,
    pub groups: Vec<Group>,
}

/// Changes of one kind.
#[derive(Debug)]
pub struct Group {
    /// A word for programs; that of the metric where one counts the same.
    pub kind: &'static str,
    pub title: &'static str,
    /// How many things changed so.
    pub counted: usize,
    /// How many entries tell it; `items` are the first of them.
    pub total: usize,
    pub items: Vec<Item>,
}

/// One change, as people speak of it: the same in several languages or on several pages is one.
#[derive(Debug, Default)]
pub struct Item {
    pub subject: String,
    pub text: String,
    pub locales: Vec<String>,
    /// The things of the graph that it is about.
    pub things: Vec<String>,
    pub before: Witnesses,
    pub after: Witnesses,
}

/// What is read of a page at a time, so that memory does not grow with the graph.
const BATCH: usize = 400;

/// What is to be told of the differences.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// How many changes of a kind are shown, 0 for all.
    pub limit: usize,
    /// IRI of a product: only its names, its changes, and what is stated about it are compared.
    pub product: Option<String>,
}

pub fn compare(states: &Both<State<'_>>, scope: &Scope) -> Result<Comparison, StoreError> {
    let pairs = pages::pair(states);
    let about = Both {
        before: states.before.about(scope.product.as_deref())?,
        after: states.after.about(scope.product.as_deref())?,
    };
    let mut names = names::Tally::default();
    let mut claims = claims::Tally::default();
    let mut links = links::Tally::default();
    let is_one_graph = std::ptr::eq(states.before.snapshot, states.after.snapshot);
    for (number, batch) in pairs.chunks(BATCH).enumerate() {
        let version = |text: &Option<state::Text>| text.as_ref().map(|text| text.version.clone());
        let old = batch.iter().filter_map(|pair| version(&pair.before));
        let mut old: Vec<String> = old.filter(|version| about.before.is_in(version)).collect();
        let new = batch.iter().filter_map(|pair| version(&pair.after));
        let new: Vec<String> = new.filter(|version| about.after.is_in(version)).collect();
        // In one graph a version says the same on every day, and most versions stand on both sides.
        let (of_old, of_new) = if is_one_graph {
            old.extend(new);
            old.sort();
            old.dedup();
            (states.before.read(&old, &about.before)?, None)
        } else {
            let (old, new) = rayon::join(
                || states.before.read(&old, &about.before),
                || states.after.read(&new, &about.after),
            );
            (old?, Some(new?))
        };
        let of_new = of_new.as_ref().unwrap_or(&of_old);
        for (index, pair) in (number * BATCH..).zip(batch) {
            let before = pair.before.as_ref().and_then(|text| of_old.get(&text.version));
            let after = pair.after.as_ref().and_then(|text| of_new.get(&text.version));
            let contents = Both { before, after };
            names.add(pair, &contents);
            claims.add(index, pair, &contents);
            links.add(index, &contents);
        }
    }
    let product = about.after.product.as_deref();
    let mut work =
        Work { states, pairs: &pairs, limit: scope.limit, product, metrics: Metrics::default() };
    let mut sections =
        vec![names.section(&mut work)?, claims.section(&mut work)?, claims.regions(&mut work)?];
    if product.is_none() {
        sections.extend([
            pages::section(&mut work)?,
            translations::section(&mut work)?,
            links.section(&mut work)?,
            findings::section(&links.pages(), &mut work)?,
        ]);
    }
    let mut notes = pages::languages(&pairs);
    notes.extend(states.before.notes.iter().cloned());
    notes.extend(
        states.after.notes.iter().filter(|note| !states.before.notes.contains(note)).cloned(),
    );
    Ok(Comparison { metrics: work.metrics, sections, notes })
}

/// What every section works with, and where it counts.
struct Work<'a> {
    states: &'a Both<State<'a>>,
    pairs: &'a [pages::Pair],
    limit: usize,
    /// The only product that is told of, without the base of its graph.
    product: Option<&'a str>,
    metrics: Metrics,
}

impl Work<'_> {
    /// The first changes of a kind, told with their evidence. A change may be that of several
    /// things: `weigh` says of how many.
    fn group<T>(
        &self,
        (kind, title): (&'static str, &'static str),
        changes: &[T],
        weigh: impl Fn(&T) -> usize,
        mut tell: impl FnMut(&T) -> Result<Item, StoreError>,
    ) -> Result<Group, StoreError> {
        let shown = if self.limit == 0 { changes.len() } else { self.limit.min(changes.len()) };
        let mut items = changes[..shown].iter().map(&mut tell).collect::<Result<Vec<_>, _>>()?;
        for item in &mut items {
            item.things.iter_mut().for_each(|thing| *thing = self.states.after.iri(thing));
        }
        let counted = changes.iter().map(weigh).sum();
        Ok(Group { kind, title, counted, total: changes.len(), items })
    }

    /// Of a product, place or page, in the words of the newer side if it knows it.
    fn label(&self, thing: &str) -> Result<String, StoreError> {
        Ok(match self.states.after.label(thing)? {
            Some(label) => label,
            None => self.states.before.label(thing)?.unwrap_or_else(|| thing.to_owned()),
        })
    }
}

impl Comparison {
    pub fn is_identical(&self) -> bool {
        self.metrics.rows().all(|(_, counts)| !counts.differ())
    }
}
