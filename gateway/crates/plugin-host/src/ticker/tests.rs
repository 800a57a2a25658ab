use std::sync::atomic::Ordering::SeqCst;

use wasmtime::{Config, Engine, Instance, Module, Store, Trap};

use super::*;

fn engine() -> Engine {
    Engine::new(Config::new().epoch_interruption(true)).unwrap()
}

/// Runs a guest that only a tick can end.
fn interrupted(engine: &Engine, ticker: &Ticker) {
    let module = Module::new(
        engine,
        wat::parse_str("(module (func (export \"f\") (loop br 0)))").unwrap(),
    )
    .unwrap();
    let mut store = Store::new(engine, ());
    store.set_epoch_deadline(1);
    ticker.touch();
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let function = instance.get_typed_func::<(), ()>(&mut store, "f").unwrap();
    let error = function.call(&mut store, ()).unwrap_err();
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Interrupt));
}

#[test]
fn ticks_again_after_it_went_to_sleep() {
    let engine = engine();
    let ticker = Ticker::start(&engine).unwrap();
    for _ in 0..2 {
        while !ticker.flags.parked.load(SeqCst) {
            thread::yield_now();
        }
        interrupted(&engine, &ticker);
    }
}

#[test]
fn ends_with_its_handle() {
    let engine = engine();
    let ticker = Ticker::start(&engine).unwrap();
    let flags = Arc::downgrade(&ticker.flags);
    while !ticker.flags.parked.load(SeqCst) {
        thread::yield_now();
    }
    drop(ticker);
    while flags.upgrade().is_some() {
        thread::yield_now();
    }
}
