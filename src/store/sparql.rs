//! Reads a query as people write it: with the usual prefixes, and with errors in their own text.
//!
//! The parser knows that a query is wrong, but hardly where: it names the furthest place it looked
//! at. So when it refuses a query, the commonest slips are looked for here first.

use std::ops::Range;

use spargebra::{Query, SparqlParser};

#[cfg(test)]
mod tests;

/// The prefixes of every query. Its IRIs without a scheme are relative to the base of the graph.
pub const PROLOGUE: &str = include_str!("../../ontology/prologue.rq");

/// Deeper brackets than anyone writes; the parser recurses into each.
const DEEPEST: usize = 128;
/// More operators, patterns and signs between triples than anyone writes; the parser and the engine
/// recurse along each chain of them. Lists of values have none.
const MOST_PARTS: usize = 1000;
/// Nobody meant a name with what is longer, so it is compared with none.
pub const LONGEST_WORD: usize = 200;

/// Prefixes and what they stand for, in the order of the prologue.
pub fn prefixes(base: &str) -> Vec<(&'static str, String)> {
    let prefix = |line: &'static str| {
        let (name, iri) = line.strip_prefix("PREFIX ")?.split_once(": <")?;
        let iri = iri.strip_suffix('>')?;
        Some((name, if iri.contains(':') { iri.to_owned() } else { format!("{base}{iri}") }))
    };
    PROLOGUE
        .lines()
        .map(|line| prefix(line).expect("every line of the prologue is a prefix"))
        .collect()
}

/// Writes IRIs short, in a way that a query or `stemma why` understands.
pub struct Shortener {
    base: String,
    prefixes: Vec<(&'static str, String)>,
}

impl Shortener {
    pub fn new(base: &str) -> Self {
        Self { base: base.to_owned(), prefixes: prefixes(base) }
    }

    /// `stm:Page`, `<doc/microsoft-365/…>` below the base, else `<https://…>`.
    pub fn iri(&self, iri: &str) -> String {
        let is_plain = |local: &str| {
            let good = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            !local.is_empty()
                && local.chars().all(good)
                && !local.starts_with(['-', '.'])
                && !local.ends_with('.')
        };
        for (name, start) in &self.prefixes {
            if let Some(local) = iri.strip_prefix(start.as_str())
                && is_plain(local)
            {
                return format!("{name}:{local}");
            }
        }
        format!("<{}>", iri.strip_prefix(&self.base).unwrap_or(iri))
    }
}

/// Where and why a query cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    pub message: String,
    /// In the text as given.
    pub at: Range<usize>,
    /// From 1; the column counts characters.
    pub line: usize,
    pub column: usize,
    /// The line, and a line of carets below it.
    pub excerpt: String,
    pub hint: Option<String>,
}

