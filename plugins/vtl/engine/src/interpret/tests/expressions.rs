//! Assignments, expressions and strings.

use super::{Row, check};

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
