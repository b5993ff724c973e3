//! How a further order of the same renter joins the mesh of its first one: said by the first order's engineer key, and checked on chain by
//! every member before anybody is admitted. redteam mesh M2

use crate::{
    canonical,
    ids::{Key, ParseError},
    STATEMENT_PREFIX,
};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

/// Joins that a lease keeps: as many further orders can be of its mesh.
pub const MAX_JOINS: usize = 16;
/// Ranks of a mesh end here. redteam mesh M6
pub const MAX_RANKS: u16 = 1_024;
/// Most members of a mesh: more are refused until somebody has tried them. redteam mesh M6
pub const MAX_MEMBERS: u16 = 64;
/// The rank of a lease that has none: its order counts no places so high.
pub const NO_RANK: u16 = u16::MAX;

const PURPOSE: &[u8] = b"join\0\x01";

/// That an order is of another one's mesh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// Hash of the chain's genesis.
    pub genesis: Key,
    /// The market program.
    pub program: Key,
    /// The order that the mesh is of. Its own ranks begin with 0.
    pub root: Key,
    pub root_created_ts: i64,
    /// The order that joins.
    pub order: Key,
    pub created_ts: i64,
    /// Rank of its place 0. No rank of any other order may be among its own: as many as it may have machines.
    pub offset: u16,
    /// On the chain's clock; it is no member any more from then on.
    pub ends_ts: i64,
}

impl Join {
    /// What is signed: the statements' prefix, `join`, a zero and the version, and the canonical JSON.
    ///
    /// # Errors
    /// None: a join has a canonical form.
    pub fn message(&self) -> Result<Vec<u8>, ParseError> {
        let mut message = STATEMENT_PREFIX.to_vec();
        message.extend(PURPOSE);
        message.extend(canonical::to_string(self)?.as_bytes());
        Ok(message)
    }
}

/// A join with the signature of the root order's engineer key, in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedJoin {
    pub join: Join,
    pub signature: String,
}

impl SignedJoin {
    /// # Errors
    /// As [`Join::message`].
    pub fn sign(join: Join, root_engineer: &SigningKey) -> Result<Self, ParseError> {
        let signature = root_engineer.sign(&join.message()?);
        Ok(Self {
            join,
            signature: hex::encode(signature.to_bytes()),
        })
    }

    /// What was said, if `root_engineer` signed it.
    ///
    /// # Errors
    /// If it did not.
    pub fn open(&self, root_engineer: &Key) -> Result<&Join, ParseError> {
        let refuse = |reason: &str| ParseError(format!("the join {reason}"));
        let mut signature = [0; 64];
        hex::decode_to_slice(&self.signature, &mut signature)
            .map_err(|_| refuse("has no signature: 128 hexadecimal digits"))?;
        // No key at all has signatures that are of every message.
        let key = VerifyingKey::from_bytes(&root_engineer.0)
            .ok()
            .filter(|key| !root_engineer.is_none() && !key.is_weak())
            .ok_or_else(|| refuse("is of an order without an engineer key"))?;
        key.verify_strict(&self.join.message()?, &Signature::from_bytes(&signature))
            .map_err(|_| refuse("is not signed by the root order's engineer key"))?;
        Ok(&self.join)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join() -> Join {
        Join {
            genesis: Key([1; 32]),
            program: Key([2; 32]),
            root: Key([3; 32]),
            root_created_ts: 4,
            order: Key([5; 32]),
            created_ts: 6,
            offset: 7,
            ends_ts: 8,
        }
    }

    /// redteam mesh M2: whoever else signs, and whatever is changed.
    #[test]
    fn only_the_roots_engineer_key_signs_a_join() {
        let key = |seed: u8| SigningKey::from_bytes(&[seed; 32]);
        let public = |key: &SigningKey| Key(key.verifying_key().to_bytes());
        let (root, other) = (key(1), key(2));
        let signed = SignedJoin::sign(join(), &root).unwrap();
        assert_eq!(signed.open(&public(&root)), Ok(&join()));
        assert!(signed.open(&public(&other)).is_err());
        assert!(signed.open(&Key::default()).is_err());
        let changes: [fn(&mut Join); 8] = [
            |join| join.genesis.0[0] ^= 1,
            |join| join.program.0[0] ^= 1,
            |join| join.root.0[0] ^= 1,
            |join| join.root_created_ts += 1,
            |join| join.order.0[0] ^= 1,
            |join| join.created_ts += 1,
            |join| join.offset += 1,
            |join| join.ends_ts += 1,
        ];
        for change in changes {
            let mut forged = signed.clone();
            change(&mut forged.join);
            assert!(forged.open(&public(&root)).is_err(), "{:?}", forged.join);
        }
        let message = join().message().unwrap();
        assert!(message.starts_with(b"\xffiog:join\0\x01{\"created_ts\":6,\"ends_ts\":8,"));
    }
}
