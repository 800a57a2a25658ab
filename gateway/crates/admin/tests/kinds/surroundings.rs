//! What stands around APIs: domain names, links, certificates, the account.

use serde_json::{Value, json};

use crate::common::{Control, NOW};
use crate::id;

#[tokio::test]
async fn domain_names_map_paths() {
    let control = Control::new().await;
    let unknown = control
        .call("GET", "/domainnames/x.example.com", Value::Null)
        .await;
    assert_eq!(
        unknown.refusal(),
        (404, "Invalid domain name identifier specified")
    );
    let arn = "arn:aws:acm:us-east-1:123456789012:certificate/x";
    let body = json!({
        "domainName": "api.example.com",
        "regionalCertificateArn": arn,
        "endpointConfiguration": {"types": ["REGIONAL"]},
    });
    let made = control.call("POST", "/domainnames", body.clone()).await.ok();
    assert_eq!(made["domainNameStatus"], "AVAILABLE");
    assert!(
        made["regionalDomainName"]
            .as_str()
            .unwrap()
            .ends_with(".execute-api.us-east-1.amazonaws.com")
    );
    let twin = control.call("POST", "/domainnames", body).await;
    assert_eq!(
        twin.refusal(),
        (400, "The domain name you provided already exists.")
    );
    let with = |members: Value| {
        let mut body =
            json!({"domainName": "b.example.com", "endpointConfiguration": {"types": ["REGIONAL"]}});
        let (body_of, members) = (body.as_object_mut(), members.as_object());
        body_of
            .expect("an object")
            .extend(members.expect("an object").clone());
        body
    };
    for (members, expected) in [
        (
            json!({"certificatePrivateKey": "key"}),
            "certificateBody and certificatePrivateKey are needed together",
        ),
        (
            json!({"certificatePrivateKey": "x", "certificateBody": "b"}),
            "The certificate cannot be used: another key",
        ),
        (
            json!({"securityPolicy": "TLS_1_0"}),
            "The security policy TLS_1_0 is not supported by Portcullis: it lets TLS 1.0 and 1.1 in, which are not spoken here (RFC 8996)",
        ),
        (
            json!({"mutualTlsAuthentication": {"truststoreUri": "s3://other/k.pem"}}),
            "Invalid truststore URI: s3://other/k.pem is not among the gateway's own: add it to [truststores] of gateway.toml, with the file that has its certificates",
        ),
    ] {
        let refused = control.call("POST", "/domainnames", with(members)).await;
        assert_eq!(refused.refusal(), (400, expected));
    }
    let sent = json!({"certificatePrivateKey": "key", "certificateBody": "b", "certificateChain": "c"});
    let made = control.call("POST", "/domainnames", with(sent)).await.ok();
    let shown = control
        .call("GET", "/domainnames/b.example.com", Value::Null)
        .await
        .ok();
    let all = control.call("GET", "/domainnames", Value::Null).await.ok();
    for told in [made.to_string(), shown.to_string(), all.to_string()] {
        assert!(
            !told.contains("rivateKey") && !told.contains("certificateBody"),
            "{told}"
        );
    }
    let one = "/domainnames/api.example.com";
    let changed = control
        .patch(
            one,
            &[
                ("replace", "/securityPolicy", "SecurityPolicy_TLS13_1_3_2025_09"),
                (
                    "replace",
                    "/mutualTlsAuthentication/truststoreUri",
                    "s3://b/k.pem",
                ),
            ],
        )
        .await
        .ok();
    assert_eq!(
        changed["mutualTlsAuthentication"],
        json!({"truststoreUri": "s3://b/k.pem", "truststoreWarnings": ["the certificate 1 has expired"]})
    );
    let none = control
        .patch(one, &[("replace", "/mutualTlsAuthentication", "")])
        .await
        .ok();
    assert_eq!(none.get("mutualTlsAuthentication"), None);
    let edge = control
        .patch(one, &[("replace", "/endpointConfiguration/types/0", "EDGE")])
        .await
        .ok();
    assert!(
        edge["distributionDomainName"]
            .as_str()
            .unwrap()
            .ends_with(".cloudfront.net")
    );

    let api = control.api().await;
    let maps = format!("{one}/basepathmappings");
    let root = control.call("POST", &maps, json!({"restApiId": api})).await.ok();
    assert_eq!(root, json!({"restApiId": api, "basePath": "(none)"}));
    for (body, expected) in [
        (
            json!({"restApiId": api}),
            (409, "Base path already exists for this domain name"),
        ),
        (
            json!({"restApiId": "nope", "basePath": "x"}),
            (400, "Invalid REST API identifier specified"),
        ),
        (
            json!({"restApiId": api, "basePath": "x", "stage": "nope"}),
            (400, "Invalid stage identifier specified"),
        ),
    ] {
        assert_eq!(control.call("POST", &maps, body).await.refusal(), expected);
    }
    let moved = control
        .patch(&format!("{maps}/(none)"), &[("replace", "/basePath", "v1")])
        .await
        .ok();
    assert_eq!(moved["basePath"], "v1");
    let before = control
        .call("GET", &format!("{maps}/%28none%29"), Value::Null)
        .await;
    assert_eq!(
        before.refusal(),
        (404, "Invalid base path mapping identifier specified")
    );
    assert_eq!(
        control.call("GET", &format!("{maps}/v1"), Value::Null).await.ok(),
        moved
    );
    assert_eq!(control.call("DELETE", one, Value::Null).await.status, 202);
}

