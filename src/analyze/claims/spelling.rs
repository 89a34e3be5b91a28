//! Reads the word that names a form, even when it is misspelt.

use std::ops::Range;

use super::passage::Passage;
use crate::catalog::languages::{Form, Mark, fold};

/// What stands where a form is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormReading {
    pub form: Form,
    /// A word that is no cue, and the cue it stands for.
    pub misspelt: Option<(Range<usize>, String)>,
}

/// The form that data is said to be in; `data` is the stretch that names the data.
pub fn form(passage: &Passage<'_>, data: &Range<usize>, within: &Range<usize>) -> FormReading {
    let near = |range: &Range<usize>| {
        let between =
            if range.end <= data.start { range.end..data.start } else { data.end..range.start };
        between.start <= between.end && passage.words(between) <= 3
    };
    if let Some((_, form)) = passage.forms(within).into_iter().find(|(range, _)| near(range)) {
        return FormReading { form, misspelt: None };
    }
    let as_is = FormReading { form: Form::AsIs, misspelt: None };
    // "customer data in … form": what stands between the two is meant as a form, known or not.
    let after = data.end..within.end;
    let Some(start) = passage.begins(Mark::FormStart, &after) else { return as_is };
    let Some(end) = passage.marks(Mark::FormEnd, &(start.end..within.end)).next() else {
        return as_is;
    };
    let named = start.end..end.start;
    if passage.words(named.clone()) > 3
        || passage.words(named.clone()) == 0
        || passage.has(Mark::OtherForm, &named)
    {
        return as_is;
    }
    let word = passage.plain[named.clone()]
        .split_whitespace()
        .max_by_key(|word| word.chars().count())
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .unwrap_or_default();
    let at = named.start + passage.plain[named].find(word).unwrap_or(0);
    match nearest(&fold(word), &passage.language.forms) {
        Some((form, cue)) => {
            FormReading { form, misspelt: Some((at..at + word.len(), cue.to_owned())) }
        }
        None => FormReading { form: Form::Unclear, misspelt: None },
    }
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
    // A fifth of the letters may be wrong, and another reading must be worse.
    (best * 5 <= cue.chars().count() && best < rival).then_some((form, cue))
}
