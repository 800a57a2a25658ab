//! What one token costs with keys that are prepared: `cargo bench -p portcullis-jwt`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    dead_code,
    reason = "a bench"
)]

use std::hint::black_box;
use std::time::Instant;

use portcullis_jwt::{Algorithm, Algorithms, Expected, KeySet, Token};

#[path = "../src/tests/sign.rs"]
mod sign;

const ROUNDS: u32 = 7;
const TOKENS: u32 = 4_000;

fn main() {
    let claims = format!(
        r#"{{"iss":"https://issuer.example.com","aud":"shop","exp":2000,"iat":1000,"sub":"{}","scope":"read write"}}"#,
        "a".repeat(36)
    );
    for signer in sign::all() {
        let keys = KeySet::parse(sign::set(&[&signer]).as_bytes()).expect("a key set");
        let token = signer.token(&claims);
        let audiences = ["shop".to_owned()];
        let verify = || {
            let token = Token::parse(black_box(&token)).expect("a token");
            let claims = token.verify(&keys, Algorithms::ALL).expect("a signature");
            let expected = Expected {
                issuer: "https://issuer.example.com",
                audiences: &audiences,
                now: 1500,
                leeway: 60,
            };
            claims.check(&expected).expect("claims");
        };
        let mut rounds: Vec<f64> = (0..ROUNDS)
            .map(|_| {
                let started = Instant::now();
                (0..TOKENS).for_each(|_| verify());
                started.elapsed().as_secs_f64() * 1e6 / f64::from(TOKENS)
            })
            .collect();
        rounds.sort_by(f64::total_cmp);
        let name = signer.algorithm.name();
        let (least, median) = (rounds.first(), rounds.get(rounds.len() / 2));
        println!(
            "{name}: {:.1} µs, {:.1} at best",
            median.unwrap_or(&0.0),
            least.unwrap_or(&0.0)
        );
    }
}
