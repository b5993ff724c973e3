//! The program and the reference side by side: one action, two outcomes, every balance and book compared.

use iog_client::pda;
use iog_client::staking::accounts::{Config, DeviceStake, Offer, OwnerBook, SlashCase};
use iog_client::staking::ID;
use iog_tests::world::{CoStaker, Court, PubkeyOf, CLASS_TEST};
use iog_tests::{Code, Outcome, Supplier, World};
use solana_instruction::error::InstructionError;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::reference::{Action, Model, State, DEVICES, WALLETS};
use crate::stage::WALLET;

pub struct Machine {
    pub world: World,
    pub model: Model,
    devices: Vec<Supplier>,
    wallets: Vec<CoStaker>,
    court: Court,
    supply: u64,
}

fn word(outcome: &Outcome) -> String {
    let Err(failure) = outcome else {
        return "ok".into();
    };
    let missing = [
        InstructionError::AccountDataTooSmall,
        InstructionError::UninitializedAccount,
    ];
    match failure.code() {
        code if code == Code::in_use() => "taken".into(),
        code if code.program == ID && missing.contains(&code.code) => "missing".into(),
        code => code.to_string().replace(" of staking", ""),
    }
}

impl Machine {
    pub fn new(caps: (u64, u64)) -> Self {
        let mut world = World::ready();
        let devices: Vec<Supplier> = (0..DEVICES)
            .map(|_| world.registered(CLASS_TEST, 1))
            .collect();
        let third = world.co_staker();
        let mut wallets: Vec<CoStaker> = devices
            .iter()
            .map(|device| CoStaker {
                wallet: device.owner.insecure_clone(),
                token: device.owner_token,
            })
            .collect();
        wallets.push(third);
        let court = world.court();
        world.edit::<Config>(&pda::staking::config(), |config| {
            (config.case_cap_bps.value, config.month_cap_bps.value) = caps;
        });
        Self {
            supply: world.supply(&world.io),
            model: Model::new(world.now(), caps),
            world,
            devices,
            wallets,
            court,
        }
    }

    /// Does it to both; panics unless they agree. Says what came of it.
    pub fn step(&mut self, action: Action) -> String {
        let before = self.model.clone();
        let expected = self.model.apply(action);
        if expected.is_err() {
            self.model = before;
        }
        let name = format!("{action:?}");
        let name = &name[..name.find('(').expect("every action has numbers")];
        let got = match self.instruction(action) {
            Some((instruction, signer)) => {
                let payer = self.world.authority.insecure_clone();
                let signers: Vec<&Keypair> = [&payer].into_iter().chain(signer.as_ref()).collect();
                word(&self.world.send(&[instruction], &signers))
            }
            None => {
                self.world.set_time(self.model.now);
                "ok".into()
            }
        };
        assert_eq!(got, expected.err().unwrap_or("ok"), "{action:?}");
        self.compare(action);
        format!("{name}: {got}")
    }

    fn instruction(&self, action: Action) -> Option<(Instruction, Option<Keypair>)> {
        let world = &self.world;
        let device = |device: usize| &self.devices[device];
        let owner = |device: usize| Some(self.devices[device].owner.insecure_clone());
        let case = |number: usize| {
            let address = pda::staking::slash_case(u64::try_from(number).unwrap());
            let closed = self.model.cases.get(number).and_then(Option::as_ref);
            (address, closed.map_or(0, |case| case.device))
        };
        Some(match action {
            Action::Stake(d, amount) => (world.stake_ix(device(d), amount).instruction(), owner(d)),
            Action::Increase(d, amount) => {
                (world.increase_ix(device(d), amount).instruction(), owner(d))
            }
            Action::Overflow(d, amount) => {
                (world.overflow_ix(device(d), amount).instruction(), owner(d))
            }
            Action::Offer(d, amount, share) => {
                let offer = world.offer_ix(device(d), amount, share);
                (offer.instruction(), owner(d))
            }
            Action::Retract(d) => (world.retract_ix(device(d)).instruction(), owner(d)),
            Action::Accept(d, w, amount, share) => {
                let by = &self.wallets[w];
                let accept = world.accept_offer_ix(device(d), by, amount, share);
                (accept.instruction(), Some(by.wallet.insecure_clone()))
            }
            Action::Leave(d, w) => {
                let by = &self.wallets[w];
                let leave = world.leave_ix(device(d), by).instruction();
                (leave, Some(by.wallet.insecure_clone()))
            }
            Action::WithdrawCo(d) => {
                let co_staker = world.device_stake(device(d)).co_staker;
                let by = self.wallets.iter();
                let mut by = by.filter(|by| by.wallet.pubkey_of() == co_staker);
                let by = by.next().expect("asked only where there is one");
                (world.withdraw_co_ix(device(d), by).instruction(), None)
            }
            Action::Request(d) => (world.unstake_ix(device(d)).instruction(), owner(d)),
            Action::Withdraw(d) => (world.withdraw_ix(device(d)).instruction(), owner(d)),
            Action::Propose(d, amount) => {
                let propose = world.propose_slash_ix(&self.court, device(d), amount);
                let slasher = self.court.slasher.insecure_clone();
                (propose.instruction(), Some(slasher))
            }
            Action::Appeal(number, w) => {
                let ((case, of), by) = (case(number), &self.wallets[w].wallet);
                let appeal = world.appeal_ix(by, device(of), &case);
                (appeal.instruction(), Some(by.insecure_clone()))
            }
            Action::Resolve(number, upheld) => {
                let resolve = world.resolve_ix(&self.court, &case(number).0, upheld);
                let judge = self.court.judge.insecure_clone();
                (resolve.instruction(), Some(judge))
            }
            Action::Finalize(number) => {
                // The model has closed it where the program is about to.
                let case = pda::staking::slash_case(u64::try_from(number).unwrap());
                let of = world.find(&case).map_or(0, |_| {
                    let against = world.read::<SlashCase>(&case).device;
                    let mut devices = self.devices.iter();
                    devices.position(|one| one.device == against).unwrap()
                });
                (
                    world.finalize_slash_ix(device(of), &case).instruction(),
                    None,
                )
            }
            Action::Warp(_) => return None,
        })
    }

