//! What travels by another fellow: to be passed on, and passed on. Like a piece's, marks that no IP packet begins with; then the ranks (u16) that
//! it is from and to, a nonce, and what is sealed.

use bytes::{BufMut, Bytes, BytesMut};
use ring::aead::{Aad, LessSafeKey, Nonce, UnboundKey, CHACHA20_POLY1305, NONCE_LEN};

pub const TO_PASS: u8 = 0x0e;
pub const PASSED: u8 = 0x0d;
const SEALED: usize = 5 + NONCE_LEN;
/// Of these bytes an item is longer that is passed on.
pub const HEAD: usize = SEALED + 16;

pub fn seal(key: &[u8; 32], (from, to): (u16, u16), item: &[u8]) -> Option<Bytes> {
    let nonce: [u8; NONCE_LEN] = rand::random();
    let mut sealed = BytesMut::with_capacity(item.len().saturating_add(HEAD));
    sealed.put_u8(TO_PASS);
    sealed.put_u16(from);
    sealed.put_u16(to);
    sealed.put_slice(&nonce);
    sealed.put_slice(item);
    let plain = sealed.get_mut(SEALED..)?;
    let nonce = Nonce::assume_unique_for_key(nonce);
    let tag = aead(key)?.seal_in_place_separate_tag(nonce, ends(from, to), plain);
    sealed.put_slice(tag.ok()?.as_ref());
    Some(sealed.freeze())
}

/// None of what was not sealed with this key for these ranks.
pub fn open(key: &[u8; 32], passed: &[u8]) -> Option<Bytes> {
    let (from, to) = ends_in(passed)?;
    let nonce = Nonce::try_assume_unique_for_key(passed.get(5..SEALED)?).ok()?;
    let mut item = BytesMut::from(passed.get(SEALED..)?);
    let opened = aead(key)?.open_in_place(nonce, ends(from, to), &mut item);
    let len = opened.ok()?.len();
    item.truncate(len);
    Some(item.freeze())
}

/// Ranks that it is from and to; none of what is too short to be sealed.
pub fn ends_in(item: &[u8]) -> Option<(u16, u16)> {
    let [_, from, from_low, to, to_low, ..] = item.first_chunk::<HEAD>()?;
    let from = u16::from_be_bytes([*from, *from_low]);
    Some((from, u16::from_be_bytes([*to, *to_low])))
}

/// The same item, passed on. Copied: it would else keep all that came with it.
pub fn passed(item: &[u8]) -> Bytes {
    let mut passed = BytesMut::from(item);
    if let Some(mark) = passed.first_mut() {
        *mark = PASSED;
    }
    passed.freeze()
}

fn aead(key: &[u8; 32]) -> Option<LessSafeKey> {
    let key = UnboundKey::new(&CHACHA20_POLY1305, key).ok()?;
    Some(LessSafeKey::new(key))
}

fn ends(from: u16, to: u16) -> Aad<[u8; 4]> {
    let ([a, b], [c, d]) = (from.to_be_bytes(), to.to_be_bytes());
    Aad::from([a, b, c, d])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// redteam mesh M5: who passes on changes nothing, and sends nothing of its own in another one's name.
    #[test]
    fn what_is_passed_on_is_sealed() {
        let key = [3; 32];
        let sent = passed(&seal(&key, (0, 1), b"a packet").unwrap());
        assert!(!sent.windows(6).any(|part| part == b"packet"));
        assert_eq!(open(&key, &sent).as_deref(), Some(&b"a packet"[..]));
        assert_eq!(open(&[4; 32], &sent), None);
        for at in 1..sent.len() {
            let mut odd = sent.to_vec();
            odd[at] ^= 1;
            assert_eq!(open(&key, &odd), None, "{at}");
            assert_eq!(open(&key, &sent[..at]), None);
        }
    }
}
