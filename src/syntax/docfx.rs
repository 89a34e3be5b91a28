//! What Microsoft Learn adds to Markdown: directives, includes, alerts, tabs, anchors.

use std::ops::Range;

use pulldown_cmark::{Event, Parser};

/// `[!INCLUDE [label](target)]` or `[!VIDEO address]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bracket {
    pub kind: BracketKind,
    pub whole: Range<usize>,
    pub label: Range<usize>,
    pub target: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BracketKind {
    Include,
    Video,
}

/// `:::image source="x.png" alt-text="…":::`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    pub whole: Range<usize>,
    pub source: Range<usize>,
    pub alt: Range<usize>,
}

/// A stretch that only some variants of the page show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    pub range: Range<usize>,
    /// Which variants: `moniker:>=vault-2.0`, `pivot:linux`.
    pub variant: String,
}

/// What in a text is for the site and no prose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    pub brackets: Vec<Bracket>,
    pub images: Vec<Image>,
    pub zones: Vec<Zone>,
    /// All that is for the site: includes, videos, directives, marks of alerts; ascending and
    /// apart.
    pub blanks: Vec<Range<usize>>,
}

/// Finds the marks of a text. What stands in code is an example of a mark and none itself.
pub fn marks(text: &str, code: &[Range<usize>]) -> Marks {
    let in_code = |at: usize| {
        let next = code.partition_point(|range| range.end <= at);
        code.get(next).is_some_and(|range| range.start <= at)
    };
    let mut marks = Marks::default();
    let mut starts = text.match_indices("[!").map(|(start, _)| start).peekable();
    while let Some(start) = starts.next() {
        // A mark ends on its line and before the next one.
        let rest = &text[start..starts.peek().copied().unwrap_or(text.len())];
        let rest = rest.split('\n').next().unwrap_or(rest);
        if in_code(start) {
            continue;
        }
        if let Some(bracket) = bracket(rest, start) {
            marks.blanks.push(bracket.whole.clone());
            marks.brackets.push(bracket);
        } else if let Some(length) = alert(rest).filter(|_| leads(&text[..start])) {
            marks.blanks.push(start..start + length);
        }
    }
    let mut at = 0;
    let mut open = Vec::new();
    for line in text.split_inclusive('\n') {
        for range in directives(line).into_iter().filter(|range| !in_code(at + range.start)) {
            let range = at + range.start..at + range.end;
            marks.images.extend(image(text, range.clone()));
            marks.zones.extend(zone(text, range.clone(), &mut open));
            marks.blanks.push(range);
        }
        at += line.len();
    }
    // What nobody ended goes on to the end.
    let rest = open.into_iter().filter_map(|opening| opening.until(text.len()));
    marks.zones.extend(rest);
    marks.blanks.sort_by_key(|range| range.start);
    let mut end = 0;
    marks.blanks.retain(|range| {
        let apart = range.start >= end;
        end = end.max(range.end);
        apart
    });
    marks
}

impl Marks {
    /// The text with blanks of the same length for the marks, so that the Markdown parser sees
    /// structure only and every other byte keeps its place.
    pub fn mask(&self, text: &str) -> String {
        let mut masked = String::with_capacity(text.len());
        for range in &self.blanks {
            masked.push_str(&text[masked.len()..range.start]);
            masked.extend(std::iter::repeat_n(' ', range.len()));
        }
        masked.push_str(&text[masked.len()..]);
        masked
    }

    /// The parts of a stretch that are no marks.
    pub fn prose(&self, stretch: Range<usize>) -> impl Iterator<Item = Range<usize>> {
        let first = self.blanks.partition_point(|blank| blank.end <= stretch.start);
        let blanks = self.blanks[first..].iter().take_while(move |blank| blank.start < stretch.end);
        let starts = std::iter::once(stretch.start).chain(blanks.clone().map(|blank| blank.end));
        let ends = blanks.map(|blank| blank.start).chain([stretch.end]);
        starts.zip(ends).map(|(start, end)| start..end).filter(|range| !range.is_empty())
    }
}

