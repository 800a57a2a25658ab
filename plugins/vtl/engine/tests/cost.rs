//! What walks or copies much takes steps for it: a loop over it is stopped, long before it takes long.

#![allow(clippy::panic, reason = "a row that doesn't compile fails the test")]

use std::rc::Rc;

use portcullis_vtl::aws::Request;
use portcullis_vtl::bounds::{Exceeded, Limits};
use portcullis_vtl::{Options, Profile, RenderErrorKind, Template};

/// Enough for the document and for all that is cheap.
const STEPS: u64 = 4_000_000;
const ROUNDS: usize = 400;

fn body() -> String {
    let numbers: Vec<String> = (0..100_000).map(|number| number.to_string()).collect();
    let entries: Vec<String> = (0..20_000)
        .map(|number| format!("\"k{number}\":{number}"))
        .collect();
    format!(
        "{{\"l\":[{}],\"m\":{{{}}},\"s\":\"{}\",\"u\":\"{}\",\"big\":{},\"dec\":1.{}}}",
        numbers.join(","),
        entries.join(","),
        "a".repeat(1_000_000),
        "é".repeat(500_000),
        "7".repeat(20_000),
        "3".repeat(20_000),
    )
}

fn outcome(
    profile: Profile,
    before: &str,
    looped: &str,
    request: &Rc<Request>,
) -> Result<(), RenderErrorKind> {
    let source = format!("#set($d=$input.path('$')){before}#foreach($i in [1..{ROUNDS}]){looped}#end");
    let limits = Limits {
        steps: STEPS,
        ..Limits::default()
    };
    let template = Template::compile(&source, &Options { profile, limits });
    let template = template.unwrap_or_else(|error| panic!("{error} in {source}"));
    template
        .render(Rc::clone(request))
        .map(drop)
        .map_err(|error| error.kind)
}

#[test]
fn what_is_cheap_may_be_repeated() {
    let request = Rc::new(Request {
        body: body().into(),
        ..Request::default()
    });
    for looped in [
        "$d.l.size()",
        "$d.l[5]$d.m.k5$d.m.get('k7')",
        "#set($x=[1,2,3])#set($y={'a':$x})$y.a.contains(2)",
        "#if($d.l == $d.l)#end#if($d.s == 'a')#end",
        "$d.m.keySet().size()",
    ] {
        let outcome = outcome(Profile::Aws, "", looped, &request);
        assert_eq!(outcome, Ok(()), "{looped}");
    }
}

#[test]
fn what_is_dear_may_not() {
    let request = Rc::new(Request {
        body: body().into(),
        ..Request::default()
    });
    // What stands before the loop, and what is in it.
    for (before, looped) in [
        ("", "#set($x=$d.l.contains(-1))"),
        ("", "#set($x=$d.l.lastIndexOf(-1))"),
        ("", "#set($x=$d.l.subList(0,100000))"),
        ("", "#set($x=$d.l.clone())"),
        ("", "#set($x=$d.l.toArray())"),
        ("", "#set($x=$d.l.hashCode())"),
        ("#set($c=[])", "#set($x=$c.addAll($d.l))#set($x=$c.clear())"),
        ("#set($c=$d.l.clone())", "#if($d.l == $c)#end"),
        ("#set($c=$d.l.clone())", "#set($x=$d.l.equals($c))"),
        ("#set($c=$d.l.toArray())", "#set($x=$c.contains(-1))"),
        ("", "#set($x=\"$d.l\")"),
        ("", "#set($x=[1..20000])"),
        ("", "#set($x=$d.m.clone())"),
        ("", "#set($x=$d.m.hashCode())"),
        ("", "#set($x=$d.m.containsValue(-1))"),
        ("", "#set($x=$d.m.values().toArray())"),
        ("", "#set($x=$d.m.entrySet().toArray())"),
        ("", "#set($x=$d.m.values().contains(-1))"),
        ("#set($c={})", "#set($x=$c.putAll($d.m))"),
        ("", "#set($x=$d.s.substring(1))"),
        ("", "#set($x=$d.s.toUpperCase())"),
        ("", "#set($x=$d.s.concat('a'))"),
        ("", "#set($x=$d.s.repeat(2))"),
        ("", "#set($x=$d.s.hashCode())"),
        ("", "#set($x=$d.s.toCharArray())"),
        ("", "#set($x=$d.s.getBytes())"),
        ("", "#set($x=$d.s.split('aa'))"),
        ("", "#set($x=$d.s.split('[b]'))"),
        ("", "#set($x=$d.s.replace('a','b'))"),
        ("", "#set($x=$d.s.replaceAll('[ab]','c'))"),
        ("", "#set($x=$d.s.format('%s',$d.l))"),
        ("", "#set($x=$d.s.format('%900000d',1))"),
        ("", "#set($x=$d.s.format('%h',$d.l))"),
        ("", "#set($x=$d.u.length())"),
        ("#set($c=$d.u.concat('b'))", "#set($x=$d.u.equalsIgnoreCase($c))"),
        (
            "#set($c=$d.u.concat('b'))",
            "#set($x=$d.u.compareToIgnoreCase($c))",
        ),
        (
            "#set($c=$d.s.concat(''))",
            "#if($d.s == $c)#end#if($d.s == $c)#end",
        ),
        (
            "#set($c=[$d.s.concat(''),1])",
            "#set($x=$c.contains($d.s))#set($x=$c.hashCode())",
        ),
        (
            "#set($p='a|b|')#set($p=$p.repeat(1000))",
            "#set($x=$p.matches($p))",
        ),
        ("", "#if($d.dec == 1)#end"),
        ("", "#if($d.dec < 1)#end"),
        ("", "#if($d.big < 1.5)#end"),
        ("", "#set($x=$d.big * $d.big)"),
        ("", "#set($x=$util.urlEncode($d.s))"),
        ("", "#set($x=$util.base64Encode($d.s))"),
        ("", "#set($x=$util.escapeJavaScript($d.s))"),
        ("", "#set($x=$util.parseJson($input.body))"),
        ("", "#set($x=$input.json('$.l'))"),
        ("", "#set($x=$input.path('$.l[*]'))"),
        ("", "#set($x=$input.path('$..a'))"),
        ("", "#set($x=$input.path('$[?(@.s < @.s)]'))"),
    ] {
        let outcome = outcome(Profile::Aws, before, looped, &request);
        let stopped = Err(RenderErrorKind::Limit(Exceeded::Steps));
        assert_eq!(outcome, stopped, "{before} {looped}");
    }
}

#[test]
fn many_small_values_are_dear_too() {
    let request = Rc::new(Request::default());
    let limits = Limits {
        steps: 100_000,
        ..Limits::default()
    };
    let small = "{}, ".repeat(20);
    let source = format!("#foreach($i in [1..1000])#set($x=[{small}1])#end");
    let options = Options {
        limits,
        ..Options::default()
    };
    let rendered = Template::compile(&source, &options).map(|template| template.render(request));
    assert!(
        matches!(&rendered, Ok(Err(error)) if error.kind == RenderErrorKind::Limit(Exceeded::Steps)),
        "{rendered:?}"
    );
}