#[tokio::test]
async fn private_names_are_told_apart_by_id() {
    let control = Control::new().await;
    let body = json!({"domainName": "p.example.com", "endpointConfiguration": {"types": ["PRIVATE"]}});
    let first = control.call("POST", "/domainnames", body.clone()).await.ok();
    let second = control.call("POST", "/domainnames", body).await.ok();
    assert_ne!(first["domainNameId"], second["domainNameId"]);
    assert_eq!(
        control
            .call("GET", "/domainnames/p.example.com", Value::Null)
            .await
            .status,
        404
    );
    let one = format!(
        "/domainnames/p.example.com?domainNameId={}",
        id(&first, "domainNameId")
    );
    assert_eq!(control.call("GET", &one, Value::Null).await.ok(), first);
    let body = json!({
        "domainNameArn": first["domainNameArn"],
        "accessAssociationSourceType": "VPCE",
        "accessAssociationSource": "vpce-1a",
        "tags": {"a": "b"},
    });
    let made = control
        .call("POST", "/domainnameaccessassociations", body)
        .await
        .ok();
    let all = control
        .call(
            "GET",
            "/domainnameaccessassociations?resourceOwner=SELF",
            Value::Null,
        )
        .await
        .ok();
    assert_eq!(all["item"], json!([made]));
    let used = control.call("DELETE", &one, Value::Null).await;
    assert_eq!(used.status, 400);
    let arn = id(&made, "domainNameAccessAssociationArn");
    let reject = format!(
        "/rejectdomainnameaccessassociations?domainNameAccessAssociationArn={arn}&domainNameArn={}",
        id(&first, "domainNameArn").replace('+', "%2B")
    );
    assert_eq!(control.call("POST", &reject, Value::Null).await.status, 202);
    let path = format!("/domainnameaccessassociations/{}", arn.replace('/', "%2F"));
    assert_eq!(control.call("DELETE", &path, Value::Null).await.status, 404);
    assert_eq!(control.call("DELETE", &one, Value::Null).await.status, 202);
}

/// Answers and words of links are recorded from the service.
#[tokio::test]
async fn links_certificates_and_the_account_are_kept() {
    let control = Control::new().await;
    let arn = "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/net/n/1";
    let link = control
        .call("POST", "/vpclinks", json!({"name": "l", "targetArns": [arn]}))
        .await;
    assert_eq!((link.status, &link.body["status"]), (202, &json!("PENDING")));
    let one = format!("/vpclinks/{}", id(&link.body, "id"));
    let got = control.call("GET", &one, Value::Null).await.ok();
    assert_eq!(got["status"], "AVAILABLE");
    assert_eq!(got["tags"], json!({}));
    for (body, expected) in [
        (
            json!({"name": "l", "targetArns": ["invalid-arn"]}),
            "Invalid ARN. ARN is not well formed invalid-arn",
        ),
        (json!({"name": "", "targetArns": [arn]}), "Name cannot be empty"),
    ] {
        assert_eq!(
            control.call("POST", "/vpclinks", body).await.refusal(),
            (400, expected)
        );
    }
    let gone = control.call("GET", "/vpclinks/nope", Value::Null).await;
    assert_eq!(gone.refusal(), (404, "Invalid Vpc Link identifier specified"));

    let made = control
        .call("POST", "/clientcertificates", json!({"description": "d"}))
        .await;
    assert_eq!(made.status, 201);
    let made = made.ok();
    let pem = id(&made, "pemEncodedCertificate");
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"), "{pem}");
    assert_eq!(made["createdDate"], NOW);
    assert_eq!(made["expirationDate"], NOW + 365 * 86_400);
    let one = format!("/clientcertificates/{}", id(&made, "clientCertificateId"));
    for shown in [
        made.clone(),
        control.call("GET", &one, Value::Null).await.ok(),
        control.call("GET", "/clientcertificates", Value::Null).await.ok(),
        control
            .patch(&one, &[("replace", "/description", "e")])
            .await
            .ok(),
    ] {
        assert!(!shown.to_string().contains("rivate"), "{shown}");
    }
    let mut read = control.service.store().read().await.unwrap();
    let key = portcullis_store::Key::new("clientcertificate", "", id(&made, "clientCertificateId"));
    let row = read.get(&key).await.unwrap().unwrap();
    assert!(
        row.document["$privateKey"]
            .as_str()
            .unwrap()
            .ends_with(&format!(" bytes for {key}"))
    );
    drop(read);

    let account = control.call("GET", "/account", Value::Null).await.ok();
    assert_eq!(
        account,
        json!({
            "features": ["UsagePlans"],
            "apiKeyVersion": "4",
        })
    );
    let role = "arn:aws:iam::123456789012:role/logs";
    let changed = control
        .patch("/account", &[("replace", "/cloudwatchRoleArn", role)])
        .await
        .ok();
    assert_eq!(changed["cloudwatchRoleArn"], role);
    assert_eq!(control.call("GET", "/account", Value::Null).await.ok(), changed);
}
