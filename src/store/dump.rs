//! The graph as files: sorted, each statement once, the same bytes for the same graph.
//!
//! The store keeps its own order, so the statements are sorted as lines of N-Triples (what
//! `LC_ALL=C sort -u` gives), in runs that fit in memory, which are then merged. Every form is
//! written from that one order, thing by thing.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use flate2::write::GzEncoder;
use oxigraph::io::{RdfFormat, RdfParser, RdfSerializer, WriterQuadSerializer};
use oxigraph::model::{GraphNameRef, NamedNode, QuadRef, Triple};
use sha2::{Digest, Sha256};

use super::layers::{Layer, Layers};
use super::xml::Writable;
use super::{Snapshot, StoreError, sparql};

#[cfg(test)]
mod tests;

/// Why a graph could not be dumped.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// N-Triples
    Nt,
    /// N-Quads
    Nq,
    /// Turtle
    Ttl,
    /// TriG
    Trig,
    /// RDF/XML
    Rdfxml,
    /// JSON-LD, expanded
    Jsonld,
}

impl Format {
    pub fn rdf(self) -> RdfFormat {
        match self {
            Self::Nt => RdfFormat::NTriples,
            Self::Nq => RdfFormat::NQuads,
            Self::Ttl => RdfFormat::Turtle,
            Self::Trig => RdfFormat::TriG,
            Self::Rdfxml => RdfFormat::RdfXml,
            Self::Jsonld => RdfFormat::JsonLd { profile: oxigraph::io::JsonLdProfileSet::empty() },
        }
    }

    /// As files end: `nt`, `rdf`, `jsonld`.
    pub fn extension(self) -> &'static str {
        self.rdf().file_extension()
    }

    /// By the end of a file's name, what it is compressed with aside.
    pub fn of_file(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(name);
        let extension = name.rsplit_once('.')?.1;
        let all = [Self::Nt, Self::Nq, Self::Ttl, Self::Trig, Self::Rdfxml, Self::Jsonld];
        all.into_iter().find(|format| format.extension() == extension)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Compression {
    Gz,
    Zst,
}

impl Compression {
    pub fn extension(self) -> &'static str {
        match self {
            Self::Gz => "gz",
            Self::Zst => "zst",
        }
    }

    pub fn of_file(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "gz" => Some(Self::Gz),
            "zst" => Some(Self::Zst),
            _ => None,
        }
    }
}

/// A serializer with the prefixes of every query.
pub fn serializer<W: Write>(
    format: RdfFormat,
    base: &str,
    to: W,
) -> WriterQuadSerializer<Writable<W>> {
    let mut serializer = RdfSerializer::from_format(format);
    for (name, iri) in sparql::prefixes(base) {
        serializer =
            serializer.with_prefix(name, iri).expect("the prefixes of the prologue are IRIs");
    }
    serializer.for_writer(Writable::new(format == RdfFormat::RdfXml, to))
}

/// One layer, or all of them when `layer` is none, to one place. Gives back how many statements it
/// wrote.
pub fn dump(
    snapshot: &Snapshot,
    layer: Option<Layer>,
    format: Format,
    compression: Option<Compression>,
    to: impl Write,
    scratch: &Path,
) -> Result<u64, DumpError> {
    let mut out = Output::new(format, &snapshot.meta().base, Packer::new(compression, to)?);
    let layers = layer.map(|_| Layers::of(snapshot)).transpose()?;
    let mut sorted = Sorted::of(snapshot, scratch)?;
    while let Some(thing) = sorted.thing()? {
        match (&layers, layer) {
            (Some(layers), Some(wanted)) => layers_of(layers, thing, |layer, line, triple| {
                if layer == wanted { out.write(line, triple) } else { Ok(()) }
            })?,
            _ => out.write_thing(thing)?,
        }
    }
    let count = out.count;
    out.finish()?.finish()?.flush()?;
    Ok(count)
}

/// A file of a release: its name, its SHA-256 and its statements, if it is a layer.
pub struct Released {
    pub name: String,
    pub sha256: String,
    pub statements: Option<u64>,
}

