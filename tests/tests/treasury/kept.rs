//! What the treasury keeps, and how it leaves again. audit: money M1

use super::stage::{said, stage, Stage, USD};
use iog_client::treasury::accounts::FeeVault;
use iog_client::treasury::events::KeptReleased;
use iog_client::treasury::{Event, TreasuryError as E};
use iog_tests::world::PubkeyOf;

/// Kept dollars had no way out: only IO is kept, whatever the share, and all dollars buy IO.
#[test]
fn no_dollar_is_kept() {
    let mut stage = stage();
    let usdc = stage.usdc;
    for share in [1, 2_000, 10_000] {
        stage.set(|config| config.kept_share_bps.value = share);
        stage.collect(1_000 * USD);
    }
    let fees = stage.fees(&usdc);
    assert_eq!((fees.kept_units, fees.booked_units), (0, 3_000 * USD));
    stage.open();
    assert_eq!(stage.auction().lot_units, 3_000 * USD);
    stage.check();
}

/// What is kept and not wanted goes to be burned, to the unit, and can be kept again.
#[test]
fn the_market_hands_back_what_is_kept() {
    let mut stage = stage();
    let io = stage.world.io;
    stage.refuses(E::NothingKept, Stage::release);
    stage.set(|config| config.kept_share_bps.value = 2_500);
    stage.collect_from(&io, 1_000);
    stage.pay(&io, 50).expect("an incentive");
    let meta = stage.release().expect("the market's own");
    let released = KeptReleased {
        mint: io,
        amount: 200,
        booked_before: 750,
        booked_after: 950,
        kept_before: 200,
        kept_after: 0,
    };
    assert_eq!(said(&meta), [Event::KeptReleased(released)]);
    stage.check();
    stage.refuses(E::NothingKept, Stage::release);
    stage.refuses(E::IncentivesExhausted, |stage| stage.pay(&io, 1));
    stage.burn().expect("the burn");
    let fees: FeeVault = stage.fees(&io);
    assert_eq!(
        (
            fees.booked_units,
            fees.burned_units,
            fees.kept_units,
            fees.paid_units
        ),
        (0, 950, 0, 50)
    );
    stage.collect_from(&io, 1_000);
    assert_eq!(stage.fees(&io).kept_units, 250);
    stage.check();
}

/// Suppliers may wait for it: nobody but the market, which knows whether they do, hands it back.
#[test]
fn nobody_else_hands_it_back() {
    let mut stage = stage();
    let io = stage.world.io;
    stage.set(|config| config.kept_share_bps.value = 2_500);
    stage.collect_from(&io, 1_000);
    for key in [stage.world.authority.insecure_clone(), stage.world.wallet()] {
        let mut release = stage.release_ix();
        release.accounts[0].pubkey = key.pubkey_of();
        stage.refuses(E::NotMarket, |stage| stage.world.send(&[release], &[&key]));
    }
}
