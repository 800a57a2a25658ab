//! The control plane of a node: what it keeps, and who may use it.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;

use portcullis_admin::keys::Keys;
use portcullis_admin::{Secrets, Service};
use portcullis_document::Problem;

use crate::admin::{Access, NodePlane, Protocol, SharedReconciler};
use crate::config::{AccessConfig, ControlConfig};
use crate::proxy::Gateway;
use crate::reconcile::Outcome;

/// API Gateway's protocol, where the configuration has a directory for what it keeps; all that is kept is live then. The store is in a
/// directory, with a lock that another process may lend.
pub(super) async fn protocol(
    config: &ControlConfig,
    (directory, lock): (&Path, Option<OwnedFd>),
    gateway: &Arc<Gateway>,
    reconciler: &SharedReconciler,
    domain: &str,
    outcome: &mut Outcome,
) -> Result<Option<(Protocol, Arc<NodePlane>)>, Vec<Problem>> {
    let Some(data) = &config.data else {
        return Ok(None);
    };
    let options = portcullis_store::Options {
        history: config.history,
        ..portcullis_store::Options::new(directory.join(data))
    };
    let store = portcullis_store::Store::open_lent(options, lock)
        .await
        .map_err(|error| {
            vec![outcome.problem(
                "store",
                "/control/data",
                format!("the store cannot be opened: {error}"),
            )]
        })?;
    let secrets = Secrets::of(&store)
        .await
        .map_err(|error| vec![outcome.problem("vault", "/control/data", error.to_string())])?;
    let plane = NodePlane::new(
        reconciler.clone(),
        store.clone(),
        gateway.clone(),
        secrets.clone(),
    );
    let plane = Arc::new(plane.await);
    outcome.problems.extend(plane.publish_all().await);
    plane.resume_usage().await.map_err(|error| {
        let message = format!("what API keys have used of their plans cannot be read: {error}");
        vec![outcome.problem("store", "/control/data", message)]
    })?;
    let now = gateway.clock.wall().as_secs();
    outcome.problems.extend(plane.record_files(now).await);
    let settings = portcullis_admin::Settings {
        account: config.account.clone(),
        region: config.region.clone(),
        domain: domain.to_owned(),
    };
    let access = access(config, &store, gateway)
        .await
        .map_err(|reason| vec![outcome.problem("keys", "/control/data", reason)])?;
    let clock = gateway.clock.clone();
    let seal = Box::new(move |row: &_, secret: &_| secrets.seal(row, secret));
    let service = Service::sealing(
        store,
        plane.clone(),
        settings,
        move || clock.wall().as_secs(),
        seal,
    );
    let protocol = Protocol {
        service,
        access,
        plane: plane.clone(),
    };
    Ok(Some((protocol, plane)))
}

/// Who may use the protocol, and the keys that methods of AWS_IAM ask for. The first start of all makes the administrator's
/// key where one is needed, and leaves it in the data directory.
async fn access(
    config: &ControlConfig,
    store: &portcullis_store::Store,
    gateway: &Arc<Gateway>,
) -> Result<Access, String> {
    let keys = Keys::open(store.clone())
        .await
        .map_err(|error| error.to_string())?;
    let keys = gateway.keys.get_or_init(|| keys).clone();
    if config.access == AccessConfig::AnonymousOnLoopback {
        return Ok(Access::Anonymous { keys });
    }
    if let Some(first) = keys.first().await.map_err(|error| error.to_string())? {
        let file = store.directory().join("administrator.credentials");
        let text = format!(
            "[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            first.id, first.secret
        );
        write_private(&file, &text).map_err(|error| format!("cannot write {}: {error}", file.display()))?;
        tracing::info!(
            "made the administrator's access key {}; its secret is in {} (export AWS_SHARED_CREDENTIALS_FILE to use it)",
            first.id,
            file.display()
        );
    }
    Ok(Access::Signed {
        keys,
        clock: gateway.clock.clone(),
        region: config.region.as_str().into(),
        account: config.account.as_str().into(),
    })
}

/// A file that its owner alone can read.
fn write_private(file: &Path, text: &str) -> io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    let mut opened = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(file)?;
    opened.write_all(text.as_bytes())?;
    opened.sync_all()
}
