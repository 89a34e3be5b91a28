//! What pages state about where data is, and which places follow from it.

use std::collections::{BTreeMap, BTreeSet};

use oxigraph::model::NamedNodeRef;

use super::evidence::ENOUGH;
use super::pages::Pair;
use super::state::{Content, Node, State, Text};
use super::{Both, Counts, Evidence, Item, Section, Witnesses, Work};
use crate::graph::claim::{ACTIVITIES, CATEGORIES, FORMS, RULES};
use crate::store::StoreError;
use crate::vocab::{dpv, stm};

/// A claim in a language.
type Said = (String, String);
/// Indices of the pages that say it.
type Pages = BTreeSet<usize>;

#[derive(Default)]
pub struct Tally {
    said: Both<BTreeMap<Said, Pages>>,
}

impl Tally {
    pub fn add(&mut self, index: usize, pair: &Pair, contents: &Both<Option<&Content>>) {
        let sides =
            [(&mut self.said.before, contents.before), (&mut self.said.after, contents.after)];
        for (said, content) in sides {
            for claim in content.iter().flat_map(|content| &content.claims) {
                let key = (claim.clone(), pair.locale().to_owned());
                said.entry(key).or_default().insert(index);
            }
        }
    }

    pub(super) fn section(&self, work: &mut Work<'_>) -> Result<Section, StoreError> {
        let Both { before, after } = &self.said;
        let (mut removed, mut added) = (Vec::new(), Vec::new());
        let (mut fewer, mut more) = (Vec::new(), Vec::new());
        let none = Pages::new();
        let keys: BTreeSet<&Said> = before.keys().chain(after.keys()).collect();
        let mut statements = Counts::default();
        for said in keys {
            let (old, new) = (before.get(said).unwrap_or(&none), after.get(said).unwrap_or(&none));
            let pages = Counts::of(old, new);
            statements.before += pages.before;
            statements.after += pages.after;
            statements.added += pages.added;
            statements.removed += pages.removed;
            let went: Pages = old.difference(new).copied().collect();
            let came: Pages = new.difference(old).copied().collect();
            let gone = (!went.is_empty()).then(|| Both { before: went, after: Pages::new() });
            let new_there = (!came.is_empty()).then(|| Both { before: Pages::new(), after: came });
            let is_both = !old.is_empty() && !new.is_empty();
            let (lost, won) =
                if is_both { (&mut fewer, &mut more) } else { (&mut removed, &mut added) };
            lost.extend(gone.map(|pages| (said, pages)));
            won.extend(new_there.map(|pages| (said, pages)));
        }
        let sorted = Sorted::of(open(work, &removed)?, open(work, &added)?);
        let counts = Counts {
            before: before.len() as u64,
            after: after.len() as u64,
            added: sorted.added.len() as u64,
            removed: sorted.removed.len() as u64,
            changed: sorted.changed.len() as u64,
        };
        work.metrics.set("claims", counts);
        work.metrics.set("statements", statements);
        let kinds = [
            (("claims-removed", "no longer stated"), sorted.removed),
            (("claims-changed", "stated otherwise"), sorted.changed),
            (("claims-added", "newly stated"), sorted.added),
            (("statements-removed", "still stated, but not on these pages"), open(work, &fewer)?),
            (("statements-added", "stated before, now on these pages too"), open(work, &more)?),
        ];
        let mut groups = Vec::new();
        for (kind, changes) in kinds {
            let changes = merged(changes);
            let weigh = |change: &Change| change.counted;
            groups.push(work.group(kind, &changes, weigh, |change| change.tell(work))?);
        }
        Ok(Section { title: "Claims", groups })
    }

    /// Where products are said to be, with or without data: claims that affirm a place.
    pub(super) fn regions(&self, work: &mut Work<'_>) -> Result<Section, StoreError> {
        let before = affirmed(&work.states.before, &self.said.before)?;
        let after = affirmed(&work.states.after, &self.said.after)?;
        let keys = |regions: &Regions| regions.keys().cloned().collect::<BTreeSet<_>>();
        work.metrics.set("regions", Counts::of(&keys(&before), &keys(&after)));
        let sides = [
            (("regions-removed", "no longer said to be there"), only(&before, &after), true),
            (("regions-added", "newly said to be there"), only(&after, &before), false),
        ];
        let mut groups = Vec::new();
        for (kind, regions, is_removed) in sides {
            let weigh = |region: &Region| region.counted;
            groups.push(work.group(kind, &regions, weigh, |region| {
                let mut names = Vec::new();
                for place in &region.places {
                    names.push(place_name(work, place)?);
                }
                let (before, after) = witnesses(work, &region.claims, &region.pages, is_removed)?;
                Ok(Item {
                    subject: work.label(&region.product)?,
                    text: names.join(", "),
                    locales: region.locales.iter().cloned().collect(),
                    things: std::iter::once(&region.product)
                        .chain(&region.places)
                        .cloned()
                        .collect(),
                    before,
                    after,
                })
            })?);
        }
        Ok(Section { title: "Regions", groups })
    }
}

