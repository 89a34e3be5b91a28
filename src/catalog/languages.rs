//! How languages speak of where data is: cues, and phrases made of them, checked and ready to
//! search.
//!
//! One sheet of data per language, none of it in code. What a cue means in a sentence is decided
//! in `analyze::claims`. Names of places come from `places`, which knows them in every language.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use daachorse::{DoubleArrayAhoCorasick, DoubleArrayAhoCorasickBuilder, MatchKind};
use serde::Deserialize;

pub use self::phrases::{Beside, Phrase, Phrases, Step};

mod phrases;

/// By tag: the files of `data/languages`. They are part of the digest of all facts.
pub(crate) const SHEETS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/languages.rs"));

/// The tag of the language that names are borrowed from: untranslated places are read everywhere.
const ENGLISH: &str = "en";

/// Why a sheet cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LanguageError {
    #[error("languages/{tag}.yaml: {source}")]
    Yaml { tag: String, source: serde_yaml::Error },
    #[error("languages/{tag}.yaml: {message}")]
    Wrong { tag: String, message: String },
}

/// The name of a place in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surface {
    pub text: String,
    /// `US`, `DE:frankfurt`, `x-europe`.
    pub code: String,
    /// Names a place only before a data centre: "German data centres".
    pub adjective: bool,
}

words! {
    /// What is done with data in a place.
    Activity {
        Operates = "operates",
        Stores = "stores",
        Processes = "processes",
        Transfers = "transfers",
        Replicates = "replicates",
        BacksUp = "backs-up",
        Accesses = "accesses",
        /// Being somewhere: data is stored there, a service operates there.
        Located = "located",
        /// Being offered: operates in the data centres that it is offered from.
        Offers = "offers",
    }
}

words! {
    /// Which data.
    Category {
        CustomerData = "customer-data",
        Content = "content",
        PersonalData = "personal-data",
        IdentityData = "identity-data",
        Metadata = "metadata",
        Logs = "logs",
        DiagnosticData = "diagnostic-data",
        SupportData = "support-data",
        Keys = "keys",
        Data = "data",
        None = "none",
    }
}

words! {
    /// In which form data is.
    Form {
        AsIs = "as-is",
        Pseudonymized = "pseudonymized",
        Anonymized = "anonymized",
        Aggregated = "aggregated",
        /// A word stands there that cannot be understood.
        Unclear = "unclear",
    }
}

words! {
    /// What decides the place. The first that fits wins.
    Rule {
        OtherService = "other-service",
        UserPdl = "user-pdl",
        SignupCountry = "signup-country",
        NearestDatacenter = "nearest-datacenter",
        CustomerChoice = "customer-choice",
        TenantGeo = "tenant-geo",
        SameRegion = "same-region",
        InCountry = "in-country",
        ProviderFacilities = "provider-facilities",
        Unrestricted = "unrestricted",
        Unresolvable = "unresolvable",
        /// No place: between services of the vendor.
        Service = "service",
        /// The rule that was named before: "such a region".
        Antecedent = "antecedent",
    }
}

