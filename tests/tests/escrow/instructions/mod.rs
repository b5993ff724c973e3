//! The instruction of each action, and who signs it.

mod leases;
mod orders;
mod owners;

use solana_instruction::Instruction;
use solana_keypair::Keypair;

use super::action::Action;
use super::machine::Machine;

/// An instruction, and who signs it beside whoever pays the transaction.
pub type Signed = (Instruction, Option<Keypair>);

impl Machine {
    /// Posts the price of IO where the instruction reads it.
    pub fn instruction(&mut self, action: Action) -> Signed {
        let reads_it = matches!(
            action,
            Action::Create(_)
                | Action::Extend(..)
                | Action::PriceAnew(_)
                | Action::Claim(..)
                | Action::UpdateCover
        );
        if reads_it {
            let usd8 = i64::try_from(self.model.usd8).unwrap();
            self.world.post_price(usd8);
        }
        if let Action::Lie(_, usd8) = action {
            self.world.post_price(i64::try_from(usd8).unwrap());
        }
        match action {
            Action::Create(new) => self.create(new),
            Action::Extend(id, hours, spare, short) => self.extend(id, hours, spare, short),
            Action::AddFunds(id, _)
            | Action::PriceAnew(id)
            | Action::Reduce(id, ..)
            | Action::EndEarly(id)
            | Action::Cancel(id)
            | Action::Expire(id)
            | Action::Refund(id)
            | Action::CloseOrder(id) => self.of_order(action, id),
            Action::Match(wanted) => self.matching(wanted),
            Action::Accept(id, d)
            | Action::Decline(id, d, _)
            | Action::Skip(id, d)
            | Action::Settle(id, d)
            | Action::CloseLease(id, d) => self.of_lease(action, id, d),
            Action::Timeout(id, d)
            | Action::Leave(id, d, _)
            | Action::Dispute(id, d)
            | Action::Resolve(id, d, ..)
            | Action::Rule(id, d)
            | Action::Answer(id, d, ..) => self.of_quarrel(action, id, d),
            Action::List(d, ..) | Action::Relist(d) | Action::Delist(d, _) => {
                self.of_device(action, d)
            }
            _ => self.of_owner(action),
        }
    }
}
