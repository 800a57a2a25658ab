//! Eight services of moto's, called through templates; what came of it is read back by boto3.

use portcullis_tests::moto::Moto;
use portcullis_tests::ready::here;
use serde_json::{Value, json};

use super::{gateway, post, told};

const SERVICES: &str = include_str!("services.yaml");

/// What is known of services is what botocore knows of them.
#[test]
fn the_table_of_services_is_botocores() {
    let check = std::process::Command::new(here("../target/python/bin/python"))
        .arg("-B")
        .arg(here("../xtask/aws_services.py"))
        .arg("--check")
        .status();
    let check = check.expect("target/python; `cargo xtask test` installs it");
    assert!(check.success(), "run xtask/aws_services.py as it says");
}

#[tokio::test]
async fn dynamodb() {
    let mut moto = Moto::start().await;
    let table = json!({
        "TableName": "items",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    });
    moto.call("dynamodb", "create_table", table).await;
    let gateway = gateway(SERVICES, moto.endpoint(), "").await;
    let json = [("content-type", "application/json")];
    let put = gateway
        .send("PUT", "/dev/items/7", &json, br#"{"text": "a \"quoted\" text"}"#)
        .await;
    assert_eq!(told(&put), (200, r#"{"stored": "7"}"#));
    let key = json!({"TableName": "items", "Key": {"id": {"S": "7"}}});
    let read = moto.call("dynamodb", "get_item", key).await;
    assert_eq!(read["Item"]["text"]["S"], r#"a "quoted" text"#);
    let other = json!({"TableName": "items", "Item": {"id": {"S": "8"}, "text": {"S": "eight"}}});
    moto.call("dynamodb", "put_item", other).await;
    let got = gateway.get("/dev/items/8", &[]).await;
    assert_eq!(told(&got), (200, "{\"id\": \"8\", \"text\": \"eight\"}\n"));
    // The service's own refusal, chosen by its status.
    moto.call("dynamodb", "delete_table", json!({"TableName": "items"}))
        .await;
    let refused = gateway
        .send("PUT", "/dev/items/7", &json, br#"{"text": "x"}"#)
        .await;
    assert_eq!(refused.status, 400);
    assert!(
        refused.text().contains("ResourceNotFoundException"),
        "{}",
        refused.text()
    );
}

#[tokio::test]
async fn sns_and_sqs() {
    let mut moto = Moto::start().await;
    let topic = moto.call("sns", "create_topic", json!({"Name": "news"})).await;
    let topic = topic["TopicArn"].as_str().expect("an ARN").to_owned();
    let mut urls = Vec::new();
    for name in ["news", "orders", "notes"] {
        let made = moto.call("sqs", "create_queue", json!({"QueueName": name})).await;
        urls.push(made["QueueUrl"].as_str().expect("a URL").to_owned());
    }
    let subscription = json!({
        "TopicArn": topic, "Protocol": "sqs", "Endpoint": "arn:aws:sqs:us-east-1:123456789012:news",
        "Attributes": {"RawMessageDelivery": "true"},
    });
    moto.call("sns", "subscribe", subscription).await;
    let gateway = gateway(SERVICES, moto.endpoint(), "").await;
    let path = format!("/dev/topics/news?arn={topic}&message=hello%20%26%20welcome");
    assert_eq!(
        told(&post(&gateway, &path, "{}").await),
        (200, r#"{"published": true}"#)
    );
    let order = r#"{"tea": 1, "note": "a & b = c"}"#;
    let sent = post(&gateway, "/dev/queues/123456789012/orders", order).await;
    assert_eq!(told(&sent), (200, r#"{"queued": true}"#));
    let path = format!("/dev/messages?queue={}", urls[2]);
    let sent = post(&gateway, &path, order).await;
    assert_eq!(told(&sent), (200, r#"{"queued": true}"#));
    for (url, expected) in urls.iter().zip(["hello & welcome", order, "\"a & b = c\""]) {
        let read = moto
            .call("sqs", "receive_message", json!({"QueueUrl": url}))
            .await;
        assert_eq!(read["Messages"][0]["Body"], expected, "{url}");
    }
    let missing = post(&gateway, "/dev/queues/123456789012/none", order).await;
    assert_eq!(told(&missing), (400, r#"{"queued": false}"#));
}

#[tokio::test]
async fn step_functions() {
    let mut moto = Moto::start().await;
    let definition = json!({"StartAt": "a", "States": {"a": {"Type": "Pass", "End": true}}});
    let machine = json!({
        "name": "orders", "definition": definition.to_string(), "roleArn": "arn:aws:iam::123456789012:role/orders",
    });
    moto.call("stepfunctions", "create_state_machine", machine).await;
    let gateway = gateway(SERVICES, moto.endpoint(), "").await;
    let started = post(&gateway, "/dev/executions", r#"{"order": "7"}"#).await;
    let answer: Value = serde_json::from_slice(&started.body).expect("JSON");
    let execution = json!({"executionArn": answer["execution"]});
    let read = moto.call("stepfunctions", "describe_execution", execution).await;
    assert_eq!(read["input"], r#"{"order":"7"}"#, "{answer} {read}");
}

#[tokio::test]
async fn kinesis() {
    let mut moto = Moto::start().await;
    moto.call(
        "kinesis",
        "create_stream",
        json!({"StreamName": "clicks", "ShardCount": 1}),
    )
    .await;
    let gateway = gateway(SERVICES, moto.endpoint(), "").await;
    let json = [("content-type", "application/json")];
    let body = br#"{"key": "k", "data": {"page": 1}}"#;
    let put = gateway.send("PUT", "/dev/streams/clicks", &json, body).await;
    assert_eq!(told(&put), (200, r#"{"shard": "shardId-000000000000"}"#));
    let shard = json!({"StreamName": "clicks", "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"});
    let iterator = moto.call("kinesis", "get_shard_iterator", shard).await;
    let read = moto
        .call(
            "kinesis",
            "get_records",
            json!({"ShardIterator": iterator["ShardIterator"]}),
        )
        .await;
    // boto3 gives bytes: `{"page":1}` in base64.
    assert_eq!(read["Records"][0]["Data"], "eyJwYWdlIjoxfQ==", "{read}");
    assert_eq!(read["Records"][0]["PartitionKey"], "k");
}

#[tokio::test]
async fn event_bridge() {
    let mut moto = Moto::start().await;
    let archive = json!({
        "ArchiveName": "all", "EventSourceArn": "arn:aws:events:us-east-1:123456789012:event-bus/default",
    });
    moto.call("events", "create_archive", archive).await;
    let gateway = gateway(SERVICES, moto.endpoint(), "").await;
    let put = post(
        &gateway,
        "/dev/events",
        r#"{"type": "paid", "detail": {"order": 7}}"#,
    )
    .await;
    assert_eq!(told(&put), (200, r#"{"failed": 0}"#));
    let read = moto
        .call("events", "describe_archive", json!({"ArchiveName": "all"}))
        .await;
    assert_eq!(read["EventCount"], 1, "{read}");
}

#[tokio::test]
async fn secrets_manager() {
    let mut moto = Moto::start().await;
    moto.call(
        "secretsmanager",
        "create_secret",
        json!({"Name": "door", "SecretString": "open sesame"}),
    )
    .await;
    let gateway = gateway(SERVICES, moto.endpoint(), "").await;
    let got = gateway.get("/dev/secrets/door", &[]).await;
    assert_eq!(told(&got), (200, r#"{"value": "open sesame"}"#));
    let missing = gateway.get("/dev/secrets/none", &[]).await;
    assert_eq!(told(&missing), (400, r#"{"type": "ResourceNotFoundException"}"#));
}

#[tokio::test]
async fn s3() {
    let mut moto = Moto::start().await;
    moto.call("s3", "create_bucket", json!({"Bucket": "photos"}))
        .await;
    let gateway = gateway(SERVICES, moto.endpoint(), "").await;
    let headers = [("content-type", "text/plain"), ("x-by", "ada")];
    // A slash in a key is sent encoded, as AWS's tutorial has it
    // (https://docs.aws.amazon.com/apigateway/latest/developerguide/integrating-api-with-aws-services-s3.html).
    let path = "/dev/files/photos/2026%2Fa%20(1).txt";
    let put = gateway.send("PUT", path, &headers, b"a picture").await;
    assert_eq!(put.status, 200, "{}", put.text());
    let object = json!({"Bucket": "photos", "Key": "2026/a (1).txt"});
    let read = moto.call("s3", "get_object", object.clone()).await;
    assert_eq!(
        (&read["Body"], &read["Metadata"]),
        (&json!("a picture"), &json!({"by": "ada"}))
    );
    assert_eq!(read["ContentType"], "text/plain");
    assert_eq!(told(&gateway.get(path, &[]).await), (200, "a picture"));
    let buckets = gateway.get("/dev/files", &[]).await;
    assert!(
        buckets.text().contains("<Name>photos</Name>"),
        "{}",
        buckets.text()
    );
    assert_eq!(buckets.header("content-type"), "application/xml");
    assert_eq!(gateway.send("DELETE", path, &[], b"").await.status, 200);
    let gone = moto.call("s3", "get_object", object).await;
    assert_eq!(gone["Error"]["Code"], "NoSuchKey");
    assert_eq!(told(&gateway.get(path, &[]).await), (400, r#"{"error": true}"#));
}
