//! An hour's emission, to the unit.

use iog_client::emission::accounts::{Config, DeviceRewards, LedgerPage};
use iog_client::emission::events::{CheckedIn, HourClosed, RewardBooked, RewardClaimed};
use iog_client::emission::{Event, PendingHour};
use iog_client::{pda, token};
use iog_tests::world::{PubkeyOf, CLASS_COMMUNITY, CLASS_TEST, GENESIS_TS};
use iog_tests::World;
use solana_pubkey::Pubkey;

use super::stage::*;

#[test]
fn sizes_are_the_published_ones() {
    let mut world = World::ready();
    let supplier = world.supplier(CLASS_TEST);
    assert_eq!(world.account(&pda::emission::config()).data.len(), 304);
    assert_eq!(world.account(&pda::emission::page(0)).data.len(), 8_208);
    assert_eq!(world.account(&supplier.rewards).data.len(), 312);
    assert_eq!(
        [Config::SIZE, LedgerPage::SIZE, DeviceRewards::SIZE],
        [304, 8_208, 312]
    );
}

#[test]
fn a_check_in_adds_the_devices_score_to_the_hour() {
    let mut world = World::ready();
    let supplier = aged(&mut world, CLASS_TEST);
    let meta = world.check_in(&supplier);
    let checked = CheckedIn {
        device: supplier.device,
        hour: 1,
        pool: 0,
        score: SCORE,
        total_score: SCORE,
    };
    assert_eq!(emission_events(&meta), [Event::CheckedIn(checked)]);
    let mut pending = [PendingHour {
        score: 0,
        hour: 0,
        co_share_bps: 0,
        pool: 0,
        reserved: 0,
    }; 8];
    (pending[0].score, pending[0].hour) = (SCORE, 1);
    let expected = DeviceRewards {
        device: supplier.device,
        owner: supplier.owner.pubkey_of(),
        co_staker: Pubkey::default(),
        pending,
        owner_booked_units: 0,
        co_booked_units: 0,
        claimed_units: 0,
        co_claimed_units: 0,
        last_hour: 1,
        pending_count: 1,
        version: 1,
        bump: rewards(&world, &supplier).bump,
        reserved: [0; 41],
    };
    assert_eq!(rewards(&world, &supplier), expected);
    let page = world.read::<LedgerPage>(&pda::emission::page(0));
    assert_eq!(page.hours[0].enterprise.total_score, SCORE);
    assert_eq!(page.hours[0].community.total_score, 0);
}

#[test]
fn an_hour_is_minted_shared_settled_and_claimed_to_the_unit() {
    let mut world = World::ready();
    let supplier = aged(&mut world, CLASS_TEST);
    world.check_in(&supplier);
    world.set_time(GENESIS_TS + 3_600);
    let meta = world.close_hours(1);
    let per_score = (u128::from(ENTERPRISE) << 64) / u128::from(SCORE);
    let reward = u64::try_from((u128::from(SCORE) * per_score) >> 64).unwrap();
    let closed = HourClosed {
        hour: 1,
        emitted: FIRST,
        enterprise_amount: ENTERPRISE,
        enterprise_score: SCORE,
        enterprise_carry: ENTERPRISE - reward,
        community_amount: COMMUNITY,
        community_score: 0,
        community_carry: COMMUNITY,
        minted_before: 0,
        minted_after: FIRST,
    };
    assert_eq!(emission_events(&meta), [Event::HourClosed(closed)]);
    assert_eq!(world.balance(&pda::emission::vault()), FIRST);
    let page = world.read::<LedgerPage>(&pda::emission::page(0));
    assert_eq!(page.hours[0].enterprise.per_score_x64, per_score);

    let meta = settle(&mut world, &supplier);
    let booked = RewardBooked {
        device: supplier.device,
        owner_booked_before: 0,
        owner_booked_after: reward,
        co_booked_before: 0,
        co_booked_after: 0,
    };
    assert_eq!(emission_events(&meta), [Event::RewardBooked(booked)]);
    assert_eq!(config(&world).booked_units, reward);

    let before = world.balance(&supplier.owner_token);
    let meta = claim(&mut world, &supplier);
    let claimed = RewardClaimed {
        device: supplier.device,
        owner: supplier.owner.pubkey_of(),
        amount: reward,
        claimed_before: 0,
        claimed_after: reward,
    };
    assert_eq!(emission_events(&meta), [Event::RewardClaimed(claimed)]);
    assert_eq!(world.balance(&supplier.owner_token), before + reward);
    let books = config(&world);
    assert_eq!(
        (books.booked_units, books.claimed_units, books.minted_units),
        (0, reward, FIRST)
    );
    assert_eq!(world.balance(&pda::emission::vault()), FIRST - reward);
    check_books(&world);
    let tokens = world.read::<token::accounts::Config>(&pda::token::config());
    assert_eq!(tokens.emitted_units, FIRST);
}

