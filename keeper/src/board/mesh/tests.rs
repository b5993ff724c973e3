use crate::{
    board::{agree, key, Machine, Name, Sight, Told},
    plan::fixtures::{
        hired, key as pk, order, report, zeroed, DEVICE, LEASE, MATCHED, NOW, ORDER, RENTER,
    },
    rules::state::*,
    snapshot::Snapshot,
};
use ed25519_dalek::SigningKey;
use iog_client::market::{self, Lease, Order};
use iog_job::{Join, Key, SignedJoin};
use iog_node::board::{Board, BoardLease, LeaseReport, Mesh};
use std::collections::BTreeMap;

const GENESIS: Key = Key([200; 32]);
const KEEP: i64 = 86_400;
const NAME: Name = (Key([LEASE; 32]), MATCHED);
/// The order that joins, and where.
const SECOND: u8 = 61;
const OFFSET: u16 = 4;
const THIRD: u8 = 62;

/// What is wrong of the root and the joining order on chain, or of the join.
type OnChain = fn(&mut Order, &mut Order);
type InIt = fn(&mut Join);

fn engineer() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

/// A running order with `machines` of one GPU each, whose leases and devices have numbers from `first` on.
fn add(snapshot: &mut Snapshot, number: u8, machines: u16, first: u16) {
    let mut running = snapshot.orders[&pk(ORDER)].clone();
    running.created_ts = NOW - 50 + i64::from(number - SECOND);
    running.engineer_key = pk(number);
    running.parts[0].gpus = machines.into();
    running.places = [0; 32];
    for place in 0..machines {
        running.places[usize::from(place / 8)] |= 1 << (place % 8);
        let mut address = [number; 32];
        address[..2].copy_from_slice(&(first + place).to_be_bytes());
        let lease = Lease {
            order: pk(number),
            device: address.into(),
            tunnel_key: address.into(),
            place,
            ..snapshot.leases[&pk(LEASE)].clone()
        };
        snapshot.leases.insert(address.into(), lease);
    }
    running.parts[0].matched = machines.into();
    snapshot.orders.insert(pk(number), running);
}

/// Our lease alone in its order of four, which was booked first, and another order of two.
fn two_orders() -> Snapshot {
    let mut root = order(ORDER_ACTIVE);
    root.engineer_key = engineer().verifying_key().to_bytes().into();
    root.min_tier = 1;
    root.parts[0].gpus = 4;
    let mut snapshot = hired(root, LEASE_ACCEPTED);
    snapshot.orders.get_mut(&pk(ORDER)).unwrap().places[0] = 1;
    add(&mut snapshot, SECOND, 2, 0);
    snapshot
}

fn join() -> Join {
    Join {
        genesis: GENESIS,
        program: key(&market::ID),
        root: Key([ORDER; 32]),
        root_created_ts: NOW - 60,
        order: Key([SECOND; 32]),
        created_ts: NOW - 50,
        offset: OFFSET,
        ends_ts: NOW + 1,
    }
}

fn signed(join: Join) -> SignedJoin {
    SignedJoin::sign(join, &engineer()).unwrap()
}

fn tell(snapshot: &Snapshot, joins: &[SignedJoin]) -> Told {
    let of_lease = LeaseReport {
        joins: joins.to_vec(),
        ..report()
    };
    let machine = Machine {
        own: &[pk(DEVICE)].into(),
        genesis: GENESIS,
        keep_secs: KEEP,
        reports: &BTreeMap::from([((pk(LEASE), MATCHED), of_lease)]),
    };
    Sight::from(snapshot).tell(&machine, snapshot.time.now)
}

/// redteam L2: a forged join makes no other endpoint tell of a stranger's leases; one that holds does.
#[test]
fn only_joins_that_hold_are_looked_into() {
    let snapshot = two_orders();
    let fellows = |joins: Vec<SignedJoin>| {
        let mut of_lease = report();
        (of_lease.binding.genesis, of_lease.joins) = (GENESIS, joins);
        let machine = Machine {
            own: &[pk(DEVICE)].into(),
            genesis: GENESIS,
            keep_secs: KEEP,
            reports: &BTreeMap::from([((pk(LEASE), MATCHED), of_lease)]),
        };
        machine.fellows(&snapshot).len()
    };
    assert_eq!(fellows(vec![]), 1);
    assert_eq!(fellows(vec![signed(join())]), 3);
    let forged = SignedJoin::sign(join(), &SigningKey::from_bytes(&[1; 32])).unwrap();
    assert_eq!(fellows(vec![forged]), 1);
}

