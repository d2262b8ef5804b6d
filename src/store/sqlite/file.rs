//! The state as a file: what it is, who holds it, how connections to it are opened.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};

use super::fault::{Fault, Outcome};
use super::migration::{self, SCHEMA};
use crate::store::StoreError;

/// `application_id` in the file's header (<https://www.sqlite.org/fileformat.html#application_id>): "lnkd".
pub(super) const APPLICATION_ID: u32 = 0x6c6e_6b64;

/// How long a connection waits for another process's transaction; ours last 200 ms, but a process may be stopped in one.
pub(super) const BUSY: Duration = Duration::from_secs(30);

/// How much durability is bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Durability {
    /// Every commit survives power loss.
    Full,
    /// The file is removed at the end anyway.
    None,
}

/// The lock of a run: held as long as this lives, released by the system when the process dies, however it dies.
#[derive(Debug)]
pub(super) struct RunLock(#[expect(dead_code, reason = "held, not used")] File);

/// The files of a database, by what is appended to its name.
const PARTS: [&str; 4] = ["", "-journal", "-wal", "-shm"];

/// What stands at a path, told from the file's first bytes alone, so that a file that is not ours is never touched.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing, or an empty file that nobody used as a state before.
    Nothing,
    /// A state of linkdrift.
    State,
    /// Something else.
    Foreign(String),
}

/// What tells one file from another: device and inode, where the system has them.
pub(super) type Identity = (u64, u64);

/// Which file stands at `path`; `None` where none does, or where the system does not say.
pub(super) fn identity(path: &Path) -> Option<Identity> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

/// Whether anybody may put a file of theirs in the state's place: everybody may write to its folder, and no sticky bit holds them to
/// their own files.
pub(super) fn open_to_everybody(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::metadata(folder).is_ok_and(|metadata| metadata.permissions().mode() & 0o1002 == 0o002)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// Lets the group of the state's folder use the state's files as the folder lets it: who may write to the folder may replace them
/// anyway, and SQLite makes them 0644 whatever the umask allows; `-wal` and `-shm` take the mode of the state. What the superuser made in
/// a folder of another user becomes that user's: the service could not write to it. Best effort; must be called before a connection is
/// open, for closing a file gives up SQLite's locks on it (<https://www.sqlite.org/howtocorrupt.html>, 2.2).
pub(super) fn share(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let Ok(folder) = fs::metadata(folder) else { return };
        for suffix in PARTS.into_iter().chain([".lock", ".turn"]) {
            let name = beside(path, suffix);
            let Some((file, found)) = own_file(&name) else { continue };
            let foreign = found.uid() == 0 && folder.uid() != 0;
            if foreign {
                let _ = std::os::unix::fs::fchown(&file, Some(folder.uid()), Some(folder.gid()));
            }
            let wanted = if folder.mode() & 0o020 == 0 { 0 } else { 0o060 };
            let mode = found.mode() & 0o7777;
            if (foreign || found.gid() == folder.gid()) && mode | wanted != mode {
                let _ = file.set_permissions(fs::Permissions::from_mode(mode | wanted));
            }
        }
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// Gives the file at `path` the owner and mode of the one that it is to replace.
pub(super) fn like(path: &Path, model: &fs::Metadata) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
        let Some((file, _)) = own_file(path) else { return };
        // Only the superuser gives a file away; whoever is in the group may give it to the group.
        if fchown(&file, Some(model.uid()), Some(model.gid())).is_err() {
            let _ = fchown(&file, None, Some(model.gid()));
        }
        let _ = file.set_permissions(fs::Permissions::from_mode(model.mode() & 0o777));
    }
    #[cfg(not(unix))]
    let _ = (path, model);
}

/// A regular file that has this name alone: where others may write to the folder, a link must not lead the superuser to another file.
#[cfg(unix)]
fn own_file(path: &Path) -> Option<(File, fs::Metadata)> {
    use std::os::unix::fs::MetadataExt;
    let named = fs::symlink_metadata(path).ok().filter(|named| named.is_file() && named.nlink() == 1)?;
    let file = File::open(path).ok()?;
    let opened = file.metadata().ok()?;
    (opened.dev() == named.dev() && opened.ino() == named.ino()).then_some((file, opened))
}

/// `path` with `suffix` appended to its name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// Looks at a file without opening it as a database. `Found::Nothing` says nothing about whether it could be created.
pub(super) fn look(path: &Path) -> Result<Found, StoreError> {
    let failed = |error: std::io::Error| StoreError::Failed {
        path: path.to_owned(),
        why: format!("cannot read the state: {error}"),
    };
    // A device or a pipe is not even opened: that may wait for ever.
    let opened = fs::metadata(path).and_then(|metadata| {
        let regular = metadata.is_file() || metadata.is_dir();
        regular.then(|| File::open(path)).transpose()
    });
    let mut file = match opened {
        Ok(Some(file)) => file,
        Ok(None) => return Ok(Found::Foreign("a device or a pipe, not a file".into())),
        // SQLite would read a log that was left behind into whatever database comes to stand beside it
        // (<https://www.sqlite.org/howtocorrupt.html>, 1.4).
        Err(error) if error.kind() == ErrorKind::NotFound && has_log(path) => {
            return Ok(Found::Foreign("missing, but its write-ahead log is there".into()));
        }
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(failed(error)),
    };
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_dir() {
        return Ok(Found::Foreign("a folder, not a state file".into()));
    }
    let mut header = Vec::with_capacity(100);
    Read::by_ref(&mut file).take(100).read_to_end(&mut header).map_err(failed)?;
    Ok(match header.get(68..72) {
        // A state is created under another name and then renamed: an empty file at its place was emptied by something else.
        None if header.is_empty() && has_log(path) => {
            Found::Foreign("an empty file where a state was".into())
        }
        None if header.is_empty() => Found::Nothing,
        _ if !header.starts_with(b"SQLite format 3\0") => Found::Foreign("not a database".into()),
        None => Found::Foreign("a database that was cut off".into()),
        Some(id) if id == APPLICATION_ID.to_be_bytes() => Found::State,
        Some(_) => Found::Foreign("a database of another program".into()),
    })
}

