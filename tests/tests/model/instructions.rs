//! The instruction of each action, and who signs it.

use iog_client::emission::instructions::{Pause, Resume};
use iog_client::pda;
use iog_tests::world::{order_args, CoStaker, Currency, PubkeyOf};
use solana_instruction::Instruction;
use solana_keypair::Keypair;

use super::emission::page_index;
use super::machine::{Action, Machine};

impl Machine {
    pub fn instruction(&mut self, action: Action) -> (Instruction, Option<Keypair>) {
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
            Action::CheckIn(d) => (self.check_in(d), None),
            Action::CloseHours(most) => (world.close_ix(most).instruction(), None),
            Action::SettleRewards(d) => (self.settle_rewards(d), None),
            Action::Claim(d) => (world.claim_ix(of(d)).instruction(), None),
            Action::ClaimCo(d, co) => {
                let token = self.cos[co].token;
                (world.claim_co_ix(of(d), &token).instruction(), None)
            }
            Action::Pause | Action::Resume => (self.switch(action), None),
            Action::BurnFees => (world.burn_fees_ix().instruction(), None),
            _ => self.market_instruction(action),
        }
    }

    fn co_instruction(&self, action: Action) -> (Instruction, Option<Keypair>) {
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

    fn case_instruction(&self, action: Action) -> (Instruction, Option<Keypair>) {
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

    /// Pauses or resumes check-ins.
    fn switch(&self, action: Action) -> Instruction {
        let authority = self.world.authority.pubkey_of();
        match action {
            Action::Pause => Pause {
                signer: authority,
                actions: 1,
            }
            .instruction(),
            _ => Resume {
                authority,
                actions: 1,
            }
            .instruction(),
        }
    }

    fn market_instruction(&mut self, action: Action) -> (Instruction, Option<Keypair>) {
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
            let args = order_args(self.model.market.next_id, gpus, hours);
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
                let renter = self.model.market.orders[&id].renter;
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
            Action::Refund(id) => (world.refund_ix(&self.order(id)), None),
            Action::CloseOrder(id) => (world.close_order_ix(&self.order(id)).instruction(), None),
            Action::List(d) => {
                let owner = of(d).owner.insecure_clone();
                (world.list_device_ix(of(d), 0).instruction(), Some(owner))
            }
            Action::Delist(d) => {
                let stranger = world.authority.pubkey_of();
                (world.delist_device_ix(&stranger, of(d)).instruction(), None)
            }
            Action::Earn(d) => {
                let earn = world.withdraw_earnings_ix(of(d), Currency::Io);
                (earn.instruction(), None)
            }
            Action::Collect => (world.collect_fees_ix(Currency::Io).instruction(), None),
            _ => unreachable!("{action:?} is no instruction of the market"),
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
}
