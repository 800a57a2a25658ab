//! YAML 1.2 to a tree.

mod build;
mod scalar;

pub(crate) use build::read;
