//! Which of several valid prices a seller may use. audit: money L1

use super::stage::{auctioning, Stage, IO};
use iog_client::treasury::TreasuryError as E;
use iog_localnet::pyth::PriceAccount;

/// Posts a price of so many seconds ago.
fn post(stage: &mut Stage, usd8: i64, age: i64) {
    let now = stage.world.now();
    let price = PriceAccount::io_usd(usd8, 25_000, now - age, 0);
    stage.world.set_price(&price);
}

/// IO falls by 5 %: what was published at a better price cannot be sold at once somebody used the newer one, nor 20 seconds later if nobody
/// did. Somebody who uses each newest update shuts nobody out: 10 seconds older will do (redteam P7).
#[test]
fn a_price_older_than_the_newest_used_is_refused() {
    let mut stage = auctioning();
    stage.world.advance(100);
    post(&mut stage, 23_750_000, 0);
    stage.try_sell(IO, 0).expect("the newer price");
    let newest = stage.world.now();
    assert_eq!(stage.auction().newest_price_ts, newest);
    post(&mut stage, 25_000_000, 11);
    stage.refuses(E::PriceOlder, |stage| stage.try_sell(IO, 0));
    post(&mut stage, 25_000_000, 10);
    stage.try_sell(IO, 0).expect("of the same moment");
    // The older did not put the newest back.
    assert_eq!(stage.auction().newest_price_ts, newest);
    post(&mut stage, 25_000_000, 11);
    stage.refuses(E::PriceOlder, |stage| stage.try_sell(IO, 0));
    // A refused sale moves nothing: an old price that nobody sold at binds nobody.
    let mut other = auctioning();
    other.world.advance(100);
    post(&mut other, 23_750_000, 0);
    other.refuses(E::PaysLessThanLimit, |stage| stage.try_sell(IO, u64::MAX));
    post(&mut other, 25_000_000, 20);
    other.try_sell(IO, 0).expect("the newest that was used");
    post(&mut other, 25_000_000, 21);
    other.refuses(E::PriceStale, |stage| stage.try_sell(IO, 0));
}

/// The newest stays over rounds, and each currency's auction has its own.
#[test]
fn the_newest_outlives_its_round() {
    let mut stage = auctioning();
    post(&mut stage, 25_000_000, -5);
    stage.try_sell(IO, 0).expect("a sale");
    let newest = stage.world.now() + 5;
    stage.world.advance(3_600);
    stage.open();
    assert_eq!(stage.auction().newest_price_ts, newest);
    post(&mut stage, 25_000_000, 0);
    stage.try_sell(IO, 0).expect("a sale");
    assert_eq!(stage.auction().newest_price_ts, stage.world.now());
}
