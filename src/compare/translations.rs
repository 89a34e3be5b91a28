//! Translations that fell behind their source, caught up, or lost it.

use std::collections::BTreeMap;

use super::pages::{Pair, intervals};
use super::state::{self, State, Text};
use super::{Both, Counts, Evidence, Item, Section, Witnesses, Work};
use crate::store::StoreError;
use crate::vocab::stm;

/// How a translation stands to its source.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Standing {
    UpToDate,
    Stale { since: String, behind: u64 },
    Orphaned,
    Unknown,
}

impl Standing {
    fn told(&self) -> String {
        match self {
            Self::UpToDate => "up to date".into(),
            // The newer text may be known from its translations only.
            Self::Stale { since, behind: 0 } => format!("stale since {since}"),
            Self::Stale { since, behind: 1 } => format!("stale since {since}, 1 version behind"),
            Self::Stale { since, behind } => {
                format!("stale since {since}, {behind} versions behind")
            }
            Self::Orphaned => "orphaned".into(),
            Self::Unknown => "of unknown source".into(),
        }
    }

    fn is_stale(&self) -> bool {
        matches!(self, Self::Stale { .. })
    }
}

/// By the version of the translation.
type Standings = BTreeMap<String, Standing>;

const STATES: &str = "SELECT ?version ?state ?since ?behind WHERE {
  ?page stm:translationState ?state ; stm:currentVersion ?version
  OPTIONAL { ?page stm:staleSince ?since } OPTIONAL { ?page stm:versionsBehind ?behind } }";
const SOURCES: &str = "SELECT ?version ?source ?available ?page WHERE { VALUES ?version { $ }
  ?version stm:translatedFrom ?source . ?source stm:available ?available ; stm:page ?page }";

fn standings(state: &State<'_>) -> Result<Standings, StoreError> {
    match &state.day {
        None => as_told(state),
        Some(day) => on_day(state, day),
    }
}

fn as_told(state: &State<'_>) -> Result<Standings, StoreError> {
    let rows = state.rows(STATES)?.into_iter();
    let stand = |[version, term, since, behind]: state::Row<4>| {
        let term = state::text(term);
        let standing = if term == stm::UP_TO_DATE.as_str() {
            Standing::UpToDate
        } else if term == stm::ORPHANED.as_str() {
            Standing::Orphaned
        } else if term == stm::STALE.as_str() {
            let behind = behind.and_then(|behind| behind.parse().ok()).unwrap_or(0);
            Standing::Stale { since: state::text(since), behind }
        } else {
            Standing::Unknown
        };
        (state::text(version), standing)
    };
    Ok(rows.map(stand).collect())
}

/// The same as the compiler says of the newest texts, of those of a day.
fn on_day(state: &State<'_>, day: &str) -> Result<Standings, StoreError> {
    let versions: Vec<String> = state.texts.values().map(|text| text.version.clone()).collect();
    let current: BTreeMap<&str, &str> =
        state.texts.values().map(|text| (text.page.as_str(), text.version.as_str())).collect();
    let mut of_pages: BTreeMap<String, Vec<(String, Option<String>)>> = BTreeMap::new();
    let mut standings = Standings::new();
    for [version, source, available, page] in state.ask(SOURCES, &versions)? {
        let (version, source, page) =
            (state::text(version), state::text(source), state::text(page));
        let standing = if available.as_deref() != Some("true") {
            Standing::Unknown
        } else if current.get(page.as_str()) == Some(&source.as_str()) {
            Standing::UpToDate
        } else {
            if !of_pages.contains_key(&page) {
                of_pages.insert(page.clone(), intervals(state, &page)?);
            }
            let has_text = current.contains_key(page.as_str());
            ended(state, &source, &of_pages[&page], has_text, day)?
        };
        standings.insert(version, standing);
    }
    Ok(standings)
}

/// Of a source that is not the text of the day.
fn ended(
    state: &State<'_>,
    source: &str,
    of_page: &[(String, Option<String>)],
    has_text: bool,
    day: &str,
) -> Result<Standing, StoreError> {
    let mut until = None;
    for interval in state.subjects(stm::OF_VERSION, source)? {
        until = until.max(state.object(&interval, stm::VALID_UNTIL)?);
    }
    let Some(since) = until.filter(|until| until.as_str() <= day) else {
        return Ok(Standing::Unknown);
    };
    let later = |(from, _): &&(String, Option<String>)| {
        from.as_str() >= since.as_str() && from.as_str() <= day
    };
    let behind = of_page.iter().filter(later).count() as u64;
    let comes_back = of_page.iter().any(|(from, _)| from.as_str() > day);
    // A page without a text on the day was taken away, unless a later text shows a gap.
    Ok(if has_text || comes_back { Standing::Stale { since, behind } } else { Standing::Orphaned })
}

/// A translation on both sides.
struct Change<'a> {
    pair: &'a Pair,
    standing: Both<Option<&'a Standing>>,
}

