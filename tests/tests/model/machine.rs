//! The programs and the reference side by side: one action, two outcomes, every balance compared.

use iog_client::registry::accounts::Device;
use iog_client::{pda, treasury};
use iog_tests::world::{
    class_args, order_args, page_of, PubkeyOf, Renter, CLASS_COMMUNITY, CLASS_TEST, GENESIS_TS,
};
use iog_tests::{Supplier, World};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::orders::{Order, Orders};
use super::reference::{page_index, Donations, Fees, Kind, Model, Rewards, Step};

/// What happens in a step; numbers name devices, renters and orders.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    Stake(usize, u64),
    Increase(usize, u64),
    RequestUnstake(usize),
    Withdraw(usize),
    Prove(usize),
    CheckIn(usize),
    CloseHours(u8),
    SettleRewards(usize),
    Claim(usize),
    Create {
        renter: usize,
        class: u16,
        gpus: u32,
        hours: u32,
        usd8: u64,
    },
    Match(u64, usize),
    Accept(u64, usize),
    Beat(usize),
    Settle(u64, usize),
    EndEarly(u64),
    Expire(u64),
    CloseLease(u64, usize),
    CloseOrder(u64),
    BurnFees,
    Donate(u8, u64),
    Warp(i64),
}

pub struct Machine {
    pub world: World,
    pub model: Model,
    pub suppliers: Vec<Supplier>,
    pub renters: Vec<Renter>,
    next_id: u64,
}

/// What a class's GPU-hour costs in dollars, 6 decimals.
fn base_price(class: u16) -> u64 {
    if class == CLASS_TEST {
        class_args(CLASS_TEST).base_price_usd6
    } else {
        400_000
    }
}

impl Machine {
    /// Four devices of two classes, one of them of two GPUs, and two renters; nothing is staked.
    pub fn new() -> Self {
        let mut world = World::ready();
        let kinds = [
            (CLASS_TEST, 100, 1, 0),
            (CLASS_TEST, 100, 1, 0),
            (CLASS_TEST, 100, 2, 0),
            (CLASS_COMMUNITY, 250, 1, 1),
        ]
        .map(|(class, multiplier, quantity, pool)| Kind {
            class,
            multiplier,
            quantity,
            pool,
        });
        let suppliers: Vec<Supplier> = kinds
            .iter()
            .map(|kind| {
                let supplier = world.registered(kind.class, kind.quantity);
                world.set_tier(&supplier, 2);
                world.open_rewards(&supplier);
                world.edit::<Device>(&supplier.device, |device| {
                    device.registered_ts = GENESIS_TS - 43_200;
                });
                supplier
            })
            .collect();
        let renters = vec![world.renter(), world.renter()];
        let model = Model {
            now: world.now(),
            owners: vec![2_000_000_000_000; kinds.len()],
            stakes: vec![None; kinds.len()],
            rewards: vec![Rewards::default(); kinds.len()],
            passed: vec![0; kinds.len()],
            ledger: Default::default(),
            next_hour: 1,
            minted: 0,
            carry: [0; 2],
            minter: (0, 0),
            orders: Orders {
                renters: vec![2_000_000_000_000; 2],
                hired: vec![None; kinds.len()],
                served: vec![0; kinds.len()],
                missed: vec![0; kinds.len()],
                beats: vec![Default::default(); kinds.len()],
                ..Orders::default()
            },
            fees: Fees::default(),
            donations: Donations::default(),
            kinds: kinds.to_vec(),
        };
        Self {
            world,
            model,
            suppliers,
            renters,
            next_id: 1,
        }
    }

    pub fn order(&self, id: u64) -> Pubkey {
        let renter = &self.renters[self.model.orders.live[&id].renter];
        pda::market::order(&renter.wallet.pubkey_of(), id)
    }

    /// Does it to both; panics unless they agree on success, code and every amount. True when it succeeded.
    pub fn step(&mut self, action: Action) -> bool {
        let expected = self.run(action);
        super::compare::all(self, action);
        expected.is_ok()
    }

