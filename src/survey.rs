//! What must be known of every page before any of them can be placed: hashes, header, language.
//!
//! Small enough to keep for all pages at once. The pages themselves are read again when compiled.

use std::ops::Range;

use crate::model::{Origin, PageVersion};
use crate::source::{File, FileKind};
use crate::syntax::docfx;
use crate::syntax::encoding::{self, Hashes};
use crate::syntax::{bilingual, front_matter};

/// How much prose tells its language, in bytes: with less nothing is guessed, more is not needed.
const ENOUGH: Range<usize> = 80..8000;

/// One file that is a page.
#[derive(Clone, Debug)]
pub struct Surveyed {
    /// Index into the files.
    pub file: usize,
    pub hashes: Hashes,
    pub bytes: u32,
    pub origin: Origin,
    /// From the header, the tree or the configuration; none if nobody says.
    pub locale: Option<String>,
    /// ISO 639-3, by the words of a page whose locale nobody says; none if they do not tell.
    pub language: Option<&'static str>,
    pub bilingual: bool,
    /// The fragment of the first heading, of files that have no path.
    pub heading: Option<String>,
}

/// What a file turned out to be.
#[derive(Debug)]
pub enum Survey {
    Page(Box<Surveyed>),
    /// Text that is no page: known to exist, hashed, not read further.
    Other,
}

/// Looks at one file. Problems are reported when the page is compiled, not here.
pub fn survey(index: usize, file: &File, bytes: &[u8]) -> Survey {
    let mut ignored = Vec::new();
    let view = encoding::decode(bytes, &mut ignored);
    let mut page = PageVersion::default();
    let body = match file.kind {
        FileKind::Yaml => {
            page.front_matter = front_matter::yaml_page(&view, &mut ignored).0;
            view.text.len()
        }
        _ => {
            let header = front_matter::read(&view, &mut ignored);
            page.front_matter = header.entries;
            header.body
        }
    };
    let declared = page.value("ms.contentlocale").and_then(crate::source::folder::canonical_locale);
    let units = if view.text.contains("data-ttu-id") {
        bilingual::units(&view, body, &mut ignored)
    } else {
        Vec::new()
    };
    let heading = if file.path.is_none() { heading(&view, body, &units) } else { None };
    let locale = declared.or_else(|| file.tree.locale.clone());
    let language = if locale.is_none() { language(&view, body, &units) } else { None };
    Survey::Page(Box::new(Surveyed {
        file: index,
        hashes: encoding::variants(bytes),
        bytes: bytes.len() as u32,
        origin: front_matter::origin(&page.front_matter, &mut ignored),
        locale,
        language,
        bilingual: !units.is_empty(),
        heading,
    }))
}

/// The language of a page's prose, if its words surely tell.
fn language(
    view: &crate::syntax::View,
    body: usize,
    units: &[bilingual::Unit],
) -> Option<&'static str> {
    let view = bilingual::side(view, units, bilingual::Take::Target);
    let mut prose = String::new();
    let mut in_code = false;
    for line in view.text[body..].lines() {
        let is_fence = line.trim_start().starts_with("```");
        in_code ^= is_fence;
        if is_fence || in_code {
            continue;
        }
        // Addresses, paths and code are in no language.
        let words = line.split_whitespace().filter(|word| !word.contains(['/', '`', '=', '_']));
        words.for_each(|word| {
            prose.push_str(word);
            prose.push(' ');
        });
        if prose.len() > ENOUGH.end {
            break;
        }
    }
    if prose.len() < ENOUGH.start {
        return None;
    }
    let found = whatlang::detect(&prose).filter(whatlang::Info::is_reliable)?;
    Some(match found.lang() {
        // The catalog has one Chinese.
        whatlang::Lang::Cmn => "zho",
        other => other.code(),
    })
}

/// `<a name>` of the first heading, else the heading's own slug.
fn heading(view: &crate::syntax::View, body: usize, units: &[bilingual::Unit]) -> Option<String> {
    let view = bilingual::side(view, units, bilingual::Take::Target);
    let line = view.text[body..]
        .lines()
        .find(|line| line.starts_with("# "))?
        .trim_start_matches('#')
        .trim();
    let named =
        docfx::tags(line).into_iter().find_map(|tag| tag.attribute("name").map(str::to_owned));
    named.or_else(|| Some(docfx::slug(line)).filter(|slug| !slug.is_empty()))
}
