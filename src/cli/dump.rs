//! `stemma dump`: the graph as files that other tools read.

use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::{Failure, GraphArgs};
use crate::store::Snapshot;
use crate::store::dump::{self, Compression, DumpError, Format};
use crate::store::layers::Layer;

/// Write the graph as files
///
/// The statements are sorted and each is written once, so that the same graph gives the same bytes
/// and two dumps can be compared line by line. Format and compression follow the file's name unless
/// they are given.
#[derive(Debug, clap::Args)]
pub struct DumpArgs {
    /// Format (default: as the file's name says, else N-Triples)
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write only one layer (default: the whole graph)
    #[arg(long, value_enum, conflicts_with = "release")]
    layer: Option<LayerArg>,
    /// Compress (default: as the file's name says; a release with gz)
    #[arg(long, value_enum)]
    compress: Option<Compression>,
    /// File to write (default: stdout)
    #[arg(short, long, value_name = "FILE", conflicts_with = "release")]
    output: Option<PathBuf>,
    /// Write a folder to publish: each layer and all of them, VoID, terms, shapes, JSON-LD context
    /// and checksums
    #[arg(long, value_name = "DIR")]
    release: Option<PathBuf>,
    #[command(flatten)]
    graph: GraphArgs,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum LayerArg {
    /// Documents, pages, versions, products, names, places, claims
    Facts,
    /// Links, web addresses, redirects, includes
    Links,
    /// Mentions, readings, findings, and the segments they point at
    Evidence,
    /// All other segments
    Text,
    /// The whole graph
    All,
}

impl LayerArg {
    fn layer(self) -> Option<Layer> {
        match self {
            Self::Facts => Some(Layer::Facts),
            Self::Links => Some(Layer::Links),
            Self::Evidence => Some(Layer::Evidence),
            Self::Text => Some(Layer::Text),
            Self::All => None,
        }
    }
}

impl From<DumpError> for Failure {
    fn from(error: DumpError) -> Self {
        match error {
            DumpError::Store(error) => error.into(),
            DumpError::Io(error) => error.into(),
        }
    }
}

impl DumpArgs {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let snapshot = Snapshot::open(&self.graph.graph)?;
        if let Some(folder) = &self.release {
            let compression = self.compress.or(Some(Compression::Gz));
            let files =
                dump::release(&snapshot, self.format.unwrap_or(Format::Nt), compression, folder)?;
            for file in files {
                let count = file
                    .statements
                    .map_or(String::new(), |count| format!("{count:>12} statements"));
                eprintln!("{:20} {count}", file.name);
            }
            return Ok(ExitCode::SUCCESS);
        }
        let name = self.output.as_deref();
        let compression = self.compress.or(name.and_then(Compression::of_file));
        let format = self.format.or(name.and_then(Format::of_file)).unwrap_or(Format::Nt);
        let layer = self.layer.and_then(LayerArg::layer);
        match name {
            Some(path) => to_file(&snapshot, layer, format, compression, path)?,
            None => {
                if compression.is_some() && std::io::stdout().is_terminal() {
                    return Err(Failure::new("compressed bytes do not belong on a terminal")
                        .hint("name a file with `-o FILE`"));
                }
                let scratch = tempfile::tempdir()?;
                let out = BufWriter::new(std::io::stdout().lock());
                dump::dump(&snapshot, layer, format, compression, out, scratch.path())?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Writes beside the file and then renames, so that nobody sees half of it.
fn to_file(
    snapshot: &Snapshot,
    layer: Option<Layer>,
    format: Format,
    compression: Option<Compression>,
    path: &Path,
) -> Result<(), Failure> {
    let folder =
        path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let cannot =
        |error: std::io::Error| Failure::new(format!("cannot write `{}`: {error}", path.display()));
    let scratch =
        tempfile::Builder::new().prefix(".stemma-dump").tempdir_in(folder).map_err(cannot)?;
    let part = scratch.path().join("dump");
    let mut out = BufWriter::new(File::create(&part).map_err(cannot)?);
    let count = dump::dump(snapshot, layer, format, compression, &mut out, scratch.path())?;
    out.flush().map_err(cannot)?;
    std::fs::rename(&part, path).map_err(cannot)?;
    eprintln!("{count} statements in `{}`", path.display());
    Ok(())
}
