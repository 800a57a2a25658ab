//! Web access control lists: filters by a name that stages, and the protocol of AWS WAF, know.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::hash;

/// A web access control list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WebAclConfig {
    /// Plugins of world `filter`, in the order in which they see a request. At least one.
    pub filters: Vec<String>,
    /// For people, in the protocol of AWS WAF.
    #[serde(default)]
    pub description: String,
}

/// The ARN of one, with an id that is the same for the same name.
pub fn web_acl_arn(region: &str, account: &str, name: &str) -> String {
    let hash = hash(&[b"web-acl", name.as_bytes()]);
    let mut id = String::with_capacity(36);
    for (index, byte) in hash.iter().take(16).enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            id.push('-');
        }
        id.push_str(&format!("{byte:02x}"));
    }
    format!("arn:aws:wafv2:{region}:{account}:regional/webacl/{name}/{id}")
}

/// The name in an ARN, of whatever region and account.
pub fn web_acl_name(arn: &str) -> Option<&str> {
    let resource = arn.strip_prefix("arn:aws:wafv2:")?.splitn(3, ':').nth(2)?;
    let (name, _) = resource.strip_prefix("regional/webacl/")?.split_once('/')?;
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_in_the_arn() {
        let arn = web_acl_arn("eu-west-1", "123456789012", "main");
        assert_eq!(web_acl_name(&arn), Some("main"));
        let start = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/main/";
        let id = arn.strip_prefix(start).expect("its beginning");
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_ne!(arn, web_acl_arn("eu-west-1", "123456789012", "other"));
        for other in [
            "",
            "main",
            "arn:aws:wafv2:r:a:global/webacl/main/1",
            "arn:aws:wafv2:r:a:regional/webacl/main",
        ] {
            assert_eq!(web_acl_name(other), None, "{other}");
        }
    }
}
