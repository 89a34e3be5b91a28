//! Finds whose data a clause speaks of, or which service runs: the products that it names, or those
//! handed on to it.

use std::ops::Range;

use super::extent::is_comma;
use super::subject::AUXILIARIES;
use super::{Clause, Owner, Role, SUBJECT_REACH};
use crate::analyze::claims::passage::{Named, contains, overlap};
use crate::analyze::claims::rules::Ruled;
use crate::catalog::languages::{ADPOSITIONS, Category, Cue, Mark, VerbOrder};

/// How many words the name of a service has that the catalog does not know.
const NAME: usize = 3;

impl<'a> Clause<'_, 'a> {
    /// The owners named before, if the clause goes on about the same thing.
    pub(super) fn handed(&self, without_data: bool) -> Vec<Owner> {
        let goes_on = self.role == Role::Completion || self.continues || without_data;
        self.inherited.filter(|_| goes_on).map(|frame| frame.owners.clone()).unwrap_or_default()
    }

    /// Whether products only say whose subscribers something is for, where the page is about another:
    /// "for Contoso 365 or Contoso Mail subscribers".
    fn is_of_subscribers(&self, named: &[&Named], at: usize) -> bool {
        let p = self.passage;
        let chain = self.chain(named, at);
        let name = named[chain.start].range.start..named[chain.end - 1].range.end;
        let before = self.main.start.min(name.start)..name.start;
        let who = p.marks(Mark::People, &(name.end..self.quote.end.max(name.end))).next();
        let is_for = p.marks(Mark::Of, &before).last().is_some_and(|of| {
            p.words(before.start..of.start) == 0 && p.words(of.end..name.start) <= AUXILIARIES
        });
        let follows = |who: Range<usize>| {
            let between = name.end..who.start;
            p.words(between.clone()) <= 1 && !p.plain[between].contains(is_comma)
        };
        self.product.is_some() && is_for && who.is_some_and(follows)
    }

    /// Whether the subject of a clause is the page's product, which the catalog need not know.
    pub(super) fn names_page_product(&self, subject: &Range<usize>) -> bool {
        let p = self.passage;
        let text = &p.plain[subject.clone()];
        self.product.is_some_and(|page| {
            let at = text.find(page.written.as_str()).map(|at| subject.start + at);
            at.is_some_and(|at| {
                let end = at + page.written.len();
                p.words(subject.start..at) <= 1 && p.words(end..subject.end) <= SUBJECT_REACH
            })
        })
    }

    /// The products that a clause says something of the data by, if it names no others: "data that
    /// Contoso Mail collects is stored …", "data is stored by Contoso Mail in …". Gives the first.
    fn handles(
        &self,
        named: &[&Named],
        data: &Range<usize>,
        verb: Option<&Range<usize>>,
        until: usize,
    ) -> Option<usize> {
        let p = self.passage;
        // "every mailbox and Contoso site" lists what holds content.
        if self.is_content(data) {
            return None;
        }
        let first = named.iter().position(|named| data.end <= named.range.start)?;
        let chain = self.chain(named, first);
        let name = &named[first].range;
        let end = named[chain.end - 1].range.end;
        let describes = end <= until
            && p.words(data.end..name.start) <= AUXILIARIES
            && p.words(end..until) <= AUXILIARIES;
        let is_agent = || {
            verb.is_some_and(|verb| {
                let between = verb.end..name.start.max(verb.end);
                p.words(between.clone()) == 1
                    && !ADPOSITIONS.into_iter().any(|mark| p.has(mark, &between))
            })
        };
        let is_owner = (describes && !self.is_where(data, name)) || is_agent();
        (chain == (first..named.len()) && is_owner).then_some(first)
    }

    fn is_content(&self, data: &Range<usize>) -> bool {
        self.passage.hits(data).any(|hit| hit.cue == Cue::Category(Category::Content))
    }

    /// Whether a product is what data is stored in, and not whose it is: "backups in X in the region".
    fn is_where(&self, data: &Range<usize>, name: &Range<usize>) -> bool {
        let p = self.passage;
        let next = name.end..self.main.end;
        p.begins(Mark::In, &(data.end..name.start)).is_some()
            && p.begins(Mark::In, &next).is_some_and(|at| p.words(next.start..at.start) == 0)
    }

    /// Whose data it is, or which service runs: empty for the page's own product.
    pub(super) fn owners(
        &self,
        rules: &[Ruled<'a>],
        data: Option<&Range<usize>>,
        verb: Option<&Range<usize>>,
        until: usize,
    ) -> Vec<Owner> {
        let p = self.passage;
        let all: Vec<&Named> = p.products_in(&self.main).collect();
        let could_own = |&i: &usize| {
            !all[i].background
                && !rules.iter().any(|ruled| overlap(&ruled.range, &all[i].range))
                && !self.is_of_subscribers(&all, i)
        };
        let named: Vec<&Named> = (0..all.len()).filter(could_own).map(|i| all[i]).collect();
        // The page's own product may be a longer name that begins with a known one.
        let own = |named: &Named| {
            let rest = &p.plain[named.range.start..];
            self.product.filter(|page| {
                page.written.len() > named.range.len() && rest.starts_with(page.written.as_str())
            })
        };
        let owner = |named: &Named| {
            own(named).cloned().unwrap_or_else(|| Owner {
                product: Some(named.product),
                written: p.plain[named.range.clone()].to_owned(),
            })
        };
        // "X (Y)" may name one product twice.
        let chained = |at: usize| -> Vec<Owner> {
            let mut owners: Vec<Owner> = self.chain(&named, at).map(|i| owner(named[i])).collect();
            owners.dedup_by(|next, first| next.product.is_some() && next.product == first.product);
            owners
        };
        let position = |one: &Named| named.iter().position(|named| named.range == one.range);
        if let Some(data) = data {
            // "X and Y cannot move": what opens the clause holds data itself.
            let itself = named.iter().position(|named| contains(&named.range, data));
            let front = itself.filter(|&at| {
                let first = &named[self.chain(&named, at).start].range;
                p.words(self.main.start..first.start) == 0
            });
            if let Some(at) = front {
                return chained(at);
            }
            let before: Vec<&&Named> = named
                .iter()
                .filter(|named| {
                    named.range.end <= data.start && p.words(named.range.end..data.start) <= 1
                })
                .filter(|named| !p.has(Mark::In, &(named.range.end..data.start)))
                .collect();
            let first = named.iter().position(|named| named.range.start >= data.end);
            let after = first.filter(|&i| {
                let between = data.end..named[i].range.start;
                let of = p.begins(Mark::Of, &between);
                // "la boîte aux lettres Contoso"; "les sites X et Y" are listed for the page's product.
                let is_beside = p.plain[between.clone()].trim().is_empty()
                    && (self.chain(&named, i).len() == 1 || !self.is_content(data));
                (is_beside || of.is_some_and(|of| p.words(of.end..between.end) == 0))
                    && !self.is_where(data, &named[i].range)
            });
            if let Some(first) = after {
                return chained(first);
            }
            if let Some(last) = before.last() {
                // Several kinds of containers are listed for the page's product, not for each of
                // their owners; "X data and Y data" is that of each.
                let chain = position(last).map(|at| self.chain(&named, at)).unwrap_or_default();
                let joined = |other: &&&Named| {
                    other.product == last.product
                        || position(other).is_some_and(|at| chain.contains(&at))
                        || (last.range.end <= other.range.start
                            && p.is_join(data.end..other.range.start))
                };
                let all: Vec<Owner> = named.iter().filter(joined).map(|n| owner(n)).collect();
                let is_content = self.is_content(data);
                let several = all.iter().any(|other| other.product != Some(last.product));
                return match several {
                    true if is_content => Vec::new(),
                    true => all,
                    false => vec![owner(last)],
                };
            }
            // "X doesn't store customer data outside …": who does it to the data owns it.
            let acts = |named: &&&Named| {
                let is_active = verb.is_some_and(|verb| {
                    let last = self.last_of_run(verb, data.start);
                    named.range.end <= verb.start
                        && last <= data.start
                        && p.words(named.range.end..verb.start) <= AUXILIARIES
                        && p.words(last..data.start) <= AUXILIARIES
                        && !p.plain[last..data.start].contains(is_comma)
                });
                is_active && p.words(self.main.start..named.range.start) <= 1
            };
            // "X delivers services from … with data residency in …": what the clause begins with.
            let leads = |named: &&&Named| {
                let next = p.verbs(&(named.range.end..self.main.end)).into_iter().next();
                p.words(self.main.start..named.range.start) == 0
                    && next.is_some_and(|(next, _)| {
                        next.end <= data.start && p.words(named.range.end..next.start) == 0
                    })
            };
            // "For X and Y, …"; "besides X and Y, …" is about others.
            let is_about = |first: &usize| {
                let chain = self.chain(&named, *first);
                let before = self.main.start..named[chain.start].range.start;
                chain.len() == 1
                    || p.words(before.clone()) == 0
                    || p.begins(Mark::Of, &before).is_some()
            };
            // "With X, you can keep data in …": what opens the clause, and nothing else is named.
            let opens = |first: &usize| {
                let chain = self.chain(&named, *first);
                let before = self.main.start..named[chain.start].range.start;
                let last = &named[chain.end - 1].range;
                p.words(before) == 1
                    && last.end <= data.start
                    && p.words(last.end..data.start) <= AUXILIARIES
                    && p.products_in(&(last.end..data.start)).next().is_none()
                    && p.activities(&(last.end..data.start)).len() <= 1
            };
            // "X and Y already provide data residency": each of the names that open the clause.
            let provides = self.provides_residency(verb);
            let opens_with = |first: &&Named| p.words(self.main.start..first.range.start) <= 1;
            if provides && named.first().is_some_and(opens_with) {
                return chained(0);
            }
            let subject = named.iter().find(acts).or_else(|| named.iter().find(leads));
            let first = subject.and_then(|subject| position(subject));
            let first = first.or_else(|| (0..named.len()).find(opens)).filter(is_about);
            let first = first.or_else(|| self.handles(&named, data, verb, until));
            return first.map(chained).unwrap_or_default();
        }
        let limit = until;
        let directly = |name: &Range<usize>| {
            let before = self.main.start..name.start;
            let near = |mark| {
                let last = p.marks(mark, &before).last();
                last.is_some_and(|range| p.words(range.end..name.start) <= 1)
            };
            [Mark::In, Mark::To, Mark::From, Mark::Via, Mark::Of].into_iter().any(near)
        };
        // "for X and Y": what governs the first of several governs all.
        let governed = |name: &Range<usize>| {
            let before = p.products_in(&(self.main.start..name.start));
            let joined = before.filter(|other| p.is_join(other.range.end..name.start)).last();
            directly(name) || joined.is_some_and(|other| directly(&other.range))
        };
        // "… where the tenant of Widgets was created" only tells which place.
        let described = |name: &Range<usize>| {
            verb.is_none() && p.has(Mark::Relative, &(self.main.start..name.start))
        };
        let free = |named: &&&Named| {
            let name = &named.range;
            name.end <= limit && !governed(name) && !described(name)
        };
        let near = |named: &&&Named| p.words(named.range.end..limit) <= 2 * SUBJECT_REACH;
        // "X is the system for Y and runs in …": what the clause begins with.
        let begins = |named: &&&Named| p.words(self.main.start..named.range.start) == 0;
        let subject = named.iter().filter(free).find(near);
        let subject = subject.or_else(|| named.iter().filter(free).find(begins));
        // In inverted order the subject follows the verb: "runs today the service X in …".
        let inverted = verb.filter(|_| p.language.verb != VerbOrder::First).and_then(|verb| {
            named.iter().find(|named| {
                named.range.start >= verb.end && p.words(verb.end..named.range.start) <= 1
            })
        });
        subject.or(inverted).and_then(|named| position(named)).map(chained).unwrap_or_default()
    }

    /// Services that the catalog does not know, several names before a verb and nothing else: "BCS,
    /// Widget Store and Apps have separate instances in …". Where nouns have capitals, it tells
    /// nothing.
    pub(super) fn listed_names(&self, until: usize) -> Vec<Owner> {
        let p = self.passage;
        let before = self.main.start..until.max(self.main.start);
        let joins: Vec<Range<usize>> =
            p.marks(Mark::Join, &before).filter(|join| join.end < until).collect();
        let is_thing =
            |cue: Cue| matches!(cue, Cue::Category(_) | Cue::Place(_) | Cue::Mark(Mark::People));
        let Some(last) = joins.last() else { return Vec::new() };
        if p.language.capital_nouns || p.hits(&before).any(|hit| is_thing(hit.cue)) {
            return Vec::new();
        }
        let ahead = p.plain[before.start..last.start].split(',').map(str::trim);
        let ahead = ahead.filter(|part| !part.is_empty());
        let parts: Vec<&str> = ahead.chain([p.plain[last.end..until].trim()]).collect();
        let end = parts.len() - 1;
        let names = parts.iter().enumerate().map(|(i, part)| {
            let words: Vec<&str> = part.split_whitespace().collect();
            let capital = |word: &&&str| word.starts_with(char::is_uppercase);
            let name: Vec<&str> = match i {
                0 => words.iter().rev().take_while(capital).copied().collect(),
                _ => words.iter().take_while(capital).copied().collect(),
            };
            let others = words.len() - name.len();
            let fits = if i == 0 || i == end { others <= AUXILIARIES } else { others == 0 };
            let from = if i == 0 { others } else { 0 };
            (!name.is_empty() && name.len() <= NAME && fits)
                .then(|| words[from..from + name.len()].join(" "))
        });
        let names: Option<Vec<String>> = names.collect();
        let owner = |written: String| Owner { product: None, written };
        names.unwrap_or_default().into_iter().map(owner).collect()
    }

    /// The names that are coordinated with one of them: "X, Y and Z".
    fn chain(&self, named: &[&Named], at: usize) -> Range<usize> {
        let p = self.passage;
        let is_joined = |&i: &usize| {
            let between = named[i].range.end..named[i + 1].range.start;
            let is_listed =
                p.words(between.clone()) == 0 && !p.plain[between.clone()].trim().is_empty();
            p.is_join(between.clone()) && (is_listed || p.has(Mark::Break, &between))
        };
        let start = (0..at).rev().take_while(is_joined).last().unwrap_or(at);
        let end = (at..named.len() - 1).take_while(is_joined).last().map_or(at, |i| i + 1);
        start..end + 1
    }
}
