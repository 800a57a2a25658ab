//! What a connection waits for beside its bytes.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use atomic_waker::AtomicWaker;

/// Polls a future when it has been woken, not whenever its task is: timers and signals that a connection has beside its bytes
/// would be asked several times a request.
#[derive(Debug)]
pub(super) struct Alarm {
    bell: Arc<Bell>,
    waker: Waker,
}

#[derive(Debug)]
struct Bell {
    rings: AtomicBool,
    task: AtomicWaker,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rings.store(true, Ordering::Release);
        self.task.wake();
    }
}

impl Alarm {
    /// For one future after the other.
    pub(super) fn new() -> Self {
        let bell = Arc::new(Bell {
            rings: AtomicBool::new(true),
            task: AtomicWaker::new(),
        });
        Self {
            waker: Waker::from(bell.clone()),
            bell,
        }
    }

    /// Polls a future, the first time and when it was woken. After it is ready, or given up for another, comes
    /// [`reset`](Self::reset).
    pub(super) fn poll<F: Future + ?Sized>(
        &self,
        future: Pin<&mut F>,
        cx: &mut Context<'_>,
    ) -> Poll<F::Output> {
        self.bell.task.register(cx.waker());
        if !self.bell.rings.load(Ordering::Acquire) {
            return Poll::Pending;
        }
        self.bell.rings.store(false, Ordering::Release);
        future.poll(&mut Context::from_waker(&self.waker))
    }

    /// The next one is another future.
    pub(super) fn reset(&self) {
        self.bell.rings.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::pin;
    use std::time::Duration;

    use tokio::time::sleep;

    use super::*;

    #[tokio::test]
    async fn a_future_is_polled_once_it_is_woken() {
        let alarm = Alarm::new();
        for time in [20, 5] {
            let mut polls = 0;
            let mut timer = pin!(sleep(Duration::from_millis(time)));
            let mut counted = pin!(poll_fn(|cx| {
                polls += 1;
                timer.as_mut().poll(cx)
            }));
            // Something else wakes the task all the while.
            let mut other = tokio::time::interval(Duration::from_millis(1));
            poll_fn(|cx| {
                while other.poll_tick(cx).is_ready() {}
                alarm.poll(counted.as_mut(), cx)
            })
            .await;
            alarm.reset();
            assert_eq!(polls, 2, "at first, and when its time had come");
        }
    }

    #[tokio::test]
    async fn it_wakes_whichever_task_has_polled_it_last() {
        let (send, receive) = tokio::sync::oneshot::channel::<()>();
        let mut receive = Box::pin(receive);
        let alarm = Alarm::new();
        let first = poll_fn(|cx| Poll::Ready(alarm.poll(receive.as_mut(), cx).is_pending()));
        assert!(first.await);
        #[allow(clippy::disallowed_methods, reason = "a test")]
        let task = tokio::spawn(async move { poll_fn(|cx| alarm.poll(receive.as_mut(), cx)).await.is_ok() });
        tokio::task::yield_now().await;
        send.send(()).expect("it is waited for");
        assert!(task.await.expect("a task"));
    }
}
