//! The writer: one thread, one connection, work in the order of the calls, a commit per 200 pieces of work or 200 ms.

use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::fault::{Fault, Outcome};
use super::file;
use super::turn::Turn;
use crate::store::StoreError;

/// Work of a transaction before it is committed.
const BATCH: usize = 200;
/// Bytes of a transaction before it is committed, as far as the callers said.
const BATCH_BYTES: usize = 8 << 20;
/// How long a transaction stays open.
const BATCH_TIME: Duration = Duration::from_millis(200);
/// Quiet time after which the write-ahead log is emptied into the database.
pub(super) const QUIET: Duration = Duration::from_secs(5);
/// What the queue holds: this many KiB of work, each piece counting for at least one.
const QUEUE_KIB: u32 = 16 << 10;

/// A piece of work: SQL on the writer's connection, inside its transaction.
type Work = Box<dyn FnOnce(&Connection) -> Outcome<()> + Send>;

struct Job {
    doing: &'static str,
    work: Work,
    bytes: usize,
    done: Option<oneshot::Sender<Result<(), StoreError>>>,
    _room: OwnedSemaphorePermit,
}

/// The way to the writer's thread.
pub(super) struct Writer {
    path: PathBuf,
    jobs: Option<mpsc::Sender<Job>>,
    room: Arc<Semaphore>,
    failed: Arc<Mutex<Option<StoreError>>>,
    busy: Arc<Mutex<Option<Instant>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(connection: Connection, path: PathBuf, turn: Turn) -> Result<Self, StoreError> {
        let (jobs, queue) = mpsc::channel();
        let failed = Arc::new(Mutex::new(None));
        let busy = Arc::new(Mutex::new(None));
        let desk = Desk {
            connection,
            turn,
            path: path.clone(),
            home: file::identity(&path),
            failed: Arc::clone(&failed),
            busy: Arc::clone(&busy),
        };
        let thread = std::thread::Builder::new()
            .name("state-writer".into())
            .spawn(move || desk.run(&queue))
            .map_err(|error| StoreError::Failed {
                path: path.clone(),
                why: format!("cannot start the writer: {error}"),
            })?;
        Ok(Self {
            path,
            jobs: Some(jobs),
            room: Arc::new(Semaphore::new(QUEUE_KIB as usize)),
            failed,
            busy,
            thread: Some(thread),
        })
    }

    /// For how long the thread has been at what it does now; zero where it waits for work.
    pub(super) fn busy_for(&self) -> Duration {
        let busy = *self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// Queues work of about `bytes` bytes; waits while the queue is full. Fails with the first failure of any work before it.
    pub(super) async fn queue(
        &self,
        doing: &'static str,
        bytes: usize,
        work: impl FnOnce(&Connection) -> Outcome<()> + Send + 'static,
    ) -> Result<(), StoreError> {
        self.send(doing, bytes, Box::new(work), None).await
    }

    /// Does work and waits until it, and all before it, is durable.
    pub(super) async fn perform<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (put, mut value) = oneshot::channel();
        let (done, wait) = oneshot::channel();
        let work = move |connection: &Connection| {
            let _ = put.send(work(connection)?);
            Ok(())
        };
        self.send(doing, 0, Box::new(work), Some(done)).await?;
        wait.await.map_err(|_| self.gone())??;
        value.try_recv().map_err(|_| self.gone())
    }

    async fn send(
        &self,
        doing: &'static str,
        bytes: usize,
        work: Work,
        done: Option<oneshot::Sender<Result<(), StoreError>>>,
    ) -> Result<(), StoreError> {
        let kib = u32::try_from(bytes >> 10).unwrap_or(QUEUE_KIB).saturating_add(1).min(QUEUE_KIB);
        let room = Arc::clone(&self.room).acquire_many_owned(kib).await.map_err(|_| self.gone())?;
        if let Some(error) = self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            return Err(error);
        }
        let job = Job { doing, work, bytes, done, _room: room };
        self.jobs.as_ref().and_then(|jobs| jobs.send(job).ok()).ok_or_else(|| self.gone())
    }

    fn gone(&self) -> StoreError {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        failed.unwrap_or_else(|| StoreError::Failed {
            path: self.path.clone(),
            why: "the writer stopped; what was committed is safe".into(),
        })
    }
}

