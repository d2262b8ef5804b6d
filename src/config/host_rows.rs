//! `[[known_host]]`: rows that a configuration adds to the host table. The one place that knows both forms.

use super::HostTable;
use super::check::Checker;
use super::host_table::{HostRow, Knowledge};
use super::written::{KnownAs, KnownHost};

/// Appends the rows, so that they win over the shipped ones.
pub(super) fn extend(check: &mut Checker<'_>, table: &mut HostTable, written: Vec<KnownHost>) {
    let mut rows = Vec::new();
    for row in written {
        let retired = row.is == KnownAs::Retired;
        for at in [&row.since, &row.note].into_iter().flatten() {
            if !retired {
                check.wrong(at, "`since` and `note` belong to `is = \"retired\"`".into());
            }
        }
        let (since, note) = (text(check, &row.since), text(check, &row.note));
        let knowledge = match row.is {
            KnownAs::Placeholder => Knowledge::Placeholder,
            KnownAs::ShortLink => Knowledge::ShortLink,
            KnownAs::Portal => Knowledge::Portal,
            KnownAs::SignIn => Knowledge::SignIn,
            KnownAs::Retired => Knowledge::Retired { since, note },
        };
        if let Some(hosts) = check.host_pattern(&row.r#match) {
            rows.push(HostRow { hosts, knowledge });
        }
    }
    table.extend(rows);
}

fn text(check: &mut Checker<'_>, at: &super::written::At<String>) -> String {
    let read = |text: &str| match text.len() {
        0..=300 => Ok(super::error::clean(text)),
        length => Err(format!("{length} bytes are more than 300")),
    };
    check.read(at, read).unwrap_or_default()
}
