//! What a server demands of a signature.

/// What a server demands of a signature. [`Policy::new`] is strict; fields loosen it.
#[derive(Debug, Clone, Copy)]
pub struct Policy<'a> {
    /// The service that the credential must be scoped to: `execute-api`, `apigateway`.
    pub service: &'a str,
    /// The regions that the credential may be scoped to.
    pub regions: Regions<'a>,
    /// The time now, in seconds since 1970.
    pub now: i64,
    /// How far, in seconds, the client's clock may be off either way.
    pub skew: i64,
    /// The longest `X-Amz-Expires` of a presigned request, in seconds.
    pub longest_expiry: i64,
    /// How the path is written before it is hashed.
    pub path: PathRule,
    /// Whether `x-amz-content-sha256: UNSIGNED-PAYLOAD` is believed, so that the body is not covered.
    pub unsigned_payload: bool,
    /// Whether `x-amz-security-token` may be a header that is not signed, as clients of a few services send it.
    pub unsigned_session_token: bool,
}

impl<'a> Policy<'a> {
    /// Five minutes, as services answer `(… - 5 min.)`: `aws/aws-sdk-php#1780`, `fabfuel/ecs-deploy#126`. Older services
    /// allow 15.
    pub const SKEW: i64 = 300;

    /// Seven days: "Signature Version 4 query parameters", `X-Amz-Expires`.
    pub const LONGEST_EXPIRY: i64 = 604_800;

    /// The strict policy for a service: any region, 5 minutes, 7 days, everything signed.
    pub const fn new(service: &'a str, now: i64) -> Self {
        Self {
            service,
            regions: Regions::Any,
            now,
            skew: Self::SKEW,
            longest_expiry: Self::LONGEST_EXPIRY,
            path: PathRule::SERVICE,
            unsigned_payload: false,
            unsigned_session_token: false,
        }
    }
}

/// The regions that a credential may be scoped to.
#[derive(Debug, Clone, Copy)]
pub enum Regions<'a> {
    /// Any that could be one, of letters, digits and hyphens; the credential says which.
    Any,
    /// These alone.
    Only(&'a [&'a str]),
}

impl Regions<'_> {
    pub(crate) fn allows(&self, region: &str) -> bool {
        match self {
            Self::Any => {
                !region.is_empty()
                    && region
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            }
            Self::Only(regions) => regions.contains(&region),
        }
    }
}

/// How a path is written before it is hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathRule {
    /// Whether empty and dot segments are resolved first.
    ///
    /// Then `/a//b` and `/a/./b` have the signature of `/a/b`: what is allowed must be decided on the path as it is routed.
    pub normalise: bool,
    /// Whether the path is percent-encoded once more than it is on the wire.
    pub encode_again: bool,
}

impl PathRule {
    /// Of every service but S3: "normalize URI paths", "each path segment must be URI-encoded twice" ("Create a signed AWS
    /// API request", step 1).
    pub const SERVICE: Self = Self {
        normalise: true,
        encode_again: true,
    };

    /// Of S3: "You do not normalize URI paths for requests to Amazon S3", and they are encoded once.
    pub const S3: Self = Self {
        normalise: false,
        encode_again: false,
    };
}
