//! Servers that are broken, slow or hostile: the right reason, within the deadline, in bounded memory.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop here")]

use std::io::Write;
use std::time::Duration;

use super::{Visits, detail, hops, said};
use crate::support::web::{Reply, Then, Web};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n";

/// What is said of a page that answers with these bytes.
async fn of_raw(bytes: impl Into<Vec<u8>>, then: Then) -> (String, Option<usize>) {
    let reply = Reply::Raw(bytes.into(), then);
    let web = Web::start(move |_| reply.clone()).await;
    let visited = Visits::of(&web).quick().url("http://a.net/").one().await;
    (said(&visited), visited.body.map(|body| body.bytes.len()))
}

/// H14 to H18, H23, H25.
#[tokio::test]
async fn h14_h15_h16_h18_h23_h25_what_is_not_http_is_a_bad_response() {
    let bad = "unreachable bad-response";
    let table: Vec<(&str, Vec<u8>, &str)> = vec![
        ("H16 two lengths", format!("{OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!").into(), bad),
        ("H16 negative", format!("{OK}Content-Length: -1\r\n\r\nhello").into(), bad),
        ("H16 hexadecimal", format!("{OK}Content-Length: 0x10\r\n\r\nhello").into(), bad),
        ("H16 too large", format!("{OK}Content-Length: 18446744073709551616\r\n\r\nhello").into(), bad),
        (
            "H18 bad chunk",
            format!("{OK}Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n").into(),
            bad,
        ),
        ("H23 garbage", vec![0xfe; 512], bad),
        ("H23 another protocol", b"SSH-2.0-OpenSSH_9.2\r\n\r\n".to_vec(), bad),
        (
            "H23 a name with a space",
            format!("{OK}Bad Name: x\r\nContent-Length: 5\r\n\r\nhello").into(),
            "ok",
        ),
        ("H23 a name with brackets", format!("{OK}X[1]: x\r\nContent-Length: 5\r\n\r\nhello").into(), "ok"),
        ("H23 a space before the colon", format!("{OK}Content-Length : 5\r\n\r\nhello").into(), "ok"),
        ("H23 many headers", [OK.as_bytes(), &b"X: y\r\n".repeat(10_000), b"\r\n"].concat(), bad),
        ("H23 a huge header", [OK.as_bytes(), b"X: ", &vec![b'a'; 1 << 20], b"\r\n\r\n"].concat(), bad),
        (
            "H23 headers over the cap",
            [OK.as_bytes(), b"X: ", &vec![b'a'; 70_000], b"\r\nContent-Length: 0\r\n\r\n"].concat(),
            bad,
        ),
        ("H25 switching unasked", b"HTTP/1.1 101 Switching Protocols\r\n\r\n".to_vec(), bad),
        ("H14 truncated", format!("{OK}Content-Length: 100\r\n\r\nhalf").into(), "unreachable reset"),
        (
            "H18 truncated chunks",
            format!("{OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n").into(),
            "unreachable reset",
        ),
        ("H22 nothing", Vec::new(), "unreachable reset"),
        ("H22 half a head", b"HTTP/1.1 200 OK\r\nContent-".to_vec(), "unreachable reset"),
        ("H15 more than declared", format!("{OK}Content-Length: 5\r\n\r\nhello and more").into(), "ok"),
        ("until the end", format!("{OK}Connection: close\r\n\r\nhello").into(), "ok"),
        (
            "no reason",
            b"HTTP/1.1 200\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello".to_vec(),
            "ok",
        ),
        (
            "H25 continue first",
            format!("HTTP/1.1 100 Continue\r\n\r\n{OK}Content-Length: 5\r\n\r\nhello").into(),
            "ok",
        ),
    ];
    for (name, bytes, want) in table {
        let (have, length) = of_raw(bytes, Then::Close).await;
        assert_eq!(have, want, "{name}");
        assert_eq!(length, (want == "ok").then_some(5), "{name}");
    }
}

/// H21, H22, H19, H24.
#[tokio::test]
async fn h21_h22_silence_and_resets_are_told_apart() {
    let table: Vec<(&str, Vec<u8>, Then, &str)> = vec![
        ("no answer", Vec::new(), Then::Hang, "unreachable read-timeout"),
        ("half a head", b"HTTP/1.1 200 OK\r\n".to_vec(), Then::Hang, "unreachable read-timeout"),
        ("no body", format!("{OK}Content-Length: 9\r\n\r\n").into(), Then::Hang, "unreachable read-timeout"),
        ("reset", Vec::new(), Then::Reset, "unreachable reset"),
        (
            "reset in the body",
            format!("{OK}Content-Length: 9\r\n\r\nhalf").into(),
            Then::Reset,
            "unreachable reset",
        ),
    ];
    for (name, bytes, then, want) in table {
        assert_eq!(of_raw(bytes, then).await.0, want, "{name}");
    }
}

