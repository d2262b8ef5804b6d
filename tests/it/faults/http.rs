//! HTTP servers (H): frames that break HTTP/2, bodies that never end, headers that ask for more than an answer.

use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use linkdrift::visit::facts::Validators;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::Notify;

use crate::support::cli::command;
use crate::support::help::Help;
use crate::support::not_run_here;
use crate::support::web::{Reply, Then, Web};
use crate::visit::{Visits, detail, hops, said};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n";

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 4;

/// A frame of HTTP/2 (RFC 9113 §4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// The server's settings, which come first, and then these.
fn frames(more: &[Vec<u8>]) -> Vec<u8> {
    [frame(SETTINGS, 0, 0, &[]), more.concat()].concat()
}

/// What is said of a page at a host that breaks HTTP/2 in this way and knows HTTP/1.1; how often it was asked, and the number of
/// requests and attempts of the visit.
async fn of_frames(reply: Reply) -> (String, usize, (u32, u32)) {
    let web = Web::start(move |asked| match asked.scheme {
        "h2" => reply.clone(),
        _ => Reply::html("over HTTP/1.1"),
    })
    .await;
    let visited = Visits::of(&web).quick().url("https://frames.net/").one().await;
    (said(&visited), web.requests().len(), (visited.requests, visited.visit.attempts))
}

/// Whatever breaks HTTP/2 is answered by one more attempt over HTTP/1.1, which no repeat is counted for; H33 is the first row.
#[tokio::test]
async fn h32_h33_http2_that_fails_is_left_for_http1() {
    let fine = frame(HEADERS, END_HEADERS, 1, &[0x88]);
    let code = |reason: u32| reason.to_be_bytes().to_vec();
    let goaway = |last: u32, reason: u32| [code(last), code(reason)].concat();
    let rows: Vec<(&str, Vec<u8>)> = vec![
        ("HTTP/1.1 after h2 was agreed", format!("{OK}Content-Length: 2\r\n\r\nhi").into_bytes()),
        ("reset at once", frames(&[frame(RST_STREAM, 0, 1, &code(2))])),
        ("HTTP/1.1 required", frames(&[frame(RST_STREAM, 0, 1, &code(13))])),
        (
            "reset in the body",
            frames(&[fine.clone(), frame(DATA, 0, 1, b"half"), frame(RST_STREAM, 0, 1, &code(2))]),
        ),
        ("going away before an answer", frames(&[frame(GOAWAY, 0, 0, &goaway(0, 2))])),
        ("going away, all is well", frames(&[frame(GOAWAY, 0, 0, &goaway(0, 0))])),
        ("settings of a wrong length", frame(SETTINGS, 0, 0, &[0; 5])),
        ("settings on a stream", frames(&[frame(SETTINGS, 0, 1, &[])])),
        ("a frame over the limit", frames(&[frame(HEADERS, END_HEADERS, 1, &[0; 20_000])])),
        ("a window of nothing more", frames(&[frame(WINDOW_UPDATE, 0, 1, &code(0))])),
        ("a window beyond all", frames(&[frame(WINDOW_UPDATE, 0, 0, &code(0x7fff_ffff))])),
        (
            "headers that do not decode",
            frames(&[frame(HEADERS, END_HEADERS, 1, &[0xff, 0xff, 0xff, 0xff, 0xff])]),
        ),
        ("an entry that no table has", frames(&[frame(HEADERS, END_HEADERS, 1, &[0x88, 0xff, 0x20])])),
        ("no status", frames(&[frame(HEADERS, END_HEADERS, 1, &[])])),
        ("data before headers", frames(&[frame(DATA, 0, 1, b"x")])),
        ("data of a stream that is none", frames(&[frame(DATA, 0, 7, b"x")])),
        ("a push that nobody asked for", frames(&[frame(5, END_HEADERS, 1, &[0, 0, 0, 2, 0x82])])),
        ("another frame amid headers", frames(&[frame(HEADERS, 0, 1, &[0x88]), frame(PING, 0, 0, &[0; 8])])),
    ];
    for (name, bytes) in rows {
        let of = of_frames(Reply::Raw(bytes, Then::Hang)).await;
        assert_eq!(of, ("ok".to_owned(), 2, (2, 2)), "{name}");
    }
}

