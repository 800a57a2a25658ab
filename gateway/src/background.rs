//! Work that must not disturb requests: on a thread of its own, at a low priority.
//!
//! Reading and compiling a large API takes milliseconds of CPU. On the runtime's own blocking threads it would compete
//! with the workers for the cores, and requests would wait.

use tokio::sync::oneshot;

/// The scheduler gives a thread of this niceness about a tenth of what it gives a worker, where both want the core.
const NICENESS: i32 = 10;

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// No thread could be started.
    #[error("cannot start a thread: {0}")]
    NoThread(#[from] std::io::Error),
    /// The work panicked; the panic has been printed.
    #[error("the work ended by a panic")]
    Panicked,
}

/// Runs `work` on a thread of its own and waits for its result. If the caller stops waiting, the work still ends by
/// itself.
pub async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failed> {
    let (done, result) = oneshot::channel();
    std::thread::Builder::new()
        .name("portcullis-compile".to_owned())
        .spawn(move || {
            // Where the system does not allow it, the work runs at the usual priority.
            let _ = rustix::process::nice(NICENESS);
            // Nobody may be waiting any more.
            let _ = done.send(work());
        })?;
    result.await.map_err(|_| Failed::Panicked)
}

/// Lets a worker that waits for this core have it, every 256 turns of a long loop: the scheduler would not take the core
/// away before the end of a time slice, which is milliseconds.
pub fn breathe(turn: usize) {
    if turn.is_multiple_of(256) {
        std::thread::yield_now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn gives_the_result_or_says_that_there_is_none() {
        assert_eq!(run(|| 7).await.ok(), Some(7));
        let panicked: Result<(), _> = run(|| panic!("on purpose")).await;
        assert!(matches!(panicked, Err(Failed::Panicked)));
    }
}
