//! Answers that were given before. A snapshot never changes, so what was said of it stays true.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Condvar, Mutex};

use axum::body::Bytes;

use crate::engine::End;

/// Bounded by bytes; the oldest go first.
pub struct Cache {
    most: usize,
    known: Mutex<Known>,
    /// What somebody is making, so that the others wait for it.
    making: Mutex<BTreeSet<String>>,
    made: Condvar,
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
            making: Mutex::default(),
            made: Condvar::new(),
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

    /// An answer that was given before, or that is made now: by one, if many ask at once. Blocks
    /// the thread.
    pub fn get_or_make<E>(
        &self,
        tag: &str,
        make: impl FnOnce() -> Result<Bytes, E>,
    ) -> Result<Bytes, E> {
        if self.most == 0 {
            return make();
        }
        if let Some((bytes, _)) = self.get(tag) {
            return Ok(bytes);
        }
        let mut making = self.making.lock().expect("nobody panics with the list");
        while making.contains(tag) {
            making = self.made.wait(making).expect("nobody panics with the list");
        }
        if let Some((bytes, _)) = self.get(tag) {
            return Ok(bytes);
        }
        making.insert(tag.to_owned());
        drop(making);
        let _making = Making { cache: self, tag };
        let bytes = make()?;
        self.put(tag, bytes.clone(), End::default());
        Ok(bytes)
    }

    pub fn clear(&self) {
        *self.known.lock().expect("nobody panics with the answers") = Known::default();
    }

    pub fn bytes(&self) -> usize {
        self.known.lock().expect("nobody panics with the answers").bytes
    }
}

/// Tells those who wait when the work is done, or has failed.
struct Making<'a> {
    cache: &'a Cache,
    tag: &'a str,
}

impl Drop for Making<'_> {
    fn drop(&mut self) {
        if let Ok(mut making) = self.cache.making.lock() {
            making.remove(self.tag);
        }
        self.cache.made.notify_all();
    }
}