/// What never ends over HTTP/2 ends at a limit: of frames (RUSTSEC-2024-0332 for CONTINUATION, RUSTSEC-2026-0258 for empty DATA), of
/// headers, or of time.
#[tokio::test]
async fn h32_rustsec_2026_0258_http2_that_never_ends() {
    let fine = frame(HEADERS, END_HEADERS, 1, &[0x88]);
    // One header of 4,000 bytes goes into the table, and is then named once a byte.
    let bomb =
        [&[0x88, 0x40, 1, b'x', 0x7f, 0xa1, 0x1e][..], &[b'y'; 4000][..], &[0xbe; 10_000][..]].concat();
    let endless = |head: Vec<u8>, piece: Vec<u8>| Reply::Endless(head, piece, Duration::ZERO);
    let rows = [
        ("table bomb", Reply::Raw(frames(&[frame(HEADERS, END_HEADERS, 1, &bomb)]), Then::Hang)),
        ("empty data", endless(frames(std::slice::from_ref(&fine)), frame(DATA, 0, 1, &[]).repeat(100))),
        (
            "empty continuation",
            endless(frames(&[frame(HEADERS, 0, 1, &[0x88])]), frame(CONTINUATION, 0, 1, &[]).repeat(100)),
        ),
        ("pings", endless(frames(&[]), frame(PING, 0, 0, &[0; 8]).repeat(100))),
        ("settings", endless(frames(&[]), frame(SETTINGS, 0, 0, &[]).repeat(100))),
        (
            "early hints",
            endless(frames(&[]), frame(HEADERS, END_HEADERS, 1, &[0x08, 3, b'1', b'0', b'3']).repeat(100)),
        ),
    ];
    let checks = rows.map(|(name, reply)| async move { (name, of_frames(reply).await) });
    let mut ends = futures(checks).await;
    ends.sort();
    let all: Vec<_> =
        ends.iter().map(|(name, (said, requests, _))| format!("{name}: {said}, {requests}")).collect();
    let late = "unreachable read-timeout, 1";
    assert_eq!(
        all,
        [
            &format!("early hints: {late}"),
            "empty continuation: ok, 2",
            "empty data: ok, 2",
            &format!("pings: {late}"),
            &format!("settings: {late}"),
            "table bomb: ok, 2",
        ]
    );
}

/// All at once.
async fn futures<T: Send + 'static>(
    all: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let mut set: tokio::task::JoinSet<T> = all.into_iter().collect();
    let mut done = Vec::new();
    while let Some(one) = set.join_next().await {
        done.push(one.expect("no panic"));
    }
    done
}

