//! Templates and what Velocity 1.7 makes of them, alone and with the rules of the real service.

mod bounds;
mod properties;

use std::rc::Rc;

use crate::aws::Request;
use crate::{Options, Profile, RenderError, Template};

struct Row {
    name: &'static str,
    template: &'static str,
    /// What is printed, if it is not an error.
    aws: Option<&'static str>,
    velocity: Option<&'static str>,
}

pub(super) fn render(template: &str, profile: Profile) -> Option<String> {
    let options = Options {
        profile,
        ..Options::default()
    };
    let template = Template::compile(template, &options).ok()?;
    Some(template.render(Rc::default()).ok()?.text)
}

fn check(rows: &[Row]) {
    for row in rows {
        for (profile, expected) in [(Profile::Aws, row.aws), (Profile::Velocity, row.velocity)] {
            let printed = render(row.template, profile);
            assert_eq!(
                printed.as_deref(),
                expected,
                "{} in {profile:?}: {}",
                row.name,
                row.template
            );
        }
    }
}

fn failing(template: &str) -> RenderError {
    let template = Template::compile(template, &Options::default()).unwrap();
    match template.render(Rc::new(Request::default())) {
        Ok(rendered) => panic!("it prints {:?}", rendered.text),
        Err(error) => error,
    }
}

#[test]
fn tells_where_it_failed() {
    let rows = [
        ("an index", "a\n  #set($l=[1])\n é$l[1]", (3, 3)),
        ("a method", "#set($s='x')$s.substring(5)", (1, 13)),
        (
            "a loop",
            "#set($l=[1])\n#foreach($i in $l)#set($x=$l.add(1))#end",
            (2, 1),
        ),
        ("within a string", "#set($l=[])\n#set($s=\"x$l[0]\")", (2, 9)),
    ];
    for (name, template, place) in rows {
        let error = failing(template);
        assert_eq!((error.line, error.column), place, "{name}: {error}");
    }
}

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

#[test]
fn sets() {
    check(&[
        Row {
            name: "a value",
            template: "#set($a = 5)$a",
            aws: Some("5"),
            velocity: Some("5"),
        },
        Row {
            name: "the newline after it",
            template: "a\n  #set($a = 5)  \nb",
            aws: Some("a\n  b"),
            velocity: Some("a\n  b"),
        },
        Row {
            name: "blanks before it after text",
            template: "a  #set($a = 5)|",
            aws: Some("a  |"),
            velocity: Some("a  |"),
        },
        Row {
            name: "blanks before it after a reference",
            template: "#set($b=1)$b  #set($a = 5)|",
            aws: Some("1|"),
            velocity: Some("1|"),
        },
        Row {
            name: "braces keep the name from being set",
            template: "#set(${a}=1)$a",
            aws: Some(""),
            velocity: Some("$a"),
        },
        Row {
            name: "null keeps the old value",
            template: "#set($a=1)#set($a=1/0)$a",
            aws: Some("1"),
            velocity: Some("1"),
        },
        Row {
            name: "an unknown reference",
            template: "#set($a=1)#set($a=$b)[$a]",
            aws: Some("[]"),
            velocity: Some("[1]"),
        },
        Row {
            name: "a property of a map",
            template: "#set($m={})#set($m.a=1)#set($m['b']=2)$m",
            aws: Some("{a=1, b=2}"),
            velocity: Some("{a=1, b=2}"),
        },
        Row {
            name: "an index of a list",
            template: "#set($l=[1,2])#set($l[0]=9)$l",
            aws: Some("[9, 2]"),
            velocity: Some("[9, 2]"),
        },
        Row {
            name: "a property of nothing",
            template: "#set($q.a=1)[$q]",
            aws: Some("[]"),
            velocity: Some("[$q]"),
        },
        Row {
            name: "all in one",
            template: r#"#set($m = {"a": [1, 2.5, 'x', true], "b": {}, "c": [1..3]})$m"#,
            aws: Some("{a=[1, 2.5, x, true], b={}, c=[1, 2, 3]}"),
            velocity: Some("{a=[1, 2.5, x, true], b={}, c=[1, 2, 3]}"),
        },
        Row {
            name: "a minus sign",
            template: "#set($a = 10-4)$a",
            aws: None,
            velocity: None,
        },
        Row {
            name: "blanks around a minus sign",
            template: "#set($a = 10 - 4)$a",
            aws: Some("6"),
            velocity: Some("6"),
        },
        Row {
            name: "a sign before a reference",
            template: "#set($b=1)#set($a = -$b)$a",
            aws: None,
            velocity: None,
        },
        Row {
            name: "without parenthesis",
            template: "#set $a = 1",
            aws: Some("#set  = 1"),
            velocity: Some("#set $a = 1"),
        },
    ]);
}

