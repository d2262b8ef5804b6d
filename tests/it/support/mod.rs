//! What tests share: the binary, scratch folders, the in-process web, the store helper.

pub(crate) mod cli;
pub(crate) mod help;
pub(crate) mod records;
pub(crate) mod smtp;
pub(crate) mod web;