/// H17: two ways to say where a body ends. hyper takes the coding that says it last, and nothing that is no such coding.
#[tokio::test]
async fn h17_lengths_and_codings_that_disagree() {
    let chunks = "5\r\nhello\r\n0\r\n\r\n";
    let rows = [
        (
            "chunked and a length",
            format!("{OK}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}"),
            "ok",
            Some(5),
        ),
        (
            "identity, chunked",
            format!("{OK}Transfer-Encoding: identity, chunked\r\n\r\n{chunks}"),
            "ok",
            Some(5),
        ),
        (
            "chunked is not last",
            format!("{OK}Transfer-Encoding: chunked, gzip\r\n\r\n{chunks}"),
            "ok",
            Some(15),
        ),
        (
            "chunked over HTTP/1.0",
            format!(
                "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}"
            ),
            "unreachable bad-response",
            None,
        ),
        (
            "twice the same length",
            format!("{OK}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
            "ok",
            Some(5),
        ),
        (
            "a length with a sign",
            format!("{OK}Content-Length: +5\r\n\r\nhello"),
            "unreachable bad-response",
            None,
        ),
    ];
    for (name, bytes, want, length) in rows {
        let reply = Reply::raw(bytes);
        let web = Web::start(move |_| reply.clone()).await;
        let visited = Visits::of(&web).quick().url("http://a.net/").one().await;
        assert_eq!(
            (said(&visited).as_str(), visited.body.map(|body| body.bytes.len())),
            (want, length),
            "{name}"
        );
    }
}

/// H18: chunks of a byte each are read, and what only pretends to be a body is bounded.
#[tokio::test]
async fn h18_chunks() {
    let chunked = format!("{OK}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    let rows: Vec<(&str, Vec<u8>, &[&str])> = vec![
        ("100,000 of a byte", [&chunked[..], &b"1\r\nx\r\n".repeat(100_000), b"0\r\n\r\n"].concat(), &["ok"]),
        (
            "an extension of 1 MB",
            [&chunked[..], b"5;", &vec![b'x'; 1 << 20], b"\r\nhello\r\n0\r\n\r\n"].concat(),
            &["unreachable bad-response"],
        ),
        (
            "10,000 trailers",
            [&chunked[..], b"5\r\nhello\r\n0\r\n", &b"X: y\r\n".repeat(10_000), b"\r\n"].concat(),
            &["unreachable bad-response"],
        ),
        (
            "a size beyond all",
            [&chunked[..], b"fffffffffffffffff\r\nhello"].concat(),
            &["unreachable bad-response"],
        ),
        ("no end of line", [&chunked[..], b"5\r\nhelloXX0\r\n\r\n"].concat(), &["unreachable bad-response"]),
    ];
    for (name, bytes, want) in rows {
        let reply = Reply::raw(bytes);
        let web = Web::start(move |_| reply.clone()).await;
        let visited = Visits::of(&web).quick().url("http://a.net/").one().await;
        assert!(want.contains(&said(&visited).as_str()), "{name}: {} {}", said(&visited), detail(&visited));
    }
}

/// H23: heads that are almost right. What browsers read is read, the rest is no answer; control characters never arrive.
#[tokio::test]
async fn h23_heads_that_are_almost_http() {
    let length = "Content-Length: 5\r\n\r\nhello";
    let bad = "unreachable bad-response";
    let rows: Vec<(&str, Vec<u8>, &str)> = vec![
        (
            "bare line feeds",
            b"HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 5\n\nhello".to_vec(),
            "ok",
        ),
        ("a folded line", format!("{OK}X: a\r\n  b\r\n{length}").into(), "ok"),
        ("a NUL", format!("{OK}X: a\0b\r\n{length}").into(), bad),
        ("bytes that are no ASCII", [OK.as_bytes(), b"X: caf\xe9\r\n", length.as_bytes()].concat(), "ok"),
        ("HTTP/0.9", b"<html>hello</html>".to_vec(), bad),
        ("HTTP/2.0 in words", b"HTTP/2.0 200 OK\r\nContent-Length: 5\r\n\r\nhello".to_vec(), bad),
        ("a radio", b"ICY 200 OK\r\n\r\n".to_vec(), bad),
        ("a status of two digits", b"HTTP/1.1 20 OK\r\n\r\n".to_vec(), bad),
        ("a status of four digits", b"HTTP/1.1 2000 OK\r\n\r\n".to_vec(), bad),
        ("an alert of TLS", vec![0x15, 3, 3, 0, 2, 2, 40], bad),
    ];
    for (name, bytes, want) in rows {
        let reply = Reply::raw(bytes);
        let web = Web::start(move |_| reply.clone()).await;
        let visited = Visits::of(&web).quick().url("http://a.net/").one().await;
        assert_eq!(said(&visited), want, "{name}: {}", detail(&visited));
    }
}

/// H28: what never ends and is no page is not read at all.
#[tokio::test]
async fn h28_streams_are_not_read() {
    let web = Web::start(|asked| {
        let kind = asked.path.trim_start_matches('/').to_owned();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n");
        Reply::Endless(head.into_bytes(), b"--frame\r\n\r\ndata: x\n\n".to_vec(), Duration::from_millis(5))
    })
    .await;
    let kinds = [
        "multipart/x-mixed-replace;boundary=frame",
        "text/event-stream",
        "application/octet-stream",
        "video/mp4",
    ];
    let visits = kinds
        .iter()
        .fold(Visits::of(&web).quick(), |visits, kind| visits.url(&format!("http://a.net/{kind}")));
    for visited in visits.run().await {
        assert_eq!(said(&visited), "ok content-type", "{}", visited.url.as_str());
    }
}

/// H34, H31: headers that ask for something are facts of the answer, not orders: the next request goes where its URL says.
#[tokio::test]
async fn h34_headers_that_ask_for_more_are_ignored() {
    let web = Web::start(|asked| {
        match asked.path.as_str() {
            "/to" => Reply::redirect(302, "/page"),
            _ => Reply::html("<title>x</title>"),
        }
        .with("Alt-Svc", "h3=\":443\", h2=\"other.net:443\"; persist=1")
        .with("Link", "</style.css>; rel=preload, <http://other.net/>; rel=preconnect")
        .with("Strict-Transport-Security", "max-age=31536000; includeSubDomains; preload")
        .with("Clear-Site-Data", "\"*\"")
        .with("Refresh", "0; url=http://other.net/")
        .with("Accept-CH", "Sec-CH-UA")
    })
    .await;
    let visits = Visits::of(&web).with(|settings| settings.host.concurrency = 1);
    let all = visits.url("https://a.net/").url("http://a.net/to").url("http://a.net/again").run().await;
    assert_eq!(all.iter().map(said).collect::<Vec<_>>(), ["ok", "redirected", "ok"]);
    let asked: Vec<_> = web
        .requests()
        .into_iter()
        .map(|asked| format!("{}://{}{}", asked.scheme, asked.host, asked.path))
        .collect();
    assert_eq!(asked.len(), 4, "{asked:?}");
    for url in ["https://a.net/", "http://a.net/to", "http://a.net/page", "http://a.net/again"] {
        assert!(asked.contains(&url.to_owned()), "{url}: {asked:?}");
    }
}

/// H35: who is refused for his name is refused; no other name is tried.
#[tokio::test]
async fn h35_a_server_that_wants_a_browser() {
    let web = Web::start(|asked| match asked.header("user-agent") {
        Some(agent) if agent.contains("Mozilla") => Reply::html("for browsers"),
        _ => Reply::status(403),
    })
    .await;
    let visited = Visits::of(&web).url("http://a.net/").one().await;
    assert_eq!((said(&visited).as_str(), visited.requests), ("blocked forbidden", 1));
}

/// H21, H36: a machine that takes no connection, and one whose handshake comes a byte at a time.
#[tokio::test]
async fn h21_h36_connections_that_are_never_made() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let full = socket.listen(1).unwrap();
    let at = full.local_addr().unwrap();
    // Nobody accepts: these fill what the machine keeps, and every further SYN is dropped.
    let mut waiting = Vec::new();
    while let Ok(Ok(stream)) = tokio::time::timeout(Duration::from_millis(200), TcpStream::connect(at)).await
    {
        waiting.push(stream);
    }
    let drip = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dripping = drip.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = drip.accept().await {
            tokio::spawn(async move {
                use tokio::io::AsyncWriteExt;
                // A record of 16 KiB of a handshake that says it has begun.
                for byte in [0x16, 3, 3, 0x40, 0].into_iter().chain(std::iter::repeat(0)) {
                    if stream.write_all(&[byte]).await.is_err() {
                        return;
                    }
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            });
        }
    });
    let began = Instant::now();
    let all =
        Visits::at(at, dripping, Vec::new()).quick().url("http://a.net/").url("https://a.net/").run().await;
    assert_eq!(all.iter().map(said).collect::<Vec<_>>(), ["unreachable connect-timeout"; 2]);
    assert_eq!(hops(&all[0]), ["- http://a.net/"]);
    assert!(began.elapsed() < Duration::from_secs(20));
    drop(waiting);
}

