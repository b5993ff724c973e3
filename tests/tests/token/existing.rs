//! A mint that was handed over: what holders have counts, the rest of the genesis supply goes into the vesting vault.

use iog_client::pda;
use iog_client::token::events::GenesisMinted;
use iog_client::token::{Event, TokenError, ID};
use iog_tests::world::{ata, spl, PubkeyOf, GENESIS_TS};
use iog_tests::{Code, World};
use solana_instruction::error::InstructionError;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use crate::setup::{
    initialize, initialize_existing, only_event, refused, release, try_create, DAY, GENESIS, IO,
};

/// 30 days.
const MONTH: i64 = 2_592_000;

/// A world whose IO is a mint of `authority`'s with `supply` in the bank's account.
fn with_mint(supply: u64) -> (World, Keypair) {
    let mut world = World::new();
    let authority = world.authority.insecure_clone();
    world.io = world.mint(&authority, 8);
    if supply > 0 {
        let (io, bank) = (world.io, world.bank.pubkey_of());
        world.mint_to(&io, &authority, &bank, supply);
    }
    (world, authority)
}

/// Bytes 0 to 36 of the mint: whether it has an authority, and which.
fn mint_authority(world: &World) -> Option<Pubkey> {
    let data = world.account(&world.io).data;
    (data[0] == 1).then(|| Pubkey::new_from_array(data[4..36].try_into().unwrap()))
}

/// SPL Token's SetAuthority of a mint: kind 0 mints, 1 freezes.
fn set_authority(mint: &Pubkey, kind: u8, current: &Pubkey, new: &Pubkey) -> Instruction {
    let mut set = spl::burn(mint, mint, current, 0);
    set.accounts.remove(1);
    set.data = vec![6, kind, 1];
    set.data.extend_from_slice(new.as_ref());
    set
}

#[test]
fn what_is_missing_to_500_million_goes_into_the_vesting_vault() {
    for (existing, missing) in [
        (0, 50_000_000_000_000_000),
        (12_345_678_900_000_001, 37_654_321_099_999_999),
        (49_999_999_999_999_999, 1),
        (50_000_000_000_000_000, 0),
    ] {
        let (mut world, authority) = with_mint(existing);
        let meta = world.must(initialize_existing(&world).instruction(), &[&authority]);
        let minted = GenesisMinted {
            mint: world.io,
            existing,
            amount: missing,
            genesis_ts: GENESIS_TS,
        };
        assert_eq!(only_event(&meta), Event::GenesisMinted(minted));
        assert_eq!(world.supply(&world.io), GENESIS);
        assert_eq!(world.balance(&pda::token::vesting_vault()), missing);
        assert_eq!(mint_authority(&world), Some(pda::token::mint_authority()));
        let config = world.token_config();
        assert_eq!(config.io_mint, world.io);
        assert_eq!(config.authority, world.authority.pubkey_of());
        assert_eq!(
            (config.genesis_units, config.allocated_units),
            (GENESIS, existing)
        );
        assert_eq!((config.genesis_ts, config.version), (GENESIS_TS, 1));
        world.check_supply();

        // What holders have is allocated: no schedule can promise it again.
        let beyond = try_create(&mut world, |args| args.total = missing + 1);
        iog_tests::world::expect_code(beyond, TokenError::AllocationExceedsGenesis);
        if missing > 0 {
            try_create(&mut world, |args| args.total = missing).unwrap();
            assert_eq!(world.token_config().allocated_units, GENESIS);
        }
    }
}

#[test]
fn a_mint_that_was_given_to_the_program_before_serves_as_well() {
    let (mut world, authority) = with_mint(7 * IO);
    let give = set_authority(
        &world.io,
        0,
        &authority.pubkey_of(),
        &pda::token::mint_authority(),
    );
    world.must(give, &[&authority]);
    world.must(initialize_existing(&world).instruction(), &[&authority]);
    assert_eq!(world.supply(&world.io), GENESIS);
    assert_eq!(
        world.balance(&pda::token::vesting_vault()),
        GENESIS - 7 * IO
    );
    assert_eq!(world.token_config().allocated_units, 7 * IO);
}

