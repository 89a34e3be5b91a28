//! The saved queries: their names, what they ask, and the parameters they take.
//!
//! A query is a file in `queries/`, its head a comment: the question, what the rows mean, an id,
//! parameters. Users' own files may have such a head, too.

use std::collections::BTreeMap;

use oxigraph::model::{Literal, NamedNode, Term, vocab::xsd};
use spargebra::Query;

use super::bind::{self, Values};
use super::sparql::{self, SyntaxError, nearest};
use super::{Graph, Snapshot, StoreError};
use crate::catalog::{Catalog, Date};
use crate::graph::Iris;

#[cfg(test)]
mod tests;

/// By name: the files of `queries/`.
pub const SAVED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/queries.rs"));

/// A question with a name, or one that a user wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedQuery {
    pub name: String,
    /// The question, in one line.
    pub title: String,
    /// What the rows mean.
    pub description: String,
    pub id: Option<String>,
    pub params: Vec<Param>,
    /// The whole file: comments are part of SPARQL, and errors count its lines.
    pub text: String,
}

/// `# param as-of: date = * -- the day to look from`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    pub name: String,
    pub kind: Kind,
    /// None if the variable stays free unless a value is given.
    pub default: Option<String>,
    pub help: String,
}

/// What people write, and what it becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Product,
    Place,
    Page,
    Name,
    Locale,
    Date,
    Integer,
    String,
    Iri,
}

const KINDS: [(&str, Kind); 9] = [
    ("product", Kind::Product),
    ("place", Kind::Place),
    ("page", Kind::Page),
    ("name", Kind::Name),
    ("locale", Kind::Locale),
    ("date", Kind::Date),
    ("integer", Kind::Integer),
    ("string", Kind::String),
    ("iri", Kind::Iri),
];

impl Kind {
    pub fn name(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).expect("every kind has a name").0
    }
}

/// The parameter that has a value even if none is given: the newest date of the inputs.
pub const AS_OF: &str = "as-of";

/// Why a query cannot be asked as it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    #[error("there is no saved query `{name}`")]
    UnknownQuery { name: String, near: Option<String> },
    #[error("`{query}` has no parameter `{name}`")]
    UnknownParam { query: String, name: String, known: Vec<String>, near: Option<String> },
    #[error("`{value}` is no {kind}")]
    Value { kind: &'static str, value: String, hint: String },
    #[error("the head of `{query}` cannot be read: {line}")]
    Head { query: String, line: String },
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AskError {
    /// What to do next, as an order.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownQuery { near: Some(near), .. } => Some(format!("did you mean `{near}`?")),
            Self::UnknownQuery { .. } => Some("see them all with `stemma query --list`".into()),
            Self::UnknownParam { near: Some(near), .. } => Some(format!("did you mean `{near}`?")),
            Self::UnknownParam { known, .. } if known.is_empty() => {
                Some("leave it out: the query takes none".into())
            }
            Self::UnknownParam { known, .. } => Some(format!("it takes {}", known.join(", "))),
            Self::Value { hint, .. } => Some(hint.clone()),
            Self::Head { .. } => Some(
                "write `# param name: type = \"default\" -- help`, or `= *` to leave it free"
                    .into(),
            ),
            Self::Syntax(error) => error.hint.clone(),
            Self::Store(error) => error.hint(),
        }
    }
}

/// All saved queries, in the order of their names.
pub fn all() -> impl Iterator<Item = SavedQuery> {
    SAVED
        .iter()
        .map(|(name, text)| SavedQuery::parse(name, text).expect("a test reads every saved query"))
}

/// A saved query by its name or id.
pub fn find(name: &str) -> Result<SavedQuery, AskError> {
    let wanted = name.trim_end_matches(".rq");
    let is_id =
        |query: &SavedQuery| query.id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(wanted));
    all().find(|query| query.name == wanted || is_id(query)).ok_or_else(|| AskError::UnknownQuery {
        name: name.to_owned(),
        near: nearest(wanted, SAVED.iter().map(|(name, _)| *name)).map(str::to_owned),
    })
}