/// H07: down to plain HTTP and up again; every hop is kept, and only what is permanent all the way asks for a new URL.
#[tokio::test]
async fn h07_up_and_down_between_schemes() {
    let web = Web::start(|asked| match (asked.scheme, asked.path.as_str()) {
        ("http", "/a") => Reply::redirect(301, "https://a.net/b"),
        ("https", "/b") => Reply::redirect(302, "http://a.net/c"),
        ("http", "/c") => Reply::redirect(308, "https://a.net/d"),
        _ => Reply::html("<title>x</title>"),
    })
    .await;
    let visited = Visits::of(&web).url("http://a.net/a").one().await;
    assert_eq!(said(&visited), "redirected");
    assert_eq!(
        hops(&visited),
        ["301 http://a.net/a", "302 https://a.net/b", "308 http://a.net/c", "200 https://a.net/d"]
    );
}

/// H30: a validator that would break a request, or is too long to be one, is never sent; a 304 may bring a body.
#[tokio::test]
async fn h30_validators_that_are_none() {
    let huge = format!("\"{}\"", "e".repeat(8 << 10));
    let web = Web::start(move |asked| match (asked.path.as_str(), asked.header("if-none-match")) {
        ("/huge", None) => Reply::html("<title>x</title>").with("ETag", huge.clone()),
        ("/weak", None) => Reply::html("<title>x</title>").with("ETag", "W/\"a\\\"b\""),
        ("/weak", Some("W/\"a\\\"b\"")) => {
            Reply::raw("HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nbody")
        }
        _ => Reply::status(400),
    })
    .await;
    let first = Visits::of(&web).url("http://a.net/huge").url("http://a.net/weak").run().await;
    let etags: Vec<_> =
        first.iter().map(|visited| visited.visit.answer.as_ref().unwrap().etag.clone()).collect();
    assert_eq!(etags, [None, Some("W/\"a\\\"b\"".to_owned())]);
    let mut again = Visits::of(&web);
    for (visited, etag) in first.iter().zip(etags) {
        let url = visited.url.as_str();
        again.add(url, Some(Validators { url: url.to_owned(), etag, last_modified: None }));
    }
    let all = again.run().await;
    assert_eq!(all.iter().map(|visited| visited.visit.status()).collect::<Vec<_>>(), [Some(200), Some(304)]);
}

