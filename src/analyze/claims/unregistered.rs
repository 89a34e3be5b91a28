//! Finds the name of a product that the catalog does not know, or knows only a part of: in the
//! page's titles, its rows, its text.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Reader;
use super::clause::Owner;
use super::page_product::OFTEN;
use super::passage::contains;
use super::sentences::sentences;
use crate::analyze::Mention;
use crate::catalog::languages::{Cue, Mark, fold};
use crate::model::{Block, BlockKind};

/// How many times as often as any known product the end of a title's name has to stand.
const OUTWEIGHS: usize = 3;
/// How many words a name in a title may have.
const NAME_LENGTH: usize = 5;
/// How many words may stand between a name and the verb that it is the subject of.
const AUXILIARIES: usize = 2;

impl Reader<'_> {
    /// A product that the catalog does not know, or knows only the beginning of: capitalised words
    /// of a title that the text uses again and again, and more often than any known product.
    pub(super) fn titled(&self, titles: &[&str], most: usize) -> Option<Owner> {
        let is_name = |name: &&str| is_proper(name) && self.is_no_term(name);
        let found = titles.iter().find_map(|title| {
            let whole = |name: &&str| is_name(name) && !self.is_cut(title, name);
            names(title).filter(whole).find(|name| self.count(name) > most.max(1))
        });
        // The text may use only the end of the name that the title has in full.
        let shorter = || {
            let often = |name: &&str| {
                let count = self.count(name);
                count >= OFTEN && count > OUTWEIGHS * most
            };
            let is_other = |title: &str, name: &&str| !self.is_of_standard(title, name);
            let all = titles.iter().flat_map(|&t| names(t).filter(move |name| is_other(t, name)));
            let ends = all.flat_map(endings);
            ends.filter(is_name).find(often)
        };
        Some(Owner { product: None, written: found.or_else(shorter)?.to_owned() })
    }

    /// A product of a known vendor that the catalog does not know: "Azure Widget Works", which its
    /// text need not repeat.
    pub(super) fn branded(&self, titles: &[&str]) -> Option<Owner> {
        let is_name = |title: &str, name: &str| {
            let mut brands = self.mentions.values().flatten().filter(|m| self.is_background(m));
            let is_brand = brands.any(|brand| {
                let rest = name.strip_prefix(self.written(brand));
                rest.is_some_and(|rest| rest.starts_with(' '))
            });
            let capital = |word: &str| word.starts_with(char::is_uppercase);
            is_brand
                && name.split(' ').all(capital)
                && self.is_no_term(name)
                && !self.is_cut(title, name)
        };
        let found =
            titles.iter().find_map(|title| names(title).find(|name| is_name(title, name)))?;
        Some(Owner { product: None, written: found.to_owned() })
    }

    /// Whether a title goes on with another word of the name, or with a clause that the name has the
    /// beginning of: "Professional Services that …".
    fn is_cut(&self, title: &str, name: &str) -> bool {
        let start = name.as_ptr() as usize - title.as_ptr() as usize;
        let rest = &title[start + name.len()..];
        let last = name.rsplit(' ').next().unwrap_or("");
        if last.starts_with(char::is_lowercase) && rest.starts_with(' ') {
            return true;
        }
        let next = rest.strip_prefix(' ').and_then(|rest| rest.split_whitespace().next());
        let word = next.map(|word| word.trim_end_matches(|c: char| !c.is_alphanumeric()));
        word.is_some_and(|word| word.starts_with(char::is_uppercase) && self.is_no_term(word))
            || self.is_of_standard(title, name)
    }

    /// A product of which the catalog knows only the beginning: a longer name in a title, which
    /// most of the known one's mentions are a part of.
    pub(super) fn longer(&self, known: &str, titles: &[&str], mentioned: usize) -> Option<Owner> {
        let is_longer = |name: &&str| {
            // Where nouns have capitals, a hyphen makes a compound: "Windows-Konfiguration".
            let joint = if self.language.capital_nouns { &[' '][..] } else { &[' ', '-'] };
            let rest = name.strip_prefix(known).filter(|rest| rest.starts_with(joint));
            // "Office 365 services" is no other name.
            let mut words = rest.unwrap_or_default().split_whitespace();
            let goes_on = words.any(|word| word.starts_with(char::is_uppercase));
            let is_usual = || {
                let count = self.count(name);
                count > 1 && 2 * count > mentioned
            };
            goes_on && self.is_no_term(name) && is_usual()
        };
        let found = titles.iter().find_map(|title| {
            names(title).find(|name| is_longer(name) && !self.is_cut(title, name))
        })?;
        Some(Owner { product: None, written: found.to_owned() })
    }

    /// The title, if a row of the page gives it as a value: "Name | Wonderboard". A known product
    /// may be a part of it.
    pub(super) fn named_in_row(&self, known: &[&Mention]) -> Option<Owner> {
        let is_title = |block: &&Block| block.kind == BlockKind::Heading(1);
        let title = self.blocks.iter().find(is_title)?.text.plain.trim();
        let values =
            self.blocks.iter().filter(|block| block.kind == BlockKind::Row { header: false });
        let given = values
            .flat_map(|block| {
                block.cells.iter().skip(1).map(|cell| &block.text.plain[cell.range()])
            })
            .any(|value| value.trim() == title);
        let is_known = known.iter().any(|mention| self.written(mention) == title);
        let goes_on = known.iter().any(|mention| title.contains(self.written(mention)));
        let found = given && !is_known && (goes_on || self.is_no_term(title));
        found.then(|| Owner { product: None, written: title.to_owned() })
    }

    /// The name of nothing known that the prose uses most: words that have a capital inside a
    /// sentence. Where nouns have one, it tells nothing.
    pub(super) fn often_named(&self) -> Option<Owner> {
        if self.language.capital_nouns {
            return None;
        }
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let prose = self.blocks.iter().filter(|block| {
            matches!(block.kind, BlockKind::Paragraph | BlockKind::Item | BlockKind::Html)
        });
        for block in prose {
            let text = block.text.plain.as_str();
            let whole = sentences(&block.text, 0..text.len(), self.language);
            for sentence in whole.into_iter().map(|sentence| &text[sentence]) {
                let first = sentence.split_whitespace().next().unwrap_or("");
                let inside = &sentence[first.len()..];
                let capital = |word: &str| word.starts_with(char::is_uppercase);
                let is_name =
                    |name: &&str| name.chars().count() > 2 && name.split(' ').all(capital);
                for name in names(inside).filter(is_name) {
                    *counts.entry(name).or_default() += 1;
                }
            }
        }
        counts.retain(|name, count| *count >= OFTEN && self.is_no_term(name));
        let most = counts.values().copied().max()?;
        // Of "Contoso" and "Contoso Mail", the longer, if it is nearly as usual.
        let usual = counts.into_iter().filter(|&(_, count)| 2 * count > most);
        let (name, _) = usual.max_by_key(|&(name, count)| (name.split(' ').count(), count))?;
        Some(Owner { product: None, written: name.to_owned() })
    }

    /// A name that does something in the text and that the page repeats: "Wonderboard stores …". Of
    /// several the one that the page uses most, if no vendor or cloud is named more often.
    pub(super) fn acting(&self, titles: &[&str]) -> Option<Owner> {
        let mut found: Vec<&str> = Vec::new();
        for index in self.prose_blocks() {
            let text = self.blocks[index].text.plain.as_str();
            let passage = self.passage_of_any(index);
            for sentence in sentences(&self.blocks[index].text, 0..text.len(), self.language) {
                for (verb, _) in passage.verbs(&sentence) {
                    found.extend(subject(&text[sentence.start..verb.start]));
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        let headers = |name: &str| {
            titles.iter().map(|title| title.match_indices(name).count()).sum::<usize>()
        };
        let is_name = |name: &&str| {
            self.is_no_term(name) && self.is_only_name(name, titles) && !self.is_known(name)
        };
        let counted = found.into_iter().filter(is_name).map(|name| {
            let count = self.count(name) + headers(name);
            (count, name.split(' ').count(), name)
        });
        let mut clouds = BTreeMap::new();
        for mention in self.mentions.values().flatten().filter(|m| self.is_background(m)) {
            *clouds.entry(mention.product).or_insert(0_usize) += 1;
        }
        let (count, _, name) = counted.max()?;
        (count > clouds.into_values().max().unwrap_or(1).max(1))
            .then(|| Owner { product: None, written: name.to_owned() })
    }

    /// A name of which a title has nothing but the capitals to tell: "Data residency in Wonderboard",
    /// where the text has it inside a sentence.
    pub(super) fn titled_once(&self, titles: &[&str]) -> Option<Owner> {
        let is_name = |name: &&str| {
            name.split(' ').all(|word| word.starts_with(char::is_uppercase))
                && self.is_no_term(name)
                && self.is_only_name(name, &[])
        };
        let found = titles.iter().find_map(|title| names(title).find(is_name))?;
        Some(Owner { product: None, written: found.to_owned() })
    }

    /// Whether words are nothing but a name: with a capital inside a sentence of the text or in what
    /// the header says, and never without.
    fn is_only_name(&self, name: &str, headers: &[&str]) -> bool {
        if self.language.capital_nouns && !name.chars().skip(1).any(char::is_uppercase) {
            return false;
        }
        let small = name.to_lowercase();
        let bounded = |text: &str, at: usize, length: usize| {
            let is_word = |c: char| c.is_alphanumeric();
            !text[..at].ends_with(is_word) && !text[at + length..].starts_with(is_word)
        };
        let has = |text: &str, words: &str| {
            text.match_indices(words).any(|(at, _)| bounded(text, at, words.len()))
        };
        let inside = |text: &str| {
            text.match_indices(name).any(|(at, _)| {
                let before = text[..at].trim_end_matches(['*', '"', '“']);
                let is_inside = before.strip_suffix(' ').is_some_and(|before| {
                    before.ends_with(|c: char| c.is_alphanumeric() || c == ',')
                });
                is_inside && bounded(text, at, name.len())
            })
        };
        let texts = || self.prose_blocks().map(|index| self.blocks[index].text.plain.as_str());
        texts().chain(headers.iter().copied()).any(inside) && !texts().any(|text| has(text, &small))
    }

    /// Whether a name is that of a known product, or a part of one wherever it stands.
    fn is_known(&self, name: &str) -> bool {
        let mut mentions = self.mentions.values().flatten();
        mentions.any(|mention| self.written(mention).contains(name))
    }

    fn prose_blocks(&self) -> impl Iterator<Item = usize> + '_ {
        let is_prose =
            |kind| matches!(kind, BlockKind::Paragraph | BlockKind::Item | BlockKind::Html);
        (0..self.blocks.len()).filter(move |&index| is_prose(self.blocks[index].kind))
    }

    /// How often a name stands below the title, other than as a part of a known one.
    fn count(&self, name: &str) -> usize {
        let below = self.blocks.iter().enumerate();
        let below = below.filter(|(_, block)| block.kind != BlockKind::Heading(1));
        below
            .flat_map(|(index, block)| {
                block.text.plain.match_indices(name).map(move |(at, _)| (index, at))
            })
            .filter(|&(index, at)| !self.is_part(index, at..at + name.len()))
            .count()
    }

    /// Whether a stretch of a block is only a part of a known product's name.
    fn is_part(&self, index: usize, stretch: Range<usize>) -> bool {
        let mentions = self.mentions.get(&(index as u32)).into_iter().flatten();
        mentions
            .map(|mention| mention.plain.range())
            .any(|name| contains(&name, &stretch) && name != stretch)
    }

    /// Whether a title goes on with the name of a standard, which is no more a product in part.
    fn is_of_standard(&self, title: &str, name: &str) -> bool {
        let end = name.as_ptr() as usize - title.as_ptr() as usize + name.len();
        let rest = title[end..].split(' ').skip(1);
        rest.take_while(|word| word.starts_with(char::is_uppercase)).any(|word| {
            let folded = fold(word.trim_end_matches(|c: char| !c.is_alphanumeric()));
            let whole = 0..folded.len();
            let mut cues = self.language.search(&folded);
            cues.any(|(start, end, entry)| {
                entry.cue == Cue::Mark(Mark::Standard) && (start..end) == whole
            })
        })
    }

    /// Whether a name is none of the words that statements about places are made of, nor a vendor.
    fn is_no_term(&self, name: &str) -> bool {
        let background = self
            .mentions
            .values()
            .flatten()
            .any(|mention| self.is_background(mention) && self.written(mention) == name);
        let folded = fold(name);
        let bounded = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        let cues: Vec<(usize, usize, Cue)> = self
            .language
            .search(&folded)
            .filter(|&(start, end, _)| {
                bounded(folded[..start].chars().next_back())
                    && bounded(folded[end..].chars().next())
            })
            .map(|(start, end, entry)| (start, end, entry.cue))
            .collect();
        // "Azure Lab Services" is a name for all its "services".
        let operates = |start: usize, end: usize| {
            cues.iter().any(|&(from, to, cue)| {
                from <= start && end <= to && cue == Cue::Mark(Mark::Operator)
            })
        };
        // At the end of a name stands what it is: "… data", "… customers". What it is for may begin
        // it: "Data Lake Works".
        let all_capital = name.split(' ').all(|word| word.starts_with(char::is_uppercase));
        let begins_name = |start: usize, end: usize| {
            start == 0 && all_capital && folded[end..].split_whitespace().count() > 1
        };
        let is_term = cues.iter().any(|&(start, end, cue)| match cue {
            Cue::Mark(Mark::In | Mark::To | Mark::From | Mark::Of | Mark::Join) => {
                end == name.len()
            }
            Cue::Mark(Mark::Processing) => end == name.len(),
            Cue::Category(_) => !begins_name(start, end),
            Cue::Place(_) | Cue::Adjective(_) => true,
            Cue::Mark(Mark::DataCenter | Mark::Places | Mark::People) => true,
            Cue::Mark(Mark::Law | Mark::Standard) => true,
            Cue::Term(_) => start == 0 && end == name.len() && !operates(start, end),
            _ => false,
        });
        !background && !is_term
    }
}

/// What could be names in a title, the longest first: words from a capital on.
pub(super) fn names(title: &str) -> impl Iterator<Item = &str> {
    let words: Vec<Range<usize>> = title
        .split_whitespace()
        .map(|word| {
            let start = word.as_ptr() as usize - title.as_ptr() as usize;
            start..start + word.trim_end_matches(|c: char| !c.is_alphanumeric()).len()
        })
        .filter(|word| !word.is_empty())
        .collect();
    let capital = |word: &Range<usize>| title[word.clone()].starts_with(char::is_uppercase);
    let mut found = Vec::new();
    for length in (1..=NAME_LENGTH.min(words.len())).rev() {
        for first in 0..=words.len() - length {
            // The end of a longer name is another one.
            let begins = capital(&words[first]) && (first == 0 || !capital(&words[first - 1]));
            let name = &title[words[first].start..words[first + length - 1].end];
            if begins && !name.contains([':', '|', ',', '?', '(']) {
                found.push(name);
            }
        }
    }
    found.into_iter()
}

/// The capitalised words that stand before a verb, but for a few small ones between: "Wonderboard
/// does not store".
fn subject(before: &str) -> Option<&str> {
    let words: Vec<&str> = before.split_whitespace().collect();
    let capital = |word: &&str| word.starts_with(char::is_uppercase);
    let last = words.iter().rposition(capital)?;
    let first = words[..last].iter().rposition(|word| !capital(word)).map_or(0, |at| at + 1);
    let between = words.len() - 1 - last;
    let start = words[first].as_ptr() as usize - before.as_ptr() as usize;
    let end = words[last].as_ptr() as usize - before.as_ptr() as usize + words[last].len();
    let name = &before[start..end];
    let is_whole = !name.contains([',', ':', '(', ')', '/', '|', '.', '’', '\'']);
    (between <= AUXILIARIES && last - first < NAME_LENGTH && is_whole).then_some(name)
}

/// Whether a name is more than a word that begins a title: "Zone redundancy" is none.
fn is_proper(name: &str) -> bool {
    name.split(' ').filter(|word| word.starts_with(char::is_uppercase)).count() > 1
}

/// What a name of capitalised words ends with, the longest first.
fn endings(name: &str) -> impl Iterator<Item = &str> {
    let capital = |rest: &&str| rest.split(' ').all(|word| word.starts_with(char::is_uppercase));
    name.match_indices(' ').map(|(at, blank)| &name[at + blank.len()..]).filter(capital)
}
