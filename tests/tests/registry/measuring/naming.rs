//! Measurers are named a day ahead and removed at once; the quorum is more than half of them.

use iog_client::events::Event;
use iog_client::pda;
use iog_client::registry;
use iog_client::registry::accounts::{Config, Measurements};
use iog_client::registry::events::{MeasurerSet, QuorumSet};
use iog_client::registry::{Measurement, RegistryError};
use iog_tests::world::{PubkeyOf, CLASS_TEST, GENESIS_TS};
use iog_tests::World;
use solana_pubkey::Pubkey;

use super::{measure_ix, open_ix, set_measurer_ix, set_quorum_ix, speed_test, Stage, DAY, NOBODY};

fn config(world: &World) -> Config {
    world.read(&pda::registry::config())
}

/// Sets a place; returns what was said.
fn set(world: &mut World, index: u8, key: Pubkey) -> Vec<Event> {
    let set = set_measurer_ix(world, index, key);
    world.govern(set).events
}

fn said(index: u8, before: Pubkey, after: Pubkey, since_ts: i64) -> [Event; 1] {
    let set = MeasurerSet {
        index,
        before,
        after,
        since_ts,
    };
    [Event::Registry(registry::Event::MeasurerSet(set))]
}

#[test]
fn a_measurer_is_named_at_once_in_the_setup_and_a_day_ahead_later() {
    let mut world = World::ready();
    let [first, second, third] = [(); 3].map(|()| world.address());
    let events = set(&mut world, 0, first);
    assert_eq!(events, said(0, NOBODY, first, GENESIS_TS));
    world.set_time(GENESIS_TS + DAY);
    let events = set(&mut world, 8, second);
    let since_ts = GENESIS_TS + 2 * DAY;
    assert_eq!(events, said(8, NOBODY, second, since_ts));
    let place = config(&world).measurers[8];
    assert_eq!((place.key, place.since_ts), (second, since_ts));
    // Replaced in one step: the new one waits, the old one is out.
    let events = set(&mut world, 8, third);
    assert_eq!(events, said(8, second, third, since_ts));
    // Removed at once.
    let events = set(&mut world, 8, NOBODY);
    assert_eq!(events, said(8, third, NOBODY, 0));
    assert_eq!(config(&world).measurers[8].key, NOBODY);
    assert_eq!(config(&world).measurers[0].key, first);
}

#[test]
fn a_named_measurer_measures_from_its_second_on() {
    let mut stage = Stage::new(0);
    stage.pass(DAY);
    let by = stage.world.wallet();
    set(&mut stage.world, 4, by.pubkey_of());
    let test = speed_test(&stage.world, 2);
    let early = measure_ix(&by, &stage.one, test);
    stage
        .world
        .refuses(RegistryError::NotMeasurer, early, &[&by]);
    stage.pass(DAY - 1);
    let test = speed_test(&stage.world, 2);
    let early = measure_ix(&by, &stage.one, test);
    stage
        .world
        .refuses(RegistryError::NotMeasurer, early, &[&by]);
    stage.pass(1);
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
    let test = speed_test(&stage.world, 2);
    let late = measure_ix(&by, &stage.one, test);
    stage
        .world
        .refuses(RegistryError::NotMeasurer, late, &[&by]);
}

/// redteam 12b: no device is judged by the few it gets on with.
#[test]
fn a_quorum_is_three_at_least_and_more_than_half_of_those_named() {
    let mut world = World::ready();
    assert_eq!(config(&world).quorum, 3);
    let authority = world.authority.insecure_clone();
    let quorum = |world: &mut World, quorum: u8, fits: bool| {
        let before = config(world).quorum;
        let set = set_quorum_ix(world, quorum);
        if !fits {
            world.refuses(RegistryError::InvalidQuorum, set, &[&authority]);
            assert_eq!(config(world).quorum, before);
            return;
        }
        let said = QuorumSet {
            before,
            after: quorum,
        };
        let events = world.govern(set).events;
        assert_eq!(events, [Event::Registry(registry::Event::QuorumSet(said))]);
    };
    for (value, fits) in [(0, false), (2, false), (10, false), (9, true), (3, true)] {
        quorum(&mut world, value, fits);
    }
    // Three of five are enough, of six they are not.
    let keys: Vec<Pubkey> = (0..9).map(|_| world.address()).collect();
    for (index, key) in (0..5).zip(&keys) {
        set(&mut world, index, *key);
    }
    let sixth = set_measurer_ix(&world, 5, keys[5]);
    world.refuses(RegistryError::InvalidQuorum, sixth.clone(), &[&authority]);
    quorum(&mut world, 4, true);
    world.govern(sixth);
    set(&mut world, 6, keys[6]);
    quorum(&mut world, 3, false);
    let eighth = set_measurer_ix(&world, 7, keys[7]);
    world.refuses(RegistryError::InvalidQuorum, eighth.clone(), &[&authority]);
    quorum(&mut world, 5, true);
    world.govern(eighth);
    set(&mut world, 8, keys[8]);
    quorum(&mut world, 4, false);
    // Removing asks for no other quorum, and replacing counts as one named.
    let other = world.address();
    set(&mut world, 0, other);
    for index in 0..9 {
        set(&mut world, index, NOBODY);
    }
    quorum(&mut world, 3, true);
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
