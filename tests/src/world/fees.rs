//! The treasury's fee vaults and auctions.

use iog_client::pda;
use iog_client::treasury::accounts::Config;
use iog_client::treasury::instructions::{
    AddAuction, BurnIoFees, Collect, OpenAuction, PayIncentive, SellIo,
};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::{ata, PubkeyOf, World};

impl World {
    /// A currency of US dollars that the network's authority mints, with fee vault and auction.
    pub fn usdc(&mut self) -> Pubkey {
        let authority = self.authority.insecure_clone();
        let mint = self.mint(&authority, 6);
        self.add_fee_vault(&mint);
        self.govern(self.add_auction_ix(&mint).instruction());
        mint
    }

    pub fn add_auction_ix(&self, mint: &Pubkey) -> AddAuction {
        AddAuction {
            authority: self.authority.pubkey_of(),
            fees: pda::treasury::fees(mint),
            auction: pda::treasury::auction(mint),
        }
    }

    /// A fee of `amount` from the collector's account.
    pub fn collect_ix(
        &self,
        collector: &Pubkey,
        source: &Pubkey,
        mint: &Pubkey,
        amount: u64,
    ) -> Collect {
        Collect {
            market_authority: *collector,
            fees: pda::treasury::fees(mint),
            source: *source,
            vault: pda::treasury::vault(mint),
            mint: *mint,
            amount,
        }
    }

    /// The burn of all booked IO fees.
    pub fn burn_fees_ix(&self) -> BurnIoFees {
        BurnIoFees {
            fees: pda::treasury::fees(&self.io),
            vault: pda::treasury::vault(&self.io),
            io_mint: self.io,
            token_config: pda::token::config(),
        }
    }

    /// An incentive of `amount` to a token account.
    pub fn incentive_ix(
        &self,
        collector: &Pubkey,
        destination: &Pubkey,
        mint: &Pubkey,
        amount: u64,
    ) -> PayIncentive {
        PayIncentive {
            market_authority: *collector,
            fees: pda::treasury::fees(mint),
            vault: pda::treasury::vault(mint),
            mint: *mint,
            destination: *destination,
            amount,
        }
    }

    pub fn open_auction_ix(&self, mint: &Pubkey) -> OpenAuction {
        OpenAuction {
            fees: pda::treasury::fees(mint),
            auction: pda::treasury::auction(mint),
        }
    }

    /// A sale out of the seller's associated account for IO, paid to that for the currency.
    pub fn sell_ix(&self, seller: &Pubkey, mint: &Pubkey, amount: u64, min_usdc: u64) -> SellIo {
        SellIo {
            seller: *seller,
            fees: pda::treasury::fees(mint),
            auction: pda::treasury::auction(mint),
            price_source: pda::token::price_source(),
            price: self.price,
            token_config: pda::token::config(),
            io_mint: self.io,
            seller_io: ata(seller, &self.io),
            mint: *mint,
            vault: pda::treasury::vault(mint),
            seller_token: ata(seller, mint),
            amount,
            min_usdc,
        }
    }

    /// Makes a plain key the market's PDA, so that a test can collect without an order; returns it and its IO account.
    pub fn collector(&mut self, amount: u64) -> (Keypair, Pubkey) {
        let key = self.wallet();
        let address = key.pubkey_of();
        self.edit::<Config>(&pda::treasury::config(), |config| {
            config.market_authority = address;
        });
        let source = self.give_io(&address, amount);
        (key, source)
    }
}
