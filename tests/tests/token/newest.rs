//! The mark of the newest price that IOSD was made at: what moves it, and what it refuses.

use iog_client::pda;
use iog_client::token::accounts::NetEmission;
use iog_client::token::instructions::ObservePrice;
use iog_client::token::TokenError;
use iog_tests::world::PubkeyOf;
use iog_tests::World;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use crate::setup::{holder, refused, seen, IO};

struct Stage {
    world: World,
    owner: Keypair,
    now: i64,
}

impl Stage {
    fn new() -> Self {
        let mut world = World::ready();
        let owner = holder(&mut world, 1_000 * IO);
        seen(&mut world, 250_000_000_000);
        let now = world.now();
        Self { world, owner, now }
    }

    /// An account of its own with a price that was published so many seconds after the start.
    fn update(&mut self, usd8: i64, secs: i64) -> Pubkey {
        let mut price = self.world.fresh_price(usd8);
        price.publish_time = self.now + secs;
        let address = self.world.address();
        self.world.set_account(&address, price.to_account());
        address
    }

    fn newest(&self) -> i64 {
        let books = pda::token::net_emission();
        self.world.read::<NetEmission>(&books).newest_price_ts - self.now
    }

    /// Burns `io` units at this price; returns the IOSD made.
    #[track_caller]
    fn burns(&mut self, io: u64, price: Pubkey) -> u64 {
        let before = self.world.token_config().iosd_minted_units;
        let mut burn = self.world.burn_for_iosd_ix(&self.owner.pubkey_of(), io, 0);
        burn.price = price;
        self.world.must(burn.instruction(), &[&self.owner]);
        self.world.token_config().iosd_minted_units - before
    }

    #[track_caller]
    fn refuses(&mut self, code: TokenError, price: Pubkey) {
        let mut burn = self
            .world
            .burn_for_iosd_ix(&self.owner.pubkey_of(), 10 * IO, 0);
        burn.price = price;
        let owner = self.owner.insecure_clone();
        refused(&mut self.world, code, burn.instruction(), &[&owner]);
    }
}

/// audit: money L1: IO falls 5 % within seconds. Once the lower price was used, the higher of before makes no IOSD.
#[test]
fn a_price_from_before_the_fall_is_older_than_the_newest() {
    let mut stage = Stage::new();
    let (before, after) = (stage.update(25_000_000, -15), stage.update(23_750_000, 0));
    assert_eq!(stage.burns(10 * IO, before), 2_500_000);
    assert_eq!(stage.newest(), -15);
    assert_eq!(stage.burns(10 * IO, after), 2_375_000);
    assert_eq!(stage.newest(), 0);
    stage.refuses(TokenError::PriceOlder, before);
    assert_eq!(stage.burns(10 * IO, after), 2_375_000);
}

/// redteam P7: whoever uses every newest update for one unit of IOSD shuts nobody out: 10 s behind it is still taken, and an older one that was
/// taken does not lower the mark.
#[test]
fn ten_seconds_behind_the_newest_are_taken() {
    let mut stage = Stage::new();
    let newest = stage.update(25_000_000, 0);
    stage.burns(400, newest);
    for (secs, taken) in [
        (-9, true),
        (-10, true),
        (-11, false),
        (-20, false),
        (0, true),
    ] {
        let price = stage.update(25_000_000, secs);
        if taken {
            assert_eq!(stage.burns(10 * IO, price), 2_500_000, "{secs}");
        } else {
            stage.refuses(TokenError::PriceOlder, price);
        }
        assert_eq!(stage.newest(), 0);
    }
    // The most that the mark can be ahead of the clock: 5 s.
    let ahead = stage.update(25_000_000, 5);
    stage.burns(400, ahead);
    assert_eq!(stage.newest(), 5);
    let (taken, refused) = (stage.update(25_000_000, -5), stage.update(25_000_000, -6));
    stage.burns(10 * IO, taken);
    stage.refuses(TokenError::PriceOlder, refused);
}

/// A look at the price, and a burn that fails, move no mark.
#[test]
fn only_iosd_made_moves_the_mark() {
    let mut stage = Stage::new();
    let (older, newer) = (stage.update(25_000_000, -15), stage.update(25_000_000, 0));
    let anyone = stage.world.wallet();
    let observe = ObservePrice { price: newer }.instruction();
    stage.world.must(observe, &[&anyone]);
    let mut dear = stage
        .world
        .burn_for_iosd_ix(&stage.owner.pubkey_of(), 10 * IO, 2_500_001);
    dear.price = newer;
    let owner = stage.owner.insecure_clone();
    let below = TokenError::OutputBelowLimit;
    refused(&mut stage.world, below, dear.instruction(), &[&owner]);
    assert_eq!(stage.burns(10 * IO, older), 2_500_000);
    assert_eq!(stage.newest(), -15);
}
