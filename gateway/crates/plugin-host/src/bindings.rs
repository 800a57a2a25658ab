//! What `bindgen!` makes of the WIT package: one world that exports every interface, so that all worlds share the types.

// Generated items carry the WIT file's comments and no others, and are not written to this workspace's lints.
#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    clippy::all,
    clippy::pedantic,
    clippy::restriction
)]

wasmtime::component::bindgen!({
    path: "../../../wit",
    inline: "
        package portcullis:host;

        world every {
            import portcullis:plugin/log@0.1.0;
            import portcullis:plugin/counter@0.1.0;
            export portcullis:plugin/lifecycle@0.1.0;
            export portcullis:plugin/authorization@0.1.0;
            export portcullis:plugin/mapping@0.1.0;
            export portcullis:plugin/handling@0.1.0;
            export portcullis:plugin/filtering@0.1.0;
            export portcullis:plugin/invocation@0.1.0;
        }
    ",
    world: "portcullis:host/every",
    ownership: Borrowing { duplicate_if_necessary: true },
    exports: { default: async },
    require_store_data_send: true,
});

pub use exports::portcullis::plugin::{authorization, filtering, handling, invocation, lifecycle, mapping};
pub use portcullis::plugin::types::{FieldParam as Field, Request};
pub use portcullis::plugin::{counter, log, types};
