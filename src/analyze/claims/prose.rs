//! Reads paragraphs and bullets, sentence by sentence, with what each hands on to the next.

use std::ops::Range;

use super::clause::{self, Clause, Frame, Owner, Role};
use super::leads::{self, Lead};
use super::listed::Held;
use super::passage::{self, Passage};
use super::sentences::{self, clauses::clauses};
use super::{Location, Reader, Reading, asides, table};
use crate::catalog::languages::{ADPOSITIONS, Activity, Adpositions, Category, Mark, Rule};
use crate::model::BlockKind;
use crate::source::Span;

/// In bytes. What is longer is a list or data without stops, and states nothing that a reader could
/// find.
const LONGEST_SENTENCE: usize = 4000;

impl<'a> Reader<'a> {
    /// Reads a paragraph or bullet; gives the lead-in that it ends with.
    pub(super) fn prose(&mut self, index: usize, lead: Option<&Lead>) -> Option<Lead> {
        let topic = self.asked.take();
        let passage = self.passage(index)?;
        let whole = 0..passage.plain.len();
        if lead.is_some_and(|lead| lead.tells_how) && !passage.has_place(&whole) {
            return None;
        }
        let sentences = sentences::sentences(passage.text, whole.clone(), self.language);
        // "Yes. It is stored in …"
        let is_word = |sentence: &&Range<usize>| asides::is_answer_word(&passage, sentence);
        let first = sentences.iter().take_while(is_word).count();
        let lead = lead.filter(|lead| {
            let answer = sentences.get(first).cloned();
            let range = if lead.answers { answer } else { Some(whole.clone()) };
            range.is_some_and(|range| self.completes(&passage, index, range, lead))
        });
        let (mut last, mut announced, mut asked) = (None, None, None);
        let mut held: Option<Held> = None;
        let mut chosen: Option<Frame> = None;
        let (mut lists_choices, mut tells_how) = (false, false);
        let mut is_story = false;
        let is_choice =
            |reading: &Reading| reading.location == Location::from(Rule::CustomerChoice);
        for (i, sentence) in sentences.iter().enumerate() {
            is_story |= asides::opens_example(&passage, sentence);
            if is_story {
                continue;
            }
            let led = lead.filter(|_| i == first).or(asked.as_ref());
            if i < first {
                continue;
            }
            // "It is stored in …": what it is, the sentence before says.
            let refers =
                passage.has(Mark::Pronoun, sentence) && passage.categories(sentence).is_empty();
            let about = last.take().or_else(|| topic.clone().filter(|_| i == first));
            let spoken = about.filter(|_| refers);
            if self.labelled(&passage, index, sentence)
                || led.is_some_and(|lead| self.entry(&passage, index, sentence, lead))
            {
                continue;
            }
            let known = self.readings.len();
            last = self.sentence(&passage, index, sentence.clone(), led, spoken.as_ref(), false);
            let asks = leads::asks(&passage, sentence);
            if asks {
                last = self.topic(&passage, sentence);
                self.asked.clone_from(&last.clone().filter(|_| i + 1 == sentences.len()));
            }
            let next =
                sentences.get(i + 1).filter(|next| self.bare_places(&passage, (*next).clone()));
            asked = next.filter(|_| asks).and_then(|_| self.question(&passage, sentence.clone()));
            // A remark may stand between what announces a list and the list.
            if passage.announces(sentence) {
                tells_how = passage.plain[sentence.clone()].ends_with(passage::COLONS)
                    && passage.has(Mark::May, sentence)
                    && self.readings[known..].iter().any(is_choice);
                held = Held::by(&passage, sentence, &self.readings[known..]);
                announced = last.clone();
                let plain = announced.as_mut().filter(|frame| frame.announces_choices());
                if let Some((frame, chosen)) = plain.zip(chosen.as_ref()) {
                    *frame = Frame { range: frame.range.clone(), ..chosen.clone() };
                    lists_choices = true;
                }
            }
            if self.readings.len() == known {
                self.silent.push((index, sentence.clone()));
            }
            if self.readings[known..].iter().any(is_choice) {
                chosen = last.clone();
            }
        }
        let last = sentences.last().filter(|last| leads::asks(&passage, last));
        if let Some(asked) = last.and_then(|last| self.question(&passage, last.clone())) {
            return Some(asked);
        }
        let lead = self.lead_in(&passage, index, announced?, held, lists_choices)?;
        Some(Lead { tells_how: tells_how && lead.held.is_none() && !lists_choices, ..lead })
    }

