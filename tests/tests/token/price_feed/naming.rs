//! Who reports, and how many must agree: naming waits a day, removing is at once.

use iog_client::token::events::{PriceQuorumSet, ReporterDropped, ReporterSet};
use iog_client::token::instructions::{
    ApplyPriceQuorum, ApplyReporter, DropPriceQuorum, DropReporter, SetGuardian, SetPriceQuorum,
};
use iog_client::token::{Event, TokenError as E};
use iog_tests::world::PubkeyOf;
use iog_tests::World;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::stage::{silent, QUARTER};
use crate::setup::{only_event, refused, DAY};

const NOBODY: Pubkey = Pubkey::new_from_array([0; 32]);

/// Who holds a place, who is named for it, and from when on.
fn place(world: &World, index: usize) -> (Pubkey, Pubkey, i64) {
    let role = &world.price_feed().feed.reporters[index].role;
    (role.key, role.pending, role.pending_ts)
}

pub fn set(world: &mut World, index: u8, key: &Pubkey) -> Event {
    let set = world.set_reporter_ix(index, key).instruction();
    only_event(&world.govern(set))
}

pub fn set_quorum(world: &World, quorum: u64) -> SetPriceQuorum {
    SetPriceQuorum {
        authority: world.authority.pubkey_of(),
        quorum,
    }
}

/// Makes a new key the guardian.
fn guardian(world: &mut World) -> Keypair {
    let guardian = world.wallet();
    let set = SetGuardian {
        authority: world.authority.pubkey_of(),
        guardian: guardian.pubkey_of(),
    };
    world.govern(set.instruction());
    guardian
}

#[test]
fn a_feed_starts_with_a_quorum_and_nobody() {
    let stage = silent(0, 5);
    let feed = stage.world.price_feed();
    assert_eq!((feed.feed.quorum.value, feed.version), (5, 1));
    assert_eq!(feed.reserved, [0; 62]);
    for reporter in feed.feed.reporters {
        assert_eq!(
            (reporter.role.key, reporter.price, reporter.ts),
            (NOBODY, 0, 0)
        );
    }
    // Nobody reports, so there is no price.
    let mut stage = stage;
    stage.burn_refused(E::PriceStale);
}

/// On the day of the initialisation at once, later a day ahead.
#[test]
fn naming_waits_a_day() {
    let mut world = silent(4, 3).world;
    let setup_until_ts = world.token_config().setup_until_ts;
    let [first, second] = [(); 2].map(|()| world.address());
    world.set_time(setup_until_ts - 1);
    let at_once = ReporterSet {
        index: 0,
        before: place(&world, 0).0,
        after: first,
        pending: NOBODY,
        effective_ts: 0,
    };
    assert_eq!(set(&mut world, 0, &first), Event::ReporterSet(at_once));
    assert_eq!(place(&world, 0), (first, NOBODY, 0));

    world.set_time(setup_until_ts);
    let due = setup_until_ts + DAY;
    let waits = ReporterSet {
        index: 0,
        before: first,
        after: first,
        pending: second,
        effective_ts: due,
    };
    assert_eq!(set(&mut world, 0, &second), Event::ReporterSet(waits));
    assert_eq!(place(&world, 0), (first, second, due));
    let (apply, anyone) = (ApplyReporter { index: 0 }.instruction(), world.wallet());
    world.set_time(due - 1);
    refused(&mut world, E::TooEarly, apply.clone(), &[&anyone]);
    world.set_time(due);
    let mut late = world.clone();
    let applied = ReporterSet {
        index: 0,
        before: first,
        after: second,
        pending: NOBODY,
        effective_ts: 0,
    };
    let meta = world.must(apply.clone(), &[&anyone]);
    assert_eq!(only_event(&meta), Event::ReporterSet(applied));
    assert_eq!(place(&world, 0), (second, NOBODY, 0));
    refused(&mut world, E::NothingScheduled, apply.clone(), &[&anyone]);
    // For a week it can be applied.
    late.set_time(due + 7 * DAY + 1);
    refused(&mut late, E::Lapsed, apply, &[&anyone]);
}

