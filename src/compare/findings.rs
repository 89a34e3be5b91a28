//! Problems that came and went, by code and severity.

use std::collections::{BTreeMap, BTreeSet};

use super::state::{Finding, Text};
use super::{Both, Counts, Evidence, Item, Section, Witnesses, Work};
use crate::diag::{Code, Severity};
use crate::store::StoreError;

#[derive(Default)]
struct Tally {
    counts: Both<BTreeMap<Severity, u64>>,
    changes: Vec<Change>,
}

/// Problems by the version or the file that they are in.
type Places = BTreeMap<String, Vec<Finding>>;

/// A problem that is on one side only.
#[derive(Debug)]
struct Change {
    finding: Finding,
    /// None: in a file that is no page.
    page: Option<usize>,
    is_new: bool,
}

/// What the links of a page tell too.
const OF_LINKS: [Code; 3] = [Code::BROKEN_LINK, Code::BROKEN_FRAGMENT, Code::REDIRECTED_LINK];

impl Tally {
    /// Of the texts of both sides, and of files that are no pages.
    fn of(work: &Work<'_>) -> Result<Self, StoreError> {
        let Both { before, after } = work.states;
        let (old, new) = rayon::join(|| before.findings(), || after.findings());
        let (old, new) = (old?, new?);
        let mut tally = Self::default();
        for (index, pair) in work.pairs.iter().enumerate() {
            let of = |places: &Places, text: &Option<Text>| match text {
                Some(text) => places.get(&text.version).cloned().unwrap_or_default(),
                None => Vec::new(),
            };
            let (mut old, mut new) = (of(&old, &pair.before), of(&new, &pair.after));
            if before.day.is_some() {
                // Whether a translation is stale depends on the day; a graph says it of its last.
                let holds = |finding: &Finding| finding.rule != Code::STALE_TRANSLATION.name();
                old.retain(holds);
                new.retain(holds);
            }
            tally.compare(Some(index), &old, &new);
        }
        // Of files there is one state only.
        if before.day.is_none() {
            let is_file = |place: &&String| place.starts_with("file/");
            let files: BTreeSet<&String> = old.keys().chain(new.keys()).filter(is_file).collect();
            let of = |places: &Places, file: &String| places.get(file).cloned().unwrap_or_default();
            for file in files {
                tally.compare(None, &of(&old, file), &of(&new, file));
            }
        }
        Ok(tally)
    }

    fn compare(&mut self, page: Option<usize>, before: &[Finding], after: &[Finding]) {
        for (counts, findings) in
            [(&mut self.counts.before, before), (&mut self.counts.after, after)]
        {
            for finding in findings {
                *counts.entry(finding.severity).or_default() += 1;
            }
        }
        let (mut gone, mut new): (Vec<&Finding>, Vec<&Finding>) =
            (before.iter().collect(), after.iter().collect());
        // The same problem may be told of another place, or in other words: what it says counts
        // first, then what it quotes; what quotes nothing is of the page as a whole.
        cancel(&mut gone, &mut new, |finding| Some(&finding.message));
        cancel(&mut gone, &mut new, |finding| finding.quote.as_ref());
        cancel(&mut gone, &mut new, |finding| finding.quote.is_none().then_some(&finding.rule));
        for (findings, is_new) in [(gone, false), (new, true)] {
            self.changes.extend(findings.into_iter().map(|finding| Change {
                finding: finding.clone(),
                page,
                is_new,
            }));
        }
    }

    fn count(&self, work: &mut Work<'_>) {
        let mut all = Counts::default();
        for (name, severity) in [
            ("errors", Severity::Error),
            ("warnings", Severity::Warning),
            ("infos", Severity::Info),
        ] {
            let of = |counts: &BTreeMap<Severity, u64>| counts.get(&severity).copied().unwrap_or(0);
            let on_side = |is_new: bool| {
                let changes = self.changes.iter();
                changes
                    .filter(|change| change.is_new == is_new && change.finding.severity == severity)
                    .count() as u64
            };
            let counts = Counts {
                before: of(&self.counts.before),
                after: of(&self.counts.after),
                added: on_side(true),
                removed: on_side(false),
                changed: 0,
            };
            all.before += counts.before;
            all.after += counts.after;
            all.added += counts.added;
            all.removed += counts.removed;
            work.metrics.set(name, counts);
        }
        work.metrics.set("findings", all);
    }

