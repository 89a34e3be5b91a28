//! Pages that came, went, moved, or have another text; and how many texts are known.

use std::collections::{BTreeMap, BTreeSet};

use super::state::{self, Page, State, Text};
use super::{Both, Counts, Evidence, Group, Item, Section, Witnesses, Work};
use crate::store::StoreError;
use crate::vocab::{dcterms, stm};

/// A page on both sides.
#[derive(Debug)]
pub struct Pair {
    pub page: Page,
    pub before: Option<Text>,
    pub after: Option<Text>,
    /// The same text stands elsewhere, and no redirect says that it is the same document.
    pub silently_moved: bool,
}

impl Pair {
    pub fn locale(&self) -> &str {
        &self.page.locale
    }

    pub fn both(&self) -> Option<(&Text, &Text)> {
        self.before.as_ref().zip(self.after.as_ref())
    }

    fn is_changed(&self) -> bool {
        self.both().is_some_and(|(before, after)| before.digits() != after.digits())
    }

    fn is_moved(&self) -> bool {
        let paths = self.both().map(|(before, after)| (&before.path, &after.path));
        matches!(paths, Some((Some(before), Some(after))) if before != after)
    }
}

/// Every page of either side, in the order of documents and locales.
pub fn pair(states: &Both<State<'_>>) -> Vec<Pair> {
    let known_as = aliases(states);
    let mut pairs: BTreeMap<Page, Pair> = BTreeMap::new();
    let new =
        |page: &Page| Pair { page: page.clone(), before: None, after: None, silently_moved: false };
    for (page, text) in &states.before.texts {
        pairs.entry(page.clone()).or_insert_with(|| new(page)).before = Some(text.clone());
    }
    for (page, text) in &states.after.texts {
        let document = known_as.get(page.document.as_str()).copied().unwrap_or(&page.document);
        let page = Page { document: document.to_owned(), locale: page.locale.clone() };
        pairs.entry(page.clone()).or_insert_with(|| new(&page)).after = Some(text.clone());
    }
    join_moved(&mut pairs);
    pairs.into_values().collect()
}

/// Documents of the newer side that the older one knows by another of their paths.
fn aliases<'a>(states: &'a Both<State<'_>>) -> BTreeMap<&'a str, &'a str> {
    let (before, after) = (&states.before.paths, &states.after.paths);
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for (document, paths) in before {
        owners.extend(paths.iter().map(|path| (path.as_str(), document.as_str())));
    }
    let mut known_as = BTreeMap::new();
    for (document, paths) in after.iter().filter(|(document, _)| !before.contains_key(*document)) {
        let owner = paths.iter().find_map(|path| owners.get(path.as_str()));
        if let Some(owner) = owner.filter(|owner| !after.contains_key(**owner)) {
            known_as.insert(document.as_str(), *owner);
        }
    }
    known_as
}

/// A page that went and one that came with the very same text are one that moved.
fn join_moved(pairs: &mut BTreeMap<Page, Pair>) {
    let mut gone: BTreeMap<(String, String), Vec<Page>> = BTreeMap::new();
    let mut come = gone.clone();
    for (page, pair) in pairs.iter() {
        let (text, of) = match (&pair.before, &pair.after) {
            (Some(text), None) => (text, &mut gone),
            (None, Some(text)) => (text, &mut come),
            _ => continue,
        };
        of.entry((page.locale.clone(), text.digits().to_owned())).or_default().push(page.clone());
    }
    for (text, from) in gone {
        // Several of either are boilerplate.
        if let ([from], Some([to])) = (from.as_slice(), come.get(&text).map(Vec::as_slice)) {
            let moved = pairs.remove(to).expect("a page that came is among the pages");
            let pair = pairs.get_mut(from).expect("a page that went is among the pages");
            pair.after = moved.after;
            pair.silently_moved = true;
        }
    }
}

