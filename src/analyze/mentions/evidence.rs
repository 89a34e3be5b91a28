//! Decides which product a name means, and whether it means one at all.
//!
//! Where several are possible they are ranked by what points at them: the English side of the unit,
//! the link around the name, the page's codes, its address, and last how far its date is from the
//! name's. Dates rank and never reject: texts use names long before and after their time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::units::Unit;
use crate::analyze::Context;
use crate::catalog::matcher::{Found, is_beginning};
use crate::catalog::products::{Name, NameKind, NameUse, ProductKind};
use crate::catalog::{Catalog, Date, Denotes, NameId, ProductId};
use crate::model::PageVersion;

/// What the page as a whole says about the products it is about.
pub struct Evidence<'a> {
    catalog: &'a Catalog,
    lang: &'a str,
    /// The page's own address.
    base: Option<Url>,
    /// What stands at that address.
    here: Option<ProductId>,
    codes: BTreeMap<ProductId, Denotes>,
    day: Option<i64>,
}

/// What there is around one name.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    pub written: &'a str,
    /// On the page's side of a bilingual page: the unit, with what its English side names.
    pub unit: Option<&'a Unit>,
    /// Of the link whose label the name stands in.
    pub href: Option<&'a str>,
    /// The label says nothing else.
    pub is_label: bool,
    /// A capital says nothing here.
    pub begins_sentence: bool,
}

/// Of two candidates the one with the greater rank is meant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    aligned: bool,
    linked: bool,
    /// 2 for the product, 1 for its family.
    code: u8,
    here: bool,
    /// In days.
    distance: Reverse<i64>,
    own_language: bool,
    as_written: bool,
    first: Reverse<(ProductId, NameId)>,
}

struct Candidate<'a> {
    id: NameId,
    name: &'a Name,
    use_: &'a NameUse,
    rank: Rank,
}

impl<'a> Evidence<'a> {
    pub fn new(catalog: &'a Catalog, context: Context<'a>, page: &PageVersion) -> Self {
        let mut codes: BTreeMap<ProductId, Denotes> = BTreeMap::new();
        for (key, value) in page.metadata() {
            for &(product, denotes) in catalog.products.by_code(key, value) {
                let best = codes.entry(product).or_insert(denotes);
                *best = denotes.min(*best);
            }
        }
        Self {
            catalog,
            lang: language(context.locale),
            base: context
                .address
                .and_then(|address| Url::parse(&format!("https://{address}")).ok()),
            here: context.address.and_then(|address| catalog.products.by_url(address)),
            codes,
            day: context.date.map(day),
        }
    }

    /// The product that a name means, and the name. `named` are products that the page names beyond
    /// doubt.
    pub fn decide(
        &self,
        found: &Found,
        around: &Surroundings<'_>,
        named: &BTreeSet<ProductId>,
    ) -> Option<(NameId, ProductId)> {
        let uses = || {
            found.names.iter().flat_map(|&id| {
                self.catalog.products.name(id).uses.iter().map(move |use_| (id, use_))
            })
        };
        let (_, first) = uses().next().expect("every name has a use");
        let is_contested = uses().any(|(_, use_)| use_.product != first.product);
        let is_doubtful =
            found.names.iter().any(|&id| doubtful(self.catalog.products.name(id), around));
        // Most names have one meaning, and addresses are slow to read.
        let linked = if is_contested || is_doubtful || around.is_label {
            self.linked(around.href)
        } else {
            None
        };
        let best = uses()
            .map(|(id, use_)| self.candidate(id, use_, around, linked, is_contested))
            .filter(|candidate| {
                !doubtful(candidate.name, around) || self.speaks_for(candidate, named)
            })
            .max_by_key(|candidate| candidate.rank)?;
        let meant = best.use_.product;
        if best.rank.aligned {
            return Some((best.id, meant));
        }
        if let Some(unit) = around.unit {
            // Names are identified on the English side: what it lacks is a piece of a name, or
            // another word.
            let meant = match self.torn(&best, unit).as_slice() {
                [] => Some(meant).filter(|_| stands_alone(&best)),
                [whole] => Some(*whole),
                _ => None,
            };
            return meant.map(|meant| (best.id, meant));
        }
        let cut = linked.filter(|&product| around.is_label && self.may_be_cut(&best, product));
        Some((best.id, cut.unwrap_or(meant)))
    }