fn has_log(path: &Path) -> bool {
    ["-wal", "-journal"].iter().any(|suffix| beside(path, suffix).exists())
}

impl RunLock {
    /// Takes the lock of the state at `path`, or says who holds it.
    pub(super) fn take(path: &Path) -> Result<Self, StoreError> {
        let lock_path = beside(path, ".lock");
        let failed = |error: std::io::Error| StoreError::Failed {
            path: lock_path.clone(),
            why: format!("cannot lock the state: {error}"),
        };
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&lock_path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = file.take(20).read_to_string(&mut holder);
                let digits: String = holder.chars().take_while(char::is_ascii_digit).collect();
                return Err(StoreError::Locked {
                    path: path.to_owned(),
                    holder: if digits.is_empty() { "unknown".into() } else { digits },
                });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        // The pid is for the reader of the message above; the lock does not depend on it, and a full disk may refuse it.
        let _ = file.set_len(0);
        let _ = file.rewind();
        let _ = writeln!(file, "{}", std::process::id());
        Ok(Self(file))
    }
}

/// Creates a state under another name and moves it to its place, so that a half-made one is never found there.
/// The caller holds the lock.
pub(super) fn create(path: &Path) -> Result<(), StoreError> {
    let fresh = beside(path, ".new");
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full { path: path.to_owned() },
        _ => StoreError::Failed { path: path.to_owned(), why: format!("cannot create the state: {error}") },
    };
    for suffix in PARTS {
        match fs::remove_file(beside(&fresh, suffix)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    let made = (|| {
        let mut connection = Connection::open(&fresh)?;
        // Both must be set before the first table: the space that pruning frees can be given back page by page.
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
        migration::migrate(&mut connection)?;
        // Kept in the file: who opens it need not change it, and an interrupted change leaves a journal that a reader cannot roll back.
        let _: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
        connection.close().map_err(|(_, error)| error.into())
    })();
    if let Err(fault) = made {
        for suffix in PARTS {
            let _ = fs::remove_file(beside(&fresh, suffix));
        }
        return Err(Fault::told(fault, path, "create the state"));
    }
    File::open(&fresh).and_then(|file| file.sync_all()).map_err(failed)?;
    fs::rename(&fresh, path).map_err(failed)?;
    sync_folder(path);
    Ok(())
}

/// Makes a rename in the folder of `path` durable; where the system cannot, the rename is durable soon.
pub(super) fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

/// Opens for reading only; works beside a run.
pub(super) fn open_reading(path: &Path) -> Outcome<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = reading(Connection::open_with_flags(path, flags)?);
    // A database with a write-ahead log needs files beside it even for reading. Where this user may make none and nobody has one
    // open (there is no log), the file stands still and is read as it is.
    match (opened, still(path)) {
        (Err(Fault::Sqlite(error)), Some(uri))
            if matches!(error.sqlite_error_code(), Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen)) =>
        {
            let flags = flags | OpenFlags::SQLITE_OPEN_URI;
            reading(Connection::open_with_flags(&uri, flags)?)
        }
        (opened, _) => opened,
    }
}

fn reading(connection: Connection) -> Outcome<Connection> {
    harden(&connection)?;
    connection.pragma_update(None, "query_only", true)?;
    migration::schema_of(&connection)?;
    Ok(connection)
}

/// How a file without a log is named to SQLite so that it is taken to stand still
/// (<https://www.sqlite.org/uri.html#uriimmutable>).
fn still(path: &Path) -> Option<String> {
    let name = path.to_str().filter(|name| name.starts_with('/') && !has_log(path))?;
    let name = name.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    Some(format!("file:{name}?immutable=1"))
}

/// Opens for writing, at our schema.
pub(super) fn open_writing(path: &Path, durability: Durability) -> Outcome<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    // SQLite opens a file that this user may only read all the same, and refuses the first write: the service would be ready by then.
    if connection.is_readonly(rusqlite::MAIN_DB)? {
        return Err(Fault::Sqlite(rusqlite::Error::SqliteFailure(
            ffi::Error::new(ffi::SQLITE_READONLY),
            None,
        )));
    }
    harden(&connection)?;
    let _: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::None => "OFF",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "wal_autocheckpoint", 4000)?;
    let _: i64 =
        connection.pragma_update_and_check(None, "journal_size_limit", 16 << 20, |row| row.get(0))?;
    connection.pragma_update(None, "cache_size", -16_384)?;
    migration::migrate(&mut connection)?;
    Ok(connection)
}

/// Whether a state was written by a newer linkdrift; opens for reading only, so that such a file is not touched.
pub(super) fn refuse_newer(path: &Path) -> Result<u32, StoreError> {
    let schema = open_reading(path)
        .and_then(|connection| migration::schema_of(&connection))
        .map_err(|fault| fault.told(path, "open the state"))?;
    if schema > SCHEMA {
        return Err(StoreError::Newer { path: path.to_owned(), found: schema, known: SCHEMA });
    }
    Ok(schema)
}

/// What every connection is told: a file may have been tampered with.
fn harden(connection: &Connection) -> Outcome<()> {
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    // Plans do not depend on values: otherwise statements with `LIMIT ?` are prepared anew for each.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    Ok(())
}
