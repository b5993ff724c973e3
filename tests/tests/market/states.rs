//! Every instruction in every state of an order and of a lease, and what comes of it.

use iog_client::market::MarketError as E;
use iog_client::pda;
use iog_tests::world::{order_args, Currency, PubkeyOf, Renter, CLASS_TEST, GENESIS_TS};
use iog_tests::{Code, Outcome, Supplier, World};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::states_table::{COLUMNS, LEGEND, TABLE};

const HOUR: i64 = 3_600;

/// An order for two GPUs and three hours in US dollars, the device whose lease is looked at, its companion and a third one. What
/// is settled can be disputed for half an hour.
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
        let mut world = World::with_disputes(1_800);
        let [one, two, three] = [(); 3].map(|()| world.supplier(CLASS_TEST));
        let renter = world.renter();
        let order = world.book_in(Currency::Usd, &renter, CLASS_TEST, order_args(1, 2, 3));
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
        self.world.match_device(&self.order, &self.one);
    }

    fn both_matched(&mut self) {
        self.matched();
        self.world.match_device(&self.order, &self.two);
    }

    fn accepted(&mut self) {
        self.matched();
        self.world.accept(&self.order, &self.one);
    }

    /// Running, with one heartbeat of each device.
    fn active(&mut self) {
        self.both_matched();
        self.world.accept(&self.order, &self.one);
        self.world.accept(&self.order, &self.two);
        self.world.heartbeat(&self.one);
        self.world.heartbeat(&self.two);
    }

    /// Hours served by both and settled.
    fn served(&mut self, hours: i64) {
        self.active();
        for _ in 0..hours {
            self.world.serve_hour(&[&self.one, &self.two], 6);
            self.settle();
        }
    }

    fn settle(&mut self) {
        self.world.settle_lease(&self.order, &self.one);
        self.world.settle_lease(&self.order, &self.two);
    }

    fn dispute(&mut self) {
        self.world.dispute(&self.order, &self.renter, &self.one);
    }

    /// Running with the third device, and the first in the place of the second, which was silent.
    fn replaced(&mut self) {
        for supplier in [&self.two, &self.three] {
            self.world.match_device(&self.order, supplier);
        }
        for supplier in [&self.two, &self.three] {
            self.world.accept(&self.order, supplier);
        }
        self.at(2_400);
        self.world.report_timeout(&self.order, &self.two);
        self.world.close_lease(&self.order, &self.two);
        self.matched();
    }

    fn ended(&mut self) {
        self.served(1);
        self.at(HOUR + 100);
        self.world.end_early(&self.order, &self.renter);
    }

    fn ended_and_settled(&mut self) {
        self.ended();
        self.at(HOUR + 120);
        self.settle();
    }

    /// What is held is released, and all leases closed.
    fn without_leases(&mut self) {
        self.world.advance(1_800);
        self.settle();
        self.world.close_lease(&self.order, &self.one);
        self.world.close_lease(&self.order, &self.two);
    }

    fn expired(&mut self) {
        self.at(1_200);
        self.world.expire_order(&self.order);
    }

    /// The instruction of a column, and who signs it besides the keeper.
    fn instruction(&self, column: &str) -> (Instruction, Option<&solana_keypair::Keypair>) {
        let (world, order, one) = (&self.world, &self.order, &self.one);
        let wallet = Some(&self.renter.wallet);
        match column {
            "match" => (world.match_ix(order, self.candidate()).instruction(), None),
            "accept" => {
                let accept = world.accept_ix(order, one);
                (accept.instruction(), Some(&one.device_key))
            }
            "skip" => (world.skip_ix(order, one).instruction(), None),
            "settle" => (world.settle_lease_ix(order, one).instruction(), None),
            "timeout" => (world.timeout_ix(order, one).instruction(), None),
            "leave" => {
                let leave = world.leave_lease_ix(order, one);
                (leave.instruction(), Some(&one.owner))
            }
            "dispute" => (world.dispute_ix(order, one).instruction(), wallet),
            "resolve" => {
                let resolve = world.resolve_dispute_ix(order, one, 0);
                (resolve.instruction(), Some(&world.resolver))
            }
            "rule" => (world.resolve_by_rule_ix(order, one).instruction(), None),
            "extend" => (world.extend_ix(order, 1, u64::MAX).instruction(), wallet),
            "end" => (world.end_early_ix(order).instruction(), wallet),
            "cancel" => (world.cancel_ix(order).instruction(), wallet),
            "expire" => (world.expire_ix(order).instruction(), None),
            "close" => (world.close_lease_ix(order, one).instruction(), None),
            "refund" => (world.refund_ix(order), None),
            "finish" => (world.close_order_ix(order).instruction(), None),
            other => panic!("no instruction {other}"),
        }
    }

    fn run(&mut self, column: &str) -> Outcome {
        let (instruction, signer) = self.instruction(column);
        let keeper = self.world.authority.insecure_clone();
        let signer = signer.map(|key| key.insecure_clone());
        let mut signers = vec![&keeper];
        signers.extend(signer.as_ref());
        self.world.send(&[instruction], &signers)
    }

    /// A device that the order does not have.
    fn candidate(&self) -> &Supplier {
        if self.has(&self.three) {
            &self.two
        } else {
            &self.three
        }
    }

    fn has(&self, supplier: &Supplier) -> bool {
        let lease = pda::market::lease(&self.order, &supplier.device);
        self.world.find(&lease).is_some()
    }
}

