//! What a lease's tunnel key or a renter's key signs. Never a transaction: none begins with these bytes. redteam L7

use crate::{
    canonical,
    ids::{Binding, Hash, Key, ParseError},
};
use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use serde::{de::DeserializeOwned, Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// `0xff "iog:"`, then the purpose, a zero and the version.
pub const STATEMENT_PREFIX: &[u8] = b"\xffiog:";

/// Something that is said of one lease.
pub trait Statement: Serialize + DeserializeOwned {
    /// Such as `status`.
    const PURPOSE: &'static str;
    const VERSION: u8 = 1;
}

impl Statement for crate::Status {
    const PURPOSE: &'static str = "status";
}

/// The key that the SSH server of a lease shows, as OpenSSH writes it: `ssh-ed25519 AAAA...`. redteam S3
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostKey {
    pub key: String,
}

impl Statement for HostKey {
    const PURPOSE: &'static str = "ssh-host-key";
}

#[derive(Serialize, Deserialize)]
struct Body<T> {
    binding: Binding,
    body: T,
}

/// A statement with its signature; both in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    pub message: String,
    pub signature: String,
}

impl Signed {
    /// The bytes that are signed for `body`.
    ///
    /// # Errors
    /// None for bodies of integers and texts.
    pub fn message_of<T: Statement>(binding: &Binding, body: &T) -> Result<Vec<u8>, ParseError> {
        let body = serde_json::to_value(body).map_err(|error| ParseError(error.to_string()))?;
        let text = canonical::to_string(&Body {
            binding: *binding,
            body,
        })?;
        let mut message = STATEMENT_PREFIX.to_vec();
        message.extend(T::PURPOSE.as_bytes());
        message.extend([0, T::VERSION]);
        message.extend(text.as_bytes());
        Ok(message)
    }

    pub fn new(message: &[u8], signature: &[u8; 64]) -> Self {
        Self {
            message: hex::encode(message),
            signature: hex::encode(signature),
        }
    }

    pub fn sign(message: &[u8], key: &SigningKey) -> Self {
        Self::new(message, &key.sign(message).to_bytes())
    }

    /// What chains statements.
    pub fn hash(&self) -> Hash {
        Hash(Sha256::digest(self.message.as_bytes()).into())
    }

    /// What was said, if `key` signed it.
    ///
    /// # Errors
    /// If the signature is not `key`'s, or the message another kind of statement.
    pub fn open<T: Statement>(&self, key: &Key) -> Result<(Binding, T), ParseError> {
        let refuse = |reason: &str| ParseError(format!("the statement {reason}"));
        let message = hex::decode(&self.message).map_err(|_| refuse("is not hexadecimal"))?;
        let mut signature = [0; 64];
        hex::decode_to_slice(&self.signature, &mut signature)
            .map_err(|_| refuse("has no signature"))?;
        let key = VerifyingKey::from_bytes(&key.0).map_err(|_| refuse("is of no valid key"))?;
        key.verify(&message, &Signature::from_bytes(&signature))
            .map_err(|_| refuse("is not signed by that key"))?;
        let mut prefix = STATEMENT_PREFIX.to_vec();
        prefix.extend(T::PURPOSE.as_bytes());
        prefix.extend([0, T::VERSION]);
        let text = message
            .strip_prefix(prefix.as_slice())
            .ok_or_else(|| refuse("is of another kind"))?;
        let body: Body<T> =
            serde_json::from_slice(text).map_err(|error| ParseError(error.to_string()))?;
        Ok((body.binding, body.body))
    }
}
