use serde_json::json;

use crate::{Document, Format, Node, Position, Problem, Value, pointer, suggest};

/// What a text is read into: its value, or its problems one a line without the file's name.
fn read(text: &str, format: Format) -> Result<serde_json::Value, Vec<String>> {
    let shown = |problem: &Problem| problem.to_string().replacen("f:", "", 1);
    Document::parse("f", text, format)
        .map(|document| document.to_json())
        .map_err(|problems| problems.iter().map(shown).collect())
}

#[test]
fn reads_values() {
    use Format::{Json, Toml, Yaml};
    let rows = [
        (
            "json of every kind",
            Json,
            r#"{"b":[null,true,-1,2.5,"x"],"a":{}}"#,
            json!({"b":[null,true,-1,2.5,"x"],"a":{}}),
        ),
        (
            "json escapes",
            Json,
            r#""\u0041\ud83d\ude00\n\/""#,
            json!("A😀\n/"),
        ),
        ("json byte order mark", Json, "\u{feff}[1]", json!([1])),
        (
            "json large numbers",
            Json,
            "[18446744073709551615, 1e30]",
            json!([u64::MAX, 1e30]),
        ),
        ("empty yaml", Yaml, "", json!(null)),
        ("yaml comment only", Yaml, "# nothing\n", json!(null)),
        (
            "yaml core schema",
            Yaml,
            "[~, True, 0x10, 0o17, 012, 1e3, .5, -1, no, 1_000]",
            json!([null, true, 16, 15, 12, 1000.0, 0.5, -1, "no", "1_000"]),
        ),
        (
            "yaml quoted",
            Yaml,
            "['1', \"true\", '']",
            json!(["1", "true", ""]),
        ),
        (
            "yaml keys that are no strings",
            Yaml,
            "200: a\ntrue: b\n~: c\n",
            json!({"200":"a","true":"b","~":"c"}),
        ),
        (
            "yaml block scalars",
            Yaml,
            "a: |\n  x\n  y\nb: >-\n  x\n  y\n",
            json!({"a":"x\ny\n","b":"x y"}),
        ),
        (
            "yaml tags",
            Yaml,
            "[!!str 1, !!int 1, !!float 1.5, ! 2, !!null ~]",
            json!(["1", 1, 1.5, "2", null]),
        ),
        (
            "yaml anchors",
            Yaml,
            "a: &x {k: [1]}\nb: *x\n",
            json!({"a":{"k":[1]},"b":{"k":[1]}}),
        ),
        (
            "yaml merge",
            Yaml,
            "a: &x {k: 1, l: 2}\nb:\n  l: 3\n  <<: *x\n",
            json!({"a":{"k":1,"l":2},"b":{"l":3,"k":1}}),
        ),
        (
            "yaml merge of several",
            Yaml,
            "a: &x {k: 1}\nb: &y {k: 2, l: 3}\nc: {<<: [*x, *y]}\n",
            json!({"a":{"k":1},"b":{"k":2,"l":3},"c":{"k":1,"l":3}}),
        ),
        (
            "yaml quoted merge key is a key",
            Yaml,
            "'<<': 1",
            json!({"<<": 1}),
        ),
        (
            "yaml as json",
            Yaml,
            "{\"a\":[1,{\"b\":null}]}",
            json!({"a":[1,{"b":null}]}),
        ),
        (
            "yaml explicit document",
            Yaml,
            "---\na: 1\n...\n",
            json!({"a": 1}),
        ),
        (
            "toml in its order",
            Toml,
            "z = 1\na = 2\n[t]\ny = 0x1F\nb.c = [1, 2]\n[[l]]\nk = 1979-05-27T07:32:00Z\n[[l]]\nk = 1.5\n",
            json!({"z":1,"a":2,"t":{"y":31,"b":{"c":[1,2]}},"l":[{"k":"1979-05-27T07:32:00Z"},{"k":1.5}]}),
        ),
        ("empty toml", Toml, "", json!({})),
    ];
    for (name, format, text, expected) in rows {
        let found = read(text, format);
        assert_eq!(found.as_ref(), Ok(&expected), "{name}");
        // `json!` equality does not look at the order.
        assert_eq!(
            found.unwrap_or_default().to_string(),
            expected.to_string(),
            "{name}: order"
        );
    }
}

