mod booking;
mod close;
mod create;
mod dispute;
mod end;
mod extend;
mod files;
mod funds;
mod job;
mod limit;
mod matching;
mod quote;
mod show;
mod terms;
mod wait;

use crate::{args, context::Context, error::Result, market::order::STATES};
use clap::{Args, Subcommand};
use solana_pubkey::Pubkey;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Book GPU-hours and escrow their total
    #[command(
        after_help = "Without --max-total the total may be 1 % above the quote; in IO for more than 168 hours all of --max-total is deposited, and what no hour needs comes back. With --wait the signer chooses the devices in the first 30 seconds, afterwards keepers do. What is held, forgiven, bonded and deposited, and what taking it back costs, is told before it asks (terms_* in JSON).\n\nA part is CLASS[,CLASS]:GPUS[@PER_MACHINE]: the first class is quoted, the others will do at their own price, where that is not higher; @ asks for machines of exactly so many GPUs, in classes that are not proved GPU by GPU.\n\nExamples:\n  iog order create --class 1 --gpus 2 --hours 3 --job job.json --jobs-dir jobs --wait\n  iog order create --class \"RTX 4090,RTX A6000\" --gpus 8 --hours 24 --kind inference --country DE,FR --pay usdc --max-total 80\n  iog order create --part \"H100 80GB HBM3,H100 PCIe:8\" --part \"CPU 64GB:2\" --hours 12 --wait --no-match\n  iog order create --part \"H100 cluster:16@8\" --hours 336 --max-total 90000 --yes\n  iog order create --class 1 --gpus 1 --hours 1 --pay iosd --secure --min-reputation 7000 --yes"
    )]
    Create(create::Terms),
    /// What a booking would cost, by the program's own arithmetic, and on which terms
    #[command(
        after_help = "Examples:\n  iog order quote --part \"RTX 4090,RTX A6000:8\" --part \"CPU 64GB:2\" --hours 24 --pay usdc\n  iog order quote --class 1 --gpus 2 --hours 3\n  iog order quote --class \"RTX 4090,RTX A6000\" --gpus 8 --hours 24 --kind inference --pay usdc\n  iog order quote --base-price 0.76 --io-price 0.25 --gpus 2 --hours 3   (off line)"
    )]
    Quote(quote::Terms),
    /// Orders, all or one renter's
    #[command(
        after_help = "Example:\n  iog order list --renter 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q --state active"
    )]
    List {
        /// Only this wallet's
        #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
        renter: Option<Pubkey>,
        /// Only in this state
        #[arg(long, value_parser = STATES)]
        state: Option<String>,
    },
    /// One order with its leases
    #[command(
        after_help = "Example:\n  iog order show 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk -o json"
    )]
    Show(Named),
    /// Give the best devices to an order that lacks some: its renter in the first 30 seconds, anyone afterwards
    #[command(
        after_help = "Devices are ranked by what the lease would be paid, tier, country, reputation and idle time. An order that waits is matched as a whole or not at all. The signer pays the leases' rent and gets it back with 20,000 lamports a GPU when they are closed.\n\nExample:\n  iog order match 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    Match(Named),
    /// Book further hours of a running order, at the price of now
    #[command(
        after_help = "Hours that were booked before keep their price. In IO more than 168 further hours deposit all of --max-total.\n\nExample:\n  iog order extend 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --hours 12 --max-total 40"
    )]
    Extend(extend::Terms),
    /// Add money to a started order, for later prices in IO and deposits of disputes
    #[command(
        after_help = "What is not used comes back with the last refund.\n\nExample:\n  iog order add-funds 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk 12.5 --yes"
    )]
    AddFunds(funds::Addition),
    /// Take IO for a dollar anew for an order's further hours, when 168 hours of a price are over; anyone may
    #[command(
        after_help = "Keepers do it. An hour's dollars stay as they were booked; what a lower IO costs more is taken out of what is spare, and where that does not reach the order ends with its old price, 24 hours after the step.\n\nExample:\n  iog order price-anew 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    PriceAnew(funds::Anew),
    /// Give vacant GPUs of a part back, with the money for the time that is left
    #[command(
        after_help = "Example:\n  iog order reduce 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --part 0 --gpus 2 --yes"
    )]
    Reduce(funds::Reduction),
    /// End a running order early; whole unused minutes after the first hour come back with their fees
    #[command(
        after_help = "Used hours are billed at the discount of the length that was reached, out of what comes back.\n\nExample:\n  iog order end 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --yes"
    )]
    End(Named),
    /// Take an order back before its start
    #[command(
        after_help = "Devices that had accepted are paid for the seconds for which every place was matched, 5 minutes at most; the rest comes back.\n\nExample:\n  iog order cancel 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --yes"
    )]
    Cancel(Named),
    /// Dispute what a lease holds, up to 24 hours back, and end it; the renter signs
    #[command(
        after_help = "Disputed is what is judged and still held, and the hour that runs; in the order's first hour all of that. It takes a deposit of 5 %, of an hour at least, and of the discount of a length that is not reached, out of spare money and refunds that are due, or of the wallet; it comes back unless the supplier gets all. Of a file its SHA-256 is stored; give the file to the resolver, who decides within 72 hours. Else the rule does: proved slots are paid.\n\nExample:\n  iog order dispute 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --device 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q --evidence report.pdf"
    )]
    Dispute(dispute::Terms),
    /// Pay an order's refund to its renter; anyone may
    #[command(
        after_help = "Example:\n  iog order refund 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --yes"
    )]
    Refund(Named),
    /// Close a finished order and its leases, or refund one that never started; anyone may
    #[command(
        after_help = "Example:\n  iog order close 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --yes"
    )]
    Close(Named),
    /// What an order's jobs wrote to their streams, as a keeper kept it; works off line
    #[command(
        after_help = "Example:\n  iog order logs 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --dir keeper/outputs"
    )]
    Logs(Kept),
    /// What a keeper kept of the order's jobs: files with their hashes, exit codes; works off line
    #[command(
        after_help = "Example:\n  iog order output 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --dir keeper/outputs"
    )]
    Output(Kept),
}

/// An order on the command line.
#[derive(Args, Clone, Copy, Debug)]
pub struct Named {
    /// Address of the order
    #[arg(value_parser = args::pubkey)]
    pub order: Pubkey,
}

/// An order, and where its keeper kept what came of it.
#[derive(Args, Debug)]
pub struct Kept {
    #[command(flatten)]
    order: Named,
    /// The keeper's folder of outputs
    #[arg(long)]
    dir: PathBuf,
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::Create(terms) => create::run(context, terms).await,
        Verb::Quote(terms) => quote::run(context, &terms).await,
        Verb::List { renter, state } => show::list(context, renter, state).await,
        Verb::Show(named) => show::show(context, &named.order).await,
        Verb::Match(named) => matching::run(context, &named).await,
        Verb::Extend(terms) => extend::run(context, &terms).await,
        Verb::AddFunds(given) => funds::add(context, &given).await,
        Verb::PriceAnew(given) => funds::price_anew(context, &given).await,
        Verb::Reduce(given) => funds::reduce(context, &given).await,
        Verb::End(named) => end::end(context, &named.order).await,
        Verb::Cancel(named) => end::cancel(context, &named.order).await,
        Verb::Dispute(terms) => dispute::run(context, &terms).await,
        Verb::Refund(named) => close::refund(context, &named.order).await,
        Verb::Close(named) => close::close(context, &named.order).await,
        Verb::Logs(kept) => files::logs(context, &kept.order.order, &kept.dir),
        Verb::Output(kept) => files::output(context, &kept.order.order, &kept.dir),
    }
}
