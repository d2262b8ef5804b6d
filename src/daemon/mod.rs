//! The service: events, timers, signals, systemd.
