//! Two texts side by side: what was kept, changed, added and taken away, sentence by sentence and
//! word by word.

use std::collections::BTreeMap;

use similar::{Algorithm, ChangeTag, DiffOp, TextDiff, capture_diff_slices};

use super::page::Segment;

/// One line of the comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub left: Option<Segment>,
    pub right: Option<Segment>,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Same,
    Changed,
    Removed,
    Added,
    /// One is the other's translation.
    Translated,
}

/// Words, and whether they are only on this side.
pub type Words = Vec<(bool, String)>;

/// Two texts in one language.
pub fn compared(left: &[Segment], right: &[Segment]) -> Vec<Pair> {
    let texts = |side: &[Segment]| side.iter().map(|s| s.text.clone()).collect::<Vec<_>>();
    let (before, after) = (texts(left), texts(right));
    let mut pairs = Vec::new();
    let mut pair = |left: Option<&Segment>, right: Option<&Segment>, kind| {
        pairs.push(Pair { left: left.cloned(), right: right.cloned(), kind });
    };
    for op in capture_diff_slices(Algorithm::Patience, &before, &after) {
        match op {
            DiffOp::Equal { old_index, new_index, len } => {
                for i in 0..len {
                    pair(left.get(old_index + i), right.get(new_index + i), Kind::Same);
                }
            }
            DiffOp::Delete { old_index, old_len, .. } => {
                for i in 0..old_len {
                    pair(left.get(old_index + i), None, Kind::Removed);
                }
            }
            DiffOp::Insert { new_index, new_len, .. } => {
                for i in 0..new_len {
                    pair(None, right.get(new_index + i), Kind::Added);
                }
            }
            DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                for i in 0..old_len.max(new_len) {
                    let old = left.get(old_index + i).filter(|_| i < old_len);
                    let new = right.get(new_index + i).filter(|_| i < new_len);
                    let kind = match (old, new) {
                        (Some(_), Some(_)) => Kind::Changed,
                        (Some(_), None) => Kind::Removed,
                        _ => Kind::Added,
                    };
                    pair(old, new, kind);
                }
            }
        }
    }
    pairs
}

/// A translation beside its source, in the order of the translation; what was not translated
/// stands after what comes before it in the source.
pub fn translated(source: &[Segment], translation: &[Segment]) -> Vec<Pair> {
    let place: BTreeMap<&str, usize> =
        source.iter().enumerate().map(|(at, segment)| (segment.iri.as_str(), at)).collect();
    let of = |segment: &Segment| place.get(segment.aligned.as_deref()?).copied();
    let used: std::collections::BTreeSet<usize> = translation.iter().filter_map(of).collect();
    let mut pairs = Vec::new();
    let mut next = 0;
    let mut last = None;
    for segment in translation {
        let at = of(segment);
        if at.is_some() && at == last {
            // The translator made two of one: it stands there already.
            let right = Some(segment.clone());
            pairs.push(Pair { left: None, right, kind: Kind::Translated });
            continue;
        }
        last = at;
        if let Some(at) = at {
            while next < at {
                if !used.contains(&next) {
                    let left = source.get(next).cloned();
                    pairs.push(Pair { left, right: None, kind: Kind::Removed });
                }
                next += 1;
            }
            next = next.max(at + 1);
        }
        let left = at.and_then(|at| source.get(at)).cloned();
        let kind = if left.is_some() { Kind::Translated } else { Kind::Added };
        pairs.push(Pair { left, right: Some(segment.clone()), kind });
    }
    for (at, segment) in source.iter().enumerate().skip(next) {
        if !used.contains(&at) {
            let left = Some(segment.clone());
            pairs.push(Pair { left, right: None, kind: Kind::Removed });
        }
    }
    pairs
}

/// The words of both sides, those marked that are on one only.
pub fn words(left: &str, right: &str) -> (Words, Words) {
    let mut sides = (Vec::new(), Vec::new());
    let mut put = |side: bool, changed: bool, word: &str| {
        let words: &mut Words = if side { &mut sides.1 } else { &mut sides.0 };
        match words.last_mut() {
            Some((known, text)) if *known == changed => text.push_str(word),
            _ => words.push((changed, word.to_owned())),
        }
    };
    for change in TextDiff::from_words(left, right).iter_all_changes() {
        match change.tag() {
            ChangeTag::Equal => {
                put(false, false, change.value());
                put(true, false, change.value());
            }
            ChangeTag::Delete => put(false, true, change.value()),
            ChangeTag::Insert => put(true, true, change.value()),
        }
    }
    sides
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<Segment> {
        let segment = |text: &&str| Segment { text: (*text).to_owned(), ..Segment::default() };
        texts.iter().map(segment).collect()
    }

    #[test]
    fn a_sentence_that_changed_stands_beside_what_it_was() {
        let pairs = compared(&texts(&["a", "b one", "c"]), &texts(&["a", "b two", "c", "d"]));
        let kinds: Vec<Kind> = pairs.iter().map(|pair| pair.kind).collect();
        assert_eq!(kinds, [Kind::Same, Kind::Changed, Kind::Same, Kind::Added]);
        let (left, right) = words("b one", "b two");
        assert_eq!(left, [(false, "b ".to_owned()), (true, "one".to_owned())]);
        assert_eq!(right, [(false, "b ".to_owned()), (true, "two".to_owned())]);
    }
}
