//! Places: countries, groupings with dated members, wide areas, cities, and the vendor's
//! geographies.
//!
//! The layers are never merged: "Europe" is an area, an Azure geography and a Power Platform
//! geography. Which of them a page means is decided in `analyze::claims`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{
    CatalogError, Confidence, Date, DateConfidence, Fault, InFile, Row, Sources, Texts, overlay,
    slug,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlaceId(u32);

#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// `US`, `EU`, `x-europe`, `DE:frankfurt`, `azure:westeurope`, `m365:AU`, `macro:EMEA`.
    pub code: String,
    pub kind: PlaceKind,
    pub iri: PlaceIri,
    /// In English.
    pub name: String,
    /// How texts name it.
    pub surfaces: Vec<Surface>,
    /// What it lies in today, directly and further out; sorted.
    pub within: Vec<PlaceId>,
    /// Members, each with its dates.
    pub compositions: Vec<Composition>,
    /// Groupings it belongs or belonged to.
    pub memberships: Vec<Membership>,
    pub wikidata: Option<String>,
    pub m49: Option<String>,
    /// The code of the multi-geo list.
    pub multi_geo: Option<String>,
    /// Since when the vendor offers it, and until when.
    pub available: Option<Dated>,
    pub closed: Option<Dated>,
    /// The geography that served it before.
    pub previous: Option<PlaceId>,
    /// Countries whose tenants it serves, where these are listed.
    pub tenants: Vec<PlaceId>,
    /// Where its copies go: directional, as published.
    pub pairs: Vec<PlaceId>,
    /// A separate cloud that it is part of.
    pub cloud: Option<String>,
    pub ambiguity: Option<String>,
    pub notes: Option<String>,
    pub source: String,
    pub confidence: Confidence,
}

words! {
    PlaceKind {
        Country = "country",
        Grouping = "grouping",
        Area = "area",
        City = "city",
        AzureGeography = "azure-geography",
        AzureRegion = "azure-region",
        Microsoft365Geo = "microsoft-365-geo",
        Microsoft365Macro = "microsoft-365-macro-geography",
        PowerPlatformGeo = "power-platform-geo",
    }
}

impl PlaceKind {
    /// Whether a claim names such places; the others are the vendor's.
    pub fn is_plain(self) -> bool {
        matches!(self, Self::Country | Self::Grouping | Self::Area | Self::City)
    }
}

