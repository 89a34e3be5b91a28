//! What products are called: in the pages of each language, in the registry, and which changes of
//! products are known.

use std::collections::{BTreeMap, BTreeSet};

use super::pages::Pair;
use super::state::{self, Content, State};
use super::{Both, Counts, Evidence, Group, Item, Section, Witnesses, Work};
use crate::store::StoreError;
use crate::vocab::{dcterms, rdfs, schema, skosxl, stm};

/// A product in the pages of a language.
type Place = (String, String);
/// For each name: on how many pages, and in which text first.
type Used = BTreeMap<String, (u64, String)>;

#[derive(Default)]
pub struct Tally {
    used: Both<BTreeMap<Place, Used>>,
}

impl Tally {
    pub fn add(&mut self, pair: &Pair, contents: &Both<Option<&Content>>) {
        let sides = [
            (&mut self.used.before, contents.before, &pair.before),
            (&mut self.used.after, contents.after, &pair.after),
        ];
        for (used, content, text) in sides {
            let (Some(content), Some(text)) = (content, text) else { continue };
            for (name, product) in &content.names {
                let place = (product.clone(), pair.locale().to_owned());
                let names = used.entry(place).or_default();
                names.entry(name.clone()).or_insert_with(|| (0, text.version.clone())).0 += 1;
            }
        }
    }

    pub(super) fn section(&self, work: &mut Work<'_>) -> Result<Section, StoreError> {
        let Both { before, after } = &self.used;
        let places: BTreeSet<&Place> = before.keys().chain(after.keys()).collect();
        let none = Used::new();
        let mut uses: Vec<Use<'_>> = places
            .into_iter()
            .map(|place| Use {
                place,
                before: before.get(place).unwrap_or(&none),
                after: after.get(place).unwrap_or(&none),
            })
            .collect();
        uses.sort_by_key(|used| (std::cmp::Reverse(used.weight()), used.place));
        self.count(&uses, work);
        let of_kind = |kind| uses.iter().filter(move |used| used.kind() == Some(kind)).collect();
        let kinds = [
            (Kind::Renamed, "products-changed", "mostly called otherwise"),
            (Kind::New, "products-added", "named for the first time"),
            (Kind::Gone, "products-removed", "no longer named"),
            (Kind::Names, "names-changed", "other names besides"),
        ];
        let mut groups = vec![self.changes(work)?];
        for (kind, word, title) in kinds {
            let changes: Vec<&Use<'_>> = of_kind(kind);
            groups.push(work.group((word, title), &changes, |_| 1, |used| used.tell(work))?);
        }
        if work.states.before.day.is_none() {
            groups.push(registry(work)?);
        }
        Ok(Section { title: "Products and names", groups })
    }

    fn count(&self, uses: &[Use<'_>], work: &mut Work<'_>) {
        let mut products = Counts::default();
        let mut names = Counts::default();
        for used in uses {
            products.before += u64::from(!used.before.is_empty());
            products.after += u64::from(!used.after.is_empty());
            names.before += used.before.len() as u64;
            names.after += used.after.len() as u64;
            names.added += used.won().count() as u64;
            names.removed += used.lost().count() as u64;
            match used.kind() {
                Some(Kind::New) => products.added += 1,
                Some(Kind::Gone) => products.removed += 1,
                Some(Kind::Renamed) => products.changed += 1,
                Some(Kind::Names) | None => {}
            }
        }
        work.metrics.set("products", products);
        work.metrics.set("names", names);
    }

    /// Changes of products, as the registry and the pages tell them.
    fn changes(&self, work: &mut Work<'_>) -> Result<Group, StoreError> {
        let mut changes = match (&work.states.before.day, &work.states.after.day) {
            (Some(from), Some(until)) => {
                let named: BTreeSet<&str> = self
                    .used
                    .before
                    .keys()
                    .chain(self.used.after.keys())
                    .map(|(product, _)| product.as_str())
                    .collect();
                within(&work.states.after, &named, from, until)?
            }
            _ => between(work)?,
        };
        // What pages show comes before what the registry says.
        let key = |change: &Change| (change.is_curated(), change.is_vague, change.id.clone());
        changes.list.sort_by_cached_key(key);
        work.metrics.set("product-changes", changes.counts);
        let kind = ("product-changes", "renames and other changes of products");
        work.group(kind, &changes.list, |_| 1, |change| change.tell(work))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Renamed,
    New,
    Gone,
    Names,
}

/// What a product is called in a language, on both sides.
struct Use<'a> {
    place: &'a Place,
    before: &'a Used,
    after: &'a Used,
}

impl Use<'_> {
    fn kind(&self) -> Option<Kind> {
        match (self.before.is_empty(), self.after.is_empty()) {
            (true, _) => Some(Kind::New),
            (_, true) => Some(Kind::Gone),
            _ if self.is_renamed() => Some(Kind::Renamed),
            _ => {
                (self.won().next().is_some() || self.lost().next().is_some()).then_some(Kind::Names)
            }
        }
    }

