//! Sales into the auction: what is paid, what burns, and what stays with the seller.

use super::stage::{auctioning, said, stage, Stage, IO, QUARTER, USD, WALLET_IO};
use iog_client::treasury::events::{AuctionClosed, IoBought};
use iog_client::treasury::{Event, TreasuryError as E};
use iog_client::{events, pda, token, treasury};
use iog_localnet::pyth::PriceAccount;
use iog_math::auction::{fill, Fill, Terms};
use iog_math::oracle::PricePoint;
use iog_tests::world::{ata, PubkeyOf, GENESIS_TS, TOKEN_PROGRAM};
use iog_tests::Code;
use solana_account::Account;
use solana_instruction::error::InstructionError;

/// State of a token account, and what SPL Token refuses with.
const STATE_AT: usize = 108;
const FROZEN: u8 = 2;
const ACCOUNT_FROZEN: u32 = 17;
const TERMS: Terms = Terms {
    discount_bps: 500,
    premium_bps: 200,
    length_secs: 3_000,
};

/// 100 IO at 0.25 USD, worked out by hand: at 95 %, at 98.5 % half way, and at 101.99 % in the last second.
#[test]
fn the_offer_rises_from_the_discount_to_the_premium() {
    for (secs, factor_bps, usdc) in [
        (0, 9_500, 23_750_000),
        (1, 9_500, 23_750_000),
        (5, 9_501, 23_752_500),
        (1_500, 9_850, 24_625_000),
        (2_143, 10_000, 25_000_000),
        (2_999, 10_199, 25_497_500),
    ] {
        let mut stage = auctioning();
        let usdc_mint = stage.usdc;
        stage.world.set_time(GENESIS_TS + secs);
        let (supply, burned) = (stage.world.supply(&stage.world.io), stage.burned());
        let meta = stage.sell(100 * IO, usdc);
        let bought = IoBought {
            mint: usdc_mint,
            round: 1,
            seller: stage.seller.pubkey_of(),
            io: 100 * IO,
            usdc,
            factor_bps,
            booked_before: 1_000 * USD,
            booked_after: 1_000 * USD - usdc,
            spent_before: 0,
            spent_after: usdc,
        };
        let by_the_token = token::events::IoBurned {
            owner: stage.seller.pubkey_of(),
            amount: 100 * IO,
            burned_before: burned,
            burned_after: burned + 100 * IO,
        };
        assert_eq!(
            meta.events,
            [
                events::Event::Token(token::Event::IoBurned(by_the_token)),
                events::Event::Treasury(Event::IoBought(bought)),
            ]
        );
        // As the reference has it.
        assert_eq!(TERMS.factor_bps(secs), Ok(factor_bps));
        let price = PricePoint {
            price: 25_000_000,
            conf: 25_000,
            ema_price: 25_000_000,
            ema_conf: 25_000,
            exponent: -8,
        };
        let expected = Fill { io: 100 * IO, usdc };
        assert_eq!(
            fill(&price, factor_bps, 100 * IO, 1_000 * USD),
            Ok(expected)
        );

        assert_eq!(stage.purse(), (WALLET_IO - 100 * IO, usdc));
        assert_eq!(stage.burned(), burned + 100 * IO);
        assert_eq!(stage.world.supply(&stage.world.io), supply - 100 * IO);
        let auction = stage.auction();
        assert_eq!(
            (auction.left_units, auction.io_burned_units),
            (1_000 * USD - usdc, 100 * IO)
        );
        assert_eq!(
            (auction.spent_this_hour_units, auction.spent_today_units),
            (usdc, usdc)
        );
        stage.check();
    }
}

#[test]
fn the_lower_of_spot_and_average_is_paid_without_the_uncertainty() {
    for (spot, average, usdc) in [
        (25_000_000, 30_000_000, 23_750_000),
        (30_000_000, 25_000_000, 23_750_000),
        (25_000_001, 25_000_001, 23_750_000),
        (25_000_011, 25_000_011, 23_750_010),
    ] {
        let mut stage = auctioning();
        let mut price = PriceAccount::io_usd(spot, 250_000, stage.world.now(), 0);
        price.ema_price = average;
        stage.world.set_price(&price);
        stage.try_sell(100 * IO, usdc).expect("the sale");
        assert_eq!(stage.purse().1, usdc);
    }
}

#[test]
fn the_end_of_the_lot_leaves_the_rest_with_the_seller() {
    let mut stage = auctioning();
    // 3,000 IO for 712.5 USDC leave 287.5 USDC, which 1,210.52631579 IO buy, rounded up.
    stage.sell(3_000 * IO, 712_500_000);
    let meta = stage.sell(3_000 * IO, 287_500_000);
    let (io, usdc) = (121_052_631_579, 287_500_000);
    let bought = IoBought {
        mint: stage.usdc,
        round: 1,
        seller: stage.seller.pubkey_of(),
        io,
        usdc,
        factor_bps: 9_500,
        booked_before: 287_500_000,
        booked_after: 0,
        spent_before: 712_500_000,
        spent_after: 1_000 * USD,
    };
    let closed = AuctionClosed {
        mint: stage.usdc,
        round: 1,
        spent: 1_000 * USD,
        unspent: 0,
        io_burned: 3_000 * IO + io,
    };
    let events = [Event::IoBought(bought), Event::AuctionClosed(closed)];
    assert_eq!(said(&meta), events);
    assert_eq!(stage.purse(), (WALLET_IO - 3_000 * IO - io, 1_000 * USD));
    stage.check();
    // Sold out, within its time.
    stage.refuses(E::NoAuction, |stage| stage.try_sell(IO, 0));
}

