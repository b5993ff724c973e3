//! Every instruction in every state of an order and of a lease.

use iog_client::market::accounts::{Lease, Occupancy, Order};
use iog_client::market::MarketError::{self as E};
use iog_client::pda;
use iog_tests::world::{order_args, PubkeyOf, Renter, CLASS_TEST, GENESIS_TS};
use iog_tests::{Code, Outcome, Supplier, World};
use solana_pubkey::Pubkey;

/// An order for two GPUs, its first two devices, and a third that never fits.
struct Stage {
    world: World,
    one: Supplier,
    two: Supplier,
    three: Supplier,
    renter: Renter,
    order: Pubkey,
}

impl Stage {
    fn new() -> Self {
        let mut world = World::ready();
        let [one, two, three] = [(); 3].map(|()| world.supplier(CLASS_TEST));
        let renter = world.renter();
        let order = world.book(&renter, CLASS_TEST, order_args(1, 2, 3));
        world.match_device(&order, &one);
        Self {
            world,
            one,
            two,
            three,
            renter,
            order,
        }
    }

    fn copy(&self) -> Self {
        Self {
            world: self.world.clone(),
            one: self.one.clone(),
            two: self.two.clone(),
            three: self.three.clone(),
            renter: self.renter.clone(),
            order: self.order,
        }
    }

    fn at(&mut self, secs: i64) {
        self.world.set_time(GENESIS_TS + secs);
    }

    fn matched(&mut self) {
        self.world.match_device(&self.order, &self.two);
    }

    fn active(&mut self) {
        self.matched();
        self.world.accept(&self.order, &self.one);
        self.world.accept(&self.order, &self.two);
    }

    fn settle_both(&mut self) {
        self.world.settle_lease(&self.order, &self.one);
        self.world.settle_lease(&self.order, &self.two);
    }

    fn completed(&mut self) {
        self.active();
        self.at(10_800);
        self.settle_both();
    }

    fn ended(&mut self) {
        self.active();
        self.at(4_000);
        self.world.end_early(&self.order, &self.renter);
    }

    fn expired(&mut self) {
        self.at(1_200);
        self.world.expire_order(&self.order);
    }

    fn without_leases(&mut self, both: bool) {
        self.world.close_lease(&self.order, &self.one);
        if both {
            self.world.close_lease(&self.order, &self.two);
        }
    }

    fn run(&mut self, column: usize) -> Outcome {
        let Self {
            world,
            one,
            two,
            three,
            renter,
            order,
        } = self;
        let keeper = world.authority.insecure_clone();
        let second = world
            .find(&pda::market::lease(order, &two.device))
            .is_some();
        let candidate = if second { three } else { two };
        let (instruction, signer) = match column {
            0 => (world.match_ix(order, candidate).instruction(), None),
            1 => (
                world.accept_ix(order, one).instruction(),
                Some(&one.device_key),
            ),
            2 => (world.settle_lease_ix(order, one).instruction(), None),
            3 => (
                world.end_early_ix(order).instruction(),
                Some(&renter.wallet),
            ),
            4 => (world.expire_ix(order).instruction(), None),
            5 => (world.close_lease_ix(order, one).instruction(), None),
            _ => (world.close_order_ix(order).instruction(), None),
        };
        let mut signers = vec![&keeper];
        signers.extend(signer);
        world.send(&[instruction], &signers)
    }
}

/// What comes of an instruction: the order's state behind it, or the refusal.
#[derive(Clone, Copy)]
enum Then {
    Moves(u8),
    Closes,
    Refuses(E),
    /// There is no lease any more.
    Absent,
}
use Then::{Absent, Closes, Moves, Refuses};

