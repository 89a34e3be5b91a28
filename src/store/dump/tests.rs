//! The graph as files: the same statements in every form, the same bytes every time.

use std::collections::BTreeSet;
use std::io::Read;

use super::super::tests::quads;
use super::*;

const GRAPH: &str = r#"
    <> a dcat:Dataset ; dcterms:title "Pages"@en .
    <page/nl-NL/a@1> a stm:PageVersion ; stm:linksTo <page/nl-NL/b>, <https://e.org/x> ; stm:includes <page/nl-NL/i> ;
        fm:ms.prod "m365" ; fm:odd%20key "weird" ; stm:states <claim/c> ; stm:validFrom "2021-01-22"^^xsd:date .
    <page/nl-NL/a@1#s1> a stm:Segment ; stm:text "Klant\"gegevens\"\n\tin één regel 𝄞"@nl-nl ; stm:states <claim/c> .
    <page/nl-NL/a@1#s10> a stm:Segment ; stm:text "Genoemd"@nl-nl .
    <page/nl-NL/a@1#s2> a stm:Segment ; stm:text "Rest"@nl-nl ; stm:line 12 .
    <page/nl-NL/a@1#m0-4> a stm:Mention ; stm:inSegment <page/nl-NL/a@1#s10> .
    <page/nl-NL/a@1#l1> a stm:Link ; stm:target <https://e.org/x> .
    <page/nl-NL/a@1#f-broken-link-1> a stm:Finding, stm:BrokenLink ; stm:message "m" .
    <https://e.org/x> a stm:WebAddress ; stm:redirectsTo <https://e.org/y> .
    <claim/c> a stm:Claim ; rdfs:label "claim" .
"#;

fn snapshot() -> Snapshot {
    Snapshot::in_memory(quads(GRAPH)).unwrap()
}

fn dumped(layer: Option<Layer>, format: Format, compression: Option<Compression>) -> Vec<u8> {
    let scratch = tempfile::tempdir().unwrap();
    let mut out = Vec::new();
    dump(&snapshot(), layer, format, compression, &mut out, scratch.path()).unwrap();
    out
}

