//! One JSON object per diagnostic and line. Names are those of the graph where it has them.

use std::io;

use serde::Serialize;

use super::{Files, Report};
use crate::diag::{Diagnostic, Place};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Object<'a> {
    code: &'static str,
    severity: &'static str,
    message: &'a str,
    #[serde(flatten)]
    at: Option<At<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repair: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    help: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<Note<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct At<'a> {
    file: &'a str,
    line: u32,
    /// In characters, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    byte_start: u32,
    byte_end: u32,
}

#[derive(Serialize)]
struct Note<'a> {
    message: &'a str,
    #[serde(flatten)]
    at: At<'a>,
}

pub fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let (mut files, mut noted) = (report.files(), report.files());
    for diagnostic in report.sorted() {
        serde_json::to_writer(&mut *out, &object(diagnostic, &mut files, &mut noted))?;
        writeln!(out)?;
    }
    Ok(())
}

fn object<'a>(
    diagnostic: &'a Diagnostic,
    files: &mut Files<'_>,
    noted: &mut Files<'_>,
) -> Object<'a> {
    let note = |(place, message): &'a (Place, String)| Note { message, at: at(place, noted) };
    Object {
        code: diagnostic.code.name(),
        severity: diagnostic.severity().name(),
        message: &diagnostic.message,
        at: diagnostic.at.as_ref().map(|place| at(place, files)),
        repair: diagnostic.repair.as_deref(),
        help: &diagnostic.help,
        notes: diagnostic.notes.iter().map(note).collect(),
    }
}

fn at<'a>(place: &'a Place, files: &mut Files<'_>) -> At<'a> {
    At {
        file: &place.file,
        line: place.line,
        column: files.region(place).map(|region| region.start.column),
        byte_start: place.span.start,
        byte_end: place.span.end,
    }
}
