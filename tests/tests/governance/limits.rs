//! Every parameter of every program as one table: its bounds, its delay, and how to set and read it.

pub use super::case::{cases, Case};
use iog_client::{emission, events, market, pda, registry, staking, token, treasury};
use iog_tests::World;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

/// What a config holds of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    pub value: u64,
    pub pending: u64,
    pub pending_ts: i64,
}

/// What a program said about a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    Scheduled {
        number: u8,
        value: u64,
        pending: u64,
        effective_ts: i64,
    },
    Changed {
        number: u8,
        before: u64,
        after: u64,
    },
    Dropped {
        number: u8,
        by: Pubkey,
        dropped: u64,
    },
}

/// Which changes wait, and for how long: a day, or a week where a change shifts earnings from some to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Rises wait a day.
    Rises,
    /// Rises and falls do.
    Both,
    /// Rises and falls wait a week.
    Week,
}

impl Wait {
    pub fn secs(self) -> i64 {
        match self {
            Self::Rises | Self::Both => 86_400,
            Self::Week => 604_800,
        }
    }
}

pub struct Limit {
    pub program: &'static str,
    pub name: &'static str,
    /// Place in the program's list of parameters, as events give it.
    pub number: u8,
    pub min: u64,
    pub max: u64,
    pub wait: Wait,
    pub set: fn(authority: Pubkey, value: u64) -> Instruction,
    pub apply: fn() -> Instruction,
    pub drop: fn(signer: Pubkey) -> Instruction,
    pub read: fn(&World) -> State,
    pub write: fn(&mut World, State),
    pub said: fn(&events::Event) -> Option<Said>,
}

macro_rules! limits {
    ($module:ident, $variant:ident: $($number:literal $id:ident at $field:ident $([$index:literal].$inner:ident)?
        in $min:expr, $max:expr, $wait:ident;)*) => {
        vec![$(Limit {
            program: stringify!($module),
            name: stringify!($id),
            number: $number,
            min: $min,
            max: $max,
            wait: Wait::$wait,
            set: |authority, value| {
                let id = $module::ParameterId::$id;
                $module::instructions::SetParameter { authority, id, value }.instruction()
            },
            apply: || {
                let id = $module::ParameterId::$id;
                $module::instructions::ApplyParameter { id }.instruction()
            },
            drop: |signer| {
                let id = $module::ParameterId::$id;
                $module::instructions::DropParameter { signer, id }.instruction()
            },
            read: |world| {
                let config = world.read::<$module::accounts::Config>(&pda::$module::config());
                let parameter = config.$field$([$index].$inner)?;
                State {
                    value: parameter.value,
                    pending: parameter.pending,
                    pending_ts: parameter.pending_ts,
                }
            },
            write: |world, state| {
                world.edit::<$module::accounts::Config>(&pda::$module::config(), |config| {
                    let parameter = &mut config.$field$([$index].$inner)?;
                    parameter.value = state.value;
                    parameter.pending = state.pending;
                    parameter.pending_ts = state.pending_ts;
                });
            },
            said: |event| match event {
                events::Event::$variant($module::Event::ParameterScheduled(event)) => {
                    Some(Said::Scheduled {
                        number: event.parameter,
                        value: event.value,
                        pending: event.pending,
                        effective_ts: event.effective_ts,
                    })
                }
                events::Event::$variant($module::Event::ParameterChanged(event)) => {
                    Some(Said::Changed {
                        number: event.parameter,
                        before: event.before,
                        after: event.after,
                    })
                }
                events::Event::$variant($module::Event::ParameterDropped(event)) => {
                    Some(Said::Dropped {
                        number: event.parameter,
                        by: event.by,
                        dropped: event.dropped,
                    })
                }
                _ => None,
            },
        }),*]
    };
}

