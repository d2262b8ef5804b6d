//! Whatever stands in the block of metadata, the entry behind it is read. Input: what follows `title: x` in the block.

use linkdrift::reference::{ReadOptions, read};
use linkdrift::source::Syntax;

use super::references::holds;

pub fn check(data: &[u8]) {
    let block = String::from_utf8_lossy(data);
    let text = format!("---\ntitle: x\n{block}\n---\n[link](https://x.example/)\n");
    let entry = read(Syntax::Markdown, &text, &ReadOptions::default());
    holds(&text, &entry);
    let closes = |line: &str| matches!(line.trim_end(), "---" | "...");
    if block.split(['\n', '\r']).any(closes) {
        return;
    }
    let (first, last) = entry.front_matter.lines.expect("a block that begins with a key is metadata");
    assert_eq!(first, 1);
    let link = entry.references.last().expect("the body is read");
    assert_eq!((link.url.as_str(), link.line, link.column), ("https://x.example/", last + 1, 1));
    assert!(entry.front_matter.values.iter().all(|value| 1 < value.line && value.line < last));
    for value in entry.front_matter.date.iter() {
        assert!(("1990-01-01"..="2200-12-31").contains(&value.to_string().as_str()));
    }
}
