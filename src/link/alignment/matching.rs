//! Matches the elements of two skeletons in order: what is certain first, then what lies between.
//!
//! Fixed points are keys that both sides have exactly once, as in patience diff. Between two of
//! them, elements are matched by their structure, with dynamic programming.

use super::{Element, Rule, Skeleton};

/// How many cells a table of the dynamic programming has at most, a byte each: longer stretches
/// are matched within a band around the diagonal.
const CELLS: usize = 1 << 22;

/// What an element without a partner costs.
const GAP: i32 = -8;

/// For each element of a translation the element of its source, and how that was found.
pub fn matched(translation: &Skeleton, source: &Skeleton) -> Vec<Option<(usize, Rule)>> {
    let pair = Pair::new(translation, source);
    let mut partners = vec![None; translation.elements.len()];
    for (i, j) in between(&pair.fixed_points(), pair.lengths(), |i, j| pair.score(i, j)) {
        partners[i] = Some((j, pair.rule(i, j)));
    }
    pair.join_split(&mut partners);
    partners
}

/// For each element of a translation the element of another text in its language that has the same
/// words.
pub fn same_words(translation: &Skeleton, other: &Skeleton) -> Vec<Option<usize>> {
    let (a, b) = (&translation.elements, &other.elements);
    let keys = |elements: &[Element]| keys(elements, |element| element.text);
    let fixed = in_order(unique_pairs(keys(a), keys(b)));
    let mut partners = vec![None; a.len()];
    let score = |i: usize, j: usize| if a[i].text == b[j].text { 1 } else { 4 * GAP };
    for (i, j) in between(&fixed, (a.len(), b.len()), score) {
        partners[i] = Some(j);
    }
    partners
}

struct Pair<'a> {
    a: &'a Skeleton,
    b: &'a Skeleton,
    /// Characters of each side as a whole: languages differ in length.
    characters: (u64, u64),
}

impl<'a> Pair<'a> {
    fn new(a: &'a Skeleton, b: &'a Skeleton) -> Self {
        let characters = |skeleton: &Skeleton| {
            skeleton.elements.iter().map(|element| u64::from(element.length)).sum::<u64>().max(1)
        };
        Self { a, b, characters: (characters(a), characters(b)) }
    }

    fn lengths(&self) -> (usize, usize) {
        (self.a.elements.len(), self.b.elements.len())
    }

    /// Pairs that no structure could refute, in order on both sides.
    fn fixed_points(&self) -> Vec<(usize, usize)> {
        let (a, b) = (&self.a.elements, &self.b.elements);
        let mut pairs =
            unique_pairs(keys(a, |element| element.source_text), keys(b, |element| element.text));
        pairs.extend(unique_pairs(
            self.a.anchors.iter().map(|&(i, anchor)| (anchor, i)).collect(),
            self.b.anchors.iter().map(|&(j, anchor)| (anchor, j)).collect(),
        ));
        // What was not translated, such as code.
        pairs.extend(unique_pairs(
            keys(a, |element| if element.source_text == 0 { element.text } else { 0 }),
            keys(b, |element| element.text),
        ));
        // The surest key of an element decides.
        let mut taken = vec![false; a.len()];
        pairs.retain(|&(i, _)| !std::mem::replace(&mut taken[i], true));
        in_order(pairs)
    }

    fn rule(&self, i: usize, j: usize) -> Rule {
        let (a, b) = (&self.a.elements[i], &self.b.elements[j]);
        if a.source_text == b.text {
            Rule::Unit
        } else if self.a.shares_anchor(i, self.b, j) {
            Rule::Anchor
        } else if a.text == b.text || overlap(a.sketch, b.sketch).is_some_and(|share| share >= 50) {
            Rule::Content
        } else {
            Rule::Structure
        }
    }

    fn score(&self, i: usize, j: usize) -> i32 {
        let (a, b) = (&self.a.elements[i], &self.b.elements[j]);
        let mut score = a.shape.likeness(b.shape);
        if a.source_text == b.text || a.text == b.text {
            score += 80;
        }
        if self.a.shares_anchor(i, self.b, j) {
            score += 60;
        }
        score += match overlap(a.sketch, b.sketch) {
            Some(share) => share * 2 / 5 - 5,
            None if a.sketch == b.sketch => 0,
            None => -6,
        };
        score + self.length_score(a, b)
    }

    fn length_score(&self, a: &Element, b: &Element) -> i32 {
        let a = u64::from(a.length) * self.characters.1;
        let b = u64::from(b.length) * self.characters.0;
        let (short, long) = (a.min(b), a.max(b));
        // A word or two may well become three.
        let slack = 12 * (self.characters.0 + self.characters.1) / 2;
        match long {
            _ if long <= short + slack => 0,
            _ if long <= short * 3 / 2 => 4,
            _ if long <= short * 2 => 0,
            _ if long <= short * 4 => -10,
            _ => -25,
        }
    }

    /// Elements next to each other that are parts of one element of the source have it together.
    fn join_split(&self, partners: &mut [Option<(usize, Rule)>]) {
        let elements = &self.a.elements;
        for i in 0..elements.len() {
            if partners[i].is_some() || elements[i].source_text == 0 {
                continue;
            }
            let neighbours = [i.checked_sub(1), Some(i + 1).filter(|&next| next < elements.len())];
            let same = neighbours.into_iter().flatten().find(|&other| {
                elements[other].source_text == elements[i].source_text && partners[other].is_some()
            });
            partners[i] = same.and_then(|other| partners[other]);
        }
    }
}