/// For a product, a place and a language: the claims that say so, and the pages.
type Regions = BTreeMap<(String, String, String), (BTreeSet<String>, Pages)>;

fn affirmed(state: &State<'_>, said: &BTreeMap<Said, Pages>) -> Result<Regions, StoreError> {
    let mut regions = Regions::new();
    let mut known: BTreeMap<&str, Option<(String, String)>> = BTreeMap::new();
    for ((claim, locale), pages) in said {
        if !known.contains_key(claim.as_str()) {
            known.insert(claim, affirmed_place(&state.node(claim)?));
        }
        if let Some((product, place)) = &known[claim.as_str()] {
            let key = (product.clone(), place.clone(), locale.clone());
            let (claims, on) = regions.entry(key).or_default();
            claims.insert(claim.clone());
            on.extend(pages);
        }
    }
    Ok(regions)
}

/// The product and the place, where a claim says that the one is in the other.
fn affirmed_place(claim: &Node) -> Option<(String, String)> {
    let place = claim.location();
    let is_away = matches!(claim.get(stm::RELATION), Some("outside" | "from"));
    let affirms = word(RULES, place).is_none() && !is_away && !claim.is(stm::NEGATED);
    let product = claim.get(stm::PRODUCT).filter(|_| affirms && !place.is_empty())?;
    Some((product.to_owned(), place.to_owned()))
}

/// Places of a product that one side has, and the claims that say so.
#[derive(Default)]
struct Region {
    product: String,
    places: BTreeSet<String>,
    locales: BTreeSet<String>,
    claims: BTreeSet<String>,
    pages: Pages,
    counted: usize,
}

/// What only these have; places that the same pages tell of are told together.
fn only(these: &Regions, those: &Regions) -> Vec<Region> {
    let mut places: BTreeMap<(&str, &str), Region> = BTreeMap::new();
    for (key, (claims, pages)) in these.iter().filter(|(key, _)| !those.contains_key(*key)) {
        let (product, place, locale) = key;
        let region = places.entry((product, place)).or_default();
        region.product.clone_from(product);
        region.places.insert(place.clone());
        region.locales.insert(locale.clone());
        region.claims.extend(claims.iter().cloned());
        region.pages.extend(pages);
        region.counted += 1;
    }
    let mut together: BTreeMap<(String, BTreeSet<String>, Pages), Region> = BTreeMap::new();
    for region in places.into_values() {
        let key = (region.product.clone(), region.locales.clone(), region.pages.clone());
        let known = together.entry(key).or_default();
        known.product = region.product;
        known.places.extend(region.places);
        known.locales = region.locales;
        known.claims.extend(region.claims);
        known.pages = region.pages;
        known.counted += region.counted;
    }
    together.into_values().collect()
}

fn side<'a>(work: &'a Work<'_>, before: bool) -> &'a State<'a> {
    if before { &work.states.before } else { &work.states.after }
}

/// A change of what is stated: which claims were and are, in which languages, on which pages.
#[derive(Clone)]
struct Change {
    product: String,
    /// In which respect claims differ, of those that changed.
    respect: Option<String>,
    claims: Both<BTreeSet<String>>,
    pages: Both<Pages>,
    locales: BTreeSet<String>,
    /// What one of the claims says, of those that came or went.
    node: Node,
    /// How many changes are told in one.
    counted: usize,
}

/// Claims that are on one side only, each a change until its counterpart is found.
fn open(work: &Work<'_>, list: &[(&Said, Both<Pages>)]) -> Result<Vec<Change>, StoreError> {
    let change = |((claim, locale), pages): &(&Said, Both<Pages>)| {
        let node = side(work, pages.after.is_empty()).node(claim)?;
        let on = |pages: &Pages| (!pages.is_empty()).then(|| claim.clone()).into_iter().collect();
        Ok(Change {
            product: node.get(stm::PRODUCT).unwrap_or_default().to_owned(),
            respect: None,
            claims: Both { before: on(&pages.before), after: on(&pages.after) },
            pages: pages.clone(),
            locales: BTreeSet::from([locale.clone()]),
            node,
            counted: 1,
        })
    };
    list.iter().map(change).collect()
}

