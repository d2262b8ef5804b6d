//! The fields of a cron expression: text → numbers, each error at its place.

use std::collections::BTreeSet;
use std::ops::Range;

use super::cron::CronError;

/// The fields of an expression of five, six or seven.
#[derive(Debug)]
pub(super) struct Fields {
    pub(super) second: Field,
    pub(super) minute: Field,
    pub(super) hour: Field,
    pub(super) day: Field,
    pub(super) month: Field,
    pub(super) weekday: Field,
    pub(super) year: Option<Field>,
}

/// One field.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) numbers: BTreeSet<u32>,
    /// crontab(5): such a day field does not restrict the other one.
    pub(super) starts_with_star: bool,
    /// `*`, or a step anywhere.
    pub(super) star_or_step: bool,
}

/// What a field may hold.
struct Kind {
    name: &'static str,
    range: (u32, u32),
    /// Names of numbers from the range's first on.
    names: &'static [&'static str],
}

const SECOND: Kind = Kind { name: "second", range: (0, 59), names: &[] };
const MINUTE: Kind = Kind { name: "minute", range: (0, 59), names: &[] };
const HOUR: Kind = Kind { name: "hour", range: (0, 23), names: &[] };
const DAY: Kind = Kind { name: "day of month", range: (1, 31), names: &[] };
const MONTH: Kind = Kind {
    name: "month",
    range: (1, 12),
    names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
const WEEKDAY: Kind =
    Kind { name: "day of week", range: (0, 7), names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] };
const YEAR: Kind = Kind { name: "year", range: (1970, 2299), names: &[] };

/// The longest expression, in bytes.
const MAX_EXPRESSION: usize = 1000;

/// Splits and reads an expression.
pub(super) fn fields(expression: &str) -> Result<Fields, CronError> {
    let wrong = |span: Range<usize>, message: String| Err(CronError { span, message });
    if expression.len() > MAX_EXPRESSION {
        return wrong(
            0..1,
            format!("a cron expression of {} bytes is longer than {MAX_EXPRESSION}", expression.len()),
        );
    }
    let words = words(expression);
    let Some(first) = words.first().cloned() else {
        return wrong(
            0..expression.len(),
            "an empty cron expression: write for example \"0 3 * * *\"".to_owned(),
        );
    };
    if expression[first.clone()].starts_with('@') {
        let alike = match &expression[first.clone()] {
            "@hourly" => "write \"0 * * * *\"",
            "@daily" | "@midnight" => "write \"0 0 * * *\"",
            "@weekly" => "write \"0 0 * * 0\"",
            "@monthly" => "write \"0 0 1 * *\"",
            "@yearly" | "@annually" => "write \"0 0 1 1 *\"",
            _ => "write five fields such as \"0 3 * * *\"",
        };
        return wrong(first, format!("no names for whole expressions: {alike}"));
    }
    let read = |at: usize, kind: &Kind| {
        let span = words[at].clone();
        field(&expression[span.clone()], kind).map_err(|error| CronError {
            span: span.start + error.span.start..span.start + error.span.end,
            ..error
        })
    };
    let shift = match words.len() {
        5 => 0,
        6 | 7 => 1,
        found => {
            let message = format!(
                "{found} fields: five are minute, hour, day of month, month, day of week; six or seven add second in front and year behind"
            );
            let span =
                if found > 7 { words[7].start..expression.trim_end().len() } else { 0..expression.len() };
            return wrong(span, message);
        }
    };
    let second = match shift {
        1 => read(0, &SECOND)?,
        _ => Field { numbers: BTreeSet::from([0]), starts_with_star: false, star_or_step: false },
    };
    Ok(Fields {
        second,
        minute: read(shift, &MINUTE)?,
        hour: read(shift + 1, &HOUR)?,
        day: read(shift + 2, &DAY)?,
        month: read(shift + 3, &MONTH)?,
        weekday: read(shift + 4, &WEEKDAY)?,
        year: match words.len() {
            // Every year there is means no list of years.
            7 => Some(read(6, &YEAR)?).filter(|years| years.numbers.len() < 330),
            _ => None,
        },
    })
}

/// Where the words are that blanks separate.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut words: Vec<Range<usize>> = Vec::new();
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        match words.last_mut() {
            _ if matches!(c, ' ' | '\t') => {}
            Some(word) if word.end == at => word.end = end,
            _ => words.push(at..end),
        }
    }
    words
}

/// A list of `*`, `a`, `a-b`, each with a step behind it if wanted.
fn field(text: &str, kind: &Kind) -> Result<Field, CronError> {
    let mut field =
        Field { numbers: BTreeSet::new(), starts_with_star: text.starts_with('*'), star_or_step: false };
    let mut start = 0;
    for item in text.split(',') {
        let span = start..start + item.len();
        start = span.end + 1;
        let wrong = |message: String| CronError { span: span.start..span.end.max(span.start + 1), message };
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => {
                let most = kind.range.1;
                let step = number(step).filter(|step| (1..=most).contains(step)).ok_or_else(|| {
                    wrong(format!("`{item}`: the step of the {} is a number from 1 to {most}", kind.name))
                })?;
                field.star_or_step = true;
                (range, Some(step))
            }
            None => (item, None),
        };
        let value = |text: &str| {
            value(text, kind).ok_or_else(|| {
                let names = match kind.names {
                    [first, .., last] => format!(" or a name from {first} to {last}"),
                    _ => String::new(),
                };
                let (least, most) = kind.range;
                wrong(format!("`{text}` is no {}: a number from {least} to {most}{names}", kind.name))
            })
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => {
                field.star_or_step = true;
                kind.range
            }
            Some((from, to)) => {
                let (from, mut to) = (value(from)?, value(to)?);
                // A range that ends with Sunday by its name cannot mean anything but its second number.
                if kind.name == WEEKDAY.name && to == 0 && from > 0 {
                    to = 7;
                }
                (from, to)
            }
            // A step without an end goes on to the last.
            None if step.is_some() => (value(range)?, kind.range.1),
            None => (value(range)?, value(range)?),
        };
        if from > to {
            return Err(wrong(format!("`{item}` ends before it begins")));
        }
        field.numbers.extend((from..=to).step_by(step.unwrap_or(1) as usize));
    }
    Ok(field)
}

fn value(text: &str, kind: &Kind) -> Option<u32> {
    let (least, most) = kind.range;
    if let Some(at) = kind.names.iter().position(|name| name.eq_ignore_ascii_case(text)) {
        return Some(least + u32::try_from(at).ok()?);
    }
    number(text).filter(|number| (least..=most).contains(number))
}

/// Digits only: no sign, no blank.
fn number(text: &str) -> Option<u32> {
    (!text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}
