//! One side of a comparison: the text that each page has, in a graph as it stands or on a day.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use oxigraph::model::{NamedNode, NamedNodeRef, NamedOrBlankNode, Term};

use crate::diag::Severity;
use crate::link::targets::Status;
use crate::store::{Answer, Limits, QueryError, Snapshot, StoreError, sparql};
use crate::vocab::{dpv, rdfs, sh, stm};

/// A document in a locale. IRIs are kept without the base of their graph, so that graphs with
/// different bases compare.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Page {
    pub document: String,
    pub locale: String,
}

/// The text that a page has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    pub version: String,
    pub page: String,
    /// Where it is published, without site and locale, if one place is certain.
    pub path: Option<String>,
    pub url: Option<String>,
    /// Else only its translations show that there is such a text.
    pub available: bool,
}

impl Text {
    /// The digits that a version is known by: the same for the same text.
    pub fn digits(&self) -> &str {
        digits(&self.version)
    }
}

pub fn digits(version: &str) -> &str {
    version.rsplit('@').next().unwrap_or_default()
}

/// One side of a comparison.
pub struct State<'a> {
    pub snapshot: &'a Snapshot,
    /// None: the graph as it stands.
    pub day: Option<String>,
    pub texts: BTreeMap<Page, Text>,
    /// Every path that a document ever had.
    pub paths: BTreeMap<String, Vec<String>>,
    pub notes: Vec<String>,
}

/// What the comparison needs of a text.
#[derive(Debug, Default)]
pub struct Content {
    /// Name and product.
    pub names: Vec<(String, String)>,
    pub claims: Vec<String>,
    pub links: Vec<Link>,
}

/// The texts and claims that matter: all of them, or those about one product.
#[derive(Debug, Default)]
pub struct About {
    /// None: all are compared.
    pub product: Option<String>,
    versions: BTreeSet<String>,
    claims: BTreeSet<String>,
}

impl About {
    pub fn is_in(&self, version: &str) -> bool {
        self.product.is_none() || self.versions.contains(version)
    }
}

#[derive(Debug)]
pub struct Link {
    pub node: String,
    /// Address and fragment.
    pub target: String,
    pub status: Status,
}

#[derive(Clone, Debug)]
pub struct Finding {
    pub node: String,
    pub rule: String,
    pub severity: Severity,
    pub message: String,
    pub quote: Option<String>,
}

const CURRENT: &str = "SELECT ?document ?locale ?version ?page ?available ?url WHERE {
  ?page stm:currentVersion ?version ; stm:document ?document ; schema:inLanguage ?locale .
  ?version stm:available ?available OPTIONAL { ?page stm:url ?url } }";
/// Half-open intervals: a text that was replaced on the day is not the text of the day.
const ON_DAY: &str = "SELECT ?document ?locale ?version ?page ?url ?from WHERE {
  ?validity stm:ofVersion ?version ; stm:validFrom ?from
  OPTIONAL { ?validity stm:validUntil ?until }
  FILTER(?from <= \"$\"^^xsd:date && (!BOUND(?until) || ?until > \"$\"^^xsd:date))
  ?version stm:page ?page . ?page stm:document ?document ; schema:inLanguage ?locale
  OPTIONAL { ?page stm:url ?url } }";
const UNDATED: &str = "SELECT (COUNT(DISTINCT ?page) AS ?n) WHERE {
  ?page stm:currentVersion ?version . ?version stm:available true
  FILTER NOT EXISTS { ?validity stm:ofVersion ?version } }";
const NOT_CURRENT: &str = "SELECT ?page WHERE {
  ?page a stm:Page FILTER NOT EXISTS { ?page stm:currentVersion ?current } }";
/// Texts that no date and no history puts before another.
const UNDECIDED: &str = "SELECT DISTINCT ?page WHERE { VALUES ?page { $ }
  ?version stm:page ?page ; stm:available true
  FILTER NOT EXISTS { ?version stm:firstSeenIn ?commit }
  FILTER NOT EXISTS { ?version stm:bilingualEditionOf ?edition }
  FILTER NOT EXISTS { ?validity stm:ofVersion ?version ; stm:validUntil ?until } }";