/// A word for programs, one for people, and which changes are of the kind.
type Kind<'a> = (&'static str, &'static str, &'a dyn Fn(&Change<'_>) -> bool);

pub(super) fn section(work: &mut Work<'_>) -> Result<Section, StoreError> {
    let before = standings(&work.states.before)?;
    let after = standings(&work.states.after)?;
    fn of<'s>(standings: &'s Standings, text: &Option<Text>) -> Option<&'s Standing> {
        standings.get(&text.as_ref()?.version)
    }
    let changes: Vec<Change<'_>> = work
        .pairs
        .iter()
        .map(|pair| Change {
            pair,
            standing: Both { before: of(&before, &pair.before), after: of(&after, &pair.after) },
        })
        .collect();
    count(work, &changes);
    let stale = |standing: Option<&Standing>| standing.is_some_and(Standing::is_stale);
    let orphaned = |standing: Option<&Standing>| standing == Some(&Standing::Orphaned);
    let up_to_date = |standing: Option<&Standing>| standing == Some(&Standing::UpToDate);
    let kinds: [Kind<'_>; 4] = [
        ("stale-translations-added", "became stale", &|change| {
            stale(change.standing.after) && !stale(change.standing.before)
        }),
        ("stale-translations-changed", "still stale, further behind", &|change| {
            stale(change.standing.before)
                && stale(change.standing.after)
                && change.standing.before != change.standing.after
        }),
        ("orphaned-translations-added", "lost their source", &|change| {
            orphaned(change.standing.after) && !orphaned(change.standing.before)
        }),
        ("brought-up-to-date", "brought up to date", &|change| {
            up_to_date(change.standing.after) && stale(change.standing.before)
        }),
    ];
    let mut groups = Vec::new();
    for (kind, title, is) in kinds {
        // A source that changed is one change, whatever the number of its translations.
        let mut documents: BTreeMap<(&str, String, String), Vec<&Change<'_>>> = BTreeMap::new();
        for change in changes.iter().filter(|change| is(change)) {
            let told = |standing: Option<&Standing>| standing.map_or(String::new(), Standing::told);
            let Both { before, after } = change.standing;
            let document = change.pair.page.document.as_str();
            documents.entry((document, told(before), told(after))).or_default().push(change);
        }
        let documents: Vec<Vec<&Change<'_>>> = documents.into_values().collect();
        groups
            .push(work.group((kind, title), &documents, Vec::len, |changes| tell(work, changes))?);
    }
    Ok(Section { title: "Translations", groups })
}

fn count(work: &mut Work<'_>, changes: &[Change<'_>]) {
    let count = |is: &dyn Fn(&Standing) -> bool, changed: &dyn Fn(&Standing, &Standing) -> bool| {
        let mut counts = Counts::default();
        for Change { standing, .. } in changes {
            let (old, new) = (
                standing.before.filter(|standing| is(standing)),
                standing.after.filter(|standing| is(standing)),
            );
            counts.before += u64::from(old.is_some());
            counts.after += u64::from(new.is_some());
            match (old, new) {
                (None, Some(_)) => counts.added += 1,
                (Some(_), None) => counts.removed += 1,
                (Some(old), Some(new)) if changed(old, new) => counts.changed += 1,
                _ => {}
            }
        }
        counts
    };
    let kind = |standing: &Standing| std::mem::discriminant(standing);
    let all = count(&|_| true, &|old, new| kind(old) != kind(new));
    let stale = count(&Standing::is_stale, &|old, new| old != new);
    let orphaned = count(&|standing| *standing == Standing::Orphaned, &|_, _| false);
    work.metrics.set("translations", all);
    work.metrics.set("stale-translations", stale);
    work.metrics.set("orphaned-translations", orphaned);
}

fn tell(work: &Work<'_>, changes: &[&Change<'_>]) -> Result<Item, StoreError> {
    let Both { before, after } = work.states;
    let first = changes[0];
    let told = |standing: Option<&Standing>| match standing {
        Some(standing) => standing.told(),
        None => "not there".to_owned(),
    };
    let path = |text: &Option<Text>| text.as_ref().and_then(|text| text.path.clone());
    let named = path(&first.pair.after).or_else(|| path(&first.pair.before));
    let document = first.pair.page.document.trim_start_matches("doc/");
    let show = |state: &State<'_>, text: &Option<Text>, locale: &str| match text {
        Some(text) => {
            let evidence = state.text_evidence(locale, text)?;
            Ok(match state.object(&text.version, stm::TRANSLATED_FROM)? {
                Some(source) => {
                    let source = state.version_evidence(&source)?;
                    let digits = source.version.unwrap_or_default();
                    let since = source.since.map_or(String::new(), |since| format!(" of {since}"));
                    evidence.noting(format!("made from {digits}{since}"))
                }
                None => evidence,
            })
        }
        None => Ok(Evidence { locale: Some(locale.to_owned()), ..Evidence::note("no such page") }),
    };
    let mut item = Item {
        subject: named.unwrap_or_else(|| document.to_owned()),
        text: format!("{} → {}", told(first.standing.before), told(first.standing.after)),
        locales: changes.iter().map(|change| change.pair.locale().to_owned()).collect(),
        things: changes
            .iter()
            .filter_map(|change| change.pair.after.as_ref().or(change.pair.before.as_ref()))
            .map(|text| text.page.clone())
            .collect(),
        before: Witnesses::of(changes, |change| {
            show(before, &change.pair.before, change.pair.locale())
        })?,
        after: Witnesses::of(changes, |change| {
            show(after, &change.pair.after, change.pair.locale())
        })?,
    };
    if first.standing.after.is_some_and(Standing::is_stale)
        && let Some(text) = &first.pair.after
        && let Some(source) = after.object(&text.version, stm::TRANSLATED_FROM)?
        && let Some(page) = after.object(&source, stm::PAGE)?
        && let Some((source, text)) = after.texts.iter().find(|(_, text)| text.page == page)
    {
        let evidence = after.text_evidence(&source.locale, text)?;
        item.after.shown.push(evidence.noting("what the source says now"));
    }
    Ok(item)
}
