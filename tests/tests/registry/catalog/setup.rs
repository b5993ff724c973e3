//! New classes: at once while the network is set up, a week later when others earn already.

use iog_client::emission::EmissionError;
use iog_client::events::Event;
use iog_client::pda;
use iog_client::registry::accounts::Device;
use iog_client::registry::events::ClassAdded;
use iog_client::registry::instructions::AddClass;
use iog_client::registry::{self, ClassArgs, ClassTerms, RegistryError};
use iog_tests::world::{class_args, PubkeyOf, GENESIS_TS};
use iog_tests::{Meta, World};

use super::{apply_ix, class, schedule_ix, DAY, WEEK};

const NEW: u16 = 9;

/// What a class of the largest numbers is added with.
fn args() -> ClassArgs {
    ClassArgs {
        pool: 1,
        multiplier_x100: 10_000,
        proof_valid_hours: 168,
        base_price_usd6: 2_500_000,
        vram_gb: 80,
        rows: 163_840_000,
        tiles: 1 << 19,
        waves: 1 << 17,
        commit_slots: 9_000,
        reveal_slots: 450,
        max_cards: 4,
        ..class_args(NEW)
    }
}

fn terms(multiplier_x100: u32) -> ClassTerms {
    ClassTerms {
        multiplier_x100,
        proof_valid_hours: 168,
        rows: 163_840_000,
        tiles: 524_288,
        waves: 131_072,
        commit_slots: 9_000,
        reveal_slots: 450,
        max_cards: 4,
    }
}

fn add(world: &mut World, args: ClassArgs) -> Meta {
    let add = AddClass {
        authority: world.authority.pubkey_of(),
        class: pda::registry::class(args.id),
        args,
    };
    world.govern(add.instruction())
}

fn added(terms: ClassTerms, pending: ClassTerms, effective_ts: i64) -> [Event; 1] {
    let added = ClassAdded {
        class: pda::registry::class(NEW),
        id: NEW,
        pool: 1,
        vram_gb: 80,
        base_price_usd6: 2_500_000,
        enabled: true,
        terms,
        pending,
        effective_ts,
    };
    [Event::Registry(registry::Event::ClassAdded(added))]
}

const NONE: ClassTerms = ClassTerms {
    multiplier_x100: 0,
    proof_valid_hours: 0,
    rows: 0,
    tiles: 0,
    waves: 0,
    commit_slots: 0,
    reveal_slots: 0,
    max_cards: 0,
};

#[test]
fn while_the_network_is_set_up_a_class_is_whole_at_once() {
    let mut world = World::ready();
    world.set_time(GENESIS_TS + DAY - 1);
    let meta = add(&mut world, args());
    assert_eq!(meta.events, added(terms(10_000), NONE, 0));
    let content = class(&world, NEW);
    assert_eq!((content.id, content.pool, content.enabled), (9, 1, 1));
    assert_eq!((content.multiplier_x100, content.vram_gb), (10_000, 80));
    assert_eq!(content.stake_multiplier_x100, 10_000);
    assert_eq!(content.proof_valid_hours, 168);
    assert_eq!(content.base_price_usd6, 2_500_000);
    assert_eq!(
        (content.rows, content.tiles, content.waves),
        (163_840_000, 524_288, 131_072)
    );
    assert_eq!((content.commit_slots, content.reveal_slots), (9_000, 450));
    assert_eq!((content.max_cards, content.devices), (4, 0));
    assert_eq!(content.name[..5], *b"test\0");
    assert_eq!((content.price_ts, content.pending_ts), (world.now(), 0));
    assert_eq!(content.pending, NONE);
    assert_eq!((content.gpus_active, content.version), (0, 1));
    assert_eq!(content.reserved, [0; 48]);
}

