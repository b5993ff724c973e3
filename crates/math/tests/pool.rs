//! What claims on the line of credit share: random histories of making, earning and claiming, with prices that lie.

use iog_math::{credit::Pool, oracle::PricePoint, MathError};
use proptest::prelude::*;

/// Without uncertainty, in 10^-8 USD.
fn sure(price: u64) -> PricePoint {
    PricePoint {
        price,
        conf: 0,
        ema_price: price,
        ema_conf: 0,
        exponent: -8,
    }
}

const IO: u64 = 100_000_000;
const USD: u64 = 1_000_000;

/// audit: money M7. 1,000,000 IOSD made at 2.50 USD burned 400,000 IO; at 1.25 USD they are not worth 800,000.
#[test]
fn a_fall_of_the_price_is_shared_and_not_owed() {
    let pool = Pool {
        burned_units: 400_000 * IO,
        claimed_units: 0,
        made_usd6: 1_000_000 * USD,
        earned_usd6: 0,
    };
    let half = sure(125_000_000);
    assert_eq!(pool.cover_bps(&half), Ok(5_000));
    assert_eq!(pool.claim(100_000 * USD, &half), Ok(40_000 * IO));
    // Where the price stands as it did, a dollar is a dollar; where it rose, the claim is at the price and the rest stays for others.
    let same = sure(250_000_000);
    assert_eq!(pool.cover_bps(&same), Ok(10_000));
    assert_eq!(pool.claim(100_000 * USD, &same), Ok(40_000 * IO));
    let twice = sure(500_000_000);
    assert_eq!(pool.cover_bps(&twice), Ok(10_000));
    assert_eq!(pool.claim(100_000 * USD, &twice), Ok(20_000 * IO));
}

/// audit: money M7. A price of 10 * 10^-12 USD makes a claim whose number does not fit: the pool bounds it, and blocks nobody.
#[test]
fn a_lie_takes_no_more_than_its_share() {
    let pool = Pool {
        burned_units: 400_000 * IO,
        claimed_units: 0,
        made_usd6: 1_000_000 * USD,
        earned_usd6: 0,
    };
    let lie = PricePoint {
        exponent: -12,
        ..sure(10)
    };
    assert_eq!(lie.io_for_credit(1_844_675), Err(MathError::Overflow));
    // 1.844675 USD of a million: 0.4 IO each.
    assert_eq!(pool.claim(1_844_675, &lie), Ok(73_787_000));
    assert_eq!(pool.cover_bps(&lie), Ok(0));
}

/// redteam M7b: who serves for what newcomers made bears the fall with the others, and is told so by the cover.
#[test]
fn newcomers_share_the_fall() {
    // A million at 2.50 and a million at 1.25: 0.6 IO for a dollar, which is 0.75 USD.
    let pool = Pool {
        burned_units: 1_200_000 * IO,
        claimed_units: 0,
        made_usd6: 2_000_000 * USD,
        earned_usd6: 0,
    };
    let now = sure(125_000_000);
    assert_eq!(pool.cover_bps(&now), Ok(7_500));
    assert_eq!(pool.claim(USD, &now), Ok(60_000_000));
}

/// What is earned as fees claims nothing: its IO is the others'.
#[test]
fn fees_leave_their_io_to_the_others() {
    let pool = Pool {
        burned_units: 100 * IO,
        claimed_units: 0,
        made_usd6: 100 * USD,
        earned_usd6: 20 * USD,
    };
    let low = sure(1);
    assert_eq!(pool.claim(80 * USD, &low), Ok(100 * IO));
    assert_eq!(pool.claim(80 * USD + 1, &low), Err(MathError::OutOfRange));
    assert_eq!(pool.claim(0, &low), Ok(0));
}

#[test]
fn books_that_do_not_add_up_are_refused() {
    let fine = Pool {
        burned_units: 5,
        claimed_units: 5,
        made_usd6: 7,
        earned_usd6: 7,
    };
    // Nothing is left to claim: who makes IOSD now brings its IO along.
    assert_eq!(fine.cover_bps(&sure(1)), Ok(10_000));
    assert_eq!(fine.claim(0, &sure(1)), Ok(0));
    for bad in [
        Pool {
            claimed_units: 6,
            ..fine
        },
        Pool {
            earned_usd6: 8,
            ..fine
        },
    ] {
        assert_eq!(bad.claim(0, &sure(1)), Err(MathError::Overflow));
        assert_eq!(bad.cover_bps(&sure(1)), Err(MathError::Overflow));
    }
    assert_eq!(fine.claim(0, &sure(0)), Err(MathError::OutOfRange));
}

/// One act of a history. Prices are whatever somebody says they are.
#[derive(Clone, Debug)]
enum Act {
    /// IO burned for IOSD at the price less its uncertainty.
    Make { io: u64 },
    /// The treasury pays in.
    PayIn { io: u64 },
    /// A share (of 2^16) of the IOSD that is out is earned as a fee.
    Fee { share: u16 },
    /// A share of it is earned by a supplier and claimed.
    Claim { share: u16 },
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        (1..=1_000_000 * IO).prop_map(|io| Act::Make { io }),
        (1..=1_000 * IO).prop_map(|io| Act::PayIn { io }),
        (0..=3_000_u16).prop_map(|share| Act::Fee { share }),
        any::<u16>().prop_map(|share| Act::Claim { share }),
    ]
}

