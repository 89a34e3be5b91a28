//! The list of codes. What a code means to a reader is in its page, `codes/<name>.md`.
//!
//! A page has these parts, and `explain` shows them as they are: a title, what is wrong,
//! `## Why it matters`, `## Example`, `## Fixed`, `## What to do`. The files of an example stand
//! in fences, each after its path in backticks and a colon, and raise this code and no other. In
//! a fence marked `bytes`, `\xNN` stands for one byte; one marked `link` is a symbolic link.

use serde::{Deserialize, Serialize};

use super::Severity;

/// What a code is, apart from its page.
struct Entry {
    name: &'static str,
    severity: Severity,
    class: &'static str,
    issue_type: Option<&'static str>,
    page: &'static str,
}

macro_rules! issue_type {
    () => {
        None
    };
    ($type:literal) => {
        Some($type)
    };
}

macro_rules! codes {
    ($($constant:ident $name:literal $severity:ident $class:literal $($issue:literal)?;)*) => {
        /// One kind of problem. Sorted as the list is.
        // In capitals, because a code is used like a constant: `Code::BROKEN_LINK`.
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum Code { $(#[serde(rename = $name)] $constant),* }

        impl Code {
            /// Every code, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$constant),*];

            fn entry(self) -> &'static Entry {
                match self {
                    $(Self::$constant => &Entry {
                        name: $name,
                        severity: Severity::$severity,
                        class: $class,
                        issue_type: issue_type!($($issue)?),
                        page: include_str!(concat!("codes/", $name, ".md")),
                    },)*
                }
            }
        }
    };
}

// From the file inwards, then outwards: bytes and header, configuration, lineage, links, words,
// bilingual marks, and last where files belong. The columns: constant, name, severity, class of
// the finding in the ontology, issue type of ITS 2.0 if it is a matter of localisation quality.
codes! {
    FRONT_MATTER_INVALID      "front-matter-invalid"      Warning "FrontMatterProblem";
    DUPLICATE_KEY             "duplicate-key"             Warning "FrontMatterProblem";
    FRONT_MATTER_UNCLOSED     "front-matter-unclosed"     Warning "FrontMatterProblem";
    FRONT_MATTER_MISPLACED    "front-matter-misplaced"    Warning "FrontMatterProblem";
    MISSING_SPACE_AFTER_COLON "missing-space-after-colon" Warning "FrontMatterProblem";
    DATE_FORMAT               "date-format"               Info    "FrontMatterProblem";
    MERGE_CONFLICT            "merge-conflict"            Warning "FileProblem";
    EMPTY_FILE                "empty-file"                Info    "FileProblem";

    INVALID_UTF8              "invalid-utf8"              Warning "EncodingAnomaly"        "characters";
    UTF_16                    "utf-16"                    Warning "EncodingAnomaly"        "characters";
    INNER_BYTE_ORDER_MARK     "inner-byte-order-mark"     Info    "EncodingAnomaly"        "characters";
    MOJIBAKE                  "mojibake"                  Warning "EncodingAnomaly"        "characters";
    REPLACEMENT_CHARACTER     "replacement-character"     Warning "EncodingAnomaly"        "characters";
    CONTROL_CHARACTER         "control-character"         Warning "EncodingAnomaly"        "characters";

    CONFIG_INVALID            "config-invalid"            Warning "ConfigurationProblem";
    REDIRECT_LOOP             "redirect-loop"             Warning "ConfigurationProblem";
    REDIRECT_CONFLICT         "redirect-conflict"         Warning "ConfigurationProblem";
    REDIRECT_TARGET_MISSING   "redirect-target-missing"   Warning "ConfigurationProblem";

    SOURCE_NOT_IN_INPUTS      "source-not-in-inputs"      Info    "UnverifiedLineage";
    SOURCE_CONTRADICTED       "source-contradicted"       Warning "UnverifiedLineage";
    COMMIT_DIFFERS            "commit-differs"            Info    "UnverifiedLineage";
    STALE_TRANSLATION         "stale-translation"         Warning "StaleTranslation";

    BROKEN_LINK               "broken-link"               Warning "BrokenLink";
    BROKEN_FRAGMENT           "broken-fragment"           Warning "BrokenLink";
    REDIRECTED_LINK           "redirected-link"           Info    "RedirectedLink";
    BROKEN_INCLUDE            "broken-include"            Warning "BrokenLink";
    EMPTY_LINK_LABEL          "empty-link-label"          Warning "LabelProblem"           "omission";
    EMPTY_LINK_TARGET         "empty-link-target"         Warning "BrokenLink"             "markup";

    PRODUCT_NAME_TRANSLATED   "product-name-translated"   Warning "TranslatedName"         "terminology";
    CHANGE_NOT_IN_REGISTRY    "change-not-in-registry"    Info    "RegistryProblem";
    REGISTRY_CONTRADICTED     "registry-contradicted"     Warning "RegistryProblem";
    CLAIM_DIFFERS             "claim-differs"             Error   "Divergence"             "mistranslation";
    TERM_MISSPELT             "term-misspelt"             Warning "Misspelling"            "misspelling";

    BILINGUAL_UNIT_MANGLED    "bilingual-unit-mangled"    Warning "BilingualMarkupProblem" "markup";
    BILINGUAL_UNIT_INCOMPLETE "bilingual-unit-incomplete" Warning "BilingualMarkupProblem" "markup";

    PAGE_UNPLACED             "page-unplaced"             Info    "PlacementProblem";
    PAGE_DUPLICATE            "page-duplicate"            Warning "PlacementProblem";
    LOCALE_UNKNOWN            "locale-unknown"            Warning "PlacementProblem";
    FILE_UNREAD               "file-unread"               Warning "FileProblem";
}

impl Code {
    /// As it is written in reports and on the command line: `broken-link`.
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    pub fn severity(self) -> Severity {
        self.entry().severity
    }

    /// What is wrong, in one line.
    pub fn title(self) -> &'static str {
        let first = self.page().lines().next().unwrap_or_default();
        first.strip_prefix("# ").expect("the page of a code begins with its title")
    }

    /// The explanation, in Markdown.
    pub fn page(self) -> &'static str {
        self.entry().page
    }

    /// The class of the finding in the ontology.
    pub fn class(self) -> &'static str {
        self.entry().class
    }

    /// The localization quality issue type of ITS 2.0, where one fits.
    pub fn issue_type(self) -> Option<&'static str> {
        self.entry().issue_type
    }

    pub fn parse(name: &str) -> Result<Self, UnknownCode> {
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.name() == name)
            .ok_or_else(|| UnknownCode::new(name))
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// A name that no code has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no code `{name}`{}", .nearest.map(|code| format!("; did you mean `{code}`?")).unwrap_or_default())]
pub struct UnknownCode {
    pub name: String,
    pub nearest: Option<Code>,
}

