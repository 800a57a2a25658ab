//! The binary as a process: what it says of bad input, where, and with which exit status.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::process::Command;

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

/// Runs the binary in a directory until it ends.
fn portcullis(files: &Files, arguments: &[&str]) -> Finished {
    let output = Command::new(env!("CARGO_BIN_EXE_portcullis-under-test"))
        .args(arguments)
        .current_dir(files.directory())
        .output()
        .expect("the binary runs");
    Finished {
        status: output.status.code().expect("an exit status"),
        stdout: String::from_utf8(output.stdout).expect("text"),
        stderr: String::from_utf8(output.stderr).expect("text"),
    }
}

/// A line that every `gateway.toml` here begins with.
const LISTENER: &str = "listeners = [{ address = \"127.0.0.1:0\" }]\n";

/// What one bad input is made of and what is said of it. `{L}` stands for [`LISTENER`], one line.
struct Bad {
    name: &'static str,
    files: &'static [(&'static str, &'static str)],
    told: &'static str,
}

const MALFORMED: &[Bad] = &[
    Bad {
        name: "no file",
        files: &[],
        told: "gateway.toml: error: cannot read the configuration: No such file or directory (os error 2)\n  \
               hint: name a gateway.toml that exists, such as examples/quickstart/gateway.toml\n\
               1 error, 0 warnings\n",
    },
    Bad {
        name: "empty file",
        files: &[("gateway.toml", "")],
        told: "gateway.toml:1:1: error: missing required key \"listeners\"\n1 error, 0 warnings\n",
    },
    Bad {
        name: "malformed TOML",
        files: &[("gateway.toml", "[[listeners]]\naddress = \"127.0.0.1:0\n")],
        told: "gateway.toml:2:23: error: invalid basic string, expected `\"`\n1 error, 0 warnings\n",
    },
    Bad {
        name: "a key twice",
        files: &[(
            "gateway.toml",
            "{L}control.address = \"127.0.0.1:0\"\ncontrol.address = \"x\"\n",
        )],
        told: "gateway.toml:3:9: error: duplicate key \"address\", which is already at line 2, column 9\n\
               1 error, 0 warnings\n",
    },
    Bad {
        name: "unknown keys, at several depths",
        files: &[(
            "gateway.toml",
            "{L}[plugin.x]\n[plugins.y]\nbuiltin = \"hello\"\nlimits.cpu = 1\n[apis.a.stages.dev]\nvariable = {}\n\
             [[apis.a.routes]]\npath = \"/\"\nintegration = { type = \"mock\", statuss = 1 }\n",
        )],
        told: "gateway.toml:2:2: error: unknown key \"plugin\"\n  hint: the keys here are acme, api_keys, apis, aws, backends, cache, certificates, client_certificates, control, domains, issuers, lambda, listeners, networks, overload, plugins, throttle, tracing, trust_bundles, truststores, usage_plans, vpc_links, web_acls\n\
               gateway.toml:5:8: error: unknown key \"cpu\"\n  hint: the keys here are calls_per_instance, \
               concurrency, cpu_ms, memory_mib, output_kib, queue, wall_ms\n\
               gateway.toml:7:1: error: unknown key \"variable\"\n  hint: did you mean \"variables\"?\n\
               gateway.toml:10:32: error: unknown key \"statuss\"\n  hint: did you mean \"status\"?\n\
               4 errors, 0 warnings\n",
    },
    Bad {
        name: "values of the wrong kind and out of range",
        files: &[(
            "gateway.toml",
            "listeners = [{ address = 1, max_connections = 0 }]\n[plugins.p]\nbuiltin = \"hello\"\nisolation = \"new\"\n\
             [apis.a.stages.dev]\nfilters = \"f\"\n[[apis.a.routes]]\npath = \"/\"\n\
             integration = { type = \"mock\", status = 99 }\n[[apis.a.routes]]\npath = \"/x\"\n\
             integration = { type = \"http_proxy\", uri = \"http://x/\", timeout_ms = 49 }\n",
        )],
        told: "gateway.toml:1:26: error: expected a string, found the number 1\n\
               gateway.toml:1:47: error: expected a number that is at least 1, found the number 0\n\
               gateway.toml:4:13: error: expected \"reused\" or \"fresh\", found the string \"new\"\n\
               gateway.toml:6:11: error: expected an array, found the string \"f\"\n\
               gateway.toml:9:41: error: expected a number that is at least 200, found the number 99\n\
               gateway.toml:12:70: error: expected a number that is at least 50, found the number 49\n\
               6 errors, 0 warnings\n",
    },
];

