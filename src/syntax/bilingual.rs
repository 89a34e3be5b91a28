//! Finds the units of a bilingual page and takes either side of it.
//!
//! A unit is `<span data-ttu-id="ID">translation</span><span class="sxs-lookup"><span
//! data-stu-id="ID">source</span></span>`. Authors write spans of their own inside units, some
//! never closed, so a unit is found by its id and not by counting tags.

use std::ops::Range;

use super::View;
use crate::diag::{Code, Problem};

/// One unit: ranges in the view's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    pub id: String,
    pub whole: Range<usize>,
    pub target: Range<usize>,
    pub source: Range<usize>,
}

impl Unit {
    /// The id without the page's prefix: `109` of `13a8b-109`.
    pub fn number(&self) -> &str {
        self.id.rsplit_once('-').map_or(&self.id, |(_, number)| number)
    }
}

const TARGET: &str = "<span data-ttu-id=";
const SOURCE: &str = "<span data-stu-id=";
const CLOSE: &str = "</span>";
const QUOTES: [&str; 2] = ["\"", "&quot;"];

/// All units from byte `body` on, in order. A unit that cannot be told apart is left as text and
/// reported.
pub fn units(view: &View, body: usize, out: &mut Vec<Problem>) -> Vec<Unit> {
    let text = view.text.as_str();
    let mut units = Vec::new();
    let mut at = body;
    while let Some(found) = text[at..].find(TARGET) {
        let start = at + found;
        match unit(text, start) {
            Some((unit, mangled)) => {
                if mangled {
                    out.push(
                        Problem::new(
                            Code::BILINGUAL_UNIT_MANGLED,
                            view.file_span(unit.whole.clone()),
                            format!("the quotes in the tags of unit `{}` became `&quot;`", unit.id),
                        )
                        .help(
                            "write the quotes of `data-ttu-id`, `class` and `data-stu-id` as `\"`",
                        ),
                    );
                }
                at = unit.whole.end;
                units.push(unit);
            }
            None => {
                let end = start + TARGET.len();
                out.push(
                    Problem::new(
                        Code::BILINGUAL_UNIT_INCOMPLETE,
                        view.file_span(start..end),
                        "a unit has no source side with the same id",
                    )
                    .help("restore the `sxs-lookup` span, or remove the `data-ttu-id` span"),
                );
                at = end;
            }
        }
    }
    units
}

fn unit(text: &str, start: usize) -> Option<(Unit, bool)> {
    let (id, target_start, mut mangled) = attribute(text, start + TARGET.len())?;
    let target_start = text[target_start..].starts_with('>').then_some(target_start + 1)?;
    let limit = text[target_start..].find(TARGET).map_or(text.len(), |next| target_start + next);
    let mut from = target_start;
    let (target_end, source_start) = loop {
        let close = from + text[from..limit].find(CLOSE)?;
        if let Some((source_start, lookup_mangled)) = lookup(text, close + CLOSE.len(), id) {
            mangled |= lookup_mangled;
            break (close, source_start);
        }
        from = close + CLOSE.len();
    };
    let source_end = source_end(&text[..limit], source_start)?;
    let unit = Unit {
        id: id.to_owned(),
        whole: start..source_end + 2 * CLOSE.len(),
        target: target_start..target_end,
        source: source_start..source_end,
    };
    Some((unit, mangled))
}

/// Reads `"value"` or `&quot;value&quot;`: the value, where it ends, and whether a quote was
/// mangled.
fn attribute(text: &str, at: usize) -> Option<(&str, usize, bool)> {
    let open = QUOTES.iter().find(|quote| text[at..].starts_with(**quote))?;
    let start = at + open.len();
    let length = text[start..].find(['"', '&', '<', '>'])?;
    let close = QUOTES.iter().find(|quote| text[start + length..].starts_with(**quote))?;
    let mangled = *open != QUOTES[0] || *close != QUOTES[0];
    Some((&text[start..start + length], start + length + close.len(), mangled))
}

/// The start of the source side, if the source side of this unit begins here.
fn lookup(text: &str, at: usize, id: &str) -> Option<(usize, bool)> {
    const CLASS: &str = "<span class=";
    let at = text[at..].starts_with(CLASS).then_some(at + CLASS.len())?;
    let (class, at, class_mangled) = attribute(text, at)?;
    let at = (class == "sxs-lookup" && text[at..].starts_with('>')).then_some(at + 1)?;
    let at = text[at..].starts_with(SOURCE).then_some(at + SOURCE.len())?;
    let (source_id, at, id_mangled) = attribute(text, at)?;
    (source_id == id && text[at..].starts_with('>'))
        .then_some((at + 1, class_mangled || id_mangled))
}

/// Where the author's spans balance, if a unit can end there; else the first place where one can.
fn source_end(text: &str, start: usize) -> Option<usize> {
    let ends_at = |at: usize| text[at..].starts_with("</span></span>");
    let mut depth = 0_usize;
    let mut at = start;
    while let Some(found) = text[at..].find('<') {
        at += found;
        if text[at..].starts_with(CLOSE) {
            if depth == 0 {
                if ends_at(at) {
                    return Some(at);
                }
                break;
            }
            depth -= 1;
        } else if text[at..].starts_with("<span") {
            let end = text[at + 1..].find(['<', '>']).map_or(text.len(), |end| at + 1 + end);
            depth += usize::from(!text[at..end].ends_with('/'));
        }
        at += 1;
    }
    text[start..].find("</span></span>").map(|first| start + first)
}

/// Which side of a bilingual page to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Take {
    Target,
    Source,
}

/// One side of the page as a page of its own.
pub fn side(view: &View, units: &[Unit], take: Take) -> View {
    let mut taken = View::default();
    let mut at = 0;
    for unit in units {
        taken.push_view(view, at..unit.whole.start);
        let range = match take {
            Take::Target => unit.target.clone(),
            Take::Source => unit.source.clone(),
        };
        taken.push_view(view, range);
        at = unit.whole.end;
    }
    taken.push_view(view, at..view.text.len());
    taken
}
