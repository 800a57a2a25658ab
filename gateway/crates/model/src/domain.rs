//! Custom domain names.

/// Whether a text is a domain name: two labels of a host at least, the first of which may be `*`.
pub fn is_domain_name(name: &str) -> bool {
    let labels = name.strip_prefix("*.").unwrap_or(name).split('.');
    let is_label = |label: &str| {
        let mut bytes = label.bytes();
        (1..=63).contains(&label.len())
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && labels.clone().count() >= 2 && labels.into_iter().all(is_label)
}

#[cfg(test)]
mod tests {
    use super::is_domain_name;

    #[test]
    fn knows_names_of_hosts() {
        for (name, expected) in [
            ("api.example.com", true),
            ("*.example.com", true),
            ("a.*.example.com", false),
            ("localhost", false),
            ("-a.example.com", false),
            ("a..example.com", false),
            ("a/b.example.com", false),
            ("", false),
        ] {
            assert_eq!(is_domain_name(name), expected, "{name:?}");
        }
    }
}
