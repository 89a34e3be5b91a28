//! `stemma lineage`: the stemma of a page, or a product's names through time.
//!
//! `find` says what is meant; `page` and `product` read it from the graph into plain data, which is
//! what `--format json` prints; `rows` decides what a drawing of a page shows. The others draw.

use std::io::Write;
use std::process::ExitCode;

use oxigraph::model::{NamedNodeRef, NamedOrBlankNode, Term};

use super::{DataArgs, Failure, GraphArgs};
use crate::store::Snapshot;

mod dot;
mod find;
mod mermaid;
mod page;
mod product;
mod rows;
mod svg;
#[cfg(test)]
mod tests;
mod text;

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

/// Values of the graph as text, in an order that is always the same.
struct Graph<'a> {
    snapshot: &'a Snapshot,
}

impl Graph<'_> {
    fn base(&self) -> &str {
        &self.snapshot.meta().base
    }

    /// IRIs, or what literals say.
    fn values(&self, subject: &str, predicate: NamedNodeRef<'_>) -> Result<Vec<String>, Failure> {
        let subject = NamedNodeRef::new_unchecked(subject);
        let mut values = Vec::new();
        for quad in self.snapshot.matching(Some(subject), Some(predicate), None) {
            match quad?.object {
                Term::NamedNode(node) => values.push(node.into_string()),
                Term::Literal(literal) => values.push(literal.value().to_owned()),
                _ => {}
            }
        }
        values.sort();
        Ok(values)
    }

    fn value(&self, subject: &str, predicate: NamedNodeRef<'_>) -> Result<Option<String>, Failure> {
        Ok(self.values(subject, predicate)?.into_iter().next())
    }

    /// What says this of a thing.
    fn subjects(&self, predicate: NamedNodeRef<'_>, object: &str) -> Result<Vec<String>, Failure> {
        self.saying(predicate, &Term::from(NamedNodeRef::new_unchecked(object)))
    }

    fn saying(&self, predicate: NamedNodeRef<'_>, object: &Term) -> Result<Vec<String>, Failure> {
        let mut subjects = Vec::new();
        for quad in self.snapshot.matching(None, Some(predicate), Some(object)) {
            if let NamedOrBlankNode::NamedNode(node) = quad?.subject {
                subjects.push(node.into_string());
            }
        }
        subjects.sort();
        Ok(subjects)
    }

    fn is_a(&self, thing: &str, class: NamedNodeRef<'_>) -> Result<bool, Failure> {
        let classes = self.values(thing, oxigraph::model::vocab::rdf::TYPE)?;
        Ok(classes.iter().any(|known| known == class.as_str()))
    }
}

/// `1 version`, `2 versions`.
fn count(number: usize, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}

/// As much of a hash or a commit as people compare.
fn short(hash: &str) -> &str {
    &hash[..hash.len().min(12)]
}

/// What stands after the last `/`.
fn tail(iri: &str) -> &str {
    iri.rsplit('/').next().unwrap_or(iri)
}

/// What stands after the last `#` or `/`.
fn local(iri: &str) -> &str {
    iri.rsplit(['#', '/']).next().unwrap_or(iri)
}