impl SavedQuery {
    /// Reads the head of a query. Any SPARQL is one: what the head does not say stays empty.
    pub fn parse(name: &str, text: &str) -> Result<Self, AskError> {
        let mut query = Self {
            name: name.to_owned(),
            title: String::new(),
            description: String::new(),
            id: None,
            params: Vec::new(),
            text: text.to_owned(),
        };
        let mut paragraph: Vec<&str> = Vec::new();
        for line in text.lines().map_while(|line| line.strip_prefix('#')).map(str::trim) {
            if let Some(id) = line.strip_prefix("id:") {
                query.id = Some(id.trim().to_owned());
            } else if let Some(rest) = line.strip_prefix("param ") {
                let param = Param::parse(rest);
                query.params.push(param.ok_or_else(|| AskError::Head {
                    query: name.to_owned(),
                    line: line.to_owned(),
                })?);
            } else if query.title.is_empty() {
                line.clone_into(&mut query.title);
            } else {
                paragraph.push(line);
            }
        }
        query.description = paragraph.join("\n").trim().to_owned();
        Ok(query)
    }

    /// The query, parsed, with the values given by name and the defaults of the others.
    pub fn prepare(
        &self,
        given: &BTreeMap<String, String>,
        ask: &Asker<'_>,
    ) -> Result<Query, AskError> {
        let values = self.values(given, ask)?;
        let mut query = sparql::parse(&self.text, &ask.snapshot.meta().base)?;
        bind::bind(&mut query, &values);
        Ok(query)
    }

    /// The values of variables: those given by name, and the defaults of the others.
    pub fn values(
        &self,
        given: &BTreeMap<String, String>,
        ask: &Asker<'_>,
    ) -> Result<Values, AskError> {
        for name in given.keys() {
            if !self.params.iter().any(|param| param.name == *name) {
                let known: Vec<String> =
                    self.params.iter().map(|param| format!("`{}`", param.name)).collect();
                let near = nearest(name, self.params.iter().map(|param| param.name.as_str()))
                    .map(str::to_owned);
                return Err(AskError::UnknownParam {
                    query: self.name.clone(),
                    name: name.clone(),
                    known,
                    near,
                });
            }
        }
        let mut values = Values::new();
        for param in &self.params {
            let newest = ask.snapshot.meta().modified.as_ref().filter(|_| param.name == AS_OF);
            if let Some(text) = given.get(&param.name).or(param.default.as_ref()).or(newest) {
                values.insert(param.variable(), ask.value(param.kind, text)?);
            }
        }
        Ok(values)
    }
}

impl Param {
    /// What follows `# param `.
    fn parse(text: &str) -> Option<Self> {
        let (head, help) = text.split_once(" -- ").unwrap_or((text, ""));
        let (name, rest) = head.split_once(':')?;
        let (kind, default) = rest.split_once('=').unwrap_or((rest, "*"));
        let kind = KINDS.iter().find(|(name, _)| *name == kind.trim())?.1;
        let default = match default.trim() {
            "*" => None,
            quoted => Some(quoted.strip_prefix('"')?.strip_suffix('"')?.to_owned()),
        };
        Some(Self { name: name.trim().to_owned(), kind, default, help: help.trim().to_owned() })
    }

    /// `as-of` is `?asOf`.
    pub fn variable(&self) -> String {
        let mut parts = self.name.split('-');
        let mut variable = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let mut chars = part.chars();
            variable.extend(chars.next().map(|first| first.to_ascii_uppercase()));
            variable.push_str(chars.as_str());
        }
        variable
    }
}

/// What is needed to understand the values that people write.
pub struct Asker<'a> {
    pub snapshot: &'a Snapshot,
    pub catalog: &'a Catalog,
}

