//! Addresses that are a product's, forwarding links whose labels name it, and labels that
//! translation tore apart.

use serde::Deserialize;

use super::{ProductId, ProductKind, ProductRow, Products};
use crate::catalog::{CatalogError, Fault, Provenance, Row, Sources, Texts, UrlRules, overlay};

/// A link label in which translation tore a name apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TornLabel {
    pub lang: String,
    pub label: String,
    pub product: ProductId,
    /// The label it stands for.
    pub english: String,
}

/// What an address that begins so belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prefix {
    product: ProductId,
    /// Also the pages whose name goes on after a hyphen.
    stem: bool,
}

impl Products {
    /// The product whose prefix of a canonical address without scheme is longest.
    pub fn by_url(&self, url: &str) -> Option<ProductId> {
        let url = url.split(['?', '#']).next().unwrap_or(url).trim_end_matches('/').to_lowercase();
        let ends = url.char_indices().rev().filter(|(_, char)| matches!(char, '/' | '-'));
        std::iter::once((url.len(), '/')).chain(ends).find_map(|(end, char)| {
            let prefix = self.by_url.get(&url[..end])?;
            (char == '/' || prefix.stem).then_some(prefix.product)
        })
    }

    /// The product that the labels of a go.microsoft.com link id name.
    pub fn by_fwlink(&self, id: &str) -> Option<ProductId> {
        self.by_fwlink.get(id).copied()
    }

    pub fn torn_labels(&self) -> &[TornLabel] {
        &self.torn_labels
    }
}

// Reading.

/// Addresses that begin so are the product's.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UrlRow {
    /// As first published, without scheme.
    prefix: String,
    #[serde(default)]
    stem: bool,
    #[serde(flatten)]
    pub(super) provenance: Provenance,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AddressFile {
    #[serde(default)]
    fwlinks: Vec<FwlinkRow>,
    #[serde(default)]
    torn_labels: Vec<TornRow>,
}

/// A link id of go.microsoft.com, and what its labels name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FwlinkRow {
    id: String,
    product: Option<String>,
    // How sure that is, and what it names instead of a product, are for curators.
    #[serde(rename = "document")]
    _document: Option<String>,
    #[serde(rename = "label_share")]
    _label_share: Option<f64>,
    #[serde(rename = "versions")]
    _versions: Option<u32>,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TornRow {
    lang: String,
    label: String,
    product: String,
    english: String,
    source: String,
}

impl Products {
    pub(super) fn add_addresses(
        &mut self,
        rows: &[Row<ProductRow>],
        urls: &UrlRules,
    ) -> Result<(), CatalogError> {
        let canonical = |url: &str| {
            let url = url.trim_end_matches('/').to_lowercase();
            let (host, path) = url.split_at(url.find('/').unwrap_or(url.len()));
            format!("{}{path}", urls.hosts.get(host).map_or(host, String::as_str))
        };
        let by_id = || (0..).map(ProductId).zip(rows);
        for (product, row) in by_id() {
            for url in &row.value.urls {
                let prefix = Prefix { product, stem: url.stem };
                let before = self.by_url.insert(canonical(&url.prefix), prefix);
                if let Some(before) = before.filter(|before| before.product != product) {
                    let other = rows[before.product.0 as usize].key.clone();
                    return Err(row.fault(Fault::Address { url: url.prefix.clone(), other }));
                }
            }
        }
        // A portal's host is often given for the product behind it, too: the portal is what is
        // there.
        let portals_first = by_id().filter(|(_, row)| row.value.kind == ProductKind::Portal);
        for (product, row) in portals_first.chain(by_id()) {
            for host in &row.value.hosts {
                self.by_url.entry(canonical(host)).or_insert(Prefix { product, stem: false });
            }
        }
        Ok(())
    }

    pub(super) fn add_labels(
        &mut self,
        texts: &Texts,
        sources: &Sources,
    ) -> Result<(), CatalogError> {
        let (mut fwlinks, mut torn) = (Vec::new(), Vec::new());
        for (file, addresses) in texts.parse::<AddressFile>("addresses.yaml")? {
            fwlinks.push((file.clone(), addresses.fwlinks));
            torn.push((file, addresses.torn_labels));
        }
        for row in overlay(fwlinks, |fwlink| fwlink.id.clone())? {
            row.needs_source(sources, &row.value.source)?;
            if let Some(slug) = &row.value.product {
                let product = self.product(&row, slug)?;
                self.by_fwlink.insert(row.value.id, product);
            }
        }
        for row in overlay(torn, |torn| format!("{} ({})", torn.label, torn.lang))? {
            row.needs_source(sources, &row.value.source)?;
            let product = self.product(&row, &row.value.product)?;
            let TornRow { lang, label, english, .. } = row.value;
            self.torn_labels.push(TornLabel { lang, label, product, english });
        }
        Ok(())
    }
}
