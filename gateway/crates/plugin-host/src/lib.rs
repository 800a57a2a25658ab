//! Runs plugins: sandboxed WebAssembly components behind the worlds of `wit/portcullis.wit`.
//!
//! Start with [`Host`]: one per process. [`Host::load`] turns a [`PluginSpec`] into a [`Plugin`], whose typed handle
//! ([`Authorizer`], [`MappingTemplate`], [`Integration`], [`Filter`], [`Function`] or [`Handler`]) is called once for each request. What a call may cost is bounded by
//! [`Limits`], what a plugin may reach by [`Grants`]; nothing is ambient. Whatever a guest does costs its own call: it
//! ends as a [`CallError`], its instance is discarded, and other calls never notice.
//!
//! It is not an HTTP server and knows nothing of routes: it takes a [`Request`] and gives back what the plugin said.

#![deny(missing_docs)]

mod bindings;
mod cache;
mod compile;
mod counter;
mod engine;
mod error;
mod gate;
mod header;
mod host;
mod http;
mod imports;
mod instance;
mod limits;
mod load;
mod output;
mod plugin;
mod pool;
mod slots;
mod spec;
mod stats;
mod throttle;
mod ticker;
mod wasi;
mod worlds;

pub use bindings::{Field, Request};
pub use counter::HostClock;
pub use error::{CallError, FaultKind, HostError, LoadError, Problem};
pub use host::{Host, HostSettings};
pub use http::{Answering, HttpBody, HttpError, Outgoing, origin_of};
pub use imports::{Inspection, World};
pub use limits::Limits;
pub use plugin::Plugin;
pub use spec::{Grants, Isolation, PluginKey, PluginSpec};
pub use stats::Stats;
pub use worlds::{
    Authorizer, Decision, Edit, Filter, Function, FunctionError, Grant, Handler, HandlerBody, Integration,
    Interest, Invocation, MappingTemplate, Reads, RenderError, Rendered, RequestOverride, Response,
    ResponseEdit, ResponseOverride, Selection, SyntaxError, TemplateInput, TemplateSource, Verdict,
};
