//! What the networks of the tests are initialised with.

use iog_client::token::{LimitArgs, PriceSourceArgs, WindowArgs};
use iog_client::{emission, market, treasury};
use iog_localnet::pyth::{IO_USD_FEED_ID, RECEIVER_PROGRAM_ID};
use solana_pubkey::Pubkey;

/// Rights of a minter, as bits.
pub const RIGHT_EMISSION: u8 = 1;
pub const RIGHT_NET_EMISSION: u8 = 2;
pub const RIGHT_IOSD: u8 = 4;
/// What a removed minter keeps while IOSD is outstanding; no minter is registered with it.
pub const RIGHT_REFUND: u8 = 8;

/// The breaker's limits and the cap of net emission: wide enough for every test that is not about them.
pub fn limit_args() -> LimitArgs {
    let window = |limit, share_bps, floor| WindowArgs {
        limit,
        share_bps,
        floor,
    };
    LimitArgs {
        // 50,000,000 IO and a tenth of the supply, never less than twice the schedule: 219,178.08219168 IO
        emission: window(5_000_000_000_000_000, 1_000, 21_917_808_219_168),
        // 1,000,000 IO and 0.2 percent of the supply, never less than 24,000 IO
        net_emission: window(100_000_000_000_000, 20, 2_400_000_000_000),
        // 1,000,000 IOSD and 20 percent of the supply or 50 of what is outstanding, never less than 100,000 IOSD
        iosd: window(1_000_000_000_000, 2_000, 100_000_000_000),
        refund: window(1_000_000_000_000, 5_000, 100_000_000_000),
        // 100,000 IO
        net_emission_cap_per_hour: 10_000_000_000_000,
    }
}

/// The treasury's parameters, as in the plan of the local network.
pub fn treasury_args() -> treasury::ConfigArgs {
    treasury::ConfigArgs {
        kept_share_bps: 0,
        min_lot: 100_000_000,
        cap_per_hour: 5_000_000_000,
        cap_per_day: 50_000_000_000,
        discount_bps: 500,
        premium_bps: 200,
        auction_secs: 3_000,
    }
}

/// Pyth's receiver and its feed of IO/USD, in any account.
pub fn source_args() -> PriceSourceArgs {
    PriceSourceArgs {
        receiver: RECEIVER_PROGRAM_ID,
        feed: IO_USD_FEED_ID,
        account: Pubkey::default(),
    }
}

/// The emission's parameters: no uptime is asked for, and nobody reaches the most that a point of score gets.
pub fn emission_args() -> emission::ConfigArgs {
    emission::ConfigArgs {
        min_age_secs: super::MIN_AGE_SECS.unsigned_abs(),
        min_uptime_hours: 0,
        exempt_hours: 72,
        max_per_score_units: 1_000_000,
    }
}

/// The market's parameters, as the plan of the local network has them, but that what is settled is earned at once.
pub fn market_args(resolver: &Pubkey) -> market::ConfigArgs {
    market::ConfigArgs {
        resolver: *resolver,
        genesis_hash: super::GENESIS_HASH,
        reservation_fee_bps: 25,
        supplier_fee_bps: 25,
        network_fee_bps: 0,
        usd_extra_fee_bps: 200,
        dispute_secs: 0,
        points_per_usd: 10,
    }
}