    fn won(&self) -> impl Iterator<Item = &String> {
        self.after.keys().filter(|name| !self.before.contains_key(*name))
    }

    fn lost(&self) -> impl Iterator<Item = &String> {
        self.before.keys().filter(|name| !self.after.contains_key(*name))
    }

    /// Another name leads, because it won pages and the former one lost some.
    fn is_renamed(&self) -> bool {
        let (Some(old), Some(new)) = (lead(self.before), lead(self.after)) else { return false };
        let of = |name| (pages(self.before, name), pages(self.after, name));
        let ((old_before, old_after), (new_before, new_after)) = (of(old), of(new));
        let leads = old_before > new_before && new_after > old_after;
        leads && old_before > old_after && new_after > new_before
    }

    /// How many pages are concerned.
    fn weight(&self) -> u64 {
        self.names().map(|name| self.shift(name)).sum()
    }

    fn names(&self) -> impl Iterator<Item = &String> {
        self.before.keys().chain(self.won())
    }

    fn shift(&self, name: &str) -> u64 {
        pages(self.before, name).abs_diff(pages(self.after, name))
    }

    fn tell(&self, work: &Work<'_>) -> Result<Item, StoreError> {
        let (product, locale) = self.place;
        let is_renamed = self.kind() == Some(Kind::Renamed);
        // What moved most comes first; what did not move, or hardly, hides what happened.
        let mut names: Vec<&String> = self
            .names()
            .filter(|name| {
                let is_on_both = self.before.contains_key(*name) && self.after.contains_key(*name);
                !is_on_both || is_renamed && self.shift(name) > 0
            })
            .collect();
        names.sort_by_key(|name| (std::cmp::Reverse(self.shift(name)), *name));
        let mut told = Vec::new();
        for name in &names {
            let on = on_pages(pages(self.before, name), pages(self.after, name));
            told.push(format!("“{}” {on}", spelling(work, name)?));
        }
        let (old, new): (Vec<&String>, Vec<&String>) = match self.kind() {
            Some(Kind::Names) => (self.lost().collect(), self.won().collect()),
            // One example of the leading name is enough.
            _ => (lead(self.before).into_iter().collect(), lead(self.after).into_iter().collect()),
        };
        let show = |state: &State<'_>, used: &Used, name: &String| {
            state.with_name(&used[name].1, name, &spelling(work, name)?)
        };
        Ok(Item {
            subject: work.label(product)?,
            text: told.join(", "),
            locales: vec![locale.clone()],
            things: vec![product.clone()],
            before: Witnesses::of(&old, |name| show(&work.states.before, self.before, name))?,
            after: Witnesses::of(&new, |name| show(&work.states.after, self.after, name))?,
        })
    }
}

fn pages(used: &Used, name: &str) -> u64 {
    used.get(name).map_or(0, |(pages, _)| *pages)
}

/// The name on most pages.
fn lead(used: &Used) -> Option<&String> {
    used.iter().max_by_key(|(name, (pages, _))| (*pages, *name)).map(|(name, _)| name)
}

fn on_pages(old: u64, new: u64) -> String {
    let pages = if new == 1 { "page" } else { "pages" };
    match (old, new) {
        (0, new) => format!("now on {new} {pages}"),
        (1, 0) => "no longer on 1 page".to_owned(),
        (old, 0) => format!("no longer on {old} pages"),
        (old, new) => format!("on {old} → {new} {pages}"),
    }
}

fn spelling(work: &Work<'_>, name: &str) -> Result<String, StoreError> {
    for state in [&work.states.after, &work.states.before] {
        if let Some(text) = state.object(name, skosxl::LITERAL_FORM)? {
            return Ok(text);
        }
    }
    Ok(name.to_owned())
}

/// A change of a product that one side has, or has otherwise.
struct Change {
    id: String,
    is_in: Both<bool>,
    /// The bounds of its date reach out of the time that is compared.
    is_vague: bool,
}

