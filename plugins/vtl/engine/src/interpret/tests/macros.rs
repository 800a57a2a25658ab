//! Blocks, macros and `#evaluate`.

use super::{Row, check};

#[test]
fn defines() {
    check(&[
        Row {
            name: "a block",
            template: "#define($d)[$x]#end#set($x=1)$d#set($x=2)$d",
            aws: Some("[1][2]"),
            velocity: Some("[1][2]"),
        },
        Row {
            name: "a block in a string",
            template: r#"#define($d)x#end#set($s="$d$d")$s"#,
            aws: Some("xx"),
            velocity: Some("xx"),
        },
        Row {
            name: "a block in itself",
            template: "#define($d)a$d#end$d",
            aws: Some("aa$d"),
            velocity: Some("aa$d"),
        },
        Row {
            name: "a block added",
            template: r#"#define($d)x#end#set($s=$d + "y")$s"#,
            aws: Some("xy"),
            velocity: Some("xy"),
        },
        Row {
            name: "a block compared",
            template: r#"#define($d)x#end#if($d=="x")y#end#if($d==$d)z#end"#,
            aws: Some("yz"),
            velocity: Some("yz"),
        },
        Row {
            name: "a block in a list",
            template: "#define($d)x#end#set($l=[$d])$l",
            aws: Some("[x]"),
            velocity: Some("[x]"),
        },
        Row {
            name: "break in a block",
            template: "#define($d)a#break b#end$d|",
            aws: Some("a|"),
            velocity: Some("a|"),
        },
        Row {
            name: "without name",
            template: "#define()x#end",
            aws: None,
            velocity: None,
        },
    ]);
}

#[test]
fn macros() {
    check(&[
        Row {
            name: "a call",
            template: r#"#macro(m $a $b)[$a|$b]#end#m(1 "x")#m("y", $q)"#,
            aws: Some(r#"#m(1 "x")#m("y", $q)"#),
            velocity: Some("[1|x][y|$q]"),
        },
        Row {
            name: "by name",
            template: r#"#macro(m $a)$a#set($x=$x+1)$a#end#set($x=1)#m("$x")"#,
            aws: Some(r#"#m("$x")"#),
            velocity: Some("12"),
        },
        Row {
            name: "setting a parameter",
            template: "#macro(m $a)#set($a=2)$a#end#set($x=1)#m($x)$x$a",
            aws: Some("#m($x)1"),
            velocity: Some("212"),
        },
        Row {
            name: "too few",
            template: "#macro(m $a $b)[$a|$b]#end#m(1)#m",
            aws: Some("#m(1)#m"),
            velocity: Some("[1|$b][$a|$b]"),
        },
        Row {
            name: "a word",
            template: "#macro(m $a)$a#end#m(word)",
            aws: Some("#m(word)"),
            velocity: None,
        },
        Row {
            name: "with a body",
            template: "#macro(m $a)<$a$bodyContent>#end#@m(1)x$a#end",
            aws: Some("#@m(1)x$a#end"),
            velocity: Some("<1x1>"),
        },
        Row {
            name: "the first of a name counts",
            template: "#macro(m)1#end#macro(m)2#end#m()",
            aws: Some("#m()"),
            velocity: Some("1"),
        },
        Row {
            name: "without end of recursion",
            template: "#macro(m)#m()#end#m()",
            aws: Some("#m()"),
            velocity: None,
        },
        Row {
            name: "unknown",
            template: r#"#m|#m()|#m( $a "b" )|#@m()x#end|#@m"#,
            aws: Some(r#"#m|#m()|#m( $a "b" )|#@m()x#end|#@m"#),
            velocity: Some(r#"#m|#m()|#m( $a "b" )|#@m()x#end|#@m"#),
        },
        Row {
            name: "before its definition",
            template: "#m()#macro(m)x#end",
            aws: Some("#m()"),
            velocity: Some("x"),
        },
        Row {
            name: "its escape",
            template: r#"#macro(m)x#end\#m()"#,
            aws: Some("#m()"),
            velocity: Some("#m()"),
        },
        Row {
            name: "without name",
            template: "#macro()x#end",
            aws: None,
            velocity: None,
        },
        Row {
            name: "a name in quotes",
            template: r#"#macro("m")x#end"#,
            aws: None,
            velocity: None,
        },
    ]);
}

#[test]
fn evaluating() {
    check(&[
        Row {
            name: "a string",
            template: r#"#set($x=1)#evaluate("a$x")"#,
            aws: Some(r#"#evaluate("a$x")"#),
            velocity: Some("a1"),
        },
        Row {
            name: "a text",
            template: "#set($x=1)#set($t='b$x#set($y=2)')#evaluate($t)$y",
            aws: Some("#evaluate($t)"),
            velocity: Some("b12"),
        },
        Row {
            name: "a syntax error",
            template: "#evaluate('#if(')",
            aws: Some("#evaluate('#if(')"),
            velocity: None,
        },
        Row {
            name: "a number",
            template: "#evaluate(1)",
            aws: Some("#evaluate(1)"),
            velocity: None,
        },
        Row {
            name: "include",
            template: r#"#include()|#include("a")"#,
            aws: Some(r#"#include()|#include("a")"#),
            velocity: None,
        },
        Row {
            name: "parse",
            template: r#"#parse("a")"#,
            aws: Some(r#"#parse("a")"#),
            velocity: None,
        },
    ]);
}