#[tokio::test]
async fn h19_h20_h24_what_never_ends_is_ended() {
    let endless = |head: &str, piece: &[u8], pause: u64| {
        let reply = Reply::Endless(head.as_bytes().to_vec(), piece.to_vec(), Duration::from_millis(pause));
        async move {
            let web = Web::start(move |_| reply.clone()).await;
            let visited = Visits::of(&web).quick().url("http://a.net/").one().await;
            (said(&visited), visited.received)
        }
    };
    let drip = endless(&format!("{OK}\r\n"), b"x", 50).await;
    assert_eq!(drip.0, "unreachable read-timeout");
    let flood = endless("", b"HTTP/1.1 103 Early Hints\r\n\r\n", 1).await;
    assert_eq!(flood.0, "unreachable read-timeout");
    let (said, received) = endless(&format!("{OK}\r\n"), &[b'x'; 64 << 10], 0).await;
    assert_eq!(said, "ok body-too-large");
    assert!(received <= (4 << 20) + (1 << 20), "{received}");
}

/// Nobody listens.
#[tokio::test]
async fn a_closed_port_is_refused() {
    let web = Web::start(|_| Reply::html("")).await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let visits =
        Visits::of(&web).quick().url("http://a.net/").with(|settings| settings.resolve[0].to = closed);
    let visited = visits.one().await;
    assert_eq!(said(&visited), "unreachable connect-refused");
    assert_eq!(hops(&visited), ["- http://a.net/"]);
}

/// T01 to T03, T06.
#[tokio::test]
async fn t01_t02_t03_certificates() {
    let web = Web::start(|_| Reply::html("safe")).await;
    let all = Visits::of(&web)
        .quick()
        .url("https://fine.net/")
        .url("https://expired.net/")
        .url("https://future.net/")
        .url("https://wronghost.net/")
        .url("https://untrusted.net/")
        .run()
        .await;
    assert_eq!(
        all.iter().map(said).collect::<Vec<_>>(),
        [
            "ok",
            "unreachable tls-expired",
            "unreachable tls-expired",
            "unreachable tls-hostname",
            "unreachable tls-untrusted"
        ]
    );
    assert_eq!(web.requests().len(), 1, "nothing is sent where the certificate is bad");
}

/// H23: the wrong protocol on either port.
#[tokio::test]
async fn h23_tls_on_the_plain_port_and_back() {
    let web = Web::start(|_| Reply::html("")).await;
    let visits = Visits::of(&web).quick().url("http://a.net/").url("https://a.net/");
    let all = visits
        .with(|settings| {
            let [plain, secure] = &mut settings.resolve[..] else { return };
            std::mem::swap(&mut plain.to, &mut secure.to);
        })
        .run()
        .await;
    assert!(said(&all[0]).starts_with("unreachable"), "{}", said(&all[0]));
    assert_eq!(said(&all[1]), "unreachable tls-other", "{}", detail(&all[1]));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    // Stored blocks: no compressor is needed to make what a decompressor reads.
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    for (n, block) in bytes.chunks(0xffff).enumerate() {
        let last = (n + 1) * 0xffff >= bytes.len();
        let length = u16::try_from(block.len()).unwrap();
        out.push(u8::from(last));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    out.extend(crc32(bytes).to_le_bytes());
    out.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 },
        )
    })
}

