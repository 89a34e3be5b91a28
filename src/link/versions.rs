//! The versions of each page, when each was current, and what each was translated from.

use std::collections::{BTreeMap, BTreeSet};

use super::{Lineage, Page, Placed, State, Version};
use crate::catalog::Catalog;
use crate::diag::{Code, Problem};
use crate::source::{File, Interval, Moment};
use crate::survey::Surveyed;

pub fn assign(
    catalog: &Catalog,
    files: &[File],
    surveyed: &[Surveyed],
    documents: &[(usize, Option<String>)],
    placed: &mut Placed,
) {
    let paths = documents.iter().map(|(_, path)| path.clone()).collect();
    let mut work = Work { catalog, files, surveyed, paths, placed, pages: BTreeMap::new() };
    work.group(documents);
    work.find_editions();
    work.find_sources();
    work.order();
    work.states();
}

struct Work<'a> {
    catalog: &'a Catalog,
    files: &'a [File],
    surveyed: &'a [Surveyed],
    /// Of each surveyed file, inside its docset.
    paths: Vec<Option<String>>,
    placed: &'a mut Placed,
    pages: BTreeMap<(usize, String), usize>,
}

impl<'a> Work<'a> {
    /// The same bytes of the same page are one version, however many files hold them.
    fn group(&mut self, documents: &[(usize, Option<String>)]) {
        let mut versions: BTreeMap<(usize, &str), usize> = BTreeMap::new();
        let mut at_path: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        let mut unknown: BTreeSet<&str> = BTreeSet::new();
        for (unit, page) in self.surveyed.iter().enumerate() {
            let locale = page.locale.clone().unwrap_or_else(|| {
                let locale = page.language.and_then(|language| self.usual(language));
                // Once, however many texts a history has of it.
                if unknown.insert(&self.files[page.file].name) {
                    let problem = self.unnamed(locale);
                    self.placed.file_problems.push((page.file, problem));
                }
                locale.unwrap_or(&self.placed.source_locale).to_owned()
            });
            let (document, path) = &documents[unit];
            let page_index = self.page(*document, &locale);
            let tree = &self.files[page.file].tree;
            let was_there = self.files[page.file].standing.seen.is_some();
            if let Some(path) = path.as_ref().filter(|_| !was_there) {
                let first = *at_path.entry((&tree.name, path)).or_insert(page.file);
                if first != page.file {
                    let message = format!("`{}` is the same page", self.files[first].shown);
                    let problem =
                        Problem::new(Code::PAGE_DUPLICATE, crate::source::Span::default(), message);
                    let problem =
                        problem.help("keep one of the two: they are published at the same address");
                    self.placed.file_problems.push((page.file, problem));
                }
            }
            let version =
                *versions.entry((page_index, page.hashes.crlf.as_str())).or_insert_with(|| {
                    let index = self.placed.versions.len();
                    self.placed.versions.push(Version {
                        page: page_index,
                        hash: page.hashes.crlf.clone(),
                        ..Version::default()
                    });
                    self.placed.pages[page_index].versions.push(index);
                    index
                });
            let standing = &self.files[page.file].standing;
            let known = &mut self.placed.versions[version];
            known.unpublished =
                standing.unpublished && (known.units.is_empty() || known.unpublished);
            known.units.push(unit);
            known.variants.extend(page.hashes.others.iter().cloned());
            known.variants.sort();
            known.variants.dedup();
            known.intervals.extend(standing.current.iter().cloned());
            // Where no input says since when, the page's own header does.
            if standing.current.is_empty() && !standing.unpublished {
                let handoff = page.origin.handoff.as_ref();
                known.intervals.extend(handoff.map(|day| Interval::since(Moment::of_day(day))));
            }
            known.intervals.sort();
            known.intervals.dedup();
            known.seen = known.seen.iter().chain(&standing.seen).min().cloned();
            known.commits.extend(standing.commits.iter().cloned());
            known.commits.sort();
            known.commits.dedup();
            self.placed.version_of.push(version);
        }
    }