#[test]
fn what_is_too_little_for_a_further_unit_stays_with_the_seller() {
    let mut stage = auctioning();
    stage.world.set_time(GENESIS_TS + 2_143);
    stage.world.post_price(QUARTER);
    // At 100 % of 0.25 USD a unit of USDC costs 400 units of IO.
    stage.refuses(E::AmountTooSmall, |stage| stage.try_sell(399, 0));
    stage.refuses(E::ZeroAmount, |stage| stage.try_sell(0, 0));
    stage.try_sell(799, 1).expect("the sale");
    assert_eq!(stage.purse(), (WALLET_IO - 400, 1));
    stage.check();
}

#[test]
fn the_sellers_limit_is_checked_on_what_is_paid() {
    let mut stage = auctioning();
    stage.world.post_price(QUARTER);
    stage.refuses(E::PaysLessThanLimit, |stage| {
        stage.try_sell(100 * IO, 23_750_001)
    });
    stage.sell(100 * IO, 23_750_000);
    // The lot has 976.25 USDC left, whatever is offered.
    stage.refuses(E::PaysLessThanLimit, |stage| {
        stage.try_sell(10_000 * IO, 976_250_001)
    });
    stage.sell(10_000 * IO, 976_250_000);
    assert_eq!(stage.auction().left_units, 0);
    stage.check();
}

#[test]
fn one_sells_only_into_a_running_round() {
    let mut stage = stage();
    stage.collect(1_000 * USD);
    stage.world.post_price(QUARTER);
    stage.refuses(E::NoAuction, |stage| stage.try_sell(IO, 0));
    stage.open();
    stage.world.set_time(GENESIS_TS + 3_000);
    stage.world.post_price(QUARTER);
    stage.refuses(E::NoAuction, |stage| stage.try_sell(IO, 0));
    stage.world.set_time(GENESIS_TS + 2_999);
    stage.sell(IO, 0);
    // What the round did not sell is still there for the next.
    stage.world.set_time(GENESIS_TS + 3_600);
    let left = stage.fees(&stage.usdc).booked_units;
    stage.open();
    assert_eq!(stage.auction().lot_units, left);
    stage.check();
}

/// A price that nobody posts stops the selling and takes nothing from anybody.
#[test]
fn a_stale_price_stops_selling_until_a_fresh_one() {
    let mut stage = auctioning();
    stage.world.set_time(GENESIS_TS + 20);
    let mut early = stage.clone();
    early.try_sell(IO, 0).expect("20 seconds are not too old");
    stage.world.set_time(GENESIS_TS + 21);
    stage.refuses(E::PriceStale, |stage| stage.try_sell(IO, 0));
    // No exit needs one: fees come in, rounds end and begin.
    stage.collect(USD);
    stage.world.set_time(GENESIS_TS + 3_600);
    stage.open();
    assert_eq!(stage.auction().lot_units, 1_001 * USD);
    stage.refuses(E::PriceStale, |stage| stage.try_sell(IO, 0));
    stage.sell(100 * IO, 23_750_000);
    assert_eq!(stage.purse().1, 23_750_000);
    stage.check();
}

#[test]
fn donations_change_no_lot_no_sale_and_no_burn() {
    let mut stage = auctioning();
    let (usdc, io) = (stage.usdc, stage.world.io);
    let vault = pda::treasury::vault(&usdc);
    stage.donate(&vault, 5_000 * USD);
    stage.world.donate(&pda::treasury::vault(&io), IO);
    stage.refuses(E::NothingToBurn, Stage::burn);
    stage.sell(100_000 * IO, 1_000 * USD);
    assert_eq!(stage.purse().1, 1_000 * USD);
    assert_eq!(stage.world.balance(&vault), 5_000 * USD);
    assert_eq!(stage.fees(&usdc).booked_units, 0);
    stage.check();
    stage.world.set_time(GENESIS_TS + 3_600);
    stage.refuses(E::LotTooSmall, Stage::try_open);
}

/// A token account that cannot be paid hurts its owner alone.
#[test]
fn a_frozen_or_closed_account_hurts_nobody_else() {
    let mut stage = auctioning();
    stage.world.post_price(QUARTER);
    let frozen = ata(&stage.seller.pubkey_of(), &stage.usdc);
    let good = stage.world.account(&frozen);
    let mut account = good.clone();
    account.data[STATE_AT] = FROZEN;
    stage.world.set_account(&frozen, account);
    let refusal = Code::anchor(TOKEN_PROGRAM, ACCOUNT_FROZEN);
    stage.refuses(refusal, |stage| stage.try_sell(IO, 0));
    stage.world.set_account(&frozen, Account::default());
    let refusal = Code::plain(treasury::ID, InstructionError::AccountDataTooSmall);
    stage.refuses(refusal, |stage| stage.try_sell(IO, 0));
    // Others sell meanwhile, and the seller may be paid elsewhere.
    let other = stage.world.wallet();
    let (usdc, wallet) = (stage.usdc, other.pubkey_of());
    stage.world.give_io(&wallet, IO);
    let token = stage.world.token_account(&wallet, &usdc);
    let sell = stage.world.sell_ix(&wallet, &usdc, IO, 237_500);
    stage.world.must(sell.instruction(), &[&other]);
    let seller = stage.seller.pubkey_of();
    let mut sell = stage.world.sell_ix(&seller, &usdc, IO, 237_500);
    sell.seller_token = token;
    stage.world.must(sell.instruction(), &[&stage.seller]);
    assert_eq!(stage.world.balance(&token), 475_000);
    stage.world.set_account(&frozen, good);
    stage.sell(IO, 237_500);
    stage.check();
}
