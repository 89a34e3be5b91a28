//! A document's texts in every language, and which was made from which, as the graph has it.
//!
//! The types here are what `--format json` prints.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Graph, LineageError, local};
use crate::vocab::{dcterms, rdfs, schema, stm};

/// The stemma of a document.
#[derive(Debug, Serialize)]
pub struct Stemma {
    /// Always `page`.
    pub kind: &'static str,
    /// IRI.
    pub document: String,
    pub title: String,
    /// Every path that the document ever had, the present one first.
    pub paths: Vec<String>,
    /// Where the source page is published.
    pub url: Option<String>,
    /// The day that states and lengths are told of.
    pub as_of: Option<String>,
    /// IRIs of documents that took this one's place.
    pub replaced_by: Vec<String>,
    /// The source page first.
    pub pages: Vec<Page>,
    /// Texts that translations were made from, and all others of the source page, in order of time.
    pub sources: Vec<Source>,
    /// Translations that do not say what they were made from.
    pub unsourced: Vec<Translation>,
}

/// The document in one language.
#[derive(Debug, Serialize)]
pub struct Page {
    pub iri: String,
    pub locale: String,
    pub is_source: bool,
    pub url: Option<String>,
    /// Content hash of the current text.
    pub current: Option<String>,
    /// Of translations: `state`, and of a stale one `stale_since` and `versions_behind`.
    #[serde(flatten)]
    pub state: Option<State>,
}

/// How a translated page stands to its source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum State {
    UpToDate,
    /// The source text was replaced that day; so many of its texts are newer.
    Stale {
        stale_since: String,
        versions_behind: usize,
    },
    Orphaned,
    Unknown,
}

/// One exact text.
#[derive(Clone, Debug, Serialize)]
pub struct Text {
    pub iri: String,
    pub locale: String,
    /// 40 hexadecimal digits; the IRI ends in the first 12.
    pub content_hash: String,
    pub title: Option<String>,
    pub standing: Standing,
    /// It is the current text of its page.
    pub current: bool,
    /// When it was the current text, in order of time.
    pub spans: Vec<Span>,
    /// The commit that brought it, published or not.
    pub first_seen: Option<Moment>,
    /// Of a text that is not at hand: the first day that a translation of it is known from. Of a
    /// translation without dates: the day of its handoff.
    pub known_by: Option<String>,
    /// Commits that other repositories or the configuration name for it.
    pub commits: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It was the current text for some time.
    Published,
    /// Seen in the history, but never the current text.
    SideBranch,
    /// Nobody says when it was the current text.
    Undated,
    /// Only its hash is known, from a translation.
    Missing,
}

#[derive(Clone, Debug, Serialize)]
pub struct Span {
    pub from: Moment,
    /// Absent while it lasts.
    pub until: Option<Moment>,
    /// Whole days; until the day that is looked from, while it lasts.
    pub days: Option<i64>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Moment {
    /// A day, or the time of a commit.
    pub at: String,
    pub commit: Option<String>,
}

impl Moment {
    pub fn day(&self) -> &str {
        &self.at[..self.at.len().min(10)]
    }
}

#[derive(Debug, Serialize)]
pub struct Source {
    #[serde(flatten)]
    pub text: Text,
    pub translations: Vec<Translation>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Translation {
    #[serde(flatten)]
    pub text: Text,
    /// IRI of the page, where it is another document's.
    pub of_other_page: Option<String>,
    pub proof: Option<Proof>,
    /// Day of the handoff, as the page says.
    pub handoff: Option<String>,
    /// `machine` or `human`, as the page says.
    pub method: Option<&'static str>,
    /// Files that repeat this text with the source's sentences beside it.
    pub bilingual_editions: Vec<Text>,
}

/// How far the relation to the source is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    HashAndCommit,
    HashOnly,
    Declared,
    Contradicted,
}

impl Text {
    /// The first that is known of it.
    pub fn start(&self) -> Option<&str> {
        let span = self.spans.first().map(|span| span.from.at.as_str());
        span.or(self.first_seen.as_ref().map(|seen| seen.at.as_str())).or(self.known_by.as_deref())
    }

