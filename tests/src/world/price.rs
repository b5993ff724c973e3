//! The oracle's account, in Pyth's layout, and what the token program has seen of it.

use iog_client::pda;
use iog_client::token::accounts::NetEmission;
use iog_client::token::Sight;
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
        self.make_seen();
    }

    /// Lets the token program have seen a price an hour ago, at which no bound binds: for tests of other things.
    pub fn make_seen(&mut self) {
        let books = pda::token::net_emission();
        if self.find(&books).is_none() {
            return;
        }
        let first_ts = self.now() - 3_600;
        let place = usize::try_from(first_ts / 3_600 % 25).expect("a time of ours");
        self.edit(&books, |books: &mut NetEmission| {
            books.sights[place] = Sight {
                first_ts,
                lowest_usd12: u64::MAX,
            };
        });
    }
}