words! {
    /// Words that shape a statement.
    Mark {
        AtRest = "at-rest",
        May = "may",
        Planned = "planned",
        Not = "not",
        /// "not only": takes the negation away.
        NotOnly = "not-only",
        In = "in",
        To = "to",
        From = "from",
        Via = "via",
        Outside = "outside",
        /// Between coordinated places, verbs or data; also what may stand beside such a word.
        Join = "join",
        /// Where one statement of a sentence may end and the next begin.
        Break = "break",
        /// Where the statement of a sentence ends for certain.
        Tail = "tail",
        /// Begins a clause that says when or for whom; ends it where the verb comes last.
        Condition = "condition",
        /// Begins a condition anywhere in a clause: what follows is not stated. Where the verb comes
        /// last it ends one.
        Given = "given",
        /// Announces what follows: "the following", which ends a lead-in like a colon does.
        Ahead = "ahead",
        /// Stands before the noun for what a list holds: "the following data", "these items".
        These = "these",
        /// Ends a lead-in whose list holds what it spoke of: "the data in … includes:".
        Includes = "includes",
        /// Begins a sentence without adding to it.
        Opener = "opener",
        /// The sentence is an invented case.
        Example = "example",
        /// The sentence only tells where to read on; like a step, also by its end where the verb comes
        /// last.
        Pointer = "pointer",
        /// A clause that begins so tells the reader to do something.
        Step = "step",
        /// Answers a question, before the sentence says more: "yes".
        Answer = "answer",
        /// Stands for what the sentence before was about.
        Pronoun = "pronoun",
        /// Between what decides a place and what is there: "determines".
        Decides = "decides",
        /// Says that something has to be so: what the reader has to put in a region.
        Duty = "duty",
        /// Says that a clause tells what a law wants: it states nothing of the product.
        Law = "law",
        /// Part of the name of a law, a standard or a text about them, which is no product.
        Standard = "standard",
        /// Who is in a place, when data is not.
        People = "people",
        /// What can operate somewhere besides a product.
        Operator = "operator",
        /// Of those, what a service runs on: where it is available, the service runs.
        Facility = "facility",
        DataCenter = "data-center",
        /// What holds data and is itself created in a place.
        Container = "container",
        /// Ties a place to the clause after it: "the region where …".
        Relative = "relative",
        /// "in … form": the preposition and the noun around the word for the form.
        FormStart = "form-start",
        FormEnd = "form-end",
        /// A form that changes nothing for the data.
        OtherForm = "other-form",
        /// Between data and whose it is: "data of X".
        Of = "of",
        /// A verb that only describes the noun before it: "located". A sheet that lists them says that
        /// its other verbs never do.
        Participle = "participle",
        /// Begins what is said of a subject after its description: "files stored in … will open".
        Predicate = "predicate",
        /// Says of a table or heading that it is about places of data.
        Places = "places",
        /// Of those, the ones that speak of data by themselves: "data location".
        DataPlace = "data-place",
        /// Says of a title or heading that what follows is about data and its protection: "privacy".
        Topic = "topic",
        /// Of those, the ones that are as well of customers: "country".
        Country = "country",
        /// Heads a column that lists services: "component".
        Listed = "listed",
        /// Says of a heading that it is about where something is to be had.
        Available = "available",
        /// Heads the first or the second place of a pair that keeps data twice.
        Primary = "primary",
        Secondary = "secondary",
        /// Says of a table or heading that it is about such pairs: "paired regions".
        Paired = "paired",
        /// Nouns that head a column or line of places: "storage", "processing", "backup".
        Storage = "storage",
        Processing = "processing",
        Backup = "backup",
        /// A verb that leaves it to its subject what is done: "storage occurs".
        Occurs = "occurs",
        /// A verb of having, which says of a service that it runs where its data centers are: "uses",
        /// "maintains".
        Has = "has",
        /// Ties what is decided to what decides it, without a verb: "based on".
        Per = "per",
        /// A verb that leaves it to its object: "performs the analysis".
        Performs = "performs",
        /// Beside a verb: in the place that was named before, "is stored there".
        There = "there",
        /// A verb that is only said of data, whatever that is called: "thumbnails are stored".
        Kept = "kept",
        /// A cell that says so is of the whole world.
        Global = "global",
        /// A cell that says yes of its row and column.
        Tick = "tick",
        Days = "days",
        Months = "months",
        Years = "years",
    }
}

/// The marks that say how a place takes part; the first that fits at one place counts.
pub const ADPOSITIONS: [Mark; 5] = [Mark::Outside, Mark::Via, Mark::From, Mark::To, Mark::In];

/// When the verb comes in a clause, seen from the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VerbOrder {
    /// Before it.
    First,
    /// After it.
    Last,
    /// On either side.
    Free,
    /// Its finite part before, what it means after: a verb that closes the clause goes before one
    /// that only describes a noun.
    Bracket,
}

/// Where the word or ending stands that says how a place takes part: "in", seen from the place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Adpositions {
    #[default]
    Before,
    /// After it, or as its ending: "Saksassa".
    After,
    Both,
}

