//! The whole set-up on the embedded network, with the built programs.

use iog_client::{decode, emission, market, pda, registry, token};
use iog_migrations::{
    localnet::{up, Options, Running, TOKEN_PROGRAM},
    run, Outcome, Plan, Price,
};
use solana_pubkey::Pubkey;
use solana_signer::Signer as _;
use spl_associated_token_account_interface::instruction::create_associated_token_account_idempotent;
use std::{path::Path, time::Duration};

const TOKEN_2022: Pubkey = Pubkey::from_str_const("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");

fn account<T: iog_client::AccountData>(running: &Running, address: &Pubkey) -> T {
    let account = running.net.get_account(address).unwrap().unwrap();
    assert_eq!(account.owner, T::OWNER);
    decode(&account.data).unwrap()
}

fn options(dir: &Path) -> Options {
    let mut options = Options::new(dir).unwrap();
    options.programs = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/deploy").into();
    options.block_interval = Duration::from_millis(20);
    options
}

#[tokio::test(flavor = "multi_thread")]
async fn comes_up_migrated_and_funded_and_migrates_only_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = options(dir.path());
    let measurers = [1u8, 2, 3].map(|n| Pubkey::new_from_array([n; 32]));
    options.plan.measurers = measurers.map(|key| key.to_string()).to_vec();
    let mut lines = Vec::new();
    let running = up(options, |line| lines.push(line.to_string()))
        .await
        .unwrap();

    let books: token::accounts::Config = account(&running, &pda::token::config());
    assert_eq!(books.genesis_units, 50_000_000_000_000_000);
    assert_eq!(books.allocated_units, books.genesis_units);
    let roles: registry::accounts::Config = account(&running, &pda::registry::config());
    assert_eq!(roles.genesis_ts, books.genesis_ts);
    // Named while the network is set up: they measure from then on.
    assert_eq!(roles.quorum.value, 3);
    let named = roles.measurers.map(|measurer| measurer.role.key);
    assert_eq!(named[..3], measurers);
    assert_eq!(named[3..], [Pubkey::default(); 6]);
    assert!(roles.measurers[0].since_ts < roles.setup_until_ts);
    let class: registry::accounts::HardwareClass = account(&running, &pda::registry::class(1));
    assert_eq!(
        (class.base_price_usd6, class.pool, class.multiplier_x100),
        (760_000, 0, 500)
    );
    assert_eq!(
        (class.stake_multiplier_x100, class.proof_valid_hours),
        (500, 3)
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
    assert_eq!(
        (
            fees.usd_extra_fee_bps.value,
            fees.dispute_secs.value,
            fees.points_per_usd.value
        ),
        (200, 86_400, 1)
    );
    let named = |name: &str| running.addresses[name].as_str().unwrap().parse().unwrap();
    assert_eq!(fees.resolver.key, running.wallets.get("authority").pubkey());
    // One account of Pyth's receiver is read, the one that the network writes.
    let source: token::accounts::PriceSource = account(&running, &pda::token::price_source());
    assert_eq!(source.account, named("io_price"));
    for (mint, currency, decimals) in [
        (pda::token::io_mint(), 0, 8),
        (named("usdc_mint"), 1, 6),
        (pda::token::iosd_mint(), 2, 6),
    ] {
        let escrow: market::accounts::Escrow = account(&running, &pda::market::escrow(&mint));
        assert_eq!((escrow.currency, escrow.decimals), (currency, decimals));
    }
    let minter: token::accounts::Minter = account(
        &running,
        &pda::token::minter(&pda::market::escrow_authority()),
    );
    assert_eq!(minter.rights, 6);
    for id in [1, 2] {
        let book: market::accounts::PriceBook = account(&running, &pda::market::price_book(id));
        assert_eq!(
            (book.class_id, book.kink_bps, book.slope2_bps),
            (id, 8_000, 10_000)
        );
        assert_eq!(book.tier_bps, [10_000, 10_000, 10_000, 10_500, 11_000]);
        assert_eq!(book.commitment_bps, [9_800, 9_500, 9_000]);
        assert_eq!((book.peak_hours, book.online_gpus), (0, 0));
    }
    let ledger: emission::accounts::Config = account(&running, &pda::emission::config());
    assert_eq!((ledger.next_hour, ledger.min_age_secs.value), (1, 43_200));
    assert_eq!(
        (ledger.exempt_hours.value, ledger.max_per_score_units.value),
        (72, 2_500)
    );
    let emission: token::accounts::Minter = account(
        &running,
        &pda::token::minter(&pda::emission::minter_authority()),
    );
    assert_eq!(emission.cap_per_hour_units.value, 50_000_000_000_000);
    let [window, ..] = books.windows;
    assert_eq!(window.floor_units.value, 21_917_808_219_168);

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
    makes_iosd(&running).await;
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
    refuses_another_chain(&running, fees.genesis_hash).await;
}

