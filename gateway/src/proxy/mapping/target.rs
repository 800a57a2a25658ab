//! The path and query of a request to a backend.

use std::borrow::Cow;

use http::uri::PathAndQuery;
use portcullis_plugin_host::RequestOverride;

use super::source::{Unmappable, Values};
use crate::plan::{HttpPlan, Slot};
use crate::proxy::exchange::Exchange;
use crate::proxy::percent;
use crate::proxy::refusal::Refusal;

/// Fills a backend's URI. What was mapped is encoded; what a client sent as part of a path stays as it was sent.
pub(super) fn of(
    exchange: &Exchange,
    plan: &HttpPlan,
    values: &Values<'_>,
    overrides: &RequestOverride,
    query: Option<&str>,
) -> Result<PathAndQuery, Refusal> {
    let fill = |slot: usize, into: &mut String| {
        let start = into.len();
        write(plan, values, overrides, slot, into)?;
        // A part like `..` could lead the backend out of the path that the URI names.
        match percent::has_dot_segment(into.get(start..).unwrap_or_default()) {
            true => Err(bad_path(exchange)),
            false => Ok(()),
        }
    };
    let mut filled = plan.uri.fill(fill, query)?;
    // With room to spare it could not be shared without more of it.
    filled.shrink_to_fit();
    PathAndQuery::try_from(filled).map_err(|_| bad_path(exchange))
}

/// Writes what fills one placeholder.
fn write(
    plan: &HttpPlan,
    values: &Values<'_>,
    overrides: &RequestOverride,
    slot: usize,
    into: &mut String,
) -> Result<(), Refusal> {
    let Some((name, slot)) = plan.slots.get(slot) else {
        return Ok(());
    };
    if let Some((_, value)) = overrides.path.iter().find(|(known, _)| **known == **name) {
        percent::encode(value, into);
        return Ok(());
    }
    match slot {
        Slot::Capture(place) => into.push_str(&values.capture(*place)),
        Slot::Mapped(source) => {
            let text = values.text(source).map_err(Unmappable::from)?;
            percent::encode(&text.unwrap_or_default(), into);
        }
    }
    Ok(())
}

fn bad_path(exchange: &Exchange) -> Refusal {
    tracing::debug!(requestId = %exchange.id, "what is filled into the backend's path cannot stand there");
    Refusal::bad_request(r#"{"message": "Invalid path"}"#)
}

/// Two query strings, either of which may be absent.
pub(super) fn joined<'q>(sent: Option<&'q str>, mapped: &'q str) -> Option<Cow<'q, str>> {
    match (sent.filter(|sent| !sent.is_empty()), mapped) {
        (None, "") => None,
        (None, mapped) => Some(Cow::Borrowed(mapped)),
        (Some(sent), "") => Some(Cow::Borrowed(sent)),
        (Some(sent), mapped) => Some(Cow::Owned(format!("{sent}&{mapped}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_joined_where_both_are_there() {
        for (sent, mapped, expected) in [
            (None, "", None),
            (Some(""), "", None),
            (None, "a=1", Some("a=1")),
            (Some("b"), "", Some("b")),
            (Some("b=%20"), "a=1", Some("b=%20&a=1")),
        ] {
            assert_eq!(joined(sent, mapped).as_deref(), expected, "{sent:?} {mapped:?}");
        }
    }
}