    /// The locale of a page of which only the language is known.
    fn usual(&self, language: &str) -> Option<&'a str> {
        let of_it = || self.catalog.locales.iter().filter(|locale| locale.iso639_3 == language);
        let usual = of_it().find(|locale| locale.usual).or_else(|| of_it().next());
        usual.map(|locale| locale.tag.as_str())
    }

    /// That nobody names a page's locale; `by_words` is the one that it seems to be in.
    fn unnamed(&self, by_words: Option<&str>) -> Problem {
        let message = match by_words {
            Some(locale) => format!("no locale is named; its words are those of {locale}"),
            None => format!("no locale is named; read as {}", self.placed.source_locale),
        };
        Problem::new(Code::LOCALE_UNKNOWN, crate::source::Span::default(), message)
            .help("name the `locale` of the source in stemma.yaml")
    }

    fn page(&mut self, document: usize, locale: &str) -> usize {
        *self.pages.entry((document, locale.to_owned())).or_insert_with(|| {
            self.placed.pages.push(Page {
                document,
                locale: locale.to_owned(),
                versions: Vec::new(),
                current: None,
                state: None,
            });
            self.placed.pages.len() - 1
        })
    }

    fn first(&self, version: usize) -> Option<&Surveyed> {
        self.placed.versions[version].units.first().map(|unit| &self.surveyed[*unit])
    }

    /// A bilingual text is the edition of the monolingual one that was made from the same source at
    /// the same handoff. Without one it stands for itself.
    fn find_editions(&mut self) {
        let key = |page: &Surveyed| (page.origin.source_hash.clone(), page.origin.handoff.clone());
        for page in &self.placed.pages {
            let mut monolingual: BTreeMap<_, Vec<usize>> = BTreeMap::new();
            for &version in &page.versions {
                if let Some(page) = self.first(version).filter(|page| !page.bilingual) {
                    monolingual.entry(key(page)).or_default().push(version);
                }
            }
            for &version in &page.versions {
                let Some(bilingual) = self
                    .first(version)
                    .filter(|page| page.bilingual && page.origin.source_hash.is_some())
                else {
                    continue;
                };
                let twins = monolingual.get(&key(bilingual)).into_iter().flatten().copied();
                // Of several texts of one handoff, the last that was there when the twin was made.
                let seen = self.placed.versions[version].since();
                let twin = twins.max_by_key(|&other| {
                    let since = self.placed.versions[other].since();
                    (since <= seen, since, std::cmp::Reverse(other))
                });
                if let Some(twin) = twin {
                    let version = &mut self.placed.versions[version];
                    version.edition_of = Some(twin);
                    version.intervals.clear();
                }
            }
        }
    }

    fn find_sources(&mut self) {
        let mut by_hash: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, version) in self.placed.versions.iter().enumerate() {
            for hash in std::iter::once(&version.hash).chain(&version.variants) {
                by_hash.entry(hash.clone()).or_default().push(index);
            }
        }
        let mut declared: BTreeMap<(usize, String), usize> = BTreeMap::new();
        for index in 0..self.placed.versions.len() {
            let Some(unit) = self.placed.versions[index].units.first().copied() else { continue };
            let origin = &self.surveyed[unit].origin;
            let Some(hash) = origin.source_hash.clone() else { continue };
            let document = self.placed.page_of(index).document;
            let candidates = by_hash.get(&hash).map(Vec::as_slice).unwrap_or_default();
            let candidates = candidates.iter().copied().filter(|&other| other != index);
            // The same text may stand in another docset: the page of the same document comes first.
            let found = candidates.min_by_key(|&other| {
                let page = self.placed.page_of(other);
                let known = &self.placed.versions[other];
                let commit = origin.source_commit.as_deref();
                (
                    page.document != document,
                    page.locale != self.placed.source_locale,
                    // The bytes as they are, before those with another mark or other line ends.
                    known.hash != hash,
                    !commit.is_some_and(|commit| has_commit(known, commit)),
                    other,
                )
            });
            let commit = origin.source_commit.clone();
            let source = match found {
                Some(source) => {
                    let at_commit = commit
                        .as_deref()
                        .is_some_and(|commit| has_commit(&self.placed.versions[source], commit));
                    (source, if at_commit { Lineage::HashAndCommit } else { Lineage::HashOnly })
                }
                None => {
                    let source_locale = self.placed.source_locale.clone();
                    let source_page = self.page(document, &source_locale);
                    let contradicted = commit.as_deref().is_some_and(|commit| {
                        let versions = &self.placed.pages[source_page].versions;
                        versions
                            .iter()
                            .any(|&version| has_commit(&self.placed.versions[version], commit))
                    });
                    let source =
                        *declared.entry((source_page, hash.clone())).or_insert_with(|| {
                            let index = self.placed.versions.len();
                            self.placed.versions.push(Version {
                                page: source_page,
                                hash: hash.clone(),
                                ..Version::default()
                            });
                            self.placed.pages[source_page].versions.push(index);
                            index
                        });
                    (source, if contradicted { Lineage::Contradicted } else { Lineage::Declared })
                }
            };
            self.report(index, unit, &hash, source);
            self.placed.versions[index].source = Some(source);
        }
    }

    fn report(
        &mut self,
        version: usize,
        unit: usize,
        hash: &str,
        (source, lineage): (usize, Lineage),
    ) {
        let origin = &self.surveyed[unit].origin;
        let short = &hash[..12.min(hash.len())];
        let problem = match lineage {
            Lineage::Declared => Problem::new(
                Code::SOURCE_NOT_IN_INPUTS,
                origin.hash_span,
                format!("source version {short} is not in the inputs"),
            )
            .help("add the source tree, or its history, to the inputs"),
            Lineage::Contradicted => Problem::new(
                Code::SOURCE_CONTRADICTED,
                origin.hash_span,
                format!("no text with hash {short} exists, although its commit is in the inputs"),
            )
            .help("check whether the page was edited after the handoff"),
            Lineage::HashOnly => {
                let known = &self.placed.versions[source];
                let Some(commit) = origin.source_commit.as_deref() else { return };
                let siblings = &self.placed.pages[known.page].versions;
                let is_anothers = || {
                    siblings.iter().any(|&other| has_commit(&self.placed.versions[other], commit))
                };
                let own = known
                    .commits
                    .first()
                    .or(known.seen.as_ref().and_then(|seen| seen.commit.as_ref()));
                let Some(own) = own.filter(|_| !known.commits.is_empty() || is_anothers()) else {
                    return;
                };
                Problem::new(
                    Code::COMMIT_DIFFERS,
                    origin.hash_span,
                    format!(
                        "the source text is that of commit {}, not of {}",
                        short_commit(own),
                        short_commit(commit)
                    ),
                )
                .help("trust the hash: the commit is that of the request, not of the pick-up")
            }
            Lineage::HashAndCommit => return,
        };
        self.placed.problems.push((version, problem));
    }

    /// Puts the versions of each page in order, closes intervals, and finds the current one.
    fn order(&mut self) {
        // A declared source was current at the latest when its first translation was handed off.
        let mut bounds: BTreeMap<usize, Moment> = BTreeMap::new();
        for version in &self.placed.versions {
            if let (Some((source, _)), Some(from)) = (&version.source, version.from())
                && !self.placed.versions[*source].available()
            {
                let bound = bounds.entry(*source).or_insert_with(|| from.clone());
                *bound = from.min(bound).clone();
            }
        }
        for index in 0..self.placed.pages.len() {
            let versions = &self.placed.versions;
            let mut order = std::mem::take(&mut self.placed.pages[index].versions);
            order.sort_by_key(|&version| {
                let known = &versions[version];
                let date = known.since().or(bounds.get(&version)).cloned();
                (
                    date.is_none(),
                    date,
                    known.edition_of.is_some(),
                    !known.available(),
                    known.hash.clone(),
                )
            });
            self.chain(&order, &bounds);
            self.placed.pages[index].current = self.current(&order, &bounds);
            self.placed.pages[index].versions = order;
        }
    }

    /// Every open interval ends with the first later text of the page.
    fn chain(&mut self, order: &[usize], bounds: &BTreeMap<usize, Moment>) {
        let versions = &mut self.placed.versions;
        let mut days: Vec<(Moment, usize)> = Vec::new();
        for &version in order.iter().filter(|&&version| versions[version].edition_of.is_none()) {
            days.extend(
                versions[version].intervals.iter().map(|interval| (interval.from.clone(), version)),
            );
            days.extend(bounds.get(&version).map(|bound| (bound.clone(), version)));
        }
        days.sort_by(|a, b| a.0.cmp(&b.0));
        for pair in days.windows(2) {
            let (earlier, later) = (pair[0].1, pair[1].1);
            if earlier != later
                && versions[later].previous.is_none()
                && order.first() != Some(&later)
            {
                versions[later].previous = Some(earlier);
            }
        }
        for &version in order {
            for interval in
                versions[version].intervals.iter_mut().filter(|interval| interval.until.is_none())
            {
                // What a history shows to be there at its end, nothing before that has ended.
                let last = interval.seen.as_ref().unwrap_or(&interval.from);
                let after = days.partition_point(|(day, _)| day <= last);
                interval.until = days.get(after).map(|(day, _)| day.clone());
            }
            // Snapshots of an unchanged text are one stretch of time.
            versions[version].intervals.dedup_by(|later, earlier| {
                let touches = earlier.until.as_ref().is_none_or(|until| *until >= later.from);
                if touches && earlier.until.is_some() {
                    let longer = later.until.is_none() || later.until > earlier.until;
                    if longer {
                        earlier.until = later.until.take();
                        earlier.seen = later.seen.take();
                    }
                }
                touches
            });
        }
    }

    fn current(&self, order: &[usize], bounds: &BTreeMap<usize, Moment>) -> Option<usize> {
        let versions = &self.placed.versions;
        // What was never published is the current text only of pages that never were.
        let published = order.iter().any(|&version| !versions[version].unpublished);
        let candidates: Vec<usize> = order
            .iter()
            .copied()
            .filter(|&version| versions[version].edition_of.is_none())
            .filter(|&version| !published || !versions[version].unpublished)
            .collect();
        let undated: Vec<usize> = candidates
            .iter()
            .copied()
            .filter(|&version| {
                versions[version].available() && versions[version].intervals.is_empty()
            })
            .collect();
        let intervals = candidates
            .iter()
            .flat_map(|&version| versions[version].intervals.iter().map(move |i| (i, version)));
        let begun = intervals.clone().next().is_some();
        let declared = |since: Option<&Moment>| {
            candidates
                .iter()
                .copied()
                .rfind(|version| bounds.get(version).is_some_and(|bound| Some(bound) >= since))
        };
        if !begun {
            return match undated.as_slice() {
                [version] => Some(*version),
                [] => declared(None),
                _ => None,
            };
        }
        let open = intervals.clone().filter(|(interval, _)| interval.until.is_none());
        // Of paths that live side by side, the last is that of the document.
        let mut last: Vec<((bool, &Moment), usize)> =
            open.map(|(i, version)| ((self.is_at_last_path(version), &i.from), version)).collect();
        last.sort();
        match last.as_slice() {
            // Several texts of one day, or one without a date: which is current, nobody says.
            [.., (one, _), (other, _)] if one == other => None,
            [.., (_, version)] => Some(*version).filter(|_| undated.is_empty()),
            [] => declared(intervals.filter_map(|(interval, _)| interval.until.as_ref()).max()),
        }
    }

    /// Whether a file has the text at the path that the document has now.
    fn is_at_last_path(&self, version: usize) -> bool {
        let last = self.placed.document_of(version).paths.last();
        self.placed.versions[version].units.iter().any(|&unit| {
            self.paths[unit].as_ref() == last && self.files[self.surveyed[unit].file].is_live()
        })
    }

    fn states(&mut self) {
        for index in 0..self.placed.pages.len() {
            let page = &self.placed.pages[index];
            let Some((source, _)) =
                page.current.and_then(|current| self.placed.versions[current].source)
            else {
                continue;
            };
            let state = self.state(source);
            if let State::Stale { since, behind } = &state
                && let Some(current) = page.current
                && let Some(unit) = self.placed.versions[current].units.first()
            {
                let problem = Problem::new(
                    Code::STALE_TRANSLATION,
                    self.surveyed[*unit].origin.hash_span,
                    format!(
                        "the source text was current until {}, {behind} {} ago",
                        since.day(),
                        if *behind == 1 { "version" } else { "versions" }
                    ),
                );
                self.placed.problems.push((current, problem.help("hand the page off again")));
            }
            self.placed.pages[index].state = Some(state);
        }
    }
}

