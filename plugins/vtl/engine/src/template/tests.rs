//! What templates are found to read.

use super::{Options, Profile, Reads, Selection, Template};

fn reads(source: &str, profile: Profile) -> Reads {
    Template::compile(
        source,
        &Options {
            profile,
            ..Options::default()
        },
    )
    .unwrap()
    .reads()
    .clone()
}

fn only(names: &[&str]) -> Selection {
    Selection::Only(names.iter().map(|name| (*name).to_owned()).collect())
}

fn parameters(of: &Selection) -> Reads {
    Reads {
        headers: of.clone(),
        query: of.clone(),
        path: of.clone(),
        ..Reads::default()
    }
}

#[test]
fn finds_what_is_read() {
    let body = Reads {
        body: true,
        ..Reads::default()
    };
    let input = Reads {
        body: true,
        ..parameters(&Selection::All)
    };
    let context = |context| Reads {
        context,
        ..Reads::default()
    };
    let stage = |stage_variables| Reads {
        stage_variables,
        ..Reads::default()
    };
    let header = |headers| Reads {
        headers,
        ..Reads::default()
    };
    let rows = [
        (
            "nothing",
            "a $b $util.escapeJavaScript('$input.body')",
            Reads::default(),
        ),
        ("the body", "$input.body", body.clone()),
        ("a path", "#set($a = $input.path('$.b').c)", body.clone()),
        ("json", "#if(true)#else${input.json('$')}#end", body.clone()),
        ("a string", "#set($a = \"x $input.body\")", body.clone()),
        ("a loop", "#foreach($i in $input.path('$'))$i#end", body.clone()),
        ("a block", "#define($d)$input.body#end", body.clone()),
        ("an index", "$a[$input.body]", body.clone()),
        (
            "a chain of signs",
            "#if(1 == 2 || !($a + $input.body == 3))#end",
            body.clone(),
        ),
        ("a list and a map", "#set($a = [{'k': $input.body}])", body),
        (
            "a parameter",
            "$input.params('a')$input.params(\"b\")",
            parameters(&only(&["a", "b"])),
        ),
        (
            "a parameter by reference",
            "$input.params($a)",
            parameters(&Selection::All),
        ),
        (
            "a parameter by a string",
            "$input.params(\"$a\")",
            parameters(&Selection::All),
        ),
        (
            "all parameters",
            "#set($p = $input.params())",
            parameters(&Selection::All),
        ),
        (
            "a header",
            "$input.params().header.Accept",
            header(only(&["Accept"])),
        ),
        (
            "a header by get",
            "$input.params().header.get('A-B')",
            header(only(&["A-B"])),
        ),
        (
            "a header by index",
            "$input.params().get('header')['A-B']",
            header(only(&["A-B"])),
        ),
        (
            "all headers",
            "#foreach($h in $input.params().header.keySet())#end",
            header(Selection::All),
        ),
        (
            "whether there are headers",
            "$input.params().header.empty",
            header(Selection::All),
        ),
        (
            "a query",
            "$input.params.querystring.q",
            Reads {
                query: only(&["q"]),
                ..Reads::default()
            },
        ),
        (
            "a path parameter",
            "$input.params().path.id",
            Reads {
                path: only(&["id"]),
                ..Reads::default()
            },
        ),
        ("the input", "#set($i = $input)", input.clone()),
        ("some method of the input", "$input.toString()", input),
        (
            "the context",
            "$context.identity.sourceIp",
            context(only(&["identity.sourceIp"])),
        ),
        (
            "a method on it",
            "$context.stage.length()$context.a['b']",
            context(only(&["a", "stage"])),
        ),
        (
            "an override",
            "#set($context.responseOverride.status = 1)",
            context(only(&["responseOverride.status"])),
        ),
        ("all of the context", "$context", context(Selection::All)),
        ("the context by get", "$context.get('a')", context(Selection::All)),
        (
            "a stage variable",
            "$stageVariables.a$stageVariables['b']",
            stage(only(&["a", "b"])),
        ),
        ("one by get", "$stageVariables.get('c')", stage(only(&["c"]))),
        ("all of them", "$stageVariables.size()", stage(Selection::All)),
        ("a macro that is off", "#m($input.body)", Reads::default()),
    ];
    for (name, source, expected) in rows {
        assert_eq!(reads(source, Profile::Aws), expected, "{name}");
    }
}

#[test]
fn takes_no_chances_with_macros() {
    let all = Reads {
        body: true,
        stage_variables: Selection::All,
        context: Selection::All,
        ..parameters(&Selection::All)
    };
    assert_eq!(reads("#evaluate($a)", Profile::Velocity), all);
    let body = Reads {
        body: true,
        ..Reads::default()
    };
    assert_eq!(reads("#macro(m)$input.body#end", Profile::Velocity), body);
    assert_eq!(reads("#m($input.body)", Profile::Velocity), body);
    assert_eq!(reads("#@m()$input.body#end", Profile::Velocity), body);
}