    /// The commit with which it became current, or else came.
    pub fn commit(&self, span: Option<usize>) -> Option<&str> {
        let began = span.and_then(|span| self.spans.get(span)?.from.commit.as_deref());
        let seen = self.first_seen.as_ref().and_then(|seen| seen.commit.as_deref());
        began.or(seen).or(self.commits.first().map(String::as_str))
    }
}

impl Stemma {
    pub fn source_locale(&self) -> &str {
        self.pages.iter().find(|page| page.is_source).map_or("", |page| &page.locale)
    }

    pub fn translations(&self) -> impl Iterator<Item = &Translation> {
        self.sources.iter().flat_map(|source| &source.translations).chain(&self.unsourced)
    }
}

/// Days from 0000-03-01, so that differences count.
pub fn day_number(day: &str) -> Option<i64> {
    let mut parts = day.get(..10)?.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    // Years that begin in March end in the leap day.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    Some(year * 365 + year / 4 - year / 100 + year / 400 + (month * 306 + 5) / 10 + day - 1)
}

/// What belongs to a document, on a day if one is given, in one language besides the source's if
/// one is given.
pub fn read(
    graph: &Graph<'_>,
    document: &str,
    locale: Option<&str>,
    as_of: Option<&str>,
) -> Result<Stemma, LineageError> {
    let newest = graph.snapshot.meta().modified.clone();
    let today = as_of.map(str::to_owned).or(newest.clone());
    let source_page = graph.value(document, stm::SOURCE_PAGE)?;
    let source_locale = match &source_page {
        Some(page) => graph.value(page, schema::IN_LANGUAGE)?,
        None => None,
    };
    // Who names the source's language wants all that came of it.
    let locale = locale.filter(|locale| source_locale.as_deref() != Some(*locale));
    let mut reader = Reader { graph, today: today.as_deref(), texts: BTreeMap::new() };
    let mut pages = Vec::new();
    for iri in graph.subjects(stm::DOCUMENT_OF, document)? {
        let page = reader.page(&iri, source_page.as_deref() == Some(iri.as_str()))?;
        if page.is_source || locale.is_none_or(|locale| locale == page.locale) {
            pages.push(page);
        }
    }
    if let Some(locale) = locale.filter(|locale| !pages.iter().any(|page| page.locale == *locale)) {
        let message = format!("the page is not in the graph in `{locale}`");
        return Err(LineageError::not_one(
            message,
            "leave the locale out to see the languages there are",
        ));
    }
    pages.sort_by_key(|page| (!page.is_source, page.locale.clone()));

    let mut tree = Tree::default();
    for page in &pages {
        for iri in graph.subjects(stm::PAGE, &page.iri)? {
            if page.is_source {
                tree.sources.insert(iri.clone());
                for translation in graph.subjects(stm::TRANSLATED_FROM, &iri)? {
                    tree.add(&mut reader, &translation, &pages, locale)?;
                }
            } else {
                tree.add(&mut reader, &iri, &pages, locale)?;
            }
        }
    }
    let mut stemma = tree.grow(&mut reader, document)?;
    stemma.pages = pages;
    stemma.as_of = today;
    stemma.title = graph.value(document, rdfs::LABEL)?.unwrap_or_default();
    stemma.replaced_by = graph.values(document, dcterms::IS_REPLACED_BY)?;
    stemma.url = stemma.pages.iter().find_map(|page| page.url.clone());
    stemma.paths = graph.paths(document, stemma.url.as_deref())?;
    if as_of.is_some() && as_of < newest.as_deref() {
        stemma.look_from_earlier();
    } else {
        stemma.mark_current();
    }
    Ok(stemma)
}

struct Reader<'a> {
    graph: &'a Graph<'a>,
    today: Option<&'a str>,
    texts: BTreeMap<String, Option<Text>>,
}

