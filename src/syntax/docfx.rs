//! What Microsoft Learn adds to Markdown: directives, includes, alerts, tabs, anchors.

use std::ops::Range;

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

/// Includes and videos, in order.
pub fn brackets(text: &str) -> Vec<Bracket> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(offset) = text[at..].find("[!") {
        let start = at + offset;
        at = start + 2;
        if let Some(bracket) = bracket(text, start) {
            at = bracket.whole.end;
            found.push(bracket);
        }
    }
    found
}

fn bracket(text: &str, start: usize) -> Option<Bracket> {
    let name = text[start + 2..].split(|c: char| !c.is_ascii_alphabetic()).next()?;
    let after = start + 2 + name.len();
    let line_end = text[after..].find('\n').map_or(text.len(), |end| after + end);
    if name.eq_ignore_ascii_case("include") {
        let open = after + text[after..line_end].find('[')?;
        let middle = open + text[open..line_end].find("](")?;
        let close = middle + text[middle..line_end].find(')')?;
        let end = close + text[close..line_end].find(']')? + 1;
        let inside = &text[middle + 2..close];
        // A title may follow the path: [!INCLUDE [x](../includes/x.md "title")]
        let path = inside.split_whitespace().next().unwrap_or("");
        let target = middle + 2 + inside.find(path).unwrap_or(0);
        return Some(Bracket {
            kind: BracketKind::Include,
            whole: start..end,
            label: open + 1..middle,
            target: target..target + path.len(),
        });
    }
    if name.eq_ignore_ascii_case("video") {
        let end = after + text[after..line_end].find(']')?;
        let inside = &text[after..end];
        let address = inside.trim();
        let target = after + inside.find(address).unwrap_or(0);
        return Some(Bracket {
            kind: BracketKind::Video,
            whole: start..end + 1,
            label: target..target,
            target: target..target + address.len(),
        });
    }
    None
}

/// `:::image source="x.png" alt-text="…":::`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    pub whole: Range<usize>,
    pub source: Range<usize>,
    pub alt: Range<usize>,
}

/// Replaces what is no prose (directive lines, includes, videos, marks of alerts) by blanks of the same length, so
/// that the Markdown parser sees structure only and every other byte keeps its place.
pub fn mask(text: &str, brackets: &[Bracket]) -> (String, Vec<Image>) {
    let mut masked = text.as_bytes().to_vec();
    let mut images = Vec::new();
    for bracket in brackets {
        blank(&mut masked[bracket.whole.clone()]);
    }
    for (start, _) in text.match_indices("[!") {
        if let Some(length) = alert(&text[start..]) {
            blank(&mut masked[start..start + length]);
        }
    }
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(open) = line.find(":::")
            && line[..open].chars().all(|c| c.is_whitespace() || c == '>')
        {
            let start = at + open;
            let end = at + line.trim_end().len();
            if let Some(image) = image(text, start..end) {
                images.push(image);
            }
            blank(&mut masked[start..end]);
        }
        at += line.len();
    }
    // Whole characters were replaced by blanks, one per byte.
    (String::from_utf8(masked).expect("blanks and whole characters are UTF-8"), images)
}

fn blank(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r')) {
        *byte = b' ';
    }
}

fn image(text: &str, range: Range<usize>) -> Option<Image> {
    let line = &text[range.clone()];
    line.trim_start_matches(':').trim_start().starts_with("image").then_some(())?;
    let attribute = |name: &str| {
        let start = line.find(&format!("{name}=\""))? + name.len() + 2;
        let length = line[start..].find('"')?;
        Some(range.start + start..range.start + start + length)
    };
    let source = attribute("source")?;
    let alt = attribute("alt-text").unwrap_or(source.start..source.start);
    Some(Image { whole: range.clone(), source, alt })
}

/// How long the marker of an alert or a styled block is: `[!NOTE]`, `[!div class="checklist"]`.
fn alert(text: &str) -> Option<usize> {
    let inside = text.strip_prefix("[!")?;
    let name = inside.bytes().take_while(u8::is_ascii_alphabetic).count();
    let length = inside.find([']', '\n'])?;
    let ends = inside[length..].starts_with(']') && (length == name || inside[name..].starts_with([' ', '\u{a0}']));
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
        let Some(length) = html[start..].find('>') else { break };
        let inside = &html[start + 1..start + length];
        let closing = inside.starts_with('/');
        let name: String =
            inside.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        if name.is_empty() {
            at = start + 1;
            continue;
        }
        let rest = inside.trim_start_matches('/').get(name.len()..).unwrap_or("").trim_end_matches('/');
        at = start + length + 1;
        tags.push(Tag { name: name.to_ascii_lowercase(), closing, range: start..at, inside: rest });
    }
    tags
}
