//! What a translation says by its source, put into the graph as readings of the translation.

use oxigraph::model::Quad;

use super::{segment_of, skeleton, text_at};
use crate::analyze::claims::departures::{self, Departure, Original, Own, Stretch, departures};
use crate::analyze::claims::through_source::{self, Echo, Expected, Site};
use crate::analyze::{Location, Reading, Side};
use crate::catalog::Catalog;
use crate::graph::{self, Batch, Iris};
use crate::link::Placed;
use crate::link::claims::{Claim, Place, Subject};
use crate::link::divergence::{Departed, Stated};
use crate::link::projection::{OwnClaim, Projection};
use crate::lower;
use crate::model::PageVersion;
use crate::source::{File, LineIndex, Span};

/// What readings through the source name as their rule.
const RULE: &str = "projected";

/// In hundredths: the statement is as sure as that of the source, that it stands here is less so.
const CONFIDENCE: u8 = 60;

/// A translation whose text is read again.
pub struct Translated<'a> {
    pub catalog: &'a Catalog,
    pub placed: &'a Placed,
    pub iris: &'a Iris,
    pub version: usize,
    /// The number of its next reading.
    pub next: u32,
}

/// What came of reading a translation through its source.
#[derive(Debug, Default)]
pub struct Found {
    pub quads: Vec<Quad>,
    /// What it says.
    pub statements: Vec<Stated>,
    /// What it should say, and does not.
    pub departed: Vec<Departed>,
    pub readings: u64,
}

/// Reads what is expected of a translation, where its text can say it.
pub fn projected(
    of: &Translated<'_>,
    file: &File,
    bytes: &[u8],
    projections: &[Projection],
) -> Found {
    let page = lower::lower(bytes, file.kind, &mut Vec::new());
    let lines = LineIndex::new(bytes);
    let iri = of.iris.version(of.placed, of.version);
    let locale = of.placed.page_of(of.version).locale.as_str();
    let mut echoes: Vec<(Echo, &Projection, Vec<Claim>)> = projections
        .iter()
        .filter_map(|projection| {
            let claims = &projection.claims;
            let places: Vec<&str> = claims.iter().filter_map(place).collect();
            let form = &claims.first()?.form;
            let own: Vec<Span> = projection.own.iter().map(|own| own.span).collect();
            let expected = Expected { places: &places, form, own: &own };
            let segment = projection.segment as usize - 1;
            let echo =
                through_source::echo(of.catalog, locale, &page, segment, projection.nth, expected)?;
            let claims = claims.iter().map(|claim| in_own_words(claim, echo)).collect();
            Some((echo, projection, claims))
        })
        .collect();
    echoes.sort_by(|a, b| (a.0.span(), &a.2).cmp(&(b.0.span(), &b.2)));
    echoes.dedup_by(|a, b| (a.0.span(), &a.2) == (b.0.span(), &b.2));
    let mut found = Found::default();
    for projection in projections {
        found.departed.extend(departed(of, locale, &page, &lines, projection));
    }
    let mut out = Batch::default();
    for (echo, projection, claims) in &echoes {
        let span = echo.span();
        let (line, segment) = (lines.line(span.start), segment_of(&page, span));
        let (kind, says) = match echo {
            Echo::Says(..) => ("", ""),
            Echo::Omits(_) => ("omitted-claim", ""),
            Echo::Replaces(_) => ("location", "other places"),
        };
        if !kind.is_empty() {
            found.departed.push(Departed {
                span,
                line,
                segment,
                kind,
                says: says.to_owned(),
                meant: None,
                claim: None,
                expected: claims[0].clone(),
                witness: projection.witness,
            });
            continue;
        }
        let reading = reading(span, &projection.written, claims);
        let keys: Vec<String> = claims.iter().map(|claim| claim.key(of.catalog)).collect();
        let at = graph::claim::At {
            version: &iri,
            number: of.next + found.readings as u32,
            line,
            segment,
            locale,
            quote: &text_at(bytes, span),
            lead: None,
        };
        graph::claim::reading(of.iris, &reading, &keys, &at, &mut out);
        found.readings += 1;
        found.statements.extend(claims.iter().map(|claim| Stated {
            claim: claim.clone(),
            written: projection.written.clone(),
            span,
            lead: None,
            lead_segment: None,
            line,
            segment,
            nth: projection.nth,
            sentence: departures::words(&Site {
                catalog: of.catalog,
                locale,
                page: &page,
                side: Side::Page,
                segment: segment as usize - 1,
                span,
            }),
            is_row: false,
            words: skeleton::hash(&text_at(bytes, span)),
            unit: page.segments.get(segment as usize - 1).and_then(|s| s.unit.clone()),
        }));
    }
    found.quads = out.quads;
    found
}

