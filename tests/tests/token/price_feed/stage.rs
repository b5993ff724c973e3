//! A network whose price a quorum signs, and somebody who makes IOSD at it.

use iog_client::events::Event;
use iog_client::price_report::SignedReport;
use iog_client::token::instructions::ObservePrice;
use iog_client::token::{self, TokenError};
use iog_tests::world::{expect_code, signed, PubkeyOf};
use iog_tests::{Code, Outcome, World};
use solana_instruction::Instruction;
use solana_keypair::Keypair;

use crate::setup::{holder, IO};

/// 0.25 USD in 10^-10 USD.
pub const QUARTER: u64 = 2_500_000_000;
/// What IOSD is made at then: less twice a thousandth of the price, the least confidence.
pub const QUARTER_LOW: u64 = 2_495_000_000;

/// Parts of 0.25 USD in thousandths.
pub fn thousandths(parts: u64) -> u64 {
    QUARTER / 1_000 * parts
}

pub struct Stage {
    pub world: World,
    /// The reporters, in the feed's order.
    pub keys: Vec<Keypair>,
    pub buyer: Keypair,
}

impl Clone for Stage {
    fn clone(&self) -> Self {
        Self {
            world: self.world.clone(),
            keys: self.keys.iter().map(Keypair::insecure_clone).collect(),
            buyer: self.buyer.insecure_clone(),
        }
    }
}

/// Nobody has reported yet.
pub fn silent(named: u8, quorum: u64) -> Stage {
    let mut world = World::ready();
    let keys = world.price_by_quorum(quorum, named);
    let buyer = holder(&mut world, 100_000 * IO);
    Stage { world, keys, buyer }
}

/// All have reported 0.25 USD every five minutes of an hour, and do so now.
pub fn stage(named: u8, quorum: u64) -> Stage {
    let mut stage = silent(named, quorum);
    stage.world.report_for(&stage.keys, QUARTER, 13);
    stage
}

impl Stage {
    pub fn now(&self) -> i64 {
        self.world.now()
    }

    /// What reporter `index` signs now.
    pub fn says(&self, index: usize, price: u64) -> SignedReport {
        self.says_at(index, price, self.now())
    }

    pub fn says_at(&self, index: usize, price: u64, ts: i64) -> SignedReport {
        signed(&self.keys[index], price, ts)
    }

    /// Carries reports that must be taken.
    #[track_caller]
    pub fn carry(&mut self, reports: &[SignedReport]) {
        self.world
            .carry(reports)
            .unwrap_or_else(|failure| panic!("refused: {failure:?}"));
    }

    /// The first reporters say one price each, now, in one transaction each five.
    #[track_caller]
    pub fn all_say(&mut self, prices: &[u64]) {
        let says = (0..)
            .zip(prices)
            .map(|(index, price)| self.says(index, *price));
        let reports: Vec<SignedReport> = says.collect();
        for some in reports.chunks(5) {
            self.carry(some);
        }
    }

    /// So many seconds later all say the same.
    #[track_caller]
    pub fn all_say_later(&mut self, secs: i64, price: u64) {
        self.world.advance(secs);
        let prices = vec![price; self.keys.len()];
        self.all_say(&prices);
    }

    pub fn burn_ix(&self) -> Instruction {
        let buyer = self.buyer.pubkey_of();
        self.world.burn_for_iosd_ix(&buyer, IO, 0).instruction()
    }

    /// One IO is made IOSD at a price of the last 20 seconds.
    pub fn burn(&mut self) -> Outcome {
        self.world.make_seen();
        let burn = self.burn_ix();
        self.world.send(&[burn], &[&self.buyer])
    }

    /// The price that IOSD is made at: the lower of median and average, less twice the confidence.
    #[track_caller]
    pub fn low(&mut self) -> u64 {
        let meta = self
            .burn()
            .unwrap_or_else(|failure| panic!("refused: {failure:?}"));
        low_of(&meta.events)
    }

    /// Whether an act that takes a price of the last 60 seconds would; what orders take.
    pub fn order(&mut self) -> Outcome {
        let observe = ObservePrice {
            price: self.world.price,
        };
        let anyone = self.world.authority.insecure_clone();
        self.world.send(&[observe.instruction()], &[&anyone])
    }

    /// The average price in 10^-10 USD as consumers read it.
    #[track_caller]
    pub fn average(&mut self) -> u64 {
        let meta = self
            .order()
            .unwrap_or_else(|failure| panic!("refused: {failure:?}"));
        match meta.events.as_slice() {
            [Event::Token(token::Event::PriceObserved(seen))] => seen.average / 100,
            other => panic!("expected one sight, got {other:?}"),
        }
    }

    /// Neither makes IOSD: the refusal is this.
    #[track_caller]
    pub fn burn_refused(&mut self, error: TokenError) {
        expect_code(self.burn(), Code::from(error));
    }
}

/// The price of the one burn among these events.
#[track_caller]
pub fn low_of(events: &[Event]) -> u64 {
    let made = events.iter().find_map(|event| match event {
        Event::Token(token::Event::IosdMinted(made)) => Some(made),
        _ => None,
    });
    let made = made.expect("IOSD was made");
    assert_eq!(made.exponent, -10);
    made.price
}
