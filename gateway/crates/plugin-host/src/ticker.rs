//! The thread that advances the engine's epoch once a millisecond while guests run, and sleeps while none does.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread::{self, Thread},
    time::Duration,
};

use wasmtime::{Engine, EngineWeak};

/// The granularity of CPU budgets, and how long a guest keeps its thread at most.
pub(crate) const TICK: Duration = Duration::from_millis(1);

/// How many ticks without a guest before the thread goes to sleep. It must be more than one: see [`Ticker::touch`].
const IDLE_TICKS: u32 = 250;

/// Handle of the ticking thread, which ends with it.
#[derive(Debug)]
pub(crate) struct Ticker {
    flags: Arc<Flags>,
    thread: Thread,
}

#[derive(Debug, Default)]
struct Flags {
    /// Set by guests, cleared by the thread.
    active: AtomicBool,
    parked: AtomicBool,
    stop: AtomicBool,
}

impl Ticker {
    pub(crate) fn start(engine: &Engine) -> std::io::Result<Self> {
        let flags = Arc::new(Flags::default());
        let (engine, shared) = (engine.weak(), flags.clone());
        let thread = thread::Builder::new()
            .name("plugin-ticker".to_owned())
            .spawn(move || tick(&engine, &shared))?;
        Ok(Self {
            flags,
            thread: thread.thread().clone(),
        })
    }

    /// Sees to it that the epoch advances at least once more from now. A guest's deadline is one tick ahead, so this
    /// must be called after the deadline was set, and again at each tick that the guest sees.
    ///
    /// Usually it is one load of a line that no one writes.
    pub(crate) fn touch(&self) {
        if self.flags.active.load(SeqCst) {
            return;
        }
        self.flags.active.store(true, SeqCst);
        if self.flags.parked.load(SeqCst) {
            self.thread.unpark();
        }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.flags.stop.store(true, SeqCst);
        self.thread.unpark();
    }
}

fn tick(engine: &EngineWeak, flags: &Flags) {
    let mut idle = 0;
    while !flags.stop.load(SeqCst) {
        if flags.active.swap(false, SeqCst) {
            idle = 0;
        } else {
            idle += 1;
        }
        if idle > IDLE_TICKS {
            park(flags);
            idle = 0;
        }
        thread::sleep(TICK);
        let Some(engine) = engine.upgrade() else { return };
        engine.increment_epoch();
    }
}

/// Sleeps until a guest starts. `parked` is set before `active` is looked at, and `touch` does it the other way round,
/// so that one of the two sees the other.
fn park(flags: &Flags) {
    flags.parked.store(true, SeqCst);
    while !flags.active.load(SeqCst) && !flags.stop.load(SeqCst) {
        thread::park();
    }
    flags.parked.store(false, SeqCst);
}

#[cfg(test)]
mod tests;
