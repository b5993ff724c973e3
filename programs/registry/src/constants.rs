//! Seeds and fixed numbers of the registry.

pub const CONFIG_SEED: &[u8] = b"config";
pub const WINDOWS_SEED: &[u8] = b"windows";
pub const CLASS_SEED: &[u8] = b"class";
pub const OPERATOR_SEED: &[u8] = b"operator";
pub const DEVICE_SEED: &[u8] = b"device";
pub const ATTESTATION_SEED: &[u8] = b"attestation";
pub const MEASUREMENTS_SEED: &[u8] = b"measurements";

/// Hours of windows kept.
pub const RING: usize = 24;
/// GPUs that one device account of a class without proofs may stand for; the others' own `max_cards` says it.
pub const MAX_QUANTITY: u32 = 4_096;
/// Length of one proof-of-time-lock interval.
pub const BEAT_SECS: i64 = 600;
/// Intervals kept: 128 hours of six.
pub const BEATS: i64 = 768;
pub const BEATS_PER_HOUR: i64 = 6;
/// `window_spread_secs` may be set up to this: for the openings some 7,000 slots of the hour are left.
pub const MAX_WINDOW_SPREAD_SECS: u64 = 600;
/// Oldest speed test that a measurer may bring.
pub const MAX_SPEED_TEST_AGE_SECS: i64 = 3_600;
/// Measurers that can be named at a time.
pub const MEASURERS: usize = 9;
/// The least quorum of measurers: one of three can lie and moves nothing.
pub const MIN_QUORUM: usize = 3;
/// For how long a measurement counts: 30 days.
pub const MEASUREMENT_SECS: i64 = 2_592_000;
/// For how long a tier stands that no quorum gave anew: 180 days.
pub const TIER_SECS: i64 = 15_552_000;

/// What governance may make of a class, whoever signs. A multiplier or price of 0 is one that nobody has set yet; the smallest
/// other multiplier is the smallest of which a fifth is a whole number.
pub const MIN_MULTIPLIER_X100: u32 = 5;
pub const MAX_MULTIPLIER_X100: u32 = 10_000;
/// 0.001 and 1,000 USD per GPU-hour.
pub const MIN_BASE_PRICE_USD6: u64 = 1_000;
pub const MAX_BASE_PRICE_USD6: u64 = 1_000_000_000;
/// What a multiplier moves with a change, and a price once in [`RATE_PERIOD_SECS`]: at most a fifth of what it is.
pub const RATE_STEPS: u64 = 5;
pub const RATE_PERIOD_SECS: i64 = 86_400;
/// The least tiles of a class with [`SMALL_ROWS`] or more: over few tiles, whoever changes a root and draws anew finds waves that spare
/// missing panels (at 2^15 a table nine tenths whole passes 19 % instead of 18.5 %).
pub const MIN_TILES: u32 = 1 << 15;
/// Panels of a class for each tile of a wave, at least: what one wave draws is at most a quarter of them, so that nobody sorts a wave and
/// makes the panels in turn.
pub const PANELS_PER_TILE: u64 = 8;
/// 32 MiB: smaller tables are those of tests, and no hardware is told by them.
pub const SMALL_ROWS: u32 = 1 << 16;
/// For how many hours a pass may count: at least three, so that a window that nobody could land in shuts no class out.
pub const MIN_PROOF_VALID_HOURS: u32 = 3;
pub const MAX_PROOF_VALID_HOURS: u32 = 168;
/// An hour of slots of 400 ms: no deadline lies behind the hour that it belongs to.
pub const MAX_DEADLINE_SLOTS: u32 = 9_000;

/// Platforms that have a number: linux/amd64 and linux/arm64; 0 is none in particular.
pub const MAX_PLATFORM: u8 = 2;

/// All openings of a challenge proved.
pub const ALL_OPENINGS: u8 = 0xff;
const _: () = assert!(iog_pow::K_OPENINGS == 8);

/// What can be paused: new operators and devices. Proofs cannot: whoever had proved before the pause would share the hour's
/// emission alone.
pub mod pause {
    pub const REGISTRATION: u8 = 1;
    pub const ALL: u8 = REGISTRATION;
}
