//! What makes an HTTP integration one with an AWS service.

use std::sync::Arc;

use aws_credential_types::Credentials;
use http::HeaderValue;

use crate::aws::Chain;

/// What follows from the URI of an integration of type `AWS` beside the request's own URI, and who signs it.
#[derive(Debug)]
pub struct AwsPlan {
    /// What signatures call the service.
    pub service: Box<str>,
    /// For which region requests are signed.
    pub region: Box<str>,
    /// `Host`, where it is not the server's own: a subdomain at a server that is configured.
    pub host: Option<HeaderValue>,
    /// `X-Amz-Target`, where no mapping has one.
    pub target: Option<HeaderValue>,
    /// The media type of bodies, where no mapping has one; the client's own where absent.
    pub content_type: Option<HeaderValue>,
    /// Who signs.
    pub signer: AwsSigner,
}

/// Whose credentials sign.
#[derive(Debug)]
pub enum AwsSigner {
    /// Those of a file.
    Fixed(Arc<Credentials>),
    /// Those that a chain gives.
    Chain(Arc<Chain>),
    /// The caller's own: the method is of AWS_IAM, and the key one of this gateway's.
    Caller,
}
