//! Deployments and stages through the protocol, on a real store.

mod canary;
mod deployment;
mod lifecycle;
mod refusal;
mod support;