fn lines(layer: Option<Layer>) -> Vec<String> {
    String::from_utf8(dumped(layer, Format::Nt, None)).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn lines_are_sorted_and_unique() {
    let all = lines(None);
    assert!(all.windows(2).all(|pair| pair[0] < pair[1]), "{all:#?}");
    assert_eq!(all.len(), quads(GRAPH).len());
    assert!(
        all.iter().any(|line| line.contains(r#""Klant\"gegevens\"\n\tin één regel 𝄞"@nl-nl"#)),
        "canonical escapes only"
    );
}

#[test]
fn every_form_says_the_same() {
    let wanted: BTreeSet<String> = lines(None).into_iter().collect();
    for format in
        [Format::Nt, Format::Nq, Format::Ttl, Format::Trig, Format::Rdfxml, Format::Jsonld]
    {
        let bytes = dumped(None, format, None);
        let said: BTreeSet<String> = RdfParser::from_format(format.rdf())
            .for_slice(&bytes)
            .map(|quad| {
                format!(
                    "{} .",
                    Triple::from(quad.unwrap_or_else(|error| panic!("{format:?}: {error}")))
                )
            })
            .collect();
        assert_eq!(said, wanted, "{format:?}");
    }
}

#[test]
fn each_statement_is_in_one_layer() {
    let mut together: Vec<String> =
        Layer::ALL.iter().flat_map(|layer| lines(Some(*layer))).collect();
    together.sort();
    assert_eq!(together, lines(None));
}

#[test]
fn layers_hold_what_their_names_say() {
    let subjects = |layer| -> BTreeSet<String> {
        let short =
            |line: &String| line.split(' ').next().unwrap().replace("https://stemma.example/", "");
        lines(Some(layer)).iter().map(short).collect()
    };
    let set = |subjects: &[&str]| {
        subjects.iter().map(|subject| (*subject).to_owned()).collect::<BTreeSet<_>>()
    };
    assert_eq!(subjects(Layer::Facts), set(&["<>", "<page/nl-NL/a@1>", "<claim/c>"]));
    // The links of a version are on the version.
    assert_eq!(
        subjects(Layer::Links),
        set(&["<page/nl-NL/a@1#l1>", "<https://e.org/x>", "<page/nl-NL/a@1>"])
    );
    let evidence = [
        "<page/nl-NL/a@1#m0-4>",
        "<page/nl-NL/a@1#f-broken-link-1>",
        "<page/nl-NL/a@1#s1>",
        "<page/nl-NL/a@1#s10>",
    ];
    assert_eq!(subjects(Layer::Evidence), set(&evidence));
    assert_eq!(subjects(Layer::Text), set(&["<page/nl-NL/a@1#s2>"]));
}

/// However little fits in memory at once.
#[test]
fn runs_are_merged_into_one_order() {
    let snapshot = snapshot();
    let scratch = tempfile::tempdir().unwrap();
    let mut sorted = Sorted::in_runs(&snapshot, scratch.path(), 300).unwrap();
    assert!(sorted.runs.len() > 4, "the test is about many runs");
    let mut all = Vec::new();
    while let Some(thing) = sorted.thing().unwrap() {
        let subjects: BTreeSet<&[u8]> = thing
            .split_inclusive(|b| *b == b'\n')
            .map(|line| line.split(|b| *b == b' ').next().unwrap())
            .collect();
        assert_eq!(subjects.len(), 1, "a thing stands together");
        all.extend_from_slice(thing);
    }
    assert_eq!(all, dumped(None, Format::Nt, None));
}

#[test]
fn compressed_bytes_have_no_date() {
    let plain = dumped(None, Format::Nt, None);
    let gz = dumped(None, Format::Nt, Some(Compression::Gz));
    assert_eq!(gz[3..8], [0; 5], "no flags, no name, no time");
    let mut back = Vec::new();
    flate2::read::GzDecoder::new(&gz[..]).read_to_end(&mut back).unwrap();
    assert_eq!(back, plain);
    assert_eq!(
        zstd::decode_all(&dumped(None, Format::Nt, Some(Compression::Zst))[..]).unwrap(),
        plain
    );
}

#[test]
fn a_release_is_whole_and_can_be_checked() {
    let once = tempfile::tempdir().unwrap();
    let twice = tempfile::tempdir().unwrap();
    for folder in [&once, &once, &twice] {
        release(&snapshot(), Format::Nt, Some(Compression::Gz), folder.path()).unwrap();
    }
    let sums = fs::read_to_string(once.path().join("SHA256SUMS")).unwrap();
    assert_eq!(sums, fs::read_to_string(twice.path().join("SHA256SUMS")).unwrap());
    let mut names: Vec<&str> = Vec::new();
    for line in sums.lines() {
        let (sum, name) = line.split_once("  ").unwrap();
        assert_eq!(sum, hex(&Sha256::digest(fs::read(once.path().join(name)).unwrap())), "{name}");
        names.push(name);
    }
    let wanted = [
        "all.nt.gz",
        "context.jsonld",
        "evidence.nt.gz",
        "facts.nt.gz",
        "links.nt.gz",
        "ns.ttl",
        "shapes.ttl",
        "text.nt.gz",
        "void.ttl",
    ];
    assert_eq!(names, wanted);
    assert_eq!(
        fs::read_dir(once.path()).unwrap().count(),
        wanted.len() + 1,
        "nothing is left over"
    );
}

#[test]
fn a_file_name_says_how_it_is_written() {
    assert_eq!(Format::of_file(Path::new("a/graph.ttl.gz")), Some(Format::Ttl));
    assert_eq!(Format::of_file(Path::new("graph.rdf")), Some(Format::Rdfxml));
    assert_eq!(Format::of_file(Path::new("graph.gz")), None);
    assert_eq!(Compression::of_file(Path::new("graph.nt.zst")), Some(Compression::Zst));
}
