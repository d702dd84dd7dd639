//! Signatures of what providers and carriers send, by Standard Webhooks 1.0 (symmetric, `v1`): HMAC-SHA256 over `{id}.{timestamp}.{body}`.

use aws_lc_rs::{constant_time, hmac};
use base64::{Engine, prelude::BASE64_STANDARD};
use kernel::Time;
use tonic::metadata::MetadataMap;

use crate::{Problem, Secret};

/// How many seconds the sender's clock may differ from ours; older messages could be replays.
const TOLERANCE_S: u64 = 300;

/// An invalid secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be whsec_ followed by 24 to 64 bytes in base64")]
pub struct InvalidSecret;

/// Why a message is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unbelieved {
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
pub struct Headers<'a> {
    /// `webhook-id`
    pub id: &'a str,
    /// `webhook-timestamp`, in seconds since 1970.
    pub timestamp: &'a str,
    /// `webhook-signature`, one or more separated by spaces.
    pub signature: &'a str,
}

impl<'a> Headers<'a> {
    /// As they came with a request; one that is missing is empty.
    pub fn of(metadata: &'a MetadataMap) -> Self {
        let text = |name: &str| metadata.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Self {
            id: text("webhook-id"),
            timestamp: text("webhook-timestamp"),
            signature: text("webhook-signature"),
        }
    }
}

impl From<Unbelieved> for Problem {
    fn from(why: Unbelieved) -> Self {
        Self::unauthenticated(why.to_string())
    }
}

/// Verifies what is signed with one secret. It never prints.
#[derive(Clone)]
pub struct Verifier(hmac::Key);

impl Verifier {
    /// A verifier for a secret such as `whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw`; nothing where none is set, so that nothing is believed.
    ///
    /// # Errors
    /// [`InvalidSecret`] for anything else.
    pub fn of(secret: &Secret) -> Result<Option<Self>, InvalidSecret> {
        if secret.is_empty() {
            return Ok(None);
        }
        Self::new(secret.reveal()).map(Some)
    }

    fn new(secret: &str) -> Result<Self, InvalidSecret> {
        let encoded = secret.strip_prefix("whsec_").ok_or(InvalidSecret)?;
        let key = BASE64_STANDARD.decode(encoded).map_err(|_| InvalidSecret)?;
        if !(24..=64).contains(&key.len()) {
            return Err(InvalidSecret);
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &key)))
    }

    /// Whether the message comes from whoever has the secret, and not from long ago.
    ///
    /// # Errors
    /// [`Unbelieved`] when not.
    pub fn verify(&self, headers: Headers<'_>, body: &[u8], now: Time) -> Result<(), Unbelieved> {
        if headers.id.is_empty() {
            return Err(Unbelieved::Header("webhook-id"));
        }
        let sent: i64 = headers.timestamp.parse().map_err(|_| Unbelieved::Header("webhook-timestamp"))?;
        if sent.abs_diff(now.micros().div_euclid(1_000_000)) > TOLERANCE_S {
            return Err(Unbelieved::Timestamp);
        }
        let mut right = hmac::Context::with_key(&self.0);
        for part in [headers.id.as_bytes(), b".", headers.timestamp.as_bytes(), b".", body] {
            right.update(part);
        }
        let right = right.sign();
        let signatures = headers.signature.split(' ').filter_map(|signature| signature.strip_prefix("v1,"));
        let mut given = signatures.filter_map(|signature| BASE64_STANDARD.decode(signature).ok()).peekable();
        if given.peek().is_none() {
            return Err(Unbelieved::Header("webhook-signature"));
        }
        // This takes the same time wherever the difference is.
        if given.any(|signature| constant_time::verify_slices_are_equal(&signature, right.as_ref()).is_ok()) {
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
        let long = format!("whsec_{}", BASE64_STANDARD.encode([7; 65]));
        for secret in ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_AAAA", "whsec_!!!!", &long] {
            assert!(Verifier::of(&Secret::new(secret)).is_err(), "{secret}");
        }
        assert!(Verifier::of(&Secret::default()).is_ok_and(|verifier| verifier.is_none()));
    }
}
