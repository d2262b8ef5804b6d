//! Which character set a body is in (WHATWG Encoding 6, HTML 13.2.3): byte-order mark, `Content-Type`, the document itself, else UTF-8
//! where it is valid and windows-1252 where it is not. There is no UTF-7: its label is unknown, so nothing is read as UTF-7.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

/// How far into a document its own declaration is looked for.
const PRESCAN: usize = 1024;

/// Decodes, replacing what is malformed by U+FFFD.
pub(super) fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Cow<'a, str> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[length..]).0;
    }
    let encoding =
        content_type.and_then(from_header).or_else(|| from_document(bytes)).unwrap_or_else(|| guess(bytes));
    encoding.decode_without_bom_handling(bytes).0
}

fn from_header(content_type: &str) -> Option<&'static Encoding> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then_some(())?;
        Encoding::for_label(value.trim().trim_matches(['"', '\'']).as_bytes())
    })
}

/// `<meta charset>`, `<meta http-equiv=content-type>` or `<?xml encoding?>` in the first 1024 bytes.
fn from_document(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes[..bytes.len().min(PRESCAN)].to_ascii_lowercase();
    let mut from = 0;
    while let Some(at) = find(&head[from..], b"<") {
        let start = from + at;
        if head[start..].starts_with(b"<!--") {
            from = start + 4 + find(&head[start + 4..], b"-->").unwrap_or(head.len() - start - 4);
            continue;
        }
        let end = start + find(&head[start..], b">").unwrap_or(head.len() - start);
        let tag = &head[start..end];
        let key: &[u8] = if tag.starts_with(b"<meta") {
            b"charset"
        } else if tag.starts_with(b"<?xml") {
            b"encoding"
        } else {
            b""
        };
        if !key.is_empty()
            && let Some(at) = find(tag, key)
            && let Some(label) = label_after(&tag[at + key.len()..])
            && let Some(encoding) = Encoding::for_label(label)
        {
            // A document that can be read so far is not in UTF-16, and x-user-defined is meant as windows-1252 (HTML 13.2.3.2).
            return Some(if encoding == UTF_16BE || encoding == UTF_16LE {
                UTF_8
            } else if encoding == X_USER_DEFINED {
                WINDOWS_1252
            } else {
                encoding
            });
        }
        from = end.max(start + 1);
    }
    None
}

fn label_after(rest: &[u8]) -> Option<&[u8]> {
    let rest = rest.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
    let end = rest
        .iter()
        .position(|&byte| matches!(byte, b'"' | b'\'' | b';' | b' ' | b'/' | b'>'))
        .unwrap_or(rest.len());
    Some(&rest[..end])
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let sample = &bytes[..bytes.len().min(PRESCAN)];
    let zeros = |parity: usize| sample.iter().skip(parity).step_by(2).filter(|&&byte| byte == 0).count();
    let half = sample.len() / 2;
    if half >= 8 && zeros(1) * 10 > half * 7 && zeros(0) * 10 < half {
        UTF_16LE
    } else if half >= 8 && zeros(0) * 10 > half * 7 && zeros(1) * 10 < half {
        UTF_16BE
    } else if std::str::from_utf8(bytes).is_ok() || (bytes.len() >= super::bounds::BODY && cut_utf8(bytes)) {
        UTF_8
    } else {
        WINDOWS_1252
    }
}

/// Valid UTF-8 but for a character that the size cap cut in two.
fn cut_utf8(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn h27_the_order_of_witnesses() {
        let utf16: Vec<u8> = "<p>ăbcdefghijkl</p>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let with_bom = [&[0xFF, 0xFE][..], &utf16].concat();
        let table: &[(&[u8], Option<&str>, &str)] = &[
            (b"caf\xc3\xa9", None, "café"),
            (b"caf\xe9", None, "café"),
            (b"caf\xe9", Some("text/html; charset=ISO-8859-1"), "café"),
            (b"\xef\xbb\xbfcaf\xc3\xa9", Some("text/html; charset=ISO-8859-1"), "café"),
            (b"<meta charset='iso-8859-2'>\xe3", None, "<meta charset='iso-8859-2'>ă"),
            (
                b"<meta charset='iso-8859-2'>\xe3",
                Some("text/html; charset=\"windows-1252\""),
                "<meta charset='iso-8859-2'>ã",
            ),
            (
                b"<meta http-equiv=Content-Type content='text/html; charset=iso-8859-2'>\xe3",
                None,
                "<meta http-equiv=Content-Type content='text/html; charset=iso-8859-2'>ă",
            ),
            (b"<!-- <meta charset=iso-8859-2> -->\xc3\xa9", None, "<!-- <meta charset=iso-8859-2> -->é"),
            (b"<meta charset=utf-16>\xc3\xa9", None, "<meta charset=utf-16>é"),
            (b"<meta charset=x-user-defined>\xe9", None, "<meta charset=x-user-defined>é"),
            (b"+ADw-script+AD4-", Some("text/html; charset=utf-7"), "+ADw-script+AD4-"),
            (b"\x1b$B$\"\x1b(B", Some("text/html; charset=iso-2022-jp"), "あ"),
            (
                b"<?xml version='1.0' encoding='iso-8859-2'?>\xe3",
                None,
                "<?xml version='1.0' encoding='iso-8859-2'?>ă",
            ),
            (&utf16, None, "<p>ăbcdefghijkl</p>"),
            (&with_bom, Some("text/html; charset=utf-8"), "<p>ăbcdefghijkl</p>"),
            (b"", Some("text/html; charset="), ""),
        ];
        for (bytes, content_type, expected) in table {
            assert_eq!(decode(bytes, *content_type), *expected, "{content_type:?}");
        }
    }
}
