//! The secrets of refresh tokens. One half of a secret is random, the other proves by a key of its session's that it was given out there. So
//! one that was exchanged long ago is told from one that never was, though no secret is remembered but the newest.

use std::fmt;

use aws_lc_rs::{constant_time, digest, hmac};

/// The SHA-256 of a secret: the secret itself is never stored.
pub(crate) type TokenHash = [u8; 32];

/// How many bytes of a secret are random, and how many prove whose it is.
const HALF: usize = 16;

/// What a session proves its secrets by. It never leaves us, and who has it and no secret can do no more than end the session.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key(pub(crate) [u8; 32]);

impl fmt::Debug for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Key")
    }
}

/// A secret as somebody presents it, who may have made it up.
#[derive(Clone, Copy)]
pub(crate) struct Secret(pub(crate) [u8; 32]);

impl Secret {
    /// The secret of these random bytes, for a session with this key.
    pub(crate) fn new(key: Key, random: [u8; HALF]) -> Self {
        let mut secret = [0; 2 * HALF];
        secret[..HALF].copy_from_slice(&random);
        secret[HALF..].copy_from_slice(&prove(key, &random)[..HALF]);
        Self(secret)
    }

    /// Whether the session of this key gave it out, once.
    pub(super) fn is_proved_by(&self, key: Key) -> bool {
        let (random, proof) = self.0.split_at(HALF);
        constant_time::verify_slices_are_equal(proof, &prove(key, random)[..HALF]).is_ok()
    }

    /// What is kept of it.
    pub(crate) fn hash(&self) -> TokenHash {
        let digest = digest::digest(&digest::SHA256, &self.0);
        digest.as_ref().try_into().expect("SHA-256 has 32 bytes")
    }
}

fn prove(key: Key, random: &[u8]) -> [u8; 32] {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key.0), random);
    tag.as_ref().try_into().expect("HMAC-SHA256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_proved_by_its_own_key_and_only_as_a_whole() {
        let key = Key([7; 32]);
        let secret = Secret::new(key, [1; HALF]);
        assert!(secret.is_proved_by(key) && !secret.is_proved_by(Key([8; 32])));
        for place in 0..2 * HALF {
            let mut other = secret;
            other.0[place] ^= 1;
            assert!(!other.is_proved_by(key), "{place}");
        }
    }
}
