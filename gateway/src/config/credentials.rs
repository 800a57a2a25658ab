//! Credentials of AWS, in files of the form of `~/.aws/credentials`.

use aws_credential_types::Credentials;

/// The credentials of a section; none where it has not both an id and a secret.
pub fn credentials(text: &str, profile: &str) -> Option<Credentials> {
    let mut section = "";
    let (mut id, mut secret, mut token) = (None, None, None);
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name.trim();
            continue;
        }
        let Some((name, value)) = line.split_once('=').filter(|_| section == profile) else {
            continue;
        };
        let value = Some(value.trim()).filter(|value| !value.is_empty());
        match name.trim() {
            "aws_access_key_id" => id = value,
            "aws_secret_access_key" => secret = value,
            "aws_session_token" => token = value,
            _ => {}
        }
    }
    Some(Credentials::new(
        id?,
        secret?,
        token.map(str::to_owned),
        None,
        "portcullis",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_section_that_is_asked_for() {
        let text = "# mine\n[default]\naws_access_key_id = PK1\naws_secret_access_key=a=b/c+\n\n[ ci ]\n\
                    aws_access_key_id=PK2\naws_secret_access_key = s2\nregion = x\naws_session_token = t\n[half]\n\
                    aws_access_key_id = PK3\naws_secret_access_key =\n";
        let of = |profile: &str| {
            let found = credentials(text, profile)?;
            Some((
                found.access_key_id().to_owned(),
                found.secret_access_key().to_owned(),
                found.session_token().map(str::to_owned),
            ))
        };
        let texts = |id: &str, secret: &str| (id.to_owned(), secret.to_owned());
        let (id, secret) = texts("PK1", "a=b/c+");
        assert_eq!(of("default"), Some((id, secret, None)));
        let (id, secret) = texts("PK2", "s2");
        assert_eq!(of("ci"), Some((id, secret, Some("t".to_owned()))));
        assert_eq!(of("half"), None);
        assert_eq!(of("none"), None);
    }
}
