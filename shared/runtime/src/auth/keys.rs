//! Ed25519 keys (RFC 8032), for access tokens and for services.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, EncodingKey};

/// A key that is not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an Ed25519 key")]
pub struct InvalidKey;

/// A private key. It never prints.
#[derive(Clone)]
pub struct SigningKey {
    pkcs8: Vec<u8>,
    public: PublicKey,
    pub(crate) encoding: EncodingKey,
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(Vec<u8>);

impl SigningKey {
    /// A new key.
    pub fn generate() -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("the operating system has randomness");
        Self::from_pkcs8(pkcs8.as_ref()).expect("it was just generated")
    }

    /// A key from its PKCS #8 encoding.
    ///
    /// # Errors
    /// [`InvalidKey`] for anything else.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, InvalidKey> {
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| InvalidKey)?;
        let public = PublicKey(pair.public_key().as_ref().to_vec());
        Ok(Self {
            pkcs8: pkcs8.to_vec(),
            public,
            encoding: EncodingKey::from_ed_der(pkcs8),
        })
    }

    /// A key from the base64url text of its PKCS #8 encoding.
    ///
    /// # Errors
    /// [`InvalidKey`] for anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        Self::from_pkcs8(&BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidKey)?)
    }

    /// The PKCS #8 encoding, to be stored where only its owner reads.
    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// The PKCS #8 encoding as base64url text.
    pub fn reveal(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(&self.pkcs8)
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }
}

impl PublicKey {
    /// A key from its base64url text, as a JWK's `x` has it.
    ///
    /// # Errors
    /// [`InvalidKey`] for anything but 32 bytes.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidKey)?;
        if bytes.len() == 32 { Ok(Self(bytes)) } else { Err(InvalidKey) }
    }

    /// The base64url text, as a JWK's `x` has it.
    pub fn text(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(&self.0)
    }

    pub(crate) fn decoding(&self) -> DecodingKey {
        DecodingKey::from_ed_der(&self.0)
    }
}
