//! How a gateway proves that a text came in by it.

use std::collections::BTreeMap;

use actix_web::http::header::HeaderMap;
use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;

use crate::config::{Config, SmsProof};

/// Whether a request is proved as `sms.hook_proof` asks for. Comparing takes the same time whatever is wrong.
pub(super) fn holds(
    config: &Config,
    headers: &HeaderMap,
    body: &[u8],
    parts: &BTreeMap<String, String>,
) -> bool {
    let secret = config.sms.hook_secret.as_bytes();
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (Ok(sha256), Ok(sha1)) = (
        <Hmac<Sha256> as KeyInit>::new_from_slice(secret),
        <Hmac<Sha1> as KeyInit>::new_from_slice(secret),
    ) else {
        return false;
    };
    match config.sms.hook_proof {
        SmsProof::Sha256 => {
            let sent =
                header("x-signature").and_then(|sent| unhex(sent.strip_prefix("sha256=").unwrap_or(sent)));
            sent.is_some_and(|sent| sha256.chain_update(body).verify_slice(&sent).is_ok())
        }
        SmsProof::Twilio => {
            let sent = header("x-twilio-signature").and_then(|sent| BASE64_STANDARD.decode(sent).ok());
            let mut mac = sha1.chain_update(format!("{}/hooks/sms", config.base_url()));
            for (name, value) in parts {
                mac.update(name.as_bytes());
                mac.update(value.as_bytes());
            }
            sent.is_some_and(|sent| mac.verify_slice(&sent).is_ok())
        }
        SmsProof::Authorization => {
            // Hashed under a key first, so that how far two texts are alike takes no time.
            let expected = sha256.clone().chain_update(secret).finalize().into_bytes();
            let sent = header("authorization").unwrap_or_default();
            sha256.chain_update(sent).verify_slice(&expected).is_ok()
        }
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if text.len() % 2 == 1 || !text.is_ascii() {
        return None;
    }
    let pairs = (0..text.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn holds_with(proof: &str, name: &'static str, value: &str, body: &str) -> bool {
        let flags = [
            ("sms.hook_secret", "12345".to_owned()),
            ("sms.hook_proof", proof.to_owned()),
            ("public_url", "https://example.org".to_owned()),
        ];
        let mut headers = HeaderMap::new();
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_str(value).unwrap(),
        );
        let parts = url::form_urlencoded::parse(body.as_bytes())
            .into_owned()
            .collect();
        holds(&Config::with(&flags).unwrap(), &headers, body.as_bytes(), &parts)
    }

    #[test]
    fn only_who_knows_the_secret_proves_it() {
        let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(b"12345").unwrap();
        let tag = mac.chain_update(b"from=1&text=STOP").finalize().into_bytes();
        let tag: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
        let good = format!("sha256={tag}");
        assert!(holds_with("sha256", "x-signature", &good, "from=1&text=STOP"));
        assert!(holds_with("sha256", "x-signature", &tag, "from=1&text=STOP"));
        assert!(!holds_with("sha256", "x-signature", &good, "from=2&text=STOP"));
        for bad in ["", "sha256=", "sha256=00", "zz", &good[..good.len() - 2]] {
            assert!(
                !holds_with("sha256", "x-signature", bad, "from=1&text=STOP"),
                "{bad}"
            );
        }
        assert!(!holds_with(
            "authorization",
            "x-signature",
            &good,
            "from=1&text=STOP"
        ));
        assert!(holds_with("authorization", "authorization", "12345", "x"));
        assert!(!holds_with("authorization", "authorization", "123456", "x"));
        assert!(!holds_with("authorization", "x-signature", "12345", "x"));
    }

    /// Parts in the order of their names, whatever order they came in.
    #[test]
    fn twilio_signs_the_address_and_the_parts() {
        let mac = <Hmac<Sha1> as KeyInit>::new_from_slice(b"12345").unwrap();
        let tag = mac
            .chain_update(b"https://example.org/hooks/smsBodySTOPFrom+15155550123")
            .finalize();
        let tag = BASE64_STANDARD.encode(tag.into_bytes());
        assert!(holds_with(
            "twilio",
            "x-twilio-signature",
            &tag,
            "From=%2B15155550123&Body=STOP"
        ));
        assert!(!holds_with(
            "twilio",
            "x-twilio-signature",
            &tag,
            "From=%2B15155550124&Body=STOP"
        ));
        assert!(!holds_with(
            "twilio",
            "x-twilio-signature",
            "",
            "From=%2B15155550123&Body=STOP"
        ));
    }
}
