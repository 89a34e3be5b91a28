//! Which format a client gets: by its `Accept` header, from what is offered.

use crate::engine::Format;

/// What tables, yes and no are written as, the first by default.
pub const TABLES: &[Format] = &[Format::Json, Format::Xml, Format::Csv, Format::Tsv];
/// What graphs are written as.
pub const GRAPHS: &[Format] = &[
    Format::Turtle,
    Format::NTriples,
    Format::JsonLd,
    Format::RdfXml,
    Format::NQuads,
    Format::TriG,
];
/// What a thing is shown as.
pub const THINGS: &[Format] = &[
    Format::Html,
    Format::Turtle,
    Format::NTriples,
    Format::JsonLd,
    Format::RdfXml,
    Format::NQuads,
    Format::TriG,
];

/// The best of what is offered for an `Accept` header. None: nothing that is offered is accepted.
///
/// Where the client likes several equally well, the order of the offer decides.
pub fn best(accept: Option<&str>, offered: &[Format]) -> Option<Format> {
    let Some(accept) = accept.filter(|accept| !accept.trim().is_empty()) else {
        return offered.first().copied();
    };
    let ranges: Vec<(&str, f32)> = accept.split(',').filter_map(range).collect();
    let mut best: Option<(f32, Format)> = None;
    for format in offered {
        let quality = quality(&ranges, *format);
        if quality > 0.0 && best.is_none_or(|(most, _)| quality > most) {
            best = Some((quality, *format));
        }
    }
    best.map(|(_, format)| format)
}

/// `text/turtle;q=0.8`
fn range(text: &str) -> Option<(&str, f32)> {
    let mut parts = text.split(';').map(str::trim);
    let range = parts.next().filter(|range| range.contains('/'))?;
    let quality = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok());
    Some((range, quality.unwrap_or(1.0)))
}

/// The most exact range that a format is in says how much it is wanted.
fn quality(ranges: &[(&str, f32)], format: Format) -> f32 {
    let mut found: Option<(usize, f32)> = None;
    for (range, quality) in ranges {
        let types = format.media_types();
        let exact = if types.iter().any(|known| known.eq_ignore_ascii_case(range)) {
            3
        } else if range
            .strip_suffix("/*")
            .is_some_and(|class| types[0].split('/').next() == Some(class))
        {
            2
        } else if *range == "*/*" {
            1
        } else {
            continue;
        };
        if found.is_none_or(|(known, most)| (exact, *quality) > (known, most)) {
            found = Some((exact, *quality));
        }
    }
    found.map_or(0.0, |(_, quality)| quality)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quality_decides_then_the_order_of_the_offer() {
        assert_eq!(best(None, TABLES), Some(Format::Json));
        assert_eq!(best(Some("*/*"), GRAPHS), Some(Format::Turtle));
        assert_eq!(best(Some("text/csv;q=0.5, text/xml"), TABLES), Some(Format::Xml));
        assert_eq!(
            best(Some("application/*;q=0.9, text/turtle;q=0.1"), GRAPHS),
            Some(Format::NTriples)
        );
        assert_eq!(best(Some("image/png"), TABLES), None);
        assert_eq!(best(Some("text/turtle;q=0, */*;q=0.1"), GRAPHS), Some(Format::NTriples));
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert_eq!(best(Some(browser), THINGS), Some(Format::Html));
    }
}
