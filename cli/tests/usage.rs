//! Bad input: the exit code, exactly one line on standard error, nothing on standard output.

mod common;

use common::{text, Iog, KEY};
use std::{fs, os::unix::fs::PermissionsExt};

/// Verb and arguments, exit code, and what the line says.
const CASES: &[(&str, i32, &str)] = &[
    ("token balance xyz", 2, "address is 32 bytes in base58"),
    ("token supply extra", 2, "unexpected argument"),
    ("token transfer", 2, "<TO> <AMOUNT>"),
    ("token transfer KEY 1.123456789", 2, "at most 8 decimals"),
    ("token transfer KEY -5", 2, "unexpected argument"),
    ("token transfer KEY 0", 2, "greater than zero"),
    ("token transfer KEY 999999999999999", 2, "larger than any supply"),
    ("token transfer KEY 1", 2, "pass -y"),
    ("token transfer BzKJcuSJPUbYJfBh2A1MLfaLv5a8drNLL6whSyno8vZe 1e3 -y", 2, "such as 12.5"),
    ("token burn ten", 2, "amount of IO is digits"),
    ("token burn 1", 2, "pass -y"),
    ("token burn-for-iosd", 2, "--amount <IO>"),
    ("token burn-for-iosd --amount 0", 2, "greater than zero"),
    ("token burn-for-iosd --amount 1", 2, "pass -y"),
    ("token burn-for-iosd --amount 1 --min-iosd 1.1234567", 2, "at most 6 decimals"),
    ("token burn-for-iosd --amount 1 --min-iosd 1 --slippage-bps 5", 2, "cannot be used with"),
    ("token burn-for-iosd --amount 1 --slippage-bps 10001", 2, "0 to 10000"),
    ("token burn-for-iosd --amount 1 --price-account x", 2, "base58"),
    ("token limits now", 2, "unexpected argument"),
    ("price show now", 2, "unexpected argument"),
    ("price show --price-account x", 2, "base58"),
    ("vesting list now", 2, "unexpected argument"),
    ("vesting release 256", 2, "256"),
    ("vesting release 5", 2, "pass -y"),
    ("operator register", 2, "--name <NAME>"),
    ("operator register --name 123456789012345678901234567890123", 2, "1 to 32 bytes"),
    ("operator show 0x12", 2, "base58"),
    ("class list --all", 2, "--all"),
    ("class show first", 2, "first"),
    ("device keygen", 2, "<FILE>"),
    ("device keygen id.json", 2, "not overwritten"),
    ("device register --device-key none.json --class 1 --quantity 1 --country DE", 2, "none.json"),
    ("device register --device-key id.json --class 1 --quantity 0 --country DE", 2, "1..=4096"),
    ("device register --device-key id.json --class 1 --quantity 1 --country Germany", 2, "two letters"),
    ("device register --device-key id.json --class 70000 --quantity 1 --country DE", 2, "70000"),
    ("device register --device-key id.json --class 1 --quantity 1 --country DE --tunnel-key x", 2, "64 hexadecimal"),
    ("device list --owner me", 2, "base58"),
    ("device show 123", 2, "base58"),
    ("device pause", 2, "<DEVICE>"),
    ("device resume 123", 2, "base58"),
    ("device terminate KEY", 2, "pass -y"),
    ("device set-tier KEY 5", 2, "0..=4"),
    ("stake open KEY 0", 2, "greater than zero"),
    ("stake open KEY 200", 2, "pass -y"),
    ("stake add KEY", 2, "<AMOUNT>"),
    ("stake add KEY 1", 2, "pass -y"),
    ("stake request-unstake KEY", 2, "pass -y"),
    ("stake withdraw KEY", 2, "pass -y"),
    ("stake show device", 2, "base58"),
    ("order create --class 1 --gpus 0 --hours 1 --max-total 1", 2, "1..=4096"),
    ("order create --class 1 --gpus 1 --hours 87601 --max-total 1", 2, "1..=87600"),
    ("order create --class 1 --gpus 1 --hours 1", 2, "--max-total <IO>"),
    ("order create --class 1 --gpus 1 --hours 1 --max-total 1", 2, "pass -y"),
    ("order create --class 1 --gpus 1 --hours 1 --max-total 1 --min-tier 5", 2, "0..=4"),
    ("order create --class 1 --gpus 1 --hours 1 --max-total 1 --job job.json", 2, "--jobs-dir"),
    ("order create --class 1 --gpus 1 --hours 1 --max-total 1 -y --job none.json --jobs-dir jobs", 2, "none.json"),
    ("order create --class 1 --gpus 1 --hours 1 --max-total 1 -y --country DE,FR,IT,ES,PT,NL,BE,LU,AT", 2, "at most 8"),
    ("order quote --gpus 1 --hours 1", 2, "--class <ID>"),
    ("order quote --base-price 0 --io-price 1 --gpus 1 --hours 1", 2, "not zero"),
    ("order list --state done", 2, "done"),
    ("order show order", 2, "base58"),
    ("order end KEY", 2, "pass -y"),
    ("order close KEY", 2, "pass -y"),
    ("order output KEY", 2, "--dir <DIR>"),
    ("order output KEY --dir nowhere", 2, "nowhere"),
    ("lease list --order 1", 2, "base58"),
    ("pow window --epoch x", 2, "x"),
    ("pow prove", 2, "--slot-hash <HEX>"),
    ("pow prove --slot-hash 00 --device-key KEY --epoch 1 --class-id 1 --rows 2048 --lanes 64 --waves 3", 2, "64 hexadecimal digits"),
    ("pow prove --slot-hash HASH --device-key KEY --epoch 1 --class-id 1 --rows 2047 --lanes 64 --waves 3", 2, "multiple of 32"),
    ("pow open --slot-hash HASH --device-key KEY --epoch 1 --class-id 1 --rows 2048 --lanes 64 --waves 3 --challenge HASH --n 8", 2, "0..=7"),
    ("pow verify --slot-hash HASH --device-key KEY --epoch 1 --class-id 1 --rows 2048 --lanes 64 --waves 3 --challenge HASH --n 0 --roots 00 --opening 00", 2, "40 hexadecimal digits"),
    ("pow verify --slot-hash HASH --device-key KEY --epoch 1 --class-id 1 --rows 2048 --lanes 64 --waves 3 --challenge HASH --n 0 --roots ROOT,ROOT,ROOT --opening 00", 3, "length"),
    ("emission schedule --hour 0", 2, "1..=175319"),
    ("emission schedule --hour 175320", 2, "1..=175319"),
    ("emission schedule --hour 1 --from 2", 2, "cannot be used with"),
    ("emission schedule --from 5 --to 4", 2, "lies before"),
    ("emission hour 0", 2, "1..=175319"),
    ("reward show 1", 2, "base58"),
    ("reward settle 1", 2, "base58"),
    ("reward claim KEY", 2, "pass -y"),
    ("reward score --tier 5 --multiplier-x100 100 --quantity 1 --hired 0", 2, "0..=4"),
    ("reward score --tier 4 --multiplier-x100 100 --quantity 1 --hired 2", 2, "0..=1"),
    ("reward eligibility 1", 2, "base58"),
    ("treasury show now", 2, "unexpected argument"),
    ("treasury burn", 2, "pass -y"),
    ("treasury open-auction --mint x", 2, "base58"),
    ("treasury sell", 2, "--amount <IO>"),
    ("treasury sell --amount 1", 2, "pass -y"),
    ("treasury sell --amount 1 --min-usdc x -y", 2, "amount of dollars"),
    ("treasury sell --amount 1 --min-usdc 1 --slippage-bps 1 -y", 2, "cannot be used with"),
    ("governance show mars", 2, "possible values: token"),
    ("governance propose market", 2, "<SUCCESSOR>"),
    ("governance propose market KEY", 2, "pass -y"),
    ("governance cancel market", 2, "pass -y"),
    ("governance accept market", 2, "pass -y"),
    ("governance guardian market nobody", 2, "base58"),
    ("governance guardian market none", 2, "pass -y"),
    ("governance pause market", 2, "<ACTION>"),
    ("governance pause market auctions", 2, "use orders"),
    ("governance pause token emission iosd", 2, "pass -y"),
    ("governance resume registry proofs", 2, "pass -y"),
    ("governance set market fee 1", 2, "use reservation-fee-bps, supplier-fee-bps, network-fee-bps"),
    ("governance set staking fee 1", 2, "no parameters"),
    ("governance set market network-fee-bps 0.5", 2, "basis points, such as 25"),
    ("governance set treasury min-lot 1.1234567", 2, "US dollars, such as 5000"),
    ("governance set treasury min-lot 1.5", 2, "pass -y"),
    ("governance apply market fee", 2, "no parameter 'fee'"),
    ("governance price-source set", 2, "--receiver <PUBKEY>"),
    ("governance price-source set --account none -y", 2, "base58"),
    ("governance price-source set --account any", 2, "pass -y"),
    ("network status now", 2, "unexpected argument"),
    ("network migrate", 2, "--plan <NAME_OR_FILE>"),
    ("network migrate --plan local", 2, "pass -y"),
    ("network migrate --plan mars -y", 2, "neither devnet nor local"),
    ("completion tcsh", 2, "bash, zsh or fish"),
    ("tokens balance", 2, "unrecognized subcommand"),
    ("token balance --commitment soon", 2, "processed, confirmed or finalized"),
    ("token balance -o xml", 2, "xml"),
    ("token balance -C none.yml", 2, "none.yml"),
    // An endpoint where nothing answers.
    ("token balance", 4, "RPC"),
    ("token supply", 4, "RPC"),
    ("token transfer KEY 1 -y --allow-off-curve", 4, "RPC"),
    ("vesting list", 4, "RPC"),
    ("operator register --name Basement", 4, "RPC"),
    ("class list", 4, "RPC"),
    ("device show KEY", 4, "RPC"),
    ("device pause KEY", 4, "RPC"),
    ("stake show KEY", 4, "RPC"),
    ("order list", 4, "RPC"),
    ("order quote --class 1 --gpus 1 --hours 1", 4, "RPC"),
    ("lease list", 4, "RPC"),
    ("pow window", 4, "RPC"),
    ("emission hour", 4, "RPC"),
    ("reward eligibility KEY", 4, "RPC"),
    ("treasury show", 4, "RPC"),
    ("treasury burn --dry-run", 4, "RPC"),
    ("treasury open-auction", 4, "RPC"),
    ("treasury sell --amount 1 -y", 4, "RPC"),
    ("token burn-for-iosd --amount 1 -y", 4, "RPC"),
    ("token limits", 4, "RPC"),
    ("price show", 4, "RPC"),
    ("governance show", 4, "RPC"),
    ("governance show token", 4, "RPC"),
    ("governance set treasury min-lot 1.5 -y", 4, "RPC"),
    ("governance apply treasury min-lot", 4, "RPC"),
    ("governance price-source apply", 4, "RPC"),
    ("network status", 4, "RPC"),
];

