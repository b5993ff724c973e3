//! The oracle's account, in Pyth's layout.

use iog_localnet::pyth::PriceAccount;

use super::World;

impl World {
    /// Posts a fresh IO price in units of 10^-8 USD, with a confidence of 0.1 %.
    pub fn post_price(&mut self, usd8: i64) {
        let conf = u64::try_from(usd8).expect("a positive price") / 1_000;
        let price = PriceAccount::io_usd(usd8, conf, self.now(), self.slot());
        self.set_price(&price);
    }

    /// Writes any price update.
    pub fn set_price(&mut self, price: &PriceAccount) {
        let address = self.price;
        self.set_account(&address, price.to_account());
    }
}
