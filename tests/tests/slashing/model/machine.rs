//! The program and the reference side by side: one action, two outcomes, every balance and book compared.

use iog_client::market::Verdict as Decision;
use iog_client::pda;
use iog_client::staking::accounts::Config;
use iog_client::staking::ID;
use iog_tests::world::{CoStaker, Court, Renter, CLASS_TEST};
use iog_tests::{Code, Outcome, Supplier, World};
use solana_instruction::error::InstructionError;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::reference::{Action, Model, DEVICES};
use super::state::Verdict;
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
    pub(super) court: Court,
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

    /// What no instruction of staking does here: time, decisions of the market, and what governance has decided a day ago.
    fn elsewhere(&mut self, action: Action) {
        self.world.set_time(self.model.now);
        let (caps, paused) = (self.model.caps, self.model.paused);
        self.world
            .edit::<Config>(&pda::staking::config(), |config| {
                (config.case_cap_bps.value, config.month_cap_bps.value) = caps;
                config.paused = paused;
            });
        if let Action::Decide(device, paid_usd6) = action {
            let now = self.model.now;
            self.world
                .edit::<Decision>(&self.verdicts[device], |decision| {
                    (decision.decided_ts, decision.paid_usd6) = (now, paid_usd6);
                });
        }
    }
}