#[test]
fn reports_what_is_wrong() {
    use Format::{Json, Toml, Yaml};
    let rows: [(&str, Format, &str, &[&str]); 35] = [
        (
            "nothing",
            Json,
            "",
            &["1:1: error: expected a value, found the end of the document"],
        ),
        (
            "missing colon",
            Json,
            "{\"a\" 1}",
            &["1:6: error: expected `:`, found \"1\""],
        ),
        (
            "comma too many",
            Json,
            "{\"a\":[1,],}",
            &[
                "1:8: error: a comma with nothing behind it",
                "1:10: error: a comma with nothing behind it",
            ],
        ),
        (
            "missing commas",
            Json,
            "{\"a\":[1 2]\n \"b\":3}",
            &[
                "1:9: error: expected `,` or `]`, a comma is missing",
                "2:2: error: expected `,` or `}`, a comma is missing",
            ],
        ),
        (
            "comment",
            Json,
            "[1 // x\n]",
            &["1:4: error: expected `,` or `]`, found a comment, which JSON does not have"],
        ),
        (
            "single quotes",
            Json,
            "{'a':1}",
            &["1:2: error: expected a key in double quotes, found \"'\""],
        ),
        (
            "word",
            Json,
            "[True]",
            &["1:2: error: expected a value, found the word \"True\""],
        ),
        (
            "leading zero",
            Json,
            "[01, +1, 1e999]",
            &[
                "1:2: error: \"01\" is not a number in JSON, or too large for one",
                "1:6: error: \"+1\" is not a number in JSON, or too large for one",
                "1:10: error: \"1e999\" is not a number in JSON, or too large for one",
            ],
        ),
        (
            "open string",
            Json,
            "[\"é\", \"b\n\"]",
            &["1:7: error: a string that does not end in its line"],
        ),
        (
            "open string at the end",
            Json,
            "\"b",
            &["1:1: error: a string that does not end"],
        ),
        (
            "bad escapes",
            Json,
            r#"["\x", "\ud800", "\u12"]"#,
            &[
                "1:3: error: unknown escape `\\x`",
                "1:9: error: `\\u` without the four hexadecimal digits of a character",
                "1:19: error: `\\u` without the four hexadecimal digits of a character",
            ],
        ),
        (
            "control character",
            Json,
            "[\"\t\"]",
            &["1:3: error: the control character U+0009 must be written as an escape in a string"],
        ),
        (
            "something behind",
            Json,
            "1 2",
            &["1:3: error: expected the end of the document, found \"2\""],
        ),
        (
            "duplicate key",
            Json,
            "{\"a\":1,\n \"a\":{\"b\":1,\"b\":2}}",
            &[
                "2:2: error: duplicate key \"a\", which is already at line 1, column 2",
                "2:13: error: duplicate key \"b\", which is already at line 2, column 7",
            ],
        ),
        (
            "duplicate key",
            Yaml,
            "a: 1\nb: 2\na: 3\n",
            &["3:1: error: duplicate key \"a\", which is already at line 1, column 1"],
        ),
        (
            "two documents",
            Yaml,
            "a: 1\n---\nb: 2\n",
            &["2:1: error: more than one document in one file"],
        ),
        (
            "foreign tag",
            Yaml,
            "a: !Ref b\n",
            &[
                "1:4: error: the tag !Ref is not supported\n  hint: only the tags of YAML's core schema are, such as !!str; write the value that the tag stands for",
            ],
        ),
        (
            "tag that does not fit",
            Yaml,
            "a: !!int x\n",
            &["1:4: error: \"x\" does not fit the tag !!int"],
        ),
        (
            "not finite",
            Yaml,
            "a: .inf\nb: .nan\n",
            &[
                "1:4: error: the number .inf is not one that JSON could hold\n  hint: quote it if it is text",
                "2:4: error: the number .nan is not one that JSON could hold\n  hint: quote it if it is text",
            ],
        ),
        (
            "alias in itself",
            Yaml,
            "a: &x [*x]\n",
            &["1:8: error: an alias inside of the value that it stands for"],
        ),
        (
            "unknown alias",
            Yaml,
            "a: *x\n",
            &["1:4: error: while parsing node, found unknown anchor"],
        ),
        (
            "merge of no object",
            Yaml,
            "a: {<<: 1}\n",
            &["1:9: error: expected objects to merge, found the number 1"],
        ),
        (
            "two merges",
            Yaml,
            "a: &x {}\nb: {<<: *x, <<: *x}\n",
            &["2:13: error: duplicate key \"<<\", which is already at line 2, column 5"],
        ),
        (
            "key that is an array",
            Yaml,
            "[1]: 2\n",
            &["1:1: error: a key must be a string, not an array or an object"],
        ),
        (
            "missing key",
            Yaml,
            ": 2\n",
            &["1:1: error: a key is missing before `:`"],
        ),
        (
            "zero byte",
            Yaml,
            "a: 1\n\0b: 2",
            &["2:1: error: the character U+0000 is not allowed in YAML"],
        ),
        (
            "tab as indent",
            Yaml,
            "a:\n\tb: 1\n",
            &["2:2: error: tabs disallowed within this context (block indentation)"],
        ),
        (
            "several syntax errors",
            Toml,
            "a = \nb = 1 2\n[c\n",
            &[
                "1:5: error: string values must be quoted, expected literal string",
                "2:5: error: string values must be quoted, expected literal string",
                "3:3: error: unclosed table, expected `]`",
            ],
        ),
        (
            "duplicate keys",
            Toml,
            "a = 1\na = 2\n[t]\n[t.s]\nk = 1\nk = 2\n[t]\n",
            &[
                "2:1: error: duplicate key \"a\", which is already at line 1, column 1",
                "6:1: error: duplicate key \"k\", which is already at line 5, column 1",
                "7:2: error: duplicate key \"t\", which is already at line 3, column 2",
            ],
        ),
        (
            "duplicates in arrays of tables",
            Toml,
            "[[t]]\nk = 1\n[[t]]\nk = 1\nk = 2\n",
            &["5:1: error: duplicate key \"k\", which is already at line 4, column 1"],
        ),
        (
            "duplicates in inline tables",
            Toml,
            "a = [{k = 1}, {k = 1, k = 2}]\n",
            &["1:23: error: duplicate key \"k\", which is already at line 1, column 16"],
        ),
        (
            "table over a value",
            Toml,
            "a = 1\n[a]\n",
            &["2:2: error: duplicate key \"a\", which is already at line 1, column 1"],
        ),
        (
            "table over an array of tables",
            Toml,
            "[[a]]\n[a]\n",
            &["2:2: error: duplicate key \"a\", which is already at line 1, column 3"],
        ),
        (
            "not finite",
            Toml,
            "a = inf\n",
            &["1:5: error: the number inf is not finite"],
        ),
        (
            "too large",
            Toml,
            "a = 9223372036854775808\n",
            &["1:5: error: the number 9223372036854775808 does not fit into 64 bits"],
        ),
    ];
    for (name, format, text, expected) in rows {
        let found = read(text, format).expect_err(name);
        assert_eq!(found, expected, "{format:?}: {name}");
    }
}

