mod books;

use super::class::pool;
use crate::{
    context::Context,
    error::{CliError, Result},
    output::{Record, Time},
};
use clap::Subcommand;
use iog_client::{
    emission::{
        accounts::{Config, LedgerPage},
        types::{HourLedger, PoolHour},
    },
    pda,
};
use iog_math::{
    emission::{amount, hour_start, schedule, HOURS},
    units::Io,
};

/// Hours of one ledger page.
pub const PAGE_HOURS: u32 = 128;
/// Hours shown when no range is asked for: the first day.
const DEFAULT_HOURS: u32 = 24;

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// What each hour mints, and all hours up to it; works off line
    #[command(
        after_help = "Examples:\n  iog emission schedule --hour 1 -o json\n  iog emission schedule --from 8760 --to 8784"
    )]
    Schedule {
        /// One hour, from 1 to 175319
        #[arg(long, conflicts_with_all = ["from", "to"], value_parser = hour())]
        hour: Option<u32>,
        /// First hour [default: 1]
        #[arg(long, value_parser = hour())]
        from: Option<u32>,
        /// Last hour [default: a day from the first]
        #[arg(long, value_parser = hour())]
        to: Option<u32>,
    },
    /// The ledger of an hour: amounts and scores of both pools
    #[command(after_help = "Example:\n  iog emission hour 42")]
    Hour {
        /// Hour [default: the last closed one, or the running one before any is closed]
        #[arg(value_parser = hour())]
        hour: Option<u32>,
    },
    /// What was scheduled, shared out, minted, booked and claimed, and what is due to be minted
    #[command(after_help = "Example:\n  iog emission books -o json")]
    Books,
    /// Close hours that are over: fix what a point of score earned; anyone may
    #[command(
        after_help = "Keepers do it every hour. Closing books and mints nothing: see iog emission mint-due.\n\nExample:\n  iog emission close --max-hours 24"
    )]
    Close {
        /// Hours at most; a call works through 48 and not beyond a page of 128
        #[arg(long, default_value_t = 48, value_parser = clap::value_parser!(u8).range(1..=48))]
        max_hours: u8,
    },
    /// Mint what closed hours have shared out and is not minted, as far as cap and breaker let it; anyone may
    #[command(
        after_help = "Claims are paid out of what is minted: who claims first is paid first, the rest stays booked.\n\nExample:\n  iog emission mint-due"
    )]
    MintDue,
}

/// A claim pays what is minted; the rest stays booked.
pub fn tell_short(context: &Context, config: &Config, booked: u64) {
    let payable = books::payable(config);
    if payable.0 < booked {
        context.note(&format!(
            "{payable} IO are minted and not claimed, less than is booked: iog emission mint-due mints more"
        ));
    }
}

fn hour() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=i64::from(HOURS))
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::Schedule {
            hour: Some(hour), ..
        } => {
            let records = scheduled(hour, hour);
            if let Some(record) = records.first() {
                context.out.one(record);
            }
            Ok(())
        }
        Verb::Schedule { from, to, .. } => {
            let from = from.unwrap_or(1);
            let to = to.unwrap_or_else(|| from.saturating_add(DEFAULT_HOURS - 1).min(HOURS));
            if to < from {
                return Err(CliError::usage(format!(
                    "--to {to} lies before --from {from}"
                )));
            }
            context.out.many(&scheduled(from, to), "no hours");
            Ok(())
        }
        Verb::Hour { hour } => show(context, hour).await,
        Verb::Books => books::show(context).await,
        Verb::Close { max_hours } => books::close(context, max_hours).await,
        Verb::MintDue => books::mint_due(context).await,
    }
}

fn scheduled(from: u32, to: u32) -> Vec<Record> {
    schedule()
        .skip_while(|hour| hour.hour < from)
        .take_while(|hour| hour.hour <= to)
        .map(|hour| {
            Record::new()
                .put("hour", hour.hour)
                .put("amount", Io(hour.amount))
                .put("cumulative", Io(hour.cumulative))
        })
        .collect()
}

/// Page and position of an hour, counted from 1.
pub fn place(hour: u32) -> (u32, usize) {
    let from_zero = hour.saturating_sub(1);
    let position = usize::try_from(from_zero % PAGE_HOURS).unwrap_or(0);
    (from_zero / PAGE_HOURS, position)
}

/// An hour's ledger; `None` while nobody opened its page.
pub async fn ledger(context: &Context, hour: u32) -> Result<Option<HourLedger>> {
    let (index, position) = place(hour);
    let page: Option<LedgerPage> = context.find(&pda::emission::page(index)).await?;
    Ok(page.and_then(|page| page.hours.get(position).copied()))
}

async fn show(context: &Context, asked: Option<u32>) -> Result<()> {
    let config: Config = context.config(&pda::emission::config()).await?;
    let hour = asked.unwrap_or_else(|| config.next_hour.saturating_sub(1).max(1));
    let running = context.hour(config.genesis_ts).await?;
    if hour > running {
        return Err(CliError::usage(format!(
            "hour {hour} has not begun: the running hour is {running}"
        )));
    }
    let ledger = ledger(context, hour).await?.ok_or_else(|| {
        CliError::Refused(format!(
            "no page of the ledger is open for hour {hour}: nobody checked in yet"
        ))
    })?;
    let start = hour_start(config.genesis_ts, hour)?;
    let pools = [record(0, &ledger.enterprise), record(1, &ledger.community)];
    context.out.one(
        &Record::new()
            .put("hour", hour)
            .put("start_ts", Time(start))
            .put("closed", hour < config.next_hour)
            .put("next_hour_to_close", config.next_hour)
            .put("running_hour", running)
            .put("scheduled", Io(amount(hour)?))
            .put("pools", pools.to_vec()),
    );
    Ok(())
}

fn record(number: u8, ledger: &PoolHour) -> Record {
    Record::new()
        .put("pool", pool(number))
        .put("total_score", ledger.total_score)
        .put("amount", Io(ledger.amount_units))
        .put("per_score_x64", ledger.per_score_x64.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_lie_on_pages_of_128() {
        assert_eq!(
            [place(1), place(128), place(129)],
            [(0, 0), (0, 127), (1, 0)]
        );
    }

    #[test]
    fn the_whole_schedule_is_three_hundred_million() {
        let last = scheduled(HOURS, HOURS);
        let text = serde_json::to_string(&last).unwrap();
        assert!(
            text.contains(r#""cumulative":"30000000000000000""#),
            "{text}"
        );
    }
}
