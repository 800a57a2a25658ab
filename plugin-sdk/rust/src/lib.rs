//! Write Portcullis plugins in Rust: a trait and a macro for each world
