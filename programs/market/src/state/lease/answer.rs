//! Answers to a dispute: what the renter's receipt acknowledges is the supplier's at once, and no longer disputed.

use super::{hours::place, Lease, LeaseState, Payout};
use crate::{state::Receipt, MarketError, Order};
use anchor_lang::prelude::*;
use iog_math::units::mul_div_floor;
use iog_registry::Device;

/// What a receipt answered of a dispute.
pub struct Answered {
    pub payout: Payout,
    /// Rent that left the dispute, what is left in it, and the part of the deposit that went with the first.
    pub answered: u64,
    pub left: u64,
    pub deposit: u64,
}

impl Lease {
    /// Slots of the hour of this number that are answered. What its supplier forfeited no receipt brings back.
    fn answered_of(&self, number: u32) -> u32 {
        let mask = self.answered_slots.get(place(number)).copied();
        mask.unwrap_or(0).count_ones().min(self.paid_of(number))
    }

    /// A receipt has answered some of it.
    pub fn has_answers(&self) -> bool {
        self.answered_slots.iter().any(|mask| *mask != 0)
    }

    /// Of what is held, what receipts have answered and paid: units, and US dollars with 6 decimals.
    pub fn answered(&self, order: &Order) -> Result<(u64, u64)> {
        if !self.has_answers() {
            return Ok((0, 0));
        }
        let (units, usd6, _) = self.worth_of(order, |number| self.answered_of(number))?;
        Ok((units, usd6))
    }

    /// What is held and not answered: units, US dollars, and where the last hour ends.
    pub fn in_dispute(&self, order: &Order) -> Result<(u64, u64, i64)> {
        let (held, usd6, until) = self.held(order)?;
        let (answered, answered_usd6) = self.answered(order)?;
        let left = held.saturating_sub(answered);
        Ok((left, usd6.saturating_sub(answered_usd6), until))
    }

    /// Gives the supplier what `receipt` acknowledges, with its part of the deposit, where the device beat in those slots. A receipt for
    /// more than was disputed, or answered before, adds nothing: marks are set once. What is then left stays with the resolver and the rule.
    /// Where nothing is, and each hour has a slot that is acknowledged, the dispute is over as by the rule. An hour that was forfeited, or in
    /// which nothing is proved, holds nothing and is answered by nothing: somebody was asked to look at it.
    pub fn answer(
        &mut self,
        order: &Order,
        device: &Device,
        receipt: &Receipt,
    ) -> Result<Answered> {
        require!(self.is(LeaseState::Disputed), MarketError::NotDisputed);
        // A slot that is not over proves nothing yet; every slot that was asked for is over when its hour is judged.
        require!(self.is_judged(order), MarketError::SettleFirst);
        let (disputed, disputed_usd6, until) = self.in_dispute(order)?;
        let unanswered_rent = self.unanswered_rent(order)?;
        self.acknowledge(order, device, receipt)?;
        let (left, left_usd6, _) = self.in_dispute(order)?;
        let answered = disputed.saturating_sub(left);
        require!(answered > 0, MarketError::NothingAnswered);
        let dollars = disputed_usd6.saturating_sub(left_usd6);
        let mut payout = Payout::of_rent(order, answered, dollars)?;
        let over = left == 0 && self.every_hour_is_answered(order)?;
        let deposit = if over {
            self.deposit_units
        } else {
            // floor: the part that was answered of the rent of all these hours, what is not proved with it: that waits for who looks at it
            mul_div_floor(self.deposit_units, answered, unanswered_rent)
                .map_err(MarketError::from)?
        };
        super::super::sub(&mut self.deposit_units, deposit)?;
        super::super::add(&mut payout.to_supplier, deposit)?;
        if over {
            payout.add(&self.rerated(order, 0)?)?;
            self.end_dispute(until);
        }
        self.count(&payout)?;
        Ok(Answered {
            payout,
            answered,
            left,
            deposit,
        })
    }

    /// The rent of the hours that are held, proved or not, less what is answered of it.
    fn unanswered_rent(&self, order: &Order) -> Result<u64> {
        let (rent, _, _) = self.worth_of(order, |_| u32::MAX)?;
        let (answered, _) = self.answered(order)?;
        Ok(rent.saturating_sub(answered))
    }

    /// Whether each hour has a slot that is acknowledged. Of seconds that cost nothing there is nothing to look at.
    fn every_hour_is_answered(&self, order: &Order) -> Result<bool> {
        let mut from = self.released_until(order);
        for number in self.released_count..self.settled_count {
            let hour = self.hour(order, from)?;
            if hour.units > 0 && self.answered_of(number) == 0 {
                return Ok(false);
            }
            from = hour.until;
        }
        Ok(true)
    }

    /// Nothing is held any more.
    pub(super) fn end_dispute(&mut self, until: i64) {
        self.state = LeaseState::Settled as u8;
        self.released_count = self.settled_count;
        self.released_until_ts = until;
    }

    /// Marks the slots of held hours that the receipt names and in which the device beat. Of a stretch in which no slot begins the slot that
    /// it lies in and the next stand for it, as for the judgement.
    fn acknowledge(&mut self, order: &Order, device: &Device, receipt: &Receipt) -> Result<()> {
        let mut from = self.released_until(order);
        for number in self.released_count..self.settled_count {
            let hour = self.hour(order, from)?;
            from = hour.until;
            let mut named = 0u8;
            for number in 0..hour.slots.looked_at() {
                let slot = hour.slots.first.saturating_add(i64::from(number));
                if receipt.acknowledges(slot) && device.beats_in(slot, 1)? == 1 {
                    named |= 1u8.checked_shl(number).unwrap_or(0);
                }
            }
            if let Some(mask) = self.answered_slots.get_mut(place(number)) {
                *mask |= named;
            }
        }
        Ok(())
    }
}
