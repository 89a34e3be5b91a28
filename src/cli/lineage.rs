//! `stemma lineage`: the stemma of a page, or a product's names through time.
//!
//! What is drawn, and how, is `lineage`'s to say.

use std::io::Write;
use std::process::ExitCode;

use super::{DataArgs, Failure, GraphArgs};
use crate::lineage::{Graph, LineageError, dot, find, mermaid, page, product, rows, svg, text};
use crate::store::Snapshot;

#[cfg(test)]
mod tests;

/// Draw what a page's versions were made from, or a product's names through time
///
/// A page is given by its path, with or without locale and ending, its address, the end of its
/// file's name, or its IRI; a product by any of its names, its slug or its IRI. A page with a
/// locale shows that language alone.
///
/// Of a page: the source's versions in order, and on each the translations that were made from it,
/// with how far that is proved. Of a product: names, changes and relations.
#[derive(Debug, clap::Args)]
pub struct LineageArgs {
    /// The page or the product
    #[arg(value_name = "PAGE|PRODUCT")]
    what: String,
    #[command(flatten)]
    graph: GraphArgs,
    /// The day to look from (default: the newest date in the inputs; all of a product)
    #[arg(long, value_name = "DATE", value_parser = super::day)]
    as_of: Option<String>,
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
    /// Draw every version, also the runs that nobody translated
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    data: DataArgs,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Form {
    /// For people
    Text,
    /// One JSON object with everything
    Json,
    /// Graphviz
    Dot,
    /// A picture, time from left to right
    Svg,
    /// Mermaid, for Markdown: a flow chart of a page, a time line of a product
    Mermaid,
}

impl LineageArgs {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let snapshot = Snapshot::open(&self.graph.graph)?;
        let drawing = self.draw(&snapshot, console::colors_enabled())?;
        let mut out = std::io::stdout().lock();
        out.write_all(drawing.as_bytes())?;
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    }

    /// The drawing in the format asked for, ending in a line break.
    pub fn draw(&self, snapshot: &Snapshot, colors: bool) -> Result<String, Failure> {
        let graph = Graph { snapshot };
        let as_of = self.as_of.as_deref();
        match find::thing(&graph, &self.what, &self.data.data)? {
            find::Thing::Page { document, locale } => {
                let stemma = page::read(&graph, &document, locale.as_deref(), as_of)?;
                let rows = rows::rows(&stemma, self.all);
                Ok(match self.format {
                    Form::Text => text::page(&stemma, &rows, text::Pen { colors }),
                    Form::Json => json(&stemma)?,
                    Form::Dot => dot::page(&stemma, &rows),
                    Form::Svg => svg::page(&stemma, &rows),
                    Form::Mermaid => mermaid::page(&stemma, &rows),
                })
            }
            find::Thing::Product(product) => {
                let history = product::read(&graph, &product, as_of)?;
                Ok(match self.format {
                    Form::Text => text::product(&history, text::Pen { colors }),
                    Form::Json => json(&history)?,
                    Form::Dot => dot::product(&history),
                    Form::Svg => svg::product(&history),
                    Form::Mermaid => mermaid::product(&history),
                })
            }
        }
    }
}

fn json(value: &impl serde::Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(value).map_err(std::io::Error::from)?;
    Ok(text + "\n")
}

impl From<LineageError> for Failure {
    fn from(error: LineageError) -> Self {
        let hint = error.hint();
        Self::new(error.to_string()).hints(hint)
    }
}
