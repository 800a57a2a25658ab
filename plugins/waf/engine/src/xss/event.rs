//! Handlers of events, where a value breaks out of an attribute.

pub(super) fn find(text: &str) -> Option<&'static str> {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find("on")) {
        let at = from + found;
        from = at + 2;
        let begins = at
            .checked_sub(1)
            .and_then(|before| bytes.get(before))
            .is_none_or(|before| matches!(before, b' ' | b'\n' | b'/' | b'"' | b'\'' | b'`' | b';'));
        let name = text.get(at..).unwrap_or_default();
        let length = name.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let (name, behind) = name.split_at_checked(length).unwrap_or_default();
        let value = behind.trim_start_matches([' ', '\n']).strip_prefix('=');
        from = (at + length).max(from);
        if begins && is_known(name) && value.is_some_and(|value| !value.starts_with(['=', '>'])) {
            return Some("a handler of events");
        }
    }
    let style = text.find("style").filter(|_| text.contains(['"', '\'']));
    let style = style.and_then(|at| text.get(at + 5..));
    style
        .and_then(|behind| behind.trim_start_matches([' ', '\n']).strip_prefix('='))
        .filter(|value| {
            value.contains("expression(") || value.contains("javascript:") || value.contains("-moz-binding")
        })
        .map(|_| "a script in a style")
}

/// Whether an attribute of a tag runs a script when something happens. Browsers get new ones: any name will do.
pub(super) fn is_handler(attribute: &str) -> bool {
    let name = attribute.trim_start_matches(|char: char| !char.is_ascii_alphabetic());
    let event = name.strip_prefix("on");
    event.is_some_and(|event| {
        event.len() >= 3 && event.bytes().all(|byte| byte.is_ascii_alphanumeric()) && event != "ly"
    })
}

/// Whether a word is one also where no tag was seen.
fn is_known(name: &str) -> bool {
    const BEGINNINGS: [&str; 58] = [
        "abort",
        "activate",
        "after",
        "animation",
        "auxclick",
        "before",
        "begin",
        "blur",
        "bounce",
        "canplay",
        "change",
        "click",
        "close",
        "contextmenu",
        "copy",
        "cuechange",
        "cut",
        "dblclick",
        "drag",
        "drop",
        "durationchange",
        "end",
        "ended",
        "error",
        "finish",
        "focus",
        "formdata",
        "gotpointer",
        "hashchange",
        "input",
        "invalid",
        "key",
        "load",
        "lostpointer",
        "message",
        "mouse",
        "online",
        "offline",
        "page",
        "paste",
        "play",
        "pointer",
        "popstate",
        "progress",
        "propertychange",
        "ratechange",
        "readystatechange",
        "repeat",
        "reset",
        "resize",
        "scroll",
        "search",
        "select",
        "start",
        "submit",
        "toggle",
        "touch",
        "transition",
    ];
    const MORE: [&str; 8] = [
        "unload",
        "wheel",
        "webkit",
        "unhandledrejection",
        "slotchange",
        "show",
        "seek",
        "stalled",
    ];
    let event = name.strip_prefix("on");
    event.is_some_and(|event| {
        BEGINNINGS
            .iter()
            .chain(&MORE)
            .any(|known| event.starts_with(known))
    })
}
