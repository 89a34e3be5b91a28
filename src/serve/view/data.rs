//! The matrix of where data is said to be: what, in which language, and on which page.

use maud::{Markup, html};

use super::{Loaded, count, href, scroll};
use crate::explore::data::{Group, Matrix, Stated};

/// Where the statements about one place or product stand on a page that has many.
pub fn anchor(iri: &str) -> String {
    format!("at-{}", crate::explore::local(iri))
}

/// How surely something is said: a class, and the word for it.
pub const SIGNS: [(&str, &str); 4] =
    [("asserted", "said"), ("possible", "may be"), ("planned", "planned"), ("negated", "denied")];

/// Languages across, statements down, a heading for each place or product.
pub fn matrix(loaded: &Loaded, matrix: &Matrix, row: &str, name: &str) -> Markup {
    if matrix.rows.is_empty() {
        return html! { p.faint { "Nothing is said about that in the current texts." } };
    }
    let table = html! {
        table.matrix {
            thead { tr {
                th scope="col" { (row) }
                th scope="col" { "What is said" }
                @for locale in &matrix.locales { th.cell scope="col" { (locale) } }
            } }
            tbody {
                @for (iri, label) in &matrix.rows {
                    @let of_row = matrix.groups.iter().filter(|group| group.row == *iri);
                    @let groups: Vec<&Group> = of_row.collect();
                    @for (index, group) in groups.iter().enumerate() {
                        tr.first[index == 0] {
                            @if index == 0 {
                                th id=(anchor(iri)) scope="rowgroup" rowspan=(groups.len()) {
                                    @match href(loaded, iri) {
                                        Some(href) => a href=(href) { (label) },
                                        None => (label),
                                    }
                                }
                            }
                            td { (phrase(group)) }
                            @for locale in &matrix.locales {
                                @let stated = group.by_locale.get(locale);
                                td.cell { (cell(loaded, group, stated.map_or(&[], Vec::as_slice))) }
                            }
                        }
                    }
                }
            }
        }
    };
    scroll(name, &table)
}

/// What the signs of a matrix mean.
pub fn legend() -> Markup {
    html! {
        p.legend {
            @for (class, word) in SIGNS {
                span { span class=(format!("mark {class}")) { (sign(class)) } " " (word) }
            }
            span.faint { "The number is how many texts say so; open it for their sentences." }
        }
    }
}

/// What is said, and how the place stands to it where it is not simply there.
fn phrase(group: &Group) -> Markup {
    html! {
        (group.says())
        @if group.relation != "in" { " " em { (group.relation) } }
    }
}

fn cell(loaded: &Loaded, group: &Group, stated: &[Stated]) -> Markup {
    let (class, word) = match (group.negated, group.modality.as_str()) {
        (true, _) => SIGNS[3],
        (_, "Possible") => SIGNS[1],
        (_, "Planned") => SIGNS[2],
        _ => SIGNS[0],
    };
    html! {
        @match stated {
            [] => {}
            [one] => a.mark.(class) href=(evidence(loaded, one)) title=(title(loaded, one))
                aria-label=(format!("{word}, in {}", title(loaded, one))) { (sign(class)) },
            many => details.cell {
                @let name = format!("{word}, in {}", count(many.len(), "text"));
                summary class=(format!("mark {class}")) aria-label=(name) {
                    (sign(class)) span.count { (many.len()) }
                }
                ul {
                    @for one in many {
                        li { a href=(evidence(loaded, one)) { (title(loaded, one)) } }
                    }
                }
            },
        }
    }
}

fn title(loaded: &Loaded, stated: &Stated) -> String {
    let title = super::label(loaded, &stated.page);
    match stated.since() {
        Some(since) => format!("{title} ({since})"),
        None => title,
    }
}

/// Where the sentence stands.
pub fn evidence(loaded: &Loaded, stated: &Stated) -> String {
    let version = href(loaded, &stated.version).unwrap_or_default();
    let claim = stated.claim.rsplit('/').next().unwrap_or_default();
    format!("{version}#{claim}")
}

/// Full: said; half: may be; a ring of dashes: planned; struck: denied.
pub fn sign(class: &str) -> Markup {
    let ring = |dashes: Option<&str>| {
        html! {
            circle cx="7" cy="7" r="4.4" fill="none" stroke="currentColor" stroke-width="1.3"
                stroke-dasharray=[dashes] {}
        }
    };
    html! {
        svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true" {
            @match class {
                "asserted" => circle cx="7" cy="7" r="5" fill="currentColor" {},
                "possible" => {
                    (ring(None))
                    path d="M7 2.6 A4.4 4.4 0 0 1 7 11.4 Z" fill="currentColor" {}
                },
                "planned" => (ring(Some("2 1.6"))),
                _ => {
                    (ring(None))
                    path d="M4 10 L10 4" stroke="currentColor" stroke-width="1.3" {}
                },
            }
        }
    }
}