fn told(snapshot: &Snapshot, joins: &[SignedJoin]) -> BoardLease {
    tell(snapshot, joins).leases.remove(&NAME).unwrap()
}

fn ranks(lease: &BoardLease) -> Vec<u16> {
    lease.members.iter().map(|member| member.rank).collect()
}

fn mesh_of(number: u8, created_ts: i64) -> Option<Mesh> {
    Some(Mesh {
        root: Key([number; 32]),
        root_created_ts: created_ts,
    })
}

#[test]
fn an_order_alone_is_its_own_mesh() {
    let lease = told(&two_orders(), &[]);
    assert_eq!(lease.mesh, mesh_of(ORDER, NOW - 60));
    assert_eq!((lease.rank, lease.world_size), (0, 2));
    assert!(lease.members.is_empty() && lease.joins.is_empty());
}

/// redteam mesh M2, M3: both sides of a join give the same ranks, and so the same addresses.
#[test]
fn an_order_that_joins_has_its_ranks_behind_the_others() {
    let snapshot = two_orders();
    let root = told(&snapshot, &[signed(join())]);
    assert_eq!(root.joins[0].refused, None);
    assert_eq!((root.rank, root.mesh), (0, mesh_of(ORDER, NOW - 60)));
    assert_eq!(ranks(&root), [4, 5]);
    // As the machine sees it that has the joining order's second place, after its device.
    let mut other = snapshot.clone();
    let (address, lease) = second_of(&snapshot);
    other.leases.remove(&address);
    let ours = other.leases.insert(
        pk(LEASE),
        Lease {
            device: pk(DEVICE),
            ..lease
        },
    );
    other.leases.insert(
        address,
        Lease {
            device: address,
            ..ours.unwrap()
        },
    );
    let joined = told(&other, &[signed(join())]);
    assert_eq!(joined.joins[0].refused, None);
    assert_eq!((joined.place, joined.rank), (1, 5));
    assert_eq!((joined.mesh, joined.world_size), (root.mesh, 2));
    assert_eq!(ranks(&joined), [0, 4]);
    // Before the join comes it is alone with its fellow.
    let alone = told(&other, &[]);
    assert_eq!((alone.rank, alone.mesh), (1, mesh_of(SECOND, NOW - 50)));
    assert_eq!(ranks(&alone), [0]);
}

fn second_of(snapshot: &Snapshot) -> (solana_pubkey::Pubkey, Lease) {
    let mut leases = snapshot.leases.iter();
    let second = leases.find(|(_, lease)| lease.order == pk(SECOND) && lease.place == 1);
    let (address, lease) = second.unwrap();
    (*address, lease.clone())
}

/// Whether the join was refused with these words, and nobody was admitted by it.
#[track_caller]
fn refuses(words: &str, snapshot: &Snapshot, joins: &[SignedJoin]) {
    let lease = told(snapshot, joins);
    let last = lease.joins.last().unwrap();
    let why = last.refused.as_deref().unwrap_or("it was not refused");
    assert!(why.contains(words), "{why}");
    let second = Key([SECOND; 32]);
    let of_second = |lease: &Key| snapshot.leases[&lease.0.into()].order == second.0.into();
    assert!(!lease.members.iter().any(|member| of_second(&member.lease)));
}