impl Change {
    fn take(&mut self, other: Self) {
        self.claims.before.extend(other.claims.before);
        self.claims.after.extend(other.claims.after);
        self.pages.before.extend(other.pages.before);
        self.pages.after.extend(other.pages.after);
        self.locales.extend(other.locales);
    }

    fn tell(&self, work: &Work<'_>) -> Result<Item, StoreError> {
        let words = |state: &State<'_>, claims: &BTreeSet<String>| -> Result<String, StoreError> {
            let nodes: Result<Vec<Node>, _> =
                claims.iter().map(|claim| state.node(claim)).collect();
            phrase(work, &nodes?)
        };
        let old = words(&work.states.before, &self.claims.before)?;
        let new = words(&work.states.after, &self.claims.after)?;
        let text = match &self.respect {
            Some(respect) => format!("{respect}: {old} → {new}"),
            None => old + &new,
        };
        let (before, after) = if self.respect.is_some() {
            let (before, _) = stated(work, &self.claims.before, &self.pages.before, true)?;
            let (after, _) = stated(work, &self.claims.after, &self.pages.after, false)?;
            (before, after)
        } else if self.claims.after.is_empty() {
            witnesses(work, &self.claims.before, &self.pages.before, true)?
        } else {
            witnesses(work, &self.claims.after, &self.pages.after, false)?
        };
        Ok(Item {
            subject: work.label(&self.product)?,
            text,
            locales: self.locales.iter().cloned().collect(),
            things: self.claims.before.union(&self.claims.after).cloned().collect(),
            before,
            after,
        })
    }
}

/// The same change in several languages is told once, and so is one of several places that the same
/// pages state.
fn merged(changes: Vec<Change>) -> Vec<Change> {
    let mut in_languages: BTreeMap<(BTreeSet<String>, BTreeSet<String>), Change> = BTreeMap::new();
    for change in changes {
        let key = (change.claims.before.clone(), change.claims.after.clone());
        match in_languages.get_mut(&key) {
            Some(known) => {
                known.counted += change.counted;
                known.take(change);
            }
            None => {
                in_languages.insert(key, change);
            }
        }
    }
    let mut all: Vec<Change> = Vec::new();
    for change in in_languages.into_values() {
        let is_alike = |known: &&mut Change| {
            change.respect.is_none()
                && known.locales == change.locales
                && known.pages.before == change.pages.before
                && known.pages.after == change.pages.after
                && respects(&known.node, &change.node) == ["place"]
        };
        match all.iter_mut().find(is_alike) {
            Some(known) => {
                known.counted += change.counted;
                known.take(change);
            }
            None => all.push(change),
        }
    }
    let key = |change: &Change| {
        (change.product.clone(), change.claims.before.clone(), change.claims.after.clone())
    };
    all.sort_by_cached_key(key);
    all
}

/// Claims that came and went, sorted into those that changed and the rest.
struct Sorted {
    removed: Vec<Change>,
    changed: Vec<Change>,
    added: Vec<Change>,
}

/// The respects in which a claim may change and still be about the same, the gravest first.
const RESPECTS: &[&str] =
    &["negation", "modality", "form", "at rest", "infrastructure", "place", "data", "activity"];

impl Sorted {
    /// A claim that went has changed if one came on the same page, in the same language, that
    /// differs from it in one respect; or in two, about the same place.
    fn of(gone: Vec<Change>, come: Vec<Change>) -> Self {
        let mut pairing = Pairing {
            gone: gone.into_iter().map(Some).collect(),
            come: come.into_iter().map(Some).collect(),
            changed: Vec::new(),
        };
        for respect in RESPECTS {
            pairing.pair(*respect == "place", |differing| differing == [*respect]);
        }
        pairing.pair(false, |differing| {
            differing.len() == 2 && !differing.contains(&"place") && !differing.contains(&"product")
        });
        Self {
            removed: pairing.gone.into_iter().flatten().collect(),
            changed: pairing.changed,
            added: pairing.come.into_iter().flatten().collect(),
        }
    }
}

struct Pairing {
    gone: Vec<Option<Change>>,
    come: Vec<Option<Change>>,
    changed: Vec<Change>,
}

