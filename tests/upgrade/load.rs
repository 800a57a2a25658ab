//! Clients that speak TLS in a loop, of which no request may fail.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use portcullis_tests::https::{Answered, Https};
use tokio::task::JoinHandle;

const KEPT: usize = 4;
const NEW: usize = 2;
const MULTIPLEXED: usize = 2;
const STREAMS: usize = 4;

/// Until they are told to stop: connections that are kept, a connection for each request, and HTTP/2.
pub(super) struct Load {
    stop: Arc<AtomicBool>,
    answers: Arc<[AtomicUsize; 3]>,
    tasks: Vec<JoinHandle<()>>,
}

impl Load {
    pub(super) fn start(client: &Https, address: SocketAddr, path: &'static str) -> Self {
        let mut load = Self {
            stop: Arc::default(),
            answers: Arc::default(),
            tasks: Vec::new(),
        };
        for _ in 0..KEPT {
            let (client, stop, answers) = (client.clone(), load.stop.clone(), load.answers.clone());
            let kept = async move {
                while !stop.load(Relaxed) {
                    kept(&client, address, path, &stop, &answers[0]).await;
                }
            };
            load.tasks.push(tokio::spawn(kept));
        }
        for _ in 0..NEW {
            let (client, stop, answers) = (client.clone(), load.stop.clone(), load.answers.clone());
            let new = async move {
                while !stop.load(Relaxed) {
                    let answer = client.get(address, path, &[]).await;
                    count(&answer.expect("an answer on a new connection"), &answers[1]);
                }
            };
            load.tasks.push(tokio::spawn(new));
        }
        for _ in 0..MULTIPLEXED {
            let (client, stop, answers) = (client.clone(), load.stop.clone(), load.answers.clone());
            let multiplexed = async move {
                while !stop.load(Relaxed) {
                    multiplexed(&client, address, path, &stop, &answers).await;
                }
            };
            load.tasks.push(tokio::spawn(multiplexed));
        }
        load
    }

    /// Waits until every kind has been answered so often since now.
    pub(super) async fn answered(&self, more: usize) {
        let count = || self.answers.each_ref().map(|count| count.load(Relaxed));
        let before = count();
        let enough = || {
            count()
                .iter()
                .zip(before)
                .all(|(now, before)| now - before >= more)
        };
        while !enough() {
            assert!(
                !self.tasks.iter().any(JoinHandle::is_finished),
                "a request failed"
            );
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    /// Stops, and says how many answers there were. Every one of them was right.
    pub(super) async fn stop(self) -> usize {
        self.stop.store(true, Relaxed);
        for task in self.tasks {
            task.await.expect("no request failed");
        }
        self.answers.iter().map(|count| count.load(Relaxed)).sum()
    }
}

fn count(answer: &Answered, answers: &AtomicUsize) {
    assert_eq!(answer.status, 200, "{answer:?}");
    answers.fetch_add(1, Relaxed);
}

/// One connection, until its server says that it is the last response.
async fn kept(client: &Https, address: SocketAddr, path: &str, stop: &AtomicBool, answers: &AtomicUsize) {
    let mut connection = client.open(address).await.expect("a connection");
    while !stop.load(Relaxed) {
        let answer = connection
            .get(path)
            .await
            .expect("an answer on a kept connection");
        count(&answer, answers);
        if answer
            .headers
            .get("connection")
            .is_some_and(|value| value == "close")
        {
            return;
        }
    }
}

/// One connection with several requests at once, until it takes no more.
async fn multiplexed(
    client: &Https,
    address: SocketAddr,
    path: &'static str,
    stop: &Arc<AtomicBool>,
    answers: &Arc<[AtomicUsize; 3]>,
) {
    let connection = client.open_multiplexed(address).await.expect("a connection");
    let streams = (0..STREAMS).map(|_| {
        let (mut connection, stop, answers) = (connection.clone(), stop.clone(), answers.clone());
        tokio::spawn(async move {
            while !stop.load(Relaxed) {
                match connection.get(path).await.expect("an answer over HTTP/2") {
                    Some(answer) => count(&answer, &answers[2]),
                    None => return,
                }
            }
        })
    });
    for stream in streams.collect::<Vec<_>>() {
        stream.await.expect("no request failed");
    }
}
