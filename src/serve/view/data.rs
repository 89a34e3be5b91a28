//! The matrix of where data is said to be: what, in which language, and on which page.

use maud::{Markup, html};

use super::{Loaded, count, href, scroll};
use crate::explore::data::{Group, Matrix, Stated};

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
                    @let groups: Vec<&Group> = matrix.groups.iter().filter(|g| g.row == *iri).collect();
                    @for (index, group) in groups.iter().enumerate() {
                        tr.first[index == 0] {
                            @if index == 0 {
                                th scope="rowgroup" rowspan=(groups.len()) {
                                    @match href(loaded, iri) {
                                        Some(href) => a href=(href) { (label) },
                                        None => (label),
                                    }
                                }
                            }
                            td { (phrase(group)) }
                            @for locale in &matrix.locales {
                                td.cell { (cell(loaded, group, group.by_locale.get(locale).map_or(&[], Vec::as_slice))) }
                            }
                        }
                    }
                }
            }
        }
    };
    html! {
        (scroll(name, &table))
        p.legend {
            @for (class, word) in [("asserted", "said"), ("possible", "may be"), ("planned", "planned"), ("negated", "denied")] {
                span { span class=(format!("mark {class}")) { (sign(class)) } " " (word) }
            }
            span.faint { "The number is how many texts say so; open it for their sentences." }
        }
    }
}

/// `may store customer data`, `does not store …`.
fn phrase(group: &Group) -> Markup {
    let relation = match group.relation.as_str() {
        "in" => "",
        other => other,
    };
    html! {
        @if group.negated { strong { "not: " } }
        @match group.modality.as_str() { "Possible" => "may: ", "Planned" => "planned: ", _ => "" }
        (group.what)
        @if !relation.is_empty() { " " em { (relation) } }
    }
}

fn cell(loaded: &Loaded, group: &Group, stated: &[Stated]) -> Markup {
    let (class, word) = match (group.negated, group.modality.as_str()) {
        (true, _) => ("negated", "denied"),
        (_, "Possible") => ("possible", "may be"),
        (_, "Planned") => ("planned", "planned"),
        _ => ("asserted", "said"),
    };
    html! {
        @match stated {
            [] => {}
            [one] => a.mark.(class) href=(evidence(loaded, one)) title=(title(loaded, one))
                aria-label=(format!("{word}, in {}", title(loaded, one))) { (sign(class)) },
            many => details.cell {
                summary class=(format!("mark {class}")) aria-label=(format!("{word}, in {}", count(many.len(), "text"))) {
                    (sign(class)) span.count { (many.len()) }
                }
                ul { @for one in many { li { a href=(evidence(loaded, one)) { (title(loaded, one)) } } } }
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
    html! {
        svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true" {
            @match class {
                "asserted" => circle cx="7" cy="7" r="5" fill="currentColor" {},
                "possible" => {
                    circle cx="7" cy="7" r="4.4" fill="none" stroke="currentColor" stroke-width="1.3" {}
                    path d="M7 2.6 A4.4 4.4 0 0 1 7 11.4 Z" fill="currentColor" {}
                },
                "planned" => circle cx="7" cy="7" r="4.4" fill="none" stroke="currentColor"
                    stroke-width="1.3" stroke-dasharray="2 1.6" {},
                _ => {
                    circle cx="7" cy="7" r="4.4" fill="none" stroke="currentColor" stroke-width="1.3" {}
                    path d="M4 10 L10 4" stroke="currentColor" stroke-width="1.3" {}
                },
            }
        }
    }
}
