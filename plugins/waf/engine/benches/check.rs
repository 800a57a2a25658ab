//! What a value costs. `cargo bench` here.

use std::hint::black_box;
use std::time::Instant;

use portcullis_waf::{sql, xss};

#[allow(clippy::print_stdout, reason = "that is what it is for")]
fn main() {
    let prose = "the quick brown fox isn't (really) as quick as 5 > 3 or so; ".repeat(140);
    let attack = "' or /**/ (select 1) <a x=' ".repeat(300);
    for (name, text) in [
        ("a word", "shoes"),
        ("a phrase", "red shoes, size 42 or larger"),
        ("8 KiB of prose", prose.as_str()),
        ("8 KiB of signs", attack.as_str()),
    ] {
        let rounds = (4_000_000 / (text.len() + 100)).max(10);
        for (kind, find) in [("sql", sql::find as fn(&str) -> _), ("xss", xss::find)] {
            let start = Instant::now();
            for _ in 0..rounds {
                black_box(find(black_box(text)));
            }
            let each = start.elapsed() / u32::try_from(rounds).unwrap_or(1);
            println!("{name}, {kind}: {each:?}");
        }
    }
}
