//! The program and the reference side by side: one action, two outcomes, every balance and book compared.

use iog_client::market::Verdict as Decision;
use iog_client::pda;
use iog_client::staking::accounts::{Config, SlashCase};
use iog_client::staking::ID;
use iog_tests::world::{CoStaker, Court, PubkeyOf, Renter, CLASS_TEST};
use iog_tests::{Code, Outcome, Supplier, World};
use solana_instruction::error::InstructionError;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::reference::{Action, Model, Verdict, DEVICES};
use crate::restitution::paying::Paying;
use crate::restitution::stage::lose;
use crate::stage::{COOL_DOWN, IO};

pub struct Machine {
    pub world: World,
    pub model: Model,
    pub(super) devices: Vec<Supplier>,
    pub(super) wallets: Vec<CoStaker>,
    pub(super) renter: Renter,
    /// Of each device.
    pub(super) verdicts: Vec<Pubkey>,
    court: Court,
    pub(super) supply: u64,
}

/// Hires each device once, loses a dispute about it before the resolver, and takes its stake out again.
fn decided(world: &mut World, devices: &[Supplier], renter: &Renter) -> Vec<Pubkey> {
    let mut verdicts = Vec::new();
    for (id, one) in (1..).zip(devices) {
        world.stake(one, 200 * IO);
        world.open_earnings(one);
        world.list_device(one, 0);
        let order = lose(world, one, renter, id);
        verdicts.push(pda::market::verdict(&pda::market::lease(
            &order,
            &one.device,
        )));
        let request = world.unstake_ix(one).instruction();
        world.must(request, &[&one.owner]);
    }
    world.advance(COOL_DOWN);
    for one in devices {
        let out = world.withdraw_ix(one).instruction();
        world.must(out, &[&one.owner]);
    }
    verdicts
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
        let mut world = World::with_disputes(3_600);
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
        let renter = world.renter();
        let verdicts = decided(&mut world, &devices, &renter);
        let read = |verdict: &Pubkey| world.read::<Decision>(verdict);
        let known: Vec<Verdict> = verdicts
            .iter()
            .map(read)
            .map(|read| Verdict {
                decided: read.decided_ts,
                paid: read.paid_usd6,
            })
            .collect();
        let court = world.court();
        world.edit::<Config>(&pda::staking::config(), |config| {
            (config.case_cap_bps.value, config.month_cap_bps.value) = caps;
        });
        Self {
            supply: world.supply(&world.io),
            model: Model::new(world.now(), caps, [known[0], known[1]]),
            world,
            devices,
            wallets,
            renter,
            verdicts,
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
        if let Action::ProposePay(..) = action {
            self.world.post_price(25_000_000);
        }
        let got = match self.instruction(action) {
            Some((instruction, signer)) => {
                let payer = self.world.authority.insecure_clone();
                let signers: Vec<&Keypair> = [&payer].into_iter().chain(signer.as_ref()).collect();
                word(&self.world.send(&[instruction], &signers))
            }
            None => {
                self.elsewhere(action);
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
                let of = device(self.against(&case));
                (world.finalize_slash_ix(of, &case).instruction(), None)
            }
            Action::ProposePay(d, of, amount) => {
                let propose = self.paying(of).propose_ix(world, device(d), amount);
                let slasher = self.court.slasher.insecure_clone();
                (propose.instruction(), Some(slasher))
            }
            Action::FinalizePay(number) => {
                let case = pda::staking::slash_case(u64::try_from(number).unwrap());
                let of = self.against(&case);
                let end = self.paying(of).finalize_ix(world, device(of), &case);
                (end.instruction(), None)
            }
            Action::Fetch(d) => {
                let fetch = self.paying(d).fetch_ix(world, &self.renter.token);
                (fetch.instruction(), None)
            }
            Action::CloseRecord(d) => {
                let payer = self.court.slasher.pubkey_of();
                (self.paying(d).close_ix(&payer).instruction(), None)
            }
            Action::Warp(_) | Action::Decide(..) => return None,
        })
    }

    /// What no instruction of staking does: time, and decisions of the market.
    fn elsewhere(&mut self, action: Action) {
        self.world.set_time(self.model.now);
        if let Action::Decide(device, paid_usd6) = action {
            let now = self.model.now;
            self.world
                .edit::<Decision>(&self.verdicts[device], |decision| {
                    (decision.decided_ts, decision.paid_usd6) = (now, paid_usd6);
                });
        }
    }

    fn paying(&self, device: usize) -> Paying {
        Paying {
            slasher: self.court.slasher.pubkey_of(),
            verdict: self.verdicts[device],
        }
    }

    /// The device that a case is against; the first where it is closed.
    fn against(&self, case: &Pubkey) -> usize {
        self.world.find(case).map_or(0, |_| {
            let against = self.world.read::<SlashCase>(case).device;
            let mut devices = self.devices.iter();
            devices.position(|one| one.device == against).unwrap()
        })
    }
}
