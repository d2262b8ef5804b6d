//! Loopback pages that the program itself serves.
