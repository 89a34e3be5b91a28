//! Reads a "yes" to the question whether the place of data can be chosen.

use std::ops::Range;

use super::clause::{Owner, Stated, Statement};
use super::leads::LABEL;
use super::passage::{self, Passage};
use super::{Location, Reader, antecedents, leads, sentences};
use crate::catalog::languages::{Activity, Category, Form, Mark, Rule};
use crate::source::Span;

/// How sure such an answer is, in hundredths: the question says most of it.
const CONFIDENCE: u8 = 75;

impl<'a> Reader<'a> {
    /// Reads "Can I choose the region? Yes, for Contoso Mail.": the question stands in the same block
    /// or is the one before. What the answer says of the choice by itself, is among the readings since
    /// then.
    pub(super) fn agreed(&mut self, index: usize, known: usize) {
        let choice = Location::from(Rule::CustomerChoice);
        if self.readings[known..].iter().any(|reading| reading.location == choice) {
            return;
        }
        let passage = self.passage_of_any(index);
        let whole = 0..passage.plain.len();
        let all = sentences::sentences(passage.text, whole, self.language);
        let is_yes = |answer: &&Range<usize>| is_yes(&passage, answer);
        let Some(at) = all.iter().position(|answer| is_yes(&answer)) else { return };
        let asked = match at.checked_sub(1) {
            Some(before) => Some((index, all[before].clone())),
            None => {
                index.checked_sub(1).map(|before| (before, 0..self.blocks[before].text.plain.len()))
            }
        };
        let Some((asking, question)) = asked else { return };
        let about = self.passage_of_any(asking);
        if !leads::asks(&about, &question) || !self.asks_for_choice(&about, &question) {
            return;
        }
        let answer = sentences::trim(passage.plain, all[at].clone(), |c| !c.is_alphanumeric());
        let owner = leads::owner(&passage, &answer)
            .or_else(|| leads::owner(&about, &question))
            .or_else(|| self.about(&passage, &answer));
        let category = about.categories(&question).first().map_or(Category::Data, |data| data.1);
        let lead = about.text.file_span(Span::new(question.start, question.end));
        self.take(&passage, index, vec![chosen(answer, owner, category)], Some(lead), false);
    }

    /// Whether a question is about choosing a place of data.
    fn asks_for_choice(&self, passage: &Passage<'a>, question: &Range<usize>) -> bool {
        let product = self.product().and_then(|owner| owner.product);
        let choice = Location::from(Rule::CustomerChoice);
        let places = [Mark::DataCenter, Mark::DataPlace, Mark::Country];
        let is_other = [Mark::Available, Mark::Not, Mark::Example, Mark::Law];
        antecedents::ruled(passage, question, product) == Some(choice)
            && (places.into_iter().any(|mark| passage.has(mark, question))
                || !passage.categories(question).is_empty())
            && !is_other.into_iter().any(|mark| passage.has(mark, question))
    }
}

/// Whether a sentence begins with a word that agrees, perhaps behind whom it is for: "For Contoso
/// Mail: Yes".
fn is_yes(passage: &Passage<'_>, sentence: &Range<usize>) -> bool {
    let agrees = |answer: &Range<usize>| {
        let word = passage.begins(Mark::Answer, answer);
        word.is_some_and(|word| passage.has(Mark::Tick, &word))
    };
    let labelled = || {
        let colon = sentence.start + passage.plain[sentence.clone()].find(passage::COLONS)?;
        let label = sentence.start..colon;
        let is_short = passage.words(label.clone()) <= LABEL;
        (is_short && passage.products_in(&label).next().is_some()).then_some(colon..sentence.end)
    };
    agrees(sentence)
        || labelled().is_some_and(|rest| {
            agrees(&sentences::trim(passage.plain, rest, |c| !c.is_alphanumeric()))
        })
}

fn chosen(quote: Range<usize>, owner: Option<Owner>, category: Category) -> Statement {
    Statement {
        at: quote.start,
        quote,
        owner,
        infrastructure: None,
        activity: Activity::Stores,
        category,
        form: Form::AsIs,
        at_rest: false,
        location: Stated::Known(Location::from(Rule::CustomerChoice)),
        in_it: false,
        relation: "in",
        modality: "is",
        negated: false,
        condition: None,
        retention: None,
        rule: "place-chosen".to_owned(),
        confidence: CONFIDENCE,
        bare: false,
        misspelt: None,
    }
}