const PATHS: &str = "SELECT ?document ?path WHERE { ?document stm:path ?path ; a stm:Document }";
/// Oldest first.
const MOVES: &str = "SELECT ?document ?locale ?date ?from ?to WHERE {
  ?move a stm:Move ; stm:document ?document ; schema:inLanguage ?locale ; stm:date ?date ;
    stm:movedFrom ?from ; stm:movedTo ?to } ORDER BY ?date ?move";
const FILES: &str = "SELECT ?version ?file WHERE { VALUES ?version { $ } ?version stm:file ?file }";
const NAMES: &str = "SELECT DISTINCT ?version ?name ?product WHERE { VALUES ?version { $ }
  ?segment stm:inVersion ?version . ?mention stm:inSegment ?segment ; stm:ofName ?name ;
    stm:ofProduct ?product }";
const STATING: &str = "SELECT ?claim ?version WHERE { VALUES ?product { $ }
  ?claim stm:product ?product ; a stm:Claim . ?version stm:states ?claim ; a stm:PageVersion }";
const CLAIMS: &str =
    "SELECT ?version ?claim WHERE { VALUES ?version { $ } ?version stm:states ?claim }";
/// The version is not asked for: the IRI of a link begins with it, and reading IRIs takes the time.
const LINKS: &str = "SELECT ?link ?status ?target ?fragment WHERE {
  VALUES ?version { $ } ?link stm:inVersion ?version ; stm:linkStatus ?status ; stm:target ?target
  OPTIONAL { ?link stm:fragment ?fragment } }";
const FINDINGS: &str = "SELECT ?place ?finding ?rule ?severity ?message ?quote WHERE {
  ?finding stm:rule ?rule ; stm:inVersion|stm:inFile ?place ; stm:severity ?severity ;
    stm:message ?message OPTIONAL { ?finding stm:quote ?quote } }";

/// How many things one query may name.
const AT_ONCE: usize = 200;

pub type Row<const N: usize> = [Option<String>; N];

impl<'a> State<'a> {
    /// A graph as it stands, or as it stood at the end of a day.
    pub fn of(snapshot: &'a Snapshot, day: Option<&str>) -> Result<Self, StoreError> {
        let mut state = Self {
            snapshot,
            day: day.map(str::to_owned),
            texts: BTreeMap::new(),
            paths: BTreeMap::new(),
            notes: Vec::new(),
        };
        for [document, path] in state.rows(PATHS)? {
            state.paths.entry(text(document)).or_default().push(text(path));
        }
        match day {
            None => state.as_it_stands()?,
            Some(day) => state.as_on(day)?,
        }
        Ok(state)
    }

    fn as_it_stands(&mut self) -> Result<(), StoreError> {
        for [document, locale, version, page, available, url] in self.rows(CURRENT)? {
            let locale = text(locale);
            // The address leads to where the document is now.
            let path = url.as_ref().and_then(|url| {
                let (_, path) = url.split_once(&format!("/{}/", locale.to_ascii_lowercase()))?;
                Some(path.to_owned())
            });
            let (version, page) = (text(version), text(page));
            let available = available.as_deref() == Some("true");
            let known = Text { version, page, path, url, available };
            self.texts.insert(Page { document: text(document), locale }, known);
        }
        let rows = self.rows(NOT_CURRENT)?.into_iter();
        let pages: Vec<String> = rows.map(|[page]| text(page)).collect();
        let undecided = self.ask::<1>(UNDECIDED, &pages)?.len();
        if undecided > 0 {
            self.notes.push(format!(
                "{undecided} pages have several texts and no dates that tell which is current: \
                 they are left out"
            ));
        }
        Ok(())
    }

