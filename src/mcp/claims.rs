//! Statements about where data is: what is claimed, and who states it where.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use oxigraph::model::Term;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Call;
use super::cite::Citation;
use super::tool::{Refusal, Tool, day};
use crate::explore::data::{self, Claim, Stated};
use crate::explore::page::Node;
use crate::explore::words;
use crate::lineage::count;
use crate::store::queries::Kind;
use crate::vocab::stm;

pub struct Claims;

#[derive(Deserialize, JsonSchema)]
pub struct Arguments {
    /// Claims about this product: any name that it ever had, or its IRI
    product: Option<String>,
    /// Claims that name this place or one within it: a code (`US`, `EU`, `DE:frankfurt`), an English
    /// name, or an IRI
    place: Option<String>,
    /// Claims about this kind of data: some words of it, such as `customer data`, `pseudonym`, `logs`
    data: Option<String>,
    /// Claims that this is done
    activity: Option<Activity>,
    /// Claims that pages in this language state, such as nl-NL
    locale: Option<String>,
    /// Claims that this page states: path, file, web address or IRI
    page: Option<String>,
    /// What pages stated on this day, YYYY-MM-DD (default: what their current texts state)
    as_of: Option<String>,
    /// How many claims to show (default 15, at most 100)
    limit: Option<usize>,
    /// How many to leave out at the beginning (default 0)
    #[serde(default)]
    offset: usize,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Activity {
    Operate,
    Store,
    Process,
    Transfer,
    Replicate,
    Backup,
    Access,
}

impl Activity {
    fn term(self) -> &'static str {
        match self {
            Self::Operate => "Operate",
            Self::Store => "Store",
            Self::Process => "Use",
            Self::Transfer => "Transfer",
            Self::Replicate => "Copy",
            Self::Backup => "BackUp",
            Self::Access => "MakeAvailable",
        }
    }
}

/// What pages say; pages may contradict each other.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// The day that this is told of; absent for the current texts
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<String>,
    /// How many claims there are in all
    total: usize,
    claims: Vec<Told>,
    /// The `offset` of the rest, if there is more
    #[serde(skip_serializing_if = "Option::is_none")]
    next_offset: Option<usize>,
}

#[derive(Serialize, JsonSchema)]
struct Told {
    iri: String,
    /// The claim in words
    says: String,
    /// IRI of the product, if the page says which it means
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<String>,
    /// operates, stores, processes, transfers, replicates, backs up, gives access to
    activity: String,
    /// Kinds and forms of data
    data: String,
    /// The place, or the rule that decides it
    place: String,
    place_iri: String,
    /// in, to, from, via or outside
    relation: String,
    /// asserted, possible or planned
    modality: String,
    /// The page says that it is not so
    negated: bool,
    at_rest: bool,
    /// How many texts state it
    stated: usize,
    /// Some of these places, one of each language first
    stated_by: Vec<Citation>,
    /// Translations that say something else than their source about this
    differs: Vec<Citation>,
}

/// Places to be seen of one claim.
const SHOWN: usize = 4;

impl Tool for Claims {
    const NAME: &'static str = "claims";
    const TITLE: &'static str = "Where data is said to be";
    type Arguments = Arguments;
    type Answer = Answer;

    fn about() -> String {
        "Lists what pages state about where a product runs and where data is stored, processed or \
         sent, each claim with the sentences that state it and with translations that depart from \
         it. Narrow it by product, place, data, activity, language or page; give `as_of` for an \
         earlier day. A claim is atomic: one product, activity, kind of data and place."
            .to_owned()
    }

    fn answer(arguments: Arguments, call: &Call<'_>) -> Result<Answer, Refusal> {
        let as_of = day(arguments.as_of.as_deref())?;
        let index = call.index();
        let product = arguments.product.as_deref().map(|text| call.product(text)).transpose()?;
        let place = arguments.place.as_deref().map(|text| call.place(text)).transpose()?;
        let places = place.as_deref().map(|area| call.places_in(area)).transpose()?;
        let locale = arguments.locale.as_deref().map(|text| call.locale(text)).transpose()?;
        let (document, page_locale) = match arguments.page.as_deref() {
            Some(page) => {
                let (document, locale) = call.document(page, None)?;
                (Some(document), locale)
            }
            None => (None, None),
        };
        let locale = locale.or(page_locale);
        let labels = data::labels();
        let data = arguments.data.as_deref().map(crate::explore::search::folded);
        let is_wanted = |claim: &Claim| {
            product.as_ref().is_none_or(|product| claim.product.as_ref() == Some(product))
                && places.as_ref().is_none_or(|places| places.contains(&claim.place))
                && arguments.activity.is_none_or(|activity| claim.activity == activity.term())
                && data.as_ref().is_none_or(|data| claim.data_words(&labels).contains(data))
        };
        let is_said = |stated: &&Stated| {
            let page = || index.pages.get(&stated.page).map(|page| &page.document);
            stated.holds(as_of)
                && locale.as_ref().is_none_or(|locale| stated.locale == *locale)
                && document.as_ref().is_none_or(|document| page() == Some(document))
                && index.claims.get(&stated.claim).is_some_and(is_wanted)
        };
        let mut stated: BTreeMap<&str, Vec<&Stated>> = BTreeMap::new();
        for by in index.stated.iter().filter(is_said) {
            stated.entry(&by.claim).or_default().push(by);
        }
        // What most texts state comes first.
        let mut order: Vec<(&str, Vec<&Stated>)> = stated.into_iter().collect();
        order.sort_by_key(|(claim, by)| (usize::MAX - by.len(), *claim));
        let total = order.len();
        let limit = arguments.limit.unwrap_or(15).clamp(1, 100);
        let mut claims = Vec::new();
        for (iri, by) in order.into_iter().skip(arguments.offset).take(limit) {
            let claim = &index.claims[iri];
            claims.push(Told {
                iri: call.short(iri),
                says: claim.label.clone(),
                product: claim.product.as_ref().map(|product| call.short(product)),
                activity: data::activity(&claim.activity).to_owned(),
                data: claim.data_words(&labels),
                place: call.label(&claim.place),
                place_iri: call.short(&claim.place),
                relation: claim.relation.clone(),
                modality: words(&claim.modality),
                negated: claim.negated,
                at_rest: claim.at_rest,
                stated: by.len(),
                stated_by: call.sentences(iri, &by)?,
                differs: call.departures(iri, as_of)?,
            });
        }
        let next = arguments.offset + claims.len();
        Ok(Answer {
            as_of: arguments.as_of,
            total,
            claims,
            next_offset: (next < total).then_some(next),
        })
    }
}

