//! Portcullis: a self-hosted, programmable API gateway.
//!
//! This crate is the gateway as a library, with the binary `portcullis` beside it. What a person says (the model, from
//! `gateway.toml` and OpenAPI documents) is compiled into plans; a request runs through the stations of
//! [`proxy`] on the plan that it found at its start. [`reconcile::Reconciler`] is the type to start with: it reads the
//! configuration, loads plugins, compiles what changed and swaps it into [`live::Live`].
//!
//! ARCHITECTURE.md at the root of the repository has the map and the life of a request.

#![forbid(unsafe_code)]

pub mod acme;
pub mod admin;
pub mod api_keys;
pub mod aws;
pub mod background;
pub mod builtin;
pub mod caches;
pub mod cli;
pub mod clock;
pub mod compile;
pub mod config;
pub mod domains;
pub mod edge;
pub mod guest;
pub mod handover;
pub mod issuer;
pub mod kept;
pub mod lambda;
pub mod lifecycle;
pub mod live;
pub mod node;
pub mod observe;
pub mod plan;
pub mod proxy;
pub mod reconcile;
pub mod signing;
pub mod stream;
pub mod supervisor;
pub mod text;
pub mod upstream;