#[test]
fn the_network_runs_on_it() {
    let (mut world, authority) = with_mint(400_000_000 * IO);
    world.must(initialize_existing(&world).instruction(), &[&authority]);
    world.create_iosd();
    let bank = world.bank.pubkey_of();
    try_create(&mut world, |args| {
        args.id = 5;
        args.beneficiary = bank;
        args.total = 1_000;
    })
    .unwrap();
    world.warp_to(GENESIS_TS + 10);
    world.post_price(25_000_000);
    world.govern(release(&world).instruction());
    let owner = world.wallet();
    world.burn_for_iosd(&owner, 100 * IO);
    // 0.25 less twice 0.1 percent, 24.95 USD for 100 IO
    assert_eq!(world.token_config().iosd_minted_units, 24_950_000);
    world.check_supply();
    world.check_iosd_supply();
}

#[test]
fn mints_that_do_not_fit_are_refused_and_stay_their_owners() {
    type Spoil = fn(&mut World, &Keypair);
    let illegal = Code::plain(ID, InstructionError::IllegalOwner);
    let cases: [(&str, Code, Spoil); 8] = [
        (
            "6 decimals",
            TokenError::WrongDecimals.into(),
            |world, authority| {
                world.io = world.mint(authority, 6);
            },
        ),
        (
            "9 decimals",
            TokenError::WrongDecimals.into(),
            |world, authority| {
                world.io = world.mint(authority, 9);
            },
        ),
        (
            "a unit too many",
            TokenError::SupplyExceedsGenesis.into(),
            |world, authority| {
                let (io, bank) = (world.io, world.bank.pubkey_of());
                world.mint_to(&io, authority, &bank, GENESIS - 7 * IO + 1);
            },
        ),
        (
            "a freeze authority",
            TokenError::MintCanFreeze.into(),
            |world, authority| {
                // InitializeMint2 with the option set
                let key = authority.pubkey_of();
                let mut initialize = spl::initialize_mint(&world.io, &key, 8);
                *initialize.data.last_mut().unwrap() = 1;
                initialize.data.extend_from_slice(key.as_ref());
                let mut empty = world.account(&world.io);
                empty.data.fill(0);
                let io = world.io;
                world.set_account(&io, empty);
                world.must(initialize, &[authority]);
            },
        ),
        (
            "another's mint",
            TokenError::WrongMintAuthority.into(),
            |world, authority| {
                let foreign = world.address();
                let give = set_authority(&world.io, 0, &authority.pubkey_of(), &foreign);
                world.must(give, &[authority]);
            },
        ),
        (
            "a mint of nobody's",
            TokenError::WrongMintAuthority.into(),
            |world, authority| {
                let mut give_up = set_authority(&world.io, 0, &authority.pubkey_of(), &world.io);
                give_up.data.truncate(2);
                give_up.data.push(0);
                world.must(give_up, &[authority]);
            },
        ),
        ("a mint under Token-2022", illegal, |world, authority| {
            world.io = world.mint_2022(authority, 8);
        }),
        (
            "a token account",
            Code::plain(ID, InstructionError::InvalidAccountData),
            |world, _| {
                world.io = ata(&world.bank.pubkey_of(), &world.io);
            },
        ),
    ];
    for (what, code, spoil) in cases {
        println!("{what}");
        let (mut world, authority) = with_mint(7 * IO);
        spoil(&mut world, &authority);
        let before = world.find(&world.io);
        let start = initialize_existing(&world).instruction();
        refused(&mut world, code, start, &[&authority]);
        assert_eq!(world.find(&world.io), before, "{what}");
        let created = [pda::token::config(), pda::token::vesting_vault()];
        assert!(
            created.iter().all(|address| world.find(address).is_none()),
            "{what}"
        );
    }
}

#[test]
fn a_refusal_leaves_the_mint_to_its_authority() {
    let (mut world, authority) = with_mint(7 * IO);
    // Refused after the mint was taken over: the transaction takes that back.
    let mut early = initialize_existing(&world);
    early.genesis_ts = -1;
    refused(
        &mut world,
        TokenError::GenesisTooFar,
        early.instruction(),
        &[&authority],
    );
    assert_eq!(mint_authority(&world), Some(authority.pubkey_of()));
    assert_eq!(world.supply(&world.io), 7 * IO);
    let mut wide = initialize_existing(&world);
    wide.limits.emission.share_bps = 10_001;
    refused(
        &mut world,
        TokenError::OutOfBounds,
        wide.instruction(),
        &[&authority],
    );
    assert_eq!(mint_authority(&world), Some(authority.pubkey_of()));
    world.must(initialize_existing(&world).instruction(), &[&authority]);
}

