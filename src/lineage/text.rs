//! Drawings for a terminal, at most 100 columns wide.

use console::{Style, measure_text_width, pad_str, truncate_str};

use super::page::{Page, Proof, Standing, State, Stemma, Text, Translation, day_number};
use super::product::{Change, History, Name, Status};
use super::rows::{Row, Run, Station};
use super::{count, short, tail};

const WIDTH: usize = 100;
/// Where the trunk of a stemma stands: after the day.
const TRUNK: usize = 13;
/// The longest length of time, `9999 days`.
const LENGTH: usize = 9;

/// Colours, where the reader can see them.
#[derive(Clone, Copy, Debug)]
pub struct Pen {
    pub colors: bool,
}

impl Pen {
    fn draw(self, style: Style, text: impl std::fmt::Display) -> String {
        style.force_styling(self.colors).apply_to(text).to_string()
    }

    fn strong(self, text: impl std::fmt::Display) -> String {
        self.draw(Style::new().bold(), text)
    }

    fn faint(self, text: impl std::fmt::Display) -> String {
        self.draw(Style::new().dim(), text)
    }

    fn good(self, text: impl std::fmt::Display) -> String {
        self.draw(Style::new().green(), text)
    }

    fn doubtful(self, text: impl std::fmt::Display) -> String {
        self.draw(Style::new().yellow(), text)
    }

    fn bad(self, text: impl std::fmt::Display) -> String {
        self.draw(Style::new().red(), text)
    }
}

/// How far the relation to the source is proved, in words.
pub fn proof(proof: Option<Proof>) -> &'static str {
    match proof {
        Some(Proof::HashAndCommit) => "proved by hash and commit",
        Some(Proof::HashOnly) => "proved by hash",
        Some(Proof::Declared) => "declared",
        Some(Proof::Contradicted) => "contradicted",
        None => "names no source",
    }
}

/// How a translated page stands to its source, in words.
pub fn state(state: &State) -> String {
    match state {
        State::UpToDate => "up to date".to_owned(),
        State::Stale { stale_since, versions_behind } => {
            format!("stale since {stale_since}, {} behind", count(*versions_behind, "version"))
        }
        State::Orphaned => "orphaned".to_owned(),
        State::Unknown => "state unknown".to_owned(),
    }
}

/// How many texts there are and of what time, in parts.
pub fn numbers(stemma: &Stemma, page: &Page) -> Vec<String> {
    let texts: Vec<&Text> = if page.is_source {
        stemma.sources.iter().map(|source| &source.text).collect()
    } else {
        stemma.translations().map(|made| &made.text).collect()
    };
    let of_page = format!("{}@", page.iri);
    let texts = || texts.iter().filter(|text| text.iri.starts_with(&of_page));
    let number = |standing| texts().filter(|text| text.standing == standing).count();
    let known = number(Standing::Published) + number(Standing::Undated);
    let days = || {
        let published = texts().filter(|text| text.standing == Standing::Published);
        published.flat_map(|text| &text.spans).map(|span| span.from.day())
    };
    let mut parts = Vec::new();
    if known > 0 || number(Standing::Missing) == 0 {
        let days = match (days().min(), days().max()) {
            (Some(first), Some(last)) if first == last => format!(", {first}"),
            (Some(first), Some(last)) => format!(", {first} to {last}"),
            _ => String::new(),
        };
        let none = known == 0 && number(Standing::SideBranch) == 0;
        let versions = if none { "none yet".to_owned() } else { count(known, "version") };
        parts.push(format!("{versions}{days}"));
    }
    match number(Standing::SideBranch) {
        0 => {}
        number => parts.push(format!("{number} on side branches only")),
    }
    match number(Standing::Missing) {
        0 => {}
        number => parts.push(format!("{number} not in the inputs")),
    }
    let editions = stemma.translations().filter(|made| made.text.iri.starts_with(&of_page));
    match editions.map(|made| made.bilingual_editions.len()).sum::<usize>() {
        0 => {}
        number => parts.push(count(number, "bilingual edition")),
    }
    parts
}

/// A text in the lines of a box: its day, its hash, how long it was current.
pub fn lines(text: &Text, first: Option<&str>) -> Vec<String> {
    let mut lines: Vec<String> = first.map(|first| day(Some(first), text)).into_iter().collect();
    lines.push(short(&text.content_hash).to_owned());
    let days: Vec<i64> = text.spans.iter().filter_map(|span| span.days).collect();
    lines.push(match text.standing {
        Standing::Published if text.current => {
            format!("{}, current", length(days.iter().sum()))
        }
        Standing::Published => length(days.iter().sum()),
        Standing::SideBranch => "side branch only".to_owned(),
        Standing::Undated => "undated".to_owned(),
        Standing::Missing => "not in the inputs".to_owned(),
    });
    lines
}

