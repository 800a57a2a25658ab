//! Nothing that nests exhausts the native stack, small as it is here: it works or ends in an error.

#![allow(
    clippy::unwrap_used,
    reason = "what goes wrong here fails the test, which tells about it"
)]

use std::rc::Rc;
use std::thread;

use portcullis_vtl::aws::Request;
use portcullis_vtl::{Options, Profile, Template};

/// Half of what a component has; a build without optimizations needs more.
const STACK: usize = if cfg!(debug_assertions) {
    2 << 20
} else {
    512 << 10
};
/// Far more levels than any limit allows, about as many as one allows, and a few.
const LEVELS: [usize; 4] = [20_000, 390, 127, 60];

/// `open` so many times, `within`, and `close` as often.
fn nested(open: &str, within: &str, close: &str, levels: usize) -> String {
    [&open.repeat(levels), within, &close.repeat(levels)].concat()
}

fn render(profile: Profile, template: &str, body: &str) {
    let options = Options {
        profile,
        ..Options::default()
    };
    let request = Request {
        body: body.into(),
        context: format!("{{\"deep\":{body}}}").into(),
        ..Request::default()
    };
    if let Ok(template) = Template::compile(template, &options) {
        // An error is as good.
        let _ = template.render(Rc::new(request));
    }
}

fn on_a_small_stack(name: &'static str, run: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().name(name.to_owned()).stack_size(STACK);
    thread.spawn(run).unwrap().join().unwrap();
}

#[test]
fn templates_nest() {
    // What opens, what is within, what closes, and what stands around.
    let rows: &[(&str, &str, &str, &str, &str, &str)] = &[
        ("parentheses", "(", "1", ")", "#set($x=", ")$x"),
        ("lists", "[", "1", "]", "#set($x=", ")$x"),
        ("maps", "{'a':", "1", "}", "#set($x=", ")$x"),
        ("negations", "!", "$x", "", "#if(", ")#end"),
        ("negations with blanks", "not ", "$x", "", "#if(", ")#end"),
        ("negated parentheses", "!(", "$x", ")", "#if(", ")#end"),
        ("sums in parentheses", "(1+", "1", ")", "#set($x=", ")$x"),
        ("disjunctions", "($x||", "$x", ")", "#if(", ")#end"),
        ("comparisons", "(1==", "1", ")", "#if(", ")#end"),
        ("chained sums", "1+", "1", "", "#set($x=", ")$x"),
        ("chained conditions", "$x&&", "$x", "", "#if(", ")#end"),
        ("conditions", "#if(true)", "x", "#end", "", ""),
        ("else branches", "#if($a==1)#else", "x", "#end", "", ""),
        (
            "else if branches",
            "#elseif($a==1)",
            "x",
            "",
            "#if($a==1)",
            "#end",
        ),
        ("loops", "#foreach($i in [1])", "x", "#end", "", ""),
        ("definitions", "#define($d)", "x", "#end", "", "$d"),
        ("macros", "#macro(m)", "x", "#end", "", "#m()"),
        ("bodies", "#@m()", "x", "#end", "#macro(m)$bodyContent#end", ""),
        ("arguments", "$x.get(", "$x", ")", "#set($x={})", ""),
        ("arguments of util", "$util.urlEncode(", "'a'", ")", "", ""),
        ("indexes", "$x[", "0", "]", "#set($x=[0])", ""),
        ("properties", ".a", "", "", "$x", ""),
        ("methods", ".toString()", "", "", "#set($x=1)$x", ""),
        ("ranges", "[1..", "2", "]", "#set($x=", ")$x"),
        ("braces", "${", "x", "}", "", ""),
        ("comments", "#*", "x", "*#", "", ""),
        ("literals", "#[[", "x", "]]#", "", ""),
        ("strings", "\"", "x", "\"", "#set($x=", ")"),
        ("recursion of a definition", "", "", "", "#define($d)$d#end", "$d"),
        (
            "recursion of two definitions",
            "",
            "",
            "",
            "#define($d)$e#end#define($e)$d#end",
            "$d",
        ),
        (
            "recursion of a string",
            "",
            "",
            "",
            "#define($d)#set($x=\"$d\")#end",
            "$d",
        ),
        (
            "recursion of new definitions",
            "",
            "",
            "",
            "#define($d)#define($e)$d#end$e#end",
            "$d",
        ),
        (
            "recursion of a macro",
            "",
            "",
            "",
            "#macro(m $a)#m($a)#end",
            "#m(1)",
        ),
        (
            "recursion of an argument",
            "",
            "",
            "",
            "#macro(m $a)#m(\"$a$a\")#end",
            "#m(1)",
        ),
        (
            "recursion of a macro's body",
            "",
            "",
            "",
            "#macro(m)#@m()$bodyContent#end#end",
            "#@m()x#end",
        ),
        (
            "recursion of an evaluation",
            "",
            "",
            "",
            "#set($s='#evaluate($s)')",
            "#evaluate($s)",
        ),
        (
            "recursion of both",
            "",
            "",
            "",
            "#set($s='#m()')#macro(m)#evaluate($s)#end",
            "#m()",
        ),
        (
            "recursion in loops",
            "",
            "",
            "",
            "#define($d)#foreach($i in [1])#if(true)$d#end#end#end",
            "$d",
        ),
    ];
    for (name, open, within, close, before, after) in rows.iter().copied() {
        on_a_small_stack(name, move || {
            for levels in LEVELS {
                let template = [before, &nested(open, within, close, levels), after].concat();
                for profile in [Profile::Aws, Profile::Velocity] {
                    render(profile, &template, "{}");
                }
            }
        });
    }
}