    /// Whether a stretch completes a lead-in, and states nothing of its own instead.
    fn completes(
        &self,
        passage: &Passage<'a>,
        index: usize,
        range: Range<usize>,
        lead: &Lead,
    ) -> bool {
        let whole = 0..passage.plain.len();
        // Under a lead that leaves no place open, a bullet needs a verb or a preposition of its own.
        let has_own = || {
            let is_step = passage.begins(Mark::Step, &whole).is_some();
            let says = !passage.activities(&whole).is_empty() && !is_step;
            says || ADPOSITIONS.into_iter().any(|mark| passage.begins(mark, &whole).is_some())
        };
        // "Our data centers are located in …" is no answer to where data is, but says its own.
        let verb = passage.activities(&range).into_iter().next();
        let is_own = lead.answers
            && verb
                .is_some_and(|(verb, _)| passage.has(Mark::DataCenter, &(range.start..verb.start)));
        let is_item = self.blocks[index].kind == BlockKind::Item;
        let is_places = !lead.of_places
            || (!is_own
                && self.bare_places(passage, range.clone())
                && (!lead.answers || is_item || leads::only_says_where(passage, &range)));
        is_places && (lead.opens || has_own())
    }

    /// What a sentence that announces a list hands on to it.
    fn lead_in(
        &self,
        passage: &Passage<'a>,
        index: usize,
        mut frame: Frame,
        held: Option<Held>,
        lists_choices: bool,
    ) -> Option<Lead> {
        let block = &self.blocks[index];
        // "Data is available in these regions:" says that it is kept there, if places follow.
        let lists_data = frame.activities.is_empty()
            && frame.announces_data()
            && !asides::is_of_feature(passage, &frame.range);
        // "X can be deployed in these regions:" says that it runs there, if places follow.
        let lists_regions = frame.announces_regions();
        // "X has these data regions:" names places of data.
        let names_regions = frame.activities.is_empty()
            && frame.announces_choices()
            && passage.has(Mark::DataPlace, &frame.range);
        let of_places = lists_data || lists_regions || lists_choices || names_regions;
        if lists_data {
            frame.activities.push(Activity::Stores);
        } else if lists_regions {
            frame.activities = vec![Activity::Operates];
            frame.may = false;
        } else if names_regions {
            frame.activities = vec![Activity::Stores];
            frame.category = frame.category.or(Some(Category::Data));
        }
        if frame.activities.is_empty() && held.is_none() {
            return None;
        }
        // A lead-in is quoted with its colon, which is what makes it one.
        let start = frame.range.start;
        let span = block.text.file_span(Span::new(start, passage.plain.len()));
        let is_before = self.language.adpositions == Adpositions::Before;
        // What has its place is only completed by what has another one.
        let opens = held.is_none() && (!is_before || table::opens(passage, &frame.range, &frame));
        Some(Lead {
            frame,
            of_places,
            opens,
            answers: false,
            held,
            tells_how: false,
            span: Some(span),
            depth: block.depth + u8::from(block.kind == BlockKind::Item),
        })
    }