/// A length of time.
pub fn length(days: i64) -> String {
    match days {
        0 => "<1 day".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

pub fn page(stemma: &Stemma, rows: &[Row<'_>], pen: Pen) -> String {
    let locales = stemma.translations().map(|made| made.text.locale.len());
    let drawing = Tree { stemma, pen, locale: locales.max().unwrap_or(5), out: String::new() };
    drawing.page(rows)
}

struct Tree<'a> {
    stemma: &'a Stemma,
    pen: Pen,
    /// Columns of the longest locale.
    locale: usize,
    out: String,
}

impl Tree<'_> {
    fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    fn page(mut self, rows: &[Row<'_>]) -> String {
        self.head();
        let last = rows.len().saturating_sub(1);
        for (index, row) in rows.iter().enumerate() {
            match row {
                Row::Text(station) => self.station(station, index == last),
                Row::Run(run) => self.run(run),
            }
        }
        if !self.stemma.unsourced.is_empty() {
            self.line("");
            self.line("These name no source:");
            let made = &self.stemma.unsourced;
            for (index, translation) in made.iter().enumerate() {
                self.translation(translation, index + 1 == made.len());
            }
        }
        self.legend(rows);
        self.out
    }

    fn head(&mut self) {
        let stemma = self.stemma;
        let title = self.pen.strong(&stemma.title);
        self.line(&title);
        let mut paths = stemma.paths.iter();
        let now = paths.next().cloned().unwrap_or_default();
        let mut parts = vec![now];
        parts.extend(paths.map(|path| format!("once {path}")));
        let replaced = stemma.replaced_by.iter().map(|iri| tail(iri));
        parts.extend(replaced.map(|by| format!("replaced by {by}")));
        for line in wrap(&parts, " · ", WIDTH) {
            self.line(&line);
        }
        let mut parts: Vec<String> = stemma.url.iter().cloned().collect();
        parts.extend(stemma.as_of.as_ref().map(|day| format!("as of {day}")));
        for line in wrap(&parts, " · ", WIDTH) {
            let line = self.pen.faint(line);
            self.line(&line);
        }
        self.line("");
        let width = stemma.pages.iter().map(|page| page.locale.len()).max().unwrap_or(0);
        for page in &stemma.pages {
            let mut parts = numbers(stemma, page);
            if let Some(state) = &page.state {
                parts.push(self.state(state));
            }
            let lines = wrap(&parts, " · ", WIDTH - width - 4);
            for (index, line) in lines.iter().enumerate() {
                let locale = if index == 0 { page.locale.as_str() } else { "" };
                let locale =
                    self.pen.strong(pad_str(locale, width, console::Alignment::Left, None));
                self.line(&format!("  {locale}  {line}"));
            }
        }
        self.line("");
    }

    fn state(&self, of: &State) -> String {
        match of {
            State::UpToDate => self.pen.good(state(of)),
            State::Stale { .. } => self.pen.doubtful(state(of)),
            State::Orphaned => self.pen.bad(state(of)),
            State::Unknown => state(of),
        }
    }

    fn station(&mut self, station: &Station<'_>, is_last: bool) {
        let pen = self.pen;
        let text = &station.source.text;
        let mark = match text.standing {
            Standing::Published => pen.strong("●"),
            Standing::SideBranch => pen.faint("◇"),
            Standing::Undated => "●".to_owned(),
            Standing::Missing => pen.faint("○"),
        };
        let mut parts = Vec::new();
        match text.standing {
            Standing::Published => {}
            Standing::SideBranch => parts.push(pen.faint("only on a side branch")),
            Standing::Undated => parts.push(pen.faint("undated")),
            Standing::Missing => parts.push(pen.faint("not in the inputs")),
        }
        parts.extend(text.commit(station.span).map(|commit| pen.faint(short(commit))));
        if station.is_return() {
            parts.push("again".to_owned());
        }
        if station.is_current() {
            parts.push(pen.good("current"));
        }
        if text.locale != self.stemma.source_locale() {
            parts.push(text.locale.clone());
        }
        if let Some(page) = self.other_page(&text.iri) {
            parts.push(format!("of {page}"));
        }
        let hash = match text.standing {
            Standing::Published | Standing::Undated => pen.strong(short(&text.content_hash)),
            _ => short(&text.content_hash).to_owned(),
        };
        let lead = format!("{mark}  {hash}");
        let ends = is_last && station.translations.is_empty();
        self.row(
            day(station.day(), text),
            &lead,
            station.days(),
            &parts,
            if ends { " " } else { "│" },
        );
        let trunk = if ends { " " } else { "│" };
        if let Some(title) = station.retitled {
            let title = truncate_str(title, WIDTH - TRUNK - 6, "…");
            let title = format!("{:TRUNK$}{trunk}  “{title}”", "");
            self.line(&title);
        }
        let last = station.translations.len().saturating_sub(1);
        for (index, translation) in station.translations.iter().enumerate() {
            self.translation(translation, is_last && index == last);
        }
    }

    /// The path of the page that a source is of, if that is none of the document's.
    fn other_page(&self, version: &str) -> Option<String> {
        let page = version.split('@').next()?;
        let is_own = self.stemma.pages.iter().any(|known| known.iri == page);
        (!is_own).then(|| page.split("/page/").last().unwrap_or(page).to_owned())
    }

    fn run(&mut self, run: &Run<'_>) {
        let text = format!("… {}, {}", count(run.count, "version"), run.days());
        let line = format!("{:TRUNK$}┊  {}", "", self.pen.faint(text));
        self.line(&line);
    }

    fn translation(&mut self, made: &Translation, is_last: bool) {
        let pen = self.pen;
        let text = &made.text;
        let mut parts = vec![match made.proof {
            Some(Proof::HashAndCommit | Proof::HashOnly) => pen.good(proof(made.proof)),
            Some(Proof::Declared) => pen.doubtful(proof(made.proof)),
            Some(Proof::Contradicted) => pen.bad(proof(made.proof)),
            None => pen.faint(proof(made.proof)),
        }];
        match text.standing {
            Standing::SideBranch => parts.push(pen.faint("only on a side branch")),
            Standing::Undated => parts.push(pen.faint("undated")),
            Standing::Published | Standing::Missing => {}
        }
        let page = self.stemma.pages.iter().find(|page| page.locale == text.locale);
        if text.current {
            parts.push(pen.good("current"));
            let state = page.and_then(|page| page.state.as_ref());
            parts.extend(state.map(|state| self.state(state)));
        }
        if let Some(page) = &made.of_other_page {
            parts.push(format!("of {}", page.split("/page/").last().unwrap_or(page)));
        }
        for edition in &made.bilingual_editions {
            parts.push(format!("bilingual {}", short(&edition.content_hash)));
        }
        let branch = if is_last { "╰─" } else { "├─" };
        let locale = pad_str(&text.locale, self.locale, console::Alignment::Left, None);
        let lead = format!("{branch} {locale}  {}", short(&text.content_hash));
        let days: Vec<i64> = text.spans.iter().filter_map(|span| span.days).collect();
        let days = (!days.is_empty()).then(|| days.iter().sum());
        let first = text.start().map(super::rows::day);
        self.row(day(first, text), &lead, days, &parts, if is_last { " " } else { "│" });
    }

    /// A line of the tree, and more for what does not fit.
    fn row(&mut self, day: String, lead: &str, days: Option<i64>, parts: &[String], trunk: &str) {
        let column = TRUNK + 3 + self.locale + 2 + 12;
        let lead = format!("{day:>11}  {lead}");
        let lead = pad_str(&lead, column, console::Alignment::Left, None);
        let days = days.map_or(String::new(), length);
        let start = column + 2 + LENGTH + 2;
        let lines = wrap(parts, " · ", WIDTH - start);
        let first = lines.first().map_or("", String::as_str);
        self.line(&format!("{lead}  {days:>LENGTH$}  {first}"));
        for line in lines.iter().skip(1) {
            let rest = start - TRUNK - 1;
            self.line(&format!("{:TRUNK$}{trunk}{:rest$}{line}", "", ""));
        }
    }

    fn legend(&mut self, rows: &[Row<'_>]) {
        let has = |standing| {
            rows.iter().any(|row| match row {
                Row::Text(station) => station.source.text.standing == standing,
                Row::Run(_) => false,
            })
        };
        let mut parts = Vec::new();
        if has(Standing::SideBranch) {
            parts.push("◇ seen on a side branch only".to_owned());
        }
        if has(Standing::Missing) {
            parts.push("○ known from translations only; its day is that of the first".to_owned());
        }
        if rows.iter().any(|row| matches!(row, Row::Run(_))) {
            parts.push("┊ not translated: `--all` shows them".to_owned());
        }
        if !parts.is_empty() {
            self.line("");
        }
        for line in wrap(&parts, " · ", WIDTH - 2) {
            let line = self.pen.faint(line);
            self.line(&format!("  {line}"));
        }
    }
}

/// The day of a text; that of one which is not at hand is a bound.
fn day(day: Option<&str>, text: &Text) -> String {
    match day {
        Some(day) if text.standing == Standing::Missing => format!("≤{day}"),
        Some(day) => day.to_owned(),
        None => String::new(),
    }
}

/// Parts on as many lines as they need.
pub fn wrap(parts: &[String], between: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line)
                if measure_text_width(line)
                    + between.chars().count()
                    + measure_text_width(part)
                    <= width =>
            {
                line.push_str(between);
                line.push_str(part);
            }
            _ => lines.push(truncate_str(part, width, "…").into_owned()),
        }
    }
    lines
}

