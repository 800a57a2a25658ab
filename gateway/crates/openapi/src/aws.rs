//! `AWS` and `AWS_PROXY` integrations, of APIs that are kept.

use portcullis_model::{AwsTarget, Integration, Target};

use crate::context::{At, Context};
use crate::http::{connection, insecure_skip_verification};
use crate::integration::{http_method, of_templates};
use crate::mapping::{INTEGRATION_REQUEST, mappings};
use crate::path::Path;

/// Reads what an integration with an AWS service says; `None` after a problem.
pub(crate) fn integration<'d>(
    context: &mut Context<'d>,
    path: &Path,
    at: &At<'d>,
    proxy: bool,
) -> Option<Integration> {
    let uri = context.required_string(at, "uri");
    let method = http_method(context, at);
    let mapped = mappings(context, at, "requestParameters", &INTEGRATION_REQUEST, Some(path));
    let connection = connection(context, at);
    let insecure = insecure_skip_verification(context, at);
    let integration = of_templates(context, at, Target::Mock);
    let target = AwsTarget {
        uri: uri?.to_owned(),
        http_method: method?,
        connection: connection?,
        insecure_skip_verification: insecure?,
    };
    Some(Integration {
        target: match proxy {
            true => Target::AwsProxy(target),
            false => Target::Aws(target),
        },
        request_parameters: mapped?,
        ..integration?
    })
}
