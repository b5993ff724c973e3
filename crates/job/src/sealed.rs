//! Files for mirrors: ciphertext under its own hash, which tells those who keep it nothing. redteam P1, V2
//!
//! ChaCha20-Poly1305 in pieces of 64 KiB, each with its tag, under a key that seals one file only. A piece's nonce is three zero bytes, its
//! number (u64, big-endian) and 1 for the last one, else 0: none can be left out, moved or cut off, and a transfer goes on at any piece.

use crate::ids::Hash;
use ring::aead::{Aad, LessSafeKey, Nonce, UnboundKey, CHACHA20_POLY1305};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
};

/// Where ciphertexts of inputs and the image's archive lie, for when the renter's machine is off. The specification never lies there.
/// redteam P1, V2
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mirrors {
    /// Folders (https only); a file is `<url>/<hash of the ciphertext>`.
    pub urls: Vec<String>,
    /// By the file's own hash.
    pub sealed: BTreeMap<Hash, Sealed>,
}

/// What opens one ciphertext.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    /// Of the ciphertext.
    pub sha256: Hash,
    /// For this file alone.
    pub key: Hash,
}

/// Without the key: specifications are printed in errors and logs, secrets are not.
impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealed")
            .field("sha256", &self.sha256)
            .finish_non_exhaustive()
    }
}

/// Bytes of the file in each piece but the last.
pub const PIECE_BYTES: usize = 64 << 10;
/// What sealing adds to each piece.
pub const TAG_BYTES: usize = 16;

const PIECE: u64 = PIECE_BYTES as u64;
const SEALED_PIECE: u64 = PIECE + TAG_BYTES as u64;
const PURPOSE: &[u8] = b"iog:sealed:1";

/// How many pieces a file of this length has; an empty one has one.
fn pieces(len: u64) -> u64 {
    len.div_ceil(PIECE).max(1)
}

/// Bytes of the ciphertext of a file of this length.
pub fn sealed_len(len: u64) -> u64 {
    pieces(len)
        .saturating_mul(TAG_BYTES as u64)
        .saturating_add(len)
}

/// From where on a transfer goes on of which so many bytes are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub piece: u64,
    /// In the file.
    pub from: u64,
    /// In the ciphertext.
    pub sealed_from: u64,
}

impl Place {
    pub fn of(have: u64, len: u64) -> Self {
        let piece = (have / PIECE).min(pieces(len).saturating_sub(1));
        Self {
            piece,
            from: piece.saturating_mul(PIECE),
            sealed_from: piece.saturating_mul(SEALED_PIECE),
        }
    }
}

/// What seals or opens the pieces of one file.
pub struct Sealer {
    key: LessSafeKey,
    last: u64,
}

fn broken() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "it is not what was sealed with this key",
    )
}

impl Sealer {
    /// For a file of `len` bytes. The key is for no other file.
    ///
    /// # Errors
    /// None: every key fits.
    pub fn new(key: &Hash, len: u64) -> io::Result<Self> {
        let key = UnboundKey::new(&CHACHA20_POLY1305, &key.0).map_err(|_| broken())?;
        Ok(Self {
            key: LessSafeKey::new(key),
            last: pieces(len).saturating_sub(1),
        })
    }

    /// The number of the last piece.
    pub fn last(&self) -> u64 {
        self.last
    }

    fn nonce(&self, number: u64) -> Nonce {
        let mut nonce = [0; 12];
        let (_, rest) = nonce.split_at_mut(3);
        let (count, last) = rest.split_at_mut(8);
        count.copy_from_slice(&number.to_be_bytes());
        last.fill(u8::from(number == self.last));
        Nonce::assume_unique_for_key(nonce)
    }

    /// # Errors
    /// None for pieces of their size.
    pub fn seal(&self, number: u64, piece: &mut Vec<u8>) -> io::Result<()> {
        let nonce = self.nonce(number);
        self.key
            .seal_in_place_append_tag(nonce, Aad::from(PURPOSE), piece)
            .map_err(|_| broken())
    }

    /// # Errors
    /// If it is another piece, or not whole.
    pub fn open<'a>(&self, number: u64, piece: &'a mut [u8]) -> io::Result<&'a [u8]> {
        let nonce = self.nonce(number);
        let plain = self.key.open_in_place(nonce, Aad::from(PURPOSE), piece);
        plain.map(|plain| &*plain).map_err(|_| broken())
    }
}

