//! Products: what they were called and when, how they followed one another, what else gives them
//! away.
//!
//! A name may be several products' and a product has many names. Which of them a text means is
//! decided in `analyze::mentions`, from everything listed here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde::Deserialize;

use super::matcher::Matcher;
use super::urls::UrlRules;
use super::{
    CatalogError, Confidence, Date, DateConfidence, Fault, Row, Sources, Texts, overlay, slug,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProductId(u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameId(u32);

/// One continuous service, whatever it was called.
#[derive(Clone, Debug, PartialEq)]
pub struct Product {
    /// Stable: it outlives every rename.
    pub slug: String,
    pub kind: ProductKind,
    pub family: String,
    pub part_of: Option<ProductId>,
    pub status: Status,
    pub ended: Option<Ended>,
    pub wikidata: Option<Wikidata>,
    /// When a name of it means something else.
    pub ambiguity: Option<String>,
    pub notes: Option<String>,
    /// All its names, in the order of the file.
    pub names: Vec<NameId>,
    pub codes: Vec<Code>,
    pub urls: Vec<UrlPrefix>,
    /// Portals of the product.
    pub hosts: Vec<String>,
}

words! {
    ProductKind {
        Product = "product",
        Service = "service",
        Feature = "feature",
        Plan = "plan",
        App = "app",
        Brand = "brand",
        Suite = "suite",
        Portal = "portal",
        Company = "company",
        Cloud = "cloud",
        Program = "program",
        Api = "api",
        Family = "family",
        Codename = "codename",
    }
}

words! {
    Status {
        Active = "active",
        Renamed = "renamed",
        Retired = "retired",
        Replaced = "replaced",
        Merged = "merged",
        Split = "split",
        Acquired = "acquired",
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ended {
    pub date: Date,
    pub source: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wikidata {
    pub id: String,
    #[serde(default)]
    pub confidence: Confidence,
}

/// One surface form in one language.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    pub text: String,
    pub lang: String,
    /// Unique, for IRIs.
    pub slug: String,
    /// What it names: several products, or one in several eras. Never empty.
    pub uses: Vec<NameUse>,
    /// What must hold before it counts.
    pub needs: Vec<Need>,
}

impl Name {
    pub fn needs_exact_case(&self) -> bool {
        self.needs.contains(&Need::ExactCase)
    }

    /// Whether a code or an address must speak for the product.
    pub fn needs_evidence(&self) -> bool {
        self.needs.iter().any(|need| matches!(need, Need::Code | Need::Url))
    }
}

words! {
    Need {
        /// Capitals as written.
        ExactCase = "exact-case",
        /// A front-matter code of the page speaks for the product; one of this and `Url` is enough.
        Code = "code",
        /// The page's address, or the link around the name, speaks for the product.
        Url = "url",
    }
}

/// What a name stood for, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct NameUse {
    pub product: ProductId,
    /// The period of its official English name, from 1.
    pub era: u32,
    pub kind: NameKind,
    pub from: Option<Date>,
    /// The first day without it.
    pub until: Option<Date>,
    /// Versions it stays right for, whatever the date.
    pub applies_to: Option<String>,
    pub applies_source: Option<String>,
    /// The English name that a localised form stands for.
    pub translates: Option<String>,
    /// Times it was measured in aligned pages, and its share among the forms of that name.
    pub measured: Option<Measured>,
    pub source: String,
    pub confidence: Confidence,
    pub date_confidence: DateConfidence,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    pub uses: u32,
    pub share: f64,
    pub from: Date,
    pub until: Date,
}

words! {
    /// Best first.
    NameKind {
        Official = "official",
        Short = "short",
        Acronym = "acronym",
        /// Written, but never official.
        Legacy = "legacy",
        MachineTranslation = "machine-translation",
    }
}

/// A front-matter value that stands for a product.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    pub field: String,
    pub value: String,
    pub denotes: Denotes,
    /// Pages seen with it.
    pub paths: Option<u32>,
    pub seen_from: Option<Date>,
    pub seen_until: Option<Date>,
    pub source: String,
    #[serde(default = "sourced")]
    pub confidence: Confidence,
}

words! {
    /// Best first.
    Denotes {
        Exact = "exact",
        /// Several products.
        Family = "family",
        /// Often wrong.
        Ambiguous = "ambiguous",
    }
}

/// Addresses that begin so are the product's.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UrlPrefix {
    /// As first published, without scheme.
    pub prefix: String,
    /// Also the pages whose name goes on after a hyphen.
    #[serde(default)]
    pub stem: bool,
    pub source: String,
    #[serde(default = "sourced")]
    pub confidence: Confidence,
}

fn sourced() -> Confidence {
    Confidence::Sourced
}

/// How one product or name followed another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub id: String,
    pub kind: ChangeKind,
    pub from: End,
    pub to: End,
    pub date: Option<Date>,
    pub source: String,
    pub confidence: Confidence,
    pub date_confidence: DateConfidence,
    pub notes: Option<String>,
}

