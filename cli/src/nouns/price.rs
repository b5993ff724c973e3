use crate::{
    args,
    context::Context,
    error::{CliError, Result},
    oracle::{self, usd, Price},
    output::{Record, Time},
};
use clap::Subcommand;
use iog_client::token::accounts::PriceSource;
use solana_pubkey::Pubkey;

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Where the price of IO comes from, what it is, and whether the programs would take it now
    #[command(after_help = "Example:\n  iog price show -o json")]
    Show {
        /// Pyth price account of IO/USD [default: the network's, else the newest found]
        #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
        price_account: Option<Pubkey>,
    },
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::Show { price_account } => show(context, price_account).await,
    }
}

async fn show(context: &Context, given: Option<Pubkey>) -> Result<()> {
    let source = oracle::source(context).await?;
    let now = context.time().await?.now;
    let record = source_record(&source);
    let record = match oracle::find(context, &source, given).await {
        Ok(price) => record.extend(price_record(&price, now)),
        // The source is still worth showing when it has no price to give.
        Err(CliError::Usage(reason)) => record
            .put("price_account", None::<Pubkey>)
            .put("usable", false)
            .put("refused_because", reason),
        Err(error) => return Err(error),
    };
    context.out.one(&record);
    Ok(())
}

/// The source and the change that waits, if any.
pub fn source_record(source: &PriceSource) -> Record {
    let waits = source.pending_ts != 0;
    let any = |account: Pubkey| match account == Pubkey::default() {
        true => "any of the receiver's".to_string(),
        false => account.to_string(),
    };
    Record::new()
        .put("receiver", source.receiver)
        .put("feed", hex::encode(source.feed))
        .put("accounts_read", any(source.account))
        .put("pending_receiver", waits.then_some(source.pending_receiver))
        .put(
            "pending_feed",
            waits.then(|| hex::encode(source.pending_feed)),
        )
        .put(
            "pending_accounts_read",
            waits.then(|| any(source.pending_account)),
        )
        .put("pending_from", waits.then_some(Time(source.pending_ts)))
}

fn price_record(price: &Price, now: i64) -> Record {
    let point = &price.point;
    let dollars = |amount: u64| usd(amount, point.exponent);
    let refusal = price.check(now).err().map(|refusal| {
        let (name, message) = refusal.text();
        format!("{name}: {message}")
    });
    Record::new()
        .put("price_account", price.account)
        .put("spot_usd", dollars(point.price))
        .put("spot_conf_usd", dollars(point.conf))
        .put("average_usd", dollars(point.ema_price))
        .put("average_conf_usd", dollars(point.ema_conf))
        .put("low_usd", point.low().ok().map(dollars))
        .put("auction_reference_usd", point.reference().ok().map(dollars))
        .put("publish_ts", Time(price.publish_ts))
        .put("age_secs", price.age_secs(now).max(0).unsigned_abs())
        .put("usable", refusal.is_none())
        .put("refused_because", refusal)
}
