//! Distance: a proxy of bytes that delivers them later, in both directions.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep, sleep_until};

/// Bytes of one piece.
const PIECE: usize = 16 * 1024;
/// Pieces under way in one direction; beyond them the sender waits.
const UNDER_WAY: usize = 256;

/// A way to a server, so and so long. Connecting takes a round trip, too, as that of TCP does. Dropped, it is gone with all its
/// connections.
#[derive(Debug)]
pub struct Delayed {
    address: SocketAddr,
    micros: Arc<AtomicU64>,
    connections: Arc<AtomicUsize>,
    is_cut: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Delayed {
    /// A way to `to` on which bytes take `one_way` in each direction.
    pub async fn start(to: SocketAddr, one_way: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let micros = Arc::new(AtomicU64::new(micros(one_way)));
        let connections = Arc::<AtomicUsize>::default();
        let (is_cut, cut) = watch::channel(false);
        let (delay, count) = (micros.clone(), connections.clone());
        let task = tokio::spawn(async move {
            let mut serving = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                if *cut.borrow() {
                    continue;
                }
                count.fetch_add(1, Relaxed);
                let (delay, mut cut) = (delay.clone(), cut.clone());
                serving.spawn(async move {
                    tokio::select! {
                        () = carry(stream, to, &delay) => {}
                        _ = cut.wait_for(|cut| *cut) => {}
                    }
                });
            }
        });
        Self {
            address,
            micros,
            connections,
            is_cut,
            task,
        }
    }

    /// Where it begins.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections it has carried.
    pub fn connections(&self) -> usize {
        self.connections.load(Relaxed)
    }

    /// Makes it longer or shorter for the bytes to come.
    pub fn set(&self, one_way: Duration) {
        self.micros.store(micros(one_way), Relaxed);
    }

    /// Ends all connections, and every new one at once, until it is mended.
    pub fn cut(&self) {
        self.is_cut.send_replace(true);
    }

    /// Carries again.
    pub fn mend(&self) {
        self.is_cut.send_replace(false);
    }
}

impl Drop for Delayed {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).expect("a short time")
}

async fn carry(client: TcpStream, to: SocketAddr, delay: &Arc<AtomicU64>) {
    // The kernel has accepted it already: the round trip that this takes is waited for here, before the first byte.
    let one_way = || Duration::from_micros(delay.load(Relaxed));
    sleep(2 * one_way()).await;
    let Ok(server) = TcpStream::connect(to).await else {
        return;
    };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    tokio::join!(
        pass(from_client, to_server, delay),
        pass(from_server, to_client, delay)
    );
}

async fn pass(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, delay: &Arc<AtomicU64>) {
    let (sender, mut pieces) = mpsc::channel::<(Instant, Vec<u8>)>(UNDER_WAY);
    let reading = async move {
        let mut piece = vec![0; PIECE];
        loop {
            let read = from.read(&mut piece).await.unwrap_or(0);
            let due = Instant::now() + Duration::from_micros(delay.load(Relaxed));
            if sender.send((due, piece[..read].to_vec())).await.is_err() || read == 0 {
                return;
            }
        }
    };
    let writing = async move {
        while let Some((due, piece)) = pieces.recv().await {
            sleep_until(due).await;
            let written = match piece.is_empty() {
                true => to.shutdown().await,
                false => to.write_all(&piece).await,
            };
            if written.is_err() {
                return;
            }
        }
    };
    tokio::join!(reading, writing);
}
