use crate::bounds::Failure;
use crate::value::{ListKind, Value};

/// What may stand between `%` and the width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flags(u8);

impl Flags {
    pub(super) const LEFT: Self = Self(1);
    pub(super) const ALTERNATE: Self = Self(2);
    pub(super) const PLUS: Self = Self(4);
    pub(super) const BLANK: Self = Self(8);
    pub(super) const ZEROS: Self = Self(16);
    pub(super) const GROUPS: Self = Self(32);
    pub(super) const PARENTHESES: Self = Self(64);
    const PREVIOUS: Self = Self(128);
    const LETTERS: &'static str = "-#+ 0,(<";

    pub(super) fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    fn of(letter: char) -> Option<Self> {
        Self::LETTERS.find(letter).map(|place| Self(1 << place))
    }

    fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl std::fmt::Display for Flags {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let letters = Self::LETTERS
            .chars()
            .filter(|letter| Self::of(*letter).is_some_and(|flag| self.contains(flag)));
        f.write_str(&letters.collect::<String>())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Argument {
    Next,
    Last,
    /// From 0.
    Index(usize),
}

/// `%[index$][flags][width][.precision]conversion`
#[derive(Debug, Clone)]
pub(super) struct Specifier {
    pub(super) source: String,
    pub(super) argument: Argument,
    pub(super) flags: Flags,
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
    pub(super) conversion: char,
}

impl Specifier {
    /// Reads what follows a `%`; what comes after it, too.
    pub(super) fn parse(text: &str) -> Result<(Self, &str), Failure> {
        let mut argument = Argument::Next;
        let mut rest = text;
        if let Some((digits, after)) = digits(text)
            && let Some(after) = after.strip_prefix('$')
        {
            let index = number(digits).filter(|index| *index > 0);
            let index = index.ok_or_else(|| thrown(format!("Illegal format argument index = {digits}")))?;
            argument = Argument::Index(index - 1);
            rest = after;
        }
        let mut flags = Flags::default();
        while let Some((letter, flag)) = rest.chars().next().and_then(|c| Some((c, Flags::of(c)?))) {
            if flags.contains(flag) {
                return Err(thrown(format!("Flags = '{letter}'")));
            }
            flags.0 |= flag.0;
            rest = rest.get(1..).unwrap_or("");
        }
        if flags.contains(Flags::PREVIOUS) {
            argument = Argument::Last;
            flags = flags.without(Flags::PREVIOUS);
        }
        // A zero here would be a flag, which is read.
        let (width, after) = match digits(rest) {
            Some((digits, after)) => (
                Some(number(digits).ok_or_else(|| thrown(digits.to_owned()))?),
                after,
            ),
            None => (None, rest),
        };
        let (precision, after) = match after.strip_prefix('.').and_then(digits) {
            Some((digits, after)) => (
                Some(number(digits).ok_or_else(|| thrown(digits.to_owned()))?),
                after,
            ),
            None => (None, after),
        };
        let mut chars = after.chars();
        let conversion = chars.next().filter(|c| "bBhHsScCdoxXeEfgG%n".contains(*c));
        let conversion = conversion.ok_or_else(|| {
            let shown = after
                .chars()
                .next()
                .filter(char::is_ascii_alphabetic)
                .unwrap_or('%');
            thrown(format!("Conversion = '{shown}'"))
        })?;
        let after = chars.as_str();
        let source = format!("%{}", text.strip_suffix(after).unwrap_or(text));
        Ok((
            Self {
                source,
                argument,
                flags,
                width,
                precision,
                conversion,
            },
            after,
        ))
    }

    /// Whether flags, width and precision suit the conversion, whatever the argument.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let (left, zeros) = (
            self.flags.contains(Flags::LEFT),
            self.flags.contains(Flags::ZEROS),
        );
        if (left || zeros) && self.width.is_none() {
            return Err(thrown(self.source.clone()));
        }
        let signs = Flags(Flags::PLUS.0 | Flags::BLANK.0);
        if left && zeros || self.flags.contains(signs) {
            return Err(thrown(format!("Flags = '{}'", self.flags)));
        }
        let allowed = match self.conversion.to_ascii_lowercase() {
            'd' => Flags(0x7f).without(Flags::ALTERNATE),
            'o' | 'x' => Flags(0x7f).without(Flags::GROUPS),
            'e' => Flags(0x7f).without(Flags::GROUPS),
            'f' => Flags(0x7f),
            'g' => Flags(0x7f).without(Flags::ALTERNATE),
            _ => Flags::LEFT,
        };
        if self.flags.without(allowed) != Flags::default() {
            return Err(self.unsuited(self.flags.without(allowed)));
        }
        match self.precision {
            Some(precision) if matches!(self.conversion, 'c' | 'C' | 'd' | 'o' | 'x' | 'X') => {
                Err(thrown(precision.to_string()))
            }
            _ => Ok(()),
        }
    }

    /// As [`check`](Self::check), for `%%` and `%n`.
    pub(super) fn check_plain(&self) -> Result<(), Failure> {
        if let Some(precision) = self.precision {
            return Err(thrown(precision.to_string()));
        }
        if self.conversion == 'n' {
            return match self.width {
                Some(width) => Err(thrown(width.to_string())),
                None if self.flags != Flags::default() => Err(thrown(format!("Flags = '{}'", self.flags))),
                None => Ok(()),
            };
        }
        if self.flags.without(Flags::LEFT) != Flags::default() {
            return Err(thrown(format!("Flags = '{}'", self.flags)));
        }
        if self.width.is_none() && self.flags.contains(Flags::LEFT) {
            return Err(thrown(self.source.clone()));
        }
        Ok(())
    }

    pub(super) fn unsuited(&self, flags: Flags) -> Failure {
        thrown(format!("Conversion = {}, Flags = {flags}", self.conversion))
    }

    /// The argument is of no class that the conversion takes.
    pub(super) fn mismatch(&self, value: &Value) -> Failure {
        thrown(format!("{} != {}", self.conversion, class(value)))
    }
}

fn class(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "java.lang.Boolean",
        Value::Int(_) => "java.lang.Integer",
        Value::Long(_) => "java.lang.Long",
        Value::Big(_) => "java.math.BigInteger",
        Value::Double(_) => "java.lang.Double",
        Value::Decimal(_) => "java.math.BigDecimal",
        Value::Text(_) => "java.lang.String",
        Value::List(list) if list.kind() == ListKind::Json => "net.minidev.json.JSONArray",
        Value::List(_) => "java.util.ArrayList",
        Value::Map(_) => "java.util.LinkedHashMap",
        Value::Object(_) => "java.lang.Object",
    }
}

/// The digits at the start, and what follows them.
fn digits(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    (!digits.is_empty()).then_some((digits, rest))
}

fn number(digits: &str) -> Option<usize> {
    digits
        .parse::<i32>()
        .ok()
        .and_then(|number| usize::try_from(number).ok())
}

fn thrown(message: String) -> Failure {
    Failure::Thrown(message)
}