const BROKEN_RULES: &[Bad] = &[
    Bad {
        name: "several problems at once",
        files: &[(
            "gateway.toml",
            "[[listeners]]\naddress = \"localhost:80\"\ndefault_api = \"pet\"\n[control]\naddress = \"x\"\n\
             [plugins.p]\n[plugins.q]\nbuiltin = \"helo\"\n[apis.Bad]\nroutes = []\n[apis.Bad.stages.dev]\n\
             [apis.pets.stages]\n[[apis.pets.routes]]\npath = \"/\"\nintegration = { type = \"mock\" }\n",
        )],
        told: "gateway.toml:2:1: error: `localhost:80` is not an IP address with a port, nor a Unix socket\n  \
               hint: such as 127.0.0.1:8080, 0.0.0.0:8080, [::]:8080 or unix:/run/portcullis.sock\n\
               gateway.toml:3:1: error: there is no API `pet`\n  hint: did you mean \"pets\"?\n\
               gateway.toml:5:1: error: `x` is not an IP address with a port\n  \
               hint: such as 127.0.0.1:8080, 0.0.0.0:8080 or [::]:8080\n\
               gateway.toml:6:10: error: plugin `p` needs exactly one of builtin and file\n\
               gateway.toml:8:1: error: no component `helo` comes with Portcullis\n  \
               hint: there are bearer-token, hello, hello-function, ip-filter, vtl, waf\n\
               gateway.toml:9:7: error: `Bad` cannot be the id of an API\n  \
               hint: it is a label of host names: a-z, 0-9 and inner -, 63 at most\n\
               gateway.toml:9:7: error: API `Bad` needs exactly one of openapi and routes\n\
               gateway.toml:12:12: error: API `pets` has no stage, so no address\n  \
               hint: add [apis.pets.stages.dev]\n\
               8 errors, 0 warnings\n",
    },
    Bad {
        name: "one address twice",
        files: &[(
            "gateway.toml",
            "listeners = [\n{ address = \"127.0.0.1:1\" },\n{ address = \"127.0.0.1:1\" },\n]\n",
        )],
        told: "gateway.toml:3:3: error: the address 127.0.0.1:1 stands twice\n1 error, 0 warnings\n",
    },
    Bad {
        name: "API keys and usage plans",
        files: &[(
            "gateway.toml",
            "{L}[api_keys.a]\nvalue = \"short\"\n[api_keys.b]\nsha256 = \"12\"\n[api_keys.c]\n\
             [api_keys.d]\nvalue = \"0123456789-0123456789\"\n[api_keys.e]\nvalue = \"0123456789-0123456789\"\n\
             [usage_plans.one]\nstages = [\"shop\"]\nkeys = [\"dd\"]\n\
             [usage_plans.two]\nstages = [\"shop/prod\"]\nkeys = [\"d\"]\n\
             [usage_plans.zwei]\nstages = [\"shop/prod\"]\nkeys = [\"d\"]\n",
        )],
        told: "gateway.toml:3:1: error: the value of the API key `a` must have 20 to 128 characters\n\
               gateway.toml:5:1: error: the sha256 of the API key `b` must have 64 hexadecimal digits\n  \
               hint: printf %s VALUE | sha256sum\n\
               gateway.toml:6:11: error: the API key `c` needs exactly one of value and sha256\n\
               gateway.toml:9:11: error: the API keys `d` and `e` have one value\n\
               gateway.toml:12:11: error: `shop` names no stage\n  \
               hint: an API's id and a stage's name, such as pets/prod\n\
               gateway.toml:13:9: error: there is no API key `dd`\n  hint: did you mean \"d\"?\n\
               gateway.toml:19:9: error: the API key `d` is in the usage plans `two` and `zwei` for the same stage shop/prod\n\
               7 errors, 0 warnings\n",
    },
    Bad {
        name: "missing files",
        files: &[(
            "gateway.toml",
            "{L}[plugins.x]\nfile = \"nope.wasm\"\n[apis.a]\nopenapi = \"sub/nope.yaml\"\n[apis.a.stages.dev]\n",
        )],
        told: "gateway.toml:3:1: error: cannot read nope.wasm: No such file or directory (os error 2)\n  \
               hint: paths are relative to this file\n\
               gateway.toml:5:1: error: cannot read sub/nope.yaml: No such file or directory (os error 2)\n  \
               hint: paths are relative to this file\n\
               2 errors, 0 warnings\n",
    },
    Bad {
        name: "duplicate route",
        files: &[(
            "gateway.toml",
            "{L}[apis.a.stages.dev]\n[[apis.a.routes]]\npath = \"/x\"\nintegration = { type = \"mock\" }\n\
             [[apis.a.routes]]\npath = \"/x\"\nmethod = \"ANY\"\nintegration = { type = \"mock\" }\n",
        )],
        told: "gateway.toml:6:1: error: the route ANY /x stands twice\n1 error, 0 warnings\n",
    },
    Bad {
        name: "unknown names and wrong worlds",
        files: &[(
            "gateway.toml",
            "{L}[plugins.greeter]\nbuiltin = \"hello\"\n[apis.a.stages.dev]\nfilters = [\"greeter\"]\n\
             [apis.a.authorizers.auth]\ntype = \"token\"\nplugin = \"greeter\"\n\
             [[apis.a.routes]]\npath = \"/x\"\nintegration = { type = \"plugin\", plugin = \"greter\" }\n\
             [[apis.a.routes]]\npath = \"/y\"\nauthorizer = \"aut\"\nintegration = { type = \"mock\" }\n",
        )],
        told: "gateway.toml:5:12: error: the plugin `greeter` is of world integration; here one of world filter is needed\n\
               gateway.toml:6:21: error: the plugin `greeter` is of world integration; here one of world authorizer is needed\n\
               gateway.toml:11:1: error: there is no plugin `greter`\n  hint: did you mean \"greeter\"?\n\
               gateway.toml:14:1: error: there is no authorizer `aut`\n  hint: did you mean \"auth\"?\n\
               4 errors, 0 warnings\n",
    },
    Bad {
        name: "routes that cannot be",
        files: &[(
            "gateway.toml",
            "{L}[apis.a.stages.dev]\n\
             [[apis.a.routes]]\npath = \"/y/{x+}/z\"\nintegration = { type = \"mock\" }\n\
             [[apis.a.routes]]\npath = \"/z\"\nmethod = \"get\"\nintegration = { type = \"mock\" }\n\
             [[apis.a.routes]]\npath = \"/u\"\nintegration = { type = \"http_proxy\", uri = \"http://x/${stageVariables.nope}\" }\n\
             [[apis.a.routes]]\npath = \"/v\"\nintegration = { type = \"http_proxy\", uri = \"http://x/\", http_method = \"FETCH\" }\n\
             [[apis.a.routes]]\npath = \"/w\"\nintegration = { type = \"http_proxy\", uri = \"ftp://x/\" }\n\
             [[apis.a.routes]]\npath = \"/p/{a}\"\nintegration = { type = \"http_proxy\", uri = \"http://x/{b}\" }\n\
             [[apis.a.routes]]\npath = \"/p/{c}/d\"\nintegration = { type = \"mock\" }\n\
             [[apis.a.routes]]\npath = \"/q/{a}\"\nintegration = { type = \"http_proxy\", uri = \"http://x/?a={a}\" }\n",
        )],
        told: "gateway.toml:4:1: error: {x+} in `/y/{x+}/z` takes all that follows, so it must stand last\n\
               gateway.toml:6:1: error: `get` is not a verb of API Gateway\n  \
               hint: use DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT or ANY\n\
               gateway.toml:12:1: warning: the stage dev has no variable `nope`, which `http://x/${stageVariables.nope}` needs\n  \
               hint: add it under the stage's variables; until then the method answers 500\n\
               gateway.toml:15:1: error: `FETCH` is not a verb\n  \
               hint: use DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT or ANY\n\
               gateway.toml:18:1: error: `ftp://x/` is not an http:// or https:// URI with a host\n\
               gateway.toml:21:1: error: nothing fills the placeholder {b}\n\
               gateway.toml:23:1: error: `/p/{c}/d` has {c} where a sibling has {a}; only one of them can be there\n\
               gateway.toml:27:1: error: a placeholder stands in the query of `http://x/?a={a}`; only its path may have them\n\
               7 errors, 1 warning\n",
    },
    Bad {
        name: "settings that a document has, and responses of no type",
        files: &[
            (
                "api.yaml",
                "openapi: 3.0.1\ninfo: { title: T, version: '1' }\npaths: {}\n",
            ),
            (
                "gateway.toml",
                "{L}[apis.a]\nopenapi = \"api.yaml\"\nbinary_media_types = [\"image/png\"]\n\
                 minimum_compression_size = 0\ngateway_responses.DEFAULT_4XX.status = 400\n[apis.a.stages.dev]\n\
                 [apis.b]\ngateway_responses.UNAUTHORISED.status = 400\n[apis.b.stages.dev]\n\
                 [[apis.b.routes]]\npath = \"/\"\nintegration = { type = \"mock\" }\n",
            ),
        ],
        told: "gateway.toml:4:1: error: a document has its own binary_media_types\n  \
               hint: use x-amazon-apigateway-binary-media-types in the document\n\
               gateway.toml:5:1: error: a document has its own minimum_compression_size\n  \
               hint: use x-amazon-apigateway-minimum-compression-size in the document\n\
               gateway.toml:6:1: error: a document has its own gateway_responses\n  \
               hint: use x-amazon-apigateway-gateway-responses in the document\n\
               gateway.toml:9:19: error: there is no gateway response type `UNAUTHORISED`\n  \
               hint: did you mean \"UNAUTHORIZED\"?\n\
               4 errors, 0 warnings\n",
    },
    Bad {
        name: "a plugin's own configuration",
        files: &[(
            "gateway.toml",
            "{L}[plugins.t]\nbuiltin = \"bearer-token\"\n\
             config.tokens = [{ principal = \"x\" }, { token = \"a b\", principal = \"\" }]\n\
             [plugins.h]\nbuiltin = \"hello\"\nconfig.greetign = \"x\"\n",
        )],
        told: "gateway.toml:4:18: error: no token\n  hint: set `sha256`, or `token` for a quick start\n\
               gateway.toml:4:41: error: a header cannot carry this token\n  \
               hint: letters, digits and signs of ASCII, no space\n\
               gateway.toml:4:56: error: the principal is empty\n  hint: name who holds the token\n\
               gateway.toml:7:8: error: unknown field `greetign`, expected `greeting`\n\
               4 errors, 0 warnings\n",
    },
];