    /// Reads a sentence; gives what its last clause hands on, if it states something or what stands
    /// after it may go on from there.
    pub(super) fn sentence(
        &mut self,
        passage: &Passage<'a>,
        index: usize,
        sentence: Range<usize>,
        lead: Option<&Lead>,
        spoken: Option<&Frame>,
        in_table: bool,
    ) -> Option<Frame> {
        if sentence.len() > LONGEST_SENTENCE
            || leads::asks(passage, &sentence)
            || clause::is_framed(passage, Mark::Pointer, &sentence)
            || asides::is_step(passage, &sentence)
            || asides::is_entry(passage, &sentence)
        {
            return None;
        }
        // Only what stands after it may ask what its last clause hands on.
        let goes_on = in_table
            || passage.announces(&sentence)
            || passage.has(Mark::Pronoun, &(sentence.end..passage.plain.len()));
        let body = asides::without_example(passage, asides::without_opener(passage, sentence))?;
        if asides::is_only_condition(passage, &body) {
            return None;
        }
        let markers = sentences::markers(passage.plain, body.clone());
        let head = body.start..markers.first().copied().unwrap_or(body.end);
        let is_marked_bullet = !markers.is_empty() && head.is_empty();
        let known = self.readings.len();
        let goes_on = goes_on || !markers.is_empty();
        let mut frame = None;
        if !head.is_empty() {
            let bounds = clauses(passage, head);
            let last = bounds.len() - 1;
            let role = if lead.is_some() { Role::Completion } else { Role::Clause };
            for (i, bound) in bounds.into_iter().enumerate() {
                let product = self.about(passage, &body);
                let (role, inherited) = match (i, lead) {
                    (0, Some(lead)) => (role, Some(&lead.frame)),
                    (0, None) => (role, spoken),
                    _ => (Role::Clause, frame.as_ref()),
                };
                let clause = Clause::new(passage, bound, role, inherited, product.as_ref());
                let from = lead.filter(|_| role == Role::Completion).and_then(|lead| lead.span);
                self.take(passage, index, clause.statements(), from, in_table);
                let is_asked = i < last || goes_on || self.readings.len() > known;
                let next = is_asked.then(|| {
                    let mut next = clause.frame();
                    next.instructs |= i > 0 && frame.as_ref().is_some_and(|frame| frame.instructs);
                    next
                });
                frame = next;
            }
        }
        let led = frame.clone();
        let given = if is_marked_bullet { lead.map(|lead| &lead.frame) } else { led.as_ref() };
        let mut handed = given.cloned();
        for (i, &start) in markers.iter().enumerate() {
            let end = markers.get(i + 1).copied().unwrap_or(body.end);
            let product = self.about(passage, &body);
            let from = if is_marked_bullet {
                lead.and_then(|lead| lead.span)
            } else {
                led.as_ref().map(|frame| {
                    passage.text.file_span(Span::new(frame.range.start, frame.range.end))
                })
            };
            // ", except in Norway, where …" says its own.
            let mut before: Option<Frame> = None;
            for bound in clauses(passage, start..end) {
                let (role, from, inherited) = match &before {
                    None => (Role::Completion, from, handed.as_ref()),
                    Some(before) => (Role::Clause, None, Some(before)),
                };
                let clause = Clause::new(passage, bound, role, inherited, product.as_ref());
                let next = clause.frame();
                self.take(passage, index, clause.statements(), from, in_table);
                // "(a) in Norwegen gespeichert oder (b) in Schweden": the first has the verb of all.
                if before.is_none() && handed.as_ref().is_some_and(|led| led.activities.is_empty())
                {
                    handed = Some(next.clone());
                }
                before = Some(next);
            }
        }
        frame
    }

    /// What a sentence is about that names nothing else: what its heading names, unless the place is
    /// told by that as by another product.
    pub(super) fn about(&self, passage: &Passage<'a>, sentence: &Range<usize>) -> Option<Owner> {
        let page = self.product();
        let is_other = |owner: &&Owner| {
            let mut named = passage.products_in(sentence);
            let rules = || passage.rules(sentence, page.and_then(|page| page.product));
            named.any(|named| {
                let is_it = Some(named.product) == owner.product;
                is_it && rules().iter().any(|ruled| passage::contains(&ruled.range, &named.range))
            })
        };
        self.section.as_ref().filter(|owner| !is_other(owner)).or(page).cloned()
    }
}
