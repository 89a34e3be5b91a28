//! Reads what leads to the words after it: headings and questions that ask where data is, labels, and
//! what a sentence leaves open for its list.

use std::ops::Range;

use super::clause::{Clause, Frame, Owner, Role};
use super::listed::Held;
use super::passage::{self, Passage};
use super::{Reader, sentences, table};
use crate::catalog::languages::{Activity, Category, Cue, Mark};
use crate::source::Span;

/// How many words a label has: "data storage location:".
pub(super) const LABEL: usize = 6;

/// How many words the label of an entry has: "customers with a billing address in the EU: …".
const ENTRY: usize = 12;
/// What parts a label from what it tells apart.
const PARTINGS: [&str; 5] = [": ", "：", " – ", " — ", " - "];

/// A lead-in and where it stands.
pub(super) struct Lead {
    pub frame: Frame,
    /// Whether only places complete it.
    pub of_places: bool,
    /// Whether it leaves a place open: else what completes it has a preposition of its own.
    pub opens: bool,
    /// Whether a paragraph completes it too, by its first sentence: a question, or a heading that
    /// asks.
    pub answers: bool,
    /// What it states by itself of whatever its list holds.
    pub held: Option<Held>,
    /// Whether it says by itself where the customer can have data, so that its list tells how to get
    /// it there: "you can place mailboxes in the region of your choice by:".
    pub tells_how: bool,
    /// None if it is no text of the page.
    pub span: Option<Span>,
    pub depth: u8,
}

impl<'a> Reader<'a> {
    /// What a heading asks for, if it asks or tells where data is: places below it answer.
    pub(super) fn asked(&self, heading: usize) -> Option<Lead> {
        let passage = self.passage(heading)?;
        let whole = 0..passage.plain.len();
        self.question(&passage, whole)
    }

    /// What a heading says of the list right below it, if it says where data is: "Data stored in
    /// Norway". By itself it states nothing.
    pub(super) fn headline(&mut self, heading: usize) -> Option<Lead> {
        let passage = self.passage(heading)?;
        let whole = 0..passage.plain.len();
        let (known, antecedent) = (self.readings.len(), self.antecedent.take());
        let frame = self.sentence(&passage, heading, whole.clone(), None, None, false);
        let readings = self.readings.split_off(known);
        self.antecedent = antecedent;
        let frame = frame.filter(|frame| frame.names_data)?;
        let held = Held::below(&passage, &whole, readings)?;
        let span = passage.text.file_span(Span::new(whole.start, whole.end));
        Some(Lead {
            frame,
            of_places: false,
            opens: false,
            answers: false,
            held: Some(held),
            tells_how: false,
            span: Some(span),
            depth: 0,
        })
    }

    /// What a question is about, if it is about data: its answer may only say "it".
    pub(super) fn topic(&self, passage: &Passage<'a>, range: &Range<usize>) -> Option<Frame> {
        let (_, category) = passage.categories(range).into_iter().next()?;
        let frame = || Frame {
            category: Some(category),
            owners: owner(passage, range).into_iter().collect(),
            names_data: true,
            ..Frame::default()
        };
        let is_question = asks(passage, range) || self.question(passage, range.clone()).is_some();
        is_question.then(frame)
    }

    /// What a heading or sentence asks for, if it asks where data is.
    pub(super) fn question(&self, passage: &Passage<'a>, range: Range<usize>) -> Option<Lead> {
        let categories = passage.categories(&range);
        let activities = passage.activities(&range).into_iter().map(|(_, activity)| activity);
        let activity = activities.rev().find(|activity| {
            !matches!(activity, Activity::Operates | Activity::Located | Activity::Accesses)
        });
        let of_data = !categories.is_empty()
            && (passage.has(Mark::Places, &range) || passage.has(Mark::Relative, &range));
        let asks = passage.has(Mark::DataPlace, &range) || of_data;
        let is_other = [Mark::Available, Mark::Not, Mark::Outside, Mark::Example, Mark::Law];
        if !asks
            || passage.has_place(&range)
            || is_other.into_iter().any(|mark| passage.has(mark, &range))
        {
            return None;
        }
        let frame = Frame {
            activities: vec![activity.or(table::noun(passage, &range)).unwrap_or(Activity::Stores)],
            category: Some(categories.first().map_or(Category::Data, |&(_, category)| category)),
            at_rest: passage.has(Mark::AtRest, &range),
            owners: owner(passage, &range).into_iter().collect(),
            to_places: true,
            names_data: true,
            ..Frame::default()
        };
        let span = passage.text.file_span(Span::new(range.start, range.end));
        Some(Lead {
            frame,
            of_places: true,
            opens: true,
            answers: true,
            held: None,
            tells_how: false,
            span: Some(span),
            depth: 0,
        })
    }

    /// Reads "Data location: Norway": a label that tells where data is, and places.
    pub(super) fn labelled(
        &mut self,
        passage: &Passage<'a>,
        index: usize,
        line: &Range<usize>,
    ) -> bool {
        let Some(colon) = passage.plain[line.clone()].find(passage::COLONS) else { return false };
        let label = line.start..line.start + colon;
        let value = sentences::trim(passage.plain, label.end..line.end, |c| !c.is_alphanumeric());
        if value.is_empty()
            || passage.words(label.clone()) > LABEL
            || !self.bare_places(passage, value.clone())
        {
            return false;
        }
        let Some(lead) = self.question(passage, label) else { return false };
        let product = self.about(passage, line);
        let clause =
            Clause::new(passage, value, Role::Completion, Some(&lead.frame), product.as_ref());
        let mut statements = clause.statements();
        statements.iter_mut().for_each(|statement| statement.quote = line.clone());
        let found = !statements.is_empty();
        self.take(passage, index, statements, None, false);
        found
    }

