//! Measurers are named a day ahead and removed at once; the quorum is more than half of them.

use iog_client::events::Event;
use iog_client::pda;
use iog_client::registry;
use iog_client::registry::accounts::{Config, Measurements};
use iog_client::registry::events::{MeasurerDropped, MeasurerSet};
use iog_client::registry::instructions::{ApplyParameter, SetParameter};
use iog_client::registry::{Measurement, ParameterId, RegistryError};
use iog_tests::world::{PubkeyOf, CLASS_TEST, GENESIS_TS};
use iog_tests::World;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::{
    apply_measurer_ix, drop_measurer_ix, measure_ix, open_ix, set_measurer_ix, speed_test,
    with_quorum, Stage, DAY, NOBODY,
};

fn config(world: &World) -> Config {
    world.read(&pda::registry::config())
}

/// Sets a place; returns what was said.
fn set(world: &mut World, index: u8, key: Pubkey) -> Vec<Event> {
    let set = set_measurer_ix(world, index, key);
    world.govern(set).events
}

/// Anyone gives the place to who was named; returns what was said.
fn apply(world: &mut World, index: u8) -> Vec<Event> {
    let anyone = world.wallet();
    world.must(apply_measurer_ix(index), &[&anyone]).events
}

/// What is said of a place: who held it and who does, since when, and who waits from when on.
fn said(
    index: u8,
    [before, after]: [Pubkey; 2],
    since_ts: i64,
    (pending, effective_ts): (Pubkey, i64),
) -> [Event; 1] {
    let set = MeasurerSet {
        index,
        before,
        after,
        since_ts,
        pending,
        effective_ts,
    };
    [Event::Registry(registry::Event::MeasurerSet(set))]
}

const NO_ONE_WAITS: (Pubkey, i64) = (NOBODY, 0);

/// audit: money M4: naming waits, removing is at once.
#[test]
fn a_measurer_is_named_at_once_in_the_setup_and_a_day_ahead_later() {
    let mut world = World::ready();
    let [first, second, third] = [(); 3].map(|()| world.address());
    world.set_time(GENESIS_TS + DAY - 1);
    let start = world.now();
    let events = set(&mut world, 0, first);
    assert_eq!(events, said(0, [NOBODY, first], start, NO_ONE_WAITS));
    world.set_time(GENESIS_TS + DAY);
    let effective_ts = GENESIS_TS + 2 * DAY;
    let events = set(&mut world, 8, second);
    let waits = (second, effective_ts);
    assert_eq!(events, said(8, [NOBODY, NOBODY], 0, waits));
    let anyone = world.wallet();
    let early = apply_measurer_ix(8);
    world.set_time(effective_ts - 1);
    world.refuses(RegistryError::TooEarly, early, &[&anyone]);
    world.set_time(effective_ts + 5);
    let now = world.now();
    let events = apply(&mut world, 8);
    assert_eq!(events, said(8, [NOBODY, second], now, NO_ONE_WAITS));
    let place = config(&world).measurers[8];
    assert_eq!((place.role.key, place.since_ts), (second, now));
    // Named in its place: it measures on until the other follows.
    let events = set(&mut world, 8, third);
    let waits = (third, now + DAY);
    assert_eq!(events, said(8, [second, second], now, waits));
    // Named anew itself, it drops who waits.
    let events = set(&mut world, 8, second);
    assert_eq!(events, said(8, [second, second], now, NO_ONE_WAITS));
    set(&mut world, 8, third);
    world.advance(DAY + 7 * DAY + 1);
    world.refuses(RegistryError::Lapsed, apply_measurer_ix(8), &[&anyone]);
    // Removed at once, and who was named with it.
    let now = world.now();
    let events = set(&mut world, 8, NOBODY);
    assert_eq!(events, said(8, [second, NOBODY], now, NO_ONE_WAITS));
    let nothing = RegistryError::NothingScheduled;
    world.refuses(nothing, apply_measurer_ix(8), &[&anyone]);
    assert_eq!(config(&world).measurers[0].role.key, first);
}

/// audit: money L10: the guardian sees a hostile naming for a day, and drops it; it removes nobody.
#[test]
fn the_guardian_drops_who_was_named() {
    let mut world = World::ready();
    let [guardian, stranger] = [(); 2].map(|()| world.wallet());
    let held = world.address();
    set(&mut world, 3, held);
    let guard = registry::instructions::SetGuardian {
        authority: world.authority.pubkey_of(),
        guardian: guardian.pubkey_of(),
    };
    world.govern(guard.instruction());
    world.advance(DAY);
    let authority = world.authority.insecure_clone();
    for by in [&guardian, &authority] {
        let key = by.pubkey_of();
        let nothing = RegistryError::NothingScheduled;
        world.refuses(nothing, drop_measurer_ix(key, 3), &[by]);
        let named = world.address();
        set(&mut world, 3, named);
        let refused = drop_measurer_ix(stranger.pubkey_of(), 3);
        world.refuses(RegistryError::NotGuardian, refused, &[&stranger]);
        let meta = world.must(drop_measurer_ix(key, 3), &[by]);
        let dropped = MeasurerDropped {
            by: key,
            index: 3,
            dropped: named,
        };
        assert_eq!(
            meta.events,
            [Event::Registry(registry::Event::MeasurerDropped(dropped))]
        );
        assert_eq!(config(&world).measurers[3].role.key, held);
        assert_eq!(config(&world).measurers[3].role.pending, NOBODY);
    }
}

