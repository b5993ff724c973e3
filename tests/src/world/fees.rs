//! The treasury's fee vaults.

use iog_client::pda;
use iog_client::treasury::accounts::Config;
use iog_client::treasury::instructions::{BurnIoFees, Collect};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::{PubkeyOf, World};

impl World {
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