/// Seals a file of `len` bytes; tells the file's own hash as it was read, and what opens the ciphertext.
///
/// # Errors
/// If it cannot be read or written, or has another length.
pub fn seal(
    key: Hash,
    len: u64,
    from: &mut impl Read,
    to: &mut impl Write,
) -> io::Result<(Hash, Sealed)> {
    let sealer = Sealer::new(&key, len)?;
    let (mut plain, mut sealed) = (Sha256::new(), Sha256::new());
    let mut read = 0u64;
    for number in 0..=sealer.last() {
        let mut piece = Vec::with_capacity(PIECE_BYTES + TAG_BYTES);
        from.by_ref().take(PIECE).read_to_end(&mut piece)?;
        read = read.saturating_add(piece.len() as u64);
        plain.update(&piece);
        sealer.seal(number, &mut piece)?;
        sealed.update(&piece);
        to.write_all(&piece)?;
    }
    if read != len || from.read(&mut [0])? != 0 {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "it changed while it was read",
        ));
    }
    let sha256 = Hash(sealed.finalize().into());
    Ok((Hash(plain.finalize().into()), Sealed { sha256, key }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(bytes: &[u8]) -> Vec<u8> {
        let mut to = Vec::new();
        let len = bytes.len() as u64;
        let (plain, sealed) = seal(Hash([7; 32]), len, &mut &bytes[..], &mut to).unwrap();
        assert_eq!(plain, Hash(Sha256::digest(bytes).into()));
        assert_eq!(sealed.sha256, Hash(Sha256::digest(&to).into()));
        assert_eq!(sealed.key, Hash([7; 32]));
        assert_eq!(to.len() as u64, sealed_len(len));
        to
    }

    fn opened(key: [u8; 32], len: u64, all: &[u8]) -> io::Result<Vec<u8>> {
        let sealer = Sealer::new(&Hash(key), len).unwrap();
        let mut plain = Vec::new();
        for (number, piece) in (0..).zip(all.chunks(PIECE_BYTES + TAG_BYTES)) {
            plain.extend(sealer.open(number, &mut piece.to_vec())?);
        }
        Ok(plain)
    }

    /// redteam P1, V2: whole pieces, a part of one, none at all.
    #[test]
    fn what_is_sealed_opens() {
        for (len, sealed_to) in [
            (0usize, 16usize),
            (1, 17),
            (65_536, 65_552),
            (65_537, 65_569),
            (131_072, 131_104),
            (200_000, 200_064),
        ] {
            let bytes: Vec<u8> = (0..len).map(|at| (at % 251) as u8).collect();
            let all = sealed(&bytes);
            assert_eq!(all.len(), sealed_to);
            assert_eq!(opened([7; 32], len as u64, &all).unwrap(), bytes);
        }
    }

    /// redteam P1: a mirror can neither read nor change, swap or cut what it keeps.
    #[test]
    fn another_ciphertext_or_key_opens_nothing() {
        let bytes = vec![b'a'; 150_000];
        let all = sealed(&bytes);
        assert!(!all.windows(16).any(|part| part == [b'a'; 16]));
        assert!(opened([8; 32], 150_000, &all).is_err());
        let mut changed = all.clone();
        changed[70_000] ^= 1;
        assert!(opened([7; 32], 150_000, &changed).is_err());
        let swapped = [&all[65_552..131_104], &all[..65_552], &all[131_104..]].concat();
        assert!(opened([7; 32], 150_000, &swapped).is_err());
        // Cut at a piece's end, and said to be shorter.
        assert!(opened([7; 32], 131_072, &all[..131_104]).is_err());
    }

    #[test]
    fn a_transfer_goes_on_at_a_piece() {
        let place = |piece, from, sealed_from| Place {
            piece,
            from,
            sealed_from,
        };
        assert_eq!(Place::of(0, 0), place(0, 0, 0));
        assert_eq!(Place::of(65_535, 200_000), place(0, 0, 0));
        assert_eq!(Place::of(65_536, 200_000), place(1, 65_536, 65_552));
        assert_eq!(Place::of(199_999, 200_000), place(3, 196_608, 196_656));
        // All is there but was not looked at: the last piece comes again.
        assert_eq!(Place::of(131_072, 131_072), place(1, 65_536, 65_552));
    }

    #[test]
    fn a_file_that_grows_or_shrinks_is_refused() {
        for len in [4u64, 6] {
            let mut to = Vec::new();
            assert!(seal(Hash([7; 32]), len, &mut &b"12345"[..], &mut to).is_err());
        }
    }

    /// redteam P1: who sees it printed opens nothing.
    #[test]
    fn a_key_is_not_printed() {
        let (sha256, key) = (Hash([0xaa; 32]), Hash([0xbb; 32]));
        let printed = format!("{:?}", Sealed { sha256, key });
        assert!(printed.contains(&format!("{sha256:?}")), "{printed}");
        assert!(!printed.contains(&format!("{key:?}")), "{printed}");
    }
}
