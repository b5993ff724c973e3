//! What the token program would still let pass.

use super::{
    minters::Right,
    observe::seen,
    supply::{booked_io, booked_iosd, outstanding_iosd},
};
use crate::{
    context::Context,
    error::Result,
    output::{Cell, Record, Time},
};
use iog_client::{
    pda,
    token::{
        accounts::{Config, Minter, NetEmission},
        types::Window,
    },
};
use iog_math::{
    breaker::{capacity, Bucket},
    net_emission::Allowance,
    units::{whole_periods, Io, Iosd, HOUR},
};

/// Every window of the breaker (the token program's `WINDOW_SECS`).
const WINDOW_SECS: i64 = 86_400;
/// The windows in the config's order, and whether they count IOSD.
const WINDOWS: [(&str, bool); 4] = [
    ("emission", false),
    ("net_emission", false),
    ("iosd", true),
    ("refund", true),
];

pub async fn run(context: &Context) -> Result<()> {
    let books: Config = context.config(&pda::token::config()).await?;
    let net: Option<NetEmission> = context.find(&pda::token::net_emission()).await?;
    let now = context.time().await?.now;
    let mut windows = Vec::new();
    for (window, (name, of_iosd)) in books.windows.iter().zip(WINDOWS) {
        let supply = match (name, of_iosd) {
            // A share of what can still be given back.
            ("refund", _) => outstanding_iosd(&books),
            (_, true) => booked_iosd(&books),
            (_, false) => booked_io(&books),
        };
        windows.push(window_record(name, of_iosd, window, supply, now)?);
    }
    let minters = context.list::<Minter>(&[]).await?;
    let minters = minters.iter().map(|(_, minter)| minter_record(minter, now));
    let record = Record::new()
        .put("window_secs", WINDOW_SECS.unsigned_abs())
        .extend(net_record(net.as_ref(), &books, now)?)
        .extend(net.map(|net| seen(&net, now)).unwrap_or_default())
        .put("windows", windows)
        .put("minters", minters.collect::<Vec<_>>());
    context.out.one(&record);
    Ok(())
}

fn window_record(
    name: &str,
    of_iosd: bool,
    window: &Window,
    supply: u64,
    now: i64,
) -> Result<Record> {
    let size = capacity(
        window.limit_units.value,
        window.share_bps.value,
        window.floor_units.value,
        supply,
    )?;
    let bucket = Bucket {
        level: window.level_units,
        at_ts: window.at_ts,
    };
    let level = bucket.drained(size, WINDOW_SECS, now)?.level;
    let amount = |units: u64| -> Cell {
        if of_iosd {
            Iosd(units).into()
        } else {
            Io(units).into()
        }
    };
    Ok(Record::new()
        .put("window", name)
        .put("level", amount(level))
        .put("capacity", amount(size))
        .put("left", amount(size.saturating_sub(level)))
        .put("limit", amount(window.limit_units.value))
        .put("share_bps", window.share_bps.value)
        .put("floor", amount(window.floor_units.value)))
}

fn net_record(net: Option<&NetEmission>, books: &Config, now: i64) -> Result<Record> {
    let Some(net) = net else {
        return Ok(Record::new().put("net_emission", None::<u64>));
    };
    let allowance = Allowance {
        buckets: net.buckets,
        day: net.day,
        at_ts: net.at_ts,
        streaming: net.streaming_units,
        remainder: net.remainder,
        available: net.available_units,
    };
    let minted = this_hour(net.hour, net.minted_this_hour_units, now);
    let cap = books.net_emission_cap_per_hour.value;
    Ok(Record::new()
        .put("net_emission_burned", Io(net.burned_units))
        .put("net_emission_reminted", Io(net.reminted_units))
        .put("net_emission_available", Io(allowance.available_at(now)?))
        .put("net_emission_cap_per_hour", Io(cap))
        .put(
            "net_emission_left_this_hour",
            Io(cap.saturating_sub(minted)),
        ))
}

pub fn minter_record(minter: &Minter, now: i64) -> Record {
    let rights = Right::ALL.iter();
    let rights = rights.filter(|right| minter.rights & right.bit() != 0);
    let cap = &minter.cap_per_hour_units;
    let minted = this_hour(minter.hour, minter.minted_this_hour_units, now);
    Record::new()
        .put("minter", minter.authority)
        .put(
            "rights",
            rights
                .map(|right| right.name().to_string())
                .collect::<Vec<_>>(),
        )
        .put("cap_per_hour", Io(cap.value))
        .put("left_this_hour", Io(cap.value.saturating_sub(minted)))
        .put(
            "pending_cap",
            (cap.pending_ts != 0).then_some(Io(cap.pending)),
        )
        .put("minted", Io(minter.minted_units))
        .put("active_from", Time(minter.active_ts))
}

/// What counts against the running hour of unix time.
fn this_hour(hour: u64, minted: u64, now: i64) -> u64 {
    match whole_periods(now, HOUR) {
        Ok(running) if running > hour => 0,
        _ => minted,
    }
}
