//! The facts that the crate's documentation states, seen through RPC and through programs on the chain.

mod chain;
mod programs;

use iog_localnet::{
    pyth::{PriceAccount, RECEIVER_PROGRAM_ID},
    Config, LocalNet, LocalNetError,
};
use solana_client::rpc_client::RpcClient;
use solana_commitment_config::CommitmentConfig;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use std::{
    net::TcpStream,
    time::{Duration, Instant},
};

const START_TS: i64 = 1_800_000_000;
const SPL_TOKEN: Pubkey = Pubkey::from_str_const("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
const TOKEN_2022: Pubkey = Pubkey::from_str_const("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");

/// One network for all steps: each leaves it usable, and time only moves on.
#[test]
fn network() {
    let config = Config {
        block_interval: None,
        start_unix_ts: Some(START_TS),
        ..Config::default()
    };
    let mut net = LocalNet::start(config).unwrap();
    let rpc = RpcClient::new_with_commitment(net.rpc_url(), CommitmentConfig::processed());
    assert!(
        net.rpc_url().starts_with("http://127.0.0.1:")
            && net.ws_url().starts_with("ws://127.0.0.1:")
    );

    chain::starts_where_told(&net, &rpc);
    accounts_are_written(&net, &rpc);
    prices_are_written(&net, &rpc);
    tokens_work(&net, SPL_TOKEN);
    tokens_work(&net, TOKEN_2022);
    chain::small_steps_keep_slots_and_seconds_together(&net, &rpc);
    chain::hours_pass_and_recent_slots_keep_hashes(&net, &rpc);
    chain::time_does_not_run_back(&net);
    programs::see_the_new_clock_and_slot_hashes(&net);
    programs::deploy_with_their_upgrade_authority(&net);
    programs::that_are_none_are_refused(&net);
    stops_and_frees_its_ports(&mut net);
}

/// The only test with real time: the chain moves by itself.
#[test]
fn blocks_tick() {
    let config = Config {
        block_interval: Some(Duration::from_millis(1)),
        ..Config::default()
    };
    let net = LocalNet::start(config).unwrap();
    let first = net.clock().unwrap().slot;
    let deadline = Instant::now() + Duration::from_secs(20);
    while net.clock().unwrap().slot < first + 3 {
        assert!(Instant::now() < deadline, "no blocks");
        std::thread::yield_now();
    }
}

fn accounts_are_written(net: &LocalNet, rpc: &RpcClient) {
    let someone = Pubkey::new_unique();
    assert_eq!(net.get_account(&someone).unwrap(), None);
    net.fund(&someone, 3_000_000).unwrap();
    net.fund(&someone, 4_000_000).unwrap();
    assert_eq!(rpc.get_balance(&someone).unwrap(), 7_000_000);
}

fn prices_are_written(net: &LocalNet, rpc: &RpcClient) {
    let clock = net.clock().unwrap();
    let price = PriceAccount::io_usd(12_345_678, 9_000, clock.unix_timestamp, clock.slot);
    let address = Pubkey::new_unique();
    net.set_price(&address, &price).unwrap();
    let account = rpc.get_account(&address).unwrap();
    assert_eq!(
        (account.owner, &account.data),
        (RECEIVER_PROGRAM_ID, &price.encode())
    );
    assert_eq!(
        account.lamports,
        net.rent().unwrap().minimum_balance(account.data.len())
    );
}

fn tokens_work(net: &LocalNet, token_program: Pubkey) {
    let (mint, authority, owner) = (Keypair::new(), Keypair::new(), Pubkey::new_unique());
    net.create_mint(&mint, 6, &authority.pubkey(), &token_program)
        .unwrap();
    let empty = net.token_account(&owner, &mint.pubkey()).unwrap();
    assert_eq!(net.token_balance(&empty).unwrap(), 0);
    for _ in 0..2 {
        assert_eq!(
            net.mint_to(&mint.pubkey(), &authority, &owner, 1_500_000)
                .unwrap(),
            empty
        );
    }
    assert_eq!(net.token_balance(&empty).unwrap(), 3_000_000);
    let supply = net.get_account(&mint.pubkey()).unwrap().unwrap().data[36..44].to_vec();
    assert_eq!(supply, 3_000_000u64.to_le_bytes());

    let refused = net
        .mint_to(&mint.pubkey(), &Keypair::new(), &owner, 1)
        .unwrap_err();
    let LocalNetError::Transaction { reason, logs } = refused else {
        panic!("{refused}")
    };
    assert!(reason.contains("custom program error: 0x4"), "{reason}");
    assert!(
        logs.iter()
            .any(|line| line.starts_with(&format!("Program {token_program} failed"))),
        "{logs:?}"
    );
}

fn stops_and_frees_its_ports(net: &mut LocalNet) {
    let port: u16 = net.rpc_url().rsplit(':').next().unwrap().parse().unwrap();
    let taken = LocalNet::start(Config {
        rpc_port: Some(port),
        ..Config::default()
    });
    assert!(matches!(taken, Err(LocalNetError::Config(reason)) if reason.contains("is not free")));
    net.stop().unwrap();
    net.stop().unwrap();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    assert!(matches!(net.clock(), Err(LocalNetError::Stopped)));
    let again = LocalNet::start(Config {
        rpc_port: Some(port),
        ..Config::default()
    })
    .unwrap();
    assert_eq!(again.rpc_url(), format!("http://127.0.0.1:{port}"));
}
