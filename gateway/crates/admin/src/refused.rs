//! Operations that are refused by name, each with its reason.

use crate::operation::Operation as Op;

/// What is not offered, and why; for people.
pub const REFUSED: &[(Op, &str)] = &[
    (Op::GetSdk, "the generation of SDKs is not offered"),
    (Op::GetSdkType, "the generation of SDKs is not offered"),
    (Op::GetSdkTypes, "the generation of SDKs is not offered"),
];

/// Why an operation is refused, if it is.
pub(crate) fn why(operation: Op) -> Option<&'static str> {
    let of = |(known, why): &(Op, &'static str)| (*known == operation).then_some(*why);
    REFUSED.iter().find_map(of)
}
