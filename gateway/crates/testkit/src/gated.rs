//! A backend that answers when the test says so.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::RawOrigin;
use crate::process::PATIENCE;

/// What a [`GatedOrigin`] holds back until the test opens it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// The whole response.
    Head,
    /// The second half of the body.
    Body,
}

/// A backend whose every response waits for [`GatedOrigin::open`].
#[derive(Debug)]
pub struct GatedOrigin {
    origin: RawOrigin,
    arrived: Arc<Semaphore>,
    gate: Arc<Semaphore>,
}

impl GatedOrigin {
    /// Starts one that answers 200 with this body.
    pub async fn start(hold: Hold, body: impl Into<Vec<u8>>) -> Self {
        let (arrived, gate) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let (tell, wait, body) = (arrived.clone(), gate.clone(), Arc::new(body.into()));
        let origin = RawOrigin::start(move |stream, _| {
            let (tell, wait, body) = (tell.clone(), wait.clone(), body.clone());
            async move {
                // A client that goes away is the test's doing.
                let _ = answer(stream, hold, &body, &tell, &wait).await;
            }
        })
        .await;
        Self {
            origin,
            arrived,
            gate,
        }
    }

    /// `host:port`.
    pub fn authority(&self) -> String {
        self.origin.authority()
    }

    /// Waits until a request that nobody has waited for is here.
    ///
    /// # Panics
    ///
    /// None comes.
    pub async fn arrived(&self) {
        let arrived = timeout(PATIENCE, self.arrived.acquire())
            .await
            .expect("a request comes");
        arrived.expect("an open semaphore").forget();
    }

    /// Lets one response go on.
    pub fn open(&self) {
        self.gate.add_permits(1);
    }
}

async fn answer(
    mut stream: TcpStream,
    hold: Hold,
    body: &[u8],
    arrived: &Semaphore,
    gate: &Semaphore,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    arrived.add_permits(1);
    let start = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let (first, second) = body.split_at(body.len() / 2);
    if hold == Hold::Body {
        stream.write_all(&[start.as_bytes(), first].concat()).await?;
    }
    gate.acquire().await.expect("an open semaphore").forget();
    if hold == Hold::Head {
        stream.write_all(&[start.as_bytes(), first].concat()).await?;
    }
    stream.write_all(second).await?;
    stream.shutdown().await
}