    fn send(&mut self, action: Action, instruction: Instruction, signer: Option<Keypair>) -> Step {
        let payer = self.world.authority.insecure_clone();
        let mut signers = vec![&payer];
        signers.extend(signer.as_ref());
        let outcome = self.world.send_large(&[instruction], &signers);
        if let Err(failure) = &outcome {
            let known = iog_client::errors::explain(&failure.program, custom(failure));
            assert!(known.is_some(), "{action:?}: {failure:?}");
        }
        outcome.map(|_| ()).map_err(|failure| failure.code())
    }

    fn run(&mut self, action: Action) -> Step {
        match action {
            Action::Warp(secs) => {
                self.model.now += secs;
                self.world.set_time(self.model.now);
                Ok(())
            }
            Action::Donate(vault, amount) => {
                self.donate(vault, amount);
                Ok(())
            }
            Action::Prove(device) => {
                self.world.mark_passed(&self.suppliers[device]);
                self.model.passed[device] = self.model.hour();
                Ok(())
            }
            Action::Beat(device) => {
                self.world.heartbeat(&self.suppliers[device]);
                self.model.orders.beats[device].insert(self.model.now / 600);
                Ok(())
            }
            _ => {
                self.open_pages();
                let (instruction, signer) = self.instruction(action);
                let expected = self.predict(action);
                let got = self.send(action, instruction, signer);
                assert_eq!(got, expected, "{action:?}");
                expected
            }
        }
    }

    /// The pages of the running hour and of the first open one.
    fn open_pages(&mut self) {
        for hour in [self.model.next_hour, self.model.hour()] {
            if self.world.find(&page_of(hour)).is_none() {
                self.world.open_page(page_index(hour));
            }
        }
    }

    fn donate(&mut self, vault: u8, amount: u64) {
        let io = self.world.io;
        let donations = &mut self.model.donations;
        let (address, total) = match vault {
            0 => (pda::staking::vault(), &mut donations.staking),
            1 => (pda::market::vault(&io), &mut donations.market),
            2 => (pda::emission::vault(), &mut donations.emission),
            _ => (pda::treasury::vault(&io), &mut donations.treasury),
        };
        *total += amount;
        self.world.donate(&address, amount);
    }

    fn instruction(&mut self, action: Action) -> (Instruction, Option<Keypair>) {
        let owner =
            |machine: &Self, device: usize| Some(machine.suppliers[device].owner.insecure_clone());
        let world = &self.world;
        let of = |device: usize| &self.suppliers[device];
        match action {
            Action::Stake(d, amount) => {
                (world.stake_ix(of(d), amount).instruction(), owner(self, d))
            }
            Action::Increase(d, amount) => (
                world.increase_ix(of(d), amount).instruction(),
                owner(self, d),
            ),
            Action::RequestUnstake(d) => (world.unstake_ix(of(d)).instruction(), owner(self, d)),
            Action::Withdraw(d) => (world.withdraw_ix(of(d)).instruction(), owner(self, d)),
            Action::CheckIn(d) => (self.check_in(d), None),
            Action::CloseHours(most) => (world.close_ix(most).instruction(), None),
            Action::SettleRewards(d) => (self.settle_rewards(d), None),
            Action::Claim(d) => (world.claim_ix(of(d)).instruction(), None),
            Action::BurnFees => (self.burn_fees(), None),
            _ => self.order_instruction(action),
        }
    }

    fn order_instruction(&mut self, action: Action) -> (Instruction, Option<Keypair>) {
        if let Action::Create {
            renter,
            class,
            gpus,
            hours,
            usd8,
        } = action
        {
            self.world.post_price(i64::try_from(usd8).unwrap());
            let renter = self.renters[renter].clone();
            let args = order_args(self.next_id, gpus, hours);
            let create = self.world.create_order_ix(&renter, class, args);
            return (create.instruction(), Some(renter.wallet));
        }
        let world = &self.world;
        let of = |device: usize| &self.suppliers[device];
        match action {
            Action::Match(id, d) => (world.match_ix(&self.order(id), of(d)).instruction(), None),
            Action::Accept(id, d) => {
                let key = of(d).device_key.insecure_clone();
                (
                    world.accept_ix(&self.order(id), of(d)).instruction(),
                    Some(key),
                )
            }
            Action::Settle(id, d) => (
                world.settle_lease_ix(&self.order(id), of(d)).instruction(),
                None,
            ),
            Action::EndEarly(id) => {
                let renter = self.model.orders.live[&id].renter;
                let wallet = self.renters[renter].wallet.insecure_clone();
                (
                    world.end_early_ix(&self.order(id)).instruction(),
                    Some(wallet),
                )
            }
            Action::Expire(id) => (world.expire_ix(&self.order(id)).instruction(), None),
            Action::CloseLease(id, d) => (
                world.close_lease_ix(&self.order(id), of(d)).instruction(),
                None,
            ),
            Action::CloseOrder(id) => (world.close_order_ix(&self.order(id)).instruction(), None),
            _ => unreachable!("{action:?} is no instruction of an order"),
        }
    }

