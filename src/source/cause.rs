//! Why something of a source could not be read, as far as it matters what follows from it.

use std::io;

/// Why a file or folder could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// It is in the file or folder: its mode, its size, its disk. The others can be read.
    Itself,
    /// It was there a moment ago.
    Vanished,
    /// It is in the machine, which has run out of descriptors or memory: whatever is read next may fail alike.
    Machine,
}

impl Cause {
    /// What an error of the system says of it.
    pub(super) fn of(error: &io::Error) -> Self {
        use rustix::io::Errno;
        match error.raw_os_error().map(Errno::from_raw_os_error) {
            Some(Errno::MFILE | Errno::NFILE | Errno::NOMEM) => Self::Machine,
            Some(Errno::NOENT) => Self::Vanished,
            _ => Self::Itself,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::io::Errno;

    #[test]
    fn what_an_error_says_of_its_cause() {
        for (errno, cause) in [
            (Errno::MFILE, Cause::Machine),
            (Errno::NFILE, Cause::Machine),
            (Errno::NOMEM, Cause::Machine),
            (Errno::NOENT, Cause::Vanished),
            (Errno::ACCESS, Cause::Itself),
            (Errno::IO, Cause::Itself),
            (Errno::STALE, Cause::Itself),
        ] {
            assert_eq!(Cause::of(&io::Error::from_raw_os_error(errno.raw_os_error())), cause, "{errno}");
        }
        assert_eq!(Cause::of(&io::Error::other("without a number")), Cause::Itself);
    }
}
