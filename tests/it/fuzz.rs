//! The fuzz targets without a fuzzer: what they check (`fuzz/src`) holds for every seed and for every input that was kept of a fuzzer's
//! work. `fuzz/README.md` tells how these are made.

use std::fs;
use std::path::{Path, PathBuf};

#[expect(unreachable_pub, reason = "the fuzz targets are another crate")]
#[path = "../../fuzz/src/lib.rs"]
mod invariants;

/// Checks every input of a target; a panic says which it was.
fn replay(target: &str, check: fn(&[u8])) {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let mut inputs: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    for file in fs::read_dir(fuzz.join("seeds").join(target)).unwrap() {
        let file = file.unwrap().path();
        let bytes = fs::read(&file).unwrap();
        inputs.push((file, bytes));
    }
    assert!(!inputs.is_empty(), "{target} has no seeds");
    let kept = fuzz.join("kept").join(format!("{target}.tar.zst"));
    if kept.exists() {
        inputs.extend(unpacked(&kept));
    }
    for (name, bytes) in inputs {
        if std::panic::catch_unwind(|| check(&bytes)).is_err() {
            panic!("{target}: {} ({} bytes)", name.display(), bytes.len());
        }
    }
}

/// The files of an archive: a block of 512 bytes says name and length, then come the bytes, filled up to whole blocks.
fn unpacked(archive: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let bytes = zstd::decode_all(fs::File::open(archive).unwrap()).unwrap();
    let text = |field: &[u8]| String::from_utf8_lossy(field).trim_end_matches(['\0', ' ']).to_owned();
    let (mut files, mut at) = (Vec::new(), 0);
    while let Some(header) = bytes.get(at..at + 512).filter(|header| header[0] != 0) {
        let length = usize::from_str_radix(&text(&header[124..136]), 8).unwrap();
        let start = at + 512;
        files.push((PathBuf::from(text(&header[..100])), bytes[start..start + length].to_vec()));
        at = start + length.next_multiple_of(512);
    }
    assert!(!files.is_empty(), "{} is empty", archive.display());
    files
}

#[test]
fn canonicalisation() {
    replay("canonicalisation", invariants::canonicalisation::check);
}

#[test]
fn config() {
    replay("config", invariants::config::check);
}

#[test]
fn drift() {
    replay("drift", invariants::drift::check);
}

#[test]
fn front_matter() {
    replay("front_matter", invariants::front_matter::check);
}

#[test]
fn headers() {
    replay("headers", invariants::headers::check);
}

#[test]
fn page() {
    replay("page", invariants::page::check);
}

#[test]
fn references() {
    replay("references", invariants::references::check);
}

#[test]
fn reports() {
    replay("reports", invariants::reports::check);
}

#[test]
fn robots() {
    replay("robots", invariants::robots::check);
}

#[test]
fn schedules() {
    replay("schedules", invariants::schedules::check);
}
