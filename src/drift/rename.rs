//! Renames that a table of names explains, told from changes of the page.

use std::collections::HashMap;

use crate::config::TermTable;
use crate::page::Page;

/// The old page as it would read with the names of today, as far as the new one uses them. `None` where it used none of the old names.
pub fn with_names_of_today(old: &Page, new: &Page, table: &TermTable) -> Option<Page> {
    let upstream = new.text();
    let mut known: HashMap<String, Option<String>> = HashMap::new();
    let mut renamed = |text: &mut String| {
        let now = known.entry(text.clone()).or_insert_with(|| table.renamed(text, &upstream)).clone();
        now.map(|now| *text = now).is_some()
    };
    let mut page = old.clone();
    let mut any = page.title.as_mut().is_some_and(&mut renamed);
    for block in &mut page.blocks {
        any |= renamed(&mut block.text);
        for marked in &mut block.marked {
            renamed(marked);
        }
    }
    for heading in page.sections.iter_mut().flat_map(|section| &mut section.path) {
        any |= renamed(heading);
    }
    any.then_some(page)
}
