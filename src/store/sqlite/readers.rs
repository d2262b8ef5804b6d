//! The readers: a few threads, each with a connection of its own that cannot write.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::fault::{Fault, Outcome};
use super::file;
use super::writer::QUIET;
use crate::store::StoreError;

/// Reads at once.
const READERS: usize = 3;

type Work = Box<dyn FnOnce(&Connection) + Send>;

/// What waits to be read.
#[derive(Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    news: Condvar,
}

#[derive(Default)]
struct Waiting {
    work: VecDeque<Work>,
    closed: bool,
}

/// The way to the readers' threads. They end when it is dropped.
pub(super) struct Readers {
    path: PathBuf,
    queue: Arc<Queue>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    /// Starts the threads.
    pub(super) fn start(path: &Path) -> Result<Self, StoreError> {
        let queue = Arc::new(Queue::default());
        let mut readers = Self { path: path.to_owned(), queue: queue.clone(), threads: Vec::new() };
        for _ in 0..READERS {
            let connection = file::open_reading(path).map_err(|fault| fault.told(path, "open the state"))?;
            let queue = Arc::clone(&queue);
            let thread = std::thread::Builder::new()
                .name("state-reader".into())
                .spawn(move || serve(&connection, &queue))
                .map_err(|error| StoreError::Failed {
                    path: path.to_owned(),
                    why: format!("cannot start a reader: {error}"),
                })?;
            readers.threads.push(thread);
        }
        Ok(readers)
    }

    /// Reads in one transaction, so that all of it is of one moment.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        doing: &'static str,
        read: impl FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let read = self.run(move |connection| in_transaction(connection, read)).await?;
        read.map_err(|fault| fault.told(&self.path, doing))
    }

    /// Reads outside a transaction: for statements that make their own, such as `VACUUM INTO`.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        run: impl FnOnce(&Connection) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let gone = || StoreError::Failed {
            path: self.path.clone(),
            why: "a read did not end: a bug in linkdrift (it panicked)".into(),
        };
        let (put, value) = oneshot::channel();
        let work: Work = Box::new(move |connection| {
            let _ = put.send(run(connection));
        });
        self.queue.waiting().work.push_back(work);
        self.queue.news.notify_one();
        value.await.map_err(|_| gone())
    }
}

impl Drop for Readers {
    /// Waits for reads under way: the connections must be closed before the file may go.
    fn drop(&mut self) {
        self.queue.waiting().closed = true;
        self.queue.news.notify_all();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn in_transaction<T>(
    connection: &Connection,
    read: impl FnOnce(&Connection) -> Outcome<T>,
) -> Result<T, Fault> {
    connection.prepare_cached("BEGIN")?.execute([])?;
    let value = read(connection);
    // A reading transaction has nothing to lose; one that cannot be ended shows itself at the next BEGIN.
    let _ = connection.prepare_cached("ROLLBACK").and_then(|mut end| end.execute([]));
    value
}

impl Queue {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next piece of work; `None` when there will be none. Calls `rest` where it was quiet for a while: a reader keeps no pages in
    /// memory for work that does not come.
    fn next(&self, rest: impl FnOnce()) -> Option<Work> {
        let idle = |waiting: &mut Waiting| waiting.work.is_empty() && !waiting.closed;
        let waited = self.news.wait_timeout_while(self.waiting(), QUIET, idle);
        let (mut waiting, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() {
            drop(waiting);
            rest();
            waiting = self.news.wait_while(self.waiting(), idle).unwrap_or_else(PoisonError::into_inner);
        }
        waiting.work.pop_front()
    }
}

fn serve(connection: &Connection, queue: &Queue) {
    let rest = || {
        let _ = connection.execute_batch("PRAGMA shrink_memory");
    };
    while let Some(work) = queue.next(rest) {
        // A bug in one read must not take the thread; its caller hears that no value came.
        let _ = std::panic::catch_unwind(AssertUnwindSafe(|| work(connection)));
        if !connection.is_autocommit() {
            let _ = connection.execute_batch("ROLLBACK");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_in_a_read_costs_that_read_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        file::create(&path).unwrap();
        let readers = Readers::start(&path).unwrap();
        for _ in 0..2 * READERS {
            let bug = |_: &Connection| -> Outcome<()> { panic!("a bug") };
            let refused = readers.read("read", bug).await.unwrap_err().to_string();
            assert!(refused.contains("a bug in linkdrift"), "{refused}");
        }
        let count = |connection: &Connection| {
            Ok(connection.query_row("SELECT count(*) FROM host", [], |row| row.get::<_, i64>(0))?)
        };
        for _ in 0..2 * READERS {
            assert_eq!(readers.read("count", count).await.unwrap(), 0);
        }
    }

    #[tokio::test]
    async fn a_reader_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        file::create(&path).unwrap();
        let readers = Readers::start(&path).unwrap();
        let write =
            |connection: &Connection| Ok(connection.execute("INSERT INTO host (name) VALUES ('a')", [])?);
        readers.read("write", write).await.unwrap_err();
    }
}
