//! Seeds and fixed numbers of the emission program.

pub const CONFIG_SEED: &[u8] = b"config";
pub const VAULT_SEED: &[u8] = b"vault";
pub const VAULT_AUTHORITY_SEED: &[u8] = b"vault_authority";
/// The PDA that the token program knows as a minter.
pub const MINTER_AUTHORITY_SEED: &[u8] = b"minter_authority";
pub const PAGE_SEED: &[u8] = b"page";
pub const REWARDS_SEED: &[u8] = b"rewards";

/// Hours of one ledger page: what fits the 10,240 bytes that one instruction may create.
pub const PAGE_HOURS: u32 = 128;
/// Hours that a device may leave unsettled; older ones must be closed before it checks in again.
pub const PENDING: usize = 8;
/// Hours that one `close_hour` works through.
pub const MAX_CLOSE_HOURS: u8 = 48;
/// A device with this many failed proofs in the window earns nothing.
pub const MAX_FAILURES: u32 = 4;
pub const FAILURE_WINDOW_HOURS: u32 = 12;
/// Heartbeats that a hired device shows in the last full hour of its lease, of 6: one may get lost.
pub const MIN_HIRED_BEATS: u32 = 5;
/// `min_age_secs` may be set up to this: 30 days.
pub const MAX_MIN_AGE_SECS: u64 = 30 * 24 * 3_600;

/// `min_uptime_hours` may be set up to this.
pub const MAX_MIN_UPTIME_HOURS: u64 = 24;
/// `exempt_hours`: a proof an hour carries as many keys as hours that it exempts, so a week at most; a booking of a day must not
/// cost the emission.
pub const MIN_EXEMPT_HOURS: u64 = 24;
pub const MAX_EXEMPT_HOURS: u64 = 168;
/// For how many hours each proof passed in a row frees, up to `exempt_hours`. Who passes an hour with the chance p and rents from himself
/// gets 3p / (1 + 2p) of all hours so, which is less than what he leaves out saves: 0.61 for 8 cards proved with 7.
pub const EXEMPT_HOURS_PER_PASS: u64 = 2;
/// `max_per_score_units`: from 0.2 IO an H100 (200,000 points) and hour, which 21,690 of them reach in the first hour, to 2,000 IO.
pub const MIN_PER_SCORE_UNITS: u64 = 100;
pub const MAX_PER_SCORE_UNITS: u64 = 1_000_000;

pub const IO_DECIMALS: u8 = iog_token::constants::IO_DECIMALS;

/// What can be paused: new check-ins. Closing hours, settling and claiming cannot; the token program pauses the mint alone.
pub mod pause {
    pub const CHECK_IN: u8 = 1;
    pub const ALL: u8 = CHECK_IN;
}
