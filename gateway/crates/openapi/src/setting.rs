//! Settings of the whole API.

use crate::context::{At, Context};
use crate::integration::is_empty;
use crate::key::{BINARY_MEDIA_TYPES, MINIMUM_COMPRESSION_SIZE};

/// API Gateway's limit, which is also that of a payload.
const LARGEST_SIZE: u32 = 10_485_760;

/// The media types of bodies that are bytes, not text.
pub(crate) fn binary_media_types<'d>(context: &mut Context<'d>, root: &At<'d>) -> Vec<String> {
    let types = context.texts(root, BINARY_MEDIA_TYPES, |text| {
        let plain =
            |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || "/;,".contains(c));
        match text.split_once('/') {
            Some((kind, subtype)) if plain(kind) && plain(subtype) => Ok(()),
            _ => Err(format!(
                "{text:?} is not a media type such as \"image/png\", \"image/*\" or \"*/*\""
            )),
        }
    });
    types.unwrap_or_default()
}

/// From which size on bodies are compressed.
pub(crate) fn minimum_compression_size(context: &mut Context<'_>, root: &At<'_>) -> Option<u32> {
    let member = root
        .member(MINIMUM_COMPRESSION_SIZE)
        .filter(|member| !is_empty(member))?;
    context.number(&member, "a minimum compression size", LARGEST_SIZE)
}
