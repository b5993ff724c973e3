//! The program against a driver that the test makes, and its walk for a renter's check.

use iog_job::{
    check::{Challenge, Openings, Start, Walked},
    wire::Facts,
    Hash,
};
use iog_pow::{pick, verify, Node, Shape, K_OPENINGS};
use std::{
    fs,
    io::{Read, Write},
    path::Path,
    process::{Command, Output, Stdio},
};

fn keeper() -> Command {
    Command::new(env!("CARGO_BIN_EXE_iog-keeper"))
}

fn say(to: &mut impl Write, message: &impl serde::Serialize) {
    let bytes = serde_json::to_vec(message).unwrap();
    to.write_all(&u32::try_from(bytes.len()).unwrap().to_le_bytes())
        .unwrap();
    to.write_all(&bytes).unwrap();
}

fn hear<T: serde::de::DeserializeOwned>(from: &mut impl Read) -> T {
    let mut len = [0; 4];
    from.read_exact(&mut len).unwrap();
    let mut bytes = vec![0; usize::try_from(u32::from_le_bytes(len)).unwrap()];
    from.read_exact(&mut bytes).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// redteam S5: without configuration and key.
#[test]
fn the_walk_for_a_check_is_the_proofs() {
    let line = "walk --backend cpu --threads 1 --rows 1024 --tiles 4 --waves 512 --cards 2";
    let mut child = keeper()
        .args(line.split(' '))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut to, mut from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (seed, challenge) = ([4; 32], [5; 32]);
    say(&mut to, &Start { seed: Hash(seed) });
    let Walked::Root(root) = hear(&mut from) else {
        panic!()
    };
    let mut commit = Node::default();
    hex::decode_to_slice(root, &mut commit).unwrap();
    say(
        &mut to,
        &Challenge {
            challenge: Hash(challenge),
        },
    );
    let openings: Openings = hear(&mut from);
    let shape = Shape::new(1_024, 4, 512, 2).unwrap();
    for (n, opening) in (0..K_OPENINGS).zip(&openings.openings) {
        let opening = hex::decode(opening).unwrap();
        let pick = pick(&challenge, n, &shape);
        assert_eq!(verify(&seed, &shape, &commit, &pick, &opening), Ok(()));
    }
    assert!(child.wait().unwrap().success());
    let wrong = line.replace("1024", "1000");
    let output = keeper().args(wrong.split(' ')).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

fn run(dir: &Path, cards: &str, line: &str) -> Output {
    let config = dir.join("keeper.toml");
    let text = format!(
        "rpc_url = 'http://127.0.0.1:1'\nfee_payer = 'payer.json'\nstate_dir = 'state'\nsingle_rpc = true\n[node]\nnvml = './nvml.so'\nengine = 'sandbox'\n[[device]]\nkey = 'd.json'\ncards = ['{cards}']\n"
    );
    fs::write(&config, text).unwrap();
    keeper()
        .args(line.split(' '))
        .arg("--config")
        .arg(config)
        .output()
        .unwrap()
}

/// Field case 16: what is named and not there is said at the start.
#[test]
fn the_driver_tells_of_the_cards() {
    let dir = tempfile::tempdir().unwrap();
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(dir.path().join("nvml.so"))
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../crates/cards/tests/nvml.c"
        ))
        .arg("-ldl")
        .status();
    assert!(built.unwrap().success());
    fs::write(dir.path().join("cards"), "1.celsius=71\n1.ecc=3\n").unwrap();
    let uuid = "GPU-aaaaaaaa-0000-0000-0000-000000000001";
    let output = run(dir.path(), uuid, "facts -o json");
    assert!(output.status.success(), "{output:?}");
    let facts: Facts = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(facts.cards[1].uuid, uuid);
    assert_eq!(
        (facts.cards[1].celsius, facts.cards[1].uncorrected_errors),
        (Some(71), Some(3))
    );
    let table = String::from_utf8(run(dir.path(), "0000:02:00.0", "facts").stdout).unwrap();
    assert!(
        table.contains(&format!(
            "card {uuid} NVIDIA Stub, 8 GiB, driver 550.54.15, 71 C, 50 W"
        )),
        "{table}"
    );
    assert!(table.contains("3 ECC errors"), "{table}");

    for line in ["facts", "jobs"] {
        let output = run(dir.path(), "GPU-b", line);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(
            said.contains("names the card GPU-b, which is not there; there are: GPU-aaaaaaaa"),
            "{said}"
        );
    }
    fs::write(dir.path().join("cards"), "0.driver=0\n").unwrap();
    let output = run(dir.path(), uuid, "jobs");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("NVIDIA's driver cannot be asked"), "{said}");
}
