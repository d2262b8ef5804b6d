//! Text put together from pieces of a source, with the way back: block quote prefixes, backslashes and entities are gone
//! from it, yet every place in it has its bytes in the file.

use std::ops::Range;

/// The text and where its pieces come from.
#[derive(Debug, Default)]
pub(super) struct Mapped {
    text: String,
    pieces: Vec<Piece>,
}

#[derive(Debug)]
struct Piece {
    /// Where it begins in the text.
    start: usize,
    /// Its bytes in the source.
    source: Range<usize>,
    /// Whether text and source are the same, byte for byte; otherwise it is an entity or the like, one and indivisible.
    exact: bool,
}

impl Mapped {
    /// A text that is a piece of the source as it stands.
    pub(super) fn exact(text: &str, source_start: usize) -> Self {
        let mut mapped = Self::default();
        mapped.push(text, source_start..source_start + text.len(), true);
        mapped
    }

    pub(super) fn push(&mut self, text: &str, source: Range<usize>, exact: bool) {
        self.pieces.push(Piece { start: self.text.len(), source, exact });
        self.text.push_str(text);
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.pieces.clear();
    }

    /// The source bytes of a range of the text.
    pub(super) fn source(&self, range: Range<usize>) -> Range<usize> {
        let start = self.start_of(range.start);
        if range.is_empty() {
            return start..start;
        }
        let piece = self.piece_at(range.end - 1);
        let end = piece.map_or(start, |piece| {
            if piece.exact { piece.source.start + (range.end - piece.start) } else { piece.source.end }
        });
        start..end.max(start)
    }

    /// Where the text's last piece that is no plain copy begins, if it covers the byte before `end`.
    pub(super) fn entity_before(&self, end: usize) -> Option<usize> {
        let piece = self.piece_at(end.checked_sub(1)?)?;
        (!piece.exact).then_some(piece.start)
    }

    fn start_of(&self, offset: usize) -> usize {
        match self.piece_at(offset) {
            Some(piece) if piece.exact => {
                (piece.source.start + (offset - piece.start)).min(piece.source.end)
            }
            Some(piece) if offset == piece.start => piece.source.start,
            Some(piece) => piece.source.end,
            None => 0,
        }
    }

    fn piece_at(&self, offset: usize) -> Option<&Piece> {
        let after = self.pieces.partition_point(|piece| piece.start <= offset);
        self.pieces.get(after.checked_sub(1)?)
    }
}