/// Where the IRI of a place is minted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlaceIri {
    /// In DPV's list of locations: `US`.
    Loc(String),
    /// Ours, below `place/`: `x-europe`, `de-frankfurt`.
    Place(String),
    /// Ours, below `geo/`: `azure-westeurope`.
    Geo(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Surface {
    pub text: String,
    pub lang: String,
    pub kind: Option<SurfaceKind>,
    /// The year or month a text with it was read.
    pub seen: Option<Date>,
    pub uses: Option<u32>,
    pub source: String,
    #[serde(default = "sourced")]
    pub confidence: Confidence,
}

words! {
    SurfaceKind {
        /// Names the place only before a data centre.
        Adjective = "adjective",
        MachineTranslation = "machine-translation",
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composition {
    pub name: Option<String>,
    pub from: Option<Date>,
    /// The first day without.
    pub until: Option<Date>,
    /// The day of the source's list, where it says neither.
    pub as_of: Option<Date>,
    pub members: Vec<PlaceId>,
    pub source: String,
    pub confidence: Confidence,
    pub date_confidence: DateConfidence,
    pub notes: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    pub of: PlaceId,
    pub from: Option<Date>,
    pub until: Option<Date>,
    pub source: String,
    pub confidence: Confidence,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dated {
    pub date: Date,
    pub source: String,
    #[serde(default = "sourced")]
    pub confidence: Confidence,
}

/// A code of the multi-geo list, and what it says for a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MultiGeoCode {
    pub code: String,
    pub name: String,
    pub place: PlaceId,
    pub geo: PlaceId,
    pub source: String,
}

/// What machine translation made of a code or name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corruption {
    pub lang: String,
    /// What stands in the translation.
    pub written: String,
    /// What stood there before.
    pub stands_for: String,
    pub place: PlaceId,
    pub source: String,
}

/// Everything known about places.
#[derive(Clone, Debug, Default)]
pub struct Places {
    places: Vec<Place>,
    by_code: BTreeMap<String, PlaceId>,
    surfaces: BTreeMap<String, Vec<(String, PlaceId)>>,
    adjectives: BTreeMap<String, Vec<(String, PlaceId)>>,
    multi_geo_codes: Vec<MultiGeoCode>,
    corruptions: Vec<Corruption>,
}

impl Places {
    pub fn iter(&self) -> impl Iterator<Item = (PlaceId, &Place)> {
        (0..).map(PlaceId).zip(&self.places)
    }

    pub fn get(&self, id: PlaceId) -> &Place {
        &self.places[id.0 as usize]
    }

    pub fn by_code(&self, code: &str) -> Option<PlaceId> {
        self.by_code.get(code).copied()
    }

    /// Names of countries, groupings, areas and cities in a language (`nl`, or `nl-NL` read as
    /// `nl`).
    pub fn surfaces(&self, lang: &str) -> impl Iterator<Item = (&str, PlaceId)> {
        listed(&self.surfaces, lang)
    }

    /// Words that name a place before a data centre: "German data centers".
    pub fn adjectives(&self, lang: &str) -> impl Iterator<Item = (&str, PlaceId)> {
        listed(&self.adjectives, lang)
    }

    /// The first name in a language.
    pub fn label(&self, id: PlaceId, lang: &str) -> Option<&str> {
        let place = self.get(id);
        let named = place
            .surfaces
            .iter()
            .find(|surface| surface.kind.is_none() && surface.lang == primary(lang));
        if primary(lang) == "en" {
            Some(&place.name)
        } else {
            named.map(|surface| surface.text.as_str())
        }
    }

    /// What a place lies in today, directly and further out.
    pub fn within(&self, id: PlaceId) -> &[PlaceId] {
        &self.get(id).within
    }

    pub fn multi_geo_codes(&self) -> &[MultiGeoCode] {
        &self.multi_geo_codes
    }

    pub fn corruptions(&self) -> &[Corruption] {
        &self.corruptions
    }
}

fn primary(lang: &str) -> &str {
    lang.split('-').next().unwrap_or(lang)
}

fn listed<'a>(
    lists: &'a BTreeMap<String, Vec<(String, PlaceId)>>,
    lang: &str,
) -> impl Iterator<Item = (&'a str, PlaceId)> + use<'a> {
    lists.get(primary(lang)).into_iter().flatten().map(|(text, place)| (text.as_str(), *place))
}

// Reading.

fn sourced() -> Confidence {
    Confidence::Sourced
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlacesFile {
    #[serde(default)]
    countries: Vec<PlaceRow>,
    #[serde(default)]
    groupings: Vec<PlaceRow>,
    #[serde(default)]
    areas: Vec<PlaceRow>,
    #[serde(default)]
    cities: Vec<PlaceRow>,
    #[serde(default)]
    azure_geographies: Vec<PlaceRow>,
    #[serde(default)]
    azure_regions: Vec<PlaceRow>,
    #[serde(default)]
    m365_geos: Vec<PlaceRow>,
    #[serde(default)]
    m365_macro_geographies: Vec<PlaceRow>,
    #[serde(default)]
    power_platform: PowerPlatform,
    #[serde(default)]
    multi_geo_codes: Vec<MultiGeoRow>,
    #[serde(default)]
    corruptions: Vec<CorruptionRow>,
    // Kept for curators; nothing is compiled from them.
    #[serde(rename = "azure_logical_regions")]
    _azure_logical_regions: Option<serde::de::IgnoredAny>,
    #[serde(rename = "m365_terms")]
    _m365_terms: Option<serde::de::IgnoredAny>,
    #[serde(rename = "m365_announced")]
    _m365_announced: Option<serde::de::IgnoredAny>,
    #[serde(rename = "sovereign_clouds")]
    _sovereign_clouds: Option<serde::de::IgnoredAny>,
    #[serde(rename = "data_boundary_values")]
    _data_boundary_values: Option<serde::de::IgnoredAny>,
    #[serde(rename = "conflicts")]
    _conflicts: Option<serde::de::IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PowerPlatform {
    #[serde(default, rename = "note")]
    _note: String,
    #[serde(default)]
    geos: Vec<PlaceRow>,
    #[serde(default)]
    macro_regions: Vec<PlaceRow>,
}

/// One entry of any layer; a layer uses some of the fields.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceRow {
    #[serde(alias = "id")]
    code: String,
    name: String,
    m49: Option<String>,
    #[serde(rename = "subregion")]
    _subregion: Option<String>,
    wikidata: Option<String>,
    #[serde(default)]
    within: Vec<String>,
    #[serde(default)]
    membership: Vec<MembershipRow>,
    #[serde(default)]
    compositions: Vec<CompositionRow>,
    #[serde(rename = "announced")]
    _announced: Option<Date>,
    #[serde(rename = "as_of")]
    _as_of: Option<Date>,
    ambiguity: Option<String>,
    notes: Option<String>,
    #[serde(default)]
    surfaces: Vec<Surface>,
    #[serde(default)]
    cldr: BTreeMap<String, String>,
    #[serde(rename = "group")]
    _group: Option<String>,
    #[serde(default)]
    countries: Vec<String>,
    #[serde(rename = "sovereign")]
    _sovereign: Option<bool>,
    geography: Option<String>,
    #[serde(rename = "location")]
    _location: Option<String>,
    #[serde(default)]
    paired_with: Vec<String>,
    #[serde(rename = "availability_zones")]
    _availability_zones: Option<u32>,
    #[serde(rename = "category")]
    _category: Option<String>,
    cloud: Option<String>,
    #[serde(alias = "launched")]
    available: Option<Dated>,
    closed: Option<Dated>,
    #[serde(rename = "multi_geo")]
    multi_geo: Option<String>,
    previous: Option<PreviousRow>,
    tenants: Option<TenantsRow>,
    source: String,
    #[serde(default = "sourced")]
    confidence: Confidence,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MembershipRow {
    of: String,
    from: Option<Date>,
    until: Option<Date>,
    source: String,
    #[serde(default = "sourced")]
    confidence: Confidence,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CompositionRow {
    name: Option<String>,
    from: Option<Date>,
    until: Option<Date>,
    as_of: Option<Date>,
    members: Vec<String>,
    source: String,
    #[serde(default = "sourced")]
    confidence: Confidence,
    date_confidence: Option<DateConfidence>,
    notes: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PreviousRow {
    geo: String,
    #[serde(rename = "as_written")]
    _as_written: String,
    source: String,
    #[serde(rename = "notes")]
    _notes: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TenantsRow {
    countries: Vec<String>,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MultiGeoRow {
    code: String,
    name: String,
    place: String,
    geo: String,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CorruptionRow {
    lang: String,
    written: String,
    stands_for: String,
    place: String,
    source: String,
}

impl Places {
    pub(super) fn read(texts: &Texts, sources: &Sources) -> Result<Self, CatalogError> {
        let (mut rows, mut codes, mut corruptions) = (Vec::new(), Vec::new(), Vec::new());
        for (file, places) in texts.parse::<PlacesFile>("places.yaml")? {
            codes.push((file.clone(), places.multi_geo_codes));
            corruptions.push((file.clone(), places.corruptions));
            let layers = [
                (PlaceKind::Country, places.countries),
                (PlaceKind::Grouping, places.groupings),
                (PlaceKind::Area, places.areas),
                (PlaceKind::City, places.cities),
                (PlaceKind::AzureGeography, places.azure_geographies),
                (PlaceKind::AzureRegion, places.azure_regions),
                (PlaceKind::Microsoft365Geo, places.m365_geos),
                (PlaceKind::Microsoft365Macro, places.m365_macro_geographies),
                (PlaceKind::PowerPlatformGeo, places.power_platform.geos),
                (PlaceKind::PowerPlatformGeo, places.power_platform.macro_regions),
            ];
            let of_file: Vec<_> = layers
                .into_iter()
                .flat_map(|(kind, rows)| rows.into_iter().map(move |row| (kind, row)))
                .collect();
            rows.push((file, of_file));
        }
        let rows = overlay(rows, |(_, row): &(PlaceKind, PlaceRow)| row.code.clone())?;
        let mut all = Self {
            by_code: rows.iter().map(|row| row.key.clone()).zip((0..).map(PlaceId)).collect(),
            ..Self::default()
        };
        for row in rows {
            let place = all.place(row, sources)?;
            all.places.push(place);
        }
        all.close_within();
        all.list_surfaces();
        all.add_codes(codes, sources)?;
        all.add_corruptions(corruptions, sources)?;
        Ok(all)
    }

    fn need<T>(&self, row: &Row<T>, code: &str) -> Result<PlaceId, CatalogError> {
        self.by_code(code).ok_or_else(|| row.fault(Fault::Place(code.to_owned())))
    }

    fn need_all<T>(&self, row: &Row<T>, codes: &[String]) -> Result<Vec<PlaceId>, CatalogError> {
        codes.iter().map(|code| self.need(row, code)).collect()
    }

    fn place(
        &self,
        row: Row<(PlaceKind, PlaceRow)>,
        sources: &Sources,
    ) -> Result<Place, CatalogError> {
        let (kind, place) = &row.value;
        let kind = *kind;
        let dated =
            [&place.available, &place.closed].into_iter().flatten().map(|dated| &dated.source);
        let others = place.surfaces.iter().map(|surface| &surface.source);
        let previous = place.previous.iter().map(|previous| &previous.source);
        let tenants = place.tenants.iter().map(|tenants| &tenants.source);
        for source in
            std::iter::once(&place.source).chain(dated).chain(others).chain(previous).chain(tenants)
        {
            row.needs_source(sources, source)?;
        }
        let mut within = self.need_all(&row, &place.within)?;
        if let Some(geography) = &place.geography {
            within.push(self.need(&row, geography)?);
        }
        let mut compositions = Vec::new();
        for composition in &place.compositions {
            row.needs_source(sources, &composition.source)?;
            row.needs_order(composition.from.as_ref(), composition.until.as_ref())?;
            compositions.push(Composition {
                name: composition.name.clone(),
                from: composition.from.clone(),
                until: composition.until.clone(),
                as_of: composition.as_of.clone(),
                members: self.need_all(&row, &composition.members)?,
                source: composition.source.clone(),
                confidence: composition.confidence,
                date_confidence: DateConfidence::of(
                    composition.date_confidence,
                    composition.confidence,
                ),
                notes: composition.notes.clone(),
            });
        }
        if !place.countries.is_empty() {
            compositions.push(Composition {
                name: None,
                from: None,
                until: None,
                as_of: None,
                members: self.need_all(&row, &place.countries)?,
                source: place.source.clone(),
                confidence: place.confidence,
                date_confidence: DateConfidence::of(None, place.confidence),
                notes: None,
            });
        }
        let mut memberships = Vec::new();
        for member in &place.membership {
            row.needs_source(sources, &member.source)?;
            row.needs_order(member.from.as_ref(), member.until.as_ref())?;
            memberships.push(Membership {
                of: self.need(&row, &member.of)?,
                from: member.from.clone(),
                until: member.until.clone(),
                source: member.source.clone(),
                confidence: member.confidence,
            });
        }
        let previous =
            place.previous.as_ref().map(|previous| self.need(&row, &previous.geo)).transpose()?;
        let tenants = place.tenants.as_ref().map_or(&[][..], |tenants| &tenants.countries);
        let tenants = self.need_all(&row, tenants)?;
        let pairs = self.need_all(&row, &place.paired_with)?;
        let place = row.value.1;
        let cldr = place.cldr.into_iter().map(|(lang, text)| Surface {
            text,
            lang,
            kind: None,
            seen: None,
            uses: None,
            source: CLDR.to_owned(),
            confidence: Confidence::Sourced,
        });
        Ok(Place {
            iri: iri(kind, &place.code),
            surfaces: place.surfaces.into_iter().chain(cldr).collect(),
            code: place.code,
            kind,
            name: place.name,
            within,
            compositions,
            memberships,
            wikidata: place.wikidata,
            m49: place.m49,
            multi_geo: place.multi_geo,
            available: place.available,
            closed: place.closed,
            previous,
            tenants,
            pairs,
            cloud: place.cloud,
            ambiguity: place.ambiguity,
            notes: place.notes,
            source: place.source,
            confidence: place.confidence,
        })
    }

    /// What lies in a country lies in what that lies in.
    fn close_within(&mut self) {
        let direct: Vec<_> = self.places.iter().map(|place| place.within.clone()).collect();
        for place in &mut self.places {
            let mut all = BTreeSet::new();
            let mut open = place.within.clone();
            while let Some(outer) = open.pop() {
                if all.insert(outer) {
                    open.extend(&direct[outer.0 as usize]);
                }
            }
            place.within = all.into_iter().collect();
        }
    }

    fn list_surfaces(&mut self) {
        for (id, place) in (0..).map(PlaceId).zip(&self.places) {
            for surface in place.surfaces.iter().filter(|_| place.kind.is_plain()) {
                let lists = match surface.kind {
                    Some(SurfaceKind::Adjective) => &mut self.adjectives,
                    _ => &mut self.surfaces,
                };
                lists.entry(surface.lang.clone()).or_default().push((surface.text.clone(), id));
            }
        }
    }

    fn add_codes(
        &mut self,
        files: Vec<InFile<Vec<MultiGeoRow>>>,
        sources: &Sources,
    ) -> Result<(), CatalogError> {
        for row in overlay(files, |row| row.code.clone())? {
            row.needs_source(sources, &row.value.source)?;
            let (place, geo) =
                (self.need(&row, &row.value.place)?, self.need(&row, &row.value.geo)?);
            let MultiGeoRow { code, name, source, .. } = row.value;
            self.multi_geo_codes.push(MultiGeoCode { code, name, place, geo, source });
        }
        Ok(())
    }

    fn add_corruptions(
        &mut self,
        files: Vec<InFile<Vec<CorruptionRow>>>,
        sources: &Sources,
    ) -> Result<(), CatalogError> {
        for row in overlay(files, |row| format!("{} ({})", row.written, row.lang))? {
            row.needs_source(sources, &row.value.source)?;
            let place = self.need(&row, &row.value.place)?;
            let CorruptionRow { lang, written, stands_for, source, .. } = row.value;
            self.corruptions.push(Corruption { lang, written, stands_for, place, source });
        }
        Ok(())
    }
}

/// The source of the names in further languages.
const CLDR: &str = "cldr";

fn iri(kind: PlaceKind, code: &str) -> PlaceIri {
    match kind {
        PlaceKind::Country => PlaceIri::Loc(code.to_owned()),
        PlaceKind::Grouping if matches!(code, "EU" | "EEA") => PlaceIri::Loc(code.to_owned()),
        PlaceKind::Grouping | PlaceKind::Area | PlaceKind::City => PlaceIri::Place(slug(code)),
        _ => PlaceIri::Geo(slug(code)),
    }
}