    fn candidate(
        &self,
        id: NameId,
        use_: &'a NameUse,
        around: &Surroundings<'_>,
        linked: Option<ProductId>,
        is_contested: bool,
    ) -> Candidate<'a> {
        let name = self.catalog.products.name(id);
        let product = use_.product;
        let aligned =
            around.unit.is_some_and(|unit| unit.named.iter().any(|(named, _)| *named == product));
        let rank = Rank {
            aligned,
            linked: linked == Some(product),
            code: match self.codes.get(&product) {
                Some(Denotes::Exact) => 2,
                Some(Denotes::Family) => 1,
                Some(Denotes::Ambiguous) | None => 0,
            },
            here: self.here == Some(product),
            distance: Reverse(if is_contested { self.distance(use_) } else { 0 }),
            own_language: name.lang == self.lang,
            as_written: name.text == around.written,
            first: Reverse((product, id)),
        };
        Candidate { id, name, use_, rank }
    }

    /// Whether anything besides the word says that this product is meant.
    fn speaks_for(&self, candidate: &Candidate<'_>, named: &BTreeSet<ProductId>) -> bool {
        let product = candidate.use_.product;
        let whole = self.catalog.products.get(product).part_of;
        let is_about = |product: ProductId| {
            self.here == Some(product) || self.codes.get(&product) == Some(&Denotes::Exact)
        };
        candidate.rank.aligned
            || candidate.rank.linked
            || is_about(product)
            || whole.is_some_and(is_about)
            || candidate.name.lang == "en" && named.contains(&product)
    }

    /// The products of the English side whose names go on where this one ends: "Microsoft Defender
    /// … van eindpunt" for "Microsoft Defender for Endpoint".
    fn torn(&self, candidate: &Candidate<'_>, unit: &Unit) -> Vec<ProductId> {
        let products = &self.catalog.products;
        let longer = |(_, name): &&(ProductId, NameId)| {
            is_beginning(&candidate.name.text, &products.name(*name).text)
        };
        let mut longer: Vec<_> =
            unit.named.iter().filter(longer).map(|(product, _)| *product).collect();
        longer.sort();
        longer.dedup();
        longer
    }

    /// Whether a label may be the beginning of the name of what it links to: a portal behind the
    /// name of its product, or a product behind the name of its brand.
    fn may_be_cut(&self, candidate: &Candidate<'_>, target: ProductId) -> bool {
        let products = &self.catalog.products;
        let (here, there) = (products.get(candidate.use_.product), products.get(target));
        (there.kind == ProductKind::Portal || there.family == here.slug)
            && there
                .names
                .iter()
                .any(|&name| is_beginning(&candidate.name.text, &products.name(name).text))
    }

    /// What stands at an address as written on the page.
    fn linked(&self, href: Option<&str>) -> Option<ProductId> {
        let products = &self.catalog.products;
        let rules = &self.catalog.urls;
        let href = href.filter(|href| !href.starts_with('#'))?;
        let url = match &self.base {
            Some(base) => base.join(href).ok()?,
            None if href.starts_with('/') => Url::parse(&rules.site).ok()?.join(href).ok()?,
            None => Url::parse(href).ok()?,
        };
        let written = url.host_str()?;
        let host = rules.hosts.get(written).map_or(written, String::as_str);
        if let Some(key) = rules
            .opaque
            .iter()
            .find(|opaque| opaque.host == host)
            .and_then(|opaque| opaque.query.as_deref())
        {
            let (_, id) = url.query_pairs().find(|(name, _)| name.eq_ignore_ascii_case(key))?;
            return products.by_fwlink(&id);
        }
        let mut path = url.path().trim_start_matches('/');
        if rules.localized.contains(host)
            && let Some((first, rest)) = path.split_once('/')
            && self.is_locale(first)
        {
            path = rest;
        }
        while let Some(shorter) =
            rules.dropped_suffixes.iter().find_map(|suffix| path.strip_suffix(suffix.as_str()))
        {
            path = shorter;
        }
        products.by_url(&format!("{host}/{path}"))
    }

    /// Whether a part of an address is a locale of the site, not a word of that shape: `/to-do/`.
    fn is_locale(&self, part: &str) -> bool {
        self.catalog.locales.iter().any(|locale| locale.tag.eq_ignore_ascii_case(part))
    }

    /// How many days the page is away from the time of a name; 0 within it, or where one of them is
    /// unknown.
    fn distance(&self, use_: &NameUse) -> i64 {
        let Some(today) = self.day else { return 0 };
        let measured = use_.measured.as_ref();
        let from = use_.from.as_ref().or(measured.map(|measured| &measured.from));
        let until = use_
            .until
            .as_ref()
            .or(measured.map(|measured| &measured.until).filter(|_| use_.from.is_none()));
        let before = from.map_or(0, |from| day(&from.earliest()) - today);
        let after = until.map_or(0, |until: &Date| today - day(&until.latest()));
        before.max(after).max(0)
    }
}

/// Whether a name must be spoken for before it counts.
fn doubtful(name: &Name, around: &Surroundings<'_>) -> bool {
    let is_word = !name.text.contains([' ', '-']) && name.text.chars().any(char::is_lowercase);
    name.needs_evidence() || is_word && name.needs_exact_case() && around.begins_sentence
}

/// Whether a name is one even where the English side has none: no single word, and no invention of
/// a machine.
fn stands_alone(candidate: &Candidate<'_>) -> bool {
    candidate.name.text.contains([' ', '-']) && candidate.use_.kind != NameKind::MachineTranslation
}

/// The language of a locale: `nl` of `nl-NL`.
pub fn language(locale: &str) -> &str {
    locale.split('-').next().unwrap_or(locale)
}

/// The number of a day, counted from any. `date` begins as ISO dates do.
fn day(date: &str) -> i64 {
    let mut parts = date.split(['-', 'T']).map(|part| part.parse::<i64>().unwrap_or(1));
    let mut next = || parts.next().unwrap_or(1);
    let (year, month, day) = (next(), next(), next());
    // Counted in years that begin in March, so that the leap day is the last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    365 * year + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (153 * month + 2) / 5
        + day
}
