//! A price of IO that a reporter of the quorum signs, and anyone carries to the chain.
//!
//! The Ed25519 program checks the signatures in the instruction before `report_price`, which reads them out of there.

use base64::{engine::general_purpose::STANDARD, Engine as _};
use serde::{Deserialize, Serialize};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

/// The native program that checks Ed25519 signatures.
pub const ED25519_PROGRAM: Pubkey =
    Pubkey::from_str_const("Ed25519SigVerify111111111111111111111111111");

/// Reports that fit a transaction of 1,232 bytes, with `report_price` and a price for compute units: 158 bytes each beside 310.
pub const MOST_AT_ONCE: usize = 5;

/// Bytes that are signed: the feed's address, price and time.
pub const MESSAGE_LEN: usize = 48;
const SIGNATURE_LEN: usize = 64;
const KEY_LEN: usize = 32;
/// Seven numbers of 16 bits for each signature, behind their count and a byte of padding.
const OFFSETS_LEN: usize = 14;
const HEADER_LEN: usize = 2;
/// Instead of an instruction's number: the data lies in the same one.
const THIS_INSTRUCTION: u16 = u16::MAX;

/// What a reporter signed. In JSON addresses are base58 and the signature is base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Text", try_from = "Text")]
pub struct SignedReport {
    /// The account that it is for.
    pub feed: Pubkey,
    /// 10^-10 USD for a whole IO.
    pub price: u64,
    /// Unix seconds.
    pub ts: i64,
    /// The reporter.
    pub key: Pubkey,
    pub signature: [u8; SIGNATURE_LEN],
}

#[derive(Serialize, Deserialize)]
struct Text {
    feed: String,
    price: u64,
    ts: i64,
    key: String,
    signature: String,
}

impl From<SignedReport> for Text {
    fn from(report: SignedReport) -> Self {
        Self {
            feed: report.feed.to_string(),
            price: report.price,
            ts: report.ts,
            key: report.key.to_string(),
            signature: STANDARD.encode(report.signature),
        }
    }
}

impl TryFrom<Text> for SignedReport {
    type Error = &'static str;

    fn try_from(text: Text) -> Result<Self, Self::Error> {
        let address = |text: &str| {
            text.parse()
                .map_err(|_| "feed and key are base58 addresses")
        };
        let signature = STANDARD.decode(&text.signature).ok();
        let signature = signature.and_then(|bytes| bytes.try_into().ok());
        Ok(Self {
            feed: address(&text.feed)?,
            price: text.price,
            ts: text.ts,
            key: address(&text.key)?,
            signature: signature.ok_or("the signature is 64 bytes in base64")?,
        })
    }
}

/// The bytes that a reporter signs.
pub fn message(feed: &Pubkey, price: u64, ts: i64) -> [u8; MESSAGE_LEN] {
    let mut message = [0; MESSAGE_LEN];
    let parts = feed.as_ref().iter().copied();
    let parts = parts.chain(price.to_le_bytes()).chain(ts.to_le_bytes());
    for (to, from) in message.iter_mut().zip(parts) {
        *to = from;
    }
    message
}

/// Has the signatures checked; `report_price` must follow it at once. `None` for no reports, or more than fit a transaction.
pub fn check(reports: &[SignedReport]) -> Option<Instruction> {
    if reports.is_empty() || reports.len() > MOST_AT_ONCE {
        return None;
    }
    let mut data = vec![u8::try_from(reports.len()).ok()?, 0];
    let mut at = HEADER_LEN + reports.len() * OFFSETS_LEN;
    for _ in reports {
        for number in [
            at,
            usize::from(THIS_INSTRUCTION),
            at + SIGNATURE_LEN,
            usize::from(THIS_INSTRUCTION),
            at + SIGNATURE_LEN + KEY_LEN,
            MESSAGE_LEN,
            usize::from(THIS_INSTRUCTION),
        ] {
            data.extend(u16::try_from(number).ok()?.to_le_bytes());
        }
        at += SIGNATURE_LEN + KEY_LEN + MESSAGE_LEN;
    }
    for report in reports {
        data.extend(report.signature);
        data.extend(report.key.as_ref());
        data.extend(message(&report.feed, report.price, report.ts));
    }
    Some(Instruction {
        program_id: ED25519_PROGRAM,
        accounts: Vec::new(),
        data,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(byte: u8) -> SignedReport {
        SignedReport {
            feed: Pubkey::new_from_array([1; 32]),
            price: 0x0102_0304,
            ts: 0x0506_0708,
            key: Pubkey::new_from_array([byte; 32]),
            signature: [byte; 64],
        }
    }

    #[test]
    fn the_message_is_feed_price_and_time() {
        let bytes = message(&report(2).feed, 0x0102_0304, 0x0506_0708);
        assert_eq!(bytes[..32], [1; 32]);
        assert_eq!(bytes[32..40], [4, 3, 2, 1, 0, 0, 0, 0]);
        assert_eq!(bytes[40..], [8, 7, 6, 5, 0, 0, 0, 0]);
    }

    #[test]
    fn the_ed25519_program_finds_everything_in_the_instruction() {
        let reports = [report(2), report(3)];
        let instruction = check(&reports).unwrap();
        let data = &instruction.data;
        assert_eq!(data.len(), 2 + 2 * 14 + 2 * 144);
        assert_eq!(data[..2], [2, 0]);
        // signature 30, key 94, message 126, each here; then 144 further on
        assert_eq!(
            data[2..16],
            [30, 0, 0xff, 0xff, 94, 0, 0xff, 0xff, 126, 0, 48, 0, 0xff, 0xff]
        );
        assert_eq!(data[16..18], [174, 0]);
        assert_eq!(data[30..94], [2; 64]);
        assert_eq!(data[94..126], [2; 32]);
        assert_eq!(
            data[126..174],
            message(&reports[0].feed, 0x0102_0304, 0x0506_0708)
        );
        assert_eq!(data[174..238], [3; 64]);
        assert!(instruction.accounts.is_empty());
        assert!(check(&[]).is_none());
        assert!(check(&[(); 5].map(|()| report(2))).is_some());
        assert!(check(&[(); 6].map(|()| report(2))).is_none());
    }

    #[test]
    fn json_has_text_for_bytes() {
        let text = serde_json::to_string(&report(2)).unwrap();
        assert!(text.starts_with(r#"{"feed":"4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi","price":16909060,"ts":84281096,"key":"8qbHbw2BbbTHBW1sbeqakYXVKRQM8Ne7pLK7m6CVfeR","signature":"AgIC"#), "{text}");
        assert_eq!(
            serde_json::from_str::<SignedReport>(&text).unwrap(),
            report(2)
        );
        let short = text.replace("AgIC", "");
        let error = serde_json::from_str::<SignedReport>(&short).unwrap_err();
        assert!(error.to_string().contains("64 bytes in base64"), "{error}");
    }
}
