//! Net emission: what burned for IOSD comes back over 720 hours from the end of the day, to the unit, and never more.

mod stage;

use iog_client::pda;
use iog_client::token::accounts::{Config, Minter, NetEmission};
use iog_client::token::instructions::Pause;
use iog_client::token::TokenError;
use iog_tests::world::{ata, PubkeyOf, GENESIS_TS, RIGHT_NET_EMISSION};
use iog_tests::{Dice, World};
use solana_keypair::Keypair;

use crate::setup::{burn, mint_net_emission, refused, DAY, HOUR, IO};
use stage::Stage;

#[test]
fn a_burn_waits_for_the_end_of_its_day_and_streams_for_720_hours() {
    let mut stage = Stage::new();
    stage.world.warp_to(GENESIS_TS + 5 * HOUR);
    stage.burn(1_000_000_000);
    let day = GENESIS_TS + DAY;
    // 1,000,000,000 / 2,592,000 = 385.8 a second, rounded down over the whole time and not second by second
    for (secs, released) in [
        (-1, 0),
        (0, 0),
        (1, 385),
        (2, 771),
        (3, 1_157),
        (1_000, 385_802),
        (DAY, 33_333_333),
        (15 * DAY, 500_000_000),
        (30 * DAY - 1, 999_999_614),
        (30 * DAY, 1_000_000_000),
        (400 * DAY, 1_000_000_000),
    ] {
        stage.world.set_time(day + secs);
        assert_eq!(stage.available() + stage.spent, released, "after {secs} s");
        stage.drain();
        assert_eq!(stage.spent, released, "after {secs} s");
    }
}

#[test]
fn burns_of_several_days_add_up_exactly() {
    let mut stage = Stage::new();
    for (day, amount) in [
        (0, 700),
        (0, 1_300),
        (1, 333_333_300),
        (12, 100),
        (29, 2_500),
    ] {
        stage
            .world
            .set_time(GENESIS_TS + day * DAY + 77 * (day + 1));
        stage.burn(amount);
        stage.drain();
    }
    for secs in [30 * DAY, 31 * DAY, 42 * DAY + 5, 59 * DAY + HOUR, 60 * DAY] {
        stage.world.set_time(GENESIS_TS + secs);
        stage.drain();
    }
    assert_eq!(stage.spent, 333_337_900);
    // Nothing was burned since, so nothing comes.
    stage.world.set_time(GENESIS_TS + 600 * DAY);
    stage.refuse_more();
}

#[test]
fn a_clock_that_steps_back_gives_and_takes_nothing() {
    let mut stage = Stage::new();
    stage.burn(2_592_000_000);
    stage.world.set_time(GENESIS_TS + 2 * DAY);
    stage.mint(1_000);
    let before = stage.twin;
    stage.world.set_time(GENESIS_TS + 2 * DAY - 10);
    let mint = mint_net_emission(&stage.world, &stage.key, 86_399_001).instruction();
    let exhausted = TokenError::AllowanceExhausted;
    // 1,000 a second over the day, plus a unit
    refused(&mut stage.world, exhausted, mint, &[&stage.key]);
    let rest = mint_net_emission(&stage.world, &stage.key, 86_399_000).instruction();
    stage.world.must(rest, &[&stage.key]);
    let books = stage.world.read::<NetEmission>(&pda::token::net_emission());
    assert_eq!((books.available_units, books.at_ts), (0, before.at_ts));
}

#[test]
fn random_burns_mints_and_waits_never_bring_more_back_than_was_burned() {
    for seed in 1..=6 {
        let mut dice = Dice(seed);
        let mut stage = Stage::new();
        for _ in 0..60 {
            match dice.below(6) {
                0 | 1 => stage.burn(100 * (1 + dice.below(1_000_000_000))),
                2 if stage.available() > 0 => {
                    let amount = 1 + dice.below(stage.available());
                    stage.mint(amount);
                }
                3 => stage.drain(),
                _ => {
                    let most = dice.pick(&[1, 60, HOUR, DAY, 5 * DAY, 40 * DAY]);
                    let secs = dice.below(most.unsigned_abs()) + 1;
                    let now = stage.world.now();
                    stage.world.set_time(now + i64::try_from(secs).unwrap());
                }
            }
        }
        let end = stage.world.now() + 31 * DAY;
        stage.world.set_time(end);
        stage.drain();
        let burned: u64 = stage.burns.iter().map(|(_, amount)| amount).sum();
        assert_eq!(stage.spent, burned, "seed {seed}: in the end all of it");
        assert!(burned > 0);
    }
}