impl Reader<'_> {
    fn page(&self, iri: &str, is_source: bool) -> Result<Page, LineageError> {
        let graph = self.graph;
        let current = match graph.value(iri, stm::CURRENT_VERSION)? {
            Some(current) => graph.value(&current, stm::CONTENT_HASH)?,
            None => None,
        };
        let state = match graph.value(iri, stm::TRANSLATION_STATE)?.as_deref().map(local) {
            Some("UpToDate") => Some(State::UpToDate),
            Some("Stale") => Some(State::Stale {
                stale_since: graph.value(iri, stm::STALE_SINCE)?.unwrap_or_default(),
                versions_behind: graph
                    .value(iri, stm::VERSIONS_BEHIND)?
                    .and_then(|number| number.parse().ok())
                    .unwrap_or_default(),
            }),
            Some("Orphaned") => Some(State::Orphaned),
            Some(_) => Some(State::Unknown),
            None => None,
        };
        Ok(Page {
            iri: iri.to_owned(),
            locale: graph.value(iri, schema::IN_LANGUAGE)?.unwrap_or_default(),
            is_source,
            url: graph.value(iri, stm::URL)?,
            current,
            state,
        })
    }

    fn text(&mut self, iri: &str) -> Result<Option<Text>, LineageError> {
        if !self.texts.contains_key(iri) {
            let text = self.read_text(iri)?;
            self.texts.insert(iri.to_owned(), text);
        }
        Ok(self.texts[iri].clone())
    }

    /// None if it is no version, or came later than the day that is looked from.
    fn read_text(&self, iri: &str) -> Result<Option<Text>, LineageError> {
        let graph = self.graph;
        let Some(content_hash) = graph.value(iri, stm::CONTENT_HASH)? else { return Ok(None) };
        let mut spans = Vec::new();
        for node in graph.subjects(stm::OF_VERSION, iri)? {
            let from = self.moment(&node, stm::VALID_FROM, stm::BEGAN_WITH)?;
            let until = self.moment(&node, stm::VALID_UNTIL, stm::ENDED_WITH)?;
            spans.extend(from.map(|from| Span { from, until, days: None }));
        }
        let first_seen = match graph.value(iri, stm::FIRST_SEEN_IN)? {
            Some(commit) => self.commit(&commit)?,
            None => None,
        };
        let later = |moment: &Moment| self.today.is_some_and(|today| moment.day() > today);
        let dated = !spans.is_empty() || first_seen.is_some();
        spans.retain(|span| !later(&span.from));
        let first_seen = first_seen.filter(|seen| !later(seen));
        if dated && spans.is_empty() && first_seen.is_none() {
            return Ok(None);
        }
        for span in &mut spans {
            span.until = span.until.take().filter(|until| !later(until));
            let end = span.until.as_ref().map(Moment::day).or(self.today);
            let days = end.and_then(|end| Some(day_number(end)? - day_number(span.from.day())?));
            span.days = days;
        }
        spans.sort_by(|a, b| a.from.at.cmp(&b.from.at));
        let standing = if graph.value(iri, stm::AVAILABLE)?.as_deref() == Some("false") {
            Standing::Missing
        } else if !spans.is_empty() {
            Standing::Published
        } else if first_seen.is_some() {
            Standing::SideBranch
        } else {
            Standing::Undated
        };
        Ok(Some(Text {
            iri: iri.to_owned(),
            locale: graph.value(iri, schema::IN_LANGUAGE)?.unwrap_or_default(),
            content_hash,
            title: graph.value(iri, dcterms::TITLE)?,
            standing,
            current: false,
            spans,
            first_seen,
            known_by: None,
            commits: graph.values(iri, stm::GIT_COMMIT)?,
        }))
    }

    fn moment(
        &self,
        node: &str,
        day: oxigraph::model::NamedNodeRef<'_>,
        commit: oxigraph::model::NamedNodeRef<'_>,
    ) -> Result<Option<Moment>, LineageError> {
        if let Some(commit) = self.graph.value(node, commit)?
            && let Some(moment) = self.commit(&commit)?
        {
            return Ok(Some(moment));
        }
        Ok(self.graph.value(node, day)?.map(|at| Moment { at, commit: None }))
    }

    fn commit(&self, commit: &str) -> Result<Option<Moment>, LineageError> {
        let at = self.graph.value(commit, stm::COMMITTED)?;
        let id = self.graph.value(commit, stm::GIT_COMMIT)?;
        Ok(at.map(|at| Moment { at, commit: id }))
    }

    fn translation(&mut self, iri: &str) -> Result<Option<Translation>, LineageError> {
        let Some(mut text) = self.text(iri)? else { return Ok(None) };
        let graph = self.graph;
        let handoff = graph.value(iri, stm::HANDOFF_DATE)?;
        if text.standing == Standing::Undated {
            text.known_by.clone_from(&handoff);
        }
        let proof = match graph.value(iri, stm::LINEAGE)?.as_deref().map(local) {
            Some("HashAndCommit") => Some(Proof::HashAndCommit),
            Some("HashOnly") => Some(Proof::HashOnly),
            Some("Contradicted") => Some(Proof::Contradicted),
            Some(_) => Some(Proof::Declared),
            None => None,
        };
        let method = match graph.value(iri, stm::TRANSLATION_METHOD)?.as_deref().map(local) {
            Some("MachineTranslation") => Some("machine"),
            Some("HumanTranslation") => Some("human"),
            _ => None,
        };
        let mut bilingual_editions = Vec::new();
        for edition in graph.subjects(stm::BILINGUAL_EDITION_OF, iri)? {
            bilingual_editions.extend(self.text(&edition)?);
        }
        bilingual_editions.sort_by(|a, b| (a.start(), &a.iri).cmp(&(b.start(), &b.iri)));
        Ok(Some(Translation {
            text,
            of_other_page: None,
            proof,
            handoff,
            method,
            bilingual_editions,
        }))
    }
}

