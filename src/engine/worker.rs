//! The process that answers queries: reads them from stdin, writes frames to stdout.
//!
//! Each query has one to itself, which `pool` ends when the query takes more than it may.
//!
//! A request is a line of JSON. An answer is frames, each a letter, a length in four bytes with the
//! highest first, and as many bytes: `D` a piece of it, then `E` its end, `X` why it has none, or `L`
//! if there is no graph.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use oxigraph::model::Term;
use oxigraph::sparql::results::QueryResultsSerializer;
use serde::{Deserialize, Serialize};

use super::format::Format;
use crate::store::bind::{self, Values};
use crate::store::xml::Writable;
use crate::store::{Answer, Limits, QueryError, Snapshot, StoreError, dump, sparql};

/// A query that was read and understood before.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    /// The folder of the snapshot.
    pub snapshot: PathBuf,
    pub query: String,
    /// By variable, in the form of N-Triples.
    pub values: BTreeMap<String, String>,
    /// Name of the format.
    pub format: String,
    /// Rows or statements at most.
    pub rows: usize,
    /// Servers that the query may ask.
    pub services: Vec<String>,
}

/// How an answer ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    pub rows: usize,
    /// There was more than may be given.
    pub truncated: bool,
}

pub const DATA: u8 = b'D';
pub const END: u8 = b'E';
pub const FAILED: u8 = b'X';
pub const LOST: u8 = b'L';

/// Answers until nobody asks any more: then the process ends, also in the middle of a query.
pub fn run(input: impl io::Read + Send + 'static, mut output: impl Write) -> io::Result<()> {
    let (lines, queries) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in io::BufReader::new(input).lines().map_while(Result::ok) {
            if lines.send(line).is_err() {
                break;
            }
        }
        std::process::exit(0);
    });
    let mut open: Option<(PathBuf, Snapshot)> = None;
    for line in queries {
        let request: Request = serde_json::from_str(&line)?;
        if open.as_ref().is_none_or(|(known, _)| *known != request.snapshot) {
            open = None;
        }
        let answered = match &open {
            Some((_, snapshot)) => answer(snapshot, &request, &mut output),
            None => match Snapshot::open_folder(&request.snapshot) {
                Ok(snapshot) => {
                    let (_, snapshot) = open.insert((request.snapshot.clone(), snapshot));
                    answer(snapshot, &request, &mut output)
                }
                Err(error) => Err(Stop::Graph(error)),
            },
        };
        match answered {
            Ok(end) => frame(&mut output, END, &serde_json::to_vec(&end)?)?,
            Err(Stop::Query(message)) => frame(&mut output, FAILED, message.as_bytes())?,
            Err(Stop::Graph(error)) => {
                // Where it should be is nothing that a client needs to know.
                let _ = writeln!(io::stderr(), "error: {error}");
                frame(&mut output, LOST, b"")?;
            }
            Err(Stop::Io(error)) => return Err(error),
        }
        output.flush()?;
    }
    Ok(())
}

enum Stop {
    Query(String),
    Graph(StoreError),
    Io(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<QueryError> for Stop {
    fn from(error: QueryError) -> Self {
        Self::Query(error.to_string())
    }
}

fn frame(to: &mut impl Write, letter: u8, bytes: &[u8]) -> io::Result<()> {
    to.write_all(&[letter])?;
    to.write_all(&u32::try_from(bytes.len()).expect("pieces are small").to_be_bytes())?;
    to.write_all(bytes)
}

/// Cuts what is written into frames.
struct Pieces<'a, W: Write> {
    to: &'a mut W,
    piece: Vec<u8>,
}

/// Small enough that the first rows come soon.
const PIECE: usize = 32 << 10;

impl<W: Write> Write for Pieces<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(PIECE);
        self.piece.extend_from_slice(&bytes[..taken]);
        if self.piece.len() >= PIECE {
            self.flush()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.piece.is_empty() {
            frame(self.to, DATA, &self.piece)?;
            self.piece.clear();
            self.to.flush()?;
        }
        Ok(())
    }
}

fn answer(snapshot: &Snapshot, request: &Request, output: &mut impl Write) -> Result<End, Stop> {
    let base = &snapshot.meta().base;
    let mut query =
        sparql::parse(&request.query, base).map_err(|error| Stop::Query(error.to_string()))?;
    super::question::forget_dataset(&mut query);
    let values = request.values.iter().map(|(name, term)| {
        Ok((name.clone(), Term::from_str(term).map_err(|error| Stop::Query(error.to_string()))?))
    });
    bind::bind(&mut query, &values.collect::<Result<Values, Stop>>()?);
    let format = Format::named(&request.format).expect("formats are chosen from the list");
    let limits = Limits { time: Duration::MAX };
    let answer = snapshot.query_with(&query, limits, &request.services)?;
    let is_xml = matches!(format, Format::Xml | Format::RdfXml);
    let mut out = Writable::new(is_xml, Pieces { to: output, piece: Vec::new() });
    let mut end = End::default();
    match answer {
        Answer::Boolean(value) => {
            let format = format.results().expect("a yes or no has a format for results");
            QueryResultsSerializer::from_format(format)
                .serialize_boolean_to_writer(&mut out, value)?;
            end.rows = 1;
        }
        Answer::Solutions { variables, rows } => {
            let format = format.results().expect("a table has a format for results");
            let mut serializer = QueryResultsSerializer::from_format(format)
                .serialize_solutions_to_writer(&mut out, variables.clone())?;
            for row in rows {
                let row = row?;
                if end.rows == request.rows {
                    end.truncated = true;
                    break;
                }
                let bound = variables.iter().zip(&row);
                let bound = bound.filter_map(|(name, term)| Some((name, term.as_ref()?)));
                serializer.serialize(bound.map(|(name, term)| (name.as_ref(), term.as_ref())))?;
                end.rows += 1;
            }
            serializer.finish()?;
        }
        Answer::Graph(triples) => {
            let format = format.rdf().expect("a graph has a format for graphs");
            let mut serializer = dump::serializer(format, base, &mut out);
            for triple in triples {
                let triple = triple?;
                if end.rows == request.rows {
                    end.truncated = true;
                    break;
                }
                serializer.serialize_triple(&triple)?;
                end.rows += 1;
            }
            serializer.finish()?;
        }
    }
    out.flush()?;
    Ok(end)
}

/// How much memory a process takes, where the system says it.
pub fn memory(process: u32) -> Option<usize> {
    let told = std::fs::read_to_string(Path::new("/proc").join(process.to_string()).join("status"));
    let told = told.ok()?;
    let resident = told.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: usize = resident.trim().trim_end_matches("kB").trim_end().parse().ok()?;
    Some(kilobytes * 1024)
}
