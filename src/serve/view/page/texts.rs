//! The stemma in words: the texts of the source, and below each the translations made from it.

use maud::{Markup, html};

use super::super::{Loaded, count, href};
use crate::lineage::page::{Standing, Stemma, Text, Translation};
use crate::lineage::text::proof;

/// Texts of the source that are listed; more are drawn.
const LISTED: usize = 200;

pub fn texts(loaded: &Loaded, stemma: &Stemma) -> Markup {
    let all = stemma.sources.len() + stemma.translations().count();
    html! {
        details {
            summary { "As a list: " (count(all, "text")) }
            ul.texts {
                // The newest first.
                @for source in stemma.sources.iter().rev().take(LISTED) {
                    li {
                        (text(loaded, &source.text))
                        (made(loaded, &source.translations))
                    }
                }
                @if !stemma.unsourced.is_empty() {
                    li { "of a source that is not known" (made(loaded, &stemma.unsourced)) }
                }
            }
            @if stemma.sources.len() > LISTED {
                p.faint { "and " (stemma.sources.len() - LISTED) " older ones of the source" }
            }
        }
    }
}

fn made(loaded: &Loaded, translations: &[Translation]) -> Markup {
    html! {
        @if !translations.is_empty() {
            ul {
                @for made in translations {
                    li {
                        (text(loaded, &made.text))
                        span.faint { ", " (proof(made.proof)) }
                    }
                }
            }
        }
    }
}

fn text(loaded: &Loaded, text: &Text) -> Markup {
    let day = text.spans.first().map_or(text.start(), |span| Some(span.from.day()));
    let day = day.map_or("undated", |day| day.get(..10).unwrap_or(day));
    let note = match text.standing {
        _ if text.current => ", current",
        Standing::Missing => ", not in the inputs",
        Standing::SideBranch => ", never the current text",
        Standing::Published | Standing::Undated => "",
    };
    let digits = text.content_hash.get(..8).unwrap_or(&text.content_hash);
    html! {
        a href=[href(loaded, &text.iri)] { (text.locale) " " (day) " " code { (digits) } }
        span.faint { (note) }
    }
}
