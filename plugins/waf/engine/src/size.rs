//! How large a request is.

use portcullis_plugin::{Field, Request};

/// At most so many bytes, or so many headers.
#[derive(Debug, Default)]
pub(crate) struct Sizes {
    pub(crate) path: Option<usize>,
    pub(crate) query: Option<usize>,
    pub(crate) header_count: Option<usize>,
    pub(crate) header_bytes: Option<usize>,
    pub(crate) cookies: Option<usize>,
    pub(crate) body: Option<usize>,
}

impl Sizes {
    pub(crate) fn matches(&self, request: &Request) -> Option<String> {
        let headers = &request.headers;
        // Each is one byte for a character: Latin-1.
        let length = |text: &str| text.chars().count();
        let header_bytes = || {
            headers
                .iter()
                .map(|field| length(&field.name) + length(&field.value))
                .sum()
        };
        let query = || request.query.iter().map(pair).sum::<usize>().saturating_sub(1);
        let cookies = || request.header_all("cookie").map(length).sum();
        let body = || request.body.as_ref().map_or(0, Vec::len);
        over("path", self.path, || request.path.len())
            .or_else(|| over("query", self.query, query))
            .or_else(|| {
                self.header_count
                    .filter(|most| headers.len() > *most)
                    .map(|most| format!("{} headers, more than {most}", headers.len()))
            })
            .or_else(|| over("headers", self.header_bytes, header_bytes))
            .or_else(|| over("cookies", self.cookies, cookies))
            .or_else(|| over("body", self.body, body))
    }

    pub(crate) fn looks_at_headers(&self) -> bool {
        self.header_count.is_some() || self.header_bytes.is_some()
    }
}

/// With its `=` and `&`.
fn pair(field: &Field) -> usize {
    field.name.len() + field.value.len() + 2
}

fn over(what: &str, most: Option<usize>, bytes: impl FnOnce() -> usize) -> Option<String> {
    let most = most?;
    let bytes = bytes();
    (bytes > most).then(|| format!("{what} of {bytes} bytes, more than {most}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Set = fn(&mut Sizes, usize);

    #[test]
    fn counts_bytes() {
        let request = Request::builder()
            .path("/12345")
            .query("a", "b")
            .query("c", "")
            .header("x-é", "é")
            .header("Cookie", "a=1")
            .body("12345678")
            .build();
        let sizes = |set: Set, most| {
            let mut sizes = Sizes::default();
            set(&mut sizes, most);
            sizes.matches(&request)
        };
        let cases: [(Set, usize, &str); 6] = [
            (
                |sizes, most| sizes.path = Some(most),
                6,
                "path of 6 bytes, more than 5",
            ),
            (
                |sizes, most| sizes.query = Some(most),
                6,
                "query of 6 bytes, more than 5",
            ),
            (
                |sizes, most| sizes.header_count = Some(most),
                2,
                "2 headers, more than 1",
            ),
            (
                |sizes, most| sizes.header_bytes = Some(most),
                13,
                "headers of 13 bytes, more than 12",
            ),
            (
                |sizes, most| sizes.cookies = Some(most),
                3,
                "cookies of 3 bytes, more than 2",
            ),
            (
                |sizes, most| sizes.body = Some(most),
                8,
                "body of 8 bytes, more than 7",
            ),
        ];
        for (set, bytes, why) in cases {
            assert_eq!(sizes(set, bytes), None, "{why}");
            assert_eq!(sizes(set, bytes - 1).as_deref(), Some(why));
        }
        assert_eq!(Sizes::default().matches(&request), None);
    }
}