impl SyntaxError {
    fn new(text: &str, at: Range<usize>, message: impl Into<String>) -> Self {
        let start = floor(text, at.start);
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        let line_text = text[line_start..].lines().next().unwrap_or_default();
        let (line, column) =
            (before.matches('\n').count() + 1, text[line_start..start].chars().count() + 1);
        let end =
            floor(text, at.end).clamp(start, line_start + line_text.len().max(start - line_start));
        let carets = text[start..end].chars().count().max(1);
        // Tabs stay tabs, so that the carets stand below what they mean.
        let pad: String =
            text[line_start..start].chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        let number = line.to_string();
        let margin = " ".repeat(number.len());
        let excerpt = format!("{number} | {line_text}\n{margin} | {pad}{}", "^".repeat(carets));
        Self { message: message.into(), at: start..end, line, column, excerpt, hint: None }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Parses a query, the prologue before it.
pub fn parse(text: &str, base: &str) -> Result<Query, SyntaxError> {
    let tokens = tokens(text);
    if let Some(refused) = too_deep(text, &tokens).or_else(|| too_long(text, &tokens)) {
        return Err(refused);
    }
    let parser = SparqlParser::new().with_base_iri(base).expect("the base of a graph is an IRI");
    let error = match parser.parse_query(&format!("{PROLOGUE}{text}")) {
        Ok(query) => return Ok(query),
        Err(error) => error.to_string(),
    };
    Err(slip(text, &tokens).unwrap_or_else(|| refusal(text, &tokens, &error)))
}

/// The query with other IRIs where it says so, all else as it is.
pub fn replace_iris(text: &str, other: impl Fn(&str) -> Option<String>) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut done = 0;
    for token in tokens(text).into_iter().filter(|token| token.kind == Kind::Iri) {
        let iri = &text[token.at.start + 1..token.at.end - 1];
        if let Some(other) = other(iri) {
            replaced.push_str(&text[done..=token.at.start]);
            replaced.push_str(&other);
            done = token.at.end - 1;
        }
    }
    replaced + &text[done..]
}

/// What the parser says, in the terms of the text as given.
fn refusal(text: &str, tokens: &[Token], error: &str) -> SyntaxError {
    let offset = offset(text, error).unwrap_or(text.len());
    let expected = error.split_once("expected ").map_or("", |(_, expected)| expected);
    let expected: Vec<&str> =
        expected.trim_start_matches("one of ").split(", ").map(str::trim).collect();
    // What the parser says in words it cannot place; the line of the first keyword is a start.
    let sentence =
        expected.iter().find(|item| item.contains(' ') && !item.starts_with(['[', '"', '|', '\'']));
    if let Some(sentence) = sentence {
        let at = tokens.first().map_or(0..0, |token| token.at.clone());
        let (message, hint) = explain(sentence);
        let error = SyntaxError::new(text, at, message);
        return if hint.is_empty() { error } else { error.hint(hint) };
    }
    let is_keyword =
        |item: &&&str| item.chars().all(|c| c.is_ascii_alphabetic() || c == '_') && item.len() > 1;
    let exact: Vec<&str> = expected
        .iter()
        .filter(|item| item.starts_with('"') || ***item == *"['0'..='9']")
        .copied()
        .collect();
    // A keyword is compared after its letters were taken, so the fault may lie that much further to
    // the left.
    let reach = expected
        .iter()
        .filter(is_keyword)
        .map(|item| item.len())
        .max()
        .filter(|_| exact.is_empty());
    let start = floor(text, offset.saturating_sub(reach.unwrap_or(0)));
    let message = match exact.as_slice() {
        // When nearly anything may follow, to list it helps nobody.
        items if items.is_empty() || items.len() > 4 => {
            "the query cannot be understood from here on".to_owned()
        }
        items => {
            let words: Vec<String> = items
                .iter()
                .map(|item| {
                    if item.starts_with('[') {
                        "a number".into()
                    } else {
                        format!("`{}`", item.trim_matches('"'))
                    }
                })
                .collect();
            format!("expected {} here", words.join(" or "))
        }
    };
    SyntaxError::new(text, start..offset.max(start + 1), message)
        .hint("a triple pattern is `subject predicate object .`, a filter `FILTER(…)`, a variable `?name`")
}

/// What the parser's own sentences mean to the one who wrote the query.
fn explain(sentence: &str) -> (String, &'static str) {
    let known = [
        (
            "The SELECT contains a variable that is unbound",
            "the query groups, but shows a variable that is neither grouped by nor counted",
            "add it to `GROUP BY`, or show `(SAMPLE(?x) AS ?y)`",
        ),
        (
            "SELECT * is not authorized",
            "a query that groups must name the variables it shows",
            "write them after `SELECT`",
        ),
        (
            "BIND is overriding",
            "`BIND` names a variable that has a value already",
            "choose another name after `AS`",
        ),
        (
            "Duplicated variable name",
            "`SELECT` shows a variable twice",
            "give one of them another name",
        ),
    ];
    let found = known.iter().find(|(said, ..)| sentence.starts_with(said));
    found.map_or_else(
        || (sentence.to_owned(), ""),
        |(_, message, hint)| ((*message).to_owned(), hint),
    )
}

/// Byte offset of `error at LINE:COLUMN`, the prologue taken off.
fn offset(text: &str, error: &str) -> Option<usize> {
    let place = error.strip_prefix("error at ")?.split_once(": ")?.0;
    let (line, column) = place.split_once(':')?;
    let line = line.parse::<usize>().ok()?.checked_sub(PROLOGUE.lines().count() + 1)?;
    let column = column.parse::<usize>().ok()?.checked_sub(1)?;
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let within = text[start..].char_indices().nth(column).map_or(text.len() - start, |(i, _)| i);
    Some(start + within)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Word,
    Variable,
    String { closed: bool },
    Iri,
    Open,
    Close,
    Other,
}

#[derive(Clone, Debug)]
struct Token {
    kind: Kind,
    at: Range<usize>,
}

/// Words, strings and brackets; comments and blanks are left out.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let (kind, len) = match first {
            '#' => {
                at += rest.find('\n').unwrap_or(rest.len());
                continue;
            }
            c if c.is_whitespace() => {
                at += c.len_utf8();
                continue;
            }
            '"' | '\'' => string(rest, first),
            '<' => match rest
                .find(|c: char| c.is_whitespace() || "<>\"{}|^`\\".contains(c) && c != '<')
                .map(|i| (i, &rest[i..]))
            {
                Some((end, tail)) if tail.starts_with('>') => (Kind::Iri, end + 1),
                _ => (Kind::Other, 1),
            },
            '{' | '(' | '[' => (Kind::Open, 1),
            '}' | ')' | ']' => (Kind::Close, 1),
            '?' | '$' => (Kind::Variable, 1 + word(&rest[1..])),
            c if c.is_alphanumeric() || c == '_' || c == ':' => (Kind::Word, word(rest).max(1)),
            c => (Kind::Other, c.len_utf8()),
        };
        tokens.push(Token { kind, at: at..at + len });
        at += len;
    }
    tokens
}