/// What the former reporter of a place said goes with it, whether it was removed or replaced.
#[test]
fn a_report_goes_with_its_reporter() {
    let mut stage = silent(5, 3);
    stage.all_say(&[QUARTER; 5]);
    let said = |world: &World, index: usize| {
        let reporter = &world.price_feed().feed.reporters[index];
        (reporter.price, reporter.ts)
    };
    let now = stage.now();
    assert_eq!(said(&stage.world, 1), (QUARTER, now));
    let world = &mut stage.world;
    let removed = ReporterSet {
        index: 1,
        before: stage.keys[1].pubkey_of(),
        after: NOBODY,
        pending: NOBODY,
        effective_ts: 0,
    };
    assert_eq!(set(world, 1, &NOBODY), Event::ReporterSet(removed));
    assert_eq!(said(world, 1), (0, 0));
    assert_eq!(place(world, 1), (NOBODY, NOBODY, 0));
    // A successor who waits changes nothing yet.
    world.advance(DAY);
    let successor = world.address();
    set(world, 2, &successor);
    assert_eq!(said(world, 2), (QUARTER, now));
    world.advance(DAY);
    let anyone = world.wallet();
    world.must(ApplyReporter { index: 2 }.instruction(), &[&anyone]);
    assert_eq!(said(world, 2), (0, 0));
    assert_eq!(said(world, 3), (QUARTER, now));
}

/// Removing at once drops who was named, too; so does naming the present one again.
#[test]
fn what_waits_can_be_taken_back() {
    let mut world = silent(5, 3).world;
    world.advance(DAY);
    let (present, other) = (place(&world, 0).0, world.address());
    for again in [NOBODY, present] {
        let mut world = world.clone();
        set(&mut world, 0, &other);
        set(&mut world, 0, &again);
        assert_eq!(place(&world, 0), (again, NOBODY, 0));
        world.advance(DAY);
        let (apply, anyone) = (ApplyReporter { index: 0 }.instruction(), world.wallet());
        refused(&mut world, E::NothingScheduled, apply, &[&anyone]);
    }
    let guardian = guardian(&mut world);
    let authority = world.authority.insecure_clone();
    for key in [&guardian, &authority] {
        set(&mut world, 0, &other);
        let drop = DropReporter {
            signer: key.pubkey_of(),
            index: 0,
        };
        let dropped = ReporterDropped {
            by: key.pubkey_of(),
            index: 0,
            dropped: other,
        };
        let meta = world.must(drop.instruction(), &[key]);
        assert_eq!(only_event(&meta), Event::ReporterDropped(dropped));
        assert_eq!(place(&world, 0), (present, NOBODY, 0));
        refused(&mut world, E::NothingScheduled, drop.instruction(), &[key]);
    }
}

/// Up and down alike: fewer make a price with fewer liars, more let fewer stop it.
#[test]
fn a_quorum_waits_a_day_both_ways() {
    let mut world = silent(5, 4).world;
    for (before, quorum) in [(4, 5), (5, 3)] {
        let due = world.now() + DAY;
        let meta = world.govern(set_quorum(&world, quorum).instruction());
        let waits = PriceQuorumSet {
            quorum: before,
            pending: quorum,
            pending_ts: due,
        };
        assert_eq!(only_event(&meta), Event::PriceQuorumSet(waits));
        let (apply, anyone) = (ApplyPriceQuorum {}.instruction(), world.wallet());
        world.advance(DAY - 1);
        refused(&mut world, E::TooEarly, apply.clone(), &[&anyone]);
        world.advance(1);
        let meta = world.must(apply, &[&anyone]);
        let applied = PriceQuorumSet {
            quorum,
            pending: 0,
            pending_ts: 0,
        };
        assert_eq!(only_event(&meta), Event::PriceQuorumSet(applied));
    }
    let guardian = guardian(&mut world);
    world.govern(set_quorum(&world, 4).instruction());
    let signer = guardian.pubkey_of();
    world.must(DropPriceQuorum { signer }.instruction(), &[&guardian]);
    world.advance(DAY);
    let (apply, anyone) = (ApplyPriceQuorum {}.instruction(), world.wallet());
    refused(&mut world, E::NothingScheduled, apply, &[&anyone]);
    assert_eq!(world.price_feed().feed.quorum.value, 3);
}

/// Of each number of reporters the least quorum that is more than half, and not less than three.
#[test]
fn a_quorum_is_more_than_half_of_those_named() {
    for (named, least) in [(4, 3), (5, 3), (6, 4), (7, 4), (8, 5), (9, 5)] {
        silent(named, least);
        // One fewer could do with one less.
        if named == 6 || named == 8 {
            let mut world = silent(named - 1, least - 1).world;
            let (authority, key) = (world.authority.insecure_clone(), world.address());
            let last = world.set_reporter_ix(named - 1, &key).instruction();
            refused(&mut world, E::QuorumTooSmall, last, &[&authority]);
        }
    }
}
