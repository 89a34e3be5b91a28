//! The links of a text, those that lead nowhere first.

use maud::{Markup, html};

use super::super::{Loaded, Part, count, href, scroll};
use crate::explore::page::Link;

pub fn links(loaded: &Loaded, links: &[Link], part: &Part<'_>) -> Markup {
    let mut sorted: Vec<&Link> = links.iter().collect();
    let rank = |link: &Link| match link.status.as_str() {
        "Broken" | "BrokenFragment" => 0,
        "Redirected" => 1,
        _ => 2,
    };
    sorted.sort_by_key(|link| (rank(link), link.line));
    let table = html! {
        table.lean {
            thead { tr {
                th.number scope="col" { "Line" }
                th scope="col" { "Label" }
                th scope="col" { "Target" }
                th scope="col" { "Status" }
            } }
            tbody {
                @for link in sorted.iter().skip(part.from()).take(part.most) {
                    tr {
                        td.number { (link.line) }
                        td {
                            (link.label)
                            @if link.kind != "link" { " " span.lang { (link.kind) } }
                        }
                        td { @match link.target.as_deref().and_then(|target| href(loaded, target)) {
                            Some(target) => a href=(target) rel="noopener" { code { (link.href) } },
                            None => code { (link.href) },
                        } }
                        td {
                            span class=(format!("status r{}", rank(link))) {
                                (crate::explore::words(&link.status))
                            }
                        }
                    }
                }
            }
        }
    };
    html! {
        @if links.is_empty() { p.faint { "It has no links." } }
        @else {
            @let bad = links.iter().filter(|link| rank(link) < 2).count();
            details open[links.len() <= 12 || bad > 0 || part.from() > 0] {
                summary { (count(links.len(), "link")) @if bad > 0 { ", " (bad) " to look at" } }
                (scroll("Links", &table))
                (part.ways(links.len()))
            }
        }
    }
}
