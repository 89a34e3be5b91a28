//! Places: countries, groupings with dated members, wide areas, cities, and the vendor's
//! geographies.
//!
//! The layers are never merged: "Europe" is an area, an Azure geography and a Power Platform
//! geography. Which of them a page means is decided in `analyze::claims`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{CatalogError, Date, Fault, Provenance, Row, Sources, Texts, overlay, slug};

#[cfg(test)]
mod tests;

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
    pub wikidata: Option<String>,
    /// Since when the vendor offers it.
    pub available: Option<Dated>,
    /// The code that the annotation scheme of claims writes for it, where it has none of its own.
    pub annotated: Option<String>,
    pub provenance: Provenance,
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
    #[serde(flatten)]
    pub provenance: Provenance,
}

words! {
    SurfaceKind {
        /// Names the place only before a data centre.
        Adjective = "adjective",
        MachineTranslation = "machine-translation",
    }
}

/// What machine translation made of a code or name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Corruption {
    pub lang: String,
    /// As it stands on the page.
    pub written: String,
    /// What stood in the source.
    pub stands_for: String,
    /// The code of the place that is meant.
    pub place: String,
    source: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dated {
    pub date: Date,
    #[serde(flatten)]
    pub provenance: Provenance,
}

/// The code of the whole world.
pub const WORLD: &str = "x-world";

/// Everything known about places.
#[derive(Clone, Debug, Default)]
pub struct Places {
    places: Vec<Place>,
    by_code: BTreeMap<String, PlaceId>,
    surfaces: BTreeMap<String, Vec<(String, PlaceId)>>,
    adjectives: BTreeMap<String, Vec<(String, PlaceId)>>,
    geo_codes: BTreeMap<String, PlaceId>,
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

    /// The place that a code of one of the vendor's geographies stands for, as its tables have them:
    /// `NAM`.
    pub fn of_geo_code(&self, code: &str) -> Option<PlaceId> {
        self.geo_codes.get(code).copied()
    }

    /// The code of the vendor's geography that is this place.
    pub fn geo_code(&self, place: PlaceId) -> Option<&str> {
        self.geo_codes.iter().find(|(_, of)| **of == place).map(|(code, _)| code.as_str())
    }

    /// What machine translation made of codes and names in a language.
    pub fn corruptions(&self, lang: &str) -> impl Iterator<Item = &Corruption> {
        self.corruptions.iter().filter(move |corruption| corruption.lang == primary(lang))
    }

    /// What a place lies in today, directly and further out.
    pub fn within(&self, id: PlaceId) -> &[PlaceId] {
        &self.get(id).within
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
    corruptions: Vec<Corruption>,
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
    wikidata: Option<String>,
    #[serde(default)]
    within: Vec<String>,
    geography: Option<String>,
    #[serde(default)]
    surfaces: Vec<Surface>,
    #[serde(default)]
    cldr: BTreeMap<String, String>,
    #[serde(alias = "launched")]
    available: Option<Dated>,
    annotated: Option<String>,
    #[serde(flatten)]
    provenance: Provenance,
    // Checked and kept for curators; nothing is compiled from them.
    #[serde(default)]
    membership: Vec<MembershipRow>,
    #[serde(default)]
    compositions: Vec<CompositionRow>,
    #[serde(default)]
    countries: Vec<String>,
    #[serde(default)]
    paired_with: Vec<String>,
    closed: Option<Dated>,
    previous: Option<PreviousRow>,
    tenants: Option<TenantsRow>,
    #[serde(rename = "m49")]
    _m49: Option<String>,
    #[serde(rename = "subregion")]
    _subregion: Option<String>,
    #[serde(rename = "announced")]
    _announced: Option<Date>,
    #[serde(rename = "as_of")]
    _as_of: Option<Date>,
    #[serde(rename = "ambiguity")]
    _ambiguity: Option<String>,
    #[serde(rename = "notes")]
    _notes: Option<String>,
    #[serde(rename = "group")]
    _group: Option<String>,
    #[serde(rename = "sovereign")]
    _sovereign: Option<bool>,
    #[serde(rename = "location")]
    _location: Option<String>,
    #[serde(rename = "availability_zones")]
    _availability_zones: Option<u32>,
    #[serde(rename = "category")]
    _category: Option<String>,
    #[serde(rename = "cloud")]
    _cloud: Option<String>,
    #[serde(rename = "multi_geo")]
    _multi_geo: Option<String>,
}

impl PlaceRow {
    /// Every place that it names.
    fn places(&self) -> impl Iterator<Item = &String> {
        let members = self.compositions.iter().map(|composition| &composition.members);
        let tenants = self.tenants.iter().map(|tenants| &tenants.countries);
        let lists = [&self.within, &self.countries, &self.paired_with];
        let lists = lists.into_iter().chain(members).chain(tenants).flatten();
        let groupings = self.membership.iter().map(|member| &member.of);
        let previous = self.previous.iter().map(|previous| &previous.geo);
        let others = [&self.geography, &self.annotated].into_iter().flatten();
        lists.chain(groupings).chain(previous).chain(others)
    }

