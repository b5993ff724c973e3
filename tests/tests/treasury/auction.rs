//! Rounds of the auction: what they are opened for, when, and what ends them.

use super::stage::{auctioning, said, stage, Stage, IO, QUARTER, USD};
use iog_client::treasury::accounts::Auction;
use iog_client::treasury::events::{AuctionClosed, AuctionOpened};
use iog_client::treasury::instructions::{Pause, Resume, SetParameter};
use iog_client::treasury::{Event, ParameterId, TreasuryError};
use iog_client::{pda, treasury};
use iog_tests::world::{PubkeyOf, GENESIS_TS};
use iog_tests::{Code, World};
use solana_pubkey::Pubkey;

fn opened(stage: &Stage, round: u64, lot: u64, booked: u64) -> Event {
    Event::AuctionOpened(AuctionOpened {
        mint: stage.usdc,
        round,
        lot,
        booked,
        opened_ts: stage.world.now(),
        length_secs: 3_000,
        discount_bps: 500,
        premium_bps: 200,
    })
}

fn govern(stage: &mut Stage, id: ParameterId, value: u64) {
    let set = SetParameter {
        authority: stage.world.authority.pubkey_of(),
        id,
        value,
    };
    stage.world.govern(set.instruction());
}

#[test]
fn an_auction_is_added_for_dollars_with_6_decimals_once_by_the_authority() {
    let mut world = World::ready();
    let authority = world.authority.insecure_clone();
    let io = world.io;
    let add = world.add_auction_ix(&io).instruction();
    world.refuses(TreasuryError::NotAuctioned, add, &[&authority]);
    for decimals in [5, 7, 9] {
        let mint = world.mint(&authority, decimals);
        world.add_fee_vault(&mint);
        let add = world.add_auction_ix(&mint).instruction();
        world.refuses(TreasuryError::NotAuctioned, add, &[&authority]);
        assert!(world.find(&pda::treasury::auction(&mint)).is_none());
    }
    let usdc = world.mint(&authority, 6);
    world.add_fee_vault(&usdc);
    let address = pda::treasury::auction(&usdc);
    let stranger = world.wallet();
    let mut add = world.add_auction_ix(&usdc);
    add.authority = stranger.pubkey_of();
    world.refuses(TreasuryError::NotAuthority, add.instruction(), &[&stranger]);
    assert!(world.find(&address).is_none());
    // Lamports that were sent first stop nothing.
    world.fund(&address, 1_000_000);
    let add = world.add_auction_ix(&usdc).instruction();
    world.govern(add.clone());
    let (_, bump) = Pubkey::find_program_address(&[b"auction", usdc.as_ref()], &treasury::ID);
    let expected = Auction {
        mint: usdc,
        lot_units: 0,
        left_units: 0,
        io_burned_units: 0,
        opened_ts: 0,
        length_secs: 0,
        discount_bps: 0,
        premium_bps: 0,
        round: 0,
        hour: 0,
        day: 0,
        spent_this_hour_units: 0,
        spent_today_units: 0,
        io_burned_total_units: 0,
        newest_price_ts: 0,
        version: 1,
        bump,
        reserved: [0; 30],
    };
    assert_eq!(world.read::<Auction>(&address), expected);
    assert_eq!(world.account(&address).data.len(), 184);
    world.refuses(Code::in_use(), add, &[&authority]);
}

#[test]
fn a_round_takes_what_the_fees_and_the_caps_allow() {
    let mut stage = stage();
    stage.collect(100 * USD - 1);
    stage.refuses(TreasuryError::LotTooSmall, Stage::try_open);
    stage.collect(1);
    let mut least = stage.clone();
    let meta = least.open();
    assert_eq!(said(&meta), [opened(&least, 1, 100 * USD, 100 * USD)]);
    let auction = least.auction();
    assert_eq!(
        (auction.lot_units, auction.left_units, auction.round),
        (100 * USD, 100 * USD, 1)
    );
    assert_eq!(
        (auction.opened_ts, auction.length_secs),
        (GENESIS_TS, 3_000)
    );
    assert_eq!((auction.discount_bps, auction.premium_bps), (500, 200));
    // The fees are not less before something is sold.
    assert_eq!(least.fees(&least.usdc).booked_units, 100 * USD);
    least.check();

    stage.collect(19_900 * USD);
    let mut hour = stage.clone();
    let meta = hour.open();
    assert_eq!(said(&meta), [opened(&hour, 1, 5_000 * USD, 20_000 * USD)]);
    govern(&mut stage, ParameterId::CapPerDay, 1_234 * USD);
    let meta = stage.open();
    assert_eq!(said(&meta), [opened(&stage, 1, 1_234 * USD, 20_000 * USD)]);
}

#[test]
fn what_is_donated_is_not_auctioned() {
    let mut stage = stage();
    stage.set(|config| config.kept_share_bps.value = 5_000);
    let vault = pda::treasury::vault(&stage.usdc);
    stage.donate(&vault, 10_000 * USD);
    stage.collect(99 * USD);
    stage.refuses(TreasuryError::LotTooSmall, Stage::try_open);
    // Of dollars nothing is kept, whatever the share: audit: money M1.
    stage.collect(USD);
    let meta = stage.open();
    assert_eq!(said(&meta), [opened(&stage, 1, 100 * USD, 100 * USD)]);
}

