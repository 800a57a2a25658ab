//! For how long keys count as fresh.

use std::time::Duration;

use http::{HeaderMap, header};

/// Where the issuer does not say.
const USUAL: Duration = Duration::from_secs(60 * 60);
/// Whatever the issuer says: not less, for its own sake, and not more, so that a key that it withdraws is. API Gateway keeps
/// keys for two hours
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>).
const BOUNDS: (Duration, Duration) = (Duration::from_secs(5 * 60), Duration::from_secs(2 * 60 * 60));

/// What `Cache-Control` of the key set says, within bounds.
pub(super) fn of(headers: &HeaderMap) -> Duration {
    let values = headers.get_all(header::CACHE_CONTROL).iter();
    let directives = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|directive| directive.trim().to_ascii_lowercase());
    let mut said = None;
    for directive in directives {
        if directive == "no-store" || directive == "no-cache" {
            return BOUNDS.0;
        }
        let seconds = directive.strip_prefix("max-age=");
        let seconds = seconds.and_then(|seconds| seconds.trim_matches('"').parse().ok());
        said = said.or(seconds.map(Duration::from_secs));
    }
    said.map_or(USUAL, |said| said.clamp(BOUNDS.0, BOUNDS.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_the_issuer_says_within_bounds() {
        for (said, minutes) in [
            (&[][..], 60),
            (&["public"], 60),
            (&["max-age=nonsense"], 60),
            (&["max-age=1800"], 30),
            (&["public, Max-Age=1800"], 30),
            (&["public", "max-age=1800"], 30),
            (&["max-age=0"], 5),
            (&["max-age=86400"], 120),
            (&["max-age=1800, no-store"], 5),
            (&["no-cache"], 5),
        ] {
            let mut headers = HeaderMap::new();
            for value in said {
                headers.append(header::CACHE_CONTROL, value.parse().expect("a value"));
            }
            assert_eq!(of(&headers), Duration::from_secs(minutes * 60), "{said:?}");
        }
    }
}
