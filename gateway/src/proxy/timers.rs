//! Timers that requests take turns with.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::{Instant, Sleep, sleep_until};

/// How many are kept: as many as most clients of HTTP/2 have requests at once.
const MOST: usize = 32;

/// The timers of a connection, whose requests mostly are answered long before their time is over. A new one would take the lock
/// of all timers twice a request; one that is set to a later time than it was takes none.
#[derive(Debug, Default)]
pub struct SpareTimers(Mutex<Vec<Pin<Box<Sleep>>>>);

impl SpareTimers {
    /// Waits for a future, for so long at the most; none: the time is over.
    pub async fn timeout<F: Future>(&self, time: Duration, mut future: Pin<&mut F>) -> Option<F::Output> {
        let mut timer = self.set(Instant::now() + time);
        let ended = poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => timer.as_mut().poll(cx).map(|()| None),
        });
        let ended = ended.await;
        let mut spare = self.0.lock();
        if spare.len() < MOST {
            spare.push(timer);
        }
        ended
    }

    /// Lets go of those that nobody uses: there is nothing to wait for now.
    pub fn release(&self) {
        *self.0.lock() = Vec::new();
    }

    fn set(&self, end: Instant) -> Pin<Box<Sleep>> {
        let spare = self.0.lock().pop();
        match spare {
            Some(mut timer) => {
                timer.as_mut().reset(end);
                timer
            }
            None => Box::pin(sleep_until(end)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::pin::pin;

    use tokio::task::yield_now;
    use tokio::time::Instant;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);
    const SHORT: Duration = Duration::from_millis(2);

    #[tokio::test]
    async fn each_has_its_own_time() {
        let timer = SpareTimers::default();
        // Later and earlier than before, when it has gone off and when it has not.
        for (time, is_answered) in [
            (SHORT, false),
            (HOUR, true),
            (2 * HOUR, true),
            (SHORT, false),
            (SHORT, false),
            (HOUR, true),
            (2 * SHORT, false),
        ] {
            let began = Instant::now();
            let answer = async {
                yield_now().await;
                match is_answered {
                    true => ready(()).await,
                    false => pending().await,
                }
            };
            let ended = timer.timeout(time, pin!(answer)).await;
            assert_eq!(ended.is_some(), is_answered, "{time:?}");
            assert_eq!(timer.0.lock().len(), 1, "it is handed on");
            assert_eq!(began.elapsed() >= time, !is_answered, "{time:?}");
        }
        timer.release();
        assert_eq!(timer.0.lock().capacity(), 0);
    }

    #[tokio::test]
    async fn those_at_once_do_not_share() {
        let timer = SpareTimers::default();
        let (waiting, other) = (pin!(pending::<()>()), pin!(pending::<()>()));
        let (long, short) = (timer.timeout(HOUR, waiting), timer.timeout(SHORT, other));
        tokio::select! {
            ended = long => panic!("too early: {ended:?}"),
            ended = short => assert_eq!(ended, None),
        }
    }
}
