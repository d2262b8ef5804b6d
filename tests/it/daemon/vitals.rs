//! `/metrics`, `/healthz` and `/readyz` of the service.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use linkdrift::time::{Clock, SystemClock};

use super::{Bench, EVERY_SECOND, YEARLY, configure, repository};
use crate::support::cli::{command, run};

/// The rest of what a service logs.
type Log = JoinHandle<String>;

/// Where a service that logs to `stderr` shows its metrics, as it says itself.
fn address(service: &mut Child) -> (SocketAddr, Log) {
    let mut stderr = BufReader::new(service.stderr.take().unwrap());
    let mut line = String::new();
    loop {
        line.clear();
        assert!(stderr.read_line(&mut line).unwrap() > 0, "the service ended");
        if let Some((_, address)) = line.split_once("listen.address=") {
            let address = address.trim().parse().unwrap();
            let rest = std::thread::spawn(move || {
                let mut rest = String::new();
                stderr.read_to_string(&mut rest).unwrap();
                rest
            });
            return (address, rest);
        }
    }
}

/// Status and body.
fn ask(address: SocketAddr, request: &str, host: &str) -> (u16, String) {
    let answer = try_to_ask(address, request, host).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
}

fn try_to_ask(address: SocketAddr, request: &str, host: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "{request} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map(|_| answer)
}

fn watched(schedule: &str) -> (Bench, SocketAddr, Log) {
    watched_with(schedule, &[])
}

fn watched_with(schedule: &str, flags: &[&str]) -> (Bench, SocketAddr, Log) {
    let folder = tempfile::tempdir().unwrap();
    repository(folder.path(), schedule);
    configure(folder.path(), "[metrics]\nlisten = \"127.0.0.1:0\"\n");
    let mut bench = Bench::with(folder.path(), flags);
    let (address, log) = address(&mut bench.service);
    bench.folder._own = Some(folder);
    (bench, address, log)
}

#[test]
fn metrics_and_health_can_be_read_by_whoever_asks_for_this_machine() {
    let (bench, address, log) = watched(EVERY_SECOND);
    bench.until("READY=1");
    bench.until("running first");
    bench.until("STATUS=next first");
    let own = address.to_string();
    for path in ["/healthz", "/readyz"] {
        assert_eq!(ask(address, &format!("GET {path}"), &own), (200, "ok\n".to_owned()), "{path}");
    }
    let (status, text) = ask(address, "GET /metrics", "localhost");
    assert_eq!(status, 200);
    let value = |name: &str| -> f64 {
        let line =
            text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name} in {text}"));
        line.rsplit(' ').next().unwrap().parse().unwrap()
    };
    assert!(value("linkdrift_runs_total{schedule=\"first\",outcome=\"done\"}") >= 1.0);
    assert!(value("linkdrift_schedule_last_success_time_seconds{schedule=\"first\"}") > 1e9);
    assert!(value("linkdrift_state_bytes{file=\"database\"}") > 0.0);
    assert!(value("process_resident_memory_bytes") > 1e6 && value("process_open_fds") > 3.0);
    assert_eq!(value("linkdrift_panics_total"), 0.0);
    // The findings of the run are counted a moment after it is told to be over.
    let findings = "linkdrift_findings{rule=\"link/missing-file\",severity=\"error\",state=\"open\"} 1";
    while !ask(address, "GET /metrics", "localhost").1.contains(findings) {
        bench.datagram();
    }
    for (request, host, status) in [
        ("GET /metrics", "evil.example", 421),
        ("GET /healthz", "localhost.evil.example", 421),
        ("POST /metrics", "localhost", 405),
        ("GET /", "localhost", 404),
        ("GET /metrics/../etc/passwd", "localhost", 404),
    ] {
        assert_eq!(ask(address, request, host).0, status, "{request} {host}");
    }
    bench.signal("TERM");
    bench.until("STOPPING=1");
    assert_eq!(bench.end().0, 0);
    log.join().unwrap();
}

