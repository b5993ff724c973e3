//! The attacks on a quorum's price that were found on paper, P1 to P8. P4 is in `average`, P5 in `carried`, every minority in `minority`.

use iog_client::events::Event;
use iog_client::token::{self, TokenError as E};
use iog_tests::world::{expect_code, PubkeyOf};
use iog_tests::Meta;
use solana_pubkey::Pubkey;

use super::stage::{stage, thousandths, Stage, QUARTER, QUARTER_LOW};
use crate::setup::{holder, IO};

const NOBODY: Pubkey = Pubkey::new_from_array([0; 32]);

/// The median that a report told.
fn told(meta: &Meta) -> u64 {
    let told = meta.events.iter().find_map(|event| match event {
        Event::Token(token::Event::PriceReported(told)) => Some(told.median),
        _ => None,
    });
    told.expect("reports were taken")
}

/// redteam P1: one of nine posts ten times the price, or nearly nothing; the confidence is of the middle half.
#[test]
fn one_reporter_stops_nothing_and_moves_nothing() {
    let base = stage(9, 5);
    for lie in [10 * QUARTER, 1, 1_000_000_000_000_000] {
        let mut stage = base.clone();
        stage.world.advance(30);
        let mut prices = [QUARTER; 9];
        prices[3] = lie;
        stage.all_say(&prices);
        assert_eq!(stage.low(), QUARTER_LOW, "with {lie}");
        assert_eq!(stage.average(), QUARTER, "with {lie}");
    }
}

/// redteam P1: what the middle half disagrees on is the confidence: of nine the middle three, of five the middle one.
#[test]
fn the_confidence_is_the_spread_of_the_middle_half() {
    let mut stage = stage(9, 5);
    stage.world.advance(30);
    let around = [500, 600, 700, 990, 1_000, 1_004, 1_500, 1_600, 1_700];
    stage.all_say(&around.map(thousandths));
    // 1 % of the price is as far as the middle three go, twice that is taken off.
    assert_eq!(stage.low(), thousandths(980));
    stage.world.advance(30);
    let mut wide = around;
    wide[3] = 979;
    stage.all_say(&wide.map(thousandths));
    stage.burn_refused(E::PriceUncertain);
    // With only five fresh the ends that are dropped are four of them.
    stage.world.advance(30);
    stage.all_say(
        &around.map(thousandths)[2..7]
            .iter()
            .map(|_| QUARTER)
            .collect::<Vec<_>>(),
    );
    assert_eq!(stage.low(), QUARTER_LOW);
}

/// redteam P2: two colluders wait until few others are fresh. Fewer than five of nine make no price, and five make an honest one.
#[test]
fn two_who_wait_for_the_others_to_sleep_gain_nothing() {
    let mut stage = stage(9, 5);
    stage.world.advance(300);
    let lie = thousandths(1_190);
    let [first, second] = [0, 1].map(|index| stage.says(index, lie));
    let honest: Vec<_> = (2..5).map(|index| stage.says(index, QUARTER)).collect();
    stage.carry(&[first, second, honest[0].clone(), honest[1].clone()]);
    stage.burn_refused(E::PriceStale);
    stage.carry(&honest[2..]);
    assert_eq!(stage.low(), QUARTER_LOW);
    // Nor do they if two of the honest sleep for good, but for one second longer.
    stage.world.advance(20);
    assert_eq!(stage.low(), QUARTER_LOW);
    stage.world.advance(1);
    stage.burn_refused(E::PriceStale);
}

/// redteam P3: four fresh reports do not make an old fifth one fresh.
#[test]
fn a_price_is_as_old_as_the_fifth_newest() {
    let mut stage = stage(9, 5);
    stage.world.advance(300);
    let old = stage.now();
    stage.carry(&[stage.says(8, QUARTER)]);
    stage.world.advance(21);
    for index in 0..4 {
        stage.carry(&[stage.says(index, QUARTER)]);
    }
    assert_eq!(stage.world.price_feed().feed.feed_ts, old);
    stage.burn_refused(E::PriceStale);
    // An act that asks for a minute takes it, for 39 seconds more.
    assert_eq!(stage.average(), QUARTER);
    stage.world.advance(39);
    assert_eq!(stage.average(), QUARTER);
    stage.world.advance(1);
    expect_code(stage.order(), E::PriceStale);
}