/// Their `gateway.toml` has an API of `api.yaml`.
const DOCUMENTS: &[Bad] = &[
    Bad {
        name: "wrong $ref",
        files: &[(
            "api.yaml",
            "openapi: 3.0.1\ninfo: { title: T, version: '1' }\npaths:\n  /a:\n    get:\n      \
             responses: { '200': { $ref: '#/nowhere' } }\n      x-amazon-apigateway-integration:\n        \
             $ref: '#/components/x-amazon-apigateway-integrations/mokced'\ncomponents:\n  \
             x-amazon-apigateway-integrations:\n    mocked: { type: mock }\n",
        )],
        told: "api.yaml:6:29: error: the $ref \"#/nowhere\" leads to nothing\n\
               api.yaml:8:9: error: the $ref \"#/components/x-amazon-apigateway-integrations/mokced\" leads to nothing\n  \
               hint: did you mean \"#/components/x-amazon-apigateway-integrations/mocked\"?\n\
               2 errors, 0 warnings\n",
    },
    Bad {
        name: "malformed YAML",
        files: &[("api.yaml", "openapi: 3.0.1\npaths:\n  /a:\n   x: 1\n  b\n")],
        told: "api.yaml:6:1: error: simple key expect ':'\n1 error, 0 warnings\n",
    },
    Bad {
        name: "malformed JSON",
        files: &[("api.yaml", "{ \"swagger\": \"2.0\",\n  \"paths\": {,}\n}\n")],
        told: "api.yaml:2:13: error: expected a key in double quotes, found \",\"\n1 error, 0 warnings\n",
    },
    Bad {
        name: "what is not understood is told",
        files: &[(
            "api.yaml",
            "openapi: 3.0.1\ninfo: { title: T, version: '1' }\npaths:\n  /a:\n    get:\n      x-thing: 1\n      \
             x-amazon-apigateway-endpoint-configuration: {}\n      x-amazon-apigateway-integration:\n        \
             type: mock\n        credentials: x\n        passThroughBehavior: never\n",
        )],
        told: "api.yaml:6:7: warning: nothing uses the extension \"x-thing\"\n\
               api.yaml:7:7: error: \"x-amazon-apigateway-endpoint-configuration\" is not supported yet\n  \
               hint: remove it, or leave this API where it is until it is supported\n\
               api.yaml:10:9: error: \"credentials\" of an integration is not supported yet\n\
               api.yaml:11:9: error: unknown key \"passThroughBehavior\"\n  hint: did you mean \"passthroughBehavior\"?\n\
               3 errors, 1 warning\n",
    },
];