    /// Every source that it cites.
    fn sources(&self) -> impl Iterator<Item = &String> {
        let surfaces = self.surfaces.iter().map(|surface| &surface.provenance);
        let members = self.membership.iter().map(|member| &member.provenance);
        let compositions = self.compositions.iter().map(|composition| &composition.provenance);
        let dated = [&self.available, &self.closed].into_iter().flatten();
        let dated = dated.map(|dated| &dated.provenance);
        let all = surfaces.chain(members).chain(compositions).chain(dated);
        let all = all.chain([&self.provenance]).map(|provenance| &provenance.source);
        let previous = self.previous.iter().map(|previous| &previous.source);
        all.chain(previous).chain(self.tenants.iter().map(|tenants| &tenants.source))
    }

    /// Every time that it gives, from and until.
    fn times(&self) -> impl Iterator<Item = (Option<&Date>, Option<&Date>)> {
        let members = self.membership.iter().map(|member| (&member.from, &member.until));
        let compositions = self.compositions.iter().map(|times| (&times.from, &times.until));
        members.chain(compositions).map(|(from, until)| (from.as_ref(), until.as_ref()))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MembershipRow {
    of: String,
    from: Option<Date>,
    until: Option<Date>,
    #[serde(flatten)]
    provenance: Provenance,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CompositionRow {
    members: Vec<String>,
    from: Option<Date>,
    until: Option<Date>,
    #[serde(flatten)]
    provenance: Provenance,
    #[serde(rename = "name")]
    _name: Option<String>,
    #[serde(rename = "as_of")]
    _as_of: Option<Date>,
    #[serde(rename = "notes")]
    _notes: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PreviousRow {
    geo: String,
    source: String,
    #[serde(rename = "as_written")]
    _as_written: String,
    #[serde(rename = "notes")]
    _notes: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TenantsRow {
    countries: Vec<String>,
    source: String,
}

/// A code of the multi-geo list, and what it says for a claim.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MultiGeoRow {
    code: String,
    place: String,
    geo: String,
    source: String,
    #[serde(rename = "name")]
    _name: String,
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
        for row in overlay(codes, |row| row.code.clone())? {
            row.needs_source(sources, &row.value.source)?;
            let place = all.need(&row, &row.value.place)?;
            all.need(&row, &row.value.geo)?;
            all.geo_codes.insert(row.value.code, place);
        }
        for row in overlay(corruptions, |row| format!("{} ({})", row.written, row.lang))? {
            row.needs_source(sources, &row.value.source)?;
            all.need(&row, &row.value.place)?;
            all.corruptions.push(row.value);
        }
        Ok(all)
    }

    fn need<T>(&self, row: &Row<T>, code: &str) -> Result<PlaceId, CatalogError> {
        self.by_code(code).ok_or_else(|| row.fault(Fault::Place(code.to_owned())))
    }

    fn place(
        &self,
        row: Row<(PlaceKind, PlaceRow)>,
        sources: &Sources,
    ) -> Result<Place, CatalogError> {
        let (kind, place) = &row.value;
        let kind = *kind;
        place.sources().try_for_each(|source| row.needs_source(sources, source))?;
        place.places().try_for_each(|code| self.need(&row, code).map(drop))?;
        place.times().try_for_each(|(from, until)| row.needs_order(from, until))?;
        let within = place.within.iter().chain(&place.geography);
        let within = within.map(|code| self.need(&row, code)).collect::<Result<_, _>>()?;
        let place = row.value.1;
        let cldr = place.cldr.into_iter().map(|(lang, text)| Surface {
            text,
            lang,
            kind: None,
            seen: None,
            uses: None,
            provenance: Provenance::sourced(CLDR),
        });
        Ok(Place {
            iri: iri(kind, &place.code),
            surfaces: place.surfaces.into_iter().chain(cldr).collect(),
            code: place.code,
            kind,
            name: place.name,
            within,
            wikidata: place.wikidata,
            available: place.available,
            annotated: place.annotated,
            provenance: place.provenance,
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