    fn check_in(&self, device: usize) -> Instruction {
        let (page, other) = self
            .model
            .pages(device, Some(page_index(self.model.hour())));
        let mut check_in = self.world.check_in_ix(&self.suppliers[device]);
        check_in.page = pda::emission::page(page);
        check_in.previous_page = other.map(pda::emission::page);
        check_in.instruction()
    }

    fn settle_rewards(&self, device: usize) -> Instruction {
        let (page, other) = self.model.pages(device, None);
        let mut settle = self.world.settle_rewards_ix(&self.suppliers[device], page);
        settle.previous_page = other.map(pda::emission::page);
        settle.instruction()
    }

    fn burn_fees(&self) -> Instruction {
        let burn = treasury::instructions::BurnIoFees {
            fees: pda::treasury::fees(&self.world.io),
            vault: pda::treasury::vault(&self.world.io),
            io_mint: self.world.io,
            token_config: pda::token::config(),
        };
        burn.instruction()
    }

    fn predict(&mut self, action: Action) -> Step {
        let model = &mut self.model;
        let now = model.now;
        match action {
            Action::Stake(d, amount) => model.stake(d, amount),
            Action::Increase(d, amount) => model.increase(d, amount),
            Action::RequestUnstake(d) => model.request_unstake(d),
            Action::Withdraw(d) => model.withdraw(d),
            Action::CheckIn(d) => {
                let pages = model.pages(d, Some(page_index(model.hour())));
                model.check_in(d, pages)
            }
            Action::CloseHours(most) => model.close_hours(most),
            Action::SettleRewards(d) => {
                let pages = model.pages(d, None);
                model.settle_rewards(d, pages)
            }
            Action::Claim(d) => model.claim(d),
            Action::BurnFees => model.burn_fees(),
            Action::Create {
                renter,
                class,
                gpus,
                hours,
                usd8,
            } => {
                let order = priced(renter, class, gpus, hours, usd8);
                let id = self.next_id;
                self.next_id += 1;
                model.orders.create(id, order, now)
            }
            Action::Match(id, d) => {
                let staked = model.is_staked(d);
                model
                    .orders
                    .match_device(id, d, &model.kinds[d], staked, now)
            }
            Action::Accept(id, d) => model.orders.accept(id, d, &model.kinds[d], now),
            Action::Settle(id, d) => {
                let moved = model.orders.settle(id, d, &model.kinds[d], now)?;
                model.owners[d] += moved.paid;
                model.collect(moved.fee);
                Ok(())
            }
            Action::EndEarly(id) => model.orders.end_early(id, now),
            Action::Expire(id) => model.orders.expire(id, now),
            Action::CloseLease(id, d) => model.orders.close_lease(id, d),
            Action::CloseOrder(id) => model.orders.close_order(id),
            _ => unreachable!("{action:?} is no instruction"),
        }
    }
}

/// An order at the price of IO less twice its confidence of a thousandth.
fn priced(renter: usize, class: u16, gpus: u32, hours: u32, usd8: u64) -> Order {
    let low = usd8 - 2 * (usd8 / 1_000);
    let price = (u128::from(base_price(class)) * 10_000_000_000).div_ceil(u128::from(low));
    Order {
        renter,
        class,
        price: u64::try_from(price).unwrap(),
        gpus,
        hours,
        state: 0,
        deposited: 0,
        escrowed: 0,
        paid: 0,
        refunded: 0,
        fees: 0,
        pending_fee: 0,
        expires: 0,
        started: 0,
        end: 0,
        matched: 0,
        accepted: 0,
        leases: Default::default(),
    }
}

fn custom(failure: &iog_tests::Failure) -> u32 {
    match failure.code {
        solana_instruction::error::InstructionError::Custom(code) => code,
        _ => u32::MAX,
    }
}
