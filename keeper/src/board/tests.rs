use super::*;
use crate::{
    plan::fixtures::{hired, key as pk, order, DEVICE, JOB, LEASE, MATCHED, NOW, ORDER, RENTER},
    rules::state::*,
    snapshot::Snapshot,
};
use iog_client::market::{Lease, Order};
use iog_node::board::LeaseReport;
use std::collections::BTreeSet;

const GENESIS_HASH: Key = Key([200; 32]);
const KEEP: i64 = 86_400;
const NAME: Name = (Key([LEASE; 32]), MATCHED);

fn own() -> BTreeSet<Pubkey> {
    [pk(DEVICE)].into()
}

fn tell(snapshot: &Snapshot) -> Told {
    tell_with(snapshot, &BTreeMap::new())
}

fn tell_with(snapshot: &Snapshot, reports: &BTreeMap<(Pubkey, i64), LeaseReport>) -> Told {
    let machine = Machine {
        own: &own(),
        genesis: GENESIS_HASH,
        keep_secs: KEEP,
        reports,
    };
    Sight::from(snapshot).tell(&machine, snapshot.time.now)
}

fn told(order: Order, lease_state: u8, change: impl FnOnce(&mut Snapshot)) -> Option<BoardLease> {
    let mut snapshot = hired(order, lease_state);
    change(&mut snapshot);
    tell(&snapshot).leases.remove(&NAME)
}

fn stage(
    order_state: u8,
    lease_state: u8,
    change: impl FnOnce(&mut Order, &mut Lease),
) -> Option<Stage> {
    let lease = told(order(order_state), lease_state, |snapshot| {
        let order = snapshot.orders.get_mut(&pk(ORDER)).unwrap();
        let lease = snapshot.leases.get_mut(&pk(LEASE)).unwrap();
        change(order, lease);
    });
    lease.map(|lease| lease.stage)
}

#[test]
fn a_lease_is_told_from_match_to_start() {
    assert_eq!(
        stage(ORDER_OPEN, LEASE_MATCHED, |_, _| ()),
        Some(Stage::Matched)
    );
    assert_eq!(
        stage(ORDER_MATCHED, LEASE_MATCHED, |_, _| ()),
        Some(Stage::Matched)
    );
    // In the place of one that dropped out.
    assert_eq!(
        stage(ORDER_ACTIVE, LEASE_MATCHED, |_, _| ()),
        Some(Stage::Matched)
    );
    assert_eq!(
        stage(ORDER_OPEN, LEASE_ACCEPTED, |_, _| ()),
        Some(Stage::Accepted)
    );
    assert_eq!(
        stage(ORDER_MATCHED, LEASE_ACCEPTED, |_, _| ()),
        Some(Stage::Accepted)
    );
    assert_eq!(
        stage(ORDER_ACTIVE, LEASE_ACCEPTED, |_, _| ()),
        Some(Stage::Running)
    );
    // What came to nothing leaves nothing.
    assert_eq!(stage(ORDER_EXPIRED, LEASE_MATCHED, |_, _| ()), None);
    assert_eq!(stage(ORDER_EXPIRED, LEASE_ACCEPTED, |_, _| ()), None);
}

/// redteam K3: end, early end, drop-out and dispute.
#[test]
fn what_a_lease_left_is_kept_for_a_day() {
    let kept = |change: fn(&mut Order, &mut Lease), lease_state: u8| {
        let lease = told(order(ORDER_ACTIVE), lease_state, |snapshot| {
            let order = snapshot.orders.get_mut(&pk(ORDER)).unwrap();
            let lease = snapshot.leases.get_mut(&pk(LEASE)).unwrap();
            change(order, lease);
        });
        lease.map(|lease| (lease.stage, lease.ends_ts, lease.keep_until_ts))
    };
    let after = |ts: i64| Some((Stage::Kept, ts, ts + KEEP));
    assert_eq!(
        kept(|order, _| order.end_ts = NOW, LEASE_ACCEPTED),
        after(NOW)
    );
    assert_eq!(
        kept(|order, _| order.stopped_ts = NOW - 5, LEASE_ACCEPTED),
        after(NOW - 5)
    );
    assert_eq!(
        kept(|_, lease| lease.ends_ts = NOW - 7, LEASE_ACCEPTED),
        after(NOW - 7)
    );
    assert_eq!(
        kept(|_, lease| lease.disputed_ts = NOW - 9, LEASE_DISPUTED),
        after(NOW - 9)
    );
    assert_eq!(
        kept(|order, _| order.end_ts = NOW - 11, LEASE_SETTLED),
        after(NOW - 11)
    );
    assert_eq!(
        kept(|order, _| order.end_ts = NOW - KEEP + 1, LEASE_SETTLED),
        after(NOW - KEEP + 1)
    );
    assert_eq!(
        kept(|order, _| order.end_ts = NOW - KEEP, LEASE_SETTLED),
        None
    );
    // It runs until its own end, where that is sooner than the order's.
    let runs = told(order(ORDER_ACTIVE), LEASE_ACCEPTED, |snapshot| {
        let lease = snapshot.leases.get_mut(&pk(LEASE)).unwrap();
        lease.ends_ts = NOW + 60;
    });
    let runs = runs.unwrap();
    assert_eq!(
        (runs.stage, runs.ends_ts, runs.keep_until_ts),
        (Stage::Running, NOW + 60, 0)
    );
    assert_eq!(runs.started_ts, NOW - 1_800);
}