/// redteam mesh M2: another renter's order, another key, another order at an address, an order that is over.
#[test]
fn a_join_that_the_chain_does_not_bear_out_admits_nobody() {
    let sound = two_orders();
    let changed = |change: fn(&mut Order, &mut Order)| {
        let mut snapshot = sound.clone();
        let mut root = snapshot.orders.remove(&pk(ORDER)).unwrap();
        change(&mut root, snapshot.orders.get_mut(&pk(SECOND)).unwrap());
        snapshot.orders.insert(pk(ORDER), root);
        snapshot
    };
    let on_chain: [(&str, OnChain); 8] = [
        ("different renters", |_, order| {
            order.renter = pk(RENTER + 1)
        }),
        ("is not signed", |root, _| root.engineer_key = pk(33)),
        ("is not signed", |root, _| {
            root.engineer_key = zeroed::<Order>().engineer_key
        }),
        ("joining order does not run", |_, order| {
            order.state = ORDER_ENDED
        }),
        ("joining order does not run", |_, order| order.end_ts = NOW),
        ("joining order does not run", |_, order| {
            (order.state, order.started_ts) = (ORDER_MATCHED, 0);
        }),
        ("root order is not on chain", |root, _| root.created_ts += 1),
        ("joining order is not on chain", |_, order| {
            order.created_ts += 1
        }),
    ];
    for (words, change) in on_chain {
        refuses(words, &changed(change), &[signed(join())]);
    }
    let in_it: [(&str, InIt); 7] = [
        ("another network", |join| join.genesis = Key([1; 32])),
        ("another network", |join| join.program = Key([1; 32])),
        ("root order is not on chain", |join| {
            join.root = Key([1; 32])
        }),
        ("joining order is not on chain", |join| {
            join.order = Key([1; 32])
        }),
        ("its time is over", |join| join.ends_ts = NOW),
        ("join itself", |join| join.order = join.root),
        ("behind every machine", |join| join.offset = 0),
    ];
    for (words, change) in in_it {
        let mut wrong = join();
        change(&mut wrong);
        refuses(words, &sound, &[signed(wrong)]);
    }
    // Forged: by the joining order's key, and changed after it was signed.
    let by_another = SignedJoin::sign(join(), &SigningKey::from_bytes(&[10; 32])).unwrap();
    refuses("is not signed", &sound, &[by_another]);
    let mut changed_later = signed(join());
    changed_later.join.offset += 1;
    refuses("is not signed", &sound, &[changed_later]);
}

/// redteam mesh M1: the constraints of the first order hold for all that joins it.
#[test]
fn an_order_that_takes_other_devices_does_not_join() {
    let changes: [fn(&mut Order); 6] = [
        |order| order.owner = pk(1),
        |order| order.secure_only = 1,
        |order| order.min_reputation_bps = 1,
        |order| order.min_tier = 0,
        |order| order.platform = 2,
        |order| order.countries[3] = *b"FR",
    ];
    for change in changes {
        for number in [ORDER, SECOND] {
            let mut snapshot = two_orders();
            change(snapshot.orders.get_mut(&pk(number)).unwrap());
            refuses("takes other devices", &snapshot, &[signed(join())]);
        }
        let mut both = two_orders();
        for number in [ORDER, SECOND] {
            change(both.orders.get_mut(&pk(number)).unwrap());
        }
        assert_eq!(told(&both, &[signed(join())]).joins[0].refused, None);
    }
}

/// redteam mesh M3: no rank comes twice, also of machines that may come yet.
#[test]
fn ranks_of_orders_lie_apart() {
    let mut snapshot = two_orders();
    let at = |order: u8, created_ts: i64, offset: u16| {
        signed(Join {
            order: Key([order; 32]),
            created_ts,
            offset,
            ..join()
        })
    };
    // The root's four GPUs may be four machines, of which one is there.
    refuses(
        "behind every machine",
        &snapshot,
        &[at(SECOND, NOW - 50, 3)],
    );
    refuses("end at 1023", &snapshot, &[at(SECOND, NOW - 50, 1_023)]);
    let last = told(&snapshot, &[at(SECOND, NOW - 50, 1_022)]);
    assert_eq!(ranks(&last), [1_022, 1_023]);
    // Of two that overlap the younger one is refused, in whatever order they came.
    add(&mut snapshot, THIRD, 2, 4);
    let (second, third) = (at(SECOND, NOW - 50, 8), at(THIRD, NOW - 49, 7));
    for joins in [[second.clone(), third.clone()], [third, second.clone()]] {
        let lease = told(&snapshot, &joins);
        assert_eq!(ranks(&lease), [8, 9]);
        let mut refused = lease.joins.iter().filter(|join| join.refused.is_some());
        assert_eq!(refused.next().unwrap().order, Key([THIRD; 32]));
    }
    let apart = told(&snapshot, &[second, at(THIRD, NOW - 49, 6)]);
    assert_eq!(ranks(&apart), [6, 7, 8, 9]);
}

