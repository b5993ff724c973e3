//! What the tests of the emission start from.

use iog_client::emission::accounts::{Config, DeviceRewards, LedgerPage};
use iog_client::emission::Event;
use iog_client::pda;
use iog_client::registry::accounts::Device;
use iog_client::token::accounts::Config as TokenConfig;
use iog_tests::world::{page_of, GENESIS_TS};
use iog_tests::{Meta, Supplier, World};

/// 500 M IO * 8 % / 8,760 hours, in base units, and its shares of 95 % and 5 %.
pub const FIRST: u64 = 456_621_004_566;
pub const ENTERPRISE: u64 = 433_789_954_337;
pub const COMMUNITY: u64 = 22_831_050_229;
/// Tier 2, one GPU: 50 * 2 + 200 * 100 and 50 * 2 + 200 * 250.
pub const SCORE: u64 = 20_100;
pub const COMMUNITY_SCORE: u64 = 50_100;

pub fn emission_events(meta: &Meta) -> Vec<Event> {
    let ours = |event: &iog_client::Event| match event {
        iog_client::Event::Emission(event) => Some(event.clone()),
        _ => None,
    };
    meta.events.iter().filter_map(ours).collect()
}

pub fn config(world: &World) -> Config {
    world.read::<Config>(&pda::emission::config())
}

pub fn rewards(world: &World, supplier: &Supplier) -> DeviceRewards {
    world.read::<DeviceRewards>(&supplier.rewards)
}

/// The ledger page that an hour lies on.
pub fn page(world: &World, hour: u32) -> LedgerPage {
    world.read::<LedgerPage>(&page_of(hour))
}

/// First second of an hour.
pub fn start(hour: u32) -> i64 {
    GENESIS_TS + i64::from(hour - 1) * 3_600
}

/// A device that is young no longer, in hour 1: its registration is put back.
pub fn aged(world: &mut World, class_id: u16) -> Supplier {
    let supplier = world.supplier(class_id);
    world.edit::<Device>(&supplier.device, |device| {
        device.registered_ts = GENESIS_TS - 43_200;
    });
    supplier
}

/// Settles what is pending on page 0.
pub fn settle(world: &mut World, supplier: &Supplier) -> Meta {
    let settle = world.settle_rewards_ix(supplier, 0).instruction();
    world.govern(settle)
}

pub fn claim(world: &mut World, supplier: &Supplier) -> Meta {
    let claim = world.claim_ix(supplier).instruction();
    world.govern(claim)
}

/// What a score gets of a pool's amount: `score * (amount / total)`, the quotient in Q64.64, both rounded down.
pub fn share(score: u64, amount: u64, total: u64) -> u64 {
    let per_score = (u128::from(amount) << 64) / u128::from(total);
    u64::try_from((u128::from(score) * per_score) >> 64).expect("at most the amount")
}

/// What the vault holds beyond what is booked, pending and carried is dust of roundings and donations.
pub fn check_books(world: &World) {
    let books = config(world);
    let vault = world.balance(&pda::emission::vault());
    assert!(
        vault >= books.booked_units + books.enterprise_carry_units + books.community_carry_units
    );
    assert_eq!(vault, books.minted_units - books.claimed_units);
    assert!(books.minted_units >= books.booked_units + books.claimed_units);
    world.check_supply();
}

/// Closes everything that is over, an hour of the clock for each call, as the minter's cap demands.
pub fn catch_up(world: &mut World) -> u32 {
    let mut calls = 0;
    while config(world).next_hour < world.hour() {
        let page = page_of(config(world).next_hour);
        if world.find(&page).is_none() {
            world.open_page((config(world).next_hour - 1) / 128);
        }
        let before = config(world).next_hour;
        let meta = world.close_hours(48);
        assert!(config(world).next_hour > before, "each call closes hours");
        assert!(meta.units < 400_000, "{} units", meta.units);
        calls += 1;
        if config(world).next_hour < world.hour() {
            world.set_time(world.now() + 3_600);
        }
    }
    calls
}

/// Books as they would be when `hour` is over and not closed, with `emitted` minted before it.
pub fn stand_before(world: &mut World, hour: u32, emitted: u64) {
    world.edit::<Config>(&pda::emission::config(), |books| {
        (books.next_hour, books.minted_units) = (hour, emitted);
    });
    let tokens = pda::token::config();
    world.edit::<TokenConfig>(&tokens, |books| books.emitted_units = emitted);
    world.set_time(start(hour + 1));
    let index = (hour - 1) / 128;
    if world.find(&pda::emission::page(index)).is_none() {
        world.open_page(index);
    }
}
