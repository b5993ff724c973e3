//! Refunds, earnings, fees, and IO for suppliers of IOSD orders.

use super::{Draft, Writer};
use crate::{action::Action, rules::currency, snapshot::token_account};
use iog_client::{
    market::{instructions as market_ix, Order},
    pda,
};
use solana_pubkey::Pubkey;

impl Writer<'_> {
    pub(super) fn money(&self, action: &Action) -> Option<Draft> {
        match action {
            Action::Refund { order, .. } => {
                let account = self.snapshot.orders.get(order)?;
                Some(self.refund(order, account))
            }
            Action::WithdrawEarnings { mint, owner, .. } => {
                let associated = token_account(owner, mint);
                let withdraw = market_ix::WithdrawEarnings {
                    signer: *self.payer,
                    earnings: pda::market::earnings(mint, owner),
                    escrow: pda::market::escrow(mint),
                    vault: pda::market::vault(mint),
                    mint: *mint,
                    destination: associated,
                    associated,
                };
                Some(Draft::of(withdraw.instruction()))
            }
            Action::CollectFees { mint, .. } => self.collect(mint),
            Action::FundCredit { max_units, .. } => {
                let fund = market_ix::FundCredit {
                    vault: pda::market::credit_vault(),
                    minter: minter(),
                    token_config: pda::token::config(),
                    net_emission: pda::token::net_emission(),
                    io_mint: self.snapshot.emission.io_mint,
                    mint_authority: pda::token::mint_authority(),
                    max_units: *max_units,
                };
                Some(Draft::of(fund.instruction()))
            }
            Action::FundFromTreasury { max_units, .. } => {
                let io_mint = self.snapshot.emission.io_mint;
                let fund = market_ix::FundFromTreasury {
                    vault: pda::market::credit_vault(),
                    treasury_config: pda::treasury::config(),
                    fees: pda::treasury::fees(&io_mint),
                    fee_vault: pda::treasury::vault(&io_mint),
                    vault_authority: pda::treasury::vault_authority(),
                    io_mint,
                    max_units: *max_units,
                };
                Some(Draft::of(fund.instruction()))
            }
            Action::PayCredit { owner, .. } => {
                let io_mint = self.snapshot.emission.io_mint;
                let associated = token_account(owner, &io_mint);
                let pay = market_ix::PayCredit {
                    signer: *self.payer,
                    earnings: pda::market::earnings(&pda::token::iosd_mint(), owner),
                    vault: pda::market::credit_vault(),
                    io_mint,
                    destination: associated,
                    associated,
                };
                Some(Draft::of(pay.instruction()))
            }
            Action::UpdateCover { price, .. } => {
                let update = market_ix::UpdateCover {
                    escrow: pda::market::escrow(&pda::token::iosd_mint()),
                    token_config: pda::token::config(),
                    net_emission: pda::token::net_emission(),
                    price_source: pda::token::price_source(),
                    price: *price,
                };
                Some(Draft::of(update.instruction()))
            }
            Action::ReleaseKept { .. } => {
                let release = market_ix::ReleaseKept {
                    treasury_config: pda::treasury::config(),
                    fees: pda::treasury::fees(&self.snapshot.emission.io_mint),
                };
                Some(Draft::of(release.instruction()))
            }
            _ => None,
        }
    }

    /// Fees in IOSD were burned when it was spent: they are reported, not moved.
    fn collect(&self, mint: &Pubkey) -> Option<Draft> {
        let escrow = self.snapshot.market.escrows.get(mint)?;
        let address = pda::market::escrow(mint);
        if escrow.currency == currency::CREDIT {
            let settle = market_ix::SettleCredit {
                escrow: address,
                minter: minter(),
                token_config: pda::token::config(),
            };
            return Some(Draft::of(settle.instruction()));
        }
        let collect = market_ix::CollectFees {
            escrow: address,
            vault: escrow.vault,
            mint: *mint,
            treasury_config: pda::treasury::config(),
            fees: pda::treasury::fees(mint),
            fee_vault: pda::treasury::vault(mint),
        };
        Some(Draft::of(collect.instruction()))
    }

    fn refund(&self, address: &Pubkey, order: &Order) -> Draft {
        let mint = order.mint;
        let escrow = pda::market::escrow(&mint);
        let associated = token_account(&order.renter, &mint);
        if order.currency == currency::CREDIT {
            let refund = market_ix::RefundCredit {
                signer: *self.payer,
                order: *address,
                escrow,
                minter: minter(),
                token_config: pda::token::config(),
                iosd_mint: mint,
                iosd_authority: pda::token::iosd_authority(),
                renter_token: associated,
                associated,
                // The program gives back what the window lets.
                max_units: u64::MAX,
            };
            return Draft::of(refund.instruction());
        }
        let refund = market_ix::Refund {
            signer: *self.payer,
            order: *address,
            escrow,
            vault: pda::market::vault(&mint),
            mint,
            renter_token: associated,
            associated,
        };
        Draft::of(refund.instruction())
    }
}

/// The market as one that spends and refunds IOSD and mints net emission.
fn minter() -> Pubkey {
    pda::token::minter(&pda::market::escrow_authority())
}
