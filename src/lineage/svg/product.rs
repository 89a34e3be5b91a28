//! A product's names as bars on a time line, what changed as numbers on it and as a list below.

use super::Canvas;
use crate::lineage::page::day_number;
use crate::lineage::product::{Change, History, Name, Status};
use crate::lineage::{tail, text};

const ROW: f64 = 24.0;
/// Room for both dates of a name, and for how sure they are.
const DATES: f64 = 172.0;
const GROUND: f64 = 74.0;
const BARS: f64 = 520.0;

pub fn product(history: &History) -> String {
    draw(history, true)
}

/// The time line of the names alone.
pub fn names(history: &History) -> String {
    draw(history, false)
}

fn draw(history: &History, whole: bool) -> String {
    let mut canvas = Canvas::default();
    let names = history.names.iter().filter(|name| name.is_official() || name.start().is_some());
    let longest = names.map(|name| super::width("name", &text::spoken(name)));
    let left = 24.0 + longest.fold(160.0, f64::max) + 16.0;
    let bars = left + DATES + GROUND;
    let width = bars + BARS + 40.0;
    let scale = Scale::new(history, bars);

    canvas.text("title", (24.0, 34.0), &history.label);
    let mut under = vec![format!("product:{}", tail(&history.product))];
    under.extend(history.product_kind.clone());
    under.extend(history.status.clone());
    under.extend(history.as_of.as_ref().map(|day| format!("as of {day}")));
    canvas.text("faint", (24.0, 54.0), &under.join(" · "));

    let lanes = scale.lanes(history);
    let depth = lanes.iter().map(|lane| lane.2 + 1).max().unwrap_or(0) as f64;
    let top = 100.0 + 20.0 * depth;
    let mut y = top;
    let mut rows: Vec<(f64, &Name)> = Vec::new();
    let mut headings: Vec<(f64, &str)> = Vec::new();
    let mut lists: Vec<(f64, &str, String)> = Vec::new();
    let groups: [(&str, &[Status]); 4] = [
        ("Names", &[Status::Official, Status::Former]),
        ("Abbreviations", &[Status::Abbreviation]),
        ("In other languages", &[Status::Localised]),
        ("Mistranslated", &[Status::Mistranslation]),
    ];
    for (heading, statuses) in groups {
        let of_group = history.names.iter().filter(|name| statuses.contains(&name.status));
        let (dated, undated): (Vec<&Name>, Vec<&Name>) =
            of_group.partition(|name| name.is_official() || name.start().is_some());
        if dated.is_empty() && undated.is_empty() {
            continue;
        }
        headings.push((y, heading));
        y += ROW;
        for name in dated {
            rows.push((y, name));
            y += ROW;
        }
        let undated: Vec<String> = undated.iter().map(|name| text::spoken(name)).collect();
        let lines = text::wrap(&undated, ", ", ((width - 110.0) / 6.4) as usize);
        for (index, line) in lines.into_iter().enumerate() {
            lists.push((y, if index == 0 { "undated" } else { "" }, line));
            y += 18.0;
        }
        y += 14.0;
    }
    let bottom = y - 20.0;

    for (x, date) in scale.ticks() {
        canvas.line("rule", (x, 84.0), (x, bottom));
        canvas.text("faint middle", (x, 79.0), &date);
    }
    for (index, ((begin, x, lane), change)) in lanes.iter().zip(&history.changes).enumerate() {
        let at = 100.0 + 20.0 * *lane as f64;
        canvas.line("hair", (*x, at), (*x, bottom));
        if begin < x {
            canvas.line("bound", (*begin, at), (*x, at));
            canvas.line("bound", (*begin, at - 5.0), (*begin, at + 5.0));
        }
        let badge = format!(r#"<circle class="badge" cx="{x:.1}" cy="{at:.1}" r="8.5"/>"#);
        canvas.figure(&badge, &format!("{} {}: {}", change.kind, change.when(), change.ends()));
        canvas.text("on-badge", (*x, at + 3.5), &(index + 1).to_string());
    }
    for (y, heading) in headings {
        canvas.text("head", (24.0, y), heading);
    }
    for (y, lead, list) in lists {
        canvas.text("faint halo", (40.0, y), lead);
        canvas.text("faint halo", (92.0, y), &list);
    }
    for (y, name) in rows {
        canvas.text("name", (40.0, y), &text::spoken(name));
        let (from, until) = (name.from.as_deref(), name.until.as_deref());
        let (dates, class) = match (from, until, &name.first_seen, &name.last_seen) {
            (None, None, Some(first), Some(last)) => (format!("{first} – {last}"), "mono said"),
            (None, None, _, _) => (String::new(), "mono"),
            (from, until, _, _) => {
                let dates = format!("{} – {}", from.unwrap_or("?"), until.unwrap_or(""));
                (dates, "mono")
            }
        };
        canvas.text(class, (left + 16.0, y), &dates);
        let seen = from.is_none() && until.is_none() && name.first_seen.is_some();
        let confidence = name.confidence.iter().max().map_or("", String::as_str);
        let confidence = if seen { "seen" } else { confidence };
        canvas.text("faint", (left + 16.0 + DATES, y), confidence);
        scale.bar(name, y, &mut canvas);
    }

    legend(history, left + 16.0, bottom + 18.0, &mut canvas);
    if !whole {
        let name = format!("Names of {}", history.label);
        return canvas.finish_from(super::BELOW_TITLE, &name, width, bottom + 34.0);
    }
    y += 20.0;
    if !history.changes.is_empty() {
        canvas.text("head", (24.0, y), "Changes");
        y += ROW;
    }
    for (index, change) in history.changes.iter().enumerate() {
        let badge = format!(r#"<circle class="badge" cx="33" cy="{:.1}" r="8.5"/>"#, y - 4.0);
        canvas.figure(&badge, &change.iri);
        canvas.text("on-badge", (33.0, y - 0.5), &(index + 1).to_string());
        let line = format!("{}, {}: {}", change.when(), change.kind, change.ends());
        for line in text::words(&line, ((width - 80.0) / 7.4) as usize) {
            canvas.text("name", (52.0, y), &line);
            y += 17.0;
        }
        let class = if change.basis == "observed" { "said" } else { "faint" };
        for line in text::words(&change.grounds(), ((width - 80.0) / 6.4) as usize) {
            canvas.text(class, (52.0, y), &line);
            y += 15.0;
        }
        y += 12.0;
    }
    for (relation, heading) in [("part of", "Part of"), ("has part", "Parts")] {
        let related = history.relations.iter().filter(|known| known.relation == relation);
        let labels: Vec<String> = related.map(|known| known.label.clone()).collect();
        if labels.is_empty() {
            continue;
        }
        canvas.text("head", (24.0, y), heading);
        for line in text::wrap(&labels, ", ", ((width - 140.0) / 6.4) as usize) {
            canvas.text("", (100.0, y), &line);
            y += 17.0;
        }
        y += 10.0;
    }
    canvas.finish(&format!("Names of {}", history.label), width, y + 10.0)
}

/// What the bars mean.
fn legend(history: &History, left: f64, y: f64, canvas: &mut Canvas) {
    let bar = |class| format!(r#"<rect class="{class}" y="-9" width="22" height="10"/>"#);
    let seen = r#"<line class="seen" x1="0" y1="-4" x2="22" y2="-4"/>"#.to_owned();
    let has_other = history.names.iter().any(|name| !name.is_official() && name.from.is_some());
    let mut x = left;
    for (sign, words, is_drawn) in [
        (bar("official"), "official, says the registry", true),
        (bar("other"), "in use, says the registry", has_other),
        (seen, "seen in the inputs", history.names.iter().any(|name| name.first_seen.is_some())),
    ] {
        if is_drawn {
            let placed = format!(r#"<g transform="translate({x:.1} {y:.1})">{sign}</g>"#);
            canvas.figure(&placed, words);
            canvas.text("faint", (x + 30.0, y), words);
            x += 30.0 + super::width("", words) + 14.0;
        }
    }
}

/// Days to places.
struct Scale {
    left: f64,
    first: i64,
    last: i64,
}

impl Scale {
    fn new(history: &History, left: f64) -> Self {
        let changes = history.changes.iter().filter_map(|change| day_number(change.start()?));
        let days: Vec<i64> = history.names.iter().flat_map(text::days_of).chain(changes).collect();
        let first = days.iter().min().copied().unwrap_or(0);
        let last = days.iter().max().copied().unwrap_or(0);
        // What still holds shows beyond the last day that is known.
        let beyond = ((last - first) / 12).max(30);
        Self { left, first, last: last + beyond }
    }

    fn x(&self, day: i64) -> f64 {
        self.left + BARS * (day - self.first) as f64 / (self.last - self.first) as f64
    }

    fn of(&self, date: &Option<String>) -> Option<f64> {
        Some(self.x(day_number(&text::full(date.as_deref()?))?))
    }

    fn ticks(&self) -> Vec<(f64, String)> {
        let mut ticks: Vec<(f64, String)> = Vec::new();
        for year in 1900..2200 {
            let Some(day) = day_number(&format!("{year}-01-01")) else { continue };
            let x = self.x(day);
            if (self.first..=self.last).contains(&day)
                && ticks.last().is_none_or(|(other, _)| x - other > 44.0)
            {
                ticks.push((x, year.to_string()));
            }
        }
        ticks
    }

    /// Where the number of each change stands, where its bounds begin, and in which lane.
    fn lanes(&self, history: &History) -> Vec<(f64, f64, usize)> {
        let mut lanes: Vec<f64> = Vec::new();
        let at = |day: Option<&str>| Some(self.x(day_number(&text::full(day?))?));
        let place = |change: &Change| {
            let x = at(change.day()).unwrap_or(self.left);
            let bound = change.earliest.as_deref().filter(|_| change.date.is_none());
            let begin = at(bound).unwrap_or(x);
            let lane = lanes.iter().position(|free| *free <= begin).unwrap_or(lanes.len());
            if lane == lanes.len() {
                lanes.push(0.0);
            }
            lanes[lane] = x + 20.0;
            (begin, x, lane)
        };
        history.changes.iter().map(place).collect()
    }

    fn bar(&self, name: &Name, y: f64, canvas: &mut Canvas) {
        let end = self.left + BARS;
        let class = if name.is_official() { "official" } else { "other" };
        let bar = match (self.of(&name.from), self.of(&name.until)) {
            (Some(from), Some(until)) => Some((from, until)),
            (Some(from), None) => Some((from, end)),
            (None, Some(until)) => Some((self.left, until)),
            (None, None) => None,
        };
        let tip = name.sources.join("\n");
        if let Some((from, until)) = bar {
            let lasting = name.until.is_none();
            let head = if lasting { 7.0 } else { 0.0 };
            let width = (until - from - head).max(2.0);
            let (top, low) = (y - 9.0, y + 1.0);
            let middle = y - 4.0;
            let body = format!(
                r#"<path class="{class}" d="M{from:.1} {top:.1} h{width:.1} l{head:.1} {:.1} l-{head:.1} {:.1} H{from:.1} Z"/>"#,
                middle - top,
                low - middle
            );
            canvas.figure(&body, &tip);
        }
        if let (Some(first), Some(last)) = (self.of(&name.first_seen), self.of(&name.last_seen)) {
            let at = y + 5.0;
            canvas.line("seen", (first, at), (last.max(first + 3.0), at));
        }
    }
}
