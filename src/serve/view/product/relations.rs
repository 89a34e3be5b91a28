//! A product among others: a picture where there is room for one, a list where there is not.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::super::{Loaded, href, scroll};
use crate::explore::product::{How, Related};

const ROW: usize = 38;
const LEFT: usize = 330;
const WIDTH: usize = 1000;
/// The box in the middle.
const BOX: usize = 170;
/// More on one side would not be read.
const MOST: usize = 24;

/// The product in the middle, what it came from and rests on to the left, what came of it and rests
/// on it to the right.
pub fn drawn(loaded: &Loaded, label: &str, related: &[Related]) -> Markup {
    html! {
        div.wide { (scroll("Relations to other products", &picture(loaded, label, related))) }
        ul.narrow.list {
            @for related in related {
                li {
                    a href=[href(loaded, &related.iri)] { (related.label) }
                    div.faint { (how(related)) }
                }
            }
        }
    }
}

/// That two are documented together says nothing new of those that are related otherwise.
pub fn once(mut related: Vec<Related>) -> Vec<Related> {
    let otherwise = related.iter().filter(|other| other.how != How::Together);
    let known: BTreeSet<String> = otherwise.map(|other| other.iri.clone()).collect();
    related.retain(|other| other.how != How::Together || !known.contains(&other.iri));
    related
}

fn how(related: &Related) -> String {
    let words = related.how.word();
    if related.note.is_empty() { words.to_owned() } else { format!("{words}, {}", related.note) }
}

fn picture(loaded: &Loaded, label: &str, related: &[Related]) -> Markup {
    let is_left = |how| matches!(how, How::Before | How::PartOf | How::RunsOn | How::RuledBy);
    let left: Vec<&Related> = related.iter().filter(|r| is_left(r.how)).take(MOST).collect();
    let right: Vec<&Related> = related.iter().filter(|r| !is_left(r.how)).take(MOST).collect();
    let height = ROW * left.len().max(right.len()).max(2) + 30;
    let middle = height / 2;
    let lines = wrapped(label, 22);
    html! {
        svg.relations xmlns="http://www.w3.org/2000/svg" role="group"
            aria-label=(format!("Relations of {label}")) width=(WIDTH) height=(height)
            viewBox=(format!("0 0 {WIDTH} {height}"))
        {
            @for (index, related) in left.iter().enumerate() {
                @let y = (height - left.len() * ROW) / 2 + index * ROW + ROW / 2;
                (edge(related.how, LEFT, y, (WIDTH - BOX) / 2, middle))
                (node(loaded, related, LEFT - 8, y, "end"))
            }
            @for (index, related) in right.iter().enumerate() {
                @let y = (height - right.len() * ROW) / 2 + index * ROW + ROW / 2;
                (edge(related.how, WIDTH - LEFT, y, (WIDTH + BOX) / 2, middle))
                (node(loaded, related, WIDTH - LEFT + 8, y, "start"))
            }
            rect class="centre" x=((WIDTH - BOX) / 2) y=(middle - 24) width=(BOX) height="48"
                rx="10" {}
            @for (index, line) in lines.iter().enumerate() {
                @let y = middle + 5 + index * 15 - (lines.len() - 1) * 7;
                text class="own" x=(WIDTH / 2) y=(y) text-anchor="middle" { (line) }
            }
        }
    }
}

/// From a product at the side to the box.
fn edge(how: How, from: usize, y: usize, to: usize, middle: usize) -> Markup {
    // Level where it begins and where it ends.
    let bend = (from + to) / 2;
    html! {
        path class=(format!("edge {}", class(how)))
            d=(format!("M{from} {y} C{bend} {y} {bend} {middle} {to} {middle}")) {}
    }
}

fn node(loaded: &Loaded, related: &Related, x: usize, y: usize, anchor: &str) -> Markup {
    html! {
        a href=[href(loaded, &related.iri)] {
            text class="node" x=(x) y=(y) text-anchor=(anchor) { (related.label) }
        }
        text class="how" x=(x) y=(y + 14) text-anchor=(anchor) { (how(related)) }
    }
}

fn class(how: How) -> &'static str {
    match how {
        How::Before | How::After => "change",
        How::PartOf | How::HasPart => "part",
        How::RunsOn | How::Carries | How::RuledBy | How::Rules => "rule",
        How::Together => "together",
    }
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.last_mut().expect("there is a line");
        if !last.is_empty() && last.chars().count() + word.chars().count() >= width {
            lines.push(word.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}