impl Asker<'_> {
    fn base(&self) -> &str {
        &self.snapshot.meta().base
    }

    /// What somebody means by a word of this kind.
    pub fn value(&self, kind: Kind, text: &str) -> Result<Term, AskError> {
        let text = text.trim();
        let refuse =
            |hint: String| AskError::Value { kind: kind.name(), value: text.to_owned(), hint };
        Ok(match kind {
            Kind::String => Literal::new_simple_literal(text).into(),
            Kind::Integer => match text.parse::<i64>() {
                Ok(number) => Literal::from(number).into(),
                Err(_) => return Err(refuse("write digits only".into())),
            },
            Kind::Date => match Date::parse(text).filter(|date| date.precision() == "day") {
                Some(date) => Literal::new_typed_literal(date.as_str(), xsd::DATE).into(),
                None => return Err(refuse("write it as 2021-01-22".into())),
            },
            Kind::Locale => Literal::new_simple_literal(locale(text)).into(),
            Kind::Iri => self.iri(text).map_err(refuse)?.into(),
            Kind::Product => self.product(text)?.map_err(refuse)?.into(),
            Kind::Place => self.place(text).map_err(refuse)?.into(),
            Kind::Page => self.page(text)?.map_err(refuse)?.into(),
            Kind::Name => self.name(text).map_err(refuse)?.into(),
        })
    }

    /// A full, prefixed or relative IRI; the last are relative to the base of the graph.
    pub fn iri(&self, text: &str) -> Result<NamedNode, String> {
        iri(text, self.base())
    }

    fn product(&self, text: &str) -> Result<Result<NamedNode, String>, StoreError> {
        let iris = Iris::new(self.base());
        if let Some(&product) = self.catalog.products.find(text).first() {
            return Ok(Ok(iris.product(self.catalog, product)));
        }
        // A graph may have been compiled with facts that are not at hand now.
        if let Ok(iri) = self.iri(&format!("product/{}", crate::catalog::slug(text)))
            && self.snapshot.about(iri.as_ref()).next().transpose()?.is_some()
        {
            return Ok(Ok(iri));
        }
        Ok(Err(did_you_mean(
            text,
            self.catalog.products.names().iter().map(|name| name.text.as_str()),
        )
        .unwrap_or_else(|| "see them all with `stemma query do-not-translate`".into())))
    }

    fn place(&self, text: &str) -> Result<NamedNode, String> {
        let iris = Iris::new(self.base());
        let places = &self.catalog.places;
        let named = || {
            places.iter().find(|(_, place)| place.name.eq_ignore_ascii_case(text)).map(|(id, _)| id)
        };
        let said = || {
            let is_it = |surface: &&crate::catalog::places::Surface| {
                surface.text.to_lowercase() == text.to_lowercase()
            };
            places
                .iter()
                .find(|(_, place)| place.surfaces.iter().any(|surface| is_it(&surface)))
                .map(|(id, _)| id)
        };
        let by_code = places.by_code(text).or_else(|| places.by_code(&text.to_ascii_uppercase()));
        if let Some(id) = by_code.or_else(named).or_else(said) {
            return Ok(iris.known_place(places.get(id)));
        }
        if text.contains([':', '/']) {
            return self.iri(text);
        }
        Err(did_you_mean(text, places.iter().map(|(_, place)| place.name.as_str())).unwrap_or_else(
            || "write a code such as `US`, `EU` or `DE:frankfurt`, or an English name".into(),
        ))
    }

    fn name(&self, text: &str) -> Result<NamedNode, String> {
        let named = self
            .catalog
            .products
            .names_by_id()
            .find(|(_, name)| name.text.eq_ignore_ascii_case(text));
        if let Some((id, _)) = named {
            return Ok(Iris::new(self.base()).name(self.catalog, id));
        }
        if text.contains([':', '/']) {
            return self.iri(text);
        }
        Err(did_you_mean(text, self.catalog.products.names().iter().map(|name| name.text.as_str()))
            .unwrap_or_else(|| "write a name as it is spelt".into()))
    }

    /// A document or page, by IRI, by any path it ever had, or by its address.
    fn page(&self, text: &str) -> Result<Result<NamedNode, String>, StoreError> {
        let bare = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text);
        let path = bare.strip_prefix(self.base()).unwrap_or(bare);
        if ["doc/", "page/", "doc:", "page:"].iter().any(|start| path.starts_with(start)) {
            let Ok(iri) = self.iri(path) else { return Ok(self.iri(path)) };
            let elsewhere = self.graph().elsewhere(iri.as_str())?;
            return Ok(Ok(elsewhere.map_or(iri, NamedNode::new_unchecked)));
        }
        let path = path
            .split_once("://")
            .map_or(path, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
        let path = path.trim_matches('/').split(['#', '?']).next().unwrap_or_default();
        let path = path
            .strip_suffix(".md")
            .or_else(|| path.strip_suffix(".yml"))
            .unwrap_or(path)
            .to_lowercase();
        if let Some(document) = self.document(&path)? {
            return Ok(Ok(document));
        }
        if let Some((first, rest)) = path.split_once('/')
            && let Some(document) = self.document(rest)?
        {
            let path = document
                .as_str()
                .strip_prefix(self.base())
                .and_then(|path| path.strip_prefix("doc/"))
                .unwrap_or(rest);
            return Ok(self.iri(&format!("page/{}/{path}", locale(first))));
        }
        Ok(Err("write a path such as `microsoft-365/security/defender/data-privacy`, without locale and ending".into()))
    }

    fn document(&self, path: &str) -> Result<Option<NamedNode>, StoreError> {
        let found = self.graph().documents_at(path)?.into_iter().next();
        Ok(found.map(NamedNode::new_unchecked))
    }

    fn graph(&self) -> Graph<'_> {
        Graph { snapshot: self.snapshot }
    }
}