/// Three devices of two pools: shares by score within a pool, nothing across.
#[test]
fn pools_are_shared_by_score_and_apart() {
    let mut world = World::ready();
    let [one, two] = [(); 2].map(|()| aged(&mut world, CLASS_TEST));
    let three = aged(&mut world, CLASS_COMMUNITY);
    world.set_tier(&two, 4);
    for supplier in [&one, &two, &three] {
        world.check_in(supplier);
    }
    world.set_time(GENESIS_TS + 3_600);
    world.close_hours(1);
    for supplier in [&three, &one, &two] {
        settle(&mut world, supplier);
    }
    let total = u128::from(2 * SCORE + 100);
    let share = |score: u64, pool: u64, total: u128| {
        let per_score = (u128::from(pool) << 64) / total;
        u64::try_from((u128::from(score) * per_score) >> 64).unwrap()
    };
    let expected = [
        share(SCORE, ENTERPRISE, total),
        share(SCORE + 100, ENTERPRISE, total),
        share(COMMUNITY_SCORE, COMMUNITY, u128::from(COMMUNITY_SCORE)),
    ];
    let got = [&one, &two, &three].map(|s| rewards(&world, s).owner_booked_units);
    assert_eq!(got, expected);
    let books = config(&world);
    assert_eq!(books.booked_units, expected.iter().sum::<u64>());
    let left =
        FIRST - books.booked_units - books.enterprise_carry_units - books.community_carry_units;
    assert!(
        left <= 3,
        "less than one unit a device stays in the vault, not {left}"
    );
    check_books(&world);
}

/// Weakness 1 of a rival: what comes in while nobody takes part is kept for those who come, not lost, not divided by zero.
#[test]
fn empty_hours_and_dust_are_carried_to_the_pools_next_hour() {
    let mut world = World::ready();
    let supplier = aged(&mut world, CLASS_TEST);
    world.set_time(GENESIS_TS + 3 * 3_600);
    world.close_hours(48);
    let minted = config(&world).minted_units;
    let books = config(&world);
    assert_eq!(
        books.enterprise_carry_units + books.community_carry_units,
        minted
    );
    assert_eq!(books.next_hour, 4);
    let carried = books.enterprise_carry_units;
    world.check_in(&supplier);
    world.set_time(GENESIS_TS + 4 * 3_600);
    world.close_hours(48);
    let page = world.read::<LedgerPage>(&pda::emission::page(0));
    let hour = page.hours[3].enterprise;
    let emitted = config(&world).minted_units - minted;
    assert_eq!(hour.amount_units, carried + emitted * 95 / 100);
    settle(&mut world, &supplier);
    let booked = rewards(&world, &supplier).owner_booked_units;
    assert_eq!(
        config(&world).enterprise_carry_units,
        hour.amount_units - booked
    );
    assert!(hour.amount_units - booked <= SCORE, "the carry is dust");
    check_books(&world);
}

/// A score of 20,100 among 1.8 * 10^19: its share is exact, and nobody is paid from nothing.
#[test]
fn a_tiny_score_beside_a_huge_total_is_paid_its_share() {
    let mut world = World::ready();
    let supplier = aged(&mut world, CLASS_TEST);
    world.check_in(&supplier);
    let page = pda::emission::page(0);
    for (total, expected) in [
        (u64::MAX, 0),
        (SCORE * ENTERPRISE, 0),
        (SCORE * (ENTERPRISE - 1), 1),
        (SCORE * 1_000, ENTERPRISE / 1_000),
    ] {
        let mut world = world.clone();
        world.edit::<LedgerPage>(&page, |page| page.hours[0].enterprise.total_score = total);
        world.set_time(GENESIS_TS + 3_600);
        world.close_hours(1);
        settle(&mut world, &supplier);
        assert_eq!(
            rewards(&world, &supplier).owner_booked_units,
            expected,
            "{total}"
        );
        assert_eq!(rewards(&world, &supplier).pending_count, 0);
    }
}