#[test]
fn strings_nest_in_strings() {
    on_a_small_stack("strings in strings", || {
        let mut string = "x".to_owned();
        for _ in 0..12 {
            string = format!("#set($x=\"{}\")$x", string.replace('"', "\"\""));
            render(Profile::Aws, &string, "{}");
        }
    });
}

#[test]
fn documents_nest() {
    let uses = [
        "$input.json('$')",
        "$input.path('$')",
        "$input.path('$').hashCode()$input.path('$').equals($input.path('$..*'))",
        "$input.path('$..*')",
        "$input.path('$..[?(@..a)]')",
        "$util.parseJson($input.body)",
        "$context.deep$context",
        "#set($a=$input.path('$'))#set($b=$util.parseJson($input.body))#if($a==$b)#end$a.contains($b)",
        "#set($m={})#set($x=$m.put($input.path('$'),1))$m.get($input.path('$'))$m",
        "#set($m=[$input.path('$')])#set($x=$m.add($m))$m$m.hashCode()",
    ];
    for (open, within, close) in [
        ("[", "1", "]"),
        ("{\"a\":", "1", "}"),
        ("[{\"a\":", "1", "}]"),
        ("[", "", ""),
        ("{\"a\":", "", ""),
    ] {
        for template in uses {
            on_a_small_stack(template, move || {
                for levels in LEVELS {
                    render(Profile::Aws, template, &nested(open, within, close, levels));
                }
            });
        }
    }
}

#[test]
fn values_nest() {
    let uses = [
        "$a",
        "$a.hashCode()",
        "$a.equals($b)#if($a==$b)#end",
        "#set($m={$a:1})$m.get($b)$m",
        "$a.contains($b)$a.indexOf($b)",
        "$a.toArray()$a.clone()",
        "#set($s=\"$a\")$s",
        "$s.format('%s%h',$a,$a)",
        "$a.entrySet()$a.values()$a.keySet()",
        "#set($context.requestOverride.header.x=$a)",
    ];
    let rounds = "#foreach($i in [1..1000])#foreach($j in [1..20])";
    for step in [
        "#set($a=[$a])#set($b=[$b])",
        "#set($a={'a':$a})#set($b={'a':$b})",
        "#set($a={$a:1})#set($b={$b:1})",
        "#set($a={'a':$a}.entrySet())",
        "#set($c={'a':$a})#set($a=$c.entrySet())#set($d={'a':$b})#set($b=$d.values())",
        "#set($c=[$a])#set($a=$c.iterator())",
        "#set($c=[$a])#set($x=$c.add($c))#set($a=$c)",
    ] {
        for then in uses {
            on_a_small_stack(then, move || {
                let start = "#set($s='x')#set($a=[])#set($b=[])";
                let template = [start, rounds, step, "#end#end", then].concat();
                render(Profile::Aws, &template, "{}");
            });
        }
    }
}

#[test]
fn paths_and_patterns_nest() {
    let paths = [
        ("[?(@", ".a", ")]"),
        ("[?(", "@.a", ")]"),
        ("[?(!(", "@.a", "))]"),
        ("[?(@.a[?(@.b", "==1", ")])]"),
        ("(", "", ")"),
        ("[?(@.a==1||(", "@.b", "))]"),
        (".concat(", "$.a", ")"),
        (".concat($", ".a", ")"),
        ("..", "a", ""),
        (".a", "", ""),
        ("['a']", "", ""),
        ("[?(@.a in [", "1", "])]"),
    ];
    let patterns = [
        ("(", "a", ")"),
        ("(?:", "a", ")*"),
        ("(?=", "a", ")"),
        ("(?<!", "a", ")"),
        ("(?>", "a", ")"),
        ("[", "a", "]"),
        ("[a&&[^", "b", "]]"),
        ("(a|", "b", ")"),
        ("(", "a", ")+?"),
        ("a?", "", ""),
        ("a{1,2}", "", ""),
        ("\\\\Q", "a", "\\\\E"),
        ("(?i)", "a", ""),
    ];
    for (open, within, close) in paths {
        on_a_small_stack("paths", move || {
            for levels in LEVELS {
                for start in ["$", "$[?(@", "$[?("] {
                    let path = [start, &nested(open, within, close, levels)].concat();
                    let template = format!("$input.path(\"{path}\")#set($p='{path}')$input.json($p)");
                    render(Profile::Aws, &template, "{\"a\":{\"a\":[{\"a\":1,\"b\":1}]}}");
                }
            }
        });
    }
    for (open, within, close) in patterns {
        on_a_small_stack("patterns", move || {
            for levels in LEVELS {
                let pattern = nested(open, within, close, levels);
                let template = format!(
                    "#set($s='aaaa')$s.replaceAll('{pattern}','x')$s.matches('{pattern}')$s.split('{pattern}')"
                );
                render(Profile::Aws, &template, "{}");
            }
        });
    }
}