/// redteam S2, O3: everything that a message is bound to.
#[test]
fn a_lease_is_told_with_its_binding() {
    let lease = told(order(ORDER_ACTIVE), LEASE_ACCEPTED, |_| ()).unwrap();
    let binding = lease.binding;
    assert_eq!(binding.genesis, GENESIS_HASH);
    assert_eq!(binding.program, super::key(&iog_client::market::ID));
    assert_eq!(
        (binding.order, binding.created_ts),
        (Key([ORDER; 32]), NOW - 60)
    );
    assert_eq!((binding.lease, binding.matched_ts), NAME);
    assert_eq!(binding.device, Key([DEVICE; 32]));
    assert_eq!((lease.renter, lease.gpus), (Key([RENTER; 32]), 1));
    assert_eq!(lease.command_hash.0, JOB);
}

/// redteam mesh M4: who is only matched, was disputed or dropped out is no member.
#[test]
fn members_are_those_that_serve() {
    let members = |change: fn(&mut Lease)| {
        let lease = told(order(ORDER_ACTIVE), LEASE_ACCEPTED, |snapshot| {
            let own = &snapshot.leases[&pk(LEASE)];
            let mut other = Lease {
                device: pk(50),
                ..own.clone()
            };
            change(&mut other);
            snapshot.leases.insert(pk(51), other);
        });
        let members = lease.unwrap().members;
        members
            .iter()
            .map(|member| (member.lease, member.device))
            .collect::<Vec<_>>()
    };
    assert_eq!(members(|_| ()), [(Key([51; 32]), Key([50; 32]))]);
    for change in [
        |lease: &mut Lease| lease.state = LEASE_MATCHED,
        |lease: &mut Lease| lease.state = LEASE_DISPUTED,
        |lease: &mut Lease| lease.ends_ts = NOW,
        |lease: &mut Lease| lease.order = pk(52),
    ] {
        assert!(members(change).is_empty());
    }
}

fn running() -> Told {
    tell(&hired(order(ORDER_ACTIVE), LEASE_ACCEPTED))
}

fn board(leases: &Told) -> Board {
    Board {
        now: NOW,
        leases: leases.leases.values().cloned().collect(),
        ..Board::default()
    }
}

fn changed(change: fn(&mut BoardLease)) -> Told {
    let mut told = running();
    told.leases.values_mut().for_each(change);
    told
}

fn one(told: &Told) -> &[Told] {
    std::slice::from_ref(told)
}

fn nothing() -> Told {
    Told {
        now: NOW,
        ..Told::default()
    }
}

