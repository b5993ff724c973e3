//! The instruction of each action, and who signs it.

use iog_client::emission::instructions::{Pause, Resume};
use iog_client::registry::accounts::HardwareClass;
use iog_client::registry::instructions::{
    ApplyClass, ApplyMeasurer, Heartbeat, Measure, RefreshTier, ScheduleClass, SetMeasurer,
};
use iog_client::registry::{ClassTerms, SpeedTest};
use iog_client::{pda, token};
use iog_tests::world::{set_state_ix, CoStaker, PubkeyOf};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::emission::page_index;
use super::machine::{Action, Machine, CLASSES};
use super::registry::TIERS;

type Signed = (Instruction, Option<Keypair>);

impl Machine {
    pub fn instruction(&mut self, action: Action) -> Signed {
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
            Action::Overflow(d, amount) => (
                world.overflow_ix(of(d), amount).instruction(),
                owner(self, d),
            ),
            Action::Offer(d, amount, bps) => (
                world.offer_ix(of(d), amount, bps).instruction(),
                owner(self, d),
            ),
            Action::Retract(d) => (world.retract_ix(of(d)).instruction(), owner(self, d)),
            Action::AcceptOffer(..) | Action::Leave(_) | Action::WithdrawCo(_) => {
                self.co_instruction(action)
            }
            Action::Propose(..) | Action::Appeal(_) | Action::Resolve(..) | Action::Finalize(_) => {
                self.case_instruction(action)
            }
            Action::CheckIn(_)
            | Action::CloseHours(_)
            | Action::SettleRewards(_)
            | Action::Claim(_)
            | Action::ClaimCo(..) => (self.emission_instruction(action), None),
            Action::Pause | Action::Resume | Action::Mint(_) => (self.switch(action), None),
            _ => self.registry_instruction(action),
        }
    }

    fn co_instruction(&self, action: Action) -> Signed {
        let (world, suppliers) = (&self.world, &self.suppliers);
        match action {
            Action::AcceptOffer(d, co, (amount, bps)) => {
                let co = &self.cos[co];
                let accept = world.accept_offer_ix(&suppliers[d], co, amount, bps);
                (accept.instruction(), Some(co.wallet.insecure_clone()))
            }
            Action::Leave(d) => {
                let co = self.co_of(d);
                let leave = world.leave_ix(&suppliers[d], co);
                (leave.instruction(), Some(co.wallet.insecure_clone()))
            }
            Action::WithdrawCo(d) => {
                let withdraw = world.withdraw_co_ix(&suppliers[d], self.co_of(d));
                (withdraw.instruction(), None)
            }
            _ => unreachable!("{action:?} is none of a co-staker"),
        }
    }

    fn co_of(&self, device: usize) -> &CoStaker {
        let stake = self.model.stakes.of[device].as_ref().expect("staked");
        &self.cos[stake.co.expect("co-staked").who]
    }

    fn case_instruction(&self, action: Action) -> Signed {
        let world = &self.world;
        let against = |case: u64| &self.suppliers[self.model.stakes.cases[&case].device];
        let slash_case = pda::staking::slash_case;
        match action {
            Action::Propose(d, amount) => {
                let propose = world.propose_slash_ix(&self.court, &self.suppliers[d], amount);
                let slasher = self.court.slasher.insecure_clone();
                (propose.instruction(), Some(slasher))
            }
            Action::Appeal(case) => {
                let device = against(case);
                let appeal = world.appeal_ix(&device.owner, device, &slash_case(case));
                (appeal.instruction(), Some(device.owner.insecure_clone()))
            }
            Action::Resolve(case, upheld) => {
                let resolve = world.resolve_ix(&self.court, &slash_case(case), upheld);
                let judge = self.court.judge.insecure_clone();
                (resolve.instruction(), Some(judge))
            }
            Action::Finalize(case) => {
                let finalize = world.finalize_slash_ix(against(case), &slash_case(case));
                (finalize.instruction(), None)
            }
            _ => unreachable!("{action:?} is none of a case"),
        }
    }

    /// Pauses or resumes check-ins, or the token's emission.
    fn switch(&self, action: Action) -> Instruction {
        let authority = self.world.authority.pubkey_of();
        let (signer, actions) = (authority, 1);
        match action {
            Action::Pause => Pause { signer, actions }.instruction(),
            Action::Resume => Resume { authority, actions }.instruction(),
            Action::Mint(true) => token::instructions::Pause { signer, actions }.instruction(),
            _ => token::instructions::Resume { authority, actions }.instruction(),
        }
    }

    fn emission_instruction(&self, action: Action) -> Instruction {
        let (world, of) = (&self.world, |device: usize| &self.suppliers[device]);
        match action {
            Action::CheckIn(d) => {
                let (page, other) = self.model.pages(d, Some(page_index(self.model.hour())));
                let mut check_in = world.check_in_ix(of(d));
                check_in.page = pda::emission::page(page);
                check_in.previous_page = other.map(pda::emission::page);
                check_in.instruction()
            }
            Action::SettleRewards(d) => {
                let (page, other) = self.model.pages(d, None);
                let mut settle = world.settle_rewards_ix(of(d), page);
                settle.previous_page = other.map(pda::emission::page);
                settle.instruction()
            }
            Action::CloseHours(most) => world.close_ix(most).instruction(),
            Action::Claim(d) => world.claim_ix(of(d)).instruction(),
            Action::ClaimCo(d, co) => {
                let token = self.cos[co].token;
                world.claim_co_ix(of(d), &token).instruction()
            }
            _ => unreachable!("{action:?} is none of the emission"),
        }
    }

    fn registry_instruction(&self, action: Action) -> Signed {
        let of = |device: usize| &self.suppliers[device];
        let authority = self.world.authority.pubkey_of();
        match action {
            Action::Beat(d) => {
                let key = of(d).device_key.insecure_clone();
                let beat = Heartbeat {
                    device_key: key.pubkey_of(),
                    device: of(d).device,
                };
                (beat.instruction(), Some(key))
            }
            Action::SetActive(d, active) => {
                let owner = of(d).owner.insecure_clone();
                (set_state_ix(of(d), u8::from(!active)), Some(owner))
            }
            Action::Schedule(class, multiplier) => (self.schedule(class, multiplier), None),
            Action::Apply(class) => {
                let class = pda::registry::class(CLASSES[class]);
                (ApplyClass { class }.instruction(), None)
            }
            Action::NameMeasurer(place, named) => {
                let key = if named {
                    self.measurers[place].pubkey_of()
                } else {
                    Pubkey::default()
                };
                let index = u8::try_from(place).unwrap();
                let set = SetMeasurer {
                    authority,
                    index,
                    key,
                };
                (set.instruction(), None)
            }
            Action::ApplyMeasurer(place) => {
                let index = u8::try_from(place).unwrap();
                (ApplyMeasurer { index }.instruction(), None)
            }
            Action::Measure(d, place, tier) => self.measure(d, place, tier),
            Action::RefreshTier(d) => {
                let refresh = RefreshTier {
                    device: of(d).device,
                    measurements: of(d).measurements,
                };
                (refresh.instruction(), None)
            }
            _ => unreachable!("{action:?} is no instruction of the registry"),
        }
    }

    fn schedule(&self, class: usize, multiplier: u64) -> Instruction {
        let address = pda::registry::class(CLASSES[class]);
        let class = self.world.read::<HardwareClass>(&address);
        let schedule = ScheduleClass {
            authority: self.world.authority.pubkey_of(),
            class: address,
            terms: ClassTerms {
                multiplier_x100: u32::try_from(multiplier).unwrap(),
                proof_valid_hours: class.proof_valid_hours,
                rows: class.rows,
                tiles: class.tiles,
                waves: class.waves,
                commit_slots: class.commit_slots,
                reveal_slots: class.reveal_slots,
                max_cards: class.max_cards,
            },
        };
        schedule.instruction()
    }

    fn measure(&self, device: usize, place: usize, tier: u8) -> Signed {
        let measurer = self.measurers[place].insecure_clone();
        let (download_mbps, upload_mbps) = TIERS[usize::from(tier)];
        let measure = Measure {
            measurer: measurer.pubkey_of(),
            device: self.suppliers[device].device,
            measurements: self.suppliers[device].measurements,
            test: SpeedTest {
                download_mbps,
                upload_mbps,
                measured_ts: self.model.now,
                report_hash: [7; 32],
            },
        };
        (measure.instruction(), Some(measurer))
    }
}
