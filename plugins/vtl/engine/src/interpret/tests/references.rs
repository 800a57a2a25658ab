//! What references print, and what keeps them from it.

use super::{Row, check};

#[test]
fn prints_references() {
    check(&[
        Row {
            name: "unknown name",
            template: "[$a]",
            aws: Some("[]"),
            velocity: Some("[$a]"),
        },
        Row {
            name: "unknown quiet name",
            template: "[$!a]",
            aws: Some("[]"),
            velocity: Some("[]"),
        },
        Row {
            name: "unknown formal name",
            template: "[${a}]",
            aws: Some("[]"),
            velocity: Some("[${a}]"),
        },
        Row {
            name: "unknown quiet formal name",
            template: "[$!{a}]",
            aws: Some("[]"),
            velocity: Some("[]"),
        },
        Row {
            name: "unknown property",
            template: "[$a.b.c]",
            aws: Some("[]"),
            velocity: Some("[$a.b.c]"),
        },
        Row {
            name: "unknown method",
            template: r#"[$a.b("x", 1).c()]"#,
            aws: Some("[]"),
            velocity: Some(r#"[$a.b("x", 1).c()]"#),
        },
        Row {
            name: "known",
            template: "#set($a=1)$a|$!a|${a}|$!{a}",
            aws: Some("1|1|1|1"),
            velocity: Some("1|1|1|1"),
        },
        Row {
            name: "letters after a formal name",
            template: "#set($a=1)${a}b",
            aws: Some("1b"),
            velocity: Some("1b"),
        },
        Row {
            name: "a hyphen belongs to a name",
            template: "#set($a=1)$a-b|$a-1",
            aws: Some("|"),
            velocity: Some("$a-b|$a-1"),
        },
        Row {
            name: "a digit begins no name",
            template: "$1|$1a",
            aws: Some("$1|$1a"),
            velocity: Some("$1|$1a"),
        },
        Row {
            name: "a blank after the dollar",
            template: "$ a|$! a",
            aws: Some("$ a|$ a"),
            velocity: Some("$ a|$ a"),
        },
        Row {
            name: "dollars before a reference",
            template: "#set($a=1)$$a|$$$a",
            aws: Some("$1|$$1"),
            velocity: Some("$1|$$1"),
        },
        Row {
            name: "a hash before a reference",
            template: "#set($a=1)#$a",
            aws: Some("#1"),
            velocity: Some("#1"),
        },
        Row {
            name: "a dot at the end",
            template: "#set($a=1)$a. $a.|",
            aws: Some("1. 1.|"),
            velocity: Some("1. 1.|"),
        },
        Row {
            name: "a dot before a digit",
            template: "#set($a='x')$a.5",
            aws: Some("x.5"),
            velocity: Some("x.5"),
        },
        Row {
            name: "braces after a name",
            template: "$a{b}",
            aws: Some("{"),
            velocity: Some("$a{"),
        },
        Row {
            name: "an index of a list",
            template: "#set($l=[1,[2,3]])$l[0] $l[1][1] $l[-1][0] $l.get(0)",
            aws: Some("1 3 2 1"),
            velocity: Some("1 3 2 1"),
        },
        Row {
            name: "an index past the end",
            template: "#set($l=[1])$l[1]",
            aws: None,
            velocity: None,
        },
        Row {
            name: "an index by a reference",
            template: "#set($l=[5,6])#set($i=1)$l[$i] $l[ $i ]",
            aws: Some("6 6"),
            velocity: Some("6 6"),
        },
        Row {
            name: "an index by a string",
            template: r#"#set($m={'k':'v'})$m['k'] $m["k"] $m.k"#,
            aws: Some("v v v"),
            velocity: Some("v v v"),
        },
        Row {
            name: "chains",
            template: "#set($m={'l':[{'k':'v'}]})$m.l[0].k.toUpperCase().length()",
            aws: Some("1"),
            velocity: Some("1"),
        },
        Row {
            name: "true is no name",
            template: "$true",
            aws: None,
            velocity: None,
        },
        Row {
            name: "an index without name",
            template: "$[x|$![y",
            aws: Some("$[x|$![y"),
            velocity: Some("$[x|$![y"),
        },
        Row {
            name: "a line comment after a property is none",
            template: "#set($m={'k':'v'})$m.k## no comment",
            aws: Some("v## no comment"),
            velocity: Some("v## no comment"),
        },
    ]);
}

#[test]
fn escapes() {
    check(&[
        Row {
            name: "before an unknown name",
            template: r#"\$a|\\$a|\\\$a"#,
            aws: Some(r#"$a|\|\$a"#),
            velocity: Some(r#"\$a|\\$a|\\$a"#),
        },
        Row {
            name: "before a known name",
            template: r#"#set($a=1)\$a|\\$a|\\\$a|\\\\$a"#,
            aws: Some(r#"$a|\1|\$a|\\1"#),
            velocity: Some(r#"$a|\1|\$a|\\1"#),
        },
        Row {
            name: "before a quiet name",
            template: r#"#set($a=1)\$!a|\\$!a"#,
            aws: Some(r#"$!a|\1"#),
            velocity: Some(r#"$!a|\1"#),
        },
        Row {
            name: "before a directive",
            template: r#"\#if|\#end|\#foreach|\#{else}"#,
            aws: Some("#if|#end|#foreach|#{else}"),
            velocity: Some("#if|#end|#foreach|#{else}"),
        },
        Row {
            name: "twice before a directive",
            template: r#"\\#if(true)a#end"#,
            aws: Some(r#"\a"#),
            velocity: Some(r#"\a"#),
        },
        Row {
            name: "thrice before a directive",
            template: r#"\\\#if(true)"#,
            aws: Some(r#"\#if(true)"#),
            velocity: Some(r#"\#if(true)"#),
        },
        Row {
            name: "before no directive",
            template: r#"\#name|\\#name"#,
            aws: Some(r#"\#name|\\#name"#),
            velocity: Some(r#"\#name|\\#name"#),
        },
        Row {
            name: "before set",
            template: r#"\#set($a=1)[$a]"#,
            aws: Some(r#"\[1]"#),
            velocity: Some("#set($a=1)[$a]"),
        },
        Row {
            name: "twice before set",
            template: r#"\\#set($a=1)[$a]"#,
            aws: Some(r#"\\[1]"#),
            velocity: Some(r#"\\[1]"#),
        },
        Row {
            name: "before what follows not",
            template: r#"a\b\\c\"#,
            aws: Some(r#"a\b\\c\"#),
            velocity: Some(r#"a\b\\c\"#),
        },
        Row {
            name: "a backslash after the dollar",
            template: r#"$\!a|$\\!a"#,
            aws: Some("|"),
            velocity: Some(r#"$!a|$\!a"#),
        },
    ]);
}