/// Reads a line from `[!` on, which stands at `start`.
fn bracket(line: &str, start: usize) -> Option<Bracket> {
    let name = line[2..].split(|c: char| !c.is_ascii_alphabetic()).next()?;
    let after = 2 + name.len();
    let place = |range: Range<usize>| start + range.start..start + range.end;
    if name.eq_ignore_ascii_case("include") {
        let open = after
            + line[after..].find(['[', ']']).filter(|at| line[after + at..].starts_with('['))?;
        let middle = open + line[open..].find("](")?;
        let close = middle + line[middle..].find(')')?;
        let rest = line[close + 1..].trim_start();
        let end = line.len() - rest.strip_prefix(']')?.len();
        let inside = &line[middle + 2..close];
        // A title may follow the path: [!INCLUDE [x](../includes/x.md "title")]
        let path = inside.split_whitespace().next().unwrap_or("");
        let target = middle + 2 + inside.find(path).unwrap_or(0);
        return Some(Bracket {
            kind: BracketKind::Include,
            whole: place(0..end),
            label: place(open + 1..middle),
            target: place(target..target + path.len()),
        });
    }
    if name.eq_ignore_ascii_case("video") {
        let end = after + line[after..].find(']')?;
        let inside = &line[after..end];
        let address = inside.trim();
        let target = after + inside.find(address).unwrap_or(0);
        return Some(Bracket {
            kind: BracketKind::Video,
            whole: place(0..end + 1),
            label: place(target..target),
            target: place(target..target + address.len()),
        });
    }
    None
}

/// The directives of a line. An image may stand within a sentence; any other takes the whole line.
fn directives(line: &str) -> Vec<Range<usize>> {
    const MARK: &str = ":::";
    let mut found = Vec::new();
    let line = line.trim_end();
    let mut at = 0;
    while let Some(offset) = line[at..].find(MARK) {
        let start = at + offset;
        let after = start + MARK.len();
        let is_image = line[after..].trim_start_matches(':').trim_start().starts_with("image");
        at = match line[after..].find(MARK) {
            Some(close) if is_image => after + close + MARK.len(),
            _ => line.len(),
        };
        if is_image || line[..start].chars().all(|c| c.is_whitespace() || c == '>') {
            found.push(start..at);
        } else {
            at = after;
        }
    }
    found
}

fn image(text: &str, range: Range<usize>) -> Option<Image> {
    let line = &text[range.clone()];
    line.trim_start_matches(':').trim_start().starts_with("image").then_some(())?;
    let place = |name| {
        let found = attribute(line, name)?;
        Some(range.start + found.start..range.start + found.end)
    };
    let source = place("source")?;
    let alt = place("alt-text").unwrap_or(source.start..source.start);
    Some(Image { whole: range.clone(), source, alt })
}

/// Where the value of an attribute stands in a directive.
fn attribute(line: &str, name: &str) -> Option<Range<usize>> {
    let start = line.find(&format!("{name}=\""))? + name.len() + 2;
    let length = line[start..].find('"')?;
    Some(start..start + length)
}

/// A directive whose end is still to come.
struct Opening {
    name: &'static str,
    start: usize,
    /// None if it does not say which.
    variant: Option<String>,
}

impl Opening {
    fn until(self, end: usize) -> Option<Zone> {
        Some(Zone { range: self.start..end, variant: self.variant? })
    }
}

/// Reads a directive that begins or ends a zone; returns the zone that it ends.
fn zone(text: &str, range: Range<usize>, open: &mut Vec<Opening>) -> Option<Zone> {
    // The directive, its attribute, and the kind of variant that this chooses.
    const ZONES: [(&str, &str, &str); 3] =
        [("moniker", "range", "moniker"), ("zone", "pivot", "pivot"), ("zone", "target", "target")];
    let line = &text[range.clone()];
    let word = line.trim_start_matches(':').trim_start();
    let name = &word[..word.find(|c: char| c != '-' && !c.is_alphanumeric()).unwrap_or(word.len())];
    if let Some(name) = name.strip_suffix("-end") {
        let last = open.iter().rposition(|opening| opening.name == name)?;
        return open.remove(last).until(range.start);
    }
    let (name, ..) = *ZONES.iter().find(|(directive, ..)| *directive == name)?;
    let variant = ZONES.iter().filter(|zone| zone.0 == name).find_map(|(_, key, kind)| {
        let value = line[attribute(line, key)?].trim();
        (!value.is_empty()).then(|| format!("{kind}:{value}"))
    });
    open.push(Opening { name, start: range.start, variant });
    None
}