/// The published bounds: hours to a day, a pass that frees from a day to a week, windows in the first half of their hour, fees to 5 %,
/// disputes to a day, a slash case to half of a stake, a day's emission from twice the schedule's first 24 hours to an eighth of the genesis
/// supply, a day's refunds from 100,000 IOSD, a quorum of measurers from three to all nine. audit: money M2: what pays suppliers of IOSD has
/// floors, 24,000 IO a day and 1,000 an hour.
pub fn limits() -> Vec<Limit> {
    const IO: u64 = 100_000_000;
    const USD: u64 = 1_000_000;
    // 219,178.08219168 IO
    const DAYS_EMISSION: u64 = 21_917_808_219_168;
    let mut limits = limits!(emission, Emission:
        0 MinAgeSecs at min_age_secs in 0, 2_592_000, Rises;
        1 MinUptimeHours at min_uptime_hours in 0, 24, Rises;
        2 ExemptHours at exempt_hours in 24, 168, Week;
        3 MaxPerScoreUnits at max_per_score_units in 100, 1_000_000, Week;
    );
    limits.extend(limits!(market, Market:
        0 ReservationFeeBps at reservation_fee_bps in 0, 500, Rises;
        1 SupplierFeeBps at supplier_fee_bps in 0, 500, Rises;
        2 NetworkFeeBps at network_fee_bps in 0, 500, Rises;
        3 UsdExtraFeeBps at usd_extra_fee_bps in 0, 500, Rises;
        4 DisputeSecs at dispute_secs in 0, 86_400, Both;
        5 PointsPerUsd at points_per_usd in 0, 1_000, Both;
    ));
    limits.extend(limits!(registry, Registry:
        0 WindowSpreadSecs at window_spread_secs in 0, 600, Both;
        1 Quorum at quorum in 3, 9, Both;
    ));
    limits.extend(limits!(staking, Staking:
        0 CaseCapBps at case_cap_bps in 0, 5_000, Rises;
        1 MonthCapBps at month_cap_bps in 0, 10_000, Rises;
    ));
    limits.extend(limits!(token, Token:
        0 EmissionLimit at windows[0].limit_units in DAYS_EMISSION, 62_500_000 * IO, Rises;
        1 EmissionShareBps at windows[0].share_bps in 5, 1_000, Rises;
        2 EmissionFloor at windows[0].floor_units in DAYS_EMISSION, 62_500_000 * IO, Rises;
        3 NetEmissionLimit at windows[1].limit_units in 24_000 * IO, 5_000_000 * IO, Rises;
        4 NetEmissionShareBps at windows[1].share_bps in 0, 100, Rises;
        5 NetEmissionFloor at windows[1].floor_units in 24_000 * IO, 5_000_000 * IO, Rises;
        6 IosdLimit at windows[2].limit_units in 0, 10_000_000 * USD, Rises;
        7 IosdShareBps at windows[2].share_bps in 0, 10_000, Rises;
        8 IosdFloor at windows[2].floor_units in 0, 1_000_000 * USD, Rises;
        9 RefundLimit at windows[3].limit_units in 100_000 * USD, 100_000_000 * USD, Rises;
        10 RefundShareBps at windows[3].share_bps in 1_000, 10_000, Rises;
        11 RefundFloor at windows[3].floor_units in 10_000 * USD, 10_000_000 * USD, Rises;
        12 NetEmissionCapPerHour at net_emission_cap_per_hour in 1_000 * IO, 1_000_000 * IO, Rises;
    ));
    limits.extend(limits!(treasury, Treasury:
        0 KeptShareBps at kept_share_bps in 0, 10_000, Rises;
        1 MinLot at min_lot_units in 1, 100_000 * USD, Both;
        2 CapPerHour at cap_per_hour_units in 0, 100_000 * USD, Rises;
        3 CapPerDay at cap_per_day_units in 0, 1_000_000 * USD, Rises;
        4 DiscountBps at discount_bps in 0, 5_000, Both;
        5 PremiumBps at premium_bps in 0, 1_000, Rises;
        6 AuctionSecs at auction_secs in 600, 3_600, Both;
    ));
    limits
}
