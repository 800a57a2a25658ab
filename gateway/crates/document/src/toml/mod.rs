//! TOML to a tree.

mod build;
mod keys;

pub(crate) use build::read;
