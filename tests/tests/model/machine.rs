//! The programs and the reference side by side: one action, two outcomes, every balance compared.

use iog_client::pda;
use iog_client::registry::accounts::Device;
use iog_tests::world::{
    page_of, CoStaker, Court, PubkeyOf, Renter, CLASS_COMMUNITY, CLASS_TEST, GENESIS_TS,
};
use iog_tests::{reference, Supplier, World};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::emission::{page_index, Rewards};
use super::reference::{Donations, Fees, Kind, Model, Step};
use super::staking::Stakes;

/// What happens in a step; numbers name devices, co-stakers, renters, orders and cases.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    Stake(usize, u64),
    Increase(usize, u64),
    RequestUnstake(usize),
    Withdraw(usize),
    Overflow(usize, u64),
    Offer(usize, u64, u16),
    Retract(usize),
    AcceptOffer(usize, usize, (u64, u16)),
    Leave(usize),
    WithdrawCo(usize),
    Propose(usize, u64),
    Appeal(u64),
    Resolve(u64, bool),
    Finalize(u64),
    Prove(usize),
    CheckIn(usize),
    CloseHours(u8),
    SettleRewards(usize),
    Claim(usize),
    ClaimCo(usize, usize),
    Pause,
    Resume,
    Create {
        renter: usize,
        class: u16,
        gpus: u32,
        hours: u32,
        usd8: u64,
    },
    List(usize),
    /// By a stranger.
    Delist(usize),
    Match(u64, usize),
    Accept(u64, usize),
    Beat(usize),
    Settle(u64, usize),
    EndEarly(u64),
    Expire(u64),
    CloseLease(u64, usize),
    Refund(u64),
    CloseOrder(u64),
    Earn(usize),
    Collect,
    BurnFees,
    Donate(u8, u64),
    Warp(i64),
}

pub const CLASSES: [u16; 2] = [CLASS_TEST, CLASS_COMMUNITY];
/// 20,000 IO.
const WALLET: u64 = 2_000_000_000_000;

pub struct Machine {
    pub world: World,
    pub model: Model,
    pub suppliers: Vec<Supplier>,
    pub renters: Vec<Renter>,
    pub cos: Vec<CoStaker>,
    pub court: Court,
}

/// Fees of 25 basis points on both sides, no dispute window, and an owner with 20,000 IO for each device.
fn market(now: i64, kinds: &[Kind]) -> reference::Model {
    let device = |(owner, kind): (usize, &Kind)| reference::Device {
        owner,
        class: CLASSES
            .iter()
            .position(|class| *class == kind.class)
            .unwrap(),
        gpus: kind.quantity,
        active: true,
        ..reference::Device::default()
    };
    let owner = reference::Owner {
        tokens: [WALLET, 0],
        ..reference::Owner::default()
    };
    let renter = reference::Renter {
        tokens: [WALLET, 0, 0],
        ..reference::Renter::default()
    };
    reference::Model {
        now,
        base: [1_000_000, 400_000],
        fee: reference::Fees {
            reservation: 25,
            supplier: 25,
            ..reference::Fees::default()
        },
        resolver: true,
        next_id: 1,
        owners: vec![owner; kinds.len()],
        renters: vec![renter; 2],
        devices: kinds.iter().enumerate().map(device).collect(),
        ..reference::Model::default()
    }
}

impl Machine {
    /// Four devices of two classes, one of them of two GPUs, two co-stakers and two renters; nothing is staked.
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
                world.open_earnings(&supplier);
                world.edit::<Device>(&supplier.device, |device| {
                    device.registered_ts = GENESIS_TS - 43_200;
                });
                supplier
            })
            .collect();
        let renters = vec![world.renter(), world.renter()];
        let cos = vec![world.co_staker(), world.co_staker()];
        let court = world.court();
        let model = Model {
            now: world.now(),
            stakes: Stakes {
                of: vec![None; kinds.len()],
                offers: vec![None; kinds.len()],
                cos: vec![2_000_000_000_000; cos.len()],
                ..Stakes::default()
            },
            rewards: vec![Rewards::default(); kinds.len()],
            passed: vec![0; kinds.len()],
            ledger: Default::default(),
            next_hour: 1,
            minted: 0,
            carry: [0; 2],
            paused: false,
            void: (0, 0),
            minter: (0, 0),
            market: market(world.now(), &kinds),
            fees: Fees::default(),
            donations: Donations::default(),
            kinds: kinds.to_vec(),
        };
        Self {
            world,
            model,
            suppliers,
            renters,
            cos,
            court,
        }
    }

    pub fn order(&self, id: u64) -> Pubkey {
        let renter = &self.renters[self.model.market.orders[&id].renter];
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
                let beats = &mut self.model.market.devices[device].beats;
                beats.insert(self.model.now / 600);
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
}

fn custom(failure: &iog_tests::Failure) -> u32 {
    match failure.code {
        solana_instruction::error::InstructionError::Custom(code) => code,
        _ => u32::MAX,
    }
}
