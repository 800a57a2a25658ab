//! What must hold of every template, payload and request. The coverage-guided target of `plugins/vtl/fuzz` shares it.

use std::collections::HashMap;
use std::rc::Rc;

use portcullis_vtl::aws::Request;
use portcullis_vtl::bounds::Limits;
use portcullis_vtl::{Options, Profile, Reads, RenderError, RenderErrorKind, Rendered, Selection, Template};
use serde_json::{Map, Value};

/// Small enough that the worst template of all is over in a moment.
pub(crate) const LIMITS: Limits = Limits {
    steps: 200_000,
    output: 1 << 18,
    string: 1 << 18,
    items: 20_000,
    depth: 128,
    rounds: 200,
};

/// What stands between the parts of an input in its text form, and between the pairs of a part.
const PARTS: char = '\u{1e}';
const PAIRS: char = '\u{1f}';

/// A template and what it is rendered for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Input {
    pub(crate) profile: Profile,
    pub(crate) template: String,
    pub(crate) request: Request,
}

impl Input {
    /// Reads the text form; what is missing is empty.
    #[must_use]
    pub(crate) fn read(text: &str) -> Self {
        let mut parts = text.split(PARTS);
        let mut part = || parts.next().unwrap_or_default();
        let profile = match part() {
            "velocity" => Profile::Velocity,
            _ => Profile::Aws,
        };
        Self {
            profile,
            template: part().to_owned(),
            request: Request {
                body: part().into(),
                context: part().into(),
                headers: read_pairs(part()),
                query: read_pairs(part()),
                path: read_pairs(part()),
                stage_variables: read_pairs(part()),
            },
        }
    }

    /// The text form.
    #[must_use]
    pub(crate) fn write(&self) -> String {
        let request = &self.request;
        [
            match self.profile {
                Profile::Velocity => "velocity".to_owned(),
                Profile::Aws => "aws".to_owned(),
            },
            self.template.clone(),
            request.body.to_string(),
            request.context.to_string(),
            write_pairs(&request.headers),
            write_pairs(&request.query),
            write_pairs(&request.path),
            write_pairs(&request.stage_variables),
        ]
        .join(&PARTS.to_string())
    }
}

