//! An H100 whose owner lost a dispute before the market's resolver, and those who may take its stake for it.

use iog_client::market::Verdict;
use iog_client::pda;
use iog_client::registry::ClassArgs;
use iog_client::staking::accounts::Restitution;
use iog_client::staking::instructions::ProposeRestitution;
use iog_tests::world::{class_args, CoStaker, Currency, PubkeyOf, Renter, CLASS_TEST};
use iog_tests::{Meta, Outcome, Supplier, World};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::paying::Paying;
use crate::stage::{Stage as Plain, IO};

/// How long a verdict can be named: 180 days.
pub const CLAIM: i64 = 15_552_000;
/// A GPU-hour of an H100, in millionths of a dollar.
pub const H100_USD6: u64 = 1_520_000;
/// What is settled can be disputed for an hour, so that one of the two hours served is released.
const DISPUTE: u32 = 3_600;

pub struct Stage {
    pub plain: Plain,
    pub renter: Renter,
    pub order: Pubkey,
    pub verdict: Pubkey,
}

impl Clone for Stage {
    fn clone(&self) -> Self {
        Self {
            plain: self.plain.clone(),
            renter: self.renter.clone(),
            ..*self
        }
    }
}

/// A world in which class 1 is the H100 at this price of a GPU-hour.
pub fn world(price_usd6: u64) -> World {
    let mut world = World::with_disputes(DISPUTE);
    world.update_class(ClassArgs {
        multiplier_x100: 1_000,
        base_price_usd6: price_usd6,
        ..class_args(CLASS_TEST)
    });
    world
}

impl Stage {
    /// A stake of 2,000 IO, an hour paid at 1.52 USD, and the second lost.
    pub fn new() -> Self {
        Self::of(2_000 * IO, 0, H100_USD6)
    }

    /// A device with these parts, and one hour that was paid so much before the resolver gave the second to the renter.
    pub fn of(own: u64, co_amount: u64, price_usd6: u64) -> Self {
        let (mut world, one, co, renter) = staked(own, co_amount, price_usd6);
        let court = world.court();
        let order = lose(&mut world, &one, &renter, 1);
        let supply = world.supply(&world.io);
        let lease = pda::market::lease(&order, &one.device);
        let plain = Plain {
            world,
            one,
            co,
            court,
            supply,
        };
        Self {
            plain,
            renter,
            order,
            verdict: pda::market::verdict(&lease),
        }
    }

    pub fn world(&mut self) -> &mut World {
        &mut self.plain.world
    }

    pub fn paying(&self) -> Paying {
        Paying {
            slasher: self.plain.court.slasher.pubkey_of(),
            verdict: self.verdict,
            renter: self.renter.wallet.pubkey_of(),
        }
    }

    pub fn propose_ix(&self, amount: u64) -> ProposeRestitution {
        let Plain { world, one, .. } = &self.plain;
        self.paying().propose_ix(world, one, amount)
    }

    /// At 0.25 USD an IO, a thousandth of it uncertain: 0.2505 USD count.
    pub fn try_propose(&mut self, amount: u64) -> Outcome {
        self.world().post_price(25_000_000);
        self.try_propose_now(amount)
    }

    /// At the price that was posted last.
    pub fn try_propose_now(&mut self, amount: u64) -> Outcome {
        let propose = self.propose_ix(amount).instruction();
        let slasher = self.plain.court.slasher.insecure_clone();
        self.world().send(&[propose], &[&slasher])
    }

    /// Proposes a case; returns its address.
    #[track_caller]
    pub fn propose(&mut self, amount: u64) -> Pubkey {
        let number = self.plain.world.staking_config().cases;
        self.try_propose(amount).expect("a case that is taken");
        pda::staking::slash_case(number)
    }

    pub fn restitution_address(&self) -> Pubkey {
        self.paying().restitution()
    }

    pub fn restitution(&self) -> Restitution {
        self.plain.world.read(&self.restitution_address())
    }

    pub fn verdict(&self) -> Verdict {
        self.plain.world.read(&self.verdict)
    }

    pub fn finalize_ix(&self, case: &Pubkey) -> Instruction {
        let Plain { world, one, .. } = &self.plain;
        self.paying().finalize_ix(world, one, case).instruction()
    }

    pub fn try_finalize(&mut self, case: &Pubkey) -> Outcome {
        let close = self.finalize_ix(case);
        let stranger = self.world().wallet();
        self.world().send(&[close], &[&stranger])
    }

    /// By somebody who has nothing to do with it.
    #[track_caller]
    pub fn finalize(&mut self, case: &Pubkey) -> Meta {
        self.try_finalize(case).expect("a case that ends")
    }

    /// Proposes, waits 30 days and carries out.
    pub fn take(&mut self, amount: u64) -> Meta {
        let case = self.propose(amount);
        self.plain.pass(crate::stage::MONTH);
        self.finalize(&case)
    }

    pub fn fetch_ix(&self, renter_token: &Pubkey) -> Instruction {
        let world = &self.plain.world;
        self.paying().fetch_ix(world, renter_token).instruction()
    }

    /// Into the renter's account for IO, by a stranger.
    pub fn try_fetch(&mut self) -> Outcome {
        let fetch = self.fetch_ix(&self.renter.token);
        let stranger = self.plain.world.authority.insecure_clone();
        self.world().send(&[fetch], &[&stranger])
    }

    pub fn close_ix(&self) -> Instruction {
        let payer = self.restitution().payer;
        self.paying().close_ix(&payer).instruction()
    }

    pub fn try_close(&mut self) -> Outcome {
        let close = self.close_ix();
        let stranger = self.world().wallet();
        self.world().send(&[close], &[&stranger])
    }

    /// What renters are owed, and what was ever taken for them.
    pub fn owed(&self) -> (u64, u64) {
        let config = self.plain.world.staking_config();
        (config.restitution_due_units, config.restituted_units)
    }

    /// Panics unless books, vault and supply agree, and nothing but this was burned.
    #[track_caller]
    pub fn books(&self, burned: u64) {
        self.plain.burned(burned);
    }
}

/// A listed H100 with these parts of a stake, who co-stakes it, and a renter.
pub fn staked(own: u64, co_amount: u64, price_usd6: u64) -> (World, Supplier, CoStaker, Renter) {
    let mut world = world(price_usd6);
    let one = world.registered(CLASS_TEST, 1);
    world.stake(&one, own);
    let co = world.co_staker();
    if co_amount > 0 {
        world.co_stake(&one, &co, co_amount, crate::stage::SHARE);
    }
    world.open_earnings(&one);
    world.list_device(&one, 0);
    let renter = world.renter();
    (world, one, co, renter)
}

/// The renter books 5 hours in dollars, is served two, of which the first is released, disputes the second, and the resolver gives
/// nothing of it to the supplier.
pub fn lose(world: &mut World, one: &Supplier, renter: &Renter, id: u64) -> Pubkey {
    let order = disputed(world, one, renter, id);
    world.resolve_dispute(&order, one, 0);
    order
}

/// The same until the resolver may decide.
pub fn disputed(world: &mut World, one: &Supplier, renter: &Renter, id: u64) -> Pubkey {
    let order = world.running_in(Currency::Usd, renter, id, 5, &[one]);
    world.serve_hour(&[one], 6);
    world.serve_hour(&[one], 6);
    world.settle_lease(&order, one);
    world.dispute(&order, renter, one);
    world.judge_rest(&order, one);
    order
}
