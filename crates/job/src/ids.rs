//! Names of keys, hashes and leases, as they are written in files and on the wire.

use serde::{de, Deserialize, Serialize};
use std::{fmt, marker::PhantomData, str::FromStr};

/// A text that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ParseError(pub String);

/// An Ed25519 public key or an account's address, 32 bytes; base58 in text.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub [u8; 32]);

impl Key {
    /// All zeros, which stands for no key.
    pub fn is_none(&self) -> bool {
        self.0 == [0; 32]
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bs58::encode(self.0).into_string())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for Key {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut bytes = [0; 32];
        match bs58::decode(text).onto(&mut bytes) {
            Ok(32) => Ok(Self(bytes)),
            _ => Err(ParseError(format!(
                "`{text}` is no key: 32 bytes in base58"
            ))),
        }
    }
}

/// SHA-256; lower-case hexadecimal in text.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    pub fn is_none(&self) -> bool {
        self.0 == [0; 32]
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for Hash {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut bytes = [0; 32];
        let lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
        match hex::decode_to_slice(text, &mut bytes) {
            Ok(()) if lower => Ok(Self(bytes)),
            _ => Err(ParseError(format!(
                "`{text}` is no SHA-256: 64 lower-case hexadecimal digits"
            ))),
        }
    }
}

/// Reads what is written as text. The reader of a file names the place of an error only if it is raised here.
pub(crate) struct AsText<T>(pub PhantomData<T>);

impl<T: FromStr<Err: fmt::Display>> de::Visitor<'_> for AsText<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

/// Types that are written as texts.
macro_rules! as_text {
    ($($name:ty),*) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str($crate::ids::AsText(std::marker::PhantomData))
            }
        }
    )*};
}

pub(crate) use as_text;

as_text!(Key, Hash, RunId);

/// What ties a message to one match of one lease of one network. Each side compares it with its own before it does anything.
/// An order's address may come again, and so may a lease's: their times tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// Hash of the chain's genesis.
    pub genesis: Key,
    /// The market program.
    pub program: Key,
    pub order: Key,
    pub created_ts: i64,
    pub lease: Key,
    pub matched_ts: i64,
    /// The device's account.
    pub device: Key,
}

impl Binding {
    pub fn run(&self, attempt: u32) -> RunId {
        RunId {
            lease: self.lease,
            matched_ts: self.matched_ts,
            attempt,
        }
    }
}

/// One run of a lease's job: a lost one is tried again, a new match starts anew. `<lease>-<matched_ts>-<attempt>` in text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId {
    pub lease: Key,
    pub matched_ts: i64,
    /// From 0.
    pub attempt: u32,
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.lease, self.matched_ts, self.attempt)
    }
}

impl FromStr for RunId {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let refuse = || {
            ParseError(format!(
                "`{text}` is no run: <lease>-<matched_ts>-<attempt>"
            ))
        };
        let mut parts = text.split('-');
        let (Some(lease), Some(matched), Some(attempt), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(refuse());
        };
        Ok(Self {
            lease: lease.parse()?,
            matched_ts: matched.parse().map_err(|_| refuse())?,
            attempt: attempt.parse().map_err(|_| refuse())?,
        })
    }
}