words! {
    ChangeKind {
        /// The same thing under a new name.
        Renamed = "renamed",
        /// `from` was folded into `to`.
        Merged = "merged",
        /// `to` was cut out of `from`.
        Split = "split",
        /// `from` was discontinued in favour of `to`.
        Replaced = "replaced",
        /// `from` was bought and became `to`.
        Acquired = "acquired",
    }
}

/// One side of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    pub product: ProductId,
    pub era: u32,
    pub name: Option<NameId>,
}

/// A front-matter value that is written wrongly.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeError {
    pub field: String,
    pub value: String,
    /// The code it should be; none: it is no code.
    pub means: Option<String>,
    pub note: Option<String>,
    pub source: String,
}

/// A link id of go.microsoft.com and what its labels name.
#[derive(Clone, Debug, PartialEq)]
pub struct Fwlink {
    pub id: String,
    pub product: Option<ProductId>,
    pub document: Option<String>,
    /// The part of the labels that name it.
    pub label_share: Option<f64>,
    /// Page versions with the link.
    pub versions: Option<u32>,
    pub source: String,
}

/// A link label in which translation tore a name apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TornLabel {
    pub lang: String,
    pub label: String,
    pub product: ProductId,
    /// The label it stands for.
    pub english: String,
    pub source: String,
}

/// A longer text with a name in it that is not meant.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StopPhrase {
    pub text: String,
    pub lang: String,
    pub reason: String,
    pub source: String,
}

/// Everything known about products, with the ways to find one.
#[derive(Clone, Debug, Default)]
pub struct Products {
    products: Vec<Product>,
    names: Vec<Name>,
    changes: Vec<Change>,
    code_errors: Vec<CodeError>,
    fwlinks: Vec<Fwlink>,
    torn_labels: Vec<TornLabel>,
    stop_phrases: Vec<StopPhrase>,
    by_slug: BTreeMap<String, ProductId>,
    by_words: BTreeMap<String, Vec<ProductId>>,
    by_code: BTreeMap<(String, String), Vec<(ProductId, Denotes)>>,
    by_url: BTreeMap<String, Prefix>,
    by_fwlink: BTreeMap<String, ProductId>,
    /// How words may end where a language goes on after a name.
    endings: BTreeMap<String, Vec<String>>,
    matcher: OnceLock<Matcher>,
}

#[derive(Clone, Copy, Debug)]
struct Prefix {
    product: ProductId,
    stem: bool,
}

impl Products {
    pub fn iter(&self) -> impl Iterator<Item = (ProductId, &Product)> {
        (0..).map(ProductId).zip(&self.products)
    }

    pub fn get(&self, id: ProductId) -> &Product {
        &self.products[id.0 as usize]
    }

    pub fn by_slug(&self, slug: &str) -> Option<ProductId> {
        self.by_slug.get(slug).copied()
    }

    /// English before others; a name's place in it is its id.
    pub fn names(&self) -> &[Name] {
        &self.names
    }

    pub fn names_by_id(&self) -> impl Iterator<Item = (NameId, &Name)> {
        (0..).map(NameId).zip(&self.names)
    }

    pub fn name(&self, id: NameId) -> &Name {
        &self.names[id.0 as usize]
    }