/// A sheet as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sheet {
    /// Whether words are set apart by blanks.
    spaced: bool,
    verb: VerbOrder,
    #[serde(default)]
    adpositions: Adpositions,
    /// Whether every noun has a capital, and not only names.
    #[serde(default)]
    capital_nouns: bool,
    abbreviations: Vec<String>,
    /// Further names of places by code, such as inflected ones.
    #[serde(default)]
    places: BTreeMap<String, Vec<String>>,
    /// Words that name a place only before a data centre.
    #[serde(default)]
    adjectives: BTreeMap<String, Vec<String>>,
    activities: BTreeMap<Activity, Vec<String>>,
    categories: BTreeMap<Category, Vec<String>>,
    forms: BTreeMap<Form, Vec<String>>,
    marks: BTreeMap<Mark, Vec<String>>,
    /// Words that translations set apart from the compound they end: "kund data".
    #[serde(default)]
    heads: Vec<String>,
    /// Words whose parts are no cues, though they look like them; a whole one can still be a cue.
    #[serde(default)]
    hides: Vec<String>,
    /// Lists that phrases use, by name.
    terms: BTreeMap<String, Vec<String>>,
    phrases: Vec<PhraseSheet>,
    /// Terms for the nouns of places that `beside` is read around.
    #[serde(default)]
    nouns: Vec<String>,
    /// What decides the place where it stands beside one of them and no phrase stands.
    #[serde(default)]
    beside: Vec<BesideSheet>,
    /// In the notation of phrases.
    #[serde(default)]
    choices: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BesideSheet {
    name: String,
    means: Rule,
    #[serde(default)]
    does: Option<Activity>,
    #[serde(default)]
    denied: bool,
    /// In the notation of phrases.
    #[serde(default)]
    before: Vec<String>,
    #[serde(default)]
    after: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PhraseSheet {
    name: String,
    means: Rule,
    #[serde(default)]
    does: Option<Activity>,
    #[serde(default)]
    denied: bool,
    /// `{term}`, `{product}` (another than the page's), words, `..` (a few words), `...` (up to a clause).
    say: Vec<String>,
}

/// What a stretch of text can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cue {
    /// Index into `Language::codes`.
    Place(u32),
    Adjective(u32),
    Activity(Activity),
    Category(Category),
    Form(Form),
    Mark(Mark),
    Term(u32),
    /// Hides what stands inside it.
    Hide,
}

impl Cue {
    /// Cues of one group are alternatives: of two at one place the longer counts.
    pub fn group(self) -> (u8, u32) {
        match self {
            Self::Place(_) | Self::Adjective(_) => (0, 0),
            Self::Activity(_) => (1, 0),
            Self::Category(_) => (2, 0),
            Self::Form(_) => (3, 0),
            Self::Mark(Mark::Not | Mark::NotOnly) => (4, Mark::Not as u32),
            Self::Mark(mark) => (4, mark as u32),
            Self::Term(term) => (5, term),
            Self::Hide => (6, 0),
        }
    }

    /// Whether a text without any of these says nothing about places.
    pub fn is_location(self) -> bool {
        matches!(self, Self::Place(_) | Self::Adjective(_) | Self::Term(_))
    }
}

/// One way to write a cue.
#[derive(Clone, Debug)]
pub struct Entry {
    pub cue: Cue,
    /// The word goes on before or after: `lagra*`.
    pub open_start: bool,
    pub open_end: bool,
    /// The letters as they must stand, where case tells names from words: `US`, `Turkey`.
    pub cased: Option<String>,
}

const FEW_WORDS: usize = 5;
const MANY_WORDS: usize = 14;

/// One language, ready to search.
pub struct Language {
    pub tag: String,
    pub spaced: bool,
    pub verb: VerbOrder,
    pub adpositions: Adpositions,
    pub has_participles: bool,
    pub capital_nouns: bool,
    pub abbreviations: BTreeSet<String>,
    /// Every way to write a form, for words that are misspelt.
    pub forms: Vec<(Form, String)>,
    pub codes: Vec<String>,
    pub phrases: Phrases,
    /// What names a place that the customer is to choose, and says nothing of what is in it: "select
    /// a region".
    pub choices: Phrases,
    /// Terms whose words are nouns of places.
    pub nouns: Vec<u32>,
    /// What decides a place before its noun, or after it; the first that fits wins.
    pub beside: Phrases,
    automaton: DoubleArrayAhoCorasick<u32>,
    /// By pattern of the automaton.
    entries: Vec<Vec<Entry>>,
}

impl std::fmt::Debug for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Language").field("tag", &self.tag).finish_non_exhaustive()
    }
}