impl Pairing {
    /// Pairs claims whose differences are as asked for. A sentence may name several places: which
    /// took the place of which, nobody says, so `all` of them are one change.
    fn pair(&mut self, all: bool, is_wanted: impl Fn(&[&'static str]) -> bool) {
        let differing = |old: &Change, new: &Option<Change>| {
            let new = new.as_ref().filter(|new| {
                old.locales == new.locales
                    && old.product == new.product
                    && !old.pages.before.is_disjoint(&new.pages.after)
            })?;
            Some(respects(&old.node, &new.node)).filter(|differing| is_wanted(differing))
        };
        for at in 0..self.gone.len() {
            let Some(old) = &self.gone[at] else { continue };
            let fits = |new: &usize| differing(old, &self.come[*new]).is_some();
            let mut with: Vec<usize> = (0..self.come.len()).filter(fits).collect();
            let Some(&first) = with.first() else { continue };
            with.truncate(if all { with.len() } else { 1 });
            let respect = differing(old, &self.come[first]).unwrap_or_default().join(", ");
            let goes_along = |other: &usize| {
                let other = self.gone[*other].as_ref();
                other.is_some_and(|other| {
                    with.iter().all(|&new| differing(other, &self.come[new]).is_some())
                })
            };
            let along = (at + 1..self.gone.len()).filter(|_| all).filter(goes_along);
            let along: Vec<usize> = along.collect();
            let Some(mut change) = self.gone[at].take() else { continue };
            change.respect = Some(respect);
            for other in along {
                self.gone[other].take().into_iter().for_each(|other| change.take(other));
            }
            for new in with {
                self.come[new].take().into_iter().for_each(|new| change.take(new));
            }
            self.changed.push(change);
        }
    }
}

/// In which respects two claims differ.
fn respects(a: &Node, b: &Node) -> Vec<&'static str> {
    let data =
        |node: &Node, words: Words| node.all(dpv::HAS_DATA).find_map(|term| word(words, term));
    let same = |term| a.get(term) == b.get(term);
    let checks = [
        ("product", same(stm::PRODUCT)),
        ("negation", same(stm::NEGATED)),
        ("modality", same(stm::MODALITY)),
        ("form", data(a, FORMS) == data(b, FORMS)),
        ("at rest", same(stm::AT_REST)),
        ("infrastructure", same(stm::INFRASTRUCTURE)),
        ("place", same(dpv::HAS_LOCATION) && same(stm::RELATION)),
        ("data", data(a, CATEGORIES) == data(b, CATEGORIES)),
        ("activity", same(dpv::HAS_PROCESSING)),
    ];
    checks.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect()
}

/// The scheme's words and their terms.
type Words = &'static [(&'static str, NamedNodeRef<'static>)];

fn word(words: Words, term: &str) -> Option<&'static str> {
    words.iter().find(|(_, known)| known.as_str() == term).map(|(word, _)| *word)
}

/// Claims that differ in their place alone, in words: `may store customer data, pseudonymized, in
/// United States`.
fn phrase(work: &Work<'_>, claims: &[Node]) -> Result<String, StoreError> {
    let Some(claim) = claims.first() else { return Ok(String::new()) };
    let activity = claim.get(dpv::HAS_PROCESSING).and_then(|term| word(ACTIVITIES, term));
    let activity = activity.unwrap_or("handles");
    // The words of the scheme are verbs: `stores`, `processes`, `backs-up`.
    let plain = match activity {
        "processes" | "accesses" => activity.trim_end_matches("es").to_owned(),
        "backs-up" => "back up".to_owned(),
        verb => verb.trim_end_matches('s').to_owned(),
    };
    let modality = claim.get(stm::MODALITY).unwrap_or_default();
    let mut said = match (modality, claim.is(stm::NEGATED)) {
        (term, false) if term == stm::POSSIBLE.as_str() => format!("may {plain}"),
        (term, true) if term == stm::POSSIBLE.as_str() => format!("possibly does not {plain}"),
        (term, false) if term == stm::PLANNED.as_str() => format!("is planned to {plain}"),
        (term, true) if term == stm::PLANNED.as_str() => format!("is planned not to {plain}"),
        (_, true) => format!("does not {plain}"),
        (_, false) => activity.replace('-', " "),
    };
    let data = |words| claim.all(dpv::HAS_DATA).find_map(|term| word(words, term));
    if let Some(category) = data(CATEGORIES) {
        said.push_str(&format!(" {}", category.replace('-', " ")));
    }
    if let Some(form) = data(FORMS) {
        said.push_str(&format!(", {form},"));
    }
    if claim.is(stm::AT_REST) {
        said.push_str(" at rest");
    }
    let mut places = Vec::new();
    for claim in claims {
        let place = place_name(work, claim.location())?;
        let relation = claim.get(stm::RELATION).unwrap_or("in");
        places.push(if claim.location() == stm::BETWEEN_SERVICES.as_str() {
            place
        } else if word(RULES, claim.location()).is_some() {
            format!("{relation} [{place}]")
        } else {
            format!("{relation} {place}")
        });
    }
    places.sort();
    places.dedup();
    said.push_str(&format!(" {}", places.join(", ")));
    if let Some(infrastructure) = claim.get(stm::INFRASTRUCTURE) {
        said.push_str(&format!(", on {}", work.label(infrastructure)?));
    }
    Ok(said)
}

