//! The service through the binary: what it tells the service manager, how it takes signals, how it ends.

mod process;
mod vitals;

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::support::cli::{command, run};

const YEARLY: &str = "cron = \"0 3 1 1 *\"\ntask = \"check\"\nmissed = \"skip\"\n";
const EVERY_SECOND: &str = "cron = \"* * * * * *\"\ntask = \"check\"\n";

/// A repository, and a service on it that talks to us as its service manager.
struct Bench {
    folder: Folder,
    socket: UnixDatagram,
    service: Child,
}

/// Where the repository is; removed with this value where it is ours.
struct Folder {
    path: PathBuf,
    _own: Option<TempDir>,
}

impl Folder {
    fn path(&self) -> &Path {
        &self.path
    }
}

impl Bench {
    /// On a repository of one entry and this schedule.
    fn start(schedule: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        repository(folder.path(), schedule);
        let bench = Self::on(folder.path());
        Self { folder: Folder { path: folder.path().to_owned(), _own: Some(folder) }, ..bench }
    }

    /// On a repository that is there.
    fn on(folder: &Path) -> Self {
        Self::with(folder, &[])
    }

    /// On a repository that is there, with flags.
    fn with(folder: &Path, flags: &[&str]) -> Self {
        let address = folder.join("notify");
        let socket = UnixDatagram::bind(&address).unwrap();
        // Only so that a failure ends; nothing is waited for by the clock.
        socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let service = command(folder, &[&["daemon"], flags].concat())
            .env("NOTIFY_SOCKET", &address)
            .env("WATCHDOG_USEC", "200000")
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self { folder: Folder { path: folder.to_owned(), _own: None }, socket, service }
    }

    /// The next datagram, whatever it is.
    fn datagram(&self) -> String {
        let mut buffer = [0; 4096];
        let length = self.socket.recv(&mut buffer).expect("the service says something");
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    }

    /// The next datagram that is not the watchdog's.
    fn told(&self) -> String {
        loop {
            let told = self.datagram();
            if told.trim_end() != "WATCHDOG=1" {
                return told;
            }
        }
    }

    /// Reads datagrams until one holds `part`; gives that one.
    fn until(&self, part: &str) -> String {
        loop {
            let told = self.told();
            if told.contains(part) {
                return told;
            }
        }
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.service.id().to_string()]).status();
        assert!(sent.unwrap().success());
    }

    /// Exit code and standard error.
    fn end(self) -> (i32, String) {
        let output = self.service.wait_with_output().unwrap();
        (output.status.code().unwrap_or(-1), String::from_utf8(output.stderr).unwrap())
    }
}

fn repository(folder: &Path, schedule: &str) {
    fs::create_dir_all(folder.join("content")).unwrap();
    fs::create_dir_all(folder.join("schedules")).unwrap();
    fs::write(folder.join("content/a.md"), "# A\n\n[b](b.md)\n").unwrap();
    fs::write(folder.join("linkdrift.toml"), "[[source]]\nname = \"content\"\npath = \"content\"\n").unwrap();
    fs::write(folder.join("schedules/first.toml"), schedule).unwrap();
}

/// Adds to the configuration.
fn configure(folder: &Path, table: &str) {
    let file = folder.join("linkdrift.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{text}\n{table}")).unwrap();
}

#[test]
fn p04_p12_ready_reload_and_stop_are_told_and_a_bad_reload_changes_nothing() {
    let bench = Bench::start(YEARLY);
    let ready = bench.told();
    assert!(ready.starts_with("READY=1\nSTATUS=next first at "), "{ready}");
    assert!(bench.folder.path().join("state/linkdrift.db").is_file(), "ready before the state was open");

    let second = bench.folder.path().join("schedules/second.toml");
    fs::write(&second, EVERY_SECOND.replace("* * * * * *", "* * * *")).unwrap();
    bench.signal("HUP");
    let reloading = bench.told();
    let since = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").expect("the time of the reload");
    assert!(since.trim_end().parse::<u64>().unwrap() > 0);
    let after = bench.told();
    assert!(after.starts_with("READY=1\n") && after.contains("the old one stays"), "{after}");

    fs::write(&second, YEARLY.replace("0 3 1 1 *", "0 0 2 1 *")).unwrap();
    fs::remove_file(bench.folder.path().join("schedules/first.toml")).unwrap();
    bench.signal("HUP");
    assert!(bench.told().starts_with("RELOADING=1\n"));
    let after = bench.told();
    assert!(after.starts_with("READY=1\nSTATUS=next second at "), "{after}");

    bench.signal("TERM");
    assert!(bench.told().starts_with("STOPPING=1\n"));
    let (code, stderr) = bench.end();
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("second.toml:1:9"), "{stderr}");
}