#[test]
fn expressions() {
    check(&[
        Row {
            name: "precedence",
            template: "#set($a = 1 + 2 * 3 - 4 / 2 % 3)$a",
            aws: Some("5"),
            velocity: Some("5"),
        },
        Row {
            name: "parentheses",
            template: "#set($a = (1 + 2) * (3 - 4))$a",
            aws: Some("-3"),
            velocity: Some("-3"),
        },
        Row {
            name: "division by zero",
            template: "#set($a = 7 / 0)[$a]",
            aws: Some("[]"),
            velocity: Some("[$a]"),
        },
        Row {
            name: "joining strings",
            template: r#"#set($a = "x" + 1 + 2.5 + true)$a"#,
            aws: Some("x12.5true"),
            velocity: Some("x12.5true"),
        },
        Row {
            name: "adding before joining",
            template: r#"#set($a = 1 + 2 + "x")$a"#,
            aws: Some("3x"),
            velocity: Some("3x"),
        },
        Row {
            name: "joining what is unknown",
            template: r#"#set($a = $b + "x")$a"#,
            aws: Some("x"),
            velocity: Some("$bx"),
        },
        Row {
            name: "joining null",
            template: r#"#set($a = 1/0 + "x")$a|#set($a = "x" + ( 1/0 ))$a"#,
            aws: Some("0 x|x 1/0 "),
            velocity: Some("0 x|x 1/0 "),
        },
        Row {
            name: "words",
            template: "#if(1 lt 2 and 2 gt 1 and 1 le 1 and 1 ge 1 and 1 eq 1 and 1 ne 2 or false)y#end",
            aws: Some("y"),
            velocity: Some("y"),
        },
        Row {
            name: "signs",
            template: "#if(1<2 && 2>1 && 1<=1 && 1>=1 && 1==1 && 1!=2 || false)y#end",
            aws: Some("y"),
            velocity: Some("y"),
        },
        Row {
            name: "not",
            template: "#if(!true)a#end#if(not false)b#end#if(!!true)c#end#if(! ! !true)d#end",
            aws: Some("bc"),
            velocity: Some("bc"),
        },
        Row {
            name: "strings do not compare",
            template: "#if('a'<'b')y#{else}n#end",
            aws: Some("n"),
            velocity: Some("n"),
        },
        Row {
            name: "numbers equal strings",
            template: "#if(1=='1')y#end#if(1.0==1)z#end",
            aws: Some("yz"),
            velocity: Some("yz"),
        },
        Row {
            name: "conditions as values",
            template: "#set($a = 1 == 1)$a #set($a = !$b)$a #set($a = true && $b)$a",
            aws: Some("truefalsetrue"),
            velocity: Some("truetruefalse"),
        },
        Row {
            name: "literals as conditions",
            template: r#"#if("")a#end#if(0)b#end#if([])c#end#if({})d#end#if(1/0)e#end"#,
            aws: Some("abcd"),
            velocity: Some("abcd"),
        },
        Row {
            name: "unknown as a condition",
            template: "#if($a)y#{else}n#end#if(!$a)y#{else}n#end",
            aws: Some("yn"),
            velocity: Some("ny"),
        },
        Row {
            name: "equal to nothing",
            template: r#"#if($a == $b)y#end#if($a == "")z#end"#,
            aws: Some("yz"),
            velocity: Some("y"),
        },
    ]);
}

