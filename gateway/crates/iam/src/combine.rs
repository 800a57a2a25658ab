//! Identity-based and resource-based policies together.

use crate::Outcome;

/// Where the caller is from, seen from the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// From the account that owns the resource.
    Same,
    /// From another one.
    Other,
}

/// What the policies of an identity (or of an authorizer) and of a resource say together: tables A and B of "How API Gateway
/// resource policies affect authorization workflow".
///
/// Not for a Cognito authorizer, nor for an API without authorization: there the resource policy alone must be
/// [`Outcome::Allow`], and is left out if there is none.
pub fn combine(identity: Outcome, resource: Outcome, account: Account) -> Outcome {
    use Outcome::{Allow, ExplicitDeny, ImplicitDeny};
    match (identity, resource, account) {
        (ExplicitDeny, ..) | (_, ExplicitDeny, _) => ExplicitDeny,
        (Allow, Allow, _) | (Allow, _, Account::Same) | (_, Allow, Account::Same) => Allow,
        _ => ImplicitDeny,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_in_tables_a_and_b() {
        use Outcome::{Allow as A, ExplicitDeny as D, ImplicitDeny as I};
        // Identity, resource, table A (same account), table B (another account).
        let rows = [
            (A, A, A, A),
            (A, I, A, I),
            (A, D, D, D),
            (I, A, A, I),
            (I, I, I, I),
            (I, D, D, D),
            (D, A, D, D),
            (D, I, D, D),
            (D, D, D, D),
        ];
        for (identity, resource, same, other) in rows {
            assert_eq!(
                combine(identity, resource, Account::Same),
                same,
                "{identity:?} {resource:?}"
            );
            assert_eq!(
                combine(identity, resource, Account::Other),
                other,
                "{identity:?} {resource:?}"
            );
        }
    }
}
