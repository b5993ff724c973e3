use crate::{
    confirm,
    context::Context,
    error::{CliError, Result},
    market::{cover, currency::Pay},
    nouns::dispute::resolver_of,
    output::{Record, Time},
    waiting::{holder, Moment, DAY_SECS},
};
use iog_client::{
    market::{
        accounts::{Config, CreditLine, Escrow, RenterStats},
        instructions::CloseRenter,
    },
    pda,
};
use iog_math::units::{Io, Iosd, Usd6};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

const MINUTES: u64 = 60;

pub async fn run(context: &Context) -> Result<()> {
    let config: Config = context.config(&pda::market::config()).await?;
    let mut escrows = context.list::<Escrow>(&[]).await?;
    escrows.sort_by_key(|(_, escrow)| escrow.currency);
    let currencies = escrows
        .iter()
        .map(|(_, escrow)| books(escrow))
        .collect::<Result<Vec<_>>>()?;
    let line: Option<CreditLine> = context.find(&pda::market::credit_line()).await?;
    let now = context.time().await?.now;
    let resolver = holder!(config.resolver);
    let moment = Moment {
        now,
        since_ts: config.authority_since_ts,
    };
    let waits = resolver.pending_ts != 0;
    context.out.one(
        &Record::new()
            .put("authority", config.authority)
            .put("resolver", resolver_of(&config))
            .put("next_resolver", waits.then_some(resolver.pending))
            .put(
                "next_resolver_from_ts",
                waits.then_some(Time(resolver.pending_ts)),
            )
            .put(
                "next_resolver_state",
                moment.state(resolver.pending_ts, DAY_SECS),
            )
            .put("reservation_fee_bps", config.reservation_fee_bps.value)
            .put("supplier_fee_bps", config.supplier_fee_bps.value)
            .put("network_fee_bps", config.network_fee_bps.value)
            .put("usd_extra_fee_bps", config.usd_extra_fee_bps.value)
            .put("dispute_secs", config.dispute_secs.value)
            .put("orders_paused", config.paused & 1 != 0)
            .put("currencies", currencies)
            .put(
                "credit_line",
                line.as_ref()
                    .map(|line| vec![waiting(line, now)])
                    .unwrap_or_default(),
            ),
    );
    Ok(())
}

/// The law of each currency: what was deposited is paid, refunded, fees or still escrowed.
fn books(escrow: &Escrow) -> Result<Record> {
    let pay = Pay::of(escrow.currency)?;
    let amount = |units: u64| pay.amount(units);
    let parts = [
        escrow.paid_units,
        escrow.refunded_units,
        escrow.fee_units,
        escrow.escrowed_units,
    ];
    let out = parts
        .iter()
        .try_fold(0u64, |sum, part| sum.checked_add(*part));
    Ok(Record::new()
        .put("currency", pay.unit())
        .put("deposited", amount(escrow.deposited_units))
        .put("escrowed", amount(escrow.escrowed_units))
        .put("paid", amount(escrow.paid_units))
        .put("refunded", amount(escrow.refunded_units))
        .put("fees", amount(escrow.fee_units))
        .put("holds", out == Some(escrow.deposited_units))
        .put("earnings_due", amount(escrow.earnings_due_units))
        .put("refunds_due", amount(escrow.refunds_due_units))
        .put("fees_due", amount(escrow.fees_due_units))
        .put("mint", escrow.mint))
}

fn waiting(line: &CreditLine, now: i64) -> Record {
    Record::new()
        .put("claimed", Io(line.claimed_units))
        .put("funded", Io(line.funded_units))
        .put("paid", Io(line.paid_units))
        .put("from_treasury", Io(line.incentive_units))
        .put(
            "waits",
            Io(line.claimed_units.saturating_sub(line.funded_units)),
        )
        .put("earned", Iosd(line.earned_usd6))
        .extend(cover::record(line, now))
}

pub async fn stats(context: &Context, wallet: Option<Pubkey>) -> Result<()> {
    let wallet = context.wallet(wallet)?;
    let hint = "the wallet has booked nothing yet";
    let stats: RenterStats = context.get(&pda::market::renter(&wallet), hint).await?;
    context.out.one(
        &Record::new()
            .put("renter", stats.renter)
            .put("orders", stats.orders)
            // floor: an hour counts when it is over
            .put("gpu_hours", stats.gpu_minutes / MINUTES)
            .put("gpu_minutes", stats.gpu_minutes)
            .put("spent_usd", Usd6(stats.spent_usd6))
            // Millionths, as dollars are.
            .put("points", Usd6(stats.points_e6).to_string())
            .put("disputes", stats.disputes)
            .put("open_orders", stats.open_orders),
    );
    Ok(())
}

pub async fn close_renter(context: &Context) -> Result<()> {
    confirm::allowed(context, "closing statistics")?;
    let signer = context.signer()?;
    let renter = signer.pubkey();
    let address = pda::market::renter(&renter);
    let hint = "the wallet has booked nothing yet";
    let stats: RenterStats = context.get(&address, hint).await?;
    if stats.open_orders > 0 {
        return Err(CliError::Refused(format!(
            "{} orders of {renter} are open: close them first with iog order close",
            stats.open_orders
        )));
    }
    confirm::ask(
        context,
        &format!(
            "Close the statistics of {renter}? {} loyalty points are lost.",
            Usd6(stats.points_e6)
        ),
    )?;
    let close = CloseRenter {
        renter,
        stats: address,
    };
    let receipt = context.submit(&[close.instruction()], &signer, &[]).await?;
    let record = Record::new().put("renter", renter).put("stats", address);
    context.out.one(&record.extend(receipt));
    Ok(())
}