const OF_DOCUMENT: &str = "{L}[apis.a]\nopenapi = \"api.yaml\"\n[apis.a.stages.dev]\n[apis.a.stages.prod]\n";

fn expand(text: &str) -> String {
    text.replace("{L}", LISTENER)
}

/// Both commands tell all of it, exit with 1, and `run` serves nothing: it says of no listener that it is open.
fn assert_told(bad: &Bad, gateway_toml: Option<&str>) {
    let files = Files::default();
    if let Some(text) = gateway_toml {
        files.write("gateway.toml", expand(text));
    }
    for (name, text) in bad.files {
        files.write(name, expand(text));
    }
    let expected = Finished {
        status: 1,
        stdout: String::new(),
        stderr: bad.told.to_owned(),
    };
    for arguments in [&["check"][..], &["check", "gateway.toml"], &["run", "--no-cache"]] {
        let finished = portcullis(&files, arguments);
        assert_eq!(finished.stderr, expected.stderr, "{}: {arguments:?}", bad.name);
        assert_eq!(finished, expected, "{}: {arguments:?}", bad.name);
    }
}

#[test]
fn tells_where_gateway_toml_is_malformed() {
    for bad in MALFORMED {
        assert_told(bad, None);
    }
}

#[test]
fn tells_which_rules_are_broken() {
    for bad in BROKEN_RULES {
        assert_told(bad, None);
    }
}

