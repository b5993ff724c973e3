use crate::{
    config::Role,
    plan::fixtures::*,
    snapshot::{AuctionView, Local, Snapshot},
};
use iog_client::treasury::{self, Auction, FeeVault, Parameter};
use iog_math::units::{HOUR, USD6};

const MINT: u8 = 7;

/// A lot of at least 100 dollars, caps of 5,000 an hour and 50,000 a day, 600 dollars of fees, and no round yet.
fn situation(change: impl FnOnce(&mut treasury::Config, &mut AuctionView)) -> Vec<String> {
    let parameter = |dollars: u64| Parameter {
        value: dollars * USD6,
        pending: 0,
        pending_ts: 0,
    };
    let mut config = treasury::Config {
        min_lot_units: parameter(100),
        cap_per_hour_units: parameter(5_000),
        cap_per_day_units: parameter(50_000),
        ..zeroed()
    };
    let mut view = AuctionView {
        auction: Auction {
            mint: key(MINT),
            length_secs: 3_000,
            ..zeroed()
        },
        fees: FeeVault {
            booked_units: 600 * USD6,
            ..zeroed()
        },
    };
    change(&mut config, &mut view);
    let snapshot = Snapshot {
        treasury: Some(config),
        auctions: [(key(MINT), view)].into(),
        ..snapshot()
    };
    keys(&snapshot, &Local::default(), &policy(Role::Crank))
}

fn opens(round: u64) -> Vec<String> {
    vec![format!("open_auction/{}/{round}", key(MINT))]
}

#[test]
fn begins_the_first_round_when_the_fees_make_a_lot() {
    assert_eq!(situation(|_, _| ()), opens(0));
    assert_eq!(
        situation(|_, view| view.fees.booked_units = 100 * USD6),
        opens(0)
    );
    assert!(situation(|_, view| view.fees.booked_units = 100 * USD6 - 1).is_empty());
}

#[test]
fn begins_another_an_hour_after_the_last() {
    let after = |secs: i64| {
        situation(|_, view| {
            view.auction.round = 3;
            view.auction.opened_ts = NOW - secs;
            // Unsold: it stays with the fees.
            view.auction.left_units = 50 * USD6;
        })
    };
    assert!(after(HOUR - 1).is_empty());
    assert_eq!(after(HOUR), opens(3));
}

#[test]
fn leaves_auctions_alone_that_are_paused() {
    assert!(situation(|config, _| config.paused = 1).is_empty());
    let without_treasury = Snapshot {
        treasury: None,
        ..snapshot()
    };
    let planned = keys(&without_treasury, &Local::default(), &policy(Role::Crank));
    assert!(planned.is_empty());
}

#[test]
fn waits_while_the_caps_leave_no_lot() {
    let (hour, day) = ((NOW / HOUR) as u64, (NOW / 86_400) as u64);
    let spent = |hour: u64, this_hour: u64, day: u64, today: u64| {
        situation(|_, view| {
            view.auction.round = 1;
            view.auction.opened_ts = NOW - HOUR;
            (view.auction.hour, view.auction.day) = (hour, day);
            view.auction.spent_this_hour_units = this_hour * USD6;
            view.auction.spent_today_units = today * USD6;
        })
    };
    assert_eq!(spent(hour, 4_900, day, 4_900), opens(1), "100 are left");
    assert!(spent(hour, 4_901, day, 4_901).is_empty(), "the hour's cap");
    assert_eq!(spent(hour - 1, 5_000, day, 5_000), opens(1), "a new hour");
    assert!(
        spent(hour - 1, 5_000, day, 49_901).is_empty(),
        "the day's cap"
    );
    assert_eq!(spent(hour - 1, 0, day - 1, 50_000), opens(1), "a new day");
}
