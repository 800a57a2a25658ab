//! An integration that opens a connection: it imports wasi:sockets, which is never granted.

use std::net::TcpStream;

use portcullis_plugin::{Fault, Integration, NoConfig, Plugin, Problem, Request, Response};

#[derive(Debug)]
pub struct WantsSockets;

impl Plugin for WantsSockets {
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }
}

impl Integration for WantsSockets {
    fn handle(&mut self, _: Request) -> Result<Response, Fault> {
        let peer = TcpStream::connect("127.0.0.1:1")?.peer_addr()?;
        Ok(Response::text(200, peer.to_string()))
    }
}

portcullis_plugin::export_integration!(WantsSockets);