/// H20, H26: bombs from many hosts at once stay within the memory for bodies in flight. When the last host is asked, all others are done
/// but a few; it is answered when the peak was read.
#[tokio::test(flavor = "multi_thread")]
async fn h20_h26_many_bombs_at_once() {
    const HOSTS: usize = 60;
    let bomb = zstd::encode_all(&vec![b' '; 256 << 20][..], 1).unwrap();
    let release = Arc::new(Notify::new());
    let held = release.clone();
    let help = Help::new(&[], move |asked| match asked.path.as_str() {
        "/robots.txt" => Reply::status(404),
        "/last" => Reply::When(held.clone(), Box::new(Reply::html("<title>Last</title>"))),
        "/endless" => Reply::Endless(format!("{OK}\r\n").into_bytes(), vec![b' '; 64 << 10], Duration::ZERO),
        _ => Reply::ok("text/html", bomb.clone()).with("Content-Encoding", "zstd"),
    })
    .await;
    let link = |n| format!("[x](http://h{n}.acme.net/{})\n\n", if n % 2 == 0 { "endless" } else { "bomb" });
    help.write("help/a.md", &((0..HOSTS).map(link).collect::<String>() + "[x](http://last.acme.net/last)\n"));
    let child = command(help.path(), &["check", "--timeout", "100s", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let peak = || -> Option<u64> {
        let text = std::fs::read_to_string(&status).ok()?;
        text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().trim_end_matches(" kB").parse().ok()
    };
    let began = Instant::now();
    while help.asked().len() <= HOSTS && began.elapsed() < Duration::from_secs(60) {
        tokio::task::yield_now().await;
    }
    let mut most = peak();
    release.notify_waiters();
    release.notify_one();
    let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap());
    while !output.is_finished() {
        most = most.max(peak());
        tokio::task::yield_now().await;
    }
    let report: serde_json::Value = serde_json::from_slice(&output.await.unwrap().stdout).unwrap();
    let too_large = report["targets"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|target| target["reason"] == "body-too-large")
        .count();
    assert_eq!(too_large, HOSTS, "{:#}", report["summary"]);
    // Without /proc there is nothing to read.
    let Some(most) = most else { return not_run_here("h20_h26", "there is no /proc") };
    assert!(most < 300 << 10, "{most} kB at the peak");
}
