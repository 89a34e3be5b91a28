//! Finds whose data a clause speaks of, or which service runs: the products that it names, or those
//! handed on to it.

use std::ops::Range;

use super::extent::is_comma;
use super::subject::AUXILIARIES;
use super::{Clause, Owner, Role, SUBJECT_REACH};
use crate::analyze::claims::passage::{Named, overlap};
use crate::analyze::claims::rules::Ruled;
use crate::catalog::languages::{ADPOSITIONS, Category, Cue, Mark, VerbOrder};

impl<'a> Clause<'_, 'a> {
    /// The owners named before, if the clause goes on about the same thing.
    pub(super) fn handed(&self, without_data: bool) -> Vec<Owner> {
        let goes_on = self.role == Role::Completion || self.continues || without_data;
        self.inherited.filter(|_| goes_on).map(|frame| frame.owners.clone()).unwrap_or_default()
    }

    /// Whether a product only says whose subscribers something is for, where the page is about another:
    /// "for Contoso 365 subscribers".
    fn is_of_subscribers(&self, name: &Range<usize>) -> bool {
        let p = self.passage;
        let before = self.main.start.min(name.start)..name.start;
        let who = p.marks(Mark::People, &(name.end..self.quote.end.max(name.end))).next();
        let is_for = p.marks(Mark::Of, &before).last().is_some_and(|of| {
            p.words(before.start..of.start) == 0 && p.words(of.end..name.start) <= AUXILIARIES
        });
        self.product.is_some() && is_for && who.is_some_and(|who| p.words(name.end..who.start) <= 1)
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

    /// The one product that a clause says something of the data by: "data that Contoso Mail collects
    /// is stored …", "data is stored by Contoso Mail in …".
    fn handles<'n>(
        &self,
        named: &'n [&'n Named],
        data: &Range<usize>,
        verb: Option<&Range<usize>>,
        until: usize,
    ) -> Option<&'n &'n Named> {
        let p = self.passage;
        // "every mailbox and Contoso site" lists what holds content.
        if self.is_content(data) {
            return None;
        }
        let mut others = named.iter().filter(|named| data.end <= named.range.start);
        let only = others.next().filter(|_| others.next().is_none())?;
        let name = &only.range;
        let describes = name.end <= until
            && p.words(data.end..name.start) <= AUXILIARIES
            && p.words(name.end..until) <= AUXILIARIES;
        let is_agent = || {
            verb.is_some_and(|verb| {
                let between = verb.end..name.start.max(verb.end);
                p.words(between.clone()) == 1
                    && !ADPOSITIONS.into_iter().any(|mark| p.has(mark, &between))
            })
        };
        ((describes && !self.is_where(data, name)) || is_agent()).then_some(only)
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
        let named: Vec<&Named> = p
            .products_in(&self.main)
            .filter(|named| {
                !named.background
                    && !rules.iter().any(|ruled| overlap(&ruled.range, &named.range))
                    && !self.is_of_subscribers(&named.range)
            })
            .collect();
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
        // A name with those coordinated with it after it: "X, Y and Z".
        let coordinated = |first: usize| {
            let mut owners = vec![owner(named[first])];
            for pair in named[first..].windows(2) {
                if !p.is_join(pair[0].range.end..pair[1].range.start) {
                    break;
                }
                owners.push(owner(pair[1]));
            }
            owners
        };
        if let Some(data) = data {
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
                of.is_some_and(|of| p.words(of.end..between.end) == 0)
                    && !self.is_where(data, &named[i].range)
            });
            if let Some(first) = after {
                return coordinated(first);
            }
            if let Some(last) = before.last() {
                // Several kinds of containers are listed for the page's product, not for each of
                // their owners; "X data and Y data" is that of each.
                let joined = |other: &&&Named| {
                    other.product == last.product
                        || p.is_join(other.range.end..last.range.start)
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
                    named.range.end <= verb.start
                        && verb.end <= data.start
                        && p.words(named.range.end..verb.start) <= AUXILIARIES
                        && p.words(verb.end..data.start) <= AUXILIARIES
                        && !p.plain[verb.end..data.start].contains(is_comma)
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
            // "With X, you can keep data in …": what opens the clause, and nothing else is named.
            let opens = |named: &&&Named| {
                let before = self.main.start..named.range.start;
                p.words(before.clone()) == 1
                    && named.range.end <= data.start
                    && p.words(named.range.end..data.start) <= AUXILIARIES
                    && p.products_in(&(named.range.end..data.start)).next().is_none()
                    && p.activities(&(named.range.end..data.start)).len() <= 1
            };
            // "X and Y already provide data residency": each of the names that open the clause.
            let provides = self.provides_residency(verb);
            let opens_with = |first: &&Named| p.words(self.main.start..first.range.start) <= 1;
            if provides && named.first().is_some_and(opens_with) {
                return coordinated(0);
            }
            let subject = named.iter().find(acts).or_else(|| named.iter().find(leads));
            let subject = subject.or_else(|| named.iter().find(opens));
            let subject = subject.or_else(|| self.handles(&named, data, verb, until));
            return subject.map(|named| vec![owner(named)]).unwrap_or_default();
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
        subject.or(inverted).map(|named| vec![owner(named)]).unwrap_or_default()
    }
}
