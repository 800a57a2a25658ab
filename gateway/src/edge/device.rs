//! What kind of device a client is, by its `User-Agent`.
//!
//! CloudFront documents the headers and that "if a device falls into more than one category, more than one value can be true"
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-cloudfront-headers.html>), not how it decides.
//! Here it is by the words that vendors document for their products.

/// The categories of CloudFront.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Device {
    pub(super) mobile: bool,
    pub(super) tablet: bool,
    pub(super) desktop: bool,
    pub(super) smart_tv: bool,
    pub(super) android: bool,
    pub(super) ios: bool,
}

const TVS: [&str; 11] = [
    "smart-tv",
    "smarttv",
    "googletv",
    "google tv",
    "appletv",
    "apple tv",
    "hbbtv",
    "netcast",
    "web0s",
    "roku",
    "bravia",
];
const TABLETS: [&str; 5] = ["ipad", "tablet", "kindle", "silk/", "playbook"];
const MOBILES: [&str; 6] = [
    "iphone",
    "ipod",
    "windows phone",
    "blackberry",
    "opera mini",
    "mobile",
];

impl Device {
    /// What does not say that it is anything else is a desktop: so is curl for CloudFront.
    pub(super) fn of(user_agent: &str) -> Self {
        let agent = user_agent.to_ascii_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| agent.contains(word));
        let android = agent.contains("android");
        let smart_tv =
            has(&TVS) || (agent.contains("tizen") && agent.contains("tv")) || agent.contains("android tv");
        // Android's tablets say no "Mobile".
        let tablet = !smart_tv && (has(&TABLETS) || (android && !agent.contains("mobile")));
        let mobile = !smart_tv && (tablet || has(&MOBILES));
        Self {
            mobile,
            tablet,
            desktop: !smart_tv && !mobile,
            smart_tv,
            android,
            ios: has(&["iphone", "ipad", "ipod"]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_told_by_their_user_agents() {
        for (agent, expected) in [
            ("curl/8.5.0", "desktop"),
            ("", "desktop"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36",
                "desktop",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1",
                "mobile ios",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) Version/16.6 Mobile/15E148",
                "mobile tablet ios",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/126.0.0.0 Mobile Safari/537.36",
                "mobile android",
            ),
            (
                "Mozilla/5.0 (Linux; Android 13; SM-X906C) Chrome/126.0.0.0 Safari/537.36",
                "mobile tablet android",
            ),
            ("Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) TV Safari/537.36", "tv"),
            ("Mozilla/5.0 (Web0S; Linux/SmartTV) Chrome/94.0", "tv"),
        ] {
            let device = Device::of(agent);
            let words = [
                (device.mobile, "mobile"),
                (device.tablet, "tablet"),
                (device.desktop, "desktop"),
                (device.smart_tv, "tv"),
                (device.android, "android"),
                (device.ios, "ios"),
            ];
            let told: Vec<&str> = words
                .iter()
                .filter(|(is, _)| *is)
                .map(|(_, word)| *word)
                .collect();
            assert_eq!(told.join(" "), expected, "{agent}");
        }
    }
}