/// redteam mesh M2: a mesh has one root.
#[test]
fn a_root_that_has_joined_another_takes_nobody() {
    let mut snapshot = two_orders();
    add(&mut snapshot, THIRD, 2, 4);
    snapshot.orders.get_mut(&pk(THIRD)).unwrap().engineer_key =
        engineer().verifying_key().to_bytes().into();
    let joins_third = signed(Join {
        root: Key([THIRD; 32]),
        root_created_ts: NOW - 49,
        order: Key([ORDER; 32]),
        created_ts: NOW - 60,
        ..join()
    });
    let lease = told(&snapshot, std::slice::from_ref(&joins_third));
    assert_eq!((lease.rank, lease.mesh), (4, mesh_of(THIRD, NOW - 49)));
    refuses("itself joined", &snapshot, &[joins_third, signed(join())]);
}

/// redteam mesh M6: 64 members; the 65th is in no mesh, and its rank is told all the same. A place that is vacant is kept.
#[test]
fn more_than_64_are_refused() {
    let mut snapshot = two_orders();
    add(&mut snapshot, THIRD, 63, 100);
    let third = |snapshot: &Snapshot| {
        let offset = 8;
        let join = Join {
            order: Key([THIRD; 32]),
            created_ts: NOW - 49,
            offset,
            ..join()
        };
        told(snapshot, &[signed(join)])
    };
    // The root has two places as it was booked: ours, and the one of the machine that is missing.
    let lease = third(&snapshot);
    assert_eq!(ranks(&lease), (8..70).collect::<Vec<u16>>());
    // Its 63rd machine is told that there is no mesh for it.
    let last = snapshot.leases.iter().find(|(_, lease)| lease.place == 62);
    let (address, last) = last
        .map(|(address, lease)| (*address, lease.clone()))
        .unwrap();
    let mut of_last = snapshot.clone();
    of_last.leases.remove(&address);
    of_last.leases.insert(
        pk(LEASE),
        Lease {
            device: pk(DEVICE),
            ..last
        },
    );
    let outside = third(&of_last);
    assert_eq!((outside.rank, outside.mesh), (70, None));
    assert!(outside.members.is_empty());
    // Whoever drops out leaves its place to the one that replaces it.
    let gone = |lease: &Lease| lease.place == 30;
    snapshot.leases.retain(|_, lease| !gone(lease));
    assert_eq!(third(&snapshot).members.len(), 61);
    assert!(!ranks(&third(&snapshot)).contains(&70));
}

/// redteam mesh M4: who is only matched, disputed or gone in the joining order is no member.
#[test]
fn members_of_a_joining_order_serve() {
    let changes: [fn(&mut Lease); 3] = [
        |lease| lease.state = LEASE_MATCHED,
        |lease| lease.state = LEASE_DISPUTED,
        |lease| lease.ends_ts = NOW,
    ];
    for change in changes {
        let mut snapshot = two_orders();
        let (address, _) = second_of(&snapshot);
        change(snapshot.leases.get_mut(&address).unwrap());
        assert_eq!(ranks(&told(&snapshot, &[signed(join())])), [4]);
    }
}

/// redteam L2, mesh M2: an endpoint that alone tells of an order, or of its renter, joins nobody.
#[test]
fn two_endpoints_must_tell_the_same_of_an_order_that_joins() {
    let joins = [signed(join())];
    let alone = tell(&two_orders(), &[]);
    let before = Board {
        now: NOW,
        leases: alone.leases.into_values().collect(),
        ..Board::default()
    };
    let lies: [fn(&mut Snapshot); 3] = [
        |snapshot| snapshot.orders.get_mut(&pk(SECOND)).unwrap().renter = pk(1),
        |snapshot| snapshot.leases.retain(|_, lease| lease.order != pk(SECOND)),
        |snapshot| {
            snapshot.orders.remove(&pk(SECOND));
        },
    ];
    for lie in lies {
        let (first, mut other) = (two_orders(), two_orders());
        lie(&mut other);
        let both = [tell(&first, &joins), tell(&other, &joins)];
        for (one, two) in [(0, 1), (1, 0)] {
            let others = std::slice::from_ref(&both[two]);
            let (leases, doubtful) = agree(&before, &both[one], others, false, KEEP);
            assert!(doubtful);
            assert_eq!(leases, before.leases);
        }
    }
    let told = tell(&two_orders(), &joins);
    let (leases, doubtful) = agree(&before, &told, std::slice::from_ref(&told), false, KEEP);
    assert!(!doubtful);
    assert_eq!(ranks(&leases[0]), [4, 5]);
}
