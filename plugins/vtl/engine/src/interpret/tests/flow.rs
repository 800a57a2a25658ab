//! Conditions, loops, and what ends them.

use super::{Row, check};

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
