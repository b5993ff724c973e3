//! Each error of the token program has a transaction that ends in it.

mod handed;
mod iosd;

use iog_client::pda;
use iog_client::token::accounts::{Config, Minter};
use iog_client::token::instructions::RegisterMinter;
use iog_client::token::TokenError;
use iog_tests::world::PubkeyOf;
use iog_tests::{cases, refusal, Case, World};
use solana_pubkey::Pubkey;

use crate::price_feed;
use crate::setup::{
    burn, create, initialize, mint_after, minter, release, try_burn, try_create, GENESIS_LEFT, HOUR,
};

/// Genesis, vesting and burning.
fn vested() -> Vec<Case> {
    use TokenError as E;
    vec![
        refusal("a stranger initialises", E::NotUpgradeAuthority, |world| {
            *world = World::new();
            let stranger = world.wallet();
            let mut start = initialize(world);
            start.authority = stranger.pubkey_of();
            world.send(&[start.instruction()], &[&stranger])
        }),
        refusal("a stranger allocates", E::NotAuthority, |world| {
            let stranger = world.wallet();
            let mut create = create(world, |_| ());
            create.authority = stranger.pubkey_of();
            world.send(&[create.instruction()], &[&stranger])
        }),
        refusal("a stranger names a minter", E::NotAuthority, |world| {
            let (stranger, minter_authority) = (world.wallet(), world.address());
            let register = RegisterMinter {
                authority: stranger.pubkey_of(),
                minter_authority,
                minter: pda::token::minter(&minter_authority),
                rights: 1,
                cap_per_hour: 1,
            };
            world.send(&[register.instruction()], &[&stranger])
        }),
        refusal("an empty allocation", E::ZeroAmount, |world| {
            try_create(world, |args| args.total = 0)
        }),
        refusal("a burn of nothing", E::ZeroAmount, |world| {
            let burn = burn(world, 0);
            try_burn(world, burn)
        }),
        refusal("a mint of nothing", E::ZeroAmount, |world| {
            mint_after(|_| (), 0, world)
        }),
        refusal(
            "a unit more than is left",
            E::AllocationExceedsGenesis,
            |world| try_create(world, |args| args.total = GENESIS_LEFT + 1),
        ),
        refusal(
            "more than a whole at the start",
            E::InvalidSchedule,
            |world| try_create(world, |args| args.at_start_bps = 10_001),
        ),
        refusal("a release before the start", E::InvalidSchedule, |world| {
            try_create(world, |args| args.first_release_secs = -1)
        }),
        refusal("periods of no length", E::InvalidSchedule, |world| {
            try_create(world, |args| args.period_secs = 0)
        }),
        refusal("a part that is never due", E::InvalidSchedule, |world| {
            try_create(world, |args| args.periods = 0)
        }),
        refusal("released a second time", E::NothingDue, |world| {
            let anyone = world.authority.insecure_clone();
            let release = release(world).instruction();
            world.send(&[release], &[&anyone])
        }),
        refusal("to another's account", E::NotBeneficiary, |world| {
            let thief = world.wallet();
            world.advance(60);
            let mut release = release(world);
            release.signer = thief.pubkey_of();
            release.beneficiary_token = world.give_io(&thief.pubkey_of(), 1);
            world.send(&[release.instruction()], &[&thief])
        }),
        refusal("to an account of another token", E::WrongMint, |world| {
            let bank = world.bank.insecure_clone();
            world.advance(60);
            let other = world.mint(&bank, 8);
            let mut release = release(world);
            release.signer = bank.pubkey_of();
            release.beneficiary_token = world.token_account(&bank.pubkey_of(), &other);
            world.send(&[release.instruction()], &[&bank])
        }),
        refusal(
            "elsewhere by a stranger",
            TokenError::NotAssociated,
            |world| {
                let stranger = world.wallet();
                world.advance(60);
                let mut release = release(world);
                release.signer = stranger.pubkey_of();
                release.associated = stranger.pubkey_of();
                world.send(&[release.instruction()], &[&stranger])
            },
        ),
        refusal("to nobody", E::NotBeneficiary, |world| {
            try_create(world, |args| args.beneficiary = Pubkey::default())
        }),
        refusal("an end after 20 years", E::InvalidSchedule, |world| {
            try_create(world, |args| args.first_release_secs = 631_152_001)
        }),
        refusal("burning another mint", E::WrongMint, |world| {
            let bank = world.bank.insecure_clone();
            let mut burn = burn(world, 1);
            burn.io_mint = world.mint(&bank, 8);
            try_burn(world, burn)
        }),
        refusal("burning another token", E::WrongMint, |world| {
            let bank = world.bank.insecure_clone();
            let other = world.mint(&bank, 8);
            let mut burn = burn(world, 1);
            burn.from = world.mint_to(&other, &bank, &bank.pubkey_of(), 1);
            try_burn(world, burn)
        }),
    ]
}

