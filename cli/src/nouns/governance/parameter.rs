//! The parameters by name: one table, checked by the compiler against the programs' enums.

use super::program::Program;
use crate::{
    output::{Cell, Record, Time},
    waiting::{Moment, DAY_SECS, WEEK_SECS},
};
use iog_client::{decode, emission, market, registry, staking, token, treasury};
use iog_math::units::{Io, Iosd, Usd6};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

/// What a parameter counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Io,
    Iosd,
    Usd,
    Bps,
    Secs,
    Hours,
    Points,
    /// Keys of a quorum.
    Keys,
    /// Base units of IO, for a point of score.
    Units,
}

/// A value, and the one that it becomes at a time, if any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    pub value: u64,
    pub pending: u64,
    pub pending_ts: i64,
}

pub struct Parameter {
    /// The variant of the program's `ParameterId`.
    id: &'static str,
    pub unit: Unit,
    read: fn(&[u8]) -> Option<Held>,
    pub set: fn(Pubkey, u64) -> Instruction,
    pub apply: fn() -> Instruction,
    pub drop: fn(Pubkey) -> Instruction,
}

macro_rules! parameters {
    ($module:ident: $($id:ident $unit:ident = $config:ident -> $field:expr),+ $(,)?) => {{
        // A parameter that is missing here does not compile.
        const _: fn(&$module::ParameterId) = |id| match id {
            $($module::ParameterId::$id => (),)+
        };
        &[$(Parameter {
            id: stringify!($id),
            unit: Unit::$unit,
            read: |data| {
                let $config: $module::accounts::Config = decode(data).ok()?;
                let held = &$field;
                Some(Held {
                    value: held.value,
                    pending: held.pending,
                    pending_ts: held.pending_ts,
                })
            },
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
        }),+]
    }};
}

/// The parameters of a program, in the order of its enum.
pub fn of(program: Program) -> &'static [Parameter] {
    match program {
        Program::Token => parameters!(token:
            EmissionLimit Io = config -> config.windows[0].limit_units,
            EmissionShareBps Bps = config -> config.windows[0].share_bps,
            EmissionFloor Io = config -> config.windows[0].floor_units,
            NetEmissionLimit Io = config -> config.windows[1].limit_units,
            NetEmissionShareBps Bps = config -> config.windows[1].share_bps,
            NetEmissionFloor Io = config -> config.windows[1].floor_units,
            IosdLimit Iosd = config -> config.windows[2].limit_units,
            IosdShareBps Bps = config -> config.windows[2].share_bps,
            IosdFloor Iosd = config -> config.windows[2].floor_units,
            RefundLimit Iosd = config -> config.windows[3].limit_units,
            RefundShareBps Bps = config -> config.windows[3].share_bps,
            RefundFloor Iosd = config -> config.windows[3].floor_units,
            NetEmissionCapPerHour Io = config -> config.net_emission_cap_per_hour,
        ),
        Program::Emission => parameters!(emission:
            MinAgeSecs Secs = config -> config.min_age_secs,
            MinUptimeHours Hours = config -> config.min_uptime_hours,
            ExemptHours Hours = config -> config.exempt_hours,
            MaxPerScoreUnits Units = config -> config.max_per_score_units,
        ),
        Program::Market => parameters!(market:
            ReservationFeeBps Bps = config -> config.reservation_fee_bps,
            SupplierFeeBps Bps = config -> config.supplier_fee_bps,
            NetworkFeeBps Bps = config -> config.network_fee_bps,
            UsdExtraFeeBps Bps = config -> config.usd_extra_fee_bps,
            DisputeSecs Secs = config -> config.dispute_secs,
            PointsPerUsd Points = config -> config.points_per_usd,
        ),
        Program::Treasury => parameters!(treasury:
            KeptShareBps Bps = config -> config.kept_share_bps,
            MinLot Usd = config -> config.min_lot_units,
            CapPerHour Usd = config -> config.cap_per_hour_units,
            CapPerDay Usd = config -> config.cap_per_day_units,
            DiscountBps Bps = config -> config.discount_bps,
            PremiumBps Bps = config -> config.premium_bps,
            AuctionSecs Secs = config -> config.auction_secs,
        ),
        Program::Staking => parameters!(staking:
            CaseCapBps Bps = config -> config.case_cap_bps,
            MonthCapBps Bps = config -> config.month_cap_bps,
        ),
        Program::Registry => parameters!(registry:
            WindowSpreadSecs Secs = config -> config.window_spread_secs,
            Quorum Keys = config -> config.quorum,
        ),
    }
}

impl Parameter {
    /// `emission-share-bps` for `EmissionShareBps`.
    pub fn name(&self) -> String {
        let mut name = String::new();
        for letter in self.id.chars() {
            if letter.is_ascii_uppercase() && !name.is_empty() {
                name.push('-');
            }
            name.push(letter.to_ascii_lowercase());
        }
        name
    }