/// From 10^-8 USD to 10,000 USD for an IO, with up to 2 % of uncertainty, and an average up to a fifth away.
fn price() -> impl Strategy<Value = PricePoint> {
    let magnitude = prop::sample::select(vec![1_u64, 100, 10_000, 1_000_000, 25_000_000, 1 << 40]);
    (magnitude, 100..=1_000_u64, 0..=20_u64, 80..=120_u64).prop_map(
        |(magnitude, digits, conf, average)| {
            let price = magnitude * digits;
            PricePoint {
                price,
                conf: price / 1_000 * conf,
                ema_price: price / 100 * average,
                ema_conf: 0,
                exponent: -8,
            }
        },
    )
}

/// `a / b < c / d`, of unit fractions that may be of anything.
fn below(a: (u64, u64), c: (u64, u64)) -> bool {
    u128::from(a.0) * u128::from(c.1) < u128::from(c.0) * u128::from(a.1)
}

struct History {
    pool: Pool,
    /// The worst IO for a dollar that was ever made.
    worst: Option<(u64, u64)>,
}

impl History {
    fn out(&self) -> u64 {
        self.pool.made_usd6 - self.pool.earned_usd6
    }

    fn left(&self) -> (u64, u64) {
        (self.pool.burned_units - self.pool.claimed_units, self.out())
    }

    fn part(&self, share: u16) -> u64 {
        u64::try_from((u128::from(self.out()) * u128::from(share)) >> 16).unwrap()
    }

    fn make(&mut self, io: u64, price: &PricePoint) {
        let burn = price.low().and_then(|low| price.burn_for_iosd(io, low));
        let Ok(burn) = burn else { return };
        let most = 1 << 60;
        if burn.iosd == 0 || burn.iosd > most || self.pool.made_usd6 > most {
            return;
        }
        self.pool.burned_units += burn.io;
        self.pool.made_usd6 += burn.iosd;
        let made = (burn.io, burn.iosd);
        if self.worst.is_none_or(|worst| below(made, worst)) {
            self.worst = Some(made);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    /// audit: money M7, redteam M7. Solvent whatever prices say; the rate never falls below the worst at which IOSD was made, and a claim
    /// never lowers it for those who come later.
    #[test]
    fn the_line_is_solvent_at_any_price(history in prop::collection::vec((act(), price()), 1..60)) {
        let mut state = History {
            pool: Pool { burned_units: 0, claimed_units: 0, made_usd6: 0, earned_usd6: 0 },
            worst: None,
        };
        for (act, price) in history {
            match act {
                Act::Make { io } => state.make(io, &price),
                Act::PayIn { io } => state.pool.burned_units += io,
                Act::Fee { share } => state.pool.earned_usd6 += state.part(share),
                Act::Claim { share } => {
                    let usd6 = state.part(share);
                    let (units, out) = state.left();
                    let io = state.pool.claim(usd6, &price).unwrap();
                    let at_price = price.io_for_credit(usd6).unwrap_or(u64::MAX);
                    prop_assert!(io <= at_price);
                    // All that the price gives, or all that the pool holds for it, to the unit.
                    let held = u128::from(units) * u128::from(usd6) / u128::from(out.max(1));
                    prop_assert_eq!(u128::from(io), held.min(u128::from(at_price)));
                    state.pool.claimed_units += io;
                    state.pool.earned_usd6 += usd6;
                    prop_assert!(state.out() == 0 || !below(state.left(), (units, out)));
                }
            }
            prop_assert!(state.pool.claimed_units <= state.pool.burned_units);
            if let Some(worst) = state.worst {
                prop_assert!(state.out() == 0 || !below(state.left(), worst), "{:?}", state.pool);
            }
            let cover = state.pool.cover_bps(&price).unwrap();
            prop_assert!(cover <= 10_000);
            // The cover is what a claim of all that is out would be of a claim at the price: never told too high.
            let (out, claim) = (state.out(), state.pool.claim(state.out(), &price).unwrap());
            let asked = price.io_for_credit(out).unwrap_or(u64::MAX);
            prop_assert!(u128::from(cover) * u128::from(asked) <= u128::from(claim) * 10_000 + 10_000);
        }
    }

    /// redteam M7: no loop pays. Whoever burns IO and claims for what it made, at one price and whatever the pool was before, gets back no
    /// more than it burned.
    #[test]
    fn no_loop_pays(
        burned in 0..=1_000_000 * IO,
        made in 0..=1_000_000 * USD,
        io in 1..=1_000_000 * IO,
        price in price(),
    ) {
        let mut state = History {
            pool: Pool { burned_units: burned, claimed_units: 0, made_usd6: made, earned_usd6: 0 },
            worst: None,
        };
        let before = state.pool;
        state.make(io, &price);
        let (spent, mine) = (
            state.pool.burned_units - before.burned_units,
            state.pool.made_usd6 - before.made_usd6,
        );
        prop_assert!(state.pool.claim(mine, &price).unwrap() <= spent);
    }
}