#[test]
fn p01_runs_begin_at_their_time_and_a_stop_leaves_a_sound_state() {
    let bench = Bench::start(EVERY_SECOND);
    bench.until("running first");
    bench.until("STATUS=next first");
    bench.signal("TERM");
    bench.until("STOPPING=1");
    let Bench { folder, service, .. } = bench;
    assert_eq!(service.wait_with_output().unwrap().status.code(), Some(0));
    let sound = run(folder.path(), &["state", "check"]);
    assert_eq!(sound.code, 0, "{}{}", sound.stdout, sound.stderr);
}

#[test]
fn p04_the_watchdog_is_fed_by_the_loop() {
    let bench = Bench::start(YEARLY);
    assert!(bench.datagram().starts_with("READY=1\n"));
    for _ in 0..3 {
        assert_eq!(bench.datagram().trim_end(), "WATCHDOG=1");
    }
    bench.signal("TERM");
    bench.until("STOPPING=1");
    assert_eq!(bench.end().0, 0);
}

#[test]
fn p02_an_interrupt_ends_with_130() {
    let bench = Bench::start(YEARLY);
    bench.until("READY=1");
    bench.signal("INT");
    assert_eq!(bench.end().0, 130);
}

#[test]
fn p04_a_wrong_schedule_ends_with_3_before_ready() {
    let bench = Bench::start("cron = \"0 25 * * *\"\ntask = \"check\"\n");
    bench.socket.set_nonblocking(true).unwrap();
    let socket = bench.socket.try_clone().unwrap();
    let (code, stderr) = bench.end();
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains("first.toml:1:11"), "{stderr}");
    assert!(socket.recv(&mut [0; 64]).is_err(), "something was told");
}

#[test]
fn p06_a_state_that_another_run_holds_is_waited_for() {
    let first = Bench::start(YEARLY);
    first.until("READY=1");
    fs::remove_file(first.folder.path().join("notify")).unwrap();
    let waits = |bench: &Bench| {
        let told = bench.told();
        let holder = format!("(process {})", first.service.id());
        assert!(
            told.contains("waiting for the run that holds the state") && told.contains(&holder),
            "{told}"
        );
    };
    let second = Bench::on(first.folder.path());
    waits(&second);
    second.signal("TERM");
    let (code, stderr) = second.end();
    assert_eq!(code, 0, "who waits can be stopped: {stderr}");
    fs::remove_file(first.folder.path().join("notify")).unwrap();
    let third = Bench::on(first.folder.path());
    waits(&third);
    first.signal("TERM");
    third.until("READY=1");
    third.signal("TERM");
    assert_eq!(third.end().0, 0);
}

/// As at a start: a folder that is gone for a moment does not end all work.
#[test]
fn p12_a_reload_without_schedules_keeps_the_old_ones() {
    let bench = Bench::start(YEARLY);
    bench.until("READY=1");
    let schedules = bench.folder.path().join("schedules");
    fs::rename(&schedules, bench.folder.path().join("elsewhere")).unwrap();
    bench.signal("HUP");
    bench.until("RELOADING=1");
    bench.until("the old one stays");
    bench.signal("TERM");
    let (code, stderr) = bench.end();
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("no schedules in"), "{stderr}");
}

/// A source in git that nobody brings up to date is told at the start and after a reload, once each.
#[test]
fn a_source_in_git_that_no_schedule_syncs_is_told() {
    let folder = tempfile::tempdir().unwrap();
    repository(folder.path(), YEARLY);
    configure(folder.path(), "[[source]]\nname = \"far\"\ngit = \"https://git.invalid/far.git\"\n");
    let mut bench = Bench::on(folder.path());
    bench.until("READY=1");
    bench.signal("HUP");
    bench.until("RELOADING=1");
    bench.until("READY=1");
    bench.signal("TERM");
    bench.folder._own = Some(folder);
    let (code, stderr) = bench.end();
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(stderr.matches("source far: in git, and no schedule").count(), 2, "{stderr}");
}

#[test]
fn a_service_without_schedules_or_without_a_state_that_lasts_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(folder.path(), &["daemon"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("needs a state that lasts"), "{}", ran.stderr);
    repository(folder.path(), YEARLY);
    fs::remove_file(folder.path().join("schedules/first.toml")).unwrap();
    let ran = run(folder.path(), &["daemon"]);
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("no schedules"), "{}", ran.stderr);
}