/// redteam 12a: the first multiplier of a class waits too: else a class of multiplier 100 on a table of 256 rows scored as ten H100 a
/// key from its first hour.
#[test]
fn later_its_first_multiplier_waits_a_week() {
    let mut world = World::ready();
    world.set_time(GENESIS_TS + DAY);
    let effective_ts = world.now() + WEEK;
    let meta = add(&mut world, args());
    assert_eq!(meta.events, added(terms(0), terms(10_000), effective_ts));
    let content = class(&world, NEW);
    assert_eq!(
        (content.multiplier_x100, content.pending_ts),
        (0, effective_ts)
    );
    assert_eq!(content.pending, terms(10_000));
    world.set_time(effective_ts - 1);
    let anyone = world.wallet();
    world.refuses(RegistryError::TooEarly, apply_ix(NEW), &[&anyone]);
    world.set_time(effective_ts);
    world.must(apply_ix(NEW), &[&anyone]);
    let content = class(&world, NEW);
    assert_eq!(
        (content.multiplier_x100, content.stake_multiplier_x100),
        (10_000, 10_000)
    );
    // From now on a fifth a change, like any other.
    let far = schedule_ix(&world.authority.pubkey_of(), NEW, terms(7_999));
    let by = world.authority.insecure_clone();
    world.refuses(RegistryError::RateMovesTooFar, far, &[&by]);
}

/// redteam 12a: whoever adds the class for itself earns nothing in that week, whatever it proves.
#[test]
fn nobody_earns_in_a_class_before_its_multiplier_holds() {
    let mut world = World::ready();
    world.set_time(GENESIS_TS + DAY);
    let tiny = ClassArgs {
        multiplier_x100: 10_000,
        rows: 256,
        tiles: 1,
        ..class_args(NEW)
    };
    add(&mut world, tiny);
    let supplier = world.registered(NEW, 1);
    // Multiplier 0 asks for what 1 asks for: 200 IO.
    world.stake(&supplier, 20_000_000_000);
    world.open_rewards(&supplier);
    world.edit::<Device>(&supplier.device, |device| {
        device.registered_ts = GENESIS_TS;
    });
    world.open_page(1);
    let anyone = world.wallet();
    world.set_time(GENESIS_TS + DAY + WEEK - 1);
    world.mark_passed(&supplier);
    let check_in = world.check_in_ix(&supplier).instruction();
    world.refuses(EmissionError::ClassEarnsNothing, check_in, &[&anyone]);
    // Then it does, with the stake of multiplier 100: 20,000 IO, of which it has 200.
    world.set_time(GENESIS_TS + DAY + WEEK);
    world.must(apply_ix(NEW), &[&anyone]);
    world.mark_passed(&supplier);
    let check_in = world.check_in_ix(&supplier).instruction();
    world.refuses(EmissionError::NotStaked, check_in, &[&anyone]);
    let add = world
        .increase_ix(&supplier, 1_979_999_999_999)
        .instruction();
    world.must(add, &[&supplier.owner]);
    let check_in = world.check_in_ix(&supplier).instruction();
    world.refuses(EmissionError::NotStaked, check_in.clone(), &[&anyone]);
    let add = world.increase_ix(&supplier, 1).instruction();
    world.must(add, &[&supplier.owner]);
    world.must(check_in, &[&anyone]);
}

/// A class without a multiplier of its own waits for nothing.
#[test]
fn a_class_that_earns_nothing_is_whole_at_once() {
    let mut world = World::ready();
    world.set_time(GENESIS_TS + DAY);
    for (id, proof_valid_hours) in [(11, 0), (12, 3)] {
        let quiet = ClassArgs {
            multiplier_x100: 0,
            proof_valid_hours,
            ..class_args(id)
        };
        add(&mut world, quiet);
        let content = class(&world, id);
        assert_eq!((content.multiplier_x100, content.pending_ts), (0, 0));
        assert_eq!(content.proof_valid_hours, proof_valid_hours);
    }
    // The first one of a proved class the authority gives later, a week ahead; the catalogue's never.
    let catalog = super::role(&mut world);
    let first = super::terms_of(&world, 12);
    let first = ClassTerms {
        multiplier_x100: 75,
        ..first
    };
    let by = catalog.pubkey_of();
    world.refuses(
        RegistryError::RateNotSet,
        schedule_ix(&by, 12, first),
        &[&catalog],
    );
    let by = world.authority.pubkey_of();
    world.govern(schedule_ix(&by, 12, first));
    assert_eq!(class(&world, 12).multiplier_x100, 0);
    world.advance(WEEK);
    world.govern(apply_ix(12));
    assert_eq!(class(&world, 12).multiplier_x100, 75);
}
