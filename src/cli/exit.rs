//! Exit codes: a promise, decided here alone.

/// What the process ends with (SPEC §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Nothing that gates.
    Success,
    /// Runtime or usage error.
    Failure,
    /// Findings that gate.
    Findings,
    /// Configuration or schedule error.
    Configuration,
    /// Interrupted.
    Interrupted,
}

impl Exit {
    /// The number.
    pub const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Findings => 2,
            Self::Configuration => 3,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}