impl UnknownCode {
    fn new(name: &str) -> Self {
        let wanted = name.to_lowercase().replace(['_', ' '], "-");
        // A third of the letters wrong is still the same word badly typed; more is another word.
        let nearest = Code::ALL
            .iter()
            .map(|&code| (strsim::levenshtein(&wanted, code.name()), code))
            .filter(|(distance, code)| *distance <= code.name().len() / 3)
            .min();
        Self { name: name.to_owned(), nearest: nearest.map(|(_, code)| code) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECTIONS: [&str; 4] = ["## Why it matters", "## Example", "## Fixed", "## What to do"];

    #[test]
    fn every_page_in_the_folder_is_in_the_list() {
        let folder = "src/diag/codes";
        let files = std::fs::read_dir(folder).expect("the folder of pages is there");
        let mut found: Vec<String> = files
            .filter_map(|file| file.expect("the folder can be read").file_name().into_string().ok())
            .filter_map(|name| name.strip_suffix(".md").map(str::to_owned))
            .collect();
        found.sort();
        let mut listed: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();
        listed.sort_unstable();
        assert_eq!(found, listed);
    }

    #[test]
    fn a_constant_is_its_name_in_capitals() {
        for code in Code::ALL {
            assert_eq!(format!("{code:?}"), code.name().replace('-', "_").to_uppercase());
        }
    }

    #[test]
    fn every_page_has_its_sections_in_order() {
        for code in Code::ALL {
            let headings: Vec<_> =
                outside_fences(code.page()).filter(|line| line.starts_with("## ")).collect();
            assert_eq!(headings, SECTIONS, "{code}");
        }
    }

    #[test]
    fn a_title_is_a_line_without_full_stop() {
        for code in Code::ALL {
            let title = code.title();
            let tidy = title.len() <= 72
                && !title.ends_with('.')
                && title.chars().next().is_some_and(char::is_lowercase);
            assert!(tidy, "{code}: {title}");
        }
    }

    #[test]
    fn every_example_and_its_repair_name_their_files() {
        for code in Code::ALL {
            for section in ["## Example", "## Fixed"] {
                let (_, text) = code
                    .page()
                    .split_once(&format!("\n{section}\n"))
                    .expect("the section is there");
                let text = text.split("\n## ").next().unwrap_or_default();
                let lines: Vec<_> = text.lines().filter(|line| !line.is_empty()).collect();
                let named = lines
                    .windows(2)
                    .filter(|pair| pair[1].starts_with("````") && pair[1].len() > 4);
                let names: Vec<_> = named
                    .filter_map(|pair| pair[0].strip_prefix('`')?.strip_suffix("`:"))
                    .collect();
                let fences = lines.iter().filter(|line| line.starts_with("````")).count();
                assert!(
                    !names.is_empty() && names.len() * 2 == fences,
                    "{code}, {section}: {names:?}"
                );
            }
        }
    }

    #[test]
    fn a_name_badly_typed_finds_its_code() {
        let nearest = |name: &str| Code::parse(name).map_err(|unknown| unknown.nearest);
        assert_eq!(nearest("broken-link"), Ok(Code::BROKEN_LINK));
        assert_eq!(nearest("brokn-lnk"), Err(Some(Code::BROKEN_LINK)));
        assert_eq!(nearest("STALE_TRANSLATION"), Err(Some(Code::STALE_TRANSLATION)));
        assert_eq!(nearest("weather"), Err(None));
        let error = Code::parse("mojibak").expect_err("it is misspelt").to_string();
        assert_eq!(error, "there is no code `mojibak`; did you mean `mojibake`?");
    }

    fn outside_fences(page: &str) -> impl Iterator<Item = &str> {
        let mut fenced = false;
        page.lines().filter(move |line| {
            let fence = line.starts_with("````");
            fenced ^= fence;
            !fenced && !fence
        })
    }
}
