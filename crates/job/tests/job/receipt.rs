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
    // 2023-11-15, 00:00 UTC.
    let first = 2_833_344;
    assert_eq!(Receipt::day_of(first + 143), first);
    let mut receipt = Receipt::new(&binding(), first);
    for slot in [first, first + 5, first + 8, first + 143] {
        assert!(receipt.acknowledge(slot));
    }
    for slot in [first - 1, first + 144, 0, u32::MAX] {
        assert!(!receipt.acknowledge(slot) && !receipt.acknowledges(slot));
    }
    assert_eq!(
        (receipt.slots[0], receipt.slots[1], receipt.slots[17]),
        (0b10_0001, 0b1, 0b1000_0000)
    );
    assert!(receipt.acknowledges(first + 5) && !receipt.acknowledges(first + 4));
    let named: Vec<u32> = receipt.acknowledged().collect();
    assert_eq!(named, [first, first + 5, first + 8, first + 143]);
    let message = receipt.message();
    assert_eq!((message.len(), RECEIPT_BYTES), (203, 203));
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
    // A byte more, a byte less.
    assert!(Receipt::decode(&[message.as_slice(), &[0]].concat()).is_err());
    assert!(Receipt::decode(&message[..202]).is_err());
    // What another purpose signed is no receipt.
    let forged = Signed::sign(b"\xffiog:status\x00\x01{}", &key);
    assert!(Receipt::open(&forged, &own).is_err());
}

/// Whether one takes another's place, wherever their days begin. redteam dispute 3c
#[test]
fn one_covers_another_that_acknowledges_no_more() {
    let mut one = Receipt::new(&binding(), 1_000);
    let mut other = Receipt::new(&binding(), 1_010);
    assert!(one.covers(&other) && other.covers(&one));
    one.acknowledge(1_020);
    assert!(one.covers(&other) && !other.covers(&one));
    other.acknowledge(1_020);
    assert!(other.covers(&one));
    // The first slot of the one lies before the other's day.
    one.acknowledge(1_000);
    assert!(!other.covers(&one) && one.covers(&other));
}

/// Under a key of small order anybody signs anything, by the plain rule; the chain's program takes no such signature, and no node does.
#[test]
fn a_weak_key_signs_no_receipt() {
    let mut identity = [0; 32];
    identity[0] = 1;
    let signed = Signed {
        message: hex::encode(Receipt::new(&binding(), 0).message()),
        signature: hex::encode([identity, [0; 32]].concat()),
    };
    assert!(Receipt::open(&signed, &Key(identity)).is_err());
}