#[derive(Default)]
struct Changes {
    list: Vec<Change>,
    counts: Counts,
}

const CHANGES: &str = "SELECT ?change ?product ?earliest ?latest WHERE {
  ?change a stm:ProductChange ; stm:product ?product
  OPTIONAL { ?change stm:earliest ?earliest ; stm:latest ?latest } }";

/// The changes of two graphs: a change is the same if its dates are.
fn between(work: &Work<'_>) -> Result<Changes, StoreError> {
    let known = |state: &State<'_>| -> Result<BTreeMap<String, [Option<String>; 2]>, StoreError> {
        let rows = state.rows(CHANGES)?;
        Ok(rows
            .into_iter()
            .filter(|[_, product, _, _]: &state::Row<4>| {
                work.product.is_none() || product.as_deref() == work.product
            })
            .map(|[change, _, earliest, latest]| (state::text(change), [earliest, latest]))
            .collect())
    };
    let (before, after) = (known(&work.states.before)?, known(&work.states.after)?);
    let ids: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut changes = Changes::default();
    for id in ids {
        let (old, new) = (before.get(id), after.get(id));
        changes.counts.before += u64::from(old.is_some());
        changes.counts.after += u64::from(new.is_some());
        match (old, new) {
            (None, _) => changes.counts.added += 1,
            (_, None) => changes.counts.removed += 1,
            (old, new) if old != new => changes.counts.changed += 1,
            _ => continue,
        }
        let is_in = Both { before: old.is_some(), after: new.is_some() };
        changes.list.push(Change { id: id.clone(), is_in, is_vague: false });
    }
    Ok(changes)
}

/// The changes that happened, or may have, between two days, of products that the pages name.
fn within(
    state: &State<'_>,
    named: &BTreeSet<&str>,
    from: &str,
    until: &str,
) -> Result<Changes, StoreError> {
    let mut changes = Changes::default();
    let mut seen = BTreeSet::new();
    for [change, product, earliest, latest] in state.rows(CHANGES)? {
        let (change, product) = (state::text(change), state::text(product));
        let (Some(earliest), Some(latest)) = (earliest, latest) else { continue };
        if !named.contains(product.as_str()) || !seen.insert(change.clone()) {
            continue;
        }
        changes.counts.before += u64::from(latest.as_str() <= from);
        changes.counts.after += u64::from(latest.as_str() <= until);
        if latest.as_str() > from && earliest.as_str() <= until {
            changes.counts.added += 1;
            let is_in = Both { before: false, after: true };
            let is_vague = earliest.as_str() < from || latest.as_str() > until;
            changes.list.push(Change { id: change, is_in, is_vague });
        }
    }
    Ok(changes)
}

impl Change {
    fn is_curated(&self) -> bool {
        self.id.contains("curated-")
    }

    fn tell(&self, work: &Work<'_>) -> Result<Item, StoreError> {
        let Both { before, after } = work.states;
        let state = if self.is_in.after { after } else { before };
        let node = state.node(&self.id)?;
        let dates = |state: &State<'_>| -> Result<String, StoreError> {
            let node = state.node(&self.id)?;
            Ok(match (node.get(stm::EARLIEST), node.get(stm::LATEST)) {
                (Some(earliest), Some(latest)) if earliest == latest => format!("on {earliest}"),
                (Some(earliest), Some(latest)) => format!("between {earliest} and {latest}"),
                _ => "undated".to_owned(),
            })
        };
        let basis = if node.get(stm::BASIS) == Some(stm::OBSERVED.as_str()) {
            "observed in the pages"
        } else {
            "curated in the registry"
        };
        let text = match (self.is_in.before, self.is_in.after) {
            (true, true) => {
                format!("{basis}, {} (was {})", dates(after)?, dates(before)?)
            }
            (true, false) => format!("{basis}, {}: no longer known", dates(before)?),
            _ if self.is_vague => {
                format!("{basis}, {}: perhaps not in this time", dates(after)?)
            }
            _ => format!("{basis}, {}", dates(after)?),
        };
        let mut item = Item {
            subject: node.get(rdfs::LABEL).unwrap_or(&self.id).to_owned(),
            text,
            things: vec![self.id.clone()],
            ..Item::default()
        };
        let mut pieces: Both<Vec<Piece>> = Both::default();
        for evidence in node.all(stm::EVIDENCE) {
            let piece = state.node(evidence)?;
            let shown: Vec<&str> = piece.all(stm::BEFORE).collect();
            if let Some(place) = piece.get(stm::AFTER) {
                pieces.before.extend(shown.into_iter().map(|place| Piece::Place(place.into())));
                pieces.after.push(Piece::Place(place.to_owned()));
            } else if piece.get(stm::IN_VERSION).is_some() {
                pieces.after.push(Piece::Place(evidence.to_owned()));
            } else {
                pieces.after.push(Piece::Source(evidence.to_owned()));
            }
        }
        // Of two days, what was last seen of the old name stands on the side of the first.
        if pieces.before.is_empty() && pieces.after.len() > 1 {
            let mut dated = Vec::new();
            for piece in std::mem::take(&mut pieces.after) {
                dated.push((piece.show(state)?.since, piece));
            }
            dated.sort_by(|a, b| a.0.cmp(&b.0));
            let mut dated = dated.into_iter().map(|(_, piece)| piece);
            pieces.before.extend(dated.next());
            pieces.after.extend(dated);
        }
        item.before = Witnesses::of(&pieces.before, |piece| piece.show(state))?;
        item.after = Witnesses::of(&pieces.after, |piece| piece.show(state))?;
        Ok(item)
    }
}

