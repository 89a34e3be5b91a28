//! Reads the word that names a form, even when it is misspelt.

use std::ops::Range;

use super::passage::Passage;
use crate::catalog::languages::{Form, Mark, fold};
use crate::source::Span;

/// What stands where a form is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormReading {
    pub form: Form,
    /// A word that is no cue, in the file, and the cue it stands for.
    pub misspelt: Option<(Span, String)>,
}

impl FormReading {
    pub const AS_IS: Self = Self { form: Form::AsIs, misspelt: None };
}

/// How far from its data a form may stand.
const NEAR: usize = 3;
/// How many words may stand between "in" and "form".
const FRAME: usize = 3;
/// No article is longer, in bytes.
const ARTICLE: usize = 3;

/// The form that data is said to be in; `data` is the stretch that names the data, where the clause
/// itself names it.
pub fn form(
    passage: &Passage<'_>,
    data: Option<&Range<usize>>,
    within: &Range<usize>,
) -> FormReading {
    let beside = data.and_then(|data| {
        let near = |(range, _): &(Range<usize>, Form)| {
            let between = between(range, data);
            between.start <= between.end && passage.words(between) <= NEAR
        };
        passage.forms(within).into_iter().find(near)
    });
    if let Some((_, form)) = beside {
        return FormReading { form, misspelt: None };
    }
    // What stands in a frame is meant as a form, known or not.
    let frames = frames(passage, data, within);
    if let Some(known) = frames.iter().find_map(|frame| known(passage, frame)) {
        return known;
    }
    if let Some(known) = after_frame(passage, within) {
        return known;
    }
    let attribute = data
        .and_then(|data| passage.word_before(data, within))
        .filter(|word| !passage.has(Mark::OtherForm, word));
    if let Some(misspelt) = attribute.and_then(|word| misspelt(passage, word)) {
        return misspelt;
    }
    let form = if frames.is_empty() { Form::AsIs } else { Form::Unclear };
    FormReading { form, misspelt: None }
}

/// The words that "in … form" stands around, wherever the clause says it of this data.
fn frames(
    passage: &Passage<'_>,
    data: Option<&Range<usize>>,
    within: &Range<usize>,
) -> Vec<Range<usize>> {
    let frame = |start: Range<usize>| {
        let end = passage.marks(Mark::FormEnd, &(start.end..within.end)).next()?;
        let named = start.end..end.start;
        let is_short = passage.words(named.clone()) <= FRAME;
        let is_other =
            [Mark::FormStart, Mark::OtherForm].iter().any(|mark| passage.has(*mark, &named));
        let of_other_data =
            data.is_some_and(|data| !passage.categories(&between(&named, data)).is_empty());
        let word = longest_word(passage, &named);
        // "in the form of" names none, "in JSON format" a notation.
        let is_word = word.len() > ARTICLE
            && !passage.plain[word.clone()].contains(|c: char| c.is_uppercase() || c.is_numeric());
        (is_short && is_word && !is_other && !of_other_data).then_some(named)
    };
    let starts: Vec<Range<usize>> = passage.marks(Mark::FormStart, within).collect();
    starts.into_iter().filter_map(frame).collect()
}

/// The form named after a frame, where adjectives follow their noun: "en forma anónima". Any other
/// word there says nothing of the data.
fn after_frame(passage: &Passage<'_>, within: &Range<usize>) -> Option<FormReading> {
    let starts: Vec<Range<usize>> = passage.marks(Mark::FormStart, within).collect();
    starts.into_iter().find_map(|start| {
        let end = passage.marks(Mark::FormEnd, &(start.end..within.end)).next()?;
        let rest = end.end..within.end;
        let length = passage.plain[rest.clone()]
            .trim_start()
            .find(|c: char| !c.is_alphanumeric() && c != '-');
        let from = rest.end - passage.plain[rest.clone()].trim_start().len();
        let word = from..length.map_or(rest.end, |length| from + length);
        let is_near = passage.words(start.end..end.start) <= 1;
        let is_other = word.is_empty() || passage.has(Mark::OtherForm, &word);
        (is_near && !is_other).then(|| known(passage, &word)).flatten()
    })
}

/// The form that a frame names, or means to.
fn known(passage: &Passage<'_>, frame: &Range<usize>) -> Option<FormReading> {
    match passage.forms(frame).first() {
        Some(&(_, form)) => Some(FormReading { form, misspelt: None }),
        None => misspelt(passage, longest_word(passage, frame)),
    }
}

fn longest_word(passage: &Passage<'_>, within: &Range<usize>) -> Range<usize> {
    let text = &passage.plain[within.clone()];
    let words = text.split(|c: char| !c.is_alphanumeric());
    let longest = words.max_by_key(|word| word.chars().count()).unwrap_or_default();
    let start = within.start + text.find(longest).unwrap_or(0);
    start..start + longest.len()
}

/// The form that a word stands for that is no cue.
fn misspelt(passage: &Passage<'_>, word: Range<usize>) -> Option<FormReading> {
    let (form, cue) = nearest(&fold(&passage.plain[word.clone()]), &passage.language.forms)?;
    let span = passage.text.file_span(Span::new(word.start, word.end));
    Some(FormReading { form, misspelt: Some((span, cue.to_owned())) })
}

fn between(a: &Range<usize>, b: &Range<usize>) -> Range<usize> {
    if a.end <= b.start { a.end..b.start } else { b.end..a.start }
}

/// The one form whose cue is near enough to a word, if no other form is as near.
fn nearest<'a>(word: &str, cues: &'a [(Form, String)]) -> Option<(Form, &'a str)> {
    let mut ranked: Vec<(usize, Form, &str)> = cues
        .iter()
        .map(|(form, cue)| (strsim::levenshtein(word, cue), *form, cue.as_str()))
        .collect();
    ranked.sort();
    let &(best, form, cue) = ranked.first()?;
    let rival = ranked.iter().find(|(_, other, _)| *other != form).map_or(usize::MAX, |&(d, ..)| d);
    // "identified" is no misspelt "de-identified": a whole word less is another word.
    let is_other_word = cue.ends_with(word);
    // A fifth of the letters may be wrong, and another reading must be worse.
    (best * 5 <= cue.chars().count() && best < rival && !is_other_word).then_some((form, cue))
}
