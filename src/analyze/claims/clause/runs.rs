//! Decides whether a service runs in a place, and which one.

use std::ops::Range;

use super::places::What;
use super::statement::Deed;
use super::{Clause, Owner, SUBJECT_REACH};
use crate::analyze::claims::passage::{Ruled, overlap};
use crate::catalog::languages::{Activity, Category, Mark};
use crate::catalog::places::WORLD;

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
        said == Activity::Stores
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
                let object = verb.end..deed.location.range.start.max(verb.end);
                p.begins(Mark::DataCenter, &object).is_some()
            })
        };
        let subject = deed.offered
            || !owners.is_empty()
            || (self.continues && stands_before())
            || runs_centres()
            || self.has_near(deed, Mark::Operator)
            || self.has_near(deed, Mark::DataCenter)
            || self.names_page_product(acts)
            || deed.lead.is_some();
        // "available worldwide" is no place where anything runs.
        let vague = deed.said != Activity::Operates
            && matches!(&deed.location.what, What::Places(codes) if codes.contains(WORLD))
            && self.centred(&deed.location.range).is_none()
            && !self.has_near(deed, Mark::DataCenter);
        (subject && !vague).then_some(())
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
