//! The receipt of `crates/job/vectors/receipt.json`, which the job crate and the TypeScript client read: what the program takes.

use iog_client::market;
use iog_client::price_report::ED25519_PROGRAM;
use iog_tests::world::Receipt;
use serde_json::{json, Value};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

const SEED: [u8; 32] = [0x11; 32];

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every field differs from every other, and numbers show in which order their bytes stand.
fn receipt() -> Receipt {
    let mut slots = [0xff; 18];
    (slots[0], slots[1], slots[17]) = (0b1, 0b1000_0000, 0b101_0110);
    Receipt {
        prefix: *b"\xffiog:receipt\x01",
        genesis: [0x22; 32],
        program: market::ID,
        order: Pubkey::new_from_array([0x33; 32]),
        lease: Pubkey::new_from_array([0x44; 32]),
        matched_ts: 1_767_225_640,
        first_slot: 2_945_376,
        slots,
        check_hash: [0x55; 32],
    }
}

/// redteam link 13: one format for program, node and page. `WRITE_VECTORS=1` writes the file anew.
#[test]
fn the_published_receipt_is_the_one_that_is_signed_here() {
    let (key, receipt) = (Keypair::new_from_array(SEED), receipt());
    let message = receipt.message();
    let vector = json!({
        "secret_seed_hex": hex(&SEED),
        "public_key": key.pubkey().to_string(),
        "genesis": Pubkey::new_from_array(receipt.genesis).to_string(),
        "program": receipt.program.to_string(),
        "order": receipt.order.to_string(),
        "lease": receipt.lease.to_string(),
        "matched_ts": receipt.matched_ts,
        "first_slot": receipt.first_slot,
        "slots_hex": hex(&receipt.slots),
        "check_hash": hex(&receipt.check_hash),
        "message_hex": hex(&message),
        "signature_hex": hex(key.sign_message(&message).as_ref()),
    });
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../crates/job/vectors/receipt.json"
    );
    if std::env::var_os("WRITE_VECTORS").is_some() {
        let text = serde_json::to_string_pretty(&vector).unwrap();
        std::fs::write(path, text + "\n").unwrap();
    }
    let text = std::fs::read_to_string(path).expect("the vectors of the job crate");
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), vector);
    // What stands where, restated: 0xff, "iog:receipt", 1, and numbers with their lowest byte first.
    assert_eq!(message.len(), 203);
    assert_eq!(hex(&message[..13]), "ff696f673a7265636569707401");
    assert_eq!(hex(&message[141..149]), "28b9556900000000");
    assert_eq!(hex(&message[149..153]), "60f12c00");
    assert_eq!(receipt.check(&key).program_id, ED25519_PROGRAM);
}
