//! An action as an instruction.

use iog_client::pda;
use iog_client::staking::accounts::SlashCase;
use iog_tests::world::PubkeyOf;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::machine::Machine;
use super::reference::{Action, By};
use crate::restitution::paying::Paying;

impl Machine {
    pub(super) fn instruction(&self, action: Action) -> Option<(Instruction, Option<Keypair>)> {
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
            Action::Offer(d, amount, share, to) => {
                let mut offer = world.offer_ix(device(d), amount, share);
                if let Some(to) = to {
                    offer.co_staker = self.wallets[to].wallet.pubkey_of();
                }
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
            Action::Propose(d, amount, ago) => {
                let mut propose = world.propose_slash_ix(&self.court, device(d), amount);
                propose.offence_ts -= ago;
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
            Action::WithdrawCase(number, by) => {
                let by = match by {
                    By::Slasher => &self.court.slasher,
                    By::Judge => &self.court.judge,
                    By::Authority => &world.authority,
                    By::Wallet(w) => &self.wallets[w].wallet,
                };
                let withdraw = world.withdraw_case_ix(by, &case(number).0);
                (withdraw.instruction(), Some(by.insecure_clone()))
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
            Action::Warp(_) | Action::Decide(..) | Action::SetCaps(..) | Action::Pause(_) => {
                return None;
            }
        })
    }

    fn paying(&self, device: usize) -> Paying {
        Paying {
            slasher: self.court.slasher.pubkey_of(),
            verdict: self.verdicts[device],
            renter: self.renter.wallet.pubkey_of(),
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
