//! Comma-separated values (RFC 4180).

/// The records of a text, empty lines left out; none where a quoted field does not end.
pub(crate) fn records(text: &str) -> Option<Vec<Vec<String>>> {
    let mut records = Vec::new();
    let mut record = Vec::new();
    let mut field = String::new();
    let mut quoted = false;
    let mut letters = text.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                field.push('"');
                letters.next();
            }
            '"' if quoted => quoted = false,
            '"' if field.trim().is_empty() => {
                field.clear();
                quoted = true;
            }
            _ if quoted => field.push(letter),
            ',' => record.push(std::mem::take(&mut field).trim().to_owned()),
            '\n' => {
                record.push(std::mem::take(&mut field).trim().to_owned());
                records.push(std::mem::take(&mut record));
            }
            _ => field.push(letter),
        }
    }
    record.push(field.trim().to_owned());
    records.push(record);
    records.retain(|record| record.iter().any(|field| !field.is_empty()));
    (!quoted).then_some(records)
}

#[cfg(test)]
mod tests {
    use super::records;

    #[test]
    fn reads_fields_that_are_quoted_or_not() {
        for (text, expected) in [
            (
                "a,b\r\nc,\"d,\"\"e\"\r\n",
                Some(vec![vec!["a", "b"], vec!["c", "d,\"e"]]),
            ),
            ("\u{feff}a , b\n\n", Some(vec![vec!["a", "b"]])),
            ("a,\"b\nc\"", Some(vec![vec!["a", "b\nc"]])),
            ("", Some(vec![])),
            ("a,\"b", None),
        ] {
            let expected: Option<Vec<Vec<String>>> = expected.map(|records| {
                let owned = |record: Vec<&str>| record.into_iter().map(str::to_owned).collect();
                records.into_iter().map(owned).collect()
            });
            assert_eq!(records(text), expected, "{text:?}");
        }
    }
}
