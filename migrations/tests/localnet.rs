//! The whole set-up on the embedded network, with the built programs.

use iog_client::{decode, emission, market, pda, registry, token};
use iog_migrations::{
    localnet::{up, Options, Running},
    run, Outcome, Plan,
};
use std::time::Duration;

fn account<T: iog_client::AccountData>(running: &Running, address: &solana_pubkey::Pubkey) -> T {
    let account = running.net.get_account(address).unwrap().unwrap();
    assert_eq!(account.owner, T::OWNER);
    decode(&account.data).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn comes_up_migrated_and_funded_and_migrates_only_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = Options::new(dir.path()).unwrap();
    options.programs = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/deploy").into();
    options.block_interval = Duration::from_millis(20);
    let mut lines = Vec::new();
    let running = up(options, |line| lines.push(line.to_string()))
        .await
        .unwrap();

    let books: token::accounts::Config = account(&running, &pda::token::config());
    assert_eq!(books.genesis_units, 50_000_000_000_000_000);
    assert_eq!(books.allocated_units, books.genesis_units);
    let roles: registry::accounts::Config = account(&running, &pda::registry::config());
    assert_eq!(roles.genesis_ts, books.genesis_ts);
    let class: registry::accounts::HardwareClass = account(&running, &pda::registry::class(1));
    assert_eq!(
        (class.base_price_usd6, class.pool, class.multiplier_x100),
        (760_000, 0, 500)
    );
    let fees: market::accounts::Config = account(&running, &pda::market::config());
    assert_eq!(
        (
            fees.reservation_fee_bps.value,
            fees.supplier_fee_bps.value,
            fees.network_fee_bps.value
        ),
        (25, 25, 0)
    );
    let ledger: emission::accounts::Config = account(&running, &pda::emission::config());
    assert_eq!((ledger.next_hour, ledger.min_age_secs.value), (1, 43_200));

    let renter = running
        .net
        .token_account(
            &running.addresses["wallets"]["renter"]
                .as_str()
                .unwrap()
                .parse()
                .unwrap(),
            &pda::token::io_mint(),
        )
        .unwrap();
    assert_eq!(
        running.net.token_balance(&renter).unwrap(),
        10_000_000_000_000
    );
    assert!(
        lines
            .iter()
            .any(|line| line.contains("iog_market deployed")),
        "{lines:?}"
    );

    let plan = Plan::local().unwrap();
    let again = run(
        &running.sender,
        running.wallets.get("authority"),
        &plan,
        0,
        false,
        |_| (),
    )
    .await
    .unwrap();
    assert!(
        again
            .iter()
            .all(|report| report.outcome == Outcome::AlreadyDone),
        "{again:?}"
    );
}
