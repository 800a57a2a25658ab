use super::*;
use crate::bounds::{Exceeded, Limits};
use crate::java;
use crate::value::Object;

fn bounds() -> Bounds {
    Bounds::new(Limits::default())
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn request(body: &str) -> Rc<Request> {
    Rc::new(Request {
        body: body.into(),
        headers: pairs(&[("X", "header"), ("Accept", "a"), ("X", "last")]),
        query: pairs(&[("q", "query"), ("X", "query")]),
        path: pairs(&[("id", "7"), ("q", "path")]),
        stage_variables: pairs(&[("sv", "1")]),
        context: r#"{"stage":"prod","time":1700000000000,"authorizer":{"claims":{"sub":"u"}}}"#.into(),
    })
}

fn object(variables: &Variables, name: &str) -> Rc<dyn Object> {
    match variables.get(name, &mut bounds()).unwrap() {
        Some(Value::Object(object)) => object,
        other => panic!("{other:?}"),
    }
}

/// The text of what a method returns, `(null)` for null, `(none)` where there is no such method, `!` for an error.
fn called(object: &dyn Object, method: &str, arguments: &[Value]) -> String {
    match object.call(method, arguments, &mut bounds()) {
        Ok(None) => "(none)".to_owned(),
        Ok(Some(Value::Null)) => "(null)".to_owned(),
        Ok(Some(value)) => java::to_text(&value, &mut bounds()).unwrap().to_string(),
        Err(_) => "!".to_owned(),
    }
}

fn input(body: &str, method: &str, argument: &str) -> String {
    let variables = Variables::new(request(body));
    called(&*object(&variables, "input"), method, &[Value::text(argument)])
}

#[test]
fn input_reads_the_payload() {
    let body = r#"{"a":{"s":"x/y","l":[{"n":"/"}],"n":null,"i":1,"d":1.50},"e":""}"#;
    let rows = [
        (
            body,
            "path",
            "$.a",
            r#"{s=x/y, l=[{"n":"\/"}], n=null, i=1, d=1.5}"#,
        ),
        (body, "path", "$.a.s", "x/y"),
        (body, "path", "$.a.l", r#"[{"n":"\/"}]"#),
        (body, "path", "$.a.n", "(null)"),
        (body, "path", "$.zz", "(null)"),
        (body, "path", "$.zz.zz", "(null)"),
        (body, "path", "$..zz", "[]"),
        (body, "path", "$.", "!"),
        (body, "path", "", "!"),
        (
            body,
            "json",
            "$.a",
            r#"{"s":"x/y","l":[{"n":"/"}],"n":null,"i":1,"d":1.5}"#,
        ),
        (body, "json", "$.a.s", r#""x/y""#),
        (body, "json", "$.a.i", "1"),
        (body, "json", "$.e", r#""""#),
        (body, "json", "$.zz", r#""""#),
        (body, "json", "$..s", r#"["x/y"]"#),
        ("", "json", "$", "{}"),
        ("", "path", "$", "{}"),
        ("plain text", "path", "$", "plain text"),
        ("plain text", "json", "$", r#""plain text""#),
        ("plain text", "path", "$.a", "(null)"),
        ("{\"a\":", "path", "$.a", "!"),
        ("null", "path", "$", "(null)"),
        ("null", "path", "$..a", "[]"),
        ("null", "json", "$", r#""""#),
        ("[1,2]", "json", "$[1]", "2"),
        ("{statusCode: 200}", "json", "$", r#"{"statusCode":200}"#),
    ];
    for (body, method, path, expected) in rows {
        assert_eq!(input(body, method, path), expected, "{method}({path}) of {body}");
    }
}

#[test]
fn input_tells_the_body_as_it_came() {
    for (body, expected) in [("", "{}"), (" ", " "), ("{\"a\" : 1}", "{\"a\" : 1}")] {
        let variables = Variables::new(request(body));
        let read = object(&variables, "input")
            .property("body", &mut bounds())
            .unwrap()
            .unwrap();
        assert_eq!(&*java::to_text(&read, &mut bounds()).unwrap(), expected);
    }
}

#[test]
fn a_document_is_read_once() {
    let variables = Variables::new(request(r#"{"a":{}}"#));
    let read = || {
        object(&variables, "input")
            .call("path", &[Value::text("$.a")], &mut bounds())
            .unwrap()
            .unwrap()
    };
    let (Value::Map(first), Value::Map(second)) = (read(), read()) else {
        panic!("no maps")
    };
    assert!(first.same(&second));
}

#[test]
fn params_are_searched_in_path_query_and_headers() {
    let rows = [
        ("id", "7"),
        ("q", "path"),
        ("X", "query"),
        ("Accept", "a"),
        ("accept", "(null)"),
        ("header", "(null)"),
    ];
    for (name, expected) in rows {
        assert_eq!(input("", "params", name), expected, "{name}");
    }
    let variables = Variables::new(request(""));
    let all = called(&*object(&variables, "input"), "params", &[]);
    assert_eq!(
        all,
        "{path={id=7, q=path}, querystring={q=query, X=query}, header={X=last, Accept=a}}"
    );
}

#[test]
fn methods_take_strings_only() {
    let variables = Variables::new(request(""));
    for (object, method, argument, expected) in [
        ("input", "path", Value::Int(1), "(none)"),
        ("input", "path", Value::Null, "!"),
        ("input", "params", Value::Null, "(null)"),
        ("input", "params", Value::Int(1), "!"),
        ("input", "getBody", Value::Int(1), "!"),
        ("util", "urlEncode", Value::Int(1), "(none)"),
        ("util", "urlEncode", Value::Null, "!"),
        ("util", "escapeJavaScript", Value::Null, "(null)"),
        ("util", "parseJson", Value::text("{\"a\":[1]}"), "{a=[1]}"),
        ("util", "parseJson", Value::text("{"), "!"),
        ("util", "toJson", Value::text("{"), "(none)"),
    ] {
        let object = self::object(&variables, object);
        assert_eq!(
            called(&*object, method, std::slice::from_ref(&argument)),
            expected,
            "{method} {argument:?}"
        );
    }
}

/// Recorded from commons-lang 2.6 and Java 17.
#[test]
fn encodes_as_java_does() {
    for (method, text, expected) in ENCODED {
        assert_eq!(
            called(&Util, method, &[Value::text(text)]),
            *expected,
            "{method} {text:?}"
        );
    }
}

#[test]
fn encodings_are_bounded() {
    let mut small = Bounds::new(Limits {
        string: 100,
        ..Limits::default()
    });
    let escaped = Util.call(
        "escapeJavaScript",
        &[Value::text(&"\u{e9}".repeat(40))],
        &mut small,
    );
    assert_eq!(escaped.err(), Some(Failure::Limit(Exceeded::String)));
}

#[test]
fn the_context_is_a_map_with_overrides_beside_it() {
    let variables = Variables::new(request(""));
    let context = object(&variables, "context");
    let property = |name: &str| context.property(name, &mut bounds()).unwrap();
    assert_eq!(
        &*context.to_text(&mut bounds()).unwrap(),
        "{stage=prod, time=1700000000000, authorizer={claims={sub=u}}}"
    );
    assert!(property("zz").is_none_or(|value| matches!(value, Value::Null)));
    assert_eq!(variables.overrides(&mut bounds()).unwrap(), Overrides::default());

    let Some(Value::Map(request)) = property("requestOverride") else {
        panic!("no map")
    };
    let Some(Value::Map(response)) = property("responseOverride") else {
        panic!("no map")
    };
    for (map, kind, name) in [
        (&request, "header", "h"),
        (&request, "querystring", "q"),
        (&request, "path", "p"),
        (&response, "header", "r"),
    ] {
        let Some(Value::Map(map)) = map.get(kind) else {
            panic!("no map")
        };
        map.put_text(Text::from(name), Value::text(kind));
        map.put_text(Text::from("n"), Value::Int(1));
        map.put_text(Text::from("null"), Value::Null);
    }
    response.put_text(Text::from("status"), Value::Int(404));
    let written = variables.overrides(&mut bounds()).unwrap();
    assert_eq!(written.request.headers, pairs(&[("h", "header"), ("n", "1")]));
    assert_eq!(written.request.query, pairs(&[("q", "querystring"), ("n", "1")]));
    assert_eq!(written.request.path, pairs(&[("p", "path"), ("n", "1")]));
    assert_eq!(
        written.response,
        ResponseOverrides {
            status: Some(404),
            headers: pairs(&[("r", "header"), ("n", "1")])
        }
    );
}

#[test]
fn a_whole_override_and_a_status_in_text_count() {
    let variables = Variables::new(request(""));
    let context = object(&variables, "context");
    let whole = Map::new(Order::Insertion);
    whole.put_text(Text::from("status"), Value::text("201"));
    assert!(
        context
            .set_property("responseOverride", Value::Map(whole), &mut bounds())
            .unwrap()
    );
    assert_eq!(
        variables.overrides(&mut bounds()).unwrap().response.status,
        Some(201)
    );
}

#[test]
fn a_context_may_be_empty_but_not_anything_else() {
    let of = |context: &str| {
        let request = Request {
            context: context.into(),
            ..Request::default()
        };
        Variables::new(Rc::new(request))
            .get("context", &mut bounds())
            .is_ok()
    };
    assert!(of(""));
    assert!(of("{}"));
    assert!(!of("[1]"));
    assert!(!of("{"));
}

#[test]
fn other_variables_do_not_exist() {
    let variables = Variables::new(request(""));
    assert!(
        matches!(variables.get("stageVariables", &mut bounds()), Ok(Some(Value::Map(map))) if map.len() == 1)
    );
    assert!(matches!(variables.get("foo", &mut bounds()), Ok(None)));
}

#[rustfmt::skip]
const ENCODED: &[(&str, &str, &str)] = &[
    ("escapeJavaScript", "", ""),
    ("escapeJavaScript", "it's \"x\"", "it\\'s \\\"x\\\""),
    ("escapeJavaScript", "a\\b/c", "a\\\\b\\/c"),
    ("escapeJavaScript", "\u{8}\n\t\u{c}\r\u{1}\u{1f}\u{7f}\u{80}\u{e9}\u{fff}\u{1000}\u{20ac}\u{1f600}", "\\b\\n\\t\\f\\r\\u0001\\u001F\u{7f}\\u0080\\u00E9\\u0FFF\\u1000\\u20AC\\uD83D\\uDE00"),
    ("escapeJavaScript", "</script>", "<\\/script>"),
    ("urlEncode", "", ""),
    ("urlEncode", "a b&c=d/e?f", "a+b%26c%3Dd%2Fe%3Ff"),
    ("urlEncode", "-_.*~!'()", "-_.*%7E%21%27%28%29"),
    ("urlEncode", "\u{e9}\u{20ac}\u{1f600}", "%C3%A9%E2%82%AC%F0%9F%98%80"),
    ("urlEncode", "a+b%\n", "a%2Bb%25%0A"),
    ("urlDecode", "", ""),
    ("urlDecode", "a+b%26c", "a b&c"),
    ("urlDecode", "%C3%A9%e2%82%ac", "\u{e9}\u{20ac}"),
    ("urlDecode", "%", "!"),
    ("urlDecode", "%4", "!"),
    ("urlDecode", "%zz", "!"),
    ("urlDecode", "%+1", "\u{1}"),
    ("urlDecode", "%-1", "!"),
    ("urlDecode", "\u{e9}%41", "\u{e9}A"),
    ("urlDecode", "%ff%fe", "\u{fffd}\u{fffd}"),
    ("urlDecode", "%E2%82", "\u{fffd}"),
    ("urlDecode", "%F0%9F%98%80x", "\u{1f600}x"),
    ("urlDecode", "%41\u{e9}", "A\u{e9}"),
    ("urlDecode", "%C3+", "\u{fffd} "),
    ("urlDecode", "%\u{e9}1", "!"),
    ("base64Encode", "", ""),
    ("base64Encode", "a", "YQ=="),
    ("base64Encode", "ab", "YWI="),
    ("base64Encode", "abc", "YWJj"),
    ("base64Encode", "\u{e9}\u{20ac}\u{1f600}", "w6nigqzwn5iA"),
    ("base64Decode", "", ""),
    ("base64Decode", "YQ==", "a"),
    ("base64Decode", "YQ", "a"),
    ("base64Decode", "YQ=", "!"),
    ("base64Decode", "YWI", "ab"),
    ("base64Decode", "YWI=", "ab"),
    ("base64Decode", "YWJj", "abc"),
    ("base64Decode", "YR==", "a"),
    ("base64Decode", "YW\nI=", "!"),
    ("base64Decode", "Y", "!"),
    ("base64Decode", "=", "!"),
    ("base64Decode", "==", "!"),
    ("base64Decode", "YQ==YQ==", "!"),
    ("base64Decode", "_-8=", "!"),
    ("base64Decode", "//4=", "\u{fffd}\u{fffd}"),
    ("base64Decode", "YWJj=", "!"),
    ("base64Decode", "YWJjZA===", "!"),
    ("base64Decode", "\u{e9}\u{e9}\u{e9}\u{e9}", "!"),
    ("base64Decode", " YQ==", "!"),
    ("base64Decode", "YQ== ", "!"),
];
