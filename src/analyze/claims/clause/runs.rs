//! Decides whether a service runs in a place, and which one.

use std::ops::Range;

use super::deed::Deed;
use super::extent::is_blank;
use super::places::{Found, What};
use super::{Clause, Owner, SUBJECT_REACH};
use crate::analyze::claims::passage::{Named, overlap};
use crate::analyze::claims::rules::Ruled;
use crate::catalog::languages::{Activity, Category, Mark, Rule, VerbOrder};

/// How many auxiliaries and adverbs may stand between a subject and its verb: "is currently".
const AUXILIARIES: usize = 2;
/// How far from the verb a name may begin that the clause opens with.
const NAME_REACH: usize = 4;

impl<'a> Clause<'_, 'a> {
    /// Whether something that runs is meant by a verb of storing: a service that is provisioned in
    /// data centers runs there, and so does what it runs on.
    pub(super) fn is_provisioned(
        &self,
        deed: &Deed<'_, 'a>,
        said: Activity,
        data: &[(Option<Range<usize>>, Category)],
        rules: &[Ruled<'a>],
    ) -> bool {
        let in_centres = || {
            deed.is_place()
                && self.passage.has(Mark::DataCenter, &self.main)
                && !self.owners(rules, None, deed.verb, deed.acts.end).is_empty()
        };
        // "The models are stored in …": what runs is data too.
        let is_kept = deed.verb.is_some_and(|verb| self.is_marked(Mark::Kept, verb));
        // "X provides data residency in data centers of …": data is there.
        let is_residency = self.provides_residency(deed.verb);
        said == Activity::Stores
            && !is_kept
            && !is_residency
            && data.is_empty()
            && !deed.contained
            && deed.lead.is_none()
            && deed.verb.is_some()
            && ((self.has_near(deed, Mark::Operator) && (deed.is_place() || deed.is_tied()))
                || in_centres())
    }

    /// Whether what runs is data: "queries run in the region of the workspace".
    pub(super) fn is_run(
        &self,
        deed: &Deed<'_, 'a>,
        data: &[(Option<Range<usize>>, Category)],
    ) -> bool {
        let p = self.passage;
        let subject = data
            .iter()
            .find_map(|(range, category)| range.clone().filter(|_| *category != Category::Data));
        subject.zip(deed.verb).is_some_and(|(subject, verb)| {
            subject.end <= verb.start && p.words(subject.end..verb.start) <= 1
        }) && !self.has_near(deed, Mark::Operator)
    }

    /// Whether something comes from a place: from its data centers, or "is delivered from London".
    pub(super) fn comes(&self, location: &Found<'a>, verb: Option<&Range<usize>>) -> bool {
        let p = self.passage;
        let beside = verb.is_some_and(|verb| {
            let at = self.preposition(&location.range);
            let follows = at.is_some_and(|(_, at)| {
                verb.end <= at.start
                    && p.words(verb.end..at.start) == 0
                    && p.marks(Mark::From, &self.main).any(|mark| overlap(&mark, &at))
            });
            follows && self.ends_with(Mark::Operator, self.main.start..verb.start)
        });
        // A rule that another place decides is none of where anything runs.
        let is_known = match &location.what {
            What::Places(_) => true,
            What::Rule(ruled) => {
                matches!(
                    ruled.rule,
                    Rule::TenantGeo | Rule::CustomerChoice | Rule::NearestDatacenter
                )
            }
        };
        is_known && (self.is_from_centre(location) || beside)
    }

    /// Whether something is to be had in a place because it runs there: "endpoints are available in
    /// …", "the service is available in the regions …".
    pub(super) fn is_offered_in(&self, location: &Found<'a>, verb: Option<&Range<usize>>) -> bool {
        let p = self.passage;
        let is_place = matches!(location.what, What::Places(_));
        // "in den" can be either, and nothing is offered into a place.
        let is_at = match p.language.verb {
            VerbOrder::First => location.relation == Mark::In,
            _ => matches!(location.relation, Mark::In | Mark::To),
        };
        let is_in = is_at && is_place && !p.has(Mark::Not, &self.main);
        let Some(verb) = verb.filter(|_| is_in) else { return false };
        let acts = self.main.start..verb.start.min(location.range.start).max(self.main.start);
        // "offers data residency in …": data is there, whatever runs.
        let object = verb.end..location.range.start.max(verb.end);
        if !p.categories(&acts).is_empty() || p.has(Mark::DataPlace, &object) {
            return false;
        }
        let service = |range: &Range<usize>| {
            let named = p.products_in(range).last();
            // "X-enabled servers are available in …": a longer name may begin with a known one.
            let near = |named: &Named| {
                let opens = p.words(range.start..named.range.start) <= 1;
                p.words(named.range.end..range.end) <= if opens { NAME_REACH } else { AUXILIARIES }
            };
            named.is_some_and(near)
                || self.ends_with(Mark::Operator, range.clone())
                || self.names_page_product(range)
        };
        // "Zurzeit unterstützt X die Regionen …": the subject follows its verb.
        let follows = || {
            let named = p.products_in(&object).next();
            p.language.verb != VerbOrder::First
                && named.is_some_and(|named| p.words(object.start..named.range.start) <= 1)
        };
        let centred = self.centred(&location.range).filter(|centre| {
            !p.marks(Mark::Country, &self.main).any(|country| overlap(&country, centre))
        });
        p.marks(Mark::Available, &self.main).any(|mark| overlap(&mark, verb))
            && (p
                .marks(Mark::Facility, &acts)
                .last()
                .is_some_and(|at| p.words(at.end..acts.end) <= SUBJECT_REACH)
                || (centred.is_some() && (service(&acts) || follows())))
    }

    /// Whether a stretch ends with a mark, but for auxiliaries.
    fn ends_with(&self, mark: Mark, range: Range<usize>) -> bool {
        let p = self.passage;
        p.marks(mark, &range).last().is_some_and(|at| p.words(at.end..range.end) <= AUXILIARIES)
    }

    /// Whether a service has data centers, which its verb says by its object: "uses three data centers
    /// in …". Where the verb does not come first, the subject may follow it.
    pub(super) fn has_centres(&self, verb: &Range<usize>) -> bool {
        let p = self.passage;
        let (ahead, behind) = (self.main.start..verb.start, verb.end..self.main.end);
        let is_near = |between: Range<usize>| {
            p.named_words(between.clone()) <= SUBJECT_REACH
                && p.verbs(&between).is_empty()
                && p.categories(&between).is_empty()
        };
        let order = p.language.verb;
        let centres = |within: &Range<usize>| -> Vec<Range<usize>> {
            let marks = [Mark::DataCenter, Mark::Facility].into_iter();
            marks.flat_map(|mark| p.marks(mark, within)).collect()
        };
        let before = || centres(&ahead).into_iter().find(|centre| is_near(centre.end..verb.start));
        let after = || centres(&behind).into_iter().find(|centre| is_near(verb.end..centre.start));
        let late = Some(()).filter(|()| order != VerbOrder::Last).and_then(|()| after());
        let early = Some(()).filter(|()| order != VerbOrder::First).and_then(|()| before());
        let Some(object) = late.or(early) else { return false };
        // "the regions have …" is no subject and its object at once.
        let subjects = |within: &Range<usize>| -> Vec<Range<usize>> {
            let acts = [Mark::Operator, Mark::DataCenter].into_iter();
            let acts = acts.flat_map(|mark| p.marks(mark, within));
            let all = acts.chain(p.products_in(within).map(|named| named.range.clone()));
            all.filter(|subject| !overlap(subject, &object)).collect()
        };
        let stands_before = || {
            let mut ends = subjects(&ahead).into_iter().map(|subject| subject.end);
            let near = |end: usize| p.words(end..verb.start) <= AUXILIARIES;
            ends.any(near) || self.names_page_product(&ahead)
        };
        // Where the verb comes last, its object parts it from its subject.
        let opens = || {
            let starts = |subject: Range<usize>| p.words(self.main.start..subject.start) <= 1;
            object.end <= verb.start && subjects(&ahead).into_iter().any(starts)
        };
        let is_inverted = || {
            let mut starts = subjects(&behind).into_iter().map(|subject| subject.start);
            p.language.verb != VerbOrder::First && starts.any(|start| p.words(verb.end..start) <= 1)
        };
        stands_before() || is_inverted() || opens()
    }

    /// Finds what runs, beside the owners that are known; none if nothing does. It stands before the
    /// verb, or is the place's own data centre: "we launched the … region".
    pub(super) fn running(&self, deed: &Deed<'_, 'a>, owners: &mut Vec<Owner>) -> Option<()> {
        let p = self.passage;
        let acts = &deed.acts;
        // "The cloud X is delivered from …": clouds own no data, but they run somewhere.
        let cloud = p.products_in(acts).next().filter(|named| {
            named.background
                && p.words(acts.start..named.range.start) <= 1
                && p.words(named.range.end..deed.acts.end) <= SUBJECT_REACH
        });
        if owners.is_empty()
            && let Some(cloud) = cloud
            && !p.has(Mark::Operator, &cloud.range)
        {
            let written = p.plain[cloud.range.clone()].to_owned();
            owners.push(Owner { product: Some(cloud.product), written });
        }
        // "… to the service, which is hosted in …".
        let stands_before = || {
            let before = 0..self.quote.start;
            let last = p.marks(Mark::Operator, &before).map(|mark| mark.end);
            let named = p.products_in(&before).map(|named| named.range.end);
            last.chain(named).max().is_some_and(|end| p.words(end..before.end) == 0)
        };
        // "operamos centros de datos en …": who does is in the verb.
        let runs_centres = || {
            deed.verb.is_some_and(|verb| {
                let has = p.marks(Mark::Has, &self.main).any(|has| has == *verb);
                let object = verb.end..deed.location.range.start.max(verb.end);
                has || p.begins(Mark::DataCenter, &object).is_some()
            })
        };
        // "The Italian data center region will open": the place is that of the subject.
        let is_centre = || {
            deed.verb.filter(|_| self.preposition(&deed.location.range).is_none()).is_some_and(
                |verb| {
                    self.centred(&deed.location.range).is_some_and(|centre| {
                        deed.location.range.end <= verb.start
                            && centre.end <= verb.start
                            && p.words(deed.location.range.end.max(centre.end)..verb.start)
                                <= AUXILIARIES
                    })
                },
            )
        };
        // "Vanaf volgend jaar draait de service in …": the subject follows its verb.
        let is_inverted = || {
            p.language.verb != VerbOrder::First
                && deed.verb.is_some_and(|verb| {
                    let after = verb.end..deed.location.range.start.max(verb.end);
                    let subject = p.marks(Mark::Operator, &after).next();
                    subject.is_some_and(|subject| p.words(verb.end..subject.start) <= 1)
                })
        };
        // "comes from the nearest data center": what comes, the clause has to say.
        let subject = (deed.offered && deed.is_place())
            || is_centre()
            || is_inverted()
            || !owners.is_empty()
            || (self.continues && stands_before())
            || runs_centres()
            || self.has_near(deed, Mark::Operator)
            || self.has_near(deed, Mark::DataCenter)
            || self.names_page_product(acts)
            || deed.lead.is_some();
        // "available worldwide" is no place where anything runs.
        let vague = deed.said != Activity::Operates
            && deed.location.is_world()
            && self.centred(&deed.location.range).is_none()
            && !self.has_near(deed, Mark::DataCenter);
        (subject && !vague).then_some(())
    }

    /// What stands right before a clause without a subject of its own, and where it begins: a product,
    /// or a name that ends with a word for a service.
    pub(super) fn head(&self, deed: &Deed<'_, 'a>) -> Option<(usize, Owner)> {
        let p = self.passage;
        let verb = deed.verb.filter(|verb| p.words(self.main.start..verb.start) <= AUXILIARIES)?;
        let before = p.plain[..self.quote.start].trim_end();
        let is_inside = before.ends_with(['(', '（']);
        if !(self.continues || is_inside) || self.has_near(deed, Mark::Operator) {
            return None;
        }
        let text = before.trim_end_matches(|c: char| is_blank(c) || matches!(c, '(' | '（'));
        let ends = |range: &Range<usize>| range.end <= verb.start && range.end == text.len();
        if let Some(named) = p.products_in(&(0..text.len())).find(|named| ends(&named.range)) {
            let written = p.plain[named.range.clone()].to_owned();
            let owner = Owner { product: Some(named.product), written };
            return Some((named.range.start, owner)).filter(|_| !named.background);
        }
        let noun = p.marks(Mark::Operator, &(0..text.len())).find(ends)?;
        let is_name = |word: &&str| word.starts_with(char::is_uppercase);
        let names = text[..noun.start].rsplit(' ').skip(1).take_while(is_name);
        let length: usize = names.map(|word| word.len() + 1).sum();
        let start = noun.start.checked_sub(length)?;
        // The article of a sentence has a capital and is no part of the name.
        let article = p.begins(Mark::Join, &(start..noun.start)).filter(|word| word.start == start);
        let name = text[article.map_or(start, |word| word.end)..].trim_start();
        let start = text.len() - name.len();
        let is_proper =
            name.starts_with(char::is_uppercase) && p.language.spaced && !p.language.capital_nouns;
        is_proper.then(|| (start, Owner { product: None, written: name.to_owned() }))
    }

    /// Whether a mark is near the verb in the words where the subject stands.
    pub(super) fn has_near(&self, deed: &Deed<'_, 'a>, mark: Mark) -> bool {
        let p = self.passage;
        // "in the chosen region … runs": the rule's own words are no subject.
        let is_rule = |at: &Range<usize>| !deed.is_place() && overlap(&deed.location.range, at);
        let last = p.marks(mark, &deed.acts).filter(|range| !is_rule(range)).last();
        last.is_some_and(|range| p.words(range.end..deed.acts.end) <= SUBJECT_REACH)
    }
}
