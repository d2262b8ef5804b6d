//! `[[known]]`: rows that a configuration adds to the host table, written as in `hosts.toml`.

use toml::Spanned;

use super::HostTable;
use super::check::Checker;
use super::host_table::{HostRow, WrittenRow};

/// Adds the rows, so that they win over the shipped ones.
pub(super) fn extend(check: &mut Checker<'_>, table: &mut HostTable, written: Vec<Spanned<WrittenRow>>) {
    let mut rows = Vec::new();
    for row in written {
        match HostRow::try_from(row.get_ref().clone()) {
            Ok(known) => rows.push(known),
            Err(why) => check.wrong(&row, why),
        }
    }
    table.extend(rows);
}
