//! One line per diagnostic: `path:line:column: severity[code]: message`.

use std::io;

use super::{Report, one_line};

pub fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut files = report.files();
    for diagnostic in report.sorted() {
        if let Some(place) = &diagnostic.at {
            let path = one_line(&place.file);
            match files.region(place) {
                Some(region) => {
                    write!(out, "{path}:{}:{}: ", region.start.line, region.start.column)?
                }
                None if place.is_whole_file() => write!(out, "{path}:1:1: ")?,
                None => write!(out, "{path}:{}: ", place.line)?,
            }
        }
        let (severity, code) = (diagnostic.severity(), diagnostic.code);
        writeln!(out, "{severity}[{code}]: {}", one_line(&diagnostic.message))?;
    }
    Ok(())
}
