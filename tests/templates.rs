//! `portcullis render` as a process, with the component that comes with it: the documentation's examples, the recorded
//! cases, what it says of mistakes, and that no template runs without end.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use portcullis_testkit::Files;
use portcullis_tests::guest;
use serde_json::{Value, json};

/// What a finished run of the binary gave.
#[derive(Debug, PartialEq, Eq)]
struct Finished {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Finished {
    fn printed(text: &str) -> Self {
        Self {
            status: 0,
            stdout: text.to_owned(),
            stderr: String::new(),
        }
    }

    fn failed(status: i32, told: &str) -> Self {
        Self {
            status,
            stdout: String::new(),
            stderr: told.to_owned(),
        }
    }
}

/// `portcullis render` in a directory, with a file as its standard input.
fn render(files: &Files, arguments: &[&str], stdin: Option<&str>) -> Finished {
    let stdin = stdin.map_or_else(Stdio::null, |name| {
        File::open(files.path(name)).expect("standard input").into()
    });
    let output = Command::new(env!("CARGO_BIN_EXE_portcullis-under-test"))
        .arg("render")
        .args(arguments)
        .current_dir(files.directory())
        .stdin(stdin)
        .output()
        .expect("the binary runs");
    Finished {
        status: output.status.code().expect("an exit status"),
        stdout: String::from_utf8(output.stdout).expect("text"),
        stderr: String::from_utf8(output.stderr).expect("text"),
    }
}

/// Renders a template from a file of this name, which messages have.
fn render_file(template: &str, arguments: &[&str]) -> Finished {
    let files = Files::default();
    files.write("t.vtl", template);
    render(&files, &[&["--template", "t.vtl"], arguments].concat(), None)
}

/// The answers to the lines, in their order.
fn render_lines(lines: &str) -> Vec<Value> {
    let files = Files::default();
    files.write("lines.jsonl", lines);
    let finished = render(&files, &["--lines"], Some("lines.jsonl"));
    assert_eq!((finished.status, finished.stderr.as_str()), (0, ""));
    let answers = finished.stdout.lines().map(serde_json::from_str);
    answers.collect::<Result<_, _>>().expect("JSON lines")
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

mod page {
    //! How examples stand in `docs/templates.md`.
    //!
    //! - A block `vtl`, then perhaps one `json`, its input, then one `text`: what is printed, or told of a mistake. A
    //!   block's last newline belongs to its fence. `vtl velocity` names a profile.
    //! - A table whose first columns are `template` and `prints`, a row an example. The input is a block `json` of its own in
    //!   the same section. `*an error*` stands for any.
    //! - A block `console`: `cat` shows a file, `portcullis render` is run.

    /// A template that is rendered, and what is expected.
    #[derive(Debug)]
    pub(crate) struct Example {
        /// The line of the page.
        pub(crate) line: usize,
        pub(crate) template: String,
        pub(crate) input: Option<String>,
        pub(crate) profile: String,
        pub(crate) expected: Expected,
    }

    #[derive(Debug)]
    pub(crate) enum Expected {
        /// The output or the message, without a newline at its end.
        Text(String),
        Output(String),
        AnyError,
    }

    /// One line `$ …` of a session and what follows it.
    #[derive(Debug)]
    pub(crate) struct Step {
        pub(crate) command: String,
        pub(crate) shown: String,
    }

    #[derive(Debug, Default)]
    pub(crate) struct Page {
        pub(crate) examples: Vec<Example>,
        pub(crate) sessions: Vec<Vec<Step>>,
    }

    /// A block `vtl` whose block `text` did not come yet.
    struct Open {
        line: usize,
        profile: String,
        template: String,
        input: Option<String>,
    }

    #[derive(Default)]
    struct Reader {
        page: Page,
        open: Option<Open>,
        /// Where the examples of this section begin, and their input.
        section: usize,
        input: Option<String>,
        in_table: bool,
    }

    pub(crate) fn read(text: &str) -> Page {
        let mut reader = Reader::default();
        let mut lines = text.lines().enumerate();
        while let Some((at, line)) = lines.next() {
            if let Some(language) = line.strip_prefix("```") {
                let body: Vec<&str> = lines
                    .by_ref()
                    .map(|(_, line)| line)
                    .take_while(|line| *line != "```")
                    .collect();
                reader.block(at + 1, language, body.join("\n"));
            } else if line.starts_with('#') {
                reader.end_section();
            } else {
                reader.line(at + 1, line);
            }
        }
        reader.end_section();
        reader.page
    }

    impl Reader {
        fn block(&mut self, line: usize, language: &str, body: String) {
            match (language, &mut self.open) {
                ("vtl" | "vtl velocity", None) => {
                    let profile = language.strip_prefix("vtl ").unwrap_or("aws").to_owned();
                    self.open = Some(Open {
                        line,
                        profile,
                        template: body,
                        input: None,
                    });
                }
                ("json", Some(open)) if open.input.is_none() => open.input = Some(body),
                ("json", None) if self.input.is_none() => self.input = Some(body),
                ("text", Some(_)) => self.close(body),
                ("console", None) => self.page.sessions.push(steps(&body)),
                ("sh", None) => {}
                _ => panic!("line {line}: a block `{language}` is out of place"),
            }
        }

        fn close(&mut self, body: String) {
            let open = self.open.take().expect("an open example");
            self.page.examples.push(Example {
                line: open.line,
                template: open.template,
                // The input of a section is for its tables.
                input: Some(open.input.unwrap_or_else(|| "{}".to_owned())),
                profile: open.profile,
                expected: Expected::Text(body),
            });
        }

        fn line(&mut self, at: usize, line: &str) {
            assert!(
                line.is_empty() || self.open.is_none(),
                "line {at}: it stands between a template and what it prints"
            );
            if line.starts_with("| template | prints |") {
                self.in_table = true;
            } else if !line.starts_with('|') {
                self.in_table = false;
            } else if self.in_table && !line.starts_with("|--") {
                self.row(at, line);
            }
        }

        fn row(&mut self, line: usize, row: &str) {
            let cells = cells(row);
            let code = |cell: &str| {
                let code = cell.strip_prefix('`').and_then(|code| code.strip_suffix('`'));
                code.map(str::to_owned)
            };
            let expected = match cells[1].as_str() {
                "*an error*" => Expected::AnyError,
                "" => Expected::Output(String::new()),
                cell => Expected::Output(code(cell).expect("a code span")),
            };
            self.page.examples.push(Example {
                line,
                template: code(&cells[0]).expect("a code span"),
                input: None,
                profile: "aws".to_owned(),
                expected,
            });
        }

        fn end_section(&mut self) {
            assert!(self.open.is_none(), "a template has no block of what it prints");
            let input = self.input.take().unwrap_or_else(|| "{}".to_owned());
            for example in &mut self.page.examples[self.section..] {
                example.input.get_or_insert_with(|| input.clone());
            }
            self.section = self.page.examples.len();
            self.in_table = false;
        }
    }

    /// The cells of a row of a table, where `\|` is no border.
    fn cells(row: &str) -> Vec<String> {
        let row = row.replace("\\|", "\0");
        let inner = row.trim_start_matches('|').split('|');
        inner.map(|cell| cell.trim().replace('\0', "|")).collect()
    }

    fn steps(body: &str) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        for line in body.lines() {
            if let Some(command) = line.strip_prefix("$ ") {
                steps.push(Step {
                    command: command.to_owned(),
                    shown: String::new(),
                });
            } else {
                let step = steps.last_mut().expect("a command first");
                step.shown.push_str(line);
                step.shown.push('\n');
            }
        }
        steps
    }
}

fn the_page() -> page::Page {
    let path = repository().join("docs/templates.md");
    page::read(&std::fs::read_to_string(path).expect("the page"))
}

/// Why an example does not print what the page says.
fn disagreement(files: &Files, example: &page::Example) -> Option<String> {
    files.write("template.vtl", &example.template);
    files.write("input.json", example.input.as_deref().unwrap_or("{}"));
    let arguments = [
        "--template",
        "template.vtl",
        "--input",
        "input.json",
        "--profile",
        &example.profile,
    ];
    let finished = render(files, &arguments, None);
    let got = if finished.status == 0 {
        &finished.stdout
    } else {
        &finished.stderr
    };
    let agrees = match &example.expected {
        page::Expected::Text(text) if finished.status == 0 => text == got,
        page::Expected::Text(text) => format!("{text}\n") == *got,
        page::Expected::Output(text) => finished.status == 0 && text == got,
        page::Expected::AnyError => finished.status == 1,
    };
    let line = example.line;
    (!agrees).then(|| {
        format!(
            "docs/templates.md:{line}: expected {:?}, got {finished:?}",
            example.expected
        )
    })
}

#[test]
fn the_examples_of_the_page_print_what_it_says() {
    let examples = the_page().examples;
    assert!(examples.len() > 90, "only {} examples are found", examples.len());
    let files = Files::default();
    let wrong: Vec<String> = examples
        .iter()
        .filter_map(|example| disagreement(&files, example))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_sessions_of_the_page_run_as_it_shows() {
    let sessions = the_page().sessions;
    assert!(sessions.len() >= 3, "{sessions:?}");
    for session in sessions {
        let files = Files::default();
        for step in session {
            if let Some(name) = step.command.strip_prefix("cat ") {
                files.write(name, &step.shown);
                continue;
            }
            let command = step.command.strip_prefix("portcullis render ");
            let mut arguments: Vec<&str> = command.expect("a command to run").split(' ').collect();
            let stdin = arguments.pop_if(|last| last.starts_with('<'));
            let finished = render(&files, &arguments, stdin.map(|name| name.trim_start_matches('<')));
            assert_eq!(finished, Finished::printed(&step.shown), "{}", step.command);
        }
    }
}

#[test]
fn every_recorded_case_renders_as_recorded() {
    let mut tables: Vec<PathBuf> = std::fs::read_dir(repository().join("plugins/vtl/engine/tests/cases"))
        .expect("the tables")
        .map(|entry| entry.expect("a table").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    tables.sort();
    let read = |path: &PathBuf| std::fs::read_to_string(path).expect("a table");
    let lines: String = tables.iter().map(read).collect();
    let cases: Vec<&str> = lines.lines().collect();
    assert!(cases.len() > 1_000, "{} cases", cases.len());
    let answers = render_lines(&lines);
    assert_eq!(answers.len(), cases.len());
    let wrong: Vec<String> = cases
        .iter()
        .zip(&answers)
        .filter_map(|(case, answer)| {
            let case: Value = serde_json::from_str(case).expect("a case");
            let expected = &case["expected"];
            let agrees = if expected["error"].is_null() {
                answer["output"].is_string() && answer["output"] == expected["output"]
            } else {
                answer["error"].is_string()
            };
            (!agrees).then(|| format!("{}: expected {expected}, got {answer}", case["id"]))
        })
        .collect();
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn renders_files_and_adds_no_newline() {
    let files = Files::default();
    files.write(
        "t.vtl",
        "$input.params('id') $input.params('q') $input.params('X-A') \
        $context.identity.sourceIp $stageVariables.env $input.json('$.a')",
    );
    files.write(
        "in.json",
        json!({
            "body": "{\"a\": [1]}",
            "params": { "path": { "id": "7", "other": "8" }, "querystring": { "q": "é" }, "header": { "X-A": "h" } },
            "context": { "identity": { "sourceIp": "192.0.2.1" } },
            "stageVariables": { "env": "dev" },
        })
        .to_string(),
    );
    let arguments = ["--template", "t.vtl", "--input", "in.json"];
    assert_eq!(
        render(&files, &arguments, None),
        Finished::printed("7 é h 192.0.2.1 dev [1]")
    );
    for text in ["", "x", "x\n", "x\r\n\n"] {
        assert_eq!(render_file(text, &[]), Finished::printed(text));
    }
}

#[test]
fn the_profile_decides() {
    let template = "#macro(m)in#end#m() $nope";
    assert_eq!(render_file(template, &[]), Finished::printed("#m() "));
    assert_eq!(
        render_file(template, &["--profile", "aws"]),
        Finished::printed("#m() ")
    );
    assert_eq!(
        render_file(template, &["--profile", "velocity"]),
        Finished::printed("in $nope")
    );
    let unknown = render_file(template, &["--profile", "v2"]);
    assert_eq!(unknown.status, 2);
    assert!(
        unknown.stderr.contains("[possible values: aws, velocity]"),
        "{}",
        unknown.stderr
    );
}

#[test]
fn json_shows_the_overrides() {
    let template = "#set($context.requestOverride.header.x-id = 'a')#set($context.requestOverride.querystring.q = 1)\
        #set($context.requestOverride.path.p = true)#set($context.responseOverride.status = '404')\
        #set($context.responseOverride.header['x-b'] = 'b')text";
    let none = json!({
        "output": "text\n",
        "requestOverride": { "header": {}, "querystring": {}, "path": {} },
        "responseOverride": { "status": null, "header": {} },
    });
    let some = json!({
        "output": "text",
        "requestOverride": { "header": { "x-id": "a" }, "querystring": { "q": "1" }, "path": { "p": "true" } },
        "responseOverride": { "status": 404, "header": { "x-b": "b" } },
    });
    for (template, expected) in [("text\n", none), (template, some)] {
        let finished = render_file(template, &["--json"]);
        assert_eq!((finished.status, finished.stderr.as_str()), (0, ""));
        let told: Value = serde_json::from_str(&finished.stdout).expect("JSON");
        assert_eq!(told, expected);
    }
}

#[test]
fn each_line_is_answered_for_itself() {
    let answers = render_lines(
        r#"{"id": "1", "template": "$input.body", "context": {"body": "b"}}

{"template": "not ended"
{"id": 2}
{"template": "x", "profile": "v2"}
{"template": "x", "context": {"bodi": "b"}}
{"template": "a\n#if(1)"}
{"template": "\n #set($l = [])$l[0]"}
{"template": "$x é\u2028😀", "profile": "velocity"}"#,
    );
    let line = |text: &str| format!("the line is not what it should be: {text}");
    let expected = [
        Ok("b".to_owned()),
        Err(line("EOF while parsing an object at line 1 column 24")),
        Err(line("missing field `template` at line 1 column 9")),
        Err(line(
            "unknown variant `v2`, expected `aws` or `velocity` at line 1 column 33",
        )),
        Err(line(
            "unknown field `bodi`, expected one of `body`, `params`, `context`, `stageVariables` \
             at line 1 column 36",
        )),
        Err("2:1: this `#if` has no `#end`".to_owned()),
        Err("2:15: java.lang.IndexOutOfBoundsException: Index 0 out of bounds for length 0".to_owned()),
        Ok("$x é\u{2028}😀".to_owned()),
    ];
    let expected: Vec<Value> = expected
        .into_iter()
        .map(|answer| {
            answer.map_or_else(
                |error| json!({ "error": error }),
                |output| json!({ "output": output }),
            )
        })
        .collect();
    assert_eq!(answers, expected);
    assert_eq!(render_lines(""), Vec::<Value>::new());
}

#[test]
fn tells_mistakes_with_their_place() {
    for (template, told) in [
        (
            "{\n\té#set($sum = 10-4)\n}",
            "t.vtl:2:17: error: `-4` stands in `#set`, where `)` is needed\n  \
             |  é#set($sum = 10-4)\n  \
             |                 ^\n  \
             hint: a minus sign before digits is part of the number: put a blank after it\n",
        ),
        (
            "#if(true)\nx\n",
            "t.vtl:1:1: error: this `#if` has no `#end`\n  | #if(true)\n  | ^\n  \
             hint: add an `#end` where it is to end\n",
        ),
        (
            "5$",
            "t.vtl:1:2: error: the template ends in a `$`\n  | 5$\n  |  ^\n  \
             hint: write `#[[$]]#` for a `$` that is text\n",
        ),
        (
            "#set($l = [1])\n ${l[1]}",
            "t.vtl:2:2: error: java.lang.IndexOutOfBoundsException: Index 1 out of bounds for length 1\n  \
             |  ${l[1]}\n  |  ^\n",
        ),
    ] {
        for arguments in [&[][..], &["--json"]] {
            assert_eq!(
                render_file(template, arguments),
                Finished::failed(1, told),
                "{template}"
            );
        }
    }
}

#[test]
fn tells_of_files_that_cannot_be_used() {
    let files = Files::default();
    files.write("t.vtl", "x");
    files.write("binary.vtl", b"\xff");
    files.write("number.json", "\n{\"body\": 1}");
    files.write("typo.json", "{\"bodi\": \"\"}");
    let missing = "error: cannot read it: No such file or directory (os error 2)";
    for (arguments, told) in [
        (&["--template", "no.vtl"][..], format!("no.vtl: {missing}\n")),
        (
            &["--template", "t.vtl", "--input", "no.json"],
            format!("no.json: {missing}\n"),
        ),
        (
            &["--template", "binary.vtl"],
            "binary.vtl: error: cannot read it: stream did not contain valid UTF-8\n".to_owned(),
        ),
        (
            &["--template", "t.vtl", "--input", "number.json"],
            "number.json:2:10: error: invalid type: integer `1`, expected a string".to_owned(),
        ),
        (
            &["--template", "t.vtl", "--input", "typo.json"],
            "typo.json:1:7: error: unknown field `bodi`, expected one of `body`, `params`, `context`, \
             `stageVariables`"
                .to_owned(),
        ),
    ] {
        let finished = render(&files, arguments, None);
        assert_eq!(
            (finished.status, finished.stdout.as_str()),
            (1, ""),
            "{arguments:?}"
        );
        assert!(
            finished.stderr.starts_with(&told),
            "{arguments:?}: {}",
            finished.stderr
        );
    }
    for arguments in [
        &[][..],
        &["--lines", "--json"],
        &["--lines", "--template", "t.vtl"],
        &["--lines", "--input", "x"],
    ] {
        assert_eq!(render(&files, arguments, None).status, 2, "{arguments:?}");
    }
}

#[test]
fn refuses_plugins_that_are_no_template_engines() {
    let files = Files::default();
    files.write("t.vtl", "x");
    files.write("integration.wasm", guest("faults-integration"));
    for (file, told) in [
        (
            "integration.wasm",
            "error: the plugin is of world integration, not mapping-template\n",
        ),
        (
            "t.vtl",
            "error: not a WebAssembly file: it starts with bytes 78\n",
        ),
        (
            "no.wasm",
            "error: cannot read no.wasm: No such file or directory (os error 2)\n",
        ),
    ] {
        for arguments in [&["--template", "t.vtl"][..], &["--lines"]] {
            let arguments = [arguments, &["--plugin", file]].concat();
            assert_eq!(render(&files, &arguments, None), Finished::failed(3, told));
        }
    }
}

/// Templates that would run or grow without end, and which limit stops them.
const ENDLESS: &[(&str, &str, &str)] = &[
    (
        "aws",
        "#foreach($i in [1..1000])#foreach($j in [1..1000])#foreach($k in [1..1000])#set($x = $k)#end#end#end",
        "it takes too many steps",
    ),
    (
        "aws",
        "#set($s = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')$s.matches('(a+)+')",
        "it takes too many steps",
    ),
    (
        "aws",
        "#foreach($i in [1..1000])#foreach($j in [1..1000])0123456789abcdef#end#end",
        "its output grows too large",
    ),
    (
        "aws",
        "#set($s = 'x')#foreach($i in [1..1000])#set($s = \"$s$s\")#end",
        "it makes too long a string",
    ),
    (
        "aws",
        "#set($s = 'x')#set($s = $s.repeat(2147483647))",
        "it makes too long a string",
    ),
    (
        "aws",
        "#set($l = [1])#foreach($i in [1..1000])#set($x = $l.addAll($l))#end",
        "it makes too large a list or map",
    ),
    (
        "aws",
        "#set($l = [1..2147483647])",
        "it makes too large a list or map",
    ),
    (
        "velocity",
        "#set($e = '#evaluate($e)')#evaluate($e)",
        "it nests too deep",
    ),
];

#[test]
fn a_template_without_end_is_an_error_that_names_its_limit() {
    for (profile, template, limit) in ENDLESS {
        let begin = Instant::now();
        let finished = render_file(template, &["--profile", profile]);
        assert!(begin.elapsed() < Duration::from_secs(10), "{template}");
        assert_eq!((finished.status, finished.stdout.as_str()), (1, ""), "{template}");
        let told = format!(": error: the template is stopped: {limit}\n");
        assert!(finished.stderr.contains(&told), "{template}: {}", finished.stderr);
    }
}

#[test]
fn nesting_without_end_is_an_error() {
    let parentheses = format!("#if({}1{})x#end", "(".repeat(50_000), ")".repeat(50_000));
    let blocks = format!("{}x{}", "#if(1)".repeat(50_000), "#end".repeat(50_000));
    for (template, told) in [
        (parentheses.as_str(), "this nests deeper than 128 levels"),
        (&blocks, "this nests deeper than 128 levels"),
    ] {
        let begin = Instant::now();
        let finished = render_file(template, &[]);
        assert!(begin.elapsed() < Duration::from_secs(10));
        assert_eq!(finished.status, 1);
        let start: String = finished.stderr.chars().take(300).collect();
        assert!(start.contains(told), "{start}");
    }
}

/// A limit is the end of one line's rendering: the engine goes on.
#[test]
fn a_limit_costs_one_line_only() {
    let line = |template: &str| json!({ "template": template, "profile": "velocity" }).to_string();
    let mut lines = Vec::new();
    for (_, template, _) in ENDLESS {
        lines.extend([line(template), line("next")]);
    }
    let answers = render_lines(&lines.join("\n"));
    assert_eq!(answers.len(), 2 * ENDLESS.len());
    for (pair, (_, template, limit)) in answers.chunks(2).zip(ENDLESS) {
        let told = pair[0]["error"].as_str().unwrap_or_default();
        assert!(
            told.ends_with(&format!("the template is stopped: {limit}")),
            "{template}: {told}"
        );
        assert_eq!(pair[1], json!({ "output": "next" }), "{template}");
    }
}
