//! Which sections changed: those whose own text, the heading's included, is another on the two pages, or is on one of them only.

use std::collections::{HashMap, HashSet};

use super::edit::Side;

/// Names of the sections that changed, in the order of the new page, then of the old one; and of those that did not, nor anything
/// under their headings.
pub(super) fn changed(old: &Side<'_>, new: &Side<'_>) -> (Vec<String>, Vec<String>) {
    let (olds, news) = (own_texts(old), own_texts(new));
    let mut by_name: HashMap<&str, &str> = HashMap::new();
    for (name, text) in &olds {
        by_name.insert(name, text);
    }
    let names: HashSet<&str> = news.iter().map(|(name, _)| name.as_str()).collect();
    let (mut result, mut kept) = (Vec::new(), Vec::new());
    // A section whose id changed and nothing else is the same section.
    let mut unnamed: HashMap<&str, usize> = HashMap::new();
    for (name, text) in &olds {
        if !names.contains(name.as_str()) {
            *unnamed.entry(text).or_insert(0) += 1;
        }
    }
    let mut renamed: HashMap<&str, usize> = HashMap::new();
    for (name, text) in &news {
        match by_name.get(name.as_str()) {
            Some(before) if before == text => kept.push(name.clone()),
            Some(_) => result.push(name.clone()),
            None => match unnamed.get_mut(text.as_str()) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    *renamed.entry(text).or_insert(0) += 1;
                    kept.push(name.clone());
                }
                _ => result.push(name.clone()),
            },
        }
    }
    for (name, text) in &olds {
        if names.contains(name.as_str()) {
            continue;
        }
        match renamed.get_mut(text.as_str()) {
            Some(count) if *count > 0 => *count -= 1,
            _ => result.push(name.clone()),
        }
    }
    let over_changes = over(&[old, new], &result);
    kept.retain(|name| !over_changes.contains(name));
    (result, kept)
}

/// Names of the sections under whose heading one of these stands, however deep: who names a chapter means all of it.
fn over(sides: &[&Side<'_>], changed: &[String]) -> HashSet<String> {
    let changed: HashSet<&str> = changed.iter().map(String::as_str).collect();
    let mut over = HashSet::new();
    for side in sides {
        // The headings that enclose the current section.
        let mut open: Vec<(u8, String)> = Vec::new();
        for (at, section) in side.page.sections.iter().enumerate().filter(|(_, section)| section.level > 0) {
            let name = side.page.section_name(at);
            open.retain(|(level, _)| *level < section.level);
            if changed.contains(name.as_str()) {
                over.extend(open.iter().map(|(_, name)| name.clone()));
            }
            open.push((section.level, name));
        }
    }
    over
}

/// Sections with all their words without white space; those of one name are one.
fn own_texts(side: &Side<'_>) -> Vec<(String, String)> {
    let mut texts: Vec<(String, String)> = Vec::new();
    let mut index: HashMap<String, usize> = HashMap::new();
    let mut names: HashMap<usize, String> = HashMap::new();
    for at in 0..side.blocks.len() {
        let section = side.section(at);
        let name = names.entry(section).or_insert_with(|| side.page.section_name(section)).clone();
        let slot = *index.entry(name.clone()).or_insert_with(|| {
            texts.push((name, String::new()));
            texts.len() - 1
        });
        texts[slot].1.extend(side.normal[at].chars().filter(|c| !c.is_whitespace() && *c != '|'));
    }
    texts
}