/// All layers and what explains them, into a folder. Each file is written beside its place and then
/// renamed.
pub fn release(
    snapshot: &Snapshot,
    format: Format,
    compression: Option<Compression>,
    folder: &Path,
) -> Result<Vec<Released>, DumpError> {
    fs::create_dir_all(folder)?;
    let scratch = tempfile::Builder::new().prefix(".stemma-dump").tempdir_in(folder)?;
    let base = &snapshot.meta().base;
    let ending =
        compression.map_or(String::new(), |compression| format!(".{}", compression.extension()));
    let open = |name: &str| -> Result<_, DumpError> {
        let name = format!("{name}.{}{ending}", format.extension());
        let file = Hashing::new(BufWriter::new(File::create(scratch.path().join(&name))?));
        Ok((name, Output::new(format, base, Packer::new(compression, file)?)))
    };
    let layers = Layers::of(snapshot)?;
    let mut outputs =
        Layer::ALL.iter().map(|layer| open(layer.name())).collect::<Result<Vec<_>, _>>()?;
    let mut all = open("all")?;
    let mut sorted = Sorted::of(snapshot, scratch.path())?;
    while let Some(thing) = sorted.thing()? {
        all.1.write_thing(thing)?;
        layers_of(&layers, thing, |layer, line, triple| {
            outputs[layer as usize].1.write(line, triple)
        })?;
    }
    drop(sorted);
    outputs.push(all);
    let mut released = Vec::new();
    for (name, output) in outputs {
        let statements = Some(output.count);
        let sha256 = output.finish()?.finish()?.finish()?;
        released.push(Released { name, sha256, statements });
    }
    let void = void(snapshot, &released, format)?;
    let mut beside = vec![("void.ttl", void.as_slice())];
    beside.extend(TERMS.iter().map(|(name, text)| (*name, text.as_bytes())));
    for (name, bytes) in beside {
        fs::write(scratch.path().join(name), bytes)?;
        released.push(Released {
            name: name.into(),
            sha256: hex(&Sha256::digest(bytes)),
            statements: None,
        });
    }
    released.sort_by(|a, b| a.name.cmp(&b.name));
    let sums: String =
        released.iter().map(|file| format!("{}  {}\n", file.sha256, file.name)).collect();
    fs::write(scratch.path().join(SUMS), sums)?;
    for name in released.iter().map(|file| file.name.as_str()).chain([SUMS]) {
        fs::rename(scratch.path().join(name), folder.join(name))?;
    }
    Ok(released)
}

const SUMS: &str = "SHA256SUMS";

/// What explains a release, by the name it has there.
const TERMS: [(&str, &str); 3] = [
    ("ns.ttl", include_str!("../../ontology/stemma.ttl")),
    ("shapes.ttl", include_str!("../../ontology/shapes.ttl")),
    ("context.jsonld", include_str!("../../ontology/context.jsonld")),
];

/// Says what the files of a release are, and how much is in them.
fn void(snapshot: &Snapshot, released: &[Released], format: Format) -> Result<Vec<u8>, DumpError> {
    use crate::vocab::void;
    let base = &snapshot.meta().base;
    let dataset = NamedNode::new_unchecked(base);
    let mut triples: Vec<Triple> = Vec::new();
    for quad in snapshot.about(dataset.as_ref()) {
        triples.push(quad?.into());
    }
    let data_dump = NamedNode::new_unchecked(format!("{}dataDump", void::BASE));
    let feature = NamedNode::new_unchecked(format!("{}feature", void::BASE));
    let of_format = NamedNode::new_unchecked(format.rdf().iri());
    for file in released {
        let Some(statements) = file.statements else { continue };
        let layer = file.name.split('.').next().unwrap_or_default();
        let subset = match layer {
            "all" => dataset.clone(),
            layer => NamedNode::new_unchecked(format!("{base}dataset/{layer}")),
        };
        for quad in snapshot.about(subset.as_ref()).filter(|_| subset != dataset) {
            triples.push(quad?.into());
        }
        let count = i64::try_from(statements).expect("a graph has fewer statements than that");
        triples.push(Triple::new(
            subset.clone(),
            void::TRIPLES.into_owned(),
            oxigraph::model::Literal::from(count),
        ));
        let file = NamedNode::new_unchecked(format!("{base}dump/{}", file.name));
        triples.push(Triple::new(subset.clone(), data_dump.clone(), file));
        triples.push(Triple::new(subset, feature.clone(), of_format.clone()));
    }
    triples.sort_by_cached_key(ToString::to_string);
    triples.dedup();
    let mut out = serializer(RdfFormat::Turtle, base, Vec::new());
    for triple in &triples {
        out.serialize_triple(triple)?;
    }
    Ok(out.finish()?.into_inner())
}

/// Gives each statement about a thing to its layer.
fn layers_of(
    layers: &Layers,
    thing: &[u8],
    mut write: impl FnMut(Layer, &[u8], &Triple) -> io::Result<()>,
) -> io::Result<()> {
    let triples = parse(thing)?;
    let subject = layers.of_subject(triples.iter().map(Triple::as_ref));
    for (line, triple) in thing.split_inclusive(|byte| *byte == b'\n').zip(&triples) {
        write(Layers::of_triple(triple.as_ref(), subject), line, triple)?;
    }
    Ok(())
}

