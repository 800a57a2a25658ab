//! Renders what it makes of the recorded cases, for a while. `PORTCULLIS_FUZZ_SECONDS` says for how long (5 seconds
//! unless told), `PORTCULLIS_FUZZ_SEED` from which number on, as a failure prints it; `PORTCULLIS_FUZZ_CORPUS` names a
//! folder into which the cases are written as a corpus for `plugins/vtl/fuzz`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "what goes wrong here fails the test, which tells about it"
)]

mod check;
mod mutate;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use check::Input;
use mutate::Random;
use portcullis_vtl::Profile;
use portcullis_vtl::aws::Request;
use portcullis_vtl::value::Text;
use serde_json::Value;

/// As little as an embedder can be expected to have, and some more for a build without optimizations.
const STACK: usize = if cfg!(debug_assertions) {
    2 << 20
} else {
    512 << 10
};
/// The slowest inputs that are printed.
const SLOWEST: usize = 5;

#[test]
fn no_mutation_of_a_recorded_case_breaks_a_promise() {
    let seconds = from_environment("PORTCULLIS_FUZZ_SECONDS").unwrap_or(5);
    let start = from_environment("PORTCULLIS_FUZZ_SEED").unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        now.as_secs() << 20
    });
    println!("from seed {start} on");
    let run = thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || run(start, Duration::from_secs(seconds)));
    if let Err(panic) = run.unwrap().join() {
        resume_unwind(panic);
    }
}

fn run(start: u64, time: Duration) {
    let seeds = seeds();
    let (began, mut seed, mut slowest) = (Instant::now(), start, Vec::new());
    for input in &seeds {
        attempt(input, "a recorded case");
    }
    while began.elapsed() < time {
        let input = mutate::mutated(&seeds, &mut Random::new(seed));
        let before = Instant::now();
        attempt(&input, &format!("PORTCULLIS_FUZZ_SEED={seed}"));
        slowest.push((before.elapsed(), seed, input));
        if slowest.len() > 20 * SLOWEST {
            keep_slowest(&mut slowest);
        }
        seed += 1;
    }
    keep_slowest(&mut slowest);
    println!(
        "{} inputs; the slowest, each compiled four and rendered six times:",
        seed - start
    );
    for (time, seed, input) in slowest {
        println!("{time:?}, seed {seed}: {input:?}");
    }
}

fn attempt(input: &Input, name: &str) {
    let checked = catch_unwind(AssertUnwindSafe(|| check::check(input, check::LIMITS)));
    if let Err(panic) = checked {
        println!("{name} fails: {input:?}");
        println!("as a file for plugins/vtl/fuzz: {:?}", input.write());
        resume_unwind(panic);
    }
}

fn keep_slowest(inputs: &mut Vec<(Duration, u64, Input)>) {
    inputs.sort_by_key(|(time, ..)| std::cmp::Reverse(*time));
    inputs.truncate(SLOWEST);
}

fn from_environment(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is no number: {text}")),
    )
}

/// The recorded cases.
fn seeds() -> Vec<Input> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut tables: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    tables.sort();
    let texts: Vec<String> = tables
        .iter()
        .map(|table| fs::read_to_string(table).unwrap())
        .collect();
    texts.iter().flat_map(|text| text.lines()).map(input).collect()
}

fn input(line: &str) -> Input {
    let case: Value = serde_json::from_str(line).unwrap();
    let given = &case["context"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let pairs = |value: &Value| -> Vec<(String, String)> {
        let entries = value.as_object().into_iter().flatten();
        entries.map(|(name, value)| (name.clone(), text(value))).collect()
    };
    Input {
        profile: match case["profile"].as_str() {
            Some("velocity") => Profile::Velocity,
            _ => Profile::Aws,
        },
        template: text(&case["template"]),
        request: Request {
            body: text(&given["body"]).into(),
            headers: pairs(&given["params"]["header"]),
            query: pairs(&given["params"]["querystring"]),
            path: pairs(&given["params"]["path"]),
            stage_variables: pairs(&given["stageVariables"]),
            context: match &given["context"] {
                Value::Null => Text::default(),
                context => context.to_string().into(),
            },
        },
    }
}

#[test]
fn the_text_form_of_an_input_reads_back() {
    let folder = std::env::var_os("PORTCULLIS_FUZZ_CORPUS").map(PathBuf::from);
    for (at, input) in seeds().iter().enumerate() {
        let text = input.write();
        assert_eq!(Input::read(&text).write(), text);
        if let Some(folder) = &folder {
            fs::create_dir_all(folder).unwrap();
            fs::write(folder.join(format!("case-{at:04}")), text).unwrap();
        }
    }
}
