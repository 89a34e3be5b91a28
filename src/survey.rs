//! What must be known of every page before any of them can be placed: hashes, header, language.
//!
//! Small enough to keep for all pages at once. The pages themselves are read again when compiled.

use crate::model::{Origin, PageVersion};
use crate::source::{File, FileKind};
use crate::syntax::docfx;
use crate::syntax::encoding::{self, Hashes};
use crate::syntax::{bilingual, front_matter};

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
    Survey::Page(Box::new(Surveyed {
        file: index,
        hashes: encoding::variants(bytes),
        bytes: bytes.len() as u32,
        origin: front_matter::origin(&page.front_matter, &mut ignored),
        locale: declared.or_else(|| file.tree.locale.clone()),
        bilingual: !units.is_empty(),
        heading,
    }))
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
