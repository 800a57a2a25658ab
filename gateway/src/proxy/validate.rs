//! Station 6: the method request. For now its size.

use http_body::Body as _;

use super::body::PAYLOAD_LIMIT;
use super::call::Call;
use super::refusal::Refusal;

/// Refuses a body whose announced length is over the payload limit; one without a length is counted as it streams.
pub fn size(call: &Call) -> Result<(), Refusal> {
    if call.body.size_hint().lower() > PAYLOAD_LIMIT {
        Err(Refusal::too_large())
    } else {
        Ok(())
    }
}
