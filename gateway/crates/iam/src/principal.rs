//! Who asks, and whom a statement is about.

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Principal<'a> {
    /// Nobody that is known.
    Anonymous,
    /// An identity of an account.
    Aws {
        /// The account's 12 digits.
        account: &'a str,
        /// The ARNs that the identity goes by: a user's one; a role's session has its own and its role's.
        arns: &'a [&'a str],
    },
    /// A service, `events.amazonaws.com`.
    Service(&'a str),
    /// An identity of a provider, by the provider's name or ARN.
    Federated(&'a str),
}

/// Whom a statement is about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Principals {
    /// `*`.
    pub(crate) everyone: bool,
    pub(crate) aws: Vec<Aws>,
    pub(crate) services: Vec<String>,
    pub(crate) federated: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Aws {
    /// `123456789012` or `arn:aws:iam::123456789012:root`: everyone of the account.
    Account(String),
    /// One identity.
    Arn(String),
}

impl Aws {
    /// Reads a principal; `None` if it is neither an account nor an ARN, or has wildcards: "You cannot use [*] to specify
    /// part of a name or ARN" ("Grammar of the IAM JSON policy language").
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if is_account(text) {
            return Some(Self::Account(text.to_owned()));
        }
        let mut sections = text.splitn(6, ':');
        let (Some("arn"), Some(_), Some(service), Some(_), Some(account), Some(name)) = (
            sections.next(),
            sections.next(),
            sections.next(),
            sections.next(),
            sections.next(),
            sections.next(),
        ) else {
            return None;
        };
        match (service, name) {
            _ if text.contains(['*', '?']) => None,
            ("iam", "root") if is_account(account) => Some(Self::Account(account.to_owned())),
            _ => Some(Self::Arn(text.to_owned())),
        }
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl Principals {
    pub(crate) fn include(&self, principal: &Principal<'_>) -> bool {
        if self.everyone {
            return true;
        }
        match principal {
            Principal::Anonymous => false,
            Principal::Aws { account, arns } => self.aws.iter().any(|named| match named {
                Aws::Account(named) => named == account,
                Aws::Arn(named) => arns.contains(&named.as_str()),
            }),
            Principal::Service(name) => self.services.iter().any(|named| named == name),
            Principal::Federated(name) => self.federated.iter().any(|named| named == name),
        }
    }

    /// Whether the one who asks is among those that a `NotPrincipal` spares from a deny. To name an account spares its root
    /// alone, and a role's session is spared where its role is, too: "AWS JSON policy elements: NotPrincipal".
    pub(crate) fn exempt(&self, principal: &Principal<'_>) -> bool {
        let Principal::Aws { arns, .. } = principal else {
            return self.include(principal);
        };
        let named = |arn: &&str| Aws::parse(arn).is_some_and(|aws| self.aws.contains(&aws));
        self.everyone || (!arns.is_empty() && arns.iter().all(named))
    }
}