/// A market whose receipts name another chain is found when it is deployed, not in its first dispute. redteam dispute 3d
async fn refuses_another_chain(running: &Running, genesis_hash: [u8; 32]) {
    let hash = running.sender.rpc().get_genesis_hash().await.unwrap();
    assert_eq!(genesis_hash, hash.to_bytes());
    let address = pda::market::config();
    let mut config = running.net.get_account(&address).unwrap().unwrap();
    let places = config.data.windows(32);
    let mut places = places.enumerate().filter(|(_, part)| *part == genesis_hash);
    let (at, _) = places.next().unwrap();
    assert!(places.next().is_none());
    config.data[at] ^= 1;
    running.net.set_account(&address, config).unwrap();
    let (authority, plan) = (running.wallets.get("authority"), Plan::local().unwrap());
    let error = run(&running.sender, authority, &plan, 0, true, |_| ()).await;
    let error = error.unwrap_err();
    assert_eq!(error.exit_code(), 2);
    let said = error.to_string();
    assert!(said.contains(&hash.to_string()), "{said}");
    assert!(said.contains("deploy the market anew"), "{said}");
}

/// redteam M7a: the price was seen for an hour when the network is up, so that the renter need not wait.
async fn makes_iosd(running: &Running) {
    let renter = running.wallets.get("renter");
    let owner = renter.pubkey();
    let iosd_mint = pda::token::iosd_mint();
    let open = create_associated_token_account_idempotent(&owner, &owner, &iosd_mint, &TOKEN_2022);
    let burn = token::instructions::BurnIoForIosd {
        owner,
        price: running.wallets.get("io-price").pubkey(),
        io_mint: pda::token::io_mint(),
        from: pda::token_account(&owner, &pda::token::io_mint(), &TOKEN_PROGRAM),
        iosd_mint,
        to: pda::token_account(&owner, &iosd_mint, &TOKEN_2022),
        amount: 1_000_000_000,
        // 10 IO at 0.25 USD less twice the confidence of 0.0001 USD
        min_out: 2_498_000,
    };
    running.refresh_price().unwrap();
    let instructions = [open, burn.instruction()];
    let sent = running.sender.send(&instructions, renter, &[]);
    sent.await.unwrap();
}

/// A network whose price a quorum of reporters gives has its feed, and reads nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn opens_the_feed_of_a_quorum() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = options(dir.path());
    let reporters = [1u8, 2, 3, 4].map(|n| Pubkey::new_from_array([n; 32]));
    options.plan.price = Price::Quorum {
        quorum: None,
        reporters: reporters.map(|key| key.to_string()).to_vec(),
    };
    let running = up(options, |_| ()).await.unwrap();
    let source: token::accounts::PriceSource = account(&running, &pda::token::price_source());
    assert_eq!(
        (source.receiver, source.account),
        (token::ID, pda::token::price_feed())
    );
    let feed: token::accounts::PriceFeed = account(&running, &pda::token::price_feed());
    assert_eq!(feed.feed.quorum.value, 3);
    let named = feed.feed.reporters.map(|reporter| reporter.role.key);
    assert_eq!(named[..4], reporters);
    assert_eq!(named[4..], [Pubkey::default(); 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn takes_over_a_mint_that_exists() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = options(dir.path());
    // 499 million are with their holders, a million is vested.
    options.existing_io = Some(49_900_000_000_000_000);
    let vested = "name = \"rest\"\ntotal = \"1000000\"\nat_start_bps = 0\nfirst_release_secs = 0\nperiods = 12\nperiod_secs = 2629800\nper_second = true\n";
    let text = include_str!("../plans/local.toml");
    let plan = Plan::parse(&format!("{text}\n[[vesting]]\n{vested}")).unwrap();
    options.plan = plan;
    let running = up(options, |_| ()).await.unwrap();

    let mint: Pubkey = running.addresses["io_mint"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert_ne!(mint, pda::token::io_mint());
    let books: token::accounts::Config = account(&running, &pda::token::config());
    assert_eq!(books.io_mint, mint);
    assert_eq!(books.genesis_units, 50_000_000_000_000_000);
    assert_eq!(books.allocated_units, books.genesis_units);
    let fees: market::accounts::Escrow = account(&running, &pda::market::escrow(&mint));
    assert_eq!(fees.mint, mint);
    let held = |address| running.net.token_balance(address).unwrap();
    assert_eq!(held(&pda::token::vesting_vault()), 100_000_000_000_000);

    // A plan for the mint that the program would have made is refused before it opens anything.
    let error = run(
        &running.sender,
        running.wallets.get("authority"),
        &Plan::local().unwrap(),
        0,
        true,
        |_| (),
    )
    .await
    .unwrap_err();
    assert!(error.to_string().contains("io_mint"), "{error}");
    assert_eq!(error.exit_code(), 2);
}