fn read_pairs(text: &str) -> Vec<(String, String)> {
    text.split(PAIRS)
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn write_pairs(pairs: &[(String, String)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join(&PAIRS.to_string())
}

type Outcome = Result<Rendered, RenderError>;

/// Compiles and renders `input` in several ways.
///
/// # Panics
///
/// Where a promise of the engine is broken.
pub(crate) fn check(input: &Input, limits: Limits) {
    check_plain_text(&input.template, limits);
    let options = Options {
        profile: input.profile,
        limits,
    };
    let template = Template::compile(&input.template, &options);
    let again = Template::compile(&input.template, &options);
    let (template, again) = match (template, again) {
        (Ok(template), Ok(again)) => (template, again),
        (template, again) => {
            assert_eq!(template.err(), again.err(), "two compilations differ");
            return;
        }
    };
    assert_eq!(
        template.reads(),
        again.reads(),
        "two compilations read differently"
    );
    let whole = Rc::new(with_tidy_context(&input.request));
    let rendered = template.render(Rc::clone(&whole));
    if let Ok(Rendered { text, .. }) = &rendered {
        assert!(text.len() <= limits.output, "{} bytes of output", text.len());
    }
    let part = Rc::new(cut(&whole, template.reads()));
    for (what, other) in [
        ("a second rendering", template.render(Rc::clone(&whole))),
        ("a second compilation", again.render(whole)),
        (
            "a rendering of what the template says that it reads",
            again.render(part),
        ),
    ] {
        assert!(
            agree(&rendered, &other) || uses_addresses(&input.template),
            "{what} differs: {rendered:?}, then {other:?}"
        );
    }
}

/// Whether a template could do more with an address than print it: `hashCode()` and the format `%h` give it as a number,
/// and the text of an array or iterator may be cut or counted.
fn uses_addresses(template: &str) -> bool {
    const MAKERS: [&str; 7] = [
        "ashCode",
        "ormat",
        "split",
        "toCharArray",
        "toArray",
        "ytes",
        "terator",
    ];
    MAKERS.iter().any(|maker| template.contains(maker))
}

/// Whether the outcomes are equal, but for addresses. One who reads less may stop at another limit, or at none.
fn agree(one: &Outcome, other: &Outcome) -> bool {
    let limited =
        |outcome: &Outcome| matches!(outcome, Err(error) if matches!(error.kind, RenderErrorKind::Limit(_)));
    if limited(one) || limited(other) || one == other {
        return true;
    }
    match (one, other) {
        (Ok(one), Ok(other)) => without_addresses(&one.text) == without_addresses(&other.text),
        (Err(one), Err(other)) => without_addresses(&one.message) == without_addresses(&other.message),
        _ => false,
    }
}

/// Hides what follows the `@` of an object's own text.
fn without_addresses(text: &str) -> String {
    let mut parts = text.split('@');
    let mut hidden = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        hidden.push('@');
        hidden.push_str(part.trim_start_matches(|c: char| c.is_ascii_hexdigit()));
    }
    hidden
}

/// Text without signs of the language, or between `#[[` and `]]#`, renders as itself.
fn check_plain_text(source: &str, limits: Limits) {
    let plain: String = source.chars().filter(|c| !"$#\\".contains(*c)).collect();
    // Velocity reads `#**` and the sign behind it as one even there.
    let quoted = source.replace([']', '*'], "");
    for (template, expected) in [(plain.clone(), plain), (format!("#[[{quoted}]]#"), quoted)] {
        let options = Options {
            limits,
            ..Options::default()
        };
        let rendered = Template::compile(&template, &options)
            .map_err(|error| error.to_string())
            .and_then(|template| template.render(Rc::default()).map_err(|error| error.to_string()));
        match rendered {
            Ok(rendered) => assert_eq!(rendered.text, expected, "plain text, of {template:?}"),
            Err(error) => assert!(
                expected.len() > limits.output,
                "plain text fails: {error}, {template:?}"
            ),
        }
    }
}

/// The request with its context as serde writes it, so that cutting changes nothing else.
fn with_tidy_context(request: &Request) -> Request {
    let mut request = request.clone();
    if let Ok(context) = serde_json::from_str::<Map<String, Value>>(&request.context) {
        request.context = Value::Object(context).to_string().into();
    }
    request
}

/// The part of a request that a template says that it reads.
fn cut(request: &Request, reads: &Reads) -> Request {
    let body = if reads.body { request.body.as_str() } else { "" };
    Request {
        body: body.into(),
        headers: cut_pairs(&request.headers, &reads.headers),
        query: cut_pairs(&request.query, &reads.query),
        path: cut_pairs(&request.path, &reads.path),
        stage_variables: cut_pairs(&request.stage_variables, &reads.stage_variables),
        context: cut_context(&request.context, &reads.context).into(),
    }
}

fn cut_pairs(pairs: &[(String, String)], selection: &Selection) -> Vec<(String, String)> {
    let chosen = |name: &String| match selection {
        Selection::None => false,
        Selection::All => true,
        Selection::Only(names) => names.contains(name),
    };
    pairs.iter().filter(|(name, _)| chosen(name)).cloned().collect()
}

fn cut_context(text: &str, selection: &Selection) -> String {
    let Ok(context) = serde_json::from_str::<Map<String, Value>>(text) else {
        return text.to_owned();
    };
    let names = match selection {
        Selection::None => return String::new(),
        Selection::All => return text.to_owned(),
        Selection::Only(names) => names,
    };
    let chosen: HashMap<&str, ()> = names.iter().map(|name| (name.as_str(), ())).collect();
    Value::Object(cut_object(&context, "", &chosen)).to_string()
}

/// Of an object the entries whose dotted name, or a part of it, is chosen, and what is not an object on the way there.
fn cut_object(object: &Map<String, Value>, prefix: &str, chosen: &HashMap<&str, ()>) -> Map<String, Value> {
    let mut part = Map::new();
    for (key, value) in object {
        let name = format!("{prefix}{key}");
        if chosen.contains_key(name.as_str()) {
            part.insert(key.clone(), value.clone());
            continue;
        }
        let within = format!("{name}.");
        if chosen.keys().any(|chosen| chosen.starts_with(&within)) {
            let value = match value {
                Value::Object(inner) => Value::Object(cut_object(inner, &within, chosen)),
                other => other.clone(),
            };
            part.insert(key.clone(), value);
        }
    }
    part
}