/// Languages that only one side has: much else follows from that.
pub fn languages(pairs: &[Pair]) -> Vec<String> {
    let mut pages: BTreeMap<&str, Both<u64>> = BTreeMap::new();
    for pair in pairs {
        let counts = pages.entry(pair.locale()).or_default();
        counts.before += u64::from(pair.before.is_some());
        counts.after += u64::from(pair.after.is_some());
    }
    let told = |(locale, counts): (&str, Both<u64>)| match counts {
        Both { before: 0, after } => Some(format!("{locale} is new: {after} pages")),
        Both { before, after: 0 } => Some(format!("{locale} is gone: {before} pages")),
        _ => None,
    };
    pages.into_iter().filter_map(told).collect()
}

const VERSIONS: &str = "SELECT ?version WHERE { ?version a stm:PageVersion ; stm:available true }";
const PUBLISHED: &str = "SELECT DISTINCT ?version WHERE {
  ?validity stm:ofVersion ?version ; stm:validFrom ?from FILTER(?from <= \"$\"^^xsd:date) }";
/// Texts of a page that were published in a time: after the first day, until the last.
const BETWEEN: &str = "SELECT (COUNT(DISTINCT ?version) AS ?n) WHERE {
  ?version stm:page <$page> . ?validity stm:ofVersion ?version ; stm:validFrom ?from
  FILTER(?from > \"$after\"^^xsd:date && ?from <= \"$until\"^^xsd:date) }";

pub(super) fn section(work: &mut Work<'_>) -> Result<Section, StoreError> {
    count(work)?;
    let of_kind = |is: &dyn Fn(&Pair) -> bool| documents(work.pairs.iter().filter(|pair| is(pair)));
    let removed = of_kind(&|pair| pair.after.is_none());
    let added = of_kind(&|pair| pair.before.is_none());
    let moved = of_kind(&Pair::is_moved);
    let changed = of_kind(&Pair::is_changed);
    let missing = of_kind(&|pair| {
        pair.both().is_some_and(|(before, after)| before.available && !after.available)
    });
    let mut groups = vec![
        work.group(("pages-removed", "removed"), &removed, Vec::len, |pairs| went(work, pairs))?,
        work.group(("pages-added", "added"), &added, Vec::len, |pairs| came(work, pairs))?,
        work.group(("addresses-changed", "moved"), &moved, Vec::len, |pairs| moves(work, pairs))?,
        work.group(("pages-changed", "another text"), &changed, Vec::len, |pairs| {
            rewritten(work, pairs)
        })?,
    ];
    let kind = ("texts-missing", "whose newest text is not in the inputs any more");
    groups.push(work.group(kind, &missing, Vec::len, |pairs| {
        sides(work, pairs, item(pairs, "known from its translations only".to_owned()))
    })?);
    groups.push(former(work)?);
    Ok(Section { title: "Pages", groups })
}

fn count(work: &mut Work<'_>) -> Result<(), StoreError> {
    let is =
        |text: &dyn Fn(&Pair) -> bool| work.pairs.iter().filter(|pair| text(pair)).count() as u64;
    let pages = Counts {
        before: is(&|pair| pair.before.is_some()),
        after: is(&|pair| pair.after.is_some()),
        added: is(&|pair| pair.before.is_none()),
        removed: is(&|pair| pair.after.is_none()),
        changed: is(&Pair::is_changed),
    };
    let addresses = Counts { changed: is(&Pair::is_moved), ..pages };
    work.metrics.set("pages", pages);
    work.metrics.set("addresses", addresses);
    Ok(())
}

/// The pages of each document.
fn documents<'a>(pairs: impl Iterator<Item = &'a Pair>) -> Vec<Vec<&'a Pair>> {
    let mut documents: BTreeMap<&str, Vec<&Pair>> = BTreeMap::new();
    for pair in pairs {
        documents.entry(&pair.page.document).or_default().push(pair);
    }
    documents.into_values().collect()
}

fn item(pairs: &[&Pair], text: String) -> Item {
    let path = |text: &Option<Text>| text.as_ref().and_then(|text| text.path.clone());
    let named = pairs.iter().find_map(|pair| path(&pair.after).or_else(|| path(&pair.before)));
    let document = &pairs[0].page.document;
    let named = named.unwrap_or_else(|| document.trim_start_matches("doc/").to_owned());
    let iris = pairs.iter().map(|pair| {
        let text = pair.after.as_ref().or(pair.before.as_ref());
        text.map_or(String::new(), |text| text.page.clone())
    });
    Item {
        subject: named,
        text,
        locales: pairs.iter().map(|pair| pair.locale().to_owned()).collect(),
        things: iris.collect(),
        ..Item::default()
    }
}

