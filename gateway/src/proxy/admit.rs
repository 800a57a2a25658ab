//! Station 5: what may pass. API keys and their usage plans.

use std::borrow::Cow;
use std::sync::Arc;

use portcullis_model::ApiKeySource;

use super::call::Head;
use super::exchange::Exchange;
use super::refusal::Refusal;
use crate::api_keys::ApiKey;

const API_KEY: http::HeaderName = http::HeaderName::from_static("x-api-key");
/// Longer than any value: what is longer is hashed no more.
const LONGEST: usize = 1_024;

/// The key that a call is made with.
#[derive(Debug, Clone)]
pub struct Admitted {
    /// What is known of it.
    pub key: Arc<ApiKey>,
    /// `$context.identity.apiKey`.
    pub value: Box<str>,
}

/// Lets those pass whose key is in a usage plan of the stage, where the method requires one. An unknown key, a disabled one,
/// one without such a plan and none at all are refused alike.
pub fn caller(exchange: &mut Exchange, head: &Head) -> Result<(), Refusal> {
    let Some(stage) = exchange.stage.as_ref() else {
        return Ok(());
    };
    let Some(source) = exchange.method().and_then(|method| method.api_key) else {
        return Ok(());
    };
    let value = match source {
        ApiKeySource::Header => of_header(head),
        ApiKeySource::Authorizer => exchange
            .caller
            .as_ref()
            .and_then(|caller| caller.usage_key.as_deref().map(Cow::Borrowed)),
    };
    let value = value.filter(|value| value.len() <= LONGEST);
    let (api, name) = (&stage.settings.api, &stage.settings.name);
    let key = value
        .as_ref()
        .and_then(|value| exchange.gateway.api_keys.find(value, api, name));
    match (key, value) {
        (Some(key), Some(value)) => {
            let value = Box::from(&*value);
            exchange.admitted = Some(Box::new(Admitted { key, value }));
            Ok(())
        }
        (_, value) => {
            let log = exchange.log();
            log.info(|| match value {
                Some(_) => "API Key is not authorized: unknown, disabled or in no usage plan of this stage"
                    .to_owned(),
                None => "API Key is missing".to_owned(),
            });
            Err(Refusal::invalid_api_key())
        }
    }
}

/// A header that is repeated is none: who counts the call and who answers it might read different ones.
fn of_header(head: &Head) -> Option<Cow<'_, str>> {
    let mut values = head.headers.get_all(&API_KEY).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok().map(Cow::Borrowed),
        _ => None,
    }
}
