//! For people: each problem with its line, the first few of each code, and a table of all.

use std::collections::BTreeMap;
use std::io;

use annotate_snippets::{
    AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str,
};

use super::{Content, Files, Report, one_line};
use crate::diag::{Code, Diagnostic, Place, Severity};
use crate::source::Span;

/// Columns of a line that are shown.
const WIDTH: usize = 100;
/// Characters that are underlined at most; the rest of the line gives them their context.
const LONGEST_UNDERLINE: usize = 70;

pub fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let renderer =
        if report.color { Renderer::styled() } else { Renderer::plain() }.term_width(WIDTH);
    let (mut files, mut noted) = (report.files(), report.files());
    let codes = by_code(report);
    for (&(_, code), diagnostics) in &codes {
        let limit =
            if report.per_code_limit == 0 { diagnostics.len() } else { report.per_code_limit };
        for diagnostic in diagnostics.iter().take(limit) {
            let groups = groups(diagnostic, &mut files, &mut noted);
            writeln!(out, "{}\n", renderer.render(&groups))?;
        }
        let more = diagnostics.len().saturating_sub(limit);
        if more > 0 {
            writeln!(
                out,
                "… and {more} more {code} (show all with `--limit 0`, or see `stemma explain {code}`)\n"
            )?;
        }
    }
    table(&codes, out)
}

type Codes<'a> = BTreeMap<(Severity, Code), Vec<&'a Diagnostic>>;

/// The worst first.
fn by_code<'a>(report: &Report<'a>) -> Codes<'a> {
    let mut codes = Codes::new();
    for diagnostic in report.sorted() {
        codes.entry((diagnostic.severity(), diagnostic.code)).or_default().push(diagnostic);
    }
    codes
}

fn table(codes: &Codes<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let width = codes.keys().map(|(_, code)| code.name().len()).max();
    let Some(width) = width else { return Ok(()) };
    writeln!(out, "{:width$}  severity  count", "code")?;
    for ((severity, code), diagnostics) in codes {
        writeln!(out, "{code:width$}  {severity:8}  {:5}", diagnostics.len())?;
    }
    Ok(())
}

fn groups(
    diagnostic: &Diagnostic,
    files: &mut Files<'_>,
    noted: &mut Files<'_>,
) -> Vec<Group<'static>> {
    let level = match diagnostic.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let title =
        level.primary_title(one_line(&diagnostic.message).into_owned()).id(diagnostic.code.name());
    let mut main = Group::with_title(title);
    if let Some(place) = &diagnostic.at {
        main = main.element(shown(place, files, AnnotationKind::Primary));
    }
    for order in orders(diagnostic) {
        main = main.element(Level::HELP.message(tame(&order)));
    }
    let mut groups = vec![main];
    for (place, text) in &diagnostic.notes {
        let element = shown(place, noted, AnnotationKind::Context);
        groups.push(Level::NOTE.secondary_title(tame(text)).element(element));
    }
    groups
}

/// The help, and the repair unless the help already says it.
fn orders(diagnostic: &Diagnostic) -> Vec<String> {
    let mut orders = diagnostic.help.clone();
    if let Some(repair) = &diagnostic.repair {
        let words = format!("`{}`", repair.trim());
        match repair.trim() {
            "" if repair.is_empty() => orders.push("remove it".to_owned()),
            "" => orders.push("write a blank".to_owned()),
            _ if orders.iter().any(|order| order.contains(&words)) => {}
            _ => orders.push(format!("write {words}")),
        }
    }
    orders.dedup();
    orders
}

fn tame(text: &str) -> String {
    normalize_untrusted_str(&one_line(text))
}

fn shown(place: &Place, files: &mut Files<'_>, kind: AnnotationKind) -> Element<'static> {
    let path = place.file.clone();
    if place.is_whole_file() {
        return Origin::path(path).into();
    }
    let Some(content) = files.content(&place.file) else {
        return Origin::path(path).line(place.line as usize).into();
    };
    let excerpt = Excerpt::of(content, place.span);
    let underlined = kind.span(excerpt.start..excerpt.end);
    Snippet::source(excerpt.text)
        .line_start(excerpt.first_line)
        .path(path)
        .annotation(underlined)
        .into()
}

/// The lines of a span as readable text, and where the span is in it.
struct Excerpt {
    text: String,
    first_line: usize,
    start: usize,
    end: usize,
}

impl Excerpt {
    fn of(content: &Content, span: Span) -> Self {
        let range = content.clamped(span);
        let first = content.lines.line(range.start as u32);
        // A span that ends with a line's end does not reach into the next line.
        let last = content.lines.line(range.end.max(range.start + 1) as u32 - 1).max(first);
        let is_long = |line| content.line(line).len() > WIDTH;
        // Lines that are cut at different columns cannot stand below each other.
        let last = if first < last && (first..=last).any(is_long) { first } else { last };

        let mut excerpt =
            Self { text: String::new(), first_line: first as usize, start: 0, end: 0 };
        for line in first..=last {
            let bytes = content.line(line);
            let start = range.start.clamp(bytes.start, bytes.end);
            let end = range.end.clamp(start, bytes.end);
            if line > first {
                excerpt.text.push('\n');
            }
            // Each part by itself, so that a span may begin or end within a character.
            excerpt.push(&content.bytes[bytes.start..start]);
            if line == first {
                excerpt.start = excerpt.text.len();
            }
            excerpt.push(&content.bytes[start..end]);
            excerpt.end = excerpt.text.len();
            excerpt.push(&content.bytes[end..bytes.end]);
        }
        if first == last {
            let underlined =
                excerpt.text[excerpt.start..excerpt.end].char_indices().nth(LONGEST_UNDERLINE);
            excerpt.end = underlined.map_or(excerpt.end, |(length, _)| excerpt.start + length);
        }
        excerpt
    }

    fn push(&mut self, bytes: &[u8]) {
        // What has no width or moves the cursor is shown as what it is not: a character.
        let visible = |c: char| match c {
            '\u{80}'..='\u{9f}' | '\u{200b}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => {
                char::REPLACEMENT_CHARACTER
            }
            c => c,
        };
        self.text.extend(String::from_utf8_lossy(bytes).chars().map(visible));
    }
}