/// What is given as the reason for a change.
enum Piece {
    Place(String),
    Source(String),
}

impl Piece {
    fn show(&self, state: &State<'_>) -> Result<Evidence, StoreError> {
        match self {
            Self::Place(node) => state.place(node),
            Self::Source(source) => source_evidence(state, source),
        }
    }
}

/// Where the registry has a fact from.
fn source_evidence(state: &State<'_>, source: &str) -> Result<Evidence, StoreError> {
    let node = state.node(source)?;
    let title = node.get(rdfs::LABEL).unwrap_or(source);
    Ok(Evidence {
        since: node.get(dcterms::DATE).map(str::to_owned),
        url: node.get(schema::URL).map(str::to_owned),
        ..Evidence::note(format!("source: {title}"))
    })
}

/// Names that the registry of one side knows and that of the other does not, by product.
fn registry(work: &mut Work<'_>) -> Result<Group, StoreError> {
    let known = |state: &State<'_>| -> Result<BTreeSet<(String, String)>, StoreError> {
        let rows = state.rows("SELECT ?product ?name WHERE { ?product stm:name ?name }")?;
        let rows = rows.into_iter().map(|[p, name]| (state::text(p), state::text(name)));
        Ok(rows.filter(|(p, _)| work.product.is_none_or(|product| p == product)).collect())
    };
    let (before, after) = (known(&work.states.before)?, known(&work.states.after)?);
    work.metrics.set("known-names", Counts::of(&before, &after));
    let mut products: BTreeMap<&str, Both<Vec<&str>>> = BTreeMap::new();
    for (product, name) in before.difference(&after) {
        products.entry(product).or_default().before.push(name);
    }
    for (product, name) in after.difference(&before) {
        products.entry(product).or_default().after.push(name);
    }
    let products: Vec<(&str, Both<Vec<&str>>)> = products.into_iter().collect();
    let kind = ("known-names", "known to the registry");
    let weigh = |(_, names): &(&str, Both<Vec<&str>>)| names.before.len() + names.after.len();
    work.group(kind, &products, weigh, |(product, names)| {
        let sources = |state: &State<'_>, name: &&str| {
            let source = state.object(name, dcterms::SOURCE)?;
            let evidence = match source {
                Some(source) => source_evidence(state, &source)?,
                None => Evidence::default(),
            };
            let text = spelling(work, name)?;
            Ok(Evidence { quote: Some(text), ..evidence })
        };
        let told = |names: &[&str]| match names {
            [_] => "1 name".to_owned(),
            names => format!("{} names", names.len()),
        };
        let text = match (names.before.as_slice(), names.after.as_slice()) {
            ([], new) => format!("{} more", told(new)),
            (old, []) => format!("{} less", told(old)),
            (old, new) => format!("{} less, {} more", told(old), told(new)),
        };
        Ok(Item {
            subject: work.label(product)?,
            text,
            things: vec![(*product).to_owned()],
            before: Witnesses::of(&names.before, |name| sources(&work.states.before, name))?,
            after: Witnesses::of(&names.after, |name| sources(&work.states.after, name))?,
            ..Item::default()
        })
    })
}
