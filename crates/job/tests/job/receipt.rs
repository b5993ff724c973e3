use ed25519_dalek::SigningKey;
use iog_job::{Binding, Key, Receipt, Signed, RECEIPT_BYTES};

fn binding() -> Binding {
    Binding {
        genesis: Key([1; 32]),
        program: Key([2; 32]),
        order: Key([3; 32]),
        created_ts: 1_700_000_000,
        lease: Key([4; 32]),
        matched_ts: 1_700_000_100,
        device: Key([5; 32]),
    }
}

/// redteam 13: a receipt is of one match, names slots that are, and is its key's word alone
#[test]
fn receipts_are_read_as_they_were_written() {
    let mut receipt = Receipt::new(&binding(), 24);
    assert!(receipt.acknowledge(24, 0) && receipt.acknowledge(24, 5) && receipt.acknowledge(47, 3));
    assert!(
        !receipt.acknowledge(23, 0) && !receipt.acknowledge(48, 0) && !receipt.acknowledge(24, 6)
    );
    assert_eq!((receipt.masks[0], receipt.masks[23]), (0b10_0001, 0b1000));
    assert!(
        receipt.acknowledges(24, 5) && !receipt.acknowledges(24, 4) && !receipt.acknowledges(48, 0)
    );
    let message = receipt.message();
    assert_eq!((message.len(), RECEIPT_BYTES), (209, 209));
    assert_eq!(&message[..13], b"\xffiog:receipt\x01");
    assert_eq!(Receipt::decode(&message).unwrap(), receipt);
    let key = SigningKey::from_bytes(&[8; 32]);
    let own = Key(key.verifying_key().to_bytes());
    let signed = receipt.sign(&key);
    assert_eq!(Receipt::open(&signed, &own).unwrap(), receipt);
    assert!(Receipt::open(&signed, &Key([2; 32])).is_err());
    assert!(receipt.is_of(&binding()));
    let other = Binding {
        matched_ts: 1_700_000_101,
        ..binding()
    };
    assert!(!receipt.is_of(&other), "of an earlier match");
    // A slot that no hour has, a byte more, a byte less.
    let mut bad = message.clone();
    bad[13 + 128 + 12] = 0x40;
    assert!(Receipt::decode(&bad).is_err());
    assert!(Receipt::decode(&[message.as_slice(), &[0]].concat()).is_err());
    assert!(Receipt::decode(&message[..208]).is_err());
    // What another purpose signed is no receipt.
    let forged = Signed::sign(b"\xffiog:status\x00\x01{}", &key);
    assert!(Receipt::open(&forged, &own).is_err());
}
