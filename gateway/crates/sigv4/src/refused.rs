//! Why a request is refused, in AWS's words.

use std::fmt;

use crate::{ALGORITHM, Timestamp};

/// Why a request is refused.
///
/// Shown, it is the message that AWS gives. Words without another source are those of DynamoDB, as dynalite recorded them
/// (`mhart/dynalite`, comments of `index.js`), of API Gateway in field reports, and of the IAM guide's "Troubleshoot signed
/// requests". Where no answer of AWS's is known the words are our own, and the variant says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Neither an `Authorization` header nor `X-Amz-Algorithm`.
    MissingToken,
    /// Both of them.
    BothForms,
    /// `Authorization` begins with `name=value`. Words of field reports of API Gateway.
    NoAlgorithm,
    /// A piece of `Authorization` has no equals sign. The message repeats what the client sent, be it a token of something
    /// else: it is for the client alone, not for a log.
    NotKeyValue {
        /// The piece.
        piece: String,
        /// The whole header.
        header: String,
    },
    /// `Authorization` lacks parameters, or the request a date.
    MissingParameters {
        /// Names of parameters that are missing.
        parameters: Vec<&'static str>,
        /// Whether there is a date.
        dated: bool,
        /// The whole header.
        header: String,
    },
    /// A presigned query lacks parameters.
    MissingQueryParameters(Vec<&'static str>),
    /// A parameter came twice. Our own words.
    Duplicate(&'static str),
    /// Something is larger than any client of AWS's makes it. Our own words.
    TooLarge {
        /// What.
        what: &'static str,
        /// The most that is taken.
        limit: usize,
    },
    /// The date cannot be read.
    MalformedDate(String),
    /// `X-Amz-Expires` is not a number. S3's words.
    ExpiryNotANumber,
    /// `X-Amz-Expires` is negative. S3's words.
    NegativeExpiry,
    /// `X-Amz-Expires` is beyond the policy's bound. S3's words.
    ExpiryTooLong(i64),
    /// The signature is too old.
    Expired(Lifetime),
    /// The signature is of the future.
    NotYetCurrent(Lifetime),
    /// `SignedHeaders` holds what no header's name is made of. Our own words.
    MalformedSignedHeaders,
    /// `host` is not signed.
    HostNotSigned,
    /// There is a session token that is not signed. Our own words, after those for `host`.
    TokenNotSigned,
    /// Another algorithm.
    UnsupportedAlgorithm(String),
    /// `Credential` has not five parts.
    MalformedCredential(String),
    /// The credential's scope is not this service's; a sentence for each part that is wrong.
    WrongScope(String),
    /// The access key is unknown or disabled, or the session token not its own. For the caller, who looks it up.
    UnknownKey,
    /// The session token was valid once. For the caller.
    ExpiredToken,
    /// The signature is another one.
    Mismatch(Box<Calculated>),
}

/// The times of a signature that is not of now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    /// When it was signed.
    pub signed_at: Timestamp,
    /// The time that it lies beyond.
    pub bound: Timestamp,
    /// The server's time.
    pub now: Timestamp,
    /// Seconds between these.
    pub seconds: i64,
}

/// What the server calculated, for [`Refused::detail`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calculated {
    /// The canonical request. It holds the values of signed headers, as the client sent them.
    pub canonical_request: String,
    /// The string to sign.
    pub string_to_sign: String,
}

