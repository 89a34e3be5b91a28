//! What is counted, and limits on it.

use std::fmt;

/// One kind of things, counted on both sides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub before: u64,
    pub after: u64,
    pub added: u64,
    pub removed: u64,
    pub changed: u64,
}

impl Counts {
    pub fn differ(&self) -> bool {
        self.added > 0 || self.removed > 0 || self.changed > 0
    }

    /// The counts of two sorted sets.
    pub fn of<T: Ord>(
        before: &std::collections::BTreeSet<T>,
        after: &std::collections::BTreeSet<T>,
    ) -> Self {
        Self {
            before: before.len() as u64,
            after: after.len() as u64,
            added: after.difference(before).count() as u64,
            removed: before.difference(after).count() as u64,
            changed: 0,
        }
    }
}

/// A row of the summary.
#[derive(Debug)]
pub struct Row {
    pub name: &'static str,
    pub about: &'static str,
    /// Things of this kind can change and stay what they are.
    pub changes: bool,
    /// Losing some is a loss: counts for `--max-deleted`.
    pub dear: bool,
}

const fn row(name: &'static str, about: &'static str, changes: bool, dear: bool) -> Row {
    Row { name, about, changes, dear }
}

/// In the order of the summary.
pub const ROWS: &[Row] = &[
    row("products", "products named in a language; changed: mostly called otherwise", true, true),
    row("names", "names used for a product in a language", false, true),
    row("known-names", "names of products in the registry", false, false),
    row("product-changes", "renames, merges and so on; changed: other dates", true, false),
    row("claims", "claims stated in a language; changed: in one respect", true, true),
    row("statements", "claims stated on a page", false, true),
    row("regions", "places of a product, as stated in a language", false, true),
    row("pages", "pages in a language; changed: another text", true, true),
    row("addresses", "their addresses; changed: the page moved", true, false),
    row("versions", "texts of pages, former ones too", false, false),
    row("translations", "translations; changed: in state", true, false),
    row("stale-translations", "of a former source text; changed: further behind", true, false),
    row("orphaned-translations", "of a source page that was taken away", false, false),
    row("links", "targets that a page links to", false, true),
    row("broken-links", "broken, or with a broken fragment", false, false),
    row("redirected-links", "redirected", false, false),
    row("findings", "problems in pages and configuration", false, false),
    row("errors", "of these, errors", false, false),
    row("warnings", "of these, warnings", false, false),
    row("infos", "of these, remarks", false, false),
];

const COLUMNS: &[&str] = &["before", "after", "added", "removed", "changed"];

/// The counts of every row.
#[derive(Debug, Default)]
pub struct Metrics {
    counts: std::collections::BTreeMap<&'static str, Counts>,
}

impl Metrics {
    pub fn set(&mut self, name: &'static str, counts: Counts) {
        debug_assert!(ROWS.iter().any(|row| row.name == name), "`{name}` is a row of the summary");
        self.counts.insert(name, counts);
    }

    pub fn get(&self, name: &str) -> Counts {
        self.counts.get(name).copied().unwrap_or_default()
    }

    /// What was counted, in the order of the summary.
    pub fn rows(&self) -> impl Iterator<Item = (&'static Row, Counts)> {
        ROWS.iter().filter_map(|row| Some((row, *self.counts.get(row.name)?)))
    }

    /// Every metric by its name, `claims-removed` and so on.
    pub fn values(&self) -> impl Iterator<Item = (String, u64)> {
        self.rows().flat_map(|(row, counts)| {
            columns(row)
                .map(move |column| (format!("{}-{column}", row.name), value(counts, column)))
        })
    }
}

fn columns(row: &Row) -> impl Iterator<Item = &'static str> {
    COLUMNS.iter().copied().filter(|column| row.changes || *column != "changed")
}

fn value(counts: Counts, column: &str) -> u64 {
    match column {
        "before" => counts.before,
        "after" => counts.after,
        "added" => counts.added,
        "removed" => counts.removed,
        _ => counts.changed,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    GreaterOrEqual,
    Greater,
}

/// The longer ones first, for they begin like the shorter.
const OPERATORS: &[(&str, Operator)] = &[
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("!=", Operator::NotEqual),
    ("==", Operator::Equal),
    ("=", Operator::Equal),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

/// A condition under which a comparison has failed: `claims-removed>0`, `pages-removed > 5%`.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    row: &'static str,
    column: &'static str,
    operator: Operator,
    number: f64,
    /// Of what was there before.
    percent: bool,
}

/// Why a threshold cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ThresholdError {
    #[error("write a metric, an operator and a number: `claims-removed>0`")]
    Form,
    #[error("`{0}` is no number; write `0`, `10` or `2.5%`")]
    Number(String),
    #[error("there is no metric `{name}`; there are:{}", list())]
    Metric { name: String },
}

