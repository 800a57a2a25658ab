//! `portcullis schema`

use super::print;

pub(super) fn execute() -> u8 {
    print::out(&format!("{:#}", crate::config::schema()));
    0
}
