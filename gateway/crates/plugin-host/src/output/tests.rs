use std::io::{self, Write};

use tracing_subscriber::fmt::MakeWriter;

use super::*;

/// Collects what is logged while `act` runs, without times and colours.
fn logged(act: impl FnOnce(&Output)) -> Vec<String> {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(lines.clone())
        .with_ansi(false)
        .without_time()
        .with_target(false)
        .with_max_level(Level::DEBUG)
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        let output = Output::new("guest".into());
        output.begin_call("id-1");
        act(&output);
        output.end_call();
    });
    let text = String::from_utf8(lines.0.lock().clone()).unwrap();
    text.lines().map(|line| line.trim_start().to_owned()).collect()
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[test]
fn prints_line_by_line_and_the_rest_at_the_end() {
    let lines = logged(|output| {
        output.write(Stream::Stdout, b"one\ntw");
        output.write(Stream::Stderr, b"oops");
        output.write(Stream::Stdout, b"o\n\n");
    });
    assert_eq!(
        lines,
        [
            "INFO one plugin=\"guest\" request_id=\"id-1\" stream=\"stdout\"",
            "INFO two plugin=\"guest\" request_id=\"id-1\" stream=\"stdout\"",
            "WARN oops plugin=\"guest\" request_id=\"id-1\" stream=\"stderr\"",
        ]
    );
}

#[test]
fn cuts_long_lines_and_drops_what_is_too_much() {
    let lines = logged(|output| output.write(Stream::Stdout, &[b'x'; 10 * LINE_BYTES]));
    assert_eq!(lines.len(), 1);
    assert!(lines[0].len() < LINE_BYTES + 100);

    let lines = logged(|output| {
        for _ in 0..CALL_BYTES {
            output.write(Stream::Stdout, b"y\n");
        }
        output.log(Level::ERROR, "never seen");
    });
    assert_eq!(lines.len(), CALL_BYTES / 2 + 1);
    assert!(
        lines[CALL_BYTES / 2].contains("dropped_bytes=32778"),
        "{}",
        lines[CALL_BYTES / 2]
    );
}

#[test]
fn keeps_control_characters_out_of_the_log() {
    let lines = logged(|output| output.log(Level::WARN, "a\nb\x1b[31m\tc"));
    assert_eq!(
        lines,
        ["WARN a\u{fffd}b\u{fffd}[31m\tc plugin=\"guest\" request_id=\"id-1\""]
    );
}