/// Lines that were written here need no checks.
fn parse(lines: &[u8]) -> io::Result<Vec<Triple>> {
    let parser = RdfParser::from_format(RdfFormat::NTriples).lenient().for_slice(lines);
    let triples = parser.map(|quad| quad.map(Triple::from));
    triples.collect::<Result<_, _>>().map_err(io::Error::other)
}

/// One form of the graph on its way out.
struct Output<W: Write> {
    form: Form<W>,
    count: u64,
}

enum Form<W: Write> {
    /// The sorted lines are the form.
    Lines(W),
    Serializer(Box<WriterQuadSerializer<Writable<W>>>),
}

impl<W: Write> Output<W> {
    fn new(format: Format, base: &str, to: W) -> Self {
        let form = match format {
            // In one graph, N-Quads are N-Triples.
            Format::Nt | Format::Nq => Form::Lines(to),
            _ => Form::Serializer(Box::new(serializer(format.rdf(), base, to))),
        };
        Self { form, count: 0 }
    }

    fn write_thing(&mut self, thing: &[u8]) -> io::Result<()> {
        if let Form::Lines(out) = &mut self.form {
            self.count += thing.iter().filter(|byte| **byte == b'\n').count() as u64;
            return out.write_all(thing);
        }
        let triples = parse(thing)?;
        thing
            .split_inclusive(|byte| *byte == b'\n')
            .zip(&triples)
            .try_for_each(|(line, triple)| self.write(line, triple))
    }

    fn write(&mut self, line: &[u8], triple: &Triple) -> io::Result<()> {
        self.count += 1;
        match &mut self.form {
            Form::Lines(out) => out.write_all(line),
            Form::Serializer(out) => out.serialize_quad(QuadRef {
                subject: triple.subject.as_ref(),
                predicate: triple.predicate.as_ref(),
                object: triple.object.as_ref(),
                graph_name: GraphNameRef::DefaultGraph,
            }),
        }
    }

    fn finish(self) -> io::Result<W> {
        match self.form {
            Form::Lines(out) => Ok(out),
            Form::Serializer(out) => Ok(out.finish()?.into_inner()),
        }
    }
}

/// Compresses without a time stamp or a name, so that the same content gives the same bytes.
enum Packer<W: Write> {
    Plain(W),
    Gz(GzEncoder<W>),
    Zst(zstd::Encoder<'static, W>),
}

impl<W: Write> Packer<W> {
    fn new(compression: Option<Compression>, to: W) -> io::Result<Self> {
        Ok(match compression {
            None => Self::Plain(to),
            Some(Compression::Gz) => Self::Gz(GzEncoder::new(to, flate2::Compression::default())),
            Some(Compression::Zst) => {
                Self::Zst(zstd::Encoder::new(to, zstd::DEFAULT_COMPRESSION_LEVEL)?)
            }
        })
    }

    fn finish(self) -> io::Result<W> {
        match self {
            Self::Plain(out) => Ok(out),
            Self::Gz(out) => out.finish(),
            Self::Zst(out) => out.finish(),
        }
    }
}

impl<W: Write> Write for Packer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(out) => out.write(bytes),
            Self::Gz(out) => out.write(bytes),
            Self::Zst(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Gz(out) => out.flush(),
            Self::Zst(out) => out.flush(),
        }
    }
}

struct Hashing<W> {
    inner: W,
    digest: Sha256,
}

impl<W: Write> Hashing<W> {
    fn new(inner: W) -> Self {
        Self { inner, digest: Sha256::new() }
    }