#[test]
fn strings() {
    check(&[
        Row {
            name: "interpolation",
            template: r#"#set($b=1)#set($a="$b ${b}c $!d.")$a"#,
            aws: Some("1 1c ."),
            velocity: Some("1 1c ."),
        },
        Row {
            name: "no interpolation in single quotes",
            template: "#set($b=1)#set($a='$b')$a",
            aws: Some("$b"),
            velocity: Some("$b"),
        },
        Row {
            name: "directives within",
            template: r##"#set($a="#if(true)x#end#foreach($i in [1..3])$i#end")$a"##,
            aws: Some("x123"),
            velocity: Some("x123"),
        },
        Row {
            name: "a line comment within",
            template: r#"#set($a="x ## y")[$a]"#,
            aws: Some("[x ]"),
            velocity: Some("[x ]"),
        },
        Row {
            name: "a hash at the end",
            template: r#"#set($a="x #")[$a]"#,
            aws: Some("[x #]"),
            velocity: Some("[x #]"),
        },
        Row {
            name: "doubled quotes",
            template: r#"#set($a="x""y")$a#set($a='x''y')$a#set($a='x"y')$a"#,
            aws: Some(r#"x"yx'yx"y"#),
            velocity: Some(r#"x"yx'yx"y"#),
        },
        Row {
            name: "escaped quotes",
            template: r#"#set($a="x\"y")"#,
            aws: None,
            velocity: None,
        },
        Row {
            name: "a code point",
            template: r#"#set($a="\u0041\u00e9")$a"#,
            aws: Some("Aé"),
            velocity: Some("Aé"),
        },
        Row {
            name: "half a code point",
            template: r#"#set($a="\u00")"#,
            aws: None,
            velocity: None,
        },
        Row {
            name: "a string within a string",
            template: r#"#set($b={'k':1})#set($a="x #if(""y""==""y"")$b.get('k')#end")$a"#,
            aws: Some("x 1"),
            velocity: Some("x 1"),
        },
        Row {
            name: "a newline",
            template: "#set($a=\"x\ny\")$a",
            aws: Some("x\ny"),
            velocity: Some("x\ny"),
        },
        Row {
            name: "a syntax error within",
            template: r##"#set($a="#if(")$a"##,
            aws: None,
            velocity: None,
        },
    ]);
}

#[test]
fn conditions() {
    check(&[
        Row {
            name: "else",
            template: "#if(false)a#{else}b#end",
            aws: Some("b"),
            velocity: Some("b"),
        },
        Row {
            name: "else and a newline",
            template: "#if(false)\na\n#else  \nb\n#end  \nc",
            aws: Some("b\nc"),
            velocity: Some("b\nc"),
        },
        Row {
            name: "elseif",
            template: "#if(false)a#elseif(true)b#elseif(true)c#{else}d#end",
            aws: Some("b"),
            velocity: Some("b"),
        },
        Row {
            name: "indentation stays",
            template: "x\n  #if(true)  \n  y\n  #end  \nz",
            aws: Some("x\n    y\n  z"),
            velocity: Some("x\n    y\n  z"),
        },
        Row {
            name: "windows newlines",
            template: "#if(true)\r\nx\r\n#end\r\ny",
            aws: Some("x\r\ny"),
            velocity: Some("x\r\ny"),
        },
        Row {
            name: "braces",
            template: "#{if}(true)x#{end}y",
            aws: Some("xy"),
            velocity: Some("xy"),
        },
        Row {
            name: "a word that begins with end",
            template: "#if(true)x#endy#end",
            aws: Some("x#endy"),
            velocity: Some("x#endy"),
        },
        Row {
            name: "without end",
            template: "#if(true)x",
            aws: None,
            velocity: None,
        },
        Row {
            name: "without condition",
            template: "#if()x#end",
            aws: None,
            velocity: None,
        },
        Row {
            name: "end alone",
            template: "x#end",
            aws: None,
            velocity: None,
        },
        Row {
            name: "else alone",
            template: "x#else",
            aws: None,
            velocity: None,
        },
    ]);
}

#[test]
fn loops() {
    check(&[
        Row {
            name: "a list",
            template: r#"#foreach($i in ["a","b"])$i#end|$i"#,
            aws: Some("ab|"),
            velocity: Some("ab|$i"),
        },
        Row {
            name: "a range",
            template: "#foreach($i in [3..1])$i#end",
            aws: Some("321"),
            velocity: Some("321"),
        },
        Row {
            name: "a map",
            template: "#foreach($i in {'a':1,'b':2})$i#end",
            aws: Some("12"),
            velocity: Some("12"),
        },
        Row {
            name: "nothing to walk",
            template: r#"#foreach($i in $q)$i#end#foreach($i in "abc")$i#end#foreach($i in 5)$i#end|"#,
            aws: Some("|"),
            velocity: Some("|"),
        },
        Row {
            name: "its state",
            template: "#foreach($i in [7,8,9])$foreach.index$foreach.count$foreach.hasNext$foreach.first$foreach.last,#end",
            aws: Some("01truetruefalse,12truefalsefalse,23falsefalsetrue,"),
            velocity: Some("01truetruefalse,12truefalsefalse,23falsefalsetrue,"),
        },
        Row {
            name: "velocityCount",
            template: "#foreach($i in [7,8])$velocityCount$velocityHasNext#end[$velocityCount]",
            aws: Some("1true2false[]"),
            velocity: Some("1true2false[$velocityCount]"),
        },
        Row {
            name: "nested",
            template: "#foreach($i in [1,2])#foreach($j in [1,2])$foreach.parent.count$foreach.count$foreach.topmost.index #end#end",
            aws: Some("110 120 211 221 "),
            velocity: Some("110 120 211 221 "),
        },
        Row {
            name: "what it keeps",
            template: "#foreach($i in [1,2])#set($foreach.x=$i)#foreach($j in [1])$foreach.x#end#end",
            aws: Some("12"),
            velocity: Some("12"),
        },
        Row {
            name: "its variable afterwards",
            template: "#set($i=0)#foreach($i in [1,2])#end$i",
            aws: Some("0"),
            velocity: Some("0"),
        },
        Row {
            name: "break",
            template: "#foreach($i in [1..5])#if($i==3)#break#end$i#end|",
            aws: Some("12|"),
            velocity: Some("12|"),
        },
        Row {
            name: "break of the outer loop",
            template: "#foreach($i in [1..3])#foreach($j in [1..3])#break($foreach.parent)#end$i#end|",
            aws: Some("|"),
            velocity: Some("|"),
        },
        Row {
            name: "break of what is no loop",
            template: "#break($q)",
            aws: None,
            velocity: None,
        },
        Row {
            name: "stop",
            template: "a#foreach($i in [1..3])$i#stop#end b",
            aws: Some("a1"),
            velocity: Some("a1"),
        },
        Row {
            name: "newlines",
            template: "#foreach($i in [1..2])\n  $i\n#end\nx",
            aws: Some("  1\n  2\nx"),
            velocity: Some("  1\n  2\nx"),
        },
        Row {
            name: "a list that grows",
            template: "#set($l=[1])#foreach($i in $l)#set($x=$l.add(2))#end",
            aws: None,
            velocity: None,
        },
        Row {
            name: "a thousand rounds",
            template: "#set($n=0)#foreach($i in [1..2000])#set($n=$i)#end$n",
            aws: Some("1000"),
            velocity: Some("1000"),
        },
        Row {
            name: "without list",
            template: "#foreach($i in)x#end",
            aws: Some(""),
            velocity: Some(""),
        },
        Row {
            name: "without anything",
            template: "#foreach()x#end",
            aws: None,
            velocity: None,
        },
        Row {
            name: "without parenthesis",
            template: "#foreach",
            aws: None,
            velocity: None,
        },
    ]);
}

#[test]
fn comments_and_literals() {
    check(&[
        Row {
            name: "a line comment",
            template: "a ## b\nc",
            aws: Some("a c"),
            velocity: Some("a c"),
        },
        Row {
            name: "a line comment at the end",
            template: "a ## b",
            aws: Some("a "),
            velocity: Some("a "),
        },
        Row {
            name: "a dollar at the end of a comment",
            template: "a ## $",
            aws: None,
            velocity: None,
        },
        Row {
            name: "a comment",
            template: "a#* b \n #* c *#d",
            aws: Some("ad"),
            velocity: Some("ad"),
        },
        Row {
            name: "a comment without end",
            template: "a#* b",
            aws: Some("a"),
            velocity: Some("a"),
        },
        Row {
            name: "a formal comment",
            template: "a#** b *#c",
            aws: Some("ac"),
            velocity: Some("ac"),
        },
        Row {
            name: "a text block",
            template: "#[[ $a #if( ## ]]#|",
            aws: Some(" $a #if( ## |"),
            velocity: Some(" $a #if( ## |"),
        },
        Row {
            name: "a text block without end",
            template: "#[[ a",
            aws: None,
            velocity: None,
        },
        Row {
            name: "literal",
            template: "#literal()$a #if(1)x#end#end|",
            aws: Some("$a #if(1)x#end|"),
            velocity: Some("$a #if(1)x#end|"),
        },
        Row {
            name: "an empty literal",
            template: "#literal()#end",
            aws: None,
            velocity: None,
        },
    ]);
}

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

#[test]
fn ends() {
    check(&[
        Row {
            name: "a dollar",
            template: "a$",
            aws: None,
            velocity: None,
        },
        Row {
            name: "a hash",
            template: "a#",
            aws: None,
            velocity: None,
        },
        Row {
            name: "a backslash",
            template: r#"a\"#,
            aws: Some(r#"a\"#),
            velocity: Some(r#"a\"#),
        },
        Row {
            name: "a brace",
            template: "${a",
            aws: None,
            velocity: None,
        },
        Row {
            name: "a parenthesis",
            template: "$a.b(",
            aws: Some("("),
            velocity: Some("$a.b("),
        },
        Row {
            name: "a bracket",
            template: "$a[",
            aws: None,
            velocity: None,
        },
        Row {
            name: "a sum in a method",
            template: "$a.b(1+2)",
            aws: None,
            velocity: None,
        },
    ]);
}