    /// By id.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    pub fn code_errors(&self) -> &[CodeError] {
        &self.code_errors
    }

    pub fn fwlinks(&self) -> &[Fwlink] {
        &self.fwlinks
    }

    pub fn torn_labels(&self) -> &[TornLabel] {
        &self.torn_labels
    }

    pub fn stop_phrases(&self) -> &[StopPhrase] {
        &self.stop_phrases
    }

    /// The products that a text may mean, best first: by id, name, code or the end of an IRI,
    /// whatever its case, its blanks and its hyphens.
    pub fn find(&self, text: &str) -> Vec<ProductId> {
        let text = text.trim().trim_matches(['<', '>']);
        let tail = if text.contains(['/', ':']) {
            text.rsplit(['/', '#', ':']).next().unwrap_or(text)
        } else {
            text
        };
        let words = slug(tail);
        let found = |words: &str| self.by_words.get(words).cloned();
        found(&words)
            .or_else(|| found(words.strip_prefix("microsoft-")?))
            .or_else(|| found(&format!("microsoft-{words}")))
            .unwrap_or_default()
    }

    /// The official English name on an ISO date; before the first one and after the last, that one.
    pub fn name_on(&self, product: ProductId, date: &str) -> Option<NameId> {
        let begun = |use_: &NameUse| use_.from.as_ref().is_none_or(|from| from.as_str() <= date);
        let official = self.official(product);
        let latest =
            official.iter().filter(|(_, use_)| begun(use_)).map(|(_, use_)| use_.era).max();
        let era = latest.or_else(|| official.iter().map(|(_, use_)| use_.era).min())?;
        official.iter().find(|(_, use_)| use_.era == era).map(|(name, _)| *name)
    }

    /// The newest official English name.
    pub fn current_name(&self, product: ProductId) -> Option<NameId> {
        let official = self.official(product);
        let era = official.iter().map(|(_, use_)| use_.era).max()?;
        official.iter().find(|(_, use_)| use_.era == era).map(|(name, _)| *name)
    }

    /// The first official English name of an era.
    pub fn name_of_era(&self, product: ProductId, era: u32) -> Option<NameId> {
        self.official(product).iter().find(|(_, use_)| use_.era == era).map(|(name, _)| *name)
    }

    /// The newest official English name as text, else the slug.
    pub fn label(&self, product: ProductId) -> &str {
        self.current_name(product).map_or(&self.get(product).slug, |name| &self.name(name).text)
    }

    fn official(&self, product: ProductId) -> Vec<(NameId, &NameUse)> {
        let of_name = |&id: &NameId| {
            let name = self.name(id);
            let uses = name.uses.iter().filter(|_| name.lang == "en");
            uses.filter(move |use_| use_.product == product && use_.kind == NameKind::Official)
                .map(move |use_| (id, use_))
        };
        self.get(product).names.iter().flat_map(of_name).collect()
    }

    /// The products a front-matter value stands for, exact ones first; known errors are read as
    /// what they mean.
    pub fn by_code(&self, field: &str, value: &str) -> &[(ProductId, Denotes)] {
        let key = (field.trim().to_lowercase(), value.trim().to_lowercase());
        self.by_code.get(&key).map_or(&[], Vec::as_slice)
    }

    /// The product whose prefix of a canonical address without scheme is longest.
    pub fn by_url(&self, url: &str) -> Option<ProductId> {
        let url = url.split(['?', '#']).next().unwrap_or(url).trim_end_matches('/').to_lowercase();
        let ends = url.char_indices().rev().filter(|(_, char)| matches!(char, '/' | '-'));
        std::iter::once((url.len(), '/')).chain(ends).find_map(|(end, char)| {
            let prefix = self.by_url.get(&url[..end])?;
            (char == '/' || prefix.stem).then_some(prefix.product)
        })
    }

    /// Finds names in texts; made when it is first asked for.
    pub fn matcher(&self) -> &Matcher {
        self.matcher.get_or_init(|| Matcher::new(self, self.endings.clone()))
    }

    /// The product that the labels of a go.microsoft.com link id name.
    pub fn by_fwlink(&self, id: &str) -> Option<ProductId> {
        self.by_fwlink.get(id).copied()
    }
}

