//! Makes inputs of other inputs.

use super::check::Input;
use portcullis_vtl::Profile;
use serde_json::Value;

/// A small generator of numbers: xorshift64*.
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        // Neighbouring seeds must not give neighbouring numbers, and zero gives nothing but zeros.
        Self((seed ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).unwrap_or(1);
        usize::try_from(self.next() % end).unwrap_or(0)
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    fn word(&mut self) -> &'static str {
        WORDS[self.below(WORDS.len())]
    }
}

/// Words of the language, and values at the edges.
const WORDS: &[&str] = &[
    "#set(",
    "#if(",
    "#elseif(",
    "#else",
    "#end",
    "#foreach(",
    "#define($d)",
    "#macro(m $a)",
    "#m(",
    "#@m()",
    "#evaluate(",
    "#stop",
    "#break",
    "#parse(",
    "#include(",
    "#[[",
    "]]#",
    "##",
    "#*",
    "*#",
    "#{end}",
    "$",
    "$!",
    "${",
    "$!{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "{",
    "..",
    ".",
    ",",
    ":",
    "\"",
    "'",
    "\"\"",
    "\\",
    "\\\\",
    "\n",
    "\t",
    " ",
    "&&",
    "||",
    "!",
    "==",
    "!=",
    "<",
    ">",
    "<=",
    ">=",
    "+",
    "-",
    "*",
    "/",
    "%",
    " in ",
    " and ",
    " or ",
    " not ",
    " eq ",
    "$input",
    "$input.body",
    ".path(",
    ".json(",
    ".params(",
    "$util",
    "$context",
    "$stageVariables",
    "$foreach",
    ".index",
    ".hasNext",
    ".parent",
    "$velocityCount",
    ".size()",
    ".get(",
    ".put(",
    ".add(",
    ".addAll(",
    ".keySet()",
    ".values()",
    ".entrySet()",
    ".remove(",
    ".contains(",
    ".subList(",
    ".iterator()",
    ".next()",
    ".toArray()",
    ".length()",
    ".substring(",
    ".replaceAll(",
    ".replace(",
    ".split(",
    ".matches(",
    ".repeat(",
    ".format(",
    ".toCharArray()",
    ".getBytes()",
    ".indexOf(",
    ".toUpperCase()",
    ".concat(",
    ".class",
    ".hashCode()",
    ".equals(",
    ".parseJson(",
    ".urlEncode(",
    ".urlDecode(",
    ".base64Encode(",
    ".base64Decode(",
    ".escapeJavaScript(",
    ".requestOverride.header.x",
    ".responseOverride.status",
    "'$'",
    "'$..*'",
    "'$.a[?(@.b > 1)]'",
    "'$..a[0:2]'",
    "'$[*]'",
    "'(a|b)*c'",
    "'(?<=a)b'",
    "'%5d %s'",
    "0",
    "1",
    "-1",
    "2147483647",
    "-2147483648",
    "9223372036854775807",
    "99999999999999999999",
    "1.5",
    "1.0e308",
    "true",
    "false",
    "null",
    "[1..3]",
    "[9..-9]",
    "{'a':1}",
    "['a','b']",
    "é",
    "\u{1F600}",
    "\u{0}",
    "\u{2028}",
];

/// An input made of one or two of `seeds`.
pub(crate) fn mutated(seeds: &[Input], random: &mut Random) -> Input {
    let mut input = random.pick(seeds).clone();
    if random.one_in(6) {
        input.profile = match input.profile {
            Profile::Aws => Profile::Velocity,
            Profile::Velocity => Profile::Aws,
        };
    }
    for _ in 0..=random.below(6) {
        let other = random.pick(seeds);
        match random.below(12) {
            0..=6 => input.template = by_tokens(&input.template, &other.template, random),
            7 => input.template = by_bytes(&input.template, random),
            8 => input.request.body = by_bytes(&input.request.body, random).into(),
            9 | 10 => input.request.body = by_values(&input.request.body, &other.request.body, random).into(),
            _ => input.request = other.request.clone(),
        }
    }
    input
}

/// Words, runs of blanks, and single signs.
fn tokens(text: &str) -> Vec<&str> {
    let kind = |c: char| match c {
        c if c.is_alphanumeric() || c == '_' => 0,
        c if c.is_whitespace() => 1,
        _ => 2,
    };
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = match kind(first) {
            2 => first.len_utf8(),
            own => rest.find(|c| kind(c) != own).unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(end);
        tokens.push(token);
        rest = after;
    }
    tokens
}

/// Takes tokens away, puts others in, doubles them, or splices two texts.
fn by_tokens(text: &str, other: &str, random: &mut Random) -> String {
    let (mut own, other) = (tokens(text), tokens(other));
    let at = random.below(own.len() + 1);
    let end = (at + 1 + random.below(8)).min(own.len());
    match random.below(7) {
        0 => drop(own.drain(at..end.max(at))),
        1 => {
            let part = own.get(at..end).unwrap_or_default().to_vec();
            let to = random.below(own.len() + 1);
            own.splice(to..to, part);
        }
        2 if !other.is_empty() => {
            let from = random.below(other.len());
            let to = (from + 1 + random.below(24)).min(other.len());
            own.splice(at..at, other[from..to].to_vec());
        }
        3 if !other.is_empty() => {
            own.truncate(at);
            own.extend(&other[random.below(other.len())..]);
        }
        4 if at < own.len() => own[at] = random.word(),
        5 if at < own.len() => {
            let to = random.below(own.len());
            own.swap(at, to);
        }
        _ => own.insert(at, random.word()),
    }
    own.concat()
}

fn by_bytes(text: &str, random: &mut Random) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() + 1);
        match random.below(4) {
            0 if at < bytes.len() => drop(bytes.remove(at)),
            1 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            2 => bytes.truncate(at),
            _ => bytes.insert(
                at,
                *random.pick(b"\0\t\n \"#$%'()*+,-./0159:<=>?@AZ[\\]_az{|}\x7f\xc3\xe2\xff"),
            ),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Changes a value somewhere in a JSON text.
fn by_values(text: &str, other: &str, random: &mut Random) -> String {
    let Ok(mut document) = serde_json::from_str::<Value>(text) else {
        return by_bytes(text, random);
    };
    let other = serde_json::from_str::<Value>(other).unwrap_or_default();
    let donor = somewhere(&mut other.clone(), random).clone();
    let place = somewhere(&mut document, random);
    *place = match random.below(10) {
        0 => Value::Null,
        1 => Value::from(
            random
                .pick(&[0, 1, -1, i64::from(i32::MAX) + 1, i64::MIN])
                .to_owned(),
        ),
        2 => Value::from(*random.pick(&[0.0, -0.0, 1.5, 1e300, 1e-300])),
        3 => Value::from(random.word()),
        4 => Value::Array(vec![place.clone(); 1 + random.below(4)]),
        5 => Value::Object([(random.word().to_owned(), place.clone())].into_iter().collect()),
        6 => Value::from(random.word().repeat(random.below(40))),
        _ => donor,
    };
    document.to_string()
}

fn somewhere<'v>(value: &'v mut Value, random: &mut Random) -> &'v mut Value {
    let inner = match value {
        Value::Array(items) => items.len(),
        Value::Object(entries) => entries.len(),
        _ => 0,
    };
    if inner == 0 || random.one_in(3) {
        return value;
    }
    let at = random.below(inner);
    match value {
        Value::Array(items) => somewhere(&mut items[at], random),
        Value::Object(entries) => match entries.values_mut().nth(at) {
            Some(inner) => somewhere(inner, random),
            None => unreachable!("there are that many"),
        },
        other => other,
    }
}
