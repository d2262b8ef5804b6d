//! A file's bytes → an entry's text.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

use super::walk::NO_FILE;
use super::{Cause, EntryFile};

/// Largest entry that is read, in bytes (SPEC §7).
pub const LARGEST_ENTRY: u64 = 10 << 20;

/// An entry's text and what is wrong with its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryText {
    /// blake3 of the file's bytes; of nothing where it could not be read.
    pub hash: [u8; 32],
    /// The text. Byte offsets in it are those in the file where the file is UTF-8; a byte order mark is kept.
    pub text: String,
    /// What is wrong.
    pub problems: Vec<ReadProblem>,
    /// Why it could not be read, where it could not.
    pub unread: Option<Cause>,
}

/// Something wrong with an entry's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadProblem {
    /// What kind of wrong.
    pub kind: ReadProblemKind,
    /// A sentence fragment.
    pub message: String,
    /// Where in the text.
    pub offset: usize,
    /// Line of the place, from 1.
    pub line: u32,
    /// Column of the place, from 1.
    pub column: u32,
}

/// The kinds of [`ReadProblem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReadProblemKind {
    /// It could not be read; the text is empty.
    Unreadable,
    /// Not UTF-8, or with bytes that no text has; the text is what could be made of it.
    Encoding,
}

/// The most bytes of a Git LFS pointer, and how it begins (git-lfs/docs/spec.md).
const LFS_POINTER: (usize, &[u8]) = (1024, b"version https://git-lfs.github.com/spec/v1");

/// Why a file was not read, for people and for the run.
#[derive(Debug, PartialEq, Eq)]
struct Unread {
    message: String,
    cause: Cause,
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        Self { message: error.to_string(), cause: Cause::of(&error) }
    }
}

impl Unread {
    fn itself(message: impl Into<String>) -> Self {
        Self { message: message.into(), cause: Cause::Itself }
    }
}

/// Reads an entry of at most `limit` bytes. Never fails: what is wrong is in the result.
pub fn read(entry: &EntryFile, limit: u64) -> EntryText {
    let bytes = match bytes_of(entry, limit) {
        Ok(bytes) if is_lfs_pointer(&bytes) => {
            Err(Unread::itself("a Git LFS pointer in place of the file: `git lfs pull` fetches it"))
        }
        bytes => bytes,
    };
    match bytes {
        Ok(bytes) => decode(bytes),
        Err(Unread { message, cause }) => EntryText {
            hash: *blake3::hash(&[]).as_bytes(),
            text: String::new(),
            problems: vec![ReadProblem {
                kind: ReadProblemKind::Unreadable,
                message,
                offset: 0,
                line: 1,
                column: 1,
            }],
            unread: Some(cause),
        },
    }
}

/// Whether what git has stands here, not what it stands for: a version, then keys in order, `oid` among them.
fn is_lfs_pointer(bytes: &[u8]) -> bool {
    let (most, version) = LFS_POINTER;
    let mut lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    bytes.len() < most && lines.next() == Some(version) && lines.any(|line| line.starts_with(b"oid "))
}

fn bytes_of(entry: &EntryFile, limit: u64) -> Result<Vec<u8>, Unread> {
    if let Some(why) = &entry.refused {
        return Err(Unread::itself(why.as_str()));
    }
    if entry.is_standard_input() {
        let mut bytes = Vec::new();
        io::stdin().lock().take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        return if bytes.len() as u64 > limit { Err(too_large(limit)) } else { Ok(bytes) };
    }
    // An editor that saves while we read has done so when we read once more.
    for _ in 0..2 {
        if let Some(bytes) = unchanged(&entry.file, limit, read_whole)? {
            return Ok(bytes);
        }
    }
    Err(Unread::itself("it changes while it is read"))
}

/// What `read` makes of a file; `None` where the file is another one, or has other content, when it is done.
fn unchanged(
    path: &Path,
    limit: u64,
    read: impl FnOnce(&File, u64) -> io::Result<Vec<u8>>,
) -> Result<Option<Vec<u8>>, Unread> {
    // Asked before opening: opening a FIFO would wait for a writer.
    let before = std::fs::metadata(path)?;
    if !before.is_file() {
        return Err(Unread::itself(NO_FILE));
    }
    let file = File::open(path)?;
    if before.len() > limit {
        return Err(too_large(limit));
    }
    let bytes = read(&file, limit)?;
    if bytes.len() as u64 > limit {
        return Err(too_large(limit));
    }
    let edition = |file: &Metadata| (file.len(), file.modified().ok());
    let after = std::fs::metadata(path)?;
    let same = edition(&before) == edition(&after) && bytes.len() as u64 == before.len();
    Ok(same.then_some(bytes))
}

/// All of a file, up to one byte over the limit.
fn read_whole(file: &File, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(file.metadata()?.len()).unwrap_or(0));
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn too_large(limit: u64) -> Unread {
    Unread::itself(format!("larger than the limit of {} MiB for an entry", limit >> 20))
}