#[test]
fn tells_what_is_wrong_in_a_document() {
    for bad in DOCUMENTS {
        assert_told(bad, Some(OF_DOCUMENT));
    }
}

#[test]
fn tells_of_a_plugin_that_cannot_be_loaded() {
    let files = Files::default();
    let toml = "{L}[plugins.core]\nfile = \"core.wasm\"\n[plugins.half]\nfile = \"half.wasm\"\n\
                [plugins.text]\nfile = \"gateway.toml\"\n[plugins.sockets]\nfile = \"sockets.wasm\"\n";
    files.write("gateway.toml", expand(toml));
    files.write("core.wasm", b"\0asm\x01\0\0\0");
    let good = guest("faults-filter");
    files.write("half.wasm", &good[..good.len() / 2]);
    files.write("sockets.wasm", guest("wants-sockets"));
    let finished = portcullis(&files, &["check"]);
    assert_eq!((finished.status, finished.stdout.as_str()), (1, ""));
    for part in [
        "gateway.toml:2:10: error: the plugin `core` cannot be loaded: a core WebAssembly module, not a component\n  \
         hint: build for wasm32-wasip2, or ",
        &format!(
            "gateway.toml:4:10: error: the plugin `half` cannot be loaded: truncated after {} bytes: ",
            good.len() / 2
        ),
        "gateway.toml:6:10: error: the plugin `text` cannot be loaded: not a WebAssembly file: ",
        "gateway.toml:8:10: error: the plugin `sockets` cannot be loaded: ",
        "wasi:sockets/",
        "4 errors, 0 warnings\n",
    ] {
        assert!(
            finished.stderr.contains(part),
            "{part} is not in:\n{}",
            finished.stderr
        );
    }
}

#[test]
fn tells_of_a_port_that_is_taken() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    for (name, toml, place) in [
        (
            "listener",
            format!("listeners = [\n{{ address = \"127.0.0.1:0\" }},\n{{ address = \"{address}\" }},\n]\n"),
            "3:3",
        ),
        (
            "control",
            format!("{LISTENER}[control]\naddress = \"{address}\"\n"),
            "3:1",
        ),
    ] {
        let files = Files::default();
        files.write("gateway.toml", toml);
        let told = format!(
            "gateway.toml:{place}: error: cannot listen on {address}: Address already in use (os error 98)\n  \
             hint: another process has this port; end it or take another port (0 takes a free one)\n\
             1 error, 0 warnings\n"
        );
        let expected = Finished {
            status: 1,
            stdout: String::new(),
            stderr: told,
        };
        assert_eq!(portcullis(&files, &["run", "--no-cache"]), expected, "{name}");
        // check binds nothing.
        assert_eq!(portcullis(&files, &["check"]).status, 0, "{name}");
    }
}

