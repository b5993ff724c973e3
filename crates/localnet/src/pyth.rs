//! Pyth price accounts in the layout of the Pyth receiver program, without Pyth.
//!
//! A network off line has no price updates; tests and the demo write the account that the receiver would have written. The
//! encoder needs neither a network nor Pyth's crates, so LiteSVM tests use it as well.

use solana_account::Account;
use solana_pubkey::Pubkey;

/// The Pyth receiver program, owner of every `PriceUpdateV2`.
pub const RECEIVER_PROGRAM_ID: Pubkey =
    Pubkey::from_str_const("rec5EKMGg6MxZYaMdyBfgwp4d5rB9T1VQH5pJv5LtFJ");

/// Pyth's IO/USD feed, 0x82595d1509b770fa52681e260af4dda9752b87316d7c048535d8ead3fa856eb1.
pub const IO_USD_FEED_ID: [u8; 32] = [
    0x82, 0x59, 0x5d, 0x15, 0x09, 0xb7, 0x70, 0xfa, 0x52, 0x68, 0x1e, 0x26, 0x0a, 0xf4, 0xdd, 0xa9,
    0x75, 0x2b, 0x87, 0x31, 0x6d, 0x7c, 0x04, 0x85, 0x35, 0xd8, 0xea, 0xd3, 0xfa, 0x85, 0x6e, 0xb1,
];

/// `sha256("account:PriceUpdateV2")[..8]`.
pub const DISCRIMINATOR: [u8; 8] = [0x22, 0xf1, 0x23, 0x63, 0x9d, 0x7e, 0xf4, 0xcd];

/// Bytes the receiver allocates. A fully verified update leaves the last one unused.
pub const ACCOUNT_LEN: usize = 8 + 32 + 2 + 32 + 8 + 8 + 4 + 8 + 8 + 8 + 8 + 8;

/// Rent-exempt minimum of [`ACCOUNT_LEN`] bytes: (128 + length) x 3,480 lamports x 2 years.
const LAMPORTS: u64 = (128 + ACCOUNT_LEN as u64) * 3_480 * 2;

/// How many guardians' signatures stand behind an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verification {
    /// Fewer than the quorum; programs that move money refuse these.
    Partial { num_signatures: u8 },
    /// The quorum.
    Full,
}

/// The content of one `PriceUpdateV2`. Prices are integers times `10^exponent`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceAccount {
    pub write_authority: Pubkey,
    pub verification: Verification,
    pub feed_id: [u8; 32],
    pub price: i64,
    pub conf: u64,
    pub exponent: i32,
    pub publish_time: i64,
    pub prev_publish_time: i64,
    pub ema_price: i64,
    pub ema_conf: u64,
    pub posted_slot: u64,
}

impl PriceAccount {
    /// A fully verified IO/USD price of `price x 10^-8` dollars (Pyth's own exponent for this feed's size of price), with its
    /// moving average equal to it. `publish_ts` should not be later than the chain's clock.
    pub fn io_usd(price_usd8: i64, conf_usd8: u64, publish_ts: i64, posted_slot: u64) -> Self {
        Self {
            write_authority: RECEIVER_PROGRAM_ID,
            verification: Verification::Full,
            feed_id: IO_USD_FEED_ID,
            price: price_usd8,
            conf: conf_usd8,
            exponent: -8,
            publish_time: publish_ts,
            prev_publish_time: publish_ts.saturating_sub(1),
            ema_price: price_usd8,
            ema_conf: conf_usd8,
            posted_slot,
        }
    }

    /// The account's data, always [`ACCOUNT_LEN`] bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut data = Vec::with_capacity(ACCOUNT_LEN);
        data.extend_from_slice(&DISCRIMINATOR);
        data.extend_from_slice(self.write_authority.as_ref());
        match self.verification {
            Verification::Partial { num_signatures } => {
                data.extend_from_slice(&[0, num_signatures])
            }
            Verification::Full => data.push(1),
        }
        data.extend_from_slice(&self.feed_id);
        data.extend_from_slice(&self.price.to_le_bytes());
        data.extend_from_slice(&self.conf.to_le_bytes());
        data.extend_from_slice(&self.exponent.to_le_bytes());
        data.extend_from_slice(&self.publish_time.to_le_bytes());
        data.extend_from_slice(&self.prev_publish_time.to_le_bytes());
        data.extend_from_slice(&self.ema_price.to_le_bytes());
        data.extend_from_slice(&self.ema_conf.to_le_bytes());
        data.extend_from_slice(&self.posted_slot.to_le_bytes());
        data.resize(ACCOUNT_LEN, 0);
        data
    }

    /// The whole account, owned by the receiver and rent-exempt.
    pub fn to_account(&self) -> Account {
        Account {
            lamports: LAMPORTS,
            data: self.encode(),
            owner: RECEIVER_PROGRAM_ID,
            executable: false,
            rent_epoch: u64::MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    #[test]
    fn discriminator_is_anchors() {
        let digest = Sha256::digest(b"account:PriceUpdateV2");
        assert_eq!(DISCRIMINATOR, digest[..8]);
    }

    #[test]
    fn full_update_has_the_receivers_offsets() {
        let data = PriceAccount::io_usd(12_345_678, 9_000, 1_700_000_000, 77).encode();
        assert_eq!(data.len(), 134);
        assert_eq!(data[40], 1);
        assert_eq!(data[41..73], IO_USD_FEED_ID);
        assert_eq!(data[73..81], 12_345_678i64.to_le_bytes());
        assert_eq!(data[81..89], 9_000u64.to_le_bytes());
        assert_eq!(data[89..93], (-8i32).to_le_bytes());
        assert_eq!(data[93..101], 1_700_000_000i64.to_le_bytes());
        assert_eq!(data[101..109], 1_699_999_999i64.to_le_bytes());
        assert_eq!(data[109..117], 12_345_678i64.to_le_bytes());
        assert_eq!(data[117..125], 9_000u64.to_le_bytes());
        assert_eq!(data[125..133], 77u64.to_le_bytes());
        assert_eq!(data[133], 0);
    }

    #[test]
    fn partial_update_is_one_byte_longer() {
        let mut price = PriceAccount::io_usd(1, 1, 10, 77);
        price.verification = Verification::Partial { num_signatures: 5 };
        let data = price.encode();
        assert_eq!(data.len(), 134);
        assert_eq!(data[40..42], [0, 5]);
        assert_eq!(data[42..74], IO_USD_FEED_ID);
        assert_eq!(data[126..134], 77u64.to_le_bytes());
    }

    #[test]
    fn account_is_rent_exempt_and_the_receivers() {
        let account = PriceAccount::io_usd(1, 1, 10, 77).to_account();
        assert_eq!(account.lamports, 1_823_520);
        assert_eq!(account.owner, RECEIVER_PROGRAM_ID);
    }
}