/// How much of what either has both have, in percent; none if one of them has nothing.
fn overlap(a: u64, b: u64) -> Option<i32> {
    let (both, either) = ((a & b).count_ones(), (a | b).count_ones());
    (a != 0 && b != 0).then(|| (100 * both / either) as i32)
}

fn keys(elements: &[Element], key: impl Fn(&Element) -> u32) -> Vec<(u32, u32)> {
    let keys = elements.iter().enumerate().map(|(i, element)| (key(element), i as u32));
    keys.filter(|(key, _)| *key != 0).collect()
}

/// Pairs of elements whose key each side has once.
fn unique_pairs(mut a: Vec<(u32, u32)>, mut b: Vec<(u32, u32)>) -> Vec<(usize, usize)> {
    keep_unique(&mut a);
    keep_unique(&mut b);
    let partner = |key| b.binary_search_by_key(&key, |(key, _)| *key).ok();
    let pairs = a.iter().filter_map(|&(key, i)| Some((i as usize, b[partner(key)?].1 as usize)));
    pairs.collect()
}

fn keep_unique(keys: &mut Vec<(u32, u32)>) {
    keys.sort_unstable();
    keys.dedup();
    let is_alone = |at: usize| {
        let key = keys[at].0;
        let differs = |other: Option<&(u32, u32)>| other.is_none_or(|other| other.0 != key);
        differs(at.checked_sub(1).and_then(|before| keys.get(before))) && differs(keys.get(at + 1))
    };
    let alone: Vec<bool> = (0..keys.len()).map(is_alone).collect();
    let mut at = alone.into_iter();
    keys.retain(|_| at.next().expect("a flag for each key"));
}

/// The longest run of pairs that ascends on both sides.
fn in_order(mut pairs: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    pairs.sort_unstable();
    // For each length of a run the pair that ends it with the least second number.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; pairs.len()];
    for at in 0..pairs.len() {
        let length = ends.partition_point(|&end| pairs[end].1 < pairs[at].1);
        before[at] = length.checked_sub(1).map(|shorter| ends[shorter]);
        if length == ends.len() {
            ends.push(at);
        } else {
            ends[length] = at;
        }
    }
    let mut run = Vec::new();
    let mut at = ends.last().copied();
    while let Some(end) = at {
        run.push(pairs[end]);
        at = before[end];
    }
    run.reverse();
    run
}

/// The fixed points, and the best pairs of what lies between them.
fn between(
    fixed: &[(usize, usize)],
    (n, m): (usize, usize),
    score: impl Fn(usize, usize) -> i32,
) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let mut from = (0, 0);
    for &(i, j) in fixed.iter().chain(&[(n, m)]) {
        let inner = chain(i - from.0, j - from.1, |a, b| score(from.0 + a, from.1 + b));
        pairs.extend(inner.into_iter().map(|(a, b)| (from.0 + a, from.1 + b)));
        if i < n {
            pairs.push((i, j));
        }
        from = (i + 1, j + 1);
    }
    pairs
}

#[derive(Clone, Copy)]
enum Step {
    Both,
    First,
    Second,
}

/// The pairs of two sequences of `n` and `m`, in order, that score most together.
fn chain(n: usize, m: usize, score: impl Fn(usize, usize) -> i32) -> Vec<(usize, usize)> {
    if n == 0 || m == 0 {
        return Vec::new();
    }
    let width = (CELLS / n).max(m / n + 2).min(m + 1);
    // The band of row `i` begins here; its middle is on the diagonal.
    let low = |i: usize| (i * m / n).saturating_sub(width / 2).min(m + 1 - width);
    let mut steps: Vec<Step> = Vec::with_capacity((n + 1) * width);
    let mut above: Vec<i32> = Vec::new();
    for i in 0..=n {
        let mut row: Vec<i32> = Vec::with_capacity(width);
        for j in low(i)..low(i) + width {
            let at = |row: &[i32], low: usize, j: usize| {
                j.checked_sub(low).and_then(|at| row.get(at)).copied()
            };
            let first = i.checked_sub(1).and_then(|up| at(&above, low(up), j)).map(|s| s + GAP);
            let second = j.checked_sub(1).and_then(|left| at(&row, low(i), left)).map(|s| s + GAP);
            let both = i.checked_sub(1).zip(j.checked_sub(1));
            let both =
                both.and_then(|(up, left)| Some(at(&above, low(up), left)? + score(up, left)));
            let ways = [(both, Step::Both), (first, Step::First), (second, Step::Second)];
            let best = ways.into_iter().filter_map(|(score, step)| Some((score?, step)));
            // Of equals the first.
            let best = best.reduce(|best, other| if other.0 > best.0 { other } else { best });
            // Nothing leads to the first cell of all.
            let (score, step) = best.unwrap_or((0, Step::Both));
            row.push(score);
            steps.push(step);
        }
        above = row;
    }
    let mut pairs = Vec::new();
    let (mut i, mut j) = (n, m);
    while i > 0 || j > 0 {
        match steps[i * width + j - low(i)] {
            Step::Both => {
                (i, j) = (i - 1, j - 1);
                pairs.push((i, j));
            }
            Step::First => i -= 1,
            Step::Second => j -= 1,
        }
    }
    pairs.reverse();
    pairs
}
