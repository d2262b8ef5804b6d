//! How pages and bodies are packed: zstd, with the output capped on the way back.

use std::io::Read;

use crate::page::Page;

/// Level 1 makes 43 kB of HTML to about 10.5 kB; level 3 takes a third more time for a fifteenth less.
const LEVEL: i32 = 1;

/// The most that a packed page may unpack to: a body is at most 8 MiB decoded, and JSON can escape each byte to six.
const MAX_PAGE: u64 = 64 << 20;

/// Why packed bytes could not be read back.
#[derive(Debug, thiserror::Error)]
pub enum Undecodable {
    /// Not zstd, or damaged.
    #[error("not readable as zstd: {0}")]
    Packed(#[from] std::io::Error),
    /// More than allowed.
    #[error("unpacks to more than {0} bytes")]
    TooLarge(u64),
    /// Not what it should be.
    #[error("not readable as a page: {0}")]
    Page(#[from] serde_json::Error),
}

/// Compresses one thing after the other, in the same memory.
pub struct Packer {
    zstd: zstd::bulk::Compressor<'static>,
    json: Vec<u8>,
    packed: Vec<u8>,
}

impl Packer {
    /// Fails only when memory cannot be had.
    pub fn try_new() -> std::io::Result<Self> {
        Ok(Self { zstd: zstd::bulk::Compressor::new(LEVEL)?, json: Vec::new(), packed: Vec::new() })
    }

    /// Compresses. Fails only when memory cannot be had.
    pub fn pack(&mut self, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
        self.packed.clear();
        self.packed.reserve(zstd::zstd_safe::compress_bound(bytes.len()));
        self.zstd.compress_to_buffer(bytes, &mut self.packed)?;
        Ok(self.packed.as_slice().to_vec())
    }

    /// A page, serialised and compressed; `None` where memory could not be had.
    pub fn pack_page(&mut self, page: &Page) -> Option<Vec<u8>> {
        let mut json = std::mem::take(&mut self.json);
        json.clear();
        let packed = serde_json::to_writer(&mut json, page).ok().and_then(|()| self.pack(&json).ok());
        self.json = json;
        packed
    }
}

impl std::fmt::Debug for Packer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Packer").finish_non_exhaustive()
    }
}

/// Compresses one thing. Fails only when memory cannot be had.
pub fn pack(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    Packer::try_new()?.pack(bytes)
}

/// Decompresses what [`pack`] made, to at most `limit` bytes.
pub fn unpack(packed: &[u8], limit: u64) -> Result<Vec<u8>, Undecodable> {
    let mut bytes = Vec::new();
    zstd::stream::read::Decoder::with_buffer(packed)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(Undecodable::TooLarge(limit)) } else { Ok(bytes) }
}

/// The page that a snapshot keeps.
pub fn unpack_page(packed: &[u8]) -> Result<Page, Undecodable> {
    Ok(serde_json::from_slice(&unpack(packed, MAX_PAGE)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_bomb_is_stopped_at_the_limit() {
        let packed = pack(&vec![0; 1 << 22]).unwrap();
        assert!(packed.len() < 1 << 12);
        assert!(matches!(unpack(&packed, 1 << 20), Err(Undecodable::TooLarge(_))));
        assert_eq!(unpack(&packed, 1 << 22).unwrap().len(), 1 << 22);
    }

    #[test]
    fn damage_is_an_error() {
        let packed = pack(b"some text that is kept").unwrap();
        assert!(unpack(&packed[..packed.len() - 3], 1 << 20).is_err());
        assert!(unpack(b"no zstd at all", 1 << 20).is_err());
        assert!(unpack_page(&pack(b"{\"blocks\":7}").unwrap()).is_err());
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back(bytes in proptest::collection::vec(any::<u8>(), 0..5000)) {
            prop_assert_eq!(unpack(&pack(&bytes).unwrap(), 5000).unwrap(), bytes);
        }
    }
}