/// What tasks that are no check came to before the service began is known, too.
#[test]
fn when_a_schedule_last_ended_well_is_known_after_a_start() {
    let folder = tempfile::tempdir().unwrap();
    repository(folder.path(), YEARLY);
    configure(folder.path(), "[metrics]\nlisten = \"127.0.0.1:0\"\n");
    std::fs::write(folder.path().join("schedules/copy.toml"), "cron = \"0 0 1 1 *\"\ntask = \"backup\"\n")
        .unwrap();
    let ran = run(folder.path(), &["run", "copy"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let mut bench = Bench::on(folder.path());
    let (address, log) = address(&mut bench.service);
    bench.until("READY=1");
    // Read a moment after it is ready; the bound is only so that a failure ends.
    let known = "linkdrift_schedule_last_success_time_seconds{schedule=\"copy\"} ";
    let told = (0..2000).any(|_| ask(address, "GET /metrics", "localhost").1.contains(known));
    bench.signal("TERM");
    bench.until("STOPPING=1");
    assert_eq!(bench.end().0, 0);
    log.join().unwrap();
    assert!(told);
}

#[test]
fn p07_a_port_in_use_is_told_before_ready() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    repository(folder.path(), YEARLY);
    let address = taken.local_addr().unwrap();
    configure(folder.path(), &format!("[metrics]\nlisten = \"{address}\"\n"));
    let ran = run(folder.path(), &["daemon"]);
    assert_eq!(ran.code, 1);
    let says = format!("error: cannot listen on {address} ([metrics] listen): Address already in use");
    assert!(ran.stderr.contains(&says), "{}", ran.stderr);

    repository(folder.path(), YEARLY);
    configure(folder.path(), "[metrics]\nlisten = \"0.0.0.0:9464\"\n");
    let ran = run(folder.path(), &["daemon"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("remote = true"), "{}", ran.stderr);
}

/// The first of the sockets that are handed over is taken where they are meant for this process, and none where they are not.
#[test]
fn p06_a_socket_that_is_handed_over_is_used() {
    let folder = tempfile::tempdir().unwrap();
    repository(folder.path(), YEARLY);
    let program = command(folder.path(), &[]).get_program().to_owned();
    for (count, copies) in [("1", "3<&0"), ("2", "3<&0 4<&0")] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let own = listener.local_addr().unwrap();
        // `exec` keeps the process, and with it the id that LISTEN_PID must be.
        let script = format!("LISTEN_PID=$$ LISTEN_FDS={count} exec \"$0\" daemon {copies} 0</dev/null");
        let mut service = Command::new("sh")
            .args(["-c", &script])
            .arg(&program)
            .current_dir(folder.path())
            .env_clear()
            .stdin(Stdio::from(OwnedFd::from(listener)))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (address, log) = address(&mut service);
        assert_eq!(address, own);
        assert_eq!(ask(address, "GET /healthz", "localhost").0, 200);
        let sent = Command::new("kill").arg(service.id().to_string()).status();
        assert!(sent.unwrap().success());
        assert_eq!(service.wait().unwrap().code(), Some(0), "{}", log.join().unwrap());
    }

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap();
    let socket = std::os::unix::net::UnixDatagram::bind(folder.path().join("told")).unwrap();
    let mut service = Command::new("sh")
        .args(["-c", "LISTEN_PID=1 LISTEN_FDS=1 exec \"$0\" daemon 3<&0 0</dev/null"])
        .arg(&program)
        .current_dir(folder.path())
        .env_clear()
        .env("NOTIFY_SOCKET", folder.path().join("told"))
        .stdin(Stdio::from(OwnedFd::from(listener)))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    socket.recv(&mut [0; 4096]).unwrap();
    // It has the socket, and does not listen to it: a connection is made by the system and never answered.
    let mut stream = TcpStream::connect(own).unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let sent = Command::new("kill").arg(service.id().to_string()).status();
    assert!(sent.unwrap().success());
    assert_eq!(service.wait().unwrap().code(), Some(0));
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert_eq!(String::from_utf8_lossy(&answer), "");
}

/// A schedule that is due once, in a moment, and then in a year.
fn once_soon() -> String {
    let soon = SystemClock.now() + chrono::TimeDelta::seconds(2);
    format!("cron = \"{}\"\ntask = \"check\"\ntimezone = \"UTC\"\n", soon.format("%-S %-M %-H %-d %-m *"))
}

/// The same process, behind the same socket, and whatever it is asked for meanwhile is done.
#[test]
fn a_service_with_much_memory_left_starts_anew_in_its_place_and_misses_no_signal() {
    let (bench, address, log) = watched_with(&once_soon(), &["--idle-memory", "1 MiB"]);
    bench.until("READY=1");
    bench.until("running first");
    bench.until("STATUS=next first");
    // What was accepted and not yet asked when the service ended is closed: never refused, and never without an end.
    let started = || {
        let metrics = match try_to_ask(address, "GET /metrics", "localhost") {
            Err(error) => {
                assert_ne!(error.kind(), std::io::ErrorKind::ConnectionRefused);
                return None;
            }
            Ok(metrics) => metrics,
        };
        metrics.lines().find(|line| line.starts_with("linkdrift_start_time_seconds ")).map(str::to_owned)
    };
    let first = started();
    assert!(first.is_some());
    bench.until("STATUS=starting anew");
    // Each of these would end a process that does not listen yet. Nobody else reads what the service says of them.
    bench.socket.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
    while started().is_none_or(|now| Some(now) == first) {
        for _ in 0..100 {
            bench.signal("HUP");
            while bench.socket.recv(&mut [0; 4096]).is_ok() {}
        }
    }
    bench.socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    bench.signal("TERM");
    let (code, _) = bench.end();
    let log = log.join().unwrap();
    assert_eq!(code, 0, "{log}");
    assert!(log.contains("starts anew in its place"), "{log}");
}

/// Nothing is taken over that nobody asked for.
#[test]
fn what_was_changed_on_disk_waits_for_a_reload_and_so_does_the_fresh_start() {
    let (bench, _, log) = watched_with(&once_soon(), &["--idle-memory", "1 MiB"]);
    bench.until("READY=1");
    configure(bench.folder.path(), "[visit]\nmax_retries = 1\n");
    bench.until("running first");
    bench.until("STATUS=next first");
    // Each of these is a look at the memory, too.
    for _ in 0..10 {
        assert_eq!(bench.datagram().trim_end(), "WATCHDOG=1");
    }
    bench.signal("HUP");
    bench.until("RELOADING=1");
    bench.until("STATUS=starting anew");
    bench.until("READY=1");
    bench.signal("TERM");
    let (code, _) = bench.end();
    assert_eq!(code, 0, "{}", log.join().unwrap());
}