/// redteam L2: one endpoint alone opens nothing, and changes nothing of what runs.
#[test]
fn nothing_changes_by_one_endpoints_word() {
    let stolen = changed(|lease| lease.engineer_key = Key([66; 32]));
    let empty = Board::default();
    let agreed =
        |before: &Board, first: &Told, others: &[Told]| agree(before, first, others, false, KEEP);
    let sound = running();
    let runs = board(&sound).leases;

    // Two tell the same.
    assert_eq!(agreed(&empty, &sound, one(&sound)), (runs.clone(), false));
    // A lease, or an engineer key, that only one tells of.
    assert_eq!(agreed(&empty, &sound, &[nothing()]), (vec![], true));
    assert_eq!(agreed(&empty, &stolen, one(&sound)), (vec![], true));
    assert_eq!(
        agreed(&board(&sound), &stolen, one(&sound)),
        (runs.clone(), true)
    );
    assert_eq!(
        agreed(&board(&sound), &sound, one(&stolen)),
        (runs.clone(), true)
    );
    // The other is silent.
    assert_eq!(agreed(&empty, &sound, &[]), (vec![], true));
    assert_eq!(agreed(&board(&sound), &stolen, &[]), (runs.clone(), true));
    // A lease that only one has no longer.
    assert_eq!(
        agreed(&board(&sound), &nothing(), one(&sound)),
        (runs.clone(), true)
    );
    assert_eq!(
        agreed(&board(&sound), &sound, &[nothing()]),
        (runs.clone(), true)
    );
    // A clock that is far off vouches for nothing.
    let late = Told {
        now: NOW - 61,
        ..sound.clone()
    };
    assert_eq!(agreed(&empty, &sound, &[late]), (vec![], true));
    let near = Told {
        now: NOW - 60,
        ..sound.clone()
    };
    assert_eq!(agreed(&empty, &sound, &[near]), (runs.clone(), false));
    // Of three, two that agree are enough.
    assert_eq!(
        agreed(&empty, &sound, &[nothing(), sound.clone()]),
        (runs.clone(), false)
    );
    // Both tell of the new key.
    let both = agreed(&board(&sound), &stolen, one(&stolen));
    assert_eq!(both, (board(&stolen).leases, false));
    // An operator's own network has one endpoint.
    assert_eq!(agree(&empty, &sound, &[], true, KEEP), (runs, false));
}

#[test]
fn what_is_closed_on_chain_is_kept_all_the_same() {
    let gone = |before: &Told| {
        let (leases, doubtful) = agree(&board(before), &nothing(), &[nothing()], false, KEEP);
        assert!(!doubtful);
        leases
            .into_iter()
            .map(|lease| (lease.stage, lease.keep_until_ts))
            .collect::<Vec<_>>()
    };
    assert_eq!(gone(&running()), [(Stage::Kept, NOW + KEEP)]);
    let over = changed(|lease| lease.ends_ts = NOW - 60);
    assert_eq!(gone(&over), [(Stage::Kept, NOW - 60 + KEEP)]);
    let kept = |until: i64| {
        let mut kept = changed(|lease| lease.stage = Stage::Kept);
        kept.leases
            .values_mut()
            .for_each(|lease| lease.keep_until_ts = until);
        gone(&kept)
    };
    assert_eq!(kept(NOW + 1), [(Stage::Kept, NOW + 1)]);
    assert_eq!(kept(NOW), []);
    for stage in [
        |lease: &mut BoardLease| lease.stage = Stage::Matched,
        |lease: &mut BoardLease| lease.stage = Stage::Accepted,
    ] {
        assert_eq!(gone(&changed(stage)), []);
    }
}

/// The same address after a new match is another lease. redteam O3
#[test]
fn a_new_match_is_another_lease() {
    let mut again = hired(order(ORDER_ACTIVE), LEASE_ACCEPTED);
    let lease = again.leases.get_mut(&pk(LEASE)).unwrap();
    lease.matched_ts += 1;
    let told = tell(&again);
    let (leases, _) = agree(&board(&running()), &told, one(&told), false, KEEP);
    let stages: Vec<_> = leases
        .iter()
        .map(|lease| (lease.binding.matched_ts, lease.stage))
        .collect();
    assert_eq!(
        stages,
        [(MATCHED, Stage::Kept), (MATCHED + 1, Stage::Running)]
    );
}

/// redteam O1
#[test]
fn an_order_lapses_when_what_was_accepted_vanishes_before_it_starts() {
    let count = |stage: Stage, after: &Told| {
        let mut before = board(&running());
        before
            .leases
            .iter_mut()
            .for_each(|lease| lease.stage = stage);
        lapsed(&before, &board(after)).count()
    };
    assert_eq!(count(Stage::Accepted, &nothing()), 1);
    assert_eq!(count(Stage::Accepted, &running()), 0);
    assert_eq!(count(Stage::Matched, &nothing()), 0);
    assert_eq!(count(Stage::Running, &nothing()), 0);
}