#[test]
fn refuses_what_is_too_large() {
    let nested = |open: &str, close: &str, depth: usize| open.repeat(depth) + &close.repeat(depth);
    let laughs: String = (1..10).fold("a0: &a0 [x]\n".to_owned(), |text, level| {
        let copies = vec![format!("*a{}", level - 1); 9].join(", ");
        format!("{text}a{level}: &a{level} [{copies}]\n")
    });
    let long_anchor = format!(
        "a: &a \"{}\"\nb: [{}]\n",
        "x".repeat(1 << 20),
        "*a, ".repeat(1000)
    );
    let rows = [
        ("bytes", Format::Json, " ".repeat((8 << 20) + 1), "too-large"),
        ("depth", Format::Json, nested("[", "]", 130), "too-deep"),
        ("depth without end", Format::Json, "[".repeat(1 << 20), "too-deep"),
        (
            "values",
            Format::Json,
            format!("[{}0]", "0,".repeat(1_000_000)),
            "too-large",
        ),
        ("depth", Format::Yaml, nested("[", "]", 130), "too-deep"),
        ("depth without end", Format::Yaml, "[".repeat(1 << 20), "syntax"),
        ("block depth", Format::Yaml, "- ".repeat(1 << 20), "too-deep"),
        (
            "depth by aliases",
            Format::Yaml,
            format!(
                "a: &a {}\nb: {}*a{}\n",
                nested("[", "]", 100),
                "[".repeat(100),
                "]".repeat(100)
            ),
            "too-deep",
        ),
        ("copies by aliases", Format::Yaml, laughs, "too-large"),
        ("copied text", Format::Yaml, long_anchor, "too-large"),
        (
            "dotted keys",
            Format::Toml,
            format!("a{} = 1", ".a".repeat(1 << 20)),
            "too-deep",
        ),
        (
            "dotted keys in inline tables",
            Format::Toml,
            format!("a{} = {{ b{} = 1 }}", ".a".repeat(70), ".b".repeat(70)),
            "too-deep",
        ),
        (
            "headers",
            Format::Toml,
            format!("[a{}]", ".a".repeat(1 << 20)),
            "too-deep",
        ),
        (
            "arrays",
            Format::Toml,
            format!("a = {}", nested("[", "]", 1000)),
            "syntax",
        ),
    ];
    for (name, format, text, code) in rows {
        let problems = Document::parse("f", &text, format).expect_err(name);
        assert_eq!(
            problems.first().map(|problem| problem.code),
            Some(code),
            "{format:?}: {name}"
        );
    }
    let deepest = nested("[", "]", 128);
    for format in [Format::Json, Format::Yaml] {
        assert!(
            Document::parse("f", &deepest, format).is_ok(),
            "{format:?}: 128 levels are fine"
        );
    }
}

