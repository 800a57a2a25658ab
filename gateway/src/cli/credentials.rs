//! Credentials for signing: of a file of the form of `~/.aws/credentials`, or of the environment.
//!
//! `~/.aws/credentials` itself is not read unless it is named: keys of AWS have no business here.

use std::path::{Path, PathBuf};

use aws_credential_types::Credentials;

use super::failure::Failure;
use crate::config;

/// The credentials to sign with: of the file that was named, else of the environment's variables, else of its file, else
/// none.
pub(super) fn find(file: Option<&Path>, profile: &str) -> Result<Option<Credentials>, Failure> {
    if let Some(file) = file {
        return of_file(file, profile).map(Some);
    }
    match (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) {
        (Some(id), Some(secret)) => return Ok(Some(made(&id, &secret, variable("AWS_SESSION_TOKEN")))),
        (None, None) => {}
        _ => {
            return Err(
                Failure::usage("of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY only one is set")
                    .hint("set both, or neither"),
            );
        }
    }
    match variable("AWS_SHARED_CREDENTIALS_FILE") {
        Some(file) => of_file(&PathBuf::from(file), profile).map(Some),
        None => Ok(None),
    }
}

#[allow(clippy::disallowed_methods, reason = "the command line reads the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn made(id: &str, secret: &str, token: Option<String>) -> Credentials {
    Credentials::new(id, secret, token, None, "portcullis")
}

fn of_file(file: &Path, profile: &str) -> Result<Credentials, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        Failure::problem(format!("{}: cannot read the credentials: {error}", file.display())).hint(
            "the first start of a gateway leaves administrator.credentials in its data directory; `portcullis keys \
             create` prints such a file",
        )
    })?;
    config::credentials(&text, profile).ok_or_else(|| {
        Failure::problem(format!(
            "{}: has no aws_access_key_id and aws_secret_access_key in a section [{profile}]",
            file.display()
        ))
        .hint("name the section by --profile or AWS_PROFILE")
    })
}
