//! Networks' files.

use crate::common::key_of;
use ed25519_dalek::SigningKey;
use iog_link::{Network, NetworkError, QUIC_PORT};
use std::{fs, path::Path};

const SIGNER: [u8; 32] = [21; 32];

fn relay(name: &str) -> String {
    let pin = "ab".repeat(32);
    format!("[[relays]]\nurl = \"https://{name}.example\"\noperator = \"{name}\"\nquic_port = {QUIC_PORT}\npins = [\"{pin}\", \"{pin}\"]\n")
}

fn file(version: u64, program: u8, relays: &[&str]) -> String {
    let relays: String = relays.iter().map(|name| relay(name)).collect();
    format!(
        "name = \"mine\"\nversion = {version}\npublic = true\ngenesis = \"{}\"\nsigner = \"{}\"\n[programs]\nmarket = \"{}\"\n{relays}",
        key_of(&[20; 32]),
        key_of(&SIGNER),
        key_of(&[program; 32]),
    )
}

fn write(path: &Path, text: &str, seed: &[u8; 32]) {
    fs::write(path, text).unwrap();
    let signature = Network::sign(text, &SigningKey::from_bytes(seed));
    fs::write(path.with_extension("toml.sig"), format!("{signature}\n")).unwrap();
}

#[test]
fn known_networks() {
    let local = Network::known("localnet").unwrap();
    assert_eq!(
        local.programs["market"].to_string(),
        "DZK1oGuU3DJzN3AK4jivLjwKfZTTjZHFR5fzbh5kS25L"
    );
    assert_eq!((local.genesis, local.check().len()), (None, 0));
    for name in ["devnet", "mainnet"] {
        let network = Network::known(name).unwrap();
        assert_eq!(
            (network.name.as_str(), network.public, network.relays.len()),
            (name, true, 0)
        );
        assert!(network.check()[0].contains("relays of 0 operators"));
    }
    assert!(matches!(
        Network::find("nowhere", None, |_| ()),
        Err(NetworkError::Unknown(_))
    ));
    assert!(Network::parse(
        "name = \"x\"\nversion = 1\npublic = true\n[[relays]]\nurl = \"ftp://x\"\n"
    )
    .is_err());
}

/// redteam L8: three relays of different operators, each with two pins.
#[test]
fn what_a_public_network_is_warned_about() {
    let good = Network::parse(&file(1, 1, &["a", "b", "c"])).unwrap();
    assert_eq!(good.check(), Vec::<String>::new());
    let few = Network::parse(&file(1, 1, &["a", "b", "b"])).unwrap();
    assert_eq!(few.check().len(), 1);
    let mut one_pin = good.clone();
    one_pin.relays[0].pins.pop();
    one_pin.relays[1].quic_port = None;
    let warnings = one_pin.check();
    assert!(
        warnings[0].contains("one pin") && warnings[1].contains("quic_port"),
        "{warnings:?}"
    );
    one_pin.public = false;
    assert_eq!(one_pin.check(), Vec::<String>::new());
}

/// redteam L8: a newer file of the network's key is taken without a new build, and changes nobody's programs.
#[test]
fn a_newer_signed_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mine.toml");
    let had = Network::parse(&file(4, 1, &["a"])).unwrap();

    write(&path, &file(5, 1, &["a", "b", "c"]), &SIGNER);
    let newer = had.updated_from(&path).unwrap();
    assert_eq!((newer.version, newer.relays.len()), (5, 3));
    assert_eq!(
        Network::from_signed(&path, &key_of(&SIGNER)).unwrap(),
        newer
    );
    assert_eq!(newer.settings().relays, newer.relays);
    let again = newer.updated_from(&path).unwrap_err();
    assert!(matches!(again, NetworkError::NotNewer { had: 5, found: 5 }));

    write(&path, &file(6, 2, &["a"]), &SIGNER);
    assert!(matches!(
        had.updated_from(&path),
        Err(NetworkError::Changed("programs"))
    ));
    write(&path, &file(6, 1, &["a"]), &[22; 32]);
    assert!(matches!(
        had.updated_from(&path),
        Err(NetworkError::Signature)
    ));
    write(&path, &file(6, 1, &["a"]), &SIGNER);
    fs::write(&path, file(7, 1, &["a"])).unwrap();
    assert!(matches!(
        had.updated_from(&path),
        Err(NetworkError::Signature)
    ));
    fs::remove_file(path.with_extension("toml.sig")).unwrap();
    assert!(matches!(
        had.updated_from(&path),
        Err(NetworkError::File { .. })
    ));
    let nobody = Network::known("devnet").unwrap();
    assert!(matches!(
        nobody.updated_from(&path),
        Err(NetworkError::NoSigner(_))
    ));
}

/// A known network stays as it is where no good update lies; a file by its path is its user's word, which may name who renews it.
#[test]
fn by_name_or_by_file() {
    let dir = tempfile::tempdir().unwrap();
    let known = Network::known("devnet").unwrap();
    let find = |name: &str| {
        let mut warned = 0;
        let found = Network::find(name, Some(dir.path()), |_| warned += 1).unwrap();
        (found, warned)
    };
    assert_eq!(find("devnet"), (known.clone(), 0));
    write(&dir.path().join("devnet.toml"), &file(9, 1, &[]), &SIGNER);
    assert_eq!(find("devnet"), (known, 1));
    let path = dir.path().join("own.toml");
    fs::write(&path, file(1, 1, &["a"])).unwrap();
    assert_eq!(find(path.to_str().unwrap()).0.name, "mine");
    write(&dir.path().join("mine.toml"), &file(2, 1, &["b"]), &SIGNER);
    let (newer, warned) = find(path.to_str().unwrap());
    assert_eq!((newer.version, warned), (2, 0));
    write(&dir.path().join("mine.toml"), &file(3, 1, &["b"]), &[9; 32]);
    let (same, warned) = find(path.to_str().unwrap());
    assert_eq!((same.version, warned), (1, 1));
}
