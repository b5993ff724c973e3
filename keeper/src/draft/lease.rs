//! What is done to one lease.

use super::{Draft, Writer};
use crate::action::Action;
use iog_client::{
    market::{instructions as market_ix, Lease},
    pda, receipt,
};
use iog_job::Signed;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

/// The accounts that most of it takes.
struct Accounts<'a> {
    lease: Pubkey,
    account: &'a Lease,
    device_key: Pubkey,
    occupancy: Pubkey,
    book: Pubkey,
    escrow: Pubkey,
    earnings: Pubkey,
    stats: Pubkey,
}

impl Writer<'_> {
    pub(super) fn of_lease(&self, action: &Action, lease: &Pubkey) -> Option<Draft> {
        let all = self.lease_accounts(lease)?;
        let draft = match action {
            Action::Accept { .. } => Draft::of(all.accept()).signed_by(&all.account.device),
            Action::Decline { .. } => Draft::of(all.decline()).signed_by(&all.account.device),
            Action::LeaveLease { .. } => Draft::of(all.leave()).signed_by(&all.account.device),
            Action::SkipDevice { .. } => Draft::of(all.skip(*self.payer)),
            Action::SettleLease { .. } => Draft::of(all.settle()),
            Action::ReportTimeout { .. } => Draft::of(all.report_timeout(*self.payer)),
            Action::AnswerDispute { receipt, .. } => {
                let (_, order) = self.snapshot.lease(lease)?;
                let check = checked(receipt, &order.receipt_key)?;
                let mut draft = Draft::all(vec![check, all.answer()])?;
                draft.checked_signatures = 1;
                draft
            }
            Action::ResolveByRule { .. } => Draft::of(all.resolve()),
            Action::CloseLease { .. } => Draft::of(all.close()),
            _ => return None,
        };
        Some(draft)
    }

    pub(super) fn settle(&self, lease: &Pubkey) -> Option<Instruction> {
        Some(self.lease_accounts(lease)?.settle())
    }

    fn lease_accounts(&self, lease: &Pubkey) -> Option<Accounts<'_>> {
        let (account, order) = self.snapshot.lease(lease)?;
        Some(Accounts {
            lease: *lease,
            account,
            device_key: self.view(&account.device)?.device.device_key,
            occupancy: pda::market::occupancy(&account.device),
            book: self.book(&account.device)?,
            escrow: pda::market::escrow(&order.mint),
            earnings: pda::market::earnings(&order.mint, &account.owner),
            stats: pda::market::renter(&order.renter),
        })
    }
}

/// Has the Ed25519 program check a receipt, for the instruction behind it to read.
fn checked(receipt: &Signed, key: &Pubkey) -> Option<Instruction> {
    let mut message = [0; receipt::MESSAGE_LEN];
    hex::decode_to_slice(&receipt.message, &mut message).ok()?;
    let mut signature = [0; 64];
    hex::decode_to_slice(&receipt.signature, &mut signature).ok()?;
    Some(receipt::check(key, &signature, &message))
}

impl Accounts<'_> {
    fn accept(&self) -> Instruction {
        let accept = market_ix::Accept {
            device_key: self.device_key,
            device: self.account.device,
            order: self.account.order,
            lease: self.lease,
            occupancy: self.occupancy,
            book: self.book,
            earnings: self.earnings,
        };
        accept.instruction()
    }

    fn decline(&self) -> Instruction {
        let decline = market_ix::Decline {
            signer: self.device_key,
            order: self.account.order,
            lease: self.lease,
            device: self.account.device,
            occupancy: self.occupancy,
            book: self.book,
            payer: self.account.payer,
        };
        decline.instruction()
    }

    fn skip(&self, signer: Pubkey) -> Instruction {
        let skip = market_ix::SkipDevice {
            signer,
            order: self.account.order,
            lease: self.lease,
            device: self.account.device,
            occupancy: self.occupancy,
            book: self.book,
            payer: self.account.payer,
        };
        skip.instruction()
    }

    fn leave(&self) -> Instruction {
        let leave = market_ix::LeaveLease {
            signer: self.device_key,
            device: self.account.device,
            order: self.account.order,
            lease: self.lease,
            occupancy: self.occupancy,
            book: self.book,
            escrow: self.escrow,
        };
        leave.instruction()
    }

    fn report_timeout(&self, signer: Pubkey) -> Instruction {
        let report = market_ix::ReportTimeout {
            signer,
            device: self.account.device,
            order: self.account.order,
            lease: self.lease,
            occupancy: self.occupancy,
            book: self.book,
            escrow: self.escrow,
        };
        report.instruction()
    }

    fn settle(&self) -> Instruction {
        let settle = market_ix::Settle {
            order: self.account.order,
            lease: self.lease,
            device: self.account.device,
            occupancy: self.occupancy,
            book: self.book,
            escrow: self.escrow,
            earnings: self.earnings,
            stats: self.stats,
        };
        settle.instruction()
    }

    fn answer(&self) -> Instruction {
        let answer = market_ix::AnswerDispute {
            order: self.account.order,
            lease: self.lease,
            device: self.account.device,
            escrow: self.escrow,
            earnings: self.earnings,
            stats: self.stats,
        };
        answer.instruction()
    }

    fn resolve(&self) -> Instruction {
        let resolve = market_ix::ResolveByRule {
            order: self.account.order,
            lease: self.lease,
            escrow: self.escrow,
            earnings: self.earnings,
            stats: self.stats,
        };
        resolve.instruction()
    }

    fn close(&self) -> Instruction {
        let close = market_ix::CloseLease {
            order: self.account.order,
            lease: self.lease,
            device: self.account.device,
            occupancy: self.occupancy,
            book: self.book,
            escrow: self.escrow,
            earnings: self.earnings,
            payer: self.account.payer,
        };
        close.instruction()
    }
}
