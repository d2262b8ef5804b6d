//! Dates as pages and headers write them.

use chrono::{DateTime, Datelike, NaiveDate};

use super::Metadata;

/// Names under which a page tells when it was published, which says nothing of its present text.
const PUBLISHED: &[&str] = &["article:published_time", "firstPublishedDate", "datePublished", "date"];

impl Metadata {
    /// The newest day on which the page says that it was changed.
    pub fn modified(&self) -> Option<NaiveDate> {
        let changed = self.dates.iter().filter(|(name, _)| !PUBLISHED.contains(&name.as_str()));
        changed.filter_map(|(_, date)| date_of(date)).max()
    }
}

/// The day of a date: ISO 8601 with or without a time, `MM/DD/YYYY` with or without one, with the month in English words, or that of
/// HTTP and mail (RFC 9110 §5.6.7, RFC 5322). Years before the web, and those that have more than four digits, are mistakes.
pub fn date_of(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let iso = || text.get(..10).and_then(|day| NaiveDate::parse_from_str(day, "%Y-%m-%d").ok());
    let american = || {
        let day = text.split(' ').next().unwrap_or_default();
        NaiveDate::parse_from_str(day, "%m/%d/%Y").ok()
    };
    let worded = || {
        let words: Vec<&str> = text
            .split([' ', ','])
            .filter(|word| !word.is_empty())
            .take(3)
            .map(|word| word.trim_end_matches('.'))
            .collect();
        let plain = words.join(" ");
        ["%B %d %Y", "%d %B %Y"].iter().find_map(|form| NaiveDate::parse_from_str(&plain, form).ok())
    };
    let mail = || DateTime::parse_from_rfc2822(text).ok().map(|date| date.to_utc().date_naive());
    iso().or_else(american).or_else(mail).or_else(worded).filter(|date| (1990..=9999).contains(&date.year()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_all_their_forms() {
        for (text, day) in [
            ("2023-07-11", Some("2023-07-11")),
            (" 2023-07-11T05:22:00Z ", Some("2023-07-11")),
            ("2023-07-11 05:22 PM", Some("2023-07-11")),
            ("07/11/2023", Some("2023-07-11")),
            ("Tue, 11 Jul 2023 23:30:00 GMT", Some("2023-07-11")),
            ("Tue, 11 Jul 2023 23:30:00 -0200", Some("2023-07-12")),
            ("7/1/2023 5:22:00 PM", Some("2023-07-01")),
            ("July 11, 2023", Some("2023-07-11")),
            ("Jul. 11, 2023 5:22 PM", Some("2023-07-11")),
            ("11 July 2023", Some("2023-07-11")),
            ("July of 2023", None),
            ("13/11/2023", None),
            ("0001-01-01", None),
            ("1970-01-01", None),
            ("yesterday", None),
            ("日本語の日付です", None),
            ("", None),
        ] {
            assert_eq!(date_of(text).map(|day| day.to_string()).as_deref(), day, "{text}");
        }
    }

    #[test]
    fn a_page_was_changed_at_its_newest_date_that_is_not_its_first() {
        let dates = |list: &[(&str, &str)]| Metadata {
            dates: list.iter().map(|(name, date)| ((*name).to_owned(), (*date).to_owned())).collect(),
            ..Metadata::default()
        };
        let page = dates(&[
            ("ms.date", "03/08/2021"),
            ("updated_at", "2022-01-02 10:00 AM"),
            ("datePublished", "2024-01-01"),
            ("article:modified_time", "soon"),
        ]);
        assert_eq!(page.modified(), NaiveDate::from_ymd_opt(2022, 1, 2));
        assert_eq!(dates(&[("date", "2024-01-01")]).modified(), None);
    }
}
