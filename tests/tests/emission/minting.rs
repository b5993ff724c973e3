//! Minting what hours have shared out, as far as the token program lets it pass.

use iog_client::emission::accounts::Config;
use iog_client::emission::EmissionError as E;
use iog_client::pda;
use iog_client::token::accounts::{Config as TokenConfig, Minter};
use iog_client::token::instructions::{Pause, Resume};
use iog_tests::world::PubkeyOf;
use iog_tests::World;
use solana_instruction::Instruction;

use super::stage::*;

/// Least cap of an hour and least of the breaker's window: twice the first hour's 456,621,004,566 units, and 24 times that.
pub const CAP: u64 = 913_242_009_132;
const WINDOW: u64 = 21_917_808_219_168;
/// The breaker's window of the emission among the token's four.
const EMISSION_WINDOW: usize = 0;

pub fn set_cap(world: &mut World, cap: u64) {
    let minter = pda::token::minter(&pda::emission::minter_authority());
    world.edit::<Minter>(&minter, |minter| minter.cap_per_hour_units.value = cap);
}

fn set_window(world: &mut World, units: u64) {
    world.edit::<TokenConfig>(&pda::token::config(), |books| {
        let window = &mut books.windows[EMISSION_WINDOW];
        window.limit_units.value = units;
        window.floor_units.value = units;
    });
}

/// What would be due if hours had shared so much more.
fn share_out(world: &mut World, units: u64) {
    world.edit::<Config>(&pda::emission::config(), |books| {
        books.scheduled_units += units;
        books.shared_units += units;
    });
}

fn due(world: &World) -> u64 {
    let books = config(world);
    books.shared_units - books.minted_units
}

/// What one call mints into the vault.
#[track_caller]
pub fn mint(world: &mut World) -> u64 {
    let vault = pda::emission::vault();
    let before = world.balance(&vault);
    world.mint_due();
    check_books(world);
    world.balance(&vault) - before
}

#[track_caller]
fn nothing_due(world: &mut World) {
    let mint = world.mint_due_ix().instruction();
    let anyone = world.wallet();
    world.refuses(E::NothingDue, mint, &[&anyone]);
}

pub fn token_pause(world: &World, paused: bool) -> Instruction {
    let authority = world.authority.pubkey_of();
    if paused {
        let (signer, actions) = (authority, 1);
        Pause { signer, actions }.instruction()
    } else {
        let actions = 1;
        Resume { authority, actions }.instruction()
    }
}

/// redteam 11c: an amount above the hour's cap would be refused as a whole; what is left of it is minted instead, hour by hour.
#[test]
fn the_hours_cap_lets_its_rest_pass() {
    let mut world = planned();
    set_cap(&mut world, CAP);
    share_out(&mut world, 2 * CAP + 5);
    world.set_time(start(1) + 3_599);
    assert_eq!(mint(&mut world), CAP);
    nothing_due(&mut world);
    world.set_time(start(2));
    assert_eq!(mint(&mut world), CAP);
    share_out(&mut world, 10);
    nothing_due(&mut world);
    world.set_time(start(3));
    assert_eq!(mint(&mut world), 15);
    nothing_due(&mut world);
    // What is left of the hour takes what is shared in it.
    share_out(&mut world, CAP);
    assert_eq!(mint(&mut world), CAP - 15);
    assert_eq!(due(&world), 15);
}

/// redteam 11c: an amount above the breaker's window could never pass it; what the window has room for is minted instead.
#[test]
fn the_breaker_lets_its_rest_pass() {
    let mut world = planned();
    set_window(&mut world, WINDOW);
    share_out(&mut world, 2 * WINDOW);
    assert_eq!(mint(&mut world), WINDOW);
    nothing_due(&mut world);
    // A twenty-fourth leaks in an hour: to the unit what the least cap of an hour is.
    world.set_time(start(2));
    assert_eq!(mint(&mut world), CAP);
    nothing_due(&mut world);
    world.set_time(start(26));
    assert_eq!(mint(&mut world), WINDOW - CAP);
    assert_eq!(due(&world), 0);
}

/// The token's own total holds if the emission's books should ever be wrong.
#[test]
fn no_more_is_minted_than_the_token_ever_emits() {
    const EMISSION: u64 = 30_000_000_000_000_000;
    let mut world = planned();
    stand_at(&mut world, 175_319, EMISSION - 1_000);
    share_out(&mut world, 2_000);
    world.mint_due();
    let books = config(&world);
    assert_eq!(books.minted_units, EMISSION);
    assert_eq!(due(&world), 1_000);
    nothing_due(&mut world);
}

/// redteam 11c: with the least cap and the least window ten days without a mint are worked off in ten more, while every hour shares on. At
/// 1.1 times the schedule it would take a hundred.
#[test]
fn a_backlog_is_worked_off_in_the_time_that_it_took() {
    const HOURS: u32 = 240;
    let mut world = planned();
    set_cap(&mut world, CAP);
    set_window(&mut world, WINDOW);
    let share_hour = |world: &mut World| {
        // 2^29 points divide exactly and reach no ceiling.
        others(world, 1 << 29);
        let next = world.hour() + 1;
        world.set_time(start(next));
        open_missing(world, next);
        world.close_hours(1);
    };
    let pause = token_pause(&world, true);
    world.govern(pause);
    for _ in 0..HOURS {
        share_hour(&mut world);
    }
    assert_eq!(due(&world), parts(1, HOURS));
    let resume = token_pause(&world, false);
    world.govern(resume);
    let mut hours = 0;
    while due(&world) > 0 {
        mint(&mut world);
        if due(&world) > 0 {
            share_hour(&mut world);
            hours += 1;
        }
        assert!(hours <= HOURS, "{} due after {hours} hours", due(&world));
    }
    assert!(hours > HOURS / 2, "the cap binds: {hours} hours");
}

/// redteam 11e: what is carried is not minted, and the 300 million bound what is closed, not what is minted.
#[test]
fn hours_are_closed_to_the_last_with_nothing_minted() {
    const EMISSION: u64 = 30_000_000_000_000_000;
    let mut world = planned();
    world.edit::<Config>(&pda::emission::config(), |books| {
        books.next_hour = 175_319;
        books.scheduled_units = scheduled_before(175_319);
        books.enterprise_carry_units = enterprise(books.scheduled_units);
        books.community_carry_units = books.scheduled_units - books.enterprise_carry_units;
    });
    world.set_time(start(175_320));
    open_missing(&mut world, 175_319);
    world.close_hours(1);
    let books = config(&world);
    assert_eq!(books.scheduled_units, EMISSION);
    assert_eq!((books.shared_units, books.minted_units), (0, 0));
    nothing_due(&mut world);
    check_books(&world);
}
