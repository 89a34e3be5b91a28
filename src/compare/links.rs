//! Links that broke, work again, or are redirected; and how many came and went.

use std::collections::{BTreeMap, BTreeSet};

use super::state::{Content, Link};
use super::{Both, Counts, Evidence, Item, Section, Witnesses, Work};
use crate::link::targets::Status;
use crate::store::StoreError;
use crate::vocab::stm;

#[derive(Default)]
pub struct Tally {
    links: Counts,
    broken: Counts,
    redirected: Counts,
    changes: Vec<Change>,
}

/// A link of a page whose trouble came, went, or became another.
#[derive(Debug)]
struct Change {
    target: String,
    page: usize,
    /// Status and node.
    sides: Both<Option<(Status, String)>>,
}

/// A word for programs, one for people, and which changes are of the kind.
type Kind<'a> = (&'static str, &'static str, &'a dyn Fn(&Change) -> bool);

fn is_broken(status: Status) -> bool {
    matches!(status, Status::Broken | Status::BrokenFragment)
}

impl Tally {
    pub fn add(&mut self, page: usize, contents: &Both<Option<&Content>>) {
        let before = by_target(contents.before);
        let after = by_target(contents.after);
        let count = |counts: &mut Counts, is: &dyn Fn(Status) -> bool| {
            let of = |links: &BTreeMap<&str, &Link>| {
                links.values().filter(|link| is(link.status)).count() as u64
            };
            let one_sided = |these: &BTreeMap<&str, &Link>, those: &BTreeMap<&str, &Link>| {
                let stays = |target: &&str| those.get(*target).is_some_and(|link| is(link.status));
                let here = these.iter().filter(|(_, link)| is(link.status));
                here.filter(|(target, _)| !stays(target)).count() as u64
            };
            counts.before += of(&before);
            counts.after += of(&after);
            counts.added += one_sided(&after, &before);
            counts.removed += one_sided(&before, &after);
        };
        count(&mut self.links, &|_| true);
        count(&mut self.broken, &is_broken);
        count(&mut self.redirected, &|status| status == Status::Redirected);
        let mut targets: Vec<&str> = before.keys().chain(after.keys()).copied().collect();
        targets.sort_unstable();
        targets.dedup();
        for target in targets {
            let of = |links: &BTreeMap<&str, &Link>| {
                links.get(target).map(|link| (link.status, link.node.clone()))
            };
            let sides = Both { before: of(&before), after: of(&after) };
            let trouble = |side: &Option<(Status, String)>| {
                side.as_ref()
                    .map(|(status, _)| *status)
                    .filter(|status| is_broken(*status) || *status == Status::Redirected)
            };
            let (old, new) = (trouble(&sides.before), trouble(&sides.after));
            if old.is_some_and(is_broken) != new.is_some_and(is_broken)
                || (old == Some(Status::Redirected)) != (new == Some(Status::Redirected))
            {
                self.changes.push(Change { target: target.to_owned(), page, sides });
            }
        }
    }

    /// The pages of which something is told.
    pub fn pages(&self) -> BTreeSet<usize> {
        self.changes.iter().map(|change| change.page).collect()
    }

