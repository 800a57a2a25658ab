//! A client's certificate in API Gateway's words: `$context.identity.clientCert.*`
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html>).

use std::fmt::Write as _;
use std::sync::OnceLock;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::CertificateDer;
use x509_parser::der_parser::asn1_rs::Oid;
use x509_parser::prelude::{ASN1Time, AttributeTypeAndValue, FromDer as _, X509Certificate, X509Name};

use crate::clock::certificate_time;

/// Characters of a line of PEM (RFC 7468, section 2).
const LINE: usize = 64;

/// The certificate that a client showed. It is read when somebody wants to know something of it.
#[derive(Debug)]
pub struct ClientCertificate {
    der: CertificateDer<'static>,
    told: OnceLock<Told>,
}

/// What is told of it.
#[derive(Debug, Default)]
struct Told {
    pem: String,
    subject: String,
    issuer: String,
    serial: String,
    not_before: String,
    not_after: String,
}

impl ClientCertificate {
    pub(super) fn new(der: CertificateDer<'static>) -> Self {
        Self {
            der,
            told: OnceLock::new(),
        }
    }

    /// The value of the variable with this name below `identity.clientCert`.
    pub fn value(&self, name: &str) -> Option<&str> {
        let told = self.told.get_or_init(|| Told::of(&self.der));
        Some(match name {
            "clientCertPem" => &told.pem,
            "subjectDN" => &told.subject,
            "issuerDN" => &told.issuer,
            "serialNumber" => &told.serial,
            "validity.notBefore" => &told.not_before,
            "validity.notAfter" => &told.not_after,
            _ => return None,
        })
    }
}

impl Told {
    fn of(der: &CertificateDer<'_>) -> Self {
        // rustls has read and verified it: it is one.
        let Ok((_, certificate)) = X509Certificate::from_der(der) else {
            return Self::default();
        };
        let validity = certificate.validity();
        Self {
            pem: pem(der),
            subject: distinguished(certificate.subject()),
            issuer: distinguished(certificate.issuer()),
            serial: certificate.raw_serial_as_string(),
            not_before: time(validity.not_before),
            not_after: time(validity.not_after),
        }
    }
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = "-----BEGIN CERTIFICATE-----\n".to_owned();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at_checked(LINE).unwrap_or((rest, ""));
        pem.push_str(line);
        pem.push('\n');
        rest = more;
    }
    pem.push_str("-----END CERTIFICATE-----\n");
    pem
}

fn time(time: ASN1Time) -> String {
    certificate_time(Duration::from_secs(u64::try_from(time.timestamp()).unwrap_or(0)))
}

/// A name as RFC 2253 writes it: the last part first.
fn distinguished(name: &X509Name<'_>) -> String {
    let mut parts: Vec<String> = name
        .iter()
        .map(|part| part.iter().map(attribute).collect::<Vec<_>>().join("+"))
        .collect();
    parts.reverse();
    parts.join(",")
}

fn attribute(attribute: &AttributeTypeAndValue<'_>) -> String {
    let kind = attribute.attr_type();
    match (short(kind), attribute.as_str()) {
        (Some(kind), Ok(value)) => format!("{kind}={}", escaped(value)),
        (_, Ok(value)) => format!("{}={}", kind.to_id_string(), escaped(value)),
        // No text: its bytes.
        (_, Err(_)) => {
            let mut text = format!("{}=#", kind.to_id_string());
            for byte in attribute.as_slice() {
                // Writing to a string cannot fail.
                let _ = write!(text, "{byte:02x}");
            }
            text
        }
    }
}

/// The keywords of RFC 2253 and RFC 4519, and those that OpenSSL writes beside.
fn short(kind: &Oid<'_>) -> Option<&'static str> {
    Some(match kind.to_id_string().as_str() {
        "2.5.4.3" => "CN",
        "2.5.4.4" => "SN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "STREET",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "2.5.4.12" => "title",
        "2.5.4.42" => "GN",
        "0.9.2342.19200300.100.1.1" => "UID",
        "0.9.2342.19200300.100.1.25" => "DC",
        "1.2.840.113549.1.9.1" => "emailAddress",
        _ => return None,
    })
}

/// RFC 2253, section 2.4. What ends a line is escaped too: it must not make lines of its own in a log.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let last = value.chars().count().saturating_sub(1);
    for (index, char) in value.chars().enumerate() {
        match char {
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '=' => text.extend(['\\', char]),
            '#' if index == 0 => text.push_str("\\#"),
            ' ' if index == 0 || index == last => text.push_str("\\ "),
            char if char.is_control() => {
                for byte in char.encode_utf8(&mut [0; 4]).bytes() {
                    let _ = write!(text, "\\{byte:02X}");
                }
            }
            char => text.push(char),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use rcgen::string::PrintableString;
    use rcgen::{
        CertificateParams, DistinguishedName, DnType, DnValue, KeyPair, SerialNumber, date_time_ymd,
    };

    use super::*;

    #[test]
    fn a_certificate_is_told_in_awss_words() {
        let mut params = CertificateParams::default();
        let mut name = DistinguishedName::new();
        let country = PrintableString::try_from("DE").expect("a country");
        name.push(DnType::CountryName, DnValue::PrintableString(country));
        name.push(DnType::OrganizationName, "A, B + \"C\"=#");
        name.push(DnType::CustomDnType(vec![1, 2, 3, 4]), "own");
        name.push(DnType::CommonName, " Zoë\n");
        params.distinguished_name = name;
        params.serial_number = Some(SerialNumber::from(vec![0x01, 0xa2, 0x03]));
        params.not_before = date_time_ymd(2019, 5, 28);
        params.not_after = date_time_ymd(2051, 8, 5);
        let key = KeyPair::generate().expect("a key");
        let made = params.self_signed(&key).expect("a certificate");
        let certificate = ClientCertificate::new(made.der().clone());
        let subject = r#"CN=\ Zoë\0A,1.2.3.4=own,O=A\, B \+ \"C\"\=#,C=DE"#;
        // OpenSSL ends lines so; rcgen's may be longer ones.
        let pem = made.pem().replace("\r\n", "\n");
        for (name, expected) in [
            ("subjectDN", Some(subject)),
            ("issuerDN", Some(subject)),
            ("serialNumber", Some("01:a2:03")),
            ("validity.notBefore", Some("May 28 00:00:00 2019 GMT")),
            ("validity.notAfter", Some("Aug  5 00:00:00 2051 GMT")),
            ("clientCertPem", Some(pem.as_str())),
            ("nope", None),
        ] {
            assert_eq!(certificate.value(name), expected, "{name}");
        }
    }
}