#[test]
fn the_cap_holds_for_each_hour() {
    let mut stage = Stage::new();
    stage.burn(1_000_000);
    let world = &mut stage.world;
    world.edit::<Config>(&pda::token::config(), |config| {
        config.net_emission_cap_per_hour.value = 1_000;
    });
    let (second, second_minter) = {
        world.set_time(GENESIS_TS + HOUR);
        world.plain_minter(RIGHT_NET_EMISSION, 0)
    };
    world.set_time(GENESIS_TS + 32 * DAY);
    let reached = TokenError::NetEmissionCapReached;
    let mint =
        |world: &World, key: &Keypair, amount| mint_net_emission(world, key, amount).instruction();
    let above = mint(world, &stage.key, 1_001);
    refused(world, reached, above, &[&stage.key]);
    world.must(mint(world, &stage.key, 400), &[&stage.key]);
    // All minters share it.
    let above = mint(world, &second, 601);
    refused(world, reached, above, &[&second]);
    world.must(mint(world, &second, 600), &[&second]);
    let one = mint(world, &stage.key, 1);
    refused(world, reached, one.clone(), &[&stage.key]);
    world.set_time(GENESIS_TS + 32 * DAY + HOUR - 1);
    refused(world, reached, one.clone(), &[&stage.key]);
    world.set_time(GENESIS_TS + 32 * DAY + HOUR);
    world.must(mint(world, &stage.key, 1_000), &[&stage.key]);
    // Back in the hour before, the newer hour's sum still counts.
    world.set_time(GENESIS_TS + 32 * DAY + HOUR - 1);
    refused(world, reached, one, &[&stage.key]);
    assert_eq!(world.read::<Minter>(&second_minter).minted_units, 600);
}

#[test]
fn only_burns_for_iosd_fill_it_and_no_pause_stops_it() {
    let mut stage = Stage::new();
    let bank = stage.world.bank.insecure_clone();
    let gone = burn(&stage.world, 1_000_000 * IO).instruction();
    stage.world.must(gone, &[&bank]);
    stage.world.donate(&pda::token::vesting_vault(), IO);
    stage.world.set_time(GENESIS_TS + 40 * DAY);
    stage.refuse_more();
    assert_eq!(stage.available(), 0);

    stage.burn(2_592_000);
    stage.world.set_time(GENESIS_TS + 42 * DAY);
    let pause = |world: &World, actions| Pause {
        signer: world.authority.pubkey_of(),
        actions,
    };
    stage.world.govern(pause(&stage.world, 1 | 4).instruction());
    stage.mint(1);
    // audit: money M2: it is how suppliers of IOSD orders are paid, and there is no bit for it.
    let authority = stage.world.authority.insecure_clone();
    for bits in [2, 7] {
        let pause = pause(&stage.world, bits).instruction();
        refused(
            &mut stage.world,
            TokenError::UnknownAction,
            pause,
            &[&authority],
        );
    }
    let nothing = mint_net_emission(&stage.world, &stage.key, 0).instruction();
    refused(
        &mut stage.world,
        TokenError::ZeroAmount,
        nothing,
        &[&stage.key],
    );
}

#[test]
fn it_never_passes_the_hard_cap() {
    let mut stage = Stage::new();
    stage.burn(2_592_000_000);
    stage.world.set_time(GENESIS_TS + 3 * DAY);
    // 800,000,000 IO but for 7 units: genesis, the whole emission, and what was burned brought back.
    stage.world.edit::<Config>(&pda::token::config(), |config| {
        config.emitted_units = 30_000_000_000_000_000;
        config.burned_units = 7;
    });
    let above = mint_net_emission(&stage.world, &stage.key, 8).instruction();
    refused(
        &mut stage.world,
        TokenError::CapExceeded,
        above,
        &[&stage.key],
    );
    let last = mint_net_emission(&stage.world, &stage.key, 7).instruction();
    stage.world.must(last.clone(), &[&stage.key]);
    refused(
        &mut stage.world,
        TokenError::CapExceeded,
        last,
        &[&stage.key],
    );
    let to = ata(&stage.world.bank.pubkey_of(), &stage.world.io);
    assert!(stage.world.balance(&to) >= 7);
}