fn word(rest: &str) -> usize {
    // A slash belongs to a path, a dot at the end to the triple.
    let end =
        rest.find(|c: char| !(c.is_alphanumeric() || "_:.-%\\".contains(c))).unwrap_or(rest.len());
    rest[..end].trim_end_matches('.').len()
}

fn string(rest: &str, quote: char) -> (Kind, usize) {
    let long = quote.to_string().repeat(3);
    let (open, is_long) = if rest.starts_with(&long) { (3, true) } else { (1, false) };
    let mut escaped = false;
    for (i, c) in rest[open..].char_indices() {
        let i = open + i;
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\n' if !is_long => return (Kind::String { closed: false }, i),
            _ if is_long && rest[i..].starts_with(&long) => {
                return (Kind::String { closed: true }, i + 3);
            }
            c if !is_long && c == quote => return (Kind::String { closed: true }, i + 1),
            _ => {}
        }
    }
    (Kind::String { closed: false }, rest.len())
}

fn too_deep(text: &str, tokens: &[Token]) -> Option<SyntaxError> {
    let mut depth = 0_usize;
    for token in tokens {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Some(SyntaxError::new(
                text,
                token.at.clone(),
                format!("brackets are nested deeper than {DEEPEST}"),
            ));
        }
    }
    None
}

fn too_long(text: &str, tokens: &[Token]) -> Option<SyntaxError> {
    const CHAINED: [&str; 5] = ["UNION", "MINUS", "OPTIONAL", "FILTER", "BIND"];
    let mut parts = tokens.iter().filter(|token| match token.kind {
        Kind::Word => CHAINED.iter().any(|word| word.eq_ignore_ascii_case(&text[token.at.clone()])),
        // Of a literal's type or language.
        Kind::Other => !["^", "@"].contains(&&text[token.at.clone()]),
        _ => false,
    });
    let token = parts.nth(MOST_PARTS)?;
    let message = format!("the query has more than {MOST_PARTS} parts");
    Some(
        SyntaxError::new(text, token.at.clone(), message)
            .hint("give many values as a list: `VALUES ?x { … }`"),
    )
}

/// The commonest mistakes, in the order in which they hide each other.
fn slip(text: &str, tokens: &[Token]) -> Option<SyntaxError> {
    open_string(text, tokens)
        .or_else(|| verb(text, tokens))
        .or_else(|| brackets(text, tokens))
        .or_else(|| unknown_prefix(text, tokens))
}

fn open_string(text: &str, tokens: &[Token]) -> Option<SyntaxError> {
    let open = tokens.iter().find(|token| token.kind == Kind::String { closed: false })?;
    Some(
        SyntaxError::new(text, open.at.clone(), "this text has no end")
            .hint("did you forget the closing quotation mark?"),
    )
}

const VERBS: [&str; 4] = ["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"];
const UPDATES: [&str; 9] =
    ["INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD"];