#[test]
fn a_named_measurer_measures_once_it_has_its_place() {
    let mut stage = Stage::new(0);
    stage.pass(DAY);
    let by = stage.world.wallet();
    set(&mut stage.world, 4, by.pubkey_of());
    let refused = |stage: &mut Stage, by: &Keypair| {
        let test = speed_test(&stage.world, 2);
        let measure = measure_ix(by, &stage.one, test);
        stage
            .world
            .refuses(RegistryError::NotMeasurer, measure, &[by]);
    };
    refused(&mut stage, &by);
    stage.pass(DAY);
    refused(&mut stage, &by);
    apply(&mut stage.world, 4);
    let test = speed_test(&stage.world, 2);
    let measure = measure_ix(&by, &stage.one, test);
    stage.world.must(measure, &[&by]);
    let expected = Measurement {
        measured_ts: stage.world.now(),
        download_mbps: 400,
        upload_mbps: 300,
    };
    assert_eq!(stage.measurements().entries[4], expected);
    // Out, and no more.
    set(&mut stage.world, 4, NOBODY);
    stage.pass(1);
    refused(&mut stage, &by);
}

fn set_quorum(world: &World, value: u64) -> solana_instruction::Instruction {
    let authority = world.authority.pubkey_of();
    let id = ParameterId::Quorum;
    SetParameter {
        authority,
        id,
        value,
    }
    .instruction()
}

/// redteam 12b: no device is judged by the few it gets on with. Who only waits for a place counts like who has it.
#[test]
fn a_quorum_is_three_at_least_and_more_than_half_of_those_named() {
    let mut world = World::ready();
    assert_eq!(config(&world).quorum.value, 3);
    let authority = world.authority.insecure_clone();
    world.set_time(GENESIS_TS + DAY);
    let out = RegistryError::OutOfBounds;
    for value in [0, 2, 10] {
        let set = set_quorum(&world, value);
        world.refuses(out, set, &[&authority]);
    }
    // Three of five are enough, of six they are not.
    let keys: Vec<Pubkey> = (0..9).map(|_| world.address()).collect();
    for (index, key) in (0..5).zip(&keys) {
        set(&mut world, index, *key);
    }
    let sixth = set_measurer_ix(&world, 5, keys[5]);
    world.refuses(RegistryError::InvalidQuorum, sixth.clone(), &[&authority]);
    // Both ways wait a day, and bounds are those of then.
    let rise = set_quorum(&world, 4);
    world.govern(rise);
    world.refuses(RegistryError::InvalidQuorum, sixth.clone(), &[&authority]);
    world.advance(DAY);
    let id = ParameterId::Quorum;
    let apply_quorum = ApplyParameter { id }.instruction();
    world.govern(apply_quorum.clone());
    let fall = set_quorum(&world, 3);
    world.govern(fall.clone());
    world.govern(sixth);
    world.refuses(out, fall, &[&authority]);
    world.advance(DAY);
    world.refuses(out, apply_quorum, &[&authority]);
    set(&mut world, 6, keys[6]);
    let eighth = set_measurer_ix(&world, 7, keys[7]);
    world.refuses(RegistryError::InvalidQuorum, eighth.clone(), &[&authority]);
    with_quorum(&mut world, 5);
    world.govern(eighth);
    set(&mut world, 8, keys[8]);
    let low = set_quorum(&world, 4);
    world.refuses(out, low, &[&authority]);
    // Removing asks for no other quorum, and naming another in a place that is taken counts as one.
    let other = world.address();
    set(&mut world, 0, other);
    for index in 0..9 {
        set(&mut world, index, NOBODY);
    }
    let low = set_quorum(&world, 3);
    world.govern(low);
}

/// redteam 12d: nine measurements do not fit the device's reserve: they have an account of their own.
#[test]
fn the_account_for_tests_is_opened_by_anyone_once_and_stays() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    let address = pda::registry::measurements(&supplier.device);
    // Lamports that somebody left there stop nobody.
    world.fund(&address, 1);
    let open = open_ix(&world, &supplier);
    world.govern(open.clone());
    let account = world.account(&address);
    assert_eq!(
        (account.data.len(), account.lamports),
        (248, world.rent(248))
    );
    let content = world.read::<Measurements>(&address);
    assert_eq!((content.device, content.version), (supplier.device, 1));
    assert_eq!(content.reserved, [0; 62]);
    assert!(content.entries.iter().all(|entry| entry.measured_ts == 0));
    let authority = world.authority.insecure_clone();
    world.refuses(iog_tests::Code::in_use(), open, &[&authority]);
}
