//! What an invocation did, for people: station by station, and the answer.

use std::time::Duration;

use serde_json::Value;

use crate::cli::print::{one_line, out};
use crate::cli::table::{scalar, text};

/// Columns of a station's name: that of the longest.
const NAME_WIDTH: usize = "integration response".len();

/// Prints what a method did and answered.
pub(super) fn answer(method: &str, answer: &Value) {
    for line in lines(method, answer) {
        out(&line);
    }
}

fn lines(method: &str, answer: &Value) -> Vec<String> {
    let mut lines = vec![format!("method {}", one_line(method))];
    for station in items(answer, "portcullis:stations") {
        let took = station.get("microseconds").and_then(Value::as_u64);
        let took = Duration::from_micros(took.unwrap_or_default());
        let name = one_line(text(station, "name"));
        lines.push(String::new());
        lines.push(format!(
            "{name:NAME_WIDTH$}  {:>9.3} ms",
            took.as_secs_f64() * 1_000.0
        ));
        let told = items(station, "lines").iter().map(scalar);
        lines.extend(told.map(|line| format!("  {}", one_line(&line))));
        for rendered in items(station, "rendered").iter().map(scalar) {
            lines.push("  the template rendered to".to_owned());
            lines.extend(rendered.lines().map(|line| format!("    {}", shown(line))));
        }
    }
    let status = answer.get("status").map(scalar).unwrap_or_default();
    let latency = answer.get("latency").map(scalar).unwrap_or_default();
    lines.push(String::new());
    lines.push(format!("status {status} after {latency} ms"));
    let headers = answer.get("multiValueHeaders").and_then(Value::as_object);
    for (name, values) in headers.into_iter().flatten() {
        let values = values.as_array().into_iter().flatten().map(scalar);
        lines.extend(values.map(|value| format!("{}: {}", one_line(name), one_line(&value))));
    }
    let body = text(answer, "body");
    if !body.is_empty() {
        lines.push(String::new());
        if answer.get("portcullis:isBase64Encoded") == Some(&Value::Bool(true)) {
            lines.push("the body is no text; in base64 it is".to_owned());
        }
        lines.extend(body.lines().map(shown));
    }
    lines
}

/// A line of a text; what a terminal would obey is escaped, but for tabs.
fn shown(line: &str) -> String {
    let parts = line.split('\t').map(one_line);
    parts.collect::<Vec<_>>().join("\t")
}

fn items<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tells_station_by_station() {
        let answer = json!({
            "status": 200, "latency": 12, "body": "a\n\tb\u{1b}[2J", "multiValueHeaders": {"x": ["1", "2"]},
            "portcullis:stations": [
                {"name": "route", "microseconds": 21, "lines": ["one", "tw\no"], "rendered": []},
                {"name": "integrate", "microseconds": 12_345, "lines": [], "rendered": ["{\n  1\n}"]},
            ],
        });
        let expected = [
            "method GET /pets/{id}",
            "",
            "route                     0.021 ms",
            "  one",
            "  tw\\no",
            "",
            "integrate                12.345 ms",
            "  the template rendered to",
            "    {",
            "      1",
            "    }",
            "",
            "status 200 after 12 ms",
            "x: 1",
            "x: 2",
            "",
            "a",
            "\tb\\u{1b}[2J",
        ];
        assert_eq!(lines("GET /pets/{id}", &answer), expected);
    }
}
