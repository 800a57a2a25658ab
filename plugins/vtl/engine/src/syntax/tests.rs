//! What is no template, and how that is told.

use super::SyntaxError;
use crate::{Options, Profile, Template};

fn refused(source: &str, profile: Profile) -> SyntaxError {
    match Template::compile(
        source,
        &Options {
            profile,
            ..Options::default()
        },
    ) {
        Ok(_) => panic!("{source} compiles"),
        Err(error) => error,
    }
}

#[test]
fn tells_what_is_wrong_and_where() {
    let rows = [
        ("a lone dollar", "a$", "1:2: the template ends in a `$`"),
        ("a lone hash", "é\né #", "2:3: the template ends in a `#`"),
        (
            "a condition without end",
            "a\n #if(true)b",
            "2:2: this `#if` has no `#end`",
        ),
        (
            "a loop without end",
            "#foreach($i in [1])",
            "1:1: this `#foreach` has no `#end`",
        ),
        ("an end too many", "a#end", "1:2: this `#end` ends nothing"),
        ("an else alone", "a#else", "1:2: this belongs to no `#if`"),
        (
            "two else",
            "#if(true)#else#else#end",
            "1:15: there is an `#else` before",
        ),
        (
            "an else of a loop",
            "#foreach($x in [])a#{else}b#end",
            "1:20: `#foreach` has no `#else`",
        ),
        (
            "an elseif after else",
            "#if(true)#else#elseif(true)#end",
            "1:15: `#elseif` stands after `#else`",
        ),
        (
            "no condition",
            "#if()#end",
            "1:5: `)` stands in an expression, where a value is needed",
        ),
        (
            "an open formal name",
            "${a b}",
            "1:4: ` b}` stands in a reference that began with `${`, where `}` is needed",
        ),
        (
            "an open string",
            "#set($a = \"b)",
            "1:11: this \" opens a string that is not closed",
        ),
        (
            "an escaped quote",
            r#"#set($a = "b\"c")"#,
            "1:15: `c` stands in `#set`, where `)` is needed",
        ),
        (
            "a sum in a method",
            "$a.b(1 + 2)",
            "1:8: `+` cannot stand in the arguments of a method",
        ),
        (
            "a sum in an index",
            "$a[1 + 2]",
            "1:6: `+` cannot stand in an index",
        ),
        (
            "a sign",
            "#set($a = 1 -2)",
            "1:13: `-2` stands in `#set`, where `)` is needed",
        ),
        (
            "a negation",
            "#set($a = -$b)",
            "1:11: `-` stands in an expression, where a value is needed",
        ),
        (
            "null",
            "#set($a = {\"b\": null})",
            "1:17: `null` stands here, where a value is needed",
        ),
        (
            "no reference",
            "#set(a = 1)",
            "1:6: `a` stands after `#set(`, where a reference is needed",
        ),
        (
            "no value",
            "#set($a)",
            "1:8: `)` stands after the reference of `#set`, where `=` is needed",
        ),
        (
            "a code point",
            r#"#set($a = "\u12")"#,
            "1:11: `\\u` must be followed by four hexadecimal digits",
        ),
        (
            "a loop without parentheses",
            "#foreach",
            "1:1: `#foreach` needs an element and its list in parentheses",
        ),
        (
            "a block without name",
            "#define()#end",
            "1:1: `#define` takes one variable",
        ),
        (
            "an empty literal",
            "#literal()#end",
            "1:1: this `#literal` is empty",
        ),
        ("an open text block", "#[[a", "1:1: `#[[` is not closed"),
        (
            "a macro without name",
            "#macro()#end",
            "1:1: `#macro` needs a name",
        ),
        (
            "a string of a template",
            "a\n#set($b = \"x#if(\")",
            "2:11: in this string, at 1:7: the template ends in an expression, where a value is needed",
        ),
    ];
    for (name, source, expected) in rows {
        for profile in [Profile::Aws, Profile::Velocity] {
            assert_eq!(refused(source, profile).to_string(), expected, "{name}");
        }
    }
}

#[test]
fn tells_what_to_do() {
    let rows = [
        ("a$", "write `#[[$]]#` for a `$` that is text"),
        ("#if(true)", "add an `#end` where it is to end"),
        (
            "#set($a = 1 -2)",
            "a minus sign before digits is part of the number: put a blank after it",
        ),
        ("#set($a = -$b)", "there is no negation: write `0 - $x`"),
        ("$a.b(1 + 2)", "compute it by a `#set` before"),
    ];
    for (source, hint) in rows {
        assert_eq!(
            refused(source, Profile::Aws).hint.as_deref(),
            Some(hint),
            "{source}"
        );
    }
}

#[test]
fn refuses_what_only_velocity_has() {
    for source in [
        "#evaluate",
        "#evaluate(1)",
        "#evaluate()",
        "#break(1 2)",
        "#evaluate(word)",
    ] {
        let _ = refused(source, Profile::Velocity);
    }
    for source in ["#evaluate", "#evaluate(1)", "#parse(word)", "#include"] {
        assert!(Template::compile(source, &Options::default()).is_ok(), "{source}");
    }
}