fn verb(text: &str, tokens: &[Token]) -> Option<SyntaxError> {
    let mut words = tokens.iter();
    loop {
        let Some(token) = words.next() else {
            return Some(
                SyntaxError::new(text, 0..0, "the query is empty")
                    .hint("try `SELECT * WHERE { ?page a stm:Page } LIMIT 10`"),
            );
        };
        let word = text[token.at.clone()].to_ascii_uppercase();
        match word.as_str() {
            "PREFIX" => words.by_ref().nth(1),
            "BASE" => words.by_ref().next(),
            _ if VERBS.contains(&word.as_str()) => return None,
            _ if UPDATES.contains(&word.as_str()) => {
                let error =
                    SyntaxError::new(text, token.at.clone(), "a query cannot change the graph");
                return Some(
                    error.hint("change the pages or the data, and run `stemma compile` again"),
                );
            }
            _ => {
                let error = SyntaxError::new(
                    text,
                    token.at.clone(),
                    "a query begins with `SELECT`, `ASK`, `CONSTRUCT` or `DESCRIBE`",
                );
                return Some(match nearest(&word, VERBS) {
                    Some(verb) => error.hint(format!("did you mean `{verb}`?")),
                    None => error,
                });
            }
        };
    }
}

fn brackets(text: &str, tokens: &[Token]) -> Option<SyntaxError> {
    let mut open: Vec<&Token> = Vec::new();
    for token in tokens {
        match token.kind {
            Kind::Open => open.push(token),
            Kind::Close => {
                let close = &text[token.at.clone()];
                let Some(last) = open.pop() else {
                    let error = SyntaxError::new(
                        text,
                        token.at.clone(),
                        format!("`{close}` closes nothing"),
                    );
                    return Some(error.hint("remove it, or open it before"));
                };
                let wanted = closing(&text[last.at.clone()]);
                if close != wanted {
                    let error = SyntaxError::new(
                        text,
                        token.at.clone(),
                        format!("`{close}` stands where `{wanted}` should"),
                    );
                    return Some(error.hint(format!("did you forget `{wanted}`?")));
                }
            }
            _ => {}
        }
    }
    let open = open.pop()?;
    let wanted = closing(&text[open.at.clone()]);
    let error = SyntaxError::new(
        text,
        open.at.clone(),
        format!("`{}` is never closed", &text[open.at.clone()]),
    );
    Some(error.hint(format!("did you forget `{wanted}`?")))
}

fn closing(open: &str) -> &'static str {
    match open {
        "{" => "}",
        "(" => ")",
        _ => "]",
    }
}

fn unknown_prefix(text: &str, tokens: &[Token]) -> Option<SyntaxError> {
    let mut known: Vec<String> =
        prefixes("").into_iter().map(|(name, _)| name.to_owned()).collect();
    for pair in tokens.windows(2) {
        if text[pair[0].at.clone()].eq_ignore_ascii_case("PREFIX") {
            known.push(text[pair[1].at.clone()].trim_end_matches(':').to_owned());
        }
    }
    for token in tokens.iter().filter(|token| token.kind == Kind::Word) {
        let word = &text[token.at.clone()];
        let Some((prefix, _)) = word.split_once(':') else {
            if let Some((prefix, local)) = word.split_once('.')
                && known.iter().any(|name| name == prefix)
            {
                let error =
                    SyntaxError::new(text, token.at.clone(), format!("`{word}` is no name"));
                return Some(error.hint(format!("did you mean `{prefix}:{local}`?")));
            }
            continue;
        };
        // `_:b` is a blank node.
        if prefix == "_" || known.iter().any(|name| name == prefix) {
            continue;
        }
        let at = token.at.start..token.at.start + prefix.len().max(1);
        let error = SyntaxError::new(text, at, format!("there is no prefix `{prefix}:`"));
        return Some(match nearest(prefix, known.iter().map(String::as_str)) {
            Some(near) => error.hint(format!("did you mean `{near}:`?")),
            None => error.hint(format!(
                "put `PREFIX {prefix}: <…>` before the query, or use one of {}",
                known.join(", ")
            )),
        });
    }
    None
}

/// The word that was most likely meant. A third of the letters wrong is a slip; more is another
/// word.
pub fn nearest<'a>(word: &str, among: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > LONGEST_WORD {
        return None;
    }
    let lower = word.to_lowercase();
    let near =
        among.into_iter().map(|other| (strsim::levenshtein(&lower, &other.to_lowercase()), other));
    let near = near.filter(|(distance, other)| *distance <= (other.chars().count() / 3).max(1));
    near.min_by_key(|(distance, _)| *distance).map(|(_, other)| other)
}
