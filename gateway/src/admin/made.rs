//! What stages of the control plane name for connections to their backends, as far as calls have made it: client
//! certificates and VPC links.

use std::sync::Arc;

use portcullis_admin::{Secrets, live};
use portcullis_document::Problem;
use portcullis_store::{Read, StoreError};

use crate::compile::{Made, links_of};
use crate::kept::KeptStage;
use crate::upstream::ClientCertificate;

/// Reads what a stage and its canary name.
///
/// # Errors
///
/// The store's.
pub(super) async fn complete(
    read: &mut Read,
    secrets: &Secrets,
    stage: &mut KeptStage,
) -> Result<(), StoreError> {
    let mut made = Made::default();
    let canary = stage.canary.as_ref().map(|canary| &canary.deployment);
    for deployment in std::iter::once(&stage.base).chain(canary) {
        for id in links_of(&deployment.api, &deployment.settings.variables) {
            if made.links.contains_key(&id) {
                continue;
            }
            if let Some(link) = live::vpc_link(read, &id).await? {
                made.links.insert(id, link.upstream);
            }
        }
    }
    if let Some(id) = &stage.base.settings.client_certificate
        && let Some(shown) = live::client_certificate(read, secrets, id).await.transpose()
    {
        made.certificates.insert(id.clone(), usable(id, shown));
    }
    stage.made = made;
    Ok(())
}

/// One that cannot be used keeps its stage from becoming live, and says why.
fn usable(
    id: &str,
    shown: Result<live::ClientCertificate, StoreError>,
) -> Result<Arc<ClientCertificate>, Problem> {
    let reason = match shown {
        Ok(shown) => match ClientCertificate::from_pem(shown.certificate.as_bytes(), &shown.key) {
            Ok(certificate) => return Ok(Arc::new(certificate)),
            Err(error) => error.to_string(),
        },
        Err(error) => error.to_string(),
    };
    let message = format!("cannot use the client certificate {id}: {reason}");
    let problem = Problem::in_file("the store", "bad-certificate", message);
    Err(problem.hint("generate another one, and let the stage name that"))
}