#[test]
fn check_counts_what_is_good() {
    let files = Files::default();
    files.write("gateway.toml", expand(OF_DOCUMENT));
    files.write("api.yaml", DOCUMENTS[3].files[0].1.split("      x-amazon-apigateway-endpoint").next().expect("text").to_owned()
        + "      x-amazon-apigateway-integration: { type: mock, requestTemplates: { application/json: '{statusCode: 200}' }, responses: { default: { statusCode: '200' } } }\n");
    let expected = Finished {
        status: 0,
        stdout: "gateway.toml: ok: 1 API, 2 stages\n".to_owned(),
        stderr: "api.yaml:6:7: warning: nothing uses the extension \"x-thing\"\n0 errors, 1 warning\n"
            .to_owned(),
    };
    assert_eq!(portcullis(&files, &["check"]), expected);
    let as_json = portcullis(&files, &["check", "--json"]);
    assert_eq!((as_json.status, as_json.stderr.as_str()), (0, ""));
    let told: Value = serde_json::from_str(&as_json.stdout).expect("JSON");
    let warning = json!([{
        "severity": "warning", "code": "unused", "file": "api.yaml", "line": 6, "column": 7,
        "pointer": "/paths/~1a/get/x-thing", "message": "nothing uses the extension \"x-thing\"", "hint": null,
    }]);
    assert_eq!(told, warning);
}

#[test]
fn check_tells_problems_as_json() {
    let files = Files::default();
    let none = portcullis(&files, &["check", "--json", "nope.toml"]);
    assert_eq!((none.status, none.stderr.as_str()), (1, ""));
    let told: Value = serde_json::from_str(&none.stdout).expect("JSON");
    assert_eq!(
        (&told[0]["file"], &told[0]["line"], &told[0]["column"]),
        (&json!("nope.toml"), &json!(null), &json!(null))
    );
    files.write("gateway.toml", format!("{LISTENER}[plugin.x]\n"));
    let bad = portcullis(&files, &["check", "--json"]);
    assert_eq!((bad.status, bad.stderr.as_str()), (1, ""));
    let told: Value = serde_json::from_str(&bad.stdout).expect("JSON");
    let expected = json!([{
        "severity": "error", "code": "unknown-key", "file": "gateway.toml", "line": 2, "column": 2,
        "pointer": "/plugin", "message": "unknown key \"plugin\"", "hint": "did you mean \"plugins\"?",
    }]);
    assert_eq!(told, expected);
}

#[test]
fn plugin_check_names_the_world_and_the_imports() {
    let files = Files::default();
    let good = guest("faults-filter");
    files.write("good.wasm", good);
    let told = portcullis(&files, &["plugin", "check", "good.wasm"]);
    assert_eq!((told.status, told.stderr.as_str()), (0, ""));
    let head = format!(
        "good.wasm: a component of {} bytes\nworld: filter\nexports:\n  portcullis:plugin/filtering@0.1.0\n  \
         portcullis:plugin/lifecycle@0.1.0\nimports:\n  portcullis:plugin/types@0.1.0\n",
        good.len()
    );
    assert!(told.stdout.starts_with(&head), "{}", told.stdout);
    let told = portcullis(&files, &["plugin", "check", "--json", "good.wasm"]);
    let told: Value = serde_json::from_str(&told.stdout).expect("JSON");
    assert_eq!(told["world"], "filter");
    assert_eq!(told["imports"][0], "portcullis:plugin/types@0.1.0");
    files.write("sockets.wasm", guest("wants-sockets"));
    let told = portcullis(&files, &["plugin", "check", "sockets.wasm"]);
    assert!(
        told.status == 0 && told.stdout.contains("\n  wasi:sockets/tcp@0.2."),
        "{told:?}"
    );
}

