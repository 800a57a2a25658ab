//! Whole policies: what they say of requests, and what is wrong with them.

mod condition;
mod evaluation;
mod problem;
mod property;