#[test]
fn reports_no_more_than_a_hundred_problems() {
    let problems = Document::parse("f", &"a !\n".repeat(1000), Format::Toml).expect_err("wrong");
    assert_eq!(problems.len(), 100);
}

#[test]
fn knows_where_keys_and_values_are() {
    let texts = [
        (Format::Json, "{\n  \"ключ\": {\"é\": [1, {\"x\": 2}]}}"),
        (Format::Yaml, "\n? ключ\n: {é: [1, {x: 2}]}"),
    ];
    let rows = [
        ("", (1, 1), (2, 1)),
        ("/ключ", (2, 3), (2, 3)),
        ("/ключ/é", (2, 12), (3, 4)),
        ("/ключ/é/0", (2, 18), (3, 8)),
        ("/ключ/é/1", (2, 21), (3, 11)),
        ("/ключ/é/1/x", (2, 22), (3, 12)),
        ("/ключ/é/1/x/y", (2, 22), (3, 12)),
        ("/ключ/é/2", (2, 12), (3, 4)),
        ("/ключ/é/01", (2, 12), (3, 4)),
        ("/nothing/below", (1, 1), (2, 1)),
        ("no pointer", (1, 1), (2, 1)),
    ];
    for (index, (format, text)) in texts.into_iter().enumerate() {
        let document = Document::parse("f", text, format).expect("right");
        for (pointer, json, yaml) in rows {
            let (line, column) = if index == 0 { json } else { yaml };
            assert_eq!(
                document.position(pointer),
                Position { line, column },
                "{format:?} {pointer}"
            );
        }
    }
}

#[test]
fn knows_where_toml_tables_are() {
    let text = "a.b = 1\r\n[t]\n  k = {x = 1}\n[[l]]\ny = 1\n[[l]]\n[l.m]\n";
    let document = Document::parse("f", text, Format::Toml).expect("right");
    let rows = [
        ("/a", (1, 1)),
        ("/a/b", (1, 3)),
        ("/t", (2, 2)),
        ("/t/k", (3, 3)),
        ("/t/k/x", (3, 8)),
        ("/l", (4, 3)),
        ("/l/0", (4, 1)),
        ("/l/0/y", (5, 1)),
        ("/l/1", (6, 1)),
        ("/l/1/m", (7, 4)),
    ];
    for (pointer, (line, column)) in rows {
        assert_eq!(document.position(pointer), Position { line, column }, "{pointer}");
    }
}

