//! What the matching finds, on texts drawn as lines of words.

use super::matching::{matched, same_words};
use super::{Element, Kind, Rule, Shape, Skeleton};

fn hash(text: &str) -> u32 {
    text.bytes().fold(7, |hash: u32, byte| hash.wrapping_mul(31).wrapping_add(byte.into())).max(1)
}

/// A line is an element: `# ` begins a heading, `- ` an item, `| ` a row; `{slug}` is its fragment,
/// words in capitals are what translation leaves as it is, and `= ` begins its source text.
fn skeleton(text: &str) -> Skeleton {
    let mut skeleton = Skeleton::default();
    for (i, line) in text.lines().map(str::trim).filter(|line| !line.is_empty()).enumerate() {
        let (line, source_text) = line.split_once(" = ").unwrap_or((line, ""));
        let kind = match line.as_bytes()[0] {
            b'#' => Kind::Heading,
            b'-' => Kind::Item,
            b'|' => Kind::Row,
            _ => Kind::Paragraph,
        };
        let slug = line.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
        skeleton.anchors.extend(slug.map(|(slug, _)| (i as u32, hash(slug))));
        let kept = line.split(' ').filter(|word| word.bytes().any(|b| b.is_ascii_uppercase()));
        skeleton.elements.push(Element {
            segments: 1,
            length: line.len() as u16,
            shape: Shape { kind, level: 1 },
            text: hash(line),
            source_text: if source_text.is_empty() { 0 } else { hash(source_text) },
            sketch: kept.fold(0, |sketch, word| sketch | 1 << (hash(word) % 64)),
        });
    }
    skeleton
}

/// Each line of the translation with the line of the source, counted from 1, and the rule.
fn check(translation: &str, source: &str, expected: &str) {
    let rule = |rule| match rule {
        Rule::Unit => "unit",
        Rule::Anchor => "anchor",
        Rule::Content => "content",
        Rule::Structure => "structure",
    };
    let pairs = matched(&skeleton(translation), &skeleton(source));
    let shown: Vec<String> = pairs
        .into_iter()
        .map(|pair| pair.map_or("-".to_owned(), |(j, by)| format!("{} {}", j + 1, rule(by))))
        .collect();
    assert_eq!(shown.join(", "), expected);
}

#[test]
fn a_heading_keeps_the_fragment_of_its_source() {
    check(
        "# kluis {vault}\n de kluis",
        "# preface {preface}\n an introduction\n# vault {vault}\n the vault",
        "3 anchor, 4 structure",
    );
}

#[test]
fn what_translation_leaves_as_it_is_tells_neighbours_apart() {
    check(
        "- eerst BRA\n- dan CAN\n- ten slotte DEU",
        "- at first BRA\n- added later\n- then CAN\n- last of all DEU",
        "1 content, 3 content, 4 content",
    );
}

#[test]
fn a_heading_is_no_row() {
    check("# kop\n| cel", "| cell", "-, 1 structure");
}

#[test]
fn a_unit_has_the_words_of_the_source() {
    check("een = one\n twee = two\n drie = three", "three\n one\n two", "2 unit, 3 unit, -");
}

#[test]
fn parts_of_one_block_go_with_it_together() {
    check(
        "een = one and two\n twee = one and two\n drie = three",
        "one and two\n three",
        "1 unit, 1 unit, 2 unit",
    );
}

#[test]
fn equal_rows_keep_their_order() {
    check(
        "| JA\n| JA\n| nee JA\n| JA",
        "| JA\n| JA\n| no JA\n| JA",
        "1 content, 2 content, 3 content, 4 content",
    );
}

#[test]
fn the_same_words_are_found_in_a_twin_with_a_line_more() {
    let partners = same_words(&skeleton("a\n b\n b\n c"), &skeleton("x\n a\n b\n b\n c"));
    assert_eq!(partners, [Some(1), Some(2), Some(3), Some(4)]);
}

/// Too many cells for a whole table: the band must still reach both ends.
#[test]
fn a_long_table_is_matched_in_a_band() {
    let rows = |word: &str, left_out: usize| -> String {
        let rows = (0..5000).filter(|row| *row != left_out);
        rows.map(|row| format!("| {word} {} N{}\n", "x".repeat(row % 7), row % 50)).collect()
    };
    let pairs = matched(&skeleton(&rows("rij", 2400)), &skeleton(&rows("row", 9999)));
    let right = |(i, pair): (usize, &Option<(usize, Rule)>)| {
        pair.is_some_and(|(j, _)| j == if i < 2400 { i } else { i + 1 })
    };
    let count = pairs.iter().enumerate().filter(|pair| right(*pair)).count();
    assert!(count > 4990, "{count} of 4999");
}
