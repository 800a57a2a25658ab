//! What came, beside what a case expects.

use std::io::Read;

use portcullis_testkit::RawAnswer;
use serde_json::Value;

use crate::backend::Received;
use crate::case::{Body, Exchange, ExpectBackend, Headers, OneOrMore};
use crate::decoded;

/// What differs in the response.
pub(crate) fn answer(exchange: &Exchange, answer: &RawAnswer) -> Vec<String> {
    let expect = &exchange.expect;
    let mut told = Vec::new();
    if answer.status != expect.status {
        told.push(format!(
            "status: expected {}, got {}",
            expect.status, answer.status
        ));
    }
    if answer.complete == expect.cut {
        let (wanted, got) = if expect.cut {
            ("cut off", "whole")
        } else {
            ("whole", "cut off")
        };
        told.push(format!("body: expected it {wanted}, got it {got}"));
    }
    told.extend(headers(&expect.headers, |name| answer.values(name)));
    // Every response carries them (behaviours, "Data plane: order and errors").
    for name in ["x-amzn-requestid", "x-amz-apigw-id"] {
        told.extend(absent(name, &answer.values(name)));
    }
    match plain(expect.decode.as_deref(), &answer.body) {
        Ok(plain) => told.extend(body(&expect.body, &plain)),
        Err(error) => told.push(error),
    }
    if !told.is_empty() {
        told.push(format!("the response: {} {:?}", answer.status, answer.headers));
        told.push(format!("its body: {}", shown(&answer.body)));
    }
    told
}

/// What differs in what the backend got.
pub(crate) fn backend(exchange: &Exchange, got: &[Received]) -> Vec<String> {
    let Some(expect) = &exchange.expect.backend else {
        return Vec::new();
    };
    let told = match got.last() {
        None if expect.called => vec!["the backend was not called".to_owned()],
        Some(got) if !expect.called => vec![format!("the backend was called: {} {}", got.method, got.target)],
        None => Vec::new(),
        Some(got) => received(expect, got),
    };
    told.into_iter()
        .map(|text| format!("at the backend: {text}"))
        .collect()
}

fn received(expect: &ExpectBackend, got: &Received) -> Vec<String> {
    let mut told = Vec::new();
    for (what, wanted, got) in [
        ("method", &expect.method, &got.method),
        ("target", &expect.target, &got.target),
    ] {
        if let Some(wanted) = wanted.as_ref().filter(|wanted| *wanted != got) {
            told.push(format!("{what}: expected {wanted:?}, got {got:?}"));
        }
    }
    told.extend(headers(&expect.headers, |name| got.values(name)));
    told.extend(body(&expect.body, &got.body));
    if !told.is_empty() {
        told.push(format!("it got {} {} {:?}", got.method, got.target, got.headers));
    }
    told
}

fn headers<'a>(expect: &Headers, got: impl Fn(&str) -> Vec<&'a str>) -> Vec<String> {
    let got = |name: &str| got(&name.to_lowercase());
    let mut told = Vec::new();
    for (name, wanted) in &expect.headers {
        let (wanted, got) = (wanted.all(), got(name));
        if wanted != got {
            told.push(format!("header {name}: expected {wanted:?}, got {got:?}"));
        }
    }
    for (name, parts) in &expect.headers_contain {
        let got = got(name);
        let parts = parts.all().into_iter();
        for part in parts.filter(|part| !got.iter().any(|value| value.contains(part))) {
            told.push(format!("header {name}: expected {part:?} in it, got {got:?}"));
        }
    }
    for name in &expect.present_headers {
        told.extend(absent(name, &got(name)));
    }
    for name in &expect.absent_headers {
        let got = got(name);
        if !got.is_empty() {
            told.push(format!("header {name}: expected none, got {got:?}"));
        }
    }
    told
}

fn absent(name: &str, got: &[&str]) -> Option<String> {
    got.is_empty()
        .then(|| format!("header {name}: expected one, got none"))
}

fn body(expect: &Body, got: &[u8]) -> Vec<String> {
    let mut told = Vec::new();
    if let Some(wanted) = expect.body.as_ref().filter(|wanted| wanted.as_bytes() != got) {
        told.push(format!("body: expected {wanted:?}, got {}", shown(got)));
    }
    if let Some(wanted) = expect
        .body_base64
        .as_ref()
        .filter(|wanted| decoded(wanted) != got)
    {
        told.push(format!(
            "body: expected {}, got {}",
            shown(&decoded(wanted)),
            shown(got)
        ));
    }
    if let Some(wanted) = &expect.body_json {
        let parsed: Option<Value> = serde_json::from_slice(got).ok();
        if parsed != serde_json::from_str(wanted).ok() {
            told.push(format!("body: expected the JSON {wanted}, got {}", shown(got)));
        }
    }
    let text = String::from_utf8_lossy(got);
    let parts = expect.body_contains.iter().flat_map(OneOrMore::all);
    for part in parts.filter(|part| !text.contains(part)) {
        told.push(format!("body: expected {part:?} in it, got {}", shown(got)));
    }
    if let Some(wanted) = expect.body_length.filter(|wanted| *wanted != got.len()) {
        told.push(format!("body: expected {wanted} bytes, got {}", got.len()));
    }
    told
}

fn plain(encoding: Option<&str>, body: &[u8]) -> Result<Vec<u8>, String> {
    let mut plain = Vec::new();
    let read = match encoding {
        None => return Ok(body.to_vec()),
        Some("gzip") => flate2::read::GzDecoder::new(body).read_to_end(&mut plain),
        // RFC 9110, section 8.4.1.2: "deflate" is the zlib format.
        Some("deflate") => flate2::read::ZlibDecoder::new(body).read_to_end(&mut plain),
        Some("br") => brotli::Decompressor::new(body, 4096).read_to_end(&mut plain),
        Some(other) => return Err(format!("nothing decodes {other:?}")),
    };
    read.map(|_| plain).map_err(|error| {
        format!(
            "body: expected {}, got {}: {error}",
            encoding.unwrap_or_default(),
            shown(body)
        )
    })
}

/// A body for a person.
fn shown(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body.get(..1000).unwrap_or(body));
    let more = if body.len() > 1000 {
        format!(" … ({} bytes)", body.len())
    } else {
        String::new()
    };
    format!("{text:?}{more}")
}
