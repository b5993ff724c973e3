//! Vesting: allocated by the authority, paid by anyone, to the unit and the second.

use iog_client::pda;
use iog_client::token::accounts::Vesting;
use iog_client::token::events::{VestingCreated, VestingReleased};
use iog_client::token::instructions::{CreateVesting, ReleaseVested};
use iog_client::token::{Event, TokenError, VestingArgs};
use iog_tests::world::{ata, spl, PubkeyOf, GENESIS_TS};
use iog_tests::World;
use solana_pubkey::Pubkey;

use crate::setup::{only_event, refused, IO};

const MONTH: i64 = 2_629_800;

fn schedule(id: u8, beneficiary: Pubkey) -> VestingArgs {
    VestingArgs {
        id,
        beneficiary,
        total: 2_400 * IO,
        at_start_bps: 0,
        first_release_secs: 13 * MONTH,
        periods: 24,
        period_secs: MONTH,
        per_second: false,
    }
}

#[test]
fn it_is_created_and_paid_to_the_unit() {
    let mut world = World::ready();
    let beneficiary = world.address();
    let vesting = pda::token::vesting(1);
    let create = CreateVesting {
        authority: world.authority.pubkey_of(),
        vesting,
        args: schedule(1, beneficiary),
    };
    let meta = world.govern(create.instruction());
    let created = VestingCreated {
        id: 1,
        beneficiary,
        total: 240_000_000_000,
        allocated_before: 10_000_000_000_000_000,
        allocated_after: 10_000_240_000_000_000,
    };
    assert_eq!(only_event(&meta), Event::VestingCreated(created));
    assert_eq!(world.token_config().allocated_units, 10_000_240_000_000_000);
    let account = world.read::<Vesting>(&vesting);
    assert_eq!(
        (account.beneficiary, account.start_ts),
        (beneficiary, GENESIS_TS)
    );
    assert_eq!(
        (account.total_units, account.released_units),
        (240_000_000_000, 0)
    );
    assert_eq!((account.version, account.reserved), (1, [0; 30]));
    assert_eq!(world.account(&vesting).data.len(), 120);

    let release = release_of(&mut world, vesting, &beneficiary);
    let to = release.beneficiary_token;
    let vault = world.balance(&pda::token::vesting_vault());
    // The first of 24 parts is due after 13 months; three more with the sixteenth.
    for (months, paid, before) in [(13, 100 * IO, 0), (16, 300 * IO, 100 * IO)] {
        world.set_time(GENESIS_TS + months * MONTH);
        let meta = world.govern(release.instruction());
        let released = VestingReleased {
            id: 1,
            beneficiary,
            amount: paid,
            released_before: before,
            released_after: before + paid,
        };
        assert_eq!(only_event(&meta), Event::VestingReleased(released));
        assert_eq!(world.balance(&to), before + paid);
    }
    assert_eq!(
        world.balance(&pda::token::vesting_vault()),
        vault - 400 * IO
    );
    assert_eq!(world.read::<Vesting>(&vesting).released_units, 400 * IO);
}

fn release_of(world: &mut World, vesting: Pubkey, beneficiary: &Pubkey) -> ReleaseVested {
    let io = world.io;
    let associated = world.token_account(beneficiary, &io);
    ReleaseVested {
        signer: world.authority.pubkey_of(),
        vesting,
        io_mint: io,
        beneficiary_token: associated,
        associated,
    }
}

/// 1,000,003 units, 45 percent at once and the rest over 2,000 seconds.
fn linear(world: &mut World) -> (ReleaseVested, Pubkey) {
    let beneficiary = world.address();
    let vesting = world.create_vesting(VestingArgs {
        total: 1_000_003,
        at_start_bps: 4_500,
        first_release_secs: 0,
        periods: 2,
        period_secs: 1_000,
        per_second: true,
        ..schedule(1, beneficiary)
    });
    (release_of(world, vesting, &beneficiary), beneficiary)
}