pub fn product(history: &History, pen: Pen) -> String {
    let mut out = String::new();
    let mut line = |text: &str| {
        out.push_str(text.trim_end());
        out.push('\n');
    };
    line(&pen.strong(&history.label));
    let mut parts = vec![format!("product:{}", tail(&history.product))];
    parts.extend(history.product_kind.clone());
    parts.extend(history.status.clone());
    parts.extend(history.as_of.as_ref().map(|day| format!("as of {day}")));
    line(&pen.faint(parts.join(" · ")));
    for comment in &history.comments {
        words(comment, WIDTH).iter().for_each(|text| line(text));
    }
    let chart = Chart::new(history);
    let groups: [(&str, &[Status]); 4] = [
        ("names", &[Status::Official, Status::Former]),
        ("abbreviations", &[Status::Abbreviation]),
        ("in other languages", &[Status::Localised]),
        ("mistranslated", &[Status::Mistranslation]),
    ];
    for (index, (heading, statuses)) in groups.into_iter().enumerate() {
        let names = history.names.iter().filter(|name| statuses.contains(&name.status));
        let (dated, undated): (Vec<&Name>, Vec<&Name>) =
            names.partition(|name| name.start().is_some() || index == 0);
        if dated.is_empty() && undated.is_empty() {
            continue;
        }
        line("");
        let columns = if index == 0 { chart.head() } else { String::new() };
        let heading = pad_str(heading, chart.name, console::Alignment::Left, None);
        line(&format!("{}{}", pen.strong(heading), pen.faint(columns)));
        for name in dated {
            chart.name(name, pen).iter().for_each(|text| line(text));
        }
        if !undated.is_empty() {
            let texts: Vec<String> = undated.iter().map(|name| spoken(name)).collect();
            let lines = wrap(&texts, ", ", WIDTH - 12);
            for (index, text) in lines.iter().enumerate() {
                let lead = if index == 0 { "undated:" } else { "" };
                line(&format!("  {lead:8}  {text}"));
            }
        }
    }
    if !history.changes.is_empty() {
        line("");
        line(&pen.strong("changes"));
        for change in &history.changes {
            changed(change, pen).iter().for_each(|text| line(text));
        }
    }
    for (relation, heading) in
        [("part of", "part of"), ("has part", "parts"), ("code", "codes"), ("same as", "same as")]
    {
        let related = history.relations.iter().filter(|known| known.relation == relation);
        let labels: Vec<String> = related.map(|known| known.label.clone()).collect();
        if labels.is_empty() {
            continue;
        }
        line("");
        for (index, text) in wrap(&labels, ", ", WIDTH - 10).iter().enumerate() {
            let lead = if index == 0 { heading } else { "" };
            line(&format!("{}  {text}", pen.strong(format!("{lead:8}"))));
        }
    }
    out
}

