//! One certificate: the account, the order, its challenges, and what comes of it.

use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, ChallengeType, Identifier, NewAccount, NewOrder, Order,
    OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, KeyPair};

use super::challenge::{Challenges, Open};
use super::client::AcmeClient;
use super::kept::{Certificate, Kept};
use crate::config::{AcmeChallenge, AcmeSource};

/// Gets a certificate for a name, and keeps it.
///
/// # Errors
///
/// Why there is none, for people.
pub(super) async fn certificate(
    source: &AcmeSource,
    challenges: &Challenges,
    name: &str,
) -> Result<Certificate, String> {
    let kept = Kept::of(source);
    let account = account(source, &kept).await?;
    let identifiers = [Identifier::Dns(name.to_owned())];
    let order = account.new_order(&NewOrder::new(&identifiers)).await;
    let mut order = order.map_err(|error| format!("it takes no order: {}", chain(&error)))?;
    authorize(&mut order, source.config.challenge, challenges, name).await?;
    let key = KeyPair::generate().map_err(|error| error.to_string())?;
    let params = CertificateParams::new([name.to_owned()]).map_err(|error| error.to_string())?;
    let request = params
        .serialize_request(&key)
        .map_err(|error| error.to_string())?;
    let sent = order.finalize_csr(request.der()).await;
    sent.map_err(|error| format!("it refuses the request: {}", chain(&error)))?;
    let issued = order.poll_certificate(&RetryPolicy::default()).await;
    let issued = issued.map_err(|error| format!("it issues nothing: {}", chain(&error)))?;
    let pem = format!("{issued}\n{}", key.serialize_pem());
    let certificate = Certificate::from_pem(pem.as_bytes())?;
    kept.keep_certificate(name, pem.as_bytes())
        .map_err(|error| format!("it cannot be kept in {}: {error}", source.data.display()))?;
    Ok(certificate)
}

/// The account of before, or a new one.
async fn account(source: &AcmeSource, kept: &Kept) -> Result<Account, String> {
    let client = AcmeClient::new(source.trust.as_deref()).map_err(|error| error.to_string())?;
    let builder = Account::builder_with_http(Box::new(client));
    let of_before = kept
        .account()
        .map_err(|error| format!("the account cannot be read: {error}"))?;
    if let Some(of_before) = of_before {
        let credentials: AccountCredentials = serde_json::from_slice(&of_before)
            .map_err(|error| format!("the account that is kept is none: {error}"))?;
        let account = builder.from_credentials(credentials).await;
        return account.map_err(|error| format!("the account cannot be used: {}", chain(&error)));
    }
    let contact: Vec<&str> = source.config.contact.iter().map(String::as_str).collect();
    let new = NewAccount {
        contact: &contact,
        terms_of_service_agreed: source.config.agree_terms,
        only_return_existing: false,
    };
    let made = builder.create(&new, source.config.directory.clone(), None).await;
    let (account, credentials) =
        made.map_err(|error| format!("there is no account to be had: {}", chain(&error)))?;
    let credentials = serde_json::to_vec(&credentials).map_err(|error| error.to_string())?;
    kept.keep_account(&credentials)
        .map_err(|error| format!("the account cannot be kept in {}: {error}", source.data.display()))?;
    Ok(account)
}

/// Answers challenges until the authority is content.
async fn authorize(
    order: &mut Order,
    wanted: AcmeChallenge,
    challenges: &Challenges,
    name: &str,
) -> Result<(), String> {
    let mut open = Vec::new();
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization.map_err(|error| chain(&error))?;
        match authorization.status {
            AuthorizationStatus::Valid => continue,
            AuthorizationStatus::Pending => {}
            status => return Err(format!("an authorization is {status:?}")),
        }
        let kind = match wanted {
            AcmeChallenge::Http01 => ChallengeType::Http01,
            AcmeChallenge::TlsAlpn01 => ChallengeType::TlsAlpn01,
        };
        let challenge = authorization.challenge(kind);
        let mut challenge = challenge.ok_or("it does not offer the challenge that is configured")?;
        open.push(opened(&challenge, wanted, challenges, name)?);
        challenge.set_ready().await.map_err(|error| chain(&error))?;
    }
    let status = order.poll_ready(&RetryPolicy::default()).await;
    drop(open);
    match status.map_err(|error| chain(&error))? {
        OrderStatus::Ready => Ok(()),
        _ => Err(refused(order).await),
    }
}

fn opened<'c>(
    challenge: &instant_acme::ChallengeHandle<'_>,
    wanted: AcmeChallenge,
    challenges: &'c Challenges,
    name: &str,
) -> Result<Open<'c>, String> {
    let authorization = challenge.key_authorization();
    match wanted {
        AcmeChallenge::Http01 => Ok(challenges.open_http(&challenge.token, authorization.as_str())),
        AcmeChallenge::TlsAlpn01 => challenges.open_tls(name, authorization.digest().as_ref()),
    }
}

/// What the authority found wrong.
async fn refused(order: &mut Order) -> String {
    let mut reasons = Vec::new();
    let mut authorizations = order.authorizations();
    while let Some(Ok(authorization)) = authorizations.next().await {
        let errors = authorization
            .challenges
            .iter()
            .filter_map(|challenge| challenge.error.as_ref());
        reasons.extend(errors.map(ToString::to_string));
    }
    format!("it refuses the challenge: {}", reasons.join("; "))
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
