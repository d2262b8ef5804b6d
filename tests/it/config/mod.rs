//! Configuration through the library's reader: what is taken over, and every kind of bad file with its message.

mod bad;
mod good;