impl Drop for Writer {
    /// Commits what is queued and empties the write-ahead log.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The writer's side.
struct Desk {
    connection: Connection,
    turn: Turn,
    path: PathBuf,
    /// Which file stood at `path` when it was opened.
    home: Option<file::Identity>,
    failed: Arc<Mutex<Option<StoreError>>>,
    /// Since when it has been at the piece of work in hand.
    busy: Arc<Mutex<Option<Instant>>>,
}

/// A transaction that is open.
struct Batch {
    since: Instant,
    jobs: usize,
    bytes: usize,
    doing: &'static str,
}

impl Desk {
    fn run(mut self, queue: &Receiver<Job>) {
        let mut batch: Option<Batch> = None;
        let mut log_holds_work = false;
        loop {
            let patience = match &batch {
                Some(batch) => Some(BATCH_TIME.saturating_sub(batch.since.elapsed())),
                None => log_holds_work.then_some(QUIET),
            };
            let received = match patience {
                Some(patience) => queue.recv_timeout(patience),
                None => queue.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            self.note_busy(Some(Instant::now()));
            match received {
                Ok(job) => {
                    self.take(job, &mut batch);
                    log_holds_work = true;
                }
                Err(RecvTimeoutError::Timeout) if batch.is_some() => self.commit(&mut batch),
                Err(RecvTimeoutError::Timeout) => {
                    self.empty_log();
                    log_holds_work = false;
                }
                Err(RecvTimeoutError::Disconnected) => {
                    self.commit(&mut batch);
                    self.empty_log();
                    return;
                }
            }
            self.note_busy(None);
        }
    }

    fn note_busy(&self, since: Option<Instant>) {
        *self.busy.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }

    /// Does one job inside the open transaction, and commits where it is time to.
    fn take(&mut self, job: Job, batch: &mut Option<Batch>) {
        if self.failure().is_none() {
            if let Err(fault) = self.work(job.work, job.bytes, job.doing, batch) {
                self.fail(fault, job.doing, batch);
            } else if job.done.is_some()
                || batch.as_ref().is_some_and(|batch| {
                    batch.jobs >= BATCH || batch.bytes >= BATCH_BYTES || batch.since.elapsed() >= BATCH_TIME
                })
            {
                self.commit(batch);
            }
        }
        if let Some(done) = job.done {
            let _ = done.send(self.failure().map_or(Ok(()), Err));
        }
    }

    fn work(
        &mut self,
        work: Work,
        bytes: usize,
        doing: &'static str,
        batch: &mut Option<Batch>,
    ) -> Outcome<()> {
        let open = match batch {
            Some(open) => open,
            None => {
                self.turn.ask();
                self.connection.execute_batch("BEGIN IMMEDIATE")?;
                batch.insert(Batch { since: Instant::now(), jobs: 0, bytes: 0, doing })
            }
        };
        open.jobs += 1;
        open.bytes += bytes;
        open.doing = doing;
        // A bug in one piece of work must not take the thread, and with it the word on what became of the others.
        std::panic::catch_unwind(AssertUnwindSafe(|| work(&self.connection)))
            .unwrap_or_else(|_| Err(Fault::Damaged("a bug in linkdrift (it panicked)".into())))
    }

    fn commit(&mut self, batch: &mut Option<Batch>) {
        let Some(open) = batch.take() else { return };
        if let Err(error) = self.connection.execute_batch("COMMIT") {
            self.fail(error.into(), open.doing, batch);
        } else if file::identity(&self.path) != self.home {
            // Committed into a file that nobody will find: that must not be called stored.
            self.fail(Fault::Moved, open.doing, batch);
        } else {
            self.turn.end();
        }
    }

    /// Takes back what was not committed and refuses all further work: callers must not believe that later facts are stored while
    /// earlier ones are not.
    fn fail(&mut self, fault: Fault, doing: &str, batch: &mut Option<Batch>) {
        *batch = None;
        if !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        self.turn.end();
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.is_none() {
            *failed = Some(fault.told(&self.path, doing));
        }
    }

    fn failure(&self) -> Option<StoreError> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A reader that is still there keeps the log, and is not waited for: whoever closes the state, or is quiet, next empties it.
    fn empty_log(&self) {
        let _ = self.connection.busy_timeout(Duration::ZERO);
        let _ = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        // Nor is memory kept for work that does not come.
        let _ = self.connection.execute_batch("PRAGMA shrink_memory");
        let _ = self.connection.busy_timeout(file::BUSY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::file::Durability;
    use tempfile::TempDir;

    fn writer() -> (TempDir, PathBuf, Connection) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        file::create(&path).unwrap();
        let connection = file::open_writing(&path, Durability::Full).unwrap();
        (folder, path, connection)
    }

    fn names(path: &std::path::Path) -> Vec<String> {
        let connection = file::open_reading(path).unwrap();
        let mut statement = connection.prepare("SELECT name FROM host ORDER BY id").unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    fn put(name: String) -> impl FnOnce(&Connection) -> Outcome<()> + Send {
        move |connection| {
            connection.execute("INSERT INTO host (name) VALUES (?1)", [name])?;
            Ok(())
        }
    }

    #[tokio::test]
    async fn what_is_queued_is_committed_in_order_and_at_the_end() {
        let (_folder, path, connection) = writer();
        let writer = Writer::start(connection, path.clone(), Turn::Alone).unwrap();
        let expected: Vec<String> = (0..450).map(|number| format!("h{number:03}")).collect();
        for name in &expected {
            writer.queue("put", 100, put(name.clone())).await.unwrap();
        }
        let count = writer
            .perform("count", |connection| {
                Ok(connection.query_row("SELECT count(*) FROM host", [], |row| row.get::<_, i64>(0))?)
            })
            .await
            .unwrap();
        assert_eq!(count, 450);
        assert_eq!(names(&path), expected, "what was confirmed is there for others");
        writer.queue("put", 0, put("last".into())).await.unwrap();
        drop(writer);
        assert_eq!(names(&path).len(), 451);
        assert_eq!(std::fs::metadata(file::beside(&path, "-wal")).map_or(0, |log| log.len()), 0);
    }

    #[tokio::test]
    async fn s15_a_reader_that_stays_is_not_waited_for() {
        let (_folder, path, connection) = writer();
        let writer = Writer::start(connection, path.clone(), Turn::Alone).unwrap();
        writer.perform("put", put("a".into())).await.unwrap();
        let reader = file::open_reading(&path).unwrap();
        reader.execute_batch("BEGIN; SELECT count(*) FROM host").unwrap();
        writer.perform("put", put("b".into())).await.unwrap();
        drop(writer);
        let count: i64 = reader.query_row("SELECT count(*) FROM host", [], |row| row.get(0)).unwrap();
        assert_eq!(count, 1, "a reading transaction sees one moment");
        drop(reader);
        assert_eq!(names(&path), ["a", "b"]);
    }

    #[tokio::test]
    async fn more_than_the_queue_holds_waits_and_is_done() {
        let (_folder, path, connection) = writer();
        let writer = Writer::start(connection, path.clone(), Turn::Alone).unwrap();
        for number in 0..20 {
            writer.queue("put", 10 << 20, put(number.to_string())).await.unwrap();
        }
        writer.perform("commit", |_| Ok(())).await.unwrap();
        assert_eq!(names(&path).len(), 20);
    }

    #[tokio::test]
    async fn the_first_failure_stays_and_takes_back_what_was_not_confirmed() {
        let (_folder, path, connection) = writer();
        let writer = Writer::start(connection, path.clone(), Turn::Alone).unwrap();
        writer.perform("put", put("a".into())).await.unwrap();
        writer.queue("put", 0, put("b".into())).await.unwrap();
        writer.queue("put the same again", 0, put("a".into())).await.unwrap();
        let refused = writer.perform("commit", |_| Ok(())).await.unwrap_err().to_string();
        assert!(refused.contains("state.db: cannot put the same again"), "{refused}");
        for _ in 0..2 {
            let again = writer.perform("put", put("c".into())).await.unwrap_err().to_string();
            assert_eq!(again, refused);
            assert_eq!(writer.queue("put", 0, put("c".into())).await.unwrap_err().to_string(), refused);
        }
        drop(writer);
        assert_eq!(names(&path), ["a"]);
    }

    #[tokio::test]
    async fn s03_a_full_database_says_so_and_keeps_what_was_committed() {
        let (_folder, path, connection) = writer();
        let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        let _: i64 =
            connection.pragma_update_and_check(None, "max_page_count", pages + 20, |row| row.get(0)).unwrap();
        let writer = Writer::start(connection, path.clone(), Turn::Alone).unwrap();
        let mut confirmed = 0;
        let refused = loop {
            match writer.perform("put", put(format!("{confirmed:05}{}", "x".repeat(1000)))).await {
                Ok(()) => confirmed += 1,
                Err(error) => break error,
            }
        };
        assert!(matches!(refused, StoreError::Full { .. }), "{refused}");
        drop(writer);
        assert!(confirmed > 5);
        assert_eq!(names(&path).len(), confirmed);
    }

    /// P05.
    #[tokio::test]
    async fn p05_work_that_hangs_is_seen_from_outside() {
        let (_folder, path, connection) = writer();
        let writer = Writer::start(connection, path, Turn::Alone).unwrap();
        writer.perform("nothing", |_| Ok(())).await.unwrap();
        let (begun, is_begun) = mpsc::channel();
        let (let_go, is_let_go) = mpsc::channel::<()>();
        let hangs = move |_: &Connection| {
            let _ = begun.send(());
            let _ = is_let_go.recv();
            Ok(())
        };
        writer.queue("hang", 0, hangs).await.unwrap();
        is_begun.recv().unwrap();
        let before = writer.busy_for();
        std::hint::black_box(blake3::hash(&vec![0; 1 << 20]));
        assert!(writer.busy_for() > before, "it has been at it for longer");
        drop(let_go);
        writer.perform("nothing", |_| Ok(())).await.unwrap();
        while writer.busy_for() > Duration::ZERO {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_panic_in_work_is_an_error_for_the_caller() {
        let (_folder, path, connection) = writer();
        let writer = Writer::start(connection, path, Turn::Alone).unwrap();
        let work = |_: &Connection| -> Outcome<()> { panic!("a bug") };
        let refused = writer.perform("put", work).await.unwrap_err().to_string();
        assert!(refused.contains("cannot put: a bug"), "{refused}");
        writer.queue("put", 0, put("a".into())).await.unwrap_err();
    }
}
