//! Connections through a load balancer that speaks the PROXY protocol: its header comes before everything else, TLS
//! included.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::time::timeout;

use super::proxy_header::{LONGEST_LINE, Malformed, SHORTEST, Said, Version, line, tail, version};
use crate::config::Peers;
use crate::proxy::call::Connection;

/// How long the header may take.
const LIMIT: Duration = Duration::from_secs(5);

/// Why a connection is not served.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoHeader {
    #[error("the peer is in none of the networks of proxy_protocol")]
    Stranger,
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error("its header of the PROXY protocol did not come within {} s", LIMIT.as_secs())]
    TooSlow,
    #[error("it ended within its header of the PROXY protocol: {0}")]
    Ended(#[from] io::Error),
}

/// Reads the header that every connection must begin with, and lets the connection be the client's.
pub(super) async fn read(
    stream: &mut (impl AsyncRead + Unpin),
    connection: &mut Connection,
    peers: &Peers,
) -> Result<(), NoHeader> {
    if !connection.is_from(peers) {
        return Err(NoHeader::Stranger);
    }
    let said = timeout(LIMIT, header(stream))
        .await
        .map_err(|_| NoHeader::TooSlow)??;
    if let Said::Client { peer, local } = said {
        connection.is_of(peer, local);
    }
    Ok(())
}

/// No byte behind the header is read: it is TLS's, or HTTP's.
async fn header(stream: &mut (impl AsyncRead + Unpin)) -> Result<Said, NoHeader> {
    let mut first = [0; SHORTEST];
    stream.read_exact(&mut first).await?;
    match version(&first)? {
        Version::One => {
            let mut text = Vec::with_capacity(LONGEST_LINE);
            text.extend_from_slice(&first);
            while !text.ends_with(b"\n") {
                if text.len() == LONGEST_LINE {
                    return Err(Malformed::Line.into());
                }
                text.push(stream.read_u8().await?);
            }
            Ok(line(&text)?)
        }
        Version::Two => {
            let mut four = [0; 4];
            stream.read_exact(&mut four).await?;
            let tail = tail(four)?;
            let mut bytes = vec![0; usize::from(tail.length)];
            stream.read_exact(&mut bytes).await?;
            Ok(tail.said(&bytes)?)
        }
    }
}
