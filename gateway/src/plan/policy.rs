//! Who may call an API, and what is known of whoever signs.

use std::sync::Arc;

use portcullis_iam::Policy;

/// The resource policy of an API.
#[derive(Debug)]
pub struct ResourcePolicy {
    /// The policy, its resources in full.
    pub policy: Policy,
    /// Whether it looks at more than the method and who calls.
    pub reads_context: bool,
}

/// What a signature must be for, and whose the access keys are.
#[derive(Debug)]
pub struct IamPlan {
    /// The region in the scope of signatures.
    pub region: Arc<str>,
    /// The account of every access key, which is that of the API.
    pub account: Arc<str>,
}
