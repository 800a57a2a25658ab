//! How much may pass: token buckets and quotas.
//!
//! A [`Bucket`] is one atomic; its rate and its burst stand beside it in a [`Tuning`], which one bucket has for itself or many
//! share. [`Counts`] are what a [`Quota`] is held against. Nothing here reads a clock: the time is passed in.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod bucket;
pub mod calendar;
mod gate;
mod pace;
mod quota;
mod tuning;

pub use bucket::Bucket;
pub use gate::Gate;
pub use pace::{BURST, Limit, NoLimit};
pub use quota::{Counts, DayCount, Period, Quota};
pub use tuning::Tuning;
