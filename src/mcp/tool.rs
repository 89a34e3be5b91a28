//! What every tool has in common: a name, a schema of its arguments and one of its answer.
//!
//! Arguments are checked here against the schema, so that whoever errs learns what would be right.

use std::fmt;

use rmcp::handler::server::common::{schema_for_input, schema_for_output};
use rmcp::model::{self, JsonObject, ToolAnnotations};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Call;
use crate::lineage::LineageError;
use crate::store::StoreError;
use crate::store::queries::AskError;
use crate::store::sparql::nearest;

/// Something that an assistant may call.
pub trait Tool: 'static {
    const NAME: &'static str;
    /// For people.
    const TITLE: &'static str;
    type Arguments: DeserializeOwned + JsonSchema + 'static;
    /// Shown as text by `Display`, with everything that matters.
    type Answer: Serialize + JsonSchema + fmt::Display + 'static;

    /// What it does and when to call it, for the assistant.
    fn about() -> String;

    fn answer(arguments: Self::Arguments, call: &Call<'_>) -> Result<Self::Answer, Refusal>;
}

/// A tool in the list.
pub struct Entry {
    pub name: &'static str,
    pub describe: fn() -> model::Tool,
    pub answer: fn(JsonObject, &Call<'_>) -> Result<Told, Refusal>,
}

/// An answer as JSON and as text.
pub type Told = (Value, String);

pub const fn entry<T: Tool>() -> Entry {
    Entry { name: T::NAME, describe: describe::<T>, answer: answer::<T> }
}

fn describe<T: Tool>() -> model::Tool {
    let schema = schema_for_input::<T::Arguments>().expect("arguments are an object");
    let mut tool = model::Tool::new(T::NAME, T::about(), schema);
    tool.title = Some(T::TITLE.to_owned());
    tool.output_schema = Some(schema_for_output::<T::Answer>());
    tool.annotations = Some(
        ToolAnnotations::with_title(T::TITLE)
            .read_only(true)
            .destructive(false)
            .idempotent(true)
            .open_world(false),
    );
    tool
}

/// Bytes of an argument.
const LONGEST: usize = 4000;
const LONGEST_QUERY: usize = 100_000;

fn answer<T: Tool>(mut arguments: JsonObject, call: &Call<'_>) -> Result<Told, Refusal> {
    let schema = schema_for_input::<T::Arguments>().expect("arguments are an object");
    let known: Vec<&str> = schema
        .get("properties")
        .and_then(Value::as_object)
        .map(|known| known.keys().map(String::as_str).collect())
        .unwrap_or_default();
    let takes = || {
        let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
        format!("`{}` takes {}", T::NAME, known.join(", "))
    };
    if let Some(name) = arguments.keys().find(|name| !known.contains(&name.as_str())) {
        let near = nearest(name, known.iter().copied());
        let hint = near.map_or_else(takes, |near| format!("did you mean `{near}`?"));
        return Err(Refusal::new(format!("there is no argument `{name}`")).hint(hint));
    }
    // Assistants fill in what they do not want to say.
    arguments.retain(|_, value| !value.is_null() && value.as_str() != Some(""));
    // The likeness of names is measured letter by letter.
    let is_long = |(name, value): &(&String, &Value)| {
        value.to_string().len() > if *name == "sparql" { LONGEST_QUERY } else { LONGEST }
    };
    if let Some((name, _)) = arguments.iter().find(is_long) {
        return Err(Refusal::new(format!("`{name}` is too long"))
            .hint("give a name, a path, an address or a day, and not a text"));
    }
    let asked = serde_json::from_value(Value::Object(arguments)).map_err(|error| {
        // In words of the schema, not of Rust.
        let error = error.to_string().replace("usize", "a number").replace("u32", "a number");
        Refusal::new(format!("the arguments cannot be read: {error}")).hint(takes())
    })?;
    let told = T::answer(asked, call)?;
    let text = told.to_string();
    let value = serde_json::to_value(told)
        .map_err(|error| Refusal::new(format!("the answer cannot be written: {error}")))?;
    Ok((value, text))
}

/// Why a call has no answer, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    message: String,
    hint: Option<String>,
}

impl Refusal {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\nnext: {hint}"),
            None => Ok(()),
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self { message: error.to_string(), hint: error.hint() }
    }
}

impl From<LineageError> for Refusal {
    fn from(error: LineageError) -> Self {
        let hint = error.hint().map(|hint| match &error {
            LineageError::NotOne { .. } if hint.ends_with('?') => {
                format!("{hint} Or find it with `search`")
            }
            LineageError::NotOne { .. } => format!("{hint}, or find it with `search`"),
            _ => hint,
        });
        Self { message: error.to_string(), hint }
    }
}

impl From<AskError> for Refusal {
    fn from(error: AskError) -> Self {
        let message = match &error {
            AskError::Syntax(syntax) => {
                format!("{syntax}, at {}:{}\n{}", syntax.line, syntax.column, syntax.excerpt)
            }
            error => error.to_string(),
        };
        // Hints of the command line name commands, which an assistant does not have.
        let hint = match &error {
            AskError::Syntax(syntax) if syntax.hint.is_none() => {
                Some("compare with the example in the description of `query`".to_owned())
            }
            AskError::UnknownQuery { near: None, .. } => {
                Some("the description of `query` lists all saved queries".to_owned())
            }
            AskError::Value { kind: "product", hint, .. } if hint.starts_with("see them all") => {
                Some("find it with `search`".to_owned())
            }
            error => error.hint(),
        };
        Self { message, hint }
    }
}

/// A day that an assistant gave.
pub fn day(text: Option<&str>) -> Result<Option<&str>, Refusal> {
    match text {
        Some(text) if !crate::source::config::is_iso_date(text) => {
            Err(Refusal::new(format!("`{text}` is no day")).hint("write it as 2021-01-22"))
        }
        text => Ok(text),
    }
}