#[test]
fn a_linear_schedule_pays_to_the_second() {
    let mut world = World::ready();
    let (release, _) = linear(&mut world);
    let to = release.beneficiary_token;
    // 45 % at once is 450,001 (floor); the rest of 550,002 over 2,000 seconds, floor(550,002 / 2,000) after one.
    for (secs, total) in [
        (0, 450_001),
        (1, 450_276),
        (1_999, 999_727),
        (2_000, 1_000_003),
    ] {
        world.set_time(GENESIS_TS + secs);
        world.govern(release.instruction());
        assert_eq!(world.balance(&to), total, "after {secs} s");
    }
}

#[test]
fn any_number_of_releases_by_anyone_sum_to_the_total() {
    let mut world = World::ready();
    let (mut release, beneficiary) = linear(&mut world);
    let to = release.beneficiary_token;
    let mut before = 0;
    // Every stranger pays for the call, and nothing is lost to the odd seconds between them.
    for secs in (0..2_000).step_by(37).chain([1_999, 2_000]) {
        world.set_time(GENESIS_TS + secs);
        let stranger = world.wallet();
        release.signer = stranger.pubkey_of();
        let meta = world.must(release.instruction(), &[&stranger]);
        let Event::VestingReleased(event) = only_event(&meta) else {
            panic!("no release");
        };
        assert_eq!(event.beneficiary, beneficiary);
        assert_eq!(event.released_before, before);
        assert_eq!(event.released_after, before + event.amount);
        // floor(45 %) and floor of what each second adds
        let secs = u64::try_from(secs).unwrap();
        assert_eq!(event.released_after, 450_001 + 550_002 * secs / 2_000);
        before = event.released_after;
        refused(
            &mut world,
            TokenError::NothingDue,
            release.instruction(),
            &[&stranger],
        );
    }
    assert_eq!(world.balance(&to), 1_000_003);
    // Years after its end nothing more is due, and a clock that steps back takes nothing away.
    for secs in [100 * MONTH, 1_000] {
        world.set_time(GENESIS_TS + secs);
        let stranger = world.wallet();
        release.signer = stranger.pubkey_of();
        refused(
            &mut world,
            TokenError::NothingDue,
            release.instruction(),
            &[&stranger],
        );
    }
    assert_eq!(world.balance(&to), 1_000_003);
}

#[test]
fn one_release_after_the_end_pays_everything() {
    let mut world = World::ready();
    let (release, _) = linear(&mut world);
    world.set_time(GENESIS_TS + 50 * MONTH);
    world.govern(release.instruction());
    assert_eq!(world.balance(&release.beneficiary_token), 1_000_003);
}

/// The genesis allocation as published: IO, share at the start, first month, periods of a month, and whether to the second.
const PARTS: [(u64, u16, i64, u32, bool); 6] = [
    (100_000_000, 0, 13, 24, false),
    (81_200_000, 0, 13, 24, false),
    (90_720_000, 0, 13, 36, false),
    (128_080_000, 3_000, 6, 35, true),
    (80_000_000, 4_500, 0, 41, true),
    (20_000_000, 10_000, 0, 0, true),
];

#[test]
fn the_published_schedules_take_the_whole_supply_and_pay_it_within_four_years() {
    let mut world = World::new();
    world.init_token();
    let beneficiary = world.address();
    let mut releases = Vec::new();
    for (id, (total, at_start_bps, first, periods, per_second)) in (1..).zip(PARTS) {
        let vesting = world.create_vesting(VestingArgs {
            id,
            beneficiary,
            total: total * IO,
            at_start_bps,
            first_release_secs: first * MONTH,
            periods,
            period_secs: MONTH,
            per_second,
        });
        releases.push(release_of(&mut world, vesting, &beneficiary));
    }
    assert_eq!(world.token_config().allocated_units, 50_000_000_000_000_000);
    let to = ata(&beneficiary, &world.io);
    // At the start 30 % of 128.08 M, 45 % of 80 M and 20 M; after 48 months everything.
    for (months, paid, pays) in [
        (0, 9_442_400_000_000_000, 3..6),
        (48, 50_000_000_000_000_000, 0..5),
    ] {
        world.set_time(GENESIS_TS + months * MONTH);
        for (part, release) in releases.iter().enumerate() {
            if pays.contains(&part) {
                world.govern(release.instruction());
            } else {
                let authority = world.authority.insecure_clone();
                let release = release.instruction();
                refused(&mut world, TokenError::NothingDue, release, &[&authority]);
            }
        }
        assert_eq!(world.balance(&to), paid, "after {months} months");
    }
    assert_eq!(world.balance(&pda::token::vesting_vault()), 0);
}