/// A full, prefixed or relative IRI.
pub fn iri(text: &str, base: &str) -> Result<NamedNode, String> {
    let text = text.trim();
    let bare = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text);
    let prefixed = bare.split_once(':').filter(|(_, rest)| !rest.starts_with("//"));
    let prefixes = sparql::prefixes(base);
    let full = match prefixed {
        Some((prefix, local)) => match prefixes.iter().find(|(name, _)| *name == prefix) {
            Some((_, iri)) => format!("{iri}{local}"),
            None => bare.to_owned(),
        },
        None if bare.contains("://") => bare.to_owned(),
        None => format!("{base}{bare}"),
    };
    NamedNode::new(full)
        .map_err(|_| "write `<https://…>`, `product:microsoft-defender-xdr` or `doc/path`".into())
}

/// `SV-se` is written `sv-SE`, `sr-latn-rs` `sr-Latn-RS`.
fn locale(text: &str) -> String {
    let part = |(i, part): (usize, &str)| match (i, part.len()) {
        (0, _) => part.to_lowercase(),
        (_, 2) => part.to_uppercase(),
        (_, 4) => part[..1].to_uppercase() + &part[1..].to_lowercase(),
        _ => part.to_owned(),
    };
    if text.is_ascii() {
        text.split('-').enumerate().map(part).collect::<Vec<_>>().join("-")
    } else {
        text.to_owned()
    }
}

/// The three nearest of what there is: by its letters, else by a word in common.
fn did_you_mean<'a>(text: &str, among: impl Iterator<Item = &'a str>) -> Option<String> {
    if text.len() > sparql::LONGEST_WORD {
        return None;
    }
    let wanted = text.to_lowercase();
    let rate = |other: &str| {
        let lower = other.to_lowercase();
        let distance = strsim::levenshtein(&wanted, &lower);
        let shares = lower.contains(&wanted)
            || wanted.split(' ').any(|word| word.len() > 4 && lower.split(' ').any(|o| o == word));
        (distance <= wanted.chars().count() / 3)
            .then_some((0, distance))
            .or(shares.then_some((1, distance)))
    };
    let mut near: Vec<_> = among.filter_map(|other| Some((rate(other)?, other))).collect();
    near.sort();
    near.dedup_by_key(|(_, other)| *other);
    let names: Vec<String> = near.iter().take(3).map(|(_, other)| format!("`{other}`")).collect();
    (!names.is_empty()).then(|| format!("did you mean {}?", names.join(" or ")))
}