/// What hangs from what, by IRI.
#[derive(Default)]
struct Tree {
    sources: BTreeSet<String>,
    translations: BTreeMap<String, (Option<String>, Translation)>,
}

impl Tree {
    fn add(
        &mut self,
        reader: &mut Reader<'_>,
        iri: &str,
        pages: &[Page],
        locale: Option<&str>,
    ) -> Result<(), LineageError> {
        if self.translations.contains_key(iri) || self.sources.contains(iri) {
            return Ok(());
        }
        // An edition hangs from the text that it repeats.
        if reader.graph.value(iri, stm::BILINGUAL_EDITION_OF)?.is_some() {
            return Ok(());
        }
        let Some(mut translation) = reader.translation(iri)? else { return Ok(()) };
        if locale.is_some_and(|locale| translation.text.locale != locale) {
            return Ok(());
        }
        let page = reader.graph.value(iri, stm::PAGE)?;
        translation.of_other_page =
            page.filter(|page| !pages.iter().any(|known| known.iri == *page));
        let source = reader.graph.value(iri, stm::TRANSLATED_FROM)?;
        self.sources.extend(source.clone());
        self.translations.insert(iri.to_owned(), (source, translation));
        Ok(())
    }

    fn grow(self, reader: &mut Reader<'_>, document: &str) -> Result<Stemma, LineageError> {
        let mut sources: BTreeMap<String, Source> = BTreeMap::new();
        for iri in self.sources {
            if let Some(text) = reader.text(&iri)? {
                sources.insert(iri, Source { text, translations: Vec::new() });
            }
        }
        let mut unsourced = Vec::new();
        for (source, translation) in self.translations.into_values() {
            match source.as_ref().map(|source| sources.get_mut(source)) {
                Some(Some(source)) => source.translations.push(translation),
                // Its source is later than the day that is looked from, so it is, too.
                Some(None) => {}
                None => unsourced.push(translation),
            }
        }
        let in_order = |a: &Text, b: &Text| {
            // What has no date comes last.
            (a.start().is_none(), a.start(), &a.iri).cmp(&(b.start().is_none(), b.start(), &b.iri))
        };
        let mut sources: Vec<Source> = sources.into_values().collect();
        for source in &mut sources {
            source
                .translations
                .sort_by(|a, b| a.text.locale.cmp(&b.text.locale).then(in_order(&a.text, &b.text)));
            if source.text.standing == Standing::Missing {
                let first = source.translations.iter().filter_map(|made| made.text.start()).min();
                source.text.known_by = first.map(str::to_owned);
            }
        }
        // On a later day than the one looked from, nobody had yet translated it.
        sources.retain(|source| {
            source.text.standing != Standing::Missing || !source.translations.is_empty()
        });
        sources.sort_by(|a, b| in_order(&a.text, &b.text));
        unsourced
            .sort_by(|a, b| a.text.locale.cmp(&b.text.locale).then(in_order(&a.text, &b.text)));
        Ok(Stemma {
            kind: "page",
            document: document.to_owned(),
            title: String::new(),
            paths: Vec::new(),
            url: None,
            as_of: None,
            replaced_by: Vec::new(),
            pages: Vec::new(),
            sources,
            unsourced,
        })
    }
}