/// audit: money L5: a schedule that could never pay locked its allocation for good. One that ends within 20 years is taken, to the second.
#[test]
fn no_schedule_ends_after_20_years() {
    const YEARS: i64 = 631_152_000;
    let ready = World::ready();
    for (first_release_secs, period_secs, periods, per_second, right) in [
        (YEARS, 1, 1, false, true),
        (YEARS, 1, 2, false, false),
        (YEARS + 1, 1, 1, false, false),
        (0, YEARS, 2, false, true),
        (1, YEARS, 2, false, false),
        (0, YEARS, 1, true, true),
        (1, YEARS, 1, true, false),
        (0, YEARS / 240, 240, true, true),
        (0, i64::MAX / 2, 3, false, false),
        (i64::MAX, 1, 1, false, false),
        (0, i64::MAX, u32::MAX, true, false),
    ] {
        let mut world = ready.clone();
        let outcome = crate::setup::try_create(&mut world, |args| {
            args.first_release_secs = first_release_secs;
            args.period_secs = period_secs;
            args.periods = periods;
            args.per_second = per_second;
        });
        if right {
            assert!(outcome.is_ok(), "{first_release_secs}, {period_secs}");
            let beneficiary = world.read::<Vesting>(&pda::token::vesting(1)).beneficiary;
            let release = release_of(&mut world, pda::token::vesting(1), &beneficiary);
            world.set_time(GENESIS_TS + YEARS);
            world.govern(release.instruction());
            assert_eq!(world.balance(&release.beneficiary_token), 1_000);
        } else {
            iog_tests::world::expect_code(outcome, TokenError::InvalidSchedule);
        }
    }
}

/// audit: money L4: a stranger pays into the associated account, the beneficiary into any of its own; who has given the associated one away
/// is paid into another by anyone.
#[test]
fn strangers_release_into_the_associated_account() {
    let mut world = World::ready();
    let key = world.wallet();
    let vesting = world.create_vesting(VestingArgs {
        total: 1_000,
        at_start_bps: 10_000,
        periods: 0,
        ..schedule(1, key.pubkey_of())
    });
    let right = release_of(&mut world, vesting, &key.pubkey_of());
    let other = world.second_account(&key.pubkey_of(), &right.io_mint);
    let stranger = world.wallet();
    let by = |signer: &solana_keypair::Keypair, to: Pubkey, associated: Pubkey| {
        let release = ReleaseVested {
            signer: signer.pubkey_of(),
            beneficiary_token: to,
            associated,
            ..right.clone()
        };
        release.instruction()
    };
    let own = right.associated;
    let elsewhere = TokenError::NotAssociated;
    for associated in [own, other] {
        let release = by(&stranger, other, associated);
        refused(&mut world, elsewhere, release, &[&stranger]);
    }
    let mut signed = world.clone();
    signed.must(by(&key, other, own), &[&key]);
    assert_eq!(signed.balance(&other), 1_000);
    let mut paid = world.clone();
    paid.must(by(&stranger, own, own), &[&stranger]);
    assert_eq!(paid.balance(&own), 1_000);
    let away = spl::give_away(&own, &key.pubkey_of(), &stranger.pubkey_of());
    world.must(away, &[&key]);
    let release = by(&stranger, own, own);
    refused(
        &mut world,
        TokenError::NotBeneficiary,
        release,
        &[&stranger],
    );
    world.must(by(&stranger, other, own), &[&stranger]);
    assert_eq!(world.balance(&other), 1_000);
}
