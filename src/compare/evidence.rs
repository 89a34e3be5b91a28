//! Where a change is to be seen: file, line, quote and version, on one side.

use crate::store::StoreError;
use crate::vocab::{rdfs, schema, stm};

use super::state::{self, State, Text};

/// A place that shows one side of a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    pub locale: Option<String>,
    pub file: Option<String>,
    pub line: Option<u32>,
    pub quote: Option<String>,
    /// The first digits of the text's hash.
    pub version: Option<String>,
    /// The day from which the text was the published one.
    pub since: Option<String>,
    pub url: Option<String>,
    /// What the place says, where it is no quote that does.
    pub note: Option<String>,
}

/// Some places, and how many more there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Witnesses {
    pub shown: Vec<Evidence>,
    pub more: usize,
}

/// More examples convince nobody who was not convinced by these.
pub const ENOUGH: usize = 3;

impl Witnesses {
    pub fn of<T>(
        all: &[T],
        mut show: impl FnMut(&T) -> Result<Evidence, StoreError>,
    ) -> Result<Self, StoreError> {
        let mut shown: Vec<Evidence> = Vec::new();
        for one in all.iter().take(ENOUGH).map(&mut show) {
            let one = one?;
            if !shown.contains(&one) {
                shown.push(one);
            }
        }
        Ok(Self { more: all.len().saturating_sub(ENOUGH), shown }.plain())
    }

    /// Where nothing is to be seen, it is said once.
    fn plain(self) -> Self {
        let Some(first) = self.shown.first() else { return self };
        let says_the_same = |evidence: &Evidence| {
            evidence.file.is_none() && evidence.quote.is_none() && evidence.note == first.note
        };
        match &first.note {
            Some(note) if self.shown.len() > 1 && self.shown.iter().all(says_the_same) => {
                Self::one(Evidence::note(note.clone()))
            }
            _ => self,
        }
    }

    pub fn one(evidence: Evidence) -> Self {
        Self { shown: vec![evidence], more: 0 }
    }
}

impl Evidence {
    pub fn note(note: impl Into<String>) -> Self {
        Self { note: Some(note.into()), ..Self::default() }
    }

    #[must_use]
    pub fn noting(mut self, note: impl Into<String>) -> Self {
        let note = note.into();
        self.note = Some(match self.note {
            Some(known) => format!("{note}; {known}"),
            None => note,
        });
        self
    }
}

/// A sentence of a text.
const SEGMENTS: &str = "SELECT ?line ?text WHERE { VALUES ?version { $ }
  ?segment stm:inVersion ?version ; stm:text ?text ; stm:line ?line }";

/// Two sentences that share fewer of their words say different things.
const ALIKE: f64 = 0.45;

