//! Whether a value would run a script in a page that shows it.
//!
//! It is read as a browser reads HTML, however broken: tags and their attributes (`tag`). Then as what stands inside a tag
//! (an attribute that runs a script), and inside a script (`script`). Every pass is linear.

mod event;
mod script;
mod tag;

/// What of the text would run a script, in words; the text is in lower case, as [`crate::reading`] gives it.
pub fn find(text: &str) -> Option<&'static str> {
    if !text
        .bytes()
        .any(|byte| matches!(byte, b'<' | b'=' | b'(' | b'`' | b':' | b'+' | b'{'))
    {
        return None;
    }
    tag::find(text)
        .or_else(|| event::find(text))
        .or_else(|| script::find(text))
}