impl Language {
    /// Every cue in folded text, with the entry that gave it: overlapping, ends ascending.
    pub fn search<'a>(
        &'a self,
        folded: &'a str,
    ) -> impl Iterator<Item = (usize, usize, &'a Entry)> + 'a {
        self.automaton.find_overlapping_iter(folded).flat_map(|found| {
            self.entries[found.value() as usize]
                .iter()
                .map(move |e| (found.start(), found.end(), e))
        })
    }
}

/// All languages that have a sheet.
#[derive(Debug, Default)]
pub struct Languages {
    all: Vec<Sheeted>,
    /// Languages that are read with the sheet of another.
    read_as: BTreeMap<String, String>,
}

/// A language that is made ready when the first page asks for it: a run meets few of them.
#[derive(Debug)]
struct Sheeted {
    tag: String,
    text: Cow<'static, str>,
    places: Vec<Surface>,
    /// Names that are invented for examples, the same in every language.
    invented: Arc<[String]>,
    ready: OnceLock<Language>,
}

impl Sheeted {
    fn compile(&self) -> Result<Language, LanguageError> {
        compile(&self.tag, &self.text, &self.places, &self.invented)
    }
}

impl Languages {
    /// Takes sheets, by tag. Those that are not built in are checked at once. `surfaces` gives the
    /// names of places in a language, `read_as` the sheets of languages that have none of their own;
    /// `invented` are names that make an example of a sentence.
    pub fn read(
        sheets: &BTreeMap<String, Cow<'static, str>>,
        read_as: BTreeMap<String, String>,
        invented: &Arc<[String]>,
        surfaces: impl Fn(&str) -> Vec<Surface>,
    ) -> Result<Self, LanguageError> {
        let mut all = Vec::new();
        for (tag, text) in sheets {
            let mut places = surfaces(tag);
            if tag != ENGLISH {
                places.extend(surfaces(ENGLISH).into_iter().filter(|surface| !surface.adjective));
            }
            let (tag, text, ready) = (tag.clone(), text.clone(), OnceLock::new());
            let sheeted = Sheeted { tag, text, places, invented: invented.clone(), ready };
            if matches!(sheeted.text, Cow::Owned(_)) {
                let _ = sheeted.ready.set(sheeted.compile()?);
            }
            all.push(sheeted);
        }
        Ok(Self { all, read_as })
    }

    /// The sheet for a locale: `nl-NL` is read as `nl`.
    pub fn get(&self, locale: &str) -> Option<&Language> {
        let tag = locale.split('-').next().unwrap_or(locale).to_ascii_lowercase();
        let tag = self.read_as.get(&tag).unwrap_or(&tag);
        let sheeted = self.all.iter().find(|sheeted| sheeted.tag.eq_ignore_ascii_case(tag))?;
        let ready = || sheeted.compile().expect("a test reads every built-in sheet");
        Some(sheeted.ready.get_or_init(ready))
    }
}

/// Lower case, letter by letter, so that every byte keeps its place.
pub fn fold(text: &str) -> String {
    text.chars()
        .map(|c| {
            let mut lower = c.to_lowercase();
            match (lower.next(), lower.next()) {
                (Some(l), None) if l.len_utf8() == c.len_utf8() => l,
                _ => c,
            }
        })
        .collect()
}

struct Builder {
    patterns: BTreeMap<String, Vec<Entry>>,
    terms: BTreeMap<String, u32>,
    heads: Vec<String>,
}

impl Builder {
    /// Adds every spelling of a cue: `*` leaves a word open, `~` is nothing, a blank or a hyphen.
    fn add(&mut self, written: &str, cue: Cue, cased: bool) {
        self.add_whole(written, cue, cased);
        let bare = written.trim_end_matches('*');
        let head = self.heads.iter().find(|&head| {
            let rest = bare.strip_suffix(head.as_str());
            rest.is_some_and(|rest| rest.ends_with(char::is_alphanumeric))
        });
        if let Some(head) = head {
            let apart = format!("{} {head}", &bare[..bare.len() - head.len()]);
            self.add_whole(&apart, cue, cased);
        }
    }

