//! Two texts side by side, with what changed in each sentence marked.

use maud::{Markup, html};

use super::super::{Loaded, Part, Refusal, count, label, scroll, thing};
use super::Subject;
use crate::explore::page::{self, Content, Segment};
use crate::explore::versions::{self, Kind, Pair, Words};
use crate::store::Graph;
use crate::vocab::{prov, schema, stm};

/// Texts to put beside one: its source, its earlier texts, its siblings.
pub fn comparable(
    loaded: &Loaded,
    graph: &Graph<'_>,
    subject: &Subject,
) -> Result<Vec<(String, String)>, Refusal> {
    let Some(version) = &subject.version else { return Ok(Vec::new()) };
    let mut others: Vec<(String, String)> = Vec::new();
    let name = |iri: &str| label(loaded, iri);
    let at_hand = |iri: &str| -> Result<bool, Refusal> {
        Ok(graph.value(iri, stm::AVAILABLE)?.as_deref() != Some("false"))
    };
    for source in graph.values(version, stm::TRANSLATED_FROM)? {
        if at_hand(&source)? {
            let what = format!("its source, {}", name(&source));
            others.push((source, what));
        }
    }
    for before in graph.values(version, prov::WAS_REVISION_OF)? {
        if at_hand(&before)? {
            let what = format!("the text before it, {}", name(&before));
            others.push((before, what));
        }
    }
    for (other, _) in page::versions(graph, &subject.page)? {
        if other != *version && !others.iter().any(|(known, _)| *known == other) {
            let what = format!("another text of the page, {}", name(&other));
            others.push((other, what));
        }
    }
    for translation in graph.subjects(stm::TRANSLATED_FROM, version)? {
        let what = format!("a translation, {}", name(&translation));
        others.push((translation, what));
    }
    Ok(others)
}

pub fn comparison(
    graph: &Graph<'_>,
    with: &str,
    version: &str,
    content: &Content,
) -> Result<Vec<Pair>, Refusal> {
    let other = page::content(graph, with)?;
    if other.segments.is_empty() {
        return Err(Refusal::not_found("there is no such text to compare with"));
    }
    let (here, there) = (&content.segments, &other.segments);
    let language = |iri: &str| graph.value(iri, schema::IN_LANGUAGE);
    Ok(if language(with)? == language(version)? {
        versions::compared(there, here)
    } else if there.iter().any(|segment| segment.aligned.is_some()) {
        // The other one is the translation: it stands right, its source left.
        versions::translated(here, there)
    } else {
        versions::translated(there, here)
    })
}

pub fn side_by_side(
    loaded: &Loaded,
    with: &str,
    version: &str,
    pairs: &[Pair],
    part: &Part<'_>,
) -> Markup {
    let changed = pairs.iter().filter(|pair| !matches!(pair.kind, Kind::Same | Kind::Translated));
    let has_left = |iri: &str| {
        pairs.iter().find_map(|pair| pair.left.as_ref()).is_some_and(|s| s.iri.starts_with(iri))
    };
    let (left, right) = if has_left(with) { (with, version) } else { (version, with) };
    let locale = |iri: &str| {
        crate::explore::search::locale_of(iri, loaded.base()).unwrap_or_default().to_owned()
    };
    let table = html! {
        table.compared {
            thead { tr {
                th scope="col" { (thing::link(loaded, left)) }
                th scope="col" { (thing::link(loaded, right)) }
            } }
            tbody {
                @for pair in pairs.iter().skip(part.from()).take(part.most) {
                    @let (before, after) = sides(pair);
                    tr class=(class(pair.kind)) {
                        td lang=(locale(left)) { (shown(&before, pair.left.is_some())) }
                        td lang=(locale(right)) { (shown(&after, pair.right.is_some())) }
                    }
                }
            }
        }
    };
    html! {
        section #compared {
            h2 { "Side by side" span.count { (count(changed.count(), "difference")) } }
            (scroll("Two texts side by side", &table))
            (part.ways(pairs.len()))
        }
    }
}

fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Same => "same",
        Kind::Changed => "changed",
        Kind::Removed => "removed",
        Kind::Added => "added",
        Kind::Translated => "translated",
    }
}

fn sides(pair: &Pair) -> (Words, Words) {
    let text = |side: &Option<Segment>| side.as_ref().map_or(String::new(), |s| s.text.clone());
    let (left, right) = (text(&pair.left), text(&pair.right));
    match pair.kind {
        Kind::Changed => versions::words(&left, &right),
        _ => (vec![(false, left)], vec![(false, right)]),
    }
}

fn shown(words: &Words, is_there: bool) -> Markup {
    html! {
        @if is_there {
            @for (changed, text) in words { @if *changed { mark { (text) } } @else { (text) } }
        }
    }
}
