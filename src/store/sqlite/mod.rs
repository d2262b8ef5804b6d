//! SQLite: one writer thread with batched transactions, many readers.