/// Hours are counted from the start: one that is far away would close none for years, or years of them at once.
#[test]
fn the_start_lies_within_30_days_of_the_initialisation() {
    let (world, authority) = with_mint(7 * IO);
    let now = world.now();
    let starts: [fn(&World, i64) -> Instruction; 2] = [
        |world, genesis_ts| {
            let mut start = initialize(world);
            start.genesis_ts = genesis_ts;
            start.instruction()
        },
        |world, genesis_ts| {
            let mut start = initialize_existing(world);
            start.genesis_ts = genesis_ts;
            start.instruction()
        },
    ];
    for start in starts {
        let far = [i64::MIN, -1, 0, now - MONTH - 1, now + MONTH + 1, i64::MAX];
        for genesis_ts in far {
            let mut world = world.clone();
            let far = start(&world, genesis_ts);
            refused(&mut world, TokenError::GenesisTooFar, far, &[&authority]);
            assert_eq!(mint_authority(&world), Some(authority.pubkey_of()));
        }
        for genesis_ts in [now - MONTH, now, now + MONTH] {
            let mut world = world.clone();
            let near = start(&world, genesis_ts);
            world.must(near, &[&authority]);
            let config = world.token_config();
            assert_eq!(config.genesis_ts, genesis_ts);
            assert_eq!(config.setup_until_ts, now + DAY);
        }
    }
}

#[test]
fn nobody_but_the_upgrade_authority_hands_a_mint_over() {
    let mut world = World::new();
    let stranger = world.wallet();
    world.io = world.mint(&stranger, 8);
    let mut start = initialize_existing(&world);
    start.authority = stranger.pubkey_of();
    refused(
        &mut world,
        TokenError::NotUpgradeAuthority,
        start.instruction(),
        &[&stranger],
    );
    assert_eq!(mint_authority(&world), Some(stranger.pubkey_of()));
    // Nor can the upgrade authority take a stranger's mint.
    let authority = world.authority.insecure_clone();
    let taking = initialize_existing(&world).instruction();
    refused(
        &mut world,
        TokenError::WrongMintAuthority,
        taking,
        &[&authority],
    );
    // A program without an upgrade authority starts no more.
    let (mut world, authority) = with_mint(0);
    world.set_upgrade_authority(&ID, None);
    let start = initialize_existing(&world).instruction();
    refused(
        &mut world,
        TokenError::NotUpgradeAuthority,
        start,
        &[&authority],
    );
}

#[test]
fn it_starts_once_on_either_way() {
    let (mut world, authority) = with_mint(7 * IO);
    let start = initialize_existing(&world).instruction();
    world.must(start.clone(), &[&authority]);
    refused(&mut world, Code::in_use(), start, &[&authority]);
    let fresh = initialize(&world).instruction();
    refused(&mut world, Code::in_use(), fresh, &[&authority]);
    let other = world.mint(&authority, 8);
    let mut again = initialize_existing(&world);
    again.io_mint = other;
    refused(
        &mut world,
        Code::in_use(),
        again.instruction(),
        &[&authority],
    );

    let mut world = World::new();
    world.init_token();
    world.io = world.mint(&authority, 8);
    let late = initialize_existing(&world).instruction();
    refused(&mut world, Code::in_use(), late, &[&authority]);
    assert_eq!(mint_authority(&world), Some(authority.pubkey_of()));
}

#[test]
fn lamports_sent_ahead_stop_nothing() {
    let (mut world, authority) = with_mint(7 * IO);
    for address in [
        pda::token::config(),
        pda::token::vesting_vault(),
        pda::token::mint_authority(),
        pda::token::vesting_authority(),
    ] {
        world.fund(&address, 1_000_000);
    }
    world.must(initialize_existing(&world).instruction(), &[&authority]);
    assert_eq!(world.token_config().allocated_units, 7 * IO);

    let mut world = World::new();
    for address in [
        pda::token::config(),
        pda::token::io_mint(),
        pda::token::vesting_vault(),
    ] {
        world.fund(&address, 1);
    }
    world.init_token();
    assert_eq!(world.supply(&world.io), GENESIS);
}
