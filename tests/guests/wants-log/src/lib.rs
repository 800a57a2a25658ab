//! An integration that imports the capability to log, and logs at every level.

use portcullis_plugin::{Fault, Integration, NoConfig, Plugin, Problem, Request, Response, log};

#[derive(Debug)]
pub struct WantsLog;

impl Plugin for WantsLog {
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        log::info("init");
        Ok(Self)
    }
}

impl Integration for WantsLog {
    fn handle(&mut self, request: Request) -> Result<Response, Fault> {
        log::debug(format!("debug {}", request.path));
        log::info(format!("info {}", request.path));
        log::warn(format!("warn {}", request.path));
        log::error(format!("error {}", request.path));
        Ok(Response::text(200, "logged"))
    }
}

portcullis_plugin::export_integration!(WantsLog);
