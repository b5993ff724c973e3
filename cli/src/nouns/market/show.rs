use crate::{context::Context, error::Result, market::currency::Pay, output::Record};
use iog_client::{
    market::accounts::{Config, CreditLine, Escrow, RenterStats},
    pda,
};
use iog_math::units::{Io, Usd6};
use solana_pubkey::Pubkey;

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
    let nobody = |address: Pubkey| (address != Pubkey::default()).then_some(address);
    context.out.one(
        &Record::new()
            .put("authority", config.authority)
            .put("resolver", nobody(config.resolver))
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
                    .map(|line| vec![waiting(line)])
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

fn waiting(line: &CreditLine) -> Record {
    Record::new()
        .put("claimed", Io(line.claimed_units))
        .put("funded", Io(line.funded_units))
        .put("paid", Io(line.paid_units))
        .put("from_treasury", Io(line.incentive_units))
        .put(
            "waits",
            Io(line.claimed_units.saturating_sub(line.funded_units)),
        )
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
            .put("disputes", stats.disputes),
    );
    Ok(())
}
