//! How languages say between two names that one became the other.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::products::ChangeKind;

/// Phrases by the words between the names. Whose language they are does not matter: no phrase of
/// one language means something else in another.
#[derive(Clone, Debug, Default)]
pub struct NameChanges {
    by_words: BTreeMap<String, Said>,
}

/// What a phrase says of the names around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    pub kind: ChangeKind,
    /// The old name stands before the new one.
    pub old_first: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Phrases {
    phrases: Vec<Phrase>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Phrase {
    /// For readers of the file.
    #[serde(rename = "lang")]
    _lang: String,
    text: String,
    #[serde(default = "renamed")]
    kind: ChangeKind,
}

fn renamed() -> ChangeKind {
    ChangeKind::Renamed
}

impl NameChanges {
    /// The error names the phrase that is wrong.
    pub(super) fn of(files: impl IntoIterator<Item = Phrases>) -> Result<Self, String> {
        let mut by_words = BTreeMap::new();
        for phrase in files.into_iter().flat_map(|file| file.phrases) {
            let between = |first: &str, last: &str| {
                phrase.text.trim().strip_prefix(first)?.strip_suffix(last).map(words)
            };
            let (words, old_first) = match between("{before}", "{after}") {
                Some(words) => (words, true),
                None => match between("{after}", "{before}") {
                    Some(words) => (words, false),
                    None => {
                        return Err(format!(
                            "`{}` must stand between {{before}} and {{after}}",
                            phrase.text
                        ));
                    }
                },
            };
            by_words.insert(words, Said { kind: phrase.kind, old_first });
        }
        Ok(Self { by_words })
    }

    /// Reads what stands between two names.
    pub fn between(&self, text: &str) -> Option<Said> {
        // Nothing said is longer; most stretches between names are.
        if text.len() > 60 {
            return None;
        }
        self.by_words.get(&words(text)).copied()
    }
}

fn words(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}