fn sides(work: &Work<'_>, pairs: &[&Pair], item: Item) -> Result<Item, StoreError> {
    let Both { before, after } = work.states;
    let old: Vec<(&str, &Text)> =
        pairs.iter().filter_map(|pair| Some((pair.locale(), pair.before.as_ref()?))).collect();
    let new: Vec<(&str, &Text)> =
        pairs.iter().filter_map(|pair| Some((pair.locale(), pair.after.as_ref()?))).collect();
    Ok(Item {
        before: Witnesses::of(&old, |(locale, text)| before.text_evidence(locale, text))?,
        after: Witnesses::of(&new, |(locale, text)| after.text_evidence(locale, text))?,
        ..item
    })
}

fn title(state: &State<'_>, text: Option<&Text>) -> Result<Option<String>, StoreError> {
    match text {
        Some(text) => state.object(&text.version, dcterms::TITLE),
        None => Ok(None),
    }
}

fn went(work: &Work<'_>, pairs: &[&Pair]) -> Result<Item, StoreError> {
    let title = title(&work.states.before, pairs[0].before.as_ref())?.unwrap_or_default();
    let mut item = sides(work, pairs, item(pairs, title))?;
    item.after = Witnesses::one(Evidence::note(match &work.states.after.day {
        Some(day) => gap(work, pairs[0], day)?,
        None => successor(work, pairs[0])?,
    }));
    Ok(item)
}

/// Where a reader of the old address ends.
fn successor(work: &Work<'_>, pair: &Pair) -> Result<String, StoreError> {
    let Some(text) = &pair.before else { return Ok(String::new()) };
    let (Some(url), Some(path)) = (&text.url, &text.path) else {
        return Ok("no page takes its place".into());
    };
    // Redirects are between addresses without a locale.
    let site = url.split_once("://").map_or("", |(_, rest)| rest.split('/').next().unwrap_or(""));
    let to = work.states.after.object(&format!("https://{site}/{path}"), stm::REDIRECTS_TO)?;
    Ok(match to {
        Some(to) => format!("its address is redirected to {to}"),
        None => "no redirect leads on from its address".into(),
    })
}

/// A page without a text on a day may have one again later.
fn gap(work: &Work<'_>, pair: &Pair, day: &str) -> Result<String, StoreError> {
    let Some(text) = &pair.before else { return Ok(String::new()) };
    let intervals = intervals(&work.states.after, &text.page)?;
    let until = intervals.iter().filter_map(|(_, until)| until.as_deref());
    let ended = until.filter(|until| *until <= day).max().unwrap_or(day);
    let again = intervals.iter().map(|(from, _)| from.as_str()).filter(|from| *from > day).min();
    Ok(match again {
        None => format!("no text since {ended}"),
        Some(again) => format!("no text is known from {ended} to {again}"),
    })
}

/// When the texts of a page were published.
pub fn intervals(
    state: &State<'_>,
    page: &str,
) -> Result<Vec<(String, Option<String>)>, StoreError> {
    let query = "SELECT ?from ?until WHERE { VALUES ?page { $ } ?version stm:page ?page .
      ?validity stm:ofVersion ?version ; stm:validFrom ?from
      OPTIONAL { ?validity stm:validUntil ?until } }";
    let rows = state.ask(query, &[page.to_owned()])?;
    Ok(rows.into_iter().map(|[from, until]| (state::text(from), until)).collect())
}

fn came(work: &Work<'_>, pairs: &[&Pair]) -> Result<Item, StoreError> {
    let title = title(&work.states.after, pairs[0].after.as_ref())?.unwrap_or_default();
    sides(work, pairs, item(pairs, title))
}

fn moves(work: &Work<'_>, pairs: &[&Pair]) -> Result<Item, StoreError> {
    let path = |text: &Option<Text>| text.as_ref().and_then(|text| text.path.clone());
    let old = path(&pairs[0].before).unwrap_or_default();
    let silently = if pairs[0].silently_moved {
        " (the same text; no redirect keeps the document)"
    } else {
        ""
    };
    sides(work, pairs, item(pairs, format!("was {old}{silently}")))
}

