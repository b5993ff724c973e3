//! The buyback's auction.

use crate::world::{done_kinds, World};
use iog_client::{decode, encode, pda, treasury};
use iog_math::units::{HOUR, USD6};

#[tokio::test(flavor = "multi_thread")]
async fn fees_in_dollars_are_put_up_for_auction_once_an_hour() {
    let world = World::new().await;
    let mut keeper = world.keeper("keeper");
    let opened = |kinds: Vec<&str>| kinds.iter().filter(|kind| **kind == "open_auction").count();
    assert_eq!(opened(done_kinds(&keeper.tick().await.unwrap())), 0);

    // No order pays in USDC yet: the books are written by hand.
    let mint = world.address("usdc-mint");
    let address = pda::treasury::fees(&mint);
    let mut account = world.net.net.get_account(&address).unwrap().unwrap();
    let mut fees: treasury::FeeVault = decode(&account.data).unwrap();
    (fees.booked_units, fees.collected_units) = (150 * USD6, 150 * USD6);
    account.data = encode(&fees);
    world.net.net.set_account(&address, account).unwrap();
    assert_eq!(opened(done_kinds(&keeper.tick().await.unwrap())), 1);
    let auction: treasury::Auction = world.read(&pda::treasury::auction(&mint)).unwrap();
    assert_eq!((auction.round, auction.lot_units), (1, 150 * USD6));

    assert_eq!(opened(done_kinds(&keeper.tick().await.unwrap())), 0);
    world.net.net.advance_secs(HOUR.unsigned_abs()).unwrap();
    assert_eq!(opened(done_kinds(&keeper.tick().await.unwrap())), 1);
    let auction: treasury::Auction = world.read(&pda::treasury::auction(&mint)).unwrap();
    assert_eq!(auction.round, 2, "what nobody sold into is put up again");
}
