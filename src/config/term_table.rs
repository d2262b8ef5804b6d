//! Names that products had and what they are called now: data, shipped as `terms.toml` and extended by configuration.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use regex::Regex;
use serde::Deserialize;
use toml::Spanned;

use super::check::Checker;

/// Bytes of a name, and names of a table: an expression is made of them.
const LONGEST: usize = 100;
const NAMES: usize = 2000;

/// The table. A row that comes first wins.
#[derive(Debug, Clone, Default)]
pub struct TermTable {
    rows: Vec<Renamed>,
    lookup: Option<Arc<Lookup>>,
}

/// One row: names that are gone, and what came in their place.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renamed {
    /// As they were written.
    pub from: Vec<String>,
    /// What is said now; the first is what is suggested.
    pub to: Vec<String>,
    /// Longer names that did not change.
    #[serde(default)]
    pub except: Vec<String>,
    /// When, for the reader of the table.
    #[serde(default)]
    pub since: Option<String>,
}

/// What is looked for in texts, made once.
#[derive(Debug)]
struct Lookup {
    names: Regex,
    /// By name: its row, or that it did not change.
    meaning: BTreeMap<String, Option<usize>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTable {
    #[serde(default)]
    renamed: Vec<Renamed>,
}

impl TermTable {
    /// The shipped table.
    pub fn shipped() -> Self {
        // A test parses the file, so that an empty table is never what is shipped.
        Self::parse(include_str!("terms.toml")).unwrap_or_default()
    }

    /// Reads a table written as `terms.toml` is.
    pub fn parse(text: &str) -> Result<Self, String> {
        let written: WrittenTable = toml::from_str(text).map_err(|error| error.to_string())?;
        for row in &written.renamed {
            row.sound()?;
        }
        Ok(Self::of(written.renamed))
    }

    fn of(rows: Vec<Renamed>) -> Self {
        let mut meaning: BTreeMap<String, Option<usize>> = BTreeMap::new();
        for (at, row) in rows.iter().enumerate() {
            for name in &row.from {
                meaning.entry(name.clone()).or_insert(Some(at));
            }
            for name in &row.except {
                meaning.entry(name.clone()).or_insert(None);
            }
        }
        // The new names, too: a part of what is right already is not renamed again.
        for name in rows.iter().flat_map(|row| &row.to) {
            meaning.entry(name.clone()).or_insert(None);
        }
        let mut names: Vec<&String> = meaning.keys().collect();
        names.sort_by_key(|name| (std::cmp::Reverse(name.len()), name.as_str()));
        names.truncate(NAMES);
        let alternatives: Vec<String> =
            names.iter().map(|name| regex::escape(name).replace(' ', r"[ \x{a0}]")).collect();
        let names = Regex::new(&format!(r"\b(?:{})\b", alternatives.join("|"))).ok();
        let lookup = names.filter(|_| !meaning.is_empty()).map(|names| Arc::new(Lookup { names, meaning }));
        Self { rows, lookup }
    }

    /// What a name that is gone is called now.
    pub fn successor(&self, name: &str) -> Option<&Renamed> {
        let is_it = |other: &String| other.eq_ignore_ascii_case(name);
        self.rows.iter().find(|row| row.from.iter().any(is_it))
    }

    /// Where names stand that look like one of those that are gone and did not change.
    pub fn unchanged<'t>(&self, text: &'t str) -> impl Iterator<Item = Range<usize>> + use<'_, 't> {
        let lookup = self.lookup.as_deref();
        lookup.into_iter().flat_map(move |lookup| {
            lookup
                .names
                .find_iter(text)
                .filter(|found| matches!(lookup.meaning.get(&plain(found.as_str())), Some(None)))
                .map(|found| found.range())
        })
    }

