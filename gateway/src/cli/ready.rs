//! `portcullis ready`

use clap::Args;

use super::client::Connection;
use super::failure::{Failure, code};
use super::print;

/// Say whether a gateway is ready to serve
///
/// Asks a control listener whether its gateway is ready: the exit code is 0 where it is, for a container's health check. A gateway
/// that drains is not.
#[derive(Debug, Args)]
pub(super) struct Ready {
    #[command(flatten)]
    connection: Connection,
}

impl Ready {
    pub(super) fn execute(self) -> u8 {
        code(self.run())
    }

    fn run(self) -> Result<(), Failure> {
        let (is_ready, told) = self.connection.client()?.ready()?;
        if is_ready {
            print::out(&told);
            return Ok(());
        }
        Err(Failure::problem(format!("the gateway is not ready: {told}")))
    }
}
