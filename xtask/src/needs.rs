//! What the suites need beside Rust, and how it is installed.

use anyhow::bail;

use crate::run::{command, run, say, succeeds};

/// A program, the arguments that show that it is there, and Debian's package with it.
const PROGRAMS: &[(&str, &[&str], &str)] = &[
    ("curl", &["--version"], "curl"),
    ("python3", &["--version"], "python3"),
    ("cc", &["--version"], "gcc"),
    ("python3", &["-c", "import ensurepip, venv"], "python3-venv"),
];

/// Where Python's packages are: a virtual environment of their own.
const PYTHON: &str = "target/python";

/// AWS's own tools, and the description of the service's protocol that ships with botocore. The versions go together.
const PYTHON_PACKAGES: &[&str] = &["awscli==1.46.3", "boto3==1.44.8", "botocore==1.44.8"];

/// Installs what is missing; an error names what cannot be.
pub(crate) fn ensure() -> anyhow::Result<()> {
    for (program, arguments, package) in PROGRAMS {
        if !succeeds(program, arguments) {
            install(program, package)?;
        }
    }
    python()
}

/// Installs Python's packages where they are not there in these versions.
fn python() -> anyhow::Result<()> {
    let python = format!("{PYTHON}/bin/python");
    let check = "import sys; from importlib.metadata import version; \
                 sys.exit(any(version(n) != v for n, v in (p.split('==') for p in sys.argv[1:])))";
    let arguments: Vec<&str> = ["-c", check]
        .into_iter()
        .chain(PYTHON_PACKAGES.iter().copied())
        .collect();
    if succeeds(&python, &arguments) {
        return Ok(());
    }
    say(&format!(
        "installing {} into {PYTHON}",
        PYTHON_PACKAGES.join(", ")
    ));
    run(command("python3", &["-m", "venv", PYTHON]))?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    let arguments: Vec<&str> = install
        .into_iter()
        .chain(PYTHON_PACKAGES.iter().copied())
        .collect();
    run(command(&python, &arguments))
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
