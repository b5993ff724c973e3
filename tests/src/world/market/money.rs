//! What is booked leaves: refunds, earnings, fees.

use iog_client::market::accounts::Escrow;
use iog_client::market::instructions::{
    AddFunds, AddFundsCredit, CollectFees, Refund, RefundCredit, WithdrawEarnings,
};
use iog_client::pda;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::{Currency, Renter};
use crate::world::{ata, iosd_ata, Meta, PubkeyOf, Supplier, World};

impl World {
    pub fn escrow(&self, currency: Currency) -> Escrow {
        self.read(&self.escrow_of(currency))
    }

    /// Money added to an order in IO or US dollars.
    pub fn token_funds_ix(&self, order: &Pubkey, amount: u64) -> AddFunds {
        let books = self.order(order);
        AddFunds {
            renter: books.renter,
            order: *order,
            escrow: pda::market::escrow(&books.mint),
            vault: pda::market::vault(&books.mint),
            renter_token: ata(&books.renter, &books.mint),
            mint: books.mint,
            amount,
        }
    }

    /// Money added to an order in IOSD.
    pub fn credit_funds_ix(&self, order: &Pubkey, amount: u64) -> AddFundsCredit {
        let books = self.order(order);
        AddFundsCredit {
            renter: books.renter,
            order: *order,
            escrow: pda::market::escrow(&books.mint),
            minter: self.market_minter(),
            token_config: pda::token::config(),
            iosd_mint: pda::token::iosd_mint(),
            renter_token: iosd_ata(&books.renter),
            amount,
        }
    }

    /// Adds money to an order, in its currency.
    pub fn add_funds(&mut self, order: &Pubkey, renter: &Renter, amount: u64) -> Meta {
        let add = match self.order(order).currency {
            2 => self.credit_funds_ix(order, amount).instruction(),
            _ => self.token_funds_ix(order, amount).instruction(),
        };
        self.must(add, &[&renter.wallet])
    }

    /// The refund of an order in IO or US dollars, to the renter's associated account.
    pub fn token_refund_ix(&self, order: &Pubkey) -> Refund {
        let books = self.order(order);
        Refund {
            signer: self.authority.pubkey_of(),
            order: *order,
            escrow: pda::market::escrow(&books.mint),
            vault: pda::market::vault(&books.mint),
            mint: books.mint,
            renter_token: ata(&books.renter, &books.mint),
            associated: ata(&books.renter, &books.mint),
        }
    }

    /// The refund of an order in IOSD, as much of it as is given back at once.
    pub fn credit_refund_ix(&self, order: &Pubkey) -> RefundCredit {
        let books = self.order(order);
        RefundCredit {
            signer: self.authority.pubkey_of(),
            order: *order,
            escrow: pda::market::escrow(&books.mint),
            minter: self.market_minter(),
            token_config: pda::token::config(),
            iosd_mint: pda::token::iosd_mint(),
            iosd_authority: pda::token::iosd_authority(),
            renter_token: iosd_ata(&books.renter),
            associated: iosd_ata(&books.renter),
            max_units: u64::MAX,
        }
    }

    /// The refund of an order, in its currency.
    pub fn refund_ix(&self, order: &Pubkey) -> Instruction {
        match self.order(order).currency {
            2 => self.credit_refund_ix(order).instruction(),
            _ => self.token_refund_ix(order).instruction(),
        }
    }

    /// Pays a renter what is refunded.
    pub fn refund(&mut self, order: &Pubkey) -> Meta {
        self.govern(self.refund_ix(order))
    }

    /// Pays a renter what is refunded or left over, if anything is.
    pub fn refund_rest(&mut self, order: &Pubkey) {
        let books = self.order(order);
        if books.refund_due_units + books.escrowed_units > 0 {
            self.refund(order);
        }
    }

    /// Earnings in IO or US dollars, to the owner's associated account.
    pub fn withdraw_earnings_ix(
        &self,
        supplier: &Supplier,
        currency: Currency,
    ) -> WithdrawEarnings {
        let mint = self.mint_of(currency);
        WithdrawEarnings {
            signer: self.authority.pubkey_of(),
            earnings: self.earnings_of(supplier, currency),
            escrow: self.escrow_of(currency),
            vault: pda::market::vault(&mint),
            mint,
            destination: ata(&supplier.owner.pubkey_of(), &mint),
            associated: ata(&supplier.owner.pubkey_of(), &mint),
        }
    }

    /// Pays a supplier what it has earned in IO or US dollars; its token account is created if need be.
    pub fn withdraw(&mut self, supplier: &Supplier, currency: Currency) -> Meta {
        let mint = self.mint_of(currency);
        self.token_account(&supplier.owner.pubkey_of(), &mint);
        let withdraw = self.withdraw_earnings_ix(supplier, currency);
        self.govern(withdraw.instruction())
    }

    pub fn collect_fees_ix(&self, currency: Currency) -> CollectFees {
        let mint = self.mint_of(currency);
        CollectFees {
            escrow: self.escrow_of(currency),
            vault: pda::market::vault(&mint),
            mint,
            treasury_config: pda::treasury::config(),
            fees: pda::treasury::fees(&mint),
            fee_vault: pda::treasury::vault(&mint),
        }
    }

    /// Hands the fees of IO or US dollars to the treasury.
    pub fn collect_fees(&mut self, currency: Currency) -> Meta {
        self.govern(self.collect_fees_ix(currency).instruction())
    }
}
