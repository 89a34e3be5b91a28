//! Dates as headers write them: month first, most of them.

use crate::diag::{Code, Problem};
use crate::model::Entry;

/// The keys whose values are dates.
const KEYS: &[&str] = &["ms.date", "ms.lasthandoff"];

/// A date as `YYYY-MM-DD`. Read are `MM/DD/YYYY`, with one digit or a year of two digits too,
/// `YYYY-MM-DD` and `DD.MM.YYYY`; none if it is none of these or no day of the calendar.
pub fn iso_date(text: &str) -> Option<String> {
    let (date, _) = parse(text)?;
    Some(date.iso())
}

struct Date {
    year: u32,
    month: u32,
    day: u32,
}

impl Date {
    fn iso(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// Whether it is in the form that the site asks for.
#[derive(PartialEq, Eq)]
enum Form {
    MonthFirst,
    Other,
}

fn parse(text: &str) -> Option<(Date, Form)> {
    let text = text.trim();
    let separator = text.chars().find(|c| !c.is_ascii_digit())?;
    let parts: Vec<&str> = text.split(separator).collect();
    let [first, second, third] = parts.as_slice() else { return None };
    let ((year, month, day), form) = match separator {
        '/' if third.len() == 4 => ((third, first, second), Form::MonthFirst),
        '/' if third.len() == 2 => ((third, first, second), Form::Other),
        '-' if first.len() == 4 => ((first, second, third), Form::Other),
        '.' if third.len() == 4 => ((third, second, first), Form::Other),
        _ => return None,
    };
    let number = |part: &str, digits: usize| {
        let is_number =
            (1..=digits).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| part.parse::<u32>().expect("a few digits are a number"))
    };
    let century = if year.len() == 2 { 2000 } else { 0 };
    let date =
        Date { year: century + number(year, 4)?, month: number(month, 2)?, day: number(day, 2)? };
    ((1..=days(&date)).contains(&date.day) && date.year > 0).then_some((date, form))
}

fn days(date: &Date) -> u32 {
    let is_leap = date.year.is_multiple_of(4)
        && (!date.year.is_multiple_of(100) || date.year.is_multiple_of(400));
    match date.month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => 0,
    }
}

/// Reports dates that are none, or not written month first.
pub fn report(entries: &[Entry], out: &mut Vec<Problem>) {
    let is_date = |entry: &&Entry| KEYS.iter().any(|key| entry.key.eq_ignore_ascii_case(key));
    for value in entries.iter().filter(is_date).flat_map(|entry| &entry.values) {
        let text = value.text.trim();
        let problem = |message: String| {
            Problem::new(Code::DATE_FORMAT, value.span, message).help("write MM/DD/YYYY")
        };
        match parse(text) {
            Some((_, Form::MonthFirst)) => {}
            Some((date, Form::Other)) => {
                let repair = format!("{:02}/{:02}/{:04}", date.month, date.day, date.year);
                out.push(
                    problem(format!("`{text}` is not written month first; read as {}", date.iso()))
                        .repair(repair),
                );
            }
            None => out.push(problem(format!("`{text}` is no date"))),
        }
    }
}