impl Call<'_> {
    fn place(&self, text: &str) -> Result<String, Refusal> {
        match self.asker().value(Kind::Place, text)? {
            Term::NamedNode(iri) => Ok(iri.into_string()),
            other => Err(Refusal::new(format!("{other} is no place"))),
        }
    }

    /// The places of claims that are an area or lie in it.
    fn places_in(&self, area: &str) -> Result<BTreeSet<String>, Refusal> {
        let mut inside = BTreeSet::new();
        for place in self.index().places.keys() {
            let (mut known, mut next) = (BTreeSet::new(), vec![place.clone()]);
            while let Some(around) = next.pop() {
                if around == area {
                    inside.insert(place.clone());
                    break;
                }
                if known.insert(around.clone()) {
                    next.extend(self.graph().values(&around, stm::WITHIN)?);
                }
            }
        }
        Ok(inside)
    }

    /// Where texts state a claim: one of each language first.
    fn sentences(&self, claim: &str, by: &[&Stated]) -> Result<Vec<Citation>, Refusal> {
        let graph = self.graph();
        let mut readings: BTreeMap<String, Vec<(bool, String)>> = BTreeMap::new();
        for iri in graph.subjects(stm::STATES, claim)? {
            let node = Node::read(&graph, &iri)?;
            if let (Some(version), true) = (node.get(stm::IN_VERSION), node.is_a(stm::READING)) {
                let is_source_side = node.get(stm::OF_SOURCE_SIDE) == Some("true");
                readings.entry(version.to_owned()).or_default().push((is_source_side, iri));
            }
        }
        readings.values_mut().for_each(|readings| readings.sort());
        let mut languages = BTreeSet::new();
        let (mut first, rest): (Vec<&Stated>, Vec<&Stated>) =
            by.iter().partition(|stated| languages.insert(stated.locale.as_str()));
        first.extend(rest);
        let mut found = Vec::new();
        for stated in first.into_iter().take(SHOWN) {
            let own = readings.get(&stated.version).and_then(|readings| readings.first());
            // A text that is not at hand speaks through the bilingual pages made from it.
            let through = || -> Result<Option<&(bool, String)>, Refusal> {
                let made = graph.subjects(stm::TRANSLATED_FROM, &stated.version)?;
                let side = |version: &String| {
                    readings.get(version)?.iter().find(|(is_source_side, _)| *is_source_side)
                };
                Ok(made.iter().find_map(side))
            };
            let reading = match own {
                Some(reading) => Some(reading),
                None => through()?,
            };
            match reading {
                Some((_, iri)) => found.extend(self.cite(iri)?),
                None => found.push(self.text(&stated.version)?),
            }
        }
        Ok(found)
    }

    /// Where translations say something else than is expected of them.
    fn departures(&self, claim: &str, as_of: Option<&str>) -> Result<Vec<Citation>, Refusal> {
        let graph = self.graph();
        let mut found = graph.subjects(stm::EXPECTED, claim)?;
        found.extend(graph.subjects(stm::CLAIM, claim)?);
        found.sort();
        found.dedup();
        let mut citations = Vec::new();
        for finding in found {
            let version = finding.split('#').next().unwrap_or_default();
            if as_of.is_none() && self.index().page_of_current(version).is_none() {
                continue;
            }
            let message = graph.value(&finding, stm::MESSAGE)?;
            let citation = self.cite(&finding)?;
            citations.extend(citation.map(|place| Citation { note: message, ..place }));
        }
        citations.truncate(SHOWN);
        Ok(citations)
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let when = self.as_of.as_ref().map_or("now".to_owned(), |day| format!("on {day}"));
        if self.total == 0 {
            return write!(
                f,
                "No page states such a claim {when}.\nnext: leave out one of the arguments"
            );
        }
        writeln!(f, "{} stated {when}:", count(self.total, "claim"))?;
        for claim in &self.claims {
            writeln!(f, "- {} · {}", claim.says, claim.iri)?;
            for place in &claim.stated_by {
                writeln!(f, "    {place}")?;
            }
            if claim.stated > claim.stated_by.len() {
                writeln!(f, "    and {} more", claim.stated - claim.stated_by.len())?;
            }
            for place in &claim.differs {
                writeln!(f, "    differs: {place}")?;
            }
        }
        match self.next_offset {
            Some(next) => write!(f, "{} more: offset={next}", self.total - next),
            None => Ok(()),
        }
    }
}
