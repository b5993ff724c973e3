//! An order and a lease, brought to every state.

use iog_client::pda;
use iog_tests::world::{
    order_args, receipt_key, Currency, PubkeyOf, Renter, CLASS_TEST, GENESIS_TS,
};
use iog_tests::{Outcome, Supplier, World};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

pub const HOUR: i64 = 3_600;
/// 5 % of the three hours of a device, and more.
const DEPOSIT: u64 = 200_000;

/// An order for two GPUs and three hours in US dollars, the device whose lease is looked at, its companion and two others. What
/// is settled can be disputed for half an hour.
pub struct Stage {
    pub world: World,
    pub one: Supplier,
    pub two: Supplier,
    pub three: Supplier,
    pub four: Supplier,
    pub renter: Renter,
    pub order: Pubkey,
}

impl Stage {
    pub fn new() -> Self {
        let mut world = World::with_disputes(1_800);
        let [one, two, three, four] = [(); 4].map(|()| world.supplier(CLASS_TEST));
        let renter = world.renter();
        let order = world.book_in(Currency::Usd, &renter, CLASS_TEST, order_args(1, 2, 3));
        Self {
            world,
            one,
            two,
            three,
            four,
            renter,
            order,
        }
    }

    pub fn copy(&self) -> Self {
        Self {
            world: self.world.clone(),
            one: self.one.clone(),
            two: self.two.clone(),
            three: self.three.clone(),
            four: self.four.clone(),
            renter: self.renter.clone(),
            order: self.order,
        }
    }

    pub fn at(&mut self, secs: i64) {
        self.world.warp_to(GENESIS_TS + secs);
    }

    pub fn matched(&mut self) {
        self.world.match_device(&self.order, &self.one);
    }

    pub fn both_matched(&mut self) {
        self.matched();
        self.world.match_device(&self.order, &self.two);
    }

    /// Whole, and the first device has accepted.
    pub fn accepted(&mut self) {
        self.both_matched();
        self.world.accept(&self.order, &self.one);
    }

    /// The first device accepted and, when the second did not, left.
    pub fn walked_away(&mut self) {
        self.accepted();
        self.at(91);
        self.world.leave_lease(&self.order, &self.one);
    }

    /// Running, with one heartbeat of each device.
    pub fn active(&mut self) {
        self.accepted();
        self.world.accept(&self.order, &self.two);
        self.world.heartbeat(&self.one);
        self.world.heartbeat(&self.two);
    }

    /// Hours served by both and settled.
    pub fn served(&mut self, hours: i64) {
        self.active();
        for _ in 0..hours {
            self.world.serve_hour(&[&self.one, &self.two], 6);
            self.settle();
        }
    }

    pub fn settle(&mut self) {
        self.world.settle_lease(&self.order, &self.one);
        self.world.settle_lease(&self.order, &self.two);
    }

    pub fn dispute(&mut self) {
        self.world.dispute(&self.order, &self.renter, &self.one);
    }

    /// Running with the third device, and the first in the place of the second, which was silent.
    pub fn replaced(&mut self) {
        self.world.fill(&self.order, &[&self.two, &self.three]);
        self.at(2_400);
        self.world.report_timeout(&self.order, &self.two);
        self.matched();
    }

    pub fn ended(&mut self) {
        self.served(1);
        self.at(HOUR + 100);
        self.world.end_early(&self.order, &self.renter);
    }

    /// What was served before the end is still held.
    pub fn ended_and_settled(&mut self) {
        self.ended();
        self.world.judge_rest(&self.order, &self.one);
        self.world.judge_rest(&self.order, &self.two);
    }

    /// What is held is released, and all leases closed.
    pub fn without_leases(&mut self) {
        self.world.advance(1_800);
        self.settle();
        self.world.close_lease(&self.order, &self.one);
        self.world.close_lease(&self.order, &self.two);
    }

    pub fn expired(&mut self) {
        self.at(1_200);
        self.world.expire_order(&self.order);
    }

    /// The instruction of a column, and who signs it besides the keeper.
    pub fn instruction(&self, column: &str) -> (Instruction, Option<&Keypair>) {
        let (world, order, one) = (&self.world, &self.order, &self.one);
        let wallet = Some(&self.renter.wallet);
        match column {
            "match" => {
                let mut matching = world.match_ix(order, self.candidate());
                matching.keeper = self.renter.wallet.pubkey_of();
                (matching.instruction(), wallet)
            }
            "accept" => {
                let accept = world.accept_ix(order, one);
                (accept.instruction(), Some(&one.device_key))
            }
            "decline" => {
                let decline = world.decline_ix(order, one);
                (decline.instruction(), Some(&one.device_key))
            }
            "skip" => (world.skip_ix(order, one).instruction(), None),
            "settle" => (world.settle_lease_ix(order, one).instruction(), None),
            "timeout" => (world.timeout_ix(order, one).instruction(), None),
            "leave" => {
                let mut leave = world.leave_lease_ix(order, one);
                leave.signer = one.device_key.pubkey_of();
                (leave.instruction(), Some(&one.device_key))
            }
            "quit" => {
                let leave = world.leave_lease_ix(order, one);
                (leave.instruction(), Some(&one.owner))
            }
            "dispute" => (world.dispute_ix(order, one).instruction(), wallet),
            "answer" => (world.answer_ix(order, one).instruction(), None),
            "resolve" => {
                let resolve = world.resolve_dispute_ix(order, one, 0);
                (resolve.instruction(), Some(&world.resolver))
            }
            "rule" => (world.resolve_by_rule_ix(order, one).instruction(), None),
            "extend" => (world.extend_ix(order, 1, u64::MAX).instruction(), wallet),
            "reduce" => (world.reduce_ix(order, 0, 1).instruction(), wallet),
            "end" => (world.end_early_ix(order).instruction(), wallet),
            "cancel" => (world.cancel_ix(order).instruction(), wallet),
            "expire" => (world.expire_ix(order).instruction(), None),
            "close" => (world.close_lease_ix(order, one).instruction(), None),
            "refund" => (world.refund_ix(order), None),
            "finish" => (world.close_order_ix(order).instruction(), None),
            other => panic!("no instruction {other}"),
        }
    }

    /// Sends a column's instruction with all that it asks for besides the order's and the lease's state.
    pub fn run(&mut self, column: &str) -> Outcome {
        match column {
            "match" => {
                let candidate = self.candidate().clone();
                self.world.make_ready(&candidate);
            }
            "dispute" if self.world.order(&self.order).started_ts > 0 => {
                self.world.add_funds(&self.order, &self.renter, DEPOSIT);
            }
            _ => {}
        }
        let (instruction, signer) = self.instruction(column);
        let keeper = self.world.authority.insecure_clone();
        let signer = signer.map(|key| key.insecure_clone());
        let mut signers = vec![&keeper];
        signers.extend(signer.as_ref());
        let mut all = vec![instruction];
        if column == "answer" {
            let receipt = self.world.receipt(&self.order, &self.one, &[0b11_1111; 24]);
            all.insert(0, receipt.check(&receipt_key()));
        }
        self.world.send(&all, &signers)
    }

    /// A device that the order does not have.
    pub fn candidate(&self) -> &Supplier {
        if self.has(&self.three) {
            &self.four
        } else {
            &self.three
        }
    }

    pub fn has(&self, supplier: &Supplier) -> bool {
        let lease = pda::market::lease(&self.order, &supplier.device);
        self.world.find(&lease).is_some()
    }
}