fn zstd(bytes: &[u8], window_log: u32) -> Vec<u8> {
    let mut encoder = zstd::stream::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(window_log).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// H26: codings are undone by us, one at most, under caps.
#[tokio::test]
async fn h26_codings() {
    let text = b"a page of some length, again and again. ".repeat(2000);
    let bomb = vec![0u8; 16 << 20];
    let broken = {
        let mut all = gzip(&text);
        all[40] ^= 0xff;
        let end = all.len() - 8;
        all[end] ^= 1;
        all
    };
    let table = vec![
        ("gzip", "gzip", gzip(&text), "ok", Some(text.len())),
        ("zstd", "zstd", zstd(&text, 20), "ok", Some(text.len())),
        ("identity", "identity", text.clone(), "ok", Some(text.len())),
        ("empty gzip", "gzip", Vec::new(), "ok", Some(0)),
        ("a zstd bomb", "zstd", zstd(&bomb, 20), "ok body-too-large", None),
        ("a zstd window of 64 MiB", "zstd", zstd(&bomb, 26), "unreachable bad-response", None),
        ("two codings", "gzip, gzip", gzip(&gzip(&text)), "unreachable bad-response", None),
        ("no coding at all", "UTF-8", text.clone(), "ok", Some(text.len())),
        ("a coding that we do not undo", "compress", text.clone(), "unreachable bad-response", None),
        ("not what it says", "gzip", text.clone(), "unreachable bad-response", None),
        ("cut gzip", "gzip", gzip(&text)[..5000].to_vec(), "unreachable bad-response", None),
        ("wrong checksum", "gzip", broken, "unreachable bad-response", None),
        ("rest after gzip", "gzip", [gzip(&text), b"rest".to_vec()].concat(), "ok", Some(text.len())),
    ];
    for (name, coding, body, want, length) in table {
        let reply = Reply::ok("text/html", body).with("Content-Encoding", coding);
        let web = Web::start(move |_| reply.clone()).await;
        let visited = Visits::of(&web).quick().url("http://a.net/").one().await;
        assert_eq!(said(&visited), want, "{name}: {}", detail(&visited));
        assert_eq!(visited.body.map(|body| body.bytes.len()), length, "{name}");
    }
}

/// H28: only what can be a page is read.
#[tokio::test]
async fn h28_h40_other_content_is_not_read() {
    let web = Web::start(|asked| {
        let kind = match asked.path.as_str() {
            "/png" => "image/png",
            "/pdf" => "application/pdf",
            "/events" => "text/event-stream",
            "/plain" => "text/plain",
            _ => "text/html",
        };
        match asked.path.as_str() {
            "/events" => Reply::Endless(
                format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n").into_bytes(),
                b"data: x\n\n".to_vec(),
                Duration::from_millis(5),
            ),
            "/gone" => Reply::Page(404, vec![("Content-Type", kind.to_owned())], b"gone".to_vec()),
            "/large" => Reply::ok(kind, vec![b'x'; 5 << 20]),
            _ => Reply::ok(kind, b"content".to_vec()),
        }
    })
    .await;
    let mut visits = Visits::of(&web).quick();
    for path in ["png", "pdf", "events", "plain", "html", "gone", "large"] {
        visits = visits.url(&format!("http://a.net/{path}"));
    }
    let all = visits.run().await;
    let said: Vec<_> = all.iter().map(said).collect();
    assert_eq!(
        said,
        [
            "ok content-type",
            "ok content-type",
            "ok content-type",
            "ok",
            "ok",
            "broken http-404",
            "ok body-too-large"
        ]
    );
    let read: Vec<_> = all.iter().map(|visited| visited.body.is_some()).collect();
    assert_eq!(read, [false, false, false, true, true, false, false]);
}

/// HTTP/2, and a stream that is reset.
#[tokio::test]
async fn h32_http2() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/reset" => Reply::raw(""),
        "/moved" => Reply::redirect(301, "/page"),
        _ => Reply::html("over h2"),
    })
    .await;
    let all = Visits::of(&web)
        .quick()
        .with(|settings| settings.host.concurrency = 1)
        .url("https://h2.net/moved")
        .url("https://h2.net/reset")
        .run()
        .await;
    assert_eq!(all.iter().map(said).collect::<Vec<_>>(), ["redirected", "unreachable reset"]);
    assert_eq!(hops(&all[0]), ["301 https://h2.net/moved", "200 https://h2.net/page"]);
}

/// H01: what a status means is decided from the facts alone; here it only has to arrive.
#[tokio::test]
async fn h01_statuses_arrive() {
    let web = Web::start(|asked| Reply::status(asked.path.trim_start_matches('/').parse().unwrap())).await;
    let statuses = [200, 204, 206, 300, 400, 402, 404, 405, 410, 418, 421, 451, 599, 999];
    let mut visits = Visits::of(&web).quick();
    for status in statuses {
        visits = visits.url(&format!("http://a.net/{status}"));
    }
    let all = visits.run().await;
    let have: Vec<_> = all.iter().map(|visited| visited.visit.status().unwrap()).collect();
    assert_eq!(have, statuses);
}
