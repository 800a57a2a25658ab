//! Route lookup. Target: 1 microsecond in 10,000 routes.

use std::hint::black_box;
use std::time::Instant;

use portcullis::plan::{Router, Verb};

use crate::figures;

pub(crate) fn run() {
    let mut router = Router::default();
    let mut paths = Vec::new();
    for index in 0..10_000_u32 {
        let (service, kind) = (index / 100, index % 100);
        let path = match kind % 4 {
            0 => format!("/service-{service}/items-{kind}"),
            1 => format!("/service-{service}/items-{kind}/{{id}}"),
            2 => format!("/service-{service}/items-{kind}/{{id}}/parts/{{part}}"),
            _ => format!("/service-{service}/files-{kind}/{{proxy+}}"),
        };
        router.add(&path, Some(Verb::Get), index).expect("a new route");
        paths.push(
            path.replace("{id}", "4711")
                .replace("{part}", "p%201")
                .replace("{proxy+}", "a/b/c.txt"),
        );
    }
    let rounds = (0..15).map(|_| {
        let start = Instant::now();
        for path in &paths {
            assert!(black_box(router.find(black_box(path), Verb::Get)).is_some());
        }
        start.elapsed().as_nanos() as f64 / paths.len() as f64 / 1000.0
    });
    figures::print("one lookup", "us", rounds.collect());
}
