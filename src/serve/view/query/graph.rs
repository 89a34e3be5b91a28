//! An answer drawn: things as dots, laid out by springs.

use std::collections::BTreeSet;

use maud::{Markup, html};
use oxigraph::model::Term;

use super::super::{Loaded, href, label};

/// Subject, predicate, object, as IRIs.
pub type Edge = (String, String, String);

/// Two columns with things make edges.
pub fn edges(rows: &[Vec<Option<Term>>]) -> Vec<Edge> {
    let edges = rows.iter().filter_map(|row| {
        let nodes: Vec<&str> = row
            .iter()
            .filter_map(|term| match term {
                Some(Term::NamedNode(node)) => Some(node.as_str()),
                _ => None,
            })
            .collect();
        match nodes.as_slice() {
            [from, to] => Some(((*from).to_owned(), String::new(), (*to).to_owned())),
            [from, by, to, ..] => Some(((*from).to_owned(), (*by).to_owned(), (*to).to_owned())),
            _ => None,
        }
    });
    edges.collect()
}

/// More things than this nobody can read.
const NODES: usize = 70;

/// Things and what holds between them, laid out by springs. The same answer gives the same picture.
pub fn drawn(loaded: &Loaded, edges: &[Edge]) -> Markup {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let mut kept: Vec<&Edge> = Vec::new();
    for edge in edges {
        let new = [edge.0.as_str(), edge.2.as_str()];
        if names.len() + 2 > NODES && !new.iter().all(|name| names.contains(name)) {
            continue;
        }
        names.extend(new);
        kept.push(edge);
    }
    let names: Vec<&str> = names.into_iter().collect();
    let place = |iri: &str| names.binary_search(&iri).expect("edges end at things");
    let pairs: BTreeSet<(usize, usize)> =
        kept.iter().map(|edge| (place(&edge.0), place(&edge.2))).collect();
    let places = layout_of(names.len(), &pairs);
    let (width, height) = (1100.0, (300.0 + 11.0 * names.len() as f64).min(900.0));
    let at = |index: usize| {
        let (x, y) = places[index];
        (110.0 + x * (width - 220.0), 30.0 + y * (height - 60.0))
    };
    html! {
        @if kept.len() < edges.len() {
            p.faint { "The first " (kept.len()) " of " (edges.len()) " relations." }
        }
        svg.graph xmlns="http://www.w3.org/2000/svg" role="group"
            aria-label=(format!("The answer as a graph of {} things", names.len()))
            width=(width) height=(height) viewBox=(format!("0 0 {width} {height}"))
        {
            @for edge in &kept {
                @let ((x1, y1), (x2, y2)) = (at(place(&edge.0)), at(place(&edge.2)));
                g {
                    line x1=(pixel(x1)) y1=(pixel(y1)) x2=(pixel(x2)) y2=(pixel(y2)) {}
                    title {
                        (label(loaded, &edge.0)) " – " (crate::explore::words(&edge.1)) " – "
                        (label(loaded, &edge.2))
                    }
                }
            }
            @for (index, iri) in names.iter().enumerate() {
                @let (x, y) = at(index);
                a href=[href(loaded, iri)] {
                    circle cx=(pixel(x)) cy=(pixel(y)) r="5" {}
                    text x=(pixel(x)) y=(pixel(y - 9.0)) text-anchor="middle" {
                        (cut(&label(loaded, iri)))
                    }
                }
            }
        }
    }
}

fn pixel(place: f64) -> String {
    format!("{place:.1}")
}

fn cut(text: &str) -> String {
    if text.chars().count() <= 34 {
        return text.to_owned();
    }
    text.chars().take(33).chain(['…']).collect()
}

/// Places from 0 to 1: what is connected draws near, all else keeps away.
fn layout_of(count: usize, pairs: &BTreeSet<(usize, usize)>) -> Vec<(f64, f64)> {
    let mut places: Vec<(f64, f64)> = (0..count)
        .map(|index| {
            let angle = index as f64 * 2.399_963;
            let radius = (index as f64 + 0.5).sqrt();
            (radius * angle.cos(), radius * angle.sin())
        })
        .collect();
    let spring = 1.6;
    for round in 0..220 {
        let heat = 0.6 * (1.0 - f64::from(round) / 220.0);
        let mut moves = vec![(0.0_f64, 0.0_f64); count];
        for a in 0..count {
            for b in a + 1..count {
                let (dx, dy) = (places[a].0 - places[b].0, places[a].1 - places[b].1);
                let square = (dx * dx + dy * dy).max(0.01);
                let push = spring * spring / square;
                moves[a] = (moves[a].0 + dx * push, moves[a].1 + dy * push);
                moves[b] = (moves[b].0 - dx * push, moves[b].1 - dy * push);
            }
        }
        for (a, b) in pairs {
            let (dx, dy) = (places[*a].0 - places[*b].0, places[*a].1 - places[*b].1);
            let pull = (dx * dx + dy * dy).sqrt() / spring * 0.5;
            moves[*a] = (moves[*a].0 - dx * pull, moves[*a].1 - dy * pull);
            moves[*b] = (moves[*b].0 + dx * pull, moves[*b].1 + dy * pull);
        }
        for (place, (dx, dy)) in places.iter_mut().zip(&moves) {
            let length = (dx * dx + dy * dy).sqrt().max(0.001);
            let step = length.min(heat);
            *place = (place.0 + dx / length * step, place.1 + dy / length * step);
        }
    }
    let across = spread(places.iter().map(|place| place.0).collect());
    let down = spread(places.iter().map(|place| place.1).collect());
    across.into_iter().zip(down).collect()
}

/// Numbers from 0 to 1 in the same order. Where many are close together they get more room: half of
/// a place is how far it is, half how many are before it.
fn spread(numbers: Vec<f64>) -> Vec<f64> {
    let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let width = (high - low).max(0.001);
    let mut order: Vec<usize> = (0..numbers.len()).collect();
    order.sort_by(|a, b| numbers[*a].total_cmp(&numbers[*b]));
    let last = numbers.len().saturating_sub(1).max(1) as f64;
    let mut places = vec![0.0; numbers.len()];
    for (rank, index) in order.into_iter().enumerate() {
        places[index] = ((numbers[index] - low) / width + rank as f64 / last) / 2.0;
    }
    places
}