    fn finish(mut self) -> io::Result<String> {
        self.inner.flush()?;
        Ok(hex(&self.digest.finalize()))
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.digest.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes of lines that are sorted at once, over all threads.
const RUN: usize = 96 << 20;

/// The statements of a snapshot as sorted lines, each once.
struct Sorted {
    runs: Vec<Run>,
    /// The next line of each run, the least on top.
    heads: BinaryHeap<Reverse<(Vec<u8>, usize)>>,
    thing: Vec<u8>,
}

/// A sorted part: in a file, or what was left in memory.
enum Run {
    File(BufReader<File>),
    Memory(Lines, usize),
}

impl Run {
    /// Reads the next line into `line`; false at the end.
    fn next(&mut self, line: &mut Vec<u8>) -> io::Result<bool> {
        line.clear();
        match self {
            Self::File(file) => Ok(file.read_until(b'\n', line)? > 0),
            Self::Memory(lines, at) => {
                let next = lines.places.get(*at);
                *at += 1;
                line.extend_from_slice(next.map_or(&[], |place| &lines.bytes[place.0..place.1]));
                Ok(next.is_some())
            }
        }
    }
}

#[derive(Default)]
struct Lines {
    bytes: Vec<u8>,
    places: Vec<(usize, usize)>,
}

impl Lines {
    fn sort(&mut self) {
        let bytes = &self.bytes;
        // The end of a line is less than anything in it, so lines compare as wholes.
        self.places.sort_unstable_by(|a, b| bytes[a.0..a.1 - 1].cmp(&bytes[b.0..b.1 - 1]));
        self.places.dedup_by(|a, b| bytes[a.0..a.1] == bytes[b.0..b.1]);
    }
}

impl Sorted {
    fn of(snapshot: &Snapshot, scratch: &Path) -> Result<Self, DumpError> {
        Self::in_runs(snapshot, scratch, RUN)
    }

    fn in_runs(snapshot: &Snapshot, scratch: &Path, size: usize) -> Result<Self, DumpError> {
        // Nearly all the time goes into looking up strings, so every processor looks up those of
        // one predicate at a time.
        let predicates = snapshot.predicates()?;
        let next = AtomicUsize::new(0);
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let work = |thread| {
            let name = scratch.join(format!("run-{thread}"));
            sort_runs(snapshot, &predicates, &next, size / threads, &name)
        };
        let runs = std::thread::scope(|scope| {
            let work = &work;
            let threads: Vec<_> =
                (0..threads).map(|thread| scope.spawn(move || work(thread))).collect();
            let runs =
                threads.into_iter().map(|thread| thread.join().expect("sorting does not panic"));
            runs.collect::<Result<Vec<_>, _>>()
        })?;
        let mut sorted = Self {
            runs: runs.into_iter().flatten().collect(),
            heads: BinaryHeap::new(),
            thing: Vec::new(),
        };
        for run in 0..sorted.runs.len() {
            sorted.advance(run, Vec::new())?;
        }
        Ok(sorted)
    }

    fn advance(&mut self, run: usize, mut line: Vec<u8>) -> io::Result<()> {
        if self.runs[run].next(&mut line)? {
            self.heads.push(Reverse((line, run)));
        }
        Ok(())
    }

    /// The lines about the next thing. They stand together, for they begin alike.
    fn thing(&mut self) -> io::Result<Option<&[u8]>> {
        self.thing.clear();
        let mut last = 0..0;
        let mut subject = 0;
        while let Some(Reverse((line, run))) = self.heads.pop() {
            if self.thing.is_empty() {
                subject =
                    line.iter().position(|byte| *byte == b' ').map_or(line.len(), |end| end + 1);
            } else if !line.starts_with(&self.thing[..subject]) {
                self.heads.push(Reverse((line, run)));
                break;
            }
            if self.thing[last.clone()] != line[..] {
                last = self.thing.len()..self.thing.len() + line.len();
                self.thing.extend_from_slice(&line);
            }
            self.advance(run, line)?;
        }
        Ok((!self.thing.is_empty()).then_some(&self.thing))
    }
}

/// Takes predicates as long as there are any, and sorts what is said with them.
fn sort_runs(
    snapshot: &Snapshot,
    predicates: &[NamedNode],
    next: &AtomicUsize,
    size: usize,
    name: &Path,
) -> Result<Vec<Run>, DumpError> {
    let mut runs = Vec::new();
    let mut lines = Lines::default();
    while let Some(predicate) = predicates.get(next.fetch_add(1, Ordering::Relaxed)) {
        for quad in snapshot.matching(None, Some(predicate.as_ref()), None) {
            let quad = quad?;
            let start = lines.bytes.len();
            // The terms' own form is canonical N-Triples.
            writeln!(lines.bytes, "{} {} {} .", quad.subject, quad.predicate, quad.object)?;
            lines.places.push((start, lines.bytes.len()));
            if lines.bytes.len() >= size {
                let path = name.with_extension(runs.len().to_string());
                runs.push(Run::File(spill(&mut lines, &path)?));
            }
        }
    }
    lines.sort();
    runs.push(Run::Memory(lines, 0));
    Ok(runs)
}

fn spill(lines: &mut Lines, path: &Path) -> io::Result<BufReader<File>> {
    lines.sort();
    let mut file = BufWriter::new(File::create(path)?);
    for place in &lines.places {
        file.write_all(&lines.bytes[place.0..place.1])?;
    }
    file.into_inner().map_err(io::IntoInnerError::into_error)?;
    lines.bytes.clear();
    lines.places.clear();
    Ok(BufReader::with_capacity(1 << 18, File::open(path)?))
}