fn rewritten(work: &Work<'_>, pairs: &[&Pair]) -> Result<Item, StoreError> {
    let Both { before, after } = work.states;
    let mut said = Vec::new();
    for pair in pairs.iter().take(super::evidence::ENOUGH) {
        let Some((old, new)) = pair.both() else { continue };
        if !new.available {
            said.push(format!("{}: the new text is not in the inputs", pair.locale()));
            continue;
        }
        let (less, more) = segments(work, old, new)?;
        let mut words = format!("{} +{more} −{less} segments", pair.locale());
        let since = |state: &State<'_>, text: &Text| -> Result<Option<String>, StoreError> {
            Ok(state.version_evidence(&text.version)?.since)
        };
        if let (Some(from), Some(to)) = (since(before, old)?, since(after, new)?)
            && from > to
        {
            words.push_str(", back to an older text");
        }
        let titles = (title(before, Some(old))?, title(after, Some(new))?);
        if let (Some(from), Some(to)) = titles
            && from != to
        {
            words.push_str(&format!(", title “{from}” → “{to}”"));
        }
        if let (Some(from), Some(to)) = (&before.day, &after.day) {
            let published = BETWEEN
                .replace("$page", &after.iri(&new.page))
                .replace("$after", from)
                .replace("$until", to);
            let published = after.count(&published)?;
            if published > 1 {
                words.push_str(&format!(", {published} versions"));
            }
        }
        said.push(words);
    }
    sides(work, pairs, item(pairs, said.join("; ")))
}

/// How many segments went and came.
fn segments(work: &Work<'_>, old: &Text, new: &Text) -> Result<(usize, usize), StoreError> {
    let query = "SELECT ?text WHERE { VALUES ?version { $ }
      ?segment stm:inVersion ?version ; stm:text ?text }";
    let texts = |state: &State<'_>, text: &Text| -> Result<BTreeMap<String, i64>, StoreError> {
        let mut texts = BTreeMap::new();
        for [text] in state.ask(query, std::slice::from_ref(&text.version))? {
            *texts.entry(state::text(text)).or_default() += 1;
        }
        Ok(texts)
    };
    let (old, mut new) = (texts(&work.states.before, old)?, texts(&work.states.after, new)?);
    for (text, count) in old {
        *new.entry(text).or_default() -= count;
    }
    let less: i64 = new.values().filter(|count| **count < 0).sum();
    let more: i64 = new.values().filter(|count| **count > 0).sum();
    Ok((less.unsigned_abs() as usize, more as usize))
}

/// Texts that only one side knows, though they are not what a page says on either.
fn former(work: &mut Work<'_>) -> Result<Group, StoreError> {
    let known = |state: &State<'_>| -> Result<BTreeSet<String>, StoreError> {
        let query = state.day.as_ref().map(|day| PUBLISHED.replace('$', day));
        let rows = state.rows(query.as_deref().unwrap_or(VERSIONS))?;
        Ok(rows.into_iter().map(|[version]| state::text(version)).collect())
    };
    let (before, after) = (known(&work.states.before)?, known(&work.states.after)?);
    work.metrics.set("versions", Counts::of(&before, &after));
    let texts = work.pairs.iter().flat_map(|pair| pair.before.iter().chain(&pair.after));
    let shown: BTreeSet<&str> = texts.map(|text| text.version.as_str()).collect();
    let gone: Vec<&String> =
        before.difference(&after).filter(|version| !shown.contains(version.as_str())).collect();
    let state = &work.states.before;
    let kind = ("former-texts-removed", "former texts no longer known");
    work.group(
        kind,
        &gone,
        |_| 1,
        |version| {
            let evidence = state.version_evidence(version)?;
            let page = state.object(version, stm::PAGE)?.unwrap_or_default();
            Ok(Item {
                subject: page.splitn(3, '/').nth(2).unwrap_or_default().to_owned(),
                text: format!("version {}", state::digits(version)),
                locales: evidence.locale.clone().into_iter().collect(),
                things: vec![(*version).clone()],
                before: Witnesses::one(evidence),
                after: Witnesses::one(Evidence::note("not among the inputs")),
            })
        },
    )
}
