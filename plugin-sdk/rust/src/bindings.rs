//! The component's side of the contract. The generated code uses this crate's types, so a call converts nothing.
//!
//! There is a module for each interface that a component exports, with a world of its own: bindings of two worlds that
//! share `lifecycle` would collide. A component gets the union of the worlds whose macros it calls, which is its world
//! in wit/.

#![allow(missing_docs, unreachable_pub, unsafe_code, clippy::all, reason = "generated")]

/// The types by their names in WIT.
mod types {
    pub use crate::{Fault, Field, Interest, Problem, Request, Response, Selection};

    pub type Pairs = Vec<(String, String)>;
}

pub mod lifecycle {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "package portcullis:sdk; world lifecycle { export portcullis:plugin/lifecycle@0.1.0; }",
        with: { "portcullis:plugin/types@0.1.0": crate::bindings::types },
        default_bindings_module: "portcullis_plugin::private::lifecycle",
        pub_export_macro: true,
        export_macro_name: "export",
    });
    pub use exports::portcullis::plugin::lifecycle::Guest;
}

pub mod authorization {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "package portcullis:sdk; world authorization { export portcullis:plugin/authorization@0.1.0; }",
        with: {
            "portcullis:plugin/types@0.1.0": crate::bindings::types,
            "portcullis:plugin/authorization@0.1.0/grant": crate::Grant,
            "portcullis:plugin/authorization@0.1.0/decision": crate::Decision,
        },
        default_bindings_module: "portcullis_plugin::private::authorization",
        pub_export_macro: true,
        export_macro_name: "export",
    });
    pub use exports::portcullis::plugin::authorization::Guest;
}

pub mod mapping {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "package portcullis:sdk; world mapping { export portcullis:plugin/mapping@0.1.0; }",
        with: {
            "portcullis:plugin/types@0.1.0": crate::bindings::types,
            "portcullis:plugin/mapping@0.1.0/reads": crate::Reads,
            "portcullis:plugin/mapping@0.1.0/place": crate::Place,
            "portcullis:plugin/mapping@0.1.0/syntax-error": crate::SyntaxError,
            "portcullis:plugin/mapping@0.1.0/render-failure": crate::RenderFailure,
            "portcullis:plugin/mapping@0.1.0/render-error": crate::RenderError,
            "portcullis:plugin/mapping@0.1.0/input": crate::TemplateInput,
            "portcullis:plugin/mapping@0.1.0/request-override": crate::RequestOverride,
            "portcullis:plugin/mapping@0.1.0/response-override": crate::ResponseOverride,
            "portcullis:plugin/mapping@0.1.0/rendered": crate::Rendered,
        },
        default_bindings_module: "portcullis_plugin::private::mapping",
        pub_export_macro: true,
        export_macro_name: "export",
    });
    pub use exports::portcullis::plugin::mapping::{Guest, GuestTemplate, Template};
}

pub mod handling {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "package portcullis:sdk; world handling { export portcullis:plugin/handling@0.1.0; }",
        with: { "portcullis:plugin/types@0.1.0": crate::bindings::types },
        default_bindings_module: "portcullis_plugin::private::handling",
        pub_export_macro: true,
        export_macro_name: "export",
    });
    pub use exports::portcullis::plugin::handling::Guest;
}

pub mod filtering {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "package portcullis:sdk; world filtering { export portcullis:plugin/filtering@0.1.0; }",
        with: {
            "portcullis:plugin/types@0.1.0": crate::bindings::types,
            "portcullis:plugin/filtering@0.1.0/edit": crate::Edit,
            "portcullis:plugin/filtering@0.1.0/verdict": crate::Verdict,
            "portcullis:plugin/filtering@0.1.0/response-head": crate::ResponseHead,
            "portcullis:plugin/filtering@0.1.0/response-edit": crate::ResponseEdit,
        },
        default_bindings_module: "portcullis_plugin::private::filtering",
        pub_export_macro: true,
        export_macro_name: "export",
    });
    pub use exports::portcullis::plugin::filtering::Guest;
}

pub mod invocation {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "package portcullis:sdk; world invocation { export portcullis:plugin/invocation@0.1.0; }",
        with: {
            "portcullis:plugin/invocation@0.1.0/invoked": crate::Invocation,
            "portcullis:plugin/invocation@0.1.0/error": crate::FunctionError,
        },
        default_bindings_module: "portcullis_plugin::private::invocation",
        pub_export_macro: true,
        export_macro_name: "export",
    });
    pub use exports::portcullis::plugin::invocation::Guest;
}

#[cfg(any(feature = "log", feature = "counter"))]
mod capability {
    #[cfg(feature = "log")]
    pub(crate) mod log {
        wit_bindgen::generate!({
            path: "../../wit",
            inline: "package portcullis:sdk; world log { import portcullis:plugin/log@0.1.0; }",
            with: { "portcullis:plugin/log@0.1.0/level": crate::log::Level },
            generate_all,
        });
    }

    #[cfg(feature = "counter")]
    pub(crate) mod counter {
        wit_bindgen::generate!({
            path: "../../wit",
            inline: "package portcullis:sdk; world counter { import portcullis:plugin/counter@0.1.0; }",
            generate_all,
        });
    }
}

#[cfg(feature = "log")]
pub(crate) fn log(level: crate::log::Level, message: &str) {
    capability::log::portcullis::plugin::log::log(level, message);
}

#[cfg(feature = "counter")]
pub(crate) fn increment(key: &str, by: u32, ttl_seconds: u32) -> Result<u64, crate::counter::CounterError> {
    use crate::counter::CounterError;
    use capability::counter::portcullis::plugin::counter::{Error, increment};

    increment(key, by, ttl_seconds).map_err(|error| match error {
        Error::KeyTooLong => CounterError::KeyTooLong,
        Error::BadTimeToLive => CounterError::BadTimeToLive,
    })
}