impl<'a> Work<'a> {
    /// How a translation of a source version stands to what the source says now.
    fn state(&self, source: usize) -> State {
        let known = &self.placed.versions[source];
        let page = &self.placed.pages[known.page];
        if !known.available() {
            return State::Unknown;
        }
        let Some(current) = page.current else {
            let is_gone = self.is_redirected(known.page) || self.is_deleted(known.page);
            return if is_gone { State::Orphaned } else { self.ended(source) };
        };
        if current == source { State::UpToDate } else { self.ended(source) }
    }

    /// Stale since the source version ceased to be current; of one that never was, since the next.
    fn ended(&self, source: usize) -> State {
        let versions = &self.placed.versions;
        let known = &versions[source];
        let page = &self.placed.pages[known.page];
        let after = |moment: &Moment| {
            let later = page.versions.iter().filter(|&&other| other != source);
            let begin = later.flat_map(|&other| &versions[other].intervals).map(|i| &i.from);
            begin.filter(|from| *from >= moment).min().cloned()
        };
        let since = match known.until() {
            Some(until) => Some(until.clone()),
            None => known.seen.as_ref().filter(|_| known.unpublished).and_then(after),
        };
        let Some(since) = since else { return State::Unknown };
        let later = page.versions.iter().filter(|&&other| {
            other != source && versions[other].intervals.iter().any(|i| i.from >= since)
        });
        // Texts that are known by their hashes alone ended it, too.
        let known = page.versions.iter().skip_while(|&&other| other != source).skip(1);
        let known = known.filter(|&&other| !versions[other].available());
        State::Stale { behind: later.count() + known.count(), since }
    }

    /// Whether a history shows that the page was taken away.
    fn is_deleted(&self, page: usize) -> bool {
        let versions = self.placed.pages[page].versions.iter();
        let mut units =
            versions.flat_map(|&version| &self.placed.versions[version].units).peekable();
        units.peek().is_some()
            && units.all(|&unit| {
                let file = &self.files[self.surveyed[unit].file];
                file.standing.seen.is_some() && !file.is_live()
            })
    }

    /// Whether the address of a page's document leads to another document.
    fn is_redirected(&self, page: usize) -> bool {
        let document = &self.placed.documents[self.placed.pages[page].document];
        document.paths.last().is_some_and(|path| self.placed.redirects.by_path.contains_key(path))
    }
}

fn has_commit(version: &Version, commit: &str) -> bool {
    version
        .commits
        .iter()
        .any(|known| known.starts_with(commit) || commit.starts_with(known.as_str()))
}

fn short_commit(commit: &str) -> &str {
    &commit[..commit.len().min(12)]
}
