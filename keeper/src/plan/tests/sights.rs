//! What the programs are shown of the price, and what follows from it.

use super::crank;
use crate::{
    plan::fixtures::*,
    rules::{self, currency},
    snapshot::{CreditView, PriceAt, Snapshot},
};
use iog_client::{
    market::CreditLine,
    token::{NetEmission, Sight},
    treasury::FeeVault,
};
use iog_math::units::{HOUR, IO, USD6};

const THIS_HOUR: i64 = NOW / HOUR;

/// A price of `age` seconds; the programs were last shown one so many hours ago.
fn shown(age: Option<i64>, seen: i64, cover: i64) -> Snapshot {
    let mut snapshot = snapshot();
    let mut net_emission: NetEmission = zeroed();
    let hour = THIS_HOUR - seen;
    net_emission.sights[usize::try_from(hour % 25).unwrap()] = Sight {
        first_ts: hour * HOUR + 5,
        lowest_usd12: 250_000_000_000,
    };
    let line = CreditLine {
        cover_ts: (THIS_HOUR - cover) * HOUR,
        cover_bps: 10_000,
        ..zeroed()
    };
    snapshot.market.credit = Some(CreditView { line, net_emission });
    snapshot.market.price = Some(PriceAt {
        address: key(60),
        publish_ts: age.map(|age| NOW - age),
    });
    snapshot
}

/// audit: money M7
#[test]
fn shows_the_price_once_an_hour() {
    let observe = format!("observe_price/{THIS_HOUR}");
    let update = format!("update_cover/{THIS_HOUR}");
    assert!(crank(&shown(Some(0), 0, 0)).is_empty());
    assert_eq!(
        crank(&shown(Some(20), 1, 1)),
        [observe.clone(), update.clone()]
    );
    // Another hour at the same place of the ring.
    assert_eq!(
        crank(&shown(Some(20), 25, 0)),
        std::slice::from_ref(&observe)
    );
    assert_eq!(
        crank(&shown(Some(21), 1, 1)),
        [observe],
        "too old to be paid by"
    );
    assert_eq!(crank(&shown(Some(20), 0, 400_000)), [update]);
    assert!(crank(&shown(Some(61), 1, 1)).is_empty());
    assert!(crank(&shown(None, 1, 1)).is_empty(), "no price there");
}

/// audit: money M1
#[test]
fn has_burned_what_is_kept_while_nobody_waits() {
    let kept = |kept_units: u64, claimed_units: u64| {
        let mut snapshot = shown(Some(0), 0, 0);
        let line = &mut snapshot.market.credit.as_mut().unwrap().line;
        (line.claimed_units, line.funded_units) = (claimed_units, 50);
        snapshot.fees = Some(FeeVault {
            kept_units,
            ..zeroed()
        });
        crank(&snapshot)
    };
    assert_eq!(kept(IO, 50), [format!("release_kept/50/{IO}")]);
    assert!(kept(IO - 1, 50).is_empty(), "not worth it");
    let funded = kept(IO, 51);
    assert_eq!(funded, ["fund_from_treasury/50"], "somebody waits");
}

/// audit: money M7: the owner's floor is compared with what a dollar of IOSD is worth.
#[test]
fn a_floor_is_in_dollars_that_are_covered() {
    let pay = |floor_usd6: u64, currency: u8, cover: Option<(u16, i64)>| {
        let mut order = order(rules::state::ORDER_OPEN);
        order.currency = currency;
        let mut device = device(DEVICE);
        let place = device.occupancy.as_mut().unwrap();
        place.floor_usd6 = floor_usd6;
        let line = cover.map(|(cover_bps, age)| CreditLine {
            cover_bps,
            cover_ts: NOW - age,
            ..zeroed()
        });
        rules::pay_usd6(&order, 0, USD6, USD6, place, line.as_ref(), NOW).is_some()
    };
    // The fixture's order pays 0.76 USD; three quarters of that are 0.57.
    assert!(pay(570_000, currency::CREDIT, Some((7_500, 0))));
    assert!(!pay(570_001, currency::CREDIT, Some((7_500, 0))));
    assert!(pay(PRICE, currency::CREDIT, Some((10_000, 21_600))));
    assert!(
        !pay(1, currency::CREDIT, Some((10_000, 21_601))),
        "not known any more"
    );
    assert!(!pay(1, currency::CREDIT, None));
    assert!(
        pay(0, currency::CREDIT, None),
        "who asks for nothing need not know"
    );
    assert!(pay(PRICE, currency::USD, None) && pay(PRICE, currency::IO, None));
}
