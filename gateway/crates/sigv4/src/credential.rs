//! The credential: an access key's id, and the scope of the signature.

use crate::{Policy, Refused, Timestamp};

/// `keyid/date/region/service/aws4_request`, checked.
#[derive(Debug, Clone)]
pub(crate) struct Credential {
    pub(crate) access_key_id: String,
    pub(crate) date: String,
    pub(crate) region: String,
    pub(crate) service: String,
}

impl Credential {
    pub(crate) fn parse(text: &str, signed_at: Timestamp, policy: &Policy<'_>) -> Result<Self, Refused> {
        let mut parts = text.split('/');
        let (Some(id), Some(date), Some(region), Some(service), Some(term), None) = (
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
        ) else {
            return Err(Refused::MalformedCredential(text.to_owned()));
        };
        let problems = problems([date, region, service, term], signed_at, policy);
        if !problems.is_empty() {
            return Err(Refused::WrongScope(problems.join(" ")));
        }
        Ok(Self {
            access_key_id: id.to_owned(),
            date: date.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
        })
    }

    /// What is signed of it: all but the id.
    pub(crate) fn scope(&self) -> String {
        format!("{}/{}/{}/aws4_request", self.date, self.region, self.service)
    }
}

fn problems(
    [date, region, service, term]: [&str; 4],
    signed_at: Timestamp,
    policy: &Policy<'_>,
) -> Vec<String> {
    let mut problems = Vec::new();
    if !policy.regions.allows(region) {
        problems.push(format!(
            "Credential should be scoped to a valid region, not '{region}'."
        ));
    }
    if service != policy.service {
        problems.push(format!(
            "Credential should be scoped to correct service: '{}'.",
            policy.service
        ));
    }
    if term != "aws4_request" {
        problems.push(format!(
            "Credential should be scoped with a valid terminator: 'aws4_request', not '{term}'."
        ));
    }
    let day = signed_at.date();
    if date != day {
        problems.push(format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{date}' != \
             '{day}', from '{signed_at}'."
        ));
    }
    problems
}