#[test]
fn an_alias_is_where_it_is_used_and_its_members_where_they_are_written() {
    let document = Document::parse("f", "a: &x\n  k: 1\nb: *x\n", Format::Yaml).expect("right");
    let node = document.find("/b").expect("there");
    assert_eq!(node.position, Position { line: 3, column: 4 });
    assert_eq!(document.position("/b/k"), Position { line: 2, column: 3 });
}

#[test]
fn finds_by_pointer() {
    let document = Document::parse("f", r#"{"a/b":{"~":[10,20]},"":{"":1}}"#, Format::Json).expect("right");
    let rows = [
        ("/a~1b/~0/1", Some(json!(20))),
        ("/a~1b/~0/-", None),
        ("/a~1b/~0/+1", None),
        ("//", Some(json!(1))),
        ("a", None),
        ("/a", None),
    ];
    for (pointer, expected) in rows {
        assert_eq!(document.find(pointer).map(Node::to_json), expected, "{pointer}");
    }
    assert_eq!(pointer(["a/b", "~", "0"]), "/a~1b/~0/0");
    assert!(
        document
            .find("")
            .is_some_and(|root| matches!(root.value, Value::Object(_)))
    );
}

#[test]
fn problems_print_and_serialise() {
    let document =
        Document::parse("gateway.toml", "x = 1\n\n[a]\nlistners = 2\n", Format::Toml).expect("right");
    let problem = document.error("unknown-key", "/a/listners", "unknown key \"listners\"");
    let problem = problem.did_you_mean("listners", ["listeners", "apis"]);
    let lines = "gateway.toml:4:1: error: unknown key \"listners\"\n  hint: did you mean \"listeners\"?";
    assert_eq!(problem.to_string(), lines);
    let expected = json!({
        "severity": "error", "code": "unknown-key", "file": "gateway.toml", "line": 4, "column": 1,
        "pointer": "/a/listners", "message": "unknown key \"listners\"", "hint": "did you mean \"listeners\"?",
    });
    assert_eq!(serde_json::to_value(&problem).expect("plain"), expected);
    assert_eq!(
        Problem::in_file("x", "read", "no such file").to_string(),
        "x: error: no such file"
    );
    assert_eq!(
        document.warning("c", "", "w").to_string(),
        "gateway.toml:1:1: warning: w"
    );
}

#[test]
fn suggests_only_what_is_close() {
    let keys = ["listeners", "apis", "httpMethod", "uri", "get"];
    let rows = [
        ("listners", Some("listeners")),
        ("Listeners", Some("listeners")),
        ("http_method", Some("httpMethod")),
        ("GET", Some("get")),
        ("url", Some("uri")),
        ("x", None),
        ("completely-different", None),
        ("", None),
    ];
    for (unknown, expected) in rows {
        assert_eq!(suggest(unknown, keys).as_deref(), expected, "{unknown}");
    }
}

#[test]
fn formats_by_name_and_text() {
    let names = [
        ("a.JSON", Some(Format::Json)),
        ("x/y.yml", Some(Format::Yaml)),
        ("a.toml", Some(Format::Toml)),
        ("json", None),
        ("a.txt", None),
    ];
    for (name, expected) in names {
        assert_eq!(Format::from_path(name), expected, "{name}");
    }
    assert_eq!(Format::detect("\u{feff}\n {"), Format::Json);
    assert_eq!(Format::detect("[1]"), Format::Json);
    assert_eq!(Format::detect("openapi: 3.0.1"), Format::Yaml);
}

#[test]
fn large_documents_on_one_line_are_read_in_linear_time() {
    // Counting columns from the line's start for each value would take minutes.
    let text = format!("[{}0]", "{\"k\":\"é\"},".repeat(100_000));
    for format in [Format::Json, Format::Yaml] {
        let document = Document::parse("f", &text, format).expect("right");
        assert_eq!(
            document.position("/99999/k"),
            Position {
                line: 1,
                column: 10 * 99_999 + 3
            }
        );
    }
}
