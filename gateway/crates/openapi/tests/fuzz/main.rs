//! Reads what it makes of right documents, for a while. `PORTCULLIS_FUZZ_SECONDS` says for how long (3 seconds unless
//! told), `PORTCULLIS_FUZZ_SEED` from which number on, as a failure prints it; `PORTCULLIS_FUZZ_CORPUS` names a folder
//! into which the documents are written as a corpus for `../../fuzz`.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "what goes wrong here fails the test, which tells about it"
)]

mod check;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use portcullis_model::generated;
use portcullis_openapi::{ExportOptions, export, yaml};

/// Words that a mutation brings.
const WORDS: &[&str] = &[
    "\"$ref\": \"#/paths\"",
    "{}",
    "[]",
    "null",
    "\"x\"",
    "-1",
    "1e9",
    "&a",
    "*a",
    "<<: ",
    "\u{0}",
    "é",
    "~1",
    "%25",
    "${stageVariables.x}",
    "method.request.body",
];

#[test]
fn no_mutation_of_a_document_breaks_a_promise() {
    let seconds = from_environment("PORTCULLIS_FUZZ_SECONDS").unwrap_or(3);
    let start = from_environment("PORTCULLIS_FUZZ_SEED").unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time");
        now.as_secs() << 20
    });
    println!("from seed {start} on");
    let texts = texts();
    write_corpus(&texts);
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut seed = start;
    while Instant::now() < end {
        let text = Random(seed | 1).mutated(&texts);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check::check(&text))) {
            println!("seed {seed} broke a promise; again with PORTCULLIS_FUZZ_SEED={seed}");
            resume_unwind(panic);
        }
        seed += 1;
    }
    println!("{} texts", seed - start);
}

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Small documents of both versions and both formats.
fn texts() -> Vec<String> {
    let mut texts = Vec::new();
    for seed in 0..40 {
        for version in check::VERSIONS {
            let document = export(&generated(seed), &ExportOptions::whole(version));
            texts.push(document.to_string());
            texts.push(yaml(&document).expect("YAML"));
        }
    }
    texts
}

fn write_corpus(texts: &[String]) {
    let Ok(folder) = std::env::var("PORTCULLIS_FUZZ_CORPUS") else {
        return;
    };
    std::fs::create_dir_all(&folder).expect("a folder");
    for (index, text) in texts.iter().enumerate() {
        std::fs::write(format!("{folder}/{index}"), text).expect("a file");
    }
}

/// xorshift64*
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let random = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(random).unwrap_or_default() % bound.max(1)
    }

    fn mutated(&mut self, texts: &[String]) -> String {
        // Neighbouring seeds are alike at first.
        for _ in 0..8 {
            self.below(2);
        }
        let mut text = texts.get(self.below(texts.len())).cloned().unwrap_or_default();
        for _ in 0..=self.below(3) {
            let (from, to) = (self.place(&text), self.place(&text));
            let (from, to) = (from.min(to), from.max(to));
            let short = to.min(self.near(&text, from));
            match self.below(5) {
                0 => text.replace_range(from..short, ""),
                1 => {
                    let piece = text.get(from..short).unwrap_or_default().to_owned();
                    text.insert_str(to, &piece);
                }
                2 => {
                    let other = texts.get(self.below(texts.len())).map_or("", String::as_str);
                    let start = self.place(other);
                    let end = self.near(other, start);
                    text.replace_range(from..short, other.get(start..end).unwrap_or_default());
                }
                _ => {
                    let word = WORDS.get(self.below(WORDS.len())).copied().unwrap_or_default();
                    text.replace_range(from..short, word);
                }
            }
        }
        text
    }

    /// Somewhere between two characters.
    fn place(&mut self, text: &str) -> usize {
        text.floor_char_boundary(self.below(text.len() + 1))
    }

    fn near(&mut self, text: &str, place: usize) -> usize {
        text.floor_char_boundary((place + self.below(40)).min(text.len()))
            .max(place)
    }
}