/// How each row's state is reached.
const ROWS: [(&str, fn(&mut Stage)); 36] = [
    ("open", |_| {}),
    ("open, too late", |s| s.at(1_200)),
    ("open, one matched", Stage::matched),
    ("open, one late", |s| {
        s.matched();
        s.at(181);
    }),
    ("open, one accepted", Stage::accepted),
    ("open, one accepted, too late", |s| {
        s.accepted();
        s.at(1_200);
    }),
    ("matched", Stage::both_matched),
    ("matched, one late", |s| {
        s.both_matched();
        s.at(181);
    }),
    ("matched, too late", |s| {
        s.both_matched();
        s.at(1_200);
    }),
    ("active, first hour", |s| {
        s.active();
        s.at(60);
    }),
    ("active, silent", |s| {
        s.active();
        s.at(2_400);
    }),
    ("active, an hour due", |s| {
        s.active();
        s.at(HOUR);
    }),
    ("active, an hour held", |s| s.served(1)),
    ("active, an hour released", |s| {
        s.served(1);
        s.world.heartbeat(&s.one);
        s.at(HOUR + 1_800);
    }),
    ("active, beyond what was booked", |s| {
        s.active();
        s.world.extend(&s.order, &s.renter, 1);
        for _ in 0..3 {
            s.world.serve_hour(&[&s.one, &s.two], 6);
            s.settle();
        }
    }),
    ("active, one timed out", |s| {
        s.active();
        s.at(2_400);
        s.world.report_timeout(&s.order, &s.one);
    }),
    ("active, one in another's place", Stage::replaced),
    ("active, late in another's place", |s| {
        s.replaced();
        s.world.advance(181);
    }),
    ("active, accepted in another's place", |s| {
        s.replaced();
        s.world.accept(&s.order, &s.one);
    }),
    ("ended, late in another's place", |s| {
        s.replaced();
        s.world.end_early(&s.order, &s.renter);
        s.world.advance(181);
    }),
    ("active, one in dispute", |s| {
        s.served(1);
        s.dispute();
    }),
    ("active, all due", |s| {
        s.active();
        s.at(3 * HOUR);
    }),
    ("active, at its end without leases", |s| {
        s.active();
        s.at(2_400);
        s.world.report_timeout(&s.order, &s.one);
        s.world.report_timeout(&s.order, &s.two);
        s.world.close_lease(&s.order, &s.one);
        s.world.close_lease(&s.order, &s.two);
        s.at(3 * HOUR);
    }),
    ("completed, last hour held", |s| s.served(3)),
    ("completed, window over", |s| {
        s.served(3);
        s.world.advance(1_800);
    }),
    ("completed, in dispute", |s| {
        s.served(3);
        s.dispute();
    }),
    ("completed, nothing held", |s| {
        s.served(3);
        s.world.advance(1_800);
        s.settle();
    }),
    ("completed, no leases", |s| {
        s.served(3);
        s.without_leases();
    }),
    ("ended, an interval due", |s| {
        s.ended();
        s.at(HOUR + 120);
    }),
    ("ended, held", Stage::ended_and_settled),
    ("ended, in dispute", |s| {
        s.ended_and_settled();
        s.dispute();
    }),
    ("ended, three days in dispute", |s| {
        s.ended_and_settled();
        s.dispute();
        s.world.advance(259_200);
    }),
    ("ended, no leases", |s| {
        s.ended_and_settled();
        s.without_leases();
    }),
    ("expired, one matched", |s| {
        s.both_matched();
        s.expired();
    }),
    ("expired, one accepted", |s| {
        s.accepted();
        s.expired();
    }),
    ("expired, paid out", |s| {
        s.expired();
        s.world.refund(&s.order);
    }),
];

