//! Why a request is refused.

/// Declares the reasons with what is known of each, so that no list of them can lack one.
macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $label:literal, $status:literal;)*) => {
        /// Why a request is refused: a closed list.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Reason {
            $($(#[$doc])* $name,)*
        }

        impl Reason {
            /// All of them, in the order of their declaration.
            pub const ALL: [Self; [$($label),*].len()] = [$(Self::$name),*];

            /// Its name in metrics and logs.
            pub const fn label(self) -> &'static str {
                match self {
                    $(Self::$name => $label,)*
                }
            }

            /// The status that the client is told.
            pub const fn status(self) -> u16 {
                match self {
                    $(Self::$name => $status,)*
                }
            }
        }
    };
}

reasons! {
    /// A line that ends in LF without CR. RFC 9112 section 2.2 lets servers take it; backends differ.
    BareLf = "bare_lf", 400;
    /// CR without LF (RFC 9112 section 2.2).
    BareCr = "bare_cr", 400;
    /// More than one blank line before a request (RFC 9112 section 2.2 speaks of one).
    BlankLines = "blank_lines", 400;
    /// NUL or another control character where a field's value is (RFC 9110 section 5.5).
    ControlCharacter = "control_character", 400;
    /// Blanks where one is, tabs, or a blank at the beginning (RFC 9112 section 3).
    RequestLine = "request_line", 400;
    /// A method that is no token (RFC 9110 section 9.1).
    Method = "method", 400;
    /// A method longer than any there is (RFC 9112 section 3).
    LongMethod = "long_method", 501;
    /// CONNECT: this is no tunnel (RFC 9110 section 9.3.6).
    Connect = "connect", 405;
    /// A request target of no form that the method has, or with bytes that a URI has not (RFC 9112 section 3.2, RFC 3986).
    Target = "target", 400;
    /// A request target over the limit (RFC 9112 section 3).
    LongTarget = "long_target", 414;
    /// A path with dot segments, backslashes or control characters, encoded or not (RFC 3986 section 3.3).
    Path = "path", 400;
    /// No version, as in HTTP/0.9, or none that is written as HTTP's is (RFC 9112 section 2.3).
    Version = "version", 400;
    /// Another version than HTTP/1.0 and HTTP/1.1 (RFC 9110 section 15.6.6).
    OtherVersion = "other_version", 505;
    /// A name that is no token, empty, or followed by a blank (RFC 9112 section 5.1).
    FieldName = "field_name", 400;
    /// A value over several lines (RFC 9112 section 5.2), or a blank before the first field (section 2.2).
    ObsFold = "obs_fold", 400;
    /// More bytes in a head than the limit (RFC 6585 section 5).
    LargeHead = "large_head", 431;
    /// More fields in a head than the limit (RFC 6585 section 5).
    ManyFields = "many_fields", 431;
    /// A length that is no number, or more than one, even if they are equal (RFC 9112 section 6.3).
    ContentLength = "content_length", 400;
    /// A length and a transfer coding (RFC 9112 section 6.3 lets servers refuse it).
    LengthAndCoding = "length_and_coding", 400;
    /// Anything but `chunked`, once, in HTTP/1.1. Where `chunked` is not the last coding RFC 9112 section 6.3 demands a 400; for
    /// others section 6.1 would have a 501, but what is unclear about a message's end has one answer here.
    TransferEncoding = "transfer_encoding", 400;
    /// The size of a chunk (RFC 9112 section 7.1).
    ChunkSize = "chunk_size", 400;
    /// The extensions of a chunk (RFC 9112 section 7.1.1).
    ChunkExtension = "chunk_extension", 400;
    /// Bytes behind a chunk's data that do not end it (RFC 9112 section 7.1).
    ChunkEnd = "chunk_end", 400;
    /// A trailer field that is none, or over the limits (RFC 9110 section 6.5.1).
    Trailer = "trailer", 400;
    /// No host, several, or one that is none (RFC 9112 section 3.2, RFC 9110 section 7.2).
    Host = "host", 400;
    /// A host in the request target that is not that of the field (RFC 9112 section 3.2.2 ignores the field).
    OtherHost = "other_host", 400;
    /// An expectation that is not known (RFC 9110 section 10.1.1).
    Expectation = "expectation", 417;
}