// Reading.

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProductRow {
    id: String,
    kind: ProductKind,
    family: String,
    part_of: Option<String>,
    status: Status,
    ended: Option<Ended>,
    wikidata: Option<Wikidata>,
    ambiguity: Option<String>,
    notes: Option<String>,
    names: Vec<NameRow>,
    #[serde(default)]
    codes: Vec<Code>,
    #[serde(default)]
    urls: Vec<UrlPrefix>,
    #[serde(default)]
    hosts: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NameRow {
    text: String,
    lang: String,
    kind: NameKind,
    era: u32,
    from: Option<Date>,
    until: Option<Date>,
    applies_to: Option<String>,
    applies_source: Option<String>,
    translates: Option<String>,
    uses: Option<u32>,
    share: Option<f64>,
    seen_from: Option<Date>,
    seen_until: Option<Date>,
    source: String,
    #[serde(default = "sourced")]
    confidence: Confidence,
    date_confidence: Option<DateConfidence>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeRow {
    id: String,
    kind: ChangeKind,
    from: EndRow,
    to: EndRow,
    date: Option<Date>,
    source: String,
    #[serde(default = "sourced")]
    confidence: Confidence,
    date_confidence: Option<DateConfidence>,
    notes: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EndRow {
    product: String,
    era: u32,
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AddressFile {
    #[serde(default)]
    fwlinks: Vec<FwlinkRow>,
    #[serde(default)]
    torn_labels: Vec<TornRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FwlinkRow {
    id: String,
    product: Option<String>,
    document: Option<String>,
    label_share: Option<f64>,
    versions: Option<u32>,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TornRow {
    lang: String,
    label: String,
    product: String,
    english: String,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StopFile {
    #[serde(default)]
    exact_case: Vec<NameKind>,
    #[serde(default)]
    phrases: Vec<StopPhrase>,
    #[serde(default)]
    names: Vec<NeedRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NeedRow {
    text: String,
    lang: String,
    needs: Vec<Need>,
    #[serde(rename = "reason")]
    _reason: String,
    source: String,
}

impl Products {
    pub(super) fn read(
        texts: &Texts,
        sources: &Sources,
        urls: &UrlRules,
    ) -> Result<Self, CatalogError> {
        let rows = overlay(texts.parse::<Vec<ProductRow>>("products.yaml")?, |row| row.id.clone())?;
        let mut all = Self {
            by_slug: rows.iter().map(|row| row.key.clone()).zip((0..).map(ProductId)).collect(),
            ..Self::default()
        };
        for row in &rows {
            all.check(row, sources)?;
        }
        all.add_addresses(&rows, urls)?;
        let mut names = Names::default();
        for (i, row) in (0..).zip(rows) {
            all.add_product(ProductId(i), row.value, &mut names);
        }
        all.add_names(names);
        all.add_needs(texts, sources)?;
        all.add_codes(texts, sources)?;
        all.add_labels(texts, sources)?;
        all.add_changes(texts, sources)?;
        for (_, endings) in texts.parse::<BTreeMap<_, _>>("endings.yaml")? {
            all.endings.extend(endings);
        }
        all.index_words();
        Ok(all)
    }

    fn check(&self, row: &Row<ProductRow>, sources: &Sources) -> Result<(), CatalogError> {
        let product = &row.value;
        if let Some(whole) = &product.part_of {
            self.product(row, whole)?;
        }
        if let Some(ended) = &product.ended {
            row.needs_source(sources, &ended.source)?;
        }
        for name in &product.names {
            row.needs_source(sources, &name.source)?;
            if let Some(source) = &name.applies_source {
                row.needs_source(sources, source)?;
            }
            row.needs_order(name.from.as_ref(), name.until.as_ref())?;
            row.needs_order(name.seen_from.as_ref(), name.seen_until.as_ref())?;
        }
        for code in &product.codes {
            row.needs_source(sources, &code.source)?;
            row.needs_order(code.seen_from.as_ref(), code.seen_until.as_ref())?;
        }
        product.urls.iter().try_for_each(|url| row.needs_source(sources, &url.source))
    }

    fn product<T>(&self, row: &Row<T>, slug: &str) -> Result<ProductId, CatalogError> {
        self.by_slug(slug).ok_or_else(|| row.fault(Fault::Product(slug.to_owned())))
    }

    fn add_addresses(
        &mut self,
        rows: &[Row<ProductRow>],
        urls: &UrlRules,
    ) -> Result<(), CatalogError> {
        let canonical = |url: &str| {
            let url = url.trim_end_matches('/').to_lowercase();
            let (host, path) = url.split_at(url.find('/').unwrap_or(url.len()));
            format!("{}{path}", urls.hosts.get(host).map_or(host, String::as_str))
        };
        for (product, row) in (0..).map(ProductId).zip(rows) {
            for url in &row.value.urls {
                let prefix = Prefix { product, stem: url.stem };
                let before = self.by_url.insert(canonical(&url.prefix), prefix);
                if let Some(before) = before.filter(|before| before.product != product) {
                    let other = rows[before.product.0 as usize].key.clone();
                    return Err(row.fault(Fault::Address { url: url.prefix.clone(), other }));
                }
            }
        }
        // A portal's host is often given for the product behind it, too: the portal is what is
        // there.
        let portals_first =
            (0..).map(ProductId).zip(rows).filter(|(_, row)| row.value.kind == ProductKind::Portal);
        for (product, row) in portals_first.chain((0..).map(ProductId).zip(rows)) {
            for host in &row.value.hosts {
                self.by_url.entry(canonical(host)).or_insert(Prefix { product, stem: false });
            }
        }
        Ok(())
    }

    fn add_product(&mut self, id: ProductId, row: ProductRow, names: &mut Names) {
        for name in row.names {
            names.add(id, name);
        }
        self.products.push(Product {
            part_of: row.part_of.and_then(|slug| self.by_slug(&slug)),
            slug: row.id,
            kind: row.kind,
            family: row.family,
            status: row.status,
            ended: row.ended,
            wikidata: row.wikidata,
            ambiguity: row.ambiguity,
            notes: row.notes,
            names: Vec::new(),
            codes: row.codes,
            urls: row.urls,
            hosts: row.hosts,
        });
    }

    fn add_names(&mut self, names: Names) {
        let mut ids = BTreeMap::new();
        for ((text, lang), name) in names.with_slugs() {
            let id = NameId(self.names.len() as u32);
            ids.insert((text, lang), id);
            self.names.push(name);
        }
        for (product, key) in names.order {
            let id = ids[&key];
            let names = &mut self.products[product.0 as usize].names;
            if !names.contains(&id) {
                names.push(id);
            }
        }
    }

    fn add_needs(&mut self, texts: &Texts, sources: &Sources) -> Result<(), CatalogError> {
        let (mut kinds, mut phrases, mut needs) = (BTreeSet::new(), Vec::new(), Vec::new());
        for (file, stop) in texts.parse::<StopFile>("stop-phrases.yaml")? {
            kinds.extend(stop.exact_case);
            phrases.push((file.clone(), stop.phrases));
            needs.push((file, stop.names));
        }
        let phrases = overlay(phrases, |phrase| format!("{} ({})", phrase.text, phrase.lang))?;
        for row in phrases {
            row.needs_source(sources, &row.value.source)?;
            self.stop_phrases.push(row.value);
        }
        for name in &mut self.names {
            if name.uses.iter().all(|use_| kinds.contains(&use_.kind)) {
                name.needs.push(Need::ExactCase);
            }
        }
        for row in overlay(needs, |need| format!("{} ({})", need.text, need.lang))? {
            row.needs_source(sources, &row.value.source)?;
            let NeedRow { text, lang, needs, .. } = &row.value;
            let Some(name) =
                self.names.iter_mut().find(|name| name.text == *text && name.lang == *lang)
            else {
                return Err(row.fault(Fault::Name { text: text.clone(), lang: lang.clone() }));
            };
            name.needs.clone_from(needs);
        }
        Ok(())
    }

    fn add_codes(&mut self, texts: &Texts, sources: &Sources) -> Result<(), CatalogError> {
        let lower = |field: &str, value: &str| (field.to_lowercase(), value.to_lowercase());
        let mut by_code: BTreeMap<_, BTreeMap<ProductId, Denotes>> = BTreeMap::new();
        for (id, product) in self.iter() {
            for code in &product.codes {
                let denotes = by_code
                    .entry(lower(&code.field, &code.value))
                    .or_default()
                    .entry(id)
                    .or_insert(code.denotes);
                *denotes = code.denotes.min(*denotes);
            }
        }
        let errors = overlay(texts.parse::<Vec<CodeError>>("codes.yaml")?, |error| {
            format!("{} {}", error.field, error.value)
        })?;
        let mut meant = Vec::new();
        for row in errors {
            row.needs_source(sources, &row.value.source)?;
            let error = row.value.clone();
            if let Some(means) = &error.means {
                // A code in the wrong field means what it does in its own.
                let own = by_code.get(&lower(&error.field, means));
                let any = by_code
                    .iter()
                    .find(|((_, value), _)| *value == means.to_lowercase())
                    .map(|(_, codes)| codes);
                let codes = own.or(any).ok_or_else(|| row.fault(Fault::Code(means.clone())))?;
                meant.push((lower(&error.field, &error.value), codes.clone()));
            }
            self.code_errors.push(error);
        }
        for (key, codes) in meant {
            by_code.entry(key).or_insert(codes);
        }
        let sorted = |codes: BTreeMap<ProductId, Denotes>| {
            let mut codes: Vec<_> = codes.into_iter().collect();
            codes.sort_by_key(|&(product, denotes)| (denotes, product));
            codes
        };
        self.by_code = by_code.into_iter().map(|(key, codes)| (key, sorted(codes))).collect();
        Ok(())
    }

    fn add_labels(&mut self, texts: &Texts, sources: &Sources) -> Result<(), CatalogError> {
        let (mut fwlinks, mut torn) = (Vec::new(), Vec::new());
        for (file, addresses) in texts.parse::<AddressFile>("addresses.yaml")? {
            fwlinks.push((file.clone(), addresses.fwlinks));
            torn.push((file, addresses.torn_labels));
        }
        for row in overlay(fwlinks, |fwlink| fwlink.id.clone())? {
            row.needs_source(sources, &row.value.source)?;
            let product =
                row.value.product.as_ref().map(|slug| self.product(&row, slug)).transpose()?;
            let FwlinkRow { id, document, label_share, versions, source, .. } = row.value;
            if let Some(product) = product {
                self.by_fwlink.insert(id.clone(), product);
            }
            self.fwlinks.push(Fwlink { id, product, document, label_share, versions, source });
        }
        for row in overlay(torn, |torn| format!("{} ({})", torn.label, torn.lang))? {
            row.needs_source(sources, &row.value.source)?;
            let product = self.product(&row, &row.value.product)?;
            let TornRow { lang, label, english, source, .. } = row.value;
            self.torn_labels.push(TornLabel { lang, label, product, english, source });
        }
        Ok(())
    }

    fn add_changes(&mut self, texts: &Texts, sources: &Sources) -> Result<(), CatalogError> {
        let rows =
            overlay(texts.parse::<Vec<ChangeRow>>("changes.yaml")?, |change| change.id.clone())?;
        for row in &rows {
            row.needs_source(sources, &row.value.source)?;
            let from = self.end(row, &row.value.from)?;
            let to = self.end(row, &row.value.to)?;
            let change = &row.value;
            self.changes.push(Change {
                id: change.id.clone(),
                kind: change.kind,
                from,
                to,
                date: change.date.clone(),
                source: change.source.clone(),
                confidence: change.confidence,
                date_confidence: DateConfidence::of(change.date_confidence, change.confidence),
                notes: change.notes.clone(),
            });
        }
        if let Some((i, circle)) = self.circle() {
            return Err(rows[i].fault(Fault::Circle(circle)));
        }
        self.changes.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(())
    }

    fn end(&self, row: &Row<ChangeRow>, end: &EndRow) -> Result<End, CatalogError> {
        let product = self.product(row, &end.product)?;
        let uses = |name: &Name| {
            name.uses.iter().any(|use_| use_.product == product && use_.era == end.era)
        };
        let of_era: Vec<_> =
            self.get(product).names.iter().filter(|&&id| uses(self.name(id))).collect();
        if of_era.is_empty() {
            return Err(row.fault(Fault::Era { product: end.product.clone(), era: end.era }));
        }
        let Some(text) = &end.name else {
            return Ok(End { product, era: end.era, name: self.name_of_era(product, end.era) });
        };
        let english =
            |id: &&&NameId| self.name(***id).text == *text && self.name(***id).lang == "en";
        let Some(&&name) = of_era.iter().find(english) else {
            let fault =
                Fault::NameOf { product: end.product.clone(), era: end.era, name: text.clone() };
            return Err(row.fault(fault));
        };
        Ok(End { product, era: end.era, name: Some(name) })
    }

    /// A change that closes a circle over products in their eras, and the circle in words.
    fn circle(&self) -> Option<(usize, String)> {
        let node = |end: &End| (end.product, end.era);
        let mut next: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (i, change) in self.changes.iter().enumerate() {
            next.entry(node(&change.from)).or_default().push(i);
        }
        let mut done = BTreeSet::new();
        for &start in next.keys() {
            // Depth first; a step is a node with how many of its changes were followed.
            let mut path = vec![(start, 0)];
            while let Some((at, followed)) = path.last_mut() {
                let change = next.get(at).and_then(|changes| changes.get(*followed)).copied();
                *followed += 1;
                let Some(i) = change else {
                    done.insert(*at);
                    path.pop();
                    continue;
                };
                let to = node(&self.changes[i].to);
                if let Some(first) = path.iter().position(|(at, _)| *at == to) {
                    let steps = path[first..].iter().map(|(at, _)| *at).chain([to]);
                    let words: Vec<_> = steps
                        .map(|(product, era)| format!("{} (era {era})", self.get(product).slug))
                        .collect();
                    return Some((i, words.join(" → ")));
                }
                if !done.contains(&to) {
                    path.push((to, 0));
                }
            }
        }
        None
    }

    fn index_words(&mut self) {
        let mut ranked: BTreeMap<String, BTreeSet<(u8, bool, ProductId)>> = BTreeMap::new();
        let mut add = |words: String, rank: u8, past: bool, product: ProductId| {
            ranked.entry(words).or_default().insert((rank, past, product));
        };
        for (id, product) in self.iter() {
            add(slug(&product.slug), 0, false, id);
            for code in &product.codes {
                let rank = 5 + code.denotes as u8;
                add(slug(&code.value), rank, false, id);
            }
        }
        for name in &self.names {
            for use_ in &name.uses {
                let rank = match use_.kind {
                    NameKind::MachineTranslation => 9,
                    kind => 1 + kind as u8,
                };
                add(slug(&name.text), rank, use_.until.is_some(), use_.product);
                add(name.slug.clone(), rank, use_.until.is_some(), use_.product);
            }
        }
        let best_first = |found: BTreeSet<(u8, bool, ProductId)>| {
            let mut products = Vec::new();
            for (_, _, product) in found {
                if !products.contains(&product) {
                    products.push(product);
                }
            }
            products
        };
        self.by_words =
            ranked.into_iter().map(|(words, found)| (words, best_first(found))).collect();
    }
}

/// Names as they are collected: one per text and language.
#[derive(Default)]
struct Names {
    uses: BTreeMap<(String, String), Vec<NameUse>>,
    order: Vec<(ProductId, (String, String))>,
}

impl Names {
    fn add(&mut self, product: ProductId, row: NameRow) {
        let measured = match (row.uses, row.share, row.seen_from, row.seen_until) {
            (Some(uses), Some(share), Some(from), Some(until)) => {
                Some(Measured { uses, share, from, until })
            }
            _ => None,
        };
        let key = (row.text, row.lang);
        self.order.push((product, key.clone()));
        self.uses.entry(key).or_default().push(NameUse {
            product,
            era: row.era,
            kind: row.kind,
            from: row.from,
            until: row.until,
            applies_to: row.applies_to,
            applies_source: row.applies_source,
            translates: row.translates,
            measured,
            source: row.source,
            confidence: row.confidence,
            date_confidence: DateConfidence::of(row.date_confidence, row.confidence),
        });
    }

    /// English first and official first, so that these get the plain slugs.
    fn with_slugs(&self) -> Vec<((String, String), Name)> {
        let mut sorted: Vec<_> = self.uses.iter().collect();
        sorted.sort_by_key(|((text, lang), uses)| {
            let best = uses.iter().map(|use_| use_.kind).min();
            (lang != "en", best, text.as_str(), lang.as_str())
        });
        let mut taken: BTreeMap<String, &str> = BTreeMap::new();
        let mut names = Vec::new();
        for ((text, lang), uses) in sorted {
            let mut free = slug(text);
            if taken.get(&free).is_some_and(|other| other != lang) {
                free = format!("{free}-{lang}");
            }
            let plain = free.clone();
            for n in 2.. {
                if !taken.contains_key(&free) {
                    break;
                }
                free = format!("{plain}-{n}");
            }
            taken.insert(free.clone(), lang);
            let name = Name {
                text: text.clone(),
                lang: lang.clone(),
                slug: free,
                uses: uses.clone(),
                needs: Vec::new(),
            };
            names.push(((text.clone(), lang.clone()), name));
        }
        names
    }
}
