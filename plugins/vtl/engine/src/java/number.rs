//! Numbers as Velocity 1.7 reckons with them, and as Java 17 reads and prints them.

mod arithmetic;
mod compare;
mod decimal;
mod digits;
mod double;
mod parse;
#[cfg(test)]
pub(crate) mod tests;

pub use arithmetic::{add, divide, modulo, multiply, subtract};
pub use compare::{compare, equals, weigh};
pub(crate) use decimal::decimal_digits;
pub(crate) use digits::{Digits, round_up};
pub use double::write_double;
pub use parse::{parse_double, parse_integer, parse_long};
