//! Byte offsets → lines and columns.

/// Where the lines of a text begin. Lines end at LF, CRLF or CR.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

/// Turns rising offsets into lines and columns; linear in the text however many places are asked for.
#[derive(Debug)]
pub(super) struct Cursor<'a, 'l> {
    lines: &'l Lines<'a>,
    line: usize,
    offset: usize,
    column: u32,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'\n' => starts.push(at + 1),
                b'\r' if bytes.get(at + 1) != Some(&b'\n') => starts.push(at + 1),
                _ => {}
            }
        }
        Self { text, starts }
    }

    /// The line of an offset, from 1.
    pub(super) fn line_of(&self, offset: usize) -> u32 {
        u32::try_from(self.starts.partition_point(|start| *start <= offset)).unwrap_or(u32::MAX)
    }

    /// Where a line, from 1, begins.
    pub(super) fn start_of(&self, line: u32) -> usize {
        self.starts.get(line.saturating_sub(1) as usize).copied().unwrap_or(self.text.len())
    }

    /// The text of a line, from 1, without its end.
    pub(super) fn text_of(&self, line: u32) -> &'a str {
        let index = line.saturating_sub(1) as usize;
        let Some(start) = self.starts.get(index) else { return "" };
        let end = self.starts.get(index + 1).copied().unwrap_or(self.text.len());
        self.text.get(*start..end).unwrap_or("").trim_end_matches(['\r', '\n'])
    }

    pub(super) fn cursor(&self) -> Cursor<'a, '_> {
        Cursor { lines: self, line: 0, offset: 0, column: 1 }
    }
}

impl Cursor<'_, '_> {
    /// Line and column of `offset`, both from 1. Fastest where `offset` is not below the one asked for before.
    pub(super) fn at(&mut self, offset: usize) -> (u32, u32) {
        let starts = &self.lines.starts;
        let offset = offset.min(self.lines.text.len());
        let next_begins = |line: usize| starts.get(line + 1).copied().unwrap_or(usize::MAX);
        if offset < self.offset || offset >= next_begins(self.line) {
            self.line = starts.partition_point(|start| *start <= offset).saturating_sub(1);
            self.offset = starts[self.line];
            self.column = 1;
        }
        let between = self.lines.text.get(self.offset..offset).unwrap_or("");
        let mut columns = between.chars().count();
        if self.offset == 0 && between.starts_with('\u{feff}') {
            columns -= 1;
        }
        self.column = self.column.saturating_add(u32::try_from(columns).unwrap_or(u32::MAX));
        self.offset = offset;
        (u32::try_from(self.line + 1).unwrap_or(u32::MAX), self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m06_lines_end_at_lf_crlf_and_cr_and_columns_count_scalar_values() {
        let text = "\u{feff}aé\r\nb\rc\n\nd";
        let lines = Lines::new(text);
        let mut cursor = lines.cursor();
        let places = [("a", (1, 1)), ("é", (1, 2)), ("b", (2, 1)), ("c", (3, 1)), ("d", (5, 1))];
        for (what, place) in places {
            assert_eq!(cursor.at(text.find(what).unwrap()), place, "{what}");
        }
        assert_eq!(cursor.at(3), (1, 1), "an earlier place");
        assert_eq!(lines.text_of(1), "\u{feff}aé");
        assert_eq!(lines.text_of(9), "");
    }
}