/// All metrics, a row a line.
fn list() -> String {
    let line = |row: &Row| {
        let names: Vec<String> =
            columns(row).map(|column| format!("{}-{column}", row.name)).collect();
        format!("\n  {}", names.join(" "))
    };
    ROWS.iter().map(line).collect()
}

impl std::str::FromStr for Threshold {
    type Err = ThresholdError;

    fn from_str(text: &str) -> Result<Self, ThresholdError> {
        let at = text.find(['<', '>', '=', '!']).ok_or(ThresholdError::Form)?;
        let (name, rest) = (text[..at].trim(), &text[at..]);
        let (sign, operator) = OPERATORS
            .iter()
            .find(|(sign, _)| rest.starts_with(sign))
            .ok_or(ThresholdError::Form)?;
        let (row, column) = ROWS
            .iter()
            .find_map(|row| {
                let column = name.strip_prefix(row.name)?.strip_prefix('-')?;
                Some((row.name, columns(row).find(|known| *known == column)?))
            })
            .ok_or_else(|| ThresholdError::Metric { name: name.to_owned() })?;
        let number = rest[sign.len()..].trim();
        let (number, percent) = percentage(number)?;
        Ok(Self { row, column, operator: *operator, number, percent })
    }
}

/// So many of a hundred, with or without the sign.
pub fn percent(text: &str) -> Result<f64, ThresholdError> {
    percentage(text.trim()).map(|(number, _)| number)
}

/// A number, and whether it is one of a hundred.
fn percentage(text: &str) -> Result<(f64, bool), ThresholdError> {
    let (digits, percent) = match text.strip_suffix('%') {
        Some(digits) => (digits.trim(), true),
        None => (text, false),
    };
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number = digits.parse().ok().filter(|_| is_plain);
    Ok((number.ok_or_else(|| ThresholdError::Number(text.to_owned()))?, percent))
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = OPERATORS.iter().rfind(|(_, operator)| *operator == self.operator);
        let sign = sign.map_or("", |(sign, _)| sign);
        let percent = if self.percent { "%" } else { "" };
        write!(f, "{}-{}{sign}{}{percent}", self.row, self.column, self.number)
    }
}

impl Threshold {
    /// No more than so many of a hundred of anything dear may be gone: one threshold a row.
    pub fn max_deleted(percent: f64) -> impl Iterator<Item = Self> {
        ROWS.iter().filter(|row| row.dear).map(move |row| Self {
            row: row.name,
            column: "removed",
            operator: Operator::Greater,
            number: percent,
            percent: true,
        })
    }

    /// What it looks at, as a metric or as a part of what was there before.
    pub fn measure(&self, metrics: &Metrics) -> f64 {
        let counts = metrics.get(self.row);
        let value = value(counts, self.column) as f64;
        match (self.percent, counts.before) {
            (false, _) => value,
            // Where nothing was, a part of it says nothing.
            (true, 0) => 0.0,
            (true, before) => value * 100.0 / before as f64,
        }
    }

    pub fn is_exceeded(&self, metrics: &Metrics) -> bool {
        let value = self.measure(metrics);
        match self.operator {
            Operator::Less => value < self.number,
            Operator::LessOrEqual => value <= self.number,
            Operator::Equal => value == self.number,
            Operator::NotEqual => value != self.number,
            Operator::GreaterOrEqual => value >= self.number,
            Operator::Greater => value > self.number,
        }
    }

    /// The threshold and what was measured, for a report.
    pub fn told(&self, metrics: &Metrics) -> String {
        let counts = metrics.get(self.row);
        let value = value(counts, self.column);
        if self.percent {
            let part = self.measure(metrics);
            format!("{self}: {value} of {}, {part:.1}%", counts.before)
        } else {
            format!("{self}: {value}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_is_a_metric_an_operator_and_a_number() {
        let mut metrics = Metrics::default();
        metrics.set("claims", Counts { before: 40, after: 39, removed: 1, ..Counts::default() });
        let check = |text: &str| {
            text.parse::<Threshold>().map(|t| (t.to_string(), t.is_exceeded(&metrics)))
        };
        assert_eq!(check("claims-removed>0"), Ok(("claims-removed>0".into(), true)));
        assert_eq!(check("claims-removed >= 2"), Ok(("claims-removed>=2".into(), false)));
        assert_eq!(check("claims-removed > 2.5%"), Ok(("claims-removed>2.5%".into(), false)));
        assert_eq!(check("claims-removed>2%"), Ok(("claims-removed>2%".into(), true)));
        assert_eq!(check("regions-removed>0%"), Ok(("regions-removed>0%".into(), false)));
        assert_eq!(check("claims-removed"), Err(ThresholdError::Form));
        assert_eq!(check("claims-removed>many"), Err(ThresholdError::Number("many".into())));
        let unknown = check("links-changed>0").expect_err("links do not change");
        assert!(unknown.to_string().contains("broken-links-added"), "{unknown}");
    }
}
