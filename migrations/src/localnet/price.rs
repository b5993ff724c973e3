//! The local network's price of IO, which it writes itself.

use super::{machine_ts, Running, UpError, Wallets};
use crate::{plan::Price, Plan};
use iog_client::token::instructions::ObservePrice;
use iog_localnet::{pyth::PriceAccount, LocalNetError};
use solana_signer::Signer as _;

/// 0.25 USD and its confidence, times 10^8.
const IO_PRICE_USD8: i64 = 25_000_000;
const IO_CONF_USD8: u64 = 10_000;
const SEEN_SECS: i64 = 3_600;
/// IOSD is made at a price that the token program has seen for an hour, so the network begins an hour ago. A minute more is for what
/// comes before.
pub const START_AGO_SECS: i64 = SEEN_SECS + 60;

/// The account that the network writes its price into is the only one that is read, unless the plan has another. Returns whether it is read.
pub(super) fn pin(wallets: &Wallets, plan: &mut Plan) -> bool {
    let own = wallets.get("io-price").pubkey().to_string();
    match &mut plan.price {
        Price::Pyth { account, .. } => {
            let account = account.get_or_insert_with(|| own.clone());
            *account == own || account == "any"
        }
        Price::Quorum { .. } => false,
    }
}

impl Running {
    /// Writes a fresh price of IO at the chain's time.
    ///
    /// # Errors
    /// When the network has stopped.
    pub fn refresh_price(&self) -> Result<(), LocalNetError> {
        let clock = self.net.clock()?;
        let price = PriceAccount::io_usd(
            IO_PRICE_USD8,
            IO_CONF_USD8,
            clock.unix_timestamp,
            clock.slot,
        );
        self.net
            .set_price(&self.wallets.get("io-price").pubkey(), &price)
    }

    /// Shows a fresh price to the token program, which makes IOSD at no more than it has seen for an hour.
    ///
    /// # Errors
    /// When the network has stopped, or refuses the price.
    pub async fn observe_price(&self) -> Result<(), UpError> {
        if !self.writes_price {
            return Ok(());
        }
        self.refresh_price()?;
        let observe = ObservePrice {
            price: self.wallets.get("io-price").pubkey(),
        };
        let payer = self.wallets.get("keeper");
        let observe = [observe.instruction()];
        self.sender.send(&observe, payer, &[]).await?;
        Ok(())
    }

    pub(super) async fn see_the_price_for_an_hour(&self) -> Result<(), UpError> {
        self.observe_price().await?;
        let seen_ts = self.net.clock()?.unix_timestamp.saturating_add(SEEN_SECS);
        self.net.warp_to_timestamp(seen_ts.max(machine_ts()))?;
        self.observe_price().await
    }
}
