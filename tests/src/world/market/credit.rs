//! Orders paid in IOSD, and how their suppliers come to IO.

use iog_client::market::accounts::CreditLine;
use iog_client::market::instructions::{
    ClaimCredit, FundCredit, FundFromTreasury, PayCredit, ReleaseKept, SettleCredit, UpdateCover,
};
use iog_client::{pda, token};
use solana_pubkey::Pubkey;

use super::{Currency, Renter};
use crate::world::{Meta, PubkeyOf, Supplier, World};

impl World {
    /// The market's right to spend and refund IOSD, and to mint net emission.
    pub fn market_minter(&self) -> Pubkey {
        pda::token::minter(&pda::market::escrow_authority())
    }

    /// IOSD that was spent in the market and is neither earned nor refunded.
    pub fn outstanding_iosd(&self) -> u64 {
        self.read::<token::accounts::Minter>(&self.market_minter())
            .outstanding_iosd_units
    }

    pub fn credit_line(&self) -> CreditLine {
        self.read(&pda::market::credit_line())
    }

    /// Gives `io` to a renter, who burns it for IOSD at 0.25 USD.
    pub fn give_iosd(&mut self, renter: &Renter, io: u64) {
        self.post_price(25_000_000);
        self.burn_for_iosd(&renter.wallet, io);
    }

    /// A renter who burned 20,000 IO for 4,990 IOSD.
    pub fn credit_renter(&mut self) -> Renter {
        let renter = self.renter();
        self.give_iosd(&renter, 2_000_000_000_000);
        renter
    }

    pub fn settle_credit_ix(&self) -> SettleCredit {
        SettleCredit {
            escrow: self.escrow_of(Currency::Iosd),
            minter: self.market_minter(),
            token_config: pda::token::config(),
        }
    }

    /// Says in the token's books what is earned in IOSD.
    pub fn settle_credit(&mut self) -> Meta {
        self.govern(self.settle_credit_ix().instruction())
    }

    pub fn claim_credit_ix(&self, supplier: &Supplier, min_io: u64) -> ClaimCredit {
        ClaimCredit {
            owner: supplier.owner.pubkey_of(),
            earnings: self.earnings_of(supplier, Currency::Iosd),
            escrow: self.escrow_of(Currency::Iosd),
            token_config: pda::token::config(),
            net_emission: pda::token::net_emission(),
            price_source: pda::token::price_source(),
            price: self.price,
            min_io,
        }
    }

    pub fn update_cover_ix(&self) -> UpdateCover {
        UpdateCover {
            escrow: self.escrow_of(Currency::Iosd),
            token_config: pda::token::config(),
            net_emission: pda::token::net_emission(),
            price_source: pda::token::price_source(),
            price: self.price,
        }
    }

    /// Says what a dollar of IOSD is worth to suppliers, at the price that is posted.
    pub fn update_cover(&mut self) -> Meta {
        self.govern(self.update_cover_ix().instruction())
    }

    /// Turns what is earned in IOSD into a claim, at the price that is posted.
    pub fn claim_credit(&mut self, supplier: &Supplier) -> Meta {
        let claim = self.claim_credit_ix(supplier, 0).instruction();
        self.must(claim, &[&supplier.owner])
    }

    pub fn fund_credit_ix(&self, max_units: u64) -> FundCredit {
        FundCredit {
            vault: pda::market::credit_vault(),
            minter: self.market_minter(),
            token_config: pda::token::config(),
            net_emission: pda::token::net_emission(),
            io_mint: self.io,
            mint_authority: pda::token::mint_authority(),
            max_units,
        }
    }

    pub fn fund_credit(&mut self, max_units: u64) -> Meta {
        self.govern(self.fund_credit_ix(max_units).instruction())
    }

    pub fn fund_from_treasury_ix(&self, max_units: u64) -> FundFromTreasury {
        FundFromTreasury {
            vault: pda::market::credit_vault(),
            treasury_config: pda::treasury::config(),
            fees: pda::treasury::fees(&self.io),
            fee_vault: pda::treasury::vault(&self.io),
            vault_authority: pda::treasury::vault_authority(),
            io_mint: self.io,
            max_units,
        }
    }

    pub fn fund_from_treasury(&mut self, max_units: u64) -> Meta {
        self.govern(self.fund_from_treasury_ix(max_units).instruction())
    }

    pub fn release_kept_ix(&self) -> ReleaseKept {
        ReleaseKept {
            treasury_config: pda::treasury::config(),
            fees: pda::treasury::fees(&self.io),
        }
    }

    /// Gives what the treasury keeps for suppliers back to be burned.
    pub fn release_kept(&mut self) -> Meta {
        self.govern(self.release_kept_ix().instruction())
    }

    pub fn pay_credit_ix(&self, supplier: &Supplier) -> PayCredit {
        PayCredit {
            signer: self.authority.pubkey_of(),
            earnings: self.earnings_of(supplier, Currency::Iosd),
            vault: pda::market::credit_vault(),
            io_mint: self.io,
            destination: supplier.owner_token,
            associated: supplier.owner_token,
        }
    }

    pub fn pay_credit(&mut self, supplier: &Supplier) -> Meta {
        self.govern(self.pay_credit_ix(supplier).instruction())
    }
}
