//! Paging: `position` and `limit`.

use crate::error::ApiError;

/// How many a page has where the caller does not say, and at the most
/// (<https://docs.aws.amazon.com/apigateway/latest/api/API_GetRestApis.html>).
const DEFAULT: usize = 25;
const MOST: usize = 500;

/// Which page is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    /// The last identifier of the page before.
    pub position: Option<String>,
    /// 1 to 500.
    pub limit: usize,
}

impl Paging {
    /// Reads it from a query.
    ///
    /// # Errors
    ///
    /// A limit that is no number. One out of its range is the nearest that is in it.
    pub fn of(query: &[(String, String)]) -> Result<Self, ApiError> {
        let of = |name: &str| {
            query
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.as_str())
        };
        let limit = match of("limit").filter(|limit| !limit.is_empty()) {
            None => DEFAULT,
            Some(text) => text
                .parse::<i64>()
                .map(|limit| usize::try_from(limit.clamp(1, MOST as i64)).unwrap_or(DEFAULT))
                .map_err(|_| ApiError::bad_request("Invalid value for limit"))?,
        };
        let position = of("position")
            .filter(|position| !position.is_empty())
            .map(decode)
            .transpose()?;
        Ok(Self { position, limit })
    }

    /// The token for the page behind an identifier.
    pub fn token(last: &str) -> String {
        last.bytes().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn decode(token: &str) -> Result<String, ApiError> {
    let invalid = || ApiError::bad_request("Invalid position parameter");
    let digits: Option<Vec<u32>> = token.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits
        .filter(|digits| digits.len() % 2 == 0)
        .ok_or_else(invalid)?;
    let bytes = digits.chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(high * 16 + low).unwrap_or_default(),
        _ => 0,
    });
    String::from_utf8(bytes.collect()).map_err(|_| invalid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_lead_back_and_nonsense_is_refused() {
        let query = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        let token = Paging::token("a/bé");
        let paging = Paging::of(&query(&[("position", &token), ("limit", "9999")])).expect("a page");
        assert_eq!(
            paging,
            Paging {
                position: Some("a/bé".to_owned()),
                limit: 500
            }
        );
        assert_eq!(
            Paging::of(&query(&[("limit", "-3")])).map(|paging| paging.limit),
            Ok(1)
        );
        assert_eq!(Paging::of(&[]).map(|paging| paging.limit), Ok(25));
        for bad in [
            ("limit", "x"),
            ("position", "xyz"),
            ("position", "f"),
            ("position", "ff"),
        ] {
            assert!(Paging::of(&query(&[bad])).is_err(), "{bad:?}");
        }
    }
}
