//! A co-staked device, a slasher, a judge, and cases against it.

use iog_client::pda;
use iog_client::staking::accounts::{Config, SlashCase};
use iog_client::staking::Event;
use iog_client::token;
use iog_tests::world::{CoStaker, Court, CLASS_TEST, GENESIS_TS};
use iog_tests::{Meta, Outcome, Supplier, World};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

/// One IO in base units.
pub const IO: u64 = 100_000_000;
pub const DAY: i64 = 86_400;
/// Thirty days: the window of the caps, the time to appeal, and the time to decide.
pub const MONTH: i64 = 2_592_000;
pub const COOL_DOWN: i64 = 1_209_600;
pub const WAIT: i64 = 604_800;
pub const WALLET: u64 = 20_000 * IO;
pub const SHARE: u16 = 3_000;
/// When a stage is set: a day after the first second, in which slasher and judge waited for their roles.
pub const START: i64 = GENESIS_TS + DAY;
/// How long after an appeal a case is upheld at the earliest: three days.
pub const UPHOLD_AFTER: i64 = 259_200;

pub fn said(event: Event) -> Vec<iog_client::Event> {
    vec![iog_client::Event::Staking(event)]
}

/// As if governance had set them a day ago.
pub fn set_caps(world: &mut World, (case, month): (u64, u64)) {
    world.edit::<Config>(&pda::staking::config(), |config| {
        config.case_cap_bps.value = case;
        config.month_cap_bps.value = month;
    });
}

#[derive(Clone)]
pub struct Stage {
    pub world: World,
    pub one: Supplier,
    pub co: CoStaker,
    pub court: Court,
    /// Supply of IO when the stage was set.
    pub supply: u64,
}

impl Stage {
    /// A device with the owner's stake, and the co-staker's where it is not zero.
    pub fn new(own: u64, co_amount: u64) -> Self {
        Self::under((1_000, 2_500), own, co_amount)
    }

    /// The same, where everybody came under these caps, of a case and of a month.
    pub fn under(caps: (u64, u64), own: u64, co_amount: u64) -> Self {
        let mut world = World::ready();
        let court = world.court();
        set_caps(&mut world, caps);
        let one = world.registered(CLASS_TEST, 1);
        world.stake(&one, own);
        let co = world.co_staker();
        if co_amount > 0 {
            world.co_stake(&one, &co, co_amount, SHARE);
        }
        let supply = world.supply(&world.io);
        Self {
            world,
            one,
            co,
            court,
            supply,
        }
    }

    pub fn propose(&mut self, amount: u64) -> Pubkey {
        self.world.propose_slash(&self.court, &self.one, amount)
    }

    pub fn try_propose(&mut self, amount: u64) -> Outcome {
        let propose = self
            .world
            .propose_slash_ix(&self.court, &self.one, amount)
            .instruction();
        self.world.send(&[propose], &[&self.court.slasher])
    }

    /// By the owner.
    pub fn appeal(&mut self, case: &Pubkey) -> Meta {
        let owner = self.one.owner.insecure_clone();
        let appeal = self.world.appeal_ix(&owner, &self.one, case);
        self.world.must(appeal.instruction(), &[&owner])
    }

    /// As soon as may be: to uphold takes three days from the appeal on.
    pub fn resolve(&mut self, case: &Pubkey, upheld: bool) -> Meta {
        let earliest = self.case(case).appealed_ts + UPHOLD_AFTER;
        if upheld && self.world.now() < earliest {
            self.world.set_time(earliest);
        }
        let resolve = self.world.resolve_ix(&self.court, case, upheld);
        self.world.must(resolve.instruction(), &[&self.court.judge])
    }

    pub fn finalize_ix(&self, case: &Pubkey) -> Instruction {
        self.world.finalize_slash_ix(&self.one, case).instruction()
    }

    /// By somebody who has nothing to do with it.
    pub fn finalize(&mut self, case: &Pubkey) -> Meta {
        let stranger = self.world.wallet();
        let close = self.finalize_ix(case);
        self.world.must(close, &[&stranger])
    }

    pub fn try_finalize(&mut self, case: &Pubkey) -> Outcome {
        let stranger = self.world.wallet();
        let close = self.finalize_ix(case);
        self.world.send(&[close], &[&stranger])
    }

    pub fn case(&self, case: &Pubkey) -> SlashCase {
        self.world.read(case)
    }

    pub fn owner_does(&mut self, instruction: Instruction) -> Meta {
        self.world.must(instruction, &[&self.one.owner])
    }

    pub fn request(&mut self) {
        let request = self.world.unstake_ix(&self.one).instruction();
        self.owner_does(request);
    }

    pub fn leave(&mut self) {
        let leave = self.world.leave_ix(&self.one, &self.co).instruction();
        self.world.must(leave, &[&self.co.wallet]);
    }

    pub fn withdraw_case(&mut self, by: &Keypair, case: &Pubkey) -> Outcome {
        let payer = self.world.authority.insecure_clone();
        let withdraw = self.world.withdraw_case_ix(by, case).instruction();
        self.world.send(&[withdraw], &[&payer, by])
    }

    pub fn withdraw_ix(&self) -> Instruction {
        self.world.withdraw_ix(&self.one).instruction()
    }

    pub fn withdraw_co_ix(&self) -> Instruction {
        self.world.withdraw_co_ix(&self.one, &self.co).instruction()
    }

    /// Moves on by seconds.
    pub fn pass(&mut self, secs: i64) {
        let now = self.world.now();
        self.world.set_time(now + secs);
    }

    /// What owner and co-staker have staked, and what cases hold of it.
    pub fn parts(&self) -> [(u64, u64); 2] {
        let stake = self.world.device_stake(&self.one);
        [
            (stake.amount_units, stake.held_units),
            (stake.co_amount_units, stake.co_held_units),
        ]
    }

    pub fn wallets(&self) -> (u64, u64) {
        let balance = |account| self.world.balance(account);
        (balance(&self.one.owner_token), balance(&self.co.token))
    }

    /// Panics unless exactly this was burned: in staking's books, in the token's, and of the supply.
    #[track_caller]
    pub fn burned(&self, amount: u64) {
        let world = &self.world;
        assert_eq!(world.staking_config().slashed_units, amount);
        let books: token::accounts::Config = world.token_config();
        assert_eq!(books.burned_units, amount);
        assert_eq!(self.supply - world.supply(&world.io), amount);
        world.check_supply();
        world.check_stakes(&[&self.one]);
    }
}