    fn compare(&self, action: Action) {
        let mut paid: [u64; WALLETS] = self.model.burned;
        for (d, device) in self.devices.iter().enumerate() {
            self.compare_stake(d, device, action);
            if let Some(stake) = &self.model.stakes[d] {
                paid[d] += stake.own.units;
                if let Some(wallet) = stake.co_staker {
                    paid[wallet] += stake.co.units;
                }
            }
        }
        for (w, by) in self.wallets.iter().enumerate() {
            let balance = self.world.balance(&by.token);
            assert_eq!(balance, self.model.wallets[w], "wallet {w}, {action:?}");
            assert_eq!(balance + paid[w], WALLET, "nobody gains, {action:?}");
        }
        let burned: u64 = self.model.burned.iter().sum();
        let config = self.world.staking_config();
        assert_eq!(config.slashed_units, burned, "{action:?}");
        assert_eq!(self.supply - self.world.supply(&self.world.io), burned);
        let devices: Vec<&Supplier> = self.devices.iter().collect();
        self.world.check_stakes(&devices);
        self.compare_cases(action);
    }

    fn compare_stake(&self, d: usize, device: &Supplier, action: Action) {
        let address = |wallet: Option<usize>| {
            wallet.map_or(Pubkey::default(), |w| self.wallets[w].wallet.pubkey_of())
        };
        let account = self.world.find(&device.stake);
        let got = account.map(|_| self.world.read::<DeviceStake>(&device.stake));
        let got = got.map(|got| {
            (
                [got.amount_units, got.held_units],
                [got.co_amount_units, got.co_held_units],
                [got.unlock_ts, got.co_leave_ts],
                (got.co_staker, got.co_share_bps, got.open_cases),
            )
        });
        let expected = self.model.stakes[d].as_ref().map(|stake| {
            (
                [stake.own.units, stake.own.held],
                [stake.co.units, stake.co.held],
                [stake.unlock.unwrap_or(0), stake.leave.unwrap_or(0)],
                (address(stake.co_staker), stake.share, stake.open),
            )
        });
        assert_eq!(got, expected, "stake {d}, {action:?}");
        let offer = pda::staking::offer(&device.device);
        let offer = self.world.find(&offer).map(|_| {
            let offer = self.world.read::<Offer>(&offer);
            (offer.amount_units, offer.co_share_bps)
        });
        assert_eq!(offer, self.model.offers[d], "offer {d}, {action:?}");
        let book = pda::staking::owner_book(&device.owner.pubkey_of());
        if self.world.find(&book).is_some() {
            let accepted = self.world.read::<OwnerBook>(&book).accepted;
            let taken = self.model.stakes[d].as_ref();
            let taken = taken.is_some_and(|stake| stake.co_staker.is_some());
            assert_eq!(accepted, u8::from(taken), "book {d}, {action:?}");
        }
    }

    fn compare_cases(&self, action: Action) {
        let count = self.world.staking_config().cases;
        assert_eq!(count, u64::try_from(self.model.cases.len()).unwrap());
        for (number, expected) in (0..).zip(&self.model.cases) {
            let address = pda::staking::slash_case(number);
            let account = self.world.find(&address);
            let got = account.map(|_| self.world.read::<SlashCase>(&address));
            let got = got.map(|got| (got.owner_units, got.co_units, got.state, got.appealed_ts));
            let expected = expected.as_ref().map(|case| {
                let (state, appealed) = match case.state {
                    State::Open => (0, 0),
                    State::Appealed(at) => (1, at),
                    State::Upheld => (2, 0),
                    State::Rejected => (3, 0),
                };
                (case.own, case.co, state, appealed)
            });
            let same = match (&got, &expected) {
                // The reference forgets when it was appealed.
                (Some((own, co, state, _)), Some(case)) if case.2 > 1 => {
                    (*own, *co, *state) == (case.0, case.1, case.2)
                }
                _ => got == expected,
            };
            assert!(same, "case {number}, {action:?}: {got:?} {expected:?}");
        }
    }
}
