//! The bounds of the first limits, both ends of each. What governance sets later has the same ones, which are tested with it.

use iog_client::token::{LimitArgs, TokenError};
use iog_tests::World;

use crate::setup::{initialize, initialize_existing, refused, IO, IOSD, LEAST_CAP};

/// Least and most of each limit, and where it is.
type Bound = (fn(&mut LimitArgs) -> &mut u64, u64, u64);

fn bounds() -> [Bound; 13] {
    [
        // Twice what the schedule gives its first 24 hours, so that a backlog is worked off. redteam 11c
        (
            |args| &mut args.emission.limit,
            24 * LEAST_CAP,
            62_500_000 * IO,
        ),
        (|args| &mut args.emission.share_bps, 5, 1_000),
        (
            |args| &mut args.emission.floor,
            24 * LEAST_CAP,
            62_500_000 * IO,
        ),
        // What pays suppliers of IOSD orders is not closed either: 24,000 IO a day, 1,000 an hour. audit: money M2
        (
            |args| &mut args.net_emission.limit,
            24_000 * IO,
            5_000_000 * IO,
        ),
        (|args| &mut args.net_emission.share_bps, 0, 100),
        (
            |args| &mut args.net_emission.floor,
            24_000 * IO,
            5_000_000 * IO,
        ),
        (|args| &mut args.iosd.limit, 0, 10_000_000 * IOSD),
        (|args| &mut args.iosd.share_bps, 0, 10_000),
        (|args| &mut args.iosd.floor, 0, 1_000_000 * IOSD),
        // Refunds are exits: neither closes their window.
        (
            |args| &mut args.refund.limit,
            100_000 * IOSD,
            100_000_000 * IOSD,
        ),
        (|args| &mut args.refund.share_bps, 1_000, 10_000),
        (
            |args| &mut args.refund.floor,
            10_000 * IOSD,
            10_000_000 * IOSD,
        ),
        (
            |args| &mut args.net_emission_cap_per_hour,
            1_000 * IO,
            1_000_000 * IO,
        ),
    ]
}

#[test]
fn no_limit_starts_out_of_its_bounds() {
    let mut world = World::new();
    let authority = world.authority.insecure_clone();
    for (limit, min, max) in bounds() {
        for beyond in [min.checked_sub(1), max.checked_add(1), Some(u64::MAX)] {
            let Some(beyond) = beyond else { continue };
            let mut start = initialize(&world);
            *limit(&mut start.limits) = beyond;
            let out = TokenError::OutOfBounds;
            refused(&mut world, out, start.instruction(), &[&authority]);
        }
    }
    let mut closed = initialize_existing(&world);
    closed.io_mint = world.mint(&authority, 8);
    for limit in [0, 99_999 * IOSD] {
        closed.limits.refund.limit = limit;
        let out = TokenError::OutOfBounds;
        refused(&mut world, out, closed.instruction(), &[&authority]);
    }
}

#[test]
fn every_limit_starts_at_either_bound() {
    let world = World::new();
    let mut lowest = initialize(&world);
    let mut highest = initialize(&world);
    for (limit, min, max) in bounds() {
        *limit(&mut lowest.limits) = min;
        *limit(&mut highest.limits) = max;
    }
    for start in [lowest, highest] {
        let mut world = world.clone();
        world.govern(start.instruction());
        let config = world.token_config();
        let limits = &start.limits;
        let windows = [
            limits.emission,
            limits.net_emission,
            limits.iosd,
            limits.refund,
        ];
        for (window, args) in config.windows.iter().zip(windows) {
            let got = (
                window.limit_units.value,
                window.share_bps.value,
                window.floor_units.value,
            );
            assert_eq!(got, (args.limit, args.share_bps, args.floor));
        }
        let cap = config.net_emission_cap_per_hour.value;
        assert_eq!(cap, limits.net_emission_cap_per_hour);
    }
}