/// redteam P3: the median is of the reports that are as fresh as the act asks.
#[test]
fn each_act_takes_the_median_of_its_own_age() {
    let mut stage = stage(9, 5);
    stage.world.advance(300);
    let old: Vec<_> = (5..9)
        .map(|index| stage.says(index, thousandths(1_010)))
        .collect();
    stage.carry(&old);
    stage.world.advance(40);
    let fresh = [980, 985, 990, 995, 1_000].map(thousandths);
    let reports: Vec<_> = (0..5)
        .map(|index| stage.says(index, fresh[index]))
        .collect();
    // Of a minute all nine, of whom the fifth says 1,000.
    assert_eq!(
        told(&stage.world.carry(&reports).unwrap()),
        thousandths(1_000)
    );
    // Of 20 seconds the five, of whom the third says 990.
    assert_eq!(stage.low(), thousandths(990) - 2 * thousandths(990) / 1_000);
}

/// redteam P3: the feed's time never falls, not even with the reporters that made it. What was used is never newer than what comes.
#[test]
fn the_feeds_time_never_falls() {
    let mut stage = stage(9, 5);
    stage.world.advance(300);
    stage.all_say(&[QUARTER; 5]);
    stage.world.advance(15);
    for index in 5..9 {
        stage.carry(&[stage.says(index, QUARTER)]);
    }
    stage.carry(&[stage.says(0, QUARTER)]);
    let newest = stage.now();
    assert_eq!(stage.world.price_feed().feed.feed_ts, newest);
    assert_eq!(stage.low(), QUARTER_LOW);
    for index in [5, 6, 7, 8] {
        let remove = stage.world.set_reporter_ix(index, &NOBODY).instruction();
        stage.world.govern(remove);
    }
    // The five that are left reported 15 seconds ago, one of them now.
    assert_eq!(stage.low(), QUARTER_LOW);
    stage.world.advance(1);
    stage.carry(&[stage.says(1, QUARTER)]);
    assert_eq!(stage.world.price_feed().feed.feed_ts, newest);
    assert_eq!(stage.low(), QUARTER_LOW);
}

/// redteam P6: who reports last picks a price between its neighbours', and none beyond.
#[test]
fn the_last_to_report_picks_between_its_neighbours() {
    let base = stage(5, 3);
    let others = [990, 998, 1_001, 1_010].map(thousandths);
    for (pick, median) in [
        (1, 998),
        (900, 998),
        (998, 998),
        (1_000, 1_000),
        (1_001, 1_001),
        (1_100, 1_001),
        (4_000, 1_001),
    ] {
        let mut stage = base.clone();
        stage.world.advance(30);
        stage.all_say(&others);
        let last = stage.says(4, thousandths(pick));
        let meta = stage.world.carry(&[last]).unwrap();
        assert_eq!(told(&meta), thousandths(median), "for {pick}");
    }
}

/// redteam P7: who uses each new price for a unit makes nobody else's older.
#[test]
fn using_the_newest_price_stops_nobody() {
    let mut stage = stage(5, 3);
    let jammer = holder(&mut stage.world, 1_000 * IO);
    for _ in 0..5 {
        stage.world.advance(7);
        stage.all_say(&[QUARTER; 5]);
        stage.world.make_seen();
        let tiny = stage
            .world
            .burn_for_iosd_ix(&jammer.pubkey_of(), 100_000, 0);
        stage.world.must(tiny.instruction(), &[&jammer]);
        assert_eq!(stage.low(), QUARTER_LOW);
        // Nor while the price ages.
        stage.world.advance(20);
        assert_eq!(stage.low(), QUARTER_LOW);
    }
}

/// redteam P8: five that collude call the other four far off: nobody is removed for what the majority says, and the honest are heard again.
#[test]
fn nobody_is_removed_for_being_far_from_the_median() {
    let mut stage = stage(9, 5);
    let keys = |stage: &Stage| stage.world.price_feed().feed.reporters.map(|r| r.role.key);
    let named = keys(&stage);
    for _ in 0..10 {
        stage.world.advance(30);
        let mut prices = [thousandths(1_100); 9];
        prices[5..].fill(QUARTER);
        stage.all_say(&prices);
    }
    assert_eq!(keys(&stage), named);
    let feed = stage.world.price_feed().feed;
    assert_eq!(feed.held_price, thousandths(1_100));
    assert!(feed.reporters[5..]
        .iter()
        .all(|r| r.price == QUARTER && r.ts == stage.now()));
    // One of them comes back to its senses.
    stage.world.advance(30);
    let mut prices = [thousandths(1_100); 9];
    prices[4..].fill(QUARTER);
    stage.all_say(&prices);
    assert_eq!(stage.world.price_feed().feed.held_price, QUARTER);
}
