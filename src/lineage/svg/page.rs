//! A page's stemma: the source's texts on the upper line, a line for each language below it, and
//! from each translation a thread to the text that it was made from.
//!
//! Time runs from left to right, but bends: a quiet year takes less room than its days, a busy week
//! more, so that nothing hides anything.

use std::collections::BTreeMap;

use super::Canvas;
use crate::lineage::page::{Proof, Standing, Stemma, Text, Translation, day_number};
use crate::lineage::rows::{Row, day};
use crate::lineage::{count, short, text};

/// Where the lines begin: left of it stands what they are.
const LEFT: f64 = 210.0;
/// Slanted labels need this much between their beginnings.
const SLOT: f64 = 22.0;
/// Room for slanted labels.
const LABEL: f64 = 104.0;
const NARROWEST: f64 = 900.0;
/// What a day takes; others by the root of their number.
const STRETCH: f64 = 9.0;
/// Between threads to different lines.
const APART: f64 = 10.0;

/// Something on a line.
struct Mark<'a> {
    line: usize,
    /// Minutes; none if nobody says when.
    at: Option<i64>,
    x: f64,
    what: What<'a>,
}

enum What<'a> {
    Station(&'a crate::lineage::rows::Station<'a>),
    Run(&'a crate::lineage::rows::Run<'a>),
    Translation { made: &'a Translation, source: Option<&'a str> },
}

pub fn page(stemma: &Stemma, rows: &[Row<'_>]) -> String {
    draw(stemma, rows, 0.0)
}

/// Without its title, for a page that has one.
pub fn below_title(stemma: &Stemma, rows: &[Row<'_>]) -> String {
    draw(stemma, rows, super::BELOW_TITLE)
}

fn draw(stemma: &Stemma, rows: &[Row<'_>], top: f64) -> String {
    let mut locales: Vec<&str> =
        stemma.translations().map(|made| made.text.locale.as_str()).collect();
    locales.sort_unstable();
    locales.dedup();
    let mut marks = marks(stemma, rows, &locales);
    let today = stemma.as_of.as_deref().and_then(day_number).map(|day| (day + 1) * 1440);
    let time = Time::place(&mut marks, locales.len() + 1, today);
    let width = (time.end + LABEL + 20.0).max(NARROWEST);
    let canvas = Canvas::default();
    let mut picture = Picture { stemma, canvas, time, width, lines: Vec::new() };
    let height = picture.draw(&marks, &locales);
    picture.canvas.finish_from(top, &format!("Stemma of {}", stemma.title), width, height)
}

fn marks<'a>(stemma: &'a Stemma, rows: &'a [Row<'a>], locales: &[&str]) -> Vec<Mark<'a>> {
    let mut marks = Vec::new();
    for row in rows {
        let (at, what) = match row {
            Row::Text(station) => (station.at(), What::Station(station)),
            Row::Run(run) => (Some(run.first), What::Run(run)),
        };
        marks.push(Mark { line: 0, at: at.and_then(minutes), x: 0.0, what });
    }
    let made = stemma.sources.iter().flat_map(|source| {
        source.translations.iter().map(|made| (Some(source.text.iri.as_str()), made))
    });
    for (source, made) in made.chain(stemma.unsourced.iter().map(|made| (None, made))) {
        let line = locales.binary_search(&made.text.locale.as_str());
        let line = line.expect("every locale has a line") + 1;
        let at = made.text.start().and_then(minutes);
        marks.push(Mark { line, at, x: 0.0, what: What::Translation { made, source } });
    }
    // What has no date stands at the end.
    marks.sort_by_key(|mark| (mark.at.is_none(), mark.at, mark.line));
    marks
}

/// A day or the time of a commit.
fn minutes(at: &str) -> Option<i64> {
    let time = at.get(11..16).and_then(|time| {
        let (hours, minutes) = time.split_once(':')?;
        Some(hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?)
    });
    Some(day_number(at)? * 1440 + time.unwrap_or(0))
}

/// Where moments stand.
struct Time {
    /// Minutes and places, in order.
    points: Vec<(i64, f64)>,
    /// Where the lines end.
    end: f64,
}

