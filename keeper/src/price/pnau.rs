//! Pyth's update as its price service hands it out: a message that the guardians signed, and proofs that prices are in it.
//!
//! The format is `AccumulatorUpdateData` of pyth-network/pyth-crosschain, `pythnet/pythnet_sdk/src/wire.rs`: numbers big-endian.

use std::sync::Arc;

const MAGIC: &[u8] = b"PNAU";
const MAJOR: u8 = 1;
/// `Proof::WormholeMerkle`.
const WORMHOLE_MERKLE: u8 = 0;
/// `Message::PriceFeedMessage`.
const PRICE_FEED: u8 = 0;
/// Bytes of a node of the proof.
const HASH_LEN: usize = 20;

/// One feed's price with its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PythUpdate {
    /// What the guardians signed; shared by all feeds of an update.
    pub vaa: Arc<[u8]>,
    pub message: Vec<u8>,
    pub proof: Vec<[u8; HASH_LEN]>,
    pub feed: [u8; 32],
    /// In units of `10^exponent` USD.
    pub price: u64,
    pub exponent: i32,
    pub publish_ts: i64,
    /// Whose signatures they are.
    pub guardian_set: u32,
}

/// The update of a feed; `None` where these bytes hold none, or a price that is not above zero.
pub fn parse(bytes: &[u8], feed: &[u8; 32]) -> Option<PythUpdate> {
    let mut reader = Reader(bytes);
    let head = (reader.take(MAGIC.len())?, reader.byte()?);
    if head != (MAGIC, MAJOR) {
        return None;
    }
    let _minor = reader.byte()?;
    let trailing = reader.byte()?;
    reader.take(trailing.into())?;
    if reader.byte()? != WORMHOLE_MERKLE {
        return None;
    }
    let length = reader.number()?;
    let vaa: Arc<[u8]> = reader.take(u16::from_be_bytes(length).into())?.into();
    let updates = reader.byte()?;
    for _ in 0..updates {
        let length = reader.number()?;
        let message = reader.take(u16::from_be_bytes(length).into())?;
        let nodes = reader.byte()?;
        let proof = (0..nodes).map(|_| reader.number());
        let proof = proof.collect::<Option<Vec<_>>>()?;
        let found = read(message, feed, &vaa, proof);
        if found.is_some() {
            return found;
        }
    }
    None
}

fn read(
    message: &[u8],
    feed: &[u8; 32],
    vaa: &Arc<[u8]>,
    proof: Vec<[u8; HASH_LEN]>,
) -> Option<PythUpdate> {
    let mut reader = Reader(message);
    if reader.byte()? != PRICE_FEED || reader.number::<32>()? != *feed {
        return None;
    }
    let price = i64::from_be_bytes(reader.number()?);
    let _conf: [u8; 8] = reader.number()?;
    let exponent = i32::from_be_bytes(reader.number()?);
    let publish_ts = i64::from_be_bytes(reader.number()?);
    // Version, then the number of the guardians' set.
    let guardian_set = Reader(vaa.get(1..)?).number()?;
    Some(PythUpdate {
        vaa: vaa.clone(),
        message: message.to_vec(),
        proof,
        feed: *feed,
        price: u64::try_from(price).ok().filter(|price| *price > 0)?,
        exponent,
        publish_ts,
        guardian_set: u32::from_be_bytes(guardian_set),
    })
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.number().map(|[byte]| byte)
    }

    fn number<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.first_chunk().copied()
    }
}
