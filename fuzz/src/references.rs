//! An entry of any syntax → references: places within the file, whole characters, in order.
//! Input: `m`, `h`, `t` or `p` for the syntax (a capital also reads code), then the text.

use linkdrift::reference::{EntryRead, Kind, ReadOptions, read};
use linkdrift::source::Syntax;

pub fn check(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let syntax = match first.to_ascii_lowercase() {
        b'h' => Syntax::Html,
        b't' => Syntax::Toc,
        b'p' => Syntax::PlainText,
        _ => Syntax::Markdown,
    };
    let text = String::from_utf8_lossy(rest);
    let options = ReadOptions { code: first.is_ascii_uppercase(), ..ReadOptions::default() };
    let entry = read(syntax, &text, &options);
    holds(&text, &entry);
}

/// What is true of every entry, whatever it says.
pub fn holds(text: &str, entry: &EntryRead) {
    let mut last = (0, 0);
    for reference in &entry.references {
        let (offset, destination) = (&reference.offset, &reference.destination);
        assert!(text.get(offset.clone()).is_some(), "{reference:?}");
        assert!(text.get(destination.clone()).is_some(), "{reference:?}");
        assert!((offset.start, destination.start) >= last, "out of order: {reference:?}");
        last = (offset.start, destination.start);
        let is_inside = offset.start <= destination.start && destination.end <= offset.end;
        let is_whole = matches!(reference.kind, Kind::Bare | Kind::Directive | Kind::FrontMatter | Kind::Toc);
        let is_elsewhere = matches!(reference.kind, Kind::Reference | Kind::Image);
        assert!(is_inside || is_elsewhere, "the destination is outside: {reference:?}");
        assert!(!is_whole || offset == destination, "{reference:?}");
        if reference.kind == Kind::Bare {
            assert!(reference.url.ends_with(reference.text.as_str()), "{reference:?}");
        }
        // An entity of five characters makes six bytes at most, and an address gets `mailto:`.
        assert!(
            reference.url.len() <= 3 * text.len() + 8 && reference.text.len() <= 3 * text.len().max(4096)
        );
    }
    assert!(entry.problems.len() <= 1000);
    assert!(entry.problems.is_sorted_by_key(|problem| problem.offset.start));
    for problem in &entry.problems {
        assert!(text.get(problem.offset.clone()).is_some(), "{problem:?}");
        assert!(!problem.message.is_empty() && !problem.message.contains(char::is_control), "{problem:?}");
    }
    places_are_true(text, entry);
    for silence in &entry.silenced {
        assert!(1 <= silence.lines.0 && silence.lines.0 <= silence.lines.1, "{silence:?}");
    }
    assert!(
        entry.anchors.iter().map(String::len).sum::<usize>() <= 4 * text.len() + 16 * entry.anchors.len()
    );
    let lines = u32::try_from(line_starts(text).len()).expect("a short text");
    let front_matter = &entry.front_matter;
    assert!(front_matter.lines.is_none_or(|(first, last)| 1 <= first && first <= last && last <= lines));
    assert!(front_matter.values.len() <= 2000);
    assert!(front_matter.values.iter().all(|value| value.value.len() <= 4096 && value.line <= lines));
    // It is kept in the state and must come back as it was.
    let kept = serde_json::to_string(entry).expect("an entry is data");
    assert_eq!(&serde_json::from_str::<EntryRead>(&kept).expect("it comes back"), entry);
}

/// Lines and columns, counted anew in the plainest way.
fn places_are_true(text: &str, entry: &EntryRead) {
    let starts = line_starts(text);
    let place = |offset: usize| {
        let line = starts.partition_point(|start| *start <= offset);
        let before = text[starts[line - 1]..offset].chars().count();
        let is_marked = line == 1 && before > 0 && text.starts_with('\u{feff}');
        (line, before - usize::from(is_marked) + 1)
    };
    for reference in &entry.references {
        let said = (reference.line as usize, reference.column as usize);
        assert_eq!(said, place(reference.offset.start), "{reference:?}");
    }
    for problem in &entry.problems {
        assert_eq!(
            (problem.line as usize, problem.column as usize),
            place(problem.offset.start),
            "{problem:?}"
        );
    }
}

fn line_starts(text: &str) -> Vec<usize> {
    let ends = |(at, byte): (usize, &u8)| match byte {
        b'\n' => Some(at + 1),
        b'\r' if text.as_bytes().get(at + 1) != Some(&b'\n') => Some(at + 1),
        _ => None,
    };
    std::iter::once(0).chain(text.bytes().enumerate().filter_map(|(at, byte)| ends((at, &byte)))).collect()
}