    fn as_on(&mut self, day: &str) -> Result<(), StoreError> {
        let mut latest: BTreeMap<Page, (String, Text)> = BTreeMap::new();
        for [document, locale, version, page, url, from] in self.rows(&ON_DAY.replace('$', day))? {
            let key = Page { document: text(document), locale: text(locale) };
            let (version, page) = (text(version), text(page));
            let known = Text { version, page, path: None, url, available: true };
            let from = text(from);
            let is_later = latest
                .get(&key)
                .is_none_or(|(other, chosen)| (&from, &known.version) > (other, &chosen.version));
            if is_later {
                latest.insert(key, (from, known));
            }
        }
        self.texts = latest.into_iter().map(|(page, (_, text))| (page, text)).collect();
        self.find_paths(day)?;
        let undated = self.count(UNDATED)?;
        if undated > 0 {
            self.notes.push(format!("{undated} pages have no dates: they are left out"));
        }
        if self.texts.is_empty() {
            self.notes.push(format!("no text is dated {day} or earlier, and valid on that day"));
        }
        Ok(())
    }

    /// Of a document that moved: the path to which it had been moved by the day; without a history,
    /// the one that the file of the text ends in.
    fn find_paths(&mut self, day: &str) -> Result<(), StoreError> {
        let moved = |page: &Page| self.paths.get(&page.document).is_some_and(|all| all.len() > 1);
        let versions: Vec<String> = self
            .texts
            .iter()
            .filter(|(page, _)| moved(page))
            .map(|(_, text)| text.version.clone())
            .collect();
        let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for [version, file] in self.ask(FILES, &versions)? {
            files.entry(text(version)).or_default().push(text(file));
        }
        let mut moves: BTreeMap<Page, Vec<(String, String, String)>> = BTreeMap::new();
        for [document, locale, date, from, to] in self.rows(MOVES)? {
            let page = Page { document: text(document), locale: text(locale) };
            moves.entry(page).or_default().push((text(date), text(from), text(to)));
        }
        for (page, known) in &mut self.texts {
            let Some(paths) = self.paths.get(&page.document) else { continue };
            known.path = match paths.as_slice() {
                [path] => Some(path.clone()),
                paths => {
                    let files = files.get(&known.version).map(Vec::as_slice).unwrap_or_default();
                    let mut of_files = files.iter().filter_map(|file| path_of(file, paths));
                    let first = of_files.next();
                    let only = first.filter(|first| of_files.all(|path| path == *first));
                    let moved = moves.get(page).and_then(|moves| path_on(moves, day));
                    moved.or_else(|| only.cloned())
                }
            };
        }
        Ok(())
    }

    /// Where a product is mentioned, and what is stated about it.
    pub fn about(&self, product: Option<&str>) -> Result<About, StoreError> {
        let Some(product) = product else { return Ok(About::default()) };
        let versions = self.subjects(stm::MENTIONS, product)?.into_iter().collect();
        let product = self.local(NamedNode::new_unchecked(product).into());
        let mut about = About { product: Some(product.clone()), versions, claims: BTreeSet::new() };
        // A claim may be about a product that its text only names as "the service".
        for [claim, version] in self.ask(STATING, &[product])? {
            about.claims.insert(text(claim));
            about.versions.insert(text(version));
        }
        Ok(about)
    }

    /// What texts say, by their version.
    pub fn read(
        &self,
        versions: &[String],
        about: &About,
    ) -> Result<BTreeMap<String, Content>, StoreError> {
        let is_wanted = |product: &String| about.product.as_ref().is_none_or(|it| it == product);
        let mut contents: BTreeMap<String, Content> =
            versions.iter().map(|version| (version.clone(), Content::default())).collect();
        for [version, name, product] in self.ask(NAMES, versions)? {
            let product = text(product);
            if let Some(content) = contents.get_mut(&text(version))
                && is_wanted(&product)
            {
                content.names.push((text(name), product));
            }
        }
        for [version, claim] in self.ask(CLAIMS, versions)? {
            let claim = text(claim);
            if let Some(content) = contents.get_mut(&text(version))
                && (about.product.is_none() || about.claims.contains(&claim))
            {
                content.claims.push(claim);
            }
        }
        if about.product.is_some() {
            return Ok(contents);
        }
        for [node, status, target, fragment] in self.ask(LINKS, versions)? {
            let node = text(node);
            let version = node.split_once('#').map_or("", |(version, _)| version);
            if let Some(content) = contents.get_mut(version) {
                let fragment = fragment.map_or(String::new(), |fragment| format!("#{fragment}"));
                let target = text(target) + &fragment;
                content.links.push(Link { node, target, status: status_of(&text(status)) });
            }
        }
        Ok(contents)
    }

