//! What the reference says that each action does.

use iog_tests::reference::{NewOrder, IO};
use iog_tests::world::CLASS_COMMUNITY;

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
            Action::AcceptOffer(d, co, terms) => model.stakes.accept(d, co, terms),
            Action::Leave(d) => model.stakes.leave(d, now),
            Action::WithdrawCo(d) => model.stakes.withdraw_co(d, now),
            Action::Propose(d, amount) => model.stakes.propose(d, amount, now),
            Action::Appeal(case) => model.stakes.appeal(case, now),
            Action::Resolve(case, upheld) => model.stakes.resolve(case, upheld, now),
            Action::Finalize(case) => model.stakes.finalize(case, now),
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
            Action::BurnFees => model.burn_fees(),
            Action::Create {
                renter,
                class,
                gpus,
                hours,
                usd8,
            } => {
                let new = NewOrder {
                    renter,
                    currency: IO,
                    class: usize::from(class == CLASS_COMMUNITY),
                    either: false,
                    gpus,
                    hours,
                    short: false,
                };
                model.market.usd8 = usd8;
                let id = model.market.next_id;
                model.market.next_id += 1;
                model.trade(None, |market| market.create(id, new))
            }
            Action::List(d) => model.trade(Some(d), |market| market.list(d, 0)),
            Action::Delist(d) => model.trade(Some(d), |market| market.delist(d, true)),
            Action::Match(id, d) => model.trade(Some(d), |market| market.match_device(id, d)),
            Action::Accept(id, d) => model.trade(None, |market| market.accept(id, d)),
            Action::Settle(id, d) => model.trade(None, |market| market.settle(id, d)),
            Action::EndEarly(id) => model.trade(None, |market| market.end_early(id)),
            Action::Expire(id) => model.trade(None, |market| market.expire(id)),
            Action::CloseLease(id, d) => model.trade(None, |market| market.close_lease(id, d)),
            Action::Refund(id) => model.trade(None, |market| market.refund(id)),
            Action::CloseOrder(id) => model.trade(None, |market| market.close_order(id)),
            Action::Earn(d) => model.trade(None, |market| market.withdraw(d, IO)),
            Action::Collect => model.collect(),
            _ => unreachable!("{action:?} is no instruction"),
        }
    }
}
