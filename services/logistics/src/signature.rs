//! Signatures of what carriers send, by Standard Webhooks 1.0 (symmetric, `v1`): HMAC-SHA256 over `{id}.{timestamp}.{body}`.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use kernel::Time;
use sha2::Sha256;

/// How many seconds the sender's clock may differ from ours; older messages could be replays.
const TOLERANCE_S: u64 = 300;

/// A secret that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be whsec_ followed by 24 to 64 bytes in base64")]
pub(crate) struct InvalidSecret;

/// Why a message is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unbelieved {
    /// A header is missing or malformed.
    #[error("the header {0} is missing or not what Standard Webhooks asks for")]
    Header(&'static str),
    /// Too old, or from the future.
    #[error("the timestamp is too far from the present")]
    Timestamp,
    /// No signature in the header is right.
    #[error("the signature is wrong")]
    Signature,
}

/// The headers of a signed message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Headers<'a> {
    /// `webhook-id`
    pub(crate) id: &'a str,
    /// `webhook-timestamp`, in seconds since 1970.
    pub(crate) timestamp: &'a str,
    /// `webhook-signature`, one or more separated by spaces.
    pub(crate) signature: &'a str,
}

/// Verifies what is signed with one secret.
#[derive(Clone)]
pub(crate) struct Verifier(Hmac<Sha256>);

impl Verifier {
    /// A verifier for a secret such as `whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw`.
    pub(crate) fn new(secret: &str) -> Result<Self, InvalidSecret> {
        let encoded = secret.strip_prefix("whsec_").ok_or(InvalidSecret)?;
        let key = STANDARD.decode(encoded).map_err(|_| InvalidSecret)?;
        if !(24..=64).contains(&key.len()) {
            return Err(InvalidSecret);
        }
        Hmac::new_from_slice(&key).map(Self).map_err(|_| InvalidSecret)
    }

    /// Whether the message comes from whoever has the secret, and not from long ago.
    pub(crate) fn verify(&self, headers: Headers<'_>, body: &[u8], now: Time) -> Result<(), Unbelieved> {
        if headers.id.is_empty() {
            return Err(Unbelieved::Header("webhook-id"));
        }
        let sent: i64 = headers.timestamp.parse().map_err(|_| Unbelieved::Header("webhook-timestamp"))?;
        if sent.abs_diff(now.micros().div_euclid(1_000_000)) > TOLERANCE_S {
            return Err(Unbelieved::Timestamp);
        }
        let mut mac = self.0.clone();
        for part in [headers.id.as_bytes(), b".", headers.timestamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        let signatures = headers.signature.split(' ').filter_map(|signature| signature.strip_prefix("v1,"));
        let mut given = signatures.filter_map(|signature| STANDARD.decode(signature).ok()).peekable();
        if given.peek().is_none() {
            return Err(Unbelieved::Header("webhook-signature"));
        }
        // `verify_slice` takes the same time wherever the difference is.
        if given.any(|signature| mac.clone().verify_slice(&signature).is_ok()) {
            Ok(())
        } else {
            Err(Unbelieved::Signature)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;

    fn headers(signature: &str) -> Headers<'_> {
        Headers {
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp: "1614265330",
            signature,
        }
    }

    fn at(seconds: i64) -> Time {
        Time::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn the_specifications_own_example_is_believed() {
        let verifier = Verifier::new(SECRET).unwrap();
        let signed = headers("v1,bm9ldHU5bmkzQ== v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(verifier.verify(signed, BODY, at(1_614_265_330)), Ok(()));
        assert_eq!(verifier.verify(signed, BODY, at(1_614_265_631)), Err(Unbelieved::Timestamp));
        assert_eq!(verifier.verify(signed, b"{}", at(1_614_265_330)), Err(Unbelieved::Signature));
    }

    #[test]
    fn what_is_not_signed_is_not_believed() {
        let verifier = Verifier::new(SECRET).unwrap();
        for signature in ["", "v1,", "v1a,g0hM9SsE", "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="] {
            assert!(verifier.verify(headers(signature), BODY, at(1_614_265_330)).is_err(), "{signature}");
        }
    }

    #[test]
    fn a_secret_has_a_form() {
        for secret in ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_AAAA", "whsec_!!!!"] {
            assert!(Verifier::new(secret).is_err(), "{secret}");
        }
    }
}