    /// Problems, by the version or the file that they are in.
    pub fn findings(&self) -> Result<BTreeMap<String, Vec<Finding>>, StoreError> {
        let mut places: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
        for [place, node, rule, severity, message, quote] in self.rows(FINDINGS)? {
            let severity = severity_of(&text(severity));
            let (node, rule, message) = (text(node), text(rule), text(message));
            let finding = Finding { node, rule, severity, message, quote };
            places.entry(text(place)).or_default().push(finding);
        }
        Ok(places)
    }

    /// The rows of a query about some things, whose IRIs take the place of `$`.
    pub fn ask<const N: usize>(
        &self,
        query: &str,
        things: &[String],
    ) -> Result<Vec<Row<N>>, StoreError> {
        let mut rows = Vec::new();
        for some in things.chunks(AT_ONCE) {
            let iris: String = some.iter().map(|thing| format!("<{}> ", self.iri(thing))).collect();
            rows.extend(self.rows(&query.replace('$', &iris))?);
        }
        Ok(rows)
    }

    /// The rows of a query, sorted, IRIs without the base.
    pub fn rows<const N: usize>(&self, query: &str) -> Result<Vec<Row<N>>, StoreError> {
        let query = sparql::parse(query, &self.snapshot.meta().base)
            .map_err(|error| QueryError::Failed(error.to_string()))?;
        let answer = self.snapshot.query(&query, Limits { time: Duration::MAX })?;
        let Answer::Solutions { rows: solutions, .. } = answer else {
            unreachable!("a SELECT has rows")
        };
        let mut rows = Vec::new();
        for row in solutions {
            let row: Vec<Option<String>> =
                row?.into_iter().map(|term| term.map(|term| self.local(term))).collect();
            rows.push(row.try_into().expect("a row has the columns that are asked for"));
        }
        rows.sort();
        Ok(rows)
    }

    pub fn count(&self, query: &str) -> Result<u64, StoreError> {
        let rows: Vec<Row<1>> = self.rows(query)?;
        Ok(rows.into_iter().flatten().flatten().next().and_then(|n| n.parse().ok()).unwrap_or(0))
    }

    /// The whole IRI of a thing.
    pub fn iri(&self, thing: &str) -> String {
        if thing.contains("://") {
            thing.to_owned()
        } else {
            format!("{}{thing}", self.snapshot.meta().base)
        }
    }

    fn local(&self, term: Term) -> String {
        match term {
            Term::NamedNode(node) => {
                let base = self.snapshot.meta().base.as_str();
                node.as_str().strip_prefix(base).unwrap_or(node.as_str()).to_owned()
            }
            Term::Literal(literal) => literal.destruct().0,
            other => other.to_string(),
        }
    }

    /// What a thing is said to have, sorted.
    pub fn objects(
        &self,
        thing: &str,
        predicate: NamedNodeRef<'_>,
    ) -> Result<Vec<String>, StoreError> {
        let iri = self.iri(thing);
        let subject = NamedNodeRef::new_unchecked(&iri);
        let mut found = Vec::new();
        for quad in self.snapshot.matching(Some(subject), Some(predicate), None) {
            found.push(self.local(quad?.object));
        }
        found.sort();
        Ok(found)
    }

    pub fn object(
        &self,
        thing: &str,
        predicate: NamedNodeRef<'_>,
    ) -> Result<Option<String>, StoreError> {
        Ok(self.objects(thing, predicate)?.into_iter().next())
    }

