//! Which text each path had at which time, from what commits did one after the other.

use std::collections::{BTreeMap, HashMap};

use gix::ObjectId;

use super::changes::Event;
use super::{Interval, Moment, Move, Text};

/// Which text each path has, as events come in the order of time.
#[derive(Default)]
pub struct Timeline {
    /// The text that a path has now, and since when.
    current: BTreeMap<String, (ObjectId, Moment)>,
    texts: HashMap<(String, ObjectId), Text>,
    moves: Vec<Move>,
    /// The time of the last event.
    now: Option<Moment>,
}

impl Timeline {
    pub fn add(&mut self, event: Event) {
        let when = event.when.clone();
        self.now = Some(when.clone());
        if self.current.get(&event.path).map(|(blob, _)| *blob) == event.blob {
            return;
        }
        if let Some((blob, from)) = self.current.remove(&event.path) {
            let text = self.texts.get_mut(&(event.path.clone(), blob)).expect("it was seen");
            text.current.push(Interval { from, until: Some(when.clone()), seen: None });
        }
        if let Some(blob) = event.blob {
            self.current.insert(event.path.clone(), (blob, when.clone()));
        }
        if let Some(from) = &event.moved_from {
            self.moves.push(Move { when, from: from.clone(), to: event.path.clone() });
        }
        self.saw(event, false);
    }

    /// A text that was not the published one.
    pub fn saw(&mut self, event: Event, twin: bool) {
        let Some(blob) = event.blob else { return };
        let key = (event.path, blob);
        let path = key.0.clone();
        let known = self.texts.entry(key).or_insert_with(|| Text {
            path,
            blob,
            seen: event.when.clone(),
            current: Vec::new(),
            twin,
        });
        known.twin &= twin;
        if event.when < known.seen {
            known.seen = event.when;
        }
    }

    /// `tip` is the last commit, whether or not it wrote a page.
    pub fn done(mut self, tip: &Moment) -> (Vec<Text>, Vec<Move>) {
        let seen = self.now.filter(|now| now > tip).unwrap_or_else(|| tip.clone());
        for (path, (blob, from)) in self.current {
            let text = self.texts.get_mut(&(path, blob)).expect("it was seen");
            text.current.push(Interval { from, until: None, seen: Some(seen.clone()) });
        }
        let mut texts: Vec<Text> = self.texts.into_values().collect();
        texts.sort_by(|a, b| (&a.path, &a.seen, a.blob).cmp(&(&b.path, &b.seen, b.blob)));
        self.moves.sort();
        (texts, self.moves)
    }
}