/// A name with its language, where that is not English.
pub fn spoken(name: &Name) -> String {
    if name.lang.is_empty() || name.lang == "en" {
        name.text.clone()
    } else {
        format!("{} ({})", name.text, name.lang)
    }
}

fn changed(change: &Change, pen: Pen) -> Vec<String> {
    let mut lines = vec![format!("  {}  {}", pen.strong(&change.kind), change.when())];
    let (before, after) = (change.before.join(", "), change.after.join(", "));
    if measure_text_width(&before) + measure_text_width(&after) + 7 <= WIDTH {
        lines.push(format!("    {before} → {after}"));
    } else {
        lines.push(format!("    {before}"));
        lines.push(format!("    → {after}"));
    }
    let grounds: Vec<String> = change.grounds().split(" · ").map(str::to_owned).collect();
    for text in wrap(&grounds, " · ", WIDTH - 4) {
        let styled = if change.basis == "observed" { pen.doubtful(text) } else { pen.faint(text) };
        lines.push(format!("    {styled}"));
    }
    lines
}

/// Names beside their bars.
struct Chart {
    /// Columns of the names, with the gap.
    name: usize,
    bars: usize,
    /// In days.
    first: i64,
    last: i64,
}

impl Chart {
    fn new(history: &History) -> Self {
        let shown = history.names.iter().filter(|name| name.start().is_some());
        let width = shown.map(|name| measure_text_width(&spoken(name)) + 4).max().unwrap_or(0);
        let name = width.clamp(20, 46);
        let days: Vec<i64> = history.names.iter().flat_map(days_of).collect();
        let first = days.iter().min().copied().unwrap_or(0);
        // A name that still holds goes on beyond the last day that something is known of.
        let last = days.iter().max().copied().unwrap_or(0);
        let last = last + ((last - first) / 12).max(30);
        Self { name, bars: WIDTH - name - 36, first, last }
    }

