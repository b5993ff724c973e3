//! What the reference says that each action does.

use iog_tests::world::{class_args, CLASS_TEST};

use super::emission::page_index;
use super::machine::{Action, Machine};
use super::orders::Order;
use super::reference::Step;

/// What a class's GPU-hour costs in dollars, 6 decimals.
fn base_price(class: u16) -> u64 {
    if class == CLASS_TEST {
        class_args(CLASS_TEST).base_price_usd6
    } else {
        400_000
    }
}

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
                let order = priced(renter, class, gpus, hours, usd8);
                let id = self.next_id;
                self.next_id += 1;
                model.orders.create(id, order, now)
            }
            Action::Match(id, d) => {
                let staked = model.is_staked(d);
                model
                    .orders
                    .match_device(id, d, &model.kinds[d], staked, now)
            }
            Action::Accept(id, d) => model.orders.accept(id, d, &model.kinds[d], now),
            Action::Settle(id, d) => {
                let moved = model.orders.settle(id, d, &model.kinds[d], now)?;
                model.owners[d] += moved.paid;
                model.collect(moved.fee);
                Ok(())
            }
            Action::EndEarly(id) => model.orders.end_early(id, now),
            Action::Expire(id) => model.orders.expire(id, now),
            Action::CloseLease(id, d) => model.orders.close_lease(id, d),
            Action::CloseOrder(id) => model.orders.close_order(id),
            _ => unreachable!("{action:?} is no instruction"),
        }
    }
}

/// An order at the price of IO less twice its confidence of a thousandth.
fn priced(renter: usize, class: u16, gpus: u32, hours: u32, usd8: u64) -> Order {
    let low = usd8 - 2 * (usd8 / 1_000);
    let price = (u128::from(base_price(class)) * 10_000_000_000).div_ceil(u128::from(low));
    Order {
        renter,
        class,
        price: u64::try_from(price).unwrap(),
        gpus,
        hours,
        state: 0,
        deposited: 0,
        escrowed: 0,
        paid: 0,
        refunded: 0,
        fees: 0,
        pending_fee: 0,
        expires: 0,
        started: 0,
        end: 0,
        matched: 0,
        accepted: 0,
        leases: Default::default(),
    }
}
