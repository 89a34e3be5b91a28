//! Answers that were given before. A snapshot never changes, so what was said of it stays true.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use axum::body::Bytes;

use super::worker::End;

/// Bounded by bytes; the oldest go first.
pub struct Cache {
    most: usize,
    known: Mutex<Known>,
    pub hits: AtomicUsize,
    pub misses: AtomicUsize,
}

#[derive(Default)]
struct Known {
    answers: BTreeMap<String, (Bytes, End)>,
    order: VecDeque<String>,
    bytes: usize,
}

impl Cache {
    pub fn new(most: usize) -> Self {
        Self {
            most,
            known: Mutex::default(),
            hits: AtomicUsize::new(0),
            misses: AtomicUsize::new(0),
        }
    }

    pub fn get(&self, tag: &str) -> Option<(Bytes, End)> {
        let known = self.known.lock().expect("nobody panics with the answers");
        let found = known.answers.get(tag).cloned();
        let counter = if found.is_some() { &self.hits } else { &self.misses };
        counter.fetch_add(1, Relaxed);
        found
    }

    pub fn put(&self, tag: &str, body: Bytes, end: End) {
        // One answer must not drive out all others.
        if body.len() > self.most / 8 {
            return;
        }
        let mut known = self.known.lock().expect("nobody panics with the answers");
        let size = body.len() + tag.len();
        if known.answers.insert(tag.to_owned(), (body, end)).is_none() {
            known.order.push_back(tag.to_owned());
            known.bytes += size;
        }
        while known.bytes > self.most {
            let Some(oldest) = known.order.pop_front() else { return };
            if let Some((body, _)) = known.answers.remove(&oldest) {
                known.bytes -= body.len() + oldest.len();
            }
        }
    }

    pub fn clear(&self) {
        *self.known.lock().expect("nobody panics with the answers") = Known::default();
    }

    pub fn bytes(&self) -> usize {
        self.known.lock().expect("nobody panics with the answers").bytes
    }
}
