//! A device with a stake, and somebody who may co-stake it.

use iog_client::pda;
use iog_client::staking::accounts::OwnerBook;
use iog_client::staking::Event;
use iog_tests::world::{CoStaker, PubkeyOf, CLASS_TEST};
use iog_tests::{Supplier, World};
use solana_instruction::Instruction;

/// One IO in base units.
pub const IO: u64 = 100_000_000;
/// Fourteen days, and seven.
pub const COOL_DOWN: i64 = 1_209_600;
pub const WAIT: i64 = 604_800;
/// A wallet of the harness.
pub const WALLET: u64 = 20_000 * IO;
/// What one GPU of multiplier 1 needs.
pub const MINIMUM: u64 = 200 * IO;
/// The share of rewards in the tests' offers.
pub const SHARE: u16 = 3_000;

pub fn said(event: Event) -> Vec<iog_client::Event> {
    vec![iog_client::Event::Staking(event)]
}

#[derive(Clone)]
pub struct Stage {
    pub world: World,
    pub one: Supplier,
    pub co: CoStaker,
}

impl Stage {
    /// A device of one GPU, connected, with a stake of `amount`; nobody co-stakes.
    pub fn staked(amount: u64) -> Self {
        let mut world = World::ready();
        let one = world.registered(CLASS_TEST, 1);
        world.set_tier(&one, 2);
        world.stake(&one, amount);
        let co = world.co_staker();
        Self { world, one, co }
    }

    /// The same, with a co-staker's part.
    pub fn co_staked(amount: u64, co_amount: u64) -> Self {
        let mut stage = Self::staked(amount);
        let Self { world, one, co } = &mut stage;
        world.co_stake(one, co, co_amount, SHARE);
        stage
    }

    /// The owner's instruction; must succeed.
    pub fn owner_does(&mut self, instruction: Instruction) -> iog_tests::Meta {
        self.world.must(instruction, &[&self.one.owner])
    }

    /// Lists the device in the market, for orders in any currency.
    pub fn list(&mut self) {
        self.world.open_earnings(&self.one);
        self.world.list_device(&self.one, 0);
    }

    pub fn leave(&mut self) -> iog_tests::Meta {
        let leave = self.world.leave_ix(&self.one, &self.co).instruction();
        self.world.must(leave, &[&self.co.wallet])
    }

    pub fn request(&mut self) {
        let request = self.world.unstake_ix(&self.one).instruction();
        self.owner_does(request);
    }

    pub fn withdraw_ix(&self) -> Instruction {
        self.world.withdraw_ix(&self.one).instruction()
    }

    pub fn withdraw_co_ix(&self) -> Instruction {
        self.world.withdraw_co_ix(&self.one, &self.co).instruction()
    }

    /// Accepted offers of the owner.
    pub fn accepted(&self) -> u8 {
        let book = pda::staking::owner_book(&self.one.owner.pubkey_of());
        self.world.read::<OwnerBook>(&book).accepted
    }

    /// What the owner and the co-staker have in their wallets.
    pub fn wallets(&self) -> (u64, u64) {
        let balance = |account| self.world.balance(account);
        (balance(&self.one.owner_token), balance(&self.co.token))
    }

    /// Panics unless owner and co-staker have staked this, and books and vault agree.
    #[track_caller]
    pub fn holds(&self, owner: u64, co_staker: u64) {
        let stake = self.world.device_stake(&self.one);
        assert_eq!(
            (stake.amount_units, stake.co_amount_units),
            (owner, co_staker)
        );
        self.world.check_stakes(&[&self.one]);
    }
}