/// Makes text of bytes.
pub fn decode(bytes: Vec<u8>) -> EntryText {
    let hash = *blake3::hash(&bytes).as_bytes();
    let (text, mut problem) = match utf16(&bytes) {
        Some((text, name)) => (text, Some((format!("encoded as {name}, not as UTF-8"), 0))),
        None => match String::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                (text, Some((format!("not UTF-8 from byte {at} on"), at)))
            }
        },
    };
    if problem.is_none()
        && let Some(at) = text.find('\0')
    {
        problem = Some(("a NUL character: this is no text, or was cut".to_owned(), at));
    }
    let problems = problem
        .map(|(message, offset)| {
            let (line, column) = place(&text, offset);
            ReadProblem { kind: ReadProblemKind::Encoding, message, offset, line, column }
        })
        .into_iter()
        .collect();
    EntryText { hash, text, problems, unread: None }
}

/// UTF-16 with a byte order mark, or so plainly UTF-16 that half of its first bytes are zero.
fn utf16(bytes: &[u8]) -> Option<(String, &'static str)> {
    let head = &bytes[..bytes.len().min(64)];
    let zeros = |parity: usize| head.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
    let mostly = |count: usize| head.len() >= 8 && count * 3 >= head.len();
    let encoding = if bytes.starts_with(&[0xff, 0xfe]) || (mostly(zeros(1)) && zeros(0) == 0) {
        encoding_rs::UTF_16LE
    } else if bytes.starts_with(&[0xfe, 0xff]) || (mostly(zeros(0)) && zeros(1) == 0) {
        encoding_rs::UTF_16BE
    } else {
        return None;
    };
    let (text, _) = encoding.decode_with_bom_removal(bytes);
    Some((text.into_owned(), encoding.name()))
}

/// Line and column of an offset, both from 1.
fn place(text: &str, offset: usize) -> (u32, u32) {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let breaks = before.replace("\r\n", "\n");
    let line = breaks.matches(['\n', '\r']).count() + 1;
    let column =
        breaks.rsplit(['\n', '\r']).next().unwrap_or_default().trim_start_matches('\u{feff}').chars().count()
            + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes, text, line and column of what is wrong.
    type Row<'a> = (&'a [u8], &'a str, Option<(u32, u32)>);

    #[test]
    fn m06_m07_bytes_become_text_and_what_is_wrong_is_said() {
        let utf16: Vec<u8> = "\u{feff}# Hi".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let rows: &[Row<'_>] = &[
            (b"plain", "plain", None),
            ("\u{feff}é".as_bytes(), "\u{feff}é", None),
            (b"a\r\nb \xe9 c", "a\r\nb \u{fffd} c", Some((2, 3))),
            (b"a\0b", "a\0b", Some((1, 2))),
            (&utf16, "# Hi", Some((1, 1))),
            (b"", "", None),
        ];
        for (bytes, text, place) in rows {
            let read = decode(bytes.to_vec());
            assert_eq!(read.text, *text);
            assert_eq!(read.problems.first().map(|p| (p.line, p.column)), *place, "{bytes:?}");
            assert!(read.problems.iter().all(|p| p.kind == ReadProblemKind::Encoding));
            assert_eq!(read.hash, *blake3::hash(bytes).as_bytes());
        }
    }

    #[test]
    fn a_large_or_missing_file_is_unreadable() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.md");
        std::fs::write(&file, "12345").unwrap();
        let entry = EntryFile {
            path: "a.md".to_owned(),
            file,
            syntax: super::super::Syntax::Markdown,
            refused: None,
        };
        assert_eq!(read(&entry, 4).problems[0].kind, ReadProblemKind::Unreadable);
        assert_eq!(read(&entry, 5).problems, []);
        let missing = EntryFile { file: folder.path().join("no.md"), ..entry };
        assert_eq!(read(&missing, 4).problems[0].kind, ReadProblemKind::Unreadable);
    }

    #[test]
    fn a_git_lfs_pointer_is_not_the_entry() {
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
        let long = format!("{pointer}{}", "x".repeat(1024));
        for (text, is) in [
            (pointer, true),
            (&pointer.replace('\n', "\r\n"), true),
            (&format!("# Pointers\n\n{pointer}"), false),
            ("version https://git-lfs.github.com/spec/v1\n\nis how a pointer begins\n", false),
            (&long, false),
            ("", false),
        ] {
            assert_eq!(is_lfs_pointer(text.as_bytes()), is, "{text}");
        }
    }

    /// A file that grows, is replaced or vanishes under the reader is not taken for what was read of it.
    #[test]
    fn m15_a_file_that_changes_while_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.md");
        let write = |text: &str| std::fs::write(&file, text).unwrap();
        let read = |meanwhile: &dyn Fn()| {
            write("before");
            unchanged(&file, 100, |opened, limit| {
                let bytes = read_whole(opened, limit);
                meanwhile();
                bytes
            })
        };
        assert_eq!(read(&|| ()), Ok(Some(b"before".to_vec())));
        assert_eq!(read(&|| write("before and after")), Ok(None));
        assert_eq!(read(&|| write("cut")), Ok(None));
        let replaced = || {
            let other = folder.path().join("b.md");
            std::fs::write(&other, "another file").unwrap();
            std::fs::rename(&other, &file).unwrap();
        };
        assert_eq!(read(&replaced), Ok(None));
        let vanished = read(&|| std::fs::remove_file(&file).unwrap()).unwrap_err();
        assert!(vanished.message.contains("No such file"), "{vanished:?}");
        assert_eq!(vanished.cause, Cause::Vanished);
    }
}
