//! Runs of the binary that end by themselves.

use std::ffi::OsStr;

/// What a finished run of the binary gave; dates are zeros.
#[derive(Debug, PartialEq, Eq)]
pub struct Finished {
    /// The exit code.
    pub status: i32,
    /// Its data.
    pub stdout: String,
    /// Its talk.
    pub stderr: String,
}

/// A run that ends well and says nothing beside its data.
pub fn says(stdout: impl Into<String>) -> Finished {
    Finished {
        status: 0,
        stdout: stdout.into(),
        stderr: String::new(),
    }
}

/// A run that ends like this and has no data.
pub fn fails(status: i32, stderr: impl Into<String>) -> Finished {
    Finished {
        status,
        stdout: String::new(),
        stderr: stderr.into(),
    }
}

/// Runs the binary until it ends, in an environment without credentials but these variables.
pub async fn run(binary: &str, arguments: &[&str], variables: &[(&str, &OsStr)]) -> Finished {
    let mut command = tokio::process::Command::new(binary);
    for name in [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_PROFILE",
        "PORTCULLIS_ENDPOINT",
    ] {
        command.env_remove(name);
    }
    let output = command.args(arguments).envs(variables.iter().copied()).output();
    let output = output.await.expect("the binary runs");
    let text = |bytes: Vec<u8>| without_dates(&String::from_utf8(bytes).expect("text"));
    Finished {
        status: output.status.code().expect("an exit status"),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// Every `yyyy-MM-ddTHH:mm:ssZ` with zeros for its digits.
pub fn without_dates(text: &str) -> String {
    const FORM: &[u8] = b"0000-00-00T00:00:00Z";
    let mut bytes = text.as_bytes().to_vec();
    for start in 0..bytes.len().saturating_sub(FORM.len() - 1) {
        let found = &mut bytes[start..start + FORM.len()];
        let is_date = found.iter().zip(FORM).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            form => byte == form,
        });
        if is_date {
            found.copy_from_slice(FORM);
        }
    }
    String::from_utf8(bytes).expect("text")
}
