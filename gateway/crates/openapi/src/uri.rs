//! The address of an HTTP backend.

/// What is named in braces in the path of `uri`, in its order, or what is wrong with the address.
///
/// Stage variables may stand anywhere, even for the beginning; what they bring is not known yet.
pub(crate) fn placeholders(uri: &str) -> Result<Vec<String>, String> {
    let plain = without_stage_variables("the uri", uri)?;
    let rest = scheme(uri, &plain)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    // A stage variable may bring the host with a part of the path.
    let end = rest
        .find(VARIABLE_AND_BRACE)
        .map_or(end, |variable| end.min(variable + VARIABLE.len_utf8()));
    let (host, path) = rest.split_at(end);
    check_host(uri, host)?;
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    if path.contains('#') || query.contains('#') {
        return Err(format!("the uri \"{uri}\" has a fragment"));
    }
    if query.contains(['{', '}']) {
        return Err(format!(
            "the uri \"{uri}\" has a placeholder behind its \"?\", where only the path may have one"
        ));
    }
    if plain.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(format!("the uri {uri:?} has a space or a control character"));
    }
    names(uri, path)
}

/// Says what is wrong with the stage variables in a text; `what` is what the text is called.
pub(crate) fn check_stage_variables(what: &str, text: &str) -> Result<(), String> {
    without_stage_variables(what, text).map(|_| ())
}

/// Stands for a stage variable, as a character that no address has.
const VARIABLE: char = '\u{fffc}';
const VARIABLE_AND_BRACE: &str = "\u{fffc}{";

fn without_stage_variables(what: &str, text: &str) -> Result<String, String> {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, behind)) = after.split_once('}') else {
            return Err(format!("{what} \"{text}\" has a \"${{\" without its \"}}\""));
        };
        let named = name.strip_prefix("stageVariables.").unwrap_or_default();
        if !is_stage_variable(named) {
            return Err(format!(
                "{what} \"{text}\" has \"${{{name}}}\", where only \"${{stageVariables.name}}\" may be"
            ));
        }
        plain.push_str(before);
        plain.push(VARIABLE);
        rest = behind;
    }
    plain.push_str(rest);
    Ok(plain)
}

/// Whether a stage variable may have that name.
pub(crate) fn is_stage_variable(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// What stands behind `http://`, or the whole where a stage variable brings the scheme.
fn scheme<'p>(uri: &str, plain: &'p str) -> Result<&'p str, String> {
    let lower = plain.to_ascii_lowercase();
    if lower.starts_with("http://") || lower.starts_with("https://") {
        return Ok(plain.split_once("://").map_or("", |(_, rest)| rest));
    }
    if plain.starts_with(VARIABLE) {
        return Ok(plain.split_once("://").map_or(plain, |(_, rest)| rest));
    }
    Err(format!(
        "the uri \"{uri}\" does not begin with \"http://\" or \"https://\""
    ))
}

fn check_host(uri: &str, host: &str) -> Result<(), String> {
    if host.contains(['{', '}']) {
        return Err(format!(
            "the uri \"{uri}\" has a placeholder in its host, where only the path may have one"
        ));
    }
    if host.contains('@') {
        return Err(format!(
            "the uri \"{uri}\" has a user in its host, which is not supported"
        ));
    }
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (host, None),
    };
    let bracketed = name.starts_with('[') && name.ends_with(']');
    let fits = |c: char| {
        c.is_ascii_alphanumeric()
            || matches!(c, '-' | '.' | '_' | VARIABLE)
            || (bracketed && "[]:".contains(c))
    };
    if name.is_empty() || !name.chars().all(fits) {
        return Err(format!("the uri \"{uri}\" has no host that could be one"));
    }
    let port_fits = |port: &str| port.contains(VARIABLE) || port.parse::<u16>().is_ok_and(|port| port > 0);
    if port.is_some_and(|port| !port_fits(port)) {
        return Err(format!("the uri \"{uri}\" has a port that is none"));
    }
    Ok(())
}

fn names(uri: &str, path: &str) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    let mut rest = path;
    while let Some(start) = rest.find(['{', '}']) {
        let (_, behind) = rest.split_at(start);
        let Some((name, after)) = behind.strip_prefix('{').and_then(|behind| behind.split_once('}')) else {
            return Err(format!("the uri \"{uri}\" has a brace without its other"));
        };
        if let Some(plain) = name.strip_suffix('+') {
            return Err(format!(
                "the uri \"{uri}\" has \"{{{name}}}\"; in a uri it is \"{{{plain}}}\""
            ));
        }
        if name.is_empty() || name.contains(['{', '/', VARIABLE]) {
            return Err(format!("the uri \"{uri}\" has a placeholder without a name"));
        }
        names.push(name.to_owned());
        rest = after;
    }
    Ok(names)
}