    /// What is said to have a thing, sorted.
    pub fn subjects(
        &self,
        predicate: NamedNodeRef<'_>,
        thing: &str,
    ) -> Result<Vec<String>, StoreError> {
        let object = Term::from(NamedNode::new_unchecked(self.iri(thing)));
        let mut found = Vec::new();
        for quad in self.snapshot.matching(None, Some(predicate), Some(&object)) {
            if let NamedOrBlankNode::NamedNode(subject) = quad?.subject {
                found.push(self.local(subject.into()));
            }
        }
        found.sort();
        Ok(found)
    }

    pub fn label(&self, thing: &str) -> Result<Option<String>, StoreError> {
        self.object(thing, rdfs::LABEL)
    }

    /// Every statement about a thing, by predicate.
    pub fn node(&self, thing: &str) -> Result<Node, StoreError> {
        let iri = self.iri(thing);
        let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for quad in self.snapshot.about(NamedNodeRef::new_unchecked(&iri)) {
            let quad = quad?;
            values.entry(quad.predicate.into_string()).or_default().push(self.local(quad.object));
        }
        values.values_mut().for_each(|values| values.sort());
        Ok(Node(values))
    }
}

/// What a graph says of one thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node(BTreeMap<String, Vec<String>>);

impl Node {
    pub fn all(&self, predicate: NamedNodeRef<'_>) -> impl Iterator<Item = &str> {
        self.0.get(predicate.as_str()).into_iter().flatten().map(String::as_str)
    }

    pub fn get(&self, predicate: NamedNodeRef<'_>) -> Option<&str> {
        self.all(predicate).next()
    }

    pub fn is(&self, predicate: NamedNodeRef<'_>) -> bool {
        self.get(predicate) == Some("true")
    }

    /// Where a claim says that something is.
    pub fn location(&self) -> &str {
        self.get(dpv::HAS_LOCATION).unwrap_or_default()
    }
}

/// A column that every row has.
pub fn text(column: Option<String>) -> String {
    column.unwrap_or_default()
}

fn severity_of(term: &str) -> Severity {
    match term {
        term if term == sh::VIOLATION.as_str() => Severity::Error,
        term if term == sh::WARNING.as_str() => Severity::Warning,
        _ => Severity::Info,
    }
}

fn status_of(term: &str) -> Status {
    let known = [
        (stm::OK, Status::Ok),
        (stm::REDIRECTED, Status::Redirected),
        (stm::BROKEN, Status::Broken),
        (stm::BROKEN_FRAGMENT, Status::BrokenFragment),
        (stm::EXTERNAL, Status::External),
    ];
    let known = known.iter().find(|(known, _)| known.as_str() == term);
    known.map_or(Status::Opaque, |(_, status)| *status)
}

/// Where a text that was moved stood at the end of a day.
fn path_on(moves: &[(String, String, String)], day: &str) -> Option<String> {
    let before = moves.iter().rfind(|(date, _, _)| date.as_str() <= day).map(|(_, _, to)| to);
    before.or_else(|| moves.first().map(|(_, from, _)| from)).cloned()
}

/// The one of some paths that shares the most of its end with a file.
fn path_of<'a>(file: &str, paths: &'a [String]) -> Option<&'a String> {
    let file = file.rsplit_once('.').map_or(file, |(stem, _)| stem).to_lowercase();
    let shared = |path: &str| {
        let pairs = file.rsplit('/').zip(path.rsplit('/'));
        pairs.take_while(|(of_file, of_path)| of_file == of_path).count()
    };
    let most = paths.iter().map(|path| shared(path)).max().filter(|most| *most > 0)?;
    let mut best = paths.iter().filter(|path| shared(path) == most);
    best.next().filter(|_| best.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_tells_which_of_its_documents_paths_it_stood_at() {
        let paths = ["m365/mtp/data".to_owned(), "m365/defender/data".to_owned()];
        assert_eq!(path_of("en-US/m365/defender/Data.md", &paths), Some(&paths[1]));
        assert_eq!(path_of("en-US/2020/data.md", &paths), None);
        assert_eq!(path_of("en-US/other.md", &paths), None);
    }
}