/// Where the sentence that must say it says something else, by its words.
fn departed(
    of: &Translated<'_>,
    locale: &str,
    page: &PageVersion,
    lines: &LineIndex,
    projection: &Projection,
) -> Vec<Departed> {
    let Some(claim) = projection.claims.first() else { return Vec::new() };
    let places: Vec<&str> = projection.claims.iter().filter_map(place).collect();
    let original = Original {
        places: &places,
        rule: match &claim.place {
            Place::Rule(rule) => Some(rule),
            Place::Place(_) => None,
        },
        form: &claim.form,
        at_rest: claim.at_rest,
        negated: claim.negated,
        may: claim.modality == "may",
        words: &projection.sentence,
    };
    let own = |OwnClaim { claim, span, .. }: &OwnClaim| Own {
        span: *span,
        form: claim.form.clone(),
        at_rest: claim.at_rest,
        negated: claim.negated,
        may: claim.modality == "may",
    };
    let own: Vec<Own> = projection.own.iter().map(own).collect();
    let at = Stretch {
        segment: projection.segment as usize - 1,
        lead: projection.lead.map(|lead| lead as usize - 1),
        nth: projection.nth,
    };
    let found = departures(of.catalog, locale, page, at, &original, &own);
    let departed = |departure: Departure| {
        let stated = instead(&departure, &projection.own);
        let clause = stated.map(|own| match departure.kind {
            "at-rest" => own.lead.unwrap_or(own.span),
            _ => own.span,
        });
        // What was read as a whole is shown by its clause, else by its sentence.
        let span =
            clause.filter(|clause| clause.overlaps(departure.span)).unwrap_or(departure.span);
        Departed {
            span,
            line: lines.line(span.start),
            segment: segment_of(page, span),
            kind: departure.kind,
            says: departure.says,
            meant: departure.meant,
            claim: stated.map(|own| (own.claim.clone(), own.words)),
            expected: claim.clone(),
            witness: projection.witness,
        }
    };
    found.into_iter().map(departed).collect()
}

/// The one statement of the translation that departs, where it is known which one.
fn instead<'a>(departure: &Departure, own: &'a [OwnClaim]) -> Option<&'a OwnClaim> {
    let mut own = own.iter().filter(|own| own.span.overlaps(departure.span));
    if departure.kind == "location" {
        return own
            .find(|own| departure.says.split(", ").any(|code| code == own.claim.place.code()));
    }
    let first = own.next()?;
    own.all(|other| other.span == first.span || other.lead == first.lead && first.lead.is_some())
        .then_some(first)
}

/// A claim of the source with what the sentence itself says of rest and denial.
fn in_own_words(claim: &Claim, echo: Echo) -> Claim {
    let Echo::Says(_, own) = echo else { return claim.clone() };
    Claim {
        at_rest: claim.at_rest && own.at_rest,
        negated: claim.negated && own.denied,
        ..claim.clone()
    }
}

fn place(claim: &Claim) -> Option<&str> {
    match &claim.place {
        Place::Place(code) => Some(code),
        Place::Rule(_) => None,
    }
}

/// The claims of one statement as a reading.
fn reading(quote: Span, written: &str, claims: &[Claim]) -> Reading {
    let claim = &claims[0];
    let location = match &claim.place {
        Place::Rule(rule) => Location::Rule(rule.clone()),
        Place::Place(_) => {
            Location::Places(claims.iter().filter_map(place).map(str::to_owned).collect())
        }
    };
    Reading {
        side: Side::Page,
        block: 0,
        quote,
        lead: None,
        product: match claim.product {
            Subject::Product(product) => Some(product),
            Subject::Named(_) => None,
        },
        product_as_written: written.to_owned(),
        infrastructure: claim.infrastructure,
        activity: claim.activity.clone(),
        category: claim.category.clone(),
        form: claim.form.clone(),
        at_rest: claim.at_rest,
        location,
        relation: claim.relation.clone(),
        modality: claim.modality.clone(),
        negated: claim.negated,
        condition: None,
        retention: claim.retention.clone(),
        table_row: false,
        rule: RULE.to_owned(),
        confidence: CONFIDENCE,
        misspelt: None,
    }
}
