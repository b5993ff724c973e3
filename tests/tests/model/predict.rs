//! What the reference says that each action does.

use super::emission::page_index;
use super::machine::{Action, Machine};
use super::reference::Step;

impl Machine {
    pub fn predict(&mut self, action: Action) -> Step {
        let model = &mut self.model;
        let now = model.now;
        match action {
            Action::Stake(d, amount) => model.stake(d, amount),
            Action::Increase(d, amount) => model.increase(d, amount),
            Action::RequestUnstake(d) => model.request_unstake(d),
            Action::Withdraw(d) => model.withdraw(d),
            Action::Overflow(d, amount) => model.overflow(d, amount),
            Action::Offer(d, amount, bps) => model.stakes.offer(d, amount, bps),
            Action::Retract(d) => {
                model.stakes.offers[d] = None;
                Ok(())
            }
            Action::AcceptOffer(d, co, terms) => model.stakes.accept(d, co, terms, model.now),
            Action::Leave(d) => model.stakes.leave(d, now),
            Action::WithdrawCo(d) => model.stakes.withdraw_co(d, now),
            Action::Propose(d, amount) => model.stakes.propose(d, amount, now),
            Action::Appeal(case) => model.stakes.appeal(case, now),
            Action::Resolve(case, upheld) => model.stakes.resolve(case, upheld, now),
            Action::Finalize(case) => model.stakes.finalize(case, now),
            Action::Beat(d) => model.beat(d),
            Action::SetActive(d, active) => model.set_active(d, active),
            Action::Schedule(class, multiplier) => model.schedule(class, multiplier),
            Action::Apply(class) => model.apply(class),
            Action::NameMeasurer(place, named) => model.name_measurer(place, named),
            Action::ApplyMeasurer(place) => model.apply_measurer(place),
            Action::Measure(d, place, tier) => model.measure(d, place, tier),
            Action::RefreshTier(d) => model.refresh_tier(d),
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
            Action::ClaimCo(d, co) => model.claim_co(d, co),
            Action::Pause => model.pause(),
            Action::Resume => model.resume(),
            Action::Mint(paused) => {
                model.token.paused = paused;
                Ok(())
            }
            _ => unreachable!("{action:?} is no instruction"),
        }
    }
}