/// A cell's outcome: the order's state behind it, `x` where the order is closed, `-` without a lease, or an error's letters.
fn cell(stage: &mut Stage, column: &str) -> String {
    let needs_lease = matches!(
        column,
        "accept"
            | "skip"
            | "settle"
            | "timeout"
            | "leave"
            | "dispute"
            | "resolve"
            | "rule"
            | "close"
    );
    if needs_lease && !stage.has(&stage.one) {
        return "-".into();
    }
    match stage.run(column) {
        Ok(_) if stage.world.find(&stage.order).is_none() => "x".into(),
        Ok(_) => {
            stage.world.check_order_books(&stage.order);
            stage.world.order(&stage.order).state.to_string()
        }
        Err(failure) => {
            let known = LEGEND
                .iter()
                .find(|(_, error)| Code::from(*error) == failure.code());
            known.map_or_else(
                || format!("?{}", failure.code()),
                |(short, _)| (*short).into(),
            )
        }
    }
}

#[test]
fn every_instruction_in_every_state() {
    let stage = Stage::new();
    let columns: Vec<&str> = COLUMNS.split_whitespace().collect();
    let table: Vec<&str> = TABLE.trim().lines().collect();
    assert_eq!(table.len(), ROWS.len());
    let mut wrong = Vec::new();
    for ((name, prepare), line) in ROWS.iter().zip(table) {
        let (title, cells) = line.split_once('|').expect("a title and cells");
        assert_eq!(title.trim(), *name);
        let mut row = stage.copy();
        prepare(&mut row);
        row.world.check_order_books(&row.order);
        let found: Vec<String> = columns
            .iter()
            .map(|column| cell(&mut row.copy(), column))
            .collect();
        let expected: Vec<&str> = cells.split_whitespace().collect();
        if found != expected {
            wrong.push(format!("{name:<34}| {}", found.join(" ")));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// A lease is matched, accepted, settled, closed, in this order only; the device is free from its end on.
#[test]
fn a_lease_goes_through_its_states_once() {
    let mut stage = Stage::new();
    let lease = pda::market::lease(&stage.order, &stage.one.device);
    let look = |stage: &Stage| {
        let place = stage.world.occupancy(&stage.one);
        let state = stage.world.lease(&stage.order, &stage.one).state;
        (state, place.lease == lease)
    };
    stage.both_matched();
    assert_eq!(look(&stage), (0, true));
    stage.world.accept(&stage.order, &stage.one);
    stage.world.accept(&stage.order, &stage.two);
    assert_eq!(look(&stage), (1, true));
    stage.at(2 * HOUR);
    stage.settle();
    assert_eq!(look(&stage), (1, true));
    stage.at(3 * HOUR);
    stage.settle();
    assert_eq!(look(&stage), (2, false));
    let payer = stage.world.authority.pubkey_of();
    let before = stage.world.lamports(&payer);
    stage.world.close_lease(&stage.order, &stage.one);
    let after = stage.world.lamports(&payer) + 5_000;
    assert_eq!(after - before, stage.world.rent(272));
    assert!(stage.world.find(&lease).is_none());
}

/// No two errors share letters, and every error of the table is one of the program's.
#[test]
fn the_legend_is_unambiguous() {
    for (n, (short, error)) in LEGEND.iter().enumerate() {
        let others = LEGEND.iter().skip(n + 1);
        assert!(others.clone().all(|(other, _)| other != short), "{short}");
        assert!(E::from_code(error.code()).is_some());
    }
}