impl Refused {
    /// AWS's error type, as `x-amzn-ErrorType` has it.
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::MissingToken => "MissingAuthenticationTokenException",
            Self::NoAlgorithm
            | Self::NotKeyValue { .. }
            | Self::MissingParameters { .. }
            | Self::MissingQueryParameters(_)
            | Self::Duplicate(_)
            | Self::TooLarge { .. }
            | Self::MalformedDate(_)
            | Self::ExpiryNotANumber
            | Self::NegativeExpiry
            | Self::ExpiryTooLong(_)
            | Self::MalformedSignedHeaders
            | Self::UnsupportedAlgorithm(_)
            | Self::MalformedCredential(_) => "IncompleteSignatureException",
            Self::BothForms
            | Self::Expired(_)
            | Self::NotYetCurrent(_)
            | Self::HostNotSigned
            | Self::TokenNotSigned
            | Self::WrongScope(_)
            | Self::Mismatch(_) => "InvalidSignatureException",
            Self::UnknownKey => "UnrecognizedClientException",
            Self::ExpiredToken => "ExpiredTokenException",
        }
    }

    /// The message with what AWS adds to that of a wrong signature: the canonical request and the string to sign.
    pub fn detail(&self) -> String {
        match self {
            // As API Gateway answers: `mhart/aws4#33`, `amplify-android#655`.
            Self::Mismatch(calculated) => format!(
                "{self}\n\nThe Canonical String for this request should have been\n'{}'\n\nThe String-to-Sign should have \
                 been\n'{}'\n",
                calculated.canonical_request, calculated.string_to_sign
            ),
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingToken => to.write_str("Missing Authentication Token"),
            Self::BothForms => to.write_str(
                "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
            ),
            Self::NoAlgorithm => to.write_str(
                "Authorization header must begin with the algorithm name, which cannot include an equal-sign",
            ),
            Self::NotKeyValue { piece, header } => {
                write!(to, "'{piece}' not a valid key=value pair (missing equal-sign) in Authorization header: '{header}'.")
            }
            Self::MissingParameters { parameters, dated, header } => {
                for parameter in parameters {
                    write!(to, "Authorization header requires '{parameter}' parameter. ")?;
                }
                if !dated {
                    to.write_str(
                        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ",
                    )?;
                }
                write!(to, "Authorization={header}")
            }
            Self::MissingQueryParameters(parameters) => {
                for parameter in parameters {
                    write!(to, "AWS query-string parameters must include '{parameter}'. ")?;
                }
                to.write_str("Re-examine the query-string parameters.")
            }
            Self::Duplicate(name) => write!(to, "'{name}' must be given once."),
            Self::TooLarge { what, limit } => write!(to, "{what} must not be larger than {limit}."),
            Self::MalformedDate(date) => write!(
                to,
                "Date must be in ISO-8601 'basic format'. Got '{date}'. See http://en.wikipedia.org/wiki/ISO_8601"
            ),
            Self::ExpiryNotANumber => to.write_str("X-Amz-Expires must be a number"),
            Self::NegativeExpiry => to.write_str("X-Amz-Expires must be non-negative"),
            Self::ExpiryTooLong(most) => write!(
                to,
                "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than \
                 {most} seconds"
            ),
            Self::Expired(Lifetime { signed_at, bound, now, seconds }) => {
                write!(to, "Signature expired: {signed_at} is now earlier than {bound} ({now} - {})", Span(*seconds))
            }
            Self::NotYetCurrent(Lifetime { signed_at, bound, now, seconds }) => {
                write!(to, "Signature not yet current: {signed_at} is still later than {bound} ({now} + {})", Span(*seconds))
            }
            Self::MalformedSignedHeaders => to.write_str("'SignedHeaders' must be names of headers, separated by ';'."),
            Self::HostNotSigned => {
                to.write_str("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
            }
            Self::TokenNotSigned => {
                to.write_str("'X-Amz-Security-Token' must be a 'SignedHeader' in the AWS Authorization.")
            }
            Self::UnsupportedAlgorithm(name) => {
                write!(to, "Unsupported AWS 'algorithm': '{name}' (only {ALGORITHM} for now). ")
            }
            Self::MalformedCredential(credential) => write!(
                to,
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got \
                 '{credential}'"
            ),
            Self::WrongScope(problems) => to.write_str(problems),
            Self::UnknownKey => to.write_str("The security token included in the request is invalid."),
            Self::ExpiredToken => to.write_str("The security token included in the request is expired"),
            Self::Mismatch(_) => to.write_str(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
                 Access Key and signing method. Consult the service documentation for details.",
            ),
        }
    }
}

impl std::error::Error for Refused {}

/// A number of seconds, as messages have it.
struct Span(i64);

impl fmt::Display for Span {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            seconds if seconds % 60 == 0 => write!(to, "{} min.", seconds / 60),
            seconds => write!(to, "{seconds} sec."),
        }
    }
}