    /// A text with the names of today, of which `upstream` shows which are used: where one name became two, that which stands there
    /// before the same word. `None` where there is nothing to rename.
    pub fn renamed(&self, text: &str, upstream: &str) -> Option<String> {
        let lookup = self.lookup.as_deref()?;
        let mut new = String::new();
        let mut from = 0;
        for found in lookup.names.find_iter(text) {
            let Some(Some(row)) = lookup.meaning.get(&plain(found.as_str())) else { continue };
            let names = &self.rows[*row].to;
            let next: String = text[found.end()..]
                .chars()
                .take_while(|c| !matches!(c, '.' | ',' | ';' | ':' | ')'))
                .take(12)
                .collect();
            let name = names
                .iter()
                .find(|name| !next.trim().is_empty() && upstream.contains(&format!("{name}{next}")))
                .or_else(|| names.iter().find(|name| upstream.contains(name.as_str())))
                .or(names.first());
            let Some(name) = name else { continue };
            new.push_str(&text[from..found.start()]);
            new.push_str(name);
            from = found.end();
        }
        (from > 0).then(|| {
            new.push_str(&text[from..]);
            new
        })
    }
}

impl Renamed {
    /// Says what is wrong with a row.
    fn sound(&self) -> Result<(), String> {
        if self.from.is_empty() || self.to.is_empty() {
            return Err(
                "a renamed row says what it was called (`from`) and what it is called now (`to`)".to_owned()
            );
        }
        let names = self.from.iter().chain(&self.to).chain(&self.except);
        match names.into_iter().find(|name| {
            let ends = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            name.len() > LONGEST || !ends(name.chars().next()) || !ends(name.chars().last())
        }) {
            Some(name) => Err(format!(
                "`{name}`: a name begins and ends with a letter or digit and has at most {LONGEST} bytes"
            )),
            None => Ok(()),
        }
    }
}

/// A name with plain blanks.
fn plain(name: &str) -> String {
    name.replace('\u{a0}', " ")
}

/// Adds the rows of a configuration, so that they win over the shipped ones.
pub(super) fn extend(check: &mut Checker<'_>, table: &mut TermTable, written: Vec<Spanned<Renamed>>) {
    if written.is_empty() {
        return;
    }
    let mut rows = Vec::new();
    for row in written {
        match row.get_ref().sound() {
            Ok(()) => rows.push(row.into_inner()),
            Err(why) => check.wrong(&row, why),
        }
    }
    rows.extend(std::mem::take(&mut table.rows));
    *table = TermTable::of(rows);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_table_is_sound() {
        let table = TermTable::parse(include_str!("terms.toml")).unwrap();
        assert!(table.rows.len() > 20 && table.lookup.is_some());
        assert_eq!(table.successor("azure ad").unwrap().to[0], "Microsoft Entra ID");
        assert!(table.successor("Azure AD B2C").is_none());
    }

    #[test]
    fn names_are_renamed_whole_and_with_what_follows() {
        let table = TermTable::shipped();
        let upstream = "Microsoft Entra roles in Microsoft Entra ID. A Microsoft 365 group.";
        for (old, new) in [
            ("Azure AD roles", Some("Microsoft Entra roles")),
            ("Use Azure AD.", Some("Use Microsoft Entra ID.")),
            ("Azure Active Directory (Azure AD)", Some("Microsoft Entra ID (Microsoft Entra ID)")),
            ("An Office\u{a0}365 group", Some("An Microsoft 365 group")),
            ("Azure AD Connect and Azure AD B2C", Some("Microsoft Entra Connect and Azure AD B2C")),
            ("AD FS, Azure AD B2C, AzureAD module, Office 365 E3", None),
            ("Microsoft Defender for Office 365", None),
            ("azure ad, Azure ADFS, xAzure AD", None),
            ("", None),
        ] {
            assert_eq!(table.renamed(old, upstream).as_deref(), new, "{old}");
        }
    }

    #[test]
    fn what_did_not_change_is_found_where_it_stands() {
        let text = "Azure AD, Azure AD B2C and AD FS";
        let found: Vec<&str> = TermTable::shipped().unchanged(text).map(|range| &text[range]).collect();
        assert_eq!(found, ["Azure AD B2C", "AD FS"]);
    }

    #[test]
    fn a_row_says_both_names() {
        let bad = |text: &str| TermTable::parse(text).unwrap_err();
        assert!(bad("[[renamed]]\nfrom = [\"A\"]\nto = []").contains("`to`"));
        assert!(bad("[[renamed]]\nfrom = [\" A\"]\nto = [\"B\"]").contains("` A`"));
        assert!(bad("[[renamed]]\nfrom = [\"A\"]\nto = [\"B\"]\nwhy = 1").contains("why"));
    }
}
