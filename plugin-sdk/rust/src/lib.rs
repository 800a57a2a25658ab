//! Write Portcullis plugins in Rust: implement [`Plugin`] and the trait of one world, and export the type.
//!
//! | world | trait | macro | called for |
//! |---|---|---|---|
//! | `authorizer` | [`Authorizer`] | [`export_authorizer!`] | who may call |
//! | `mapping-template` | [`MappingTemplate`] | [`export_mapping_template!`] | the text of a template |
//! | `integration` | [`Integration`] | [`export_integration!`] | the answer itself |
//! | `function` | [`Function`] | [`export_function!`] | an event, as on AWS Lambda |
//! | `filter` | [`Filter`] | [`export_filter!`] | every request, before and after |
//!
//! A plugin is a crate of type `cdylib`, built with `cargo build --release --target wasm32-wasip2`. This crate is not the
//! host, and a plugin's tests need none: everything here but the exports exists on every target, so plain `cargo test`
//! runs them, with the help of [`testing`].
//!
//! ```
//! use portcullis_plugin::{Authorizer, Decision, Fault, Plugin, Problem, Request};
//!
//! /// Lets in who knows the word.
//! struct Doorman {
//!     word: String,
//! }
//!
//! #[derive(serde::Deserialize)]
//! #[serde(deny_unknown_fields)]
//! struct Config {
//!     word: String,
//! }
//!
//! impl Plugin for Doorman {
//!     type Config = Config;
//!
//!     fn new(config: Config) -> Result<Self, Vec<Problem>> {
//!         if config.word.is_empty() {
//!             return Err(vec![Problem::new("/word", "the word is empty")]);
//!         }
//!         Ok(Self { word: config.word })
//!     }
//! }
//!
//! impl Authorizer for Doorman {
//!     fn authorize(&mut self, _: &str, token: Option<&str>, _: Request) -> Result<Decision, Fault> {
//!         match token {
//!             Some(word) if word == self.word => Ok(Decision::allow("friend")),
//!             Some(_) => Ok(Decision::deny("stranger")),
//!             None => Ok(Decision::Unauthorized),
//!         }
//!     }
//! }
//!
//! portcullis_plugin::export_authorizer!(Doorman);
//!
//! // A test:
//! use portcullis_plugin::testing::Instance;
//! use serde_json::json;
//!
//! let mut doorman = Instance::<Doorman>::new(json!({ "word": "mellon" })).unwrap();
//! assert_eq!(doorman.authorize(Some("mellon"), Request::default()), Ok(Decision::allow("friend")));
//! assert_eq!(doorman.authorize(None, Request::default()), Ok(Decision::Unauthorized));
//!
//! let problems = Instance::<Doorman>::new(json!({ "word": 7 })).unwrap_err();
//! assert_eq!(problems[0].pointer, "/word");
//! ```

#![deny(missing_docs)]

mod authorizer;
#[cfg(target_family = "wasm")]
mod bindings;
mod config;
#[cfg(feature = "counter")]
pub mod counter;
mod export;
mod field;
mod filter;
mod function;
mod integration;
mod interest;
#[cfg(feature = "log")]
pub mod log;
mod mapping;
mod plugin;
mod request;
mod response;
pub mod testing;

pub use authorizer::{Authorizer, ContextValue, Decision, Grant};
pub use field::Field;
pub use filter::{Edit, Filter, ResponseEdit, ResponseHead, Verdict};
pub use function::{Function, FunctionError, Invocation};
pub use integration::Integration;
pub use interest::{Interest, Selection};
pub use mapping::{
    MappingTemplate, Place, Reads, RenderError, RenderFailure, Rendered, RequestOverride, ResponseOverride,
    SyntaxError, TemplateInput,
};
pub use plugin::{Fault, NoConfig, Plugin, Problem};
pub use request::{Request, RequestBuilder};
pub use response::Response;

/// The JSON library that configurations are read with, for plugins that need JSON themselves.
pub use serde_json;

/// What the export macros expand to. No part of the API.
#[doc(hidden)]
pub mod private {
    #[cfg(target_family = "wasm")]
    pub use crate::bindings::*;
    #[cfg(target_family = "wasm")]
    pub use crate::export::Slot;
}

/// Its example must compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
