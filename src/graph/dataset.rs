//! What the graph says of itself: what it is, what it was made from, and with what.

use oxigraph::model::NamedNode;

use super::{Batch, Iris};
use crate::vocab::{dcat, dcterms, prov, rdfs, schema, stm, void};

pub struct Dataset<'a> {
    pub title: &'a str,
    pub licence: Option<&'a str>,
    /// The newest date in the inputs.
    pub modified: Option<&'a str>,
    /// Of tool, configuration and inputs: the same digest, the same bytes.
    pub digest: &'a str,
    /// The trees that were read, with their commits.
    pub inputs: Vec<(&'a str, &'a [String])>,
}

pub fn dataset(iris: &Iris, dataset: &Dataset<'_>, out: &mut Batch) {
    let base = iris.base();
    let compile = iris.compile(dataset.digest);
    out.a(&base, dcat::DATASET);
    out.a(&base, void::DATASET);
    out.lang(&base, dcterms::TITLE, dataset.title, "en");
    out.text(&base, rdfs::LABEL, dataset.title);
    out.text(&base, dcat::VERSION, dataset.digest);
    if let Some(modified) = dataset.modified {
        out.date(&base, dcterms::MODIFIED, modified);
    }
    if let Some(licence) = dataset.licence {
        out.add(&base, dcterms::LICENSE, NamedNode::new_unchecked(licence));
    }
    out.text(&base, void::URI_SPACE, base.as_str());
    for vocabulary in [stm::BASE, crate::vocab::dpv::BASE, prov::BASE] {
        out.add(
            &base,
            void::VOCABULARY,
            NamedNode::new_unchecked(vocabulary.trim_end_matches('#')),
        );
    }
    for layer in ["facts", "links", "evidence", "text"] {
        let subset = iris.layer(layer);
        out.add(&base, void::SUBSET, subset.clone());
        out.a(&subset, void::DATASET);
        out.text(&subset, rdfs::LABEL, format!("the {layer} of the graph"));
    }
    out.add(&base, prov::WAS_GENERATED_BY, compile.clone());
    out.a(&compile, stm::COMPILE);
    out.a(&compile, prov::ACTIVITY);
    let tool = iris.tool();
    out.add(&compile, prov::WAS_ASSOCIATED_WITH, tool.clone());
    out.text(&tool, rdfs::LABEL, "stemma");
    out.text(&tool, schema::SOFTWARE_VERSION, env!("CARGO_PKG_VERSION"));
    for (name, commits) in &dataset.inputs {
        let input = iris.input(name);
        out.add(&compile, prov::USED, input.clone());
        out.a(&input, stm::INPUT);
        out.text(&input, rdfs::LABEL, *name);
        for commit in *commits {
            out.text(&input, stm::GIT_COMMIT, commit);
        }
    }
}
