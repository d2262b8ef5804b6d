//! What the service manager is told (sd_notify(3)).

use std::time::Duration;

use sd_notify::NotifyState;

/// Something the service manager, or a test, wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Schedules are valid, state is open, times are planned.
    Ready,
    /// Configuration is being read again; `Ready` follows.
    Reloading,
    /// The service is on its way out.
    Stopping,
    /// One line for people.
    Status(String),
    /// The loop is alive.
    Watchdog,
}

/// Takes notices.
pub trait Notify: Send + Sync {
    /// Must not block; what cannot be delivered is lost.
    fn tell(&self, notices: &[Notice]);
}

/// The service manager behind `NOTIFY_SOCKET`; nobody where that is not set.
#[derive(Debug, Clone, Copy, Default)]
pub struct Systemd;

impl Notify for Systemd {
    fn tell(&self, notices: &[Notice]) {
        // Set and empty is not set: nobody listens.
        if std::env::var_os("NOTIFY_SOCKET").is_none_or(|socket| socket.is_empty()) {
            return;
        }
        let mut states = Vec::new();
        for notice in notices {
            match notice {
                Notice::Ready => states.push(NotifyState::Ready),
                Notice::Reloading => {
                    states.push(NotifyState::Reloading);
                    // Type=notify-reload wants the time of the reload (sd_notify(3), MONOTONIC_USEC).
                    states.extend(NotifyState::monotonic_usec_now());
                }
                Notice::Stopping => states.push(NotifyState::Stopping),
                Notice::Status(text) => states.push(NotifyState::Status(text)),
                Notice::Watchdog => states.push(NotifyState::Watchdog),
            }
        }
        if let Err(error) = sd_notify::notify(&states) {
            tracing::warn!(error.message = %error, "the service manager could not be told");
        }
    }
}

/// How often the service manager wants to hear `Watchdog`, if at all (`WATCHDOG_USEC`, `WATCHDOG_PID`).
pub fn watchdog_interval() -> Option<Duration> {
    sd_notify::watchdog_enabled()
}