    /// What says the same of several pages is told once; remarks once for each code.
    fn alike(
        &self,
        severity: Severity,
        is_new: bool,
        of_links: &BTreeSet<usize>,
    ) -> Vec<Vec<&Change>> {
        let mut alike: BTreeMap<(&str, &str), Vec<&Change>> = BTreeMap::new();
        let changes = self.changes.iter();
        for change in changes.filter(|change| change.is_new == is_new) {
            let finding = &change.finding;
            let rule = finding.rule.as_str();
            let is_told = rule == Code::STALE_TRANSLATION.name()
                || OF_LINKS.iter().any(|code| code.name() == rule)
                    && change.page.is_some_and(|page| of_links.contains(&page));
            if finding.severity == severity && !is_told {
                let message =
                    if severity == Severity::Info { "" } else { finding.message.as_str() };
                alike.entry((&finding.rule, message)).or_default().push(change);
            }
        }
        let mut alike: Vec<Vec<&Change>> = alike.into_values().collect();
        alike.sort_by(|a, b| {
            let of = |changes: &[&Change]| changes[0].finding.rule.clone();
            (of(a), std::cmp::Reverse(a.len())).cmp(&(of(b), std::cmp::Reverse(b.len())))
        });
        alike
    }
}

/// What the links of some pages tell is not told again, only counted.
pub(super) fn section(
    of_links: &BTreeSet<usize>,
    work: &mut Work<'_>,
) -> Result<Section, StoreError> {
    let tally = Tally::of(work)?;
    tally.count(work);
    let mut groups = Vec::new();
    for (severity, new, gone) in [
        (Severity::Error, ("errors-added", "new errors"), ("errors-removed", "errors gone")),
        (
            Severity::Warning,
            ("warnings-added", "new warnings"),
            ("warnings-removed", "warnings gone"),
        ),
        (Severity::Info, ("infos-added", "new remarks"), ("infos-removed", "remarks gone")),
    ] {
        for (is_new, (kind, title)) in [(true, new), (false, gone)] {
            let told = tally.alike(severity, is_new, of_links);
            groups.push(work.group((kind, title), &told, Vec::len, |changes| tell(work, changes))?);
        }
    }
    Ok(Section { title: "Findings", groups })
}

/// Takes away what both sides have, one for one.
fn cancel<'a>(
    gone: &mut Vec<&'a Finding>,
    new: &mut Vec<&'a Finding>,
    key: impl Fn(&'a Finding) -> Option<&'a String>,
) {
    let mut open: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for finding in new.iter() {
        if let Some(key) = key(finding) {
            *open.entry((&finding.rule, key)).or_default() += 1;
        }
    }
    let mut shared: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    gone.retain(|finding| {
        let Some(key) = key(finding) else { return true };
        let key = (finding.rule.as_str(), key.as_str());
        match open.get_mut(&key) {
            Some(left) if *left > 0 => {
                *left -= 1;
                *shared.entry(key).or_default() += 1;
                false
            }
            _ => true,
        }
    });
    new.retain(|finding| {
        let Some(key) = key(finding) else { return true };
        match shared.get_mut(&(finding.rule.as_str(), key.as_str())) {
            Some(left) if *left > 0 => {
                *left -= 1;
                false
            }
            _ => true,
        }
    });
}

fn tell(work: &Work<'_>, changes: &[&Change]) -> Result<Item, StoreError> {
    let first = changes[0];
    let mut messages: Vec<&str> =
        changes.iter().map(|change| change.finding.message.as_str()).collect();
    messages.dedup();
    let times = match changes.len() {
        1 => String::new(),
        times => format!(", {times} times"),
    };
    let text = match messages.as_slice() {
        [message] => format!("{message}{times}"),
        [message, ..] => format!("{} times, as in: {message}", changes.len()),
        [] => String::new(),
    };
    let locale = |change: &Change| Some(work.pairs[change.page?].locale().to_owned());
    let mut locales: Vec<String> = changes.iter().filter_map(|change| locale(change)).collect();
    locales.sort();
    locales.dedup();
    let (here, there) = if first.is_new {
        (&work.states.after, &work.states.before)
    } else {
        (&work.states.before, &work.states.after)
    };
    let shown = Witnesses::of(changes, |change| {
        Ok(Evidence { locale: locale(change), ..here.place(&change.finding.node)? })
    })?;
    // What is not there has no line; one text in which it is not there is evidence enough.
    let pair = first.page.map(|page| &work.pairs[page]);
    let version = pair.map(|pair| if first.is_new { &pair.before } else { &pair.after });
    let other = match (pair, version) {
        (Some(pair), Some(Some(version))) => {
            there.text_evidence(pair.locale(), version)?.noting("no such problem")
        }
        (Some(pair), _) => {
            Evidence { locale: Some(pair.locale().to_owned()), ..Evidence::note("no such page") }
        }
        (None, _) => Evidence::note("no such problem"),
    };
    let others = Witnesses { shown: vec![other], more: changes.len() - 1 };
    let (before, after) = if first.is_new { (others, shown) } else { (shown, others) };
    let things = changes.iter().take(super::evidence::ENOUGH);
    Ok(Item {
        subject: first.finding.rule.clone(),
        text,
        locales,
        things: things.map(|change| change.finding.node.clone()).collect(),
        before,
        after,
    })
}