    /// Reads "Logs: Norway", which completes a lead-in: what a label tells apart, and its place.
    pub(super) fn entry(
        &mut self,
        passage: &Passage<'a>,
        index: usize,
        line: &Range<usize>,
        lead: &Lead,
    ) -> bool {
        let text = &passage.plain[line.clone()];
        // Only among places a dash parts more than a name.
        let partings = if lead.frame.to_places { &PARTINGS[..] } else { &PARTINGS[..2] };
        let parted = partings.iter().filter_map(|parting| Some((text.find(parting)?, parting)));
        let Some((at, parting)) = parted.min() else { return false };
        let label = sentences::trim(passage.plain, line.start..line.start + at, is_edge);
        let value =
            sentences::trim(passage.plain, line.start + at + parting.len()..line.end, is_edge);
        let is_rule = || {
            let page = self.product().and_then(|page| page.product);
            passage.activities(&value).is_empty() && !passage.rules(&value, page).is_empty()
        };
        if label.is_empty()
            || value.is_empty()
            || passage.words(label.clone()) > ENTRY
            || !passage.activities(&label).is_empty()
            || passage.has(Mark::Not, line)
            || !(self.bare_places(passage, value.clone()) || is_rule())
        {
            return false;
        }
        let named = owner(passage, &label).filter(|_| !passage.has(Mark::People, &label));
        let category = passage.categories(&label).into_iter().next().map(|(_, category)| category);
        let told = named.is_none() && category.is_none();
        let frame = Frame {
            owners: named.map_or_else(|| lead.frame.owners.clone(), |owner| vec![owner]),
            category: category.or(lead.frame.category),
            condition: told.then(|| passage.plain[label].to_owned()),
            ..lead.frame.clone()
        };
        let product = self.about(passage, line);
        let clause = Clause::new(passage, value, Role::Completion, Some(&frame), product.as_ref());
        let mut statements = clause.statements();
        statements.iter_mut().for_each(|statement| statement.quote = line.clone());
        let found = !statements.is_empty();
        self.take(passage, index, statements, lead.span, false);
        found
    }

    /// Whether a stretch names places and says nothing else of them than that something is in them.
    pub(super) fn bare_places(&self, passage: &Passage<'a>, range: Range<usize>) -> bool {
        let body = unlabelled(passage, range);
        let after = passage.begins(Mark::In, &body).filter(|mark| mark.end < body.end);
        let rest = after.map_or(body.start, |mark| mark.end)..body.end;
        self.only_places(passage, &rest).is_some()
    }
}

/// A stretch without the letter that some pages set before an answer: "A: In Norway."
fn unlabelled(passage: &Passage<'_>, range: Range<usize>) -> Range<usize> {
    let body = sentences::trim(passage.plain, range, |c| !c.is_alphanumeric());
    let label = passage.plain[body.clone()].find(passage::COLONS).filter(|&at| at == 1);
    body.start + label.map_or(0, |at| at + 1)..body.end
}

fn is_edge(c: char) -> bool {
    !c.is_alphanumeric() && !matches!(c, '(' | ')')
}

/// Whether a sentence is a question.
pub(super) fn asks(passage: &Passage<'_>, sentence: &Range<usize>) -> bool {
    passage.plain[sentence.clone()].trim_end().ends_with(['?', '？'])
}

/// The first product that a question names.
pub(super) fn owner(passage: &Passage<'_>, range: &Range<usize>) -> Option<Owner> {
    let named = passage.products_in(range).find(|named| !named.background)?;
    let written = passage.plain[named.range.clone()].to_owned();
    Some(Owner { product: Some(named.product), written })
}

/// Whether an answer has no words but places and what stands beside them: "sold in Norway" does not
/// answer where data is.
pub(super) fn only_says_where(passage: &Passage<'_>, answer: &Range<usize>) -> bool {
    let answer = &unlabelled(passage, answer.clone());
    let beside = [
        Mark::In,
        Mark::To,
        Mark::From,
        Mark::Join,
        Mark::DataCenter,
        Mark::Places,
        Mark::AtRest,
        Mark::Opener,
        Mark::Answer,
    ];
    let is_where = |cue: Cue| match cue {
        Cue::Place(_) | Cue::Adjective(_) => true,
        Cue::Mark(mark) => beside.contains(&mark),
        _ => false,
    };
    let hits = passage.hits(answer).filter(|hit| is_where(hit.cue)).map(|hit| hit.range.clone());
    let named = passage.products_in(answer).map(|named| named.range.clone());
    let mut known: Vec<Range<usize>> = hits.chain(named).collect();
    known.sort_by_key(|range| (range.start, range.end));
    let mut at = answer.start;
    let mut others = 0;
    for range in known {
        others += passage.words(at..range.start.max(at));
        at = at.max(range.end);
    }
    others += passage.words(at..answer.end);
    // Without blanks a copula closes what says where.
    others == 0 || !passage.language.spaced
}