    pub(super) fn section(&self, work: &mut Work<'_>) -> Result<Section, StoreError> {
        work.metrics.set("links", self.links);
        work.metrics.set("broken-links", self.broken);
        work.metrics.set("redirected-links", self.redirected);
        let status = |side: &Option<(Status, String)>| side.as_ref().map(|(status, _)| *status);
        let broke = |side: &Option<(Status, String)>| status(side).is_some_and(is_broken);
        let leads_on = |side: &Option<(Status, String)>| status(side) == Some(Status::Redirected);
        let kinds: [Kind<'_>; 5] = [
            ("broken-links-added", "newly broken", &|change| {
                broke(&change.sides.after) && !broke(&change.sides.before)
            }),
            ("links-repaired", "repaired", &|change| {
                broke(&change.sides.before)
                    && change.sides.after.is_some()
                    && !broke(&change.sides.after)
            }),
            ("broken-links-gone", "broken, and no longer there", &|change| {
                broke(&change.sides.before) && change.sides.after.is_none()
            }),
            ("redirected-links-added", "newly redirected", &|change| {
                leads_on(&change.sides.after) && !leads_on(&change.sides.before)
            }),
            ("redirected-links-removed", "no longer redirected", &|change| {
                leads_on(&change.sides.before)
                    && !leads_on(&change.sides.after)
                    && !broke(&change.sides.after)
            }),
        ];
        let mut groups = Vec::new();
        for (kind, title, is) in kinds {
            // One target that broke on many pages is one change to a reader.
            let mut targets: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
            for change in self.changes.iter().filter(|change| is(change)) {
                targets.entry(&change.target).or_default().push(change);
            }
            let mut targets: Vec<(&str, Vec<&Change>)> = targets.into_iter().collect();
            targets.sort_by_key(|(target, changes)| (std::cmp::Reverse(changes.len()), *target));
            groups.push(work.group(
                (kind, title),
                &targets,
                |(_, all)| all.len(),
                |(target, changes)| tell(work, target, changes),
            )?);
        }
        Ok(Section { title: "Links", groups })
    }
}

/// The links of a page by target; of several to one target, the worst.
fn by_target(content: Option<&Content>) -> BTreeMap<&str, &Link> {
    let rank = |status: Status| match status {
        Status::Broken => 3,
        Status::BrokenFragment => 2,
        Status::Redirected => 1,
        _ => 0,
    };
    let mut links: BTreeMap<&str, &Link> = BTreeMap::new();
    for link in content.iter().flat_map(|content| &content.links) {
        let known = links.entry(&link.target).or_insert(link);
        if rank(link.status) > rank(known.status) {
            *known = link;
        }
    }
    links
}

fn tell(work: &Work<'_>, target: &str, changes: &[&Change]) -> Result<Item, StoreError> {
    let Both { before, after } = work.states;
    let pages = |count: usize| if count == 1 { "1 page".into() } else { format!("{count} pages") };
    let address = target.split('#').next().unwrap_or_default();
    let to = after.object(address, stm::REDIRECTS_TO)?;
    let told = |status| match (status, &to) {
        (None, _) => "no link".to_owned(),
        (Some(Status::Redirected), Some(to)) => format!("redirected to {to}"),
        (Some(Status::BrokenFragment), _) => "broken fragment".to_owned(),
        (Some(status), _) => status.name().to_owned(),
    };
    let statuses = |side: &dyn Fn(&Change) -> Option<Status>| {
        let mut names: Vec<String> = changes.iter().map(|change| told(side(change))).collect();
        names.sort();
        names.dedup();
        names.join(" or ")
    };
    let old = statuses(&|change| change.sides.before.as_ref().map(|(status, _)| *status));
    let new = statuses(&|change| change.sides.after.as_ref().map(|(status, _)| *status));
    let mut locales: Vec<String> =
        changes.iter().map(|change| work.pairs[change.page].locale().to_owned()).collect();
    locales.sort();
    locales.dedup();
    let show = |state: &super::State<'_>,
                side: &dyn Fn(&Change) -> Option<String>,
                is_there: &dyn Fn(usize) -> bool,
                change: &Change| {
        let locale = Some(work.pairs[change.page].locale().to_owned());
        Ok(match side(change) {
            Some(node) => Evidence { locale, ..state.place(&node)? },
            None => {
                let note = if is_there(change.page) { "no such link" } else { "no such page" };
                Evidence { locale, ..Evidence::note(note) }
            }
        })
    };
    let node = |side: &Option<(Status, String)>| side.as_ref().map(|(_, node)| node.clone());
    Ok(Item {
        subject: target.to_owned(),
        text: format!("{old} → {new}, on {}", pages(changes.len())),
        locales,
        things: vec![address.to_owned()],
        before: Witnesses::of(changes, |change| {
            let is_there = |page: usize| work.pairs[page].before.is_some();
            show(before, &|change| node(&change.sides.before), &is_there, change)
        })?,
        after: Witnesses::of(changes, |change| {
            let is_there = |page: usize| work.pairs[page].after.is_some();
            show(after, &|change| node(&change.sides.after), &is_there, change)
        })?,
    })
}
