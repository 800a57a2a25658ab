//! One module for each world. A world to come adds one here, a case to [`World`](crate::World), and its interface to
//! `bindings`.

mod authorizer;
mod common;
mod filter;
mod function;
mod handler;
mod integration;
mod mapping;

pub use authorizer::{Authorizer, Decision, Grant};
pub use common::{Interest, Selection};
pub use filter::{Edit, Filter, ResponseEdit, Verdict};
pub use function::{Function, FunctionError, Invocation};
pub use handler::{Handler, HandlerBody};
pub use integration::{Integration, Response};
pub use mapping::{
    MappingTemplate, Reads, RenderError, Rendered, RequestOverride, ResponseOverride, SyntaxError,
    TemplateInput, TemplateSource,
};

pub(crate) use common::{Exports, fault, fault_size};