    /// How long a change waits, where it does: what moves earnings between devices waits a week.
    fn delay_secs(&self) -> i64 {
        match self.id {
            "ExemptHours" | "MaxPerScoreUnits" => WEEK_SECS,
            _ => DAY_SECS,
        }
    }

    /// Whether a change waits.
    pub fn waits(&self, data: &[u8]) -> bool {
        (self.read)(data).is_some_and(|held| held.pending_ts != 0)
    }

    /// The value in whole units, with its unit.
    pub fn said(&self, data: &[u8]) -> Option<String> {
        Some(self.unit.cell((self.read)(data)?.value).show())
    }

    /// Name, value and waiting change, out of the config's data.
    pub fn record(&self, data: &[u8], moment: &Moment) -> Option<Record> {
        let held = (self.read)(data)?;
        let waits = held.pending_ts != 0;
        Some(
            Record::new()
                .put("parameter", self.name())
                .put("value", self.unit.cell(held.value))
                .put("pending", waits.then(|| self.unit.cell(held.pending)))
                .put("pending_from", waits.then_some(Time(held.pending_ts)))
                .put(
                    "pending_state",
                    moment.state(held.pending_ts, self.delay_secs()),
                ),
        )
    }
}

impl Unit {
    /// Base units of a value in whole units.
    pub fn parse(self, text: &str) -> Option<u64> {
        match self {
            Self::Io => Io::parse(text).ok().map(|amount| amount.0),
            Self::Iosd => Iosd::parse(text).ok().map(|amount| amount.0),
            Self::Usd => Usd6::parse(text).ok().map(|amount| amount.0),
            Self::Bps | Self::Secs | Self::Hours | Self::Points | Self::Keys | Self::Units => {
                text.parse().ok()
            }
        }
    }

    /// What a value must look like.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Io => "IO, such as 500000",
            Self::Iosd => "IOSD, such as 100000",
            Self::Usd => "US dollars, such as 5000",
            Self::Bps => "basis points, such as 25",
            Self::Secs => "seconds, such as 3600",
            Self::Hours => "hours, such as 5",
            Self::Points => "points, such as 10",
            Self::Keys => "keys, such as 5",
            Self::Units => "base units of IO (10^-8) for a point and hour, such as 2500",
        }
    }

    /// Base units as a string in JSON whatever the unit, so that the key keeps one type.
    pub fn cell(self, units: u64) -> Cell {
        match self {
            Self::Io => Io(units).into(),
            Self::Iosd => Iosd(units).into(),
            Self::Usd => Usd6(units).into(),
            Self::Bps => plain(units, "bps"),
            Self::Secs => plain(units, "s"),
            Self::Hours => plain(units, "h"),
            Self::Points => plain(units, "points"),
            Self::Keys => plain(units, "keys"),
            Self::Units => plain(units, "units"),
        }
    }
}

fn plain(units: u64, unit: &'static str) -> Cell {
    Cell::Amount {
        units,
        ui: units.to_string(),
        unit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_enums() {
        let names: Vec<String> = of(Program::Token).iter().map(Parameter::name).collect();
        assert_eq!(names.len(), 13);
        assert_eq!(names[1], "emission-share-bps");
        assert_eq!(names[12], "net-emission-cap-per-hour");
        assert_eq!(of(Program::Emission)[0].name(), "min-age-secs");
        assert_eq!(of(Program::Emission)[1].name(), "min-uptime-hours");
        assert_eq!(of(Program::Emission)[2].name(), "exempt-hours");
        assert_eq!(of(Program::Emission)[3].name(), "max-per-score-units");
        assert_eq!(of(Program::Staking)[0].name(), "case-cap-bps");
    }

    #[test]
    fn each_name_sets_its_own_parameter() {
        let authority = Pubkey::new_unique();
        for program in Program::ALL {
            for (index, parameter) in of(program).iter().enumerate() {
                // The enum's number follows the discriminator of eight bytes.
                let number = |data: &[u8]| usize::from(data[8]);
                assert_eq!(number(&(parameter.set)(authority, 1).data), index);
                assert_eq!(number(&(parameter.apply)().data), index);
                assert_eq!(number(&(parameter.drop)(authority).data), index);
            }
        }
    }

    #[test]
    fn values_are_in_whole_units() {
        assert_eq!(Unit::Io.parse("1.5"), Some(150_000_000));
        assert_eq!(Unit::Usd.parse("1.5"), Some(1_500_000));
        assert_eq!(Unit::Bps.parse("25"), Some(25));
        assert_eq!(Unit::Bps.parse("2.5"), None);
        assert_eq!(Unit::Secs.parse("-1"), None);
        assert_eq!(Unit::Units.parse("2500"), Some(2_500));
        assert_eq!(Unit::Units.parse("0.00002500"), None);
    }
}