type Row = (&'static str, fn(&mut Stage), [Then; 7]);

const OPEN: u8 = 0;
const MATCHED: u8 = 1;
const ACTIVE: u8 = 2;
const COMPLETED: u8 = 3;
const ENDED: u8 = 4;
const EXPIRED: u8 = 5;

/// Columns: match, accept, settle, end_early, expire, close_lease, close_order.
fn table() -> Vec<Row> {
    let waiting = [
        Refuses(E::OrderNotActive),
        Refuses(E::OrderNotActive),
        Refuses(E::OrderNotExpired),
        Refuses(E::LeaseNotSettled),
        Refuses(E::OrderNotFinished),
    ];
    let late = [
        waiting[0],
        waiting[1],
        Moves(EXPIRED),
        waiting[3],
        waiting[4],
    ];
    let with = |first: Then, second: Then, rest: [Then; 5]| {
        [first, second, rest[0], rest[1], rest[2], rest[3], rest[4]]
    };
    let running = |settle: Then, end: Then| {
        [
            Refuses(E::OrderNotOpen),
            Refuses(E::LeaseNotMatched),
            settle,
            end,
            Refuses(E::OrderNotOpen),
            Refuses(E::LeaseNotSettled),
            Refuses(E::OrderNotFinished),
        ]
    };
    let over = |accept: Then, settle: Then, state: u8| {
        [
            Refuses(E::OrderNotOpen),
            accept,
            settle,
            Refuses(E::OrderNotActive),
            Refuses(E::OrderNotOpen),
            Moves(state),
            Refuses(E::OrderNotFinished),
        ]
    };
    let empty = [
        Refuses(E::OrderNotOpen),
        Absent,
        Absent,
        Refuses(E::OrderNotActive),
        Refuses(E::OrderNotOpen),
        Absent,
        Closes,
    ];
    let not_active = Refuses(E::OrderNotActive);
    let nothing = Refuses(E::NothingToSettle);
    vec![
        ("open", |_| {}, with(Moves(MATCHED), Moves(OPEN), waiting)),
        (
            "open, last second",
            |s| s.at(1_199),
            with(Moves(MATCHED), Moves(OPEN), waiting),
        ),
        (
            "open, too late",
            |s| s.at(1_200),
            with(Refuses(E::OrderExpired), Refuses(E::OrderExpired), late),
        ),
        (
            "matched",
            Stage::matched,
            with(Refuses(E::OrderNotOpen), Moves(MATCHED), waiting),
        ),
        (
            "matched, too late",
            |s| {
                s.matched();
                s.at(1_200);
            },
            with(Refuses(E::OrderNotOpen), Refuses(E::OrderExpired), late),
        ),
        (
            "active, first hour",
            |s| {
                s.active();
                s.at(3_599);
            },
            running(nothing, Moves(ENDED)),
        ),
        (
            "active, an hour due",
            |s| {
                s.active();
                s.at(3_600);
            },
            running(Moves(ACTIVE), Moves(ENDED)),
        ),
        (
            "active, all due",
            |s| {
                s.active();
                s.at(10_800);
            },
            running(Moves(ACTIVE), Moves(ENDED)),
        ),
        (
            "completed",
            Stage::completed,
            over(Refuses(E::LeaseNotMatched), not_active, COMPLETED),
        ),
        (
            "completed, no leases",
            |s| {
                s.completed();
                s.without_leases(true);
            },
            empty,
        ),
        (
            "ended, an hour due",
            Stage::ended,
            running(Moves(ENDED), not_active),
        ),
        (
            "ended, settled",
            |s| {
                s.ended();
                s.at(4_080);
                s.settle_both();
            },
            over(Refuses(E::LeaseNotMatched), nothing, ENDED),
        ),
        (
            "ended, no leases",
            |s| {
                s.ended();
                s.at(4_080);
                s.settle_both();
                s.without_leases(true);
            },
            empty,
        ),
        (
            "expired",
            Stage::expired,
            over(Refuses(E::OrderNotOpen), not_active, EXPIRED),
        ),
        (
            "expired, no leases",
            |s| {
                s.expired();
                s.without_leases(false);
            },
            empty,
        ),
    ]
}

#[test]
fn every_instruction_in_every_state_of_an_order() {
    let stage = Stage::new();
    for (name, prepare, row) in table() {
        for (column, then) in row.into_iter().enumerate() {
            let mut stage = stage.copy();
            prepare(&mut stage);
            if matches!(then, Absent) {
                let lease = pda::market::lease(&stage.order, &stage.one.device);
                assert!(stage.world.find(&lease).is_none(), "{name}");
                continue;
            }
            let outcome = stage.run(column);
            let place = format!("{name}, column {column}");
            match (outcome, then) {
                (Ok(_), Moves(state)) => {
                    let order = stage.world.read::<Order>(&stage.order);
                    assert_eq!(order.state, state, "{place}");
                    stage.world.check_order_books(&stage.order);
                }
                (Ok(_), Closes) => assert!(stage.world.find(&stage.order).is_none(), "{place}"),
                (Err(failure), Refuses(error)) => {
                    assert_eq!(failure.code(), Code::from(error), "{place}: {failure:?}");
                }
                (Ok(_), _) => panic!("{place}: it succeeded"),
                (Err(failure), _) => panic!("{place}: {failure:?}"),
            }
        }
    }
}

/// A lease is matched, accepted, settled, closed, in this order only; the device is free from its settlement on.
#[test]
fn a_lease_goes_through_its_states_once() {
    let mut stage = Stage::new();
    let lease = pda::market::lease(&stage.order, &stage.one.device);
    let look = |stage: &Stage| {
        let occupancy = stage.world.read::<Occupancy>(&stage.one.occupancy);
        (
            stage.world.read::<Lease>(&lease).state,
            occupancy.lease == lease,
        )
    };
    assert_eq!(look(&stage), (0, true));
    stage.active();
    assert_eq!(look(&stage), (1, true));
    stage.at(7_200);
    stage.world.settle_lease(&stage.order, &stage.one);
    assert_eq!(look(&stage), (1, true));
    stage.at(10_800);
    stage.world.settle_lease(&stage.order, &stage.one);
    assert_eq!(look(&stage), (2, false));
    let payer = stage.world.authority.pubkey_of();
    let before = stage.world.lamports(&payer);
    stage.world.close_lease(&stage.order, &stage.one);
    assert_eq!(
        stage.world.lamports(&payer) + 5_000 - before,
        stage.world.rent(208)
    );
    assert!(stage.world.find(&lease).is_none());
}