impl Time {
    /// Gives every mark its place: in the order of time, and none too near to another of its line.
    /// A short history is drawn out to fill the picture.
    fn place(marks: &mut [Mark<'_>], lines: usize, today: Option<i64>) -> Self {
        let tight = Self::placed(marks, lines, today, STRETCH);
        let room = NARROWEST - LABEL - 20.0;
        if tight.end >= room {
            return tight;
        }
        let factor = (room - LEFT) / (tight.end - LEFT);
        Self::placed(marks, lines, today, STRETCH * factor.min(4.0))
    }

    fn placed(marks: &mut [Mark<'_>], lines: usize, today: Option<i64>, by: f64) -> Self {
        let mut free = vec![LEFT; lines];
        let mut points: Vec<(i64, f64)> = Vec::new();
        let mut x = LEFT + SLOT / 2.0;
        let mut thread: Option<(usize, f64)> = None;
        for mark in marks {
            let room = if matches!(mark.what, What::Run(_)) { 2.0 * SLOT } else { SLOT };
            if let (Some(at), Some((before, _))) = (mark.at, points.last()) {
                x += stretch(at - before, by);
            }
            x = x.max(free[mark.line] + room / 2.0);
            if mark.line > 0 {
                // A thread to a lower line must not seem to come from a dot of the line above it.
                x = thread.map_or(
                    x,
                    |(line, last)| {
                        if line == mark.line { x } else { x.max(last + APART) }
                    },
                );
                thread = Some((mark.line, x));
            }
            mark.x = x;
            free[mark.line] = x + room / 2.0;
            points.extend(mark.at.map(|at| (at, x)));
        }
        let last = points.last().map_or(0, |point| point.0);
        let beyond = today.map_or(0.0, |today| stretch(today - last, by)).max(SLOT);
        let end = x + beyond;
        points.extend(today.filter(|today| *today > last).map(|today| (today, end)));
        Self { points, end }
    }

    fn x(&self, at: i64) -> f64 {
        let next = self.points.partition_point(|(known, _)| *known < at);
        match (self.points.get(next.wrapping_sub(1)), self.points.get(next)) {
            (_, Some((known, x))) if *known == at => *x,
            (Some((before, from)), Some((after, to))) => {
                from + (to - from) * (at - before) as f64 / (after - before) as f64
            }
            (Some(_), None) => self.end,
            (None, _) => LEFT,
        }
    }
}

/// How much room so many minutes take.
fn stretch(minutes: i64, by: f64) -> f64 {
    by * (minutes.max(0) as f64 / 1440.0).sqrt().min(14.5)
}

/// A title from where it is new.
struct Title {
    mark: f64,
    begin: f64,
    lane: usize,
    text: String,
}

struct Picture<'a> {
    stemma: &'a Stemma,
    canvas: Canvas,
    time: Time,
    width: f64,
    /// How far down each line is.
    lines: Vec<f64>,
}

impl Picture<'_> {
    /// Gives back where the picture ends.
    fn draw(&mut self, marks: &[Mark<'_>], locales: &[&str]) -> f64 {
        self.canvas.text("title", (24.0, 34.0), &self.stemma.title);
        let paths = self.stemma.paths.first().map(String::as_str);
        let as_of = self.stemma.as_of.as_ref().map(|day| format!("as of {day}"));
        let under: Vec<&str> = paths.into_iter().chain(as_of.as_deref()).collect();
        self.canvas.text("faint", (24.0, 54.0), &under.join(" · "));

        let titles = self.titles(marks);
        let top =
            104.0 + 18.0 * titles.iter().map(|title| title.lane + 1).max().unwrap_or(0) as f64;
        let upper = top + LABEL;
        // The lines of a language need room for what stands left of them, and for slanted labels.
        self.lines.push(upper);
        for index in 0..locales.len() {
            self.lines.push(upper + 90.0 + index as f64 * (LABEL + 60.0));
        }
        let bottom =
            if locales.is_empty() { upper + 40.0 } else { self.lines[locales.len()] + LABEL };
        self.axis(bottom);
        for title in titles {
            let y = 104.0 + 18.0 * title.lane as f64;
            self.canvas.line("hair", (title.mark, y + 4.0), (title.mark, upper));
            self.canvas.text("halo", (title.begin, y), &title.text);
        }
        self.heads(locales);
        self.bars(marks);
        self.threads(marks);
        for mark in marks {
            self.mark(mark);
        }
        self.legend(marks, bottom + 34.0)
    }

    /// New titles, each above its mark, or as far left of it as the edge asks for, and in a
    /// lane where it hides no other.
    fn titles(&self, marks: &[Mark<'_>]) -> Vec<Title> {
        let mut lanes: Vec<f64> = Vec::new();
        let mut titles = Vec::new();
        for mark in marks {
            let What::Station(station) = &mark.what else { continue };
            let Some(title) = station.retitled else { continue };
            let text = format!("“{}”", console::truncate_str(title, 80, "…"));
            let width = super::width("", &text);
            let begin = mark.x.min(self.width - 20.0 - width);
            let lane = lanes.iter().position(|free| *free <= begin).unwrap_or(lanes.len());
            if lane == lanes.len() {
                lanes.push(0.0);
            }
            lanes[lane] = begin + width + 16.0;
            titles.push(Title { mark: mark.x, begin, lane, text });
        }
        titles
    }

    /// Years, then quarters, then months, as far as there is room.
    fn axis(&mut self, bottom: f64) {
        let known = |at: Option<&(i64, f64)>| at.map(|point| point.0);
        let (Some(first), Some(last)) =
            (known(self.time.points.first()), known(self.time.points.last()))
        else {
            return;
        };
        let mut ticks: Vec<(f64, String)> = Vec::new();
        for months in [&[1][..], &[4, 7, 10], &[2, 3, 5, 6, 8, 9, 11, 12]] {
            for year in 1970..2200 {
                for month in months {
                    let date = format!("{year}-{month:02}");
                    let at = day_number(&format!("{date}-01")).map_or(0, |day| day * 1440);
                    let x = self.time.x(at);
                    if (first..=last).contains(&at)
                        && ticks.iter().all(|(other, _)| (other - x).abs() > 64.0)
                    {
                        ticks.push((x, date));
                    }
                }
            }
        }
        ticks.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (x, date) in ticks {
            self.canvas.line("rule", (x, 84.0), (x, bottom));
            self.canvas.text("faint middle", (x, 79.0), &date);
        }
    }

    /// What the lines are, left of them.
    fn heads(&mut self, locales: &[&str]) {
        let source = self.stemma.source_locale();
        for (index, locale) in std::iter::once(&source).chain(locales).enumerate() {
            let y = self.lines[index];
            self.canvas.line("track", (LEFT, y), (self.time.end, y));
            self.canvas.text("head", (24.0, y + 4.0), locale);
            let is_source = index == 0;
            let page = self
                .stemma
                .pages
                .iter()
                .find(|page| page.locale == *locale && page.is_source == is_source);
            let Some(page) = page else { continue };
            let mut parts = text::numbers(self.stemma, page);
            parts.extend(page.state.as_ref().map(text::state));
            let lines = parts.iter().flat_map(|part| text::words(part, 28));
            for (row, line) in lines.enumerate() {
                self.canvas.text("faint", (24.0, y + 20.0 + 14.0 * row as f64), &line);
            }
        }
    }

    /// How long texts were the current ones.
    fn bars(&mut self, marks: &[Mark<'_>]) {
        for (index, mark) in marks.iter().enumerate() {
            let (text, span) = match &mark.what {
                What::Station(station) => (&station.source.text, station.span),
                What::Translation { made, .. } => (&made.text, None),
                What::Run(_) => {
                    let y = self.lines[mark.line];
                    let next = marks[index + 1..].iter().find(|next| next.line == mark.line);
                    let end = next.map_or(self.time.end, |next| next.x);
                    self.canvas.line("left-out", (mark.x, y), (end, y));
                    continue;
                }
            };
            let spans = text.spans.iter().enumerate();
            for (_, span) in spans.filter(|(index, _)| span.is_none_or(|span| span == *index)) {
                let y = self.lines[mark.line];
                let begin = if text.spans.len() > 1 && !matches!(mark.what, What::Station(_)) {
                    minutes(&span.from.at).map_or(mark.x, |at| self.time.x(at)).max(mark.x)
                } else {
                    mark.x
                };
                let end = match span.until.as_ref().and_then(|until| minutes(&until.at)) {
                    Some(until) => {
                        let next = marks
                            .iter()
                            .find(|other| other.line == mark.line && other.at == Some(until));
                        next.map_or_else(|| self.time.x(until), |next| next.x)
                    }
                    None => self.time.end,
                };
                let class = if text.current && span.until.is_none() { "now" } else { "bar" };
                self.canvas.line(class, (begin, y), ((end - 2.0).max(begin), y));
            }
        }
    }

    /// From each source to what was made of it.
    fn threads(&mut self, marks: &[Mark<'_>]) {
        let mut stations: BTreeMap<&str, Vec<(f64, Option<i64>)>> = BTreeMap::new();
        for mark in marks {
            if let What::Station(station) = &mark.what {
                let iri = station.source.text.iri.as_str();
                stations.entry(iri).or_default().push((mark.x, mark.at));
            }
        }
        for mark in marks {
            let What::Translation { made, source: Some(source) } = &mark.what else { continue };
            let Some(of_source) = stations.get(source) else { continue };
            let near = of_source.iter().rfind(|(_, at)| *at <= mark.at).or(of_source.first());
            let Some(&(x, _)) = near else { continue };
            let class = thread(made.proof);
            let (from, to) = (self.lines[0], self.lines[mark.line]);
            let bend = from + 56.0;
            let path = format!(
                r#"<path class="edge {class}" d="M{x:.1} {from:.1} C{x:.1} {bend:.1} {:.1} {bend:.1} {:.1} {:.1} V{to:.1}"/>"#,
                mark.x,
                mark.x,
                from + 80.0
            );
            let tip = format!("{} {}", made.text.locale, text::proof(made.proof));
            self.canvas.figure(&path, &tip);
        }
    }

    fn mark(&mut self, mark: &Mark<'_>) {
        let (x, y) = (mark.x, self.lines[mark.line]);
        match &mark.what {
            What::Station(station) => {
                let text = &station.source.text;
                self.dot(x, y, text);
                let bound = if text.standing == Standing::Missing { "≤" } else { "" };
                let label = format!(
                    "{bound}{} {}",
                    station.day().unwrap_or("undated"),
                    &text.content_hash[..8]
                );
                let class =
                    if text.standing == Standing::Published || text.standing == Standing::Undated {
                        "mono halo"
                    } else {
                        "mono halo faint"
                    };
                self.canvas.slanted(class, (x + 3.0, y - 9.0), -45.0, &label);
            }
            What::Run(run) => {
                let number = run.count.to_string();
                let half = 8.0 + 3.5 * number.len() as f64;
                let pill = format!(
                    r#"<rect class="pill" x="{:.1}" y="{:.1}" width="{:.1}" height="18" rx="9"/>"#,
                    x - half,
                    y - 9.0,
                    2.0 * half
                );
                let tip = format!("{}, {}", count(run.count, "version"), run.days());
                self.canvas.figure(&pill, &tip);
                self.canvas.text("middle", (x, y + 4.0), &number);
            }
            What::Translation { made, .. } => {
                if !made.bilingual_editions.is_empty() {
                    let tips: Vec<String> = made
                        .bilingual_editions
                        .iter()
                        .map(|edition| {
                            format!("bilingual edition {}", short(&edition.content_hash))
                        })
                        .collect();
                    let ring = format!(r#"<circle class="ring" cx="{x:.1}" cy="{y:.1}" r="7.5"/>"#);
                    self.canvas.figure(&ring, &tips.join("\n"));
                }
                self.dot(x, y, &made.text);
                let start = made.text.start().map_or("undated", day);
                let label = format!("{start} {}", &made.text.content_hash[..8]);
                self.canvas.slanted("mono halo", (x - 1.0, y + 18.0), 45.0, &label);
            }
        }
    }

    fn dot(&mut self, x: f64, y: f64, text: &Text) {
        let figure = figure(text.standing, x, y);
        let mut tip = vec![text.content_hash.clone()];
        tip.extend(text.title.iter().map(|title| format!("“{title}”")));
        for span in &text.spans {
            let until = span.until.as_ref().map_or("now", |until| until.day());
            tip.push(format!("current {} to {until}", span.from.day()));
        }
        tip.extend(text.commit(Some(0)).map(|commit| format!("commit {}", short(commit))));
        match text.standing {
            Standing::Published => {}
            Standing::SideBranch => tip.push("seen on a side branch only".to_owned()),
            Standing::Undated => tip.push("undated".to_owned()),
            Standing::Missing => tip.push("not in the inputs".to_owned()),
        }
        self.canvas.figure(&figure, &tip.join("\n"));
    }

    /// What the signs mean, those that are drawn. Gives back where the picture ends.
    fn legend(&mut self, marks: &[Mark<'_>], y: f64) -> f64 {
        let mut entries: Vec<(String, &str)> = Vec::new();
        let made = || {
            marks.iter().filter_map(|mark| match &mark.what {
                What::Translation { made, .. } => Some(*made),
                _ => None,
            })
        };
        for proof in [Proof::HashAndCommit, Proof::HashOnly, Proof::Declared, Proof::Contradicted] {
            if made().any(|made| made.proof == Some(proof)) {
                let class = thread(Some(proof));
                let sign = format!(r#"<path class="edge {class}" d="M0 0 H22"/>"#);
                entries.push((sign, text::proof(Some(proof))));
            }
        }
        let has = |standing| {
            marks.iter().any(|mark| match &mark.what {
                What::Station(station) => station.source.text.standing == standing,
                What::Translation { made, .. } => made.text.standing == standing,
                What::Run(_) => false,
            })
        };
        let signs = [
            (Standing::Published, "was the current text"),
            (Standing::SideBranch, "seen on a side branch only"),
            (Standing::Missing, "known from translations only"),
        ];
        for (standing, words) in signs {
            if has(standing) {
                entries.push((figure(standing, 14.0, 0.0), words));
            }
        }
        if made().any(|made| !made.bilingual_editions.is_empty()) {
            let ring = format!(
                r#"<circle class="ring" cx="14" cy="0" r="7.5"/>{}"#,
                figure(Standing::Published, 14.0, 0.0)
            );
            entries.push((ring, "has a bilingual edition"));
        }
        if marks.iter().any(|mark| matches!(mark.what, What::Run(_))) {
            let pill = r#"<rect class="pill" x="4" y="-8" width="20" height="16" rx="8"/>"#;
            entries.push((pill.to_owned(), "versions left out: nobody translated them"));
        }
        let (mut x, mut y) = (24.0, y);
        for (sign, words) in entries {
            let width = 32.0 + super::width("", words) + 18.0;
            if x + width > self.width - 20.0 && x > 24.0 {
                (x, y) = (24.0, y + 22.0);
            }
            let placed = format!(r#"<g transform="translate({x:.1} {:.1})">{sign}</g>"#, y - 4.0);
            self.canvas.figure(&placed, words);
            self.canvas.text("faint", (x + 32.0, y), words);
            x += width;
        }
        y + 24.0
    }
}

fn thread(proof: Option<Proof>) -> &'static str {
    match proof {
        Some(Proof::HashAndCommit) => "sure",
        Some(Proof::HashOnly) => "hash",
        Some(Proof::Contradicted) => "bad",
        Some(Proof::Declared) | None => "doubt",
    }
}

fn figure(standing: Standing, x: f64, y: f64) -> String {
    match standing {
        Standing::Published | Standing::Undated => {
            format!(r#"<circle class="dot" cx="{x:.1}" cy="{y:.1}" r="5"/>"#)
        }
        Standing::SideBranch => format!(
            r#"<path class="side" d="M{x:.1} {:.1} l5.5 5.5 l-5.5 5.5 l-5.5 -5.5 Z"/>"#,
            y - 5.5
        ),
        Standing::Missing => format!(r#"<circle class="open" cx="{x:.1}" cy="{y:.1}" r="4.5"/>"#),
    }
}