    fn add_whole(&mut self, written: &str, cue: Cue, cased: bool) {
        let open_start = written.starts_with('*');
        let open_end = written.ends_with('*');
        let bare = written.trim_matches('*');
        let mut spellings = vec![String::new()];
        for c in bare.chars() {
            let options: &[&str] = match c {
                '~' => &["", " ", "-"],
                '\'' => &["'", "’"],
                _ => &[],
            };
            if options.is_empty() {
                spellings.iter_mut().for_each(|s| s.push(c));
            } else {
                spellings = spellings
                    .iter()
                    .flat_map(|s| options.iter().map(move |option| format!("{s}{option}")))
                    .collect();
            }
        }
        for spelling in spellings {
            let entry = Entry { cue, open_start, open_end, cased: cased.then(|| spelling.clone()) };
            self.patterns.entry(fold(&spelling)).or_default().push(entry);
        }
    }

    fn add_all(&mut self, words: &[String], cue: Cue) {
        for word in words {
            self.add(word, cue, false);
        }
    }

    /// The number of a named list, or of words that a phrase spells out.
    fn term(&mut self, key: &str) -> (u32, bool) {
        let next = self.terms.len() as u32;
        let id = *self.terms.entry(key.to_owned()).or_insert(next);
        (id, id == next)
    }

    fn phrase(
        &mut self,
        say: &str,
        named: &BTreeMap<String, Vec<String>>,
    ) -> Result<Vec<(usize, Step)>, String> {
        let mut steps = Vec::new();
        let mut gap = 0;
        let mut words: Vec<&str> = Vec::new();
        for token in say.split_whitespace().map(Some).chain([None]) {
            let is_word =
                token.is_some_and(|t| !t.starts_with('{') && !t.trim_matches('.').is_empty());
            if let Some(word) = token.filter(|_| is_word) {
                if word.contains('{') {
                    return Err(format!("`{say}` joins `{word}`; put a space before the brace"));
                }
                words.push(word);
                continue;
            }
            if !words.is_empty() {
                let text = words.join(" ");
                let (id, new) = self.term(&format!("\"{text}\""));
                if new {
                    self.add(&text, Cue::Term(id), false);
                }
                steps.push((gap, Step::Term(id)));
                (gap, words) = (0, Vec::new());
            }
            match token {
                Some("..") => gap = FEW_WORDS,
                Some("...") => gap = MANY_WORDS,
                Some("{product}") => steps.push((std::mem::take(&mut gap), Step::Product)),
                Some(name) => {
                    let name = name.trim_matches(['{', '}']);
                    if !named.contains_key(name) {
                        return Err(format!(
                            "`{say}` uses `{{{name}}}`, which is not among the terms"
                        ));
                    }
                    steps.push((std::mem::take(&mut gap), Step::Term(self.term(name).0)));
                }
                None => {}
            }
        }
        if steps.is_empty() { Err(format!("`{say}` says nothing")) } else { Ok(steps) }
    }

    fn phrases(
        &mut self,
        sheets: &[PhraseSheet],
        named: &BTreeMap<String, Vec<String>>,
    ) -> Result<Vec<Phrase>, String> {
        let mut phrases = Vec::new();
        for sheet in sheets {
            for say in &sheet.say {
                let steps = self.phrase(say, named)?;
                let &PhraseSheet { means, does, denied, .. } = sheet;
                let name = sheet.name.clone();
                phrases.push(Phrase { name, means, does, denied, beside: None, steps });
            }
        }
        Ok(phrases)
    }

    fn choices(
        &mut self,
        says: &[String],
        named: &BTreeMap<String, Vec<String>>,
    ) -> Result<Vec<Phrase>, String> {
        let phrase = |say: &String| {
            let (name, means) = ("choice".to_owned(), Rule::CustomerChoice);
            let steps = self.phrase(say, named)?;
            Ok(Phrase { name, means, does: None, denied: false, beside: None, steps })
        };
        says.iter().map(phrase).collect()
    }

    fn beside(
        &mut self,
        sheets: &[BesideSheet],
        named: &BTreeMap<String, Vec<String>>,
    ) -> Result<Vec<Phrase>, String> {
        let mut found = Vec::new();
        for sheet in sheets {
            let &BesideSheet { means, does, denied, .. } = sheet;
            let before = sheet.before.iter().map(|say| (Beside::Before, say));
            for (side, say) in before.chain(sheet.after.iter().map(|say| (Beside::After, say))) {
                let (name, steps) = (sheet.name.clone(), self.phrase(say, named)?);
                found.push(Phrase { name, means, does, denied, beside: Some(side), steps });
            }
        }
        Ok(found)
    }
}

