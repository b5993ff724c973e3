//! The sender against a real network, and against one that fails in the middle.

use iog_localnet::{Config, LocalNet};
use iog_tx::{AnySigner, Explain, FeePolicy, Outcome, Sender, Timing, TxError};
use solana_commitment_config::CommitmentConfig;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use solana_system_interface::instruction::transfer;
use std::{sync::LazyLock, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const SOL: u64 = 1_000_000_000;
const SYSTEM_PROGRAM: Pubkey = Pubkey::from_str_const("11111111111111111111111111111111");

static NET: LazyLock<LocalNet> = LazyLock::new(|| {
    let config = Config {
        block_interval: Some(Duration::from_millis(5)),
        ..Config::default()
    };
    LocalNet::start(config).unwrap()
});

fn timing() -> Timing {
    Timing {
        poll: Duration::from_millis(5),
        silence: Duration::from_millis(200),
        ..Timing::default()
    }
}

fn sender(fees: FeePolicy) -> Sender {
    Sender::with_timing(NET.rpc_url(), CommitmentConfig::confirmed(), fees, timing())
}

fn rich() -> Keypair {
    let keypair = Keypair::new();
    NET.fund(&keypair.pubkey(), 10 * SOL).unwrap();
    keypair
}

fn balance(address: &Pubkey) -> u64 {
    NET.get_account(address)
        .unwrap()
        .map_or(0, |account| account.lamports)
}

#[tokio::test]
async fn sends_and_reports_compute_and_fee() {
    let (payer, to) = (rich(), Pubkey::new_unique());
    let instruction = transfer(&payer.pubkey(), &to, SOL);
    let confirmed = sender(FeePolicy::fixed(2_000_000))
        .send(&[instruction], &payer, &[])
        .await
        .unwrap();
    // A transfer and two budget instructions of 150 units each; 1.2 times that and 3,000 units at 2 lamports each.
    assert_eq!(confirmed.units_consumed, Some(450));
    assert_eq!(confirmed.fee_lamports, Some(5_000 + 2 * 3_540));
    assert_eq!(balance(&to), SOL);
    assert_eq!(balance(&payer.pubkey()), 9 * SOL - 12_080);
}

#[tokio::test]
async fn asks_the_node_for_the_price_and_stays_within_bounds() {
    let (payer, to) = (rich(), Pubkey::new_unique());
    let instruction = transfer(&payer.pubkey(), &to, SOL);
    let policy = FeePolicy {
        floor_micro_lamports: 7,
        cap_micro_lamports: 9,
        ..FeePolicy::default()
    };
    let prepared = sender(policy)
        .prepare(&[instruction], &payer, &[])
        .await
        .unwrap();
    assert!((7..=9).contains(&prepared.micro_lamports));
    assert_eq!(
        (prepared.unit_limit, prepared.priority_fee_lamports()),
        (3_540, 1)
    );
}

#[tokio::test]
async fn dry_run_moves_nothing() {
    let (payer, to) = (rich(), Pubkey::new_unique());
    let simulation = sender(FeePolicy::fixed(0))
        .dry_run(&[transfer(&payer.pubkey(), &to, SOL)], &payer.pubkey())
        .await
        .unwrap();
    assert_eq!(simulation.units_consumed, 450);
    assert!(simulation.logs.iter().any(|line| line.ends_with("success")));
    assert_eq!((balance(&to), balance(&payer.pubkey())), (0, 10 * SOL));
}

#[tokio::test]
async fn simulation_refuses_with_program_code_and_words() {
    let (payer, to) = (rich(), Pubkey::new_unique());
    let too_much = [transfer(&payer.pubkey(), &to, 11 * SOL)];
    let explain: Explain =
        |program, code| (*program == SYSTEM_PROGRAM && code == 1).then_some("too little SOL");
    let error = sender(FeePolicy::fixed(0))
        .with_explainer(explain)
        .send(&too_much, &payer, &[])
        .await
        .unwrap_err();
    let rejection = error.rejection().unwrap();
    assert_eq!(
        (rejection.program, rejection.code),
        (Some(SYSTEM_PROGRAM), Some(1))
    );
    assert_eq!(
        (
            rejection.name.as_str(),
            rejection.simulated,
            rejection.signature
        ),
        ("too little SOL", true, None)
    );
    assert!(!rejection.logs.is_empty());
    assert_eq!(error.exit_code(), 3);
    assert_eq!(balance(&payer.pubkey()), 10 * SOL);
}

#[tokio::test]
async fn chain_refuses_with_signature_and_logs() {
    let (payer, from, to) = (rich(), rich(), Pubkey::new_unique());
    let instructions = [transfer(&from.pubkey(), &to, SOL)];
    let sender = sender(FeePolicy::fixed(0));
    let prepared = sender
        .prepare(&instructions, &payer, &[&from])
        .await
        .unwrap();
    // Between simulation and sending somebody else takes the money.
    let mut account = NET.get_account(&from.pubkey()).unwrap().unwrap();
    account.lamports = SOL / 2;
    NET.set_account(&from.pubkey(), account).unwrap();
    let error = sender.submit(&prepared).await.unwrap_err();
    let rejection = error.rejection().unwrap_or_else(|| panic!("{error}"));
    assert_eq!(
        (rejection.program, rejection.code),
        (Some(SYSTEM_PROGRAM), Some(1))
    );
    assert_eq!(
        (rejection.simulated, rejection.signature),
        (false, Some(prepared.signature))
    );
    assert!(
        rejection
            .logs
            .iter()
            .any(|line| line.contains("insufficient lamports")),
        "{:?}",
        rejection.logs
    );
    assert_eq!(balance(&payer.pubkey()), 10 * SOL - 10_000);
}

#[tokio::test]
async fn sending_twice_runs_once() {
    let (payer, to) = (rich(), Pubkey::new_unique());
    let sender = sender(FeePolicy::fixed(0));
    let prepared = sender
        .prepare(&[transfer(&payer.pubkey(), &to, SOL)], &payer, &[])
        .await
        .unwrap();
    let first = sender.submit(&prepared).await.unwrap();
    let second = sender.submit(&prepared).await.unwrap();
    assert_eq!(
        (first.signature, first.slot),
        (second.signature, second.slot)
    );
    assert_eq!(balance(&to), SOL);
    let outcome = sender
        .outcome(&prepared.signature, prepared.last_valid_block_height)
        .await
        .unwrap();
    assert_eq!(outcome, Outcome::Confirmed { slot: first.slot });
}

#[tokio::test]
async fn expired_only_once_it_cannot_land() {
    // A network of its own: this test moves time.
    let net = LocalNet::start(Config {
        block_interval: None,
        ..Config::default()
    })
    .unwrap();
    let (payer, to) = (Keypair::new(), Pubkey::new_unique());
    net.fund(&payer.pubkey(), 10 * SOL).unwrap();
    let sender = Sender::with_timing(
        net.rpc_url(),
        CommitmentConfig::confirmed(),
        FeePolicy::fixed(0),
        timing(),
    );
    let prepared = sender
        .prepare(&[transfer(&payer.pubkey(), &to, SOL)], &payer, &[])
        .await
        .unwrap();
    let outcome = |height| sender.outcome(&prepared.signature, height);
    assert_eq!(
        outcome(prepared.last_valid_block_height).await.unwrap(),
        Outcome::Pending
    );
    net.advance_slots(200).unwrap();
    assert_eq!(
        outcome(prepared.last_valid_block_height).await.unwrap(),
        Outcome::Expired
    );
    let error = sender.submit(&prepared).await.unwrap_err();
    assert!(
        matches!(error, TxError::Expired { signature, signings: 1 } if signature == prepared.signature),
        "{error}"
    );
    assert_eq!(error.exit_code(), 4);
    assert_eq!(net.get_account(&to).unwrap(), None);
}

#[tokio::test]
async fn missing_signer_is_named_before_sending() {
    let (payer, other) = (rich(), rich());
    let instructions = [transfer(&other.pubkey(), &payer.pubkey(), SOL)];
    let error = sender(FeePolicy::fixed(0))
        .send(&instructions, &payer, &[])
        .await
        .unwrap_err();
    assert!(matches!(error, TxError::Signing(_)));
    assert_eq!(error.exit_code(), 2);
}

#[tokio::test]
async fn no_node_is_an_rpc_error() {
    let payer = Keypair::new();
    let nowhere = Sender::with_timing(
        "http://127.0.0.1:9",
        CommitmentConfig::confirmed(),
        FeePolicy::fixed(0),
        timing(),
    );
    let error = nowhere
        .send(&[noop(&payer)], &payer, &[])
        .await
        .unwrap_err();
    assert!(matches!(error, TxError::Rpc { .. }));
    assert_eq!(error.exit_code(), 4);
}

#[tokio::test]
async fn silence_after_sending_is_an_unknown_outcome() {
    let payer = rich();
    let prepared = sender(FeePolicy::fixed(0))
        .prepare(&[noop(&payer)], &payer, &[])
        .await
        .unwrap();
    let node = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", node.local_addr().unwrap());
    let signature = prepared.signature.to_string();
    tokio::spawn(async move {
        // Takes one transaction, and never answers again.
        let (stream, _) = node.accept().await.unwrap();
        accept_transaction(stream, &signature).await;
    });
    let silent = Sender::with_timing(
        url,
        CommitmentConfig::confirmed(),
        FeePolicy::fixed(0),
        timing(),
    );
    let error = silent.submit(&prepared).await.unwrap_err();
    assert!(
        matches!(error, TxError::Unknown { signature } if signature == prepared.signature),
        "{error}"
    );
    assert_eq!(error.exit_code(), 5);
}

fn noop(payer: &Keypair) -> Instruction {
    transfer(&payer.pubkey(), &payer.pubkey(), 1)
}

async fn accept_transaction(mut stream: TcpStream, signature: &str) {
    let mut request = vec![0; 8_192];
    let mut len = 0;
    while !request[..len]
        .windows(15)
        .any(|bytes| bytes == b"sendTransaction")
    {
        len += stream.read(&mut request[len..]).await.unwrap();
    }
    let body = format!(r#"{{"jsonrpc":"2.0","id":0,"result":"{signature}"}}"#);
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    stream
        .write_all(format!("{head}{body}").as_bytes())
        .await
        .unwrap();
}

/// Keepers send from spawned tasks.
#[tokio::test]
async fn can_be_spawned() {
    let payer = rich();
    let sender = sender(FeePolicy::fixed(0));
    let sent = tokio::spawn(async move {
        let signer: &AnySigner = &payer;
        sender.send(&[noop(&payer)], signer, &[]).await
    });
    sent.await.unwrap().unwrap();
}
