//! No template runs, grows or nests without end.

use std::rc::Rc;
use std::thread;

use crate::bounds::{Exceeded, Limits};
use crate::{Options, Profile, RenderErrorKind, Template};

/// What becomes of a template: the limit that it reaches, or the bytes that it prints.
fn outcome(template: &str, options: Options) -> Result<usize, String> {
    let template = Template::compile(template, &options).map_err(|error| error.message)?;
    match template.render(Rc::default()) {
        Ok(rendered) => Ok(rendered.text.len()),
        Err(error) => Err(match error.kind {
            RenderErrorKind::Limit(exceeded) => exceeded.to_string(),
            RenderErrorKind::Failed => error.message,
        }),
    }
}

#[test]
fn ends_what_does_not_end() {
    let deep = "this nests deeper than 128 levels".to_owned();
    let calls = "macros call each other too deep".to_owned();
    let loops = "#foreach($i in [1..1000])".repeat(4) + "x" + &"#end".repeat(4);
    let doubling = "#set($s='0123456789')".to_owned() + &"#set($s=\"$s$s\")".repeat(40);
    let printing = "#set($s='0123456789')".to_owned() + &"#set($s=\"$s$s\")".repeat(18) + &"$s".repeat(9);
    let nested = "#set($l=[])#foreach($i in [1..1000])#set($l=[$l])#end$l";
    let n = 100_000;
    let rows = [
        ("loops", loops, Err(Exceeded::Steps.to_string())),
        (
            "a string that doubles",
            doubling,
            Err(Exceeded::String.to_string()),
        ),
        ("a long output", printing, Err(Exceeded::Output.to_string())),
        (
            "a range",
            "#set($l=[1..2000000])".to_owned(),
            Err(Exceeded::Items.to_string()),
        ),
        (
            "a nested list",
            nested.to_owned(),
            Err(Exceeded::Depth.to_string()),
        ),
        ("calls", "#macro(m)#m()#end#m()".to_owned(), Err(calls)),
        (
            "evaluations",
            "#set($s='#evaluate($s)')#evaluate($s)".to_owned(),
            Err(Exceeded::Depth.to_string()),
        ),
        (
            "parentheses",
            "#set($x=".to_owned() + &"(".repeat(n),
            Err(deep.clone()),
        ),
        (
            "brackets",
            "#set($x=".to_owned() + &"[".repeat(n),
            Err(deep.clone()),
        ),
        (
            "maps",
            "#set($x=".to_owned() + &"{'a':".repeat(n),
            Err(deep.clone()),
        ),
        ("conditions", "#if(1)".repeat(n), Err(deep.clone())),
        ("methods", "$a.b(".repeat(n), Err(deep.clone())),
        (
            "methods and brackets",
            "#set($x=".to_owned() + &"[$a.b(".repeat(n),
            Err(deep),
        ),
        ("not", "#if(".to_owned() + &"!".repeat(n) + "true)x#end", Ok(1)),
        ("sums", "#set($x=0".to_owned() + &"+1".repeat(n) + ")$x", Ok(6)),
        ("properties", "$!a".to_owned() + &".b".repeat(n), Ok(0)),
        ("backslashes", "\\".repeat(n), Ok(n)),
        (
            "else",
            "#if(false)".to_owned() + &"#elseif(false)".repeat(n) + "#end",
            Ok(0),
        ),
    ];
    // The stack that a WebAssembly guest has; without optimization more is needed.
    let megabytes = if cfg!(debug_assertions) { 4 } else { 1 };
    let stack = thread::Builder::new().stack_size(megabytes << 20);
    let options = Options {
        profile: Profile::Velocity,
        ..Options::default()
    };
    let check = move || {
        for (name, template, expected) in rows {
            assert_eq!(outcome(&template, options), expected, "{name}");
        }
    };
    stack.spawn(check).unwrap().join().unwrap();
}

#[test]
fn keeps_to_the_limits_that_are_set() {
    let limits = Limits {
        steps: 1_000,
        output: 100,
        string: 50,
        items: 10,
        depth: 8,
        rounds: 3,
    };
    let options = Options {
        limits,
        ..Options::default()
    };
    let rows = [
        ("rounds", "#foreach($i in [1..9])$i#end", Ok(3)),
        (
            "items of a range",
            "#set($l=[1..11])",
            Err(Exceeded::Items.to_string()),
        ),
        (
            "output",
            "#set($s='0123456789012345678901234')$s$s$s$s|",
            Err(Exceeded::Output.to_string()),
        ),
        (
            "string",
            "#set($s='0123456789012345678901234')#set($s=\"$s$s|\")",
            Err(Exceeded::String.to_string()),
        ),
        ("within all", "#foreach($i in [1..9])#if($i > 1)$i#end#end", Ok(2)),
    ];
    for (name, template, expected) in rows {
        assert_eq!(outcome(template, options), expected, "{name}");
    }
}