#[test]
fn every_verb_refuses_in_one_line() {
    let iog = Iog::new();
    let hash = "ab".repeat(32);
    let root = "cd".repeat(20);
    for (line, code, says) in CASES {
        let line = line
            .replace("KEY", KEY)
            .replace("HASH", &hash)
            .replace("ROOT", &root);
        let output = iog.offline(&line);
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(*code), "{line}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{line}: {stderr}");
        assert!(stderr.contains(says), "{line}: {stderr}");
        assert!(output.stdout.is_empty(), "{line}");
    }
}

#[test]
fn key_files_must_be_private_and_keys() {
    let iog = Iog::new();
    let exposed = iog.path("exposed.json");
    fs::copy(iog.path("id.json"), &exposed).unwrap();
    fs::set_permissions(&exposed, fs::Permissions::from_mode(0o644)).unwrap();
    let broken = iog.path("broken.json");
    fs::write(&broken, "[1,2,3]").unwrap();
    fs::set_permissions(&broken, fs::Permissions::from_mode(0o600)).unwrap();
    for (key, says) in [
        (exposed.as_str(), "chmod 600"),
        (broken.as_str(), "is not a keypair file"),
        ("none.json", "cannot read the keypair file"),
        ("usb://ledger", "only key files can sign"),
    ] {
        let output = iog.run(&["token", "burn", "1", "-y", "-u", common::NOWHERE, "-k", key]);
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{key}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.contains(says), "{stderr}");
    }
}

#[test]
fn unknown_clusters_are_refused() {
    let iog = Iog::new();
    let output = iog.run(&["token", "balance", KEY, "-u", "mars"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("'mars' is no cluster"));
}

#[test]
fn new_keys_are_private() {
    let iog = Iog::new();
    let mode = fs::metadata(iog.path("id.json"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn the_solana_clis_config_is_read() {
    let iog = Iog::new();
    fs::create_dir_all(iog.path(".config/solana/cli")).unwrap();
    let config = format!(
        "json_rpc_url: {}\nwebsocket_url: ''\nkeypair_path: {}\ncommitment: finalized\n",
        common::NOWHERE,
        iog.path("other.json")
    );
    fs::write(iog.path(".config/solana/cli/config.yml"), config).unwrap();
    let output = iog.run(&["token", "balance"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("other.json"));
    assert_eq!(iog.run(&["token", "balance", KEY]).status.code(), Some(4));
}
