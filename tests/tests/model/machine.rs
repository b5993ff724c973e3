//! The programs and the reference side by side: one action, two outcomes, every balance compared.

use iog_client::pda;
use iog_client::registry::accounts::Device as DeviceAccount;
use iog_pow::K_OPENINGS;
use iog_tests::world::{
    prover, try_commit, CoStaker, Court, Currency, PubkeyOf, Renter, CLASS_COMMUNITY, CLASS_TEST,
};
use iog_tests::{Failure, Supplier, World};
use solana_instruction::error::InstructionError;
use solana_instruction::Instruction;
use solana_keypair::Keypair;

use super::emission::page_index;
use super::reference::{Model, Step};
use super::registry::{Lease, MEASURERS};
use super::setup;

/// What happens in a step; numbers name devices, classes, co-stakers, measurers and cases.
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
    Beat(usize),
    /// A commit that nobody will see through.
    Commit(usize),
    /// A walk, its commit and its openings.
    Prove(usize),
    SetActive(usize, bool),
    Schedule(usize, u64),
    Apply(usize),
    NameMeasurer(usize, bool),
    ApplyMeasurer(usize),
    Measure(usize, usize, u8),
    RefreshTier(usize),
    /// An order in dollars of somebody's, from its booking to its start; not tried where the market would refuse.
    Hire(usize, u32),
    /// What follows its end, to the last account.
    Release(usize),
    CheckIn(usize),
    CloseHours(u8),
    MintDue,
    SettleRewards(usize),
    Claim(usize),
    ClaimCo(usize, usize),
    Pause,
    Resume,
    /// Pauses or resumes the token's emission.
    Mint(bool),
    Donate(u8, u64),
    Warp(i64),
}

pub const CLASSES: [u16; 2] = [CLASS_TEST, CLASS_COMMUNITY];

pub struct Machine {
    pub world: World,
    pub model: Model,
    pub suppliers: Vec<Supplier>,
    pub renter: Renter,
    pub orders: u64,
    pub cos: Vec<CoStaker>,
    pub measurers: [Keypair; MEASURERS],
    pub court: Court,
}

impl Machine {
    pub fn new(seed: u64) -> Self {
        setup::machine(seed)
    }

    /// Does it to both; panics unless they agree on success, code and every amount.
    pub fn step(&mut self, action: Action) -> Step {
        let outcome = self.run(action);
        super::compare::all(self, action);
        outcome
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
            Action::Commit(device) | Action::Prove(device) => {
                self.proof(device, matches!(action, Action::Prove(_)))
            }
            Action::Hire(device, hours) => self.hire(device, hours),
            Action::Release(device) => self.release(device),
            Action::MintDue => self.mint_due(),
            _ => {
                self.open_pages();
                let (instruction, signer) = self.instruction(action);
                let expected = self.predict(action);
                let got = self.send(action, instruction, signer).map_err(|f| f.code());
                assert_eq!(got, expected, "{action:?}");
                expected
            }
        }
    }

    fn send(
        &mut self,
        action: Action,
        instruction: Instruction,
        signer: Option<Keypair>,
    ) -> Result<(), Failure> {
        let payer = self.world.authority.insecure_clone();
        let mut signers = vec![&payer];
        signers.extend(signer.as_ref());
        let outcome = self.world.send_large(&[instruction], &signers);
        if let Err(failure) = &outcome {
            let known = iog_client::errors::explain(&failure.program, custom(failure));
            assert!(known.is_some(), "{action:?}: {failure:?}");
        }
        outcome.map(|_| ())
    }

    /// The window is the first commit's to open. One that is refused is not walked for.
    fn proof(&mut self, device: usize, whole: bool) -> Step {
        let supplier = self.suppliers[device].clone();
        self.world.open_window();
        self.model.registry.window = self.model.hour();
        let expected = if whole {
            self.model.prove(device)
        } else {
            self.model.commit(device)
        };
        if !whole || expected.is_err() {
            let got = try_commit(&mut self.world, &supplier, [0; 16]);
            assert_eq!(got.map(|_| ()).map_err(|f| f.code()), expected);
            return expected;
        }
        let (mut prover, root) = prover(&self.world, &supplier);
        try_commit(&mut self.world, &supplier, root).unwrap();
        self.world.challenge(&supplier);
        for n in 0..K_OPENINGS {
            self.world.reveal(&supplier, &mut prover, n);
        }
        self.world.finalize(&supplier);
        expected
    }

    fn hire(&mut self, device: usize, hours: u32) -> Step {
        if !self.model.hireable(device) {
            return Err(iog_client::market::MarketError::NotListed.into());
        }
        let supplier = self.suppliers[device].clone();
        if self.world.find(&supplier.occupancy).is_none() {
            self.world.list_device(&supplier, 0);
        }
        self.orders += 1;
        let (id, renter) = (self.orders, self.renter.clone());
        self.world
            .running_in(Currency::Usd, &renter, id, hours, &[&supplier]);
        self.model.registry.devices[device].lease = Some(Lease {
            id,
            from: self.model.now,
            until: self.model.now + i64::from(hours) * 3_600,
        });
        Ok(())
    }

    /// Only when the last slot is over, so that no time goes by in it.
    fn release(&mut self, device: usize) -> Step {
        let now = self.model.now;
        let lease = &mut self.model.registry.devices[device].lease;
        let over = lease.filter(|lease| now >= lease.until + 600);
        let Some(over) = over else {
            return Err(iog_client::market::MarketError::OrderNotFinished.into());
        };
        *lease = None;
        let supplier = self.suppliers[device].clone();
        let order = pda::market::order(&self.renter.wallet.pubkey_of(), over.id);
        self.world.wind_up(&order, &[&supplier]);
        assert_eq!(self.world.now(), now);
        Ok(())
    }

    /// Within the range that the reference gives, which is one amount wherever the breaker does not decide.
    fn mint_due(&mut self) -> Step {
        let expected = self.model.mint_due();
        let vault = pda::emission::vault();
        let before = self.world.balance(&vault);
        let mint = self.world.mint_due_ix().instruction();
        let got = self.send(Action::MintDue, mint, None).map_err(|f| f.code());
        let minted = self.world.balance(&vault) - before;
        match expected {
            Ok((0, most)) if got.is_err() => assert!(minted <= most),
            Ok((least, most)) => {
                assert_eq!(got, Ok(()));
                assert!(
                    (least.max(1)..=most).contains(&minted),
                    "{minted} of {least} to {most}"
                );
                self.model.minted(minted);
            }
            Err(code) => assert_eq!(got, Err(code)),
        }
        got
    }

    /// The pages of the running hour and of the first open one.
    fn open_pages(&mut self) {
        for hour in [self.model.emission.next_hour, self.model.hour()] {
            let index = page_index(hour);
            if self.world.find(&pda::emission::page(index)).is_none() {
                self.world.open_page(index);
            }
        }
    }

    fn donate(&mut self, vault: u8, amount: u64) {
        let donations = &mut self.model.donations;
        let (address, total) = match vault {
            0 => (pda::staking::vault(), &mut donations.staking),
            _ => (pda::emission::vault(), &mut donations.emission),
        };
        *total += amount;
        self.world.donate(&address, amount);
    }

    pub fn account(&self, device: usize) -> DeviceAccount {
        self.world.read(&self.suppliers[device].device)
    }
}

fn custom(failure: &Failure) -> u32 {
    match failure.code {
        InstructionError::Custom(code) => code,
        _ => u32::MAX,
    }
}