impl State<'_> {
    /// A text as such.
    pub fn text_evidence(&self, locale: &str, text: &Text) -> Result<Evidence, StoreError> {
        let evidence = self.version_evidence(&text.version)?;
        Ok(Evidence { locale: Some(locale.to_owned()), url: text.url.clone(), ..evidence })
    }

    pub fn version_evidence(&self, version: &str) -> Result<Evidence, StoreError> {
        let node = self.node(version)?;
        let mut days = Vec::new();
        for interval in self.subjects(stm::OF_VERSION, version)? {
            days.extend(self.object(&interval, stm::VALID_FROM)?);
        }
        days.retain(|day| self.day.as_ref().is_none_or(|last| day <= last));
        let file = node.get(stm::FILE).map(str::to_owned);
        let missing = file.is_none().then(|| "the text itself is not in the inputs".to_owned());
        Ok(Evidence {
            locale: node.get(schema::IN_LANGUAGE).map(str::to_owned),
            file,
            version: Some(state::digits(version).to_owned()),
            since: days.into_iter().max(),
            note: missing,
            ..Evidence::default()
        })
    }

    /// A node that stands somewhere: a segment, a reading, a link, a finding.
    pub fn place(&self, node: &str) -> Result<Evidence, StoreError> {
        let known = self.node(node)?;
        let line = match (known.get(stm::LINE), known.get(stm::IN_SEGMENT)) {
            (Some(line), _) => Some(line.to_owned()),
            (None, Some(segment)) => self.object(segment, stm::LINE)?,
            (None, None) => None,
        };
        let inside = known.get(stm::IN_VERSION).or_else(|| known.get(stm::IN_FILE));
        let evidence = self.version_evidence(inside.unwrap_or_default())?;
        let quote = [stm::QUOTE, stm::TEXT].iter().find_map(|term| known.get(*term));
        let link = || {
            let label = known.get(rdfs::LABEL)?;
            Some(format!("[{label}]({})", known.get(stm::HREF)?))
        };
        let is_file = known.get(stm::IN_FILE).is_some();
        Ok(Evidence {
            line: line.and_then(|line| line.parse().ok()),
            quote: quote.map(one_line).or_else(|| link().as_deref().map(one_line)),
            version: evidence.version.clone().filter(|_| !is_file),
            ..evidence
        })
    }

    /// The sentence of a text that is most like a quote, if one is like it.
    pub fn nearest(&self, version: &str, quote: &str) -> Result<Option<(u32, String)>, StoreError> {
        let wanted = words(quote);
        let mut best: Option<(f64, u32, String)> = None;
        for [line, text] in self.ask(SEGMENTS, &[version.to_owned()])? {
            let (line, text) = (state::text(line), state::text(text));
            for sentence in sentences(&text) {
                let likeness = likeness(&wanted, &words(sentence));
                if likeness >= ALIKE && best.as_ref().is_none_or(|(most, ..)| likeness > *most) {
                    best = Some((likeness, line.parse().unwrap_or(0), one_line(sentence)));
                }
            }
        }
        Ok(best.map(|(_, line, sentence)| (line, sentence)))
    }

    /// The sentence of a text that has a name in it.
    pub fn with_name(
        &self,
        version: &str,
        name: &str,
        spelt: &str,
    ) -> Result<Evidence, StoreError> {
        let query = format!(
            "SELECT ?line ?text ?source WHERE {{ VALUES ?version {{ $ }} VALUES ?name {{ <{}> }}
             ?segment stm:inVersion ?version . ?mention stm:inSegment ?segment ; stm:ofName ?name .
             ?segment stm:line ?line ; stm:text ?text
             OPTIONAL {{ ?segment stm:sourceText ?source }} }}",
            self.iri(name)
        );
        let mut found: Vec<(u32, String)> = Vec::new();
        for [line, text, source] in self.ask(&query, &[version.to_owned()])? {
            let (line, text) = (state::text(line), state::text(text));
            // On bilingual pages the name may stand on the side of the source alone.
            let text = source.filter(|_| !text.contains(spelt)).unwrap_or(text);
            found.push((line.parse().unwrap_or(0), text));
        }
        found.sort();
        let evidence = self.version_evidence(version)?;
        let Some((line, text)) = found.into_iter().next() else { return Ok(evidence) };
        let sentence = sentences(&text).find(|sentence| sentence.contains(spelt)).unwrap_or(&text);
        let quote = around(&one_line(sentence), spelt);
        Ok(Evidence { line: Some(line), quote: Some(quote), ..evidence })
    }
}

/// A long sentence begins shortly before what matters in it.
fn around(sentence: &str, word: &str) -> String {
    const BEFORE: usize = 60;
    let Some(at) = sentence.find(word) else { return sentence.to_owned() };
    if sentence[..at].chars().count() <= 2 * BEFORE {
        return sentence.to_owned();
    }
    let start = sentence[..at].char_indices().rev().nth(BEFORE - 1).map_or(0, |(start, _)| start);
    let start = sentence[start..at].find(' ').map_or(start, |blank| start + blank + 1);
    format!("… {}", &sentence[start..])
}

/// Breaks and runs of blanks become one blank.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(". ").map(str::trim).filter(|sentence| !sentence.is_empty())
}

fn words(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| !c.is_alphanumeric());
    let mut words: Vec<String> =
        parts.filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    words.sort();
    words
}

/// Sørensen and Dice's measure on two sorted lists of words.
fn likeness(a: &[String], b: &[String]) -> f64 {
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                shared += 1;
                i += 1;
                j += 1;
            }
        }
    }
    2.0 * f64::from(shared) / (a.len() + b.len()).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reworded_sentence_is_like_its_former_self() {
        let before = words("Customer data in pseudonymized form may also be stored in the US");
        let after = words("Customer data in pseudonymized form is stored in the United States");
        let other = words("You share data with other services when you turn them on");
        assert!(likeness(&before, &after) >= ALIKE);
        assert!(likeness(&before, &other) < ALIKE);
    }
}
