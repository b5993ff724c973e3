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
/// Tier 1, which every device has, one GPU: 50 + 200 * 100 and 50 + 200 * 250.
pub const SCORE: u64 = 20_050;
pub const COMMUNITY_SCORE: u64 = 50_050;
/// What a point of score gets at most in an hour, as the plans have it, and so `SCORE` points.
pub const MOST: u64 = 2_500;
pub const LONE: u64 = 50_125_000;

/// A network in its first hour whose parameters are the plans': 72 hours of exemption, 2,500 base units a point and hour.
pub fn planned() -> World {
    let mut world = World::ready();
    world.edit::<Config>(&pda::emission::config(), |books| {
        books.exempt_hours.value = 72;
        books.max_per_score_units.value = MOST;
    });
    world
}

/// The same where a point may get any amount, so that two devices share an hour whole as thousands would.
pub fn ready() -> World {
    let mut world = planned();
    world.edit::<Config>(&pda::emission::config(), |books| {
        books.max_per_score_units.value = u64::MAX;
    });
    world
}

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

/// A device that is young no longer, in hour 1: its registration is put back. Nobody has measured it.
pub fn aged(world: &mut World, class_id: u16) -> Supplier {
    let supplier = world.supplier(class_id);
    world.edit::<Device>(&supplier.device, |device| {
        device.registered_ts = GENESIS_TS - 43_200;
        (device.tier, device.tier_ts) = (1, 0);
    });
    supplier
}

/// Settles what is pending on page 0.
pub fn settle(world: &mut World, supplier: &Supplier) -> Meta {
    settle_on(world, supplier, 0)
}

pub fn settle_on(world: &mut World, supplier: &Supplier, page: u32) -> Meta {
    let settle = world.settle_rewards_ix(supplier, page).instruction();
    world.govern(settle)
}

pub fn claim(world: &mut World, supplier: &Supplier) -> Meta {
    let claim = world.claim_ix(supplier).instruction();
    world.govern(claim)
}

/// What a score gets of what a pool shares: `score * (amount / total)`, the quotient in Q64.64, both rounded down.
pub fn share(score: u64, amount: u64, total: u64) -> u64 {
    let per_score = (u128::from(amount) << 64) / u128::from(total);
    u64::try_from((u128::from(score) * per_score) >> 64).expect("at most the amount")
}

/// What the Enterprise pool gets of the hours from `first` to `last`.
pub fn parts(first: u32, last: u32) -> u64 {
    iog_math::emission::schedule()
        .take_while(|hour| hour.hour <= last)
        .filter(|hour| hour.hour >= first)
        .map(|hour| enterprise(hour.amount))
        .sum()
}

/// What the Enterprise pool shares in an hour before which `carry` was left, where no limit on a point binds: its part and at most
/// as much again.
pub fn with_carry(hour: u32, carry: u64) -> u64 {
    let part = parts(hour, hour);
    part + carry.min(part)
}

/// 95 %, rounded down.
pub fn enterprise(amount: u64) -> u64 {
    u64::try_from(u128::from(amount) * 95 / 100).expect("at most the amount")
}

/// The schedule's hours before `hour`, in all.
pub fn scheduled_before(hour: u32) -> u64 {
    iog_math::emission::schedule()
        .take_while(|entry| entry.hour < hour)
        .map(|entry| entry.amount)
        .sum()
}

/// What the closed hours that a device has not settled are worth to it.
fn unsettled(world: &World, supplier: &Supplier, next_hour: u32) -> u64 {
    let rewards = rewards(world, supplier);
    let pending = &rewards.pending[..usize::from(rewards.pending_count)];
    let closed = pending.iter().filter(|hour| hour.hour < next_hour);
    let worth = closed.map(|hour| {
        let ledger = page(world, hour.hour).hours[usize::try_from((hour.hour - 1) % 128).unwrap()];
        let pool = [ledger.enterprise, ledger.community][usize::from(hour.pool)];
        (u128::from(hour.score) * pool.per_score_x64) >> 64
    });
    u64::try_from(worth.sum::<u128>()).unwrap()
}

/// The identities, to the unit but for less than one unit of dust a device and hour; these are all devices. redteam 11e
#[track_caller]
pub fn check_identities(world: &World, suppliers: &[&Supplier], dust: u64) {
    check_books(world);
    let books = config(world);
    let vault = world.balance(&pda::emission::vault());
    let due = books.shared_units - books.minted_units;
    let pending: u64 = suppliers
        .iter()
        .map(|supplier| unsettled(world, supplier, books.next_hour))
        .sum();
    let owed = books.booked_units + pending;
    assert!(owed <= vault + due, "{owed} owed of {vault} and {due}");
    assert!(
        vault + due - owed <= dust,
        "{} units of dust",
        vault + due - owed
    );
}

/// `scheduled = shared + carries`, and the vault holds what is minted and not claimed. Nothing was donated.
#[track_caller]
pub fn check_books(world: &World) {
    let books = config(world);
    let carried = books.enterprise_carry_units + books.community_carry_units;
    assert_eq!(books.scheduled_units, books.shared_units + carried);
    assert!(books.minted_units <= books.shared_units);
    assert!(books.booked_units + books.claimed_units <= books.shared_units);
    let vault = world.balance(&pda::emission::vault());
    assert_eq!(vault, books.minted_units - books.claimed_units);
    world.check_supply();
}

/// Closes everything that is over; the calls that it took.
pub fn catch_up(world: &mut World) -> u32 {
    let mut calls = 0;
    while config(world).next_hour < world.hour() {
        let before = config(world).next_hour;
        open_missing(world, before);
        let meta = world.close_hours(48);
        assert!(config(world).next_hour > before, "each call closes hours");
        assert!(meta.units < 400_000, "{} units", meta.units);
        calls += 1;
    }
    calls
}

/// Opens the page of an hour unless it is open.
pub fn open_missing(world: &mut World, hour: u32) {
    if world.find(&page_of(hour)).is_none() {
        world.open_page((hour - 1) / 128);
    }
}

/// Books as they would be when `hour` begins to run and all before it, `emitted` units, was shared out, minted and claimed.
pub fn stand_at(world: &mut World, hour: u32, emitted: u64) {
    world.edit::<Config>(&pda::emission::config(), |books| {
        books.next_hour = hour;
        books.scheduled_units = emitted;
        books.shared_units = emitted;
        books.minted_units = emitted;
        books.claimed_units = emitted;
    });
    let tokens = pda::token::config();
    world.edit::<TokenConfig>(&tokens, |books| books.emitted_units = emitted);
    world.set_time(start(hour));
    open_missing(world, hour);
}

/// The same when `hour` is over and not closed.
pub fn stand_before(world: &mut World, hour: u32, emitted: u64) {
    stand_at(world, hour, emitted);
    world.set_time(start(hour + 1));
    open_missing(world, hour + 1);
}

/// Adds what other devices would to the running hour's Enterprise pool, behind the program's back.
pub fn others(world: &mut World, score: u64) {
    let hour = world.hour();
    world.edit::<LedgerPage>(&page_of(hour), |page| {
        let at = usize::try_from((hour - 1) % 128).unwrap();
        page.hours[at].enterprise.total_score += score;
    });
}
