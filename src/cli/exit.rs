//! Exit codes: a promise, decided here alone.

use crate::config::ConfigError;

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

    /// What an error ends with: a wrong configuration or schedule has its own number, wherever in the chain of causes it stands.
    pub fn of_error(error: &anyhow::Error) -> Self {
        match error.downcast_ref::<ConfigError>() {
            Some(_) => Self::Configuration,
            None => Self::Failure,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn the_numbers_are_a_promise() {
        use Exit::{Configuration, Failure, Findings, Interrupted, Success};
        let codes = [Success, Failure, Findings, Configuration, Interrupted].map(Exit::code);
        assert_eq!(codes, [0, 1, 2, 3, 130]);
    }

    #[test]
    fn a_configuration_error_keeps_its_number_under_any_context() {
        let bad = crate::config::parse("x = 1", "a.toml".as_ref(), "/".as_ref());
        let error = bad.map(|_| ()).context("while starting").unwrap_err();
        assert_eq!(Exit::of_error(&error), Exit::Configuration);
        assert_eq!(Exit::of_error(&anyhow::anyhow!("other")), Exit::Failure);
    }
}
