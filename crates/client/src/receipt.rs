//! A renter's receipt, carried to the chain: the Ed25519 program checks it in the instruction before `answer_dispute`, which reads it out
//! of there. Its bytes are written by whoever signs it (`iog-job`).

use crate::price_report::ED25519_PROGRAM;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

/// Length of the message: prefix, four addresses, time, number of the first slot, slots, hash.
pub const MESSAGE_LEN: usize = 203;

/// Has `signature` of `key` checked; `answer_dispute` must follow it at once.
#[must_use]
pub fn check(key: &Pubkey, signature: &[u8; 64], message: &[u8; MESSAGE_LEN]) -> Instruction {
    // One signature, a byte of padding; then where signature, key and message begin, each in this same instruction, and how long the
    // message is.
    let mut data = vec![1, 0];
    for number in [16, u16::MAX, 80, u16::MAX, 112, 203, u16::MAX] {
        data.extend(number.to_le_bytes());
    }
    data.extend(signature);
    data.extend(key.as_ref());
    data.extend(message);
    Instruction {
        program_id: ED25519_PROGRAM,
        accounts: Vec::new(),
        data,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signature_key_and_message_are_where_the_numbers_say() {
        let key = Pubkey::new_from_array([2; 32]);
        let data = check(&key, &[1; 64], &[3; 203]).data;
        assert_eq!(data.len(), 315);
        assert_eq!(data[..2], [1, 0]);
        assert_eq!(
            data[2..16],
            [16, 0, 0xff, 0xff, 80, 0, 0xff, 0xff, 112, 0, 203, 0, 0xff, 0xff]
        );
        assert_eq!(data[16..80], [1; 64]);
        assert_eq!(data[80..112], [2; 32]);
        assert_eq!(data[112..], [3; 203]);
    }
}