impl Stemma {
    fn texts_mut(&mut self) -> impl Iterator<Item = &mut Text> {
        let of_sources = self.sources.iter_mut().flat_map(|source| {
            let made = source.translations.iter_mut().map(|made| &mut made.text);
            std::iter::once(&mut source.text).chain(made)
        });
        of_sources.chain(self.unsourced.iter_mut().map(|made| &mut made.text))
    }

    /// The graph says which text of each page is the current one.
    fn mark_current(&mut self) {
        let current: BTreeSet<String> = self
            .pages
            .iter()
            .filter_map(|page| {
                Some(format!("{}@{}", page.iri, super::short(page.current.as_ref()?)))
            })
            .collect();
        self.texts_mut().for_each(|text| text.current = current.contains(&text.iri));
    }

    /// Which text of each page was the current one on an earlier day, and how translations stood to
    /// their source then. What the graph says holds of the newest day only.
    fn look_from_earlier(&mut self) {
        let mut pages = std::mem::take(&mut self.pages);
        for page in &mut pages {
            let of_page = format!("{}@", page.iri);
            let texts: Vec<&Text> = self
                .sources
                .iter()
                .map(|source| &source.text)
                .chain(self.translations().map(|made| &made.text))
                .filter(|text| text.iri.starts_with(&of_page))
                .collect();
            page.current = on(&texts).map(|text| text.content_hash.clone());
        }
        let source_texts: Vec<&Text> = {
            let page = pages.iter().find(|page| page.is_source);
            let of_page = page.map_or(String::new(), |page| format!("{}@", page.iri));
            let texts = self.sources.iter().map(|source| &source.text);
            texts.filter(|text| text.iri.starts_with(&of_page)).collect()
        };
        for page in pages.iter_mut().filter(|page| !page.is_source) {
            let current = page.current.as_deref();
            let source = self.sources.iter().find(|source| {
                source.translations.iter().any(|made| {
                    made.of_other_page.is_none()
                        && made.text.locale == page.locale
                        && Some(made.text.content_hash.as_str()) == current
                })
            });
            page.state = source.map(|source| state(&source.text, &source_texts));
        }
        self.pages = pages;
        self.mark_current();
        let current = self.sources.iter().map(|source| &source.text).find(|text| text.current);
        if let Some(title) = current.and_then(|text| text.title.clone()) {
            self.title = title;
        }
    }
}

/// The current text among those of a page, later ones left out: the last that began, if it has not
/// ended.
fn on<'a>(texts: &[&'a Text]) -> Option<&'a Text> {
    let spans = texts.iter().flat_map(|text| {
        text.spans.iter().map(|span| (span.from.at.as_str(), span.until.is_none(), *text))
    });
    let missing = texts.iter().filter_map(|text| {
        let known_by = text.known_by.as_deref().filter(|_| text.standing == Standing::Missing);
        Some((known_by?, true, *text))
    });
    let last = spans.chain(missing).max_by_key(|(from, lasts, text)| (*from, *lasts, &text.iri))?;
    Some(last.2).filter(|_| last.1)
}

/// How a translation of a source text stands to the texts of the source page.
fn state(source: &Text, texts: &[&Text]) -> State {
    if source.standing == Standing::Missing {
        return State::Unknown;
    }
    let current = on(texts);
    if current.is_some_and(|current| current.iri == source.iri) {
        return State::UpToDate;
    }
    let begun = |from: &str| {
        let others = texts.iter().filter(|text| text.iri != source.iri);
        let later =
            others.filter(|text| text.spans.iter().any(|span| span.from.at.as_str() >= from));
        later.count()
    };
    let replaced = match source.spans.last() {
        Some(span) => span.until.as_ref().map(|until| until.at.clone()),
        // Of one that never was published: since the next was.
        None => source.first_seen.as_ref().and_then(|seen| {
            let spans = texts.iter().flat_map(|text| &text.spans).map(|span| &span.from.at);
            spans.filter(|from| **from >= seen.at).min().cloned()
        }),
    };
    match replaced {
        _ if current.is_none() && texts.iter().any(|text| !text.spans.is_empty()) => {
            State::Orphaned
        }
        Some(at) => State::Stale {
            versions_behind: begun(&at),
            stale_since: at[..at.len().min(10)].to_owned(),
        },
        None => State::Unknown,
    }
}
