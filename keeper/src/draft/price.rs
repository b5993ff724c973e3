//! Reports of the price, and Pyth's updates.

use super::{rent, Draft, Writer};
use crate::{action::Action, price::pyth};
use iog_client::{price_report::check, token::instructions as token_ix};
use solana_instruction::Instruction;

impl Writer<'_> {
    pub(super) fn price(&self, action: &Action) -> Option<Draft> {
        match action {
            Action::ObservePrice { price, .. } => {
                let observe = token_ix::ObservePrice { price: *price };
                Some(Draft::of(observe.instruction()))
            }
            Action::ReportPrice { reports } => {
                // The program reads the signatures out of the instruction before its own.
                let mut draft = Draft::all(vec![check(reports)?, report()])?;
                draft.checked_signatures = u64::try_from(reports.len()).ok()?;
                Some(draft)
            }
            // Its rent comes back with the next transaction: no cost.
            Action::StageVaa { update } => {
                let lamports = rent(pyth::staged_len(update));
                Draft::all(pyth::stage(self.payer, update, lamports)?)
            }
            Action::PostPyth { update } => {
                let account = self.snapshot.price.pyth.as_ref()?;
                Draft::all(pyth::post(self.payer, update, account.shard)?)
            }
            Action::DropVaa { .. } => Some(Draft::of(pyth::close(self.payer)?)),
            _ => None,
        }
    }
}

fn report() -> Instruction {
    token_ix::ReportPrice {}.instruction()
}