/// A place by its name; a rule by the scheme's word.
fn place_name(work: &Work<'_>, place: &str) -> Result<String, StoreError> {
    match word(RULES, place) {
        Some(word) => Ok(word.replace('-', " ")),
        None => work.label(place),
    }
}

fn text_of(pair: &Pair, before: bool) -> Option<&Text> {
    if before { pair.before.as_ref() } else { pair.after.as_ref() }
}

/// Where one side states claims, and what the other has in their place; as before and after.
fn witnesses(
    work: &Work<'_>,
    claims: &BTreeSet<String>,
    pages: &Pages,
    before: bool,
) -> Result<(Witnesses, Witnesses), StoreError> {
    let (shown, at) = stated(work, claims, pages, before)?;
    let others = counterparts(work, &at, &shown, !before)?;
    Ok(if before { (shown, others) } else { (others, shown) })
}

/// Where pages state claims, and for each place its page.
fn stated(
    work: &Work<'_>,
    claims: &BTreeSet<String>,
    pages: &Pages,
    before: bool,
) -> Result<(Witnesses, Vec<usize>), StoreError> {
    let state = side(work, before);
    let (mut found, mut at) = (Witnesses::default(), Vec::new());
    for &page in pages {
        let pair = &work.pairs[page];
        let Some(text) = text_of(pair, before) else { continue };
        if at.len() >= ENOUGH {
            found.more += 1;
            continue;
        }
        for claim in claims {
            let Some(evidence) = statement(state, claim, text)? else { continue };
            let locale = Some(pair.locale().to_owned());
            let evidence = Evidence { locale, url: text.url.clone(), ..evidence };
            if !found.shown.contains(&evidence) {
                found.shown.push(evidence);
                at.push(page);
            }
        }
    }
    Ok((found, at))
}

/// Where a text states a claim.
fn statement(state: &State<'_>, claim: &str, text: &Text) -> Result<Option<Evidence>, StoreError> {
    let version = std::slice::from_ref(&text.version);
    let own = format!(
        "SELECT ?reading ?side WHERE {{ VALUES ?version {{ $ }}
         ?version stm:states <{0}> . ?reading stm:inVersion ?version ; stm:states <{0}>
         OPTIONAL {{ ?reading stm:ofSourceSide ?side }} }}",
        state.iri(claim)
    );
    let rows: Vec<[Option<String>; 2]> = state.ask(&own, version)?;
    if let Some([Some(reading), _]) = rows.into_iter().find(|[_, side]| side.is_none()) {
        return Ok(Some(state.place(&reading)?));
    }
    // A text that is not at hand speaks through the bilingual pages that were made from it.
    let through = format!(
        "SELECT ?reading WHERE {{ VALUES ?source {{ $ }} ?source stm:states <{0}> .
         ?version stm:translatedFrom ?source .
         ?reading stm:inVersion ?version ; stm:states <{0}> ; stm:ofSourceSide true }}",
        state.iri(claim)
    );
    match state.ask(&through, version)?.into_iter().next() {
        Some([Some(reading)]) => {
            let evidence = state.place(&reading)?;
            Ok(Some(evidence.noting("the English side of a bilingual page")))
        }
        _ => Ok(None),
    }
}

/// What the other side has in the place of statements: the sentence most like each.
fn counterparts(
    work: &Work<'_>,
    at: &[usize],
    shown: &Witnesses,
    before: bool,
) -> Result<Witnesses, StoreError> {
    let state = side(work, before);
    let mut found = Witnesses::default();
    for (&page, witness) in at.iter().zip(&shown.shown) {
        let pair = &work.pairs[page];
        let evidence = match text_of(pair, before) {
            None => Evidence {
                locale: Some(pair.locale().to_owned()),
                ..Evidence::note(if before {
                    "the page was not there"
                } else {
                    "the page is no longer there"
                })
            },
            Some(text) => {
                let evidence = state.text_evidence(pair.locale(), text)?;
                let quote = witness.quote.as_deref().unwrap_or_default();
                match state.nearest(&text.version, quote)? {
                    Some((line, quote)) => {
                        Evidence { line: Some(line), quote: Some(quote), ..evidence }
                    }
                    None if evidence.file.is_some() => evidence.noting("nothing like it is said"),
                    None => evidence,
                }
            }
        };
        if !found.shown.contains(&evidence) {
            found.shown.push(evidence);
        }
    }
    Ok(found)
}
