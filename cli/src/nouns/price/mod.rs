mod book;
mod feed;
mod report;
mod reporters;
mod set_book;

use crate::{
    args,
    context::Context,
    error::{CliError, Result},
    oracle::{self, usd, Price},
    output::{Record, Time},
};
use clap::Subcommand;
use iog_client::{token, token::accounts::PriceSource};
use solana_pubkey::Pubkey;

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// The price of IO and where it comes from, and what a GPU-hour of each class costs
    #[command(
        after_help = "Examples:\n  iog price show -o json\n  iog price show --class \"RTX 4090\""
    )]
    Show {
        /// Only these classes, by number or name [default: all that are for hire]
        #[arg(long, value_name = "CLASS", num_args = 1.., value_delimiter = ',')]
        class: Vec<String>,
        /// Pyth price account of IO/USD [default: the network's, else the newest found]
        #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
        price_account: Option<Pubkey>,
    },
    /// The network's own feed: who reports, what and when, and what price their quorum gives
    #[command(after_help = "Example:\n  iog price reporters -o json")]
    Reporters,
    /// Report a price of IO, or carry prices that reporters have signed; anyone may carry
    #[command(
        after_help = "A price is at most a minute old, and of each reporter the newest counts. Keepers with the role price serve theirs at /v1/price.\n\nExamples:\n  iog price report --price 0.2512 -k reporter.json\n  iog price report --price 0.2512 --reporter-key reporter.json --sign-only -o json > price.json\n  iog price report --signed price.json"
    )]
    Report(report::Report),
    /// The network's own feed: its reporters and its quorum
    #[command(
        subcommand,
        after_help = "Examples:\n  iog price feed create --quorum 3 -k authority.json\n  iog price feed set-reporter 0 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q -k authority.json"
    )]
    Feed(feed::Verb),
    /// Offer a class for hire, or move the factors of its price; the market's authority signs
    #[command(
        after_help = "What is not named stays; of a class that is offered for the first time it is neutral. Factors are basis points of the base price and move by at most 2000 a day, slopes by 10000.\n\nExamples:\n  iog price set-book 1 --kink-bps 8000 --slope2-bps 10000 -k authority.json\n  iog price set-book 1 --tier-bps 10000,10000,10000,10500,11000 --peak-bps 11000 --peak-hours 14,15,16 --location DE=10500,IS=9500 -k authority.json --yes"
    )]
    SetBook(set_book::Change),
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::Show {
            class,
            price_account,
        } => show(context, &class, price_account).await,
        Verb::Reporters => reporters::show(context).await,
        Verb::Report(given) => report::run(context, &given).await,
        Verb::Feed(verb) => feed::run(context, verb).await,
        Verb::SetBook(change) => set_book::run(context, &change).await,
    }
}

async fn show(context: &Context, classes: &[String], given: Option<Pubkey>) -> Result<()> {
    let source = oracle::source(context).await?;
    let now = context.time().await?.now;
    let (record, price) = match oracle::find(context, &source, given, oracle::ORDER_AGE_SECS).await
    {
        Ok(price) => (price_record(&price, now), Some(price)),
        // The source is still worth showing when it has no price to give.
        Err(CliError::Usage(reason) | CliError::Refused(reason)) => (
            Record::new()
                .put("price_account", None::<Pubkey>)
                .put("usable", false)
                .put("refused_because", reason),
            None,
        ),
        Err(error) => return Err(error),
    };
    let point = price.as_ref().map(|price| &price.point);
    let books = book::records(context, classes, point, now).await?;
    let record = source_record(&source).extend(record);
    context.out.one(&record.put("classes", books));
    Ok(())
}

/// The network's own reporters, or Pyth.
fn kind(receiver: &Pubkey) -> &'static str {
    match *receiver == token::ID {
        true => "quorum",
        false => "pyth",
    }
}

/// The source and the change that waits, if any.
pub fn source_record(source: &PriceSource) -> Record {
    let waits = source.pending_ts != 0;
    let any = |account: Pubkey| match account == Pubkey::default() {
        true => "any of the receiver's".to_string(),
        false => account.to_string(),
    };
    Record::new()
        .put("kind", kind(&source.receiver))
        .put("receiver", source.receiver)
        .put("feed", hex::encode(source.feed))
        .put("accounts_read", any(source.account))
        .put(
            "pending_kind",
            waits.then(|| kind(&source.pending_receiver)),
        )
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
