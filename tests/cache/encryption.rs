//! What is encrypted is nowhere in plain text.

use portcullis_testkit::{Files, Running};

use crate::disk::{files_of, routes, saying, settled};
use crate::support::toml;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_file_has_plain_text_of_an_encrypted_response() {
    for (encrypted, seen) in [("", true), (", cache_encrypted = true", false)] {
        let origin = saying().await;
        let stage = format!("methods.\"*/*\" = {{ caching = true{encrypted} }}");
        let text = toml(&origin, &stage, &routes());
        let cache = "\n[cache]\nmemory_mib = 1\ndirectory = \"kept\"\n";
        let gateway = Running::start(&format!("{text}{cache}"), Files::default()).await;
        let mut answers = Vec::new();
        for number in 0..60 {
            answers.push(gateway.get(&format!("/dev/item?q={number}"), &[]).await.body);
        }
        settled(&gateway).await;
        let mut on_disk = Vec::new();
        for path in files_of(&gateway) {
            on_disk.extend(std::fs::read(path).expect("an open file"));
        }
        assert!(on_disk.len() > 1_000_000, "{}", on_disk.len());
        let plain = b"plain text of";
        assert_eq!(
            on_disk.windows(plain.len()).any(|part| part == plain),
            seen,
            "{encrypted}"
        );
        for (number, answer) in answers.iter().enumerate() {
            let again = gateway.get(&format!("/dev/item?q={number}"), &[]).await;
            assert_eq!(again.body, *answer, "{encrypted} {number}");
            settled(&gateway).await;
        }
        assert!(origin.recorded().len() < 70, "{}", origin.recorded().len());
    }
}
