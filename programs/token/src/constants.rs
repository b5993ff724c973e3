//! Seeds and fixed numbers of the token program. Account constraints spell the seeds out: Anchor then derives the addresses
//! when the program is compiled.

pub const CONFIG_SEED: &[u8] = b"config";
pub const IO_MINT_SEED: &[u8] = b"io_mint";
pub const IOSD_MINT_SEED: &[u8] = b"iosd_mint";
pub const IOSD_AUTHORITY_SEED: &[u8] = b"iosd_authority";
pub const MINT_AUTHORITY_SEED: &[u8] = b"mint_authority";
pub const VESTING_VAULT_SEED: &[u8] = b"vesting_vault";
pub const VESTING_AUTHORITY_SEED: &[u8] = b"vesting_authority";
pub const VESTING_SEED: &[u8] = b"vesting";
pub const MINTER_SEED: &[u8] = b"minter";
pub const NET_EMISSION_SEED: &[u8] = b"net_emission";
pub const PRICE_SOURCE_SEED: &[u8] = b"price_source";
pub const PRICE_FEED_SEED: &[u8] = b"price_feed";

use iog_math::units::IO;

pub const IO_DECIMALS: u8 = 8;
pub const IOSD_DECIMALS: u8 = 6;

/// How far genesis may lie from the initialisation: 30 days.
pub const MAX_GENESIS_DISTANCE_SECS: u64 = 2_592_000;
/// Every window of the breaker: 24 hours.
pub const WINDOW_SECS: i64 = 86_400;

/// What the emission program's cap and the breaker let pass at least in an hour: twice the schedule's first hour, which is
/// 4,566.21004566 IO (`emission::amount(1)`, 500 M IO * 8 % / 8,760) and its largest. What a pause or an outage left to be minted
/// is then worked off in at most the time that it took.
pub const MIN_EMISSION_PER_HOUR: u64 = 2 * 456_621_004_566;
/// The same for the breaker's window of 24 hours: 219,178.08219168 IO.
pub const MIN_EMISSION_PER_DAY: u64 = 24 * MIN_EMISSION_PER_HOUR;

/// What net emission may mint at least in an hour and in a day, whatever the parameters say: it is how suppliers of IOSD orders are paid, and
/// nobody may stop what is earned.
pub const MIN_NET_EMISSION_PER_HOUR: u64 = 1_000 * IO;
pub const MIN_NET_EMISSION_PER_DAY: u64 = 24 * MIN_NET_EMISSION_PER_HOUR;

/// What can be paused. Exits cannot: releasing vested IO, burning, refunds of IOSD, and net emission, which pays suppliers.
pub mod pause {
    pub const EMISSION: u8 = 1;
    pub const IOSD: u8 = 4;
    pub const ALL: u8 = EMISSION | IOSD;
}

/// What a minter may do.
pub mod right {
    /// Mint emission.
    pub const EMISSION: u8 = 1;
    /// Mint again what was burned for IOSD.
    pub const NET_EMISSION: u8 = 2;
    /// Burn IOSD that its owner spends, settle and refund it.
    pub const IOSD: u8 = 4;
    /// Settle and refund what was spent before: all that a removed minter keeps.
    pub const REFUND: u8 = 8;
    /// What can be registered.
    pub const ALL: u8 = EMISSION | NET_EMISSION | IOSD;
}
