//! The files that the TypeScript client checks, too.

use ed25519_dalek::SigningKey;
use iog_job::{canonical, Hash, JobSpec, Key, Receipt};
use serde_json::Value;

fn vectors(text: &str) -> Vec<Value> {
    serde_json::from_str(text).unwrap()
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap()
}

#[test]
fn hashes_are_those_of_the_vectors() {
    for vector in vectors(include_str!("../../vectors/job.json")) {
        let spec: JobSpec = serde_json::from_value(vector["spec"].clone()).unwrap();
        let name = text(&vector, "name");
        spec.validate().unwrap();
        assert_eq!(
            spec.hash().unwrap().to_string(),
            text(&vector, "job_hash"),
            "{name}"
        );
        assert_eq!(
            spec.image_hash().to_string(),
            text(&vector, "image_hash"),
            "{name}"
        );
    }
}

#[test]
fn canonical_texts_are_those_of_the_vectors() {
    for vector in vectors(include_str!("../../vectors/canonical.json")) {
        let text = canonical::to_string(&vector["value"]).unwrap();
        assert_eq!(text, vector["text"].as_str().unwrap());
    }
}

/// redteam 13: the bytes that a dispute is answered with
#[test]
fn receipts_are_those_of_the_vectors() {
    let vector: Value = serde_json::from_str(include_str!("../../vectors/receipt.json")).unwrap();
    let key = |field: &str| text(&vector, field).parse::<Key>().unwrap();
    let mut slots = [0; 18];
    hex::decode_to_slice(text(&vector, "slots_hex"), &mut slots).unwrap();
    let receipt = Receipt {
        genesis: key("genesis"),
        program: key("program"),
        order: key("order"),
        lease: key("lease"),
        matched_ts: vector["matched_ts"].as_i64().unwrap(),
        first_slot: vector["first_slot"].as_u64().unwrap().try_into().unwrap(),
        slots,
        check_hash: text(&vector, "check_hash").parse::<Hash>().unwrap(),
    };
    let mut seed = [0; 32];
    hex::decode_to_slice(text(&vector, "secret_seed_hex"), &mut seed).unwrap();
    let signed = receipt.sign(&SigningKey::from_bytes(&seed));
    assert_eq!(signed.message, text(&vector, "message_hex"));
    assert_eq!(signed.signature, text(&vector, "signature_hex"));
}