/// Emission and the sums.
fn emitted() -> Vec<Case> {
    use TokenError as E;
    vec![
        refusal(
            "minting into another token's account",
            E::WrongMint,
            |world| {
                let (mut mint, key) = minter(world);
                let other = world.mint(&key, 8);
                mint.destination = world.token_account(&key.pubkey_of(), &other);
                world.send(&[mint.instruction()], &[&key])
            },
        ),
        refusal("with another's right to mint", E::NotMinter, |world| {
            let (mut mint, _) = minter(world);
            let thief = world.wallet();
            mint.minter_authority = thief.pubkey_of();
            world.send(&[mint.instruction()], &[&thief])
        }),
        refusal(
            "a unit above the hour's cap",
            E::MinterCapReached,
            |world| {
                let (mut mint, key) = minter(world);
                world.edit::<Minter>(&mint.minter, |minter| minter.cap_per_hour_units.value = 10);
                mint.amount = 10;
                world.must(mint.instruction(), &[&key]);
                mint.amount = 1;
                world.send(&[mint.instruction()], &[&key])
            },
        ),
        refusal(
            "the hour's cap again, by a clock that steps back",
            E::MinterCapReached,
            |world| {
                let (mut mint, key) = minter(world);
                world.edit::<Minter>(&mint.minter, |minter| minter.cap_per_hour_units.value = 10);
                mint.amount = 10;
                world.advance(HOUR);
                world.must(mint.instruction(), &[&key]);
                world.set_time(world.now() - 1);
                mint.amount = 1;
                world.send(&[mint.instruction()], &[&key])
            },
        ),
        refusal(
            "a unit more than is ever emitted",
            E::EmissionExhausted,
            |world| {
                mint_after(
                    |config| config.emitted_units = 29_999_999_999_999_999,
                    2,
                    world,
                )
            },
        ),
        refusal("a unit above 800 million", E::CapExceeded, |world| {
            let nearly = |config: &mut Config| {
                config.emitted_units = 29_999_999_999_999_999;
                config.reminted_units = 1;
            };
            mint_after(nearly, 1, world)
        }),
        refusal("a start before unix time", E::GenesisTooFar, |world| {
            *world = World::new();
            let authority = world.authority.insecure_clone();
            let mut start = initialize(world);
            start.genesis_ts = -1;
            world.send(&[start.instruction()], &[&authority])
        }),
        refusal("more than 64 bits hold", E::MathOverflow, |world| {
            world.edit::<Config>(&pda::token::config(), |config| {
                config.burned_units = u64::MAX;
            });
            let burn = burn(world, 1);
            try_burn(world, burn)
        }),
    ]
}

#[test]
fn each_error_has_its_refusal() {
    let cases: Vec<Case> = [
        vested(),
        emitted(),
        iosd::cases(),
        handed::cases(),
        price_feed::cases(),
    ]
    .into_iter()
    .flatten()
    .collect();
    cases::cover(TokenError::from_code, &cases, &[]);
    cases::run(&World::ready(), &cases);
}

#[test]
fn the_last_unit_of_each_cap_is_allowed() {
    let mut world = World::ready();
    try_create(&mut world, |args| args.total = GENESIS_LEFT).unwrap();
    let last = |config: &mut Config| config.emitted_units = 29_999_999_999_999_999;
    mint_after(last, 1, &mut world).unwrap();
    let config = world.read::<Config>(&pda::token::config());
    assert_eq!(config.emitted_units, 30_000_000_000_000_000);
    assert_eq!(config.allocated_units, 50_000_000_000_000_000);
}