#[test]
fn rounds_begin_an_hour_apart_and_never_while_one_runs() {
    let mut stage = auctioning();
    stage.refuses(TreasuryError::AuctionRunning, Stage::try_open);
    stage.world.set_time(GENESIS_TS + 2_999);
    stage.refuses(TreasuryError::AuctionRunning, Stage::try_open);
    // The time of the round is over, the hour is not.
    stage.world.set_time(GENESIS_TS + 3_000);
    stage.refuses(TreasuryError::AuctionTooSoon, Stage::try_open);
    stage.world.set_time(GENESIS_TS + 3_599);
    stage.refuses(TreasuryError::AuctionTooSoon, Stage::try_open);
    stage.world.set_time(GENESIS_TS + 3_600);
    let meta = stage.open();
    let closed = AuctionClosed {
        mint: stage.usdc,
        round: 1,
        spent: 0,
        unspent: 1_000 * USD,
        io_burned: 0,
    };
    let events = [
        Event::AuctionClosed(closed),
        opened(&stage, 2, 1_000 * USD, 1_000 * USD),
    ];
    assert_eq!(said(&meta), events);
    stage.check();
}

#[test]
fn a_round_that_lasts_the_hour_gives_way_to_the_next_at_once() {
    let mut stage = stage();
    stage.set(|config| config.auction_secs.value = 3_600);
    stage.collect(1_000 * USD);
    stage.open();
    stage.world.set_time(GENESIS_TS + 3_599);
    stage.refuses(TreasuryError::AuctionRunning, Stage::try_open);
    stage.world.set_time(GENESIS_TS + 3_600);
    stage.open();
    assert_eq!(stage.auction().round, 2);
}

#[test]
fn a_round_sold_in_part_says_so_when_the_next_begins() {
    let mut stage = auctioning();
    // 100 IO at 0.25 less 5 %
    stage.sell(100 * IO, 23_750_000);
    stage.collect(500 * USD);
    assert_eq!(stage.auction().lot_units, 1_000 * USD);
    stage.world.set_time(GENESIS_TS + 3_600);
    let meta = stage.open();
    let closed = AuctionClosed {
        mint: stage.usdc,
        round: 1,
        spent: 23_750_000,
        unspent: 976_250_000,
        io_burned: 100 * IO,
    };
    let events = [
        Event::AuctionClosed(closed),
        opened(&stage, 2, 1_476_250_000, 1_476_250_000),
    ];
    assert_eq!(said(&meta), events);
    let auction = stage.auction();
    assert_eq!(
        (auction.io_burned_units, auction.io_burned_total_units),
        (0, 100 * IO)
    );
    stage.check();
}

#[test]
fn a_round_that_is_sold_out_makes_the_next_wait_for_its_hour_too() {
    let mut stage = auctioning();
    stage.sell(5_000 * IO, 1_000 * USD);
    stage.collect(1_000 * USD);
    stage.refuses(TreasuryError::AuctionTooSoon, Stage::try_open);
    stage.world.set_time(GENESIS_TS + 3_600);
    // It said that it was closed when it was sold out.
    let meta = stage.open();
    assert_eq!(said(&meta), [opened(&stage, 2, 1_000 * USD, 1_000 * USD)]);
}

#[test]
fn a_clock_that_steps_back_opens_nothing_early_and_offers_no_less() {
    let mut stage = auctioning();
    stage.world.set_time(GENESIS_TS - 30);
    stage.refuses(TreasuryError::AuctionRunning, Stage::try_open);
    let mut at_the_start = stage.clone();
    at_the_start.sell(100 * IO, 23_750_000);
    assert_eq!(at_the_start.purse().1, 23_750_000);
    at_the_start.check();
}

#[test]
fn nothing_is_opened_while_auctions_are_paused() {
    let mut stage = stage();
    stage.collect(1_000 * USD);
    let authority = stage.world.authority.pubkey_of();
    let pause = Pause {
        signer: authority,
        actions: 1,
    };
    stage.world.govern(pause.instruction());
    stage.refuses(TreasuryError::Paused, Stage::try_open);
    let resume = Resume {
        authority,
        actions: 1,
    };
    stage.world.govern(resume.instruction());
    stage.open();
}

/// Terms are fixed when a round begins; what governance changes meanwhile is the next round's. Caps bind at once.
#[test]
fn a_running_round_keeps_its_terms() {
    let mut stage = auctioning();
    let before = stage.auction();
    stage.set(|config| {
        config.discount_bps.value = 5_000;
        config.premium_bps.value = 0;
        config.auction_secs.value = 600;
        config.min_lot_units.value = 5_000 * USD;
        config.kept_share_bps.value = 10_000;
    });
    stage.world.set_time(GENESIS_TS + 1_500);
    assert_eq!(stage.auction(), before);
    // Half way from 95 % to 102 %: 98.5 % of 25 USDC, long after 600 seconds.
    stage.sell(100 * IO, 24_625_000);
    assert_eq!(stage.purse().1, 24_625_000);
    govern(&mut stage, ParameterId::CapPerHour, 24_625_000);
    stage.world.post_price(QUARTER);
    stage.refuses(TreasuryError::SpendCapReached, |stage| {
        stage.try_sell(100 * IO, 0)
    });
    stage.set(|config| {
        config.cap_per_hour_units.value = 5_000 * USD;
        config.min_lot_units.value = USD;
    });
    // The next round has the new terms: half the price, for ten minutes.
    stage.world.set_time(GENESIS_TS + 3_600);
    stage.open();
    let auction = stage.auction();
    assert_eq!(
        (
            auction.discount_bps,
            auction.premium_bps,
            auction.length_secs
        ),
        (5_000, 0, 600)
    );
    stage.sell(100 * IO, 12_500_000);
    assert_eq!(stage.purse().1, 24_625_000 + 12_500_000);
    stage.check();
}