fn compile(
    tag: &str,
    text: &str,
    places: &[Surface],
    invented: &[String],
) -> Result<Language, LanguageError> {
    let wrong = |message: String| LanguageError::Wrong { tag: tag.to_owned(), message };
    let sheet: Sheet = serde_yaml::from_str(text)
        .map_err(|source| LanguageError::Yaml { tag: tag.to_owned(), source })?;
    let mut builder =
        Builder { patterns: BTreeMap::new(), terms: BTreeMap::new(), heads: sheet.heads.clone() };
    let own = [(&sheet.places, false), (&sheet.adjectives, true)].into_iter().flat_map(
        |(named, adjective)| {
            named.iter().flat_map(move |(code, words)| {
                let surface = move |text: &String| Surface {
                    text: text.clone(),
                    code: code.clone(),
                    adjective,
                };
                words.iter().map(surface)
            })
        },
    );
    let known: BTreeSet<&str> = places.iter().map(|place| place.code.as_str()).collect();
    if let Some(place) = own.clone().find(|place| !known.contains(place.code.as_str())) {
        return Err(wrong(format!("no place has the code `{}`", place.code)));
    }
    let places: Vec<Surface> = places.iter().cloned().chain(own).collect();
    let codes: Vec<String> = places
        .iter()
        .map(|place| place.code.clone())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    for place in &places {
        let code = codes.binary_search(&place.code).expect("every code was collected") as u32;
        let cue = if place.adjective { Cue::Adjective(code) } else { Cue::Place(code) };
        builder.add(&place.text, cue, place.text.chars().any(char::is_uppercase));
    }
    for (&activity, words) in &sheet.activities {
        builder.add_all(words, Cue::Activity(activity));
    }
    for (&category, words) in &sheet.categories {
        builder.add_all(words, Cue::Category(category));
    }
    for (&form, words) in &sheet.forms {
        builder.add_all(words, Cue::Form(form));
    }
    for (&mark, words) in &sheet.marks {
        builder.add_all(words, Cue::Mark(mark));
    }
    for name in invented {
        builder.add(&format!("{name}*"), Cue::Mark(Mark::Example), false);
    }
    builder.add_all(&sheet.hides, Cue::Hide);
    for (name, words) in &sheet.terms {
        let (id, _) = builder.term(name);
        builder.add_all(words, Cue::Term(id));
    }
    let phrases = builder.phrases(&sheet.phrases, &sheet.terms).map_err(&wrong)?;
    let choices = builder.choices(&sheet.choices, &sheet.terms).map_err(&wrong)?;
    let beside = builder.beside(&sheet.beside, &sheet.terms).map_err(&wrong)?;
    let noun = |name: &String| match sheet.terms.contains_key(name) {
        true => Ok(builder.terms[name]),
        false => Err(wrong(format!("`nouns` has `{name}`, which is not among the terms"))),
    };
    let nouns = sheet.nouns.iter().map(noun).collect::<Result<_, _>>()?;
    let (patterns, entries): (Vec<String>, Vec<Vec<Entry>>) =
        builder.patterns.into_iter().filter(|(pattern, _)| !pattern.is_empty()).unzip();
    let automaton = DoubleArrayAhoCorasickBuilder::new()
        .match_kind(MatchKind::Standard)
        .build_with_values(patterns.into_iter().zip(0_u32..))
        .map_err(|error| wrong(error.to_string()))?;
    let forms = sheet
        .forms
        .iter()
        .flat_map(|(&form, words)| words.iter().map(move |w| (form, w.replace('*', ""))));
    Ok(Language {
        tag: tag.to_owned(),
        spaced: sheet.spaced,
        verb: sheet.verb,
        adpositions: sheet.adpositions,
        capital_nouns: sheet.capital_nouns,
        has_participles: sheet.marks.contains_key(&Mark::Participle),
        abbreviations: sheet.abbreviations.iter().map(|word| fold(word)).collect(),
        forms: forms.collect(),
        codes,
        phrases: phrases.into(),
        choices: choices.into(),
        nouns,
        beside: beside.into(),
        automaton,
        entries,
    })
}