/// Whether what follows begins a line, a quotation or the cell of a table.
fn leads(before: &str) -> bool {
    let before = before.trim_end_matches([' ', '\t', '\u{a0}']);
    before.is_empty() || before.ends_with(['\n', '\r', '>', '|'])
}

/// How long the marker of an alert or a styled block is: `[!NOTE]`, `[!div class="checklist"]`.
fn alert(text: &str) -> Option<usize> {
    let inside = text.strip_prefix("[!")?;
    let name = inside.bytes().take_while(u8::is_ascii_alphabetic).count();
    let length = inside.find([']', '[', '\n'])?;
    let ends = inside[length..].starts_with(']')
        && (length == name || inside[name..].starts_with([' ', '\u{a0}']));
    (name > 0 && ends).then_some(2 + length + 1)
}

/// The fragment that the site gives a heading: lower case, blanks to hyphens, other marks dropped.
pub fn slug(heading: &str) -> String {
    heading
        .trim()
        .chars()
        .flat_map(char::to_lowercase)
        .filter_map(|c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
            _ => None,
        })
        .collect()
}

/// A tag in raw HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag<'a> {
    /// Lower case.
    pub name: String,
    pub closing: bool,
    pub range: Range<usize>,
    inside: &'a str,
}

impl<'a> Tag<'a> {
    pub fn attribute(&self, name: &str) -> Option<&'a str> {
        let mut rest = self.inside;
        loop {
            let equals = rest.find('=')?;
            let key = rest[..equals].split_whitespace().last().unwrap_or("");
            let value = rest[equals + 1..].trim_start();
            let (value, after) = match value.chars().next()? {
                quote @ ('"' | '\'') => {
                    let end = value[1..].find(quote)?;
                    (&value[1..=end], &value[end + 2..])
                }
                _ => value.split_at(value.find(char::is_whitespace).unwrap_or(value.len())),
            };
            if key.eq_ignore_ascii_case(name) {
                return Some(value.trim());
            }
            rest = after;
        }
    }
}

/// The tags of a stretch of raw HTML. Comments and what only looks like a tag are passed over.
pub fn tags(html: &str) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    let mut at = 0;
    while let Some(open) = html[at..].find('<') {
        let start = at + open;
        if html[start..].starts_with("<!--") {
            at = html[start..].find("-->").map_or(html.len(), |end| start + end + 3);
            tags.push(Tag { name: "!--".into(), closing: false, range: start..at, inside: "" });
            continue;
        }
        let after = html[start + 1..].trim_start_matches('/');
        let name = after.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
        if name.is_empty() {
            at = start + 1;
            continue;
        }
        let Some(length) = html[start..].find('>') else { break };
        let inside =
            html[html.len() - after.len() + name.len()..start + length].trim_end_matches('/');
        at = start + length + 1;
        tags.push(Tag {
            name: name.to_ascii_lowercase(),
            closing: html[start + 1..].starts_with('/'),
            range: start..at,
            inside,
        });
    }
    tags
}

/// What an HTML entity at the start of a text stands for, and how long the entity is.
pub fn entity(text: &str) -> Option<(String, usize)> {
    // `&CounterClockwiseContourIntegral;` is the longest.
    const LONGEST: usize = 33;
    let length = text.bytes().take(LONGEST).position(|byte| byte == b';')? + 1;
    let name = text[..length].strip_prefix('&')?.trim_end_matches(';');
    if !name.bytes().all(|byte| byte == b'#' || byte.is_ascii_alphanumeric()) {
        return None;
    }
    // Markdown has the entities of HTML, all two thousand of them.
    let read = Parser::new(&text[..length]).filter_map(|event| match event {
        Event::Text(text) => Some(text.into_string()),
        _ => None,
    });
    let read: String = read.collect();
    (read != text[..length]).then_some((read, length))
}

/// The value of an attribute, its entities read.
pub fn unescape(value: &str) -> String {
    let mut read = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('&') {
        read.push_str(&rest[..at]);
        let (character, length) = entity(&rest[at..]).unwrap_or_else(|| ("&".to_owned(), 1));
        read.push_str(&character);
        rest = &rest[at + length..];
    }
    read + rest
}
