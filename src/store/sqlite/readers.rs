//! The readers: a few threads, each with a connection of its own that cannot write.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::fault::{Fault, Outcome};
use super::file;
use crate::store::StoreError;

/// Reads at once.
const READERS: usize = 3;

type Work = Box<dyn FnOnce(&Connection) + Send>;

/// The way to the readers' threads. They end when it is dropped.
pub(super) struct Readers {
    path: PathBuf,
    work: Option<Sender<Work>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    /// Starts the threads.
    pub(super) fn start(path: &Path) -> Result<Self, StoreError> {
        let (work, queue) = mpsc::channel::<Work>();
        let queue = Arc::new(Mutex::new(queue));
        let mut readers = Self { path: path.to_owned(), work: Some(work), threads: Vec::new() };
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
        let gone = || StoreError::Failed { path: self.path.clone(), why: "the readers stopped".into() };
        let (put, value) = oneshot::channel();
        let work: Work = Box::new(move |connection| {
            let _ = put.send(run(connection));
        });
        self.work.as_ref().and_then(|queue| queue.send(work).ok()).ok_or_else(gone)?;
        value.await.map_err(|_| gone())
    }
}

impl Drop for Readers {
    /// Waits for reads under way: the connections must be closed before the file may go.
    fn drop(&mut self) {
        self.work = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn in_transaction<T>(
    connection: &Connection,
    read: impl FnOnce(&Connection) -> Outcome<T>,
) -> Result<T, Fault> {
    connection.execute_batch("BEGIN")?;
    let value = read(connection);
    // A reading transaction has nothing to lose; one that cannot be ended shows itself at the next BEGIN.
    let _ = connection.execute_batch("ROLLBACK");
    value
}

fn serve(connection: &Connection, queue: &Mutex<Receiver<Work>>) {
    loop {
        let work = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match work {
            Ok(work) => work(connection),
            Err(_) => return,
        }
    }
}
