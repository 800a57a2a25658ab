use std::borrow::Cow;

/// A header, or a parameter of the query.
///
/// The value holds one character for each byte (Latin-1), as the byte strings of the Fetch standard do, so that no byte
/// of a header is lost. Plain ASCII reads as what it is; [`Field::bytes`] gives the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// A header's name is in lower case.
    pub name: String,
    /// The value. A header that is repeated is an entry for each.
    pub value: String,
}

impl Field {
    /// A field of this name and value.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
        }
    }

    /// A field whose value is any bytes, such as UTF-8.
    ///
    /// ```
    /// use portcullis_plugin::Field;
    ///
    /// let field = Field::from_bytes("x-city", "Köln".as_bytes());
    /// assert_eq!(field.value, "KÃ¶ln");
    /// assert_eq!(&*field.bytes(), "Köln".as_bytes());
    /// ```
    pub fn from_bytes(name: impl Into<String>, value: &[u8]) -> Self {
        Self {
            name: name.into(),
            value: value.iter().copied().map(char::from).collect(),
        }
    }

    /// The value's bytes as they are on the wire.
    pub fn bytes(&self) -> Cow<'_, [u8]> {
        if self.value.is_ascii() {
            return Cow::Borrowed(self.value.as_bytes());
        }
        self.value
            .chars()
            .map(|character| u8::try_from(character).unwrap_or(b'?'))
            .collect::<Vec<_>>()
            .into()
    }
}

/// A header, its name in lower case as the contract wants it.
pub(crate) fn header(name: impl Into<String>, value: impl Into<String>) -> Field {
    let mut field = Field::new(name, value);
    field.name.make_ascii_lowercase();
    field
}

/// The first of this name.
pub(crate) fn first<'a>(fields: &'a [Field], name: &str) -> Option<&'a str> {
    all(fields, name).next()
}

/// Each of this name, in order.
pub(crate) fn all<'a>(fields: &'a [Field], name: &str) -> impl Iterator<Item = &'a str> {
    fields
        .iter()
        .filter(move |field| field.name == name)
        .map(|field| field.value.as_str())
}