    fn head(&self) -> String {
        let mut scale = vec![' '; self.bars];
        let mut free = 0;
        for year in 1900..2200 {
            let Some(day) = day_number(&format!("{year}-01-01")) else { continue };
            let column = self.column(day);
            if (self.first..=self.last).contains(&day) && column >= free && column + 4 <= self.bars
            {
                for (place, letter) in scale[column..].iter_mut().zip(year.to_string().chars()) {
                    *place = letter;
                }
                free = column + 5;
            }
        }
        let scale: String = scale.into_iter().collect();
        format!("{:12}{:12}{:12}{scale}", "from", "until", "confidence")
    }

    fn column(&self, day: i64) -> usize {
        let room = (self.bars - 1) as i64;
        (((day - self.first) * room) / (self.last - self.first)).clamp(0, room) as usize
    }

    fn name(&self, name: &Name, pen: Pen) -> Vec<String> {
        let text = format!("  {}", spoken(name));
        let confidence = name.confidence.iter().max().map_or("", String::as_str);
        let (from, until) = (name.from.as_deref(), name.until.as_deref());
        let dates = match (from, until, &name.first_seen, &name.last_seen) {
            (None, None, Some(first), Some(last)) => {
                pen.faint(format!("{first:12}{last:12}{:12}", "seen"))
            }
            _ => format!(
                "{:12}{:12}{confidence:12}",
                from.unwrap_or_default(),
                until.unwrap_or_default()
            ),
        };
        let bar = self.bar(name);
        let bar = if name.is_official() { pen.good(bar) } else { pen.faint(bar) };
        if measure_text_width(&text) < self.name {
            let text = pad_str(&text, self.name, console::Alignment::Left, None);
            return vec![format!("{text}{dates}{bar}")];
        }
        vec![text, format!("{:width$}{dates}{bar}", "", width = self.name)]
    }

    /// `━` while the registry says that the name held, `┄` where the inputs use it besides.
    fn bar(&self, name: &Name) -> String {
        let mut bar = vec![' '; self.bars];
        let column =
            |date: &Option<String>| Some(self.column(day_number(&full(date.as_deref()?))?));
        if let (Some(first), Some(last)) = (column(&name.first_seen), column(&name.last_seen)) {
            bar[first..=last].fill('┄');
        }
        match (column(&name.from), column(&name.until)) {
            (Some(from), Some(until)) => {
                bar[from..=until.max(from + 1).min(self.bars) - 1].fill('━')
            }
            (Some(from), None) => {
                bar[from..].fill('━');
                bar[self.bars - 1] = '▶';
            }
            (None, Some(until)) => bar[..until].fill('━'),
            (None, None) => {}
        }
        bar.into_iter().collect()
    }
}

pub fn days_of(name: &Name) -> Vec<i64> {
    let dates = [&name.from, &name.until, &name.first_seen, &name.last_seen];
    let dates = dates.into_iter().flatten();
    dates.filter_map(|date| day_number(&full(date))).collect()
}

/// The first day of a month or a year.
pub fn full(date: &str) -> String {
    let missing = if date.len() == 4 { "-01-01" } else { "-01" };
    format!("{date}{}", if date.len() < 10 { missing } else { "" })
}

/// Words on as many lines as they need.
pub fn words(text: &str, width: usize) -> Vec<String> {
    let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    wrap(&words, " ", width)
}