#[test]
fn plugin_check_says_what_a_bad_file_is() {
    let files = Files::default();
    files.write("core.wasm", b"\0asm\x01\0\0\0");
    files.write("half.wasm", &guest("faults-filter")[..1000]);
    files.write("text.wasm", "hi\n");
    for (file, told) in [
        (
            "core.wasm",
            "core.wasm: error: a core WebAssembly module, not a component\n  hint: build for wasm32-wasip2, or turn the \
             module into a component with `wasm-tools component new`\n",
        ),
        (
            "text.wasm",
            "text.wasm: error: not a WebAssembly file: it starts with bytes 68 69 0a\n  hint: name the .wasm file of a \
             component, such as `cargo build --target wasm32-wasip2` makes\n",
        ),
        (
            "nope.wasm",
            "nope.wasm: error: cannot read it: No such file or directory (os error 2)\n",
        ),
    ] {
        let expected = Finished {
            status: 1,
            stdout: String::new(),
            stderr: told.to_owned(),
        };
        assert_eq!(portcullis(&files, &["plugin", "check", file]), expected);
    }
    let half = portcullis(&files, &["plugin", "check", "half.wasm"]);
    assert_eq!((half.status, half.stdout.as_str()), (1, ""));
    assert!(
        half.stderr
            .starts_with("half.wasm: error: truncated after 1000 bytes: "),
        "{half:?}"
    );
    let hint = "\n  hint: the file is half written: write it beside its place and rename it into place\n";
    assert!(half.stderr.ends_with(hint), "{half:?}");
}

#[test]
fn the_committed_schema_is_what_the_binary_prints() {
    let printed = portcullis(&Files::default(), &["schema"]);
    assert_eq!((printed.status, printed.stderr.as_str()), (0, ""));
    let committed = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/gateway.schema.json");
    let committed = std::fs::read_to_string(committed).expect("docs/gateway.schema.json");
    assert!(
        printed.stdout == committed,
        "docs/gateway.schema.json is not what the structs say: cargo run -p portcullis -- schema > docs/gateway.schema.json"
    );
}

#[test]
fn wrong_usage_exits_with_2() {
    let files = Files::default();
    files.write("gateway.toml", LISTENER);
    for (arguments, told) in [
        (&[][..], "Usage: "),
        (&["chekc"], "unrecognized subcommand 'chekc'"),
        (&["check", "--jsno"], "unexpected argument '--jsno'"),
        (&["check", "a", "b"], "unexpected argument 'b'"),
        (&["plugin"], "Usage: "),
        (&["plugin", "check"], "required arguments were not provided"),
        (&["run", "--workers", "0"], "0 is not in 1..=1024"),
        (
            &["run", "--drain", "x"],
            "invalid value 'x' for '--drain <SECONDS>'",
        ),
        (
            &["run", "--log-format", "xml"],
            "invalid value 'xml' for '--log-format <FORMAT>'",
        ),
        (&["run", "--log", "x=y=z"], "`x=y=z` is not a log filter"),
        (&["run", "--no-cache", "--cache-dir", "x"], "cannot be used with"),
    ] {
        let finished = portcullis(&files, arguments);
        assert_eq!(
            (finished.status, finished.stdout.as_str()),
            (2, ""),
            "{arguments:?}"
        );
        assert!(
            finished.stderr.contains(told),
            "{arguments:?}: {}",
            finished.stderr
        );
    }
}

#[test]
fn help_mentions_every_command_and_option() {
    for (arguments, mentioned) in [
        (
            &["--help"][..],
            &[
                "run ",
                "check ",
                "schema ",
                "plugin ",
                "Exit codes: 0 success, 1 problems found",
            ][..],
        ),
        (
            &["run", "--help"],
            &[
                "[FILE]",
                "--workers",
                "--drain",
                "--cache-dir",
                "--no-cache",
                "--log ",
                "--log-format",
            ],
        ),
        (&["check", "--help"], &["[FILE]", "--json"]),
        (&["schema", "--help"], &["JSON Schema"]),
        (&["plugin", "--help"], &["check "]),
        (&["plugin", "check", "--help"], &["<FILE>", "--json"]),
        (&["--version"], &["portcullis 0."]),
    ] {
        let finished = portcullis(&Files::default(), arguments);
        assert_eq!(
            (finished.status, finished.stderr.as_str()),
            (0, ""),
            "{arguments:?}"
        );
        for word in mentioned {
            assert!(
                finished.stdout.contains(word),
                "{arguments:?}: {word} is not in\n{}",
                finished.stdout
            );
        }
    }
}
